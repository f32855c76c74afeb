//! How long does a user of the solver wait for ten claims about a network, loading included?

mod fresh;

use std::hint::black_box;
use std::time::Duration;

use benches::notes::Notes;
use benches::{ESTATES, Estate, SIZES, answer};
use criterion::{BatchSize, BenchmarkId, Criterion, SamplingMode};
use model::{Engine, Invariant, Network, Verdict};
use solver::Solver;

use fresh::Fresh;

fn ask(network: &Network, claims: &[Invariant]) -> (Vec<Verdict>, Solver) {
    let solver = Solver::load(network);
    let verdicts = claims.iter().map(|claim| solver.check(claim)).collect();
    (verdicts, solver)
}

fn ten_claims(criterion: &mut Criterion, notes: &mut Notes, estate: &Estate) {
    let fresh = Fresh::new();
    let name = estate.group("ten-claims");
    let mut group = criterion.benchmark_group(&name);
    group.sampling_mode(SamplingMode::Flat);
    for n_interfaces in SIZES {
        let network = estate.network(n_interfaces);
        let claims = (estate.claims)(&network);
        let (verdicts, _) = ask(&network, &claims);
        notes.say(
            format!("{name}/load-and-check/{n_interfaces}"),
            answer::tally(&verdicts),
        );
        for (claim, verdict) in claims.iter().zip(&verdicts) {
            assert_ne!(answer::word(verdict), "vacuous", "{}", claim.name);
            let key = format!("{name}/{}/{n_interfaces}", claim.name);
            notes.say(key, answer::word(verdict));
        }
        notes.write();
        let id = BenchmarkId::new("load-and-check", n_interfaces);
        group.bench_function(id, |bencher| {
            bencher.iter_batched(
                || drop(fresh.load(&network)),
                |()| ask(black_box(&network), black_box(&claims)),
                BatchSize::PerIteration,
            );
        });
    }
    group.finish();
}

fn main() {
    let mut criterion = Criterion::default()
        .sample_size(10)
        .warm_up_time(Duration::from_millis(200))
        .measurement_time(Duration::from_secs(1))
        .configure_from_args();
    let mut notes = Notes::new("ten_claims");
    for estate in &ESTATES {
        ten_claims(&mut criterion, &mut notes, estate);
    }
    criterion.final_summary();
}
