//! What a plan leaves as it is, and an earlier input knows more of.

mod before;
mod lists;
mod missing;
mod unlike;
mod whole;

use model::{
    EndpointKind, NetworkInterface, PrefixList, Route, RouteDestination, RouteTable, RulePeer,
    RuleTraffic, SecurityGroup, Subnet, Target, Value, VpcEndpoint,
};

use super::*;
use crate::provenance::Kind;

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
    let of_ssh: Vec<_> = rules.iter().filter(is_of_ssh).collect();
    assert_eq!((rules.len(), of_ssh.len()), (2, 1));
    assert_eq!(perhaps(&outcome, &of_ssh[0].peer), ["10.0.0.0/8"]);
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

/// The blocks that a made-up list of a rule may have, or not.
fn perhaps(outcome: &Outcome, peer: &RulePeer) -> Vec<String> {
    let RulePeer::PrefixList(id) = peer else {
        panic!("no list: {peer:?}");
    };
    let Value::OneOf(values, _) = outcome.get::<PrefixList>(id.as_str()).entries else {
        panic!("the entries are certain");
    };
    assert_eq!(values.last().map(|none| none.len()), Some(0));
    values[0].iter().map(ToString::to_string).collect()
}

#[test]
fn a_rule_that_only_the_plan_has_is_there_or_not() {
    let address = "aws_security_group.g";
    let all = [
        (5432, "10.0.1.0/24"),
        (22, "10.0.0.0/8"),
        (443, "10.7.0.0/16"),
    ];
    let last = |outcome: &Outcome| outcome.get::<SecurityGroup>("sg-1").ingress[2].peer.clone();
    let kept = || Plan::default().existing(address, group(&all));
    let mut tagged = group(&all);
    tagged["tags"] = json!({"team": "red"});
    for plan in [
        kept(),
        Plan::default().updated(address, group(&all), tagged, &[]),
    ] {
        let outcome = over(plan);
        assert_eq!(perhaps(&outcome, &last(&outcome)), ["10.7.0.0/16"]);
        assert_eq!(outcome.get::<SecurityGroup>("sg-1").ingress.len(), 3);
        assert_eq!((noted(&outcome), outcome.doubts()), (1, vec![]));
    }
    // What the plan makes is there.
    let certain = RulePeer::Cidr("10.7.0.0/16".parse().unwrap());
    let alone = json!({"security_group_id": "sg-1", "type": "ingress", "protocol": "tcp",
        "from_port": 443, "to_port": 443, "cidr_blocks": ["10.7.0.0/16"]});
    let rule = "aws_security_group_rule.r";
    for plan in [
        kept().create(rule, alone.clone(), &[]),
        Plan::default().create(rule, alone.clone(), &[]),
        Plan::default().updated(address, group(&all[..2]), group(&all), &[]),
    ] {
        let outcome = over(plan);
        assert_eq!((last(&outcome), noted(&outcome)), (certain.clone(), 0));
    }
    // So it is of a resource of its own, where only the earlier input has the group.
    let outcome = over(Plan::default().existing(rule, alone));
    assert_eq!(perhaps(&outcome, &last(&outcome)), ["10.7.0.0/16"]);
    assert_eq!(noted(&outcome), 1);
}

#[test]
fn a_route_that_only_the_plan_has_may_lead_elsewhere() {
    let routes = |blocks: &[&str]| {
        let route = |block: &&str| json!({"cidr_block": block, "gateway_id": "igw-1"});
        let routes: Vec<Json> = blocks.iter().map(route).collect();
        json!({"id": "rtb-main", "vpc_id": "vpc-1", "route": routes})
    };
    let all = routes(&["0.0.0.0/0", "10.9.0.0/16", "10.7.0.0/16"]);
    let last = |outcome: &Outcome| {
        let routes = outcome.get::<RouteTable>("rtb-main").routes;
        routes.last().unwrap().target.clone()
    };
    let kept = || Plan::default().existing("aws_route_table.t", all.clone());
    let outcome = over(kept());
    let open = Value::Any(Hole::new("aws_route_table.t.route"));
    assert_eq!((last(&outcome), noted(&outcome)), (open.clone(), 1));
    let certain = Value::Known(Target::InternetGateway("igw-1".into()));
    let alone = json!({"route_table_id": "rtb-main", "destination_cidr_block": "10.7.0.0/16",
        "gateway_id": "igw-1"});
    let outcome = over(kept().create("aws_route.r", alone.clone(), &[]));
    assert_eq!((last(&outcome), noted(&outcome)), (certain.clone(), 0));
    let outcome = over(Plan::default().create("aws_route.r", alone.clone(), &[]));
    assert_eq!((last(&outcome), noted(&outcome)), (certain, 0));
    let outcome = over(Plan::default().existing("aws_route.r", alone));
    let open = Value::Any(Hole::new("aws_route.r"));
    assert_eq!((last(&outcome), noted(&outcome)), (open, 1));
}

