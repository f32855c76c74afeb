//! What do a request at a policy, and the comparison of two policies, cost each engine?

mod fresh;
mod regular;

use std::hint::black_box;
use std::time::Duration;

use benches::notes::Notes;
use benches::policies;
use criterion::{BatchSize, BenchmarkId, Criterion};
use evaluator::Evaluator;
use model::{Engine, Excess, PermissionEffect, Policy, RequestWay};

use fresh::Fresh;

fn requests(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("policies");
    for n in [20, 100] {
        let network = policies::network(&policies::of_teams(n));
        let request = policies::request(n - 1);
        let endpoint = RequestWay::Endpoint(policies::ENDPOINT.into(), None);
        let evaluator = Evaluator::load(&network);
        let permission = evaluator.permits(&endpoint, &request);
        assert_eq!(permission.effect, PermissionEffect::Permitted);
        group.bench_function(BenchmarkId::new("request", n), |bencher| {
            bencher.iter(|| evaluator.permits(&endpoint, black_box(&request)));
        });
    }
    group.finish();
}

fn word(excess: &Excess) -> &'static str {
    match excess {
        Excess::None => "nothing more",
        Excess::Some(_) => "more",
        Excess::Unknown(_) => "unknown",
    }
}

fn comparisons(criterion: &mut Criterion) {
    let fresh = Fresh::new();
    let mut notes = Notes::new("policies");
    let mut group = criterion.benchmark_group("policies");
    let pairs: [(&str, Policy); 2] = [
        ("20-statements", policies::of_teams(20)),
        ("widest", policies::widest()),
    ];
    for (name, policy) in pairs {
        let network = policies::network(&policy);
        let comparison = policies::comparison(&policies::narrower(&policy));
        let evaluator = Evaluator::load(&network);
        let found = evaluator.compare(&comparison);
        notes.say(
            format!("compare-evaluator/{name}").as_str(),
            format!("{}, {}", word(&found.added), word(&found.removed)),
        );
        group.bench_function(BenchmarkId::new("compare-evaluator", name), |bencher| {
            bencher.iter(|| evaluator.compare(black_box(&comparison)));
        });
        let found = fresh.load(&network).compare(&comparison);
        notes.say(
            format!("compare-solver/{name}").as_str(),
            format!("{}, {}", word(&found.added), word(&found.removed)),
        );
        group.bench_function(BenchmarkId::new("compare-solver", name), |bencher| {
            bencher.iter_batched(
                || fresh.load(&network),
                |solver| (solver.compare(&comparison), solver),
                BatchSize::PerIteration,
            );
        });
    }
    group.finish();
    regular_expressions(criterion, &mut notes);
    notes.write();
}

/// The same question to z3 with its own strings and regular expressions, and the solver's answer
/// beside it: is a policy wider than itself without a statement, and is that wider than the policy?
fn regular_expressions(criterion: &mut Criterion, notes: &mut Notes) {
    let fresh = Fresh::new();
    let mut group = criterion.benchmark_group("policies");
    group.sample_size(10);
    // With more, z3's own expressions take minutes.
    for n in [2, 4] {
        let policy = policies::of_teams(n);
        let narrower = policies::narrower(&policy);
        for (way, one, other) in [
            ("wider", &policy, &narrower),
            ("within", &narrower, &policy),
        ] {
            let name = format!("{n}-{way}");
            let found = match regular::permits_more(one, other) {
                Some(true) => "more",
                Some(false) => "nothing more",
                None => "gave up",
            };
            notes.say(format!("regular/{name}").as_str(), found.to_owned());
            group.bench_function(BenchmarkId::new("regular", &name), |bencher| {
                bencher.iter(|| regular::permits_more(one, other));
            });
            let network = policies::network(one);
            let comparison = policies::comparison(other);
            let added = fresh.load(&network).compare(&comparison).added;
            notes.say(format!("classes/{name}").as_str(), word(&added).to_owned());
            group.bench_function(BenchmarkId::new("classes", &name), |bencher| {
                bencher.iter_batched(
                    || fresh.load(&network),
                    |solver| (solver.compare(&comparison), solver),
                    BatchSize::PerIteration,
                );
            });
        }
    }
    group.finish();
}

fn main() {
    let mut criterion = Criterion::default()
        .sample_size(20)
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_secs(2))
        .configure_from_args();
    requests(&mut criterion);
    comparisons(&mut criterion);
    criterion.final_summary();
}
