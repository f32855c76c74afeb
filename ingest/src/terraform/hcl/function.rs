//! Functions of Terraform's language, those that build and pick values; any other one is open.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use super::address;
use super::evaluate::{Evaluator, MAX_ITEMS, joined, number};
use super::symbol::Symbol;

/// The value of a call.
pub(super) fn call(evaluator: &Evaluator<'_, '_>, name: &str, arguments: Vec<Symbol>) -> Symbol {
    // These look at whether there is a value at all.
    match name {
        "try" => return attempt(arguments),
        "can" => return can(&arguments),
        "coalesce" => return coalesce(evaluator, arguments),
        _ => {}
    }
    if arguments.contains(&Symbol::Missing) {
        return Symbol::Missing;
    }
    let result = of_lists(evaluator, name, &arguments)
        .or_else(|| of_maps(name, &arguments))
        .or_else(|| of_sets(name, &arguments))
        .or_else(|| of_texts(name, &arguments))
        .or_else(|| of_numbers(name, &arguments))
        .or_else(|| address::call(name, &arguments));
    result.unwrap_or(Symbol::Open)
}

fn attempt(arguments: Vec<Symbol>) -> Symbol {
    for argument in arguments {
        if argument != Symbol::Missing {
            // A part of it may be what fails.
            let fails = matches!(&argument, Symbol::List(_) | Symbol::Map(_) | Symbol::Set(_));
            return if fails && argument.is_open() {
                Symbol::Open
            } else {
                argument
            };
        }
    }
    Symbol::Missing
}

fn can(arguments: &[Symbol]) -> Symbol {
    match arguments {
        [Symbol::Missing] => Symbol::Bool(false),
        [argument] if !argument.is_open() => Symbol::Bool(true),
        _ => Symbol::Open,
    }
}

/// The first that is neither null nor empty.
fn coalesce(evaluator: &Evaluator<'_, '_>, arguments: Vec<Symbol>) -> Symbol {
    let is_nothing = |argument: &Symbol| {
        let is_null = evaluator.equal(argument, &Symbol::Null);
        let is_empty = evaluator.equal(argument, &Symbol::text(""));
        match (is_null, is_empty) {
            (Some(true), _) | (_, Some(true)) => Some(true),
            (Some(false), Some(false)) => Some(false),
            (_, _) => None,
        }
    };
    for argument in arguments {
        match is_nothing(&argument) {
            Some(true) => {}
            Some(false) => return argument,
            None => return Symbol::Open,
        }
    }
    Symbol::Missing
}

fn of_lists(evaluator: &Evaluator<'_, '_>, name: &str, arguments: &[Symbol]) -> Option<Symbol> {
    Some(match (name, arguments) {
        ("concat", lists) => {
            let lists: Option<Vec<_>> = lists.iter().map(Symbol::items).collect();
            bounded(lists?.into_iter().flatten().collect())?
        }
        ("flatten", [list]) => bounded(flat(list)?)?,
        ("element", [list, index]) => {
            let items = list.items()?;
            let index = index.as_index()?.checked_rem(items.len())?;
            items.get(index)?.clone()
        }
        ("one", [list]) => match list.members()? {
            [] => Symbol::Null,
            [only] => only.clone(),
            _ => Symbol::Missing,
        },
        ("slice", [list, from, to]) => {
            let items = list.items()?;
            Symbol::List(items.get(from.as_index()?..to.as_index()?)?.to_vec())
        }
        ("reverse", [list]) => Symbol::List(list.items()?.into_iter().rev().collect()),
        ("compact", [list]) => {
            let mut kept = Vec::new();
            for item in list.items()? {
                let is_null = evaluator.equal(&item, &Symbol::Null)?;
                let is_empty = evaluator.equal(&item, &Symbol::text(""))?;
                if !is_null && !is_empty {
                    kept.push(item);
                }
            }
            Symbol::List(kept)
        }
        ("distinct", [list]) => {
            let mut kept: Vec<Symbol> = Vec::new();
            for item in list.items()?.into_iter().filter(|item| !item.is_open()) {
                if !kept.contains(&item) {
                    kept.push(item);
                }
            }
            Symbol::List(kept)
        }
        ("coalescelist", lists) => {
            let is_filled = |list: &&Symbol| list.members().is_none_or(|of| !of.is_empty());
            lists.iter().find(is_filled)?.clone()
        }
        ("chunklist", [list, size]) => {
            let (items, size) = (list.items()?, size.as_index().filter(|size| *size > 0)?);
            Symbol::List(
                items
                    .chunks(size)
                    .map(|of| Symbol::List(of.to_vec()))
                    .collect(),
            )
        }
        ("contains", [list, wanted]) => {
            let items = list.members()?.iter();
            let found: Vec<_> = items.map(|item| evaluator.equal(item, wanted)).collect();
            match (found.contains(&Some(true)), found.contains(&None)) {
                (true, _) => Symbol::Bool(true),
                (false, true) => return None,
                (false, false) => Symbol::Bool(false),
            }
        }
        ("index", [list, wanted]) if list.is_known() && wanted.is_known() => {
            number(list.items()?.iter().position(|item| item == wanted)?)
        }
        ("length", [value]) => length(value)?,
        ("range", bounds) => range(bounds)?,
        ("sort", [list]) if list.is_known() => {
            let mut items = list.items()?;
            items.sort_by_key(Symbol::as_text);
            Symbol::List(items)
        }
        ("tolist", [list]) => Symbol::List(list.items()?),
        ("alltrue" | "anytrue", [list]) => {
            let flags: Option<Vec<_>> = list.members()?.iter().map(Symbol::as_flag).collect();
            let is_all = name == "alltrue";
            Symbol::Bool(flags?.contains(&!is_all) != is_all)
        }
        _ => return None,
    })
}

