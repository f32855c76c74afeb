//! Change sets that change an endpoint's tables, subnets, groups, policy and names, and groups of
//! instances and interfaces.

use model::{EndpointKind, Target, Value, VpcEndpoint};
use serde_json::{Value as Json, json};

use super::change_sets::{change, change_set, guesses};
use super::*;
use crate::Touches;
use crate::policy::full_access;

const NETWORK: &str = r#"
[vpc.vpc-1]
region = "eu-west-1"
cidrs = ["10.0.0.0/16"]
main-route-table = "rtb-0a"
[subnet.subnet-0a]
cidrs = ["10.0.1.0/24"]
[subnet.subnet-0b]
cidrs = ["10.0.2.0/24"]
[prefix-list.pl-0a]
name = "com.amazonaws.eu-west-1.s3"
aws-managed = true
entries = ["3.5.64.0/21"]
[route-table.rtb-0a]
[route-table.rtb-0b]
routes = ["pl:pl-0a -> endpoint:vpce-0a"]
[security-group.sg-0a]
[security-group.sg-0b]
[interface.eni-0a]
subnet = "subnet-0a"
addresses = ["10.0.1.5"]
groups = ["sg-0a"]
instance = "i-0a"
[interface.eni-0b]
subnet = "subnet-0a"
addresses = ["10.0.1.9"]
groups = ["sg-0a"]
attachment = "endpoint:vpce-0b"
[interface.eni-0c]
subnet = "subnet-0a"
addresses = ["10.0.1.6"]
groups = ["sg-0a"]
instance = "i-0b"
[interface.eni-0d]
subnet = "subnet-0a"
addresses = ["10.0.1.7"]
groups = ["sg-0a"]
instance = "i-0b"
[endpoint.vpce-0a]
service = "com.amazonaws.eu-west-1.s3"
kind = "gateway"
prefix-lists = ["pl-0a"]
[endpoint.vpce-0b]
service = "com.amazonaws.eu-west-1.sqs"
kind = "interface"
interfaces = ["eni-0b"]
"#;

const ENDPOINT: &str = "AWS::EC2::VPCEndpoint";
const LATER: &str = "{{changeSet:KNOWN_AFTER_APPLY}}";

/// What one property's change leaves of the network.
#[track_caller]
fn changed(of: &str, id: &str, replacement: &str, name: &str, sides: [Json; 2]) -> Ingested {
    let [before, after] = sides.map(|value| {
        if value.is_null() {
            json!({})
        } else {
            json!({ name: value })
        }
    });
    let mut before = before;
    before["PhysicalResourceId"] = id.into();
    with(change(of, "Modify", replacement, &before, &after))
}

/// What a change leaves of the network.
#[track_caller]
fn with(change: Json) -> Ingested {
    let read = read(&[
        ("network.toml", NETWORK),
        ("changes.json", &change_set(&[change]).to_string()),
    ]);
    let read = read.unwrap_or_else(|error| panic!("{error}"));
    read.draft.clone().validate().expect("it is valid");
    read
}

fn endpoint<'r>(read: &'r Ingested, id: &str) -> &'r VpcEndpoint {
    let mut endpoints = read.draft.vpc_endpoints.iter();
    endpoints
        .find(|one| one.id.as_str() == id)
        .expect("it is there")
}

/// The tables with a route to the gateway endpoint.
fn tables(read: &Ingested) -> Vec<&str> {
    let leads = |target: Option<&Target>| matches!(target, Some(Target::GatewayEndpoint(_)));
    let tables = read.draft.route_tables.iter();
    let tables = tables.filter(|table| {
        let mut routes = table.routes.iter();
        routes.any(|route| leads(route.target.known()))
    });
    tables.map(|table| table.id.as_str()).collect()
}

/// The groups of an interface, when they are known.
fn groups(read: &Ingested, id: &str) -> Option<Vec<String>> {
    let mut interfaces = read.draft.network_interfaces.iter();
    let interface = interfaces.find(|one| one.id.as_str() == id)?;
    let groups = interface.groups.known()?.iter();
    Some(groups.map(ToString::to_string).collect())
}

/// What takes back every proof.
fn doubts(read: &Ingested) -> Vec<&str> {
    let doubts = read.doubts.iter();
    let doubts = doubts.filter(|doubt| doubt.touches == Touches::Everything);
    doubts.map(|doubt| doubt.what.as_str()).collect()
}

