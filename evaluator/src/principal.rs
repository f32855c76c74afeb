//! Principals of statements: who is meant.

use model::{Hole, OpenText, PolicyEffect, Principal, PrincipalElement, PrincipalPattern};

use crate::open_text::{may_be_everyone, names_user_or_role, reach};
use crate::statement::Match;

/// The kind of entries that name an account, or a distribution of CloudFront.
const CANONICAL_USER: &str = "CanonicalUser";

/// The kind of entries that are no account and no ARN: the unique id of a user, role or session.
const UNIQUE_ID: &str = "AWS";

/// What a principal is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Anonymous,
    Root,
    User,
    Role,
    Session,
    /// By an ARN of another shape.
    Other,
}

/// What a principal is, by the sixth part of its ARN.
pub(crate) fn kind(principal: &Principal) -> Kind {
    match principal {
        Principal::Anonymous => Kind::Anonymous,
        Principal::Root { .. } => Kind::Root,
        Principal::Arn { arn, .. } => kind_of(arn),
    }
}

fn kind_of(arn: &str) -> Kind {
    let part = arn.splitn(6, ':').nth(5).unwrap_or_default();
    if part.starts_with("user/") {
        Kind::User
    } else if part.starts_with("assumed-role/") {
        Kind::Session
    } else if part.starts_with("role/") {
        Kind::Role
    } else {
        Kind::Other
    }
}

/// What is behind the last slash of an ARN.
pub(crate) fn name(arn: &str) -> &str {
    arn.rsplit_once('/').map_or(arn, |(_, name)| name)
}

/// The account of an ARN.
pub(crate) fn account(arn: &str) -> &str {
    arn.split(':').nth(4).unwrap_or_default()
}

/// An account is written as its id, or as the ARN `arn:aws:iam::<id>:root`.
pub(crate) fn account_of(pattern: &str) -> &str {
    let root = pattern.strip_suffix(":root");
    let id = root.and_then(|arn| arn.rsplit_once(':'));
    id.map_or(pattern, |(_, id)| id)
}

/// The account and the name of the role that a session is of.
pub(crate) fn role_of(session: &str) -> Option<(&str, &str)> {
    let part = session.splitn(6, ':').nth(5)?;
    let (role, _) = part.strip_prefix("assumed-role/")?.split_once('/')?;
    Some((account(session), role))
}

/// Whether one ARN is of a session of the role that the other names.
pub(crate) fn is_session_of(session: &str, role: &str) -> bool {
    kind_of(role) == Kind::Role && role_of(session) == Some((account(role), name(role)))
}

/// Whether an entry means a principal; `roots` tells that an account means its root user only.
fn means(pattern: &PrincipalPattern, principal: &Principal, roots: bool) -> bool {
    match pattern {
        PrincipalPattern::Everyone => true,
        PrincipalPattern::Account(of) => match principal {
            Principal::Anonymous => false,
            Principal::Root { account } => account == account_of(of),
            Principal::Arn { account, .. } => !roots && account == account_of(of),
        },
        PrincipalPattern::Arn(of) => match principal {
            Principal::Anonymous | Principal::Root { .. } => false,
            Principal::Arn { arn, .. } => arn == of || is_session_of(arn, of),
        },
        PrincipalPattern::Open(_) | PrincipalPattern::Other { .. } => false,
    }
}

/// Whether an entry is a session of the role that a principal is.
fn is_of_role(pattern: &PrincipalPattern, principal: &Principal) -> bool {
    match (pattern, principal) {
        (PrincipalPattern::Arn(of), Principal::Arn { arn, .. }) => is_session_of(of, arn),
        (
            PrincipalPattern::Everyone
            | PrincipalPattern::Account(_)
            | PrincipalPattern::Arn(_)
            | PrincipalPattern::Open(_)
            | PrincipalPattern::Other { .. },
            _,
        ) => false,
    }
}

/// Whether an entry with openings leaves open whether it means a principal.
fn leaves_open(open: &OpenText, principal: &Principal) -> bool {
    let is_named = names_user_or_role(open);
    match principal {
        Principal::Anonymous => !is_named && may_be_everyone(open),
        Principal::Root { .. } => !is_named,
        // A session may be of any role.
        Principal::Arn { arn, .. } => {
            !is_named || kind_of(arn) == Kind::Session || reach(open).matches(arn)
        }
    }
}

/// Open where an entry with openings leaves open whether it means a principal.
fn by_opening(patterns: &[PrincipalPattern], principal: &Principal) -> Option<Match> {
    patterns.iter().find_map(|pattern| match pattern {
        PrincipalPattern::Open(open) => {
            leaves_open(open, principal).then(|| Match::Open(open.hole().clone()))
        }
        PrincipalPattern::Everyone
        | PrincipalPattern::Account(_)
        | PrincipalPattern::Arn(_)
        | PrincipalPattern::Other { .. } => None,
    })
}

/// The same of an entry as the account of a caller.
pub(crate) fn account_by_opening(
    patterns: &[PrincipalPattern],
    caller: &Principal,
) -> Option<Match> {
    patterns.iter().find_map(|pattern| match pattern {
        PrincipalPattern::Open(open) => {
            let may_be = *caller != Principal::Anonymous && !names_user_or_role(open);
            may_be.then(|| Match::Open(open.hole().clone()))
        }
        PrincipalPattern::Everyone
        | PrincipalPattern::Account(_)
        | PrincipalPattern::Arn(_)
        | PrincipalPattern::Other { .. } => None,
    })
}

