//! Boxes: packets of which each field lies in one range.

use std::ops::RangeInclusive;

use model::{Address, Cidr, Family, RuleTraffic, TrafficClass};

use super::{Field, PacketSet, PacketSets, family_number, last_behind, last_bits};
use crate::address::last;
use crate::traffic_extent::Extent;

/// The first and the last value of a field; the whole field ends at [`u128::MAX`], whatever its last value
/// is, so that it is written in one way.
pub(super) type Span = (u128, u128);

pub(super) const WHOLE: Span = (0, u128::MAX);

/// Packets of which each field lies in one range.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct PacketBox {
    pub(super) spans: [Span; 6],
}

impl PacketBox {
    /// Every packet.
    pub const ALL: PacketBox = PacketBox { spans: [WHOLE; 6] };

    /// Only those from a block.
    #[must_use]
    pub fn from(self, block: Cidr) -> Self {
        self.addresses(Field::Source, (block.base(), last(block)))
    }

    /// Only those to a block.
    #[must_use]
    pub fn to(self, block: Cidr) -> Self {
        self.addresses(Field::Destination, (block.base(), last(block)))
    }

    /// Only those of a class of traffic; of other protocols only when the class is of a single one that has
    /// no class of its own.
    #[must_use]
    pub fn traffic(self, class: &TrafficClass) -> Vec<Self> {
        let transport =
            |protocol: u8, first, second| self.transport(protocol, Some(first), Some(second));
        match class {
            TrafficClass::Tcp {
                source_ports,
                destination_ports,
            } => vec![transport(6, wide(destination_ports), wide(source_ports))],
            TrafficClass::Udp {
                source_ports,
                destination_ports,
            } => vec![transport(17, wide(destination_ports), wide(source_ports))],
            TrafficClass::Icmp { types, codes } => vec![transport(1, wide(types), wide(codes))],
            TrafficClass::Icmpv6 { types, codes } => vec![transport(58, wide(types), wide(codes))],
            TrafficClass::Other { protocols } => {
                let apart = [0..=0, 2..=5, 7..=16, 18..=57, 59..=u8::MAX];
                let within = apart.into_iter().filter_map(|run: RangeInclusive<u8>| {
                    let first = *run.start().max(protocols.start());
                    let last = *run.end().min(protocols.end());
                    (first <= last).then_some((first, last))
                });
                within
                    .map(|(first, last)| self.protocols(first, last))
                    .collect()
            }
        }
    }

    /// Only those that a rule's or an entry's traffic takes.
    #[must_use]
    pub(crate) fn rule_traffic(self, traffic: &RuleTraffic) -> Self {
        let extent = Extent::of(traffic);
        let [first, second] = extent.behind;
        match extent.protocol {
            None => self,
            Some(protocol) => self.transport(protocol, first, second),
        }
    }

    /// Only those of a family.
    #[must_use]
    pub(crate) fn family(mut self, family: Family) -> Self {
        let number = family_number(family);
        self.set(Field::Family, (number, number), 1);
        self
    }

    /// Only those of which an address lies between two of one family.
    fn addresses(self, field: Field, (first, last): (Address, Address)) -> Self {
        let mut narrowed = self.family(first.family());
        let end = last_bits(family_number(first.family()));
        narrowed.set(field, (first.bits(), last.bits()), end);
        narrowed
    }

    fn protocols(mut self, first: u8, last: u8) -> Self {
        let span = (u128::from(first), u128::from(last));
        self.set(Field::Protocol, span, u8::MAX.into());
        self
    }

    /// Only those of a protocol of which the two fields behind it lie in ranges, if those are given.
    pub(crate) fn transport(
        self,
        protocol: u8,
        first: Option<(u16, u16)>,
        second: Option<(u16, u16)>,
    ) -> Self {
        let mut narrowed = self.protocols(protocol, protocol);
        for (field, span) in [(Field::First, first), (Field::Second, second)] {
            if let Some((first, last)) = span {
                let span = (u128::from(first), u128::from(last));
                narrowed.set(field, span, last_behind(protocol).into());
            }
        }
        narrowed
    }

    /// `end` is the last value that the field has there.
    fn set(&mut self, field: Field, (first, last): Span, end: u128) {
        let last = if last >= end { u128::MAX } else { last };
        if let Some(span) = self.spans.get_mut(field as usize) {
            *span = (first, last);
        }
    }
}

fn wide<N: Copy + Into<u16>>(range: &RangeInclusive<N>) -> (u16, u16) {
    ((*range.start()).into(), (*range.end()).into())
}

impl PacketSets {
    /// The packets of a box.
    pub fn of_box(&mut self, one: &PacketBox) -> PacketSet {
        self.of_boxes([one])
    }

    /// The packets that are in one of some boxes.
    pub fn of_boxes<'b>(&mut self, boxes: impl IntoIterator<Item = &'b PacketBox>) -> PacketSet {
        let rules: Vec<_> = boxes.into_iter().map(|one| (*one, true)).collect();
        self.first_match(&rules)
    }
}
