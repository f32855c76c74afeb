//! `check SNAPSHOT PLAN --transient` where the plan deletes what the snapshot has, or a part of it: known by its id
//! there, and by its address in the plan.
//!
//! While such a plan is applied the thing is there or not, so that a claim is proved only when it holds with it and
//! without it. What the models of both networks cannot show leaves every claim unknown, by the resource's address.
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

/// An application that goes out by a NAT gateway and to S3 by an endpoint, a database behind it, and a host that the
/// internet may open a shell on.
const NETWORK: &str = r#"
[vpc.vpc-1]
region = "eu-west-1"
cidrs = ["10.0.0.0/16", "2001:db8:0:100::/56"]
main-route-table = "rtb-main"
[subnet.subnet-app]
cidrs = ["10.0.1.0/24", "2001:db8:0:101::/64"]
route-table = "rtb-app"
[subnet.subnet-public]
cidrs = ["10.0.2.0/24"]
route-table = "rtb-public"
[prefix-list.pl-s3]
name = "com.amazonaws.eu-west-1.s3"
aws-managed = true
entries = ["3.5.64.0/21"]
[route-table.rtb-main]
[route-table.rtb-app]
routes = ["0.0.0.0/0 -> nat-gateway:nat-1", "::/0 -> egress-only-internet-gateway:eigw-1", "pl:pl-s3 -> endpoint:vpce-1"]
[route-table.rtb-public]
routes = ["0.0.0.0/0 -> internet-gateway:igw-1"]
[internet-gateway.igw-1]
[egress-only-internet-gateway.eigw-1]
vpc = "vpc-1"
[nat-gateway.nat-1]
interface = "eni-nat"
[endpoint.vpce-1]
service = "com.amazonaws.eu-west-1.s3"
kind = "gateway"
prefix-lists = ["pl-s3"]
[security-group.sg-app]
egress = ["all to 0.0.0.0/0", "all to ::/0"]
[security-group.sg-database]
ingress = ["tcp/5432 from sg:sg-app"]
[security-group.sg-jump]
ingress = ["tcp/22 from 0.0.0.0/0"]
[security-group.sg-old]
ingress = ["all from 0.0.0.0/0"]
[interface.eni-app]
subnet = "subnet-app"
addresses = ["10.0.1.5", "2001:db8:0:101::5"]
groups = ["sg-app"]
instance = "i-app"
tags = { tier = "app" }
[interface.eni-database]
subnet = "subnet-app"
addresses = ["10.0.1.6"]
groups = ["sg-database"]
instance = "i-database"
tags = { tier = "database" }
[interface.eni-jump]
subnet = "subnet-public"
addresses = ["10.0.2.5 public 203.0.113.5"]
groups = ["sg-jump"]
instance = "i-jump"
tags = { tier = "jump" }
[interface.eni-nat]
subnet = "subnet-public"
addresses = ["10.0.2.9 public 203.0.113.9"]
attachment = "nat-gateway:nat-1"
source-destination-check = false
"#;

/// The names of the claims, in their order.
const CLAIMS: [&str; 7] = ["out", "out6", "stays", "database", "private", "shell", "s3"];

const INVARIANTS: &str = r#"
[[always]]
name = "out"
from = "interface tag:tier=app"
to = "ip:198.51.100.0/24"
traffic = "tcp/443"
[[always]]
name = "out6"
from = "interface tag:tier=app"
to = "ip:2001:db8:ffff::/48"
traffic = "tcp/443"
[[never]]
name = "stays"
from = "interface tag:tier=app"
to = "ip:198.51.100.0/24"
[[always]]
name = "database"
from = "interface tag:tier=app"
to = "interface tag:tier=database"
traffic = "tcp/5432"
[[never]]
name = "private"
from = "internet"
to = "interface tag:tier=database"
[[never]]
name = "shell"
from = "internet"
to = "interface tag:tier=jump"
traffic = "tcp/22"
[[only]]
name = "s3"
from = "interface tag:tier=app"
to = "ip:3.5.64.0/21"
via = ["endpoint kind:gateway"]
traffic = "tcp/443"
"#;

