//! The waivers of a claim, under it.

use crate::render::style::Style;
use crate::report::Finding;
use crate::waive::{State, Waived};

/// How many waivers count, behind the name of a claim that has some.
pub(super) fn count(finding: &Finding) -> String {
    let counting = finding.waived.iter().filter(|one| one.state.counts());
    match (finding.waived.len(), counting.count()) {
        (0, _) => String::new(),
        (_, 0) => "  (no waiver of it counts)".to_owned(),
        (_, 1) => "  (without what 1 waiver waives)".to_owned(),
        (_, n) => format!("  (without what {n} waivers waive)"),
    }
}

/// A line for each waiver.
pub(super) fn lines(finding: &Finding, style: Style) -> Vec<String> {
    finding.waived.iter().map(|one| line(one, style)).collect()
}

fn line(Waived { waiver, state }: &Waived, style: Style) -> String {
    let (word, note) = match state {
        State::Used => ("waived", ""),
        State::Unused => ("unused", "; nothing is violated there"),
        State::Undecided => (
            "waived",
            "; it is not known whether anything is violated there",
        ),
        State::Expired => ("expired", "; it does not count"),
        State::TooWide => ("too wide", "; it leaves nothing and does not count"),
    };
    let until = match &waiver.until {
        Some(until) => format!("until {until}"),
        None => "without end".to_owned(),
    };
    let (flows, reason) = (waiver.flows(), &waiver.reason);
    let word = format!("{word:<10}");
    let word = if state.counts() {
        word
    } else {
        style.bad(&word)
    };
    format!("  {word} {flows}, {until}: {reason}{note}")
}
