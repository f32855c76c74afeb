//! Claims about one flow: true, false or open.

use std::collections::BTreeSet;

use model::{Clause, ComponentId, Hole, Quantifier, RequestWay};

use crate::compiled::Compiled;
use crate::forward::{Arrived, CameIn, Exit, Outcome, Request};
use crate::index::{EndpointIndex, Names};
use crate::leg::Leg;
use crate::network_interface::Role;
use crate::on_premises::Gateway;
use crate::permissions::Permissions;
use crate::requests::Requests;
use crate::scope::{Held, Truth};
use crate::walk::{Component, End};

/// A claim with its components looked up.
#[derive(Clone, Debug)]
pub(crate) enum Claim {
    Delivered,
    Answered,
    PermittedAll,
    PermittedSome,
    Traverses(Vec<Vec<Component>>),
    DecidedBy(Clause),
    Not(Box<Claim>),
    All(Vec<Claim>),
    Any(Vec<Claim>),
}

impl Truth {
    pub(crate) const fn not(self) -> Self {
        match self {
            Truth::False => Truth::True,
            Truth::Open => Truth::Open,
            Truth::True => Truth::False,
        }
    }

    pub(crate) fn and(self, other: Self) -> Self {
        self.min(other)
    }

    pub(crate) const fn of(holds: bool) -> Self {
        if holds { Truth::True } else { Truth::False }
    }
}

impl Claim {
    pub(crate) fn new(claim: &model::Claim, names: &Names) -> Self {
        let all = |claims: &[model::Claim]| {
            let claims = claims.iter().map(|claim| Claim::new(claim, names));
            claims.collect::<Vec<_>>()
        };
        match claim {
            model::Claim::Delivered => Claim::Delivered,
            model::Claim::Answered => Claim::Answered,
            model::Claim::PermittedAll => Claim::PermittedAll,
            model::Claim::PermittedSome => Claim::PermittedSome,
            model::Claim::Traverses(sets) => {
                let set = |set: &BTreeSet<ComponentId>| {
                    set.iter().filter_map(|id| component(id, names)).collect()
                };
                Claim::Traverses(sets.iter().map(set).collect())
            }
            model::Claim::DecidedBy(clause) => Claim::DecidedBy(*clause),
            model::Claim::Not(claim) => Claim::Not(Box::new(Claim::new(claim, names))),
            model::Claim::All(claims) => Claim::All(all(claims)),
            model::Claim::Any(claims) => Claim::Any(all(claims)),
        }
    }

    /// Whether the claim, or a part of it, is such.
    pub(crate) fn speaks_of(&self, wanted: fn(&Claim) -> bool) -> bool {
        let within = match self {
            Claim::Not(claim) => claim.speaks_of(wanted),
            Claim::All(claims) | Claim::Any(claims) => {
                claims.iter().any(|claim| claim.speaks_of(wanted))
            }
            Claim::Delivered
            | Claim::Answered
            | Claim::PermittedAll
            | Claim::PermittedSome
            | Claim::Traverses(_)
            | Claim::DecidedBy(_) => false,
        };
        within || wanted(self)
    }
}

/// The components of a claim that can be on a way; any other is passed by no flow.
fn component(id: &ComponentId, names: &Names) -> Option<Component> {
    match id {
        ComponentId::NetworkInterface(id) => names.interfaces.find(id).map(Component::Interface),
        ComponentId::InternetGateway(id) => {
            let index = names.internet_gateways.find(id);
            index.map(Component::InternetGateway)
        }
        ComponentId::EgressOnlyInternetGateway(id) => {
            names.egress_only.find(id).map(Component::EgressOnly)
        }
        ComponentId::NatGateway(id) => names.nat_gateways.find(id).map(Component::NatGateway),
        ComponentId::Peering(id) => names.peerings.find(id).map(Component::Peering),
        ComponentId::VpcEndpoint(id) => names.endpoints.find(id).map(Component::Endpoint),
        ComponentId::TransitGateway(id) => names
            .transit_gateways
            .find(id)
            .map(Component::TransitGateway),
        ComponentId::VirtualPrivateGateway(id) => names
            .virtual_private
            .find(id)
            .map(Component::VirtualPrivate),
        ComponentId::LoadBalancer(id) => names.load_balancers.find(id).map(Component::LoadBalancer),
        ComponentId::SecurityGroup(_)
        | ComponentId::NetworkAcl(_)
        | ComponentId::Subnet(_)
        | ComponentId::Vpc(_)
        | ComponentId::RouteTable(_)
        | ComponentId::TransitGatewayAttachment(_)
        | ComponentId::TransitGatewayRouteTable(_)
        | ComponentId::EndpointService(_)
        | ComponentId::TargetGroup(_)
        | ComponentId::Internet
        | ComponentId::OnPremises
        | ComponentId::Unmodelled(_) => None,
    }
}

