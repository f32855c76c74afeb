//! What a plan leaves as it is, and an earlier input knows more of.

use model::{
    NetworkInterface, PrefixList, Route, RouteDestination, RouteTable, RulePeer, RuleTraffic,
    SecurityGroup, Subnet, Target, Value, VpcEndpoint,
};

use super::*;

/// A network in which each thing has more than the plans below know of it.
const NETWORK: &str = r#"
[vpc.vpc-1]
region = "ap-northeast-1"
cidrs = ["10.0.0.0/16"]
main-route-table = "rtb-main"
[subnet.subnet-a]
cidrs = ["10.0.1.0/24"]
network-acl = "acl-1"
route-table = "rtb-a"
[prefix-list.pl-1]
entries = ["10.8.0.0/16", "10.9.0.0/16"]
[route-table.rtb-main]
routes = ["0.0.0.0/0 -> internet-gateway:igw-1", "10.9.0.0/16 -> internet-gateway:igw-1"]
[route-table.rtb-a]
[internet-gateway.igw-1]
[network-acl.acl-2]
[network-acl.acl-1]
ingress = ["90 deny tcp/22 from 0.0.0.0/0", "100 allow all from 0.0.0.0/0"]
[security-group.sg-1]
ingress = ["tcp/5432 from 10.0.1.0/24", "tcp/22 from 10.0.0.0/8"]
[security-group.sg-2]
[interface.eni-a]
subnet = "subnet-a"
addresses = ["10.0.1.9"]
groups = ["sg-1", "sg-2"]
[interface.eni-e]
subnet = "subnet-a"
addresses = ["10.0.1.20"]
groups = ["sg-2"]
attachment = "endpoint:vpce-2"
[endpoint.vpce-2]
service = "com.amazonaws.ap-northeast-1.sqs"
kind = "interface"
interfaces = ["eni-e"]
[endpoint.vpce-1]
service = "com.amazonaws.ap-northeast-1.s3"
kind = "gateway"
"#;

const DIFFER: &str = "layers-differ";

fn over(plan: Plan) -> Outcome {
    read_over(NETWORK, &plan.json())
}

fn noted(outcome: &Outcome) -> usize {
    outcome.assumes(DIFFER).len()
}

fn group(blocks: &[(u16, &str)]) -> Json {
    let rule = |(port, block): &(u16, &str)| json!({"cidr_blocks": [block], "protocol": "tcp", "from_port": port, "to_port": port});
    let ingress: Vec<Json> = blocks.iter().map(rule).collect();
    json!({"id": "sg-1", "vpc_id": "vpc-1", "ingress": ingress, "egress": []})
}

#[test]
fn a_rule_that_only_the_earlier_group_has_is_for_somebody() {
    let address = "aws_security_group.g";
    let known = [(5432, "10.0.1.0/24")];
    let outcome = over(Plan::default().existing(address, group(&known)));
    let rules = outcome.get::<SecurityGroup>("sg-1").ingress;
    let is_of_ssh = |rule: &&model::GroupRule| matches!(&rule.traffic, RuleTraffic::Tcp(ports) if ports.from == 22);
    // One for the blocks of each family, and one for groups.
    let of_ssh: Vec<_> = rules.iter().filter(is_of_ssh).collect();
    assert_eq!((rules.len(), of_ssh.len()), (4, 3));
    assert!(
        of_ssh
            .iter()
            .all(|rule| !matches!(rule.peer, RulePeer::Cidr(_)))
    );
    assert_eq!(noted(&outcome), 1);
    // What the plan changes, or takes away itself, is as the plan says.
    let former = json!({"id": "r", "security_group_id": "sg-1", "type": "ingress", "protocol": "tcp",
        "from_port": 22, "to_port": 22, "cidr_blocks": ["10.0.0.0/8"]});
    let all = [(5432, "10.0.1.0/24"), (22, "10.0.0.0/8")];
    for plan in [
        Plan::default().updated(address, group(&all), group(&known), &[]),
        Plan::default()
            .existing(address, group(&known))
            .deleted("aws_security_group_rule.r", former),
        Plan::default().existing(address, group(&all)),
    ] {
        let outcome = over(plan);
        assert_eq!((noted(&outcome), outcome.doubts()), (0, vec![]));
    }
}

