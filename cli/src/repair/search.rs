//! The search for sets of edits: breadth first, the smallest sets first, each tried by the
//! evaluator. What it finds is a proposal, which the judge then proves or refuses.

use std::collections::BTreeSet;

use model::Network;

use super::candidate::{Candidate, candidates};
use super::edit::Edit;
use super::goal::{Goal, Seen, Standing, blocking};

/// How many edits a set may have.
pub(super) const MOST_EDITS: usize = 4;
/// How many sets are tried.
pub(super) const MOST_TRIES: usize = 200;

/// Edits in the order in which they help.
pub(super) type EditSet = Vec<Edit>;

/// What was found.
#[derive(Default)]
pub(super) struct Proposals {
    pub(super) sets: Vec<EditSet>,
    /// The steps for which no edit is known.
    pub(super) lacks: BTreeSet<String>,
    /// Whether not all was tried.
    pub(super) is_cut: bool,
}

/// A set that does not suffice yet, and where it leaves the packet.
struct Partial {
    set: EditSet,
    seen: Seen,
    network: Network,
}

struct Search<'a> {
    network: &'a Network,
    goal: &'a Goal,
    known: BTreeSet<BTreeSet<Edit>>,
    tries: usize,
    proposals: Proposals,
}

/// The sets that open the goal in a network without open addresses.
pub(super) fn search(network: &Network, goal: &Goal) -> Proposals {
    let mut search = Search {
        network,
        goal,
        known: BTreeSet::new(),
        tries: 0,
        proposals: Proposals::default(),
    };
    let mut partials = vec![Partial {
        set: EditSet::new(),
        seen: goal.see(network),
        network: network.clone(),
    }];
    for _ in 0..MOST_EDITS {
        let mut next = Vec::new();
        for partial in &partials {
            let found = candidates(&partial.network, &partial.seen);
            let before = (search.proposals.sets.len(), next.len());
            for candidate in &found.list {
                next.extend(search.extend(partial, candidate));
            }
            let is_stuck = before == (search.proposals.sets.len(), next.len());
            let stuck = || is_stuck.then(|| stuck_at(&partial.seen));
            search.proposals.lacks.extend(found.lack.or_else(stuck));
        }
        partials = next;
    }
    search.proposals.is_cut |= !partials.is_empty();
    search.proposals.sets.sort_by_key(Vec::len);
    search.proposals
}

impl Search<'_> {
    /// A set with the first form of a candidate that moves the packet on.
    fn extend(&mut self, partial: &Partial, candidate: &Candidate) -> Option<Partial> {
        for form in candidate {
            let mut set = partial.set.clone();
            set.extend(
                form.iter()
                    .filter(|edit| !partial.set.contains(edit))
                    .cloned(),
            );
            let as_set: BTreeSet<Edit> = set.iter().cloned().collect();
            if as_set.len() > MOST_EDITS {
                self.proposals.is_cut = true;
                return None;
            }
            if set.len() == partial.set.len() || is_odd(&set) || self.is_known(&as_set) {
                return None;
            }
            if self.tries == MOST_TRIES {
                self.proposals.is_cut = true;
                return None;
            }
            self.tries += 1;
            let Some(network) = edited(self.network, &set) else {
                continue;
            };
            let seen = self.goal.see(&network);
            if is_same_step(&seen, &partial.seen) {
                continue;
            }
            self.known.insert(as_set);
            if seen.standing == Standing::Open {
                self.proposals.sets.push(set);
                return None;
            }
            return Some(Partial { set, seen, network });
        }
        None
    }

    /// Whether a set was tried, or a part of it suffices.
    fn is_known(&self, set: &BTreeSet<Edit>) -> bool {
        let mut found = self.proposals.sets.iter();
        self.known.contains(set) || found.any(|part| part.iter().all(|edit| set.contains(edit)))
    }
}

/// A table that a set both gives to a subnet and changes: nobody does that who can choose.
fn is_odd(set: &EditSet) -> bool {
    let mut given = set.iter().filter_map(|edit| match edit {
        Edit::AssociateRouteTable { table, .. } => Some(table),
        Edit::SetRoute { .. }
        | Edit::EnableDnsSupport(_)
        | Edit::EnableDnsHostnames(_)
        | Edit::EnablePrivateDns(_)
        | Edit::AddGroupRule { .. }
        | Edit::AddAclEntry { .. }
        | Edit::AttachInternetGateway { .. }
        | Edit::AcceptPeering(_)
        | Edit::AttachSubnet { .. }
        | Edit::DisableSourceDestinationCheck(_)
        | Edit::ExcludeSubnet(_)
        | Edit::AddAction { .. }
        | Edit::AddResource { .. }
        | Edit::AddStatement { .. }
        | Edit::RemoveStatement { .. }
        | Edit::RemoveGroupRule { .. }
        | Edit::RemoveRoute { .. } => None,
    });
    given.any(|given| {
        let changed = |edit: &Edit| matches!(edit, Edit::SetRoute { table, .. } if table == given);
        set.iter().any(changed)
    })
}

/// Where no candidate moves the packet on.
fn stuck_at(seen: &Seen) -> String {
    let trace = match &seen.standing {
        Standing::Blocked(trace) => blocking(trace),
        Standing::Open | Standing::Nothing => None,
    };
    let step = trace.map_or("the names", |(_, hop)| hop.clause.name());
    format!("{step} (no edit that was tried moves the packet on)")
}

/// Whether the packet is dropped at the same step for the same reason.
fn is_same_step(one: &Seen, other: &Seen) -> bool {
    if one.names != other.names {
        return false;
    }
    match (&one.standing, &other.standing) {
        (Standing::Blocked(one), Standing::Blocked(other)) => {
            let step = |trace| {
                blocking(trace).map(|(direction, hop)| {
                    (direction, hop.component.clone(), hop.clause, hop.packet)
                })
            };
            step(one) == step(other)
        }
        (one, other) => one == other,
    }
}

/// The network with a set of edits; `None` where AWS would refuse one of them.
pub(super) fn edited(network: &Network, set: &[Edit]) -> Option<Network> {
    let mut draft = network.clone().into_draft();
    for edit in set {
        edit.apply(&mut draft);
    }
    draft.validate().ok()
}
