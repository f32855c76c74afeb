//! Change sets over a network that is there.

use model::{GroupRule, RouteState, Value};
use serde_json::{Value as Json, json};

use super::*;
use crate::Touches;

const NETWORK: &str = r#"
[vpc.vpc-1]
region = "eu-west-1"
cidrs = ["10.0.0.0/16"]
main-route-table = "rtb-0a"
[subnet.subnet-0a]
cidrs = ["10.0.1.0/24"]
route-table = "rtb-0b"
[route-table.rtb-0a]
[route-table.rtb-0b]
routes = ["0.0.0.0/0 -> nat-gateway:nat-0a", "198.51.100.0/24 -> internet-gateway:igw-0a"]
[security-group.sg-0a]
ingress = ["tcp/22 from 0.0.0.0/0", "tcp/443 from 10.0.0.0/8"]
egress = ["all to 0.0.0.0/0"]
[interface.eni-0a]
subnet = "subnet-0a"
addresses = ["10.0.1.5"]
groups = ["sg-0a"]
instance = "i-0a"
[interface.eni-0b]
subnet = "subnet-0a"
addresses = ["10.0.1.9"]
attachment = "nat-gateway:nat-0a"
[nat-gateway.nat-0a]
interface = "eni-0b"
[internet-gateway.igw-0a]
"#;

/// One change, with the properties before and after.
pub(super) fn change(
    of: &str,
    action: &str,
    replacement: &str,
    before: &Json,
    after: &Json,
) -> Json {
    let context = |properties: &Json| {
        let known = !properties.is_null();
        known.then(|| json!({ "Properties": properties }).to_string())
    };
    let physical = before["PhysicalResourceId"].clone();
    let [before, after] = [before, after].map(|side| {
        let mut side = side.clone();
        if let Some(fields) = side.as_object_mut() {
            fields.remove("PhysicalResourceId");
        }
        side
    });
    json!({ "Type": "Resource", "ResourceChange": {
        "Action": action, "LogicalResourceId": "Thing", "PhysicalResourceId": physical, "ResourceType": of,
        "Replacement": replacement, "BeforeContext": context(&before), "AfterContext": context(&after),
    } })
}

pub(super) fn change_set(changes: &[Json]) -> Json {
    json!({
        "ChangeSetName": "update", "ChangeSetId": "arn:aws:cloudformation:eu-west-1:111122223333:changeSet/update/1",
        "StackId": "arn:aws:cloudformation:eu-west-1:111122223333:stack/network/1", "StackName": "network",
        "Status": "CREATE_COMPLETE", "ExecutionStatus": "AVAILABLE", "Changes": changes,
    })
}

fn over(change_set: &Json) -> Result<Ingested, ReadError> {
    read(&[
        ("network.toml", NETWORK),
        ("changes.json", &change_set.to_string()),
    ])
}

#[track_caller]
fn after(changes: &[Json]) -> Ingested {
    let read = over(&change_set(changes)).unwrap_or_else(|error| panic!("{error}"));
    read.draft.clone().validate().expect("it is valid");
    read
}

pub(super) fn guesses(read: &Ingested) -> Vec<&str> {
    let doubts = read.doubts.iter().filter(|doubt| doubt.is_guess);
    doubts.map(|doubt| doubt.what.as_str()).collect()
}

fn ingress(read: &Ingested) -> &[GroupRule] {
    &read.draft.security_groups[0].ingress
}

/// The routes of the subnet's table that lead somewhere, without the local one.
fn active(read: &Ingested) -> usize {
    let tables = read.draft.route_tables.iter();
    let mut tables = tables.filter(|table| table.id.as_str() == "rtb-0b");
    let routes = tables.next().unwrap().routes.iter();
    routes
        .filter(|route| route.state == RouteState::Active)
        .count()
        - 1
}

#[test]
fn what_a_change_set_takes_away_is_gone() {
    let nat = json!({"PhysicalResourceId": "nat-0a", "SubnetId": "subnet-0a", "AllocationId": "eipalloc-0a"});
    let read = after(&[change(
        "AWS::EC2::NatGateway",
        "Remove",
        "",
        &nat,
        &Json::Null,
    )]);
    assert_eq!(active(&read), 1);
    assert!(!read.draft.nat_gateways[0].available);
    let route = json!({"PhysicalResourceId": "rtb-0b|0.0.0.0/0", "RouteTableId": "rtb-0b",
        "DestinationCidrBlock": "0.0.0.0/0", "NatGatewayId": "nat-0a"});
    let read = after(&[change("AWS::EC2::Route", "Remove", "", &route, &Json::Null)]);
    assert_eq!(active(&read), 1);
    assert!(read.draft.nat_gateways[0].available);
    let instance = json!({"PhysicalResourceId": "i-0a", "SubnetId": "subnet-0a"});
    let read = after(&[change(
        "AWS::EC2::Instance",
        "Remove",
        "",
        &instance,
        &Json::Null,
    )]);
    assert_eq!(read.draft.network_interfaces.len(), 1);
    assert_eq!(guesses(&read), Vec::<&str>::new());
    // What the stack only gives up is as it was.
    let mut kept = change("AWS::EC2::Instance", "Remove", "", &instance, &Json::Null);
    kept["ResourceChange"]["PolicyAction"] = "Retain".into();
    assert_eq!(after(&[kept]).draft.network_interfaces.len(), 2);
}

