//! Transit gateways (page transit_gateway).

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::sync::Arc;

use model::{
    AttachmentKind, Clause, Hole, Network, Subnet, SubnetId, TransitGatewayAttachment,
    TransitGatewayAttachmentId, TransitGatewayId, Value, VpcId,
};

use crate::encoder::Encoder;
use crate::forward::onward;
use crate::hole;
use crate::network_acl::{self, Bound};
use crate::network_interface::Who;
use crate::reply;
use crate::symbolic::{Formula, Number};
use crate::transit_gateway_route_table::{self, AttachmentChoice};
use crate::walk::{Device, Steps, Transit};

/// A transit gateway as the target of a route.
pub(crate) fn target(
    encoder: &mut Encoder,
    steps: &mut Steps,
    stands: &Who,
    id: &TransitGatewayId,
) {
    let network = Arc::clone(&encoder.network);
    let attachment = attached(&network, stands.vpc(), id);
    come_to(steps, id, attachment.map(|attachment| &attachment.id));
    let Some(attachment) = attachment else {
        steps.drop(Clause::TransitGatewayAttached, Formula::TRUE);
        return;
    };
    if steps.is_over() {
        return;
    }
    let packet = steps.way.packet.clone();
    for (entry, here) in entries(encoder, stands, attachment) {
        let mut branch = steps.branch(&here);
        if let Some(entry) = enter(&mut branch, &attachment.id, entry)
            && let Some(into) = Who::standing(encoder, &entry)
        {
            let (far, transport) = (&packet.source, &packet.transport);
            let acl = network_acl::step(encoder, &into, Bound::In, far, transport);
            branch.filter(Clause::NetworkAclIngress, &Formula::TRUE, acl);
            transit(encoder, &mut branch, attachment, Some(&entry));
        }
        steps.join(branch);
    }
}

/// The packet comes to a transit gateway by an attachment.
fn come_to(
    steps: &mut Steps,
    id: &TransitGatewayId,
    attachment: Option<&TransitGatewayAttachmentId>,
) {
    steps.come_to(
        &format!("transit gateway {id}"),
        |device| matches!(device, Device::TransitGateway(passed) if Some(&passed.came_by) == attachment),
    );
}

/// The available attachment of a VPC to a transit gateway.
fn attached<'a>(
    network: &'a Network,
    vpc: &VpcId,
    gateway: &TransitGatewayId,
) -> Option<&'a TransitGatewayAttachment> {
    let attachments = network.transit_gateway_attachments().values();
    let mut own = attachments.filter(|attachment| match &attachment.kind {
        AttachmentKind::Vpc { vpc: attached, .. } => {
            attached == vpc && attachment.gateway == *gateway
        }
        AttachmentKind::Peering { .. } | AttachmentKind::Unmodelled(_) => false,
    });
    own.find(|attachment| attachment.available)
}

/// The subnets of a VPC's attachment; none of any other.
fn subnets(attachment: &TransitGatewayAttachment) -> Option<&BTreeSet<SubnetId>> {
    match &attachment.kind {
        AttachmentKind::Vpc { subnets, .. } => Some(subnets),
        AttachmentKind::Peering { .. } | AttachmentKind::Unmodelled(_) => None,
    }
}

/// By which subnet of an attachment a packet goes in.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Entry {
    By(SubnetId),
    /// Every subnet of the attachment is in another zone.
    InOtherZones,
    Unknown,
}

/// Where packets go in, with: the packet stands at a subnet from which they do.
fn entries(
    encoder: &Encoder,
    stands: &Who,
    attachment: &TransitGatewayAttachment,
) -> Vec<(Entry, Formula)> {
    let network = &encoder.network;
    let Some(subnets) = subnets(attachment) else {
        return Vec::new();
    };
    let mut by_entry: BTreeMap<Entry, BTreeSet<SubnetId>> = BTreeMap::new();
    for (id, subnet) in network.subnets() {
        if subnet.vpc == *stands.vpc() {
            let from = by_entry.entry(entry(network, subnet, subnets));
            from.or_default().insert(id.clone());
        }
    }
    let alone = by_entry.len() == 1;
    let guard = |(entry, from): (Entry, BTreeSet<SubnetId>)| {
        // What stands in a VPC stands at one of its subnets.
        let here = if alone {
            Formula::TRUE
        } else {
            encoder.in_subnets(stands, &from)
        };
        (!here.is_false()).then_some((entry, here))
    };
    by_entry.into_iter().filter_map(guard).collect()
}

