//! Asking both engines about policies.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use evaluator::Evaluator;
use model::{
    Claim, Clause, Engine, Excess, Family, Flow, Invariant, InvariantName, Origin, Permission,
    PermissionEffect, Place, Policy, PolicyComparison, Quantifier, Request, RequestSet, RequestWay,
    Scope, Traffic, TrafficClass, Value, Verdict,
};
use rayon::prelude::*;
use solver::Solver;

use super::{Case, member, network, reduce};
use crate::line;
use crate::run::Kind;

/// What came out of some cases.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    /// How many policies.
    pub n_policies: u64,
    /// How many worlds of accounts.
    pub n_worlds: u64,
    /// How many single requests.
    pub n_requests: u64,
    /// How often each clause decided, with each effect.
    pub effects: BTreeMap<(Clause, &'static str), u64>,
    /// How often both engines gave each pair of answers about sets.
    pub verdicts: BTreeMap<(Kind, Kind), u64>,
    /// How many witnesses were confirmed.
    pub n_confirmed: u64,
    /// Disagreements: how many, and the first few.
    pub n_found: u64,
    /// As a person is shown them.
    pub found: Vec<String>,
}

/// So many are kept.
const MOST_FOUND: usize = 12;

impl Tally {
    /// Both together.
    #[must_use]
    pub fn and(mut self, other: Tally) -> Tally {
        self.n_policies += other.n_policies;
        self.n_worlds += other.n_worlds;
        self.n_requests += other.n_requests;
        self.n_confirmed += other.n_confirmed;
        self.n_found += other.n_found;
        for (key, n) in other.effects {
            *self.effects.entry(key).or_default() += n;
        }
        for (key, n) in other.verdicts {
            *self.verdicts.entry(key).or_default() += n;
        }
        self.found.extend(other.found);
        self.found.truncate(MOST_FOUND);
        self
    }

    /// Counts the answer to a request.
    pub fn count(&mut self, permission: &Permission) {
        self.n_requests += 1;
        let effect = line::effect_text(&permission.effect);
        let key = (permission.clause, effect);
        *self.effects.entry(key).or_default() += 1;
    }

    /// Keeps a disagreement.
    pub fn keep(&mut self, text: String) {
        self.n_found += 1;
        self.found.push(text);
    }

    /// How many answers about sets are unknown on one side only, of how many.
    pub fn one_sided(&self) -> (u64, u64) {
        let unknown = |(one, other): &(Kind, Kind)| {
            one != other && (*one == Kind::Unknown || *other == Kind::Unknown)
        };
        let of = self.verdicts.iter().filter(|(pair, _)| unknown(pair));
        (of.map(|(_, n)| n).sum(), self.verdicts.values().sum())
    }

    /// How many answers are unknown on both sides.
    pub fn both_unknown(&self) -> u64 {
        let both = self.verdicts.get(&(Kind::Unknown, Kind::Unknown));
        both.copied().unwrap_or(0)
    }
}

/// Runs cases of consecutive seeds over all cores.
pub fn cases(first: u64, n: u64, case: impl Fn(u64) -> Tally + Sync) -> Tally {
    let seeds = (first..first.saturating_add(n)).into_par_iter();
    seeds.map(&case).reduce(Tally::default, Tally::and)
}

/// What an engine says of a request at an endpoint with a policy, with the hole.
fn said<E: Engine>(case: &Case, policy: &Policy, request: &Request) -> String {
    let engine = E::load(&network(case.endpoint, Value::Known(policy.clone())));
    told(&engine.permits(&case.way(request), request))
}

/// An answer with its clause and its hole.
pub fn told(permission: &Permission) -> String {
    let hole = match &permission.effect {
        PermissionEffect::Undetermined(hole) => format!(" ({hole})"),
        PermissionEffect::Permitted | PermissionEffect::Denied => String::new(),
    };
    let effect = line::effect_text(&permission.effect);
    format!("{effect} {}{hole}", permission.clause)
}

/// Both engines judge single requests.
pub fn pointwise(seed: u64, n_requests: usize) -> Tally {
    let case = Case::of_seed(seed, n_requests);
    let around = network(case.endpoint, Value::Known(case.policy.clone()));
    let (evaluator, solver) = (Evaluator::load(&around), Solver::load(&around));
    let mut tally = Tally {
        n_policies: 1,
        ..Tally::default()
    };
    for request in &case.requests {
        let one = evaluator.permits(&case.way(request), request);
        tally.count(&one);
        if one != solver.permits(&case.way(request), request) {
            let policy = reduce::reduced(&case.policy, |policy| {
                said::<Evaluator>(&case, policy, request) != said::<Solver>(&case, policy, request)
            });
            let one = said::<Evaluator>(&case, &policy, request);
            let other = said::<Solver>(&case, &policy, request);
            let text = shown(seed, &case, &policy);
            tally.keep(format!(
                "{text}request   {request}\nevaluator {one}\nsolver    {other}\n"
            ));
        }
    }
    tally
}

