//! Bugs in the legs of requests and of replies, and in the verdicts about them.

use model::{
    AddressValue, Clause, ComponentId, Disposition, Effect, Family, Flow, Hop, Invariant, Network,
    Outcome, PortRange, TargetDestination, Trace, TrafficClass, Transport,
};

use super::{Bug, Place, traced};

const fn asked(name: &'static str, change: fn(&Network, &mut Invariant)) -> Bug {
    Bug {
        name,
        clause: Clause::LoadBalancerTarget,
        place: Place::Invariant(change),
    }
}

/// Bugs that flows show.
pub(super) const EDITS: &[Bug] = &[
    traced(
        "a Network Load Balancer answers pings",
        Clause::LoadBalancerListener,
        |_, flow, trace| {
            if is_ping(flow) {
                deliver_dropped(trace, Clause::LoadBalancerListener);
            }
        },
    ),
    traced(
        "an Application Load Balancer answers no pings",
        Clause::LoadBalancerListener,
        |_, flow, trace| {
            if is_ping(flow) && passes(trace, Clause::LoadBalancerListener) {
                drop_request(trace);
            }
        },
    ),
    traced(
        "a fifth relay keeps the request",
        Clause::LoadBalancerLimit,
        |_, _, trace| {
            let fifth = trace.decision.forward.clause == Clause::LoadBalancerLimit;
            delivers(trace, fifth);
        },
    ),
    traced(
        "zones that are not known to differ are one",
        Clause::LoadBalancerTarget,
        |_, _, trace| settle(trace, Clause::LoadBalancerTarget),
    ),
    traced(
        "an endpoint's zone that is not known to differ is that of the node",
        Clause::EndpointServiceZone,
        |_, _, trace| settle(trace, Clause::EndpointServiceZone),
    ),
    traced(
        "a pick beyond the candidates keeps the request at the node",
        Clause::LoadBalancerTarget,
        |_, _, trace| deliver_dropped(trace, Clause::LoadBalancerTarget),
    ),
    traced(
        "a pick beyond the candidates keeps the request at the endpoint",
        Clause::EndpointServiceZone,
        |_, _, trace| deliver_dropped(trace, Clause::EndpointServiceZone),
    ),
    traced(
        "a node without an address of the family uses another one",
        Clause::LoadBalancerTranslates,
        |_, _, trace| deliver_dropped(trace, Clause::LoadBalancerTranslates),
    ),
    traced(
        "a client's address is preserved though the families differ",
        Clause::LoadBalancerPreserves,
        |network, _, trace| {
            let other = translations(network, trace)
                .any(|(of_group, preserves, of_packet)| preserves && of_group != of_packet);
            refuse(trace, other);
        },
    ),
    traced(
        "a client's address is preserved behind an endpoint service",
        Clause::LoadBalancerPreserves,
        |network, _, trace| {
            let by_service = passes(trace, Clause::EndpointServiceHandsOn);
            let wanted = translations(network, trace).any(|(_, preserves, _)| preserves);
            refuse(trace, by_service && wanted);
        },
    ),
    traced(
        "a target may be its own client",
        Clause::LoadBalancerPreserves,
        |network, _, trace| {
            let itself = refused(trace).is_some_and(|hop| is_own_client(network, trace, hop));
            delivers(trace, itself);
        },
    ),
    traced(
        "an endpoint's interface and a Network Load Balancer may be targets of preserved clients",
        Clause::LoadBalancerPreserves,
        |network, _, trace| {
            let other = refused(trace).is_some_and(|hop| !is_own_client(network, trace, hop));
            delivers(trace, other);
        },
    ),
    traced(
        "a packet with its client's address goes by any route",
        Clause::LoadBalancerPreserves,
        |_, _, trace| {
            let routed =
                is_dropped_by(trace, Clause::LoadBalancerPreserves) && refused(trace).is_none();
            delivers(trace, routed);
        },
    ),
    traced(
        "a target over a peering sees its client",
        Clause::LoadBalancerPreserves,
        |_, _, trace| {
            let peered = is_open_by(trace, Clause::LoadBalancerPreserves);
            delivers(trace, peered);
        },
    ),
    traced(
        "a packet with its client's address never crosses a peering",
        Clause::LoadBalancerPreserves,
        |_, _, trace| {
            if is_open_by(trace, Clause::LoadBalancerPreserves) {
                drop_request(trace);
            }
        },
    ),
    traced(
        "the port that a node sends from is the client's",
        Clause::LoadBalancerSourcePort,
        |_, _, trace| back(trace, Clause::LoadBalancerSourcePort),
    ),
    traced(
        "of a reply to a node no ACL is sure",
        Clause::LoadBalancerSourcePort,
        |_, _, trace| {
            let translated = passes(trace, Clause::LoadBalancerTranslates);
            let by_acl = trace.reply.iter().position(is_acl);
            let home = |hop: &Hop| hop.clause == Clause::LoadBalancerReturns;
            let home = trace.reply.iter().position(home);
            let on_leg = by_acl.is_some_and(|acl| home.is_none_or(|home| acl < home));
            if let Some(reply) = trace
                .decision
                .reply
                .as_mut()
                .filter(|_| translated && on_leg)
            {
                reply.disposition = Disposition::Undetermined;
                reply.clause = Clause::LoadBalancerSourcePort;
            }
        },
    ),
    traced(
        "the ACL of the node is forgotten for the reply of a target that saw its client",
        Clause::LoadBalancerReturns,
        |_, _, trace| preserved_back(trace, Clause::NetworkAclIngress),
    ),
    traced(
        "the ACL of the target is forgotten for the reply of a target that saw its client",
        Clause::LoadBalancerReturns,
        |_, _, trace| preserved_back(trace, Clause::NetworkAclEgress),
    ),
    traced(
        "a reply is home when it is back at the node",
        Clause::LoadBalancerReturns,
        |_, _, trace| {
            let returned = trace.reply.iter();
            let returned = returned.filter(|hop| hop.clause == Clause::LoadBalancerReturns);
            if returned.count() > 0 {
                home(trace);
            }
        },
    ),
    traced(
        "the legs of a reply are walked from the first to the last",
        Clause::LoadBalancerReturns,
        |_, _, trace| {
            let mut open = trace.reply.iter().rev();
            let last = open.find(|hop| matches!(hop.effect, Effect::Undetermined(_)));
            let last = last.map(|hop| hop.clause);
            let reply = trace.decision.reply.as_mut();
            let reply = reply.filter(|one| one.disposition == Disposition::Undetermined);
            if let (Some(reply), Some(last), true) = (
                reply,
                last,
                trace.decision.forward.disposition == Disposition::Delivered,
            ) {
                reply.clause = last;
            }
        },
    ),
    traced(
        "undetermined filters of earlier legs are forgotten",
        Clause::LoadBalancerTarget,
        |_, _, trace| {
            let legs = trace.forward.iter().rposition(|hop| {
                matches!(
                    hop.clause,
                    Clause::LoadBalancerTarget | Clause::EndpointServiceZone
                )
            });
            let later = trace.forward.get(legs.unwrap_or(0)..).unwrap_or_default();
            let open = |hop: &Hop| matches!(hop.effect, Effect::Undetermined(_));
            let undetermined = trace.decision.forward.disposition == Disposition::Undetermined;
            let forgotten = legs.is_some() && undetermined && !later.iter().any(open);
            delivers(trace, forgotten);
        },
    ),
];

