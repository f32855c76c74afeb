//! Interfaces that nothing tells apart: asking two of them is asking all.

use model::{Claim, Invariant, Origin, Place, Quantifier, Scope};

use super::checks::{all_traffic, interfaces, invariant, scope, to};
use super::devices::with_devices;
use super::lab::{Lab, address};
use super::premises::with_premises;
use super::properties::{Numbers, random};
use crate::Evaluator;
use crate::check::{Question, Tally};
use crate::claim::{self, Target};
use crate::interface_classes::Lens;
use crate::permissions::Permissions;
use crate::standing::Standing;

const NAMES: [&str; 5] = ["x", "y", "z", "u", "p"];

/// The interfaces once more, twice: their neighbours, three addresses and twenty above.
fn with_neighbours(lab: &mut Lab) -> Vec<String> {
    let mut ids: Vec<String> = NAMES.map(str::to_owned).into();
    for name in NAMES {
        for (neighbour, distance) in [("1", 3), ("2", 20)] {
            let mut interface = lab.interface_mut(name).clone();
            // What rules name is the last of its class.
            let id = format!("{neighbour}{name}");
            interface.id = id.as_str().into();
            for of in &mut interface.addresses {
                for value in [Some(&mut of.private), of.public.as_mut()]
                    .into_iter()
                    .flatten()
                {
                    if let model::AddressValue::Known(known) = value {
                        let above = crate::address::above(*known, distance);
                        *known = above.expect("it is not the last one");
                    }
                }
            }
            lab.draft.network_interfaces.push(interface);
            ids.push(id);
        }
    }
    ids
}

/// A question about some of the interfaces, to some of them, to addresses or to the outside.
fn question(numbers: &mut Numbers, ids: &[String]) -> Invariant {
    let some = |numbers: &mut Numbers, of: usize| {
        let chosen = ids.iter().filter(|_| numbers.below(of) > 0);
        chosen.map(String::as_str).collect::<Vec<_>>()
    };
    let place = match numbers.below(6) {
        0 => Place::Internet,
        1 => {
            let hosts = ["10.0.1.11", "10.0.2.0", "52.0.0.1", "2600:1f00::b"];
            let host = model::Cidr::host(address(hosts[numbers.below(4)]));
            Place::Cidrs([host, super::lab::cidr("10.0.0.0/23")].into())
        }
        2 => to(&[&ids[numbers.below(ids.len())]]),
        _ => to(&some(numbers, 2)),
    };
    let mut scope: Scope = scope(interfaces(&some(numbers, 4)), place, all_traffic());
    if numbers.one_in(4) {
        scope.from.push(Origin::Internet(None));
    }
    if numbers.one_in(6) {
        scope.from.push(Origin::OnPremises {
            blocks: None,
            resolver: None,
        });
    }
    let claim = match numbers.below(3) {
        0 => Claim::Delivered,
        1 => Claim::Answered,
        _ => Claim::Not(Box::new(Claim::Answered)),
    };
    let quantifier = [Quantifier::Every, Quantifier::Exists][numbers.below(2)];
    invariant(quantifier, scope, claim)
}

/// What is found by asking all interfaces, and by asking those that stand for them; and how many
/// fewer senders and addresses these are.
fn asked(evaluator: &Evaluator, invariant: &Invariant) -> ([Tally; 2], [usize; 2]) {
    let target = Target {
        premise: None,
        claim: claim::Claim::new(&invariant.claim, &evaluator.compiled.names),
        quantifier: invariant.quantifier,
    };
    let permissions = Permissions::default();
    let lens = Lens {
        network: &evaluator.network,
        compiled: &evaluator.compiled,
    };
    let question = || {
        let (network, compiled) = (lens.network, lens.compiled);
        evaluator.question(network, compiled, &target, &permissions, invariant)
    };
    let all = question();
    let standing = Standing::new(lens, &all);
    let n_fewer = standing.as_ref().map_or([0, 0], |standing| {
        let n_senders = all.scope.interfaces.len() - standing.senders.len();
        [n_senders, standing.passed_over.len()]
    });
    let few = Question {
        standing,
        ..question()
    };
    let tallies = [all, few].map(|question| {
        let (tally, exhausted) = question.ask(&mut 20_000_000);
        assert!(!exhausted);
        tally
    });
    (tallies, n_fewer)
}

#[test]
fn two_of_a_class_stand_for_all_of_it() {
    let (mut n_fewer, mut n_found, mut n_open) = ([0, 0], 0, 0);
    for seed in 0..300 {
        let mut lab = match seed % 4 {
            0 => with_devices(seed),
            1 => with_premises(seed),
            _ => random(seed),
        };
        let ids = with_neighbours(&mut lab);
        if lab.draft.clone().validate().is_err() {
            continue;
        }
        let evaluator = lab.load();
        let numbers = &mut Numbers(seed + 5_000_000);
        for _ in 0..40 {
            let invariant = question(numbers, &ids);
            let ([all, few], fewer) = asked(&evaluator, &invariant);
            let shown = || format!("network {seed}: {invariant:#?}");
            assert_eq!(all.found.is_some(), few.found.is_some(), "{}", shown());
            // What else there is depends on how far other threads came when a flow was found.
            if all.found.is_none() {
                assert_eq!(all.spoken, few.spoken, "{}", shown());
                assert_eq!(all.possible, few.possible, "{}", shown());
                assert_eq!(all.holes, few.holes, "{}", shown());
                n_open += usize::from(all.possible && fewer != [0, 0]);
            }
            n_fewer = [0, 1].map(|side| n_fewer[side] + fewer[side]);
            n_found += usize::from(all.found.is_some() && fewer != [0, 0]);
        }
    }
    assert!(n_fewer[0] > 1_000 && n_fewer[1] > 10_000, "{n_fewer:?}");
    assert!(n_found > 200, "{n_found}");
    assert!(n_open > 10, "{n_open}");
}

/// A rule names the public address of the last of three that are alike but for theirs.
#[test]
fn a_public_address_tells_a_sender_apart() {
    let all = || vec![super::lab::from_cidr(model::RuleTraffic::All, "0.0.0.0/0")];
    let tcp = super::lab::tcp(443, 443);
    let lab = Lab::default()
        .vpc("v", &["10.0.0.0/16"])
        .internet_gateway("i", Some("v"))
        .subnet("a", "v", &["10.0.1.0/24"])
        .table("t", "v", &["a"])
        .route("t", "0.0.0.0/0", model::Target::InternetGateway("i".into()))
        .group("clients", "v", vec![], all())
        .group(
            "servers",
            "v",
            vec![super::lab::from_cidr(tcp, "52.0.0.3/32")],
            all(),
        )
        .interface("x", "a", "clients", &["10.0.1.11=52.0.0.1"])
        .interface("y", "a", "clients", &["10.0.1.12=52.0.0.2"])
        .interface("z", "a", "clients", &["10.0.1.13=52.0.0.3"])
        .interface("server", "a", "servers", &["10.0.1.20=52.0.0.9"]);
    let server = Place::Cidrs([model::Cidr::host(address("52.0.0.9"))].into());
    let asked = scope(interfaces(&["x", "y", "z"]), server, all_traffic());
    let verdict = lab
        .load()
        .check_as(crate::Form::Fast, &super::checks::never(asked));
    let model::Verdict::Violated { counterexample } = verdict else {
        panic!("{verdict:?}");
    };
    let flow = counterexample.map(|witness| witness.flow.source);
    assert_eq!(flow, Some(model::Source::Interface("z".into())));
}
