//! What does one claim of each kind cost the solver as the network grows?
//!
//! Each time is that of the first claim that a newly loaded solver is asked; loading is not in it.

mod fresh;

use std::time::Duration;

use benches::claims::{KINDS, one};
use benches::notes::Notes;
use benches::{SIZES, answer, estate};
use criterion::{BatchSize, BenchmarkId, Criterion, SamplingMode};
use model::Engine;

use fresh::Fresh;

fn claims(criterion: &mut Criterion) {
    let fresh = Fresh::new();
    let mut notes = Notes::new("claims");
    let mut group = criterion.benchmark_group("claim");
    group.sampling_mode(SamplingMode::Flat);
    for n_interfaces in SIZES {
        let network = estate(n_interfaces);
        for kind in KINDS {
            let claim = one(&network, kind);
            let verdict = fresh.load(&network).check(&claim);
            notes.say(format!("{kind}/{n_interfaces}"), answer::word(&verdict));
            notes.write();
            group.bench_function(BenchmarkId::new(kind, n_interfaces), |bencher| {
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
    claims(&mut criterion);
    criterion.final_summary();
}
