//! Typed access to the fields of a table, which notes every problem and goes on.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::nearest::suggest;
use crate::problem::{Problem, ProblemCode, SourceText};

/// A string of the file with its place.
pub(super) type Text = (String, Range<usize>);

/// Where problems go.
pub(super) struct Notes<'a> {
    pub(super) source: &'a SourceText,
    pub(super) problems: Vec<Problem>,
    /// How many selectors the lists so far stand for.
    pub(super) n_selectors: usize,
}

/// The most problems that are reported: who has more has one mistake many times.
const MAX_PROBLEMS: usize = 1000;

impl Notes<'_> {
    /// Whether so many problems are noted that no more are looked for.
    pub(super) fn are_enough(&self) -> bool {
        self.problems.len() >= MAX_PROBLEMS
    }

    pub(super) fn push(
        &mut self,
        code: ProblemCode,
        span: &Range<usize>,
        message: impl Into<String>,
        help: Option<String>,
    ) {
        let problem = self.source.problem(code, span, message);
        self.problems.push(problem.help(help));
    }

    pub(super) fn wrong(&mut self, value: &Spanned<DeValue<'_>>, field: &str, expected: &str) {
        let found = kind(value.get_ref());
        let message = format!("`{field}` is {found}; expected {expected}");
        self.push(ProblemCode::WrongFieldType, &value.span(), message, None);
    }

    pub(super) fn string(&mut self, value: &Spanned<DeValue<'_>>, field: &str) -> Option<Text> {
        match value.get_ref().as_str() {
            Some(text) => Some((text.to_owned(), value.span())),
            None => {
                self.wrong(value, field, "a string");
                None
            }
        }
    }

    /// A string, or a list of at least one.
    pub(super) fn strings(&mut self, value: &Spanned<DeValue<'_>>, field: &str) -> Vec<Text> {
        if let Some(text) = value.get_ref().as_str() {
            return vec![(text.to_owned(), value.span())];
        }
        let Some(items) = value.get_ref().as_array() else {
            self.wrong(value, field, "a string or a list of strings");
            return Vec::new();
        };
        if items.is_empty() {
            let message = format!("`{field}` is an empty list");
            self.push(ProblemCode::InvalidFieldValue, &value.span(), message, None);
        }
        let mut texts = Vec::new();
        for item in items.iter() {
            texts.extend(self.string(item, field));
        }
        texts
    }

    pub(super) fn boolean(&mut self, value: &Spanned<DeValue<'_>>, field: &str) -> Option<bool> {
        let found = value.get_ref().as_bool();
        if found.is_none() {
            self.wrong(value, field, "`true` or `false`");
        }
        found
    }

    pub(super) fn table<'t, 'i>(
        &mut self,
        value: &'t Spanned<DeValue<'i>>,
        field: &str,
    ) -> Option<&'t DeTable<'i>> {
        let found = value.get_ref().as_table();
        if found.is_none() {
            self.wrong(value, field, "a table");
        }
        found
    }

    /// One of some words.
    pub(super) fn word<T: Copy>(
        &mut self,
        value: &Spanned<DeValue<'_>>,
        field: &str,
        words: &[(&str, T)],
    ) -> Option<T> {
        let (text, span) = self.string(value, field)?;
        let found = words.iter().find(|(word, _)| *word == text);
        if found.is_none() {
            let message = format!("`{field}` cannot be `{text}`");
            let help = suggest(&text, words.iter().map(|(word, _)| *word), "values");
            self.push(ProblemCode::InvalidFieldValue, &span, message, help);
        }
        found.map(|(_, value)| *value)
    }

    /// Names every field that is not among the known ones.
    pub(super) fn only_known(&mut self, table: &DeTable<'_>, known: &[&str], place: &str) {
        for key in table.keys() {
            let name = key.get_ref().as_ref();
            if !known.contains(&name) {
                let message = format!("{place} has no field `{name}`");
                let help = suggest(name, known.iter().copied(), "fields");
                self.push(ProblemCode::UnknownField, &key.span(), message, help);
            }
        }
    }
}

fn kind(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a string",
        DeValue::Integer(_) => "an integer",
        DeValue::Float(_) => "a float",
        DeValue::Boolean(_) => "a boolean",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}
