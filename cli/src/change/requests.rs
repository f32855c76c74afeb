//! Requests that a flow carries, and that are answered otherwise because it goes another way.
//!
//! Asked are the actions that documents of the input say in full, on the resources that have policies, by
//! the principals that the input has: examples, and not all.

use std::collections::BTreeSet;

use model::{
    ActionElement, Network, Organization, PermissionEffect, Policy, Principal, Request,
    RequestContext, Value,
};

use super::Witness;
use crate::judge::truth::permission;
use crate::judge::{Disagreement, Judge};

/// How many requests are asked of one flow, and how many are told.
const MOST_ASKED: usize = 2_000;
const MOST_TOLD: usize = 8;

/// A request that is answered otherwise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RequestChange {
    pub(crate) request: Request,
    /// Whether it is permitted after the change, and not before; the other way round otherwise.
    pub(crate) is_opened: bool,
}

/// Requests that the flow of a class carries, and that pass in one network only.
///
/// # Errors
///
/// When the engines disagree.
pub(super) fn of_flow(
    judges: [&Judge<'_>; 2],
    witness: &Witness,
) -> Result<Vec<RequestChange>, Disagreement> {
    let networks = judges.map(|judge| judge.network);
    let mut changes = Vec::new();
    for request in candidates(networks).into_iter().take(MOST_ASKED) {
        let [one, other] = judges;
        let [earlier, later] = &witness.traces;
        let before = answer(one, earlier, &request)?;
        let after = answer(other, later, &request)?;
        let is_opened = match (before, after) {
            (Some(PermissionEffect::Denied), Some(PermissionEffect::Permitted)) => true,
            (Some(PermissionEffect::Permitted), Some(PermissionEffect::Denied)) => false,
            (
                None
                | Some(
                    PermissionEffect::Permitted
                    | PermissionEffect::Denied
                    | PermissionEffect::Undetermined(_),
                ),
                _,
            ) => continue,
        };
        changes.push(RequestChange { request, is_opened });
        if changes.len() == MOST_TOLD {
            break;
        }
    }
    Ok(changes)
}

/// What both engines say to a request that a flow carries; nothing where it comes to no service.
fn answer(
    judge: &Judge<'_>,
    trace: &model::Trace,
    request: &Request,
) -> Result<Option<PermissionEffect>, Disagreement> {
    let one = permission(trace, request, judge.network, &judge.evaluator);
    let other = permission(trace, request, judge.network, &judge.solver);
    if one != other {
        return Err(Disagreement {
            name: "diff".to_owned(),
            about: format!("the request {request} of {}", trace.flow),
            evaluator: format!("{one:?}"),
            solver: format!("{other:?}"),
        });
    }
    Ok(one.map(|(_, permission)| permission.effect))
}

fn candidates(networks: [&Network; 2]) -> Vec<Request> {
    let (mut callers, mut resources, mut actions) =
        (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    for network in networks {
        callers.extend(network.principals().keys().map(ToString::to_string));
        for id in network.resource_policies().keys() {
            resources.insert(id.to_string());
            // A bucket stands for its objects.
            if service(id.as_str()) == "s3" {
                resources.insert(format!("{id}/object"));
            }
        }
        for policy in documents(network) {
            for statement in &policy.statements {
                let (ActionElement::Action(patterns) | ActionElement::NotAction(patterns)) =
                    &statement.action;
                let whole = patterns.iter().filter(|one| !one.contains(['*', '?']));
                actions.extend(whole.cloned());
            }
        }
    }
    let mut all = Vec::new();
    for resource in &resources {
        let of = service(resource);
        let fitting = actions
            .iter()
            .filter(|action| action.to_lowercase().starts_with(&format!("{of}:")));
        for action in fitting {
            for arn in &callers {
                all.push(Request {
                    action: action.clone(),
                    resource: resource.clone(),
                    principal: Principal::Arn {
                        account: arn.split(':').nth(4).unwrap_or_default().to_owned(),
                        arn: arn.clone(),
                    },
                    context: RequestContext::new(),
                });
            }
        }
    }
    all
}

fn service(arn: &str) -> &str {
    arn.split(':').nth(2).unwrap_or_default()
}

/// Every document of accounts, principals and resources that is known.
pub(crate) fn documents(network: &Network) -> Vec<&Policy> {
    let mut all: Vec<&Value<Policy>> = Vec::new();
    for account in network.accounts().values() {
        match &account.organization {
            Organization::Member {
                service_control_policies,
                resource_control_policies,
            } => {
                all.extend(service_control_policies.iter().flatten());
                all.extend(resource_control_policies);
            }
            Organization::Unknown(_) | Organization::None | Organization::Management => {}
        }
    }
    for principal in network.principals().values() {
        all.extend(&principal.identity_policies);
        all.extend(&principal.permissions_boundary);
        all.extend(&principal.session_policies);
    }
    let resources = network.resource_policies().values();
    all.extend(resources.filter_map(|one| one.policy.as_ref()));
    all.into_iter().filter_map(Value::known).collect()
}
