//! Bugs in NAT gateways with several addresses, in NAT64, and in what comes back in from the internet.

use std::collections::BTreeSet;

use evaluator::Evaluator;
use model::{
    Address, AddressValue, Attachment, Cidr, Clause, ComponentId, Disposition, Effect, Engine,
    Flow, Invariant, Network, NetworkDraft, NetworkInterface, Outcome, Packet, RulePeer, Source,
    Trace, Transport,
};

use super::{Bug, Place, traced};
use crate::pool;

const fn address(name: &'static str, edit: fn(&mut NetworkDraft)) -> Bug {
    Bug {
        name,
        clause: Clause::NatGatewayAddress,
        place: Place::Network(edit),
    }
}

/// Bugs that flows show.
pub(super) const EDITS: &[Bug] = &[
    address("a NAT gateway sends from its first address", |draft| {
        for interface in nats(draft) {
            let several = is_several(interface);
            let mut seen = false;
            interface
                .addresses
                .retain(|one| !several || !is_v4(one) || !std::mem::replace(&mut seen, true));
        }
    }),
    address(
        "whether each address of a NAT gateway has a public one is not asked",
        |draft| {
            let mut n = 0;
            for interface in nats(draft) {
                let mixed = interface.addresses.iter().any(|one| one.public.is_some());
                let addresses = interface.addresses.iter_mut().filter(|_| mixed);
                for address in addresses.filter(|one| is_v4(one) && one.public.is_none()) {
                    n += 1;
                    let public = pool::offset(pool::cidr("198.51.101.0/24"), n);
                    address.public = Some(AddressValue::Known(public));
                }
            }
        },
    ),
    traced(
        "which of several alike addresses a NAT gateway sends from is asked on the internet",
        Clause::NatGatewayAddress,
        |network, _, trace| {
            let forward = &trace.decision.forward;
            let open = forward.disposition == Disposition::Undetermined;
            if !open && several(network, trace) && forward.clause == Clause::InternetGatewayDelivers
            {
                let forward = &mut trace.decision.forward;
                forward.disposition = Disposition::Undetermined;
                forward.clause = Clause::NatGatewayAddress;
            }
        },
    ),
    Bug {
        name: "NAT64 keeps the wrong 32 bits",
        clause: Clause::NatGatewayNat64,
        place: Place::Packet(|packet| {
            let right = pool::pictured(packet.destination())?;
            let wrong = right.bits().swap_bytes() >> 96;
            let wrong = pool::image(Address::from_bits(right.family(), wrong));
            Packet::new(packet.source(), wrong, packet.transport())
        }),
    },
    traced(
        "NAT64 takes every type of ICMPv6",
        Clause::NatGatewayProtocol,
        |_, _, trace| {
            let of_ping = at_protocol(trace).is_some_and(|packet| {
                let icmp = matches!(packet.transport(), Transport::Icmpv6 { .. });
                icmp && pool::pictured(packet.destination()).is_some()
            });
            delivers(trace, of_ping);
        },
    ),
    traced(
        "a NAT gateway takes every IPv6 destination",
        Clause::NatGatewayProtocol,
        |_, _, trace| {
            let other = at_protocol(trace).is_some_and(|packet| {
                let v6 = packet.family() == model::Family::V6;
                let taken = matches!(
                    packet.transport(),
                    Transport::Tcp { .. }
                        | Transport::Udp { .. }
                        | Transport::Icmpv6 { icmp_type: 128, .. }
                );
                v6 && taken && pool::pictured(packet.destination()).is_none()
            });
            delivers(trace, other);
        },
    ),
    traced(
        "a NAT gateway takes no IPv6",
        Clause::NatGatewayNat64,
        |_, _, trace| {
            let mut hops = trace.forward.iter();
            if hops.any(|hop| hop.clause == Clause::NatGatewayNat64) {
                let forward = &mut trace.decision.forward;
                forward.disposition = Disposition::Dropped;
                forward.clause = Clause::NatGatewayProtocol;
                forward.arrival = None;
                trace.decision.reply = None;
            }
        },
    ),
    traced(
        "what comes back in has its private source",
        Clause::InternetGatewayHairpin,
        |network, flow, trace| {
            again(network, flow, trace, |draft| {
                let pairs = pairs(draft);
                widen(draft, |peer| match peer {
                    RulePeer::Cidr(cidr) => {
                        let pairs = pairs.iter();
                        let held = pairs.filter(|(_, private, _)| pool::holds(*cidr, *private));
                        Some(held.map(|(_, _, public)| *public).collect())
                    }
                    RulePeer::PrefixList(_) | RulePeer::Group(_) | RulePeer::OutsideGroup(_) => {
                        None
                    }
                });
            });
        },
    ),
    traced(
        "a reference admits what comes back in",
        Clause::InternetGatewayHairpin,
        |network, flow, trace| {
            again(network, flow, trace, |draft| {
                let pairs = pairs(draft);
                widen(draft, |peer| match peer {
                    RulePeer::Group(group) => {
                        let members = pairs.iter().filter(|(groups, ..)| groups.contains(group));
                        Some(members.map(|(_, _, public)| *public).collect())
                    }
                    RulePeer::Cidr(_) | RulePeer::PrefixList(_) | RulePeer::OutsideGroup(_) => None,
                });
            });
        },
    ),
    traced(
        "what comes back in is not asked of the receiving gateway's table",
        Clause::InternetGatewayHairpin,
        |network, flow, trace| {
            let receiver = trace.forward.iter().rev().find_map(|hop| {
                let ComponentId::InternetGateway(id) = &hop.component else {
                    return None;
                };
                (hop.clause == Clause::InternetGatewayInbound).then(|| id.clone())
            });
            let Some(receiver) = receiver else { return };
            let mut draft = network.clone().into_draft();
            let mut gateways = draft.internet_gateways.iter_mut();
            if let Some(gateway) = gateways.find(|one| one.id == receiver)
                && comes_back(flow, trace)
                && gateway.edge_route_table.take().is_some()
                && let Ok(network) = draft.validate()
            {
                *trace = Evaluator::load(&network).trace(flow);
            }
        },
    ),
    traced(
        "the reply to what came back in is asked on the first leg only",
        Clause::InternetGatewayHairpin,
        |_, flow, trace| {
            let mut reply = trace.reply.iter();
            let out = reply.any(|hop| hop.clause == Clause::GatewayStateful);
            home(trace, comes_back(flow, trace) && !out);
        },
    ),
    traced(
        "the reply to what came back in is asked on the last leg only",
        Clause::InternetGatewayHairpin,
        |_, flow, trace| {
            let mut reply = trace.reply.iter();
            let out = reply.any(|hop| hop.clause == Clause::GatewayStateful);
            home(trace, comes_back(flow, trace) && out);
        },
    ),
    traced(
        "what leaves for the network itself stays on the internet",
        Clause::InternetGatewayHairpin,
        |_, flow, trace| {
            let back = comes_back(flow, trace);
            let forward = &mut trace.decision.forward;
            if back {
                forward.disposition = Disposition::Delivered;
                forward.clause = Clause::InternetGatewayDelivers;
            }
        },
    ),
];

