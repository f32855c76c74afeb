//! The walk forward, from the sender to where the packet ends.

use std::ops::ControlFlow;

use model::{Address, Clause, Family, Packet, Transport};

use crate::address::held;
use crate::compiled::Compiled;
use crate::index::{
    EndpointIndex, HoleIndex, InterfaceIndex, InternetGatewayIndex, LoadBalancerIndex, SubnetIndex,
    VirtualPrivateIndex, VpcIndex,
};
use crate::leg::{Begin, Leg};
use crate::load_balancer::Candidate;
use crate::network_acl::Side;
use crate::network_interface::{Role, is_amazon_service};
use crate::on_premises::Gateway;
use crate::route_table::Target;
use crate::security_group::Came;
use crate::walk::{Component, End, Ending, Recorder, Silent, Walk};
use crate::way::{Device, Way};

/// How a packet came to the subnet of the interface that it arrives at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Entry {
    SameSubnet,
    /// By the local route, over a peering, from the internet or from on premises.
    Routed,
}

/// By what kind of gateway a packet left for the internet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    InternetGateway(InternetGatewayIndex),
    EgressOnly(crate::index::EgressOnlyIndex),
}

/// Where a packet arrives when every open filter lets it pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Arrived {
    AmazonService,
    Interface(InterfaceIndex, Entry),
    Internet(Exit),
    GatewayEndpoint(EndpointIndex),
    OnPremises(Gateway),
}

/// By what kind of gateway of a VPC a packet came in from outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CameIn {
    Internet(InternetGatewayIndex),
    OnPremises(VirtualPrivateIndex),
}

/// Who sends a flow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Sender {
    Interface(InterfaceIndex),
    Internet,
    /// A host on premises, by that gateway.
    OnPremises(Gateway),
    /// An interface or a gateway that is not in the network.
    Nobody,
}

/// The walk forward with what the walk back needs of it.
pub(crate) struct Forward<'a, R> {
    pub(crate) walk: Walk<'a, R>,
    /// The legs before the one that the packet is on.
    pub(crate) earlier: Vec<Leg>,
    /// Which candidate each relay takes, in order.
    pub(crate) picks: &'a [u16],
    /// How the leg began, by whom, and with what packet.
    pub(crate) begin: Begin,
    pub(crate) sender: Sender,
    pub(crate) sent: Packet,
    /// The devices that the packet has passed.
    pub(crate) way: Way,
    /// The gateway of a VPC by which it came in from outside.
    pub(crate) came_in: Option<CameIn>,
    pub(crate) arrived: Option<Arrived>,
}

/// How one direction ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Outcome {
    /// The clause that decides.
    pub(crate) clause: Clause,
    pub(crate) end: End,
}

/// What a request came to.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) outcome: Outcome,
    /// The step that ended the walk, which an open filter may stand before.
    pub(crate) ending: Ending,
    /// The legs on which relays received it.
    pub(crate) earlier: Vec<Leg>,
    pub(crate) last: Leg,
}

impl Request {
    pub(crate) fn first(&self) -> &Leg {
        self.earlier.first().unwrap_or(&self.last)
    }

    /// Whether NAT64 translated it on its way.
    pub(crate) fn is_translated(&self) -> bool {
        self.legs().any(Leg::is_translated)
    }

    pub(crate) fn legs(&self) -> impl Iterator<Item = &Leg> {
        self.earlier.iter().chain([&self.last])
    }
}

impl Outcome {
    /// The outcome of a walk that ends so and passed an open filter before.
    pub(crate) fn new(ending: Ending, open: Option<(Clause, HoleIndex)>) -> Self {
        match (ending.end, open) {
            (End::Delivered | End::Undetermined(_), Some((clause, hole))) => Self {
                clause,
                end: End::Undetermined(hole),
            },
            (End::Delivered | End::Undetermined(_), None) | (End::Dropped, _) => Self {
                clause: ending.clause,
                end: ending.end,
            },
        }
    }
}

/// Walks a request forward.
pub(crate) fn walk<R: Recorder>(
    network: &Compiled,
    recorder: R,
    sender: Sender,
    packet: Packet,
    picks: &[u16],
) -> (Request, R) {
    let mut forward = Forward {
        walk: Walk::new(network, recorder, packet),
        earlier: Vec::new(),
        picks,
        begin: Begin::Sender,
        sender,
        sent: packet,
        way: Way::default(),
        came_in: None,
        arrived: None,
    };
    let walked = match sender {
        Sender::Interface(index) => forward.interface_sends(index),
        Sender::Internet => forward.internet_sends(),
        Sender::OnPremises(gateway) => forward.on_premises_sends(gateway),
        // Who is not in the network has no address to send from.
        Sender::Nobody => forward
            .walk
            .drop(Component::Internet, None, Clause::SourceCheck),
    };
    let mut ending = ending(walked);
    while let Some(relay) = forward.relay(ending) {
        ending = self::ending(forward.hand_on(relay));
    }
    let request = Request {
        outcome: Outcome::new(ending, forward.walk.open),
        ending,
        last: forward.leg(),
        earlier: forward.earlier,
    };
    (request, forward.walk.recorder)
}

