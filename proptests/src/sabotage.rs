//! Planted bugs: wrong engines made of a right one, which the comparison must catch.
//!
//! A bug is planted in one of three places: in the network before the engine sees it ("a blackhole is
//! skipped" is an engine that is given the network without its blackholes), in the question, or in
//! the answer. Of the last kind one is made for every clause: the clause is forgotten, and what it
//! decided goes the other way. How many cases it takes to see a bug says how good the generator is.

mod alike;
mod client_vpn;
mod direct_connect;
mod dns;
mod dns64;
mod edits;
mod forgotten;
mod inbound_resolver;
mod legs;
mod load_balancer;
mod load_balancer_name;
mod nat;
mod on_premises;

use std::cell::OnceCell;

use evaluator::{Evaluator, NameTrace};
use model::{
    Asker, Clause, Decision, Disposition, Engine, Flow, Invariant, Network, NetworkDraft, Packet,
    Permission, Request, Resolution, Source, Trace, VpcEndpointId,
};

use crate::coverage;
use crate::dice::Dice;
use crate::question::{flow, invariant, name, relay, request};
use crate::run::{self, Kind};

/// A planted bug.
#[derive(Clone, Copy)]
pub struct Bug {
    /// What is wrong, as one would say it.
    pub name: &'static str,
    /// The clause that it breaks.
    pub clause: Clause,
    /// Where.
    pub place: Place,
}

const fn network(name: &'static str, clause: Clause, edit: fn(&mut NetworkDraft)) -> Bug {
    Bug {
        name,
        clause,
        place: Place::Network(edit),
    }
}

const fn decision(name: &'static str, clause: Clause, change: fn(&Flow, &mut Trace)) -> Bug {
    Bug {
        name,
        clause,
        place: Place::Decision(change),
    }
}

const fn traced(
    name: &'static str,
    clause: Clause,
    change: fn(&Network, &Flow, &mut Trace),
) -> Bug {
    Bug {
        name,
        clause,
        place: Place::Traced(change),
    }
}

/// Where a bug is planted.
#[derive(Clone, Copy)]
pub enum Place {
    /// The engine is given another network.
    Network(fn(&mut NetworkDraft)),
    /// For what comes from on premises the engine is given another network, on the way forward.
    FromOnPremises(fn(&mut NetworkDraft)),
    /// For flows that pass a clause the engine is given another network.
    Where(Clause, fn(&mut NetworkDraft)),
    /// For flows that a clause leaves open, or their replies, the engine is given another network.
    Open(Clause, fn(&mut NetworkDraft)),
    /// The engine is asked about another flow.
    Flow(fn(Flow) -> Flow),
    /// The engine is asked about another packet.
    Packet(fn(Packet) -> Option<Packet>),
    /// The decision is another one.
    Decision(fn(&Flow, &mut Trace)),
    /// The same, with a look at the network.
    Traced(fn(&Network, &Flow, &mut Trace)),
    /// The engine is asked about another invariant.
    Invariant(fn(&Network, &mut Invariant)),
    /// The answer to a name is another one.
    Answer(fn(Resolution) -> Resolution),
    /// The same, with a look at the network and at how the answer came about.
    Resolved(fn(&Network, &NameTrace) -> Resolution),
    /// For clients outside that ask by an inbound resolver endpoint the engine is given another
    /// network.
    Inbound(fn(&mut NetworkDraft)),
    /// The clause is forgotten.
    Clause,
}

impl std::fmt::Debug for Bug {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(self.name)
    }
}

/// Every planted bug: those written by hand, then one for each clause that traces and answers show.
pub fn bugs() -> Vec<Bug> {
    let shown = Clause::ALL
        .iter()
        .filter(|clause| coverage::is_shown(**clause));
    let forgotten = shown.map(|clause| Bug {
        name: clause.name(),
        clause: *clause,
        place: Place::Clause,
    });
    in_flows()
        .chain(dns::EDITS.iter().copied())
        .chain(dns64::EDITS.iter().copied())
        .chain(inbound_resolver::EDITS.iter().copied())
        .chain(load_balancer_name::EDITS.iter().copied())
        .chain(legs::VERDICTS.iter().copied())
        .chain(nat::VERDICTS.iter().copied())
        .chain(forgotten)
        .collect()
}

/// Those written by hand that flows show.
pub fn in_flows() -> impl Iterator<Item = Bug> {
    let edits = edits::all().chain(on_premises::EDITS);
    let relays = load_balancer::edits().chain(legs::EDITS);
    let edits = edits.chain(nat::EDITS).chain(alike::EDITS);
    let edits = edits.chain(client_vpn::EDITS).chain(direct_connect::EDITS);
    edits.chain(relays).copied()
}

