//! Networks on premises: `aws_vpn_gateway`, its attachment and its propagation to route tables.
//!
//! The blocks that a gateway knows are the static routes of its VPN connections
//! (`vpn_connection.rs`), unless one of these, or Direct Connect, may tell it others by BGP; then
//! they are a hole. What an earlier input knows of a gateway stays, but for what the plan changes.

use std::collections::BTreeSet;

use model::{
    Cidr, Hole, Route, RouteDestination, RouteOrigin, RouteState, RouteTable, Target, Value,
    VirtualPrivateGateway, VirtualPrivateGatewayId, VpcId,
};

use crate::doubt::Touches;

use super::attribute::Attribute;
use super::identity::{ROUTE_TABLES, Thing};
use super::plan::Resource;
use super::reader::{Reader, shelve};
use super::removal::shown;
use super::route_table;
use super::slot::Slot;
use super::vpn_connection::Connections;

const PROPAGATION: &str = "aws_vpn_gateway_route_propagation";

/// The resources by which Direct Connect reaches a gateway, and the attribute that names it.
const DIRECT_CONNECT: [(&str, &str); 4] = [
    ("aws_dx_gateway_association", "associated_gateway_id"),
    ("aws_dx_gateway_association", "vpn_gateway_id"),
    ("aws_dx_private_virtual_interface", "vpn_gateway_id"),
    (
        "aws_dx_hosted_private_virtual_interface_accepter",
        "vpn_gateway_id",
    ),
];

/// Reads the gateways, and what they know.
pub(super) fn read(reader: &mut Reader<'_, '_>) {
    for resource in reader.plan.managed(&["aws_vpn_gateway"]) {
        gateway(reader, resource);
    }
    for resource in reader.plan.managed(&["aws_vpn_gateway_attachment"]) {
        attachment(reader, resource);
    }
    let connections = Connections::read(reader);
    for resource in reader
        .plan
        .managed(&["aws_vpn_connection", "aws_dx_gateway_association"])
    {
        name_outside(reader, resource);
    }
    let planned = reader.virtual_private_gateways.keys().cloned();
    let earlier = reader.sink.draft.virtual_private_gateways.iter();
    let ids: BTreeSet<String> = planned
        .chain(earlier.map(|one| one.id.to_string()))
        .collect();
    for id in ids {
        let before = reader.sink.get::<VirtualPrivateGateway>(&id);
        let before = before.map(|gateway| gateway.prefixes.clone());
        let prefixes = prefixes(reader, &id, &connections);
        if let Some(before) = before
            && before != prefixes
        {
            reader.changed_prefixes.insert(id.clone(), before);
        }
        if let Some(gateway) = gateway_mut(reader, &id) {
            gateway.prefixes = prefixes;
        }
    }
}

fn gateway(reader: &mut Reader<'_, '_>, resource: &Resource<'_>) {
    let id = reader.plan.id(resource);
    let earlier = reader.sink.get::<VirtualPrivateGateway>(&id).cloned();
    let attribute = resource.attribute("vpc_id");
    let vpc = if attribute.text().is_some() || attribute.is_open() {
        // Without its VPC it would seem to be detached.
        let Some(vpc) = reader.vpc_id(&attribute) else {
            return;
        };
        Some(vpc)
    } else {
        earlier.as_ref().and_then(|earlier| earlier.vpc.clone())
    };
    let gateway = VirtualPrivateGateway {
        vpc,
        edge_route_table: earlier.and_then(|earlier| earlier.edge_route_table),
        prefixes: Value::Any(Hole::new(format!("prefixes of {id}"))),
        tags: reader.tags(resource),
        id: VirtualPrivateGatewayId::new(id),
    };
    let shelf = &mut reader.virtual_private_gateways;
    shelve(shelf, gateway, resource.place(), reader.sink);
}

fn attachment(reader: &mut Reader<'_, '_>, resource: &Resource<'_>) {
    let attribute = resource.attribute("vpn_gateway_id");
    let gateway = reader.settle(&attribute, Thing::VpnGateway);
    let vpc: Option<VpcId> = reader.vpc_id(&resource.attribute("vpc_id"));
    let Some(gateway) = gateway else {
        reader.untraced(&attribute);
        return;
    };
    match (gateway_mut(reader, &gateway), vpc) {
        (Some(gateway), Some(vpc)) => gateway.vpc = Some(vpc),
        // It is attached to a VPC that cannot be told.
        (Some(_), None) => {
            reader.virtual_private_gateways.remove(&gateway);
            reader.left_out.insert(gateway);
        }
        (None, _) => reader.unread(
            resource,
            "a virtual private gateway that is not in the input",
            &[Touches::Everything],
        ),
    }
}

