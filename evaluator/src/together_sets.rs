//! Packets that walk alike, as a set of protocols and ports.
//!
//! Where filters tell many ports apart, asking each filter of each of them takes as long as there are ports;
//! asking it for the set that it lets pass takes as long as it has rules. It says the same as
//! [`crate::together`], in the same order, and is tested by that.

use std::collections::BTreeSet;
use std::ops::RangeInclusive;

use model::{Traffic, TrafficClass, Transport};

use crate::atoms::{CLIENT_PORTS, Number, SERVER_PORTS, TransportCuts};
use crate::compiled::Compiled;
use crate::exchange::Exchange;
use crate::filter_sets::FilterSets;
use crate::packet_set::{Field, PacketBox, PacketSet, last_behind};
use crate::together::Unwalked;
use crate::walk::{About, Recorder, Step};

/// What has not been walked yet.
pub(crate) struct LeftSet<'a> {
    network: &'a Compiled,
    cuts: &'a TransportCuts,
    traffic: &'a Traffic,
    // INVARIANT: `None` only between `take` and `walked`, when those who walk have it.
    filters: Option<Box<FilterSets>>,
    left: PacketSet,
}

/// Those that are where the walked one is.
pub(crate) struct TogetherSet<'a> {
    network: &'a Compiled,
    cuts: &'a TransportCuts,
    filters: Box<FilterSets>,
    sent: Transport,
    /// What the protocol and ports of the walked one have become.
    now: Transport,
    /// By what, in order.
    exchanges: Vec<Exchange>,
    /// Those with it, as they were sent.
    with: PacketSet,
}

impl<'a> LeftSet<'a> {
    /// All traffic of some classes, which is told in the order in which these cuts cut it.
    pub(crate) fn new(
        network: &'a Compiled,
        mut filters: Box<FilterSets>,
        (cuts, traffic): (&'a TransportCuts, &'a Traffic),
    ) -> Self {
        let classes = traffic.classes.iter();
        let boxes: Vec<_> = classes
            .flat_map(|class| PacketBox::ALL.traffic(class))
            .collect();
        let left = filters.sets.of_boxes(&boxes);
        Self {
            network,
            cuts,
            traffic,
            filters: Some(filters),
            left,
        }
    }

    /// What was learnt of filters.
    pub(crate) fn filters(self) -> Option<Box<FilterSets>> {
        self.filters
    }

    /// The one that is walked next.
    fn next(&self, filters: &mut FilterSets) -> Option<Transport> {
        if self.left == PacketSet::EMPTY {
            return None;
        }
        self.traffic.classes.iter().find_map(|class| {
            let class_set = filters.sets.of_boxes(&PacketBox::ALL.traffic(class));
            let left = filters.sets.intersection(self.left, class_set);
            (left != PacketSet::EMPTY).then(|| self.first(filters, left, class))?
        })
    }

    /// The one that stands for the first cell of what is left of a class.
    fn first(
        &self,
        filters: &FilterSets,
        left: PacketSet,
        class: &TrafficClass,
    ) -> Option<Transport> {
        let rectangles = |protocol: u8| {
            let end = u128::from(last_behind(protocol));
            let spans = filters
                .sets
                .spans(filters.sets.behind(left, protocol), Field::First, end);
            let edges = spans.into_iter().filter_map(move |((first, _), next)| {
                let seconds = filters.sets.spans(next, Field::Second, end);
                let ((second, _), _) = seconds.into_iter().next()?;
                let number = |value: u128| u16::try_from(value).ok();
                Some((number(first)?, number(second)?))
            });
            edges.collect::<Vec<_>>()
        };
        let in_left = |one: &Transport| filters.sets.holds_transport(left, *one);
        let ports = |protocol: u8, cuts: [&BTreeSet<u16>; 2], ranges: [&RangeInclusive<u16>; 2]| {
            let edges = rectangles(protocol).into_iter();
            let (first, second) = edges.min_by_key(|(first, second)| (*second, *first))?;
            let transport = |destination_port, source_port| match protocol {
                6 => Transport::Tcp {
                    source_port,
                    destination_port,
                },
                _ => Transport::Udp {
                    source_port,
                    destination_port,
                },
            };
            let [to, from] = cuts;
            let liked = transport(
                liked(first, to, ranges[0], &SERVER_PORTS),
                liked(second, from, ranges[1], &CLIENT_PORTS),
            );
            Some(liked)
                .filter(in_left)
                .or(Some(transport(first, second)))
        };
        let messages = |protocol: u8| {
            let (first, second) = rectangles(protocol).into_iter().min()?;
            let byte = |value: u16| u8::try_from(value).ok();
            let (icmp_type, code) = (byte(first)?, byte(second)?);
            Some(match protocol {
                1 => Transport::Icmp { icmp_type, code },
                _ => Transport::Icmpv6 { icmp_type, code },
            })
        };
        match class {
            TrafficClass::Tcp {
                source_ports,
                destination_ports,
            } => {
                let cuts = [&self.cuts.tcp.destination, &self.cuts.tcp.source];
                ports(6, cuts, [destination_ports, source_ports])
            }
            TrafficClass::Udp {
                source_ports,
                destination_ports,
            } => {
                let cuts = [&self.cuts.udp.destination, &self.cuts.udp.source];
                ports(17, cuts, [destination_ports, source_ports])
            }
            TrafficClass::Icmp { .. } => messages(1),
            TrafficClass::Icmpv6 { .. } => messages(58),
            TrafficClass::Other { .. } => {
                let spans = filters.sets.spans(left, Field::Protocol, u8::MAX.into());
                let ((protocol, _), _) = spans.into_iter().next()?;
                Transport::other(u8::try_from(protocol).ok()?)
            }
        }
    }
}

