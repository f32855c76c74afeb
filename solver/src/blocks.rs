//! What a network names of interfaces and addresses: the interfaces, and the blocks. No clause tells two addresses apart
//! that the same blocks hold.

use model::{
    Address, AddressValue, AttachmentKind, Cidr, DnsTarget, EndpointKind, Family, Network,
    NetworkInterfaceId, Origin, Place, RouteDestination, RulePeer, Scope, TargetDestination, Value,
};

use crate::hashed::HashSet;
use crate::middlebox;
use crate::network_interface::{AMAZON_SERVICES_V4, AMAZON_SERVICES_V6};
use crate::ranges::ends;

/// Blocks of which clauses speak by themselves: what is public (page README), what no route leads to
/// (`route-reserved-range`), and what NAT64 makes IPv4 of.
const FIXED: [&str; 13] = [
    "0.0.0.0/8",
    "10.0.0.0/8",
    "100.64.0.0/10",
    "127.0.0.0/8",
    "169.254.0.0/16",
    "169.254.168.0/22",
    "172.16.0.0/12",
    "192.0.0.0/24",
    "192.168.0.0/16",
    "224.0.0.0/3",
    "2000::/3",
    "64:ff9b::/96",
    "fd00:ec2::/32",
];

/// Blocks, of which two are nested or apart: so the innermost one that holds an address tells all that do.
#[derive(Debug, Default)]
pub(crate) struct Blocks {
    v4: Vec<Start>,
    v6: Vec<Start>,
}

/// From this address on, up to the next one's, this block is the innermost; 0 is none.
type Start = (u128, usize);

impl Blocks {
    fn new(blocks: impl IntoIterator<Item = Cidr>) -> Self {
        let (v4, v6): (Vec<_>, Vec<_>) = blocks
            .into_iter()
            .partition(|block| block.family() == Family::V4);
        Self {
            v4: starts(v4),
            v6: starts(v6),
        }
    }

    /// Those of a network.
    pub(crate) fn of(network: &Network) -> Self {
        let fixed = FIXED.iter().filter_map(|text| text.parse().ok());
        let services = AMAZON_SERVICES_V4.map(Address::V4);
        let services = services.into_iter();
        let services = services.chain(AMAZON_SERVICES_V6.map(Address::V6));
        // The first addresses of a VPC and of a subnet are a resolver's and a router's.
        let of_vpcs = network.vpcs().values().flat_map(|vpc| &vpc.cidrs);
        let of_subnets = network.subnets().values().flat_map(|subnet| &subnet.cidrs);
        let kept = of_vpcs.chain(of_subnets).flat_map(|block| {
            let above = (0..4).map(|above| block.bits().saturating_add(above));
            above.map(|bits| Address::from_bits(block.family(), bits))
        });
        let hosts = services.chain(kept).map(Cidr::host);
        Self::new(named_blocks(network).into_iter().chain(fixed).chain(hosts))
    }

    /// Those that a scope itself names.
    pub(crate) fn of_scope(scope: &Scope) -> Self {
        let from = scope.from.iter().filter_map(|origin| match origin {
            Origin::Internet(blocks) | Origin::OnPremises { blocks, .. } => blocks.as_ref(),
            Origin::Interfaces(_) => None,
        });
        let to = scope.to.iter().filter_map(|place| match place {
            Place::Cidrs(blocks) => Some(blocks),
            Place::OnPremises(blocks) => blocks.as_ref(),
            // Names and services mean what the network has of them.
            Place::Interfaces { .. }
            | Place::Internet
            | Place::Service(_)
            | Place::GatewayEndpoints(_)
            | Place::Name(_) => None,
        });
        Self::new(from.chain(to).flatten().copied())
    }

    /// The number of the innermost block that holds an address: those of one family are compared.
    pub(crate) fn innermost(&self, address: Address) -> usize {
        let starts = match address.family() {
            Family::V4 => &self.v4,
            Family::V6 => &self.v6,
        };
        let behind = starts.partition_point(|(start, _)| *start <= address.bits());
        let start = behind.checked_sub(1).and_then(|last| starts.get(last));
        start.map_or(0, |(_, block)| *block)
    }
}

fn starts(blocks: Vec<Cidr>) -> Vec<Start> {
    let mut ranges: Vec<_> = blocks.into_iter().map(ends).collect();
    // The outer one first.
    ranges.sort_unstable_by_key(|(first, last)| (*first, std::cmp::Reverse(*last)));
    ranges.dedup();
    let mut starts = Vec::with_capacity(2 * ranges.len());
    let mut open: Vec<(u128, usize)> = Vec::new();
    for (number, (first, last)) in (1..).zip(ranges) {
        while let Some((end, _)) = open.pop_if(|(end, _)| *end < first) {
            starts.extend(behind(end, &open));
        }
        starts.push((first, number));
        open.push((last, number));
    }
    while let Some((end, _)) = open.pop() {
        starts.extend(behind(end, &open));
    }
    starts
}