fn shown(seed: u64, case: &Case, policy: &Policy) -> String {
    let policy = ingest::policy::write(policy);
    format!(
        "seed {seed}, endpoint {}\npolicy    {policy}\n",
        case.endpoint
    )
}

/// Both engines judge sets: claims about every and some request, and comparisons; witnesses are
/// asked of both.
pub fn verdicts(seed: u64) -> Tally {
    let case = Case::of_seed(seed, 24);
    let around = network(case.endpoint, Value::Known(case.policy.clone()));
    let (evaluator, solver) = (Evaluator::load(&around), Solver::load(&around));
    let mut tally = Tally {
        n_policies: 1,
        ..Tally::default()
    };
    let shown = || shown(seed, &case, &case.policy);
    let sampled = Sampled {
        ways: case.ways(),
        set: &case.set,
        requests: case.requests.iter().collect(),
        shown: &shown,
    };
    for (quantifier, claim) in claims() {
        let invariant = invariant(&case, quantifier, claim);
        sampled.ask(&invariant, &evaluator, &solver, &mut tally);
    }
    compare(seed, &case, &evaluator, &solver, &mut tally);
    tally
}

/// Every request is permitted, none is, some is.
pub fn claims() -> [(Quantifier, Claim); 3] {
    [
        (Quantifier::Every, Claim::PermittedAll),
        (
            Quantifier::Every,
            Claim::Not(Box::new(Claim::PermittedSome)),
        ),
        (Quantifier::Exists, Claim::PermittedSome),
    ]
}

/// A claim about what the case's set may do at its endpoint.
pub fn invariant(case: &Case, quantifier: Quantifier, claim: Claim) -> Invariant {
    of_flows("client", at(case.endpoint), &case.set, quantifier, claim)
}

/// What arrives at `g` or `i`.
pub fn at(endpoint: &str) -> Place {
    if endpoint == "g" {
        Place::GatewayEndpoints(BTreeSet::from([endpoint.into()]))
    } else {
        Place::Interfaces {
            interfaces: BTreeSet::from(["i".into()]),
            public_from_inside: false,
        }
    }
}

/// A claim about a set of requests that flows from an interface carry to a place.
pub fn of_flows(
    from: &str,
    to: Place,
    set: &RequestSet,
    quantifier: Quantifier,
    claim: Claim,
) -> Invariant {
    let class = TrafficClass::Tcp {
        source_ports: 40_000..=40_000,
        destination_ports: 443..=443,
    };
    Invariant {
        name: InvariantName::new("policy"),
        quantifier,
        scope: Scope {
            from: vec![Origin::Interfaces(BTreeSet::from([from.into()]))],
            to: vec![to],
            traffic: Traffic {
                classes: vec![class],
            },
            families: BTreeSet::from([Family::V4]),
            relayed: false,
            request: Some(set.clone()),
        },
        premise: None,
        claim,
    }
}

/// A set of requests, with some that may be of it.
pub struct Sampled<'a> {
    /// Each way on which the flows of the claims carry them.
    pub ways: Vec<RequestWay>,
    /// The set.
    pub set: &'a RequestSet,
    /// Some requests.
    pub requests: Vec<&'a Request>,
    /// The rest of the case, as a person is shown it.
    pub shown: &'a dyn Fn() -> String,
}

