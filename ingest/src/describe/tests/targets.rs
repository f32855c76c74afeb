//! Interfaces, gateways, endpoints, peerings, and the routes to them.

use model::{
    Attachment, ComponentId, EndpointKind, EndpointName, Hole, PeeringEnd, RuleIndex, Value,
};

use super::*;

#[test]
fn interfaces_belong_to_who_claims_them() {
    let read = with(&[
        INTERFACES,
        ENDPOINTS,
        NATS,
        LISTS,
        (
            "instances.json",
            r#"{"Reservations": [{"ReservationId": "r-1", "Instances": [
            {"InstanceId": "i-1", "Tags": [{"Key": "Name", "Value": "app-1"}, {"Key": "tier", "Value": "x"}]}]}]}"#,
        ),
        (
            "addresses.json",
            r#"{"Addresses": [{"AllocationId": "eipalloc-1", "NetworkInterfaceId": "eni-1", "PrivateIpAddress": "10.0.1.6", "PublicIp": "198.51.100.6"}]}"#,
        ),
    ]);
    assert_says(
        &native(&read.network),
        &[r#"[interface.eni-1]
subnet = "subnet-1"
addresses = ["10.0.1.5 public 198.51.100.5", "10.0.1.6 public 198.51.100.6", "2001:db8::5"]
source-destination-check = false
instance = "i-1"
tags = { Name = "app-1", tier = "app" }
"#],
    );
    let attachment = |id: &str| &read.network.network_interfaces()[&id.into()].attachment;
    assert_eq!(
        *attachment("eni-nat"),
        Attachment::NatGateway("nat-1".into())
    );
    assert_eq!(
        *attachment("eni-e"),
        Attachment::VpcEndpoint("vpce-1".into())
    );
    let other = Attachment::Other("network_load_balancer".to_owned());
    assert_eq!(*attachment("eni-lb"), other);
    // Its own address, and those of the prefix that is delegated to it.
    let of_lb = &read.network.network_interfaces()[&"eni-lb".into()];
    assert_eq!(of_lb.addresses.len(), 17);
    assert_says(
        &warnings(&read),
        &[
            "warning[not-modelled]: `eni-lb`: what an interface of type `network_load_balancer` does with packets is not modelled",
            "`nat-3`: a regional NAT gateway whose route table is not in the input is not modelled",
        ],
    );
}

#[test]
fn endpoints_have_their_names_lists_and_policies() {
    let read = with(&[INTERFACES, ENDPOINTS, NATS, LISTS]);
    let endpoints = read.network.vpc_endpoints();
    let EndpointKind::Interface {
        private_dns,
        private_dns_inbound_only,
        private_names,
        specific_names,
        ..
    } = &endpoints[&"vpce-1".into()].kind
    else {
        panic!("an interface endpoint");
    };
    assert!(*private_dns && *private_dns_inbound_only);
    let private_names: Vec<_> = private_names.iter().collect();
    assert_eq!(private_names, ["sqs.eu-west-1.amazonaws.com"]);
    let name = |name: &str, interface: Option<&str>| EndpointName {
        name: name.to_owned(),
        interface: interface.map(Into::into),
    };
    let expected = [
        name(
            "vpce-1-x-eu-west-1b.sqs.eu-west-1.vpce.amazonaws.com",
            Some("eni-e"),
        ),
        name("vpce-1-x.sqs.eu-west-1.vpce.amazonaws.com", None),
    ];
    assert_eq!(*specific_names, Value::Known(expected.into()));
    assert!(endpoints[&"vpce-1".into()].available);
    let lists = ["pl-s3".into(), "pl-s6".into()].into();
    let kind = EndpointKind::Gateway {
        prefix_lists: lists,
    };
    assert_eq!(endpoints[&"vpce-2".into()].kind, kind);
    assert!(!endpoints[&"vpce-4".into()].available);
    assert_says(
        &assumptions(&read),
        &[
            "private-names-default: `vpce-4` has private DNS but its `DnsEntries` do not list the names: \
           taken to be *.dkr.ecr.eu-west-1.amazonaws.com, dkr.ecr.eu-west-1.amazonaws.com",
        ],
    );
    let list = &read.network.prefix_lists()[&"pl-s3".into()];
    assert!(list.aws_managed);
    let hole = Hole::new("entries of pl-s3 (com.amazonaws.eu-west-1.s3)");
    assert_eq!(list.entries, Value::Any(hole));
    assert_eq!(read.network.prefix_lists().len(), 2);
}

