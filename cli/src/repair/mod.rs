//! Repairs: what to edit so that a question has a flow, each set of edits minimal and proved.
//!
//! A proposal comes from looking at the step that drops a packet; whether it helps is decided by
//! the engines alone, on the edited network. So a wrong guess is never shown, and a set that could
//! do with less is not either.

mod attachment;
mod candidate;
mod edit;
mod goal;
mod policy_of;
mod remedy;
mod removal;
mod request;
mod route;
mod search;
#[cfg(test)]
mod tests;

use model::{Engine, Flow, Invariant, Network, Quantifier};

pub(crate) use edit::{Edit, Side};
pub(crate) use policy_of::PolicyOf;
pub(crate) use removal::removals;
pub(crate) use request::permits_besides;

use crate::invariant_file::Word;
use crate::judge::{Disagreement, Evidence, Judge, Ruling};
use crate::miss;
use goal::Goal;
use search::{EditSet, MOST_EDITS, MOST_TRIES, edited, search};

/// How many sets are shown.
const MOST_SHOWN: usize = 8;

/// What would open a question.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Repairs {
    /// The sets, the smallest first.
    pub(crate) list: Vec<Repair>,
    /// What was not looked at, or not found.
    pub(crate) notes: Vec<String>,
}

/// What a repair is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// The flow passes then.
    Open,
    /// The requests of the claim are permitted with the flow then.
    Permit,
    /// The claim that forbids the flow, or its way, holds then.
    Hold,
}

/// A set of edits that does something, which no part of it does.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Repair {
    /// The edits, in the order in which the packet needs them.
    pub(crate) edits: EditSet,
    pub(crate) purpose: Purpose,
    /// The flow that it opens, or that violates the claim.
    pub(crate) flow: Flow,
}

/// What opens a question of the kind *some flow is answered*, which no flow satisfies; the
/// evidence is the attempt that was shown.
///
/// # Errors
///
/// When the engines disagree about an edited network.
pub(crate) fn find(
    judge: &Judge<'_>,
    invariant: &Invariant,
    evidence: Option<&Evidence>,
) -> Result<Repairs, Disagreement> {
    let completion = match evidence {
        Some(evidence) => evidence.witness.completion.clone(),
        None => miss::completion(judge),
    };
    let network = judge.network.completed(&completion);
    let Some(goal) = Goal::new(&network, invariant, evidence) else {
        return Ok(Repairs::default());
    };
    let proposals = search(&network, &goal);
    let mut repairs = Repairs::default();
    let mut refused = 0_usize;
    for set in proposals.sets {
        if repairs.list.len() == MOST_SHOWN {
            let note = format!("more than {MOST_SHOWN} ways were found; the first are shown");
            repairs.notes.push(note);
            break;
        }
        match prove(&network, &goal, set)? {
            Some(repair) => repairs.list.push(repair),
            None => refused += 1,
        }
    }
    if refused > 0 {
        let note = format!("{refused} more sets of edits were found, but not proved minimal");
        repairs.notes.push(note);
    }
    if proposals.is_cut {
        let note = format!(
            "not all was tried: at most {MOST_TRIES} sets of at most {MOST_EDITS} edits are"
        );
        repairs.notes.push(note);
    }
    if repairs.list.is_empty() {
        let lacks = proposals.lacks.into_iter();
        let lacks = lacks.map(|lack| format!("no edit is known against: {lack}"));
        repairs.notes.extend(lacks);
    }
    Ok(repairs)
}

/// What would mend a claim that its counterexample, or the nearest attempt, violates.
///
/// # Errors
///
/// When the engines disagree about an edited network.
pub(crate) fn of_claim(
    judge: &Judge<'_>,
    word: Word,
    invariant: &Invariant,
    evidence: &Evidence,
) -> Result<Repairs, Disagreement> {
    match word {
        Word::Never | Word::Only => removals(judge, word, invariant, evidence),
        Word::Always | Word::Sometimes if invariant.scope.request.is_some() => {
            request::find(judge, invariant, evidence)
        }
        Word::Always | Word::Sometimes => {
            let mut question = invariant.clone();
            question.quantifier = Quantifier::Exists;
            question.scope.relayed = false;
            find(judge, &question, Some(evidence))
        }
    }
}

/// The set with the flow that it opens, when both engines prove that it does and that no part of
/// it does.
fn prove(network: &Network, goal: &Goal, set: EditSet) -> Result<Option<Repair>, Disagreement> {
    let Some(flow) = opens(network, goal, &set)? else {
        return Ok(None);
    };
    for part in parts(&set) {
        // An edit that AWS refuses alone opens nothing alone.
        let Some(network) = edited(network, &part) else {
            continue;
        };
        let judgement = Judge::new(&network).judge(&goal.invariant)?;
        let is_blocked = match judgement.ruling {
            Ruling::Violated(_) | Ruling::Vacuous => true,
            Ruling::Proved(_) | Ruling::Unknown(_) => false,
        };
        if !is_blocked || judgement.engines.agree != Some(true) {
            return Ok(None);
        }
    }
    Ok(Some(Repair {
        edits: set,
        purpose: Purpose::Open,
        flow,
    }))
}

/// The flow that passes with a set of edits, if both engines prove that it does.
fn opens(network: &Network, goal: &Goal, set: &EditSet) -> Result<Option<Flow>, Disagreement> {
    let Some(network) = edited(network, set) else {
        return Ok(None);
    };
    let judge = Judge::new(&network);
    let judgement = judge.judge(&goal.invariant)?;
    let evidence = match judgement.ruling {
        Ruling::Proved(evidence) => evidence,
        Ruling::Violated(_) | Ruling::Vacuous | Ruling::Unknown(_) => None,
    };
    if judgement.engines.agree != Some(true) {
        return Ok(None);
    }
    // The verdict is about some flow of a place; the one that was shown blocked must pass too.
    let Some(flow) = &goal.flow else {
        return Ok(evidence.map(|evidence| evidence.witness.flow));
    };
    let (one, other) = (judge.evaluator.decide(flow), judge.solver.decide(flow));
    if one != other {
        return Err(Disagreement {
            name: goal.invariant.name.to_string(),
            about: format!("the flow {flow}, with {set:?}"),
            evaluator: format!("{one:?}"),
            solver: format!("{other:?}"),
        });
    }
    Ok(evidence.map(|_| flow.clone()))
}

/// The parts of a set that are neither empty nor the whole.
fn parts(set: &EditSet) -> Vec<EditSet> {
    // A set has at most `MOST_EDITS` edits, so there are few parts.
    let mut parts: Vec<EditSet> = vec![EditSet::new()];
    for edit in set {
        let with: Vec<EditSet> = parts
            .iter()
            .map(|part| part.iter().chain([edit]).cloned().collect())
            .collect();
        parts.extend(with);
    }
    parts.retain(|part| !part.is_empty() && part.len() < set.len());
    parts
}
