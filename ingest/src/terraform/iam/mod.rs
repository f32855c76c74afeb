//! Policies of accounts: of users and roles, and of resources.
//!
//! A plan shows a part of an account, so that what it does not show stays open: an account is complete
//! only where an earlier input says so and nothing of the plan had to be left out. It is a part of the
//! network when the plan has a user, a role, or a policy of a resource of it.

mod bucket;
mod deleted;
mod owner;
mod parts;
mod principal;
mod resource_policy;
mod unread;

pub(super) use principal::managed;
pub(super) use unread::MAKES_ALL;

use std::collections::{BTreeMap, BTreeSet};

use model::{
    Account, AccountId, Hole, IamPrincipal, Organization, Policy, ResourcePolicy, Tags, Value,
};

use crate::doubt::Touches;
use crate::policy::{self, Of};

use super::attribute::Attribute;
use super::identity::Thing;
use super::plan::{Plan, Resource};
use super::reader::{Placed, Reader, Shelf};

use owner::Owners;

/// What changes the control policies of an organization, or whom they limit.
const OF_ORGANIZATIONS: [&str; 9] = [
    "aws_controltower_control",
    "aws_organizations_account",
    "aws_organizations_organization",
    "aws_organizations_organizational_unit",
    "aws_organizations_policy",
    "aws_organizations_policy_attachment",
    "awscc_controltower_enabled_control",
    "awscc_organizations_account",
    "awscc_organizations_policy",
];

/// What is read.
#[derive(Default)]
struct Found {
    principals: Shelf<IamPrincipal>,
    resource_policies: Shelf<ResourcePolicy>,
    /// Whether something was left out, so that no account is complete.
    is_partial: bool,
    /// The policies of resources that belong to no account that is known.
    unowned: BTreeSet<Hole>,
}

/// Reads the policies.
pub(super) fn read(reader: &mut Reader<'_, '_>) {
    let owners = Owners::read(reader.plan);
    let mut found = Found::default();
    principal::read(reader, &owners, &mut found);
    resource_policy::read(reader, &owners, &mut found);
    bucket::earlier(reader, &owners, &found);
    deleted::read(reader, &mut found);
    unread::read(reader, &mut found);
    if owners.are_several(reader.plan) {
        open_all(reader, &mut found);
    }
    if found.is_partial {
        for account in &mut reader.sink.draft.accounts {
            account.principals_complete = false;
            account.resources_complete.clear();
        }
    }
    add_accounts(reader, &found);
    doubt_unowned(reader, &found);
    let is_there = |id: &AccountId, reader: &mut Reader<'_, '_>| {
        reader.accounts.contains_key(id.as_str())
            || reader.sink.get::<Account>(id.as_str()).is_some()
    };
    found
        .resource_policies
        .retain(|_, placed| is_there(&placed.component.account, reader));
    reader.principals = found.principals;
    reader.resource_policies = found.resource_policies;
    organizations(reader);
}

/// Opens every policy, of the plan and of an earlier input: what names another thing by its name may
/// mean that of another account.
fn open_all(reader: &mut Reader<'_, '_>, found: &mut Found) {
    let hole = Hole::new("names in a plan for several accounts");
    for placed in found.principals.values_mut() {
        open_principal(&mut placed.component, &hole);
    }
    open_earlier(reader, &hole);
    let of_plan = found.resource_policies.values_mut();
    let of_plan = of_plan.map(|placed| &mut placed.component);
    for resource in of_plan.chain(&mut reader.sink.draft.resource_policies) {
        resource.policy = Some(Value::Any(hole.clone()));
    }
    found.is_partial = true;
}

/// Opens the policies of a user or role.
fn open_principal(principal: &mut IamPrincipal, hole: &Hole) {
    principal.identity_policies = vec![Value::Any(hole.clone())];
    principal.permissions_boundary = Some(Value::Any(hole.clone()));
}

/// Opens the policies of the users and roles of an earlier input.
fn open_earlier(reader: &mut Reader<'_, '_>, hole: &Hole) {
    for principal in &mut reader.sink.draft.principals {
        open_principal(principal, hole);
    }
}

/// Where no account is asked, notes the policies that would be. With accounts they are open there.
fn doubt_unowned(reader: &mut Reader<'_, '_>, found: &Found) {
    if reader.accounts.is_empty() && reader.sink.draft.accounts.is_empty() {
        for policy in &found.unowned {
            reader
                .sink
                .open_attribute(Touches::Permission, policy, false);
        }
    }
}

