//! By which subnets of an attachment packets go in and come out (`transit-gateway-zone`).

use std::collections::{BTreeMap, BTreeSet};

use model::{
    AttachmentKind, Clause, EndpointKind, Network, RouteTable, Subnet, SubnetId, Target,
    TransitGatewayAttachment, TransitGatewayAttachmentId, Value, VpcId,
};

use crate::encoder::Encoder;
use crate::hole;
use crate::index::{Class, Index};
use crate::network_interface::Who;
use crate::ranges::Ranges;
use crate::symbolic::{Formula, Number};
use crate::walk::Steps;

/// The subnets of a VPC's attachment; none of any other.
fn subnets(attachment: &TransitGatewayAttachment) -> Option<&BTreeSet<SubnetId>> {
    match &attachment.kind {
        AttachmentKind::Vpc { subnets, .. } => Some(subnets),
        AttachmentKind::Peering { .. }
        | AttachmentKind::OnPremises { .. }
        | AttachmentKind::Unmodelled(_) => None,
    }
}

/// By which subnet of an attachment a packet goes in.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Entry {
    By(SubnetId),
    /// Every subnet of the attachment is in another zone.
    InOtherZones,
    Unknown,
}

/// Where packets go in, with: the packet stands at a subnet from which they do.
pub(crate) fn entries(
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
pub(crate) fn enter(
    steps: &mut Steps,
    attachment: &TransitGatewayAttachmentId,
    entry: Entry,
) -> Option<SubnetId> {
    let clause = Clause::TransitGatewayZone;
    match entry {
        Entry::By(subnet) => return Some(subnet),
        Entry::InOtherZones => steps.drop(clause, Formula::TRUE),
        Entry::Unknown => zone_unknown(steps, attachment, Formula::TRUE),
    }
    None
}

fn zone_unknown(steps: &mut Steps, attachment: &TransitGatewayAttachmentId, when: Formula) {
    let clause = Clause::TransitGatewayZone;
    let hole = hole::unsettled(clause, &format!("attachment {attachment}"));
    steps.end(clause, hole, when);
}

/// The subnet by which packets come out.
pub(crate) struct WayOut {
    pub(crate) subnet: SubnetId,
    /// For a destination among these it is not known which subnet it is.
    pub(crate) unknown_for: Ranges,
}

/// The subnet by which the packet comes out, of a walk that goes on, for what came in by this subnet: none of what
/// came over a peering of gateways or from on premises.
pub(crate) fn come_out(
    encoder: &Encoder,
    steps: &mut Steps,
    attachment: &TransitGatewayAttachment,
    entry: Option<&SubnetId>,
    destination: &Number,
) -> Option<WayOut> {
    let Some(out) = way_out(encoder, attachment, entry) else {
        zone_unknown(steps, &attachment.id, Formula::TRUE);
        return None;
    };
    if !steps.destinations.and(&out.unknown_for).is_empty() {
        zone_unknown(steps, &attachment.id, out.unknown_for.hold(destination));
    }
    (!steps.is_over()).then_some(out)
}

fn way_out(
    encoder: &Encoder,
    attachment: &TransitGatewayAttachment,
    entry: Option<&SubnetId>,
) -> Option<WayOut> {
    let network = &encoder.network;
    let subnets = subnets(attachment)?;
    let entry = entry.and_then(|entry| network.subnets().get(entry));
    let mut found = subnets.iter().filter_map(|id| network.subnets().get(id));
    let same = found.find(|subnet| {
        entry.is_some_and(|entry| {
            entry.id == subnet.id || same_zone(network, entry, subnet) == Some(true)
        })
    });
    let only = || subnets.first().filter(|_| subnets.len() == 1);
    if let Some(subnet) = same.map(|subnet| &subnet.id).or_else(only) {
        return Some(WayOut {
            subnet: subnet.clone(),
            unknown_for: Ranges::new(encoder.family, []),
        });
    }
    let alike = encoder.index.alike.get(&attachment.id)?;
    Some(WayOut {
        subnet: subnets.first()?.clone(),
        unknown_for: differing(encoder, alike, subnets),
    })
}

/// For which destinations the subnets of an attachment are *alike*, those in their own blocks always excepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Alike {
    ForEvery,
    /// Only for those of their VPC: with another a packet may go on to a transit gateway, into which it goes by zone.
    InVpc(VpcId),
}

