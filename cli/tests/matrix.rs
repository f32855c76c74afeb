//! `vpcproof matrix`: who reaches whom.

mod common;

use common::{Place, network};
use serde_json::Value;

/// A file of the repository.
fn repository(path: &str) -> String {
    format!("{}/../{path}", env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn rows_that_say_the_same_are_told_once() {
    let demo = repository("fixtures/tokyo-endpoints/describe");
    let run = Place::new().run(&["matrix", &demo]);
    assert_eq!(run.code, 0, "{}", run.err);
    assert!(
        run.out
            .starts_with("who reaches whom, by security groups: 20 of 59 pairs are connected\n")
    );
    assert!(
        run.out.contains("  to app (2): tcp/443, tcp/8080\n"),
        "{}",
        run.out
    );
    assert!(
        run.out.contains("  to bastion: between some tcp/22\n"),
        "{}",
        run.out
    );
}

#[test]
fn every_format_tells_the_same_cells() {
    let demo = repository("fixtures/tokyo-endpoints/describe");
    let of = |format: &str| {
        let run = Place::new().run(&[
            "matrix", &demo, "--by", "subnet", "--from", "internet", "--output", format,
        ]);
        assert_eq!(run.code, 0, "{}", run.err);
        run.out
    };
    let csv = of("csv");
    let line = "internet,public,IPv4,some,tcp/22,,1,1\r\n";
    assert_eq!(
        csv,
        format!("from,to,family,between,traffic,depends_on,pairs,connected\r\n{line}")
    );
    assert!(of("markdown").ends_with("| internet | public | between some tcp/22 |\n"));
    let document: Value = serde_json::from_str(&of("json")).unwrap();
    let cells = document["matrix"]["cells"].as_array().unwrap();
    let open = cells
        .iter()
        .find(|cell| cell["to"] == serde_json::json!(["public"]))
        .unwrap();
    assert_eq!(
        open["families"]["ipv4"]["some"],
        serde_json::json!(["tcp/22"])
    );
    assert_eq!(open["connected"], 1);
}

#[test]
fn against_itself_nothing_differs_and_against_another_the_cells_are_told() {
    let (before, after) = (network("small.toml"), network("blocked.toml"));
    let same = Place::new().run(&["matrix", &before, "--against", &before]);
    assert!(same.out.starts_with("0 of "), "{}", same.out);
    let other = Place::new().run(&["matrix", &before, "--against", &after]);
    assert!(!other.out.starts_with("0 of "), "{}", other.out);
    assert!(
        other.out.contains("\n  was ") && other.out.contains("\n  is  "),
        "{}",
        other.out
    );
}

#[test]
fn what_is_open_is_told_by_name_and_by_the_exit_code() {
    let run = Place::new().run(&["matrix", &network("holes.toml")]);
    assert_eq!(run.code, 3, "{}{}", run.out, run.err);
    assert!(
        run.out.contains("undetermined ") || run.out.contains("not certain"),
        "{}",
        run.out
    );
}

#[test]
fn wrong_words_are_answered_with_what_to_do() {
    let demo = repository("fixtures/tokyo-endpoints/describe");
    for (options, said) in [
        (
            ["--by", "colour"],
            "`sg`, `subnet`, `vpc`, `name`, `tag:KEY`, `group` or `class`",
        ),
        (["--by", "tag:"], "`tag:` has no key behind it"),
        (["--by", "tag:tire"], "did you mean `tier`?"),
        (["--by", "group"], "there is no group in the invariant file"),
        (["--from", "internt"], "did you mean `internet`?"),
        (["--to", "endpoint kind:"], "endpoint kind:"),
    ] {
        let [option, value] = options;
        let run = Place::new().run(&["matrix", &demo, option, value]);
        assert_eq!(run.code, 2, "{options:?} {}", run.out);
        assert!(run.err.contains(said), "{options:?} {}", run.err);
    }
}
