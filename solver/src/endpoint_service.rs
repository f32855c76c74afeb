//! Endpoint services: load balancers offered to other VPCs (page endpoint_service).

use std::rc::Rc;
use std::sync::Arc;

use model::{
    Clause, ComponentId, EndpointService, EndpointServiceId, Hole, LoadBalancer, Network,
    NetworkInterfaceId, VpcEndpointId,
};

use crate::encoder::Encoder;
use crate::forward::accepted;
use crate::hole::unsettled;
use crate::leg::{SentBy, Start};
use crate::load_balancer::{self, Relay};
use crate::network_acl::Bound;
use crate::network_interface::Who;
use crate::security_group::{self, Entered};
use crate::symbolic::{Formula, Number, Packet};
use crate::transit_gateway_zone::in_one_zone;
use crate::vpc_endpoint;
use crate::walk::{Back, Endings, Steps};

/// The interfaces of endpoints for services with load balancers.
pub(crate) fn relays(
    network: &Network,
) -> impl Iterator<Item = (NetworkInterfaceId, Relay)> + use<'_> {
    network.vpc_endpoints().values().flat_map(|endpoint| {
        let mut services = network.endpoint_services().values();
        let service = services
            .find(|service| service.name == endpoint.service && !service.load_balancers.is_empty());
        service.into_iter().flat_map(|service| {
            let relay = Relay::Endpoint(service.id.clone());
            vpc_endpoint::interfaces(endpoint).map(move |id| (id.clone(), relay.clone()))
        })
    })
}

/// A node of a service's load balancer.
struct Candidate<'a> {
    node: &'a NetworkInterfaceId,
    load_balancer: &'a LoadBalancer,
    address: Number,
    /// Whether it is in the endpoint's zone, where that is not known.
    zone: Option<Hole>,
}

/// An interface of an endpoint hands on: `endpoint-service-zone`, `endpoint-service-hands-on`.
pub(crate) fn hand_on(
    encoder: &mut Encoder,
    steps: &mut Steps,
    (interface, service): (&NetworkInterfaceId, &EndpointServiceId),
    pick: &Number,
    back: &Back,
) {
    let network = Arc::clone(&encoder.network);
    let Some((service, endpoint)) = network
        .endpoint_services()
        .get(service)
        .and_then(|service| Some((service, endpoint_of(&network, interface)?)))
    else {
        return;
    };
    let clause = Clause::EndpointServiceZone;
    let candidates = candidates(encoder, &network, interface, service);
    let positions: Vec<_> = (1_u128..).zip(&candidates).collect();
    let some = positions.iter().map(|(position, _)| pick.is(*position));
    steps.drop(clause, !Formula::any(some));
    for (position, candidate) in positions {
        let mut branch = steps.branch(&pick.is(position));
        if branch.is_over() || encoder.is_too_large() {
            continue;
        }
        if let Some(hole) = &candidate.zone {
            branch.doubt(clause, hole.clone(), Formula::TRUE);
        }
        let behind = send(encoder, &branch, interface, candidate);
        let owner = ComponentId::VpcEndpoint(endpoint.clone());
        load_balancer::goes_on(encoder, &mut branch, (interface, owner), back, &behind);
        steps.join(branch);
    }
}

fn endpoint_of<'a>(
    network: &'a Network,
    interface: &NetworkInterfaceId,
) -> Option<&'a VpcEndpointId> {
    let mut endpoints = network.vpc_endpoints().iter();
    let found = endpoints
        .find(|(_, endpoint)| vpc_endpoint::interfaces(endpoint).any(|id| id == interface));
    found.map(|(id, _)| id)
}

/// `endpoint-service-zone`: the candidates, in order.
fn candidates<'a>(
    encoder: &Encoder,
    network: &'a Network,
    endpoint: &NetworkInterfaceId,
    service: &EndpointService,
) -> Vec<Candidate<'a>> {
    let found = service.load_balancers.iter();
    let found = found.filter_map(|id| network.load_balancers().get(id));
    let nodes = found.flat_map(|found| found.interfaces.iter().map(move |node| (found, node)));
    let candidates = nodes.filter_map(|(load_balancer, node)| {
        let zone = match is_in_zone(encoder, endpoint, node) {
            Some(true) => None,
            Some(false) => return None,
            None => {
                let place = format!("endpoint service {}", service.id);
                Some(unsettled(Clause::EndpointServiceZone, &place))
            }
        };
        Some(Candidate {
            node,
            load_balancer,
            address: encoder.first_address(encoder.family, node)?,
            zone,
        })
    });
    candidates.collect()
}

/// Whether a node is one for an interface of an endpoint; nothing when their zones are not comparable.
fn is_in_zone(
    encoder: &Encoder,
    endpoint: &NetworkInterfaceId,
    node: &NetworkInterfaceId,
) -> Option<bool> {
    let network = &encoder.network;
    let subnet = |id| network.network_interfaces().get(id).map(|one| &one.subnet);
    let region = |id| {
        let vpc = encoder.index.vpc_of.get(id)?;
        network.vpcs().get(vpc).map(|vpc| &vpc.region)
    };
    if region(endpoint) != region(node) {
        return Some(true);
    }
    in_one_zone(network, subnet(endpoint)?, subnet(node)?)
}

/// The leg to a node: `endpoint-service-hands-on`.
fn send(
    encoder: &mut Encoder,
    before: &Steps,
    endpoint: &NetworkInterfaceId,
    candidate: &Candidate<'_>,
) -> Rc<Endings> {
    let packet = Packet {
        destination: candidate.address.clone(),
        ..before.way.packet.clone()
    };
    let sent_by = SentBy::Endpoint(endpoint.clone(), candidate.node.clone());
    let start = Start::next(encoder, before, endpoint, sent_by, packet);
    start.walk(encoder, |encoder, steps| {
        arrive(encoder, steps, candidate);
    })
}

/// What comes to a node by its service: neither ACL nor route is asked.
fn arrive(encoder: &mut Encoder, steps: &mut Steps, candidate: &Candidate<'_>) {
    let Some(receiver) = Who::pinned(encoder, candidate.node) else {
        return;
    };
    let packet = steps.way.packet.clone();
    load_balancer::takes(encoder, steps, &receiver, &packet.transport);
    if candidate.load_balancer.private_link_ingress {
        let (bound, entered) = (Bound::In, Entered::EndpointService);
        let (far, transport) = (&packet.source, &packet.transport);
        let groups = security_group::step(encoder, &receiver, bound, &entered, far, transport);
        steps.filter(Clause::SecurityGroupIngress, &Formula::TRUE, groups);
    }
    accepted(encoder, steps, &receiver, false);
}
