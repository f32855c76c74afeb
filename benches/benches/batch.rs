//! How much faster do two threads decide a batch of flows than one?
//!
//! Two threads of a shared machine seldom give two of what one gives, so the same is asked of a
//! loop of arithmetic without memory: what it gains is all that there is to gain in this run.

#![allow(
    clippy::expect_used,
    reason = "a bench runs by hand, where stopping is the right answer"
)]

use std::hint::black_box;
use std::time::Duration;

use benches::baseline::arithmetic;
use benches::notes::Notes;
use benches::{estate, flows};
use criterion::{BenchmarkId, Criterion, SamplingMode, Throughput};
use evaluator::Evaluator;
use model::Engine;
use rayon::{ThreadPool, ThreadPoolBuilder};

const SEED: u64 = 1;
const N_INTERFACES: usize = 1_000;
const N_FLOWS: usize = 1_000_000;
/// Of each of the two independent loops; together some fifty milliseconds.
const ROUNDS: u64 = 16_000_000;

fn pool(n_threads: usize) -> ThreadPool {
    let pool = ThreadPoolBuilder::new().num_threads(n_threads).build();
    pool.expect("threads can be started")
}

fn batch(criterion: &mut Criterion) {
    let mut notes = Notes::new("batch");
    let network = estate(N_INTERFACES);
    let evaluator = Evaluator::load(&network);
    let flows = flows(&network, N_FLOWS, SEED);
    let one_by_one: Vec<_> = flows.iter().map(|flow| evaluator.decide(flow)).collect();

    let mut group = criterion.benchmark_group("batch");
    group.sampling_mode(SamplingMode::Flat);
    for n_threads in [1, 2] {
        let pool = pool(n_threads);
        let decided = pool.install(|| evaluator.decide_all(&flows));
        assert_eq!(decided, one_by_one, "the order is that of the flows");

        let batch = format!("decide-all-{N_FLOWS}");
        group.throughput(Throughput::Elements(N_FLOWS as u64));
        group.bench_function(BenchmarkId::new(batch, n_threads), |bencher| {
            bencher
                .iter_with_large_drop(|| pool.install(|| evaluator.decide_all(black_box(&flows))));
        });
        // Right behind the batch, so that both see the machine in one mood.
        group.throughput(Throughput::Elements(2 * ROUNDS));
        group.bench_function(BenchmarkId::new("arithmetic", n_threads), |bencher| {
            let half = || arithmetic(black_box(ROUNDS));
            bencher.iter(|| pool.install(|| black_box(rayon::join(half, half))));
        });
    }
    group.finish();
    notes.say(
        "checked",
        format!("{N_FLOWS} decisions equal those of `decide`"),
    );
    notes.write();
}

fn main() {
    let mut criterion = Criterion::default()
        .sample_size(20)
        .warm_up_time(Duration::from_secs(1))
        .measurement_time(Duration::from_secs(4))
        .configure_from_args();
    batch(&mut criterion);
    criterion.final_summary();
}
