//! Invariants over what is in a network: scopes of few blocks and ports, so that both answers occur.

use std::collections::BTreeSet;
use std::ops::RangeInclusive;

use model::{
    Address, Attachment, Cidr, Claim, Clause, ComponentId, EndpointKind, Family, Invariant,
    InvariantName, Network, NetworkInterfaceId, Origin, Place, Port, PortRange, Quantifier, Scope,
    Traffic, TrafficClass, VpcId,
};

use super::{flow, name, relay, request};
use crate::dice::Dice;
use crate::pool;

/// Clauses that claims speak of: some that drop, some that deliver, some undetermined.
const CLAUSES: [Clause; 13] = [
    Clause::SecurityGroupIngress,
    Clause::SecurityGroupEgress,
    Clause::NetworkAclIngress,
    Clause::LongestPrefixMatch,
    Clause::InterfaceAccepts,
    Clause::InternetGatewayDelivers,
    Clause::RouteBlackhole,
    Clause::RouteUnknown,
    Clause::OnPremisesDelivers,
    Clause::LoadBalancerListener,
    Clause::LoadBalancerTarget,
    Clause::InterfaceEndpointAvailable,
    Clause::NatGatewayAddress,
];

/// An invariant about a network.
pub fn invariant(network: &Network, dice: &mut Dice) -> Invariant {
    if relay::hands_on(network) && dice.percent(25) {
        return received(network, dice);
    }
    if dice.percent(15)
        && let Some(named) = named(network, dice)
    {
        return named;
    }
    let interfaces = ordinary(network);
    let n_origins = 1 + usize::from(dice.percent(12));
    let from = (0..n_origins)
        .map(|_| origin(network, &interfaces, dice))
        .collect();
    let n_places = 1 + usize::from(dice.percent(20));
    let relayed = relay::hands_on(network) && dice.percent(50);
    let to = (0..n_places)
        .map(|_| place(network, relayed, dice))
        .collect();
    let n_classes = 1 + usize::from(dice.percent(25));
    let mut at: Vec<_> = pool::PORTS.to_vec();
    if relayed {
        at = relay::ports(network).into_iter().chain([443]).collect();
    }
    let classes = (0..n_classes).map(|_| traffic_class(&at, dice)).collect();
    let families = match dice.below(10) {
        0..=5 => [Family::V4].into(),
        6..=8 => [Family::V4, Family::V6].into(),
        _ => [Family::V6].into(),
    };
    let claim = claim(network, 2, dice);
    let premise = dice.percent(20).then(|| self::claim(network, 1, dice));
    let asks = speaks_of_requests(&claim) || premise.as_ref().is_some_and(speaks_of_requests);
    Invariant {
        name: InvariantName::new("random"),
        quantifier: if dice.percent(60) {
            Quantifier::Every
        } else {
            Quantifier::Exists
        },
        scope: Scope {
            from,
            to,
            traffic: Traffic { classes },
            families,
            relayed,
            request: asks.then(|| request::set(dice)),
        },
        premise,
        claim,
    }
}

