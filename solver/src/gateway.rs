//! Targets of routes, internet gateways and egress-only ones (page gateway).

use std::sync::Arc;

use model::{
    Clause, EgressOnlyInternetGatewayId, Family, InternetGatewayId, NetworkInterfaceId, Target,
    VpcId,
};

use crate::block_public_access::{self, Passage};
use crate::encoder::Encoder;
use crate::forward::{accept, arrive};
use crate::gateway_load_balancer;
use crate::hole::unsettled;
use crate::leg::{self, Start};
use crate::middlebox;
use crate::nat_gateway;
use crate::network_interface::Who;
use crate::on_premises;
use crate::peering;
use crate::ranges::{Ranges, not_public};
use crate::route_table;
use crate::security_group::Entered;
use crate::symbolic::{Formula, Number, Packet};
use crate::transit_gateway;
use crate::vpc_endpoint;
use crate::walk::{Back, Device, Entrance, Exit, Place, Steps};

/// The target of the route that was chosen in the table of the subnet at which the packet stands.
pub(crate) fn target(encoder: &mut Encoder, steps: &mut Steps, stands: &Who, target: &Target) {
    let vpc = stands.vpc();
    match target {
        Target::Local => arrive(encoder, steps, vpc, &Entered::Local),
        Target::InternetGateway(id) => internet(encoder, steps, stands, id),
        Target::EgressOnlyInternetGateway(id) => egress_only(encoder, steps, stands, id),
        Target::NatGateway(id) => nat_gateway::target(encoder, steps, stands, id),
        Target::Peering(id) => peering::target(encoder, steps, vpc, id),
        Target::GatewayEndpoint(id) => vpc_endpoint::gateway(encoder, steps, vpc, id),
        Target::NetworkInterface(id) => {
            middlebox::own(encoder, steps, id);
            middlebox::target(encoder, steps, Some(stands), id);
        }
        Target::GatewayLoadBalancerEndpoint(id) => {
            gateway_load_balancer::target(encoder, steps, id);
        }
        Target::TransitGateway(id) => transit_gateway::target(encoder, steps, stands, id),
        Target::VirtualPrivateGateway(id) => on_premises::target(encoder, steps, vpc, id),
        // Route choice has ended these walks already.
        Target::Unmodelled { .. } => {}
    }
}

/// An internet gateway as the target of a route.
fn internet(encoder: &mut Encoder, steps: &mut Steps, stands: &Who, id: &InternetGatewayId) {
    let vpc = stands.vpc();
    let gateway = encoder.network.internet_gateways().get(id);
    let attached = gateway.is_some_and(|gateway| gateway.vpc.as_ref() == Some(vpc));
    steps.drop(
        Clause::InternetGatewayAttached,
        Formula::Constant(!attached),
    );
    let passage = match steps.way.nat_gateway() {
        Some(_) => Passage::OutboundOnly,
        None => Passage::Direct,
    };
    let inspected = steps.way.is_inspected();
    public_access(encoder, steps, stands, passage, inspected);
    let exit = Exit::InternetGateway(id.clone());
    leaves(encoder, steps, vpc, &exit);
    steps.leave(Clause::InternetGatewayDelivers, Place::Internet, exit);
}

/// `egress-only-internet-gateway`.
fn egress_only(
    encoder: &mut Encoder,
    steps: &mut Steps,
    stands: &Who,
    id: &EgressOnlyInternetGatewayId,
) {
    gateway_load_balancer::egress_only(encoder, steps);
    let clause = Clause::EgressOnlyInternetGateway;
    steps.drop(clause, Formula::Constant(encoder.family == Family::V4));
    let inspected = steps.way.is_inspected();
    public_access(encoder, steps, stands, Passage::OutboundOnly, inspected);
    let exit = Exit::EgressOnlyInternetGateway(id.clone());
    leaves(encoder, steps, stands.vpc(), &exit);
    steps.leave(clause, Place::Internet, exit);
}

