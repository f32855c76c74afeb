//! Gateway Load Balancer endpoints (page gateway_load_balancer).

use std::sync::Arc;

use model::{Clause, EndpointKind, Family, Middlebox, VpcEndpointId};

use crate::encoder::Encoder;
use crate::forward::onward;
use crate::hole::unsettled;
use crate::network_acl::{self, Bound};
use crate::network_interface::Who;
use crate::symbolic::Formula;
use crate::walk::{Device, Steps};

/// An endpoint as the target of a route.
pub(crate) fn target(encoder: &mut Encoder, steps: &mut Steps, id: &VpcEndpointId) {
    let network = Arc::clone(&encoder.network);
    let Some(endpoint) = network.vpc_endpoints().get(id) else {
        return;
    };
    let (subnet, middlebox) = match &endpoint.kind {
        EndpointKind::GatewayLoadBalancer { subnet, middlebox } => (subnet, *middlebox),
        // No valid route names another kind as this target.
        EndpointKind::Gateway { .. }
        | EndpointKind::Interface { .. }
        | EndpointKind::Unmodelled(_) => return,
    };
    let Some(stands) = Who::standing(encoder, subnet) else {
        return;
    };
    steps.come_to(
        &format!("endpoint {id}"),
        |device| matches!(device, Device::GatewayLoadBalancerEndpoint(passed) if passed == id),
    );
    steps.drop(
        Clause::GatewayLoadBalancerEndpointAvailable,
        Formula::Constant(!endpoint.available),
    );
    if steps.is_over() {
        return;
    }

    let packet = steps.way.packet.clone();
    let (far, transport) = (&packet.source, &packet.transport);
    let ingress = network_acl::step(encoder, &stands, Bound::In, far, transport);
    steps.filter(Clause::NetworkAclIngress, &Formula::TRUE, ingress);
    inspects(steps, id, middlebox);
    let device = Device::GatewayLoadBalancerEndpoint(id.clone());
    steps.way.devices.push(device);
    onward(encoder, steps, &stands);
}

/// `gateway-load-balancer-endpoint-inspects`.
fn inspects(steps: &mut Steps, id: &VpcEndpointId, middlebox: Middlebox) {
    let clause = Clause::GatewayLoadBalancerEndpointInspects;
    match middlebox {
        Middlebox::Forwards => {}
        Middlebox::Inspects | Middlebox::Unknown => {
            let hole = unsettled(clause, &format!("endpoint {id}"));
            steps.doubt(clause, hole, Formula::TRUE);
        }
    }
}

/// `gateway-load-balancer-endpoint-egress-only`, at an egress-only internet gateway.
pub(crate) fn egress_only(encoder: &Encoder, steps: &mut Steps) {
    let lost = encoder.family == Family::V6 && steps.way.is_inspected();
    steps.drop(
        Clause::GatewayLoadBalancerEndpointEgressOnly,
        Formula::Constant(lost),
    );
}
