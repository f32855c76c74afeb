//! Policy documents with something in them that is known only after the apply.
//!
//! What stands in for it must be the value that it will have, since a claim may name that value: the
//! ARN of a bucket is made of its name, and an id that the model has a name for is compared only with
//! that name, under the keys that hold nothing else. Of what else the form is known, as of an ARN,
//! the document has a text with openings; with anything else the document stays open.

use std::collections::BTreeMap;

use crate::json::{Map, Value as Json};
use model::{OpenText, TextPiece};

use crate::policy;

use super::super::plan::{Plan, Resource};
use super::super::region;
use super::block;
use super::evaluate::Evaluator;
use super::open_text;
use super::symbol::{Name, Symbol};

/// The data source that makes a document.
pub(super) const DATA_SOURCE: &str = "aws_iam_policy_document";
/// Its argument for each element of a statement, and whether one value stands alone.
const ELEMENTS: [(&str, &str); 4] = [
    ("actions", "Action"),
    ("not_actions", "NotAction"),
    ("resources", "Resource"),
    ("not_resources", "NotResource"),
];

/// The keys that hold ids of the model, and the type of what has them.
const KEYS: [(&str, &str); 2] = [
    ("aws:sourcevpc", "aws_vpc"),
    ("aws:sourcevpce", "aws_vpc_endpoint"),
];

/// The text of a value, when every part of it is known or made of what is known.
pub(super) fn text(plan: &Plan<'_>, symbol: &Symbol) -> Option<String> {
    if let Symbol::Document(value) = symbol {
        return Some(value_of(plan, value, None)?.to_string());
    }
    let Symbol::Template(parts) = symbol else {
        return None;
    };
    let part = |part: &Symbol| {
        if let Symbol::Attribute(name) = part {
            made(plan, name)
        } else {
            part.as_text()
        }
    };
    parts.iter().map(part).collect()
}

/// A value in a document; `key` is the condition key that it is compared with.
fn value_of(plan: &Plan<'_>, symbol: &Symbol, key: Option<&str>) -> Option<Json> {
    Some(match symbol {
        Symbol::List(items) | Symbol::Set(items) => {
            let items: Option<Vec<_>> = items.iter().map(|one| value_of(plan, one, key)).collect();
            Json::Array(items?)
        }
        Symbol::Map(fields) => {
            let field = |(name, value): (&String, &Symbol)| {
                Some((name.clone(), value_of(plan, value, Some(name))?))
            };
            let fields: Option<Map> = fields.iter().map(field).collect();
            Json::Object(fields?)
        }
        Symbol::Attribute(name) => {
            let symbolic = key.and_then(|key| symbolic(plan, name, key));
            Json::String(symbolic.or_else(|| made(plan, name))?)
        }
        Symbol::Template(_) | Symbol::Document(_) => Json::String(text(plan, symbol)?),
        Symbol::Null
        | Symbol::Bool(_)
        | Symbol::Number(_)
        | Symbol::Text(_)
        | Symbol::Resource(_)
        | Symbol::Module(_)
        | Symbol::Missing
        | Symbol::Open => symbol.json()?,
    })
}

/// A document in which some texts have openings, as [`crate::policy::read_planned`] reads it.
pub(super) fn partial(plan: &Plan<'_>, symbol: &Symbol) -> Option<Json> {
    let Symbol::Document(value) = symbol else {
        return None;
    };
    partial_value(plan, value, None)
}

fn partial_value(plan: &Plan<'_>, symbol: &Symbol, key: Option<&str>) -> Option<Json> {
    if let Some(known) = value_of(plan, symbol, key) {
        return Some(known);
    }
    match symbol {
        Symbol::List(items) | Symbol::Set(items) => {
            let items = items.iter().map(|one| partial_value(plan, one, key));
            items.collect::<Option<Vec<_>>>().map(Json::Array)
        }
        Symbol::Map(fields) => {
            let field = |(name, value): (&String, &Symbol)| {
                Some((name.clone(), partial_value(plan, value, Some(name))?))
            };
            let fields: Option<Map> = fields.iter().map(field).collect();
            fields.map(Json::Object)
        }
        Symbol::Attribute(_) => opened(plan, std::slice::from_ref(symbol)),
        Symbol::Template(parts) => opened(plan, parts),
        Symbol::Null
        | Symbol::Bool(_)
        | Symbol::Number(_)
        | Symbol::Text(_)
        | Symbol::Resource(_)
        | Symbol::Module(_)
        | Symbol::Document(_)
        | Symbol::Missing
        | Symbol::Open => None,
    }
}

