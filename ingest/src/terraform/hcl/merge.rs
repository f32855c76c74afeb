//! Merging: what the files say, put where the plan leaves something open.
//!
//! Where the plan knows a value, the files have to say the same, or the two do not fit. A plan shows
//! sets in an order of its own, so their members are matched by what is known of them.

use std::collections::BTreeMap;

use crate::json::{Map, Value as Json};

use super::super::plan::Plan;
use super::document;
use super::symbol::{Name, Symbol};

/// The largest set with something open in it of which the members are matched.
const MAX_MATCHED: usize = 256;

/// A value of the plan, what of it is open, and what that is called.
#[derive(Clone, Debug, Default)]
pub(in super::super) struct Merged {
    pub(in super::super) value: Json,
    pub(in super::super) unknown: Json,
    /// By the path in the value.
    pub(in super::super) names: BTreeMap<Vec<String>, Name>,
}

/// One attribute with what the files say of it; `None` when they say nothing that is not known, or do
/// not fit.
pub(super) fn merged(
    plan: &Plan<'_>,
    value: Option<&Json>,
    unknown: Option<&Json>,
    symbol: &Symbol,
) -> Option<Merged> {
    let mut merger = Merger {
        plan,
        names: BTreeMap::new(),
    };
    let (value, unknown) = merger.merge(value, unknown, symbol, &mut Vec::new())?;
    Some(Merged {
        value,
        unknown,
        names: merger.names,
    })
}

struct Merger<'p, 'a> {
    plan: &'p Plan<'a>,
    names: BTreeMap<Vec<String>, Name>,
}

type Pair = (Json, Json);

impl Merger<'_, '_> {
    fn merge(
        &mut self,
        value: Option<&Json>,
        unknown: Option<&Json>,
        symbol: &Symbol,
        path: &mut Vec<String>,
    ) -> Option<Pair> {
        let null = Json::Null;
        match (unknown, symbol) {
            // What the files alone could say would be known in the plan.
            (Some(Json::Bool(true)), symbol) if symbol.is_known() && symbol.members().is_none() => {
                Some((null, Json::Bool(true)))
            }
            (Some(Json::Bool(true)), symbol) => Some(self.fill(symbol, path)),
            (Some(Json::Array(mask)), Symbol::List(items) | Symbol::Set(items)) => {
                let values = value.and_then(Json::as_array)?;
                self.list(values, mask, items, path)
            }
            // A block that may stand only once is an object in the plan.
            (Some(Json::Object(_)), Symbol::List(items)) => match items.as_slice() {
                [only] => self.merge(value, unknown, only, path),
                _ => None,
            },
            (Some(Json::Object(mask)), Symbol::Map(fields)) => {
                self.object(value.unwrap_or(&null), mask, fields, path)
            }
            (unknown, _) => {
                let value = value.unwrap_or(&null).clone();
                Some((value, unknown.cloned().unwrap_or(Json::Bool(false))))
            }
        }
    }

    /// What takes the place of something that is open altogether.
    fn fill(&mut self, symbol: &Symbol, path: &mut Vec<String>) -> Pair {
        let open = (Json::Null, Json::Bool(true));
        match symbol {
            Symbol::Attribute(name) => {
                self.names.insert(path.clone(), name.clone());
                open
            }
            Symbol::List(items) | Symbol::Set(items) => {
                let pairs: Vec<_> = items
                    .iter()
                    .enumerate()
                    .map(|(position, item)| {
                        self.below(path, position.to_string(), |merger, path| {
                            merger.fill(item, path)
                        })
                    })
                    .collect();
                let (values, masks): (Vec<_>, Vec<_>) = pairs.into_iter().unzip();
                (Json::Array(values), Json::Array(masks))
            }
            Symbol::Template(_) | Symbol::Document(_) => match document::text(self.plan, symbol) {
                Some(text) => (Json::String(text), Json::Bool(false)),
                // Beside what is open altogether stands what is known of it.
                None => match document::partial(self.plan, symbol) {
                    Some(partial) => (partial, Json::Bool(true)),
                    None => open,
                },
            },
            Symbol::Bool(_) | Symbol::Number(_) | Symbol::Text(_) => {
                symbol.json().map_or(open, |json| (json, Json::Bool(false)))
            }
            // What nobody sets the provider decides, and so what a block leaves out.
            Symbol::Null
            | Symbol::Map(_)
            | Symbol::Resource(_)
            | Symbol::Module(_)
            | Symbol::Missing
            | Symbol::Open => open,
        }
    }