/// Where the block around one that ends goes on.
fn behind(end: u128, around: &[(u128, usize)]) -> Option<Start> {
    let around = around.last().map_or(0, |(_, number)| *number);
    Some((end.checked_add(1)?, around))
}

/// The candidates of a value that is not wholly unknown.
fn candidates<T>(value: &Value<T>) -> &[T] {
    match value {
        Value::Known(one) => std::slice::from_ref(one),
        Value::OneOf(several, _) => several,
        Value::Any(_) => &[],
    }
}

/// The blocks that a network's components name.
fn named_blocks(network: &Network) -> Vec<Cidr> {
    let mut blocks = Vec::new();
    let vpcs = network.vpcs().values();
    blocks.extend(vpcs.flat_map(|vpc| &vpc.cidrs));
    let subnets = network.subnets().values();
    blocks.extend(subnets.flat_map(|subnet| &subnet.cidrs));
    let lists = network.prefix_lists().values();
    blocks.extend(lists.flat_map(|list| candidates(&list.entries)).flatten());
    let tables = network.route_tables().values();
    let routes = tables.flat_map(|table| &table.routes);
    let destinations = routes.flat_map(|route| candidates(&route.destination));
    let of_gateways = network.transit_gateway_route_tables().values();
    let of_gateways = of_gateways.flat_map(|table| &table.routes);
    let destinations = destinations.chain(of_gateways.map(|route| &route.destination));
    blocks.extend(destinations.filter_map(|destination| match destination {
        RouteDestination::Cidr(block) => Some(*block),
        // Its entries are above.
        RouteDestination::PrefixList(_) => None,
    }));
    for group in network.security_groups().values() {
        let rules = group.ingress.iter().chain(&group.egress);
        blocks.extend(rules.filter_map(|rule| match &rule.peer {
            RulePeer::Cidr(block) => Some(*block),
            RulePeer::PrefixList(_) | RulePeer::Group(_) | RulePeer::OutsideGroup(_) => None,
        }));
    }
    for acl in network.network_acls().values() {
        let entries = acl.ingress.iter().chain(&acl.egress);
        blocks.extend(entries.map(|entry| entry.cidr));
    }
    blocks.extend(on_premises(network));
    for endpoint in network.client_vpn_endpoints().values() {
        let rules = candidates(&endpoint.authorization_rules).iter().flatten();
        blocks.extend(rules.map(|rule| rule.destination));
        let routes = candidates(&endpoint.routes).iter().flatten();
        blocks.extend(routes.map(|route| route.destination));
    }
    blocks.extend(hosts(network).map(Cidr::host));
    blocks.extend(open(network));
    blocks
}

/// What lies on premises, and what is advertised there.
fn on_premises(network: &Network) -> impl Iterator<Item = Cidr> {
    let gateways = network.virtual_private_gateways().values();
    let gateways = gateways.map(|gateway| &gateway.prefixes);
    let attachments = network.transit_gateway_attachments().values();
    let attachments = attachments.filter_map(|attachment| match &attachment.kind {
        AttachmentKind::OnPremises { prefixes, .. } => Some(prefixes),
        AttachmentKind::Vpc { .. }
        | AttachmentKind::Peering { .. }
        | AttachmentKind::Unmodelled(_) => None,
    });
    let associations = network.direct_connect_associations().values();
    let allowed = associations.map(|association| &association.allowed_prefixes);
    let all = gateways.chain(attachments).chain(allowed);
    all.flat_map(candidates).flatten().copied()
}

/// Single addresses: of targets, and of records of hosted zones.
fn hosts(network: &Network) -> impl Iterator<Item = Address> {
    let registered = registered(network).filter_map(|target| match target {
        TargetDestination::Address(address) => Some(*address),
        TargetDestination::Interface(_) | TargetDestination::LoadBalancer(_) => None,
    });
    let zones = network.hosted_zones().values();
    let records = zones.flat_map(|zone| candidates(&zone.records)).flatten();
    let recorded = records.filter_map(|record| match &record.target {
        DnsTarget::Addresses(addresses) => Some(addresses),
        DnsTarget::Endpoint(_) | DnsTarget::Name(_) | DnsTarget::Unmodelled(_) => None,
    });
    registered.chain(recorded.flatten().copied())
}

