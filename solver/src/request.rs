//! Sets of requests: what each endpoint says to all of a set at once, and what two policies say differently.

use std::collections::{BTreeMap, BTreeSet};

use model::{
    Address, Excess, KeySet, Patterns, Permission, PermissionEffect, PolicyComparison,
    PolicyDifference, Request, RequestSet, RequestWay, UnknownReason, Value,
};
use z3::Model;
use z3::ast::Bool;

use crate::authorization::Authorization;
use crate::authorize::{Policy, policy_of, statements};
use crate::budget::{self, Asked, Limits};
use crate::context::Way;
use crate::decision::Decision;
use crate::decode::holds;
use crate::joint;
use crate::pattern::{Pattern, TooManyStates};
use crate::source_class::{SourceClass, TooManyClasses};
use crate::space::Space;
use crate::symbolic::Formula;
use crate::vocabulary::Vocabulary;

/// More reasons than these are not looked for.
const MOST_REASONS: usize = 16;

/// The name of the limit on request patterns.
const TOO_MANY_STATES: &str = "too many combinations of request patterns";

/// The name of the limit that is reached when a request that z3 has shown is not what it was taken for.
const NOT_CONFIRMED: &str = "a request that was found did not stand its test";

/// The name of the limit on classes of source addresses.
const TOO_MANY_CLASSES: &str = "too many classes of source addresses";

/// What the requests of the scope's set mean on each way on which they are asked about, and anywhere else.
pub(crate) struct Requests {
    pub(crate) elsewhere: Judged,
    /// Of a way whose source addresses are told apart also with the address that stands for each class.
    pub(crate) ways: BTreeMap<RequestWay, Result<Judged, UnknownReason>>,
    /// The classes, by the way without an address.
    pub(crate) sources: BTreeMap<RequestWay, Vec<SourceClass>>,
}

impl Requests {
    /// Asks about the set, by every endpoint and, where there are accounts, over the internet; `None` is every request.
    pub(crate) fn new(
        authorization: &Authorization,
        set: Option<&RequestSet>,
        limits: &Limits,
    ) -> Result<Self, UnknownReason> {
        let every = RequestSet::every();
        let set = set.unwrap_or(&every);
        let elsewhere = elsewhere(set, limits)?;
        let endpoints = authorization.endpoints.keys();
        let endpoints = endpoints.map(|id| RequestWay::Endpoint(id.clone(), None));
        let internet = (!authorization.accounts.is_empty()).then_some(RequestWay::Internet(None));
        let mut requests = Requests {
            elsewhere,
            ways: BTreeMap::new(),
            sources: BTreeMap::new(),
        };
        for way in endpoints.chain(internet) {
            requests.ask(authorization, way, set, limits);
        }
        Ok(requests)
    }

    /// Asks about the set on one way: once for each class of source addresses, and without an address.
    fn ask(
        &mut self,
        authorization: &Authorization,
        way: RequestWay,
        set: &RequestSet,
        limits: &Limits,
    ) {
        let vocabulary = in_sight(authorization, &way, set);
        let key = authorization.way(&way).key_of_source();
        let statements = vocabulary.statements.iter().copied();
        let classes = match SourceClass::of(statements, key) {
            Ok(classes) => classes,
            Err(TooManyClasses) => {
                let limit = UnknownReason::OutOfBudget(TOO_MANY_CLASSES.to_owned());
                self.ways.insert(way, Err(limit));
                return;
            }
        };
        let from = classes.iter().filter_map(SourceClass::first);
        let from = from.map(|source| way_from(&way, source));
        for way in from.chain([way.clone()]) {
            let judged = judge(authorization, &way, &vocabulary, set, limits);
            self.ways.insert(way, judged);
        }
        if !classes.is_empty() {
            self.sources.insert(way, classes);
        }
    }
}

/// The same way, from a source.
pub(crate) fn way_from(way: &RequestWay, source: Address) -> RequestWay {
    match way {
        RequestWay::Endpoint(id, _) => RequestWay::Endpoint(id.clone(), Some(source)),
        RequestWay::EndpointPolicy(id) => RequestWay::EndpointPolicy(id.clone()),
        RequestWay::Internet(_) => RequestWay::Internet(Some(source)),
    }
}

