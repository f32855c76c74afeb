//! Transit gateways: `aws_ec2_transit_gateway`, its route tables, and what stands in these.
//!
//! A gateway has its default route table from AWS; it goes by the gateway's address with a `#`
//! behind it, unless the plan knows its id. What cannot be traced opens whatever it may belong to:
//! the association of an attachment, or of all that are associated with a table. Where there is no
//! room for a hole - an attachment whose VPC or subnets are not known - the gateway as a whole is
//! left out, so that routes to it lead to something unmodelled.

use std::collections::{BTreeMap, BTreeSet};

use model::{
    AttachmentKind, Hole, PrefixListId, RouteDestination, RuleIndex, Tags, TransitGateway,
    TransitGatewayAttachment, TransitGatewayAttachmentId, TransitGatewayId, TransitGatewayRoute,
    TransitGatewayRouteTable, TransitGatewayRouteTableId, Value,
};

use super::association::either;
use super::attribute::Attribute;
use super::identity::{self, Thing};
use super::plan::Resource;
use super::reader::{Reader, shelve};
use super::slot::{Slot, one_of};
use super::transit_gateway_attachment;

const TABLE: &str = "aws_ec2_transit_gateway_route_table";

/// The types of static routes.
const ROUTES: [&str; 2] = [
    "aws_ec2_transit_gateway_route",
    "aws_ec2_transit_gateway_prefix_list_reference",
];

/// Reads them all.
pub(super) fn read(reader: &mut Reader<'_, '_>) {
    for resource in reader.plan.managed(&["aws_ec2_transit_gateway"]) {
        gateway(reader, resource);
    }
    for resource in reader.plan.managed(&[TABLE]) {
        let attribute = resource.attribute("transit_gateway_id");
        match gateway_of(reader, &attribute) {
            Some(gateway) => table(reader, resource, reader.plan.id(resource), &gateway),
            None => give_up(reader, resource, &attribute),
        }
    }
    take_back(reader);
    let mut open = Open::default();
    transit_gateway_attachment::read(reader, &mut open);
    for resource in reader
        .plan
        .managed(&["aws_ec2_transit_gateway_route_table_association"])
    {
        association(reader, resource);
    }
    for resource in reader
        .plan
        .managed(&["aws_ec2_transit_gateway_route_table_propagation"])
    {
        propagation(reader, resource, &mut open);
    }
    for resource in reader.plan.managed(&ROUTES) {
        route(reader, resource, &mut open);
    }
    open.apply(reader);
    drop_given_up(reader);
}

/// The tables of which something cannot be traced.
#[derive(Default)]
pub(super) struct Open {
    tables: BTreeMap<String, Hole>,
    /// Something may be in any table.
    all: Option<Hole>,
}

impl Open {
    /// Something that an attribute should tell may be in these tables, or in any.
    pub(super) fn add(&mut self, tables: Vec<String>, hole: &Hole) {
        if tables.is_empty() {
            self.all.get_or_insert_with(|| hole.clone());
        }
        for table in tables {
            self.tables.entry(table).or_insert_with(|| hole.clone());
        }
    }

    /// Opens the associations with them.
    fn apply(self, reader: &mut Reader<'_, '_>) {
        if self.all.is_none() && self.tables.is_empty() {
            return;
        }
        let of = |table: &TransitGatewayRouteTableId| {
            let own = self.tables.get(table.as_str()).or(self.all.as_ref());
            own.cloned()
        };
        let ids: Vec<_> = attachment_ids(reader);
        for id in ids {
            let Some(attachment) = attachment_mut(reader, &id) else {
                continue;
            };
            let hole = match &attachment.association {
                Some(Value::Known(table)) => of(table),
                Some(Value::OneOf(tables, _)) => tables.iter().find_map(of),
                Some(Value::Any(_)) | None => None,
            };
            if let Some(hole) = hole {
                attachment.association = Some(Value::Any(hole));
            }
        }
    }
}