/// An invariant that flows which are received otherwise than they are sent decide: whether anything
/// comes by way of a load balancer or a NAT gateway.
fn received(network: &Network, dice: &mut Dice) -> Invariant {
    let interfaces = ordinary(network);
    let behind = relay::interfaces(network);
    let translated = behind.is_empty() || dice.percent(40);
    let places = if translated { &interfaces } else { &behind };
    let to = if translated && dice.percent(50) {
        Place::Internet
    } else {
        Place::Interfaces {
            interfaces: some(places, 4, dice),
            public_from_inside: false,
        }
    };
    let at: Vec<_> = relay::ports(network).into_iter().chain([443, 80]).collect();
    let source_ports = *dice
        .pick(&[(0, u16::MAX), (1_024, u16::MAX), (40_000, 40_000)])
        .unwrap_or(&(0, u16::MAX));
    let class = TrafficClass::Tcp {
        source_ports: source_ports.0..=source_ports.1,
        destination_ports: ports(&at, dice),
    };
    let nats = network.nat_gateways().keys().cloned();
    let balancers = network.load_balancers().keys().cloned();
    let on_the_way = nats
        .map(ComponentId::NatGateway)
        .chain(balancers.map(ComponentId::LoadBalancer));
    let passes = Claim::Traverses(vec![on_the_way.collect()]);
    let every = dice.percent(50);
    Invariant {
        name: InvariantName::new("received"),
        quantifier: if every {
            Quantifier::Every
        } else {
            Quantifier::Exists
        },
        scope: Scope {
            from: vec![Origin::Interfaces(some(&interfaces, 4, dice))],
            to: vec![to],
            traffic: Traffic {
                classes: vec![class],
            },
            families: if dice.percent(60) {
                [Family::V4].into()
            } else {
                [Family::V4, Family::V6].into()
            },
            relayed: dice.percent(60),
            request: None,
        },
        premise: None,
        claim: if every {
            Claim::Not(Box::new(passes))
        } else {
            passes
        },
    }
}

/// An invariant about a name that is answered in an own way: to hosts on premises, or to clients in
/// subnets with DNS64, above all where a route leads to NAT64.
pub fn named(network: &Network, dice: &mut Dice) -> Option<Invariant> {
    let translated = flow::translated(network);
    let with_dns64 = ordinary(network).into_iter().filter_map(|id| {
        let interface = network.network_interfaces().get(&id)?;
        let subnet = network.subnets().get(&interface.subnet)?;
        subnet.dns64.then(|| (id, subnet.vpc.clone()))
    });
    let mut clients: Vec<_> = with_dns64.collect();
    if clients.iter().any(|(_, vpc)| translated.contains(vpc)) && dice.percent(85) {
        clients.retain(|(_, vpc)| translated.contains(vpc));
    }
    let vpcs: Vec<_> = network.vpcs().keys().cloned().collect();
    let (origin, vpc) = match dice.pick(&clients) {
        Some((id, vpc)) if dice.percent(70) => {
            (Origin::Interfaces([id.clone()].into()), vpc.clone())
        }
        Some(_) | None => {
            let vpc = dice.pick(&vpcs)?.clone();
            let blocks = premises(dice).filter(|_| dice.percent(30));
            let resolver = Some(vpc.clone());
            (Origin::OnPremises { blocks, resolver }, vpc)
        }
    };
    let names = name::meaningful(network, &vpc);
    let behind = names.iter().find(|name| *name == pool::NAT64_NAME);
    let name = match behind {
        Some(behind) if dice.percent(60) => behind.clone(),
        Some(_) | None => dice.pick(&names)?.clone(),
    };
    let inside = matches!(origin, Origin::Interfaces(_));
    let every = dice.percent(50);
    let claim = match dice.below(5) {
        0..=2 if every => Claim::Not(Box::new(Claim::Delivered)),
        0..=2 => Claim::Delivered,
        3 => Claim::Answered,
        _ => claim(network, 1, dice),
    };
    Some(Invariant {
        name: InvariantName::new("named"),
        quantifier: if every {
            Quantifier::Every
        } else {
            Quantifier::Exists
        },
        scope: Scope {
            from: vec![origin],
            to: vec![Place::Name(name)],
            traffic: Traffic {
                classes: vec![TrafficClass::Tcp {
                    source_ports: 1_024..=u16::MAX,
                    destination_ports: ports(&[443, 80], dice),
                }],
            },
            families: match (dice.below(5), inside) {
                (0..=2, true) | (4, false) => [Family::V6].into(),
                (3, _) => [Family::V4, Family::V6].into(),
                (_, _) => [Family::V4].into(),
            },
            relayed: dice.percent(15),
            request: speaks_of_requests(&claim).then(|| request::set(dice)),
        },
        premise: None,
        claim,
    })
}

