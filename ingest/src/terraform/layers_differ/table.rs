//! The routes of a table.

use model::{Hole, Route, RouteOrigin, RouteState, RouteTable, RuleIndex, Target, Value};

use crate::doubt::Touches;
use crate::provenance::Kind;

use super::super::plan::Resource;
use super::super::reader::Reader;
use super::{Changed, keep, leaves, may_be_gone, note, texts};

/// The beginnings of the types by which targets come and go, and gateways know other blocks.
const TARGETS: [&str; 9] = [
    "aws_dx_",
    "aws_ec2_transit_gateway",
    "aws_instance",
    "aws_internet_gateway",
    "aws_nat_gateway",
    "aws_network_interface",
    "aws_vpc_endpoint",
    "aws_vpc_peering",
    "aws_vpn_",
];

/// Opens where the routes lead that only one of the two has: that may be where others lead.
pub(super) fn read(reader: &mut Reader<'_, '_>, resource: &Resource<'_>, changed: &Changed<'_>) {
    let plan = reader.plan;
    let id = plan.id(resource);
    let (Some(earlier), Some(placed)) = (
        reader.sink.get::<RouteTable>(&id),
        reader.route_tables.get_mut(&id),
    ) else {
        return;
    };
    if !leaves(plan, resource, "route") {
        return;
    }
    let mut targets = changed.resources.iter();
    let is_settled = targets.any(|one| {
        TARGETS
            .iter()
            .any(|beginning| one.of.starts_with(beginning))
    });
    let open = Value::Any(resource.attribute("route").hole());
    let mut is_alike = true;
    for (position, route) in placed.component.routes.iter_mut().enumerate() {
        let is_made = changed.made(placed.rules.get(&RuleIndex::Route(position)));
        if !is_made && is_gone(route, &earlier.routes, is_settled) {
            route.target = open.clone();
            is_alike = false;
        }
    }
    let routes = &mut placed.component.routes;
    for route in earlier.routes.iter().filter(|route| is_compared(route)) {
        let same = routes.iter_mut().find(|one| is_same(one, route));
        match same {
            Some(same) if !is_compared(same) || same.target == route.target => continue,
            Some(same) => same.target = open.clone(),
            None => routes.push(Route {
                target: open.clone(),
                ..route.clone()
            }),
        }
        is_alike = false;
    }
    if !is_alike {
        keep(reader, resource, "route", Touches::Everything);
        note(reader.sink, &id);
    }
}

/// A route that a resource of its own stands for. Where only the earlier input has the table, and has it
/// without the route or with another target, it may lead elsewhere.
pub(in super::super) fn earlier(
    reader: &mut Reader<'_, '_>,
    resource: &Resource<'_>,
    id: &str,
    route: Route,
) -> Route {
    let is_planned = reader.route_tables.contains_key(id);
    let Some(table) = reader.sink.get::<RouteTable>(id) else {
        return route;
    };
    let same = table.routes.iter().find(|one| is_same(one, &route));
    let is_alike = same.is_some_and(|same| !is_compared(same) || same.target == route.target);
    let is_known = route.destination.known().is_some() && route.target.known().is_some();
    if is_planned || is_alike || !is_known || !may_be_gone(reader, resource, Kind::RouteTable) {
        return route;
    }
    note(reader.sink, id);
    keep(reader, resource, TABLES, Touches::Everything);
    Route {
        target: Value::Any(Hole::new(resource.address)),
        ..route
    }
}

/// The attribute by which a gateway endpoint lists the tables in which it has a route.
const TABLES: &str = "route_table_ids";

/// A route to a gateway endpoint in a table that only the earlier input has may be gone where the endpoint does
/// not list the table. Those of tables that the change takes out of the list are gone by now.
pub(super) fn of_endpoint(reader: &mut Reader<'_, '_>, resource: &Resource<'_>) {
    let plan = reader.plan;
    let list = resource.attribute(TABLES);
    if !list.is_list() || list.has_unknown() {
        return;
    }
    let mut listed = texts(&list);
    for one in plan.managed(&["aws_vpc_endpoint_route_table_association"]) {
        let table = one.attribute("route_table_id");
        listed.extend(table.text().map(str::to_owned));
    }
    let id = plan.id(resource);
    let mut unlike = Vec::new();
    for table in &mut reader.sink.draft.route_tables {
        let name = table.id.to_string();
        if listed.contains(&name) || reader.route_tables.contains_key(&name) {
            continue;
        }
        let routes = table.routes.iter_mut();
        for route in routes.filter(|route| is_to(route, &id)) {
            route.target = Value::Any(list.hole());
            unlike.push(name.clone());
        }
    }
    for table in unlike {
        note(reader.sink, &table);
    }
}

fn is_to(route: &Route, endpoint: &str) -> bool {
    matches!(&route.target, Value::Known(Target::GatewayEndpoint(id)) if id.as_str() == endpoint)
}

/// Whether the earlier table does not have a route, or has it as a blackhole. Where the change touches what
/// routes lead to, that may be what it makes of them.
fn is_gone(route: &Route, earlier: &[Route], is_settled: bool) -> bool {
    let is_told = match &route.target {
        Value::Known(Target::Local) | Value::OneOf(..) | Value::Any(_) => false,
        Value::Known(_) => route.destination.known().is_some(),
    };
    let is_propagated = route.origin == RouteOrigin::Propagated;
    if !is_told || (is_propagated && is_settled) {
        return false;
    }
    match earlier.iter().find(|one| is_same(one, route)) {
        Some(same) => {
            let is_black = same.state == RouteState::Blackhole && same.target == route.target;
            is_black && route.state == RouteState::Active && !is_settled
        }
        None => true,
    }
}

/// Whether two routes are for the same packets. The list of a gateway endpoint's service may have no id in
/// a plan.
fn is_same(one: &Route, other: &Route) -> bool {
    let is_endpoint = matches!(&one.target, Value::Known(Target::GatewayEndpoint(_)));
    let is_by_endpoint = is_endpoint && one.target == other.target;
    one.origin == other.origin && (is_by_endpoint || one.destination == other.destination)
}

/// Whether both formats say a route in one way.
fn is_compared(route: &Route) -> bool {
    let is_said = match &route.target {
        Value::Known(Target::Local | Target::Unmodelled { .. }) => false,
        Value::Known(_) => true,
        Value::OneOf(..) | Value::Any(_) => false,
    };
    is_said && route.origin == RouteOrigin::Static && route.state == RouteState::Active
}
