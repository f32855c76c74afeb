//! Findings that a baseline lets be as a whole.
//!
//! That hides nothing new: a `sometimes` that is violated cannot become worse, and what a built-in
//! check found is let be only as long as it finds exactly the same, and so is a claim about policies of
//! which no classes of requests say what violates it: as long as the policies are the same.

use std::collections::BTreeSet;

use catalogue::Day;

use crate::invariant_file::Word;
use crate::invariant_file::known::{KnownFinding, KnownKind};
use crate::problem::{Problem, ProblemCode};
use crate::report::{Finding, Kind, Report, VerdictWord};

/// As a baseline has them, the findings of a report that can be let be so: a table each.
pub(crate) fn tables(report: &Report) -> Vec<String> {
    let violated = report.findings.iter();
    let violated = violated.filter(|one| one.verdict == VerdictWord::Violated);
    let table = |finding: &Finding| {
        let kind = kind(finding)?;
        let quoted = |text: &str| toml::Value::String(text.to_owned()).to_string();
        let mut text = format!(
            "[[known]]\nfinding = {}\nkind = {}\n",
            quoted(&finding.name),
            quoted(kind.name())
        );
        if kind.says_what() {
            text.push_str(&format!("found = {}\n", quoted(&found(finding)?)));
        }
        Some(text)
    };
    violated.filter_map(table).collect()
}

/// Lets be what a baseline has of a report; leaves what is to be said of its entries.
pub(crate) fn apply(report: &mut Report, entries: &[KnownFinding], today: Day) -> Vec<Problem> {
    let ran: BTreeSet<&str> = report.built_in.iter().map(|check| check.code).collect();
    let mut problems = Vec::new();
    for entry in entries {
        let is_named =
            |one: &&mut Finding| one.name == entry.finding && kind(one) == Some(entry.kind);
        let mut all = report.findings.iter_mut().filter(is_named);
        let is_same = |one: &&mut Finding| {
            let said = entry.found.as_ref().filter(|_| entry.kind.says_what());
            said.is_none_or(|text| Some(text) == found(one).as_ref())
        };
        let finding = all.find(is_same);
        let name = &entry.finding;
        let (code, message, help) = match finding {
            Some(finding) if finding.verdict == VerdictWord::Violated => {
                if entry.until.is_none_or(|until| today <= until) {
                    finding.known = Some(entry.clone());
                    continue;
                }
                let until = entry
                    .until
                    .map(|until| until.to_string())
                    .unwrap_or_default();
                (
                    ProblemCode::ExpiredWaiver,
                    format!("the entry of `{name}` ended on {until} and does not count"),
                    "mend it and delete the entry, or put its end off",
                )
            }
            // What is not known may be violated still.
            Some(finding) if finding.verdict == VerdictWord::Unknown => continue,
            None if entry.kind == KnownKind::BuiltIn && !has_run(name, &ran) => continue,
            Some(_) | None => (
                ProblemCode::UnusedWaiver,
                match entry.kind {
                    KnownKind::Sometimes => {
                        format!("`{name}` is no violated `[[sometimes]]` any more")
                    }
                    KnownKind::BuiltIn | KnownKind::Policy => {
                        format!("`{name}` is not found any more as the baseline has it")
                    }
                },
                "delete the entry, or make the baseline again",
            ),
        };
        let problem = entry.source.problem(code, &entry.span, message);
        problems.push(problem.help(Some(help)));
    }
    problems
}

/// Whether the check ran, and came to an end, that names its findings so.
fn has_run(name: &str, ran: &BTreeSet<&str>) -> bool {
    let code = name.split_once(": ").map_or(name, |(code, _)| code);
    ran.contains(code)
}

/// As what a finding can be let be as a whole.
pub(crate) const fn kind(finding: &Finding) -> Option<KnownKind> {
    match finding.kind {
        Kind::Claim(Word::Sometimes) => Some(KnownKind::Sometimes),
        Kind::BuiltIn(_) => Some(KnownKind::BuiltIn),
        Kind::Policy => Some(KnownKind::Policy),
        Kind::Claim(Word::Never | Word::Always | Word::Only) => None,
    }
}

/// All that was found, in one text; nothing where that is not known.
fn found(finding: &Finding) -> Option<String> {
    if finding.kind == Kind::Policy {
        return finding.pinned.clone();
    }
    let notes = finding.notes.iter().map(String::as_str);
    let texts: Vec<&str> = [finding.sentence.as_str()]
        .into_iter()
        .chain(notes)
        .collect();
    Some(texts.join("; "))
}
