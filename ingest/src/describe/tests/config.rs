//! What AWS Config recorded.

use super::*;

/// An item of a snapshot.
fn item(of: &str, id: &str, configuration: &str) -> String {
    format!(
        r#"{{"configurationItemVersion": "1.3", "configurationItemCaptureTime": "2026-11-20T08:00:00.000Z",
        "configurationItemStatus": "OK", "resourceType": "{of}", "resourceId": "{id}", "awsRegion": "eu-west-1",
        "awsAccountId": "111122223333", "ARN": "arn:aws:ec2:eu-west-1:111122223333:thing/{id}",
        "tags": {{"Name": "{id}"}}, "relationships": [], "configuration": {configuration}}}"#
    )
}

fn snapshot(items: &[String]) -> String {
    format!(
        r#"{{"fileVersion": "1.0", "configSnapshotId": "s-1", "configurationItems": [{}]}}"#,
        items.join(",\n")
    )
}

const VPC: &str = r#"{"vpcId": "vpc-1", "ownerId": "111122223333", "cidrBlock": "10.0.0.0/16", "isDefault": false,
    "state": {"value": "available"}, "dhcpOptionsId": "dopt-1",
    "cidrBlockAssociationSet": [{"cidrBlock": "10.0.0.0/16", "cidrBlockState": {"state": "associated"}}]}"#;
const SUBNET: &str = r#"{"subnetId": "subnet-1", "vpcId": "vpc-1", "cidrBlock": "10.0.1.0/24",
    "availabilityZone": "eu-west-1a", "state": {"value": "available"}, "ipv6CidrBlockAssociationSet": []}"#;
const ACL: &str = r#"{"networkAclId": "acl-1", "vpcId": "vpc-1", "isDefault": true,
    "associations": [{"networkAclAssociationId": "a", "networkAclId": "acl-1", "subnetId": "subnet-1"}],
    "entries": [{"cidrBlock": "0.0.0.0/0", "egress": false, "icmpTypeCode": null, "ipv6CidrBlock": null,
        "portRange": {"from": 443, "to": 443}, "protocol": "6", "ruleAction": "allow", "ruleNumber": 100},
        {"cidrBlock": "0.0.0.0/0", "egress": false, "portRange": null, "protocol": "-1", "ruleAction": "deny", "ruleNumber": 32767}]}"#;
const INTERFACE: &str = r#"{"networkInterfaceId": "eni-1", "subnetId": "subnet-1", "vpcId": "vpc-1",
    "groups": [{"groupId": "sg-1", "groupName": "app"}], "interfaceType": "interface", "sourceDestCheck": true,
    "privateIpAddress": "10.0.1.5", "ipv6Addresses": [], "tagSet": [], "attachment": {"instanceId": "i-1", "deviceIndex": 0},
    "privateIpAddresses": [{"primary": true, "privateIpAddress": "10.0.1.5", "association": {"publicIp": "203.0.113.5"}}]}"#;

fn table(routes: &str) -> String {
    format!(
        r#"{{"routeTableId": "rtb-1", "vpcId": "vpc-1", "propagatingVgws": [], "tags": [],
        "associations": [{{"main": true, "routeTableAssociationId": "x", "routeTableId": "rtb-1", "subnetId": null}}],
        "routes": [{{"destinationCidrBlock": "10.0.0.0/16", "gatewayId": "local", "origin": "CreateRouteTable", "state": "active"}}{routes}]}}"#
    )
}

fn group(permissions: &str) -> String {
    format!(
        r#"{{"groupId": "sg-1", "groupName": "app", "vpcId": "vpc-1", "ownerId": "111122223333", "description": "",
        "ipPermissions": [{permissions}], "ipPermissionsEgress": []}}"#
    )
}

