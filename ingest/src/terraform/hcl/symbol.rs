//! Symbols: values of the configuration, in which what is known only after the apply has a name.

use std::collections::BTreeMap;

use serde_json::{Number, Value as Json};

use super::super::reference::Call;

/// A value.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Symbol {
    Null,
    Bool(bool),
    Number(f64),
    Text(String),
    /// A list or a tuple.
    List(Vec<Symbol>),
    /// A set; the order of members that are not known is not known either.
    Set(Vec<Symbol>),
    /// A map or an object.
    Map(BTreeMap<String, Symbol>),
    /// A whole instance of a resource, by its position in the plan.
    Resource(usize),
    /// A whole instance of a module.
    Module(Vec<Call>),
    /// An attribute that the plan leaves open.
    Attribute(Name),
    /// Texts, one after the other, not all of them known.
    Template(Vec<Symbol>),
    /// The JSON text of a value with something in it that is not known.
    Document(Box<Symbol>),
    /// What is certainly not there, as an item behind the end of a list: `try` goes on.
    Missing,
    /// What cannot be told.
    Open,
}

/// The name of a value that the plan leaves open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in super::super) struct Name {
    /// The position of the resource in the plan.
    pub(in super::super) resource: usize,
    /// The attribute, and what of it.
    pub(in super::super) path: Vec<String>,
}

impl Symbol {
    /// A text.
    pub(super) fn text(text: &str) -> Symbol {
        Symbol::Text(text.to_owned())
    }

    /// Whether nothing in it is left open.
    pub(super) fn is_known(&self) -> bool {
        match self {
            Symbol::Null | Symbol::Bool(_) | Symbol::Number(_) | Symbol::Text(_) => true,
            Symbol::List(items) | Symbol::Set(items) => items.iter().all(Symbol::is_known),
            Symbol::Map(fields) => fields.values().all(Symbol::is_known),
            Symbol::Resource(_)
            | Symbol::Module(_)
            | Symbol::Attribute(_)
            | Symbol::Template(_)
            | Symbol::Document(_)
            | Symbol::Missing
            | Symbol::Open => false,
        }
    }

    /// Whether it, or a part of it, cannot be told.
    pub(super) fn is_open(&self) -> bool {
        match self {
            Symbol::Open | Symbol::Missing => true,
            Symbol::List(items) | Symbol::Set(items) | Symbol::Template(items) => {
                items.iter().any(Symbol::is_open)
            }
            Symbol::Map(fields) => fields.values().any(Symbol::is_open),
            Symbol::Document(inner) => inner.is_open(),
            Symbol::Null
            | Symbol::Bool(_)
            | Symbol::Number(_)
            | Symbol::Text(_)
            | Symbol::Resource(_)
            | Symbol::Module(_)
            | Symbol::Attribute(_) => false,
        }
    }

    /// How many parts it has.
    pub(super) fn size(&self) -> usize {
        let inner = match self {
            Symbol::List(items) | Symbol::Set(items) | Symbol::Template(items) => {
                items.iter().map(Symbol::size).sum()
            }
            Symbol::Map(fields) => fields.values().map(Symbol::size).sum(),
            Symbol::Document(inner) => inner.size(),
            Symbol::Text(text) => text.len() / 64,
            Symbol::Null
            | Symbol::Bool(_)
            | Symbol::Number(_)
            | Symbol::Resource(_)
            | Symbol::Module(_)
            | Symbol::Attribute(_)
            | Symbol::Missing
            | Symbol::Open => 0,
        };
        inner + 1
    }

    /// The text of a known scalar, as Terraform converts it.
    pub(super) fn as_text(&self) -> Option<String> {
        match self {
            Symbol::Text(text) => Some(text.clone()),
            Symbol::Bool(flag) => Some(flag.to_string()),
            Symbol::Number(number) => Some(number.to_string()),
            Symbol::Null
            | Symbol::List(_)
            | Symbol::Set(_)
            | Symbol::Map(_)
            | Symbol::Resource(_)
            | Symbol::Module(_)
            | Symbol::Attribute(_)
            | Symbol::Template(_)
            | Symbol::Document(_)
            | Symbol::Missing
            | Symbol::Open => None,
        }
    }

    /// The number of a known scalar.
    pub(super) fn as_number(&self) -> Option<f64> {
        if let Symbol::Number(number) = self {
            return Some(*number);
        }
        self.as_text()?.parse().ok()
    }

