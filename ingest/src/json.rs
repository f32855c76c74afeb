//! JSON: parsing within limits, and a cursor that knows where it stands.

mod cursor;
mod value;

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, HashSet};
use std::fmt;
use std::sync::Arc;

use serde::de::{
    DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor,
};
use serde_json::Number;

use crate::diagnostic::{Code, Diagnostic, Place};

pub(crate) use cursor::{Cursor, Written};
pub(crate) use value::{Map, Value, json};

/// How deep objects and lists may be nested; `serde_json` counts and refuses.
pub(crate) const MAX_DEPTH: u32 = 128;

/// How many objects the documents of one input may have; each takes some hundred bytes with its fields.
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
    /// The keys, each once: a plan has the same few in every resource.
    keys: RefCell<HashSet<Arc<str>>>,
}

impl Default for Budget {
    fn default() -> Self {
        Self {
            objects: Cell::new(MAX_OBJECTS),
            values: Cell::new(MAX_VALUES),
            keys: RefCell::default(),
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
    fn below(self, key: &str, before: &Fields) -> Option<Self>;
}

/// A document of which everything is read.
#[derive(Clone, Copy)]
struct Whole;

impl Part for Whole {
    fn below(self, _: &str, _: &Fields) -> Option<Self> {
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
        list.shrink_to_fit();
        Ok(Value::Array(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        self.0.object()?;
        let mut fields = Fields::default();
        while let Some(key) = entries.next_key_seed(Key(self.0))? {
            let Some(part) = self.1.below(&key, &fields) else {
                entries.next_value::<IgnoredAny>()?;
                continue;
            };
            let value = entries.next_value_seed(Unique(self.0, part))?;
            self.0.value()?;
            if fields.get(&key).is_some() {
                let message = format!("key `{key}` stands twice in one object");
                return Err(A::Error::custom(message));
            }
            fields.add(key, value);
        }
        Ok(Value::Object(fields.close()))
    }
}

/// A key, of which there is one text.
struct Key<'a>(&'a Budget);

impl<'de> DeserializeSeed<'de> for Key<'_> {
    type Value = Arc<str>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Arc<str>, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for Key<'_> {
    type Value = Arc<str>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a key")
    }

    fn visit_str<E>(self, key: &str) -> Result<Arc<str>, E> {
        let mut keys = self.0.keys.borrow_mut();
        if let Some(key) = keys.get(key) {
            return Ok(key.clone());
        }
        let key: Arc<str> = key.into();
        keys.insert(key.clone());
        Ok(key)
    }
}

/// The fields of an object that is being read. Tools write them in the order of their keys.
#[derive(Default)]
pub(crate) struct Fields {
    ascending: Vec<(Arc<str>, Value)>,
    /// Those that came behind one of a greater key.
    late: BTreeMap<Arc<str>, Value>,
}

impl Fields {
    /// The value of a key that was read.
    pub(crate) fn get(&self, key: &str) -> Option<&Value> {
        let own = |(own, _): &(Arc<str>, Value)| (**own).cmp(key);
        match self.ascending.binary_search_by(own) {
            Ok(position) => self.ascending.get(position).map(|(_, value)| value),
            Err(_) => self.late.get(key),
        }
    }

    fn add(&mut self, key: Arc<str>, value: Value) {
        match self.ascending.last() {
            Some((last, _)) if key < *last => {
                self.late.insert(key, value);
            }
            Some(_) | None => self.ascending.push((key, value)),
        }
    }

    fn close(self) -> Map {
        let mut fields = self.ascending;
        if !self.late.is_empty() {
            fields.extend(self.late);
            fields.sort_by(|(one, _), (other, _)| one.cmp(other));
        }
        Map::parsed(fields)
    }
}

#[cfg(test)]
mod tests;
