//! What a plan changes, or does not say, of the components that only an earlier input has.

use model::{
    Attachment, InternetGateway, NetworkAclId, RouteDestination, RouteOrigin, RouteTable, Subnet,
    Target, Value, VirtualPrivateGateway, Vpc,
};

use super::*;

/// A network before a plan.
const NETWORK: &str = r#"
[vpc.vpc-1]
region = "eu-west-1"
cidrs = ["10.0.0.0/16"]
main-route-table = "rtb-main"
[subnet.subnet-a]
cidrs = ["10.0.1.0/24"]
network-acl = "acl-1"
[subnet.subnet-b]
cidrs = ["10.0.2.0/24"]
network-acl = "acl-2"
[prefix-list.pl-s3]
name = "com.amazonaws.eu-west-1.s3"
aws-managed = true
entries = ["3.5.64.0/21"]
[route-table.rtb-main]
routes = ["pl:pl-s3 -> endpoint:vpce-s3", "192.168.0.0/16 -> virtual-private-gateway:vgw-1 propagated"]
[route-table.rtb-a]
routes = ["0.0.0.0/0 -> internet-gateway:igw-1", "pl:pl-s3 -> endpoint:vpce-s3"]
[route-table.rtb-edge]
[network-acl.acl-1]
ingress = ["100 allow all from 0.0.0.0/0"]
egress = ["100 allow all to 0.0.0.0/0"]
[network-acl.acl-2]
ingress = ["100 allow tcp/443 from 10.0.0.0/8"]
egress = ["100 allow all to 0.0.0.0/0"]
[security-group.sg-1]
[interface.eni-a]
subnet = "subnet-a"
addresses = ["10.0.1.9"]
groups = ["sg-1"]
attachment = "endpoint:vpce-sqs"
[interface.eni-lb-a]
subnet = "subnet-a"
addresses = ["10.0.1.8"]
attachment = "load-balancer:net/l/1"
[interface.eni-lb-b]
subnet = "subnet-b"
addresses = ["10.0.2.8"]
attachment = "load-balancer:net/l/1"
[load-balancer."net/l/1"]
kind = "network"
interfaces = ["eni-lb-a", "eni-lb-b"]
[interface.eni-b]
subnet = "subnet-b"
addresses = ["10.0.2.9"]
groups = ["sg-1"]
attachment = "endpoint:vpce-sqs"
[internet-gateway.igw-1]
edge-route-table = "rtb-edge"
[virtual-private-gateway.vgw-1]
prefixes = ["192.168.0.0/16"]
edge-route-table = "rtb-edge"
[endpoint.vpce-s3]
service = "com.amazonaws.eu-west-1.s3"
kind = "gateway"
prefix-lists = ["pl-s3"]
[endpoint.vpce-sqs]
service = "com.amazonaws.eu-west-1.sqs"
kind = "interface"
interfaces = ["eni-a", "eni-b"]
"#;

/// What the plan leaves of the network.
#[track_caller]
fn after(plan: Plan) -> Outcome {
    let outcome = read_over(NETWORK, &plan.json());
    outcome.draft.clone().validate().expect("it is valid");
    outcome
}

fn main_table(outcome: &Outcome) -> String {
    outcome.get::<Vpc>("vpc-1").main_route_table.to_string()
}

fn acl(outcome: &Outcome, subnet: &str) -> Value<NetworkAclId> {
    outcome.get::<Subnet>(subnet).network_acl
}

/// The destinations of a table's routes to the gateway endpoint.
fn to_endpoint(outcome: &Outcome, table: &str) -> Vec<Value<RouteDestination>> {
    let table: RouteTable = outcome.get(table);
    let of_endpoint = table.routes.into_iter().filter(|route| {
        matches!(route.target.known(), Some(Target::GatewayEndpoint(id)) if id.as_str() == "vpce-s3")
    });
    of_endpoint.map(|route| route.destination).collect()
}

#[test]
fn the_main_table_of_an_earlier_vpc_is_the_one_that_the_plan_makes_main() {
    assert_eq!(main_table(&after(Plan::default())), "rtb-main");
    let one = |table: &str| json!({"id": "a", "vpc_id": "vpc-1", "route_table_id": table});
    let address = "aws_main_route_table_association.m";
    let created = json!({"vpc_id": "vpc-1", "route_table_id": "rtb-a"});
    let outcome = after(Plan::default().create(address, created, &[]));
    assert_eq!(main_table(&outcome), "rtb-a");
    let outcome = after(Plan::default().updated(address, one("rtb-main"), one("rtb-a"), &[]));
    assert_eq!(main_table(&outcome), "rtb-a");
    assert_eq!(outcome.unplaced(), Vec::<&str>::new());
}

#[test]
fn a_main_table_that_cannot_be_traced_leaves_nothing_certain() {
    for (values, open) in [
        (
            json!({"vpc_id": "vpc-1"}),
            ("route_table_id", &["local.table"] as &[&str]),
        ),
        (
            json!({"route_table_id": "rtb-a"}),
            ("vpc_id", &["local.vpc"]),
        ),
    ] {
        let address = "aws_main_route_table_association.m";
        let outcome = after(Plan::default().create(address, values, &[open]));
        assert_eq!(outcome.unplaced(), [format!("{address}.{}", open.0)]);
    }
}

