//! Flows drawn from a network: its addresses, the ends of its blocks and their neighbours, the ports
//! of its rules and their neighbours, and one in ten from anywhere.

use std::collections::BTreeSet;

use model::{
    Address, AddressValue, Attachment, Cidr, EndpointKind, Family, Flow, Network,
    NetworkInterfaceId, OtherProtocol, Packet, Port, RouteDestination, RulePeer, RuleTraffic,
    Source, Transport, Value, VpcId,
};

use super::premises::{self, Gateway};
use super::relay::{self, Relay};
use crate::dice::Dice;
use crate::generate::World;
use crate::pool;

/// Where a flow goes.
#[derive(Clone, Copy, Debug)]
enum Goal {
    /// Another interface of the network, by its private address.
    Interface,
    /// An address of a NAT gateway.
    Closed,
    /// An address where a route, an entry of a list or a rule begins or ends.
    Corner,
    /// A public address of an interface.
    PublicAddress,
    /// A host on the internet, or of a service.
    Internet,
    /// A host on premises, or next to a block that is known to lie there.
    OnPremises,
    /// Amazon's own services, and next to them.
    Amazon,
    /// Anywhere.
    Wild,
}

/// How often each goal is taken.
const GOAL: [(usize, Goal); 8] = [
    (72, Goal::Interface),
    (2, Goal::Closed),
    (13, Goal::Corner),
    (5, Goal::PublicAddress),
    (14, Goal::Internet),
    (7, Goal::OnPremises), // only where a gateway leads there
    (5, Goal::Amazon),
    (4, Goal::Wild),
];

/// How many percent of IPv6 flows go to addresses of NAT64, where routes lead these somewhere.
const TRANSLATED: usize = 30;

/// What flows of one network are drawn from.
#[derive(Clone, Debug)]
pub struct FlowPool {
    /// The senders with their VPCs and their own addresses.
    senders: Vec<(NetworkInterfaceId, Option<VpcId>, Vec<Address>)>,
    /// The interfaces of Client VPN endpoints.
    clients: Vec<(NetworkInterfaceId, Option<VpcId>, Vec<Address>)>,
    /// Interfaces that begin nothing.
    mute: Vec<NetworkInterfaceId>,
    /// Interfaces that check nothing.
    unchecked: Vec<NetworkInterfaceId>,
    /// Private addresses, each with its VPC.
    private: Vec<(Option<VpcId>, Address)>,
    /// The private addresses of NAT gateways, to which nothing can be sent.
    closed: Vec<Address>,
    /// Whether there is a transit gateway.
    joined: bool,
    /// What can be reached from the internet: of VPCs with an internet gateway.
    public: Vec<Address>,
    /// The public addresses of load balancers.
    balanced: Vec<Address>,
    /// The VPCs whose tables have routes for addresses of NAT64.
    translated: BTreeSet<VpcId>,
    /// Ends of the blocks of services, and hosts on the internet.
    services: Vec<Address>,
    /// The router and the resolver of every block of a VPC or subnet.
    routers: Vec<Address>,
    /// The gateways to networks on premises.
    gateways: Vec<Gateway>,
    /// Hosts in the blocks that they know, the ends of these, and their neighbours.
    premises: Vec<Address>,
    /// What hands requests on.
    relays: Vec<Relay>,
    /// Ends of blocks and their neighbours.
    corners: Vec<Address>,
    /// Ports at which something changes, and their neighbours.
    ports: Vec<Port>,
    /// The traffic of the network's rules.
    traffic: Vec<RuleTraffic>,
    /// The flow that the network was built around.
    pivot: Option<Flow>,
}

/// The flows that a network is asked about: `n` of them, some of them perhaps equal.
pub fn flows(world: &World, n: usize, dice: &mut Dice) -> Vec<Flow> {
    let source = FlowPool::new(&world.network, world.pivot.clone());
    // Some choices lead nowhere (no sender, no address of the family): a bound, not a loop.
    let drawn = (0..n.saturating_mul(8)).filter_map(|_| source.flow(dice));
    drawn.take(n).collect()
}