/// Texts one after the other, of which the form is known.
fn opened(plan: &Plan<'_>, parts: &[Symbol]) -> Option<Json> {
    let mut pieces = Vec::new();
    for part in parts {
        if let Symbol::Attribute(name) = part {
            match made(plan, name) {
                Some(text) => pieces.push(TextPiece::Known(text)),
                None => pieces.extend(open_text::pieces(plan, name)?),
            }
        } else {
            pieces.push(TextPiece::Known(part.as_text()?));
        }
    }
    OpenText::new(pieces).map(|text| policy::open_text(&text))
}

/// The name that the model has for an id, under a key that holds nothing else.
fn symbolic(plan: &Plan<'_>, name: &Name, key: &str) -> Option<String> {
    let resource = plan.resources.get(name.resource)?;
    let is_it = |(of, kind): &&(&str, &str)| key.eq_ignore_ascii_case(of) && resource.of == *kind;
    KEYS.iter().find(is_it)?;
    let is_id = name.attribute == "id" && !resource.is_data;
    let id = plan.id(resource);
    // A name that a pattern could take for a pattern is none.
    (is_id && !id.contains(['*', '?', '$'])).then_some(id)
}

/// What an attribute is made of, when the plan knows that.
fn made(plan: &Plan<'_>, name: &Name) -> Option<String> {
    let resource = plan.resources.get(name.resource)?;
    let known = |name: &str| resource.attribute(name).text().map(str::to_owned);
    match (resource.of, name.attribute.as_str()) {
        ("aws_s3_bucket", "id" | "bucket") => known("bucket"),
        ("aws_s3_bucket", "arn") => {
            let partition = partition(plan, resource)?;
            Some(format!("arn:{partition}:s3:::{}", known("bucket")?))
        }
        _ => None,
    }
}

/// The partition of a resource's Region, of those that AWS documents. Source: IAM:reference_identifiers
pub(super) fn partition(plan: &Plan<'_>, resource: &Resource<'_>) -> Option<&'static str> {
    let region = region::of(plan, resource)?;
    Some(if region.starts_with("cn-") {
        "aws-cn"
    } else if region.starts_with("us-gov-") {
        "aws-us-gov"
    } else if region.contains("-iso") || region.starts_with("eusc-") {
        return None;
    } else {
        "aws"
    })
}

/// The document of an `aws_iam_policy_document` that has to wait.
pub(super) fn of_data(evaluator: &Evaluator<'_, '_>, position: usize) -> Symbol {
    let plan = evaluator.plan;
    let Some(resource) = plan.resources.get(position) else {
        return Symbol::Open;
    };
    let files = evaluator.module(&resource.module);
    let Some(declared) = files.and_then(|files| files.blocks.get(&resource.block)) else {
        return Symbol::Open;
    };
    evaluator.once(&resource.module, resource.address, || {
        let fields = block::attributes(evaluator, resource, declared);
        let document = document(&fields);
        document.map_or(Symbol::Open, |document| {
            Symbol::Document(Box::new(document))
        })
    })
}

fn document(fields: &BTreeMap<String, Symbol>) -> Option<Symbol> {
    // Documents in other documents are put together in ways of their own.
    let own = ["statement", "version", "policy_id"];
    let is_own = fields.keys().all(|name| own.contains(&name.as_str()));
    if !is_own || fields.values().any(has_variable) {
        return None;
    }
    let mut statements = Vec::new();
    for statement in fields.get("statement")?.items()? {
        statements.push(self::statement(statement)?);
    }
    let version = given(fields, "version").cloned();
    let version = version.unwrap_or_else(|| Symbol::text("2012-10-17"));
    let fields = [
        ("Version".to_owned(), version),
        ("Statement".to_owned(), Symbol::List(statements)),
    ];
    Some(Symbol::Map(BTreeMap::from(fields)))
}

/// Whether it has a policy variable in it, which the data source writes with another sign.
fn has_variable(symbol: &Symbol) -> bool {
    match symbol {
        Symbol::Text(text) => text.contains("&{"),
        Symbol::List(items) | Symbol::Set(items) | Symbol::Template(items) => {
            items.iter().any(has_variable)
        }
        Symbol::Map(fields) => fields.values().any(has_variable),
        Symbol::Document(inner) => has_variable(inner),
        Symbol::Null
        | Symbol::Bool(_)
        | Symbol::Number(_)
        | Symbol::Resource(_)
        | Symbol::Module(_)
        | Symbol::Attribute(_)
        | Symbol::Missing
        | Symbol::Open => false,
    }
}

