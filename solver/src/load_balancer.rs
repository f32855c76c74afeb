//! Application and Network Load Balancers (page load_balancer).

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::sync::Arc;

use model::{
    Attachment, Cidr, Clause, ComponentId, EndpointServiceId, Family, Hole, Listener,
    ListenerProtocol, LoadBalancer, LoadBalancerId, LoadBalancerKind, Network, NetworkInterface,
    NetworkInterfaceId, Port, RegisteredTarget, SecurityGroupId, SubnetId, Target,
    TargetDestination, TargetGroup, Value, VpcId,
};

use crate::encoder::Encoder;
use crate::endpoint_service;
use crate::forward::onward;
use crate::gateway;
use crate::hole::unsettled;
use crate::leg::{self, SentBy, Start};
use crate::middlebox;
use crate::network_acl::Bound;
use crate::network_interface::Who;
use crate::ranges::{Ranges, ends};
use crate::security_group::{self, Entered};
use crate::symbolic::{Formula, ICMP, ICMPV6, Number, Packet, TCP, Transport, UDP};
use crate::transit_gateway_zone::in_one_zone;
use crate::walk::{Back, Endings, Steps};

/// What hands requests on.
#[derive(Clone, Debug)]
pub(crate) enum Relay {
    /// A node of a load balancer.
    Node(LoadBalancerId),
    /// An interface of an endpoint for a service.
    Endpoint(EndpointServiceId),
}

/// `load-balancer-listener`, at arrival.
pub(crate) fn takes(encoder: &Encoder, steps: &mut Steps, receiver: &Who, transport: &Transport) {
    let Some(within) = encoder.index.vpcs.get(receiver.vpc()) else {
        return;
    };
    let clause = Clause::LoadBalancerListener;
    let found = within.load_balancers.iter();
    let found = found.filter_map(|id| encoder.network.load_balancers().get(id));
    let mut refused = Vec::new();
    let mut open = Vec::new();
    for load_balancer in found {
        let here = encoder.among(receiver, &load_balancer.interfaces);
        let kept = keeps(load_balancer, transport);
        let heard = match &load_balancer.listeners {
            Value::Known(listeners) => {
                let heard = listeners.iter().flat_map(|one| heard(one, transport));
                Formula::any(heard.map(|(_, when)| when))
            }
            Value::OneOf(_, hole) | Value::Any(hole) => {
                let may_be_heard = may_be_heard(load_balancer, transport);
                open.push((hole.clone(), &here & &may_be_heard));
                may_be_heard
            }
        };
        refused.push(here & !(heard | kept));
    }
    steps.drop(clause, Formula::any(refused));
    for (hole, here) in open {
        steps.doubt(clause, hole, here);
    }
}

/// What a load balancer takes without a listener, and never hands on.
fn keeps(load_balancer: &LoadBalancer, transport: &Transport) -> Formula {
    match load_balancer.kind {
        LoadBalancerKind::Application => {
            transport.is_protocol(ICMP) | transport.is_protocol(ICMPV6)
        }
        LoadBalancerKind::Network => Formula::FALSE,
    }
}

/// What a load balancer may have a listener for.
fn may_be_heard(load_balancer: &LoadBalancer, transport: &Transport) -> Formula {
    match load_balancer.kind {
        LoadBalancerKind::Application => transport.is_protocol(TCP),
        LoadBalancerKind::Network => transport.has_ports(),
    }
}

/// The protocols that a listener takes, each with: the packet is one for the listener.
fn heard(listener: &Listener, transport: &Transport) -> Vec<(u128, Formula)> {
    let protocols: &[u128] = match listener.protocol {
        ListenerProtocol::Tcp => &[TCP],
        ListenerProtocol::Udp => &[UDP],
        ListenerProtocol::TcpUdp => &[TCP, UDP],
    };
    let port = transport.destination_port.is(u128::from(listener.port));
    let taken = protocols.iter().map(|protocol| {
        let when = transport.is_protocol(*protocol) & port.clone();
        (*protocol, when)
    });
    taken.collect()
}

/// The addresses at which relays are, private and public ones; all when one of them is open.
pub(crate) fn addresses(encoder: &Encoder) -> Ranges {
    let relays = || encoder.index.relays();
    let private = encoder.private_addresses(relays());
    let public = encoder.public_addresses(relays());
    match (private.known(), public.known()) {
        (Some(private), Some(public)) => {
            Ranges::new(encoder.family, private.iter().chain(public.iter()))
        }
        (None, _) | (_, None) => Ranges::all(encoder.family),
    }
}

