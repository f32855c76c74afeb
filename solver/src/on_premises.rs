//! Networks on premises, and the gateways by which they are reached (page on_premises).

use std::collections::BTreeSet;
use std::sync::Arc;

use model::{
    AttachmentKind, Cidr, Clause, Family, Network, OnPremisesGateway, TransitGatewayAttachmentId,
    Value, VirtualPrivateGateway, VirtualPrivateGatewayId, VpcId,
};

use crate::encoder::Encoder;
use crate::forward::arrive;
use crate::hole::unsettled;
use crate::ranges::{Ranges, covers, not_public};
use crate::security_group::Entered;
use crate::symbolic::{Formula, Number};
use crate::transit_gateway;
use crate::walk::{Entrance, Exit, Place, Steps};

/// Every gateway of the network.
pub(crate) fn gateways(network: &Network) -> impl Iterator<Item = OnPremisesGateway> + use<'_> {
    let private = network.virtual_private_gateways().keys().cloned();
    let attachments = network.transit_gateway_attachments().iter();
    let leading =
        attachments.filter(|(_, one)| matches!(one.kind, AttachmentKind::OnPremises { .. }));
    private
        .map(OnPremisesGateway::VirtualPrivate)
        .chain(leading.map(|(id, _)| OnPremisesGateway::Transit(id.clone())))
}

/// The blocks that a gateway knows; none when they are not known.
pub(crate) fn known_blocks<'a>(
    network: &'a Network,
    gateway: &OnPremisesGateway,
) -> Option<&'a BTreeSet<Cidr>> {
    let blocks = match gateway {
        OnPremisesGateway::VirtualPrivate(id) => {
            &network.virtual_private_gateways().get(id)?.prefixes
        }
        OnPremisesGateway::Transit(id) => {
            match &network.transit_gateway_attachments().get(id)?.kind {
                AttachmentKind::OnPremises { prefixes, .. } => prefixes,
                AttachmentKind::Vpc { .. }
                | AttachmentKind::Peering { .. }
                | AttachmentKind::Unmodelled(_) => return None,
            }
        }
    };
    blocks.known()
}

/// As holes name it.
fn place(gateway: &OnPremisesGateway) -> String {
    match gateway {
        OnPremisesGateway::VirtualPrivate(id) => format!("virtual private gateway {id}"),
        OnPremisesGateway::Transit(id) => format!("attachment {id}"),
    }
}

/// A virtual private gateway as the target of a route, for a packet from this VPC.
pub(crate) fn target(
    encoder: &Encoder,
    steps: &mut Steps,
    vpc: &VpcId,
    id: &VirtualPrivateGatewayId,
) {
    let gateway = encoder.network.virtual_private_gateways().get(id);
    let attached = gateway.is_some_and(|gateway| gateway.vpc.as_ref() == Some(vpc));
    let clause = Clause::VirtualPrivateGatewayAttached;
    steps.drop(clause, Formula::Constant(!attached));
    let packet = steps.way.packet.clone();
    let own = encoder.of_vpc(vpc, &packet.source);
    steps.drop(Clause::VirtualPrivateGatewaySource, !own);
    route(encoder, steps, id, &packet.destination);
    let gateway = OnPremisesGateway::VirtualPrivate(id.clone());
    if let Some(known) = known_blocks(&encoder.network, &gateway) {
        let known = Ranges::of_blocks(encoder.family, known);
        steps.destinations = steps.destinations.and(&known);
    }
    hand_over(encoder, steps, gateway);
}

/// `virtual-private-gateway-route`, for an address.
pub(crate) fn route(
    encoder: &Encoder,
    steps: &mut Steps,
    id: &VirtualPrivateGatewayId,
    address: &Number,
) {
    let clause = Clause::VirtualPrivateGatewayRoute;
    let gateway = encoder.network.virtual_private_gateways().get(id);
    match gateway.map(|gateway| &gateway.prefixes) {
        None => {}
        Some(Value::Known(blocks)) => steps.drop(clause, !encoder.in_blocks(blocks, address)),
        Some(Value::OneOf(_, hole) | Value::Any(hole)) => {
            steps.end(clause, hole.clone(), Formula::TRUE);
        }
    }
}