/// Names a resource whose gateway is not in the input. Those of transit gateways are read, or named,
/// as attachments.
fn name_outside(reader: &mut Reader<'_, '_>, resource: &Resource<'_>) {
    let names = [
        "vpn_gateway_id",
        "associated_gateway_id",
        "transit_gateway_id",
    ];
    for name in names {
        let attribute = resource.attribute(name);
        let slot = reader.slot(&attribute, &[Thing::VpnGateway, Thing::TransitGateway]);
        let is_outside = match slot {
            Slot::Known(candidate) => {
                candidate.thing == Thing::VpnGateway && gateway_mut(reader, &candidate.id).is_none()
            }
            Slot::OneOf(_) | Slot::Open => false,
            Slot::Empty => continue,
        };
        if is_outside {
            reader.unread(
                resource,
                "a virtual private gateway that is not in the input",
                &[Touches::Everything],
            );
        }
        return;
    }
    reader.omit(resource, "a connection of no gateway that is modelled");
}

/// A gateway of the plan, or of an earlier input.
pub(super) fn gateway_mut<'r>(
    reader: &'r mut Reader<'_, '_>,
    id: &str,
) -> Option<&'r mut VirtualPrivateGateway> {
    match reader.virtual_private_gateways.get_mut(id) {
        Some(gateway) => Some(&mut gateway.component),
        None => reader.sink.get::<VirtualPrivateGateway>(id),
    }
}

/// The blocks that a gateway knows.
fn prefixes(
    reader: &mut Reader<'_, '_>,
    id: &str,
    connections: &Connections<'_>,
) -> Value<BTreeSet<Cidr>> {
    let earlier = reader.sink.get::<VirtualPrivateGateway>(id);
    let earlier = earlier.map(|gateway| gateway.prefixes.clone());
    let is_known_before = earlier.is_some();
    if let Some(hole) = direct_connect(reader, id, is_known_before) {
        return Value::Any(hole);
    }
    let own = connections.of(reader, id, is_known_before);
    match (earlier, own) {
        (Some(Value::Known(earlier)), Ok(Some(own))) => {
            Value::Known(earlier.union(&own).copied().collect())
        }
        (Some(earlier), Ok(_)) => earlier,
        (None, Ok(Some(own))) => Value::Known(own),
        (None, Ok(None)) => Value::Any(Hole::new(format!(
            "prefixes of {id} (no VPN connection of it is in the input)"
        ))),
        (_, Err(hole)) => Value::Any(hole),
    }
}

/// What leaves the blocks of a gateway open because Direct Connect reaches, or may reach, it. What
/// an earlier input knows holds for what exists.
fn direct_connect(reader: &mut Reader<'_, '_>, id: &str, is_known_before: bool) -> Option<Hole> {
    let plan = reader.plan;
    for (of, name) in DIRECT_CONNECT {
        for resource in plan.managed(&[of]) {
            let exists = resource.attribute("id").text().is_some();
            let attribute = resource.attribute(name);
            if !(exists && is_known_before) && may_name(reader, &attribute, id) {
                return Some(Hole::new(format!(
                    "prefixes of {id} (learned by {})",
                    resource.address
                )));
            }
        }
    }
    None
}

/// Whether an attribute names a gateway, or may.
pub(super) fn may_name(reader: &mut Reader<'_, '_>, attribute: &Attribute<'_>, id: &str) -> bool {
    match reader.slot(attribute, &[Thing::VpnGateway, Thing::TransitGateway]) {
        Slot::Empty => false,
        Slot::Known(candidate) => candidate.id == id,
        Slot::OneOf(list) => list.iter().any(|candidate| candidate.id == id),
        Slot::Open => true,
    }
}

/// Puts into route tables what gateways propagate to them.
pub(super) fn propagate(reader: &mut Reader<'_, '_>) {
    let plan = reader.plan;
    for resource in plan.managed(&ROUTE_TABLES) {
        let table = plan.id(resource);
        let attribute = resource.attribute("propagating_vgws");
        let gateways = reader.members(&attribute, Thing::VpnGateway);
        if gateways.is_set && !gateways.is_exact {
            open(reader, resource, &table, attribute.hole());
            continue;
        }
        for gateway in gateways.list {
            if !is_ended(reader, &table, &gateway.id) {
                propagate_to(reader, resource, &table, &gateway.id);
            }
        }
    }
    for resource in plan.managed(&[PROPAGATION]) {
        let attribute = resource.attribute("vpn_gateway_id");
        let table = resource.attribute("route_table_id");
        let gateway = reader.settle(&attribute, Thing::VpnGateway);
        let Some(id) = reader.settle(&table, Thing::RouteTable) else {
            route_table::spread(reader, resource, &table);
            continue;
        };
        match gateway {
            Some(gateway) => propagate_to(reader, resource, &id, &gateway),
            None => open(reader, resource, &id, attribute.hole()),
        }
    }
    for (id, before) in std::mem::take(&mut reader.changed_prefixes) {
        propagate_to_earlier(reader, &id, &before);
    }
}

