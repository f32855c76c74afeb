//! JSON: parsing within limits, and a cursor that knows where it stands.

mod cursor;

use std::cell::Cell;
use std::fmt;
use std::sync::Arc;

use serde::de::{
    DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor,
};
use serde_json::map::Entry;
use serde_json::{Map, Number, Value};

use crate::diagnostic::{Code, Diagnostic, Place};

pub(crate) use cursor::Cursor;

/// How deep objects and lists may be nested; `serde_json` counts and refuses.
pub(crate) const MAX_DEPTH: u32 = 128;

/// How many objects the documents of one input may have; each takes more than half a kilobyte.
pub(crate) const MAX_OBJECTS: usize = 1_250_000;
/// How many other values they may have.
pub(crate) const MAX_VALUES: usize = 8_000_000;
/// What begins the parser's message when one of these limits is reached.
const OVER_BUDGET: &str = "more than ";

/// What is left of the limits on objects and values: a small text can take much memory.
#[derive(Debug)]
pub(crate) struct Budget {
    objects: Cell<usize>,
    values: Cell<usize>,
}

impl Default for Budget {
    fn default() -> Self {
        Self {
            objects: Cell::new(MAX_OBJECTS),
            values: Cell::new(MAX_VALUES),
        }
    }
}

impl Budget {
    fn object<E: serde::de::Error>(&self) -> Result<(), E> {
        take(&self.objects, MAX_OBJECTS, "objects")
    }

    fn value<E: serde::de::Error>(&self) -> Result<(), E> {
        take(&self.values, MAX_VALUES, "values")
    }
}

fn take<E: serde::de::Error>(left: &Cell<usize>, most: usize, what: &str) -> Result<(), E> {
    match left.get().checked_sub(1) {
        Some(fewer) => {
            left.set(fewer);
            Ok(())
        }
        None => Err(E::custom(format!("{OVER_BUDGET}{most} {what}"))),
    }
}

/// Which part of a document a value is, which says what of it is read. The items of a list are the
/// same part as the list.
pub(crate) trait Part: Copy {
    /// The part that the value of a key is, behind the keys before it; `None` when nobody reads it,
    /// so that it need not be kept.
    fn below(self, key: &str, before: &Map<String, Value>) -> Option<Self>;
}

/// A document of which everything is read.
#[derive(Clone, Copy)]
struct Whole;

impl Part for Whole {
    fn below(self, _: &str, _: &Map<String, Value>) -> Option<Self> {
        Some(self)
    }
}

/// Parses one document. A key that stands twice in one object is an error, since either reading
/// of it would drop something.
pub(crate) fn parse(
    text: &str,
    file: &Arc<str>,
    budget: &Budget,
) -> Result<Value, Box<Diagnostic>> {
    parse_part(text, file, budget, Whole)
}

/// Parses one document, and leaves out of it what nobody reads.
pub(crate) fn parse_part(
    text: &str,
    file: &Arc<str>,
    budget: &Budget,
    part: impl Part,
) -> Result<Value, Box<Diagnostic>> {
    let mut parser = serde_json::Deserializer::from_str(text);
    let parsed = Unique(budget, part).deserialize(&mut parser);
    parsed
        .and_then(|value| parser.end().map(|()| value))
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
    if text.starts_with(OVER_BUDGET) {
        let message = format!("the input has {text}");
        return Diagnostic::error(place, Code::FileTooLarge, message)
            .help("split it by account or region, and name the parts one after the other");
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
#[derive(Clone, Copy)]
struct Unique<'a, P>(&'a Budget, P);

impl<'de, P: Part> DeserializeSeed<'de> for Unique<'_, P> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de, P: Part> Visitor<'de> for Unique<'_, P> {
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
        while let Some(item) = items.next_element_seed(self)? {
            self.0.value()?;
            list.push(item);
        }
        Ok(Value::Array(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        self.0.object()?;
        let mut object = Map::new();
        while let Some(key) = entries.next_key::<String>()? {
            let Some(part) = self.1.below(&key, &object) else {
                entries.next_value::<IgnoredAny>()?;
                continue;
            };
            let value = entries.next_value_seed(Unique(self.0, part))?;
            self.0.value()?;
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
