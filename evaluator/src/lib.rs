//! The operational reading of the semantics: it walks flows through the network, packet by packet.
//!
//! A network is compiled once into indices and sorted tables; then every step of a walk is a
//! search in one of them. Each module is named as the page of `semantics/` that it reads.

mod account;
mod action;
mod address;
mod address_block;
mod address_map;
mod alike;
mod atoms;
mod authorization;
mod authorization_search;
mod authorize;
mod beside;
mod block_public_access;
mod called;
mod cells;
mod check;
mod claim;
mod client_vpn;
mod comes_back;
mod compare;
mod compiled;
mod completion;
mod condition;
mod context;
mod date;
mod decimal;
mod difference;
mod difference_behind;
mod difference_cells;
mod difference_classes;
mod difference_course;
mod difference_mark;
mod difference_outside;
mod difference_reach;
mod difference_relayed;
mod dimensions;
mod direct_connect;
mod dns64;
mod dns_firewall;
mod endpoint_owner;
mod endpoint_service;
mod exchange;
mod extents;
mod filling;
mod filter_sets;
mod filters_as_sets;
mod forward;
mod gateway;
mod gateway_load_balancer;
mod grant;
mod grants;
mod group_sets;
mod hosted_zone;
mod index;
mod interface_classes;
mod key_classes;
mod knock;
mod known_texts;
mod leads;
mod leg;
mod load_balancer;
mod load_balancer_name;
mod lookup;
mod matrix;
mod matrix_answers;
mod matrix_fold;
mod matrix_outcomes;
mod matrix_outside;
mod matrix_pairs;
mod matrix_whole;
mod meaning;
mod middlebox;
mod named;
mod named_flow;
mod nat64;
mod nat_gateway;
mod nested_entries;
mod network_acl;
mod network_interface;
mod on_premises;
mod open_text;
mod outside_cells;
mod packet_set;
mod past_groups;
mod pattern;
mod peering;
mod permissions;
mod pieces;
mod places;
mod prefix_list;
mod principal;
mod principal_classes;
mod ranks;
mod region;
mod relay_reply;
mod relayed;
mod relayed_cells;
mod reply;
mod request_search;
mod requests;
mod resolve;
mod resolver_rule;
mod resource_control;
mod resource_element;
mod resource_index;
mod route_choice;
mod route_table;
mod rule_row;
mod said;
mod scope;
mod security_group;
mod sight;
mod source_classes;
mod standing;
mod statement;
mod tables;
mod together;
mod together_sets;
mod trace;
mod traffic_extent;
mod transit_gateway;
mod transit_reply;
mod transit_route;
mod transit_zone;
mod transports;
mod variable;
mod vpc_endpoint;
mod walk;
mod way;

#[cfg(test)]
mod tests;

use model::{
    Asker, Completion, Decision, Engine, Flow, Invariant, Network, Outcome, Packet, Permission,
    PolicyComparison, PolicyDifference, Request, RequestWay, Resolution, Source, Trace, Verdict,
};
use rayon::prelude::*;

pub use crate::check::Form;
pub use crate::difference::{
    Change, ChangeKind, Course, Difference, FlowClass, HandedOn, Received, Returned, Senders,
};
pub use crate::filters_as_sets::Direction;
pub use crate::knock::Knock;
pub use crate::lookup::{Admission, Groups, PeerClass, RouteChoice, Routes};
pub use crate::matrix::{FamilyTraffic, Matrix, MatrixCell, MatrixTraffic};
pub use crate::named::{Asked, Fate, NameCandidate, NameTrace, NamedBy};
pub use crate::packet_set::{PacketBox, PacketCount, PacketLine, PacketSet, PacketSets};

use crate::authorize::Policies;
use crate::compiled::Compiled;
use crate::resolve::Resolver;
use crate::walk::Silent;

/// The evaluator: a network compiled for walking.
///
/// A network with open addresses is decided in the completion that [`Evaluator::completion`]
/// tells; [`Engine::check`] answers for all of them.
///
/// ```
/// use evaluator::Evaluator;
/// use model::{Address, Clause, Engine, Flow, NetworkDraft, Packet, Source, Transport};
///
/// let network = NetworkDraft::default().validate().unwrap_or_else(|_| unreachable!());
/// let ping = Transport::Icmp { icmp_type: 8, code: 0 };
/// let packet = Packet::new(Address::V4(0x0808_0808), Address::V4(0xcb00_7101), ping);
/// let flow = Flow::new(Source::Internet, packet.unwrap());
/// let trace = Evaluator::load(&network).trace(&flow);
/// assert_eq!(trace.decision.forward.clause, Clause::InternetGatewayInbound);
/// ```
#[derive(Clone, Debug)]
pub struct Evaluator {
    /// The network as it was given.
    source: Network,
    /// The same with its open addresses chosen.
    network: Network,
    completion: Completion,
    compiled: Compiled,
    resolver: Resolver,
    policies: Policies,
    /// How many walks one question may take.
    budget: u64,
}