/// `vpc-block-public-access`.
fn public_access(
    encoder: &Encoder,
    steps: &mut Steps,
    who: &Who,
    passage: Passage,
    inspected: bool,
) {
    let filter = block_public_access::step(encoder, who, passage, inspected);
    steps.filter(Clause::VpcBlockPublicAccess, &Formula::TRUE, filter);
}

/// What both gateways ask of a packet that leaves.
fn leaves(encoder: &mut Encoder, steps: &mut Steps, vpc: &VpcId, exit: &Exit) {
    let Packet {
        source,
        destination,
        ..
    } = steps.way.packet.clone();
    let (source, destination) = (&source, &destination);
    let private = !encoder.is_public(destination);
    steps.drop(Clause::InternetGatewayPrivateDestination, private);
    steps.destinations = steps.destinations.minus(&not_public(encoder.family));
    if steps.is_over() {
        steps.here = Formula::FALSE;
        return;
    }
    let public = has_public_address(encoder, vpc, source);
    steps.drop(Clause::InternetGatewayPublicAddress, !public);
    if !steps.is_foreign && encoder.may_be_of_network(&steps.destinations) {
        let own = encoder.of_network(destination);
        let mut back_in = steps.branch(&own);
        hairpin(encoder, &mut back_in, vpc, exit);
        steps.join(back_in);
        steps.here = &steps.here & &!own;
    }
}

/// `internet-gateway-hairpin`: what leaves a VPC for the network itself comes back in, on a leg of its own.
fn hairpin(encoder: &mut Encoder, steps: &mut Steps, vpc: &VpcId, exit: &Exit) {
    if steps.is_over() || encoder.is_too_large() {
        return;
    }
    // What comes from the internet is for the VPC that it enters, from which no route leads it out. So the legs end.
    if let Some(Entrance::InternetGateway(_)) = steps.way.entrance {
        let hole = unsettled(Clause::InternetGatewayHairpin, &format!("VPC {vpc}"));
        steps.end(Clause::InternetGatewayHairpin, hole, Formula::TRUE);
        return;
    }
    let packet = Packet {
        source: public_source(encoder, vpc, &steps.way.packet.source),
        ..steps.way.packet.clone()
    };
    let start = Start::from_internet(steps, packet);
    let behind = start.walk(encoder, inbound);
    let back = Back::Outside(exit.clone());
    leg::goes_on(encoder, steps, exit.component(), &back, &behind);
}

/// The source that the gateway puts in, for a source that `internet-gateway-public-address` lets pass.
pub(crate) fn public_source(encoder: &Encoder, vpc: &VpcId, source: &Number) -> Number {
    match encoder.family {
        Family::V6 => source.clone(),
        Family::V4 => {
            let mapped = mapped_in(encoder, vpc);
            let put_in = mapped.fold(None, |rest: Option<Number>, (private, public)| {
                Some(rest.map_or_else(
                    || public.clone(),
                    |rest| Number::choose(&private.equals(source), public, &rest),
                ))
            });
            put_in.unwrap_or_else(|| source.clone())
        }
    }
}

/// `internet-gateway-public-address`.
fn has_public_address(encoder: &Encoder, vpc: &VpcId, source: &Number) -> Formula {
    let within = encoder.index.vpcs.get(vpc);
    let interfaces = within.into_iter().flat_map(|within| &within.interfaces);
    match encoder.family {
        Family::V4 => {
            let mapped = interfaces.flat_map(|id| mapped(encoder, id));
            Formula::any(mapped.map(|(private, _)| private.equals(source)))
        }
        Family::V6 => {
            encoder.is_public(source) & encoder.private_addresses(interfaces).hold(source)
        }
    }
}

/// Forward, from the internet.
pub(crate) fn from_internet(encoder: &mut Encoder, steps: &mut Steps) {
    let packet = encoder.packet.clone();
    let private = !encoder.is_public(&packet.source);
    steps.drop(Clause::InternetGatewayPrivateSource, private);
    let own = encoder.stands_for_of_network(&packet.source);
    let hole = unsettled(Clause::InternetGatewayPrivateSource, "the internet");
    steps.end(Clause::InternetGatewayPrivateSource, hole, own);
    inbound(encoder, steps);
}

