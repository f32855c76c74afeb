//! Gateways to networks on premises: virtual private gateways, what is known to lie behind a gateway,
//! and the routes of VPCs that lead there.

use std::collections::BTreeSet;

use model::{
    AttachmentKind, Cidr, DirectConnectAssociation, Family, Hole, OnPremisesGateway,
    OnPremisesService, Route, RouteDestination, RouteOrigin, RouteState, RouteTable, Target,
    TransitGatewayId, Value, VirtualPrivateGateway, VirtualPrivateGatewayId, VpcId,
};
use proptest::sample::Index;

use super::Builder;
use super::transit::attached_vpc;
use crate::plan::{AssociationPlan, VirtualGatewayPlan};
use crate::pool::{self, choose, once_in, pick};
use crate::swarm::Feature;
use crate::weights::{
    ALLOWED, ALLOWED_KNOWN, Allowed, Naming, PREFIXES, PREMISES_BLOCK, PremisesBlock,
};

impl Builder<'_> {
    pub(super) fn virtual_gateways(&mut self) {
        if !self.has(Feature::OnPremises) {
            return;
        }
        for (position, plan) in self.plan.virtual_gateways.iter().enumerate() {
            let Some(vpc) = pick(&plan.vpc, &self.draft.vpcs).map(|vpc| vpc.id.clone()) else {
                return;
            };
            let id = format!("vgw{position}");
            let mut gateways = self.draft.virtual_private_gateways.iter();
            // A second one of a VPC stays detached.
            let has_one = gateways.any(|one| one.vpc.as_ref() == Some(&vpc));
            let broken = self.has(Feature::Broken) && once_in(&plan.state, 12);
            let attached = !has_one && !broken;
            let edge = attached && self.has(Feature::EdgeTables) && once_in(&plan.table, 9);
            let edge_route_table = edge.then(|| self.own_edge_table(&id, &vpc));
            let prefixes = self.prefixes(&id, [&plan.first, &plan.second], &plan.prefixes);
            self.draft
                .virtual_private_gateways
                .push(VirtualPrivateGateway {
                    id: VirtualPrivateGatewayId::new(&id),
                    vpc: attached.then_some(vpc),
                    edge_route_table,
                    prefixes,
                    tags: model::Tags::new(),
                });
        }
    }

    /// What a gateway knows to lie on premises.
    pub(super) fn prefixes(
        &self,
        gateway: &str,
        [first, second]: [&Index; 2],
        naming: &Index,
    ) -> Value<BTreeSet<Cidr>> {
        let holes = self.has(Feature::Holes);
        let hole = || Hole::new(format!("blocks behind {gateway}"));
        let mut known = BTreeSet::from([self.premises_block(first)]);
        if pool::fine(second, 2) == 0 {
            known.insert(self.premises_block(second));
        }
        if self.has(Feature::Ipv6) && pool::fine(first, 2) == 0 {
            known.extend(pick(second, &pool::ON_PREMISES_V6.map(pool::cidr)));
        }
        match choose(naming, &PREFIXES) {
            Naming::Implied => Value::Known(BTreeSet::new()),
            Naming::OneOf if holes => Value::OneOf(vec![known, BTreeSet::new()], hole()),
            Naming::Any if holes => Value::Any(hole()),
            Naming::Known | Naming::OneOf | Naming::Any => Value::Known(known),
        }
    }

    /// Associations of Direct Connect gateways, of gateways that may have some.
    pub(super) fn associations(&mut self) {
        if !self.has(Feature::DirectConnect) {
            return;
        }
        let gateways = self.direct_connect_gateways();
        for (position, plan) in self.plan.associations.iter().enumerate() {
            let Some(gateway) = pick(&plan.gateway, &gateways).cloned() else {
                return;
            };
            let id = format!("dx{position}");
            let allowed_prefixes = self.allowed_prefixes(&id, &gateway, plan);
            let association = DirectConnectAssociation {
                id: id.as_str().into(),
                gateway,
                allowed_prefixes,
                other_ways: once_in(&plan.other_ways, 4),
                tags: model::Tags::new(),
            };
            self.draft.direct_connect_associations.push(association);
        }
    }

    fn direct_connect_gateways(&self) -> Vec<OnPremisesGateway> {
        let gateways = self.draft.virtual_private_gateways.iter();
        let gateways = gateways.map(|one| OnPremisesGateway::VirtualPrivate(one.id.clone()));
        let attachments = self.draft.transit_gateway_attachments.iter();
        let attachments = attachments.filter(|one| {
            matches!(
                one.kind,
                AttachmentKind::OnPremises {
                    service: OnPremisesService::DirectConnectGateway,
                    ..
                }
            )
        });
        let attachments = attachments.map(|one| OnPremisesGateway::Transit(one.id.clone()));
        gateways.chain(attachments).collect()
    }

    fn allowed_prefixes(
        &self,
        id: &str,
        gateway: &OnPremisesGateway,
        plan: &AssociationPlan,
    ) -> Value<BTreeSet<Cidr>> {
        let served: Vec<_> = match gateway {
            OnPremisesGateway::VirtualPrivate(id) => {
                let gateways = self.draft.virtual_private_gateways.iter();
                let own = gateways.filter(|one| one.id == *id);
                own.filter_map(|one| self.vpc(one.vpc.as_ref()?)).collect()
            }
            OnPremisesGateway::Transit(_) => self.draft.vpcs.iter().collect(),
        };
        let vpc = pick(&plan.first, &served);
        let own = vpc.map(|vpc| vpc.cidrs.clone()).unwrap_or_default();
        let subnets = self.draft.subnets.iter();
        let subnets = subnets.filter(|one| vpc.is_some_and(|vpc| vpc.id == one.vpc));
        let any = |blocks: Vec<Cidr>| BTreeSet::from_iter(pick(&plan.second, &blocks).copied());
        let known = match choose(&plan.block, &ALLOWED) {
            Allowed::Vpc => own.into_iter().collect(),
            Allowed::Around => {
                let around = own.into_iter();
                let around = around.map(|one| pool::around(one.base(), one.prefix_len() - 1));
                around.collect()
            }
            Allowed::Halves => {
                let halves = own.into_iter().filter_map(pool::halves);
                halves.flatten().collect()
            }
            Allowed::Subnet => any(subnets.flat_map(|one| one.cidrs.clone()).collect()),
            Allowed::Pool => any(self.blocks.clone()),
            Allowed::Everywhere => ["0.0.0.0/0", "::/0"].map(pool::cidr).into(),
        };
        let holes = self.has(Feature::Holes);
        let hole = || Hole::new(format!("allowed prefixes of {id}"));
        match choose(&plan.known, &ALLOWED_KNOWN) {
            Naming::Implied => Value::Known(BTreeSet::new()),
            Naming::OneOf if holes => Value::OneOf(vec![known, BTreeSet::new()], hole()),
            Naming::Any if holes => Value::Any(hole()),
            Naming::Known | Naming::OneOf | Naming::Any => Value::Known(known),
        }
    }

    fn premises_block(&self, index: &Index) -> Cidr {
        let mut blocks = pool::ON_PREMISES_V4.map(pool::cidr).to_vec();
        match choose(index, &PREMISES_BLOCK) {
            PremisesBlock::Pool => {}
            PremisesBlock::Relative => {
                blocks = blocks.into_iter().flat_map(pool::relatives).collect();
            }
            PremisesBlock::OfVpc => {
                let of_vpcs = self.draft.vpcs.iter().flat_map(|vpc| &vpc.cidrs);
                let v4 = of_vpcs.filter(|cidr| cidr.family() == Family::V4);
                blocks = v4.flat_map(|cidr| pool::relatives(*cidr)).collect();
            }
        }
        let position = pool::fine(index, blocks.len());
        let first = pool::cidr(pool::ON_PREMISES_V4[0]);
        blocks.get(position).copied().unwrap_or(first)
    }

    /// Every block that is known to lie on premises.
    pub(super) fn known_premises(&self) -> Vec<Cidr> {
        let gateways = self.draft.virtual_private_gateways.iter();
        let attachments = self.draft.transit_gateway_attachments.iter();
        let behind = gateways
            .map(|one| &one.prefixes)
            .chain(attachments.filter_map(|one| premises_of(&one.kind)));
        behind.flat_map(known).collect()
    }

    /// What a transit gateway's attachments know to lie on premises.
    pub(super) fn premises_behind(&self, gateway: &TransitGatewayId) -> Vec<Cidr> {
        let attachments = self.draft.transit_gateway_attachments.iter();
        let of_gateway = attachments.filter(|one| one.gateway == *gateway);
        let behind = of_gateway.filter_map(|one| premises_of(&one.kind));
        behind.flat_map(known).collect()
    }

    /// The blocks of an attachment, its VPC's or those on premises.
    pub(super) fn attached_blocks(&self, kind: &AttachmentKind) -> Vec<Cidr> {
        let vpc = attached_vpc(kind).and_then(|vpc| self.vpc(vpc));
        let of_vpc = vpc.map(|vpc| vpc.cidrs.clone());
        let on_premises = || premises_of(kind).map(|blocks| known(blocks).collect());
        of_vpc.or_else(on_premises).unwrap_or_default()
    }

    /// Tables of a VPC with a gateway mostly have the routes that it propagates; or one static route;
    /// and now and then another VPC's table leads to the gateway.
    pub(super) fn routes_to_premises(&mut self) {
        let gateways = self.draft.virtual_private_gateways.clone();
        for (gateway, plan) in gateways.iter().zip(&self.plan.virtual_gateways) {
            let Some(vpc) = pick(&plan.vpc, &self.draft.vpcs).map(|vpc| vpc.id.clone()) else {
                return;
            };
            let mut blocks: Vec<_> = known(&gateway.prefixes).collect();
            if blocks.is_empty() {
                blocks.extend(pool::ON_PREMISES_V4.first().map(|text| pool::cidr(text)));
            }
            let target = Target::VirtualPrivateGateway(gateway.id.clone());
            match plan.routes.index(8) {
                0 => {}
                1 => self.lead_all(&vpc, &blocks, &target, RouteOrigin::Static),
                2 => {
                    let everywhere = ["0.0.0.0/0", "::/0"].map(pool::cidr);
                    self.lead_all(&vpc, &everywhere, &target, RouteOrigin::Static);
                }
                _ => self.lead_all(&vpc, &blocks, &target, RouteOrigin::Propagated),
            }
            if let Some(other) = self.another_vpc(&vpc, plan) {
                self.lead_all(&other, &blocks, &target, RouteOrigin::Static);
            }
        }
    }

    /// One time in four, a VPC that the gateway is not attached to.
    fn another_vpc(&self, vpc: &VpcId, plan: &VirtualGatewayPlan) -> Option<VpcId> {
        let mut vpcs = self.draft.vpcs.iter();
        let other = vpcs.find(|one| one.id != *vpc)?;
        (pool::fine(&plan.routes, 4) == 0).then(|| other.id.clone())
    }

    /// Leads blocks to a target by every table of a VPC, but those of gateways.
    fn lead_all(&mut self, vpc: &VpcId, blocks: &[Cidr], target: &Target, origin: RouteOrigin) {
        let tables = self.draft.route_tables.iter_mut();
        let of_vpc = tables.filter(|one| one.vpc == *vpc && !one.id.as_str().ends_with("-edge"));
        for table in of_vpc {
            blocks
                .iter()
                .for_each(|block| lead(table, *block, target, origin));
        }
    }
}

/// A route, unless the table has a static one for the block, or the same one.
pub(super) fn lead(table: &mut RouteTable, block: Cidr, target: &Target, origin: RouteOrigin) {
    let route = Route {
        destination: Value::Known(RouteDestination::Cidr(block)),
        target: Value::Known(target.clone()),
        origin,
        state: RouteState::Active,
    };
    let taken = table.routes.iter().any(|one| {
        let both_static = [one.origin, origin] == [RouteOrigin::Static; 2];
        *one == route || (both_static && one.destination == route.destination)
    });
    if !taken {
        table.routes.push(route);
    }
}

/// What is known to lie behind an attachment that leads on premises.
const fn premises_of(kind: &AttachmentKind) -> Option<&Value<BTreeSet<Cidr>>> {
    match kind {
        AttachmentKind::OnPremises { prefixes, .. } => Some(prefixes),
        AttachmentKind::Vpc { .. }
        | AttachmentKind::Peering { .. }
        | AttachmentKind::Unmodelled(_) => None,
    }
}

fn known(blocks: &Value<BTreeSet<Cidr>>) -> impl Iterator<Item = Cidr> {
    blocks.known().into_iter().flatten().copied()
}