/// Adds the accounts of what has a policy, unless an earlier input has them.
fn add_accounts(reader: &mut Reader<'_, '_>, found: &Found) {
    let principals = found.principals.values();
    let of_principal = principals.filter_map(|placed| {
        let account = placed.component.id.as_str().split(':').nth(4)?;
        Some((AccountId::new(account), placed.place.clone()))
    });
    let resources = found.resource_policies.values();
    let of_resource = resources
        .filter(|placed| placed.component.policy.is_some())
        .map(|placed| (placed.component.account.clone(), placed.place.clone()));
    for (id, place) in of_principal.chain(of_resource) {
        let is_known = reader.sink.get::<Account>(id.as_str()).is_some();
        if is_known || reader.accounts.contains_key(id.as_str()) {
            continue;
        }
        let account = Account {
            organization: Organization::Unknown(Hole::new(format!("organization of account {id}"))),
            organization_id: None,
            principals_complete: false,
            resources_complete: BTreeSet::new(),
            tags: Tags::new(),
            id: id.clone(),
        };
        let placed = Placed {
            component: account,
            place,
            rules: BTreeMap::new(),
        };
        reader.accounts.insert(id.to_string(), placed);
    }
}

/// Control policies change what an earlier input says of members; where they apply a plan does not
/// show, since it has only a part of an organization.
fn organizations(reader: &mut Reader<'_, '_>) {
    let plan = reader.plan;
    let former = plan.former.iter();
    let former = former.filter(|former| OF_ORGANIZATIONS.contains(&former.of));
    let of_organizations = plan.managed(&OF_ORGANIZATIONS).into_iter().chain(former);
    for resource in of_organizations.chain(unread::makers_of_all(plan)) {
        let mut accounts = reader.sink.draft.accounts.iter_mut();
        let mut is_asked = !reader.accounts.is_empty();
        accounts.by_ref().for_each(|account| {
            is_asked = true;
            if matches!(account.organization, Organization::Member { .. }) {
                account.organization = Organization::Unknown(Hole::new(resource.address));
            }
        });
        if is_asked {
            reader.not_modelled(
                resource,
                "where a control policy of an organization applies",
            );
        }
    }
}

/// What an attribute that names a resource names.
enum Named<'r, 'a> {
    /// This one of the plan.
    One(&'r Resource<'a>),
    /// One of these of the plan.
    Several(Vec<&'r Resource<'a>>),
    /// Another one.
    Outside(String),
    /// There is no telling.
    Open,
}

impl<'r, 'a> Named<'r, 'a> {
    /// Finds it among the resources of a type, by the values of the attributes that identify them, or
    /// by the references behind the attribute.
    fn of(
        plan: &'r Plan<'a>,
        attribute: &Attribute<'_>,
        of: &str,
        thing: Thing,
        keys: &[&str],
    ) -> Self {
        let resources = plan.managed(&[of]);
        if let Some(text) = attribute.text() {
            let is_it = |resource: &&&Resource<'_>| {
                keys.iter()
                    .any(|key| resource.attribute(key).text() == Some(text))
            };
            let found = resources.iter().find(is_it);
            return found.map_or_else(|| Named::Outside(text.to_owned()), |one| Named::One(one));
        }
        let candidates = plan.candidates(attribute, &[thing]);
        let is_candidate = |resource: &&Resource<'_>| {
            let id = plan.id(resource);
            candidates.list.iter().any(|candidate| candidate.id == id)
        };
        let found: Vec<_> = resources.into_iter().filter(is_candidate).collect();
        let has_all = !candidates.is_blocked && found.len() == candidates.list.len();
        match (found.as_slice(), has_all) {
            ([only], true) => Named::One(only),
            (_, true) if !found.is_empty() => Named::Several(found),
            (_, _) => Named::Open,
        }
    }

    /// Whether it is a resource: `None` when it may be.
    fn is(&self, resource: &Resource<'_>) -> Option<bool> {
        match self {
            Named::One(one) => Some(one.address == resource.address),
            Named::Several(list) => {
                let is_one = list.iter().any(|one| one.address == resource.address);
                (!is_one).then_some(false)
            }
            Named::Outside(_) => Some(false),
            Named::Open => None,
        }
    }
}

/// Whether the plan makes a resource; another one has what a part of it does not show.
fn is_new(resource: &Resource<'_>) -> bool {
    resource.attribute("id").is_unknown()
}

/// The policy that an attribute holds. One unknown part of it makes all of it unknown, since a plan
/// keeps a policy as one text, unless the files of the plan, or a template, say what the rest is.
fn document(reader: &mut Reader<'_, '_>, attribute: &Attribute<'_>, of: Of) -> Value<Policy> {
    let Some(text) = attribute.text() else {
        let partial = attribute.partial();
        let partial = partial.and_then(|json| policy::read_planned(json, of, &attribute.place()));
        return partial.map_or_else(|| Value::Any(attribute.hole()), Value::Known);
    };
    match policy::read_text(text, of, &attribute.place()) {
        Ok(policy) => Value::Known(policy),
        // That is an error already; nothing is claimed of it.
        Err(errors) => {
            reader.sink.extend(errors);
            Value::Any(attribute.hole())
        }
    }
}
