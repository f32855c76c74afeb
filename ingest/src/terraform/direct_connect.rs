//! Associations of Direct Connect gateways: `aws_dx_gateway_association`.

use std::collections::BTreeSet;

use model::{
    Cidr, DirectConnectAssociation, DirectConnectAssociationId, OnPremisesGateway, Tags,
    TransitGatewayAttachment, Value, VirtualPrivateGateway,
};

use super::identity::{Thing, attachment_of};
use super::on_premises::{gateway_mut, may_name};
use super::plan::Resource;
use super::reader::{Reader, shelve};
use super::slot::Slot;

/// What else may advertise addresses by a virtual private gateway, and the attribute that names it.
const OTHER_WAYS: [&str; 3] = [
    "aws_vpn_connection",
    "aws_dx_private_virtual_interface",
    "aws_dx_hosted_private_virtual_interface_accepter",
];

/// Reads them, when gateways and attachments are read.
pub(super) fn read(reader: &mut Reader<'_, '_>) {
    for resource in reader.plan.managed(&["aws_dx_gateway_association"]) {
        association(reader, resource);
    }
}

fn association(reader: &mut Reader<'_, '_>, resource: &Resource<'_>) {
    // A gateway that cannot be told, or is not in the input, is named where it is read.
    let Some(gateway) = associated(reader, resource) else {
        return;
    };
    let id = reader.plan.id(resource);
    let earlier = reader.sink.get::<DirectConnectAssociation>(&id);
    let had_other_ways = earlier.is_some_and(|earlier| earlier.other_ways);
    let association = DirectConnectAssociation {
        id: DirectConnectAssociationId::new(id),
        allowed_prefixes: allowed(reader, resource, &gateway),
        other_ways: had_other_ways || has_other_ways(reader, &gateway),
        gateway,
        tags: Tags::new(),
    };
    let shelf = &mut reader.direct_connect_associations;
    shelve(shelf, association, resource.place(), reader.sink);
}

fn associated(reader: &mut Reader<'_, '_>, resource: &Resource<'_>) -> Option<OnPremisesGateway> {
    for name in ["associated_gateway_id", "vpn_gateway_id"] {
        let attribute = resource.attribute(name);
        let wanted = [Thing::VpnGateway, Thing::TransitGateway];
        let Slot::Known(gateway) = reader.slot(&attribute, &wanted) else {
            continue;
        };
        if gateway.thing == Thing::VpnGateway {
            let found = gateway_mut(reader, &gateway.id)?;
            return Some(OnPremisesGateway::VirtualPrivate(found.id.clone()));
        }
        let attachment = attachment_of(resource);
        let is_there = reader.transit_gateway_attachments.contains_key(&attachment)
            || reader
                .sink
                .get::<TransitGatewayAttachment>(&attachment)
                .is_some();
        return is_there.then(|| OnPremisesGateway::Transit(attachment.as_str().into()));
    }
    None
}

/// The allowed prefixes. Without any, those of a virtual private gateway are its VPC's block.
fn allowed(
    reader: &mut Reader<'_, '_>,
    resource: &Resource<'_>,
    gateway: &OnPremisesGateway,
) -> Value<BTreeSet<Cidr>> {
    let attribute = resource.attribute("allowed_prefixes");
    if attribute.is_set() && !attribute.has_unknown() {
        let items = attribute.items();
        let blocks: BTreeSet<_> = items
            .iter()
            .filter_map(|item| item.cidr(reader.sink))
            .collect();
        return Value::Known(blocks);
    }
    let default = match gateway {
        OnPremisesGateway::VirtualPrivate(gateway) if !attribute.is_open() => {
            let vpc = gateway_mut(reader, gateway.as_str()).and_then(|gateway| gateway.vpc.clone());
            vpc.and_then(|vpc| reader.vpc_blocks(&vpc))
        }
        OnPremisesGateway::VirtualPrivate(_) | OnPremisesGateway::Transit(_) => None,
    };
    match default.as_deref() {
        Some([only]) => Value::Known(BTreeSet::from([*only])),
        Some(_) | None => Value::Any(attribute.hole()),
    }
}

/// An earlier input does not say by what its gateways are reached.
fn has_other_ways(reader: &mut Reader<'_, '_>, gateway: &OnPremisesGateway) -> bool {
    let OnPremisesGateway::VirtualPrivate(gateway) = gateway else {
        return false;
    };
    let plan = reader.plan;
    let others = plan.managed(&OTHER_WAYS);
    let is_earlier = reader
        .sink
        .get::<VirtualPrivateGateway>(gateway.as_str())
        .is_some();
    is_earlier
        || others
            .into_iter()
            .any(|other| may_name(reader, &other.attribute("vpn_gateway_id"), gateway.as_str()))
}
