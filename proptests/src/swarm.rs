//! Swarm: features that a network must do without, so that what remains is met more often.

use std::collections::BTreeSet;

use proptest::collection::btree_set;
use proptest::prop_oneof;
use proptest::sample::select;
use proptest::strategy::{Just, Strategy};

/// A part that a network may have or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Feature {
    /// More than one VPC.
    ManyVpcs,
    /// IPv6 blocks and addresses.
    Ipv6,
    /// ACLs that do not let everything pass.
    NetworkAcls,
    /// Deny entries in them.
    DenyEntries,
    /// Rules that refer to groups.
    GroupReferences,
    /// Rules that refer to groups outside of the input.
    OutsideGroups,
    /// Prefix lists.
    PrefixLists,
    /// Lists whose entries are not known.
    UnknownLists,
    /// Propagated routes.
    Propagated,
    /// Blackholes.
    Blackholes,
    /// Targets that are not modelled.
    Unmodelled,
    /// Routes inside the VPC, and to reserved ranges.
    InsideRoutes,
    /// Internet gateways.
    InternetGateways,
    /// Route tables of internet gateways.
    EdgeTables,
    /// Appliances: interfaces as targets of routes.
    Middleboxes,
    /// Gateway Load Balancer endpoints.
    GatewayLoadBalancers,
    /// Transit gateways.
    TransitGateways,
    /// Zones of subnets.
    Zones,
    /// Egress-only internet gateways.
    EgressOnly,
    /// VPC Block Public Access.
    BlockPublicAccess,
    /// NAT gateways.
    Nat,
    /// Peerings.
    Peering,
    /// Gateway endpoints.
    GatewayEndpoints,
    /// Interface endpoints.
    InterfaceEndpoints,
    /// Gateways, peerings and endpoints that do not work.
    Broken,
    /// Interfaces without the source/destination check.
    Unchecked,
    /// Public addresses.
    PublicAddresses,
    /// Values that are not known.
    Holes,
    /// Conditions in policies.
    Conditions,
    /// Private hosted zones.
    HostedZones,
    /// Resolver rules.
    ResolverRules,
    /// DNS Firewall.
    DnsFirewall,
    /// Inbound resolver endpoints of which the input tells.
    InboundResolvers,
    /// DNS64, of subnets and of inbound resolver endpoints.
    Dns64,
    /// Gateways to networks on premises.
    OnPremises,
    /// Client VPN endpoints.
    ClientVpn,
    /// Associations of Direct Connect gateways.
    DirectConnect,
    /// Application and Network Load Balancers.
    LoadBalancers,
    /// Endpoint services in front of them.
    EndpointServices,
}

impl Feature {
    /// All of them.
    pub const ALL: [Feature; 39] = [
        Feature::ManyVpcs,
        Feature::Ipv6,
        Feature::NetworkAcls,
        Feature::DenyEntries,
        Feature::GroupReferences,
        Feature::OutsideGroups,
        Feature::PrefixLists,
        Feature::UnknownLists,
        Feature::Propagated,
        Feature::Blackholes,
        Feature::Unmodelled,
        Feature::InsideRoutes,
        Feature::InternetGateways,
        Feature::EdgeTables,
        Feature::Middleboxes,
        Feature::GatewayLoadBalancers,
        Feature::TransitGateways,
        Feature::Zones,
        Feature::EgressOnly,
        Feature::BlockPublicAccess,
        Feature::Nat,
        Feature::Peering,
        Feature::GatewayEndpoints,
        Feature::InterfaceEndpoints,
        Feature::Broken,
        Feature::Unchecked,
        Feature::PublicAddresses,
        Feature::Holes,
        Feature::Conditions,
        Feature::HostedZones,
        Feature::ResolverRules,
        Feature::DnsFirewall,
        Feature::InboundResolvers,
        Feature::Dns64,
        Feature::OnPremises,
        Feature::ClientVpn,
        Feature::DirectConnect,
        Feature::LoadBalancers,
        Feature::EndpointServices,
    ];
}

/// What drops most when it is there.
const WHAT_DROPS: [Feature; 11] = [
    Feature::NetworkAcls,
    Feature::DenyEntries,
    Feature::Blackholes,
    Feature::Broken,
    Feature::Holes,
    Feature::UnknownLists,
    Feature::OutsideGroups,
    Feature::InsideRoutes,
    Feature::Unmodelled,
    Feature::EdgeTables,
    Feature::BlockPublicAccess,
];

/// Sets of banned features. They shrink to the empty one; what drops most is banned most often,
/// and something is always left.
pub fn banned() -> impl Strategy<Value = BTreeSet<Feature>> {
    let most = Feature::ALL.len() / 2;
    prop_oneof![
        1 => Just(BTreeSet::new()),
        2 => btree_set(select(&Feature::ALL[..]), 1..=most),
        2 => btree_set(select(&WHAT_DROPS[..]), 3..=WHAT_DROPS.len()),
    ]
}
