//! Claims about one flow as formulas (page scope, *claims*).
//!
//! What is undetermined is free: one proposition says whether the undetermined filters let the request pass, and one
//! for each atom says what becomes of a walk that ends undetermined. More can be chosen here than in any completion,
//! so what is proved for every choice holds in every completion.

use std::collections::BTreeSet;
use std::rc::Rc;

use model::{
    Address, Claim, Clause, ComponentId, Hole, NetworkInterfaceId, RequestWay, UnknownReason,
};

use crate::arrival::ArrivingSource;
use crate::encoder::Encoder;
use crate::leg::Leaf;
use crate::request::{Requests, way_from};
use crate::scope::InScope;
use crate::source_class::SourceClass;
use crate::symbolic::Formula;
use crate::vpc_endpoint;
use crate::walk::{Doubt, Place, Walk};

/// Whether a claim speaks of requests.
pub(crate) fn speaks_of_requests(claim: &Claim) -> bool {
    match claim {
        Claim::PermittedAll | Claim::PermittedSome => true,
        Claim::Delivered | Claim::Answered | Claim::Traverses(_) | Claim::DecidedBy(_) => false,
        Claim::Not(claim) => speaks_of_requests(claim),
        Claim::All(claims) | Claim::Any(claims) => claims.iter().any(speaks_of_requests),
    }
}

/// Which of a way's two answers an atom asks for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Permitted {
    All,
    Some,
}

/// Turning claims about the flows of one kind of sender into formulas.
pub(crate) struct Claims<'a> {
    encoder: &'a mut Encoder,
    walk: Rc<Walk>,
    in_scope: &'a InScope<'a>,
    requests: Option<&'a Requests>,
    /// The walk has ended undetermined.
    ended: Formula,
    /// What was left open in a formula made so far, and when the flow depends on it.
    pub(crate) open: Vec<(UnknownReason, Formula)>,
    asked_for_reply: bool,
    asked_for_policy: bool,
}

impl<'a> Claims<'a> {
    pub(crate) fn new(
        encoder: &'a mut Encoder,
        walk: Rc<Walk>,
        in_scope: &'a InScope<'a>,
        requests: Option<&'a Requests>,
    ) -> Self {
        let ends = walk.endings.ended.iter();
        let ended = Formula::any(ends.map(|end| end.step.when.clone()));
        let mut claims = Self {
            encoder,
            walk,
            in_scope,
            requests,
            ended,
            open: Vec::new(),
            asked_for_reply: false,
            asked_for_policy: false,
        };
        claims.note_walk();
        claims
    }

    /// The claim about the flow.
    pub(crate) fn formula(&mut self, claim: &Claim) -> Formula {
        match claim {
            Claim::Delivered => self.arrives(|_, _| Formula::TRUE) | self.ended_so("it arrives"),
            Claim::Answered => {
                self.note_replies();
                let arrives = self.arrives(Self::answered);
                arrives | (self.ended_so("it arrives") & free("its reply comes back"))
            }
            Claim::PermittedAll => self.permitted(Permitted::All),
            Claim::PermittedSome => self.permitted(Permitted::Some),
            Claim::Traverses(sets) => self.traverses(sets),
            Claim::DecidedBy(clause) => self.decided_by(*clause),
            Claim::Not(claim) => !self.formula(claim),
            Claim::All(claims) => Formula::all(
                claims
                    .iter()
                    .map(|claim| self.formula(claim))
                    .collect::<Vec<_>>(),
            ),
            Claim::Any(claims) => Formula::any(
                claims
                    .iter()
                    .map(|claim| self.formula(claim))
                    .collect::<Vec<_>>(),
            ),
        }
    }

    /// The walk has ended undetermined, with this effect.
    fn ended_so(&self, effect: &str) -> Formula {
        if self.ended.is_false() {
            return Formula::FALSE;
        }
        &self.ended & &free(effect)
    }

    /// The request is delivered at an allowed arrival at which something more is true.
    fn arrives(&mut self, more: fn(&mut Self, &Leaf) -> Formula) -> Formula {
        let walk = Rc::clone(&self.walk);
        let leaves = walk.endings.leaves.iter().map(|leaf| {
            let allowed = self.in_scope.allowed(self.encoder, leaf);
            if allowed.is_false() {
                return Formula::FALSE;
            }
            delivered(leaf) & allowed & more(self, leaf)
        });
        Formula::any(leaves.collect::<Vec<_>>())
    }

