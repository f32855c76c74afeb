//! Agreement: both engines are asked one question, and the answers are compared.

use model::{Arrival, Decision, Disposition, Engine, Flow, Network, Outcome};

use crate::line;

/// How far two answers to one flow are apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Distance {
    /// The same disposition, clause and arrival, forward and back.
    None,
    /// One of them is undetermined where the other one is not, or by another clause.
    Looseness,
    /// Both are determined, and differ.
    Contradiction,
}

/// Compares two decisions: of either direction the farther.
pub fn distance(one: &Decision, other: &Decision) -> Distance {
    let forward = outcomes(&one.forward, &other.forward);
    let reply = match (&one.reply, &other.reply) {
        (None, None) => Distance::None,
        (Some(one), Some(other)) => outcomes(one, other),
        // That there is a reply follows from the forward disposition.
        (Some(_), None) | (None, Some(_)) => forward.max(Distance::Looseness),
    };
    forward.max(reply)
}

fn outcomes(one: &Outcome, other: &Outcome) -> Distance {
    let undetermined = |outcome: &Outcome| outcome.disposition == Disposition::Undetermined;
    if one == other {
        Distance::None
    } else if undetermined(one) || undetermined(other) {
        Distance::Looseness
    } else {
        Distance::Contradiction
    }
}

/// A decision with its arrival, in one line.
pub fn decision_text(decision: &Decision) -> String {
    let text = line::decision_text(decision);
    match &decision.forward.arrival {
        None => text,
        Some(Arrival::Interface(id)) => format!("{text} (at {id})"),
        Some(Arrival::Internet) => format!("{text} (on the internet)"),
        Some(Arrival::GatewayEndpoint(id)) => format!("{text} (through {id})"),
        Some(Arrival::OnPremises(gateway)) => format!("{text} (on premises by {gateway})"),
        Some(Arrival::AmazonService) => format!("{text} (at an Amazon service)"),
    }
}

/// A flow that two engines answer differently.
#[derive(Clone, Debug)]
pub struct Disagreement {
    /// The network.
    pub network: Network,
    /// The flow.
    pub flow: Flow,
    /// What the first engine answers.
    pub one: Decision,
    /// What the second engine answers.
    pub other: Decision,
    /// How far they are apart.
    pub distance: Distance,
}

/// Asks two engines about some flows and gives the first disagreement.
pub fn disagreement<A: Engine, B: Engine>(
    network: &Network,
    flows: &[Flow],
) -> Option<Disagreement> {
    let (first, second) = (A::load(network), B::load(network));
    flows.iter().find_map(|flow| {
        let (one, other) = (first.decide(flow), second.decide(flow));
        let distance = distance(&one, &other);
        (distance != Distance::None).then(|| Disagreement {
            network: network.clone(),
            flow: flow.clone(),
            one,
            other,
            distance,
        })
    })
}
