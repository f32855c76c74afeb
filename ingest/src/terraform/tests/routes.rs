//! Route tables and routes.

use model::{
    InternetGateway, NatGatewayId, Route, RouteDestination, RouteState, RouteTable, RuleIndex,
    Target, Value,
};
use serde_json::{Map, Value as Json, json};

use super::{IN_MAIN, Outcome, Plan, with_subnet, with_vpc};
use crate::diagnostic::Code;
use crate::provenance::Kind;

const OF_TABLE: (&str, &[&str]) = (
    "route_table_id",
    &["aws_route_table.t.id", "aws_route_table.t"],
);

fn with_table() -> Plan {
    with_vpc().create("aws_route_table.t", json!({}), IN_MAIN)
}

/// The routes of `aws_route_table.t` without the local one.
fn routes(outcome: &Outcome) -> Vec<Route> {
    let table: RouteTable = outcome.get("aws_route_table.t");
    table.routes.into_iter().skip(1).collect()
}

/// A stand-alone route to 0.0.0.0/0 with a target of an open id.
fn to(plan: Plan, attribute: &str, reference: &str) -> Outcome {
    let id = format!("{reference}.id");
    let references = [id.as_str(), reference];
    let open: &[(&str, &[&str])] = &[OF_TABLE, (attribute, &references)];
    let values = json!({"destination_cidr_block": "0.0.0.0/0"});
    plan.create("aws_route.r", values, open).read()
}

#[test]
fn a_route_leads_to_what_its_attribute_names() {
    let plan = with_table().create("aws_internet_gateway.g", json!({}), IN_MAIN);
    let outcome = to(plan, "gateway_id", "aws_internet_gateway.g");
    let [route] = routes(&outcome).try_into().unwrap();
    let target = Target::InternetGateway("aws_internet_gateway.g".into());
    assert_eq!(route.target, Value::Known(target));
    outcome.network();
}

#[test]
fn a_route_of_its_own_comes_from_its_own_place() {
    let plan = with_table().create("aws_internet_gateway.g", json!({}), IN_MAIN);
    let outcome = to(plan, "gateway_id", "aws_internet_gateway.g");
    let table = model::ComponentId::RouteTable("aws_route_table.t".into());
    let place = outcome
        .provenance
        .rule(&table, RuleIndex::Route(1))
        .unwrap();
    let pointer = "/planned_values/root_module/resources/3";
    assert_eq!(place.pointer.as_deref(), Some(pointer));
    let table = outcome
        .provenance
        .of(Kind::RouteTable, "aws_route_table.t")
        .unwrap();
    let pointer = "/planned_values/root_module/resources/1";
    assert_eq!(table.pointer.as_deref(), Some(pointer));
}

#[test]
fn targets_without_a_model_are_named_by_kind_and_id() {
    let values = json!({"service_name": "x", "vpc_endpoint_type": "Resource"});
    let plan = with_table().create("aws_vpc_endpoint.x", values, IN_MAIN);
    let outcome = to(plan, "vpc_endpoint_id", "aws_vpc_endpoint.x");
    let [route] = routes(&outcome).try_into().unwrap();
    let target = Target::Unmodelled {
        kind: "endpoint".to_owned(),
        id: "aws_vpc_endpoint.x".to_owned(),
    };
    assert_eq!(route.target, Value::Known(target));
    assert_eq!(outcome.codes(), [Code::NotModelled]);
    outcome.warned();
}

#[test]
fn routes_written_in_the_table_share_one_expression() {
    let route = |block: &str| json!({"cidr_block": block, "gateway_id": "", "nat_gateway_id": "", "ipv6_cidr_block": ""});
    let mut routes_of = [route("0.0.0.0/0"), route("192.0.2.0/24")];
    routes_of[0].as_object_mut().unwrap().remove("gateway_id");
    routes_of[1]
        .as_object_mut()
        .unwrap()
        .remove("nat_gateway_id");
    let unknown = json!({
        "id": true, "vpc_id": true, "route": [{"gateway_id": true}, {"nat_gateway_id": true}],
    });
    let mut expressions = Map::new();
    expressions.insert("vpc_id".to_owned(), json!({"references": IN_MAIN[0].1}));
    let references = json!([
        "aws_internet_gateway.g.id",
        "aws_internet_gateway.g",
        "aws_nat_gateway.n.id",
        "aws_nat_gateway.n",
    ]);
    expressions.insert("route".to_owned(), json!({ "references": references }));
    let in_subnet: &[(&str, &[&str])] = &[("subnet_id", &["aws_subnet.a.id", "aws_subnet.a"])];
    let outcome = with_subnet()
        .create("aws_internet_gateway.g", json!({}), IN_MAIN)
        .create(
            "aws_nat_gateway.n",
            json!({"connectivity_type": "private"}),
            in_subnet,
        )
        .masked(
            "aws_route_table.t",
            json!({"route": routes_of}),
            unknown,
            expressions,
        )
        .read();
    let targets: Vec<_> = routes(&outcome)
        .into_iter()
        .map(|route| route.target)
        .collect();
    let expected = [
        Target::InternetGateway("aws_internet_gateway.g".into()),
        Target::NatGateway("aws_nat_gateway.n".into()),
    ];
    assert_eq!(targets, expected.map(Value::Known));
    let table = model::ComponentId::RouteTable("aws_route_table.t".into());
    let place = outcome
        .provenance
        .rule(&table, RuleIndex::Route(2))
        .unwrap();
    let pointer = "/planned_values/root_module/resources/4/values/route/1";
    assert_eq!(place.pointer.as_deref(), Some(pointer));
    outcome.network();
}