#[test]
fn a_route_that_only_the_earlier_table_has_leads_somewhere() {
    let inline = |blocks: &[&str]| {
        let route = |block: &&str| json!({"cidr_block": block, "gateway_id": "igw-1"});
        let routes: Vec<Json> = blocks.iter().map(route).collect();
        json!({"id": "rtb-main", "vpc_id": "vpc-1", "route": routes})
    };
    let target = |outcome: &Outcome, block: &str| {
        let destination = Value::Known(RouteDestination::Cidr(block.parse().unwrap()));
        let routes = outcome.get::<RouteTable>("rtb-main").routes.into_iter();
        let found: Vec<Route> = routes
            .filter(|one| one.destination == destination)
            .collect();
        assert_eq!(found.len(), 1);
        found[0].target.clone()
    };
    let outcome = over(Plan::default().existing("aws_route_table.t", inline(&["0.0.0.0/0"])));
    let gateway = Value::Known(Target::InternetGateway("igw-1".into()));
    assert_eq!(target(&outcome, "0.0.0.0/0"), gateway);
    let open = Value::Any(Hole::new("aws_route_table.t.route"));
    assert_eq!(target(&outcome, "10.9.0.0/16"), open);
    assert_eq!(noted(&outcome), 1);
    let both = inline(&["0.0.0.0/0", "10.9.0.0/16"]);
    assert_eq!(
        noted(&over(Plan::default().existing("aws_route_table.t", both))),
        0
    );
}

#[test]
fn an_acl_of_which_the_earlier_input_has_another_entry_is_open() {
    let acl = |numbers: &[u16]| {
        let entry = |number: &u16| match number {
            90 => json!({"rule_no": 90, "action": "deny", "protocol": "tcp", "from_port": 22,
                "to_port": 22, "cidr_block": "0.0.0.0/0"}),
            _ => {
                json!({"rule_no": number, "action": "allow", "protocol": "-1", "cidr_block": "0.0.0.0/0"})
            }
        };
        let ingress: Vec<Json> = numbers.iter().map(entry).collect();
        json!({"id": "acl-1", "vpc_id": "vpc-1", "ingress": ingress, "egress": []})
    };
    let of_subnet = |numbers: &[u16]| {
        let outcome = over(Plan::default().existing("aws_network_acl.a", acl(numbers)));
        (
            outcome.get::<Subnet>("subnet-a").network_acl,
            noted(&outcome),
        )
    };
    let hole = Hole::new("aws_network_acl.a.ingress");
    assert_eq!(of_subnet(&[100]), (Value::Any(hole), 1));
    assert_eq!(of_subnet(&[90, 100]), (Value::Known("acl-1".into()), 0));
}

#[test]
fn groups_entries_and_policies_may_be_those_of_either() {
    const NARROW: &str =
        r#"{"Statement": [{"Effect": "Deny", "Principal": "*", "Action": "*", "Resource": "*"}]}"#;
    let interface = json!({"id": "eni-a", "subnet_id": "subnet-a", "private_ips": ["10.0.1.9"],
        "security_groups": ["sg-1"]});
    let list = json!({"id": "pl-1", "name": "pl-1", "address_family": "IPv4",
        "entry": [{"cidr": "10.8.0.0/16"}]});
    let endpoint = json!({"id": "vpce-1", "vpc_id": "vpc-1", "vpc_endpoint_type": "Gateway",
        "service_name": "com.amazonaws.ap-northeast-1.s3", "policy": NARROW});
    let plan = || {
        Plan::default()
            .existing("aws_network_interface.n", interface.clone())
            .existing("aws_ec2_managed_prefix_list.l", list.clone())
            .existing("aws_vpc_endpoint.e", endpoint.clone())
    };
    let outcome = over(plan());
    let n_values = [
        n_values(&outcome.get::<NetworkInterface>("eni-a").groups),
        n_values(&outcome.get::<PrefixList>("pl-1").entries),
        n_values(&outcome.get::<VpcEndpoint>("vpce-1").policy),
    ];
    assert_eq!((n_values, noted(&outcome)), ([3, 3, 2], 3));
    // What the plan changes by a resource of its own is as the plan says.
    let policy = json!({"vpc_endpoint_id": "vpce-1", "policy": NARROW});
    let plan = plan()
        .create("aws_vpc_endpoint_policy.p", policy, &[])
        .deleted(
            "aws_network_interface_sg_attachment.s",
            json!({"id": "s", "network_interface_id": "eni-a", "security_group_id": "sg-2"}),
        )
        .deleted(
            "aws_ec2_managed_prefix_list_entry.e",
            json!({"id": "e", "prefix_list_id": "pl-1", "cidr": "10.9.0.0/16"}),
        );
    assert_eq!(noted(&over(plan)), 0);
}

