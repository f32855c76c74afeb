//! Runs: many cases in parallel, each from its seed, and what came of them.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

use evaluator::Evaluator;
use model::{
    Asker, Clause, Disposition, Engine, Invariant, Network, Quantifier, Request, UnknownReason,
    Verdict, VpcEndpointId, Witness,
};
use rayon::prelude::*;
use solver::{Limits, Solver};

use crate::agreement::{self, Disagreement, Distance};
use crate::coverage::Coverage;
use crate::dice::Dice;
use crate::generate::{self, World};
use crate::pairs::Pairs;
use crate::plan::{Budget, Plan, Profile};
use crate::question::{flow, invariant, name, request};
use crate::{line, reduce, report};

/// How many walks the evaluator may take for one verdict.
const WALKS: u64 = 400_000;
/// How long z3 may take for one question of a verdict.
const TIMEOUT_MS: u32 = 10_000;
/// How many findings are kept and reduced, each with other answers; the rest is counted.
const MOST_FOUND: usize = 6;
/// How many names, and how many requests, are asked of one network.
const WORDS: usize = 8;

/// What came of some cases.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    /// Networks built.
    pub n_networks: u64,
    /// Flows decided by both engines.
    pub n_flows: u64,
    /// The evaluator's dispositions, by profile.
    pub dispositions: BTreeMap<(Profile, Disposition), u64>,
    /// How far the answers were apart.
    pub distances: BTreeMap<Distance, u64>,
    /// Names resolved and requests judged by both.
    pub n_names_and_requests: u64,
    /// Verdicts: the quantifier, the evaluator's and the solver's.
    pub verdicts: BTreeMap<(&'static str, Kind, Kind), u64>,
    /// Witnesses of one engine that the other one confirmed, and that it left open.
    pub n_confirmed: u64,
    /// Witnesses that the other one answered `Unknown` to.
    pub n_unconfirmed: u64,
    /// Steps by clause.
    pub coverage: Coverage,
    /// Flows by the two optional components that they touched.
    pub pairs: Pairs,
    /// The evaluator's requests that were not delivered, by the clause that decided.
    pub losses: BTreeMap<Clause, u64>,
    /// Microseconds of the evaluator and the solver.
    pub micros: (u64, u64),
    /// Where the engines disagree, by the seed of the case.
    pub found: Vec<Found>,
    /// How many were found.
    pub n_found: u64,
    /// The same by the two answers.
    pub answers: BTreeMap<String, u64>,
}

/// A disagreement.
#[derive(Clone, Debug)]
pub struct Found {
    /// The seed of the case.
    pub seed: u64,
    /// The two answers, before reduction.
    pub answers: String,
    /// What a person is shown.
    pub text: String,
    /// The regression file, when there is a network to keep.
    pub file: Option<String>,
}

/// A verdict without its evidence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// It holds.
    Holds,
    /// It does not.
    Violated,
    /// It speaks of nothing.
    Vacuous,
    /// It is not known.
    Unknown,
}

impl Kind {
    /// The kind of a verdict.
    pub const fn of(verdict: &Verdict) -> Self {
        match verdict {
            Verdict::Holds { .. } => Kind::Holds,
            Verdict::Violated { .. } => Kind::Violated,
            Verdict::Vacuous => Kind::Vacuous,
            Verdict::Unknown { .. } => Kind::Unknown,
        }
    }
}

impl Tally {
    /// Adds the cases of another one.
    #[must_use]
    pub fn and(mut self, other: Tally) -> Tally {
        self.n_networks += other.n_networks;
        self.n_flows += other.n_flows;
        self.n_names_and_requests += other.n_names_and_requests;
        self.n_confirmed += other.n_confirmed;
        self.n_unconfirmed += other.n_unconfirmed;
        self.micros.0 += other.micros.0;
        self.micros.1 += other.micros.1;
        self.n_found += other.n_found;
        add(&mut self.dispositions, other.dispositions);
        add(&mut self.distances, other.distances);
        add(&mut self.verdicts, other.verdicts);
        self.coverage.merge(other.coverage);
        self.pairs.merge(other.pairs);
        add(&mut self.losses, other.losses);
        add(&mut self.answers, other.answers);
        self.found.extend(other.found);
        self.found.sort_by_key(|found| found.seed);
        let mut kept = BTreeSet::new();
        self.found
            .retain(|found| kept.insert(found.answers.clone()));
        self.found.truncate(MOST_FOUND);
        self
    }