/// What has been delivered at a relay is handed on, as far as it is picked; the rest is left.
pub(crate) fn hand_on(encoder: &mut Encoder, steps: &mut Steps, receiver: &Who, back: &Back) {
    if encoder.picks.is_empty() || steps.is_over() {
        return;
    }
    let index = Arc::clone(&encoder.index);
    let Some(within) = index.vpcs.get(receiver.vpc()) else {
        return;
    };
    let position = steps.start.relays;
    let pick = encoder.picks.get(position).cloned();
    let picked = match &pick {
        Some(pick) if position > 0 || !encoder.has_first_pick => !pick.is(0),
        Some(_) | None => Formula::TRUE,
    };
    let mut handed = Vec::new();
    for (id, relay) in &within.relays {
        if !may_be_at(encoder, steps, receiver, id) {
            continue;
        }
        let kept = match relay {
            Relay::Node(of) => {
                let of = encoder.network.load_balancers().get(of);
                of.map_or(Formula::FALSE, |of| keeps(of, &steps.way.packet.transport))
            }
            Relay::Endpoint(_) => Formula::FALSE,
        };
        let here = encoder.among(receiver, [id]) & picked.clone() & !kept;
        let mut branch = steps.branch(&here);
        if branch.is_over() {
            continue;
        }
        handed.push(here);
        match (&pick, relay) {
            (None, _) => limit(&mut branch, id),
            (Some(pick), Relay::Node(load_balancer)) => {
                from_node(encoder, &mut branch, (id, load_balancer), pick, back);
            }
            (Some(pick), Relay::Endpoint(service)) => {
                endpoint_service::hand_on(encoder, &mut branch, (id, service), pick, back);
            }
        }
        steps.join(branch);
    }
    steps.here = &steps.here & &!Formula::any(handed);
}

/// Whether what comes here may be for an interface. A public address says nothing of the private one.
fn may_be_at(encoder: &Encoder, steps: &Steps, receiver: &Who, id: &NetworkInterfaceId) -> bool {
    match receiver {
        Who::Private { .. } => encoder
            .private_addresses([id])
            .may_be_in(&steps.destinations),
        Who::Pinned { .. } | Who::Public { .. } | Who::Subnet { .. } => true,
    }
}

/// `load-balancer-limit`.
fn limit(steps: &mut Steps, relay: &NetworkInterfaceId) {
    let clause = Clause::LoadBalancerLimit;
    let hole = unsettled(clause, &format!("interface {relay}"));
    steps.end(clause, hole, Formula::TRUE);
}

/// A walk up to a relay goes on behind it.
pub(crate) fn goes_on(
    encoder: &mut Encoder,
    steps: &mut Steps,
    relay: (&NetworkInterfaceId, ComponentId),
    back: &Back,
    behind: &Rc<Endings>,
) {
    let (interface, owner) = relay;
    let passed = [owner, ComponentId::NetworkInterface(interface.clone())];
    leg::goes_on(encoder, steps, passed, back, behind);
}

/// A node hands on.
fn from_node(
    encoder: &mut Encoder,
    steps: &mut Steps,
    (node, id): (&NetworkInterfaceId, &LoadBalancerId),
    pick: &Number,
    back: &Back,
) {
    let network = Arc::clone(&encoder.network);
    let Some(load_balancer) = network.load_balancers().get(id) else {
        return;
    };
    let listeners = match &load_balancer.listeners {
        Value::Known(listeners) => listeners,
        Value::OneOf(_, hole) | Value::Any(hole) => {
            let clause = Clause::LoadBalancerTargetsUnknown;
            steps.end(clause, hole.clone(), Formula::TRUE);
            return;
        }
    };
    for listener in listeners {
        for (protocol, when) in heard(listener, &steps.way.packet.transport.clone()) {
            let mut branch = steps.branch(&when);
            if !branch.is_over() {
                let by = By {
                    node,
                    load_balancer,
                    protocol,
                };
                by.listener(encoder, &mut branch, listener, pick, back);
                steps.join(branch);
            }
        }
    }
}

/// Where a request may be handed on to.
struct Candidate {
    address: Number,
    family: Family,
    port: Port,
    preserves: bool,
    /// Whether it is in the node's zone, where that matters and is not known.
    zone: Option<Hole>,
}

/// A node that has taken a packet of a protocol.
struct By<'a> {
    node: &'a NetworkInterfaceId,
    load_balancer: &'a LoadBalancer,
    protocol: u128,
}

