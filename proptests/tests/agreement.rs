//! The two engines agree: on single flows, names and requests, on verdicts, and on each other's
//! witnesses. `VPCPROOF_SCALE=20` runs twenty times as many cases, `VPCPROOF_SEED` others.

use evaluator::Evaluator;
use model::{Engine, Source};
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

/// Claims to names are not idle: packets to addresses of NAT64 show some, hosts on premises others.
#[test]
fn claims_to_names_are_decided() {
    let (mut n_translated, mut n_on_premises, mut n_asked) = (0, 0, 0);
    for seed in 0..300 {
        let network = run::verdict_network(seed);
        let Some(invariant) = invariant::named(&network, &mut Dice::new(seed)) else {
            continue;
        };
        n_asked += 1;
        let verdict = run::evaluator(&network).check(&invariant);
        let Some(shown) = run::witness(&verdict) else {
            continue;
        };
        let destination = shown.flow.packet.destination();
        n_translated += u32::from(pool::pictured(destination).is_some());
        n_on_premises += u32::from(matches!(shown.flow.source, Source::OnPremises(_)));
    }
    println!("of {n_asked}: {n_translated} by NAT64, {n_on_premises} from premises");
    assert!(n_translated > 0, "no packet to an address of NAT64");
    assert!(n_on_premises > 0, "no packet from premises");
}
