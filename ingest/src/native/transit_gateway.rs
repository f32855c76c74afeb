//! The transit gateways of a native file, their attachments and their route tables.

use std::collections::BTreeSet;

use model::{
    AttachmentKind, OnPremisesService, RuleIndex, SubnetId, TransitGateway,
    TransitGatewayAttachment, TransitGatewayAttachmentId, TransitGatewayId,
    TransitGatewayRouteTable,
};

use super::components::{blocks, ids, vpc_of};
use super::read::{Defaults, tables};
use super::rules;
use super::table::{Item, Table};
use crate::diagnostic::{Code, Diagnostic};
use crate::provenance::Kind;
use crate::sink::Sink;

pub(super) fn transit_gateway(
    id: &str,
    table: &Table<'_>,
    defaults: &mut Defaults,
    sink: &mut Sink,
) -> Option<TransitGateway> {
    let id = TransitGatewayId::new(id);
    defaults.transit_gateways.insert(id.clone());
    Some(TransitGateway {
        id,
        security_group_referencing: table.flag("security-group-referencing", false, sink),
        tags: table.tags(sink),
    })
}

/// The transit gateway that a table names, or the only one.
fn gateway_of(table: &Table<'_>, defaults: &Defaults, sink: &mut Sink) -> Option<TransitGatewayId> {
    if let Some(item) = table.get("gateway") {
        return item.text(sink).map(TransitGatewayId::new);
    }
    let mut gateways = defaults.transit_gateways.iter();
    if let (Some(only), None) = (gateways.next(), gateways.next()) {
        return Some(only.clone());
    }
    let message = "key `gateway` is missing";
    let diagnostic = Diagnostic::error(table.place(), Code::MissingField, message);
    sink.push(diagnostic.help("it may be left out only in a file of exactly one transit gateway"));
    None
}

pub(super) fn attachment(
    id: &str,
    table: &Table<'_>,
    defaults: &mut Defaults,
    sink: &mut Sink,
) -> Option<TransitGatewayAttachment> {
    let gateway = gateway_of(table, defaults, sink);
    let kind = attachment_kind(table, defaults, sink);
    let association = match table.get("association") {
        None => Some(None),
        Some(item) => {
            let table = item.value(sink, |item, sink| item.text(sink).map(Into::into));
            table.map(Some)
        }
    };
    let available = table.flag("available", true, sink);
    let tags = table.tags(sink);
    Some(TransitGatewayAttachment {
        id: id.into(),
        gateway: gateway?,
        available,
        kind: kind?,
        association: association?,
        tags,
    })
}

/// A VPC's, unless `peer`, `on-premises` or `kind` says otherwise.
fn attachment_kind(
    table: &Table<'_>,
    defaults: &Defaults,
    sink: &mut Sink,
) -> Option<AttachmentKind> {
    match (
        table.get("peer"),
        table.get("kind"),
        table.get("on-premises"),
    ) {
        (Some(item), Some(_), _) | (Some(item), _, Some(_)) | (_, Some(item), Some(_)) => {
            let message = "`peer`, `on-premises` and `kind` exclude each other";
            item.wrong(sink, message.to_owned());
            None
        }
        (Some(item), None, None) => {
            let other = peer(&item, sink)?;
            Some(AttachmentKind::Peering { other })
        }
        (None, None, Some(item)) => on_premises(&item, table, sink),
        (None, Some(item), None) => Some(AttachmentKind::Unmodelled(item.text(sink)?.to_owned())),
        (None, None, None) => {
            let vpc = vpc_of(table, defaults, sink);
            let subnets = table.get("subnets");
            let subnets: Option<BTreeSet<SubnetId>> =
                subnets.map_or_else(|| Some(BTreeSet::new()), |item| ids(&item, sink));
            let appliance_mode = table.flag("appliance-mode", false, sink);
            let ipv6_support = table.flag("ipv6-support", false, sink);
            let referencing = table.flag("security-group-referencing", false, sink);
            Some(AttachmentKind::Vpc {
                vpc: vpc?,
                subnets: subnets?,
                appliance_mode,
                ipv6_support,
                security_group_referencing: referencing,
            })
        }
    }
}

/// A network's on premises, by the service that the item names.
fn on_premises(item: &Item<'_>, table: &Table<'_>, sink: &mut Sink) -> Option<AttachmentKind> {
    let service = item.parsed(sink, |name| {
        OnPremisesService::from_name(name)
            .ok_or_else(|| format!("`{name}` is not `direct-connect-gateway`, `connect` or `vpn`"))
    });
    let prefixes = table.required("prefixes", sink);
    let prefixes = prefixes.and_then(|item| blocks(&item, sink));
    Some(AttachmentKind::OnPremises {
        service: service?,
        prefixes: prefixes?,
    })
}

/// The other gateway's attachment, or `{ outside = true }`.
fn peer(item: &Item<'_>, sink: &mut Sink) -> Option<Option<TransitGatewayAttachmentId>> {
    if !item.is_table() {
        return Some(Some(item.text(sink)?.into()));
    }
    let table = item.table(sink)?;
    let outside = table.flag("outside", false, sink);
    table.finish(sink);
    if !outside {
        let message = "a peer is an attachment's id or `{ outside = true }`";
        item.wrong(sink, message.to_owned());
        return None;
    }
    Some(None)
}

pub(super) fn route_tables(root: &Table<'_>, defaults: &Defaults, sink: &mut Sink) {
    for (id, table) in tables(root, "transit-gateway-route-table", sink) {
        let gateway = gateway_of(&table, defaults, sink);
        let mut routes = Vec::new();
        let mut places = Vec::new();
        for item in table.items("routes", sink) {
            if let Some(route) = rules::transit_gateway_route(&item, sink) {
                routes.push(route);
                places.push(item.place());
            }
        }
        let propagations = table.parsed("propagations", sink, |id| Ok(id.into()));
        let tags = table.tags(sink);
        let place = table.place();
        table.finish(sink);
        let Some(gateway) = gateway else { continue };
        let route_table = TransitGatewayRouteTable {
            id: id.into(),
            gateway,
            routes,
            propagations,
            tags,
        };
        sink.add(route_table, place);
        for (position, place) in places.into_iter().enumerate() {
            let index = RuleIndex::Route(position);
            sink.rule(Kind::TransitGatewayRouteTable, id, index, place);
        }
    }
}