/// The cell of a transport, of which all are answered alike whatever is asked.
fn cell(filters: &mut FilterSets, cuts: &TransportCuts, one: Transport) -> PacketSet {
    let boxes = PacketBox::ALL.traffic(&cuts.around(one));
    filters.sets.of_boxes(&boxes)
}

/// A number of the cell that a number is in, one that readers expect if there is one.
fn liked<N: Number>(number: N, cuts: &BTreeSet<N>, range: &RangeInclusive<N>, liked: &[N]) -> N {
    let first = cuts.range(..=number).next_back().copied();
    let first = first.filter(|first| first >= range.start());
    let first = first.unwrap_or(*range.start());
    let next = cuts.range(first..).copied().find(|cut| *cut > number);
    let is_in =
        |one: &&N| range.contains(*one) && **one >= first && next.is_none_or(|next| **one < next);
    liked.iter().find(is_in).copied().unwrap_or(number)
}

impl<'a> Unwalked for LeftSet<'a> {
    type With = TogetherSet<'a>;

    fn take(&mut self) -> Option<(Transport, TogetherSet<'a>)> {
        let mut filters = self.filters.take()?;
        let Some(sent) = self.next(&mut filters) else {
            self.filters = Some(filters);
            return None;
        };
        let together = TogetherSet {
            network: self.network,
            cuts: self.cuts,
            filters,
            sent,
            now: sent,
            exchanges: Vec::new(),
            with: self.left,
        };
        Some((sent, together))
    }

    fn walked(&mut self, with: TogetherSet<'a>) {
        let TogetherSet {
            mut filters,
            sent,
            with,
            ..
        } = with;
        let cell = cell(&mut filters, self.cuts, sent);
        let walked = filters.sets.union(with, cell);
        self.left = filters.sets.difference(self.left, walked);
        self.filters = Some(filters);
    }
}

impl Recorder for TogetherSet<'_> {
    #[inline]
    fn record(&mut self, _: Step) {}

    fn asked(&mut self, about: About<'_>, is_same: impl Fn(Transport) -> bool) {
        let filters = &mut self.filters;
        let alike = match filters.alike(self.network, about, self.now, is_same) {
            Some(alike) => {
                let exchanges = self.exchanges.iter().rev();
                exchanges.fold(alike, |alike, exchange| filters.before(*exchange, alike))
            }
            None => cell(filters, self.cuts, self.sent),
        };
        self.with = filters.sets.intersection(self.with, alike);
    }

    fn exchanged(&mut self, exchange: Exchange) {
        self.now = exchange.of(self.now);
        self.exchanges.push(exchange);
    }

    fn restored(&mut self, reply: Exchange) {
        self.now = reply.of(self.sent);
        self.exchanges = vec![reply];
    }
}

#[cfg(test)]
impl TogetherSet<'_> {
    /// Whether one is with it, as it was sent.
    pub(crate) fn holds(&self, sent: Transport) -> bool {
        self.filters.sets.holds_transport(self.with, sent)
    }
}
