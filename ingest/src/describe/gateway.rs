//! `describe-internet-gateways`, `-egress-only-internet-gateways`, `-nat-gateways`.

use model::{
    EgressOnlyInternetGateway, EgressOnlyInternetGatewayId, InternetGateway, InternetGatewayId,
    NatGateway, NatGatewayId, RouteTableId, VpcId,
};

use super::passing;
use super::regional_nat_gateway;
use super::route_table::Associations;
use super::snapshot::Snapshot;
use crate::json::Cursor;
use crate::sink::Sink;

/// Reads the internet gateways.
pub(super) fn read_internet_gateways(
    snapshot: &Snapshot<'_>,
    associations: &Associations,
    sink: &mut Sink,
) {
    for cursor in snapshot.cursors("InternetGateways") {
        let Some(id) = cursor.required_text("InternetGatewayId", sink) else {
            continue;
        };
        let gateway = InternetGateway {
            id: InternetGatewayId::new(id),
            vpc: attached_vpc(cursor, "Attachments", sink),
            edge_route_table: associations.gateways.get(id).map(RouteTableId::new),
            tags: cursor.aws_tags("Tags", sink),
        };
        sink.add(gateway, cursor.place());
    }
}

/// Reads the egress-only internet gateways; a detached one reaches nothing and is left out.
pub(super) fn read_egress_only_internet_gateways(snapshot: &Snapshot<'_>, sink: &mut Sink) {
    for cursor in snapshot.cursors("EgressOnlyInternetGateways") {
        let id = cursor.required_text("EgressOnlyInternetGatewayId", sink);
        let (Some(id), Some(vpc)) = (id, attached_vpc(cursor, "Attachments", sink)) else {
            continue;
        };
        let gateway = EgressOnlyInternetGateway {
            id: EgressOnlyInternetGatewayId::new(id),
            vpc,
            tags: cursor.aws_tags("Tags", sink),
        };
        sink.add(gateway, cursor.place());
    }
}

/// The VPC that a gateway is attached to; attachments that come or go do not count.
pub(super) fn attached_vpc(cursor: &Cursor<'_>, list: &str, sink: &mut Sink) -> Option<VpcId> {
    let mut vpc = None;
    for attachment in cursor.list(list, sink) {
        let state = attachment.text("State", sink);
        if state.is_none_or(|state| matches!(state, "attached" | "available")) {
            vpc = vpc.or(attachment.required_text("VpcId", sink));
        } else if let Some(state @ ("attaching" | "detaching")) = state {
            let of = attachment.text("VpcId", sink).unwrap_or_default();
            passing::note(sink, &format!("a gateway of {of}"), state);
        }
    }
    vpc.map(VpcId::new)
}

/// Reads the NAT gateways.
pub(super) fn read_nat_gateways(snapshot: &Snapshot<'_>, sink: &mut Sink) {
    for cursor in snapshot.cursors("NatGateways") {
        let Some(id) = cursor.required_text("NatGatewayId", sink) else {
            continue;
        };
        let state = cursor.required_text("State", sink);
        if matches!(state, Some("deleted" | "failed")) {
            // It stays in the list for an hour without an interface; routes to it are blackholes.
            continue;
        }
        if regional_nat_gateway::is_regional(cursor) {
            regional_nat_gateway::read(cursor, id, snapshot, sink);
            continue;
        }
        if cursor.is_of_config() && cursor.get("SubnetId").is_none() {
            sink.not_modelled(
                cursor.place(),
                id,
                "a NAT gateway whose subnet is not recorded",
            );
            continue;
        }
        let addresses = cursor.list("NatGatewayAddresses", sink);
        let is_primary = |address: &&Cursor<'_>| address.flag("IsPrimary", &mut Sink::default());
        let primary = addresses
            .iter()
            .find(|address| is_primary(address) == Some(true))
            .or_else(|| addresses.first());
        let Some(primary) = primary else {
            sink.not_modelled(cursor.place(), id, "a NAT gateway without an address");
            continue;
        };
        if addresses.len() > 1 {
            sink.left_out(cursor.place(), id, "a NAT gateway's secondary address");
        }
        let available = state == Some("available");
        if let Some(state @ ("pending" | "deleting")) = state {
            passing::note(sink, id, state);
        }
        if !available && primary.get("NetworkInterfaceId").is_none() {
            continue;
        }
        let interface = primary.required_text("NetworkInterfaceId", sink);
        let subnet = cursor.required_text("SubnetId", sink);
        let (Some(interface), Some(subnet)) = (interface, subnet) else {
            continue;
        };
        let nat = NatGateway {
            id: NatGatewayId::new(id),
            subnet: subnet.into(),
            interface: interface.into(),
            available,
            tags: cursor.aws_tags("Tags", sink),
        };
        sink.add(nat, cursor.place());
    }
}
