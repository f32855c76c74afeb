//! The regional ones of `describe-nat-gateways`.

use std::collections::BTreeSet;

use model::{AddressValue, Cidr, Hole, RouteTableId, VpcId};

use super::snapshot::Snapshot;
use crate::json::Cursor;
use crate::regional_nat_gateway::{RegionalNatGateway, Surroundings, WITHOUT_TABLE, several};
use crate::sink::Sink;

/// Whether a NAT gateway serves a whole VPC rather than standing in a subnet.
pub(super) fn is_regional(cursor: &Cursor<'_>) -> bool {
    let mode = cursor.value().get("AvailabilityMode");
    mode.and_then(|mode| mode.as_str()) == Some("regional")
}

/// Reads one with what stands for it, when VPCs, subnets and internet gateways are there; else it
/// is left out by name.
pub(super) fn read(cursor: &Cursor<'_>, id: &str, snapshot: &Snapshot<'_>, sink: &mut Sink) {
    let Some(vpc) = cursor.required_text("VpcId", sink) else {
        return;
    };
    let Some(table) = route_table(cursor, vpc, snapshot, sink) else {
        sink.not_modelled(cursor.place(), id, WITHOUT_TABLE);
        return;
    };
    let addresses = addresses(cursor, sink);
    let zones = zones(cursor, &addresses, sink);
    let block = match block(vpc, zones.as_ref(), sink) {
        Ok(block) => block,
        Err(what) => {
            sink.not_modelled(cursor.place(), id, what);
            return;
        }
    };
    let gateway = RegionalNatGateway {
        id: id.to_owned(),
        vpc: VpcId::new(vpc),
        route_table: table,
        public: public(id, &addresses, sink),
        block,
        available: cursor.text("State", sink) == Some("available"),
        tags: cursor.aws_tags("Tags", sink),
    };
    let parts = gateway.parts(|_| id.to_owned());
    sink.add(parts.subnet, cursor.place());
    sink.add(parts.network_acl, cursor.place());
    sink.add(parts.interface, cursor.place());
    sink.add(parts.gateway, cursor.place());
}

/// Its own route table, when the snapshot has it too.
fn route_table(
    cursor: &Cursor<'_>,
    vpc: &str,
    snapshot: &Snapshot<'_>,
    sink: &mut Sink,
) -> Option<RouteTableId> {
    let table = cursor.text("RouteTableId", sink)?;
    let is_there = snapshot.cursors("RouteTables").any(|cursor| {
        let is = |key, text| cursor.value().get(key).and_then(|it| it.as_str()) == Some(text);
        is("RouteTableId", table) && is("VpcId", vpc)
    });
    is_there.then(|| RouteTableId::new(table))
}

/// The addresses that it has, or is given.
fn addresses<'a>(cursor: &Cursor<'a>, sink: &mut Sink) -> Vec<Cursor<'a>> {
    let mut addresses = cursor.list("NatGatewayAddresses", sink);
    addresses.retain(|address| address.text("Status", sink) != Some("failed"));
    addresses
}

/// The zones in which it has an address, by name and by id, when AWS does not see to all of them.
fn zones(
    cursor: &Cursor<'_>,
    addresses: &[Cursor<'_>],
    sink: &mut Sink,
) -> Option<BTreeSet<String>> {
    if cursor.text("AutoProvisionZones", sink) == Some("enabled") {
        return None;
    }
    let mut zones = BTreeSet::new();
    for address in addresses {
        for key in ["AvailabilityZone", "AvailabilityZoneId"] {
            zones.extend(address.text(key, sink).map(str::to_owned));
        }
    }
    Some(zones)
}

/// The block for its addresses, or why it is left out.
fn block(vpc: &str, zones: Option<&BTreeSet<String>>, sink: &Sink) -> Result<Cidr, &'static str> {
    let draft = &sink.draft;
    let found = draft.vpcs.iter().find(|one| one.id.as_str() == vpc);
    let Some(vpc) = found else {
        return Err("a regional NAT gateway of a VPC that is not in the input");
    };
    let subnets = draft.subnets.iter().filter(|subnet| subnet.vpc == vpc.id);
    let mut gateways = draft.internet_gateways.iter();
    let surroundings = Surroundings {
        vpc,
        subnets: subnets.map(|subnet| (subnet.id.as_str(), subnet)).collect(),
        internet_gateway: gateways.find(|gateway| gateway.vpc.as_ref() == Some(&vpc.id)),
    };
    surroundings.block(zones)
}

/// Its public addresses. Where AWS lists one alone, another one is taken to be there: which of its
/// private addresses sends is not told even then.
fn public(id: &str, addresses: &[Cursor<'_>], sink: &mut Sink) -> Vec<AddressValue> {
    let mut public = Vec::new();
    for address in addresses {
        let known = address.get("PublicIp");
        let known = known.and_then(|known| known.as_address(sink));
        public.extend(known.map(AddressValue::Known));
    }
    let hole = |position| Hole::new(format!("public address {} of {id}", position + 1));
    several(public, hole)
}