/// `virtual-private-gateway-edge-table`, for what comes in, request or reply.
pub(crate) fn edge_table(encoder: &Encoder, steps: &mut Steps, id: &VirtualPrivateGatewayId) {
    let clause = Clause::VirtualPrivateGatewayEdgeTable;
    let gateway = encoder.network.virtual_private_gateways().get(id);
    let has_table = gateway.is_some_and(|gateway| gateway.edge_route_table.is_some());
    let hole = unsettled(clause, &format!("virtual private gateway {id}"));
    steps.end(clause, hole, Formula::Constant(has_table));
}

/// *Handed over* by a gateway.
pub(crate) fn hand_over(encoder: &Encoder, steps: &mut Steps, gateway: OnPremisesGateway) {
    let clause = Clause::OnPremisesTransit;
    let sent_on = sent_on(encoder, &gateway);
    if !steps.destinations.and(&sent_on).is_empty() {
        let hole = unsettled(clause, &place(&gateway));
        let when = sent_on.hold(&steps.way.packet.destination);
        steps.end(clause, hole, when);
        steps.destinations = steps.destinations.minus(&sent_on);
    }
    if !steps.is_over() {
        let place = Place::OnPremises(gateway.clone());
        let exit = Exit::OnPremises(gateway);
        steps.leave(Clause::OnPremisesDelivers, place, exit);
    }
}

/// The destinations that routers on premises may send on (`on-premises-transit`).
fn sent_on(encoder: &Encoder, gateway: &OnPremisesGateway) -> Ranges {
    let family = encoder.family;
    let shortest = match family {
        Family::V4 => 8,
        Family::V6 => 16,
    };
    let known = known_blocks(&encoder.network, gateway);
    let own = known.into_iter().flatten();
    let own = own.filter(|block| block.prefix_len() >= shortest);
    let own = Ranges::of_blocks(family, own);
    let public = Ranges::all(family).minus(&not_public(family));
    let vpcs = encoder.network.vpcs().values();
    let of_vpcs = Ranges::of_blocks(family, vpcs.flat_map(|vpc| &vpc.cidrs));
    Ranges::new(family, of_vpcs.iter().chain(public.minus(&own).iter()))
}

/// Forward, from on premises.
pub(crate) fn from_on_premises(
    encoder: &mut Encoder,
    steps: &mut Steps,
    gateway: &OnPremisesGateway,
) {
    match gateway {
        OnPremisesGateway::VirtualPrivate(id) => by_virtual_private(encoder, steps, id),
        OnPremisesGateway::Transit(id) => by_attachment(encoder, steps, id),
    }
}

fn by_virtual_private(encoder: &mut Encoder, steps: &mut Steps, id: &VirtualPrivateGatewayId) {
    let network = Arc::clone(&encoder.network);
    let Some(gateway) = network.virtual_private_gateways().get(id) else {
        steps.drop(Clause::SourceCheck, Formula::TRUE);
        return;
    };
    inbound(encoder, steps, gateway);
    let Some(vpc) = &gateway.vpc else {
        return;
    };
    let by = OnPremisesGateway::VirtualPrivate(id.clone());
    allowed_prefix(encoder, steps, &by);
    source(encoder, steps, &by);
    edge_table(encoder, steps, id);
    steps.way.entrance = Some(Entrance::VirtualPrivateGateway(id.clone()));
    if !steps.is_over() {
        arrive(encoder, steps, vpc, &Entered::OnPremises);
    }
}

/// `virtual-private-gateway-inbound`, behind which only what is for the VPC of the gateway is left.
fn inbound(encoder: &Encoder, steps: &mut Steps, gateway: &VirtualPrivateGateway) {
    let clause = Clause::VirtualPrivateGatewayInbound;
    let by = OnPremisesGateway::VirtualPrivate(gateway.id.clone());
    // What the gateway serves is its VPC, and nothing when it is detached.
    let inside = served(encoder, &by);
    let destination = steps.way.packet.destination.clone();
    let elsewhere = !inside.hold(&destination);
    match &gateway.prefixes {
        Value::Known(blocks) => {
            let to_a_site = encoder.in_blocks(blocks, &destination) & elsewhere.clone();
            steps.end(clause, unsettled(clause, &place(&by)), to_a_site);
        }
        Value::OneOf(_, hole) | Value::Any(hole) => {
            steps.end(clause, hole.clone(), elsewhere.clone());
        }
    }
    steps.drop(clause, elsewhere);
    steps.destinations = steps.destinations.and(&inside);
}

