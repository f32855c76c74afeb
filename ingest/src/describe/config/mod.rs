//! What [AWS Config](https://docs.aws.amazon.com/config/latest/developerguide/deliver-snapshot-cli.html)
//! recorded: configuration snapshots, and the outputs of `get-resource-config-history`,
//! `batch-get-resource-config` and `select-resource-config`.
//!
//! The configuration of an item is nearly what the resource's `describe-*` call says of it. So each is
//! made into an item of that call, and read as one. What AWS Config leaves out is named, and no proof
//! rests on it.

mod beside;
mod item;
mod kind;
mod moment;
mod raise;

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::directory::Document;
use crate::diagnostic::{Code, Diagnostic};
use crate::doubt::Touches;
use crate::json::{Budget, Cursor, Value, Written};
use crate::sink::Sink;

use item::{Recorded, Status};
use kind::Unread;

pub(super) use beside::Listed;

/// The keys of the lists of items, and whether an item is JSON in a text.
const LISTS: [(&str, bool); 3] = [
    ("configurationItems", false),
    ("baseConfigurationItems", false),
    ("Results", true),
];

/// How the folder ends of what is in no Region, as users and roles.
const GLOBAL: &str = "/global";

/// What an item is as the output of a call.
#[derive(Debug)]
pub(super) struct Made {
    /// The list that it is an item of; `None` is an output of its own.
    pub(super) list: Option<&'static str>,
    /// The field with its id.
    pub(super) id_field: &'static str,
    pub(super) id: String,
    value: Value,
    file: Arc<str>,
    pointer: String,
    written: Written,
    /// The account and the Region.
    pub(super) folder: String,
}

/// What is made of all items.
#[derive(Debug, Default)]
pub(super) struct Config {
    pub(super) made: Vec<Made>,
    /// The types of each account and Region.
    types: BTreeMap<String, BTreeSet<String>>,
    /// The types that are not read and put something into the network, with one of each.
    unread: BTreeMap<&'static str, (&'static Unread, String)>,
    /// What was deleted of what is read: the lists of the calls, and the ids.
    deleted: BTreeSet<(String, String)>,
}

/// Whether a document is what AWS Config recorded.
pub(crate) fn is_config(value: &Value) -> bool {
    let is_list = |key: &str| value.get(key).is_some_and(Value::is_array);
    is_list("configurationItems")
        || is_list("baseConfigurationItems")
        || (is_list("Results") && value.get("QueryInfo").is_some())
}

impl Made {
    /// The item, where it stands.
    pub(super) fn cursor(&self) -> Cursor<'_> {
        Cursor::made_of(&self.value, &self.file, self.pointer.clone(), self.written)
    }
}

impl Config {
    /// Makes items of calls of all documents. Of several items of one resource the newest counts.
    pub(super) fn new(documents: &[Document], sink: &mut Sink) -> Self {
        let budget = Budget::default();
        let mut newest: BTreeMap<(String, String, String), Recorded> = BTreeMap::new();
        let mut snapshots = Snapshots::new();
        for document in documents {
            for recorded in items(document, &budget, sink) {
                one_snapshot(document, &recorded, &mut snapshots, sink);
                newer(recorded, &mut newest, sink);
            }
        }
        let mut config = Self::default();
        let mut others: BTreeMap<String, usize> = BTreeMap::new();
        for recorded in newest.into_values() {
            config.add(recorded, &mut others, sink);
        }
        config.say_others(&others, documents, sink);
        config
    }

    fn add(&mut self, recorded: Recorded, others: &mut BTreeMap<String, usize>, sink: &mut Sink) {
        let types = self.types.entry(recorded.folder()).or_default();
        types.insert(recorded.of.clone());
        match recorded.status {
            Status::There => {}
            Status::Deleted => {
                let text = format!(
                    "`{}` ({}) is not there: AWS Config recorded that it was deleted",
                    recorded.id, recorded.of
                );
                sink.assume("config-deleted", text);
                let list = kind::read(&recorded.of).and_then(|kind| kind.list);
                self.deleted
                    .extend(list.map(|list| (list.to_owned(), recorded.id)));
                return;
            }
            Status::NotRecorded => {
                if kind::read(&recorded.of).is_some() {
                    let what = format!("`{}` ({}) is not recorded", recorded.id, recorded.of);
                    sink.not_recorded(Touches::Everything, what);
                }
                self.note_unread(&recorded);
                return;
            }
        }
        if let Some(kind) = kind::read(&recorded.of) {
            self.made.extend(raise::raise(kind, recorded, sink));
            return;
        }
        self.note_unread(&recorded);
        *others.entry(recorded.of).or_default() += 1;
    }

    /// Notes what is not read and changes what a proof rests on. What is not recorded may be there.
    fn note_unread(&mut self, recorded: &Recorded) {
        if let Some(unread) = kind::unread(&recorded.of) {
            let known = self.unread.entry(unread.begins);
            known.or_insert((unread, recorded.id.clone()));
        }
    }

