//! Reuse: what is not judged again, because nothing has changed that it can touch.
//!
//! A verdict is kept when the claim means the same as before, word by word and interface by interface, and
//!
//! - the engines would be asked about the same network, or
//! - everything that changed lies outside of what any flow of the claim can touch, in the network before and in the one
//!   after. Outside are: *islands* that none of its ends is on ([`islands`]), which no packet of it can come to; and the rules of
//!   *groups* that no interface has which could send or take a packet of it ([`groups`]).
//!
//! This is sound because both ways of being outside are closed under the walk: a walk goes from component to component by
//! references alone, asks of addresses whether they belong to the network (which makes one island of everything public), and
//! asks a group's rules only at an interface that has it. So each flow of the claim takes the same steps in both networks, and
//! whether it is in scope is the same. Whatever is not certainly outside counts as touched: claims about names, services and
//! requests, which ask lists that many share, and doubts about IPv6, which are settled by a walk of their own, are judged
//! again after any change. A verdict that was UNKNOWN is always judged again.
//!
//! It decides only whether the engines are asked, and no engine knows of it: were it wrong, both would be right and the report
//! old. So `tests` judges what it keeps anew, by both engines, on random networks with random edits; and it is used by
//! `--watch` alone.

mod changes;
mod groups;
mod islands;
#[cfg(test)]
mod tests;

use std::cell::OnceCell;
use std::collections::BTreeSet;

use ingest::{Collection, Touches, Validated};
use model::{Claim, Invariant, Network, NetworkInterfaceId, Origin, Place, Scope, SecurityGroupId};

use crate::builtin;
use crate::invariant_file::Statement;
use crate::invariant_file::lower::Lowered;
use crate::invariant_file::policy::PolicyStatement;
use crate::known::Known;
use crate::policy_claim::Endpoints;
use crate::report::{Finding, VerdictWord};
use crate::waive::Plan;
use changes::Changes;
use groups::Groups;
use islands::{Islands, Node, Part};

/// A run, with everything that its verdicts rest on.
#[derive(Clone, Debug)]
pub(crate) struct Past {
    pub(crate) validated: Validated,
    pub(crate) closed_world: bool,
    pub(crate) judged: Judged,
}

/// What was judged.
#[derive(Clone, Debug, Default)]
pub(crate) struct Judged {
    pub(crate) claims: Vec<(Statement, Lowered, Plan, Finding)>,
    pub(crate) policies: Vec<(PolicyStatement, Endpoints, Finding)>,
    pub(crate) checks: Vec<builtin::Found>,
    /// What the checks were asked with.
    pub(crate) checked_with: Option<(Known, Vec<Scope>)>,
    /// How many of all were judged, and not kept.
    pub(crate) n_anew: usize,
}

/// A past run beside the inputs of the next one.
pub(crate) struct Kept<'a> {
    past: &'a Past,
    /// Nothing when verdicts rest on other things than the network, and these changed.
    difference: Option<Difference<'a>>,
    is_same_network: bool,
    asks_ipv6: bool,
}

impl<'a> Kept<'a> {
    pub(crate) fn new(past: &'a Past, now: &'a Validated, closed_world: bool) -> Self {
        let is_same = is_same_beside(&past.validated, now) && past.closed_world == closed_world;
        let networks = [&past.validated.network, &now.network];
        let difference = is_same.then(|| Difference::new(networks));
        let mut doubts = now.doubts.iter();
        Self {
            past,
            is_same_network: is_same && past.validated.network == now.network,
            difference,
            asks_ipv6: doubts.any(|doubt| doubt.touches == Touches::Ipv6),
        }
    }

    /// The finding of a claim, if it is the same now.
    pub(crate) fn claim(
        &self,
        statement: &Statement,
        lowered: &Lowered,
        plan: &Plan,
    ) -> Option<Finding> {
        let mut claims = self.past.judged.claims.iter();
        let (_, _, _, finding) = claims.find(|(one, meant, cut, _)| {
            one.name == statement.name
                && one.without_places() == statement.without_places()
                && meant == lowered
                && cut == plan
        })?;
        let difference = self.difference.as_ref()?;
        if finding.verdict == VerdictWord::Unknown {
            return None;
        }
        // What waivers are told of has the names of things.
        if !statement.waivers.is_empty() && difference.changes.labels {
            return None;
        }
        let chosen = lowered.chosen.iter();
        let chosen = chosen.flat_map(|chosen| [&chosen.strongest, &chosen.weakest]);
        let all: Vec<&Invariant> = chosen.chain([&lowered.invariant]).collect();
        let is_kept =
            difference.changes.is_none() || (!self.asks_ipv6 && difference.is_outside(&all));
        is_kept.then(|| finding.clone())
    }

    /// The finding of a claim about policies, if it is the same now.
    pub(crate) fn policy(
        &self,
        statement: &PolicyStatement,
        endpoints: &Endpoints,
    ) -> Option<Finding> {
        let mut claims = self.past.judged.policies.iter();
        let (_, _, finding) = claims.find(|(one, of, _)| {
            one.without_places() == statement.without_places() && of == endpoints
        })?;
        let is_kept = self.difference.as_ref()?.changes.is_none();
        (is_kept && finding.verdict != VerdictWord::Unknown).then(|| finding.clone())
    }

    /// What a built-in check found, if it is the same now.
    pub(crate) fn check(
        &self,
        code: &str,
        known: &Known,
        wanted: &[Scope],
    ) -> Option<builtin::Found> {
        let (with, of) = self.past.judged.checked_with.as_ref()?;
        let is_kept = self.is_same_network && with == known && of == wanted;
        let mut checks = self.past.judged.checks.iter();
        checks
            .find(|found| is_kept && found.code() == code)
            .cloned()
    }
}

