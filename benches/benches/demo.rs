//! What does each claim about the fixture `tokyo-endpoints` cost the solver, and reading it?
//!
//! Each time is that of the first claim that a newly loaded solver is asked; loading is not in it,
//! but measured beside it.

mod fresh;

use std::hint::black_box;
use std::time::Duration;

use benches::answer;
use benches::demo;
use benches::notes::Notes;
use criterion::{BatchSize, Criterion};
use model::Engine;
use solver::Solver;

use fresh::Fresh;

fn claims(criterion: &mut Criterion) {
    let fresh = Fresh::new();
    let mut notes = Notes::new("demo");
    let mut group = criterion.benchmark_group("demo");
    let network = demo::read();
    group.bench_function("read-describe", |bencher| {
        bencher.iter_with_large_drop(demo::read);
    });
    group.bench_function("load-solver", |bencher| {
        bencher.iter_batched(
            || (),
            |()| Solver::load(black_box(&network)),
            BatchSize::PerIteration,
        );
    });
    for claim in demo::claims(&network) {
        let verdict = fresh.load(&network).check(&claim);
        assert_ne!(answer::word(&verdict), "vacuous", "{}", claim.name);
        notes.say(claim.name.as_str(), answer::word(&verdict));
        notes.write();
        group.bench_function(claim.name.as_str(), |bencher| {
            bencher.iter_batched(
                || fresh.load(&network),
                |solver| (solver.check(&claim), solver),
                BatchSize::PerIteration,
            );
        });
    }
    group.finish();
}

fn main() {
    let mut criterion = Criterion::default()
        .sample_size(20)
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_secs(1))
        .configure_from_args();
    claims(&mut criterion);
    criterion.final_summary();
}
