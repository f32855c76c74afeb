//! Which interfaces of a question are asked: of those that nothing tells apart, two.

use std::collections::{BTreeMap, BTreeSet};

use model::Address;

use crate::check::Question;
use crate::claim::Claim;
use crate::index::InterfaceIndex;
use crate::interface_classes::{Classes, Lens};
use crate::walk::Component;

/// How many of a class are asked: the first stands for all, and of what is between members of one class
/// the second is the other end.
const STANDING: usize = 2;

/// Two of each class of senders, and of each class of receivers.
#[derive(Clone, Debug)]
pub(crate) struct Standing {
    /// The senders that are asked.
    pub(crate) senders: BTreeSet<InterfaceIndex>,
    /// The addresses of the receivers that are not.
    pub(crate) passed_over: BTreeSet<Address>,
}

impl Standing {
    /// Nothing where all have to be asked.
    ///
    /// To exchange two members of a class changes nothing in the network, and nothing in the question either
    /// when its places have both of them or none; so what is sent to one is sent to the other alike, by
    /// everybody but these two. Where the question itself tells interfaces apart, or more than the answers to
    /// their packets, all are asked: requests are judged by where they come from, and a claim may name an
    /// interface.
    pub(crate) fn new(lens: Lens<'_>, question: &Question<'_>) -> Option<Self> {
        let tells = |claim: &Claim| match claim {
            Claim::PermittedAll | Claim::PermittedSome => true,
            Claim::Traverses(sets) => {
                let mut components = sets.iter().flatten();
                components.any(|component| matches!(component, Component::Interface(_)))
            }
            Claim::Delivered
            | Claim::Answered
            | Claim::DecidedBy(_)
            | Claim::Not(_)
            | Claim::All(_)
            | Claim::Any(_) => false,
        };
        let scope = &question.scope;
        let n_most = scope.interfaces.len().max(scope.n_receivers());
        if n_most <= STANDING || !question.open.is_empty() || question.target.speaks_of(tells) {
            return None;
        }
        let classes = Classes::new(&[lens], Some(&question.invariant.scope));
        let mut n_asked: BTreeMap<usize, usize> = BTreeMap::new();
        let mut is_asked = |sender: &InterfaceIndex| {
            let n_asked = n_asked.entry(classes.of(*sender)).or_default();
            *n_asked += 1;
            *n_asked <= STANDING
        };
        let senders = scope.interfaces.iter().copied();
        Some(Self {
            senders: senders.filter(&mut is_asked).collect(),
            passed_over: passed_over(lens, question, &classes),
        })
    }
}

/// The addresses of receivers for which others stand.
fn passed_over(lens: Lens<'_>, question: &Question<'_>, classes: &Classes) -> BTreeSet<Address> {
    let mut passed_over = BTreeSet::new();
    for members in &classes.members {
        if members.len() <= STANDING {
            continue;
        }
        let mut n_asked: BTreeMap<Vec<bool>, usize> = BTreeMap::new();
        for member in members {
            let n_asked = n_asked.entry(question.scope.has_at(*member)).or_default();
            *n_asked += 1;
            if *n_asked > STANDING {
                let addresses = &lens.compiled.interfaces[*member].addresses;
                let addresses = addresses
                    .iter()
                    .flat_map(|(private, public)| [*private, *public]);
                passed_over.extend(addresses.flatten());
            }
        }
    }
    passed_over
}
