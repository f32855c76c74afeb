//! Devices inside of a VPC: appliances, and the routes that lead through them and through Gateway
//! Load Balancer endpoints, from subnets and from internet gateways.

use model::{
    AddressValue, Attachment, EndpointKind, Family, GroupRule, InterfaceAddress, Middlebox,
    NetworkInterface, NetworkInterfaceId, Route, RouteDestination, RouteOrigin, RouteState,
    RouteTable, RouteTableId, RulePeer, RuleTraffic, SecurityGroup, SecurityGroupId, Subnet, Tags,
    Target, Value, VpcId,
};
use proptest::sample::Index;

use super::Builder;
use super::vpc::local_routes;
use crate::plan::GatewayPlan;
use crate::pool::{self, choose, once_in, pick};
use crate::swarm::Feature;
use crate::weights::{EDGE_TABLE, EdgeTable, MIDDLEBOX, THROUGH, Through};

/// A device with the subnets between which it stands.
struct Device<'p> {
    target: Target,
    vpc: VpcId,
    one: &'p Index,
    other: &'p Index,
    route: &'p Index,
}

impl<'p> Builder<'p> {
    pub(super) fn middleboxes(&mut self) {
        if !self.has(Feature::Middleboxes) {
            return;
        }
        for (position, plan) in self.plan.middleboxes.iter().enumerate() {
            let Some(near) = pick(&plan.subnet, &self.draft.subnets).cloned() else {
                continue;
            };
            let id = format!("m{position}");
            let Some(subnet) = self.device_subnet(&id, &near, &plan.place) else {
                continue;
            };
            let broken = self.has(Feature::Broken) && once_in(&plan.check, 7);
            let stated = choose(&plan.stated, &MIDDLEBOX);
            self.add_middlebox(&id, &subnet, &plan.host, stated);
            let own = self.draft.security_groups.iter();
            let own: Vec<_> = own.filter(|group| group.vpc == subnet.vpc).collect();
            let group = pick(&plan.group, &own).map(|group| group.id.clone());
            if let Some(interface) = self.draft.network_interfaces.last_mut() {
                interface.source_destination_check = broken;
                if let (Some(group), true) = (group, once_in(&plan.group, 3)) {
                    interface.groups = Value::Known([group].into());
                }
            }
        }
    }

    /// Three devices in four have a subnet for nothing else: by the table of another one they would
    /// send to themselves.
    pub(super) fn device_subnet(
        &mut self,
        id: &str,
        near: &Subnet,
        place: &Index,
    ) -> Option<Subnet> {
        if once_in(place, 4) {
            return Some(near.clone());
        }
        let zone = [near.zone.clone(), near.zone_id.clone()];
        self.add_subnet(&format!("{id}-net"), &near.vpc, zone)
    }

    /// An appliance that checks nothing, with a group that lets everything through.
    pub(super) fn add_middlebox(
        &mut self,
        id: &str,
        subnet: &Subnet,
        host: &Index,
        middlebox: Middlebox,
    ) -> Option<()> {
        let mut addresses = Vec::new();
        for family in [Family::V4, Family::V6] {
            let private = self.new_address(subnet, family, host);
            addresses.extend(private.map(|private| InterfaceAddress {
                private: AddressValue::Known(private),
                public: None,
            }));
        }
        let group = self.open_group(&subnet.vpc);
        self.draft.network_interfaces.push(NetworkInterface {
            id: NetworkInterfaceId::new(id),
            subnet: subnet.id.clone(),
            addresses,
            groups: Value::Known([group].into()),
            source_destination_check: false,
            middlebox,
            attachment: Attachment::Ordinary { instance: None },
            tags: Tags::new(),
        });
        Some(())
    }

    /// The group of a VPC that lets everything through; made when it is needed.
    fn open_group(&mut self, vpc: &VpcId) -> SecurityGroupId {
        let id = SecurityGroupId::new(format!("{vpc}-through"));
        if self.draft.security_groups.iter().any(|one| one.id == id) {
            return id;
        }
        let rule = |cidr| GroupRule {
            traffic: RuleTraffic::All,
            peer: RulePeer::Cidr(pool::cidr(cidr)),
        };
        let rules = vec![rule("0.0.0.0/0"), rule("::/0")];
        self.draft.security_groups.push(SecurityGroup {
            id: id.clone(),
            vpc: vpc.clone(),
            name: id.to_string(),
            ingress: rules.clone(),
            egress: rules,
            tags: Tags::new(),
        });
        id
    }

    /// The table of an internet gateway: none, one of its own, or one that a subnet may use too.
    pub(super) fn edge_table(
        &mut self,
        gateway: &str,
        vpc: &VpcId,
        plan: &GatewayPlan,
    ) -> Option<RouteTableId> {
        if !self.has(Feature::EdgeTables) {
            return None;
        }
        match choose(&plan.table, &EDGE_TABLE) {
            EdgeTable::None => None,
            EdgeTable::OfSubnets => {
                pick(&plan.edge, &self.tables_of(vpc)).map(|table| table.id.clone())
            }
            EdgeTable::Own => Some(self.own_edge_table(gateway, vpc)),
        }
    }

    pub(super) fn own_edge_table(&mut self, gateway: &str, vpc: &VpcId) -> RouteTableId {
        let id = RouteTableId::new(format!("{gateway}-edge"));
        self.draft.route_tables.push(RouteTable {
            id: id.clone(),
            routes: local_routes(self.vpc(vpc).map_or(&[], |vpc| &vpc.cidrs)),
            vpc: vpc.clone(),
            tags: Tags::new(),
        });
        id
    }

