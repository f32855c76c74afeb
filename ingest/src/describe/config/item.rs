//! One configuration item: what it is of, and whether that is there.

use std::sync::Arc;

use super::moment::Moment;
use crate::diagnostic::{Code, Diagnostic, Place};
use crate::json::{self, Budget, Cursor, Value, json};
use crate::sink::Sink;

/// Whether the resource of an item is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Status {
    There,
    Deleted,
    /// It may be there, and AWS Config is told not to record it.
    NotRecorded,
}

/// An item.
#[derive(Debug)]
pub(super) struct Recorded {
    pub(super) of: String,
    pub(super) id: String,
    pub(super) account: String,
    pub(super) region: String,
    /// When it was recorded, where that is told.
    pub(super) captured: Option<Moment>,
    pub(super) status: Status,
    /// An object, where the resource is there.
    pub(super) configuration: Value,
    /// As the calls of EC2 write them; `None` where the item has none.
    pub(super) tags: Option<Value>,
    pub(super) file: Arc<str>,
    /// Where the item stands.
    pub(super) pointer: String,
}

impl Recorded {
    /// Reads an item, which is an object or JSON in a text.
    pub(super) fn read(
        item: &Cursor<'_>,
        is_text: bool,
        budget: &Budget,
        sink: &mut Sink,
    ) -> Option<Self> {
        let place = item.place();
        if !is_text {
            return Self::of_object(item, place.file, item.pointer(), budget, sink);
        }
        let value = parsed(item, budget, sink)?;
        let pointer = item.pointer().to_owned();
        let cursor = Cursor::made_of(&value, &place.file, pointer, json::Written::Alike);
        Self::of_object(&cursor, place.file.clone(), item.pointer(), budget, sink)
    }

    fn of_object(
        item: &Cursor<'_>,
        file: Arc<str>,
        pointer: &str,
        budget: &Budget,
        sink: &mut Sink,
    ) -> Option<Self> {
        let of = item.required_text("resourceType", sink);
        let id = item.required_text("resourceId", sink);
        let region = item.required_text("awsRegion", sink);
        let account = match item.text("awsAccountId", sink) {
            Some(account) => Some(account),
            None => item.required_text("accountId", sink),
        };
        let status = status(item, sink);
        let (of, id, region, account, status) = (of?, id?, region?, account?, status?);
        let configuration = match status {
            Status::There => configuration(item, budget, sink)?,
            Status::Deleted | Status::NotRecorded => Value::Null,
        };
        Some(Self {
            of: of.to_owned(),
            id: id.to_owned(),
            account: account.to_owned(),
            region: region.to_owned(),
            captured: item
                .text("configurationItemCaptureTime", sink)
                .and_then(Moment::read),
            status,
            configuration,
            tags: item.get("tags").map(|tags| self::tags(&tags, sink)),
            file,
            pointer: pointer.to_owned(),
        })
    }

    /// Whether another item says the same of the resource.
    pub(super) fn is_like(&self, other: &Self) -> bool {
        (self.status, &self.configuration, &self.tags)
            == (other.status, &other.configuration, &other.tags)
    }

    /// Where it stands.
    pub(super) fn place(&self) -> Place {
        Place {
            pointer: Some(self.pointer.clone()),
            ..Place::file(self.file.clone())
        }
    }

    /// What tells one resource from all others.
    pub(super) fn key(&self) -> (String, String, String) {
        (self.folder(), self.of.clone(), self.id.clone())
    }

    /// The account and the Region, as the folder of a snapshot.
    pub(super) fn folder(&self) -> String {
        format!("{}/{}", self.account, self.region)
    }
}

/// An advanced query tells no status, and shows what is there.
fn status(item: &Cursor<'_>, sink: &mut Sink) -> Option<Status> {
    let Some(field) = item.get("configurationItemStatus") else {
        return Some(Status::There);
    };
    match field.as_text(sink)? {
        "OK" | "ResourceDiscovered" => Some(Status::There),
        "ResourceDeleted" | "ResourceDeletedNotRecorded" => Some(Status::Deleted),
        "ResourceNotRecorded" => Some(Status::NotRecorded),
        other => {
            let message = format!("status of a configuration item `{other}` is not known");
            let error = Diagnostic::error(field.place(), Code::InvalidValue, message);
            let help = "expected `OK`, `ResourceDiscovered`, `ResourceDeleted` or another that AWS \
                        documents";
            sink.push(error.help(help));
            None
        }
    }
}

/// The configuration, which some outputs have as JSON in a text.
fn configuration(item: &Cursor<'_>, budget: &Budget, sink: &mut Sink) -> Option<Value> {
    let field = item.get("configuration");
    let Some(field) = field.filter(|field| field.value().as_str() != Some("")) else {
        let message = "the configuration item has no `configuration`";
        let error = Diagnostic::error(item.place(), Code::MissingField, message);
        let help = "deliver a snapshot, or select `resourceType, resourceId, accountId, awsRegion, \
                    tags, configuration` in the query";
        sink.push(error.help(help));
        return None;
    };
    let value = match field.value() {
        Value::String(_) => parsed(&field, budget, sink)?,
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => {
            field.value().clone()
        }
    };
    if value.is_object() {
        return Some(value);
    }
    let message = "expected an object, or an object in a text";
    field.error(sink, Code::WrongType, message);
    None
}

fn parsed(field: &Cursor<'_>, budget: &Budget, sink: &mut Sink) -> Option<Value> {
    let text = field.as_text(sink)?;
    let place = field.place();
    match json::parse(text, &place.file, budget) {
        Ok(value) => Some(value),
        Err(diagnostic) => {
            // Its line is one of the text, and not of the file.
            sink.push(Diagnostic {
                place,
                ..*diagnostic
            });
            None
        }
    }
}

/// Tags: an object, or a list of `key` and `value`.
fn tags(field: &Cursor<'_>, sink: &mut Sink) -> Value {
    let tag = |key: &str, value: &str| json!({ "Key": key, "Value": value });
    let mut tags = Vec::new();
    if field.value().is_array() {
        for item in field.as_list(sink) {
            let key = item.required_text("key", sink);
            let value = item.text("value", sink).unwrap_or_default();
            tags.extend(key.map(|key| tag(key, value)));
        }
    } else {
        for (key, value) in field.as_object(sink) {
            let value = if value.value().is_null() {
                Some("")
            } else {
                value.as_text(sink)
            };
            tags.extend(value.map(|value| tag(key, value)));
        }
    }
    Value::Array(tags)
}
