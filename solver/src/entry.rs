//! Resources whose policies the input has (page authorization).

use model::{Hole, ResourcePolicy, Value};

use crate::account::{Levels, read_all};
use crate::arn::Arn;
use crate::authorize::{Policy, Statement, statements};

/// A resource that is listed, with its policy if it has one.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) account: String,
    /// One level, without any document where there is no policy.
    pub(crate) policy: Levels,
    /// Where access control lists may grant what the policy does not.
    pub(crate) access_control_lists: Option<Hole>,
    /// Where what the policy grants to everyone may be blocked.
    pub(crate) block: Option<Hole>,
}

impl Entry {
    pub(crate) fn new(resource: &ResourcePolicy) -> Self {
        let policies = read_all(resource.policy.as_slice());
        let is_of_s3 = Arn::new(resource.id.as_str()).is_some_and(|arn| arn.service == "s3");
        let hole = |is_there: bool, what: &str| {
            (is_of_s3 && is_there).then(|| Hole::new(format!("{what} of {}", resource.id)))
        };
        let is_blocked = !resource.public_access && policies.iter().any(may_list_everyone);
        Entry {
            account: resource.account.to_string(),
            access_control_lists: hole(resource.access_control_lists, "access control lists"),
            block: hole(is_blocked, "Block Public Access"),
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
    is_open || statements(policy).any(Statement::lists_everyone)
}
