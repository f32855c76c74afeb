//! *Route choice* (semantics, *The walk*), made once for every interval of addresses.

use model::{Address, Cidr, Clause, Value};

use crate::address::is_public;
use crate::index::{Arena, HoleIndex, PrefixListIndex, UnmodelledIndex};
use crate::prefix_list::PrefixList;
use crate::route_table::{Choice, Target};

/// What a block says of the addresses in it.
#[derive(Clone, Copy)]
pub(crate) enum Mark {
    Reserved,
    OfVpc,
    /// An edge of the public addresses, at which nothing else changes.
    Edge,
    /// The route of that position matches.
    Route(usize),
    /// One of the destinations that the route of that position may have.
    MayRoute(usize),
}

/// A route on its way into the intervals.
pub(crate) struct Draft {
    pub(crate) rank: Rank,
    pub(crate) propagated: bool,
    pub(crate) destination: Destination,
    pub(crate) target: OpenTarget,
    pub(crate) blackhole: bool,
}

/// `route-tie-break`: at one length the lesser wins.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Rank {
    StaticBlock,
    PrefixList,
    Propagated,
}

pub(crate) enum Destination {
    /// Its blocks are in the marks.
    Known,
    /// A list with unknown entries (`prefix-list-entries-unknown`).
    List(PrefixListIndex, HoleIndex),
    /// One of several, whose blocks are in the marks, and these lists with unknown entries.
    OneOf(Vec<PrefixListIndex>, HoleIndex),
    /// Any.
    Any(HoleIndex),
}

#[derive(Clone, PartialEq)]
pub(crate) enum OpenTarget {
    Known(Target),
    Unknown(HoleIndex, Value<model::Target>),
    Unmodelled(HoleIndex, UnmodelledIndex, model::Target),
}

impl OpenTarget {
    /// Whether a route to it may take an address of the VPC (`route-inside-vpc`).
    fn may_be_inside(&self) -> bool {
        match self {
            OpenTarget::Known(target) => match target {
                Target::Local
                | Target::NatGateway(_)
                | Target::NetworkInterface(_)
                | Target::GatewayLoadBalancer(_) => true,
                Target::InternetGateway(_)
                | Target::EgressOnly(_)
                | Target::Peering(_)
                | Target::GatewayEndpoint(_)
                | Target::TransitGateway(_)
                | Target::VirtualPrivate(_) => false,
            },
            OpenTarget::Unknown(..) | OpenTarget::Unmodelled(..) => false,
        }
    }

    /// Whether the input gives both routes one target.
    fn same(&self, other: &OpenTarget) -> bool {
        match (self, other) {
            (OpenTarget::Known(one), OpenTarget::Known(other)) => one == other,
            (OpenTarget::Unknown(_, one), OpenTarget::Unknown(_, other)) => one == other,
            (OpenTarget::Unmodelled(.., one), OpenTarget::Unmodelled(.., other)) => one == other,
            (
                OpenTarget::Known(_) | OpenTarget::Unknown(..) | OpenTarget::Unmodelled(..),
                OpenTarget::Known(_) | OpenTarget::Unknown(..) | OpenTarget::Unmodelled(..),
            ) => false,
        }
    }
}

/// Makes the choices of one table.
pub(crate) struct Chooser<'a> {
    pub(crate) drafts: Vec<Draft>,
    pub(crate) prefix_lists: &'a Arena<PrefixListIndex, PrefixList>,
    pub(crate) ambiguous: HoleIndex,
    pub(crate) inside: HoleIndex,
}

/// A route that matches an address, with its length there.
#[derive(Clone, Copy)]
struct Candidate<'a> {
    position: usize,
    length: u8,
    draft: &'a Draft,
}

