//! Bugs in what load balancers take, what they filter, and which picks they follow.

use std::collections::BTreeSet;

use model::{
    Clause, Flow, GroupRule, Listener, ListenerProtocol, LoadBalancerKind, NetworkDraft,
    NetworkInterfaceId, RulePeer, RuleTraffic, SecurityGroup, SecurityGroupId, Value,
};

use super::{each_listeners, first, nodes, none_if_open};
use crate::pool;
use crate::sabotage::{Bug, Place, network};

const fn flow(name: &'static str, clause: Clause, change: fn(Flow) -> Flow) -> Bug {
    Bug {
        name,
        clause,
        place: Place::Flow(change),
    }
}

/// Bugs in listeners, filters and picks.
pub(super) const EDITS: &[Bug] = &[
    network(
        "a listener takes TCP and UDP",
        Clause::LoadBalancerListener,
        |draft| {
            each_listeners(draft, |kind, listeners| {
                let twins = listeners.clone();
                for listener in listeners.iter_mut() {
                    let of_port = twins.iter().filter(|one| one.port == listener.port);
                    if kind == LoadBalancerKind::Network && of_port.count() == 1 {
                        listener.protocol = ListenerProtocol::TcpUdp;
                    }
                }
            });
        },
    ),
    network(
        "a listener of both protocols takes TCP only",
        Clause::LoadBalancerListener,
        |draft| {
            each_listeners(draft, |_, listeners| {
                for listener in listeners {
                    if listener.protocol == ListenerProtocol::TcpUdp {
                        listener.protocol = ListenerProtocol::Tcp;
                    }
                }
            });
        },
    ),
    network(
        "a load balancer takes the port behind a listener's too",
        Clause::LoadBalancerListener,
        |draft| {
            each_listeners(draft, |_, listeners| {
                let more: Vec<_> = listeners
                    .iter()
                    .map(|one| Listener {
                        port: one.port.wrapping_add(1),
                        ..one.clone()
                    })
                    .filter(|more| !listeners.iter().any(|one| one.port == more.port))
                    .collect();
                listeners.extend(more);
            });
        },
    ),
    network(
        "only the first listener counts",
        Clause::LoadBalancerListener,
        |draft| each_listeners(draft, |_, listeners| listeners.truncate(1)),
    ),
    network(
        "unknown listeners are taken for none",
        Clause::LoadBalancerListener,
        |draft| {
            for balancer in &mut draft.load_balancers {
                none_if_open(&mut balancer.listeners);
            }
        },
    ),
    network(
        "of several possible lists of listeners the first is taken",
        Clause::LoadBalancerListener,
        |draft| {
            for balancer in &mut draft.load_balancers {
                first(&mut balancer.listeners);
            }
        },
    ),
    network(
        "a Network Load Balancer without groups lets nothing in",
        Clause::LoadBalancerUnfiltered,
        |draft| filter(draft, [false, true]),
    ),
    network(
        "a Network Load Balancer without groups lets nothing out",
        Clause::LoadBalancerUnfiltered,
        |draft| filter(draft, [true, false]),
    ),
    network(
        "an Application Load Balancer filters nothing",
        Clause::LoadBalancerUnfiltered,
        |draft| {
            let nodes = nodes(draft, LoadBalancerKind::Application);
            add_group(draft, &nodes, [true, true]);
        },
    ),
    network(
        "a Network Load Balancer filters nothing",
        Clause::LoadBalancerUnfiltered,
        |draft| {
            let nodes = nodes(draft, LoadBalancerKind::Network);
            add_group(draft, &nodes, [true, true]);
        },
    ),
    network(
        "what a node sends is not asked of its groups",
        Clause::LoadBalancerTranslates,
        |draft| {
            let mut nodes = nodes(draft, LoadBalancerKind::Network);
            nodes.extend(self::nodes(draft, LoadBalancerKind::Application));
            add_group(draft, &nodes, [false, true]);
        },
    ),
    flow(
        "only three relays hand a request on",
        Clause::LoadBalancerLimit,
        |mut flow| {
            flow.picks.truncate(3);
            flow
        },
    ),
    flow(
        "every relay takes the first pick",
        Clause::LoadBalancerTarget,
        |mut flow| {
            let first = flow.picks.first().copied();
            flow.picks.fill(first.unwrap_or(1));
            flow
        },
    ),
    flow(
        "picks are taken from behind",
        Clause::LoadBalancerTarget,
        |mut flow| {
            flow.picks.reverse();
            flow
        },
    ),
    flow(
        "picks are counted from 0",
        Clause::LoadBalancerTarget,
        |mut flow| {
            for pick in &mut flow.picks {
                *pick = pick.saturating_add(1);
            }
            flow
        },
    ),
    flow(
        "whatever is picked, the first target gets it",
        Clause::LoadBalancerTarget,
        |mut flow| {
            flow.picks.fill(1);
            flow
        },
    ),
];

/// A group of the VPC of each interface that lets everything in, everything out, or both, besides the
/// groups that the interface has.
fn add_group(
    draft: &mut NetworkDraft,
    to: &BTreeSet<NetworkInterfaceId>,
    [inbound, outbound]: [bool; 2],
) {
    for interface in &mut draft.network_interfaces {
        let mut subnets = draft.subnets.iter();
        let subnet = subnets.find(|one| one.id == interface.subnet);
        let (Some(subnet), true) = (subnet, to.contains(&interface.id)) else {
            continue;
        };
        let id = SecurityGroupId::new(format!("planted-{}", interface.id));
        let rules = |wanted: bool| {
            let blocks = ["0.0.0.0/0", "::/0"].map(|text| GroupRule {
                traffic: RuleTraffic::All,
                peer: RulePeer::Cidr(pool::cidr(text)),
            });
            if wanted { blocks.to_vec() } else { Vec::new() }
        };
        match &mut interface.groups {
            Value::Known(groups) => {
                groups.insert(id.clone());
            }
            Value::OneOf(sets, _) => sets.iter_mut().for_each(|groups| {
                groups.insert(id.clone());
            }),
            Value::Any(_) => continue,
        }
        draft.security_groups.push(SecurityGroup {
            name: id.to_string(),
            id,
            vpc: subnet.vpc.clone(),
            ingress: rules(inbound),
            egress: rules(outbound),
            tags: model::Tags::new(),
        });
    }
}

/// Nodes of Network Load Balancers without groups get one.
fn filter(draft: &mut NetworkDraft, both: [bool; 2]) {
    let mut bare = nodes(draft, LoadBalancerKind::Network);
    for interface in &draft.network_interfaces {
        if interface.groups.known().is_none_or(|one| !one.is_empty()) {
            bare.remove(&interface.id);
        }
    }
    add_group(draft, &bare, both);
}
