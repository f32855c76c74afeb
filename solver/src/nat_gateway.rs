//! NAT gateways (page nat_gateway).

use std::sync::Arc;

use model::{Clause, Family, NatGatewayId, Target, VpcEndpointId};

use crate::encoder::{Encoder, Slots};
use crate::forward::onward;
use crate::hole::unsettled;
use crate::nat64;
use crate::network_acl::{self, Bound};
use crate::network_interface::Who;
use crate::symbolic::{Formula, ICMP, Packet};
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

    // The source port that it chooses is looked at only on the way back.
    let Some(source) = encoder.first_address(Family::V4, &nat.interface) else {
        return;
    };
    steps.way.devices.push(Device::NatGateway(id.clone()));
    match encoder.family {
        // `nat-gateway-translates`.
        Family::V4 => {
            steps.way.packet.source = source;
            onward(encoder, steps, &stands);
        }
        // `nat-gateway-nat64`.
        Family::V6 => {
            let packet = nat64::translated(&packet, source);
            steps.destinations = nat64::all_embedded(&steps.destinations);
            steps.way.packet = packet.clone();
            encoder.on_leg(&packet, |encoder| onward(encoder, steps, &stands));
        }
    }
}

/// `nat-gateway-protocol`.
fn protocol(encoder: &Encoder, steps: &mut Steps) {
    let Packet {
        destination,
        transport,
        ..
    } = &steps.way.packet;
    let carried = match encoder.family {
        Family::V4 => transport.has_ports() | transport.is_protocol(ICMP),
        Family::V6 if nat64::addresses().and(&steps.destinations).is_empty() => Formula::FALSE,
        Family::V6 => nat64::holds(destination) & nat64::carries(transport),
    };
    steps.drop(Clause::NatGatewayProtocol, !carried);
}

/// `nat-gateway-address`, for what has come to this target from a NAT gateway's own subnet, or to something in it.
pub(crate) fn address(encoder: &Encoder, steps: &mut Steps, target: Option<&Target>) {
    let Some(Device::NatGateway(id)) = steps.way.devices.last() else {
        return;
    };
    let Some(nat) = encoder.network.nat_gateways().get(id) else {
        return;
    };
    let count = |slots: &Slots| slots.get(&nat.interface).map_or(0, Vec::len);
    let (all, public) = (count(&encoder.private), count(&encoder.public));
    let leaves = matches!(target, Some(Target::InternetGateway(_)));
    let alike = public == 0 || public == all;
    if all > 1 {
        let matters = if leaves && alike {
            // What comes back in is judged by the public address that it went out with.
            encoder.of_network(&steps.way.packet.destination)
        } else {
            Formula::TRUE
        };
        let clause = Clause::NatGatewayAddress;
        let hole = unsettled(clause, &format!("NAT gateway {id}"));
        steps.end(clause, hole, matters);
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
