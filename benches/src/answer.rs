//! Verdicts in a word, so that a time never stands in the report without what it bought.

use model::{UnknownReason, Verdict};

/// The word for a claim that a limit left without an answer. No goal is met by it.
pub const UNANSWERED: &str = "unanswered";

/// The verdict in a word.
pub fn word(verdict: &Verdict) -> &'static str {
    match verdict {
        Verdict::Holds { .. } => "holds",
        Verdict::Violated { .. } => "violated",
        Verdict::Vacuous => "vacuous",
        Verdict::Unknown { reasons } => {
            let limit = |reason: &UnknownReason| matches!(reason, UnknownReason::OutOfBudget(_));
            if reasons.iter().any(limit) {
                UNANSWERED
            } else {
                "unknown"
            }
        }
    }
}

/// The verdicts of several claims, counted.
pub fn tally<'a>(verdicts: impl IntoIterator<Item = &'a Verdict>) -> String {
    let words: Vec<_> = verdicts.into_iter().map(word).collect();
    ["holds", "violated", "vacuous", "unknown", UNANSWERED]
        .into_iter()
        .filter_map(|word| {
            let n = words.iter().filter(|one| **one == word).count();
            (n > 0).then(|| format!("{n} {word}"))
        })
        .collect::<Vec<_>>()
        .join(", ")
}

/// Whether two engines may both be right: they agree, or one of them could not decide.
pub fn compatible(one: &Verdict, other: &Verdict) -> bool {
    let undecided = |verdict: &Verdict| matches!(verdict, Verdict::Unknown { .. });
    undecided(one) || undecided(other) || word(one) == word(other)
}