    /// Names the types that are not read.
    fn say_others(
        &self,
        others: &BTreeMap<String, usize>,
        documents: &[Document],
        sink: &mut Sink,
    ) {
        let Some(first) = documents.first().filter(|_| !others.is_empty()) else {
            return;
        };
        let told = others.iter().map(|(of, n)| format!("`{of}` ({n})"));
        let told = told.collect::<Vec<_>>().join(", ");
        let message = format!("resources that AWS Config recorded are not read: {told}");
        let place = Cursor::new(&first.value, &first.file).place();
        let warning = Diagnostic::warning(place, Code::NotModelled, message);
        let help =
            "what of them is in the network is known by its interfaces, routes and rules only";
        sink.push(warning.help(help));
    }

    /// Says what was not recorded and what is not read, of what no call's output in the input says.
    pub(super) fn say_missing(&self, has_output: impl Fn(&str) -> bool, sink: &mut Sink) {
        let regional = self.types.iter();
        let regional = regional.filter(|(folder, _)| !folder.ends_with(GLOBAL));
        for (folder, types) in regional {
            let text = format!(
                "of the types of resources that AWS Config recorded of {}, nothing else is there",
                folder.replace('/', ", ")
            );
            sink.assume("config-recorded", text);
            for kind in kind::NEEDED {
                if !types.contains(kind.of) && !has_output(kind.list) {
                    let text = format!(
                        "AWS Config recorded no `{}` of {}: taken as empty",
                        kind.of,
                        folder.replace('/', ", ")
                    );
                    sink.assume("call-missing", text);
                }
            }
        }
        for (unread, id) in self.unread.values() {
            if !unread.list.is_some_and(&has_output) {
                let what = match unread.call {
                    Some(call) => format!(
                        "`{}*`, as `{id}`, is not read: add the output of `{call}`",
                        unread.begins
                    ),
                    None => format!("`{}*`, as `{id}`, is not read", unread.begins),
                };
                sink.not_recorded(unread.touches, what);
            }
        }
    }
}

/// By account and Region the snapshot that is read, and whether another one was told of.
type Snapshots<'a> = BTreeMap<String, (&'a str, bool)>;

/// Two snapshots of one account and Region were taken at two times, and what is in one of them only may
/// be gone, or may not have been there yet.
fn one_snapshot<'a>(
    document: &'a Document,
    recorded: &Recorded,
    snapshots: &mut Snapshots<'a>,
    sink: &mut Sink,
) {
    let Some(id) = document.value.get("configSnapshotId") else {
        return;
    };
    let id = id.as_str().unwrap_or_default();
    let folder = recorded.folder();
    let (known, is_told) = snapshots.entry(folder.clone()).or_insert((id, false));
    if *known != id && !std::mem::replace(is_told, true) {
        let message = format!(
            "this is a second snapshot of {}, taken at another time",
            folder.replace('/', ", ")
        );
        let place = Cursor::new(&document.value, &document.file).place();
        let error = Diagnostic::error(place, Code::DuplicateId, message);
        sink.push(error.help("give the newest one only"));
    }
}

/// Keeps of two items of one resource the newer one.
fn newer(
    recorded: Recorded,
    newest: &mut BTreeMap<(String, String, String), Recorded>,
    sink: &mut Sink,
) {
    let key = recorded.key();
    let Some(known) = newest.get(&key) else {
        newest.insert(key, recorded);
        return;
    };
    match moment::compare(known.captured.as_ref(), recorded.captured.as_ref()) {
        Some(Ordering::Greater) => {}
        Some(Ordering::Less) => {
            newest.insert(key, recorded);
        }
        Some(Ordering::Equal) | None => {
            if !known.is_like(&recorded) {
                let message = format!(
                    "`{}` is recorded twice, not alike, and neither is newer",
                    recorded.id
                );
                let error = Diagnostic::error(recorded.place(), Code::DuplicateId, message);
                sink.push(error.help("remove one of the two"));
            }
        }
    }
}

/// The items of one document; a part that is missing is an error.
fn items(document: &Document, budget: &Budget, sink: &mut Sink) -> Vec<Recorded> {
    let cursor = Cursor::new(&document.value, &document.file);
    for key in ["NextToken", "nextToken"] {
        if cursor.get(key).is_some() {
            let message = format!("the output is one page of several: it has a `{key}`");
            let error = Diagnostic::error(cursor.place(), Code::IncompletePage, message);
            sink.push(error.help("run the call again without --max-items and --no-paginate"));
        }
    }
    if let Some(left) = cursor.get("unprocessedResourceKeys")
        && left.value().as_array().is_none_or(|keys| !keys.is_empty())
    {
        let message = "AWS Config did not answer for all resources that it was asked for";
        let error = Diagnostic::error(left.place(), Code::IncompletePage, message);
        sink.push(error.help("ask again for those in `unprocessedResourceKeys`"));
    }
    let mut items = Vec::new();
    for (key, is_text) in LISTS {
        for item in cursor.list(key, sink) {
            items.extend(Recorded::read(&item, is_text, budget, sink));
        }
    }
    items
}
