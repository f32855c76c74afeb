//! Transit gateways, and appliances as targets of routes.

use std::collections::BTreeSet;

use model::{
    AttachmentKind, EndpointKind, Hole, Middlebox, Network, OnPremisesService, RouteDestination,
    RouteTable, Target, TransitGateway, TransitGatewayAttachment, TransitGatewayRouteTable, Value,
    VpcEndpoint,
};
use serde_json::{Map, Value as Json, json};

use super::{IN_MAIN, Outcome, Plan, read_into, with_subnet};
use crate::sink::Sink;

type Open<'o> = &'o [(&'o str, &'o [&'o str])];

const IN_GATEWAY: (&str, &[&str]) = (
    "transit_gateway_id",
    &["aws_ec2_transit_gateway.g.id", "aws_ec2_transit_gateway.g"],
);
const OF_MAIN: (&str, &[&str]) = ("vpc_id", &["aws_vpc.main.id", "aws_vpc.main"]);
const SUBNETS: (&str, &[&str]) = ("subnet_ids", &["aws_subnet.a.id", "aws_subnet.a"]);
const OF_TABLE: (&str, &[&str]) = (
    "transit_gateway_route_table_id",
    &[
        "aws_ec2_transit_gateway_route_table.t.id",
        "aws_ec2_transit_gateway_route_table.t",
    ],
);
const OF_ATTACHMENT: (&str, &[&str]) = (
    "transit_gateway_attachment_id",
    &[
        "aws_ec2_transit_gateway_vpc_attachment.a.id",
        "aws_ec2_transit_gateway_vpc_attachment.a",
    ],
);

/// A gateway with an attachment of `aws_vpc.main`.
fn with_gateway(gateway: Json, attachment: Json) -> Plan {
    let open: Open<'_> = &[
        ("association_default_route_table_id", &[]),
        ("propagation_default_route_table_id", &[]),
    ];
    with_subnet()
        .create("aws_ec2_transit_gateway.g", gateway, open)
        .create(
            "aws_ec2_transit_gateway_vpc_attachment.a",
            attachment,
            &[IN_GATEWAY, OF_MAIN, SUBNETS],
        )
}

fn with_table() -> Plan {
    let off = json!({
        "default_route_table_association": "disable", "default_route_table_propagation": "disable",
        "security_group_referencing_support": "enable",
    });
    let options = json!({"appliance_mode_support": "enable", "ipv6_support": "enable"});
    with_gateway(off, options).create(
        "aws_ec2_transit_gateway_route_table.t",
        json!({}),
        &[IN_GATEWAY],
    )
}

fn attachment(outcome: &Outcome) -> TransitGatewayAttachment {
    outcome.get("aws_ec2_transit_gateway_vpc_attachment.a")
}

fn known(table: &str) -> Option<Value<model::TransitGatewayRouteTableId>> {
    Some(Value::Known(table.into()))
}

#[test]
fn an_attachment_is_associated_with_the_default_table_and_propagates_to_it() {
    let outcome = with_gateway(json!({}), json!({})).read();
    let table = "aws_ec2_transit_gateway.g#default-route-table";
    assert_eq!(attachment(&outcome).association, known(table));
    let table: TransitGatewayRouteTable = outcome.get(table);
    let propagations = ["aws_ec2_transit_gateway_vpc_attachment.a".into()];
    assert_eq!(table.propagations, propagations.into());
    assert_eq!(
        attachment(&outcome).kind,
        AttachmentKind::Vpc {
            vpc: "aws_vpc.main".into(),
            subnets: ["aws_subnet.a".into()].into(),
            appliance_mode: false,
            ipv6_support: false,
            security_group_referencing: true,
        }
    );
    outcome.network();
    let off = json!({
        "transit_gateway_default_route_table_association": false,
        "transit_gateway_default_route_table_propagation": false,
    });
    let outcome = with_gateway(json!({}), off).read();
    assert_eq!(attachment(&outcome).association, None);
    let table: TransitGatewayRouteTable =
        outcome.get("aws_ec2_transit_gateway.g#default-route-table");
    assert!(table.propagations.is_empty());
    outcome.network();
}

#[test]
fn a_default_table_may_be_a_resource_and_another_one_for_what_is_propagated() {
    let gateway = json!({"id": "tgw-1", "association_default_route_table_id": "tgw-rtb-1",
        "propagation_default_route_table_id": "tgw-rtb-2"});
    let table = |id: &str| json!({"id": id, "transit_gateway_id": "tgw-1"});
    let new = json!({"transit_gateway_id": "tgw-1"});
    for resources in [&["tgw-rtb-1", "tgw-rtb-2"][..], &["tgw-rtb-1"], &[]] {
        let mut plan = with_subnet().existing("aws_ec2_transit_gateway.g", gateway.clone());
        for (position, id) in resources.iter().enumerate() {
            let address = format!("aws_ec2_transit_gateway_route_table.t{position}");
            plan = plan.existing(&address, table(id));
        }
        let address = "aws_ec2_transit_gateway_vpc_attachment.a";
        let outcome = plan
            .create(address, new.clone(), &[OF_MAIN, SUBNETS])
            .read();
        assert_eq!(attachment(&outcome).association, known("tgw-rtb-1"));
        let propagations = |id: &str| outcome.get::<TransitGatewayRouteTable>(id).propagations;
        assert_eq!(propagations("tgw-rtb-1"), [].into());
        assert_eq!(propagations("tgw-rtb-2"), [address.into()].into());
        outcome.network();
    }
}

#[test]
fn a_table_has_its_associations_propagations_and_routes() {
    let blackhole = json!({"destination_cidr_block": "10.9.0.0/16", "blackhole": true});
    let list: Open<'_> = &[
        OF_TABLE,
        OF_ATTACHMENT,
        (
            "prefix_list_id",
            &[
                "aws_ec2_managed_prefix_list.l.id",
                "aws_ec2_managed_prefix_list.l",
            ],
        ),
    ];
    let entries = json!({"name": "l", "address_family": "IPv4", "max_entries": 1, "entry": [{"cidr": "192.0.2.0/24"}]});
    let outcome = with_table()
        .create("aws_ec2_managed_prefix_list.l", entries, &[])
        .create(
            "aws_ec2_transit_gateway_route_table_association.x",
            json!({}),
            &[OF_TABLE, OF_ATTACHMENT],
        )
        .create(
            "aws_ec2_transit_gateway_route_table_propagation.x",
            json!({}),
            &[OF_TABLE, OF_ATTACHMENT],
        )
        .create(
            "aws_ec2_transit_gateway_route.r",
            json!({"destination_cidr_block": "0.0.0.0/0"}),
            &[OF_TABLE, OF_ATTACHMENT],
        )
        .create("aws_ec2_transit_gateway_route.b", blackhole, &[OF_TABLE])
        .create(
            "aws_ec2_transit_gateway_prefix_list_reference.l",
            json!({}),
            list,
        )
        .read();
    let network: Network = outcome.network();
    let table = "aws_ec2_transit_gateway_route_table.t";
    assert_eq!(attachment(&outcome).association, known(table));
    let table = &network.transit_gateway_route_tables()[&table.into()];
    assert_eq!(table.propagations.len(), 1);
    let routes: Vec<_> = table
        .routes
        .iter()
        .map(|route| {
            (
                route.destination.clone(),
                route.target.as_ref().map(ToString::to_string),
            )
        })
        .collect();
    let block = |text: &str| RouteDestination::Cidr(text.parse().unwrap());
    let to = Some("aws_ec2_transit_gateway_vpc_attachment.a".to_owned());
    let expected = [
        (block("10.9.0.0/16"), None),
        (
            RouteDestination::PrefixList("aws_ec2_managed_prefix_list.l".into()),
            to.clone(),
        ),
        (block("0.0.0.0/0"), to),
    ];
    assert_eq!(routes.len(), expected.len());
    for one in expected {
        assert!(routes.contains(&one), "{one:?} is not in {routes:?}");
    }
    let gateway: TransitGateway = outcome.get("aws_ec2_transit_gateway.g");
    assert!(gateway.security_group_referencing);
}

#[test]
fn what_cannot_be_traced_opens_what_it_may_belong_to() {
    let local: (&str, &[&str]) = ("transit_gateway_route_table_id", &["local.table"]);
    let associate = |plan: Plan| {
        plan.create(
            "aws_ec2_transit_gateway_route_table_association.x",
            json!({}),
            &[OF_TABLE, OF_ATTACHMENT],
        )
    };
    for of in ["route", "route_table_propagation"] {
        let address = format!("aws_ec2_transit_gateway_{of}.x");
        let values = json!({"destination_cidr_block": "0.0.0.0/0"});
        let plan = associate(with_table());
        let outcome = plan
            .create(&address, values, &[local, OF_ATTACHMENT])
            .read();
        let Some(Value::Any(hole)) = attachment(&outcome).association else {
            panic!("{:?}", attachment(&outcome).association);
        };
        let expected = format!("{address}.transit_gateway_route_table_id");
        assert_eq!(hole.attribute(), expected);
        outcome.warned();
    }
    // A destination that is not known, in a table that is.
    let block: (&str, &[&str]) = ("destination_cidr_block", &["local.block"]);
    let open: Open<'_> = &[OF_TABLE, OF_ATTACHMENT, block];
    let plan = associate(with_table());
    let outcome = plan
        .create("aws_ec2_transit_gateway_route.x", json!({}), open)
        .read();
    assert!(matches!(
        attachment(&outcome).association,
        Some(Value::Any(_))
    ));
    // An association with a table that is not known.
    let outcome = with_table()
        .create(
            "aws_ec2_transit_gateway_route_table_association.x",
            json!({}),
            &[local, OF_ATTACHMENT],
        )
        .read();
    assert!(matches!(
        attachment(&outcome).association,
        Some(Value::Any(_))
    ));
}

#[test]
fn a_gateway_with_an_attachment_that_cannot_be_told_is_not_modelled() {
    let subnets: (&str, &[&str]) = ("subnet_ids", &["local.subnets"]);
    let route: Open<'_> = &[
        (
            "route_table_id",
            &["aws_route_table.r.id", "aws_route_table.r"],
        ),
        IN_GATEWAY,
    ];
    let plan = |subnets| {
        with_subnet()
            .create("aws_ec2_transit_gateway.g", json!({}), &[])
            .create(
                "aws_ec2_transit_gateway_vpc_attachment.a",
                json!({}),
                &[IN_GATEWAY, OF_MAIN, subnets],
            )
            .create("aws_route_table.r", json!({}), IN_MAIN)
            .create(
                "aws_route.r",
                json!({"destination_cidr_block": "0.0.0.0/0"}),
                route,
            )
            .read()
    };
    let target = |outcome: &Outcome| {
        let table: RouteTable = outcome.get("aws_route_table.r");
        table.routes[1].target.clone()
    };
    let outcome = plan(SUBNETS);
    let gateway = Target::TransitGateway("aws_ec2_transit_gateway.g".into());
    assert_eq!(target(&outcome), Value::Known(gateway));
    outcome.network();
    let outcome = plan(subnets);
    let gateway = Target::Unmodelled {
        kind: "transit-gateway".to_owned(),
        id: "aws_ec2_transit_gateway.g".to_owned(),
    };
    assert_eq!(target(&outcome), Value::Known(gateway));
    assert!(outcome.warned().transit_gateways().is_empty());
    assert!(
        outcome.messages()[0].contains("`aws_ec2_transit_gateway_vpc_attachment.a.subnet_ids`")
    );
}

