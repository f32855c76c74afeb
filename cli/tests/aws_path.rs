//! `explain --output aws-path`: paths as AWS's Reachability Analyzer writes them.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "A test that cannot go on fails."
)]

mod common;

use common::{Place, network};
use serde_json::{Value, json};

fn analysis(network: &str, from: &str, to: &str) -> Value {
    let question = ["--from", from, "--to", to, "--traffic", "tcp/443"];
    let output = ["--output", "aws-path"];
    let arguments: Vec<&str> = ["explain", network]
        .into_iter()
        .chain(question)
        .chain(output)
        .collect();
    let run = Place::new().run(&arguments);
    let document: Value = serde_json::from_str(&run.out).unwrap_or_else(|_| panic!("{}", run.err));
    document["NetworkInsightsAnalyses"][0].clone()
}

#[test]
fn what_blocks_a_path_has_the_code_of_aws() {
    let analysis = analysis(
        &network("broken/endpoint-group.toml"),
        "interface id:app",
        "service:sqs",
    );
    assert_eq!(analysis["NetworkPathFound"], json!(false));
    let explanation = &analysis["Explanations"][0];
    assert_eq!(explanation["ExplanationCode"], "ENI_SG_RULES_MISMATCH");
    assert_eq!(explanation["Direction"], "ingress");
    let components = analysis["ForwardPathComponents"].as_array().unwrap();
    assert_eq!(components[0]["SequenceNumber"], 1);
    assert_eq!(components[0]["Component"]["Id"], "app");
    assert_eq!(components[0]["InboundHeader"]["Protocol"], "6");
    let rules = components.iter().map(|one| &one["SecurityGroupRule"]);
    let mut rules = rules.filter(|rule| !rule.is_null());
    assert_eq!(rules.next().unwrap()["Direction"], "egress");
}

#[test]
fn a_path_has_its_rules_both_ways() {
    let fixtures = concat!(env!("CARGO_MANIFEST_DIR"), "/../fixtures");
    let snapshot = format!("{fixtures}/tokyo-endpoints/describe");
    let analysis = analysis(&snapshot, "instance name:app-c", "service:s3");
    assert_eq!(analysis["NetworkPathFound"], json!(true));
    assert!(analysis["Explanations"].is_null());
    let of = |field: &str, way: &str| {
        let components = analysis[way].as_array().unwrap();
        let rules = components.iter().map(|one| &one[field]);
        rules.filter(|rule| !rule.is_null()).count()
    };
    assert!(of("RouteTableRoute", "ForwardPathComponents") > 0);
    assert_eq!(of("SecurityGroupRule", "ForwardPathComponents"), 1);
    // Replies are admitted by the connection, and by the ACL's own entries.
    assert_eq!(of("SecurityGroupRule", "ReturnPathComponents"), 0);
    assert!(of("AclRule", "ReturnPathComponents") > 0);
}

#[test]
fn no_flow_is_no_answer() {
    let app = "interface tag:tier=app";
    let analysis = analysis(&network("holes.toml"), app, app);
    assert_eq!(analysis["Status"], "failed");
    assert!(analysis["NetworkPathFound"].is_null());
}

#[test]
fn what_a_name_means_is_no_path() {
    let network = network("broken/endpoint-group.toml");
    let name = "sqs.ap-northeast-1.amazonaws.com";
    let from = "interface id:app";
    let run = Place::new().run(&[
        "explain", &network, "--from", from, "--name", name, "--output", "aws-path",
    ]);
    assert_eq!(run.code, 2);
    assert!(run.err.contains("is no path"), "{}", run.err);
}
