//! Finding the defects of a draft whose components are keyed by id.

use std::collections::{BTreeMap, BTreeSet};

use crate::address::{Address, Family};
use crate::cidr::Cidr;
use crate::defect::Defect;
use crate::dns::{DnsRecord, DnsTarget, ResolverAction};
use crate::hole::{AddressValue, Value};
use crate::id::{
    HostedZoneId, ResolverRuleId, RouteTableId, SubnetId, TransitGatewayAttachmentId,
    TransitGatewayId, VpcId,
};
use crate::network::Network;
use crate::network_interface::Attachment;
use crate::on_premises::{OnPremisesGateway, OnPremisesService};
use crate::peering::PeeringEnd;
use crate::route_table::{RouteDestination, RouteOrigin, Target};
use crate::security_group::{RulePeer, RuleTraffic};
use crate::transit_gateway::{AttachmentKind, TransitGatewayAttachment};
use crate::vpc_endpoint::EndpointKind;

mod account;
mod client_vpn;
mod load_balancer;

/// Finds every defect of a network whose components are keyed by id.
pub(crate) fn find(network: &Network, defects: &mut Vec<Defect>) {
    let mut finder = Finder { network, defects };
    finder.vpcs();
    finder.global_blocks();
    finder.subnets();
    finder.route_tables();
    finder.rules();
    finder.interfaces();
    finder.addresses();
    finder.gateways();
    finder.peerings();
    finder.endpoints();
    finder.load_balancers();
    finder.endpoint_services();
    finder.transit_gateways();
    finder.virtual_private_gateways();
    finder.direct_connect_associations();
    finder.client_vpn_endpoints();
    finder.accounts();
    finder.names();
}

struct Finder<'a> {
    network: &'a Network,
    defects: &'a mut Vec<Defect>,
}

impl<'a> Finder<'a> {
    /// That something is there and, when it has a VPC and one is asked for, in that VPC.
    fn uses(
        &mut self,
        user: &impl ToString,
        kind: &'static str,
        id: &impl ToString,
        found: Option<Option<&VpcId>>,
        vpc: Option<&VpcId>,
    ) {
        match (found, vpc) {
            (None, _) => self.defects.push(Defect::NotDefined {
                kind,
                id: id.to_string(),
                user: user.to_string(),
            }),
            (Some(Some(found)), Some(vpc)) if found != vpc => {
                self.defects.push(Defect::OtherVpc {
                    kind,
                    id: id.to_string(),
                    user: user.to_string(),
                });
            }
            (Some(_), _) => {}
        }
    }

