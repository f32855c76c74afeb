//! What a baseline lets be of claims about the policies of endpoints: classes of requests.

use std::collections::BTreeSet;

use catalogue::Day;
use evaluator::Evaluator;
use ingest::OpenAttributes;
use ingest::policy::full_access;
use model::{
    ComponentId, ConditionOperator, Engine, Excess, Hole, Network, Policy, PolicyComparison,
    RequestSet, Value, VpcEndpointId,
};

use super::{SAYABLE, State, Waived, not_sayable, request_sets};
use crate::invariant_file::policy::{PolicyStatement, Relation};
use crate::invariant_file::waive::Waiver;
use crate::judge::Judge;
use crate::policy_difference::Side;
use crate::problem::{Problem, ProblemCode};
use crate::selector::Resolver;

/// What the waivers of a claim take, each in its order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Cuts(Vec<Cut>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Cut {
    is_in_force: bool,
    /// At which endpoints for certain; `None` is each.
    certain: Option<BTreeSet<VpcEndpointId>>,
    /// At which it may be, with the others.
    possible: Option<BTreeSet<VpcEndpointId>>,
    requests: RequestSet,
}

/// How much waivers are taken to take where it is open what they mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Taking {
    Least,
    Most,
}

/// What the waivers of a claim take, and what leaves it open.
///
/// # Errors
///
/// Every problem that they have in this network.
pub(crate) fn cuts(
    statement: &PolicyStatement,
    (network, attributes): (&Network, &OpenAttributes),
    today: Day,
) -> Result<(Cuts, BTreeSet<Hole>), Vec<Problem>> {
    let (mut all, mut problems, mut by) = (Vec::new(), Vec::new(), BTreeSet::new());
    for waiver in &statement.waivers {
        let mut resolver = Resolver::new(network, attributes, &waiver.source);
        let at = |resolver: &mut Resolver<'_>| {
            let components = resolver.components(&waiver.of.as_ref()?.selectors);
            let endpoint = |component| {
                if let ComponentId::VpcEndpoint(id) = component {
                    return Some(id);
                }
                None
            };
            Some(components.into_iter().filter_map(endpoint).collect())
        };
        let certain = at(&mut resolver);
        by.extend(resolver.take_chosen_by());
        problems.extend(
            resolver
                .problems
                .iter()
                .filter(|one| !is_gone(one))
                .cloned(),
        );
        resolver.widen();
        let possible = at(&mut resolver);
        let requests = waiver.request.clone().unwrap_or_else(RequestSet::every);
        if let Err(what) = request_sets::split(&statement.set, &requests) {
            let message = not_sayable(&statement.name, &what);
            let problem = waiver
                .source
                .problem(ProblemCode::NotWaivable, &waiver.span, message);
            problems.push(problem.help(Some(SAYABLE)));
        }
        all.push(Cut {
            is_in_force: waiver.until.is_none_or(|until| today <= until),
            certain,
            possible,
            requests,
        });
    }
    if problems.is_empty() {
        Ok((Cuts(all), by))
    } else {
        Err(problems)
    }
}

/// What is gone from the network is violated no more: such an entry is unused.
fn is_gone(problem: &Problem) -> bool {
    [ProblemCode::UnknownTagKey, ProblemCode::UnknownName].contains(&problem.code)
}

impl Cut {
    fn is_at(&self, endpoint: &VpcEndpointId, taking: Taking) -> bool {
        let at = match taking {
            Taking::Least => &self.certain,
            Taking::Most => &self.possible,
        };
        at.as_ref().is_none_or(|at| at.contains(endpoint))
    }
}

impl Cuts {
    /// What is left of the requests of a claim at an endpoint: sets that together are all that no waiver takes.
    pub(crate) fn rest(
        &self,
        statement: &PolicyStatement,
        endpoint: &VpcEndpointId,
        taking: Taking,
    ) -> Vec<RequestSet> {
        let mut rest = vec![statement.set.clone()];
        for cut in &self.0 {
            if cut.is_in_force && cut.is_at(endpoint, taking) {
                rest = rest
                    .iter()
                    .flat_map(|set| without(set, &cut.requests))
                    .collect();
            }
        }
        rest
    }

    /// What became of each waiver.
    pub(crate) fn states(
        &self,
        judge: &Judge<'_>,
        statement: &PolicyStatement,
        endpoints: &BTreeSet<VpcEndpointId>,
        is_open: bool,
    ) -> Vec<Waived> {
        let both = statement.waivers.iter().zip(&self.0);
        let waived = both.map(|(waiver, cut): (&Waiver, &Cut)| {
            let at = endpoints.iter();
            let at = at.filter(|endpoint| cut.is_at(endpoint, Taking::Least));
            let state = if cut.is_in_force {
                state(judge, statement, at, &cut.requests, is_open)
            } else {
                State::Expired
            };
            let waiver = waiver.clone();
            Waived { waiver, state }
        });
        waived.collect()
    }
}

