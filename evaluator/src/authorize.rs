//! The stage *authorize*: whether an endpoint's policy permits a request.

use std::collections::BTreeMap;

use model::{
    ActionElement, Clause, EndpointKind, Hole, Network, Permission, PermissionEffect, Policy,
    PolicyEffect, Principal, PrincipalElement, PrincipalPattern, Request, ResourceElement,
    Statement, Value, VpcEndpointId,
};

use crate::pattern::Pattern;

/// The policies of a network's endpoints.
#[derive(Clone, Debug)]
pub(crate) struct Policies {
    pub(crate) endpoints: BTreeMap<VpcEndpointId, EndpointPolicy>,
}

/// An endpoint's policy.
#[derive(Clone, Debug)]
pub(crate) struct EndpointPolicy {
    pub(crate) policy: Value<Policy>,
    /// In a gateway endpoint's policy an account means its root user only.
    pub(crate) gateway: bool,
}

impl Policies {
    pub(crate) fn new(network: &Network) -> Self {
        let endpoints = network.vpc_endpoints().iter().map(|(id, endpoint)| {
            let gateway = match endpoint.kind {
                EndpointKind::Gateway { .. } => true,
                EndpointKind::Interface { .. }
                | EndpointKind::GatewayLoadBalancer { .. }
                | EndpointKind::Unmodelled(_) => false,
            };
            let policy = endpoint.policy.clone();
            (id.clone(), EndpointPolicy { policy, gateway })
        });
        Self {
            endpoints: endpoints.collect(),
        }
    }

    /// The steps of `policy.md`, in their order.
    pub(crate) fn permits(&self, endpoint: &VpcEndpointId, request: &Request) -> Permission {
        match self.endpoints.get(endpoint) {
            Some(endpoint) => endpoint.permits(|statement, gateway| {
                principal_matches(&statement.principal, &request.principal, gateway)
                    && action_matches(&statement.action, &request.action)
                    && resource_matches(&statement.resource, &request.resource)
            }),
            None => unknown(&Hole::new(format!("policy of {endpoint}"))),
        }
    }
}

impl EndpointPolicy {
    /// The answer, given which statements match.
    pub(crate) fn permits(&self, matches: impl Fn(&Statement, bool) -> bool) -> Permission {
        let matches = |statement: &Statement| matches(statement, self.gateway);
        match &self.policy {
            Value::Known(policy) => judge(policy, matches),
            Value::OneOf(policies, hole) => {
                let mut answers = policies.iter().map(|policy| judge(policy, matches));
                let Some(first) = answers.next() else {
                    return unknown(hole);
                };
                let agree = match first.effect {
                    PermissionEffect::Permitted | PermissionEffect::Denied => {
                        answers.all(|answer| answer.effect == first.effect)
                    }
                    PermissionEffect::Undetermined(_) => false,
                };
                if agree { first } else { unknown(hole) }
            }
            Value::Any(hole) => unknown(hole),
        }
    }

    /// Every statement that may stand in the policy.
    pub(crate) fn statements(&self) -> impl Iterator<Item = &Statement> {
        let policies = match &self.policy {
            Value::Known(policy) => std::slice::from_ref(policy),
            Value::OneOf(policies, _) => policies,
            Value::Any(_) => &[],
        };
        policies.iter().flat_map(|policy| &policy.statements)
    }
}

fn unknown(hole: &Hole) -> Permission {
    Permission {
        clause: Clause::PolicyUnknown,
        effect: PermissionEffect::Undetermined(hole.clone()),
    }
}

fn judge(policy: &Policy, matches: impl Fn(&Statement) -> bool) -> Permission {
    let (mut conditional_deny, mut conditional_allow) = (None, None);
    let (mut denied, mut allowed) = (false, false);
    for statement in policy
        .statements
        .iter()
        .filter(|statement| matches(statement))
    {
        match (statement.effect, statement.conditions.first()) {
            (PolicyEffect::Deny, None) => denied = true,
            (PolicyEffect::Allow, None) => allowed = true,
            (PolicyEffect::Deny, Some(condition)) => {
                conditional_deny.get_or_insert(condition);
            }
            (PolicyEffect::Allow, Some(condition)) => {
                conditional_allow.get_or_insert(condition);
            }
        }
    }
    let permission = |clause, effect| Permission { clause, effect };
    if denied {
        return permission(Clause::PolicyExplicitDeny, PermissionEffect::Denied);
    }
    let open = match (conditional_deny, allowed, conditional_allow) {
        (Some(condition), true, _) | (Some(condition), false, Some(_)) => Some(condition),
        (None, false, Some(condition)) => Some(condition),
        (Some(_), false, None) | (None, true, _) | (None, false, None) => None,
    };
    if let Some(condition) = open {
        let hole = Hole::new(format!("{} {}", condition.operator, condition.key));
        let clause = Clause::PolicyConditionUnmodelled;
        return permission(clause, PermissionEffect::Undetermined(hole));
    }
    if allowed {
        return permission(Clause::PolicyAllow, PermissionEffect::Permitted);
    }
    permission(Clause::PolicyDefaultDeny, PermissionEffect::Denied)
}

/// Whether a statement is about the principal.
pub(crate) fn principal_matches(
    element: &PrincipalElement,
    principal: &Principal,
    gateway: bool,
) -> bool {
    let one = |pattern: &PrincipalPattern| match pattern {
        PrincipalPattern::Everyone => true,
        PrincipalPattern::Account(of) => match principal {
            Principal::Anonymous => false,
            Principal::Root { account } => account == account_of(of),
            Principal::Arn { account, .. } => !gateway && account == account_of(of),
        },
        PrincipalPattern::Arn(of) => {
            matches!(principal, Principal::Arn { arn, .. } if arn == of)
        }
        PrincipalPattern::Other { .. } => false,
    };
    match element {
        PrincipalElement::Principal(patterns) => patterns.iter().any(one),
        PrincipalElement::NotPrincipal(patterns) => !patterns.iter().any(one),
    }
}

/// An account is written as its id, or as the ARN `arn:aws:iam::<id>:root`.
pub(crate) fn account_of(pattern: &str) -> &str {
    let root = pattern.strip_suffix(":root");
    let id = root.and_then(|arn| arn.rsplit_once(':'));
    id.map_or(pattern, |(_, id)| id)
}

fn action_matches(element: &ActionElement, action: &str) -> bool {
    let action = action.to_lowercase();
    let one = |pattern: &String| Pattern::action(pattern).matches(&action);
    match element {
        ActionElement::Action(patterns) => patterns.iter().any(one),
        ActionElement::NotAction(patterns) => !patterns.iter().any(one),
    }
}

fn resource_matches(element: &ResourceElement, resource: &str) -> bool {
    let one = |pattern: &String| Pattern::resource(pattern).matches(resource);
    match element {
        ResourceElement::Resource(patterns) => patterns.iter().any(one),
        ResourceElement::NotResource(patterns) => !patterns.iter().any(one),
    }
}
