//! Lets both engines say of a class what it says of itself, in each network.

use std::collections::BTreeSet;

use evaluator::{Change, Course, Evaluator, FlowClass, HandedOn, Returned, Senders};
use model::{
    Address, AddressValue, Claim, ComponentId, Engine, Family, Flow, Hole, Invariant,
    InvariantName, Network, NetworkInterfaceId, Origin, Place, Quantifier, Scope, Traffic,
};
use solver::Solver;

use super::ranges::cidrs;
use crate::judge::{Disagreement, Judge, Reason, Ruling};

/// How many blocks the places of a claim may have.
const MOST_BLOCKS: usize = 256;
/// How many flows are compared one by one.
const MOST_FLOWS: usize = 64;

/// How a class is confirmed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Confirmed {
    /// Both engines say so of all of its flows, in both networks.
    Whole,
    /// Both engines decide this many of its flows alike, one of every cell that was asked or as
    /// many as are compared.
    Flows(usize),
    /// It rests on something that is open.
    Open(BTreeSet<Reason>),
}

/// One network with both engines.
pub(crate) struct Sides<'a, 'n> {
    pub(crate) judges: [&'a Judge<'n>; 2],
    /// The evaluators that the classes come from.
    pub(crate) evaluators: [&'a Evaluator; 2],
}

impl Sides<'_, '_> {
    /// Confirms a class.
    ///
    /// # Errors
    ///
    /// When an engine contradicts it.
    pub(crate) fn confirm(&self, class: &FlowClass) -> Result<Confirmed, Disagreement> {
        let mut open = BTreeSet::new();
        let mut is_whole = true;
        let courses = [&class.change.before, &class.change.after];
        for (position, (judge, course)) in self.judges.iter().zip(courses).enumerate() {
            let Some(claim) = claim(course, &class.change, position) else {
                open.extend(
                    class
                        .change
                        .holes()
                        .into_iter()
                        .cloned()
                        .map(Reason::DependsOn),
                );
                continue;
            };
            let networks = self.judges.map(|judge| judge.network);
            let is_said = class.handed_on == HandedOn::No && are_same_hosts(class, networks);
            let scope = scope(class, judge.network).filter(|_| is_said);
            let Some(scope) = scope else {
                is_whole = false;
                continue;
            };
            if scope.from.is_empty() {
                // Nobody is there to send, and so it is dropped.
                continue;
            }
            is_whole &= self.judge(judge, scope, claim, &mut open)?;
        }
        let n_flows = self.compare(class)?;
        Ok(if !open.is_empty() {
            Confirmed::Open(open)
        } else if is_whole {
            Confirmed::Whole
        } else {
            Confirmed::Flows(n_flows)
        })
    }

    /// Asks both engines whether a claim holds for every flow of a scope; whether it says something.
    fn judge(
        &self,
        judge: &Judge<'_>,
        scope: Scope,
        claim: Claim,
        open: &mut BTreeSet<Reason>,
    ) -> Result<bool, Disagreement> {
        let invariant = Invariant {
            name: InvariantName::new("a class of the difference"),
            quantifier: Quantifier::Every,
            scope,
            premise: None,
            claim,
        };
        match judge.judge(&invariant)?.ruling {
            Ruling::Proved(_) => Ok(true),
            Ruling::Vacuous => Ok(false),
            Ruling::Unknown(reasons) => {
                open.extend(reasons);
                Ok(true)
            }
            // Another choice of the open addresses says something else.
            Ruling::Violated(_) if !judge.network.open_addresses().is_empty() => {
                let slots = judge.network.open_addresses().into_iter();
                open.extend(slots.map(|slot| {
                    let what = format!("an address of {}", slot.interface);
                    Reason::DependsOn(Hole::new(what))
                }));
                Ok(true)
            }
            Ruling::Violated(evidence) => {
                let shown = evidence.map(|evidence| evidence.witness.flow.to_string());
                Err(Disagreement {
                    name: invariant.name.to_string(),
                    about: format!("{:?}", invariant.claim),
                    evaluator: "it holds for all of its flows".to_owned(),
                    solver: format!("not for {}", shown.unwrap_or_default()),
                })
            }
        }
    }

