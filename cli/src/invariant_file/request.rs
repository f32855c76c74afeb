//! The `request` of a claim: actions, resources, principals, and what requests bring else.

use std::collections::BTreeSet;
use std::ops::Range;

use model::{ContextKey, KeySet, Patterns, Principal, PrincipalSet, RequestSet};
use toml::Spanned;
use toml::de::DeValue;

use super::fields::Notes;
use crate::problem::ProblemCode;

const FIELDS: [&str; 8] = [
    "action",
    "resource",
    "principal",
    "principal-account",
    "principal-org",
    "resource-account",
    "resource-org",
    "context",
];
/// The fields that are short for one key of the context.
const KEYS: [(&str, &str); 3] = [
    ("principal-org", "aws:PrincipalOrgID"),
    ("resource-account", "aws:ResourceAccount"),
    ("resource-org", "aws:ResourceOrgID"),
];
/// The keys that follow from the principal (clause `context-of-principal`).
const OF_PRINCIPAL: [&str; 6] = [
    "aws:principalarn",
    "aws:principalaccount",
    "aws:principaltype",
    "aws:username",
    "aws:principalisawsservice",
    "aws:viaawsservice",
];
/// The keys that follow from the way (clause `context-of-path`).
const OF_PATH: [&str; 15] = [
    "aws:sourcevpce",
    "aws:sourcevpc",
    "aws:sourceip",
    "aws:calledvia",
    "aws:calledviafirst",
    "aws:calledvialast",
    "aws:sourceaccount",
    "aws:sourcearn",
    "aws:sourceorgid",
    "aws:sourceorgpaths",
    "aws:vpcsourceip",
    "aws:sourcevpcarn",
    "aws:vpceaccount",
    "aws:vpceorgid",
    "aws:vpceorgpaths",
];

/// Whether a key follows from the principal or from the way, so that no set can choose it.
pub(crate) fn is_derived(key: &ContextKey) -> bool {
    OF_PRINCIPAL.contains(&key.folded()) || OF_PATH.contains(&key.folded())
}

/// Reads the table behind `request`.
pub(super) fn read(value: &Spanned<DeValue<'_>>, notes: &mut Notes<'_>) -> Option<RequestSet> {
    let table = notes.table(value, "request")?;
    notes.only_known(table, &FIELDS, "`request`");
    let mut set = RequestSet::every();
    let mut principals = Vec::new();
    for (key, value) in table.iter() {
        let name = key.get_ref().as_ref();
        match name {
            "action" => set.actions = patterns(value, "action", notes),
            "resource" => set.resources = patterns(value, "resource", notes),
            "principal" if value.get_ref().is_table() => set.without = without(value, notes),
            "principal" => principals.push(self::principals(value, notes)),
            "principal-account" => principals.push(accounts(value, notes)),
            "context" => context(value, &mut set, notes),
            name => {
                let found = KEYS.iter().find(|(field, _)| *field == name);
                if let Some((field, key)) = found {
                    let keys = key_set(value, field, notes);
                    set.context.insert(ContextKey::new(key), keys);
                }
            }
        }
    }
    if principals.len() > 1 {
        let message = "`principal` and `principal-account` exclude each other";
        notes.push(ProblemCode::InvalidFieldValue, &value.span(), message, None);
    }
    set.principals = principals.pop().unwrap_or(PrincipalSet::Every);
    for action in set.actions.include.iter().chain(&set.actions.exclude) {
        if action != "*" && !action.contains(':') {
            let message = format!("`{action}` is not an action, as `s3:GetObject`");
            notes.push(ProblemCode::InvalidFieldValue, &value.span(), message, None);
        }
    }
    Some(set)
}

/// Keys of the context by AWS's names.
fn context(value: &Spanned<DeValue<'_>>, set: &mut RequestSet, notes: &mut Notes<'_>) {
    let Some(table) = notes.table(value, "context") else {
        return;
    };
    for (key, value) in table.iter() {
        let name = key.get_ref().as_ref();
        let context_key = ContextKey::new(name);
        let derived = if OF_PRINCIPAL.contains(&context_key.folded()) {
            Some("it follows from `principal` or `principal-account`")
        } else if OF_PATH.contains(&context_key.folded()) {
            Some("it follows from the way that the request takes")
        } else {
            None
        };
        if let Some(why) = derived {
            let message = format!("`{name}` cannot be chosen");
            let (code, help) = (ProblemCode::InvalidFieldValue, Some(why.to_owned()));
            notes.push(code, &key.span(), message, help);
            continue;
        }
        let keys = key_set(value, name, notes);
        if set.context.insert(context_key, keys).is_some() {
            let message = format!("`{name}` is there twice");
            notes.push(ProblemCode::InvalidFieldValue, &key.span(), message, None);
        }
    }
}

