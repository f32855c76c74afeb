//! The *legs* of a request: between its sender, the relays that hand it on, and its last receiver
//! (`semantics/load_balancer.md`).

use std::ops::ControlFlow;

use model::{Address, Clause, Family, MOST_PICKS, Packet, Transport};

use crate::compiled::Compiled;
use crate::forward::{Arrived, CameIn, Forward, Sender};
use crate::index::{EndpointServiceIndex, HoleIndex, InterfaceIndex, LoadBalancerIndex};
use crate::network_interface::Role;
use crate::walk::{About, Component, End, Ending, Recorder};
use crate::way::Way;

/// How a leg begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Begin {
    /// With the flow's sender.
    Sender,
    /// A node sends from an address of its own.
    Translated(LoadBalancerIndex),
    /// A node sends from its client's address.
    Preserved(LoadBalancerIndex),
    /// An endpoint service carries it from an endpoint's interface to a node.
    Service(EndpointServiceIndex),
    /// It comes back from the internet (`internet-gateway-hairpin`).
    Internet,
}

/// A leg.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Leg {
    pub(crate) begin: Begin,
    /// Who sends on it; behind a relay its interface, and behind a gateway the internet.
    pub(crate) sender: Sender,
    pub(crate) sent: Packet,
    /// The packet as its receiver sees it.
    pub(crate) received: Packet,
    /// Where it is, unless it was dropped or a step that ended the walk left that open.
    pub(crate) arrived: Option<Arrived>,
    /// The devices that it has passed.
    pub(crate) way: Way,
    /// The gateway of a VPC by which it came in from outside.
    pub(crate) came_in: Option<CameIn>,
}

impl Leg {
    /// Whether a relay ends it, and no gateway.
    pub(crate) const fn is_to_relay(&self) -> bool {
        !matches!(self.arrived, Some(Arrived::Internet(_)))
    }

    /// Whether NAT64 translated the packet on it; NAT gateways carry no other one of IPv6.
    pub(crate) fn is_translated(&self) -> bool {
        self.sent.family() == Family::V6 && self.way.nat_gateway().is_some()
    }
}

/// How many relays have handed on, of legs that are behind.
pub(crate) fn n_relays(earlier: &[Leg]) -> usize {
    earlier.iter().filter(|leg| leg.is_to_relay()).count()
}

impl Compiled {
    /// Whether an interface is a *relay*.
    #[inline]
    pub(crate) fn is_relay(&self, index: InterfaceIndex) -> bool {
        match self.interfaces[index].role {
            Role::LoadBalancer(_) => true,
            Role::Endpoint(endpoint) => self.endpoints[endpoint].service.is_some(),
            Role::Ordinary | Role::NatGateway(_) | Role::ClientVpn(_) => false,
        }
    }

    /// Who chose the client's port of a packet on a leg behind a way, if not the client: the
    /// clause and the hole of that (`nat-gateway-source-port`, `load-balancer-source-port`).
    #[inline]
    pub(crate) fn chosen_port(
        &self,
        earlier: &[Leg],
        begin: Begin,
        way: &Way,
    ) -> Option<(Clause, HoleIndex)> {
        if let Some(nat) = way.nat_gateway() {
            let hole = self.nat_gateways[nat].source_port;
            return Some((Clause::NatGatewaySourcePort, hole));
        }
        match begin {
            Begin::Sender => None,
            Begin::Translated(index) => {
                let hole = self.load_balancers[index].source_port;
                Some((Clause::LoadBalancerSourcePort, hole))
            }
            Begin::Preserved(_) | Begin::Service(_) | Begin::Internet => {
                let (before, earlier) = earlier.split_last()?;
                self.chosen_port(earlier, before.begin, &before.way)
            }
        }
    }
}

impl<R: Recorder> Forward<'_, R> {
    /// The leg as far as it has come.
    pub(crate) fn leg(&self) -> Leg {
        Leg {
            begin: self.begin,
            sender: self.sender,
            sent: self.sent,
            received: self.walk.packet,
            arrived: self.arrived,
            way: self.way,
            came_in: self.came_in,
        }
    }

    /// Whether an interface that the packet is delivered at hands it on, or would beyond the
    /// limit.
    #[inline]
    pub(crate) fn is_handed_on(&self, index: InterfaceIndex) -> bool {
        let n_taken = n_relays(&self.earlier);
        let goes_on = n_taken < self.picks.len() || n_taken >= MOST_PICKS;
        goes_on && self.is_carried_on() && self.walk.network.is_relay(index)
    }

    /// Whether relays hand such packets on; a ping an Application Load Balancer keeps to itself.
    const fn is_carried_on(&self) -> bool {
        match self.walk.packet.transport() {
            Transport::Tcp { .. } | Transport::Udp { .. } => true,
            Transport::Icmp { .. } | Transport::Icmpv6 { .. } | Transport::Other(_) => false,
        }
    }

    /// The relay at which a leg has ended that hands the packet on.
    #[inline]
    pub(crate) fn relay(&self, ending: Ending) -> Option<InterfaceIndex> {
        match (ending.end, self.arrived) {
            (End::Delivered, Some(Arrived::Interface(index, _))) => {
                Some(index).filter(|index| self.is_handed_on(*index))
            }
            _ => None,
        }
    }

    /// A relay hands the packet on.
    pub(crate) fn hand_on(&mut self, relay: InterfaceIndex) -> ControlFlow<Ending> {
        let network = self.walk.network;
        let n_taken = n_relays(&self.earlier);
        self.end_leg(Sender::Interface(relay));
        let pick = self.picks.get(n_taken).filter(|_| n_taken < MOST_PICKS);
        let component = Component::Interface(relay);
        let Some(pick) = pick else {
            let hole = network.relay_limit;
            let clause = Clause::LoadBalancerLimit;
            return self.walk.end_open(component, None, clause, hole);
        };
        match network.interfaces[relay].role {
            Role::LoadBalancer(index) => self.node_hands_on(index, relay, *pick),
            Role::Endpoint(endpoint) => match network.endpoints[endpoint].service {
                Some(service) => self.endpoint_hands_on(service, relay, *pick),
                None => ControlFlow::Continue(()),
            },
            // No other interface is a relay.
            Role::Ordinary | Role::NatGateway(_) | Role::ClientVpn(_) => ControlFlow::Continue(()),
        }
    }

    /// The leg is behind, and somebody sends on another one.
    pub(crate) fn end_leg(&mut self, sender: Sender) {
        self.earlier.push(self.leg());
        (self.arrived, self.came_in) = (None, None);
        self.way = Way::default();
        self.sender = sender;
    }

    /// The packet that is sent on a new leg.
    pub(crate) fn begin(
        &mut self,
        begin: Begin,
        source: Address,
        destination: Address,
        transport: Transport,
    ) {
        self.begin = begin;
        // What packets on several legs have in common is not followed.
        self.walk.recorder.asked(About::Itself, |_| false);
        self.walk.set(source, destination, transport);
        self.sent = self.walk.packet;
    }

    /// Whether the packet that a relay hands on came to it by an endpoint service.
    pub(crate) fn came_by_service(&self) -> bool {
        let last = self.earlier.last();
        last.is_some_and(|leg| matches!(leg.begin, Begin::Service(_)))
    }
}
