//! Relayed flows (page scope): those that are sent to a relay, or to an address that NAT64 translates, and count as
//! flows to where they are received.
//!
//! What is asked of them is asked twice: of the packet as it is sent, before the walk, and of the packet as it is
//! received, at each leaf.

use model::{Hole, Place as Destination, Scope, TrafficClass};

use crate::encoder::Encoder;
use crate::gateway;
use crate::index::Index;
use crate::leg::{Leaf, SentBy};
use crate::nat64;
use crate::scope;
use crate::symbolic::{Formula, Number, Packet};
use crate::walk::{Picks, Place, Sender};

/// Whether a scope counts relayed flows, and there may be some.
pub(crate) fn counts(index: &Index, scope: &Scope) -> bool {
    scope.relayed && index.has_relays()
}

/// Whether a scope counts flows that NAT64 translates, and there may be some.
pub(crate) const fn counts_nat64(index: &Index, scope: &Scope) -> bool {
    scope.relayed && index.has_nat64
}

/// That a flow comes from one of the scope's origins.
fn comes(encoder: &Encoder, scope: &Scope, sender: &Sender) -> Formula {
    let from = scope.from.iter();
    Formula::any(from.map(|origin| scope::comes(encoder, origin, sender)))
}

/// That a flow may be one of the scope that NAT64 translates, by what its sender sends. However it is delivered, it is
/// received as NAT64 has made it, unless a relay hands it on or it comes back in from the internet.
pub(crate) fn sent_to_nat64(encoder: &mut Encoder, scope: &Scope, sender: &Sender) -> Formula {
    let packet = encoder.packet.clone();
    let to = nat64::holds(&packet.destination);
    let sent = comes(encoder, scope, sender) & to & nat64::carries(&packet.transport);
    let handed_on = if encoder.index.has_relays() {
        packet.transport.has_ports()
    } else {
        Formula::FALSE
    };
    let received = nat64::translated(&packet, Number::Known(0, 32));
    let own = if asks_for_own(scope) {
        scope::own_as_received(encoder, sender, &received)
    } else {
        Formula::FALSE
    };
    let meant = encoder.on_leg(&received, |encoder| {
        let destination = &received.destination;
        let places = scope.to.iter().enumerate();
        let places = places
            .map(|place| held_as_received(encoder, scope, place, sender, (destination, &own)));
        // What comes back in from the internet is received at a private address.
        let is_meant = Formula::any(places) | encoder.of_network(destination);
        is_traffic(scope, &received) & is_meant
    });
    sent & (meant | handed_on)
}

/// What leaves open which services such a flow reaches, and when.
pub(crate) fn holes_behind_nat64(
    encoder: &mut Encoder,
    scope: &Scope,
    sender: &Sender,
) -> Vec<(Hole, Formula)> {
    let anyone = Number::Known(0, 32);
    let received = nat64::translated(&encoder.packet, anyone);
    encoder.on_leg(&received, |encoder| {
        let places = scope.to.iter().enumerate();
        let services = places.filter(|(_, place)| matches!(place, Destination::Service(_)));
        let parts = services.flat_map(|place| scope::held(encoder, scope, sender, place));
        let holes = parts.flat_map(|(destinations, _)| {
            let certain = destinations.certain;
            let possible = destinations.possible.into_iter();
            possible.map(move |(hole, may)| (hole, may & !&certain))
        });
        holes.collect()
    })
}

/// That a flow may be a relayed one of the scope, by what its sender sends.
pub(crate) fn sent(encoder: &mut Encoder, scope: &Scope, sender: &Sender) -> Formula {
    let from = comes(encoder, scope, sender);
    let relays = Destination::Interfaces {
        interfaces: encoder.index.relays().cloned().collect(),
        public_from_inside: true,
    };
    let to = scope::held(encoder, scope, sender, (0, &relays)).into_iter();
    let to = Formula::any(to.map(|(destinations, _)| destinations.certain));
    let traffic = encoder.packet.transport.has_ports();
    let first = Picks::Free.numbers().into_iter().take(1);
    let picked = Formula::any(first.map(|pick| !pick.is(0)));
    let others = !scope::own_destination(encoder, sender);
    Formula::all([from, to, traffic, picked, others])
}

