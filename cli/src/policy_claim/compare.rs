//! The policy of an endpoint against another one in its place, as both engines see it.

use std::collections::BTreeSet;

use model::{
    Engine, Excess, Network, Policy, PolicyComparison, Request, RequestSet, RequestWay,
    UnknownReason, VpcEndpointId,
};

use crate::invariant_file::policy::{PolicyStatement, Relation};
use crate::invariant_file::{Selection, Severity};
use crate::judge::{Disagreement, Judge, Reason};
use crate::policy_difference::{Classes, Side, classes};

/// How two policies in the place of an endpoint's differ.
pub(crate) enum Difference {
    /// The endpoint's permits more or less, by this request; with all of it, where that is known.
    Some(Side, Request, Option<Classes>),
    /// It is not known.
    Unknown(BTreeSet<Reason>),
}

/// What the policy of an endpoint permits more and less than another one.
///
/// # Errors
///
/// When the engines disagree.
pub(crate) fn differences(
    judge: &Judge<'_>,
    name: &str,
    endpoint: &VpcEndpointId,
    reference: Policy,
    set: RequestSet,
) -> Result<Vec<Difference>, Disagreement> {
    let statement = PolicyStatement {
        name: name.to_owned(),
        span: 0..0,
        of: Selection {
            selectors: Vec::new(),
            text: endpoint.to_string(),
        },
        relation: Relation::Equals,
        file: "the policy before".to_owned(),
        reference: reference.clone(),
        set: set.clone(),
        severity: Severity::High,
        waivers: Vec::new(),
    };
    let comparison = PolicyComparison {
        endpoint: endpoint.clone(),
        reference,
        set,
    };
    let excesses = compare(judge, &statement, &comparison)?.into_iter();
    let found = excesses.filter_map(|(excess, side)| match excess {
        Excess::None => None,
        Excess::Some(request) => {
            let all = in_all(judge, &comparison, side);
            Some(Difference::Some(side, request, all))
        }
        Excess::Unknown(reasons) => {
            let reasons = reasons.into_iter().map(reason).collect();
            Some(Difference::Unknown(reasons))
        }
    });
    Ok(found.collect())
}

pub(super) const fn told_of(side: Side) -> &'static str {
    match side {
        Side::Added => "it permits",
        Side::Removed => "it does not permit",
    }
}

/// Everything that a policy permits more or less, where the input says what it is.
pub(super) fn in_all(
    judge: &Judge<'_>,
    comparison: &PolicyComparison,
    side: Side,
) -> Option<Classes> {
    let endpoint = judge.network.vpc_endpoints().get(&comparison.endpoint)?;
    classes(judge, comparison, side, endpoint.policy.known()?)
}

pub(super) fn reason(reason: UnknownReason) -> Reason {
    match reason {
        UnknownReason::DependsOn(hole) => Reason::DependsOn(hole),
        UnknownReason::OutOfBudget(limit) => Reason::OutOfBudget(limit),
    }
}

/// What the claim forbids, as both engines see it.
pub(super) fn compare(
    judge: &Judge<'_>,
    statement: &PolicyStatement,
    comparison: &PolicyComparison,
) -> Result<Vec<(Excess, Side)>, Disagreement> {
    let one = judge.evaluator.compare(comparison);
    let other = judge.solver.compare(comparison);
    let added = agreed(statement, comparison, one.added, other.added, "more")?;
    confirm(judge, statement, comparison, &added)?;
    let mut excesses = vec![(added, Side::Added)];
    if statement.relation == Relation::Equals {
        let removed = agreed(statement, comparison, one.removed, other.removed, "less")?;
        excesses.push((removed, Side::Removed));
    }
    Ok(excesses)
}

/// What both engines say; where one does not know, the other.
fn agreed(
    statement: &PolicyStatement,
    comparison: &PolicyComparison,
    evaluator: Excess,
    solver: Excess,
    what: &str,
) -> Result<Excess, Disagreement> {
    match (evaluator, solver) {
        (Excess::Unknown(mut reasons), Excess::Unknown(more)) => {
            reasons.extend(more);
            Ok(Excess::Unknown(reasons))
        }
        (Excess::None, Excess::None) => Ok(Excess::None),
        (Excess::Some(request), Excess::Some(_) | Excess::Unknown(_))
        | (Excess::Unknown(_), Excess::Some(request)) => Ok(Excess::Some(request)),
        (Excess::None, Excess::Unknown(_)) | (Excess::Unknown(_), Excess::None) => Ok(Excess::None),
        (evaluator @ Excess::None, solver @ Excess::Some(_))
        | (evaluator @ Excess::Some(_), solver @ Excess::None) => Err(Disagreement {
            name: statement.name.clone(),
            about: format!(
                "whether {} permits {what} than the reference",
                comparison.endpoint
            ),
            evaluator: told(&evaluator),
            solver: told(&solver),
        }),
    }
}

fn told(excess: &Excess) -> String {
    match excess {
        Excess::None => "nothing".to_owned(),
        Excess::Some(request) => request.to_string(),
        Excess::Unknown(_) => "not known".to_owned(),
    }
}

/// Lets both engines say that the endpoint permits the request which shows the excess.
fn confirm(
    judge: &Judge<'_>,
    statement: &PolicyStatement,
    comparison: &PolicyComparison,
    excess: &Excess,
) -> Result<(), Disagreement> {
    let Excess::Some(request) = excess else {
        return Ok(());
    };
    let way = RequestWay::EndpointPolicy(comparison.endpoint.clone());
    let evaluator = judge.evaluator.permits(&way, request).effect;
    let solver = judge.solver.permits(&way, request).effect;
    let permitted = model::PermissionEffect::Permitted;
    // Where the policy is one of several, each of them permits some request of its own.
    if evaluator == solver && (evaluator == permitted || is_open(judge.network, comparison)) {
        return Ok(());
    }
    Err(Disagreement {
        name: statement.name.clone(),
        about: format!("the request {request} at {}", comparison.endpoint),
        evaluator: format!("{evaluator:?}"),
        solver: format!("{solver:?}"),
    })
}

fn is_open(network: &Network, comparison: &PolicyComparison) -> bool {
    let endpoint = network.vpc_endpoints().get(&comparison.endpoint);
    endpoint.is_none_or(|endpoint| endpoint.policy.known().is_none())
}
