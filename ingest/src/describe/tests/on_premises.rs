//! Virtual private gateways, their VPN connections and Direct Connect.

use super::*;

const VGWS: (&str, &str) = (
    "describe-vpn-gateways.json",
    r#"{"VpnGateways": [
    {"VpnGatewayId": "vgw-1", "State": "available", "Type": "ipsec.1", "AmazonSideAsn": 64512,
     "VpcAttachments": [{"State": "detached", "VpcId": "vpc-7"}, {"State": "attached", "VpcId": "vpc-1"}], "Tags": [{"Key": "Name", "Value": "office"}]},
    {"VpnGatewayId": "vgw-2", "State": "available", "Type": "ipsec.1", "VpcAttachments": [{"State": "detaching", "VpcId": "vpc-1"}]},
    {"VpnGatewayId": "vgw-0", "State": "deleted", "VpcAttachments": []}]}"#,
);

const STATIC: &str = r#"{"VpnConnectionId": "vpn-1", "State": "available", "VpnGatewayId": "vgw-1", "CustomerGatewayId": "cgw-1", "Category": "VPN",
    "Options": {"StaticRoutesOnly": true, "TunnelInsideIpVersion": "ipv4"}, "VgwTelemetry": [{"Status": "DOWN"}],
    "Routes": [{"DestinationCidrBlock": "192.168.0.0/16", "Source": "Static", "State": "available"}, {"DestinationCidrBlock": "192.168.9.0/24", "State": "deleting"}]}"#;

const DYNAMIC: &str = r#"{"VpnConnectionId": "vpn-2", "State": "available", "VpnGatewayId": "vgw-1", "Options": {"StaticRoutesOnly": false}, "Routes": []}"#;

const GONE: &str = r#"{"VpnConnectionId": "vpn-3", "State": "deleted", "VpnGatewayId": "vgw-1", "Options": {"StaticRoutesOnly": false}}"#;

const NO_DIRECT_CONNECT: (&str, &str) = (
    "describe-direct-connect-gateway-associations.json",
    r#"{"directConnectGatewayAssociations": []}"#,
);

const NO_VIRTUAL_INTERFACES: (&str, &str) = (
    "describe-virtual-interfaces.json",
    r#"{"virtualInterfaces": []}"#,
);

