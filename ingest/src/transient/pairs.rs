//! Components before and after, by id.

use std::collections::BTreeMap;

/// A component in the network before, in the one after, or in both.
pub(super) enum Pair<'a, T> {
    /// It is deleted.
    Before(&'a T),
    /// It is created.
    After(&'a T),
    /// It stays.
    Both(&'a T, &'a T),
}

// A derived copy would ask that the component is one.
impl<T> Clone for Pair<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Pair<'_, T> {}

impl<'a, T> Pair<'a, T> {
    /// As it is after the change, or was before it.
    pub(super) const fn latest(self) -> &'a T {
        match self {
            Pair::Before(one) | Pair::After(one) | Pair::Both(_, one) => one,
        }
    }

    /// As it is in each of the networks that have it, the one before first.
    pub(super) fn all(self) -> Vec<&'a T> {
        match self {
            Pair::Before(one) | Pair::After(one) => vec![one],
            Pair::Both(one, other) => vec![one, other],
        }
    }

    /// Whether it is in both networks.
    pub(super) const fn stays(self) -> bool {
        match self {
            Pair::Before(_) | Pair::After(_) => false,
            Pair::Both(..) => true,
        }
    }
}

/// The components of a kind in both networks, in the order of their ids.
pub(super) fn pairs<'a, Id: Ord, T>(
    before: &'a BTreeMap<Id, T>,
    after: &'a BTreeMap<Id, T>,
) -> Vec<(&'a Id, Pair<'a, T>)> {
    let old = before.iter().map(|(id, one)| match after.get(id) {
        Some(other) => (id, Pair::Both(one, other)),
        None => (id, Pair::Before(one)),
    });
    let new = after.iter().filter(|(id, _)| !before.contains_key(id));
    let mut all: Vec<_> = old
        .chain(new.map(|(id, one)| (id, Pair::After(one))))
        .collect();
    all.sort_by_key(|(id, _)| *id);
    all
}
