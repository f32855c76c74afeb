//! The difference of two policies as a few classes of requests.

use std::fmt;

use model::{
    ActionElement, Engine, Excess, Policy, PolicyComparison, PolicyDifference, PolicyEffect,
    PolicyText, Request, ResourceElement, Statement,
};

use crate::judge::Judge;
use crate::selector::Glob;

/// How many classes are told, and how many times is asked for them.
const MOST: usize = 8;
const MOST_ASKED: usize = 64;

/// Which of two policies permits more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Side {
    /// The endpoint's.
    Added,
    /// The reference.
    Removed,
}

/// A class: requests whose action and resource match patterns of the policies. Some request of it
/// makes the difference.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Class {
    action: String,
    /// Actions of the class which make no difference.
    without: Vec<String>,
    resource: String,
}

/// Classes beside which the policies do not differ on one side.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Classes {
    found: Vec<Class>,
    /// Whether there is no difference beside them, for certain.
    complete: bool,
}

impl fmt::Display for Classes {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let classes: Vec<String> = self.found.iter().map(Class::to_string).collect();
        let rest = match self.complete {
            true => "; nothing else",
            false => "; there may be more",
        };
        write!(formatter, "{}{rest}", classes.join("; "))
    }
}

impl fmt::Display for Class {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}", self.action)?;
        if !self.without.is_empty() {
            write!(formatter, " but for {}", self.without.join(", "))?;
        }
        write!(formatter, " on {}", self.resource)
    }
}

/// What is asked for the classes.
struct Search<'a, E> {
    engine: &'a E,
    comparison: &'a PolicyComparison,
    side: Side,
    /// The policy that permits more, and the other one.
    wider: &'a Policy,
    narrower: &'a Policy,
    n_asked: usize,
}

/// The classes of a comparison; `None` when its set speaks of some actions or resources only: their
/// patterns are what is told then.
pub(crate) fn classes(
    judge: &Judge<'_>,
    comparison: &PolicyComparison,
    side: Side,
    own: &Policy,
) -> Option<Classes> {
    let set = &comparison.set;
    if !(set.actions.include.is_empty() && set.resources.include.is_empty()) {
        return None;
    }
    let (wider, narrower) = match side {
        Side::Added => (own, &comparison.reference),
        Side::Removed => (&comparison.reference, own),
    };
    let mut search = Search {
        engine: &judge.evaluator,
        comparison,
        side,
        wider,
        narrower,
        n_asked: 0,
    };
    let mut found = Vec::new();
    let complete = search.of_actions(&mut found);
    let told: Vec<String> = found.iter().map(|one| one.action.clone()).collect();
    let mut beside = comparison.clone();
    beside.set.actions.exclude.extend(told);
    let beside = side.of(judge.solver.compare(&beside));
    let complete = complete && !matches!(beside, Excess::Some(_));
    Some(Classes { found, complete })
}

impl Side {
    fn of(self, difference: PolicyDifference) -> Excess {
        match self {
            Side::Added => difference.added,
            Side::Removed => difference.removed,
        }
    }
}