const PERMISSION: &str = r#"{"fromPort": 443, "toPort": 443, "ipProtocol": "tcp", "ipv6Ranges": [], "prefixListIds": [],
    "userIdGroupPairs": [{"groupId": "sg-1", "userId": "111122223333"}],
    "ipv4Ranges": [{"cidrIp": "198.51.100.0/24"}], "ipRanges": ["198.51.100.0/24", "192.0.2.0/24"]}"#;

/// A VPC with one interface, and what else there is.
fn items(routes: &str, others: &[String]) -> Vec<String> {
    let mut items = vec![
        item("AWS::EC2::VPC", "vpc-1", VPC),
        item("AWS::EC2::Subnet", "subnet-1", SUBNET),
        item("AWS::EC2::RouteTable", "rtb-1", &table(routes)),
        item("AWS::EC2::NetworkAcl", "acl-1", ACL),
        item("AWS::EC2::SecurityGroup", "sg-1", &group(PERMISSION)),
        item("AWS::EC2::NetworkInterface", "eni-1", INTERFACE),
        item(
            "AWS::EC2::Instance",
            "i-1",
            r#"{"instanceId": "i-1", "tags": []}"#,
        ),
    ];
    items.extend_from_slice(others);
    items
}

fn read_items(items: &[String]) -> Validated {
    validated(&[("snapshot.json", &snapshot(items))])
}

fn doubts(read: &Validated) -> String {
    let doubts = read.doubts.iter();
    let doubts = doubts.map(|doubt| format!("{:?}: {}", doubt.touches, doubt.what));
    doubts.collect::<Vec<_>>().join("\n")
}

/// The same network as the calls describe it.
const DESCRIBED: &str = r#"{
    "Vpcs": [{"VpcId": "vpc-1", "OwnerId": "111122223333", "CidrBlock": "10.0.0.0/16", "IsDefault": false, "DhcpOptionsId": "dopt-1",
        "Tags": [{"Key": "Name", "Value": "vpc-1"}]}],
    "Subnets": [{"SubnetId": "subnet-1", "VpcId": "vpc-1", "CidrBlock": "10.0.1.0/24", "AvailabilityZone": "eu-west-1a",
        "Tags": [{"Key": "Name", "Value": "subnet-1"}]}],
    "RouteTables": [{"RouteTableId": "rtb-1", "VpcId": "vpc-1", "Tags": [{"Key": "Name", "Value": "rtb-1"}], "Associations": [{"Main": true}],
        "Routes": [{"DestinationCidrBlock": "10.0.0.0/16", "GatewayId": "local", "Origin": "CreateRouteTable", "State": "active"}]}],
    "NetworkAcls": [{"NetworkAclId": "acl-1", "VpcId": "vpc-1", "Tags": [{"Key": "Name", "Value": "acl-1"}],
        "Associations": [{"SubnetId": "subnet-1"}],
        "Entries": [{"CidrBlock": "0.0.0.0/0", "Egress": false, "PortRange": {"From": 443, "To": 443}, "Protocol": "6", "RuleAction": "allow", "RuleNumber": 100}]}],
    "SecurityGroups": [{"GroupId": "sg-1", "GroupName": "app", "VpcId": "vpc-1", "Tags": [{"Key": "Name", "Value": "sg-1"}],
        "IpPermissionsEgress": [],
        "IpPermissions": [{"FromPort": 443, "ToPort": 443, "IpProtocol": "tcp", "IpRanges": [{"CidrIp": "198.51.100.0/24"}, {"CidrIp": "192.0.2.0/24"}],
            "UserIdGroupPairs": [{"GroupId": "sg-1", "UserId": "111122223333"}]}]}],
    "Reservations": [{"ReservationId": "i-1", "Instances": [{"InstanceId": "i-1", "Tags": [{"Key": "Name", "Value": "i-1"}]}]}],
    "NetworkInterfaces": [{"NetworkInterfaceId": "eni-1", "SubnetId": "subnet-1", "Groups": [{"GroupId": "sg-1"}], "InterfaceType": "interface",
        "SourceDestCheck": true, "TagSet": [{"Key": "Name", "Value": "eni-1"}], "Attachment": {"InstanceId": "i-1", "DeviceIndex": 0},
        "PrivateIpAddresses": [{"Primary": true, "PrivateIpAddress": "10.0.1.5", "Association": {"PublicIp": "203.0.113.5"}}]}]
}"#;

