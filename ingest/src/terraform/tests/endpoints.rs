//! VPC endpoints.

use model::{
    AddressValue, EndpointKind, Hole, NetworkInterface, PrefixList, Route, RouteDestination,
    RouteTable, Target, Value, VpcEndpoint,
};
use serde_json::{Value as Json, json};

use super::{IN_MAIN, Outcome, Plan, read, with_subnet, with_vpc};
use crate::diagnostic::Code;
use crate::policy::full_access;

const S3: &str = "com.amazonaws.ap-northeast-1.s3";
const KMS: &str = "com.amazonaws.ap-northeast-1.kms";
const ON_TABLE: (&str, &[&str]) = (
    "route_table_ids",
    &["aws_route_table.t.id", "aws_route_table.t"],
);
const IN_SUBNET: (&str, &[&str]) = ("subnet_ids", &["aws_subnet.a.id", "aws_subnet.a"]);
const OF_ENDPOINT: (&str, &[&str]) = (
    "vpc_endpoint_id",
    &["aws_vpc_endpoint.e.id", "aws_vpc_endpoint.e"],
);

fn with_table() -> Plan {
    with_vpc().create("aws_route_table.t", json!({}), IN_MAIN)
}

fn gateway() -> Json {
    json!({"service_name": S3})
}

fn interface(service: &str) -> Json {
    json!({"service_name": service, "vpc_endpoint_type": "Interface"})
}

fn endpoint(outcome: &Outcome) -> VpcEndpoint {
    outcome.get("aws_vpc_endpoint.e")
}

/// The last route of `aws_route_table.t`.
fn last_route(outcome: &Outcome) -> Route {
    outcome
        .get::<RouteTable>("aws_route_table.t")
        .routes
        .pop()
        .unwrap()
}

#[test]
fn a_gateway_endpoint_adds_a_route_to_a_list_that_only_aws_knows() {
    let open = [IN_MAIN[0], ON_TABLE, ("prefix_list_id", &[] as &[&str])];
    let outcome = with_table()
        .create("aws_vpc_endpoint.e", gateway(), &open)
        .read();
    let id = "prefix list of com.amazonaws.ap-northeast-1.s3";
    let list: PrefixList = outcome.get(id);
    assert_eq!((list.name.as_str(), list.aws_managed), (S3, true));
    assert_eq!(
        list.entries,
        Value::Any(Hole::new(format!("entries of {id}")))
    );
    let kind = EndpointKind::Gateway {
        prefix_lists: [list.id.clone()].into(),
    };
    assert_eq!(endpoint(&outcome).kind, kind);
    let route = last_route(&outcome);
    assert_eq!(
        route.destination,
        Value::Known(RouteDestination::PrefixList(list.id))
    );
    let target = Target::GatewayEndpoint("aws_vpc_endpoint.e".into());
    assert_eq!(route.target, Value::Known(target));
    outcome.network();
}

#[test]
fn a_data_source_knows_the_list() {
    let list = json!({
        "id": "pl-1", "name": S3, "owner_id": "AWS", "entries": [{"cidr": "52.219.0.0/20"}],
    });
    let outcome = with_table()
        .data("data.aws_ec2_managed_prefix_list.s3", list)
        .create("aws_vpc_endpoint.e", gateway(), &[IN_MAIN[0], ON_TABLE])
        .read();
    let destination = RouteDestination::PrefixList("pl-1".into());
    assert_eq!(last_route(&outcome).destination, Value::Known(destination));
    outcome.network();
}

#[test]
fn a_table_may_be_associated_by_a_resource_of_its_own() {
    let table: (&str, &[&str]) = (
        "route_table_id",
        &["aws_route_table.t.id", "aws_route_table.t"],
    );
    let outcome = with_table()
        .create(
            "aws_vpc_endpoint.e",
            gateway(),
            &[IN_MAIN[0], ("route_table_ids", &[])],
        )
        .create(
            "aws_vpc_endpoint_route_table_association.x",
            json!({}),
            &[OF_ENDPOINT, table],
        )
        .read();
    let target = Target::GatewayEndpoint("aws_vpc_endpoint.e".into());
    assert_eq!(last_route(&outcome).target, Value::Known(target));
    outcome.network();
}

#[test]
fn without_a_policy_everything_is_allowed() {
    let open = [IN_MAIN[0], ("policy", &[] as &[&str])];
    let outcome = with_vpc()
        .create("aws_vpc_endpoint.e", gateway(), &open)
        .read();
    assert_eq!(endpoint(&outcome).policy, Value::Known(full_access()));
    outcome.network();
}