#[test]
fn a_route_of_a_gateway_endpoint_may_be_there_that_only_one_of_the_two_has() {
    let endpoint = |tables: &[&str]| {
        json!({"id": "vpce-1", "vpc_id": "vpc-1", "vpc_endpoint_type": "Gateway",
            "service_name": "com.amazonaws.ap-northeast-1.s3", "prefix_list_id": "pl-1",
            "route_table_ids": tables})
    };
    let network = NETWORK.replace(
        "[route-table.rtb-a]",
        "[route-table.rtb-a]\nroutes = [\"pl:pl-1 -> endpoint:vpce-1\"]",
    );
    let table = json!({"id": "rtb-a", "vpc_id": "vpc-1", "route": []});
    let plan = |tables: &[&str]| {
        let plan = Plan::default().existing("aws_vpc_endpoint.e", endpoint(tables));
        plan.existing("aws_route_table.t", table.clone())
    };
    let last = |outcome: &Outcome, table: &str| {
        let routes = outcome.get::<RouteTable>(table).routes;
        routes.last().unwrap().target.clone()
    };
    let certain = Value::Known(Target::GatewayEndpoint("vpce-1".into()));
    let outcome = read_over(&network, &plan(&["rtb-a"]).json());
    assert_eq!((last(&outcome, "rtb-a"), noted(&outcome)), (certain, 0));
    // Only the earlier input has it.
    let outcome = read_over(&network, &plan(&[]).json());
    let open = Value::Any(Hole::new("aws_route_table.t.route"));
    assert_eq!(
        (last(&outcome, "rtb-a"), noted(&outcome)),
        (open.clone(), 1)
    );
    // Only the plan has it, in a table of its own and in one of the snapshot.
    let outcome = over(plan(&["rtb-a"]));
    assert_eq!((last(&outcome, "rtb-a"), noted(&outcome)), (open, 1));
    let outcome = read_over(&network, &plan(&["rtb-a", "rtb-main"]).json());
    let open = Value::Any(Hole::new("aws_vpc_endpoint.e"));
    assert_eq!((last(&outcome, "rtb-main"), noted(&outcome)), (open, 1));
}

#[test]
fn a_route_that_the_snapshot_has_as_a_blackhole_may_be_one() {
    let network = NETWORK.replace("igw-1\", \"10.9", "igw-1 blackhole\", \"10.9");
    assert_ne!(network, NETWORK);
    let table = json!({"id": "rtb-main", "vpc_id": "vpc-1", "route": [
        {"cidr_block": "0.0.0.0/0", "gateway_id": "igw-1"},
        {"cidr_block": "10.9.0.0/16", "gateway_id": "igw-1"}]});
    let targets = |plan: Plan| {
        let outcome = read_over(&network, &plan.json());
        let routes = outcome.get::<RouteTable>("rtb-main").routes;
        let open = routes
            .iter()
            .filter(|route| matches!(route.target, Value::Any(_)));
        (open.count(), noted(&outcome))
    };
    let plan = || Plan::default().existing("aws_route_table.t", table.clone());
    assert_eq!(targets(plan()), (1, 1));
    // The plan makes its target available.
    let attachment = json!({"internet_gateway_id": "igw-1", "vpc_id": "vpc-1"});
    let plan = plan().create("aws_internet_gateway_attachment.a", attachment, &[]);
    assert_eq!(targets(plan), (0, 0));
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
    // An entry that only the plan has is as open, unless the plan makes it.
    let hole = Hole::new("aws_network_acl.a.ingress");
    assert_eq!(of_subnet(&[90, 100, 110]), (Value::Any(hole), 1));
    let rule = json!({"network_acl_id": "acl-1", "rule_number": 110, "rule_action": "allow",
        "egress": false, "protocol": "-1", "cidr_block": "0.0.0.0/0"});
    let address = "aws_network_acl_rule.r";
    let with_rule = |plan: Plan| {
        let outcome = over(plan);
        let acl = outcome.get::<Subnet>("subnet-a").network_acl;
        (acl, noted(&outcome))
    };
    let plan = Plan::default().existing("aws_network_acl.a", acl(&[90, 100, 110]));
    let plan = plan.create(address, rule.clone(), &[]);
    assert_eq!(with_rule(plan), (Value::Known("acl-1".into()), 0));
    let plan = Plan::default().create(address, rule.clone(), &[]);
    assert_eq!(with_rule(plan), (Value::Known("acl-1".into()), 0));
    let plan = Plan::default().existing(address, rule);
    assert_eq!(with_rule(plan), (Value::Any(Hole::new(address)), 1));
}

