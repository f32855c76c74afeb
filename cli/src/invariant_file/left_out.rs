//! Requests that a claim speaks of, and that no flow of the network and no modelled caller makes.

use model::{
    Hole, Network, Origin, Place, Policy, PolicyEffect, PrincipalElement, PrincipalPattern,
    PrincipalSet, Scope, Value,
};

/// How the sixth part of the ARN of a federated user begins.
const FEDERATED_USER: &str = "federated-user/";

/// What they depend on, in a scope that has a set of requests.
pub(super) fn requests(scope: &Scope, network: &Network) -> Vec<Hole> {
    let Some(set) = &scope.request else {
        return Vec::new();
    };
    let mut holes = Vec::new();
    if is_past_the_network(scope) {
        let hole = Hole::new("requests that hosts on the internet send past the network");
        holes.push(hole);
    }
    let meant = |arn: &str| match &set.principals {
        PrincipalSet::Every => true,
        // One that is named is asked.
        PrincipalSet::These(_) => false,
        PrincipalSet::OfAccounts(accounts) => accounts.contains(account(arn)),
        PrincipalSet::NotOfAccounts(accounts) => !accounts.contains(account(arn)),
    };
    let federated = federated_users(network).filter(|arn| meant(arn));
    holes.extend(federated.map(|arn| Hole::new(format!("requests of {arn}"))));
    holes
}

/// Whether a host on the internet could send to a place that is not of the network: no packet of
/// that is modelled.
fn is_past_the_network(scope: &Scope) -> bool {
    let sends = |origin: &Origin| matches!(origin, Origin::Internet(_));
    let receives = |place: &Place| match place {
        Place::Internet | Place::Service(_) | Place::Name(_) => true,
        Place::Interfaces { .. }
        | Place::OnPremises(_)
        | Place::Cidrs(_)
        | Place::GatewayEndpoints(_) => false,
    };
    scope.from.iter().any(sends) && scope.to.iter().any(receives)
}

/// The federated users whom a resource's policy lists: their sessions are no callers of a set.
fn federated_users(network: &Network) -> impl Iterator<Item = &str> {
    let resources = network.resource_policies().values();
    let policies = resources.flat_map(|resource| resource.policy.iter().flat_map(candidates));
    let statements = policies.flat_map(|policy| &policy.statements);
    let allows = statements.filter(|one| one.effect == PolicyEffect::Allow);
    let patterns = allows.flat_map(|one| match &one.principal {
        PrincipalElement::Principal(patterns) | PrincipalElement::NotPrincipal(patterns) => {
            patterns
        }
    });
    patterns.filter_map(|pattern| match pattern {
        PrincipalPattern::Arn(arn) => {
            let sixth = arn.splitn(6, ':').nth(5)?;
            sixth.starts_with(FEDERATED_USER).then_some(arn.as_str())
        }
        PrincipalPattern::Everyone
        | PrincipalPattern::Account(_)
        | PrincipalPattern::Other { .. } => None,
    })
}

/// The fifth part of an ARN.
fn account(arn: &str) -> &str {
    arn.split(':').nth(4).unwrap_or_default()
}

/// Every policy that one may be, as far as the input says.
fn candidates(policy: &Value<Policy>) -> &[Policy] {
    match policy {
        Value::Known(policy) => std::slice::from_ref(policy),
        Value::OneOf(policies, _) => policies,
        Value::Any(_) => &[],
    }
}
