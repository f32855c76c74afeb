//! Whether one traced flow satisfies a claim: the last check of a witness, by neither engine.
//!
//! It is told only where it is certain: `None` says that a hole decides, or that the places of the
//! scope have to be told apart by addresses, which is the engines' business.

use std::collections::BTreeSet;

use model::{
    Answer, Arrival, Attachment, Cidr, Claim, ComponentId, Disposition, Engine, Network,
    Permission, PermissionEffect, Place, Request, RequestWay, Scope, Trace,
};

use super::way::way;
use crate::asker;
use crate::blocks;

/// A traced flow with the request that it carries.
pub(crate) struct Case<'a, E> {
    pub(crate) trace: &'a Trace,
    pub(crate) request: Option<&'a Request>,
    pub(crate) scope: &'a Scope,
    pub(crate) network: &'a Network,
    pub(crate) engine: &'a E,
}

impl<E: Engine> Case<'_, E> {
    /// Whether the flow shows a claim, where that is certain: that a relayed one is delivered is a
    /// part of its premise.
    pub(crate) fn shows(&self, claim: &Claim) -> Option<bool> {
        let shown = self.satisfies(claim);
        if self.is_relayed() {
            and(self.delivered(), shown)
        } else {
            shown
        }
    }

    /// The claim's truth, where it is certain.
    fn satisfies(&self, claim: &Claim) -> Option<bool> {
        match claim {
            Claim::Delivered => self.delivered(),
            Claim::Answered => and(self.delivered(), self.replied()),
            // For one request, all and some are the same.
            Claim::PermittedAll | Claim::PermittedSome => and(self.delivered(), self.permitted()),
            Claim::Traverses(steps) => self.traverses(steps),
            Claim::DecidedBy(clause) => Some(self.trace.decision.forward.clause == *clause),
            Claim::Not(claim) => self.satisfies(claim).map(|truth| !truth),
            Claim::All(claims) => claims
                .iter()
                .map(|claim| self.satisfies(claim))
                .fold(Some(true), and),
            Claim::Any(claims) => claims
                .iter()
                .map(|claim| self.satisfies(claim))
                .fold(Some(false), or),
        }
    }

    fn delivered(&self) -> Option<bool> {
        let forward = &self.trace.decision.forward;
        match (forward.disposition, &forward.arrival) {
            (Disposition::Dropped, _) => Some(false),
            (Disposition::Undetermined, _) | (Disposition::Delivered, None) => None,
            (Disposition::Delivered, Some(arrival)) if self.is_relayed() => {
                let mut places = self.scope.to.iter();
                Some(places.any(|place| self.receives(place, arrival)))
            }
            (Disposition::Delivered, Some(arrival)) => {
                let mut places = self
                    .scope
                    .to
                    .iter()
                    .map(|place| self.allows(place, arrival));
                let first = places.next()??;
                places.all(|other| other == Some(first)).then_some(first)
            }
        }
    }

    /// Whether relays may hand the flow on (`scope.md`, *relayed flows*).
    fn is_relayed(&self) -> bool {
        !self.trace.flow.picks.is_empty()
    }

    /// Whether a relayed flow arrives at a place: its destination is asked as it is received.
    fn receives(&self, place: &Place, arrival: &Arrival) -> bool {
        let received = self
            .trace
            .forward
            .last()
            .map(|hop| hop.packet.destination());
        let holds = |cidrs: &BTreeSet<Cidr>| {
            received.is_some_and(|address| cidrs.iter().any(|cidr| blocks::holds(*cidr, address)))
        };
        match place {
            Place::Interfaces { interfaces, .. } => {
                matches!(arrival, Arrival::Interface(id) if interfaces.contains(id))
            }
            Place::OnPremises(cidrs) => {
                matches!(arrival, Arrival::OnPremises(_)) && cidrs.as_ref().is_none_or(holds)
            }
            Place::Cidrs(cidrs) => holds(cidrs),
            Place::Internet | Place::Service(_) | Place::GatewayEndpoints(_) | Place::Name(_) => {
                false
            }
        }
    }

    /// Whether a place allows an arrival.
    fn allows(&self, place: &Place, arrival: &Arrival) -> Option<bool> {
        match place {
            Place::Interfaces { interfaces, .. } => {
                Some(matches!(arrival, Arrival::Interface(id) if interfaces.contains(id)))
            }
            Place::Internet => Some(*arrival == Arrival::Internet),
            Place::OnPremises(_) => Some(matches!(arrival, Arrival::OnPremises(_))),
            Place::Cidrs(_) | Place::Service(_) => Some(true),
            Place::GatewayEndpoints(endpoints) => {
                Some(matches!(arrival, Arrival::GatewayEndpoint(id) if endpoints.contains(id)))
            }
            Place::Name(name) => self.allows_named(name, arrival),
        }
    }

    /// Whether what a name means to the sender allows an arrival; of a host that may ask in two
    /// ways, where both say the same.
    fn allows_named(&self, name: &str, arrival: &Arrival) -> Option<bool> {
        let (flow, from) = (&self.trace.flow, &self.scope.from);
        let (source, address) = (&flow.source, flow.packet.source());
        let askers = asker::of_source(from, self.network, source, address);
        let mut allowed = askers
            .iter()
            .map(|asker| allows_answer(&self.engine.resolve(asker, name).answer, arrival));
        let Some(first) = allowed.next() else {
            return Some(false);
        };
        allowed.all(|other| other == first).then_some(first?)
    }

    fn replied(&self) -> Option<bool> {
        match self.trace.decision.reply.as_ref()?.disposition {
            Disposition::Delivered => Some(true),
            Disposition::Dropped => Some(false),
            Disposition::Undetermined => None,
        }
    }

    fn permitted(&self) -> Option<bool> {
        let request = self.request?;
        match permission(self.trace, request, self.network, self.engine) {
            None => Some(true),
            Some((_, permission)) => match permission.effect {
                PermissionEffect::Permitted => Some(true),
                PermissionEffect::Denied => Some(false),
                PermissionEffect::Undetermined(_) => None,
            },
        }
    }

    fn traverses(&self, steps: &[BTreeSet<ComponentId>]) -> Option<bool> {
        if self.trace.decision.forward.disposition == Disposition::Undetermined {
            return None;
        }
        let way = way(self.trace, self.network);
        let mut rest = way.iter();
        Some(
            steps
                .iter()
                .all(|step| rest.any(|component| step.contains(component))),
        )
    }
}

