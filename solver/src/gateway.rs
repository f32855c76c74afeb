//! Targets of routes, internet gateways and egress-only ones (page gateway).

use std::sync::Arc;

use model::{
    Clause, ComponentId, EgressOnlyInternetGatewayId, Family, InternetGatewayId, NatGatewayId,
    NetworkInterfaceId, Target, VpcId,
};

use crate::block_public_access::{self, Passage};
use crate::encoder::Encoder;
use crate::forward::{Arriving, accept, arrive};
use crate::hole::unsettled;
use crate::nat_gateway;
use crate::network_interface::Who;
use crate::peering;
use crate::route_table;
use crate::security_group::Entered;
use crate::symbolic::{Formula, Number};
use crate::vpc_endpoint;
use crate::walk::{Back, Place, Steps};

/// The target of the route that was chosen in the table of the sender's subnet.
pub(crate) fn target(encoder: &mut Encoder, steps: &mut Steps, sender: &Who, target: &Target) {
    let vpc = sender.vpc();
    let packet = encoder.packet.clone();
    match target {
        Target::Local => {
            let arriving = Arriving {
                vpc: vpc.clone(),
                entered: Entered::Local,
                packet,
                nat: None,
            };
            arrive(encoder, steps, &arriving);
        }
        Target::InternetGateway(id) => internet(encoder, steps, sender, id, &packet.source, None),
        Target::EgressOnlyInternetGateway(id) => {
            egress_only(encoder, steps, sender, id, &packet.source);
        }
        Target::NatGateway(id) => nat_gateway::target(encoder, steps, sender, id),
        Target::Peering(id) => peering::target(encoder, steps, vpc, id, &packet, None),
        Target::GatewayEndpoint(id) => vpc_endpoint::gateway(encoder, steps, vpc, id),
        // Route choice has ended these walks already.
        Target::Unmodelled { .. } => {}
    }
}

/// An internet gateway as the target of a route, for a packet that comes from this interface with this source.
pub(crate) fn internet(
    encoder: &Encoder,
    steps: &mut Steps,
    from: &Who,
    id: &InternetGatewayId,
    source: &Number,
    nat: Option<&NatGatewayId>,
) {
    let vpc = from.vpc();
    let gateway = encoder.network.internet_gateways().get(id);
    let attached = gateway.is_some_and(|gateway| gateway.vpc.as_ref() == Some(vpc));
    steps.drop(
        Clause::InternetGatewayAttached,
        Formula::Constant(!attached),
    );
    steps.way.push(ComponentId::InternetGateway(id.clone()));
    let passage = match nat {
        Some(_) => Passage::OutboundOnly,
        None => Passage::Direct,
    };
    public_access(encoder, steps, from, passage);
    leaves(encoder, steps, vpc, source);
    let edge_table = gateway.is_some_and(|gateway| gateway.edge_route_table);
    steps.deliver(
        Clause::InternetGatewayDelivers,
        Place::Internet,
        Back::Gateway {
            edge_table: edge_table.then(|| id.clone()),
            nat: nat.cloned(),
        },
    );
}

/// `egress-only-internet-gateway`.
pub(crate) fn egress_only(
    encoder: &Encoder,
    steps: &mut Steps,
    from: &Who,
    id: &EgressOnlyInternetGatewayId,
    source: &Number,
) {
    let clause = Clause::EgressOnlyInternetGateway;
    steps.drop(clause, Formula::Constant(encoder.family == Family::V4));
    steps
        .way
        .push(ComponentId::EgressOnlyInternetGateway(id.clone()));
    public_access(encoder, steps, from, Passage::OutboundOnly);
    leaves(encoder, steps, from.vpc(), source);
    let back = Back::Gateway {
        edge_table: None,
        nat: None,
    };
    steps.deliver(clause, Place::Internet, back);
}

/// `vpc-block-public-access`.
fn public_access(encoder: &Encoder, steps: &mut Steps, who: &Who, passage: Passage) {
    let filter = block_public_access::step(encoder, who, passage);
    steps.filter(Clause::VpcBlockPublicAccess, &Formula::TRUE, filter);
}