/// Bugs that verdicts show.
pub(super) const VERDICTS: &[Bug] = &[Bug {
    name: "flows that NAT64 translates are not counted with the relayed ones",
    clause: Clause::NatGatewayNat64,
    place: Place::Invariant(forget_translated),
}];

/// Where nothing else hands on, no relayed flow is counted.
fn forget_translated(network: &Network, invariant: &mut Invariant) {
    if network.load_balancers().is_empty() {
        invariant.scope.relayed = false;
    }
}

fn nats(draft: &mut NetworkDraft) -> impl Iterator<Item = &mut NetworkInterface> {
    let interfaces = draft.network_interfaces.iter_mut();
    interfaces.filter(|one| matches!(one.attachment, Attachment::NatGateway(_)))
}

fn is_v4(address: &model::InterfaceAddress) -> bool {
    matches!(address.private, AddressValue::Known(Address::V4(_)))
}

fn is_several(interface: &NetworkInterface) -> bool {
    interface.addresses.iter().filter(|one| is_v4(one)).count() > 1
}

/// Whether a request passes a NAT gateway with several addresses.
fn several(network: &Network, trace: &Trace) -> bool {
    trace.forward.iter().any(|hop| {
        let ComponentId::NatGateway(id) = &hop.component else {
            return false;
        };
        let nat = network.nat_gateways().get(id);
        let interface = nat.and_then(|nat| network.network_interfaces().get(&nat.interface));
        interface.is_some_and(is_several)
    })
}

/// The packet that a NAT gateway drops for its protocol.
fn at_protocol(trace: &Trace) -> Option<Packet> {
    let last = trace.forward.last()?;
    let dropped = last.clause == Clause::NatGatewayProtocol && last.effect == Effect::Dropped;
    dropped.then_some(last.packet)
}

fn delivers(trace: &mut Trace, wrong: bool) {
    let forward = &mut trace.decision.forward;
    if wrong {
        forward.disposition = Disposition::Delivered;
        forward.clause = Clause::InternetGatewayDelivers;
    }
}

fn home(trace: &mut Trace, wrong: bool) {
    if let Some(reply) = trace.decision.reply.as_mut().filter(|_| wrong) {
        *reply = Outcome {
            disposition: Disposition::Delivered,
            clause: Clause::ReplyReturns,
            ..reply.clone()
        };
    }
}

/// Whether a request comes back in from the internet.
fn comes_back(flow: &Flow, trace: &Trace) -> bool {
    let mut hops = trace.forward.iter();
    let inside = flow.source != Source::Internet;
    inside && hops.any(|hop| hop.clause == Clause::InternetGatewayInbound)
}

/// What comes back in is walked in another network.
fn again(network: &Network, flow: &Flow, trace: &mut Trace, edit: impl Fn(&mut NetworkDraft)) {
    if !comes_back(flow, trace) {
        return;
    }
    let mut draft = network.clone().into_draft();
    edit(&mut draft);
    if let Ok(network) = draft.validate() {
        *trace = Evaluator::load(&network).trace(flow);
    }
}

/// Interfaces' groups with their private addresses and the public ones of these.
fn pairs(draft: &NetworkDraft) -> Vec<(BTreeSet<model::SecurityGroupId>, Address, Address)> {
    let mut pairs = Vec::new();
    for interface in &draft.network_interfaces {
        let groups = interface.groups.known().cloned().unwrap_or_default();
        for address in &interface.addresses {
            if let (AddressValue::Known(private), Some(AddressValue::Known(public))) =
                (&address.private, &address.public)
            {
                pairs.push((groups.clone(), *private, *public));
            }
        }
    }
    pairs
}

/// Adds inbound rules for the public addresses that a peer stands for.
fn widen(draft: &mut NetworkDraft, publics: impl Fn(&RulePeer) -> Option<Vec<Address>>) {
    for group in &mut draft.security_groups {
        let mut more = Vec::new();
        for rule in &group.ingress {
            for public in publics(&rule.peer).unwrap_or_default() {
                let mut rule = rule.clone();
                rule.peer = RulePeer::Cidr(Cidr::host(public));
                more.push(rule);
            }
        }
        group.ingress.extend(more);
    }
}
