//! VPC endpoints.

use std::ops::ControlFlow;

use model::{Clause, Network, Transport};

use crate::address::held;
use crate::endpoint_service;
use crate::forward::{Arrived, Forward};
use crate::gateway_load_balancer::{self, Appliances};
use crate::index::{Arena, EndpointIndex, EndpointServiceIndex, Holes, Names, VpcIndex};
use crate::walk::{About, Component, Ending, Recorder};

/// A VPC endpoint of any type.
#[derive(Clone, Debug)]
pub(crate) struct Endpoint {
    pub(crate) available: bool,
    /// Of a Gateway Load Balancer endpoint.
    pub(crate) appliances: Option<Appliances>,
    /// Of an interface endpoint, the service of the network that it is for.
    pub(crate) service: Option<EndpointServiceIndex>,
}

pub(crate) fn compile(
    network: &Network,
    names: &Names,
    holes: &mut Holes,
) -> Arena<EndpointIndex, Endpoint> {
    let services = endpoint_service::by_name(network, names);
    let endpoints = network.vpc_endpoints().values();
    endpoints
        .map(|endpoint| Endpoint {
            available: endpoint.available,
            appliances: gateway_load_balancer::appliances(endpoint, names, holes),
            service: endpoint_service::of_endpoint(endpoint, &services),
        })
        .collect()
}

impl<R: Recorder> Forward<'_, R> {
    /// A gateway endpoint as the target of a route from a VPC.
    pub(crate) fn gateway_endpoint(
        &mut self,
        vpc: VpcIndex,
        index: EndpointIndex,
    ) -> ControlFlow<Ending> {
        let network = self.walk.network;
        let component = Component::Endpoint(index);
        if !network.endpoints[index].available {
            return self
                .walk
                .drop(component, None, Clause::GatewayEndpointAvailable);
        }
        self.walk
            .pass(component, None, Clause::GatewayEndpointAvailable);
        if !held(&network.vpcs[vpc].cidrs, self.walk.packet.source()) {
            return self
                .walk
                .drop(component, None, Clause::GatewayEndpointOwnVpc);
        }
        self.walk
            .pass(component, None, Clause::GatewayEndpointOwnVpc);
        let is_carried = |transport| match transport {
            Transport::Tcp { .. } => true,
            Transport::Icmp { icmp_type, code } => (icmp_type, code) == (8, 0),
            Transport::Icmpv6 { icmp_type, code } => (icmp_type, code) == (128, 0),
            Transport::Udp { .. } | Transport::Other(_) => false,
        };
        if !self.walk.asks(About::Cuts(&|_| {}), is_carried) {
            return self
                .walk
                .drop(component, None, Clause::GatewayEndpointProtocol);
        }
        self.walk
            .pass(component, None, Clause::GatewayEndpointProtocol);
        self.deliver(
            component,
            Clause::GatewayEndpointDelivers,
            Arrived::GatewayEndpoint(index),
        )
    }

    /// What an interface endpoint asks of a packet that comes to one of its interfaces.
    pub(crate) fn interface_endpoint(&mut self, index: EndpointIndex) -> ControlFlow<Ending> {
        let component = Component::Endpoint(index);
        if !self.walk.network.endpoints[index].available {
            return self
                .walk
                .drop(component, None, Clause::InterfaceEndpointAvailable);
        }
        self.walk
            .pass(component, None, Clause::InterfaceEndpointAvailable);
        let is_carried = |transport| match transport {
            Transport::Tcp { .. } | Transport::Udp { .. } => true,
            Transport::Icmp { .. } | Transport::Icmpv6 { .. } | Transport::Other(_) => false,
        };
        if !self.walk.asks(About::Cuts(&|_| {}), is_carried) {
            return self
                .walk
                .drop(component, None, Clause::InterfaceEndpointProtocol);
        }
        self.walk
            .pass(component, None, Clause::InterfaceEndpointProtocol);
        ControlFlow::Continue(())
    }
}