    fn below<T>(
        &mut self,
        path: &mut Vec<String>,
        step: String,
        then: impl FnOnce(&mut Self, &mut Vec<String>) -> T,
    ) -> T {
        path.push(step);
        let result = then(self, path);
        path.pop();
        result
    }

    fn list(
        &mut self,
        values: &[Json],
        masks: &[Json],
        items: &[Symbol],
        path: &mut Vec<String>,
    ) -> Option<Pair> {
        let order = matched(values, masks, items)?;
        let (mut new_values, mut new_masks) = (Vec::new(), Vec::new());
        for (position, item) in order.into_iter().enumerate() {
            let (value, mask) = self.below(path, position.to_string(), |merger, path| {
                merger.merge(values.get(position), masks.get(position), item, path)
            })?;
            new_values.push(value);
            new_masks.push(mask);
        }
        Some((Json::Array(new_values), Json::Array(new_masks)))
    }

    fn object(
        &mut self,
        value: &Json,
        mask: &Map,
        fields: &BTreeMap<String, Symbol>,
        path: &mut Vec<String>,
    ) -> Option<Pair> {
        let mut values = value.as_object().cloned().unwrap_or_default();
        let mut masks = mask.clone();
        for (name, symbol) in fields {
            let (value, mask) = self.below(path, name.clone(), |merger, path| {
                merger.merge(values.get(name), masks.get(name), symbol, path)
            })?;
            values.insert(name.clone(), value);
            masks.insert(name.clone(), mask);
        }
        Some((Json::Object(values), Json::Object(masks)))
    }
}

/// The item for each value, in the order of the values. A list is in that order already, a set need
/// not be: so there must be one way only, except among values that are the same.
fn matched<'s>(values: &[Json], masks: &[Json], items: &'s [Symbol]) -> Option<Vec<&'s Symbol>> {
    let mut distinct: Vec<&Symbol> = Vec::new();
    let is_longer = items.len() > values.len();
    for item in items {
        // A set drops what is there twice.
        if !is_longer || !distinct.contains(&item) {
            distinct.push(item);
        }
    }
    if distinct.len() != values.len() || values.len() > MAX_MATCHED {
        return None;
    }
    let fitting = |position| {
        let fits = |item: &&Symbol| fits(values.get(position), masks.get(position), item);
        distinct.iter().map(fits).collect()
    };
    let rows: Vec<Vec<bool>> = (0..values.len()).map(fitting).collect();
    let is_same = |one: usize, other: usize| {
        values.get(one) == values.get(other) && masks.get(one) == masks.get(other)
    };
    let places = assigned(rows, is_same)?;
    let item = |place: usize| distinct.get(place).copied();
    places.into_iter().map(item).collect()
}

/// The item for each value, by which items each fits. One that fits a single item that is left takes
/// it; when there is none such, those that are left must be the same value and fit the same items, or
/// fit different ones.
fn assigned(
    mut rows: Vec<Vec<bool>>,
    is_same: impl Fn(usize, usize) -> bool,
) -> Option<Vec<usize>> {
    let mut places: Vec<Option<usize>> = vec![None; rows.len()];
    let mut is_certain = false;
    for _ in 0..rows.len() {
        let is_left = |(position, _): &(usize, &Vec<bool>)| places.get(*position) == Some(&None);
        let left: Vec<_> = rows.iter().enumerate().filter(is_left).collect();
        let is_single = |row: &[bool]| row.iter().filter(|fits| **fits).count() == 1;
        let single = left.iter().find(|(_, row)| is_single(row));
        // Once that is so, it stays so.
        is_certain = is_certain || (single.is_none() && are_apart_or_same(&left, &is_same));
        let (position, row) = match single {
            Some(single) => single,
            None if is_certain => left.first()?,
            None => return None,
        };
        let (position, place) = (*position, row.iter().position(|fits| *fits)?);
        *places.get_mut(position)? = Some(place);
        for row in &mut rows {
            *row.get_mut(place)? = false;
        }
    }
    places.into_iter().collect()
}