/// `transit-gateway-zone`, for what goes in from a subnet.
fn entry(network: &Network, from: &Subnet, subnets: &BTreeSet<SubnetId>) -> Entry {
    if subnets.contains(&from.id) {
        return Entry::By(from.id.clone());
    }
    let found = subnets.iter().filter_map(|id| network.subnets().get(id));
    let compared: Vec<_> = found
        .map(|subnet| (subnet, same_zone(network, from, subnet)))
        .collect();
    let mut same = compared.iter().filter(|(_, same)| *same == Some(true));
    match same.next() {
        Some((subnet, _)) => Entry::By(subnet.id.clone()),
        None if compared.iter().all(|(_, same)| *same == Some(false)) => Entry::InOtherZones,
        None => Entry::Unknown,
    }
}

/// The subnet by which the packet goes in, of a walk that goes on.
fn enter(
    steps: &mut Steps,
    attachment: &TransitGatewayAttachmentId,
    entry: Entry,
) -> Option<SubnetId> {
    let clause = Clause::TransitGatewayZone;
    match entry {
        Entry::By(subnet) => return Some(subnet),
        Entry::InOtherZones => steps.drop(clause, Formula::TRUE),
        Entry::Unknown => zone_unknown(steps, attachment),
    }
    None
}

fn zone_unknown(steps: &mut Steps, attachment: &TransitGatewayAttachmentId) {
    let clause = Clause::TransitGatewayZone;
    let hole = hole::unsettled(clause, &format!("attachment {attachment}"));
    steps.end(clause, hole, Formula::TRUE);
}

/// `transit-gateway-zone`, for what comes out after it came in by a subnet; nothing when it is not known where.
fn way_out(
    network: &Network,
    attachment: &TransitGatewayAttachment,
    entry: Option<&SubnetId>,
) -> Option<SubnetId> {
    let subnets = subnets(attachment)?;
    let entry = entry.and_then(|entry| network.subnets().get(entry));
    let mut found = subnets.iter().filter_map(|id| network.subnets().get(id));
    let same = found.find(|subnet| {
        entry.is_some_and(|entry| {
            entry.id == subnet.id || same_zone(network, entry, subnet) == Some(true)
        })
    });
    let only = || subnets.first().filter(|_| subnets.len() == 1);
    same.map(|subnet| &subnet.id).or_else(only).cloned()
}

/// Whether two subnets are in one zone; nothing when they cannot be compared.
fn same_zone(network: &Network, one: &Subnet, other: &Subnet) -> Option<bool> {
    if let (Some(one), Some(other)) = (&one.zone_id, &other.zone_id) {
        return Some(one == other);
    }
    let account = |subnet: &Subnet| network.vpcs().get(&subnet.vpc)?.account.as_ref();
    // Zones' names mean different zones in different accounts.
    let differ = match (account(one), account(other)) {
        (Some(one), Some(other)) => one != other,
        (None, _) | (_, None) => false,
    };
    match (&one.zone, &other.zone) {
        (Some(one), Some(other)) if !differ => Some(one == other),
        (Some(_), Some(_)) | (None, _) | (_, None) => None,
    }
}

/// *Transit* from an attachment, of what came in by its subnet or over a peering.
fn transit(
    encoder: &mut Encoder,
    steps: &mut Steps,
    from: &TransitGatewayAttachment,
    entry: Option<&SubnetId>,
) {
    let destination = steps.way.packet.destination.clone();
    let Some(choice) = associated(encoder, steps, from, &destination) else {
        return;
    };
    steps.choose(&choice);
    let network = Arc::clone(&encoder.network);
    for (id, chosen) in &choice.to {
        if let Some(mut branch) = steps.branch_to(chosen)
            && let Some(to) = network.transit_gateway_attachments().get(id)
        {
            leave(encoder, &mut branch, (from, to), entry);
            steps.join(branch);
        }
    }
}

/// `transit-gateway-association`, and the choice in the table.
fn associated(
    encoder: &mut Encoder,
    steps: &mut Steps,
    attachment: &TransitGatewayAttachment,
    address: &Number,
) -> Option<Rc<AttachmentChoice>> {
    let clause = Clause::TransitGatewayAssociation;
    match &attachment.association {
        None => steps.drop(clause, Formula::TRUE),
        Some(Value::OneOf(_, hole) | Value::Any(hole)) => {
            steps.end(clause, hole.clone(), Formula::TRUE);
        }
        Some(Value::Known(table)) => {
            return Some(transit_gateway_route_table::choice(encoder, table, address));
        }
    }
    None
}

