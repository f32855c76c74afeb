//! A set of requests as formulas: each part of a request is one of finitely many classes, which z3 chooses.
//!
//! A part is cut by all that the statements in sight ask of it. What a statement says is then a table over the classes
//! of the parts that it asks about, filled in by asking the statement of one request of each, and z3 looks for a
//! choice of classes. A key that may have several values has a proposition for each class of values.

use std::collections::{BTreeMap, BTreeSet};

use model::{
    ContextKey, KeySet, Patterns, Principal, Request, RequestContext, RequestSet, SetOperator,
    UnknownReason, Value,
};
use z3::Model;

use crate::authorize::{Policy, Statement};
use crate::budget::Limits;
use crate::choice::{Choice, KeyChoices, Member, choices, chosen};
use crate::condition::{Comparison, Condition, Test};
use crate::context::{Brought, Held, Key, Source, Way, is_multivalued};
use crate::decision::{Decision, Outcome};
use crate::literal::Literals;
use crate::pattern::{self, TooManyStates};
use crate::principal::{Caller, CallerKind, Naming};
use crate::principal_class;
use crate::string_class;
use crate::symbolic::Formula;
use crate::truth::Truth;
use crate::value_class::Asks;
use crate::variable::Text;
use crate::vocabulary::Vocabulary;

/// The requests of a set, cut by some policies.
pub(crate) struct Space<'a> {
    way: Way<'a>,
    literals: Literals,
    pub(crate) actions: Vec<Choice<String>>,
    pub(crate) resources: Vec<Choice<String>>,
    pub(crate) principals: Vec<Choice<Principal>>,
    keys: BTreeMap<ContextKey, KeyChoices>,
    /// What each request of the set satisfies.
    pub(crate) constraint: Formula,
}

/// A part of a request on which a statement's part depends.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Part {
    Principal,
    Resource,
    Key(ContextKey),
}

/// The classes of which something is asked; any other fails.
#[derive(Clone)]
pub(crate) struct Within<'s> {
    pub(crate) principals: Vec<&'s Choice<Principal>>,
    pub(crate) resources: Vec<&'s Choice<String>>,
}

/// A choice of classes for some parts.
#[derive(Clone, Default)]
struct Point<'a> {
    principal: Option<&'a Principal>,
    resource: &'a str,
    context: RequestContext,
    limits: BTreeMap<ContextKey, &'a String>,
}

impl<'a> Space<'a> {
    /// Cuts a set.
    ///
    /// # Errors
    ///
    /// When the patterns have more joint states than the limits allow.
    pub(crate) fn new(
        way: Way<'a>,
        vocabulary: &Vocabulary<'_>,
        set: &RequestSet,
        limits: &Limits,
    ) -> Result<Self, TooManyStates> {
        let literals = Literals::new(&vocabulary.statements, set, way);
        let mut constraints = Vec::new();
        let actions = string_class::actions(vocabulary, &set.actions, limits)?;
        let resources = string_class::resources(vocabulary, &set.resources, &literals, limits)?;
        let principals = principal_class::principals(vocabulary, set, &literals, limits)?;
        let mut space = Space {
            way,
            actions: choices("request.action", actions, &mut constraints),
            resources: choices("request.resource", resources, &mut constraints),
            principals: choices("request.principal", principals, &mut constraints),
            keys: BTreeMap::new(),
            literals,
            constraint: Formula::TRUE,
        };
        let any = KeySet {
            values: Some(Patterns::default()),
            absent: true,
        };
        for (name, asks) in space.asks(vocabulary, set)? {
            let allowed = set.context.get(&name).unwrap_or(&any);
            let classes = match &allowed.values {
                Some(patterns) => asks.classes(&name, patterns, limits)?,
                None => Vec::new(),
            };
            let several = is_multivalued(&name)
                || (!name.folded().starts_with("aws:") && asks.by_set_operator);
            let key = if several {
                KeyChoices::several(&name, classes, allowed.absent, &mut constraints)
            } else {
                KeyChoices::one(&name, classes, allowed.absent, &mut constraints)
            };
            space.keys.insert(name, key);
        }
        space.constraint = Formula::all(constraints);
        Ok(space)
    }

