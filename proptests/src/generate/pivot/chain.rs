//! Ways over whatever devices in whatever order, which the reply goes back through.
//!
//! Every device stands in a subnet of its own, whose table leads the request to the next device and
//! the reply to the one before. Behind a NAT gateway the reply is for the NAT gateway's address.

use model::{Middlebox, TransitGatewayId};

use super::join::Joint;
use super::on_premises::{Premises, transit_source};
use super::*;
use crate::dice::Dice;

/// A device of the chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Link {
    Appliance,
    LoadBalancer,
    Nat,
    Transit,
}

/// How often each is taken.
const LINK: [(usize, Link); 4] = [
    (34, Link::Appliance),
    (22, Link::LoadBalancer),
    (18, Link::Nat),
    (26, Link::Transit),
];

/// How many devices there are.
const LENGTH: [(usize, usize); 5] = [(15, 1), (40, 2), (30, 3), (10, 4), (5, 6)];

/// How many there are beside a gateway to a network on premises.
const SHORT: [(usize, usize); 4] = [(45, 0), (32, 1), (17, 2), (6, 3)];

/// Where the packet stands, and where the reply has to go from there.
pub(super) struct Standing {
    pub subnet: SubnetId,
    pub vpc: VpcId,
    /// What the reply is for.
    pub home: Cidr,
    /// The device that it goes back to; none is the local route.
    pub before: Option<Target>,
}