/// A string, a list, or a table of `is`, `not` and `absent`: what is only said not to be something
/// may be absent too.
fn key_set(value: &Spanned<DeValue<'_>>, field: &str, notes: &mut Notes<'_>) -> KeySet {
    let Some(table) = value.get_ref().as_table() else {
        return KeySet {
            values: Some(patterns(value, field, notes)),
            absent: false,
        };
    };
    notes.only_known(table, &["is", "not", "absent"], &format!("`{field}`"));
    let get = |name: &str| {
        let found = table.iter().find(|(key, _)| key.get_ref() == name);
        found.map(|(_, value)| value)
    };
    let mut list = |name: &str| {
        let texts = get(name).map(|value| notes.strings(value, name));
        let texts = texts.into_iter().flatten();
        texts.map(|(text, _)| text).collect::<Vec<String>>()
    };
    let patterns = Patterns {
        include: list("is"),
        exclude: list("not"),
    };
    let absent = get("absent").and_then(|value| notes.boolean(value, "absent"));
    let says_nothing = patterns == Patterns::default();
    KeySet {
        values: (!says_nothing || absent != Some(true)).then_some(patterns.clone()),
        absent: absent.unwrap_or(patterns.include.is_empty()),
    }
}

/// Accounts of twelve digits, or `{ not = … }`.
fn accounts(value: &Spanned<DeValue<'_>>, notes: &mut Notes<'_>) -> PrincipalSet {
    let patterns = listed(value, "principal-account", &["not"], notes);
    for account in patterns.include.iter().chain(&patterns.exclude) {
        if !is_account(account) {
            let message = format!("`{account}` is not an account of twelve digits");
            notes.push(ProblemCode::InvalidFieldValue, &value.span(), message, None);
        }
    }
    if value.get_ref().is_table() {
        PrincipalSet::NotOfAccounts(patterns.exclude.into_iter().collect())
    } else {
        PrincipalSet::OfAccounts(patterns.include.into_iter().collect::<BTreeSet<_>>())
    }
}

fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// A string, a list, or a table of `is` and `not`.
fn patterns(value: &Spanned<DeValue<'_>>, field: &str, notes: &mut Notes<'_>) -> Patterns {
    listed(value, field, &["is", "not"], notes)
}

/// A string, a list, or a table of some words.
fn listed(
    value: &Spanned<DeValue<'_>>,
    field: &str,
    words: &[&str],
    notes: &mut Notes<'_>,
) -> Patterns {
    let Some(table) = value.get_ref().as_table() else {
        let texts = notes.strings(value, field).into_iter();
        return Patterns {
            include: texts.map(|(text, _)| text).collect(),
            exclude: Vec::new(),
        };
    };
    notes.only_known(table, words, &format!("`{field}`"));
    let mut list = |name: &str| {
        let found = table.iter().find(|(key, _)| key.get_ref() == name);
        let texts = found.map(|(_, value)| notes.strings(value, name));
        let texts = texts.into_iter().flatten();
        texts.map(|(text, _)| text).collect::<Vec<String>>()
    };
    Patterns {
        include: list("is"),
        exclude: list("not"),
    }
}

fn principals(value: &Spanned<DeValue<'_>>, notes: &mut Notes<'_>) -> PrincipalSet {
    let texts = notes.strings(value, "principal");
    if texts.iter().any(|(text, _)| text == "*") {
        return PrincipalSet::Every;
    }
    let help = format!("write `*`, {PRINCIPALS}");
    let principals = texts.iter().filter_map(|(text, span)| {
        let found = principal(text);
        if found.is_none() {
            not_a_principal(text, span, &help, notes);
        }
        found
    });
    PrincipalSet::These(principals.collect())
}

/// The principals of `{ not = … }`.
fn without(value: &Spanned<DeValue<'_>>, notes: &mut Notes<'_>) -> BTreeSet<Principal> {
    let Some(table) = notes.table(value, "principal") else {
        return BTreeSet::new();
    };
    notes.only_known(table, &["not"], "`principal`");
    let is_not = |key: &str| key == "not";
    let found = table.iter().find(|(key, _)| is_not(key.get_ref()));
    let texts = found.map(|(_, value)| notes.strings(value, "not"));
    let mut without = BTreeSet::new();
    for (text, span) in texts.into_iter().flatten() {
        // A set of principals has no sessions; what a session asks is asked with its role.
        let found = principal(&text).filter(|one| !is_session(one));
        match found {
            Some(principal) => {
                without.insert(principal);
            }
            None => not_a_principal(&text, &span, &format!("write {ANY_BUT}"), notes),
        }
    }
    without
}

