//! One concrete flow: its values are put into the terms, and the way that the walk then ends is read off.

use std::rc::Rc;

use model::{
    Address, Arrival, Clause, Decision, Disposition, Flow, MOST_PICKS, NetworkInterfaceId, Outcome,
    Packet, Source, Transport,
};
use z3::Model;
use z3::ast::{Ast, BV, Bool};

use crate::arrival::ArrivingSource;
use crate::budget::{self, Asked, Limits};
use crate::encoder::Encoder;
use crate::gateway;
use crate::leg::Leaf;
use crate::load_balancer;
use crate::nat64;
use crate::network_interface::Who;
use crate::symbolic::{Formula, Number};
use crate::walk::{Doubt, Endings, Picks, Place, Sender, Subject, Walk};

/// How many different outcomes of one flow are looked for while addresses are open.
const MOST_OUTCOMES: usize = 8;

/// The ways to end as one number, for reading them off at once.
#[derive(Clone, Debug)]
pub(crate) struct Codes {
    /// Which of the ways it is: those that drop, then those that end undetermined, then the leaves.
    ending: BV,
    /// For each way that may be doubted, which undetermined filter is the first.
    doubts: Vec<BV>,
}

impl Codes {
    pub(crate) fn new(endings: &Endings) -> Self {
        let dropped = endings.dropped.iter().map(|(_, when)| when);
        let ended = endings.ended.iter().map(|end| &end.step.when);
        let leaves = endings.leaves.iter().map(|leaf| &leaf.here);
        let doubts = endings.ended.iter().map(|end| &end.doubts);
        let doubts = doubts.chain(endings.leaves.iter().map(|leaf| &leaf.doubts));
        Codes {
            ending: first_true(dropped.chain(ended).chain(leaves)),
            doubts: doubts
                .map(|doubts| first_true(doubts.iter().map(|doubt| &doubt.when)))
                .collect(),
        }
    }
}

/// The position, from 1, of the first that is true; 0 when none is.
fn first_true<'a>(formulas: impl DoubleEndedIterator<Item = &'a Formula>) -> BV {
    const WIDTH: u32 = 32;
    let mut numbered: Vec<(u64, &Formula)> = (1..).zip(formulas).collect();
    numbered.reverse();
    let none = BV::from_u64(0, WIDTH);
    numbered.into_iter().fold(none, |rest, (number, formula)| {
        let this = BV::from_u64(number, WIDTH);
        match formula {
            Formula::Constant(true) => this,
            Formula::Constant(false) => rest,
            Formula::Term(term) => term.ite(&this, &rest),
        }
    })
}

/// Which way to end was read.
enum Read<'a> {
    Dropped(Clause),
    /// By the first undetermined step, and by the one that ended the walk.
    Ended(Clause, Clause),
    Leaf(usize, Option<&'a Doubt>),
}

/// Reading values of terms, and remembering them as a condition.
struct Reader<'a> {
    model: &'a Model,
    seen: Vec<Bool>,
    /// Where there are several.
    completions: Option<Completions<'a>>,
}

/// What holds in every completion, and the fields of the flow, which have their values in all.
#[derive(Clone, Copy)]
struct Completions<'a> {
    solver: &'a z3::Solver,
    fields: &'a [(BV, BV)],
}

