//! A JSON value that takes little room: a large plan has a million objects of few fields.

use std::collections::{BTreeMap, btree_map};
use std::fmt;
use std::ops::Index;
use std::slice;
use std::sync::Arc;

use serde::de::{Deserialize, Deserializer};
use serde::ser::{Serialize, Serializer};
use serde_json::Number;

/// A JSON value.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) enum Value {
    #[default]
    Null,
    Bool(bool),
    Number(Number),
    String(String),
    Array(Vec<Value>),
    Object(Map),
}

/// An object, in the order of its keys.
#[derive(Clone)]
pub(crate) struct Map(Fields);

#[derive(Clone)]
enum Fields {
    /// As parsed: by key in ascending order, and no key twice. Equal keys of one input are one text.
    Parsed(Box<[(Arc<str>, Value)]>),
    /// As made, field by field.
    Made(BTreeMap<Arc<str>, Value>),
}

impl Value {
    pub(crate) const fn is_null(&self) -> bool {
        matches!(self, Value::Null)
    }

    pub(crate) const fn is_array(&self) -> bool {
        matches!(self, Value::Array(_))
    }

    pub(crate) const fn is_object(&self) -> bool {
        matches!(self, Value::Object(_))
    }

    pub(crate) const fn is_number(&self) -> bool {
        matches!(self, Value::Number(_))
    }

    pub(crate) const fn is_boolean(&self) -> bool {
        matches!(self, Value::Bool(_))
    }

    pub(crate) const fn is_string(&self) -> bool {
        matches!(self, Value::String(_))
    }

    pub(crate) fn as_bool(&self) -> Option<bool> {
        let Value::Bool(value) = self else {
            return None;
        };
        Some(*value)
    }

    pub(crate) fn as_str(&self) -> Option<&str> {
        let Value::String(text) = self else {
            return None;
        };
        Some(text)
    }

    pub(crate) fn as_i64(&self) -> Option<i64> {
        self.as_number()?.as_i64()
    }

    pub(crate) fn as_u64(&self) -> Option<u64> {
        self.as_number()?.as_u64()
    }

    pub(crate) fn as_number(&self) -> Option<&Number> {
        let Value::Number(number) = self else {
            return None;
        };
        Some(number)
    }

    pub(crate) fn as_array(&self) -> Option<&Vec<Value>> {
        let Value::Array(items) = self else {
            return None;
        };
        Some(items)
    }

    pub(crate) fn as_object(&self) -> Option<&Map> {
        let Value::Object(fields) = self else {
            return None;
        };
        Some(fields)
    }

    pub(crate) fn as_object_mut(&mut self) -> Option<&mut Map> {
        let Value::Object(fields) = self else {
            return None;
        };
        Some(fields)
    }

    /// What stands behind a pointer (RFC 6901).
    pub(crate) fn pointer(&self, pointer: &str) -> Option<&Value> {
        let mut steps = pointer.split('/');
        let root = (steps.next() == Some("")).then_some(self);
        steps.fold(root, |value, step| match value? {
            Value::Object(fields) => fields.get(&step.replace("~1", "/").replace("~0", "~")),
            Value::Array(items) => items.get(step.parse::<usize>().ok()?),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => None,
        })
    }

    /// The field of an object, or the item of a list.
    pub(crate) fn get<K: Key>(&self, key: K) -> Option<&Value> {
        key.of(self)
    }
}

/// What leads from a value to a part of it.
pub(crate) trait Key {
    fn of(self, value: &Value) -> Option<&Value>;
}

impl Key for &str {
    fn of(self, value: &Value) -> Option<&Value> {
        value.as_object()?.get(self)
    }
}

impl Key for &&str {
    fn of(self, value: &Value) -> Option<&Value> {
        value.get(*self)
    }
}

impl Key for &String {
    fn of(self, value: &Value) -> Option<&Value> {
        value.get(self.as_str())
    }
}

