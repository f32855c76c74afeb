//! The walk forward (walk, *forward*) as constraints on the packet.

use std::sync::Arc;

use model::{Clause, Family, VpcId};

use crate::client_vpn;
use crate::encoder::Encoder;
use crate::gateway;
use crate::leg::SentBy;
use crate::load_balancer;
use crate::nat_gateway;
use crate::network_acl::{self, Bound};
use crate::network_interface::{self, Who};
use crate::ranges::Ranges;
use crate::route_table::{self, Chosen};
use crate::security_group::{self, Entered};
use crate::symbolic::{Formula, Packet};
use crate::vpc_endpoint;
use crate::walk::{Back, Place, Steps};

/// Forward, from an interface.
pub(crate) fn from_interface(encoder: &mut Encoder, steps: &mut Steps, sender: &Who) {
    let packet = encoder.packet.clone();
    vpc_endpoint::begins_nothing(encoder, steps, sender);
    let nat = encoder.of_nat_gateway(sender);
    steps.drop(Clause::NatGatewayOutboundOnly, nat);
    client_vpn::sends(encoder, steps, sender);
    let own = network_interface::own_source(encoder, sender);
    network_interface::source_check(encoder, steps, sender, &own);

    let mut service = steps.branch(&network_interface::amazon_service(encoder, sender));
    let rest = !&service.here;
    service.deliver(
        Clause::AmazonServiceUnfiltered,
        Place::AmazonService,
        Back::AmazonService,
    );
    steps.join(service);
    steps.here = &steps.here & &rest;

    let groups = security_group::step(
        encoder,
        sender,
        Bound::Out,
        &Entered::Sent,
        &packet.destination,
        &packet.transport,
    );
    steps.filter(Clause::SecurityGroupEgress, &Formula::TRUE, groups);
    onward(encoder, steps, sender);
}

/// *Onward*, from the subnet of an interface or a known one.
pub(crate) fn onward(encoder: &mut Encoder, steps: &mut Steps, stands: &Who) {
    if steps.is_over() {
        return;
    }
    let packet = steps.way.packet.clone();
    let same = same_subnet(encoder, stands, &packet);
    if let Some(mut inside) = steps.branch_to(&same) {
        nat_gateway::address(encoder, &mut inside, None);
        arrive(encoder, &mut inside, stands.vpc(), &Entered::SameSubnet);
        steps.join(inside);
    }
    steps.here = &steps.here & &!same.when;

    let (far, transport) = (&packet.destination, &packet.transport);
    let acl = network_acl::step(encoder, stands, Bound::Out, far, transport);
    steps.filter(Clause::NetworkAclEgress, &Formula::TRUE, acl);
    let choice = route_table::choose(encoder, stands, &packet.destination);
    steps.choose(&choice);
    for (target, chosen) in &choice.to {
        if let Some(mut branch) = steps.branch_to(chosen) {
            nat_gateway::address(encoder, &mut branch, Some(target));
            match branch.start.sent_by {
                SentBy::Client(_) => {
                    load_balancer::straight(encoder, &mut branch, stands, target);
                }
                SentBy::Sender | SentBy::Node(_) | SentBy::Endpoint(..) | SentBy::Internet => {
                    gateway::target(encoder, &mut branch, stands, target);
                }
            }
            steps.join(branch);
        }
    }
}

/// That the destination is in a block of the subnet at which the packet stands (`same-subnet`).
fn same_subnet(encoder: &Encoder, stands: &Who, packet: &Packet) -> Chosen {
    let subnets = encoder.network.subnets().iter();
    let inside = subnets.filter(|(_, subnet)| subnet.vpc == *stands.vpc());
    let mut addresses = Vec::new();
    let when = Formula::any(inside.map(|(id, _)| {
        let here = encoder.in_subnets(stands, &[id.clone()].into());
        let blocks = encoder.subnet_blocks([id]);
        if !here.is_false() {
            addresses.extend(blocks.iter());
        }
        here & blocks.hold(&packet.destination)
    }));
    Chosen {
        when,
        addresses: Ranges::new(encoder.family, addresses),
    }
}

