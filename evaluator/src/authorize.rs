//! The stage *authorize*: whether an endpoint's policy permits a request.

use std::collections::{BTreeMap, BTreeSet};

use model::{
    Clause, ContextKey, EndpointKind, Hole, Network, Permission, PermissionEffect, Policy,
    PolicyEffect, Request, RequestWay, Value, VpcEndpoint, VpcEndpointId,
};

use crate::account::Accounts;
use crate::context::{INTERNET, Path};
use crate::endpoint_owner::By;
use crate::resource_index::ResourceIndex;
use crate::said::Said;
use crate::statement::{Compiled, Match, Voice};

/// The policies of a network's endpoints.
#[derive(Clone, Debug)]
pub(crate) struct Policies {
    pub(crate) endpoints: BTreeMap<VpcEndpointId, EndpointPolicy>,
    /// `None` when the input has none: their policies are not asked then.
    pub(crate) accounts: Option<Accounts>,
}

/// An endpoint's policy.
#[derive(Clone, Debug)]
pub(crate) struct EndpointPolicy {
    pub(crate) policy: Value<CompiledPolicy>,
    pub(crate) path: Path,
    /// Whether an account in it means its root user only.
    roots: bool,
}

/// A policy, ready to be asked.
#[derive(Clone, Debug)]
pub(crate) struct CompiledPolicy {
    pub(crate) statements: Vec<Compiled>,
    by_resource: ResourceIndex,
}

/// What is done with a request that comes by no endpoint, when accounts are not asked.
pub(crate) const NOT_ASKED: Permission = Permission {
    clause: Clause::AuthorizationNotAsked,
    effect: PermissionEffect::Permitted,
};

impl Policies {
    pub(crate) fn new(network: &Network) -> Self {
        let endpoints = network.vpc_endpoints().iter();
        let endpoints =
            endpoints.map(|(id, endpoint)| (id.clone(), EndpointPolicy::new(endpoint, network)));
        Self {
            endpoints: endpoints.collect(),
            accounts: Accounts::new(network),
        }
    }

    pub(crate) fn permits(&self, way: &RequestWay, request: &Request) -> Permission {
        let accounts = self.accounts.as_ref();
        let (endpoint, source, accounts) = match way {
            RequestWay::Endpoint(endpoint, source) => (endpoint, *source, accounts),
            RequestWay::EndpointPolicy(endpoint) => (endpoint, None, None),
            RequestWay::Internet(source) => {
                let path = INTERNET.from(*source);
                let asked = accounts.map(|accounts| accounts.permits(None, &path, request));
                return asked.unwrap_or(NOT_ASKED);
            }
        };
        let Some(own) = self.endpoints.get(endpoint) else {
            return unknown(&Hole::new(format!("policy of {endpoint}")));
        };
        let path = own.path.from(source);
        match accounts {
            Some(accounts) => accounts.permits(Some(own), &path, request),
            None => own.permits(&path, request),
        }
    }
}

impl EndpointPolicy {
    fn new(endpoint: &VpcEndpoint, network: &Network) -> Self {
        let roots = match endpoint.kind {
            EndpointKind::Gateway { .. } => true,
            EndpointKind::Interface { .. }
            | EndpointKind::GatewayLoadBalancer { .. }
            | EndpointKind::Unmodelled(_) => false,
        };
        let policy = CompiledPolicy::of(&endpoint.policy, roots);
        let path = Path {
            by: Some(By::new(endpoint, network)),
            source: None,
            several: several(candidates(&policy)),
        };
        Self {
            policy,
            path,
            roots,
        }
    }

    /// It and another policy in its place; what either asks tells which keys have several values.
    pub(crate) fn beside(&self, policy: &Policy) -> [Self; 2] {
        let mut own = self.clone();
        let other = CompiledPolicy::new(policy, self.roots);
        own.path.several.extend(several([&other]));
        let other = Self {
            policy: Value::Known(other),
            path: own.path.clone(),
            roots: self.roots,
        };
        [own, other]
    }

    /// The steps of `policy.md`, in their order, for a request that comes by its path.
    pub(crate) fn permits(&self, path: &Path, request: &Request) -> Permission {
        match &self.policy {
            Value::Known(policy) => policy.permits(request, path),
            Value::OneOf(policies, hole) => {
                let permissions = policies.iter();
                let mut permissions = permissions.map(|policy| policy.permits(request, path));
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
        candidates(&self.policy)
    }
}

/// Every policy that one may be, as far as the input says.
pub(crate) fn candidates(policy: &Value<CompiledPolicy>) -> &[CompiledPolicy] {
    match policy {
        Value::Known(policy) => std::slice::from_ref(policy),
        Value::OneOf(policies, _) => policies,
        Value::Any(_) => &[],
    }
}

/// The keys of services that set operators ask for.
pub(crate) fn several<'a>(
    policies: impl IntoIterator<Item = &'a CompiledPolicy>,
) -> BTreeSet<ContextKey> {
    let statements = policies.into_iter().flat_map(|one| &one.statements);
    let conditions = statements.flat_map(|one| &one.conditions);
    let of_set = conditions.filter(|one| one.is_of_set());
    let keys = of_set.filter_map(|one| one.key.of_request());
    keys.filter(|key| !key.folded().starts_with("aws:"))
        .cloned()
        .collect()
}

fn unknown(hole: &Hole) -> Permission {
    Permission {
        clause: Clause::PolicyUnknown,
        effect: PermissionEffect::Undetermined(hole.clone()),
    }
}

impl CompiledPolicy {
    fn new(policy: &Policy, roots: bool) -> Self {
        let statements = policy.statements.iter();
        let statements = statements.map(|one| Compiled::new(one, policy.variables, roots));
        let statements: Vec<Compiled> = statements.collect();
        Self {
            by_resource: ResourceIndex::new(statements.iter().map(|one| &one.resource)),
            statements,
        }
    }

    /// Compiles whatever a policy may be; `roots` tells that an account in it means its root user.
    pub(crate) fn of(policy: &Value<Policy>, roots: bool) -> Value<Self> {
        match policy {
            Value::Known(policy) => Value::Known(Self::new(policy, roots)),
            Value::OneOf(policies, hole) => {
                let policies = policies.iter().map(|policy| Self::new(policy, roots));
                Value::OneOf(policies.collect(), hole.clone())
            }
            Value::Any(hole) => Value::Any(hole.clone()),
        }
    }

    /// The statements that answer what a document is asked.
    pub(crate) fn asked(&self, voice: Voice) -> impl Iterator<Item = &Compiled> {
        let statements = self.statements.iter();
        statements.filter(move |one| one.effect == voice.effect())
    }

    /// The statements that may be about a resource, in their order.
    fn about(&self, resource: &str) -> impl Iterator<Item = &Compiled> {
        let places = self.by_resource.places(resource).into_iter();
        places.filter_map(|place| self.statements.get(place))
    }

    /// What it says of a request.
    pub(crate) fn says(&self, voice: Voice, request: &Request, path: &Path) -> Said<Hole> {
        let statements = self.about(&request.resource);
        let statements = statements.filter(|one| one.effect == voice.effect());
        Said::any(statements.map(|one| one.matches(voice, request, path).into()))
    }

    fn permits(&self, request: &Request, path: &Path) -> Permission {
        let (mut open_deny, mut open_allow) = (None, None);
        let mut allowed = false;
        let permission = |clause, effect| Permission { clause, effect };
        for statement in self.about(&request.resource) {
            match (
                statement.effect,
                statement.matches(statement.voice(), request, path),
            ) {
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
