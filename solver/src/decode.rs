//! From a model of z3 to a witness, and to the names of what a flow depends on.

use std::collections::{BTreeMap, BTreeSet};

use model::{
    Address, Claim, Completion, Flow, Invariant, MOST_PICKS, NetworkInterfaceId, Packet, Request,
    Source, Transport, UnknownReason, Witness,
};
use z3::Model;

use crate::arrival::ArrivingSource;
use crate::budget;
use crate::check::Question;
use crate::claim::{speaks_of_requests, ways_of};
use crate::encoder::Encoder;
use crate::gateway;
use crate::hole::{self, OpenAddress};
use crate::nat64;
use crate::on_premises;
use crate::request::{Judged, Requests};
use crate::scope;
use crate::symbolic::{Formula, Number};
use crate::walk::{Picks, Sender, Subject};

/// A flow by its sender and the position of its source, its destination and its transport, so that it is the same
/// flow in every completion (page scope, *verdicts*).
#[derive(Clone, Debug)]
pub(crate) struct Named {
    source: Source,
    packet: Packet,
    /// To which candidates relays hand it on.
    picks: Vec<u16>,
    picks_are: Formula,
    source_is: Formula,
    destination_is: Formula,
    transport_is: Formula,
    /// No open address happens to be one of the values that the flow is named by.
    no_coincidence: Formula,
}

impl Named {
    /// The flow of a model.
    pub(crate) fn of(encoder: &Encoder, question: &Question<'_>, model: &Model) -> Option<Self> {
        let sender = &question.subject.sender;
        let picks = picks(question, model)?;
        let symbolic = &encoder.packet;
        let source = read(model, &symbolic.source)?;
        let destination = read(model, &symbolic.destination)?;
        let family = encoder.family;
        let transport = transport(encoder, model)?;
        let packet = Packet::new(
            Address::from_bits(family, source),
            Address::from_bits(family, destination),
            transport,
        )?;
        let (sent_by, from) = match sender {
            Sender::Internet => (Source::Internet, Number::Known(source, 0)),
            Sender::OnPremises(gateway) => (
                Source::OnPremises(gateway.clone()),
                Number::Known(source, 0),
            ),
            Sender::Interface(id) => (Source::Interface(id.clone()), Number::Known(source, 0)),
            Sender::Vpc(vpc) => {
                let of_vpc = |id: &&NetworkInterfaceId| {
                    encoder.index.vpc_of.get(*id) == Some(vpc) && scope::sends(encoder, id)
                };
                let senders = encoder.private.keys().filter(of_vpc);
                let (id, number) = owner(encoder, senders, model, source)?;
                (Source::Interface(id), number)
            }
        };
        let to = open_destination(encoder, sender, model, destination);
        let to = to.unwrap_or(Number::Known(destination, 0));
        let no_coincidence = !Formula::any(
            by_value(encoder, sender, &packet)
                .into_iter()
                .flat_map(|value| {
                    let open = encoder.open.all.iter();
                    let open = open.filter(move |open| open.can_be(value));
                    open.map(move |open| open.number.is(value))
                }),
        );
        Some(Named {
            source: sent_by,
            packet,
            picks_are: picks_are(question, &picks),
            picks,
            source_is: is(&symbolic.source, &from),
            destination_is: is(&symbolic.destination, &to),
            transport_is: transport_is(encoder, transport),
            no_coincidence,
        })
    }

    /// That a flow is this one (page scope, *verdicts*).
    pub(crate) fn is_it(&self) -> Formula {
        self.like_it() & self.transport_is.clone() & self.no_coincidence.clone()
    }

    /// That a flow has the same ends, and the same picks.
    pub(crate) fn like_it(&self) -> Formula {
        Formula::all([&self.source_is, &self.destination_is, &self.picks_are].map(Clone::clone))
    }

    /// The flow with values for what is open: those of the model, as far as the packet has them.
    pub(crate) fn witness(
        &self,
        encoder: &Encoder,
        model: &Model,
        request: Option<Request>,
    ) -> Option<Witness> {
        let ends = [self.packet.source(), self.packet.destination()].map(Address::bits);
        let mut addresses = BTreeMap::new();
        for (family, private, open) in encoder.by_family() {
            let values = open.iter();
            let values = values.map(|open| Some((open, read(model, &open.number)?)));
            let values: Vec<_> = values.collect::<Option<_>>()?;
            let put_in = hole::put_in(&encoder.network, &encoder.index);
            let put_in = put_in.filter_map(|id| private.get(id)).flatten();
            let put_in = put_in.filter_map(|(_, number)| read(model, number));
            let ends = ends.into_iter().filter_map(|end| {
                let own = (family == encoder.family).then_some(end);
                own.or_else(|| nat64::meant(encoder.family, end))
            });
            let kept: Vec<u128> = ends.chain(put_in).collect();
            addresses.extend(hole::complete(family, &values, &kept)?);
        }
        Some(Witness {
            flow: Flow {
                source: self.source.clone(),
                packet: self.packet,
                picks: self.picks.clone(),
            },
            request,
            completion: Completion { addresses },
        })
    }
}

