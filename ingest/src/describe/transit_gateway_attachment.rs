//! Attachments to transit gateways: `describe-transit-gateway-attachments`, `-vpc-attachments`,
//! `-peering-attachments`.
//!
//! Both gateways of a peering may know it by one id. In the model each has an attachment of its
//! own, so that the accepter's then has its gateway's id behind it: `tgw-attach-1@tgw-2`.

mod kind;

use std::collections::{BTreeMap, BTreeSet};

use model::{
    AttachmentKind, Cidr, Hole, SubnetId, Tags, TransitGatewayAttachment,
    TransitGatewayAttachmentId, TransitGatewayId, TransitGatewayRouteTableId, Value, Vpc, VpcId,
};

use super::on_premises;
use super::snapshot::Snapshot;
use super::transit_gateway::is_enabled;
use crate::diagnostic::Place;
use crate::json::Cursor;
use crate::sink::Sink;

use kind::{outside_gateway, outside_vpc, undescribed};

/// The attachments of the input, in the making.
#[derive(Debug, Default)]
pub(super) struct Attachments<'a> {
    /// Each by the gateway and the id that AWS gives it.
    found: BTreeMap<Key<'a>, Found>,
    /// Those that are gone.
    gone: BTreeSet<Key<'a>>,
    /// The accepter's end of each peering that has one id.
    accepters: BTreeSet<Key<'a>>,
}

/// Where it is said what an attachment propagates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Propagated {
    /// In the blocks of a VPC of the input.
    ByVpc,
    /// In the routes of the tables to which a network on premises propagates.
    FromOnPremises,
    /// In the routes of each table, for this table.
    Elsewhere,
}

/// A gateway and an attachment to it.
type Key<'a> = (&'a str, &'a str);

#[derive(Debug)]
struct Found {
    place: Place,
    available: bool,
    kind: AttachmentKind,
    tags: Tags,
    /// Whether `describe-transit-gateway-attachments`, which says the association, has it.
    is_listed: bool,
    association: Option<Value<TransitGatewayRouteTableId>>,
}

impl<'a> Attachments<'a> {
    /// Gathers what the calls say of the attachments to some gateways.
    pub(super) fn gather(
        snapshot: &Snapshot<'a>,
        gateways: &BTreeSet<&'a str>,
        sink: &mut Sink,
    ) -> Self {
        let mut attachments = Self::default();
        for cursor in snapshot.cursors("TransitGatewayVpcAttachments") {
            attachments.vpc(cursor, gateways, sink);
        }
        for cursor in snapshot.cursors("TransitGatewayPeeringAttachments") {
            attachments.peering(cursor, gateways, sink);
        }
        for cursor in snapshot.cursors("TransitGatewayAttachments") {
            attachments.any(cursor, gateways, snapshot, sink);
        }
        attachments
    }

    /// The id and the gateway of an item, and whether it is there and works; `None` when its
    /// gateway is not in the input, or it is gone.
    fn begin(
        &mut self,
        cursor: &Cursor<'a>,
        gateways: &BTreeSet<&'a str>,
        sink: &mut Sink,
    ) -> Option<(Key<'a>, bool)> {
        let id = cursor.required_text("TransitGatewayAttachmentId", sink);
        let gateway = cursor.required_text("TransitGatewayId", sink);
        let state = cursor.required_text("State", sink);
        let (key, state) = ((gateway?, id?), state?);
        if is_gone(state) {
            self.gone.insert(key);
            return None;
        }
        if !gateways.contains(key.0) {
            let what = "an attachment to a transit gateway that is not in the input";
            sink.not_modelled(cursor.place(), key.1, what);
            return None;
        }
        Some((key, is_available(state)))
    }

    fn vpc(&mut self, cursor: &Cursor<'a>, gateways: &BTreeSet<&'a str>, sink: &mut Sink) {
        let begun = self.begin(cursor, gateways, sink);
        let vpc = cursor.required_text("VpcId", sink);
        let (Some((key, available)), Some(vpc)) = (begun, vpc) else {
            return;
        };
        // An owner and a participant describe it alike.
        if self.found.contains_key(&key) {
            return;
        }
        let subnets = cursor.texts("SubnetIds", sink);
        let kind = if sink.get::<Vpc>(vpc).is_some() {
            AttachmentKind::Vpc {
                vpc: VpcId::new(vpc),
                subnets: subnets.into_iter().map(SubnetId::new).collect(),
                appliance_mode: is_enabled(cursor, "ApplianceModeSupport", sink),
                ipv6_support: is_enabled(cursor, "Ipv6Support", sink),
                security_group_referencing: is_enabled(
                    cursor,
                    "SecurityGroupReferencingSupport",
                    sink,
                ),
            }
        } else {
            outside_vpc(key.1, vpc, available, sink)
        };
        self.insert(key, available, kind, cursor, sink);
    }