/// What a waiver that takes some requests leaves of a set.
pub(super) fn without(set: &RequestSet, taken: &RequestSet) -> Vec<RequestSet> {
    let split = request_sets::split(set, taken);
    split.map_or_else(|_| vec![set.clone()], |split| split.rest)
}

fn state<'a>(
    judge: &Judge<'_>,
    statement: &PolicyStatement,
    at: impl Iterator<Item = &'a VpcEndpointId>,
    requests: &RequestSet,
    is_open: bool,
) -> State {
    let split = request_sets::split(&statement.set, requests);
    let Some(set) = split.ok().and_then(|split| split.taken) else {
        return State::Unused;
    };
    let (mut is_used, mut is_known, mut is_wider) = (false, !is_open, false);
    for endpoint in at {
        let comparison = PolicyComparison {
            endpoint: endpoint.clone(),
            reference: statement.reference.clone(),
            set: set.clone(),
        };
        let difference = judge.evaluator.compare(&comparison);
        let excesses = match statement.relation {
            Relation::Within => vec![difference.added],
            Relation::Equals => vec![difference.added, difference.removed],
        };
        let mut is_violated = false;
        for excess in excesses {
            match excess {
                Excess::None => {}
                Excess::Some(_) => is_violated = true,
                Excess::Unknown(_) => is_known = false,
            }
        }
        is_used |= is_violated;
        let throughout = Throughout::new(judge, statement, endpoint);
        let sides = [Side::Added, Side::Removed];
        is_wider |= !sides.iter().any(|side| throughout.is_all(*side, &set));
    }
    match (is_used, is_known) {
        (true, true) if is_wider => State::Wider("not with each request of it".to_owned()),
        (true, _) => State::Used,
        (false, true) => State::Unused,
        (false, false) => State::Undecided,
    }
}

/// What tells whether every request of a set violates a claim at an endpoint.
pub(super) struct Throughout<'a> {
    judge: &'a Judge<'a>,
    statement: &'a PolicyStatement,
    endpoint: &'a VpcEndpointId,
    /// The engine with a policy there that permits everything, and with one that permits nothing.
    open: Evaluator,
    closed: Evaluator,
}

impl<'a> Throughout<'a> {
    pub(super) fn new(
        judge: &'a Judge<'a>,
        statement: &'a PolicyStatement,
        endpoint: &'a VpcEndpointId,
    ) -> Self {
        let with = |policy: Policy| {
            let mut draft = judge.network.clone().into_draft();
            let own = draft.vpc_endpoints.iter_mut();
            for endpoint in own.filter(|one| one.id == *endpoint) {
                endpoint.policy = Value::Known(policy.clone());
            }
            let network = draft.validate();
            network.map_or_else(
                |_| judge.evaluator.clone(),
                |network| Evaluator::load(&network),
            )
        };
        Self {
            judge,
            statement,
            endpoint,
            open: with(full_access()),
            closed: with(none()),
        }
    }

    /// Whether one policy certainly permits every request of a set, and the other certainly none.
    pub(super) fn is_all(&self, side: Side, set: &RequestSet) -> bool {
        let reference = &self.statement.reference;
        let endpoint = self.judge.network.vpc_endpoints().get(self.endpoint);
        let policy = endpoint.and_then(|endpoint| endpoint.policy.known());
        if policy.is_none_or(asks_several) || asks_several(reference) {
            return false;
        }
        // Of two policies one permits nothing more when the other permits whatever it may permit.
        let more = |engine: &Evaluator, reference: &Policy| {
            engine.compare(&PolicyComparison {
                endpoint: self.endpoint.clone(),
                reference: reference.clone(),
                set: set.clone(),
            })
        };
        let own = &self.judge.evaluator;
        match side {
            Side::Added => {
                more(own, &full_access()).removed == Excess::None
                    && more(&self.closed, reference).removed == Excess::None
            }
            Side::Removed => {
                more(&self.open, reference).added == Excess::None
                    && more(own, &none()).added == Excess::None
            }
        }
    }
}

fn none() -> Policy {
    Policy {
        statements: Vec::new(),
        variables: false,
    }
}

/// Whether a policy gives a key of a service several values: then another one beside it may be asked
/// about requests that it is not asked about alone (page policy, *sets of requests*).
fn asks_several(policy: &Policy) -> bool {
    let mut conditions = policy.statements.iter().flat_map(|one| &one.conditions);
    conditions.any(|condition| {
        let is_of_service = !condition.key.folded().starts_with("aws:");
        let is_set = match &condition.operator {
            ConditionOperator::Modelled { set, .. } => set.is_some(),
            ConditionOperator::Unmodelled(_) => true,
        };
        is_of_service && is_set
    })
}
