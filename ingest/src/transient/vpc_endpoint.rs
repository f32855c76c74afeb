//! Endpoints: their policies while these change, and the names that begin or end to mean them.

use std::collections::BTreeSet;

use model::{EndpointKind, Policy, Tags, Value, VpcEndpoint};

use super::pairs::{Pair, pairs};
use super::resource::hole;
use super::{Matters, Merge};
use crate::policy;
use crate::provenance::Kind;

impl Merge<'_> {
    pub(super) fn vpc_endpoints(&mut self) {
        let [before, after] = self.networks();
        for (id, pair) in pairs(before.vpc_endpoints(), after.vpc_endpoints()) {
            let hole = self.names.hole(Kind::VpcEndpoint, id.as_str());
            if names(pair) {
                self.give_up(hole.clone(), Matters::ForNames);
            }
            if let Pair::Both(one, other) = pair
                && plain(one) != plain(other)
            {
                self.give_up(hole, Matters::Always);
            }
            let mut endpoint = pair.latest().clone();
            endpoint.policy = self.policy(pair);
            let others = pair.all();
            let others = others.iter().filter_map(|other| match &other.kind {
                EndpointKind::Interface { interfaces, .. } => Some(interfaces),
                EndpointKind::Gateway { .. }
                | EndpointKind::GatewayLoadBalancer { .. }
                | EndpointKind::Unmodelled(_) => None,
            });
            if let EndpointKind::Interface { interfaces, .. } = &mut endpoint.kind {
                interfaces.extend(others.flatten().cloned());
            }
            self.draft.vpc_endpoints.push(endpoint);
        }
    }

    /// The policy. One that a resource of its own gives comes after the endpoint, which has AWS's default until then.
    fn policy(&self, pair: Pair<'_, VpcEndpoint>) -> Value<Policy> {
        let all = pair.all();
        let mut several: Vec<Policy> = Vec::new();
        for endpoint in &all {
            match &endpoint.policy {
                Value::Known(policy) => several.push(policy.clone()),
                Value::OneOf(policies, _) => several.extend(policies.iter().cloned()),
                open @ Value::Any(_) => return open.clone(),
            }
        }
        let apart = self.names.changes(|of| of == "aws_vpc_endpoint_policy");
        let mut apart: Vec<_> = apart
            .filter(|change| change.is_made || change.is_gone)
            .map(|change| change.address.clone())
            .collect();
        if !apart.is_empty() {
            several.push(policy::full_access());
        }
        let mut different: Vec<Policy> = Vec::new();
        for policy in several {
            if !different.contains(&policy) {
                different.push(policy);
            }
        }
        if let [policy] = different.as_slice() {
            return Value::Known(policy.clone());
        }
        let id = pair.latest().id.as_str();
        apart.push(self.names.component(Kind::VpcEndpoint, id));
        Value::OneOf(different, hole(apart))
    }
}

/// Whether a name may mean the endpoint in some of the networks only.
fn names(pair: Pair<'_, VpcEndpoint>) -> bool {
    let is_interface =
        |endpoint: &VpcEndpoint| matches!(endpoint.kind, EndpointKind::Interface { .. });
    match pair {
        Pair::Both(one, other) => is_interface(other) && one.kind != other.kind,
        Pair::Before(one) | Pair::After(one) => is_interface(one),
    }
}

/// An endpoint without what is merged, what names say of it, and its labels.
fn plain(endpoint: &VpcEndpoint) -> VpcEndpoint {
    let mut endpoint = VpcEndpoint {
        policy: Value::OneOf(Vec::new(), model::Hole::new("")),
        tags: Tags::new(),
        ..endpoint.clone()
    };
    if let EndpointKind::Interface {
        interfaces,
        private_dns,
        private_dns_inbound_only,
        private_names,
        specific_names,
    } = &mut endpoint.kind
    {
        *interfaces = BTreeSet::new();
        *private_dns = false;
        *private_dns_inbound_only = false;
        *private_names = BTreeSet::new();
        *specific_names = Value::Known(BTreeSet::new());
    }
    endpoint
}
