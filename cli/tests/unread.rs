//! What a plan makes that is not read takes back the claims that it may change, and no others.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "A test that cannot go on fails."
)]

mod common;

use std::fs;

use common::Place;
use serde_json::{Value, json};

const CLAIMS: &str = r#"
[[never]]
name = "by-tag"
from = "internet"
to   = "interface tag:tier=db"
[[never]]
name = "by-place"
from = "internet"
to   = "subnet"
[[never]]
name = "by-address"
from = "interface tag:tier=db"
to   = "ip:192.0.2.0/24"
[[never]]
name = "from-anywhere"
from = "any"
to   = "interface id:db"
traffic = "tcp/22"
"#;

/// The verdict of each claim, by its name.
fn verdicts(resource: &str, actions: &[&str], values: &Value) -> Vec<(String, String)> {
    let place = Place::with(CLAIMS);
    let (of, name) = resource.split_once('.').unwrap();
    let identity = json!({"address": resource, "mode": "managed", "type": of, "name": name});
    let (mut planned, mut change) = (identity.clone(), identity);
    planned["values"] = values.clone();
    change["change"] =
        json!({"actions": actions, "before": {}, "after": values, "after_unknown": {}});
    let plan = json!({
        "format_version": "1.2",
        "planned_values": {"root_module": {"resources": [planned]}},
        "resource_changes": [change],
        "configuration": {"root_module": {}},
    });
    fs::write(place.path("plan.json"), plan.to_string()).unwrap();
    let small = common::network("small.toml");
    let run = place.run(&[
        "check",
        &small,
        "plan.json",
        "--no-builtin",
        "--output",
        "json",
    ]);
    let report: Value = serde_json::from_str(&run.out).unwrap_or_else(|_| panic!("{}", run.err));
    let results = report["results"].as_array().unwrap().iter();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    results
        .map(|one| (text(&one["name"]), text(&one["verdict"])))
        .collect()
}

/// The claims that a resource takes back.
fn unknown(resource: &str, actions: &[&str], values: &Value) -> Vec<String> {
    let all = verdicts(resource, actions, values).into_iter();
    let unknown = all.filter(|(_, verdict)| verdict == "unknown");
    unknown.map(|(name, _)| name).collect()
}

#[test]
fn only_claims_that_it_may_change_are_taken_back() {
    let groups = json!({"vpc_security_group_ids": ["sg-1"]});
    let nothing: [&str; 0] = [];
    assert_eq!(unknown("null_resource.x", &["create"], &json!({})), nothing);
    assert_eq!(unknown("aws_db_instance.db", &["no-op"], &groups), nothing);
    let by_place = ["by-place", "by-address", "from-anywhere"];
    assert_eq!(
        unknown("aws_db_instance.db", &["create"], &groups),
        by_place
    );
    let mut tagged = groups.clone();
    tagged["tags"] = json!({"tier": "cache"});
    let all = ["by-tag", "by-place", "by-address", "from-anywhere"];
    assert_eq!(unknown("aws_db_instance.db", &["create"], &tagged), all);
    // What launches instances gives them tags that it does not show.
    assert_eq!(unknown("aws_ec2_fleet.f", &["create"], &json!({})), all);
    let nested = json!({"endpoint_details": [{"subnet_ids": ["subnet-1"]}]});
    assert_eq!(
        unknown("aws_transfer_server.t", &["create"], &nested),
        by_place
    );
    let started = json!({"instance_id": "i-app", "state": "running"});
    assert_eq!(
        unknown("aws_ec2_instance_state.s", &["create"], &started),
        all
    );
    assert_eq!(unknown("aws_db_instance.db", &["update"], &groups), all);
    let accelerator = "aws_globalaccelerator_endpoint_group.g";
    assert_eq!(
        unknown(accelerator, &["create"], &json!({})),
        ["by-tag", "by-place", "from-anywhere"]
    );
    let profile = "aws_route53profiles_association.p";
    assert_eq!(unknown(profile, &["create"], &json!({})), nothing);
}

