//! Interfaces that have no public address in the network, and may have one that nobody knows. It is no other
//! one's, so that it changes only what they send and receive themselves, and what is sent to or from
//! blocks of public addresses in which it may lie.

use std::collections::{BTreeMap, BTreeSet};

use model::{
    AddressValue, Cidr, Family, Hole, Network, NetworkInterfaceId, Origin, Place, Scope, Source,
};

use crate::blocks;
use crate::invariant_file::Word;
use crate::judge::Reason;
use crate::report::Finding;
use crate::transient::scope::{receivers, senders};

/// What of them decides a claim of which something was found.
pub(super) fn reasons(
    bare: &BTreeMap<NetworkInterfaceId, Hole>,
    network: &Network,
    word: Word,
    scope: &Scope,
    finding: &Finding,
) -> Vec<Reason> {
    // An `always` between interfaces speaks of their private addresses.
    let is_private =
        || (word == Word::Always && is_inside(scope)) || is_shown_by_private(network, finding);
    if bare.is_empty() || is_private() {
        return Vec::new();
    }
    let (ends, is_anybody) = (ends(scope), may_be_anybody(scope));
    let found = bare.iter();
    let found = found.filter(|(id, _)| is_anybody || ends.contains(id));
    found
        .map(|(_, hole)| Reason::DependsOn(hole.clone()))
        .collect()
}

/// Whether the flow that shows it goes from an interface to a private address.
fn is_shown_by_private(network: &Network, finding: &Finding) -> bool {
    let Some(evidence) = &finding.evidence else {
        return false;
    };
    let flow = &evidence.witness.flow;
    let destination = AddressValue::Known(flow.packet.destination());
    let mut interfaces = network.network_interfaces().values();
    matches!(flow.source, Source::Interface(_))
        && interfaces.any(|interface| {
            let mut addresses = interface.addresses.iter();
            addresses.any(|address| address.private == destination)
        })
}

/// Whether only interfaces and sites send, and only to interfaces.
fn is_inside(scope: &Scope) -> bool {
    !scope.from.iter().any(is_internet) && scope.to.iter().all(is_interfaces)
}

/// Whether blocks of public addresses send or are sent to: one of theirs may be one's that nobody knows.
fn may_be_anybody(scope: &Scope) -> bool {
    let is_of_blocks = |origin: &Origin| matches!(origin, Origin::Internet(Some(_)));
    scope.from.iter().any(is_of_blocks) || scope.to.iter().any(is_public_block)
}

/// Whether a place is blocks, not all of them private: a `never` of the internet names private addresses.
fn is_public_block(place: &Place) -> bool {
    let is_private = |cidr: &Cidr| {
        cidr.family() == Family::V6 || blocks::private_parts(*cidr).any(|part| part == *cidr)
    };
    matches!(place, Place::Cidrs(cidrs) if !cidrs.iter().all(is_private))
}

const fn is_internet(origin: &Origin) -> bool {
    matches!(origin, Origin::Internet(_))
}

const fn is_interfaces(place: &Place) -> bool {
    matches!(place, Place::Interfaces { .. })
}

/// The interfaces that a scope names.
fn ends(scope: &Scope) -> BTreeSet<&NetworkInterfaceId> {
    let ends = senders(&scope.from).chain(receivers(&scope.to));
    ends.flatten().collect()
}
