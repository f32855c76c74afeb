//! The ways in which a resource's policy allows a caller (`authorization`).

use model::{Hole, Principal, PrincipalElement, PrincipalPattern};

use crate::principal::{
    Kind, account_by_opening, account_of, is_session_of, kind, means_perhaps, role_by_opening,
};
use crate::statement::{Match, Principals};

/// By what a statement allows a caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Grant {
    /// As everyone, or by its own ARN.
    Directly,
    /// By the role that it is, or is a session of.
    AsRole,
    /// By its account.
    AsAccount,
}

/// Whether an Allow statement's principal element has a caller in this way.
pub(crate) fn granted(principals: &Principals, grant: Grant, caller: &Principal) -> Match {
    let patterns = match (&principals.element, grant) {
        (PrincipalElement::Principal(patterns), _) => patterns,
        (PrincipalElement::NotPrincipal(_), Grant::Directly) => {
            return Match::Open(Hole::new("Allow with NotPrincipal"));
        }
        (PrincipalElement::NotPrincipal(_), Grant::AsRole | Grant::AsAccount) => {
            return Match::Fails;
        }
    };
    let some = |has: fn(&PrincipalPattern, &Principal) -> bool| {
        patterns.iter().any(|pattern| has(pattern, caller))
    };
    match grant {
        Grant::AsRole if some(names_role) => Match::Holds,
        Grant::AsRole => role_by_opening(patterns, caller).unwrap_or(Match::Fails),
        Grant::AsAccount if some(names_account) => Match::Holds,
        Grant::AsAccount => account_by_opening(patterns, caller).unwrap_or(Match::Fails),
        Grant::Directly if some(names) => Match::Holds,
        Grant::Directly => match means_perhaps(patterns, caller) {
            Match::Fails if principals.asks_arn && some(names_account) => {
                Match::Open(Hole::new("aws:PrincipalArn beside an account"))
            }
            perhaps @ (Match::Fails | Match::Holds | Match::Open(_)) => perhaps,
        },
    }
}

fn names(pattern: &PrincipalPattern, caller: &Principal) -> bool {
    match (pattern, caller) {
        (PrincipalPattern::Everyone, _) => true,
        (PrincipalPattern::Arn(of), Principal::Arn { arn, .. }) => {
            arn == of && kind(caller) != Kind::Role
        }
        (PrincipalPattern::Arn(_), Principal::Anonymous | Principal::Root { .. })
        | (
            PrincipalPattern::Account(_)
            | PrincipalPattern::Open(_)
            | PrincipalPattern::Other { .. },
            _,
        ) => false,
    }
}

fn names_role(pattern: &PrincipalPattern, caller: &Principal) -> bool {
    match (pattern, caller) {
        (PrincipalPattern::Arn(of), Principal::Arn { arn, .. }) => {
            let is_role = arn == of && kind(caller) == Kind::Role;
            is_role || is_session_of(arn, of)
        }
        (PrincipalPattern::Arn(_), Principal::Anonymous | Principal::Root { .. })
        | (
            PrincipalPattern::Everyone
            | PrincipalPattern::Account(_)
            | PrincipalPattern::Open(_)
            | PrincipalPattern::Other { .. },
            _,
        ) => false,
    }
}

fn names_account(pattern: &PrincipalPattern, caller: &Principal) -> bool {
    match (pattern, caller) {
        (
            PrincipalPattern::Account(of),
            Principal::Root { account } | Principal::Arn { account, .. },
        ) => account == account_of(of),
        (PrincipalPattern::Account(_), Principal::Anonymous)
        | (
            PrincipalPattern::Everyone
            | PrincipalPattern::Arn(_)
            | PrincipalPattern::Open(_)
            | PrincipalPattern::Other { .. },
            _,
        ) => false,
    }
}