fn connections(items: &[&str]) -> String {
    format!(r#"{{"VpnConnections": [{}]}}"#, items.join(", "))
}

/// Tables with these routes in the main one, to which `vgw-1` propagates.
fn propagating(routes: &str) -> String {
    let associations = r#""Associations": [{"Main": true"#;
    let propagating = format!(r#""PropagatingVgws": [{{"GatewayId": "vgw-1"}}], {associations}"#);
    route_tables(routes).replace(associations, &propagating)
}

/// The blocks that `vgw-1` knows, as a native file has them.
fn prefixes(read: &Validated) -> String {
    let text = native(&read.network);
    let (_, gateway) = text
        .split_once("[virtual-private-gateway.vgw-1]")
        .expect("a gateway");
    let line = gateway.lines().find(|line| line.starts_with("prefixes = "));
    line.expect("prefixes").to_owned()
}

#[test]
fn a_virtual_private_gateway_knows_the_static_routes_of_its_connections() {
    let connections = connections(&[STATIC, GONE]);
    let tables = route_tables(
        r#"{"DestinationCidrBlock": "192.168.0.0/16", "GatewayId": "vgw-1", "Origin": "EnableVgwRoutePropagation", "State": "active"},
        {"DestinationCidrBlock": "172.16.0.0/12", "GatewayId": "vgw-1", "Origin": "CreateRoute", "State": "active"},
        {"DestinationCidrBlock": "172.15.0.0/16", "GatewayId": "vgw-9", "Origin": "CreateRoute", "State": "blackhole"}"#,
    );
    let read = with(&[
        VGWS,
        ("vpn.json", &connections),
        ("tables.json", &tables),
        NO_DIRECT_CONNECT,
        NO_VIRTUAL_INTERFACES,
    ]);
    assert_says(
        &native(&read.network),
        &[
            "[virtual-private-gateway.vgw-1]\nprefixes = [\"192.168.0.0/16\"]\ntags = { Name = \"office\" }\n",
            "[virtual-private-gateway.vgw-2]\nattached = false\nprefixes = []\n",
            "\"192.168.0.0/16 -> virtual-private-gateway:vgw-1 propagated\"",
            "\"172.16.0.0/12 -> virtual-private-gateway:vgw-1\"",
            "\"172.15.0.0/16 -> unmodelled:virtual-private-gateway:vgw-9 blackhole\"",
        ],
    );
    assert!(!native(&read.network).contains("vgw-0"));
    assert!(!assumptions(&read).contains("describe-direct-connect"));
    let read = with(&[VGWS, ("vpn.json", &connections)]);
    assert_says(
        &assumptions(&read),
        &[
            "the output of `describe-direct-connect-gateway-associations` is not in the input: taken as empty",
        ],
    );
}

#[test]
fn what_is_learned_is_known_from_the_table_that_takes_it_over() {
    let learned = r#"{"DestinationCidrBlock": "192.168.0.0/16", "GatewayId": "vgw-1", "Origin": "EnableVgwRoutePropagation", "State": "active"},
        {"DestinationIpv6CidrBlock": "fd12::/32", "GatewayId": "vgw-1", "Origin": "EnableVgwRoutePropagation", "State": "active"},
        {"DestinationCidrBlock": "172.16.0.0/12", "GatewayId": "vgw-1", "Origin": "EnableVgwRoutePropagation", "State": "blackhole"}"#;
    let inside = r#"{"DestinationCidrBlock": "192.168.3.0/24", "GatewayId": "vgw-1", "Origin": "CreateRoute", "State": "active"}"#;
    let beyond = r#"{"DestinationCidrBlock": "0.0.0.0/0", "GatewayId": "vgw-1", "Origin": "CreateRoute", "State": "active"}"#;
    let list = r#"{"DestinationPrefixListId": "pl-s3", "GatewayId": "vgw-1", "Origin": "CreateRoute", "State": "active"}"#;
    let dynamic = connections(&[STATIC, DYNAMIC]);
    let known = r#"prefixes = ["192.168.0.0/16", "fd12::/32"]"#;
    let open = r#"prefixes = { any = "prefixes of vgw-1 (a route table with it in `PropagatingVgws` tells them)" }"#;
    for (routes, expected) in [
        (learned.to_owned(), known),
        (format!("{learned}, {inside}"), known),
        // A static route may hide a block that the gateway knows too.
        (format!("{learned}, {beyond}"), open),
        (format!("{learned}, {list}"), open),
    ] {
        let tables = propagating(&routes);
        let read = with(&[
            VGWS,
            ("vpn.json", &dynamic),
            ("tables.json", &tables),
            LISTS,
        ]);
        assert_eq!(prefixes(&read), expected);
        let tables = route_tables(&routes);
        let read = with(&[
            VGWS,
            ("vpn.json", &dynamic),
            ("tables.json", &tables),
            LISTS,
        ]);
        assert_eq!(prefixes(&read), open);
    }
    // A table shows more than the static routes: there is more than the connections.
    let tables = propagating(learned);
    let connections = connections(&[STATIC]);
    let read = with(&[VGWS, ("vpn.json", &connections), ("tables.json", &tables)]);
    assert_eq!(prefixes(&read), known);
}

#[test]
fn direct_connect_and_what_is_missing_leave_the_blocks_open() {
    let connections = connections(&[STATIC]);
    let open = r#"prefixes = { any = "prefixes of vgw-1 (a route table with it in `PropagatingVgws` tells them)" }"#;
    let stated = r#"prefixes = ["192.168.0.0/16"]"#;
    for (text, expected) in [
        (
            r#"{"directConnectGatewayAssociations": [{"associationId": "a", "directConnectGatewayId": "dx", "associationState": "associated",
                "associatedGateway": {"id": "vgw-1", "type": "virtualPrivateGateway", "region": "eu-west-1"}, "virtualGatewayId": "vgw-1"}]}"#,
            open,
        ),
        (
            r#"{"directConnectGatewayAssociations": [{"associationId": "a", "associationState": "associated", "associatedGateway": {"id": "vgw-2"}}]}"#,
            stated,
        ),
        (
            r#"{"directConnectGatewayAssociations": [{"associationId": "a", "associationState": "disassociated", "virtualGatewayId": "vgw-1"}]}"#,
            stated,
        ),
        (
            r#"{"virtualInterfaces": [{"virtualInterfaceId": "dxvif-1", "virtualGatewayId": "vgw-1", "virtualInterfaceState": "down"}]}"#,
            open,
        ),
        (
            r#"{"virtualInterfaces": [{"virtualInterfaceId": "dxvif-1", "virtualGatewayId": "vgw-1", "virtualInterfaceState": "deleted"}]}"#,
            stated,
        ),
    ] {
        let read = with(&[VGWS, ("vpn.json", &connections), ("dx.json", text)]);
        assert_eq!(prefixes(&read), expected, "{text}");
        assert_eq!(warnings(&read), "");
    }
    // One without a connection is there for Direct Connect, of which nothing is said.
    let none = self::connections(&[]);
    let read = with(&[VGWS, ("vpn.json", &none), NO_DIRECT_CONNECT]);
    assert_eq!(prefixes(&read), open);
    let read = with(&[VGWS]);
    let missing = r#"prefixes = { any = "prefixes of vgw-1 (describe-vpn-connections)" }"#;
    assert_eq!(prefixes(&read), missing);
}

#[test]
fn a_gateway_has_its_own_table_and_a_connection_without_one_is_named() {
    let tables = route_tables("").replace(
        r#"{"Main": false, "SubnetId": "subnet-1"}"#,
        r#"{"Main": false, "GatewayId": "vgw-1"}"#,
    );
    let elsewhere = STATIC.replace("vpn-1", "vpn-9").replace("vgw-1", "vgw-9");
    let connections = connections(&[&elsewhere, STATIC]);
    let read = with(&[
        VGWS,
        ("tables.json", &tables),
        ("vpn.json", &connections),
        NO_DIRECT_CONNECT,
    ]);
    let gateway = &read.network.virtual_private_gateways()[&"vgw-1".into()];
    assert_eq!(gateway.edge_route_table, Some("rtb-2".into()));
    let warnings = warnings(&read);
    assert_says(
        &warnings,
        &["`vpn-9`: a VPN connection of a gateway that is not in the input is not modelled"],
    );
    assert_eq!(warnings.matches("warning[").count(), 1, "{warnings}");
}

#[test]
fn a_page_of_direct_connect_is_not_the_whole() {
    let page = (
        "dx.json",
        r#"{"directConnectGatewayAssociations": [], "nextToken": "x"}"#,
    );
    assert_says(
        &errors_with(&[VGWS, page]),
        &["error[incomplete-page]: the output is one page of several"],
    );
}
