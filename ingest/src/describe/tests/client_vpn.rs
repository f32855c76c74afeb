//! Client VPN endpoints, and associations of Direct Connect gateways.

use super::*;

const ENDPOINT: (&str, &str) = (
    "describe-client-vpn-endpoints.json",
    r#"{"ClientVpnEndpoints": [
    {"ClientVpnEndpointId": "cvpn-endpoint-1", "Status": {"Code": "available"}, "ClientCidrBlock": "10.99.0.0/22", "VpcId": "vpc-1", "Tags": [{"Key": "Name", "Value": "staff"}]},
    {"ClientVpnEndpointId": "cvpn-endpoint-0", "Status": {"Code": "deleted"}}]}"#,
);
const TARGETS: (&str, &str) = (
    "describe-client-vpn-target-networks.json",
    r#"{"ClientVpnTargetNetworks": [
    {"AssociationId": "cvpn-assoc-1", "VpcId": "vpc-1", "TargetNetworkId": "subnet-1", "ClientVpnEndpointId": "cvpn-endpoint-1", "Status": {"Code": "associated"}}]}"#,
);
const STANDING: (&str, &str) = (
    "interfaces.json",
    r#"{"NetworkInterfaces": [
    {"NetworkInterfaceId": "eni-v", "SubnetId": "subnet-1", "InterfaceType": "interface", "Description": "ClientVPN Endpoint resource", "SourceDestCheck": false, "Groups": [],
     "PrivateIpAddresses": [{"Primary": true, "PrivateIpAddress": "10.0.1.5"}]},
    {"NetworkInterfaceId": "eni-w", "SubnetId": "subnet-2", "InterfaceType": "interface", "Description": "ClientVPN Endpoint resource", "Groups": [], "PrivateIpAddresses": []}]}"#,
);
const RULES: (&str, &str) = (
    "describe-client-vpn-authorization-rules.json",
    r#"{"AuthorizationRules": [
    {"ClientVpnEndpointId": "cvpn-endpoint-1", "DestinationCidr": "10.0.0.0/16", "AccessAll": true, "GroupId": "", "Status": {"Code": "active"}},
    {"ClientVpnEndpointId": "cvpn-endpoint-1", "DestinationCidr": "10.1.0.0/16", "AccessAll": false, "GroupId": "S-1-5", "Status": {"Code": "active"}},
    {"ClientVpnEndpointId": "cvpn-endpoint-1", "DestinationCidr": "10.2.0.0/16", "AccessAll": true, "Status": {"Code": "revoking"}}]}"#,
);
const ROUTES: (&str, &str) = (
    "cvpn-routes.json",
    r#"{"Routes": [
    {"ClientVpnEndpointId": "cvpn-endpoint-1", "DestinationCidr": "10.0.0.0/16", "TargetSubnet": "subnet-1", "Type": "Nat", "Origin": "associate", "Status": {"Code": "active"}},
    {"ClientVpnEndpointId": "cvpn-endpoint-1", "DestinationCidr": "10.99.0.0/22", "TargetSubnet": "local", "Status": {"Code": "active"}},
    {"ClientVpnEndpointId": "cvpn-endpoint-1", "DestinationCidr": "10.3.0.0/16", "TargetSubnet": "subnet-1", "Status": {"Code": "failed"}}]}"#,
);

#[test]
fn a_client_vpn_endpoint_has_the_interfaces_of_its_target_subnets() {
    let read = with(&[ENDPOINT, TARGETS, STANDING, RULES, ROUTES]);
    assert_says(
        &native(&read.network),
        &[
            r#"[client-vpn-endpoint.cvpn-endpoint-1]
interfaces = ["eni-v"]
authorization-rules = ["10.0.0.0/16 for all", "10.1.0.0/16 for group:S-1-5"]
routes = ["10.0.0.0/16 -> subnet:subnet-1", "10.99.0.0/22 -> local"]
tags = { Name = "staff" }
"#,
            "attachment = \"other:client_vpn_endpoint\"\n",
        ],
    );
    assert!(read.network.network_interfaces()[&"eni-v".into()].source_destination_check);
    let warnings = warnings(&read);
    assert_says(
        &warnings,
        &["`eni-w`: what an interface of type `client_vpn_endpoint` does with packets"],
    );
    assert!(!warnings.contains("`eni-v`"), "{warnings}");
}