/// Everything that a claim can be asked of.
pub(crate) struct Judged<'a> {
    pub(crate) network: &'a Compiled,
    pub(crate) permissions: &'a Permissions<'a>,
    pub(crate) held: &'a Held<'a>,
    pub(crate) request: &'a Request,
    /// Whether it is a relayed flow, which is in scope only when it is delivered.
    pub(crate) is_relayed: bool,
    /// The reply, when the claim speaks of it.
    pub(crate) reply: Option<Outcome>,
}

impl Judged<'_> {
    /// Whether the claim holds. Connectives are Kleene's.
    pub(crate) fn claim(&self, claim: &Claim) -> Truth {
        match claim {
            Claim::Delivered => self.delivered(),
            Claim::Answered => match self.reply.map(|reply| reply.end) {
                Some(End::Delivered) => self.delivered(),
                Some(End::Undetermined(_)) => self.delivered().and(Truth::Open),
                Some(End::Dropped) | None => Truth::False,
            },
            Claim::PermittedAll => self.delivered().and(self.requests().all()),
            Claim::PermittedSome => self.delivered().and(self.requests().some()),
            Claim::Traverses(sets) => self.traverses(sets),
            Claim::DecidedBy(clause) => match self.request.outcome.end {
                End::Delivered | End::Dropped => Truth::of(self.request.outcome.clause == *clause),
                // Whatever a completion makes of the step may let another decide.
                End::Undetermined(_) => Truth::Open,
            },
            Claim::Not(claim) => self.claim(claim).not(),
            Claim::All(claims) => {
                let truths = claims.iter().map(|claim| self.claim(claim));
                truths.min().unwrap_or(Truth::True)
            }
            Claim::Any(claims) => {
                let truths = claims.iter().map(|claim| self.claim(claim));
                truths.max().unwrap_or(Truth::False)
            }
        }
    }

    /// Whether the request is delivered, at an arrival that the scope allows.
    fn delivered(&self) -> Truth {
        let allowed = || match self.request.last.arrived {
            Some(arrived) => self.held.allows(arrived),
            // A step that ended the walk may let it arrive anywhere.
            None => Truth::Open,
        };
        match self.request.outcome.end {
            End::Delivered => allowed(),
            End::Undetermined(_) => allowed().and(Truth::Open),
            End::Dropped => Truth::False,
        }
    }

    fn traverses(&self, sets: &[Vec<Component>]) -> Truth {
        if sets.is_empty() {
            return Truth::True;
        }
        let passed = || match self.request.last.arrived {
            Some(_) => {
                let mut way = self.request.legs().flat_map(|leg| self.network.passed(leg));
                let mut later =
                    |set: &Vec<Component>| way.any(|component| set.contains(&component));
                Truth::of(sets.iter().all(&mut later))
            }
            None => Truth::Open,
        };
        match self.request.outcome.end {
            End::Delivered => passed(),
            End::Undetermined(_) => passed().and(Truth::Open),
            End::Dropped => Truth::False,
        }
    }

    fn interface_endpoint(&self, arrived: Arrived) -> Option<EndpointIndex> {
        match arrived {
            Arrived::Interface(index, _) => match self.network.interfaces[index].role {
                Role::Endpoint(endpoint) => Some(endpoint),
                Role::Ordinary
                | Role::NatGateway(_)
                | Role::LoadBalancer(_)
                | Role::ClientVpn(_) => None,
            },
            Arrived::AmazonService
            | Arrived::Internet(_)
            | Arrived::GatewayEndpoint(_)
            | Arrived::OnPremises(_) => None,
        }
    }

    /// What is done with the scope's requests on the way by which the flow carries them.
    pub(crate) fn requests(&self) -> &Requests {
        let source = self.network.arriving_source(self.request);
        let endpoint = match self.request.last.arrived {
            Some(Arrived::Internet(_)) => return self.permissions.on_internet(source),
            Some(Arrived::GatewayEndpoint(index)) => Some(index),
            Some(arrived) => self.interface_endpoint(arrived),
            // It is open where the flow arrives, and so is everything about its requests.
            None => None,
        };
        self.permissions.at(endpoint, source)
    }

    /// That way, where anything is asked of requests.
    pub(crate) fn request_way(&self) -> Option<RequestWay> {
        let source = self.network.arriving_source(self.request);
        let endpoint = match self.request.last.arrived? {
            Arrived::Internet(_) => return Some(RequestWay::Internet(source)),
            Arrived::GatewayEndpoint(index) => index,
            arrived
            @ (Arrived::AmazonService | Arrived::Interface(..) | Arrived::OnPremises(_)) => {
                self.interface_endpoint(arrived)?
            }
        };
        let id = self.network.names.endpoints.id(endpoint).clone();
        Some(RequestWay::Endpoint(id, source))
    }

    /// The holes that may have made a claim open.
    pub(crate) fn holes(&self, holes: &mut BTreeSet<Hole>, limits: &mut BTreeSet<String>) {
        let outcomes = [Some(self.request.outcome), self.reply];
        for outcome in outcomes.into_iter().flatten() {
            if let End::Undetermined(index) = outcome.end {
                let hole = self.network.holes.hole(index);
                if !holes.contains(hole) {
                    holes.insert(hole.clone());
                }
            }
        }
        if let End::Undetermined(index) = self.request.ending.end {
            holes.insert(self.network.holes.hole(index).clone());
        }
        holes.extend(self.held.hole().cloned());
        self.requests().note(holes, limits);
    }
}

