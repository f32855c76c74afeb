//! What a plan deletes of the network of an earlier input.

use model::{
    InternetGateway, NatGateway, NetworkAcl, NetworkInterface, Peering, RouteState, RouteTable,
    SecurityGroup, Subnet, TargetGroup, Value, Vpc, VpcEndpoint,
};

use super::*;

/// A network of what a plan may delete.
const NETWORK: &str = r#"
[vpc.vpc-1]
region = "eu-west-1"
cidrs = ["10.0.0.0/16"]
main-route-table = "rtb-main"
[subnet.subnet-a]
cidrs = ["10.0.1.0/24"]
route-table = "rtb-a"
network-acl = "acl-1"
[subnet.subnet-b]
cidrs = ["10.0.2.0/24"]
network-acl = "acl-1"
[prefix-list.pl-s3]
name = "com.amazonaws.eu-west-1.s3"
aws-managed = true
entries = ["3.5.64.0/21"]
[route-table.rtb-main]
[route-table.rtb-a]
routes = ["0.0.0.0/0 -> nat-gateway:nat-1", "198.51.100.0/24 -> internet-gateway:igw-1", "203.0.113.0/24 -> interface:eni-1", "10.9.0.0/16 -> peering:pcx-1", "pl:pl-s3 -> endpoint:vpce-1"]
[network-acl.acl-1]
ingress = ["100 deny tcp/22 from 0.0.0.0/0", "200 allow all from 0.0.0.0/0"]
egress = ["100 allow all to 0.0.0.0/0"]
[security-group.sg-1]
ingress = ["tcp/22 from 0.0.0.0/0", "tcp/443 from 10.0.0.0/8"]
egress = ["all to 0.0.0.0/0"]
[interface.eni-1]
subnet = "subnet-a"
addresses = ["10.0.1.5 public 192.0.2.5"]
groups = ["sg-1"]
instance = "i-1"
[interface.eni-2]
subnet = "subnet-b"
addresses = ["10.0.2.5"]
groups = ["sg-1"]
[interface.eni-nat]
subnet = "subnet-b"
addresses = ["10.0.2.9"]
attachment = "nat-gateway:nat-1"
[nat-gateway.nat-1]
interface = "eni-nat"
[internet-gateway.igw-1]
[peering.pcx-1]
requester = "vpc-1"
accepter = { outside = "vpc-9" }
[endpoint.vpce-1]
service = "com.amazonaws.eu-west-1.s3"
kind = "gateway"
prefix-lists = ["pl-s3"]
[target-group.tg-1]
targets = ["interface:eni-1:80", "interface:eni-2:80"]
"#;

/// What is left of the network when the plan deletes one resource.
#[track_caller]
fn without(address: &str, before: Json) -> Outcome {
    let outcome = read_over(NETWORK, &Plan::default().deleted(address, before).json());
    outcome.draft.clone().validate().expect("it is valid");
    outcome
}

fn doubts(outcome: &Outcome) -> Vec<(&str, bool)> {
    let doubts = outcome.doubts.iter();
    doubts
        .map(|one| (one.what.as_str(), one.is_guess))
        .collect()
}

/// The destinations of the table's routes that lead somewhere.
fn active(outcome: &Outcome) -> Vec<String> {
    let table: RouteTable = outcome.get("rtb-a");
    let routes = table.routes.iter();
    let routes = routes.filter(|route| route.state == RouteState::Active);
    let destinations = routes.map(|route| format!("{:?}", route.destination.known().unwrap()));
    destinations.collect()
}

const N_ROUTES: usize = 6;

#[test]
fn a_gateway_that_is_deleted_leaves_a_blackhole() {
    assert_eq!(
        active(&without("null_resource.x", json!({"id": "1"}))).len(),
        N_ROUTES
    );
    let outcome = without("aws_nat_gateway.n", json!({"id": "nat-1"}));
    assert_eq!(active(&outcome).len(), N_ROUTES - 1);
    assert!(!outcome.get::<NatGateway>("nat-1").available);
    let outcome = without("aws_internet_gateway.g", json!({"id": "igw-1"}));
    assert_eq!(active(&outcome).len(), N_ROUTES - 1);
    assert_eq!(outcome.get::<InternetGateway>("igw-1").vpc, None);
    let detached = json!({"id": "igw-1:vpc-1", "internet_gateway_id": "igw-1", "vpc_id": "vpc-1"});
    let outcome = without("aws_internet_gateway_attachment.g", detached);
    assert_eq!(outcome.get::<InternetGateway>("igw-1").vpc, None);
    let outcome = without("aws_vpc_peering_connection.p", json!({"id": "pcx-1"}));
    assert_eq!(active(&outcome).len(), N_ROUTES - 1);
    assert!(!outcome.get::<Peering>("pcx-1").active);
    assert_eq!(doubts(&outcome), []);
}

