//! From a flow that violates a claim to the class of flows around it that all do.
//!
//! What is found here decides how narrow an entry is, never whether something is violated: that is
//! judged of what the entries leave.

use std::collections::{BTreeMap, BTreeSet};

use model::{
    AddressValue, Arrival, Cidr, Claim, ComponentId, Engine, Family, Invariant, NetworkInterfaceId,
    Origin, Packet, Place, Quantifier, Traffic, Verdict,
};

use super::super::bounds::Bounds;
use super::super::part::{Cut, Part};
use super::super::senders::Senders;
use super::super::{share, slices, traffic};
use super::cells::{cells, narrowed, receivers};
use super::requests::Texts;
use crate::invariant_file::Word;
use crate::judge::{Evidence, Judge};
use crate::selector::{self, parse::Names};

/// Up to so many alike interfaces are tried one by one.
const MOST_ALIKE: usize = 4;

pub(super) struct Grower<'a> {
    pub(super) judge: &'a Judge<'a>,
    pub(super) word: Word,
    pub(super) claim: &'a Invariant,
    pub(super) names: &'a Names,
    pub(super) bounds: Bounds,
    pub(super) texts: Texts,
    /// By interface, the position of its class: those that nothing tells apart are tried together.
    classes: BTreeMap<NetworkInterfaceId, usize>,
}

impl Part {
    /// What takes this class out of the part that it was found in.
    pub(super) fn cut(&self) -> Cut {
        let interfaces = receivers(&self.to);
        Cut {
            senders: Some(Senders::of(self.from.clone())),
            receivers: interfaces,
            traffic: Some(self.traffic.clone()),
            families: Some(self.families.clone()),
            requests: self.request.clone(),
        }
    }
}

