//! How what a plan leaves open is traced.

use model::{RouteTableId, Subnet, Value};
use serde_json::{Map, json};

use super::{IN_MAIN, Plan, read, with_vpc};
use crate::diagnostic::Code;

/// A plan with two VPCs, so that nothing is known for being the only one.
fn with_two_vpcs() -> Plan {
    let second = json!({"cidr_block": "10.1.0.0/16"});
    with_vpc().create("aws_vpc.second", second, &[])
}

#[test]
fn one_candidate_is_known() {
    let outcome = with_two_vpcs()
        .create(
            "aws_subnet.a",
            json!({"cidr_block": "10.0.1.0/24"}),
            IN_MAIN,
        )
        .read();
    assert_eq!(
        outcome.get::<Subnet>("aws_subnet.a").vpc.as_str(),
        "aws_vpc.main"
    );
    assert!(outcome.assumes("vpc-by-fit").is_empty());
    outcome.network();
}

#[test]
fn an_attribute_that_passes_on_an_id_is_followed() {
    let open: &[(&str, &[&str])] = &[("vpc_id", &["aws_subnet.a.vpc_id", "aws_subnet.a"])];
    let outcome = with_two_vpcs()
        .create(
            "aws_subnet.a",
            json!({"cidr_block": "10.0.1.0/24"}),
            IN_MAIN,
        )
        .create("aws_security_group.x", json!({"name": "x"}), open)
        .read();
    let group: model::SecurityGroup = outcome.get("aws_security_group.x");
    assert_eq!(group.vpc.as_str(), "aws_vpc.main");
}

#[test]
fn a_local_blocks_the_way_and_the_only_vpc_is_left() {
    let open: &[(&str, &[&str])] = &[("vpc_id", &["local.vpc_id"])];
    let outcome = with_vpc()
        .create("aws_security_group.x", json!({"name": "x"}), open)
        .read();
    let group: model::SecurityGroup = outcome.get("aws_security_group.x");
    assert_eq!(group.vpc.as_str(), "aws_vpc.main");
    assert_eq!(outcome.assumes("only-new-vpc").len(), 1);
    outcome.network();
}

#[test]
fn a_candidate_beside_a_local_is_an_assumption() {
    let references: &[&str] = &["local.create", "aws_vpc.main.id", "aws_vpc.main"];
    let open: &[(&str, &[&str])] = &[("vpc_id", references)];
    let outcome = with_two_vpcs()
        .create("aws_security_group.x", json!({"name": "x"}), open)
        .read();
    let group: model::SecurityGroup = outcome.get("aws_security_group.x");
    assert_eq!(group.vpc.as_str(), "aws_vpc.main");
    assert!(!outcome.assumes("reference-partly-traced").is_empty());
    outcome.network();
}

#[test]
fn behind_a_local_a_subnet_is_where_its_block_fits() {
    let open: &[(&str, &[&str])] = &[("vpc_id", &["local.vpc_id"])];
    let outcome = with_two_vpcs()
        .create("aws_subnet.a", json!({"cidr_block": "10.1.1.0/24"}), open)
        .read();
    assert_eq!(
        outcome.get::<Subnet>("aws_subnet.a").vpc.as_str(),
        "aws_vpc.second"
    );
    assert_eq!(outcome.assumes("vpc-by-fit").len(), 1);
    outcome.network();
}

#[test]
fn what_cannot_be_traced_is_left_out_by_name_and_nothing_refers_to_it() {
    let open: &[(&str, &[&str])] = &[("vpc_id", &["local.vpc_id"])];
    let instance: &[(&str, &[&str])] = &[
        ("subnet_id", &["aws_subnet.a.id", "aws_subnet.a"]),
        (
            "vpc_security_group_ids",
            &["aws_security_group.x.id", "aws_security_group.x"],
        ),
    ];
    let outcome = with_two_vpcs()
        .create(
            "aws_subnet.a",
            json!({"cidr_block": "10.0.1.0/24"}),
            IN_MAIN,
        )
        .create("aws_security_group.x", json!({"name": "x"}), open)
        .create("aws_instance.i", json!({}), instance)
        .read();
    assert_eq!(outcome.codes(), [Code::NotModelled]);
    assert!(outcome.messages()[0].contains("`aws_security_group.x.vpc_id`"));
    assert_eq!(outcome.pointer(), "/planned_values/root_module/resources/3");
    let interface: model::NetworkInterface = outcome.get("aws_instance.i#eni");
    assert!(matches!(interface.groups, Value::Any(hole)
        if hole.attribute() == "aws_instance.i.vpc_security_group_ids"));
    outcome.warned();
}

