//! Islands: parts of a network between which no packet can pass, whatever the tables and filters say.
//!
//! Two components are of one island when one refers to the other, over any number of others. The internet is a
//! component that everything refers to which has, or may have, a public address or a gateway to it, since the engines ask of
//! a public address whether it is the network's own; networks on premises are one; and what is open is one, since
//! it may turn out to be anything. Each component is taken apart field by field, so that a new field has to be thought
//! of here.

use std::collections::BTreeMap;

use model::{
    AddressValue, Attachment, AttachmentKind, Cidr, ClientVpnEndpoint, DirectConnectAssociation,
    EgressOnlyInternetGateway, EndpointKind, EndpointService, InternetGateway, LoadBalancer,
    NatGateway, Network, NetworkAcl, NetworkInterface, OnPremisesGateway, Peering, PeeringEnd,
    RouteTable, RulePeer, SecurityGroup, Subnet, Target, TargetDestination, TargetGroup,
    TransitGateway, TransitGatewayAttachment, TransitGatewayRouteTable, Value,
    VirtualPrivateGateway, Vpc, VpcEndpoint,
};

use crate::blocks;

/// A kind of component.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Part {
    /// The internet.
    Internet,
    /// Networks on premises.
    OnPremises,
    /// Whatever is open.
    Open,
    Vpc,
    Subnet,
    RouteTable,
    SecurityGroup,
    NetworkAcl,
    NetworkInterface,
    InternetGateway,
    EgressOnlyInternetGateway,
    NatGateway,
    Peering,
    VpcEndpoint,
    LoadBalancer,
    TargetGroup,
    EndpointService,
    TransitGateway,
    TransitGatewayAttachment,
    TransitGatewayRouteTable,
    VirtualPrivateGateway,
    DirectConnectAssociation,
    ClientVpnEndpoint,
}

/// A component: its kind and its id.
pub(crate) type Node = (Part, String);

impl Part {
    /// The component with an id.
    pub(super) fn of(self, id: impl ToString) -> Node {
        (self, id.to_string())
    }

    /// The one component of its kind.
    pub(super) fn only(self) -> Node {
        (self, String::new())
    }
}

/// The islands of a network.
#[derive(Debug, Default)]
pub(crate) struct Islands {
    numbers: BTreeMap<Node, usize>,
    /// Of each component another one of its island, or itself.
    up: Vec<usize>,
}

impl Islands {
    pub(crate) fn of(network: &Network) -> Self {
        let mut islands = Islands::default();
        network.vpcs().values().for_each(|one| islands.vpc(one));
        network
            .subnets()
            .values()
            .for_each(|one| islands.subnet(one));
        network
            .route_tables()
            .values()
            .for_each(|one| islands.route_table(one));
        network
            .security_groups()
            .values()
            .for_each(|one| islands.group(one));
        for NetworkAcl {
            id,
            vpc,
            ingress: _,
            egress: _,
            tags: _,
        } in network.network_acls().values()
        {
            islands.link(Part::NetworkAcl.of(id), Part::Vpc.of(vpc));
        }
        network
            .network_interfaces()
            .values()
            .for_each(|one| islands.interface(one));
        islands.gateways(network);
        network
            .vpc_endpoints()
            .values()
            .for_each(|one| islands.endpoint(one, network));
        islands.relays(network);
        islands.transit(network);
        islands.on_premises(network);
        islands
    }

    /// The number of a component's island, the same for all of its components.
    pub(crate) fn number(&self, node: &Node) -> Option<usize> {
        let mut at = *self.numbers.get(node)?;
        while let Some(up) = self.up.get(at).filter(|up| **up != at) {
            at = *up;
        }
        Some(at)
    }

    fn find(&mut self, node: Node) -> usize {
        let new = self.up.len();
        let mut at = *self.numbers.entry(node).or_insert(new);
        if at == new {
            self.up.push(new);
        }
        while let Some(up) = self.up.get(at).copied().filter(|up| *up != at) {
            // Every other one is shortened on the way.
            let above = self.up.get(up).copied().unwrap_or(up);
            if let Some(slot) = self.up.get_mut(at) {
                *slot = above;
            }
            at = above;
        }
        at
    }

    fn link(&mut self, one: Node, other: Node) {
        let (one, other) = (self.find(one), self.find(other));
        if let Some(slot) = self.up.get_mut(one) {
            *slot = other;
        }
    }

    /// Links a component with whatever a value may be.
    fn value<T>(&mut self, node: &Node, value: &Value<T>, each: impl Fn(&mut Self, &T)) {
        match value {
            Value::Known(one) => each(self, one),
            Value::OneOf(several, _) => {
                self.link(node.clone(), Part::Open.only());
                several.iter().for_each(|one| each(self, one));
            }
            Value::Any(_) => self.link(node.clone(), Part::Open.only()),
        }
    }

