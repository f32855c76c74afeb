//! Sets of addresses and of traffic, written in one way however they were cut.

use std::ops::RangeInclusive;

use model::{Address, TrafficClass, Transport};

use crate::address::above;
use crate::extents::Range;

/// The same addresses as the fewest ranges, in order.
pub(crate) fn joined(mut ranges: Vec<Range>) -> Vec<Range> {
    ranges.sort();
    let mut joined: Vec<Range> = Vec::new();
    for (first, end) in ranges {
        match joined.last_mut() {
            // Above the last address of IPv4 there is none, so families never touch.
            Some((_, last)) if first <= *last || above(*last, 1) == Some(first) => {
                *last = end.max(*last);
            }
            Some(_) | None => joined.push((first, end)),
        }
    }
    joined
}

/// Whether one of the ranges holds the address.
pub(crate) fn are_holding(ranges: &[Range], address: Address) -> bool {
    ranges
        .iter()
        .any(|(first, end)| first.family() == address.family() && (first..=end).contains(&&address))
}

/// Whether a class holds a packet with such a transport.
pub(crate) fn is_in(class: &TrafficClass, transport: Transport) -> bool {
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
        (TrafficClass::Other { protocols }, Transport::Other(protocol)) => {
            protocols.contains(&protocol.number())
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

/// A set of traffic: of each protocol disjoint rectangles, written in one way.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Region {
    tcp: Vec<Rectangle>,
    udp: Vec<Rectangle>,
    icmp: Vec<Rectangle>,
    icmpv6: Vec<Rectangle>,
    /// Ranks among the protocols that have no class of their own, and nothing.
    other: Vec<Rectangle>,
}

/// What the server or the kind of message is told by, and what the client or the code is.
type Rectangle = (Span, Span);
type Span = (u32, u32);

/// The protocols with classes of their own.
const OWN_CLASS: [u8; 4] = [1, 6, 17, 58];

impl Region {
    pub(crate) fn new<'c>(classes: impl IntoIterator<Item = &'c TrafficClass>) -> Self {
        let mut region = Self::default();
        for class in classes {
            match class {
                TrafficClass::Tcp {
                    source_ports,
                    destination_ports,
                } => region
                    .tcp
                    .push((span(destination_ports), span(source_ports))),
                TrafficClass::Udp {
                    source_ports,
                    destination_ports,
                } => region
                    .udp
                    .push((span(destination_ports), span(source_ports))),
                TrafficClass::Icmp { types, codes } => {
                    region.icmp.push((span(types), span(codes)));
                }
                TrafficClass::Icmpv6 { types, codes } => {
                    region.icmpv6.push((span(types), span(codes)));
                }
                TrafficClass::Other { protocols } => {
                    let rank = |number: u8| number.into();
                    let numbers = protocols.clone().filter(|one| !OWN_CLASS.contains(one));
                    let numbers: Vec<u32> = numbers.map(|one| rank(self::rank(one))).collect();
                    let ends = numbers.first().zip(numbers.last());
                    region.other.extend(ends.map(|(a, b)| ((*a, *b), (0, 0))));
                }
            }
        }
        for rectangles in [
            &mut region.tcp,
            &mut region.udp,
            &mut region.icmp,
            &mut region.icmpv6,
            &mut region.other,
        ] {
            *rectangles = canonical(rectangles);
        }
        region
    }

    /// Whether nothing is in it.
    pub(crate) fn is_empty(&self) -> bool {
        self.parts().iter().all(|part| part.is_empty())
    }

    /// What is in it or in the other.
    pub(crate) fn union(&self, other: &Self) -> Self {
        self.combined(other, |one, other| one || other)
    }

    /// What is in both.
    pub(crate) fn intersection(&self, other: &Self) -> Self {
        self.combined(other, |one, other| one && other)
    }

    /// What is not in the other.
    pub(crate) fn without(&self, other: &Self) -> Self {
        self.combined(other, |one, other| one && !other)
    }

    fn parts(&self) -> [&[Rectangle]; 5] {
        [&self.tcp, &self.udp, &self.icmp, &self.icmpv6, &self.other]
    }

    fn combined(&self, other: &Self, keep: fn(bool, bool) -> bool) -> Self {
        Self {
            tcp: combined(&self.tcp, &other.tcp, keep),
            udp: combined(&self.udp, &other.udp, keep),
            icmp: combined(&self.icmp, &other.icmp, keep),
            icmpv6: combined(&self.icmpv6, &other.icmpv6, keep),
            other: combined(&self.other, &other.other, keep),
        }
    }

    /// The same as classes.
    pub(crate) fn classes(&self) -> Vec<TrafficClass> {
        let mut classes = Vec::new();
        for (to, from) in &self.tcp {
            classes.push(TrafficClass::Tcp {
                source_ports: ports(*from),
                destination_ports: ports(*to),
            });
        }
        for (to, from) in &self.udp {
            classes.push(TrafficClass::Udp {
                source_ports: ports(*from),
                destination_ports: ports(*to),
            });
        }
        for (types, codes) in &self.icmp {
            let (types, codes) = (bytes(*types), bytes(*codes));
            classes.push(TrafficClass::Icmp { types, codes });
        }
        for (types, codes) in &self.icmpv6 {
            let (types, codes) = (bytes(*types), bytes(*codes));
            classes.push(TrafficClass::Icmpv6 { types, codes });
        }
        for (ranks, _) in &self.other {
            let own = (0..=u8::MAX).filter(|number| !OWN_CLASS.contains(number));
            let within = own.filter(|number| {
                let rank = u32::from(rank(*number));
                (ranks.0..=ranks.1).contains(&rank)
            });
            let within: Vec<u8> = within.collect();
            if let (Some(first), Some(last)) = (within.first(), within.last()) {
                classes.push(TrafficClass::Other {
                    protocols: *first..=*last,
                });
            }
        }
        classes
    }
}