/// Every block that occurs in a network.
pub fn blocks(network: &Network) -> Vec<Cidr> {
    let mut blocks = BTreeSet::new();
    blocks.extend(network.vpcs().values().flat_map(|vpc| vpc.cidrs.clone()));
    blocks.extend(network.subnets().values().flat_map(|one| one.cidrs.clone()));
    for table in network.route_tables().values() {
        let destinations = table
            .routes
            .iter()
            .flat_map(|one| candidates(&one.destination));
        blocks.extend(destinations.filter_map(|one| match one {
            RouteDestination::Cidr(cidr) => Some(*cidr),
            RouteDestination::PrefixList(_) => None,
        }));
    }
    for table in network.transit_gateway_route_tables().values() {
        let destinations = table.routes.iter().map(|one| &one.destination);
        blocks.extend(destinations.filter_map(|one| match one {
            RouteDestination::Cidr(cidr) => Some(*cidr),
            RouteDestination::PrefixList(_) => None,
        }));
    }
    blocks.extend(premises::blocks(network));
    for endpoint in network.client_vpn_endpoints().values() {
        let rules = candidates(&endpoint.authorization_rules).iter().flatten();
        blocks.extend(rules.map(|rule| rule.destination));
        let routes = candidates(&endpoint.routes).iter().flatten();
        blocks.extend(routes.map(|route| route.destination));
    }
    for list in network.prefix_lists().values() {
        blocks.extend(candidates(&list.entries).iter().flatten());
    }
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
    blocks.into_iter().collect()
}

/// The first two addresses of every block of a VPC or subnet: its router, and its resolver or not.
pub fn routers(network: &Network) -> impl Iterator<Item = Address> {
    let vpcs = network.vpcs().values().flat_map(|vpc| &vpc.cidrs);
    let blocks = vpcs.chain(network.subnets().values().flat_map(|one| &one.cidrs));
    blocks.flat_map(|cidr| [1, 2].map(|n| pool::offset(*cidr, n)))
}

/// What a value may be, as far as the input says.
pub(super) fn candidates<T>(value: &Value<T>) -> &[T] {
    match value {
        Value::Known(value) => std::slice::from_ref(value),
        Value::OneOf(values, _) => values,
        Value::Any(_) => &[],
    }
}

/// The VPCs that have routes for addresses of NAT64, but not for all of IPv6.
pub(super) fn translated(network: &Network) -> BTreeSet<VpcId> {
    let nat64 = pool::cidr(pool::NAT64);
    let tables = network.route_tables().values().filter(|table| {
        let destinations = table.routes.iter();
        let mut destinations = destinations.flat_map(|one| candidates(&one.destination));
        destinations.any(|one| match one {
            RouteDestination::Cidr(cidr) => pool::holds(nat64, cidr.base()),
            RouteDestination::PrefixList(_) => false,
        })
    });
    tables.map(|table| table.vpc.clone()).collect()
}

/// The traffic of every rule and entry of a network.
pub fn traffic(network: &Network) -> Vec<RuleTraffic> {
    let mut traffic = BTreeSet::new();
    for group in network.security_groups().values() {
        let rules = group.ingress.iter().chain(&group.egress);
        traffic.extend(rules.map(|rule| rule.traffic.clone()));
    }
    for acl in network.network_acls().values() {
        let entries = acl.ingress.iter().chain(&acl.egress);
        traffic.extend(entries.map(|entry| entry.traffic.clone()));
    }
    traffic.into_iter().collect()
}

/// The ends of a block, and their neighbours.
pub(super) fn corners(cidr: Cidr) -> [Address; 4] {
    let (first, last) = (cidr.base(), pool::last(cidr));
    [
        first,
        last,
        pool::neighbour(first, -1),
        pool::neighbour(last, 1),
    ]
}

fn known(value: &AddressValue) -> Option<Address> {
    match value {
        AddressValue::Known(address) => Some(*address),
        AddressValue::Within(..) => None,
    }
}