impl Reader<'_> {
    fn number(&mut self, term: &BV) -> Option<usize> {
        let value = self.model.eval(term, true)?;
        self.seen.push(term.eq(&value));
        usize::try_from(value.as_u64()?).ok()
    }

    fn holds(&mut self, formula: &Formula) -> bool {
        let term = formula.to_bool();
        let value = self.model.eval(&term, true);
        let holds = value.and_then(|value| value.as_bool()).unwrap_or(false);
        self.seen.push(if holds { term } else { term.not() });
        holds
    }

    /// The value of a number, when it is the same in every completion in which the same was seen.
    fn settled(&self, number: &Number) -> Option<u128> {
        let (term, width) = match number {
            Number::Known(value, _) => return Some(*value),
            Number::Term(term, width) => (term, *width),
        };
        let value = budget::value(&self.model.eval(term, true)?)?;
        let Some(Completions { solver, fields }) = self.completions else {
            return Some(value);
        };
        if fields.iter().any(|(field, _)| field == term) {
            return Some(value);
        }
        let other = Bool::fresh_const("other");
        let differs = term.eq(Number::Known(value, width).to_bv()).not();
        let seen = self.seen.iter().cloned().chain([differs]);
        solver.assert(other.implies(Bool::and(&seen.collect::<Vec<_>>())));
        match budget::check(solver, &[other]) {
            Asked::Unsat => Some(value),
            Asked::Sat(_) | Asked::Unknown(_) => None,
        }
    }

    fn ending<'e>(&mut self, endings: &'e Endings, codes: &Codes) -> Option<Read<'e>> {
        let position = self.number(&codes.ending)?.checked_sub(1)?;
        if let Some((clause, _)) = endings.dropped.get(position) {
            return Some(Read::Dropped(*clause));
        }
        let position = position.checked_sub(endings.dropped.len())?;
        let first = self.number(codes.doubts.get(position)?)?.checked_sub(1);
        if let Some(end) = endings.ended.get(position) {
            let doubt = first.and_then(|first| end.doubts.get(first));
            let first = doubt.unwrap_or(&end.step).clause;
            return Some(Read::Ended(first, end.step.clause));
        }
        let position = position.checked_sub(endings.ended.len())?;
        let leaf = endings.leaves.get(position)?;
        let doubt = first.and_then(|first| leaf.doubts.get(first));
        Some(Read::Leaf(position, doubt))
    }
}

/// Decides one flow.
pub(crate) fn decide(encoder: &mut Encoder, flow: &Flow, limits: &Limits) -> Decision {
    let sender = match &flow.source {
        Source::Interface(interface) => Sender::Interface(interface.clone()),
        Source::Internet => Sender::Internet,
        Source::OnPremises(gateway) => Sender::OnPremises(gateway.clone()),
    };
    let subject = Subject {
        picks: picks(encoder, flow),
        sender,
    };
    let walk = encoder.walk(&subject);
    if walk.is_too_large {
        return open(Clause::LoadBalancerLimit);
    }
    let codes = encoder.codes(&subject, &walk);
    let sender = subject.sender;
    if encoder.all_open().next().is_none() {
        let model = pinned(encoder, flow.packet);
        let mut reader = Reader {
            model: &model,
            seen: Vec::new(),
            completions: None,
        };
        return read(encoder, &walk, &codes, &sender, &mut reader)
            .unwrap_or_else(|| open(Clause::AddressOwner));
    }
    decide_over_completions(encoder, flow, &walk, &codes, &sender, limits)
}

/// The picks that a relay may take: none when the flow is not for one, for then no leg leads to another.
fn picks(encoder: &Encoder, flow: &Flow) -> Picks {
    let picks = flow.picks.iter().copied().take(MOST_PICKS);
    let picks: Vec<u16> = picks.take_while(|pick| *pick > 0).collect();
    let destination = flow.packet.destination().bits();
    let may_be_relayed = || {
        let translated = nat64::is_met(encoder) && encoder.index.has_relays();
        load_balancer::addresses(encoder).contains(destination)
            || translated && nat64::meant(encoder.family, destination).is_some()
    };
    if picks.is_empty() || !may_be_relayed() {
        Picks::None
    } else {
        Picks::These(picks)
    }
}

/// While addresses are open a flow has an outcome in each completion; they may be the same in all.
fn decide_over_completions(
    encoder: &mut Encoder,
    flow: &Flow,
    walk: &Rc<Walk>,
    codes: &Rc<Codes>,
    sender: &Sender,
    limits: &Limits,
) -> Decision {
    let solver = encoder.solver(limits);
    let fields = fields(encoder, flow.packet);
    for (term, value) in &fields {
        solver.assert(term.eq(value));
    }
    let mut first: Option<Decision> = None;
    for _ in 0..MOST_OUTCOMES {
        let model = match budget::check(&solver, &[]) {
            Asked::Sat(model) => model,
            Asked::Unsat => {
                return first.unwrap_or_else(|| open(Clause::AddressOwner));
            }
            Asked::Unknown(_) => return open(Clause::AddressOwner),
        };
        let mut reader = Reader {
            model: &model,
            seen: Vec::new(),
            completions: Some(Completions {
                solver: &solver,
                fields: &fields,
            }),
        };
        let decision = read(encoder, walk, codes, sender, &mut reader);
        let mut decision = decision.unwrap_or_else(|| open(Clause::AddressOwner));
        solver.assert(Bool::and(&reader.seen).not());
        if let Some(known) = &mut first
            && known.forward.source != decision.forward.source
        {
            known.forward.source = None;
            decision.forward.source = None;
        }
        match &first {
            None => first = Some(decision),
            Some(known) if *known == decision => {}
            Some(known) => return merged(known, &decision),
        }
    }
    open(Clause::AddressOwner)
}

