//! The walk back, from where the request was delivered to its sender.

use std::ops::ControlFlow;

use model::{Clause, Packet, Transport};

use crate::compiled::Compiled;
use crate::exchange::Exchange;
use crate::forward::{Arrived, CameIn, Entry, Exit, Outcome, Request, Sender};
use crate::index::{
    EndpointIndex, InterfaceIndex, InternetGatewayIndex, NatGatewayIndex, PeeringIndex, SubnetIndex,
};
use crate::leg::{Begin, Leg};
use crate::nat_gateway::SOURCE_PORTS;
use crate::network_acl::Side;
use crate::on_premises::Gateway;
use crate::peering;
use crate::route_table::Target;
use crate::walk::{Component, End, Ending, Recorder, Walk};
use crate::way::{Device, Way};

/// Walks the reply to a request; `None` when the request is certainly dropped.
pub(crate) fn walk<R: Recorder>(
    network: &Compiled,
    recorder: R,
    request: &Request,
) -> (Option<Outcome>, R) {
    let mut recorder = recorder;
    let packet = reply_to(request.last.received);
    recorder.exchanged(Exchange::Reply);
    let arrived = match (request.ending.end, request.last.arrived) {
        (End::Dropped, _) => return (None, recorder),
        (End::Delivered, Some(arrived)) => arrived,
        // A step that ended the walk left open where the request is: the reply is open by it.
        (End::Undetermined(_) | End::Delivered, _) => {
            let outcome = Outcome::new(request.ending, None);
            return (Some(outcome), recorder);
        }
    };
    let mut reply = Reply {
        walk: Walk::new(network, recorder, packet),
        leg: &request.last,
        earlier: &request.earlier,
        way: request.last.way,
    };
    let mut walked = reply.from(arrived);
    while walked.is_continue() && reply.has_leg_before() {
        walked = reply.on_leg_before();
    }
    let ending = match walked {
        ControlFlow::Break(ending) => ending,
        ControlFlow::Continue(()) => reply.delivered(),
    };
    (
        Some(Outcome::new(ending, reply.walk.open)),
        reply.walk.recorder,
    )
}

/// The packet that answers.
pub(crate) fn reply_to(packet: Packet) -> Packet {
    let transport = reply_transport(packet.transport());
    // Source and destination are of one family, so a packet is always made.
    Packet::new(packet.destination(), packet.source(), transport).unwrap_or(packet)
}

/// Its protocol and ports.
pub(crate) fn reply_transport(transport: Transport) -> Transport {
    match transport {
        Transport::Tcp {
            source_port,
            destination_port,
        } => Transport::Tcp {
            source_port: destination_port,
            destination_port: source_port,
        },
        Transport::Udp {
            source_port,
            destination_port,
        } => Transport::Udp {
            source_port: destination_port,
            destination_port: source_port,
        },
        Transport::Icmp { icmp_type: 8, code } => Transport::Icmp { icmp_type: 0, code },
        Transport::Icmpv6 {
            icmp_type: 128,
            code,
        } => Transport::Icmpv6 {
            icmp_type: 129,
            code,
        },
        same @ (Transport::Icmp { .. } | Transport::Icmpv6 { .. } | Transport::Other(_)) => same,
    }
}

/// A walk back.
pub(crate) struct Reply<'a, R> {
    pub(crate) walk: Walk<'a, R>,
    pub(crate) leg: &'a Leg,
    /// The legs before it.
    pub(crate) earlier: &'a [Leg],
    /// The devices that the reply has not yet gone back through.
    pub(crate) way: Way,
}

