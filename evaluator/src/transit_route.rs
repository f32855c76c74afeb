//! The *choice* in a transit gateway's table, made for every address when the table is loaded.

use std::collections::BTreeSet;
use std::ops::ControlFlow;

use model::{
    Address, AttachmentKind, Cidr, Clause, Family, Network, OnPremisesService, RouteDestination,
    RuleIndex, TransitGatewayAttachment, TransitGatewayRouteTable,
};

use crate::address::{holds, is_public, public_edges};
use crate::address_map::AddressMap;
use crate::index::{
    Arena, AttachmentIndex, HoleIndex, Holes, Names, PrefixListIndex, TransitTableIndex,
};
use crate::prefix_list::PrefixList;
use crate::transit_gateway::{Attached, Attachment};
use crate::walk::{Component, Ending, Recorder, Walk};

/// A route table of a transit gateway.
#[derive(Clone, Debug)]
pub(crate) struct TransitTable {
    choices: AddressMap<TransitChoice>,
    targets: BTreeSet<AttachmentIndex>,
}

/// What the choice says of an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum TransitChoice {
    Dropped {
        clause: Clause,
        rule: Option<u32>,
    },
    Open {
        clause: Clause,
        rule: Option<u32>,
        hole: HoleIndex,
    },
    Chosen {
        rule: Option<u32>,
        attachment: AttachmentIndex,
    },
}

impl TransitTable {
    /// The first address of every interval on which one choice is made.
    pub(crate) fn starts(&self, family: Family) -> impl Iterator<Item = Address> {
        self.choices.starts(family)
    }

    fn new(choices: AddressMap<TransitChoice>) -> Self {
        let targets = choices.values().filter_map(|choice| match choice {
            TransitChoice::Chosen { attachment, .. } => Some(*attachment),
            TransitChoice::Dropped { .. } | TransitChoice::Open { .. } => None,
        });
        Self {
            targets: targets.collect(),
            choices,
        }
    }

    /// Whether every address of NAT64's range is dropped.
    pub(crate) fn drops_nat64(&self) -> bool {
        let mut choices = self.choices.of_nat64().iter();
        choices.all(|choice| matches!(choice, TransitChoice::Dropped { .. }))
    }

    /// The attachments that are chosen for some address.
    pub(crate) fn targets(&self) -> impl Iterator<Item = &AttachmentIndex> {
        self.targets.iter()
    }
}

impl<R: Recorder> Walk<'_, R> {
    /// The choice in the table that routes what comes in by an attachment.
    pub(crate) fn transit_route(
        &mut self,
        entered: AttachmentIndex,
        address: Address,
    ) -> ControlFlow<Ending, AttachmentIndex> {
        let component = Component::Attachment(entered);
        let clause = Clause::TransitGatewayAssociation;
        let table = match self.network.attachments[entered].association {
            None => return self.drop(component, None, clause),
            Some(Err(hole)) => return self.end_open(component, None, clause, hole),
            Some(Ok(table)) => table,
        };
        self.pass(component, None, clause);
        let component = Component::TransitTable(table);
        let index = |rule: u32| RuleIndex::Route(rule as usize);
        match *self.network.transit_tables[table].choices.at(address) {
            TransitChoice::Dropped { clause, rule } => {
                self.drop(component, rule.map(index), clause)
            }
            TransitChoice::Open { clause, rule, hole } => {
                self.end_open(component, rule.map(index), clause, hole)
            }
            TransitChoice::Chosen { rule, attachment } => {
                self.pass(component, rule.map(index), Clause::TransitGatewayRoute);
                ControlFlow::Continue(attachment)
            }
        }
    }
}

/// What a block says of the addresses in it.
#[derive(Clone, Copy)]
enum Mark {
    /// An edge of the public addresses, at which nothing else changes.
    Edge,
    /// The static route of that position matches.
    Static(usize),
    /// The attachment of a VPC propagates the block.
    Propagated(AttachmentIndex),
    /// The attachment of a network on premises does, by that service.
    OnPremises(AttachmentIndex, OnPremisesService),
}

/// At one length the lesser wins.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    StaticBlock,
    PrefixList,
    Propagated,
    OnPremises(OnPremisesService),
}

/// A static route on its way into the intervals.
struct Draft {
    rank: Rank,
    /// The list when its entries are not known.
    unknown: Option<(PrefixListIndex, HoleIndex)>,
    target: Option<AttachmentIndex>,
}

/// A route that matches an address, with its length there.
#[derive(Clone, Copy)]
struct Candidate {
    length: u8,
    rank: Rank,
    rule: Option<u32>,
    target: Option<AttachmentIndex>,
}