#[test]
fn the_tables_of_an_endpoint_are_changed() {
    let tables_of = |before: Json, after: Json| {
        changed(
            ENDPOINT,
            "vpce-0a",
            "False",
            "RouteTableIds",
            [before, after],
        )
    };
    let read = tables_of(json!(["rtb-0b"]), json!(["rtb-0a"]));
    assert_eq!((tables(&read), doubts(&read)), (vec!["rtb-0a"], vec![]));
    let read = tables_of(json!(["rtb-0b"]), json!(["rtb-0a", "rtb-0b"]));
    assert_eq!(tables(&read), ["rtb-0a", "rtb-0b"]);
    let read = tables_of(json!(["rtb-0b"]), Json::Null);
    assert_eq!((tables(&read), doubts(&read)), (vec![], vec![]));
    // A table that the update makes is none that is there.
    let read = tables_of(json!(["rtb-0b"]), json!(["rtb-0b", LATER]));
    assert_eq!(tables(&read), ["rtb-0b"]);
    assert_ne!(doubts(&read), Vec::<&str>::new());
}

#[test]
fn the_policy_of_an_endpoint_is_changed() {
    let statement = |resource: &str| {
        json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*",
            "Action": "s3:GetObject", "Resource": resource}]})
    };
    let policy_of = |after: Json| {
        let before = statement("arn:aws:s3:::first/*");
        changed(
            ENDPOINT,
            "vpce-0a",
            "False",
            "PolicyDocument",
            [before, after],
        )
    };
    let read = policy_of(statement("arn:aws:s3:::second/*"));
    let policy = format!(
        "{:?}",
        endpoint(&read, "vpce-0a")
            .policy
            .known()
            .expect("it is known")
    );
    assert!(
        policy.contains("second") && !policy.contains("first"),
        "{policy}"
    );
    assert_eq!(doubts(&read), Vec::<&str>::new());
    let read = policy_of(json!(LATER));
    let policy = &endpoint(&read, "vpce-0a").policy;
    assert!(matches!(policy, Value::Any(_)), "{policy:?}");
    // CloudFormation does not say what a policy that is not written any more leaves.
    let read = policy_of(Json::Null);
    assert_eq!(guesses(&read).len(), 1);
    assert_eq!(
        endpoint(&read, "vpce-0a").policy,
        Value::Known(full_access())
    );
}

#[test]
fn the_groups_of_an_endpoint_are_changed() {
    let groups_of = |before: Json, after: Json| {
        changed(
            ENDPOINT,
            "vpce-0b",
            "False",
            "SecurityGroupIds",
            [before, after],
        )
    };
    let read = groups_of(json!(["sg-0a"]), json!(["sg-0b"]));
    assert_eq!(groups(&read, "eni-0b"), Some(vec!["sg-0b".to_owned()]));
    assert_eq!(doubts(&read), Vec::<&str>::new());
    let read = groups_of(json!(["sg-0a"]), json!(["sg-0a", LATER]));
    assert_eq!(groups(&read, "eni-0b"), None);
    for after in [json!([]), Json::Null] {
        assert_eq!(guesses(&groups_of(json!(["sg-0a"]), after)).len(), 1);
    }
    // The endpoint does not have the group that the change set found.
    let read = groups_of(json!(["sg-0b"]), json!(["sg-0a"]));
    assert_eq!(guesses(&read).len(), 1);
}

#[test]
fn the_subnets_of_an_endpoint_are_changed() {
    let subnets_of = |before: Json, after: Json| {
        changed(ENDPOINT, "vpce-0b", "False", "SubnetIds", [before, after])
    };
    let within = |read: &Ingested| -> Vec<String> {
        let EndpointKind::Interface { interfaces, .. } = &endpoint(read, "vpce-0b").kind else {
            panic!("it is an interface endpoint");
        };
        let all = read.draft.network_interfaces.iter();
        let own = all.filter(|one| interfaces.contains(&one.id));
        own.map(|one| one.subnet.to_string()).collect()
    };
    let read = subnets_of(json!(["subnet-0a"]), json!(["subnet-0a", "subnet-0b"]));
    assert_eq!(within(&read), ["subnet-0a", "subnet-0b"]);
    assert_eq!(groups(&read, "eni-0b"), Some(vec!["sg-0a".to_owned()]));
    assert_eq!(doubts(&read), Vec::<&str>::new());
    let read = subnets_of(json!(["subnet-0a"]), json!(["subnet-0b"]));
    assert_eq!(within(&read), ["subnet-0b"]);
    assert_eq!(groups(&read, "eni-0b"), None, "the interface is gone");
    assert_eq!(doubts(&read), Vec::<&str>::new());
}