impl<R: Recorder> Reply<'_, R> {
    /// From where the leg has ended.
    pub(crate) fn from(&mut self, arrived: Arrived) -> ControlFlow<Ending> {
        match arrived {
            Arrived::AmazonService => ControlFlow::Continue(()),
            Arrived::Interface(index, entry) => self.interface_replies(index, entry),
            Arrived::Internet(exit) => self.internet_replies(exit),
            Arrived::GatewayEndpoint(endpoint) => self.service_replies(endpoint),
            Arrived::OnPremises(gateway) => self.on_premises_replies(gateway),
        }
    }

    /// The last step: the reply is back.
    fn delivered(&mut self) -> Ending {
        let component = match self.leg.sender {
            Sender::Interface(index) => Component::Interface(index),
            Sender::OnPremises(_) => Component::OnPremises,
            Sender::Internet | Sender::Nobody => Component::Internet,
        };
        match self.walk.deliver(component, Clause::ReplyReturns) {
            ControlFlow::Break(ending) => ending,
            ControlFlow::Continue(()) => Ending {
                clause: Clause::ReplyReturns,
                end: End::Delivered,
            },
        }
    }

    /// The interface that sent the request; the requests of others never come here.
    pub(crate) fn sender(&mut self) -> ControlFlow<Ending, InterfaceIndex> {
        match self.leg.sender {
            Sender::Interface(index) => ControlFlow::Continue(index),
            Sender::Internet | Sender::OnPremises(_) | Sender::Nobody => {
                self.walk
                    .drop(Component::Internet, None, Clause::ReplyReturns)
            }
        }
    }

    /// *Home*: the destination is the sender's.
    pub(crate) fn home(&mut self) -> ControlFlow<Ending> {
        let sender = self.sender()?;
        let network = self.walk.network;
        let vpc = network.interfaces[sender].vpc;
        let owner = network.vpcs[vpc].owners.at(self.walk.packet.destination());
        if owner.is_some_and(|(owner, _)| owner == sender) {
            return ControlFlow::Continue(());
        }
        self.walk
            .drop(Component::Vpc(vpc), None, Clause::ReplyReturns)
    }

    /// The ACL of a subnet. While a NAT gateway is still on the way, the reply is for some port
    /// that it chose (`nat-gateway-source-port`), or else for one that a node chose
    /// (`load-balancer-source-port`).
    pub(crate) fn network_acl(&mut self, subnet: SubnetIndex, side: Side) -> ControlFlow<Ending> {
        let network = self.walk.network;
        match network.chosen_port(self.earlier, self.leg.begin, &self.way) {
            Some(chosen) => self
                .walk
                .network_acl_ports(subnet, side, &SOURCE_PORTS, chosen),
            None => self.walk.network_acl(subnet, side),
        }
    }

    /// The last steps at the sender: home, and the ACL of its subnet.
    fn home_by_acl(&mut self) -> ControlFlow<Ending> {
        self.home()?;
        let sender = self.sender()?;
        let subnet = self.walk.network.interfaces[sender].subnet;
        self.network_acl(subnet, Side::In)
    }

    /// A reply that would go another private way.
    pub(crate) fn asymmetric(&mut self, component: Component) -> ControlFlow<Ending> {
        let hole = self.walk.network.asymmetric;
        self.walk
            .end_open(component, None, Clause::ReplyAsymmetric, hole)
    }

    /// *Return choice* in the table of a subnet, expecting a target.
    fn return_choice(&mut self, subnet: SubnetIndex, expected: Target) -> ControlFlow<Ending> {
        let target = self.walk.route(subnet, self.walk.packet.destination())?;
        if target == expected {
            return ControlFlow::Continue(());
        }
        let component = Component::Subnet(subnet);
        let lost = match target {
            Target::InternetGateway(_)
            | Target::EgressOnly(_)
            | Target::NatGateway(_)
            | Target::GatewayEndpoint(_) => true,
            // A peering ends in its other VPC.
            Target::Peering(peering) => !self.leads_home(subnet, peering),
            Target::Local
            | Target::NetworkInterface(_)
            | Target::GatewayLoadBalancer(_)
            | Target::TransitGateway(_)
            | Target::VirtualPrivate(_) => {
                matches!(self.leg.came_in, Some(CameIn::Internet(_)))
            }
        };
        if lost {
            return self.walk.drop(component, None, Clause::ReplyReturns);
        }
        self.asymmetric(component)
    }

    /// Whether a peering leads from a subnet to the VPC of the interface that sent the request.
    fn leads_home(&self, from: SubnetIndex, peering: PeeringIndex) -> bool {
        let network = self.walk.network;
        let Sender::Interface(sender) = self.leg.sender else {
            return false;
        };
        match network.peerings[peering].other(network.subnets[from].vpc) {
            peering::End::Vpc(vpc) => vpc == network.interfaces[sender].vpc,
            peering::End::Outside(_) => false,
        }
    }

    /// From the interface at which the request arrived.
    fn interface_replies(&mut self, index: InterfaceIndex, entry: Entry) -> ControlFlow<Ending> {
        let subnet = self.walk.network.interfaces[index].subnet;
        let component = Component::Interface(index);
        match self.leg.begin {
            Begin::Sender | Begin::Translated(_) | Begin::Internet => {}
            Begin::Preserved(_) => return self.preserved_replies(index),
            // It comes back to the endpoint by itself.
            Begin::Service(_) => return ControlFlow::Continue(()),
        }
        self.walk
            .pass(component, None, Clause::SecurityGroupStateful);
        match (entry, self.way.last()) {
            (Entry::SameSubnet, None) => self.home(),
            (Entry::SameSubnet, Some(Device::NatGateway(nat))) => {
                self.way.pop();
                self.back_through_nat(nat)
            }
            (
                Entry::SameSubnet,
                Some(
                    Device::Middlebox(_)
                    | Device::GatewayLoadBalancer(_)
                    | Device::TransitGateway(_)
                    | Device::Peering(_),
                ),
            )
            | (Entry::Routed, _) => self.back_from(subnet),
        }
    }

    /// From the internet, which the request reached by a gateway.
    fn internet_replies(&mut self, exit: Exit) -> ControlFlow<Ending> {
        match exit {
            Exit::InternetGateway(gateway) => {
                let component = Component::InternetGateway(gateway);
                self.walk.pass(component, None, Clause::GatewayStateful);
                self.untranslate();
                self.edge_table(gateway)?;
                self.back(None)
            }
            Exit::EgressOnly(gateway) => self.public_replies(Component::EgressOnly(gateway)),
        }
    }

    /// From a service, by a gateway endpoint.
    fn service_replies(&mut self, endpoint: EndpointIndex) -> ControlFlow<Ending> {
        self.public_replies(Component::Endpoint(endpoint))
    }

    /// By a gateway that has no table: the reply comes straight to the sender's VPC.
    fn public_replies(&mut self, gateway: Component) -> ControlFlow<Ending> {
        self.walk.pass(gateway, None, Clause::GatewayStateful);
        self.back_unrouted(gateway)
    }

    /// From on premises, which the request reached by a gateway.
    fn on_premises_replies(&mut self, gateway: Gateway) -> ControlFlow<Ending> {
        let component = Component::OnPremises;
        self.walk.pass(component, None, Clause::OnPremisesReturns);
        match (gateway, self.way.last()) {
            (Gateway::VirtualPrivate(index), _) => {
                self.walk.virtual_private_edge_table(index)?;
                self.back_unrouted(Component::VirtualPrivate(index))
            }
            (Gateway::Transit(_), Some(Device::TransitGateway(passage))) => {
                self.back_over_transit(passage, None)
            }
            // By an attachment a request comes out of its transit gateway.
            (Gateway::Transit(_), _) => self.asymmetric(component),
        }
    }

    /// *Back to the last device* from a gateway that no table leads on from.
    fn back_unrouted(&mut self, gateway: Component) -> ControlFlow<Ending> {
        match self.way.last() {
            Some(
                Device::Middlebox(_) | Device::GatewayLoadBalancer(_) | Device::TransitGateway(_),
            ) => self.asymmetric(gateway),
            Some(Device::NatGateway(_) | Device::Peering(_)) | None => self.back(None),
        }
    }

    /// `internet-gateway-edge-table`: what comes in must go the way that it went out.
    fn edge_table(&mut self, gateway: InternetGatewayIndex) -> ControlFlow<Ending> {
        let network = self.walk.network;
        let last = self.way.last();
        let expected = last.map_or(Target::Local, |device| device.target(network));
        let comes = match (
            network.internet_gateways[gateway].edge_route_table,
            expected,
        ) {
            (_, Target::TransitGateway(_)) => None,
            (None, _) => Some(Target::Local),
            (Some(edge), _) => {
                let destination = self.walk.packet.destination();
                Some(self.walk.route_in(edge.table, destination)?)
            }
        };
        if comes == Some(expected) {
            return ControlFlow::Continue(());
        }
        let component = Component::InternetGateway(gateway);
        self.walk
            .drop(component, None, Clause::InternetGatewayEdgeTable)
    }

    /// The gateway undoes its own translation: the reply is again for the address that the
    /// request came from to it.
    fn untranslate(&mut self) {
        let network = self.walk.network;
        let nat = self.way.nat_gateway();
        let interface = nat.map(|nat| &network.interfaces[network.nat_gateways[nat].interface]);
        let of_nat = interface.and_then(|interface| interface.first_v4());
        self.walk
            .set_destination(of_nat.unwrap_or(self.leg.sent.source()));
    }

    /// *Back from* a subnet. Each device on the way is taken off it, so this ends.
    pub(crate) fn back_from(&mut self, place: SubnetIndex) -> ControlFlow<Ending> {
        self.network_acl(place, Side::Out)?;
        let network = self.walk.network;
        let last = self.way.last();
        if let Some(nat) = self.nat_before_peering() {
            let component = Component::NatGateway(nat);
            self.walk
                .pass(component, None, Clause::NatGatewayReturnToSender);
            self.way.pop();
            return self.back(None);
        }
        let expected = match (last, self.leg.came_in) {
            (Some(device), _) => device.target(network),
            (None, Some(CameIn::Internet(gateway))) => Target::InternetGateway(gateway),
            (None, Some(CameIn::OnPremises(gateway))) => Target::VirtualPrivate(gateway),
            (None, None) => Target::Local,
        };
        self.return_choice(place, expected)?;
        match (last, self.leg.came_in) {
            // It leaves by the gateway by which the request came in.
            (None, Some(CameIn::Internet(_))) => ControlFlow::Continue(()),
            (None, Some(CameIn::OnPremises(gateway))) => self.walk.virtual_private_route(gateway),
            (Some(_), _) | (None, None) => self.back(Some(place)),
        }
    }

    /// The NAT gateway that sent the request over a peering.
    fn nat_before_peering(&self) -> Option<NatGatewayIndex> {
        let mut devices = self.way.devices().rev();
        match (devices.next(), devices.next()) {
            (Some(Device::Peering(_)), Some(Device::NatGateway(nat))) => Some(nat),
            _ => None,
        }
    }

    /// *Back to the last device*, which is then off the way. `place` is the subnet at which the
    /// reply stood.
    fn back(&mut self, place: Option<SubnetIndex>) -> ControlFlow<Ending> {
        let network = self.walk.network;
        let Some(device) = self.way.last() else {
            return self.home_by_acl();
        };
        match device {
            Device::NatGateway(index) => {
                self.network_acl(network.nat_gateways[index].subnet, Side::In)?;
                self.way.pop();
                self.back_through_nat(index)
            }
            Device::Middlebox(index) => {
                let subnet = network.interfaces[index].subnet;
                let stood = place == Some(subnet);
                self.back_through_appliance(device, subnet, stood)
            }
            Device::GatewayLoadBalancer(index) => match network.endpoints[index].appliances {
                Some(appliances) => self.back_through_appliance(device, appliances.subnet, false),
                // Behind another kind of endpoint no request is.
                None => self.asymmetric(Component::Endpoint(index)),
            },
            Device::TransitGateway(passage) => match place {
                Some(_) => self.back_over_transit(passage, place),
                // A reply from a gateway stands at no subnet.
                None => self.asymmetric(device.component(network)),
            },
            Device::Peering(_) => {
                self.way.pop();
                match self.way.is_empty() {
                    true => self.home_by_acl(),
                    false => self.asymmetric(device.component(network)),
                }
            }
        }
    }

    fn back_through_appliance(
        &mut self,
        device: Device,
        subnet: SubnetIndex,
        stood: bool,
    ) -> ControlFlow<Ending> {
        if !stood {
            self.network_acl(subnet, Side::In)?;
        }
        self.way.pop();
        let component = device.component(self.walk.network);
        self.walk.pass(component, None, Clause::GatewayStateful);
        self.back_from(subnet)
    }

    /// *Back through the NAT gateway*, behind the ACL of its subnet inbound.
    pub(crate) fn back_through_nat(&mut self, index: NatGatewayIndex) -> ControlFlow<Ending> {
        let network = self.walk.network;
        let nat = &network.nat_gateways[index];
        let component = Component::NatGateway(index);
        self.walk.pass(component, None, Clause::GatewayStateful);
        let client = reply_to(self.leg.sent);
        let mut source = self.walk.packet.source();
        if source.family() != client.family() {
            // NAT64 answers from the address that the client sent to.
            source = client.source();
        }
        self.walk
            .set(source, client.destination(), client.transport());
        self.walk.recorder.restored(Exchange::Reply);
        if !self.way.is_empty() {
            return self.back_from(nat.subnet);
        }
        let sender = self.sender()?;
        let subnet = network.interfaces[sender].subnet;
        if subnet != nat.subnet {
            self.network_acl(nat.subnet, Side::Out)?;
        }
        self.return_choice(nat.subnet, Target::Local)?;
        self.home()?;
        if subnet != nat.subnet {
            self.network_acl(subnet, Side::In)?;
        }
        ControlFlow::Continue(())
    }
}
