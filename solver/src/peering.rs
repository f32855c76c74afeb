//! VPC peering (page peering).

use std::sync::Arc;

use model::{Clause, ComponentId, NatGatewayId, PeeringEnd, PeeringId, VpcId};

use crate::encoder::Encoder;
use crate::forward::{Arriving, arrive};
use crate::hole::unsettled;
use crate::security_group::Entered;
use crate::symbolic::{Formula, Packet};
use crate::walk::Steps;

/// A peering as the target of a route, for a packet from this VPC.
pub(crate) fn target(
    encoder: &mut Encoder,
    steps: &mut Steps,
    vpc: &VpcId,
    id: &PeeringId,
    packet: &Packet,
    nat: Option<&NatGatewayId>,
) {
    let network = Arc::clone(&encoder.network);
    let Some(peering) = network.peerings().get(id) else {
        return;
    };
    let inactive = Formula::Constant(!peering.active);
    steps.drop(Clause::PeeringActive, inactive);
    steps.way.push(ComponentId::Peering(id.clone()));
    let source = encoder.of_vpc(vpc, &packet.source);
    steps.drop(Clause::PeeringAddresses, !source);

    let own = PeeringEnd::Vpc(vpc.clone());
    let ends = [&peering.requester, &peering.accepter];
    match ends.into_iter().find(|end| **end != own) {
        Some(PeeringEnd::Vpc(other)) => {
            let destination = encoder.of_vpc(other, &packet.destination);
            steps.drop(Clause::PeeringAddresses, !destination);
            let arriving = Arriving {
                vpc: other.clone(),
                entered: Entered::Peering(id.clone()),
                packet: packet.clone(),
                nat: nat.cloned(),
            };
            arrive(encoder, steps, &arriving);
        }
        Some(PeeringEnd::Outside(name)) => {
            let hole = unsettled(Clause::PeeringOutside, &format!("VPC {name}"));
            steps.end(Clause::PeeringOutside, hole, Formula::TRUE);
        }
        // A valid peering joins two different VPCs.
        None => {}
    }
}
