//! Transit gateways with their tables and attachments, and the routes to and in them.

use std::collections::BTreeSet;

use model::{
    AttachmentKind, Cidr, Hole, OnPremisesService, Route, RouteDestination, RouteOrigin,
    RouteState, Subnet, SubnetId, Tags, Target, TransitGateway, TransitGatewayAttachment,
    TransitGatewayAttachmentId, TransitGatewayId, TransitGatewayRoute, TransitGatewayRouteTable,
    TransitGatewayRouteTableId, Value, VpcId,
};

use super::Builder;
use super::gateway::overlap;
use crate::plan::{AttachmentPlan, TransitRoutePlan};
use crate::pool::{self, choose, once_in, pick};
use crate::swarm::Feature;
use crate::weights::{
    ASSOCIATION, ATTACHMENT, AttachmentChoice, Naming, TRANSIT_DESTINATION, TransitDestination,
};

impl Builder<'_> {
    pub(super) fn transits(&mut self) {
        if !self.has(Feature::TransitGateways) {
            return;
        }
        for (position, plan) in self.plan.transits.iter().enumerate() {
            let id = format!("tgw{position}");
            self.add_transit(&id, plan.referencing.index(3) < 2);
            self.add_transit_table(&format!("{id}-t0"), &id);
        }
        for (position, plan) in self.plan.transit_tables.iter().enumerate() {
            if let Some(gateway) = pick(&plan.gateway, &self.draft.transit_gateways) {
                let gateway = gateway.id.to_string();
                self.add_transit_table(&format!("tt{position}"), &gateway);
            }
        }
        for (position, plan) in self.plan.attachments.iter().enumerate() {
            let id = format!("x{position}");
            let Some(gateway) = pick(&plan.gateway, &self.draft.transit_gateways) else {
                return;
            };
            let gateway = gateway.id.clone();
            match choose(&plan.kind, &ATTACHMENT) {
                AttachmentChoice::Vpc => self.vpc_attachment(&id, &gateway, plan),
                AttachmentChoice::Peering => self.transit_peering(&id, &gateway, plan),
                AttachmentChoice::Outside => {
                    let kind = AttachmentKind::Peering { other: None };
                    self.attach(&id, &gateway, kind, plan);
                }
                AttachmentChoice::OnPremises if self.has(Feature::OnPremises) => {
                    let services = OnPremisesService::ALL;
                    let kind = AttachmentKind::OnPremises {
                        service: *pick(&plan.vpc, &services).unwrap_or(&services[0]),
                        prefixes: self.prefixes(&id, [&plan.first, &plan.second], &plan.flags),
                    };
                    self.attach(&id, &gateway, kind, plan);
                }
                AttachmentChoice::OnPremises | AttachmentChoice::Unmodelled => {
                    let kind = AttachmentKind::Unmodelled("network-function".to_owned());
                    self.attach(&id, &gateway, kind, plan);
                }
            }
        }
    }

    pub(super) fn add_transit(&mut self, id: &str, security_group_referencing: bool) {
        self.draft.transit_gateways.push(TransitGateway {
            id: TransitGatewayId::new(id),
            security_group_referencing,
            tags: Tags::new(),
        });
    }

    pub(super) fn add_transit_table(&mut self, id: &str, gateway: &str) {
        let table = TransitGatewayRouteTable {
            id: TransitGatewayRouteTableId::new(id),
            gateway: TransitGatewayId::new(gateway),
            routes: Vec::new(),
            propagations: BTreeSet::new(),
            tags: Tags::new(),
        };
        self.draft.transit_gateway_route_tables.push(table);
    }

    fn vpc_attachment(&mut self, id: &str, gateway: &TransitGatewayId, plan: &AttachmentPlan) {
        let Some(vpc) = pick(&plan.vpc, &self.draft.vpcs).map(|vpc| vpc.id.clone()) else {
            return;
        };
        let of_vpc = self.draft.subnets.iter().filter(|one| one.vpc == vpc);
        let of_vpc: Vec<_> = of_vpc.cloned().collect();
        let zones = |index| {
            let subnet: &Subnet = pick(index, &of_vpc)?;
            Some([subnet.zone.clone(), subnet.zone_id.clone()])
        };
        // A subnet for nothing else, in the zone of another one; or that one.
        let zone = zones(&plan.first).unwrap_or_default();
        let first = match pick(&plan.first, &of_vpc) {
            // Without a zone only what stands in the attachment's own subnet can send.
            Some(first) if plan.flags.index(2) == 1 || first.zone.is_none() => Some(first.clone()),
            Some(_) | None => self.add_subnet(&format!("{id}-net"), &vpc, zone),
        };
        let Some(first) = first else { return };
        let mut subnets: BTreeSet<SubnetId> = [first.id.clone()].into();
        if let Some(second) = pick(&plan.second, &of_vpc)
            && (plan.second.index(2) == 1 || first.zone.is_none())
            && other_zone(&first, second)
        {
            subnets.insert(second.id.clone());
        }
        let kind = AttachmentKind::Vpc {
            vpc,
            subnets,
            appliance_mode: plan.state.index(3) == 0,
            ipv6_support: plan.which.index(5) < 3,
            security_group_referencing: plan.referencing.index(7) < 5,
        };
        self.attach(id, gateway, kind, plan);
    }

    fn transit_peering(&mut self, id: &str, gateway: &TransitGatewayId, plan: &AttachmentPlan) {
        let mut gateways = self.draft.transit_gateways.iter();
        let Some(other) = gateways.find(|one| one.id != *gateway) else {
            return;
        };
        let other = other.id.clone();
        let far = format!("{id}-far");
        let peering = |other: &str| AttachmentKind::Peering {
            other: Some(TransitGatewayAttachmentId::new(other)),
        };
        self.attach(id, gateway, peering(&far), plan);
        self.attach(&far, &other, peering(id), plan);
    }

    /// An attachment with its association and its propagations.
    fn attach(
        &mut self,
        id: &str,
        gateway: &TransitGatewayId,
        kind: AttachmentKind,
        plan: &AttachmentPlan,
    ) {
        let id = TransitGatewayAttachmentId::new(id);
        let twice = self.draft.transit_gateway_attachments.iter().any(|one| {
            one.available
                && one.gateway == *gateway
                && attached_vpc(&one.kind) == attached_vpc(&kind)
        });
        let twice = twice && attached_vpc(&kind).is_some();
        let broken = self.has(Feature::Broken) && once_in(&plan.state, 10);
        let tables = self.draft.transit_gateway_route_tables.iter();
        let tables = tables.filter(|table| table.gateway == *gateway);
        let tables: Vec<_> = tables.map(|table| table.id.clone()).collect();
        let hole = Hole::new(format!("association of {id}"));
        let first = pick(&plan.which, &tables);
        let second = tables.iter().find(|table| Some(*table) != first);
        let holes = self.has(Feature::Holes);
        let association = match choose(&plan.association, &ASSOCIATION) {
            Naming::Implied => None,
            Naming::Any if holes => Some(Value::Any(hole)),
            Naming::OneOf if holes && second.is_some() => {
                let tables = [first, second].into_iter().flatten();
                Some(Value::OneOf(tables.cloned().collect(), hole))
            }
            Naming::Known | Naming::OneOf | Naming::Any => first.cloned().map(Value::Known),
        };
        // What is not known leaves open whatever the table chooses: it is propagated seldom.
        let modelled = match &kind {
            AttachmentKind::Vpc { .. } | AttachmentKind::Peering { .. } => true,
            AttachmentKind::OnPremises { prefixes, .. } => prefixes.known().is_some(),
            AttachmentKind::Unmodelled(_) => false,
        };
        for table in &mut self.draft.transit_gateway_route_tables {
            let propagates = match plan.propagation.index(8) {
                0..=4 if modelled => true,
                5 => Some(&table.id) == tables.last(),
                _ => false,
            };
            if table.gateway == *gateway && propagates {
                table.propagations.insert(id.clone());
            }
        }
        self.draft
            .transit_gateway_attachments
            .push(TransitGatewayAttachment {
                id,
                gateway: gateway.clone(),
                available: !twice && !broken,
                kind,
                association,
                tags: Tags::new(),
            });
    }

    /// The routes in the tables of transit gateways, and those that lead to them.
    pub(super) fn transit_routes(&mut self) {
        for plan in &self.plan.transit_routes {
            let n_tables = self.draft.transit_gateway_route_tables.len();
            if n_tables == 0 {
                return;
            }
            let position = plan.table.index(n_tables);
            let route = self.transit_route(position, plan);
            let tables = &mut self.draft.transit_gateway_route_tables;
            if let (Some(route), Some(table)) = (route, tables.get_mut(position)) {
                lead(table, route);
            }
        }
        self.routes_over_peerings();
        self.routes_to_transits();
    }

    fn transit_route(
        &self,
        position: usize,
        plan: &TransitRoutePlan,
    ) -> Option<TransitGatewayRoute> {
        let table = self.draft.transit_gateway_route_tables.get(position)?;
        let attachments = self.draft.transit_gateway_attachments.iter();
        let attachments: Vec<_> = attachments
            .filter(|one| one.gateway == table.gateway)
            .collect();
        let blackhole = self.has(Feature::Blackholes) && once_in(&plan.target, 5);
        let chosen = pick(&plan.target, &attachments);
        let block = |blocks: &[Cidr]| pick(&plan.block, blocks).copied();
        let cidr = match choose(&plan.destination, &TRANSIT_DESTINATION) {
            TransitDestination::Attached => {
                let blocks = chosen.map(|one| self.attached_blocks(&one.kind));
                block(&blocks.unwrap_or_default()).or_else(|| block(&self.blocks))?
            }
            TransitDestination::Part => {
                let blocks: Vec<_> = self.draft.vpcs.iter().flat_map(|vpc| &vpc.cidrs).collect();
                let relatives = pool::relatives(**pick(&plan.block, &blocks)?);
                *pick(&plan.list, &relatives)?
            }
            TransitDestination::Subnet => {
                let subnets = self.draft.subnets.iter().flat_map(|one| &one.cidrs);
                block(&subnets.copied().collect::<Vec<_>>())?
            }
            TransitDestination::Default => pool::cidr("0.0.0.0/0"),
            TransitDestination::DefaultIpv6 if self.has(Feature::Ipv6) => pool::cidr("::/0"),
            TransitDestination::DefaultIpv6 => pool::cidr("10.0.0.0/8"),
            TransitDestination::PrefixList => {
                let list = pick(&plan.list, &self.draft.prefix_lists)?;
                return Some(TransitGatewayRoute {
                    destination: RouteDestination::PrefixList(list.id.clone()),
                    target: chosen.filter(|_| !blackhole).map(|one| one.id.clone()),
                });
            }
            TransitDestination::Pool => block(&self.blocks)?,
        };
        Some(TransitGatewayRoute {
            destination: RouteDestination::Cidr(cidr),
            target: chosen.filter(|_| !blackhole).map(|one| one.id.clone()),
        })
    }

    /// A peering of two gateways propagates nothing: mostly each has the other's blocks.
    fn routes_over_peerings(&mut self) {
        let attachments = self.draft.transit_gateway_attachments.clone();
        for (far, other) in attachments.iter().filter_map(|one| match &one.kind {
            AttachmentKind::Peering { other } => Some((one, other.as_ref()?)),
            AttachmentKind::Vpc { .. }
            | AttachmentKind::OnPremises { .. }
            | AttachmentKind::Unmodelled(_) => None,
        }) {
            let there = attachments.iter().find(|one| one.id == *other);
            let there = attachments
                .iter()
                .filter(|one| there.is_some_and(|there| there.gateway == one.gateway));
            let blocks = there.flat_map(|one| self.attached_blocks(&one.kind));
            let blocks: Vec<_> = blocks.collect();
            let tables = self.draft.transit_gateway_route_tables.iter_mut();
            for table in tables.filter(|table| table.gateway == far.gateway) {
                for block in &blocks {
                    lead(
                        table,
                        TransitGatewayRoute {
                            destination: RouteDestination::Cidr(*block),
                            target: Some(far.id.clone()),
                        },
                    );
                }
            }
        }
    }

    /// Tables of an attached VPC mostly lead to the blocks of the others.
    fn routes_to_transits(&mut self) {
        let attachments = self.draft.transit_gateway_attachments.clone();
        for (one, plan) in attachments.iter().filter_map(|one| {
            let position = one.id.as_str().trim_start_matches('x').parse().ok()?;
            let plan: &AttachmentPlan = self.plan.attachments.get::<usize>(position)?;
            Some((one, plan))
        }) {
            let Some(own) = attached_vpc(&one.kind)
                .and_then(|vpc| self.vpc(vpc))
                .cloned()
            else {
                continue;
            };
            let others = self.draft.vpcs.iter();
            let others = others.filter(|vpc| vpc.id != own.id && !overlap(&own, vpc));
            let attached = others.filter(|vpc| {
                let mut attachments = attachments.iter();
                attachments.any(|one| attached_vpc(&one.kind) == Some(&vpc.id))
            });
            let mut blocks: Vec<_> = attached.flat_map(|vpc| vpc.cidrs.clone()).collect();
            blocks.extend(self.premises_behind(&one.gateway));
            match plan.routes.index(6) {
                0 => continue,
                1 => blocks.push(pool::cidr("0.0.0.0/0")),
                2 => blocks.push(pool::cidr("::/0")),
                _ => {}
            }
            let target = Target::TransitGateway(one.gateway.clone());
            let tables = self.draft.route_tables.iter_mut();
            for table in tables.filter(|table| table.vpc == own.id) {
                for block in &blocks {
                    let destination = Value::Known(RouteDestination::Cidr(*block));
                    let mut routes = table.routes.iter();
                    if !routes.any(|route| route.destination == destination) {
                        table.routes.push(Route {
                            destination,
                            target: Value::Known(target.clone()),
                            origin: RouteOrigin::Static,
                            state: RouteState::Active,
                        });
                    }
                }
            }
        }
    }

    /// Whether a gateway joins this VPC with one that has the address.
    pub(super) fn joins(&self, gateway: &TransitGatewayId, vpc: &VpcId, cidr: Cidr) -> bool {
        let attachments = self.draft.transit_gateway_attachments.iter();
        let mut joined = attachments.filter(|one| one.gateway == *gateway);
        let here = joined
            .clone()
            .any(|one| attached_vpc(&one.kind) == Some(vpc));
        here && joined.any(|one| {
            let other = attached_vpc(&one.kind).filter(|other| *other != vpc);
            let other = other.and_then(|other| self.vpc(other));
            let blocks = other.map(|other| other.cidrs.as_slice());
            let mut blocks = blocks.unwrap_or_default().iter();
            blocks.any(|block| pool::holds(*block, cidr.base()))
        })
    }
}

/// A route of a table of a transit gateway, unless it has one for the destination.
pub(super) fn lead(table: &mut TransitGatewayRouteTable, route: TransitGatewayRoute) {
    let mut routes = table.routes.iter();
    if !routes.any(|one| one.destination == route.destination) {
        table.routes.push(route);
    }
}

/// The VPC of an attachment of one.
pub(super) const fn attached_vpc(kind: &AttachmentKind) -> Option<&VpcId> {
    match kind {
        AttachmentKind::Vpc { vpc, .. } => Some(vpc),
        AttachmentKind::Peering { .. }
        | AttachmentKind::OnPremises { .. }
        | AttachmentKind::Unmodelled(_) => None,
    }
}

/// Whether an attachment may have both.
fn other_zone(one: &Subnet, other: &Subnet) -> bool {
    let differ = |one: &Option<String>, other: &Option<String>| one.is_none() || one != other;
    one.id != other.id && differ(&one.zone, &other.zone) && differ(&one.zone_id, &other.zone_id)
}
