//! Networks on premises: `describe-vpn-gateways`, `describe-vpn-connections`, and Direct Connect's
//! `describe-direct-connect-gateway-associations` and `describe-virtual-interfaces`.
//!
//! No call says which blocks a virtual private gateway knows to lie there. They follow from its
//! connections when all of these have static routes only, or from a route table to which it
//! propagates what it knows; else they are a hole.

use std::collections::BTreeSet;

use model::{
    AttachmentKind, Cidr, DirectConnectAssociation, DirectConnectAssociationId, Hole,
    OnPremisesGateway, OnPremisesService, RouteTableId, Tags, TransitGatewayAttachment, Value,
    VirtualPrivateGateway, VirtualPrivateGatewayId,
};

use super::gateway::attached_vpc;
use super::route_table::Associations;
use super::snapshot::Snapshot;
use crate::cidr::covers;
use crate::json::Cursor;
use crate::sink::Sink;

const CONNECTIONS: &str = "VpnConnections";
const DIRECT_CONNECT: &str = "directConnectGatewayAssociations";
const VIRTUAL_INTERFACES: &str = "virtualInterfaces";

/// Reads the virtual private gateways.
pub(super) fn read(snapshot: &Snapshot<'_>, associations: &Associations, sink: &mut Sink) {
    for cursor in snapshot.cursors("VpnGateways") {
        let Some(id) = cursor.required_text("VpnGatewayId", sink) else {
            continue;
        };
        if cursor.text("State", sink) == Some("deleted") {
            continue;
        }
        let gateway = VirtualPrivateGateway {
            id: VirtualPrivateGatewayId::new(id),
            vpc: attached_vpc(cursor, "VpcAttachments", sink),
            edge_route_table: associations.gateways.get(id).map(RouteTableId::new),
            prefixes: prefixes(id, snapshot, sink),
            tags: cursor.aws_tags("Tags", sink),
        };
        sink.add(gateway, cursor.place());
    }
    name_others(snapshot, sink);
}

/// Reads the associations of Direct Connect gateways, when the gateways and attachments are read.
pub(super) fn read_associations(snapshot: &Snapshot<'_>, sink: &mut Sink) {
    for cursor in snapshot.cursors(DIRECT_CONNECT) {
        let Some(id) = cursor.required_text("associationId", sink) else {
            continue;
        };
        if cursor.text("associationState", sink) == Some("disassociated") {
            continue;
        }
        let Some(gateway) = associated(cursor, snapshot, sink) else {
            continue;
        };
        let association = DirectConnectAssociation {
            id: DirectConnectAssociationId::new(id),
            allowed_prefixes: allowed(id, cursor, sink),
            other_ways: match &gateway {
                OnPremisesGateway::VirtualPrivate(gateway) => {
                    has_other_ways(gateway.as_str(), snapshot, sink)
                }
                OnPremisesGateway::Transit(_) => false,
            },
            gateway,
            tags: Tags::new(),
        };
        sink.add(association, cursor.place());
    }
}

/// The gateway of an association; `None` when it is not in the input, so that nothing comes by it.
fn associated(
    cursor: &Cursor<'_>,
    snapshot: &Snapshot<'_>,
    sink: &mut Sink,
) -> Option<OnPremisesGateway> {
    let gateway = cursor.get("associatedGateway");
    let gateway = gateway.and_then(|gateway| gateway.text("id", sink));
    let gateway = gateway.or_else(|| cursor.text("virtualGatewayId", sink))?;
    if sink.get::<VirtualPrivateGateway>(gateway).is_some() {
        return Some(OnPremisesGateway::VirtualPrivate(gateway.into()));
    }
    let resource = cursor.text("directConnectGatewayId", sink)?;
    let mut attachments = snapshot.cursors("TransitGatewayAttachments");
    let found = attachments.find(|attachment| {
        attachment.text("TransitGatewayId", sink) == Some(gateway)
            && attachment.text("ResourceId", sink) == Some(resource)
    })?;
    let id = found.text("TransitGatewayAttachmentId", sink)?;
    let attachment = sink.get::<TransitGatewayAttachment>(id)?;
    let service = OnPremisesService::DirectConnectGateway;
    let leads =
        matches!(attachment.kind, AttachmentKind::OnPremises { service: of, .. } if of == service);
    leads.then(|| OnPremisesGateway::Transit(id.into()))
}

