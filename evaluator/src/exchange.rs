//! What takes the place of a packet's protocol and ports on its way.

use model::Transport;

use crate::nat_gateway::{SOURCE_PORTS, translated};
use crate::packet_set::{Field, PacketBox, PacketSet, PacketSets, last_behind};
use crate::reply::reply_transport;

/// An exchange of protocol and ports.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Exchange {
    /// The reply takes the place of the request.
    Reply,
    /// A NAT gateway sends the packet on.
    BehindNat,
}

/// The values of the two fields behind a protocol that lie between edges.
type Rectangle = [(u16, u16); 2];

impl Exchange {
    /// What a packet becomes.
    #[inline]
    pub(crate) fn of(self, transport: Transport) -> Transport {
        match self {
            Exchange::Reply => reply_transport(transport),
            Exchange::BehindNat => translated(transport),
        }
    }

    /// All that becomes something of a set which asks for protocols and ports alone. It says of sets what
    /// [`Exchange::of`] says of one packet, and is tested by that.
    pub(crate) fn before(self, sets: &mut PacketSets, set: PacketSet) -> PacketSet {
        let mut boxes = self.kept(sets, set);
        for protocol in [6, 17] {
            let ports = sets.rectangles(set, protocol);
            boxes.extend(ports.into_iter().filter_map(|ports| {
                let [first, second] = self.ports_before(ports)?;
                Some(PacketBox::ALL.transport(protocol, Some(first), Some(second)))
            }));
        }
        let pings: &[(u8, u16, u8, Option<u16>)] = match self {
            // An echo reply of either protocol answers an echo request.
            Exchange::Reply => &[(1, 0, 1, Some(8)), (58, 129, 58, Some(128))],
            // NAT64 makes an echo request of whatever it carries.
            Exchange::BehindNat => &[(1, 8, 58, None)],
        };
        for (protocol, icmp_type, sent, sent_type) in pings {
            for [types, codes] in sets.rectangles(set, *protocol) {
                if (types.0..=types.1).contains(icmp_type) {
                    let types = sent_type.map(|one| (one, one));
                    boxes.push(PacketBox::ALL.transport(*sent, types, Some(codes)));
                }
            }
        }
        sets.of_boxes(&boxes)
    }

    /// What of a set stays itself, but for TCP and UDP.
    fn kept(self, sets: &PacketSets, set: PacketSet) -> Vec<PacketBox> {
        let mut boxes = Vec::new();
        for protocol in 0..=u8::MAX {
            let exchanged = match (self, protocol) {
                (_, 6 | 17) | (Exchange::BehindNat, 58) => continue,
                (Exchange::Reply, 1) => Some(8),
                (Exchange::Reply, 58) => Some(128),
                (Exchange::Reply | Exchange::BehindNat, _) => None,
            };
            for [first, second] in sets.rectangles(set, protocol) {
                let firsts = match exchanged {
                    None => vec![first],
                    Some(exchanged) => without(first, exchanged),
                };
                let boxed = |first| PacketBox::ALL.transport(protocol, Some(first), Some(second));
                boxes.extend(firsts.into_iter().map(boxed));
            }
        }
        boxes
    }

    /// Destination and source ports of which these are made.
    fn ports_before(self, [first, second]: Rectangle) -> Option<Rectangle> {
        let least = *SOURCE_PORTS.start();
        match self {
            Exchange::Reply => Some([second, first]),
            Exchange::BehindNat if second.1 < least => None,
            // A port below those of the NAT gateway becomes its first.
            Exchange::BehindNat if second.0 <= least => Some([first, (0, second.1)]),
            Exchange::BehindNat => Some([first, second]),
        }
    }
}

/// A range without one of its numbers.
fn without((from, to): (u16, u16), number: u16) -> Vec<(u16, u16)> {
    if !(from..=to).contains(&number) {
        return vec![(from, to)];
    }
    let below = number.checked_sub(1).filter(|last| from <= *last);
    let above = number.checked_add(1).filter(|first| *first <= to);
    let below = below.map(|last| (from, last));
    below
        .into_iter()
        .chain(above.map(|first| (first, to)))
        .collect()
}

impl PacketSets {
    /// The packets of a protocol in a set that asks for protocols and ports alone.
    fn rectangles(&self, set: PacketSet, protocol: u8) -> Vec<Rectangle> {
        let end = u128::from(last_behind(protocol));
        let number = |value: u128| u16::try_from(value).unwrap_or(u16::MAX);
        let span = |(from, to)| (number(from), number(to));
        let mut rectangles = Vec::new();
        for (first, next) in self.spans(self.behind(set, protocol), Field::First, end) {
            for (second, _) in self.spans(next, Field::Second, end) {
                rectangles.push([span(first), span(second)]);
            }
        }
        rectangles
    }
}