/// Walks what a node sends from its own address to a candidate, whoever its client is.
pub(crate) fn from_node(
    network: &Compiled,
    index: LoadBalancerIndex,
    node: InterfaceIndex,
    candidate: &Candidate,
    transport: Transport,
) -> Option<Request> {
    let to = candidate.address;
    let packet = Packet::new(to, to, transport)?;
    let mut forward = Forward {
        walk: Walk::new(network, Silent, packet),
        earlier: Vec::new(),
        picks: &[],
        begin: Begin::Translated(index),
        sender: Sender::Interface(node),
        sent: packet,
        way: Way::default(),
        came_in: None,
        arrived: None,
    };
    let ending = ending(forward.node_sends(index, node, candidate));
    Some(Request {
        outcome: Outcome::new(ending, forward.walk.open),
        ending,
        last: forward.leg(),
        earlier: forward.earlier,
    })
}

fn ending(walked: ControlFlow<Ending>) -> Ending {
    match walked {
        ControlFlow::Break(ending) => ending,
        // Every way ends by a step; were there one that does not, nothing would be delivered.
        ControlFlow::Continue(()) => Ending {
            clause: Clause::AddressOwner,
            end: End::Dropped,
        },
    }
}

impl<R: Recorder> Forward<'_, R> {
    /// A step that delivers the packet, and where.
    pub(crate) fn deliver(
        &mut self,
        component: Component,
        clause: Clause,
        arrived: Arrived,
    ) -> ControlFlow<Ending> {
        self.arrived = Some(arrived);
        self.walk.deliver(component, clause)
    }

    fn interface_sends(&mut self, index: InterfaceIndex) -> ControlFlow<Ending> {
        let network = self.walk.network;
        let interface = &network.interfaces[index];
        let component = Component::Interface(index);
        let destination = self.walk.packet.destination();
        match interface.role {
            Role::Endpoint(_) => {
                let clause = Clause::InterfaceEndpointConsumerInitiated;
                return self.walk.drop(component, None, clause);
            }
            Role::NatGateway(_) => {
                return self
                    .walk
                    .drop(component, None, Clause::NatGatewayOutboundOnly);
            }
            Role::ClientVpn(client_vpn) => self.client_sends(index, client_vpn)?,
            Role::Ordinary | Role::LoadBalancer(_) => {}
        }
        let source = self.walk.packet.source();
        let is_own = interface.private_addresses().any(|own| own == source);
        if interface.source_destination_check && !is_own {
            return self.walk.drop(component, None, Clause::SourceCheck);
        }
        self.walk.pass(component, None, Clause::SourceCheck);
        let vpc = &network.vpcs[interface.vpc];
        let subnet = &network.subnets[interface.subnet];
        if is_amazon_service(vpc, subnet, destination) {
            let clause = Clause::AmazonServiceUnfiltered;
            return self.deliver(
                Component::Vpc(interface.vpc),
                clause,
                Arrived::AmazonService,
            );
        }
        self.walk.groups_outbound(index)?;
        self.onward(interface.subnet)
    }

    /// *Onward* from a subnet, at which the packet stands.
    pub(crate) fn onward(&mut self, place: SubnetIndex) -> ControlFlow<Ending> {
        self.onward_asking(place, |_, _| ControlFlow::Continue(()))
    }

    /// The same, with something to ask behind the choice of the route; without a target when none
    /// is chosen, within the subnet.
    pub(crate) fn onward_asking(
        &mut self,
        place: SubnetIndex,
        ask: impl FnOnce(&mut Self, Option<Target>) -> ControlFlow<Ending>,
    ) -> ControlFlow<Ending> {
        let subnet = &self.walk.network.subnets[place];
        let destination = self.walk.packet.destination();
        if held(&subnet.cidrs, destination) {
            let component = Component::Subnet(place);
            self.walk.pass(component, None, Clause::SameSubnet);
            ask(self, None)?;
            return self.arrive(subnet.vpc, Entry::SameSubnet);
        }
        self.walk.network_acl(place, Side::Out)?;
        let target = self.walk.route(place, destination)?;
        ask(self, Some(target))?;
        self.target(place, target)
    }

    /// The target of the chosen route, from a subnet.
    fn target(&mut self, place: SubnetIndex, target: Target) -> ControlFlow<Ending> {
        let vpc = self.walk.network.subnets[place].vpc;
        let inspected = self.way.is_inspected() && self.walk.packet.family() == Family::V6;
        if let Begin::Preserved(load_balancer) = self.begin {
            self.straight(load_balancer, target)?;
        }
        match target {
            Target::Local => {
                let component = Component::Vpc(vpc);
                self.walk.pass(component, None, Clause::LocalRoute);
                self.arrive(vpc, Entry::Routed)
            }
            Target::InternetGateway(gateway) => self.internet_gateway(place, gateway),
            Target::EgressOnly(gateway) if inspected => self.inspected_egress_only(gateway),
            Target::EgressOnly(gateway) => self.egress_only(place, gateway),
            Target::NatGateway(nat) => match self.way.nat_gateway() {
                Some(passed) => self.nat_gateway_chain(passed, nat),
                None => self.nat_gateway(place, nat),
            },
            Target::Peering(peering) => self.peering(vpc, peering),
            Target::GatewayEndpoint(endpoint) => match self.way.nat_gateway() {
                Some(passed) => self.nat_gateway_to_endpoint(passed),
                None => self.gateway_endpoint(vpc, endpoint),
            },
            Target::NetworkInterface(interface) => self.middlebox(Some(place), interface),
            Target::GatewayLoadBalancer(endpoint) => self.gateway_load_balancer(endpoint),
            Target::TransitGateway(gateway) => self.transit_gateway(place, gateway),
            Target::VirtualPrivate(gateway) => self.virtual_private(vpc, gateway),
        }
    }

    /// What is asked of a packet that comes to any device: that it has not passed it, and not
    /// too many.
    pub(crate) fn comes_to(
        &mut self,
        component: Component,
        is_passed: impl Fn(Device) -> bool,
    ) -> ControlFlow<Ending> {
        if self.way.devices().any(is_passed) {
            return self.walk.drop(component, None, Clause::WayLoop);
        }
        if self.way.is_full() {
            let hole = self.walk.network.way_limit;
            return self.walk.end_open(component, None, Clause::WayLimit, hole);
        }
        ControlFlow::Continue(())
    }

    /// Whence the packet has come, as far as references to groups ask.
    pub(crate) fn came(&self, receiver: InterfaceIndex) -> Came {
        if let (Begin::Preserved(_), Sender::Interface(node)) = (self.begin, self.sender) {
            return Came::Behind(node);
        }
        match (self.came_in, self.way.only()) {
            (None, None) if self.way.is_empty() => Came::Inside,
            (None, Some(Device::Peering(peering))) => Came::Peering(peering),
            (None, Some(Device::TransitGateway(passage))) => {
                let vpc = self.walk.network.referenced_over(passage, receiver);
                vpc.map_or(Came::Elsewhere, Came::Transit)
            }
            (
                None,
                Some(Device::NatGateway(_) | Device::Middlebox(_) | Device::GatewayLoadBalancer(_)),
            )
            | (None, None)
            | (Some(_), _) => Came::Elsewhere,
        }
    }

    /// *Arrival* in a VPC, for the packet's destination.
    pub(crate) fn arrive(&mut self, vpc: VpcIndex, entry: Entry) -> ControlFlow<Ending> {
        let destination: Address = self.walk.packet.destination();
        match self.walk.network.vpcs[vpc].owners.at(destination) {
            Some((index, _)) => self.arrive_at(index, entry),
            None => self
                .walk
                .drop(Component::Vpc(vpc), None, Clause::AddressOwner),
        }
    }

    /// *Arrival* from its second step on: at the interface that has the destination.
    pub(crate) fn arrive_at(&mut self, index: InterfaceIndex, entry: Entry) -> ControlFlow<Ending> {
        let interface = &self.walk.network.interfaces[index];
        if entry != Entry::SameSubnet {
            self.walk.network_acl(interface.subnet, Side::In)?;
        }
        match interface.role {
            Role::NatGateway(nat) => {
                let clause = Clause::NatGatewayOutboundOnly;
                return self.walk.drop(Component::NatGateway(nat), None, clause);
            }
            Role::Endpoint(endpoint) => self.interface_endpoint(endpoint)?,
            Role::LoadBalancer(load_balancer) => self.walk.listener(load_balancer)?,
            Role::Ordinary | Role::ClientVpn(_) => {}
        }
        let came = self.came(index);
        self.walk.groups_inbound(index, came)?;
        match interface.role {
            Role::ClientVpn(client_vpn) => self.client_vpn_inbound(index, client_vpn),
            Role::Ordinary | Role::Endpoint(_) | Role::NatGateway(_) | Role::LoadBalancer(_) => {
                self.accept(index, entry)
            }
        }
    }

    /// The interface takes the packet, which a relay may then hand on.
    pub(crate) fn accept(&mut self, index: InterfaceIndex, entry: Entry) -> ControlFlow<Ending> {
        let component = Component::Interface(index);
        let clause = Clause::InterfaceAccepts;
        let arrived = Arrived::Interface(index, entry);
        if !self.is_handed_on(index) {
            return self.deliver(component, clause, arrived);
        }
        self.arrived = Some(arrived);
        self.walk.pass(component, None, clause);
        ControlFlow::Break(Ending {
            clause,
            end: End::Delivered,
        })
    }
}
