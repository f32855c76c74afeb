//! Scopes in two networks at once: the flows that a difference is asked about, and those that it
//! marks.

use model::{Address, Packet, TrafficClass, Transport};

use crate::forward::{Arrived, Sender};
use crate::index::InterfaceIndex;
use crate::knock::Knock;
use crate::region::is_in;
use crate::scope::Scope;

/// A scope in both networks.
pub(crate) struct Mark<'a> {
    pub(crate) scopes: [Scope<'a>; 2],
    pub(crate) asked: [&'a model::Scope; 2],
}

impl Mark<'_> {
    /// Whether it holds flows from a source in either network, whatever their transport.
    pub(crate) fn holds(
        &self,
        senders: [Sender; 2],
        source: Address,
        destination: Address,
    ) -> bool {
        let family = destination.family();
        let mut sides = self.scopes.iter().zip(self.asked).zip(senders);
        sides.any(|((scope, asked), sender)| {
            sends(scope, sender, source)
                && asked.families.contains(&family)
                && scope.held(sender, source, destination).is_some()
        })
    }

    /// Whether it holds requests that relays have handed on, by how each network receives them
    /// (`semantics/scope.md`, *relayed flows*): at the sender's own addresses too.
    pub(crate) fn holds_received(
        &self,
        senders: [Sender; 2],
        source: Address,
        received: [Option<(Packet, Arrived)>; 2],
    ) -> bool {
        let mut sides = self
            .scopes
            .iter()
            .zip(self.asked)
            .zip(senders)
            .zip(received);
        sides.any(|(((scope, asked), sender), received)| {
            let Some((packet, arrived)) = received else {
                return false;
            };
            let mut classes = asked.traffic.classes.iter();
            sends(scope, sender, source)
                && asked.families.contains(&packet.family())
                && classes.any(|class| Knock::is_received_in(packet.transport(), class))
                && scope.is_received(packet.destination(), arrived)
        })
    }

    /// Whether it holds flows from a source in either network, whatever they are sent to.
    pub(crate) fn has_source(&self, senders: [Sender; 2], source: Address) -> bool {
        let mut sides = self.scopes.iter().zip(senders);
        sides.any(|(scope, sender)| sends(scope, sender, source))
    }

    pub(crate) fn is_of_traffic(&self, transport: Transport) -> bool {
        let mut classes = self.classes();
        classes.any(|class| is_in(class, transport))
    }

    pub(crate) fn classes(&self) -> impl Iterator<Item = &TrafficClass> {
        let classes = self.asked.iter().map(|scope| &scope.traffic.classes);
        classes.flatten()
    }

    /// Whether an interface is among its senders, in each network.
    pub(crate) fn has_sender(&self, senders: [Option<InterfaceIndex>; 2]) -> [bool; 2] {
        let [one, other] = &self.scopes;
        let [before, after] = senders;
        let among = |scope: &Scope<'_>, sender: Option<InterfaceIndex>| {
            sender.is_some_and(|sender| scope.interfaces.contains(&sender))
        };
        [among(one, before), among(other, after)]
    }
}

fn sends(scope: &Scope<'_>, sender: Sender, source: Address) -> bool {
    match sender {
        Sender::Interface(index) => scope.interfaces.contains(&index),
        Sender::Internet | Sender::OnPremises(_) => scope.sends_from(sender, source),
        Sender::Nobody => false,
    }
}
