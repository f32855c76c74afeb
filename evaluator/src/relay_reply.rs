//! The walk back at relays: from one leg to the leg before (`semantics/load_balancer.md`).

use std::ops::ControlFlow;

use model::Clause;

use crate::index::InterfaceIndex;
use crate::leg::Begin;
use crate::network_acl::Side;
use crate::reply::{Reply, reply_to};
use crate::walk::{Component, Ending, Recorder};

impl<R: Recorder> Reply<'_, R> {
    /// Whether a reply that is back at the sender of its leg is at a relay.
    pub(crate) fn is_at_relay(&self) -> bool {
        !self.earlier.is_empty()
    }

    /// A relay answers what it had received on the leg before.
    pub(crate) fn relay_returns(&mut self) -> ControlFlow<Ending> {
        match self.leg.begin {
            Begin::Translated(index) | Begin::Preserved(index) => {
                let component = Component::LoadBalancer(index);
                self.walk.pass(component, None, Clause::LoadBalancerReturns);
            }
            Begin::Service(index) => {
                let component = Component::EndpointService(index);
                self.walk
                    .pass(component, None, Clause::EndpointServiceHandsOn);
            }
            Begin::Sender => {}
        }
        let Some((leg, earlier)) = self.earlier.split_last() else {
            return ControlFlow::Continue(());
        };
        (self.leg, self.earlier, self.way) = (leg, earlier, leg.way);
        self.walk.packet = reply_to(leg.received);
        // A relay has received what it handed on.
        leg.arrived
            .map_or(ControlFlow::Continue(()), |arrived| self.from(arrived))
    }

    /// From a target that saw its client's address: the reply comes back to the node by itself
    /// (`load-balancer-returns`).
    pub(crate) fn preserved_replies(&mut self, index: InterfaceIndex) -> ControlFlow<Ending> {
        let network = self.walk.network;
        let component = Component::Interface(index);
        self.walk
            .pass(component, None, Clause::SecurityGroupStateful);
        let node = self.sender()?;
        let (target, place) = (
            network.interfaces[index].subnet,
            network.interfaces[node].subnet,
        );
        if target != place {
            self.network_acl(target, Side::Out)?;
            self.network_acl(place, Side::In)?;
        }
        ControlFlow::Continue(())
    }
}