/// How many protocols without a class of their own are below a number.
fn rank(number: u8) -> u8 {
    let below = OWN_CLASS.iter().filter(|own| **own < number).count();
    number.saturating_sub(u8::try_from(below).unwrap_or_default())
}

fn span<N: Copy + Into<u32>>(range: &RangeInclusive<N>) -> Span {
    ((*range.start()).into(), (*range.end()).into())
}

fn ports((from, to): Span) -> RangeInclusive<u16> {
    let port = |number| u16::try_from(number).unwrap_or(u16::MAX);
    port(from)..=port(to)
}

fn bytes((from, to): Span) -> RangeInclusive<u8> {
    let byte = |number| u8::try_from(number).unwrap_or(u8::MAX);
    byte(from)..=byte(to)
}

/// The same region as strips along the first axis, each as long as the other axis stays the same.
fn canonical(rectangles: &[Rectangle]) -> Vec<Rectangle> {
    strips(&along_cuts(rectangles.iter()), |from| {
        spans_joined(across(rectangles, from).collect())
    })
}

/// What is kept of two regions by whether each holds it.
fn combined(
    one: &[Rectangle],
    other: &[Rectangle],
    keep: fn(bool, bool) -> bool,
) -> Vec<Rectangle> {
    if one == other {
        return match keep(true, true) {
            true => one.to_vec(),
            false => Vec::new(),
        };
    }
    strips(&along_cuts(one.iter().chain(other)), |from| {
        let one: Vec<Span> = across(one, from).collect();
        let other: Vec<Span> = across(other, from).collect();
        spans_combined(&one, &other, keep)
    })
}

/// Where rectangles begin and end along the first axis.
fn along_cuts<'r>(rectangles: impl Iterator<Item = &'r Rectangle>) -> Vec<u32> {
    let mut cuts: Vec<u32> = rectangles
        .flat_map(|((from, to), _)| [*from, to + 1])
        .collect();
    cuts.sort_unstable();
    cuts.dedup();
    cuts
}

/// What rectangles cover of the second axis at a place of the first.
fn across(rectangles: &[Rectangle], at: u32) -> impl Iterator<Item = Span> {
    let covering = rectangles
        .iter()
        .filter(move |((from, to), _)| (from..=to).contains(&&at));
    covering.map(|(_, across)| *across)
}

/// Strips between cuts along the first axis, put together while the other axis stays the same.
fn strips(cuts: &[u32], across: impl Fn(u32) -> Vec<Span>) -> Vec<Rectangle> {
    let mut strips: Vec<(Span, Vec<Span>)> = Vec::new();
    for (from, next) in cuts.iter().zip(cuts.iter().skip(1)) {
        let across = across(*from);
        if across.is_empty() {
            continue;
        }
        match strips.last_mut() {
            Some(((_, to), same)) if *to + 1 == *from && *same == across => *to = next - 1,
            Some(_) | None => strips.push(((*from, next - 1), across)),
        }
    }
    let strips = strips.into_iter();
    let rectangles =
        strips.flat_map(|(along, across)| across.into_iter().map(move |one| (along, one)));
    rectangles.collect()
}

/// What is kept of two sets of spans by whether each holds it.
fn spans_combined(one: &[Span], other: &[Span], keep: fn(bool, bool) -> bool) -> Vec<Span> {
    let both = one.iter().chain(other);
    let mut cuts: Vec<u32> = both.flat_map(|(from, to)| [*from, to + 1]).collect();
    cuts.sort_unstable();
    cuts.dedup();
    let holds = |spans: &[Span], at: u32| spans.iter().any(|(from, to)| *from <= at && at <= *to);
    let pieces = cuts.iter().zip(cuts.iter().skip(1));
    let kept = pieces.filter(|(from, _)| keep(holds(one, **from), holds(other, **from)));
    spans_joined(kept.map(|(from, next)| (*from, next - 1)).collect())
}

fn spans_joined(mut spans: Vec<Span>) -> Vec<Span> {
    spans.sort_unstable();
    let mut joined: Vec<Span> = Vec::new();
    for (from, to) in spans {
        match joined.last_mut() {
            Some((_, last)) if from <= *last + 1 => *last = to.max(*last),
            Some(_) | None => joined.push((from, to)),
        }
    }
    joined
}
