//! What templates name by its id without making it.

use std::collections::{BTreeMap, BTreeSet};

use crate::json::{Value as Json, json};

use crate::diagnostic::Place;
use crate::terraform::declared::{Declared, Origins};

use super::world::{World, partition};

/// The account, which the ARNs of roles and of what has a policy are made of.
pub(super) fn account(world: &World<'_>, made: &mut Vec<Declared>) {
    let given = world
        .templates
        .iter()
        .enumerate()
        .filter_map(|(stack, one)| {
            let account = one.given.get("AWS::AccountId")?.as_str()?;
            let partition = world
                .region_of(stack)
                .map_or("aws", |region| partition(region).0);
            Some((account.to_owned(), (partition, one.file.clone())))
        });
    let accounts: BTreeMap<_, _> = given.collect();
    for (account, (partition, file)) in accounts {
        made.push(Declared {
            address: account.clone(),
            label: format!("a{account}"),
            of: "aws_caller_identity".to_owned(),
            is_data: true,
            values: json!({
                "id": account,
                "account_id": account,
                "arn": format!("arn:{partition}:iam::{account}:root"),
            }),
            unknown: json!({}),
            declaration: json!({}),
            place: Place::file(file),
            origins: Origins::new(),
        });
    }
}

/// Prefix lists that are named by their ids: their entries are not known, whoever owns them. An
/// earlier input that has them says more.
pub(super) fn lists(world: &World<'_>, made: &mut Vec<Declared>) {
    let mut ids = BTreeSet::new();
    for one in made.iter() {
        gather(&one.values, &mut ids);
    }
    let Some(first) = world.templates.first() else {
        return;
    };
    for id in ids {
        if world.earlier_lists.contains(&id) {
            continue;
        }
        made.push(Declared {
            address: id.clone(),
            label: id.replace('-', "_"),
            of: "aws_ec2_managed_prefix_list".to_owned(),
            is_data: true,
            values: json!({ "id": id, "name": id }),
            unknown: json!({}),
            declaration: json!({}),
            place: Place::file(first.file.clone()),
            origins: Origins::new(),
        });
    }
}

fn gather(json: &Json, ids: &mut BTreeSet<String>) {
    match json {
        Json::String(text) => {
            let is_list = text.strip_prefix("pl-").is_some_and(|rest| {
                !rest.is_empty() && rest.chars().all(|letter| letter.is_ascii_hexdigit())
            });
            if is_list {
                ids.insert(text.clone());
            }
        }
        Json::Array(items) => items.iter().for_each(|item| gather(item, ids)),
        Json::Object(fields) => fields.values().for_each(|field| gather(field, ids)),
        Json::Null | Json::Bool(_) | Json::Number(_) => {}
    }
}