#[test]
fn a_peering_has_an_attachment_at_each_gateway() {
    let peer: (&str, &[&str]) = (
        "peer_transit_gateway_id",
        &["aws_ec2_transit_gateway.h.id", "aws_ec2_transit_gateway.h"],
    );
    let of_peering: (&str, &[&str]) = (
        "transit_gateway_attachment_id",
        &[
            "aws_ec2_transit_gateway_peering_attachment.p.id",
            "aws_ec2_transit_gateway_peering_attachment.p",
        ],
    );
    let to_far_table: (&str, &[&str]) = (
        "transit_gateway_route_table_id",
        &[
            "aws_ec2_transit_gateway.h.association_default_route_table_id",
            "aws_ec2_transit_gateway.h",
        ],
    );
    let outcome = with_gateway(json!({}), json!({}))
        .create("aws_ec2_transit_gateway.h", json!({}), &[])
        .create(
            "aws_ec2_transit_gateway_peering_attachment.p",
            json!({}),
            &[IN_GATEWAY, peer],
        )
        .create(
            "aws_ec2_transit_gateway_peering_attachment_accepter.q",
            json!({}),
            &[of_peering],
        )
        .create(
            "aws_ec2_transit_gateway_route.r",
            json!({"destination_cidr_block": "10.0.0.0/16"}),
            &[to_far_table, of_peering],
        )
        .read();
    let network = outcome.network();
    let near = "aws_ec2_transit_gateway_peering_attachment.p";
    let far = "aws_ec2_transit_gateway_peering_attachment.p@aws_ec2_transit_gateway.h";
    let kind = |id: &str| {
        network.transit_gateway_attachments()[&id.into()]
            .kind
            .clone()
    };
    let peering = |other: &str| AttachmentKind::Peering {
        other: Some(other.into()),
    };
    assert_eq!(kind(near), peering(far));
    assert_eq!(kind(far), peering(near));
    let table = "aws_ec2_transit_gateway.h#default-route-table";
    let table = &network.transit_gateway_route_tables()[&table.into()];
    assert_eq!(table.routes[0].target, Some(far.into()));
    assert_eq!(outcome.assumes("peering-default-association").len(), 2);
}

