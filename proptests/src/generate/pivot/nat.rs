//! Ways by NAT gateways, and those that come back in from the internet.

use model::{DnsRecord, DnsTarget, HostedZone};

use super::*;

impl Builder<'_> {
    pub(super) fn through_nat(
        &mut self,
        sender: &Place,
        plan: &PivotPlan,
        fault: Fault,
        way: Way,
    ) -> Option<Passage> {
        let (nat, to_nat) = self.nat_target(sender, plan, fault)?;
        let blackhole = fault == Fault::Blackhole;
        let (destination, receiver) = if way == Way::NatPeering {
            let (peering, receiver) = self.any_peer_of(&sender.vpc, plan)?;
            self.set_peering(&peering, true)?;
            let there = self.block_of(&receiver.vpc, receiver.address)?;
            let target = Target::Peering(peering.as_str().into());
            self.lead(&sender.subnet, there, &to_nat, blackhole)?;
            self.lead(&nat.subnet, there, &target, false)?;
            (receiver.address, Some(receiver))
        } else if way == Way::NatEndpoint {
            let (endpoint, list, cidr) = self.any_endpoint_of(&sender.vpc)?;
            self.lead(&sender.subnet, pool::cidr("0.0.0.0/0"), &to_nat, blackhole)?;
            let target = Target::GatewayEndpoint(endpoint);
            self.lead_to(
                &nat.subnet,
                RouteDestination::PrefixList(list),
                &target,
                false,
            )?;
            (cidr.base(), None)
        } else {
            let target = self.gateway_of(&sender.vpc);
            self.publish_all(&nat)?;
            let (block, destination) = public_host(plan);
            self.lead(&sender.subnet, block, &to_nat, blackhole)?;
            self.lead(&nat.subnet, block, &target, false)?;
            self.public_access(&nat.subnet, Crossing::OutboundOnly, fault);
            (destination, None)
        };
        self.pass_acl(&nat.subnet, Family::V4, AclAction::Allow, [true, true]);
        self.narrow_return(&nat, sender, plan, fault)?;
        Some(Passage {
            source: sender.address,
            destination,
            sender: sender.clone(),
            receiver,
            outside: None,
        })
    }

    /// A NAT gateway for a sender, as available as the fault says, and the target of routes to it.
    fn nat_target(
        &mut self,
        sender: &Place,
        plan: &PivotPlan,
        fault: Fault,
    ) -> Option<(NatGateway, Target)> {
        let nat = self.nat_for(sender, plan)?;
        let mut all = self.draft.nat_gateways.iter_mut();
        all.find(|one| one.id == nat.id)?.available = fault != Fault::Target;
        let target = Target::NatGateway(nat.id.clone());
        Some((nat, target))
    }

    /// Lets replies to high ports only into a NAT gateway's subnet: without a fault as well, one
    /// time in five, since the ports are what a NAT gateway hides.
    fn narrow_return(
        &mut self,
        nat: &NatGateway,
        sender: &Place,
        plan: &PivotPlan,
        fault: Fault,
    ) -> Option<()> {
        let narrow = fault == Fault::None && plan.narrow.index(5) == 4;
        if narrow || fault == Fault::ReturnPorts {
            let block = self.block_of(&sender.vpc, sender.address)?;
            self.return_ports(&nat.subnet, block);
        }
        Some(())
    }

    /// A NAT gateway whose subnet has another table than the sender's; made when there is none.
    fn nat_for(&mut self, sender: &Place, plan: &PivotPlan) -> Option<NatGateway> {
        let table = self.table_id(&sender.subnet);
        let nats = self.draft.nat_gateways.iter().filter(|nat| {
            let mut subnets = self.draft.subnets.iter();
            let inside = subnets.any(|one| one.id == nat.subnet && one.vpc == sender.vpc);
            inside && self.table_id(&nat.subnet) != table
        });
        let nats: Vec<_> = nats.cloned().collect();
        if let Some(nat) = pick(&plan.peer, &nats) {
            return Some(nat.clone());
        }
        let mut subnets = self.draft.subnets.iter();
        let subnet = subnets.find(|one| one.vpc == sender.vpc && one.id != sender.subnet);
        let subnet = subnet?.clone();
        let private = self.new_address(&subnet, Family::V4, &plan.peer)?;
        self.add_nat("nat-of-pivot", &subnet, private, false, true);
        self.own_table("nat-of-pivot", &subnet);
        self.draft.nat_gateways.last().cloned()
    }

    /// Gives each address of a NAT gateway a public one, and says its first private one.
    fn publish_all(&mut self, nat: &NatGateway) -> Option<Address> {
        let mut interfaces = self.draft.network_interfaces.iter();
        let interface = interfaces.find(|one| one.id == nat.interface)?;
        let addresses = interface.addresses.iter().filter_map(|one| {
            let AddressValue::Known(private) = one.private else {
                return None;
            };
            (private.family() == Family::V4).then_some(private)
        });
        let addresses: Vec<_> = addresses.collect();
        for private in &addresses {
            self.publish(&nat.interface, *private);
        }
        addresses.first().copied()
    }

    /// The sender knows the destination by a name, for which DNS64 answers.
    fn name_by_dns64(&mut self, sender: &Place, destination: Address) {
        let mut subnets = self.draft.subnets.iter_mut();
        if let Some(subnet) = subnets.find(|one| one.id == sender.subnet) {
            subnet.dns64 = true;
        }
        let mut vpcs = self.draft.vpcs.iter_mut();
        if let Some(vpc) = vpcs.find(|one| one.id == sender.vpc) {
            (vpc.dns_support, vpc.dns_hostnames) = (true, true);
            vpc.custom_dns_servers = false;
        }
        let zone = HostedZone {
            id: format!("zone-nat64-{}", sender.vpc).as_str().into(),
            name: pool::NAT64_NAME.to_owned(),
            vpcs: [sender.vpc.clone()].into(),
            records: Value::Known(vec![DnsRecord {
                name: pool::NAT64_NAME.to_owned(),
                target: DnsTarget::Addresses([destination].into()),
            }]),
            tags: Tags::new(),
        };
        if self.draft.hosted_zones.iter().all(|one| one.id != zone.id) {
            self.draft.hosted_zones.push(zone);
        }
    }

    /// From an IPv6 address by a NAT gateway: to the internet, or to an interface of the VPC.
    pub(super) fn through_nat64(&mut self, plan: &PivotPlan, fault: Fault) -> Option<Passage> {
        let sender = pick(&plan.from, &self.places(Family::V6))?.clone();
        let (nat, to_nat) = self.nat_target(&sender, plan, fault)?;
        let translated = pool::cidr(pool::NAT64);
        self.lead(
            &sender.subnet,
            translated,
            &to_nat,
            fault == Fault::Blackhole,
        )?;
        let private = self.publish_all(&nat)?;
        let inside = self.places(Family::V4).into_iter();
        let inside = inside.filter(|one| one.vpc == sender.vpc && one.subnet != nat.subnet);
        let inside: Vec<_> = inside.collect();
        let receiver = pick(&plan.to, &inside).filter(|_| plan.reference.index(3) == 0);
        let destination = if let Some(receiver) = receiver {
            self.known_table(&nat.subnet)?;
            if fault != Fault::Ingress {
                // It sees the NAT gateway.
                let rule = GroupRule {
                    traffic: RuleTraffic::All,
                    peer: RulePeer::Cidr(Cidr::host(private)),
                };
                self.add_rule(receiver, rule, true);
            }
            let both = [true, true];
            self.pass_acl(&receiver.subnet, Family::V4, AclAction::Allow, both);
            receiver.address
        } else {
            let target = self.gateway_of(&sender.vpc);
            let (block, destination) = public_host(plan);
            self.lead(&nat.subnet, block, &target, false)?;
            self.public_access(&nat.subnet, Crossing::OutboundOnly, fault);
            destination
        };
        for family in [Family::V4, Family::V6] {
            self.pass_acl(&nat.subnet, family, AclAction::Allow, [true, true]);
        }
        self.narrow_return(&nat, &sender, plan, fault)?;
        self.name_by_dns64(&sender, destination);
        Some(Passage {
            source: sender.address,
            destination: pool::image(destination),
            sender,
            receiver: None,
            outside: None,
        })
    }

    /// Out by an internet gateway, one time in three from a NAT gateway, to a public address of an
    /// interface of the network.
    pub(super) fn towards_itself(
        &mut self,
        sender: &Place,
        plan: &PivotPlan,
        fault: Fault,
    ) -> Option<Passage> {
        let receiver = pick(&plan.to, &self.places(Family::V4))?.clone();
        let destination = self.publish(&receiver.interface, receiver.address)?;
        let block = pool::cidr("198.51.100.0/24");
        let there = self.gateway_of(&receiver.vpc);
        self.lead(&receiver.subnet, block, &there, false)?;
        self.public_access(&receiver.subnet, Crossing::In, fault);
        let here = self.gateway_of(&sender.vpc);
        // Now and then a rule is for the private source, which is not seen there.
        let by_private = pool::fine(&plan.narrow, 3) == 0;
        if by_private {
            self.picky(&receiver)?;
        }
        let apart = self.table_id(&sender.subnet) != self.table_id(&receiver.subnet);
        let (source, behind) = if apart && plan.reference.index(3) == 0 {
            let (nat, to_nat) = self.nat_target(sender, plan, fault)?;
            self.lead(&sender.subnet, block, &to_nat, fault == Fault::Blackhole)?;
            self.lead(&nat.subnet, block, &here, false)?;
            self.public_access(&nat.subnet, Crossing::OutboundOnly, fault);
            self.pass_acl(&nat.subnet, Family::V4, AclAction::Allow, [true, true]);
            let private = self.publish_all(&nat)?;
            (self.publish(&nat.interface, private), private)
        } else {
            self.lead(&sender.subnet, block, &here, fault == Fault::Blackhole)?;
            self.public_access(&sender.subnet, Crossing::Out, fault);
            let published = fault != Fault::Target;
            let public = published.then(|| self.publish(&sender.interface, sender.address));
            (public.flatten(), sender.address)
        };
        let seen = if by_private { Some(behind) } else { source };
        if let Some(source) = seen.filter(|_| fault != Fault::Ingress) {
            let peer = self.narrow(source, None, plan);
            let traffic = RuleTraffic::All;
            self.add_rule(&receiver, GroupRule { traffic, peer }, true);
        }
        let both = [true, true];
        self.pass_acl(&receiver.subnet, Family::V4, AclAction::Allow, both);
        Some(Passage {
            source: sender.address,
            destination,
            sender: sender.clone(),
            receiver: None,
            outside: None,
        })
    }
}
