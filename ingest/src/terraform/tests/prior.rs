//! The state before a plan, in place of its result.

use std::path::PathBuf;

use crate::{InputKind, Options};

fn read(name: &str) -> crate::Ingested {
    let path: PathBuf = [env!("CARGO_MANIFEST_DIR"), "..", "fixtures", name]
        .iter()
        .collect();
    let options = Options {
        prior_state: true,
        ..Options::default()
    };
    crate::read_with(&[path], &options).unwrap_or_else(|error| panic!("{error}"))
}

#[test]
fn a_plan_that_makes_everything_has_nothing_before() {
    let ingested = read("tokyo-endpoints/plan.json");
    assert_eq!(ingested.inputs[0].kind, InputKind::TerraformState);
    assert!(ingested.draft.vpcs.is_empty());
    assert!(ingested.draft.network_interfaces.is_empty());
}

#[test]
fn what_a_plan_deletes_is_there_before() {
    let ingested = read("plans/deleted/plan.json");
    let after: PathBuf = [
        env!("CARGO_MANIFEST_DIR"),
        "..",
        "fixtures/plans/deleted/plan.json",
    ]
    .iter()
    .collect();
    let after = crate::read(&[after]).unwrap_or_else(|error| panic!("{error}"));
    assert_ne!(ingested.draft, after.draft);
    assert!(!ingested.draft.vpcs.is_empty());
    // Nothing that was there is left out.
    let subnets = &ingested.draft.subnets;
    assert!(!subnets.is_empty(), "{:?}", ingested.diagnostics);
}
