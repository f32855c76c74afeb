//! Waivers: flows of a claim that are not judged for a while.
//!
//! A claim about every flow of a scope holds exactly when it holds of each part of a partition. A
//! waiver is a product of senders, destinations, traffic, families and requests, and what it leaves of another
//! product is a few more. So the claim is judged of those parts, each as a claim of its own and by
//! both engines, and a waiver hides what it says and nothing else.
//!
//! The entries of a baseline are waivers too: what was violated when it was made.

pub(crate) mod baseline;
mod bounds;
mod judge;
pub(crate) mod known;
mod part;
mod pattern_sets;
pub(crate) mod policies;
mod request_sets;
mod senders;
mod slices;
#[cfg(test)]
mod tests;
mod told;
mod traffic;

use std::collections::BTreeSet;

use catalogue::Day;
use ingest::OpenAttributes;
use model::{
    AddressValue, Cidr, Hole, Invariant, Network, NetworkInterface, NetworkInterfaceId, Place,
};

use crate::blocks;
use crate::invariant_file::lower::Lowered;
use crate::invariant_file::waive::{self as stated, Waiver};
use crate::invariant_file::{Selection, Statement, Word, traffic as classes};
use crate::problem::{Problem, ProblemCode, SourceText};
use crate::selector::Resolver;

pub(crate) use judge::judge;
use part::{Cut, Part};
use senders::Senders;
use slices::Slices;
pub(crate) use told::problems;

/// The most parts that the waivers of a claim may leave.
const MOST_PARTS: usize = 64;
/// The same where some are entries of a baseline, which a program wrote.
const MOST_PARTS_OF_BASELINE: usize = 1_024;

/// What is said of a claim of which entries of a baseline leave nothing.
pub(crate) const IN_BASELINE: &str = "all that it speaks of is in the baseline";

/// What became of a waiver.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum State {
    /// Something is violated in what it waives.
    Used,
    /// It is an entry of a baseline, and something is violated in it, but not in this part of it.
    Wider(String),
    /// Nothing is.
    Unused,
    /// It is not known whether something is.
    Undecided,
    /// Its day has passed, so that it does not count.
    Expired,
    /// It leaves nothing that the claim speaks of, so that it does not count.
    TooWide,
}

impl State {
    /// The word as JSON has it.
    pub(crate) const fn name(&self) -> &'static str {
        match self {
            State::Used => "used",
            State::Wider(_) => "wider",
            State::Unused => "unused",
            State::Undecided => "undecided",
            State::Expired => "expired",
            State::TooWide => "too-wide",
        }
    }

    /// Whether it is left out of the scope of the claim.
    pub(crate) const fn counts(&self) -> bool {
        match self {
            State::Used | State::Wider(_) | State::Unused | State::Undecided => true,
            State::Expired | State::TooWide => false,
        }
    }
}

/// A waiver in a report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Waived {
    pub(crate) waiver: Waiver,
    pub(crate) state: State,
}

/// What is judged of a claim with waivers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Plan {
    /// What the waivers in force leave of the claim: parts that share no flow. If all of them hold, the
    /// claim does.
    pub(crate) rest: Vec<Invariant>,
    /// Where entries of a baseline are among them, what the others leave.
    stated_rest: Option<Vec<Invariant>>,
    /// What they may leave besides, where that depends on attributes that are not known yet.
    open: Option<Open>,
    /// Of each waiver of the statement, in their order.
    cuts: Vec<Taken>,
}

/// A claim of which it is open what its waivers leave.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Open {
    /// The attributes by which selectors choose, and which are not known.
    by: BTreeSet<Hole>,
    /// What is left whatever they turn out to be. If one of them does not hold, the claim does not.
    rest: Vec<Invariant>,
}

/// What one waiver takes out of the whole claim for certain.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Taken {
    is_in_force: bool,
    /// `None` when the claim speaks of nothing that it means.
    part: Option<Invariant>,
    /// Of an entry of a baseline, what tells whether it is wider than what is violated.
    slices: Slices,
}

/// A claim as it may be meant, and what waivers take out of it.
struct Reading<'a> {
    claim: &'a Invariant,
    whole: Part,
    cuts: &'a [Cut],
}

impl Reading<'_> {
    /// What the waivers in force leave; when that is more parts than a limit, some of it.
    fn rest(&self, in_force: &[bool], limit: usize) -> Vec<Part> {
        let mut rest = vec![self.whole.clone()];
        for (cut, is_in_force) in self.cuts.iter().zip(in_force) {
            if *is_in_force && rest.len() <= limit {
                rest = rest.iter().flat_map(|part| part.split(cut).1).collect();
                if limit > MOST_PARTS {
                    rest = part::joined(rest);
                }
            }
        }
        rest
    }

    fn invariant(&self, part: Part, word: Word, network: &Network) -> Invariant {
        part.invariant(word, self.claim, network)
    }
}

