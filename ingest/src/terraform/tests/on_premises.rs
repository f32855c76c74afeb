//! Virtual private gateways, their VPN connections and their propagation to route tables.

use model::{
    Network, RouteDestination, RouteOrigin, RouteTable, Target, Value, VirtualPrivateGateway,
};
use serde_json::{Map, Value as Json, json};

use super::{IN_MAIN, Outcome, Plan, read_into, with_vpc};
use crate::native;
use crate::sink::Sink;

const OF_GATEWAY: (&str, &[&str]) = (
    "vpn_gateway_id",
    &["aws_vpn_gateway.g.id", "aws_vpn_gateway.g"],
);
const OF_CONNECTION: (&str, &[&str]) = (
    "vpn_connection_id",
    &["aws_vpn_connection.v.id", "aws_vpn_connection.v"],
);
const OF_TABLE: (&str, &[&str]) = (
    "route_table_id",
    &["aws_route_table.t.id", "aws_route_table.t"],
);

/// A gateway of `aws_vpc.main` and a table beside it.
fn with_gateway() -> Plan {
    with_vpc()
        .create("aws_route_table.t", json!({}), IN_MAIN)
        .create("aws_vpn_gateway.g", json!({}), IN_MAIN)
}

/// Its VPN connection of static routes, with one.
fn with_static(plan: Plan) -> Plan {
    let of_gateway = json!({"static_routes_only": true});
    let to_office = json!({"destination_cidr_block": "192.168.0.0/16"});
    plan.create("aws_vpn_connection.v", of_gateway, &[OF_GATEWAY])
        .create("aws_vpn_connection_route.r", to_office, &[OF_CONNECTION])
}

/// What the gateway knows, as a native file has it.
fn prefixes(network: &Network) -> String {
    let text = native::write(network);
    let mut lines = text.lines().filter(|line| line.starts_with("prefixes = "));
    lines.next().expect("a gateway").to_owned()
}

fn propagated(outcome: &Outcome, table: &str) -> Vec<Value<RouteDestination>> {
    let table: RouteTable = outcome.get(table);
    let routes = table.routes.into_iter();
    let routes = routes.filter(|route| route.origin == RouteOrigin::Propagated);
    routes.map(|route| route.destination).collect()
}

