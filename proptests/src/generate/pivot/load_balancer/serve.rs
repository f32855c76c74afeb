//! What the load balancers of a way take, and where they hand it to.

use super::*;

impl Builder<'_> {
    /// The listeners, groups and targets of the row.
    pub(super) fn serve(
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
}