impl Compiled {
    /// What a request passes on a leg that is delivered, or would be, in order.
    pub(crate) fn passed<'l>(&'l self, leg: &'l Leg) -> impl Iterator<Item = Component> + 'l {
        let came_in = leg.came_in.map(|came_in| match came_in {
            CameIn::Internet(index) => Component::InternetGateway(index),
            CameIn::OnPremises(index) => Component::VirtualPrivate(index),
        });
        let devices = leg.way.devices();
        let devices = devices.map(|device| device.component(self));
        let last = match leg.arrived {
            None | Some(Arrived::AmazonService) => [None, None],
            Some(Arrived::Internet(Exit::InternetGateway(index))) => {
                [Some(Component::InternetGateway(index)), None]
            }
            Some(Arrived::Internet(Exit::EgressOnly(index))) => {
                [Some(Component::EgressOnly(index)), None]
            }
            Some(Arrived::GatewayEndpoint(index)) => [Some(Component::Endpoint(index)), None],
            Some(Arrived::OnPremises(Gateway::VirtualPrivate(index))) => {
                [Some(Component::VirtualPrivate(index)), None]
            }
            // Its transit gateway is the last device.
            Some(Arrived::OnPremises(Gateway::Transit(_))) => [None, None],
            Some(Arrived::Interface(index, _)) => {
                let owner = match self.interfaces[index].role {
                    Role::Endpoint(endpoint) => Some(Component::Endpoint(endpoint)),
                    Role::LoadBalancer(index) => Some(Component::LoadBalancer(index)),
                    Role::Ordinary | Role::NatGateway(_) | Role::ClientVpn(_) => None,
                };
                [owner, Some(Component::Interface(index))]
            }
        };
        let last = last.into_iter().flatten();
        came_in.into_iter().chain(devices).chain(last)
    }
}

/// What an invariant looks for: a flow of the scope and the premise that breaks the claim of
/// *every*, or shows that of *exists*.
pub(crate) struct Target {
    pub(crate) premise: Option<Claim>,
    pub(crate) claim: Claim,
    pub(crate) quantifier: Quantifier,
}

impl Target {
    /// Whether the flow is spoken of, and whether it is the one looked for.
    pub(crate) fn judge(&self, judged: &Judged<'_>) -> (Truth, Truth) {
        let in_scope = match judged.held.hole() {
            Some(_) => Truth::Open,
            None if judged.is_relayed => judged.delivered(),
            None => Truth::True,
        };
        let premise = self.premise.as_ref();
        let spoken = in_scope.and(premise.map_or(Truth::True, |claim| judged.claim(claim)));
        if spoken == Truth::False {
            return (Truth::False, Truth::False);
        }
        let claim = judged.claim(&self.claim);
        let wanted = match self.quantifier {
            Quantifier::Every => claim.not(),
            Quantifier::Exists => claim,
        };
        (spoken, spoken.and(wanted))
    }

    /// Whether the premise or the claim, or a part of them, is such.
    pub(crate) fn speaks_of(&self, wanted: fn(&Claim) -> bool) -> bool {
        let premise = self.premise.as_ref();
        premise.is_some_and(|claim| claim.speaks_of(wanted)) || self.claim.speaks_of(wanted)
    }
}
