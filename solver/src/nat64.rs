//! NAT64: IPv6 addresses that stand for IPv4 ones, and what NAT gateways make of packets to them
//! (`nat-gateway-nat64`).

use model::{Cidr, Family, Network, Route, RouteDestination, RouteState, Target, Value};

use crate::encoder::Encoder;
use crate::ranges::{Ranges, ends};
use crate::symbolic::{Formula, ICMP, ICMPV6, Number, Packet, Transport};

/// 64:ff9b::/96.
const PREFIX: u128 = 0x0064_ff9b << 96;
const LENGTH: u32 = 96;
const LAST: u128 = PREFIX | 0xffff_ffff;

/// How many bits of an address are the IPv4 one.
const EMBEDDED: u32 = 32;

/// An echo request of ICMP, and one of ICMPv6.
const ECHO_V4: u128 = 8;
const ECHO_V6: u128 = 128;

/// The addresses that stand for IPv4 ones.
pub(crate) fn addresses() -> Ranges {
    Ranges::new(Family::V6, [(PREFIX, LAST)])
}

/// That an IPv6 address is one of them.
pub(crate) fn holds(address: &Number) -> Formula {
    address.starts_with(PREFIX, LENGTH)
}

/// The IPv6 address that stands for an IPv4 one.
pub(crate) const fn standing_for(address: u128) -> u128 {
    PREFIX | address
}

/// The IPv4 address for which an address of a family stands.
pub(crate) fn meant(family: Family, address: u128) -> Option<u128> {
    let stands = family == Family::V6 && (PREFIX..=LAST).contains(&address);
    stands.then_some(address & !PREFIX)
}

/// The same of an address that is one of them.
pub(crate) fn embedded(address: &Number) -> Number {
    address.low(EMBEDDED)
}

/// The IPv4 addresses for which those of a set stand.
pub(crate) fn all_embedded(addresses: &Ranges) -> Ranges {
    let standing = addresses.and(&self::addresses());
    let meant = standing.iter();
    let meant = meant.map(|(first, last)| (first & !PREFIX, last & !PREFIX));
    Ranges::new(Family::V4, meant)
}

/// What NAT gateways carry of IPv6 (`nat-gateway-protocol`), by its transport.
pub(crate) fn carries(transport: &Transport) -> Formula {
    let echo = transport.is_protocol(ICMPV6) & transport.icmp_type.is(ECHO_V6);
    transport.has_ports() | echo
}

/// An IPv6 packet that NAT gateways carry, as one of IPv4 from this source.
pub(crate) fn translated(packet: &Packet, source: Number) -> Packet {
    let transport = &packet.transport;
    let icmp = Number::Known(ICMP, transport.protocol.width());
    let echo = transport.is_protocol(ICMPV6);
    Packet {
        family: Family::V4,
        source,
        destination: embedded(&packet.destination),
        transport: Transport {
            protocol: Number::choose(&echo, &icmp, &transport.protocol),
            // It means something in an echo request only.
            icmp_type: Number::Known(ECHO_V4, transport.icmp_type.width()),
            ..transport.clone()
        },
    }
}

/// Whether what an encoder's senders send may come to NAT64.
pub(crate) fn is_met(encoder: &Encoder) -> bool {
    encoder.family == Family::V6 && encoder.index.has_nat64
}

/// Whether a route may lead packets to such an address to a NAT gateway.
pub(crate) fn is_possible(network: &Network) -> bool {
    let tables = network.route_tables().values();
    let mut routes = tables.flat_map(|table| &table.routes);
    routes.any(|route| {
        route.state == RouteState::Active
            && may_lead_to_nat_gateway(network, route)
            && may_take(network, route)
    })
}

fn may_lead_to_nat_gateway(network: &Network, route: &Route) -> bool {
    let is_one = |target: &Target| matches!(target, Target::NatGateway(_));
    match &route.target {
        Value::Known(target) => is_one(target),
        Value::OneOf(targets, _) => targets.iter().any(is_one),
        Value::Any(_) => !network.nat_gateways().is_empty(),
    }
}

fn may_take(network: &Network, route: &Route) -> bool {
    match &route.destination {
        Value::Known(destination) => may_hold(network, destination),
        Value::OneOf(destinations, _) => destinations.iter().any(|one| may_hold(network, one)),
        Value::Any(_) => true,
    }
}

fn may_hold(network: &Network, destination: &RouteDestination) -> bool {
    match destination {
        RouteDestination::Cidr(block) => meets(*block),
        RouteDestination::PrefixList(list) => {
            let found = network.prefix_lists().get(list);
            found.is_some_and(|list| match &list.entries {
                Value::Known(entries) => entries.iter().copied().any(meets),
                Value::OneOf(..) | Value::Any(_) => list.family == Family::V6,
            })
        }
    }
}

/// Whether a block has some of these addresses.
fn meets(block: Cidr) -> bool {
    let (first, last) = ends(block);
    block.family() == Family::V6 && first <= LAST && PREFIX <= last
}
