//! VPC peering (page peering).

use std::sync::Arc;

use model::{Clause, PeeringEnd, PeeringId, VpcId};

use crate::encoder::Encoder;
use crate::forward::arrive;
use crate::hole::unsettled;
use crate::security_group::Entered;
use crate::symbolic::Formula;
use crate::walk::{Device, Steps};

/// A peering as the target of a route, for a packet from this VPC.
pub(crate) fn target(encoder: &mut Encoder, steps: &mut Steps, vpc: &VpcId, id: &PeeringId) {
    let packet = steps.way.packet.clone();
    let network = Arc::clone(&encoder.network);
    let Some(peering) = network.peerings().get(id) else {
        return;
    };
    // Behind it the packet stands nowhere, so none comes to it twice.
    steps.come_to(&format!("peering {id}"), |_| false);
    let inactive = Formula::Constant(!peering.active);
    steps.drop(Clause::PeeringActive, inactive);
    let source = encoder.of_vpc(vpc, &packet.source);
    steps.drop(Clause::PeeringAddresses, !source);

    let own = PeeringEnd::Vpc(vpc.clone());
    let ends = [&peering.requester, &peering.accepter];
    match ends.into_iter().find(|end| **end != own) {
        Some(PeeringEnd::Vpc(other)) => {
            let destination = encoder.of_vpc(other, &packet.destination);
            steps.drop(Clause::PeeringAddresses, !destination);
            steps.way.devices.push(Device::Peering(id.clone()));
            arrive(encoder, steps, other, &Entered::Peering(id.clone()));
        }
        Some(PeeringEnd::Outside(name)) => {
            let hole = unsettled(Clause::PeeringOutside, &format!("VPC {name}"));
            steps.end(Clause::PeeringOutside, hole, Formula::TRUE);
        }
        // A valid peering joins two different VPCs.
        None => {}
    }
}

/// Whether a peering leads from one VPC to another.
pub(crate) fn leads_to(encoder: &Encoder, id: &PeeringId, from: &VpcId, to: &VpcId) -> bool {
    let peering = encoder.network.peerings().get(id);
    peering.is_some_and(|peering| {
        let ends = [&peering.requester, &peering.accepter];
        let has = |vpc: &VpcId| ends.contains(&&PeeringEnd::Vpc(vpc.clone()));
        from != to && has(from) && has(to)
    })
}
