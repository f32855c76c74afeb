//! Differences of what relays hand on: laws on random networks with load balancers and an endpoint service.

use std::collections::BTreeSet;

use model::{Flow, Network, NetworkDraft, OnPremisesGateway, Packet, Source, Transport};

use super::difference::{Pair, flow_of, holds_sent, is_in_scope};
use super::lab::address;
use super::properties::Numbers;
use super::relayed_properties::{RELAYS, random};
use crate::difference::{Change, ChangeKind, Difference, FlowClass, HandedOn, Received};

/// Whether a class holds a flow behind relays at a place, or at an open one.
fn holds(class: &FlowClass, flow: &Flow, place: Option<&Received>) -> bool {
    let is_there = match (&class.handed_on, place) {
        (HandedOn::To(places), Some(place)) => places.contains(place),
        (HandedOn::Anywhere, None) => true,
        (HandedOn::No | HandedOn::To(_) | HandedOn::Anywhere, _) => false,
    };
    is_there && holds_sent(class, flow)
}

/// Another network with some parts of the second.
fn mixed(numbers: &mut Numbers, one: &NetworkDraft, other: &NetworkDraft) -> Option<Network> {
    let mut draft = one.clone();
    for _ in 0..=numbers.below(2) {
        match numbers.below(8) {
            0 => draft.security_groups = other.security_groups.clone(),
            1 => {
                draft.network_acls = other.network_acls.clone();
                draft.subnets = other.subnets.clone();
            }
            2 => draft.network_interfaces = other.network_interfaces.clone(),
            3 => {
                draft.load_balancers = other.load_balancers.clone();
                draft.target_groups = other.target_groups.clone();
            }
            4 => {
                let group = numbers.below(draft.target_groups.len());
                let group = &mut draft.target_groups[group];
                group.preserve_client_address ^= group.id.as_str().starts_with('n');
                group.cross_zone ^= true;
            }
            5 => {
                let group = numbers.below(draft.target_groups.len());
                draft.target_groups[group].targets = other.target_groups[0].targets.clone();
            }
            6 => {
                let group = numbers.below(draft.security_groups.len());
                draft.security_groups[group].ingress.pop();
            }
            _ => {
                let acls = &mut draft.network_acls;
                if let Some(acl) = acls.last_mut() {
                    acl.ingress.pop();
                }
            }
        }
    }
    draft.validate().ok()
}

fn pairs(n: u64) -> Vec<Pair> {
    let mut pairs = Vec::new();
    for seed in 0..n {
        let (one, other) = (random(seed), random(seed + 1000));
        let before = one.network();
        let after = mixed(&mut Numbers(seed + 1), &one.draft, &other.draft);
        pairs.extend(after.map(|after| Pair::new(seed, &before, &after)));
    }
    assert!(pairs.len() as u64 > n / 2, "most changes are valid");
    pairs
}

/// A flow that is sent to a relay.
fn random_flow(numbers: &mut Numbers) -> Flow {
    let beyond = OnPremisesGateway::VirtualPrivate("p".into());
    let inside = |id: &str| Source::Interface(id.into());
    let (source, sources): (_, &[&str]) = match numbers.below(6) {
        0 => (inside("c"), &["10.0.1.10"]),
        1 => (inside("y"), &["10.0.3.10"]),
        2 => (inside("x"), &["10.0.2.10"]),
        3 => (
            Source::OnPremises(beyond),
            &["172.16.0.1", "172.16.9.9", "8.8.8.8", "192.168.0.1"],
        ),
        _ => (
            Source::Internet,
            &["8.8.8.8", "52.219.0.1", "1.2.3.4", "198.51.100.1"],
        ),
    };
    let source_port = [0, 22, 1023, 1024, 40000, 65535][numbers.below(6)];
    let destination_port = [443, 80, 8080, 81][numbers.below(4)];
    let transport = match numbers.one_in(3) {
        true => Transport::Udp {
            source_port,
            destination_port,
        },
        false => Transport::Tcp {
            source_port,
            destination_port,
        },
    };
    let from = address(numbers.one(sources));
    let to = address(numbers.one(&RELAYS));
    Flow::new(
        source,
        Packet::new(from, to, transport).expect("one family"),
    )
}

/// Every place at which some pick may deliver a flow in either network, and an open one.
fn places(pair: &Pair, flow: &Flow) -> BTreeSet<Option<Received>> {
    let both = [&pair.before, &pair.after].into_iter();
    let picked = both.flat_map(|one| one.picked(flow));
    let picked = picked.filter(|(flow, _)| !flow.picks.is_empty());
    picked.map(|(_, place)| place).chain([None]).collect()
}

