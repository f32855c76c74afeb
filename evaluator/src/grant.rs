//! The ways in which a resource's policy allows a caller (`authorization`).

use model::{Hole, Principal, PrincipalElement, PrincipalPattern};

use crate::principal::{Kind, account_of, is_federated, is_of_role, is_session_of, kind};
use crate::statement::Match;

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
pub(crate) fn granted(element: &PrincipalElement, grant: Grant, caller: &Principal) -> Match {
    let patterns = match (element, grant) {
        (PrincipalElement::Principal(patterns), _) => patterns,
        (PrincipalElement::NotPrincipal(_), Grant::Directly) => {
            return Match::Open(Hole::new("Allow with NotPrincipal"));
        }
        (PrincipalElement::NotPrincipal(_), Grant::AsRole | Grant::AsAccount) => {
            return Match::Fails;
        }
    };
    let has = match grant {
        Grant::Directly => patterns.iter().any(|one| names(one, caller)),
        Grant::AsRole => patterns.iter().any(|one| names_role(one, caller)),
        Grant::AsAccount => patterns.iter().any(|one| names_account(one, caller)),
    };
    match (has, grant) {
        (true, _) => Match::Holds,
        (false, Grant::Directly) => named_perhaps(patterns, caller),
        (false, Grant::AsRole | Grant::AsAccount) => Match::Fails,
    }
}

fn names(pattern: &PrincipalPattern, caller: &Principal) -> bool {
    match (pattern, caller) {
        (PrincipalPattern::Everyone, _) => true,
        (PrincipalPattern::Arn(of), Principal::Arn { arn, .. }) => {
            arn == of && kind(caller) != Kind::Role
        }
        (PrincipalPattern::Arn(_), Principal::Anonymous | Principal::Root { .. })
        | (PrincipalPattern::Account(_) | PrincipalPattern::Other { .. }, _) => false,
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
            PrincipalPattern::Everyone | PrincipalPattern::Arn(_) | PrincipalPattern::Other { .. },
            _,
        ) => false,
    }
}

/// Of entries none of which has a caller, whether one may mean it.
fn named_perhaps(patterns: &[PrincipalPattern], caller: &Principal) -> Match {
    match caller {
        Principal::Arn { arn, .. } if patterns.iter().any(|one| is_of_role(one, caller)) => {
            Match::Open(Hole::new(format!("session of {arn}")))
        }
        Principal::Anonymous if patterns.iter().any(is_federated) => {
            Match::Open(Hole::new("federated caller"))
        }
        Principal::Anonymous | Principal::Root { .. } | Principal::Arn { .. } => Match::Fails,
    }
}
