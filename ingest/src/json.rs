//! JSON: parsing within limits, and a cursor that knows where it stands.

mod cursor;

use std::fmt;
use std::sync::Arc;

use serde::de::{Deserialize, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::map::Entry;
use serde_json::{Map, Number, Value};

use crate::diagnostic::{Code, Diagnostic, Place};

pub(crate) use cursor::Cursor;

/// How deep objects and lists may be nested; `serde_json` counts and refuses.
pub(crate) const MAX_DEPTH: u32 = 128;

/// Parses one document. A key that stands twice in one object is an error, since either reading
/// of it would drop something.
pub(crate) fn parse(text: &str, file: &Arc<str>) -> Result<Value, Box<Diagnostic>> {
    let parsed: Result<Unique, serde_json::Error> = serde_json::from_str(text);
    parsed
        .map(|Unique(value)| value)
        .map_err(|error| Box::new(explain(&error, file)))
}

fn explain(error: &serde_json::Error, file: &Arc<str>) -> Diagnostic {
    let place = Place {
        line: Some(error.line()),
        ..Place::file(file.clone())
    };
    let text = error.to_string();
    let text = text.split(" at line ").next().unwrap_or_default();
    let column = error.column();
    if text.starts_with("recursion limit") {
        let message = format!("nested deeper than {MAX_DEPTH} levels, at column {column}");
        return Diagnostic::error(place, Code::NestingTooDeep, message)
            .help("no AWS or Terraform document is nested like this");
    }
    let message = format!("not valid JSON: {text}, at column {column}");
    let help = if error.is_eof() {
        "the file ends too early: write it again"
    } else {
        "expected JSON as the tool printed it"
    };
    Diagnostic::error(place, Code::InvalidJson, message).help(help)
}

/// A value in which no object has a key twice.
struct Unique(Value);

impl<'de> Deserialize<'de> for Unique {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(UniqueVisitor).map(Unique)
    }
}

struct UniqueVisitor;

impl<'de> Visitor<'de> for UniqueVisitor {
    type Value = Value;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a JSON value")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(Number::from_f64(value).map_or(Value::Null, Value::Number))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(Value::String(value))
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(Unique(item)) = items.next_element()? {
            list.push(item);
        }
        Ok(Value::Array(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let mut object = Map::new();
        while let Some((key, Unique(value))) = entries.next_entry::<String, Unique>()? {
            match object.entry(key) {
                Entry::Vacant(entry) => {
                    entry.insert(value);
                }
                Entry::Occupied(entry) => {
                    let message = format!("key `{}` stands twice in one object", entry.key());
                    return Err(A::Error::custom(message));
                }
            }
        }
        Ok(Value::Object(object))
    }
}
