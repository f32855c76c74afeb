//! Tags of an earlier input that the plan does not see.

use model::{NetworkInterface, Subnet, Tags};

use super::*;
use crate::provenance::Kind;

const NETWORK: &str = r#"
[vpc.vpc-1]
region = "eu-west-1"
cidrs = ["10.0.0.0/16"]
[subnet.subnet-a]
cidrs = ["10.0.1.0/24"]
tags = { "kubernetes.io/role/elb" = "1", "aws:stack" = "s", gone = "1", Name = "old" }
[network-acl.acl-1]
[security-group.sg-1]
[interface.eni-1]
subnet = "subnet-a"
addresses = ["10.0.1.5"]
groups = ["sg-1"]
instance = "i-1"
tags = { role = "web", tier = "db", Name = "own" }
"#;

fn keys(tags: &Tags) -> Vec<&str> {
    tags.keys().map(String::as_str).collect()
}

fn open(outcome: &Outcome, kind: Kind, id: &str) -> Vec<String> {
    let open = outcome.open.of(kind, id);
    open.map(|open| open.tags.keys().cloned().collect())
        .unwrap_or_default()
}

#[test]
fn what_the_provider_ignores_and_what_aws_gives_stays() {
    let subnet = json!({"id": "subnet-a", "vpc_id": "vpc-1", "cidr_block": "10.0.1.0/24",
        "tags_all": {"Name": "new"}});
    let read = |ignored: Json| {
        let mut plan = Plan::default()
            .existing("aws_subnet.a", subnet.clone())
            .json();
        let expressions = &mut plan["configuration"]["provider_config"]["aws"]["expressions"];
        expressions["ignore_tags"] = json!([ignored]);
        read_over(NETWORK, &plan)
    };
    let constant = |text: &str| json!({"constant_value": [text]});
    let outcome = read(json!({"key_prefixes": constant("kubernetes.io/")}));
    let tags = outcome.get::<Subnet>("subnet-a").tags;
    assert_eq!(keys(&tags), ["Name", "aws:stack", "kubernetes.io/role/elb"]);
    assert_eq!(tags.get("Name").map(String::as_str), Some("new"));
    // Of what is not alike either may be the younger.
    assert_eq!(open(&outcome, Kind::Subnet, "subnet-a"), ["Name", "gone"]);
    let outcome = read(json!({"keys": constant("gone")}));
    let tags = outcome.get::<Subnet>("subnet-a").tags;
    assert_eq!(keys(&tags), ["Name", "aws:stack", "gone"]);
    // What is ignored by an expression may be any of them.
    let outcome = read(json!({"keys": {"references": ["local.keys"]}}));
    assert_eq!(
        keys(&outcome.get::<Subnet>("subnet-a").tags),
        ["Name", "aws:stack"]
    );
    let open = open(&outcome, Kind::Subnet, "subnet-a");
    assert_eq!(open, ["Name", "gone", "kubernetes.io/role/elb"]);
}

#[test]
fn an_interface_has_tags_of_its_own_beside_those_of_its_instance() {
    let instance = |tier: Option<&str>| {
        let tags = tier.map(|tier| ("tier", tier));
        json!({"id": "i-1", "subnet_id": "subnet-a", "primary_network_interface_id": "eni-1",
            "private_ip": "10.0.1.5", "vpc_security_group_ids": ["sg-1"],
            "tags_all": tags.into_iter().collect::<std::collections::BTreeMap<_, _>>()})
    };
    let tags = |plan: Plan| {
        let outcome = read_over(NETWORK, &plan.json());
        let tags = outcome.get::<NetworkInterface>("eni-1").tags;
        (tags, open(&outcome, Kind::NetworkInterface, "eni-1"))
    };
    let none = Vec::<String>::new();
    let (shown, open) = tags(Plan::default().existing("aws_instance.i", instance(Some("db"))));
    assert_eq!(
        (keys(&shown), open),
        (vec!["Name", "role", "tier"], none.clone())
    );
    // The tag of the instance goes with it, and the others are the interface's own.
    let gone = Plan::default().updated("aws_instance.i", instance(Some("db")), instance(None), &[]);
    let (shown, open) = tags(gone);
    assert_eq!((keys(&shown), open), (vec!["Name", "role"], none));
    // One that both have may be of either.
    let both = Plan::default().existing("aws_instance.i", instance(Some("web")));
    assert_eq!(tags(both).1, ["tier"]);
}
