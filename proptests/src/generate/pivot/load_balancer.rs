//! Ways through load balancers: to a target, through one after another, by an endpoint service.
//!
//! The balancers are made for the way, from the last one to the first. The first leg is a way like
//! others; the filters of each further leg are opened here, and either the first leg is broken or
//! one of these.

use std::collections::BTreeSet;

use model::{
    AttachmentKind, EndpointService, EndpointServiceId, Hole, InterfaceAddress, Listener,
    ListenerProtocol, LoadBalancer, LoadBalancerId, LoadBalancerKind, MOST_PICKS, Middlebox,
    RegisteredTarget, SecurityGroupId, TargetDestination, TargetGroup, TargetGroupId,
};

use super::*;
use crate::dice::Dice;

/// A load balancer of the way.
struct Balancer {
    position: usize,
    kind: LoadBalancerKind,
    node: Place,
    preserves: bool,
    /// Whether its interface has a group.
    filters: bool,
}

/// What the last balancer, or the endpoint, hands the packet to, and how it comes there.
struct Leg<'p> {
    from: &'p Place,
    to: &'p Place,
    /// The port there.
    port: Port,
    /// The client, when the receiver sees its address.
    client: Option<Address>,
    /// Which ends have groups.
    filters: [bool; 2],
}

/// What only ways through relays have, and what of it is broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Broken {
    Nothing,
    /// There is no listener for the packet.
    Listener,
    /// The listeners are not known.
    OpenListeners,
    /// The targets are not known.
    OpenTargets,
    /// Nothing is registered.
    NoTargets,
    /// The target is in another zone, or in one that may be another.
    Zone,
    /// The client is its own target.
    Hairpin,
    /// The target is an endpoint's interface.
    Endpoint,
    /// The pick is beyond the candidates.
    Pick,
    /// The endpoint is not available.
    Available,
}

const BROKEN: [(usize, Broken); 9] = [
    (12, Broken::Listener),
    (8, Broken::OpenListeners),
    (10, Broken::OpenTargets),
    (8, Broken::NoTargets),
    (22, Broken::Zone),
    (16, Broken::Hairpin),
    (10, Broken::Endpoint),
    (10, Broken::Pick),
    (6, Broken::Available), // of endpoint services only
];

/// How many balancers there are one after another, where it is more than one.
const ROW: [(usize, usize); 4] = [(50, 2), (12, 3), (8, 4), (30, 5)];

/// Ports of replies that an ACL drops: some of those from which a node may send, all or none.
const RANGES: [(Port, Port); 6] = [
    (1_024, 32_767),
    (1_024, 1_024),
    (65_535, 65_535),
    (1_023, 1_024),
    (0, 1_023),
    (1_024, 65_535),
];