#[test]
fn a_policy_is_read_and_one_unknown_part_makes_it_a_hole() {
    let policy =
        r#"{"Statement":[{"Effect":"Allow","Principal":"*","Action":"s3:Get*","Resource":"*"}]}"#;
    let values = json!({"service_name": S3, "policy": policy});
    let outcome = with_vpc()
        .create("aws_vpc_endpoint.e", values, IN_MAIN)
        .read();
    let policy = endpoint(&outcome).policy;
    assert_ne!(policy, Value::Known(full_access()));
    assert_eq!(policy.known().unwrap().statements.len(), 1);
    outcome.network();
    let bucket: &[&str] = &["aws_s3_bucket.b.arn", "aws_s3_bucket.b"];
    let open = [IN_MAIN[0], ("policy", bucket)];
    let outcome = with_vpc()
        .create("aws_vpc_endpoint.e", gateway(), &open)
        .read();
    let policy = endpoint(&outcome).policy;
    assert_eq!(
        policy.hole().unwrap().attribute(),
        "aws_vpc_endpoint.e.policy"
    );
    outcome.network();
}

#[test]
fn a_policy_of_its_own_takes_the_place_of_the_default_one() {
    let policy = r#"{"Statement":[{"Effect":"Deny","Principal":"*","Action":"*","Resource":"*"}]}"#;
    let outcome = with_vpc()
        .create("aws_vpc_endpoint.e", gateway(), IN_MAIN)
        .create(
            "aws_vpc_endpoint_policy.p",
            json!({"policy": policy}),
            &[OF_ENDPOINT],
        )
        .read();
    let statements = endpoint(&outcome)
        .policy
        .known()
        .unwrap()
        .statements
        .clone();
    assert_eq!(statements[0].effect, model::PolicyEffect::Deny);
    outcome.network();
}

#[test]
fn a_policy_that_cannot_be_read_is_an_error_at_its_place() {
    let values = json!({"service_name": S3, "policy": "{"});
    let outcome = with_vpc()
        .create("aws_vpc_endpoint.e", values, IN_MAIN)
        .read();
    assert_eq!(outcome.codes(), [Code::InvalidPolicy]);
    assert_eq!(
        outcome.pointer(),
        "/planned_values/root_module/resources/1/values/policy"
    );
}

#[test]
fn an_interface_endpoint_has_an_interface_in_each_subnet() {
    let open = [
        IN_MAIN[0],
        IN_SUBNET,
        ("security_group_ids", &[]),
        ("dns_entry", &[]),
    ];
    let outcome = with_subnet()
        .create("aws_vpc_endpoint.e", interface(KMS), &open)
        .read();
    let id = "aws_vpc_endpoint.e#eni[\"aws_subnet.a\"]";
    let interface: NetworkInterface = outcome.get(id);
    let hole = "aws_vpc_endpoint.e.subnet_configuration[\"aws_subnet.a\"].ipv4";
    let within = AddressValue::Within("10.0.1.0/24".parse().unwrap(), Hole::new(hole));
    assert_eq!(interface.addresses[0].private, within);
    // Without groups it has the default one of its VPC.
    let default = "aws_vpc.main#default-security-group".into();
    assert_eq!(interface.groups, Value::Known([default].into()));
    let attachment = model::Attachment::VpcEndpoint("aws_vpc_endpoint.e".into());
    assert_eq!(interface.attachment, attachment);
    let EndpointKind::Interface {
        interfaces,
        private_dns,
        specific_names,
        ..
    } = endpoint(&outcome).kind
    else {
        panic!()
    };
    assert_eq!(interfaces, [id.into()].into());
    assert!(!private_dns);
    assert_eq!(
        specific_names.hole().unwrap().attribute(),
        "aws_vpc_endpoint.e.dns_entry"
    );
    outcome.network();
}

#[test]
fn private_dns_answers_the_names_of_the_service() {
    let mut values = interface(S3);
    values["private_dns_enabled"] = json!(true);
    let outcome = with_subnet()
        .create("aws_vpc_endpoint.e", values, &[IN_MAIN[0], IN_SUBNET])
        .read();
    let EndpointKind::Interface {
        private_dns,
        private_dns_inbound_only,
        private_names,
        ..
    } = endpoint(&outcome).kind
    else {
        panic!()
    };
    // Of S3, AWS makes it answer only what comes from outside unless it is told otherwise.
    assert!(private_dns && private_dns_inbound_only);
    let expected = [
        "*.s3.ap-northeast-1.amazonaws.com",
        "s3.ap-northeast-1.amazonaws.com",
    ];
    assert_eq!(private_names, expected.map(str::to_owned).into());
    outcome.network();
}

