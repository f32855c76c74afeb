//! Bugs in which targets and zones are candidates.

use std::collections::BTreeSet;

use model::{
    AddressValue, Clause, NetworkDraft, NetworkInterfaceId, RegisteredTarget, TargetDestination,
    TargetGroup, TargetGroupId,
};

use super::{each_group, each_listeners, instances, none_if_open};
use crate::pool;
use crate::sabotage::{Bug, network};

/// Bugs in candidates.
pub(super) const EDITS: &[Bug] = &[
    network(
        "unknown targets are taken for none",
        Clause::LoadBalancerTargetsUnknown,
        |draft| {
            for group in &mut draft.target_groups {
                none_if_open(&mut group.targets);
            }
        },
    ),
    network(
        "a group with unknown targets does not matter beside others",
        Clause::LoadBalancerTargetsUnknown,
        |draft| {
            let open: BTreeSet<_> = draft
                .target_groups
                .iter()
                .filter(|one| one.targets.hole().is_some())
                .map(|one| one.id.clone())
                .collect();
            each_listeners(draft, |_, listeners| {
                for listener in listeners {
                    if !listener.target_groups.is_subset(&open) {
                        listener.target_groups.retain(|id| !open.contains(id));
                    }
                }
            });
        },
    ),
    network(
        "targets are taken from the last to the first",
        Clause::LoadBalancerTarget,
        |draft| each_targets(draft, |_, targets| targets.reverse()),
    ),
    network(
        "a group has no more than one target",
        Clause::LoadBalancerTarget,
        |draft| each_targets(draft, |_, targets| targets.truncate(1)),
    ),
    network(
        "groups of a listener are taken from the last to the first",
        Clause::LoadBalancerTarget,
        |draft| {
            let n = draft.target_groups.len();
            let ids: Vec<_> = draft
                .target_groups
                .iter()
                .map(|one| one.id.clone())
                .collect();
            let renamed = |id: &TargetGroupId| {
                let at = ids.iter().position(|one| one == id).unwrap_or(n);
                TargetGroupId::new(format!("tg-{:04}", n - at))
            };
            for group in &mut draft.target_groups {
                group.id = renamed(&group.id);
            }
            each_listeners(draft, |_, listeners| {
                for listener in listeners {
                    listener.target_groups = listener.target_groups.iter().map(&renamed).collect();
                }
            });
        },
    ),
    network(
        "a listener has one group",
        Clause::LoadBalancerTarget,
        |draft| {
            each_listeners(draft, |_, listeners| {
                for listener in listeners {
                    let first = listener.target_groups.first().cloned();
                    listener.target_groups = first.into_iter().collect();
                }
            });
        },
    ),
    network(
        "the zone of a target is not asked",
        Clause::LoadBalancerTarget,
        |draft| {
            draft
                .target_groups
                .iter_mut()
                .for_each(|one| one.cross_zone = true)
        },
    ),
    network(
        "no group is cross-zone",
        Clause::LoadBalancerTarget,
        |draft| {
            draft
                .target_groups
                .iter_mut()
                .for_each(|one| one.cross_zone = false)
        },
    ),
    network(
        "cross-zone is read the wrong way round",
        Clause::LoadBalancerTarget,
        |draft| {
            draft
                .target_groups
                .iter_mut()
                .for_each(|one| one.cross_zone = !one.cross_zone)
        },
    ),
    network(
        "zones that are not known are different ones",
        Clause::LoadBalancerTarget,
        |draft| {
            // Of transit gateways other bugs are planted.
            if draft.transit_gateways.is_empty() {
                for (subnet, n) in draft.subnets.iter_mut().zip(0..) {
                    if subnet.zone.is_none() && subnet.zone_id.is_none() {
                        subnet.zone_id = Some(format!("zone-{n}"));
                        subnet.zone = Some(format!("zone-{n}"));
                    }
                }
            }
        },
    ),
    network(
        "names of zones are compared between accounts",
        Clause::EndpointServiceZone,
        |draft| {
            if draft.transit_gateways.is_empty() {
                draft.vpcs.iter_mut().for_each(|vpc| vpc.account = None);
            }
        },
    ),
    network(
        "an address of no subnet is in no zone",
        Clause::LoadBalancerTarget,
        |draft| {
            let blocks: Vec<_> = draft
                .subnets
                .iter()
                .flat_map(|one| one.cidrs.clone())
                .collect();
            let known = |target: &RegisteredTarget| match &target.destination {
                TargetDestination::Address(address) => {
                    blocks.iter().any(|block| pool::holds(*block, *address))
                }
                TargetDestination::Interface(_) | TargetDestination::LoadBalancer(_) => true,
            };
            each_group(draft, |group, targets| {
                targets.retain(|target| group.cross_zone || known(target));
            });
        },
    ),
    network(
        "an address is in every zone",
        Clause::LoadBalancerTarget,
        |draft| {
            // Instances that are targets by their addresses stand in no zone that is known to differ.
            each_group(draft, |group, targets| {
                let of_addresses = |one: &RegisteredTarget| {
                    matches!(one.destination, TargetDestination::Address(_))
                };
                group.cross_zone |= targets.iter().all(of_addresses);
            });
        },
    ),
    network(
        "a target without an address of the family is one all the same",
        Clause::LoadBalancerTarget,
        |draft| {
            let interfaces = draft.network_interfaces.clone();
            each_group(draft, |group, targets| {
                for target in targets {
                    let TargetDestination::Interface(id) = &target.destination else {
                        continue;
                    };
                    let interface = interfaces.iter().find(|one| one.id == *id);
                    let mut addresses = interface.into_iter().flat_map(|one| &one.addresses);
                    if !addresses.any(|one| family(&one.private) == group.family) {
                        let nowhere = match group.family {
                            model::Family::V4 => "192.0.2.1",
                            model::Family::V6 => "2001:db8:fffd::1",
                        };
                        target.destination = TargetDestination::Address(pool::address(nowhere));
                    }
                }
            });
        },
    ),
    network(
        "the last address of an instance is the target",
        Clause::LoadBalancerTarget,
        |draft| {
            let targets: BTreeSet<_> = instances(draft);
            for one in &mut draft.network_interfaces {
                if targets.contains(&one.id) {
                    one.addresses.reverse();
                }
            }
        },
    ),
    network(
        "of an Application Load Balancer the first node is the target",
        Clause::LoadBalancerTarget,
        |draft| replace_balancers(draft, |nodes| nodes.truncate(1)),
    ),
    network(
        "nodes of an Application Load Balancer are taken from the last to the first",
        Clause::LoadBalancerTarget,
        |draft| replace_balancers(draft, |nodes| nodes.reverse()),
    ),
];

