//! What does one and the same claim cost the evaluator, which tries every cell, and the solver?
//!
//! Loading is in neither time. The verdicts are compared before any is taken.

mod fresh;

use std::time::Duration;

use benches::claims::{KINDS, one};
use benches::notes::Notes;
use benches::{SIZES, answer, estate};
use criterion::{BatchSize, BenchmarkId, Criterion, SamplingMode};
use evaluator::Evaluator;
use model::Engine;

use fresh::Fresh;

fn engines(criterion: &mut Criterion) {
    let fresh = Fresh::new();
    let mut notes = Notes::new("engines");
    let mut group = criterion.benchmark_group("engines");
    group.sampling_mode(SamplingMode::Flat);
    for n_interfaces in SIZES {
        let network = estate(n_interfaces);
        let evaluator = Evaluator::load(&network);
        for kind in KINDS {
            let claim = one(&network, kind);
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

fn main() {
    let mut criterion = Criterion::default()
        .sample_size(10)
        .warm_up_time(Duration::from_millis(200))
        .measurement_time(Duration::from_secs(1))
        .configure_from_args();
    engines(&mut criterion);
    criterion.final_summary();
}