    /// The candidates of an open value.
    fn candidates<'v, T>(&mut self, value: &'v Value<T>) -> Vec<&'v T> {
        match value {
            Value::Known(value) => vec![value],
            Value::OneOf(values, hole) => {
                if values.len() < 2 {
                    self.defects.push(Defect::TooFewCandidates {
                        hole: hole.to_string(),
                    });
                }
                values.iter().collect()
            }
            Value::Any(_) => Vec::new(),
        }
    }

    fn subnet_vpc(&self, subnet: &SubnetId) -> Option<&'a VpcId> {
        self.network.subnets().get(subnet).map(|subnet| &subnet.vpc)
    }

    fn vpcs(&mut self) {
        for (id, vpc) in self.network.vpcs() {
            let table = self.network.route_tables().get(&vpc.main_route_table);
            let found = table.map(|table| Some(&table.vpc));
            self.uses(id, "route table", &vpc.main_route_table, found, Some(id));
            // Of the modes nothing can be wrong, but one alone would not be open.
            self.candidates(&vpc.block_public_access);
            let overlap = pairs(&vpc.cidrs).any(|(one, other)| one.overlaps(*other));
            if overlap {
                self.defects.push(Defect::VpcBlocksOverlap {
                    vpc: id.to_string(),
                });
            }
        }
    }

    /// Public IPv6 addresses are AWS's or the customer's own, once in the world.
    fn global_blocks(&mut self) {
        let global = Cidr::new(Address::V6(0x2000 << 112), 3);
        let blocks: Vec<_> = self
            .network
            .vpcs()
            .values()
            .flat_map(|vpc| vpc.cidrs.iter().map(|cidr| (*cidr, &vpc.id)))
            .filter(|(cidr, _)| global.is_ok_and(|global| global.covers(*cidr)))
            .collect();
        for ((cidr, vpc), (other_cidr, other)) in pairs(&blocks) {
            if vpc != other && cidr.overlaps(*other_cidr) {
                self.defects.push(Defect::GlobalBlocksOverlap {
                    vpc: vpc.to_string(),
                    other: other.to_string(),
                });
            }
        }
    }

    fn subnets(&mut self) {
        let subnets: Vec<_> = self.network.subnets().values().collect();
        for subnet in &subnets {
            let vpc = self.network.vpcs().get(&subnet.vpc);
            self.uses(&subnet.id, "VPC", &subnet.vpc, vpc.map(|_| None), None);
            if let Some(table) = &subnet.route_table {
                for table in self.candidates(table) {
                    let found = self.network.route_tables().get(table);
                    let found = found.map(|table| Some(&table.vpc));
                    self.uses(&subnet.id, "route table", table, found, Some(&subnet.vpc));
                }
            }
            for acl in self.candidates(&subnet.network_acl) {
                let found = self.network.network_acls().get(acl);
                let found = found.map(|acl| Some(&acl.vpc));
                self.uses(&subnet.id, "network ACL", acl, found, Some(&subnet.vpc));
            }
            for cidr in &subnet.cidrs {
                let inside = vpc.is_none_or(|vpc| vpc.cidrs.iter().any(|of| of.covers(*cidr)));
                if !inside && !self.is_of_regional_nat_gateway(&subnet.id, *cidr) {
                    self.defects.push(Defect::SubnetOutsideVpc {
                        subnet: subnet.id.to_string(),
                        cidr: *cidr,
                    });
                }
            }
            let of_ipv4 = |cidr: &&Cidr| cidr.family() == Family::V4;
            if subnet.cidrs.iter().filter(of_ipv4).count() > 1 {
                self.defects.push(Defect::SubnetTwoIpv4Blocks {
                    subnet: subnet.id.to_string(),
                });
            }
        }
        let mut blocks: Vec<_> = subnets
            .iter()
            .flat_map(|subnet| {
                subnet
                    .cidrs
                    .iter()
                    .map(|cidr| (&subnet.vpc, *cidr, &subnet.id))
            })
            .collect();
        // Sorted by base address, a block that overlaps any later one overlaps the next one.
        blocks.sort();
        for ((vpc, cidr, subnet), (other_vpc, other_cidr, other)) in
            blocks.iter().zip(blocks.iter().skip(1))
        {
            if vpc == other_vpc && cidr.overlaps(*other_cidr) {
                self.defects.push(Defect::SubnetsOverlap {
                    subnet: subnet.to_string(),
                    other: other.to_string(),
                });
            }
        }
    }

    /// Whether a block stands for the addresses of a regional NAT gateway: it is link-local, and
    /// nothing but the interface of a NAT gateway is in the subnet.
    fn is_of_regional_nat_gateway(&self, subnet: &SubnetId, cidr: Cidr) -> bool {
        let link_local = Cidr::new(Address::V4(0xa9fe_0000), 16);
        let interfaces = self.network.network_interfaces().values();
        let mut here = interfaces.filter(|interface| interface.subnet == *subnet);
        let is_alone = match (here.next(), here.next()) {
            (Some(only), None) => matches!(only.attachment, Attachment::NatGateway(_)),
            (_, _) => false,
        };
        is_alone && link_local.is_ok_and(|link_local| link_local.covers(cidr))
    }

    fn route_tables(&mut self) {
        for (id, table) in self.network.route_tables() {
            let vpc = self.network.vpcs().get(&table.vpc);
            self.uses(id, "VPC", &table.vpc, vpc.map(|_| None), None);
            let mut statics = BTreeSet::new();
            let mut locals = BTreeSet::new();
            // A local route's target can be replaced.
            let mut replaced = BTreeSet::new();
            for route in &table.routes {
                for target in self.candidates(&route.target) {
                    self.target(id, &table.vpc, target);
                }
                for destination in self.candidates(&route.destination) {
                    if let RouteDestination::PrefixList(list) = destination {
                        let found = self.network.prefix_lists().get(list).map(|_| None);
                        self.uses(id, "prefix list", list, found, None);
                    }
                }
                let Some(destination) = route.destination.known() else {
                    continue;
                };
                if route.origin == RouteOrigin::Static && !statics.insert(destination) {
                    self.defects.push(Defect::DuplicateRoute {
                        route_table: id.to_string(),
                        destination: match destination {
                            RouteDestination::Cidr(cidr) => cidr.to_string(),
                            RouteDestination::PrefixList(list) => list.to_string(),
                        },
                    });
                }
                match route.target.known() {
                    Some(Target::Local) => {
                        locals.insert(destination);
                    }
                    Some(
                        Target::NatGateway(_)
                        | Target::NetworkInterface(_)
                        | Target::GatewayLoadBalancerEndpoint(_),
                    ) => {
                        replaced.insert(destination);
                    }
                    Some(
                        Target::InternetGateway(_)
                        | Target::EgressOnlyInternetGateway(_)
                        | Target::Peering(_)
                        | Target::GatewayEndpoint(_)
                        | Target::TransitGateway(_)
                        | Target::VirtualPrivateGateway(_)
                        | Target::Unmodelled { .. },
                    )
                    | None => {}
                }
            }
            let Some(vpc) = vpc else { continue };
            for cidr in &vpc.cidrs {
                let block = RouteDestination::Cidr(*cidr);
                if !locals.remove(&block) && !replaced.contains(&block) {
                    self.defects.push(Defect::LocalRouteMissing {
                        route_table: id.to_string(),
                        cidr: *cidr,
                    });
                }
            }
            if !locals.is_empty() {
                self.defects.push(Defect::LocalRouteElsewhere {
                    route_table: id.to_string(),
                });
            }
        }
    }

    fn target(&mut self, table: &impl ToString, vpc: &VpcId, target: &Target) {
        let network = self.network;
        match target {
            Target::Local | Target::Unmodelled { .. } => {}
            Target::InternetGateway(id) => {
                // A gateway attached elsewhere, or nowhere, is a state that the walk answers.
                let found = network.internet_gateways().get(id).map(|_| None);
                self.uses(table, "internet gateway", id, found, None);
            }
            Target::EgressOnlyInternetGateway(id) => {
                let found = network.egress_only_internet_gateways().get(id);
                let found = found.map(|gateway| Some(&gateway.vpc));
                self.uses(table, "egress-only internet gateway", id, found, Some(vpc));
            }
            Target::NatGateway(id) => {
                let found = network.nat_gateways().get(id);
                let found = found.map(|nat| self.subnet_vpc(&nat.subnet));
                self.uses(table, "NAT gateway", id, found, Some(vpc));
            }
            Target::Peering(id) => {
                let found = network.peerings().get(id);
                let end = found.map(|peering| {
                    let ends = [&peering.requester, &peering.accepter];
                    let joined = ends.contains(&&PeeringEnd::Vpc(vpc.clone()));
                    if joined { Some(vpc) } else { None }
                });
                match end {
                    Some(None) => self.defects.push(Defect::OtherVpc {
                        kind: "peering",
                        id: id.to_string(),
                        user: table.to_string(),
                    }),
                    end => self.uses(table, "peering", id, end, Some(vpc)),
                }
            }
            Target::NetworkInterface(id) => {
                let found = network.network_interfaces().get(id);
                let found = found.map(|interface| self.subnet_vpc(&interface.subnet));
                self.uses(table, "network interface", id, found, Some(vpc));
            }
            Target::GatewayLoadBalancerEndpoint(id) => {
                let found = network.vpc_endpoints().get(id).filter(|endpoint| {
                    matches!(endpoint.kind, EndpointKind::GatewayLoadBalancer { .. })
                });
                let found = found.map(|endpoint| Some(&endpoint.vpc));
                self.uses(
                    table,
                    "Gateway Load Balancer endpoint",
                    id,
                    found,
                    Some(vpc),
                );
            }
            Target::TransitGateway(id) => {
                // A VPC without an attachment is a state that the walk answers.
                let found = network.transit_gateways().get(id).map(|_| None);
                self.uses(table, "transit gateway", id, found, None);
            }
            Target::VirtualPrivateGateway(id) => {
                // As with internet gateways.
                let found = network.virtual_private_gateways().get(id).map(|_| None);
                self.uses(table, "virtual private gateway", id, found, None);
            }
            Target::GatewayEndpoint(id) => {
                let found = network.vpc_endpoints().get(id);
                let gateway =
                    found.filter(|endpoint| matches!(endpoint.kind, EndpointKind::Gateway { .. }));
                let found = gateway.map(|endpoint| Some(&endpoint.vpc));
                self.uses(table, "gateway endpoint", id, found, Some(vpc));
            }
        }
    }

    fn rules(&mut self) {
        for (id, list) in self.network.prefix_lists() {
            for cidr in self.candidates(&list.entries).into_iter().flatten() {
                if cidr.family() != list.family {
                    self.defects.push(Defect::PrefixListFamily {
                        prefix_list: id.to_string(),
                        cidr: *cidr,
                    });
                }
            }
        }
        for (id, group) in self.network.security_groups() {
            let vpc = self.network.vpcs().get(&group.vpc);
            self.uses(id, "VPC", &group.vpc, vpc.map(|_| None), None);
            for rule in group.ingress.iter().chain(&group.egress) {
                self.traffic(id, &rule.traffic);
                match &rule.peer {
                    RulePeer::Cidr(_) | RulePeer::OutsideGroup(_) => {}
                    RulePeer::PrefixList(list) => {
                        let found = self.network.prefix_lists().get(list).map(|_| None);
                        self.uses(id, "prefix list", list, found, None);
                    }
                    RulePeer::Group(group) => {
                        let found = self.network.security_groups().get(group).map(|_| None);
                        self.uses(id, "security group", group, found, None);
                    }
                }
            }
        }
        for (id, acl) in self.network.network_acls() {
            let vpc = self.network.vpcs().get(&acl.vpc);
            self.uses(id, "VPC", &acl.vpc, vpc.map(|_| None), None);
            for entries in [&acl.ingress, &acl.egress] {
                let mut numbers = BTreeSet::new();
                for entry in entries {
                    self.traffic(id, &entry.traffic);
                    let in_range = (1..=32766).contains(&entry.number);
                    if !in_range || !numbers.insert(entry.number) {
                        self.defects.push(Defect::EntryNumber {
                            network_acl: id.to_string(),
                            number: entry.number,
                        });
                    }
                }
            }
        }
    }

    fn traffic(&mut self, component: &impl ToString, traffic: &RuleTraffic) {
        match traffic {
            RuleTraffic::All | RuleTraffic::Protocol(_) => {}
            RuleTraffic::Tcp(ports) | RuleTraffic::Udp(ports) => {
                if ports.from > ports.to {
                    self.defects.push(Defect::PortsReversed {
                        component: component.to_string(),
                    });
                }
            }
            RuleTraffic::Icmp(filter) | RuleTraffic::Icmpv6(filter) => {
                if filter.icmp_type.is_none() && filter.code.is_some() {
                    self.defects.push(Defect::CodeWithoutType {
                        component: component.to_string(),
                    });
                }
            }
        }
    }

    fn interfaces(&mut self) {
        for (id, interface) in self.network.network_interfaces() {
            let subnet = self.network.subnets().get(&interface.subnet);
            self.uses(id, "subnet", &interface.subnet, subnet.map(|_| None), None);
            for group in self.candidates(&interface.groups).into_iter().flatten() {
                let found = self.network.security_groups().get(group);
                // A group may be associated with several VPCs, so its VPC is not compared.
                self.uses(id, "security group", group, found.map(|_| None), None);
            }
            for address in &interface.addresses {
                let (block, text) = match &address.private {
                    AddressValue::Known(address) => (Cidr::host(*address), address.to_string()),
                    AddressValue::Within(cidr, _) => (*cidr, cidr.to_string()),
                };
                let inside =
                    subnet.is_none_or(|subnet| subnet.cidrs.iter().any(|cidr| cidr.covers(block)));
                if !inside {
                    self.defects.push(Defect::AddressOutsideSubnet {
                        interface: id.to_string(),
                        address: text,
                    });
                }
                let public_family = address.public.as_ref().map(|public| match public {
                    AddressValue::Known(address) => address.family(),
                    AddressValue::Within(cidr, _) => cidr.family(),
                });
                let families = [public_family, public_family.map(|_| block.family())];
                if families.contains(&Some(Family::V6)) {
                    self.defects.push(Defect::PublicAddressNotIpv4 {
                        interface: id.to_string(),
                    });
                }
            }
            let owner = match &interface.attachment {
                Attachment::Ordinary { .. } | Attachment::Other(_) => None,
                Attachment::VpcEndpoint(endpoint) => {
                    let claimed =
                        self.network
                            .vpc_endpoints()
                            .get(endpoint)
                            .is_some_and(|endpoint| match &endpoint.kind {
                                EndpointKind::Interface { interfaces, .. } => {
                                    interfaces.contains(id)
                                }
                                EndpointKind::Gateway { .. }
                                | EndpointKind::GatewayLoadBalancer { .. }
                                | EndpointKind::Unmodelled(_) => false,
                            });
                    (!claimed).then(|| endpoint.to_string())
                }
                Attachment::LoadBalancer(load_balancer) => {
                    let claimed = self.network.load_balancers().get(load_balancer);
                    let claimed = claimed.is_some_and(|it| it.interfaces.contains(id));
                    (!claimed).then(|| load_balancer.to_string())
                }
                Attachment::NatGateway(nat) => {
                    let claimed = self.network.nat_gateways().get(nat);
                    let claimed = claimed.is_some_and(|nat| nat.interface == *id);
                    (!claimed).then(|| nat.to_string())
                }
            };
            if let Some(owner) = owner {
                self.defects.push(Defect::AttachmentMismatch {
                    interface: id.to_string(),
                    owner,
                });
            }
        }
    }

    fn addresses(&mut self) {
        let mut private = BTreeMap::new();
        let mut public = BTreeMap::new();
        for (id, interface) in self.network.network_interfaces() {
            let vpc = self.subnet_vpc(&interface.subnet).cloned();
            for address in &interface.addresses {
                let mut seen = Vec::new();
                if let AddressValue::Known(address) = &address.private {
                    let first = private.insert((vpc.clone(), *address), id);
                    seen.push((*address, first));
                }
                if let Some(AddressValue::Known(address)) = &address.public {
                    seen.push((*address, public.insert(*address, id)));
                }
                for (address, first) in seen {
                    if let Some(first) = first {
                        self.defects.push(Defect::DuplicateAddress {
                            address,
                            interface: first.to_string(),
                            other: id.to_string(),
                        });
                    }
                }
            }
        }
    }

    fn virtual_private_gateways(&mut self) {
        let mut attached = BTreeSet::new();
        for (id, gateway) in self.network.virtual_private_gateways() {
            self.candidates(&gateway.prefixes);
            self.edge_table(id, gateway.edge_route_table.as_ref(), gateway.vpc.as_ref());
            if let Some(vpc) = self.attached_twice(id, gateway.vpc.as_ref(), &mut attached) {
                self.defects.push(Defect::TwoVirtualPrivateGateways { vpc });
            }
        }
    }

    fn direct_connect_associations(&mut self) {
        for (id, association) in self.network.direct_connect_associations() {
            self.candidates(&association.allowed_prefixes);
            match &association.gateway {
                OnPremisesGateway::VirtualPrivate(gateway) => {
                    let found = self.network.virtual_private_gateways().get(gateway);
                    let found = found.map(|_| None);
                    self.uses(id, "virtual private gateway", gateway, found, None);
                }
                OnPremisesGateway::Transit(attachment) => {
                    let found = self.network.transit_gateway_attachments().get(attachment);
                    let kind = "transit gateway attachment";
                    self.uses(id, kind, attachment, found.map(|_| None), None);
                    let leads = found.is_none_or(|attachment| {
                        matches!(
                            attachment.kind,
                            AttachmentKind::OnPremises {
                                service: OnPremisesService::DirectConnectGateway,
                                ..
                            }
                        )
                    });
                    if !leads {
                        self.defects.push(Defect::DirectConnectGateway {
                            association: id.to_string(),
                            attachment: attachment.to_string(),
                        });
                    }
                }
            }
        }
    }

    /// That the table of a gateway's own is one of its VPC.
    fn edge_table(
        &mut self,
        gateway: &impl ToString,
        table: Option<&RouteTableId>,
        vpc: Option<&VpcId>,
    ) {
        let Some(table) = table else { return };
        let found = self.network.route_tables().get(table);
        let found = found.map(|table| Some(&table.vpc));
        self.uses(gateway, "route table", table, found, vpc);
    }

    /// The VPC to which a gateway is attached, when another one of its kind is attached there too.
    fn attached_twice(
        &mut self,
        gateway: &impl ToString,
        vpc: Option<&VpcId>,
        attached: &mut BTreeSet<VpcId>,
    ) -> Option<String> {
        let vpc = vpc?;
        let found = self.network.vpcs().get(vpc).map(|_| None);
        self.uses(gateway, "VPC", vpc, found, None);
        (!attached.insert(vpc.clone())).then(|| vpc.to_string())
    }

    fn gateways(&mut self) {
        let mut attached = BTreeSet::new();
        for (id, gateway) in self.network.internet_gateways() {
            self.edge_table(id, gateway.edge_route_table.as_ref(), gateway.vpc.as_ref());
            if let Some(vpc) = self.attached_twice(id, gateway.vpc.as_ref(), &mut attached) {
                self.defects.push(Defect::TwoInternetGateways { vpc });
            }
        }
        for (id, gateway) in self.network.egress_only_internet_gateways() {
            let found = self.network.vpcs().get(&gateway.vpc).map(|_| None);
            self.uses(id, "VPC", &gateway.vpc, found, None);
        }
        for (id, nat) in self.network.nat_gateways() {
            let found = self.network.subnets().get(&nat.subnet).map(|_| None);
            self.uses(id, "subnet", &nat.subnet, found, None);
            let interface = self.network.network_interfaces().get(&nat.interface);
            let found = interface.map(|_| None);
            self.uses(id, "network interface", &nat.interface, found, None);
            let Some(interface) = interface else { continue };
            let agrees = interface.attachment == Attachment::NatGateway(id.clone())
                && interface.subnet == nat.subnet;
            if !agrees {
                self.defects.push(Defect::AttachmentMismatch {
                    interface: nat.interface.to_string(),
                    owner: id.to_string(),
                });
            }
            let of_ipv4 = interface
                .addresses
                .iter()
                .any(|address| match &address.private {
                    AddressValue::Known(address) => address.family() == Family::V4,
                    AddressValue::Within(cidr, _) => cidr.family() == Family::V4,
                });
            if !of_ipv4 {
                self.defects.push(Defect::NatGatewayWithoutAddress {
                    nat_gateway: id.to_string(),
                });
            }
        }
    }

    fn peerings(&mut self) {
        let mut joined = BTreeSet::new();
        for (id, peering) in self.network.peerings() {
            let mut vpcs = Vec::new();
            for end in [&peering.requester, &peering.accepter] {
                if let PeeringEnd::Vpc(vpc) = end {
                    let found = self.network.vpcs().get(vpc);
                    self.uses(id, "VPC", vpc, found.map(|_| None), None);
                    vpcs.extend(found);
                }
            }
            let mut ends = [&peering.requester, &peering.accepter];
            ends.sort();
            let outside = ends.iter().all(|end| matches!(end, PeeringEnd::Outside(_)));
            let twice = peering.active && !joined.insert(ends);
            if outside || twice || peering.requester == peering.accepter {
                self.defects.push(Defect::PeeringPair {
                    peering: id.to_string(),
                });
            } else if let [one, other] = vpcs.as_slice() {
                let overlap = one
                    .cidrs
                    .iter()
                    .any(|cidr| other.cidrs.iter().any(|other| cidr.overlaps(*other)));
                if overlap {
                    self.defects.push(Defect::PeeringOverlap {
                        peering: id.to_string(),
                    });
                }
            }
        }
    }

    fn endpoints(&mut self) {
        for (id, endpoint) in self.network.vpc_endpoints() {
            let found = self.network.vpcs().get(&endpoint.vpc).map(|_| None);
            self.uses(id, "VPC", &endpoint.vpc, found, None);
            match &endpoint.kind {
                EndpointKind::Unmodelled(_) => {}
                EndpointKind::GatewayLoadBalancer { subnet, .. } => {
                    let found = self.network.subnets().get(subnet);
                    let found = found.map(|subnet| Some(&subnet.vpc));
                    self.uses(id, "subnet", subnet, found, Some(&endpoint.vpc));
                }
                EndpointKind::Gateway { prefix_lists } => {
                    for list in prefix_lists {
                        let found = self.network.prefix_lists().get(list).map(|_| None);
                        self.uses(id, "prefix list", list, found, None);
                    }
                }
                EndpointKind::Interface { interfaces, .. } => {
                    for interface_id in interfaces {
                        let interface = self.network.network_interfaces().get(interface_id);
                        let found = interface.map(|interface| self.subnet_vpc(&interface.subnet));
                        let vpc = Some(&endpoint.vpc);
                        self.uses(id, "network interface", interface_id, found, vpc);
                        let agrees = interface.is_none_or(|interface| {
                            interface.attachment == Attachment::VpcEndpoint(id.clone())
                        });
                        if !agrees {
                            self.defects.push(Defect::AttachmentMismatch {
                                interface: interface_id.to_string(),
                                owner: id.to_string(),
                            });
                        }
                    }
                }
            }
        }
    }

    fn transit_gateways(&mut self) {
        let mut attached = BTreeMap::new();
        for (id, attachment) in self.network.transit_gateway_attachments() {
            let gateway = self.network.transit_gateways().get(&attachment.gateway);
            let found = gateway.map(|_| None);
            self.uses(id, "transit gateway", &attachment.gateway, found, None);
            let tables = attachment.association.as_ref();
            let tables = tables.map(|tables| self.candidates(tables));
            for table in tables.into_iter().flatten() {
                let found = self.network.transit_gateway_route_tables().get(table);
                let gateway = found.map(|found| &found.gateway);
                let kind = "transit gateway route table";
                self.of_gateway(id, kind, table, gateway, &attachment.gateway);
            }
            match &attachment.kind {
                AttachmentKind::Vpc { vpc, subnets, .. } => {
                    let found = self.network.vpcs().get(vpc).map(|_| None);
                    self.uses(id, "VPC", vpc, found, None);
                    for subnet in subnets {
                        let found = self.network.subnets().get(subnet);
                        let found = found.map(|subnet| Some(&subnet.vpc));
                        self.uses(id, "subnet", subnet, found, Some(vpc));
                    }
                    self.attachment_zones(id, subnets);
                    let place = (&attachment.gateway, vpc);
                    if attachment.available
                        && let Some(first) = attached.insert(place, id)
                    {
                        self.defects.push(Defect::TwoAttachments {
                            attachment: first.to_string(),
                            other: id.to_string(),
                        });
                    }
                }
                AttachmentKind::Peering { other } => {
                    if let Some(other) = other {
                        self.transit_gateway_peering(attachment, other);
                    }
                }
                AttachmentKind::OnPremises { prefixes, .. } => {
                    self.candidates(prefixes);
                }
                AttachmentKind::Unmodelled(_) => {}
            }
        }
        for (id, table) in self.network.transit_gateway_route_tables() {
            let found = self.network.transit_gateways().get(&table.gateway);
            let found = found.map(|_| None);
            self.uses(id, "transit gateway", &table.gateway, found, None);
            let mut destinations = BTreeSet::new();
            for route in &table.routes {
                if let RouteDestination::PrefixList(list) = &route.destination {
                    let found = self.network.prefix_lists().get(list).map(|_| None);
                    self.uses(id, "prefix list", list, found, None);
                }
                if !destinations.insert(&route.destination) {
                    self.defects.push(Defect::DuplicateRoute {
                        route_table: id.to_string(),
                        destination: match &route.destination {
                            RouteDestination::Cidr(cidr) => cidr.to_string(),
                            RouteDestination::PrefixList(list) => list.to_string(),
                        },
                    });
                }
            }
            let targets = table
                .routes
                .iter()
                .filter_map(|route| route.target.as_ref());
            for attachment in targets.chain(&table.propagations) {
                let found = self.network.transit_gateway_attachments().get(attachment);
                let gateway = found.map(|found| &found.gateway);
                let kind = "transit gateway attachment";
                self.of_gateway(id, kind, attachment, gateway, &table.gateway);
            }
        }
    }

    /// That something is there and of this transit gateway.
    fn of_gateway(
        &mut self,
        user: &impl ToString,
        kind: &'static str,
        id: &impl ToString,
        found: Option<&TransitGatewayId>,
        gateway: &TransitGatewayId,
    ) {
        self.uses(user, kind, id, found.map(|_| None), None);
        if found.is_some_and(|found| found != gateway) {
            self.defects.push(Defect::OtherTransitGateway {
                kind,
                id: id.to_string(),
                user: user.to_string(),
            });
        }
    }

    fn attachment_zones(&mut self, id: &impl ToString, subnets: &BTreeSet<SubnetId>) {
        let zones: Vec<_> = subnets
            .iter()
            .filter_map(|subnet| self.network.subnets().get(subnet))
            .filter_map(|subnet| subnet.zone_id.as_ref().or(subnet.zone.as_ref()))
            .collect();
        let different: BTreeSet<_> = zones.iter().collect();
        if subnets.is_empty() || different.len() < zones.len() {
            self.defects.push(Defect::AttachmentZones {
                attachment: id.to_string(),
            });
        }
    }

    /// Both ends name each other, and are of two gateways.
    fn transit_gateway_peering(
        &mut self,
        attachment: &TransitGatewayAttachment,
        other: &TransitGatewayAttachmentId,
    ) {
        let found = self.network.transit_gateway_attachments().get(other);
        let kind = "transit gateway attachment";
        self.uses(&attachment.id, kind, other, found.map(|_| None), None);
        let Some(found) = found else { return };
        let back = AttachmentKind::Peering {
            other: Some(attachment.id.clone()),
        };
        if found.kind != back || found.gateway == attachment.gateway {
            self.defects.push(Defect::TransitGatewayPeering {
                attachment: attachment.id.to_string(),
            });
        }
    }

    fn names(&mut self) {
        // Of each VPC: the names of zones, and of endpoints' private names.
        let mut names: BTreeMap<(&VpcId, String), String> = BTreeMap::new();
        for (id, endpoint) in self.network.vpc_endpoints() {
            if let EndpointKind::Interface {
                private_dns: true,
                private_names,
                ..
            } = &endpoint.kind
            {
                for name in private_names {
                    let name = name.strip_prefix("*.").unwrap_or(name);
                    names.insert((&endpoint.vpc, name.to_lowercase()), id.to_string());
                }
            }
        }
        for (id, zone) in self.network.hosted_zones() {
            for vpc in &zone.vpcs {
                let found = self.network.vpcs().get(vpc).map(|_| None);
                self.uses(id, "VPC", vpc, found, None);
                let place = (vpc, zone.name.to_lowercase());
                if let Some(other) = names.insert(place, id.to_string()) {
                    self.defects.push(Defect::ZoneTwice {
                        zone: id.to_string(),
                        other,
                    });
                }
            }
            for records in self.candidates(&zone.records) {
                self.records(id, &zone.name, records);
            }
        }
        let mut domains: BTreeMap<(&VpcId, String), &ResolverRuleId> = BTreeMap::new();
        for (id, rule) in self.network.resolver_rules() {
            if let ResolverAction::ForwardTo(vpc) = &rule.action {
                let found = self.network.vpcs().get(vpc).map(|_| None);
                self.uses(id, "VPC", vpc, found, None);
            }
            for vpc in &rule.vpcs {
                let found = self.network.vpcs().get(vpc).map(|_| None);
                self.uses(id, "VPC", vpc, found, None);
                if let Some(other) = domains.insert((vpc, rule.domain.to_lowercase()), id) {
                    self.defects.push(Defect::ResolverRuleTwice {
                        rule: id.to_string(),
                        other: other.to_string(),
                    });
                }
            }
        }
    }

    fn records(&mut self, id: &HostedZoneId, zone: &str, records: &[DnsRecord]) {
        let mut seen = BTreeSet::new();
        for record in records {
            let below = record.name.strip_suffix(zone);
            let inside = below.is_some_and(|below| below.is_empty() || below.ends_with('.'));
            let empty = matches!(&record.target, DnsTarget::Addresses(of) if of.is_empty());
            if empty || !inside || !seen.insert(&record.name) {
                self.defects.push(Defect::ZoneRecord {
                    zone: id.to_string(),
                    record: record.name.clone(),
                });
            }
            if let DnsTarget::Endpoint(endpoint) = &record.target {
                let found = self.network.vpc_endpoints().get(endpoint).map(|_| None);
                self.uses(id, "endpoint", endpoint, found, None);
            }
        }
    }
}

fn pairs<T>(items: &[T]) -> impl Iterator<Item = (&T, &T)> {
    items.iter().enumerate().flat_map(|(position, one)| {
        let rest = items.iter().skip(position + 1);
        rest.map(move |other| (one, other))
    })
}
