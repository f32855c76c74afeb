//! Judging a claim by the parts that its waivers leave.

use model::Invariant;

use super::{IN_BASELINE, Open, Plan, State, Waived};
use crate::doubt::Doubt;
use crate::invariant_file::Statement;
use crate::invariant_file::lower::Lowered;
use crate::invariant_file::waive::Origin;
use crate::judge::{Disagreement, Engines, Judge, Reason};
use crate::report::{Finding, VerdictWord};
use crate::session::judge_part;

/// Judges a claim for its scope without what its waivers in force waive.
///
/// # Errors
///
/// When the engines disagree.
pub(crate) fn judge(
    judge: &Judge<'_>,
    statement: &Statement,
    lowered: &Lowered,
    plan: &Plan,
    doubt: &Doubt<'_>,
) -> Result<Finding, Disagreement> {
    let part = |invariant: &Invariant| {
        let part = Lowered {
            invariant: invariant.clone(),
            chosen: None,
            ..lowered.clone()
        };
        judge_part(judge, statement, &part, doubt)
    };
    if statement.waivers.is_empty() {
        return judge_part(judge, statement, lowered, doubt);
    }
    let (mut finding, is_too_wide) = rest(plan, lowered.strongest(), part)?;
    if let Some(open) = &plan.open {
        finding = if is_too_wide {
            judge_part(judge, statement, lowered, doubt)?
        } else {
            whatever(open, finding, part)?
        };
    }
    for (waiver, cut) in statement.waivers.iter().zip(&plan.cuts) {
        let state = match &cut.part {
            _ if !cut.is_in_force => State::Expired,
            None => State::Unused,
            Some(_) if is_too_wide && waiver.origin == Origin::Stated => State::TooWide,
            Some(invariant) => match part(invariant)?.verdict {
                VerdictWord::Violated => match cut.slices.wider(judge) {
                    Some(part) if plan.open.is_none() => State::Wider(part),
                    Some(_) | None => State::Used,
                },
                // Where something is open it may mean more than is judged here.
                VerdictWord::Proved | VerdictWord::Vacuous if plan.open.is_none() => State::Unused,
                VerdictWord::Proved | VerdictWord::Vacuous | VerdictWord::Unknown => {
                    State::Undecided
                }
            },
        };
        let waiver = waiver.clone();
        finding.waived.push(Waived { waiver, state });
    }
    Ok(finding)
}

/// What comes out whatever the open attributes turn out to be, by what holds if they say the worst.
fn whatever(
    open: &Open,
    mut worst: Finding,
    part: impl Fn(&Invariant) -> Result<Finding, Disagreement>,
) -> Result<Finding, Disagreement> {
    let best = together(&open.rest, part)?;
    match best {
        Some(best) if best.verdict == VerdictWord::Violated => Ok(best),
        Some(best) if best.verdict == worst.verdict => Ok(worst),
        None | Some(_) => {
            let by = open.by.iter().cloned();
            worst.reasons.extend(by.map(Reason::DependsOn));
            worst
                .reasons
                .extend(best.into_iter().flat_map(|best| best.reasons));
            worst.verdict = VerdictWord::Unknown;
            worst.evidence = None;
            worst.difference = None;
            worst.notes.clear();
            Ok(worst)
        }
    }
}

/// Judges what is left, or the whole where the waivers leave nothing that the claim speaks of; then
/// they do not count.
fn rest(
    plan: &Plan,
    whole: &Invariant,
    part: impl Fn(&Invariant) -> Result<Finding, Disagreement>,
) -> Result<(Finding, bool), Disagreement> {
    let rest = together(&plan.rest, &part)?;
    let is_cut = plan
        .cuts
        .iter()
        .any(|cut| cut.is_in_force && cut.part.is_some());
    match rest {
        Some(rest) if rest.verdict != VerdictWord::Vacuous || !is_cut => Ok((rest, false)),
        None | Some(_) if is_all_of_baseline(plan, &part)? => {
            let mut finding = part(whole)?;
            finding.verdict = VerdictWord::Vacuous;
            // It speaks of flows, and of none that is not known.
            finding.vacuous_is_error = false;
            finding.evidence = None;
            finding.difference = None;
            finding.reasons.clear();
            finding.notes = vec![IN_BASELINE.to_owned()];
            Ok((finding, false))
        }
        None | Some(_) => {
            let whole = part(whole)?;
            let is_too_wide = match whole.verdict {
                VerdictWord::Vacuous => false,
                // Whether the whole speaks of anything is not known, unless nothing is left of it.
                VerdictWord::Unknown => rest.is_none(),
                VerdictWord::Proved | VerdictWord::Violated => true,
            };
            match rest {
                Some(rest) if !is_too_wide => Ok((rest, false)),
                None | Some(_) => Ok((whole, is_too_wide)),
            }
        }
    }
}

/// Whether something is left before the entries of a baseline take all of it.
fn is_all_of_baseline(
    plan: &Plan,
    part: impl Fn(&Invariant) -> Result<Finding, Disagreement>,
) -> Result<bool, Disagreement> {
    let Some(stated_rest) = &plan.stated_rest else {
        return Ok(false);
    };
    let stated = together(stated_rest, part)?;
    Ok(stated.is_some_and(|stated| stated.verdict != VerdictWord::Vacuous))
}

/// What holds of every part: VIOLATED by the first that is, else UNKNOWN by all that are, else PROVED,
/// and VACUOUS when all are.
fn together(
    parts: &[Invariant],
    part: impl Fn(&Invariant) -> Result<Finding, Disagreement>,
) -> Result<Option<Finding>, Disagreement> {
    let mut engines: Option<Engines> = None;
    let mut findings = Vec::new();
    for invariant in parts {
        let mut finding = part(invariant)?;
        engines = sum(engines, finding.engines);
        if finding.verdict == VerdictWord::Violated {
            finding.engines = engines;
            return Ok(Some(finding));
        }
        findings.push(finding);
    }
    let order = [
        VerdictWord::Unknown,
        VerdictWord::Proved,
        VerdictWord::Vacuous,
    ];
    let has = |word: &VerdictWord| findings.iter().any(|finding| finding.verdict == *word);
    let Some(verdict) = order.into_iter().find(has) else {
        return Ok(None);
    };
    let mut alike = findings.into_iter().filter(|one| one.verdict == verdict);
    let mut finding = alike.next();
    if let Some(first) = &mut finding {
        first.engines = engines;
        for other in alike {
            first.reasons.extend(other.reasons);
            for note in other.notes {
                if !first.notes.contains(&note) {
                    first.notes.push(note);
                }
            }
        }
    }
    Ok(finding)
}

/// What the engines took for several parts; they agree when they agree on each.
fn sum(one: Option<Engines>, other: Option<Engines>) -> Option<Engines> {
    let (Some(one), Some(other)) = (one, other) else {
        return one.or(other);
    };
    Some(Engines {
        solver: one.solver + other.solver,
        evaluator: one.evaluator + other.evaluator,
        agree: match (one.agree, other.agree) {
            (Some(one), Some(other)) => Some(one && other),
            (None, _) | (_, None) => None,
        },
    })
}
