//! Transit gateways (page transit_gateway).

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::sync::Arc;

use model::{
    AttachmentKind, Cidr, Clause, Family, Hole, Network, PrefixList, RouteDestination, Subnet,
    SubnetId, TransitGatewayAttachment, TransitGatewayAttachmentId, TransitGatewayId,
    TransitGatewayRouteTable, TransitGatewayRouteTableId, Value, VpcId,
};

use crate::encoder::Encoder;
use crate::forward::onward;
use crate::hole;
use crate::network_acl::{self, Bound};
use crate::network_interface::Who;
use crate::prefix_list;
use crate::ranges::{Ranges, block_holds, covers, ends};
use crate::reply;
use crate::route_table::{Choice, Chosen};
use crate::symbolic::{Formula, Number};
use crate::walk::{Device, Steps, Transit};

/// A choice among the attachments of a transit gateway.
pub(crate) type AttachmentChoice = Choice<TransitGatewayAttachmentId>;

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
        Some(Value::Known(table)) => return Some(choice(encoder, table, address)),
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

fn unmodelled_hole(attachment: &TransitGatewayAttachmentId) -> Hole {
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

/// The choice in a table, built once for each address.
fn choice(
    encoder: &mut Encoder,
    table: &TransitGatewayRouteTableId,
    address: &Number,
) -> Rc<AttachmentChoice> {
    let key = (table.clone(), address.clone());
    if let Some(known) = encoder.transit_choices.get(&key) {
        return Rc::clone(known);
    }
    let network = Arc::clone(&encoder.network);
    let table = network.transit_gateway_route_tables().get(table);
    let choice = table.map_or_else(Choice::default, |table| {
        Table::new(encoder, table, address).choice()
    });
    let choice = Rc::new(choice);
    encoder.transit_choices.insert(key, Rc::clone(&choice));
    choice
}

/// `transit-gateway-route`: the better kind of route first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    Static,
    PrefixList,
    Propagated,
}

/// A candidate at one prefix: its kind, and where it leads; nowhere is a blackhole.
struct Candidate {
    rank: Rank,
    to: Option<TransitGatewayAttachmentId>,
}

/// One table with one address to choose for.
struct Table<'a> {
    encoder: &'a Encoder,
    table: &'a TransitGatewayRouteTable,
    address: &'a Number,
    /// The best candidates by prefix; a prefix sorts before those inside it.
    prefixes: BTreeMap<Cidr, Vec<Candidate>>,
    /// The attachments that propagate, each with all its blocks of both families.
    propagated: BTreeMap<&'a TransitGatewayAttachmentId, Vec<Cidr>>,
    /// No choice has been made yet.
    rest: Formula,
    choice: AttachmentChoice,
}

impl<'a> Table<'a> {
    fn new(encoder: &'a Encoder, table: &'a TransitGatewayRouteTable, address: &'a Number) -> Self {
        let propagated = propagated(&encoder.network, table);
        let mut this = Self {
            encoder,
            table,
            address,
            prefixes: BTreeMap::new(),
            propagated: BTreeMap::new(),
            rest: Formula::TRUE,
            choice: Choice::default(),
        };
        for route in &table.routes {
            let (blocks, rank) = match &route.destination {
                RouteDestination::Cidr(block) => (vec![*block], Rank::Static),
                RouteDestination::PrefixList(list) => (
                    prefix_list::entries(encoder, list).collect(),
                    Rank::PrefixList,
                ),
            };
            for block in blocks {
                let to = route.target.clone();
                this.add(block, Candidate { rank, to });
            }
        }
        for (id, blocks) in &propagated {
            for block in blocks {
                let (rank, to) = (Rank::Propagated, Some((*id).clone()));
                this.add(*block, Candidate { rank, to });
            }
        }
        this.propagated = propagated;
        this
    }

    /// Adds a candidate, unless there is a better one at its prefix.
    fn add(&mut self, block: Cidr, candidate: Candidate) {
        if block.family() != self.encoder.family {
            return;
        }
        let at = self.prefixes.entry(block).or_default();
        let best = at.first().map(|best| best.rank);
        if best.is_some_and(|best| best < candidate.rank) {
            return;
        }
        if best.is_some_and(|best| candidate.rank < best) {
            at.clear();
        }
        at.push(candidate);
    }

    fn choice(mut self) -> AttachmentChoice {
        for (clause, hole, may) in self.open_candidates() {
            self.end(clause, hole, may);
        }
        let held = self
            .prefixes
            .keys()
            .map(|at| block_holds(*at, self.address));
        let none = !Formula::any(held);
        self.drop(Clause::TransitGatewayRoute, none);
        self.winners();
        self.choice
    }

    fn drop(&mut self, clause: Clause, when: Formula) {
        self.choice.dropped.push((clause, &self.rest & &when));
        self.rest = &self.rest & &!when;
    }

    fn end(&mut self, clause: Clause, hole: Hole, when: Formula) {
        if !when.is_false() {
            self.choice.ended.push((clause, hole, &self.rest & &when));
            self.rest = &self.rest & &!when;
        }
    }