impl FlowPool {
    /// Gathers what flows are drawn from.
    pub fn new(network: &Network, pivot: Option<Flow>) -> Self {
        let gateways = premises::gateways(network);
        let mut source = Self {
            senders: Vec::new(),
            clients: Vec::new(),
            mute: Vec::new(),
            unchecked: Vec::new(),
            private: Vec::new(),
            closed: Vec::new(),
            joined: !network.transit_gateways().is_empty(),
            public: Vec::new(),
            balanced: Vec::new(),
            translated: translated(network),
            services: HOSTS_V4
                .iter()
                .chain(&HOSTS_V6)
                .map(|text| pool::address(text))
                .collect(),
            routers: routers(network).collect(),
            premises: gateways.iter().flat_map(|one| one.hosts.clone()).collect(),
            gateways,
            relays: relay::relays(network),
            corners: Vec::new(),
            ports: pool::PORTS.to_vec(),
            traffic: traffic(network),
            pivot,
        };
        let gateways = network.internet_gateways().values();
        let open: BTreeSet<_> = gateways.filter_map(|one| one.vpc.clone()).collect();
        for (id, interface) in network.network_interfaces() {
            let subnet = network.subnets().get(&interface.subnet);
            let vpc = subnet.map(|subnet| subnet.vpc.clone());
            let own = interface
                .addresses
                .iter()
                .filter_map(|one| known(&one.private));
            let own: Vec<_> = own.collect();
            let public = interface
                .addresses
                .iter()
                .filter_map(|one| one.public.as_ref());
            let public: Vec<_> = public.filter_map(known).collect();
            let (begins, takes) = match interface.attachment {
                Attachment::Ordinary { .. } | Attachment::Other(_) => (true, true),
                // That a node begins something is asked as seldom as of an endpoint.
                Attachment::VpcEndpoint(_) | Attachment::LoadBalancer(_) => (false, true),
                Attachment::NatGateway(_) => (false, false),
            };
            let endpoints = network.client_vpn_endpoints().values();
            if endpoints.into_iter().any(|one| one.interfaces.contains(id)) {
                // What is for one is undetermined, so that it is asked seldom.
                source.closed.extend(&own);
                source.clients.push((id.clone(), vpc, own));
                continue;
            }
            if let Attachment::LoadBalancer(_) = interface.attachment {
                // Reached as what it is, not as an interface that takes whatever comes.
                source.balanced.extend(public);
            } else if !takes {
                source.closed.extend(own.iter().chain(&public));
            } else {
                source
                    .private
                    .extend(own.iter().map(|one| (vpc.clone(), *one)));
                if vpc.as_ref().is_some_and(|vpc| open.contains(vpc)) {
                    let v6 = own.iter().filter(|one| pool::is_public(**one));
                    source.public.extend(public.iter().chain(v6));
                }
            }
            if !begins {
                source.mute.push(id.clone());
            } else if !own.is_empty() {
                source.senders.push((id.clone(), vpc, own));
            }
            if begins && !interface.source_destination_check {
                source.unchecked.push(id.clone());
            }
        }
        source.corners = blocks(network).into_iter().flat_map(corners).collect();
        source.ports.extend(relay::ports(network));
        for rule in &source.traffic {
            if let RuleTraffic::Tcp(ports) | RuleTraffic::Udp(ports) = rule {
                for port in [ports.from, ports.to] {
                    source
                        .ports
                        .extend([port.saturating_sub(1), port, port.saturating_add(1)]);
                }
            }
        }
        // Gateway endpoints are met where their lists are.
        let gateways = network
            .vpc_endpoints()
            .values()
            .filter_map(|one| match &one.kind {
                EndpointKind::Gateway { prefix_lists } => Some(prefix_lists),
                EndpointKind::Interface { .. }
                | EndpointKind::GatewayLoadBalancer { .. }
                | EndpointKind::Unmodelled(_) => None,
            });
        for id in gateways.flatten() {
            let list = network.prefix_lists().get(id);
            let entries = list.and_then(|list| list.entries.known());
            let entries: Vec<_> = entries.into_iter().flatten().collect();
            source
                .services
                .extend(entries.iter().map(|cidr| cidr.base()));
            source
                .services
                .extend(entries.iter().map(|cidr| pool::last(**cidr)));
        }
        source
    }

    /// One flow; `None` when what was thrown is not in the network.
    pub fn flow(&self, dice: &mut Dice) -> Option<Flow> {
        if self.pivot.is_some() && dice.percent(68) {
            return self.near_pivot(dice);
        }
        if !self.relays.is_empty() && dice.percent(13) {
            return self.towards_relay(dice);
        }
        if dice.percent(13) {
            return self.starting_outside(dice);
        }
        if !self.gateways.is_empty() && dice.percent(12) {
            return self.starting_on_premises(dice);
        }
        if !self.clients.is_empty() && dice.percent(8) {
            return self.starting_at_client(dice);
        }
        let (source, vpc, from) = self.sender(dice)?;
        // What gateways do with spoofed packets is seen only where routes lead to them.
        let to = if self.unchecked.contains(&source) && dice.percent(40) {
            self.any_of(&self.services, from.family(), dice)?
        } else {
            self.destination(from.family(), vpc.as_ref(), dice)?
        };
        let packet = Packet::new(from, to, self.transport(from.family(), dice)?)?;
        Some(Flow {
            source: Source::Interface(source),
            packet,
            picks: self.some_picks(dice),
        })
    }

