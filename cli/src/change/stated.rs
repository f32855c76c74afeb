//! `[change]` of the invariant file: what a change is meant to do, against what it does.

use std::collections::{BTreeMap, BTreeSet};

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
    /// The positions of classes that do what no entry states, and what that is.
    pub(crate) more: BTreeMap<usize, BTreeSet<ChangeKind>>,
    /// The entries that do not happen.
    pub(crate) less: Vec<Entry>,
}

impl Stated {
    pub(crate) fn new(entries: Vec<Entry>, classes: &[Class]) -> Self {
        let unstated = |class: &Class| {
            let mut kinds = class.of.change.kinds();
            kinds.retain(|kind| {
                let mut marks = class.of.marks.iter();
                let is_stated = |mark: &usize| {
                    let entry = entries.get(*mark);
                    entry.is_some_and(|entry| entry.does.is(*kind))
                };
                !marks.any(is_stated)
            });
            kinds
        };
        let more = classes.iter().map(unstated).enumerate();
        let more: BTreeMap<_, _> = more.filter(|(_, kinds)| !kinds.is_empty()).collect();
        let happens = |position: usize, entry: &Entry| {
            let mut marked = classes
                .iter()
                .filter(|class| class.of.marks.contains(&position));
            marked.any(|class| {
                let mut kinds = class.of.change.kinds().into_iter();
                kinds.any(|kind| entry.does.is(kind))
            })
        };
        let less: Vec<_> = entries
            .iter()
            .enumerate()
            .filter(|(position, entry)| !happens(*position, entry))
            .map(|(_, entry)| entry.clone())
            .collect();
        let undetermined = BTreeSet::from([ChangeKind::Undetermined]);
        let verdict = if !less.is_empty() || more.values().any(|kinds| *kinds != undetermined) {
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
