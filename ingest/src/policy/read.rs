//! Reading a policy document element by element.

use crate::json::Value as Json;
use model::{
    ActionElement, Condition, ConditionOperator, ContextKey, Policy, PolicyEffect, PolicyText,
    PrincipalElement, PrincipalPattern, ResourceElement, Statement,
};

use super::open_text;
use super::{Dialect, Of};
use crate::diagnostic::{Code, Diagnostic};
use crate::json::Cursor;
use crate::nearest::nearest;
use crate::sink::Sink;

const STATEMENT: [&str; 9] = [
    "Sid",
    "Effect",
    "Principal",
    "NotPrincipal",
    "Action",
    "NotAction",
    "Resource",
    "NotResource",
    "Condition",
];
const PRINCIPALS: [&str; 4] = ["AWS", "CanonicalUser", "Federated", "Service"];
/// The version in which `${…}` is a variable; in the older one it is text.
const WITH_VARIABLES: &str = "2012-10-17";
const WITHOUT_VARIABLES: &str = "2008-10-17";

/// Reads a whole document; `None`, or an error in the sink, when it cannot be read.
pub(super) fn document(cursor: &Cursor<'_>, dialect: Dialect, sink: &mut Sink) -> Option<Policy> {
    only(cursor, &["Version", "Id", "Statement"], sink);
    let version = cursor.text("Version", sink).unwrap_or(WITHOUT_VARIABLES);
    if version != WITH_VARIABLES && version != WITHOUT_VARIABLES {
        let message = format!("`Version` is `{version}`");
        let diagnostic = Diagnostic::error(cursor.place(), Code::InvalidPolicy, message);
        let help = format!("expected `{WITH_VARIABLES}` or `{WITHOUT_VARIABLES}`");
        sink.push(diagnostic.help(help));
    }
    let statement = cursor.required("Statement", sink)?;
    let statements = one_or_many(&statement, sink);
    let statements: Vec<_> = statements
        .iter()
        .filter_map(|statement| self::statement(statement, dialect, sink))
        .collect();
    Some(Policy {
        statements,
        variables: version == WITH_VARIABLES,
    })
}

fn statement(cursor: &Cursor<'_>, dialect: Dialect, sink: &mut Sink) -> Option<Statement> {
    only(cursor, &STATEMENT, sink);
    let effect = match cursor.required_text("Effect", sink) {
        Some("Allow") => Some(PolicyEffect::Allow),
        Some("Deny") => Some(PolicyEffect::Deny),
        Some(other) => {
            let message = format!("`Effect` is `{other}`, expected `Allow` or `Deny`");
            cursor.error(sink, Code::InvalidPolicy, message);
            None
        }
        None => None,
    };
    let sid = cursor.text("Sid", sink).map(str::to_owned);
    let principal = match dialect.of() {
        Of::Resource | Of::Itself => principal_element(cursor, dialect, sink),
        Of::Identity => everyone(cursor, sink),
    };
    let action = either(cursor, "Action", "NotAction", sink).map(|(element, not)| {
        let patterns = texts(&element, sink);
        if not {
            ActionElement::NotAction(patterns)
        } else {
            ActionElement::Action(patterns)
        }
    });
    let resource = resource(cursor, dialect, sink);
    let conditions = conditions(cursor, dialect, sink);
    Some(Statement {
        sid,
        effect: effect?,
        principal: principal?,
        action: action?,
        resource: resource?,
        conditions,
    })
}

fn principal_element(
    statement: &Cursor<'_>,
    dialect: Dialect,
    sink: &mut Sink,
) -> Option<PrincipalElement> {
    let (element, not) = either(statement, "Principal", "NotPrincipal", sink)?;
    let patterns = principals(&element, dialect, sink);
    Some(if not {
        PrincipalElement::NotPrincipal(patterns)
    } else {
        PrincipalElement::Principal(patterns)
    })
}