const PROVED: &str = "proved";
const VIOLATED: &str = "violated";
const UNKNOWN: &str = "unknown";
const VACUOUS: &str = "vacuous";

/// A plan that deletes one resource, or changes it.
fn plan(address: &str, before: &Value, after: &Value) -> Value {
    let (of, name) = address.split_once('.').unwrap();
    let listed = |values: &Value| {
        let resource = json!({"address": address, "mode": "managed", "type": of, "name": name, "values": values,
            "provider_name": "registry.terraform.io/hashicorp/aws"});
        let resources: Vec<Value> = [resource]
            .into_iter()
            .filter(|_| !values.is_null())
            .collect();
        json!({"root_module": {"resources": resources}})
    };
    let action = if after.is_null() { "delete" } else { "update" };
    json!({
        "format_version": "1.2", "planned_values": listed(after),
        "resource_changes": [{"address": address, "mode": "managed", "type": of, "name": name,
            "change": {"actions": [action], "before": before, "after": after, "after_unknown": {}}}],
        "prior_state": {"format_version": "1.0", "values": listed(before)},
        "configuration": {"provider_config": {"aws": {"name": "aws",
            "expressions": {"region": {"constant_value": "eu-west-1"}}}}, "root_module": {"resources": [
            {"address": address, "mode": "managed", "type": of, "name": name, "provider_config_key": "aws",
                "expressions": {}}]}},
    })
}

fn results(place: &Place, arguments: &[&str]) -> Vec<Value> {
    let options = ["--no-builtin", "--output=json"];
    let arguments: Vec<&str> = ["check", "network.toml"]
        .iter()
        .chain(arguments)
        .chain(&options)
        .copied()
        .collect();
    let run = place.run(&arguments);
    let document: Value =
        serde_json::from_str(&run.out).unwrap_or_else(|_| panic!("{}{}", run.out, run.err));
    document["results"].as_array().unwrap().clone()
}

/// Of each claim its verdict after the change and while it is done, and what the latter depends on.
fn changing(address: &str, before: &Value, after: &Value) -> Vec<(String, String, String)> {
    let place = Place::with(INVARIANTS);
    fs::write(place.path("network.toml"), NETWORK).unwrap();
    let plan = plan(address, before, after);
    fs::write(place.path("plan.json"), plan.to_string()).unwrap();
    let at_first = results(&place, &[]);
    let found = results(&place, &["plan.json", "--transient"]);
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let each = at_first.iter().zip(&found).map(|(at_first, result)| {
        let during = &result["transient"];
        let [after, meanwhile] = ["after", "during"].map(|key| text(&during[key]));
        // The networks before and after are among those in between.
        for certain in [PROVED, VIOLATED] {
            if meanwhile == certain {
                let ends = [text(&at_first["verdict"]), after.clone()];
                assert!(
                    ends.iter().all(|end| *end == certain || *end == VACUOUS),
                    "{address}: {result:#}"
                );
            }
        }
        let reasons: Vec<String> = during["reasons"]
            .as_array()
            .unwrap()
            .iter()
            .map(text)
            .collect();
        (after, meanwhile, reasons.join("; "))
    });
    let each: Vec<_> = each.collect();
    let names: Vec<String> = found.iter().map(|result| text(&result["name"])).collect();
    assert_eq!(names, CLAIMS);
    each
}

#[track_caller]
fn assert_deleting(address: &str, before: &Value, expected: [(&str, &str); 7]) {
    assert_changing(address, before, &Value::Null, expected);
}

#[track_caller]
fn assert_changing(address: &str, before: &Value, after: &Value, expected: [(&str, &str); 7]) {
    let found = changing(address, before, after);
    let verdicts: Vec<_> = found
        .iter()
        .map(|(after, meanwhile, _)| (after.as_str(), meanwhile.as_str()))
        .collect();
    assert_eq!(verdicts, expected, "{address}: {found:#?}");
    let unknown = found
        .iter()
        .filter(|(_, meanwhile, _)| meanwhile == UNKNOWN);
    for (_, _, reasons) in unknown {
        assert!(reasons.contains(address), "{address}: {reasons}");
    }
}