#[test]
fn a_snapshot_of_aws_config_is_the_network_that_the_calls_describe() {
    let recorded = read_items(&items("", &[]));
    let described = validated(&[("111122223333/eu-west-1/all.json", DESCRIBED)]);
    let written = |read: &Validated| native::write(&read.network);
    assert_eq!(written(&recorded), written(&described));
    assert_says(
        &assumptions(&recorded),
        &[
            "call-missing: AWS Config recorded no `AWS::EC2::NatGateway` of 111122223333, eu-west-1: taken as empty",
            "config-recorded: of the types of resources that AWS Config recorded of 111122223333, eu-west-1, nothing else is there",
            "dns-attributes-default",
        ],
    );
    assert!(!assumptions(&recorded).contains("AWS::EC2::Subnet`"));
}

#[test]
fn texts_of_history_and_of_queries_are_read_as_a_snapshot_is() {
    let expected = native::write(&read_items(&items("", &[])).network);
    let parsed: Vec<serde_json::Value> = items("", &[])
        .iter()
        .map(|item| serde_json::from_str(item).expect("JSON"))
        .collect();
    let history = parsed.iter().map(|item| {
        let mut item = item.clone();
        item["configuration"] = item["configuration"].to_string().into();
        item["accountId"] = item["awsAccountId"].take();
        item
    });
    let history: Vec<_> = history.collect();
    let answer = serde_json::json!({ "configurationItems": history }).to_string();
    let read = validated(&[("history.json", &answer)]);
    assert_eq!(native::write(&read.network), expected);
    let rows = parsed.iter().map(|item| {
        let name = item["resourceId"].clone();
        let row = serde_json::json!({
            "resourceType": item["resourceType"], "resourceId": name, "accountId": "111122223333",
            "awsRegion": "eu-west-1", "configuration": item["configuration"],
            "tags": [{ "key": "Name", "value": name, "tag": format!("Name={name}") }],
        });
        row.to_string()
    });
    let rows: Vec<_> = rows.collect();
    let answer = serde_json::json!({ "Results": rows, "QueryInfo": { "SelectFields": [] } });
    let read = validated(&[("query.json", &answer.to_string())]);
    assert_eq!(native::write(&read.network), expected);
}

#[test]
fn the_newest_item_of_a_resource_counts_and_what_is_deleted_is_not_there() {
    let newer = item("AWS::EC2::SecurityGroup", "sg-1", &group(""))
        .replace("2026-11-20T08:00", "2026-11-20T09:00");
    let gone =
        item("AWS::EC2::Subnet", "subnet-2", "null").replace("\"OK\"", "\"ResourceDeleted\"");
    let read = read_items(&items("", &[newer, gone]));
    assert!(
        read.network.security_groups()[&"sg-1".into()]
            .ingress
            .is_empty()
    );
    // The AWS CLI prints the time of its machine: this one is older than 08:00 in UTC.
    let elsewhere = item("AWS::EC2::SecurityGroup", "sg-1", &group(""))
        .replace("2026-11-20T08:00:00.000Z", "2026-11-20T16:30:00+09:00");
    let with_older = read_items(&items("", &[elsewhere]));
    let older = &with_older.network.security_groups()[&"sg-1".into()];
    assert!(!older.ingress.is_empty());
    let said = "config-deleted: `subnet-2` (AWS::EC2::Subnet) is not there: AWS Config recorded that it was deleted";
    assert_says(&assumptions(&read), &[said]);
}

