//! Bugs in what the DNS names of load balancers mean.

use std::collections::BTreeSet;

use model::{Address, Answer, Clause, Hole, LoadBalancer, NetworkDraft, Resolution};

use super::{Bug, Place};

const fn network(name: &'static str, edit: fn(&mut NetworkDraft)) -> Bug {
    Bug {
        name,
        clause: Clause::LoadBalancerName,
        place: Place::Network(edit),
    }
}

const fn answer(name: &'static str, change: fn(Resolution) -> Resolution) -> Bug {
    Bug {
        name,
        clause: Clause::LoadBalancerName,
        place: Place::Answer(change),
    }
}

/// Bugs written by hand.
pub(super) const EDITS: &[Bug] = &[
    network("a public name answers private addresses", |draft| {
        facing(draft, |_| false);
    }),
    network("an internal name answers public addresses", |draft| {
        facing(draft, |_| true);
    }),
    network(
        "the scheme of a load balancer is taken for the other",
        |draft| {
            facing(draft, |internet_facing| !internet_facing);
        },
    ),
    network(
        "of two load balancers with one name the first counts",
        |draft| {
            let mut had = BTreeSet::new();
            each(draft, |balancer| {
                let again = |name: &model::LoadBalancerName| !had.insert(name.name.clone());
                if balancer.name.as_ref().is_some_and(again) {
                    balancer.name = None;
                }
            });
        },
    ),
    network(
        "a load balancer's name comes before zones and rules",
        |draft| {
            let names = draft.load_balancers.iter();
            let names: Vec<_> = names
                .filter_map(|one| one.name.as_ref().map(|one| one.name.clone()))
                .collect();
            let covers = |domain: &str| names.iter().any(|name| name.ends_with(domain));
            draft.hosted_zones.retain(|zone| !covers(&zone.name));
            draft.resolver_rules.retain(|rule| !covers(&rule.domain));
        },
    ),
    answer("a load balancer's name has no IPv6 addresses", |right| {
        let Answer::Addresses(addresses) = right.answer else {
            return right;
        };
        let mut kept = addresses;
        if right.clause == Clause::LoadBalancerName {
            kept.retain(|one| matches!(one, Address::V4(_)));
        }
        Resolution {
            clause: right.clause,
            answer: Answer::Addresses(kept),
        }
    }),
    answer(
        "a load balancer's name that is open is not answered",
        |right| match (right.clause, &right.answer) {
            (Clause::LoadBalancerName, Answer::Undetermined(_)) => Resolution {
                clause: right.clause,
                answer: Answer::NoAnswer,
            },
            _ => right,
        },
    ),
    answer(
        "zonal names of load balancers are not modelled",
        |right| match (right.clause, &right.answer) {
            (Clause::LoadBalancerName, Answer::Undetermined(_)) => Resolution {
                clause: Clause::NameUnmodelled,
                answer: Answer::Undetermined(Hole::new("the name")),
            },
            _ => right,
        },
    ),
];

fn each(draft: &mut NetworkDraft, edit: impl FnMut(&mut LoadBalancer)) {
    draft.load_balancers.iter_mut().for_each(edit);
}

fn facing(draft: &mut NetworkDraft, edit: fn(bool) -> bool) {
    each(draft, |balancer| {
        if let Some(name) = &mut balancer.name {
            name.internet_facing = edit(name.internet_facing);
        }
    });
}
