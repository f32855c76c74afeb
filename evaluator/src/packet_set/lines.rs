//! Sets as they are shown: one packet of them, and all of them as few blocks and ranges.

use std::fmt;
use std::ops::RangeInclusive;

use model::{Address, Cidr, Family, Packet, TrafficClass};

use super::{Field, PacketSet, PacketSets, last_behind, last_bits, transport_of};
use crate::address::{above, last};
use crate::extents::Range;
use crate::region::joined;

/// Packets from some blocks to some blocks, of some traffic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PacketLine {
    /// From any of these.
    pub sources: Vec<Cidr>,
    /// To any of these.
    pub destinations: Vec<Cidr>,
    /// Of any of these.
    pub traffic: Vec<TrafficClass>,
}

impl fmt::Display for PacketLine {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let blocks = |blocks: &[Cidr]| {
            let blocks: Vec<_> = blocks.iter().map(Cidr::to_string).collect();
            blocks.join(", ")
        };
        let traffic: Vec<_> = self.traffic.iter().map(written).collect();
        let (from, to) = (blocks(&self.sources), blocks(&self.destinations));
        write!(formatter, "{} from {from} to {to}", traffic.join(", "))
    }
}

impl PacketSets {
    /// The first packet of the set, in the order of its fields.
    pub fn representative(&self, set: PacketSet) -> Option<Packet> {
        let mut values = [0; 6];
        let mut set = set;
        while self.field(set) != Field::End {
            let field = self.field(set);
            let intervals = self.intervals(set, field);
            // Two neighbours differ, so that one of the first two leads on.
            let mut leading = intervals.iter().filter(|one| one.next != PacketSet::EMPTY);
            let first = leading.next()?;
            if let Some(value) = values.get_mut(field as usize) {
                *value = first.start;
            }
            set = first.next;
        }
        if set == PacketSet::EMPTY {
            return None;
        }
        let [family, source, destination, behind @ ..] = values;
        let family = family_of(family);
        let numbers = behind.map(|number| u16::try_from(number).unwrap_or(u16::MAX));
        let [source, destination] =
            [source, destination].map(|bits| Address::from_bits(family, bits));
        Packet::new(source, destination, transport_of(numbers))
    }

    /// The set as lines that have no packet in common: as few blocks as cover the addresses, and ranges that
    /// are as long as the traffic stays the same.
    pub fn lines(&self, set: PacketSet) -> Vec<PacketLine> {
        let mut lines = Vec::new();
        for (families, of_family) in self.spans(set, Field::Family, 1) {
            for number in families.0..=families.1 {
                let end = last_bits(number);
                for (sources, next) in self.grouped(of_family, Field::Source, end) {
                    for (destinations, next) in self.grouped(next, Field::Destination, end) {
                        lines.push(PacketLine {
                            sources: blocks(family_of(number), &sources),
                            destinations: blocks(family_of(number), &destinations),
                            traffic: self.traffic(next),
                        });
                    }
                }
            }
        }
        lines
    }

    /// The protocols and ports of a set that asks for nothing else, as classes.
    pub(crate) fn traffic(&self, set: PacketSet) -> Vec<TrafficClass> {
        let mut classes = Vec::new();
        for ((from, to), next) in self.spans(set, Field::Protocol, u8::MAX.into()) {
            let mut others: Vec<(u8, u8)> = Vec::new();
            let numbers = (from..=to).filter_map(|one| u8::try_from(one).ok());
            for protocol in numbers {
                if last_behind(protocol) == 0 {
                    match others.last_mut() {
                        Some((_, last)) => *last = protocol,
                        None => others.push((protocol, protocol)),
                    }
                } else {
                    self.traffic_of(protocol, next, &mut classes);
                }
            }
            // A class of other protocols does not mean those with classes of their own.
            classes.extend(others.into_iter().map(|(first, last)| TrafficClass::Other {
                protocols: first..=last,
            }));
        }
        classes
    }