#[test]
fn the_routes_to_an_endpoint_go_with_it() {
    let outcome = without("aws_vpc_endpoint.s3", json!({"id": "vpce-1"}));
    let table: RouteTable = outcome.get("rtb-a");
    assert_eq!(table.routes.len(), N_ROUTES - 1);
    assert!(!outcome.get::<VpcEndpoint>("vpce-1").available);
    let association = json!({"id": "a", "vpc_endpoint_id": "vpce-1", "route_table_id": "rtb-a"});
    let outcome = without("aws_vpc_endpoint_route_table_association.s3", association);
    assert_eq!(
        outcome.get::<RouteTable>("rtb-a").routes.len(),
        N_ROUTES - 1
    );
    assert!(outcome.get::<VpcEndpoint>("vpce-1").available);
}

#[test]
fn an_instance_that_is_deleted_sends_and_takes_nothing() {
    for (address, before) in [
        ("aws_instance.i", json!({"id": "i-1"})),
        ("aws_network_interface.e", json!({"id": "eni-1"})),
    ] {
        let outcome = without(address, before);
        let left = outcome.draft.network_interfaces.iter();
        let left: Vec<_> = left.map(|one| one.id.to_string()).collect();
        assert_eq!(left, ["eni-2", "eni-nat"]);
        assert_eq!(active(&outcome).len(), N_ROUTES - 1);
        let Value::Known(targets) = outcome.get::<TargetGroup>("tg-1").targets else {
            panic!("they are known");
        };
        assert_eq!(targets.len(), 1);
        assert_eq!(doubts(&outcome), []);
    }
    let outcome = without("aws_subnet.b", json!({"id": "subnet-b"}));
    let left = outcome.draft.network_interfaces.len();
    assert_eq!(left, 2, "the interface of nothing is gone with its subnet");
}

#[test]
fn parts_are_taken_out_of_what_stays() {
    let route = json!({"id": "r", "route_table_id": "rtb-a", "destination_cidr_block": "0.0.0.0/0",
        "nat_gateway_id": "nat-1"});
    assert_eq!(active(&without("aws_route.r", route)).len(), N_ROUTES - 1);
    let rule = json!({"id": "sgr-1", "security_group_id": "sg-1", "ip_protocol": "tcp", "from_port": 22, "to_port": 22,
        "cidr_ipv4": "0.0.0.0/0"});
    let outcome = without("aws_vpc_security_group_ingress_rule.r", rule);
    let group: SecurityGroup = outcome.get("sg-1");
    assert_eq!((group.ingress.len(), group.egress.len()), (1, 1));
    let entry = json!({"id": "n", "network_acl_id": "acl-1", "rule_number": 100, "egress": false});
    let outcome = without("aws_network_acl_rule.r", entry);
    let acl: NetworkAcl = outcome.get("acl-1");
    assert_eq!((acl.ingress.len(), acl.egress.len()), (1, 1));
    let association = json!({"id": "x", "subnet_id": "subnet-a", "route_table_id": "rtb-a"});
    let outcome = without("aws_route_table_association.a", association);
    assert_eq!(outcome.get::<Subnet>("subnet-a").route_table, None);
    let outcome = without("aws_route_table.a", json!({"id": "rtb-a"}));
    assert_eq!(outcome.get::<Subnet>("subnet-a").route_table, None);
    let outcome = without("aws_network_acl.a", json!({"id": "acl-1"}));
    assert_eq!(outcome.get::<Subnet>("subnet-a").network_acl.known(), None);
    let address = json!({"id": "eipalloc-1", "public_ip": "192.0.2.5"});
    let outcome = without("aws_eip.e", address);
    let interface: NetworkInterface = outcome.get("eni-1");
    assert_eq!(interface.addresses[0].public, None);
    let group = json!({"id": "s", "network_interface_id": "eni-1", "security_group_id": "sg-1"});
    let outcome = without("aws_network_interface_sg_attachment.s", group);
    let interface: NetworkInterface = outcome.get("eni-1");
    assert_eq!(interface.groups.known().map(|groups| groups.len()), Some(0));
    let main = json!({"id": "m", "vpc_id": "vpc-1", "original_route_table_id": "rtb-a"});
    let outcome = without("aws_main_route_table_association.m", main);
    assert_eq!(
        outcome.get::<Vpc>("vpc-1").main_route_table.as_str(),
        "rtb-a"
    );
}

#[test]
fn an_attachment_goes_with_its_interface() {
    let attachment = json!({"id": "a", "network_interface_id": "eni-1", "instance_id": "i-1"});
    let plan = Plan::default().deleted("aws_network_interface_attachment.a", attachment);
    let plan = plan.deleted("aws_network_interface.e", json!({"id": "eni-1"}));
    assert_eq!(doubts(&read_over(NETWORK, &plan.json())), []);
}