/// Whether the request of a delivered flow is authorized, where that is asked, and how it came.
pub(crate) fn permission<E: Engine>(
    trace: &Trace,
    request: &Request,
    network: &Network,
    engine: &E,
) -> Option<(RequestWay, Permission)> {
    let forward = &trace.decision.forward;
    let way = match forward.arrival.as_ref()? {
        Arrival::GatewayEndpoint(id) => RequestWay::Endpoint(id.clone(), forward.source),
        Arrival::Interface(id) => match &network.network_interfaces().get(id)?.attachment {
            Attachment::VpcEndpoint(id) => RequestWay::Endpoint(id.clone(), forward.source),
            Attachment::Ordinary { .. }
            | Attachment::NatGateway(_)
            | Attachment::LoadBalancer(_)
            | Attachment::Other(_) => return None,
        },
        Arrival::Internet if network.accounts().is_empty() => return None,
        Arrival::Internet => RequestWay::Internet(forward.source),
        Arrival::OnPremises(_) | Arrival::AmazonService => return None,
    };
    let permission = engine.permits(&way, request);
    Some((way, permission))
}

fn and(one: Option<bool>, other: Option<bool>) -> Option<bool> {
    match (one, other) {
        (Some(false), _) | (_, Some(false)) => Some(false),
        (Some(true), Some(true)) => Some(true),
        (None, _) | (_, None) => None,
    }
}

fn or(one: Option<bool>, other: Option<bool>) -> Option<bool> {
    match (one, other) {
        (Some(true), _) | (_, Some(true)) => Some(true),
        (Some(false), Some(false)) => Some(false),
        (None, _) | (_, None) => None,
    }
}

/// Whether an answer allows an arrival.
fn allows_answer(answer: &Answer, arrival: &Arrival) -> Option<bool> {
    match answer {
        Answer::Interfaces(interfaces) => {
            Some(matches!(arrival, Arrival::Interface(id) if interfaces.contains(id)))
        }
        Answer::Addresses(_) => Some(true),
        Answer::PublicService(_) => Some(!matches!(arrival, Arrival::Interface(_))),
        Answer::Dns64(of) => allows_answer(of, arrival),
        Answer::NoAnswer => Some(false),
        Answer::Undetermined(_) => None,
    }
}