#[test]
fn groups_and_entries_that_only_the_plan_has_are_there_or_not() {
    let interface = json!({"id": "eni-a", "subnet_id": "subnet-a", "private_ips": ["10.0.1.9"],
        "security_groups": ["sg-1", "sg-2", "sg-3"]});
    let entries = ["10.7.0.0/16", "10.8.0.0/16", "10.9.0.0/16"].map(|cidr| json!({"cidr": cidr}));
    let list = json!({"id": "pl-1", "name": "pl-1", "address_family": "IPv4", "entry": entries});
    let plan = || {
        Plan::default()
            .existing("aws_network_interface.n", interface.clone())
            .existing("aws_ec2_managed_prefix_list.l", list.clone())
    };
    let n_values = |plan: Plan| {
        let outcome = over(plan);
        let groups = n_values(&outcome.get::<NetworkInterface>("eni-a").groups);
        let entries = n_values(&outcome.get::<PrefixList>("pl-1").entries);
        (groups, entries, noted(&outcome))
    };
    assert_eq!(n_values(plan()), (2, 2, 2));
    let attachment = json!({"network_interface_id": "eni-a", "security_group_id": "sg-3"});
    let entry = json!({"prefix_list_id": "pl-1", "cidr": "10.7.0.0/16"});
    let (attached, entered) = (
        "aws_network_interface_sg_attachment.s",
        "aws_ec2_managed_prefix_list_entry.e",
    );
    let made = |plan: Plan| {
        let plan = plan.create(attached, attachment.clone(), &[]);
        plan.create(entered, entry.clone(), &[])
    };
    assert_eq!(n_values(made(plan())), (1, 1, 0));
    assert_eq!(n_values(made(Plan::default())), (1, 1, 0));
    // So it is of resources of their own, where only the earlier input has the owner.
    let plan = Plan::default().existing(attached, attachment);
    let plan = plan.existing(entered, entry);
    assert_eq!(n_values(plan), (usize::MAX, 2, 2));
}

#[test]
fn a_public_address_that_the_snapshot_does_not_show_is_not_certain() {
    let elastic = json!({"id": "eipalloc-1", "public_ip": "203.0.113.9", "domain": "vpc",
        "network_interface": "eni-a"});
    let doubts = |plan: Plan| over(plan).doubts().len();
    let address = "aws_eip.e";
    assert_eq!(doubts(Plan::default().existing(address, elastic)), 1);
    let free = json!({"id": "eipalloc-1", "public_ip": "203.0.113.9", "domain": "vpc"});
    let association = json!({"allocation_id": "eipalloc-1", "network_interface_id": "eni-a"});
    let plan = || Plan::default().existing(address, free.clone());
    let associated = "aws_eip_association.a";
    assert_eq!(
        doubts(plan().create(associated, association.clone(), &[])),
        0
    );
    assert_eq!(doubts(plan().existing(associated, association)), 1);
    // Of an instance that the plan has, one that AWS gave it.
    let instance = json!({"id": "i-a", "subnet_id": "subnet-a", "primary_network_interface_id": "eni-a",
        "private_ip": "10.0.1.9", "public_ip": "203.0.113.9",
        "vpc_security_group_ids": ["sg-1", "sg-2"]});
    assert_eq!(
        doubts(Plan::default().existing("aws_instance.i", instance)),
        1
    );
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
    assert_eq!((n_values, noted(&outcome)), ([2, 2, 2], 3));
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
    // A snapshot without one says that the subnet uses the main table.
    let network = NETWORK.replace("route-table = \"rtb-a\"\n", "");
    let plan = Plan::default().existing(address, association("rtb-a"));
    let outcome = read_over(&network, &plan.json());
    assert_eq!(table(outcome).as_ref().map(n_values), Some(2));
    let plan = Plan::default().create(address, association("rtb-a"), &[]);
    let outcome = read_over(&network, &plan.json());
    assert_eq!(table(outcome), Some(Value::Known("rtb-a".into())));
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
    assert_eq!(n_values(&interface.groups), 2);
    // Which of them it has is not certain.
    assert_eq!(outcome.doubts().len(), 1);
    let endpoint = json!({"id": "vpce-2", "vpc_id": "vpc-1", "vpc_endpoint_type": "Interface",
        "service_name": "com.amazonaws.ap-northeast-1.sqs", "subnet_ids": ["subnet-a"],
        "network_interface_ids": ["eni-e"], "security_group_ids": ["sg-1"]});
    let outcome = over(Plan::default().existing("aws_vpc_endpoint.q", endpoint));
    assert_eq!(
        n_values(&outcome.get::<NetworkInterface>("eni-e").groups),
        3
    );
}

