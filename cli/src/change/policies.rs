//! What the policies of endpoints that both networks have permit before and after, and what the
//! documents of accounts say.

use std::collections::BTreeSet;

use model::{ComponentId, Network, RequestSet, Value, VpcEndpointId};

use super::documents;
use crate::judge::{Disagreement, Judge, Reason};
use crate::policy_claim::{Difference, differences};
use crate::policy_difference::Side;
use crate::render::names;

/// What a policy is of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Of {
    Endpoint(VpcEndpointId),
    /// A part of an account, a principal or a resource, by its name.
    Document(String),
}

impl Of {
    /// In the names of a network.
    pub(crate) fn told(&self, network: &Network) -> String {
        match self {
            Of::Endpoint(id) => names::component(network, &ComponentId::VpcEndpoint(id.clone())),
            Of::Document(name) => name.clone(),
        }
    }
}

/// A policy that is not the same.
#[derive(Clone, Debug)]
pub(crate) struct PolicyChange {
    pub(crate) of: Of,
    /// What it permits more and less, a line each; none when it permits the same.
    pub(crate) notes: Vec<String>,
    /// What leaves that open.
    pub(crate) reasons: BTreeSet<Reason>,
}

/// Every such policy.
///
/// # Errors
///
/// When the engines disagree.
pub(crate) fn changes(judges: [&Judge<'_>; 2]) -> Result<Vec<PolicyChange>, Disagreement> {
    let mut changes = of_endpoints(judges)?;
    changes.extend(documents::changes(judges.map(|judge| judge.network))?);
    Ok(changes)
}

/// What the policies of endpoints permit before and after.
///
/// # Errors
///
/// When the engines disagree.
pub(crate) fn of_endpoints(
    [before, after]: [&Judge<'_>; 2],
) -> Result<Vec<PolicyChange>, Disagreement> {
    let mut changes = Vec::new();
    for (id, endpoint) in before.network.vpc_endpoints() {
        let Some(later) = after.network.vpc_endpoints().get(id) else {
            continue;
        };
        if endpoint.policy == later.policy {
            continue;
        }
        let mut change = PolicyChange {
            of: Of::Endpoint(id.clone()),
            notes: Vec::new(),
            reasons: BTreeSet::new(),
        };
        let Value::Known(reference) = &endpoint.policy else {
            let hole = endpoint.policy.hole().cloned();
            change.reasons = hole.map(Reason::DependsOn).into_iter().collect();
            changes.push(change);
            continue;
        };
        let name = format!("the policy of {id}");
        for found in differences(after, &name, id, reference.clone(), RequestSet::every())? {
            match found {
                Difference::Some(side, request, classes) => {
                    let does = match side {
                        Side::Added => "it permits",
                        Side::Removed => "it does not permit",
                    };
                    change.notes.push(format!("{does} {request}"));
                    let all = classes.map(|all| format!("in all, {does} {all}"));
                    change.notes.extend(all);
                }
                Difference::Unknown(reasons) => change.reasons.extend(reasons),
            }
        }
        if !(change.notes.is_empty() && change.reasons.is_empty()) {
            changes.push(change);
        }
    }
    Ok(changes)
}