/// An engine with a bug. It is loaded by itself, not by [`Engine::load`], since it is made of a value.
#[derive(Debug)]
pub struct Planted {
    bug: Bug,
    network: Network,
    engine: Evaluator,
    /// What is asked where the bug does not bite, if that is another one.
    right: Option<Evaluator>,
}

impl Planted {
    /// Plants a bug; where it would make the network invalid it is not there.
    pub fn load(bug: Bug, network: &Network) -> Self {
        let changed = match bug.place {
            Place::Network(edit)
            | Place::FromOnPremises(edit)
            | Place::Where(_, edit)
            | Place::Inbound(edit)
            | Place::Open(_, edit) => {
                let mut draft = network.clone().into_draft();
                edit(&mut draft);
                draft.validate().ok()
            }
            Place::Packet(_)
            | Place::Flow(_)
            | Place::Decision(_)
            | Place::Traced(_)
            | Place::Invariant(_)
            | Place::Answer(_)
            | Place::Resolved(_)
            | Place::Clause => None,
        };
        let engine = Evaluator::load(changed.as_ref().unwrap_or(network));
        let elsewhere = matches!(
            bug.place,
            Place::FromOnPremises(_) | Place::Where(..) | Place::Open(..) | Place::Inbound(_)
        );
        Self {
            bug,
            network: network.clone(),
            engine,
            right: elsewhere.then(|| Evaluator::load(network)),
        }
    }

    /// Decides a flow, wrongly where the bug bites.
    pub fn decide(&self, flow: &Flow) -> Decision {
        match self.bug.place {
            Place::Network(_) | Place::Answer(_) | Place::Resolved(_) | Place::Invariant(_) => {
                self.engine.decide(flow)
            }
            Place::Inbound(_) => self.right.as_ref().unwrap_or(&self.engine).decide(flow),
            Place::FromOnPremises(_) => self.decide_from_premises(flow),
            Place::Where(clause, _) => {
                let right = self.right.as_ref().unwrap_or(&self.engine).trace(flow);
                if right.forward.iter().any(|hop| hop.clause == clause) {
                    self.engine.decide(flow)
                } else {
                    right.decision
                }
            }
            Place::Open(clause, _) => {
                let right = self.right.as_ref().unwrap_or(&self.engine).decide(flow);
                if leaves_open(clause, &right) {
                    self.engine.decide(flow)
                } else {
                    right
                }
            }
            Place::Flow(change) => self.engine.decide(&change(flow.clone())),
            Place::Traced(change) => {
                let mut trace = self.engine.trace(flow);
                change(&self.network, flow, &mut trace);
                trace.decision
            }
            Place::Decision(change) => {
                let mut trace = self.engine.trace(flow);
                change(flow, &mut trace);
                trace.decision
            }
            Place::Packet(change) => {
                let packet = change(flow.packet).unwrap_or(flow.packet);
                self.engine.decide(&Flow {
                    packet,
                    ..flow.clone()
                })
            }
            Place::Clause => forgotten::decide(self.bug.clause, &self.engine.trace(flow)),
        }
    }

    fn decide_from_premises(&self, flow: &Flow) -> Decision {
        let right = self.right.as_ref().unwrap_or(&self.engine).decide(flow);
        if !matches!(flow.source, Source::OnPremises(_)) {
            return right;
        }
        let wrong = self.engine.decide(flow);
        if wrong.forward == right.forward {
            right
        } else {
            wrong
        }
    }

    /// Resolves a name.
    pub fn resolve(&self, asker: &Asker, name: &str) -> Resolution {
        match self.bug.place {
            Place::Clause => {
                forgotten::resolve(self.bug.clause, self.engine.trace_name(asker, name))
            }
            Place::Answer(change) => change(self.engine.resolve(asker, name)),
            Place::Resolved(change) => change(&self.network, &self.engine.trace_name(asker, name)),
            Place::Inbound(_) => {
                let right = self.right.as_ref().unwrap_or(&self.engine);
                match asker {
                    Asker::Inbound(_) => self.engine.resolve(asker, name),
                    Asker::Vpc(_) | Asker::Subnet(_) => right.resolve(asker, name),
                }
            }
            Place::Network(_)
            | Place::FromOnPremises(_)
            | Place::Where(..)
            | Place::Open(..)
            | Place::Packet(_)
            | Place::Flow(_)
            | Place::Traced(_)
            | Place::Invariant(_)
            | Place::Decision(_) => self.engine.resolve(asker, name),
        }
    }