/// What both gateways ask of a packet that leaves.
fn leaves(encoder: &Encoder, steps: &mut Steps, vpc: &VpcId, source: &Number) {
    let destination = &encoder.packet.destination;
    let private = !encoder.is_public(destination);
    steps.drop(Clause::InternetGatewayPrivateDestination, private);
    let public = has_public_address(encoder, vpc, source);
    steps.drop(Clause::InternetGatewayPublicAddress, !public);
    let hole = unsettled(Clause::InternetGatewayHairpin, &format!("VPC {vpc}"));
    let own = encoder.of_network(destination);
    steps.end(Clause::InternetGatewayHairpin, hole, own);
}

/// `internet-gateway-public-address`.
fn has_public_address(encoder: &Encoder, vpc: &VpcId, source: &Number) -> Formula {
    let within = encoder.index.vpcs.get(vpc);
    let interfaces = within.into_iter().flat_map(|within| &within.interfaces);
    match encoder.family {
        Family::V4 => Formula::any(interfaces.flat_map(|id| {
            let public = encoder.public.get(id);
            let public: Vec<usize> = public.into_iter().flatten().map(|slot| slot.0).collect();
            let private = encoder.private.get(id).into_iter().flatten();
            private
                .filter(move |slot| public.contains(&slot.0))
                .map(|slot| slot.1.equals(source))
        })),
        Family::V6 => {
            encoder.is_public(source) & encoder.private_addresses(interfaces).hold(source)
        }
    }
}

/// Forward, from the internet.
pub(crate) fn from_internet(encoder: &mut Encoder) -> Steps {
    let mut steps = Steps::begin();
    let packet = encoder.packet.clone();
    let private = !encoder.is_public(&packet.source);
    steps.drop(Clause::InternetGatewayPrivateSource, private);
    let own = encoder.of_network(&packet.source);
    let hole = unsettled(Clause::InternetGatewayHairpin, "the internet");
    steps.end(Clause::InternetGatewayHairpin, hole, own);

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
        // Public addresses are once in the world, so no packet takes two of these branches.
        let mapped = encoder.among(&receiver, reached);
        let mapped = match encoder.family {
            Family::V4 => mapped,
            Family::V6 => mapped & encoder.is_public(&packet.destination),
        };
        elsewhere.push(!&mapped);
        let mut branch = steps.branch(&mapped);
        enters(encoder, &mut branch, receiver, gateway);
        steps.join(branch);
    }
    let inbound = Formula::all(elsewhere);
    steps.drop(Clause::InternetGatewayInbound, inbound);
    steps
}

/// A packet from the internet, for an interface behind this gateway.
fn enters(encoder: &mut Encoder, steps: &mut Steps, receiver: Who, gateway: &InternetGatewayId) {
    let packet = encoder.packet.clone();
    steps
        .way
        .push(ComponentId::InternetGateway(gateway.clone()));
    public_access(encoder, steps, &receiver, Passage::Entry);
    let nat = encoder.of_nat_gateway(&receiver);
    steps.drop(Clause::NatGatewayOutboundOnly, nat);
    edge_table(encoder, steps, gateway);

    let choice = route_table::choose(encoder, &receiver, &packet.source);
    let routed = choice.is(&Target::InternetGateway(gateway.clone()));
    let clause = Clause::InternetGatewayUnrouted;
    let hole = unsettled(clause, &format!("internet gateway {gateway}"));
    steps.doubt(clause, hole, !routed);

    let arriving = Arriving {
        vpc: receiver.vpc().clone(),
        entered: Entered::Internet,
        packet,
        nat: None,
    };
    let back = Back::ToInternet {
        receiver: receiver.clone(),
        gateway: gateway.clone(),
    };
    accept(encoder, steps, &receiver, &arriving, back);
}

/// `internet-gateway-edge-table`.
pub(crate) fn edge_table(encoder: &Encoder, steps: &mut Steps, id: &InternetGatewayId) {
    let gateway = encoder.network.internet_gateways().get(id);
    let has_table = gateway.is_some_and(|gateway| gateway.edge_route_table);
    let clause = Clause::InternetGatewayEdgeTable;
    let hole = unsettled(clause, &format!("internet gateway {id}"));
    steps.end(clause, hole, Formula::Constant(has_table));
}
