//! Regional NAT gateways: what stands for them, and which are left out.

use model::{Address, AddressValue, Attachment, Hole, Target};

use super::*;

const ADDRESSES: &str = r#"{"AllocationId": "eipalloc-1", "PublicIp": "198.51.100.4", "AvailabilityZone": "eu-west-1a", "AvailabilityZoneId": "euw1-az3", "Status": "succeeded"},
    {"AllocationId": "eipalloc-2", "PublicIp": "198.51.100.5", "AvailabilityZone": "eu-west-1b", "AvailabilityZoneId": "euw1-az1", "Status": "succeeded"},
    {"AllocationId": "eipalloc-3", "AvailabilityZone": "eu-west-1c", "Status": "failed"}"#;

/// One of `vpc-1` with these zones, automatic or not, and addresses.
fn regional(id: &str, automatic: &str, addresses: &str) -> String {
    format!(
        r#"{{"NatGatewayId": "{id}", "VpcId": "vpc-1", "State": "available", "ConnectivityType": "public", "AvailabilityMode": "regional",
        "AutoProvisionZones": "{automatic}", "AutoScalingIps": "{automatic}", "RouteTableId": "rtb-3", "NatGatewayAddresses": [{addresses}],
        "Tags": [{{"Key": "Name", "Value": "out"}}]}}"#
    )
}

/// The tables, with one of the NAT gateway's own, and a route to it; an association of the internet
/// gateway's behind it.
fn tables(edge: &str) -> String {
    let to = r#"{"DestinationCidrBlock": "0.0.0.0/0", "NatGatewayId": "nat-9", "Origin": "CreateRoute", "State": "active"}"#;
    let own = format!(
        r#"{{"RouteTableId": "rtb-3", "VpcId": "vpc-1", "Routes": [{LOCAL},
        {{"DestinationCidrBlock": "0.0.0.0/0", "GatewayId": "igw-1", "Origin": "CreateRoute", "State": "active"}}], "Associations": []}}"#
    );
    let edge = format!(
        r#"{{"RouteTableId": "rtb-4", "VpcId": "vpc-1", "Routes": [{LOCAL}], "Associations": [{edge}]}}"#
    );
    let tables = route_tables(to);
    let others = tables.trim_end().strip_suffix("]}").unwrap_or_default();
    format!("{others}, {own}, {edge}]}}")
}