#[test]
fn a_vpn_connection_is_an_attachment_that_leads_on_premises() {
    let outcome = with_gateway(json!({}), json!({}))
        .create("aws_vpn_connection.v", json!({}), &[IN_GATEWAY])
        .create(
            "aws_vpn_connection.s",
            json!({"static_routes_only": true}),
            &[IN_GATEWAY],
        )
        .create(
            "aws_dx_gateway_association.d",
            json!({"dx_gateway_id": "dx"}),
            &[("associated_gateway_id", IN_GATEWAY.1)],
        )
        .create(
            "aws_ec2_transit_gateway_connect.c",
            json!({}),
            &[IN_GATEWAY],
        )
        .read();
    let network = outcome.network();
    let table = "aws_ec2_transit_gateway.g#default-route-table";
    let on_premises = |id: &str, service, prefixes| {
        let attachment = &network.transit_gateway_attachments()[&id.into()];
        let kind = AttachmentKind::OnPremises { service, prefixes };
        assert_eq!(attachment.kind, kind);
        assert_eq!(attachment.association, known(table));
    };
    let learned = |address| Value::Any(Hole::new(format!("what {address} learns by BGP")));
    on_premises(
        "aws_vpn_connection.v#attachment",
        OnPremisesService::Vpn,
        learned("aws_vpn_connection.v"),
    );
    on_premises(
        "aws_vpn_connection.s#attachment",
        OnPremisesService::Vpn,
        Value::Known(BTreeSet::new()),
    );
    on_premises(
        "aws_dx_gateway_association.d#attachment",
        OnPremisesService::DirectConnectGateway,
        learned("aws_dx_gateway_association.d"),
    );
    on_premises(
        "aws_ec2_transit_gateway_connect.c",
        OnPremisesService::Connect,
        learned("aws_ec2_transit_gateway_connect.c"),
    );
    let table = "aws_ec2_transit_gateway.g#default-route-table";
    let table = &network.transit_gateway_route_tables()[&table.into()];
    assert_eq!(table.propagations.len(), 5);
}

