//! What is said of waivers beside the report.

use super::{State, Waived};
use crate::invariant_file::waive::Origin;
use crate::problem::{Problem, ProblemCode};
use crate::report::Finding;

/// The problems of waivers: those that do not count, and those that nothing needs.
pub(crate) fn problems(finding: &Finding) -> Vec<Problem> {
    let problem = |Waived { waiver, state }: &Waived| {
        let (name, flows) = (&finding.name, waiver.flows());
        let (code, message, help) = match state {
            State::Used | State::Undecided => return None,
            State::Wider(part) => (
                ProblemCode::BaselineWider,
                format!("an entry of the baseline says more of `{name}` than is violated: {part}"),
                "it hides what breaks there; make the baseline again, which narrows it where that can be said",
            ),
            State::Unused => (
                ProblemCode::UnusedWaiver,
                format!("nothing is violated in what a waiver of `{name}` waives: {flows}"),
                match waiver.origin {
                    Origin::Stated => "delete the waiver",
                    Origin::Baseline => "delete the entry, or make the baseline again",
                },
            ),
            State::Expired => {
                let until = waiver.until.map(|until| until.to_string());
                let until = until.unwrap_or_default();
                (
                    ProblemCode::ExpiredWaiver,
                    format!("the waiver of `{name}` {flows} ended on {until} and does not count"),
                    "mend what it waives and delete it, or put its end off",
                )
            }
            State::TooWide => (
                ProblemCode::WaiverTooWide,
                format!(
                    "with the waiver {flows} nothing is left that `{name}` speaks of, so that it does not count"
                ),
                "narrow it, or delete the claim",
            ),
        };
        let problem = waiver.source.problem(code, &waiver.span, message);
        Some(problem.help(Some(help)))
    };
    finding.waived.iter().filter_map(problem).collect()
}