/// What is said to all requests of a set.
#[derive(Clone, Debug, Default)]
pub(crate) struct Judged {
    /// A request that is certainly permitted.
    pub(crate) permitted: Option<Request>,
    /// One that is certainly denied.
    pub(crate) denied: Option<Request>,
    /// Any; none when the set is empty.
    pub(crate) any: Option<Request>,
    /// Why it is not known whether others are permitted.
    pub(crate) may_permit: BTreeSet<UnknownReason>,
    /// Why it is not known whether others are denied.
    pub(crate) may_deny: BTreeSet<UnknownReason>,
}

impl Judged {
    /// Whether every request is permitted, when that is certain.
    pub(crate) fn all(&self) -> Option<bool> {
        match (&self.denied, self.may_deny.is_empty()) {
            (Some(_), _) => Some(false),
            (None, true) => Some(true),
            (None, false) => None,
        }
    }

    /// Why not everything is certain.
    pub(crate) fn open(&self) -> BTreeSet<UnknownReason> {
        self.may_permit.union(&self.may_deny).cloned().collect()
    }

    /// Whether some request is permitted, when that is certain.
    pub(crate) fn some(&self) -> Option<bool> {
        match (&self.permitted, self.may_permit.is_empty()) {
            (Some(_), _) => Some(true),
            (None, true) => Some(false),
            (None, false) => None,
        }
    }
}

/// A flow that arrives at no service carries every request.
fn elsewhere(set: &RequestSet, limits: &Limits) -> Result<Judged, UnknownReason> {
    let vocabulary = Vocabulary::default();
    let way = Way::Internet { source: None };
    let space = Space::new(way, &vocabulary, set, limits).map_err(out_of_budget)?;
    Asking::new(&space, set, limits)
        .judge(&Decision::everything(), &|_| PermissionEffect::Permitted)
}

/// What tells the requests of a set apart that come so.
fn in_sight<'a>(
    authorization: &'a Authorization,
    way: &RequestWay,
    set: &RequestSet,
) -> Vocabulary<'a> {
    let accounts = &authorization.accounts;
    let policy = authorization.endpoint(way);
    let policy = policy.map(|endpoint| &endpoint.policy).into_iter();
    let vocabulary = Vocabulary::of(policy.flat_map(statements));
    if accounts.is_empty() {
        vocabulary
    } else {
        vocabulary.with_accounts(accounts, set)
    }
}

/// What is said to all requests of a set that come so.
///
/// # Errors
///
/// When the patterns have more joint states than the limits allow, or z3 gives up.
fn judge(
    authorization: &Authorization,
    way: &RequestWay,
    vocabulary: &Vocabulary<'_>,
    set: &RequestSet,
    limits: &Limits,
) -> Result<Judged, UnknownReason> {
    let accounts = &authorization.accounts;
    let comes = authorization.way(way);
    let space = Space::new(comes, vocabulary, set, limits).map_err(out_of_budget)?;
    let endpoint = authorization.endpoint(way);
    let mut decision = endpoint.map_or_else(Decision::everything, |endpoint| {
        space.decision(&endpoint.policy, endpoint.naming())
    });
    if !accounts.is_empty() {
        decision = joint::said(&space, vocabulary, accounts).behind(&decision);
    }
    Asking::new(&space, set, limits).judge(&decision, &|request| {
        let Permission { effect, .. } = authorization.permits(way, request);
        effect
    })
}

/// What an endpoint's policy and a reference in its place permit differently.
pub(crate) fn compare(
    authorization: &Authorization,
    comparison: &PolicyComparison,
    limits: &Limits,
) -> PolicyDifference {
    let unknown = |reason: UnknownReason| {
        let unknown = Excess::Unknown(BTreeSet::from([reason]));
        PolicyDifference {
            added: unknown.clone(),
            removed: unknown,
        }
    };
    let Some(endpoint) = authorization.endpoints.get(&comparison.endpoint) else {
        return unknown(UnknownReason::DependsOn(policy_of(&comparison.endpoint)));
    };
    let reference = Value::Known(Policy::new(&comparison.reference));
    let both = [&endpoint.policy, &reference];
    let vocabulary = Vocabulary::of(both.into_iter().flat_map(statements));
    let set = &comparison.set;
    let space = match Space::new(endpoint.way(None), &vocabulary, set, limits) {
        Ok(space) => space,
        Err(limit) => return unknown(out_of_budget(limit)),
    };
    let [own, other] = both.map(|policy| Side {
        decision: space.decision(policy, endpoint.naming()),
        permits: Box::new(|request: &Request| endpoint.permits(policy, None, request).effect),
    });
    let asking = Asking::new(&space, set, limits);
    PolicyDifference {
        added: asking.excess(&own, &other),
        removed: asking.excess(&other, &own),
    }
}

