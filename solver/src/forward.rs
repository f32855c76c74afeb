//! The walk forward (walk, *forward*) as constraints on the packet.

use std::sync::Arc;

use model::{Clause, Family, NatGatewayId, Target, VpcId};

use crate::encoder::Encoder;
use crate::gateway;
use crate::network_acl::{self, Bound};
use crate::network_interface::{self, Who};
use crate::route_table;
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

    let same = same_subnet(encoder, sender);
    let mut inside = steps.branch(&same);
    arrive(
        encoder,
        &mut inside,
        &Arriving {
            vpc: sender.vpc().clone(),
            entered: Entered::SameSubnet,
            packet: packet.clone(),
            nat: None,
        },
    );
    steps.join(inside);
    steps.here = &steps.here & &!same;

    let acl = network_acl::step(
        encoder,
        sender,
        Bound::Out,
        &packet.destination,
        &packet.transport,
    );
    steps.filter(Clause::NetworkAclEgress, &Formula::TRUE, acl);
    let choice = route_table::choose(encoder, sender, &packet.destination);
    steps.choose(&choice);
    for (target, chosen) in &choice.to {
        let mut branch = steps.branch(chosen);
        gateway::target(encoder, &mut branch, sender, target);
        steps.join(branch);
    }
}

/// That the destination is in a block of the sender's own subnet (`same-subnet`).
fn same_subnet(encoder: &Encoder, sender: &Who) -> Formula {
    let subnets = encoder.network.subnets().iter();
    let inside = subnets.filter(|(_, subnet)| subnet.vpc == *sender.vpc());
    Formula::any(inside.map(|(id, _)| {
        let here = encoder.in_subnets(sender, &[id.clone()].into());
        let there = encoder
            .subnet_blocks([id])
            .hold(&encoder.packet.destination);
        here & there
    }))
}

/// A packet that comes into a VPC.
pub(crate) struct Arriving {
    pub(crate) vpc: VpcId,
    pub(crate) entered: Entered,
    /// The packet as it comes in.
    pub(crate) packet: Packet,
    /// The NAT gateway that sent it, if one did.
    pub(crate) nat: Option<NatGatewayId>,
}

/// *Arrival* by a private address, from step 1 on.
pub(crate) fn arrive(encoder: &mut Encoder, steps: &mut Steps, arriving: &Arriving) {
    let receiver = Who::Private {
        vpc: arriving.vpc.clone(),
        address: arriving.packet.destination.clone(),
    };
    let index = Arc::clone(&encoder.index);
    let interfaces = index.vpcs.get(&arriving.vpc);
    let interfaces = interfaces.into_iter().flat_map(|vpc| &vpc.interfaces);
    let owned = encoder.among(&receiver, interfaces);
    steps.drop(Clause::AddressOwner, !owned);
    let back = match (&arriving.entered, &arriving.nat) {
        (Entered::Peering(_), Some(nat)) => Back::ThroughNat {
            receiver: receiver.clone(),
            packet: arriving.packet.clone(),
            nat: nat.clone(),
        },
        (Entered::Peering(peering), None) => Back::Interface {
            receiver: receiver.clone(),
            packet: arriving.packet.clone(),
            target: Target::Peering(peering.clone()),
        },
        (Entered::SameSubnet, _) => Back::SameSubnet,
        (Entered::Sent | Entered::Local | Entered::Internet, _) => Back::Interface {
            receiver: receiver.clone(),
            packet: arriving.packet.clone(),
            target: Target::Local,
        },
    };
    accept(encoder, steps, &receiver, arriving, back);
}

/// *Arrival* from step 2 on.
pub(crate) fn accept(
    encoder: &mut Encoder,
    steps: &mut Steps,
    receiver: &Who,
    arriving: &Arriving,
    back: Back,
) {
    let packet = &arriving.packet;
    let Arriving { entered, .. } = arriving;
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
    let groups = security_group::step(
        encoder,
        receiver,
        Bound::In,
        entered,
        &packet.source,
        &packet.transport,
    );
    steps.filter(Clause::SecurityGroupIngress, &Formula::TRUE, groups);
    steps.deliver(
        Clause::InterfaceAccepts,
        Place::Interface(receiver.clone()),
        back,
    );
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
