//! Bad input, what is not modelled, and folders that are merged.

use super::*;

#[test]
fn what_is_not_modelled_is_named_and_what_has_no_effect_is_not() {
    let read = with(&[
        (
            "tgw.json",
            r#"{"TransitGateways": [{"OwnerId": "1", "TransitGatewayId": "tgw-1"}, {"TransitGatewayId": "tgw-2"}]}"#,
        ),
        ("vgw.json", r#"{"VpnGateways": []}"#),
        (
            "lb.json",
            r#"{"LoadBalancerDescriptions": [{"LoadBalancerName": "old"}]}"#,
        ),
        (
            "zones.json",
            r#"{"AvailabilityZones": [{"ZoneName": "eu-west-1a"}]}"#,
        ),
    ]);
    let warnings = warnings(&read);
    assert_says(
        &warnings,
        &[
            "`tgw-1`: a transit gateway without the output of `describe-transit-gateway-vpc-attachments` is not modelled",
            "`tgw-2`: a transit gateway without the output of `describe-transit-gateway-vpc-attachments` is not modelled",
            "`old`: an item of `LoadBalancerDescriptions` is not modelled",
        ],
    );
    assert_eq!(warnings.matches("warning[").count(), 3, "{warnings}");
}

#[test]
fn folders_of_accounts_and_regions_are_merged() {
    let tables = route_tables("");
    let list = |owner: &str| {
        format!(
            r#"{{"PrefixLists": [{{"PrefixListId": "pl-s3", "PrefixListName": "{owner}", "AddressFamily": "IPv4", "OwnerId": "222233334444"}}]}}"#
        )
    };
    let (one, other) = (list("one"), list("other"));
    let subnets = SUBNETS.1.replace("arn:aws", "x");
    let read = validated(&[
        ("111122223333/eu-central-1/vpcs.json", VPCS.1),
        ("111122223333/eu-central-1/subnets.json", &subnets),
        ("111122223333/eu-central-1/tables.json", &tables),
        ("111122223333/eu-central-1/acls.json", ACLS.1),
        ("111122223333/eu-central-1/lists.json", &one),
        ("222233334444/eu-central-1/lists.json", &other),
        ("222233334444/eu-central-1/acls.json", ACLS.1),
    ]);
    assert_eq!(read.network.vpcs()[&"vpc-1".into()].region, "eu-central-1");
    assert_eq!(read.network.prefix_lists()[&"pl-s3".into()].name, "other");
    assert_eq!(read.network.network_acls().len(), 1);
    assert_says(
        &assumptions(&read),
        &["described-twice: `pl-s3` is described in several folders, not alike"],
    );
}

/// As of two copies of one account: neither is known to be the younger one.
#[test]
fn of_what_two_folders_do_not_say_alike_nothing_is_certain() {
    let group = |permissions: &str, tags: &str| {
        format!(
            r#"{{"SecurityGroups": [{{"GroupId": "sg-1", "GroupName": "g", "VpcId": "vpc-1",
                "OwnerId": "111122223333", "IpPermissions": [{permissions}], "IpPermissionsEgress": [],
                "Tags": [{tags}]}}]}}"#
        )
    };
    let open = r#"{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}"#;
    let tag = r#"{"Key": "team", "Value": "red"}"#;
    let doubts = |folders: [(&str, &str, &str); 2]| {
        let [one, other] = folders.map(|(folder, permissions, tags)| {
            (format!("{folder}/groups.json"), group(permissions, tags))
        });
        let read = with(&[(&one.0, &one.1), (&other.0, &other.1)]);
        let doubts = read.doubts.iter().map(|one| one.what.clone());
        doubts.collect::<Vec<_>>()
    };
    let unlike = ["`sg-1`, which two folders do not describe alike"];
    assert_eq!(doubts([("old", "", ""), ("new", open, "")]), unlike);
    let copies = [("111122223333/old", "", ""), ("111122223333/new", open, "")];
    assert_eq!(doubts(copies), unlike);
    // Tags are of each account, and the owner's folder counts.
    assert_eq!(doubts([("old", "", ""), ("new", "", tag)]), [""; 0]);
    let owner = [("111122223333/a", "", ""), ("444455556666/a", open, "")];
    assert_eq!(doubts(owner), [""; 0]);
}

