//! `vpcproof check`: exit codes, what is printed, and the JSON document.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "A test that cannot go on fails."
)]

mod common;

use common::{PRIVATE, Place, REACHED, has, network};
use serde_json::Value;

const EMPTY: &str = r#"
[[never]]
name = "nobody"
from = "interface tag:tier=nobody"
to   = "internet"
"#;

#[test]
fn a_network_where_all_holds_is_quiet_and_exits_with_0() {
    let run = Place::with(PRIVATE).run(&["check", &network("small.toml")]);
    let expected = "PROVED    database-is-private\n\n\
                    1 proved, 0 violated, 0 vacuous, 0 unknown; 15 of 15 built-in checks found nothing\n";
    assert_eq!(
        (run.code, run.out.as_str(), run.err.as_str()),
        (0, expected, "")
    );
}

#[test]
fn a_violated_claim_shows_the_flow_its_path_and_the_rule_and_exits_with_1() {
    let run = Place::with(REACHED).run(&["check", &network("small.toml"), "--no-builtin"]);
    assert_eq!(run.code, 1, "{}", run.err);
    let expected = [
        "VIOLATED  app-stays-off-the-database  (high)",
        "never      no flow from `interface tag:tier=app` to `interface tag:tier=db` is delivered",
        "flow       app (app-1): 10.0.1.10 -> 10.0.2.10 tcp/5432",
        "security group db: allows tcp/5432 from app  [security-group-reference]",
        "small.toml:35 at security-group.db.ingress[0]",
        "differs    the request is delivered by interface db (interface-accepts)",
        "0 proved, 1 violated, 0 vacuous, 0 unknown",
    ];
    for text in expected {
        assert!(run.out.contains(text), "{text}\n{}", run.out);
    }
}

#[test]
fn an_unknown_verdict_names_the_hole_and_exits_with_3_unless_told_otherwise() {
    let place = Place::with(REACHED);
    let network = network("holes.toml");
    let check = ["check", &network, "--no-builtin"];
    let run = place.run(&check);
    assert_eq!(run.code, 3, "{}", run.out);
    let reason = "because    it depends on aws_instance.app.vpc_security_group_ids";
    assert!(run.out.contains(reason), "{}", run.out);
    let warned = place.run(&[&check[..], &["--unknown=warn"]].concat());
    assert_eq!(warned.code, 0);
    assert!(
        warned
            .err
            .contains("1 claim is neither proved nor violated")
    );
    let ignored = place.run(&[&check[..], &["--unknown=ignore"]].concat());
    assert_eq!((ignored.code, ignored.err.as_str()), (0, ""));
}

#[test]
fn a_vacuous_claim_is_reported_and_fails_only_when_it_says_so() {
    let network = network("small.toml");
    let run = Place::with(EMPTY).run(&["check", &network]);
    assert!(run.out.starts_with("VACUOUS   nobody\n"), "{}", run.out);
    assert_eq!(run.code, 0);
    let strict = Place::with(&format!("{EMPTY}vacuous = \"error\"\n"));
    assert_eq!(strict.run(&["check", &network]).code, 3);
}

#[test]
fn all_errors_of_all_inputs_are_in_one_run_and_exit_with_2() {
    let place = Place::with("[[never]]\nname = \"x\"\nfrom = \"interent\"\nto = 7\n");
    std::fs::write(
        place.path("bad.toml"),
        "[vpc.main]\ncidrs = [\"10.0.0.1/16\"]\n",
    )
    .unwrap();
    let run = place.run(&["check", "bad.toml", "missing.toml"]);
    assert_eq!((run.code, run.out.as_str()), (2, ""));
    for text in [
        "`interent` is neither a kind nor a group of this file",
        "help: did you mean `internet`?",
        "`to` is an integer; expected a string or a list of strings",
        "bits are set behind the prefix length",
        "missing.toml",
    ] {
        assert!(run.err.contains(text), "{text}\n{}", run.err);
    }
}

#[test]
fn bad_usage_exits_with_2() {
    let place = Place::new();
    let network = network("small.toml");
    assert_eq!(place.run(&["check"]).code, 2);
    assert_eq!(place.run(&["chek", &network]).code, 2);
    assert_eq!(place.run(&["check", &network, "--output", "yaml"]).code, 2);
    assert_eq!(
        place
            .run(&["check", &network, "--output=json", "--output=text"])
            .code,
        2
    );
    let nothing = place.run(&["check", &network, "--no-builtin"]);
    assert_eq!(nothing.code, 2);
    assert!(
        nothing.err.contains("there is nothing to check"),
        "{}",
        nothing.err
    );
}

#[test]
fn the_invariant_file_is_found_upwards_or_given() {
    let place = Place::with(PRIVATE);
    std::fs::create_dir(place.path("deep")).unwrap();
    std::fs::write(place.path("deep/other.toml"), REACHED).unwrap();
    let network = network("small.toml");
    let program = env!("CARGO_BIN_EXE_vpcproof");
    let above = std::process::Command::new(program)
        .args(["check", &network, "--no-builtin"])
        .current_dir(place.path("deep"))
        .output()
        .unwrap();
    assert!(String::from_utf8_lossy(&above.stdout).contains("PROVED    database-is-private"));
    let given = place.run(&["check", &network, "--no-builtin", "-i", "deep/other.toml"]);
    assert_eq!(given.code, 1);
}