impl Key for usize {
    fn of(self, value: &Value) -> Option<&Value> {
        value.as_array()?.get(self)
    }
}

impl<K: Key> Index<K> for Value {
    type Output = Value;

    fn index(&self, key: K) -> &Value {
        self.get(key).unwrap_or(&Value::Null)
    }
}

impl fmt::Display for Value {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = serde_json::to_string(self).map_err(|_| fmt::Error)?;
        formatter.write_str(&text)
    }
}

impl Default for Map {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Map {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_map().entries(self).finish()
    }
}

impl PartialEq for Map {
    fn eq(&self, other: &Self) -> bool {
        self.len() == other.len() && self.iter().eq(other)
    }
}

impl Map {
    /// Without a field.
    pub(crate) const fn new() -> Self {
        Self(Fields::Made(BTreeMap::new()))
    }

    /// Of fields in the ascending order of their keys, none of which stands twice.
    pub(super) fn parsed(fields: Vec<(Arc<str>, Value)>) -> Self {
        Self(Fields::Parsed(fields.into_boxed_slice()))
    }

    pub(crate) fn len(&self) -> usize {
        match &self.0 {
            Fields::Parsed(fields) => fields.len(),
            Fields::Made(fields) => fields.len(),
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.len() == 0
    }

    pub(crate) fn get(&self, key: &str) -> Option<&Value> {
        self.get_key_value(key).map(|(_, value)| value)
    }

    /// The value, and the key as the object has it.
    pub(crate) fn get_key_value(&self, key: &str) -> Option<(&str, &Value)> {
        match &self.0 {
            Fields::Parsed(fields) => {
                let position = fields.binary_search_by(|(own, _)| (**own).cmp(key)).ok()?;
                fields.get(position).map(|(key, value)| (&**key, value))
            }
            Fields::Made(fields) => {
                let (key, value) = fields.get_key_value(key)?;
                Some((key, value))
            }
        }
    }

    pub(crate) fn get_mut(&mut self, key: &str) -> Option<&mut Value> {
        match &mut self.0 {
            Fields::Parsed(fields) => {
                let position = fields.binary_search_by(|(own, _)| (**own).cmp(key)).ok()?;
                fields.get_mut(position).map(|(_, value)| value)
            }
            Fields::Made(fields) => fields.get_mut(key),
        }
    }

    pub(crate) fn contains_key(&self, key: &str) -> bool {
        self.get(key).is_some()
    }

    /// Puts a value in the place of that of its key, or adds it; the former value.
    pub(crate) fn insert(&mut self, key: impl Into<Arc<str>>, value: Value) -> Option<Value> {
        self.make(|fields| fields.insert(key.into(), value))
    }

    /// Takes a field away; its value.
    pub(crate) fn remove(&mut self, key: &str) -> Option<Value> {
        self.make(|fields| fields.remove(key))
    }

    pub(crate) fn iter(&self) -> Iter<'_> {
        match &self.0 {
            Fields::Parsed(fields) => Iter::Parsed(fields.iter()),
            Fields::Made(fields) => Iter::Made(fields.iter()),
        }
    }

    pub(crate) fn keys(&self) -> impl Iterator<Item = &str> {
        self.iter().map(|(key, _)| key)
    }

    pub(crate) fn values(&self) -> impl Iterator<Item = &Value> {
        self.iter().map(|(_, value)| value)
    }

    fn make<T>(&mut self, change: impl FnOnce(&mut BTreeMap<Arc<str>, Value>) -> T) -> T {
        let mut fields = match std::mem::take(self).0 {
            Fields::Parsed(fields) => fields.into_iter().collect(),
            Fields::Made(fields) => fields,
        };
        let changed = change(&mut fields);
        self.0 = Fields::Made(fields);
        changed
    }
}