fn by_attachment(encoder: &mut Encoder, steps: &mut Steps, id: &TransitGatewayAttachmentId) {
    let network = Arc::clone(&encoder.network);
    let attachment = network.transit_gateway_attachments().get(id);
    let attachment = attachment.filter(|one| matches!(one.kind, AttachmentKind::OnPremises { .. }));
    let Some(attachment) = attachment else {
        steps.drop(Clause::SourceCheck, Formula::TRUE);
        return;
    };
    if !attachment.available {
        steps.drop(Clause::TransitGatewayAttached, Formula::TRUE);
        return;
    }
    let by = OnPremisesGateway::Transit(id.clone());
    allowed_prefix(encoder, steps, &by);
    source(encoder, steps, &by);
    transit_gateway::transit(encoder, steps, attachment, None);
}

/// `direct-connect-allowed-prefix`.
fn allowed_prefix(encoder: &Encoder, steps: &mut Steps, gateway: &OnPremisesGateway) {
    let network = &encoder.network;
    let associations = network.direct_connect_associations().values();
    let own: Vec<_> = associations
        .filter(|association| association.gateway == *gateway)
        .collect();
    if own.is_empty() {
        return;
    }
    let clause = Clause::DirectConnectAllowedPrefix;
    let known = own.iter();
    let known = known.filter_map(|association| association.allowed_prefixes.known());
    let advertised = advertised(encoder, gateway, known);
    let elsewhere = !advertised.hold(&steps.way.packet.destination);
    let holes = own.iter();
    let mut holes = holes.filter_map(|association| association.allowed_prefixes.hole());
    let has_other_ways = own.iter().any(|association| association.other_ways);
    if let Some(hole) = holes.next() {
        steps.end(clause, hole.clone(), elsewhere);
    } else if has_other_ways {
        let hole = unsettled(clause, &place(gateway));
        steps.end(clause, hole, elsewhere);
    } else {
        steps.drop(clause, elsewhere);
    }
    steps.destinations = steps.destinations.and(&advertised);
}

/// What allowed prefixes let be advertised by a gateway.
fn advertised<'a>(
    encoder: &Encoder,
    gateway: &OnPremisesGateway,
    allowed: impl Iterator<Item = &'a BTreeSet<Cidr>>,
) -> Ranges {
    let allowed: Vec<_> = allowed.flatten().collect();
    match gateway {
        OnPremisesGateway::VirtualPrivate(id) => {
            let network = &encoder.network;
            let gateway = network.virtual_private_gateways().get(id);
            let vpc = gateway.and_then(|gateway| network.vpcs().get(gateway.vpc.as_ref()?));
            let blocks = vpc.into_iter().flat_map(|vpc| &vpc.cidrs);
            let whole =
                blocks.filter(|block| allowed.iter().any(|allowed| covers(**allowed, **block)));
            Ranges::of_blocks(encoder.family, whole)
        }
        OnPremisesGateway::Transit(_) => Ranges::of_blocks(encoder.family, allowed),
    }
}

/// `on-premises-source`.
fn source(encoder: &Encoder, steps: &mut Steps, gateway: &OnPremisesGateway) {
    let clause = Clause::OnPremisesSource;
    let hole = unsettled(clause, &place(gateway));
    let of_vpc = served(encoder, gateway).hold(&steps.way.packet.source);
    steps.end(clause, hole, of_vpc);
}

/// The addresses of the VPCs that a gateway serves, to which `on-premises-source` applies.
pub(crate) fn served(encoder: &Encoder, gateway: &OnPremisesGateway) -> Ranges {
    let network = &encoder.network;
    let vpcs: BTreeSet<&VpcId> = match gateway {
        OnPremisesGateway::VirtualPrivate(id) => {
            let gateway = network.virtual_private_gateways().get(id);
            gateway
                .and_then(|gateway| gateway.vpc.as_ref())
                .into_iter()
                .collect()
        }
        OnPremisesGateway::Transit(id) => {
            let attachments = network.transit_gateway_attachments();
            let gateway = attachments.get(id).map(|attachment| &attachment.gateway);
            let joined = attachments
                .values()
                .filter(|one| Some(&one.gateway) == gateway);
            let vpcs = joined.filter_map(|attachment| match &attachment.kind {
                AttachmentKind::Vpc { vpc, .. } => Some(vpc),
                AttachmentKind::Peering { .. }
                | AttachmentKind::OnPremises { .. }
                | AttachmentKind::Unmodelled(_) => None,
            });
            vpcs.collect()
        }
    };
    let vpcs = vpcs.into_iter().filter_map(|vpc| network.vpcs().get(vpc));
    Ranges::of_blocks(encoder.family, vpcs.flat_map(|vpc| &vpc.cidrs))
}