impl<E: Engine> Search<'_, E> {
    /// What makes a difference among actions and resources of these patterns.
    fn excess(&mut self, actions: [&[String]; 2], resources: [&[String]; 2]) -> Option<Excess> {
        self.n_asked += 1;
        if self.n_asked > MOST_ASKED {
            return None;
        }
        let mut comparison = self.comparison.clone();
        let set = &mut comparison.set;
        for (patterns, [include, exclude]) in
            [(&mut set.actions, actions), (&mut set.resources, resources)]
        {
            patterns.include.extend_from_slice(include);
            patterns.exclude.extend_from_slice(exclude);
        }
        Some(self.side.of(self.engine.compare(&comparison)))
    }

    /// Finds classes action by action; whether these are all.
    fn of_actions(&mut self, found: &mut Vec<Class>) -> bool {
        let mut told = Vec::new();
        loop {
            let request = match self.excess([&[], &told], [&[], &[]]) {
                Some(Excess::Some(request)) if found.len() < MOST => request,
                Some(Excess::None) => return true,
                Some(Excess::Some(_) | Excess::Unknown(_)) | None => return false,
            };
            let action = self.action(&request);
            if told.contains(&action) || !self.of_resources(&action, &told, found) {
                return false;
            }
            told.push(action);
        }
    }

    /// Finds the classes of an action resource by resource; whether these are all of them.
    fn of_resources(&mut self, action: &str, told: &[String], found: &mut Vec<Class>) -> bool {
        let include = [action.to_owned()];
        let mut resources = Vec::new();
        loop {
            let request = match self.excess([&include, told], [&[], &resources]) {
                Some(Excess::Some(request)) if found.len() < MOST => request,
                Some(Excess::None) => return true,
                Some(Excess::Some(_) | Excess::Unknown(_)) | None => return false,
            };
            let resource = self.resource(&request);
            if resources.contains(&resource) {
                return false;
            }
            found.push(Class {
                action: action.to_owned(),
                without: self.without(action, &resource),
                resource: resource.clone(),
            });
            resources.push(resource);
        }
    }

    /// Actions of the narrower policy that make no difference in a class.
    fn without(&mut self, action: &str, resource: &str) -> Vec<String> {
        let of_class = Glob::new(action.to_lowercase());
        let narrower = allows(self.narrower).flat_map(actions);
        let mut within: Vec<String> = narrower
            .filter(|one| !one.eq_ignore_ascii_case(action))
            .filter(|one| of_class.matches(&one.to_lowercase()))
            .cloned()
            .collect();
        within.sort();
        within.dedup();
        let resource = [resource.to_owned()];
        within.retain(|one| {
            let one = [one.clone()];
            self.excess([&one, &[]], [&resource, &[]]) == Some(Excess::None)
        });
        within
    }

    /// The pattern of the wider policy that permits an action, or the action itself.
    fn action(&self, request: &Request) -> String {
        let folded = request.action.to_lowercase();
        let patterns = self.permitting(request).flat_map(actions);
        let mut matching = patterns.filter(|one| Glob::new(one.to_lowercase()).matches(&folded));
        matching.next().unwrap_or(&request.action).clone()
    }

    /// The pattern of the wider policy that permits a resource, or the resource itself; one with
    /// variables means nothing alone.
    fn resource(&self, request: &Request) -> String {
        let patterns = self.permitting(request).flat_map(resources);
        let mut matching =
            patterns.filter(|one| Glob::new(one.as_str()).matches(&request.resource));
        matching.next().unwrap_or(&request.resource).clone()
    }

    /// The statements of the wider policy that may permit a request, by their patterns.
    fn permitting(&self, request: &Request) -> impl Iterator<Item = &Statement> {
        let folded = request.action.to_lowercase();
        let resource = request.resource.clone();
        allows(self.wider).filter(move |one| {
            let mut by_action = actions(one).iter();
            let mut by_resource = resources(one);
            by_action.any(|one| Glob::new(one.to_lowercase()).matches(&folded))
                && by_resource.any(|one| Glob::new(one).matches(&resource))
        })
    }
}

fn allows(policy: &Policy) -> impl Iterator<Item = &Statement> {
    let statements = policy.statements.iter();
    statements.filter(|one| one.effect == PolicyEffect::Allow)
}

/// The patterns of an action element; none of one that says which actions are not meant.
fn actions(statement: &Statement) -> &[String] {
    match &statement.action {
        ActionElement::Action(patterns) => patterns,
        ActionElement::NotAction(_) => &[],
    }
}

/// The patterns of a resource element that are known; none of one that says which resources are not
/// meant.
fn resources(statement: &Statement) -> impl Iterator<Item = &String> {
    let patterns = match &statement.resource {
        ResourceElement::Resource(patterns) => patterns.as_slice(),
        ResourceElement::NotResource(_) => &[],
    };
    patterns.iter().filter_map(PolicyText::known)
}
