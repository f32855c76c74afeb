//! What the components of a VPC refer to.

use model::{
    AddressValue, Attachment, Cidr, NetworkInterface, RouteTable, RulePeer, SecurityGroup, Subnet,
    Target, Vpc,
};

use super::{Islands, Node, Part, is_private};

impl Islands {
    pub(super) fn vpc(&mut self, vpc: &Vpc) {
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

    pub(super) fn subnet(&mut self, subnet: &Subnet) {
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

    pub(super) fn route_table(&mut self, table: &RouteTable) {
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

    pub(super) fn group(&mut self, group: &SecurityGroup) {
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

    pub(super) fn interface(&mut self, interface: &NetworkInterface) {
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
