//! `--hcl`: the files of a plan, beside it.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "A test that cannot go on fails."
)]

mod common;

use common::Place;
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

#[test]
fn a_directory_of_files_that_is_not_there_is_an_error() {
    let run = Place::with(CLAIM).run(&["check", &plan("element"), "--hcl", "nowhere"]);
    assert_eq!(run.code, 2, "{}", run.err);
    let error = "error[unreadable-file]: is not a directory\n  --> nowhere\n";
    assert!(run.err.contains(error), "{}", run.err);
}
