//! Functions of Terraform's language that pick and build values, as far as they are exact here; any
//! other one is open.
//!
//! A function that makes its arguments of one type is exact only for arguments that are alike.

use std::collections::BTreeMap;

use super::address;
use super::evaluate::{Evaluator, MAX_ITEMS, joined};
use super::shape::{are_alike, are_texts};
use super::symbol::Symbol;

/// The value of a call.
pub(super) fn call(evaluator: &Evaluator<'_, '_>, name: &str, arguments: Vec<Symbol>) -> Symbol {
    // It looks at whether there is a value at all.
    if name == "can" {
        return Symbol::Open;
    }
    if arguments.contains(&Symbol::Missing) {
        return Symbol::Missing;
    }
    let result = of_lists(evaluator, name, &arguments)
        .or_else(|| of_sets(name, &arguments))
        .or_else(|| of_maps(name, &arguments))
        .or_else(|| of_texts(name, &arguments))
        .or_else(|| of_numbers(name, &arguments))
        .or_else(|| address::call(name, &arguments));
    result.unwrap_or(Symbol::Open)
}

fn of_lists(evaluator: &Evaluator<'_, '_>, name: &str, arguments: &[Symbol]) -> Option<Symbol> {
    Some(match (name, arguments) {
        ("coalesce", values) => coalesce(evaluator, values)?,
        ("coalescelist", lists) => {
            let lists: Option<Vec<_>> = lists.iter().map(Symbol::list).collect();
            let mut lists = lists?.into_iter();
            Symbol::List(lists.find(|list| !list.is_empty())?.to_vec())
        }
        ("concat", lists) => {
            let lists: Option<Vec<_>> = lists.iter().map(Symbol::list).collect();
            bounded(together(&lists?)?)?
        }
        ("flatten", [list]) => bounded(flat(list)?)?,
        ("element", [list, index]) => {
            let items = list.list()?;
            let index = index.as_index()?.checked_rem(items.len())?;
            items.get(index)?.clone()
        }
        ("one", [list]) => match list.members()? {
            [] => Symbol::Null,
            [only] => only.clone(),
            // Members of a set that are not known may turn out to be the same.
            _ if list.items().is_none() => return None,
            _ => Symbol::Missing,
        },
        ("slice", [list, from, to]) => {
            let items = list.list()?;
            Symbol::List(items.get(from.as_index()?..to.as_index()?)?.to_vec())
        }
        ("reverse", [list]) => Symbol::List(list.list()?.iter().rev().cloned().collect()),
        ("compact", [list]) => compact(evaluator, list.list()?)?,
        ("distinct", [list]) => distinct(evaluator, list.list()?)?,
        ("contains", [list, wanted]) => contains(evaluator, list.members()?, wanted)?,
        ("index", [list, wanted]) => {
            let items = list.list()?;
            let is_exact = wanted.is_known() && items.iter().all(Symbol::is_known);
            let is_exact = is_exact && are_texts(items) && are_texts([wanted]);
            is_exact.then_some(())?;
            Symbol::count(items.iter().position(|item| item == wanted)?)
        }
        ("length", [value]) => length(value)?,
        ("range", bounds) => range(bounds)?,
        ("sort", [list]) => {
            let mut texts = Vec::new();
            for item in list.items()? {
                texts.push(known_text(item)?.to_owned());
            }
            texts.sort();
            Symbol::List(texts.into_iter().map(Symbol::Text).collect())
        }
        ("tolist", [list]) => {
            let items = list.items().filter(|items| are_alike(*items))?;
            Symbol::List(items.to_vec())
        }
        _ => return None,
    })
}

/// The items of several lists, when they are alike; an empty one may be of any type.
fn together(lists: &[&[Symbol]]) -> Option<Vec<Symbol>> {
    let items = lists.concat();
    let has_empty = lists.iter().any(|list| list.is_empty());
    let empty = has_empty.then_some(&Symbol::Null);
    are_alike(items.iter().chain(empty)).then_some(items)
}

fn known_text(symbol: &Symbol) -> Option<&str> {
    if let Symbol::Text(text) = symbol {
        Some(text)
    } else {
        None
    }
}

/// Whether it is null or the empty text.
fn is_nothing(evaluator: &Evaluator<'_, '_>, symbol: &Symbol) -> Option<bool> {
    if *symbol == Symbol::Null {
        return Some(true);
    }
    evaluator.equal(symbol, &Symbol::text(""))
}

/// The first text that is neither null nor empty.
fn coalesce(evaluator: &Evaluator<'_, '_>, values: &[Symbol]) -> Option<Symbol> {
    let given = values.iter().filter(|value| **value != Symbol::Null);
    are_texts(given).then_some(())?;
    for value in values {
        if !is_nothing(evaluator, value)? {
            return Some(value.clone());
        }
    }
    None
}

