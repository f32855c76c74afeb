//! Products of senders, places and traffic, and what is left of one without another.

use std::collections::BTreeSet;

use model::{
    Family, Invariant, Network, NetworkInterfaceId, Origin, Place, RequestSet, Scope, Traffic,
};

use super::request_sets;
use super::senders::{self, Senders};
use super::traffic;
use crate::invariant_file::Word;
use crate::invariant_file::lower;

/// What a waiver takes; `None` is everything.
#[derive(Clone, Debug, Default)]
pub(super) struct Cut {
    pub(super) senders: Option<Senders>,
    pub(super) receivers: Option<BTreeSet<NetworkInterfaceId>>,
    pub(super) traffic: Option<Traffic>,
    pub(super) families: Option<BTreeSet<Family>>,
    pub(super) requests: Option<RequestSet>,
}

/// A product.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Part {
    pub(super) from: Vec<Origin>,
    /// Only those that the claim names.
    pub(super) to: Vec<Place>,
    pub(super) traffic: Traffic,
    pub(super) families: BTreeSet<Family>,
    /// What the flows carry, where the claim speaks of requests.
    pub(super) request: Option<RequestSet>,
}

impl Part {
    /// What a cut takes of it, if anything, and what it leaves: parts that share no flow, or no request of
    /// one.
    pub(super) fn split(&self, cut: &Cut) -> (Option<Part>, Vec<Part>) {
        let (from, other_from) = senders::split(&self.from, cut.senders.as_ref());
        let (to, other_to) = receivers(&self.to, cut.receivers.as_ref());
        let (traffic, other_traffic) = match &cut.traffic {
            None => (self.traffic.clone(), None),
            Some(taken) => (
                traffic::shared(&self.traffic, taken),
                Some(traffic::without(&self.traffic, taken)),
            ),
        };
        let (families, other_families) = match &cut.families {
            None => (self.families.clone(), BTreeSet::new()),
            Some(taken) => (&self.families & taken, &self.families - taken),
        };
        let Some((request, other_requests)) = self.requests(cut) else {
            return (None, vec![self.clone()]);
        };
        let taken = Part {
            from,
            to,
            traffic,
            families,
            request,
        };
        if taken.is_empty() {
            return (None, vec![self.clone()]);
        }
        let by_traffic = other_traffic.map(|traffic| Part {
            traffic,
            ..taken.clone()
        });
        let by_sender = Part {
            from: other_from,
            ..self.clone()
        };
        let by_receiver = Part {
            from: taken.from.clone(),
            to: other_to,
            ..self.clone()
        };
        // The family is cut last, so that it is told apart only where all else is taken.
        let by_traffic = by_traffic.map(|part| Part {
            families: self.families.clone(),
            request: self.request.clone(),
            ..part
        });
        let by_family = Part {
            families: other_families,
            request: self.request.clone(),
            ..taken.clone()
        };
        let by_request = other_requests.into_iter().map(|request| Part {
            request: Some(request),
            ..taken.clone()
        });
        let rest = [
            Some(by_sender),
            Some(by_receiver),
            by_traffic,
            Some(by_family),
        ];
        let rest = rest.into_iter().flatten().chain(by_request);
        let rest = rest.filter(|part| !part.is_empty());
        (Some(taken.clone()), rest.collect())
    }

    /// The requests that a cut takes, and the others; `None` when it takes none.
    fn requests(&self, cut: &Cut) -> Option<(Option<RequestSet>, Vec<RequestSet>)> {
        let (Some(all), Some(taken)) = (&self.request, &cut.requests) else {
            return Some((self.request.clone(), Vec::new()));
        };
        let split = request_sets::split(all, taken).ok()?;
        Some((Some(split.taken?), split.rest))
    }

    fn is_empty(&self) -> bool {
        self.from.is_empty()
            || self.to.is_empty()
            || self.traffic.classes.is_empty()
            || self.families.is_empty()
    }

