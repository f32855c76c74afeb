//! Associations: which subnets a resource speaks of.

use model::{
    Hole, InternetGateway, Route, RouteOrigin, RouteState, RouteTableId, Subnet, Value, Vpc, VpcId,
};

use super::attribute::Attribute;
use super::identity::Thing;
use super::layers_differ::is_unchanged;
use super::on_premises;
use super::plan::Resource;
use super::reader::Reader;
use super::route_table;
use super::slot::{MAX_CANDIDATES, Slot, one_of};
use crate::provenance::Kind;

/// The subnets that an association is for.
pub(super) struct Subnets {
    /// Their ids.
    pub(super) ids: Vec<String>,
    /// Whether it is for all of them, rather than for one of them that cannot be told.
    pub(super) is_exact: bool,
}

/// The subnet that an attribute names: one, or one of several with the other end in their VPC.
pub(super) fn subnets(
    reader: &mut Reader<'_, '_>,
    attribute: &Attribute<'_>,
    vpc: Option<&VpcId>,
) -> Subnets {
    if let Some(id) = reader.settle(attribute, Thing::Subnet) {
        return Subnets {
            ids: vec![id],
            is_exact: true,
        };
    }
    let ids = match reader.slot(attribute, &[Thing::Subnet]) {
        Slot::OneOf(list) => list.into_iter().map(|candidate| candidate.id).collect(),
        Slot::Open => {
            reader.may_be_earlier(attribute);
            of_vpc(reader, vpc)
        }
        Slot::Known(_) | Slot::Empty => Vec::new(),
    };
    if ids.is_empty() {
        reader.untraced(attribute);
    }
    Subnets {
        ids,
        is_exact: false,
    }
}

/// The subnets of a VPC, or all of them when there is no telling which VPC.
pub(super) fn of_vpc(reader: &Reader<'_, '_>, vpc: Option<&VpcId>) -> Vec<String> {
    let subnets = reader.subnets.iter();
    let of_vpc = subnets.filter(|(_, subnet)| vpc.is_none_or(|vpc| subnet.component.vpc == *vpc));
    of_vpc.map(|(id, _)| id.clone()).collect()
}

/// A subnet of the plan, or of an earlier input.
pub(super) fn subnet_mut<'r>(reader: &'r mut Reader<'_, '_>, id: &str) -> Option<&'r mut Subnet> {
    match reader.subnets.get_mut(id) {
        Some(subnet) => Some(&mut subnet.component),
        None => reader.sink.get::<Subnet>(id),
    }
}

/// Reads which table each subnet uses.
pub(super) fn read(reader: &mut Reader<'_, '_>) {
    for resource in reader.plan.managed(&["aws_route_table_association"]) {
        let gateway = resource.attribute("gateway_id");
        if gateway.text().is_some() || gateway.is_open() {
            edge(reader, resource, &gateway);
        } else {
            associate(reader, resource);
        }
    }
}

fn associate(reader: &mut Reader<'_, '_>, resource: &Resource<'_>) {
    let (subnet, table) = (
        resource.attribute("subnet_id"),
        resource.attribute("route_table_id"),
    );
    let slot = reader.slot(&table, &[Thing::RouteTable]);
    let known = match &slot {
        Slot::Known(candidate) => reader.route_tables.get(&candidate.id),
        Slot::Empty | Slot::OneOf(_) | Slot::Open => None,
    };
    let vpc = known.map(|table| table.component.vpc.clone());
    if matches!(slot, Slot::Open) {
        reader.may_be_earlier(&table);
    }
    let subnets = subnets(reader, &subnet, vpc.as_ref());
    // Where an earlier input has another table, either may be the younger (see `layers_differ.rs`).
    let is_kept = is_unchanged(reader.plan, resource);
    for id in subnets.ids {
        let vpc = reader.subnet(&id).map(|subnet| subnet.vpc.clone());
        let fallback = |reader: &Reader<'_, '_>| {
            let in_vpc = reader.route_tables.iter();
            let in_vpc = in_vpc.filter(|(_, table)| Some(&table.component.vpc) == vpc.as_ref());
            in_vpc.map(|(id, _)| id.clone()).collect()
        };
        let make = |id: &str| RouteTableId::new(id);
        let value = reader.value(slot.clone(), table.hole(), fallback, make);
        let Some(value) = value else {
            reader.untraced(&table);
            return;
        };
        let main = vpc.as_ref().and_then(|vpc| main_table(reader, vpc));
        let is_earlier = reader.sink.get::<Subnet>(&id).is_some();
        let is_listed = reader.sink.sees(Kind::RouteTable);
        let Some(found) = subnet_mut(reader, &id) else {
            reader.omit(
                resource,
                "an association of a subnet that is not in the input",
            );
            continue;
        };
        let is_other = match &found.route_table {
            Some(one) => is_earlier && *one != value,
            None => is_earlier && is_listed && main.as_ref() != value.known(),
        };
        found.route_table = Some(if subnets.is_exact && !(is_kept && is_other) {
            value
        } else {
            let before = found.route_table.take().or(main.map(Value::Known));
            either(before, value, subnet.hole())
        });
    }
}