/// Whom the policy of an identity means: whoever has it.
fn everyone(statement: &Cursor<'_>, sink: &mut Sink) -> Option<PrincipalElement> {
    for key in ["Principal", "NotPrincipal"] {
        if let Some(element) = statement.get(key) {
            let message = format!("`{key}` in the policy of an identity");
            element.error(sink, Code::InvalidPolicy, message);
            return None;
        }
    }
    Some(PrincipalElement::Principal(vec![
        PrincipalPattern::Everyone,
    ]))
}

fn resource(statement: &Cursor<'_>, dialect: Dialect, sink: &mut Sink) -> Option<ResourceElement> {
    let is_there = statement.get("Resource").or(statement.get("NotResource"));
    if dialect.of() == Of::Itself && is_there.is_none() {
        return Some(ResourceElement::Resource(vec!["*".into()]));
    }
    let (element, not) = either(statement, "Resource", "NotResource", sink)?;
    let patterns = policy_texts(&element, dialect, sink);
    Some(if not {
        ResourceElement::NotResource(patterns)
    } else {
        ResourceElement::Resource(patterns)
    })
}

/// The one of two elements that is there, and whether it is the negated one.
fn either<'a>(
    cursor: &Cursor<'a>,
    plain: &str,
    negated: &str,
    sink: &mut Sink,
) -> Option<(Cursor<'a>, bool)> {
    match (cursor.get(plain), cursor.get(negated)) {
        (Some(element), None) => Some((element, false)),
        (None, Some(element)) => Some((element, true)),
        (Some(_), Some(_)) => {
            let message = format!("`{plain}` and `{negated}` exclude each other");
            cursor.error(sink, Code::InvalidPolicy, message);
            None
        }
        (None, None) => {
            let message = format!("`{plain}` or `{negated}` is missing");
            cursor.error(sink, Code::InvalidPolicy, message);
            None
        }
    }
}

fn principals(cursor: &Cursor<'_>, dialect: Dialect, sink: &mut Sink) -> Vec<PrincipalPattern> {
    if cursor.value().as_str() == Some("*") {
        return vec![PrincipalPattern::Everyone];
    }
    let mut patterns = Vec::new();
    for element in elements(cursor, dialect, sink) {
        if let Some(text) = element.value().as_str() {
            let message = format!("principal `{text}` has no kind");
            let diagnostic = Diagnostic::error(element.place(), Code::InvalidPolicy, message);
            sink.push(diagnostic.help("expected `\"*\"` or an object like `{\"AWS\": …}`"));
            continue;
        }
        for (kind, values) in element.as_object(sink) {
            if !PRINCIPALS.contains(&kind) {
                unknown(&values, kind, &PRINCIPALS, sink);
                continue;
            }
            let values = policy_texts(&values, dialect, sink).into_iter();
            patterns.extend(values.map(|value| match value {
                PolicyText::Known(value) => principal(kind, value),
                PolicyText::Open(open) if kind == "AWS" => PrincipalPattern::Open(open),
                // What is written there decides nothing: it only tells what would settle it.
                PolicyText::Open(open) => PrincipalPattern::Other {
                    kind: kind.to_owned(),
                    value: open.to_string(),
                },
            }));
        }
    }
    patterns
}

fn principal(kind: &str, value: String) -> PrincipalPattern {
    let other = |value| PrincipalPattern::Other {
        kind: kind.to_owned(),
        value,
    };
    if kind != "AWS" {
        return other(value);
    }
    if value == "*" {
        PrincipalPattern::Everyone
    } else if is_account(&value) {
        PrincipalPattern::Account(value)
    } else if let Some(account) = root_of(&value) {
        PrincipalPattern::Account(account.to_owned())
    } else if value.starts_with("arn:") {
        PrincipalPattern::Arn(value)
    } else {
        // A unique id: a document may be written with one, and AWS puts it in the place of a
        // principal which was deleted.
        other(value)
    }
}

fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// The account of an ARN `arn:<partition>:iam::<account>:root`.
fn root_of(arn: &str) -> Option<&str> {
    let (_partition, rest) = arn.strip_prefix("arn:")?.split_once(':')?;
    let account = rest.strip_prefix("iam::")?.strip_suffix(":root")?;
    is_account(account).then_some(account)
}

fn conditions(statement: &Cursor<'_>, dialect: Dialect, sink: &mut Sink) -> Vec<Condition> {
    let mut conditions = Vec::new();
    let Some(cursor) = statement.get("Condition") else {
        return conditions;
    };
    for element in elements(&cursor, dialect, sink) {
        for (operator, keys) in element.as_object(sink) {
            for (key, values) in keys.as_object(sink) {
                conditions.push(Condition {
                    operator: ConditionOperator::new(operator),
                    key: ContextKey::new(key),
                    values: scalars(&values, dialect, sink),
                });
            }
        }
    }
    conditions
}

/// The values of a condition: strings, and the numbers and booleans that AWS takes for strings.
fn scalars(cursor: &Cursor<'_>, dialect: Dialect, sink: &mut Sink) -> Vec<PolicyText> {
    let mut scalars = Vec::new();
    for item in one_or_many(cursor, sink) {
        match item.value() {
            Json::Bool(flag) => scalars.push(flag.to_string().into()),
            Json::Number(number) => scalars.push(number.to_string().into()),
            Json::String(_) | Json::Null | Json::Array(_) | Json::Object(_) => {
                scalars.extend(policy_text(&item, dialect, sink));
            }
        }
    }
    scalars
}

fn texts(cursor: &Cursor<'_>, sink: &mut Sink) -> Vec<String> {
    let mut texts = Vec::new();
    for item in one_or_many(cursor, sink) {
        texts.extend(item.as_text(sink).map(str::to_owned));
    }
    texts
}

fn policy_texts(cursor: &Cursor<'_>, dialect: Dialect, sink: &mut Sink) -> Vec<PolicyText> {
    let items = one_or_many(cursor, sink);
    let texts = items.iter();
    texts
        .filter_map(|item| policy_text(item, dialect, sink))
        .collect()
}

/// One text, which may have openings where the dialect has them.
fn policy_text(cursor: &Cursor<'_>, dialect: Dialect, sink: &mut Sink) -> Option<PolicyText> {
    match dialect {
        Dialect::Native(_) | Dialect::Planned(_) if cursor.value().is_object() => {
            open_text::read(cursor, sink).map(PolicyText::Open)
        }
        Dialect::Iam(_) | Dialect::Native(_) | Dialect::Planned(_) => {
            cursor.as_text(sink).map(PolicyText::from)
        }
    }
}

fn one_or_many<'a>(cursor: &Cursor<'a>, sink: &mut Sink) -> Vec<Cursor<'a>> {
    if cursor.value().is_array() {
        cursor.as_list(sink)
    } else {
        vec![cursor.clone()]
    }
}

fn elements<'a>(cursor: &Cursor<'a>, dialect: Dialect, sink: &mut Sink) -> Vec<Cursor<'a>> {
    match dialect {
        Dialect::Iam(_) | Dialect::Planned(_) => vec![cursor.clone()],
        Dialect::Native(_) => one_or_many(cursor, sink),
    }
}

fn only(cursor: &Cursor<'_>, known: &[&str], sink: &mut Sink) {
    for (key, value) in cursor.as_object(sink) {
        if !known.contains(&key) {
            unknown(&value, key, known, sink);
        }
    }
}

fn unknown(cursor: &Cursor<'_>, key: &str, known: &[&str], sink: &mut Sink) {
    let message = format!("unknown element `{key}`");
    let diagnostic = Diagnostic::error(cursor.place(), Code::InvalidPolicy, message);
    sink.push(match nearest(key, known.iter().copied()) {
        Some(name) => diagnostic.help(format!("did you mean `{name}`")),
        None => diagnostic.help(format!("expected one of {}", known.join(", "))),
    });
}
