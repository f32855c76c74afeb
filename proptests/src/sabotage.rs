//! Planted bugs: wrong engines made of a right one, which the comparison must catch.
//!
//! A bug is planted in one of three places: in the network before the engine sees it ("a blackhole is
//! skipped" is an engine that is given the network without its blackholes), in the question, or in
//! the answer. Of the last kind one is made for every clause: the clause is forgotten, and what it
//! decided goes the other way. How many cases it takes to see a bug says how good the generator is.

mod alike;
mod dns;
mod edits;
mod forgotten;
mod on_premises;

use evaluator::Evaluator;
use model::{
    Clause, Decision, Engine, Flow, Network, NetworkDraft, Packet, Permission, Request, Resolution,
    Source, Trace, VpcEndpointId, VpcId,
};

use crate::dice::Dice;
use crate::question::{flow, name, request};
use crate::run;

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

/// Where a bug is planted.
#[derive(Clone, Copy)]
pub enum Place {
    /// The engine is given another network.
    Network(fn(&mut NetworkDraft)),
    /// For what comes from on premises the engine is given another network, on the way forward.
    FromOnPremises(fn(&mut NetworkDraft)),
    /// The engine is asked about another packet.
    Packet(fn(Packet) -> Option<Packet>),
    /// The decision is another one.
    Decision(fn(&Flow, &mut Trace)),
    /// The answer to a name is another one.
    Answer(fn(Resolution) -> Resolution),
    /// The clause is forgotten.
    Clause,
}

impl std::fmt::Debug for Bug {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(self.name)
    }
}

/// Every planted bug: those written by hand, then one for each clause.
pub fn bugs() -> Vec<Bug> {
    let forgotten = Clause::ALL.iter().map(|clause| Bug {
        name: clause.name(),
        clause: *clause,
        place: Place::Clause,
    });
    in_flows()
        .chain(dns::EDITS.iter().copied())
        .chain(forgotten)
        .collect()
}

/// Those written by hand that flows show.
pub fn in_flows() -> impl Iterator<Item = Bug> {
    let edits = edits::EDITS.iter().chain(on_premises::EDITS);
    edits.chain(alike::EDITS).copied()
}

/// An engine with a bug. It is loaded by itself, not by [`Engine::load`], since it is made of a value.
#[derive(Debug)]
pub struct Planted {
    bug: Bug,
    engine: Evaluator,
    /// What is asked where the bug does not bite, if that is another one.
    right: Option<Evaluator>,
}

impl Planted {
    /// Plants a bug; where it would make the network invalid it is not there.
    pub fn load(bug: Bug, network: &Network) -> Self {
        let changed = match bug.place {
            Place::Network(edit) | Place::FromOnPremises(edit) => {
                let mut draft = network.clone().into_draft();
                edit(&mut draft);
                draft.validate().ok()
            }
            Place::Packet(_) | Place::Decision(_) | Place::Answer(_) | Place::Clause => None,
        };
        let engine = Evaluator::load(changed.as_ref().unwrap_or(network));
        let elsewhere = matches!(bug.place, Place::FromOnPremises(_));
        Self {
            bug,
            engine,
            right: elsewhere.then(|| Evaluator::load(network)),
        }
    }

    /// Decides a flow, wrongly where the bug bites.
    pub fn decide(&self, flow: &Flow) -> Decision {
        match self.bug.place {
            Place::Network(_) | Place::Answer(_) => self.engine.decide(flow),
            Place::FromOnPremises(_) => self.decide_from_premises(flow),
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
    pub fn resolve(&self, vpc: &VpcId, name: &str) -> Resolution {
        match self.bug.place {
            Place::Clause => forgotten::resolve(self.bug.clause, self.engine.trace_name(vpc, name)),
            Place::Answer(change) => change(self.engine.resolve(vpc, name)),
            Place::Network(_)
            | Place::FromOnPremises(_)
            | Place::Packet(_)
            | Place::Decision(_) => self.engine.resolve(vpc, name),
        }
    }

    /// Judges a request.
    pub fn permits(&self, endpoint: &VpcEndpointId, request: &Request) -> Permission {
        let right = self.engine.permits(endpoint, request);
        match self.bug.place {
            Place::Clause => forgotten::permits(self.bug.clause, right),
            Place::Network(_)
            | Place::FromOnPremises(_)
            | Place::Packet(_)
            | Place::Decision(_)
            | Place::Answer(_) => right,
        }
    }
}

/// What a case asks, with the right answers.
pub struct Questions {
    network: Network,
    flows: Vec<(Flow, Decision)>,
    names: Vec<(VpcId, String, Resolution)>,
    requests: Vec<(VpcEndpointId, Request, Permission)>,
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
            if let Some((vpc, name)) = name::question(&world.network, &mut dice) {
                let right = engine.resolve(&vpc, &name);
                names.push((vpc, name, right));
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
        }
    }

    /// Whether a bug is seen.
    pub fn see(&self, bug: Bug) -> bool {
        let wrong = Planted::load(bug, &self.network);
        self.flows
            .iter()
            .any(|(flow, right)| wrong.decide(flow) != *right)
            || self.names.iter().any(|(vpc, name, right)| {
                let found = wrong.resolve(vpc, name);
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
