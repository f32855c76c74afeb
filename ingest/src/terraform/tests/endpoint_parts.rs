//! Parts of their own of an endpoint that an earlier input has: its tables, groups, subnets, policy and
//! names.

use model::{EndpointKind, NetworkInterface, Route, RouteTable, Target, Value, VpcEndpoint};

use super::*;
use crate::policy::full_access;

/// A network with an endpoint of each kind.
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
network-acl = "acl-1"
[network-acl.acl-1]
ingress = ["200 allow all from 0.0.0.0/0"]
egress = ["100 allow all to 0.0.0.0/0"]
[prefix-list.pl-s3]
name = "com.amazonaws.eu-west-1.s3"
aws-managed = true
entries = ["3.5.64.0/21"]
[route-table.rtb-main]
[route-table.rtb-a]
routes = ["pl:pl-s3 -> endpoint:vpce-1"]
[security-group.sg-1]
[security-group.sg-2]
[interface.eni-1]
subnet = "subnet-a"
addresses = ["10.0.1.5"]
groups = ["sg-1"]
attachment = "endpoint:vpce-2"
[endpoint.vpce-1]
service = "com.amazonaws.eu-west-1.s3"
kind = "gateway"
prefix-lists = ["pl-s3"]
[endpoint.vpce-2]
service = "com.amazonaws.eu-west-1.sqs"
kind = "interface"
interfaces = ["eni-1"]
"#;

#[track_caller]
fn over(plan: &Json) -> Outcome {
    let outcome = read_over(NETWORK, plan);
    outcome.draft.clone().validate().expect("it is valid");
    outcome
}

/// What a plan makes of the network with one resource more, whose references are known.
#[track_caller]
fn with(address: &str, values: Json) -> Outcome {
    let plan = Plan::default().create(address, values, &[]);
    over(&plan.json())
}

/// What is left of it without one.
#[track_caller]
fn without(address: &str, before: Json) -> Outcome {
    over(&Plan::default().deleted(address, before).json())
}

/// The routes of a table that lead to the gateway endpoint.
fn to_endpoint(outcome: &Outcome, table: &str) -> Vec<Route> {
    let routes = outcome.get::<RouteTable>(table).routes.into_iter();
    let leads = |route: &Route| matches!(route.target.known(), Some(Target::GatewayEndpoint(_)));
    routes.filter(leads).collect()
}

fn groups(outcome: &Outcome) -> Vec<String> {
    let interface: NetworkInterface = outcome.get("eni-1");
    let groups = interface.groups.known().expect("they are known").iter();
    groups.map(ToString::to_string).collect()
}

fn guesses(outcome: &Outcome) -> usize {
    outcome.doubts.iter().filter(|one| one.is_guess).count()
}

#[test]
fn a_part_of_its_own_changes_an_endpoint_of_an_earlier_input() {
    let association = json!({"vpc_endpoint_id": "vpce-1", "route_table_id": "rtb-main"});
    let outcome = with("aws_vpc_endpoint_route_table_association.a", association);
    assert_eq!(to_endpoint(&outcome, "rtb-main").len(), 1);
    assert_eq!(to_endpoint(&outcome, "rtb-a").len(), 1);
    let nothing = r#"{"Version": "2012-10-17", "Statement": []}"#;
    let policy = json!({"vpc_endpoint_id": "vpce-1", "policy": nothing});
    let outcome = with("aws_vpc_endpoint_policy.p", policy);
    let policy = outcome.get::<VpcEndpoint>("vpce-1").policy;
    assert_ne!(policy, Value::Known(full_access()));
    assert!(policy.known().is_some());
    let group = json!({"vpc_endpoint_id": "vpce-2", "security_group_id": "sg-2"});
    let outcome = with("aws_vpc_endpoint_security_group_association.g", group);
    assert_eq!(groups(&outcome), ["sg-1", "sg-2"]);
    assert_eq!(outcome.messages(), Vec::<String>::new());
}

#[test]
fn an_endpoint_has_an_interface_in_a_further_subnet() {
    let subnet = json!({"vpc_endpoint_id": "vpce-2", "subnet_id": "subnet-b"});
    let outcome = with("aws_vpc_endpoint_subnet_association.s", subnet);
    let interface: NetworkInterface =
        outcome.get("aws_vpc_endpoint_subnet_association.s#eni[\"subnet-b\"]");
    assert_eq!(
        interface.groups,
        outcome.get::<NetworkInterface>("eni-1").groups
    );
    assert_eq!(interface.addresses.len(), 1);
    let EndpointKind::Interface {
        interfaces,
        specific_names,
        ..
    } = outcome.get::<VpcEndpoint>("vpce-2").kind
    else {
        panic!("it is an interface endpoint");
    };
    assert_eq!(interfaces.len(), 2);
    assert_eq!(specific_names.known(), None);
    assert_eq!(outcome.messages(), Vec::<String>::new());
    // It is there already.
    let subnet = json!({"vpc_endpoint_id": "vpce-2", "subnet_id": "subnet-a"});
    let outcome = with("aws_vpc_endpoint_subnet_association.s", subnet);
    assert_eq!(outcome.draft.network_interfaces.len(), 1);
}

#[test]
fn private_dns_of_its_own_gives_an_endpoint_the_names_of_its_service() {
    let dns = |flag: bool| json!({"vpc_endpoint_id": "vpce-2", "private_dns_enabled": flag});
    for (flag, expected) in [
        (true, vec!["sqs.eu-west-1.amazonaws.com"]),
        (false, Vec::new()),
    ] {
        let outcome = with("aws_vpc_endpoint_private_dns.d", dns(flag));
        let EndpointKind::Interface {
            private_dns,
            private_names,
            ..
        } = outcome.get::<VpcEndpoint>("vpce-2").kind
        else {
            panic!("it is an interface endpoint");
        };
        assert_eq!(private_dns, flag);
        assert_eq!(private_names.into_iter().collect::<Vec<_>>(), expected);
        assert_eq!(guesses(&outcome), 0);
    }
}

#[test]
fn what_an_endpoint_loses_is_taken_from_it() {
    let subnet = json!({"id": "s", "vpc_endpoint_id": "vpce-2", "subnet_id": "subnet-a"});
    let outcome = without("aws_vpc_endpoint_subnet_association.s", subnet);
    assert_eq!(outcome.draft.network_interfaces, []);
    let EndpointKind::Interface { interfaces, .. } = outcome.get::<VpcEndpoint>("vpce-2").kind
    else {
        panic!("it is an interface endpoint");
    };
    assert_eq!(interfaces.len(), 0);
    assert_eq!(guesses(&outcome), 0);
    // What AWS does about the last group, or a default one that comes back, is not known; nor is what
    // is read the network of the plan where the endpoint does not have the group.
    let group = |id: &str, replaces: bool| json!({"id": "g", "vpc_endpoint_id": "vpce-2", "security_group_id": id, "replace_default_association": replaces});
    let address = "aws_vpc_endpoint_security_group_association.g";
    for lost in [
        group("sg-1", false),
        group("sg-1", true),
        group("sg-2", false),
    ] {
        assert_eq!(guesses(&without(address, lost)), 1);
    }
    let plan = Plan::default().deleted(address, group("sg-1", false));
    let plan = plan.create(
        "aws_vpc_endpoint_security_group_association.h",
        json!({"vpc_endpoint_id": "vpce-2", "security_group_id": "sg-2"}),
        &[],
    );
    let outcome = over(&plan.json());
    assert_eq!(
        (groups(&outcome), guesses(&outcome)),
        (vec!["sg-2".to_owned()], 0)
    );
}
