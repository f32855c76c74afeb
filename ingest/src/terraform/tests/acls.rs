//! Network ACLs.

use model::{
    AclAction, IcmpFilter, NetworkAcl, NetworkAclId, RuleIndex, RulePorts, RuleTraffic, Subnet,
    Value,
};
use serde_json::{Map, Value as Json, json};

use super::{IN_MAIN, Plan, with_subnet, with_vpc};
use crate::diagnostic::Code;

const OF_ACL: (&str, &[&str]) = (
    "network_acl_id",
    &["aws_network_acl.n.id", "aws_network_acl.n"],
);
const ON_SUBNET: (&str, &[&str]) = ("subnet_ids", &["aws_subnet.a.id", "aws_subnet.a"]);

fn entry() -> Json {
    json!({
        "rule_no": 100, "action": "allow", "protocol": "tcp", "from_port": 443, "to_port": 443,
        "cidr_block": "10.0.0.0/8", "ipv6_cidr_block": "", "icmp_type": null, "icmp_code": null,
    })
}

fn with_acl() -> Plan {
    let open: &[(&str, &[&str])] = &[IN_MAIN[0], ON_SUBNET, ("egress", &[])];
    with_subnet().create("aws_network_acl.n", json!({"ingress": [entry()]}), open)
}

#[test]
fn an_acl_has_its_entries_and_its_subnets() {
    let outcome = with_acl().read();
    let acl: NetworkAcl = outcome.get("aws_network_acl.n");
    let [entry] = acl.ingress.as_slice() else {
        panic!()
    };
    assert_eq!((entry.number, entry.action), (100, AclAction::Allow));
    assert_eq!(
        entry.traffic,
        RuleTraffic::Tcp(RulePorts { from: 443, to: 443 })
    );
    assert!(acl.egress.is_empty());
    let subnet: Subnet = outcome.get("aws_subnet.a");
    assert_eq!(subnet.network_acl, Value::Known(acl.id.clone()));
    let component = model::ComponentId::NetworkAcl(acl.id);
    let place = outcome
        .provenance
        .rule(&component, RuleIndex::IngressEntry(100))
        .unwrap();
    let pointer = "/planned_values/root_module/resources/2/values/ingress/0";
    assert_eq!(place.pointer.as_deref(), Some(pointer));
    outcome.network();
}

#[test]
fn stand_alone_entries_go_where_they_say() {
    let rule = json!({
        "rule_number": 110, "rule_action": "deny", "egress": true, "protocol": "1",
        "icmp_type": 8, "icmp_code": -1, "ipv6_cidr_block": "::/0", "cidr_block": "",
    });
    let outcome = with_acl()
        .create("aws_network_acl_rule.r", rule, &[OF_ACL])
        .read();
    let acl: NetworkAcl = outcome.get("aws_network_acl.n");
    let [entry] = acl.egress.as_slice() else {
        panic!()
    };
    assert_eq!((entry.number, entry.action), (110, AclAction::Deny));
    let echo = IcmpFilter {
        icmp_type: Some(8),
        code: None,
    };
    assert_eq!(entry.traffic, RuleTraffic::Icmp(echo));
    assert_eq!(entry.cidr.to_string(), "::/0");
    assert_eq!(outcome.codes(), [Code::MixedStyles]);
    outcome.warned();
}

#[test]
fn an_association_gives_a_subnet_its_acl() {
    let open: &[(&str, &[&str])] = &[OF_ACL, ("subnet_id", &["aws_subnet.a.id", "aws_subnet.a"])];
    let outcome = with_subnet()
        .create(
            "aws_network_acl.n",
            json!({}),
            &[IN_MAIN[0], ("subnet_ids", &[])],
        )
        .create("aws_network_acl_association.x", json!({}), open)
        .read();
    let acl = NetworkAclId::new("aws_network_acl.n");
    assert_eq!(
        outcome.get::<Subnet>("aws_subnet.a").network_acl,
        Value::Known(acl)
    );
    outcome.network();
}