#[test]
fn what_no_call_says_of_a_client_vpn_endpoint_is_open() {
    let read = with(&[ENDPOINT, TARGETS, STANDING]);
    assert_says(
        &native(&read.network),
        &[
            r#"authorization-rules = { any = "authorization rules of cvpn-endpoint-1 (describe-client-vpn-authorization-rules)" }"#,
            r#"routes = { any = "routes of cvpn-endpoint-1 (describe-client-vpn-routes)" }"#,
        ],
    );
    // The only endpoint has none.
    let none = ("rules.json", r#"{"AuthorizationRules": []}"#);
    let no_routes = ("describe-client-vpn-routes.json", r#"{"Routes": []}"#);
    let read = with(&[ENDPOINT, TARGETS, STANDING, none, no_routes]);
    let text = native(&read.network);
    assert!(!text.contains("authorization-rules"), "{text}");
    assert!(!text.contains("describe-client-vpn-routes"), "{text}");
}

#[test]
fn an_endpoint_without_an_interface_is_named() {
    let read = with(&[ENDPOINT, STANDING]);
    assert!(read.network.client_vpn_endpoints().is_empty());
    assert_says(
        &warnings(&read),
        &["`cvpn-endpoint-1`: a Client VPN endpoint without an interface in the input"],
    );
}

const VGW: (&str, &str) = (
    "vgw.json",
    r#"{"VpnGateways": [{"VpnGatewayId": "vgw-1", "State": "available", "VpcAttachments": [{"State": "attached", "VpcId": "vpc-1"}]}]}"#,
);
const ASSOCIATIONS: (&str, &str) = (
    "dx.json",
    r#"{"directConnectGatewayAssociations": [
    {"associationId": "a-1", "associationState": "associated", "directConnectGatewayId": "dxgw-1", "associatedGateway": {"id": "vgw-1", "type": "virtualPrivateGateway"},
     "allowedPrefixesToDirectConnectGateway": [{"cidr": "10.0.0.0/15"}]},
    {"associationId": "a-2", "associationState": "associated", "directConnectGatewayId": "dxgw-1", "associatedGateway": {"id": "tgw-1", "type": "transitGateway"},
     "allowedPrefixesToDirectConnectGateway": [{"cidr": "10.9.0.0/16"}]},
    {"associationId": "a-3", "associationState": "associated", "directConnectGatewayId": "dxgw-9", "associatedGateway": {"id": "vgw-9"}},
    {"associationId": "a-0", "associationState": "disassociated", "directConnectGatewayId": "dxgw-1", "associatedGateway": {"id": "vgw-1"}}]}"#,
);
const TRANSIT: (&str, &str) = (
    "tgw.json",
    r#"{"TransitGateways": [{"TransitGatewayId": "tgw-1", "State": "available", "Options": {}}], "TransitGatewayVpcAttachments": []}"#,
);
const ATTACHED: (&str, &str) = (
    "attachments.json",
    r#"{"TransitGatewayAttachments": [{"TransitGatewayAttachmentId": "tgw-attach-1", "TransitGatewayId": "tgw-1", "ResourceType": "direct-connect-gateway", "ResourceId": "dxgw-1", "State": "available"}]}"#,
);

#[test]
fn allowed_prefixes_are_those_of_associations_with_gateways_of_the_input() {
    let no_connections = ("vpn.json", r#"{"VpnConnections": []}"#);
    let no_interfaces = ("vif.json", r#"{"virtualInterfaces": []}"#);
    let read = with(&[
        VGW,
        ASSOCIATIONS,
        TRANSIT,
        ATTACHED,
        no_connections,
        no_interfaces,
    ]);
    let text = native(&read.network);
    assert_says(
        &text,
        &[
            "[direct-connect-association.a-1]\ngateway = \"virtual-private-gateway:vgw-1\"\nallowed-prefixes = [\"10.0.0.0/15\"]\n",
            "[direct-connect-association.a-2]\ngateway = \"attachment:tgw-attach-1\"\nallowed-prefixes = [\"10.9.0.0/16\"]\n",
        ],
    );
    assert_eq!(read.network.direct_connect_associations().len(), 2);
    assert!(!text.contains("other-ways"), "{text}");
}

#[test]
fn a_vpn_connection_and_a_call_that_is_missing_are_other_ways() {
    let connection = (
        "vpn.json",
        r#"{"VpnConnections": [{"VpnConnectionId": "vpn-1", "VpnGatewayId": "vgw-1", "State": "available"}]}"#,
    );
    let no_interfaces = ("vif.json", r#"{"virtualInterfaces": []}"#);
    for files in [
        &[VGW, ASSOCIATIONS, connection, no_interfaces][..],
        &[VGW, ASSOCIATIONS, no_interfaces],
    ] {
        let text = native(&with(files).network);
        assert_says(&text, &["other-ways = true\n"]);
    }
}
