//! Relayed flows (page scope): those that are sent to a relay and count as flows to what it hands them on to.
//!
//! What is asked of them is asked twice: of the packet as it is sent, before the walk, and of the packet as it is
//! received, at each leaf.

use model::{Place as Destination, Scope, TrafficClass};

use crate::encoder::Encoder;
use crate::index::Index;
use crate::leg::Leaf;
use crate::scope;
use crate::symbolic::Formula;
use crate::walk::{Picks, Place, Sender};

/// Whether a scope counts relayed flows, and there may be some.
pub(crate) fn counts(index: &Index, scope: &Scope) -> bool {
    scope.relayed && index.has_relays()
}

/// That a flow may be a relayed one of the scope, by what its sender sends.
pub(crate) fn sent(encoder: &Encoder, scope: &Scope, sender: &Sender) -> Formula {
    let from = scope.from.iter();
    let from = Formula::any(from.map(|origin| scope::comes(encoder, origin, sender)));
    let relays = Destination::Interfaces {
        interfaces: encoder.index.relays().cloned().collect(),
        public_from_inside: true,
    };
    let to = scope::held(encoder, &relays, sender, 0).into_iter();
    let to = Formula::any(to.map(|(destinations, _)| destinations.certain));
    let traffic = encoder.packet.transport.has_ports();
    let first = Picks::Free.numbers().into_iter().take(1);
    let picked = Formula::any(first.map(|pick| !pick.is(0)));
    let others = !scope::own_destination(encoder, sender);
    Formula::all([from, to, traffic, picked, others])
}

/// That a relayed flow which is delivered at a leaf is one of the scope (*relayed flows*).
pub(crate) fn received(encoder: &Encoder, scope: &Scope, leaf: &Leaf) -> Formula {
    let packet = leaf.received();
    if !scope.families.contains(&packet.family) {
        return Formula::FALSE;
    }
    let classes = scope.traffic.classes.iter();
    let traffic = classes.map(|class| scope::in_class(&packet.transport, &from_any_port(class)));
    let places = scope.to.iter().map(|place| match (place, &leaf.place) {
        (Destination::Interfaces { interfaces, .. }, Place::Interface(who)) => {
            encoder.among(who, interfaces)
        }
        (Destination::OnPremises(blocks), Place::OnPremises(_)) => {
            scope::within(encoder, blocks.as_ref(), &packet.destination)
        }
        (Destination::Cidrs(blocks), _) => encoder.in_blocks(blocks, &packet.destination),
        (
            Destination::Interfaces { .. }
            | Destination::OnPremises(_)
            | Destination::Internet
            | Destination::Service(_)
            | Destination::GatewayEndpoints(_)
            | Destination::Name(_),
            _,
        ) => Formula::FALSE,
    });
    Formula::any(traffic) & Formula::any(places)
}

/// The class without what it says of source ports: a relay chooses them.
fn from_any_port(class: &TrafficClass) -> TrafficClass {
    let source_ports = 0..=u16::MAX;
    match class.clone() {
        TrafficClass::Tcp {
            destination_ports, ..
        } => TrafficClass::Tcp {
            source_ports,
            destination_ports,
        },
        TrafficClass::Udp {
            destination_ports, ..
        } => TrafficClass::Udp {
            source_ports,
            destination_ports,
        },
        other @ (TrafficClass::Icmp { .. }
        | TrafficClass::Icmpv6 { .. }
        | TrafficClass::Other { .. }) => other,
    }
}
