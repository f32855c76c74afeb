//! Writing a policy as JSON on one line.

use crate::json::Value as Json;
use model::{
    ActionElement, Condition, Policy, PolicyEffect, PolicyText, PrincipalElement, PrincipalPattern,
    ResourceElement, Statement,
};

use super::{Of, open_text};

/// Writes a policy as JSON on one line, which [`super::read`] reads back to the same policy.
///
/// Where a statement lists kinds of principals, or conditions, in an order that one JSON object
/// cannot hold, the element becomes a list; only native files have such policies.
pub fn write(policy: &Policy) -> String {
    write_of(policy, Of::Resource)
}

/// The same, of a policy that is attached to such a thing.
pub(crate) fn write_of(policy: &Policy, of: Of) -> String {
    let statements = policy.statements.iter();
    let statements: Vec<_> = statements.map(|one| statement(one, of)).collect();
    let version = if policy.variables {
        "\"Version\":\"2012-10-17\","
    } else {
        ""
    };
    format!("{{{version}\"Statement\":[{}]}}", statements.join(","))
}

fn statement(statement: &Statement, of: Of) -> String {
    let mut entries = Vec::new();
    if let Some(sid) = &statement.sid {
        entries.push(entry("Sid", &string(sid)));
    }
    entries.push(match statement.effect {
        PolicyEffect::Allow => entry("Effect", &string("Allow")),
        PolicyEffect::Deny => entry("Effect", &string("Deny")),
    });
    if of != Of::Identity {
        entries.push(principal(&statement.principal));
    }
    entries.push(match &statement.action {
        ActionElement::Action(patterns) => entry("Action", &strings(patterns)),
        ActionElement::NotAction(patterns) => entry("NotAction", &strings(patterns)),
    });
    entries.push(match &statement.resource {
        ResourceElement::Resource(patterns) => entry("Resource", &texts(patterns)),
        ResourceElement::NotResource(patterns) => entry("NotResource", &texts(patterns)),
    });
    if !statement.conditions.is_empty() {
        entries.push(entry("Condition", &conditions(&statement.conditions)));
    }
    object(&entries)
}

fn principal(element: &PrincipalElement) -> String {
    match element {
        PrincipalElement::Principal(patterns) => entry("Principal", &principals(patterns)),
        PrincipalElement::NotPrincipal(patterns) => entry("NotPrincipal", &principals(patterns)),
    }
}

fn principals(patterns: &[PrincipalPattern]) -> String {
    if patterns == [PrincipalPattern::Everyone] {
        return string("*");
    }
    let mut groups: Vec<(&str, Vec<String>)> = Vec::new();
    for pattern in patterns {
        let (kind, value) = match pattern {
            PrincipalPattern::Everyone => ("AWS", string("*")),
            PrincipalPattern::Account(value) | PrincipalPattern::Arn(value) => {
                ("AWS", string(value))
            }
            PrincipalPattern::Open(open) => ("AWS", open_text::write(open).to_string()),
            PrincipalPattern::Other { kind, value } => (kind.as_str(), string(value)),
        };
        match groups.last_mut() {
            Some((last, values)) if *last == kind => values.push(value),
            Some(_) | None => groups.push((kind, vec![value])),
        }
    }
    let groups = groups
        .iter()
        .map(|(kind, values)| (*kind, one_or_many(values)))
        .collect();
    in_order(groups)
}

fn conditions(conditions: &[Condition]) -> String {
    let mut operators: Vec<(String, Vec<(String, String)>)> = Vec::new();
    for condition in conditions {
        let operator = condition.operator.to_string();
        let key = (condition.key.to_string(), texts(&condition.values));
        match operators.last_mut() {
            Some((last, keys))
                if *last == operator && keys.last().is_some_and(|(last, _)| *last < key.0) =>
            {
                keys.push(key);
            }
            Some(_) | None => operators.push((operator, vec![key])),
        }
    }
    let operators = operators
        .iter()
        .map(|(operator, keys)| {
            let keys: Vec<_> = keys
                .iter()
                .map(|(key, values)| entry(key, values))
                .collect();
            (operator.as_str(), object(&keys))
        })
        .collect();
    in_order(operators)
}

/// One object when its keys are in order and each is there once, otherwise a list of objects.
fn in_order(groups: Vec<(&str, String)>) -> String {
    if groups.is_sorted_by(|(one, _), (next, _)| one < next) {
        let entries: Vec<_> = groups
            .iter()
            .map(|(key, value)| entry(key, value))
            .collect();
        return object(&entries);
    }
    let objects: Vec<_> = groups
        .iter()
        .map(|(key, value)| object(&[entry(key, value)]))
        .collect();
    format!("[{}]", objects.join(","))
}

fn entry(key: &str, value: &str) -> String {
    format!("{}:{value}", string(key))
}

fn object(entries: &[String]) -> String {
    format!("{{{}}}", entries.join(","))
}

fn strings(texts: &[String]) -> String {
    one_or_many(&texts.iter().map(|text| string(text)).collect::<Vec<_>>())
}

fn texts(texts: &[PolicyText]) -> String {
    let texts = texts.iter().map(|text| match text {
        PolicyText::Known(text) => string(text),
        PolicyText::Open(open) => open_text::write(open).to_string(),
    });
    one_or_many(&texts.collect::<Vec<_>>())
}

/// Values as they are written.
fn one_or_many(written: &[String]) -> String {
    match written {
        [one] => one.clone(),
        several => format!("[{}]", several.join(",")),
    }
}

fn string(text: &str) -> String {
    Json::String(text.to_owned()).to_string()
}