/// Two tables of `count`, two subnets of `count`, and an association of the same `count`.
fn with_count(table: &[&str]) -> Plan {
    let mut plan = with_vpc();
    for index in 0..2 {
        let block = json!({"cidr_block": format!("10.0.{index}.0/24")});
        plan = plan
            .create(&format!("aws_subnet.s[{index}]"), block, IN_MAIN)
            .create(&format!("aws_route_table.t[{index}]"), json!({}), IN_MAIN)
            .create(
                &format!("aws_route_table_association.x[{index}]"),
                json!({}),
                &[
                    ("subnet_id", &["aws_subnet.s", "count.index"]),
                    ("route_table_id", table),
                ],
            );
    }
    plan
}

#[test]
fn what_count_index_picks_is_one_of_several_where_there_is_room_for_a_hole() {
    let outcome = with_count(&["aws_route_table.t", "count.index"]).read();
    let subnet: Subnet = outcome.get("aws_subnet.s[1]");
    let Some(Value::OneOf(tables, hole)) = subnet.route_table else {
        panic!()
    };
    let expected = ["aws_route_table.t[0]", "aws_route_table.t[1]"];
    assert_eq!(tables, expected.map(RouteTableId::new));
    assert_eq!(
        hole.attribute(),
        "aws_route_table_association.x[1].route_table_id"
    );
    outcome.network();
}

#[test]
fn where_there_is_none_the_same_index_is_assumed() {
    let outcome = with_count(&[
        "aws_route_table.t[0].id",
        "aws_route_table.t[0]",
        "aws_route_table.t",
    ])
    .read();
    let subnet: Subnet = outcome.get("aws_subnet.s[1]");
    let table = RouteTableId::new("aws_route_table.t[0]");
    assert_eq!(subnet.route_table, Some(Value::Known(table)));
    assert_eq!(outcome.assumes("paired-by-index").len(), 2);
    outcome.network();
}

#[test]
fn each_key_and_each_value_pair_the_instances_of_for_each() {
    let mut plan = with_vpc();
    for key in ["a", "c"] {
        let number = u8::from(key == "c");
        let block = json!({"cidr_block": format!("10.0.{number}.0/24")});
        plan = plan
            .create(&format!("aws_subnet.s[\"{key}\"]"), block, IN_MAIN)
            .create(&format!("aws_route_table.t[\"{key}\"]"), json!({}), IN_MAIN)
            .create(
                &format!("aws_route_table_association.x[\"{key}\"]"),
                json!({}),
                &[
                    ("subnet_id", &["each.value.id", "each.value"]),
                    ("route_table_id", &["aws_route_table.t", "each.key"]),
                ],
            );
    }
    let mut document = plan.json();
    let declarations = document["configuration"]["root_module"]["resources"].as_array_mut();
    for declaration in declarations.into_iter().flatten() {
        if declaration["address"] == json!("aws_route_table_association.x") {
            declaration["for_each_expression"] = json!({"references": ["aws_subnet.s"]});
        }
    }
    let outcome = read(&document);
    let subnet: Subnet = outcome.get("aws_subnet.s[\"c\"]");
    let table = RouteTableId::new("aws_route_table.t[\"c\"]");
    assert_eq!(subnet.route_table, Some(Value::Known(table)));
    assert!(
        outcome
            .assumptions
            .iter()
            .all(|one| ["plan-alone", "block-public-access-off"].contains(&one.code))
    );
    outcome.network();
}

#[test]
fn an_association_of_an_unknown_subnet_may_be_that_of_any_of_the_vpc() {
    let open: &[(&str, &[&str])] = &[
        ("subnet_id", &["local.subnet"]),
        (
            "route_table_id",
            &["aws_route_table.t.id", "aws_route_table.t"],
        ),
    ];
    let outcome = with_vpc()
        .create(
            "aws_subnet.a",
            json!({"cidr_block": "10.0.1.0/24"}),
            IN_MAIN,
        )
        .create("aws_route_table.t", json!({}), IN_MAIN)
        .create("aws_route_table_association.x", json!({}), open)
        .read();
    let subnet: Subnet = outcome.get("aws_subnet.a");
    let Some(Value::OneOf(tables, _)) = subnet.route_table else {
        panic!()
    };
    let expected = ["aws_vpc.main#main-route-table", "aws_route_table.t"];
    assert_eq!(tables, expected.map(RouteTableId::new));
    outcome.network();
}

#[test]
fn an_unknown_table_of_a_subnet_is_one_of_the_vpc() {
    let open: &[(&str, &[&str])] = &[
        ("subnet_id", &["aws_subnet.a.id", "aws_subnet.a"]),
        ("route_table_id", &["local.table"]),
    ];
    let outcome = with_two_vpcs()
        .create(
            "aws_subnet.a",
            json!({"cidr_block": "10.0.1.0/24"}),
            IN_MAIN,
        )
        .create("aws_route_table.t", json!({}), IN_MAIN)
        .create("aws_route_table_association.x", json!({}), open)
        .read();
    let subnet: Subnet = outcome.get("aws_subnet.a");
    let Some(Value::OneOf(tables, hole)) = subnet.route_table else {
        panic!()
    };
    let expected = ["aws_route_table.t", "aws_vpc.main#main-route-table"];
    assert_eq!(tables, expected.map(RouteTableId::new));
    assert_eq!(
        hole.attribute(),
        "aws_route_table_association.x.route_table_id"
    );
    outcome.network();
}