    fn traffic_of(&self, protocol: u8, set: PacketSet, classes: &mut Vec<TrafficClass>) {
        let end = u128::from(last_behind(protocol));
        let port = |value: u128| u16::try_from(value).unwrap_or(u16::MAX);
        let byte = |value: u128| u8::try_from(value).unwrap_or(u8::MAX);
        for (first, next) in self.spans(set, Field::First, end) {
            for (second, _) in self.spans(next, Field::Second, end) {
                let source_ports = port(second.0)..=port(second.1);
                let destination_ports = port(first.0)..=port(first.1);
                let types = byte(first.0)..=byte(first.1);
                let codes = byte(second.0)..=byte(second.1);
                classes.push(match protocol {
                    6 => TrafficClass::Tcp {
                        source_ports,
                        destination_ports,
                    },
                    17 => TrafficClass::Udp {
                        source_ports,
                        destination_ports,
                    },
                    1 => TrafficClass::Icmp { types, codes },
                    _ => TrafficClass::Icmpv6 { types, codes },
                });
            }
        }
    }

    /// The ranges of a field's values that lead on, and whereto.
    pub(crate) fn spans(
        &self,
        set: PacketSet,
        field: Field,
        end: u128,
    ) -> Vec<((u128, u128), PacketSet)> {
        let intervals = self.intervals(set, field);
        let ends = intervals.iter().skip(1).map(|later| later.start - 1);
        let spans = intervals.iter().zip(ends.chain([end]));
        let spans = spans.map(|(one, last)| ((one.start, last), one.next));
        spans
            .filter(|(_, next)| *next != PacketSet::EMPTY)
            .collect()
    }

    /// The same, those together that lead to the same.
    fn grouped(
        &self,
        set: PacketSet,
        field: Field,
        end: u128,
    ) -> Vec<(Vec<(u128, u128)>, PacketSet)> {
        let mut grouped: Vec<(Vec<(u128, u128)>, PacketSet)> = Vec::new();
        let mut places = std::collections::BTreeMap::new();
        for (span, next) in self.spans(set, field, end) {
            let place = *places.entry(next).or_insert(grouped.len());
            match grouped.get_mut(place) {
                Some((spans, _)) => spans.push(span),
                None => grouped.push((vec![span], next)),
            }
        }
        grouped
    }
}

/// A class as rules are written, the client's ports named only where not all are meant.
fn written(class: &TrafficClass) -> String {
    let ports = |name: &str, from: &RangeInclusive<u16>, to: &RangeInclusive<u16>| {
        let client = match *from == (0..=u16::MAX) {
            true => String::new(),
            false => format!(" from ports {}", numbers(from)),
        };
        format!("{name}/{}{client}", numbers(to))
    };
    let messages = |name: &str, types: &RangeInclusive<u8>, codes: &RangeInclusive<u8>| {
        format!("{name}/{}/{}", numbers(types), numbers(codes))
    };
    match class {
        TrafficClass::Tcp {
            source_ports,
            destination_ports,
        } => ports("tcp", source_ports, destination_ports),
        TrafficClass::Udp {
            source_ports,
            destination_ports,
        } => ports("udp", source_ports, destination_ports),
        TrafficClass::Icmp { types, codes } => messages("icmp", types, codes),
        TrafficClass::Icmpv6 { types, codes } => messages("icmpv6", types, codes),
        TrafficClass::Other { protocols } => format!("protocol/{}", numbers(protocols)),
    }
}

fn numbers<N: fmt::Display + PartialEq>(range: &RangeInclusive<N>) -> String {
    match range.start() == range.end() {
        true => range.start().to_string(),
        false => format!("{}-{}", range.start(), range.end()),
    }
}

const fn family_of(number: u128) -> Family {
    match number {
        0 => Family::V4,
        _ => Family::V6,
    }
}

/// The fewest blocks that cover ranges of addresses and nothing else.
fn blocks(family: Family, spans: &[(u128, u128)]) -> Vec<Cidr> {
    let range = |(first, last): &(u128, u128)| -> Range {
        let address = |bits| Address::from_bits(family, bits);
        (address(*first), address(*last))
    };
    let ranges = joined(spans.iter().map(range).collect());
    ranges.into_iter().flat_map(blocks_of).collect()
}

/// From its beginning on, always the greatest block that begins there and does not end behind the range.
fn blocks_of((first, end): Range) -> Vec<Cidr> {
    let mut blocks = Vec::new();
    let mut from = Some(first);
    while let Some(start) = from.filter(|start| *start <= end) {
        let lengths = 0..=start.family().width();
        let mut beginning = lengths.filter_map(|length| Cidr::new(start, length).ok());
        let Some(block) = beginning.find(|block| last(*block) <= end) else {
            break;
        };
        blocks.push(block);
        from = above(last(block), 1);
    }
    blocks
}
