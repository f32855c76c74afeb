//! Parts that the plan deletes as resources of their own, while their owner is changed to have them in its
//! own list; and what two plans say of one thing.

use model::{NetworkAcl, Peering, RouteTable, SecurityGroup, Subnet, Target, Value, VpcEndpoint};

use super::*;

/// A VPC with a group, a table, an ACL, and interfaces.
const NETWORK: &str = r#"
[vpc.vpc-1]
region = "ap-northeast-1"
cidrs = ["10.0.0.0/16"]
main-route-table = "rtb-main"
[vpc.vpc-2]
region = "ap-northeast-1"
cidrs = ["10.1.0.0/16"]
main-route-table = "rtb-other"
[subnet.subnet-a]
vpc = "vpc-1"
cidrs = ["10.0.1.0/24"]
network-acl = "acl-1"
[route-table.rtb-main]
vpc = "vpc-1"
[route-table.rtb-alone]
vpc = "vpc-1"
[route-table.rtb-other]
vpc = "vpc-2"
[network-acl.acl-1]
vpc = "vpc-1"
ingress = ["100 allow tcp/443 from 10.9.0.0/16"]
[security-group.sg-1]
vpc = "vpc-1"
ingress = ["tcp/5432 from 10.0.1.0/24"]
[security-group.sg-2]
vpc = "vpc-1"
[interface.eni-a]
subnet = "subnet-a"
addresses = ["10.0.1.9"]
groups = ["sg-1"]
[interface.eni-b]
subnet = "subnet-a"
addresses = ["10.0.1.8"]
groups = ["sg-1"]
attachment = "endpoint:vpce-1"
[internet-gateway.igw-1]
vpc = "vpc-1"
[peering.pcx-1]
requester = "vpc-2"
accepter = "vpc-1"
active = false
[endpoint.vpce-1]
vpc = "vpc-1"
service = "com.amazonaws.vpce.ap-northeast-1.vpce-svc-1"
kind = "interface"
available = false
interfaces = ["eni-b"]
"#;

/// What plans leave of the network, one after the other.
fn after<const N: usize>(plans: [Plan; N]) -> Outcome {
    let mut sink = Sink::default();
    crate::native::read_into(NETWORK, &Arc::from("network.toml"), &mut sink);
    assert!(!sink.has_errors(), "{:#?}", sink.diagnostics);
    for plan in plans {
        read_into(&plan.json(), &mut sink);
    }
    outcome(sink)
}

/// What an update to a list with a part says, when the plan deletes that part as a resource of its own;
/// and when it leaves the list as it is.
fn updates(
    address: &str,
    list: &str,
    [before, after]: [Json; 2],
    part: (&str, Json),
) -> [Outcome; 2] {
    let owner = |values: &Json| {
        let mut owner =
            json!({"id": owner_id(address), "vpc_id": "vpc-1", "ingress": [], "egress": []});
        owner[list] = values.clone();
        owner
    };
    let plan = |last: &Json| {
        let plan = Plan::default().updated(address, owner(&before), owner(last), &[]);
        super::read_over(NETWORK, &plan.deleted(part.0, part.1.clone()).json())
    };
    [plan(&after), plan(&before)]
}

fn owner_id(address: &str) -> &'static str {
    match address {
        "aws_security_group.g" => "sg-1",
        "aws_network_acl.a" => "acl-1",
        _ => "rtb-main",
    }
}

#[test]
fn a_rule_that_moves_into_its_group_may_be_there() {
    let rule = |blocks: &[&str]| json!([{"cidr_blocks": blocks, "protocol": "tcp", "from_port": 5432, "to_port": 5432}]);
    let part = json!({"id": "r", "security_group_id": "sg-1", "type": "ingress", "protocol": "tcp",
        "from_port": 5432, "to_port": 5432, "cidr_blocks": ["10.0.1.0/24"]});
    let lists = [
        rule(&["10.0.1.0/24"]),
        rule(&["10.0.1.0/24", "10.0.3.0/24"]),
    ];
    let part = ("aws_security_group_rule.r", part);
    let [anew, same] = updates("aws_security_group.g", "ingress", lists, part);
    let n_rules = |outcome: &Outcome| outcome.get::<SecurityGroup>("sg-1").ingress.len();
    assert_eq!((n_rules(&anew), n_rules(&same)), (2, 0));
    let doubt = (Touches::Everything, "aws_security_group.g.ingress", true);
    assert_eq!(anew.doubts(), [doubt]);
    assert_eq!(same.doubts(), []);
}

#[test]
fn a_route_that_moves_into_its_table_may_be_there() {
    let route = |target: &str| json!([{"cidr_block": "0.0.0.0/0", "gateway_id": target}]);
    let part = json!({"id": "r", "route_table_id": "rtb-main", "destination_cidr_block": "0.0.0.0/0",
        "gateway_id": "igw-0"});
    let lists = [route("igw-0"), route("igw-1")];
    let [anew, same] = updates("aws_route_table.t", "route", lists, ("aws_route.r", part));
    let leads_out = |outcome: &Outcome| {
        let mut routes = outcome.get::<RouteTable>("rtb-main").routes.into_iter();
        let gateway = Value::Known(Target::InternetGateway("igw-1".into()));
        routes.any(|route| route.target == gateway)
    };
    assert!(leads_out(&anew) && !leads_out(&same));
    let doubt = (Touches::Everything, "aws_route_table.t.route", true);
    assert_eq!(anew.doubts(), [doubt]);
    assert_eq!(same.doubts(), []);
}