/// From the internet, from `internet-gateway-inbound` on.
fn inbound(encoder: &mut Encoder, steps: &mut Steps) {
    let index = Arc::clone(&encoder.index);
    let behind_gateway = index
        .vpcs
        .iter()
        .filter_map(|(vpc, within)| Some((vpc, within, within.internet_gateway.as_ref()?)));
    let mut elsewhere = Vec::new();
    for (vpc, within, gateway) in behind_gateway {
        let receiver = encoder.reached_from_internet(vpc);
        let reached: Vec<&NetworkInterfaceId> = within
            .interfaces
            .iter()
            .filter(|id| encoder.family == Family::V4 || !within.of_endpoints.contains(id))
            .collect();
        let addresses = encoder.possible_addresses(&receiver, within.interfaces.iter());
        let destinations = steps.destinations.and(&addresses);
        if destinations.is_empty() {
            // No packet that comes here is for it.
            continue;
        }
        // Public addresses are once in the world, so no packet takes two of these branches.
        let mapped = encoder.among(&receiver, reached);
        let mapped = match encoder.family {
            Family::V4 => mapped,
            Family::V6 => mapped & encoder.is_public(&encoder.packet.destination),
        };
        elsewhere.push(!&mapped);
        let mut branch = steps.branch(&mapped);
        branch.destinations = destinations;
        if branch.is_over() {
            continue;
        }
        enters(encoder, &mut branch, &receiver, gateway);
        steps.join(branch);
    }
    let inbound = Formula::all(elsewhere);
    steps.drop(Clause::InternetGatewayInbound, inbound);
}

/// A packet from the internet, for an interface behind this gateway.
fn enters(encoder: &mut Encoder, steps: &mut Steps, receiver: &Who, gateway: &InternetGatewayId) {
    steps.way.entrance = Some(Entrance::InternetGateway(gateway.clone()));
    let edge = encoder.network.internet_gateways().get(gateway);
    let routed = edge.is_some_and(|gateway| gateway.edge_route_table.is_some());
    public_access(encoder, steps, receiver, Passage::Entry, routed);
    let nat = encoder.of_nat_gateway(receiver);
    steps.drop(Clause::NatGatewayOutboundOnly, nat);
    edge_table(encoder, steps, receiver, gateway);

    let choice = route_table::choose(encoder, receiver, &steps.way.packet.source);
    let routed = choice.is(&Target::InternetGateway(gateway.clone()));
    let clause = Clause::InternetGatewayUnrouted;
    let hole = unsettled(clause, &format!("internet gateway {gateway}"));
    steps.doubt(clause, hole, !routed);
    accept(encoder, steps, receiver, &Entered::Internet);
}

/// `internet-gateway-edge-table`, for what comes in; what it leads to a device goes on from there.
fn edge_table(encoder: &mut Encoder, steps: &mut Steps, receiver: &Who, id: &InternetGatewayId) {
    let gateway = encoder.network.internet_gateways().get(id);
    let Some(table) = gateway.and_then(|gateway| gateway.edge_route_table.clone()) else {
        return;
    };
    steps.way.packet.destination = private_destination(encoder, receiver.vpc());
    let private = private_destinations(encoder, receiver.vpc(), &steps.destinations);
    let before = std::mem::replace(&mut steps.destinations, private);
    let choice = route_table::choice(encoder, &table, &steps.way.packet.destination);
    steps.choose(&choice);
    let mut local = Vec::new();
    for (target, chosen) in &choice.to {
        let Some(mut branch) = steps.branch_to(chosen) else {
            continue;
        };
        match target {
            Target::Local => local.push(chosen.when.clone()),
            Target::NetworkInterface(id) => {
                // What is for the interface itself comes to no device.
                let own = middlebox::is_own(encoder, &branch, id);
                local.push(&chosen.when & &own);
                branch.here = &branch.here & &!own;
                middlebox::target(encoder, &mut branch, None, id);
            }
            Target::GatewayLoadBalancerEndpoint(id) => {
                gateway_load_balancer::target(encoder, &mut branch, id);
            }
            Target::InternetGateway(_)
            | Target::EgressOnlyInternetGateway(_)
            | Target::NatGateway(_)
            | Target::Peering(_)
            | Target::GatewayEndpoint(_)
            | Target::TransitGateway(_)
            | Target::VirtualPrivateGateway(_)
            | Target::Unmodelled { .. } => {
                let clause = Clause::InternetGatewayEdgeTable;
                let hole = unsettled(clause, &format!("route table {table}"));
                branch.end(clause, hole, Formula::TRUE);
            }
        }
        steps.join(branch);
    }
    steps.here = &steps.here & &Formula::any(local);
    steps.destinations = before;
}