fn allowed(id: &str, cursor: &Cursor<'_>, sink: &mut Sink) -> Value<BTreeSet<Cidr>> {
    let listed = cursor.list("allowedPrefixesToDirectConnectGateway", sink);
    let blocks = listed.iter().filter_map(|item| item.cidr("cidr", sink));
    let blocks: BTreeSet<_> = blocks.collect();
    if blocks.is_empty() {
        Value::Any(Hole::new(format!("allowed prefixes of {id}")))
    } else {
        Value::Known(blocks)
    }
}

/// Whether something but an association may advertise the addresses of a virtual private gateway:
/// it may when a call that would tell is missing.
fn has_other_ways(id: &str, snapshot: &Snapshot<'_>, sink: &mut Sink) -> bool {
    let mut is_of = |list, gateway, state, gone: &[&str]| {
        !snapshot.is_there(list)
            || snapshot.cursors(list).any(|cursor| {
                let state = cursor.text(state, sink);
                cursor.text(gateway, sink) == Some(id)
                    && !state.is_some_and(|state| gone.contains(&state))
            })
    };
    is_of(CONNECTIONS, "VpnGatewayId", "State", &["deleted"])
        || is_of(
            VIRTUAL_INTERFACES,
            "virtualGatewayId",
            "virtualInterfaceState",
            &["deleted", "rejected"],
        )
}

/// The connections of gateways that are not in the input.
fn name_others(snapshot: &Snapshot<'_>, sink: &mut Sink) {
    for cursor in snapshot.cursors(CONNECTIONS) {
        let id = cursor.required_text("VpnConnectionId", sink);
        let gateways = [
            ("VpnGatewayId", "VpnGateways"),
            ("TransitGatewayId", "TransitGateways"),
        ];
        let is_read = gateways.iter().any(|(field, list)| {
            let gateway = cursor.text(field, sink);
            gateway.is_some_and(|gateway| snapshot.has(list, gateway))
        });
        if let Some(id) = id
            && !is_read
            && cursor.text("State", sink) != Some("deleted")
        {
            let what = "a VPN connection of a gateway that is not in the input";
            sink.left_out(cursor.place(), id, what);
        }
    }
}

/// The blocks that a virtual private gateway knows.
fn prefixes(id: &str, snapshot: &Snapshot<'_>, sink: &mut Sink) -> Value<BTreeSet<Cidr>> {
    let tables = InTables::new(id, snapshot);
    if let Some(blocks) = stated(id, snapshot, sink)
        && tables.propagated.is_subset(&blocks)
    {
        if !snapshot.is_there(DIRECT_CONNECT) {
            let call = "describe-direct-connect-gateway-associations";
            let text = format!("the output of `{call}` is not in the input: taken as empty");
            sink.assume("call-missing", text);
        }
        return Value::Known(blocks);
    }
    if tables.tell_all() {
        return Value::Known(tables.propagated);
    }
    let call = if snapshot.is_there(CONNECTIONS) {
        "a route table with it in `PropagatingVgws` tells them"
    } else {
        "describe-vpn-connections"
    };
    Value::Any(Hole::new(format!("prefixes of {id} ({call})")))
}

/// The static routes of a gateway's connections, when it learns nothing besides. One without any is
/// there for Direct Connect, unless the input says that it is not.
fn stated(id: &str, snapshot: &Snapshot<'_>, sink: &mut Sink) -> Option<BTreeSet<Cidr>> {
    if !snapshot.is_there(CONNECTIONS) || has_direct_connect(id, snapshot, sink) {
        return None;
    }
    let is_told = snapshot.is_there(DIRECT_CONNECT) && snapshot.is_there(VIRTUAL_INTERFACES);
    let mut blocks = is_told.then(BTreeSet::new);
    for cursor in snapshot.cursors(CONNECTIONS) {
        if cursor.text("VpnGatewayId", sink) == Some(id)
            && cursor.text("State", sink) != Some("deleted")
        {
            let own = static_routes(cursor, sink)?;
            blocks.get_or_insert_default().extend(own);
        }
    }
    blocks
}

