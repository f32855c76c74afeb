//! Attributes: a value of a resource, whether it is known, and the expression behind it.

use std::collections::BTreeMap;
use std::net::IpAddr;

use crate::json::Value as Json;
use model::{Address, Cidr, Hole, Tags};

use crate::cidr;
use crate::diagnostic::{Code, Diagnostic, Place};
use crate::sink::Sink;

use super::declared::{self, Origin};
use super::hcl::Name;
use super::plan::Resource;

/// An attribute of a resource, or a part of one. Null, absent and empty text are the same: the
/// provider writes an unset id in any of these ways.
#[derive(Clone)]
pub(super) struct Attribute<'a> {
    /// The resource.
    pub(super) resource: &'a Resource<'a>,
    path: Vec<Step<'a>>,
    value: Option<&'a Json>,
    unknown: Option<&'a Json>,
    sensitive: Option<&'a Json>,
    names: Option<&'a BTreeMap<Vec<String>, Name>>,
}

#[derive(Clone, Copy)]
enum Step<'a> {
    Field(&'a str),
    Item(usize),
}

impl<'a> Attribute<'a> {
    /// A top-level attribute.
    pub(super) fn top(
        resource: &'a Resource<'a>,
        name: &'a str,
        value: Option<&'a Json>,
        unknown: Option<&'a Json>,
        sensitive: Option<&'a Json>,
    ) -> Self {
        Self {
            resource,
            path: vec![Step::Field(name)],
            value,
            unknown,
            sensitive,
            names: None,
        }
    }

    /// The same with names for what is open, by the path in the value.
    pub(super) fn named(self, names: &'a BTreeMap<Vec<String>, Name>) -> Self {
        Self {
            names: Some(names),
            ..self
        }
    }

