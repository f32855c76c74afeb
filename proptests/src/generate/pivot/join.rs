//! Transit gateways that join two ends, and the subnets at which what comes out of them stands.

use std::collections::BTreeSet;

use model::{
    AttachmentKind, Hole, Middlebox, Subnet, TransitGatewayAttachment, TransitGatewayAttachmentId,
    TransitGatewayId, TransitGatewayRoute, TransitGatewayRouteTableId,
};

use super::super::transit::lead;
use super::*;
use crate::dice::Dice;

/// An end of a joint: what is attached there, and what the other end sends to it.
pub(super) struct End {
    pub kind: AttachmentKind,
    pub block: Cidr,
    pub propagated: bool,
    /// What propagates a block of the end too.
    pub twin: Option<AttachmentKind>,
}

/// How two ends are joined.
#[derive(Clone, Copy, Debug)]
pub(super) struct Joint {
    /// Each has a gateway of its own, and a peering joins these.
    pub peered: bool,
    /// The end whose attachment does not work.
    pub broken: Option<usize>,
    /// Whether the second end leads back to the first.
    pub back: bool,
    /// Whether the first end is associated with a table.
    pub associated: bool,
}

/// What keeps the subnets of an attachment from being alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Unlike {
    Nothing,
    Table,
    Acl,
    AclInbound,
    AclOutbound,
    OpenTable,
    OpenAcl,
    Exclusion,
    Nat,
    LoadBalancer,
    Unchecked,
    Transit,
    OpenRoute,
    Destination,
}

/// How often each.
const UNLIKE: [(usize, Unlike); 14] = [
    (8, Unlike::Nothing),
    (10, Unlike::Table),
    (6, Unlike::Acl),
    (9, Unlike::AclInbound),
    (9, Unlike::AclOutbound),
    (12, Unlike::OpenTable),
    (11, Unlike::OpenAcl),
    (9, Unlike::Exclusion),
    (9, Unlike::Nat),
    (6, Unlike::LoadBalancer),
    (8, Unlike::Unchecked),
    (16, Unlike::Transit), // for what goes on from the VPC only
    (28, Unlike::OpenRoute),
    (38, Unlike::Destination), // of an interface in the VPC that is entered only
];