    /// Lets both engines decide the class's flows one by one, with all that relays may pick.
    fn compare(&self, class: &FlowClass) -> Result<usize, Disagreement> {
        let mut n_flows = 0;
        for (judge, evaluator) in self.judges.iter().zip(self.evaluators) {
            let completion = evaluator.completion();
            let completed = (!completion.addresses.is_empty())
                .then(|| Solver::load(&judge.network.completed(completion)));
            let solver = completed.as_ref().unwrap_or(&judge.solver);
            n_flows = 0;
            let mut n_decided = 0;
            for flow in &class.flows {
                let picked = match class.handed_on {
                    HandedOn::No => vec![flow.clone()],
                    HandedOn::To(_) | HandedOn::Anywhere => with_picks(evaluator, flow),
                };
                n_decided += picked.len();
                if n_decided > MOST_FLOWS && n_flows > 0 {
                    break;
                }
                n_flows += 1;
                picked
                    .iter()
                    .try_for_each(|flow| agree(flow, evaluator, solver))?;
            }
        }
        Ok(n_flows)
    }
}

/// A flow with all that relays may pick, and of the last of them one more.
fn with_picks(evaluator: &Evaluator, flow: &Flow) -> Vec<Flow> {
    let picked = evaluator.picked(flow).into_iter().map(|(flow, _)| flow);
    let mut picked: Vec<_> = picked.take(MOST_FLOWS).collect();
    if let Some(mut beyond) = picked.last().cloned()
        && let Some(last) = beyond.picks.last_mut()
    {
        *last = last.saturating_add(1);
        picked.push(beyond);
    }
    picked
}

fn agree(flow: &Flow, evaluator: &Evaluator, solver: &Solver) -> Result<(), Disagreement> {
    let (one, other) = (evaluator.decide(flow), solver.decide(flow));
    if one == other {
        return Ok(());
    }
    Err(Disagreement {
        name: "a class of the difference".to_owned(),
        about: format!("the flow {flow}"),
        evaluator: format!("{one:?}"),
        solver: format!("{other:?}"),
    })
}

/// What a class says of its flows in one of the networks; nothing where that is open.
fn claim(course: &Course, change: &Change, position: usize) -> Option<Claim> {
    let not = |claim| Claim::Not(Box::new(claim));
    let mut claims = match course {
        Course::Undetermined(_) => return None,
        Course::Dropped => return Some(not(Claim::Delivered)),
        Course::Delivered(Returned::Yes) => vec![Claim::Delivered, Claim::Answered],
        Course::Delivered(Returned::No) => vec![Claim::Delivered, not(Claim::Answered)],
        Course::Delivered(Returned::Undetermined(_)) => vec![Claim::Delivered],
    };
    if let Some([one, other]) = &change.ways {
        let (own, others) = if position == 0 {
            (one, other)
        } else {
            (other, one)
        };
        let passes = |way: &[ComponentId]| {
            let steps = way.iter().cloned().map(|step| BTreeSet::from([step]));
            Claim::Traverses(steps.collect())
        };
        claims.push(passes(own));
        if !is_within(others, own) {
            claims.push(not(passes(others)));
        }
    }
    Some(Claim::All(claims))
}

/// Whether one way is passed by whoever passes the other.
fn is_within(one: &[ComponentId], other: &[ComponentId]) -> bool {
    let mut rest = other.iter();
    one.iter().all(|step| rest.any(|other| other == step))
}

/// The class as a scope of a network; `None` where no scope is exactly the class.
fn scope(class: &FlowClass, network: &Network) -> Option<Scope> {
    let to = cidrs(&class.to);
    let mut families = BTreeSet::new();
    for (first, _) in &class.to {
        families.insert(first.family());
    }
    let from = match &class.from {
        Senders::Interfaces(interfaces) => {
            let mut senders = BTreeSet::new();
            for (id, own) in interfaces {
                senders.extend(sender(id, own, &families, network)?);
            }
            if senders.is_empty() {
                Vec::new()
            } else {
                vec![Origin::Interfaces(senders)]
            }
        }
        Senders::Internet(ranges) => vec![Origin::Internet(Some(cidrs(ranges)?))],
        Senders::OnPremises(gateway, ranges) => {
            let gateways = network
                .virtual_private_gateways()
                .keys()
                .map(ToString::to_string);
            let attachments = network.transit_gateway_attachments().keys();
            let gateways: BTreeSet<String> = gateways
                .chain(attachments.map(ToString::to_string))
                .collect();
            match gateways.contains(&gateway.to_string()) {
                // A scope cannot say by which gateway they come.
                true if gateways.len() > 1 => return None,
                true => vec![Origin::OnPremises {
                    blocks: Some(cidrs(ranges)?),
                    resolver: None,
                }],
                false => Vec::new(),
            }
        }
    };
    let n_from: usize = from
        .iter()
        .map(|origin| match origin {
            Origin::Interfaces(_) => 0,
            Origin::Internet(blocks) | Origin::OnPremises { blocks, .. } => {
                blocks.as_ref().map_or(0, BTreeSet::len)
            }
        })
        .sum();
    let to = to?;
    if to.len() + n_from > MOST_BLOCKS {
        return None;
    }
    Some(Scope {
        from,
        to: vec![Place::Cidrs(to)],
        traffic: Traffic {
            classes: class.traffic.clone(),
        },
        families,
        relayed: false,
        request: None,
    })
}

/// Whether the senders have the same addresses in both networks: to an address of his own in either
/// one nobody sends.
fn are_same_hosts(class: &FlowClass, [before, after]: [&Network; 2]) -> bool {
    let ids = match &class.from {
        Senders::Interfaces(interfaces) => interfaces.keys(),
        Senders::Internet(_) | Senders::OnPremises(..) => return true,
    };
    ids.into_iter().all(|id| {
        let one = before.network_interfaces().get(id);
        let other = after.network_interfaces().get(id);
        one.zip(other)
            .is_none_or(|(one, other)| one.addresses == other.addresses)
    })
}

/// An interface as a sender: nobody where it is not in the network; `None` where it has other
/// addresses than those of the class.
fn sender(
    id: &NetworkInterfaceId,
    own: &BTreeSet<Address>,
    families: &BTreeSet<Family>,
    network: &Network,
) -> Option<Option<NetworkInterfaceId>> {
    let Some(interface) = network.network_interfaces().get(id) else {
        return Some(None);
    };
    let mut addresses = interface.addresses.iter();
    let are_own = addresses.all(|address| match &address.private {
        AddressValue::Known(address) => {
            !families.contains(&address.family()) || own.contains(address)
        }
        AddressValue::Within(..) => true,
    });
    are_own.then(|| Some(id.clone()))
}
