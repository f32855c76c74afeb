//! The things of the network that a selector means.

use std::collections::BTreeSet;

use ingest::provenance::Kind;
use model::{
    Attachment, EndpointKind, LoadBalancer, LoadBalancerKind, NatGateway, NetworkInterface,
    NetworkInterfaceId, Subnet, TransitGatewayId, VirtualPrivateGatewayId, Vpc, VpcEndpoint,
};

use super::subject::{Passes, Subject, is_workload, kind};
use super::{Base, Resolver, Selector};

impl<'a> Resolver<'a> {
    pub(super) fn interfaces(&mut self, selector: &Selector) -> BTreeSet<NetworkInterfaceId> {
        let all = self.network.network_interfaces().values();
        let found = all.filter(|interface| self.means(selector, interface));
        found.map(|interface| interface.id.clone()).collect()
    }

    /// Whether a selector of interfaces, instances, subnets or VPCs means an interface.
    fn means(&mut self, selector: &Selector, interface: &'a NetworkInterface) -> bool {
        let (network, open) = (self.network, self.open);
        let subnet = network.subnets().get(&interface.subnet);
        let vpc = subnet.and_then(|subnet| network.vpcs().get(&subnet.vpc));
        if selector.base == Base::Subnet || selector.base == Base::Vpc {
            let is_vpc = selector.base == Base::Vpc;
            let of_subnet = subnet.map(|subnet| self.of_subnet(subnet));
            let of_vpc = vpc.map(|vpc| self.of_vpc(vpc).at(network, open, subnet));
            let subject = if is_vpc { of_vpc } else { of_subnet };
            return is_workload(interface)
                && subject.is_some_and(|subject| self.keep(selector, &subject));
        }
        let instance = match &interface.attachment {
            Attachment::Ordinary { instance } => instance.as_deref(),
            Attachment::VpcEndpoint(_)
            | Attachment::NatGateway(_)
            | Attachment::LoadBalancer(_)
            | Attachment::Other(_) => None,
        };
        let id = interface.id.as_str();
        let subject = Subject {
            second_id: instance,
            kind: kind(&interface.attachment),
            groups: Some((&interface.groups, open)),
            ..Subject::new(&interface.tags, id, open.of(Kind::NetworkInterface, id))
        };
        (selector.base == Base::Interface || instance.is_some())
            && self.keep(selector, &subject.at(network, open, subnet))
    }

    pub(super) fn of_subnet(&self, subnet: &'a Subnet) -> Subject<'a> {
        let id = subnet.id.as_str();
        let subject = Subject::new(&subnet.tags, id, self.open.of(Kind::Subnet, id));
        subject.at(self.network, self.open, Some(subnet))
    }

    pub(super) fn of_vpc(&self, vpc: &'a Vpc) -> Subject<'a> {
        let id = vpc.id.as_str();
        let subject = Subject::new(&vpc.tags, id, self.open.of(Kind::Vpc, id));
        subject.within(Some(vpc), self.open)
    }

    pub(super) fn nat_gateways(&mut self, selector: &Selector) -> Vec<&'a NatGateway> {
        let (network, open) = (self.network, self.open);
        let all = network.nat_gateways().values();
        all.filter(|nat| {
            let subnet = network.subnets().get(&nat.subnet);
            let id = nat.id.as_str();
            let subject = Subject::new(&nat.tags, id, open.of(Kind::NatGateway, id));
            self.keep(selector, &subject.at(network, open, subnet))
        })
        .collect()
    }

    pub(super) fn load_balancers(&mut self, selector: &Selector) -> Vec<&'a LoadBalancer> {
        let (network, open) = (self.network, self.open);
        let all = network.load_balancers().values();
        all.filter(|load_balancer| {
            let node = load_balancer.interfaces.first();
            let node = node.and_then(|id| network.network_interfaces().get(id));
            let subnet = node.and_then(|node| network.subnets().get(&node.subnet));
            let id = load_balancer.id.as_str();
            let subject = Subject {
                kind: match load_balancer.kind {
                    LoadBalancerKind::Application => "application",
                    LoadBalancerKind::Network => "network",
                },
                ..Subject::new(&load_balancer.tags, id, open.of(Kind::LoadBalancer, id))
            };
            self.keep(selector, &subject.at(network, open, subnet))
        })
        .collect()
    }

