//! The laws of repairs, on random networks and by engines that are asked for single flows.

use std::collections::BTreeSet;

use evaluator::Evaluator;
use model::{
    Claim, Clause, ComponentId, Decision, Disposition, Engine, Flow, Invariant, Network,
    NetworkInterfaceId, Origin, Patterns, PermissionEffect, Place, Principal, PrincipalSet,
    Quantifier, Request, RequestSet, Scope, Traffic, TrafficClass,
};
use proptests::authorization::Case;
use solver::Solver;

use super::goal::Goal;
use super::remedy::{Remedy, remedy};
use super::search::{EditSet, edited};
use super::{Edit, Repair, find, of_claim, parts, prove};
use crate::invariant_file::Word;
use crate::judge::{Judge, Ruling};
use crate::miss::nearest_miss;
use crate::render::repair;

/// How many random networks there are, and how many pairs of interfaces of each.
const N_NETWORKS: u64 = 300;
const N_PAIRS: usize = 3;
/// How many worlds of accounts.
const N_WORLDS: u64 = 60;

fn question(from: &NetworkInterfaceId, to: &NetworkInterfaceId) -> Invariant {
    let traffic = TrafficClass::Tcp {
        source_ports: 40_000..=40_000,
        destination_ports: 443..=443,
    };
    let scope = Scope {
        from: vec![Origin::Interfaces(BTreeSet::from([from.clone()]))],
        to: vec![Place::Interfaces {
            interfaces: BTreeSet::from([to.clone()]),
            public_from_inside: false,
        }],
        traffic: Traffic {
            classes: vec![traffic],
        },
        families: BTreeSet::from([model::Family::V4, model::Family::V6]),
        relayed: false,
        request: None,
    };
    Invariant {
        name: "question".into(),
        quantifier: Quantifier::Exists,
        scope,
        premise: None,
        claim: Claim::Answered,
    }
}

fn is_answered(decision: &Decision) -> bool {
    let is_delivered = |disposition| disposition == Disposition::Delivered;
    let reply = decision.reply.as_ref();
    is_delivered(decision.forward.disposition)
        && reply.is_some_and(|reply| is_delivered(reply.disposition))
}

/// Whether a flow passes with some edits, which both engines must agree about.
fn passes(network: &Network, edits: &[Edit], flow: &Flow) -> bool {
    // What AWS refuses opens nothing.
    let Some(network) = edited(network, edits) else {
        return false;
    };
    let by_evaluator = Evaluator::load(&network).decide(flow);
    let by_solver = Solver::load(&network).decide(flow);
    assert_eq!(by_evaluator, by_solver, "{edits:?}");
    is_answered(&by_evaluator)
}

fn assert_minimal(network: &Network, repair: &Repair) {
    let Repair { edits, flow, .. } = repair;
    assert!(passes(network, edits, flow), "{repair:?} does not help");
    for position in 0..edits.len() {
        let mut fewer = edits.clone();
        fewer.remove(position);
        assert!(!passes(network, &fewer, flow), "{repair:?} is not minimal");
    }
}

#[test]
fn every_repair_works_by_both_engines_and_no_part_of_it_does() {
    let (mut found, mut of_several, mut asked) = (0, 0, 0);
    for seed in 0..N_NETWORKS {
        let world = proptests::run::world(seed);
        let ids: Vec<_> = world.network.network_interfaces().keys().collect();
        let pairs = ids.iter().zip(ids.iter().skip(1));
        for (from, to) in pairs.take(N_PAIRS) {
            let judge = Judge::new(&world.network);
            let invariant = question(from, to);
            let judgement = judge.judge(&invariant).unwrap();
            if !matches!(judgement.ruling, Ruling::Violated(_)) {
                continue;
            }
            let Some(miss) = nearest_miss(&judge, &invariant.scope) else {
                continue;
            };
            asked += 1;
            let repairs = find(&judge, &invariant, Some(&miss)).unwrap();
            assert!(
                !repairs.list.is_empty() || !repairs.notes.is_empty(),
                "of network {seed} neither a repair nor why there is none"
            );
            let network = world.network.completed(&miss.witness.completion);
            for repair in &repairs.list {
                assert_minimal(&network, repair);
                found += 1;
                of_several += usize::from(repair.edits.len() > 1);
            }
        }
    }
    assert!(
        asked > 0 && found > 0 && of_several > 0,
        "{asked} asked, {found} found, {of_several} of several edits"
    );
}

/// What is proved is what suffices and has nothing to spare: not a part of it, and not more.
#[test]
fn a_set_that_does_not_suffice_or_has_something_to_spare_is_not_proved() {
    let (mut n_proved, mut n_less, mut n_more) = (0, 0, 0);
    for seed in 0..N_NETWORKS {
        let world = proptests::run::world(seed);
        let ids: Vec<_> = world.network.network_interfaces().keys().collect();
        let Some((from, to)) = ids.first().zip(ids.get(1)) else {
            continue;
        };
        let judge = Judge::new(&world.network);
        let invariant = question(from, to);
        let judgement = judge.judge(&invariant).unwrap();
        let miss = nearest_miss(&judge, &invariant.scope);
        let (Ruling::Violated(_), Some(miss)) = (judgement.ruling, miss) else {
            continue;
        };
        let repairs = find(&judge, &invariant, Some(&miss)).unwrap();
        let network = world.network.completed(&miss.witness.completion);
        let goal = Goal::new(&network, &invariant, Some(&miss)).unwrap();
        let is_proved = |set: EditSet| prove(&network, &goal, set).unwrap().is_some();
        let spare = world.network.vpcs().keys().next();
        let spare = Edit::EnableDnsSupport(spare.unwrap().clone());
        for Repair { edits, .. } in &repairs.list {
            assert!(is_proved(edits.clone()), "{seed}: {edits:?}");
            n_proved += 1;
            for part in parts(edits) {
                assert!(!is_proved(part.clone()), "{seed}: {part:?}");
                n_less += 1;
            }
            let more: EditSet = edits.iter().chain([&spare]).cloned().collect();
            assert!(!is_proved(more.clone()), "{seed}: {more:?}");
            n_more += 1;
        }
    }
    println!("{n_proved} proved, {n_less} parts, {n_more} with something to spare");
    assert!(
        n_proved > 10 && n_less > 0 && n_more > 0,
        "{n_proved} {n_less} {n_more}"
    );
}

