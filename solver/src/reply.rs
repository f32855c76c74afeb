//! The walk back (walk, *the reply*): the request's way in reverse.
//!
//! A reply is judged as if its request had been delivered: none of these conditions says that it was.

use std::cell::OnceCell;
use std::sync::Arc;

use model::{Clause, NatGatewayId, Target};

use crate::decide::Codes;
use crate::encoder::Encoder;
use crate::gateway;
use crate::network_acl::{self, Bound};
use crate::network_interface::{self, Who};
use crate::route_table;
use crate::symbolic::{Formula, Packet};
use crate::walk::{Back, Endings, Place, Steps};

/// How the reply to what was delivered at one place ends.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) endings: Endings,
    codes: OnceCell<Codes>,
}

impl Reply {
    /// The reply to a request that took this way.
    pub(crate) fn of(encoder: &mut Encoder, sender: Option<&Who>, back: &Back) -> Self {
        let mut steps = Steps::begin();
        // A reply to the internet has no home in the network.
        match sender {
            None => to_internet(encoder, &mut steps, back),
            Some(sender) => to_interface(encoder, &mut steps, sender, back),
        }
        Reply {
            endings: steps.endings,
            codes: OnceCell::new(),
        }
    }

    /// The ways in which it can end as numbers, built once.
    pub(crate) fn codes(&self) -> &Codes {
        self.codes.get_or_init(|| Codes::new(&self.endings))
    }
}

fn to_internet(encoder: &mut Encoder, steps: &mut Steps, back: &Back) {
    if let Back::ToInternet { receiver, gateway } = back {
        let reply = encoder.packet.reply();
        let expected = Target::InternetGateway(gateway.clone());
        leaves_subnet(encoder, steps, receiver, &reply);
        returns_by(encoder, steps, receiver, &reply, &expected);
    }
    delivered(steps);
}

fn to_interface(encoder: &mut Encoder, steps: &mut Steps, sender: &Who, back: &Back) {
    match back {
        // The services answer whoever asked.
        Back::AmazonService => {}
        Back::SameSubnet => home(encoder, steps, sender, None),
        Back::Interface {
            receiver,
            packet,
            target,
        } => {
            let reply = packet.reply();
            leaves_subnet(encoder, steps, receiver, &reply);
            returns_by(encoder, steps, receiver, &reply, target);
            home(encoder, steps, sender, Some(packet));
            enters_subnet(encoder, steps, sender, &Formula::TRUE);
        }
        Back::ThroughNat {
            receiver,
            packet,
            nat,
        } => {
            let reply = packet.reply();
            let (far, transport) = (&reply.destination, &reply.transport);
            let egress =
                network_acl::step_for_chosen_port(encoder, receiver, Bound::Out, far, transport);
            steps.filter(Clause::NetworkAclEgress, &Formula::TRUE, egress);
            through_nat(encoder, steps, sender, nat);
        }
        Back::Gateway { edge_table, nat } => {
            if let Some(id) = edge_table {
                gateway::edge_table(encoder, steps, id);
            }
            match nat {
                Some(nat) => through_nat(encoder, steps, sender, nat),
                None => {
                    home(encoder, steps, sender, None);
                    enters_subnet(encoder, steps, sender, &Formula::TRUE);
                }
            }
        }
        // Only the internet's requests come in this way.
        Back::ToInternet { .. } => steps.drop(Clause::ReplyReturns, Formula::TRUE),
    }
    delivered(steps);
}

/// `reply-returns`.
fn delivered(steps: &mut Steps) {
    steps.deliver(Clause::ReplyReturns, Place::Sender, Back::AmazonService);
}

/// The ACL of the receiver's subnet, outbound.
fn leaves_subnet(encoder: &mut Encoder, steps: &mut Steps, receiver: &Who, reply: &Packet) {
    let (far, transport) = (&reply.destination, &reply.transport);
    let egress = network_acl::step(encoder, receiver, Bound::Out, far, transport);
    steps.filter(Clause::NetworkAclEgress, &Formula::TRUE, egress);
}

/// The ACL of the sender's subnet, inbound, when it is asked.
fn enters_subnet(encoder: &mut Encoder, steps: &mut Steps, sender: &Who, asked: &Formula) {
    let reply = encoder.packet.reply();
    let (far, transport) = (&reply.source, &reply.transport);
    let ingress = network_acl::step(encoder, sender, Bound::In, far, transport);
    steps.filter(Clause::NetworkAclIngress, asked, ingress);
}

/// *Return choice in a table, for an address, expecting a target*.
fn returns_by(
    encoder: &mut Encoder,
    steps: &mut Steps,
    responder: &Who,
    reply: &Packet,
    expected: &Target,
) {
    let choice = route_table::choose(encoder, responder, &reply.destination);
    steps.choose(&choice);
    let others = choice.to.iter().filter(|(target, _)| *target != expected);
    let others = Formula::any(others.map(|(_, chosen)| chosen.clone()));
    let elsewhere = &steps.here & &others;
    steps
        .endings
        .dropped
        .push((Clause::ReplyReturns, elsewhere));
    steps.here = &steps.here & &choice.is(expected);
}

/// *Home*: the reply's destination is the sender's. `seen` is the request as the receiver saw it, when the reply goes
/// to where that says.
fn home(encoder: &Encoder, steps: &mut Steps, sender: &Who, seen: Option<&Packet>) {
    let translated = seen.is_some_and(|seen| seen.source != encoder.packet.source);
    let home = if translated {
        // It was sent from a NAT gateway's address, which is not the sender's.
        Formula::FALSE
    } else {
        network_interface::own_source(encoder, sender)
    };
    steps.drop(Clause::ReplyReturns, !home);
}

/// *Back through the NAT gateway*.
fn through_nat(encoder: &mut Encoder, steps: &mut Steps, sender: &Who, nat: &NatGatewayId) {
    let network = Arc::clone(&encoder.network);
    let Some((nat, stands)) = network
        .nat_gateways()
        .get(nat)
        .and_then(|nat| Some((nat, Who::pinned(encoder, &nat.interface)?)))
    else {
        return;
    };
    // Neither the translated source nor the port chosen is looked at inbound but as the destination's port.
    let reply = encoder.packet.reply();
    let (far, transport) = (&reply.source, &reply.transport);
    let ingress = network_acl::step_for_chosen_port(encoder, &stands, Bound::In, far, transport);
    steps.filter(Clause::NetworkAclIngress, &Formula::TRUE, ingress);

    let other_subnet = !encoder.in_subnets(sender, &[nat.subnet.clone()].into());
    let (far, transport) = (&reply.destination, &reply.transport);
    let egress = network_acl::step(encoder, &stands, Bound::Out, far, transport);
    steps.filter(Clause::NetworkAclEgress, &other_subnet, egress);
    returns_by(encoder, steps, &stands, &reply, &Target::Local);
    home(encoder, steps, sender, None);
    enters_subnet(encoder, steps, sender, &other_subnet);
}
