//! Components that a plan leaves as they are, and the earlier input has otherwise.

use super::whole::{NETWORK, plan, uncertain};
use super::*;

#[test]
fn what_both_say_alike_is_certain() {
    let outcome = read_over(NETWORK, &plan(|_, _| {}).json());
    assert_eq!(
        (outcome.assumes(DIFFER), outcome.doubts()),
        (vec![], vec![])
    );
}

/// Each row is a resource, one of its attributes with another value, and what is not certain then.
#[test]
fn what_a_plan_leaves_and_the_earlier_input_has_otherwise_is_not_certain() {
    let other = "arn:aws:iam::444455556666:root";
    let rows = [
        (
            "aws_vpc.v",
            "cidr_block",
            json!("10.0.0.0/17"),
            "cidr_block of vpc-1",
        ),
        (
            "aws_subnet.a",
            "cidr_block",
            json!("10.0.1.0/25"),
            "cidr_block of subnet-a",
        ),
        (
            "aws_internet_gateway.i",
            "vpc_id",
            json!("vpc-9"),
            "vpc_id of igw-1",
        ),
        (
            "aws_lb_listener.l",
            "port",
            json!(444),
            "listeners of net/l/1",
        ),
        (
            "aws_lb.l",
            "enforce_security_group_inbound_rules_on_private_link_traffic",
            json!("off"),
            "enforce_security_group_inbound_rules_on_private_link_traffic of net/l/1",
        ),
        (
            "aws_lb_target_group.g",
            "preserve_client_ip",
            json!("true"),
            "preserve_client_ip of targetgroup/g/1",
        ),
        (
            "aws_lb_target_group.g",
            "load_balancing_cross_zone_enabled",
            json!("true"),
            "load_balancing_cross_zone_enabled of targetgroup/g/1",
        ),
        (
            "aws_vpc_dhcp_options.o",
            "domain_name_servers",
            json!(["10.0.0.53"]),
            "dhcp_options_id of vpc-1",
        ),
        (
            "aws_vpc_endpoint_service.s",
            "tags",
            json!({"team": "red"}),
            "tags of vpce-svc-1",
        ),
        (
            "aws_ec2_transit_gateway.t",
            "tags",
            json!({"team": "red"}),
            "tags of tgw-1",
        ),
        (
            "aws_vpn_gateway.v",
            "tags",
            json!({"team": "red"}),
            "tags of vgw-1",
        ),
        (
            "aws_vpn_connection_route.c",
            "destination_cidr_block",
            json!("172.16.0.0/12"),
            "prefixes of vgw-1",
        ),
        (
            "aws_nat_gateway.n",
            "tags",
            json!({"team": "red"}),
            "tags of nat-1",
        ),
        (
            "aws_lb_target_group_attachment.a",
            "target_id",
            json!("10.0.1.10"),
            "targets of targetgroup/g/1",
        ),
        (
            "aws_vpc_endpoint_service.s",
            "allowed_principals",
            json!([other]),
            "allowed_principals of vpce-svc-1",
        ),
        (
            "aws_vpc_endpoint_service.s",
            "acceptance_required",
            json!(false),
            "acceptance_required of vpce-svc-1",
        ),
        (
            "aws_route53_record.r",
            "records",
            json!(["10.0.1.10"]),
            "records of Z1",
        ),
        ("aws_route53_zone.z", "vpc", json!([]), "vpc of Z1"),
        (
            "aws_route53_resolver_rule.r",
            "rule_type",
            json!("SYSTEM"),
            "rule_type of rslvr-rr-1",
        ),
        (
            "aws_vpn_gateway.v",
            "vpc_id",
            json!("vpc-9"),
            "vpc_id of vgw-1",
        ),
        (
            "aws_dx_gateway_association.d",
            "allowed_prefixes",
            json!(["10.0.0.0/17"]),
            "allowed_prefixes of ga-1",
        ),
        (
            "aws_vpc_endpoint.e",
            "dns_options",
            json!([{"private_dns_only_for_inbound_resolver_endpoint": true}]),
            "dns_options of vpce-1",
        ),
        (
            "aws_ec2_client_vpn_authorization_rule.r",
            "target_network_cidr",
            json!("10.9.0.0/16"),
            "authorization_rules of cvpn-endpoint-1",
        ),
        (
            "aws_ec2_client_vpn_route.r",
            "destination_cidr_block",
            json!("10.9.0.0/16"),
            "routes of cvpn-endpoint-1",
        ),
        (
            "aws_ec2_transit_gateway.t",
            "security_group_referencing_support",
            json!("enable"),
            "security_group_referencing_support of tgw-1",
        ),
        (
            "aws_ec2_transit_gateway_vpc_attachment.a",
            "appliance_mode_support",
            json!("enable"),
            "options of tgw-attach-1",
        ),
        (
            "aws_ec2_transit_gateway_route.r",
            "destination_cidr_block",
            json!("10.9.0.0/16"),
            "routes of tgw-rtb-1",
        ),
    ];
    for (resource, name, value, expected) in rows {
        let changed = plan(|address, values| {
            if address == resource {
                values[name] = value.clone();
            }
        });
        assert_eq!(uncertain(NETWORK, changed), [expected], "{resource}.{name}");
    }
}

