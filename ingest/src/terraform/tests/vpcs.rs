//! VPCs, subnets, and what AWS makes with them.

use model::{
    AclAction, Family, NetworkAcl, NetworkAclId, RouteTable, RulePeer, SecurityGroup, Subnet,
    Target, Value, Vpc,
};
use serde_json::json;

use super::{IN_MAIN, Plan, read, with_subnet, with_vpc};
use crate::diagnostic::{Code, Severity};
use crate::provenance::Kind;

#[test]
fn a_new_vpc_goes_by_its_address_and_has_the_providers_defaults() {
    let outcome = with_vpc().read();
    let vpc: Vpc = outcome.get("aws_vpc.main");
    assert_eq!(vpc.region, "ap-northeast-1");
    assert_eq!(
        vpc.main_route_table.as_str(),
        "aws_vpc.main#main-route-table"
    );
    assert_eq!((vpc.dns_support, vpc.dns_hostnames), (true, false));
    outcome.network();
}

#[test]
fn a_vpc_that_exists_keeps_its_ids() {
    let values = json!({
        "id": "vpc-1", "cidr_block": "10.0.0.0/16", "owner_id": "111122223333",
        "main_route_table_id": "rtb-1", "default_route_table_id": "rtb-1",
        "default_network_acl_id": "acl-1", "default_security_group_id": "sg-1",
    });
    let outcome = Plan::default().existing("aws_vpc.main", values).read();
    let vpc: Vpc = outcome.get("vpc-1");
    assert_eq!(vpc.account.as_deref(), Some("111122223333"));
    assert_eq!(vpc.main_route_table.as_str(), "rtb-1");
    outcome.get::<NetworkAcl>("acl-1");
    outcome.get::<SecurityGroup>("sg-1");
    assert_eq!(outcome.assumes("default-unchanged").len(), 3);
    outcome.network();
}

#[test]
fn the_default_parts_of_a_new_vpc_are_what_aws_makes() {
    let outcome = with_vpc().read();
    let table: RouteTable = outcome.get("aws_vpc.main#main-route-table");
    let targets: Vec<_> = table.routes.iter().map(|route| &route.target).collect();
    assert_eq!(targets, [&Value::Known(Target::Local)]);
    let acl: NetworkAcl = outcome.get("aws_vpc.main#default-network-acl");
    for entries in [&acl.ingress, &acl.egress] {
        let [entry] = entries.as_slice() else {
            panic!("{entries:?}")
        };
        assert_eq!((entry.number, entry.action), (100, AclAction::Allow));
        assert_eq!(entry.cidr.to_string(), "0.0.0.0/0");
    }
    let group: SecurityGroup = outcome.get("aws_vpc.main#default-security-group");
    let [from_itself] = group.ingress.as_slice() else {
        panic!()
    };
    assert_eq!(from_itself.peer, RulePeer::Group(group.id.clone()));
    assert_eq!(group.egress.len(), 1);
    assert!(outcome.assumes("default-unchanged").is_empty());
}

#[test]
fn the_default_parts_come_from_where_their_vpc_comes_from() {
    let outcome = with_vpc().read();
    let place = outcome
        .provenance
        .of(Kind::NetworkAcl, "aws_vpc.main#default-network-acl");
    let pointer = place.and_then(|place| place.pointer.as_deref());
    assert_eq!(pointer, Some("/planned_values/root_module/resources/0"));
}

#[test]
fn a_block_of_ipv6_brings_its_local_route_and_default_entries() {
    let values = json!({"cidr_block": "10.0.0.0/16", "ipv6_cidr_block": "2001:db8::/56"});
    let outcome = Plan::default().create("aws_vpc.main", values, &[]).read();
    let table: RouteTable = outcome.get("aws_vpc.main#main-route-table");
    assert_eq!(table.routes.len(), 2);
    let acl: NetworkAcl = outcome.get("aws_vpc.main#default-network-acl");
    let families: Vec<_> = acl
        .ingress
        .iter()
        .map(|entry| entry.cidr.family())
        .collect();
    assert_eq!(families, [Family::V4, Family::V6]);
    outcome.network();
}