/// *Arrival* in a VPC by a private address, from step 1 on.
pub(crate) fn arrive(encoder: &mut Encoder, steps: &mut Steps, vpc: &VpcId, entered: &Entered) {
    if let Some(receiver) = open_receiver(encoder, steps, vpc) {
        accept(encoder, steps, &receiver, entered);
        return;
    }
    let receiver = Who::Private {
        vpc: vpc.clone(),
        address: steps.way.packet.destination.clone(),
    };
    let index = Arc::clone(&encoder.index);
    let interfaces = index.vpcs.get(vpc);
    let interfaces = interfaces.into_iter().flat_map(|vpc| &vpc.interfaces);
    let some = encoder.private_addresses(interfaces.clone());
    let owned = if some.may_be_in(&steps.destinations) {
        encoder.among(&receiver, interfaces)
    } else {
        Formula::FALSE
    };
    steps.drop(Clause::AddressOwner, !owned);
    accept(encoder, steps, &receiver, entered);
}

/// The interface whose open address a relay has put into the packet: nothing else in its VPC has it.
fn open_receiver(encoder: &Encoder, steps: &Steps, vpc: &VpcId) -> Option<Who> {
    if steps.start.sent_by == SentBy::Sender {
        return None;
    }
    let owner = encoder.open.owner(&steps.way.packet.destination)?;
    let receiver = Who::pinned(encoder, owner)?;
    (receiver.vpc() == vpc).then_some(receiver)
}

/// *Arrival* from step 2 on.
pub(crate) fn accept(encoder: &mut Encoder, steps: &mut Steps, receiver: &Who, entered: &Entered) {
    if steps.is_over() {
        return;
    }
    let packet = steps.way.packet.clone();
    if *entered != Entered::SameSubnet {
        let acl = network_acl::step(
            encoder,
            receiver,
            Bound::In,
            &packet.source,
            &packet.transport,
        );
        steps.filter(Clause::NetworkAclIngress, &Formula::TRUE, acl);
    }
    let nat = encoder.of_nat_gateway(receiver);
    steps.drop(Clause::NatGatewayOutboundOnly, nat);
    vpc_endpoint::takes(encoder, steps, receiver, &packet.transport);
    load_balancer::takes(encoder, steps, receiver, &packet.transport);
    let groups = security_group::step(
        encoder,
        receiver,
        Bound::In,
        &security_group::identity(steps, entered),
        &packet.source,
        &packet.transport,
    );
    steps.filter(Clause::SecurityGroupIngress, &Formula::TRUE, groups);
    client_vpn::takes(encoder, steps, receiver);
    accepted(encoder, steps, receiver, *entered == Entered::SameSubnet);
}

/// `interface-accepts`; what a relay hands on goes on from there.
pub(crate) fn accepted(
    encoder: &mut Encoder,
    steps: &mut Steps,
    receiver: &Who,
    same_subnet: bool,
) {
    let back = Back::Interface {
        receiver: receiver.clone(),
        same_subnet,
    };
    load_balancer::hand_on(encoder, steps, receiver, &back);
    let place = Place::Interface(receiver.clone());
    steps.deliver(Clause::InterfaceAccepts, place, back);
}

impl Encoder {
    /// That the interface meant is a NAT gateway's.
    pub(crate) fn of_nat_gateway(&self, who: &Who) -> Formula {
        let within = self.index.vpcs.get(who.vpc());
        self.among(who, within.into_iter().flat_map(|vpc| &vpc.of_nat_gateways))
    }

    /// The interface that has the destination of a packet from the internet: by the public address mapped to it, or
    /// by its own IPv6 address.
    pub(crate) fn reached_from_internet(&self, vpc: &VpcId) -> Who {
        let vpc = vpc.clone();
        let address = self.packet.destination.clone();
        match self.family {
            Family::V4 => Who::Public { vpc, address },
            Family::V6 => Who::Private { vpc, address },
        }
    }
}