#[test]
fn the_names_of_an_endpoint_are_changed() {
    let read = changed(
        ENDPOINT,
        "vpce-0b",
        "False",
        "PrivateDnsEnabled",
        [Json::Null, json!("true")],
    );
    let EndpointKind::Interface { private_names, .. } = &endpoint(&read, "vpce-0b").kind else {
        panic!("it is an interface endpoint");
    };
    assert_eq!(private_names.len(), 1);
    assert_eq!(doubts(&read), Vec::<&str>::new());
}

#[test]
fn the_groups_of_instances_and_interfaces_are_changed() {
    let sides = || [json!(["sg-0a"]), json!(["sg-0a", "sg-0b"])];
    let both = Some(vec!["sg-0a".to_owned(), "sg-0b".to_owned()]);
    let instance = "AWS::EC2::Instance";
    // CloudFormation calls it conditional, since in EC2-Classic it was a replacement.
    for replacement in ["False", "Conditional"] {
        let read = changed(instance, "i-0a", replacement, "SecurityGroupIds", sides());
        assert_eq!(
            (groups(&read, "eni-0a"), doubts(&read)),
            (both.clone(), vec![])
        );
    }
    let read = changed(
        "AWS::EC2::NetworkInterface",
        "eni-0a",
        "False",
        "GroupSet",
        sides(),
    );
    assert_eq!((groups(&read, "eni-0a"), doubts(&read)), (both, vec![]));
    // The instance does not have the group that the change set found.
    let other = [json!(["sg-0b"]), json!(["sg-0a"])];
    let read = changed(instance, "i-0a", "False", "SecurityGroupIds", other);
    assert_eq!(guesses(&read).len(), 1);
    // Something else may replace it, which the values do not show.
    let mut alike = change(
        instance,
        "Modify",
        "Conditional",
        &json!({"PhysicalResourceId": "i-0a", "SecurityGroupIds": ["sg-0a"]}),
        &json!({"SecurityGroupIds": ["sg-0b"]}),
    );
    alike["ResourceChange"]["Details"] = json!([{"Target": {"Attribute": "Properties", "Name": "UserData",
        "RequiresRecreation": "Conditionally"}}]);
    let nothing = json!({"PhysicalResourceId": "i-0a", "UserData": "x"});
    let nothing = change(
        instance,
        "Modify",
        "Conditional",
        &nothing,
        &json!({"UserData": "x"}),
    );
    for one in [alike, nothing] {
        assert_eq!(guesses(&with(one)).len(), 1);
    }
    // Which of two is the primary one is not known.
    let read = changed(instance, "i-0b", "False", "SecurityGroupIds", sides());
    assert_eq!(guesses(&read).len(), 1);
    // Those of interfaces that are made with an instance replace it.
    let interfaces = |group: &str| json!([{"DeviceIndex": "0", "GroupSet": [group]}]);
    let sides = [interfaces("sg-0a"), interfaces("sg-0b")];
    let read = changed(instance, "i-0a", "Conditional", "NetworkInterfaces", sides);
    assert_eq!(guesses(&read).len(), 1);
}

/// CloudFormation does not show the values of parameters with `NoEcho`, before and after alike.
#[test]
fn a_value_that_is_not_shown_may_change() {
    let before = json!({"PhysicalResourceId": "sg-0a", "SecurityGroupIngress": [{"IpProtocol": "-1", "CidrIp": "****"}]});
    let after = json!({"SecurityGroupIngress": [{"IpProtocol": "-1", "CidrIp": "****"}]});
    let group = change(
        "AWS::EC2::SecurityGroup",
        "Modify",
        "False",
        &before,
        &after,
    );
    let read = with(group);
    assert_eq!(guesses(&read).len(), 1);
    assert!(
        guesses(&read)[0]
            .contains("may change `SecurityGroupIngress`, of which a value is not shown")
    );
    let policy = json!({"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject",
        "Resource": "arn:aws:s3:::****/*"}]});
    let read = changed(
        ENDPOINT,
        "vpce-0a",
        "False",
        "PolicyDocument",
        [json!({}), policy],
    );
    let policy = format!("{:?}", endpoint(&read, "vpce-0a").policy);
    assert!(!policy.contains("****"), "{policy}");
    assert_eq!(guesses(&read).len(), 1);
}