fn each_targets(
    draft: &mut NetworkDraft,
    mut edit: impl FnMut(&mut TargetGroup, &mut Vec<RegisteredTarget>),
) {
    each_group(draft, &mut edit);
}

const fn family(address: &AddressValue) -> model::Family {
    match address {
        AddressValue::Known(address) => address.family(),
        AddressValue::Within(block, _) => block.family(),
    }
}

/// Application Load Balancers as targets are their nodes, or what is left of them.
fn replace_balancers(draft: &mut NetworkDraft, edit: fn(&mut Vec<NetworkInterfaceId>)) {
    let balancers = draft.load_balancers.clone();
    each_group(draft, |_, targets| {
        let replaced = targets.iter().flat_map(|target| match &target.destination {
            TargetDestination::LoadBalancer(id) => {
                let found = balancers.iter().find(|one| one.id == *id);
                let nodes = found.into_iter().flat_map(|one| one.interfaces.clone());
                let mut nodes: Vec<_> = nodes.collect();
                edit(&mut nodes);
                let of_node = |node| RegisteredTarget {
                    destination: TargetDestination::Interface(node),
                    port: target.port,
                };
                nodes.into_iter().map(of_node).collect()
            }
            TargetDestination::Interface(_) | TargetDestination::Address(_) => vec![target.clone()],
        });
        *targets = replaced.collect();
    });
}