/// The texts of a list that are neither null nor empty.
fn compact(evaluator: &Evaluator<'_, '_>, items: &[Symbol]) -> Option<Symbol> {
    let given = items.iter().filter(|item| **item != Symbol::Null);
    are_texts(given).then_some(())?;
    let mut kept = Vec::new();
    for item in items {
        if !is_nothing(evaluator, item)? {
            kept.push(item.clone());
        }
    }
    Some(Symbol::List(kept))
}

/// The texts of a list, each once.
fn distinct(evaluator: &Evaluator<'_, '_>, items: &[Symbol]) -> Option<Symbol> {
    are_texts(items).then_some(())?;
    let mut kept: Vec<Symbol> = Vec::new();
    for item in items {
        let is_known = |one: &Symbol| evaluator.equal(one, item);
        let found: Option<Vec<bool>> = kept.iter().map(is_known).collect();
        if !found?.contains(&true) {
            kept.push(item.clone());
        }
    }
    Some(Symbol::List(kept))
}

/// Whether a text is one of some texts.
fn contains(evaluator: &Evaluator<'_, '_>, items: &[Symbol], wanted: &Symbol) -> Option<Symbol> {
    (are_texts(items) && are_texts([wanted])).then_some(())?;
    let found: Vec<_> = items
        .iter()
        .map(|item| evaluator.equal(item, wanted))
        .collect();
    match (found.contains(&Some(true)), found.contains(&None)) {
        (true, _) => Some(Symbol::Bool(true)),
        (false, true) => None,
        (false, false) => Some(Symbol::Bool(false)),
    }
}

fn flat(list: &Symbol) -> Option<Vec<Symbol>> {
    let mut found = Vec::new();
    for item in list.items()? {
        let may_be_list = match item {
            Symbol::Attribute(name) => !name.is_text,
            Symbol::Null | Symbol::Open | Symbol::Missing => true,
            Symbol::Bool(_)
            | Symbol::Number(_)
            | Symbol::Text(_)
            | Symbol::List(_)
            | Symbol::Set(_)
            | Symbol::Map(_)
            | Symbol::Resource(_)
            | Symbol::Module(_)
            | Symbol::Template(_)
            | Symbol::Document(_) => false,
        };
        if item.members().is_some() {
            found.extend(flat(item)?);
        } else if may_be_list {
            return None;
        } else {
            found.push(item.clone());
        }
    }
    Some(found)
}

fn bounded(items: Vec<Symbol>) -> Option<Symbol> {
    (items.len() <= MAX_ITEMS).then_some(Symbol::List(items))
}

fn length(value: &Symbol) -> Option<Symbol> {
    if let Symbol::Map(fields) = value {
        return Some(Symbol::count(fields.len()));
    }
    if let Symbol::Text(text) = value {
        // Terraform counts what a reader takes for one character; the end of a line may be of two.
        let is_counted = text.is_ascii() && !text.contains('\r');
        return is_counted.then(|| Symbol::count(text.len()));
    }
    // Members of a set that are not known may turn out to be the same.
    Some(Symbol::count(value.items()?.len()))
}

/// Numbers from the smaller bound to the larger one; Terraform also goes down.
fn range(bounds: &[Symbol]) -> Option<Symbol> {
    let bounds: Option<Vec<_>> = bounds.iter().map(Symbol::as_index).collect();
    let (from, to, step) = match bounds?.as_slice() {
        [to] => (0, *to, 1),
        [from, to] => (*from, *to, 1),
        [from, to, step] => (*from, *to, *step),
        _ => return None,
    };
    let is_upward = from <= to && step > 0 && (to - from) / step < 1024;
    is_upward.then(|| Symbol::List((from..to).step_by(step).map(Symbol::count).collect()))
}

fn of_sets(name: &str, arguments: &[Symbol]) -> Option<Symbol> {
    Some(match (name, arguments) {
        ("toset", [list]) => {
            let members = list.members().filter(|members| are_alike(*members))?;
            Symbol::set(members.to_vec())
        }
        ("setunion", sets) => {
            let sets: Option<Vec<_>> = sets.iter().map(Symbol::members).collect();
            Symbol::set(together(&sets?)?)
        }
        ("setproduct", lists) => {
            let mut products = vec![Vec::new()];
            for list in lists {
                let items = list.list().filter(|items| are_alike(*items))?;
                if products.len().saturating_mul(items.len()) > MAX_ITEMS {
                    return None;
                }
                let longer = products.iter().flat_map(|product: &Vec<Symbol>| {
                    let with =
                        |item: &Symbol| [product.as_slice(), std::slice::from_ref(item)].concat();
                    items.iter().map(with)
                });
                products = longer.collect();
            }
            Symbol::List(products.into_iter().map(Symbol::List).collect())
        }
        _ => return None,
    })
}

