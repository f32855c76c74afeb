//! Names that mean public addresses of which no list is in the input.
//!
//! Which addresses they are is open, so that a claim about them is mostly unknown. They are public
//! ones, though: what holds of every public address holds of them, and what holds of none does not.

use std::collections::BTreeSet;

use model::{Answer, Invariant, Network, Place, Quantifier, Value, VpcId};

use crate::judge::{Disagreement, Evidence, Judge, Ruling};
use crate::miss::nearest_miss;

/// Whether an answer means public addresses that no known prefix list has.
pub(crate) fn is_unlisted(network: &Network, answer: &Answer) -> bool {
    let Answer::PublicService(service) = answer else {
        return false;
    };
    let mut lists = network.prefix_lists().values();
    !lists.any(|list| list.name == *service && matches!(list.entries, Value::Known(_)))
}

/// What came out.
pub(crate) enum Decided {
    /// It holds of every public address.
    Holds,
    /// These names mean public addresses, of which it holds of none; the attempt that comes furthest.
    Fails(BTreeSet<String>, Option<Box<Evidence>>),
    /// Neither.
    Open,
}

/// Decides a claim about every flow to some names by what all public addresses have in common.
pub(crate) fn decide(
    judge: &Judge<'_>,
    invariant: &Invariant,
    vpcs: &BTreeSet<VpcId>,
) -> Result<Decided, Disagreement> {
    let mut unlisted = BTreeSet::new();
    for place in &invariant.scope.to {
        let Place::Name(name) = place else { continue };
        let mut everywhere = !vpcs.is_empty();
        for vpc in vpcs {
            everywhere &= is_unlisted(judge.network, &judge.resolve(vpc, name)?.answer);
        }
        if everywhere {
            unlisted.insert(name.clone());
        }
    }
    if unlisted.is_empty() {
        return Ok(Decided::Open);
    }
    let mut none = invariant.clone();
    none.quantifier = Quantifier::Exists;
    none.scope.to = vec![Place::Internet];
    if let Ruling::Violated(_) = judge.judge(&none)?.ruling {
        let miss = nearest_miss(judge, &none.scope).map(Box::new);
        return Ok(Decided::Fails(unlisted, miss));
    }
    let mut all = invariant.clone();
    let is_unlisted = |place: &Place| matches!(place, Place::Name(name) if unlisted.contains(name));
    all.scope.to.retain(|place| !is_unlisted(place));
    all.scope.to.push(Place::Internet);
    Ok(match judge.judge(&all)?.ruling {
        Ruling::Proved(_) => Decided::Holds,
        Ruling::Violated(_) | Ruling::Vacuous | Ruling::Unknown(_) => Decided::Open,
    })
}