#[test]
fn a_gateway_knows_the_static_routes_of_its_connections() {
    let to = json!({"destination_cidr_block": "192.168.0.0/16"});
    let by_gateway: (&str, &[&str]) = ("gateway_id", OF_GATEWAY.1);
    let outcome = with_static(with_gateway())
        .create("aws_customer_gateway.c", json!({}), &[])
        .create("aws_route.r", to, &[OF_TABLE, by_gateway])
        .read();
    let network = outcome.network();
    assert_eq!(prefixes(&network), r#"prefixes = ["192.168.0.0/16"]"#);
    let gateway = &network.virtual_private_gateways()[&"aws_vpn_gateway.g".into()];
    assert_eq!(gateway.vpc, Some("aws_vpc.main".into()));
    let table: RouteTable = outcome.get("aws_route_table.t");
    let target = Target::VirtualPrivateGateway("aws_vpn_gateway.g".into());
    assert_eq!(table.routes[1].target, Value::Known(target));
}

#[test]
fn what_may_tell_it_more_leaves_its_blocks_open() {
    let dynamic = |plan: Plan| plan.create("aws_vpn_connection.d", json!({}), &[OF_GATEWAY]);
    let direct = |plan: Plan| {
        let open = &[("associated_gateway_id", OF_GATEWAY.1)];
        plan.create("aws_dx_gateway_association.d", json!({}), open)
    };
    let untraced = |plan: Plan| {
        let open: (&str, &[&str]) = ("vpn_connection_id", &["local.connections"]);
        let block = json!({"destination_cidr_block": "172.16.0.0/12"});
        plan.create("aws_vpn_connection_route.u", block, &[open])
    };
    let unknown = |plan: Plan| {
        let open: (&str, &[&str]) = ("destination_cidr_block", &["local.block"]);
        plan.create(
            "aws_vpn_connection_route.u",
            json!({}),
            &[OF_CONNECTION, open],
        )
    };
    let cases: [(&dyn Fn(Plan) -> Plan, &str); 4] = [
        (&dynamic, "what aws_vpn_connection.d learns by BGP"),
        (
            &direct,
            "prefixes of aws_vpn_gateway.g (learned by aws_dx_gateway_association.d)",
        ),
        (&untraced, "aws_vpn_connection_route.u.vpn_connection_id"),
        (
            &unknown,
            "aws_vpn_connection_route.u.destination_cidr_block",
        ),
    ];
    for (change, hole) in cases {
        let network = change(with_static(with_gateway())).read().network();
        assert_eq!(
            prefixes(&network),
            format!("prefixes = {{ any = \"{hole}\" }}")
        );
    }
    let alone = with_gateway().read().network();
    let hole = "prefixes of aws_vpn_gateway.g (no VPN connection of it is in the input)";
    assert_eq!(
        prefixes(&alone),
        format!("prefixes = {{ any = \"{hole}\" }}")
    );
}

#[test]
fn a_table_has_what_is_propagated_to_it_beside_its_static_routes() {
    let to_office = json!({"destination_cidr_block": "192.168.0.0/16"});
    let to_nat: (&str, &[&str]) = ("nat_gateway_id", &["local.nat"]);
    let by_resource = |plan: Plan| {
        plan.create("aws_route.r", to_office.clone(), &[OF_TABLE, to_nat])
            .create(
                "aws_vpn_gateway_route_propagation.p",
                json!({}),
                &[OF_GATEWAY, OF_TABLE],
            )
    };
    let outcome = by_resource(with_static(with_gateway())).read();
    let block = RouteDestination::Cidr("192.168.0.0/16".parse().unwrap());
    assert_eq!(
        propagated(&outcome, "aws_route_table.t"),
        [Value::Known(block.clone())]
    );
    let table: RouteTable = outcome.get("aws_route_table.t");
    assert_eq!(table.routes.len(), 3);
    // Without known blocks it may have any.
    let outcome = by_resource(with_gateway()).read();
    let [Value::Any(hole)] = &propagated(&outcome, "aws_route_table.t")[..] else {
        panic!("not one open route");
    };
    assert!(hole.attribute().starts_with("prefixes of"));
    outcome.network();
    let in_table = json!({"propagating_vgws": [null]});
    let mut unknown = json!({"id": true, "vpc_id": true});
    unknown["propagating_vgws"] = json!([true]);
    let mut expressions = Map::new();
    expressions.insert("vpc_id".to_owned(), json!({"references": IN_MAIN[0].1}));
    expressions.insert(
        "propagating_vgws".to_owned(),
        json!({"references": OF_GATEWAY.1}),
    );
    let outcome = with_static(with_gateway())
        .masked("aws_route_table.own", in_table, unknown, expressions)
        .read();
    assert_eq!(
        propagated(&outcome, "aws_route_table.own"),
        [Value::Known(block)]
    );
    outcome.network();
}

#[test]
fn a_propagation_that_cannot_be_traced_leaves_a_route_open() {
    let open: (&str, &[&str]) = ("vpn_gateway_id", &["local.gateway"]);
    let outcome = with_gateway()
        .create(
            "aws_vpn_gateway_route_propagation.p",
            json!({}),
            &[open, OF_TABLE],
        )
        .read();
    let [Value::Any(hole)] = &propagated(&outcome, "aws_route_table.t")[..] else {
        panic!("not one open route");
    };
    let name = "aws_vpn_gateway_route_propagation.p.vpn_gateway_id";
    assert_eq!(hole.attribute(), name);
    outcome.network();
}

#[test]
fn a_gateway_is_attached_by_a_resource_of_its_own_and_has_a_table() {
    let by_gateway: (&str, &[&str]) = ("gateway_id", OF_GATEWAY.1);
    let of_main = IN_MAIN[0];
    let outcome = with_vpc()
        .create("aws_vpn_gateway.g", json!({}), &[("vpc_id", &[])])
        .create(
            "aws_vpn_gateway_attachment.a",
            json!({}),
            &[OF_GATEWAY, of_main],
        )
        .create("aws_route_table.t", json!({}), IN_MAIN)
        .create(
            "aws_route_table_association.e",
            json!({}),
            &[by_gateway, OF_TABLE],
        )
        .read();
    let gateway: VirtualPrivateGateway = outcome.get("aws_vpn_gateway.g");
    assert_eq!(gateway.vpc, Some("aws_vpc.main".into()));
    assert_eq!(gateway.edge_route_table, Some("aws_route_table.t".into()));
    outcome.network();
}

#[test]
fn what_belongs_to_no_gateway_of_the_input_is_named() {
    let outcome = with_vpc()
        .create(
            "aws_vpn_connection.v",
            json!({"vpn_gateway_id": "vgw-9"}),
            &[],
        )
        .create("aws_vpn_connection.w", json!({}), &[])
        .create(
            "aws_dx_gateway_association.d",
            json!({"associated_gateway_id": "vgw-9"}),
            &[],
        )
        .create(
            "aws_vpn_gateway_attachment.a",
            json!({"vpn_gateway_id": "vgw-9"}),
            IN_MAIN,
        )
        .read();
    let named: Vec<_> = outcome.messages();
    assert_eq!(named.len(), 4, "{named:#?}");
    outcome.warned();
}

/// An account with a gateway that learns by BGP, as an earlier input knows it.
fn earlier() -> Sink {
    let mut sink = Sink::default();
    let text = r#"
[vpc.vpc-1]
cidrs = ["10.0.0.0/16"]
[route-table.rtb-1]
routes = ["192.168.0.0/16 -> virtual-private-gateway:vgw-1 propagated"]
[virtual-private-gateway.vgw-1]
prefixes = ["192.168.0.0/16"]
"#;
    native::read_into(text, &"network.toml".into(), &mut sink);
    assert!(!sink.has_errors());
    sink
}

fn known(connections: &[Json]) -> Plan {
    let table = json!({"id": "rtb-1", "vpc_id": "vpc-1", "propagating_vgws": ["vgw-1"]});
    let mut plan = Plan::default()
        .existing(
            "aws_vpn_gateway.g",
            json!({"id": "vgw-1", "vpc_id": "vpc-1"}),
        )
        .existing("aws_route_table.t", table);
    for connection in connections {
        plan = plan.existing("aws_vpn_connection.v", connection.clone());
    }
    plan
}

#[test]
fn what_an_earlier_input_knows_of_a_gateway_stays_but_for_the_change() {
    let dynamic = json!({"id": "vpn-1", "vpn_gateway_id": "vgw-1", "static_routes_only": false});
    let read = |plan: Plan| {
        let mut sink = earlier();
        read_into(&plan.json(), &mut sink);
        let network = sink.draft.validate().unwrap();
        (prefixes(&network), native::write(&network))
    };
    let stays = r#"prefixes = ["192.168.0.0/16"]"#;
    let (found, text) = read(known(std::slice::from_ref(&dynamic)));
    assert_eq!(found, stays);
    let route = "virtual-private-gateway:vgw-1 propagated";
    assert_eq!(text.matches(route).count(), 1, "{text}");
    // A new static connection adds to it.
    let plan = known(&[]).create(
        "aws_vpn_connection.n",
        json!({"vpn_gateway_id": "vgw-1", "static_routes_only": true}),
        &[],
    );
    let plan = plan.create(
        "aws_vpn_connection_route.n",
        json!({"destination_cidr_block": "172.16.0.0/12"}),
        &[(
            "vpn_connection_id",
            &["aws_vpn_connection.n.id", "aws_vpn_connection.n"],
        )],
    );
    let (found, text) = read(plan);
    assert_eq!(found, r#"prefixes = ["172.16.0.0/12", "192.168.0.0/16"]"#);
    assert_eq!(text.matches(route).count(), 2, "{text}");
    // One that goes leaves open what it had told.
    let (found, _) = read(known(&[]).deleted("aws_vpn_connection.v", dynamic));
    let hole = "prefixes of vgw-1 (without aws_vpn_connection.v)";
    assert_eq!(found, format!("prefixes = {{ any = \"{hole}\" }}"));
    // A propagation that ends takes its routes away.
    let ended = json!({"id": "vgw-1_rtb-1", "vpn_gateway_id": "vgw-1", "route_table_id": "rtb-1"});
    let plan = Plan::default()
        .existing(
            "aws_route_table.t",
            json!({"id": "rtb-1", "vpc_id": "vpc-1"}),
        )
        .deleted("aws_vpn_gateway_route_propagation.p", ended);
    let (_, text) = read(plan);
    assert_eq!(text.matches(route).count(), 0, "{text}");
}

/// A gateway with a static connection before the plan, and tables to which it does and does not propagate.
const NETWORK: &str = r#"
[vpc.vpc-1]
region = "eu-west-1"
cidrs = ["10.0.0.0/16"]
main-route-table = "rtb-main"
[vpc.vpc-2]
region = "eu-west-1"
cidrs = ["10.2.0.0/16"]
main-route-table = "rtb-2"
[route-table.rtb-main]
vpc = "vpc-1"
routes = ["192.168.0.0/16 -> virtual-private-gateway:vgw-1 propagated"]
[route-table.rtb-other]
vpc = "vpc-1"
[route-table.rtb-2]
vpc = "vpc-2"
[virtual-private-gateway.vgw-1]
vpc = "vpc-1"
prefixes = ["192.168.0.0/16"]
[virtual-private-gateway.vgw-2]
vpc = "vpc-2"
prefixes = []
"#;

#[test]
fn what_a_gateway_knows_anew_is_propagated_to_earlier_tables() {
    let connection = json!({"id": "vpn-1", "vpn_gateway_id": "vgw-1", "static_routes_only": true,
        "routes": [{"destination_cidr_block": "192.168.0.0/16"}]});
    let owning = || Plan::default().existing("aws_vpn_connection.v", connection.clone());
    let to_branch =
        json!({"vpn_connection_id": "vpn-1", "destination_cidr_block": "172.16.0.0/12"});
    let known = |plan: Plan, table: &str| {
        let outcome = super::read_over(NETWORK, &plan.json());
        let blocks = propagated(&outcome, table).into_iter();
        blocks
            .map(|block| block.known().is_some())
            .collect::<Vec<_>>()
    };
    assert_eq!(known(owning(), "rtb-main"), [true]);
    let with_route = |plan: Plan| plan.create("aws_vpn_connection_route.b", to_branch.clone(), &[]);
    assert_eq!(known(with_route(owning()), "rtb-main"), [true, true]);
    // The gateway of a connection that only the earlier input has is not told by anything.
    assert_eq!(
        known(with_route(Plan::default()), "rtb-main"),
        [true, false]
    );
    // Nor whether one propagates that knew nothing.
    assert_eq!(known(with_route(owning()), "rtb-other"), [false; 0]);
    assert_eq!(known(with_route(Plan::default()), "rtb-2"), [false]);
    // A connection that learns by BGP leaves open what is propagated, also where the plan has the table.
    let learning = || json!({"vpn_gateway_id": "vgw-1"});
    let plan = Plan::default().create("aws_vpn_connection.l", learning(), &[]);
    assert_eq!(known(plan, "rtb-main"), [true, false]);
    let table = json!({"id": "rtb-main", "vpc_id": "vpc-1", "route": [],
        "propagating_vgws": ["vgw-1"]});
    let plan = Plan::default().existing("aws_route_table.m", table);
    let plan = plan.create("aws_vpn_connection.l", learning(), &[]);
    assert_eq!(known(plan, "rtb-main"), [true, false]);
}