/// Interfaces that begin something.
fn ordinary(network: &Network) -> Vec<NetworkInterfaceId> {
    let interfaces = network.network_interfaces().values();
    let interfaces = interfaces.filter(|one| match one.attachment {
        Attachment::Ordinary { .. } | Attachment::Other(_) => true,
        Attachment::VpcEndpoint(_) | Attachment::NatGateway(_) | Attachment::LoadBalancer(_) => {
            false
        }
    });
    interfaces.map(|one| one.id.clone()).collect()
}

fn some<T: Clone + Ord>(pool: &[T], most: usize, dice: &mut Dice) -> BTreeSet<T> {
    let n = 1 + dice.below(most);
    (0..n).filter_map(|_| dice.pick(pool).cloned()).collect()
}

fn origin(network: &Network, interfaces: &[NetworkInterfaceId], dice: &mut Dice) -> Origin {
    if dice.percent(70) {
        return Origin::Interfaces(some(interfaces, 2, dice));
    }
    if dice.percent(45) {
        return Origin::OnPremises {
            blocks: premises(dice),
            resolver: resolver(network, dice),
        };
    }
    let blocks = pool::PUBLIC_V4.iter().chain(&pool::PUBLIC_V6);
    let blocks: Vec<_> = blocks.map(|text| pool::cidr(text)).collect();
    Origin::Internet(dice.percent(50).then(|| some(&blocks, 2, dice)))
}

/// The VPC whose inbound resolver endpoint hosts on premises ask, mostly.
fn resolver(network: &Network, dice: &mut Dice) -> Option<VpcId> {
    let vpcs: Vec<_> = network.vpcs().keys().cloned().collect();
    dice.pick(&vpcs).filter(|_| dice.percent(70)).cloned()
}

/// Blocks on premises, or all.
fn premises(dice: &mut Dice) -> Option<BTreeSet<Cidr>> {
    let blocks = pool::ON_PREMISES_V4.iter().chain(&pool::ON_PREMISES_V6);
    let blocks: Vec<_> = blocks.map(|text| pool::cidr(text)).collect();
    dice.percent(60).then(|| some(&blocks, 2, dice))
}

fn place(network: &Network, relayed: bool, dice: &mut Dice) -> Place {
    let all: Vec<_> = network.network_interfaces().keys().cloned().collect();
    let behind = relay::interfaces(network);
    if relayed && !behind.is_empty() && dice.percent(45) {
        return Place::Interfaces {
            interfaces: some(&behind, 2, dice),
            public_from_inside: dice.percent(20),
        };
    }
    match dice.below(22) {
        0..=9 => Place::Interfaces {
            interfaces: some(&all, 2, dice),
            public_from_inside: dice.percent(20),
        },
        10..=12 => Place::Internet,
        13..=15 => {
            let mut blocks: Vec<Cidr> = flow::blocks(network);
            blocks.extend(pool::PUBLIC_V4.map(pool::cidr));
            Place::Cidrs(some(&blocks, 2, dice))
        }
        16 | 17 => {
            let lists = network.prefix_lists().values().map(|one| one.name.clone());
            let endpoints = network
                .vpc_endpoints()
                .values()
                .map(|one| one.service.clone());
            let mut services: Vec<_> = lists.chain(endpoints).collect();
            services.push("com.amazonaws.us-east-1.s3".to_owned());
            let service = dice.pick(&services).cloned();
            Place::Service(service.unwrap_or_default())
        }
        18 => {
            let endpoints = network.vpc_endpoints().values();
            let gateways = endpoints.filter(|one| matches!(one.kind, EndpointKind::Gateway { .. }));
            let gateways: Vec<_> = gateways.map(|one| one.id.clone()).collect();
            Place::GatewayEndpoints(some(&gateways, 2, dice))
        }
        19 | 20 => Place::OnPremises(premises(dice)),
        _ => Place::Name(
            dice.pick(&name::names(network))
                .cloned()
                .unwrap_or_default(),
        ),
    }
}