/// The destinations for which subnets that are alike for others are not.
fn differing(encoder: &Encoder, alike: &Alike, subnets: &BTreeSet<SubnetId>) -> Ranges {
    let family = encoder.family;
    let own = encoder.subnet_blocks(subnets);
    match alike {
        Alike::ForEvery => own,
        Alike::InVpc(vpc) => {
            let vpc = encoder.network.vpcs().get(vpc).into_iter();
            let inside = Ranges::of_blocks(family, vpc.flat_map(|vpc| &vpc.cidrs));
            Ranges::all(family).minus(&inside.minus(&own))
        }
    }
}

/// The attachments of VPCs whose subnets are *alike* for some destinations, and for which.
pub(crate) fn alike(
    network: &Network,
    index: &Index,
) -> BTreeMap<TransitGatewayAttachmentId, Alike> {
    let singular = singular(network);
    let attachments = network.transit_gateway_attachments().iter();
    let alike = attachments.filter_map(|(id, attachment)| {
        let AttachmentKind::Vpc { vpc, subnets, .. } = &attachment.kind else {
            return None;
        };
        let within = index.vpcs.get(vpc)?;
        in_one_class(&within.acls, subnets)?;
        let table = in_one_class(&within.tables, subnets)?;
        let table = network.route_tables().get(table)?;
        let found = subnets.iter().filter_map(|id| network.subnets().get(id));
        let exclusions: BTreeSet<_> = found.map(|subnet| subnet.exclusion).collect();
        if exclusions.len() != 1 || !singular.is_disjoint(&subnets.iter().collect()) {
            return None;
        }
        let alike = if may_lead_to_a_transit_gateway(table) {
            Alike::InVpc(vpc.clone())
        } else {
            Alike::ForEvery
        };
        Some((id.clone(), alike))
    });
    alike.collect()
}

/// What all these subnets have, when that is one and known.
fn in_one_class<'a, T>(classes: &'a [Class<T>], subnets: &BTreeSet<SubnetId>) -> Option<&'a T> {
    let mut classes = classes.iter();
    let (value, _) = classes.find(|(_, class)| subnets.is_subset(class))?;
    value.known()
}

/// Whether a table has a route, a blackhole too, that leads, or may lead, to a transit gateway.
fn may_lead_to_a_transit_gateway(table: &RouteTable) -> bool {
    let is_one = |target: &Target| matches!(target, Target::TransitGateway(_));
    table.routes.iter().any(|route| match &route.target {
        Value::Known(target) => is_one(target),
        Value::OneOf(targets, _) => targets.iter().any(is_one),
        Value::Any(_) => true,
    })
}

/// The subnets with something that makes standing there different from standing in another one.
fn singular(network: &Network) -> BTreeSet<&SubnetId> {
    let nat_gateways = network.nat_gateways().values().map(|nat| &nat.subnet);
    let endpoints = network.vpc_endpoints().values();
    let endpoints = endpoints.filter_map(|endpoint| match &endpoint.kind {
        EndpointKind::GatewayLoadBalancer { subnet, .. } => Some(subnet),
        EndpointKind::Gateway { .. }
        | EndpointKind::Interface { .. }
        | EndpointKind::Unmodelled(_) => None,
    });
    let interfaces = network.network_interfaces().values();
    let unchecked = interfaces
        .filter(|interface| !interface.source_destination_check)
        .map(|interface| &interface.subnet);
    nat_gateways.chain(endpoints).chain(unchecked).collect()
}

/// The same of any two subnets: one is in its own zone, known or not.
pub(crate) fn in_one_zone(network: &Network, one: &SubnetId, other: &SubnetId) -> Option<bool> {
    if one == other {
        return Some(true);
    }
    let subnets = network.subnets();
    same_zone(network, subnets.get(one)?, subnets.get(other)?)
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