fn assert_told(pair: &Pair, difference: &Difference, flow: &Flow) -> (u32, u32) {
    let (mut n_changed, mut n_same) = (0, 0);
    for place in places(pair, flow) {
        let place = place.as_ref();
        let change = pair.before.change_handed_on(&pair.after, flow, place);
        let classes = difference.classes.iter();
        let holding = classes.filter(|class| holds(class, flow, place));
        let told: Vec<&Change> = holding.map(|class| &class.change).collect();
        let changes: Vec<&Change> = change.iter().collect();
        assert_eq!(told, changes, "network {}: {flow} {place:?}", pair.seed);
        match change {
            Some(_) => n_changed += 1,
            None => n_same += 1,
        }
    }
    (n_changed, n_same)
}

/// A flow behind relays is in exactly one class of a place when what becomes of it there changes, and in none
/// when nothing does.
#[test]
fn a_flow_behind_relays_is_in_a_class_exactly_when_its_answer_differs() {
    let (mut n_changed, mut n_same, mut n_drawn) = (0, 0, 0);
    for pair in pairs(100) {
        let difference = pair.difference();
        assert!(!difference.exhausted);
        let numbers = &mut Numbers(pair.seed);
        for _ in 0..300 {
            let flow = random_flow(numbers);
            if is_in_scope(&pair, &flow) {
                let (changed, same) = assert_told(&pair, &difference, &flow);
                n_changed += changed;
                n_same += same;
            }
        }
        let relayed = |class: &&FlowClass| class.handed_on != HandedOn::No;
        for class in difference.classes.iter().filter(relayed) {
            for flow in class.flows.iter().take(20) {
                assert!(is_in_scope(&pair, flow), "{flow}");
                assert!(assert_told(&pair, &difference, flow).0 > 0, "{flow}");
            }
            for _ in 0..5 {
                let flow = flow_of(numbers, class);
                if let Some(flow) = flow.filter(|flow| is_in_scope(&pair, flow)) {
                    assert!(assert_told(&pair, &difference, &flow).0 > 0, "{flow}");
                    n_drawn += 1;
                }
            }
        }
    }
    assert!(
        n_changed > 1_000 && n_same > 5_000 && n_drawn > 1_000,
        "{n_changed} {n_same} {n_drawn}"
    );
}

/// Where the change can reach is all that has to be asked behind relays.
#[test]
fn what_is_not_reached_behind_relays_does_not_change() {
    let mut n_classes = 0;
    for pair in pairs(60) {
        let (difference, plain) = (pair.difference(), pair.everywhere());
        for (one, other) in [(&difference, &plain), (&plain, &difference)] {
            let relayed = |class: &&FlowClass| class.handed_on != HandedOn::No;
            for class in one.classes.iter().filter(relayed) {
                for flow in &class.flows {
                    assert!(assert_told(&pair, other, flow).0 > 0, "{flow}");
                }
                n_classes += 1;
            }
        }
    }
    assert!(n_classes > 100, "{n_classes}");
}

/// What a change opens behind relays, the change back closes; a network does not differ from itself.
#[test]
fn a_change_back_mirrors_the_change_behind_relays() {
    let mut kinds: BTreeSet<ChangeKind> = BTreeSet::new();
    for pair in pairs(30) {
        let [one, other] = &pair.scopes;
        let same = pair.before.difference(&pair.before, [one, one], &[]);
        assert_eq!(same.classes, [], "{}", pair.seed);
        let back = pair.after.difference(&pair.before, [other, one], &[]);
        let there = pair.difference();
        assert_eq!(there.classes.len(), back.classes.len(), "{}", pair.seed);
        for class in &there.classes {
            let change = Change {
                before: class.change.after.clone(),
                after: class.change.before.clone(),
                ways: class.change.ways.clone().map(|[one, other]| [other, one]),
            };
            let flows = |one: &FlowClass, other: &FlowClass| {
                (&one.from, &one.to, &one.traffic, &one.handed_on)
                    == (&other.from, &other.to, &other.traffic, &other.handed_on)
            };
            let mut classes = back.classes.iter();
            let mirrored = classes.any(|other| other.change == change && flows(class, other));
            assert!(mirrored, "network {}: {class:?}", pair.seed);
            if class.handed_on != HandedOn::No {
                kinds.insert(class.change.kind());
            }
        }
    }
    let all = [
        ChangeKind::Opened,
        ChangeKind::Closed,
        ChangeKind::Undetermined,
    ];
    assert!(all.iter().all(|kind| kinds.contains(kind)), "{kinds:?}");
}
