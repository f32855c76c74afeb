//! The filters of each leg behind the first, opened or broken.

use super::*;

/// A way through relays.
pub(super) struct Relayed<'p> {
    pub row: &'p [Balancer],
    pub receiver: &'p Place,
    /// The first leg.
    pub passage: &'p Passage,
    pub by_service: bool,
    /// Whether a NAT gateway hides the client's port on the first leg.
    pub behind_nat: bool,
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
    /// A group of the client, which is all that the receiver's rule names.
    group: Option<SecurityGroupId>,
    /// How many percent of such legs have replies that an ACL drops.
    choosy: usize,
}

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
    /// Opens the filters of every leg behind the first.
    pub(super) fn open_legs(
        &mut self,
        way: &Relayed<'_>,
        fault: Fault,
        plan: &PivotPlan,
        dice: &mut Dice,
    ) -> Option<()> {
        let Relayed {
            row,
            receiver,
            passage,
            by_service,
            behind_nat,
        } = *way;
        let broken = dice.below(row.len());
        let first = row.first()?;
        // A load balancer that does not ask its groups needs no rule; one that asks does not know the
        // client's group.
        let mut balancers = self.draft.load_balancers.iter();
        let asks = balancers
            .any(|one| one.interfaces.contains(&first.node.interface) && one.private_link_ingress);
        if by_service && first.filters && (asks || dice.percent(40)) {
            let place = dice.percent(45).then_some(&passage.sender);
            let peer = self.narrow(passage.source, place, plan);
            let traffic = self.traffic_at(self.port_at(0, row.len(), plan)?, plan);
            self.add_rule(&first.node, GroupRule { traffic, peer }, true);
        }
        for balancer in row {
            let next = row.get(balancer.position + 1);
            let preserved = balancer.preserves && !(by_service && balancer.position == 0);
            let client = passage.outside.is_none().then_some(&passage.sender);
            let client = client.filter(|client| client.vpc == receiver.vpc);
            let group = match client {
                Some(client) if preserved && next.is_none() && dice.percent(20) => {
                    self.only_for_group(client, receiver)
                }
                Some(_) | None => None,
            };
            let leg = Leg {
                from: &balancer.node,
                to: next.map_or(receiver, |next| &next.node),
                port: self.port_at(balancer.position + 1, row.len(), plan)?,
                client: preserved.then_some(passage.source),
                filters: [balancer.filters, next.is_none_or(|next| next.filters)],
                group,
                choosy: if behind_nat { 75 } else { 25 },
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
            let peer = if let Some(group) = &leg.group {
                RulePeer::Group(group.clone())
            } else if family == source.family() {
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
        if dice.percent(leg.choosy) {
            let mut range = *dice.pick(&RANGES)?;
            if leg.client.is_some() && pool::fine(&plan.narrow, 3) > 0 {
                range = (CLIENT_PORT, CLIENT_PORT);
            }
            self.choosy(leg, range, plan, dice)?;
        }
        Some(())
    }

    /// Leaves a receiver nothing but one group of its own, and gives a group of the client for its rule:
    /// behind a node that rule does not match.
    fn only_for_group(&mut self, client: &Place, receiver: &Place) -> Option<SecurityGroupId> {
        let interface = self.interface_mut(&client.interface)?;
        let group = interface.groups.known()?.iter().next()?.clone();
        self.picky(receiver)?;
        Some(group)
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