#[test]
fn a_block_of_ipv6_that_amazon_picks_at_apply_is_named() {
    let values = json!({"cidr_block": "10.0.0.0/16", "assign_generated_ipv6_cidr_block": true});
    let outcome = Plan::default()
        .create("aws_vpc.main", values, &[("ipv6_cidr_block", &[])])
        .read();
    assert_eq!(outcome.codes(), [Code::NotModelled]);
    assert!(outcome.messages()[0].contains("`aws_vpc.main.ipv6_cidr_block`"));
    assert_eq!(outcome.assumes("ipv6-block-unknown").len(), 1);
    // The VPC has IPv6 all the same, so its default ACL lets IPv6 pass.
    let acl: NetworkAcl = outcome.get("aws_vpc.main#default-network-acl");
    assert_eq!(acl.ingress.len(), 2);
    outcome.warned();
}

#[test]
fn further_blocks_belong_to_the_vpc_and_to_every_table() {
    let more = json!({"cidr_block": "10.1.0.0/16"});
    let outcome = with_vpc()
        .create("aws_vpc_ipv4_cidr_block_association.more", more, IN_MAIN)
        .create("aws_route_table.a", json!({}), IN_MAIN)
        .read();
    assert_eq!(outcome.get::<Vpc>("aws_vpc.main").cidrs.len(), 2);
    assert_eq!(
        outcome.get::<RouteTable>("aws_route_table.a").routes.len(),
        2
    );
    outcome.network();
}

#[test]
fn a_default_vpc_has_the_block_that_aws_gives_it() {
    let open: &[(&str, &[&str])] = &[("cidr_block", &[])];
    let outcome = Plan::default()
        .create("aws_default_vpc.main", json!({}), open)
        .read();
    let vpc: Vpc = outcome.get("aws_default_vpc.main");
    assert_eq!(vpc.cidrs[0].to_string(), "172.31.0.0/16");
    assert!(vpc.dns_hostnames);
    outcome.network();
}

#[test]
fn an_association_makes_another_table_the_main_one() {
    let open: &[(&str, &[&str])] = &[
        ("vpc_id", &["aws_vpc.main.id", "aws_vpc.main"]),
        (
            "route_table_id",
            &["aws_route_table.a.id", "aws_route_table.a"],
        ),
    ];
    let outcome = with_vpc()
        .create("aws_route_table.a", json!({}), IN_MAIN)
        .create("aws_main_route_table_association.a", json!({}), open)
        .read();
    let vpc: Vpc = outcome.get("aws_vpc.main");
    assert_eq!(vpc.main_route_table.as_str(), "aws_route_table.a");
    outcome.network();
}

#[test]
fn dhcp_options_may_name_other_resolvers() {
    let open: &[(&str, &[&str])] = &[
        ("vpc_id", &["aws_vpc.main.id", "aws_vpc.main"]),
        (
            "dhcp_options_id",
            &["aws_vpc_dhcp_options.own.id", "aws_vpc_dhcp_options.own"],
        ),
    ];
    let servers = |name: &str| json!({"domain_name_servers": [name]});
    for (name, is_custom) in [("10.0.0.53", true), ("AmazonProvidedDNS", false)] {
        let outcome = with_vpc()
            .create("aws_vpc_dhcp_options.own", servers(name), &[])
            .create("aws_vpc_dhcp_options_association.own", json!({}), open)
            .read();
        assert_eq!(
            outcome.get::<Vpc>("aws_vpc.main").custom_dns_servers,
            is_custom,
            "{name}"
        );
        outcome.network();
    }
}

#[test]
fn a_subnet_has_the_main_table_and_the_default_acl_until_told_otherwise() {
    let outcome = with_subnet().read();
    let subnet: Subnet = outcome.get("aws_subnet.a");
    assert_eq!(subnet.route_table, None);
    let default = NetworkAclId::new("aws_vpc.main#default-network-acl");
    assert_eq!(subnet.network_acl, Value::Known(default));
    outcome.network();
}

#[test]
fn a_region_that_nothing_names_is_an_assumption() {
    let document = json!({
        "format_version": "1.0",
        "values": {"root_module": {"resources": [{
            "address": "aws_vpc.main", "mode": "managed", "type": "aws_vpc", "name": "main",
            "values": {"id": "vpc-1", "cidr_block": "10.0.0.0/16"},
        }]}},
    });
    let outcome = read(&document);
    assert_eq!(outcome.get::<Vpc>("vpc-1").region, "unknown");
    assert_eq!(outcome.assumes("region-unknown").len(), 1);
}

