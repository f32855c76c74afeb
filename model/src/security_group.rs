//! Security groups.

use std::ops::RangeInclusive;

use crate::cidr::Cidr;
use crate::id::{PrefixListId, SecurityGroupId, VpcId};
use crate::packet::PortRange;
use crate::vpc::Tags;

/// A security group: allow rules only, in both directions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SecurityGroup {
    /// Its id.
    pub id: SecurityGroupId,
    /// The VPC that it belongs to.
    pub vpc: VpcId,
    /// Its name.
    pub name: String,
    /// What may come in, in the input's order, which carries no meaning.
    pub ingress: Vec<GroupRule>,
    /// What may be sent.
    pub egress: Vec<GroupRule>,
    /// Its tags.
    pub tags: Tags,
}

/// One rule of a security group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupRule {
    /// The protocol and its ports or types.
    pub traffic: RuleTraffic,
    /// The other end.
    pub peer: RulePeer,
}

/// The protocol part of a rule or an entry, as AWS's API reads it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum RuleTraffic {
    /// Protocol -1: every protocol, all ports.
    All,
    /// TCP to these destination ports.
    Tcp(RulePorts),
    /// UDP to these destination ports.
    Udp(RulePorts),
    /// ICMP (1).
    Icmp(IcmpFilter),
    /// ICMPv6 (58).
    Icmpv6(IcmpFilter),
    /// Any other protocol by number, whatever ports are given.
    Protocol(u8),
}

/// Destination ports in a rule, from and to included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct RulePorts {
    /// The first port.
    pub from: u16,
    /// The last port; not below `from` in a valid network.
    pub to: u16,
}

impl RulePorts {
    /// Every port.
    pub const ALL: RulePorts = RulePorts {
        from: 0,
        to: u16::MAX,
    };

    /// As a range.
    pub const fn range(self) -> PortRange {
        RangeInclusive::new(self.from, self.to)
    }
}

/// A type and a code of ICMP; `None` is all of them (AWS's -1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct IcmpFilter {
    /// The type.
    pub icmp_type: Option<u8>,
    /// The code; `None` when the type is `None`.
    pub code: Option<u8>,
}

/// The other end in a rule of a security group.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum RulePeer {
    /// A block.
    Cidr(Cidr),
    /// The entries of a prefix list.
    PrefixList(PrefixListId),
    /// The private addresses of the interfaces that carry a group of this network.
    Group(SecurityGroupId),
    /// A group that is not in the input, by the name the rule gives it. What it matches is open.
    OutsideGroup(String),
}