fn gateway(reader: &mut Reader<'_, '_>, resource: &Resource<'_>) {
    let id = reader.plan.id(resource);
    let referencing = resource.attribute("security_group_referencing_support");
    let earlier = reader.sink.get::<TransitGateway>(&id);
    // What an older provider does not say is as it was.
    let before = earlier.filter(|_| !referencing.is_present() && !referencing.is_unknown());
    let before = before.is_some_and(|earlier| earlier.security_group_referencing);
    let component = TransitGateway {
        id: TransitGatewayId::new(&id),
        security_group_referencing: before || referencing.text() == Some("enable"),
        tags: reader.tags(resource),
    };
    let place = resource.place();
    shelve(&mut reader.transit_gateways, component, place, reader.sink);
    let defaults = [DEFAULT_ASSOCIATION, DEFAULT_PROPAGATION];
    let tables = defaults
        .into_iter()
        .filter_map(|of| default_table(resource, of));
    for default in tables.collect::<BTreeSet<_>>() {
        // One that a resource of its own makes is read there.
        if reader.plan.made(&[TABLE], &default).is_none() {
            table(reader, resource, default, &id);
        }
    }
}

pub(super) const DEFAULT_ASSOCIATION: &str = "default_route_table_association";
pub(super) const DEFAULT_PROPAGATION: &str = "default_route_table_propagation";

/// The table of a gateway with which attachments are associated, or to which they propagate,
/// without anyone's asking.
pub(super) fn default_table(gateway: &Resource<'_>, of: &'static str) -> Option<String> {
    let is_on = gateway.attribute(of).text() != Some("disable");
    let named_by = if of == DEFAULT_ASSOCIATION {
        "association_default_route_table_id"
    } else {
        "propagation_default_route_table_id"
    };
    is_on.then(|| identity::default_table_of(gateway, named_by))
}

/// A table, with the routes and propagations that an earlier input has in it: other stacks may own
/// them.
fn table(reader: &mut Reader<'_, '_>, resource: &Resource<'_>, id: String, gateway: &str) {
    let earlier = reader.sink.get::<TransitGatewayRouteTable>(&id).cloned();
    let is_own = resource.of == TABLE;
    let component = TransitGatewayRouteTable {
        gateway: TransitGatewayId::new(gateway),
        routes: earlier
            .as_ref()
            .map_or_else(Vec::new, |table| table.routes.clone()),
        propagations: earlier
            .as_ref()
            .map_or_else(BTreeSet::new, |table| table.propagations.clone()),
        tags: match earlier {
            _ if is_own => reader.tags(resource),
            Some(table) => table.tags,
            None => Tags::new(),
        },
        id: TransitGatewayRouteTableId::new(id),
    };
    let place = resource.place();
    let shelf = &mut reader.transit_gateway_route_tables;
    shelve(shelf, component, place, reader.sink);
}

/// Takes away what stand-alone resources had put there and the change removes, or writes anew.
fn take_back(reader: &mut Reader<'_, '_>) {
    let plan = reader.plan;
    for former in &plan.former {
        let text = |name| former.attribute(name).text();
        let attachment = text("transit_gateway_attachment_id");
        if former.of == "aws_ec2_transit_gateway_route_table_association" {
            if let Some(attachment) =
                attachment.and_then(|attachment| attachment_mut(reader, attachment))
            {
                attachment.association = None;
            }
            continue;
        }
        let Some(id) = text("transit_gateway_route_table_id") else {
            continue;
        };
        if ROUTES.contains(&former.of) {
            uncover(reader, former, id);
        }
        let Some(table) = table_mut(reader, id) else {
            continue;
        };
        match former.of {
            "aws_ec2_transit_gateway_route_table_propagation" => {
                table
                    .propagations
                    .retain(|one| Some(one.as_str()) != attachment);
            }
            "aws_ec2_transit_gateway_route" => {
                let block = text("destination_cidr_block");
                table.routes.retain(|route| match &route.destination {
                    RouteDestination::Cidr(cidr) => Some(cidr.to_string().as_str()) != block,
                    RouteDestination::PrefixList(_) => true,
                });
            }
            "aws_ec2_transit_gateway_prefix_list_reference" => {
                let list = text("prefix_list_id");
                table.routes.retain(|route| match &route.destination {
                    RouteDestination::Cidr(_) => true,
                    RouteDestination::PrefixList(id) => Some(id.as_str()) != list,
                });
            }
            _ => {}
        }
    }
}

/// Opens the blocks of what propagates from premises to a table of which a static route goes: an earlier
/// input shows the preferred route for a block only, and another may stand behind it.
/// Source: <https://docs.aws.amazon.com/vpc/latest/tgw/how-transit-gateways-work.html>
fn uncover(reader: &mut Reader<'_, '_>, former: &Resource<'_>, table: &str) {
    let table = reader.sink.get::<TransitGatewayRouteTable>(table);
    let propagations = table.map(|table| table.propagations.clone());
    let hole = Hole::new(former.address);
    for attachment in propagations.into_iter().flatten() {
        open_prefixes(reader, attachment.as_str(), &hole);
    }
}

