//! The things of the network that a selector means.

use std::collections::BTreeSet;

use model::{
    Attachment, EndpointKind, LoadBalancer, LoadBalancerKind, NatGateway, NetworkInterface,
    NetworkInterfaceId, TransitGatewayId, VirtualPrivateGatewayId, VpcEndpoint,
};

use super::subject::{Subject, is_workload, kind};
use super::{Base, Resolver, Selector};

impl<'a> Resolver<'a> {
    pub(super) fn interfaces(&self, selector: &Selector) -> BTreeSet<NetworkInterfaceId> {
        let all = self.network.network_interfaces().values();
        let found = all.filter(|interface| self.means(selector, interface));
        found.map(|interface| interface.id.clone()).collect()
    }

    /// Whether a selector of interfaces, instances, subnets or VPCs means an interface.
    fn means(&self, selector: &Selector, interface: &NetworkInterface) -> bool {
        let subnet = self.network.subnets().get(&interface.subnet);
        let vpc = subnet.and_then(|subnet| self.network.vpcs().get(&subnet.vpc));
        if selector.base == Base::Subnet || selector.base == Base::Vpc {
            let of_subnet = subnet.map(|subnet| Subject::new(&subnet.tags, subnet.id.as_str()));
            let of_vpc = vpc.map(|vpc| Subject::new(&vpc.tags, vpc.id.as_str()));
            let is_vpc = selector.base == Base::Vpc;
            let subject = if is_vpc { of_vpc } else { of_subnet };
            return is_workload(interface)
                && subject
                    .is_some_and(|subject| self.keep(selector, &subject.at(self.network, subnet)));
        }
        let instance = match &interface.attachment {
            Attachment::Ordinary { instance } => instance.as_deref(),
            Attachment::VpcEndpoint(_)
            | Attachment::NatGateway(_)
            | Attachment::LoadBalancer(_)
            | Attachment::Other(_) => None,
        };
        let subject = Subject {
            second_id: instance,
            kind: kind(&interface.attachment),
            ..Subject::new(&interface.tags, interface.id.as_str())
        };
        (selector.base == Base::Interface || instance.is_some())
            && self.keep(selector, &subject.at(self.network, subnet))
    }

    pub(super) fn nat_gateways(&self, selector: &Selector) -> Vec<&'a NatGateway> {
        let all = self.network.nat_gateways().values();
        all.filter(|nat| {
            let subnet = self.network.subnets().get(&nat.subnet);
            let subject = Subject::new(&nat.tags, nat.id.as_str());
            self.keep(selector, &subject.at(self.network, subnet))
        })
        .collect()
    }

    pub(super) fn load_balancers(&self, selector: &Selector) -> Vec<&'a LoadBalancer> {
        let all = self.network.load_balancers().values();
        all.filter(|load_balancer| {
            let node = load_balancer.interfaces.first();
            let node = node.and_then(|id| self.network.network_interfaces().get(id));
            let subnet = node.and_then(|node| self.network.subnets().get(&node.subnet));
            let subject = Subject {
                kind: match load_balancer.kind {
                    LoadBalancerKind::Application => "application",
                    LoadBalancerKind::Network => "network",
                },
                ..Subject::new(&load_balancer.tags, load_balancer.id.as_str())
            };
            self.keep(selector, &subject.at(self.network, subnet))
        })
        .collect()
    }

    /// The endpoints of the services that a selector means.
    pub(super) fn endpoints_of_services(&self, selector: &Selector) -> Vec<&'a VpcEndpoint> {
        let all = self.network.endpoint_services().values();
        let found = all.filter(|service| {
            let subject = Subject {
                second_id: Some(&service.name),
                ..Subject::new(&service.tags, service.id.as_str())
            };
            self.keep(selector, &subject)
        });
        let names: BTreeSet<&str> = found.map(|service| service.name.as_str()).collect();
        let all = self.network.vpc_endpoints().values();
        all.filter(|endpoint| names.contains(endpoint.service.as_str()))
            .collect()
    }

    pub(super) fn transit_gateways(&self, selector: &Selector) -> Vec<TransitGatewayId> {
        let all = self.network.transit_gateways().values();
        let found = all.filter(|gateway| {
            self.keep(selector, &Subject::new(&gateway.tags, gateway.id.as_str()))
        });
        found.map(|gateway| gateway.id.clone()).collect()
    }

    pub(super) fn virtual_private_gateways(
        &self,
        selector: &Selector,
    ) -> Vec<VirtualPrivateGatewayId> {
        let all = self.network.virtual_private_gateways().values();
        let found = all.filter(|gateway| {
            let vpc = gateway.vpc.as_ref();
            let subject = Subject {
                vpc: vpc.and_then(|vpc| self.network.vpcs().get(vpc)),
                ..Subject::new(&gateway.tags, gateway.id.as_str())
            };
            self.keep(selector, &subject)
        });
        found.map(|gateway| gateway.id.clone()).collect()
    }

    pub(super) fn endpoints(&self, selector: &Selector) -> Vec<&'a VpcEndpoint> {
        let all = self.network.vpc_endpoints().values();
        all.filter(|endpoint| {
            let kind = match &endpoint.kind {
                EndpointKind::Gateway { .. } => "gateway",
                EndpointKind::Interface { .. } => "interface",
                EndpointKind::GatewayLoadBalancer { .. } => "gwlb",
                EndpointKind::Unmodelled(kind) => kind,
            };
            let subject = Subject {
                kind,
                vpc: self.network.vpcs().get(&endpoint.vpc),
                service: Some(&endpoint.service),
                ..Subject::new(&endpoint.tags, endpoint.id.as_str())
            };
            self.keep(selector, &subject)
        })
        .collect()
    }

    pub(super) fn keep(&self, selector: &Selector, subject: &Subject<'_>) -> bool {
        selector
            .filters
            .iter()
            .all(|filter| subject.passes(&filter.test) != filter.negated)
    }
}
