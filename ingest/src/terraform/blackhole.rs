//! Blackholes: the state of a route whose target is not available, which ends as soon as it is. An earlier
//! input, and a route that the plan leaves as it is, show the state before the change.
//! Source: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_Route.html>

use model::{
    AttachmentKind, InternetGateway, NatGateway, Peering, RouteState, RouteTable, Target,
    TransitGatewayId, VirtualPrivateGateway, VpcEndpoint, VpcId,
};

use super::reader::{Reader, Shelf};
use crate::sink::{Component, Sink};

/// Ends those whose targets are available after the change.
pub(super) fn mend(reader: &mut Reader<'_, '_>) {
    let plan = reader.plan;
    let changes = plan.resources.iter().any(|one| one.is_created) || !plan.former.is_empty();
    if !changes {
        return;
    }
    let mut earlier = std::mem::take(&mut reader.sink.draft.route_tables);
    let mut planned = std::mem::take(&mut reader.route_tables);
    let tables = planned.values_mut().map(|placed| &mut placed.component);
    for RouteTable { vpc, routes, .. } in tables.chain(&mut earlier) {
        let black = routes
            .iter_mut()
            .filter(|route| route.state == RouteState::Blackhole);
        for route in black {
            let target = route.target.known();
            if target.is_some_and(|target| is_available(reader, vpc, target)) {
                route.state = RouteState::Active;
            }
        }
    }
    reader.sink.draft.route_tables = earlier;
    reader.route_tables = planned;
}

/// Whether a target of a route in a VPC is available, where a component of its own tells.
fn is_available(reader: &mut Reader<'_, '_>, vpc: &VpcId, target: &Target) -> bool {
    match target {
        Target::InternetGateway(id) => {
            let is_here = |one: &InternetGateway| one.vpc.as_ref() == Some(vpc);
            is_so(&reader.internet_gateways, reader.sink, id.as_str(), is_here)
        }
        Target::VirtualPrivateGateway(id) => {
            let is_here = |one: &VirtualPrivateGateway| one.vpc.as_ref() == Some(vpc);
            let shelf = &reader.virtual_private_gateways;
            is_so(shelf, reader.sink, id.as_str(), is_here)
        }
        Target::NatGateway(id) => {
            let is_available = |one: &NatGateway| one.available;
            is_so(&reader.nat_gateways, reader.sink, id.as_str(), is_available)
        }
        Target::Peering(id) => {
            let is_active = |one: &Peering| one.active;
            is_so(&reader.peerings, reader.sink, id.as_str(), is_active)
        }
        Target::GatewayLoadBalancerEndpoint(id) => {
            let is_available = |one: &VpcEndpoint| one.available;
            is_so(
                &reader.vpc_endpoints,
                reader.sink,
                id.as_str(),
                is_available,
            )
        }
        Target::TransitGateway(id) => is_attached(reader, vpc, id),
        Target::Local
        | Target::EgressOnlyInternetGateway(_)
        | Target::GatewayEndpoint(_)
        | Target::NetworkInterface(_)
        | Target::Unmodelled { .. } => false,
    }
}

/// Whether something is so of a component of the plan, or of an earlier input.
fn is_so<C: Component>(
    shelf: &Shelf<C>,
    sink: &mut Sink,
    id: &str,
    is_so: impl Fn(&C) -> bool,
) -> bool {
    match shelf.get(id) {
        Some(placed) => is_so(&placed.component),
        None => sink.get::<C>(id).is_some_and(|earlier| is_so(earlier)),
    }
}

fn is_attached(reader: &Reader<'_, '_>, vpc: &VpcId, gateway: &TransitGatewayId) -> bool {
    let planned = &reader.transit_gateway_attachments;
    let earlier = reader.sink.draft.transit_gateway_attachments.iter();
    let earlier = earlier.filter(|one| !planned.contains_key(one.id.as_str()));
    let planned = planned.values().map(|placed| &placed.component);
    planned.chain(earlier).any(|one| {
        let is_of_vpc = matches!(&one.kind, AttachmentKind::Vpc { vpc: of, .. } if of == vpc);
        one.available && one.gateway == *gateway && is_of_vpc
    })
}
