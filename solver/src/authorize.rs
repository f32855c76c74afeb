//! Which requests an endpoint's policy permits (page policy). Policies are read once, when the network is.

use std::collections::BTreeMap;

use model::{
    ActionElement, Address, Clause, EndpointKind, Hole, Network, Permission, PermissionEffect,
    PolicyEffect, Request, Value, VpcEndpoint, VpcEndpointId,
};

use crate::condition::Condition;
use crate::context::{Brought, Source, Way};
use crate::path::Path;
use crate::pattern::Pattern;
use crate::principal::{Caller, Naming, Principals};
use crate::resource::Resources;

/// Whether a statement, or a part of it, matches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Match {
    Yes,
    No,
    Open(Hole),
}

impl From<bool> for Match {
    fn from(value: bool) -> Self {
        if value { Match::Yes } else { Match::No }
    }
}

/// A policy, ready to be asked.
#[derive(Clone, Debug)]
pub(crate) struct Policy {
    pub(crate) statements: Vec<Statement>,
}

/// A statement of it.
#[derive(Clone, Debug)]
pub(crate) struct Statement {
    pub(crate) effect: PolicyEffect,
    pub(crate) principals: Principals,
    pub(crate) actions: Vec<Pattern>,
    pub(crate) not_actions: bool,
    pub(crate) resources: Resources,
    pub(crate) conditions: Vec<Condition>,
}

/// Every statement of every candidate.
pub(crate) fn statements(policy: &Value<Policy>) -> impl Iterator<Item = &Statement> {
    let candidates = match policy {
        Value::Known(policy) => std::slice::from_ref(policy),
        Value::OneOf(policies, _) => policies,
        Value::Any(_) => &[],
    };
    candidates.iter().flat_map(|policy| &policy.statements)
}

/// An endpoint, ready to be asked.
#[derive(Clone, Debug)]
pub(crate) struct Endpoint {
    path: Path,
    kind: Kind,
    pub(crate) policy: Value<Policy>,
}

/// Whose principals an account means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Gateway,
    Other,
}

/// The endpoints of a network.
pub(crate) type Endpoints = BTreeMap<VpcEndpointId, Endpoint>;

/// Makes the policies of a network ready.
pub(crate) fn endpoints(network: &Network) -> Endpoints {
    let endpoints = network.vpc_endpoints().iter();
    endpoints
        .map(|(id, endpoint)| {
            let path = Path::new(network, id, endpoint);
            (id.clone(), Endpoint::new(path, endpoint))
        })
        .collect()
}

/// Whether an endpoint's policy permits a request that arrives from a source.
pub(crate) fn permits(
    endpoints: &Endpoints,
    id: &VpcEndpointId,
    source: Option<Address>,
    request: &Request,
) -> Permission {
    match endpoints.get(id) {
        Some(endpoint) => endpoint.permits(&endpoint.policy, source, request),
        None => undetermined(Clause::PolicyUnknown, policy_of(id)),
    }
}

/// The hole that the policy of an endpoint is that the network does not have.
pub(crate) fn policy_of(id: &VpcEndpointId) -> Hole {
    Hole::new(format!("policy of {id}"))
}

impl Endpoint {
    fn new(path: Path, endpoint: &VpcEndpoint) -> Self {
        let kind = match endpoint.kind {
            EndpointKind::Gateway { .. } => Kind::Gateway,
            EndpointKind::Interface { .. }
            | EndpointKind::GatewayLoadBalancer { .. }
            | EndpointKind::Unmodelled(_) => Kind::Other,
        };
        Endpoint {
            path,
            kind,
            policy: Policy::read(&endpoint.policy),
        }
    }

    pub(crate) const fn way(&self, source: Option<Address>) -> Way<'_> {
        Way::Endpoint {
            path: &self.path,
            source,
        }
    }

    /// How the principal elements of its policy are to have the caller.
    pub(crate) const fn naming(&self) -> Naming {
        Naming::AtAll(self.kind)
    }

    /// What a policy says of a request that comes by this endpoint.
    pub(crate) fn permits(
        &self,
        policy: &Value<Policy>,
        source: Option<Address>,
        request: &Request,
    ) -> Permission {
        let action = request.action.to_ascii_lowercase();
        let brought = Brought {
            caller: Caller::new(&request.principal),
            context: &request.context,
            way: self.way(source),
            literals: None,
        };
        let answer = |policy: &Policy| {
            policy.permits(|statement| {
                statement.matches(self.naming(), &action, &request.resource, &brought)
            })
        };
        match policy {
            Value::Known(policy) => answer(policy),
            Value::Any(hole) => undetermined(Clause::PolicyUnknown, hole.clone()),
            Value::OneOf(policies, hole) => {
                let mut answers = policies.iter().map(answer);
                let first = answers.next();
                let agreed = first.filter(|first| {
                    let is_certain = !matches!(first.effect, PermissionEffect::Undetermined(_));
                    is_certain && answers.all(|other| other.effect == first.effect)
                });
                agreed.unwrap_or_else(|| undetermined(Clause::PolicyUnknown, hole.clone()))
            }
        }
    }
}

