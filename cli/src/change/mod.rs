//! What a change of the network changes: classes of flows with their causes, names and policies.

pub(crate) mod cause;
pub(crate) mod confirm;
mod documents;
pub(crate) mod edits;
mod holders;
pub(crate) mod names;
pub(crate) mod policies;
pub(crate) mod ranges;
pub(crate) mod requests;
pub(crate) mod stated;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use evaluator::{ChangeKind, Evaluator, FlowClass, HandedOn};
use ingest::Validated;
use model::{Flow, Hole, Network, Scope, Trace};

use cause::{Cause, Causes};
use confirm::{Confirmed, Sides};
use edits::{Edit, Kind, edits};
use names::NameChange;
use policies::PolicyChange;
use requests::RequestChange;
use stated::{Entry, Stated};

use crate::doubt::Doubt;
use crate::judge::{Disagreement, Judge, Reason};
use crate::report::VerdictWord;

/// What a change changes.
pub(crate) struct Change {
    pub(crate) classes: Vec<Class>,
    pub(crate) names: Vec<NameChange>,
    pub(crate) policies: Vec<PolicyChange>,
    /// What the file states of the change, where it does.
    pub(crate) stated: Option<Stated>,
    /// What leaves flows undetermined in both networks alike.
    pub(crate) open_in_both: BTreeSet<Hole>,
    /// Why there may be more than is told.
    pub(crate) doubts: BTreeSet<Reason>,
}

/// A class of flows.
pub(crate) struct Class {
    pub(crate) of: FlowClass,
    pub(crate) confirmed: Confirmed,
    pub(crate) cause: Cause,
    /// Requests of that flow that pass in one of the networks only, where it arrives in both.
    pub(crate) requests: Vec<RequestChange>,
    /// One of its flows, with what becomes of it before and after.
    pub(crate) witness: Option<Witness>,
}

/// A flow in both networks. Where relays hand it on, what they pick in each is that of its trace there.
pub(crate) struct Witness {
    pub(crate) flow: Flow,
    pub(crate) traces: [Trace; 2],
}

impl Class {
    pub(crate) fn kind(&self) -> ChangeKind {
        self.of.change.kind()
    }
}

/// What is asked.
pub(crate) struct Question<'a> {
    pub(crate) networks: [&'a Validated; 2],
    /// The flows that are asked about, in each network.
    pub(crate) scopes: [Scope; 2],
    /// What the file states of the change.
    pub(crate) entries: Option<Vec<Entry>>,
    /// What leaves open which flows are meant.
    pub(crate) open: BTreeSet<Hole>,
    pub(crate) closed_world: bool,
}

