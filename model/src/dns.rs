//! Names beside those of endpoints: private hosted zones, resolver rules, DNS Firewall.

use std::collections::BTreeSet;

use crate::address::Address;
use crate::hole::Value;
use crate::id::{HostedZoneId, ResolverRuleId, VpcEndpointId, VpcId};
use crate::vpc::Tags;

/// A private hosted zone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostedZone {
    /// Its id.
    pub id: HostedZoneId,
    /// Its name in lower case without the final dot.
    pub name: String,
    /// The VPCs that it is associated with.
    pub vpcs: BTreeSet<VpcId>,
    /// Its records that mean addresses (types A, AAAA, CNAME and aliases), one for each name.
    pub records: Value<Vec<DnsRecord>>,
    /// Its tags.
    pub tags: Tags,
}

/// A record of a hosted zone.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct DnsRecord {
    /// The whole name in lower case without the final dot; `*.` in front stands for every name
    /// below that has no record of its own.
    pub name: String,
    /// What it means.
    pub target: DnsTarget,
}

/// What a record means.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum DnsTarget {
    /// These addresses.
    Addresses(BTreeSet<Address>),
    /// The interfaces of an endpoint (an alias to its regional name).
    Endpoint(VpcEndpointId),
    /// What another name means (CNAME, or an alias within the zone), in lower case.
    Name(String),
    /// What is not modelled, by AWS's word: a load balancer, a routing policy.
    Unmodelled(String),
}

/// A resolver rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResolverRule {
    /// Its id.
    pub id: ResolverRuleId,
    /// The domain that it matches, with everything below; empty is every name (`.`).
    pub domain: String,
    /// What it does.
    pub action: ResolverAction,
    /// The VPCs that it is associated with.
    pub vpcs: BTreeSet<VpcId>,
    /// Its tags.
    pub tags: Tags,
}

/// What a resolver rule does with a query.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ResolverAction {
    /// `FORWARD` to resolvers outside of the input.
    Forward,
    /// `FORWARD` to the inbound resolver endpoint of a VPC of the input.
    ForwardTo(VpcId),
    /// `SYSTEM`: as if no rule of the kind `FORWARD` matched.
    System,
    /// Anything else, by AWS's word, such as `DELEGATE`.
    Unmodelled(String),
}

/// A rule of DNS Firewall that a VPC's queries pass.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DnsFirewallRule {
    /// The domains: `*.` in front stands for every name below, `*` for every name; in lower case.
    pub domains: Value<BTreeSet<String>>,
    /// What it does.
    pub action: DnsFirewallAction,
}

/// What a rule of DNS Firewall does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum DnsFirewallAction {
    /// `ALLOW` or `ALERT`: the query goes on, and no later rule is asked.
    Pass,
    /// `BLOCK` with NODATA or NXDOMAIN.
    Block,
    /// `BLOCK` with an answer of its own (OVERRIDE).
    Override,
}