    /// The share of flows that were delivered, in percent.
    pub fn delivered_percent(&self) -> u64 {
        let of = |disposition| -> u64 {
            let all = Profile::ALL.iter();
            let hits = all.filter_map(|profile| self.dispositions.get(&(*profile, disposition)));
            hits.sum()
        };
        let delivered = of(Disposition::Delivered);
        let all = delivered + of(Disposition::Dropped) + of(Disposition::Undetermined);
        (100 * delivered).checked_div(all).unwrap_or(0)
    }

    /// Which clauses the requests that are not delivered end by, the most frequent first, in
    /// hundredths of a percent of all.
    pub fn losses_table(&self) -> String {
        let mut losses: Vec<_> = self.losses.iter().collect();
        losses.sort_by_key(|(_, lost)| std::cmp::Reverse(**lost));
        let share = |lost: u64| (10_000 * lost).checked_div(self.n_flows).unwrap_or(0);
        let lines = losses.iter().map(|(clause, lost)| {
            let share = share(**lost);
            format!(
                "{:>3}.{:02} %  {}\n",
                share / 100,
                share % 100,
                clause.name()
            )
        });
        lines.collect()
    }

    /// How many verdicts are definite on one side and unknown on the other, of how many.
    pub fn one_sided(&self) -> (u64, u64) {
        let one_sided = self.verdicts.iter().filter(|((_, one, other), _)| {
            one != other && (*one == Kind::Unknown || *other == Kind::Unknown)
        });
        (
            one_sided.map(|(_, n)| n).sum(),
            self.verdicts.values().sum(),
        )
    }

    /// Counts a finding, and keeps it when none with the same answers is kept.
    fn keep(&mut self, answers: [&str; 2], found: impl FnOnce() -> Found) {
        self.n_found += 1;
        let answers = answers.join(" | ");
        *self.answers.entry(answers.clone()).or_default() += 1;
        let known = self.found.iter().any(|found| found.answers == answers);
        if self.found.len() < MOST_FOUND && !known {
            self.found.push(Found { answers, ..found() });
        }
    }
}

fn add<K: Ord>(to: &mut BTreeMap<K, u64>, from: BTreeMap<K, u64>) {
    for (key, n) in from {
        *to.entry(key).or_default() += n;
    }
}

fn micros(since: Instant) -> u64 {
    u64::try_from(since.elapsed().as_micros()).unwrap_or(u64::MAX)
}

/// How many times as many cases tests run: `VPCPROOF_SCALE`, or 1.
pub fn scale() -> u64 {
    variable("VPCPROOF_SCALE").unwrap_or(1)
}

/// The first seed of tests: `VPCPROOF_SEED`, or 0.
pub fn first_seed() -> u64 {
    variable("VPCPROOF_SEED").unwrap_or(0)
}

