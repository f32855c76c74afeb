//! Whether a request belongs to a set, told without either engine.

use std::net::IpAddr;

use model::{ContextKey, Patterns, Principal, PrincipalSet, Request, RequestSet};

/// The keys of AWS's own that may have several values.
const SEVERAL: [&str; 7] = [
    "aws:calledvia",
    "aws:principalorgpaths",
    "aws:principalservicenameslist",
    "aws:resourceorgpaths",
    "aws:sourceorgpaths",
    "aws:tagkeys",
    "aws:vpceorgpaths",
];

/// Whether the set has the request, as far as it names parts of requests.
pub fn is_named(set: &RequestSet, request: &Request) -> bool {
    let principal = &request.principal;
    let is_session = is_session(principal);
    let account = match principal {
        Principal::Anonymous => None,
        Principal::Root { account } | Principal::Arn { account, .. } => Some(account),
    };
    let by_principal = match &set.principals {
        PrincipalSet::Every => !is_session,
        PrincipalSet::These(these) => these.contains(principal),
        PrincipalSet::OfAccounts(accounts) => {
            !is_session && account.is_some_and(|account| accounts.contains(account))
        }
        PrincipalSet::NotOfAccounts(accounts) => {
            !is_session && !account.is_some_and(|account| accounts.contains(account))
        }
    };
    let actions = Patterns {
        include: lower(&set.actions.include),
        exclude: lower(&set.actions.exclude),
    };
    by_principal
        && !set.without.contains(principal)
        && matches(b"?*:?*", request.action.as_bytes())
        && has(&actions, &request.action.to_lowercase())
        && has(&set.resources, &request.resource)
        && set.context.iter().all(|(key, keys)| {
            let values = request.context.get(key).filter(|values| !values.is_empty());
            match (values, &keys.values) {
                (None, _) => keys.absent || is_of_signed(key) && *principal == Principal::Anonymous,
                (Some(values), Some(patterns)) => values.iter().all(|value| has(patterns, value)),
                (Some(_), None) => false,
            }
        })
}

/// Whether it is a session of a role.
pub fn is_session(principal: &Principal) -> bool {
    matches!(principal, Principal::Arn { arn, .. } if arn.contains(":assumed-role/"))
}

/// Whether the set certainly has the request: it is as far as it is named, and every value that it
/// brings is of the only type that the pools have for its key.
pub fn is_certain(set: &RequestSet, request: &Request) -> bool {
    is_named(set, request)
        && request.context.iter().all(|(key, values)| {
            let most = if SEVERAL.contains(&key.folded()) { 3 } else { 1 };
            (1..=most).contains(&values.len()) && values.iter().all(|value| is_typed(key, value))
        })
        // The context of the anonymous caller lacks these, whatever the set says.
        && (request.principal != Principal::Anonymous
            || set.context.iter().all(|(key, keys)| keys.absent || !is_of_signed(key)))
}

/// Whether a key is absent for the anonymous caller.
fn is_of_signed(key: &ContextKey) -> bool {
    let name = key.folded();
    name.starts_with("aws:principalorg") || name.starts_with("aws:principaltag/")
}

fn is_typed(key: &ContextKey, value: &str) -> bool {
    match key.folded() {
        "s3:max-keys" => value.parse::<f64>().is_ok(),
        "aws:currenttime" => value != "2026" && value != "2026-02-30T00:00:00Z",
        "aws:securetransport" | "aws:viaawsservice" => value == "true" || value == "false",
        "s3:address" => value.parse::<IpAddr>().is_ok(),
        "s3:source" => value.matches(':').count() >= 5,
        _ => !value.is_empty(),
    }
}

fn lower(patterns: &[String]) -> Vec<String> {
    patterns.iter().map(|text| text.to_lowercase()).collect()
}

fn has(patterns: &Patterns, text: &str) -> bool {
    let any = |patterns: &[String]| {
        let mut patterns = patterns.iter();
        patterns.any(|pattern| matches(pattern.as_bytes(), text.as_bytes()))
    };
    (patterns.include.is_empty() || any(&patterns.include)) && !any(&patterns.exclude)
}

/// `*` is any run of characters and `?` any one.
fn matches(pattern: &[u8], text: &[u8]) -> bool {
    match (pattern, text) {
        ([], []) => true,
        ([b'*', rest @ ..], _) => (0..=text.len()).any(|n| {
            let behind = text.get(n..).unwrap_or_default();
            matches(rest, behind)
        }),
        ([b'?', rest @ ..], [_, behind @ ..]) => matches(rest, behind),
        ([one, rest @ ..], [other, behind @ ..]) => one == other && matches(rest, behind),
        ([], [_, ..]) | ([_, ..], []) => false,
    }
}