/// An argument, when it says something: what is null or empty the data source leaves out.
fn given<'f>(fields: &'f BTreeMap<String, Symbol>, name: &str) -> Option<&'f Symbol> {
    let is_empty = |value: &&Symbol| value.members().is_some_and(<[Symbol]>::is_empty);
    let value = fields.get(name).filter(|value| !is_empty(value));
    value.filter(|value| **value != Symbol::Null && **value != Symbol::text(""))
}

fn statement(statement: &Symbol) -> Option<Symbol> {
    let Symbol::Map(arguments) = statement else {
        return None;
    };
    let mut fields = BTreeMap::new();
    let mut put = |name: &str, value: Symbol| fields.insert(name.to_owned(), value);
    let effect = given(arguments, "effect").cloned();
    put("Effect", effect.unwrap_or_else(|| Symbol::text("Allow")));
    for (argument, element) in ELEMENTS {
        if let Some(values) = given(arguments, argument) {
            put(element, values.clone());
        }
    }
    if let Some(sid) = given(arguments, "sid") {
        put("Sid", sid.clone());
    }
    for (argument, element) in [
        ("principals", "Principal"),
        ("not_principals", "NotPrincipal"),
    ] {
        if let Some(list) = given(arguments, argument) {
            put(element, principals(list)?);
        }
    }
    if let Some(list) = given(arguments, "condition") {
        put("Condition", conditions(list)?);
    }
    Some(Symbol::Map(fields))
}

/// Principals by their type. Everyone, and nobody besides, is `*` alone.
fn principals(list: &Symbol) -> Option<Symbol> {
    let mut kinds: BTreeMap<String, Symbol> = BTreeMap::new();
    for one in list.items()? {
        let Symbol::Map(one) = one else { return None };
        let kind = one.get("type")?.as_text()?;
        let identifiers = one.get("identifiers")?.items()?;
        let everyone = Symbol::text("*");
        let kind = if kind == "*" && identifiers == std::slice::from_ref(&everyone) {
            if list.members()?.len() == 1 {
                return Some(everyone);
            }
            "AWS".to_owned()
        } else {
            kind
        };
        extend(kinds.entry(kind), identifiers);
    }
    Some(Symbol::Map(kinds))
}

fn conditions(list: &Symbol) -> Option<Symbol> {
    let mut tests: BTreeMap<String, Symbol> = BTreeMap::new();
    for one in list.items()? {
        let Symbol::Map(one) = one else { return None };
        let (test, key) = (one.get("test")?.as_text()?, one.get("variable")?.as_text()?);
        let values = one.get("values")?.items()?;
        let keys = tests
            .entry(test)
            .or_insert_with(|| Symbol::Map(BTreeMap::new()));
        if let Symbol::Map(keys) = keys {
            extend(keys.entry(key), values);
        }
    }
    Some(Symbol::Map(tests))
}

fn extend(entry: std::collections::btree_map::Entry<'_, String, Symbol>, values: &[Symbol]) {
    if let Symbol::List(known) = entry.or_insert_with(|| Symbol::List(Vec::new())) {
        known.extend_from_slice(values);
    }
}

#[cfg(test)]
mod tests {
    use crate::json::json;

    use super::*;

    #[test]
    fn blocks_of_principals_and_conditions_become_the_objects_of_a_policy() {
        let list = |items: &[&str]| json!(items);
        let fields = json!({"statement": [{
            "actions": list(&["s3:*"]),
            "resources": list(&["*"]),
            "principals": [{"type": "AWS", "identifiers": list(&["a"])}, {"type": "AWS", "identifiers": list(&["b"])}],
            "condition": [{"test": "StringEquals", "variable": "aws:SourceVpc", "values": list(&["v"])}],
        }]});
        let Symbol::Map(fields) = Symbol::of_json(&fields) else {
            panic!()
        };
        let found = document(&fields).and_then(|document| document.json());
        let expected = json!({"Version": "2012-10-17", "Statement": [{
            "Effect": "Allow",
            "Action": ["s3:*"],
            "Resource": ["*"],
            "Principal": {"AWS": ["a", "b"]},
            "Condition": {"StringEquals": {"aws:SourceVpc": ["v"]}},
        }]});
        assert_eq!(found, Some(expected));
    }
}