/// Whether two inputs are the same in everything that verdicts rest on beside the network.
fn is_same_beside(one: &Validated, other: &Validated) -> bool {
    let collections = |of: &Validated| -> Vec<Collection> {
        let all = of.inputs.iter().flat_map(|input| &input.collections);
        all.cloned().collect()
    };
    one.assumptions == other.assumptions
        && one.unplaced == other.unplaced
        && one.doubts == other.doubts
        && one.unseen_ipv6 == other.unseen_ipv6
        && one.bare == other.bare
        && one.open == other.open
        && collections(one) == collections(other)
}

/// Two networks, and what differs between them.
pub(crate) struct Difference<'a> {
    networks: [&'a Network; 2],
    changes: Changes,
    /// Nothing when one of the networks has no more than one.
    islands: OnceCell<Option<[Islands; 2]>>,
}

impl<'a> Difference<'a> {
    pub(crate) fn new([before, after]: [&'a Network; 2]) -> Self {
        Self {
            networks: [before, after],
            changes: Changes::between(before, after),
            islands: OnceCell::new(),
        }
    }

    /// Whether nothing that changed can be touched by a flow of these claims.
    pub(crate) fn is_outside(&self, claims: &[&Invariant]) -> bool {
        if self.changes.is_none() {
            return true;
        }
        if self.changes.shared || claims.iter().any(|claim| asks_more(claim)) {
            return false;
        }
        let groups: OnceCell<[Groups; 2]> = OnceCell::new();
        let may_ask = |id| {
            let both =
                groups.get_or_init(|| self.networks.map(|network| groups::of(claims, network)));
            both.iter().any(|groups| groups.may_be(id))
        };
        let own: OnceCell<[BTreeSet<usize>; 2]> = OnceCell::new();
        let is_elsewhere = |node: &Node| {
            let Some(islands) = self.islands() else {
                return false;
            };
            let own =
                own.get_or_init(|| islands.each_ref().map(|islands| of_claims(claims, islands)));
            let mut both = islands.iter().zip(own);
            // What is not in one of the networks is on no island of it.
            both.all(|(islands, own)| islands.number(node).is_none_or(|at| !own.contains(&at)))
        };
        let of_group = |id: &SecurityGroupId| Part::SecurityGroup.of(id);
        let mut rules = self.changes.rules.iter();
        rules.all(|id| !may_ask(id) || is_elsewhere(&of_group(id)))
            && self.changes.parts.iter().all(is_elsewhere)
    }

    fn islands(&self) -> Option<&[Islands; 2]> {
        let islands = self.islands.get_or_init(|| {
            let islands = self.networks.map(Islands::of);
            let mut both = islands.iter().zip(self.networks);
            let is_one = both.any(|(islands, network)| islands.is_one(network));
            (!is_one).then_some(islands)
        });
        islands.as_ref()
    }
}

/// The islands between whose components the flows of some claims go.
fn of_claims(claims: &[&Invariant], islands: &Islands) -> BTreeSet<usize> {
    let ends = claims.iter().flat_map(|claim| ends(claim));
    ends.filter_map(|end| islands.number(&end)).collect()
}

/// Whether a claim asks more than how packets go: what names and services mean, and what policies permit.
fn asks_more(invariant: &Invariant) -> bool {
    let asks = |place: &Place| match place {
        Place::Name(_) | Place::Service(_) | Place::GatewayEndpoints(_) => true,
        Place::Interfaces { .. } | Place::Internet | Place::OnPremises(_) | Place::Cidrs(_) => {
            false
        }
    };
    let claims = [Some(&invariant.claim), invariant.premise.as_ref()];
    invariant.scope.request.is_some()
        || invariant.scope.to.iter().any(asks)
        || claims.into_iter().flatten().any(speaks_of_requests)
}

fn speaks_of_requests(claim: &Claim) -> bool {
    match claim {
        Claim::PermittedAll | Claim::PermittedSome => true,
        Claim::Delivered | Claim::Answered | Claim::Traverses(_) | Claim::DecidedBy(_) => false,
        Claim::Not(claim) => speaks_of_requests(claim),
        Claim::All(claims) | Claim::Any(claims) => claims.iter().any(speaks_of_requests),
    }
}

/// The components between which the flows of a claim go.
fn ends(invariant: &Invariant) -> Vec<Node> {
    let interface = |id: &NetworkInterfaceId| Part::NetworkInterface.of(id);
    let mut ends = Vec::new();
    for origin in &invariant.scope.from {
        match origin {
            Origin::Interfaces(senders) => ends.extend(senders.iter().map(interface)),
            Origin::Internet(_) => ends.push(Part::Internet.only()),
            Origin::OnPremises { .. } => ends.push(Part::OnPremises.only()),
        }
    }
    for place in &invariant.scope.to {
        match place {
            Place::Interfaces { interfaces, .. } => ends.extend(interfaces.iter().map(interface)),
            Place::Internet => ends.push(Part::Internet.only()),
            Place::OnPremises(_) => ends.push(Part::OnPremises.only()),
            // Whatever has one of the addresses is found by a walk from the sender, or is public.
            Place::Cidrs(_) | Place::Service(_) | Place::GatewayEndpoints(_) | Place::Name(_) => {
                ends.push(Part::Internet.only());
            }
        }
    }
    ends
}