/// The same of an entry as the role that a caller is, or is a session of.
pub(crate) fn role_by_opening(patterns: &[PrincipalPattern], caller: &Principal) -> Option<Match> {
    match kind(caller) {
        Kind::Role | Kind::Session => by_opening(patterns, caller),
        Kind::Anonymous | Kind::Root | Kind::User | Kind::Other => None,
    }
}

fn is_federated(pattern: &PrincipalPattern) -> bool {
    match pattern {
        PrincipalPattern::Other { kind, .. } => kind == "Federated",
        PrincipalPattern::Everyone
        | PrincipalPattern::Account(_)
        | PrincipalPattern::Arn(_)
        | PrincipalPattern::Open(_) => false,
    }
}

/// What leaves open whether an entry means a signed caller: the account of a canonical user, or
/// the user, role or session that has a unique id.
fn meant_by_id(pattern: &PrincipalPattern, is_root: bool) -> Option<Match> {
    let hole = match pattern {
        PrincipalPattern::Other { kind, value } if kind == CANONICAL_USER => {
            format!("account of {value}")
        }
        PrincipalPattern::Other { kind, value } if kind == UNIQUE_ID && !is_root => {
            format!("principal {value}")
        }
        PrincipalPattern::Everyone
        | PrincipalPattern::Account(_)
        | PrincipalPattern::Arn(_)
        | PrincipalPattern::Open(_)
        | PrincipalPattern::Other { .. } => return None,
    };
    Some(Match::Open(Hole::new(hole)))
}

/// Of entries none of which means a principal, whether one may: by a session of the role that it
/// is, by its account's canonical user, by its unique id, without a signature by a web identity or
/// an assertion, or by what is open about an entry.
pub(crate) fn means_perhaps(patterns: &[PrincipalPattern], principal: &Principal) -> Match {
    let is_root = match principal {
        Principal::Anonymous if patterns.iter().any(is_federated) => {
            return Match::Open(Hole::new("federated caller"));
        }
        Principal::Anonymous => {
            return by_opening(patterns, principal).unwrap_or(Match::Fails);
        }
        Principal::Root { .. } => true,
        Principal::Arn { .. } => false,
    };
    let by_session = session_perhaps(patterns, principal);
    let by_id = || patterns.iter().find_map(|one| meant_by_id(one, is_root));
    let perhaps = by_session.or_else(by_id);
    perhaps
        .or_else(|| by_opening(patterns, principal))
        .unwrap_or(Match::Fails)
}

/// Open where a session is listed of the role that a principal is.
fn session_perhaps(patterns: &[PrincipalPattern], principal: &Principal) -> Option<Match> {
    match principal {
        Principal::Arn { arn, .. } if patterns.iter().any(|one| is_of_role(one, principal)) => {
            Some(Match::Open(Hole::new(format!("session of {arn}"))))
        }
        Principal::Anonymous | Principal::Root { .. } | Principal::Arn { .. } => None,
    }
}

/// Whether a statement is about the principal.
pub(crate) fn principal_matches(
    element: &PrincipalElement,
    effect: PolicyEffect,
    principal: &Principal,
    roots: bool,
) -> Match {
    match element {
        PrincipalElement::Principal(patterns) => {
            if patterns.iter().any(|one| means(one, principal, roots)) {
                return Match::Holds;
            }
            means_perhaps(patterns, principal)
        }
        PrincipalElement::NotPrincipal(patterns) => match effect {
            PolicyEffect::Allow => Match::Open(Hole::new("Allow with NotPrincipal")),
            PolicyEffect::Deny => not_principal(patterns, principal, roots),
        },
    }
}

/// `NotPrincipal` of a Deny.
fn not_principal(patterns: &[PrincipalPattern], principal: &Principal, roots: bool) -> Match {
    if patterns.contains(&PrincipalPattern::Everyone) {
        return Match::Fails;
    }
    let lists = |id: &str| {
        let mut accounts = patterns.iter();
        accounts.any(|one| match one {
            PrincipalPattern::Account(of) => account_of(of) == id,
            PrincipalPattern::Everyone
            | PrincipalPattern::Arn(_)
            | PrincipalPattern::Open(_)
            | PrincipalPattern::Other { .. } => false,
        })
    };
    let matches = match principal {
        Principal::Anonymous => true,
        Principal::Root { account } if lists(account) => return Match::Fails,
        Principal::Root { .. } => true,
        Principal::Arn { account, .. } => {
            let listed = |one| {
                let means = means(one, principal, roots) || is_of_role(one, principal);
                means || meant_by_id(one, false).is_some()
            };
            !lists(account) && !patterns.iter().any(listed)
        }
    };
    match principal {
        Principal::Arn { arn, .. } if !matches => {
            Match::Open(Hole::new(format!("permissions boundary of {arn}")))
        }
        Principal::Anonymous | Principal::Root { .. } | Principal::Arn { .. } => {
            by_opening(patterns, principal).unwrap_or(Match::Holds)
        }
    }
}