#[test]
fn an_entry_that_is_open_opens_the_acl_of_earlier_subnets() {
    let rule = json!({"network_acl_id": "acl-2", "rule_number": 90, "rule_action": "allow",
        "egress": false, "protocol": "-1", "from_port": 0, "to_port": 0});
    let open: &[(&str, &[&str])] = &[("cidr_block", &["local.block"])];
    let outcome = after(Plan::default().create("aws_network_acl_rule.r", rule, open));
    let hole = Hole::new("aws_network_acl_rule.r.cidr_block");
    assert_eq!(acl(&outcome, "subnet-b"), Value::Any(hole));
    assert_eq!(acl(&outcome, "subnet-a"), Value::Known("acl-1".into()));
}

#[test]
fn a_subnet_that_leaves_an_acl_does_not_keep_it() {
    let one = |subnets: &[&str]| {
        json!({"id": "acl-2", "vpc_id": "vpc-1", "subnet_ids": subnets,
            "ingress": [{"rule_no": 100, "action": "allow", "protocol": "tcp", "from_port": 443,
                "to_port": 443, "cidr_block": "10.0.0.0/8"}],
            "egress": [{"rule_no": 100, "action": "allow", "protocol": "-1", "cidr_block": "0.0.0.0/0"}]})
    };
    let (address, before) = ("aws_network_acl.n", one(&["subnet-b"]));
    let given_up = Value::Any(Hole::new("network ACL of subnet-b"));
    let outcome = after(Plan::default().updated(address, before.clone(), one(&[]), &[]));
    assert_eq!(acl(&outcome, "subnet-b"), given_up);
    // Also where the plan has the subnet, which does not say its ACL.
    let subnet = json!({"id": "subnet-b", "vpc_id": "vpc-1", "cidr_block": "10.0.2.0/24"});
    let plan = Plan::default().existing("aws_subnet.b", subnet);
    let outcome = after(plan.updated(address, before.clone(), one(&[]), &[]));
    assert_eq!(acl(&outcome, "subnet-b"), given_up);
    // One that stays is given it again, and others come.
    let later = one(&["subnet-a", "subnet-b"]);
    let outcome = after(Plan::default().updated(address, before.clone(), later, &[]));
    assert_eq!(acl(&outcome, "subnet-a"), Value::Known("acl-2".into()));
    assert_eq!(acl(&outcome, "subnet-b"), Value::Known("acl-2".into()));
    // While it is open which subnets it will have, each may leave, and any may come.
    let mut open = one(&[]);
    open.as_object_mut().unwrap().remove("subnet_ids");
    let outcome = after(Plan::default().updated(address, before, open, &["subnet_ids"]));
    assert_eq!(acl(&outcome, "subnet-b"), given_up);
}

#[test]
fn the_subnets_of_an_acl_that_cannot_be_traced_may_be_earlier_ones() {
    let open: &[(&str, &[&str])] = &[("subnet_ids", &["local.subnets"])];
    let acl = json!({"vpc_id": "vpc-1", "ingress": [], "egress": []});
    let outcome = after(Plan::default().create("aws_network_acl.n", acl, open));
    assert_eq!(outcome.unplaced(), ["aws_network_acl.n.subnet_ids"]);
}

#[test]
fn an_endpoint_leaves_no_route_in_a_table_that_it_leaves() {
    let one = |tables: &[&str]| {
        json!({"id": "vpce-s3", "vpc_id": "vpc-1", "vpc_endpoint_type": "Gateway",
            "service_name": "com.amazonaws.eu-west-1.s3", "prefix_list_id": "pl-s3",
            "route_table_ids": tables})
    };
    let (address, before) = ("aws_vpc_endpoint.s3", one(&["rtb-main", "rtb-a"]));
    let certain = Value::Known(RouteDestination::PrefixList("pl-s3".into()));
    let outcome = after(Plan::default().updated(address, before.clone(), one(&["rtb-a"]), &[]));
    assert_eq!(to_endpoint(&outcome, "rtb-main"), []);
    assert_eq!(to_endpoint(&outcome, "rtb-a"), [certain]);
    // While it is open which tables it will have, each may lose its route.
    let mut open = one(&[]);
    open.as_object_mut().unwrap().remove("route_table_ids");
    let outcome = after(Plan::default().updated(address, before, open, &["route_table_ids"]));
    let hole = || Value::Any(Hole::new("aws_vpc_endpoint.s3.route_table_ids"));
    assert_eq!(to_endpoint(&outcome, "rtb-main"), [hole()]);
    assert_eq!(to_endpoint(&outcome, "rtb-a"), [hole()]);
}

