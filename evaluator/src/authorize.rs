//! The stage *authorize*: whether an endpoint's policy permits a request.

use std::collections::{BTreeMap, BTreeSet};

use model::{
    Clause, ContextKey, EndpointKind, Hole, Network, Permission, PermissionEffect, Policy,
    PolicyEffect, Request, Value, VpcEndpoint, VpcEndpointId,
};

use crate::context::Path;
use crate::statement::{Compiled, Match};

/// The policies of a network's endpoints.
#[derive(Clone, Debug)]
pub(crate) struct Policies {
    pub(crate) endpoints: BTreeMap<VpcEndpointId, EndpointPolicy>,
}

/// An endpoint's policy.
#[derive(Clone, Debug)]
pub(crate) struct EndpointPolicy {
    pub(crate) policy: Value<CompiledPolicy>,
    pub(crate) path: Path,
}

/// A policy, ready to be asked.
#[derive(Clone, Debug)]
pub(crate) struct CompiledPolicy {
    pub(crate) statements: Vec<Compiled>,
}

impl Policies {
    pub(crate) fn new(network: &Network) -> Self {
        let endpoints = network.vpc_endpoints().iter();
        let endpoints = endpoints.map(|(id, endpoint)| (id.clone(), EndpointPolicy::new(endpoint)));
        Self {
            endpoints: endpoints.collect(),
        }
    }

    pub(crate) fn permits(&self, endpoint: &VpcEndpointId, request: &Request) -> Permission {
        match self.endpoints.get(endpoint) {
            Some(endpoint) => endpoint.permits(request),
            None => unknown(&Hole::new(format!("policy of {endpoint}"))),
        }
    }
}

impl EndpointPolicy {
    fn new(endpoint: &VpcEndpoint) -> Self {
        let gateway = match endpoint.kind {
            EndpointKind::Gateway { .. } => true,
            EndpointKind::Interface { .. }
            | EndpointKind::GatewayLoadBalancer { .. }
            | EndpointKind::Unmodelled(_) => false,
        };
        let policy = match &endpoint.policy {
            Value::Known(policy) => Value::Known(CompiledPolicy::new(policy)),
            Value::OneOf(policies, hole) => {
                let policies = policies.iter().map(CompiledPolicy::new);
                Value::OneOf(policies.collect(), hole.clone())
            }
            Value::Any(hole) => Value::Any(hole.clone()),
        };
        let mut own = Self {
            policy,
            path: Path {
                endpoint: endpoint.id.to_string(),
                vpc: endpoint.vpc.to_string(),
                gateway,
                several: BTreeSet::new(),
            },
        };
        own.path.several = own.several();
        own
    }

    /// It and another policy in its place; what either asks tells which keys have several values.
    pub(crate) fn beside(&self, policy: &Policy) -> [Self; 2] {
        let mut own = self.clone();
        let mut other = Self {
            policy: Value::Known(CompiledPolicy::new(policy)),
            path: self.path.clone(),
        };
        own.path.several.extend(other.several());
        other.path.several.clone_from(&own.path.several);
        [own, other]
    }

    /// The keys of services that set operators ask for.
    fn several(&self) -> BTreeSet<ContextKey> {
        let statements = self.candidates().iter().flat_map(|one| &one.statements);
        let conditions = statements.flat_map(|one| &one.conditions);
        let of_set = conditions.filter(|one| one.is_of_set());
        let keys = of_set.filter_map(|one| one.key.of_request());
        keys.filter(|key| !key.folded().starts_with("aws:"))
            .cloned()
            .collect()
    }

    /// The steps of `policy.md`, in their order.
    pub(crate) fn permits(&self, request: &Request) -> Permission {
        match &self.policy {
            Value::Known(policy) => policy.permits(request, &self.path),
            Value::OneOf(policies, hole) => {
                let permissions = policies.iter();
                let mut permissions = permissions.map(|policy| policy.permits(request, &self.path));
                let Some(first) = permissions.next() else {
                    return unknown(hole);
                };
                let agree = match first.effect {
                    PermissionEffect::Permitted | PermissionEffect::Denied => {
                        permissions.all(|other| other.effect == first.effect)
                    }
                    PermissionEffect::Undetermined(_) => false,
                };
                if agree { first } else { unknown(hole) }
            }
            Value::Any(hole) => unknown(hole),
        }
    }

    /// Every policy that it may be, as far as the input says.
    pub(crate) fn candidates(&self) -> &[CompiledPolicy] {
        match &self.policy {
            Value::Known(policy) => std::slice::from_ref(policy),
            Value::OneOf(policies, _) => policies,
            Value::Any(_) => &[],
        }
    }
}

fn unknown(hole: &Hole) -> Permission {
    Permission {
        clause: Clause::PolicyUnknown,
        effect: PermissionEffect::Undetermined(hole.clone()),
    }
}

impl CompiledPolicy {
    fn new(policy: &Policy) -> Self {
        let statements = policy.statements.iter();
        Self {
            statements: statements
                .map(|statement| Compiled::new(statement, policy.variables))
                .collect(),
        }
    }

    fn permits(&self, request: &Request, path: &Path) -> Permission {
        let (mut open_deny, mut open_allow) = (None, None);
        let mut allowed = false;
        let permission = |clause, effect| Permission { clause, effect };
        for statement in &self.statements {
            match (statement.effect, statement.matches(request, path)) {
                (_, Match::Fails) => {}
                (PolicyEffect::Deny, Match::Holds) => {
                    return permission(Clause::PolicyExplicitDeny, PermissionEffect::Denied);
                }
                (PolicyEffect::Allow, Match::Holds) => allowed = true,
                (PolicyEffect::Deny, Match::Open(hole)) => {
                    open_deny.get_or_insert(hole);
                }
                (PolicyEffect::Allow, Match::Open(hole)) => {
                    open_allow.get_or_insert(hole);
                }
            }
        }
        // A Deny counts where something may allow; then it names the hole.
        let open = match (allowed, open_deny, open_allow) {
            (true, open_deny, _) => open_deny,
            (false, Some(deny), Some(_)) => Some(deny),
            (false, None, open_allow) => open_allow,
            (false, Some(_), None) => None,
        };
        match (open, allowed) {
            (Some(hole), _) => permission(Clause::PolicyOpen, PermissionEffect::Undetermined(hole)),
            (None, true) => permission(Clause::PolicyAllow, PermissionEffect::Permitted),
            (None, false) => permission(Clause::PolicyDefaultDeny, PermissionEffect::Denied),
        }
    }
}
