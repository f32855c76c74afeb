//! Network ACLs.

use crate::cidr::Cidr;
use crate::id::{NetworkAclId, VpcId};
use crate::security_group::RuleTraffic;
use crate::vpc::Tags;

/// A network ACL: numbered entries for each direction; what no entry matches is denied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NetworkAcl {
    /// Its id.
    pub id: NetworkAclId,
    /// The VPC.
    pub vpc: VpcId,
    /// What may enter the subnet, in the input's order; the numbers carry the meaning.
    pub ingress: Vec<AclEntry>,
    /// What may leave it.
    pub egress: Vec<AclEntry>,
    /// Its tags.
    pub tags: Tags,
}

/// One entry of a network ACL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AclEntry {
    /// The number, 1 to 32766, once in each direction. AWS's final `*` entry (32767, and 32768
    /// for IPv6) is not among them.
    pub number: u16,
    /// What a match means.
    pub action: AclAction,
    /// The protocol and its destination ports or types.
    pub traffic: RuleTraffic,
    /// The other end: the source of what enters, the destination of what leaves.
    pub cidr: Cidr,
}

/// What a matching entry does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum AclAction {
    /// Let it pass.
    Allow,
    /// Drop it.
    Deny,
}