    fn vpc(&mut self, vpc: &Vpc) {
        let Vpc {
            id,
            region: _,
            account: _,
            cidrs,
            main_route_table,
            dns_support: _,
            dns_hostnames: _,
            custom_dns_servers: _,
            inbound_resolver: _,
            block_public_access: _,
            exclusion: _,
            dns_firewall: _,
            tags: _,
        } = vpc;
        self.link(Part::Vpc.of(id), Part::RouteTable.of(main_route_table));
        if !cidrs.iter().all(|cidr| is_private(*cidr)) {
            self.link(Part::Vpc.of(id), Part::Internet.only());
        }
    }

    fn subnet(&mut self, subnet: &Subnet) {
        let Subnet {
            id,
            vpc,
            cidrs: _,
            zone: _,
            zone_id: _,
            route_table,
            network_acl,
            dns64: _,
            exclusion: _,
            tags: _,
        } = subnet;
        let node = Part::Subnet.of(id);
        self.link(node.clone(), Part::Vpc.of(vpc));
        if let Some(table) = route_table {
            self.value(&node, table, |islands, table| {
                islands.link(node.clone(), Part::RouteTable.of(table))
            });
        }
        self.value(&node, network_acl, |islands, acl| {
            islands.link(node.clone(), Part::NetworkAcl.of(acl))
        });
    }

    fn route_table(&mut self, table: &RouteTable) {
        let RouteTable {
            id,
            vpc,
            routes,
            tags: _,
        } = table;
        let node = Part::RouteTable.of(id);
        self.link(node.clone(), Part::Vpc.of(vpc));
        for route in routes {
            self.value(&node, &route.destination, |_, _| ());
            self.value(&node, &route.target, |islands, target| {
                if let Some(target) = of_target(target) {
                    islands.link(node.clone(), target);
                }
            });
        }
    }

    fn group(&mut self, group: &SecurityGroup) {
        let SecurityGroup {
            id,
            vpc,
            name: _,
            ingress,
            egress,
            tags: _,
        } = group;
        let node = Part::SecurityGroup.of(id);
        self.link(node.clone(), Part::Vpc.of(vpc));
        for rule in ingress.iter().chain(egress) {
            match &rule.peer {
                RulePeer::Group(other) => self.link(node.clone(), Part::SecurityGroup.of(other)),
                RulePeer::OutsideGroup(other) => {
                    self.link(node.clone(), Part::SecurityGroup.of(other))
                }
                RulePeer::Cidr(_) | RulePeer::PrefixList(_) => {}
            }
        }
    }

    fn interface(&mut self, interface: &NetworkInterface) {
        let NetworkInterface {
            id,
            subnet,
            addresses,
            groups,
            source_destination_check: _,
            middlebox: _,
            attachment,
            tags: _,
        } = interface;
        let node = Part::NetworkInterface.of(id);
        self.link(node.clone(), Part::Subnet.of(subnet));
        self.value(&node, groups, |islands, groups| {
            for group in groups {
                islands.link(node.clone(), Part::SecurityGroup.of(group));
            }
        });
        let owner = match attachment {
            Attachment::VpcEndpoint(id) => Some(Part::VpcEndpoint.of(id)),
            Attachment::NatGateway(id) => Some(Part::NatGateway.of(id)),
            Attachment::LoadBalancer(id) => Some(Part::LoadBalancer.of(id)),
            Attachment::Ordinary { .. } | Attachment::Other(_) => None,
        };
        owner
            .into_iter()
            .for_each(|owner| self.link(node.clone(), owner));
        for address in addresses {
            match &address.private {
                AddressValue::Known(private) if is_private(Cidr::host(*private)) => {}
                AddressValue::Known(_) => self.link(node.clone(), Part::Internet.only()),
                AddressValue::Within(..) => {
                    self.link(node.clone(), Part::Internet.only());
                    self.link(node.clone(), Part::Open.only());
                }
            }
            if address.public.is_some() {
                self.link(node.clone(), Part::Internet.only());
            }
        }
    }

