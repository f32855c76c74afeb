//! What joins VPCs to each other and to the world.

use model::{
    AttachmentKind, ClientVpnEndpoint, DirectConnectAssociation, EgressOnlyInternetGateway,
    EndpointKind, EndpointService, InternetGateway, LoadBalancer, NatGateway, Network,
    OnPremisesGateway, Peering, PeeringEnd, RouteTableId, TargetDestination, TargetGroup,
    TransitGateway, TransitGatewayAttachment, TransitGatewayRouteTable, VirtualPrivateGateway,
    VpcEndpoint, VpcId,
};

use super::{Islands, Node, Part};

impl Islands {
    /// Links a gateway with the VPC that it is attached to, and with its table.
    fn link_gateway(
        &mut self,
        node: &Node,
        vpc: Option<&VpcId>,
        edge_route_table: Option<&RouteTableId>,
    ) {
        if let Some(vpc) = vpc {
            self.link(node.clone(), Part::Vpc.of(vpc));
        }
        if let Some(table) = edge_route_table {
            self.link(node.clone(), Part::RouteTable.of(table));
        }
    }

    pub(super) fn gateways(&mut self, network: &Network) {
        for gateway in network.internet_gateways().values() {
            let InternetGateway {
                id,
                vpc,
                edge_route_table,
                tags: _,
            } = gateway;
            let node = Part::InternetGateway.of(id);
            self.link(node.clone(), Part::Internet.only());
            self.link_gateway(&node, vpc.as_ref(), edge_route_table.as_ref());
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

    pub(super) fn endpoint(&mut self, endpoint: &VpcEndpoint, network: &Network) {
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

    pub(super) fn relays(&mut self, network: &Network) {
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

    pub(super) fn transit(&mut self, network: &Network) {
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

    pub(super) fn on_premises(&mut self, network: &Network) {
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
            self.link_gateway(&node, vpc.as_ref(), edge_route_table.as_ref());
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
