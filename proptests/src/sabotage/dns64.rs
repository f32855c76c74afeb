//! Bugs in what DNS64 adds.

use std::collections::BTreeMap;

use evaluator::{Asked, NameTrace};
use model::{
    AddressValue, Answer, Clause, Family, InboundResolver, Invariant, Network, NetworkDraft,
    Place as Destination, Resolution, Value, VpcId,
};

use super::{Bug, Place};

const fn bug(name: &'static str, place: Place) -> Bug {
    Bug {
        name,
        clause: Clause::Dns64,
        place,
    }
}

/// Bugs written by hand.
pub(super) const EDITS: &[Bug] = &[
    bug(
        "DNS64 adds where there is an IPv6 address too",
        Place::Resolved(|network, trace| {
            let mut right = trace.resolution.clone();
            let on = last(trace).is_some_and(|last| last.dns64 == Value::Known(true));
            if on && right.clause != Clause::Dns64 && has_v4(network, &right.answer) {
                right.answer = Answer::Dns64(Box::new(right.answer));
            }
            right
        }),
    ),
    bug(
        "DNS64 of one subnet counts for its VPC",
        Place::Network(|draft| {
            let on = dns64_of_vpcs(draft);
            for subnet in &mut draft.subnets {
                subnet.dns64 |= on.get(&subnet.vpc).copied().unwrap_or(false);
            }
        }),
    ),
    bug(
        "DNS64 counts in every subnet",
        Place::Network(|draft| draft.subnets.iter_mut().for_each(|one| one.dns64 = true)),
    ),
    bug(
        "DNS64 adds no address",
        Place::Answer(|right| match right.answer {
            Answer::Dns64(of) => Resolution {
                answer: *of,
                clause: right.clause,
            },
            Answer::Interfaces(_)
            | Answer::Addresses(_)
            | Answer::PublicService(_)
            | Answer::NoAnswer
            | Answer::Undetermined(_) => right,
        }),
    ),
    bug(
        "DNS64 adds to the records of zones alone",
        Place::Answer(|right| match right.answer {
            Answer::Dns64(of) if !matches!(*of, Answer::Addresses(_)) => Resolution {
                answer: *of,
                clause: right.clause,
            },
            Answer::Dns64(_)
            | Answer::Interfaces(_)
            | Answer::Addresses(_)
            | Answer::PublicService(_)
            | Answer::NoAnswer
            | Answer::Undetermined(_) => right,
        }),
    ),
    bug("the first place's DNS64 decides", Place::Resolved(first)),
    bug(
        "the DNS64 of the places before the last is not asked",
        Place::Resolved(|_, trace| {
            let mut right = trace.resolution.clone();
            let off = last(trace).is_some_and(|last| last.dns64 == Value::Known(false));
            if off && right.clause == Clause::Dns64 {
                right.answer = Answer::Addresses([].into());
            }
            right
        }),
    ),
    bug(
        "an inbound endpoint has the DNS64 of its VPC's subnets",
        Place::Network(|draft| {
            let on = dns64_of_vpcs(draft);
            for vpc in &mut draft.vpcs {
                if vpc.inbound_resolver != InboundResolver::Absent {
                    let dns64 = Value::Known(on.get(&vpc.id).copied().unwrap_or(false));
                    vpc.inbound_resolver = InboundResolver::Present { dns64 };
                }
            }
        }),
    ),
    bug(
        "open DNS64 of an inbound endpoint is taken for none",
        Place::Network(|draft| open_dns64(draft, false)),
    ),
    bug(
        "open DNS64 of an inbound endpoint is taken for some",
        Place::Network(|draft| open_dns64(draft, true)),
    ),
    bug(
        "claims to names are asked of IPv4 alone",
        Place::Invariant(|_, invariant| no_v6(invariant)),
    ),
];

fn last(trace: &NameTrace) -> Option<&Asked> {
    trace.asked.last()
}

/// Whether some address of an answer is of IPv4; a service's public addresses are.
fn has_v4(network: &Network, answer: &Answer) -> bool {
    match answer {
        Answer::Interfaces(ids) => {
            let interfaces = ids
                .iter()
                .filter_map(|id| network.network_interfaces().get(id));
            let mut addresses = interfaces.flat_map(|one| &one.addresses);
            addresses.any(|address| match &address.private {
                AddressValue::Known(address) => address.family() == Family::V4,
                AddressValue::Within(block, _) => block.family() == Family::V4,
            })
        }
        Answer::Addresses(addresses) => addresses.iter().any(|one| one.family() == Family::V4),
        Answer::PublicService(_) => true,
        Answer::Dns64(_) | Answer::NoAnswer | Answer::Undetermined(_) => false,
    }
}

/// Of each VPC whether some subnet has DNS64.
fn dns64_of_vpcs(draft: &NetworkDraft) -> BTreeMap<VpcId, bool> {
    let mut on = BTreeMap::new();
    for subnet in &draft.subnets {
        *on.entry(subnet.vpc.clone()).or_default() |= subnet.dns64;
    }
    on
}

fn open_dns64(draft: &mut NetworkDraft, on: bool) {
    for vpc in &mut draft.vpcs {
        match &mut vpc.inbound_resolver {
            InboundResolver::Present { dns64 } => match dns64 {
                Value::OneOf(..) | Value::Any(_) => *dns64 = Value::Known(on),
                Value::Known(_) => {}
            },
            InboundResolver::Unknown | InboundResolver::Absent => {}
        }
    }
}

/// What the first place says is taken where the last says otherwise.
fn first(_: &Network, trace: &NameTrace) -> Resolution {
    let mut right = trace.resolution.clone();
    let (Some(first), Some(last)) = (trace.asked.first(), last(trace)) else {
        return right;
    };
    if right.clause == Clause::Dns64 && first.dns64 != last.dns64 {
        let addresses = Answer::Addresses([].into());
        right.answer = if first.dns64 == Value::Known(true) {
            Answer::Dns64(Box::new(addresses))
        } else {
            addresses
        };
    }
    right
}

/// Of the families of an invariant about a name IPv4 alone is asked.
fn no_v6(invariant: &mut Invariant) {
    let mut places = invariant.scope.to.iter();
    let named = |place: &Destination| matches!(place, Destination::Name(_));
    if places.any(named) {
        invariant.scope.families.remove(&Family::V6);
    }
}