fn not_a_principal(text: &str, span: &Range<usize>, help: &str, notes: &mut Notes<'_>) {
    let message = format!("`{text}` is not a principal");
    let (code, help) = (ProblemCode::InvalidFieldValue, Some(help.to_owned()));
    notes.push(code, span, message, help);
}

/// Whether it is one of the sessions, which only a list of principals has.
pub(crate) fn is_session(principal: &Principal) -> bool {
    matches!(principal, Principal::Arn { arn, .. } if arn.contains(":sts:"))
}

/// What the text of a principal may be.
pub(crate) const PRINCIPALS: &str =
    "`anonymous`, an account of twelve digits for its root user, or the ARN of a user or role";

/// What may be left out of all principals.
const ANY_BUT: &str = "`anonymous`, an account of twelve digits for its root user, or the ARN of a user or role, \
                       not of a session";

/// The principal of a text.
pub(crate) fn principal(text: &str) -> Option<Principal> {
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

/// A set as the file writes it.
pub(crate) fn told(set: &RequestSet) -> String {
    let mut fields = Vec::new();
    let mut field = |name: &str, value: String| fields.push(format!("{name} = {value}"));
    for (name, patterns) in [("action", &set.actions), ("resource", &set.resources)] {
        if *patterns != Patterns::default() {
            field(name, told_patterns(patterns));
        }
    }
    let accounts = |accounts: &BTreeSet<String>| told_list(accounts.iter());
    match &set.principals {
        PrincipalSet::Every => {}
        PrincipalSet::These(these) => {
            let left = these.iter().filter(|one| !set.without.contains(one));
            field("principal", told_list(left.map(told_principal)));
        }
        PrincipalSet::OfAccounts(some) => field("principal-account", accounts(some)),
        PrincipalSet::NotOfAccounts(some) => {
            field(
                "principal-account",
                format!("{{ not = {} }}", accounts(some)),
            );
        }
    }
    let is_listed = matches!(set.principals, PrincipalSet::These(_));
    if !set.without.is_empty() && !is_listed {
        let without = told_list(set.without.iter().map(told_principal));
        field("principal", format!("{{ not = {without} }}"));
    }
    let is_free = |values: &KeySet| values.absent && values.values == Some(Patterns::default());
    let keys = set.context.iter().filter(|(_, values)| !is_free(values));
    let keys: Vec<String> = keys
        .map(|(key, values)| format!("{} = {}", quoted(&key.to_string()), told_key(values)))
        .collect();
    if !keys.is_empty() {
        field("context", format!("{{ {} }}", keys.join(", ")));
    }
    if fields.is_empty() {
        "{}".to_owned()
    } else {
        format!("{{ {} }}", fields.join(", "))
    }
}

fn told_patterns(patterns: &Patterns) -> String {
    if patterns.exclude.is_empty() {
        return told_list(patterns.include.iter());
    }
    format!("{{ {} }}", patterns_fields(patterns).join(", "))
}

fn patterns_fields(patterns: &Patterns) -> Vec<String> {
    let fields = [("is", &patterns.include), ("not", &patterns.exclude)];
    let fields = fields.into_iter().filter(|(_, texts)| !texts.is_empty());
    let fields = fields.map(|(name, texts)| format!("{name} = {}", told_list(texts.iter())));
    fields.collect()
}

fn told_key(values: &KeySet) -> String {
    let mut fields = values.values.as_ref().map_or(Vec::new(), patterns_fields);
    fields.push(format!("absent = {}", values.absent));
    format!("{{ {} }}", fields.join(", "))
}

fn told_principal(principal: &Principal) -> String {
    match principal {
        Principal::Anonymous => "anonymous".to_owned(),
        Principal::Root { account } => account.clone(),
        Principal::Arn { arn, .. } => arn.clone(),
    }
}

/// One string, or a list of them.
fn told_list(texts: impl Iterator<Item = impl AsRef<str>>) -> String {
    let texts: Vec<String> = texts.map(|text| quoted(text.as_ref())).collect();
    match texts.as_slice() {
        [one] => one.clone(),
        _ => format!("[{}]", texts.join(", ")),
    }
}

fn quoted(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}