impl Builder<'_> {
    /// The flow with its picks.
    pub(super) fn by_relays(
        &mut self,
        client: &Place,
        plan: &PivotPlan,
        fault: Fault,
        way: Way,
    ) -> Option<Flow> {
        let mut dice = Self::dice_of(plan);
        let broken = match fault {
            Fault::Link | Fault::Blackhole | Fault::Target => dice.choose(&BROKEN)?,
            Fault::None
            | Fault::Egress
            | Fault::Ingress
            | Fault::Port
            | Fault::AclOut
            | Fault::AclBack
            | Fault::Spoof
            | Fault::ReturnPorts
            | Fault::PublicAccess => Broken::Nothing,
        };
        // Half of the faults are those of a further leg.
        let further = dice.percent(50)
            && matches!(
                fault,
                Fault::Egress | Fault::Ingress | Fault::AclOut | Fault::AclBack
            );
        let [near, far] = if further {
            [Fault::None, fault]
        } else {
            [fault, Fault::None]
        };
        let by_service = way == Way::EndpointService;
        let length = if way == Way::Relays {
            dice.choose(&ROW)?
        } else {
            1 + usize::from(by_service && dice.percent(25))
        };
        let receiver = self.target_of(client, by_service, broken, &mut dice)?;
        let row = self.row(client, &receiver, length, by_service, &mut dice)?;
        let receiver = match self.peered_target(&row, plan, &mut dice) {
            Some(peered) if !by_service => peered,
            Some(_) | None => receiver,
        };
        let first = row.first()?;
        let (entrance, picks) = if by_service {
            let entrance = self.consumer(client, first, broken, &mut dice)?;
            (entrance, row.len() + 1)
        } else {
            (first.node.clone(), row.len())
        };
        let passage = self.first_leg(client, &entrance, by_service, plan, near, &mut dice)?;
        self.serve(&row, &receiver, by_service, broken, plan, &mut dice)?;
        let mut flow = self.admit(&passage, plan, near, way)?;
        self.open_legs(&row, &receiver, &passage, by_service, far, plan, &mut dice)?;
        // Opening a filter gives an interface a group.
        for balancer in row.iter().filter(|one| !one.filters) {
            self.interface_mut(&balancer.node.interface)?.groups = Value::Known(BTreeSet::new());
        }
        flow.picks = vec![1; picks.min(MOST_PICKS)];
        if broken == Broken::Pick {
            let at = dice.below(flow.picks.len());
            *flow.picks.get_mut(at)? = 2;
        }
        Some(flow)
    }

    /// Now and then, behind a balancer that preserves the client's address, an interface over a peering.
    fn peered_target(
        &mut self,
        row: &[Balancer],
        plan: &PivotPlan,
        dice: &mut Dice,
    ) -> Option<Place> {
        let last = row.last().filter(|one| one.preserves && dice.percent(9))?;
        let (peering, receiver) = self.any_peer_of(&last.node.vpc, plan)?;
        self.set_peering(&peering, true)?;
        let there = self.block_of(&receiver.vpc, receiver.address)?;
        let target = Target::Peering(peering.as_str().into());
        self.lead(&last.node.subnet, there, &target, false)?;
        Some(receiver)
    }

    /// What the last balancer hands on to: an ordinary interface, mostly of the client's VPC, or for an
    /// endpoint service of another one; or what it must not.
    fn target_of(
        &self,
        client: &Place,
        by_service: bool,
        broken: Broken,
        dice: &mut Dice,
    ) -> Option<Place> {
        match broken {
            Broken::Hairpin if !by_service => return Some(client.clone()),
            Broken::Endpoint => {
                let place = self.endpoint_place();
                if let Some(place) = place.filter(|place| place.vpc == client.vpc) {
                    return Some(place);
                }
            }
            Broken::Hairpin
            | Broken::Nothing
            | Broken::Listener
            | Broken::OpenListeners
            | Broken::OpenTargets
            | Broken::NoTargets
            | Broken::Zone
            | Broken::Pick
            | Broken::Available => {}
        }
        let family = if dice.percent(10) {
            Family::V6
        } else {
            Family::V4
        };
        let mut places = self.places(family);
        if places.is_empty() {
            places = self.places(Family::V4);
        }
        let far = by_service && dice.percent(75);
        places.retain(|place| {
            place.interface != client.interface && (place.vpc == client.vpc) != far
        });
        dice.pick(&places).cloned()
    }

    /// The balancers, the first in front; each has a node in the receiver's VPC.
    fn row(
        &mut self,
        client: &Place,
        receiver: &Place,
        length: usize,
        by_service: bool,
        dice: &mut Dice,
    ) -> Option<Vec<Balancer>> {
        let udp = self.is_udp(self.plan.pivot.as_ref()?);
        let mut row = Vec::new();
        for position in 0..length {
            let last = position + 1 == length;
            // Behind a Network Load Balancer mostly an Application one; a target by address else.
            let offered = by_service && position == 0;
            let application =
                !udp && last && !offered && dice.percent(if length > 1 { 75 } else { 25 });
            let kind = if application {
                LoadBalancerKind::Application
            } else {
                LoadBalancerKind::Network
            };
            let filters = application || dice.percent(65);
            let node = self.node(position, receiver, client, kind, filters, dice)?;
            // Of an Application Load Balancer never; not of those in front of a Network one either.
            let preserves = !application && last && dice.percent(60);
            row.push(Balancer {
                position,
                kind,
                node,
                preserves,
                filters,
            });
        }
        Some(row)
    }

    /// A node, in a subnet of its own, or in the receiver's or the client's.
    fn node(
        &mut self,
        position: usize,
        receiver: &Place,
        client: &Place,
        kind: LoadBalancerKind,
        filters: bool,
        dice: &mut Dice,
    ) -> Option<Place> {
        let id = format!("lb-of-pivot{position}");
        let place = if client.vpc == receiver.vpc && dice.percent(50) {
            client
        } else {
            receiver
        };
        let near = self
            .draft
            .subnets
            .iter()
            .find(|one| one.id == place.subnet)?
            .clone();
        let subnet = if dice.percent(70) {
            let zone = self.zone_of(&receiver.subnet);
            self.add_subnet(&format!("{id}-net"), &receiver.vpc, zone)?
        } else {
            near
        };
        let host = &self.plan.pivot.as_ref()?.from;
        let families: &[Family] = match dice.below(10) {
            0..=2 => &[Family::V4],
            3 | 4 => &[Family::V4, Family::V4],
            _ => &[Family::V4, Family::V6],
        };
        let mut addresses = Vec::new();
        for family in families {
            let private = self.new_address(&subnet, *family, host);
            addresses.extend(private.map(|private| InterfaceAddress {
                private: AddressValue::Known(private),
                public: None,
            }));
        }
        let AddressValue::Known(address @ Address::V4(_)) = addresses.first()?.private else {
            return None;
        };
        let group = filters.then(|| self.relay_group(&format!("{id}-group"), &subnet.vpc));
        let node = NetworkInterfaceId::new(format!("{id}-node"));
        self.draft.network_interfaces.push(NetworkInterface {
            id: node.clone(),
            subnet: subnet.id.clone(),
            addresses,
            groups: Value::Known(group.into_iter().collect()),
            source_destination_check: true,
            middlebox: Middlebox::Unknown,
            attachment: Attachment::LoadBalancer(LoadBalancerId::new(&id)),
            tags: Tags::new(),
        });
        self.draft.load_balancers.push(LoadBalancer {
            name: None,
            id: LoadBalancerId::new(&id),
            kind,
            interfaces: [node.clone()].into(),
            listeners: Value::Known(Vec::new()),
            private_link_ingress: dice.percent(70),
            tags: Tags::new(),
        });
        self.known_table(&subnet.id)?;
        Some(Place {
            interface: node,
            address,
            subnet: subnet.id,
            vpc: subnet.vpc,
        })
    }

    /// A group without rules.
    fn relay_group(&mut self, id: &str, vpc: &VpcId) -> SecurityGroupId {
        self.draft.security_groups.push(SecurityGroup {
            id: SecurityGroupId::new(id),
            vpc: vpc.clone(),
            name: id.to_owned(),
            ingress: Vec::new(),
            egress: Vec::new(),
            tags: Tags::new(),
        });
        SecurityGroupId::new(id)
    }

    /// The endpoint of the client's VPC for a service of the first balancer.
    fn consumer(
        &mut self,
        client: &Place,
        first: &Balancer,
        broken: Broken,
        dice: &mut Dice,
    ) -> Option<Place> {
        let name = "com.amazonaws.vpce.us-east-1.vpce-svc-of-pivot".to_owned();
        let there = if broken == Broken::Zone && dice.percent(60) {
            let number =
                usize::from(self.zone_of(&first.node.subnet)[0].as_deref() == Some("us-east-1a"));
            Self::zone_names(self.vpc(&client.vpc)?, number, dice.percent(50))
        } else {
            self.zone_of(&first.node.subnet)
        };
        let subnet = self.add_subnet("e-of-service-net", &client.vpc, there)?;
        let host = &self.plan.pivot.as_ref()?.to;
        let address = self.new_address(&subnet, Family::V4, host)?;
        let group = self.relay_group("e-of-service-group", &client.vpc);
        let interface = NetworkInterfaceId::new("e-of-service-eni");
        self.draft.network_interfaces.push(NetworkInterface {
            id: interface.clone(),
            subnet: subnet.id.clone(),
            addresses: vec![InterfaceAddress {
                private: AddressValue::Known(address),
                public: None,
            }],
            groups: Value::Known([group].into()),
            source_destination_check: true,
            middlebox: Middlebox::Unknown,
            attachment: Attachment::VpcEndpoint("e-of-service".into()),
            tags: Tags::new(),
        });
        self.draft.vpc_endpoints.push(VpcEndpoint {
            id: "e-of-service".into(),
            vpc: client.vpc.clone(),
            service: name.clone(),
            available: broken != Broken::Available,
            kind: EndpointKind::Interface {
                interfaces: [interface.clone()].into(),
                private_dns: false,
                private_dns_inbound_only: false,
                private_names: BTreeSet::new(),
                specific_names: Value::Known(BTreeSet::new()),
            },
            policy: Value::Known(full_access()),
            tags: Tags::new(),
        });
        self.draft.endpoint_services.push(EndpointService {
            id: EndpointServiceId::new("svc-of-pivot"),
            name,
            load_balancers: [LoadBalancerId::new(format!(
                "lb-of-pivot{}",
                first.position
            ))]
            .into(),
            allowed_principals: Value::Known(BTreeSet::new()),
            acceptance_required: Value::Known(true),
            tags: Tags::new(),
        });
        Some(Place {
            interface,
            address,
            subnet: subnet.id,
            vpc: subnet.vpc,
        })
    }

    /// The first leg: from inside of the VPC, or to a balancer from the internet, from a peered VPC or
    /// from on premises.
    fn first_leg(
        &mut self,
        client: &Place,
        entrance: &Place,
        by_service: bool,
        plan: &PivotPlan,
        fault: Fault,
        dice: &mut Dice,
    ) -> Option<Passage> {
        match dice.below(10) {
            0 | 1 if !by_service => return self.starting_outside(entrance, plan, fault),
            2 => {
                let passage = self.through_virtual_gateway(entrance, plan, fault)?;
                if passage.destination == entrance.address {
                    return Some(passage);
                }
            }
            3 => {
                if let Some(passage) = self.peered_leg(entrance, plan) {
                    return Some(passage);
                }
            }
            _ => {}
        }
        (client.vpc == entrance.vpc).then_some(())?;
        self.known_table(&client.subnet)?;
        Some(Passage {
            source: client.address,
            destination: entrance.address,
            sender: client.clone(),
            receiver: Some(entrance.clone()),
            outside: None,
        })
    }

    /// From an interface of a peered VPC.
    fn peered_leg(&mut self, entrance: &Place, plan: &PivotPlan) -> Option<Passage> {
        let (peering, client) = self.any_peer_of(&entrance.vpc, plan)?;
        self.set_peering(&peering, true)?;
        let target = Target::Peering(peering.as_str().into());
        let there = self.block_of(&entrance.vpc, entrance.address)?;
        let here = self.block_of(&client.vpc, client.address)?;
        self.lead(&client.subnet, there, &target, false)?;
        self.lead(&entrance.subnet, here, &target, false)?;
        Some(Passage {
            source: client.address,
            destination: entrance.address,
            sender: client,
            receiver: Some(entrance.clone()),
            outside: None,
        })
    }

    /// The listeners, groups and targets of the row.
    fn serve(
        &mut self,
        row: &[Balancer],
        receiver: &Place,
        by_service: bool,
        broken: Broken,
        plan: &PivotPlan,
        dice: &mut Dice,
    ) -> Option<()> {
        let wrong = dice.below(row.len());
        let udp = self.is_udp(plan);
        for balancer in row {
            let position = balancer.position;
            let broken = if position == wrong {
                broken
            } else {
                Broken::Nothing
            };
            let next = row.get(position + 1);
            let destination = match next {
                Some(next) if next.kind == LoadBalancerKind::Application => {
                    TargetDestination::LoadBalancer(LoadBalancerId::new(format!(
                        "lb-of-pivot{}",
                        next.position
                    )))
                }
                Some(next) => TargetDestination::Address(next.node.address),
                None if dice.percent(50) && self.is_first_address(receiver) => {
                    TargetDestination::Interface(receiver.interface.clone())
                }
                None => TargetDestination::Address(receiver.address),
            };
            let id = format!("tg-of-pivot{position}");
            let hole = || Hole::new(format!("of {id}"));
            let target = RegisteredTarget {
                destination,
                port: self.port_at(position + 1, row.len(), plan)?,
            };
            let holes = self.has(Feature::Holes);
            let targets = if broken == Broken::OpenTargets && holes {
                Value::Any(hole())
            } else if matches!(broken, Broken::OpenTargets | Broken::NoTargets) {
                Value::Known(Vec::new())
            } else {
                Value::Known(vec![target])
            };
            if broken == Broken::Zone && !(by_service && position == 0 && dice.percent(50)) {
                self.apart(
                    &balancer.node,
                    next.map_or(receiver, |next| &next.node),
                    dice,
                )?;
            }
            self.draft.target_groups.push(TargetGroup {
                id: TargetGroupId::new(&id),
                family: next
                    .map_or(receiver.address, |next| next.node.address)
                    .family(),
                preserve_client_address: balancer.preserves
                    || broken == Broken::Hairpin && balancer.kind == LoadBalancerKind::Network
                    || broken == Broken::Endpoint && balancer.kind == LoadBalancerKind::Network,
                cross_zone: broken != Broken::Zone && dice.percent(60),
                targets,
                tags: Tags::new(),
            });
            let port = self.port_at(position, row.len(), plan)?;
            let listener = Listener {
                protocol: match (udp, balancer.kind) {
                    (true, _) if broken == Broken::Listener => ListenerProtocol::Tcp,
                    (_, LoadBalancerKind::Network) if dice.percent(30) => ListenerProtocol::TcpUdp,
                    (true, _) => ListenerProtocol::Udp,
                    (false, _) => ListenerProtocol::Tcp,
                },
                port: if broken == Broken::Listener {
                    port.wrapping_add(1)
                } else {
                    port
                },
                target_groups: [TargetGroupId::new(&id)].into(),
            };
            let mut balancers = self.draft.load_balancers.iter_mut();
            let one = balancers.find(|one| one.id.as_str() == format!("lb-of-pivot{position}"))?;
            one.listeners = if broken == Broken::OpenListeners && holes {
                Value::Any(Hole::new(format!("listeners of {}", one.id)))
            } else {
                Value::Known(vec![listener])
            };
        }
        Some(())
    }

    /// Whether an address is the first one of its family that its interface has.
    fn is_first_address(&self, place: &Place) -> bool {
        let mut interfaces = self.draft.network_interfaces.iter();
        let interface = interfaces.find(|one| one.id == place.interface);
        let mut addresses = interface.into_iter().flat_map(|one| &one.addresses);
        let first = addresses.find_map(|one| match one.private {
            AddressValue::Known(address) if address.family() == place.address.family() => {
                Some(address)
            }
            AddressValue::Known(_) | AddressValue::Within(..) => None,
        });
        first == Some(place.address)
    }

    /// Puts the subnet of a node in another zone than a target's, or in none that is known.
    fn apart(&mut self, node: &Place, target: &Place, dice: &mut Dice) -> Option<()> {
        let [zone, _] = self.zone_of(&target.subnet);
        let number = usize::from(zone.as_deref() == Some("us-east-1a"));
        let vpc = self.vpc(&node.vpc)?.clone();
        let other = Self::zone_names(&vpc, number, dice.percent(40));
        // An attachment has one subnet in each of its zones.
        let mut attachments = self.draft.transit_gateway_attachments.iter();
        let attached = attachments.any(|one| match &one.kind {
            AttachmentKind::Vpc { subnets, .. } => subnets.contains(&node.subnet),
            AttachmentKind::Peering { .. }
            | AttachmentKind::OnPremises { .. }
            | AttachmentKind::Unmodelled(_) => false,
        });
        if attached {
            return Some(());
        }
        let mut subnets = self.draft.subnets.iter_mut();
        let subnet = subnets.find(|one| one.id == node.subnet)?;
        [subnet.zone, subnet.zone_id] = if dice.percent(70) {
            other
        } else {
            [None, None]
        };
        Some(())
    }

    /// The port at which a balancer listens, or at last the receiver.
    fn port_at(&self, position: usize, length: usize, plan: &PivotPlan) -> Option<Port> {
        if position == 0 {
            return pick(&plan.port, &pool::PORTS).copied();
        }
        let other = pick(&plan.peer, &pool::PORTS).copied()?;
        Some(if position < length { 8_080 } else { other })
    }

    /// Opens the filters of every leg behind the first.
    #[expect(
        clippy::too_many_arguments,
        reason = "They are what the way was made of."
    )]
    fn open_legs(
        &mut self,
        row: &[Balancer],
        receiver: &Place,
        passage: &Passage,
        by_service: bool,
        fault: Fault,
        plan: &PivotPlan,
        dice: &mut Dice,
    ) -> Option<()> {
        let broken = dice.below(row.len());
        let first = row.first()?;
        // A load balancer that does not ask its groups needs no rule; one that asks does not know the
        // client's group.
        let mut balancers = self.draft.load_balancers.iter();
        let asks = balancers
            .any(|one| one.interfaces.contains(&first.node.interface) && one.private_link_ingress);
        if by_service && first.filters && (asks || dice.percent(40)) {
            let place = dice.percent(25).then_some(&passage.sender);
            let peer = self.narrow(passage.source, place, plan);
            let traffic = self.traffic_at(self.port_at(0, row.len(), plan)?, plan);
            self.add_rule(&first.node, GroupRule { traffic, peer }, true);
        }
        for balancer in row {
            let next = row.get(balancer.position + 1);
            let preserved = balancer.preserves && !(by_service && balancer.position == 0);
            let leg = Leg {
                from: &balancer.node,
                to: next.map_or(receiver, |next| &next.node),
                port: self.port_at(balancer.position + 1, row.len(), plan)?,
                client: preserved.then_some(passage.source),
                filters: [balancer.filters, next.is_none_or(|next| next.filters)],
            };
            let fault = if balancer.position == broken {
                fault
            } else {
                Fault::None
            };
            self.open_leg(&leg, fault, plan, dice)?;
        }
        Some(())
    }

    fn open_leg(
        &mut self,
        leg: &Leg<'_>,
        fault: Fault,
        plan: &PivotPlan,
        dice: &mut Dice,
    ) -> Option<()> {
        let traffic = self.traffic_at(leg.port, plan);
        let family = leg.to.address.family();
        if leg.filters[0] && fault != Fault::Egress {
            let peer = self.narrow(leg.to.address, Some(leg.to), plan);
            let rule = GroupRule {
                traffic: traffic.clone(),
                peer,
            };
            self.add_rule(leg.from, rule, false);
        }
        if leg.filters[1] && fault != Fault::Ingress {
            // The group of the balancer matches whatever the address is.
            let source = leg.client.unwrap_or(leg.from.address);
            let place = leg.filters[0].then_some(leg.from);
            let peer = if family == source.family() {
                self.narrow(source, place, plan)
            } else {
                RulePeer::Cidr(pool::cidr("::/0"))
            };
            self.add_rule(leg.to, GroupRule { traffic, peer }, true);
        }
        self.known_table(&leg.from.subnet)?;
        self.known_table(&leg.to.subnet)?;
        let both = [true, true];
        self.pass_acl(&leg.from.subnet, family, AclAction::Allow, both);
        self.pass_acl(&leg.to.subnet, family, AclAction::Allow, both);
        if let Some(client) = leg.client {
            self.pass_acl(&leg.to.subnet, client.family(), AclAction::Allow, both);
        }
        if fault == Fault::AclOut {
            return self.pass_acl(&leg.from.subnet, family, AclAction::Deny, [false, true]);
        }
        // The reply leaves the target's subnet, and comes into the node's.
        if fault == Fault::AclBack {
            return self.choosy(leg, (1_024, 65_535), plan, dice);
        }
        if dice.percent(25) {
            let mut range = *dice.pick(&RANGES)?;
            if leg.client.is_some() && pool::fine(&plan.narrow, 3) > 0 {
                range = (CLIENT_PORT, CLIENT_PORT);
            }
            self.choosy(leg, range, plan, dice)?;
        }
        Some(())
    }

    /// An entry in front of the others by which a subnet's ACL drops replies at some ports: at some
    /// of those from which the node may send, at all of these or at none.
    fn choosy(
        &mut self,
        leg: &Leg<'_>,
        (from, to): (Port, Port),
        plan: &PivotPlan,
        dice: &mut Dice,
    ) -> Option<()> {
        let (subnet, outbound) = if dice.percent(50) {
            (&leg.from.subnet, false)
        } else {
            (&leg.to.subnet, true)
        };
        let family = leg.to.address.family();
        self.pass_acl(subnet, family, AclAction::Deny, [!outbound, outbound])?;
        let ports = RulePorts { from, to };
        let traffic = if self.is_udp(plan) {
            RuleTraffic::Udp(ports)
        } else {
            RuleTraffic::Tcp(ports)
        };
        let id = self.draft.subnets.iter().find(|one| one.id == *subnet)?;
        let id = id.network_acl.known()?.clone();
        let acl = self
            .draft
            .network_acls
            .iter_mut()
            .find(|one| one.id == id)?;
        let entries = if outbound {
            &mut acl.egress
        } else {
            &mut acl.ingress
        };
        let first = entries.iter_mut().min_by_key(|one| one.number)?;
        first.traffic = traffic;
        // A reply to a client that the target saw is from the target, and for the client: requests to
        // the node pass by the entry.
        if let Some(client) = leg.client {
            first.cidr = Cidr::host(if outbound { client } else { leg.to.address });
        }
        Some(())
    }

    fn traffic_at(&self, port: Port, plan: &PivotPlan) -> RuleTraffic {
        let ports = RulePorts {
            from: port,
            to: port,
        };
        if self.is_udp(plan) {
            RuleTraffic::Udp(ports)
        } else {
            RuleTraffic::Tcp(ports)
        }
    }
}
