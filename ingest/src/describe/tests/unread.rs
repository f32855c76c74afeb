//! What of a snapshot is not read, and which claims that takes back.

use model::Attachment;

use crate::doubt::Touches;
use crate::open::OpenComponent;
use crate::provenance::Kind;

use super::*;

fn doubts(read: &Validated) -> Vec<(Touches, &str, bool)> {
    let mut doubts = Vec::new();
    for doubt in &read.doubts {
        doubts.push((doubt.touches, doubt.what.as_str(), doubt.is_guess));
    }
    doubts
}

/// An interface in `subnet-1` with these fields too.
fn interface(more: &str) -> String {
    format!(
        r#"{{"NetworkInterfaces": [{{"NetworkInterfaceId": "eni-1", "SubnetId": "subnet-1", "VpcId": "vpc-1",
        "PrivateIpAddresses": [{{"PrivateIpAddress": "10.0.1.5", "Primary": true}}], {more}}}]}}"#
    )
}

fn read_interface(more: &str) -> Validated {
    with(&[("interfaces.json", &interface(more))])
}

#[test]
fn what_brings_the_internet_to_private_addresses() {
    for kind in [
        "global_accelerator_managed",
        "ec2_instance_connect_endpoint",
    ] {
        let read = read_interface(&format!(r#""InterfaceType": "{kind}""#));
        let what = format!("eni-1 (what an interface of type `{kind}` does with packets)");
        assert_eq!(doubts(&read), [(Touches::Internet, what.as_str(), false)]);
    }
    assert_eq!(doubts(&read_interface(r#""InterfaceType": "lambda""#)), []);
}

#[test]
fn ipv6_that_the_internet_does_not_reach() {
    let address = r#""Ipv6Addresses": [{"Ipv6Address": "2001:db8::5"}]"#;
    let read = read_interface(&format!(r#"{address}, "DenyAllIgwTraffic": true"#));
    assert!(matches!(doubts(&read)[..], [(Touches::Ipv6, _, true)]));
    for more in [
        format!(r#"{address}, "DenyAllIgwTraffic": false"#),
        r#""DenyAllIgwTraffic": true"#.to_owned(),
    ] {
        assert_eq!(doubts(&read_interface(&more)), []);
    }
}

#[test]
fn delegated_prefixes_are_addresses_or_not_seen() {
    let read = read_interface(r#""Ipv4Prefixes": [{"Ipv4Prefix": "10.0.1.32/28"}]"#);
    let own = &read.network.network_interfaces()[&"eni-1".into()];
    assert_eq!(own.addresses.len(), 17);
    assert_eq!(doubts(&read), []);
    let read = read_interface(r#""Ipv6Prefixes": [{"Ipv6Prefix": "2001:db8::1:0/80"}]"#);
    assert!(matches!(doubts(&read)[..], [(Touches::Ipv6, _, false)]));
    assert!(read.unseen_ipv6.contains("subnet-1"));
}

#[test]
fn a_trunk_of_an_instance_is_one_of_its_interfaces() {
    let attachment = r#""Attachment": {"InstanceId": "i-1"}"#;
    let read = read_interface(&format!(r#""InterfaceType": "trunk", {attachment}"#));
    let own = &read.network.network_interfaces()[&"eni-1".into()];
    let instance = Some("i-1".to_owned());
    assert_eq!(own.attachment, Attachment::Ordinary { instance });
}

#[test]
fn an_interface_has_the_tags_of_its_instance_beside_its_own() {
    let own = interface(
        r#""Attachment": {"InstanceId": "i-1"}, "TagSet": [{"Key": "Name", "Value": "own"}, {"Key": "same", "Value": "x"}]"#,
    );
    let instances = r#"{"Reservations": [{"Instances": [{"InstanceId": "i-1",
        "Tags": [{"Key": "Name", "Value": "db"}, {"Key": "tier", "Value": "db"}, {"Key": "same", "Value": "x"}]}]}]}"#;
    let read = with(&[("interfaces.json", &own), ("instances.json", instances)]);
    let interface = &read.network.network_interfaces()[&"eni-1".into()];
    assert_eq!(interface.tags["Name"], "own");
    assert_eq!(interface.tags["tier"], "db");
    let expected = OpenComponent {
        instance_tags: [("Name".to_owned(), "db".to_owned())].into(),
        ..OpenComponent::default()
    };
    assert_eq!(
        read.open.of(Kind::NetworkInterface, "eni-1"),
        Some(&expected)
    );
}

#[test]
fn a_group_that_is_associated_with_a_second_vpc() {
    let groups = r#"{"SecurityGroups": [
        {"GroupId": "sg-1", "VpcId": "vpc-1", "IpPermissions": [
            {"IpProtocol": "-1", "UserIdGroupPairs": [{"GroupId": "sg-1"}]}], "IpPermissionsEgress": []},
        {"GroupId": "sg-2", "VpcId": "vpc-1", "IpPermissions": [], "IpPermissionsEgress": []}]}"#;
    let associations = |group: &str| {
        format!(
            r#"{{"SecurityGroupVpcAssociations": [{{"GroupId": "{group}", "VpcId": "vpc-2", "State": "associated"}}]}}"#
        )
    };
    let read = |group| {
        with(&[
            ("groups.json", groups),
            ("associations.json", &associations(group)),
        ])
    };
    assert!(matches!(
        doubts(&read("sg-1"))[..],
        [(Touches::Everything, _, true)]
    ));
    // No rule names it.
    assert_eq!(doubts(&read("sg-2")), []);
}

#[test]
fn a_vpc_that_somebody_else_shares() {
    let groups = |owner: &str| {
        format!(
            r#"{{"SecurityGroups": [{{"GroupId": "sg-1", "VpcId": "vpc-1", "OwnerId": "{owner}",
            "IpPermissions": [], "IpPermissionsEgress": []}}]}}"#
        )
    };
    let read = with(&[("groups.json", &groups("999988887777"))]);
    assert!(matches!(
        doubts(&read)[..],
        [(Touches::Interfaces, _, false)]
    ));
    assert_eq!(
        doubts(&with(&[("groups.json", &groups("111122223333"))])),
        []
    );
}

