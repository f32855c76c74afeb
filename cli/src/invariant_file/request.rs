//! The `request` of a claim: actions, resources and principals.

use model::{Patterns, Principal, PrincipalSet, RequestSet};
use toml::Spanned;
use toml::de::DeValue;

use super::fields::Notes;
use crate::nearest::suggest;
use crate::problem::ProblemCode;

const FIELDS: [&str; 3] = ["action", "resource", "principal"];
/// What requests have in AWS, and not yet here.
const NOT_MODELLED: [&str; 8] = [
    "resource-org",
    "resource-account",
    "resource-tag",
    "principal-org",
    "principal-account",
    "principal-tag",
    "source-ip",
    "condition",
];

/// Reads the table behind `request`.
pub(super) fn read(value: &Spanned<DeValue<'_>>, notes: &mut Notes<'_>) -> Option<RequestSet> {
    let table = notes.table(value, "request")?;
    let mut set = RequestSet {
        actions: Patterns::default(),
        resources: Patterns::default(),
        principals: PrincipalSet::Every,
    };
    for (key, value) in table.iter() {
        match key.get_ref().as_ref() {
            "action" => set.actions = patterns(value, "action", notes),
            "resource" => set.resources = patterns(value, "resource", notes),
            "principal" => set.principals = principals(value, notes),
            name if NOT_MODELLED.contains(&name) => {
                let message = format!("`{name}` of a request is not modelled yet");
                let help = "requests are described by `action`, `resource` and `principal`";
                let (code, help) = (ProblemCode::NotModelledYet, Some(help.to_owned()));
                notes.push(code, &key.span(), message, help);
            }
            name => {
                let message = format!("`request` has no field `{name}`");
                let help = suggest(name, FIELDS, "fields");
                notes.push(ProblemCode::UnknownField, &key.span(), message, help);
            }
        }
    }
    for action in set.actions.include.iter().chain(&set.actions.exclude) {
        if action != "*" && !action.contains(':') {
            let message = format!("`{action}` is not an action, as `s3:GetObject`");
            notes.push(ProblemCode::InvalidFieldValue, &value.span(), message, None);
        }
    }
    Some(set)
}

/// A string, a list, or `{ not = … }`.
fn patterns(value: &Spanned<DeValue<'_>>, field: &str, notes: &mut Notes<'_>) -> Patterns {
    let Some(table) = value.get_ref().as_table() else {
        let texts = notes.strings(value, field).into_iter();
        return Patterns {
            include: texts.map(|(text, _)| text).collect(),
            exclude: Vec::new(),
        };
    };
    notes.only_known(table, &["not"], &format!("`{field}`"));
    let excluded = table.iter().find(|(key, _)| key.get_ref() == "not");
    let texts = excluded.map(|(_, value)| notes.strings(value, "not"));
    Patterns {
        include: Vec::new(),
        exclude: texts.into_iter().flatten().map(|(text, _)| text).collect(),
    }
}

fn principals(value: &Spanned<DeValue<'_>>, notes: &mut Notes<'_>) -> PrincipalSet {
    if value.get_ref().is_table() {
        let message = "the complement of a set of principals is not modelled yet";
        notes.push(ProblemCode::NotModelledYet, &value.span(), message, None);
        return PrincipalSet::Every;
    }
    let mut these = Vec::new();
    for (text, span) in notes.strings(value, "principal") {
        if text == "*" {
            return PrincipalSet::Every;
        }
        match principal(&text) {
            Some(principal) => these.push(principal),
            None => {
                let message = format!("`{text}` is not a principal");
                let help = "write `*`, `anonymous`, an account of twelve digits for its root user, or the ARN of a user or role";
                let (code, help) = (ProblemCode::InvalidFieldValue, Some(help.to_owned()));
                notes.push(code, &span, message, help);
            }
        }
    }
    PrincipalSet::These(these)
}

fn principal(text: &str) -> Option<Principal> {
    let is_account = |text: &str| text.len() == 12 && text.bytes().all(|b| b.is_ascii_digit());
    if text == "anonymous" {
        return Some(Principal::Anonymous);
    }
    if is_account(text) {
        let account = text.to_owned();
        return Some(Principal::Root { account });
    }
    let parts: Vec<&str> = text.splitn(6, ':').collect();
    match parts.as_slice() {
        ["arn", _, "iam", "", account, "root"] if is_account(account) => Some(Principal::Root {
            account: (*account).to_owned(),
        }),
        ["arn", _, "iam" | "sts", "", account, _] if is_account(account) => Some(Principal::Arn {
            account: (*account).to_owned(),
            arn: text.to_owned(),
        }),
        _ => None,
    }
}
