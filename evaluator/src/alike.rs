//! What tells addresses apart: the blocks of a network and a question, and little else.

use model::{
    Address, Attachment, AttachmentKind, Cidr, DnsTarget, Family, Network, NetworkInterface,
    NetworkInterfaceId, OnPremisesGateway, Origin, Place, RouteDestination, RulePeer,
    TargetDestination, Value, Vpc,
};

use crate::address::{FAMILIES, above, behind_nat64, holds, nat64, public_edges, reserved};
use crate::load_balancer_name::public_addresses;

/// Whether it can matter that interfaces of different VPCs have one address. It does where a rule
/// may refer to interfaces of another VPC by their group, where packets may leave by the internet
/// gateway of another VPC, and where a question asks after the addresses of an interface, but not
/// only after arrival there; so it does of relays.
pub(crate) fn coincidences(network: &Network, scope: Option<&model::Scope>, exact: bool) -> bool {
    let foreign = |interface: &NetworkInterface| {
        let subnet = network.subnets().get(&interface.subnet);
        let is_foreign = |id| {
            let group = network.security_groups().get(id);
            group.map(|group| &group.vpc) != subnet.map(|subnet| &subnet.vpc)
        };
        match &interface.groups {
            Value::Known(groups) => groups.iter().any(is_foreign),
            Value::OneOf(..) | Value::Any(_) => true,
        }
    };
    let places = scope.into_iter().flat_map(|scope| &scope.to);
    let mut of_service = places.map(|place| match place {
        Place::Service(_) => true,
        Place::Interfaces { .. }
        | Place::Internet
        | Place::OnPremises(_)
        | Place::Cidrs(_)
        | Place::GatewayEndpoints(_)
        | Place::Name(_) => false,
    });
    exact
        || relays(network, scope).next().is_some()
        || !network.transit_gateway_attachments().is_empty()
        || of_service.any(|of_service| of_service)
        || network.network_interfaces().values().any(foreign)
}

/// The resolver on the second address of a VPC's primary block (`amazon-service-unfiltered`).
pub(crate) fn resolver(vpc: &Vpc) -> Option<Address> {
    let mut blocks = vpc.cidrs.iter();
    let primary = blocks.find(|cidr| cidr.family() == Family::V4);
    primary.and_then(|cidr| above(cidr.base(), 2))
}

/// Every block of a network at which anything can change.
pub(crate) fn boundaries(network: &Network) -> Vec<Cidr> {
    let mut blocks: Vec<_> = public_edges().chain(reserved()).chain(nat64()).collect();
    for vpc in network.vpcs().values() {
        blocks.extend(&vpc.cidrs);
        blocks.extend(resolver(vpc).map(Cidr::host));
    }
    for subnet in network.subnets().values() {
        blocks.extend(&subnet.cidrs);
        let routers = subnet.cidrs.iter().filter_map(|cidr| above(cidr.base(), 1));
        blocks.extend(routers.map(Cidr::host));
    }
    // Prefix lists are taken as a whole.
    let block = |destination: &RouteDestination| match destination {
        RouteDestination::Cidr(cidr) => Some(*cidr),
        RouteDestination::PrefixList(_) => None,
    };
    for list in network.prefix_lists().values() {
        blocks.extend(list.entries.known().into_iter().flatten());
    }
    for route in network
        .route_tables()
        .values()
        .flat_map(|table| &table.routes)
    {
        let destinations = match &route.destination {
            Value::Known(destination) => std::slice::from_ref(destination),
            Value::OneOf(destinations, _) => destinations,
            Value::Any(_) => &[],
        };
        blocks.extend(destinations.iter().filter_map(block));
    }
    for table in network.transit_gateway_route_tables().values() {
        let destinations = table.routes.iter().map(|route| &route.destination);
        blocks.extend(destinations.filter_map(block));
    }
    blocks.extend(on_premises(network));
    blocks.extend(registered(network));
    blocks.extend(client_vpn(network));
    blocks.extend(allowed(network));
    for group in network.security_groups().values() {
        let rules = group.ingress.iter().chain(&group.egress);
        blocks.extend(rules.filter_map(|rule| match &rule.peer {
            RulePeer::Cidr(cidr) => Some(*cidr),
            RulePeer::PrefixList(_) | RulePeer::Group(_) | RulePeer::OutsideGroup(_) => None,
        }));
    }
    for acl in network.network_acls().values() {
        let entries = acl.ingress.iter().chain(&acl.egress);
        blocks.extend(entries.map(|entry| entry.cidr));
    }
    let behind: Vec<_> = blocks.iter().filter_map(|cidr| behind(*cidr)).collect();
    blocks.extend(behind);
    blocks.sort();
    blocks.dedup();
    blocks
}

/// What NAT64 makes of a block in its range.
fn behind(cidr: Cidr) -> Option<Cidr> {
    let prefix_len = cidr.prefix_len().checked_sub(96)?;
    Cidr::new(behind_nat64(cidr.base())?, prefix_len).ok()
}

