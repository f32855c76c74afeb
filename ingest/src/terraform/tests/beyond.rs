//! What stands beyond the model, and has to be named: endpoints of VPC Lattice, Cloud WAN, Outposts,
//! Wavelength.

use model::{EndpointKind, VpcEndpoint};
use serde_json::json;

use super::{IN_MAIN, with_vpc};
use crate::native;

#[test]
fn endpoints_of_lattice_are_there_and_not_modelled() {
    let plan = with_vpc();
    let open: &[(&str, &[&str])] = &[IN_MAIN[0], ("service_name", &[])];
    let plan = plan
        .create(
            "aws_vpc_endpoint.r",
            json!({"vpc_endpoint_type": "Resource", "resource_configuration_arn": "arn:aws:vpc-lattice:us-east-1:1:resourceconfiguration/rcfg-1"}),
            open,
        )
        .create(
            "aws_vpc_endpoint.n",
            json!({"vpc_endpoint_type": "ServiceNetwork", "service_network_arn": "arn:aws:vpc-lattice:us-east-1:1:servicenetwork/sn-1"}),
            open,
        );
    let outcome = plan.read();
    for (id, kind) in [
        ("aws_vpc_endpoint.r", "Resource"),
        ("aws_vpc_endpoint.n", "ServiceNetwork"),
    ] {
        let endpoint: VpcEndpoint = outcome.get(id);
        assert_eq!(endpoint.kind, EndpointKind::Unmodelled(kind.to_owned()));
    }
}

#[test]
fn routes_beyond_the_region_have_targets_that_are_not_modelled() {
    let routes = json!([
        {"cidr_block": "172.16.0.0/12", "local_gateway_id": "lgw-1"},
        {"cidr_block": "0.0.0.0/0", "carrier_gateway_id": "cagw-1"},
        {"cidr_block": "192.168.0.0/16", "core_network_arn": "arn:aws:networkmanager::1:core-network/c"}
    ]);
    let plan = with_vpc()
        .create("aws_route_table.t", json!({ "route": routes }), IN_MAIN)
        .create(
            "aws_subnet.s",
            json!({"cidr_block": "10.0.1.0/24", "outpost_arn": "arn:aws:outposts:us-east-1:1:outpost/op-1"}),
            IN_MAIN,
        );
    let text = native::write(&plan.read().network());
    for route in [
        "172.16.0.0/12 -> unmodelled:local-gateway:lgw-1",
        "0.0.0.0/0 -> unmodelled:carrier-gateway:cagw-1",
        "192.168.0.0/16 -> unmodelled:core-network:arn:aws:networkmanager::1:core-network/c",
        "[subnet.\"aws_subnet.s\"]",
    ] {
        assert!(text.contains(route), "{route}\n\n{text}");
    }
}

#[test]
fn types_that_change_who_reaches_what_are_named() {
    let cases = [
        ("aws_nat_gateway_eip_association", json!({})),
        ("aws_route53_records_exclusive", json!({})),
        ("aws_vpc_encryption_control", json!({})),
        ("aws_vpc_security_group_rules_exclusive", json!({})),
        ("aws_vpc_security_group_vpc_association", json!({})),
        ("aws_networkfirewall_firewall", json!({})),
        (
            "aws_autoscaling_group",
            json!({"vpc_zone_identifier": ["subnet-1"]}),
        ),
        (
            "aws_opensearch_domain",
            json!({"vpc_options": [{"subnet_ids": ["subnet-1"]}]}),
        ),
        (
            "aws_msk_cluster",
            json!({"broker_node_group_info": [{"client_subnets": ["subnet-1"]}]}),
        ),
    ];
    for (of, values) in cases {
        let address = format!("{of}.x");
        let outcome = with_vpc().create(&address, values, &[]).read();
        let messages = outcome.messages();
        assert!(
            messages.iter().any(|message| message.contains(&address)),
            "{of}: {messages:?}"
        );
    }
}