/// The main route table of a VPC of the plan, or of an earlier input.
fn main_table(reader: &mut Reader<'_, '_>, vpc: &VpcId) -> Option<RouteTableId> {
    let vpc = match reader.vpcs.get(vpc.as_str()) {
        Some(vpc) => Some(&vpc.component),
        None => reader.sink.get::<Vpc>(vpc.as_str()).map(|vpc| &*vpc),
    };
    vpc.map(|vpc| vpc.main_route_table.clone())
}

/// One value or the other.
pub(super) fn either<T: PartialEq>(
    before: Option<Value<T>>,
    after: Value<T>,
    hole: Hole,
) -> Value<T> {
    let mut values = Vec::new();
    for value in before.into_iter().chain([after]) {
        match value {
            Value::Known(value) => values.push(value),
            Value::OneOf(several, _) => values.extend(several),
            Value::Any(hole) => return Value::Any(hole),
        }
    }
    let mut distinct = Vec::new();
    for value in values {
        if !distinct.contains(&value) {
            distinct.push(value);
        }
    }
    if distinct.len() > MAX_CANDIDATES {
        return Value::Any(hole);
    }
    one_of(distinct, hole)
}

/// A table of a gateway, for what comes in. Where it is not certain which table or which gateway,
/// those that it may be get a table with a route that is not known, since a gateway has no room for
/// a hole.
fn edge(reader: &mut Reader<'_, '_>, resource: &Resource<'_>, gateway: &Attribute<'_>) {
    let slot = reader.slot(gateway, &[Thing::InternetGateway, Thing::VpnGateway]);
    let (gateways, is_exact): (Vec<String>, bool) = match slot {
        Slot::Known(candidate) => (vec![candidate.id], true),
        Slot::OneOf(list) => (list.into_iter().map(|one| one.id).collect(), false),
        Slot::Open => {
            reader.may_be_earlier(gateway);
            let gateways = reader.internet_gateways.keys();
            let gateways = gateways.chain(reader.virtual_private_gateways.keys());
            (gateways.cloned().collect(), false)
        }
        Slot::Empty => (Vec::new(), false),
    };
    let table = reader.settle(&resource.attribute("route_table_id"), Thing::RouteTable);
    for id in gateways {
        let Some((vpc, _)) = edge_of(reader, &id) else {
            let what = "the route table of a gateway that is not in the input";
            reader.omit(resource, what);
            continue;
        };
        let vpc = vpc.clone();
        let table = match (&table, vpc) {
            (Some(table), _) if is_exact => table.clone(),
            (_, Some(vpc)) => open_table(reader, resource, &id, vpc),
            // Nothing comes in by a gateway that is attached nowhere.
            (_, None) => continue,
        };
        if let Some((_, edge_route_table)) = edge_of(reader, &id) {
            *edge_route_table = Some(RouteTableId::new(table));
        }
    }
}

/// The VPC of an internet or virtual private gateway, and its table.
fn edge_of<'r>(
    reader: &'r mut Reader<'_, '_>,
    id: &str,
) -> Option<(&'r Option<VpcId>, &'r mut Option<RouteTableId>)> {
    let is_internet_gateway = reader.internet_gateways.contains_key(id)
        || reader.sink.get::<InternetGateway>(id).is_some();
    if !is_internet_gateway {
        let gateway = on_premises::gateway_mut(reader, id)?;
        return Some((&gateway.vpc, &mut gateway.edge_route_table));
    }
    let gateway = match reader.internet_gateways.get_mut(id) {
        Some(gateway) => &mut gateway.component,
        None => reader.sink.get::<InternetGateway>(id)?,
    };
    Some((&gateway.vpc, &mut gateway.edge_route_table))
}

/// A table that may be any of a VPC's.
fn open_table(
    reader: &mut Reader<'_, '_>,
    resource: &Resource<'_>,
    gateway: &str,
    vpc: VpcId,
) -> String {
    let id = format!("{}#{gateway}", resource.address);
    let hole = resource.attribute("route_table_id").hole();
    route_table::implied(reader, &id, &vpc, resource.place());
    if let Some(table) = reader.route_tables.get_mut(&id) {
        table.component.routes.push(Route {
            destination: Value::Any(hole.clone()),
            target: Value::Any(hole),
            origin: RouteOrigin::Static,
            state: RouteState::Active,
        });
    }
    id
}
