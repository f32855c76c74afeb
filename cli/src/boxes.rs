//! Regions of packets as boxes, and whether some regions cover another: exact, by subtraction.

use std::ops::RangeInclusive;

use model::{AclEntry, Family, IcmpFilter, RuleTraffic};

use crate::blocks;

/// The packets that an entry matches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Region {
    family: Family,
    boxes: Vec<(Class, Box3)>,
}

/// Packets that have the same further fields.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Class {
    /// Destination ports.
    Tcp,
    /// Destination ports.
    Udp,
    /// Types and codes.
    Icmp,
    /// Types and codes.
    Icmpv6,
    /// Protocol numbers, without the four above.
    Other,
}

/// Addresses of the far end, and two further fields.
pub(crate) type Box3 = [(u128, u128); 3];

/// Of a field that is not asked.
pub(crate) const ANY: (u128, u128) = (0, 0);
const PORTS: (u128, u128) = (0, 65535);
const BYTES: (u128, u128) = (0, 255);

/// The region of an entry of an ACL.
pub(crate) fn region(entry: &AclEntry) -> Region {
    let family = entry.cidr.family();
    let addresses = ends(&blocks::range(entry.cidr));
    let mut boxes = Vec::new();
    let mut push = |class, x, y| boxes.push((class, [addresses, x, y]));
    match &entry.traffic {
        RuleTraffic::All => {
            push(Class::Tcp, PORTS, ANY);
            push(Class::Udp, PORTS, ANY);
            push(Class::Icmp, BYTES, BYTES);
            push(Class::Icmpv6, BYTES, BYTES);
            push(Class::Other, BYTES, ANY);
        }
        RuleTraffic::Tcp(ports) => push(Class::Tcp, (ports.from.into(), ports.to.into()), ANY),
        RuleTraffic::Udp(ports) => push(Class::Udp, (ports.from.into(), ports.to.into()), ANY),
        RuleTraffic::Icmp(filter) => {
            let (types, codes) = icmp(*filter);
            push(Class::Icmp, types, codes);
        }
        // An entry with an IPv4 block matches protocol 58 whatever type it gives.
        RuleTraffic::Icmpv6(_) if family == Family::V4 => push(Class::Icmpv6, BYTES, BYTES),
        RuleTraffic::Icmpv6(filter) => {
            let (types, codes) = icmp(*filter);
            push(Class::Icmpv6, types, codes);
        }
        RuleTraffic::Protocol(6) => push(Class::Tcp, PORTS, ANY),
        RuleTraffic::Protocol(17) => push(Class::Udp, PORTS, ANY),
        RuleTraffic::Protocol(1) => push(Class::Icmp, BYTES, BYTES),
        RuleTraffic::Protocol(58) => push(Class::Icmpv6, BYTES, BYTES),
        RuleTraffic::Protocol(number) => {
            let number = u128::from(*number);
            push(Class::Other, (number, number), ANY);
        }
    }
    Region { family, boxes }
}

fn icmp(filter: IcmpFilter) -> ((u128, u128), (u128, u128)) {
    let field = |value: Option<u8>| value.map_or(BYTES, |value| (value.into(), value.into()));
    (field(filter.icmp_type), field(filter.code))
}

fn ends(range: &RangeInclusive<u128>) -> (u128, u128) {
    (*range.start(), *range.end())
}

/// Whether two regions share a packet.
pub(crate) fn meet(one: &Region, other: &Region) -> bool {
    one.family == other.family
        && one.boxes.iter().any(|(class, space)| {
            let same = other.boxes.iter().filter(|(other, _)| other == class);
            same.into_iter()
                .any(|(_, other)| cut(space, other).is_some())
        })
}

/// Whether every packet of a region is in one of the others; `None` when it would fall into more
/// than `limit` pieces.
pub(crate) fn is_covered(region: &Region, others: &[Region], limit: usize) -> Option<bool> {
    for (class, space) in &region.boxes {
        let mut left = vec![*space];
        for other in others.iter().filter(|other| other.family == region.family) {
            for (_, taken) in other.boxes.iter().filter(|(other, _)| other == class) {
                left = left
                    .iter()
                    .flat_map(|piece| subtract(piece, taken))
                    .collect();
                if left.len() > limit {
                    return None;
                }
            }
        }
        if !left.is_empty() {
            return Some(false);
        }
    }
    Some(true)
}

/// What two boxes share.
pub(crate) fn cut(one: &Box3, other: &Box3) -> Option<Box3> {
    let mut shared = *one;
    for (axis, (first, last)) in shared.iter_mut().zip(other) {
        axis.0 = axis.0.max(*first);
        axis.1 = axis.1.min(*last);
        if axis.0 > axis.1 {
            return None;
        }
    }
    Some(shared)
}

/// The pieces of a box outside of another.
pub(crate) fn subtract(space: &Box3, taken: &Box3) -> Vec<Box3> {
    let Some(shared) = cut(space, taken) else {
        return vec![*space];
    };
    let mut pieces = Vec::new();
    let mut rest = *space;
    for axis in 0..rest.len() {
        let (Some((first, last)), Some((from, to))) = (rest.get(axis).copied(), shared.get(axis))
        else {
            continue;
        };
        let mut piece = |first: u128, last: u128| {
            let mut piece = rest;
            if let Some(slot) = piece.get_mut(axis) {
                *slot = (first, last);
            }
            pieces.push(piece);
        };
        if first < *from {
            piece(first, from - 1);
        }
        if *to < last {
            piece(to + 1, last);
        }
        if let Some(slot) = rest.get_mut(axis) {
            *slot = (*from, *to);
        }
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::{is_covered, region};
    use model::{AclAction, AclEntry, RulePorts, RuleTraffic};

    fn entry(traffic: RuleTraffic, cidr: &str) -> AclEntry {
        AclEntry {
            number: 1,
            action: AclAction::Allow,
            traffic,
            cidr: cidr.parse().unwrap(),
        }
    }

    fn tcp(from: u16, to: u16, cidr: &str) -> AclEntry {
        entry(RuleTraffic::Tcp(RulePorts { from, to }), cidr)
    }

    fn covered(one: &AclEntry, others: &[AclEntry]) -> bool {
        let others: Vec<_> = others.iter().map(region).collect();
        is_covered(&region(one), &others, 100).unwrap()
    }

    #[test]
    fn halves_cover_a_whole_and_one_half_does_not() {
        let whole = tcp(0, 100, "10.0.0.0/24");
        let low = tcp(0, 50, "10.0.0.0/24");
        let high = tcp(51, 100, "10.0.0.0/24");
        assert!(covered(&whole, &[low.clone(), high.clone()]));
        assert!(!covered(&whole, std::slice::from_ref(&low)));
        let upper = tcp(51, 100, "10.0.0.128/25");
        assert!(!covered(&whole, &[low, upper]));
    }

    #[test]
    fn all_traffic_covers_tcp_and_tcp_does_not_cover_all() {
        let all = entry(RuleTraffic::All, "0.0.0.0/0");
        let every_port = tcp(0, 65535, "0.0.0.0/0");
        assert!(covered(&every_port, std::slice::from_ref(&all)));
        assert!(!covered(&all, &[every_port]));
    }

    #[test]
    fn a_number_covers_its_protocol() {
        let by_number = entry(RuleTraffic::Protocol(6), "0.0.0.0/0");
        assert!(covered(&tcp(1, 2, "10.0.0.0/8"), &[by_number]));
    }
}
