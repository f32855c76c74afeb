//! Ways over a transit gateway.

use std::collections::BTreeSet;

use model::{
    AttachmentKind, RouteTable, TransitGatewayAttachment, TransitGatewayAttachmentId,
    TransitGatewayRoute, TransitGatewayRouteTableId, Vpc,
};

use super::super::transit::lead;
use super::super::vpc::local_routes;
use super::*;

const GATEWAY: &str = "tgw-of-pivot";
const OUT: &str = "tgw-of-pivot-out";
const BACK: &str = "tgw-of-pivot-back";

/// What is broken of a way over a transit gateway.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Link {
    Association,
    NoRoute,
    Blackhole,
    Zone,
    NoReturn,
    Unknown,
}

/// Those, one as often as the other.
const LINKS: [Link; 6] = [
    Link::Association,
    Link::NoRoute,
    Link::Blackhole,
    Link::Zone,
    Link::NoReturn,
    Link::Unknown,
];

impl Builder<'_> {
    fn pivot_transit(&mut self, plan: &PivotPlan) {
        self.add_transit(GATEWAY, plan.narrow.index(8) < 7);
        self.add_transit_table(OUT, GATEWAY);
        self.add_transit_table(BACK, GATEWAY);
    }

    /// Attaches a VPC by a subnet for nothing else in the zone of another one; without a zone by
    /// that one itself.
    fn pivot_attachment(
        &mut self,
        id: &str,
        place: (&VpcId, &SubnetId),
        table: &str,
        plan: &PivotPlan,
        broken: Option<Link>,
    ) -> Option<SubnetId> {
        let (vpc, near) = place;
        let mut zone = self.zone_of(near);
        let own = zone.iter().any(Option::is_some);
        if broken == Some(Link::Zone) {
            zone = [Some("us-east-1c".to_owned()), None];
        }
        let subnet = if own || broken == Some(Link::Zone) {
            self.add_subnet(&format!("{id}-net"), vpc, zone)?.id
        } else {
            near.clone()
        };
        self.pass_acl(&subnet, Family::V4, AclAction::Allow, [true, true]);
        let mut subnets: BTreeSet<_> = [subnet.clone()].into();
        let flags = plan.port.index(8);
        if own && flags % 2 == 1 {
            // Another zone, which lets nothing out: what comes out there is seen.
            let zone = [Some("us-east-1d".to_owned()), None];
            let second = self.add_subnet(&format!("{id}-second"), vpc, zone)?.id;
            let acl = NetworkAclId::new(format!("{id}-closed"));
            self.draft.network_acls.push(NetworkAcl {
                id: acl.clone(),
                vpc: vpc.clone(),
                ingress: Vec::new(),
                egress: Vec::new(),
                tags: Tags::new(),
            });
            let mut all = self.draft.subnets.iter_mut();
            all.find(|one| one.id == second)?.network_acl = Value::Known(acl);
            subnets.insert(second);
        }
        let hole = || model::Hole::new(format!("association of {id}"));
        let known = || Value::Known(TransitGatewayRouteTableId::new(table));
        self.draft
            .transit_gateway_attachments
            .push(TransitGatewayAttachment {
                id: TransitGatewayAttachmentId::new(id),
                gateway: GATEWAY.into(),
                available: true,
                kind: AttachmentKind::Vpc {
                    vpc: vpc.clone(),
                    subnets,
                    appliance_mode: flags >= 4,
                    ipv6_support: false,
                    security_group_referencing: plan.narrow.index(9) < 8,
                },
                association: match broken {
                    Some(Link::Association) => None,
                    Some(Link::Unknown) if self.has(Feature::Holes) => Some(Value::Any(hole())),
                    _ => Some(known()),
                },
                tags: Tags::new(),
            });
        Some(subnet)
    }

    /// A route of one of the gateway's tables, static or propagated.
    fn pivot_route(&mut self, table: &str, block: Cidr, to: &str, propagated: bool) -> Option<()> {
        let mut tables = self.draft.transit_gateway_route_tables.iter_mut();
        let table = tables.find(|one| one.id.as_str() == table)?;
        let to = TransitGatewayAttachmentId::new(to);
        if propagated {
            table.propagations.insert(to);
        } else {
            let destination = RouteDestination::Cidr(block);
            lead(
                table,
                TransitGatewayRoute {
                    destination,
                    target: Some(to),
                },
            );
        }
        Some(())
    }

    fn pivot_blackhole(&mut self, block: Cidr) -> Option<()> {
        let mut tables = self.draft.transit_gateway_route_tables.iter_mut();
        let table = tables.find(|one| one.id.as_str() == OUT)?;
        let destination = RouteDestination::Cidr(block);
        table.routes.push(TransitGatewayRoute {
            destination,
            target: None,
        });
        Some(())
    }

    fn broken_link(plan: &PivotPlan, fault: Fault) -> Option<Link> {
        let link = pick(&plan.narrow, &LINKS).copied();
        link.filter(|_| fault == Fault::Link)
    }

    /// An interface of a VPC that shares no address with the sender's.
    fn far_place(&self, sender: &Place, plan: &PivotPlan) -> Option<Place> {
        let own = self.vpc(&sender.vpc)?;
        let places = self.places(Family::V4);
        let far = places.iter().filter(|place| {
            let other = self.vpc(&place.vpc);
            place.vpc != sender.vpc && other.is_some_and(|other| !overlap(own, other))
        });
        pick(&plan.to, &far.collect::<Vec<_>>()).map(|place| (**place).clone())
    }

    pub(super) fn over_transit(
        &mut self,
        sender: &Place,
        plan: &PivotPlan,
        fault: Fault,
    ) -> Option<Passage> {
        let receiver = self.far_place(sender, plan)?;
        let link = Self::broken_link(plan, fault);
        let there = self.block_of(&receiver.vpc, receiver.address)?;
        let here = self.block_of(&sender.vpc, sender.address)?;
        self.pivot_transit(plan);
        let place = (&sender.vpc, &sender.subnet);
        self.pivot_attachment("pivot-a", place, OUT, plan, link)?;
        let place = (&receiver.vpc, &receiver.subnet);
        let back = link.filter(|link| *link == Link::Zone && plan.from.index(2) == 1);
        self.pivot_attachment("pivot-b", place, BACK, plan, back)?;
        if fault == Fault::Target {
            let last = self.draft.transit_gateway_attachments.last_mut();
            last.into_iter().for_each(|one| one.available = false);
        }
        let propagated = plan.peer.index(2) == 0;
        match link {
            Some(Link::NoRoute) => {}
            Some(Link::Blackhole) => self.pivot_blackhole(there)?,
            _ => self.pivot_route(OUT, there, "pivot-b", propagated)?,
        }
        self.pivot_route(BACK, here, "pivot-a", propagated)?;
        let target = Target::TransitGateway(GATEWAY.into());
        self.lead(&sender.subnet, there, &target, fault == Fault::Blackhole)?;
        if link != Some(Link::NoReturn) {
            self.lead(&receiver.subnet, here, &target, false)?;
        }
        Some(Passage {
            source: sender.address,
            destination: receiver.address,
            sender: sender.clone(),
            receiver: Some(receiver),
            from_internet: false,
        })
    }

    /// A VPC for the way alone, in the Region and the account of another one.
    fn pivot_vpc(&mut self, id: &str, like: &VpcId, block: &str) -> Option<VpcId> {
        let like = self.vpc(like)?.clone();
        let table = RouteTableId::new(format!("{id}-main"));
        let vpc = Vpc {
            id: VpcId::new(id),
            cidrs: vec![pool::cidr(block)],
            main_route_table: table.clone(),
            ..like
        };
        self.draft.route_tables.push(RouteTable {
            id: table,
            vpc: vpc.id.clone(),
            routes: local_routes(&vpc.cidrs),
            tags: Tags::new(),
        });
        self.draft.vpcs.push(vpc);
        Some(VpcId::new(id))
    }

    pub(super) fn by_central_egress(
        &mut self,
        sender: &Place,
        plan: &PivotPlan,
        fault: Fault,
    ) -> Option<Passage> {
        let link = Self::broken_link(plan, fault);
        let here = self.block_of(&sender.vpc, sender.address)?;
        let zone = [Some("us-east-1a".to_owned()), None];
        let egress = self.pivot_vpc("v-egress", &sender.vpc, "10.240.0.0/16")?;
        let entry = self.add_subnet("egress", &egress, zone.clone())?;
        let nat = self.add_subnet("egress-nat", &egress, zone)?;
        let private = self.new_address(&nat, Family::V4, &plan.peer)?;
        self.add_nat("nat-of-egress", &nat, private, true, fault != Fault::Target);
        let gateway = self.gateway_of(&egress);
        self.pivot_transit(plan);
        let place = (&sender.vpc, &sender.subnet);
        self.pivot_attachment("pivot-a", place, OUT, plan, link)?;
        let inner = self.pivot_attachment("pivot-b", (&egress, &entry.id), BACK, plan, None)?;
        let everywhere = pool::cidr("0.0.0.0/0");
        match link {
            Some(Link::NoRoute) => {}
            Some(Link::Blackhole) => self.pivot_blackhole(everywhere)?,
            _ => self.pivot_route(OUT, everywhere, "pivot-b", false)?,
        }
        self.pivot_route(BACK, here, "pivot-a", plan.peer.index(2) == 0)?;
        let (block, destination) = public_host(plan);
        let transit = Target::TransitGateway(GATEWAY.into());
        let to_nat = Target::NatGateway("nat-of-egress".into());
        self.lead(&sender.subnet, block, &transit, fault == Fault::Blackhole)?;
        self.lead(&inner, everywhere, &to_nat, false)?;
        self.lead(&nat.id, everywhere, &gateway, false)?;
        if link != Some(Link::NoReturn) {
            self.lead(&nat.id, here, &transit, false)?;
        }
        if fault == Fault::ReturnPorts {
            self.return_ports(&nat.id, here);
        }
        Some(Passage {
            source: sender.address,
            destination,
            sender: sender.clone(),
            receiver: None,
            from_internet: false,
        })
    }

    pub(super) fn by_inspection(
        &mut self,
        sender: &Place,
        plan: &PivotPlan,
        fault: Fault,
    ) -> Option<Passage> {
        let receiver = self.far_place(sender, plan)?;
        let link = Self::broken_link(plan, fault);
        let there = self.block_of(&receiver.vpc, receiver.address)?;
        let here = self.block_of(&sender.vpc, sender.address)?;
        let zone = [Some("us-east-1a".to_owned()), None];
        let inspection = self.pivot_vpc("v-inspection", &sender.vpc, "10.250.0.0/16")?;
        let entry = self.add_subnet("inspection", &inspection, zone.clone())?;
        let (appliance, inside) = self.appliance("m-of-pivot", &inspection, zone, plan)?;
        self.pivot_transit(plan);
        let place = (&sender.vpc, &sender.subnet);
        self.pivot_attachment("pivot-a", place, OUT, plan, link)?;
        let place = (&receiver.vpc, &receiver.subnet);
        self.pivot_attachment("pivot-b", place, OUT, plan, None)?;
        let place = (&inspection, &entry.id);
        let inner = self.pivot_attachment("pivot-c", place, BACK, plan, None)?;
        let everywhere = pool::cidr("0.0.0.0/0");
        if link != Some(Link::NoRoute) {
            self.pivot_route(OUT, everywhere, "pivot-c", false)?;
        }
        if link == Some(Link::Blackhole) {
            self.pivot_blackhole(there)?;
        }
        for (block, to) in [(here, "pivot-a"), (there, "pivot-b")] {
            self.pivot_route(BACK, block, to, plan.peer.index(2) == 0)?;
        }
        let transit = Target::TransitGateway(GATEWAY.into());
        self.lead(&sender.subnet, there, &transit, fault == Fault::Blackhole)?;
        if link != Some(Link::NoReturn) {
            self.lead(&receiver.subnet, here, &transit, false)?;
        }
        self.lead(&inner, everywhere, &appliance, false)?;
        self.lead(&inside.id, everywhere, &transit, false)?;
        let id = NetworkInterfaceId::new("m-of-pivot");
        self.interface_mut(&id)?.source_destination_check = fault == Fault::Target;
        Some(Passage {
            source: sender.address,
            destination: receiver.address,
            sender: sender.clone(),
            receiver: Some(receiver),
            from_internet: false,
        })
    }
}
