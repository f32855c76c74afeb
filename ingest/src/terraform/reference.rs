//! References: what an expression in a plan's `configuration` says it depends on.
//!
//! A plan prints an expression as the list of traversals in it, each followed by its own prefixes:
//! `["aws_vpc.main.id", "aws_vpc.main"]`. Functions, conditions and arithmetic are gone.

use std::fmt;

use crate::json::Value as Json;

/// The key of one instance of a resource or module call.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Key {
    /// Of `count`.
    Number(u64),
    /// Of `for_each`.
    Text(String),
}

impl Key {
    /// The `index` of a resource in the plan.
    pub(super) fn of(index: &Json) -> Option<Key> {
        match index {
            Json::Number(number) => number.as_u64().map(Key::Number),
            Json::String(text) => Some(Key::Text(text.clone())),
            Json::Null | Json::Bool(_) | Json::Array(_) | Json::Object(_) => None,
        }
    }
}

impl fmt::Display for Key {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Key::Number(number) => write!(formatter, "[{number}]"),
            Key::Text(text) => write!(formatter, "[{}]", Json::from(text.as_str())),
        }
    }
}

/// One module call on the way from the root to a module instance.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Call {
    /// The name of the call.
    pub(super) name: String,
    /// Its key, when it has `count` or `for_each`.
    pub(super) key: Option<Key>,
}

/// The calls in an address like `module.a["x"].module.b`.
pub(super) fn calls(address: &str) -> Option<Vec<Call>> {
    let mut parts = parse(address)?.into_iter().peekable();
    let mut calls = Vec::new();
    while let Some(part) = parts.next() {
        if part != Part::Name("module".to_owned()) {
            return None;
        }
        let name = parts.next().and_then(Part::name)?;
        let key = parts.next_if(|part| matches!(part, Part::Key(_)));
        let key = key.and_then(Part::key);
        calls.push(Call { name, key });
    }
    Some(calls)
}

/// One reference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Reference {
    /// A resource or data source of the same module.
    Resource {
        /// The block, as `aws_vpc.main` or `data.aws_vpc.main`.
        block: String,
        /// Which instance, when the reference says so.
        key: Option<Key>,
        /// The attribute, when the reference says so.
        attribute: Option<String>,
    },
    /// An output of a module call.
    Output {
        /// The call.
        call: String,
        /// Which instance, when the reference says so.
        key: Option<Key>,
        /// The output, when the reference says so.
        output: Option<String>,
    },
    /// An input of the module.
    Variable(String),
    /// `each.value`, with the names of what is taken of it.
    EachValue(Vec<String>),
    /// `each.key`.
    EachKey,
    /// `count.index`.
    CountIndex,
    /// `local.…` and whatever else leads nowhere in a plan.
    Blocked,
}

/// The references of an expression, the prefixes of each left out.
pub(super) fn references(expression: &Json) -> Vec<Reference> {
    let list = expression.get("references").and_then(Json::as_array);
    let texts = list.into_iter().flatten().filter_map(Json::as_str);
    let mut references = Vec::new();
    let mut previous: Option<&str> = None;
    for text in texts {
        let is_prefix = previous
            .and_then(|previous| previous.strip_prefix(text))
            .is_some_and(|rest| rest.starts_with(['.', '[']));
        if !is_prefix {
            references.push(reference(text));
        }
        previous = Some(text);
    }
    references
}

fn reference(text: &str) -> Reference {
    let mut parts = parse(text).unwrap_or_default().into_iter();
    let head = parts.next().and_then(Part::name);
    let name = parts.next().and_then(Part::name);
    let (Some(head), Some(name)) = (head, name) else {
        return Reference::Blocked;
    };
    match head.as_str() {
        "var" => Reference::Variable(name),
        "each" if name == "key" => Reference::EachKey,
        "each" => Reference::EachValue(parts.filter_map(Part::name).collect()),
        "count" => Reference::CountIndex,
        "local" | "path" | "terraform" | "self" => Reference::Blocked,
        "module" => {
            let (key, rest) = split_key(parts);
            Reference::Output {
                call: name,
                key,
                output: rest.into_iter().next().and_then(Part::name),
            }
        }
        "data" => match parts.next().and_then(Part::name) {
            Some(label) => resource(format!("data.{name}.{label}"), parts),
            None => Reference::Blocked,
        },
        _ => resource(format!("{head}.{name}"), parts),
    }
}

fn resource(block: String, parts: impl Iterator<Item = Part>) -> Reference {
    let (key, rest) = split_key(parts);
    let attribute = last_name(rest.into_iter());
    Reference::Resource {
        block,
        key,
        attribute,
    }
}

