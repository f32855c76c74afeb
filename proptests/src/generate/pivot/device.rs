//! Ways through devices of the VPC: appliances and Gateway Load Balancer endpoints.

use model::{Middlebox, Subnet};

use super::*;

impl Builder<'_> {
    /// The blocks of IPv4 of a subnet that hold an address.
    pub(super) fn subnet_block(&self, subnet: &SubnetId, address: Address) -> Option<Cidr> {
        let subnet = self.draft.subnets.iter().find(|one| one.id == *subnet)?;
        let mut blocks = subnet.cidrs.iter().copied();
        blocks.find(|cidr| pool::holds(*cidr, address))
    }

    pub(super) fn zone_of(&self, subnet: &SubnetId) -> [Option<String>; 2] {
        let subnet = self.draft.subnets.iter().find(|one| one.id == *subnet);
        subnet.map_or([None, None], |one| [one.zone.clone(), one.zone_id.clone()])
    }

    /// An appliance in a subnet of its own.
    pub(super) fn appliance(
        &mut self,
        id: &str,
        vpc: &VpcId,
        zone: [Option<String>; 2],
        plan: &PivotPlan,
    ) -> Option<(Target, Subnet)> {
        let subnet = self.add_subnet(&format!("{id}-net"), vpc, zone)?;
        self.add_middlebox(id, &subnet, &plan.from, Middlebox::Forwards)?;
        Some((Target::NetworkInterface(id.into()), subnet))
    }

    /// An ordinary interface, which checks what it sends and takes.
    pub(super) fn host_in(&mut self, id: &str, subnet: &Subnet) -> Option<Place> {
        let host = &self.plan.pivot.as_ref()?.from;
        self.add_middlebox(id, subnet, host, Middlebox::Unknown)?;
        let interface = self.draft.network_interfaces.last_mut()?;
        interface.source_destination_check = true;
        let AddressValue::Known(address) = interface.addresses.first()?.private else {
            return None;
        };
        Some(Place {
            interface: interface.id.clone(),
            address,
            subnet: subnet.id.clone(),
            vpc: subnet.vpc.clone(),
        })
    }

    /// From one appliance to the next: one or two mostly, and up to more than a way may have.
    pub(super) fn through_a_row(
        &mut self,
        sender: &Place,
        plan: &PivotPlan,
        fault: Fault,
    ) -> Option<Passage> {
        const LENGTHS: [usize; 8] = [1, 2, 1, 3, 2, 6, 7, 8];
        let places = self.places(Family::V4);
        let others = places
            .iter()
            .filter(|place| place.vpc == sender.vpc && place.subnet != sender.subnet);
        let receiver = (**pick(&plan.to, &others.collect::<Vec<_>>())?).clone();
        let there = self.subnet_block(&receiver.subnet, receiver.address)?;
        let here = self.subnet_block(&sender.subnet, sender.address)?;
        let length = pick(&plan.peer, &LENGTHS).copied().unwrap_or(1);
        let zone = self.zone_of(&sender.subnet);
        let mut row = Vec::new();
        for n in 0..length {
            row.push(self.appliance(&format!("m-of-pivot{n}"), &sender.vpc, zone.clone(), plan)?);
        }
        let mut from = sender.subnet.clone();
        let blackhole = fault == Fault::Blackhole;
        for (target, subnet) in &row {
            self.lead(&from, there, target, blackhole)?;
            from = subnet.id.clone();
        }
        let mut from = receiver.subnet.clone();
        // The way back may leave out the last one.
        let skipped = usize::from(fault == Fault::Link && plan.narrow.index(2) == 0);
        for (target, subnet) in row.iter().rev().skip(skipped) {
            self.lead(&from, here, target, false)?;
            from = subnet.id.clone();
        }
        let middle = Target::NetworkInterface("m-of-pivot0".into());
        let last = row.last().filter(|_| fault == Fault::Link && skipped == 0);
        if let Some((_, last)) = last {
            // Or the way out goes round.
            self.lead(&last.id.clone(), there, &middle, false)?;
        }
        let id = NetworkInterfaceId::new("m-of-pivot0");
        if let Some(first) = self.interface_mut(&id) {
            first.source_destination_check = fault == Fault::Target;
            if fault == Fault::None && plan.narrow.index(7) == 6 {
                first.middlebox = Middlebox::Inspects;
            }
        }
        Some(Passage {
            source: sender.address,
            destination: receiver.address,
            sender: sender.clone(),
            receiver: Some(receiver),
            outside: None,
        })
    }

    /// A Gateway Load Balancer endpoint.
    pub(super) fn load_balancer(
        &mut self,
        vpc: &VpcId,
        subnet: &SubnetId,
        available: bool,
        plan: &PivotPlan,
    ) -> Target {
        self.draft.vpc_endpoints.push(VpcEndpoint {
            id: "e-of-pivot".into(),
            vpc: vpc.clone(),
            service: "com.amazonaws.vpce.us-east-1.vpce-svc-1".to_owned(),
            available,
            kind: EndpointKind::GatewayLoadBalancer {
                subnet: subnet.clone(),
                middlebox: if plan.narrow.index(6) == 5 {
                    Middlebox::Unknown
                } else {
                    Middlebox::Forwards
                },
            },
            policy: Value::Known(full_access()),
            tags: Tags::new(),
        });
        Target::GatewayLoadBalancerEndpoint("e-of-pivot".into())
    }

    /// The three tables of an inspected subnet: its own, the endpoint's and the internet gateway's.
    pub(super) fn through_load_balancer(
        &mut self,
        sender: &Place,
        plan: &PivotPlan,
        fault: Fault,
    ) -> Option<Passage> {
        let gateway = self.gateway_of(&sender.vpc);
        let public = self.publish(&sender.interface, sender.address)?;
        let (block, outside) = public_host(plan);
        let here = self.subnet_block(&sender.subnet, sender.address)?;
        let zone = self.zone_of(&sender.subnet);
        let subnet = self.add_subnet("e-of-pivot-net", &sender.vpc, zone)?;
        // A firewall of both kinds.
        let (target, subnet) = if plan.port.index(3) == 0 {
            self.appliance("m-of-pivot", &sender.vpc, [None, None], plan)?
        } else {
            let available = fault != Fault::Target;
            let target = self.load_balancer(&sender.vpc, &subnet.id, available, plan);
            (target, subnet)
        };
        self.lead(&sender.subnet, block, &target, fault == Fault::Blackhole)?;
        self.lead(&subnet.id, block, &gateway, false)?;
        let edge = self.own_edge_table("pivot", &sender.vpc);
        if fault != Fault::Link {
            let mut tables = self.draft.route_tables.iter_mut();
            let table = tables.find(|table| table.id == edge)?;
            table.routes.push(Route {
                destination: Value::Known(RouteDestination::Cidr(here)),
                target: Value::Known(target),
                origin: RouteOrigin::Static,
                state: RouteState::Active,
            });
        }
        let mut gateways = self.draft.internet_gateways.iter_mut();
        let gateway = gateways.find(|one| one.vpc.as_ref() == Some(&sender.vpc))?;
        gateway.edge_route_table = Some(edge);
        let from_internet = plan.from.index(2) == 1;
        let (source, destination) = if from_internet {
            (outside, public)
        } else {
            (sender.address, outside)
        };
        Some(Passage {
            source,
            destination,
            sender: sender.clone(),
            receiver: from_internet.then(|| sender.clone()),
            outside: from_internet.then_some(Source::Internet),
        })
    }
}
