//! What classes of packets share, and what is left of them without others: exact, by boxes.

use std::ops::RangeInclusive;

use model::{Traffic, TrafficClass};

use crate::boxes::{self, ANY, Box3, Class};

/// The packets of both.
pub(super) fn shared(traffic: &Traffic, other: &Traffic) -> Traffic {
    let mut classes = Vec::new();
    for (class, space) in traffic.classes.iter().map(boxed) {
        for (_, taken) in of(class, other) {
            let space = boxes::cut(&space, &taken);
            classes.extend(space.map(|space| unboxed(class, &space)));
        }
    }
    Traffic { classes }
}

/// The packets of the first that are none of the other.
pub(super) fn without(traffic: &Traffic, other: &Traffic) -> Traffic {
    let mut classes = Vec::new();
    for (class, space) in traffic.classes.iter().map(boxed) {
        let mut left = vec![space];
        for (_, taken) in of(class, other) {
            let pieces = left.iter().flat_map(|piece| boxes::subtract(piece, &taken));
            left = pieces.collect();
        }
        classes.extend(left.iter().map(|space| unboxed(class, space)));
    }
    Traffic { classes }
}

/// The boxes of one class.
fn of(class: Class, traffic: &Traffic) -> impl Iterator<Item = (Class, Box3)> {
    let all = traffic.classes.iter().map(boxed);
    all.filter(move |(other, _)| *other == class)
}

fn boxed(class: &TrafficClass) -> (Class, Box3) {
    match class {
        TrafficClass::Tcp {
            source_ports,
            destination_ports,
        } => (
            Class::Tcp,
            [ANY, ends(source_ports), ends(destination_ports)],
        ),
        TrafficClass::Udp {
            source_ports,
            destination_ports,
        } => (
            Class::Udp,
            [ANY, ends(source_ports), ends(destination_ports)],
        ),
        TrafficClass::Icmp { types, codes } => (Class::Icmp, [ANY, ends(types), ends(codes)]),
        TrafficClass::Icmpv6 { types, codes } => (Class::Icmpv6, [ANY, ends(types), ends(codes)]),
        TrafficClass::Other { protocols } => (Class::Other, [ANY, ends(protocols), ANY]),
    }
}

fn unboxed(class: Class, [_, first, second]: &Box3) -> TrafficClass {
    match class {
        Class::Tcp => TrafficClass::Tcp {
            source_ports: ports(*first),
            destination_ports: ports(*second),
        },
        Class::Udp => TrafficClass::Udp {
            source_ports: ports(*first),
            destination_ports: ports(*second),
        },
        Class::Icmp => TrafficClass::Icmp {
            types: bytes(*first),
            codes: bytes(*second),
        },
        Class::Icmpv6 => TrafficClass::Icmpv6 {
            types: bytes(*first),
            codes: bytes(*second),
        },
        Class::Other => TrafficClass::Other {
            protocols: bytes(*first),
        },
    }
}

fn ends<T: Copy + Into<u128>>(range: &RangeInclusive<T>) -> (u128, u128) {
    ((*range.start()).into(), (*range.end()).into())
}

/// Numbers that were ports, or bytes, before; a part of a range is no larger than the range.
fn ports((first, last): (u128, u128)) -> RangeInclusive<u16> {
    let port = |number| u16::try_from(number).unwrap_or(u16::MAX);
    port(first)..=port(last)
}

fn bytes((first, last): (u128, u128)) -> RangeInclusive<u8> {
    let byte = |number| u8::try_from(number).unwrap_or(u8::MAX);
    byte(first)..=byte(last)
}
