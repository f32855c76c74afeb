//! What does one and the same claim cost the evaluator, which tries every cell, and the solver: in the
//! estate, and in the network of an organization, which has every component?
//!
//! Loading is in neither time. The verdicts are compared before any is taken.

mod fresh;

use std::time::Duration;

use benches::claims::{KINDS, one};
use benches::notes::Notes;
use benches::{SIZES, answer, estate, organization};
use criterion::{BatchSize, BenchmarkId, Criterion, SamplingMode};
use evaluator::Evaluator;
use model::{Engine, Invariant, Network};

use fresh::Fresh;

/// Asks both engines the claims about a network as it grows.
fn ask(
    criterion: &mut Criterion,
    name: &'static str,
    network: fn(usize) -> Network,
    claims: fn(&Network) -> Vec<(&'static str, Invariant)>,
) {
    let fresh = Fresh::new();
    let mut notes = Notes::new(name);
    let mut group = criterion.benchmark_group(name);
    group.sampling_mode(SamplingMode::Flat);
    for n_interfaces in SIZES {
        let network = network(n_interfaces);
        let evaluator = Evaluator::load(&network);
        for (kind, claim) in claims(&network) {
            let by_evaluator = evaluator.check(&claim);
            let by_solver = fresh.load(&network).check(&claim);
            assert!(
                answer::compatible(&by_evaluator, &by_solver),
                "the engines disagree on `{}`: {by_evaluator:?}, {by_solver:?}",
                claim.name
            );
            for (engine, verdict) in [("evaluator", by_evaluator), ("solver", by_solver)] {
                let key = format!("{kind}-{engine}/{n_interfaces}");
                notes.say(key, answer::word(&verdict));
            }
            notes.write();
            let id = BenchmarkId::new(format!("{kind}-evaluator"), n_interfaces);
            group.bench_function(id, |bencher| {
                bencher.iter_with_large_drop(|| evaluator.check(&claim));
            });
            let id = BenchmarkId::new(format!("{kind}-solver"), n_interfaces);
            group.bench_function(id, |bencher| {
                bencher.iter_batched(
                    || fresh.load(&network),
                    |solver| (solver.check(&claim), solver),
                    BatchSize::PerIteration,
                );
            });
        }
    }
    group.finish();
}

fn one_of_each_kind(network: &Network) -> Vec<(&'static str, Invariant)> {
    KINDS.map(|kind| (kind, one(network, kind))).into()
}

fn ten(network: &Network) -> Vec<(&'static str, Invariant)> {
    let claims = organization::claims::ten(network);
    organization::claims::NAMES
        .into_iter()
        .zip(claims)
        .collect()
}

fn main() {
    let mut criterion = Criterion::default()
        .sample_size(10)
        .warm_up_time(Duration::from_millis(200))
        .measurement_time(Duration::from_secs(1))
        .configure_from_args();
    ask(&mut criterion, "engines", estate, one_of_each_kind);
    ask(&mut criterion, "organization", organization::network, ten);
    criterion.final_summary();
}