/// The two were taken at two times, and which is the later one neither says.
#[test]
fn what_only_aws_config_or_only_a_call_has_is_not_certain() {
    let second = INTERFACE
        .replace("eni-1", "eni-2")
        .replace("10.0.1.5", "10.0.1.6");
    let gone = item("AWS::EC2::NetworkInterface", "eni-3", "null")
        .replace("\"OK\"", "\"ResourceDeleted\"");
    let items = items(
        "",
        &[item("AWS::EC2::NetworkInterface", "eni-2", &second), gone],
    );
    let eni = |id: &str, address: &str| {
        format!(
            r#"{{"NetworkInterfaceId": "{id}", "SubnetId": "subnet-1", "VpcId": "vpc-1", "Groups": [{{"GroupId": "sg-1"}}],
            "InterfaceType": "interface", "SourceDestCheck": true, "PrivateIpAddress": "{address}", "TagSet": [],
            "PrivateIpAddresses": [{{"Primary": true, "PrivateIpAddress": "{address}"}}]}}"#
        )
    };
    let call = |enis: &[String]| format!(r#"{{"NetworkInterfaces": [{}]}}"#, enis.join(","));
    let with = |call: &str| {
        doubts(&validated(&[
            ("config.json", &snapshot(&items)),
            ("describe-network-interfaces.json", call),
        ]))
    };
    let both = with(&call(&[eni("eni-1", "10.0.1.5"), eni("eni-2", "10.0.1.6")]));
    assert!(!both.contains("eni-"), "{both}");
    let older = "`eni-2` is recorded, and the call that lists `NetworkInterfaces` does not have it";
    assert_says(&with(&call(&[eni("eni-1", "10.0.1.5")])), &[older]);
    let newer =
        "`eni-3` is recorded as deleted, and the call that lists `NetworkInterfaces` has it";
    let three = [
        eni("eni-1", "10.0.1.5"),
        eni("eni-2", "10.0.1.6"),
        eni("eni-3", "10.0.1.7"),
    ];
    assert_says(&with(&call(&three)), &[newer]);
}

#[test]
fn a_list_that_aws_owns_is_there_with_entries_that_are_not_known() {
    let endpoint = r#"{"vpcEndpointId": "vpce-1", "vpcEndpointType": "Gateway", "vpcId": "vpc-1", "state": {"value": "available"},
        "serviceName": "com.amazonaws.eu-west-1.s3", "routeTableIds": ["rtb-1"]}"#;
    let route = r#", {"destinationPrefixListId": "pl-6da54004", "gatewayId": "vpce-1", "origin": "CreateRoute", "state": "active"}"#;
    let read = read_items(&items(
        route,
        &[item("AWS::EC2::VPCEndpoint", "vpce-1", endpoint)],
    ));
    let list = &read.network.prefix_lists()[&"pl-6da54004".into()];
    assert_eq!(list.name, "com.amazonaws.eu-west-1.s3");
    assert!(list.aws_managed && list.entries.known().is_none());
    let policy = &read.network.vpc_endpoints()[&"vpce-1".into()].policy;
    assert!(policy.known().is_none(), "it is not recorded");
    assert_says(
        &doubts(&read),
        &["Ipv6: the address family of `pl-6da54004` is not recorded"],
    );
    // A call that says more counts.
    let lists = r#"{"PrefixLists": [{"PrefixListId": "pl-6da54004", "PrefixListName": "com.amazonaws.eu-west-1.s3", "AddressFamily": "IPv4", "OwnerId": "AWS"}]}"#;
    let entries = r#"{"Entries": [{"Cidr": "52.218.0.0/17"}]}"#;
    let text = snapshot(&items(
        route,
        &[item("AWS::EC2::VPCEndpoint", "vpce-1", endpoint)],
    ));
    let read = validated(&[
        ("snapshot.json", &text),
        ("lists.json", lists),
        ("get-managed-prefix-list-entries-pl-6da54004.json", entries),
    ]);
    let list = &read.network.prefix_lists()[&"pl-6da54004".into()];
    assert!(list.entries.known().is_some());
    assert!(!doubts(&read).contains("pl-6da54004"));
}