#[test]
fn a_group_goes_with_what_alone_has_it() {
    let ids = |outcome: &Outcome| -> Vec<String> {
        let groups = outcome.draft.security_groups.iter();
        groups.map(|group| group.id.to_string()).collect()
    };
    let deleted = |plan: Plan, id: &str| {
        let address = format!("aws_security_group.{}", id.replace('-', "_"));
        plan.deleted(&address, json!({ "id": id }))
    };
    let network = NETWORK.replace(
        "[security-group.sg-1]",
        "[security-group.sg-2]\ningress = [\"tcp/1 from sg:sg-3\"]\n\
         [security-group.sg-3]\ningress = [\"tcp/1 from sg:sg-3\"]\n[security-group.sg-1]",
    );
    let left = |plan: Plan| ids(&read_over(&network, &plan.json()));
    // An interface has it, and a rule names it.
    assert_eq!(
        left(deleted(Plan::default(), "sg-1")),
        ["sg-1", "sg-2", "sg-3"]
    );
    assert_eq!(
        left(deleted(Plan::default(), "sg-3")),
        ["sg-1", "sg-2", "sg-3"]
    );
    let both = deleted(deleted(Plan::default(), "sg-3"), "sg-2");
    assert_eq!(left(both), ["sg-1"]);
    let interfaces = ["eni-1", "eni-2"].iter().fold(Plan::default(), |plan, id| {
        let address = format!("aws_network_interface.{}", id.replace('-', "_"));
        plan.deleted(&address, json!({ "id": id }))
    });
    assert_eq!(left(deleted(interfaces, "sg-1")), ["sg-2", "sg-3"]);
}

#[test]
fn a_part_that_is_written_anew_is_there_once() {
    let resource = |to_port: u16| {
        json!({"id": "sgr-1", "security_group_id": "sg-1", "ip_protocol": "tcp", "from_port": 22, "to_port": to_port,
            "cidr_ipv4": "0.0.0.0/0"})
    };
    let address = "aws_vpc_security_group_ingress_rule.r";
    let mut plan = Plan::default().existing(address, resource(23)).json();
    let mut change = identity(address);
    change["change"] = json!({"actions": ["update"], "before": resource(22), "after_unknown": {}});
    plan["resource_changes"] = json!([change]);
    let outcome = read_over(NETWORK, &plan);
    let group: SecurityGroup = outcome.get("sg-1");
    assert_eq!(group.ingress.len(), 2, "{:?}", group.ingress);
    assert_eq!(doubts(&outcome), []);
}

#[test]
fn what_cannot_be_taken_away_leaves_nothing_certain() {
    for (address, before) in [
        (
            "aws_lb.l",
            json!({"id": "arn:aws:elasticloadbalancing:eu-west-1:1:loadbalancer/app/l/1"}),
        ),
        (
            "aws_db_instance.d",
            json!({"id": "d", "vpc_security_group_ids": ["sg-1"]}),
        ),
        ("aws_vpc_endpoint_subnet_association.s", json!({"id": "s"})),
        // Its interface has the instance's tags, and which of them are its own is not known.
        (
            "aws_network_interface_attachment.a",
            json!({"id": "a", "network_interface_id": "eni-1", "instance_id": "i-1"}),
        ),
        // The interface does not have the group, and the group has no such rule: what is read is not the
        // network that the plan found.
        (
            "aws_network_interface_sg_attachment.s",
            json!({"id": "s", "network_interface_id": "eni-1", "security_group_id": "sg-9"}),
        ),
        (
            "aws_vpc_security_group_ingress_rule.r",
            json!({"id": "sgr-1", "security_group_id": "sg-1", "ip_protocol": "tcp", "from_port": 1, "to_port": 2,
                "cidr_ipv4": "0.0.0.0/0"}),
        ),
    ] {
        assert_eq!(doubts(&without(address, before)), [(address, true)]);
    }
    for (address, before) in [
        ("aws_security_group.g", json!({"id": "sg-9"})),
        ("aws_sqs_queue.q", json!({"id": "q"})),
        ("aws_cloudwatch_log_group.l", json!({"id": "l"})),
        (
            "aws_db_subnet_group.l",
            json!({"id": "l", "subnet_ids": ["subnet-a"]}),
        ),
    ] {
        assert_eq!(doubts(&without(address, before)), []);
    }
}

#[test]
fn a_left_over_of_an_earlier_apply_goes_too() {
    let left_over = |of: &str, before: Json| {
        let mut plan = Plan::default().deleted(of, before).json();
        plan["resource_changes"][0]["deposed"] = json!("0a1b2c3d");
        read_over(NETWORK, &plan)
    };
    let rule = json!({"id": "sgr-1", "security_group_id": "sg-1", "ip_protocol": "tcp", "from_port": 22, "to_port": 22,
        "cidr_ipv4": "0.0.0.0/0"});
    let outcome = left_over("aws_vpc_security_group_ingress_rule.r", rule);
    assert_eq!(outcome.get::<SecurityGroup>("sg-1").ingress.len(), 1);
    let outcome = left_over("aws_nat_gateway.n", json!({"id": "nat-1"}));
    assert!(!outcome.get::<NatGateway>("nat-1").available);
    let outcome = left_over("aws_lb.l", json!({"id": "l"}));
    assert_eq!(doubts(&outcome), [("aws_lb.l", true)]);
}