    /// Picks of a flow that may come to a relay.
    fn some_picks(&self, dice: &mut Dice) -> Vec<u16> {
        if self.relays.is_empty() || dice.percent(60) {
            return Vec::new();
        }
        relay::picks(dice)
    }

    /// To a node or an endpoint that hands on: mostly from inside of its VPC.
    fn towards_relay(&self, dice: &mut Dice) -> Option<Flow> {
        let relay = dice.pick(&self.relays)?;
        let n = dice.below(20);
        let (source, from) = match n {
            0..=2 => (Source::Internet, None),
            3 | 4 if !self.gateways.is_empty() => {
                let gateway = dice.pick(&self.gateways)?;
                let id = Source::OnPremises(gateway.id.clone());
                (id, Some(*dice.pick(&gateway.hosts)?))
            }
            _ => {
                let near = self.senders.iter();
                let near = near.filter(|(_, vpc, _)| n == 19 || *vpc == relay.vpc);
                let (id, _, own) = *dice.pick(&near.collect::<Vec<_>>())?;
                (Source::Interface(id.clone()), Some(*dice.pick(own)?))
            }
        };
        let to = match from {
            // By a public address, from inside.
            Some(from) if from.family() == Family::V4 && dice.percent(8) => {
                self.any_of(&relay.public, from.family(), dice)?
            }
            Some(from) => self.any_of(&relay.private, from.family(), dice)?,
            None => {
                let v6 = relay.private.iter().filter(|one| pool::is_public(**one));
                let open: Vec<_> = relay.public.iter().chain(v6).collect();
                **dice.pick(&open)?
            }
        };
        let from = from.or_else(|| host(to.family(), dice))?;
        let taken = relay::transport(relay, dice).filter(|_| dice.percent(88));
        let transport = match taken {
            Some(transport) => transport,
            None => self.transport(to.family(), dice)?,
        };
        let picks = if dice.percent(85) {
            relay::picks(dice)
        } else {
            Vec::new()
        };
        let packet = Packet::new(from, to, transport)?;
        Some(Flow {
            source,
            packet,
            picks,
        })
    }

    /// Who sends, where it stands, and from which address.
    fn sender(&self, dice: &mut Dice) -> Option<(NetworkInterfaceId, Option<VpcId>, Address)> {
        let n = dice.below(100);
        let (id, vpc, own) = dice.pick(&self.senders)?;
        if n < 90 {
            return Some((id.clone(), vpc.clone(), *dice.pick(own)?));
        }
        let of_others = match dice.below(10) {
            0..=4 => dice.pick(&self.private)?.1,
            5..=8 => pool::address(dice.pick(&pool::AMAZON)?),
            _ => *dice.pick(&self.corners)?,
        };
        let id = match n {
            90..=92 => id.clone(),
            93 | 94 => dice.pick(&self.mute)?.clone(),
            _ => dice.pick(&self.unchecked)?.clone(),
        };
        Some((id, vpc.clone(), of_others))
    }

    fn starting_outside(&self, dice: &mut Dice) -> Option<Flow> {
        let to = match dice.below(20) {
            0..=16 => *dice.pick(&self.public)?,
            17 => *dice.pick(&self.closed)?,
            _ => self.destination(Family::V4, None, dice)?,
        };
        let from = if dice.percent(85) {
            host(to.family(), dice)?
        } else {
            self.any_of(&self.corners, to.family(), dice)?
        };
        let packet = Packet::new(from, to, self.transport(to.family(), dice)?)?;
        Some(Flow {
            source: Source::Internet,
            packet,
            picks: self.some_picks(dice),
        })
    }

    /// From an interface of a Client VPN endpoint, seldom from another address.
    fn starting_at_client(&self, dice: &mut Dice) -> Option<Flow> {
        let (id, vpc, own) = dice.pick(&self.clients)?;
        let from = if dice.percent(95) {
            *dice.pick(own)?
        } else {
            *dice.pick(&self.corners)?
        };
        let to = self.destination(from.family(), vpc.as_ref(), dice)?;
        let packet = Packet::new(from, to, self.transport(from.family(), dice)?)?;
        Some(Flow {
            source: Source::Interface(id.clone()),
            packet,
            picks: self.some_picks(dice),
        })
    }

