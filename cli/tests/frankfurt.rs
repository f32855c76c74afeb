//! The example network of `fixtures/frankfurt-hub`, verdict by verdict.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "A test that cannot go on fails."
)]

mod common;

use common::Place;
use serde_json::Value;

fn fixture(name: &str) -> String {
    format!(
        "{}/../fixtures/frankfurt-hub/{name}",
        env!("CARGO_MANIFEST_DIR")
    )
}

/// Each claim and its verdict, in the order of the file.
fn verdicts(arguments: &[&str]) -> Vec<String> {
    let invariants = fixture("vpcproof.toml");
    let mut all = vec!["check", "-i", &invariants, "--output=json", "--no-builtin"];
    all.extend(arguments);
    let run = Place::new().run(&all);
    let document: Value = serde_json::from_str(&run.out).unwrap_or_else(|_| panic!("{}", run.err));
    let results = document["results"].as_array().unwrap().iter();
    let line = |one: &Value| {
        let (name, verdict) = (one["name"].as_str(), one["verdict"].as_str());
        format!("{} {}", name.unwrap(), verdict.unwrap())
    };
    results.map(line).collect()
}

#[test]
fn the_snapshot_is_judged_as_the_readme_says() {
    let expected = [
        "dev-stays-out-of-prod violated",
        "dev-gets-no-answer-from-prod proved",
        "prod-stays-out-of-dev proved",
        "shop-calls-orders proved",
        "shop-calls-orders-by-ipv6 violated",
        "no-shell-in-prod unknown",
        "no-shell-in-prod-from-a-vpc proved",
        "nothing-private-is-on-the-internet proved",
        "the-shop-answers-the-internet proved",
        "orders-pays proved",
        "dev-pays violated",
        "out-by-central-egress proved",
        "s3-only-by-gateway-endpoint proved",
        "kms-means-the-central-endpoint proved",
        "sqs-means-the-central-endpoint-in-zone-b violated",
        "instances-are-managed proved",
        "endpoints-take-https-only proved",
        "office-uses-the-central-endpoints proved",
        "nobody-on-premises-reaches-dev proved",
        "office-calls-orders unknown",
        "office-is-inspected unknown",
        "accounts-meet-at-the-ledger-endpoint-only proved",
        "the-ledger-opens-no-connection proved",
        "orders-reaches-the-ledger-endpoint proved",
        "partner-administers-its-ledger proved",
        "dev-stays-off-the-ledger proved",
        "orders-reaches-the-ledger proved",
        "shop-only-by-its-load-balancer proved",
    ];
    assert_eq!(verdicts(&[&fixture("describe")]), expected);
}

/// In the state the endpoint of the partner's service waits to be accepted.
#[test]
fn the_state_differs_from_the_snapshot_where_it_knows_less() {
    let snapshot = verdicts(&[&fixture("describe")]);
    let state = verdicts(&[&fixture("state.json")]);
    let pairs = snapshot.into_iter().zip(state);
    let differing: Vec<_> = pairs
        .filter(|(snapshot, state)| snapshot != state)
        .map(|(_, state)| state)
        .collect();
    let expected = [
        "accounts-meet-at-the-ledger-endpoint-only vacuous",
        "orders-reaches-the-ledger-endpoint violated",
        "orders-reaches-the-ledger violated",
    ];
    assert_eq!(differing, expected);
}

/// What a plan leaves open: IPv6 blocks, names of endpoints and of endpoint services, accounts.
#[test]
fn the_plan_is_judged_as_far_as_it_tells() {
    let expected = [
        "dev-stays-out-of-prod violated",
        "dev-gets-no-answer-from-prod unknown",
        "prod-stays-out-of-dev unknown",
        "shop-calls-orders unknown",
        "shop-calls-orders-by-ipv6 unknown",
        "no-shell-in-prod unknown",
        "no-shell-in-prod-from-a-vpc unknown",
        "nothing-private-is-on-the-internet unknown",
        "the-shop-answers-the-internet unknown",
        "orders-pays unknown",
        "dev-pays violated",
        "out-by-central-egress unknown",
        "s3-only-by-gateway-endpoint unknown",
        "kms-means-the-central-endpoint unknown",
        "sqs-means-the-central-endpoint-in-zone-b violated",
        "instances-are-managed unknown",
        "endpoints-take-https-only unknown",
        "office-uses-the-central-endpoints unknown",
        "nobody-on-premises-reaches-dev unknown",
        "office-calls-orders unknown",
        "office-is-inspected unknown",
        "accounts-meet-at-the-ledger-endpoint-only unknown",
        "the-ledger-opens-no-connection unknown",
        "orders-reaches-the-ledger-endpoint unknown",
        "partner-administers-its-ledger proved",
        "dev-stays-off-the-ledger unknown",
        "orders-reaches-the-ledger proved",
        "shop-only-by-its-load-balancer unknown",
    ];
    let closed = verdicts(&[&fixture("plan.json"), "--closed-world"]);
    assert_eq!(closed, expected);
}

/// Most of the plan's addresses are open, so that z3 has many witnesses to choose from.
#[test]
fn witnesses_are_the_same_in_every_run_with_any_number_of_jobs() {
    let (plan, invariants) = (fixture("plan.json"), fixture("vpcproof.toml"));
    let report = |jobs: &str| {
        let run = Place::new().run(&["check", &plan, "-i", &invariants, "--jobs", jobs]);
        assert!(run.out.contains("which is open"), "{}", run.out);
        run.out
    };
    let one_by_one = report("1");
    for jobs in ["1", "2", "3"] {
        assert!(report(jobs) == one_by_one, "{jobs} jobs");
    }
}
