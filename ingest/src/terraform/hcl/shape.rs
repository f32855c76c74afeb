//! Shapes: what must be alike where Terraform would make values of different types one.
//!
//! The items of a list, the members of a set, and the two sides of a condition are converted to one
//! type: numbers become texts, tuples become sets. Only values that are of one shape already, whatever
//! their types are, come out as they went in; all others are open.

use std::collections::BTreeMap;

use super::symbol::Symbol;

/// The shape of a value.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Shape {
    /// Null, or the item of an empty list: of a type that is not known.
    Nothing,
    Bool,
    Number,
    Text,
    List(Box<Shape>),
    Set(Box<Shape>),
    Map(BTreeMap<String, Shape>),
}

/// Whether Terraform leaves values as they are when it makes their types one.
pub(super) fn are_alike<'s>(symbols: impl IntoIterator<Item = &'s Symbol>) -> bool {
    of_all(symbols).is_some()
}

/// Whether all of some values are texts, known or not.
pub(super) fn are_texts<'s>(symbols: impl IntoIterator<Item = &'s Symbol>) -> bool {
    symbols
        .into_iter()
        .all(|symbol| Shape::of(symbol) == Some(Shape::Text))
}

fn of_all<'s>(symbols: impl IntoIterator<Item = &'s Symbol>) -> Option<Shape> {
    let mut symbols = symbols.into_iter();
    let first = symbols.next().map_or(Some(Shape::Nothing), Shape::of)?;
    symbols.try_fold(first, |shape, symbol| shape.with(Shape::of(symbol)?))
}

impl Shape {
    fn of(symbol: &Symbol) -> Option<Shape> {
        Some(match symbol {
            Symbol::Null => Shape::Nothing,
            Symbol::Bool(_) => Shape::Bool,
            Symbol::Number(_) => Shape::Number,
            Symbol::Text(_) | Symbol::Template(_) | Symbol::Document(_) => Shape::Text,
            Symbol::Attribute(name) if name.is_text => Shape::Text,
            Symbol::List(items) => Shape::List(Box::new(of_all(items)?)),
            Symbol::Set(items) => Shape::Set(Box::new(of_all(items)?)),
            Symbol::Map(fields) => {
                let field =
                    |(key, value): (&String, &Symbol)| Some((key.clone(), Shape::of(value)?));
                Shape::Map(fields.iter().map(field).collect::<Option<_>>()?)
            }
            Symbol::Attribute(_)
            | Symbol::Resource(_)
            | Symbol::Module(_)
            | Symbol::Missing
            | Symbol::Open => return None,
        })
    }

    /// The shape of both, when nothing is converted.
    fn with(self, other: Shape) -> Option<Shape> {
        Some(match (self, other) {
            // Whatever the type of what is not there, a text stays a text.
            (Shape::Nothing, other) | (other, Shape::Nothing) => {
                other.is_plain().then_some(other)?
            }
            (Shape::List(one), Shape::List(other)) => Shape::List(Box::new(one.with(*other)?)),
            (Shape::Set(one), Shape::Set(other)) => Shape::Set(Box::new(one.with(*other)?)),
            (Shape::Map(one), Shape::Map(other)) => Shape::Map(fields(one, other)?),
            (one, other) => (one == other).then_some(one)?,
        })
    }

    /// Whether it is made of texts alone.
    fn is_plain(&self) -> bool {
        match self {
            Shape::Nothing | Shape::Text => true,
            Shape::Map(fields) => fields.values().all(Shape::is_plain),
            Shape::Bool | Shape::Number | Shape::List(_) | Shape::Set(_) => false,
        }
    }
}

/// The fields of two objects. When they are not the same ones, Terraform makes maps of both, with
/// values of one type; the type of an empty map is not known.
fn fields(
    one: BTreeMap<String, Shape>,
    mut other: BTreeMap<String, Shape>,
) -> Option<BTreeMap<String, Shape>> {
    if one.keys().eq(other.keys()) {
        let field = |(key, shape): (String, Shape)| {
            let other = other.remove(&key)?;
            Some((key, shape.with(other)?))
        };
        return one.into_iter().map(field).collect();
    }
    let values = || one.values().chain(other.values()).cloned();
    if one.is_empty() || other.is_empty() {
        values().all(|shape| shape.is_plain()).then_some(())?;
    }
    values().try_fold(None, |all: Option<Shape>, shape| match all {
        Some(all) => Some(Some(all.with(shape)?)),
        None => Some(Some(shape)),
    })?;
    Some(one.into_iter().chain(other).collect())
}
