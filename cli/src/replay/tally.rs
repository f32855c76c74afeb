//! Counting records, alike ones together.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::path::{Path, PathBuf};

use super::model::{Judged, Says};
use super::record::Unreadable;

/// How much of an example is kept, in bytes.
const MOST_BYTES: usize = 512;

/// What becomes of a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Seen {
    Header,
    NoData,
    Unreadable(Unreadable),
    Judged { is_accepted: bool, judged: Judged },
}

/// What records that are counted together have in common.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Cause {
    /// The model says otherwise.
    Differs {
        is_accepted: bool,
        says: Says,
    },
    /// It depends on this.
    Open(String),
    NotJudged(&'static str),
    /// They are no records.
    Unreadable(Unreadable),
}

/// Records that are counted together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Group {
    pub(crate) n: u64,
    /// The first of them: its file, its line and what stands there.
    pub(crate) file: PathBuf,
    pub(crate) line: u64,
    pub(crate) text: String,
}

/// All that was counted. What it takes grows with the network, not with the records.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    pub(crate) n_agree: u64,
    /// Intervals without records, or from which some are missing.
    pub(crate) n_no_data: u64,
    pub(crate) groups: BTreeMap<Cause, Group>,
}

impl Tally {
    pub(crate) fn add(&mut self, seen: Seen, (file, line): (&Path, u64), text: &[u8]) {
        let cause = match seen {
            Seen::Header => return,
            Seen::NoData => {
                self.n_no_data += 1;
                return;
            }
            Seen::Unreadable(why) => Cause::Unreadable(why),
            Seen::Judged {
                is_accepted,
                judged,
            } => match judged {
                Judged::Agrees => {
                    self.n_agree += 1;
                    return;
                }
                Judged::Differs(says) => Cause::Differs { is_accepted, says },
                Judged::Open(hole) => Cause::Open(hole),
                Judged::Untold(why) => Cause::NotJudged(why),
            },
        };
        let group = self.groups.entry(cause).or_insert_with(|| {
            let text = text.get(..MOST_BYTES).unwrap_or(text);
            Group {
                n: 0,
                file: file.to_owned(),
                line,
                text: String::from_utf8_lossy(text)
                    .trim()
                    .escape_debug()
                    .to_string(),
            }
        });
        group.n += 1;
    }

    /// With what comes behind it.
    pub(crate) fn then(mut self, later: Tally) -> Tally {
        self.n_agree += later.n_agree;
        self.n_no_data += later.n_no_data;
        for (cause, group) in later.groups {
            match self.groups.entry(cause) {
                Entry::Vacant(vacant) => {
                    vacant.insert(group);
                }
                Entry::Occupied(mut known) => known.get_mut().n += group.n,
            }
        }
        self
    }

    /// How many records fare so.
    pub(crate) fn count(&self, is_so: impl Fn(&Cause) -> bool) -> u64 {
        let groups = self.groups.iter().filter(|(cause, _)| is_so(cause));
        groups.map(|(_, group)| group.n).sum()
    }
}
