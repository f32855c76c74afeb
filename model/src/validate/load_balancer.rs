//! Defects of load balancers, target groups and endpoint services.

use std::collections::{BTreeMap, BTreeSet};

use super::Finder;
use crate::address::Family;
use crate::defect::Defect;
use crate::id::{LoadBalancerId, TargetGroupId, VpcId};
use crate::load_balancer::{
    ListenerProtocol, LoadBalancer, LoadBalancerKind, TargetDestination, TargetGroup,
};
use crate::network_interface::Attachment;

impl Finder<'_> {
    pub(super) fn load_balancers(&mut self) {
        for (id, load_balancer) in self.network.load_balancers() {
            self.nodes(id, load_balancer);
            self.listeners(id, load_balancer);
        }
        for (id, group) in self.network.target_groups() {
            self.targets(id, group);
        }
    }

    /// That it has interfaces, its own ones and in one VPC.
    fn nodes(&mut self, id: &LoadBalancerId, load_balancer: &LoadBalancer) {
        if load_balancer.interfaces.is_empty() {
            self.defects.push(Defect::LoadBalancerNodes {
                load_balancer: id.to_string(),
            });
        }
        let mut vpc: Option<&VpcId> = None;
        for interface_id in &load_balancer.interfaces {
            let interface = self.network.network_interfaces().get(interface_id);
            let stands = interface.and_then(|interface| self.subnet_vpc(&interface.subnet));
            let found = interface.map(|_| stands);
            self.uses(id, "network interface", interface_id, found, vpc);
            vpc = vpc.or(stands);
            let Some(interface) = interface else {
                continue;
            };
            if interface.attachment != Attachment::LoadBalancer(id.clone()) {
                self.defects.push(Defect::AttachmentMismatch {
                    interface: interface_id.to_string(),
                    owner: id.to_string(),
                });
            }
        }
    }

    /// That no two listeners take one packet, and that an Application Load Balancer listens for
    /// TCP and keeps no client's address.
    fn listeners(&mut self, id: &LoadBalancerId, load_balancer: &LoadBalancer) {
        let application = load_balancer.kind == LoadBalancerKind::Application;
        let mut ports = BTreeSet::new();
        for listener in self
            .candidates(&load_balancer.listeners)
            .into_iter()
            .flatten()
        {
            let taken: &[ListenerProtocol] = match listener.protocol {
                ListenerProtocol::TcpUdp => &[ListenerProtocol::Tcp, ListenerProtocol::Udp],
                ListenerProtocol::Tcp => &[ListenerProtocol::Tcp],
                ListenerProtocol::Udp => &[ListenerProtocol::Udp],
            };
            let open = load_balancer.listeners.known().is_none();
            let free = taken
                .iter()
                .filter(|protocol| ports.insert((**protocol, listener.port)));
            let twice = free.count() < taken.len() && !open;
            if twice || application && listener.protocol != ListenerProtocol::Tcp {
                self.defects.push(Defect::ListenerPort {
                    load_balancer: id.to_string(),
                    port: listener.port,
                });
            }
            for group_id in &listener.target_groups {
                let group = self.network.target_groups().get(group_id);
                self.uses(id, "target group", group_id, group.map(|_| None), None);
                if application && group.is_some_and(|group| group.preserve_client_address) {
                    self.defects.push(Defect::PreservesClientAddress {
                        target_group: group_id.to_string(),
                        load_balancer: id.to_string(),
                    });
                }
            }
        }
    }

    fn targets(&mut self, id: &TargetGroupId, group: &TargetGroup) {
        for target in self.candidates(&group.targets).into_iter().flatten() {
            match &target.destination {
                TargetDestination::Interface(interface) => {
                    let found = self.network.network_interfaces().get(interface);
                    self.uses(
                        id,
                        "network interface",
                        interface,
                        found.map(|_| None),
                        None,
                    );
                }
                TargetDestination::Address(address) => {
                    if address.family() != group.family {
                        self.defects.push(Defect::RegisteredTarget {
                            target_group: id.to_string(),
                            target: address.to_string(),
                        });
                    }
                }
                TargetDestination::LoadBalancer(load_balancer) => {
                    let found = self.network.load_balancers().get(load_balancer);
                    self.uses(
                        id,
                        "load balancer",
                        load_balancer,
                        found.map(|_| None),
                        None,
                    );
                    let application =
                        found.is_none_or(|found| found.kind == LoadBalancerKind::Application);
                    if !application || group.family == Family::V6 {
                        self.defects.push(Defect::RegisteredTarget {
                            target_group: id.to_string(),
                            target: load_balancer.to_string(),
                        });
                    }
                }
            }
        }
    }

    pub(super) fn endpoint_services(&mut self) {
        let mut offered = BTreeMap::new();
        let mut names = BTreeMap::new();
        for (id, service) in self.network.endpoint_services() {
            if let Some(other) = names.insert(&service.name, id) {
                self.defects.push(Defect::TwoEndpointServices {
                    of: service.name.clone(),
                    service: other.to_string(),
                    other: id.to_string(),
                });
            }
            for load_balancer in &service.load_balancers {
                let found = self.network.load_balancers().get(load_balancer);
                self.uses(
                    id,
                    "load balancer",
                    load_balancer,
                    found.map(|_| None),
                    None,
                );
                if found.is_some_and(|found| found.kind != LoadBalancerKind::Network) {
                    self.defects.push(Defect::EndpointServiceLoadBalancer {
                        service: id.to_string(),
                        load_balancer: load_balancer.to_string(),
                    });
                }
                if let Some(other) = offered.insert(load_balancer, id) {
                    self.defects.push(Defect::TwoEndpointServices {
                        of: load_balancer.to_string(),
                        service: other.to_string(),
                        other: id.to_string(),
                    });
                }
            }
        }
    }
}
