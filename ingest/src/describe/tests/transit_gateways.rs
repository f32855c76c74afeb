//! Transit gateways, their attachments and their tables.

use model::{AttachmentKind, Hole, OnPremisesService, Value};

use super::*;

const TGW: (&str, &str) = (
    "describe-transit-gateways.json",
    r#"{"TransitGateways": [
    {"TransitGatewayId": "tgw-1", "TransitGatewayArn": "arn:aws:ec2:eu-west-1:111122223333:transit-gateway/tgw-1", "State": "available", "OwnerId": "111122223333",
     "Options": {"AmazonSideAsn": 64512, "AutoAcceptSharedAttachments": "disable", "DefaultRouteTableAssociation": "disable", "DefaultRouteTablePropagation": "disable",
        "VpnEcmpSupport": "enable", "DnsSupport": "enable", "SecurityGroupReferencingSupport": "enable", "MulticastSupport": "disable"},
     "Tags": [{"Key": "Name", "Value": "hub"}]},
    {"TransitGatewayId": "tgw-2", "State": "available", "OwnerId": "111122223333", "Options": {"SecurityGroupReferencingSupport": "disable"}},
    {"TransitGatewayId": "tgw-0", "State": "deleted", "OwnerId": "111122223333"}]}"#,
);

const ATTACHMENTS: (&str, &str) = (
    "describe-transit-gateway-attachments.json",
    r#"{"TransitGatewayAttachments": [
    {"TransitGatewayAttachmentId": "tgw-attach-a", "TransitGatewayId": "tgw-1", "TransitGatewayOwnerId": "111122223333", "ResourceOwnerId": "111122223333",
     "ResourceType": "vpc", "ResourceId": "vpc-1", "State": "available", "Association": {"TransitGatewayRouteTableId": "tgw-rtb-1", "State": "associated"}},
    {"TransitGatewayAttachmentId": "tgw-attach-gone", "TransitGatewayId": "tgw-1", "ResourceType": "vpc", "ResourceId": "vpc-1", "State": "deleted"},
    {"TransitGatewayAttachmentId": "tgw-attach-far", "TransitGatewayId": "tgw-1", "ResourceType": "vpc", "ResourceId": "vpc-9", "State": "available"},
    {"TransitGatewayAttachmentId": "tgw-attach-vpn", "TransitGatewayId": "tgw-1", "ResourceType": "vpn", "ResourceId": "vpn-1", "State": "available",
     "Association": {"TransitGatewayRouteTableId": "tgw-rtb-1", "State": "disassociating"}},
    {"TransitGatewayAttachmentId": "tgw-attach-p", "TransitGatewayId": "tgw-1", "ResourceType": "peering", "ResourceId": "tgw-2", "State": "available",
     "Association": {"TransitGatewayRouteTableId": "tgw-rtb-1", "State": "associated"}},
    {"TransitGatewayAttachmentId": "tgw-attach-p", "TransitGatewayId": "tgw-2", "ResourceType": "peering", "ResourceId": "tgw-1", "State": "available",
     "Association": {"TransitGatewayRouteTableId": "tgw-rtb-2", "State": "associated"}}]}"#,
);

const VPC_ATTACHMENTS: (&str, &str) = (
    "describe-transit-gateway-vpc-attachments.json",
    r#"{"TransitGatewayVpcAttachments": [
    {"TransitGatewayAttachmentId": "tgw-attach-a", "TransitGatewayId": "tgw-1", "VpcId": "vpc-1", "VpcOwnerId": "111122223333", "State": "available",
     "SubnetIds": ["subnet-1", "subnet-2"],
     "Options": {"DnsSupport": "enable", "SecurityGroupReferencingSupport": "enable", "Ipv6Support": "disable", "ApplianceModeSupport": "enable"},
     "Tags": [{"Key": "Name", "Value": "main"}]},
    {"TransitGatewayAttachmentId": "tgw-attach-gone", "TransitGatewayId": "tgw-1", "VpcId": "vpc-1", "State": "deleted", "SubnetIds": []}]}"#,
);

