//! By which subnets of an attachment packets go in and come out (`transit-gateway-zone`).

use std::collections::{BTreeMap, BTreeSet};

use model::{
    AttachmentKind, Clause, EndpointKind, NatGateway, Network, NetworkInterface, RouteTable,
    Subnet, SubnetId, Target, TransitGatewayAttachment, TransitGatewayAttachmentId, Value,
    VpcEndpoint, VpcId,
};

use crate::encoder::Encoder;
use crate::hole;
use crate::index::{Class, Index};
use crate::network_acl;
use crate::network_interface::Who;
use crate::ranges::Ranges;
use crate::route_table;
use crate::symbolic::{Formula, Packet};
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
    /// Nor for one among these, unless the packet is sure to come to it from each of the subnets.
    own: Ranges,
}

/// The subnet by which the packet comes out, of a walk that goes on, for what came in by this subnet: none of what
/// came over a peering of gateways or from on premises. The destination port of a reply may have been chosen, by the
/// clause that says so.
pub(crate) fn come_out(
    encoder: &mut Encoder,
    steps: &mut Steps,
    attachment: &TransitGatewayAttachment,
    entry: Option<&SubnetId>,
    (packet, chosen_port): (&Packet, Option<Clause>),
) -> Option<WayOut> {
    let Some(mut out) = way_out(encoder, attachment, entry) else {
        zone_unknown(steps, &attachment.id, Formula::TRUE);
        return None;
    };
    let passes = passes(encoder, steps, &out, packet, chosen_port);
    if passes.is_false() {
        let unknown = out.unknown_for.iter().chain(out.own.iter());
        out.unknown_for = Ranges::new(encoder.family, unknown);
    } else {
        let lost = out.own.hold(&packet.destination) & !passes;
        zone_unknown(steps, &attachment.id, lost);
    }
    if !steps.destinations.and(&out.unknown_for).is_empty() {
        let unknown = out.unknown_for.hold(&packet.destination);
        zone_unknown(steps, &attachment.id, unknown);
    }
    (!steps.is_over()).then_some(out)
}

/// That the ACL of alike subnets passes a packet to a destination in one of them outbound and inbound, and that the
/// route chosen for it is the local one, all for certain. Of use only for such a destination.
fn passes(
    encoder: &mut Encoder,
    steps: &Steps,
    out: &WayOut,
    packet: &Packet,
    chosen_port: Option<Clause>,
) -> Formula {
    let destination = &packet.destination;
    let met = !steps.destinations.and(&out.own).is_empty();
    if !met || out.own.hold(destination).is_false() {
        return Formula::FALSE;
    }
    let Some(stands) = Who::standing(encoder, &out.subnet) else {
        return Formula::FALSE;
    };
    let local = route_table::choose(encoder, &stands, destination).is(&Target::Local);
    if local.is_false() {
        return local;
    }
    local & network_acl::passes_both_ways(encoder, &stands, packet, chosen_port)
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
        let none = || Ranges::new(encoder.family, []);
        return Some(WayOut {
            subnet: subnet.clone(),
            unknown_for: none(),
            own: none(),
        });
    }
    let alike = encoder.index.alike.get(&attachment.id)?;
    let unknown_for = differing(encoder, alike);
    Some(WayOut {
        subnet: subnets.first()?.clone(),
        own: encoder.subnet_blocks(subnets).minus(&unknown_for),
        unknown_for,
    })
}

/// For which destinations the subnets of an attachment are *alike*, those in their own blocks on a condition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Alike {
    ForEvery,
    /// Only for those of their VPC: with another a packet may go on to a transit gateway, into which it goes by zone.
    InVpc(VpcId),
}

/// The destinations for which subnets that are alike for others are not, whatever the packet.
fn differing(encoder: &Encoder, alike: &Alike) -> Ranges {
    let family = encoder.family;
    match alike {
        Alike::ForEvery => Ranges::new(family, []),
        Alike::InVpc(vpc) => {
            let vpc = encoder.network.vpcs().get(vpc).into_iter();
            let inside = Ranges::of_blocks(family, vpc.flat_map(|vpc| &vpc.cidrs));
            Ranges::all(family).minus(&inside)
        }
    }
}

/// The attachments of VPCs whose subnets are *alike* for some destinations, and for which.
pub(crate) fn alike(
    network: &Network,
    index: &Index,
) -> BTreeMap<TransitGatewayAttachmentId, Alike> {
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
        if exclusions.len() != 1 || may_lead_into(network, table, subnets) {
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
    may_lead(table, is_one)
}

/// Whether a table has a route, a blackhole too, that leads, or may lead, to something that stands in one of these
/// subnets: standing there is different then from standing in another one.
fn may_lead_into(network: &Network, table: &RouteTable, subnets: &BTreeSet<SubnetId>) -> bool {
    let endpoint = |endpoint: &VpcEndpoint| match &endpoint.kind {
        EndpointKind::GatewayLoadBalancer { subnet, .. } => subnets.contains(subnet),
        EndpointKind::Gateway { .. }
        | EndpointKind::Interface { .. }
        | EndpointKind::Unmodelled(_) => false,
    };
    let nat_gateway = |nat: &NatGateway| subnets.contains(&nat.subnet);
    let interface = |interface: &NetworkInterface| subnets.contains(&interface.subnet);
    let stands_there = |target: &Target| match target {
        Target::NatGateway(id) => network.nat_gateways().get(id).is_some_and(nat_gateway),
        Target::NetworkInterface(id) => {
            let found = network.network_interfaces().get(id);
            found.is_some_and(interface)
        }
        Target::GatewayLoadBalancerEndpoint(id) => {
            network.vpc_endpoints().get(id).is_some_and(endpoint)
        }
        Target::Local
        | Target::InternetGateway(_)
        | Target::EgressOnlyInternetGateway(_)
        | Target::Peering(_)
        | Target::GatewayEndpoint(_)
        | Target::TransitGateway(_)
        | Target::VirtualPrivateGateway(_)
        | Target::Unmodelled { .. } => false,
    };
    let some = network.nat_gateways().values().any(nat_gateway)
        || network.vpc_endpoints().values().any(endpoint)
        || network.network_interfaces().values().any(interface);
    some && may_lead(table, stands_there)
}

/// Whether a table has a route whose target is, or may be, one of these, of which there are some.
fn may_lead(table: &RouteTable, is_one: impl Fn(&Target) -> bool) -> bool {
    table.routes.iter().any(|route| match &route.target {
        Value::Known(target) => is_one(target),
        Value::OneOf(targets, _) => targets.iter().any(&is_one),
        Value::Any(_) => true,
    })
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
