//! The two engines agree: on single flows, names and requests, on verdicts, and on each other's
//! witnesses. `VPCPROOF_SCALE=20` runs twenty times as many cases, `VPCPROOF_SEED` others.

use evaluator::Evaluator;
use model::{Cidr, Engine, Family, Origin, Place, Source, TrafficClass, Verdict};
use proptests::dice::Dice;
use proptests::pool;
use proptests::question::invariant;
use proptests::run::{self, Tally};
use solver::Solver;

fn assert_agreement(tally: &Tally) {
    let texts: Vec<_> = tally
        .found
        .iter()
        .map(|found| format!("seed {}\n{}", found.seed, found.text))
        .collect();
    assert!(
        tally.n_found == 0,
        "{} disagreements: {:#?}\n{}",
        tally.n_found,
        tally.answers,
        texts.join("\n")
    );
}

/// ∀ flow, name, request: evaluator(q) = solver(q) - disposition, deciding clause, arrival, reply.
#[test]
fn on_flows_names_and_requests() {
    let tally = run::cases(run::first_seed(), 450 * run::scale(), |seed| {
        run::pointwise::<Evaluator, Solver>(seed, 16)
    });
    let delivered = tally.delivered_percent();
    println!("{} flows, {delivered} % delivered", tally.n_flows);
    assert!(
        (30..=70).contains(&delivered),
        "{delivered} % are delivered"
    );
    assert_agreement(&tally);
}

/// ∀ invariant: both verdicts definite ⇒ equal; a witness of one is confirmed by the other. What is
/// unknown on one side only is bounded: an engine may be finer, not idle.
#[test]
fn on_verdicts_and_witnesses() {
    let tally = run::cases(run::first_seed(), 120 * run::scale(), |seed| {
        run::verdicts(seed, 2)
    });
    println!("{:#?}", tally.verdicts);
    assert_agreement(&tally);
    let (one_sided, all) = tally.one_sided();
    assert!(
        100 * one_sided <= 5 * all,
        "{one_sided} of {all} unknown on one side"
    );
    assert!(tally.n_confirmed > 0, "no witness was confirmed");
    let (confirmed, open) = (tally.n_confirmed, tally.n_unconfirmed);
    assert!(
        10 * open <= confirmed,
        "{open} witnesses left open, {confirmed} confirmed"
    );
}

/// ∀ claim about one host and another, whose packet is a number in the solver: the verdicts are equal.
#[test]
fn on_claims_about_two_hosts() {
    let (mut held, mut failed) = (0, 0);
    for seed in 0..600 * run::scale() {
        let network = run::verdict_network(seed);
        let completion = run::evaluator(&network).completion().clone();
        let network = network.completed(&completion);
        let mut dice = Dice::new(seed);
        let mut claim = invariant::invariant(&network, &mut dice);
        let ids: Vec<_> = network.network_interfaces().keys().cloned().collect();
        let (Some(one), Some(other)) = (dice.pick(&ids), dice.pick(&ids)) else {
            continue;
        };
        let port = *dice.pick(&[22, 443, 1024]).unwrap();
        let scope = &mut claim.scope;
        scope.from = vec![match dice.below(4) {
            0 => Origin::Internet(Some(["198.51.100.7/32".parse().unwrap()].into())),
            _ => Origin::Interfaces([one.clone()].into()),
        }];
        scope.to = vec![Place::Interfaces {
            interfaces: [other.clone()].into(),
            public_from_inside: false,
        }];
        scope.traffic.classes = vec![TrafficClass::Tcp {
            source_ports: if dice.percent(50) {
                40_000..=40_000
            } else {
                1024..=65_535
            },
            destination_ports: port..=port,
        }];
        scope.families = [Family::V4].into();
        let [by_evaluator, by_solver] = [
            run::evaluator(&network).check(&claim),
            run::solver(&network).check(&claim),
        ];
        let (one, other) = (word(&by_evaluator), word(&by_solver));
        let is_open = [one, other].contains(&"unknown");
        assert!(
            is_open || one == other,
            "seed {seed}: {one}, {other}: {claim:?}"
        );
        held += usize::from(one == "holds");
        failed += usize::from(one == "violated");
    }
    println!("{held} hold, {failed} are violated");
    assert!(
        held > 50 && failed > 50,
        "{held} hold, {failed} are violated"
    );
}

const fn word(verdict: &Verdict) -> &'static str {
    match verdict {
        Verdict::Holds { .. } => "holds",
        Verdict::Violated { .. } => "violated",
        Verdict::Vacuous => "vacuous",
        Verdict::Unknown { .. } => "unknown",
    }
}

/// Claims to names are not idle: hosts on premises that ask an inbound resolver endpoint show some,
/// and clients that are answered by DNS64.
#[test]
fn claims_to_names_are_decided() {
    let (mut from_premises, mut by_nat64) = (0, 0);
    let translated: Cidr = "64:ff9b::/96".parse().unwrap();
    for seed in 0..300 {
        let network = run::verdict_network(seed);
        let Some(invariant) = invariant::named(&network, &mut Dice::new(seed)) else {
            continue;
        };
        let verdict = run::evaluator(&network).check(&invariant);
        let Some(shown) = run::witness(&verdict) else {
            continue;
        };
        let flow = &shown.flow;
        from_premises += usize::from(matches!(flow.source, Source::OnPremises(_)));
        let destination = flow.packet.destination();
        by_nat64 += usize::from(pool::holds(translated, destination));
    }
    assert!(from_premises > 0, "no packet from premises");
    assert!(by_nat64 > 0, "no packet to an address of NAT64");
}