const WITH_ELASTIC_IP: &str = r#"
[vpc.vpc-1]
region = "eu-west-1"
cidrs = ["10.0.0.0/16"]
main-route-table = "rtb-main"
[internet-gateway.igw-1]
[route-table.rtb-main]
routes = ["0.0.0.0/0 -> internet-gateway:igw-1"]
[subnet.subnet-a]
cidrs = ["10.0.1.0/24"]
[security-group.sg-shell]
ingress = ["tcp/22 from 0.0.0.0/0"]
egress = ["all to 0.0.0.0/0"]
[interface.eni-jump]
subnet = "subnet-a"
addresses = ["10.0.1.5 public 192.0.2.5"]
groups = ["sg-shell"]
instance = "i-jump"
[interface.eni-web]
subnet = "subnet-a"
addresses = ["10.0.1.6 public 192.0.2.6"]
groups = ["sg-shell"]
instance = "i-web"
"#;

/// AWS gives the instance another public address, or none.
#[test]
fn an_instance_without_its_elastic_ip_leaves_only_claims_of_it_open() {
    let claim = |word: &str, from: &str, to: &str, traffic: &str| {
        format!(
            "[[{word}]]\nname = \"{word} {from} {to} {traffic}\"\nfrom = \"{from}\"\nto = \"{to}\"\ntraffic = \"{traffic}\"\n"
        )
    };
    let (jump, web) = ("instance id:i-jump", "instance id:i-web");
    let claims = [
        // It does not matter for the other instance, nor between private addresses.
        (claim("never", "internet", web, "tcp/443"), "proved"),
        (claim("never", "internet", web, "tcp/22"), "violated"),
        (claim("always", "internet", web, "tcp/22"), "proved"),
        (claim("always", web, "internet", "tcp/443"), "proved"),
        (claim("always", web, jump, "tcp/22"), "proved"),
        (claim("never", web, jump, "tcp/22"), "violated"),
        // These hang on it.
        (claim("never", "internet", jump, "tcp/443"), "unknown"),
        (claim("never", "internet", jump, "tcp/22"), "unknown"),
        (claim("sometimes", "internet", jump, "tcp/22"), "unknown"),
        (claim("always", "internet", jump, "tcp/22"), "unknown"),
        (claim("sometimes", "internet", jump, "tcp/443"), "unknown"),
        (claim("always", jump, "internet", "tcp/443"), "unknown"),
        (claim("sometimes", jump, "internet", "tcp/443"), "unknown"),
        (
            claim("sometimes", "internet", "ip:0.0.0.0/0", "tcp/22"),
            "unknown",
        ),
    ];
    let texts: Vec<&str> = claims.iter().map(|(text, _)| text.as_str()).collect();
    let place = Place::with(&texts.join("\n"));
    fs::write(place.path("network.toml"), WITH_ELASTIC_IP).unwrap();
    let plan = json!({
        "format_version": "1.2",
        "planned_values": {"root_module": {}},
        "resource_changes": [{"address": "aws_eip_association.x", "mode": "managed", "type": "aws_eip_association",
            "name": "x", "change": {"actions": ["delete"], "before": {"id": "x", "public_ip": "192.0.2.5"}}}],
        "configuration": {"root_module": {}},
    });
    fs::write(place.path("plan.json"), plan.to_string()).unwrap();
    let run = place.run(&[
        "check",
        "network.toml",
        "plan.json",
        "--no-builtin",
        "--output",
        "json",
    ]);
    let report: Value = serde_json::from_str(&run.out).unwrap_or_else(|_| panic!("{}", run.err));
    let results = report["results"].as_array().unwrap();
    for (result, (text, expected)) in results.iter().zip(&claims) {
        assert_eq!(result["verdict"], *expected, "{text}\n{result:#}");
        let told = result.to_string().contains("aws_eip_association.x");
        assert_eq!(told, *expected == "unknown", "{text}\n{result:#}");
    }
    assert_eq!(results.len(), claims.len());
}
