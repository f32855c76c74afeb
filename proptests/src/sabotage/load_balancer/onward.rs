//! Bugs in what a node sends: from its own address, or with the client's.

use std::collections::BTreeSet;

use model::{Attachment, Clause, LoadBalancerKind, RulePeer};

use super::{each_group, each_listeners, groups_of, instances, references_by_address};
use crate::sabotage::{Bug, Place, network};

/// Bugs in what goes on to a target.
pub(super) const EDITS: &[Bug] = &[
    network(
        "a target takes requests at the port of the listener",
        Clause::LoadBalancerTranslates,
        |draft| {
            let mut ports = Vec::new();
            each_listeners(draft, |_, listeners| {
                for listener in listeners {
                    let groups = listener.target_groups.iter().cloned();
                    ports.extend(groups.map(|id| (id, listener.port)));
                }
            });
            each_group(draft, |group, targets| {
                if let Some((_, port)) = ports.iter().find(|(id, _)| *id == group.id) {
                    targets.iter_mut().for_each(|one| one.port = *port);
                }
            });
        },
    ),
    network(
        "a node sends from its last address",
        Clause::LoadBalancerTranslates,
        |draft| {
            for one in &mut draft.network_interfaces {
                if let Attachment::LoadBalancer(_) = one.attachment {
                    one.addresses.reverse();
                }
            }
        },
    ),
    network(
        "clients' addresses are never preserved",
        Clause::LoadBalancerPreserves,
        |draft| {
            draft
                .target_groups
                .iter_mut()
                .for_each(|one| one.preserve_client_address = false)
        },
    ),
    network(
        "a Network Load Balancer always preserves clients' addresses",
        Clause::LoadBalancerPreserves,
        |draft| {
            let mut of_application = BTreeSet::new();
            each_listeners(draft, |kind, listeners| {
                if kind == LoadBalancerKind::Application {
                    let groups = listeners.iter().flat_map(|one| one.target_groups.clone());
                    of_application.extend(groups);
                }
            });
            for group in &mut draft.target_groups {
                group.preserve_client_address |= !of_application.contains(&group.id);
            }
        },
    ),
    network(
        "a target's rule does not match the group of the load balancer",
        Clause::LoadBalancerPreserves,
        |draft| {
            let interfaces = draft.network_interfaces.iter();
            let nodes =
                interfaces.filter(|one| matches!(one.attachment, Attachment::LoadBalancer(_)));
            let groups = nodes.filter_map(|one| one.groups.known());
            let of_nodes: BTreeSet<_> = groups.flatten().cloned().collect();
            for group in &mut draft.security_groups {
                group.ingress.retain(|rule| match &rule.peer {
                    RulePeer::Group(id) => !of_nodes.contains(id),
                    RulePeer::Cidr(_) | RulePeer::PrefixList(_) | RulePeer::OutsideGroup(_) => true,
                });
            }
        },
    ),
    Bug {
        name: "a target's rule matches the group of the client",
        clause: Clause::LoadBalancerPreserves,
        place: Place::Where(Clause::LoadBalancerPreserves, |draft| {
            let targets = instances(draft);
            let groups = groups_of(draft, |one| targets.contains(&one.id));
            references_by_address(draft, &groups);
        }),
    },
];
