//! Load balancers, target groups and endpoint services, part by part.

use model::{AddressValue, Network, NetworkDraft, NetworkInterfaceId, TargetDestination, Value};

use super::{Edit, first, remove, without};

/// How many load balancers, listeners, groups, targets and endpoint services there are.
pub(super) fn parts(network: &Network) -> usize {
    let balancers = network.load_balancers().values();
    let listeners = balancers.map(|one| 1 + one.listeners.known().map_or(0, Vec::len));
    let groups = network.target_groups().values();
    let targets = groups.map(|one| 1 + one.targets.known().map_or(0, Vec::len));
    network.endpoint_services().len() + listeners.sum::<usize>() + targets.sum::<usize>()
}

pub(super) fn candidates(draft: &NetworkDraft) -> Vec<Edit> {
    let mut edits = Vec::new();
    for (n, balancer) in draft.load_balancers.iter().enumerate() {
        let listeners = balancer.listeners.known().into_iter().flatten();
        for (k, listener) in listeners.enumerate() {
            let groups = 0..listener.target_groups.len();
            edits.extend(groups.map(|group| Edit::ListenerGroup(n, k, group)));
            edits.push(Edit::Listener(n, k));
        }
        edits.extend((0..balancer.interfaces.len()).map(|k| Edit::Node(n, k)));
        edits.extend([
            Edit::Enforced(n),
            Edit::KnownListeners(n),
            Edit::LoadBalancer(n),
        ]);
    }
    for (n, group) in draft.target_groups.iter().enumerate() {
        let n_targets = group.targets.known().map_or(0, Vec::len);
        edits.extend((0..n_targets).flat_map(|k| [Edit::ByAddress(n, k), Edit::Registered(n, k)]));
        edits.extend([
            Edit::KnownTargets(n),
            Edit::Translated(n),
            Edit::CrossZone(n),
            Edit::TargetGroup(n),
        ]);
    }
    for (n, service) in draft.endpoint_services.iter().enumerate() {
        edits.extend((0..service.load_balancers.len()).map(|k| Edit::Offered(n, k)));
        edits.push(Edit::Service(n));
    }
    edits
}

#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "Each of these functions makes its own kinds of edits and leaves the others to the next."
)]
impl Edit {
    pub(super) fn of_load_balancers(self, draft: &mut NetworkDraft) {
        match self {
            Edit::LoadBalancer(n) => remove(&mut draft.load_balancers, n),
            Edit::Node(n, k) => {
                if let Some(balancer) = draft.load_balancers.get_mut(n) {
                    without(&mut balancer.interfaces, k);
                }
            }
            Edit::Listener(n, k) | Edit::ListenerGroup(n, k, _) => {
                let balancer = draft.load_balancers.get_mut(n);
                let Some(Value::Known(listeners)) = balancer.map(|one| &mut one.listeners) else {
                    return;
                };
                if let Edit::Listener(..) = self {
                    remove(listeners, k);
                } else if let (Edit::ListenerGroup(_, _, group), Some(listener)) =
                    (self, listeners.get_mut(k))
                {
                    without(&mut listener.target_groups, group);
                }
            }
            Edit::KnownListeners(n) => {
                if let Some(balancer) = draft.load_balancers.get_mut(n) {
                    first(&mut balancer.listeners);
                }
            }
            Edit::Enforced(n) => {
                if let Some(balancer) = draft.load_balancers.get_mut(n) {
                    balancer.private_link_ingress = true;
                }
            }
            Edit::Service(n) => remove(&mut draft.endpoint_services, n),
            Edit::Offered(n, k) => {
                if let Some(service) = draft.endpoint_services.get_mut(n) {
                    without(&mut service.load_balancers, k);
                }
            }
            _ => {}
        }
    }

    pub(super) fn of_target_groups(self, draft: &mut NetworkDraft) {
        let (Edit::TargetGroup(n)
        | Edit::Registered(n, _)
        | Edit::ByAddress(n, _)
        | Edit::KnownTargets(n)
        | Edit::Translated(n)
        | Edit::CrossZone(n)) = self
        else {
            return;
        };
        if let Edit::TargetGroup(_) = self {
            return remove(&mut draft.target_groups, n);
        }
        let Some(group) = draft.target_groups.get_mut(n) else {
            return;
        };
        match self {
            Edit::KnownTargets(_) => first(&mut group.targets),
            Edit::Translated(_) => group.preserve_client_address = false,
            Edit::CrossZone(_) => group.cross_zone = true,
            Edit::Registered(_, k) => {
                if let Value::Known(targets) = &mut group.targets {
                    remove(targets, k);
                }
            }
            Edit::ByAddress(_, k) => {
                let Value::Known(targets) = &mut group.targets else {
                    return;
                };
                let Some(target) = targets.get_mut(k) else {
                    return;
                };
                if let TargetDestination::Interface(id) = &target.destination {
                    let mut interfaces = draft.network_interfaces.iter();
                    let interface = interfaces.find(|one| one.id == *id);
                    let mut addresses = interface.into_iter().flat_map(|one| &one.addresses);
                    let address = addresses.find_map(|one| match one.private {
                        AddressValue::Known(address) if address.family() == group.family => {
                            Some(address)
                        }
                        AddressValue::Known(_) | AddressValue::Within(..) => None,
                    });
                    if let Some(address) = address {
                        target.destination = TargetDestination::Address(address);
                    }
                }
            }
            _ => {}
        }
    }
}

/// Load balancers keep the nodes that are there, and are gone with the last one; so does what names
/// them.
pub(super) fn cascade(draft: &mut NetworkDraft, interfaces: &[NetworkInterfaceId]) {
    for balancer in &mut draft.load_balancers {
        balancer.interfaces.retain(|id| interfaces.contains(id));
    }
    draft
        .load_balancers
        .retain(|one| !one.interfaces.is_empty());
    let balancers: Vec<_> = draft
        .load_balancers
        .iter()
        .map(|one| one.id.clone())
        .collect();
    let groups: Vec<_> = draft
        .target_groups
        .iter()
        .map(|one| one.id.clone())
        .collect();
    for balancer in &mut draft.load_balancers {
        if let Value::Known(listeners) = &mut balancer.listeners {
            for listener in listeners {
                listener.target_groups.retain(|id| groups.contains(id));
            }
        }
    }
    for group in &mut draft.target_groups {
        if let Value::Known(targets) = &mut group.targets {
            targets.retain(|target| match &target.destination {
                TargetDestination::Interface(id) => interfaces.contains(id),
                TargetDestination::LoadBalancer(id) => balancers.contains(id),
                TargetDestination::Address(_) => true,
            });
        }
    }
    for service in &mut draft.endpoint_services {
        service.load_balancers.retain(|id| balancers.contains(id));
    }
}
