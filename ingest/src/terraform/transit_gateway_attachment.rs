//! Attachments to transit gateways: of VPCs, peerings, their accepters, and of networks on premises.

use std::collections::BTreeSet;

use model::{
    AttachmentKind, Cidr, OnPremisesService, SubnetId, Tags, TransitGatewayAttachment,
    TransitGatewayAttachmentId, TransitGatewayId, TransitGatewayRouteTableId, Value, Vpc, VpcId,
};

use super::identity::{self, Thing};
use super::layers_differ::attributes::waits;
use super::plan::Resource;
use super::reader::{Reader, shelve};
use super::slot::Slot;
use super::transit_gateway::{
    DEFAULT_ASSOCIATION, DEFAULT_PROPAGATION, Open, attachment_mut, default_table, gateway_of,
    give_up, propagate,
};
use super::vpn_connection::stated;

/// The resource types whose attachment leads on premises, the attribute that names the gateway, and
/// the service.
const ON_PREMISES: [(&str, &str, OnPremisesService); 3] = [
    (
        "aws_ec2_transit_gateway_connect",
        "transit_gateway_id",
        OnPremisesService::Connect,
    ),
    (
        "aws_vpn_connection",
        "transit_gateway_id",
        OnPremisesService::Vpn,
    ),
    (
        "aws_dx_gateway_association",
        "associated_gateway_id",
        OnPremisesService::DirectConnectGateway,
    ),
];

/// Reads them, with what is associated and propagated by default.
pub(super) fn read(reader: &mut Reader<'_, '_>, open: &mut Open) {
    let plan = reader.plan;
    let accepters = plan.managed(&[
        "aws_ec2_transit_gateway_vpc_attachment_accepter",
        "aws_ec2_transit_gateway_peering_attachment_accepter",
    ]);
    for resource in plan.managed(&["aws_ec2_transit_gateway_vpc_attachment"]) {
        let id = plan.id(resource);
        let accepter = accepters.iter().find(|one| plan.id(one) == id);
        vpc(reader, resource, accepter.copied(), open);
    }
    for resource in plan.managed(&["aws_ec2_transit_gateway_peering_attachment"]) {
        let id = plan.id(resource);
        let is_accepted = accepters.iter().any(|one| plan.id(one) == id)
            || reader.sink.accepted_by_plans.contains(&id);
        peering(reader, resource, is_accepted);
    }
    for resource in accepters {
        // When another stack asked for it, only the accepter is here.
        let id = plan.id(resource);
        if reader.transit_gateway_attachments.contains_key(&id) {
            continue;
        }
        if reader.sink.get::<TransitGatewayAttachment>(&id).is_some() {
            accept_earlier(reader, resource, &id, open);
            continue;
        }
        if resource.of == "aws_ec2_transit_gateway_vpc_attachment_accepter" {
            vpc(reader, resource, None, open);
        } else {
            peering(reader, resource, true);
        }
    }
    for (of, attribute, service) in ON_PREMISES {
        for resource in plan.managed(&[of]) {
            on_premises(reader, resource, attribute, service, open);
        }
    }
}

