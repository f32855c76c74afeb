//! Resources whose policies the input has (page authorization).

use model::{Hole, ResourcePolicy, Value};

use crate::account::{Levels, read_all};
use crate::arn::{API, Arn, S3};
use crate::authorize::{Policy, Statement, statements};

/// A resource that is listed, with its policy if it has one.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) account: String,
    /// One level, without any document where there is no policy.
    pub(crate) policy: Levels,
    pub(crate) is_api: bool,
    /// Where more than policies decides: authorizers, or access control lists.
    pub(crate) beside: Option<Hole>,
    /// Where what the policy grants to everyone may be blocked.
    pub(crate) block: Option<Hole>,
}

impl Entry {
    pub(crate) fn new(resource: &ResourcePolicy) -> Self {
        let policies = read_all(resource.policy.as_slice());
        let service = Arn::new(resource.id.as_str()).map(|arn| arn.service);
        let hole = |of: &str, is_there: bool, what: &str| {
            let is_open = service == Some(of) && is_there;
            is_open.then(|| Hole::new(format!("{what} of {}", resource.id)))
        };
        let authorization = hole(API, resource.policy.is_some(), "authorization");
        let lists = hole(S3, resource.access_control_lists, "access control lists");
        let is_blocked = !resource.public_access && policies.iter().any(may_list_everyone);
        Entry {
            account: resource.account.to_string(),
            beside: authorization.or(lists),
            is_api: service == Some(API),
            block: hole(S3, is_blocked, "Block Public Access"),
            policy: vec![policies],
        }
    }

    pub(crate) fn has_policy(&self) -> bool {
        self.policy.iter().any(|level| !level.is_empty())
    }
}

/// Whether a policy is not known, or has an Allow that lists everyone.
fn may_list_everyone(policy: &Value<Policy>) -> bool {
    let is_open = match policy {
        Value::Any(_) => true,
        Value::Known(_) | Value::OneOf(..) => false,
    };
    is_open || statements(policy).any(Statement::may_list_everyone)
}