#[test]
fn tables_and_acls_of_subnets_may_be_those_of_either() {
    let association =
        |table: &str| json!({"id": "a", "subnet_id": "subnet-a", "route_table_id": table});
    let table = |outcome: Outcome| outcome.get::<Subnet>("subnet-a").route_table;
    let address = "aws_route_table_association.a";
    let outcome = over(Plan::default().existing(address, association("rtb-main")));
    assert_eq!(table(outcome).as_ref().map(n_values), Some(2));
    let changed =
        Plan::default().updated(address, association("rtb-a"), association("rtb-main"), &[]);
    assert_eq!(table(over(changed)), Some(Value::Known("rtb-main".into())));
    let acl = |outcome: Outcome| outcome.get::<Subnet>("subnet-a").network_acl;
    let association = json!({"id": "n", "subnet_id": "subnet-a", "network_acl_id": "acl-2"});
    let address = "aws_network_acl_association.n";
    let outcome = over(Plan::default().existing(address, association.clone()));
    assert_eq!(n_values(&acl(outcome)), 2);
    let outcome = over(Plan::default().create(address, association, &[]));
    assert_eq!(acl(outcome), Value::Known("acl-2".into()));
}

#[test]
fn another_main_table_leaves_nothing_certain() {
    let vpc = |table: &str| json!({"id": "vpc-1", "cidr_block": "10.0.0.0/16", "main_route_table_id": table});
    let doubts = |plan: Plan| over(plan).doubts().len();
    assert_eq!(
        doubts(Plan::default().existing("aws_vpc.v", vpc("rtb-main"))),
        0
    );
    assert_eq!(
        doubts(Plan::default().existing("aws_vpc.v", vpc("rtb-a"))),
        1
    );
    let main = json!({"vpc_id": "vpc-1", "route_table_id": "rtb-a"});
    let plan = Plan::default().existing("aws_vpc.v", vpc("rtb-main"));
    assert_eq!(
        doubts(plan.create("aws_main_route_table_association.m", main, &[])),
        0
    );
}

#[test]
fn an_interface_keeps_the_addresses_and_groups_that_only_the_earlier_one_has() {
    let instance = json!({"id": "i-a", "subnet_id": "subnet-a", "primary_network_interface_id": "eni-a",
        "private_ip": "10.0.1.7", "vpc_security_group_ids": ["sg-1"]});
    let outcome = over(Plan::default().existing("aws_instance.i", instance));
    let interface: NetworkInterface = outcome.get("eni-a");
    assert_eq!(interface.addresses.len(), 2);
    assert_eq!(n_values(&interface.groups), 3);
    let endpoint = json!({"id": "vpce-2", "vpc_id": "vpc-1", "vpc_endpoint_type": "Interface",
        "service_name": "com.amazonaws.ap-northeast-1.sqs", "subnet_ids": ["subnet-a"],
        "network_interface_ids": ["eni-e"], "security_group_ids": ["sg-1"]});
    let outcome = over(Plan::default().existing("aws_vpc_endpoint.q", endpoint));
    assert_eq!(
        n_values(&outcome.get::<NetworkInterface>("eni-e").groups),
        3
    );
}

/// How many values something may have.
fn n_values<T>(value: &Value<T>) -> usize {
    match value {
        Value::Known(_) => 1,
        Value::OneOf(values, _) => values.len(),
        Value::Any(_) => usize::MAX,
    }
}
