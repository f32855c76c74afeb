//! NAT gateways (page nat_gateway).

use std::sync::Arc;

use model::{Clause, Family, NatGatewayId, VpcEndpointId};

use crate::encoder::Encoder;
use crate::forward::onward;
use crate::hole::unsettled;
use crate::network_acl::{self, Bound};
use crate::network_interface::Who;
use crate::symbolic::{Formula, ICMP, Number};
use crate::walk::{Device, Steps};

/// A NAT gateway as the target of a route.
pub(crate) fn target(encoder: &mut Encoder, steps: &mut Steps, from: &Who, id: &NatGatewayId) {
    let packet = steps.way.packet.clone();
    let network = Arc::clone(&encoder.network);
    let Some((nat, stands)) = network
        .nat_gateways()
        .get(id)
        .and_then(|nat| Some((nat, Who::standing(encoder, &nat.subnet)?)))
    else {
        return;
    };
    chain(steps, id);
    // No second one gets on the way, so none is on it twice.
    steps.come_to(&format!("NAT gateway {id}"), |_| false);
    let clause = Clause::NatGatewayAvailable;
    steps.drop(clause, Formula::Constant(!nat.available));
    protocol(encoder, steps);
    let source = encoder.of_vpc(stands.vpc(), &packet.source);
    let anywhere = Formula::Constant(steps.way.has_transit_gateway());
    steps.drop(Clause::NatGatewaySource, !(source | anywhere));

    let other_subnet = !encoder.in_subnets(from, &[nat.subnet.clone()].into());
    let (far, transport) = (&packet.source, &packet.transport);
    let ingress = network_acl::step(encoder, &stands, Bound::In, far, transport);
    steps.filter(Clause::NetworkAclIngress, &other_subnet, ingress);

    // `nat-gateway-translates`. The source port that it chooses is looked at only on the way back.
    let Some(source) = own_address(encoder, id) else {
        return;
    };
    steps.way.packet.source = source;
    steps.way.devices.push(Device::NatGateway(id.clone()));
    onward(encoder, steps, &stands);
}

/// `nat-gateway-protocol`.
fn protocol(encoder: &Encoder, steps: &mut Steps) {
    let packet = steps.way.packet.clone();
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

/// `nat-gateway-chain`: a route to a NAT gateway, for what one has sent.
fn chain(steps: &mut Steps, id: &NatGatewayId) {
    let Some(passed) = steps.way.nat_gateway().cloned() else {
        return;
    };
    let clause = Clause::NatGatewayChain;
    steps.drop(clause, Formula::Constant(passed == *id));
    let hole = unsettled(clause, &format!("NAT gateway {id}"));
    steps.end(clause, hole, Formula::TRUE);
}

/// `nat-gateway-to-endpoint`.
pub(crate) fn to_endpoint(steps: &mut Steps, endpoint: &VpcEndpointId) {
    let clause = Clause::NatGatewayToEndpoint;
    let passed = steps.way.nat_gateway().is_some();
    let hole = unsettled(clause, &format!("endpoint {endpoint}"));
    steps.end(clause, hole, Formula::Constant(passed));
}

/// The first IPv4 address of a NAT gateway's interface.
fn own_address(encoder: &Encoder, id: &NatGatewayId) -> Option<Number> {
    let nat = encoder.network.nat_gateways().get(id)?;
    let slots = encoder.private.get(&nat.interface)?;
    slots.first().map(|(_, address)| address.clone())
}