/// Makes the choices of one table.
struct Chooser<'a> {
    drafts: Vec<Draft>,
    prefix_lists: &'a Arena<PrefixListIndex, PrefixList>,
    /// An attachment that propagates nobody knows what, and the hole that would tell.
    unmodelled: Option<HoleIndex>,
    /// Attachments of VPCs whose blocks overlap with others'.
    overlapping: BTreeSet<AttachmentIndex>,
    ambiguous: HoleIndex,
}

pub(crate) fn compile(
    network: &Network,
    names: &Names,
    holes: &mut Holes,
    prefix_lists: &Arena<PrefixListIndex, PrefixList>,
    attachments: &Arena<AttachmentIndex, Attachment>,
) -> Arena<TransitTableIndex, TransitTable> {
    let tables = network.transit_gateway_route_tables().values();
    tables
        .map(|table| {
            let mut blocks: Vec<_> = public_edges().map(|cidr| (cidr, Mark::Edge)).collect();
            let mut drafts = Vec::new();
            for position in 0..table.routes.len() {
                drafts.extend(draft(table, position, names, prefix_lists, &mut blocks));
            }
            let propagated = propagated(network, table, names);
            for (attachment, cidrs) in &propagated {
                let mark = Mark::Propagated(*attachment);
                blocks.extend(cidrs.iter().map(|cidr| (*cidr, mark)));
            }
            blocks.extend(on_premises(network, table, names));
            let propagating = table.propagations.iter();
            let unmodelled = propagating.filter_map(|id| {
                let attachment = &attachments[names.attachments.index(id)];
                let hole = match &attachment.attached {
                    Attached::Unmodelled(hole) => Some(*hole),
                    Attached::OnPremises(beyond) => beyond.unknown,
                    Attached::Vpc { .. } | Attached::Peering(_) => None,
                };
                hole.filter(|_| attachment.available)
            });
            let question = format!("the choice among overlapping routes of {}", table.id);
            let chooser = Chooser {
                drafts,
                prefix_lists,
                unmodelled: { unmodelled }.next(),
                overlapping: overlapping(&propagated),
                ambiguous: holes.open(question),
            };
            TransitTable::new(AddressMap::build(&blocks, |address, holding| {
                chooser.choose(address, holding)
            }))
        })
        .collect()
}

/// A static route, with its blocks marked.
fn draft(
    table: &TransitGatewayRouteTable,
    position: usize,
    names: &Names,
    prefix_lists: &Arena<PrefixListIndex, PrefixList>,
    blocks: &mut Vec<(Cidr, Mark)>,
) -> Option<Draft> {
    let route = table.routes.get(position)?;
    let mark = Mark::Static(position);
    let target = route.target.as_ref();
    let target = target.map(|id| names.attachments.index(id));
    let (rank, unknown) = match &route.destination {
        RouteDestination::Cidr(cidr) => {
            blocks.push((*cidr, mark));
            (Rank::StaticBlock, None)
        }
        RouteDestination::PrefixList(id) => {
            let index = names.prefix_lists.index(id);
            let unknown = match &prefix_lists[index].entries {
                Ok(cidrs) => {
                    blocks.extend(cidrs.iter().map(|cidr| (*cidr, mark)));
                    None
                }
                Err(hole) => Some((index, *hole)),
            };
            (Rank::PrefixList, unknown)
        }
    };
    Some(Draft {
        rank,
        unknown,
        target,
    })
}

/// What each available attachment of a VPC propagates to a table.
fn propagated(
    network: &Network,
    table: &TransitGatewayRouteTable,
    names: &Names,
) -> Vec<(AttachmentIndex, Vec<Cidr>)> {
    let attachments = table.propagations.iter();
    let attachments = attachments.filter_map(|id| network.transit_gateway_attachments().get(id));
    let available = attachments.filter(|attachment| attachment.available);
    let blocks = |attachment: &TransitGatewayAttachment| match &attachment.kind {
        AttachmentKind::Vpc {
            vpc, ipv6_support, ..
        } => {
            let cidrs = network.vpcs().get(vpc)?.cidrs.iter().copied();
            let of_family = |cidr: &Cidr| *ipv6_support || cidr.family() == Family::V4;
            Some(cidrs.filter(of_family).collect())
        }
        AttachmentKind::Peering { .. }
        | AttachmentKind::OnPremises { .. }
        | AttachmentKind::Unmodelled(_) => None,
    };
    available
        .filter_map(|attachment| {
            let index = names.attachments.index(&attachment.id);
            Some((index, blocks(attachment)?))
        })
        .collect()
}

