//! The parts of accounts, principals and resources that have documents, by their names.

use std::collections::BTreeMap;

use ingest::policy::full_access;
use model::{Account, Organization, Policy, Principal, PrincipalSet, Value};
use model::{IamPrincipal, Network, ResourcePolicy};

/// Documents that come together: they deny, or allow, when one of them does.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Part {
    pub(super) name: String,
    pub(super) documents: Vec<Value<Policy>>,
    /// Whether their statements say whom they mean.
    pub(super) has_principals: bool,
    /// Whose requests they are asked about.
    pub(super) callers: PrincipalSet,
    /// What else decides, in words.
    pub(super) facts: String,
}

/// Every part of a network by its name. What a complete listing leaves out has no documents, and so is a
/// part of a network in which the other network's is not: of that only the listing is known.
pub(super) fn parts(network: &Network) -> BTreeMap<String, Part> {
    let mut all = Vec::new();
    for account in network.accounts().values() {
        all.extend(of_account(account));
    }
    for principal in network.principals().values() {
        all.extend(of_principal(principal));
    }
    all.extend(network.resource_policies().values().map(of_resource));
    all.into_iter()
        .map(|part| (part.name.clone(), part))
        .collect()
}

/// The same, with an empty part for each that another network has and this one certainly has nothing of.
pub(super) fn beside(network: &Network, other: &Network) -> BTreeMap<String, Part> {
    let mut all = parts(network);
    let account = |id: &str| network.accounts().get(&id.into());
    let principals = other.principals().values();
    let gone = principals.filter(|one| !network.principals().contains_key(&one.id));
    for principal in gone {
        let of = account(account_of(principal.id.as_str()));
        if of.is_some_and(|account| account.principals_complete) {
            let nothing = IamPrincipal {
                identity_policies: Vec::new(),
                permissions_boundary: None,
                session_policies: Vec::new(),
                ..principal.clone()
            };
            let parts = of_principal(&nothing);
            all.extend(parts.into_iter().map(|part| (part.name.clone(), part)));
        }
    }
    let resources = other.resource_policies().values();
    let gone = resources.filter(|one| !network.resource_policies().contains_key(&one.id));
    for resource in gone {
        let service = resource.id.as_str().split(':').nth(2).unwrap_or_default();
        let of = account(resource.account.as_str());
        if of.is_some_and(|account| account.resources_complete.contains(service)) {
            let part = of_resource(&ResourcePolicy {
                policy: None,
                ..resource.clone()
            });
            all.insert(part.name.clone(), part);
        }
    }
    all
}

/// The account in an ARN.
fn account_of(arn: &str) -> &str {
    arn.split(':').nth(4).unwrap_or_default()
}

fn of_account(account: &Account) -> Vec<Part> {
    let part = |what: &str, documents: Vec<Value<Policy>>| Part {
        name: format!("{what} of account {}", account.id),
        documents,
        has_principals: false,
        callers: PrincipalSet::Every,
        facts: String::new(),
    };
    let (what, levels, of_resources) = match &account.organization {
        Organization::Unknown(hole) => (format!("not known ({hole})"), 0, Vec::new()),
        Organization::None => ("in no organization".to_owned(), 0, Vec::new()),
        Organization::Management => ("a management account".to_owned(), 0, Vec::new()),
        Organization::Member {
            service_control_policies,
            resource_control_policies,
        } => (
            "a member of an organization".to_owned(),
            service_control_policies.len(),
            resource_control_policies.clone(),
        ),
    };
    let mut place = part("place in AWS Organizations", Vec::new());
    let id = account.organization_id.as_deref().unwrap_or("not known");
    let resources: Vec<&str> = account
        .resources_complete
        .iter()
        .map(String::as_str)
        .collect();
    place.facts = format!(
        "{what} with {levels} levels of service control policies, organization {id}, principals {}, \
         resources of {}, tags {:?}",
        if account.principals_complete {
            "all listed"
        } else {
            "some listed"
        },
        resources.join(" and "),
        account.tags
    );
    let mut all = vec![place, part("resource control policies", of_resources)];
    if let Organization::Member {
        service_control_policies,
        ..
    } = &account.organization
    {
        for (level, documents) in (1..).zip(service_control_policies) {
            let what = format!("service control policies, level {level},");
            all.push(part(&what, documents.clone()));
        }
    }
    all
}

fn of_principal(principal: &IamPrincipal) -> Vec<Part> {
    let arn = principal.id.as_str();
    let caller = Principal::Arn {
        account: account_of(arn).to_owned(),
        arn: arn.to_owned(),
    };
    let part = |what: &str, documents: Vec<Value<Policy>>| Part {
        name: format!("{what} of {arn}"),
        documents,
        has_principals: false,
        callers: PrincipalSet::These(vec![caller.clone()]),
        facts: String::new(),
    };
    let boundary = principal.permissions_boundary.clone();
    let boundary = vec![boundary.unwrap_or_else(|| Value::Known(full_access()))];
    let session = match principal.session_policies.as_slice() {
        [] => vec![Value::Known(full_access())],
        policies => policies.to_vec(),
    };
    vec![
        part(
            "identity-based policies",
            principal.identity_policies.clone(),
        ),
        part("permissions boundary", boundary),
        part("session policies", session),
    ]
}

fn of_resource(resource: &ResourcePolicy) -> Part {
    Part {
        name: format!("policy of {}", resource.id),
        documents: resource.policy.iter().cloned().collect(),
        has_principals: true,
        callers: PrincipalSet::Every,
        facts: format!(
            "owner {}, access control lists {}, public access {}",
            resource.account,
            if resource.access_control_lists {
                "may grant"
            } else {
                "grant nothing"
            },
            if resource.public_access {
                "not blocked"
            } else {
                "blocked or not known"
            },
        ),
    }
}
