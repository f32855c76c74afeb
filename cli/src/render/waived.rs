//! The waivers of a claim, under it.

use catalogue::Day;

use crate::invariant_file::known::KnownFinding;
use crate::invariant_file::waive::Origin;
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

/// A line for each waiver, and one for all entries of a baseline of which there is nothing to say.
pub(super) fn lines(finding: &Finding, style: Style) -> Vec<String> {
    let is_silent = |one: &&Waived| {
        one.waiver.origin == Origin::Baseline && matches!(one.state, State::Used | State::Undecided)
    };
    let told = finding.waived.iter().filter(|one| !is_silent(one));
    let mut lines: Vec<String> = told.map(|one| line(one, style)).collect();
    let entries = match finding.waived.iter().filter(is_silent).count() {
        0 => return lines,
        1 => "1 entry of it waives".to_owned(),
        n => format!("{n} entries of it waive"),
    };
    lines.push(format!("  baseline   {entries} what was violated before"));
    lines
}

/// The entry of a baseline that lets a finding be as a whole.
pub(super) fn known(entry: &KnownFinding) -> String {
    let until = end(entry.until);
    format!("  baseline   it was so before, {until}: {}", entry.reason)
}

fn end(until: Option<Day>) -> String {
    until.map_or_else(
        || "without end".to_owned(),
        |until| format!("until {until}"),
    )
}

fn line(Waived { waiver, state }: &Waived, style: Style) -> String {
    let (word, note) = match state {
        State::Used => ("waived", String::new()),
        State::Wider(part) => ("waived", format!("; wider than what is violated: {part}")),
        State::Unused => ("unused", "; nothing is violated there".to_owned()),
        State::Undecided => (
            "waived",
            "; it is not known whether anything is violated there".to_owned(),
        ),
        State::Expired => ("expired", "; it does not count".to_owned()),
        State::TooWide => (
            "too wide",
            "; it leaves nothing and does not count".to_owned(),
        ),
    };
    let until = end(waiver.until);
    let (flows, reason) = (waiver.flows(), &waiver.reason);
    let word = format!("{word:<10}");
    let word = if state.counts() {
        word
    } else {
        style.bad(&word)
    };
    format!("  {word} {flows}, {until}: {reason}{note}")
}