/// Bugs that verdicts show.
pub(super) const VERDICTS: &[Bug] = &[
    asked("relayed flows are forgotten", |_, invariant| {
        invariant.scope.relayed = false;
    }),
    asked("relayed flows are always counted", |_, invariant| {
        invariant.scope.relayed = true;
    }),
    asked(
        "the traffic of relayed flows is judged as it is sent",
        |network, invariant| {
            let more = sent(network, &invariant.scope.traffic.classes);
            invariant.scope.traffic.classes.extend(more);
        },
    ),
    asked(
        "the family of relayed flows is not asked",
        |_, invariant| {
            if invariant.scope.relayed {
                invariant.scope.families = [Family::V4, Family::V6].into();
            }
        },
    ),
    asked(
        "the source ports of relayed flows are asked",
        |_, invariant| {
            if !invariant.scope.relayed {
                return;
            }
            // Those of the client: no flow that is asked here has another one.
            for class in &mut invariant.scope.traffic.classes {
                if let TrafficClass::Tcp { source_ports, .. }
                | TrafficClass::Udp { source_ports, .. } = class
                    && !source_ports.contains(&u16::MAX)
                {
                    invariant.scope.relayed = false;
                }
            }
        },
    ),
];

/// Classes at the targets' ports for those that hold a listener's.
fn sent(network: &Network, classes: &[TrafficClass]) -> Vec<TrafficClass> {
    let mut more = Vec::new();
    for balancer in network.load_balancers().values() {
        for listener in balancer.listeners.known().into_iter().flatten() {
            let groups = listener.target_groups.iter();
            let groups = groups.filter_map(|id| network.target_groups().get(id));
            let targets: Vec<_> = groups
                .filter_map(|group| group.targets.known())
                .flatten()
                .collect();
            for class in classes {
                let of_target = targets.iter().filter_map(|target| {
                    let port: PortRange = target.port..=target.port;
                    match class {
                        TrafficClass::Tcp {
                            source_ports,
                            destination_ports,
                        } if destination_ports.contains(&listener.port) => {
                            Some(TrafficClass::Tcp {
                                source_ports: source_ports.clone(),
                                destination_ports: port,
                            })
                        }
                        TrafficClass::Udp {
                            source_ports,
                            destination_ports,
                        } if destination_ports.contains(&listener.port) => {
                            Some(TrafficClass::Udp {
                                source_ports: source_ports.clone(),
                                destination_ports: port,
                            })
                        }
                        TrafficClass::Tcp { .. }
                        | TrafficClass::Udp { .. }
                        | TrafficClass::Icmp { .. }
                        | TrafficClass::Icmpv6 { .. }
                        | TrafficClass::Other { .. } => None,
                    }
                });
                more.extend(of_target);
            }
        }
    }
    more
}