fn vpc(
    reader: &mut Reader<'_, '_>,
    resource: &Resource<'_>,
    accepter: Option<&Resource<'_>>,
    open: &mut Open,
) {
    let attribute = resource.attribute("transit_gateway_id");
    let Some(gateway) = gateway_of(reader, &attribute) else {
        if reader.settle(&attribute, Thing::TransitGateway).is_some() {
            // Routes to it lead to something unmodelled.
            let what = "an attachment to a transit gateway that is not in the input";
            reader.not_modelled(resource, what);
        } else {
            give_up(reader, resource, &attribute);
        }
        return;
    };
    let vpc = resource.attribute("vpc_id");
    let Some(of) = reader.settle(&vpc, Thing::Vpc) else {
        return give_up(reader, resource, &vpc);
    };
    let is_there = reader.vpcs.contains_key(&of) || reader.sink.get::<Vpc>(&of).is_some();
    let kind = if is_there {
        let attribute = resource.attribute("subnet_ids");
        let subnets = reader.members(&attribute, Thing::Subnet);
        if !subnets.is_exact || subnets.list.is_empty() {
            return give_up(reader, resource, &attribute);
        }
        // What an older provider does not say is as it was.
        let before = options(reader, &reader.plan.id(resource));
        let is_on = |name, default: &str, before: Option<bool>| {
            let option = resource.attribute(name);
            match option.text() {
                Some(text) => text == "enable",
                None if option.is_unknown() => default == "enable",
                None => before.unwrap_or(default == "enable"),
            }
        };
        AttachmentKind::Vpc {
            vpc: VpcId::new(&of),
            subnets: subnets
                .list
                .into_iter()
                .map(|one| SubnetId::new(one.id))
                .collect(),
            appliance_mode: is_on(
                "appliance_mode_support",
                "disable",
                before.map(|[mode, ..]| mode),
            ),
            ipv6_support: is_on("ipv6_support", "disable", before.map(|[_, ipv6, _]| ipv6)),
            security_group_referencing: is_on(
                "security_group_referencing_support",
                "enable",
                before.map(|[.., referencing]| referencing),
            ),
        }
    } else {
        let text = format!(
            "VPC `{of}` of `{}` is not in the input: what happens there is open",
            resource.address
        );
        reader.sink.assume("attached-vpc-outside", text);
        AttachmentKind::Unmodelled("vpc".to_owned())
    };
    let id = reader.plan.id(resource);
    let available = accepter.map(|_| true);
    add(reader, resource, &id, &gateway, kind, available);
    // Who accepts it decides.
    let switches = switches(accepter.unwrap_or(resource));
    defaults(reader, resource, &id, &gateway, switches, open);
}

/// Appliance mode, support of IPv6 and references to groups, as an earlier input has them of an attachment.
fn options(reader: &mut Reader<'_, '_>, id: &str) -> Option<[bool; 3]> {
    match reader.sink.get::<TransitGatewayAttachment>(id)?.kind {
        AttachmentKind::Vpc {
            appliance_mode,
            ipv6_support,
            security_group_referencing,
            ..
        } => Some([appliance_mode, ipv6_support, security_group_referencing]),
        AttachmentKind::Peering { .. }
        | AttachmentKind::OnPremises { .. }
        | AttachmentKind::Unmodelled(_) => None,
    }
}

/// Adds an attachment. Of most no resource says whether they are available: they are as they were.
fn add(
    reader: &mut Reader<'_, '_>,
    resource: &Resource<'_>,
    id: &str,
    gateway: &str,
    kind: AttachmentKind,
    available: Option<bool>,
) {
    let earlier = reader.sink.get::<TransitGatewayAttachment>(id);
    let before = earlier.as_ref().map(|earlier| earlier.available);
    let attachment = TransitGatewayAttachment {
        id: TransitGatewayAttachmentId::new(id),
        gateway: TransitGatewayId::new(gateway),
        available: available.or(before).unwrap_or(true),
        kind,
        association: earlier.and_then(|earlier| earlier.association.clone()),
        tags: reader.tags(resource),
    };
    let place = resource.place();
    let shelf = &mut reader.transit_gateway_attachments;
    shelve(shelf, attachment, place, reader.sink);
}

/// An attachment of which nothing but its gateway is known.
pub(super) fn unmodelled(
    reader: &mut Reader<'_, '_>,
    resource: &Resource<'_>,
    id: &str,
    gateway: &str,
    kind: &str,
) {
    let attachment = TransitGatewayAttachment {
        id: TransitGatewayAttachmentId::new(id),
        gateway: TransitGatewayId::new(gateway),
        available: true,
        kind: AttachmentKind::Unmodelled(kind.to_owned()),
        association: None,
        tags: Tags::new(),
    };
    let place = resource.place();
    let shelf = &mut reader.transit_gateway_attachments;
    shelve(shelf, attachment, place, reader.sink);
}

