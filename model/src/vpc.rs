//! VPCs and subnets.

use std::collections::BTreeMap;

use crate::cidr::Cidr;
use crate::dns::DnsFirewallRule;
use crate::hole::Value;
use crate::id::{NetworkAclId, RouteTableId, SubnetId, VpcId};

/// Tags: key to value.
pub type Tags = BTreeMap<String, String>;

/// A mode of VPC Block Public Access: which traffic with the internet an account blocks in a Region
/// (clause `vpc-block-public-access`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum BlockPublicAccess {
    /// Nothing is blocked: `off`.
    Off,
    /// Both directions, at internet gateways and egress-only ones: `block-bidirectional`.
    Bidirectional,
    /// All but what NAT gateways and egress-only internet gateways let out: `block-ingress`.
    Ingress,
}

/// What VPC Block Public Access leaves alone of a VPC or a subnet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Exclusion {
    /// Everything: `allow-bidirectional`.
    Bidirectional,
    /// What goes out, in the bidirectional mode only: `allow-egress`.
    Egress,
}

/// Whether the input knows an inbound resolver endpoint of a VPC.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum InboundResolver {
    /// The input does not say. What is said to reach one, reaches one without DNS64.
    #[default]
    Unknown,
    /// It has none.
    Absent,
    /// It has one; whether that, and every other one it has, answers with DNS64.
    Present {
        /// `Dns64Enabled`; open when its inbound endpoints differ.
        dns64: Value<bool>,
    },
}

/// A VPC.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Vpc {
    /// Its id.
    pub id: VpcId,
    /// The Region, as `ap-northeast-1`.
    pub region: String,
    /// The account that owns it, when the input says so.
    pub account: Option<String>,
    /// Its IPv4 blocks, the primary one first, then its IPv6 blocks; none overlap.
    pub cidrs: Vec<Cidr>,
    /// The route table of subnets that are associated with none.
    pub main_route_table: RouteTableId,
    /// The attribute `enableDnsSupport`: the Amazon resolver answers.
    pub dns_support: bool,
    /// The attribute `enableDnsHostnames`; private DNS of endpoints needs both.
    pub dns_hostnames: bool,
    /// Whether the DHCP options name other resolvers than Amazon's.
    pub custom_dns_servers: bool,
    /// Its inbound resolver endpoint, by which queries come from outside.
    pub inbound_resolver: InboundResolver,
    /// The mode of VPC Block Public Access that its account has in its Region.
    pub block_public_access: Value<BlockPublicAccess>,
    /// Its exclusion from that mode, which is one of all its subnets too.
    pub exclusion: Option<Exclusion>,
    /// The rules of DNS Firewall for its queries, in the order of their priorities.
    pub dns_firewall: Vec<DnsFirewallRule>,
    /// Its tags.
    pub tags: Tags,
}

/// A subnet.
///
/// A regional NAT gateway stands in no subnet of its VPC. Here it has one of its own, in which
/// nothing but its interface is, with a block of 169.254.0.0/16 outside the VPC's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subnet {
    /// Its id.
    pub id: SubnetId,
    /// The VPC that it divides.
    pub vpc: VpcId,
    /// At most one IPv4 block, and IPv6 blocks; inside the VPC's, and no two subnets' overlap.
    pub cidrs: Vec<Cidr>,
    /// The zone's name, which means different zones in different accounts.
    pub zone: Option<String>,
    /// The zone's id, as `apne1-az4`, the same in every account.
    pub zone_id: Option<String>,
    /// The explicitly associated route table; `None` is the VPC's main one.
    pub route_table: Option<Value<RouteTableId>>,
    /// The one network ACL.
    pub network_acl: Value<NetworkAclId>,
    /// `EnableDns64`: the resolver of the VPC answers clients here with DNS64 (clause `dns64`).
    pub dns64: bool,
    /// Its own exclusion from the mode of VPC Block Public Access.
    pub exclusion: Option<Exclusion>,
    /// Its tags.
    pub tags: Tags,
}
