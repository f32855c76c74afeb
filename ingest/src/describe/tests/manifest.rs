//! The manifest of a collection.

use super::*;
use crate::{Collection, Concerns, MissingAnswer};

/// A manifest with these calls.
fn manifest(finished: &str, calls: &str) -> String {
    format!(
        r#"{{"schema_version": 1, "tool": {{"name": "collect.sh", "version": "0.1.0"}}, "account": "111122223333",
        "region": "eu-west-1", "started": "2026-11-26T12:00:00Z", "finished": {finished}, "calls": [{calls}]}}"#
    )
}

const FINISHED: &str = r#""2026-11-26T12:05:00Z""#;
const ANSWERED: &str = r#"{"name": "vpcs", "call": "ec2 describe-vpcs", "status": "complete", "items": 1, "kept": true}"#;

fn failed(call: &str) -> String {
    format!(
        r#"{{"name": "x", "call": "{call}", "status": "failed", "exit": 254, "error": "AccessDenied"}}"#
    )
}

fn collection(read: &Validated) -> &Collection {
    let collections = read.inputs.iter().flat_map(|input| &input.collections);
    let collections: Vec<_> = collections.collect();
    match collections.as_slice() {
        [only] => only,
        several => panic!("{several:?}"),
    }
}

#[test]
fn a_manifest_says_when_a_snapshot_was_recorded_and_is_no_answer() {
    let manifest = manifest(FINISHED, ANSWERED);
    let read = with(&[("manifest.json", &manifest)]);
    let expected = Collection {
        started: "2026-11-26T12:00:00Z".to_owned(),
        finished: Some("2026-11-26T12:05:00Z".to_owned()),
        account: "111122223333".to_owned(),
        region: Some("eu-west-1".to_owned()),
        n_calls: 1,
        missing: Vec::new(),
    };
    assert_eq!(*collection(&read), expected);
    assert_eq!(warnings(&read), "");
    assert!(!assumptions(&read).contains("call-failed"));
}

#[test]
fn a_call_that_failed_is_a_warning_and_an_assumption() {
    let calls = format!("{ANSWERED}, {}", failed("ec2 describe-nat-gateways"));
    let manifest = manifest(FINISHED, &calls);
    let read = with(&[("manifest.json", &manifest)]);
    let told =
        "`ec2 describe-nat-gateways` failed: AccessDenied (account 111122223333, region eu-west-1)";
    assert_says(
        &warnings(&read),
        &[
            &format!("warning[call-failed]: {told}"),
            "help: no claim is PROVED without it; run collect.sh again",
        ],
    );
    let assumed = format!("call-failed: {told}; what it would say is taken as empty");
    assert_says(&assumptions(&read), &[&assumed]);
}

#[test]
fn a_missing_answer_concerns_the_claims_that_it_could_change() {
    let cases = [
        ("ec2 describe-route-tables", Concerns::All),
        (
            "ec2 describe-vpc-block-public-access-options",
            Concerns::All,
        ),
        ("of-a-service that-nobody-knows", Concerns::All),
        ("route53 list-hosted-zones", Concerns::Names),
        ("route53resolver list-resolver-rules", Concerns::Names),
        ("iam get-account-authorization-details", Concerns::Requests),
        ("ec2 describe-network-acls", Concerns::Nothing),
        ("ec2 get-managed-prefix-list-entries", Concerns::Nothing),
        ("s3api get-bucket-policy", Concerns::Nothing),
    ];
    for (call, concerns) in cases {
        let manifest = manifest(FINISHED, &failed(call));
        let read = with(&[("manifest.json", &manifest)]);
        let expected = MissingAnswer {
            call: call.to_owned(),
            why: "AccessDenied".to_owned(),
            times: 1,
            concerns,
        };
        assert_eq!(collection(&read).missing, [expected]);
    }
}

#[test]
fn calls_about_one_thing_each_that_fail_alike_are_counted() {
    let call = failed("s3api get-bucket-policy");
    let manifest = manifest(FINISHED, &format!("{call}, {call}, {call}"));
    let read = with(&[("manifest.json", &manifest)]);
    let told = "`s3api get-bucket-policy` failed 3 times: AccessDenied (account 111122223333, region eu-west-1); \
                what it would say is left open";
    assert_says(&assumptions(&read), &[told]);
}

#[test]
fn what_is_there_is_no_failure() {
    let calls = r#"{"name": "get-bucket-policy-b", "call": "s3api get-bucket-policy", "status": "none", "error": "NoSuchBucketPolicy"},
        {"name": "list-queues", "call": "sqs list-queues", "status": "complete", "items": 0, "kept": false}"#;
    let manifest = manifest(FINISHED, calls);
    let read = with(&[("manifest.json", &manifest)]);
    assert_eq!(collection(&read).missing, []);
}

#[test]
fn an_answer_that_is_gone_and_a_collection_that_did_not_end_are_missing() {
    let gone = r#"{"name": "describe-nat-gateways", "call": "ec2 describe-nat-gateways", "status": "complete", "items": 0, "kept": true}"#;
    let manifest = manifest("null", gone);
    let read = with(&[("manifest.json", &manifest)]);
    assert_says(
        &warnings(&read),
        &[
            "`ec2 describe-nat-gateways` failed: `describe-nat-gateways.json` is not there",
            "`collect.sh` failed: it was interrupted before all calls were made",
        ],
    );
    let missing = &collection(&read).missing;
    assert!(missing.iter().all(|one| one.concerns == Concerns::All));
    assert_eq!(missing.len(), 2);
}

#[test]
fn a_manifest_with_mistakes_is_refused() {
    let good = manifest(FINISHED, ANSWERED);
    let cases = [
        (
            r#""schema_version": 1"#,
            r#""schema_version": 2"#,
            "the manifest is of a version that is not known",
        ),
        (
            "2026-11-26T12:00:00Z",
            "yesterday",
            "`yesterday` is not a time like `2026-11-26T12:00:00Z`",
        ),
        (
            r#""complete""#,
            r#""done""#,
            "`done` is not `complete`, `none` or `failed`",
        ),
        (r#""account""#, r#""of""#, "field `account` is missing"),
    ];
    for (from, to, expected) in cases {
        let bad = good.replace(from, to);
        assert_says(&errors_with(&[("manifest.json", &bad)]), &[expected]);
    }
}