#[test]
fn switches_that_are_not_alike_leave_nothing_certain() {
    let doubts = |network: &str, plan: Plan| {
        let outcome = read_over(network, &plan.json());
        (outcome.doubts().len(), noted(&outcome))
    };
    let vpc = |support: bool| {
        json!({"id": "vpc-1", "cidr_block": "10.0.0.0/16", "main_route_table_id": "rtb-main",
        "enable_dns_support": support, "enable_dns_hostnames": true})
    };
    let with_vpc = |support| Plan::default().existing("aws_vpc.v", vpc(support));
    assert_eq!(doubts(NETWORK, with_vpc(true)), (0, 0));
    assert_eq!(doubts(NETWORK, with_vpc(false)), (1, 1));
    let changed = Plan::default().updated("aws_vpc.v", vpc(true), vpc(false), &[]);
    assert_eq!(doubts(NETWORK, changed), (0, 0));
    let interface = |check: bool| {
        let interface = json!({"id": "eni-a", "subnet_id": "subnet-a", "private_ips": ["10.0.1.9"],
            "security_groups": ["sg-1", "sg-2"], "source_dest_check": check});
        Plan::default().existing("aws_network_interface.n", interface)
    };
    assert_eq!(doubts(NETWORK, interface(true)), (0, 0));
    assert_eq!(doubts(NETWORK, interface(false)), (1, 1));
    let endpoint = |private: bool, subnets: &[&str], state: &str| {
        let endpoint = json!({"id": "vpce-2", "vpc_id": "vpc-1", "vpc_endpoint_type": "Interface",
            "service_name": "com.amazonaws.ap-northeast-1.sqs", "subnet_ids": subnets,
            "security_group_ids": ["sg-2"], "private_dns_enabled": private, "state": state});
        Plan::default().existing("aws_vpc_endpoint.q", endpoint)
    };
    let more =
        "[subnet.subnet-b]\ncidrs = [\"10.0.2.0/24\"]\nnetwork-acl = \"acl-1\"\n[prefix-list.pl-1]";
    let network = NETWORK.replace("[prefix-list.pl-1]", more);
    let off = "interfaces = [\"eni-e\"]\nprivate-dns = false";
    let network = network.replace("interfaces = [\"eni-e\"]", off);
    let n_doubts = |plan: Plan| doubts(&network, plan).0;
    assert_eq!(n_doubts(endpoint(false, &["subnet-a"], "available")), 0);
    assert_eq!(n_doubts(endpoint(true, &["subnet-a"], "available")), 1);
    assert_eq!(n_doubts(endpoint(false, &["subnet-a"], "rejected")), 1);
    // What waits does so no more where the other input has it accepted.
    let waits = endpoint(false, &["subnet-a"], "pendingAcceptance");
    let outcome = read_over(&network, &waits.json());
    assert_eq!(outcome.doubts(), []);
    assert!(outcome.get::<VpcEndpoint>("vpce-2").available);
    let both = ["subnet-a", "subnet-b"];
    assert_eq!(n_doubts(endpoint(false, &both, "available")), 1);
    // One that only the earlier input has stays the endpoint's.
    let outcome = read_over(
        &network,
        &endpoint(false, &["subnet-b"], "available").json(),
    );
    assert_eq!(outcome.doubts().len(), 1);
    let EndpointKind::Interface { interfaces, .. } = outcome.get::<VpcEndpoint>("vpce-2").kind
    else {
        panic!("it is an interface endpoint");
    };
    assert_eq!(interfaces.len(), 2);
}