/// What two completions have in common. Where they differ, it is an open address that decides.
fn merged(one: &Decision, other: &Decision) -> Decision {
    let merge = |one: &Outcome, other: &Outcome| {
        if one == other {
            one.clone()
        } else {
            undetermined(Clause::AddressOwner)
        }
    };
    let reply = match (&one.reply, &other.reply) {
        (Some(one), Some(other)) => Some(merge(one, other)),
        (None, None) => None,
        (Some(_), None) | (None, Some(_)) => Some(undetermined(Clause::AddressOwner)),
    };
    Decision {
        forward: merge(&one.forward, &other.forward),
        reply,
    }
}

fn undetermined(clause: Clause) -> Outcome {
    Outcome {
        disposition: Disposition::Undetermined,
        clause,
        arrival: None,
        source: None,
    }
}

/// A flow of which nothing is known; `clause` says by what.
pub(crate) fn open(clause: Clause) -> Decision {
    Decision {
        forward: undetermined(clause),
        reply: Some(undetermined(clause)),
    }
}

fn read(
    encoder: &mut Encoder,
    walk: &Walk,
    codes: &Codes,
    sender: &Sender,
    reader: &mut Reader<'_>,
) -> Option<Decision> {
    let (position, doubt) = match reader.ending(&walk.endings, codes)? {
        Read::Dropped(clause) => {
            let forward = Outcome {
                disposition: Disposition::Dropped,
                clause,
                arrival: None,
                source: None,
            };
            return Some(Decision {
                forward,
                reply: None,
            });
        }
        Read::Ended(first, last) => {
            return Some(Decision {
                forward: undetermined(first),
                reply: Some(undetermined(last)),
            });
        }
        Read::Leaf(position, doubt) => (position, doubt),
    };
    let leaf = walk.endings.leaves.get(position)?;
    let mut forward = delivered(encoder, leaf, doubt, sender, reader);
    if forward.disposition == Disposition::Delivered {
        forward.source = arriving_source(encoder, leaf, reader);
    }
    let reply = leaf.reply(encoder);
    let codes = reply.codes();
    let outcome = match reader.ending(&reply.endings, codes)? {
        Read::Dropped(clause) => Outcome {
            disposition: Disposition::Dropped,
            clause,
            arrival: None,
            source: None,
        },
        Read::Ended(first, _) => undetermined(first),
        Read::Leaf(position, doubt) => {
            let leaf = reply.endings.leaves.get(position)?;
            delivered(encoder, leaf, doubt, sender, reader)
        }
    };
    Some(Decision {
        forward,
        reply: Some(outcome),
    })
}

/// What comes to a leaf is delivered, unless an undetermined filter decides.
fn delivered(
    encoder: &mut Encoder,
    leaf: &Leaf,
    doubt: Option<&Doubt>,
    sender: &Sender,
    reader: &mut Reader<'_>,
) -> Outcome {
    match doubt {
        Some(doubt) => undetermined(doubt.clause),
        None => Outcome {
            disposition: Disposition::Delivered,
            clause: leaf.clause,
            arrival: encoder.on_leg(leaf.received(), |encoder| {
                arrival(encoder, &leaf.place, sender, reader)
            }),
            source: None,
        },
    }
}