    /// What the files that declare the resource say that it is.
    pub(super) fn written(&self) -> Option<&'a Name> {
        self.names?.get(&self.written_path())
    }

    /// Whether the files that declare the resource say what it, or a part of it, is.
    pub(super) fn is_written(&self) -> bool {
        let path = self.written_path();
        let names = self.names.into_iter().flatten();
        names.into_iter().any(|(of, _)| of.starts_with(&path))
    }

    fn written_path(&self) -> Vec<String> {
        let step = |step: &Step<'_>| match step {
            Step::Field(name) => (*name).to_owned(),
            Step::Item(position) => position.to_string(),
        };
        self.path.iter().skip(1).map(step).collect()
    }

    fn down(&self, step: Step<'a>) -> Attribute<'a> {
        let part = |json: &'a Json| match step {
            Step::Field(name) => json.get(name),
            Step::Item(position) => json.get(position),
        };
        // What a mask says of the whole it says of each part.
        let masked = |mask: Option<&'a Json>| match mask {
            Some(Json::Bool(_)) => mask,
            mask => mask.and_then(part),
        };
        let mut path = self.path.clone();
        path.push(step);
        Self {
            resource: self.resource,
            path,
            value: self.value.and_then(part),
            unknown: masked(self.unknown),
            sensitive: masked(self.sensitive),
            names: self.names,
        }
    }

    /// A field of an object.
    pub(super) fn field(&self, name: &'a str) -> Attribute<'a> {
        self.down(Step::Field(name))
    }

    /// The items of a list or set; of one whose length is not known, none.
    pub(super) fn items(&self) -> Vec<Attribute<'a>> {
        let len = self.value.and_then(Json::as_array).map_or(0, Vec::len);
        (0..len)
            .map(|position| self.down(Step::Item(position)))
            .collect()
    }

    /// An item, whether the plan has it or not.
    pub(super) fn at(&self, position: usize) -> Attribute<'a> {
        self.down(Step::Item(position))
    }

    /// Whether the plan leaves all of it open.
    pub(super) fn is_unknown(&self) -> bool {
        self.unknown == Some(&Json::Bool(true))
    }

    /// Whether the plan leaves it, or anything in it, open.
    pub(super) fn has_unknown(&self) -> bool {
        self.unknown.is_some_and(any_true)
    }

    /// Whether the configuration, rather than the provider or AWS, will decide what is open: an
    /// optional attribute that nobody set is open too, and gets its default.
    pub(super) fn is_open(&self) -> bool {
        self.is_unknown() && (self.written().is_some() || !self.expressions().is_empty())
    }

    /// Whether it has a reference to what the plan leaves open. One in a `dynamic` block has no
    /// expression in the plan: it is open alone, in a block that has none either.
    pub(super) fn is_reference(&self) -> bool {
        let is_dynamic = || {
            let declaration = self.resource.declaration;
            let expressions = declaration.and_then(|of| of.get("expressions"));
            let declared = match self.path.first() {
                Some(Step::Field(name)) => expressions.and_then(|of| of.get(name)),
                Some(Step::Item(_)) | None => None,
            };
            self.path.len() > 1 && declaration.is_some() && declared.is_none()
        };
        self.has_unknown() && (!self.expressions().is_empty() || is_dynamic())
    }

    /// The text, unless it is empty.
    pub(super) fn text(&self) -> Option<&'a str> {
        self.value?.as_str().filter(|text| !text.is_empty())
    }

    /// A policy of which a part is open, as [`crate::policy::read_planned`] reads it.
    pub(super) fn partial(&self) -> Option<&'a Json> {
        self.value
            .filter(|value| self.is_unknown() && value.is_object())
    }

    /// The boolean.
    pub(super) fn flag(&self) -> Option<bool> {
        self.value?.as_bool()
    }

    /// The whole number, which some attributes have as text.
    pub(super) fn integer(&self) -> Option<i64> {
        match self.value? {
            Json::Number(number) => number.as_i64(),
            Json::String(text) => text.parse().ok(),
            Json::Null | Json::Bool(_) | Json::Array(_) | Json::Object(_) => None,
        }
    }

    /// Whether its value is a list or a set.
    pub(super) fn is_list(&self) -> bool {
        self.value.is_some_and(Json::is_array)
    }

    /// Whether it has a value, even an empty one.
    pub(super) fn is_present(&self) -> bool {
        self.value.is_some_and(|value| !value.is_null())
    }

    /// Whether it has a value that says something: not null, and not empty.
    pub(super) fn is_set(&self) -> bool {
        match self.value {
            None | Some(Json::Null) => false,
            Some(Json::String(text)) => !text.is_empty(),
            Some(Json::Array(items)) => !items.is_empty(),
            Some(Json::Object(fields)) => !fields.is_empty(),
            Some(Json::Bool(_) | Json::Number(_)) => true,
        }
    }

    /// The CIDR block; an error when it is none.
    pub(super) fn cidr(&self, sink: &mut Sink) -> Option<Cidr> {
        let text = self.text()?;
        match text.parse::<Cidr>() {
            Ok(cidr) => Some(cidr),
            Err(error) => {
                let help = if self.is_sensitive() {
                    "expected a CIDR block without bits behind its prefix length".to_owned()
                } else {
                    cidr::expected(text, error)
                };
                self.wrong(sink, Code::InvalidCidr, &error.to_string(), &help);
                None
            }
        }
    }

    /// The address; an error when it is none.
    pub(super) fn address(&self, sink: &mut Sink) -> Option<Address> {
        match self.text()?.parse::<IpAddr>() {
            Ok(address) => Some(address.into()),
            Err(_) => {
                let help = "expected an address like `10.0.1.5` or `2001:db8::5`";
                self.wrong(sink, Code::InvalidAddress, "not an address", help);
                None
            }
        }
    }

    /// Takes an error about the value, which is not printed when it is sensitive.
    fn wrong(&self, sink: &mut Sink, code: Code, why: &str, help: &str) {
        let value = match self.text() {
            Some(text) if !self.is_sensitive() => text,
            Some(_) | None => "(sensitive value)",
        };
        let message = format!("`{}` is `{value}`: {why}", self.name());
        sink.push(Diagnostic::error(self.place(), code, message).help(help));
    }

    /// The tags.
    pub(super) fn tags(&self) -> Tags {
        let entries = self.value.and_then(Json::as_object).into_iter().flatten();
        let text = |(key, value): (&str, &Json)| Some((key.to_owned(), value.as_str()?.to_owned()));
        entries.filter_map(text).collect()
    }

    /// The keys of a map whose values, or which themselves, are open.
    pub(super) fn open_keys(&self) -> Vec<&'a str> {
        let masks = self.unknown.and_then(Json::as_object).into_iter().flatten();
        let unknown = masks.filter(|(_, mask)| any_true(mask));
        let mut keys: Vec<&str> = unknown.map(|(key, _)| key).collect();
        let entries = self.value.and_then(Json::as_object).into_iter().flatten();
        // A provider may take null for no tag, or for one without a value.
        let empty = entries.filter(|(_, value)| value.is_null());
        keys.extend(empty.map(|(key, _)| key));
        keys
    }

    /// Whether it, or a part of it, must not be printed.
    pub(super) fn is_sensitive(&self) -> bool {
        self.sensitive.is_some_and(any_true)
    }

    /// What it is called where it is declared, and where that is.
    fn origin(&self) -> Option<&'a Origin> {
        let mut path = String::new();
        for step in &self.path {
            if !path.is_empty() {
                path.push('/');
            }
            match step {
                Step::Field(field) => path.push_str(field),
                Step::Item(position) => path.push_str(&position.to_string()),
            }
        }
        declared::origin(self.resource.origins?, &path)
    }

    /// The address of the resource and the path in it, as `aws_instance.app[0].private_ip`.
    pub(super) fn name(&self) -> String {
        if let Some(origin) = self.origin() {
            return format!("{}.{}", self.resource.address, origin.name);
        }
        let mut name = self.resource.address.to_owned();
        for step in &self.path {
            match step {
                Step::Field(field) if self.resource.origins.is_some() => {
                    name.push_str(&format!(".{}", declared::unwritten(field)));
                }
                Step::Field(field) => name.push_str(&format!(".{field}")),
                Step::Item(position) => name.push_str(&format!("[{position}]")),
            }
        }
        name
    }

    /// The hole that it is when it is not known.
    pub(super) fn hole(&self) -> Hole {
        Hole::new(self.name())
    }

    /// Where it stands in the file; the resource itself when a plan leaves it out.
    pub(super) fn place(&self) -> Place {
        if let Some(origin) = self.origin() {
            return origin.place.clone();
        }
        let mut place = self.resource.place();
        if self.value.is_some() && self.resource.origins.is_none() {
            let mut pointer = place.pointer.unwrap_or_default();
            pointer.push_str("/values");
            for step in &self.path {
                match step {
                    Step::Field(field) => pointer.push_str(&format!("/{field}")),
                    Step::Item(position) => pointer.push_str(&format!("/{position}")),
                }
            }
            place.pointer = Some(pointer);
        }
        place
    }

    /// The expressions of the configuration behind it. Nested blocks of a set are in another order
    /// in the configuration than in the plan, so those of all of them are given.
    pub(super) fn expressions(&self) -> Vec<&'a Json> {
        let declaration = self.resource.declaration;
        let Some(expressions) = declaration.and_then(|of| of.get("expressions")) else {
            return Vec::new();
        };
        let mut found = vec![expressions];
        let is_exact = self.resource.origins.is_some();
        for step in &self.path {
            found = match step {
                Step::Field(name) => found.into_iter().flat_map(|of| below(of, name)).collect(),
                Step::Item(position) if is_exact => found
                    .into_iter()
                    .flat_map(|of| item(of, *position))
                    .collect(),
                Step::Item(_) => found,
            };
        }
        found.into_iter().flat_map(flat).collect()
    }
}

