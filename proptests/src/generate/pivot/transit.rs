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
/// The other one of a peering of two gateways, with the table of the peering and of the receiver.
const FAR: &str = "tgw-far-of-pivot";
const FAR_OUT: &str = "tgw-far-of-pivot-out";
const FAR_BACK: &str = "tgw-far-of-pivot-back";

/// What is broken of a way over a transit gateway, of the request or of the reply.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Link {
    Association,
    NoRoute,
    Blackhole,
    Zone,
    NoZone,
    NoReturn,
    Unknown,
    Overlap,
    Vpn,
}

/// Those, the ones that need most twice.
const LINKS: [Link; 16] = [
    Link::Association,
    Link::NoRoute,
    Link::Blackhole,
    Link::Blackhole,
    Link::Zone,
    Link::Zone,
    Link::NoZone,
    Link::NoZone,
    Link::NoReturn,
    Link::Unknown,
    Link::Unknown,
    Link::Overlap,
    Link::Overlap,
    Link::Vpn,
    Link::Vpn,
    Link::Vpn,
];

/// One direction over the gateway: where to, by which attachment, in which table.
struct Leg<'a> {
    table: &'a str,
    block: Cidr,
    to: &'a str,
    propagated: bool,
    link: Option<Link>,
}

impl Builder<'_> {
    fn pivot_transit(&mut self, plan: &PivotPlan) {
        self.add_transit(GATEWAY, pool::fine(&plan.reference, 4) > 0);
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
        } else if broken == Some(Link::NoZone) {
            zone = [None, None];
        }
        let elsewhere = matches!(broken, Some(Link::Zone | Link::NoZone));
        let subnet = if own || elsewhere {
            self.add_subnet(&format!("{id}-net"), vpc, zone)?.id
        } else {
            near.clone()
        };
        let mut subnets: BTreeSet<_> = [subnet.clone()].into();
        let flags = if table == OUT { &plan.port } else { &plan.to };
        if own && pool::fine(flags, 2) == 1 {
            // Another zone, which lets nothing out: what comes out there is seen. Or one alike, of
            // which it does not matter whether what came over a peering comes out there.
            let [name, known] = self.zone_of(near);
            let other = usize::from(name.as_deref() == Some("us-east-1a"));
            let zone = Self::zone_names(self.vpc(vpc)?, other, known.is_some());
            let second = self.add_subnet(&format!("{id}-second"), vpc, zone)?.id;
            if pool::fine(flags, 3) == 0 {
                self.liken(&subnet, &second)?;
            } else {
                self.close(&second, vpc)?;
            }
            subnets.insert(second);
        }
        self.pass_acl(&subnet, Family::V4, AclAction::Allow, [true, true]);
        let hole = || model::Hole::new(format!("association of {id}"));
        let known = || Value::Known(TransitGatewayRouteTableId::new(table));
        self.draft
            .transit_gateway_attachments
            .push(TransitGatewayAttachment {
                id: TransitGatewayAttachmentId::new(id),
                gateway: gateway_of_table(table).into(),
                available: true,
                kind: AttachmentKind::Vpc {
                    vpc: vpc.clone(),
                    subnets,
                    appliance_mode: pool::fine(flags, 4) < 2,
                    ipv6_support: pool::fine(&plan.to, 5) < 3,
                    security_group_referencing: pool::fine(flags, 5) > 0,
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

    /// Gives a subnet an ACL that lets nothing through.
    fn close(&mut self, subnet: &SubnetId, vpc: &VpcId) -> Option<()> {
        let acl = NetworkAclId::new(format!("{subnet}-closed"));
        self.draft.network_acls.push(NetworkAcl {
            id: acl.clone(),
            vpc: vpc.clone(),
            ingress: Vec::new(),
            egress: Vec::new(),
            tags: Tags::new(),
        });
        let mut all = self.draft.subnets.iter_mut();
        all.find(|one| one.id == *subnet)?.network_acl = Value::Known(acl);
        Some(())
    }

    /// Lets IPv6 through the first subnet of an attachment too.
    fn pass_attached(&mut self, id: &str, family: Family) -> Option<()> {
        let mut attachments = self.draft.transit_gateway_attachments.iter();
        let attachment = attachments.find(|one| one.id.as_str() == id)?;
        let AttachmentKind::Vpc { subnets, .. } = &attachment.kind else {
            return None;
        };
        let first = subnets.first()?.clone();
        self.pass_acl(&first, family, AclAction::Allow, [true, true])
    }

    /// A route of one of the gateway's tables, static or propagated, unless it is what is broken.
    fn pivot_route(&mut self, leg: &Leg<'_>, plan: &PivotPlan) -> Option<()> {
        let mut to = Some(TransitGatewayAttachmentId::new(leg.to));
        let mut propagated = leg.propagated;
        let mut also = None;
        match leg.link {
            Some(Link::NoRoute) => return Some(()),
            Some(Link::Blackhole) => (to, propagated) = (None, false),
            Some(Link::Vpn) => {
                let id = self.pivot_vpn();
                // What it propagates is not known; or it is where the route leads.
                if plan.port.index(2) == 0 {
                    also = Some(id);
                } else {
                    (to, propagated) = (Some(id), false);
                }
            }
            // No two VPCs have one IPv6 block.
            Some(Link::Overlap) if leg.block.family() == Family::V4 => {
                propagated = true;
                let vpc = self.pivot_vpc("v-twin", None, leg.block)?;
                let near = self.add_subnet("twin", &vpc, [None, None])?.id;
                self.pivot_attachment("pivot-twin", (&vpc, &near), BACK, plan, None)?;
                also = Some(TransitGatewayAttachmentId::new("pivot-twin"));
            }
            Some(
                Link::Association
                | Link::Zone
                | Link::NoZone
                | Link::NoReturn
                | Link::Unknown
                | Link::Overlap,
            )
            | None => {}
        }
        let mut tables = self.draft.transit_gateway_route_tables.iter_mut();
        let table = tables.find(|one| one.id.as_str() == leg.table)?;
        table.propagations.extend(also);
        match to.as_ref().filter(|_| propagated) {
            Some(to) => {
                table.propagations.insert(to.clone());
            }
            None => {
                let destination = RouteDestination::Cidr(leg.block);
                let route = TransitGatewayRoute {
                    destination,
                    target: to,
                };
                lead(table, route);
            }
        }
        Some(())
    }

    /// The other gateway, its tables and the two attachments of the peering.
    fn pivot_peering(&mut self, plan: &PivotPlan) {
        self.add_transit(FAR, true);
        self.add_transit_table(FAR_OUT, FAR);
        self.add_transit_table(FAR_BACK, FAR);
        let ends = [
            ("pivot-near", "pivot-far", BACK),
            ("pivot-far", "pivot-near", FAR_OUT),
        ];
        for (id, other, table) in ends {
            let available = id != "pivot-far" || pool::fine(&plan.peer, 8) > 0;
            self.draft
                .transit_gateway_attachments
                .push(TransitGatewayAttachment {
                    id: TransitGatewayAttachmentId::new(id),
                    gateway: gateway_of_table(table).into(),
                    available,
                    kind: AttachmentKind::Peering {
                        other: Some(TransitGatewayAttachmentId::new(other)),
                    },
                    association: Some(Value::Known(TransitGatewayRouteTableId::new(table))),
                    tags: Tags::new(),
                });
        }
    }

    fn pivot_vpn(&mut self) -> TransitGatewayAttachmentId {
        let id = TransitGatewayAttachmentId::new("pivot-vpn");
        self.draft
            .transit_gateway_attachments
            .push(TransitGatewayAttachment {
                id: id.clone(),
                gateway: GATEWAY.into(),
                available: true,
                kind: AttachmentKind::Unmodelled("network-function".to_owned()),
                association: None,
                tags: Tags::new(),
            });
        id
    }

    /// What is broken of the request and of the reply; mostly nothing of either.
    fn broken_links(plan: &PivotPlan, fault: Fault) -> [Option<Link>; 2] {
        let link = pick(&plan.narrow, &LINKS).copied();
        let link = link.filter(|_| fault == Fault::Link);
        if plan.from.index(2) == 0 {
            [link, None]
        } else {
            [None, link]
        }
    }

    /// An interface of a VPC that shares no address with the sender's; made when there is none.
    fn far_place(&mut self, sender: &Place, plan: &PivotPlan) -> Option<Place> {
        let own = self.vpc(&sender.vpc)?;
        let places = self.places(Family::V4);
        let far = places.iter().filter(|place| {
            let other = self.vpc(&place.vpc);
            place.vpc != sender.vpc && other.is_some_and(|other| !overlap(own, other))
        });
        let far: Vec<_> = far.collect();
        if let Some(place) = pick(&plan.to, &far) {
            return Some((**place).clone());
        }
        let vpc = self.pivot_vpc("v-far", Some(&sender.vpc), pool::cidr("10.230.0.0/16"))?;
        // Of another account half the time, which names its zones the other way round.
        if self.has(Feature::Zones) && pool::fine(&plan.to, 2) == 0 {
            self.other_account(&vpc, &sender.vpc);
        }
        let number = plan.to.index(2);
        let zone = Self::zone_names(self.vpc(&vpc)?, number, plan.port.index(2) == 1);
        let subnet = self.add_subnet("far", &vpc, zone)?;
        self.host_in("far-of-pivot", &subnet)
    }

    pub(super) fn over_transit(
        &mut self,
        sender: &Place,
        plan: &PivotPlan,
        fault: Fault,
    ) -> Option<Passage> {
        let mut sender = sender.clone();
        let mut receiver = self.far_place(&sender, plan)?;
        // By IPv6 one time in three, where both have it.
        let v6 = self.places(Family::V6);
        let v6 = |place: &Place| {
            v6.iter()
                .find(|one| one.interface == place.interface)
                .cloned()
        };
        if let (0, Some(from), Some(to)) = (plan.port.index(3), v6(&sender), v6(&receiver)) {
            (sender, receiver) = (from, to);
        }
        let family = sender.address.family();
        let sender = &sender;
        let [link, back] = Self::broken_links(plan, fault);
        let there = self.block_of(&receiver.vpc, receiver.address)?;
        let here = self.block_of(&sender.vpc, sender.address)?;
        self.pivot_transit(plan);
        let place = (&sender.vpc, &sender.subnet);
        self.pivot_attachment("pivot-a", place, OUT, plan, link)?;
        let place = (&receiver.vpc, &receiver.subnet);
        // Every fourth time over two gateways.
        let peered = pool::fine(&plan.from, 4) == 0;
        if peered {
            self.pivot_peering(plan);
        }
        let table = if peered { FAR_BACK } else { BACK };
        self.pivot_attachment("pivot-b", place, table, plan, back)?;
        for attachment in ["pivot-a", "pivot-b"] {
            self.pass_attached(attachment, family);
        }
        if fault == Fault::Target {
            let last = self.draft.transit_gateway_attachments.last_mut();
            last.into_iter().for_each(|one| one.available = false);
        }
        let propagated = plan.peer.index(2) == 0;
        let leg = |table, block, to, link| Leg {
            table,
            block,
            to,
            propagated,
            link,
        };
        if peered {
            let far = |table, block, to| Leg {
                propagated: false,
                ..leg(table, block, to, None)
            };
            self.pivot_route(&far(OUT, there, "pivot-near"), plan)?;
            self.pivot_route(&leg(FAR_OUT, there, "pivot-b", far_link(link)), plan)?;
            self.pivot_route(&far(FAR_BACK, here, "pivot-far"), plan)?;
        } else {
            self.pivot_route(&leg(OUT, there, "pivot-b", link), plan)?;
        }
        self.pivot_route(&leg(BACK, here, "pivot-a", back), plan)?;
        if plan.reference.index(2) == 0 {
            // References need one Region, and here both mostly have it.
            let mut region = self.vpc(&sender.vpc)?.region.clone();
            if pool::fine(&plan.peer, 5) == 0 {
                region = "eu-central-1".to_owned();
            }
            let mut vpcs = self.draft.vpcs.iter_mut();
            let far = vpcs.find(|vpc| vpc.id == receiver.vpc);
            far?.region = region;
            self.picky(&receiver);
        }
        let target = Target::TransitGateway(GATEWAY.into());
        self.lead(&sender.subnet, there, &target, fault == Fault::Blackhole)?;
        if ![link, back].contains(&Some(Link::NoReturn)) {
            let target = if peered {
                Target::TransitGateway(FAR.into())
            } else {
                target
            };
            self.lead(&receiver.subnet, here, &target, false)?;
        }
        Some(Passage {
            source: sender.address,
            destination: receiver.address,
            sender: sender.clone(),
            receiver: Some(receiver),
            outside: None,
        })
    }

    /// Gives an interface a group that has no rules yet: what the way adds is all that lets in.
    pub(super) fn picky(&mut self, place: &Place) -> Option<()> {
        let id = model::SecurityGroupId::new("g-of-pivot");
        self.draft.security_groups.push(SecurityGroup {
            id: id.clone(),
            vpc: place.vpc.clone(),
            name: id.to_string(),
            ingress: Vec::new(),
            egress: Vec::new(),
            tags: Tags::new(),
        });
        self.interface_mut(&place.interface)?.groups = Value::Known([id].into());
        Some(())
    }

    /// A VPC for the way alone, in the Region and the account of another one.
    pub(super) fn pivot_vpc(
        &mut self,
        id: &str,
        like: Option<&VpcId>,
        block: Cidr,
    ) -> Option<VpcId> {
        let like = match like {
            Some(like) => self.vpc(like)?.clone(),
            None => self.draft.vpcs.first()?.clone(),
        };
        let table = RouteTableId::new(format!("{id}-main"));
        let vpc = Vpc {
            id: VpcId::new(id),
            cidrs: vec![block],
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
        let [link, back] = Self::broken_links(plan, fault);
        let here = self.block_of(&sender.vpc, sender.address)?;
        let zone = [Some("us-east-1a".to_owned()), None];
        let egress = self.pivot_vpc("v-egress", Some(&sender.vpc), pool::cidr("10.240.0.0/16"))?;
        let entry = self.add_subnet("egress", &egress, zone.clone())?;
        let nat = self.add_subnet("egress-nat", &egress, zone)?;
        let private = self.new_address(&nat, Family::V4, &plan.peer)?;
        self.add_nat("nat-of-egress", &nat, private, true, fault != Fault::Target);
        let gateway = self.gateway_of(&egress);
        self.pivot_transit(plan);
        let place = (&sender.vpc, &sender.subnet);
        self.pivot_attachment("pivot-a", place, OUT, plan, link)?;
        let inner = self.pivot_attachment("pivot-b", (&egress, &entry.id), BACK, plan, back)?;
        let everywhere = pool::cidr("0.0.0.0/0");
        let leg = |table, block, to, link| Leg {
            table,
            block,
            to,
            propagated: table == BACK && plan.peer.index(2) == 0,
            link,
        };
        // Nothing overlaps with everything.
        let out = link.filter(|link| *link != Link::Overlap);
        self.pivot_route(&leg(OUT, everywhere, "pivot-b", out), plan)?;
        self.pivot_route(&leg(BACK, here, "pivot-a", back), plan)?;
        let (block, destination) = public_host(plan);
        let transit = Target::TransitGateway(GATEWAY.into());
        let to_nat = Target::NatGateway("nat-of-egress".into());
        self.lead(&sender.subnet, block, &transit, fault == Fault::Blackhole)?;
        self.lead(&inner, everywhere, &to_nat, false)?;
        self.lead(&nat.id, everywhere, &gateway, false)?;
        if ![link, back].contains(&Some(Link::NoReturn)) {
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
            outside: None,
        })
    }

    pub(super) fn by_inspection(
        &mut self,
        sender: &Place,
        plan: &PivotPlan,
        fault: Fault,
    ) -> Option<Passage> {
        let receiver = self.far_place(sender, plan)?;
        let [link, back] = Self::broken_links(plan, fault);
        let there = self.block_of(&receiver.vpc, receiver.address)?;
        let here = self.block_of(&sender.vpc, sender.address)?;
        let zone = [Some("us-east-1a".to_owned()), None];
        let inspection = self.pivot_vpc(
            "v-inspection",
            Some(&sender.vpc),
            pool::cidr("10.250.0.0/16"),
        )?;
        let entry = self.add_subnet("inspection", &inspection, zone.clone())?;
        let (appliance, inside) = self.appliance("m-of-pivot", &inspection, zone, plan)?;
        self.pivot_transit(plan);
        let place = (&sender.vpc, &sender.subnet);
        self.pivot_attachment("pivot-a", place, OUT, plan, link)?;
        let place = (&receiver.vpc, &receiver.subnet);
        self.pivot_attachment("pivot-b", place, OUT, plan, back)?;
        let place = (&inspection, &entry.id);
        let inner = self.pivot_attachment("pivot-c", place, BACK, plan, None)?;
        let everywhere = pool::cidr("0.0.0.0/0");
        let leg = |table, block, to, link| Leg {
            table,
            block,
            to,
            propagated: table == BACK && plan.peer.index(2) == 0,
            link,
        };
        self.pivot_route(&leg(OUT, everywhere, "pivot-c", None), plan)?;
        self.pivot_route(&leg(BACK, there, "pivot-b", link), plan)?;
        self.pivot_route(&leg(BACK, here, "pivot-a", back), plan)?;
        let transit = Target::TransitGateway(GATEWAY.into());
        self.lead(&sender.subnet, there, &transit, fault == Fault::Blackhole)?;
        if ![link, back].contains(&Some(Link::NoReturn)) {
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
            outside: None,
        })
    }
}

/// The gateway of one of the tables.
fn gateway_of_table(table: &str) -> &'static str {
    if table.starts_with(FAR) { FAR } else { GATEWAY }
}

/// What can be broken at the other gateway: what needs another attachment is of the first one.
fn far_link(link: Option<Link>) -> Option<Link> {
    link.filter(|link| !matches!(link, Link::Overlap | Link::Vpn))
}
