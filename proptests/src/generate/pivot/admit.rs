//! Filters on the way: groups and ACLs.

use model::AttachmentKind;

use super::*;

impl Builder<'_> {
    /// Opens the filters of a way, breaks one of them, and gives the flow.
    pub(super) fn admit(
        &mut self,
        way: &Passage,
        plan: &PivotPlan,
        fault: Fault,
        kind: Way,
    ) -> Option<Flow> {
        let port = pick(&plan.port, &pool::PORTS).copied().unwrap_or(443);
        let udp = self.is_udp(plan);
        let near = if fault == Fault::Port {
            port.checked_add(1).unwrap_or(0)
        } else {
            port
        };
        let ports = RulePorts {
            from: near,
            to: near.max(pick(&plan.peer, &pool::PORTS).copied().unwrap_or(near)),
        };
        let traffic = if udp {
            RuleTraffic::Udp(ports)
        } else {
            RuleTraffic::Tcp(ports)
        };
        let family = way.source.family();
        if way.outside.is_none() && fault != Fault::Egress {
            // Outbound a reference does not cross a transit gateway; that is tried one time in four.
            let transit = kind == Way::Transit && pool::fine(&plan.narrow, 4) > 0;
            let receiver = way.receiver.as_ref().filter(|_| !transit);
            let peer = self.narrow(way.destination, receiver, plan);
            let rule = GroupRule {
                traffic: traffic.clone(),
                peer,
            };
            self.add_rule(&way.sender, rule, false);
        }
        if let Some(receiver) = &way.receiver
            && fault != Fault::Ingress
        {
            let sender = way.outside.is_none().then_some(&way.sender);
            let peer = self.narrow(way.source, sender, plan);
            self.add_rule(receiver, GroupRule { traffic, peer }, true);
        }
        let both = [true, true];
        self.pass_acl(&way.sender.subnet, family, AclAction::Allow, both);
        if let Some(receiver) = &way.receiver {
            self.pass_acl(&receiver.subnet, family, AclAction::Allow, both);
        }
        self.keep_apart(way, plan);
        self.let_client_out(way);
        self.advertise(way, plan);
        match fault {
            Fault::AclOut => {
                let out = [false, true];
                self.pass_acl(&way.sender.subnet, family, AclAction::Deny, out);
            }
            Fault::AclBack => {
                let back = [true, false];
                self.pass_acl(&way.sender.subnet, family, AclAction::Deny, back);
            }
            Fault::Spoof => {
                let client = self.client_vpn_of(&way.sender.interface).is_some();
                if !client && let Some(sender) = self.interface_mut(&way.sender.interface) {
                    sender.source_destination_check = false;
                }
            }
            Fault::None
            | Fault::ReturnPorts
            | Fault::Egress
            | Fault::Ingress
            | Fault::Port
            | Fault::Blackhole
            | Fault::PublicAccess
            | Fault::Link
            | Fault::Target => {}
        }
        let (source_port, destination_port) = (CLIENT_PORT, port);
        let transport = if udp {
            Transport::Udp {
                source_port,
                destination_port,
            }
        } else {
            Transport::Tcp {
                source_port,
                destination_port,
            }
        };
        let spoofed = match (&way.outside, way.source.family()) {
            (Some(Source::OnPremises(_)), _) => pool::neighbour(way.sender.address, 1),
            (_, Family::V4) => pool::address("192.168.77.7"),
            (_, Family::V6) => pool::address("2001:db8:fffe::77"),
        };
        let from = if fault == Fault::Spoof {
            spoofed
        } else {
            way.source
        };
        let packet = Packet::new(from, way.destination, transport)?;
        let of_sender = || Source::Interface(way.sender.interface.clone());
        let source = way.outside.clone().unwrap_or_else(of_sender);
        Some(Flow::new(source, packet))
    }

    /// Where what comes from outside may come out by several subnets, and one of them is the
    /// receiver's: perhaps their ACL does not let it across to that one, or another route than the
    /// local one leads there.
    fn keep_apart(&mut self, way: &Passage, plan: &PivotPlan) -> Option<()> {
        let receiver = way.receiver.as_ref().filter(|_| way.outside.is_some())?;
        let mut attachments = self.draft.transit_gateway_attachments.iter();
        attachments.find(|one| match &one.kind {
            AttachmentKind::Vpc { subnets, .. } => {
                subnets.len() > 1 && subnets.contains(&receiver.subnet)
            }
            AttachmentKind::Peering { .. }
            | AttachmentKind::OnPremises { .. }
            | AttachmentKind::Unmodelled(_) => false,
        })?;
        let family = way.destination.family();
        match pool::fine(&plan.narrow, 4) {
            0 => self.pass_acl(&receiver.subnet, family, AclAction::Deny, [true, false]),
            1 => self.pass_acl(&receiver.subnet, family, AclAction::Deny, [false, true]),
            2 => {
                let block = self.subnet_block(&receiver.subnet, receiver.address)?;
                let target = Target::NetworkInterface(way.sender.interface.clone());
                self.lead(&receiver.subnet, block, &target, false)
            }
            _ => None,
        }
    }

    /// Whether the flow is one of UDP.
    pub(super) fn is_udp(&self, plan: &PivotPlan) -> bool {
        plan.port.index(5) == 4
    }

    /// A peer that holds an address: the host, a block around it, or its interface's group.
    pub(super) fn narrow(
        &self,
        address: Address,
        place: Option<&Place>,
        plan: &PivotPlan,
    ) -> RulePeer {
        let group = place.and_then(|place| {
            let mut interfaces = self.draft.network_interfaces.iter();
            let interface = interfaces.find(|one| one.id == place.interface)?;
            interface.groups.known()?.iter().next().cloned()
        });
        let by_group = plan.reference.index(2) == 0;
        match (plan.narrow.index(5), group) {
            (_, Some(group)) if by_group => RulePeer::Group(group),
            (0..=2, _) => RulePeer::Cidr(Cidr::host(address)),
            (3, _) => {
                let width = address.family().width();
                RulePeer::Cidr(pool::around(address, width - 8))
            }
            (_, _) => match address.family() {
                Family::V4 => RulePeer::Cidr(pool::cidr("0.0.0.0/0")),
                Family::V6 => RulePeer::Cidr(pool::cidr("::/0")),
            },
        }
    }

    /// Adds a rule to a group of an interface, which gets one when it has none that is known.
    pub(super) fn add_rule(&mut self, place: &Place, rule: GroupRule, inbound: bool) -> Option<()> {
        let fallback = format!("g-of-{}", place.vpc);
        let interface = self.interface_mut(&place.interface)?;
        let known = interface
            .groups
            .known()
            .and_then(|groups| groups.iter().next());
        let group = match known {
            Some(group) => group.clone(),
            None => {
                let group = model::SecurityGroupId::new(&fallback);
                interface.groups = Value::Known([group.clone()].into());
                group
            }
        };
        if !self.draft.security_groups.iter().any(|one| one.id == group) {
            self.draft.security_groups.push(SecurityGroup {
                id: group.clone(),
                vpc: place.vpc.clone(),
                name: fallback,
                ingress: Vec::new(),
                egress: Vec::new(),
                tags: Tags::new(),
            });
        }
        let mut groups = self.draft.security_groups.iter_mut();
        let group = groups.find(|one| one.id == group)?;
        if inbound {
            group.ingress.push(rule);
        } else {
            group.egress.push(rule);
        }
        Some(())
    }

    /// Gives the NAT gateway's subnet an ACL of its own that lets only high ports in, except from
    /// its own VPC.
    pub(super) fn return_ports(&mut self, subnet: &SubnetId, block: Cidr) -> Option<()> {
        let mut subnets = self.draft.subnets.iter_mut();
        let subnet = subnets.find(|one| one.id == *subnet)?;
        let id = NetworkAclId::new(format!("{}-high", subnet.id));
        subnet.network_acl = Value::Known(id.clone());
        let entry = |number, traffic, cidr| AclEntry {
            number,
            action: AclAction::Allow,
            traffic,
            cidr,
        };
        let high = RulePorts {
            from: 32_768,
            to: u16::MAX,
        };
        let everywhere = pool::cidr("0.0.0.0/0");
        let vpc = subnet.vpc.clone();
        self.draft.network_acls.push(NetworkAcl {
            id,
            vpc,
            ingress: vec![
                entry(100, RuleTraffic::All, block),
                entry(110, RuleTraffic::Tcp(high), everywhere),
                entry(120, RuleTraffic::Udp(high), everywhere),
            ],
            egress: vec![
                entry(100, RuleTraffic::All, everywhere),
                entry(110, RuleTraffic::All, pool::cidr("::/0")),
            ],
            tags: Tags::new(),
        });
        Some(())
    }

    /// An entry in front of the others of a subnet's ACL, inbound and outbound.
    pub(super) fn pass_acl(
        &mut self,
        subnet: &SubnetId,
        family: Family,
        action: AclAction,
        [inbound, outbound]: [bool; 2],
    ) -> Option<()> {
        let subnet = self.draft.subnets.iter().find(|one| one.id == *subnet)?;
        let (id, vpc) = (subnet.id.clone(), subnet.vpc.clone());
        let acl = match subnet.network_acl.known() {
            Some(acl) => acl.clone(),
            None => self.open_acl(&vpc),
        };
        let mut subnets = self.draft.subnets.iter_mut();
        subnets.find(|one| one.id == id)?.network_acl = Value::Known(acl.clone());
        let mut acls = self.draft.network_acls.iter_mut();
        let acl = acls.find(|one| one.id == acl)?;
        let cidr = match family {
            Family::V4 => pool::cidr("0.0.0.0/0"),
            Family::V6 => pool::cidr("::/0"),
        };
        for (wanted, entries) in [(inbound, &mut acl.ingress), (outbound, &mut acl.egress)] {
            if !wanted {
                continue;
            }
            let lowest = entries.iter().map(|entry| entry.number).min();
            let number = lowest.map_or(100, |lowest| lowest - 1).max(1);
            entries.retain(|entry| entry.number != number);
            entries.push(AclEntry {
                number,
                action,
                traffic: RuleTraffic::All,
                cidr,
            });
        }
        Some(())
    }
}
