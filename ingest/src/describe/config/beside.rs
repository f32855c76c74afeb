//! What AWS Config recorded, beside the lists of calls: the two were taken at two times, and neither says
//! which is the later one. What only one of them has may have gone since, or may not have been there yet.

use std::collections::BTreeSet;

use super::super::seen::is_gone;
use super::{Config, Made};
use crate::doubt::Touches;
use crate::json::Value;
use crate::sink::Sink;

/// Lists of which one output is a part, as that of AWS's own prefix lists, or whose ids are not those of
/// the items that are recorded.
const IN_PARTS: [&str; 3] = ["Listeners", "PrefixLists", "Reservations"];

/// The list of a call.
pub(in crate::describe) struct Listed<'a> {
    /// Its top-level key.
    pub(in crate::describe) key: &'a str,
    /// The field with the id of an item.
    pub(in crate::describe) id: &'a str,
    pub(in crate::describe) items: Vec<&'a Value>,
    /// The folders of its files.
    pub(in crate::describe) folders: &'a BTreeSet<&'a str>,
}

impl Config {
    /// Doubts what the list and the items differ in.
    pub(in crate::describe) fn compare(&self, listed: &Listed<'_>, sink: &mut Sink) {
        let Listed { key, id, .. } = *listed;
        if IN_PARTS.contains(&key) {
            return;
        }
        let id_of = |item: &&Value| item.get(id).and_then(Value::as_str).map(str::to_owned);
        let ids: BTreeSet<String> = listed.items.iter().filter_map(id_of).collect();
        let made = self.made.iter().filter(|made| made.list == Some(key));
        for made in made.filter(|made| self.is_said_of(made, listed.folders)) {
            let own = made.value.get(id).and_then(Value::as_str);
            let own = own.unwrap_or(&made.id);
            if !ids.contains(own) {
                let what = format!(
                    "`{own}` is recorded, and the call that lists `{key}` does not have it: take \
                     both at one time"
                );
                sink.guess_of_config(Touches::Everything, what);
            }
        }
        let living = listed.items.iter().filter(|item| !is_gone(item));
        for id in living.filter_map(id_of) {
            if self.deleted.contains(&(key.to_owned(), id.clone())) {
                let what = format!(
                    "`{id}` is recorded as deleted, and the call that lists `{key}` has it: take \
                     both at one time"
                );
                sink.guess_of_config(Touches::Everything, what);
            }
        }
    }

    /// Whether files in some folders are of the account and Region of an item. Those in no folder may
    /// be of any.
    fn is_said_of(&self, made: &Made, folders: &BTreeSet<&str>) -> bool {
        let is_only = self.made.iter().all(|other| other.folder == made.folder);
        folders.contains(made.folder.as_str()) || (is_only && folders.contains(""))
    }
}