/// The picks of a model's flow; those that nothing takes are left out.
fn picks(question: &Question<'_>, model: &Model) -> Option<Vec<u16>> {
    let mut leaves = question.walk.endings.leaves.iter();
    let leaf = leaves.find(|leaf| holds(model, &leaf.here));
    let taken = leaf.map_or(MOST_PICKS, |leaf| leaf.last.start.relays);
    let numbers = question.subject.picks.numbers().into_iter().take(taken);
    let picks = numbers.map(|pick| u16::try_from(read(model, &pick)?).ok());
    let picks: Vec<u16> = picks.collect::<Option<_>>()?;
    Some(picks.into_iter().take_while(|pick| *pick > 0).collect())
}

/// That a flow has these picks and no more.
fn picks_are(question: &Question<'_>, picks: &[u16]) -> Formula {
    let numbers = question.subject.picks.numbers();
    let picks = picks.iter().copied().chain(std::iter::repeat(0));
    Formula::all(
        numbers
            .iter()
            .zip(picks)
            .map(|(number, pick)| number.is(u128::from(pick))),
    )
}

/// The values that a flow is named by: of its ends those that are not interfaces' own addresses.
fn by_value(encoder: &Encoder, sender: &Sender, packet: &Packet) -> Vec<u128> {
    let source = match sender {
        Sender::Vpc(_) => None,
        Sender::Interface(_) | Sender::Internet | Sender::OnPremises(_) => {
            Some(packet.source().bits())
        }
    };
    let destination = packet.destination().bits();
    let mut slots = encoder.private.values().chain(encoder.public.values());
    let is_own = slots.any(|addresses| {
        let mut values = addresses.iter().map(|(_, number)| number);
        values.any(|number| matches!(number, Number::Known(value, _) if *value == destination))
    });
    let destination = (!is_own).then_some(destination);
    source.into_iter().chain(destination).collect()
}

fn is(field: &Number, value: &Number) -> Formula {
    match value {
        Number::Known(value, _) => field.is(*value),
        Number::Term(..) => field.equals(value),
    }
}

fn read(model: &Model, number: &Number) -> Option<u128> {
    match number {
        Number::Known(value, _) => Some(*value),
        Number::Term(term, _) => budget::value(&model.eval(term, true)?),
    }
}

/// Whether a model makes a formula true.
pub(crate) fn holds(model: &Model, formula: &Formula) -> bool {
    let value = model.eval(&formula.to_bool(), true);
    value.and_then(|value| value.as_bool()) == Some(true)
}

/// Which of these interfaces has a private address, and the address as a term.
fn owner<'a>(
    encoder: &Encoder,
    interfaces: impl Iterator<Item = &'a NetworkInterfaceId>,
    model: &Model,
    address: u128,
) -> Option<(NetworkInterfaceId, Number)> {
    interfaces
        .flat_map(|id| {
            encoder
                .private
                .get(id)
                .into_iter()
                .flatten()
                .map(move |slot| (id, &slot.1))
        })
        .find(|(_, number)| read(model, number) == Some(address))
        .map(|(id, number)| (id.clone(), number.clone()))
}

/// The open address that the destination is, if it is one: of the sender's VPC rather than of another.
fn open_destination(
    encoder: &Encoder,
    sender: &Sender,
    model: &Model,
    destination: u128,
) -> Option<Number> {
    let equal = encoder
        .open
        .all
        .iter()
        .filter(|open| read(model, &open.number) == Some(destination));
    let of_sender = |interface| match sender {
        Sender::Vpc(vpc) => encoder.index.vpc_of.get(interface) == Some(vpc),
        Sender::Interface(_) | Sender::Internet | Sender::OnPremises(_) => false,
    };
    equal
        .max_by_key(|open| of_sender(&open.slot.interface))
        .map(|open| open.number.clone())
}

