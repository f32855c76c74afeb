//! NAT gateways (page nat_gateway).

use std::sync::Arc;

use model::{Clause, ComponentId, Family, NatGatewayId, Target};

use crate::encoder::Encoder;
use crate::forward::{Arriving, arrive};
use crate::gateway;
use crate::hole::unsettled;
use crate::network_acl::{self, Bound};
use crate::network_interface::Who;
use crate::peering;
use crate::route_table;
use crate::security_group::Entered;
use crate::symbolic::{Formula, ICMP, Number, Packet};
use crate::walk::Steps;

/// A NAT gateway as the target of a route.
pub(crate) fn target(encoder: &mut Encoder, steps: &mut Steps, sender: &Who, id: &NatGatewayId) {
    let packet = encoder.packet.clone();
    let network = Arc::clone(&encoder.network);
    let Some((nat, stands)) = network
        .nat_gateways()
        .get(id)
        .and_then(|nat| Some((nat, Who::pinned(encoder, &nat.interface)?)))
    else {
        return;
    };
    let clause = Clause::NatGatewayAvailable;
    steps.drop(clause, Formula::Constant(!nat.available));
    steps.way.push(ComponentId::NatGateway(id.clone()));
    protocol(encoder, steps);
    let source = encoder.of_vpc(stands.vpc(), &packet.source);
    steps.drop(Clause::NatGatewaySource, !source);

    let other_subnet = !encoder.in_subnets(sender, &[nat.subnet.clone()].into());
    let (far, transport) = (&packet.source, &packet.transport);
    let ingress = network_acl::step(encoder, &stands, Bound::In, far, transport);
    steps.filter(Clause::NetworkAclIngress, &other_subnet, ingress);

    let Some(translated) = translated(encoder, id) else {
        return;
    };
    let (far, transport) = (&translated.destination, &translated.transport);
    let egress = network_acl::step(encoder, &stands, Bound::Out, far, transport);
    steps.filter(Clause::NetworkAclEgress, &Formula::TRUE, egress);
    let choice = route_table::choose(encoder, &stands, &translated.destination);
    steps.choose(&choice);
    for (target, chosen) in &choice.to {
        let mut branch = steps.branch(chosen);
        onward(encoder, &mut branch, &stands, id, &translated, target);
        steps.join(branch);
    }
}

/// `nat-gateway-protocol`.
fn protocol(encoder: &Encoder, steps: &mut Steps) {
    let packet = &encoder.packet;
    let clause = Clause::NatGatewayProtocol;
    match encoder.family {
        Family::V4 => {
            let icmp = packet.transport.is_protocol(ICMP);
            steps.drop(clause, !(packet.transport.has_ports() | icmp));
        }
        Family::V6 => {
            let nat64 = packet.destination.starts_with(0x0064_ff9b << 96, 96);
            let hole = unsettled(Clause::TargetUnmodelled, "NAT64");
            steps.end(Clause::TargetUnmodelled, hole, nat64);
            steps.drop(clause, Formula::TRUE);
        }
    }
}

/// The target of the route that was chosen in the NAT gateway's own subnet.
fn onward(
    encoder: &mut Encoder,
    steps: &mut Steps,
    stands: &Who,
    id: &NatGatewayId,
    packet: &Packet,
    target: &Target,
) {
    let vpc = stands.vpc();
    match target {
        Target::Local => {
            let arriving = Arriving {
                vpc: vpc.clone(),
                entered: Entered::Local,
                packet: packet.clone(),
                nat: Some(id.clone()),
            };
            arrive(encoder, steps, &arriving);
        }
        Target::InternetGateway(gateway) => {
            gateway::internet(encoder, steps, stands, gateway, &packet.source, Some(id));
        }
        Target::EgressOnlyInternetGateway(gateway) => {
            gateway::egress_only(encoder, steps, stands, gateway, &packet.source);
        }
        Target::Peering(peering) => {
            peering::target(encoder, steps, vpc, peering, packet, Some(id));
        }
        Target::NatGateway(other) => {
            let itself = Formula::Constant(other == id);
            steps.drop(Clause::NatGatewayChain, itself);
            let hole = unsettled(Clause::NatGatewayChain, &format!("NAT gateway {other}"));
            steps.end(Clause::NatGatewayChain, hole, Formula::TRUE);
        }
        Target::GatewayEndpoint(endpoint) => {
            let clause = Clause::NatGatewayToEndpoint;
            let hole = unsettled(clause, &format!("endpoint {endpoint}"));
            steps.end(clause, hole, Formula::TRUE);
        }
        // Route choice has ended these walks already.
        Target::Unmodelled { .. } => {}
    }
}

/// `nat-gateway-translates`. The source port that it chooses is looked at only on the way back.
fn translated(encoder: &Encoder, id: &NatGatewayId) -> Option<Packet> {
    Some(Packet {
        source: own_address(encoder, id)?,
        ..encoder.packet.clone()
    })
}

/// The first IPv4 address of a NAT gateway's interface.
fn own_address(encoder: &Encoder, id: &NatGatewayId) -> Option<Number> {
    let nat = encoder.network.nat_gateways().get(id)?;
    let slots = encoder.private.get(&nat.interface)?;
    slots.first().map(|(_, address)| address.clone())
}