#[test]
fn a_region_may_come_from_a_variable_of_the_root_module() {
    let mut document = with_vpc().json();
    document["configuration"]["provider_config"]["aws"]["expressions"]["region"] =
        json!({"references": ["var.region"]});
    document["variables"] = json!({"region": {"value": "eu-west-1"}});
    assert_eq!(
        read(&document).get::<Vpc>("aws_vpc.main").region,
        "eu-west-1"
    );
    // `var.stage == "prod" ? … : …` refers to no more than that.
    document["variables"] = json!({"region": {"value": "prod"}});
    assert_eq!(read(&document).get::<Vpc>("aws_vpc.main").region, "unknown");
}

/// OpenTofu's `for_each` of a provider makes several configurations with one key.
#[test]
fn a_provider_that_is_repeated_has_no_region_of_its_own() {
    let zone = json!({"cidr_block": "10.0.1.0/24", "availability_zone": "eu-west-1a"});
    let plan = with_vpc().create("aws_subnet.a", zone, IN_MAIN);
    let mut document = plan.json();
    let provider = &mut document["configuration"]["provider_config"]["aws"];
    provider["expressions"]["region"] = json!({"references": ["each.value"]});
    assert_eq!(read(&document).get::<Vpc>("aws_vpc.main").region, "unknown");
}

#[test]
fn a_plan_of_another_format_is_refused() {
    let outcome = read(&json!({"format_version": "2.0", "planned_values": {}}));
    assert_eq!(outcome.codes(), [Code::InvalidValue]);
    assert!(outcome.messages()[0].contains("`2.0`"));
    assert_eq!(outcome.diagnostics[0].severity, Severity::Error);
}

#[test]
fn an_empty_plan_is_an_empty_network() {
    let outcome = read(&json!({"format_version": "1.2", "planned_values": {"root_module": {}}}));
    outcome.network();
}

#[test]
fn every_mistake_is_found_in_one_run_and_none_stops_the_reader() {
    let outcome = with_vpc()
        .create(
            "aws_subnet.bits",
            json!({"cidr_block": "10.0.1.1/24"}),
            IN_MAIN,
        )
        .create("aws_subnet.word", json!({"cidr_block": "ten"}), IN_MAIN)
        .read();
    assert_eq!(outcome.codes(), [Code::InvalidCidr, Code::InvalidCidr]);
    let pointer = outcome.diagnostics[1].place.pointer.as_deref();
    assert_eq!(
        pointer,
        Some("/planned_values/root_module/resources/2/values/cidr_block")
    );
}

#[test]
fn a_sensitive_value_is_not_printed() {
    let mut document = with_vpc()
        .create("aws_subnet.a", json!({"cidr_block": "secret"}), IN_MAIN)
        .json();
    document["planned_values"]["root_module"]["resources"][1]["sensitive_values"] =
        json!({"cidr_block": true});
    let outcome = read(&document);
    assert_eq!(outcome.codes(), [Code::InvalidCidr]);
    assert!(!outcome.messages()[0].contains("secret"));
}

#[test]
fn a_plan_alone_says_so_once() {
    assert_eq!(with_subnet().read().assumes("plan-alone").len(), 1);
    let state = json!({"format_version": "1.0", "values": {"root_module": {}}});
    assert!(read(&state).assumes("plan-alone").is_empty());
}

#[test]
fn whatever_is_not_of_the_expected_shape_is_an_error_and_not_a_panic() {
    let shapes = [
        json!(null),
        json!(1),
        json!("x"),
        json!([]),
        json!([[]]),
        json!({}),
    ];
    for shape in &shapes {
        for part in [
            "planned_values",
            "resource_changes",
            "configuration",
            "prior_state",
        ] {
            let mut document = with_subnet().json();
            document[part] = shape.clone();
            read(&document);
        }
        for attribute in [
            "cidr_block",
            "vpc_id",
            "tags_all",
            "ingress",
            "route",
            "subnet_ids",
        ] {
            for of in [
                "aws_vpc",
                "aws_subnet",
                "aws_route_table",
                "aws_security_group",
            ] {
                let values = json!({"cidr_block": "10.0.0.0/16", attribute: shape});
                with_vpc()
                    .create(&format!("{of}.x"), values, IN_MAIN)
                    .read();
            }
        }
    }
}