fn has_direct_connect(id: &str, snapshot: &Snapshot<'_>, sink: &mut Sink) -> bool {
    let mut is_there = |list, state, gone: &[&str]| {
        snapshot.cursors(list).any(|cursor| {
            let gateway = cursor.get("associatedGateway");
            let gateway = gateway.and_then(|gateway| gateway.text("id", sink));
            let gateway = gateway.or_else(|| cursor.text("virtualGatewayId", sink));
            let is_gone = cursor
                .text(state, sink)
                .is_some_and(|state| gone.contains(&state));
            gateway == Some(id) && !is_gone
        })
    };
    is_there(DIRECT_CONNECT, "associationState", &["disassociated"])
        || is_there(
            VIRTUAL_INTERFACES,
            "virtualInterfaceState",
            &["deleted", "rejected"],
        )
}

/// The static routes of the VPN connection of an attachment to a transit gateway; `None` when the
/// connection learns others by BGP, or is not in the input.
pub(super) fn static_routes_of(
    connection: &str,
    snapshot: &Snapshot<'_>,
    sink: &mut Sink,
) -> Option<BTreeSet<Cidr>> {
    let mut cursors = snapshot.cursors(CONNECTIONS);
    let found = cursors.find(|cursor| cursor.text("VpnConnectionId", sink) == Some(connection));
    static_routes(found?, sink)
}

/// The static routes of a connection that has no others.
fn static_routes(cursor: &Cursor<'_>, sink: &mut Sink) -> Option<BTreeSet<Cidr>> {
    let options = cursor.get("Options")?;
    if options.flag("StaticRoutesOnly", sink) != Some(true) {
        return None;
    }
    let mut blocks = BTreeSet::new();
    let is_available = cursor.text("State", sink) == Some("available");
    for route in cursor.list("Routes", sink) {
        let block = route.required("DestinationCidrBlock", sink);
        let block = block.and_then(|block| block.as_cidr(sink));
        let state = route.text("State", sink);
        if is_available && state.is_none_or(|state| state == "available") {
            blocks.extend(block);
        }
    }
    Some(blocks)
}

/// What route tables say of a virtual private gateway.
#[derive(Debug, Default)]
struct InTables {
    /// Whether one takes over what it knows.
    is_propagating: bool,
    /// The blocks that are propagated.
    propagated: BTreeSet<Cidr>,
    /// The blocks of static routes to it; `None` is a prefix list's.
    routed: Vec<Option<Cidr>>,
}

impl InTables {
    fn new(id: &str, snapshot: &Snapshot<'_>) -> Self {
        // What is wrong with a table is said where it is read.
        let sink = &mut Sink::default();
        let mut tables = Self::default();
        for cursor in snapshot.cursors("RouteTables") {
            let propagating = cursor.list("PropagatingVgws", sink);
            let mut propagating = propagating.iter();
            tables.is_propagating |=
                propagating.any(|gateway| gateway.text("GatewayId", sink) == Some(id));
            for route in cursor.list("Routes", sink) {
                if route.text("GatewayId", sink) == Some(id) {
                    tables.add(&route, sink);
                }
            }
        }
        tables
    }

    fn add(&mut self, route: &Cursor<'_>, sink: &mut Sink) {
        let blocks = ["DestinationCidrBlock", "DestinationIpv6CidrBlock"];
        let block = blocks.iter().find_map(|key| route.cidr(key, sink));
        if route.text("Origin", sink) != Some("EnableVgwRoutePropagation") {
            self.routed.push(block);
        } else if route.text("State", sink) != Some("blackhole") {
            self.propagated.extend(block);
        }
    }

    /// Whether the propagated blocks are all that matter: a table that takes them over may not show
    /// one for which it has a static route, so that a static route to the gateway must not lead
    /// beyond them.
    fn tell_all(&self) -> bool {
        let is_known = |block: &Option<Cidr>| {
            let mut known = self.propagated.iter();
            block.is_some_and(|block| known.any(|known| covers(*known, block)))
        };
        self.is_propagating && self.routed.iter().all(is_known)
    }
}