/// Opens the blocks that an earlier input learned of an attachment from the tables that showed them.
fn open_prefixes(reader: &mut Reader<'_, '_>, attachment: &str, hole: &Hole) {
    let earlier = reader.sink.get::<TransitGatewayAttachment>(attachment);
    let planned = reader.transit_gateway_attachments.get_mut(attachment);
    // What the plan alone says of an attachment was not learned from tables.
    let planned = planned.filter(|_| earlier.is_some());
    let planned = planned.map(|placed| &mut placed.component);
    for attachment in earlier.into_iter().chain(planned) {
        if let AttachmentKind::OnPremises { prefixes, .. } = &mut attachment.kind {
            *prefixes = Value::Any(hole.clone());
        }
    }
}

/// The gateway that an attribute names, when it is in the plan or an earlier input.
pub(super) fn gateway_of(reader: &mut Reader<'_, '_>, attribute: &Attribute<'_>) -> Option<String> {
    let id = reader.settle(attribute, Thing::TransitGateway)?;
    let is_there = reader.transit_gateways.contains_key(&id)
        || reader.sink.get::<TransitGateway>(&id).is_some();
    is_there.then_some(id)
}

/// Leaves a resource out and, when it may belong to a gateway of the input, that gateway too.
pub(super) fn give_up(
    reader: &mut Reader<'_, '_>,
    resource: &Resource<'_>,
    attribute: &Attribute<'_>,
) {
    let gateway = resource.attribute("transit_gateway_id");
    let gateways: Vec<String> = match reader.slot(&gateway, &[Thing::TransitGateway]) {
        Slot::Known(candidate) => vec![candidate.id],
        Slot::OneOf(list) => list.into_iter().map(|one| one.id).collect(),
        Slot::Empty | Slot::Open => {
            reader.may_be_earlier(&gateway);
            reader.transit_gateways.keys().cloned().collect()
        }
    };
    let named = gateways.join("`, `");
    let what = format!(
        "a part of transit gateway `{named}` whose `{}` cannot be told, and with it the gateway,",
        attribute.name()
    );
    reader.not_modelled(resource, &what);
    reader.given_up.extend(gateways);
}

/// Takes the gateways that were given up out, with all that belongs to them. Of one that an earlier
/// input has, nothing is known to be routed; routes to it lead to something unmodelled all the same
/// (`target::settle`).
fn drop_given_up(reader: &mut Reader<'_, '_>) {
    let given_up = &reader.given_up;
    let is_in = |gateway: &TransitGatewayId| !given_up.contains(gateway.as_str());
    let attachments = &mut reader.transit_gateway_attachments;
    attachments.retain(|_, one| is_in(&one.component.gateway));
    reader
        .transit_gateways
        .retain(|_, one| is_in(&one.component.id));
    reader
        .transit_gateway_route_tables
        .retain(|_, one| is_in(&one.component.gateway));
    let mut left: BTreeSet<String> = attachments.keys().cloned().collect();
    for one in &mut reader.sink.draft.transit_gateway_attachments {
        left.insert(one.id.to_string());
        if !is_in(&one.gateway) {
            let hole = format!("attachments of {}", one.gateway);
            one.association = Some(Value::Any(Hole::new(hole)));
        }
    }
    // Peerings that led to one of the plan lead to a gateway that is not in the input.
    for one in attachments.values_mut() {
        if let AttachmentKind::Peering { other } = &mut one.component.kind
            && other.as_ref().is_some_and(|id| !left.contains(id.as_str()))
        {
            *other = None;
        }
    }
}

pub(super) fn attachment_mut<'r>(
    reader: &'r mut Reader<'_, '_>,
    id: &str,
) -> Option<&'r mut TransitGatewayAttachment> {
    match reader.transit_gateway_attachments.get_mut(id) {
        Some(attachment) => Some(&mut attachment.component),
        None => reader.sink.get::<TransitGatewayAttachment>(id),
    }
}

pub(super) fn table_mut<'r>(
    reader: &'r mut Reader<'_, '_>,
    id: &str,
) -> Option<&'r mut TransitGatewayRouteTable> {
    match reader.transit_gateway_route_tables.get_mut(id) {
        Some(table) => Some(&mut table.component),
        None => reader.sink.get::<TransitGatewayRouteTable>(id),
    }
}