fn is_ping(flow: &Flow) -> bool {
    matches!(
        flow.packet.transport(),
        Transport::Icmp { .. } | Transport::Icmpv6 { .. }
    )
}

fn is_dropped_by(trace: &Trace, clause: Clause) -> bool {
    let forward = &trace.decision.forward;
    forward.disposition == Disposition::Dropped && forward.clause == clause
}

fn is_open_by(trace: &Trace, clause: Clause) -> bool {
    let last = trace.forward.last();
    last.is_some_and(|hop| hop.clause == clause && matches!(hop.effect, Effect::Undetermined(_)))
}

fn passes(trace: &Trace, clause: Clause) -> bool {
    let mut hops = trace.forward.iter();
    hops.any(|hop| hop.clause == clause && hop.effect == Effect::Passed)
}

fn is_acl(hop: &Hop) -> bool {
    matches!(
        hop.clause,
        Clause::NetworkAclIngress | Clause::NetworkAclEgress
    )
}

/// The request is delivered where it was not.
fn delivers(trace: &mut Trace, wrong: bool) {
    let forward = &mut trace.decision.forward;
    if wrong {
        forward.disposition = Disposition::Delivered;
        forward.clause = Clause::InterfaceAccepts;
    }
}

/// The request is dropped where it was not.
fn drop_request(trace: &mut Trace) {
    trace.decision.forward.disposition = Disposition::Dropped;
    trace.decision.reply = None;
}

/// What a clause drops is delivered.
fn deliver_dropped(trace: &mut Trace, clause: Clause) {
    let dropped = is_dropped_by(trace, clause);
    delivers(trace, dropped);
}

