//! After one edit, how long until the evaluator has decided all claims again?
#![allow(
    clippy::expect_used,
    reason = "a measurement of something else than what is meant stops"
)]

use std::hint::black_box;
use std::time::Duration;

use benches::notes::Notes;
use benches::{answer, claims, drafted, estate_text};
use criterion::{BatchSize, BenchmarkId, Criterion, SamplingMode};
use evaluator::Evaluator;
use model::{Engine, Invariant, Network, Verdict};

const N_INTERFACES: usize = 10_000;

/// The estate, and the same with a rule more in one group.
fn networks() -> [Network; 2] {
    let before = estate_text(N_INTERFACES);
    let rule = "ingress = [\"tcp/5432 from sg:app-7\"]";
    assert_eq!(before.matches(rule).count(), 1);
    let after = before.replace(
        rule,
        "ingress = [\"tcp/5432 from sg:app-7\", \"tcp/5433 from sg:app-7\"]",
    );
    [before, after].map(|text| drafted(&text).validate().expect("it is valid"))
}

fn ask(network: &Network, claims: &[Invariant]) -> (Vec<Verdict>, Evaluator) {
    let evaluator = Evaluator::load(network);
    let verdicts = claims.iter().map(|claim| evaluator.check(claim)).collect();
    (verdicts, evaluator)
}

fn main() {
    let mut criterion = Criterion::default()
        .sample_size(10)
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_secs(3))
        .configure_from_args();
    let mut notes = Notes::new("one_edit");
    let [before, after] = networks();
    let claims = claims::ten(&after);
    let [(old, _), (new, _)] = [&before, &after].map(|network| ask(network, &claims));
    let words = |all: &[Verdict]| all.iter().map(answer::word).collect::<Vec<_>>();
    assert_eq!(
        words(&old),
        words(&new),
        "the edit opens nothing that is claimed"
    );
    notes.say(format!("ten-claims/{N_INTERFACES}"), answer::tally(&new));
    let mut group = criterion.benchmark_group("one-edit");
    group.sampling_mode(SamplingMode::Flat);
    group.bench_function(BenchmarkId::new("ten-claims", N_INTERFACES), |bencher| {
        let asked = || ask(black_box(&after), black_box(&claims));
        bencher.iter_batched(|| (), |()| asked(), BatchSize::PerIteration);
    });
    group.bench_function(BenchmarkId::new("load", N_INTERFACES), |bencher| {
        let loaded = || Evaluator::load(black_box(&after));
        bencher.iter_batched(|| (), |()| loaded(), BatchSize::PerIteration);
    });
    group.finish();
    notes.write();
    criterion.final_summary();
}