#[test]
fn several_outputs_and_smt_files_are_written_at_once() {
    let place = Place::with(REACHED);
    let run = place.run(&[
        "check",
        &network("small.toml"),
        "--no-builtin",
        "--output=text",
        "--output=json=report.json",
        "--emit-smt=smt",
    ]);
    assert!(run.out.starts_with("VIOLATED"), "{}", run.out);
    assert!(has(&place.path("report.json"), "\"schema_version\": 1"));
    assert!(has(
        &place.path("smt/app-stays-off-the-database.smt2"),
        "(check-sat)"
    ));
}

#[test]
fn the_stable_core_of_the_document_is_there() {
    let place = Place::with(REACHED);
    let arguments = [
        "check",
        &network("small.toml"),
        "--no-builtin",
        "--output=json",
    ];
    let run = place.run(&arguments);
    let document: Value = serde_json::from_str(&run.out).unwrap();
    assert_eq!(document["schema_version"], 1);
    assert_eq!(document["tool"]["name"], "vpcproof");
    assert_eq!(document["inputs"][0]["kind"], "native");
    let result = &document["results"][0];
    assert_eq!(result["name"], "app-stays-off-the-database");
    assert_eq!(result["verdict"], "violated");
    assert_eq!(result["engines"]["agree"], true);
    assert_eq!(result["holes"], serde_json::json!([]));
    let witness = &result["witness"];
    assert_eq!(witness["flow"]["from"], "app");
    assert_eq!(witness["flow"]["destination_port"], 5432);
    assert_eq!(witness["disposition"], "delivered");
    let last = witness["forward"].as_array().unwrap().last().unwrap();
    assert_eq!(last["clause"], "interface-accepts");
    assert_eq!(document["summary"]["violated"], 1);
}

#[test]
fn the_same_input_gives_the_same_bytes_for_any_number_of_threads() {
    let invariants = std::fs::read_to_string(network("shop.invariants.toml")).unwrap();
    let place = Place::with(&invariants);
    let arguments = ["check", &network("shop.toml")];
    let one = place.run_with(&arguments, "", &[("RAYON_NUM_THREADS", "1")]);
    let four = place.run_with(&arguments, "", &[("RAYON_NUM_THREADS", "4")]);
    assert_eq!(one.out, four.out);
    assert_eq!(one.code, 1);
}

#[test]
fn colours_are_only_where_they_are_wanted() {
    let place = Place::with(PRIVATE);
    let network = network("small.toml");
    let check = ["check", &network, "--no-builtin"];
    let has_colour = |text: &str| text.contains('\u{1b}');
    assert!(!has_colour(&place.run(&check).out));
    let always = [&check[..], &["--color=always"]].concat();
    assert!(has_colour(&place.run(&always).out));
    assert!(has_colour(
        &place.run_with(&check, "", &[("CLICOLOR_FORCE", "1")]).out
    ));
    let both = [("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")];
    assert!(!has_colour(&place.run_with(&check, "", &both).out));
}

#[test]
fn a_name_that_nobody_answers_violates_always() {
    let place = Place::with(
        "[[always]]\nname = \"dns\"\nfrom = \"interface\"\n\
         to = \"name:s3.eu-west-1.amazonaws.com\"\ntraffic = \"tcp/443\"\n",
    );
    let text = std::fs::read_to_string(network("small.toml")).unwrap();
    let text = text.replace("[vpc.main]", "[vpc.main]\ndns-support = false");
    std::fs::write(place.path("off.toml"), text).unwrap();
    let run = place.run(&["check", "off.toml", "--no-builtin"]);
    assert_eq!(run.code, 1, "{}{}", run.out, run.err);
    let because = "`s3.eu-west-1.amazonaws.com` is not answered in main, by dns-support";
    assert!(run.out.contains(because), "{}", run.out);
}

#[test]
fn a_sometimes_that_fails_shows_the_attempt_that_comes_furthest() {
    let place = Place::with(
        "[[sometimes]]\nname = \"ssh\"\nfrom = \"interface tag:tier=app\"\n\
         to = \"interface tag:tier=db\"\ntraffic = \"tcp/22\"\n",
    );
    let run = place.run(&["check", &network("small.toml"), "--no-builtin"]);
    assert_eq!(run.code, 1, "{}{}", run.out, run.err);
    for text in [
        "this attempt comes furthest",
        "no rule of security group db admits this",
    ] {
        assert!(run.out.contains(text), "{text}\n{}", run.out);
    }
}