/// The request is dropped as one that must not have its client's address.
fn refuse(trace: &mut Trace, wrong: bool) {
    if wrong {
        let forward = &mut trace.decision.forward;
        forward.disposition = Disposition::Dropped;
        forward.clause = Clause::LoadBalancerPreserves;
        forward.arrival = None;
        trace.decision.reply = None;
    }
}

/// What a clause leaves undetermined passes, unless something else does not.
fn settle(trace: &mut Trace, clause: Clause) {
    let forward = &trace.decision.forward;
    let open = forward.disposition == Disposition::Undetermined && forward.clause == clause;
    delivers(trace, open);
}

fn home(trace: &mut Trace) {
    if let Some(reply) = &mut trace.decision.reply {
        *reply = Outcome {
            disposition: Disposition::Delivered,
            clause: Clause::ReplyReturns,
            ..reply.clone()
        };
    }
}

/// The reply is delivered where a clause decided it.
fn back(trace: &mut Trace, clause: Clause) {
    let reply = trace.decision.reply.as_ref();
    if reply.is_some_and(|one| one.clause == clause) {
        home(trace);
    }
}

/// The same, on the last leg, when it began with the client's address.
fn preserved_back(trace: &mut Trace, clause: Clause) {
    let begins = [
        Clause::LoadBalancerPreserves,
        Clause::LoadBalancerTranslates,
    ];
    let mut legs = trace.forward.iter().rev();
    let last = legs.find(|hop| begins.contains(&hop.clause));
    let preserved = last.is_some_and(|hop| hop.clause == Clause::LoadBalancerPreserves);
    let mut reply = trace.reply.iter();
    let on_last = !reply.any(|hop| hop.clause == Clause::LoadBalancerReturns);
    if preserved && on_last {
        back(trace, clause);
    }
}

/// The step that refuses a target of a preserved client before the packet is sent.
fn refused(trace: &Trace) -> Option<&Hop> {
    let last = trace.forward.last()?;
    let dropped = last.clause == Clause::LoadBalancerPreserves && last.effect == Effect::Dropped;
    let before = trace.forward.iter().rev().nth(1)?;
    (dropped && before.clause == Clause::LoadBalancerTarget).then_some(last)
}

/// Whether the group that was picked from has the client among its targets.
fn is_own_client(network: &Network, trace: &Trace, hop: &Hop) -> bool {
    let client = hop.packet.source();
    let mut hops = trace.forward.iter().rev();
    let group = hops.find_map(|hop| {
        let ComponentId::TargetGroup(id) = &hop.component else {
            return None;
        };
        network.target_groups().get(id)
    });
    let targets = group.and_then(|group| group.targets.known());
    targets
        .into_iter()
        .flatten()
        .any(|target| match &target.destination {
            TargetDestination::Address(address) => *address == client,
            TargetDestination::Interface(id) => {
                let interface = network.network_interfaces().get(id);
                let mut addresses = interface.into_iter().flat_map(|one| &one.addresses);
                addresses.any(|one| one.private == AddressValue::Known(client))
            }
            TargetDestination::LoadBalancer(_) => false,
        })
}

/// The family of each group that was picked from, whether it preserves, and the family of what came,
/// where the node then sent from its own address.
fn translations<'a>(
    network: &'a Network,
    trace: &'a Trace,
) -> impl Iterator<Item = (Family, bool, Family)> + 'a {
    let pairs = trace.forward.iter().zip(trace.forward.iter().skip(1));
    let translated = pairs.filter(|(_, next)| next.clause == Clause::LoadBalancerTranslates);
    translated.filter_map(|(hop, _)| {
        let ComponentId::TargetGroup(id) = &hop.component else {
            return None;
        };
        let group = network.target_groups().get(id)?;
        let preserves = group.preserve_client_address;
        Some((group.family, preserves, hop.packet.family()))
    })
}
