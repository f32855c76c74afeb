//! What does it cost to come from a file to an engine that can be asked?

#![allow(
    clippy::expect_used,
    reason = "a bench runs by hand, where stopping is the right answer"
)]

use std::hint::black_box;
use std::time::Duration;

use benches::{ESTATES, Estate, SIZES, drafted, validated};
use criterion::{BatchSize, BenchmarkId, Criterion};
use evaluator::Evaluator;
use model::Engine;
use solver::Solver;

fn load(criterion: &mut Criterion, estate: &Estate) {
    let mut group = criterion.benchmark_group(estate.group("load"));
    for n_interfaces in SIZES {
        let text = (estate.text)(n_interfaces);
        let draft = drafted(&text);
        let network = validated(&text);
        group.bench_function(BenchmarkId::new("read-native", n_interfaces), |bencher| {
            bencher.iter_batched(|| (), |()| drafted(black_box(&text)), BatchSize::LargeInput);
        });
        group.bench_function(BenchmarkId::new("validate", n_interfaces), |bencher| {
            bencher.iter_batched(
                || draft.clone(),
                |draft| draft.validate().expect("an estate has no defect"),
                BatchSize::LargeInput,
            );
        });
        group.bench_function(BenchmarkId::new("evaluator", n_interfaces), |bencher| {
            bencher.iter_batched(
                || (),
                |()| Evaluator::load(black_box(&network)),
                BatchSize::LargeInput,
            );
        });
        group.bench_function(BenchmarkId::new("solver", n_interfaces), |bencher| {
            bencher.iter_batched(
                || (),
                |()| Solver::load(black_box(&network)),
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
    for estate in &ESTATES {
        load(&mut criterion, estate);
    }
    criterion.final_summary();
}