#[test]
fn a_way_passes_a_transit_gateway_and_a_middlebox_in_that_order() {
    let only = |name: &str, via: &str| {
        format!(
            "[[only]]\nname = \"{name}\"\nfrom = \"interface tag:tier=app\"\n\
             to = \"interface tag:tier=db\"\nvia = {via}\n"
        )
    };
    let claims = [
        only(
            "inspected",
            r#"["transit-gateway name:hub", "interface name:firewall"]"#,
        ),
        only(
            "reversed",
            r#"["interface name:firewall", "transit-gateway name:hub"]"#,
        ),
        "[[always]]\nname = \"answered\"\nfrom = \"interface tag:tier=app\"\n\
         to = \"interface tag:tier=db\"\ntraffic = \"tcp/5432\"\n"
            .to_owned(),
    ];
    let run = Place::with(&claims.concat()).run(&["check", &network("hub.toml"), "--no-builtin"]);
    assert_eq!(run.code, 1, "{}{}", run.out, run.err);
    for text in [
        "PROVED    inspected",
        "VIOLATED  reversed",
        "PROVED    answered",
        "transit gateway tgw (hub)  [transit-gateway-attached]",
        "interface fw (firewall)",
        "[middlebox-forwards]",
    ] {
        assert!(run.out.contains(text), "{text}\n{}", run.out);
    }
}

/// Puts a snapshot of the demo network beside a manifest with these calls.
fn collected(place: &Place, calls: &str) {
    let demo = std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../fixtures/tokyo-endpoints/describe");
    std::fs::create_dir(place.path("snapshot")).unwrap();
    for file in std::fs::read_dir(demo).unwrap() {
        let file = file.unwrap();
        let to = place.path("snapshot").join(file.file_name());
        std::fs::copy(file.path(), to).unwrap();
    }
    let manifest = format!(
        r#"{{"schema_version": 1, "account": "123456789012", "region": "ap-northeast-1",
        "started": "2026-11-26T12:00:00Z", "finished": "2026-11-26T12:05:00Z", "calls": [{calls}]}}"#
    );
    std::fs::write(place.path("snapshot/manifest.json"), manifest).unwrap();
}

const FROM_INTERNET: &str = r#"
[[never]]
name = "database-is-private"
from = "internet"
to   = "interface tag:tier=db"
"#;

const AGE: &str =
    "snapshot of 2026-11-26T12:00:00Z (account 123456789012, region ap-northeast-1)\n";

#[test]
fn the_age_of_a_snapshot_is_the_recorded_time() {
    let place = Place::with(FROM_INTERNET);
    collected(&place, "");
    let run = place.run(&["check", "snapshot", "--no-builtin"]);
    assert_eq!(run.code, 0, "{}{}", run.out, run.err);
    assert!(run.out.ends_with(AGE), "{}", run.out);
    let run = place.run(&["check", "snapshot", "--no-builtin", "--output", "json"]);
    let document: Value = serde_json::from_str(&run.out).unwrap();
    let collected = &document["inputs"][0]["collected"][0];
    assert_eq!(collected["started"], "2026-11-26T12:00:00Z");
    assert_eq!(collected["account"], "123456789012");
    assert_eq!(collected["missing"], Value::Array(Vec::new()));
}

#[test]
fn nothing_is_proved_without_an_answer_that_failed() {
    let place = Place::with(FROM_INTERNET);
    let failed = |call: &str| {
        format!(r#"{{"name": "x", "call": "{call}", "status": "failed", "error": "AccessDenied"}}"#)
    };
    collected(&place, &failed("ec2 describe-internet-gateways"));
    let run = place.run(&["check", "snapshot", "--no-builtin"]);
    assert_eq!(run.code, 3, "{}{}", run.out, run.err);
    let told = "`ec2 describe-internet-gateways` failed: AccessDenied (account 123456789012, region ap-northeast-1)";
    assert!(
        run.out.contains("UNKNOWN   database-is-private"),
        "{}",
        run.out
    );
    assert!(
        run.out.contains(&format!(
            "because    it may depend on an answer that is missing: {told}"
        )),
        "{}",
        run.out
    );
    assert!(
        run.out.contains(&format!("assumed (call-failed): {told}")),
        "{}",
        run.out
    );
    assert!(
        run.err.contains(&format!("warning[call-failed]: {told}")),
        "{}",
        run.err
    );

    // The claim is about no request.
    let place = Place::with(FROM_INTERNET);
    collected(&place, &failed("iam get-account-authorization-details"));
    let run = place.run(&["check", "snapshot", "--no-builtin"]);
    assert_eq!(run.code, 0, "{}{}", run.out, run.err);
}

#[test]
fn the_report_is_the_same_for_any_number_of_jobs() {
    let place = Place::with(&[PRIVATE, REACHED, EMPTY].concat());
    let network = network("small.toml");
    let report = |jobs: &str| {
        let run = place.run(&["check", &network, "--jobs", jobs]);
        (run.code, run.out, run.err)
    };
    let one_by_one = report("1");
    for word in ["PROVED", "VIOLATED", "VACUOUS"] {
        assert!(one_by_one.1.contains(word), "{}", one_by_one.1);
    }
    for jobs in ["2", "5", "100"] {
        assert_eq!(report(jobs), one_by_one);
    }
    let none = place.run(&["check", &network, "--jobs", "0"]);
    assert_eq!(none.code, 2, "{}", none.err);
}