#[test]
fn a_target_that_is_one_of_several_is_a_hole() {
    let references: &[&str] = &["aws_nat_gateway.n", "count.index"];
    let in_subnet: &[(&str, &[&str])] = &[("subnet_id", &["aws_subnet.a.id", "aws_subnet.a"])];
    let private = || json!({"connectivity_type": "private"});
    let outcome = with_subnet()
        .create("aws_route_table.t", json!({}), IN_MAIN)
        .create("aws_nat_gateway.n[0]", private(), in_subnet)
        .create("aws_nat_gateway.n[1]", private(), in_subnet)
        .create(
            "aws_route.r[0]",
            json!({"destination_cidr_block": "0.0.0.0/0"}),
            &[OF_TABLE, ("nat_gateway_id", references)],
        )
        .read();
    let [route] = routes(&outcome).try_into().unwrap();
    let Value::OneOf(targets, hole) = route.target else {
        panic!()
    };
    let expected = ["aws_nat_gateway.n[0]", "aws_nat_gateway.n[1]"];
    assert_eq!(
        targets,
        expected.map(|id| Target::NatGateway(NatGatewayId::new(id)))
    );
    assert_eq!(hole.attribute(), "aws_route.r[0].nat_gateway_id");
    outcome.network();
}

#[test]
fn a_target_that_leads_nowhere_may_be_anything() {
    let open: &[(&str, &[&str])] = &[OF_TABLE, ("nat_gateway_id", &["local.nat"])];
    let values = json!({"destination_cidr_block": "0.0.0.0/0"});
    let outcome = with_table().create("aws_route.r", values, open).read();
    let [route] = routes(&outcome).try_into().unwrap();
    assert_eq!(
        route.target.hole().unwrap().attribute(),
        "aws_route.r.nat_gateway_id"
    );
    outcome.network();
}

#[test]
fn a_destination_that_is_open_is_a_hole_and_a_list_is_itself() {
    let list: &[&str] = &[
        "aws_ec2_managed_prefix_list.l.id",
        "aws_ec2_managed_prefix_list.l",
    ];
    let gateway: (&str, &[&str]) = (
        "gateway_id",
        &["aws_internet_gateway.g.id", "aws_internet_gateway.g"],
    );
    let plan = || with_table().create("aws_internet_gateway.g", json!({}), IN_MAIN);
    let open: &[(&str, &[&str])] = &[OF_TABLE, gateway, ("destination_prefix_list_id", list)];
    let values =
        json!({"name": "l", "address_family": "IPv4", "entry": [{"cidr": "192.0.2.0/24"}]});
    let outcome = plan()
        .create("aws_ec2_managed_prefix_list.l", values, &[])
        .create("aws_route.r", json!({}), open)
        .read();
    let [route] = routes(&outcome).try_into().unwrap();
    let destination = RouteDestination::PrefixList("aws_ec2_managed_prefix_list.l".into());
    assert_eq!(route.destination, Value::Known(destination));
    outcome.network();
    let open: &[(&str, &[&str])] = &[
        OF_TABLE,
        gateway,
        ("destination_cidr_block", &["local.block"]),
    ];
    let outcome = plan().create("aws_route.r", json!({}), open).read();
    let [route] = routes(&outcome).try_into().unwrap();
    assert_eq!(
        route.destination.hole().unwrap().attribute(),
        "aws_route.r.destination_cidr_block"
    );
    outcome.network();
}