#[test]
fn what_a_change_set_makes_is_there() {
    let rule = json!({"GroupId": "sg-0a", "IpProtocol": "tcp", "FromPort": "5432", "ToPort": "5432",
        "CidrIp": "10.0.0.0/16"});
    let read = after(&[change(
        "AWS::EC2::SecurityGroupIngress",
        "Add",
        "",
        &Json::Null,
        &rule,
    )]);
    assert_eq!(ingress(&read).len(), 3);
    let instance = json!({"SubnetId": "subnet-0a", "SecurityGroupIds": ["sg-0a"], "ImageId": "ami-1",
        "PrivateIpAddress": "10.0.1.77"});
    let read = after(&[change(
        "AWS::EC2::Instance",
        "Add",
        "",
        &Json::Null,
        &instance,
    )]);
    assert_eq!(read.draft.network_interfaces.len(), 3);
    let assumed = read.assumptions.iter().map(|one| one.code);
    assert!(assumed.clone().any(|code| code == "change-set-network"));
    assert!(
        !assumed
            .clone()
            .any(|code| code == "template-new" || code == "template-alone")
    );
}

#[test]
fn a_route_to_what_is_not_known_yet_is_open() {
    let before = json!({"PhysicalResourceId": "rtb-0b|0.0.0.0/0", "RouteTableId": "rtb-0b",
        "DestinationCidrBlock": "0.0.0.0/0", "NatGatewayId": "nat-0a"});
    let new = json!({"RouteTableId": "rtb-0b", "DestinationCidrBlock": "0.0.0.0/0",
        "NatGatewayId": "{{changeSet:KNOWN_AFTER_APPLY}}"});
    let read = after(&[change(
        "AWS::EC2::Route",
        "Modify",
        "Conditional",
        &before,
        &new,
    )]);
    let everything = read
        .doubts
        .iter()
        .filter(|doubt| doubt.touches == Touches::Everything);
    assert_eq!(everything.count(), 0, "{:?}", read.doubts);
    let mut tables = read.draft.route_tables.iter();
    let table = tables.find(|table| table.id.as_str() == "rtb-0b").unwrap();
    let open: Vec<_> = table
        .routes
        .iter()
        .filter(|route| !matches!(route.target, Value::Known(_)))
        .collect();
    assert_eq!(
        (open.len(), table.routes.len()),
        (1, 3),
        "{:?}",
        table.routes
    );
}

#[test]
fn the_rules_in_a_group_are_changed_and_those_beside_them_stay() {
    let group = |rules: Json| {
        json!({"PhysicalResourceId": "sg-0a", "GroupDescription": "g", "VpcId": "vpc-1",
            "SecurityGroupIngress": rules})
    };
    let ssh = json!({"IpProtocol": "tcp", "FromPort": "22", "ToPort": "22", "CidrIp": "0.0.0.0/0"});
    let narrow =
        json!({"IpProtocol": "tcp", "FromPort": "22", "ToPort": "22", "CidrIp": "192.0.2.0/24"});
    let (before, new) = (group(json!([ssh])), group(json!([narrow])));
    let of = "AWS::EC2::SecurityGroup";
    let read = after(&[change(of, "Modify", "False", &before, &new)]);
    let rules = format!("{:?}", ingress(&read));
    assert_eq!(ingress(&read).len(), 2, "{rules}");
    assert!(!rules.contains("0.0.0.0/0"), "{rules}");
    assert_eq!(guesses(&read), Vec::<&str>::new());
    // The group before is another one than the change set found.
    let other = group(json!([narrow]));
    let read = after(&[change(of, "Modify", "False", &other, &group(json!([])))]);
    assert_eq!(guesses(&read), ["ThingSecurityGroupIngress0"]);
}

