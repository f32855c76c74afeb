//! `vpcproof catalogue update`, and checks with the file that it writes.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "A test that cannot go on fails."
)]

mod common;

use common::Place;
use serde_json::Value;

/// A Region in which DynamoDB has no gateway endpoint, IAM's name is no Region's, and a service is new.
const SERVICES: &str = r#"{"ServiceDetails": [
  {"ServiceName": "com.amazonaws.eu-west-1.dynamodb", "ServiceType": [{"ServiceType": "Interface"}], "Owner": "amazon",
   "VpcEndpointPolicySupported": true},
  {"ServiceName": "com.amazonaws.eu-west-1.kms", "ServiceType": [{"ServiceType": "Interface"}], "Owner": "amazon",
   "PrivateDnsNames": [{"PrivateDnsName": "kms.eu-west-1.amazonaws.com"}], "VpcEndpointPolicySupported": true},
  {"ServiceName": "com.amazonaws.eu-west-1.braket", "ServiceType": [{"ServiceType": "Interface"}], "Owner": "amazon",
   "PrivateDnsNames": [{"PrivateDnsName": "braket.eu-west-1.amazonaws.com"}], "VpcEndpointPolicySupported": false},
  {"ServiceName": "com.amazonaws.iam", "ServiceType": [{"ServiceType": "Interface"}], "Owner": "amazon"},
  {"ServiceName": "com.amazonaws.vpce.eu-west-1.vpce-svc-1", "ServiceType": [{"ServiceType": "Interface"}], "Owner": "111122223333"}]}"#;

/// A VPC whose traffic to DynamoDB passes a NAT gateway, with an interface endpoint that shows that it is used.
const NETWORK: &str = r#"
[vpc.main]
cidrs = ["10.0.0.0/16"]
region = "eu-west-1"
[internet-gateway.igw]
[prefix-list.pl]
name = "com.amazonaws.eu-west-1.dynamodb"
aws-managed = true
entries = ["52.119.240.0/21"]
[route-table.public]
routes = ["0.0.0.0/0 -> internet-gateway:igw"]
[route-table.app]
routes = ["0.0.0.0/0 -> nat-gateway:nat"]
[subnet.public]
cidrs = ["10.0.9.0/24"]
route-table = "public"
[subnet.app]
cidrs = ["10.0.0.0/24"]
route-table = "app"
[security-group.app]
egress = ["all to 0.0.0.0/0"]
[security-group.endpoint]
ingress = ["tcp/443 from sg:app"]
[interface.nat]
subnet = "public"
addresses = ["10.0.9.5 public 203.0.113.9"]
[nat-gateway.nat]
interface = "nat"
[interface.app]
subnet = "app"
addresses = ["10.0.0.10"]
groups = ["app"]
[interface.endpoint]
subnet = "app"
addresses = ["10.0.0.20"]
groups = ["endpoint"]
[endpoint.dynamodb]
service = "com.amazonaws.eu-west-1.dynamodb"
kind = "interface"
interfaces = ["endpoint"]
policy = '{"Statement": []}'
"#;

fn place() -> Place {
    let place = Place::new();
    std::fs::write(place.path("services.json"), SERVICES).unwrap();
    std::fs::write(place.path("network.toml"), NETWORK).unwrap();
    place
}

const UPDATE: [&str; 5] = [
    "catalogue",
    "update",
    "services.json",
    "--as-of",
    "2026-11-26",
];

fn codes(place: &Place, more: &[&str]) -> Vec<String> {
    let mut arguments = vec!["check", "network.toml", "--output=json"];
    arguments.extend(more);
    let run = place.run(&arguments);
    let document: Value = serde_json::from_str(&run.out).unwrap_or_else(|_| panic!("{}", run.err));
    let results = document["results"].as_array().unwrap().iter();
    let codes = results.map(|one| one["code"].as_str().unwrap().to_owned());
    codes.collect()
}

#[test]
fn what_aws_says_of_a_region_is_taken_by_the_checks() {
    let place = place();
    let mut update = UPDATE.to_vec();
    update.extend(["--into", "services.toml"]);
    let run = place.run(&update);
    assert_eq!((run.code, run.out.as_str()), (0, ""), "{}", run.err);
    let expected = "1 new, 1 changed, 1 as they were known, 1 left out since their names do not say their Region\n";
    assert_eq!(run.err, expected);
    assert_eq!(codes(&place, &[]), ["nat-pays-for-free"]);
    let none: [&str; 0] = [];
    assert_eq!(codes(&place, &["--catalogue", "services.toml"]), none);
}

#[test]
fn an_update_of_an_update_changes_nothing() {
    let place = place();
    let mut update = UPDATE.to_vec();
    update.extend(["--into", "services.toml"]);
    place.run(&update);
    let first = std::fs::read_to_string(place.path("services.toml")).unwrap();
    update.extend(["--catalogue", "services.toml"]);
    let run = place.run(&update);
    assert!(run.err.starts_with("0 new, 0 changed, 3 as"), "{}", run.err);
    let second = std::fs::read_to_string(place.path("services.toml")).unwrap();
    assert_eq!(first, second);
    let shown = place.run(&UPDATE);
    assert_eq!(shown.out, first);
}
