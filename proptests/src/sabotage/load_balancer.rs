//! Bugs in load balancers and endpoint services that are planted in the network, or in the flow.

mod endpoint_service;
mod listener;
mod onward;
mod target;

use std::collections::BTreeSet;

use model::{
    AddressValue, Cidr, GroupRule, Listener, LoadBalancerKind, NetworkDraft, NetworkInterfaceId,
    RegisteredTarget, RulePeer, SecurityGroupId, TargetDestination, TargetGroup, Value,
};

use super::Bug;

/// Bugs written by hand.
pub(super) fn edits() -> impl Iterator<Item = &'static Bug> {
    let edits = listener::EDITS.iter().chain(target::EDITS);
    edits.chain(onward::EDITS).chain(endpoint_service::EDITS)
}

fn each_listeners(
    draft: &mut NetworkDraft,
    mut edit: impl FnMut(LoadBalancerKind, &mut Vec<Listener>),
) {
    for balancer in &mut draft.load_balancers {
        if let Value::Known(listeners) = &mut balancer.listeners {
            edit(balancer.kind, listeners);
        }
    }
}

/// A group, and its targets where they are known.
fn each_group(
    draft: &mut NetworkDraft,
    mut edit: impl FnMut(&mut TargetGroup, &mut Vec<RegisteredTarget>),
) {
    for group in &mut draft.target_groups {
        if let Value::Known(targets) = &mut group.targets {
            let mut taken = std::mem::take(targets);
            edit(group, &mut taken);
            group.targets = Value::Known(taken);
        }
    }
}

fn none_if_open<T>(list: &mut Value<Vec<T>>) {
    if list.hole().is_some() {
        *list = Value::Known(Vec::new());
    }
}

fn first<T: Clone>(value: &mut Value<T>) {
    if let Value::OneOf(values, _) = value
        && let Some(first) = values.first()
    {
        *value = Value::Known(first.clone());
    }
}

/// The nodes of load balancers of a type.
fn nodes(draft: &NetworkDraft, kind: LoadBalancerKind) -> BTreeSet<NetworkInterfaceId> {
    let balancers = draft.load_balancers.iter().filter(|one| one.kind == kind);
    balancers.flat_map(|one| one.interfaces.clone()).collect()
}

/// The instances that are registered.
fn instances(draft: &NetworkDraft) -> BTreeSet<NetworkInterfaceId> {
    let targets = draft
        .target_groups
        .iter()
        .filter_map(|one| one.targets.known());
    let instances = targets.flatten().filter_map(|one| match &one.destination {
        TargetDestination::Interface(id) => Some(id.clone()),
        TargetDestination::Address(_) | TargetDestination::LoadBalancer(_) => None,
    });
    instances.collect()
}

/// The groups of some interfaces.
fn groups_of(
    draft: &NetworkDraft,
    of: impl Fn(&model::NetworkInterface) -> bool,
) -> BTreeSet<SecurityGroupId> {
    let interfaces = draft.network_interfaces.iter().filter(|one| of(one));
    let known = interfaces.filter_map(|one| one.groups.known());
    known.flatten().cloned().collect()
}

/// Inbound rules of groups that name a group match the addresses of its interfaces besides.
fn references_by_address(draft: &mut NetworkDraft, groups: &BTreeSet<SecurityGroupId>) {
    let interfaces = draft.network_interfaces.clone();
    for group in &mut draft.security_groups {
        if !groups.contains(&group.id) {
            continue;
        }
        let more = group.ingress.iter().flat_map(|rule| {
            let members = interfaces
                .iter()
                .filter(|one| match (&rule.peer, one.groups.known()) {
                    (RulePeer::Group(id), Some(groups)) => groups.contains(id),
                    (_, _) => false,
                });
            let addresses = members.flat_map(|one| &one.addresses);
            let known = addresses.filter_map(|one| match one.private {
                AddressValue::Known(address) => Some(address),
                AddressValue::Within(..) => None,
            });
            known.map(|address| GroupRule {
                traffic: rule.traffic.clone(),
                peer: RulePeer::Cidr(Cidr::host(address)),
            })
        });
        let more: Vec<_> = more.collect();
        group.ingress.extend(more);
    }
}