    fn gateways(&mut self, network: &Network) {
        for gateway in network.internet_gateways().values() {
            let InternetGateway {
                id,
                vpc,
                edge_route_table,
                tags: _,
            } = gateway;
            let node = Part::InternetGateway.of(id);
            self.link(node.clone(), Part::Internet.only());
            let vpc = vpc.iter().map(|vpc| Part::Vpc.of(vpc));
            let table = edge_route_table
                .iter()
                .map(|table| Part::RouteTable.of(table));
            vpc.chain(table)
                .for_each(|other| self.link(node.clone(), other));
        }
        for gateway in network.egress_only_internet_gateways().values() {
            let EgressOnlyInternetGateway { id, vpc, tags: _ } = gateway;
            let node = Part::EgressOnlyInternetGateway.of(id);
            self.link(node.clone(), Part::Internet.only());
            self.link(node, Part::Vpc.of(vpc));
        }
        for gateway in network.nat_gateways().values() {
            let NatGateway {
                id,
                subnet,
                interface,
                available: _,
                tags: _,
            } = gateway;
            let node = Part::NatGateway.of(id);
            self.link(node.clone(), Part::Internet.only());
            self.link(node.clone(), Part::Subnet.of(subnet));
            self.link(node, Part::NetworkInterface.of(interface));
        }
        for peering in network.peerings().values() {
            let Peering {
                id,
                requester,
                accepter,
                active: _,
                tags: _,
            } = peering;
            for end in [requester, accepter] {
                let vpc = match end {
                    PeeringEnd::Vpc(vpc) => Part::Vpc.of(vpc),
                    PeeringEnd::Outside(vpc) => Part::Vpc.of(vpc),
                };
                self.link(Part::Peering.of(id), vpc);
            }
        }
    }

    fn endpoint(&mut self, endpoint: &VpcEndpoint, network: &Network) {
        let VpcEndpoint {
            id,
            vpc,
            service,
            available: _,
            kind,
            policy: _,
            tags: _,
        } = endpoint;
        let node = Part::VpcEndpoint.of(id);
        self.link(node.clone(), Part::Vpc.of(vpc));
        let services = network.endpoint_services().values();
        for service in services.filter(|one| one.name == *service) {
            self.link(node.clone(), Part::EndpointService.of(&service.id));
        }
        match kind {
            EndpointKind::Gateway { prefix_lists: _ } => {}
            EndpointKind::Interface {
                interfaces,
                private_dns: _,
                private_dns_inbound_only: _,
                private_names: _,
                specific_names: _,
            } => {
                for interface in interfaces {
                    self.link(node.clone(), Part::NetworkInterface.of(interface));
                }
            }
            EndpointKind::GatewayLoadBalancer {
                subnet,
                middlebox: _,
            } => {
                self.link(node, Part::Subnet.of(subnet));
            }
            EndpointKind::Unmodelled(_) => self.link(node, Part::Open.only()),
        }
    }

    fn relays(&mut self, network: &Network) {
        for balancer in network.load_balancers().values() {
            let LoadBalancer {
                id,
                kind: _,
                interfaces,
                name: _,
                listeners,
                private_link_ingress: _,
                tags: _,
            } = balancer;
            let node = Part::LoadBalancer.of(id);
            for interface in interfaces {
                self.link(node.clone(), Part::NetworkInterface.of(interface));
            }
            self.value(&node, listeners, |islands, listeners| {
                for group in listeners
                    .iter()
                    .flat_map(|listener| &listener.target_groups)
                {
                    islands.link(node.clone(), Part::TargetGroup.of(group));
                }
            });
        }
        for group in network.target_groups().values() {
            let TargetGroup {
                id,
                family: _,
                preserve_client_address: _,
                cross_zone: _,
                targets,
                tags: _,
            } = group;
            let node = Part::TargetGroup.of(id);
            self.value(&node, targets, |islands, targets| {
                for target in targets {
                    let target = match &target.destination {
                        TargetDestination::Interface(id) => Part::NetworkInterface.of(id),
                        TargetDestination::LoadBalancer(id) => Part::LoadBalancer.of(id),
                        // Whoever has it is found by a walk.
                        TargetDestination::Address(_) => continue,
                    };
                    islands.link(node.clone(), target);
                }
            });
        }
        for service in network.endpoint_services().values() {
            let EndpointService {
                id,
                name: _,
                load_balancers,
                allowed_principals: _,
                acceptance_required: _,
                tags: _,
            } = service;
            for balancer in load_balancers {
                self.link(
                    Part::EndpointService.of(id),
                    Part::LoadBalancer.of(balancer),
                );
            }
        }
    }

