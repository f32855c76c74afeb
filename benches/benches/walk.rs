//! What does the walk of one flow cost, both ways, in an estate that was walked just before?

use std::hint::black_box;
use std::time::Duration;

use benches::notes::Notes;
use benches::{ESTATES, Estate, SIZES};
use criterion::{BenchmarkId, Criterion, Throughput};
use evaluator::Evaluator;
use model::{Disposition, Engine, Flow};

const SEED: u64 = 1;
const N_DRAWN: usize = 65_536;
const N_FLOWS: usize = 1_024;

/// A walk has its whole length when request and reply are delivered.
fn answered(evaluator: &Evaluator, flow: &Flow) -> bool {
    let reply = evaluator.decide(flow).reply;
    reply.is_some_and(|reply| reply.disposition == Disposition::Delivered)
}

fn walk(criterion: &mut Criterion, notes: &mut Notes, estate: &Estate) {
    let mut group = criterion.benchmark_group(estate.group("walk"));
    for n_interfaces in SIZES {
        let network = estate.network(n_interfaces);
        let evaluator = Evaluator::load(&network);
        let mut mixed = (estate.flows)(&network, N_DRAWN, SEED);
        let mut whole = mixed.clone();
        whole.retain(|flow| answered(&evaluator, flow));
        let share = 100.0 * whole.len() as f64 / mixed.len() as f64;
        notes.say(
            format!("{}/answered/{n_interfaces}", estate.group("walk")),
            format!("{share:.0} % of the mixed flows are answered"),
        );
        mixed.truncate(N_FLOWS);
        whole.truncate(N_FLOWS);
        assert_eq!(
            whole.len(),
            N_FLOWS,
            "enough of {N_DRAWN} flows are answered"
        );
        for flow in whole.iter().chain(&mixed) {
            assert_eq!(evaluator.trace(flow).decision, evaluator.decide(flow));
        }

        group.throughput(Throughput::Elements(N_FLOWS as u64));
        group.bench_function(
            BenchmarkId::new("decide-answered", n_interfaces),
            |bencher| {
                bencher.iter(|| {
                    for flow in &whole {
                        black_box(evaluator.decide(black_box(flow)));
                    }
                });
            },
        );
        group.bench_function(BenchmarkId::new("decide-mixed", n_interfaces), |bencher| {
            bencher.iter(|| {
                for flow in &mixed {
                    black_box(evaluator.decide(black_box(flow)));
                }
            });
        });
        group.bench_function(
            BenchmarkId::new("trace-answered", n_interfaces),
            |bencher| {
                bencher.iter(|| {
                    for flow in &whole {
                        black_box(evaluator.trace(black_box(flow)));
                    }
                });
            },
        );
    }
    group.finish();
}

fn main() {
    let mut criterion = Criterion::default()
        .sample_size(50)
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_secs(1))
        .configure_from_args();
    let mut notes = Notes::new("walk");
    for estate in &ESTATES {
        walk(&mut criterion, &mut notes, estate);
    }
    notes.write();
    criterion.final_summary();
}