#[test]
fn a_list_of_the_customers_is_recorded_with_its_entries() {
    let list = r#"{"PrefixListId": "pl-0a", "PrefixListName": "offices", "OwnerId": "111122223333", "AddressFamily": "IPv4",
        "MaxEntries": 5, "Entries": [{"Cidr": "198.51.100.0/24"}]}"#;
    let read = read_items(&items("", &[item("AWS::EC2::PrefixList", "pl-0a", list)]));
    let list = &read.network.prefix_lists()[&"pl-0a".into()];
    assert!(!list.aws_managed);
    let entries = list.entries.known().expect("they are recorded");
    assert_eq!(entries.len(), 1);
}

#[test]
fn what_is_not_recorded_takes_back_proofs_and_is_named() {
    let route =
        r#", {"destinationCidrBlock": "0.0.0.0/0", "state": "active", "origin": "CreateRoute"}"#;
    let others = [
        item("AWS::EC2::TransitGatewayAttachment", "tgw-attach-1", "{}"),
        item("AWS::Route53::HostedZone", "Z1", "{}"),
        item("AWS::S3::Bucket", "bucket", "{}"),
        item("AWS::EC2::SecurityGroupVpcAssociation", "sg-1", "{}"),
        item("AWS::IAM::Role", "AROA1", "{}").replace("\"eu-west-1\"", "\"global\""),
        item("AWS::EC2::ClientVpnEndpoint", "cvpn-1", "null")
            .replace("\"OK\"", "\"ResourceNotRecorded\""),
        item("AWS::EC2::Subnet", "subnet-9", "null").replace("\"OK\"", "\"ResourceNotRecorded\""),
    ];
    let read = read_items(&items(route, &others));
    assert_says(
        &doubts(&read),
        &[
            "Everything: `AWS::EC2::ClientVpn*`, as `cvpn-1`, is not read: add the output of `describe-client-vpn-endpoints`",
            "Everything: `AWS::EC2::SecurityGroupVpcAssociation*`, as `sg-1`, is not read: add the output of `describe-security-group-vpc-associations`",
            "Everything: `AWS::EC2::TransitGateway*`, as `tgw-attach-1`, is not read: add the output of `describe-transit-gateways`",
            "Names: `AWS::Route53::*`, as `Z1`, is not read: add the output of `route53 list-hosted-zones`",
            "Everything: `subnet-9` (AWS::EC2::Subnet) is not recorded",
            "Names: `EnableDns64` of subnets is not recorded",
            "Names: the DNS attributes of `vpc-1` are not recorded",
        ],
    );
    assert_says(
        &warnings(&read),
        &[
            "not read: `AWS::EC2::SecurityGroupVpcAssociation` (1), `AWS::EC2::TransitGatewayAttachment` (1), `AWS::IAM::Role` (1), `AWS::Route53::HostedZone` (1), `AWS::S3::Bucket` (1)",
            "a route target of kind `unrecorded` is not modelled",
        ],
    );
    // What is in no Region has no network.
    assert!(!assumptions(&read).contains("global"));
}

#[test]
fn an_association_with_nothing_takes_back_proofs() {
    let table = table("").replace(
        "\"main\": true, \"routeTableAssociationId\": \"x\", \"routeTableId\": \"rtb-1\", \"subnetId\": null}",
        "\"main\": true}, {\"main\": false, \"routeTableAssociationId\": \"y\"}",
    );
    let mut items = items("", &[]);
    items[2] = item("AWS::EC2::RouteTable", "rtb-1", &table);
    let read = read_items(&items);
    assert_says(
        &doubts(&read),
        &["Everything: what `rtb-1` is associated with is not recorded"],
    );
}

