//! Client VPN endpoints, and associations of Direct Connect gateways.

use serde_json::json;

use super::{IN_MAIN, Plan, with_vpc};
use crate::native;

const OF_ENDPOINT: (&str, &[&str]) = (
    "client_vpn_endpoint_id",
    &[
        "aws_ec2_client_vpn_endpoint.v.id",
        "aws_ec2_client_vpn_endpoint.v",
    ],
);
const BY_SUBNET: (&str, &[&str]) = ("target_vpc_subnet_id", &["aws_subnet.s.id", "aws_subnet.s"]);

fn with_endpoint() -> Plan {
    let in_subnet: (&str, &[&str]) = ("subnet_id", BY_SUBNET.1);
    with_vpc()
        .create(
            "aws_subnet.s",
            json!({"cidr_block": "10.0.1.0/24"}),
            IN_MAIN,
        )
        .create("aws_ec2_client_vpn_endpoint.v", json!({}), &[])
        .create(
            "aws_ec2_client_vpn_network_association.a",
            json!({}),
            &[OF_ENDPOINT, in_subnet],
        )
}

fn text(plan: Plan) -> String {
    native::write(&plan.read().network())
}

#[track_caller]
fn assert_says(text: &str, expected: &[&str]) {
    for expected in expected {
        assert!(text.contains(expected), "{expected}\n\nis not in\n\n{text}");
    }
}

#[test]
fn an_association_makes_an_interface_and_a_route_to_the_vpc() {
    let text = text(
        with_endpoint()
            .create(
                "aws_ec2_client_vpn_authorization_rule.all",
                json!({"target_network_cidr": "10.0.0.0/16", "authorize_all_groups": true}),
                &[OF_ENDPOINT],
            )
            .create(
                "aws_ec2_client_vpn_authorization_rule.some",
                json!({"target_network_cidr": "10.1.0.0/16", "access_group_id": "S-1-5"}),
                &[OF_ENDPOINT],
            )
            .create(
                "aws_ec2_client_vpn_route.r",
                json!({"destination_cidr_block": "10.1.0.0/16"}),
                &[OF_ENDPOINT, BY_SUBNET],
            ),
    );
    assert_says(
        &text,
        &[
            "interfaces = [\"aws_ec2_client_vpn_network_association.a#eni\"]",
            "authorization-rules = [\"10.0.0.0/16 for all\", \"10.1.0.0/16 for group:S-1-5\"]",
            "10.0.0.0/16 -> subnet:aws_subnet.s",
            "10.1.0.0/16 -> subnet:aws_subnet.s",
            "attachment = \"other:client_vpn_endpoint\"",
        ],
    );
}

#[test]
fn what_the_plan_does_not_know_of_rules_and_routes_is_open() {
    let text = text(
        with_endpoint()
            .create(
                "aws_ec2_client_vpn_authorization_rule.all",
                json!({"authorize_all_groups": true}),
                &[OF_ENDPOINT, ("target_network_cidr", &["var.block"])],
            )
            .create(
                "aws_ec2_client_vpn_route.r",
                json!({}),
                &[
                    OF_ENDPOINT,
                    BY_SUBNET,
                    ("destination_cidr_block", &["var.block"]),
                ],
            ),
    );
    assert_says(
        &text,
        &[
            "authorization-rules = { any = \"aws_ec2_client_vpn_authorization_rule.all.target_network_cidr\" }",
            "routes = { any = \"aws_ec2_client_vpn_route.r.destination_cidr_block\" }",
        ],
    );
}

fn with_association(values: serde_json::Value, further: &[(&str, &[&str])]) -> Plan {
    let gateway: (&str, &[&str]) = (
        "associated_gateway_id",
        &["aws_vpn_gateway.g.id", "aws_vpn_gateway.g"],
    );
    let open: Vec<_> = [gateway]
        .into_iter()
        .chain(further.iter().copied())
        .collect();
    with_vpc()
        .create("aws_vpn_gateway.g", json!({}), IN_MAIN)
        .create("aws_dx_gateway_association.d", values, &open)
}

