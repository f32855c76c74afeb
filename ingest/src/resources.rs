//! Resources: where those of plans and states stand, and what the plans do with them.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::diagnostic::Place;

/// The resources of plans and states.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Resources {
    /// The addresses of resources by file and JSON pointer.
    addresses: BTreeMap<(Arc<str>, String), String>,
    changes: Vec<ResourceChange>,
}

/// What a plan does with a resource.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResourceChange {
    /// Its address.
    pub address: String,
    /// Its type, as `aws_route`.
    pub of: String,
    /// It is created, also in the place of one that is deleted.
    pub is_made: bool,
    /// It is updated in place.
    pub is_updated: bool,
    /// It is deleted, also where another takes its place.
    pub is_gone: bool,
    /// It is a left-over of an earlier replacement, which shares its address with the living one.
    pub is_deposed: bool,
}

impl Resources {
    /// The address of the resource that a place is in.
    pub fn address(&self, place: &Place) -> Option<&str> {
        let mut pointer = place.pointer.as_deref()?;
        loop {
            let key = (place.file.clone(), pointer.to_owned());
            if let Some(address) = self.addresses.get(&key) {
                return Some(address);
            }
            pointer = pointer.rsplit_once('/')?.0;
        }
    }

    /// What the plans do with resources, but for those that they leave as they are.
    pub fn changed(&self) -> impl Iterator<Item = &ResourceChange> {
        let does = |change: &&ResourceChange| change.is_made || change.is_updated || change.is_gone;
        self.changes.iter().filter(does)
    }

    pub(crate) fn stands(&mut self, place: &Place, address: &str) {
        if let Some(pointer) = &place.pointer {
            let key = (place.file.clone(), pointer.clone());
            self.addresses.insert(key, address.to_owned());
        }
    }

    pub(crate) fn changes(&mut self, changes: &[ResourceChange]) {
        self.changes.extend_from_slice(changes);
    }
}
