//! Load balancers with their nodes and listeners, target groups, and endpoint services.

use std::collections::BTreeSet;

use model::{
    AddressValue, Attachment, EndpointKind, EndpointService, Family, Hole, InterfaceAddress,
    Listener, ListenerProtocol, LoadBalancer, LoadBalancerId, LoadBalancerKind, LoadBalancerName,
    Middlebox, NetworkInterface, NetworkInterfaceId, RegisteredTarget, SecurityGroupId, Subnet,
    Tags, TargetDestination, TargetGroup, TargetGroupId, Value,
};

use super::Builder;
use crate::plan::{EndpointServicePlan, LoadBalancerPlan, TargetPlan};
use crate::pool::{self, choose, once_in, pick};
use crate::swarm::Feature;
use crate::weights::{
    BALANCER_NAME, BalancerName, Groups, LISTENER, LOAD_BALANCER, NODE_GROUPS, Naming, REGISTERED,
    RELAY_HOLE, RegisteredChoice,
};

/// Ports of listeners and targets: few, so that flows and rules meet them.
const PORTS: [model::Port; 6] = [443, 80, 53, 1024, 5432, 40_000];

impl Builder<'_> {
    pub(super) fn load_balancers(&mut self) {
        if !self.has(Feature::LoadBalancers) {
            return;
        }
        for (position, plan) in self.plan.load_balancers.iter().enumerate() {
            let id = format!("lb{position}");
            let kind = choose(&plan.kind, &LOAD_BALANCER);
            let interfaces = self.nodes(&id, kind, plan);
            if interfaces.is_empty() {
                continue;
            }
            self.draft.load_balancers.push(LoadBalancer {
                name: self.balancer_name(position, plan),
                id: LoadBalancerId::new(&id),
                kind,
                interfaces,
                listeners: Value::Known(Vec::new()),
                private_link_ingress: !once_in(&plan.ingress, 4),
                tags: Tags::new(),
            });
        }
        self.target_groups();
        self.registered_targets();
        self.listeners();
        self.open_listeners();
        self.endpoint_services();
    }

    /// A name, mostly of the scheme that the nodes' addresses are for.
    fn balancer_name(&self, position: usize, plan: &LoadBalancerPlan) -> Option<LoadBalancerName> {
        let label = match choose(&plan.name, &BALANCER_NAME) {
            BalancerName::Own => format!("lb-{position}"),
            BalancerName::Shared => "lb-s".to_owned(),
            BalancerName::None => return None,
        };
        Some(LoadBalancerName {
            name: format!("{label}.us-east-1.elb.amazonaws.com"),
            internet_facing: self.is_public(plan) != (pool::fine(&plan.name, 4) == 0),
        })
    }

    /// Whether a load balancer's nodes have public addresses.
    fn is_public(&self, plan: &LoadBalancerPlan) -> bool {
        self.has(Feature::PublicAddresses) && plan.public.index(3) == 0
    }

    /// One node or two, mostly each in a subnet of its own.
    fn nodes(
        &mut self,
        id: &str,
        kind: LoadBalancerKind,
        plan: &LoadBalancerPlan,
    ) -> BTreeSet<NetworkInterfaceId> {
        let mut interfaces = BTreeSet::new();
        let Some(first) = pick(&plan.first, &self.draft.subnets).cloned() else {
            return interfaces;
        };
        let others = self.draft.subnets.iter();
        // Of an Application Load Balancer under load two may stand in one subnet.
        let twin = kind == LoadBalancerKind::Application && pool::fine(&plan.second, 4) == 1;
        let others = others.filter(|one| one.vpc == first.vpc && (one.id == first.id) == twin);
        let second = pick(&plan.second, &others.collect::<Vec<_>>()).map(|one| (**one).clone());
        let second = second.filter(|_| pool::fine(&plan.second, 3) > 0);
        for (number, subnet) in [Some(first), second].into_iter().flatten().enumerate() {
            let node = NetworkInterfaceId::new(format!("{id}-{number}"));
            let addresses = self.node_addresses(&node, &subnet, plan);
            let groups = self.node_groups(&node, &subnet, kind, plan);
            self.draft.network_interfaces.push(NetworkInterface {
                id: node.clone(),
                subnet: subnet.id.clone(),
                addresses,
                groups,
                source_destination_check: true,
                middlebox: Middlebox::Unknown,
                attachment: Attachment::LoadBalancer(LoadBalancerId::new(id)),
                tags: Tags::new(),
            });
            interfaces.insert(node);
        }
        interfaces
    }

    /// An IPv4 address, public of an internet-facing one; and an IPv6 address where the subnet has some,
    /// mostly behind it. Now and then only the latter, or a second one of IPv4.
    fn node_addresses(
        &mut self,
        node: &NetworkInterfaceId,
        subnet: &Subnet,
        plan: &LoadBalancerPlan,
    ) -> Vec<InterfaceAddress> {
        let public = self.is_public(plan);
        let families: &[Family] = match pool::fine(&plan.host, 8) {
            0 => &[Family::V6, Family::V4],
            1 => &[Family::V4],
            2 => &[Family::V4, Family::V4],
            _ => &[Family::V4, Family::V6],
        };
        let mut addresses = Vec::new();
        for family in families {
            let Some(private) = self.new_address(subnet, *family, &plan.host) else {
                continue;
            };
            let public = (public && *family == Family::V4).then(|| self.public_address());
            addresses.push(InterfaceAddress {
                private: AddressValue::Known(private),
                public,
            });
        }
        if self.plan.open_addresses && pool::fine(&plan.public, 5) == 0 {
            let blocks = &subnet.cidrs;
            if let Some(last) = addresses.last_mut()
                && let AddressValue::Known(private) = last.private
                && let Some(block) = blocks.iter().find(|one| pool::holds(**one, private))
            {
                let hole = Hole::new(format!("private address of {node}"));
                last.private = AddressValue::Within(*block, hole);
            }
        }
        addresses
    }

    fn node_groups(
        &self,
        node: &NetworkInterfaceId,
        subnet: &Subnet,
        kind: LoadBalancerKind,
        plan: &LoadBalancerPlan,
    ) -> Value<BTreeSet<SecurityGroupId>> {
        let groups = self.draft.security_groups.iter();
        let own: Vec<_> = groups.filter(|group| group.vpc == subnet.vpc).collect();
        let one = |index| -> BTreeSet<SecurityGroupId> {
            let group = pick(index, &own).map(|group| group.id.clone());
            group.into_iter().collect()
        };
        let (first, second) = (one(&plan.group), one(&plan.ingress));
        let both: BTreeSet<_> = first.union(&second).cloned().collect();
        let hole = Hole::new(format!("groups of {node}"));
        let holes = self.has(Feature::Holes);
        // An Application Load Balancer always has some.
        let network = kind == LoadBalancerKind::Network;
        match choose(&plan.groups, &NODE_GROUPS) {
            Groups::OneOf if holes && network => Value::OneOf(vec![first, BTreeSet::new()], hole),
            Groups::OneOf if holes => Value::OneOf(vec![first, both], hole),
            Groups::Any if holes => Value::Any(hole),
            Groups::None if network => Value::Known(BTreeSet::new()),
            Groups::Two | Groups::Any => Value::Known(both),
            Groups::One | Groups::None | Groups::OneOf => Value::Known(first),
        }
    }

    fn target_groups(&mut self) {
        for (position, plan) in self.plan.target_groups.iter().enumerate() {
            let v6 = self.has(Feature::Ipv6) && once_in(&plan.family, 6);
            self.draft.target_groups.push(TargetGroup {
                id: TargetGroupId::new(format!("tg{position}")),
                family: if v6 { Family::V6 } else { Family::V4 },
                preserve_client_address: plan.preserve.index(7) < 5,
                cross_zone: plan.cross_zone.index(2) == 0,
                targets: Value::Known(Vec::new()),
                tags: Tags::new(),
            });
        }
    }

    fn registered_targets(&mut self) {
        for plan in &self.plan.targets {
            let Some(group) = pick(&plan.group, &self.draft.target_groups) else {
                return;
            };
            let (id, family) = (group.id.clone(), group.family);
            let destination = self.registered(family, plan);
            let port = pick(&plan.port, &PORTS).copied().unwrap_or(443);
            let mut groups = self.draft.target_groups.iter_mut();
            let group = groups.find(|one| one.id == id);
            if let (Some(Value::Known(targets)), Some(destination)) =
                (group.map(|one| &mut one.targets), destination)
            {
                targets.push(RegisteredTarget { destination, port });
            }
        }
        if !self.has(Feature::Holes) {
            return;
        }
        for (group, plan) in self
            .draft
            .target_groups
            .iter_mut()
            .zip(&self.plan.target_groups)
        {
            let hole = Hole::new(format!("targets of {}", group.id));
            open(&mut group.targets, choose(&plan.hole, &RELAY_HOLE), hole);
        }
    }

    /// Where a target is; `None` when there is nothing of the kind.
    fn registered(&self, family: Family, plan: &TargetPlan) -> Option<TargetDestination> {
        let interfaces = &self.draft.network_interfaces;
        let of = |relays: bool| {
            let of_kind = interfaces.iter().filter(move |one| match one.attachment {
                Attachment::Ordinary { .. } | Attachment::Other(_) => !relays,
                Attachment::VpcEndpoint(_) | Attachment::LoadBalancer(_) => relays,
                Attachment::NatGateway(_) => false,
            });
            of_kind.collect::<Vec<_>>()
        };
        let addresses = |interfaces: &[&NetworkInterface]| -> Vec<_> {
            let addresses = interfaces.iter().flat_map(|one| &one.addresses);
            let known = addresses.filter_map(|one| match one.private {
                AddressValue::Known(address) => Some(address),
                AddressValue::Within(..) => None,
            });
            known.filter(|one| one.family() == family).collect()
        };
        let texts: &[&str] = match family {
            Family::V4 => &["192.168.9.9", "203.0.113.9", "172.16.5.5", "10.99.9.9"],
            Family::V6 => &["fd00:1::9", "2001:db8:ffff::9"],
        };
        let nowhere = match family {
            Family::V4 => "10.0.0.77",
            Family::V6 => "2001:db8:0:0::77",
        };
        let address = match choose(&plan.kind, &REGISTERED) {
            RegisteredChoice::Interface => {
                let interface = pick(&plan.which, &of(false)).map(|one| one.id.clone());
                return interface.map(TargetDestination::Interface);
            }
            RegisteredChoice::LoadBalancer => {
                let balancers = self.draft.load_balancers.iter();
                let balancers = balancers.filter(|one| one.kind == LoadBalancerKind::Application);
                let balancer = pick(&plan.which, &balancers.collect::<Vec<_>>())?
                    .id
                    .clone();
                return (family == Family::V4).then_some(TargetDestination::LoadBalancer(balancer));
            }
            RegisteredChoice::Address => pick(&plan.which, &addresses(&of(false))).copied(),
            RegisteredChoice::Relay => pick(&plan.which, &addresses(&of(true))).copied(),
            RegisteredChoice::Premises => pick(&plan.which, texts).map(|text| pool::address(text)),
            RegisteredChoice::Nowhere => Some(pool::address(nowhere)),
        };
        address.map(TargetDestination::Address)
    }

    fn listeners(&mut self) {
        for plan in &self.plan.listeners {
            let all = &self.draft.target_groups;
            let groups =
                [&plan.first, &plan.second].map(|index| pick(index, all).map(|one| &one.id));
            let [first, second] = groups.map(|one| one.cloned());
            let second = second.filter(|_| pool::fine(&plan.third, 3) == 0);
            let mut target_groups: BTreeSet<_> = first.into_iter().chain(second).collect();
            if once_in(&plan.third, 12) {
                target_groups.clear(); // it answers by itself
            }
            let balancers = &self.draft.load_balancers;
            let position = plan.load_balancer.index(balancers.len().max(1));
            let Some(balancer) = self.draft.load_balancers.get_mut(position) else {
                return;
            };
            let application = balancer.kind == LoadBalancerKind::Application;
            let protocol = if application {
                ListenerProtocol::Tcp
            } else {
                choose(&plan.protocol, &LISTENER)
            };
            let port = pick(&plan.port, &PORTS).copied().unwrap_or(443);
            let listener = Listener {
                protocol,
                port,
                target_groups,
            };
            if let Value::Known(listeners) = &mut balancer.listeners
                && !listeners.iter().any(|one| clash(one, &listener))
            {
                for group in &mut self.draft.target_groups {
                    let used = listener.target_groups.contains(&group.id);
                    group.preserve_client_address &= !(application && used);
                }
                listeners.push(listener);
            }
        }
    }

    fn open_listeners(&mut self) {
        if !self.has(Feature::Holes) {
            return;
        }
        let plans = &self.plan.load_balancers;
        for balancer in &mut self.draft.load_balancers {
            let position = balancer.id.as_str().trim_start_matches("lb").parse().ok();
            let Some(plan) = position.and_then(|position: usize| plans.get(position)) else {
                continue;
            };
            let hole = Hole::new(format!("listeners of {}", balancer.id));
            open(
                &mut balancer.listeners,
                choose(&plan.hole, &RELAY_HOLE),
                hole,
            );
        }
    }

    fn endpoint_services(&mut self) {
        if !self.has(Feature::EndpointServices) {
            return;
        }
        for (position, plan) in self.plan.endpoint_services.iter().enumerate() {
            let name = format!("com.amazonaws.vpce.us-east-1.vpce-svc-2{position}");
            let load_balancers = self.offered(plan);
            for (index, often) in [(&plan.endpoint, 1), (&plan.other, 3)] {
                let mut consumers: Vec<_> = self
                    .draft
                    .vpc_endpoints
                    .iter_mut()
                    .filter(|one| matches!(one.kind, EndpointKind::Interface { .. }))
                    .collect();
                let at = index.index(consumers.len().max(1));
                if let Some(endpoint) = consumers.get_mut(at)
                    && pool::fine(index, often) == 0
                {
                    endpoint.service.clone_from(&name);
                }
            }
            let hole = || Hole::new(format!("who may use {name}"));
            let everybody = BTreeSet::from(["*".to_owned()]);
            let allowed_principals = match pool::fine(&plan.open, 3) {
                0 if self.has(Feature::Holes) => Value::Any(hole()),
                1 => Value::Known(BTreeSet::new()),
                _ => Value::Known(everybody),
            };
            self.draft.endpoint_services.push(EndpointService {
                id: format!("svc{position}").as_str().into(),
                name,
                load_balancers,
                allowed_principals,
                acceptance_required: Value::Known(plan.open.index(2) == 0),
                tags: Tags::new(),
            });
        }
    }

    /// Network Load Balancers that no other service offers; seldom none.
    fn offered(&self, plan: &EndpointServicePlan) -> BTreeSet<LoadBalancerId> {
        let services = self.draft.endpoint_services.iter();
        let taken: BTreeSet<_> = services.flat_map(|one| &one.load_balancers).collect();
        let free = self.draft.load_balancers.iter();
        let free: Vec<_> = free
            .filter(|one| one.kind == LoadBalancerKind::Network && !taken.contains(&one.id))
            .collect();
        let second = pick(&plan.second, &free).filter(|_| pool::fine(&plan.second, 2) == 0);
        let chosen = pick(&plan.first, &free).into_iter().chain(second);
        if once_in(&plan.open, 12) {
            return BTreeSet::new(); // of Gateway Load Balancers
        }
        chosen.map(|one| one.id.clone()).collect()
    }
}

/// Whether two listeners take one packet.
fn clash(one: &Listener, other: &Listener) -> bool {
    let both = [one.protocol, other.protocol];
    one.port == other.port
        && (one.protocol == other.protocol || both.contains(&ListenerProtocol::TcpUdp))
}

/// Opens a list: all of it or nothing, or anything.
fn open<T>(list: &mut Value<Vec<T>>, naming: Naming, hole: Hole) {
    let known = match list {
        Value::Known(known) => std::mem::take(known),
        Value::OneOf(..) | Value::Any(_) => return,
    };
    *list = match naming {
        Naming::Known | Naming::Implied => Value::Known(known),
        Naming::OneOf => Value::OneOf(vec![known, Vec::new()], hole),
        Naming::Any => Value::Any(hole),
    };
}