/// One of two policies that are compared.
struct Side<'a> {
    decision: Decision,
    permits: Box<dyn Fn(&Request) -> PermissionEffect + 'a>,
}

fn out_of_budget(_: TooManyStates) -> UnknownReason {
    UnknownReason::OutOfBudget(TOO_MANY_STATES.to_owned())
}

/// The values of a key that has no others; `None` when they are not listed.
pub(crate) fn values_of(allowed: &KeySet) -> Option<Vec<String>> {
    allowed.values.as_ref().and_then(literals_of)
}

/// The strings of patterns without wildcards; `None` when there are any others.
pub(crate) fn literals_of(patterns: &Patterns) -> Option<Vec<String>> {
    let exclude: Vec<Pattern> = patterns
        .exclude
        .iter()
        .map(|text| Pattern::plain(text))
        .collect();
    let include = patterns.include.iter();
    let literals = include.map(|text| Pattern::plain(text).literal());
    let literals: BTreeSet<String> = literals.collect::<Option<_>>()?;
    let is_in = |text: &String| !exclude.iter().any(|pattern| pattern.matches(text));
    let literals = literals.into_iter().filter(is_in).collect();
    (!patterns.include.is_empty()).then_some(literals)
}

/// The questions about one set of requests, with the solver that answers them.
struct Asking<'a> {
    space: &'a Space<'a>,
    set: &'a RequestSet,
    solver: z3::Solver,
}

/// What was found of requests that satisfy a formula.
enum Found {
    /// One that stood its test.
    Shown(Request),
    /// None is.
    Nothing,
    /// It is not known whether one is.
    Unsure(BTreeSet<UnknownReason>),
}

impl Found {
    fn parts(self) -> (Option<Request>, BTreeSet<UnknownReason>) {
        match self {
            Found::Shown(request) => (Some(request), BTreeSet::new()),
            Found::Nothing => (None, BTreeSet::new()),
            Found::Unsure(reasons) => (None, reasons),
        }
    }
}

impl<'a> Asking<'a> {
    fn new(space: &'a Space<'a>, set: &'a RequestSet, limits: &Limits) -> Self {
        let solver = budget::solver(limits);
        solver.assert(space.constraint.to_bool());
        Asking { space, set, solver }
    }

    fn literal(&self, formula: &Formula) -> Bool {
        let literal = Bool::fresh_const("asked");
        self.solver.assert(literal.implies(formula.to_bool()));
        literal
    }

    fn ask(&self, formula: &Formula) -> Asked {
        if formula.is_false() {
            return Asked::Unsat;
        }
        budget::check(&self.solver, &[self.literal(formula)])
    }

    fn judge(
        &self,
        decision: &Decision,
        permits: &dyn Fn(&Request) -> PermissionEffect,
    ) -> Result<Judged, UnknownReason> {
        let mut judged = Judged::default();
        let is = |wanted: PermissionEffect| move |request: &Request| permits(request) == wanted;
        let permitted = self.find(&decision.permitted, &is(PermissionEffect::Permitted));
        let denied = self.find(&decision.denied, &is(PermissionEffect::Denied));
        let reasons = self.reasons(&decision.open, &[&decision.reasons]);
        (judged.permitted, judged.may_permit) = permitted.parts();
        (judged.denied, judged.may_deny) = denied.parts();
        judged.may_permit.extend(reasons.iter().cloned());
        judged.may_deny.extend(reasons);
        judged.any = judged.permitted.clone().or_else(|| judged.denied.clone());
        if judged.any.is_none() {
            match self.find(&Formula::TRUE, &|_| true) {
                Found::Shown(request) => judged.any = Some(request),
                Found::Nothing => {}
                // That some request is in the set is not known either.
                Found::Unsure(reasons) => match reasons.into_iter().next() {
                    Some(reason) => return Err(reason),
                    None => return Ok(judged),
                },
            }
        }
        Ok(judged)
    }

