//! What is the same in all flows of a question, as numbers.

use std::collections::BTreeSet;

use model::{Cidr, Origin, Scope, TrafficClass};

use crate::encoder::Encoder;
use crate::ranges::Ranges;
use crate::scope::reach;
use crate::symbolic::{Number, Packet, TCP, Transport, UDP};
use crate::walk::{Sender, Subject};

/// The packet of a question about one address and another, with numbers in place of what is the same in all of its
/// flows; that of the sender where the question is about more, or an address is open.
///
/// What a number is known of is decided while the formulas are built, so that little is left for z3.
pub(crate) fn packet(encoder: &Encoder, scope: &Scope, subject: &Subject) -> Packet {
    let mut packet = encoder.packet.clone();
    let is_open = encoder.both_open().iter().any(|open| !open.all.is_empty());
    let reach = reach(encoder, scope, subject).filter(|_| !is_open);
    let Some(destination) = reach.and_then(|reach| reach.destinations.only()) else {
        return packet;
    };
    let Some(source) = sources(encoder, scope, &subject.sender).only() else {
        return packet;
    };
    packet.source = Number::Known(source, packet.source.width());
    packet.destination = Number::Known(destination, packet.destination.width());
    packet.transport = transport(&packet.transport, &scope.traffic.classes);
    packet
}

/// The addresses from which a scope's senders of a kind may send.
fn sources(encoder: &Encoder, scope: &Scope, sender: &Sender) -> Ranges {
    let within = |blocks: Option<&BTreeSet<Cidr>>| {
        let some = blocks.map(|blocks| Ranges::of_blocks(encoder.family, blocks));
        some.unwrap_or_else(|| Ranges::all(encoder.family))
    };
    let all = scope.from.iter().map(|origin| match (origin, sender) {
        (Origin::Interfaces(interfaces), Sender::Vpc(_)) => {
            let slots = interfaces.iter().filter_map(|id| encoder.private.get(id));
            let possible = slots.flatten().map(|(_, one)| encoder.possible(one));
            let possible: Vec<_> = possible.collect();
            Ranges::new(encoder.family, possible.iter().flat_map(Ranges::iter))
        }
        (Origin::Internet(blocks), Sender::Internet)
        | (Origin::OnPremises { blocks, .. }, Sender::OnPremises(_)) => within(blocks.as_ref()),
        (
            Origin::Interfaces(_),
            Sender::Interface(_) | Sender::Internet | Sender::OnPremises(_),
        )
        | (Origin::Internet(_), Sender::Interface(_) | Sender::Vpc(_) | Sender::OnPremises(_))
        | (Origin::OnPremises { .. }, Sender::Interface(_) | Sender::Vpc(_) | Sender::Internet) => {
            Ranges::new(encoder.family, [])
        }
    });
    let all: Vec<Ranges> = all.collect();
    Ranges::new(encoder.family, all.iter().flat_map(Ranges::iter))
}

/// What is the same in all packets of some classes.
fn transport(symbolic: &Transport, classes: &[TrafficClass]) -> Transport {
    let mut transport = symbolic.clone();
    let [class] = classes else {
        return transport;
    };
    let only = |range: &model::PortRange, symbolic: &Number| {
        let is_one = range.start() == range.end();
        if is_one {
            Number::Known(u128::from(*range.start()), symbolic.width())
        } else {
            symbolic.clone()
        }
    };
    let (protocol, ports) = match class {
        TrafficClass::Tcp {
            source_ports,
            destination_ports,
        } => (TCP, [source_ports, destination_ports]),
        TrafficClass::Udp {
            source_ports,
            destination_ports,
        } => (UDP, [source_ports, destination_ports]),
        TrafficClass::Icmp { .. } | TrafficClass::Icmpv6 { .. } | TrafficClass::Other { .. } => {
            return transport;
        }
    };
    let [source_ports, destination_ports] = ports;
    transport.protocol = Number::Known(protocol, symbolic.protocol.width());
    transport.source_port = only(source_ports, &symbolic.source_port);
    transport.destination_port = only(destination_ports, &symbolic.destination_port);
    transport
}