impl Sampled<'_> {
    /// Asks both engines for a claim about the set.
    pub fn ask(&self, invariant: &Invariant, one: &Evaluator, other: &Solver, tally: &mut Tally) {
        let verdicts = [one.check(invariant), other.check(invariant)];
        let kinds = verdicts.each_ref().map(Kind::of);
        *tally.verdicts.entry(kinds.into()).or_default() += 1;
        if kinds[0] != kinds[1] && !kinds.contains(&Kind::Unknown) {
            let text = self.text(invariant);
            tally.keep(format!(
                "{text}evaluator {:?}\nsolver    {:?}\n",
                verdicts[0], verdicts[1]
            ));
        }
        for verdict in &verdicts {
            self.confirm(invariant, verdict, [one, other], tally);
        }
    }

    fn text(&self, invariant: &Invariant) -> String {
        format!(
            "{}ways      {:?}\nset       {:?}\nclaim     {:?} {:?}\n",
            (self.shown)(),
            self.ways,
            self.set,
            invariant.quantifier,
            invariant.claim
        )
    }

    /// Both engines say of a witness's request what the verdict needs, and the sampled requests of
    /// the set do not contradict it.
    fn confirm(
        &self,
        invariant: &Invariant,
        verdict: &Verdict,
        engines: [&dyn Asked; 2],
        tally: &mut Tally,
    ) {
        let (witness, certain) = match verdict {
            Verdict::Holds { witness } => (witness.as_ref(), true),
            Verdict::Violated { counterexample } => (counterexample.as_ref(), false),
            Verdict::Vacuous | Verdict::Unknown { .. } => return,
        };
        let wanted = invariant.claim != Claim::PermittedAll;
        let is = |found: &PermissionEffect, permitted: bool| match found {
            PermissionEffect::Permitted => permitted,
            PermissionEffect::Denied => !permitted,
            PermissionEffect::Undetermined(_) => false,
        };
        if let Some((flow, request)) =
            witness.and_then(|witness| Some((&witness.flow, witness.request.as_ref()?)))
        {
            let carried = engines.map(|engine| engine.carried(&self.ways, flow, request));
            let confirmed = carried.iter().flatten().filter(|found| is(found, wanted));
            if confirmed.count() == engines.len() && member::is_named(self.set, request) {
                tally.n_confirmed += 1;
            } else {
                let text = self.text(invariant);
                tally.keep(format!("{text}witness   {request} is not confirmed\n"));
            }
            return;
        }
        // What holds of every request holds of the sampled ones.
        let counter = self.requests.iter().find(|request| {
            let mut effects = self
                .ways
                .iter()
                .flat_map(|way| engines.map(|engine| engine.effect(way, request)));
            member::is_certain(self.set, request) && effects.any(|found| is(&found, wanted))
        });
        let absent = (invariant.quantifier == Quantifier::Every) == certain;
        if let Some(request) = counter.filter(|_| absent) {
            let text = self.text(invariant);
            tally.keep(format!(
                "{text}verdict   {verdict:?}\nagainst   {request}\n"
            ));
        }
    }
}

/// Judging one request, by any engine.
trait Asked {
    fn effect(&self, way: &RequestWay, request: &Request) -> PermissionEffect;

    /// What is done with a request that a flow carries by that of the ways whose source is the
    /// flow's where it arrives; `None` where it is on none of them.
    fn carried(
        &self,
        ways: &[RequestWay],
        flow: &Flow,
        request: &Request,
    ) -> Option<PermissionEffect>;
}

impl<E: Engine> Asked for E {
    fn effect(&self, way: &RequestWay, request: &Request) -> PermissionEffect {
        self.permits(way, request).effect
    }

    fn carried(
        &self,
        ways: &[RequestWay],
        flow: &Flow,
        request: &Request,
    ) -> Option<PermissionEffect> {
        let arrives = self.decide(flow).forward.source;
        let mut ways = ways.iter();
        let way = ways.find(|way| match way {
            RequestWay::Endpoint(_, source) | RequestWay::Internet(source) => *source == arrives,
            RequestWay::EndpointPolicy(_) => false,
        })?;
        Some(self.effect(way, request))
    }
}

/// Both engines compare the policy with the reference; a witness is permitted by the one and
/// denied by the other, as both say.
fn compare(seed: u64, case: &Case, one: &Evaluator, other: &Solver, tally: &mut Tally) {
    let comparison = PolicyComparison {
        endpoint: case.endpoint(),
        reference: case.reference.clone(),
        set: case.set.clone(),
    };
    let (one, other) = (one.compare(&comparison), other.compare(&comparison));
    for (one, other, added) in [
        (&one.added, &other.added, true),
        (&one.removed, &other.removed, false),
    ] {
        let pair = (kind(one), kind(other));
        *tally.verdicts.entry(pair).or_default() += 1;
        let mut wrong = String::new();
        if pair.0 != pair.1 && pair.0 != Kind::Unknown && pair.1 != Kind::Unknown {
            wrong.push_str("they contradict each other\n");
        }
        for excess in [one, other] {
            let Excess::Some(request) = excess else {
                continue;
            };
            let (permits, denies) = if added {
                (&case.policy, &case.reference)
            } else {
                (&case.reference, &case.policy)
            };
            let says = [(permits, "permitted"), (denies, "denied")].map(|(policy, word)| {
                said::<Evaluator>(case, policy, request).starts_with(word)
                    && said::<Solver>(case, policy, request).starts_with(word)
            });
            if says == [true, true] {
                tally.n_confirmed += 1;
            } else {
                let written = writeln!(wrong, "not confirmed: {request}");
                debug_assert!(written.is_ok(), "writing to a string does not fail");
            }
        }
        if !wrong.is_empty() {
            let text = shown(seed, case, &case.policy);
            let reference = ingest::policy::write(&case.reference);
            tally.keep(format!(
                "{text}reference {reference}\nset       {:?}\nadded     {added}\nevaluator {one:?}\nsolver    {other:?}\n{wrong}",
                case.set
            ));
        }
    }
}

/// Nothing more holds; something more violates.
pub const fn kind(excess: &Excess) -> Kind {
    match excess {
        Excess::None => Kind::Holds,
        Excess::Some(_) => Kind::Violated,
        Excess::Unknown(_) => Kind::Unknown,
    }
}