fn flat(list: &Symbol) -> Option<Vec<Symbol>> {
    let mut found = Vec::new();
    for item in list.items()? {
        if item.members().is_some() {
            found.extend(flat(&item)?);
        } else if may_be_list(&item) {
            return None;
        } else {
            found.push(item);
        }
    }
    Some(found)
}

/// An id or an ARN is one text; what else is open may turn out to be a list.
fn may_be_list(item: &Symbol) -> bool {
    if let Symbol::Attribute(name) = item {
        let name = name.attribute().unwrap_or_default();
        let is_text = |suffix: &&str| name.rsplit('_').next() == Some(suffix);
        return !["id", "arn"].iter().any(is_text);
    }
    item.is_open()
}

fn bounded(items: Vec<Symbol>) -> Option<Symbol> {
    (items.len() <= MAX_ITEMS).then_some(Symbol::List(items))
}

fn length(value: &Symbol) -> Option<Symbol> {
    if let Symbol::Map(fields) = value {
        return Some(number(fields.len()));
    }
    if let Symbol::Text(text) = value {
        return Some(number(text.chars().count()));
    }
    // Members of a set that are not known may turn out to be the same.
    Some(number(value.items()?.len()))
}

fn range(bounds: &[Symbol]) -> Option<Symbol> {
    let bounds: Option<Vec<_>> = bounds.iter().map(Symbol::as_number).collect();
    let (from, to, step) = match bounds?.as_slice() {
        [to] => (0.0, *to, 1.0),
        [from, to] => (*from, *to, 1.0),
        [from, to, step] => (*from, *to, *step),
        _ => return None,
    };
    if step <= 0.0 || (to - from) / step > 1024.0 {
        return None;
    }
    let mut numbers = Vec::new();
    let mut next = from;
    while next < to {
        numbers.push(Symbol::Number(next));
        next += step;
    }
    Some(Symbol::List(numbers))
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
            let found = fields.get(&key.as_text()?).or(default.first());
            found.cloned().unwrap_or(Symbol::Missing)
        }
        ("keys", [Symbol::Map(fields)]) => {
            Symbol::List(fields.keys().map(|key| Symbol::text(key)).collect())
        }
        ("values", [Symbol::Map(fields)]) => Symbol::List(fields.values().cloned().collect()),
        ("zipmap", [keys, values]) => {
            let (keys, values) = (keys.items()?, values.items()?);
            if keys.len() != values.len() {
                return None;
            }
            let keys: Option<Vec<_>> = keys.iter().map(Symbol::as_text).collect();
            Symbol::Map(keys?.into_iter().zip(values).collect())
        }
        ("tomap", [Symbol::Map(fields)]) => Symbol::Map(fields.clone()),
        ("jsonencode", [value]) => match value.json() {
            Some(json) => Symbol::Text(json.to_string()),
            None => Symbol::Document(Box::new(value.clone())),
        },
        ("jsondecode", [Symbol::Text(text)]) => Symbol::of_json(&serde_json::from_str(text).ok()?),
        ("jsondecode", [Symbol::Document(value)]) => (**value).clone(),
        _ => return None,
    })
}