/// The attachments of the plan and of earlier inputs.
fn attachment_ids(reader: &Reader<'_, '_>) -> Vec<String> {
    let planned = reader.transit_gateway_attachments.keys().cloned();
    let earlier = reader.sink.draft.transit_gateway_attachments.iter();
    planned
        .chain(earlier.map(|one| one.id.to_string()))
        .collect()
}

/// The things that an attribute may name, and whether it is certain which.
fn named(
    reader: &mut Reader<'_, '_>,
    attribute: &Attribute<'_>,
    thing: Thing,
) -> (Vec<String>, bool) {
    match reader.slot(attribute, &[thing]) {
        Slot::Known(candidate) => (vec![candidate.id], true),
        Slot::OneOf(list) => match list.iter().find(|one| one.is_paired) {
            Some(_) => (reader.settle(attribute, thing).into_iter().collect(), true),
            None => (list.into_iter().map(|one| one.id).collect(), false),
        },
        Slot::Empty | Slot::Open => (Vec::new(), false),
    }
}

fn association(reader: &mut Reader<'_, '_>, resource: &Resource<'_>) {
    let table = resource.attribute("transit_gateway_route_table_id");
    let attribute = resource.attribute("transit_gateway_attachment_id");
    let (tables, _) = named(reader, &table, Thing::TransitGatewayRouteTable);
    let make = |id: &String| TransitGatewayRouteTableId::new(id);
    let value = one_of(tables.iter().map(make).collect(), table.hole());
    let (mut attachments, is_exact) = named(reader, &attribute, Thing::TransitGatewayAttachment);
    let is_any = attachments.is_empty();
    if is_any {
        attachments = attachment_ids(reader);
    }
    for id in attachments {
        let gateway = gateway_of_tables(reader, &tables);
        let id = of_gateway(reader, &id, gateway.as_deref());
        let Some(attachment) = attachment_mut(reader, &id) else {
            reader.omit(
                resource,
                "a route table of an attachment that is not in the input",
            );
            continue;
        };
        attachment.association = Some(if is_exact {
            value.clone()
        } else if is_any {
            Value::Any(attribute.hole())
        } else {
            match attachment.association.take() {
                // There is no room for none among several.
                None => Value::Any(attribute.hole()),
                before => either(before, value.clone(), attribute.hole()),
            }
        });
    }
}

fn gateway_of_tables(reader: &mut Reader<'_, '_>, tables: &[String]) -> Option<String> {
    let table = table_mut(reader, tables.first()?)?;
    Some(table.gateway.to_string())
}

/// The attachment of one gateway of a peering, of which both ends may have one id.
pub(super) fn of_gateway(reader: &mut Reader<'_, '_>, id: &str, gateway: Option<&str>) -> String {
    let own = gateway.map(|gateway| format!("{id}@{gateway}"));
    match own {
        Some(own) if attachment_mut(reader, &own).is_some() => own,
        Some(_) | None => id.to_owned(),
    }
}

fn propagation(reader: &mut Reader<'_, '_>, resource: &Resource<'_>, open: &mut Open) {
    let table = resource.attribute("transit_gateway_route_table_id");
    let attribute = resource.attribute("transit_gateway_attachment_id");
    let (tables, is_table) = named(reader, &table, Thing::TransitGatewayRouteTable);
    let (attachments, is_attachment) = named(reader, &attribute, Thing::TransitGatewayAttachment);
    if !(is_table && is_attachment) {
        let hole = if is_table { &attribute } else { &table };
        open.add(tables, &hole.hole());
        return;
    }
    for (table, attachment) in tables.iter().zip(&attachments) {
        if resource.is_created {
            open_prefixes(reader, attachment, &attribute.hole());
        }
        propagate(reader, resource, table, attachment);
    }
}

/// Says that an attachment propagates to a table.
pub(super) fn propagate(
    reader: &mut Reader<'_, '_>,
    resource: &Resource<'_>,
    table: &str,
    attachment: &str,
) {
    let gateway = table_mut(reader, table).map(|table| table.gateway.to_string());
    let Some(attachment) = target(reader, resource, attachment, gateway.as_deref()) else {
        return;
    };
    match table_mut(reader, table) {
        Some(table) => {
            table.propagations.insert(attachment);
        }
        None => reader.omit(
            resource,
            "a part of a transit gateway route table that is not in the input",
        ),
    }
}