fn split_key(parts: impl Iterator<Item = Part>) -> (Option<Key>, Vec<Part>) {
    let mut parts = parts.peekable();
    let key = parts.next_if(|part| matches!(part, Part::Key(_)));
    (key.and_then(Part::key), parts.collect())
}

/// The last attribute of a path: `primary[0].network_interface_id` ends in the id that is meant.
fn last_name(parts: impl Iterator<Item = Part>) -> Option<String> {
    parts.filter_map(Part::name).last()
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Name(String),
    Key(Key),
}

impl Part {
    fn name(self) -> Option<String> {
        match self {
            Part::Name(name) => Some(name),
            Part::Key(_) => None,
        }
    }

    fn key(self) -> Option<Key> {
        match self {
            Part::Key(key) => Some(key),
            Part::Name(_) => None,
        }
    }
}

fn parse(text: &str) -> Option<Vec<Part>> {
    let mut parts = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        if let Some(inner) = rest.strip_prefix('[') {
            let (key, after) = inner.split_at_checked(end_of_key(inner)?)?;
            parts.push(Part::Key(Key::of(&serde_json::from_str(key).ok()?)?));
            rest = after.strip_prefix(']')?;
        } else {
            let name = rest.strip_prefix('.').unwrap_or(rest);
            let end = name.find(['.', '[']).unwrap_or(name.len());
            let (name, after) = name.split_at_checked(end)?;
            if name.is_empty() {
                return None;
            }
            parts.push(Part::Name(name.to_owned()));
            rest = after;
        }
    }
    Some(parts)
}

/// Where the closing bracket stands: not inside a quoted key, which may hold brackets itself.
fn end_of_key(inner: &str) -> Option<usize> {
    let mut quoted = false;
    let mut escaped = false;
    for (position, byte) in inner.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            b']' if !quoted => return Some(position),
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use crate::json::json;

    use super::*;

    fn of(texts: &[&str]) -> Vec<Reference> {
        references(&json!({ "references": texts }))
    }

    fn resource(block: &str, key: Option<Key>, attribute: Option<&str>) -> Reference {
        Reference::Resource {
            block: block.to_owned(),
            key,
            attribute: attribute.map(str::to_owned),
        }
    }

    #[test]
    fn the_prefixes_of_a_reference_are_not_references() {
        let found = of(&["x.rt[\"b\"].id", "x.rt[\"b\"]", "x.rt", "x.rt", "x.rt2"]);
        let key = Some(Key::Text("b".to_owned()));
        let expected = [
            resource("x.rt", key, Some("id")),
            resource("x.rt", None, None),
            resource("x.rt2", None, None),
        ];
        assert_eq!(found, expected);
    }

    #[test]
    fn keys_may_hold_brackets_quotes_and_dots() {
        let found = of(&["data.aws_vpc.a[\"a.b[\\\"1\\\"]\"].id"]);
        let key = Some(Key::Text("a.b[\"1\"]".to_owned()));
        assert_eq!(found, [resource("data.aws_vpc.a", key, Some("id"))]);
        let found = of(&["aws_subnet.count[10].id"]);
        let key = Some(Key::Number(10));
        assert_eq!(found, [resource("aws_subnet.count", key, Some("id"))]);
    }

    #[test]
    fn outputs_inputs_and_repetition_are_told_apart() {
        let found = of(&[
            "module.m[\"x\"].group",
            "module.m[\"x\"]",
            "var.a",
            "each.value.id",
        ]);
        let expected = [
            Reference::Output {
                call: "m".to_owned(),
                key: Some(Key::Text("x".to_owned())),
                output: Some("group".to_owned()),
            },
            Reference::Variable("a".to_owned()),
            Reference::EachValue(vec!["id".to_owned()]),
        ];
        assert_eq!(found, expected);
        let found = of(&["each.key", "count.index", "local.a"]);
        let expected = [
            Reference::EachKey,
            Reference::CountIndex,
            Reference::Blocked,
        ];
        assert_eq!(found, expected);
    }

    #[test]
    fn what_cannot_be_parsed_leads_nowhere() {
        for text in ["", "x", "x.y[", "x.y[\"", "x..y", "[0]", "module"] {
            assert_eq!(of(&[text]), [Reference::Blocked], "{text}");
        }
    }

    #[test]
    fn the_address_of_a_module_instance_is_a_list_of_calls() {
        let found = calls("module.a[\"x\"].module.b").unwrap_or_default();
        let expected = [
            Call {
                name: "a".to_owned(),
                key: Some(Key::Text("x".to_owned())),
            },
            Call {
                name: "b".to_owned(),
                key: None,
            },
        ];
        assert_eq!(found, expected);
        assert_eq!(calls("aws_vpc.main"), None);
    }
}
