//! A network with one of each kind, and a plan that leaves all of it as it is.

use super::*;

/// A network with one of each kind.
pub(super) const NETWORK: &str = r#"
[vpc.vpc-1]
region = "ap-northeast-1"
account = "111122223333"
cidrs = ["10.0.0.0/16"]
main-route-table = "rtb-main"
dns-hostnames = false
[subnet.subnet-a]
cidrs = ["10.0.1.0/24"]
[route-table.rtb-main]
[route-table.rtb-edge]
[security-group.sg-1]
[internet-gateway.igw-1]
edge-route-table = "rtb-edge"
[interface.eni-nat]
subnet = "subnet-a"
addresses = ["10.0.1.5"]
attachment = "nat-gateway:nat-1"
[nat-gateway.nat-1]
interface = "eni-nat"
[interface.eni-1]
subnet = "subnet-a"
addresses = ["10.0.1.8"]
groups = ["sg-1"]
attachment = "load-balancer:net/l/1"
[load-balancer."net/l/1"]
kind = "network"
interfaces = ["eni-1"]
listeners = ["tcp/443 -> targetgroup/g/1"]
[target-group."targetgroup/g/1"]
targets = ["10.0.1.9:8080"]
[endpoint-service.vpce-svc-1]
name = "com.amazonaws.vpce.ap-northeast-1.vpce-svc-1"
load-balancers = ["net/l/1"]
allowed-principals = ["arn:aws:iam::111122223333:root"]
acceptance-required = true
[hosted-zone.Z1]
name = "corp.internal"
records = ["db.corp.internal -> 10.0.1.9"]
[interface.eni-e]
subnet = "subnet-a"
addresses = ["10.0.1.20"]
groups = ["sg-1"]
attachment = "endpoint:vpce-1"
[endpoint.vpce-1]
service = "com.amazonaws.ap-northeast-1.s3"
kind = "interface"
interfaces = ["eni-e"]
private-dns = true
[interface.eni-c]
subnet = "subnet-a"
addresses = ["10.0.1.30"]
attachment = "other:client_vpn_endpoint"
[client-vpn-endpoint.cvpn-endpoint-1]
interfaces = ["eni-c"]
authorization-rules = ["10.0.0.0/16 for all"]
routes = ["10.0.0.0/16 -> subnet:subnet-a"]
[direct-connect-association.ga-1]
gateway = "virtual-private-gateway:vgw-1"
allowed-prefixes = ["10.0.0.0/16"]
[resolver-rule.rslvr-rr-1]
domain = "example.com"
action = "forward"
[virtual-private-gateway.vgw-1]
prefixes = ["192.168.0.0/16"]
edge-route-table = "rtb-edge"
[transit-gateway.tgw-1]
[transit-gateway-attachment.tgw-attach-1]
subnets = ["subnet-a"]
association = "tgw-rtb-1"
[transit-gateway-route-table.tgw-rtb-1]
routes = ["10.0.0.0/16 -> attachment:tgw-attach-1"]
propagations = ["tgw-attach-1"]
"#;