    fn devices(&self) -> Vec<Device<'p>> {
        let plan = self.plan;
        let mut devices = Vec::new();
        for (position, plan) in plan.middleboxes.iter().enumerate() {
            let id = NetworkInterfaceId::new(format!("m{position}"));
            let mut interfaces = self.draft.network_interfaces.iter();
            let interface = interfaces.find(|one| one.id == id);
            if let Some(vpc) = interface.and_then(|one| self.vpc_of(one)) {
                devices.push(Device {
                    target: Target::NetworkInterface(id),
                    vpc,
                    one: &plan.one,
                    other: &plan.other,
                    route: &plan.route,
                });
            }
        }
        let endpoints = self.draft.vpc_endpoints.iter().zip(&plan.endpoints);
        for (endpoint, plan) in endpoints {
            if let EndpointKind::GatewayLoadBalancer { .. } = endpoint.kind {
                devices.push(Device {
                    target: Target::GatewayLoadBalancerEndpoint(endpoint.id.clone()),
                    vpc: endpoint.vpc.clone(),
                    one: &plan.dns,
                    other: &plan.names,
                    route: &plan.group,
                });
            }
        }
        devices
    }

    /// Leads through the devices of a VPC: from a subnet to another and back, or one way only; to
    /// everywhere; or wherever the local route led.
    pub(super) fn device_routes(&mut self) {
        for Device {
            target,
            vpc,
            one,
            other,
            route,
        } in self.devices()
        {
            let subnets = self.draft.subnets.iter().filter(|one| one.vpc == vpc);
            let subnets: Vec<_> = subnets.cloned().collect();
            let (Some(one), Some(other)) = (pick(one, &subnets), pick(other, &subnets)) else {
                continue;
            };
            let everywhere = ["0.0.0.0/0", "::/0"].map(pool::cidr);
            match choose(route, &THROUGH) {
                Through::Both => {
                    self.through(one, &other.cidrs, &target);
                    self.through(other, &one.cidrs, &target);
                }
                Through::OneWay => self.through(one, &other.cidrs, &target),
                Through::Everywhere => self.through(one, &everywhere, &target),
                Through::Local => self.replace_local(one, &target),
                Through::LocalByNat => {
                    let mut nats = self.draft.nat_gateways.iter();
                    let mut subnets = subnets.iter();
                    let nat = nats.find(|nat| subnets.any(|one| one.id == nat.subnet));
                    if let Some(nat) = nat.map(|nat| Target::NatGateway(nat.id.clone())) {
                        self.replace_local(one, &nat);
                    }
                }
            }
        }
        self.edge_routes();
    }

    fn through(&mut self, from: &Subnet, blocks: &[model::Cidr], target: &Target) {
        let Some(id) = self.table_id(&from.id) else {
            return;
        };
        let mut tables = self.draft.route_tables.iter_mut();
        if let Some(table) = tables.find(|table| table.id == id) {
            for block in blocks {
                lead(table, *block, target);
            }
        }
    }

    fn replace_local(&mut self, of: &Subnet, target: &Target) {
        let Some(id) = self.table_id(&of.id) else {
            return;
        };
        let mut tables = self.draft.route_tables.iter_mut();
        let Some(table) = tables.find(|table| table.id == id) else {
            return;
        };
        let mut routes = table.routes.iter_mut();
        if let Some(route) = routes.find(|one| one.target.known() == Some(&Target::Local)) {
            route.target = Value::Known(target.clone());
        }
    }

    /// The table of an internet gateway leads back to the devices by which subnets go out.
    fn edge_routes(&mut self) {
        let to_nats = self
            .plan
            .gateways
            .first()
            .is_some_and(|one| once_in(&one.edge, 3));
        let mut wanted = Vec::new();
        for gateway in &self.draft.internet_gateways {
            let Some(edge) = &gateway.edge_route_table else {
                continue;
            };
            let Some(vpc) = gateway
                .vpc
                .as_ref()
                .filter(|_| edge.as_str().ends_with("-edge"))
            else {
                continue;
            };
            for subnet in self.draft.subnets.iter().filter(|one| one.vpc == *vpc) {
                let id = self.table_id(&subnet.id);
                let mut tables = self.draft.route_tables.iter();
                let table = tables.find(|table| Some(&table.id) == id.as_ref());
                let routes = table.into_iter().flat_map(|table| &table.routes);
                for route in routes {
                    let (Some(RouteDestination::Cidr(to)), Some(target)) =
                        (route.destination.known(), route.target.known())
                    else {
                        continue;
                    };
                    // AWS refuses a NAT gateway there; every third input has one all the same.
                    let device = matches!(
                        target,
                        Target::NetworkInterface(_) | Target::GatewayLoadBalancerEndpoint(_)
                    ) || (to_nats && matches!(target, Target::NatGateway(_)));
                    if device && to.prefix_len() == 0 {
                        let blocks = subnet.cidrs.iter();
                        let blocks = blocks.filter(|one| one.family() == to.family());
                        wanted.extend(blocks.map(|one| (edge.clone(), *one, target.clone())));
                    }
                }
            }
        }
        for (edge, block, target) in wanted {
            let mut tables = self.draft.route_tables.iter_mut();
            if let Some(table) = tables.find(|table| table.id == edge) {
                lead(table, block, &target);
            }
        }
    }
}

/// A static route, unless the table has one for the block.
fn lead(table: &mut RouteTable, block: model::Cidr, target: &Target) {
    let destination = Value::Known(RouteDestination::Cidr(block));
    let mut routes = table.routes.iter();
    if !routes.any(|one| one.origin == RouteOrigin::Static && one.destination == destination) {
        table.routes.push(Route {
            destination,
            target: Value::Known(target.clone()),
            origin: RouteOrigin::Static,
            state: RouteState::Active,
        });
    }
}
