//! Whether all of a class is violated: what tells it of an entry of a baseline.

use std::collections::BTreeSet;

use model::{
    AddressValue, Cidr, Claim, ComponentId, Engine, Family, Invariant, Network, NetworkInterfaceId,
    Origin, Place, Quantifier, Traffic, Verdict,
};

use super::bounds::Bounds;
use super::part::Part;
use super::traffic;
use crate::invariant_file::Word;
use crate::invariant_file::traffic::Class;
use crate::judge::Judge;
use crate::render::names;

/// The most parts of a class that are asked one by one.
const MOST_SLICES: usize = 256;

/// Questions about parts of a class.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Slices {
    /// If one of these holds, all of it is violated.
    throughout: Vec<Invariant>,
    /// Parts in each of which something is violated if the class is no wider than it has to be.
    each: Vec<(String, Invariant)>,
    /// What cannot be told apart by a waiver.
    whole: Option<&'static str>,
}

impl Slices {
    pub(super) fn of(part: &Part, (word, claim): (Word, &Invariant), network: &Network) -> Self {
        let mut each = Vec::new();
        let mut push = |told: String, slice: Part| {
            if each.len() < MOST_SLICES {
                each.push((told, slice.invariant(word, claim, network)));
            }
        };
        let bounds = Bounds::of(network);
        for (told, from) in senders(part, &bounds, network) {
            let from = vec![from];
            push(
                told,
                Part {
                    from,
                    ..part.clone()
                },
            );
        }
        for (told, to) in receivers(part, network) {
            push(
                told,
                Part {
                    to: vec![to],
                    ..part.clone()
                },
            );
        }
        for class in traffic::pieces(&part.traffic, &bounds) {
            let told = format!("with {}", Class::of(&class));
            let traffic = Traffic {
                classes: vec![class],
            };
            push(
                told,
                Part {
                    traffic,
                    ..part.clone()
                },
            );
        }
        if part.families.len() > 1 {
            for family in &part.families {
                let told = match family {
                    Family::V4 => "over IPv4",
                    Family::V6 => "over IPv6",
                };
                let families = BTreeSet::from([*family]);
                push(
                    told.to_owned(),
                    Part {
                        families,
                        ..part.clone()
                    },
                );
            }
        }
        let is_interfaces = |place: &Place| matches!(place, Place::Interfaces { .. });
        Self {
            throughout: throughout(part, claim, network),
            each,
            whole: if !part.to.iter().all(is_interfaces) {
                Some("not to each destination, which an entry does not tell apart")
            } else {
                part.request
                    .is_some()
                    .then_some("not with each request of it")
            },
        }
    }

    /// A part of the class in which nothing is violated, if there is one.
    pub(super) fn wider(&self, judge: &Judge<'_>) -> Option<String> {
        let holds = |invariant: &Invariant| {
            matches!(judge.evaluator.check(invariant), Verdict::Holds { .. })
        };
        if self.throughout.iter().any(holds) {
            return None;
        }
        let is_clean = |invariant: &Invariant| match judge.evaluator.check(invariant) {
            Verdict::Holds { .. } | Verdict::Vacuous => true,
            Verdict::Violated { .. } | Verdict::Unknown { .. } => false,
        };
        let clean = self.each.iter().find(|(_, invariant)| is_clean(invariant));
        let told = clean.map(|(told, _)| format!("nothing {told}"));
        told.or_else(|| self.whole.map(str::to_owned))
    }
}

/// Claims of which each says that every flow of a class is violated, by every request: those sent to private addresses,
/// or those sent to public ones.
pub(super) fn throughout(part: &Part, claim: &Invariant, network: &Network) -> Vec<Invariant> {
    let said = of_each_request(broken(claim));
    questions(part, claim, network, &said)
}

/// Claims in the same order of which each says that no flow is violated by some of its requests and not by others.
pub(super) fn alike(part: &Part, claim: &Invariant, network: &Network) -> Vec<Invariant> {
    let by_some = broken(claim);
    let by_each = of_each_request(by_some.clone());
    let said = Claim::Any(vec![Claim::Not(Box::new(by_some)), by_each]);
    questions(part, claim, network, &said)
}

/// What is so of a flow that violates a claim.
fn broken(claim: &Invariant) -> Claim {
    let broken = if let Claim::Not(claim) = &claim.claim {
        (**claim).clone()
    } else {
        Claim::Not(Box::new(claim.claim.clone()))
    };
    match &claim.premise {
        None => broken,
        Some(premise) => Claim::All(vec![premise.clone(), broken]),
    }
}

