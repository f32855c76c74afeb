//! Candidates that lead a packet elsewhere: a route, or another table of the subnet.

use model::{
    Address, AttachmentKind, Cidr, EndpointKind, Family, Network, PeeringEnd, RouteDestination,
    RouteTable, RuleIndex, Subnet, Target, VpcId,
};

use super::candidate::{Candidate, Step};
use super::edit::Edit;
use crate::blocks::{self, Internet};

/// How many other tables of the VPC are tried.
const MOST_TABLES: usize = 8;

/// What may lead a destination on from a table, the narrowest first.
pub(super) fn candidates(
    step: &Step<'_>,
    table: &RouteTable,
    place: Option<&Subnet>,
    destination: Address,
) -> Vec<Candidate> {
    let chosen = match step.hop.rule {
        Some(RuleIndex::Route(index)) => table.routes.get(index),
        Some(
            RuleIndex::IngressRule(_)
            | RuleIndex::EgressRule(_)
            | RuleIndex::IngressEntry(_)
            | RuleIndex::EgressEntry(_),
        )
        | None => None,
    };
    let chosen = chosen.and_then(|route| route.destination.known());
    let mut found: Vec<Candidate> = Vec::new();
    for (block, target) in ways(step.network, table, place, destination) {
        let set = |destination: &RouteDestination| {
            vec![Edit::SetRoute {
                table: table.id.clone(),
                destination: destination.clone(),
                target: target.clone(),
            }]
        };
        // Beside a longer route that leads elsewhere only that one's replacement helps.
        let mut forms = vec![set(&block)];
        forms.extend(chosen.filter(|chosen| **chosen != block).map(set));
        found.push(forms);
    }
    if let Some(place) = place {
        let tables = step.network.route_tables().values();
        let others = tables.filter(|other| other.vpc == table.vpc && other.id != table.id);
        let associate = |other: &RouteTable| {
            vec![vec![Edit::AssociateRouteTable {
                subnet: place.id.clone(),
                table: other.id.clone(),
            }]]
        };
        found.extend(others.take(MOST_TABLES).map(associate));
    }
    found
}

/// Where the VPC of a table can send a destination, and as what block a person would write it.
fn ways(
    network: &Network,
    table: &RouteTable,
    place: Option<&Subnet>,
    destination: Address,
) -> Vec<(RouteDestination, Target)> {
    let mut ways = endpoints(network, table, destination);
    let peer = network.vpcs().values().find_map(|vpc| {
        let mut cidrs = vpc.cidrs.iter().filter(|_| vpc.id != table.vpc);
        let cidr = cidrs.find(|cidr| blocks::holds(**cidr, destination))?;
        Some((vpc, *cidr))
    });
    for peering in network.peerings().values() {
        let ends = [&peering.requester, &peering.accepter];
        let has = |vpc: &VpcId| {
            let end = PeeringEnd::Vpc(vpc.clone());
            ends.contains(&&end)
        };
        let Some((other, cidr)) = peer else { continue };
        if has(&table.vpc) && has(&other.id) {
            let target = Target::Peering(peering.id.clone());
            ways.push((RouteDestination::Cidr(cidr), target));
        }
    }
    for attachment in network.transit_gateway_attachments().values() {
        let is_own = matches!(&attachment.kind,
            AttachmentKind::Vpc { vpc, .. } if *vpc == table.vpc);
        if is_own && !Internet::new(network).has(destination) {
            let block = peer.map_or(Cidr::host(destination), |(_, cidr)| cidr);
            let target = Target::TransitGateway(attachment.gateway.clone());
            ways.push((RouteDestination::Cidr(block), target));
        }
    }
    for gateway in network.virtual_private_gateways().values() {
        let mut prefixes = gateway.prefixes.known().into_iter().flatten();
        let block = prefixes.find(|block| blocks::holds(**block, destination));
        if gateway.vpc.as_ref() == Some(&table.vpc)
            && let Some(block) = block
        {
            let target = Target::VirtualPrivateGateway(gateway.id.clone());
            ways.push((RouteDestination::Cidr(*block), target));
        }
    }
    if Internet::new(network).has(destination) {
        let everything = RouteDestination::Cidr(blocks::everything(destination.family()));
        let out = to_the_internet(network, table, place, destination.family());
        ways.extend(out.into_iter().map(|target| (everything.clone(), target)));
    }
    ways
}

/// The gateway endpoints of the VPC whose lists have the destination.
pub(super) fn endpoints(
    network: &Network,
    table: &RouteTable,
    destination: Address,
) -> Vec<(RouteDestination, Target)> {
    let mut found = Vec::new();
    let endpoints = network.vpc_endpoints().values();
    for endpoint in endpoints.filter(|one| one.vpc == table.vpc) {
        let EndpointKind::Gateway { prefix_lists } = &endpoint.kind else {
            continue;
        };
        for id in prefix_lists {
            let list = network.prefix_lists().get(id);
            let entries = list.and_then(|list| list.entries.known());
            let mut entries = entries.into_iter().flatten();
            if entries.any(|entry| blocks::holds(*entry, destination)) {
                let target = Target::GatewayEndpoint(endpoint.id.clone());
                found.push((RouteDestination::PrefixList(id.clone()), target));
            }
        }
    }
    found
}

/// NAT gateways, those of the sender's zone first, and then the gateways that let in as well.
fn to_the_internet(
    network: &Network,
    table: &RouteTable,
    place: Option<&Subnet>,
    family: Family,
) -> Vec<Target> {
    let mut targets = Vec::new();
    if family == Family::V4 {
        let zone = place.and_then(|place| place.zone.as_ref());
        let in_zone = |nat: &&model::NatGateway| {
            let subnet = network.subnets().get(&nat.subnet);
            zone.is_some() && subnet.and_then(|subnet| subnet.zone.as_ref()) == zone
        };
        let nats = network.nat_gateways().values();
        let own = nats.filter(|nat| {
            let subnet = network.subnets().get(&nat.subnet);
            subnet.is_some_and(|subnet| subnet.vpc == table.vpc)
        });
        let (near, far): (Vec<_>, Vec<_>) = own.partition(in_zone);
        let nats = near.into_iter().chain(far);
        targets.extend(nats.map(|nat| Target::NatGateway(nat.id.clone())));
    } else {
        let gateways = network.egress_only_internet_gateways().values();
        let own = gateways.filter(|one| one.vpc == table.vpc);
        targets.extend(own.map(|one| Target::EgressOnlyInternetGateway(one.id.clone())));
    }
    let gateways = network.internet_gateways().values();
    let own = gateways.filter(|one| one.vpc.as_ref() == Some(&table.vpc));
    targets.extend(own.map(|one| Target::InternetGateway(one.id.clone())));
    targets
}