/// What [`private_destination`] may be for packets from the internet with these destinations.
fn private_destinations(encoder: &Encoder, vpc: &VpcId, destinations: &Ranges) -> Ranges {
    match encoder.family {
        Family::V6 => destinations.clone(),
        Family::V4 => {
            let mapped = mapped_in(encoder, vpc);
            let met = mapped.filter(|(_, public)| {
                let public = encoder.possible(public);
                !public.and(destinations).is_empty()
            });
            let private = met.map(|(private, _)| encoder.possible(private));
            let private: Vec<_> = private.collect();
            Ranges::new(encoder.family, private.iter().flat_map(Ranges::iter))
        }
    }
}

/// The private address to which the destination of a packet from the internet is mapped.
pub(crate) fn private_destination(encoder: &Encoder, vpc: &VpcId) -> Number {
    let destination = &encoder.packet.destination;
    match encoder.family {
        Family::V6 => destination.clone(),
        Family::V4 => mapped_in(encoder, vpc)
            .fold(destination.clone(), |rest, (private, public)| {
                Number::choose(&public.equals(destination), private, &rest)
            }),
    }
}

/// The private addresses of a VPC's interfaces that have a public one, with it.
pub(crate) fn mapped_in<'a>(
    encoder: &'a Encoder,
    vpc: &VpcId,
) -> impl Iterator<Item = (&'a Number, &'a Number)> + use<'a> {
    let within = encoder.index.vpcs.get(vpc);
    let interfaces = within.into_iter().flat_map(|within| &within.interfaces);
    interfaces.flat_map(|id| mapped(encoder, id))
}

/// The private addresses of an interface that have a public one, with it.
pub(crate) fn mapped<'a>(
    encoder: &'a Encoder,
    id: &NetworkInterfaceId,
) -> impl Iterator<Item = (&'a Number, &'a Number)> + use<'a> {
    let public = encoder.public.get(id).into_iter().flatten();
    let private = encoder.private.get(id);
    public.filter_map(move |(position, public)| {
        let mut slots = private.into_iter().flatten();
        let slot = slots.find(|(other, _)| other == position)?;
        Some((&slot.1, public))
    })
}

/// `internet-gateway-edge-table`, for the reply to what left by the gateway.
pub(crate) fn edge_return(
    encoder: &mut Encoder,
    steps: &mut Steps,
    reply: &Packet,
    id: &InternetGatewayId,
    last: Option<&Device>,
) {
    let clause = Clause::InternetGatewayEdgeTable;
    let transit = last.is_some_and(|last| matches!(last, Device::TransitGateway(_)));
    let expected = last.map_or(Target::Local, Device::target);
    let gateway = encoder.network.internet_gateways().get(id);
    let Some(table) = gateway.and_then(|gateway| gateway.edge_route_table.clone()) else {
        let lost = transit | (expected != Target::Local);
        steps.drop(clause, Formula::Constant(lost));
        return;
    };
    let choice = route_table::choice(encoder, &table, &reply.destination);
    steps.choose(&choice);
    let mut to = middlebox::in_return(encoder, &choice, &reply.destination);
    let returns = to.remove(&expected).unwrap_or(Formula::FALSE);
    let mut elsewhere = steps.branch(&Formula::any(to.into_values()));
    elsewhere.drop(clause, Formula::TRUE);
    steps.join(elsewhere);
    steps.here = &steps.here & &returns;
    steps.drop(clause, Formula::Constant(transit));
}
