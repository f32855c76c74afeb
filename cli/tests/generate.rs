//! `vpcproof generate`.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "A test that cannot go on fails."
)]

mod common;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use common::Place;

/// The files of a directory.
fn files(directory: &Path) -> BTreeMap<String, String> {
    let files = fs::read_dir(directory).unwrap().map(|file| {
        let path = file.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        (name, fs::read_to_string(path).unwrap())
    });
    files.collect()
}

fn generated(place: &Place, into: &str, options: &[&str]) -> BTreeMap<String, String> {
    let run = place.run(&[&["generate", into], options].concat());
    assert_eq!(run.code, 0, "{}", run.err);
    files(&place.path(into))
}

#[test]
fn the_same_numbers_give_the_same_bytes_and_others_do_not() {
    let place = Place::new();
    let first = generated(&place, "a", &["--interfaces=50", "--seed=7"]);
    assert_eq!(
        first,
        generated(&place, "b", &["--interfaces=50", "--seed=7"])
    );
    assert_ne!(
        first,
        generated(&place, "c", &["--interfaces=50", "--seed=8"])
    );
    let run = place.run(&["generate", "a", "--interfaces=50"]);
    assert_eq!(run.code, 2);
    assert!(run.err.contains("is there already"), "{}", run.err);
}

#[test]
fn what_is_generated_is_read_without_anything_open() {
    let invariants = "\
        [[sometimes]]\nname = \"web\"\nfrom = \"internet\"\nto = \"interface\"\ntraffic = \"tcp/443\"\n\
        [[never]]\nname = \"ssh\"\nfrom = \"internet\"\nto = \"interface\"\ntraffic = \"tcp/22\"\n\
        [[sometimes]]\nname = \"out\"\nfrom = \"interface\"\nto = \"internet\"\ntraffic = \"tcp/443\"\n\
        [[only]]\nname = \"s3\"\nfrom = \"subnet tag:class=private\"\nto = \"service:s3\"\n\
        via = [\"endpoint kind:gateway\"]\ntraffic = \"tcp/443\"\n";
    let place = Place::with(invariants);
    // So many that there are two VPCs.
    generated(&place, "a", &["--interfaces=8010", "--templates=3"]);
    let show = place.run(&["show", "a"]);
    assert_eq!(show.code, 0, "{}", show.err);
    assert!(!show.out.contains("open ("), "{}", show.out);
    assert!(!show.out.contains("not modelled"), "{}", show.out);
    assert_eq!(show.out.matches("\n  subnet ").count(), 4);
    let small = Place::with(invariants);
    generated(&small, "a", &["--interfaces=40", "--templates=3"]);
    let check = small.run(&["check", "a", "--no-builtin"]);
    assert_eq!(check.code, 0, "{}{}", check.out, check.err);
    assert!(check.out.contains("4 proved"), "{}", check.out);
}

/// The lists of a file, by its name and its key.
fn list(files: &BTreeMap<String, String>, call: &str, key: &str) -> Vec<serde_json::Value> {
    let document: serde_json::Value =
        serde_json::from_str(&files[&format!("{call}.json")]).unwrap();
    document[key].as_array().unwrap().clone()
}

#[test]
fn vpcs_subnets_and_rules_are_as_many_as_asked_for() {
    let place = Place::with(
        "[[never]]\nname = \"ssh\"\nfrom = \"internet\"\nto = \"interface\"\ntraffic = \"tcp/22\"\n",
    );
    let options = [
        "--interfaces=700",
        "--vpcs=300",
        "--subnets=5",
        "--templates=2",
        "--rules=7",
    ];
    let files = generated(&place, "a", &options);
    assert_eq!(list(&files, "describe-vpcs", "Vpcs").len(), 300);
    assert_eq!(list(&files, "describe-subnets", "Subnets").len(), 1_500);
    let groups = list(&files, "describe-security-groups", "SecurityGroups");
    assert_eq!(groups.len(), 600);
    let n_rules = groups
        .iter()
        .map(|group| group["IpPermissions"].as_array().unwrap().len());
    // Two of each group, one more of the first template, and the seven.
    assert_eq!(n_rules.sum::<usize>(), 600 * 9 + 300);
    let run = place.run(&["check", "a", "--no-builtin"]);
    assert_eq!(run.code, 0, "{}{}", run.out, run.err);

    let run = place.run(&[
        "generate",
        "b",
        "--interfaces=3000",
        "--vpcs=1",
        "--subnets=3",
    ]);
    assert_eq!(run.code, 0, "{}", run.err);
    let run = place.run(&[
        "generate",
        "c",
        "--interfaces=3001",
        "--vpcs=1",
        "--subnets=3",
    ]);
    assert_eq!(run.code, 2);
    assert!(
        run.err.contains("a VPC of 3 subnets holds 3000"),
        "{}",
        run.err
    );
}
