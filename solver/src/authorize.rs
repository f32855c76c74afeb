//! Which requests an endpoint's policy permits (page policy).

use model::{
    ActionElement, Clause, EndpointKind, Hole, Network, Permission, PermissionEffect, Policy,
    PolicyEffect, Principal, PrincipalElement, PrincipalPattern, Request, ResourceElement,
    Statement, Value, VpcEndpoint, VpcEndpointId,
};

use crate::pattern::Pattern;

/// Whether an endpoint's policy permits a request.
pub(crate) fn permits(network: &Network, id: &VpcEndpointId, request: &Request) -> Permission {
    let Some(endpoint) = network.vpc_endpoints().get(id) else {
        return undetermined(Clause::PolicyUnknown, Hole::new(format!("policy of {id}")));
    };
    let kind = Kind::of(endpoint);
    permission(&endpoint.policy, &mut |statement| {
        statement_matches(kind, statement, request)
    })
}

/// What a policy that may be open says, given which statements match.
pub(crate) fn permission(
    policy: &Value<Policy>,
    matches: &mut dyn FnMut(&Statement) -> bool,
) -> Permission {
    match policy {
        Value::Known(policy) => of_document(policy, matches),
        Value::Any(hole) => undetermined(Clause::PolicyUnknown, hole.clone()),
        Value::OneOf(policies, hole) => {
            let answers = policies.iter().map(|policy| of_document(policy, matches));
            let answers: Vec<Permission> = answers.collect();
            let unsure = || undetermined(Clause::PolicyUnknown, hole.clone());
            let Some(first) = answers.first() else {
                return unsure();
            };
            if answers.iter().all(|answer| answer.effect == first.effect) {
                first.clone()
            } else {
                unsure()
            }
        }
    }
}

/// The steps from `policy-explicit-deny` to `policy-default-deny`.
fn of_document(policy: &Policy, matches: &mut dyn FnMut(&Statement) -> bool) -> Permission {
    let matching: Vec<&Statement> = policy
        .statements
        .iter()
        .filter(|statement| matches(statement))
        .collect();
    let of = |effect: PolicyEffect, conditional: bool| {
        let mut found = matching.iter();
        found.find(move |one| one.effect == effect && one.conditions.is_empty() != conditional)
    };
    let (deny, conditional_deny) = (of(PolicyEffect::Deny, false), of(PolicyEffect::Deny, true));
    let (allow, conditional_allow) = (
        of(PolicyEffect::Allow, false),
        of(PolicyEffect::Allow, true),
    );
    let some_allow = allow.or(conditional_allow);
    if deny.is_some() {
        return Permission {
            clause: Clause::PolicyExplicitDeny,
            effect: PermissionEffect::Denied,
        };
    }
    let unsure = match (conditional_deny, allow) {
        (Some(statement), _) if some_allow.is_some() => Some(statement),
        (_, None) => conditional_allow,
        (_, Some(_)) => None,
    };
    if let Some(condition) = unsure.and_then(|statement| statement.conditions.first()) {
        let hole = Hole::new(format!("{} {}", condition.operator, condition.key));
        return undetermined(Clause::PolicyConditionUnmodelled, hole);
    }
    if allow.is_some() {
        Permission {
            clause: Clause::PolicyAllow,
            effect: PermissionEffect::Permitted,
        }
    } else {
        Permission {
            clause: Clause::PolicyDefaultDeny,
            effect: PermissionEffect::Denied,
        }
    }
}

const fn undetermined(clause: Clause, hole: Hole) -> Permission {
    Permission {
        clause,
        effect: PermissionEffect::Undetermined(hole),
    }
}

/// Whose principals an account means.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Gateway,
    Other,
}

impl Kind {
    pub(crate) const fn of(endpoint: &VpcEndpoint) -> Self {
        match endpoint.kind {
            EndpointKind::Gateway { .. } => Kind::Gateway,
            EndpointKind::Interface { .. }
            | EndpointKind::GatewayLoadBalancer { .. }
            | EndpointKind::Unmodelled(_) => Kind::Other,
        }
    }
}

fn statement_matches(kind: Kind, statement: &Statement, request: &Request) -> bool {
    let action = request.action.to_lowercase();
    let matches =
        |patterns: Vec<Pattern>, text: &str| patterns.iter().any(|pattern| pattern.matches(text));
    let (actions, not_action) = actions(&statement.action);
    let (resources, not_resource) = resources(&statement.resource);
    principal_matches(kind, &statement.principal, &request.principal)
        & (matches(actions, &action) != not_action)
        & (matches(resources, &request.resource) != not_resource)
}

/// The patterns of an element, and whether it means what they do not match.
pub(crate) fn actions(element: &ActionElement) -> (Vec<Pattern>, bool) {
    let (patterns, not) = match element {
        ActionElement::Action(patterns) => (patterns, false),
        ActionElement::NotAction(patterns) => (patterns, true),
    };
    let patterns = patterns.iter().map(|text| Pattern::any_case(text));
    (patterns.collect(), not)
}

pub(crate) fn resources(element: &ResourceElement) -> (Vec<Pattern>, bool) {
    let (patterns, not) = match element {
        ResourceElement::Resource(patterns) => (patterns, false),
        ResourceElement::NotResource(patterns) => (patterns, true),
    };
    let patterns = patterns.iter().map(|text| Pattern::resource(text));
    (patterns.collect(), not)
}

pub(crate) fn principals(element: &PrincipalElement) -> (&[PrincipalPattern], bool) {
    match element {
        PrincipalElement::Principal(patterns) => (patterns, false),
        PrincipalElement::NotPrincipal(patterns) => (patterns, true),
    }
}

pub(crate) fn principal_matches(
    kind: Kind,
    element: &PrincipalElement,
    principal: &Principal,
) -> bool {
    let (patterns, not) = principals(element);
    let means = |pattern: &PrincipalPattern| match (pattern, principal) {
        (PrincipalPattern::Everyone, _) => true,
        (PrincipalPattern::Account(text), Principal::Root { account }) => {
            account_of(text) == account
        }
        (PrincipalPattern::Account(text), Principal::Arn { account, .. }) => {
            kind == Kind::Other && account_of(text) == account
        }
        (PrincipalPattern::Arn(text), Principal::Arn { arn, .. }) => text == arn,
        (PrincipalPattern::Account(_), Principal::Anonymous)
        | (PrincipalPattern::Arn(_), Principal::Anonymous | Principal::Root { .. })
        | (PrincipalPattern::Other { .. }, _) => false,
    };
    patterns.iter().any(means) != not
}

/// The twelve digits of an account that is written as such or as an ARN.
pub(crate) fn account_of(text: &str) -> &str {
    if text.starts_with("arn:") {
        text.split(':').nth(4).unwrap_or(text)
    } else {
        text
    }
}