#[test]
fn what_stands_alone_and_is_deleted_is_taken_back_from_an_earlier_input() {
    let subnet = json!({"id": "subnet-1", "cidr_block": "10.0.1.0/24", "vpc_id": "vpc-1"});
    let vpc = json!({"id": "vpc-1", "cidr_block": "10.0.0.0/16", "main_route_table_id": "rtb-1", "default_route_table_id": "rtb-1", "default_network_acl_id": "acl-1", "default_security_group_id": "sg-1"});
    let attachment = json!({
        "id": "tgw-attach-1", "transit_gateway_id": "tgw-1", "vpc_id": "vpc-1", "subnet_ids": ["subnet-1"],
        "transit_gateway_default_route_table_association": false, "transit_gateway_default_route_table_propagation": false,
    });
    let named = json!({"transit_gateway_route_table_id": "tgw-rtb-1", "transit_gateway_attachment_id": "tgw-attach-1"});
    let mut route = named.clone();
    route["destination_cidr_block"] = json!("0.0.0.0/0");
    let base = || {
        Plan::default()
            .existing("aws_vpc.main", vpc.clone())
            .existing("aws_subnet.a", subnet.clone())
            .existing("aws_ec2_transit_gateway.g", json!({"id": "tgw-1", "default_route_table_association": "disable", "default_route_table_propagation": "disable"}))
            .existing("aws_ec2_transit_gateway_vpc_attachment.a", attachment.clone())
            .existing("aws_ec2_transit_gateway_route_table.t", json!({"id": "tgw-rtb-1", "transit_gateway_id": "tgw-1"}))
    };
    let kinds = [
        "route_table_association",
        "route_table_propagation",
        "route",
    ];
    let mut before = base();
    let mut after = base();
    for kind in kinds {
        let address = format!("aws_ec2_transit_gateway_{kind}.x");
        let values = if kind == "route" { &route } else { &named };
        before = before.masked(&address, values.clone(), json!({}), Map::new());
        after = after.deleted(&address, values.clone());
    }
    let mut sink = Sink::default();
    read_into(&before.json(), &mut sink);
    let table = |sink: &Sink| sink.draft.transit_gateway_route_tables[0].clone();
    let association = |sink: &Sink| {
        sink.draft.transit_gateway_attachments[0]
            .association
            .clone()
    };
    assert_eq!(table(&sink).routes.len(), 1);
    assert_eq!(table(&sink).propagations.len(), 1);
    assert_eq!(association(&sink), known("tgw-rtb-1"));
    read_into(&after.json(), &mut sink);
    assert!(table(&sink).routes.is_empty());
    assert!(table(&sink).propagations.is_empty());
    assert_eq!(association(&sink), None);
}

