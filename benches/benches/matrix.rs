//! What does it cost to tell who reaches whom, for all pairs, all ports and both ways? The reference is
//! the plain walk of each pair, which `benches/scale.rs` times on drawn ones.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a measurement of something else than what is meant stops"
)]

use std::hint::black_box;
use std::time::Duration;

use benches::generated::{self, Snapshots, ends, network};
use benches::notes::Notes;
use criterion::{BenchmarkId, Criterion};
use evaluator::{Evaluator, Matrix, MatrixCell};
use model::{Engine, Origin, Place};

/// How many interfaces a generated network has.
const SIZES: [usize; 4] = [1_000, 10_000, 13_000, 100_000];
const TEMPLATES: usize = 20;

fn connected(matrix: &Matrix) -> u64 {
    let cells = matrix.rows.iter().flatten();
    cells
        .map(|cell| match cell {
            MatrixCell::Asked { connected, .. } => *connected,
            MatrixCell::NotAsked | MatrixCell::Nobody => 0,
        })
        .sum()
}

fn main() {
    let mut criterion = Criterion::default()
        .sample_size(10)
        .measurement_time(Duration::from_secs(5))
        .configure_from_args();
    let mut notes = Notes::new("matrix");
    let snapshots = Snapshots::new("matrix");
    let mut group = criterion.benchmark_group("matrix");
    for n_interfaces in SIZES {
        let snapshot = snapshots.of(n_interfaces, TEMPLATES);
        let network = network(&snapshot);
        let evaluator = Evaluator::load(&network);
        let (rows, columns) = ends(&network);
        let matrix = evaluator.matrix(&rows, &columns);
        notes.say(
            format!("matrix/all-pairs/{n_interfaces}"),
            format!(
                "{} connected pairs",
                connected(&matrix.expect("the budget is enough"))
            ),
        );
        group.bench_function(BenchmarkId::new("load", n_interfaces), |bencher| {
            bencher.iter(|| Evaluator::load(&generated::network(black_box(&snapshot))));
        });
        group.bench_function(BenchmarkId::new("all-pairs", n_interfaces), |bencher| {
            bencher.iter(|| black_box(evaluator.matrix(&rows, &columns)));
        });
        let internet = [Origin::Internet(None)];
        group.bench_function(BenchmarkId::new("from-internet", n_interfaces), |bencher| {
            bencher.iter(|| black_box(evaluator.matrix(&internet, &columns)));
        });
        group.bench_function(BenchmarkId::new("to-internet", n_interfaces), |bencher| {
            bencher.iter(|| black_box(evaluator.matrix(&rows, &[Place::Internet])));
        });
        group.bench_function(BenchmarkId::new("classes", n_interfaces), |bencher| {
            bencher.iter(|| black_box(evaluator.interface_classes().len()));
        });
    }
    group.finish();
    notes.write();
    criterion.final_summary();
}
