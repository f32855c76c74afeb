//! Bugs in load balancers and endpoint services that are planted in the network, or in the flow.

use std::collections::BTreeSet;

use model::{
    AddressValue, Attachment, Cidr, Clause, EndpointKind, Flow, GroupRule, Listener,
    ListenerProtocol, LoadBalancerId, LoadBalancerKind, NetworkDraft, NetworkInterfaceId,
    RegisteredTarget, RulePeer, RuleTraffic, SecurityGroup, SecurityGroupId, TargetDestination,
    TargetGroup, TargetGroupId, Value,
};

use super::{Bug, Place, network};
use crate::pool;

const fn flow(name: &'static str, clause: Clause, change: fn(Flow) -> Flow) -> Bug {
    Bug {
        name,
        clause,
        place: Place::Flow(change),
    }
}

/// A bug in what endpoint services carry.
const fn by_service(name: &'static str, clause: Clause, edit: fn(&mut NetworkDraft)) -> Bug {
    Bug {
        name,
        clause,
        place: Place::Where(Clause::EndpointServiceHandsOn, edit),
    }
}

/// Bugs written by hand.
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
    by_service(
        "the rules of a service's load balancers match groups",
        Clause::EndpointServiceHandsOn,
        |draft| {
            let groups = groups_of(draft, |one| {
                matches!(one.attachment, Attachment::LoadBalancer(_))
            });
            references_by_address(draft, &groups);
        },
    ),
    by_service(
        "rules at a service are judged on the endpoint's address",
        Clause::EndpointServiceHandsOn,
        judged_on_endpoints,
    ),
    network(
        "groups are asked about endpoint services always",
        Clause::EndpointServiceHandsOn,
        |draft| {
            draft
                .load_balancers
                .iter_mut()
                .for_each(|one| one.private_link_ingress = true)
        },
    ),
    network(
        "groups are never asked about endpoint services",
        Clause::EndpointServiceHandsOn,
        |draft| {
            draft
                .load_balancers
                .iter_mut()
                .for_each(|one| one.private_link_ingress = false)
        },
    ),
    network(
        "a service has one load balancer",
        Clause::EndpointServiceZone,
        |draft| {
            for service in &mut draft.endpoint_services {
                let first = service.load_balancers.first().cloned();
                service.load_balancers = first.into_iter().collect();
            }
        },
    ),
    network(
        "nodes of a service are taken in the order of the load balancers from the last",
        Clause::EndpointServiceZone,
        reverse_balancers,
    ),
    Bug {
        name: "the zone of a service's node is not asked",
        clause: Clause::EndpointServiceZone,
        place: Place::Where(Clause::EndpointServiceZone, |draft| {
            for (vpc, n) in draft.vpcs.iter_mut().zip(0..) {
                vpc.region = format!("region-{n}");
            }
        }),
    },
    Bug {
        name: "zones are compared between Regions",
        clause: Clause::EndpointServiceZone,
        place: Place::Where(Clause::EndpointServiceZone, |draft| {
            for vpc in &mut draft.vpcs {
                vpc.region = "us-east-1".to_owned();
            }
        }),
    },
    network(
        "every interface endpoint is one of the first service",
        Clause::EndpointServiceHandsOn,
        |draft| {
            let Some(service) = draft.endpoint_services.first() else {
                return;
            };
            for endpoint in &mut draft.vpc_endpoints {
                if let EndpointKind::Interface { .. } = endpoint.kind {
                    endpoint.service.clone_from(&service.name);
                }
            }
        },
    ),
    network(
        "no endpoint hands requests on",
        Clause::EndpointServiceHandsOn,
        |draft| draft.endpoint_services.clear(),
    ),
];

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

fn each_targets(
    draft: &mut NetworkDraft,
    mut edit: impl FnMut(&mut TargetGroup, &mut Vec<RegisteredTarget>),
) {
    each_group(draft, &mut edit);
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

const fn family(address: &AddressValue) -> model::Family {
    match address {
        AddressValue::Known(address) => address.family(),
        AddressValue::Within(block, _) => block.family(),
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

/// Gives load balancers other ids, in reverse order.
fn reverse_balancers(draft: &mut NetworkDraft) {
    let n = draft.load_balancers.len();
    let ids: Vec<_> = draft
        .load_balancers
        .iter()
        .map(|one| one.id.clone())
        .collect();
    let renamed = |id: &LoadBalancerId| {
        let at = ids.iter().position(|one| one == id).unwrap_or(n);
        LoadBalancerId::new(format!("lb-{:04}", n - at))
    };
    for balancer in &mut draft.load_balancers {
        balancer.id = renamed(&balancer.id);
    }
    for interface in &mut draft.network_interfaces {
        if let Attachment::LoadBalancer(id) = &mut interface.attachment {
            *id = renamed(id);
        }
    }
    for service in &mut draft.endpoint_services {
        service.load_balancers = service.load_balancers.iter().map(&renamed).collect();
    }
    each_group(draft, |_, targets| {
        for target in targets {
            if let TargetDestination::LoadBalancer(id) = &mut target.destination {
                *id = renamed(id);
            }
        }
    });
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

/// Inbound rules of nodes with a block let everybody in when it holds an endpoint's address, and nobody
/// otherwise.
fn judged_on_endpoints(draft: &mut NetworkDraft) {
    let groups = groups_of(draft, |one| {
        matches!(one.attachment, Attachment::LoadBalancer(_))
    });
    let endpoints = draft.network_interfaces.iter();
    let endpoints = endpoints.filter(|one| matches!(one.attachment, Attachment::VpcEndpoint(_)));
    let addresses: Vec<_> = endpoints
        .flat_map(|one| &one.addresses)
        .filter_map(|one| match one.private {
            AddressValue::Known(address) => Some(address),
            AddressValue::Within(..) => None,
        })
        .collect();
    for group in &mut draft.security_groups {
        if !groups.contains(&group.id) {
            continue;
        }
        group.ingress.retain_mut(|rule| {
            let RulePeer::Cidr(cidr) = &mut rule.peer else {
                return true;
            };
            let holds = addresses.iter().any(|address| pool::holds(*cidr, *address));
            *cidr = pool::around(cidr.base(), 0);
            holds
        });
    }
}