#[test]
fn mistakes_are_told_at_the_item() {
    let wrong = [
        item(
            "AWS::EC2::Subnet",
            "subnet-2",
            r#"{"subnetId": "subnet-2", "vpcId": "vpc-1", "cidrBlock": "10.0.2.1/24"}"#,
        ),
        item("AWS::EC2::Subnet", "subnet-3", "null"),
        item("AWS::EC2::Subnet", "subnet-4", "\"{\""),
        item("AWS::EC2::Subnet", "subnet-5", "{}").replace("\"OK\"", "\"Fine\""),
        item("AWS::EC2::Subnet", "subnet-1", "{}"),
        item("AWS::EC2::InternetGateway", "igw-1", "{}").replace("\"tags\"", "\"label\""),
    ];
    assert_says(
        &errors(&[("snapshot.json", &snapshot(&items("", &wrong)))]),
        &[
            "at /configurationItems/7/configuration/cidrBlock",
            "the configuration item has no `configuration`",
            "at /configurationItems/8",
            "not valid JSON",
            "at /configurationItems/9/configuration",
            "status of a configuration item `Fine` is not known",
            "at /configurationItems/10/configurationItemStatus",
            "`subnet-1` is recorded twice, not alike, and neither is newer",
            "at /configurationItems/11",
            "the tags of `igw-1` are not recorded here",
        ],
    );
}

#[test]
fn a_part_of_what_was_recorded_is_an_error() {
    let text = snapshot(&items("", &[]));
    let page = text.replace("\"fileVersion\": \"1.0\"", "\"nextToken\": \"x\"");
    let says = errors(&[("snapshot.json", &page)]);
    assert_says(&says, &["error[incomplete-page]", "it has a `nextToken`"]);
    let left = text.replace(
        "\"fileVersion\": \"1.0\"",
        "\"unprocessedResourceKeys\": [{\"resourceType\": \"AWS::EC2::VPC\"}]",
    );
    let says = errors(&[("batch.json", &left)]);
    assert_says(&says, &["AWS Config did not answer for all resources"]);
    let second = text.replace("\"s-1\"", "\"s-2\"");
    let says = errors(&[("one.json", &text), ("two.json", &second)]);
    assert_says(
        &says,
        &["this is a second snapshot of 111122223333, eu-west-1"],
    );
}

#[test]
fn a_snapshot_is_read_as_it_is_delivered() {
    use std::io::Write;
    let text = snapshot(&items("", &[]));
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory
        .path()
        .join("111122223333_Config_eu-west-1_ConfigSnapshot.json.gz");
    let file = fs::File::create(&path).expect("a file");
    let mut packed = flate2::write::GzEncoder::new(file, flate2::Compression::fast());
    packed.write_all(text.as_bytes()).expect("it is written");
    packed.finish().expect("it is written");
    let expected = native::write(&read_items(&items("", &[])).network);
    for path in [path, directory.path().to_owned()] {
        let read = crate::read(&[path]).and_then(Ingested::validate);
        let read = read.unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(native::write(&read.network), expected);
    }
}

const ARN: &str = "arn:aws:elasticloadbalancing:eu-west-1:111122223333";