/// Whether a scope has a place at which an address of the sender is no destination as received.
pub(crate) fn asks_for_own(scope: &Scope) -> bool {
    let mut places = scope.to.iter();
    places.any(|place| matches!(place, Destination::OnPremises(_) | Destination::Cidrs(_)))
}

/// That a relayed flow which is delivered at a leaf is one of the scope (*relayed flows*). The packet spoken of is the
/// received one, whose destination is the sender's own when `own` is true.
pub(crate) fn received(
    encoder: &mut Encoder,
    scope: &Scope,
    sender: &Sender,
    leaf: &Leaf,
    own: &Formula,
) -> Formula {
    let traffic = is_traffic(scope, leaf.received());
    if traffic.is_false() {
        return Formula::FALSE;
    }
    let destination = destination(encoder, leaf);
    let places = scope.to.iter().enumerate();
    let places = places.map(|(number, place)| {
        let arrives = arrives(encoder, place, leaf);
        if arrives.is_false() {
            return Formula::FALSE;
        }
        arrives & held_as_received(encoder, scope, (number, place), sender, (&destination, own))
    });
    traffic & Formula::any(places)
}

/// That a packet as received is of the scope's families and classes.
fn is_traffic(scope: &Scope, received: &Packet) -> Formula {
    if !scope.families.contains(&received.family) {
        return Formula::FALSE;
    }
    let classes = scope.traffic.classes.iter();
    let traffic = classes.map(|class| scope::in_class(&received.transport, &from_any_port(class)));
    Formula::any(traffic)
}

/// That a place allows the arrival at a leaf.
fn arrives(encoder: &Encoder, place: &Destination, leaf: &Leaf) -> Formula {
    match (place, &leaf.place) {
        (Destination::Interfaces { interfaces, .. }, Place::Interface(who)) => {
            encoder.among(who, interfaces)
        }
        (Destination::OnPremises(_), Place::OnPremises(_)) | (Destination::Cidrs(_), _) => {
            Formula::TRUE
        }
        (Destination::Internet, Place::Internet) | (Destination::Service(_), _) => {
            Formula::Constant(leaf.is_translated_only())
        }
        (
            Destination::Interfaces { .. }
            | Destination::OnPremises(_)
            | Destination::Internet
            | Destination::GatewayEndpoints(_)
            | Destination::Name(_),
            _,
        ) => Formula::FALSE,
    }
}

/// That a place, by its number, holds the destination as received. Of interfaces it is the arrival that says so.
fn held_as_received(
    encoder: &mut Encoder,
    scope: &Scope,
    (number, place): (usize, &Destination),
    sender: &Sender,
    (destination, own): (&Number, &Formula),
) -> Formula {
    match place {
        Destination::Interfaces { .. } => Formula::TRUE,
        Destination::OnPremises(blocks) => {
            scope::within(encoder, blocks.as_ref(), destination) & !own
        }
        Destination::Cidrs(blocks) => encoder.in_blocks(blocks, destination) & !own,
        Destination::Internet | Destination::Service(_) => {
            let parts = scope::held(encoder, scope, sender, (number, place)).into_iter();
            let parts = parts.enumerate();
            Formula::any(parts.map(|(part, (destinations, _))| destinations.hold(number, part)))
        }
        Destination::GatewayEndpoints(_) | Destination::Name(_) => Formula::FALSE,
    }
}

/// The destination as it is received: of what comes from the internet, the private address.
fn destination(encoder: &Encoder, leaf: &Leaf) -> Number {
    match (&leaf.last.start.sent_by, &leaf.place) {
        (SentBy::Internet, Place::Interface(who)) => {
            gateway::private_destination(encoder, who.vpc())
        }
        _ => leaf.received().destination.clone(),
    }
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