fn variable(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

/// Runs cases of consecutive seeds over all cores; the result does not depend on their number.
pub fn cases(first: u64, n: u64, case: impl Fn(u64) -> Tally + Sync) -> Tally {
    let seeds = (first..first.saturating_add(n)).into_par_iter();
    seeds.map(&case).reduce(Tally::default, Tally::and)
}

/// The world of a case: the three profiles and two budgets in turn.
pub fn world(seed: u64) -> World {
    let budget = if seed.is_multiple_of(2) {
        Budget::TINY
    } else {
        Budget::SMALL
    };
    generate::world(&Plan::from_seed(Profile::of_case(seed), budget, seed))
}

/// The evaluator alone answers flows, names and requests of one network, for coverage.
pub fn exercise(seed: u64, n_flows: usize) -> Tally {
    let profile = Profile::of_case(seed);
    let world = world(seed);
    let network = &world.network;
    let engine = Evaluator::load(network);
    let mut tally = Tally {
        n_networks: 1,
        ..Tally::default()
    };
    let mut dice = Dice::new(seed);
    for flow in flow::flows(&world, n_flows, &mut dice) {
        let trace = engine.trace(&flow);
        let disposition = trace.decision.forward.disposition;
        *tally
            .dispositions
            .entry((profile, disposition))
            .or_default() += 1;
        if disposition != Disposition::Delivered {
            let clause = trace.decision.forward.clause;
            *tally.losses.entry(clause).or_default() += 1;
        }
        tally.coverage.count(profile, &trace);
        tally.pairs.count(network, &trace);
        tally.n_flows += 1;
    }
    for _ in 0..WORDS {
        if let Some((asker, name)) = name::question(network, &mut dice) {
            tally
                .coverage
                .count_name(profile, &engine.trace_name(&asker, &name));
        }
        if let Some((endpoint, request)) = request::question(network, &mut dice) {
            tally
                .coverage
                .count_request(profile, &engine.permits(&endpoint, &request));
        }
    }
    tally
}

/// Both engines decide flows, names and requests of one network.
pub fn pointwise<A: Engine, B: Engine>(seed: u64, n_flows: usize) -> Tally {
    let profile = Profile::of_case(seed);
    let world = world(seed);
    let network = &world.network;
    let mut tally = Tally {
        n_networks: 1,
        ..Tally::default()
    };
    let (first, second) = (A::load(network), B::load(network));
    let tracer = Evaluator::load(network);
    let mut dice = Dice::new(seed);
    for flow in flow::flows(&world, n_flows, &mut dice) {
        let start = Instant::now();
        let one = first.decide(&flow);
        tally.micros.0 += micros(start);
        let start = Instant::now();
        let other = second.decide(&flow);
        tally.micros.1 += micros(start);
        tally.n_flows += 1;
        let disposition = one.forward.disposition;
        *tally
            .dispositions
            .entry((profile, disposition))
            .or_default() += 1;
        tally.coverage.count(profile, &tracer.trace(&flow));
        let distance = agreement::distance(&one, &other);
        *tally.distances.entry(distance).or_default() += 1;
        if distance != Distance::None {
            let found = Disagreement {
                network: network.clone(),
                flow,
                one,
                other,
                distance,
            };
            let answers = [&found.one, &found.other].map(agreement::decision_text);
            let [one, other] = &answers;
            tally.keep([one, other], || report::found::<A, B>(seed, &found));
        }
    }
    words::<A, B>(seed, network, &mut dice, &mut tally);
    tally
}

/// Both engines resolve names and judge requests.
fn words<A: Engine, B: Engine>(seed: u64, network: &Network, dice: &mut Dice, tally: &mut Tally) {
    let profile = Profile::of_case(seed);
    let (first, second) = (A::load(network), B::load(network));
    let tracer = Evaluator::load(network);
    for _ in 0..WORDS {
        if let Some((asker, name)) = name::question(network, dice) {
            tally.n_names_and_requests += 1;
            tally
                .coverage
                .count_name(profile, &tracer.trace_name(&asker, &name));
            let [one, other] = [
                ask_name(&first, &asker, &name),
                ask_name(&second, &asker, &name),
            ];
            if one != other {
                let ask = |network: &Network| {
                    [
                        ask_name(&A::load(network), &asker, &name),
                        ask_name(&B::load(network), &asker, &name),
                    ]
                };
                tally.keep([&one, &other], || {
                    report::words(
                        seed,
                        network,
                        &format!("{}  {name}", line::asker_text(&asker)),
                        ask,
                    )
                });
            }
        }
        if let Some((endpoint, request)) = request::question(network, dice) {
            tally.n_names_and_requests += 1;
            tally
                .coverage
                .count_request(profile, &first.permits(&endpoint, &request));
            let ask = |network: &Network| {
                [
                    ask_request(&A::load(network), &endpoint, &request),
                    ask_request(&B::load(network), &endpoint, &request),
                ]
            };
            let [one, other] = [
                ask_request(&first, &endpoint, &request),
                ask_request(&second, &endpoint, &request),
            ];
            if one != other {
                tally.keep([&one, &other], || {
                    report::words(seed, network, &format!("{endpoint}  {request}"), ask)
                });
            }
        }
    }
}

fn ask_name(engine: &impl Engine, asker: &Asker, name: &str) -> String {
    let resolution = engine.resolve(asker, name);
    format!(
        "{} {}",
        line::answer_text(&resolution.answer),
        resolution.clause
    )
}

fn ask_request(engine: &impl Engine, endpoint: &VpcEndpointId, request: &Request) -> String {
    let permission = engine.permits(endpoint, request);
    format!(
        "{} {}",
        line::effect_text(&permission.effect),
        permission.clause
    )
}

/// The evaluator, with a bound on its walks.
pub fn evaluator(network: &Network) -> Evaluator {
    Evaluator::load(network).with_budget(WALKS)
}

/// The solver, with a bound on its time.
pub fn solver(network: &Network) -> Solver {
    let limits = Limits {
        timeout_ms: TIMEOUT_MS,
        ..Limits::default()
    };
    Solver::load(network).with_limits(limits)
}

/// The network of a case of verdicts: tiny; one in four with open addresses, one without holes.
pub fn verdict_network(seed: u64) -> Network {
    let plan = Plan::from_seed(Profile::of_case(seed), Budget::TINY, seed);
    let plan = match seed % 4 {
        1 => plan.with_open_addresses(),
        2 => plan.without_holes(),
        _ => plan,
    };
    generate::world(&plan).network
}

/// Both engines judge invariants of one network, and confirm each other's witnesses.
pub fn verdicts(seed: u64, n_invariants: usize) -> Tally {
    let network = verdict_network(seed);
    let (first, second) = (evaluator(&network), solver(&network));
    let mut tally = Tally {
        n_networks: 1,
        ..Tally::default()
    };
    let mut dice = Dice::new(seed);
    for _ in 0..n_invariants {
        let invariant = invariant::invariant(&network, &mut dice);
        let start = Instant::now();
        let one = first.check(&invariant);
        tally.micros.0 += micros(start);
        let start = Instant::now();
        let other = second.check(&invariant);
        tally.micros.1 += micros(start);
        let quantifier = match invariant.quantifier {
            Quantifier::Every => "every",
            Quantifier::Exists => "exists",
        };
        let kinds = (Kind::of(&one), Kind::of(&other));
        *tally
            .verdicts
            .entry((quantifier, kinds.0, kinds.1))
            .or_default() += 1;
        if kinds.0 != kinds.1 && kinds.0 != Kind::Unknown && kinds.1 != Kind::Unknown {
            let [one, other] = [kinds.0, kinds.1].map(|kind| format!("{quantifier} {kind:?}"));
            tally.keep([&one, &other], || {
                verdict_found(seed, &network, &invariant, "verdicts")
            });
        }
        replay(seed, &network, &invariant, [&one, &other], &mut tally);
    }
    tally
}

/// The flow that shows a verdict.
pub const fn witness(verdict: &Verdict) -> Option<&Witness> {
    match verdict {
        Verdict::Holds { witness } => witness.as_ref(),
        Verdict::Violated { counterexample } => counterexample.as_ref(),
        Verdict::Vacuous | Verdict::Unknown { .. } => None,
    }
}

/// Each engine is asked about the other's witness alone: about the invariant with nothing but this
/// flow's sender and transport, and about the flow itself where open addresses are chosen.
fn replay(
    seed: u64,
    network: &Network,
    invariant: &Invariant,
    [one, other]: [&Verdict; 2],
    tally: &mut Tally,
) {
    for (verdict, by_evaluator) in [(one, true), (other, false)] {
        let Some(shown) = witness(verdict) else {
            continue;
        };
        let narrowed = invariant::narrowed(invariant, &shown.flow);
        let confirmed = if by_evaluator {
            solver(network).check(&narrowed)
        } else {
            evaluator(network).check(&narrowed)
        };
        let completed = network.completed(&shown.completion);
        let flows = [shown.flow.clone()];
        let decided = agreement::disagreement::<Evaluator, Solver>(&completed, &flows);
        let kind = Kind::of(&confirmed);
        if kind == Kind::Unknown {
            tally.n_unconfirmed += 1;
        } else if kind == Kind::of(verdict) {
            tally.n_confirmed += 1;
        } else {
            let what = if by_evaluator {
                "evaluator's witness"
            } else {
                "solver's witness"
            };
            let answers = [Kind::of(verdict), kind].map(|kind| format!("{what} {kind:?}"));
            let [one, other] = &answers;
            tally.keep([one, other], || {
                verdict_found(seed, network, &narrowed, what)
            });
        }
        if let Some(decided) = decided {
            let answers = [&decided.one, &decided.other].map(agreement::decision_text);
            let [one, other] = &answers;
            tally.keep([one, other], || {
                report::found::<Evaluator, Solver>(seed, &decided)
            });
        }
    }
}

fn verdict_kinds(network: &Network, invariant: &Invariant) -> (Kind, Kind) {
    let (first, second) = (evaluator(network), solver(network));
    (
        Kind::of(&first.check(invariant)),
        Kind::of(&second.check(invariant)),
    )
}

fn verdict_found(seed: u64, network: &Network, invariant: &Invariant, what: &str) -> Found {
    let before = verdict_kinds(network, invariant);
    let small = reduce::reduce(network, |smaller| {
        verdict_kinds(smaller, invariant) == before
    });
    let (one, other) = (
        evaluator(&small).check(invariant),
        solver(&small).check(invariant),
    );
    let network = ingest::native::write(&small);
    Found {
        seed,
        answers: String::new(),
        text: format!("{what} differ\n{network}\n{invariant:?}\n\n{one:?}\n{other:?}\n"),
        file: None,
    }
}

/// The reasons of an unknown verdict, for a table.
pub fn reasons(verdict: &Verdict) -> Vec<String> {
    match verdict {
        Verdict::Unknown { reasons } => {
            let reasons = reasons.iter().map(|reason| match reason {
                UnknownReason::DependsOn(_) => "a hole".to_owned(),
                UnknownReason::OutOfBudget(limit) => limit.clone(),
            });
            reasons.collect()
        }
        Verdict::Holds { .. } | Verdict::Violated { .. } | Verdict::Vacuous => Vec::new(),
    }
}