impl Policy {
    pub(crate) fn read(policy: &Value<model::Policy>) -> Value<Policy> {
        match policy {
            Value::Known(policy) => Value::Known(Policy::new(policy)),
            Value::OneOf(policies, hole) => {
                Value::OneOf(policies.iter().map(Policy::new).collect(), hole.clone())
            }
            Value::Any(hole) => Value::Any(hole.clone()),
        }
    }

    pub(crate) fn new(policy: &model::Policy) -> Self {
        let statements = policy.statements.iter();
        Policy {
            statements: statements
                .map(|statement| Statement::new(statement, policy.variables))
                .collect(),
        }
    }

    /// The steps from `policy-explicit-deny` to `policy-default-deny`.
    fn permits(&self, matches: impl Fn(&Statement) -> Match) -> Permission {
        let (mut open_deny, mut open_allow, mut is_allowed) = (None, None, false);
        for statement in &self.statements {
            match (statement.effect, matches(statement)) {
                (PolicyEffect::Deny, Match::Yes) => {
                    return Permission {
                        clause: Clause::PolicyExplicitDeny,
                        effect: PermissionEffect::Denied,
                    };
                }
                (PolicyEffect::Allow, Match::Yes) => is_allowed = true,
                (PolicyEffect::Deny, Match::Open(hole)) => {
                    open_deny.get_or_insert(hole);
                }
                (PolicyEffect::Allow, Match::Open(hole)) => {
                    open_allow.get_or_insert(hole);
                }
                (_, Match::No) => {}
            }
        }
        match (open_deny, open_allow, is_allowed) {
            (Some(hole), _, true) | (Some(hole), Some(_), false) | (None, Some(hole), false) => {
                undetermined(Clause::PolicyOpen, hole)
            }
            (None, _, true) => Permission {
                clause: Clause::PolicyAllow,
                effect: PermissionEffect::Permitted,
            },
            (_, None, false) => Permission {
                clause: Clause::PolicyDefaultDeny,
                effect: PermissionEffect::Denied,
            },
        }
    }
}

impl Statement {
    fn new(statement: &model::Statement, variables: bool) -> Self {
        let (actions, not_actions) = match &statement.action {
            ActionElement::Action(patterns) => (patterns, false),
            ActionElement::NotAction(patterns) => (patterns, true),
        };
        let conditions = statement.conditions.iter();
        Statement {
            effect: statement.effect,
            principals: Principals::new(&statement.principal, statement.effect),
            actions: actions.iter().map(|text| Pattern::any_case(text)).collect(),
            not_actions,
            resources: Resources::new(&statement.resource, variables),
            conditions: conditions
                .map(|condition| Condition::new(condition, variables))
                .collect(),
        }
    }

    /// Whether it matches a request, whose action is given in lower case. What fails is asked first where that is
    /// quick; the hole is that of the first part that is open.
    pub(crate) fn matches(
        &self,
        naming: Naming,
        action: &str,
        resource: &str,
        brought: &Brought<'_>,
    ) -> Match {
        if !self.has_action(action) {
            return Match::No;
        }
        let mut answer = self.principals.matches(naming, &brought.caller);
        if answer == Match::No {
            return Match::No;
        }
        let resource = std::iter::once_with(|| self.resources.matches(resource, brought));
        let conditions = self.conditions.iter();
        let conditions = conditions.map(|condition| condition.matches(brought));
        for part in resource.chain(conditions) {
            match (part, &answer) {
                (Match::No, _) => return Match::No,
                (open @ Match::Open(_), Match::Yes) => answer = open,
                (Match::Yes | Match::Open(_), _) => {}
            }
        }
        answer
    }

    /// Whether its principal element has accounts, and a condition asks who of them calls.
    pub(crate) fn names_account_and_asks_arn(&self) -> bool {
        let mut conditions = self.conditions.iter();
        self.principals.has_account()
            && conditions.any(|condition| condition.key.source == Source::PrincipalArn)
    }

    /// Whether it allows everyone, as it is written.
    pub(crate) fn may_list_everyone(&self) -> bool {
        self.effect == PolicyEffect::Allow && self.principals.may_have_everyone()
    }

    pub(crate) fn has_action(&self, action: &str) -> bool {
        let mut actions = self.actions.iter();
        actions.any(|pattern| pattern.matches(action)) != self.not_actions
    }
}

pub(crate) const fn undetermined(clause: Clause, hole: Hole) -> Permission {
    Permission {
        clause,
        effect: PermissionEffect::Undetermined(hole),
    }
}
