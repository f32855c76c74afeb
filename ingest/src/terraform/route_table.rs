//! Route tables: `aws_route_table`, `aws_default_route_table`, stand-alone routes, associations.

use std::collections::BTreeSet;

use model::{
    Hole, PrefixListId, Route, RouteDestination, RouteOrigin, RouteState, RouteTable, RouteTableId,
    RuleIndex, Tags, Target, Value, VpcId,
};

use crate::diagnostic::Place;
use crate::doubt::Touches;
use crate::provenance::Kind;

use super::adopted;
use super::attribute::Attribute;
use super::identity::{DefaultPart, ROUTE_TABLES, Thing};
use super::layers_differ;
use super::plan::Resource;
use super::reader::{Reader, shelve};
use super::removal::shown::is_written_anew;
use super::slot::Slot;
use super::target;

/// Reads the tables with the routes written in them.
pub(super) fn read(reader: &mut Reader<'_, '_>) {
    let retired = retired(reader);
    for resource in reader.plan.managed(&ROUTE_TABLES) {
        table(reader, resource, &retired);
    }
}

/// A table that AWS makes with its VPC: it has the local routes only.
pub(super) fn implied(reader: &mut Reader<'_, '_>, id: &str, vpc: &VpcId, place: Place) {
    let table = RouteTable {
        id: RouteTableId::new(id),
        vpc: vpc.clone(),
        routes: local_routes(reader, vpc),
        tags: Tags::new(),
    };
    shelve(&mut reader.route_tables, table, place, reader.sink);
}

/// One local route for each block of the VPC, which no table can do without.
fn local_routes(reader: &mut Reader<'_, '_>, vpc: &VpcId) -> Vec<Route> {
    let blocks = reader.vpc_blocks(vpc).unwrap_or_default();
    let route = |cidr| Route {
        destination: Value::Known(RouteDestination::Cidr(cidr)),
        target: Value::Known(Target::Local),
        origin: RouteOrigin::Static,
        state: RouteState::Active,
    };
    blocks.into_iter().map(route).collect()
}

/// A table and the block of a route that a stand-alone `aws_route` had before the change.
type Retired = BTreeSet<(String, String)>;

/// The routes which the change takes away, or writes anew: a table that is not itself changed
/// still shows them.
fn retired(reader: &Reader<'_, '_>) -> Retired {
    let mut retired = Retired::new();
    for route in reader
        .plan
        .former
        .iter()
        .filter(|former| former.of == "aws_route")
    {
        let Some(table) = route.attribute("route_table_id").text() else {
            continue;
        };
        for name in ROUTE_DESTINATIONS {
            if let Some(destination) = route.attribute(name).text() {
                retired.insert((table.to_owned(), destination.to_owned()));
            }
        }
    }
    retired
}

const ROUTE_DESTINATIONS: [&str; 3] = [
    "destination_cidr_block",
    "destination_ipv6_cidr_block",
    "destination_prefix_list_id",
];
const INLINE_DESTINATIONS: [&str; 3] = [
    "cidr_block",
    "ipv6_cidr_block",
    "destination_prefix_list_id",
];

fn table(reader: &mut Reader<'_, '_>, resource: &Resource<'_>, retired: &Retired) {
    let id = reader.plan.id(resource);
    // The resource which adopts a main table need not say its VPC.
    let vpc = if resource.of == "aws_default_route_table" {
        adopted::vpc(reader, resource, DefaultPart::RouteTable)
    } else {
        reader.vpc_id(&resource.attribute("vpc_id"))
    };
    let Some(vpc) = vpc else { return };
    let mut routes = local_routes(reader, &vpc);
    routes.extend(kept_routes(reader, &id));
    let table = RouteTable {
        id: RouteTableId::new(&id),
        routes,
        vpc,
        tags: reader.tags(resource),
    };
    shelve(
        &mut reader.route_tables,
        table,
        resource.place(),
        reader.sink,
    );
    let inline = resource.attribute("route");
    if inline.is_open() {
        let (destination, target) = (Value::Any(inline.hole()), Value::Any(inline.hole()));
        attach(
            reader,
            resource,
            &id,
            route(destination, target),
            inline.place(),
        );
    }
    for item in inline.items() {
        let destinations = INLINE_DESTINATIONS.map(|name| item.field(name));
        let is_retired = destinations
            .iter()
            .filter_map(Attribute::text)
            .any(|destination| retired.contains(&(id.clone(), destination.to_owned())));
        if !is_retired || is_written_anew(reader, resource, "route") {
            written(reader, resource, &id, &destinations, &item);
        }
    }
}