/// Takes the waivers in force out of a claim.
///
/// The more things its selectors mean the more a waiver takes. So a claim is proved of what is left by
/// the least that waivers may mean, and violated by what the most leaves.
///
/// # Errors
///
/// Every problem that the waivers have in this network.
pub(crate) fn plan(
    statement: &Statement,
    lowered: &Lowered,
    (network, attributes): (&Network, &OpenAttributes),
    source: &SourceText,
    today: Day,
) -> Result<Plan, Vec<Problem>> {
    let waivers = &statement.waivers;
    let in_force = waivers
        .iter()
        .map(|waiver| waiver.until.is_none_or(|until| today <= until));
    let in_force: Vec<bool> = in_force.collect();
    let (certain, mut problems, mut by) = cuts(waivers, (network, attributes), false);
    let (possible, _, _) = cuts(waivers, (network, attributes), true);
    let chosen = lowered.chosen.as_ref();
    by.extend(chosen.iter().flat_map(|chosen| chosen.by.iter().cloned()));
    let possible_places = chosen.map(|chosen| &chosen.possible_places);

    let strongest = possible_places.unwrap_or(&lowered.named_places);
    let strongest = reading(lowered.strongest(), strongest, &certain);
    let weakest = reading(lowered.weakest(), &lowered.named_places, &possible);
    for reading in [&strongest, &weakest] {
        problems.extend(misfits(statement, reading, network));
    }
    problems.dedup();
    let is_of_baseline = |waiver: &Waiver| waiver.origin == stated::Origin::Baseline;
    let has_baseline = waivers.iter().any(is_of_baseline);
    let limit = if has_baseline {
        MOST_PARTS_OF_BASELINE
    } else {
        MOST_PARTS
    };
    let rest = strongest.rest(&in_force, limit);
    let weak_rest = weakest.rest(&in_force, limit);
    if rest.len().max(weak_rest.len()) > limit {
        let message = format!(
            "the waivers of `{}` leave more than {limit} parts of it to judge",
            statement.name
        );
        let problem = source.problem(ProblemCode::NotWaivable, &statement.span, message);
        let help = "join waivers of the same senders, destinations or traffic";
        problems.push(problem.help(Some(help)));
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    let stated_rest = has_baseline.then(|| {
        let both = in_force.iter().zip(waivers);
        let stated = both.map(|(in_force, waiver)| *in_force && !is_of_baseline(waiver));
        strongest.rest(&stated.collect::<Vec<_>>(), limit)
    });
    let taken = certain.iter().zip(&in_force).zip(waivers);
    let taken = taken.map(|((cut, is_in_force), waiver)| {
        let part = weakest.whole.split(cut).0;
        let slices = part.as_ref().filter(|_| is_of_baseline(waiver));
        Taken {
            is_in_force: *is_in_force,
            slices: slices.map_or_else(Slices::default, |part| {
                Slices::of(part, (statement.word, weakest.claim), network)
            }),
            part: part.map(|part| weakest.invariant(part, statement.word, network)),
        }
    });
    let all = |reading: &Reading<'_>, parts: Vec<Part>| {
        let invariant = |part| reading.invariant(part, statement.word, network);
        parts.into_iter().map(invariant).collect()
    };
    Ok(Plan {
        cuts: taken.collect(),
        open: (!by.is_empty()).then(|| Open {
            by,
            rest: all(&weakest, weak_rest),
        }),
        stated_rest: stated_rest.map(|rest| all(&strongest, rest)),
        rest: all(&strongest, rest),
    })
}

/// A claim with the places that it names.
fn reading<'a>(claim: &'a Invariant, to: &[Place], cuts: &'a [Cut]) -> Reading<'a> {
    let whole = Part {
        from: claim.scope.from.clone(),
        to: to.to_vec(),
        traffic: claim.scope.traffic.clone(),
        families: claim.scope.families.clone(),
        request: claim.scope.request.clone(),
    };
    Reading { claim, whole, cuts }
}

/// What cannot be taken out of a claim, and why.
fn misfits(
    statement: &Statement,
    Reading { whole, cuts, .. }: &Reading<'_>,
    network: &Network,
) -> Vec<Problem> {
    let waivers = statement.waivers.iter().zip(*cuts);
    let problems = waivers.filter_map(|(waiver, cut)| {
        let (message, help) = misfit(statement, whole, cut, network)?;
        let problem = waiver
            .source
            .problem(ProblemCode::NotWaivable, &waiver.span, message);
        Some(problem.help(Some(help)))
    });
    problems.collect()
}

