//! `describe-transit-gateways`; then what is attached to them, and their route tables.

use std::collections::BTreeSet;

use model::{TransitGateway, TransitGatewayId};

use super::snapshot::Snapshot;
use super::transit_gateway_attachment::Attachments;
use super::transit_gateway_route_table;
use crate::json::Cursor;
use crate::sink::Sink;

/// Reads the transit gateways with all that belongs to them.
pub(super) fn read(snapshot: &Snapshot<'_>, sink: &mut Sink) {
    let mut gateways = BTreeSet::new();
    for cursor in snapshot.cursors("TransitGateways") {
        let Some(id) = cursor.required_text("TransitGatewayId", sink) else {
            continue;
        };
        if cursor.text("State", sink) == Some("deleted") {
            continue;
        }
        if !snapshot.is_there("TransitGatewayVpcAttachments") {
            // It would join nothing; without it, routes to it lead to something unmodelled.
            let what = "a transit gateway without the output of \
                        `describe-transit-gateway-vpc-attachments`";
            sink.not_modelled(cursor.place(), id, what);
            continue;
        }
        let gateway = TransitGateway {
            id: TransitGatewayId::new(id),
            security_group_referencing: is_enabled(cursor, "SecurityGroupReferencingSupport", sink),
            tags: cursor.aws_tags("Tags", sink),
        };
        gateways.insert(id);
        sink.add(gateway, cursor.place());
    }
    let mut attachments = Attachments::gather(snapshot, &gateways, sink);
    transit_gateway_route_table::read(snapshot, &gateways, &mut attachments, sink);
    attachments.add(sink);
}

/// Whether an option is `enable`.
pub(super) fn is_enabled(cursor: &Cursor<'_>, option: &str, sink: &mut Sink) -> bool {
    let options = cursor.get("Options");
    options.and_then(|options| options.text(option, sink)) == Some("enable")
}
