//! Waivers: flows of a claim that are not judged for a while.
//!
//! A claim about every flow of a scope holds exactly when it holds of each part of a partition. A
//! waiver is a product of senders, destinations and traffic, and what it leaves of another product is
//! three more at most. So the claim is judged of those parts, each as a claim of its own and by both
//! engines, and a waiver hides what it says and nothing else.

mod judge;
mod part;
#[cfg(test)]
mod tests;
mod traffic;

use std::collections::BTreeSet;

use catalogue::Day;
use model::{
    AddressValue, Cidr, Invariant, Network, NetworkInterface, NetworkInterfaceId, Origin, Place,
};

use crate::blocks;
use crate::invariant_file::lower::Lowered;
use crate::invariant_file::waive::Waiver;
use crate::invariant_file::{Selection, Statement, Word, traffic as classes};
use crate::problem::{Problem, ProblemCode, SourceText};
use crate::report::Finding;
use crate::selector::Resolver;

pub(crate) use judge::judge;
use part::{Cut, Part};

/// The most parts that the waivers of a claim may leave.
const MOST_PARTS: usize = 64;

/// What became of a waiver.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    /// Something is violated in what it waives.
    Used,
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
    pub(crate) const fn name(self) -> &'static str {
        match self {
            State::Used => "used",
            State::Unused => "unused",
            State::Undecided => "undecided",
            State::Expired => "expired",
            State::TooWide => "too-wide",
        }
    }

    /// Whether it is left out of the scope of the claim.
    pub(crate) const fn counts(self) -> bool {
        match self {
            State::Used | State::Unused | State::Undecided => true,
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
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    /// What the waivers in force leave: parts that share no flow.
    pub(crate) rest: Vec<Invariant>,
    /// Of each waiver of the statement, in their order.
    cuts: Vec<Taken>,
}

/// What one waiver takes out of the whole claim.
#[derive(Clone, Debug)]
struct Taken {
    is_in_force: bool,
    /// `None` when the claim speaks of nothing that it means.
    part: Option<Invariant>,
}

/// Takes the waivers in force out of a claim.
///
/// # Errors
///
/// Every problem that the waivers have in this network.
pub(crate) fn plan(
    statement: &Statement,
    lowered: &Lowered,
    network: &Network,
    source: &SourceText,
    today: Day,
) -> Result<Plan, Vec<Problem>> {
    let whole = Part {
        from: lowered.invariant.scope.from.clone(),
        to: lowered.named_places.clone(),
        traffic: lowered.invariant.scope.traffic.clone(),
    };
    let of_part = |part: Part| part.invariant(statement.word, lowered, network);
    let mut resolver = Resolver::new(network, source);
    let mut problems = Vec::new();
    let mut rest = vec![whole.clone()];
    let mut cuts = Vec::new();
    for waiver in &statement.waivers {
        let cut = cut(waiver, &mut resolver);
        let misfit = misfit(statement, &whole, &cut, network);
        problems.extend(misfit.map(|(message, help)| {
            let problem = source.problem(ProblemCode::NotWaivable, &waiver.span, message);
            problem.help(Some(help))
        }));
        let is_in_force = waiver.until.is_none_or(|until| today <= until);
        if is_in_force && rest.len() <= MOST_PARTS {
            rest = rest.iter().flat_map(|part| part.split(&cut).1).collect();
        }
        cuts.push(Taken {
            is_in_force,
            part: whole.split(&cut).0.map(of_part),
        });
    }
    problems.extend(resolver.problems);
    if rest.len() > MOST_PARTS {
        let message = format!(
            "the waivers of `{}` leave more than {MOST_PARTS} parts of it to judge",
            statement.name
        );
        let problem = source.problem(ProblemCode::NotWaivable, &statement.span, message);
        let help = "join waivers of the same senders, destinations or traffic";
        problems.push(problem.help(Some(help)));
    }
    if problems.is_empty() {
        let rest = rest.into_iter().map(of_part).collect();
        return Ok(Plan { rest, cuts });
    }
    Err(problems)
}

fn cut(waiver: &Waiver, resolver: &mut Resolver<'_>) -> Cut {
    let mut interfaces = |selection: &Selection| {
        let origins = resolver.origins(&selection.selectors).origins.into_iter();
        let interfaces = origins.filter_map(|origin| match origin {
            Origin::Interfaces(interfaces) => Some(interfaces),
            Origin::Internet(_) | Origin::OnPremises { .. } => None,
        });
        interfaces.flatten().collect()
    };
    Cut {
        senders: waiver.from.as_ref().map(&mut interfaces),
        receivers: waiver.to.as_ref().map(&mut interfaces),
        traffic: waiver
            .traffic
            .as_ref()
            .map(|traffic| classes::lower(traffic, &[0..=u16::MAX])),
    }
}

/// Why the destinations of a waiver cannot be taken out of a claim, and what to do.
fn misfit(
    statement: &Statement,
    whole: &Part,
    cut: &Cut,
    network: &Network,
) -> Option<(String, &'static str)> {
    let taken = cut.receivers.as_ref()?;
    let name = &statement.name;
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

/// What is said of waivers beside the report: those that do not count, and those that nothing needs.
pub(crate) fn problems(finding: &Finding, source: &SourceText) -> Vec<Problem> {
    let problem = |Waived { waiver, state }: &Waived| {
        let (name, flows) = (&finding.name, waiver.flows());
        let (code, message, help) = match state {
            State::Used | State::Undecided => return None,
            State::Unused => (
                ProblemCode::UnusedWaiver,
                format!("nothing is violated in what a waiver of `{name}` waives: {flows}"),
                "delete the waiver",
            ),
            State::Expired => {
                let until = waiver.until.map(|until| until.to_string());
                let until = until.unwrap_or_default();
                (
                    ProblemCode::ExpiredWaiver,
                    format!("the waiver of `{name}` {flows} ended on {until} and does not count"),
                    "mend what it waives and delete it, or put its end off",
                )
            }
            State::TooWide => (
                ProblemCode::WaiverTooWide,
                format!(
                    "with the waiver {flows} nothing is left that `{name}` speaks of, so that it does not count"
                ),
                "narrow it, or delete the claim",
            ),
        };
        let problem = source.problem(code, &waiver.span, message);
        Some(problem.help(Some(help)))
    };
    finding.waived.iter().filter_map(problem).collect()
}