/// What waivers take, the problems of their selectors, and what leaves open what these mean.
fn cuts(
    waivers: &[Waiver],
    (network, attributes): (&Network, &OpenAttributes),
    is_wide: bool,
) -> (Vec<Cut>, Vec<Problem>, BTreeSet<Hole>) {
    let (mut problems, mut by) = (Vec::new(), BTreeSet::new());
    let mut one = |waiver: &Waiver| {
        let mut resolver = Resolver::new(network, attributes, &waiver.source);
        if is_wide {
            resolver.widen();
        }
        let cut = cut(waiver, &mut resolver);
        by.extend(resolver.take_chosen_by());
        // What is gone from the network is violated no more: such an entry is unused.
        let is_gone = |problem: &Problem| {
            let gone = [ProblemCode::UnknownTagKey, ProblemCode::UnknownName];
            waiver.origin == stated::Origin::Baseline && gone.contains(&problem.code)
        };
        problems.extend(resolver.problems.into_iter().filter(|one| !is_gone(one)));
        cut
    };
    let cuts = waivers.iter().map(&mut one).collect();
    (cuts, problems, by)
}

fn cut(waiver: &Waiver, resolver: &mut Resolver<'_>) -> Cut {
    let mut senders =
        |selection: &Selection| Senders::of(resolver.origins(&selection.selectors).origins);
    let every_port = vec![0..=u16::MAX];
    let every_class = vec![classes::Class::Any];
    let traffic = match (&waiver.traffic, &waiver.source_ports) {
        (None, None) => None,
        (traffic, ports) => Some(classes::lower(
            traffic.as_ref().unwrap_or(&every_class),
            ports.as_ref().unwrap_or(&every_port),
        )),
    };
    Cut {
        senders: waiver.from.as_ref().map(&mut senders),
        receivers: waiver.to.as_ref().map(|to| senders(to).interfaces),
        traffic,
        families: waiver.families.clone(),
        requests: waiver.request.clone(),
    }
}

/// Why the destinations of a waiver cannot be taken out of a claim, and what to do.
fn misfit(
    statement: &Statement,
    whole: &Part,
    cut: &Cut,
    network: &Network,
) -> Option<(String, &'static str)> {
    let name = &statement.name;
    if let (Some(all), Some(taken)) = (&whole.request, &cut.requests)
        && let Err(what) = request_sets::split(all, taken)
    {
        return Some((not_sayable(name, &what), SAYABLE));
    }
    let taken = cut.receivers.as_ref()?;
    let mut all = BTreeSet::new();
    for place in &whole.to {
        // To another place packets may go by the address of a waived interface, and arrive elsewhere.
        let Place::Interfaces { interfaces, .. } = place else {
            let to = &statement.to.text;
            let message =
                format!("`to` of `{name}` is `{to}`, out of which no interfaces can be taken");
            return Some((message, "narrow the waiver by `from` or `traffic` alone"));
        };
        all.extend(interfaces);
    }
    // A flow of `always` goes to an address, which two VPCs may have; then it could not be said of
    // which of them it is.
    let (waived, others): (Vec<_>, Vec<_>) = all.into_iter().partition(|id| taken.contains(id));
    let shared = waived.iter().find_map(|one| {
        let other = others.iter().find(|other| share(network, one, other))?;
        Some((*one, *other))
    });
    let (one, other) = shared.filter(|_| statement.word == Word::Always)?;
    let message = format!(
        "`{one}`, which a waiver of `{name}` takes, has or may have an address of `{other}`, which it does not take"
    );
    Some((
        message,
        "waive both, or narrow the waiver by `from` or `traffic` alone",
    ))
}

/// Why requests cannot be taken out of a claim.
fn not_sayable(name: &str, what: &str) -> String {
    format!("the requests of a waiver cannot be taken out of `{name}`: {what}")
}

/// What can be done about that.
const SAYABLE: &str = "take patterns of the claim or narrower ones, and `principal-account` in place of `principal`; of a baseline, \
     make it again";

/// Whether two interfaces have, or in different VPCs may have, one address.
fn share(network: &Network, one: &NetworkInterfaceId, other: &NetworkInterfaceId) -> bool {
    let found = |id| network.network_interfaces().get(id);
    let (Some(one), Some(other)) = (found(one), found(other)) else {
        return false;
    };
    let vpc = |interface: &NetworkInterface| {
        let subnet = network.subnets().get(&interface.subnet);
        subnet.map(|subnet| subnet.vpc.clone())
    };
    // A network has no address of a VPC twice, and an open one is none that another has.
    if vpc(one) == vpc(other) {
        return false;
    }
    let block = |value: &AddressValue| match value {
        AddressValue::Known(address) => Cidr::host(*address),
        AddressValue::Within(block, _) => *block,
    };
    let blocks = |interface: &NetworkInterface| {
        let addresses = interface.addresses.iter();
        addresses
            .map(|address| block(&address.private))
            .collect::<Vec<_>>()
    };
    let others = blocks(other);
    let meets = |block: &Cidr| others.iter().any(|other| blocks::overlap(*block, *other));
    blocks(one).iter().any(meets)
}
