//! `[[known]]` of a baseline: findings that are let be as a whole, since no flows of them could be
//! told apart.

use std::ops::Range;

use catalogue::Day;
use toml::de::DeTable;

use super::fields::Notes;
use super::waive::{RECORDED, day};
use crate::problem::{ProblemCode, SourceText};

const FIELDS: [&str; 5] = ["finding", "kind", "found", "reason", "until"];

/// What a finding is that can be let be as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum KnownKind {
    /// A `[[sometimes]]`: it asks for one flow, so that it cannot become worse.
    Sometimes,
    /// Of a built-in check, and the same as it was found before.
    BuiltIn,
    /// A `[[policy]]`, of the same policies as before.
    Policy,
}

impl KnownKind {
    pub(crate) const ALL: [Self; 3] = [KnownKind::Sometimes, KnownKind::BuiltIn, KnownKind::Policy];

    /// The word of the file.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            KnownKind::Sometimes => "sometimes",
            KnownKind::BuiltIn => "built-in",
            KnownKind::Policy => "policy",
        }
    }

    /// Whether an entry says what was found.
    pub(crate) const fn says_what(self) -> bool {
        match self {
            KnownKind::Sometimes => false,
            KnownKind::BuiltIn | KnownKind::Policy => true,
        }
    }
}

/// A finding that was there when the baseline was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct KnownFinding {
    /// Where it begins in its file.
    pub(crate) span: Range<usize>,
    /// The text of that file.
    pub(crate) source: SourceText,
    pub(crate) kind: KnownKind,
    /// The name of the finding.
    pub(crate) finding: String,
    /// What was found; it has to be the same still.
    pub(crate) found: Option<String>,
    pub(crate) reason: String,
    /// The last day on which it counts.
    pub(crate) until: Option<Day>,
}

/// Reads one.
pub(super) fn read(
    table: &DeTable<'_>,
    span: Range<usize>,
    notes: &mut Notes<'_>,
) -> Option<KnownFinding> {
    notes.only_known(table, &FIELDS, "`[[known]]`");
    let field = |name: &str| {
        let found = table.iter().find(|(key, _)| key.get_ref() == name);
        found.map(|(_, value)| value)
    };
    let kinds = KnownKind::ALL.map(|kind| (kind.name(), kind));
    let finding = field("finding").and_then(|value| notes.string(value, "finding"));
    let kind = field("kind").and_then(|value| notes.word(value, "kind", &kinds));
    let found = field("found").and_then(|value| notes.string(value, "found"));
    let reason = field("reason").and_then(|value| notes.string(value, "reason"));
    let until = field("until").and_then(|value| day(value, notes));
    let says_what = kind.is_some_and(KnownKind::says_what);
    let of_found = says_what.then_some("found");
    for name in ["finding", "kind"].into_iter().chain(of_found) {
        if field(name).is_none() {
            let message = format!("`[[known]]` lacks the field `{name}`");
            notes.push(ProblemCode::MissingClaimField, &span, message, None);
        }
    }
    if says_what && found.is_none() {
        return None;
    }
    Some(KnownFinding {
        source: notes.source.clone(),
        kind: kind?,
        finding: finding?.0,
        found: found.map(|(text, _)| text),
        reason: reason.map_or_else(|| RECORDED.to_owned(), |(text, _)| text),
        until,
        span,
    })
}
