//! What names mean: `explain --name`, `show`, and claims about names of zones.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "A test that cannot go on fails."
)]

mod common;

use common::{Place, Run, network};
use serde_json::Value;

fn explain(name: &str, from: &str, more: &[&str]) -> Run {
    let network = network("names.toml");
    let mut arguments = vec!["explain", &network, "--name", name, "--from", from];
    arguments.extend(more);
    Place::new().run(&arguments)
}

#[track_caller]
fn assert_says(run: &Run, code: i32, expected: &[&str]) {
    assert_eq!(run.code, code, "{}{}", run.out, run.err);
    for text in expected {
        assert!(run.out.contains(text), "{text}\n\nis not in\n\n{}", run.out);
    }
}

#[test]
fn the_zone_that_answers_is_named_and_so_is_each_that_lost() {
    let run = explain("sqs.ap-northeast-1.amazonaws.com", "empty", &[]);
    let expected = [
        "sqs.ap-northeast-1.amazonaws.com means in VPC spoke: interfaces sqs",
        "10.1.1.20",
        "decided by endpoint-private-dns",
        "private DNS of endpoint sqs",
        ": chosen (endpoint-private-dns)",
        "resolver rule aws, which forwards to the inbound endpoint of hub, for amazonaws.com: a longer name matches",
        "resolver rule everything, which forwards to resolvers outside of the input, for .: a longer name matches",
    ];
    assert_says(&run, 0, &expected);
    for from in ["spoke", "app", "vpc id:spoke", "10.1.1.5"] {
        let same = explain("sqs.ap-northeast-1.amazonaws.com", from, &[]);
        assert_eq!(same.out, run.out, "{from}");
    }
}

#[test]
fn a_rule_that_leads_to_a_hub_is_followed() {
    let run = explain("kms.ap-northeast-1.amazonaws.com", "spoke", &[]);
    let expected = [
        "interfaces kms",
        "resolver rule aws, which forwards to the inbound endpoint of hub, for amazonaws.com: chosen (resolver-rule-forward)",
        "kms.ap-northeast-1.amazonaws.com asked in VPC hub, through its inbound resolver endpoint",
        "not of this VPC (endpoint-private-dns)",
    ];
    assert_says(&run, 0, &expected);
}

#[test]
fn what_is_not_answered_or_not_known_says_why() {
    let zone = explain("new.corp.example", "spoke", &[]);
    assert_says(
        &zone,
        0,
        &[
            "no answer",
            "decided by hosted-zone",
            "hosted zone corp for corp.example: chosen",
        ],
    );
    let blocked = explain("www.bad.example", "spoke", &[]);
    assert_says(
        &blocked,
        0,
        &[
            "no answer",
            "DNS Firewall rule 1 blocks *.bad.example, bad.example",
            "the query does not come so far",
        ],
    );
    let outside = explain("www.example.com", "spoke", &[]);
    assert_says(
        &outside,
        3,
        &["not known: what the resolvers that rule everything forwards to answer"],
    );
    let nowhere = explain("www.example.com", "internet", &[]);
    assert_eq!(nowhere.code, 2);
    assert!(
        nowhere
            .err
            .contains("`internet` asks for names in no VPC of the input"),
        "{}",
        nowhere.err
    );
}

#[test]
fn the_same_as_json() {
    let run = explain("db.corp.example", "spoke", &["--output", "json"]);
    assert_eq!(run.code, 0, "{}", run.err);
    let document: Value = serde_json::from_str(&run.out).unwrap();
    let answer = &document["answers"][0];
    assert_eq!(answer["vpc"], "spoke");
    assert_eq!(answer["answer"], "addresses");
    assert_eq!(answer["values"][0], "10.1.1.9");
    assert_eq!(answer["decided_by"], "hosted-zone");
    let candidates = answer["asked"][0]["candidates"].as_array().unwrap();
    let told = |one: &Value| format!("{} {} {}", one["kind"], one["ids"][0], one["fate"]);
    let told: Vec<_> = candidates.iter().map(told).collect();
    assert_eq!(
        told,
        [
            r#""resolver-rule" "everything" "less-specific""#,
            r#""hosted-zone" "corp" "chosen""#,
        ]
    );
}

#[test]
fn zones_and_rules_are_shown() {
    let run = Place::new().run(&["show", &network("names.toml")]);
    let expected = [
        "hosted zone corp for corp.example (2 records)",
        "resolver rule everything for .: forwards to resolvers outside of the input",
        "resolver rule aws for amazonaws.com: forwards to the inbound endpoint of hub",
        "DNS Firewall rule 1: blocks *.bad.example, bad.example",
    ];
    assert_says(&run, 0, &expected);
    let run = Place::new().run(&["show", &network("names.toml"), "--output", "json"]);
    let document: Value = serde_json::from_str(&run.out).unwrap();
    assert_eq!(document["components"]["hosted_zones"][0], "corp");
    assert_eq!(document["components"]["resolver_rules"][1], "everything");
}

#[test]
fn a_path_to_a_name_of_a_zone_goes_to_its_addresses() {
    let network = network("names.toml");
    let run = Place::new().run(&[
        "explain",
        &network,
        "--from",
        "app",
        "--to",
        "name:db.corp.example",
        "--traffic",
        "tcp/5432",
    ]);
    assert_says(&run, 0, &["REACHABLE", "10.1.1.9"]);
    let run = Place::new().run(&["explain", &network, "--from", "app"]);
    assert_eq!(run.code, 2);
}