#[test]
fn a_peering_may_be_as_either_says() {
    let more = "[vpc.vpc-2]\nregion = \"ap-northeast-1\"\ncidrs = [\"10.1.0.0/16\"]\nmain-route-table = \"rtb-2\"\n[route-table.rtb-2]\nvpc = \"vpc-2\"\n[peering.pcx-1]\nrequester = \"vpc-1\"\naccepter = \"vpc-2\"\n";
    let network = NETWORK.replace(
        "[subnet.subnet-a]",
        &format!("{more}[subnet.subnet-a]\nvpc = \"vpc-1\""),
    );
    let network = [
        "[route-table.rtb-main]",
        "[route-table.rtb-a]",
        "[network-acl.acl-1]",
        "[network-acl.acl-2]",
        "[security-group.sg-1]",
        "[security-group.sg-2]",
        "[endpoint.vpce-1]",
        "[endpoint.vpce-2]",
        "[internet-gateway.igw-1]",
    ]
    .iter()
    .fold(network, |text, head| {
        text.replace(head, &format!("{head}\nvpc = \"vpc-1\""))
    });
    let read = |status: &str| {
        let peering = json!({"id": "pcx-1", "vpc_id": "vpc-1", "peer_vpc_id": "vpc-2", "accept_status": status});
        let plan = Plan::default().existing("aws_vpc_peering_connection.p", peering);
        let outcome = read_over(&network, &plan.json());
        (
            outcome.get::<model::Peering>("pcx-1").active,
            outcome.doubts().len(),
        )
    };
    assert_eq!(read("active"), (true, 0));
    assert_eq!(read("pending-acceptance"), (true, 0));
    assert_eq!(read("deleted"), (false, 1));
}

#[test]
fn tags_that_are_not_alike_are_open() {
    let network = NETWORK.replace(
        "groups = [\"sg-1\", \"sg-2\"]",
        "groups = [\"sg-1\", \"sg-2\"]\ntags = { tier = \"db\" }",
    );
    let open = |plan: Plan| {
        let outcome = read_over(&network, &plan.json());
        let open = outcome.open.of(Kind::NetworkInterface, "eni-a");
        let keys = open.map(|open| open.tags.keys().cloned().collect::<Vec<_>>());
        (keys.unwrap_or_default(), noted(&outcome))
    };
    let interface = |tags: Json| {
        json!({"id": "eni-a", "subnet_id": "subnet-a", "private_ips": ["10.0.1.9"],
        "security_groups": ["sg-1", "sg-2"], "tags": tags, "tags_all": tags})
    };
    let address = "aws_network_interface.n";
    let kept = |tags: Json| Plan::default().existing(address, interface(tags));
    assert_eq!(open(kept(json!({"tier": "db"}))), (vec![], 0));
    assert_eq!(open(kept(json!({}))), (vec!["tier".to_owned()], 1));
    let both = vec!["team".to_owned(), "tier".to_owned()];
    assert_eq!(open(kept(json!({"team": "red", "tier": "web"}))), (both, 1));
    let (before, after) = (json!({"tier": "db"}), json!({"tier": "web"}));
    let changed = Plan::default().updated(address, interface(before), interface(after), &[]);
    assert_eq!(open(changed), (vec![], 0));
    let instance = json!({"id": "i-a", "subnet_id": "subnet-a", "primary_network_interface_id": "eni-a",
        "private_ip": "10.0.1.9", "vpc_security_group_ids": ["sg-1", "sg-2"], "tags": {"tier": "web", "team": "red"},
        "tags_all": {"tier": "web", "team": "red"}});
    let of_instance = Plan::default().existing("aws_instance.i", instance);
    assert!(open(of_instance).0.iter().all(|key| key != "team"));
}

/// How many values something may have.
fn n_values<T>(value: &Value<T>) -> usize {
    match value {
        Value::Known(_) => 1,
        Value::OneOf(values, _) => values.len(),
        Value::Any(_) => usize::MAX,
    }
}