#[test]
fn two_resources_with_one_id_are_an_error_that_names_both_places() {
    let text = errors_with(&[GATEWAYS, ("more.json", GATEWAYS.1)]);
    assert_says(
        &text,
        &[
            "error[duplicate-id]: internet gateway `igw-1` is defined more than once (first at ",
            "gateways.json at /InternetGateways/0)",
            "more.json at /InternetGateways/0\n  help: remove one of the two",
        ],
    );
}

#[test]
fn every_mistake_is_found_in_one_run() {
    let tables = route_tables(
        r#"{"DestinationCidrBlock": "0.0.0.0/0", "GatewayId": "igw-9", "Origin": "CreateRoute", "State": "active"},
        {"DestinationCidrBlock": "192.0.2.1/24", "GatewayId": "local", "Origin": "CreateRoute", "State": "active"},
        {"DestinationPrefixListId": "pl-9", "TransitGatewayId": "tgw-1", "Origin": "Magic", "State": "active"},
        {"DestinationCidrBlock": "192.0.2.0/24", "Origin": "CreateRoute"},
        {"NatGatewayId": "nat-9", "State": "active"}"#,
    );
    let text = errors_with(&[
        ("tables.json", &tables),
        (
            "groups.json",
            r#"{"SecurityGroups": [{"GroupId": "sg-1", "VpcId": "vpc-1", "IpPermissions": [
            {"IpProtocol": "quic", "IpRanges": []},
            {"IpProtocol": "tcp", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]},
            {"IpProtocol": "udp", "FromPort": 70000, "ToPort": "x", "IpRanges": "10.0.0.0/8"}]}]}"#,
        ),
        (
            "endpoints.json",
            r#"{"VpcEndpoints": [{"VpcEndpointId": "vpce-1", "VpcEndpointType": "Gateway", "VpcId": "vpc-1", "ServiceName": "s3", "State": "available",
            "PolicyDocument": "{\"Statement\": [{\"Effect\": \"Allow\"}]}"}]}"#,
        ),
        ("Entries.json", r#"{"Entries": []}"#),
        ("page.json", r#"{"Instances": [], "NextToken": "abc"}"#),
        ("strange.json", r#"{"Hello": 1}"#),
        ("list.json", "[1]"),
    ]);
    assert_says(
        &text,
        &[
            "error[not-defined]: the route's target `igw-9` is not in the input\n",
            "/tables.json at /RouteTables/0/Routes/3/GatewayId\n  help: add the output of `describe-internet-gateways`, without filters",
            "error[invalid-cidr]: `192.0.2.1/24`: bits are set behind the prefix length\n",
            "at /RouteTables/0/Routes/4/DestinationCidrBlock\n  help: expected `192.0.2.0/24`",
            "prefix list `pl-9` is used here but is not in the input",
            "route origin `Magic` is not known",
            "the route has no target that is known",
            "the route has no destination",
            "the route's target `nat-9` is not in the input",
            "error[invalid-value]: protocol `quic` is not known",
            "error[missing-field]: field `FromPort` is missing",
            "70000 is not a port",
            "error[wrong-type]: expected a whole number, found a string",
            "expected a list, found a string",
            "error[invalid-policy]: the policy at `/Statement/0`: `Principal` or `NotPrincipal` is missing",
            "the file's name does not say which prefix list has these entries",
            "error[incomplete-page]: the output is one page of several: it has a `NextToken`",
            "error[unrecognised-input]: this is not the output of an AWS CLI describe call",
        ],
    );
}

#[test]
fn what_does_not_fit_together_is_said_at_the_place_of_the_component() {
    let subnets = SUBNETS.1.replace("10.0.2.0/24", "10.0.1.128/25");
    let text = errors_with(&[("subnets.json", &subnets)]);
    assert_says(
        &text,
        &[
            "error[subnets-overlap]: subnets `subnet-1` and `subnet-2` overlap\n",
            "/subnets.json at /Subnets/0",
        ],
    );
    let text = errors(&[VPCS, SUBNETS]);
    assert_says(
        &text,
        &[
            "no route table in the input is the main one of `vpc-1`",
            "help: add the output of `describe-route-tables`",
        ],
    );
}
