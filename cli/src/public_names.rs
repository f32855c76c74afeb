//! Names that mean public addresses of which no list is in the input.
//!
//! Which addresses they are is open, so that a claim about them is mostly unknown. They are public
//! ones, though: what holds of every public address holds of them, and what holds of none does not.

use std::collections::BTreeSet;

use catalogue::Catalogue;
use model::{Answer, Asker, Cidr, Invariant, Network, Place, Quantifier, Value};

use crate::asker;
use crate::judge::{Disagreement, Evidence, Judge, Ruling};
use crate::miss::nearest_miss;

/// Whether an answer means public addresses that no known prefix list has.
pub(crate) fn is_unlisted(network: &Network, answer: &Answer) -> bool {
    // With DNS64 packets to addresses of NAT64 are meant too, which are no public ones.
    let Answer::PublicService(service) = answer else {
        return false;
    };
    let mut lists = network.prefix_lists().values();
    !lists.any(|list| list.name == *service && matches!(list.entries, Value::Known(_)))
}

/// The service whose public addresses an answer means.
pub(crate) fn service(answer: &Answer) -> Option<&str> {
    match answer {
        Answer::PublicService(service) => Some(service),
        Answer::Dns64(of) => service(of),
        Answer::Interfaces(_)
        | Answer::Addresses(_)
        | Answer::NoAnswer
        | Answer::Undetermined(_) => None,
    }
}

/// Whether a service is known to have the name itself. Other names below AWS's domain may be of
/// something inside a VPC, such as a file system.
fn is_own_name(name: &str) -> bool {
    let mut services = Catalogue::bundled().services.iter();
    services.any(|service| service.is_named(name))
}

/// The public addresses in known lists of AWS's.
fn listed(network: &Network) -> BTreeSet<Cidr> {
    let lists = network.prefix_lists().values();
    let lists = lists.filter(|list| list.aws_managed);
    let known = lists.filter_map(|list| list.entries.known());
    known.flatten().copied().collect()
}

/// What is said beside a flow that stands for all public addresses.
pub(crate) const STANDS_FOR_ALL: &str = "which public addresses the name means is not in the input; the flow is to one of all, \
     and all are reached so";

/// What came out.
pub(crate) enum Decided {
    /// It holds of every public address; a flow to one of them, where some flow was asked for.
    Holds(Option<Box<Evidence>>),
    /// These names mean public addresses, of which it holds of none; the attempt that comes furthest.
    Fails(BTreeSet<String>, Option<Box<Evidence>>),
    /// Neither.
    Open,
}

/// Decides a claim about flows to some names by what all public addresses have in common.
pub(crate) fn decide(judge: &Judge<'_>, invariant: &Invariant) -> Result<Decided, Disagreement> {
    let askers = asker::of_origins(&invariant.scope.from, judge.network);
    let unlisted = unlisted(judge, invariant, &askers)?;
    if unlisted.is_empty() {
        return Ok(Decided::Open);
    }
    let is_unlisted = |place: &Place| matches!(place, Place::Name(name) if unlisted.contains(name));
    let others = invariant
        .scope
        .to
        .iter()
        .filter(|place| !is_unlisted(place));
    let others: Vec<Place> = others.cloned().collect();
    // Some flow may go to the other places as well; that every flow holds fails by these names alone.
    let mut none = invariant.clone();
    none.scope.to = match invariant.quantifier {
        Quantifier::Every => Vec::new(),
        Quantifier::Exists => others.clone(),
    };
    none.scope.to.push(Place::Internet);
    none.quantifier = Quantifier::Exists;
    let some = match judge.judge(&none)?.ruling {
        Ruling::Violated(_) => {
            let miss = nearest_miss(judge, &none.scope).map(Box::new);
            return Ok(Decided::Fails(unlisted, miss));
        }
        Ruling::Proved(evidence) => evidence,
        Ruling::Vacuous | Ruling::Unknown(_) => None,
    };
    let mut all = invariant.clone();
    all.scope.to = match invariant.quantifier {
        Quantifier::Every => others,
        Quantifier::Exists => Vec::new(),
    };
    all.scope.to.push(Place::Internet);
    // Addresses that AWS lists may arrive elsewhere than on the internet: at a gateway endpoint.
    all.scope.to.push(Place::Cidrs(listed(judge.network)));
    all.quantifier = Quantifier::Every;
    let evidence = some.filter(|_| invariant.quantifier == Quantifier::Exists);
    Ok(match judge.judge(&all)?.ruling {
        Ruling::Proved(_) => Decided::Holds(evidence),
        Ruling::Violated(_) | Ruling::Vacuous | Ruling::Unknown(_) => Decided::Open,
    })
}

/// The names of a scope that mean, to everyone who asks, public addresses without a list.
fn unlisted(
    judge: &Judge<'_>,
    invariant: &Invariant,
    askers: &BTreeSet<Asker>,
) -> Result<BTreeSet<String>, Disagreement> {
    let mut unlisted = BTreeSet::new();
    for place in &invariant.scope.to {
        let Place::Name(name) = place else { continue };
        let mut everywhere = !askers.is_empty() && is_own_name(name);
        for asker in askers {
            everywhere &= is_unlisted(judge.network, &judge.resolve(asker, name)?.answer);
        }
        if everywhere {
            unlisted.insert(name.clone());
        }
    }
    Ok(unlisted)
}