impl Chooser<'_> {
    /// *Route choice*, in the order of the walk's page. `holding` are the blocks that hold the
    /// address, the shortest first.
    pub(crate) fn choose(&self, address: Address, holding: &[(Cidr, Mark)]) -> Choice {
        let is = |wanted: fn(&Mark) -> bool| holding.iter().any(|(_, mark)| wanted(mark));
        if is(|mark| matches!(mark, Mark::Reserved)) {
            return Choice::Dropped {
                clause: Clause::RouteReservedRange,
                rule: None,
            };
        }
        let of_vpc = is(|mark| matches!(mark, Mark::OfVpc));
        let matching = || {
            holding.iter().rev().filter_map(|(cidr, mark)| match mark {
                Mark::Route(position) => Some(Candidate {
                    position: *position,
                    length: cidr.prefix_len(),
                    draft: self.drafts.get(*position)?,
                }),
                Mark::Reserved | Mark::OfVpc | Mark::Edge | Mark::MayRoute(_) => None,
            })
        };
        let candidates: Vec<_> = matching()
            .filter(|candidate| !(of_vpc && candidate.draft.propagated))
            .collect();
        let length = candidates.first().map(|candidate| candidate.length);
        if let Some(open) = self.open(address, of_vpc, length, &candidates, holding) {
            return open;
        }
        let longest = candidates.iter().filter(|one| Some(one.length) == length);
        let rank = longest.clone().map(|candidate| candidate.draft.rank).min();
        let winners = longest.clone().filter(|one| Some(one.draft.rank) == rank);
        // Of several winners that agree the first of the table is named.
        let Some(winner) = winners.clone().min_by_key(|winner| winner.position) else {
            return Choice::Dropped {
                clause: Clause::LongestPrefixMatch,
                rule: None,
            };
        };
        let differs = |other: &Candidate<'_>| {
            let same = winner.draft.target.same(&other.draft.target);
            !same || winner.draft.blackhole != other.draft.blackhole
        };
        let tie = longest.clone().any(|one| Some(one.draft.rank) != rank);
        let left_out = matching().any(|candidate| {
            of_vpc && candidate.draft.propagated && Some(candidate.length) >= length
        });
        let clause = match (tie, left_out) {
            (true, _) => Clause::RouteTieBreak,
            (false, true) => Clause::PropagatedInsideVpc,
            (false, false) => Clause::LongestPrefixMatch,
        };
        let ambiguous = winners.clone().any(differs);
        self.take(winner, ambiguous, of_vpc, clause)
    }

    /// The last steps, for the winner.
    fn take(
        &self,
        winner: &Candidate<'_>,
        ambiguous: bool,
        of_vpc: bool,
        clause: Clause,
    ) -> Choice {
        let position = u32::try_from(winner.position).unwrap_or(u32::MAX);
        let rule = Some(position);
        let open = |clause, hole, unmodelled| Choice::Open {
            clause,
            rule,
            hole,
            unmodelled,
        };
        if ambiguous {
            return open(Clause::RouteAmbiguous, self.ambiguous, None);
        }
        if of_vpc && !winner.draft.target.may_be_inside() {
            return open(Clause::RouteInsideVpc, self.inside, None);
        }
        if winner.draft.blackhole {
            return Choice::Dropped {
                clause: Clause::RouteBlackhole,
                rule,
            };
        }
        match &winner.draft.target {
            OpenTarget::Unknown(hole, _) => open(Clause::RouteUnknown, *hole, None),
            OpenTarget::Unmodelled(hole, index, _) => {
                open(Clause::TargetUnmodelled, *hole, Some(*index))
            }
            OpenTarget::Known(target) => Choice::Chosen {
                clause,
                rule: position,
                target: *target,
            },
        }
    }

    /// An open candidate that could take the address from the winner of that length.
    fn open(
        &self,
        address: Address,
        of_vpc: bool,
        length: Option<u8>,
        candidates: &[Candidate<'_>],
        holding: &[(Cidr, Mark)],
    ) -> Option<Choice> {
        let mut unknown_destination = None;
        let full = |one: &Candidate<'_>| {
            one.draft.rank == Rank::StaticBlock && one.length == address.family().width()
        };
        let has_full = candidates.iter().any(full);
        // A propagated route never takes an address of the VPC (`propagated-inside-vpc`).
        let drafts = self.drafts.iter().enumerate();
        for (position, draft) in drafts.filter(|(_, draft)| !(of_vpc && draft.propagated)) {
            let rule = u32::try_from(position).ok();
            let open = |clause, hole| Choice::Open {
                clause,
                rule,
                hole,
                unmodelled: None,
            };
            match &draft.destination {
                Destination::Known => {}
                Destination::List(list, hole) => {
                    let list = &self.prefix_lists[*list];
                    let managed_out = list.aws_managed && (of_vpc || !is_public(address));
                    if list.family == address.family() && !managed_out && !has_full {
                        return Some(open(Clause::PrefixListEntriesUnknown, *hole));
                    }
                }
                Destination::OneOf(lists, hole) => {
                    let of_family = |list: &PrefixListIndex| {
                        self.prefix_lists[*list].family == address.family()
                    };
                    let matches = holding.iter().any(|(cidr, mark)| {
                        matches!(mark, Mark::MayRoute(of) if *of == position)
                            && length.is_none_or(|length| cidr.prefix_len() >= length)
                    });
                    if matches || lists.iter().any(of_family) {
                        let choice = open(Clause::RouteUnknown, *hole);
                        unknown_destination.get_or_insert(choice);
                    }
                }
                Destination::Any(hole) => {
                    let choice = open(Clause::RouteUnknown, *hole);
                    unknown_destination.get_or_insert(choice);
                }
            }
        }
        unknown_destination
    }
}