/// What leaves a transit gateway by the chosen attachment.
fn leave(
    encoder: &mut Encoder,
    steps: &mut Steps,
    (from, to): (&TransitGatewayAttachment, &TransitGatewayAttachment),
    entry: Option<&SubnetId>,
) {
    let network = Arc::clone(&encoder.network);
    let attached = |steps: &mut Steps, attachment: &TransitGatewayAttachment| {
        let lost = Formula::Constant(!attachment.available);
        steps.drop(Clause::TransitGatewayAttached, lost);
    };
    attached(steps, to);
    let passed = Device::TransitGateway(Transit {
        gateway: from.gateway.clone(),
        came_by: from.id.clone(),
        left_by: to.id.clone(),
        entry: entry.cloned(),
    });
    let other = match &to.kind {
        AttachmentKind::Vpc { .. } => {
            let stands = way_out(&network, to, entry);
            match stands.and_then(|subnet| Who::standing(encoder, &subnet)) {
                Some(stands) => {
                    steps.way.devices.push(passed);
                    onward(encoder, steps, &stands);
                }
                None => zone_unknown(steps, &to.id),
            }
            return;
        }
        AttachmentKind::Peering { other } => other.as_ref(),
        AttachmentKind::Unmodelled(_) => None,
    };
    let other = other.and_then(|other| network.transit_gateway_attachments().get(other));
    let Some(other) = other else {
        unmodelled(steps, &to.id);
        return;
    };
    attached(steps, other);
    steps.way.devices.push(passed);
    come_to(steps, &other.gateway, Some(&other.id));
    if !steps.is_over() {
        transit(encoder, steps, other, None);
    }
}

/// `transit-gateway-unmodelled`.
fn unmodelled(steps: &mut Steps, attachment: &TransitGatewayAttachmentId) {
    let hole = unmodelled_hole(attachment);
    steps.end(Clause::TransitGatewayUnmodelled, hole, Formula::TRUE);
}

pub(crate) fn unmodelled_hole(attachment: &TransitGatewayAttachmentId) -> Hole {
    let place = format!("attachment {attachment}");
    hole::unsettled(Clause::TransitGatewayUnmodelled, &place)
}

/// *Back* through transit gateways, the last passed first, to subnets of the attachment by which the request came to
/// the first of them; each with the part of the walk that comes there. `acl` is the step of the ACL of a subnet by
/// which the reply goes in.
pub(crate) fn back(
    encoder: &mut Encoder,
    steps: &mut Steps,
    (stands, destination): (&Who, &Number),
    transits: &[&Transit],
    mut acl: impl FnMut(&mut Encoder, &mut Steps, &Who),
) -> Option<Vec<(Steps, SubnetId)>> {
    let network = Arc::clone(&encoder.network);
    let attachments = network.transit_gateway_attachments();
    let last = attachments.get(&transits.first()?.left_by)?;
    let first = *transits.last()?;
    let home = attachments.get(&first.came_by)?;
    let mut found = Vec::new();
    for (entry, here) in entries(encoder, stands, last) {
        let mut branch = steps.branch(&here);
        if let Some(entry) = enter(&mut branch, &last.id, entry)
            && let Some(into) = Who::standing(encoder, &entry)
        {
            acl(encoder, &mut branch, &into);
            for transit in transits {
                returns_by(encoder, &mut branch, destination, transit);
            }
            // Over a peering of gateways the zone of entry is lost.
            let entry = (transits.len() == 1).then_some(&entry);
            let subnet = match (appliance_mode(home), &first.entry) {
                (true, Some(subnet)) => Some(subnet.clone()),
                (true, None) | (false, _) => way_out(&network, home, entry),
            };
            match subnet {
                Some(subnet) if !branch.is_over() => {
                    found.push((branch, subnet));
                    continue;
                }
                Some(_) => {}
                None => zone_unknown(&mut branch, &home.id),
            }
        }
        steps.join(branch);
    }
    Some(found)
}

const fn appliance_mode(attachment: &TransitGatewayAttachment) -> bool {
    match &attachment.kind {
        AttachmentKind::Vpc { appliance_mode, .. } => *appliance_mode,
        AttachmentKind::Peering { .. } | AttachmentKind::Unmodelled(_) => false,
    }
}

/// The choice at one transit gateway on the way back, expecting the attachment by which the request came to it.
fn returns_by(encoder: &mut Encoder, steps: &mut Steps, destination: &Number, transit: &Transit) {
    let network = Arc::clone(&encoder.network);
    let attachments = network.transit_gateway_attachments();
    let Some(from) = attachments.get(&transit.left_by) else {
        return;
    };
    let Some(choice) = associated(encoder, steps, from, destination) else {
        return;
    };
    steps.choose(&choice);
    let others = choice.to.iter().filter(|(id, _)| **id != transit.came_by);
    let others = Formula::any(others.map(|(_, chosen)| chosen.when.clone()));
    let mut elsewhere = steps.branch(&others);
    let place = format!("transit gateway {}", transit.gateway);
    reply::asymmetric(&mut elsewhere, &place);
    steps.join(elsewhere);
    steps.here = &steps.here & &choice.is(&transit.came_by);
}
