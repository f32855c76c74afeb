//! TOML tables and items that know their path and line.

use std::cell::RefCell;
use std::ops::Range;
use std::sync::Arc;

use model::{Hole, Tags, Value};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::text::{self, Wrong};
use crate::diagnostic::{Code, Diagnostic, Place};
use crate::nearest::nearest;
use crate::sink::Sink;

/// The text of a file, for finding lines.
pub(super) struct Source<'a> {
    pub(super) file: &'a Arc<str>,
    line_starts: Vec<usize>,
}

impl<'a> Source<'a> {
    pub(super) fn new(text: &str, file: &'a Arc<str>) -> Self {
        let breaks = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
        let line_starts = breaks.map(|(position, _)| position + 1).collect();
        Self { file, line_starts }
    }

    /// The line of a position in the text, counted from one.
    pub(super) fn line(&self, position: usize) -> usize {
        self.line_starts.partition_point(|start| *start <= position) + 1
    }

    fn place(&self, path: &str, span: &Range<usize>) -> Place {
        Place {
            file: self.file.clone(),
            pointer: Some(path.to_owned()),
            line: Some(self.line(span.start)),
            source: None,
        }
    }
}

/// A value and where it stands.
#[derive(Clone)]
pub(super) struct Item<'a> {
    source: &'a Source<'a>,
    value: &'a Spanned<DeValue<'a>>,
    path: String,
}

impl<'a> Item<'a> {
    pub(super) fn place(&self) -> Place {
        self.source.place(&self.path, &self.value.span())
    }

    pub(super) fn wrong(&self, sink: &mut Sink, message: Wrong) {
        sink.error(self.place(), Code::InvalidValue, message);
    }

    fn expected(&self, sink: &mut Sink, expected: &str) {
        let found = match self.value.get_ref() {
            DeValue::String(_) => "a string",
            DeValue::Integer(_) => "an integer",
            DeValue::Float(_) => "a float",
            DeValue::Boolean(_) => "a boolean",
            DeValue::Datetime(_) => "a date",
            DeValue::Array(_) => "an array",
            DeValue::Table(_) => "a table",
        };
        let message = format!("expected {expected}, found {found}");
        sink.error(self.place(), Code::WrongType, message);
    }

    pub(super) fn is_table(&self) -> bool {
        self.value.get_ref().is_table()
    }

    pub(super) fn text(&self, sink: &mut Sink) -> Option<&'a str> {
        let text = self.value.get_ref().as_str();
        if text.is_none() {
            self.expected(sink, "a string");
        }
        text
    }

    /// A string that `read` understands.
    pub(super) fn parsed<T>(
        &self,
        sink: &mut Sink,
        read: impl FnOnce(&str) -> Result<T, Wrong>,
    ) -> Option<T> {
        match read(self.text(sink)?) {
            Ok(value) => Some(value),
            Err(message) => {
                self.wrong(sink, message);
                None
            }
        }
    }

    pub(super) fn flag(&self, sink: &mut Sink) -> Option<bool> {
        let flag = self.value.get_ref().as_bool();
        if flag.is_none() {
            self.expected(sink, "true or false");
        }
        flag
    }

    pub(super) fn items(&self, sink: &mut Sink) -> Vec<Item<'a>> {
        let Some(array) = self.value.get_ref().as_array() else {
            self.expected(sink, "an array");
            return Vec::new();
        };
        let items = array.iter().enumerate();
        items
            .map(|(index, value)| Item {
                source: self.source,
                value,
                path: format!("{}[{index}]", self.path),
            })
            .collect()
    }

    pub(super) fn table(&self, sink: &mut Sink) -> Option<Table<'a>> {
        let Some(entries) = self.value.get_ref().as_table() else {
            self.expected(sink, "a table");
            return None;
        };
        Some(Table {
            source: self.source,
            entries,
            path: self.path.clone(),
            span: self.value.span(),
            known: RefCell::default(),
        })
    }

    /// A value that may be open: `{ any = "hole" }`, `{ one-of = […], hole = "hole" }`, or what
    /// `read` understands.
    pub(super) fn value<T>(
        &self,
        sink: &mut Sink,
        read: impl Fn(&Item<'a>, &mut Sink) -> Option<T>,
    ) -> Option<Value<T>> {
        let table = self.value.get_ref().as_table();
        let open = |key| table.is_some_and(|table| table.contains_key(key));
        if open("any") {
            let table = self.table(sink)?;
            let hole = table.required("any", sink)?.text(sink)?;
            table.finish(sink);
            return Some(Value::Any(Hole::new(hole)));
        }
        if open("one-of") {
            let table = self.table(sink)?;
            let items = table.required("one-of", sink)?.items(sink);
            let hole = table.required("hole", sink)?.text(sink)?;
            table.finish(sink);
            let n_items = items.len();
            let values: Vec<_> = items.iter().filter_map(|item| read(item, sink)).collect();
            let complete = values.len() == n_items;
            return complete.then(|| Value::OneOf(values, Hole::new(hole)));
        }
        read(self, sink).map(Value::Known)
    }
}