impl Builder<'_> {
    pub(super) fn along_a_chain(
        &mut self,
        sender: &Place,
        plan: &PivotPlan,
        fault: Fault,
        way: Way,
    ) -> Option<Passage> {
        let mut dice = Self::dice_of(plan);
        let [from, to] = premises_of(way, &mut dice);
        let on_premises = from.or(to).is_some();
        let length = if on_premises {
            dice.choose(&SHORT)?
        } else {
            dice.choose(&LENGTH)?
        };
        let links: Vec<_> = (0..length).filter_map(|_| dice.choose(&LINK)).collect();
        // The step that is broken: the one at which the request, or the reply, goes astray. The last
        // one is that on premises.
        let broken = dice.below(length + usize::from(on_premises));
        let of_step = |n| if n == broken { fault } else { Fault::None };
        let vpcs = self.vpcs_of_chain(&sender.vpc, &links)?;
        let end = match to {
            Some(premises) => (premises.near(), premises.host, None),
            None => {
                let inside = from.is_none();
                self.chain_end(sender, vpcs.last()?, &links, inside, &mut dice)?
            }
        };
        let mut standing = match from {
            Some(premises) => {
                self.enter_from_premises(premises, sender, &end, of_step(length), &mut dice)?
            }
            None => self.standing_at(sender)?,
        };
        let mut rest = vpcs.into_iter().skip(1);
        for (n, link) in links.iter().enumerate() {
            standing = match link {
                Link::Transit => {
                    self.chain_transit(n, &standing, end.0, rest.next()?, of_step(n))?
                }
                Link::Appliance | Link::LoadBalancer | Link::Nat => {
                    self.chain_device(n, *link, &standing, end.0, of_step(n), &mut dice)?
                }
            };
        }
        let (block, destination, receiver) = end;
        match (&receiver, to) {
            // The table of the receiver's subnet leads back to the last device.
            (Some(receiver), _) => {
                if let Some(last) = &standing.before
                    && (fault != Fault::Link || dice.percent(70))
                {
                    self.lead(&receiver.subnet, standing.home, last, false)?;
                }
            }
            (None, Some(premises)) => {
                self.leave_for_premises(&standing, premises, of_step(length), &mut dice)?;
            }
            (None, None) => {
                let gateway = self.gateway_of(&standing.vpc);
                self.lead(&standing.subnet, block, &gateway, false)?;
                self.chain_edge(&standing, &mut dice)?;
            }
        }
        Some(Passage {
            source: from.map_or(sender.address, |premises| premises.host),
            destination,
            sender: sender.clone(),
            receiver,
            outside: from.map(|_| transit_source("enter-x0")),
        })
    }

    pub(super) fn standing_at(&self, sender: &Place) -> Option<Standing> {
        Some(Standing {
            subnet: sender.subnet.clone(),
            vpc: sender.vpc.clone(),
            home: self.subnet_block(&sender.subnet, sender.address)?,
            before: None,
        })
    }

    /// The VPCs of a chain: the first one, and one for each transit gateway.
    fn vpcs_of_chain(&mut self, first: &VpcId, links: &[Link]) -> Option<Vec<VpcId>> {
        let n_transits = links.iter().filter(|one| **one == Link::Transit).count();
        let mut vpcs = vec![first.clone()];
        for n in 0..n_transits {
            let block = pool::cidr(&format!("10.{}.0.0/16", 210 + n));
            vpcs.push(self.pivot_vpc(&format!("v-chain{n}"), Some(first), block)?);
        }
        Some(vpcs)
    }

    /// The internet, where the last VPC has what its gateway translates; or an interface there.
    fn chain_end(
        &mut self,
        sender: &Place,
        last: &VpcId,
        links: &[Link],
        from_inside: bool,
        dice: &mut Dice,
    ) -> Option<(Cidr, Address, Option<Place>)> {
        let behind_transit = links.iter().rposition(|one| *one == Link::Transit);
        let behind_nat = links.iter().rposition(|one| *one == Link::Nat);
        let translated = behind_nat.is_some() && behind_nat >= behind_transit;
        if translated && dice.percent(60) {
            return Some((
                pool::cidr("203.0.113.0/24"),
                pool::address("203.0.113.77"),
                None,
            ));
        }
        let untouched = from_inside && behind_transit.is_none() && behind_nat.is_none();
        if untouched && dice.percent(40) {
            self.publish(&sender.interface, sender.address)?;
            return Some((
                pool::cidr("203.0.113.0/24"),
                pool::address("203.0.113.77"),
                None,
            ));
        }
        let zone = self.zone_of_chain(sender);
        let subnet = self.add_subnet("chain-end", last, zone)?;
        let place = self.host_in("chain-end", &subnet)?;
        let block = self.subnet_block(&subnet.id, place.address)?;
        Some((block, place.address, Some(place)))
    }

    /// Everything stands in the zone of the sender, or in one.
    pub(super) fn zone_of_chain(&self, sender: &Place) -> [Option<String>; 2] {
        let zone = self.zone_of(&sender.subnet);
        let name = zone.into_iter().next().flatten();
        [Some(name.unwrap_or("us-east-1a".to_owned())), None]
    }

    /// A device of the VPC, to which the table of the subnet before leads.
    pub(super) fn chain_device(
        &mut self,
        n: usize,
        link: Link,
        from: &Standing,
        to: Cidr,
        fault: Fault,
        dice: &mut Dice,
    ) -> Option<Standing> {
        let plan = self.plan.pivot.as_ref()?;
        let mut zone = self.zone_of(&from.subnet);
        if zone.iter().all(Option::is_none) {
            zone = [Some("us-east-1a".to_owned()), None];
        }
        let id = format!("chain{n}");
        let subnet = self.add_subnet(&format!("{id}-net"), &from.vpc, zone)?;
        let stated = if dice.percent(12) {
            Middlebox::Inspects
        } else {
            Middlebox::Forwards
        };
        let works = fault != Fault::Target;
        let mut home = from.home;
        let mut before = None;
        let target = match link {
            Link::Appliance | Link::Transit => {
                self.add_middlebox(&id, &subnet, &plan.from, stated)?;
                let interface = self.draft.network_interfaces.last_mut()?;
                interface.source_destination_check = !works;
                Target::NetworkInterface(id.as_str().into())
            }
            Link::LoadBalancer => {
                self.draft.vpc_endpoints.push(VpcEndpoint {
                    id: id.as_str().into(),
                    vpc: from.vpc.clone(),
                    service: "com.amazonaws.vpce.us-east-1.vpce-svc-2".to_owned(),
                    available: works,
                    kind: EndpointKind::GatewayLoadBalancer {
                        subnet: subnet.id.clone(),
                        middlebox: stated,
                    },
                    policy: Value::Known(full_access()),
                    tags: Tags::new(),
                });
                Target::GatewayLoadBalancerEndpoint(id.as_str().into())
            }
            Link::Nat => {
                let private = self.new_address(&subnet, Family::V4, &plan.from)?;
                self.add_nat(&id, &subnet, private, true, works);
                home = self.subnet_block(&subnet.id, private)?;
                Target::NatGateway(id.as_str().into())
            }
        };
        if link != Link::Nat {
            before = Some(target.clone());
        }
        self.lead(&from.subnet, to, &target, fault == Fault::Blackhole)?;
        if let Some(back) = &from.before
            && fault != Fault::Link
        {
            self.lead(&subnet.id, from.home, back, false)?;
        }
        Some(Standing {
            subnet: subnet.id,
            vpc: from.vpc.clone(),
            home,
            before,
        })
    }

    /// A transit gateway, to another VPC.
    fn chain_transit(
        &mut self,
        n: usize,
        from: &Standing,
        to: Cidr,
        vpc: VpcId,
        fault: Fault,
    ) -> Option<Standing> {
        let id = format!("chain{n}");
        let zone = self.zone_to_join(from);
        let entry = self.add_subnet(&format!("{id}-net"), &vpc, zone)?.id;
        let exit = self.exit(&id, from)?;
        let ends = [
            self.vpc_end(&from.vpc, [exit].into(), from.home, false),
            self.vpc_end(&vpc, [entry.clone()].into(), to, false),
        ];
        let joint = Joint {
            peered: false,
            broken: (fault == Fault::Target).then_some(1),
            back: fault != Fault::Link,
            associated: true,
        };
        let [gateway, _] = self.join(&id, ends, joint);
        self.lead_out(from, to, &gateway, fault)?;
        Some(Standing {
            subnet: entry,
            vpc,
            home: from.home,
            before: Some(Target::TransitGateway(gateway)),
        })
    }

    /// Leads to a transit gateway.
    pub(super) fn lead_out(
        &mut self,
        from: &Standing,
        to: Cidr,
        gateway: &TransitGatewayId,
        fault: Fault,
    ) -> Option<()> {
        let target = Target::TransitGateway(gateway.clone());
        self.lead(&from.subnet, to, &target, fault == Fault::Blackhole)?;
        // A device has led its subnet back already; where a transit gateway let the packet out, not.
        if let Some(back @ Target::TransitGateway(_)) = &from.before {
            self.lead(&from.subnet, from.home, back, false)?;
        }
        Some(())
    }

    fn zone_to_join(&self, from: &Standing) -> [Option<String>; 2] {
        let zone = self.zone_of(&from.subnet).into_iter().next().flatten();
        [Some(zone.unwrap_or("us-east-1a".to_owned())), None]
    }

    /// The subnet by which a VPC is attached. Behind a device it is another one than the device's, by
    /// whose table the reply would pass the device by.
    pub(super) fn exit(&mut self, id: &str, from: &Standing) -> Option<SubnetId> {
        let device = from.before.as_ref().filter(|before| {
            matches!(
                before,
                Target::NetworkInterface(_) | Target::GatewayLoadBalancerEndpoint(_)
            )
        });
        let exit = match device {
            None => from.subnet.clone(),
            Some(device) => {
                let zone = self.zone_to_join(from);
                let exit = self.add_subnet(&format!("{id}-exit"), &from.vpc, zone)?.id;
                self.lead(&exit, from.home, device, false)?;
                exit
            }
        };
        self.pass_acl(&exit, Family::V4, AclAction::Allow, [true, true]);
        Some(exit)
    }

    /// The internet gateway leads back to the last device, where that is none of its own.
    fn chain_edge(&mut self, standing: &Standing, dice: &mut Dice) -> Option<()> {
        let device = match &standing.before {
            Some(
                device @ (Target::NetworkInterface(_) | Target::GatewayLoadBalancerEndpoint(_)),
            ) if dice.percent(85) => device.clone(),
            _ => return Some(()),
        };
        let edge = self.own_edge_table("chain", &standing.vpc);
        let mut tables = self.draft.route_tables.iter_mut();
        let table = tables.find(|table| table.id == edge)?;
        table.routes.push(Route {
            destination: Value::Known(RouteDestination::Cidr(standing.home)),
            target: Value::Known(device),
            origin: RouteOrigin::Static,
            state: RouteState::Active,
        });
        let mut gateways = self.draft.internet_gateways.iter_mut();
        let gateway = gateways.find(|one| one.vpc.as_ref() == Some(&standing.vpc))?;
        gateway.edge_route_table = Some(edge);
        Some(())
    }
}

/// The networks on premises from which and to which a way leads.
fn premises_of(way: Way, dice: &mut Dice) -> [Option<Premises>; 2] {
    let from = way == Way::FromOnPremises;
    // Every sixth way passes from one to the other.
    let to = way == Way::ToOnPremises || (from && dice.percent(16));
    [from, to].map(|wanted| Premises::any(dice).filter(|_| wanted))
}