/// Puts what a gateway knows anew into the tables of an earlier input to which it propagates: those that
/// show it, or may not show it yet, since it knew nothing.
fn propagate_to_earlier(reader: &mut Reader<'_, '_>, id: &str, before: &Value<BTreeSet<Cidr>>) {
    let Some(gateway) = gateway_mut(reader, id).cloned() else {
        return;
    };
    let knew_nothing = before.known().is_some_and(BTreeSet::is_empty);
    let target = Value::Known(Target::VirtualPrivateGateway(gateway.id.clone()));
    let may_propagate = Hole::new(format!("whether {id} propagates"));
    for table in &mut reader.sink.draft.route_tables {
        let is_planned = reader.route_tables.contains_key(table.id.as_str());
        if is_planned || Some(&table.vpc) != gateway.vpc.as_ref() {
            continue;
        }
        let is_propagated =
            |route: &Route| route.origin == RouteOrigin::Propagated && route.target == target;
        let shows = table.routes.iter().any(is_propagated);
        let destinations: Vec<_> = match &gateway.prefixes {
            Value::Known(blocks) if shows => {
                let blocks = blocks.iter().map(|block| RouteDestination::Cidr(*block));
                blocks.map(Value::Known).collect()
            }
            Value::OneOf(_, hole) | Value::Any(hole) if shows => vec![Value::Any(hole.clone())],
            Value::Known(_) | Value::OneOf(..) | Value::Any(_) if knew_nothing => {
                vec![Value::Any(may_propagate.clone())]
            }
            Value::Known(_) | Value::OneOf(..) | Value::Any(_) => Vec::new(),
        };
        for destination in destinations {
            let route = Route {
                destination,
                target: target.clone(),
                origin: RouteOrigin::Propagated,
                state: RouteState::Active,
            };
            if !table.routes.contains(&route) {
                table.routes.push(route);
            }
        }
    }
}

/// Whether the change ends the propagation of a gateway to a table, which shows it still.
fn is_ended(reader: &Reader<'_, '_>, table: &str, gateway: &str) -> bool {
    let names = ["route_table_id", "vpn_gateway_id"];
    shown::taken(reader.plan, PROPAGATION, names, table).contains(gateway)
}

fn propagate_to(reader: &mut Reader<'_, '_>, resource: &Resource<'_>, table: &str, id: &str) {
    let Some(gateway) = gateway_mut(reader, id) else {
        let what =
            "the propagation of routes by a virtual private gateway that is not in the input";
        reader.unread(resource, what, &[Touches::Everything]);
        return;
    };
    let target = Value::Known(Target::VirtualPrivateGateway(gateway.id.clone()));
    let destinations = match gateway.prefixes.clone() {
        Value::Known(blocks) => {
            let blocks = blocks.into_iter().map(RouteDestination::Cidr);
            blocks.map(Value::Known).collect()
        }
        // A table of an earlier input shows what is propagated.
        Value::OneOf(..) | Value::Any(_)
            if !reader.changed_prefixes.contains_key(id) && shows(reader, table, &target) =>
        {
            Vec::new()
        }
        Value::OneOf(_, hole) | Value::Any(hole) => vec![Value::Any(hole)],
    };
    for destination in destinations {
        put(reader, resource, table, destination, target.clone());
    }
}

fn shows(reader: &mut Reader<'_, '_>, table: &str, target: &Value<Target>) -> bool {
    let earlier = reader.sink.get::<RouteTable>(table);
    let mut routes = earlier.into_iter().flat_map(|table| &table.routes);
    routes.any(|route| route.origin == RouteOrigin::Propagated && route.target == *target)
}

/// A propagation to a table of which the gateway cannot be told.
fn open(reader: &mut Reader<'_, '_>, resource: &Resource<'_>, table: &str, hole: Hole) {
    let destination = Value::Any(hole.clone());
    put(reader, resource, table, destination, Value::Any(hole));
}

fn put(
    reader: &mut Reader<'_, '_>,
    resource: &Resource<'_>,
    table: &str,
    destination: Value<RouteDestination>,
    target: Value<Target>,
) {
    let route = Route {
        destination,
        target,
        origin: RouteOrigin::Propagated,
        state: RouteState::Active,
    };
    route_table::attach(reader, resource, table, route, resource.place());
}