/// Interfaces to whose public addresses the inside may send by NAT64.
pub(crate) fn translated(network: &Network) -> impl Iterator<Item = &NetworkInterfaceId> {
    let is_nat64 = |destination: &RouteDestination| match destination {
        RouteDestination::Cidr(cidr) => {
            nat64().any(|range| holds(range, cidr.base()) || holds(*cidr, range.base()))
        }
        RouteDestination::PrefixList(id) => {
            let list = network.prefix_lists().get(id);
            list.is_some_and(|list| list.family == Family::V6)
        }
    };
    let leads = |route: &model::Route| {
        matches!(route.target, Value::Known(model::Target::NatGateway(_)))
            && route.destination.known().is_some_and(is_nat64)
    };
    let tables = network.route_tables().values();
    let leads = tables.flat_map(|table| &table.routes).any(leads);
    let interfaces = network.network_interfaces().keys();
    interfaces.filter(move |_| leads)
}

/// The blocks that are known to lie on premises.
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
    let known = gateways.chain(attachments).filter_map(Value::known);
    known.flatten().copied()
}

/// The blocks that Client VPN endpoints ask after.
fn client_vpn(network: &Network) -> impl Iterator<Item = Cidr> {
    let endpoints = network.client_vpn_endpoints().values();
    endpoints.flat_map(|endpoint| {
        let rules = endpoint.authorization_rules.known().into_iter().flatten();
        let routes = endpoint.routes.known().into_iter().flatten();
        let rules = rules.map(|rule| rule.destination);
        rules.chain(routes.map(|route| route.destination))
    })
}

/// The allowed prefixes that are advertised as they are (`direct-connect-allowed-prefix`).
fn allowed(network: &Network) -> impl Iterator<Item = Cidr> {
    let associations = network.direct_connect_associations().values();
    let prefixes = associations.filter_map(|association| match &association.gateway {
        OnPremisesGateway::Transit(_) => association.allowed_prefixes.known(),
        OnPremisesGateway::VirtualPrivate(_) => None,
    });
    prefixes.flatten().copied()
}

/// The relays to which relayed flows of a scope are sent.
pub(crate) fn relays<'a>(
    network: &'a Network,
    scope: Option<&model::Scope>,
) -> impl Iterator<Item = &'a NetworkInterfaceId> {
    let relayed = scope.is_some_and(|scope| scope.relayed);
    let of_service = |name: &String| {
        let mut services = network.endpoint_services().values();
        services.any(|service| service.name == *name && !service.load_balancers.is_empty())
    };
    let is_relay = move |interface: &&NetworkInterface| match &interface.attachment {
        Attachment::LoadBalancer(_) => true,
        Attachment::VpcEndpoint(id) => {
            let endpoint = network.vpc_endpoints().get(id);
            endpoint.is_some_and(|endpoint| of_service(&endpoint.service))
        }
        Attachment::Ordinary { .. } | Attachment::NatGateway(_) | Attachment::Other(_) => false,
    };
    let interfaces = network.network_interfaces().values();
    let relays = interfaces.filter(move |interface| relayed && is_relay(interface));
    relays.map(|interface| &interface.id)
}

/// The addresses that are registered as targets.
fn registered(network: &Network) -> impl Iterator<Item = Cidr> {
    let groups = network.target_groups().values();
    let targets = groups.filter_map(|group| group.targets.known()).flatten();
    targets.filter_map(|target| match &target.destination {
        TargetDestination::Address(address) => Some(Cidr::host(*address)),
        TargetDestination::Interface(_) | TargetDestination::LoadBalancer(_) => None,
    })
}

/// The addresses that names of hosted zones and of load balancers mean.
fn recorded(network: &Network) -> impl Iterator<Item = Cidr> {
    let zones = network.hosted_zones().values();
    let records = zones.filter_map(|zone| zone.records.known()).flatten();
    let addresses = records.filter_map(|record| match &record.target {
        DnsTarget::Addresses(addresses) => Some(addresses),
        DnsTarget::Endpoint(_) | DnsTarget::Name(_) | DnsTarget::Unmodelled(_) => None,
    });
    let addresses = addresses.flatten().copied();
    addresses.chain(public_addresses(network)).map(Cidr::host)
}

/// The block of every address of a family.
fn whole(family: Family) -> Option<Cidr> {
    Cidr::new(Address::from_bits(family, 0), 0).ok()
}

/// The blocks that a scope itself speaks of.
pub(crate) fn asked(network: &Network, scope: &model::Scope) -> Vec<Cidr> {
    let mut blocks = Vec::new();
    for origin in &scope.from {
        match origin {
            Origin::Internet(cidrs) | Origin::OnPremises { blocks: cidrs, .. } => {
                blocks.extend(cidrs.iter().flatten());
            }
            Origin::Interfaces(_) => {}
        }
    }
    if scope.relayed {
        blocks.extend(registered(network));
    }
    let mut every_list = false;
    for place in &scope.to {
        match place {
            Place::Cidrs(cidrs) | Place::OnPremises(Some(cidrs)) => blocks.extend(cidrs),
            // Public addresses of the network are among the destinations.
            Place::OnPremises(None) => blocks.extend(FAMILIES.into_iter().filter_map(whole)),
            Place::Service(_) | Place::GatewayEndpoints(_) => every_list = true,
            Place::Name(_) => {
                every_list = true;
                blocks.extend(recorded(network));
            }
            Place::Interfaces { .. } | Place::Internet => {}
        }
    }
    if every_list {
        let lists = network.prefix_lists().values();
        blocks.extend(lists.filter_map(|list| list.entries.known()).flatten());
    }
    blocks
}
