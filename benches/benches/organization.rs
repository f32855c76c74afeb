//! What does each claim about a network of every component cost each engine as the network grows?
//!
//! Loading is in no time; each is that of the first claim that an engine is asked. The verdicts are
//! compared before any is taken.

mod fresh;

use std::time::Duration;

use benches::notes::Notes;
use benches::organization::{claims, network};
use benches::{SIZES, answer};
use criterion::{BatchSize, BenchmarkId, Criterion, SamplingMode};
use evaluator::Evaluator;
use model::Engine;

use fresh::Fresh;

fn organization(criterion: &mut Criterion) {
    let fresh = Fresh::new();
    let mut notes = Notes::new("organization");
    let mut group = criterion.benchmark_group("organization");
    group.sampling_mode(SamplingMode::Flat);
    for n_interfaces in SIZES {
        let network = network(n_interfaces);
        let evaluator = Evaluator::load(&network);
        for claim in claims::ten(&network) {
            let by_evaluator = evaluator.check(&claim);
            let by_solver = fresh.load(&network).check(&claim);
            assert!(
                answer::compatible(&by_evaluator, &by_solver),
                "the engines disagree on `{}`: {by_evaluator:?}, {by_solver:?}",
                claim.name
            );
            for (engine, verdict) in [("evaluator", by_evaluator), ("solver", by_solver)] {
                let key = format!("{}-{engine}/{n_interfaces}", claim.name);
                notes.say(key, answer::word(&verdict));
            }
            notes.write();
            let id = BenchmarkId::new(format!("{}-evaluator", claim.name), n_interfaces);
            group.bench_function(id, |bencher| {
                bencher.iter_with_large_drop(|| evaluator.check(&claim));
            });
            let id = BenchmarkId::new(format!("{}-solver", claim.name), n_interfaces);
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

fn main() {
    let mut criterion = Criterion::default()
        .sample_size(10)
        .warm_up_time(Duration::from_millis(200))
        .measurement_time(Duration::from_secs(1))
        .configure_from_args();
    organization(&mut criterion);
    criterion.final_summary();
}