impl<'a> Grower<'a> {
    pub(super) fn new(
        judge: &'a Judge<'a>,
        (word, claim): (Word, &'a Invariant),
        names: &'a Names,
    ) -> Self {
        let bounds = Bounds::of(judge.network);
        let classes = judge.evaluator.interface_classes().into_iter().enumerate();
        let classes = classes.flat_map(|(class, ids)| ids.into_iter().map(move |id| (id, class)));
        Self {
            judge,
            word,
            claim,
            names,
            bounds,
            texts: Texts::of(judge.network),
            classes: classes.collect(),
        }
    }

    /// The class of a flow that violates the claim in a part of its scope, inside that part but for the
    /// requests; nothing when the requests of it cannot be said.
    pub(super) fn around(&self, part: &Part, evidence: &Evidence) -> Option<Part> {
        let from = self.sender(part, evidence);
        let sent = evidence.trace.flow.packet;
        let arrival = match &evidence.trace.decision.forward.arrival {
            Some(Arrival::Interface(id)) => Some(id),
            Some(
                Arrival::Internet
                | Arrival::GatewayEndpoint(_)
                | Arrival::OnPremises(_)
                | Arrival::AmazonService,
            )
            | None => None,
        };
        // A relayed flow is asked for as it is received.
        let received = evidence.trace.forward.last().map(|hop| hop.packet);
        let seeds = [Some(sent), received].into_iter().flatten();
        let mut seeds =
            seeds.filter_map(|packet| self.seed(part, &from, packet, arrival, evidence));
        let seed = if self.claim.scope.request.is_some() {
            seeds.find_map(|seed| self.with_requests(seed, evidence, sent))?
        } else {
            let found = seeds.find(|seed| self.is_violated(seed));
            found.unwrap_or_else(|| Part {
                from,
                ..part.clone()
            })
        };
        Some(self.grown(seed, part, sent))
    }

    /// A class made larger as long as all of it is violated.
    fn grown(&self, mut class: Part, part: &Part, sent: Packet) -> Part {
        let pieces = traffic::pieces(&part.traffic, &self.bounds);
        let pieces: Vec<Traffic> = pieces
            .into_iter()
            .map(|piece| Traffic {
                classes: vec![piece],
            })
            .collect();
        let with = |traffic: Traffic, class: &Part| Part {
            traffic,
            ..class.clone()
        };
        let all = self.members(&pieces, &|_| false, &|pieces: &[Traffic]| {
            let both = pieces.iter().fold(class.traffic.clone(), |all, piece| {
                traffic::together(&all, piece)
            });
            self.is_all(&with(both, &class), sent)
        });
        class.traffic = all.iter().fold(class.traffic.clone(), |all, piece| {
            traffic::together(&all, piece)
        });
        if let (Some(own), Some(all)) = (receivers(&class.to), receivers(&part.to)) {
            let is_from_internet = |origin: &Origin| matches!(origin, Origin::Internet(_));
            let is_public = class.from.iter().any(is_from_internet);
            let others = self.having_family(&all - &own, &class.families, is_public);
            let more = self.members(
                &others,
                &|ids| self.are_alike(ids),
                &|more: &[NetworkInterfaceId]| {
                    let ids = more.iter().cloned().collect();
                    let to = narrowed(&part.to, &ids);
                    self.is_all(
                        &Part {
                            to,
                            ..class.clone()
                        },
                        sent,
                    )
                },
            );
            let ids = own.into_iter().chain(more).collect();
            class.to = if self.word == Word::Always && self.are_mixed(&ids, &(&all - &ids)) {
                part.to.clone()
            } else {
                narrowed(&part.to, &ids)
            };
        }
        class.from = self.more_senders(&class, part, sent);
        class
    }

    /// The senders of a part that violate the claim wherever the sender of a class does.
    fn more_senders(&self, class: &Part, part: &Part, sent: Packet) -> Vec<Origin> {
        let is_all = |from: Vec<Origin>| {
            let class = Part {
                from,
                ..class.clone()
            };
            self.is_all(&class, sent)
        };
        let mut grown = Vec::new();
        for origin in &class.from {
            match origin {
                Origin::Interfaces(own) => {
                    let all = part.from.iter().filter_map(|origin| match origin {
                        Origin::Interfaces(all) => Some(all),
                        Origin::Internet(_) | Origin::OnPremises { .. } => None,
                    });
                    let all: BTreeSet<_> = all.flatten().cloned().collect();
                    let others = &all - own;
                    let others = others.into_iter().filter(|id| self.sends(id)).collect();
                    let others = self.having_family(others, &class.families, false);
                    let more = self.members(
                        &others,
                        &|ids| self.are_alike(ids),
                        &|more: &[NetworkInterfaceId]| {
                            is_all(vec![Origin::Interfaces(more.iter().cloned().collect())])
                        },
                    );
                    let all = own.iter().cloned().chain(more).collect();
                    grown.push(Origin::Interfaces(all));
                }
                Origin::Internet(_) => {
                    let all = part.from.iter();
                    let all = all.filter(|origin| matches!(origin, Origin::Internet(_)));
                    let all: Vec<Origin> = all.cloned().collect();
                    if is_all(all.clone()) {
                        grown.extend(all);
                    } else {
                        grown.push(origin.clone());
                    }
                }
                Origin::OnPremises { .. } => grown.push(origin.clone()),
            }
        }
        grown
    }

    /// Whether an interface begins connections; of what does not, nothing can be violated.
    fn sends(&self, id: &NetworkInterfaceId) -> bool {
        let interface = self.judge.network.network_interfaces().get(id);
        interface.is_some_and(selector::is_sender)
    }

    /// Whether an address of some interfaces may be one of others.
    fn are_mixed(
        &self,
        own: &BTreeSet<NetworkInterfaceId>,
        others: &BTreeSet<NetworkInterfaceId>,
    ) -> bool {
        let network = self.judge.network;
        own.iter()
            .any(|one| others.iter().any(|other| share(network, one, other)))
    }

    /// Those of some members that can be taken together, found by halves. Of many that nothing tells apart, and
    /// that cannot be taken together, none is.
    fn members<T: Clone>(
        &self,
        of: &[T],
        are_alike: &dyn Fn(&[T]) -> bool,
        is_all: &dyn Fn(&[T]) -> bool,
    ) -> Vec<T> {
        if of.is_empty() || is_all(of) {
            return of.to_vec();
        }
        if of.len() == 1 || (of.len() > MOST_ALIKE && are_alike(of)) {
            return Vec::new();
        }
        let (one, other) = of.split_at(of.len() / 2);
        let mut found = self.members(one, are_alike, is_all);
        found.extend(self.members(other, are_alike, is_all));
        found
    }

    /// Whether some interfaces, in the order of their classes, are of one class.
    fn are_alike(&self, ids: &[NetworkInterfaceId]) -> bool {
        let class = |id: Option<&NetworkInterfaceId>| id.and_then(|id| self.classes.get(id));
        class(ids.first()) == class(ids.last())
    }

    /// Interfaces that have an address of one of some families, to which the internet can send where
    /// that is asked.
    fn having_family(
        &self,
        ids: BTreeSet<NetworkInterfaceId>,
        families: &BTreeSet<Family>,
        is_public: bool,
    ) -> Vec<NetworkInterfaceId> {
        let has = |id: &NetworkInterfaceId| {
            let interface = self.judge.network.network_interfaces().get(id);
            let addresses = interface.into_iter().flat_map(|one| &one.addresses);
            let mut own = addresses.map(|address| {
                let family = match &address.private {
                    AddressValue::Known(address) => address.family(),
                    AddressValue::Within(block, _) => block.family(),
                };
                (family, family == Family::V6 || address.public.is_some())
            });
            own.any(|(family, public)| families.contains(&family) && (public || !is_public))
        };
        let mut ids: Vec<NetworkInterfaceId> = ids.into_iter().filter(has).collect();
        ids.sort_by_key(|id| self.classes.get(id).copied());
        ids
    }

    /// Whether every flow of a class violates the claim, or some flow of each cell of it.
    pub(super) fn is_all(&self, class: &Part, sent: Packet) -> bool {
        let mut questions = slices::throughout(class, self.claim, self.judge.network);
        if receivers(&class.to).is_none() {
            // Of the destinations only one is known to be one of them.
            let to = [Cidr::host(sent.destination())].into();
            let pinned = Part {
                to: vec![Place::Cidrs(to)],
                ..class.clone()
            };
            let pinned = slices::throughout(&pinned, self.claim, self.judge.network);
            questions.extend(pinned.into_iter().map(|one| by_endpoints(one, &class.to)));
        }
        let holds = |invariant: &Invariant| {
            matches!(self.judge.evaluator.check(invariant), Verdict::Holds { .. })
        };
        if questions.iter().any(holds) {
            return true;
        }
        let cells = cells(class, &self.bounds);
        cells.is_some_and(|cells| cells.iter().all(|cell| self.is_violated(cell)))
    }

    fn is_violated(&self, class: &Part) -> bool {
        let network = self.judge.network;
        if class.request.is_some() {
            // That some request of a flow violates the claim says nothing of the others.
            let holds = |question: &Invariant| {
                let verdict = self.judge.evaluator.check(question);
                matches!(verdict, Verdict::Holds { .. })
            };
            let by_each = slices::throughout(class, self.claim, network);
            let alike = slices::alike(class, self.claim, network);
            return by_each.into_iter().zip(alike).any(|(mut some, all)| {
                some.quantifier = Quantifier::Exists;
                holds(&some) && holds(&all)
            });
        }
        let invariant = class.clone().invariant(self.word, self.claim, network);
        let verdict = self.judge.evaluator.check(&invariant);
        matches!(verdict, Verdict::Violated { .. })
    }
}

/// A question about one destination, where the claim asks for what arrives at gateway endpoints: others may lead there
/// too.
fn by_endpoints(question: Invariant, to: &[Place]) -> Invariant {
    let endpoints = to.iter().filter_map(|place| match place {
        Place::GatewayEndpoints(endpoints) => Some(endpoints),
        Place::Interfaces { .. }
        | Place::Internet
        | Place::OnPremises(_)
        | Place::Cidrs(_)
        | Place::Service(_)
        | Place::Name(_) => None,
    });
    let endpoints: BTreeSet<ComponentId> = endpoints
        .flatten()
        .cloned()
        .map(ComponentId::VpcEndpoint)
        .collect();
    if endpoints.is_empty() {
        return question;
    }
    let passes = Claim::Traverses(vec![endpoints]);
    Invariant {
        claim: Claim::All(vec![question.claim.clone(), passes]),
        ..question
    }
}
