//! Statements, compiled: the parts that must all match a request.

use model::{ActionElement, Hole, PolicyEffect, PrincipalElement, Request, Statement};

use crate::condition::Asked;
use crate::context::{Key, Path, Values};
use crate::grant::{Grant, granted};
use crate::pattern::Pattern;
use crate::principal::principal_matches;
use crate::resource_control::controls;
use crate::resource_element::Resources;
use crate::variable::Taken;

/// Whether a part of a statement, or all of it, matches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Match {
    Fails,
    Holds,
    Open(Hole),
}

/// A statement, ready to be asked.
#[derive(Clone, Debug)]
pub(crate) struct Compiled {
    pub(crate) effect: PolicyEffect,
    pub(crate) principal: Principals,
    pub(crate) action: Actions,
    pub(crate) resource: Resources,
    pub(crate) conditions: Vec<Asked>,
}

/// A principal element.
#[derive(Clone, Debug)]
pub(crate) struct Principals {
    pub(crate) element: PrincipalElement,
    /// Whether an account means its root user only, as in the policy of a gateway endpoint.
    roots: bool,
    /// Whether the statement has a condition on the caller's ARN.
    pub(crate) asks_arn: bool,
}

/// An action element.
#[derive(Clone, Debug)]
pub(crate) struct Actions {
    pub(crate) patterns: Vec<Pattern>,
    /// Whether matching one of them, rather than none, is a match.
    plain: bool,
}

/// A part of a statement.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Part<'a> {
    Principal(&'a Principals, PolicyEffect),
    /// The principal element of a resource's policy, in one of the ways in which it allows.
    Grant(&'a Principals, Grant),
    Action(&'a Actions),
    Resource(&'a Resources),
    Condition(&'a Asked),
    /// Whether a resource control policy is about the service.
    Control,
}

/// What a document is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Voice {
    /// Whether it denies.
    Denies,
    /// Whether it denies as a resource control policy.
    Controls,
    /// Whether it allows.
    Allows,
    /// Whether it allows as a resource's policy, in this way.
    Grants(Grant),
}

impl Voice {
    /// The effect of the statements that answer.
    pub(crate) const fn effect(self) -> PolicyEffect {
        match self {
            Voice::Denies | Voice::Controls => PolicyEffect::Deny,
            Voice::Allows | Voice::Grants(_) => PolicyEffect::Allow,
        }
    }
}

/// What a variable stands for in a request.
pub(crate) fn taken(key: &Key, request: &Request, path: &Path) -> Taken {
    match key.values(request, path) {
        Values::Absent => Taken::Absent,
        Values::One(text) => Taken::Text(text.into_owned()),
        Values::Several(_) | Values::Address(_) | Values::Open => Taken::Open,
    }
}

impl Compiled {
    pub(crate) fn new(statement: &Statement, variables: bool, roots: bool) -> Self {
        let (actions, plain_action) = match &statement.action {
            ActionElement::Action(patterns) => (patterns, true),
            ActionElement::NotAction(patterns) => (patterns, false),
        };
        let conditions = statement.conditions.iter();
        let conditions = conditions.map(|condition| Asked::new(condition, variables));
        let conditions: Vec<Asked> = conditions.collect();
        Self {
            effect: statement.effect,
            principal: Principals {
                element: statement.principal.clone(),
                roots,
                asks_arn: conditions.iter().any(|one| one.key == Key::PrincipalArn),
            },
            action: Actions {
                patterns: actions.iter().map(|text| Pattern::action(text)).collect(),
                plain: plain_action,
            },
            resource: Resources::new(&statement.resource, variables),
            conditions,
        }
    }

    /// What a statement of its effect is asked.
    pub(crate) const fn voice(&self) -> Voice {
        match self.effect {
            PolicyEffect::Deny => Voice::Denies,
            PolicyEffect::Allow => Voice::Allows,
        }
    }

    /// The parts; of those that are open the first names the hole.
    pub(crate) fn parts(&self, voice: Voice) -> impl Iterator<Item = Part<'_>> {
        let (principal, control) = match voice {
            Voice::Denies | Voice::Allows => (Part::Principal(&self.principal, self.effect), None),
            Voice::Controls => {
                let principal = Part::Principal(&self.principal, self.effect);
                (principal, Some(Part::Control))
            }
            Voice::Grants(grant) => (Part::Grant(&self.principal, grant), None),
        };
        let resource = Part::Resource(&self.resource);
        let parts = [Part::Action(&self.action), principal, resource];
        let conditions = self.conditions.iter().map(Part::Condition);
        parts.into_iter().chain(conditions).chain(control)
    }

    /// Whether it matches a request.
    pub(crate) fn matches(&self, voice: Voice, request: &Request, path: &Path) -> Match {
        let take = |key: &Key| taken(key, request, path);
        let mut all = Match::Holds;
        for part in self.parts(voice) {
            match (part.matches(request, path, &take), &all) {
                (Match::Fails, _) => return Match::Fails,
                (Match::Open(hole), Match::Holds) => all = Match::Open(hole),
                (Match::Open(_) | Match::Holds, _) => {}
            }
        }
        all
    }
}

impl Part<'_> {
    /// Whether it matches a request; `take` tells what variables stand for.
    pub(crate) fn matches(
        self,
        request: &Request,
        path: &Path,
        take: &dyn Fn(&Key) -> Taken,
    ) -> Match {
        match self {
            Part::Principal(Principals { element, roots, .. }, effect) => {
                principal_matches(element, effect, &request.principal, *roots)
            }
            Part::Grant(principals, grant) => granted(principals, grant, &request.principal),
            Part::Control => controls(&request.action),
            Part::Action(actions) => {
                let mut patterns = actions.patterns.iter();
                let some = patterns.any(|pattern| pattern.matches(&request.action));
                if some == actions.plain {
                    Match::Holds
                } else {
                    Match::Fails
                }
            }
            Part::Resource(resources) => resources.matches(&request.resource, take),
            Part::Condition(condition) => condition.matches(request, path, take),
        }
    }
}