#[test]
fn routes_lead_to_every_kind_of_target() {
    let tables = route_tables(
        r#"{"DestinationCidrBlock": "0.0.0.0/0", "GatewayId": "igw-1", "Origin": "CreateRoute", "State": "active"},
        {"DestinationIpv6CidrBlock": "::/0", "EgressOnlyInternetGatewayId": "eigw-1", "Origin": "CreateRoute", "State": "active"},
        {"DestinationCidrBlock": "192.0.2.0/25", "NatGatewayId": "nat-1", "Origin": "CreateRoute", "State": "active"},
        {"DestinationCidrBlock": "192.0.2.128/25", "NatGatewayId": "nat-2", "Origin": "CreateRoute", "State": "blackhole"},
        {"DestinationCidrBlock": "198.51.100.0/25", "NatGatewayId": "nat-3", "Origin": "CreateRoute", "State": "active"},
        {"DestinationCidrBlock": "172.16.0.0/16", "VpcPeeringConnectionId": "pcx-1", "Origin": "CreateRoute", "State": "active"},
        {"DestinationPrefixListId": "pl-s3", "GatewayId": "vpce-2", "Origin": "CreateRoute", "State": "active"},
        {"DestinationCidrBlock": "172.17.0.0/16", "GatewayId": "vpce-3", "Origin": "CreateRoute", "State": "active"},
        {"DestinationCidrBlock": "172.18.0.0/16", "GatewayId": "vgw-1", "Origin": "EnableVgwRoutePropagation", "State": "active"},
        {"DestinationCidrBlock": "172.19.0.0/16", "TransitGatewayId": "tgw-1", "Origin": "CreateRoute", "State": "active"},
        {"DestinationCidrBlock": "172.20.0.0/16", "InstanceId": "i-1", "NetworkInterfaceId": "eni-1", "Origin": "CreateRoute", "State": "active"},
        {"DestinationCidrBlock": "172.25.0.0/16", "InstanceId": "i-1", "Origin": "CreateRoute", "State": "active"},
        {"DestinationCidrBlock": "172.21.0.0/16", "NetworkInterfaceId": "eni-gone", "Origin": "CreateRoute", "State": "blackhole"},
        {"DestinationCidrBlock": "172.22.0.0/16", "CoreNetworkArn": "arn:aws:networkmanager::1:core-network/x", "Origin": "Advertisement", "State": "active"},
        {"DestinationCidrBlock": "172.23.0.0/16", "CarrierGatewayId": "cagw-1", "State": "active"},
        {"DestinationCidrBlock": "172.24.0.0/16", "LocalGatewayId": "lgw-1", "State": "filtered"}"#,
    );
    let read = with(&[
        ("tables.json", &tables),
        INTERFACES,
        ENDPOINTS,
        NATS,
        LISTS,
        GATEWAYS,
        EGRESS,
        PEERINGS,
    ]);
    assert_says(
        &native(&read.network),
        &[r#"[route-table.rtb-1]
routes = [
    "0.0.0.0/0 -> internet-gateway:igw-1",
    "::/0 -> egress-only-internet-gateway:eigw-1",
    "192.0.2.0/25 -> nat-gateway:nat-1",
    "192.0.2.128/25 -> unmodelled:nat-gateway:nat-2 blackhole",
    "198.51.100.0/25 -> unmodelled:nat-gateway:nat-3",
    "172.16.0.0/16 -> peering:pcx-1",
    "pl:pl-s3 -> endpoint:vpce-2",
    "172.17.0.0/16 -> endpoint:vpce-3",
    "172.18.0.0/16 -> unmodelled:virtual-private-gateway:vgw-1 propagated",
    "172.19.0.0/16 -> unmodelled:transit-gateway:tgw-1",
    "172.20.0.0/16 -> interface:eni-1",
    "172.25.0.0/16 -> interface:eni-1",
    "172.21.0.0/16 -> unmodelled:network-interface:eni-gone blackhole",
    "172.22.0.0/16 -> unmodelled:core-network:arn:aws:networkmanager::1:core-network/x propagated",
    "172.23.0.0/16 -> unmodelled:carrier-gateway:cagw-1",
    "172.24.0.0/16 -> unmodelled:filtered-route:/RouteTables/0/Routes/18",
]
"#],
    );
    assert_says(
        &warnings(&read),
        &[
            "`tgw-1`: a route target of kind `transit-gateway` is not modelled",
            "`pcx-2`: a peering between VPCs that are not in the input is not modelled",
        ],
    );
    let peering = &read.network.peerings()[&"pcx-1".into()];
    assert_eq!(peering.accepter, PeeringEnd::Outside("vpc-9".to_owned()));
    assert_says(
        &assumptions(&read),
        &["peer-vpc-outside: peer VPC `vpc-9` of `pcx-1` is not in the input"],
    );
    let gateways = read.network.internet_gateways();
    assert_eq!(gateways[&"igw-1".into()].vpc, Some("vpc-1".into()));
    assert_eq!(gateways[&"igw-2".into()].vpc, None);
    let table = ComponentId::RouteTable("rtb-1".into());
    let place = read.provenance.rule(&table, RuleIndex::Route(3));
    let pointer = place.and_then(|place| place.pointer);
    assert_eq!(pointer.as_deref(), Some("/RouteTables/0/Routes/3"));
}

#[test]
fn a_table_of_an_internet_gateway_is_read_and_another_gateways_is_named() {
    let tables = route_tables("").replace(
        r#"{"Main": false, "SubnetId": "subnet-1"}"#,
        r#"{"Main": false, "GatewayId": "igw-1"}"#,
    );
    let read = with(&[("tables.json", &tables), GATEWAYS]);
    let gateway = &read.network.internet_gateways()[&"igw-1".into()];
    assert_eq!(gateway.edge_route_table, Some("rtb-2".into()));
    assert_eq!(warnings(&read), "");
    let tables = tables.replace("igw-1", "vgw-1");
    let read = with(&[("tables.json", &tables), GATEWAYS]);
    assert_says(
        &warnings(&read),
        &["`vgw-1`: the route table `rtb-2` that is associated with it is not modelled"],
    );
}

#[test]
fn the_older_call_for_prefix_lists_gives_entries_too() {
    let read = with(&[(
        "lists.json",
        r#"{"PrefixLists": [{"PrefixListId": "pl-s6", "PrefixListName": "com.amazonaws.eu-west-1.s3", "Cidrs": ["2001:db8:9::/48"]}]}"#,
    )]);
    assert_says(
        &native(&read.network),
        &[r#"[prefix-list.pl-s6]
name = "com.amazonaws.eu-west-1.s3"
family = "ipv6"
aws-managed = true
entries = ["2001:db8:9::/48"]
"#],
    );
}

#[test]
fn a_route_in_the_place_of_the_local_one_may_lead_to_what_is_gone() {
    let local = r#"{"DestinationCidrBlock": "10.1.0.0/16", "GatewayId": "local""#;
    for (target, expected) in [
        ("eni-1", r#""10.1.0.0/16 -> interface:eni-1""#),
        (
            "eni-gone",
            r#"{ destination = { any = "what `eni-gone` is" }"#,
        ),
    ] {
        let state = if target == "eni-1" {
            "active"
        } else {
            "blackhole"
        };
        let replaced = format!(
            r#"{{"DestinationCidrBlock": "10.1.0.0/16", "NetworkInterfaceId": "{target}", "Origin": "CreateRoute", "State": "{state}"}}"#
        );
        let tables = route_tables("");
        let start = tables.find(local).expect("the local route");
        let end = start + tables[start..].find('}').expect("its end") + 1;
        let tables = format!("{}{replaced}{}", &tables[..start], &tables[end..]);
        let read = with(&[("tables.json", &tables), INTERFACES, ENDPOINTS, NATS, LISTS]);
        assert_says(&native(&read.network), &[expected]);
    }
}

#[test]
fn a_route_to_an_instance_leads_to_the_first_device_of_its_first_card() {
    let (_, interfaces) = INTERFACES;
    let second_card = r#"{"NetworkInterfaces": [
        {"NetworkInterfaceId": "eni-0", "SubnetId": "subnet-1", "PrivateIpAddress": "10.0.1.99",
            "Attachment": {"InstanceId": "i-1", "DeviceIndex": 0, "NetworkCardIndex": 1}},"#;
    let interfaces = interfaces.replacen(r#"{"NetworkInterfaces": ["#, second_card, 1);
    let tables = route_tables(
        r#"{"DestinationCidrBlock": "172.25.0.0/16", "InstanceId": "i-1", "Origin": "CreateRoute", "State": "active"}"#,
    );
    let files = [
        ("tables.json", tables.as_str()),
        ("interfaces.json", &interfaces),
    ];
    let read = with(&[files[0], files[1], ENDPOINTS, NATS, LISTS]);
    assert_says(
        &native(&read.network),
        &["172.25.0.0/16 -> interface:eni-1", "[interface.eni-0]"],
    );
}
