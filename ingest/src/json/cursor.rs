//! A cursor: a JSON value, its file and its pointer. What is missing or of a wrong type becomes a
//! diagnostic, and the reader goes on.

use std::fmt::Display;
use std::net::IpAddr;
use std::sync::Arc;

use super::Value;
use model::{Address, Cidr, Tags};

use crate::cidr;
use crate::diagnostic::{Code, Diagnostic, Place};
use crate::sink::Sink;

/// A value and where it stands.
#[derive(Clone, Debug)]
pub(crate) struct Cursor<'a> {
    value: &'a Value,
    file: &'a Arc<str>,
    pointer: String,
    written: Written,
}

/// How a document is written that holds a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Written {
    /// As the value has it.
    Alike,
    /// By AWS Config, with the keys of the value.
    ByConfig,
    /// By AWS Config, with keys that begin with a small letter.
    ByConfigLowered,
}

/// Where a cursor stands.
impl<'a> Cursor<'a> {
    /// The whole document.
    pub(crate) fn new(value: &'a Value, file: &'a Arc<str>) -> Self {
        Self::made_of(value, file, String::new(), Written::Alike)
    }

    /// A value that was made of a part of a document.
    pub(crate) fn made_of(
        value: &'a Value,
        file: &'a Arc<str>,
        pointer: String,
        written: Written,
    ) -> Self {
        Self {
            value,
            file,
            pointer,
            written,
        }
    }

    /// Whether AWS Config recorded it, which leaves out some of what the calls say.
    pub(crate) fn is_of_config(&self) -> bool {
        self.written != Written::Alike
    }

    /// The value.
    pub(crate) fn value(&self) -> &'a Value {
        self.value
    }

    /// The pointer (RFC 6901) from the root of the document.
    pub(crate) fn pointer(&self) -> &str {
        &self.pointer
    }

    /// Where it stands.
    pub(crate) fn place(&self) -> Place {
        Place {
            file: self.file.clone(),
            pointer: Some(self.pointer.clone()),
            line: None,
            source: None,
        }
    }

    /// Takes an error about this value.
    pub(crate) fn error(&self, sink: &mut Sink, code: Code, message: impl Into<String>) {
        sink.error(self.place(), code, message);
    }

    fn down(&self, segment: &dyn Display, value: &'a Value) -> Self {
        let mut pointer = format!("{}/{segment}", self.pointer);
        if self.written == Written::ByConfigLowered {
            let begin = self.pointer.len() + 1;
            if let Some(first) = pointer.get_mut(begin..begin + 1) {
                first.make_ascii_lowercase();
            }
        }
        Self::made_of(value, self.file, pointer, self.written)
    }

    fn expected(&self, sink: &mut Sink, expected: &str) {
        let found = match self.value {
            Value::Null => "null",
            Value::Bool(_) => "a boolean",
            Value::Number(_) => "a number",
            Value::String(_) => "a string",
            Value::Array(_) => "a list",
            Value::Object(_) => "an object",
        };
        let message = format!("expected {expected}, found {found}");
        self.error(sink, Code::WrongType, message);
    }
}