    fn starting_on_premises(&self, dice: &mut Dice) -> Option<Flow> {
        let mut gateway = dice.pick(&self.gateways)?;
        // One that serves nobody is asked seldom.
        if gateway.vpcs.is_empty() && dice.percent(70) {
            gateway = dice.pick(&self.gateways)?;
        }
        let from = match dice.below(20) {
            0..=14 => *dice.pick(&gateway.hosts)?,
            15 => *dice.pick(&self.premises)?,
            16 => dice.pick(&self.private)?.1,
            17 => *dice.pick(&self.services)?,
            _ => *dice.pick(&self.corners)?,
        };
        let family = from.family();
        let served = self.private.iter();
        let served = served.filter(|(vpc, one)| {
            let inside = vpc.as_ref().is_some_and(|vpc| gateway.vpcs.contains(vpc));
            inside && one.family() == family
        });
        let served: Vec<_> = served.collect();
        let to = match dice.pick(&served) {
            Some((_, address)) if dice.percent(70) => *address,
            Some(_) | None => self.destination(family, None, dice)?,
        };
        let packet = Packet::new(from, to, self.transport(from.family(), dice)?)?;
        Some(Flow {
            source: Source::OnPremises(gateway.id.clone()),
            packet,
            picks: self.some_picks(dice),
        })
    }

    fn destination(&self, family: Family, vpc: Option<&VpcId>, dice: &mut Dice) -> Option<Address> {
        let translated = match vpc {
            Some(vpc) => self.translated.contains(vpc) || self.joined,
            None => true,
        };
        if family == Family::V6
            && translated
            && !self.translated.is_empty()
            && dice.percent(TRANSLATED)
        {
            return self.destination(Family::V4, vpc, dice).map(pool::image);
        }
        match dice.choose(&GOAL)? {
            Goal::Interface => {
                // Four in five inside of the sender's VPC; fewer where a transit gateway joins it.
                let near = dice.percent(if self.joined { 62 } else { 80 });
                let places = self.private.iter();
                let places = places.filter(|(of, _)| !near || of.as_ref() == vpc);
                let places: Vec<_> = places.map(|(_, address)| *address).collect();
                self.any_of(&places, family, dice)
            }
            Goal::Closed => self.any_of(&self.closed, family, dice),
            Goal::Corner => self.any_of(&self.corners, family, dice),
            Goal::PublicAddress if dice.percent(20) => self.any_of(&self.balanced, family, dice),
            Goal::PublicAddress => self.any_of(&self.public, family, dice),
            Goal::Internet => self.any_of(&self.services, family, dice),
            Goal::OnPremises => self.any_of(&self.premises, family, dice),
            Goal::Amazon if dice.percent(50) => self.any_of(&self.routers, family, dice),
            Goal::Amazon => self.any_of(&pool::AMAZON.map(pool::address), family, dice),
            Goal::Wild => {
                let mut bits = 0_u128;
                for _ in 0..16 {
                    bits = (bits << 8) | dice.below(256) as u128;
                }
                Some(Address::from_bits(family, bits))
            }
        }
    }

    fn any_of(&self, pool: &[Address], family: Family, dice: &mut Dice) -> Option<Address> {
        let of_family: Vec<_> = pool.iter().filter(|one| one.family() == family).collect();
        dice.pick(&of_family).map(|one| **one)
    }

    /// The flow that the network was built around, or one that differs in one field.
    fn near_pivot(&self, dice: &mut Dice) -> Option<Flow> {
        let flow = self.pivot.clone()?;
        let packet = flow.packet;
        let (from, to, transport) = (packet.source(), packet.destination(), packet.transport());
        let step = if dice.percent(50) { 1 } else { -1 };
        let mut picks = flow.picks;
        if !picks.is_empty() && dice.percent(16) {
            picks = self.some_picks(dice);
        }
        let packet = match dice.below(11) {
            0 => Packet::new(from, pool::neighbour(to, step), transport),
            1 => Packet::new(pool::neighbour(from, step), to, transport),
            2 => Packet::new(from, to, self.transport(from.family(), dice)?),
            3 => Packet::new(
                from,
                self.destination(from.family(), None, dice)?,
                transport,
            ),
            4 => Packet::new(from, to, self.other_port(transport, dice)?),
            _ => Some(packet),
        };
        Some(Flow {
            source: flow.source,
            packet: packet?,
            picks,
        })
    }