#[test]
fn what_comes_in_by_a_gateway_that_no_call_describes() {
    for gateway in [
        r#""GatewayId": "vgw-1""#,
        r#""TransitGatewayId": "tgw-1""#,
        r#""LocalGatewayId": "lgw-1""#,
        r#""CoreNetworkArn": "arn:aws:networkmanager::1:core-network/c-1""#,
    ] {
        let route = format!(
            r#"{{"DestinationCidrBlock": "192.168.0.0/16", {gateway}, "Origin": "CreateRoute", "State": "active"}}"#
        );
        let tables = route_tables(&route);
        let read = validated(&[VPCS, SUBNETS, ("tables.json", &tables), ACLS]);
        assert!(matches!(
            doubts(&read)[..],
            [(Touches::OnPremises, _, false)]
        ));
    }
}

#[test]
fn addresses_of_a_pool_at_a_gateways_table() {
    let tables = format!(
        r#"{{"RouteTables": [{{"RouteTableId": "rtb-1", "VpcId": "vpc-1", "Routes": [{LOCAL}],
        "Associations": [{{"Main": true}}, {{"Main": false, "PublicIpv4Pool": "ipv4pool-ec2-1"}}]}}]}}"#
    );
    let read = validated(&[VPCS, SUBNETS, ("tables.json", &tables), ACLS]);
    assert!(matches!(doubts(&read)[..], [(Touches::Internet, _, false)]));
}

#[test]
fn a_state_of_an_endpoint_that_does_not_tell() {
    let endpoint = |state: &str| {
        format!(
            r#"{{"VpcEndpoints": [{{"VpcEndpointId": "vpce-1", "VpcId": "vpc-1", "State": "{state}",
            "VpcEndpointType": "Gateway", "ServiceName": "com.amazonaws.eu-west-1.s3", "RouteTableIds": []}}]}}"#
        )
    };
    let of = |state| with(&[("endpoints.json", &endpoint(state))]);
    for state in ["Partial", "deleting", "pending"] {
        assert!(matches!(
            doubts(&of(state))[..],
            [(Touches::Everything, _, true)]
        ));
    }
    for state in ["available", "pendingAcceptance", "Rejected"] {
        assert_eq!(doubts(&of(state)), []);
    }
}

#[test]
fn files_of_other_kinds_are_errors() {
    for text in [
        r#"{"Resources": {"G": {"Type": "AWS::EC2::SecurityGroup"}}}"#,
        r#"{"Error": {"Code": "UnauthorizedOperation"}}"#,
        r#"{"format_version": "1.2", "planned_values": {}}"#,
    ] {
        let told = errors(&[VPCS, SUBNETS, ("other.json", text)]);
        assert_says(&told, &["error[unrecognised-input]", "other.json"]);
    }
}