    fn answered(&mut self, leaf: &Leaf) -> Formula {
        let reply = leaf.reply(self.encoder);
        let returned = reply.endings.leaves.iter().map(|leaf| {
            let doubted = doubted(&leaf.doubts);
            &leaf.here & &(!doubted | free("the reply's filters pass"))
        });
        let ended = reply.endings.ended.iter().map(|end| end.step.when.clone());
        let ended = Formula::any(ended) & free("its reply comes back");
        Formula::any(returned) | ended
    }

    fn permitted(&mut self, asked: Permitted) -> Formula {
        self.note_policies();
        let arrives = match asked {
            Permitted::All => self.arrives(|claims, leaf| claims.permits(leaf, Permitted::All)),
            Permitted::Some => self.arrives(|claims, leaf| claims.permits(leaf, Permitted::Some)),
        };
        let effect = match asked {
            Permitted::All => "every request passes",
            Permitted::Some => "some request passes",
        };
        arrives | (self.ended_so("it arrives") & free(effect))
    }

    /// What is said on the way by which a flow reached a service; nothing anywhere else.
    fn permits(&mut self, leaf: &Leaf, asked: Permitted) -> Formula {
        let at = ways_of(self.encoder, leaf, self.requests).into_iter();
        Formula::all(at.map(|(way, here)| !here | self.says(&way, asked)))
    }

    fn says(&self, way: &RequestWay, asked: Permitted) -> Formula {
        let Some(judged) = self.requests.and_then(|requests| requests.ways.get(way)) else {
            return Formula::TRUE;
        };
        let answer = judged.as_ref().ok().and_then(|judged| match asked {
            Permitted::All => judged.all(),
            Permitted::Some => judged.some(),
        });
        let (by, source) = match way {
            RequestWay::Endpoint(id, source) => (id.as_str(), source.as_ref()),
            RequestWay::EndpointPolicy(id) => (id.as_str(), None),
            RequestWay::Internet(source) => ("the internet", source.as_ref()),
        };
        let from = source.map_or_else(String::new, |source| format!(" from {source}"));
        match (answer, asked) {
            (Some(answer), _) => Formula::Constant(answer),
            (None, Permitted::All) => free(&format!("{by} permits every request{from}")),
            (None, Permitted::Some) => free(&format!("{by} permits some request{from}")),
        }
    }

    fn traverses(&mut self, sets: &[BTreeSet<ComponentId>]) -> Formula {
        if sets.is_empty() {
            return Formula::TRUE;
        }
        let walk = Rc::clone(&self.walk);
        let leaves = walk.endings.leaves.iter();
        let passed = leaves.map(|leaf| delivered(leaf) & passes(self.encoder, leaf, sets));
        Formula::any(passed) | self.ended_so(&format!("it passes {sets:?}"))
    }

    fn decided_by(&self, clause: Clause) -> Formula {
        let endings = &self.walk.endings;
        let dropped = endings.dropped.iter();
        let dropped = dropped
            .filter(|(by, _)| *by == clause)
            .map(|(_, when)| when.clone());
        let leaves = endings.leaves.iter().filter(|leaf| leaf.clause == clause);
        let leaves = leaves.map(|leaf| &leaf.here & &!doubted(&leaf.doubts));
        let all = endings.leaves.iter();
        let in_doubt = all.map(|leaf| &leaf.here & &doubted(&leaf.doubts));
        let open = Formula::any(in_doubt.chain([self.ended.clone()]));
        Formula::any(dropped.chain(leaves)) | (open & free(&format!("decided by {clause}")))
    }

    /// What the walk and the scope leave open.
    fn note_walk(&mut self) {
        let walk = Rc::clone(&self.walk);
        for end in &walk.endings.ended {
            self.note(&end.step.hole, end.step.when.clone());
            self.note_doubts(&end.step.when, &end.doubts);
        }
        for leaf in &walk.endings.leaves {
            self.note_doubts(&leaf.here, &leaf.doubts);
        }
        for (hole, when) in &self.in_scope.holes {
            // A flow that is in scope anyway does not depend on it.
            let depends = when & &!&self.in_scope.certainly;
            let reason = UnknownReason::DependsOn(hole.clone());
            self.open.push((reason, depends));
        }
    }