    /// The endpoints of the services that a selector means.
    pub(super) fn endpoints_of_services(&mut self, selector: &Selector) -> Vec<&'a VpcEndpoint> {
        let (network, open) = (self.network, self.open);
        let all = network.endpoint_services().values();
        let found = all.filter(|service| {
            let id = service.id.as_str();
            let subject = Subject {
                second_id: Some(&service.name),
                ..Subject::new(&service.tags, id, open.of(Kind::EndpointService, id))
            };
            self.keep(selector, &subject)
        });
        let names: BTreeSet<&str> = found.map(|service| service.name.as_str()).collect();
        let all = network.vpc_endpoints().values();
        all.filter(|endpoint| names.contains(endpoint.service.as_str()))
            .collect()
    }

    pub(super) fn transit_gateways(&mut self, selector: &Selector) -> Vec<TransitGatewayId> {
        let (network, open) = (self.network, self.open);
        let all = network.transit_gateways().values();
        let found = all.filter(|gateway| {
            let id = gateway.id.as_str();
            let open = open.of(Kind::TransitGateway, id);
            self.keep(selector, &Subject::new(&gateway.tags, id, open))
        });
        found.map(|gateway| gateway.id.clone()).collect()
    }

    pub(super) fn virtual_private_gateways(
        &mut self,
        selector: &Selector,
    ) -> Vec<VirtualPrivateGatewayId> {
        let (network, open) = (self.network, self.open);
        let all = network.virtual_private_gateways().values();
        let found = all.filter(|gateway| {
            let vpc = gateway.vpc.as_ref();
            let vpc = vpc.and_then(|vpc| network.vpcs().get(vpc));
            let id = gateway.id.as_str();
            let own = open.of(Kind::VirtualPrivateGateway, id);
            let subject = Subject::new(&gateway.tags, id, own).within(vpc, open);
            self.keep(selector, &subject)
        });
        found.map(|gateway| gateway.id.clone()).collect()
    }

    pub(super) fn endpoints(&mut self, selector: &Selector) -> Vec<&'a VpcEndpoint> {
        let (network, open) = (self.network, self.open);
        let all = network.vpc_endpoints().values();
        all.filter(|endpoint| {
            let kind = match &endpoint.kind {
                EndpointKind::Gateway { .. } => "gateway",
                EndpointKind::Interface { .. } => "interface",
                EndpointKind::GatewayLoadBalancer { .. } => "gwlb",
                EndpointKind::Unmodelled(kind) => kind,
            };
            let id = endpoint.id.as_str();
            let subject = Subject {
                kind,
                service: Some(&endpoint.service),
                ..Subject::new(&endpoint.tags, id, open.of(Kind::VpcEndpoint, id))
            };
            let vpc = network.vpcs().get(&endpoint.vpc);
            self.keep(selector, &subject.within(vpc, open))
        })
        .collect()
    }

    /// Whether a selector means a thing. What nobody knows yet is noted, and so is the thing itself
    /// where all that may be meant is asked for.
    pub(super) fn keep(&mut self, selector: &Selector, subject: &Subject<'_>) -> bool {
        let tests = selector.filters.iter();
        let passes = tests.map(|filter| subject.passes(&filter.test).negated_if(filter.negated));
        match passes.fold(Passes::Yes, Passes::and) {
            Passes::Yes => true,
            Passes::No => false,
            Passes::Open(holes) => {
                self.chosen_by.extend(holes);
                self.is_wide
            }
        }
    }
}
