//! VPC endpoints (page vpc_endpoint).

use model::{
    Clause, EndpointKind, NetworkInterfaceId, PrefixListId, SubnetId, VpcEndpoint, VpcEndpointId,
    VpcId,
};

use crate::encoder::Encoder;
use crate::nat_gateway;
use crate::network_interface::Who;
use crate::symbolic::{Formula, ICMP, ICMPV6, TCP, Transport};
use crate::walk::{Exit, Place, Steps};

/// A gateway endpoint as the target of a route.
pub(crate) fn gateway(encoder: &Encoder, steps: &mut Steps, vpc: &VpcId, id: &VpcEndpointId) {
    nat_gateway::to_endpoint(steps, id);
    let packet = steps.way.packet.clone();
    let endpoint = encoder.network.vpc_endpoints().get(id);
    let available = endpoint.is_some_and(|endpoint| endpoint.available);
    steps.drop(
        Clause::GatewayEndpointAvailable,
        Formula::Constant(!available),
    );
    let own = encoder.of_vpc(vpc, &packet.source);
    steps.drop(Clause::GatewayEndpointOwnVpc, !own);
    let carried = packet.transport.is_protocol(TCP) | is_echo_request(&packet.transport);
    steps.drop(Clause::GatewayEndpointProtocol, !carried);
    let place = Place::GatewayEndpoint(id.clone());
    steps.leave(
        Clause::GatewayEndpointDelivers,
        place,
        Exit::GatewayEndpoint(id.clone()),
    );
}

fn is_echo_request(transport: &Transport) -> Formula {
    let of =
        |protocol, icmp_type| transport.is_protocol(protocol) & transport.icmp_type.is(icmp_type);
    (of(ICMP, 8) | of(ICMPV6, 128)) & transport.code.is(0)
}

/// `interface-endpoint-consumer-initiated`.
pub(crate) fn begins_nothing(encoder: &Encoder, steps: &mut Steps, sender: &Who) {
    let within = encoder.index.vpcs.get(sender.vpc());
    let endpoints = within.into_iter().flat_map(|vpc| &vpc.of_endpoints);
    let endpoint = encoder.among(sender, endpoints);
    steps.drop(Clause::InterfaceEndpointConsumerInitiated, endpoint);
}

/// `interface-endpoint-available`, then `interface-endpoint-protocol`.
pub(crate) fn takes(encoder: &Encoder, steps: &mut Steps, receiver: &Who, transport: &Transport) {
    let endpoints = encoder.network.vpc_endpoints().values();
    let here = endpoints.filter(|endpoint| endpoint.vpc == *receiver.vpc());
    let (available, others): (Vec<_>, Vec<_>) = here.partition(|endpoint| endpoint.available);
    let among = |endpoints: &[&VpcEndpoint]| {
        let interfaces = endpoints.iter().flat_map(|endpoint| interfaces(endpoint));
        encoder.among(receiver, interfaces)
    };
    steps.drop(Clause::InterfaceEndpointAvailable, among(&others));
    let carried = transport.has_ports();
    steps.drop(
        Clause::InterfaceEndpointProtocol,
        among(&available) & !carried,
    );
}

/// The interfaces of an interface endpoint; none of any other.
pub(crate) fn interfaces(
    endpoint: &VpcEndpoint,
) -> impl Iterator<Item = &NetworkInterfaceId> + use<'_> {
    let interfaces = match &endpoint.kind {
        EndpointKind::Interface { interfaces, .. } => Some(interfaces),
        EndpointKind::Gateway { .. }
        | EndpointKind::GatewayLoadBalancer { .. }
        | EndpointKind::Unmodelled(_) => None,
    };
    interfaces.into_iter().flatten()
}

/// The prefix lists of a gateway endpoint; none of any other.
pub(crate) fn prefix_lists<'a>(
    encoder: &'a Encoder,
    id: &VpcEndpointId,
) -> impl Iterator<Item = &'a PrefixListId> + use<'a> {
    let endpoint = encoder.network.vpc_endpoints().get(id);
    let lists = endpoint.and_then(|endpoint| match &endpoint.kind {
        EndpointKind::Gateway { prefix_lists } => Some(prefix_lists),
        EndpointKind::Interface { .. }
        | EndpointKind::GatewayLoadBalancer { .. }
        | EndpointKind::Unmodelled(_) => None,
    });
    lists.into_iter().flatten()
}

/// The subnet in which a Gateway Load Balancer endpoint stands; none of any other.
pub(crate) fn stands_in<'a>(encoder: &'a Encoder, id: &VpcEndpointId) -> Option<&'a SubnetId> {
    match &encoder.network.vpc_endpoints().get(id)?.kind {
        EndpointKind::GatewayLoadBalancer { subnet, .. } => Some(subnet),
        EndpointKind::Gateway { .. }
        | EndpointKind::Interface { .. }
        | EndpointKind::Unmodelled(_) => None,
    }
}