/// The fields of an object, in the order of their keys.
pub(crate) enum Iter<'a> {
    Parsed(slice::Iter<'a, (Arc<str>, Value)>),
    Made(btree_map::Iter<'a, Arc<str>, Value>),
}

impl<'a> Iterator for Iter<'a> {
    type Item = (&'a str, &'a Value);

    fn next(&mut self) -> Option<Self::Item> {
        match self {
            Iter::Parsed(fields) => fields.next().map(|(key, value)| (&**key, value)),
            Iter::Made(fields) => fields.next().map(|(key, value)| (&**key, value)),
        }
    }
}

impl<'a> IntoIterator for &'a Map {
    type Item = (&'a str, &'a Value);
    type IntoIter = Iter<'a>;

    fn into_iter(self) -> Iter<'a> {
        self.iter()
    }
}

impl IntoIterator for Map {
    type Item = (Arc<str>, Value);
    type IntoIter = std::vec::IntoIter<(Arc<str>, Value)>;

    fn into_iter(self) -> Self::IntoIter {
        match self.0 {
            Fields::Parsed(fields) => fields.into_vec().into_iter(),
            Fields::Made(fields) => fields.into_iter().collect::<Vec<_>>().into_iter(),
        }
    }
}

impl<K: Into<Arc<str>>> FromIterator<(K, Value)> for Map {
    fn from_iter<I: IntoIterator<Item = (K, Value)>>(fields: I) -> Self {
        let fields = fields.into_iter();
        Self(Fields::Made(
            fields.map(|(key, value)| (key.into(), value)).collect(),
        ))
    }
}

impl<K: Into<Arc<str>>> Extend<(K, Value)> for Map {
    fn extend<I: IntoIterator<Item = (K, Value)>>(&mut self, fields: I) {
        let fields = fields.into_iter();
        let fields = fields.map(|(key, value)| (key.into(), value));
        self.make(|all| all.extend(fields));
    }
}

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Value::Null => serializer.serialize_unit(),
            Value::Bool(value) => serializer.serialize_bool(*value),
            Value::Number(number) => number.serialize(serializer),
            Value::String(text) => serializer.serialize_str(text),
            Value::Array(items) => serializer.collect_seq(items),
            Value::Object(fields) => fields.serialize(serializer),
        }
    }
}

impl Serialize for Map {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self)
    }
}

/// Of a small text, such as one that stands in a value: without limits, and of a key that stands twice
/// the last value.
impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Value, D::Error> {
        serde_json::Value::deserialize(deserializer).map(Value::from)
    }
}

impl From<serde_json::Value> for Value {
    fn from(value: serde_json::Value) -> Self {
        match value {
            serde_json::Value::Null => Value::Null,
            serde_json::Value::Bool(value) => Value::Bool(value),
            serde_json::Value::Number(number) => Value::Number(number),
            serde_json::Value::String(text) => Value::String(text),
            serde_json::Value::Array(items) => {
                Value::Array(items.into_iter().map(Value::from).collect())
            }
            serde_json::Value::Object(fields) => {
                let fields = fields.into_iter();
                Value::Object(fields.map(|(key, value)| (key, value.into())).collect())
            }
        }
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Value::Bool(value)
    }
}

impl From<i64> for Value {
    fn from(value: i64) -> Self {
        Value::Number(value.into())
    }
}

impl From<u64> for Value {
    fn from(value: u64) -> Self {
        Value::Number(value.into())
    }
}

impl From<usize> for Value {
    fn from(value: usize) -> Self {
        Value::Number(value.into())
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Value::String(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Value::String(text)
    }
}

impl From<Vec<Value>> for Value {
    fn from(items: Vec<Value>) -> Self {
        Value::Array(items)
    }
}

impl From<Map> for Value {
    fn from(fields: Map) -> Self {
        Value::Object(fields)
    }
}

/// A value as it is written in JSON.
macro_rules! json {
    ($($value:tt)+) => {
        $crate::json::Value::from(serde_json::json!($($value)+))
    };
}

pub(crate) use json;