/// The routes that an earlier input has in a table and that the provider never shows in `route`:
/// propagated ones, and those of gateway endpoints that other stacks own.
fn kept_routes(reader: &mut Reader<'_, '_>, table: &str) -> Vec<Route> {
    let plan = reader.plan;
    let endpoints = plan.managed(&["aws_vpc_endpoint"]);
    let is_kept = |route: &&Route| match &route.target {
        Value::Known(Target::GatewayEndpoint(id)) => !endpoints
            .iter()
            .any(|endpoint| plan.id(endpoint) == id.as_str()),
        Value::Known(_) | Value::OneOf(..) | Value::Any(_) => {
            route.origin == RouteOrigin::Propagated
        }
    };
    let earlier = reader.sink.get::<RouteTable>(table);
    let routes = earlier.into_iter().flat_map(|table| &table.routes);
    routes.filter(is_kept).cloned().collect()
}

/// Reads the stand-alone routes.
pub(super) fn routes(reader: &mut Reader<'_, '_>) {
    for resource in reader.plan.managed(&["aws_route"]) {
        let attribute = resource.attribute("route_table_id");
        let Some(table) = reader.settle(&attribute, Thing::RouteTable) else {
            spread(reader, resource, &attribute);
            continue;
        };
        let destinations = ROUTE_DESTINATIONS.map(|name| resource.attribute(name));
        let whole = resource.attribute("state");
        written(reader, resource, &table, &destinations, &whole);
    }
}

/// A route of a table that cannot be told: each that it may be in may have a route which is not
/// known.
pub(super) fn spread(
    reader: &mut Reader<'_, '_>,
    resource: &Resource<'_>,
    attribute: &Attribute<'_>,
) {
    let candidates = reader.plan.candidates(attribute, &[Thing::RouteTable]).list;
    let mut tables: Vec<_> = candidates
        .into_iter()
        .map(|candidate| candidate.id)
        .collect();
    if tables.is_empty() {
        reader.may_be_earlier(attribute);
        tables = reader.route_tables.keys().cloned().collect();
    }
    for table in tables {
        let hole = || Hole::new(attribute.name());
        let route = route(Value::Any(hole()), Value::Any(hole()));
        attach(reader, resource, &table, route, resource.place());
    }
}

/// A route as it is written, inline or alone.
fn written(
    reader: &mut Reader<'_, '_>,
    resource: &Resource<'_>,
    table: &str,
    destinations: &[Attribute<'_>; 3],
    whole: &Attribute<'_>,
) {
    let is_inline = ROUTE_TABLES.contains(&resource.of);
    let field = |name: &'static str| {
        if is_inline {
            whole.field(name)
        } else {
            resource.attribute(name)
        }
    };
    let Some(destination) = destination(reader, destinations) else {
        return;
    };
    let target = match target::read(reader, field) {
        target::Found::Target(target) => target,
        // AWS's own local route, written out.
        target::Found::Local => return local(reader, resource, table, &destination),
        target::Found::Nothing => {
            let what = "a route without a target of a known kind";
            reader.unread(resource, what, &[Touches::Everything]);
            return;
        }
    };
    let mut route = route(destination, target);
    if !is_inline && whole.text() == Some("blackhole") {
        route.state = RouteState::Blackhole;
    }
    let place = if is_inline {
        whole.place()
    } else {
        resource.place()
    };
    attach(reader, resource, table, route, place);
}

fn local(
    reader: &mut Reader<'_, '_>,
    resource: &Resource<'_>,
    table: &str,
    destination: &Value<RouteDestination>,
) {
    let table = reader.route_tables.get(table);
    let is_there = table.is_none_or(|table| {
        let mut routes = table.component.routes.iter();
        routes.any(|route| route.destination == *destination)
    });
    if !is_there {
        let what = "a local route to a part of the VPC";
        reader.unread(resource, what, &[Touches::Everything]);
    }
}

