//! `[change]` of the invariant file: what a change is meant to do, against what it does.

use std::collections::BTreeSet;

use evaluator::ChangeKind;
use model::{Hole, Scope};

use super::Class;
use crate::report::VerdictWord;

/// What a change is meant to do to some flows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Does {
    Opens,
    Closes,
    Moves,
}

impl Does {
    /// Every word.
    pub(crate) const ALL: [Does; 3] = [Does::Opens, Does::Closes, Does::Moves];

    /// The word that the file uses.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Does::Opens => "opens",
            Does::Closes => "closes",
            Does::Moves => "moves",
        }
    }

    /// Whether a change of a kind is what the word says.
    pub(crate) const fn is(self, kind: ChangeKind) -> bool {
        match (self, kind) {
            (Does::Opens, ChangeKind::Opened | ChangeKind::ReplyOpened)
            | (Does::Closes, ChangeKind::Closed | ChangeKind::ReplyClosed)
            | (Does::Moves, ChangeKind::Moved) => true,
            (
                Does::Opens | Does::Closes | Does::Moves,
                ChangeKind::Opened
                | ChangeKind::Closed
                | ChangeKind::Moved
                | ChangeKind::ReplyOpened
                | ChangeKind::ReplyClosed
                | ChangeKind::Undetermined,
            ) => false,
        }
    }
}

/// An entry of `[change]` in both networks.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) does: Does,
    /// The entry as the user wrote it.
    pub(crate) sentence: String,
    pub(crate) scopes: [Scope; 2],
    /// What leaves open which flows are meant.
    pub(crate) open: BTreeSet<Hole>,
}

/// What came of a statement about the change.
#[derive(Clone, Debug)]
pub(crate) struct Stated {
    pub(crate) verdict: VerdictWord,
    /// The positions of classes that no entry states.
    pub(crate) more: Vec<usize>,
    /// The entries that do not happen.
    pub(crate) less: Vec<Entry>,
}

impl Stated {
    pub(crate) fn new(entries: Vec<Entry>, classes: &[Class]) -> Self {
        let is_stated = |class: &Class| {
            let mut marks = class.of.marks.iter();
            marks.any(|mark| {
                let entry = entries.get(*mark);
                entry.is_some_and(|entry| entry.does.is(class.kind()))
            })
        };
        let more: Vec<_> = classes
            .iter()
            .enumerate()
            .filter(|(_, class)| !is_stated(class))
            .map(|(position, _)| position)
            .collect();
        let happens = |position: usize, entry: &Entry| {
            let mut classes = classes.iter();
            classes.any(|class| class.of.marks.contains(&position) && entry.does.is(class.kind()))
        };
        let less: Vec<_> = entries
            .iter()
            .enumerate()
            .filter(|(position, entry)| !happens(*position, entry))
            .map(|(_, entry)| entry.clone())
            .collect();
        let is_undetermined = |position: &usize| {
            let class = classes.get(*position);
            class.is_none_or(|class| class.kind() == ChangeKind::Undetermined)
        };
        let verdict = if !less.is_empty() || !more.iter().all(is_undetermined) {
            VerdictWord::Violated
        } else if more.is_empty() {
            VerdictWord::Proved
        } else {
            VerdictWord::Unknown
        };
        Self {
            verdict,
            more,
            less,
        }
    }
}
