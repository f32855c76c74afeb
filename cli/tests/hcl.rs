//! `--hcl`: the files of a plan, beside it.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "A test that cannot go on fails."
)]

mod common;

use std::fs;

use common::{Place, Run};
use serde_json::Value;

fn files(name: &str) -> String {
    format!("{}/../fixtures/plans/{name}", env!("CARGO_MANIFEST_DIR"))
}

fn plan(name: &str) -> String {
    format!("{}/plan.json", files(name))
}

const CLAIM: &str =
    "[[sometimes]]\nname = \"x\"\nfrom = \"interface\"\nto = \"internet\"\ntraffic = \"tcp/443\"\n";

#[test]
fn every_command_that_reads_a_network_takes_the_files_of_a_plan() {
    let (plan, files) = (plan("element"), files("element"));
    let place = Place::with(CLAIM);
    let commands: [&[&str]; 4] = [
        &["check", "--no-builtin"],
        &["explain", "--from=interface", "--to=internet"],
        &["show"],
        &["init"],
    ];
    for command in commands {
        let [name, options @ ..] = command else {
            panic!()
        };
        let arguments = [&[*name, plan.as_str(), "--hcl", files.as_str()], options].concat();
        let run = place.run(&arguments);
        assert_ne!(run.code, 2, "{}{}", run.out, run.err);
        assert!(!run.err.contains("files-differ"), "{}", run.err);
        assert!(!run.out.contains("paired-by-index"), "{}", run.out);
    }
    let flow = r#"{"from":"aws_network_interface.app[0]","to":"10.0.0.5","protocol":"tcp","destination_port":443}"#;
    let arguments = ["trace", &plan, "--hcl", &files, "--flows", "-"];
    let run = place.run_with(&arguments, flow, &[]);
    assert_eq!(run.code, 0, "{}{}", run.out, run.err);
}

#[test]
fn what_the_files_say_is_not_open_and_other_files_are_not_used() {
    let open = "open (2)";
    let alone = Place::new().run(&["show", &plan("dynamic")]);
    assert!(alone.out.contains(open), "{}", alone.out);
    let with = Place::new().run(&["show", &plan("dynamic"), "--hcl", &files("dynamic")]);
    assert!(!with.out.contains("open ("), "{}", with.out);
    let other = Place::new().run(&["show", &plan("dynamic"), "--hcl", &files("direct")]);
    assert_eq!(other.out, alone.out);
    assert!(other.err.contains("files-differ"), "{}", other.err);
}

#[test]
fn a_path_and_its_json_name_the_line_that_declares_a_component() {
    let (plan, files) = (plan("element"), files("element"));
    let arguments = [
        "explain",
        &plan,
        "--hcl",
        &files,
        "--from=aws_network_interface.app[0]",
        "--to=internet",
    ];
    let run = Place::new().run(&arguments);
    assert!(run.out.contains("element/main.tf:"), "{}", run.out);
    let run = Place::new().run(&[arguments.as_slice(), &["--output=json"]].concat());
    let document: Value = serde_json::from_str(&run.out).unwrap();
    assert_eq!(document["inputs"][1]["kind"], "terraform-files");
    assert!(run.out.contains("\"declared\""), "{}", run.out);
}

/// The verdict of a claim about a plan: alone, or with a directory of files.
fn verdict(claim: &str, plan: &str, directory: Option<&str>) -> (String, Run) {
    let place = Place::with(claim);
    let mut arguments = vec![
        "check",
        plan,
        "--no-builtin",
        "--closed-world",
        "--output=json",
    ];
    arguments.extend(
        directory
            .into_iter()
            .flat_map(|directory| ["--hcl", directory]),
    );
    let run = place.run(&arguments);
    let document: Value = serde_json::from_str(&run.out).unwrap_or_else(|_| panic!("{}", run.err));
    let verdict = document["results"][0]["verdict"]
        .as_str()
        .unwrap()
        .to_owned();
    (verdict, run)
}

/// The files of `element`, with another text in the place of one.
fn changed(before: &str, after: &str) -> tempfile::TempDir {
    let text = fs::read_to_string(format!("{}/main.tf", files("element"))).unwrap();
    assert!(text.contains(before), "{before}");
    let directory = tempfile::tempdir().unwrap();
    fs::write(
        directory.path().join("main.tf"),
        text.replace(before, after),
    )
    .unwrap();
    directory
}

const NEVER: &str =
    "[[never]]\nname = \"x\"\nfrom = \"interface\"\nto = \"internet\"\ntraffic = \"tcp/443\"\n";