#[test]
fn an_endpoint_leaves_no_interface_in_a_subnet_that_it_leaves() {
    let one = |subnets: &[&str]| {
        json!({"id": "vpce-sqs", "vpc_id": "vpc-1", "vpc_endpoint_type": "Interface",
            "service_name": "com.amazonaws.eu-west-1.sqs", "subnet_ids": subnets,
            "security_group_ids": ["sg-1"], "private_dns_enabled": true})
    };
    let (before, later) = (one(&["subnet-a", "subnet-b"]), one(&["subnet-b"]));
    let outcome = after(Plan::default().updated("aws_vpc_endpoint.sqs", before, later, &[]));
    let interfaces = outcome.draft.network_interfaces.iter();
    let of_endpoint = interfaces.filter(|one| matches!(one.attachment, Attachment::VpcEndpoint(_)));
    let ids: Vec<_> = of_endpoint.map(|one| one.id.to_string()).collect();
    assert_eq!(ids, ["eni-b"]);
}

#[test]
fn a_load_balancer_leaves_no_interface_in_a_subnet_that_it_leaves() {
    let one = |subnets: &[&str]| {
        json!({"id": "arn:aws:elasticloadbalancing:eu-west-1:111122223333:loadbalancer/net/l/1",
            "load_balancer_type": "network", "internal": true, "subnets": subnets})
    };
    let (before, later) = (one(&["subnet-a", "subnet-b"]), one(&["subnet-b"]));
    let outcome = after(Plan::default().updated("aws_lb.l", before, later, &[]));
    let interfaces = outcome.draft.network_interfaces.iter();
    let ids = interfaces.map(|one| one.id.as_str());
    let of_balancer: Vec<_> = ids.filter(|id| id.starts_with("eni-lb")).collect();
    assert_eq!(of_balancer, ["eni-lb-b"]);
}

#[test]
fn the_edge_table_of_a_gateway_is_what_an_earlier_input_says() {
    let gateway = || {
        let gateway = json!({"id": "igw-1", "vpc_id": "vpc-1"});
        Plan::default().existing("aws_internet_gateway.i", gateway)
    };
    let edge = |outcome: &Outcome| {
        let gateway: InternetGateway = outcome.get("igw-1");
        gateway.edge_route_table.map(|table| table.to_string())
    };
    assert_eq!(edge(&after(gateway())).as_deref(), Some("rtb-edge"));
    // So is its VPC, where an attachment of another stack says it.
    let unsaid = json!({"id": "igw-1", "vpc_id": ""});
    let outcome = after(Plan::default().existing("aws_internet_gateway.i", unsaid));
    assert_eq!(
        outcome.get::<InternetGateway>("igw-1").vpc,
        Some(model::VpcId::new("vpc-1"))
    );
    assert_eq!(edge(&outcome).as_deref(), Some("rtb-edge"));
    // It is another VPC's where the gateway is attached to another.
    let vpc = json!({"id": "vpc-2", "cidr_block": "10.2.0.0/16"});
    let moved = json!({"id": "igw-1", "vpc_id": "vpc-2"});
    let plan = Plan::default().existing("aws_vpc.v", vpc);
    let outcome = after(plan.existing("aws_internet_gateway.i", moved));
    assert_eq!(edge(&outcome), None);
    for plan in [gateway(), Plan::default()] {
        let association = json!({"id": "x", "gateway_id": "igw-1", "route_table_id": "rtb-edge"});
        let outcome = after(plan.deleted("aws_route_table_association.e", association));
        assert_eq!(edge(&outcome), None);
        assert_eq!(outcome.doubts(), []);
    }
    let association = json!({"id": "x", "gateway_id": "vgw-1", "route_table_id": "rtb-edge"});
    let outcome = after(Plan::default().deleted("aws_route_table_association.e", association));
    assert_eq!(
        outcome
            .get::<VirtualPrivateGateway>("vgw-1")
            .edge_route_table,
        None
    );
    assert_eq!(edge(&outcome).as_deref(), Some("rtb-edge"));
}

#[test]
fn a_table_to_which_a_gateway_propagates_no_more_loses_its_routes() {
    let propagated = |outcome: &Outcome| {
        let table: RouteTable = outcome.get("rtb-main");
        let routes = table.routes.iter();
        routes
            .filter(|route| route.origin == RouteOrigin::Propagated)
            .count()
    };
    assert_eq!(propagated(&after(Plan::default())), 1);
    let one = |gateways: &[&str]| json!({"id": "rtb-main", "vpc_id": "vpc-1", "route": [], "propagating_vgws": gateways});
    let ended = json!({"id": "p", "route_table_id": "rtb-main", "vpn_gateway_id": "vgw-1"});
    let address = "aws_vpn_gateway_route_propagation.p";
    let outcome = after(Plan::default().deleted(address, ended.clone()));
    assert_eq!(propagated(&outcome), 0);
    // A table that is not itself changed shows it still.
    let plan = Plan::default().existing("aws_route_table.m", one(&["vgw-1"]));
    assert_eq!(propagated(&after(plan.deleted(address, ended))), 0);
    let plan = Plan::default().updated("aws_route_table.m", one(&["vgw-1"]), one(&[]), &[]);
    assert_eq!(propagated(&after(plan)), 0);
}