#[test]
fn stand_alone_resources_add_subnets_groups_and_private_dns() {
    let group: (&str, &[&str]) = (
        "security_group_id",
        &["aws_security_group.g.id", "aws_security_group.g"],
    );
    let subnet: (&str, &[&str]) = ("subnet_id", &["aws_subnet.a.id", "aws_subnet.a"]);
    let replace = json!({"replace_default_association": true});
    let outcome = with_subnet()
        .create("aws_security_group.g", json!({"name": "g"}), IN_MAIN)
        .create(
            "aws_vpc_endpoint.e",
            interface(KMS),
            &[IN_MAIN[0], ("subnet_ids", &[])],
        )
        .create(
            "aws_vpc_endpoint_subnet_association.x",
            json!({}),
            &[OF_ENDPOINT, subnet],
        )
        .create(
            "aws_vpc_endpoint_security_group_association.x",
            replace,
            &[OF_ENDPOINT, group],
        )
        .create(
            "aws_vpc_endpoint_private_dns.x",
            json!({"private_dns_enabled": true}),
            &[OF_ENDPOINT],
        )
        .read();
    let interface: NetworkInterface = outcome.get("aws_vpc_endpoint.e#eni[\"aws_subnet.a\"]");
    assert_eq!(
        interface.groups,
        Value::Known(["aws_security_group.g".into()].into())
    );
    let EndpointKind::Interface { private_dns, .. } = endpoint(&outcome).kind else {
        panic!()
    };
    assert!(private_dns);
    outcome.network();
}

#[test]
fn groups_that_cannot_be_traced_are_a_hole() {
    let open = [
        IN_MAIN[0],
        IN_SUBNET,
        ("security_group_ids", &["local.groups"] as &[&str]),
    ];
    let outcome = with_subnet()
        .create("aws_vpc_endpoint.e", interface(KMS), &open)
        .read();
    let interface: NetworkInterface = outcome.get("aws_vpc_endpoint.e#eni[\"aws_subnet.a\"]");
    let hole = interface.groups.hole().unwrap();
    assert_eq!(hole.attribute(), "aws_vpc_endpoint.e.security_group_ids");
    outcome.network();
}

#[test]
fn an_applied_endpoint_knows_its_addresses_and_names() {
    let resource = |address: &str, values: Json| {
        let (of, name) = address.split_once('.').unwrap();
        json!({"address": address, "mode": "managed", "type": of, "name": name, "values": values})
    };
    let values = json!({
        "id": "vpce-1", "vpc_id": "vpc-1", "service_name": KMS, "vpc_endpoint_type": "Interface",
        "state": "pendingAcceptance", "subnet_ids": ["subnet-1"], "security_group_ids": ["sg-1"],
        "network_interface_ids": ["eni-1"], "private_dns_enabled": true,
        "subnet_configuration": [{"subnet_id": "subnet-1", "ipv4": "10.0.1.7", "ipv6": ""}],
        "dns_entry": [
            {"dns_name": "vpce-1-x.kms.ap-northeast-1.vpce.amazonaws.com"},
            {"dns_name": "vpce-1-x-ap-northeast-1a.kms.ap-northeast-1.vpce.amazonaws.com"},
            {"dns_name": "kms.ap-northeast-1.amazonaws.com"},
        ],
    });
    let vpc =
        json!({"id": "vpc-1", "cidr_block": "10.0.0.0/16", "default_security_group_id": "sg-1"});
    let subnet = json!({
        "id": "subnet-1", "vpc_id": "vpc-1", "cidr_block": "10.0.1.0/24",
        "availability_zone": "ap-northeast-1a",
    });
    let outcome = read(&json!({
        "format_version": "1.0",
        "values": {"root_module": {"resources": [
            resource("aws_vpc.main", vpc),
            resource("aws_subnet.a", subnet),
            resource("aws_vpc_endpoint.e", values),
        ]}},
    }));
    let endpoint: VpcEndpoint = outcome.get("vpce-1");
    assert!(!endpoint.available);
    let EndpointKind::Interface {
        specific_names,
        private_names,
        ..
    } = endpoint.kind
    else {
        panic!()
    };
    let names = specific_names.known().unwrap();
    let zonal = names
        .iter()
        .find(|name| name.name.contains("-ap-northeast-1a."))
        .unwrap();
    assert_eq!(zonal.interface, Some("eni-1".into()));
    assert_eq!((names.len(), private_names.len()), (2, 1));
    let interface: NetworkInterface = outcome.get("eni-1");
    assert!(matches!(
        interface.addresses[0].private,
        AddressValue::Known(_)
    ));
    outcome.network();
}

#[test]
fn an_endpoint_of_another_type_is_named() {
    let values = json!({"service_name": "x", "vpc_endpoint_type": "GatewayLoadBalancer"});
    let outcome = with_vpc()
        .create("aws_vpc_endpoint.e", values, IN_MAIN)
        .read();
    let kind = EndpointKind::Unmodelled("GatewayLoadBalancer".to_owned());
    assert_eq!(endpoint(&outcome).kind, kind);
    assert_eq!(outcome.codes(), [Code::NotModelled]);
    outcome.warned();
}