impl By<'_> {
    /// `load-balancer-targets-unknown`, `load-balancer-target`, and what follows.
    fn listener(
        &self,
        encoder: &mut Encoder,
        steps: &mut Steps,
        listener: &Listener,
        pick: &Number,
        back: &Back,
    ) {
        let network = Arc::clone(&encoder.network);
        let groups = listener.target_groups.iter();
        let groups = groups.filter_map(|id| network.target_groups().get(id));
        if let Some(hole) = groups.clone().find_map(|group| group.targets.hole()) {
            let clause = Clause::LoadBalancerTargetsUnknown;
            steps.end(clause, hole.clone(), Formula::TRUE);
            return;
        }
        let candidates: Vec<_> = groups
            .flat_map(|group| self.candidates(encoder, group))
            .collect();
        let clause = Clause::LoadBalancerTarget;
        let positions: Vec<_> = (1_u128..).zip(&candidates).collect();
        let some = positions.iter().map(|(position, _)| pick.is(*position));
        steps.drop(clause, !Formula::any(some));
        for (position, candidate) in positions {
            let mut branch = steps.branch(&pick.is(position));
            if branch.is_over() || encoder.is_too_large() {
                continue;
            }
            if let Some(hole) = &candidate.zone {
                branch.doubt(clause, hole.clone(), Formula::TRUE);
            }
            let behind = self.send(encoder, &branch, candidate);
            let owner = ComponentId::LoadBalancer(self.load_balancer.id.clone());
            goes_on(encoder, &mut branch, (self.node, owner), back, &behind);
            steps.join(branch);
        }
    }

    /// The candidates of a group with known targets.
    fn candidates(&self, encoder: &Encoder, group: &TargetGroup) -> Vec<Candidate> {
        let targets = group.targets.known().into_iter().flatten();
        let candidates = targets.flat_map(|target| {
            let places = self.places(encoder, group.family, target).into_iter();
            places.filter_map(|(address, subnet)| {
                let zone = match subnet.filter(|_| !group.cross_zone) {
                    Some(subnet) => {
                        let own = subnet_of(encoder, self.node)?;
                        match in_one_zone(&encoder.network, own, &subnet) {
                            Some(true) => None,
                            Some(false) => return None,
                            None => {
                                let place = format!("target group {}", group.id);
                                Some(unsettled(Clause::LoadBalancerTarget, &place))
                            }
                        }
                    }
                    None => None,
                };
                Some(Candidate {
                    address,
                    family: group.family,
                    port: target.port,
                    preserves: group.preserve_client_address,
                    zone,
                })
            })
        });
        candidates.collect()
    }

    /// The addresses of a target, each with the subnet whose zone is its own, if there is one.
    fn places(
        &self,
        encoder: &Encoder,
        family: Family,
        target: &RegisteredTarget,
    ) -> Vec<(Number, Option<SubnetId>)> {
        let of_interface = |id: &NetworkInterfaceId| {
            let address = encoder.first_address(family, id)?;
            Some((address, subnet_of(encoder, id).cloned()))
        };
        match &target.destination {
            TargetDestination::Interface(id) => of_interface(id).into_iter().collect(),
            TargetDestination::Address(address) => {
                let number = Number::Known(address.bits(), u32::from(family.width()));
                let vpc = encoder.index.vpc_of.get(self.node);
                let subnet = vpc.and_then(|vpc| holding(encoder, vpc, family, address.bits()));
                vec![(number, subnet)]
            }
            TargetDestination::LoadBalancer(id) => {
                let found = encoder.network.load_balancers().get(id);
                let nodes = found.into_iter().flat_map(|found| &found.interfaces);
                nodes.filter_map(of_interface).collect()
            }
        }
    }

    /// The leg to a candidate: `load-balancer-preserves` or `load-balancer-translates`.
    fn send(&self, encoder: &mut Encoder, before: &Steps, candidate: &Candidate) -> Rc<Endings> {
        let client = &before.way.packet;
        let by_service = matches!(before.start.sent_by, SentBy::Endpoint(..));
        let preserves = candidate.preserves && client.family == candidate.family && !by_service;
        let (source, sent_by) = if preserves {
            let source = Some(client.source.clone());
            (source, SentBy::Client(self.node.clone()))
        } else {
            let source = encoder.first_address(candidate.family, self.node);
            (source, SentBy::Node(self.node.clone()))
        };
        let Some(source) = source else {
            return Rc::new(Endings {
                dropped: vec![(Clause::LoadBalancerTranslates, Formula::TRUE)],
                ..Endings::default()
            });
        };
        let packet = Packet {
            family: candidate.family,
            source,
            destination: candidate.address.clone(),
            transport: Transport {
                protocol: Number::Known(self.protocol, 8),
                source_port: client.transport.source_port.clone(),
                destination_port: Number::Known(u128::from(candidate.port), 16),
                icmp_type: Number::Known(0, 8),
                code: Number::Known(0, 8),
            },
        };
        let start = Start::next(encoder, before, self.node, sent_by, packet);
        start.walk(encoder, |encoder, steps| {
            leaves_node(encoder, steps, self.node);
        })
    }
}