/// Without its route the application reaches nothing outside; it may have it or not.
#[test]
fn a_route_is_there_or_not() {
    let route = json!({"id": "r-rtb-app", "route_table_id": "rtb-app", "destination_cidr_block": "0.0.0.0/0",
        "nat_gateway_id": "nat-1", "state": "active", "origin": "CreateRoute"});
    assert_deleting(
        "aws_route.out",
        &route,
        [
            (VIOLATED, UNKNOWN),
            (PROVED, PROVED),
            (PROVED, UNKNOWN),
            (PROVED, PROVED),
            (PROVED, PROVED),
            (VIOLATED, VIOLATED),
            (PROVED, PROVED),
        ],
    );
}

/// The shell is open as long as the rule is there; nothing else depends on it.
#[test]
fn a_rule_is_there_or_not() {
    let rule = json!({"id": "sgr-1", "security_group_rule_id": "sgr-1", "security_group_id": "sg-jump",
        "ip_protocol": "tcp", "from_port": 22, "to_port": 22, "cidr_ipv4": "0.0.0.0/0"});
    assert_deleting(
        "aws_vpc_security_group_ingress_rule.shell",
        &rule,
        [
            (PROVED, PROVED),
            (PROVED, PROVED),
            (VIOLATED, VIOLATED),
            (PROVED, PROVED),
            (PROVED, PROVED),
            (PROVED, UNKNOWN),
            (PROVED, PROVED),
        ],
    );
}

/// Nothing reaches the host when it is gone, and while it is there anyone does.
#[test]
fn an_instance_is_there_or_not() {
    let instance = json!({"id": "i-jump", "subnet_id": "subnet-public", "private_ip": "10.0.2.5",
        "public_ip": "203.0.113.5", "primary_network_interface_id": "eni-jump", "source_dest_check": true,
        "vpc_security_group_ids": ["sg-jump"], "tags": {"tier": "jump"}, "tags_all": {"tier": "jump"},
        "ipv6_addresses": [], "secondary_private_ips": [], "network_interface": []});
    assert_deleting(
        "aws_instance.jump",
        &instance,
        [
            (PROVED, PROVED),
            (PROVED, PROVED),
            (VIOLATED, VIOLATED),
            (PROVED, PROVED),
            (PROVED, PROVED),
            (VACUOUS, UNKNOWN),
            (PROVED, PROVED),
        ],
    );
}

/// The public address of an interface is not in its resource, but in that of an Elastic IP, which may be another
/// stack's: the snapshot has it, and so has the network before the plan.
#[test]
fn an_interface_is_there_or_not() {
    let interface = json!({"id": "eni-jump", "subnet_id": "subnet-public", "private_ip": "10.0.2.5",
        "private_ips": ["10.0.2.5"], "security_groups": ["sg-jump"], "source_dest_check": true,
        "tags": {"tier": "jump"}, "tags_all": {"tier": "jump"}, "attachment": []});
    assert_deleting(
        "aws_network_interface.jump",
        &interface,
        [
            (PROVED, PROVED),
            (PROVED, PROVED),
            (VIOLATED, VIOLATED),
            (PROVED, PROVED),
            (PROVED, PROVED),
            (VACUOUS, UNKNOWN),
            (PROVED, PROVED),
        ],
    );
}

/// A NAT gateway that is gone leaves a blackhole: what routes to it take is open in between, and nothing else.
#[test]
fn a_nat_gateway_works_or_leaves_blackholes() {
    let gateway = json!({"id": "nat-1", "subnet_id": "subnet-public", "connectivity_type": "public",
        "allocation_id": "eipalloc-1", "private_ip": "10.0.2.9", "public_ip": "203.0.113.9",
        "network_interface_id": "eni-nat", "secondary_private_ip_addresses": [], "secondary_allocation_ids": []});
    assert_deleting(
        "aws_nat_gateway.nat",
        &gateway,
        [
            (VIOLATED, UNKNOWN),
            (PROVED, PROVED),
            (PROVED, UNKNOWN),
            (PROVED, PROVED),
            (PROVED, PROVED),
            (VIOLATED, VIOLATED),
            (PROVED, PROVED),
        ],
    );
}