fn ports(pool: &[Port], dice: &mut Dice) -> PortRange {
    let mut port = || dice.pick(pool).copied().unwrap_or(443);
    let (one, other) = (port(), port());
    match dice.below(4) {
        0 => 0..=u16::MAX,
        1 | 2 => one..=one,
        _ => one.min(other)..=one.max(other),
    }
}

fn traffic_class(at: &[Port], dice: &mut Dice) -> TrafficClass {
    let source_ports = match dice.below(4) {
        0 => 40_000..=40_000,
        1 => 0..=u16::MAX,
        2 => 1_024..=u16::MAX,
        _ => ports(&pool::PORTS, dice),
    };
    let any = |range: RangeInclusive<u8>, one: u8, dice: &mut Dice| {
        if dice.percent(50) { range } else { one..=one }
    };
    match dice.below(20) {
        0..=11 => TrafficClass::Tcp {
            source_ports,
            destination_ports: ports(at, dice),
        },
        12..=14 => TrafficClass::Udp {
            source_ports,
            destination_ports: ports(at, dice),
        },
        15 | 16 => TrafficClass::Icmp {
            types: any(0..=u8::MAX, 8, dice),
            codes: any(0..=u8::MAX, 0, dice),
        },
        17 | 18 => TrafficClass::Icmpv6 {
            types: any(0..=u8::MAX, 128, dice),
            codes: any(0..=u8::MAX, 0, dice),
        },
        _ => TrafficClass::Other {
            protocols: any(0..=u8::MAX, 47, dice),
        },
    }
}

fn claim(network: &Network, depth: usize, dice: &mut Dice) -> Claim {
    if depth > 0 && dice.percent(45) {
        let n_parts = 1 + dice.below(2);
        let deeper = depth - 1;
        return match dice.below(4) {
            0 | 1 => Claim::Not(Box::new(claim(network, deeper, dice))),
            2 => Claim::All(
                (0..=n_parts)
                    .map(|_| claim(network, deeper, dice))
                    .collect(),
            ),
            _ => Claim::Any(
                (0..=n_parts)
                    .map(|_| claim(network, deeper, dice))
                    .collect(),
            ),
        };
    }
    match dice.below(20) {
        0..=8 => Claim::Delivered,
        9..=12 => Claim::Answered,
        13 => Claim::PermittedAll,
        14 => Claim::PermittedSome,
        15 | 16 => {
            let components = components(network);
            let n_sets = 1 + dice.below(2);
            Claim::Traverses((0..n_sets).map(|_| some(&components, 2, dice)).collect())
        }
        _ => Claim::DecidedBy(dice.pick(&CLAUSES).copied().unwrap_or(Clause::AddressOwner)),
    }
}

/// What the way of a flow may pass.
fn components(network: &Network) -> Vec<ComponentId> {
    let mut components = Vec::new();
    let gateways = network.internet_gateways().keys().cloned();
    components.extend(gateways.map(ComponentId::InternetGateway));
    let nats = network.nat_gateways().keys().cloned();
    components.extend(nats.map(ComponentId::NatGateway));
    let peerings = network.peerings().keys().cloned();
    components.extend(peerings.map(ComponentId::Peering));
    let endpoints = network.vpc_endpoints().keys().cloned();
    components.extend(endpoints.map(ComponentId::VpcEndpoint));
    let gateways = network.egress_only_internet_gateways().keys().cloned();
    components.extend(gateways.map(ComponentId::EgressOnlyInternetGateway));
    let gateways = network.virtual_private_gateways().keys().cloned();
    components.extend(gateways.map(ComponentId::VirtualPrivateGateway));
    let gateways = network.transit_gateways().keys().cloned();
    components.extend(gateways.map(ComponentId::TransitGateway));
    let balancers = network.load_balancers().keys().cloned();
    components.extend(balancers.map(ComponentId::LoadBalancer));
    let interfaces = network.network_interfaces().keys().cloned();
    components.extend(interfaces.map(ComponentId::NetworkInterface));
    components
}

