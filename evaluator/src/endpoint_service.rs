//! Endpoint services: load balancers that endpoints of other VPCs hand requests on to.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use model::{Address, Clause, EndpointKind, Family, Network, VpcEndpoint};

use crate::compiled::Compiled;
use crate::forward::{Entry, Forward};
use crate::index::{Arena, EndpointServiceIndex, HoleIndex, Holes, InterfaceIndex, Names};
use crate::leg::Begin;
use crate::load_balancer::picked;
use crate::network_interface::Role;
use crate::security_group::Came;
use crate::walk::{Component, Ending, Recorder};

/// An endpoint service.
#[derive(Clone, Debug)]
pub(crate) struct EndpointService {
    /// The nodes of its load balancers, in the order of the load balancers and their own.
    pub(crate) nodes: Vec<InterfaceIndex>,
    /// Which of them are in the zones of its endpoints.
    zone: HoleIndex,
}

pub(crate) fn compile(
    network: &Network,
    names: &Names,
    holes: &mut Holes,
) -> Arena<EndpointServiceIndex, EndpointService> {
    let services = network.endpoint_services().values();
    services
        .map(|service| {
            let load_balancers = service.load_balancers.iter();
            let found = load_balancers.filter_map(|id| network.load_balancers().get(id));
            let nodes = found.flat_map(|found| &found.interfaces);
            EndpointService {
                nodes: nodes.map(|id| names.interfaces.index(id)).collect(),
                zone: holes.open(format!("which nodes of {} are in whose zone", service.id)),
            }
        })
        .collect()
}

/// The services that have load balancers, by their names.
pub(crate) fn by_name<'a>(
    network: &'a Network,
    names: &Names,
) -> BTreeMap<&'a str, EndpointServiceIndex> {
    let services = network.endpoint_services().values();
    let offered = services.filter(|service| !service.load_balancers.is_empty());
    offered
        .map(|service| {
            let index = names.endpoint_services.index(&service.id);
            (service.name.as_str(), index)
        })
        .collect()
}

/// The service in the network that an interface endpoint means.
pub(crate) fn of_endpoint(
    endpoint: &VpcEndpoint,
    services: &BTreeMap<&str, EndpointServiceIndex>,
) -> Option<EndpointServiceIndex> {
    match &endpoint.kind {
        EndpointKind::Interface { .. } => services.get(endpoint.service.as_str()).copied(),
        EndpointKind::Gateway { .. }
        | EndpointKind::GatewayLoadBalancer { .. }
        | EndpointKind::Unmodelled(_) => None,
    }
}

impl Compiled {
    /// The *candidates* of an endpoint's interface for packets of a family: each node with its
    /// address, and whether it is in the interface's zone as far as that is known.
    pub(crate) fn service_nodes(
        &self,
        index: EndpointServiceIndex,
        endpoint: InterfaceIndex,
        family: Family,
    ) -> impl Iterator<Item = (InterfaceIndex, Address, Option<bool>)> {
        let own = &self.interfaces[endpoint];
        let region = self.vpcs[own.vpc].region;
        let nodes = self.endpoint_services[index].nodes.iter();
        let nodes = nodes.filter_map(move |index| {
            let node = &self.interfaces[*index];
            let address = node.first(family)?;
            let in_zone = if self.vpcs[node.vpc].region == region {
                self.is_one_zone(node.subnet, own.subnet)
            } else {
                Some(true)
            };
            Some((*index, address, in_zone))
        });
        nodes.filter(|(.., in_zone)| *in_zone != Some(false))
    }
}

impl<R: Recorder> Forward<'_, R> {
    /// An endpoint's interface hands the packet on that it has received.
    pub(crate) fn endpoint_hands_on(
        &mut self,
        index: EndpointServiceIndex,
        endpoint: InterfaceIndex,
        pick: u16,
    ) -> ControlFlow<Ending> {
        let network = self.walk.network;
        let component = Component::EndpointService(index);
        let packet = self.walk.packet;
        let candidates = network.service_nodes(index, endpoint, packet.family());
        let clause = Clause::EndpointServiceZone;
        let Some((node, address, in_zone)) = picked(candidates, pick) else {
            return self.walk.drop(component, None, clause);
        };
        match in_zone {
            Some(_) => self.walk.pass(component, None, clause),
            None => {
                let hole = network.endpoint_services[index].zone;
                self.walk.filter_open(component, None, clause, hole);
            }
        }
        let clause = Clause::EndpointServiceHandsOn;
        self.walk.pass(component, None, clause);
        let begin = Begin::Service(index);
        self.begin(begin, packet.source(), address, packet.transport());
        if let Role::LoadBalancer(load_balancer) = network.interfaces[node].role {
            self.walk.listener(load_balancer)?;
            if network.load_balancers[load_balancer].private_link_ingress {
                self.walk.groups_inbound(node, Came::Service)?;
            }
        }
        self.accept(node, Entry::Routed)
    }
}