#[test]
fn appliances_are_targets_of_routes() {
    let in_subnet: (&str, &[&str]) = ("subnet_id", &["aws_subnet.a.id", "aws_subnet.a"]);
    let in_table: (&str, &[&str]) = (
        "route_table_id",
        &["aws_route_table.t.id", "aws_route_table.t"],
    );
    let endpoint =
        json!({"service_name": "com.amazonaws.vpce.x", "vpc_endpoint_type": "GatewayLoadBalancer"});
    let to = |block: &str| json!({"destination_cidr_block": block});
    let outcome = with_subnet()
        .create("aws_route_table.t", json!({}), IN_MAIN)
        .create(
            "aws_network_interface.fw",
            json!({"source_dest_check": false}),
            &[in_subnet],
        )
        .create("aws_instance.i", json!({}), &[in_subnet])
        .create("aws_vpc_endpoint.e", endpoint, &[OF_MAIN, SUBNETS])
        .create(
            "aws_route.whole",
            to("10.0.0.0/16"),
            &[
                in_table,
                (
                    "network_interface_id",
                    &["aws_network_interface.fw.id", "aws_network_interface.fw"],
                ),
            ],
        )
        .create(
            "aws_route.endpoint",
            to("0.0.0.0/0"),
            &[
                in_table,
                (
                    "vpc_endpoint_id",
                    &["aws_vpc_endpoint.e.id", "aws_vpc_endpoint.e"],
                ),
            ],
        )
        .create(
            "aws_route.instance",
            to("192.0.2.0/24"),
            &[
                in_table,
                (
                    "network_interface_id",
                    &[
                        "aws_instance.i.primary_network_interface_id",
                        "aws_instance.i",
                    ],
                ),
            ],
        )
        .read();
    let table: RouteTable = outcome.get("aws_route_table.t");
    let targets: Vec<_> = table
        .routes
        .iter()
        .map(|route| route.target.known().unwrap())
        .collect();
    // The first takes the place of the local route.
    assert_eq!(
        *targets[0],
        Target::NetworkInterface("aws_network_interface.fw".into())
    );
    let endpoint = Target::GatewayLoadBalancerEndpoint("aws_vpc_endpoint.e".into());
    assert!(targets.contains(&&endpoint), "{targets:?}");
    let instance = Target::NetworkInterface("aws_instance.i#eni".into());
    assert!(targets.contains(&&instance), "{targets:?}");
    let endpoint: VpcEndpoint = outcome.get("aws_vpc_endpoint.e");
    let kind = EndpointKind::GatewayLoadBalancer {
        subnet: "aws_subnet.a".into(),
        middlebox: Middlebox::Unknown,
    };
    assert_eq!(endpoint.kind, kind);
    outcome.network();
}