fn transport(encoder: &Encoder, model: &Model) -> Option<Transport> {
    let symbolic = &encoder.packet.transport;
    let field = |number| read(model, number);
    let port = |number| u16::try_from(field(number)?).ok();
    let byte = |number| u8::try_from(field(number)?).ok();
    let protocol = byte(&symbolic.protocol)?;
    Some(match protocol {
        6 => Transport::Tcp {
            source_port: port(&symbolic.source_port)?,
            destination_port: port(&symbolic.destination_port)?,
        },
        17 => Transport::Udp {
            source_port: port(&symbolic.source_port)?,
            destination_port: port(&symbolic.destination_port)?,
        },
        1 => Transport::Icmp {
            icmp_type: byte(&symbolic.icmp_type)?,
            code: byte(&symbolic.code)?,
        },
        58 => Transport::Icmpv6 {
            icmp_type: byte(&symbolic.icmp_type)?,
            code: byte(&symbolic.code)?,
        },
        other => Transport::other(other)?,
    })
}

/// The fields that the protocol has; the others mean nothing.
fn transport_is(encoder: &Encoder, transport: Transport) -> Formula {
    let symbolic = &encoder.packet.transport;
    let protocol = symbolic.is_protocol(u128::from(transport.protocol()));
    protocol
        & match transport {
            Transport::Tcp {
                source_port,
                destination_port,
            }
            | Transport::Udp {
                source_port,
                destination_port,
            } => {
                symbolic.source_port.is(u128::from(source_port))
                    & symbolic.destination_port.is(u128::from(destination_port))
            }
            Transport::Icmp { icmp_type, code } | Transport::Icmpv6 { icmp_type, code } => {
                symbolic.icmp_type.is(u128::from(icmp_type)) & symbolic.code.is(u128::from(code))
            }
            Transport::Other(_) => Formula::TRUE,
        }
}

/// The public addresses that gateways put in for the source of a model's flow, when it is for the network itself.
fn translated_source(encoder: &Encoder, model: &Model) -> Vec<Number> {
    let [source, destination] =
        [&encoder.packet.source, &encoder.packet.destination].map(|end| read(model, end));
    let mut public = encoder.public.values().flatten();
    if !public.any(|(_, number)| read(model, number) == destination) {
        return Vec::new();
    }
    let mapped = encoder.public.keys();
    let mapped = mapped.flat_map(|id| gateway::mapped(encoder, id));
    mapped
        .filter(|(private, _)| read(model, private) == source)
        .map(|(_, public)| public.clone())
        .collect()
}

/// The source with which a model's flow arrives, where requests are asked about by sources.
fn arriving_source(
    encoder: &mut Encoder,
    question: &Question<'_>,
    requests: Option<&Requests>,
    model: &Model,
) -> Option<u128> {
    if requests?.sources.is_empty() {
        return None;
    }
    let mut leaves = question.walk.endings.leaves.iter();
    let leaf = leaves.find(|leaf| holds(model, &leaf.here))?;
    encoder.on_leg(leaf.received(), |encoder| {
        match ArrivingSource::of(encoder, leaf) {
            ArrivingSource::Own(source) => read(model, &source),
            ArrivingSource::PutIn(vpc, own) => {
                let own = Number::Known(read(model, &own)?, own.width());
                read(model, &gateway::public_source(encoder, &vpc, &own))
            }
            ArrivingSource::OneOfSeveral => None,
        }
    })
}

/// What the flow of a model depends on.
pub(crate) fn reasons(
    encoder: &mut Encoder,
    question: &Question<'_>,
    requests: Option<&Requests>,
    model: &Model,
) -> BTreeSet<UnknownReason> {
    let open = question.open.iter();
    let used = open.filter(|(_, when)| holds(model, when));
    let mut reasons: BTreeSet<_> = used.map(|(reason, _)| reason.clone()).collect();
    if reasons.is_empty() {
        // Then it is an open address: one that the packet has, or else any.
        let arriving = arriving_source(encoder, question, requests, model);
        let packet = &encoder.packet;
        let meant = nat64::is_met(encoder).then(|| nat64::embedded(&packet.destination));
        let ends = [&packet.source, &packet.destination].into_iter();
        let ends: Vec<_> = ends.chain(&meant).map(|end| read(model, end)).collect();
        let translated = translated_source(encoder, model);
        let has = |open: &&OpenAddress| {
            let value = read(model, &open.number);
            let is_arriving = arriving.is_some() && value == arriving;
            ends.contains(&value) || is_arriving || translated.contains(&open.number)
        };
        let named: Vec<_> = encoder.all_open().filter(has).collect();
        let named = if named.is_empty() {
            encoder.all_open().collect()
        } else {
            named
        };
        let named = named.into_iter().map(|open| open.hole.clone());
        reasons.extend(named.map(UnknownReason::DependsOn));
    }
    if reasons.is_empty() {
        let limit = "more flows would have to be tried".to_owned();
        reasons.insert(UnknownReason::OutOfBudget(limit));
    }
    reasons
}

