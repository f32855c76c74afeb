//! Bugs in gateways, endpoints and devices on the way.

use super::*;

/// Bugs written by hand.
pub(super) const EDITS: &[Bug] = &[
    network(
        "a gateway serves every VPC whose routes lead to it",
        Clause::InternetGatewayAttached,
        |draft| {
            to_own_gateway(draft, |target| matches!(target, Target::InternetGateway(_)));
        },
    ),
    packet(
        "carrier-grade addresses are taken for public ones",
        Clause::InternetGatewayPrivateDestination,
        |packet| moved(packet, "100.64.0.0/10", "203.0.112.9"),
    ),
    network(
        "the mode block-ingress is taken for block-bidirectional",
        Clause::VpcBlockPublicAccess,
        |draft| {
            modes(draft, |mode| match mode {
                BlockPublicAccess::Ingress => BlockPublicAccess::Bidirectional,
                BlockPublicAccess::Off | BlockPublicAccess::Bidirectional => mode,
            });
        },
    ),
    network(
        "the mode block-bidirectional is taken for block-ingress",
        Clause::VpcBlockPublicAccess,
        |draft| {
            modes(draft, |mode| match mode {
                BlockPublicAccess::Bidirectional => BlockPublicAccess::Ingress,
                BlockPublicAccess::Off | BlockPublicAccess::Ingress => mode,
            });
        },
    ),
    network(
        "the exclusion of a subnet is ignored",
        Clause::VpcBlockPublicAccess,
        |draft| {
            let subnets = draft.subnets.iter_mut();
            subnets.for_each(|subnet| subnet.exclusion = None);
        },
    ),
    network(
        "the exclusion of a VPC is ignored",
        Clause::VpcBlockPublicAccess,
        |draft| draft.vpcs.iter_mut().for_each(|vpc| vpc.exclusion = None),
    ),
    network(
        "the exclusion of a subnet replaces that of its VPC",
        Clause::VpcBlockPublicAccess,
        |draft| {
            for vpc in &mut draft.vpcs {
                let of_vpc = vpc.exclusion.take();
                let subnets = draft.subnets.iter_mut();
                for subnet in subnets.filter(|subnet| subnet.vpc == vpc.id) {
                    subnet.exclusion = subnet.exclusion.or(of_vpc);
                }
            }
        },
    ),
    network(
        "an exclusion allow-egress lets in as well",
        Clause::VpcBlockPublicAccess,
        |draft| {
            let vpcs = draft.vpcs.iter_mut().map(|vpc| &mut vpc.exclusion);
            let subnets = draft.subnets.iter_mut().map(|subnet| &mut subnet.exclusion);
            for exclusion in vpcs.chain(subnets).flatten() {
                *exclusion = Exclusion::Bidirectional;
            }
        },
    ),
    network(
        "what a NAT gateway sends counts as direct in the mode block-ingress",
        Clause::VpcBlockPublicAccess,
        |draft| {
            // Without a public address it sends nothing by an internet gateway either.
            for nat in &draft.nat_gateways {
                let mut subnets = draft.subnets.iter();
                let subnet = subnets.find(|subnet| subnet.id == nat.subnet);
                let vpc = subnet.and_then(|subnet| {
                    let mut vpcs = draft.vpcs.iter();
                    vpcs.find(|vpc| vpc.id == subnet.vpc)
                });
                let blocked = vpc.is_some_and(|vpc| {
                    vpc.block_public_access == Value::Known(BlockPublicAccess::Ingress)
                });
                let mut interfaces = draft.network_interfaces.iter_mut();
                let interface = interfaces.find(|one| blocked && one.id == nat.interface);
                for address in interface.into_iter().flat_map(|one| &mut one.addresses) {
                    address.public = None;
                }
            }
        },
    ),
    network(
        "an unknown mode is taken for off",
        Clause::VpcBlockPublicAccess,
        |draft| {
            for vpc in &mut draft.vpcs {
                if vpc.block_public_access.hole().is_some() {
                    vpc.block_public_access = Value::Known(BlockPublicAccess::Off);
                }
            }
        },
    ),
    network(
        "every IPv4 address leaves by an internet gateway",
        Clause::InternetGatewayPublicAddress,
        |draft| {
            let mut n = 0;
            for interface in &mut draft.network_interfaces {
                for address in &mut interface.addresses {
                    if let (AddressValue::Known(Address::V4(_)), None) =
                        (&address.private, &address.public)
                    {
                        n += 1;
                        let public = pool::offset(pool::cidr("198.51.101.0/24"), n);
                        address.public = Some(AddressValue::Known(public));
                    }
                }
            }
        },
    ),
    network(
        "public addresses are forgotten",
        Clause::InternetGatewayInbound,
        |draft| {
            for interface in &mut draft.network_interfaces {
                interface
                    .addresses
                    .iter_mut()
                    .for_each(|address| address.public = None);
            }
        },
    ),
    network(
        "edge tables are ignored",
        Clause::InternetGatewayEdgeTable,
        |draft| {
            draft
                .internet_gateways
                .iter_mut()
                .for_each(|one| one.edge_route_table = None);
        },
    ),
    network(
        "an egress-only gateway is taken for an internet gateway",
        Clause::EgressOnlyInternetGateway,
        |draft| {
            to_own_gateway(draft, |target| {
                matches!(target, Target::EgressOnlyInternetGateway(_))
            });
        },
    ),
    network(
        "every NAT gateway is available",
        Clause::NatGatewayAvailable,
        |draft| {
            draft
                .nat_gateways
                .iter_mut()
                .for_each(|nat| nat.available = true);
        },
    ),
    network(
        "a NAT gateway does not translate",
        Clause::NatGatewayTranslates,
        |draft| {
            let gateways = draft.internet_gateways.clone();
            for table in &mut draft.route_tables {
                let own = gateways
                    .iter()
                    .find(|one| one.vpc.as_ref() == Some(&table.vpc));
                for route in &mut table.routes {
                    if let (Some(Target::NatGateway(_)), Some(own)) = (route.target.known(), own) {
                        route.target = Value::Known(Target::InternetGateway(own.id.clone()));
                    }
                }
            }
        },
    ),
    network("every peering is active", Clause::PeeringActive, |draft| {
        draft.peerings.iter_mut().for_each(|one| one.active = true);
    }),
    network(
        "a peering is seen from the requester only",
        Clause::PeeringAddresses,
        |draft| {
            for table in &mut draft.route_tables {
                for route in &mut table.routes {
                    if let Some(Target::Peering(id)) = route.target.known() {
                        let mut peerings = draft.peerings.iter();
                        let from_here = peerings.any(|one| {
                            one.id == *id && one.requester == PeeringEnd::Vpc(table.vpc.clone())
                        });
                        if !from_here {
                            route.state = RouteState::Blackhole;
                        }
                    }
                }
            }
        },
    ),
    network(
        "every endpoint is available",
        Clause::GatewayEndpointAvailable,
        |draft| {
            draft
                .vpc_endpoints
                .iter_mut()
                .for_each(|one| one.available = true);
        },
    ),
    network(
        "the subnet's own table is ignored for the main one",
        Clause::LongestPrefixMatch,
        |draft| {
            draft
                .subnets
                .iter_mut()
                .for_each(|one| one.route_table = None);
        },
    ),
    network(
        "an appliance that checks is taken for one that does not",
        Clause::MiddleboxCheck,
        |draft| {
            let led = devices(draft);
            let interfaces = draft.network_interfaces.iter_mut();
            for one in interfaces.filter(|one| led.contains(&one.id)) {
                one.source_destination_check = false;
            }
        },
    ),
    network(
        "an appliance that inspects is taken for one that forwards",
        Clause::MiddleboxForwards,
        |draft| {
            for one in &mut draft.network_interfaces {
                if one.middlebox == Middlebox::Inspects {
                    one.middlebox = Middlebox::Forwards;
                }
            }
        },
    ),
    network(
        "an appliance of which nothing is stated is taken for one that inspects",
        Clause::MiddleboxForwards,
        |draft| {
            for one in &mut draft.network_interfaces {
                if one.middlebox == Middlebox::Unknown {
                    one.middlebox = Middlebox::Inspects;
                }
            }
        },
    ),
    network(
        "routes to appliances are ignored",
        Clause::MiddleboxForwards,
        |draft| {
            each_table(draft, |route| {
                !matches!(route.target.known(), Some(Target::NetworkInterface(_)))
            });
        },
    ),
    network(
        "edge tables lead to the local route only",
        Clause::InternetGatewayEdgeTable,
        |draft| {
            let edges: Vec<_> = draft
                .internet_gateways
                .iter()
                .filter_map(|one| one.edge_route_table.clone())
                .collect();
            let tables = draft.route_tables.iter_mut();
            for table in tables.filter(|table| edges.contains(&table.id)) {
                table
                    .routes
                    .retain(|route| route.target.known() == Some(&Target::Local));
            }
        },
    ),
    network(
        "a Gateway Load Balancer endpoint is always available",
        Clause::GatewayLoadBalancerEndpointAvailable,
        |draft| {
            for endpoint in &mut draft.vpc_endpoints {
                if let EndpointKind::GatewayLoadBalancer { .. } = endpoint.kind {
                    endpoint.available = true;
                }
            }
        },
    ),
    network(
        "what a Gateway Load Balancer's appliances do is taken for nothing",
        Clause::GatewayLoadBalancerEndpointInspects,
        |draft| {
            for endpoint in &mut draft.vpc_endpoints {
                if let EndpointKind::GatewayLoadBalancer { middlebox, .. } = &mut endpoint.kind {
                    *middlebox = Middlebox::Forwards;
                }
            }
        },
    ),
];

/// What leads to some targets leads to the internet gateway of the table's VPC.
fn to_own_gateway(draft: &mut NetworkDraft, is: fn(&Target) -> bool) {
    let gateways = draft.internet_gateways.clone();
    for table in &mut draft.route_tables {
        let mut gateways = gateways.iter();
        let own = gateways.find(|one| one.vpc.as_ref() == Some(&table.vpc));
        for route in &mut table.routes {
            if let Some(own) = own
                && route.target.known().is_some_and(is)
            {
                route.target = Value::Known(Target::InternetGateway(own.id.clone()));
            }
        }
    }
}
