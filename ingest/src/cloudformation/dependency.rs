//! Dependencies: which resources of a template refer to which. CloudFormation makes them one after
//! the other, so that a circle cannot be made.

use std::collections::{BTreeMap, BTreeSet};

use crate::json::Value as Json;

use crate::diagnostic::Code;
use crate::sink::Sink;

use super::template::Template;
use super::yaml::escaped;

/// Takes an error for a circle.
pub(super) fn check(template: &Template, sink: &mut Sink) {
    let ids: BTreeSet<&str> = template.resources().iter().map(|one| one.id).collect();
    let mut edges: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for written in template.resources() {
        let mut named = BTreeSet::new();
        if let Some(properties) = written.body.get("Properties") {
            gather(properties, &mut named);
        }
        match written.body.get("DependsOn") {
            Some(Json::String(one)) => {
                named.insert(one.clone());
            }
            Some(Json::Array(several)) => {
                named.extend(several.iter().filter_map(Json::as_str).map(str::to_owned));
            }
            Some(Json::Null | Json::Bool(_) | Json::Number(_) | Json::Object(_)) | None => {}
        }
        let named = named
            .iter()
            .filter_map(|name| ids.get(name.as_str()).copied());
        edges.insert(written.id, named.collect());
    }
    // What depends on nothing that is left is made, until only circles are left.
    loop {
        let before = edges.len();
        let left: BTreeSet<&str> = edges.keys().copied().collect();
        edges.retain(|_, needs| needs.iter().any(|need| left.contains(need)));
        if edges.len() == before {
            break;
        }
    }
    if let Some(first) = edges.keys().next() {
        circle(template, first, &edges, sink);
    }
}

/// Follows a circle round and says it.
fn circle(
    template: &Template,
    first: &str,
    edges: &BTreeMap<&str, BTreeSet<&str>>,
    sink: &mut Sink,
) {
    let mut path = vec![first];
    loop {
        let last = path.last().copied().unwrap_or(first);
        let next = edges.get(last).into_iter().flatten();
        let Some(next) = next.copied().find(|next| edges.contains_key(next)) else {
            return;
        };
        let again = path.iter().position(|one| *one == next);
        path.push(next);
        if let Some(from) = again {
            let round: Vec<_> = path
                .iter()
                .skip(from)
                .map(|one| format!("`{one}`"))
                .collect();
            let message = format!(
                "resources that refer to each other in a circle: {}",
                round.join(" to ")
            );
            let pointer = format!("/Resources/{}", escaped(next));
            let error = template.error(&pointer, Code::InvalidValue, message);
            sink.push(
                error.help("rules of groups that name each other stand in resources of their own"),
            );
            return;
        }
    }
}

/// The names that an expression refers to.
fn gather(json: &Json, found: &mut BTreeSet<String>) {
    match json {
        Json::Array(items) => items.iter().for_each(|item| gather(item, found)),
        Json::Object(fields) => {
            for (name, value) in fields {
                match (name, value) {
                    ("Ref", Json::String(name)) => {
                        found.insert(name.clone());
                    }
                    ("Fn::GetAtt", Json::String(text)) => {
                        let name = text.split('.').next().unwrap_or_default();
                        found.insert(name.to_owned());
                    }
                    ("Fn::GetAtt", Json::Array(items)) => {
                        let name = items.first().and_then(Json::as_str);
                        found.extend(name.map(str::to_owned));
                    }
                    ("Fn::Sub", Json::String(text)) => in_text(text, found),
                    ("Fn::Sub", Json::Array(items)) => {
                        in_text(
                            items.first().and_then(Json::as_str).unwrap_or_default(),
                            found,
                        );
                        items.iter().skip(1).for_each(|item| gather(item, found));
                    }
                    (_, value) => gather(value, found),
                }
            }
        }
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => {}
    }
}

fn in_text(text: &str, found: &mut BTreeSet<String>) {
    for piece in text.split("${").skip(1) {
        let name = piece.split(['}', '.']).next().unwrap_or_default();
        found.insert(name.trim().to_owned());
    }
}