/// That a flow depends on all that the flow of a model depends on; nothing when that is no hole.
pub(crate) fn open_alike(question: &Question<'_>, model: &Model) -> Option<Formula> {
    let open = question.open.iter();
    let used: Vec<_> = open
        .filter(|(_, when)| holds(model, when))
        .map(|(_, when)| when.clone())
        .collect();
    (!used.is_empty()).then(|| Formula::all(used))
}

/// A request that goes with the flow of a model, where the invariant speaks of requests.
pub(crate) fn request(
    encoder: &mut Encoder,
    question: &Question<'_>,
    invariant: &Invariant,
    requests: Option<&Requests>,
    model: &Model,
) -> Option<Request> {
    let requests = requests?;
    let leaf = question
        .walk
        .endings
        .leaves
        .iter()
        .find(|leaf| holds(model, &leaf.here));
    let reached = leaf.and_then(|leaf| {
        let ways = ways_of(encoder, leaf, Some(requests)).into_iter();
        let mut reached = ways.filter(|(_, here)| holds(model, here));
        let (way, _) = reached.next()?;
        requests.ways.get(&way)?.as_ref().ok()
    });
    let judged = reached.unwrap_or(&requests.elsewhere);
    let claims = [Some(&invariant.claim), invariant.premise.as_ref()];
    let claims: Vec<&Claim> = claims.into_iter().flatten().collect();
    telling_request(judged, &claims).cloned()
}

/// The request that shows an atom's value: a denied one that not all pass, a permitted one that some do.
fn telling_request<'a>(judged: &'a Judged, claims: &[&Claim]) -> Option<&'a Request> {
    let all = claims.iter().any(|claim| mentions_all(claim));
    let some = claims
        .iter()
        .any(|claim| speaks_of_requests(claim) && !mentions_all(claim));
    let denied = judged.denied.as_ref().filter(|_| all);
    let permitted = judged.permitted.as_ref().filter(|_| some);
    denied.or(permitted).or(judged.any.as_ref())
}

fn mentions_all(claim: &Claim) -> bool {
    match claim {
        Claim::PermittedAll => true,
        Claim::PermittedSome
        | Claim::Delivered
        | Claim::Answered
        | Claim::Traverses(_)
        | Claim::DecidedBy(_) => false,
        Claim::Not(claim) => mentions_all(claim),
        Claim::All(claims) | Claim::Any(claims) => claims.iter().any(mentions_all),
    }
}

/// Values that people know, in the order in which they are wished for.
pub(crate) fn wishes(encoder: &Encoder, subject: &Subject) -> Vec<Formula> {
    let packet = &encoder.packet;
    let on_premises = match &subject.sender {
        Sender::OnPremises(gateway) => on_premises::known_blocks(&encoder.network, gateway),
        Sender::Interface(_) | Sender::Vpc(_) | Sender::Internet => None,
    };
    let transport = &packet.transport;
    let outside_v4 = 0xcb00_710a;
    let outside = match encoder.family {
        model::Family::V4 => outside_v4,
        model::Family::V6 => (0x2001_0db8 << 96) | 0x10,
    };
    let is_nat64 = subject.picks == Picks::Nat64;
    let beyond = if is_nat64 {
        nat64::standing_for(outside_v4)
    } else {
        outside
    };
    let known = on_premises.map(|blocks| encoder.in_blocks(blocks, &packet.source));
    let picks = subject.picks.numbers().into_iter();
    let first = picks.take(1).filter(|_| !is_nat64);
    let first = first.map(|pick| pick.is(1));
    let wishes = [
        transport.is_protocol(crate::symbolic::TCP),
        transport.destination_port.is(443),
        transport.source_port.is(40_000),
    ];
    let ends = [packet.source.is(outside), packet.destination.is(beyond)];
    wishes
        .into_iter()
        .chain(first)
        .chain(known)
        .chain(ends)
        .collect()
}