const PEERING: (&str, &str) = (
    "describe-transit-gateway-peering-attachments.json",
    r#"{"TransitGatewayPeeringAttachments": [
    {"TransitGatewayAttachmentId": "tgw-attach-p", "State": "available", "Status": {"Code": "available"},
     "RequesterTgwInfo": {"TransitGatewayId": "tgw-1", "OwnerId": "111122223333", "Region": "eu-west-1"},
     "AccepterTgwInfo": {"TransitGatewayId": "tgw-2", "OwnerId": "111122223333", "Region": "us-east-1"}}]}"#,
);

const TABLES: (&str, &str) = (
    "describe-transit-gateway-route-tables.json",
    r#"{"TransitGatewayRouteTables": [
    {"TransitGatewayRouteTableId": "tgw-rtb-1", "TransitGatewayId": "tgw-1", "State": "available", "DefaultAssociationRouteTable": false, "DefaultPropagationRouteTable": false,
     "Tags": [{"Key": "Name", "Value": "spokes"}]},
    {"TransitGatewayRouteTableId": "tgw-rtb-2", "TransitGatewayId": "tgw-2", "State": "available"}]}"#,
);

const ROUTES: (&str, &str) = (
    "search-transit-gateway-routes-tgw-rtb-1.json",
    r#"{"Routes": [
    {"DestinationCidrBlock": "10.0.0.0/16", "TransitGatewayAttachments": [{"ResourceId": "vpc-1", "TransitGatewayAttachmentId": "tgw-attach-a", "ResourceType": "vpc"}], "Type": "propagated", "State": "active"},
    {"DestinationCidrBlock": "192.168.0.0/16", "TransitGatewayAttachments": [{"ResourceId": "vpn-1", "TransitGatewayAttachmentId": "tgw-attach-vpn", "ResourceType": "vpn"}], "Type": "propagated", "State": "active"},
    {"DestinationCidrBlock": "172.16.0.0/12", "TransitGatewayAttachments": [{"ResourceId": "tgw-2", "TransitGatewayAttachmentId": "tgw-attach-p", "ResourceType": "peering"}], "Type": "static", "State": "active"},
    {"DestinationCidrBlock": "10.99.0.0/16", "Type": "static", "State": "blackhole"},
    {"DestinationCidrBlock": "10.98.0.0/16", "TransitGatewayAttachments": [{"ResourceId": "vpc-1", "TransitGatewayAttachmentId": "tgw-attach-gone", "ResourceType": "vpc"}], "Type": "static", "State": "blackhole"},
    {"DestinationCidrBlock": "203.0.113.0/25", "PrefixListId": "pl-own", "TransitGatewayAttachments": [{"ResourceId": "vpc-1", "TransitGatewayAttachmentId": "tgw-attach-a", "ResourceType": "vpc"}], "Type": "static", "State": "active"},
    {"DestinationCidrBlock": "203.0.113.128/25", "PrefixListId": "pl-own", "TransitGatewayAttachments": [{"ResourceId": "vpc-1", "TransitGatewayAttachmentId": "tgw-attach-a", "ResourceType": "vpc"}], "Type": "static", "State": "active"},
    {"DestinationCidrBlock": "10.97.0.0/16", "Type": "static", "State": "deleting"}],
    "AdditionalRoutesAvailable": false}"#,
);

const OTHER_ROUTES: (&str, &str) = (
    "search-transit-gateway-routes-tgw-rtb-2.json",
    r#"{"Routes": [], "AdditionalRoutesAvailable": false}"#,
);

const PROPAGATIONS: (&str, &str) = (
    "get-transit-gateway-route-table-propagations-tgw-rtb-1.json",
    r#"{"TransitGatewayRouteTablePropagations": [
    {"TransitGatewayAttachmentId": "tgw-attach-a", "ResourceId": "vpc-1", "ResourceType": "vpc", "State": "enabled"},
    {"TransitGatewayAttachmentId": "tgw-attach-vpn", "ResourceId": "vpn-1", "ResourceType": "vpn", "State": "enabled"},
    {"TransitGatewayAttachmentId": "tgw-attach-far", "ResourceId": "vpc-9", "ResourceType": "vpc", "State": "enabled"},
    {"TransitGatewayAttachmentId": "tgw-attach-p", "ResourceId": "tgw-2", "ResourceType": "peering", "State": "disabled"}]}"#,
);