fn subnet_of<'a>(encoder: &'a Encoder, id: &NetworkInterfaceId) -> Option<&'a SubnetId> {
    let interface = encoder.network.network_interfaces().get(id)?;
    Some(&interface.subnet)
}

/// The subnet of a VPC whose block holds a known address.
fn holding(encoder: &Encoder, vpc: &VpcId, family: Family, address: u128) -> Option<SubnetId> {
    let mut subnets = encoder.network.subnets().iter();
    let holds = |block: &Cidr| {
        let (first, last) = ends(*block);
        block.family() == family && first <= address && address <= last
    };
    let found = subnets.find(|(_, subnet)| subnet.vpc == *vpc && subnet.cidrs.iter().any(holds));
    found.map(|(id, _)| id.clone())
}

/// What a node sends: its groups outbound, and onward from its subnet.
fn leaves_node(encoder: &mut Encoder, steps: &mut Steps, node: &NetworkInterfaceId) {
    let Some(stands) = Who::pinned(encoder, node) else {
        return;
    };
    let packet = steps.way.packet.clone();
    if let SentBy::Client(_) = steps.start.sent_by {
        no_hairpin(encoder, steps, stands.vpc());
    }
    let (far, transport) = (&packet.destination, &packet.transport);
    let groups = security_group::step(encoder, &stands, Bound::Out, &Entered::Sent, far, transport);
    steps.filter(Clause::SecurityGroupEgress, &Formula::TRUE, groups);
    onward(encoder, steps, &stands);
}

/// `load-balancer-preserves`: no target is its own client, an interface endpoint or a Network Load Balancer.
fn no_hairpin(encoder: &Encoder, steps: &mut Steps, vpc: &VpcId) {
    let packet = steps.way.packet.clone();
    let within = encoder.index.vpcs.get(vpc).into_iter();
    let refused = within.flat_map(|within| within.of_endpoints.iter().chain(&within.of_networks));
    let refused = encoder.private_addresses(refused);
    let refused = if refused.may_be_in(&steps.destinations) {
        refused.hold(&packet.destination)
    } else {
        Formula::FALSE
    };
    let same = packet.source.equals(&packet.destination);
    steps.drop(Clause::LoadBalancerPreserves, same | refused);
}

/// The target of a route for what has to go straight to its receiver (`load-balancer-preserves`).
pub(crate) fn straight(encoder: &mut Encoder, steps: &mut Steps, stands: &Who, target: &Target) {
    let clause = Clause::LoadBalancerPreserves;
    match target {
        Target::Local => gateway::target(encoder, steps, stands, target),
        Target::Peering(id) => {
            let hole = unsettled(clause, &format!("peering {id}"));
            steps.end(clause, hole, Formula::TRUE);
        }
        Target::NetworkInterface(id) => {
            // What is for the interface itself comes to no device: it goes straight.
            middlebox::own(encoder, steps, id);
            steps.drop(clause, Formula::TRUE);
        }
        Target::InternetGateway(_)
        | Target::EgressOnlyInternetGateway(_)
        | Target::NatGateway(_)
        | Target::GatewayEndpoint(_)
        | Target::GatewayLoadBalancerEndpoint(_)
        | Target::TransitGateway(_)
        | Target::VirtualPrivateGateway(_)
        | Target::Unmodelled { .. } => steps.drop(clause, Formula::TRUE),
    }
}

/// The relays of a network by interface.
pub(crate) fn relays(network: &Network) -> BTreeMap<NetworkInterfaceId, Relay> {
    let nodes = network.load_balancers().iter().flat_map(|(id, found)| {
        let interfaces = found.interfaces.iter();
        interfaces.map(|interface| (interface.clone(), Relay::Node(id.clone())))
    });
    nodes.chain(endpoint_service::relays(network)).collect()
}

/// Whether a node filters nothing (`load-balancer-unfiltered`), were these its groups.
pub(crate) fn is_unfiltered(
    network: &Network,
    interface: &NetworkInterface,
    groups: &BTreeSet<SecurityGroupId>,
) -> bool {
    groups.is_empty() && is_of_network_load_balancer(network, interface)
}

/// Whether an interface is a Network Load Balancer's.
pub(crate) fn is_of_network_load_balancer(network: &Network, interface: &NetworkInterface) -> bool {
    let Attachment::LoadBalancer(id) = &interface.attachment else {
        return false;
    };
    let found = network.load_balancers().get(id);
    found.is_some_and(|found| found.kind == LoadBalancerKind::Network)
}