#[test]
fn what_comes_or_goes_while_a_snapshot_is_taken_leaves_nothing_certain() {
    let gateway = |state: &str| {
        format!(
            r#"{{"InternetGateways": [{{"InternetGatewayId": "igw-1", "Attachments": [{{"VpcId": "vpc-1", "State": "{state}"}}]}}]}}"#
        )
    };
    let nat = |state: &str| {
        format!(
            r#"{{"NatGateways": [{{"NatGatewayId": "nat-1", "SubnetId": "subnet-1", "State": "{state}", "NatGatewayAddresses": [{{}}]}}]}}"#
        )
    };
    let n_doubts = |file: &str| doubts(&with(&[("file.json", file)])).len();
    assert_eq!(n_doubts(&gateway("available")), 0);
    assert_eq!(n_doubts(&gateway("attaching")), 1);
    assert_eq!(n_doubts(&gateway("detaching")), 1);
    assert_eq!(n_doubts(&nat("pending")), 1);
    assert_eq!(n_doubts(&nat("deleting")), 1);
    assert_eq!(n_doubts(&nat("deleted")), 0);
    let route =
        r#"{"DestinationCidrBlock": "0.0.0.0/0", "CarrierGatewayId": "cagw-1", "State": "active"}"#;
    let of_table = |state: &str| {
        let tables = route_tables(route).replace("disassociated", state);
        doubts(&with(&[("tables.json", &tables)])).len()
    };
    assert_eq!(of_table("associating"), of_table("associated") + 1);
    assert_eq!(of_table("failed"), of_table("associated"));
    let peering = |state: &str| {
        format!(
            r#"{{"VpcPeeringConnections": [{{"VpcPeeringConnectionId": "pcx-1", "Status": {{"Code": "{state}"}},
            "RequesterVpcInfo": {{"VpcId": "vpc-1"}}, "AccepterVpcInfo": {{"VpcId": "vpc-9"}}}}]}}"#
        )
    };
    for (state, n) in [
        ("active", 0),
        ("pending-acceptance", 0),
        ("deleted", 0),
        ("provisioning", 1),
        ("deleting", 1),
    ] {
        assert_eq!(n_doubts(&peering(state)), n, "{state}");
    }
    let list = |state: &str| {
        format!(
            r#"{{"PrefixLists": [{{"PrefixListId": "pl-1", "PrefixListName": "l", "AddressFamily": "IPv4", "State": "{state}"}}]}}"#
        )
    };
    assert_eq!(n_doubts(&list("modify-complete")), 0);
    assert_eq!(n_doubts(&list("modify-in-progress")), 1);
}

#[test]
fn gateways_tables_and_connections_that_come_or_go_leave_nothing_certain() {
    let files = |state: &str| {
        [
            format!(
                r#"{{"VpnConnections": [{{"VpnConnectionId": "vpn-1", "VpnGatewayId": "vgw-1", "State": "{state}"}}]}}"#
            ),
            format!(
                r#"{{"TransitGateways": [{{"TransitGatewayId": "tgw-1", "State": "{state}", "Options": {{}}}}]}}"#
            ),
            format!(
                r#"{{"TransitGatewayRouteTables": [{{"TransitGatewayRouteTableId": "tgw-rtb-1", "TransitGatewayId": "tgw-1", "State": "{state}"}}]}}"#
            ),
        ]
    };
    let n_passing = |file: &str| {
        let outcome = with(&[("file.json", file)]);
        let doubts = doubts(&outcome).into_iter();
        doubts
            .filter(|one| format!("{one:?}").contains("pending"))
            .count()
    };
    assert_eq!(files("available").map(|file| n_passing(&file)), [0; 3]);
    assert_eq!(files("pending").map(|file| n_passing(&file)), [1; 3]);
}

#[test]
fn a_block_of_a_vpc_that_comes_or_goes_leaves_nothing_certain() {
    let n_doubts = |state: &str| {
        let block = r#""2001:db8:1::/56", "Ipv6CidrBlockState": {"State": "#;
        let vpcs = VPCS.1;
        let vpcs = vpcs.replace(
            &format!(r#"{block}"failed""#),
            &format!(r#"{block}"{state}""#),
        );
        doubts(&with(&[(VPCS.0, &vpcs)])).len()
    };
    assert_eq!(n_doubts("failed"), 0);
    assert_eq!(n_doubts("associating"), 1);
    assert_eq!(n_doubts("disassociating"), 1);
}