/// IPv6 has no way out any more.
#[test]
fn of_an_egress_only_gateway_nothing_is_certain_in_between() {
    let gateway = json!({"id": "eigw-1", "vpc_id": "vpc-1"});
    assert_deleting(
        "aws_egress_only_internet_gateway.out",
        &gateway,
        [
            (PROVED, UNKNOWN),
            (VIOLATED, UNKNOWN),
            (VIOLATED, UNKNOWN),
            (PROVED, UNKNOWN),
            (PROVED, UNKNOWN),
            (VIOLATED, UNKNOWN),
            (PROVED, UNKNOWN),
        ],
    );
}

/// What went to S3 by the endpoint leaves by the NAT gateway.
#[test]
fn of_an_endpoint_nothing_is_certain_in_between() {
    let endpoint = json!({"id": "vpce-1", "vpc_id": "vpc-1", "service_name": "com.amazonaws.eu-west-1.s3",
        "vpc_endpoint_type": "Gateway", "route_table_ids": ["rtb-app"], "prefix_list_id": "pl-s3",
        "state": "available"});
    assert_deleting(
        "aws_vpc_endpoint.s3",
        &endpoint,
        [
            (PROVED, UNKNOWN),
            (PROVED, UNKNOWN),
            (VIOLATED, UNKNOWN),
            (PROVED, UNKNOWN),
            (PROVED, UNKNOWN),
            (VIOLATED, UNKNOWN),
            (VIOLATED, UNKNOWN),
        ],
    );
}

/// A group that nobody carries decides nothing, with its rules and without.
#[test]
fn a_group_that_nothing_has_changes_nothing() {
    let group = json!({"id": "sg-old", "vpc_id": "vpc-1", "name": "old", "egress": [], "ingress": [
        {"protocol": "-1", "from_port": 0, "to_port": 0, "cidr_blocks": ["0.0.0.0/0"], "ipv6_cidr_blocks": [],
            "prefix_list_ids": [], "security_groups": [], "self": false}]});
    assert_deleting(
        "aws_security_group.old",
        &group,
        [
            (PROVED, PROVED),
            (PROVED, PROVED),
            (VIOLATED, VIOLATED),
            (PROVED, PROVED),
            (PROVED, PROVED),
            (VIOLATED, VIOLATED),
            (PROVED, PROVED),
        ],
    );
}

/// A group that the snapshot shows in use cannot be deleted: the snapshot is another network than the plan's.
#[test]
fn of_a_group_that_is_in_use_nothing_is_certain_in_between() {
    let group = json!({"id": "sg-jump", "vpc_id": "vpc-1", "name": "jump", "egress": [], "ingress": [
        {"protocol": "tcp", "from_port": 22, "to_port": 22, "cidr_blocks": ["0.0.0.0/0"], "ipv6_cidr_blocks": [],
            "prefix_list_ids": [], "security_groups": [], "self": false}]});
    let found = changing("aws_security_group.jump", &group, &Value::Null);
    for (_, meanwhile, reasons) in &found {
        assert_eq!(meanwhile, UNKNOWN, "{found:#?}");
        assert!(reasons.contains("aws_security_group.jump"), "{found:#?}");
    }
}

/// The endpoint stays and gives up the table: what went to S3 by it may leave by the NAT gateway, and does in the end.
#[test]
fn a_table_that_an_endpoint_gives_up_has_its_route_or_not() {
    let endpoint = |tables: Value| {
        json!({"id": "vpce-1", "vpc_id": "vpc-1", "service_name": "com.amazonaws.eu-west-1.s3",
            "vpc_endpoint_type": "Gateway", "route_table_ids": tables, "prefix_list_id": "pl-s3",
            "state": "available"})
    };
    assert_changing(
        "aws_vpc_endpoint.s3",
        &endpoint(json!(["rtb-app"])),
        &endpoint(json!([])),
        [
            (PROVED, PROVED),
            (PROVED, PROVED),
            (VIOLATED, VIOLATED),
            (PROVED, PROVED),
            (PROVED, PROVED),
            (VIOLATED, VIOLATED),
            (VIOLATED, UNKNOWN),
        ],
    );
}
