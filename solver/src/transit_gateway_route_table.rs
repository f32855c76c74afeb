//! The choice in a transit gateway's route table (page transit_gateway, *choice*).
//!
//! An attachment is chosen iff a route to it holds the address and nothing better does.

use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;

use model::{
    AttachmentKind, Cidr, Clause, Family, Hole, Network, OnPremisesService, PrefixList,
    RouteDestination, TransitGatewayAttachment, TransitGatewayAttachmentId,
    TransitGatewayRouteTable, TransitGatewayRouteTableId,
};

use crate::encoder::Encoder;
use crate::hole;
use crate::prefix_list;
use crate::ranges::{Ranges, block_holds, covers, ends};
use crate::route_table::{Choice, Chosen};
use crate::symbolic::{Formula, Number};
use crate::transit_gateway;

/// A choice among the attachments of a transit gateway.
pub(crate) type AttachmentChoice = Choice<TransitGatewayAttachmentId>;

/// The choice in a table, built once for each address.
pub(crate) fn choice(
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
    /// What a VPC's attachment propagates.
    Vpc,
    /// What the attachment of a network on premises propagates.
    OnPremises(OnPremisesService),
}

/// What an attachment propagates: a kind of route, for blocks of both families.
type Propagated = (Rank, Vec<Cidr>);

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
    /// What is known to be propagated, by attachment.
    propagated: BTreeMap<&'a TransitGatewayAttachmentId, Propagated>,
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
        for (id, (rank, blocks)) in &propagated {
            for block in blocks {
                let (rank, to) = (*rank, Some((*id).clone()));
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
        let unknown =
            propagating.filter_map(|id| attachments.get(id).and_then(may_propagate_anything));
        let settled = self.full_length(|rank| matches!(rank, Rank::Static | Rank::PrefixList));
        let unknown = unknown.map(|hole| (Clause::TransitGatewayUnmodelled, hole, !&settled));
        lists.chain(unknown).collect()
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
            let contested = one.rank == Rank::Vpc && self.is_contested(one.to.as_ref());
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

    /// Whether a block that a VPC's attachment propagates overlaps one of another VPC's.
    fn is_contested(&self, id: Option<&TransitGatewayAttachmentId>) -> bool {
        let own = id.and_then(|id| self.propagated.get(id));
        let others = self.propagated.iter();
        let others = others.filter(|(other, (rank, _))| Some(**other) != id && *rank == Rank::Vpc);
        let mut others = others.flat_map(|(_, (_, blocks))| blocks);
        others.any(|other| {
            let mut own = own.into_iter().flat_map(|(_, blocks)| blocks);
            own.any(|own| covers(*own, *other) || covers(*other, *own))
        })
    }
}

/// What is known to be propagated to a table, by attachment.
fn propagated<'a>(
    network: &'a Network,
    table: &'a TransitGatewayRouteTable,
) -> BTreeMap<&'a TransitGatewayAttachmentId, Propagated> {
    let attachments = network.transit_gateway_attachments();
    let propagating = table.propagations.iter().filter_map(|id| {
        let attachment = attachments.get(id).filter(|found| found.available)?;
        match &attachment.kind {
            AttachmentKind::Vpc {
                vpc, ipv6_support, ..
            } => {
                let blocks = network.vpcs().get(vpc)?.cidrs.iter().copied();
                let blocks = blocks.filter(|block| match block.family() {
                    Family::V4 => true,
                    Family::V6 => *ipv6_support,
                });
                Some((id, (Rank::Vpc, blocks.collect())))
            }
            AttachmentKind::OnPremises { service, prefixes } => {
                let blocks = prefixes.known()?.iter().copied().collect();
                Some((id, (Rank::OnPremises(*service), blocks)))
            }
            AttachmentKind::Peering { .. } | AttachmentKind::Unmodelled(_) => None,
        }
    });
    propagating.collect()
}

/// What leaves open what an attachment propagates; nothing when it is known.
fn may_propagate_anything(attachment: &TransitGatewayAttachment) -> Option<Hole> {
    if !attachment.available {
        return None;
    }
    match &attachment.kind {
        AttachmentKind::OnPremises { prefixes, .. } => prefixes.hole().cloned(),
        AttachmentKind::Unmodelled(_) => Some(transit_gateway::unmodelled_hole(&attachment.id)),
        AttachmentKind::Vpc { .. } | AttachmentKind::Peering { .. } => None,
    }
}
