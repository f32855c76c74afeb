//! API requests: what the third stage decides.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use crate::condition::{ContextKey, RequestContext};

/// One API request.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Request {
    /// The action, as `s3:GetObject`; compared without regard to case.
    pub action: String,
    /// The resource's ARN.
    pub resource: String,
    /// Who asks.
    pub principal: Principal,
    /// What else it brings; other keys are not there, but for those that follow from the
    /// principal and the way (clauses `context-of-principal`, `context-of-path`).
    pub context: RequestContext,
}

/// Who makes a request.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Principal {
    /// Nobody: the request is not signed.
    Anonymous,
    /// The root user of an account (twelve digits).
    Root {
        /// The account.
        account: String,
    },
    /// An IAM user or role.
    Arn {
        /// The account (twelve digits), also in the ARN.
        account: String,
        /// The ARN of the user or role, as `arn:aws:iam::111122223333:role/app`.
        arn: String,
    },
}

impl fmt::Display for Request {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} on {} by ", self.action, self.resource)?;
        match &self.principal {
            Principal::Anonymous => formatter.write_str("an anonymous caller"),
            Principal::Root { account } => write!(formatter, "the root user of {account}"),
            Principal::Arn { arn, .. } => formatter.write_str(arn),
        }?;
        let mut joint = " with ";
        for (key, values) in &self.context {
            let values: Vec<_> = values.iter().map(String::as_str).collect();
            write!(formatter, "{joint}{key} = {}", values.join(" and "))?;
            joint = ", ";
        }
        Ok(())
    }
}

/// A set of requests: every combination of an action, a resource, a principal and a context in the
/// sets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestSet {
    /// Actions as patterns, `*` and `?`; empty is every action.
    pub actions: Patterns,
    /// Resources as patterns, `*` and `?` standing for any characters; empty is every resource.
    pub resources: Patterns,
    /// Principals.
    pub principals: PrincipalSet,
    /// None of these principals: the anonymous caller, root users, users and roles. That of a role leaves out
    /// what is asked with the role.
    pub without: BTreeSet<Principal>,
    /// What the context holds of some keys; every other key is free, there or not, unless it
    /// follows from the principal or the way.
    pub context: BTreeMap<ContextKey, KeySet>,
}

impl RequestSet {
    /// Every request.
    pub fn every() -> Self {
        Self {
            actions: Patterns::default(),
            resources: Patterns::default(),
            principals: PrincipalSet::Every,
            without: BTreeSet::new(),
            context: BTreeMap::new(),
        }
    }
}

/// What a key may hold; at least one of the two.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeySet {
    /// Values, each of which is one of these; `None` when it has none.
    pub values: Option<Patterns>,
    /// Whether it may be absent.
    pub absent: bool,
}

/// Strings that match one of some patterns and none of some others. `*` is any run of characters
/// (colons included), `?` any one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Patterns {
    /// At least one of these; none at all is every string.
    pub include: Vec<String>,
    /// Not one of these.
    pub exclude: Vec<String>,
}

/// A set of principals.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PrincipalSet {
    /// Everyone, anonymous included.
    Every,
    /// Only these.
    These(Vec<Principal>),
    /// The principals of these accounts (twelve digits each).
    OfAccounts(BTreeSet<String>),
    /// All but the principals of these accounts, anonymous included.
    NotOfAccounts(BTreeSet<String>),
}
