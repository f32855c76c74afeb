//! The walk back over transit gateways (`semantics/transit_gateway.md`, *back*).

use std::ops::ControlFlow;

use crate::forward::Sender;
use crate::index::SubnetIndex;
use crate::nat_gateway::SOURCE_PORTS;
use crate::network_acl::Side;
use crate::reply::Reply;
use crate::transit_gateway::Attached;
use crate::walk::{Component, Ending, Recorder};
use crate::way::{Device, Passage};

impl<R: Recorder> Reply<'_, R> {
    /// *Back* over transit gateways, from a subnet whose route led there, or from on premises
    /// (`None`).
    pub(crate) fn back_over_transit(
        &mut self,
        last: Passage,
        place: Option<SubnetIndex>,
    ) -> ControlFlow<Ending> {
        let network = self.walk.network;
        let mut entry = None;
        if let Some(place) = place {
            let subnet = self.walk.enter_transit(last.left, place)?;
            self.network_acl(subnet, Side::In)?;
            entry = Some(subnet);
        }
        let mut passage = last;
        loop {
            self.way.pop();
            let destination = self.walk.packet.destination();
            let chosen = self.walk.transit_route(passage.left, destination)?;
            if chosen != passage.entered {
                return self.asymmetric(Component::Attachment(passage.left));
            }
            // Over a peering the request came from another gateway, the device before.
            match (&network.attachments[chosen].attached, self.way.last()) {
                (Attached::Peering(_), Some(Device::TransitGateway(before))) => {
                    (passage, entry) = (before, None);
                }
                // It came in by this attachment.
                (Attached::OnPremises(_), _) => return ControlFlow::Continue(()),
                _ => break,
            }
        }
        let entered = passage.entered;
        let attachment = &network.attachments[entered];
        let out = match passage.subnet {
            Some(subnet) if attachment.appliance_mode() => {
                if attachment.is_beside_another() {
                    return self.asymmetric(Component::Attachment(entered));
                }
                subnet
            }
            Some(_) | None => {
                let chosen = network.chosen_port(self.earlier, self.leg.begin, &self.way);
                let ports = chosen.is_some().then_some(&SOURCE_PORTS);
                self.walk.leave_transit(entered, entry, ports)?
            }
        };
        self.out_of_transit(out)
    }

    /// Where a reply is that came out of a transit gateway.
    fn out_of_transit(&mut self, place: SubnetIndex) -> ControlFlow<Ending> {
        let network = self.walk.network;
        match self.way.last() {
            None => match self.leg.sender {
                Sender::Interface(index) if network.interfaces[index].subnet == place => {
                    self.home()
                }
                Sender::Interface(_)
                | Sender::Internet
                | Sender::OnPremises(_)
                | Sender::Nobody => self.back_from(place),
            },
            Some(Device::NatGateway(nat)) if network.nat_gateways[nat].subnet == place => {
                self.way.pop();
                self.back_through_nat(nat)
            }
            Some(_) => self.back_from(place),
        }
    }
}