fn existing_table(routes: Json) -> Plan {
    let vpc = json!({"id": "vpc-1", "cidr_block": "10.0.0.0/16"});
    let table = json!({"id": "rtb-1", "vpc_id": "vpc-1", "route": routes});
    let gateway = json!({"id": "igw-1", "vpc_id": "vpc-1"});
    Plan::default()
        .existing("aws_vpc.main", vpc)
        .existing("aws_internet_gateway.g", gateway)
        .existing("aws_route_table.t", table)
}

#[test]
fn a_state_shows_a_route_of_its_own_in_its_table_too_and_it_is_one() {
    let shown = json!([{"cidr_block": "0.0.0.0/0", "gateway_id": "igw-1", "local_gateway_id": ""}]);
    let alone = json!({
        "route_table_id": "rtb-1", "destination_cidr_block": "0.0.0.0/0", "gateway_id": "igw-1",
        "state": "blackhole",
    });
    let outcome = existing_table(shown).existing("aws_route.r", alone).read();
    let table: RouteTable = outcome.get("rtb-1");
    assert_eq!(table.routes.len(), 2);
    assert_eq!(table.routes[1].state, RouteState::Blackhole);
    outcome.network();
}

#[test]
fn a_deleted_route_is_gone_from_the_table_that_still_shows_it() {
    let shown = json!([
        {"cidr_block": "0.0.0.0/0", "gateway_id": "igw-1"},
        {"cidr_block": "192.0.2.0/24", "gateway_id": "igw-1"},
    ]);
    let before = json!({"route_table_id": "rtb-1", "destination_cidr_block": "0.0.0.0/0"});
    let outcome = existing_table(shown).deleted("aws_route.r", before).read();
    let table: RouteTable = outcome.get("rtb-1");
    let destinations: Vec<_> = table
        .routes
        .iter()
        .filter_map(|route| route.destination.known())
        .collect();
    let block = RouteDestination::Cidr("192.0.2.0/24".parse().unwrap());
    assert_eq!(destinations.last(), Some(&&block));
    assert_eq!(destinations.len(), 2);
    outcome.network();
}

#[test]
fn two_routes_of_one_plan_to_one_block_are_its_mistake() {
    let gateway: (&str, &[&str]) = (
        "gateway_id",
        &["aws_internet_gateway.g.id", "aws_internet_gateway.g"],
    );
    let values = || json!({"destination_cidr_block": "0.0.0.0/0"});
    let outcome = with_table()
        .create("aws_internet_gateway.g", json!({}), IN_MAIN)
        .create("aws_route.one", values(), &[OF_TABLE, gateway])
        .create(
            "aws_route.two",
            values(),
            &[OF_TABLE, ("nat_gateway_id", &["local.n"])],
        )
        .read();
    let defects = outcome.draft.clone().validate().unwrap_err();
    assert_eq!(defects[0].code(), "duplicate-route");
}

#[test]
fn an_adopted_main_table_is_the_main_table() {
    let open: &[(&str, &[&str])] = &[(
        "default_route_table_id",
        &["aws_vpc.main.default_route_table_id", "aws_vpc.main"],
    )];
    let outcome = with_vpc()
        .create("aws_default_route_table.d", json!({"route": []}), open)
        .read();
    let table: RouteTable = outcome.get("aws_vpc.main#main-route-table");
    let place = outcome
        .provenance
        .of(Kind::RouteTable, table.id.as_str())
        .unwrap();
    let pointer = "/planned_values/root_module/resources/1";
    assert_eq!(place.pointer.as_deref(), Some(pointer));
    outcome.network();
}

#[test]
fn a_table_of_a_gateway_is_remembered() {
    let open: &[(&str, &[&str])] = &[
        OF_TABLE,
        (
            "gateway_id",
            &["aws_internet_gateway.g.id", "aws_internet_gateway.g"],
        ),
    ];
    let outcome = with_table()
        .create("aws_internet_gateway.g", json!({}), IN_MAIN)
        .create("aws_route_table_association.edge", json!({}), open)
        .read();
    let gateway = outcome.get::<InternetGateway>("aws_internet_gateway.g");
    assert_eq!(gateway.edge_route_table, Some("aws_route_table.t".into()));
    outcome.network();
}

#[test]
fn a_route_to_what_was_left_out_leads_to_something_unmodelled() {
    let regional = json!({"availability_mode": "regional"});
    let plan = with_table().create("aws_nat_gateway.n", regional, &[]);
    let outcome = to(plan, "nat_gateway_id", "aws_nat_gateway.n");
    let [route] = routes(&outcome).try_into().unwrap();
    assert!(matches!(
        route.target,
        Value::Known(Target::Unmodelled { .. }) | Value::Any(_)
    ));
    outcome.warned();
}