fn route(destination: Value<RouteDestination>, target: Value<Target>) -> Route {
    Route {
        destination,
        target,
        origin: RouteOrigin::Static,
        state: RouteState::Active,
    }
}

fn destination(
    reader: &mut Reader<'_, '_>,
    [ipv4, ipv6, list]: &[Attribute<'_>; 3],
) -> Option<Value<RouteDestination>> {
    for block in [ipv4, ipv6] {
        if block.is_unknown() {
            return Some(Value::Any(block.hole()));
        }
        if block.text().is_some() {
            let cidr = block.cidr(reader.sink)?;
            return Some(Value::Known(RouteDestination::Cidr(cidr)));
        }
    }
    let slot = match reader.slot(list, &[Thing::PrefixList]) {
        Slot::Empty if list.is_unknown() => Slot::Open,
        Slot::Empty => {
            reader.invalid(ipv4, "a destination: a block or a prefix list");
            return None;
        }
        slot @ (Slot::Known(_) | Slot::OneOf(_) | Slot::Open) => slot,
    };
    let make = |id: &str| RouteDestination::PrefixList(PrefixListId::new(id));
    reader.value(slot, list.hole(), |_| Vec::new(), make)
}

/// Puts a route into its table. It takes the place of another with its destination when that is the
/// same one as an earlier state of the table shows it.
pub(super) fn attach(
    reader: &mut Reader<'_, '_>,
    resource: &Resource<'_>,
    table: &str,
    route: Route,
    place: Place,
) {
    let route = layers_differ::table::earlier(reader, resource, table, route);
    let Some(shown) = shown(reader, table, &route) else {
        reader.omit(
            resource,
            "a route of a route table that is not in the input",
        );
        return;
    };
    let routes = match reader.route_tables.get_mut(table) {
        Some(table) => &mut table.component.routes,
        None => match reader.sink.get::<RouteTable>(table) {
            Some(table) => &mut table.routes,
            None => return,
        },
    };
    let position = match shown {
        Shown::Local => {
            let what = "another target than the VPC for its own block";
            reader.guessed(resource, what);
            return;
        }
        Shown::Already(position) => {
            if let Some(old) = routes.get_mut(position) {
                *old = route;
            }
            position
        }
        Shown::Not => {
            routes.push(route);
            routes.len() - 1
        }
    };
    let rule = RuleIndex::Route(position);
    match reader.route_tables.get_mut(table) {
        Some(table) => {
            table.rules.insert(rule, place);
        }
        None => reader.sink.rule(Kind::RouteTable, table, rule, place),
    }
}

/// Whether a table shows a route already.
enum Shown {
    Not,
    Already(usize),
    /// As the local route, whose target this one cannot replace.
    Local,
}

/// `None` when the table itself is not there.
fn shown(reader: &mut Reader<'_, '_>, table: &str, route: &Route) -> Option<Shown> {
    let own = reader.route_tables.get(table);
    let routes = match own {
        Some(table) => &table.component.routes,
        None => &reader.sink.get::<RouteTable>(table)?.routes,
    };
    let destination = route.destination.known();
    // What is propagated stands beside a static route, and beside what another propagates.
    let is_static = route.origin == RouteOrigin::Static;
    let same = |other: &Route| {
        destination.is_some()
            && other.destination.known() == destination
            && other.origin == route.origin
            && (is_static || other.target == route.target)
    };
    let Some((position, old)) = routes.iter().enumerate().find(|(_, other)| same(other)) else {
        return Some(Shown::Not);
    };
    if old.target == Value::Known(Target::Local) {
        let replaces = target::may_replace_local(&route.target);
        return Some(if replaces {
            Shown::Already(position)
        } else {
            Shown::Local
        });
    }
    // Two resources of this plan with one destination are the plan's mistake, and stay two.
    let is_another = own.is_some_and(|table| {
        let place = table.rules.get(&RuleIndex::Route(position));
        let pointer = |place: &Place| place.pointer.clone().unwrap_or_default();
        let of_table = format!("{}/", pointer(&table.place));
        place.is_some_and(|place| !pointer(place).starts_with(&of_table))
    });
    Some(if is_another && old != route {
        Shown::Not
    } else {
        Shown::Already(position)
    })
}