    fn transit(&mut self, network: &Network) {
        for TransitGateway {
            id,
            security_group_referencing: _,
            tags: _,
        } in network.transit_gateways().values()
        {
            self.find(Part::TransitGateway.of(id));
        }
        for attachment in network.transit_gateway_attachments().values() {
            let TransitGatewayAttachment {
                id,
                gateway,
                available: _,
                kind,
                association,
                tags: _,
            } = attachment;
            let node = Part::TransitGatewayAttachment.of(id);
            self.link(node.clone(), Part::TransitGateway.of(gateway));
            if let Some(table) = association {
                self.value(&node, table, |islands, table| {
                    islands.link(node.clone(), Part::TransitGatewayRouteTable.of(table));
                });
            }
            match kind {
                AttachmentKind::Vpc {
                    vpc,
                    subnets,
                    appliance_mode: _,
                    ipv6_support: _,
                    security_group_referencing: _,
                } => {
                    self.link(node.clone(), Part::Vpc.of(vpc));
                    for subnet in subnets {
                        self.link(node.clone(), Part::Subnet.of(subnet));
                    }
                }
                AttachmentKind::Peering { other } => {
                    if let Some(other) = other {
                        self.link(node.clone(), Part::TransitGatewayAttachment.of(other));
                    }
                }
                AttachmentKind::OnPremises {
                    service: _,
                    prefixes: _,
                } => {
                    self.link(node, Part::OnPremises.only());
                }
                AttachmentKind::Unmodelled(_) => self.link(node, Part::Open.only()),
            }
        }
        for table in network.transit_gateway_route_tables().values() {
            let TransitGatewayRouteTable {
                id,
                gateway,
                routes,
                propagations,
                tags: _,
            } = table;
            let node = Part::TransitGatewayRouteTable.of(id);
            self.link(node.clone(), Part::TransitGateway.of(gateway));
            let targets = routes.iter().filter_map(|route| route.target.as_ref());
            for attachment in targets.chain(propagations) {
                self.link(node.clone(), Part::TransitGatewayAttachment.of(attachment));
            }
        }
    }

    fn on_premises(&mut self, network: &Network) {
        for gateway in network.virtual_private_gateways().values() {
            let VirtualPrivateGateway {
                id,
                vpc,
                edge_route_table,
                prefixes: _,
                tags: _,
            } = gateway;
            let node = Part::VirtualPrivateGateway.of(id);
            self.link(node.clone(), Part::OnPremises.only());
            let vpc = vpc.iter().map(|vpc| Part::Vpc.of(vpc));
            let table = edge_route_table
                .iter()
                .map(|table| Part::RouteTable.of(table));
            vpc.chain(table)
                .for_each(|other| self.link(node.clone(), other));
        }
        for association in network.direct_connect_associations().values() {
            let DirectConnectAssociation {
                id,
                gateway,
                allowed_prefixes: _,
                other_ways: _,
                tags: _,
            } = association;
            let node = Part::DirectConnectAssociation.of(id);
            self.link(node.clone(), Part::OnPremises.only());
            let gateway = match gateway {
                OnPremisesGateway::VirtualPrivate(id) => Part::VirtualPrivateGateway.of(id),
                OnPremisesGateway::Transit(id) => Part::TransitGatewayAttachment.of(id),
            };
            self.link(node, gateway);
        }
        for endpoint in network.client_vpn_endpoints().values() {
            let ClientVpnEndpoint {
                id,
                interfaces,
                authorization_rules: _,
                routes,
                tags: _,
            } = endpoint;
            let node = Part::ClientVpnEndpoint.of(id);
            for interface in interfaces {
                self.link(node.clone(), Part::NetworkInterface.of(interface));
            }
            self.value(&node, routes, |islands, routes| {
                for subnet in routes.iter().filter_map(|route| route.subnet.as_ref()) {
                    islands.link(node.clone(), Part::Subnet.of(subnet));
                }
            });
        }
    }
}

/// What a route leads to; its own VPC is a component already.
fn of_target(target: &Target) -> Option<Node> {
    match target {
        Target::Local => None,
        Target::InternetGateway(id) => Some(Part::InternetGateway.of(id)),
        Target::EgressOnlyInternetGateway(id) => Some(Part::EgressOnlyInternetGateway.of(id)),
        Target::NatGateway(id) => Some(Part::NatGateway.of(id)),
        Target::Peering(id) => Some(Part::Peering.of(id)),
        Target::GatewayEndpoint(id) | Target::GatewayLoadBalancerEndpoint(id) => {
            Some(Part::VpcEndpoint.of(id))
        }
        Target::NetworkInterface(id) => Some(Part::NetworkInterface.of(id)),
        Target::TransitGateway(id) => Some(Part::TransitGateway.of(id)),
        Target::VirtualPrivateGateway(id) => Some(Part::VirtualPrivateGateway.of(id)),
        Target::Unmodelled { kind: _, id: _ } => Some(Part::Open.only()),
    }
}

/// Whether no address of a block is one that the internet could be asked for.
fn is_private(block: Cidr) -> bool {
    const PRIVATE: [&str; 3] = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"];
    let private = PRIVATE.iter().filter_map(|text| text.parse::<Cidr>().ok());
    private
        .into_iter()
        .any(|private| blocks::covers(private, block))
}
