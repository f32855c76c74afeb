//! Interfaces, instances and Elastic IPs.

use model::{AddressValue, Attachment, Hole, NetworkInterface, SecurityGroupId, Value};
use serde_json::{Map, json};

use super::{IN_MAIN, Plan, with_subnet, with_vpc};
use crate::diagnostic::Code;

const IN_SUBNET: (&str, &[&str]) = ("subnet_id", &["aws_subnet.a.id", "aws_subnet.a"]);
const CHOSEN: [(&str, &[&str]); 2] = [("private_ip", &[]), ("public_ip", &[])];

/// An instance of which AWS chooses the addresses.
fn with_instance(values: serde_json::Value) -> Plan {
    let open = [
        IN_SUBNET,
        CHOSEN[0],
        CHOSEN[1],
        ("vpc_security_group_ids", &[]),
    ];
    with_subnet().create("aws_instance.i", values, &open)
}

fn within(block: &str, hole: &str) -> AddressValue {
    AddressValue::Within(block.parse().unwrap(), Hole::new(hole))
}

fn known(address: &str) -> AddressValue {
    let address: std::net::IpAddr = address.parse().unwrap();
    AddressValue::Known(address.into())
}

#[test]
fn an_instance_has_an_interface_of_its_own() {
    let outcome = with_instance(json!({"tags_all": {"tier": "app"}})).read();
    let interface: NetworkInterface = outcome.get("aws_instance.i#eni");
    let [address] = interface.addresses.as_slice() else {
        panic!()
    };
    assert_eq!(
        address.private,
        within("10.0.1.0/24", "aws_instance.i.private_ip")
    );
    assert_eq!(address.public, None);
    let instance = Some("aws_instance.i".to_owned());
    assert_eq!(interface.attachment, Attachment::Ordinary { instance });
    assert_eq!(interface.tags["tier"], "app");
    assert!(interface.source_destination_check);
    outcome.network();
}

#[test]
fn an_instance_without_groups_has_the_default_one_of_its_vpc() {
    let outcome = with_instance(json!({})).read();
    let interface: NetworkInterface = outcome.get("aws_instance.i#eni");
    let default = SecurityGroupId::new("aws_vpc.main#default-security-group");
    assert_eq!(interface.groups, Value::Known([default].into()));
}

#[test]
fn an_address_that_the_plan_knows_is_known() {
    let open = [IN_SUBNET];
    let values = json!({"private_ip": "10.0.1.9", "source_dest_check": false});
    let outcome = with_subnet().create("aws_instance.i", values, &open).read();
    let interface: NetworkInterface = outcome.get("aws_instance.i#eni");
    assert_eq!(interface.addresses[0].private, known("10.0.1.9"));
    assert!(!interface.source_destination_check);
    outcome.network();
}

#[test]
fn a_public_address_comes_from_the_instance_or_from_its_subnet() {
    let public_subnet = json!({"cidr_block": "10.0.1.0/24", "map_public_ip_on_launch": true});
    let open = [
        IN_SUBNET,
        CHOSEN[0],
        CHOSEN[1],
        ("associate_public_ip_address", &[]),
    ];
    let hole = Some(within("0.0.0.0/0", "aws_instance.i.public_ip"));
    for (by_subnet, by_instance, expected) in [
        (false, None, None),
        (true, None, hole.clone()),
        (false, Some(true), hole),
        (true, Some(false), None),
    ] {
        let subnet = if by_subnet {
            public_subnet.clone()
        } else {
            json!({"cidr_block": "10.0.1.0/24"})
        };
        let outcome = with_vpc()
            .create("aws_subnet.a", subnet, IN_MAIN)
            .create(
                "aws_instance.i",
                json!({"associate_public_ip_address": by_instance}),
                &open,
            )
            .read();
        let interface: NetworkInterface = outcome.get("aws_instance.i#eni");
        assert_eq!(
            interface.addresses[0].public, expected,
            "{by_subnet} {by_instance:?}"
        );
        outcome.network();
    }
}

#[test]
fn an_instance_of_a_state_has_the_public_address_that_it_shows() {
    let vpc = json!({"id": "vpc-1", "cidr_block": "10.0.0.0/16"});
    let subnet = json!({
        "id": "subnet-1", "vpc_id": "vpc-1", "cidr_block": "10.0.1.0/24",
        "map_public_ip_on_launch": true,
    });
    let instance = json!({
        "id": "i-1", "subnet_id": "subnet-1", "private_ip": "10.0.1.4", "public_ip": "",
        "associate_public_ip_address": true, "primary_network_interface_id": "eni-1",
        "ipv6_addresses": [],
    });
    let outcome = Plan::default()
        .existing("aws_vpc.main", vpc)
        .existing("aws_subnet.a", subnet)
        .existing("aws_instance.i", instance)
        .read();
    let interface: NetworkInterface = outcome.get("eni-1");
    assert_eq!(interface.addresses[0].public, None);
    outcome.network();
}

#[test]
fn an_elastic_ip_is_mapped_to_the_instance_or_the_interface_it_names() {
    let public: (&str, &[&str]) = ("public_ip", &[]);
    let instance: (&str, &[&str]) = ("instance", &["aws_instance.i.id", "aws_instance.i"]);
    let nobody: (&str, &[&str]) = ("network_interface", &[]);
    let by_itself =
        with_instance(json!({})).create("aws_eip.e", json!({}), &[public, instance, nobody]);
    let allocation: (&str, &[&str]) = ("allocation_id", &["aws_eip.e.id", "aws_eip.e"]);
    let interface: (&str, &[&str]) = (
        "network_interface_id",
        &[
            "aws_instance.i.primary_network_interface_id",
            "aws_instance.i",
        ],
    );
    let by_association = with_instance(json!({}))
        .create("aws_eip.e", json!({}), &[public, ("instance", &[]), nobody])
        .create(
            "aws_eip_association.x",
            json!({}),
            &[allocation, interface, public],
        );
    for plan in [by_itself, by_association] {
        let outcome = plan.read();
        let interface: NetworkInterface = outcome.get("aws_instance.i#eni");
        let public = within("0.0.0.0/0", "aws_eip.e.public_ip");
        assert_eq!(interface.addresses[0].public, Some(public));
        outcome.network();
    }
}