/// The blocks from which open addresses are taken.
fn open(network: &Network) -> impl Iterator<Item = Cidr> {
    let interfaces = network.network_interfaces().values();
    let addresses = interfaces.flat_map(|interface| &interface.addresses);
    let values = addresses.flat_map(|one| std::iter::once(&one.private).chain(&one.public));
    values.filter_map(|value| match value {
        AddressValue::Within(block, _) => Some(*block),
        AddressValue::Known(_) => None,
    })
}

fn registered(network: &Network) -> impl Iterator<Item = &TargetDestination> {
    let groups = network.target_groups().values();
    let targets = groups
        .flat_map(|group| candidates(&group.targets))
        .flatten();
    targets.map(|target| &target.destination)
}

/// The interfaces that a network's components name.
pub(crate) fn named(network: &Network) -> HashSet<&NetworkInterfaceId> {
    let mut named = HashSet::default();
    let tables = network.route_tables().values();
    let routes = tables.flat_map(|table| &table.routes);
    let targets = routes.flat_map(|route| candidates(&route.target));
    named.extend(targets.filter_map(middlebox::interface));
    for endpoint in network.vpc_endpoints().values() {
        match &endpoint.kind {
            EndpointKind::Interface {
                interfaces,
                specific_names,
                ..
            } => {
                named.extend(interfaces);
                let names = candidates(specific_names).iter().flatten();
                named.extend(names.filter_map(|name| name.interface.as_ref()));
            }
            EndpointKind::Gateway { .. }
            | EndpointKind::GatewayLoadBalancer { .. }
            | EndpointKind::Unmodelled(_) => {}
        }
    }
    named.extend(network.nat_gateways().values().map(|nat| &nat.interface));
    let load_balancers = network.load_balancers().values();
    named.extend(load_balancers.flat_map(|one| &one.interfaces));
    let client_vpn = network.client_vpn_endpoints().values();
    named.extend(client_vpn.flat_map(|endpoint| &endpoint.interfaces));
    named.extend(registered(network).filter_map(|target| match target {
        TargetDestination::Interface(id) => Some(id),
        TargetDestination::Address(_) | TargetDestination::LoadBalancer(_) => None,
    }));
    named
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ranges::{Ranges, not_public};

    fn block(text: &str) -> Cidr {
        text.parse().expect("a block")
    }

    #[test]
    fn the_innermost_block_tells_which_blocks_hold_an_address() {
        let texts = [
            "0.0.0.0/0",
            "10.0.0.0/8",
            "10.0.0.0/24",
            "10.0.0.0/25",
            "10.0.0.64/32",
            "10.0.1.0/24",
            "255.255.255.255/32",
            "8.0.0.0/6",
            "::/0",
            "ffff::/16",
        ];
        for skipped in 0..=texts.len() {
            let kept = texts.iter().enumerate();
            let kept = kept.filter(|(position, _)| *position != skipped);
            let kept: Vec<_> = kept.map(|(_, text)| block(text)).collect();
            let blocks = Blocks::new(kept.clone());
            let edges = texts.iter().flat_map(|text| {
                let (first, last) = ends(block(text));
                let around = [
                    first.checked_sub(1),
                    Some(first),
                    Some(last),
                    last.checked_add(1),
                ];
                let family = block(text).family();
                let around = around.into_iter().flatten();
                around
                    .filter(move |bits| family == Family::V6 || *bits <= u128::from(u32::MAX))
                    .map(move |bits| Address::from_bits(family, bits))
            });
            let edges: Vec<_> = edges.collect();
            let holding = |address: Address| {
                let holds = |block: &&Cidr| {
                    let (first, last) = ends(**block);
                    let bits = address.bits();
                    block.family() == address.family() && first <= bits && bits <= last
                };
                kept.iter().filter(holds).copied().collect::<Vec<_>>()
            };
            for one in &edges {
                for other in edges.iter().filter(|other| other.family() == one.family()) {
                    let same = blocks.innermost(*one) == blocks.innermost(*other);
                    assert_eq!(same, holding(*one) == holding(*other), "{one:?} {other:?}");
                }
            }
        }
    }

    #[test]
    fn what_is_public_is_told_from_what_is_not() {
        let fixed: Vec<_> = FIXED.iter().map(|text| block(text)).collect();
        let v4 = Ranges::of_blocks(Family::V4, &fixed);
        assert_eq!(v4, not_public(Family::V4));
        let public = Ranges::all(Family::V6).minus(&not_public(Family::V6));
        assert_eq!(public, Ranges::of_blocks(Family::V6, &[block("2000::/3")]));
    }
}