/// Finds what a change changes.
///
/// # Errors
///
/// When the engines disagree.
pub(crate) fn find(
    question: Question<'_>,
    mut each: impl FnMut(&str),
) -> Result<Change, Disagreement> {
    let [before, after] = question.networks;
    let networks = [&before.network, &after.network];
    let judges = networks.map(Judge::new);
    let [one, other] = &judges;
    let later = other.evaluator.chosen_like(&one.evaluator);
    let [narrow_before, narrow_after] = &question.scopes;
    let marks: Vec<_> = question
        .entries
        .iter()
        .flatten()
        .map(|entry| entry.scopes.clone())
        .collect();
    each("every flow");
    let difference = one
        .evaluator
        .difference(&later, [narrow_before, narrow_after], &marks);
    let edits: Vec<Edit> = edits(networks[0], networks[1]);
    let causes = Causes::new(networks, &one.evaluator, &edits);
    let sides = Sides {
        judges: [one, other],
        evaluators: [&one.evaluator, &later],
    };
    let mut classes: Vec<Class> = Vec::new();
    for of in difference.classes {
        each("a class of flows");
        let witness = witness(&of, [&one.evaluator, &later]);
        let is_direct = of.handed_on == HandedOn::No;
        let requests = match (&witness, of.change.kind()) {
            (Some(witness), ChangeKind::Moved) if is_direct => {
                requests::of_flow([one, other], witness)?
            }
            (Some(_) | None, _) => Vec::new(),
        };
        classes.push(Class {
            requests,
            confirmed: sides.confirm(&of)?,
            cause: causes.of(&of),
            witness,
            of,
        });
    }
    each("names");
    let names = names::changes([one, other])?;
    each("policies");
    let policies = policies::changes([one, other])?;
    let mut doubts: BTreeSet<Reason> = question.open.into_iter().map(Reason::DependsOn).collect();
    doubts.extend(difference.chosen.into_iter().map(Reason::DependsOn));
    if difference.exhausted {
        doubts.insert(Reason::OutOfBudget("walks".to_owned()));
    }
    for validated in question.networks {
        let doubt = Doubt::of(validated, question.closed_world);
        let guessed: BTreeSet<Reason> = doubt.guessed().into_iter().collect();
        for class in classes.iter_mut().filter(|_| !guessed.is_empty()) {
            class.confirmed = match &class.confirmed {
                Confirmed::Open(reasons) => Confirmed::Open(reasons | &guessed),
                Confirmed::Whole | Confirmed::Flows(_) => Confirmed::Open(guessed.clone()),
            };
        }
        doubts.extend(doubt.reasons());
    }
    doubts.extend(
        not_compared(networks, &edits)
            .into_iter()
            .map(Reason::DependsOn),
    );
    let stated = question
        .entries
        .map(|entries| Stated::new(entries, &classes));
    let mut change = Change {
        classes,
        names,
        policies,
        stated,
        open_in_both: difference.open_in_both,
        doubts,
    };
    // That nothing else changes is proved only where everything is certain.
    let is_open = change.is_open();
    if let Some(stated) = &mut change.stated
        && stated.verdict == VerdictWord::Proved
        && is_open
    {
        stated.verdict = VerdictWord::Unknown;
    }
    Ok(change)
}

/// The first flow of a class, in both networks; behind relays with picks that lead to the first place.
fn witness(of: &FlowClass, evaluators: [&Evaluator; 2]) -> Option<Witness> {
    let flow = of.flows.first()?;
    let place = match &of.handed_on {
        HandedOn::No | HandedOn::Anywhere => None,
        HandedOn::To(places) => places.first(),
    };
    let trace = |evaluator: &Evaluator| match place {
        Some(place) => evaluator.trace(&evaluator.towards(flow, place)),
        None => evaluator.trace(flow),
    };
    Some(Witness {
        flow: flow.clone(),
        traces: evaluators.map(trace),
    })
}

/// What of a change is not compared, where there is some.
fn not_compared(networks: [&Network; 2], edits: &[Edit]) -> Vec<Hole> {
    let is_any = |what: fn(&Network) -> bool| networks.into_iter().any(what);
    let mut holes = Vec::new();
    if edits.is_empty() {
        return holes;
    }
    // What documents say is compared; another way may be one with other requests.
    let is_document = |edit: &Edit| {
        [Kind::Account, Kind::IamPrincipal, Kind::ResourcePolicy].contains(&edit.kind)
    };
    if is_any(|network| !network.accounts().is_empty()) && !edits.iter().all(is_document) {
        let what = "which requests the policies of accounts permit on another way: what these say is compared, \
                    and not each way of each request";
        holes.push(Hole::new(what));
    }
    holes
}

impl Change {
    /// Whether anything is not certain: what there is, or that there is nothing else.
    pub(crate) fn is_open(&self) -> bool {
        let is_open = |class: &Class| {
            class.of.change.kinds().contains(&ChangeKind::Undetermined)
                || matches!(class.confirmed, Confirmed::Open(_))
        };
        // What is undetermined alike may still be a change, whatever the hole holds.
        !self.doubts.is_empty()
            || !self.open_in_both.is_empty()
            || self.classes.iter().any(is_open)
            || self.names.iter().any(NameChange::is_open)
            || self.policies.iter().any(|one| !one.reasons.is_empty())
    }
}