/// Accepts an attachment that waits for it in an earlier input.
fn accept_earlier(reader: &mut Reader<'_, '_>, resource: &Resource<'_>, id: &str, open: &mut Open) {
    let earlier = reader.sink.get::<TransitGatewayAttachment>(id);
    let Some(earlier) = earlier.filter(|earlier| resource.is_created && !earlier.available) else {
        return;
    };
    earlier.available = true;
    let gateway = earlier.gateway.to_string();
    // What comes in by a peering is routed by the table that somebody associates with it.
    if let AttachmentKind::Peering { .. } = earlier.kind
        && earlier.association.is_none()
    {
        let hole = resource.attribute("transit_gateway_attachment_id").hole();
        earlier.association = Some(Value::Any(hole));
    }
    if resource.of == "aws_ec2_transit_gateway_vpc_attachment_accepter" {
        of_new(reader, resource, id, &gateway, switches(resource), open);
    }
}

/// Whether a resource lets its attachment be associated with the default table, and propagate to it.
fn switches(resource: &Resource<'_>) -> [bool; 2] {
    let is_on = |name| resource.attribute(name).flag() != Some(false);
    [
        is_on("transit_gateway_default_route_table_association"),
        is_on("transit_gateway_default_route_table_propagation"),
    ]
}

/// What AWS associates a new attachment with and lets it propagate to by itself. An attachment that
/// exists has what the earlier input says of it.
fn defaults(
    reader: &mut Reader<'_, '_>,
    resource: &Resource<'_>,
    id: &str,
    gateway: &str,
    [associates, propagates]: [bool; 2],
    open: &mut Open,
) {
    if reader.sink.get::<TransitGatewayAttachment>(id).is_none() {
        of_new(
            reader,
            resource,
            id,
            gateway,
            [associates, propagates],
            open,
        );
    }
}

fn of_new(
    reader: &mut Reader<'_, '_>,
    resource: &Resource<'_>,
    id: &str,
    gateway: &str,
    [associates, propagates]: [bool; 2],
    open: &mut Open,
) {
    let plan = reader.plan;
    let gateways = plan.managed(&["aws_ec2_transit_gateway"]);
    let Some(of) = gateways.into_iter().find(|one| plan.id(one) == gateway) else {
        // An earlier input says what tables a gateway has, not which is the default.
        let hole = resource
            .attribute("transit_gateway_default_route_table_association")
            .hole();
        if associates && let Some(one) = attachment_mut(reader, id) {
            one.association = Some(Value::Any(hole.clone()));
        }
        if propagates {
            let tables = reader.sink.draft.transit_gateway_route_tables.iter();
            let tables = tables.filter(|table| table.gateway.as_str() == gateway);
            let tables: Vec<_> = tables.map(|table| table.id.to_string()).collect();
            open.add(tables, &hole);
        }
        return;
    };
    if associates
        && let Some(table) = default_table(of, DEFAULT_ASSOCIATION)
        && let Some(one) = attachment_mut(reader, id)
    {
        one.association = Some(Value::Known(TransitGatewayRouteTableId::new(table)));
    }
    if propagates && let Some(table) = default_table(of, DEFAULT_PROPAGATION) {
        propagate(reader, resource, &table, id);
    }
}