fn of_maps(name: &str, arguments: &[Symbol]) -> Option<Symbol> {
    Some(match (name, arguments) {
        ("merge", maps) => {
            let mut merged = BTreeMap::new();
            for map in maps {
                if let Symbol::Map(fields) = map {
                    merged.extend(fields.clone());
                } else if *map != Symbol::Null {
                    return None;
                }
            }
            Symbol::Map(merged)
        }
        ("lookup", [Symbol::Map(fields), key, default @ ..]) => {
            let default = match default {
                [] => &Symbol::Missing,
                [default] => default,
                _ => return None,
            };
            match fields.get(&key.as_text()?) {
                Some(found) => found.clone(),
                // The default becomes what the values of a map are.
                None if fields.values().all(|value| are_alike([value, default]))
                    && !(fields.is_empty() && default.is_known() && *default != Symbol::Null) =>
                {
                    default.clone()
                }
                None if matches!(default, Symbol::Missing | Symbol::Null) => default.clone(),
                None => return None,
            }
        }
        ("keys", [Symbol::Map(fields)]) => {
            Symbol::List(fields.keys().map(|key| Symbol::text(key)).collect())
        }
        ("values", [Symbol::Map(fields)]) => Symbol::List(fields.values().cloned().collect()),
        ("zipmap", [keys, values]) => {
            let (keys, values) = (keys.list()?, values.list()?);
            let names: Option<Vec<_>> = keys.iter().map(Symbol::as_text).collect();
            let fields: BTreeMap<_, _> = names?.into_iter().zip(values.to_vec()).collect();
            let is_paired = keys.len() == values.len() && fields.len() == keys.len();
            is_paired.then_some(Symbol::Map(fields))?
        }
        ("tomap", [Symbol::Map(fields)]) => {
            are_alike(fields.values()).then(|| Symbol::Map(fields.clone()))?
        }
        ("jsonencode", [value]) => Symbol::Document(Box::new(value.clone())),
        _ => return None,
    })
}

fn of_texts(name: &str, arguments: &[Symbol]) -> Option<Symbol> {
    match (name, arguments) {
        ("join", [separator, list]) => return join(separator, list),
        ("format", [form, values @ ..]) => return format(&form.as_text()?, values),
        ("nonsensitive" | "sensitive", [value]) => return Some(value.clone()),
        ("tostring", [value]) => {
            let is_text = *value == Symbol::Null || are_texts([value]);
            return value
                .as_text()
                .map(Symbol::Text)
                .or_else(|| is_text.then(|| value.clone()));
        }
        _ => {}
    }
    let texts: Option<Vec<_>> = arguments.iter().map(Symbol::as_text).collect();
    let texts = texts?;
    let texts: Vec<_> = texts.iter().map(String::as_str).collect();
    let text = |text: &str| Some(Symbol::text(text));
    match (name, texts.as_slice()) {
        ("lower", [of]) if of.is_ascii() => text(&of.to_ascii_lowercase()),
        ("upper", [of]) if of.is_ascii() => text(&of.to_ascii_uppercase()),
        ("trimprefix", [of, prefix]) => text(of.strip_prefix(prefix).unwrap_or(of)),
        ("trimsuffix", [of, suffix]) => text(of.strip_suffix(suffix).unwrap_or(of)),
        // Between slashes it is a regular expression.
        ("replace", [of, from, to]) if !from.is_empty() && !from.starts_with('/') => {
            text(&of.replace(from, to))
        }
        ("split", [separator, of]) if !separator.is_empty() => Some(Symbol::List(
            of.split(separator).map(Symbol::text).collect(),
        )),
        ("startswith", [of, prefix]) => Some(Symbol::Bool(of.starts_with(prefix))),
        ("endswith", [of, suffix]) => Some(Symbol::Bool(of.ends_with(suffix))),
        _ => None,
    }
}

fn join(separator: &Symbol, list: &Symbol) -> Option<Symbol> {
    let separator = Symbol::Text(separator.as_text()?);
    let mut parts = Vec::new();
    for item in list.items()? {
        if !parts.is_empty() {
            parts.push(separator.clone());
        }
        parts.push(item.clone());
    }
    Some(joined(parts))
}

/// `format` with verbs that only insert.
fn format(form: &str, values: &[Symbol]) -> Option<Symbol> {
    let mut parts = Vec::new();
    let mut values = values.iter();
    let mut rest = form;
    while let Some((before, behind)) = rest.split_once('%') {
        parts.push(Symbol::text(before));
        let verb = behind.chars().next()?;
        match verb {
            's' | 'v' => parts.push(values.next()?.clone()),
            'd' => {
                let number = values.next()?;
                matches!(number, Symbol::Number(_)).then(|| parts.push(number.clone()))?;
            }
            '%' => parts.push(Symbol::text("%")),
            _ => return None,
        }
        rest = behind.get(verb.len_utf8()..)?;
    }
    parts.push(Symbol::text(rest));
    // Values that no verb inserts are an error.
    values.next().is_none().then(|| joined(parts))
}

fn of_numbers(name: &str, arguments: &[Symbol]) -> Option<Symbol> {
    let numbers: Option<Vec<_>> = arguments.iter().map(Symbol::as_number).collect();
    let numbers = numbers?;
    let result = match (name, numbers.as_slice()) {
        ("min", list) => *list.iter().min()?,
        ("max", list) => *list.iter().max()?,
        ("tonumber", [only]) => *only,
        _ => return None,
    };
    Some(Symbol::Number(result))
}
