//! A whole account.

use std::path::{Path, PathBuf};

use serde_json::json;

use crate::json::Value as Json;

use super::super::config::Config;
use super::super::directory::{self, Document};
use super::super::read_snapshot;
use super::super::snapshot::Snapshot;
use crate::file::Limits;
use crate::native;
use crate::sink::Sink;

#[test]
fn an_account_in_tokyo_is_read_and_valid() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/tokyo-endpoints/describe");
    let paths: [PathBuf; 1] = [path];
    let ingested = crate::read(&paths).unwrap_or_else(|error| panic!("{error}"));
    let read = ingested
        .validate()
        .unwrap_or_else(|error| panic!("{error}"));
    assert!(read.network.vpc_endpoints().len() > 2);
    let text = native::write(&read.network);
    let (draft, _, _) = native::read(&text, "tokyo.toml").expect("what was written can be read");
    assert_eq!(draft.validate().as_ref(), Ok(&read.network));
}

/// Every value of the account in turn is replaced by one that does not belong there: whatever the
/// reader says, it does not stop.
#[test]
fn no_value_in_a_wrong_place_stops_the_reader() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/tokyo-endpoints/describe");
    let mut sink = Sink::default();
    let documents = directory::read(&path, Limits::default(), &mut sink).expect("an account");
    // A prime, so that over the files every kind of field has its turn.
    let (n_read, n_said) = with_wrong_values(&documents, 7);
    assert!(n_read > 100 && n_said > 20, "{n_said} of {n_read}");
}

/// Reads the documents with every so many of their values replaced, one at a time: how often, and how
/// often that was said to be wrong.
pub(super) fn with_wrong_values(documents: &[Document], stride: usize) -> (usize, usize) {
    let wrong = [
        json!(null),
        json!(-7),
        json!("x/y"),
        json!([[]]),
        json!({"a": {}}),
    ];
    let (mut n_read, mut n_said) = (0, 0);
    for (position, document) in documents.iter().enumerate() {
        let mut pointers = Vec::new();
        pointers_below(&document.value, String::new(), &mut pointers);
        for (turn, pointer) in pointers.iter().enumerate().step_by(stride) {
            let mut broken = documents.to_vec();
            let mut value = serde_json::to_value(&document.value).expect("JSON");
            *value.pointer_mut(pointer).expect("a value") = wrong[turn % wrong.len()].clone();
            broken[position].value = value.into();
            let mut sink = Sink::default();
            let none = Config::default();
            let snapshot = Snapshot::new(&broken, &none, &mut sink);
            read_snapshot(&snapshot, &mut sink);
            let errors = sink.has_errors();
            let invalid = std::mem::take(&mut sink.draft).validate().is_err();
            n_read += 1;
            n_said += usize::from(errors || invalid);
        }
    }
    (n_read, n_said)
}

fn pointers_below(value: &Json, pointer: String, pointers: &mut Vec<String>) {
    if let Some(items) = value.as_array() {
        for (index, item) in items.iter().enumerate() {
            pointers_below(item, format!("{pointer}/{index}"), pointers);
        }
    }
    for (key, field) in value.as_object().into_iter().flatten() {
        pointers_below(field, format!("{pointer}/{key}"), pointers);
    }
    pointers.push(pointer);
}