fn read_with(gateways: &[String], edge: &str, more: &[(&str, &str)]) -> Validated {
    let nats = format!(r#"{{"NatGateways": [{}]}}"#, gateways.join(", "));
    let tables = tables(edge);
    let mut files = vec![GATEWAYS, ("nats.json", &nats), ("tables.json", &tables)];
    files.extend(more);
    with(&files)
}

/// The first route of the main table that is not local.
fn target(read: &Validated) -> &Target {
    let routes = &read.network.route_tables()[&"rtb-1".into()].routes;
    let mut targets = routes.iter().filter_map(|route| route.target.known());
    let found = targets.find(|target| **target != Target::Local);
    found.expect("a target")
}

#[track_caller]
fn assert_left_out(read: &Validated, why: &str) {
    assert_says(
        &warnings(read),
        &[&format!("`nat-9`: {why} is not modelled")],
    );
    assert!(read.network.nat_gateways().is_empty());
    assert!(matches!(target(read), Target::Unmodelled { id, .. } if id == "nat-9"));
}

#[test]
fn it_stands_in_a_subnet_of_its_own_with_its_table() {
    let read = read_with(&[regional("nat-9", "enabled", ADDRESSES)], "", &[]);
    assert_says(
        &native(&read.network),
        &[
            r#"[subnet.nat-9]
cidrs = ["169.254.0.0/24"]
route-table = "rtb-3"
network-acl = "nat-9"
"#,
            r#"[network-acl.nat-9]
ingress = ["100 allow all from 0.0.0.0/0", "110 allow all from ::/0"]
egress = ["100 allow all to 0.0.0.0/0", "110 allow all to ::/0"]
"#,
            r#"[nat-gateway.nat-9]
interface = "nat-9"
tags = { Name = "out" }
"#,
            r#"[interface.nat-9]
subnet = "nat-9"
addresses = ["169.254.0.4 public 198.51.100.4", "169.254.0.5 public 198.51.100.5"]
"#,
        ],
    );
    assert_eq!(*target(&read), Target::NatGateway("nat-9".into()));
    let interface = &read.network.network_interfaces()[&"nat-9".into()];
    let attachment = Attachment::NatGateway("nat-9".into());
    assert_eq!(interface.attachment, attachment);
    assert!(!warnings(&read).contains("nat-9"));
    let (draft, ..) =
        native::read(&native(&read.network), "network.toml").expect("what was written");
    assert_eq!(draft.validate(), Ok(read.network));
}

#[test]
fn one_address_alone_does_not_say_which_one_sends() {
    let one = r#"{"PublicIp": "198.51.100.4", "AvailabilityZone": "eu-west-1a"}"#;
    let read = read_with(&[regional("nat-9", "enabled", one)], "", &[]);
    let interface = &read.network.network_interfaces()[&"nat-9".into()];
    let public = interface.addresses.iter().map(|one| one.public.clone());
    let known = AddressValue::Known(Address::V4(0xc633_6404));
    let open = AddressValue::Within(
        "0.0.0.0/0".parse().unwrap(),
        Hole::new("public address 2 of nat-9"),
    );
    assert_eq!(public.collect::<Vec<_>>(), [Some(known), Some(open)]);
}

#[test]
fn two_of_a_vpc_have_different_blocks() {
    let gateways = ["nat-8", "nat-9"].map(|id| regional(id, "enabled", ""));
    let read = read_with(&gateways, "", &[]);
    let block = |id: &str| read.network.subnets()[&id.into()].cidrs[0].to_string();
    assert_eq!(block("nat-8"), "169.254.0.0/24");
    assert_eq!(block("nat-9"), "169.254.1.0/24");
}

#[test]
fn one_that_is_not_available_is_there_and_a_deleted_one_is_not() {
    let state = |state| {
        let gateway = regional("nat-9", "enabled", "");
        let gateway = gateway.replace(r#""available""#, &format!("\"{state}\""));
        read_with(&[gateway], "", &[])
    };
    assert!(!state("deleting").network.nat_gateways()[&"nat-9".into()].available);
    assert!(state("deleted").network.nat_gateways().is_empty());
}

#[test]
fn zones_that_are_chosen_by_hand_have_to_be_those_of_all_subnets() {
    let served = read_with(&[regional("nat-9", "disabled", ADDRESSES)], "", &[]);
    assert_eq!(*target(&served), Target::NatGateway("nat-9".into()));
    // The zone of the first subnet by its id, and none of the second.
    let one = r#"{"PublicIp": "198.51.100.4", "AvailabilityZoneId": "euw1-az3"}"#;
    let read = read_with(&[regional("nat-9", "disabled", one)], "", &[]);
    assert_left_out(
        &read,
        "a regional NAT gateway that does not serve the zones of all subnets",
    );
    // Another one's subnet has no zone.
    let gateways = [
        regional("nat-8", "enabled", ""),
        regional("nat-9", "disabled", ADDRESSES),
    ];
    let read = read_with(&gateways, "", &[]);
    assert_eq!(read.network.nat_gateways().len(), 2);
}

#[test]
fn one_whose_table_is_not_in_the_input_is_left_out() {
    let gateway = regional("nat-9", "enabled", ADDRESSES);
    for other in ["rtb-9", "rtb-other"] {
        let gateway = gateway.replace("rtb-3", other);
        let read = read_with(&[gateway], "", &[]);
        assert_left_out(
            &read,
            "a regional NAT gateway whose route table is not in the input",
        );
    }
}

#[test]
fn one_beside_an_edge_route_table_is_left_out() {
    let edge = r#"{"GatewayId": "igw-1", "AssociationState": {"State": "associated"}}"#;
    let read = read_with(&[regional("nat-9", "enabled", ADDRESSES)], edge, &[]);
    assert_left_out(
        &read,
        "a regional NAT gateway beside a route table of the internet gateway's own",
    );
}

#[test]
fn one_where_subnets_are_excluded_from_block_public_access_is_left_out() {
    let mode = |mode| {
        format!(r#"{{"VpcBlockPublicAccessOptions": {{"InternetGatewayBlockMode": "{mode}"}}}}"#)
    };
    let excluded = |subject| {
        format!(
            r#"{{"VpcBlockPublicAccessExclusions": [{{"ExclusionId": "x", "State": "create-complete",
            "InternetGatewayExclusionMode": "allow-egress", "ResourceArn": "arn:aws:ec2:eu-west-1:111122223333:{subject}"}}]}}"#
        )
    };
    let read = |in_mode, subject| {
        let (options, exclusions) = (mode(in_mode), excluded(subject));
        let files = [
            ("bpa.json", options.as_str()),
            ("exclusions.json", exclusions.as_str()),
        ];
        read_with(&[regional("nat-9", "enabled", ADDRESSES)], "", &files)
    };
    let blocked = read("block-bidirectional", "subnet/subnet-2");
    assert_left_out(
        &blocked,
        "a regional NAT gateway where VPC Block Public Access has exclusions of subnets",
    );
    for (mode, subject) in [("off", "subnet/subnet-2"), ("block-ingress", "vpc/vpc-1")] {
        let found = read(mode, subject);
        assert_eq!(*target(&found), Target::NatGateway("nat-9".into()));
    }
}
