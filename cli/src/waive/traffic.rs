//! What classes of packets share, and what is left of them without others: exact, by boxes.

use std::collections::BTreeSet;
use std::ops::RangeInclusive;

use model::{Traffic, TrafficClass, Transport};

use super::bounds::Bounds;
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

/// The packets of either, as few classes that share none.
pub(super) fn together(traffic: &Traffic, other: &Traffic) -> Traffic {
    let mut boxes: Vec<(Class, Box3)> = Vec::new();
    for (class, space) in traffic.classes.iter().chain(&other.classes).map(boxed) {
        let mut left = vec![space];
        for (_, taken) in boxes.iter().filter(|(other, _)| *other == class) {
            let pieces = left.iter().flat_map(|piece| boxes::subtract(piece, taken));
            left = pieces.collect();
        }
        boxes.extend(left.into_iter().map(|space| (class, space)));
    }
    while let Some(fewer) = two_as_one(&boxes) {
        boxes = fewer;
    }
    let mut classes: Vec<TrafficClass> = boxes
        .iter()
        .map(|(class, space)| unboxed(*class, space))
        .collect();
    classes.sort_by_key(|class| {
        let (class, space) = boxed(class);
        (class, space)
    });
    Traffic { classes }
}

/// The boxes with two put together that make one, where there are two.
fn two_as_one(boxes: &[(Class, Box3)]) -> Option<Vec<(Class, Box3)>> {
    for (position, (class, one)) in boxes.iter().enumerate() {
        for (later, (other_class, other)) in boxes.iter().enumerate().skip(position + 1) {
            let Some(both) = (class == other_class).then(|| joined(one, other)).flatten() else {
                continue;
            };
            let mut left: Vec<_> = boxes.to_vec();
            left.remove(later);
            if let Some(slot) = left.get_mut(position) {
                *slot = (*class, both);
            }
            return Some(left);
        }
    }
    None
}

/// Two boxes as one, where one begins on one axis where the other ends and all else is the same.
fn joined(one: &Box3, other: &Box3) -> Option<Box3> {
    let mut both = *one;
    let mut n_different = 0;
    for (axis, (first, last)) in both.iter_mut().zip(other) {
        if *axis == (*first, *last) {
            continue;
        }
        n_different += 1;
        if axis.1 + 1 != *first && last + 1 != axis.0 {
            return None;
        }
        *axis = (axis.0.min(*first), axis.1.max(*last));
    }
    (n_different <= 1).then_some(both)
}

/// The parts of some packets that settings which change at these numbers treat alike.
pub(super) fn pieces(traffic: &Traffic, at: &Bounds) -> Vec<TrafficClass> {
    let mut pieces = Vec::new();
    for (class, [_, first, second]) in traffic.classes.iter().map(boxed) {
        let (of_first, of_second) = match class {
            Class::Tcp | Class::Udp => (&at.source_ports, &at.ports),
            Class::Icmp | Class::Icmpv6 => (&at.types, &at.codes),
            Class::Other => (&at.protocols, &at.codes),
        };
        for first in ranges(first, of_first) {
            for second in ranges(second, of_second) {
                pieces.push(unboxed(class, &[ANY, first, second]));
            }
        }
    }
    pieces
}

/// A range cut before each of these numbers.
fn ranges((first, last): (u128, u128), starts: &BTreeSet<u128>) -> Vec<(u128, u128)> {
    let mut ranges = Vec::new();
    let mut from = first;
    for start in starts
        .iter()
        .filter(|start| first < **start && **start <= last)
    {
        ranges.push((from, start - 1));
        from = *start;
    }
    ranges.push((from, last));
    ranges
}

/// Whether a packet of this transport is in a class.
pub(super) fn holds(class: &TrafficClass, transport: Transport) -> bool {
    match (class, transport) {
        (
            TrafficClass::Tcp {
                source_ports,
                destination_ports,
            },
            Transport::Tcp {
                source_port,
                destination_port,
            },
        )
        | (
            TrafficClass::Udp {
                source_ports,
                destination_ports,
            },
            Transport::Udp {
                source_port,
                destination_port,
            },
        ) => source_ports.contains(&source_port) && destination_ports.contains(&destination_port),
        (TrafficClass::Icmp { types, codes }, Transport::Icmp { icmp_type, code })
        | (TrafficClass::Icmpv6 { types, codes }, Transport::Icmpv6 { icmp_type, code }) => {
            types.contains(&icmp_type) && codes.contains(&code)
        }
        (TrafficClass::Other { protocols }, Transport::Other(other)) => {
            protocols.contains(&other.number())
        }
        (
            TrafficClass::Tcp { .. }
            | TrafficClass::Udp { .. }
            | TrafficClass::Icmp { .. }
            | TrafficClass::Icmpv6 { .. }
            | TrafficClass::Other { .. },
            Transport::Tcp { .. }
            | Transport::Udp { .. }
            | Transport::Icmp { .. }
            | Transport::Icmpv6 { .. }
            | Transport::Other(_),
        ) => false,
    }
}