    /// Judges a request.
    pub fn permits(&self, endpoint: &VpcEndpointId, request: &Request) -> Permission {
        let right = self.engine.permits(endpoint, request);
        match self.bug.place {
            Place::Clause => forgotten::permits(self.bug.clause, right),
            Place::Network(_)
            | Place::FromOnPremises(_)
            | Place::Where(..)
            | Place::Open(..)
            | Place::Packet(_)
            | Place::Flow(_)
            | Place::Decision(_)
            | Place::Traced(_)
            | Place::Invariant(_)
            | Place::Resolved(_)
            | Place::Inbound(_)
            | Place::Answer(_) => right,
        }
    }

    /// Decides an invariant, as far as kinds of verdicts go.
    pub fn check(&self, invariant: &Invariant) -> Kind {
        let mut asked = invariant.clone();
        if let Place::Invariant(change) = self.bug.place {
            change(&self.network, &mut asked);
        }
        Kind::of(&run::evaluator(&self.network).check(&asked))
    }
}

/// Whether a clause leaves a flow open, or its reply.
fn leaves_open(clause: Clause, decision: &Decision) -> bool {
    let outcomes = [Some(&decision.forward), decision.reply.as_ref()];
    let mut outcomes = outcomes.into_iter().flatten();
    outcomes.any(|one| one.disposition == Disposition::Undetermined && one.clause == clause)
}

/// What a case asks, with the right answers.
pub struct Questions {
    network: Network,
    flows: Vec<(Flow, Decision)>,
    names: Vec<(Asker, String, Resolution)>,
    requests: Vec<(VpcEndpointId, Request, Permission)>,
    /// Drawn when a bug is in them; of networks with relays or NAT64, mostly about relayed flows.
    invariants: OnceCell<Vec<(Invariant, Kind)>>,
    dice: Dice,
}

impl Questions {
    /// The questions of a case, as [`run::pointwise`] asks them.
    pub fn of_seed(seed: u64) -> Self {
        let world = run::world(seed);
        let engine = Evaluator::load(&world.network);
        let mut dice = Dice::new(seed);
        let flows = flow::flows(&world, 16, &mut dice);
        let flows = flows.into_iter().map(|flow| {
            let decision = engine.decide(&flow);
            (flow, decision)
        });
        let flows = flows.collect();
        let (mut names, mut requests) = (Vec::new(), Vec::new());
        for _ in 0..8 {
            if let Some((asker, name)) = name::question(&world.network, &mut dice) {
                let right = engine.resolve(&asker, &name);
                names.push((asker, name, right));
            }
            if let Some((endpoint, request)) = request::question(&world.network, &mut dice) {
                let right = engine.permits(&endpoint, &request);
                requests.push((endpoint, request, right));
            }
        }
        Self {
            network: world.network,
            flows,
            names,
            requests,
            invariants: OnceCell::new(),
            dice,
        }
    }

    /// Two invariants, where there are relays or routes for addresses of NAT64.
    fn invariants(&self) -> &[(Invariant, Kind)] {
        self.invariants.get_or_init(|| {
            if !relay::hands_on(&self.network) {
                return Vec::new();
            }
            let mut dice = self.dice.clone();
            let engine = run::evaluator(&self.network);
            let drawn = (0..2).map(|_| invariant::invariant(&self.network, &mut dice));
            drawn
                .map(|invariant| {
                    let kind = Kind::of(&engine.check(&invariant));
                    (invariant, kind)
                })
                .collect()
        })
    }

    /// Whether a bug is seen.
    pub fn see(&self, bug: Bug) -> bool {
        let wrong = Planted::load(bug, &self.network);
        if let Place::Invariant(_) = bug.place {
            let mut invariants = self.invariants().iter();
            return invariants.any(|(invariant, right)| wrong.check(invariant) != *right);
        }
        self.flows
            .iter()
            .any(|(flow, right)| wrong.decide(flow) != *right)
            || self.names.iter().any(|(asker, name, right)| {
                let found = wrong.resolve(asker, name);
                (found.clause, &found.answer) != (right.clause, &right.answer)
            })
            || self.requests.iter().any(|(endpoint, request, right)| {
                let found = wrong.permits(endpoint, request);
                (found.clause, &found.effect) != (right.clause, &right.effect)
            })
    }

    /// The first flow on which a bug is seen, with its network.
    pub fn flow_that_shows(&self, bug: Bug) -> Option<(&Network, &Flow)> {
        let wrong = Planted::load(bug, &self.network);
        let mut flows = self.flows.iter();
        let (flow, _) = flows.find(|(flow, right)| wrong.decide(flow) != *right)?;
        Some((&self.network, flow))
    }
}