/// The expressions of a field. An attribute that is written as one expression keeps it for all of
/// its parts.
fn below<'a>(expressions: &'a Json, name: &str) -> Vec<&'a Json> {
    if is_expression(expressions) {
        return vec![expressions];
    }
    match expressions {
        Json::Array(blocks) => blocks.iter().filter_map(|block| block.get(name)).collect(),
        Json::Object(fields) => fields.get(name).into_iter().collect(),
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => Vec::new(),
    }
}

/// The expressions of an item of what is declared item by item.
fn item(expressions: &Json, position: usize) -> Vec<&Json> {
    match expressions {
        Json::Array(items) => items.get(position).into_iter().collect(),
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) | Json::Object(_) => {
            vec![expressions]
        }
    }
}

fn flat(expression: &Json) -> Vec<&Json> {
    match expression {
        Json::Array(blocks) => blocks.iter().collect(),
        Json::Null => Vec::new(),
        Json::Bool(_) | Json::Number(_) | Json::String(_) | Json::Object(_) => vec![expression],
    }
}

fn is_expression(json: &Json) -> bool {
    json.get("references").is_some() || json.get("constant_value").is_some()
}

fn any_true(json: &Json) -> bool {
    match json {
        Json::Bool(value) => *value,
        Json::Array(items) => items.iter().any(any_true),
        Json::Object(fields) => fields.values().any(any_true),
        Json::Null | Json::Number(_) | Json::String(_) => false,
    }
}