/// Each row is what the network has in another place, and what is not certain then.
#[test]
fn what_the_earlier_input_has_and_the_plan_says_otherwise_is_not_certain() {
    let balancer = "[load-balancer.\"net/l/1\"]\n";
    let second = "[subnet.subnet-b]\ncidrs = [\"10.0.2.0/24\"]\n[interface.eni-2]\nsubnet = \"subnet-b\"\naddresses = [\"10.0.2.8\"]\ngroups = [\"sg-1\"]\nattachment = \"load-balancer:net/l/1\"\n";
    let rows = [
        (
            "[nat-gateway.nat-1]\n",
            "[nat-gateway.nat-1]\navailable = false\n".to_owned(),
            "state of nat-1",
        ),
        (
            "domain = \"example.com\"\n",
            "domain = \"example.com\"\nvpcs = []\n".to_owned(),
            "vpc_id of rslvr-rr-1",
        ),
        (
            "[internet-gateway.igw-1]\nedge-route-table = \"rtb-edge\"\n",
            "[internet-gateway.igw-1]\n".to_owned(),
            "edge_route_table of igw-1",
        ),
        (
            "prefixes = [\"192.168.0.0/16\"]\nedge-route-table = \"rtb-edge\"\n",
            "prefixes = [\"192.168.0.0/16\"]\n".to_owned(),
            "edge_route_table of vgw-1",
        ),
        (
            balancer,
            format!("{balancer}tags = {{ team = \"blue\" }}\n"),
            "tags of net/l/1",
        ),
        (
            "load-balancers = [\"net/l/1\"]\n",
            "load-balancers = []\n".to_owned(),
            "network_load_balancer_arns of vpce-svc-1",
        ),
        (
            "association = \"tgw-rtb-1\"\n",
            "association = \"tgw-rtb-2\"\n[transit-gateway-route-table.tgw-rtb-2]\n".to_owned(),
            "transit_gateway_route_table_id of tgw-attach-1",
        ),
    ];
    for (from, to, expected) in rows {
        assert!(NETWORK.contains(from), "{from}");
        let network = NETWORK.replace(from, &to);
        assert_eq!(uncertain(&network, plan(|_, _| {})), [expected], "{to}");
    }
    let network = format!("{NETWORK}{second}");
    let network = network.replace(
        "interfaces = [\"eni-1\"]",
        "interfaces = [\"eni-1\", \"eni-2\"]",
    );
    assert_eq!(uncertain(&network, plan(|_, _| {})), ["subnets of net/l/1"]);
}

/// A state in which an attachment is accepted, over a snapshot in which it waits.
#[test]
fn an_attachment_that_waits_may_be_accepted() {
    let waiting = "subnets = [\"subnet-a\"]\navailable = false\n";
    let network = NETWORK.replace("subnets = [\"subnet-a\"]\n", waiting);
    let accepter = json!({"id": "tgw-attach-1", "transit_gateway_attachment_id": "tgw-attach-1"});
    let address = "aws_ec2_transit_gateway_vpc_attachment_accepter.a";
    let plan = plan(|_, _| {}).existing(address, accepter);
    assert_eq!(uncertain(&network, plan), ["state of tgw-attach-1"]);
}