/// The source of a request where it is delivered, when that is one address.
fn arriving_source(encoder: &mut Encoder, leaf: &Leaf, reader: &Reader<'_>) -> Option<Address> {
    encoder.on_leg(leaf.received(), |encoder| {
        let source = match ArrivingSource::of(encoder, leaf) {
            ArrivingSource::Own(source) => source,
            ArrivingSource::PutIn(vpc, own) => {
                // What is known of it tells the interface, without a term for each.
                let settled = reader.settled(&own);
                let own = settled.map_or(own.clone(), |value| Number::Known(value, own.width()));
                gateway::public_source(encoder, &vpc, &own)
            }
            ArrivingSource::OneOfSeveral => return None,
        };
        let value = reader.settled(&source)?;
        Some(Address::from_bits(encoder.family, value))
    })
}

fn arrival(
    encoder: &Encoder,
    place: &Place,
    sender: &Sender,
    reader: &mut Reader<'_>,
) -> Option<Arrival> {
    match place {
        Place::Interface(who) => receiver(encoder, who, reader).map(Arrival::Interface),
        Place::Internet => Some(Arrival::Internet),
        Place::GatewayEndpoint(id) => Some(Arrival::GatewayEndpoint(id.clone())),
        Place::OnPremises(gateway) => Some(Arrival::OnPremises(gateway.clone())),
        Place::AmazonService => Some(Arrival::AmazonService),
        Place::Sender => match sender {
            Sender::Interface(id) => Some(Arrival::Interface(id.clone())),
            Sender::Internet => Some(Arrival::Internet),
            Sender::OnPremises(gateway) => Some(Arrival::OnPremises(gateway.clone())),
            Sender::Vpc(_) => None,
        },
    }
}

/// The interface of the VPC that has the destination.
fn receiver(encoder: &Encoder, who: &Who, reader: &mut Reader<'_>) -> Option<NetworkInterfaceId> {
    let (address, slots) = match who {
        Who::Pinned { interface, .. } => return Some(interface.clone()),
        Who::Private { address, .. } => (address, &encoder.private),
        Who::Public { address, .. } => (address, &encoder.public),
        Who::Subnet { .. } => return None,
    };
    let value = reader.model.eval(&address.to_bv(), true)?;
    let value = budget::value(&value)?;
    let within = encoder.index.vpcs.get(who.vpc())?;
    within
        .interfaces
        .iter()
        .find(|id| {
            let addresses = slots.get(*id).into_iter().flatten();
            let mut has = addresses.map(|(_, address)| match address {
                Number::Known(known, _) => *known == value,
                Number::Term(..) => reader.holds(&address.is(value)),
            });
            has.any(|has| has)
        })
        .cloned()
}

/// The symbolic packet's fields with a packet's values.
pub(crate) fn fields(encoder: &Encoder, packet: Packet) -> Vec<(BV, BV)> {
    let symbolic = &encoder.packet;
    let (source_port, destination_port, icmp_type, code) = match packet.transport() {
        Transport::Tcp {
            source_port,
            destination_port,
        }
        | Transport::Udp {
            source_port,
            destination_port,
        } => (source_port, destination_port, 0, 0),
        Transport::Icmp { icmp_type, code } | Transport::Icmpv6 { icmp_type, code } => {
            (0, 0, icmp_type, code)
        }
        Transport::Other(_) => (0, 0, 0, 0),
    };
    let transport = &symbolic.transport;
    let number = |term: &Number, value| (term.to_bv(), Number::Known(value, term.width()).to_bv());
    let bits = |address: Address| address.bits();
    vec![
        number(&symbolic.source, bits(packet.source())),
        number(&symbolic.destination, bits(packet.destination())),
        number(&transport.protocol, packet.transport().protocol().into()),
        number(&transport.source_port, source_port.into()),
        number(&transport.destination_port, destination_port.into()),
        number(&transport.icmp_type, icmp_type.into()),
        number(&transport.code, code.into()),
    ]
}

fn pinned(encoder: &Encoder, packet: Packet) -> Model {
    let model = Model::new();
    for (term, value) in fields(encoder, packet) {
        model.add_const_interp(&term.decl(), &value);
    }
    encoder.for_each_standing(|one| {
        if let Formula::Term(stands) = &one.stands
            && let Some(value) = model.eval(&one.meaning.to_bool(), true)
        {
            model.add_const_interp(&stands.decl(), &value);
        }
    });
    model
}