#[test]
fn what_is_not_read_leaves_nothing_certain_by_its_name() {
    for (of, action, replacement, before, new, what) in [
        (
            "AWS::EC2::Instance",
            "Modify",
            "False",
            json!({"PhysicalResourceId": "i-0a", "SourceDestCheck": "true"}),
            json!({"SourceDestCheck": "false"}),
            "changes `SourceDestCheck`",
        ),
        (
            "AWS::EC2::Instance",
            "Modify",
            "Conditional",
            json!({"PhysicalResourceId": "i-0a"}),
            json!({"UserData": "x"}),
            "may be replaced, or only changed",
        ),
        (
            "AWS::RDS::DBInstance",
            "Remove",
            "",
            json!({"PhysicalResourceId": "db", "VPCSecurityGroups": ["sg-0a"]}),
            Json::Null,
            "is taken away",
        ),
        (
            "AWS::CloudFormation::Stack",
            "Modify",
            "False",
            json!({"PhysicalResourceId": "s"}),
            json!({}),
            "what it makes is not told",
        ),
    ] {
        let read = after(&[change(of, action, replacement, &before, &new)]);
        let guesses = guesses(&read);
        assert!(guesses.iter().any(|one| one.contains(what)), "{guesses:?}");
        assert!(
            guesses[0].contains("at /Changes/0/ResourceChange"),
            "{guesses:?}"
        );
    }
    let queue = json!({"PhysicalResourceId": "l"});
    let read = after(&[
        change("AWS::Logs::LogGroup", "Remove", "", &queue, &Json::Null),
        change("AWS::EC2::VPC", "Import", "", &Json::Null, &Json::Null),
        change(
            "AWS::EC2::VPC",
            "SyncWithActual",
            "",
            &Json::Null,
            &Json::Null,
        ),
    ]);
    assert_eq!(guesses(&read), Vec::<&str>::new());
}

#[track_caller]
fn assert_refused(change_set: &Json, expected: &[&str]) {
    let error = over(change_set).expect_err("it is wrong").to_string();
    for expected in expected {
        assert!(error.contains(expected), "{error}");
    }
}

#[test]
fn a_change_set_that_does_not_say_all_is_refused() {
    let bare = json!({"Type": "Resource", "ResourceChange": {"Action": "Add", "LogicalResourceId": "Thing",
        "ResourceType": "AWS::EC2::VPC"}});
    assert_refused(
        &change_set(&[bare]),
        &[
            "there is no `AfterContext`",
            "--include-property-values",
            "at /Changes/0/ResourceChange",
        ],
    );
    let mut page = change_set(&[]);
    page["NextToken"] = "x".into();
    assert_refused(&page, &["error[incomplete-page]"]);
    let mut failed = change_set(&[]);
    failed["Status"] = "FAILED".into();
    assert_refused(&failed, &["its status is \"FAILED\""]);
    let mut done = change_set(&[]);
    done["ExecutionStatus"] = "EXECUTE_COMPLETE".into();
    assert_refused(&done, &["executed already"]);
    let dynamic = change(
        "AWS::CloudFormation::Stack",
        "Dynamic",
        "",
        &json!({}),
        &json!({}),
    );
    assert_refused(&change_set(&[dynamic]), &["--include-nested-stacks"]);
    let mut broken = change("AWS::EC2::VPC", "Add", "", &Json::Null, &json!({}));
    broken["ResourceChange"]["AfterContext"] = "{".into();
    assert_refused(
        &change_set(&[broken]),
        &["at /Changes/0/ResourceChange/AfterContext"],
    );
    let alone = read(&[("changes.json", &change_set(&[]).to_string())]);
    let error = alone.expect_err("there is no network").to_string();
    assert!(
        error.contains("give a snapshot of the account before it"),
        "{error}"
    );
}

#[test]
fn a_nested_change_set_has_to_be_there() {
    let mut nested = change(
        "AWS::CloudFormation::Stack",
        "Modify",
        "False",
        &json!({}),
        &json!({}),
    );
    let id = "arn:aws:cloudformation:eu-west-1:111122223333:changeSet/inner/2";
    nested["ResourceChange"]["ChangeSetId"] = id.into();
    let outer = change_set(&[nested]);
    assert_refused(&outer, &["its change set is not in the input", id]);
    let rule = json!({"GroupId": "sg-0a", "IpProtocol": "-1", "CidrIp": "10.0.0.0/16"});
    let added = change(
        "AWS::EC2::SecurityGroupIngress",
        "Add",
        "",
        &Json::Null,
        &rule,
    );
    let mut inner = change_set(&[added]);
    inner["ChangeSetId"] = id.into();
    inner["ExecutionStatus"] = "UNAVAILABLE".into();
    let both = read(&[
        ("network.toml", NETWORK),
        ("outer.json", &outer.to_string()),
        ("inner.json", &inner.to_string()),
    ]);
    let both = both.unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(ingress(&both).len(), 3);
}