/// Whether a claim speaks of requests.
pub fn speaks_of_requests(claim: &Claim) -> bool {
    match claim {
        Claim::PermittedAll | Claim::PermittedSome => true,
        Claim::Delivered | Claim::Answered | Claim::Traverses(_) | Claim::DecidedBy(_) => false,
        Claim::Not(claim) => speaks_of_requests(claim),
        Claim::All(claims) | Claim::Any(claims) => claims.iter().any(speaks_of_requests),
    }
}

/// Whether a claim asks which clause decides.
pub fn asks_for_clause(claim: &Claim) -> bool {
    match claim {
        Claim::DecidedBy(_) => true,
        Claim::Delivered
        | Claim::Answered
        | Claim::PermittedAll
        | Claim::PermittedSome
        | Claim::Traverses(_) => false,
        Claim::Not(claim) => asks_for_clause(claim),
        Claim::All(claims) | Claim::Any(claims) => claims.iter().any(asks_for_clause),
    }
}

/// The invariant about one flow of its scope only: its sender and its transport. The places stay,
/// since they say which arrivals count; so does the traffic of a flow that relays hand on or NAT64
/// translates, which the scope asks as it is received.
pub fn narrowed(invariant: &Invariant, witness: &model::Flow) -> Invariant {
    let from = match &witness.source {
        model::Source::Interface(id) => vec![Origin::Interfaces([id.clone()].into())],
        model::Source::Internet => {
            vec![Origin::Internet(Some(
                [Cidr::host(witness.packet.source())].into(),
            ))]
        }
        model::Source::OnPremises(_) => asking(&invariant.scope, witness.packet.source()),
    };
    let class = match witness.packet.transport() {
        model::Transport::Tcp {
            source_port,
            destination_port,
        } => TrafficClass::Tcp {
            source_ports: source_port..=source_port,
            destination_ports: destination_port..=destination_port,
        },
        model::Transport::Udp {
            source_port,
            destination_port,
        } => TrafficClass::Udp {
            source_ports: source_port..=source_port,
            destination_ports: destination_port..=destination_port,
        },
        model::Transport::Icmp { icmp_type, code } => TrafficClass::Icmp {
            types: icmp_type..=icmp_type,
            codes: code..=code,
        },
        model::Transport::Icmpv6 { icmp_type, code } => TrafficClass::Icmpv6 {
            types: icmp_type..=icmp_type,
            codes: code..=code,
        },
        model::Transport::Other(protocol) => TrafficClass::Other {
            protocols: protocol.number()..=protocol.number(),
        },
    };
    let mut narrowed = invariant.clone();
    narrowed.scope.from = from;
    let translated = pool::pictured(witness.packet.destination()).is_some();
    if !witness.picks.is_empty() || invariant.scope.relayed && translated {
        return narrowed;
    }
    narrowed.scope.traffic.classes = vec![class];
    narrowed.scope.families = [witness.packet.family()].into();
    narrowed
}

/// A host on premises, by each of the origins that hold it: they say how it asks for names.
fn asking(scope: &Scope, source: Address) -> Vec<Origin> {
    let origins = scope.from.iter();
    let resolvers = origins.filter_map(|origin| match origin {
        Origin::OnPremises { blocks, resolver } => {
            let holds =
                |blocks: &BTreeSet<Cidr>| blocks.iter().any(|one| pool::holds(*one, source));
            let held = blocks.as_ref().is_none_or(holds);
            held.then(|| resolver.clone())
        }
        Origin::Interfaces(_) | Origin::Internet(_) => None,
    });
    let hosts = resolvers.map(|resolver| Origin::OnPremises {
        blocks: Some([Cidr::host(source)].into()),
        resolver,
    });
    hosts.collect()
}