/// The value itself.
impl<'a> Cursor<'a> {
    /// The string.
    pub(crate) fn as_text(&self, sink: &mut Sink) -> Option<&'a str> {
        let text = self.value.as_str();
        if text.is_none() {
            self.expected(sink, "a string");
        }
        text
    }

    /// The boolean.
    pub(crate) fn as_flag(&self, sink: &mut Sink) -> Option<bool> {
        let flag = self.value.as_bool();
        if flag.is_none() {
            self.expected(sink, "a boolean");
        }
        flag
    }

    /// The whole number.
    pub(crate) fn as_integer(&self, sink: &mut Sink) -> Option<i64> {
        let integer = self.value.as_i64();
        if integer.is_none() {
            self.expected(sink, "a whole number");
        }
        integer
    }

    /// The items of a list.
    pub(crate) fn as_list(&self, sink: &mut Sink) -> Vec<Cursor<'a>> {
        let Some(items) = self.value.as_array() else {
            self.expected(sink, "a list");
            return Vec::new();
        };
        let items = items.iter().enumerate();
        items
            .map(|(index, value)| self.down(&index, value))
            .collect()
    }

    /// The entries of an object, in the order of their keys.
    pub(crate) fn as_object(&self, sink: &mut Sink) -> Vec<(&'a str, Cursor<'a>)> {
        let Some(entries) = self.value.as_object() else {
            self.expected(sink, "an object");
            return Vec::new();
        };
        let entries = entries.iter();
        entries
            .map(|(key, value)| (key, self.down(&escaped(key), value)))
            .collect()
    }

    /// The CIDR block.
    pub(crate) fn as_cidr(&self, sink: &mut Sink) -> Option<Cidr> {
        let text = self.as_text(sink)?;
        match text.parse() {
            Ok(cidr) => Some(cidr),
            Err(error) => {
                let message = format!("`{text}`: {error}");
                let diagnostic = Diagnostic::error(self.place(), Code::InvalidCidr, message);
                sink.push(diagnostic.help(cidr::expected(text, error)));
                None
            }
        }
    }

    /// The address.
    pub(crate) fn as_address(&self, sink: &mut Sink) -> Option<Address> {
        let text = self.as_text(sink)?;
        match text.parse::<IpAddr>() {
            Ok(address) => Some(address.into()),
            Err(_) => {
                let message = format!("`{text}` is not an address");
                let diagnostic = Diagnostic::error(self.place(), Code::InvalidAddress, message);
                sink.push(diagnostic.help("expected an address like `10.0.1.5` or `2001:db8::5`"));
                None
            }
        }
    }
}

/// The fields of an object. An absent field and one that is null are the same.
impl<'a> Cursor<'a> {
    /// The field, when it is there.
    pub(crate) fn get(&self, key: &str) -> Option<Cursor<'a>> {
        let value = self.value.get(key)?;
        (!value.is_null()).then(|| self.down(&escaped(key), value))
    }

    /// The field; its absence is an error.
    pub(crate) fn required(&self, key: &str, sink: &mut Sink) -> Option<Cursor<'a>> {
        let field = self.get(key);
        if field.is_none() {
            if self.value.is_object() {
                let message = format!("field `{key}` is missing");
                self.error(sink, Code::MissingField, message);
            } else {
                self.expected(sink, "an object");
            }
        }
        field
    }

    /// A string that has to be there.
    pub(crate) fn required_text(&self, key: &str, sink: &mut Sink) -> Option<&'a str> {
        self.required(key, sink)?.as_text(sink)
    }

    /// A string, when it is there.
    pub(crate) fn text(&self, key: &str, sink: &mut Sink) -> Option<&'a str> {
        self.get(key)?.as_text(sink)
    }

    /// A boolean, when it is there.
    pub(crate) fn flag(&self, key: &str, sink: &mut Sink) -> Option<bool> {
        self.get(key)?.as_flag(sink)
    }

    /// A whole number, when it is there.
    #[allow(
        dead_code,
        reason = "Terraform's reader, written at the same time, needs it."
    )]
    pub(crate) fn integer(&self, key: &str, sink: &mut Sink) -> Option<i64> {
        self.get(key)?.as_integer(sink)
    }

    /// A CIDR block, when it is there.
    pub(crate) fn cidr(&self, key: &str, sink: &mut Sink) -> Option<Cidr> {
        self.get(key)?.as_cidr(sink)
    }

    /// The items of a list; none when it is not there.
    pub(crate) fn list(&self, key: &str, sink: &mut Sink) -> Vec<Cursor<'a>> {
        self.get(key)
            .map_or_else(Vec::new, |field| field.as_list(sink))
    }

    /// The strings of a list; none when it is not there.
    pub(crate) fn texts(&self, key: &str, sink: &mut Sink) -> Vec<&'a str> {
        let mut texts = Vec::new();
        for item in self.list(key, sink) {
            texts.extend(item.as_text(sink));
        }
        texts
    }

    /// AWS's `Tags`: a list of `Key` and `Value`.
    pub(crate) fn aws_tags(&self, key: &str, sink: &mut Sink) -> Tags {
        let mut tags = Tags::new();
        for tag in self.list(key, sink) {
            let Some(name) = tag.required_text("Key", sink) else {
                continue;
            };
            let value = tag.text("Value", sink).unwrap_or_default();
            tags.insert(name.to_owned(), value.to_owned());
        }
        tags
    }
}

/// A key as a segment of a pointer.
fn escaped(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}