#[test]
fn an_association_allows_what_it_lists_or_else_its_vpc() {
    let listed = with_association(json!({"allowed_prefixes": ["10.0.0.0/15"]}), &[]);
    assert_says(&text(listed), &["allowed-prefixes = [\"10.0.0.0/15\"]"]);
    let unset = with_association(json!({}), &[("allowed_prefixes", &[])]);
    assert_says(&text(unset), &["allowed-prefixes = [\"10.0.0.0/16\"]"]);
    let open = with_association(json!({}), &[("allowed_prefixes", &["var.blocks"])]);
    assert_says(
        &text(open),
        &["allowed-prefixes = { any = \"aws_dx_gateway_association.d.allowed_prefixes\" }"],
    );
}

#[test]
fn a_vpn_connection_is_another_way() {
    let of_gateway: (&str, &[&str]) = (
        "vpn_gateway_id",
        &["aws_vpn_gateway.g.id", "aws_vpn_gateway.g"],
    );
    let plan = with_association(json!({"allowed_prefixes": ["10.0.0.0/15"]}), &[]).create(
        "aws_vpn_connection.v",
        json!({"static_routes_only": true}),
        &[of_gateway],
    );
    assert_says(&text(plan), &["other-ways = true"]);
}

/// A Client VPN endpoint before the plan.
const NETWORK: &str = r#"
[vpc.vpc-1]
region = "eu-west-1"
cidrs = ["10.0.0.0/16"]
[subnet.subnet-a]
cidrs = ["10.0.1.0/24"]
[network-acl.acl-1]
[security-group.sg-1]
[interface.eni-v]
subnet = "subnet-a"
addresses = ["10.0.1.9"]
groups = ["sg-1"]
attachment = "other:client_vpn_endpoint"
[client-vpn-endpoint.cvpn-1]
interfaces = ["eni-v"]
authorization-rules = ["10.0.1.0/24 for all"]
routes = ["10.0.0.0/16 -> subnet:subnet-a", "10.9.0.0/16 -> subnet:subnet-a"]
"#;

#[test]
fn rules_and_routes_of_an_earlier_endpoint_stay_and_are_added_to() {
    let rule = json!({"client_vpn_endpoint_id": "cvpn-1", "target_network_cidr": "10.0.2.0/24",
        "authorize_all_groups": true});
    let route = json!({"client_vpn_endpoint_id": "cvpn-1", "destination_cidr_block": "10.8.0.0/16",
        "target_vpc_subnet_id": "subnet-a"});
    let endpoint = json!({"id": "cvpn-1", "security_group_ids": ["sg-1"]});
    let association =
        json!({"id": "a", "client_vpn_endpoint_id": "cvpn-1", "subnet_id": "subnet-a"});
    let owning = || {
        let plan = Plan::default().existing("aws_ec2_client_vpn_endpoint.v", endpoint.clone());
        plan.existing(
            "aws_ec2_client_vpn_network_association.a",
            association.clone(),
        )
    };
    let gone = json!({"id": "x", "client_vpn_endpoint_id": "cvpn-1",
        "target_network_cidr": "10.0.1.0/24", "authorize_all_groups": true});
    let gone_route = json!({"id": "y", "client_vpn_endpoint_id": "cvpn-1",
        "destination_cidr_block": "10.9.0.0/16", "target_vpc_subnet_id": "subnet-a"});
    let lists: [&dyn Fn() -> Plan; 2] = [&Plan::default, &owning];
    for plan in lists {
        let read = |plan: Plan| {
            let outcome = super::read_over(NETWORK, &plan.json());
            let endpoint: model::ClientVpnEndpoint = outcome.get("cvpn-1");
            let (rules, routes) = (endpoint.authorization_rules, endpoint.routes);
            assert_eq!(outcome.doubts(), []);
            let count = |known: Option<usize>| known.expect("they are known");
            (
                count(rules.known().map(|rules| rules.len())),
                count(routes.known().map(|routes| routes.len())),
            )
        };
        assert_eq!(read(plan()), (1, 2));
        let added = plan().create("aws_ec2_client_vpn_authorization_rule.r", rule.clone(), &[]);
        let added = added.create("aws_ec2_client_vpn_route.r", route.clone(), &[]);
        assert_eq!(read(added), (2, 3));
        let taken = plan().deleted("aws_ec2_client_vpn_authorization_rule.x", gone.clone());
        let taken = taken.deleted("aws_ec2_client_vpn_route.y", gone_route.clone());
        assert_eq!(read(taken), (0, 1));
    }
}