    /// What is asked of each key whose values are a request's own.
    fn asks(
        &self,
        vocabulary: &Vocabulary<'_>,
        set: &RequestSet,
    ) -> Result<BTreeMap<ContextKey, Asks>, TooManyStates> {
        let mut asks: BTreeMap<ContextKey, Asks> = BTreeMap::new();
        for name in set.context.keys() {
            asks.entry(name.clone()).or_default();
        }
        for statement in &vocabulary.statements {
            for condition in &statement.conditions {
                if condition.key.is_free() {
                    let asked = asks.entry(condition.key.name.clone()).or_default();
                    asked.add(condition, &self.literals)?;
                }
            }
            let resources = statement.resources.strict();
            let texts = statement.conditions.iter().flat_map(Condition::texts);
            for variable in resources.chain(texts).flat_map(Text::variables) {
                if variable.key.is_free() {
                    let asked = asks.entry(variable.key.name.clone()).or_default();
                    asked.add_literals(self.literals.of(&variable.key.name));
                }
            }
        }
        for (name, asked) in &mut asks {
            if let Some(kind) = vocabulary.kinds.and_then(|kinds| kinds.get(name)) {
                asked.join_kind(kind);
            }
        }
        Ok(asks)
    }

    /// All classes.
    pub(crate) fn all(&self) -> Within<'_> {
        Within {
            principals: self.principals.iter().collect(),
            resources: self.resources.iter().collect(),
        }
    }

    /// What an endpoint's policy says.
    pub(crate) fn decision(&self, policy: &Value<Policy>, naming: Naming) -> Decision {
        let all = self.all();
        let of = |policy: &Policy| {
            let statements = policy.statements.iter();
            let outcomes = statements.map(|one| (one.effect, self.statement(one, naming, &all)));
            Decision::of_policy(&outcomes.collect::<Vec<_>>())
        };
        match policy {
            Value::Known(policy) => of(policy),
            Value::OneOf(policies, hole) => {
                Decision::of_several(&policies.iter().map(of).collect::<Vec<_>>(), hole)
            }
            Value::Any(hole) => Decision::unknown(hole),
        }
    }

    /// What a statement says of some classes.
    pub(crate) fn statement<'s>(
        &'s self,
        statement: &Statement,
        naming: Naming,
        within: &Within<'s>,
    ) -> Outcome {
        let actions = self.actions.iter();
        let actions = actions.filter(|action| statement.has_action(&action.value));
        let actions = Outcome::matching(Formula::any(actions.map(|action| action.when.clone())));
        if actions.matches.is_false() {
            return actions;
        }
        let start = Point::default();
        let principals = self.table(within, &[Part::Principal], &start, &|point| {
            let caller = Caller::new(point.principal.unwrap_or(&Principal::Anonymous));
            Outcome::constant(statement.principals.matches(naming, &caller))
        });
        let variables = statement.resources.strict().flat_map(Text::variables);
        let parts = self.parts(variables.map(|variable| &variable.key));
        let parts: Vec<_> = parts.into_iter().chain([Part::Resource]).collect();
        let resources = self.table(within, &parts, &start, &|point| {
            let brought = self.brought(point);
            Outcome::constant(statement.resources.matches(point.resource, &brought))
        });
        let conditions = statement.conditions.iter();
        let conditions = conditions.map(|condition| self.condition(condition, within));
        let first = [actions, principals, resources];
        Outcome::all(&first.into_iter().chain(conditions).collect::<Vec<_>>())
    }

    fn condition<'s>(&'s self, condition: &Condition, within: &Within<'s>) -> Outcome {
        let variables = condition.texts().iter().flat_map(Text::variables);
        let keys = variables.map(|variable| &variable.key);
        let mut parts = self.parts(keys);
        let start = Point::default();
        let members = self.keys.get(&condition.key.name).map(|key| &key.members);
        if let (Some(members), Some((comparison, set))) = (members, by_set_operator(condition))
            && !members.is_empty()
            && condition.key.is_free()
        {
            if condition.key.is_of_principal() {
                parts.insert(Part::Principal);
            }
            let parts: Vec<_> = parts.into_iter().collect();
            return self.table(within, &parts, &start, &|point| {
                self.several(condition, comparison, set, members, point)
            });
        }
        parts.extend(self.parts([&condition.key].into_iter()));
        let parts: Vec<_> = parts.into_iter().collect();
        self.table(within, &parts, &start, &|point| self.at(condition, point))
    }

    /// What a condition says of a choice of classes.
    fn at(&self, condition: &Condition, point: &Point<'_>) -> Outcome {
        let brought = self.brought(point);
        let is_there = matches!(
            brought.held(&condition.key),
            Held::One(_) | Held::Several(_)
        );
        let compares = matches!(condition.test, Test::Compares(_));
        let limit = point.limits.get(&condition.key.name).copied().cloned();
        let beyond = principal_class::is_beyond(condition, brought.caller.kind).then(|| {
            format!(
                "{} is asked for by another type than its own",
                condition.key.name
            )
        });
        match limit.or(beyond) {
            Some(limit) if is_there && compares => Outcome::open(UnknownReason::OutOfBudget(limit)),
            Some(_) | None => Outcome::constant(condition.matches(&brought)),
        }
    }

    /// What a condition with a set operator says of a key that may have several values.
    fn several(
        &self,
        condition: &Condition,
        comparison: &Comparison,
        set: SetOperator,
        members: &[Member],
        point: &Point<'_>,
    ) -> Outcome {
        let brought = self.brought(point);
        let depends = || UnknownReason::DependsOn(condition.hole.clone());
        let of_absent = Outcome::of_truth(comparison.of_absent(), depends());
        if condition.key.source == Source::OfSigned && brought.caller.kind == CallerKind::Anonymous
        {
            return of_absent;
        }
        let tested: Vec<(&Member, Outcome)> = members
            .iter()
            .map(|member| {
                let reason = member.class.limit.clone().map(UnknownReason::OutOfBudget);
                let truth = match reason {
                    Some(_) => Truth::Open,
                    None => comparison.of_value(&member.class.value, &brought),
                };
                (
                    member,
                    Outcome::of_truth(truth, reason.unwrap_or_else(depends)),
                )
            })
            .collect();
        let has_none = !Formula::any(members.iter().map(|member| member.has.clone()));
        let present = match set {
            SetOperator::ForAllValues => {
                let all = tested
                    .iter()
                    .map(|(member, test)| test.unless(&!&member.has));
                Outcome::all(&all.collect::<Vec<_>>())
            }
            SetOperator::ForAnyValue => {
                let none = tested
                    .iter()
                    .map(|(member, test)| (!test).unless(&!&member.has));
                !&Outcome::all(&none.collect::<Vec<_>>())
            }
        };
        Outcome::choose(&has_none, &of_absent, &present)
    }

    /// The parts on which the values of some keys depend.
    fn parts<'k>(&self, keys: impl Iterator<Item = &'k Key>) -> BTreeSet<Part> {
        let mut parts = BTreeSet::new();
        for key in keys {
            if key.is_of_principal() {
                parts.insert(Part::Principal);
            }
            if key.is_free() {
                parts.insert(Part::Key(key.name.clone()));
            }
        }
        parts
    }

    /// What is said of every choice of some parts; choices of which the same is said are put together.
    fn table<'s>(
        &'s self,
        within: &Within<'s>,
        parts: &[Part],
        point: &Point<'s>,
        leaf: &dyn Fn(&Point<'s>) -> Outcome,
    ) -> Outcome {
        let Some((part, rest)) = parts.split_first() else {
            return leaf(point);
        };
        let mut rows: Vec<(Outcome, Vec<Formula>)> = Vec::new();
        let mut add = |point: &Point<'s>, when: &Formula| {
            let outcome = self.table(within, rest, point, leaf);
            match rows.iter_mut().find(|(known, _)| *known == outcome) {
                Some((_, whens)) => whens.push(when.clone()),
                None => rows.push((outcome, vec![when.clone()])),
            }
        };
        let mut point = point.clone();
        match part {
            Part::Principal => {
                for choice in &within.principals {
                    point.principal = Some(&choice.value);
                    add(&point, &choice.when);
                }
            }
            Part::Resource => {
                for choice in &within.resources {
                    point.resource = &choice.value;
                    add(&point, &choice.when);
                }
            }
            Part::Key(name) => {
                let key = self.keys.get(name);
                for choice in key.into_iter().flat_map(|key| &key.choices) {
                    point
                        .context
                        .insert(name.clone(), choice.value.values.clone());
                    let limit = choice.value.limit.as_ref();
                    point.limits.remove(name);
                    point
                        .limits
                        .extend(limit.map(|limit| (name.clone(), limit)));
                    add(&point, &choice.when);
                }
            }
        }
        Outcome::of_rows(rows)
    }

    fn brought<'s>(&'s self, point: &'s Point<'_>) -> Brought<'s> {
        Brought {
            caller: Caller::new(point.principal.unwrap_or(&Principal::Anonymous)),
            context: &point.context,
            way: self.way,
            literals: Some(&self.literals),
        }
    }

    /// Whether a choice is known to have requests; otherwise why it is not.
    pub(crate) fn doubts(&self) -> BTreeMap<UnknownReason, Formula> {
        let mut doubts: BTreeMap<UnknownReason, Formula> = BTreeMap::new();
        let mut add = |limit: &Option<String>, when: &Formula| {
            if let Some(limit) = limit {
                let doubt = doubts.entry(UnknownReason::OutOfBudget(limit.clone()));
                let known = doubt.or_insert(Formula::FALSE);
                *known = &*known | when;
            }
        };
        for key in self.keys.values() {
            for choice in &key.choices {
                add(&choice.value.limit, &choice.when);
            }
            for member in &key.members {
                add(&member.class.limit, &member.has);
            }
        }
        doubts
    }

    /// What makes a request plainer, in the order in which it is wished for: keys that are absent, then single values.
    pub(crate) fn wishes(&self) -> Vec<Formula> {
        let mut wishes = Vec::new();
        for key in self.keys.values() {
            let absent = key
                .choices
                .iter()
                .filter(|choice| choice.value.values.is_empty());
            wishes.extend(absent.map(|choice| choice.when.clone()));
            for member in &key.members {
                wishes.extend([!&member.has, !&member.more]);
            }
        }
        let known = |choice: &&Choice<Principal>| match &choice.value {
            Principal::Arn { arn, .. } => arn.starts_with("arn:aws:iam:") && arn.contains(":role/"),
            Principal::Anonymous | Principal::Root { .. } => false,
        };
        let known = self.principals.iter().filter(known);
        wishes.push(Formula::any(known.map(|choice| choice.when.clone())));
        wishes
    }

    /// The request that a model chooses.
    pub(crate) fn request(&self, set: &RequestSet, model: &Model) -> Option<Request> {
        let mut context = RequestContext::new();
        for (name, key) in &self.keys {
            let values = key.values(model)?;
            if !values.is_empty() {
                context.insert(name.clone(), values);
            }
        }
        let action = chosen(&self.actions, model)?;
        Some(Request {
            action: pattern::spelled(action, &set.actions.include),
            resource: chosen(&self.resources, model)?.clone(),
            principal: chosen(&self.principals, model)?.clone(),
            context,
        })
    }
}

/// A condition's comparison, when it has a set operator.
const fn by_set_operator(condition: &Condition) -> Option<(&Comparison, SetOperator)> {
    match &condition.test {
        Test::Compares(comparison) => match comparison.set {
            Some(set) => Some((comparison, set)),
            None => None,
        },
        Test::Null(_) | Test::Unmodelled => None,
    }
}