impl Builder<'_> {
    /// Joins two ends and gives the gateway of each. The attachment of end `n` is `{id}-x{n}`; its
    /// table leads to the other end.
    pub(super) fn join(&mut self, id: &str, ends: [End; 2], joint: Joint) -> [TransitGatewayId; 2] {
        let name = |n: usize| {
            if joint.peered {
                format!("{id}-g{n}")
            } else {
                id.to_owned()
            }
        };
        let gateways = [0, 1].map(|n| TransitGatewayId::new(name(n)));
        self.add_transit(&name(0), true);
        if joint.peered {
            self.add_transit(&name(1), true);
        }
        let [one, other] = ends;
        let far = [
            (other.block, other.propagated, other.twin.clone()),
            (one.block, one.propagated, one.twin.clone()),
        ];
        for (n, (end, (block, propagated, twin))) in [one, other].into_iter().zip(far).enumerate() {
            let (own, attachment) = (format!("{id}-t{n}"), format!("{id}-x{n}"));
            self.add_transit_table(&own, &name(n));
            if joint.peered {
                let (via, peering) = (format!("{id}-v{n}"), format!("{id}-p{n}"));
                self.add_transit_table(&via, &name(n));
                self.lead_transit(&via, end.block, &attachment, end.propagated);
                self.add_twin(&via, &name(n), end.twin.filter(|_| end.propagated));
                let other = TransitGatewayAttachmentId::new(format!("{id}-p{}", 1 - n));
                let kind = AttachmentKind::Peering { other: Some(other) };
                self.attach_end(&peering, &name(n), kind, Some(&via), true);
                if n == 0 || joint.back {
                    self.lead_transit(&own, block, &peering, false);
                }
            } else if n == 0 || joint.back {
                self.lead_transit(&own, block, &format!("{id}-x{}", 1 - n), propagated);
                self.add_twin(&own, &name(n), twin.filter(|_| propagated));
            }
            let table = (n == 1 || joint.associated).then_some(own.as_str());
            let available = joint.broken != Some(n);
            self.attach_end(&attachment, &name(n), end.kind, table, available);
        }
        gateways
    }

    /// Another attachment that propagates to a table.
    fn add_twin(&mut self, table: &str, gateway: &str, twin: Option<AttachmentKind>) {
        if let Some(kind) = twin {
            let id = format!("{table}-twin");
            self.attach_end(&id, gateway, kind, None, true);
            self.lead_transit(table, pool::cidr("0.0.0.0/0"), &id, true);
        }
    }

    fn attach_end(
        &mut self,
        id: &str,
        gateway: &str,
        kind: AttachmentKind,
        table: Option<&str>,
        available: bool,
    ) {
        let attachment = TransitGatewayAttachment {
            id: id.into(),
            gateway: gateway.into(),
            available,
            kind,
            association: table.map(|id| Value::Known(TransitGatewayRouteTableId::new(id))),
            tags: Tags::new(),
        };
        self.draft.transit_gateway_attachments.push(attachment);
    }

    fn lead_transit(&mut self, table: &str, block: Cidr, to: &str, propagated: bool) {
        let mut tables = self.draft.transit_gateway_route_tables.iter_mut();
        let Some(table) = tables.find(|one| one.id.as_str() == table) else {
            return;
        };
        if propagated {
            table.propagations.insert(to.into());
        } else {
            let route = TransitGatewayRoute {
                destination: RouteDestination::Cidr(block),
                target: Some(to.into()),
            };
            lead(table, route);
        }
    }

    /// The end that is a VPC. It propagates only what is its own.
    pub(super) fn vpc_end(
        &self,
        vpc: &VpcId,
        subnets: BTreeSet<SubnetId>,
        block: Cidr,
        propagated: bool,
    ) -> End {
        let own = self.block_of(vpc, block.base());
        End {
            kind: AttachmentKind::Vpc {
                vpc: vpc.clone(),
                subnets,
                appliance_mode: true,
                ipv6_support: false,
                security_group_referencing: true,
            },
            block,
            propagated: propagated && own.is_some(),
            twin: None,
        }
    }

    /// The subnets by which a VPC takes what has no zone of entry: one, or two that are alike, or
    /// nearly so. Gives one of them, and all.
    pub(super) fn entrance(
        &mut self,
        id: &str,
        vpc: &VpcId,
        zone: [Option<String>; 2],
        receiver: Option<&Place>,
        dice: &mut Dice,
    ) -> Option<(SubnetId, BTreeSet<SubnetId>)> {
        let several = dice.percent(90);
        let unlike = dice.choose(&UNLIKE)?;
        let number = usize::from(zone.iter().flatten().any(|name| name == "us-east-1a"));
        let of_receiver =
            receiver.filter(|place| several && unlike == Unlike::Destination && place.vpc == *vpc);
        let first = match of_receiver {
            Some(place) => place.subnet.clone(),
            None => self.add_subnet(&format!("{id}-net"), vpc, zone)?.id,
        };
        let mut all = BTreeSet::from([first.clone()]);
        if several {
            let zone = Self::zone_names(self.vpc(vpc)?, number, false);
            let second = self.add_subnet(&format!("{id}-also"), vpc, zone)?;
            all.insert(second.id.clone());
            self.liken(&first, &second.id);
            self.set_apart(id, &first, &second, unlike, dice);
        }
        Some((first, all))
    }

    /// Gives a subnet the table and the ACL of another one.
    pub(super) fn liken(&mut self, one: &SubnetId, other: &SubnetId) -> Option<()> {
        let one = self.draft.subnets.iter().find(|of| of.id == *one)?;
        let (table, acl) = (one.route_table.clone(), one.network_acl.clone());
        let other = self.draft.subnets.iter_mut().find(|of| of.id == *other)?;
        (other.route_table, other.network_acl) = (table, acl);
        Some(())
    }

    /// Makes two subnets unlike.
    fn set_apart(
        &mut self,
        id: &str,
        first: &SubnetId,
        second: &Subnet,
        by: Unlike,
        dice: &mut Dice,
    ) -> Option<()> {
        let host = &self.plan.pivot.as_ref()?.from;
        let holes = self.has(Feature::Holes);
        let blocks_public = self.has(Feature::BlockPublicAccess);
        let id = format!("{id}-apart");
        let mut subnets = self.draft.subnets.iter_mut();
        match by {
            Unlike::Nothing | Unlike::Destination => {}
            Unlike::Table => self.own_table(&id, second),
            Unlike::Acl | Unlike::AclInbound | Unlike::AclOutbound => {
                let mut acls = self.draft.network_acls.iter();
                let open = acls.find(|one| second.network_acl == Value::Known(one.id.clone()))?;
                let open = open.clone();
                // Each has its own: the one that they have is opened for the way.
                for (n, place) in [first, &second.id].into_iter().enumerate() {
                    let acl = NetworkAclId::new(format!("{id}-acl{n}"));
                    let mut copy = NetworkAcl {
                        id: acl.clone(),
                        ..open.clone()
                    };
                    if n == 1 && by == Unlike::AclInbound {
                        copy.ingress.clear();
                    } else if n == 1 && by == Unlike::AclOutbound {
                        copy.egress.clear();
                    }
                    self.draft.network_acls.push(copy);
                    let mut subnets = self.draft.subnets.iter_mut();
                    subnets.find(|one| one.id == *place)?.network_acl = Value::Known(acl);
                }
            }
            Unlike::OpenTable | Unlike::OpenAcl | Unlike::OpenRoute if !holes => {}
            Unlike::Exclusion if !blocks_public => {}
            Unlike::Exclusion => {
                subnets.find(|one| one.id == second.id)?.exclusion = Some(Exclusion::Egress);
            }
            Unlike::OpenTable => {
                let hole = Hole::new(format!("route table of {id}"));
                for one in subnets.filter(|one| one.id == *first || one.id == second.id) {
                    one.route_table = Some(Value::Any(hole.clone()));
                }
            }
            Unlike::OpenAcl => {
                let hole = Hole::new(format!("network ACL of {id}"));
                for one in subnets.filter(|one| one.id == *first || one.id == second.id) {
                    one.network_acl = Value::Any(hole.clone());
                }
            }
            Unlike::Nat => {
                let private = self.new_address(second, Family::V4, host)?;
                self.add_nat(&id, second, private, false, true);
                self.lead_inside(first, Target::NatGateway(id.as_str().into()), dice)?;
            }
            Unlike::LoadBalancer => {
                let service = "com.amazonaws.vpce.us-east-1.vpce-svc-3".to_owned();
                self.draft.vpc_endpoints.push(VpcEndpoint {
                    id: id.as_str().into(),
                    vpc: second.vpc.clone(),
                    service,
                    available: true,
                    kind: EndpointKind::GatewayLoadBalancer {
                        subnet: second.id.clone(),
                        middlebox: Middlebox::Forwards,
                    },
                    policy: Value::Known(full_access()),
                    tags: Tags::new(),
                });
                let target = Target::GatewayLoadBalancerEndpoint(id.as_str().into());
                self.lead_inside(first, target, dice)?;
            }
            Unlike::Unchecked => {
                self.add_middlebox(&id, second, host, Middlebox::Forwards)?;
                self.lead_inside(first, Target::NetworkInterface(id.as_str().into()), dice)?;
            }
            Unlike::Transit => {
                self.add_transit(&id, true);
                let target = Target::TransitGateway(id.as_str().into());
                self.lead_aside(first, Value::Known(target), RouteState::Active)?;
            }
            Unlike::OpenRoute => {
                let target = Value::Any(Hole::new(format!("target of a route of {id}")));
                self.lead_aside(first, target, RouteState::Active)?;
            }
        }
        Some(())
    }

    /// Leads, or may lead, from a subnet to what stands beside it.
    fn lead_inside(&mut self, subnet: &SubnetId, target: Target, dice: &mut Dice) -> Option<()> {
        if self.has(Feature::Holes) && dice.percent(40) {
            let hole = Hole::new(format!("target of a route of {subnet}"));
            let target = Value::OneOf(vec![target, Target::Local], hole);
            return self.lead_aside(subnet, target, RouteState::Active);
        }
        let state = if dice.percent(40) {
            RouteState::Blackhole
        } else {
            RouteState::Active
        };
        self.lead_aside(subnet, Value::Known(target), state)
    }

    /// A route for a block in which nobody is, in the table of a subnet.
    fn lead_aside(
        &mut self,
        subnet: &SubnetId,
        target: Value<Target>,
        state: RouteState,
    ) -> Option<()> {
        let table = self.known_table(subnet)?;
        let mut tables = self.draft.route_tables.iter_mut();
        let table = tables.find(|one| one.id == table)?;
        let block = RouteDestination::Cidr(pool::cidr("192.0.2.0/24"));
        table.routes.push(Route {
            destination: Value::Known(block),
            target,
            origin: RouteOrigin::Static,
            state,
        });
        Some(())
    }
}