#[test]
fn an_entry_that_is_open_makes_the_acl_of_its_subnets_a_hole() {
    let mut open_entry = entry();
    open_entry.as_object_mut().unwrap().remove("cidr_block");
    let unknown = json!({
        "id": true, "vpc_id": true, "subnet_ids": true, "ingress": [{"cidr_block": true}],
    });
    let mut expressions = Map::new();
    expressions.insert("vpc_id".to_owned(), json!({"references": IN_MAIN[0].1}));
    expressions.insert("subnet_ids".to_owned(), json!({"references": ON_SUBNET.1}));
    expressions.insert("ingress".to_owned(), json!({"references": ["local.block"]}));
    let values = json!({"ingress": [open_entry]});
    let outcome = with_subnet()
        .masked("aws_network_acl.n", values, unknown, expressions)
        .read();
    let subnet: Subnet = outcome.get("aws_subnet.a");
    let hole = subnet.network_acl.hole().unwrap();
    assert_eq!(hole.attribute(), "aws_network_acl.n.ingress[0].cidr_block");
    outcome.network();
}

#[test]
fn an_acl_of_subnets_that_cannot_be_traced_may_be_on_any_of_the_vpc() {
    let open: &[(&str, &[&str])] = &[IN_MAIN[0], ("subnet_ids", &["local.subnets"])];
    let outcome = with_subnet()
        .create("aws_network_acl.n", json!({"ingress": [entry()]}), open)
        .read();
    let subnet: Subnet = outcome.get("aws_subnet.a");
    let Value::OneOf(acls, hole) = subnet.network_acl else {
        panic!()
    };
    let expected = ["aws_vpc.main#default-network-acl", "aws_network_acl.n"];
    assert_eq!(acls, expected.map(NetworkAclId::new));
    assert_eq!(hole.attribute(), "aws_network_acl.n.subnet_ids");
    outcome.network();
}

#[test]
fn an_adopted_default_acl_has_only_its_own_entries() {
    let open: &[(&str, &[&str])] = &[(
        "default_network_acl_id",
        &["aws_vpc.main.default_network_acl_id", "aws_vpc.main"],
    )];
    let outcome = with_vpc()
        .create(
            "aws_default_network_acl.d",
            json!({"ingress": [entry()]}),
            open,
        )
        .read();
    let acl: NetworkAcl = outcome.get("aws_vpc.main#default-network-acl");
    assert_eq!((acl.ingress.len(), acl.egress.len()), (1, 0));
    outcome.network();
}

#[test]
fn a_deleted_entry_is_gone_from_the_acl_that_still_shows_it() {
    let vpc = json!({"id": "vpc-1", "cidr_block": "10.0.0.0/16"});
    let acl = json!({"id": "acl-1", "vpc_id": "vpc-1", "ingress": [entry()]});
    let before = json!({"network_acl_id": "acl-1", "rule_number": 100, "egress": false});
    let outcome = Plan::default()
        .existing("aws_vpc.main", vpc)
        .existing("aws_network_acl.n", acl)
        .deleted("aws_network_acl_rule.r", before)
        .read();
    assert!(outcome.get::<NetworkAcl>("acl-1").ingress.is_empty());
    outcome.network();
}

#[test]
fn every_wrong_part_of_an_entry_is_named() {
    let rule = json!({
        "rule_no": 70000, "action": "alow", "protocol": "tcp", "from_port": 1, "to_port": 99999,
        "cidr_block": "10.0.0.1/8",
    });
    let outcome = with_subnet()
        .create("aws_network_acl.n", json!({"ingress": [rule]}), IN_MAIN)
        .read();
    let expected = [
        Code::InvalidValue,
        Code::InvalidValue,
        Code::InvalidValue,
        Code::InvalidCidr,
    ];
    assert_eq!(outcome.codes(), expected);
}