#[test]
fn the_references_of_a_set_are_taken_for_its_members() {
    let instance: &[(&str, &[&str])] = &[
        ("subnet_id", &["aws_subnet.a.id", "aws_subnet.a"]),
        (
            "vpc_security_group_ids",
            &[
                "aws_security_group.x.id",
                "aws_security_group.x",
                "aws_security_group.y.id",
                "aws_security_group.y",
            ],
        ),
    ];
    let outcome = with_vpc()
        .create(
            "aws_subnet.a",
            json!({"cidr_block": "10.0.1.0/24"}),
            IN_MAIN,
        )
        .create("aws_security_group.x", json!({"name": "x"}), IN_MAIN)
        .create("aws_security_group.y", json!({"name": "y"}), IN_MAIN)
        .create("aws_instance.i", json!({}), instance)
        .read();
    let interface: model::NetworkInterface = outcome.get("aws_instance.i#eni");
    assert_eq!(
        interface
            .groups
            .known()
            .map(std::collections::BTreeSet::len),
        Some(2)
    );
    assert_eq!(outcome.assumes("reference-members").len(), 1);
    outcome.network();
}

#[test]
fn a_set_with_a_condition_in_it_is_a_hole() {
    let instance: &[(&str, &[&str])] = &[
        ("subnet_id", &["aws_subnet.a.id", "aws_subnet.a"]),
        (
            "vpc_security_group_ids",
            &[
                "var.flag",
                "aws_security_group.x.id",
                "aws_security_group.x",
            ],
        ),
    ];
    let outcome = with_vpc()
        .create(
            "aws_subnet.a",
            json!({"cidr_block": "10.0.1.0/24"}),
            IN_MAIN,
        )
        .create("aws_security_group.x", json!({"name": "x"}), IN_MAIN)
        .create("aws_instance.i", json!({}), instance)
        .read();
    let interface: model::NetworkInterface = outcome.get("aws_instance.i#eni");
    assert!(interface.groups.hole().is_some());
    outcome.network();
}

#[test]
fn a_circle_of_references_ends() {
    let around: &[(&str, &[&str])] = &[(
        "vpc_id",
        &["aws_security_group.x.vpc_id", "aws_security_group.x"],
    )];
    let outcome = with_two_vpcs()
        .create("aws_security_group.x", json!({"name": "x"}), around)
        .read();
    assert_eq!(outcome.codes(), [Code::NotModelled]);
}

#[test]
fn a_resource_that_the_plan_deletes_is_gone() {
    let before = json!({"id": "subnet-1", "vpc_id": "vpc-1", "cidr_block": "10.0.1.0/24"});
    let outcome = with_vpc().deleted("aws_subnet.old", before).read();
    assert!(outcome.draft.subnets.is_empty());
    outcome.network();
}

#[test]
fn a_resource_defined_twice_is_an_error_that_names_both_places() {
    let block = || json!({"id": "subnet-1", "cidr_block": "10.0.1.0/24", "vpc_id": "vpc-1"});
    let outcome = Plan::default()
        .masked("aws_subnet.a", block(), json!({}), Map::new())
        .masked("aws_subnet.b", block(), json!({}), Map::new())
        .read();
    assert_eq!(outcome.codes(), [Code::DuplicateId]);
    assert!(outcome.messages()[0].contains("/planned_values/root_module/resources/0"));
    assert_eq!(outcome.pointer(), "/planned_values/root_module/resources/1");
}

#[test]
fn an_unmodelled_part_of_the_network_is_named_and_the_rest_is_silent() {
    let attachment: &[(&str, &[&str])] = &[("vpc_id", &["aws_vpc.main.id", "aws_vpc.main"])];
    let placed = json!({"vpc_config": [{"subnet_ids": ["subnet-1"]}]});
    let outcome = with_vpc()
        .create(
            "aws_ec2_transit_gateway_vpc_attachment.t",
            json!({}),
            attachment,
        )
        .create("aws_lambda_function.placed", placed, &[])
        .create("aws_lambda_function.free", json!({"vpc_config": []}), &[])
        .create("aws_s3_bucket.b", json!({}), &[])
        .create("random_id.r", json!({}), &[])
        .read();
    assert_eq!(outcome.codes(), [Code::NotModelled, Code::NotModelled]);
    assert!(outcome.messages()[0].contains("`aws_ec2_transit_gateway_vpc_attachment.t`"));
    assert!(outcome.messages()[1].contains("`aws_lambda_function.placed`"));
}