fn of_sets(name: &str, arguments: &[Symbol]) -> Option<Symbol> {
    Some(match (name, arguments) {
        ("toset", [list]) => Symbol::set(list.members()?.to_vec()),
        ("setunion", sets) => {
            let sets: Option<Vec<_>> = sets.iter().map(Symbol::members).collect();
            Symbol::set(sets?.into_iter().flatten().cloned())
        }
        ("setsubtract", [set, other]) if set.is_known() && other.is_known() => {
            let (members, other) = (set.members()?.iter(), other.members()?);
            Symbol::set(members.filter(|one| !other.contains(one)).cloned())
        }
        ("setintersection", [set, other]) if set.is_known() && other.is_known() => {
            let (members, other) = (set.members()?.iter(), other.members()?);
            Symbol::set(members.filter(|one| other.contains(one)).cloned())
        }
        ("setproduct", sets) => {
            let mut products = vec![Vec::new()];
            for set in sets {
                let items = set.items()?;
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

fn of_texts(name: &str, arguments: &[Symbol]) -> Option<Symbol> {
    if let ("join", [separator, list]) = (name, arguments) {
        return join(separator, list);
    }
    if let ("format", [form, values @ ..]) = (name, arguments) {
        return format(&form.as_text()?, values);
    }
    if let ("tostring" | "nonsensitive" | "sensitive", [value]) = (name, arguments) {
        let is_text = name == "tostring" && value.as_text().is_some();
        return if is_text {
            value.as_text().map(Symbol::Text)
        } else {
            Some(value.clone())
        };
    }
    let texts: Option<Vec<_>> = arguments.iter().map(Symbol::as_text).collect();
    let texts = texts?;
    let texts: Vec<_> = texts.iter().map(String::as_str).collect();
    let text = |text: &str| Some(Symbol::text(text));
    match (name, texts.as_slice()) {
        ("lower", [of]) => text(&of.to_lowercase()),
        ("upper", [of]) => text(&of.to_uppercase()),
        ("trimspace", [of]) => text(of.trim()),
        ("trimprefix", [of, prefix]) => text(of.strip_prefix(prefix).unwrap_or(of)),
        ("trimsuffix", [of, suffix]) => text(of.strip_suffix(suffix).unwrap_or(of)),
        // Between slashes it is a regular expression.
        ("replace", [of, from, to]) if !from.starts_with('/') => text(&of.replace(from, to)),
        ("split", [separator, of]) if !separator.is_empty() => Some(Symbol::List(
            of.split(separator).map(Symbol::text).collect(),
        )),
        ("startswith", [of, prefix]) => Some(Symbol::Bool(of.starts_with(prefix))),
        ("endswith", [of, suffix]) => Some(Symbol::Bool(of.ends_with(suffix))),
        ("strcontains", [of, part]) => Some(Symbol::Bool(of.contains(part))),
        _ => None,
    }
}

fn join(separator: &Symbol, list: &Symbol) -> Option<Symbol> {
    let mut parts = Vec::new();
    for item in list.items()? {
        if !parts.is_empty() {
            parts.push(separator.clone());
        }
        parts.push(item);
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
            's' | 'd' | 'v' => parts.push(values.next()?.clone()),
            '%' => parts.push(Symbol::text("%")),
            _ => return None,
        }
        rest = behind.get(verb.len_utf8()..)?;
    }
    parts.push(Symbol::text(rest));
    Some(joined(parts))
}

fn of_numbers(name: &str, arguments: &[Symbol]) -> Option<Symbol> {
    let numbers: Option<Vec<_>> = arguments.iter().map(Symbol::as_number).collect();
    let numbers = numbers?;
    let by = |left: &f64, right: &f64| left.partial_cmp(right).unwrap_or(Ordering::Equal);
    let result = match (name, numbers.as_slice()) {
        ("min", list) => *list.iter().min_by(|l, r| by(l, r))?,
        ("max", list) => *list.iter().max_by(|l, r| by(l, r))?,
        ("tonumber", [only]) => *only,
        ("abs", [only]) => only.abs(),
        ("ceil", [only]) => only.ceil(),
        ("floor", [only]) => only.floor(),
        _ => return None,
    };
    Some(Symbol::Number(result))
}