#[test]
fn an_entry_that_moves_into_its_acl_may_be_there() {
    let entry = |block: &str| json!([{"rule_no": 100, "action": "allow", "protocol": "-1", "cidr_block": block}]);
    let part = json!({"id": "e", "network_acl_id": "acl-1", "egress": false, "rule_number": 100,
        "rule_action": "allow", "protocol": "-1", "cidr_block": "10.9.0.0/16"});
    let lists = [entry("10.9.0.0/16"), entry("0.0.0.0/0")];
    let part = ("aws_network_acl_rule.e", part);
    let [anew, same] = updates("aws_network_acl.a", "ingress", lists, part);
    let n_entries = |outcome: &Outcome| outcome.get::<NetworkAcl>("acl-1").ingress.len();
    assert_eq!((n_entries(&anew), n_entries(&same)), (1, 0));
    let doubt = (Touches::Everything, "aws_network_acl.a.ingress", true);
    assert_eq!(anew.doubts(), [doubt]);
    assert_eq!(same.doubts(), []);
}

#[test]
fn a_subnet_that_may_be_another_ones_keeps_the_main_table_of_an_earlier_vpc_too() {
    let subnet = |block: &str| json!({"vpc_id": "vpc-1", "cidr_block": block});
    let association = json!({"route_table_id": "rtb-alone"});
    let of_one = &[("subnet_id", &["aws_subnet.s", "local.key"] as &[&str])];
    let plan = Plan::default()
        .create("aws_subnet.s[\"x\"]", subnet("10.0.2.0/24"), &[])
        .create("aws_subnet.s[\"y\"]", subnet("10.0.3.0/24"), &[])
        .create("aws_route_table_association.a", association, of_one);
    let outcome = after([plan]);
    for key in ["x", "y"] {
        let subnet: Subnet = outcome.get(&format!("aws_subnet.s[\"{key}\"]"));
        let tables = vec!["rtb-main".into(), "rtb-alone".into()];
        let hole = Hole::new("aws_route_table_association.a.subnet_id");
        assert_eq!(subnet.route_table, Some(Value::OneOf(tables, hole)));
    }
}

#[test]
fn an_elastic_ip_of_an_address_that_is_not_there_leaves_nothing_certain() {
    let doubts = |address: &str| {
        let elastic = json!({"network_interface": "eni-a", "associate_with_private_ip": address});
        let open = &[("public_ip", &[] as &[&str])];
        let outcome = after([Plan::default().create("aws_eip.e", elastic, open)]);
        outcome.doubts().len()
    };
    assert_eq!((doubts("10.0.1.9"), doubts("10.0.1.10")), (0, 1));
}

#[test]
fn what_one_plan_accepts_the_next_one_does_not_list_as_waiting() {
    let accepts = || {
        let peering = json!({"vpc_peering_connection_id": "pcx-1", "auto_accept": true});
        let endpoint =
            json!({"vpc_endpoint_id": "vpce-1", "vpc_endpoint_service_id": "vpce-svc-1"});
        let ends: &[(&str, &[&str])] = &[("vpc_id", &[]), ("peer_vpc_id", &[])];
        Plan::default()
            .create("aws_vpc_peering_connection_accepter.p", peering, ends)
            .create("aws_vpc_endpoint_connection_accepter.e", endpoint, &[])
    };
    let lists = || {
        let peering = json!({"id": "pcx-1", "vpc_id": "vpc-2", "peer_vpc_id": "vpc-1",
            "accept_status": "pending-acceptance"});
        let endpoint = json!({"id": "vpce-1", "vpc_id": "vpc-1", "vpc_endpoint_type": "Interface",
            "service_name": "com.amazonaws.vpce.ap-northeast-1.vpce-svc-1",
            "state": "pendingAcceptance", "subnet_ids": ["subnet-a"], "security_group_ids": ["sg-1"]});
        Plan::default()
            .existing("aws_vpc_peering_connection.p", peering)
            .existing("aws_vpc_endpoint.e", endpoint)
    };
    let are_open = |outcome: Outcome| {
        let peering: Peering = outcome.get("pcx-1");
        let endpoint: VpcEndpoint = outcome.get("vpce-1");
        [peering.active, endpoint.available]
    };
    assert_eq!(are_open(after([lists()])), [false, false]);
    assert_eq!(are_open(after([accepts(), lists()])), [true, true]);
    assert_eq!(are_open(after([lists(), accepts()])), [true, true]);
}

#[test]
fn a_rule_that_two_resources_stand_for_may_go_with_one_of_them() {
    let before = || {
        json!({"id": "r", "security_group_id": "sg-1", "type": "ingress", "protocol": "tcp",
            "from_port": 5432, "to_port": 5432, "cidr_blocks": ["10.0.1.0/24"]})
    };
    let other = json!({"id": "sgr-1", "security_group_id": "sg-1", "ip_protocol": "tcp", "from_port": 5432,
        "to_port": 5432, "cidr_ipv4": "10.0.1.0/24"});
    let stays = || Plan::default().existing("aws_vpc_security_group_ingress_rule.n", other.clone());
    assert_eq!(after([stays()]).doubts(), []);
    let outcome = after([stays().deleted("aws_security_group_rule.r", before())]);
    let what =
        "aws_vpc_security_group_ingress_rule.n (a rule that the plan deletes by another resource)";
    assert_eq!(outcome.doubts(), [(Touches::Everything, what, true)]);
    // One that is made in its place is there in the end.
    let new = Plan::default().create("aws_vpc_security_group_ingress_rule.n", other.clone(), &[]);
    let outcome = after([new.deleted("aws_security_group_rule.r", before())]);
    assert_eq!(outcome.doubts(), []);
}