    fn note_replies(&mut self) {
        if std::mem::replace(&mut self.asked_for_reply, true) {
            return;
        }
        let walk = Rc::clone(&self.walk);
        for leaf in &walk.endings.leaves {
            let reply = leaf.reply(self.encoder);
            for end in &reply.endings.ended {
                let here = &leaf.here & &end.step.when;
                self.note(&end.step.hole, here.clone());
                self.note_doubts(&here, &end.doubts);
            }
            for returned in &reply.endings.leaves {
                let here = &leaf.here & &returned.here;
                self.note_doubts(&here, &returned.doubts);
            }
        }
    }

    fn note_policies(&mut self) {
        if std::mem::replace(&mut self.asked_for_policy, true) {
            return;
        }
        let walk = Rc::clone(&self.walk);
        for leaf in &walk.endings.leaves {
            for (way, here) in ways_of(self.encoder, leaf, self.requests) {
                let judged = self.requests.and_then(|requests| requests.ways.get(&way));
                let reasons = match judged {
                    Some(Err(reason)) => BTreeSet::from([reason.clone()]),
                    Some(Ok(judged)) => judged.open(),
                    None => BTreeSet::new(),
                };
                let here = &leaf.here & &here;
                let open = reasons.into_iter().map(|reason| (reason, here.clone()));
                self.open.extend(open);
            }
        }
    }

    fn note_doubts(&mut self, here: &Formula, doubts: &[Doubt]) {
        for doubt in doubts {
            self.note(&doubt.hole, here & &doubt.when);
        }
    }

    fn note(&mut self, hole: &Hole, when: Formula) {
        let reason = UnknownReason::DependsOn(hole.clone());
        self.open.push((reason, when));
    }
}

/// That what is delivered at a leaf has passed these.
///
/// The components passed before the arrival are the same for every packet, so the first sets are matched with them,
/// each with the first that it can be; what is left has to be met at the arrival.
fn passes(encoder: &mut Encoder, leaf: &Leaf, sets: &[BTreeSet<ComponentId>]) -> Formula {
    let mut rest = sets;
    for component in &leaf.passed {
        if let Some((first, others)) = rest.split_first()
            && first.contains(component)
        {
            rest = others;
        }
    }
    let who = match (&leaf.place, rest) {
        (_, []) => return Formula::TRUE,
        (Place::Interface(who), _) => who,
        (
            Place::Internet
            | Place::GatewayEndpoint(_)
            | Place::OnPremises(_)
            | Place::AmazonService
            | Place::Sender,
            _,
        ) => return Formula::FALSE,
    };
    encoder.on_leg(leaf.received(), |encoder| {
        let at_interface = |set: &BTreeSet<ComponentId>| {
            let interfaces = set.iter().filter_map(interface);
            encoder.among(who, interfaces)
        };
        let at_owner = |set: &BTreeSet<ComponentId>| {
            let owned = set.iter().flat_map(|owner| interfaces_of(encoder, owner));
            encoder.among(who, owned)
        };
        match rest {
            [last] => at_owner(last) | at_interface(last),
            [before, last] => at_owner(before) & at_interface(last),
            _ => Formula::FALSE,
        }
    })
}

/// The interfaces of an interface endpoint or a load balancer; none of anything else.
fn interfaces_of<'a>(encoder: &'a Encoder, owner: &ComponentId) -> Vec<&'a NetworkInterfaceId> {
    let network = &encoder.network;
    match owner {
        ComponentId::VpcEndpoint(id) => {
            let found = network.vpc_endpoints().get(id);
            found.map_or_else(Vec::new, |found| vpc_endpoint::interfaces(found).collect())
        }
        ComponentId::LoadBalancer(id) => {
            let found = network.load_balancers().get(id);
            found.map_or_else(Vec::new, |found| found.interfaces.iter().collect())
        }
        ComponentId::NetworkInterface(_)
        | ComponentId::SecurityGroup(_)
        | ComponentId::NetworkAcl(_)
        | ComponentId::Subnet(_)
        | ComponentId::Vpc(_)
        | ComponentId::RouteTable(_)
        | ComponentId::InternetGateway(_)
        | ComponentId::EgressOnlyInternetGateway(_)
        | ComponentId::NatGateway(_)
        | ComponentId::Peering(_)
        | ComponentId::EndpointService(_)
        | ComponentId::TargetGroup(_)
        | ComponentId::TransitGateway(_)
        | ComponentId::TransitGatewayAttachment(_)
        | ComponentId::TransitGatewayRouteTable(_)
        | ComponentId::VirtualPrivateGateway(_)
        | ComponentId::Internet
        | ComponentId::OnPremises
        | ComponentId::Unmodelled(_) => Vec::new(),
    }
}