const OTHER_PROPAGATIONS: (&str, &str) = (
    "get-transit-gateway-route-table-propagations-tgw-rtb-2.json",
    r#"{"TransitGatewayRouteTablePropagations": []}"#,
);

const OWN_LISTS: (&str, &str) = (
    "describe-managed-prefix-lists.json",
    r#"{"PrefixLists": [
    {"PrefixListId": "pl-own", "PrefixListName": "partners", "AddressFamily": "IPv4", "OwnerId": "111122223333"},
    {"PrefixListId": "pl-none", "PrefixListName": "none", "AddressFamily": "IPv4", "OwnerId": "111122223333"}]}"#,
);

const REFERENCES: (&str, &str) = (
    "get-transit-gateway-prefix-list-references.json",
    r#"{"TransitGatewayPrefixListReferences": [
    {"TransitGatewayRouteTableId": "tgw-rtb-1", "PrefixListId": "pl-own", "PrefixListOwnerId": "111122223333", "State": "available", "Blackhole": false,
     "TransitGatewayAttachment": {"TransitGatewayAttachmentId": "tgw-attach-a", "ResourceType": "vpc", "ResourceId": "vpc-1"}},
    {"TransitGatewayRouteTableId": "tgw-rtb-1", "PrefixListId": "pl-none", "PrefixListOwnerId": "111122223333", "State": "available", "Blackhole": true}]}"#,
);

const WHOLE: [(&str, &str); 12] = [
    TGW,
    ATTACHMENTS,
    VPC_ATTACHMENTS,
    PEERING,
    TABLES,
    ROUTES,
    OTHER_ROUTES,
    PROPAGATIONS,
    OTHER_PROPAGATIONS,
    OWN_LISTS,
    REFERENCES,
    (
        "tables.json",
        r#"{"RouteTables": [{"RouteTableId": "rtb-1", "VpcId": "vpc-1", "Associations": [{"Main": true}], "Routes": [
        {"DestinationCidrBlock": "10.0.0.0/16", "GatewayId": "local"}, {"DestinationCidrBlock": "10.1.0.0/16", "GatewayId": "local"}, {"DestinationIpv6CidrBlock": "2001:db8::/56", "GatewayId": "local"},
        {"DestinationCidrBlock": "10.0.0.0/8", "TransitGatewayId": "tgw-1", "Origin": "CreateRoute", "State": "active"},
        {"DestinationCidrBlock": "172.16.0.0/12", "TransitGatewayId": "tgw-9", "Origin": "CreateRoute", "State": "active"}]}]}"#,
    ),
];

/// The whole but for some files, with some more.
fn changed(without: &[&str], more: &[(&'static str, &'static str)]) -> Validated {
    let mut files = WHOLE.to_vec();
    files.retain(|(name, _)| !without.iter().any(|part| name.contains(part)));
    files.extend(more);
    with(&files)
}

fn association(read: &Validated, id: &str) -> String {
    let attachments = read.network.transit_gateway_attachments();
    format!("{:?}", attachments[&id.into()].association)
}

