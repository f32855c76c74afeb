//! What the plan says was there before it, kind by kind, beside what the earlier input has.

use super::*;

/// A network with one of each kind.
const NETWORK: &str = r#"
[vpc.vpc-1]
region = "ap-northeast-1"
account = "111122223333"
cidrs = ["10.0.0.0/16"]
main-route-table = "rtb-main"
dns-hostnames = false
[subnet.subnet-a]
cidrs = ["10.0.1.0/24"]
[route-table.rtb-main]
[security-group.sg-1]
[internet-gateway.igw-1]
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
prefixes = []
[transit-gateway.tgw-1]
[transit-gateway-attachment.tgw-attach-1]
subnets = ["subnet-a"]
association = "tgw-rtb-1"
[transit-gateway-route-table.tgw-rtb-1]
routes = ["10.0.0.0/16 -> attachment:tgw-attach-1"]
propagations = ["tgw-attach-1"]
"#;

/// The resources of a plan that leaves all of it as it is.
fn resources() -> Vec<(&'static str, Json)> {
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
                "main_route_table_id": "rtb-main", "default_route_table_id": "rtb-main"}),
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
fn plan(change: impl Fn(&str, &mut Json)) -> Plan {
    resources()
        .into_iter()
        .fold(Plan::default(), |plan, (address, mut values)| {
            change(address, &mut values);
            plan.existing(address, values)
        })
}

/// The attributes of which nothing is certain.
fn uncertain(network: &str, plan: Plan) -> Vec<String> {
    let outcome = read_over(network, &plan.json());
    let doubts = outcome.doubts().into_iter().filter(|(_, _, guess)| *guess);
    doubts.map(|(_, what, _)| what.to_owned()).collect()
}

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

/// The network without some tables and keys.
fn without(parts: &[&str]) -> String {
    parts.iter().fold(NETWORK.to_owned(), |network, part| {
        assert!(network.contains(part), "{part}");
        network.replace(part, "")
    })
}

/// Each row is what is taken out of the network, and what is not certain then.
#[test]
fn what_only_the_plan_has_may_not_be_there() {
    let (route, propagation) = (
        "routes = [\"10.0.0.0/16 -> attachment:tgw-attach-1\"]\n",
        "propagations = [\"tgw-attach-1\"]\n",
    );
    let rows: [(&[&str], &[&str]); 8] = [
        (
            &["[security-group.sg-1]\n", "groups = [\"sg-1\"]\n"],
            &["id of sg-1"],
        ),
        (&["[internet-gateway.igw-1]\n"], &["id of igw-1"]),
        (
            &[
                "[nat-gateway.nat-1]\ninterface = \"eni-nat\"\n",
                "attachment = \"nat-gateway:nat-1\"\n",
            ],
            &["id of nat-1"],
        ),
        (
            &["[virtual-private-gateway.vgw-1]\nprefixes = []\n"],
            &["id of vgw-1"],
        ),
        (
            &[
                "[hosted-zone.Z1]\nname = \"corp.internal\"\nrecords = [\"db.corp.internal -> 10.0.1.9\"]\n",
            ],
            &["id of Z1"],
        ),
        (
            &["[resolver-rule.rslvr-rr-1]\ndomain = \"example.com\"\naction = \"forward\"\n"],
            &["id of rslvr-rr-1"],
        ),
        (
            &[
                "[transit-gateway-attachment.tgw-attach-1]\nsubnets = [\"subnet-a\"]\nassociation = \"tgw-rtb-1\"\n",
                route,
                propagation,
            ],
            &[
                "routes of tgw-rtb-1",
                "propagations of tgw-rtb-1",
                "id of tgw-attach-1",
            ],
        ),
        (
            &[
                "[transit-gateway-route-table.tgw-rtb-1]\n",
                "association = \"tgw-rtb-1\"\n",
                route,
                propagation,
            ],
            &[
                "transit_gateway_route_table_id of tgw-attach-1",
                "id of tgw-rtb-1",
            ],
        ),
    ];
    for (parts, expected) in rows {
        let mut expected = expected.to_vec();
        expected.sort_unstable();
        assert_eq!(uncertain(&without(parts), plan(|_, _| {})), expected);
    }
}

