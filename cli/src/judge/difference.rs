//! The first decision of a witness that differs from what the claim says.

use std::collections::BTreeSet;

use model::{
    Claim, Clause, ComponentId, Direction, Disposition, Effect, Hop, Invariant, PermissionEffect,
};

use super::Evidence;
use crate::report::Difference;

/// Where the trace of a counterexample departs from the claim, if a step can be named.
pub(crate) fn difference(invariant: &Invariant, evidence: &Evidence) -> Option<Difference> {
    departs(&invariant.claim, evidence)
}

fn departs(claim: &Claim, evidence: &Evidence) -> Option<Difference> {
    match claim {
        Claim::Delivered | Claim::Answered => dropped(evidence),
        Claim::PermittedAll | Claim::PermittedSome => {
            let permission = evidence.permission.as_ref();
            let denied = permission
                .is_some_and(|(_, permission)| permission.effect != PermissionEffect::Permitted);
            dropped(evidence).or_else(|| denied.then_some(Difference::Policy))
        }
        Claim::Not(inner) => match inner.as_ref() {
            Claim::PermittedAll | Claim::PermittedSome if evidence.permission.is_some() => {
                Some(Difference::Policy)
            }
            Claim::Answered if !evidence.trace.reply.is_empty() => {
                let last = evidence.trace.reply.len().checked_sub(1)?;
                Some(Difference::Step(Direction::Reply, last))
            }
            Claim::Delivered
            | Claim::Answered
            | Claim::PermittedAll
            | Claim::PermittedSome
            | Claim::Traverses(_)
            | Claim::DecidedBy(_)
            | Claim::Not(_)
            | Claim::All(_)
            | Claim::Any(_) => {
                let last = evidence.trace.forward.len().checked_sub(1)?;
                Some(Difference::Step(Direction::Forward, last))
            }
        },
        Claim::Traverses(steps) => Some(leaves(&steps.iter().flatten().collect(), evidence)),
        Claim::DecidedBy(_) => {
            let last = evidence.trace.forward.len().checked_sub(1)?;
            Some(Difference::Step(Direction::Forward, last))
        }
        Claim::All(claims) => claims.iter().find_map(|claim| departs(claim, evidence)),
        Claim::Any(claims) => claims.first().and_then(|claim| departs(claim, evidence)),
    }
}

/// The step that drops the request, or the reply.
fn dropped(evidence: &Evidence) -> Option<Difference> {
    let trace = &evidence.trace;
    let stops = |hop: &Hop| matches!(hop.effect, Effect::Dropped | Effect::Undetermined(_));
    if trace.decision.forward.disposition != Disposition::Delivered {
        let step = trace.forward.iter().position(stops)?;
        return Some(Difference::Step(Direction::Forward, step));
    }
    let step = trace.reply.iter().position(stops)?;
    Some(Difference::Step(Direction::Reply, step))
}

/// The choice of a route by which the request leaves the way that it should have taken: the last
/// one before the first gateway that is not on that way.
fn leaves(expected: &BTreeSet<&ComponentId>, evidence: &Evidence) -> Difference {
    let hops = &evidence.trace.forward;
    let last = hops.len().saturating_sub(1);
    let gateway = |hop: &Hop| super::way::is_gateway(&hop.component) || is_device(hop);
    let strays = |hop: &Hop| gateway(hop) && !expected.contains(&hop.component);
    let stray = hops.iter().position(strays).unwrap_or(last);
    let chooses = |hop: &Hop| matches!(hop.component, ComponentId::RouteTable(_));
    let choice = hops.iter().take(stray + 1).rposition(chooses);
    Difference::Step(Direction::Forward, choice.unwrap_or(stray))
}

/// Whether a step is the passage of a device other than a gateway.
fn is_device(hop: &Hop) -> bool {
    [
        Clause::MiddleboxForwards,
        Clause::GatewayLoadBalancerEndpointInspects,
        Clause::TransitGatewayAttached,
    ]
    .contains(&hop.clause)
        && !matches!(hop.component, ComponentId::TransitGatewayAttachment(_))
}