#[test]
fn a_gateway_has_its_attachments_and_tables() {
    let read = changed(&[], &[]);
    assert_says(
        &native(&read.network),
        &[r#"
[transit-gateway.tgw-1]
security-group-referencing = true
tags = { Name = "hub" }
[transit-gateway.tgw-2]

[transit-gateway-attachment.tgw-attach-a]
gateway = "tgw-1"
subnets = ["subnet-1", "subnet-2"]
appliance-mode = true
security-group-referencing = true
association = "tgw-rtb-1"
tags = { Name = "main" }
[transit-gateway-attachment.tgw-attach-far]
gateway = "tgw-1"
kind = "vpc"
[transit-gateway-attachment.tgw-attach-p]
gateway = "tgw-1"
peer = "tgw-attach-p@tgw-2"
association = "tgw-rtb-1"
[transit-gateway-attachment."tgw-attach-p@tgw-2"]
gateway = "tgw-2"
peer = "tgw-attach-p"
association = "tgw-rtb-2"
[transit-gateway-attachment.tgw-attach-vpn]
gateway = "tgw-1"
on-premises = "vpn"
prefixes = ["192.168.0.0/16"]

[transit-gateway-route-table.tgw-rtb-1]
gateway = "tgw-1"
routes = [
    "172.16.0.0/12 -> attachment:tgw-attach-p",
    "10.99.0.0/16 -> blackhole",
    "10.98.0.0/16 -> blackhole",
    "pl:pl-own -> attachment:tgw-attach-a",
    "pl:pl-none -> blackhole",
]
propagations = ["tgw-attach-a", "tgw-attach-far", "tgw-attach-vpn"]
tags = { Name = "spokes" }
[transit-gateway-route-table.tgw-rtb-2]
gateway = "tgw-2"
"#],
    );
    assert_says(
        &native(&read.network),
        &[
            "\"10.0.0.0/8 -> transit-gateway:tgw-1\"",
            "\"172.16.0.0/12 -> unmodelled:transit-gateway:tgw-9\"",
        ],
    );
    assert!(!warnings(&read).contains("tgw-attach"));
    assert_says(
        &assumptions(&read),
        &[
            "attached-vpc-outside: VPC `vpc-9` of transit gateway attachment `tgw-attach-far` is not in the input",
        ],
    );
    let table = model::ComponentId::TransitGatewayRouteTable("tgw-rtb-1".into());
    let place = read.provenance.rule(&table, model::RuleIndex::Route(1));
    let pointer = place.and_then(|place| place.pointer);
    assert_eq!(pointer.as_deref(), Some("/Routes/3"));
}

#[test]
fn what_is_missing_of_a_table_opens_the_associations_with_it() {
    for (without, hole) in [
        (
            "search-transit-gateway-routes-tgw-rtb-1",
            "routes of tgw-rtb-1 (search-transit-gateway-routes-tgw-rtb-1.json)",
        ),
        (
            "propagations-tgw-rtb-1",
            "propagations of tgw-rtb-1 (get-transit-gateway-route-table-propagations-tgw-rtb-1.json)",
        ),
        (
            "describe-transit-gateway-route-tables",
            "routes of tgw-rtb-1 (describe-transit-gateway-route-tables)",
        ),
    ] {
        let read = changed(&[without], &[]);
        assert_says(&association(&read, "tgw-attach-a"), &["Any", hole]);
        if without != "describe-transit-gateway-route-tables" {
            assert_says(
                &warnings(&read),
                &[
                    "warning[not-defined]: not everything about transit gateway route table `tgw-rtb-1` is in the input",
                    hole,
                ],
            );
            let other = association(&read, "tgw-attach-p@tgw-2");
            assert_says(&other, &["Known"]);
        }
    }
    let more = (
        "search-transit-gateway-routes-tgw-rtb-1.json",
        r#"{"Routes": [], "AdditionalRoutesAvailable": true}"#,
    );
    let read = changed(&[more.0], &[more]);
    assert_says(
        &association(&read, "tgw-attach-a"),
        &["a part of them only"],
    );
    let more = (
        more.0,
        r#"{"Routes": [{"DestinationCidrBlock": "10.9.0.0/16", "Type": "static", "State": "pending"}]}"#,
    );
    let read = changed(&[more.0], &[more]);
    assert_says(&association(&read, "tgw-attach-a"), &["one is pending"]);
}

#[test]
fn an_association_is_found_wherever_it_stands() {
    let of_table = (
        "get-transit-gateway-route-table-associations-tgw-rtb-1.json",
        r#"{"Associations": [
        {"TransitGatewayAttachmentId": "tgw-attach-a", "ResourceId": "vpc-1", "ResourceType": "vpc", "State": "associated"},
        {"TransitGatewayAttachmentId": "tgw-attach-dx", "ResourceId": "dxgw-1", "ResourceType": "direct-connect-gateway", "State": "associated"}]}"#,
    );
    let list = "describe-transit-gateway-attachments";
    let read = changed(&[list], &[of_table]);
    assert_says(&association(&read, "tgw-attach-a"), &["Known"]);
    // Every table of its gateway lists its own: it has none.
    assert_eq!(association(&read, "tgw-attach-p"), "None");
    assert_says(
        &association(&read, "tgw-attach-p@tgw-2"),
        &["association of tgw-attach-p (describe-transit-gateway-attachments)"],
    );
    let dx = &read.network.transit_gateway_attachments()[&"tgw-attach-dx".into()];
    let hole = Hole::new("prefixes of tgw-attach-dx (search-transit-gateway-routes)");
    assert_eq!(
        dx.kind,
        AttachmentKind::OnPremises {
            service: OnPremisesService::DirectConnectGateway,
            prefixes: Value::Any(hole),
        }
    );
    assert_says(&association(&read, "tgw-attach-dx"), &["Known"]);
    let read = changed(&[list], &[]);
    let hole = "association of tgw-attach-a (describe-transit-gateway-attachments)";
    assert_says(&association(&read, "tgw-attach-a"), &["Any", hole]);
    // The list without an association says that there is none.
    let read = changed(&[], &[]);
    assert_eq!(association(&read, "tgw-attach-far"), "None");
}