/// What the change takes away is not there afterwards, whatever was there before.
#[test]
fn what_the_plan_deletes_need_not_be_there() {
    let network = without(&["[internet-gateway.igw-1]\n"]);
    let (address, gateway) = (
        "aws_internet_gateway.i",
        json!({"id": "igw-1", "vpc_id": "vpc-1"}),
    );
    let kept = resources().into_iter().filter(|(one, _)| *one != address);
    let plan = kept.fold(Plan::default(), |plan, (address, values)| {
        plan.existing(address, values)
    });
    assert_eq!(uncertain(&network, plan.deleted(address, gateway)), [""; 0]);
}

/// Another stack's state does not list what is there of others.
#[test]
fn a_state_before_the_plan_need_not_have_it() {
    let mut sink = Sink::default();
    let others = ["aws_vpc.v", "aws_subnet.a"];
    let of_others = resources()
        .into_iter()
        .filter(|(one, _)| others.contains(one));
    let state = of_others.fold(Plan::default(), |plan, (address, values)| {
        plan.existing(address, values)
    });
    read_into(&state.json(), &mut sink);
    read_into(&plan(|_, _| {}).json(), &mut sink);
    assert_eq!(outcome(sink).assumes(DIFFER), [""; 0]);
}

/// Terraform takes the rules away that a list has no more, and adds those that are new to it: what else is
/// in the group stays.
#[test]
fn a_list_that_the_plan_changes_goes_by_what_was_in_it() {
    let network = NETWORK.replace(
        "[security-group.sg-1]\n",
        "[security-group.sg-1]\ningress = [\"tcp/22 from 0.0.0.0/0\"]\n",
    );
    let group = |ports: &[u16]| {
        let rule = |port: &u16| json!({"cidr_blocks": ["10.0.0.0/8"], "protocol": "tcp", "from_port": port, "to_port": port});
        let ingress: Vec<Json> = ports.iter().map(rule).collect();
        json!({"id": "sg-1", "vpc_id": "vpc-1", "ingress": ingress, "egress": []})
    };
    let address = "aws_security_group.g";
    let change = |before, after| Plan::default().updated(address, before, after, &[]);
    let plan = change(group(&[]), group(&[443]));
    assert_eq!(uncertain(&network, plan), ["aws_security_group.g.ingress"]);
    // With one of the same time nothing is open.
    let plan = change(group(&[]), group(&[443]));
    assert_eq!(uncertain(NETWORK, plan), [""; 0]);
}

/// A value that the change sets is as it says; one that it leaves may be what the earlier input has.
#[test]
fn a_switch_of_what_the_plan_changes_is_as_it_leaves_it() {
    let (_, vpc) = resources().swap_remove(0);
    let (mut tagged, mut switched) = (vpc.clone(), vpc.clone());
    tagged["tags"] = json!({"team": "red"});
    switched["enable_dns_support"] = json!(false);
    let network = NETWORK.replace(
        "dns-hostnames = false",
        "dns-hostnames = false\ndns-support = false",
    );
    let change = |after| Plan::default().updated("aws_vpc.v", vpc.clone(), after, &[]);
    assert_eq!(
        uncertain(&network, change(tagged)),
        ["aws_vpc.v.enable_dns_support"]
    );
    assert_eq!(uncertain(&network, change(switched)), [""; 0]);
}

/// A policy that the plan writes is the one that the endpoint has.
#[test]
fn a_policy_that_the_plan_writes_is_certain() {
    let endpoint = |effect: &str| {
        let statement = json!({"Effect": effect, "Principal": "*", "Action": "*", "Resource": "*"});
        let policy = json!({"Version": "2012-10-17", "Statement": [statement]}).to_string();
        json!({"id": "vpce-2", "vpc_id": "vpc-1", "vpc_endpoint_type": "Gateway", "policy": policy,
            "service_name": "com.amazonaws.ap-northeast-1.s3", "state": "available"})
    };
    let network = format!(
        "{NETWORK}[endpoint.vpce-2]\nservice = \"com.amazonaws.ap-northeast-1.s3\"\nkind = \"gateway\"\n"
    );
    let address = "aws_vpc_endpoint.e";
    let plan = Plan::default().updated(address, endpoint("Allow"), endpoint("Deny"), &[]);
    let outcome = read_over(&network, &plan.json());
    assert!(
        outcome
            .get::<VpcEndpoint>("vpce-2")
            .policy
            .known()
            .is_some()
    );
    assert_eq!(outcome.assumes(DIFFER), [""; 0]);
}