#[test]
fn an_interface_has_the_addresses_that_it_lists() {
    let values = json!({"private_ips": ["10.0.1.10", "10.0.1.11"], "ipv6_addresses": []});
    let outcome = with_subnet()
        .create(
            "aws_network_interface.n",
            values,
            &[IN_SUBNET, ("private_ip", &[])],
        )
        .read();
    let interface: NetworkInterface = outcome.get("aws_network_interface.n");
    let private: Vec<_> = interface
        .addresses
        .into_iter()
        .map(|one| one.private)
        .collect();
    assert_eq!(private, [known("10.0.1.10"), known("10.0.1.11")]);
    outcome.network();
}

#[test]
fn addresses_that_aws_is_to_choose_are_holes_of_their_own() {
    let values = json!({"private_ips_count": 1});
    let outcome = with_subnet()
        .create(
            "aws_network_interface.n",
            values,
            &[IN_SUBNET, ("private_ip", &[]), ("private_ips", &[])],
        )
        .read();
    let interface: NetworkInterface = outcome.get("aws_network_interface.n");
    let private: Vec<_> = interface
        .addresses
        .into_iter()
        .map(|one| one.private)
        .collect();
    let expected = [
        "aws_network_interface.n.private_ip",
        "aws_network_interface.n.private_ips[1]",
    ];
    assert_eq!(private, expected.map(|hole| within("10.0.1.0/24", hole)));
    outcome.network();
}

#[test]
fn an_ipv6_address_comes_from_a_count_or_from_the_subnet() {
    let vpc = json!({"cidr_block": "10.0.0.0/16", "ipv6_cidr_block": "2001:db8::/56"});
    let hole = within("2001:db8::/64", "aws_instance.i.ipv6_addresses[0]");
    let open = [
        IN_SUBNET,
        CHOSEN[0],
        CHOSEN[1],
        ("ipv6_addresses", &[] as &[&str]),
    ];
    for (by_subnet, count, expected) in [(true, None, 1), (false, Some(1), 1), (false, None, 0)] {
        let subnet = json!({
            "cidr_block": "10.0.1.0/24", "ipv6_cidr_block": "2001:db8::/64",
            "assign_ipv6_address_on_creation": by_subnet,
        });
        let outcome = Plan::default()
            .create("aws_vpc.main", vpc.clone(), &[])
            .create("aws_subnet.a", subnet, IN_MAIN)
            .create(
                "aws_instance.i",
                json!({"ipv6_address_count": count}),
                &open,
            )
            .read();
        let interface: NetworkInterface = outcome.get("aws_instance.i#eni");
        let found = interface
            .addresses
            .iter()
            .filter(|one| one.private == hole)
            .count();
        assert_eq!(found, expected, "{by_subnet} {count:?}");
        outcome.network();
    }
}

#[test]
fn an_instance_may_name_its_interfaces() {
    let mut expressions = Map::new();
    let references = ["aws_network_interface.n.id", "aws_network_interface.n"];
    let block = json!([{"network_interface_id": {"references": references}}]);
    expressions.insert("network_interface".to_owned(), block);
    let values = json!({"network_interface": [{"device_index": 0}], "tags_all": {"tier": "db"}});
    let unknown = json!({"id": true, "network_interface": [{"network_interface_id": true}]});
    let outcome = with_subnet()
        .create(
            "aws_network_interface.n",
            json!({"private_ips": ["10.0.1.10"]}),
            &[IN_SUBNET],
        )
        .masked("aws_instance.i", values, unknown, expressions)
        .read();
    let interface: NetworkInterface = outcome.get("aws_network_interface.n");
    let instance = Some("aws_instance.i".to_owned());
    assert_eq!(interface.attachment, Attachment::Ordinary { instance });
    assert_eq!(interface.tags["tier"], "db");
    assert_eq!(outcome.draft.network_interfaces.len(), 1);
    outcome.network();
}

#[test]
fn a_group_may_be_attached_by_a_resource_of_its_own() {
    let group: (&str, &[&str]) = (
        "security_group_id",
        &["aws_security_group.g.id", "aws_security_group.g"],
    );
    let interface: (&str, &[&str]) = (
        "network_interface_id",
        &[
            "aws_instance.i.primary_network_interface_id",
            "aws_instance.i",
        ],
    );
    let outcome = with_instance(json!({}))
        .create("aws_security_group.g", json!({"name": "g"}), IN_MAIN)
        .create(
            "aws_network_interface_sg_attachment.x",
            json!({}),
            &[group, interface],
        )
        .read();
    let interface: NetworkInterface = outcome.get("aws_instance.i#eni");
    assert_eq!(interface.groups.known().unwrap().len(), 2);
    outcome.network();
}

#[test]
fn an_instance_in_a_subnet_that_cannot_be_traced_is_left_out_by_name() {
    let open: &[(&str, &[&str])] = &[("subnet_id", &["local.subnet"])];
    let outcome = with_subnet()
        .create("aws_instance.i", json!({}), open)
        .read();
    assert_eq!(outcome.codes(), [Code::NotModelled]);
    assert!(outcome.messages()[0].contains("`aws_instance.i.subnet_id`"));
    assert_eq!(outcome.unplaced(), ["aws_instance.i.subnet_id"]);
    outcome.warned();
}