    /// What could take the address from whatever wins.
    fn open_candidates(&self) -> Vec<(Clause, Hole, Formula)> {
        let lists = self.table.routes.iter().filter_map(|route| {
            let (hole, may) = self.open_list(&route.destination)?;
            Some((Clause::PrefixListEntriesUnknown, hole, may))
        });
        let attachments = self.encoder.network.transit_gateway_attachments();
        let propagating = self.table.propagations.iter();
        let unmodelled = propagating.filter(|id| {
            attachments.get(*id).is_some_and(|attachment| {
                attachment.available && matches!(attachment.kind, AttachmentKind::Unmodelled(_))
            })
        });
        let settled = self.full_length(|rank| rank != Rank::Propagated);
        let unmodelled = unmodelled.map(|id| {
            let clause = Clause::TransitGatewayUnmodelled;
            (clause, unmodelled_hole(id), !&settled)
        });
        lists.chain(unmodelled).collect()
    }

    /// That a route of full length and of such a kind holds the address.
    fn full_length(&self, of: impl Fn(Rank) -> bool) -> Formula {
        let full = self.prefixes.iter().filter(|(prefix, at)| {
            prefix.prefix_len() == prefix.family().width()
                && at.iter().any(|candidate| of(candidate.rank))
        });
        Formula::any(full.map(|(prefix, _)| block_holds(*prefix, self.address)))
    }

    fn open_list(&self, destination: &RouteDestination) -> Option<(Hole, Formula)> {
        let list: &PrefixList = match destination {
            RouteDestination::Cidr(_) => return None,
            RouteDestination::PrefixList(list) => self.encoder.network.prefix_lists().get(list)?,
        };
        let hole = list.entries.hole()?;
        if list.family != self.encoder.family {
            return None;
        }
        let full = self.full_length(|rank| rank == Rank::Static);
        let may = if list.aws_managed {
            !full & self.encoder.is_public(self.address)
        } else {
            !full
        };
        Some((hole.clone(), may))
    }

    /// The outermost prefixes inside of a block.
    fn inside(&self, block: Cidr) -> Vec<Cidr> {
        let mut found: Vec<Cidr> = Vec::new();
        let from = self.prefixes.range(block..).map(|(prefix, _)| *prefix);
        for prefix in from.take_while(|prefix| covers(block, *prefix)) {
            let is_covered = found.last().is_some_and(|outer| covers(*outer, prefix));
            if prefix != block && !is_covered {
                found.push(prefix);
            }
        }
        found
    }

    fn winners(&mut self) {
        let mut ambiguous = Vec::new();
        let mut lost = Vec::new();
        let mut to = Vec::new();
        for (prefix, at) in &self.prefixes {
            let Some((one, others)) = at.split_first() else {
                continue;
            };
            let inside = self.inside(*prefix);
            let longer = inside
                .iter()
                .map(|longer| block_holds(*longer, self.address));
            let when = block_holds(*prefix, self.address) & !Formula::any(longer);
            let differ = others.iter().any(|other| other.to != one.to);
            let contested = one.rank == Rank::Propagated && self.is_contested(one.to.as_ref());
            match &one.to {
                _ if differ || contested => ambiguous.push(when),
                None => lost.push(when),
                Some(id) => {
                    let family = self.encoder.family;
                    let taken = Ranges::new(family, inside.into_iter().map(ends));
                    let addresses = Ranges::new(family, [ends(*prefix)]).minus(&taken);
                    to.push((id.clone(), Chosen { when, addresses }));
                }
            }
        }
        let clause = Clause::TransitGatewayAmbiguous;
        let place = format!("transit gateway route table {}", self.table.id);
        let hole = hole::unsettled(clause, &place);
        self.end(clause, hole, Formula::any(ambiguous));
        self.drop(Clause::TransitGatewayBlackhole, Formula::any(lost));
        for (_, chosen) in &mut to {
            chosen.when = &chosen.when & &self.rest;
        }
        self.choice.gather(self.encoder.family, to);
    }

    /// Whether a block that an attachment propagates overlaps one of another.
    fn is_contested(&self, id: Option<&TransitGatewayAttachmentId>) -> bool {
        let own = id.and_then(|id| self.propagated.get(id));
        let others = self.propagated.iter();
        let others = others.filter(|(other, _)| Some(**other) != id);
        let mut others = others.flat_map(|(_, blocks)| blocks);
        others.any(|other| {
            let mut own = own.into_iter().flatten();
            own.any(|own| covers(*own, *other) || covers(*other, *own))
        })
    }
}

/// The blocks that each attachment propagates to a table.
fn propagated<'a>(
    network: &'a Network,
    table: &'a TransitGatewayRouteTable,
) -> BTreeMap<&'a TransitGatewayAttachmentId, Vec<Cidr>> {
    let attachments = network.transit_gateway_attachments();
    let propagating = table.propagations.iter().filter_map(|id| {
        let attachment = attachments.get(id).filter(|found| found.available)?;
        let AttachmentKind::Vpc {
            vpc, ipv6_support, ..
        } = &attachment.kind
        else {
            return None;
        };
        let blocks = network.vpcs().get(vpc)?.cidrs.iter().copied();
        let blocks = blocks.filter(|block| match block.family() {
            Family::V4 => true,
            Family::V6 => *ipv6_support,
        });
        Some((id, blocks.collect()))
    });
    propagating.collect()
}