    fn insert(
        &mut self,
        key: Key<'a>,
        available: bool,
        kind: AttachmentKind,
        cursor: &Cursor<'_>,
        sink: &mut Sink,
    ) {
        let found = Found {
            place: cursor.place(),
            available,
            kind,
            tags: cursor.aws_tags("Tags", sink),
            is_listed: false,
            association: None,
        };
        self.found.insert(key, found);
    }

    fn peering(&mut self, cursor: &Cursor<'a>, gateways: &BTreeSet<&'a str>, sink: &mut Sink) {
        let id = cursor.required_text("TransitGatewayAttachmentId", sink);
        let state = cursor.required_text("State", sink);
        let requester = end(cursor, "RequesterTgwInfo", sink);
        let accepter = end(cursor, "AccepterTgwInfo", sink);
        let (Some(id), Some(state)) = (id, state) else {
            return;
        };
        let accepted = cursor.text("AccepterTransitGatewayAttachmentId", sink);
        let requester = requester.map(|gateway| (gateway, id));
        let accepter = accepter.map(|gateway| (gateway, accepted.unwrap_or(id)));
        if is_gone(state) {
            self.gone.extend(requester.into_iter().chain(accepter));
            return;
        }
        let here = |key: &Key<'_>| gateways.contains(key.0);
        let (requester, accepter) = (requester.filter(here), accepter.filter(here));
        if let (Some((_, one)), Some(key)) = (requester, accepter)
            && one == key.1
        {
            self.accepters.insert(key);
        }
        for (own, other) in [(requester, accepter), (accepter, requester)] {
            let Some(own) = own.filter(|own| !self.found.contains_key(own)) else {
                continue;
            };
            if other.is_none() {
                outside_gateway(own.1, sink);
            }
            let other = other.map(|other| self.id(other));
            let kind = AttachmentKind::Peering { other };
            self.insert(own, is_available(state), kind, cursor, sink);
        }
    }

    /// An item of the call that lists attachments of every type, with the table of each.
    fn any(
        &mut self,
        cursor: &Cursor<'a>,
        gateways: &BTreeSet<&'a str>,
        snapshot: &Snapshot<'a>,
        sink: &mut Sink,
    ) {
        let begun = self.begin(cursor, gateways, sink);
        let kind = cursor.required_text("ResourceType", sink);
        let (Some((key, available)), Some(kind)) = (begun, kind) else {
            return;
        };
        if !self.found.contains_key(&key) {
            let resource = cursor.text("ResourceId", sink);
            let Some(mut kind) = undescribed(key.1, kind, resource, available, cursor, sink) else {
                return;
            };
            if let AttachmentKind::OnPremises { prefixes, .. } = &mut kind
                && let Some(connection) = resource
                && let Some(blocks) = on_premises::static_routes_of(connection, snapshot, sink)
            {
                *prefixes = Value::Known(blocks);
            }
            self.insert(key, available, kind, cursor, sink);
        }
        let association = cursor.get("Association");
        let table = association.and_then(|association| associated(&association, sink));
        if let Some(found) = self.found.get_mut(&key) {
            found.is_listed = true;
            if let Some(table) = table {
                found.association = Some(Value::Known(table.into()));
            }
        }
    }

    /// The attachment that a route, a propagation or an association of a gateway's table names, as
    /// the model calls it. One that no call describes is not modelled; one that is gone is none.
    pub(super) fn named(
        &mut self,
        gateway: &'a str,
        cursor: &Cursor<'a>,
        sink: &mut Sink,
    ) -> Option<TransitGatewayAttachmentId> {
        let id = cursor.required_text("TransitGatewayAttachmentId", sink)?;
        let key = (gateway, id);
        if self.gone.contains(&key) {
            return None;
        }
        if !self.found.contains_key(&key) {
            let kind = cursor.text("ResourceType", sink).unwrap_or("unknown");
            let resource = cursor.text("ResourceId", sink);
            let kind = undescribed(id, kind, resource, true, cursor, sink)?;
            self.insert(key, true, kind, cursor, sink);
            if let Some(found) = self.found.get_mut(&key) {
                found.is_listed = match &found.kind {
                    AttachmentKind::OnPremises { .. } => false,
                    // Nothing that is modelled comes in by it.
                    AttachmentKind::Vpc { .. }
                    | AttachmentKind::Peering { .. }
                    | AttachmentKind::Unmodelled(_) => true,
                };
            }
        }
        Some(self.id(key))
    }