#[test]
fn a_gateway_whose_attachments_are_not_there_is_not_modelled() {
    let read = changed(&["vpc-attachments"], &[]);
    assert!(read.network.transit_gateways().is_empty());
    assert!(read.network.transit_gateway_attachments().is_empty());
    assert_says(
        &native(&read.network),
        &["\"10.0.0.0/8 -> unmodelled:transit-gateway:tgw-1\""],
    );
    let mut files = WHOLE.to_vec();
    let empty = r#"{"TransitGatewayVpcAttachments": []}"#;
    files.retain(|(name, _)| *name != VPC_ATTACHMENTS.0);
    files.push((VPC_ATTACHMENTS.0, empty));
    assert_says(
        &errors_with(&files),
        &[
            "error[not-defined]: attachment `tgw-attach-a` of VPC `vpc-1` is not described in the input",
            "add the output of `describe-transit-gateway-vpc-attachments`, without filters",
        ],
    );
}

#[test]
fn a_peering_needs_no_other_end() {
    let gateways = (
        TGW.0,
        r#"{"TransitGateways": [{"TransitGatewayId": "tgw-1", "State": "available"}]}"#,
    );
    let read = changed(&[TGW.0], &[gateways]);
    assert_says(
        &native(&read.network),
        &["[transit-gateway-attachment.tgw-attach-p]\npeer = { outside = true }\n"],
    );
    assert_says(
        &assumptions(&read),
        &[
            "peer-transit-gateway-outside: the other transit gateway of peering attachment `tgw-attach-p`",
        ],
    );
}

#[test]
fn a_file_about_a_table_has_to_name_it() {
    let mut files = WHOLE.to_vec();
    files.push(("routes.json", ROUTES.1));
    assert_says(
        &errors_with(&files),
        &[
            "error[missing-field]: the file's name does not say which transit gateway route table this is of",
            "name it `search-transit-gateway-routes-<transit gateway route table id>.json`",
        ],
    );
}

#[test]
fn what_is_being_attached_or_detached_leaves_nothing_certain() {
    let n_doubts = |file: &str, state: &str| {
        let mut files: Vec<(&str, String)> = Vec::new();
        for (name, text) in WHOLE {
            let to = format!(r#""State": "{state}""#);
            let changed = text.replacen(r#""State": "available""#, &to, 1);
            files.push((
                name,
                if name == file {
                    changed
                } else {
                    text.to_owned()
                },
            ));
        }
        let mut all = vec![VPCS, SUBNETS, ACLS];
        all.extend(files.iter().map(|(name, text)| (*name, text.as_str())));
        let read = validated(&all);
        let passing = read.doubts.iter();
        passing
            .filter(|doubt| doubt.what.contains("may be otherwise by now"))
            .count()
    };
    // An association is on its way out in this input, and so told.
    assert_eq!(n_doubts("", "pending"), 1);
    for (file, _) in [TGW, VPC_ATTACHMENTS, PEERING, TABLES] {
        for state in ["pending", "deleting"] {
            assert_eq!(n_doubts(file, state), 2, "{file}, {state}");
        }
    }
    assert_eq!(n_doubts(VPC_ATTACHMENTS.0, "modifying"), 2);
    assert_eq!(n_doubts(VPC_ATTACHMENTS.0, "pendingAcceptance"), 1);
}