/// A sender of flows, looked up once; see [`Evaluator::sender`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Sender(forward::Sender);

impl Engine for Evaluator {
    const NAME: &'static str = "evaluator";

    fn load(network: &Network) -> Self {
        let completion = completion::choose(network);
        let completed = network.completed(&completion);
        Self {
            compiled: Compiled::new(&completed),
            resolver: Resolver::new(network),
            policies: Policies::new(network),
            source: network.clone(),
            network: completed,
            completion,
            budget: check::WALK_BUDGET,
        }
    }

    fn decide(&self, flow: &Flow) -> Decision {
        self.decide_flow(flow)
    }

    fn resolve(&self, asker: &Asker, name: &str) -> Resolution {
        self.resolver.resolve(asker, name)
    }

    fn permits(&self, way: &RequestWay, request: &Request) -> Permission {
        self.policies.permits(way, request)
    }

    fn compare(&self, comparison: &PolicyComparison) -> PolicyDifference {
        self.policies.compare(comparison)
    }

    fn check(&self, invariant: &Invariant) -> Verdict {
        self.check_as(Form::Fast, invariant)
    }
}

impl Evaluator {
    /// Sets how many walks one question may take. Beyond that the verdict is unknown, by the
    /// limit `walks`.
    #[must_use]
    pub fn with_budget(self, walks: u64) -> Self {
        Self {
            budget: walks,
            ..self
        }
    }

    /// The addresses that were open in the input, as flows are decided here.
    pub const fn completion(&self) -> &Completion {
        &self.completion
    }

    /// Decides a flow and tells every step of it.
    pub fn trace(&self, flow: &Flow) -> Trace {
        let Sender(sender) = self.sender(&flow.source);
        let network = &self.compiled;
        let (request, forward) =
            forward::walk(network, Vec::new(), sender, flow.packet, &flow.picks);
        let (outcome, reply) = reply::walk(network, Vec::new(), &request);
        Trace {
            flow: flow.clone(),
            forward: network.hops(&forward),
            reply: network.hops(&reply),
            decision: network.decision(&request, outcome),
        }
    }

    /// Decides many flows, in their order, on all threads of the current pool.
    pub fn decide_all(&self, flows: &[Flow]) -> Vec<Decision> {
        flows
            .par_iter()
            .map(|flow| self.decide_flow(flow))
            .collect()
    }

    /// Looks a sender up. One that is not in the network sends nothing.
    pub fn sender(&self, source: &Source) -> Sender {
        Sender(match source {
            Source::Internet => forward::Sender::Internet,
            Source::OnPremises(gateway) => match self.compiled.gateway(gateway) {
                Some(gateway) => forward::Sender::OnPremises(gateway),
                None => forward::Sender::Nobody,
            },
            Source::Interface(id) => match self.compiled.names.interfaces.find(id) {
                Some(index) => forward::Sender::Interface(index),
                None => forward::Sender::Nobody,
            },
        })
    }

    fn decide_flow(&self, flow: &Flow) -> Decision {
        self.decide_picked(self.sender(&flow.source), flow.packet, &flow.picks)
    }

    /// Decides the flow of a packet from a sender that was looked up before, which no relay hands
    /// on.
    pub fn decide_from(&self, sender: Sender, packet: Packet) -> Decision {
        self.decide_picked(sender, packet, &[])
    }

    /// Decides the request alone.
    pub fn request_from(&self, sender: Sender, packet: Packet) -> Outcome {
        let network = &self.compiled;
        let (request, Silent) = forward::walk(network, Silent, sender.0, packet, &[]);
        network.decision(&request, None).forward
    }

    fn decide_picked(&self, sender: Sender, packet: Packet, picks: &[u16]) -> Decision {
        let network = &self.compiled;
        let (request, Silent) = forward::walk(network, Silent, sender.0, packet, picks);
        let (outcome, Silent) = reply::walk(network, Silent, &request);
        network.decision(&request, outcome)
    }
}