#[test]
fn the_parts_of_a_set_are_all_but_nothing_and_the_whole() {
    let edit = |peering: &str| Edit::AcceptPeering(peering.into());
    let set: EditSet = ["a", "b", "c"].map(edit).into();
    let parts: BTreeSet<BTreeSet<Edit>> = parts(&set)
        .into_iter()
        .map(|part| part.into_iter().collect())
        .collect();
    let of = |ids: &[&str]| ids.iter().map(|id| edit(id)).collect();
    let expected = [
        of(&["a"]),
        of(&["b"]),
        of(&["c"]),
        of(&["a", "b"]),
        of(&["a", "c"]),
        of(&["b", "c"]),
    ];
    assert_eq!(parts, expected.into());
}

#[test]
fn every_clause_that_drops_in_random_networks_has_a_remedy_or_says_why_not() {
    let mut seen = BTreeSet::new();
    for seed in 0..N_NETWORKS {
        let world = proptests::run::world(seed);
        let evaluator = Evaluator::load(&world.network);
        for flow in world.pivot.iter() {
            let decision = evaluator.decide(flow);
            let dropped: Vec<Clause> = [Some(&decision.forward), decision.reply.as_ref()]
                .into_iter()
                .flatten()
                .filter(|outcome| outcome.disposition == Disposition::Dropped)
                .map(|outcome| outcome.clause)
                .collect();
            for clause in dropped {
                assert_ne!(remedy(clause), Remedy::DropsNothing, "{clause}");
                seen.insert(clause);
            }
        }
    }
    assert!(!seen.is_empty());
}

/// Of random accounts and a request that a claim wants, every set of edits that is proposed makes both
/// engines permit the request that was shown denied.
#[test]
fn every_repair_of_policies_permits_what_was_denied() {
    let (mut asked, mut found, mut of_accounts) = (0, 0, 0);
    for seed in 0..N_WORLDS {
        let case = Case::of_seed(seed, 6);
        let network = case.world.network();
        for (_, request) in &case.asked {
            let Principal::Arn { .. } = &request.principal else {
                continue;
            };
            let invariant = wanted(request);
            let judge = Judge::new(&network);
            let Ok(judgement) = judge.judge(&invariant) else {
                panic!("{seed}")
            };
            let Ruling::Violated(Some(evidence)) = judgement.ruling else {
                continue;
            };
            let Some((way, permission)) = evidence.permission.clone() else {
                continue;
            };
            let shown = evidence.request().unwrap().clone();
            assert_eq!(permission.effect, PermissionEffect::Denied);
            asked += 1;
            let repairs = of_claim(&judge, Word::Always, &invariant, &evidence).unwrap();
            assert!(!repairs.list.is_empty() || !repairs.notes.is_empty());
            for repair in &repairs.list {
                let edited = edited(&network, &repair.edits).unwrap();
                let judge = Judge::new(&edited);
                let effects = [
                    judge.evaluator.permits(&way, &shown).effect,
                    judge.solver.permits(&way, &shown).effect,
                ];
                let permitted = PermissionEffect::Permitted;
                assert_eq!(
                    effects,
                    [permitted.clone(), permitted],
                    "{seed}: {repair:?}"
                );
                found += 1;
                let is_endpoints = |edit: &Edit| repair::component(edit) == endpoint(&case);
                of_accounts += usize::from(!repair.edits.iter().all(is_endpoints));
            }
        }
    }
    println!("{asked} asked, {found} found, {of_accounts} of accounts");
    assert!(
        asked > 20 && found > 0 && of_accounts > 0,
        "{asked} {found} {of_accounts}"
    );
}

fn endpoint(case: &Case) -> ComponentId {
    ComponentId::VpcEndpoint(case.world.endpoint())
}

/// That a request passes by the gateway endpoint, whatever else it brings.
fn wanted(request: &Request) -> Invariant {
    let patterns = |text: &str| Patterns {
        include: vec![text.to_owned()],
        exclude: Vec::new(),
    };
    let mut invariant = question(&"client".into(), &"client".into());
    invariant.quantifier = Quantifier::Every;
    invariant.claim = Claim::PermittedAll;
    invariant.scope.to = vec![Place::GatewayEndpoints(BTreeSet::from(["g".into()]))];
    invariant.scope.families = BTreeSet::from([model::Family::V4]);
    invariant.scope.request = Some(RequestSet {
        actions: patterns(&request.action),
        resources: patterns(&request.resource),
        principals: PrincipalSet::These(vec![request.principal.clone()]),
        ..RequestSet::every()
    });
    invariant
}
