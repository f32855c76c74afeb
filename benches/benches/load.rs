//! What does it cost to come from a file to an engine that can be asked?

#![allow(
    clippy::expect_used,
    reason = "a bench runs by hand, where stopping is the right answer"
)]

use std::hint::black_box;
use std::time::Duration;
use std::{env, fs, slice};

use benches::terraform_plan::{self, Shape};
use benches::{ESTATES, Estate, SIZES, drafted, validated};
use criterion::{BatchSize, BenchmarkId, Criterion};
use evaluator::Evaluator;
use model::Engine;
use solver::Solver;

/// How many resources the plans have.
const N_RESOURCES: [usize; 3] = [500, 5_000, 20_000];

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

/// A plan as Terraform prints it, from the file to the draft.
fn plan(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("load-plan");
    group.sample_size(10);
    for n_resources in N_RESOURCES {
        for (name, shape) in [("modules", Shape::Modules), ("flat", Shape::Flat)] {
            let text = terraform_plan::plan(n_resources, shape).to_string();
            let file = env::temp_dir().join(format!("vpcproof-bench-{name}-{n_resources}.json"));
            fs::write(&file, text).expect("the folder of temporary files can be written");
            group.bench_function(BenchmarkId::new(name, n_resources), |bencher| {
                bencher.iter_batched(
                    || (),
                    |()| ingest::read(black_box(slice::from_ref(&file))).expect("it can be read"),
                    BatchSize::PerIteration,
                );
            });
            fs::remove_file(&file).expect("what was written can be removed");
        }
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
    plan(&mut criterion);
    criterion.final_summary();
}