/// Whether each two values are the same and fit the same items, or fit different ones.
fn are_apart_or_same(
    left: &[(usize, &Vec<bool>)],
    is_same: &impl Fn(usize, usize) -> bool,
) -> bool {
    let overlap =
        |one: &[bool], other: &[bool]| one.iter().zip(other).any(|(one, other)| *one && *other);
    left.iter().all(|(one, row)| {
        left.iter().all(|(other, other_row)| {
            (row == other_row && is_same(*one, *other)) || !overlap(row, other_row)
        })
    })
}

/// Whether a value of the plan may be what the files say.
pub(super) fn fits(value: Option<&Json>, unknown: Option<&Json>, symbol: &Symbol) -> bool {
    let is_empty = |json: &Json| match json {
        Json::Null => true,
        Json::String(text) => text.is_empty(),
        Json::Array(items) => items.is_empty(),
        Json::Bool(flag) => !flag,
        Json::Number(number) => number.as_f64() == Some(0.0),
        Json::Object(fields) => fields.is_empty(),
    };
    match (value, unknown, symbol) {
        (_, _, Symbol::Open | Symbol::Missing) => true,
        // What nobody set may get any value from the provider.
        (_, _, Symbol::Null) => true,
        (_, Some(Json::Bool(true)), symbol) => !symbol.is_known(),
        (Some(known), _, Symbol::Document(inner)) => {
            let is_it =
                |known: &str| inner.is_known() && serde_json::from_str(known).ok() == inner.json();
            known.as_str().is_some_and(is_it)
        }
        (_, _, Symbol::Attribute(_) | Symbol::Template(_) | Symbol::Document(_)) => false,
        (Some(Json::Array(values)), unknown, Symbol::List(items) | Symbol::Set(items)) => {
            let none = Vec::new();
            let masks = unknown.and_then(Json::as_array).unwrap_or(&none);
            matched(values, masks, items).is_some()
        }
        (Some(Json::Object(_)), unknown, Symbol::List(items)) => match items.as_slice() {
            [only] => fits(value, unknown, only),
            _ => false,
        },
        (Some(Json::Object(values)), unknown, Symbol::Map(fields)) => {
            let field = |(name, field): (&String, &Symbol)| {
                let unknown = unknown.and_then(|unknown| unknown.get(name));
                fits(values.get(name), unknown, field)
            };
            fields.iter().all(field)
        }
        (Some(known), _, symbol) => match (Symbol::of_json(known).as_text(), symbol.as_text()) {
            (Some(known), Some(written)) => {
                // Of a name the provider takes away the dot at the end.
                let written = written.trim_end_matches('.');
                known.trim_end_matches('.').eq_ignore_ascii_case(written)
                    || known
                        .parse::<f64>()
                        .ok()
                        .zip(written.parse::<f64>().ok())
                        .is_some_and(|(known, written)| (known - written).abs() < 1e-9)
            }
            // The provider writes an empty value as null, and the other way round.
            _ => is_empty(known) && symbol.json().is_some_and(|json| is_empty(&json)),
        },
        (None, _, symbol) => symbol.json().is_none_or(|json| is_empty(&json)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_that_differ_are_not_told_apart_by_their_order() {
        let rows = || vec![vec![true, true], vec![true, true]];
        assert_eq!(assigned(rows(), |_, _| true), Some(vec![0, 1]));
        assert_eq!(assigned(rows(), |one, other| one == other), None);
    }

    #[test]
    fn values_take_the_items_that_nothing_else_fits_first() {
        // A row for each value, with a 1 for each item that it fits.
        let cases: [(&str, Option<&[usize]>); 5] = [
            ("01 11", Some(&[1, 0])),
            ("11 11", Some(&[0, 1])),
            ("001 110 110", Some(&[2, 0, 1])),
            // Which of two items the first takes is not certain.
            ("110 011 111", None),
            ("01 01", None),
        ];
        for (rows, expected) in cases {
            let row = |row: &str| row.chars().map(|fits| fits == '1').collect();
            let rows = rows.split(' ').map(row).collect();
            assert_eq!(assigned(rows, |_, _| true).as_deref(), expected);
        }
    }
}
