//! A snapshot of calls as AWS Config records it: by the property lists that
//! [AWS publishes](https://github.com/awslabs/aws-config-resource-schema) of its types.

use std::fs;
use std::path::Path;

use serde_json::{Map, Value, json};

/// What AWS Config calls the items of a list, and the field with their id. What is not here it does
/// not record: DNS attributes, AWS's own prefix lists, rules of groups by their ids.
const TYPES: [(&str, &str, &str); 14] = [
    ("Addresses", "AWS::EC2::EIP", "AllocationId"),
    (
        "EgressOnlyInternetGateways",
        "AWS::EC2::EgressOnlyInternetGateway",
        "EgressOnlyInternetGatewayId",
    ),
    ("Instances", "AWS::EC2::Instance", "InstanceId"),
    (
        "InternetGateways",
        "AWS::EC2::InternetGateway",
        "InternetGatewayId",
    ),
    ("NatGateways", "AWS::EC2::NatGateway", "NatGatewayId"),
    ("NetworkAcls", "AWS::EC2::NetworkAcl", "NetworkAclId"),
    (
        "NetworkInterfaces",
        "AWS::EC2::NetworkInterface",
        "NetworkInterfaceId",
    ),
    ("PrefixLists", "AWS::EC2::PrefixList", "PrefixListId"),
    ("RouteTables", "AWS::EC2::RouteTable", "RouteTableId"),
    ("SecurityGroups", "AWS::EC2::SecurityGroup", "GroupId"),
    ("Subnets", "AWS::EC2::Subnet", "SubnetId"),
    ("VpcEndpoints", "AWS::EC2::VPCEndpoint", "VpcEndpointId"),
    (
        "VpcPeeringConnections",
        "AWS::EC2::VPCPeeringConnection",
        "VpcPeeringConnectionId",
    ),
    ("Vpcs", "AWS::EC2::VPC", "VpcId"),
];

/// The fields that it leaves out.
const NOT_RECORDED: [&str; 4] = [
    "PolicyDocument",
    "AvailabilityZoneId",
    "EnableDns64",
    "BlockPublicAccessStates",
];

/// The types whose state is an object.
const STATES: [&str; 4] = ["Vpcs", "Subnets", "NatGateways", "VpcEndpoints"];

/// The snapshot of a folder of calls.
pub fn snapshot(folder: &Path) -> Value {
    let mut items = Vec::new();
    for (list, of, id) in TYPES {
        for resource in listed(folder, list) {
            if resource["OwnerId"] != "AWS" {
                items.push(item(folder, list, of, id, &resource));
            }
        }
    }
    json!({ "fileVersion": "1.0", "configSnapshotId": "00000000-0000-4000-8000-000000000000",
        "configurationItems": items })
}

/// The items of a list in any file of the folder.
fn listed(folder: &Path, list: &str) -> Vec<Value> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let text = fs::read(entry.unwrap().path()).unwrap();
        let document: Value = serde_json::from_slice(&text).unwrap();
        let key = if list == "Instances" {
            "Reservations"
        } else {
            list
        };
        for item in document[key].as_array().into_iter().flatten() {
            match item[list].as_array() {
                Some(inner) if list == "Instances" => found.extend(inner.iter().cloned()),
                Some(_) | None => found.push(item.clone()),
            }
        }
    }
    found
}

fn item(folder: &Path, list: &str, of: &str, id: &str, resource: &Value) -> Value {
    let mut resource = resource.clone();
    let fields = resource.as_object_mut().unwrap();
    let tags = ["Tags", "TagSet"]
        .iter()
        .find_map(|key| fields.remove(*key));
    let tags = tags.unwrap_or_default();
    let tags = tags.as_array().into_iter().flatten();
    let tags = tags.map(|tag| {
        (
            tag["Key"].as_str().unwrap().to_owned(),
            tag["Value"].clone(),
        )
    });
    let tags: Map<String, Value> = tags.collect();
    for key in NOT_RECORDED {
        fields.remove(key);
    }
    if STATES.contains(&list) {
        let state = fields["State"].take();
        fields.insert("State".to_owned(), json!({ "Value": state }));
    }
    let id = resource[id].clone();
    let configuration = if list == "PrefixLists" {
        let name = format!(
            "get-managed-prefix-list-entries-{}.json",
            id.as_str().unwrap()
        );
        let entries: Value = serde_json::from_slice(&fs::read(folder.join(name)).unwrap()).unwrap();
        resource["Entries"] = entries["Entries"].clone();
        resource
    } else {
        lowered(&resource)
    };
    json!({
        "configurationItemVersion": "1.3", "configurationItemCaptureTime": "2026-02-09T02:00:00.000Z",
        "configurationStateId": 1, "configurationItemStatus": "ResourceDiscovered", "relatedEvents": [],
        "relationships": [], "supplementaryConfiguration": {}, "awsAccountId": "123456789012",
        "awsRegion": "ap-northeast-1", "resourceType": of, "resourceId": id, "tags": tags,
        "configuration": configuration,
    })
}

/// With keys that begin with a small letter, and the blocks of permissions in two lists.
fn lowered(value: &Value) -> Value {
    match value {
        Value::Object(fields) => {
            let mut lowered = Map::new();
            for (key, value) in fields {
                if key == "IpRanges" {
                    let blocks = value.as_array().unwrap().iter();
                    let blocks: Vec<_> = blocks.map(|block| block["CidrIp"].clone()).collect();
                    lowered.insert("ipRanges".to_owned(), blocks.into());
                    lowered.insert("ipv4Ranges".to_owned(), self::lowered(value));
                } else {
                    let (first, rest) = key.split_at(1);
                    let key = format!("{}{rest}", first.to_ascii_lowercase());
                    lowered.insert(key, self::lowered(value));
                }
            }
            lowered.into()
        }
        Value::Array(items) => items.iter().map(lowered).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value.clone(),
    }
}