/// The blocks that available attachments of networks on premises propagate to a table, as far as
/// they are known.
fn on_premises(
    network: &Network,
    table: &TransitGatewayRouteTable,
    names: &Names,
) -> Vec<(Cidr, Mark)> {
    let attachments = table.propagations.iter();
    let attachments = attachments.filter_map(|id| network.transit_gateway_attachments().get(id));
    let available = attachments.filter(|attachment| attachment.available);
    let blocks = |attachment: &TransitGatewayAttachment| {
        let AttachmentKind::OnPremises { service, prefixes } = &attachment.kind else {
            return Vec::new();
        };
        let mark = Mark::OnPremises(names.attachments.index(&attachment.id), *service);
        let known = prefixes.known().into_iter().flatten();
        known.map(|cidr| (*cidr, mark)).collect()
    };
    available.flat_map(blocks).collect()
}

/// The attachments of which a block overlaps one of another's.
fn overlapping(propagated: &[(AttachmentIndex, Vec<Cidr>)]) -> BTreeSet<AttachmentIndex> {
    let overlap = |one: &Cidr, other: &Cidr| holds(*one, other.base()) || holds(*other, one.base());
    let others = |own: AttachmentIndex| propagated.iter().filter(move |(of, _)| *of != own);
    let clashes = |(own, cidrs): &&(AttachmentIndex, Vec<Cidr>)| {
        let mut others = others(*own).flat_map(|(_, cidrs)| cidrs);
        others.any(|other| cidrs.iter().any(|cidr| overlap(cidr, other)))
    };
    let clashing = propagated.iter().filter(clashes);
    clashing.map(|(attachment, _)| *attachment).collect()
}

impl Chooser<'_> {
    /// The *choice*, in the order of the page. `holding` are the blocks that hold the address.
    fn choose(&self, address: Address, holding: &[(Cidr, Mark)]) -> TransitChoice {
        let candidates: Vec<_> = holding
            .iter()
            .filter_map(|(cidr, mark)| self.candidate(cidr.prefix_len(), *mark))
            .collect();
        if let Some(open) = self.open(address, &candidates) {
            return open;
        }
        // The longest first, and of one length the lesser rank, and of these the first route.
        let order = |one: &Candidate| (std::cmp::Reverse(one.length), one.rank, one.rule);
        let Some(winner) = candidates.iter().min_by_key(|one| order(one)) else {
            return TransitChoice::Dropped {
                clause: Clause::TransitGatewayRoute,
                rule: None,
            };
        };
        let rule = winner.rule;
        let mut equals = candidates
            .iter()
            .filter(|one| (one.length, one.rank) == (winner.length, winner.rank));
        let ambiguous = match winner.rank {
            Rank::Propagated => winner
                .target
                .is_some_and(|of| self.overlapping.contains(&of)),
            Rank::StaticBlock | Rank::PrefixList | Rank::OnPremises(_) => {
                equals.any(|one| one.target != winner.target)
            }
        };
        match (ambiguous, winner.target) {
            (true, _) => TransitChoice::Open {
                clause: Clause::TransitGatewayAmbiguous,
                rule,
                hole: self.ambiguous,
            },
            (false, None) => TransitChoice::Dropped {
                clause: Clause::TransitGatewayBlackhole,
                rule,
            },
            (false, Some(attachment)) => TransitChoice::Chosen { rule, attachment },
        }
    }

    fn candidate(&self, length: u8, mark: Mark) -> Option<Candidate> {
        match mark {
            Mark::Edge => None,
            Mark::Static(position) => {
                let draft = self.drafts.get(position)?;
                Some(Candidate {
                    length,
                    rank: draft.rank,
                    rule: u32::try_from(position).ok(),
                    target: draft.target,
                })
            }
            Mark::Propagated(attachment) => Some(Candidate {
                length,
                rank: Rank::Propagated,
                rule: None,
                target: Some(attachment),
            }),
            Mark::OnPremises(attachment, service) => Some(Candidate {
                length,
                rank: Rank::OnPremises(service),
                rule: None,
                target: Some(attachment),
            }),
        }
    }

    /// What could take the address from any winner.
    fn open(&self, address: Address, candidates: &[Candidate]) -> Option<TransitChoice> {
        let full = |rank: Rank| {
            let width = address.family().width();
            let mut candidates = candidates.iter();
            candidates.any(|one| one.rank == rank && one.length == width)
        };
        let block = full(Rank::StaticBlock);
        for (rule, draft) in (0..).zip(&self.drafts).filter(|_| !block) {
            let Some((list, hole)) = draft.unknown else {
                continue;
            };
            let list = &self.prefix_lists[list];
            if list.family == address.family() && (is_public(address) || !list.aws_managed) {
                return Some(TransitChoice::Open {
                    clause: Clause::PrefixListEntriesUnknown,
                    rule: Some(rule),
                    hole,
                });
            }
        }
        let settled = block || full(Rank::PrefixList);
        let hole = self.unmodelled.filter(|_| !settled)?;
        Some(TransitChoice::Open {
            clause: Clause::TransitGatewayUnmodelled,
            rule: None,
            hole,
        })
    }
}