    /// A number that counts something.
    pub(super) fn as_index(&self) -> Option<usize> {
        let number = self.as_number()?;
        let is_index = number >= 0.0 && number.fract() == 0.0 && number < 1e9;
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "The line above has checked that nothing is lost."
        )]
        is_index.then_some(number as usize)
    }

    /// The truth of a known scalar.
    pub(super) fn as_flag(&self) -> Option<bool> {
        match self.as_text()?.as_str() {
            "true" => Some(true),
            "false" => Some(false),
            _ => None,
        }
    }

    /// The items of a list, or of a set whose order is known.
    pub(super) fn items(&self) -> Option<Vec<Symbol>> {
        let is_in_order = |items: &&[Symbol]| {
            matches!(self, Symbol::List(_)) || items.len() < 2 || self.is_known()
        };
        self.members().filter(is_in_order).map(<[Symbol]>::to_vec)
    }

    /// The items of a list or a set, in whatever order.
    pub(super) fn members(&self) -> Option<&[Symbol]> {
        if let Symbol::List(items) | Symbol::Set(items) = self {
            Some(items)
        } else {
            None
        }
    }

    /// A set of some members, those that are known in order.
    pub(super) fn set(items: impl IntoIterator<Item = Symbol>) -> Symbol {
        let mut members: Vec<Symbol> = Vec::new();
        for item in items {
            if !members.contains(&item) {
                members.push(item);
            }
        }
        members.sort_by_key(Symbol::as_text);
        Symbol::Set(members)
    }

    /// A known value as JSON.
    pub(super) fn json(&self) -> Option<Json> {
        Some(match self {
            Symbol::Null => Json::Null,
            Symbol::Bool(flag) => Json::Bool(*flag),
            Symbol::Number(number) => number_json(*number)?,
            Symbol::Text(text) => Json::String(text.clone()),
            Symbol::List(items) | Symbol::Set(items) => {
                let items: Option<Vec<_>> = items.iter().map(Symbol::json).collect();
                Json::Array(items?)
            }
            Symbol::Map(fields) => {
                let field = |(key, value): (&String, &Symbol)| Some((key.clone(), value.json()?));
                let fields: Option<serde_json::Map<_, _>> = fields.iter().map(field).collect();
                Json::Object(fields?)
            }
            Symbol::Resource(_)
            | Symbol::Module(_)
            | Symbol::Attribute(_)
            | Symbol::Template(_)
            | Symbol::Document(_)
            | Symbol::Missing
            | Symbol::Open => return None,
        })
    }

    /// What a value of the plan is; `name` is what to call it where the plan leaves it open.
    pub(super) fn of_plan(value: Option<&Json>, unknown: Option<&Json>, name: &Name) -> Symbol {
        if unknown == Some(&Json::Bool(true)) {
            return Symbol::Attribute(name.clone());
        }
        match value {
            None => Symbol::Open,
            Some(Json::Array(items)) => {
                let item = |(position, item): (usize, &Json)| {
                    let unknown = unknown.and_then(|unknown| unknown.get(position));
                    Symbol::of_plan(Some(item), unknown, &name.down(&position.to_string()))
                };
                Symbol::List(items.iter().enumerate().map(item).collect())
            }
            Some(Json::Object(fields)) => {
                let masked = unknown.and_then(Json::as_object);
                let keys = fields
                    .keys()
                    .chain(masked.into_iter().flat_map(|of| of.keys()));
                let field = |key: &String| {
                    let unknown = masked.and_then(|masked| masked.get(key));
                    let symbol = Symbol::of_plan(fields.get(key), unknown, &name.down(key));
                    (key.clone(), symbol)
                };
                Symbol::Map(keys.map(field).collect())
            }
            Some(scalar) => Symbol::of_json(scalar),
        }
    }

    /// A known value from JSON.
    pub(super) fn of_json(json: &Json) -> Symbol {
        match json {
            Json::Null => Symbol::Null,
            Json::Bool(flag) => Symbol::Bool(*flag),
            Json::Number(number) => number.as_f64().map_or(Symbol::Open, Symbol::Number),
            Json::String(text) => Symbol::text(text),
            Json::Array(items) => Symbol::List(items.iter().map(Symbol::of_json).collect()),
            Json::Object(fields) => {
                let field = |(key, value): (&String, &Json)| (key.clone(), Symbol::of_json(value));
                Symbol::Map(fields.iter().map(field).collect())
            }
        }
    }
}

impl Name {
    /// A part of it.
    fn down(&self, step: &str) -> Name {
        let mut path = self.path.clone();
        path.push(step.to_owned());
        Name {
            resource: self.resource,
            path,
        }
    }

    /// The attribute at its end: positions in lists are no names.
    pub(in super::super) fn attribute(&self) -> Option<&str> {
        let is_name = |step: &&String| step.parse::<usize>().is_err();
        self.path.iter().rfind(is_name).map(String::as_str)
    }
}

fn number_json(number: f64) -> Option<Json> {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "Only a whole number of few digits is cast."
    )]
    let number = if number.fract() == 0.0 && number.abs() < 1e15 {
        Number::from(number as i64)
    } else {
        Number::from_f64(number)?
    };
    Some(Json::Number(number))
}
