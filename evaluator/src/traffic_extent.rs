//! What a rule's or an entry's traffic takes: a protocol, and a range of each of the two numbers behind it.
//!
//! It is read here once, for walks and for sets of packets.

use model::{IcmpFilter, RuleTraffic, Transport};

use crate::packet_set::numbers_of;

/// The first and the last number.
type Span = (u16, u16);

/// The traffic of a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Extent {
    /// All protocols when there is none.
    pub(crate) protocol: Option<u8>,
    /// Destination port and source port, or type and code; any when there is none.
    pub(crate) behind: [Option<Span>; 2],
}

impl Extent {
    #[inline]
    pub(crate) fn of(traffic: &RuleTraffic) -> Self {
        let (protocol, behind) = match traffic {
            RuleTraffic::All => (None, [None, None]),
            RuleTraffic::Tcp(ports) => (Some(6), [Some((ports.from, ports.to)), None]),
            RuleTraffic::Udp(ports) => (Some(17), [Some((ports.from, ports.to)), None]),
            RuleTraffic::Icmp(filter) => (Some(1), messages(*filter)),
            RuleTraffic::Icmpv6(filter) => (Some(58), messages(*filter)),
            RuleTraffic::Protocol(number) => (Some(*number), [None, None]),
        };
        Self { protocol, behind }
    }

    /// Whether the packet is of it.
    #[inline]
    pub(crate) fn holds(self, transport: Transport) -> bool {
        let [protocol, first, second] = numbers_of(transport);
        let is_in = |span: Option<Span>, number| {
            span.is_none_or(|(from, to)| (from..=to).contains(&number))
        };
        let [own_first, own_second] = self.behind;
        self.protocol.is_none_or(|own| u16::from(own) == protocol)
            && is_in(own_first, first)
            && is_in(own_second, second)
    }
}

fn messages(filter: IcmpFilter) -> [Option<Span>; 2] {
    [filter.icmp_type, filter.code].map(|number| number.map(|one| (one.into(), one.into())))
}