/// The attachment of an id. One that nothing describes is not modelled, and is put beside.
fn target(
    reader: &mut Reader<'_, '_>,
    resource: &Resource<'_>,
    id: &str,
    gateway: Option<&str>,
) -> Option<TransitGatewayAttachmentId> {
    let id = of_gateway(reader, id, gateway);
    if attachment_mut(reader, &id).is_none() {
        let gateway = gateway?;
        let what = format!("attachment `{id}`, which is not in the input,");
        reader.not_modelled(resource, &what);
        transit_gateway_attachment::unmodelled(reader, resource, &id, gateway, "unknown");
    }
    Some(TransitGatewayAttachmentId::new(id))
}

fn route(reader: &mut Reader<'_, '_>, resource: &Resource<'_>, open: &mut Open) {
    let table = resource.attribute("transit_gateway_route_table_id");
    let (tables, is_exact) = named(reader, &table, Thing::TransitGatewayRouteTable);
    let [id] = tables.as_slice() else {
        open.add(tables, &table.hole());
        return;
    };
    if !is_exact {
        open.add(tables, &table.hole());
        return;
    }
    let destination = match destination(reader, resource) {
        Ok(Some(destination)) => destination,
        Ok(None) => return,
        Err(hole) => return open.add(tables, &hole),
    };
    let gateway = table_mut(reader, id).map(|table| table.gateway.to_string());
    let is_blackhole = resource.attribute("blackhole").flag() == Some(true);
    let attribute = resource.attribute("transit_gateway_attachment_id");
    let target = if is_blackhole {
        None
    } else {
        match named(reader, &attribute, Thing::TransitGatewayAttachment) {
            (attachments, true) => attachments
                .first()
                .and_then(|id| self::target(reader, resource, id, gateway.as_deref())),
            (_, false) => return open.add(tables, &attribute.hole()),
        }
    };
    let route = TransitGatewayRoute {
        destination,
        target,
    };
    put(reader, resource, id, route);
}

/// `Err` is what would settle it; `Ok(None)` has been said to be wrong.
fn destination(
    reader: &mut Reader<'_, '_>,
    resource: &Resource<'_>,
) -> Result<Option<RouteDestination>, Hole> {
    if resource.of == "aws_ec2_transit_gateway_route" {
        let block = resource.attribute("destination_cidr_block");
        if block.is_unknown() {
            return Err(block.hole());
        }
        return Ok(block.cidr(reader.sink).map(RouteDestination::Cidr));
    }
    let list = resource.attribute("prefix_list_id");
    match reader.settle(&list, Thing::PrefixList) {
        Some(id) => Ok(Some(RouteDestination::PrefixList(PrefixListId::new(id)))),
        None => Err(list.hole()),
    }
}

/// Puts a route into its table, in the place of one that an earlier input shows.
fn put(reader: &mut Reader<'_, '_>, resource: &Resource<'_>, id: &str, route: TransitGatewayRoute) {
    let Some(table) = table_mut(reader, id) else {
        let what = "a route of a transit gateway route table that is not in the input";
        reader.omit(resource, what);
        return;
    };
    let same = |other: &TransitGatewayRoute| other.destination == route.destination;
    let position = table.routes.iter().position(same);
    // Two resources of this plan with one destination are the plan's mistake, and stay two.
    let is_ours = position.is_some_and(|position| {
        let shelf = &reader.transit_gateway_route_tables;
        let of_table = shelf.get(id);
        of_table.is_some_and(|table| table.rules.contains_key(&RuleIndex::Route(position)))
    });
    let Some(table) = table_mut(reader, id) else {
        return;
    };
    let position = match position.filter(|_| !is_ours) {
        Some(position) => {
            if let Some(old) = table.routes.get_mut(position) {
                *old = route;
            }
            position
        }
        None => {
            table.routes.push(route);
            table.routes.len() - 1
        }
    };
    let rule = RuleIndex::Route(position);
    let place = resource.place();
    match reader.transit_gateway_route_tables.get_mut(id) {
        Some(table) => {
            table.rules.insert(rule, place);
        }
        None => {
            let kind = crate::provenance::Kind::TransitGatewayRouteTable;
            reader.sink.rule(kind, id, rule, place);
        }
    }
}
