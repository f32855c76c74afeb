//! API requests: what the third stage decides.

use std::fmt;

/// One API request.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Request {
    /// The action, as `s3:GetObject`; compared without regard to case.
    pub action: String,
    /// The resource's ARN.
    pub resource: String,
    /// Who asks.
    pub principal: Principal,
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
        }
    }
}

/// A set of requests: every combination of an action, a resource and a principal in the sets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestSet {
    /// Actions as patterns, `*` and `?`; empty is every action.
    pub actions: Patterns,
    /// Resources as patterns, `*` and `?` standing for any characters; empty is every resource.
    pub resources: Patterns,
    /// Principals.
    pub principals: PrincipalSet,
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
}
