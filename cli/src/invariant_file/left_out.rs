//! Requests that a claim speaks of, and that no flow of the network and no modelled caller makes.

use std::collections::BTreeSet;

use model::{
    Address, Attachment, Cidr, Hole, HostedZone, Network, NetworkInterfaceId, Origin, Place,
    Policy, PolicyEffect, PrincipalElement, PrincipalPattern, PrincipalSet, Scope, Value,
};

/// How the sixth part of the ARN of a federated user begins.
const FEDERATED_USER: &str = "federated-user/";

/// The private blocks of IPv4, with the lengths of their prefixes (RFC 1918, RFC 6598).
const PRIVATE: [(u32, u8); 4] = [
    (0x0a00_0000, 8),
    (0x6440_0000, 10),
    (0xac10_0000, 12),
    (0xc0a8_0000, 16),
];

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
    // `never` and `sometimes` are asked of what relays hand on, too.
    if !scope.relayed {
        holes.extend(handed_on(scope, network));
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
    let is_public = |blocks: &BTreeSet<Cidr>| blocks.iter().any(|block| !is_private(*block));
    let sends = |origin: &Origin| match origin {
        Origin::Internet(blocks) => blocks.as_ref().is_none_or(is_public),
        Origin::Interfaces(_) | Origin::OnPremises { .. } => false,
    };
    let receives = |place: &Place| match place {
        Place::Internet | Place::Service(_) | Place::Name(_) => true,
        Place::Cidrs(blocks) => is_public(blocks),
        Place::Interfaces { .. } | Place::OnPremises(_) | Place::GatewayEndpoints(_) => false,
    };
    scope.from.iter().any(sends) && scope.to.iter().any(receives)
}

/// Whether no address of a block is one that hosts on the internet have.
fn is_private(block: Cidr) -> bool {
    match block.base() {
        Address::V4(bits) => PRIVATE.iter().any(|(base, prefix_len)| {
            block.prefix_len() >= *prefix_len && (bits ^ base) >> (32 - prefix_len) == 0
        }),
        Address::V6(bits) => block.prefix_len() >= 3 && bits >> 125 != 1,
    }
}

/// What hands the requests of a scope on to others, who are not asked: load balancers, and whatever
/// private hosted zones put in the place of a name.
fn handed_on(scope: &Scope, network: &Network) -> Vec<Hole> {
    let balancer = |id: &NetworkInterfaceId| {
        let interface = network.network_interfaces().get(id)?;
        match &interface.attachment {
            Attachment::LoadBalancer(balancer) => Some(balancer),
            Attachment::Ordinary { .. }
            | Attachment::NatGateway(_)
            | Attachment::VpcEndpoint(_)
            | Attachment::Other(_) => None,
        }
    };
    let mut holes = BTreeSet::new();
    for place in &scope.to {
        match place {
            Place::Interfaces { interfaces, .. } => {
                let balancers = interfaces.iter().filter_map(balancer);
                holes.extend(balancers.map(|id| format!("requests that {id} hands on")));
            }
            Place::Name(name) => {
                let mut zones = network.hosted_zones().values();
                let is_of = |zone: &HostedZone| {
                    let above = name.strip_suffix(zone.name.as_str());
                    above.is_some_and(|above| above.is_empty() || above.ends_with('.'))
                };
                if zones.any(is_of) {
                    holes.insert(format!("requests that go to {name} of a hosted zone"));
                }
            }
            Place::Internet
            | Place::OnPremises(_)
            | Place::Cidrs(_)
            | Place::Service(_)
            | Place::GatewayEndpoints(_) => {}
        }
    }
    holes.into_iter().map(Hole::new).collect()
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
        // What is open there leaves open every user of the set, as a policy that is open does.
        PrincipalPattern::Open(_)
        | PrincipalPattern::Everyone
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
