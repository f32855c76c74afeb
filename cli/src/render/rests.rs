//! What rests on a component or a rule, for people.

use std::fmt::Write;

use ingest::Validated;

use super::style::Style;
use super::text;
use crate::report::VerdictWord;
use crate::rests::thing::Thing;
use crate::rests::without::Left;
use crate::rests::{Resting, Without};

/// How much of what goes along is shown.
const MOST_ALONG: usize = 8;

/// What a renderer is given.
#[derive(Clone, Copy)]
pub(crate) struct RestsRendering<'a> {
    pub(crate) validated: &'a Validated,
    /// The text that was asked about.
    pub(crate) asked: &'a str,
    pub(crate) things: &'a [Thing],
    pub(crate) left: &'a Left,
    pub(crate) claims: &'a [Resting],
}

/// How many claims fare how.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    pub(crate) still_proved: usize,
    pub(crate) violated: usize,
    pub(crate) vacuous: usize,
    pub(crate) unknown: usize,
    pub(crate) unreadable: usize,
    pub(crate) not_proved_before: usize,
}

impl Counts {
    pub(crate) fn of(claims: &[Resting]) -> Self {
        let mut counts = Counts::default();
        for claim in claims {
            let count = match &claim.without {
                None => &mut counts.not_proved_before,
                Some(Without::Unreadable(_)) => &mut counts.unreadable,
                Some(Without::Judged(finding)) => match finding.verdict {
                    VerdictWord::Proved => &mut counts.still_proved,
                    VerdictWord::Violated => &mut counts.violated,
                    VerdictWord::Vacuous => &mut counts.vacuous,
                    VerdictWord::Unknown => &mut counts.unknown,
                },
            };
            *count += 1;
        }
        counts
    }

    /// The claims that are proved with it, and not without it.
    pub(crate) const fn resting(self) -> usize {
        self.violated + self.vacuous + self.unknown + self.unreadable
    }
}

/// The whole report.
pub(crate) fn report(rendering: RestsRendering<'_>, style: Style) -> String {
    let mut text = String::new();
    let mut push = |line: &str| {
        let written = writeln!(text, "{line}");
        debug_assert!(written.is_ok(), "writing to a string does not fail");
    };
    for line in head(rendering, style) {
        push(&line);
    }
    push("");
    for claim in rendering.claims {
        for line in lines(claim, rendering.left, style) {
            push(&line);
        }
    }
    let asks_names = rendering.claims.iter().any(|claim| claim.asks_names);
    for line in super::preface(rendering.validated, asks_names) {
        push(&style.faint(&line));
    }
    push(&style.strong(&summary(rendering.claims)));
    text
}

/// What is taken out, and what goes along.
fn head(rendering: RestsRendering<'_>, style: Style) -> Vec<String> {
    let RestsRendering {
        validated,
        things,
        left,
        ..
    } = rendering;
    let mut lines = Vec::new();
    for thing in things {
        let told = thing.told(validated);
        lines.push(format!("without    {}", style.strong(&told)));
        if let Some(place) = thing.place(validated) {
            lines.push(style.faint(&format!("          --> {place}")));
        }
    }
    let along = left.along.iter().map(|thing| thing.told(validated));
    let along: Vec<_> = along.map(|told| format!("  goes too   {told}")).collect();
    let changed = left.changed.iter();
    let changed = changed.map(|what| format!("  then       {what}"));
    for part in [along, changed.collect()] {
        lines.extend(part.iter().take(MOST_ALONG).cloned());
        match part.len().saturating_sub(MOST_ALONG) {
            0 => {}
            n_more => lines.push(format!("  and {n_more} more, which the JSON lists")),
        }
    }
    lines
}

/// A claim that rests on it as `check` would show it in the network that is left; any other in a line.
fn lines(claim: &Resting, left: &Left, style: Style) -> Vec<String> {
    match &claim.without {
        None => Vec::new(),
        Some(Without::Judged(finding)) if finding.verdict == VerdictWord::Proved => {
            let word = style.good(&format!("{:<9}", "PROVED"));
            vec![format!("{word} {}: still, without it", claim.name)]
        }
        Some(Without::Judged(finding)) => text::finding(finding, &left.validated, style),
        Some(Without::Unreadable(problems)) => {
            let word = style.doubtful(&format!("{:<9}", "UNKNOWN"));
            let mut lines = vec![format!("{word} {}", style.strong(&claim.name))];
            for problem in problems {
                lines.push(format!("  because    without it, {}", problem.message));
            }
            lines.push(String::new());
            lines
        }
    }
}

fn summary(claims: &[Resting]) -> String {
    let counts = Counts::of(claims);
    let resting = counts.resting();
    let proved = resting + counts.still_proved;
    let mut text = match (resting, proved) {
        (_, 0) => "no claim is proved as the network is, so that none rests on it".to_owned(),
        (0, 1) => "the proved claim does not rest on it".to_owned(),
        (0, _) => format!("none of {proved} proved claims rests on it"),
        (1, 1) => "the proved claim rests on it".to_owned(),
        (1, _) => format!("1 of {proved} proved claims rests on it"),
        (_, _) => format!("{resting} of {proved} proved claims rest on it"),
    };
    let parts = [
        (counts.violated, "violated"),
        (counts.vacuous, "vacuous"),
        (counts.unknown + counts.unreadable, "unknown"),
    ];
    let parts = parts.iter().filter(|(count, _)| *count > 0);
    let parts: Vec<_> = parts
        .map(|(count, word)| format!("{count} {word}"))
        .collect();
    if !parts.is_empty() {
        text.push_str(&format!(": {} without it", parts.join(", ")));
    }
    match counts.not_proved_before {
        0 => {}
        1 => text.push_str("; 1 claim is not proved with it either"),
        n_more => text.push_str(&format!("; {n_more} claims are not proved with it either")),
    }
    text
}
