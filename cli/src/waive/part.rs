//! Products of senders, places and traffic, and what is left of one without another.

use std::collections::BTreeSet;

use model::{Invariant, Network, NetworkInterfaceId, Origin, Place, Scope, Traffic};

use super::traffic;
use crate::invariant_file::Word;
use crate::invariant_file::lower;

/// What a waiver takes; `None` is everything.
#[derive(Clone, Debug, Default)]
pub(super) struct Cut {
    pub(super) senders: Option<BTreeSet<NetworkInterfaceId>>,
    pub(super) receivers: Option<BTreeSet<NetworkInterfaceId>>,
    pub(super) traffic: Option<Traffic>,
}

/// A product.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Part {
    pub(super) from: Vec<Origin>,
    /// Only those that the claim names.
    pub(super) to: Vec<Place>,
    pub(super) traffic: Traffic,
}

impl Part {
    /// What a cut takes of it, if anything, and what it leaves: parts that share no flow.
    pub(super) fn split(&self, cut: &Cut) -> (Option<Part>, Vec<Part>) {
        let (from, other_from) = senders(&self.from, cut.senders.as_ref());
        let (to, other_to) = receivers(&self.to, cut.receivers.as_ref());
        let (traffic, other_traffic) = match &cut.traffic {
            None => (self.traffic.clone(), None),
            Some(taken) => (
                traffic::shared(&self.traffic, taken),
                Some(traffic::without(&self.traffic, taken)),
            ),
        };
        let taken = Part { from, to, traffic };
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
            traffic: self.traffic.clone(),
        };
        let rest = [Some(by_sender), Some(by_receiver), by_traffic];
        let rest = rest.into_iter().flatten().filter(|part| !part.is_empty());
        (Some(taken), rest.collect())
    }

    fn is_empty(&self) -> bool {
        self.from.is_empty() || self.to.is_empty() || self.traffic.classes.is_empty()
    }

    /// The claim of this part alone.
    pub(super) fn invariant(self, word: Word, whole: &Invariant, network: &Network) -> Invariant {
        let Part {
            from,
            mut to,
            traffic,
        } = self;
        if word == Word::Never {
            to.extend(lower::private_addresses(&from, &to, network));
        }
        let scope = Scope {
            from,
            to,
            traffic,
            ..whole.scope.clone()
        };
        Invariant {
            scope,
            ..whole.clone()
        }
    }
}

/// The senders among some interfaces, and the others.
fn senders(
    from: &[Origin],
    taken: Option<&BTreeSet<NetworkInterfaceId>>,
) -> (Vec<Origin>, Vec<Origin>) {
    let Some(taken) = taken else {
        return (from.to_vec(), Vec::new());
    };
    let (mut inside, mut outside) = (Vec::new(), Vec::new());
    for origin in from {
        match origin {
            Origin::Interfaces(interfaces) => {
                let (own, others) = partition(interfaces, taken);
                inside.extend(own.map(Origin::Interfaces));
                outside.extend(others.map(Origin::Interfaces));
            }
            Origin::Internet(_) | Origin::OnPremises { .. } => outside.push(origin.clone()),
        }
    }
    (inside, outside)
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
fn partition(
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