/// Claims that say something of every flow of a class.
fn questions(part: &Part, claim: &Invariant, network: &Network, said: &Claim) -> Vec<Invariant> {
    let of = |to: Vec<Place>| {
        let mut scope = claim.scope.clone();
        scope.from.clone_from(&part.from);
        scope.to = to;
        scope.traffic.clone_from(&part.traffic);
        scope.families.clone_from(&part.families);
        scope.request.clone_from(&part.request);
        scope.relayed = false;
        Invariant {
            quantifier: Quantifier::Every,
            scope,
            premise: None,
            claim: said.clone(),
            name: claim.name.clone(),
        }
    };
    let plain = part.to.iter().map(|place| match place {
        Place::Interfaces { interfaces, .. } => Place::Interfaces {
            interfaces: interfaces.clone(),
            public_from_inside: false,
        },
        Place::Internet
        | Place::OnPremises(_)
        | Place::Cidrs(_)
        | Place::Service(_)
        | Place::GatewayEndpoints(_)
        | Place::Name(_) => place.clone(),
    });
    let mut all = vec![of(plain.collect())];
    let public = public_addresses(&part.to, network);
    all.extend(public.map(|public| of(vec![Place::Cidrs(public)])));
    all
}

/// What is true of a flow that breaks a claim by some request, said of every request.
fn of_each_request(broken: Claim) -> Claim {
    match broken {
        Claim::PermittedSome => Claim::PermittedAll,
        Claim::PermittedAll => Claim::PermittedSome,
        Claim::Not(claim) => Claim::Not(Box::new(of_each_request(*claim))),
        Claim::All(claims) => Claim::All(claims.into_iter().map(of_each_request).collect()),
        Claim::Any(claims) => Claim::Any(claims.into_iter().map(of_each_request).collect()),
        claim
        @ (Claim::Delivered | Claim::Answered | Claim::Traverses(_) | Claim::DecidedBy(_)) => claim,
    }
}

/// The public addresses of interfaces, where all places are interfaces.
fn public_addresses(to: &[Place], network: &Network) -> Option<BTreeSet<Cidr>> {
    let mut public = BTreeSet::new();
    for place in to {
        let Place::Interfaces { interfaces, .. } = place else {
            return None;
        };
        let found = interfaces
            .iter()
            .filter_map(|id| network.network_interfaces().get(id));
        for address in found.flat_map(|interface| &interface.addresses) {
            match &address.public {
                Some(AddressValue::Known(address)) => {
                    public.insert(Cidr::host(*address));
                }
                Some(AddressValue::Within(_, _)) | None => {}
            }
        }
    }
    (!public.is_empty()).then_some(public)
}

/// Each sender of several, and each part of the addresses outside.
fn senders(part: &Part, bounds: &Bounds, network: &Network) -> Vec<(String, Origin)> {
    let told = |blocks: &BTreeSet<Cidr>| {
        let told: Vec<String> = blocks.iter().take(4).map(ToString::to_string).collect();
        told.join(", ")
    };
    let mut senders = Vec::new();
    for origin in &part.from {
        match origin {
            Origin::Interfaces(interfaces) => {
                senders.extend(interfaces.iter().map(|id| {
                    let told = format!("from {}", named(network, id));
                    (told, Origin::Interfaces([id.clone()].into()))
                }));
            }
            Origin::Internet(blocks) => {
                senders.extend(bounds.parts(blocks).into_iter().map(|part| {
                    let told = format!("from {} of the internet", told(&part));
                    (told, Origin::Internet(Some(part)))
                }));
            }
            // An entry tells sites apart, and not the addresses of one.
            Origin::OnPremises { .. } => {
                senders.push(("from on premises".to_owned(), origin.clone()));
            }
        }
    }
    senders
}

/// Each interface that may receive.
fn receivers(part: &Part, network: &Network) -> Vec<(String, Place)> {
    let mut receivers = Vec::new();
    for place in &part.to {
        let Place::Interfaces {
            interfaces,
            public_from_inside,
        } = place
        else {
            continue;
        };
        receivers.extend(interfaces.iter().map(|id| {
            let place = Place::Interfaces {
                interfaces: [id.clone()].into(),
                public_from_inside: *public_from_inside,
            };
            (format!("to {}", named(network, id)), place)
        }));
    }
    receivers
}

fn named(network: &Network, id: &NetworkInterfaceId) -> String {
    names::component(network, &ComponentId::NetworkInterface(id.clone()))
}