const ALWAYS: &str =
    "[[always]]\nname = \"x\"\nfrom = \"interface\"\nto = \"internet\"\ntraffic = \"tcp/443\"\n";

#[test]
fn what_the_files_say_settles_a_proof_and_a_violation() {
    let (plan, files) = (plan("element"), files("element"));
    for (claim, settled) in [(NEVER, "proved"), (ALWAYS, "violated")] {
        let (alone, run) = verdict(claim, &plan, None);
        assert_eq!(alone, "unknown", "{}", run.out);
        let (with, run) = verdict(claim, &plan, Some(&files));
        assert_eq!(with, settled, "{}", run.out);
        assert!(run.out.contains("files-of-the-plan"), "{}", run.out);
    }
}

#[test]
fn an_expression_that_is_not_evaluated_leaves_a_claim_unknown() {
    let before = "element(aws_route_table.shared[*].id, count.index)";
    let after = "element(sha256(aws_route_table.shared[*].id), count.index)";
    let directory = changed(before, after);
    let directory = directory.path().to_str().unwrap();
    for claim in [NEVER, ALWAYS] {
        let (verdict, run) = verdict(claim, &plan("element"), Some(directory));
        assert_eq!(verdict, "unknown", "{}", run.out);
        assert!(!run.err.contains("files-differ"), "{}", run.err);
        let hole = "aws_route_table_association.app[0].route_table_id";
        assert!(run.out.contains(hole), "{}", run.out);
    }
}

#[test]
fn files_that_were_changed_after_the_plan_settle_nothing() {
    let directory = changed("{ first = 0, last = 3 }", "{ first = 0, last = 2 }");
    let directory = directory.path().to_str().unwrap();
    for claim in [NEVER, ALWAYS] {
        let (verdict, run) = verdict(claim, &plan("element"), Some(directory));
        assert_eq!(verdict, "unknown", "{}", run.out);
        assert!(run.err.contains("files-differ"), "{}", run.err);
    }
}

#[test]
fn a_directory_of_files_that_is_not_there_is_an_error() {
    let run = Place::with(CLAIM).run(&["check", &plan("element"), "--hcl", "nowhere"]);
    assert_eq!(run.code, 2, "{}", run.err);
    let error = "error[unreadable-file]: is not a directory\n  --> nowhere\n";
    assert!(run.err.contains(error), "{}", run.err);
}

/// The account in the ARN of the queue is known only after the apply: what the policy permits is
/// known but for that.
#[test]
fn a_policy_with_an_open_arn_is_decided_where_the_arn_does_not_count() {
    let reference = |resource: &str| {
        format!(
            r#"{{"Statement": {{"Effect": "Allow", "Principal": "*", "Action": "sqs:SendMessage", "Resource": "{resource}"}}}}"#
        )
    };
    let claim = "[[policy]]\nname = \"x\"\nof = \"endpoint id:aws_vpc_endpoint.sqs\"\nwithin = \"reference.json\"\n";
    let place = Place::with(claim);
    let judged = |resource: &str, with_files: bool| {
        fs::write(place.path("reference.json"), reference(resource)).unwrap();
        let (plan, files) = (plan("policies"), files("policies"));
        let mut arguments = vec!["check", plan.as_str(), "--no-builtin", "--output=json"];
        if with_files {
            arguments.extend(["--hcl", files.as_str()]);
        }
        let run = place.run(&arguments);
        let report: Value = serde_json::from_str(&run.out).unwrap();
        let verdict = report["results"][0]["verdict"].as_str().unwrap().to_owned();
        (verdict, run.out)
    };
    let (verdict, out) = judged("arn:aws:sqs:eu-west-1:*:jobs", false);
    assert_eq!(verdict, "unknown", "{out}");
    assert!(out.contains("aws_vpc_endpoint_policy.sqs.policy"), "{out}");
    for resource in ["arn:aws:sqs:eu-west-1:*:jobs", "arn:aws:sqs:*:*:j*"] {
        let (verdict, out) = judged(resource, true);
        assert_eq!(verdict, "proved", "{resource}: {out}");
    }
    for resource in [
        "arn:aws:sqs:eu-west-1:111122223333:jobs",
        "arn:aws:sqs:eu-west-1:*:others",
    ] {
        let (verdict, out) = judged(resource, true);
        assert_eq!(verdict, "unknown", "{resource}: {out}");
        assert!(out.contains("\"aws_sqs_queue.jobs.arn\""), "{out}");
    }
}
