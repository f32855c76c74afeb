//! A clause is forgotten: what it decided goes the other way.

use evaluator::{Fate, NameTrace};
use model::{
    Answer, Clause, Decision, Disposition, Effect, Hop, Outcome, Permission, PermissionEffect,
    Resolution, Trace,
};

/// The decision of an engine without the clause: what the clause dropped, or left open, is
/// delivered; what it delivered, or let on, is dropped.
pub(super) fn decide(clause: Clause, trace: &Trace) -> Decision {
    let mut decision = trace.decision.clone();
    if forget(clause, &trace.forward, &mut decision.forward) {
        decision.reply = None;
        return decision;
    }
    if let Some(reply) = &mut decision.reply {
        forget(clause, &trace.reply, reply);
    }
    decision
}

fn forget(clause: Clause, hops: &[Hop], outcome: &mut Outcome) -> bool {
    let Some(hop) = hops.iter().find(|hop| hop.clause == clause) else {
        return false;
    };
    let disposition = match hop.effect {
        Effect::Passed | Effect::Delivered => Disposition::Dropped,
        Effect::Dropped | Effect::Undetermined(_) => Disposition::Delivered,
    };
    let same = outcome.disposition == disposition;
    outcome.disposition = disposition;
    outcome.arrival = None;
    // Of a clause that let on what another one dropped nothing is seen.
    !same
}

/// The answer of an engine without the clause, if it decided, or a zone or rule was chosen by it on
/// the way.
pub(super) fn resolve(clause: Clause, trace: NameTrace) -> Resolution {
    let mut candidates = trace.asked.iter().flat_map(|asked| &asked.candidates);
    let chosen = candidates.any(|one| one.fate == Fate::Chosen && one.clause == clause);
    let right = trace.resolution;
    if right.clause != clause && !chosen {
        return right;
    }
    let answer = match right.answer {
        Answer::NoAnswer => Answer::Interfaces([].into()),
        Answer::Interfaces(_)
        | Answer::Addresses(_)
        | Answer::PublicService(_)
        | Answer::Dns64(_)
        | Answer::Undetermined(_) => Answer::NoAnswer,
    };
    Resolution {
        clause: right.clause,
        answer,
    }
}

pub(super) fn permits(clause: Clause, right: Permission) -> Permission {
    if right.clause != clause {
        return right;
    }
    let effect = match right.effect {
        PermissionEffect::Permitted => PermissionEffect::Denied,
        PermissionEffect::Denied | PermissionEffect::Undetermined(_) => PermissionEffect::Permitted,
    };
    Permission { clause, effect }
}