/// The request is delivered at this leaf.
fn delivered(leaf: &Leaf) -> Formula {
    &leaf.here & &(!doubted(&leaf.doubts) | free("the request's filters pass"))
}

fn doubted(doubts: &[Doubt]) -> Formula {
    Formula::any(doubts.iter().map(|doubt| doubt.when.clone()))
}

fn free(effect: &str) -> Formula {
    Formula::free(effect)
}

/// The ways by which a flow may have reached a service where it is delivered, and when each is the one: from an address
/// that stands for the flow's source where requests are asked about by that.
pub(crate) fn ways_of(
    encoder: &mut Encoder,
    leaf: &Leaf,
    requests: Option<&Requests>,
) -> Vec<(RequestWay, Formula)> {
    let ways = ways_from_anywhere(encoder, leaf).into_iter();
    let ways = ways.flat_map(|(way, here)| {
        let classes = requests.and_then(|requests| requests.sources.get(&way));
        let by_source = classes.and_then(|classes| by_source(encoder, leaf, classes));
        let Some(by_source) = by_source else {
            return vec![(way, here)];
        };
        let of_class =
            |(source, is_in): (Address, Formula)| (way_from(&way, source), &here & &is_in);
        by_source.into_iter().map(of_class).collect()
    });
    ways.filter(|(_, here)| !here.is_false()).collect()
}

/// When the source with which a flow arrives is of each class, by the address that stands for the class; nothing where
/// the source is not known.
fn by_source(
    encoder: &mut Encoder,
    leaf: &Leaf,
    classes: &[SourceClass],
) -> Option<Vec<(Address, Formula)>> {
    encoder.on_leg(leaf.received(), |encoder| {
        let source = ArrivingSource::of(encoder, leaf);
        let of_class = |class: &SourceClass| Some((class.first()?, source.is_in(encoder, class)?));
        classes.iter().map(of_class).collect()
    })
}

/// The ways without an address.
fn ways_from_anywhere(encoder: &mut Encoder, leaf: &Leaf) -> Vec<(RequestWay, Formula)> {
    match &leaf.place {
        Place::GatewayEndpoint(id) => vec![(RequestWay::Endpoint(id.clone(), None), Formula::TRUE)],
        Place::Internet => vec![(RequestWay::Internet(None), Formula::TRUE)],
        Place::Interface(who) => encoder.on_leg(leaf.received(), |encoder| {
            encoder
                .network
                .vpc_endpoints()
                .iter()
                .filter(|(_, endpoint)| endpoint.vpc == *who.vpc())
                .map(|(id, endpoint)| {
                    let interfaces = vpc_endpoint::interfaces(endpoint);
                    let way = RequestWay::Endpoint(id.clone(), None);
                    (way, encoder.among(who, interfaces))
                })
                .filter(|(_, here)| !here.is_false())
                .collect()
        }),
        Place::OnPremises(_) | Place::AmazonService | Place::Sender => Vec::new(),
    }
}

/// The interface that a component is.
pub(crate) const fn interface(component: &ComponentId) -> Option<&NetworkInterfaceId> {
    match component {
        ComponentId::NetworkInterface(id) => Some(id),
        ComponentId::SecurityGroup(_)
        | ComponentId::NetworkAcl(_)
        | ComponentId::Subnet(_)
        | ComponentId::Vpc(_)
        | ComponentId::RouteTable(_)
        | ComponentId::InternetGateway(_)
        | ComponentId::EgressOnlyInternetGateway(_)
        | ComponentId::NatGateway(_)
        | ComponentId::Peering(_)
        | ComponentId::VpcEndpoint(_)
        | ComponentId::EndpointService(_)
        | ComponentId::LoadBalancer(_)
        | ComponentId::TargetGroup(_)
        | ComponentId::TransitGateway(_)
        | ComponentId::TransitGatewayAttachment(_)
        | ComponentId::TransitGatewayRouteTable(_)
        | ComponentId::VirtualPrivateGateway(_)
        | ComponentId::Internet
        | ComponentId::OnPremises
        | ComponentId::Unmodelled(_) => None,
    }
}