    /// Where what an attachment propagates is said.
    pub(super) fn propagated(&self, id: &TransitGatewayAttachmentId) -> Propagated {
        let mut found = self.found.iter();
        let found = found.find(|(key, _)| self.id(**key) == *id);
        match found.map(|(_, found)| &found.kind) {
            Some(AttachmentKind::Vpc { .. }) | None => Propagated::ByVpc,
            Some(AttachmentKind::OnPremises { .. }) => Propagated::FromOnPremises,
            Some(AttachmentKind::Peering { .. } | AttachmentKind::Unmodelled(_)) => {
                Propagated::Elsewhere
            }
        }
    }

    /// Says what attachments of networks on premises propagate, in the place of what their VPN
    /// connections say.
    pub(super) fn learn(&mut self, learned: BTreeMap<TransitGatewayAttachmentId, BTreeSet<Cidr>>) {
        for ((_, id), found) in &mut self.found {
            // An end of a peering has another id, and is none of these.
            let blocks = learned.get(&TransitGatewayAttachmentId::new(*id));
            if let AttachmentKind::OnPremises { prefixes, .. } = &mut found.kind
                && let Some(blocks) = blocks
            {
                *prefixes = Value::Known(blocks.clone());
            }
        }
    }

    fn id(&self, key: Key<'_>) -> TransitGatewayAttachmentId {
        let (gateway, id) = key;
        if self.accepters.contains(&key) {
            TransitGatewayAttachmentId::new(format!("{id}@{gateway}"))
        } else {
            TransitGatewayAttachmentId::new(id)
        }
    }

    /// Says that the attachment which a table's own list names is associated with the table.
    pub(super) fn associate(&mut self, id: &TransitGatewayAttachmentId, table: &str) {
        let accepters = &self.accepters;
        let is_it = |key: &Key<'_>| {
            let (gateway, own) = key;
            if accepters.contains(key) {
                id.as_str() == format!("{own}@{gateway}")
            } else {
                id.as_str() == *own
            }
        };
        let found = self.found.iter_mut().find(|(key, _)| is_it(key));
        if let Some((_, found)) = found
            && found.association.is_none()
        {
            found.association = Some(Value::Known(table.into()));
        }
    }

    /// Opens the association of attachments with a table of which something is missing, and of those
    /// of which no call says whether they have one. `missing` says what of a table is, and
    /// `is_whole` whether every table of a gateway lists its associations.
    pub(super) fn open(
        &mut self,
        missing: impl Fn(&str) -> Option<String>,
        has_tables: impl Fn(&str) -> bool,
        is_whole: impl Fn(&str) -> bool,
    ) {
        for ((gateway, id), found) in &mut self.found {
            match &found.association {
                Some(Value::Known(table)) => {
                    if let Some(missing) = missing(table.as_str()) {
                        found.association = Some(Value::Any(Hole::new(missing)));
                    }
                }
                Some(Value::OneOf(..) | Value::Any(_)) => {}
                None => {
                    let is_said = found.is_listed && has_tables(gateway) || is_whole(gateway);
                    if !is_said {
                        let call = if found.is_listed {
                            "describe-transit-gateway-route-tables"
                        } else {
                            "describe-transit-gateway-attachments"
                        };
                        let hole = format!("association of {id} ({call})");
                        found.association = Some(Value::Any(Hole::new(hole)));
                    }
                }
            }
        }
    }

    /// Adds them to the network.
    pub(super) fn add(self, sink: &mut Sink) {
        let keys: Vec<_> = self.found.keys().copied().collect();
        let ids: Vec<_> = keys.into_iter().map(|key| self.id(key)).collect();
        for (((gateway, _), found), id) in self.found.into_iter().zip(ids) {
            let attachment = TransitGatewayAttachment {
                id,
                gateway: TransitGatewayId::new(gateway),
                available: found.available,
                kind: found.kind,
                association: found.association,
                tags: found.tags,
            };
            sink.add(attachment, found.place);
        }
    }
}

/// The state of an attachment that is left in the lists for a while.
fn is_gone(state: &str) -> bool {
    matches!(state, "deleted" | "failed" | "rejected")
}

/// One whose options or subnets are being changed works meanwhile.
fn is_available(state: &str) -> bool {
    matches!(state, "available" | "modifying")
}

/// The table of an association that is in force.
fn associated<'a>(association: &Cursor<'a>, sink: &mut Sink) -> Option<&'a str> {
    let state = association.text("State", sink);
    let table = association.text("TransitGatewayRouteTableId", sink);
    table.filter(|_| state.is_none_or(|state| state == "associated"))
}

/// The gateway at an end of a peering; Cloud WAN's core networks are none.
fn end<'a>(cursor: &Cursor<'a>, key: &str, sink: &mut Sink) -> Option<&'a str> {
    cursor.required(key, sink)?.text("TransitGatewayId", sink)
}
