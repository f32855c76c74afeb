//! Prefix lists: known entries, or a hole and what it can never hold.

use model::{Cidr, Family, Value};

use crate::index::{HoleIndex, Holes};

/// A prefix list.
#[derive(Clone, Debug)]
pub(crate) struct PrefixList {
    pub(crate) family: Family,
    pub(crate) aws_managed: bool,
    /// The entries, or the hole.
    pub(crate) entries: Result<Vec<Cidr>, HoleIndex>,
}

impl PrefixList {
    pub(crate) fn new(list: &model::PrefixList, holes: &mut Holes) -> Self {
        Self {
            family: list.family,
            aws_managed: list.aws_managed,
            entries: match &list.entries {
                Value::Known(entries) => Ok(entries.iter().copied().collect()),
                // Candidates are not told apart: the clauses speak of entries that are not known.
                Value::OneOf(_, hole) | Value::Any(hole) => Err(holes.keep(hole)),
            },
        }
    }
}