/// A load balancer with an interface, and its listener, which forwards to a group.
fn balancer(kind: &str, of_type: &str, interface_type: &str, protocol: &str) -> Vec<String> {
    let id = format!("{kind}/front/bb22");
    let arn = format!("{ARN}:loadbalancer/{id}");
    let listener = format!("{ARN}:listener/{id}/1");
    let interface = INTERFACE
        .replace("eni-1", &format!("eni-{kind}"))
        .replace("10.0.1.5", "10.0.1.20")
        .replace("\"attachment\": {\"instanceId\": \"i-1\", \"deviceIndex\": 0},", "")
        .replace(", \"association\": {\"publicIp\": \"203.0.113.5\"}", "")
        .replace("\"interfaceType\": \"interface\"", &format!(
            "\"interfaceType\": \"{interface_type}\", \"requesterId\": \"amazon-elb\", \"description\": \"ELB {id}\""
        ));
    let described = format!(
        r#"{{"loadBalancerArn": "{arn}", "dNSName": "Front-bb22.elb.eu-west-1.amazonaws.com", "scheme": "internal", "vpcId": "vpc-1",
        "loadBalancerName": "front", "state": {{"code": "active"}}, "type": "{of_type}", "securityGroups": ["sg-1"], "ipAddressType": "ipv4",
        "availabilityZones": [{{"zoneName": "eu-west-1a", "subnetId": "subnet-1", "loadBalancerAddresses": []}}]}}"#
    );
    let listened = format!(
        r#"{{"ListenerArn": "{listener}", "LoadBalancerArn": "{arn}", "Port": 443, "Protocol": "{protocol}",
        "DefaultActions": [{{"Type": "forward", "TargetGroupArn": "{ARN}:targetgroup/app/c1", "Order": 1}}]}}"#
    );
    vec![
        item(
            "AWS::EC2::NetworkInterface",
            &format!("eni-{kind}"),
            &interface,
        ),
        item(
            "AWS::ElasticLoadBalancingV2::LoadBalancer",
            &arn,
            &described,
        ),
        item(
            "AWS::ElasticLoadBalancingV2::Listener",
            &listener,
            &listened,
        ),
    ]
}

#[test]
fn a_network_load_balancer_is_recorded_with_its_listeners() {
    let read = read_items(&items(
        "",
        &balancer("net", "network", "network_load_balancer", "TCP"),
    ));
    let balancer = &read.network.load_balancers()[&"net/front/bb22".into()];
    let listeners = balancer.listeners.known().expect("they are recorded");
    let ports: Vec<u16> = listeners.iter().map(|one| one.port).collect();
    assert_eq!(ports, [443]);
    let name = balancer.name.as_ref().expect("it is recorded");
    assert_eq!(name.name, "front-bb22.elb.eu-west-1.amazonaws.com");
    assert!(!name.internet_facing);
    assert!(balancer.tags["Name"].ends_with("net/front/bb22"));
    // No item has what is registered.
    let group = &read.network.target_groups()[&"targetgroup/app/c1".into()];
    let hole = group.targets.hole().expect("it is open").attribute();
    assert_eq!(
        hole,
        "targets of targetgroup/app/c1 (elbv2 describe-target-groups)"
    );
    assert!(!warnings(&read).contains("ElasticLoadBalancingV2"));
}

#[test]
fn the_rules_of_an_application_load_balancer_are_not_recorded() {
    let read = read_items(&items(
        "",
        &balancer("app", "application", "interface", "HTTPS"),
    ));
    let balancer = &read.network.load_balancers()[&"app/front/bb22".into()];
    let hole = balancer
        .listeners
        .hole()
        .expect("they are open")
        .attribute();
    assert_eq!(hole, "listeners of app/front/bb22 (elbv2 describe-rules)");
}

#[test]
fn whether_groups_are_asked_by_an_endpoint_service_is_not_recorded() {
    let recorded = snapshot(&items(
        "",
        &balancer("net", "network", "network_load_balancer", "TCP"),
    ));
    let services = format!(
        r#"{{"ServiceConfigurations": [{{"ServiceId": "vpce-svc-1", "ServiceName": "com.amazonaws.vpce.eu-west-1.vpce-svc-1",
        "ServiceType": [{{"ServiceType": "Interface"}}], "AcceptanceRequired": true,
        "NetworkLoadBalancerArns": ["{ARN}:loadbalancer/net/front/bb22"]}}]}}"#
    );
    let alone = validated(&[("snapshot.json", &recorded)]);
    assert!(
        !doubts(&alone).contains("endpoint service"),
        "{}",
        doubts(&alone)
    );
    let with = validated(&[("snapshot.json", &recorded), ("services.json", &services)]);
    assert_says(
        &doubts(&with),
        &[
            "Everything: whether the groups of `net/front/bb22` are asked about what comes by an endpoint service \
           is not recorded: add the output of `elbv2 describe-load-balancers`",
        ],
    );
}
