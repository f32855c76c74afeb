//! Transit gateways (page transit_gateway).

use std::rc::Rc;
use std::sync::Arc;

use model::{
    AttachmentKind, Clause, Hole, Network, OnPremisesGateway, SubnetId, TransitGatewayAttachment,
    TransitGatewayAttachmentId, TransitGatewayId, Value, VpcId,
};

use crate::encoder::Encoder;
use crate::forward::onward;
use crate::hole;
use crate::network_acl::{self, Bound};
use crate::network_interface::Who;
use crate::on_premises;
use crate::reply;
use crate::symbolic::{Formula, Number, Packet};
use crate::transit_gateway_route_table::{self, AttachmentChoice};
use crate::transit_gateway_zone::{come_out, enter, entries};
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
        AttachmentKind::Peering { .. }
        | AttachmentKind::OnPremises { .. }
        | AttachmentKind::Unmodelled(_) => false,
    });
    own.find(|attachment| attachment.available)
}

/// *Transit* from an attachment, of what came in by its subnet, over a peering or from on premises.
pub(crate) fn transit(
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
            let packet = steps.way.packet.clone();
            if let Some(out) = come_out(encoder, steps, to, entry, (&packet, None))
                && let Some(stands) = Who::standing(encoder, &out.subnet)
            {
                steps.destinations = steps.destinations.minus(&out.unknown_for);
                steps.way.devices.push(passed);
                onward(encoder, steps, &stands);
            }
            return;
        }
        AttachmentKind::OnPremises { .. } => {
            steps.way.devices.push(passed);
            let gateway = OnPremisesGateway::Transit(to.id.clone());
            on_premises::hand_over(encoder, steps, gateway);
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

/// *Back* through transit gateways, the last passed first, from where the reply stands or, when it stands nowhere, from
/// on premises. The parts of the walk that come back to where the request came to the first of them: at a subnet of
/// its attachment, or on premises. `chosen_port` is the clause by which the port is not known to which it goes, and
/// `acl` the step of the ACL of a subnet by which it goes in.
pub(crate) fn back(
    encoder: &mut Encoder,
    steps: &mut Steps,
    (stands, reply, chosen_port): (Option<&Who>, &Packet, Option<Clause>),
    transits: &[&Transit],
    acl: impl FnMut(&mut Encoder, &mut Steps, &Who),
) -> Option<Vec<(Steps, Option<SubnetId>)>> {
    let network = Arc::clone(&encoder.network);
    let attachments = network.transit_gateway_attachments();
    let last = attachments.get(&transits.first()?.left_by)?;
    let first = *transits.last()?;
    let home = attachments.get(&first.came_by)?;
    let mut found = Vec::new();
    for (mut branch, entry) in go_in(encoder, steps, stands, last, acl) {
        for transit in transits {
            returns_by(encoder, &mut branch, &reply.destination, transit);
        }
        if matches!(home.kind, AttachmentKind::OnPremises { .. }) {
            found.push((branch, None));
            continue;
        }
        // Over a peering of gateways the zone of entry is lost.
        let entry = entry.filter(|_| transits.len() == 1);
        let subnet = match (appliance_mode(home), &first.entry) {
            (true, Some(_)) if is_beside_another_gateway(&network, home) => {
                reply::asymmetric(&mut branch, &format!("attachment {}", home.id));
                None
            }
            (true, Some(subnet)) => Some(subnet.clone()),
            (true, None) | (false, _) => {
                let packet = (reply, chosen_port);
                come_out(encoder, &mut branch, home, entry.as_ref(), packet).map(|out| out.subnet)
            }
        };
        match subnet {
            Some(subnet) if !branch.is_over() => found.push((branch, Some(subnet))),
            Some(_) | None => steps.join(branch),
        }
    }
    Some(found)
}

/// The parts of the walk that go in by an attachment, each with the subnet by which it does; from on premises there
/// is none.
fn go_in(
    encoder: &mut Encoder,
    steps: &mut Steps,
    stands: Option<&Who>,
    attachment: &TransitGatewayAttachment,
    mut acl: impl FnMut(&mut Encoder, &mut Steps, &Who),
) -> Vec<(Steps, Option<SubnetId>)> {
    let Some(stands) = stands else {
        return vec![(steps.branch(&Formula::TRUE), None)];
    };
    let mut found = Vec::new();
    for (entry, here) in entries(encoder, stands, attachment) {
        let mut branch = steps.branch(&here);
        if let Some(entry) = enter(&mut branch, &attachment.id, entry)
            && let Some(into) = Who::standing(encoder, &entry)
        {
            acl(encoder, &mut branch, &into);
            found.push((branch, Some(entry)));
        } else {
            steps.join(branch);
        }
    }
    found
}

const fn appliance_mode(attachment: &TransitGatewayAttachment) -> bool {
    match &attachment.kind {
        AttachmentKind::Vpc { appliance_mode, .. } => *appliance_mode,
        AttachmentKind::Peering { .. }
        | AttachmentKind::OnPremises { .. }
        | AttachmentKind::Unmodelled(_) => false,
    }
}

/// Whether an attachment has several subnets, and its VPC an available attachment to another transit gateway: in
/// appliance mode each gateway keeps to a subnet of its own.
fn is_beside_another_gateway(network: &Network, own: &TransitGatewayAttachment) -> bool {
    let AttachmentKind::Vpc { vpc, subnets, .. } = &own.kind else {
        return false;
    };
    let is_other = |other: &TransitGatewayAttachment| {
        let attached = matches!(&other.kind, AttachmentKind::Vpc { vpc: its, .. } if its == vpc);
        attached && other.available && other.gateway != own.gateway
    };
    let mut attachments = network.transit_gateway_attachments().values();
    subnets.len() > 1 && attachments.any(is_other)
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