    /// Whether one side permits what the other does not (page policy, *comparison*).
    fn excess(&self, one: &Side<'_>, other: &Side<'_>) -> Excess {
        let shown = &one.decision.permitted & &other.decision.denied;
        let is_shown = |request: &Request| {
            (one.permits)(request) == PermissionEffect::Permitted
                && (other.permits)(request) == PermissionEffect::Denied
        };
        let mut reasons = match self.find(&shown, &is_shown) {
            Found::Shown(request) => return Excess::Some(request),
            Found::Nothing => BTreeSet::new(),
            Found::Unsure(reasons) => reasons,
        };
        // What is open in one of them; of what is open in neither, nothing was found.
        let some = !&one.decision.denied & !&other.decision.permitted & !shown;
        let both = [&one.decision.reasons, &other.decision.reasons];
        reasons.extend(self.reasons(&some, &both));
        if reasons.is_empty() {
            Excess::None
        } else {
            Excess::Unknown(reasons)
        }
    }

    /// A request that satisfies a formula for certain, and stands a test.
    fn find(&self, formula: &Formula, test: &dyn Fn(&Request) -> bool) -> Found {
        let doubts = self.space.doubts();
        let certain = !Formula::any(doubts.values().cloned());
        let unsure = |limit: String| Found::Unsure([UnknownReason::OutOfBudget(limit)].into());
        match self.ask(&(formula & &certain)) {
            Asked::Sat(model) => {
                let model = self.plainer(&(formula & &certain)).unwrap_or(model);
                let request = self.space.request(self.set, &model);
                match request.filter(|request| test(request)) {
                    Some(request) => Found::Shown(request),
                    None => unsure(NOT_CONFIRMED.to_owned()),
                }
            }
            Asked::Unsat => match self.reasons(formula, &[&doubts]) {
                reasons if reasons.is_empty() => Found::Nothing,
                reasons => Found::Unsure(reasons),
            },
            Asked::Unknown(limit) => unsure(limit),
        }
    }

    /// A model with as many wishes as are easily had.
    fn plainer(&self, formula: &Formula) -> Option<Model> {
        let mut asked = vec![self.literal(formula)];
        let mut best = None;
        for wish in self.space.wishes() {
            asked.push(self.literal(&wish));
            match budget::check(&self.solver, &asked) {
                Asked::Sat(model) => best = Some(model),
                Asked::Unsat | Asked::Unknown(_) => {
                    asked.pop();
                }
            }
        }
        best
    }

    /// Reasons with a proposition for each, which is quickly read off a model.
    fn named<'r>(
        &self,
        known: &[&'r BTreeMap<UnknownReason, Formula>],
    ) -> Vec<(&'r UnknownReason, Formula)> {
        let known = known.iter().copied().flatten();
        let named = known.map(|(reason, when)| {
            let name = Bool::fresh_const("reason");
            self.solver.assert(name.iff(when.to_bool()));
            (reason, Formula::Term(name))
        });
        named.collect()
    }

    /// The reasons that the requests which satisfy a formula have; none when there are no such requests.
    fn reasons(
        &self,
        formula: &Formula,
        known: &[&BTreeMap<UnknownReason, Formula>],
    ) -> BTreeSet<UnknownReason> {
        let mut found = BTreeSet::new();
        if matches!(self.ask(formula), Asked::Unsat) {
            return found;
        }
        let named = self.named(known);
        let mut rest = formula.clone();
        for _ in 0..MOST_REASONS {
            let model = match self.ask(&rest) {
                Asked::Unsat => return found,
                Asked::Unknown(limit) => {
                    found.insert(UnknownReason::OutOfBudget(limit));
                    return found;
                }
                Asked::Sat(model) => model,
            };
            let mut is_known = false;
            for (reason, when) in &named {
                if holds(&model, when) {
                    found.insert((*reason).clone());
                    rest = rest & !when;
                    is_known = true;
                }
            }
            if !is_known {
                found.insert(UnknownReason::OutOfBudget(NOT_CONFIRMED.to_owned()));
                return found;
            }
        }
        found
    }
}