/// What the provider does not say of a thing is as it was: older ones know fewer attributes, and none says
/// whether an attachment is available.
#[test]
fn what_the_plan_does_not_say_is_as_it_was() {
    let network = NETWORK
        .replace("kind = \"network\"\n", "kind = \"network\"\nprivate-link-ingress = false\n")
        .replace("[transit-gateway.tgw-1]\n", "[transit-gateway.tgw-1]\nsecurity-group-referencing = true\n")
        .replace(
            "subnets = [\"subnet-a\"]\n",
            "subnets = [\"subnet-a\"]\navailable = false\nappliance-mode = true\nipv6-support = true\n",
        );
    let plan = plan(|_, values| {
        let fields = values.as_object_mut().expect("an object");
        fields.remove("security_group_referencing_support");
    });
    let outcome = read_over(&network, &plan.json());
    assert_eq!(
        (outcome.assumes(DIFFER), outcome.doubts()),
        (vec![], vec![])
    );
    let attachment = outcome.get::<model::TransitGatewayAttachment>("tgw-attach-1");
    assert!(!attachment.available);
    assert!(matches!(
        attachment.kind,
        model::AttachmentKind::Vpc {
            appliance_mode: true,
            ipv6_support: true,
            security_group_referencing: false,
            ..
        }
    ));
    assert!(
        outcome
            .get::<model::TransitGateway>("tgw-1")
            .security_group_referencing
    );
    assert!(
        !outcome
            .get::<model::LoadBalancer>("net/l/1")
            .private_link_ingress
    );
}

/// Providers before 5.27 do not say which address an endpoint has in a subnet: the one that it had.
#[test]
fn an_address_that_the_plan_does_not_say_is_the_one_before() {
    let plan = plan(|_, values| {
        let fields = values.as_object_mut().expect("an object");
        fields.remove("subnet_configuration");
    });
    let outcome = read_over(NETWORK, &plan.json());
    let addresses = outcome.get::<NetworkInterface>("eni-e").addresses;
    let private: Vec<_> = addresses.into_iter().map(|one| one.private).collect();
    let known = model::AddressValue::Known(model::Address::V4(0x0a00_0114));
    assert_eq!(private, [known]);
    assert_eq!(outcome.assumes(DIFFER), [""; 0]);
}

/// A subnet of the snapshot gives addresses to new instances, or not; the plan, which is older or younger,
/// says the contrary.
#[test]
fn what_a_subnet_gives_may_be_as_either_says() {
    let mut sink = Sink::default();
    crate::native::read_into(NETWORK, &Arc::from("network.toml"), &mut sink);
    let given = crate::sink::Given {
        public: Some(true),
        ipv6: None,
    };
    sink.given.insert("subnet-a".to_owned(), given);
    let plan = plan(|address, values| {
        if address == "aws_subnet.a" {
            values["map_public_ip_on_launch"] = json!(false);
        }
    });
    read_into(&plan.json(), &mut sink);
    let doubts = outcome(sink);
    let expected = "aws_subnet.a.map_public_ip_on_launch";
    assert_eq!(doubts.doubts(), [(Touches::Everything, expected, true)]);
}

/// What the reader of a snapshot names and leaves out is there.
#[test]
fn what_is_left_out_of_the_snapshot_is_not_missing() {
    let network = without(&["[internet-gateway.igw-1]\n"]);
    let mut sink = Sink::default();
    crate::native::read_into(&network, &Arc::from("network.toml"), &mut sink);
    let place = crate::diagnostic::Place::file("gateways.json");
    sink.left_out(place, "igw-1", "a gateway");
    read_into(&plan(|_, _| {}).json(), &mut sink);
    assert_eq!(outcome(sink).assumes(DIFFER), [""; 0]);
}
