//! Accounts, and what their policies say of requests beside the endpoint's (page authorization).

use std::collections::BTreeSet;

use crate::hole::{Hole, Value};
use crate::id::{AccountId, PrincipalId, ResourceId};
use crate::policy::Policy;
use crate::vpc::Tags;

/// An account whose policies the input has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// Its id, twelve digits.
    pub id: AccountId,
    /// What it is in AWS Organizations.
    pub organization: Organization,
    /// The id of the organization that it is the management account or a member of, as
    /// `o-exampleorgid`, when the input has it.
    pub organization_id: Option<String>,
    /// Whether each of its users and roles that has a policy or a permissions boundary is among
    /// [`crate::Network::principals`]; those that are not there have none then.
    pub principals_complete: bool,
    /// The services, by the third part of their ARNs, of which each of its resources that has a
    /// policy is among [`crate::Network::resource_policies`]; those that are not there have none.
    pub resources_complete: BTreeSet<String>,
    /// Its tags.
    pub tags: Tags,
}

/// What an account is in AWS Organizations.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Organization {
    /// Not known: any of the others, with any policies.
    Unknown(Hole),
    /// In no organization.
    None,
    /// The management account of one, which service and resource control policies do not limit.
    Management,
    /// A member of one.
    Member {
        /// The service control policies of each level, from the root to the account; no level at
        /// all where the organization does not use them.
        service_control_policies: Vec<Vec<Value<Policy>>>,
        /// The resource control policies of all levels, without `RCPFullAWSAccess`.
        resource_control_policies: Vec<Value<Policy>>,
    },
}

/// A user, a role, or a session of a role, with its policies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IamPrincipal {
    /// Its ARN, of one of the forms `arn:P:iam::A:user/…`, `arn:P:iam::A:role/…` and
    /// `arn:P:sts::A:assumed-role/R/S`.
    pub id: PrincipalId,
    /// The identity-based policies of a user (its groups' among them) or role, inline and managed;
    /// a session has none of its own.
    pub identity_policies: Vec<Value<Policy>>,
    /// The permissions boundary of a user or role.
    pub permissions_boundary: Option<Value<Policy>>,
    /// The session policies of a session; none is no limit.
    pub session_policies: Vec<Value<Policy>>,
}

/// A resource, and the policy that is attached to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResourcePolicy {
    /// Its ARN. A bucket stands for its objects too, an API for its methods, a table for its
    /// indexes.
    pub id: ResourceId,
    /// The account that owns it.
    pub account: AccountId,
    /// The policy; `None` when it has none.
    pub policy: Option<Value<Policy>>,
    /// Whether access control lists may grant what the policy does not; buckets only.
    pub access_control_lists: bool,
    /// Whether it is known that S3 Block Public Access restricts nothing; buckets only.
    pub public_access: bool,
}