/// A peering, as the requester's resource or the accepter's describes it.
fn peering(reader: &mut Reader<'_, '_>, resource: &Resource<'_>, is_accepted: bool) {
    let (own, other) = (
        resource.attribute("transit_gateway_id"),
        resource.attribute("peer_transit_gateway_id"),
    );
    let own_gateway = gateway_of(reader, &own);
    let other_gateway = gateway_of(reader, &other);
    let id = reader.plan.id(resource);
    let state = resource.attribute("state");
    let before = reader.sink.get::<TransitGatewayAttachment>(&id);
    let was_available = before.is_some_and(|before| before.available);
    let available = match state.text() {
        _ if is_accepted => Some(true),
        Some(state) => Some(state == "available" || (waits(state) && was_available)),
        None => None,
    };
    if state.text().is_none() && !is_accepted {
        let text =
            format!("transit gateway peering `{id}` is taken to be accepted by the other side");
        reader.sink.assume("peering-acceptance", text);
    }
    let ends = match (own_gateway, other_gateway) {
        (None, None) => {
            let what = "a peering of two transit gateways that are not in the input";
            reader.not_modelled(resource, what);
            return;
        }
        (Some(own), None) => vec![(id, own, None)],
        (None, Some(other)) => vec![(id, other, None)],
        (Some(own), Some(other)) => {
            let far = format!("{id}@{other}");
            vec![(id.clone(), own, Some(far.clone())), (far, other, Some(id))]
        }
    };
    for (id, gateway, other) in ends {
        if other.is_none() {
            let text = format!(
                "the other transit gateway of peering `{id}` is not in the input: what happens \
                 there is open"
            );
            reader.sink.assume("peer-transit-gateway-outside", text);
        }
        let other = other.map(TransitGatewayAttachmentId::new);
        let kind = AttachmentKind::Peering { other };
        add(reader, resource, &id, &gateway, kind, available);
        let plan = reader.plan;
        let gateways = plan.managed(&["aws_ec2_transit_gateway"]);
        let of = gateways.into_iter().find(|one| plan.id(one) == gateway);
        let table = of.and_then(|of| default_table(of, DEFAULT_ASSOCIATION));
        if let Some(table) = table
            && let Some(one) = reader.transit_gateway_attachments.get_mut(&id)
            && one.component.association.is_none()
        {
            let text = format!(
                "peering attachment `{id}` is taken to be associated with the default route table"
            );
            one.component.association = Some(Value::Known(TransitGatewayRouteTableId::new(table)));
            reader.sink.assume("peering-default-association", text);
        }
    }
}

/// An attachment that leads on premises.
fn on_premises(
    reader: &mut Reader<'_, '_>,
    resource: &Resource<'_>,
    attribute: &'static str,
    service: OnPremisesService,
    open: &mut Open,
) {
    let attribute = resource.attribute(attribute);
    let wanted = [Thing::TransitGateway, Thing::VpnGateway];
    let slot = reader.slot(&attribute, &wanted);
    if let Slot::Known(candidate) = &slot
        && candidate.thing == Thing::VpnGateway
    {
        return;
    }
    let Some(gateway) = gateway_of(reader, &attribute) else {
        if let Slot::Known(_) = slot {
            let what = "an attachment to a transit gateway that is not in the input";
            reader.not_modelled(resource, what);
        } else if attribute.is_open() && !reader.transit_gateways.is_empty() {
            give_up(reader, resource, &attribute);
        }
        return;
    };
    let id = if resource.of == "aws_ec2_transit_gateway_connect" {
        reader.plan.id(resource)
    } else {
        identity::attachment_of(resource)
    };
    let prefixes = propagated(reader, resource, &id);
    let kind = AttachmentKind::OnPremises { service, prefixes };
    add(reader, resource, &id, &gateway, kind, None);
    defaults(reader, resource, &id, &gateway, switches(resource), open);
}

/// The blocks that an attachment propagates: as an earlier input knows them, or the static routes
/// of its VPN connection.
fn propagated(
    reader: &mut Reader<'_, '_>,
    resource: &Resource<'_>,
    id: &str,
) -> Value<BTreeSet<Cidr>> {
    let earlier = reader.sink.get::<TransitGatewayAttachment>(id);
    match earlier.map(|earlier| &earlier.kind) {
        Some(AttachmentKind::OnPremises { prefixes, .. }) => prefixes.clone(),
        Some(
            AttachmentKind::Vpc { .. }
            | AttachmentKind::Peering { .. }
            | AttachmentKind::Unmodelled(_),
        )
        | None => stated(reader, resource),
    }
}
