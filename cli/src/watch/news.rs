//! What a run says otherwise than the one before it.

use std::collections::BTreeMap;
use std::fmt::Write;

use crate::render::style::Style;
use crate::report::{Report, VerdictWord};

/// The verdicts of a run, by the names of claims and findings.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Verdicts {
    /// In the order of the report.
    all: Vec<(String, VerdictWord)>,
}

impl Verdicts {
    pub(crate) fn of(report: &Report) -> Self {
        let findings = report.findings.iter();
        let all = findings.map(|finding| (finding.name.clone(), finding.verdict));
        Self { all: all.collect() }
    }

    fn by_name(&self) -> BTreeMap<&str, VerdictWord> {
        let all = self.all.iter();
        all.map(|(name, verdict)| (name.as_str(), *verdict))
            .collect()
    }
}

/// One line for each verdict that changed, came or went, in this order, and an empty line behind.
pub(crate) fn told(before: &Verdicts, after: &Verdicts, style: Style) -> String {
    let (old, new) = (before.by_name(), after.by_name());
    let mut lines = Vec::new();
    for (name, verdict) in &after.all {
        match old.get(name.as_str()) {
            Some(was) if was != verdict => {
                let word = style.strong("CHANGED");
                lines.push(format!(
                    "{word}   {name}: {was} -> {}",
                    paint(*verdict, style)
                ));
            }
            Some(_) | None => {}
        }
    }
    for (name, verdict) in &after.all {
        if !old.contains_key(name.as_str()) {
            let word = style.strong("NEW");
            lines.push(format!("{word}       {name}: {}", paint(*verdict, style)));
        }
    }
    for (name, verdict) in &before.all {
        if !new.contains_key(name.as_str()) {
            lines.push(format!(
                "{}      {name}, which was {verdict}",
                style.strong("GONE")
            ));
        }
    }
    if lines.is_empty() {
        lines.push(style.faint("every verdict is as it was"));
    }
    let mut text = String::new();
    for line in lines {
        let written = writeln!(text, "{line}");
        debug_assert!(written.is_ok(), "writing to a string does not fail");
    }
    text.push('\n');
    text
}

fn paint(verdict: VerdictWord, style: Style) -> String {
    let word = verdict.to_string();
    match verdict {
        VerdictWord::Proved => style.good(&word),
        VerdictWord::Violated => style.bad(&word),
        VerdictWord::Vacuous | VerdictWord::Unknown => style.doubtful(&word),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdicts(all: &[(&str, VerdictWord)]) -> Verdicts {
        let all = all
            .iter()
            .map(|(name, verdict)| ((*name).to_owned(), *verdict));
        Verdicts { all: all.collect() }
    }

    #[test]
    fn what_changed_comes_before_what_is_new_and_gone() {
        use VerdictWord::{Proved, Unknown, Violated};
        let before = verdicts(&[("a", Proved), ("b", Proved), ("c", Unknown)]);
        let after = verdicts(&[("d", Proved), ("a", Proved), ("b", Violated)]);
        let expected = "CHANGED   b: PROVED -> VIOLATED\nNEW       d: PROVED\nGONE      c, which was UNKNOWN\n\n";
        assert_eq!(told(&before, &after, Style::PLAIN), expected);
        let same = told(&after, &after, Style::PLAIN);
        assert_eq!(same, "every verdict is as it was\n\n");
    }
}