    /// The claim of this part alone.
    pub(super) fn invariant(self, word: Word, whole: &Invariant, network: &Network) -> Invariant {
        let Part {
            from,
            mut to,
            traffic,
            families,
            request,
        } = self;
        if word == Word::Never {
            to.extend(lower::private_addresses(&from, &to, network));
        }
        let scope = Scope {
            from,
            to,
            traffic,
            families,
            request,
            ..whole.scope.clone()
        };
        Invariant {
            scope,
            ..whole.clone()
        }
    }
}

/// The places among some interfaces, and the others.
fn receivers(
    to: &[Place],
    taken: Option<&BTreeSet<NetworkInterfaceId>>,
) -> (Vec<Place>, Vec<Place>) {
    let Some(taken) = taken else {
        return (to.to_vec(), Vec::new());
    };
    let (mut inside, mut outside) = (Vec::new(), Vec::new());
    for place in to {
        match place {
            Place::Interfaces {
                interfaces,
                public_from_inside,
            } => {
                let of = |interfaces| Place::Interfaces {
                    interfaces,
                    public_from_inside: *public_from_inside,
                };
                let (own, others) = partition(interfaces, taken);
                inside.extend(own.map(of));
                outside.extend(others.map(of));
            }
            Place::Internet
            | Place::OnPremises(_)
            | Place::Cidrs(_)
            | Place::Service(_)
            | Place::GatewayEndpoints(_)
            | Place::Name(_) => outside.push(place.clone()),
        }
    }
    (inside, outside)
}

/// The interfaces that are taken, and those that are not, each where there is one.
pub(super) fn partition(
    interfaces: &BTreeSet<NetworkInterfaceId>,
    taken: &BTreeSet<NetworkInterfaceId>,
) -> (
    Option<BTreeSet<NetworkInterfaceId>>,
    Option<BTreeSet<NetworkInterfaceId>>,
) {
    let all = interfaces.iter().cloned();
    let (own, others): (BTreeSet<_>, BTreeSet<_>) = all.partition(|id| taken.contains(id));
    let some = |set: BTreeSet<NetworkInterfaceId>| (!set.is_empty()).then_some(set);
    (some(own), some(others))
}

/// The same parts as fewer ones: two that differ in one respect are one.
pub(super) fn joined(parts: Vec<Part>) -> Vec<Part> {
    let mut left = parts;
    loop {
        let n_before = left.len();
        let mut fewer: Vec<Part> = Vec::new();
        'parts: for part in left {
            for other in &mut fewer {
                if let Some(both) = other.with(&part) {
                    *other = both;
                    continue 'parts;
                }
            }
            fewer.push(part);
        }
        left = fewer;
        if left.len() == n_before {
            return left;
        }
    }
}

impl Part {
    /// Both as one, where they differ in one respect at most.
    pub(super) fn with(&self, other: &Part) -> Option<Part> {
        let same = [
            self.from == other.from,
            self.to == other.to,
            self.traffic == other.traffic,
            self.families == other.families,
        ];
        if self.request != other.request || same.iter().filter(|same| !**same).count() > 1 {
            return None;
        }
        let [same_from, same_to, same_traffic, _] = same;
        let mut both = self.clone();
        both.families.extend(&other.families);
        if !same_from {
            both.from = senders::together(&self.from, &other.from)?;
        }
        if !same_to {
            both.to = receivers_together(&self.to, &other.to)?;
        }
        if !same_traffic {
            both.traffic = traffic::together(&self.traffic, &other.traffic);
        }
        Some(both)
    }
}

/// Some interfaces, and some others; other places are not put together.
fn receivers_together(one: &[Place], other: &[Place]) -> Option<Vec<Place>> {
    let (
        [
            Place::Interfaces {
                interfaces,
                public_from_inside,
            },
        ],
        [
            Place::Interfaces {
                interfaces: more, ..
            },
        ],
    ) = (one, other)
    else {
        return None;
    };
    Some(vec![Place::Interfaces {
        interfaces: interfaces | more,
        public_from_inside: *public_from_inside,
    }])
}