/// A table whose keys are asked for one by one; those that nobody asked for are errors.
pub(super) struct Table<'a> {
    source: &'a Source<'a>,
    entries: &'a DeTable<'a>,
    path: String,
    span: Range<usize>,
    known: RefCell<Vec<&'static str>>,
}

impl<'a> Table<'a> {
    /// The whole file.
    pub(super) fn root(source: &'a Source<'a>, entries: &'a Spanned<DeTable<'a>>) -> Self {
        Self {
            source,
            entries: entries.get_ref(),
            path: String::new(),
            span: entries.span(),
            known: RefCell::default(),
        }
    }

    pub(super) fn place(&self) -> Place {
        self.source.place(&self.path, &self.span)
    }

    fn item(&self, key: &str, value: &'a Spanned<DeValue<'a>>) -> Item<'a> {
        let key = text::key(key);
        let path = if self.path.is_empty() {
            key
        } else {
            format!("{}.{key}", self.path)
        };
        Item {
            source: self.source,
            value,
            path,
        }
    }

    pub(super) fn get(&self, key: &'static str) -> Option<Item<'a>> {
        self.known.borrow_mut().push(key);
        let value = self.entries.get(key)?;
        Some(self.item(key, value))
    }

    pub(super) fn required(&self, key: &'static str, sink: &mut Sink) -> Option<Item<'a>> {
        let item = self.get(key);
        if item.is_none() {
            let message = format!("key `{key}` is missing");
            sink.error(self.place(), Code::MissingField, message);
        }
        item
    }

    pub(super) fn text(&self, key: &'static str, sink: &mut Sink) -> Option<&'a str> {
        self.get(key)?.text(sink)
    }

    pub(super) fn flag(&self, key: &'static str, default: bool, sink: &mut Sink) -> bool {
        let item = self.get(key);
        item.and_then(|item| item.flag(sink)).unwrap_or(default)
    }

    /// The items of an array; none when it is not there.
    pub(super) fn items(&self, key: &'static str, sink: &mut Sink) -> Vec<Item<'a>> {
        self.get(key).map_or_else(Vec::new, |item| item.items(sink))
    }

    /// The strings of an array that `read` understands; none when it is not there.
    pub(super) fn parsed<T, C: FromIterator<T>>(
        &self,
        key: &'static str,
        sink: &mut Sink,
        read: impl Fn(&str) -> Result<T, Wrong>,
    ) -> C {
        let items = self.items(key, sink);
        items
            .iter()
            .filter_map(|item| item.parsed(sink, &read))
            .collect()
    }

    pub(super) fn tags(&self, sink: &mut Sink) -> Tags {
        let table = self.get("tags").and_then(|item| item.table(sink));
        let Some(table) = table else {
            return Tags::new();
        };
        let mut tags = Tags::new();
        for (key, item) in table.entries() {
            if let Some(value) = item.text(sink) {
                tags.insert(key.to_owned(), value.to_owned());
            }
        }
        tags
    }

    /// Every entry, whatever its key.
    pub(super) fn entries(&self) -> impl Iterator<Item = (&'a str, Item<'a>)> {
        let entries = self.entries.iter();
        entries.map(|(key, value)| {
            let key: &str = key.get_ref();
            (key, self.item(key, value))
        })
    }

    /// Says which keys nobody asked for.
    pub(super) fn finish(self, sink: &mut Sink) {
        let known = self.known.borrow();
        for (key, value) in self.entries {
            let name: &str = key.get_ref();
            if known.contains(&name) {
                continue;
            }
            let path = self.item(name, value).path;
            let place = self.source.place(&path, &key.span());
            let message = format!("unknown key `{name}`");
            let diagnostic = Diagnostic::error(place, Code::UnknownKey, message);
            sink.push(match nearest(name, known.iter().copied()) {
                Some(name) => diagnostic.help(format!("did you mean `{name}`")),
                None => diagnostic.help(format!("expected one of {}", known.join(", "))),
            });
        }
    }
}