    fn other_port(&self, transport: Transport, dice: &mut Dice) -> Option<Transport> {
        let port = *dice.pick(&self.ports)?;
        Some(match transport {
            Transport::Tcp { source_port, .. } => Transport::Tcp {
                source_port,
                destination_port: port,
            },
            Transport::Udp { source_port, .. } => Transport::Udp {
                source_port,
                destination_port: port,
            },
            Transport::Icmp { .. } | Transport::Icmpv6 { .. } | Transport::Other(_) => transport,
        })
    }

    /// Traffic of a rule of the network, at an end of its ports or next to it; or any.
    fn transport(&self, family: Family, dice: &mut Dice) -> Option<Transport> {
        let rule = dice.pick(&self.traffic).filter(|_| dice.below(100) < 55);
        let source_port = if dice.percent(70) {
            40_000
        } else {
            *dice.pick(&self.ports)?
        };
        let port = *dice.pick(&self.ports)?;
        let of = |ports: &model::RulePorts, dice: &mut Dice| {
            let ends = [ports.from, ports.to, ports.from, ports.to, port];
            dice.pick(&ends).copied().unwrap_or(port)
        };
        let icmp = |filter: &model::IcmpFilter, dice: &mut Dice| {
            let any_type = dice.pick(&pool::ICMP_TYPES).copied().unwrap_or(8);
            let any_code = dice.pick(&pool::ICMP_CODES).copied().unwrap_or(0);
            // The rule's own type and code, or one of them and not the other.
            let icmp_type = filter.icmp_type.filter(|_| !dice.percent(15));
            let code = filter.code.filter(|_| !dice.percent(50));
            (icmp_type.unwrap_or(any_type), code.unwrap_or(any_code))
        };
        let filter = model::IcmpFilter {
            icmp_type: None,
            code: None,
        };
        match rule {
            Some(RuleTraffic::Tcp(ports)) => Some(Transport::Tcp {
                source_port,
                destination_port: of(ports, dice),
            }),
            Some(RuleTraffic::Udp(ports)) => Some(Transport::Udp {
                source_port,
                destination_port: of(ports, dice),
            }),
            Some(RuleTraffic::Icmp(filter)) => {
                let (icmp_type, code) = icmp(filter, dice);
                Some(Transport::Icmp { icmp_type, code })
            }
            Some(RuleTraffic::Icmpv6(filter)) => {
                let (icmp_type, code) = icmp(filter, dice);
                Some(Transport::Icmpv6 { icmp_type, code })
            }
            Some(RuleTraffic::Protocol(number)) if OtherProtocol::new(*number).is_some() => {
                Transport::other(*number)
            }
            Some(RuleTraffic::All | RuleTraffic::Protocol(_)) | None => match dice.below(20) {
                0..=12 => Some(Transport::Tcp {
                    source_port,
                    destination_port: port,
                }),
                13..=15 => Some(Transport::Udp {
                    source_port,
                    destination_port: port,
                }),
                16 | 17 => {
                    let (icmp_type, code) = icmp(&filter, dice);
                    let echo = dice.percent(60);
                    Some(match family {
                        Family::V4 if echo => Transport::Icmp {
                            icmp_type: 8,
                            code: 0,
                        },
                        Family::V6 if echo => Transport::Icmpv6 {
                            icmp_type: 128,
                            code: 0,
                        },
                        Family::V4 => Transport::Icmp { icmp_type, code },
                        Family::V6 => Transport::Icmpv6 { icmp_type, code },
                    })
                }
                18 => {
                    let (icmp_type, code) = icmp(&filter, dice);
                    // Of the other family's protocol.
                    Some(Transport::Icmpv6 { icmp_type, code })
                }
                _ => Transport::other(*dice.pick(&pool::PROTOCOLS)?),
            },
        }
    }
}

/// Hosts on the internet, mostly where the pools' routes and lists lead.
const HOSTS_V4: [&str; 5] = [
    "203.0.113.7",
    "203.0.113.129",
    "203.0.113.0",
    "203.0.112.255",
    "192.0.2.9",
];
/// The same of IPv6.
const HOSTS_V6: [&str; 3] = [
    "2001:db8:ffff::7",
    "2001:db8:ffff:8000::",
    "2001:db8:fffe::9",
];

fn host(family: Family, dice: &mut Dice) -> Option<Address> {
    match family {
        Family::V4 => dice.pick(&HOSTS_V4).map(|text| pool::address(text)),
        Family::V6 => dice.pick(&HOSTS_V6).map(|text| pool::address(text)),
    }
}