/// The resources of a plan that leaves all of it as it is.
pub(super) fn resources() -> Vec<(&'static str, Json)> {
    let balancer = "arn:aws:elasticloadbalancing:ap-northeast-1:111122223333:loadbalancer/net/l/1";
    let group = "arn:aws:elasticloadbalancing:ap-northeast-1:111122223333:targetgroup/g/1";
    let action = json!({"type": "forward", "target_group_arn": group, "forward": []});
    let of_table = json!({"id": "x", "transit_gateway_route_table_id": "tgw-rtb-1",
        "transit_gateway_attachment_id": "tgw-attach-1"});
    let mut to_vpc = of_table.clone();
    to_vpc["destination_cidr_block"] = json!("10.0.0.0/16");
    vec![
        (
            "aws_vpc.v",
            json!({"id": "vpc-1", "cidr_block": "10.0.0.0/16", "owner_id": "111122223333",
                "enable_dns_support": true, "enable_dns_hostnames": false,
                "main_route_table_id": "rtb-main", "default_route_table_id": "rtb-main",
                "dhcp_options_id": "dopt-1"}),
        ),
        (
            "aws_vpc_dhcp_options.o",
            json!({"id": "dopt-1", "domain_name_servers": ["AmazonProvidedDNS"]}),
        ),
        (
            "aws_route_table_association.i",
            json!({"id": "e1", "gateway_id": "igw-1", "route_table_id": "rtb-edge"}),
        ),
        (
            "aws_route_table_association.v",
            json!({"id": "e2", "gateway_id": "vgw-1", "route_table_id": "rtb-edge"}),
        ),
        (
            "aws_vpn_connection.c",
            json!({"id": "vpn-1", "vpn_gateway_id": "vgw-1", "static_routes_only": true}),
        ),
        (
            "aws_vpn_connection_route.c",
            json!({"id": "r", "vpn_connection_id": "vpn-1",
                "destination_cidr_block": "192.168.0.0/16"}),
        ),
        (
            "aws_subnet.a",
            json!({"id": "subnet-a", "vpc_id": "vpc-1", "cidr_block": "10.0.1.0/24"}),
        ),
        (
            "aws_security_group.g",
            json!({"id": "sg-1", "vpc_id": "vpc-1", "ingress": [], "egress": []}),
        ),
        (
            "aws_internet_gateway.i",
            json!({"id": "igw-1", "vpc_id": "vpc-1"}),
        ),
        (
            "aws_nat_gateway.n",
            json!({"id": "nat-1", "subnet_id": "subnet-a", "network_interface_id": "eni-nat",
                "private_ip": "10.0.1.5", "connectivity_type": "private"}),
        ),
        (
            "aws_lb.l",
            json!({"id": balancer, "arn": balancer, "load_balancer_type": "network",
                "internal": true, "subnets": ["subnet-a"], "security_groups": ["sg-1"]}),
        ),
        (
            "aws_lb_listener.l",
            json!({"id": "arn:aws:elasticloadbalancing:ap-northeast-1:111122223333:listener/net/l/1/2",
                "load_balancer_arn": balancer, "port": 443, "protocol": "TCP",
                "default_action": [action]}),
        ),
        (
            "aws_lb_target_group.g",
            json!({"id": group, "arn": group, "protocol": "TCP", "port": 8080, "target_type": "ip",
                "vpc_id": "vpc-1", "preserve_client_ip": "false",
                "load_balancing_cross_zone_enabled": "use_load_balancer_configuration"}),
        ),
        (
            "aws_lb_target_group_attachment.a",
            json!({"id": "t", "target_group_arn": group, "target_id": "10.0.1.9", "port": 8080}),
        ),
        (
            "aws_vpc_endpoint_service.s",
            json!({"id": "vpce-svc-1", "acceptance_required": true,
                "service_name": "com.amazonaws.vpce.ap-northeast-1.vpce-svc-1",
                "network_load_balancer_arns": [balancer],
                "allowed_principals": ["arn:aws:iam::111122223333:root"]}),
        ),
        (
            "aws_route53_zone.z",
            json!({"id": "Z1", "zone_id": "Z1", "name": "corp.internal",
                "vpc": [{"vpc_id": "vpc-1"}]}),
        ),
        (
            "aws_route53_record.r",
            json!({"id": "r", "zone_id": "Z1", "name": "db.corp.internal", "type": "A",
                "records": ["10.0.1.9"], "alias": []}),
        ),
        (
            "aws_route53_resolver_rule.r",
            json!({"id": "rslvr-rr-1", "domain_name": "example.com", "rule_type": "FORWARD"}),
        ),
        (
            "aws_route53_resolver_rule_association.a",
            json!({"id": "a", "resolver_rule_id": "rslvr-rr-1", "vpc_id": "vpc-1"}),
        ),
        (
            "aws_vpn_gateway.v",
            json!({"id": "vgw-1", "vpc_id": "vpc-1"}),
        ),
        (
            "aws_dx_gateway_association.d",
            json!({"id": "ga-1", "associated_gateway_id": "vgw-1", "vpn_gateway_id": "vgw-1",
                "allowed_prefixes": ["10.0.0.0/16"]}),
        ),
        (
            "aws_vpc_endpoint.e",
            json!({"id": "vpce-1", "vpc_id": "vpc-1", "vpc_endpoint_type": "Interface",
                "service_name": "com.amazonaws.ap-northeast-1.s3", "state": "available",
                "private_dns_enabled": true, "subnet_ids": ["subnet-a"],
                "network_interface_ids": ["eni-e"],
                "subnet_configuration": [{"ipv4": "10.0.1.20", "subnet_id": "subnet-a"}], "security_group_ids": ["sg-1"],
                "dns_options": [{"private_dns_only_for_inbound_resolver_endpoint": false}]}),
        ),
        (
            "aws_ec2_client_vpn_authorization_rule.r",
            json!({"id": "ar", "client_vpn_endpoint_id": "cvpn-endpoint-1",
                "target_network_cidr": "10.0.0.0/16", "authorize_all_groups": true}),
        ),
        (
            "aws_ec2_client_vpn_route.r",
            json!({"id": "cr", "client_vpn_endpoint_id": "cvpn-endpoint-1",
                "destination_cidr_block": "10.0.0.0/16", "target_vpc_subnet_id": "subnet-a"}),
        ),
        (
            "aws_ec2_transit_gateway.t",
            json!({"id": "tgw-1", "security_group_referencing_support": "disable",
                "default_route_table_association": "disable",
                "default_route_table_propagation": "disable"}),
        ),
        (
            "aws_ec2_transit_gateway_vpc_attachment.a",
            json!({"id": "tgw-attach-1", "transit_gateway_id": "tgw-1", "vpc_id": "vpc-1",
                "subnet_ids": ["subnet-a"], "security_group_referencing_support": "disable"}),
        ),
        (
            "aws_ec2_transit_gateway_route_table.t",
            json!({"id": "tgw-rtb-1", "transit_gateway_id": "tgw-1"}),
        ),
        (
            "aws_ec2_transit_gateway_route_table_association.a",
            of_table.clone(),
        ),
        (
            "aws_ec2_transit_gateway_route_table_propagation.p",
            of_table,
        ),
        ("aws_ec2_transit_gateway_route.r", to_vpc),
    ]
}

/// A plan that leaves it all as it is, but for what is changed.
pub(super) fn plan(change: impl Fn(&str, &mut Json)) -> Plan {
    resources()
        .into_iter()
        .fold(Plan::default(), |plan, (address, mut values)| {
            change(address, &mut values);
            plan.existing(address, values)
        })
}

/// The attributes of which nothing is certain.
pub(super) fn uncertain(network: &str, plan: Plan) -> Vec<String> {
    let outcome = read_over(network, &plan.json());
    let doubts = outcome.doubts().into_iter().filter(|(_, _, guess)| *guess);
    doubts.map(|(_, what, _)| what.to_owned()).collect()
}

/// The network without some tables and keys.
pub(super) fn without(parts: &[&str]) -> String {
    parts.iter().fold(NETWORK.to_owned(), |network, part| {
        assert!(network.contains(part), "{part}");
        network.replace(part, "")
    })
}
