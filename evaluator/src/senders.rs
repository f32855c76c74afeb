//! Which senders of a question are asked: of those that nothing tells apart, two.

use std::collections::{BTreeMap, BTreeSet};

use crate::check::Question;
use crate::claim::Claim;
use crate::index::InterfaceIndex;
use crate::interface_classes::{Classes, Lens};
use crate::walk::Component;

/// Two of each class of senders: the first stands for all, and what is sent to the first itself the
/// second tells. `None` asks all.
///
/// Where the question itself tells senders apart, or more than the answers to their packets, all
/// are asked: requests are judged by where they come from, and a claim may name an interface.
pub(crate) fn standing(
    lens: Lens<'_>,
    question: &Question<'_>,
) -> Option<BTreeSet<InterfaceIndex>> {
    let senders = &question.scope.interfaces;
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
    if senders.len() < 3 || !question.open.is_empty() || question.target.speaks_of(tells) {
        return None;
    }
    let classes = Classes::new(&[lens], Some(&question.invariant.scope));
    let mut n_asked: BTreeMap<usize, usize> = BTreeMap::new();
    let mut is_asked = |sender: &InterfaceIndex| {
        let n_asked = n_asked.entry(classes.of(*sender)).or_default();
        *n_asked += 1;
        *n_asked <= 2
    };
    Some(senders.iter().copied().filter(&mut is_asked).collect())
}
