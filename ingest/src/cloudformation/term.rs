//! Terms: what the expressions of a template evaluate to.

use crate::json::{Map, Value as Json};

/// What an expression evaluates to.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Term {
    /// Nothing: `AWS::NoValue`, or a property that is not written.
    Absent,
    /// A text, a number or a boolean.
    Scalar(Json),
    /// A list.
    List(Vec<Part>),
    /// An object.
    Map(Vec<(String, Part)>),
    /// What a resource is called, or an attribute of it, which AWS will choose.
    Of(Attribute),
    /// One of these: which, a condition that is open decides.
    OneOf(Vec<Attribute>),
    /// Texts one behind the other, not all of them known; with what would settle it.
    Joined(Vec<Term>, String),
    /// There is no telling; with what would settle it.
    Open(String),
}

/// A term in a list or an object, and where it was written.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Part {
    pub(super) term: Term,
    pub(super) pointer: String,
}

impl Part {
    /// A reference to a resource, as if it were written at the pointer.
    pub(super) fn to_resource(stack: usize, resource: &str, pointer: &str) -> Self {
        Self {
            term: Term::Of(Attribute {
                stack,
                resource: resource.to_owned(),
                name: None,
            }),
            pointer: pointer.to_owned(),
        }
    }
}

/// An attribute of a resource, by the resource's logical id.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Attribute {
    /// Which of the templates of the run.
    pub(super) stack: usize,
    pub(super) resource: String,
    /// The attribute; `None` is what `Ref` gives.
    pub(super) name: Option<String>,
}

impl Term {
    /// A text.
    pub(super) fn text(text: impl Into<String>) -> Term {
        Term::Scalar(Json::from(text.into()))
    }

    /// The text of a scalar, which CloudFormation takes in place of a number or a boolean too.
    pub(super) fn as_text(&self) -> Option<String> {
        match self {
            Term::Scalar(Json::String(text)) => Some(text.clone()),
            Term::Scalar(Json::Bool(flag)) => Some(flag.to_string()),
            Term::Scalar(Json::Number(number)) => Some(number.to_string()),
            Term::Scalar(Json::Null | Json::Array(_) | Json::Object(_))
            | Term::Absent
            | Term::List(_)
            | Term::Map(_)
            | Term::Of(_)
            | Term::OneOf(_)
            | Term::Joined(..)
            | Term::Open(_) => None,
        }
    }

    /// The items of a list.
    pub(super) fn items(&self) -> Option<&[Part]> {
        match self {
            Term::List(items) => Some(items),
            Term::Absent
            | Term::Scalar(_)
            | Term::Map(_)
            | Term::Of(_)
            | Term::OneOf(_)
            | Term::Joined(..)
            | Term::Open(_) => None,
        }
    }

    /// A part of an object; of what is open, something open.
    pub(super) fn field(&self, name: &str, pointer: &str) -> Part {
        let pointer = format!("{pointer}/{name}");
        match self {
            Term::Map(fields) => {
                let found = fields.iter().find(|(key, _)| key == name);
                found.map_or_else(
                    || Part {
                        term: Term::Absent,
                        pointer,
                    },
                    |(_, part)| part.clone(),
                )
            }
            Term::Open(why) => Part {
                term: Term::Open(why.clone()),
                pointer,
            },
            Term::Absent
            | Term::Scalar(_)
            | Term::List(_)
            | Term::Of(_)
            | Term::OneOf(_)
            | Term::Joined(..) => Part {
                term: Term::Absent,
                pointer,
            },
        }
    }

    /// Why it, or a part of it, cannot be told; `None` when all of it is known.
    pub(super) fn why_open(&self) -> Option<String> {
        match self {
            Term::Absent | Term::Scalar(_) => None,
            Term::List(items) => items.iter().find_map(|item| item.term.why_open()),
            Term::Map(fields) => fields.iter().find_map(|(_, field)| field.term.why_open()),
            Term::Of(attribute) => Some(attribute.to_string()),
            Term::OneOf(list) => list.first().map(ToString::to_string),
            Term::Joined(_, why) | Term::Open(why) => Some(why.clone()),
        }
    }

    /// The JSON of what is known as a whole.
    pub(super) fn json(&self) -> Option<Json> {
        match self {
            Term::Absent => Some(Json::Null),
            Term::Scalar(value) => Some(value.clone()),
            Term::List(items) => {
                let items = items.iter().filter(|item| item.term != Term::Absent);
                items
                    .map(|item| item.term.json())
                    .collect::<Option<Vec<_>>>()
                    .map(Json::Array)
            }
            Term::Map(fields) => {
                let fields = fields
                    .iter()
                    .filter(|(_, field)| field.term != Term::Absent);
                let fields = fields.map(|(key, field)| Some((key.clone(), field.term.json()?)));
                let fields: Option<Map> = fields.collect();
                fields.map(Json::Object)
            }
            Term::Of(_) | Term::OneOf(_) | Term::Joined(..) | Term::Open(_) => None,
        }
    }
}

impl std::fmt::Display for Attribute {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(&self.resource)?;
        match &self.name {
            None => Ok(()),
            Some(name) => write!(formatter, ".{name}"),
        }
    }
}
