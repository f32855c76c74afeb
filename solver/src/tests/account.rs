//! Accounts, principals and resources in one line each.

use std::collections::BTreeMap;

use model::{
    Account, IamPrincipal, NetworkDraft, Organization, Policy, Principal, PrincipalElement,
    PrincipalPattern, ResourcePolicy, Statement, Value,
};

use super::policy::known;

/// The account that most tests are about, one of the same input, and one that it does not have.
pub(super) const OWN: &str = "111122223333";
pub(super) const PARTNER: &str = "222233334444";
pub(super) const FOREIGN: &str = "444455556666";

/// An account of no organization, of which all principals and all buckets are listed.
pub(super) fn account(draft: &mut NetworkDraft, id: &str) {
    draft.accounts.push(Account {
        id: id.into(),
        organization: Organization::None,
        organization_id: None,
        principals_complete: true,
        resources_complete: ["s3".to_owned()].into(),
        tags: BTreeMap::new(),
    });
}

pub(super) fn account_mut<'a>(draft: &'a mut NetworkDraft, id: &str) -> &'a mut Account {
    let mut accounts = draft.accounts.iter_mut();
    let found = accounts.find(|account| account.id.as_str() == id);
    found.expect("an account")
}

/// A member with these service control policies and these resource control policies, one level of one each.
pub(super) fn member(service: Vec<Statement>, resource: Vec<Statement>) -> Organization {
    Organization::Member {
        service_control_policies: vec![vec![known(service)]],
        resource_control_policies: vec![known(resource)],
    }
}

/// A user, a role or a session, with a policy of its kind if there is any statement.
pub(super) fn principal(draft: &mut NetworkDraft, arn: &str, statements: Vec<Statement>) {
    let policies = if statements.is_empty() {
        Vec::new()
    } else {
        vec![known(statements)]
    };
    let is_session = arn.contains(":assumed-role/");
    let (identity_policies, session_policies) = if is_session {
        (Vec::new(), policies)
    } else {
        (policies, Vec::new())
    };
    draft.principals.push(IamPrincipal {
        id: arn.into(),
        identity_policies,
        permissions_boundary: None,
        session_policies,
    });
}

pub(super) fn last_principal(draft: &mut NetworkDraft) -> &mut IamPrincipal {
    draft.principals.last_mut().expect("a principal")
}

/// A resource of an account.
pub(super) fn resource(
    draft: &mut NetworkDraft,
    arn: &str,
    account: &str,
    policy: Option<Value<Policy>>,
) {
    draft.resource_policies.push(ResourcePolicy {
        id: arn.into(),
        account: account.into(),
        policy,
        access_control_lists: false,
        public_access: true,
    });
}

pub(super) fn last_resource(draft: &mut NetworkDraft) -> &mut ResourcePolicy {
    draft.resource_policies.last_mut().expect("a resource")
}

/// The id of a canonical user.
pub(super) const CANONICAL: &str = "79a59df900b949e55d96a1e698fbaced";

/// The unique id of a role.
pub(super) const UNIQUE: &str = "AROAEXAMPLEID";

/// For `*`, `federated`, `canonical`, `unique`, an account, or an ARN; with a `!` in front for all but that.
pub(super) fn by(mut statement: Statement, who: &str) -> Statement {
    let (is_not, who) = match who.strip_prefix('!') {
        Some(who) => (true, who),
        None => (false, who),
    };
    let pattern = match who {
        "*" => PrincipalPattern::Everyone,
        "federated" => PrincipalPattern::Other {
            kind: "Federated".to_owned(),
            value: "accounts.google.com".to_owned(),
        },
        "canonical" => PrincipalPattern::Other {
            kind: "CanonicalUser".to_owned(),
            value: CANONICAL.to_owned(),
        },
        "unique" => PrincipalPattern::Other {
            kind: "AWS".to_owned(),
            value: UNIQUE.to_owned(),
        },
        arn if arn.starts_with("arn:") => PrincipalPattern::Arn(arn.to_owned()),
        account => PrincipalPattern::Account(account.to_owned()),
    };
    statement.principal = if is_not {
        PrincipalElement::NotPrincipal(vec![pattern])
    } else {
        PrincipalElement::Principal(vec![pattern])
    };
    statement
}

/// `anonymous`, `root:111122223333`, or an ARN.
pub(super) fn who(text: &str) -> Principal {
    if text == "anonymous" {
        return Principal::Anonymous;
    }
    match text.strip_prefix("root:") {
        Some(account) => Principal::Root {
            account: account.to_owned(),
        },
        None => Principal::Arn {
            account: text.split(':').nth(4).expect("an account").to_owned(),
            arn: text.to_owned(),
        },
    }
}

/// `user/ann` or `role/app` of [`OWN`].
pub(super) fn own(name: &str) -> String {
    of(OWN, name)
}

/// `user/ann`, `role/app` or `assumed-role/app/one` of an account.
pub(super) fn of(account: &str, name: &str) -> String {
    let service = if name.starts_with("assumed-role/") {
        "sts"
    } else {
        "iam"
    };
    format!("arn:aws:{service}::{account}:{name}")
}
