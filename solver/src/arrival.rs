//! The source address with which a request arrives, where it is delivered.

use model::{Family, VpcId};

use crate::encoder::Encoder;
use crate::gateway;
use crate::leg::Leaf;
use crate::source_class::SourceClass;
use crate::symbolic::{Formula, Number};
use crate::walk::{Back, Exit, Place};

/// The source of a packet where it arrives.
#[derive(Debug)]
pub(crate) enum ArrivingSource {
    /// That of the packet as it is received.
    Own(Number),
    /// The public address that the internet gateway of a VPC puts in for it.
    PutIn(VpcId, Number),
    /// One of several (`nat-gateway-address`).
    OneOfSeveral,
}

impl ArrivingSource {
    /// The source of what is delivered at a leaf, whose family is spoken of.
    pub(crate) fn of(encoder: &Encoder, leaf: &Leaf) -> Self {
        let way = &leaf.last.way;
        if sends_from_several(encoder, leaf) {
            return ArrivingSource::OneOfSeveral;
        }
        let own = way.packet.source.clone();
        match (&leaf.place, internet_gateway_vpc(encoder, &leaf.last.back)) {
            (Place::Internet, Some(vpc)) if encoder.family == Family::V4 => {
                ArrivingSource::PutIn(vpc, own)
            }
            (
                Place::Internet
                | Place::Interface(_)
                | Place::GatewayEndpoint(_)
                | Place::OnPremises(_)
                | Place::AmazonService
                | Place::Sender,
                _,
            ) => ArrivingSource::Own(own),
        }
    }

    /// That it is in a class; nothing is said of one that is not known.
    pub(crate) fn is_in(&self, encoder: &Encoder, class: &SourceClass) -> Option<Formula> {
        let family = encoder.family;
        match self {
            ArrivingSource::Own(source) => Some(class.holds(family, source)),
            ArrivingSource::PutIn(vpc, source) => {
                let mapped = gateway::mapped_in(encoder, vpc);
                let mapped = mapped
                    .map(|(private, public)| private.equals(source) & class.holds(family, public));
                Some(Formula::any(mapped))
            }
            ArrivingSource::OneOfSeveral => None,
        }
    }
}

/// Whether a NAT gateway on the way sends from several addresses.
fn sends_from_several(encoder: &Encoder, leaf: &Leaf) -> bool {
    let nat = leaf.last.way.nat_gateway();
    let nat = nat.and_then(|id| encoder.network.nat_gateways().get(id));
    let slots = nat.and_then(|nat| encoder.private.get(&nat.interface));
    slots.is_some_and(|slots| slots.len() > 1)
}

/// The VPC out of which an internet gateway led.
fn internet_gateway_vpc(encoder: &Encoder, back: &Back) -> Option<VpcId> {
    match back {
        Back::Outside(Exit::InternetGateway(id)) => {
            encoder.network.internet_gateways().get(id)?.vpc.clone()
        }
        Back::Outside(
            Exit::EgressOnlyInternetGateway(_) | Exit::GatewayEndpoint(_) | Exit::OnPremises(_),
        )
        | Back::AmazonService
        | Back::Interface { .. } => None,
    }
}
