//! The walk back, from where the request was delivered to its sender.

use std::ops::ControlFlow;

use model::{Clause, Packet, Transport};

use crate::compiled::Compiled;
use crate::forward::{Arrived, Entry, Exit, Outcome, Request, Sender};
use crate::index::{EndpointIndex, InterfaceIndex, InternetGatewayIndex, NatGatewayIndex};
use crate::nat_gateway::SOURCE_PORTS;
use crate::network_acl::Way;
use crate::route_table::Target;
use crate::walk::{Component, End, Ending, Recorder, Walk};

/// Walks the reply to a request; `None` when the request is certainly dropped.
pub(crate) fn walk<R: Recorder>(
    network: &Compiled,
    recorder: R,
    request: &Request,
) -> (Option<Outcome>, R) {
    let packet = reply_to(request.received);
    let arrived = match (request.ending.end, request.arrived) {
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
        request,
    };
    let walked = match arrived {
        Arrived::AmazonService => ControlFlow::Continue(()),
        Arrived::Interface(index, entry) => reply.interface_replies(index, entry),
        Arrived::Internet(exit) => reply.internet_replies(exit),
        Arrived::GatewayEndpoint(endpoint) => reply.service_replies(endpoint),
    };
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
fn reply_to(packet: Packet) -> Packet {
    let transport = match packet.transport() {
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
    };
    // Source and destination are of one family, so a packet is always made.
    Packet::new(packet.destination(), packet.source(), transport).unwrap_or(packet)
}

struct Reply<'a, R> {
    walk: Walk<'a, R>,
    request: &'a Request,
}

impl<R: Recorder> Reply<'_, R> {
    /// The last step: the reply is back.
    fn delivered(&mut self) -> Ending {
        let component = match self.request.sender {
            Sender::Interface(index) => Component::Interface(index),
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

    /// The interface that sent the request; the internet's requests never come here without.
    fn sender(&mut self) -> ControlFlow<Ending, InterfaceIndex> {
        match self.request.sender {
            Sender::Interface(index) => ControlFlow::Continue(index),
            Sender::Internet | Sender::Nobody => {
                self.walk
                    .drop(Component::Internet, None, Clause::ReplyReturns)
            }
        }
    }

    /// *Home*: the destination is the sender's.
    fn home(&mut self) -> ControlFlow<Ending> {
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

    /// The ACL of the sender's subnet, inbound.
    fn sender_acl(&mut self) -> ControlFlow<Ending> {
        let sender = self.sender()?;
        let subnet = self.walk.network.interfaces[sender].subnet;
        self.walk.network_acl(subnet, Way::In)
    }

    fn interface_replies(&mut self, index: InterfaceIndex, entry: Entry) -> ControlFlow<Ending> {
        let subnet = self.walk.network.interfaces[index].subnet;
        let component = Component::Interface(index);
        self.walk
            .pass(component, None, Clause::SecurityGroupStateful);
        match (entry, self.request.nat) {
            (Entry::SameSubnet, _) => self.home(),
            (Entry::Local, _) => {
                self.walk.network_acl(subnet, Way::Out)?;
                self.walk.return_choice(subnet, Target::Local)?;
                self.home()?;
                self.sender_acl()
            }
            (Entry::Peering(peering), None) => {
                self.walk.network_acl(subnet, Way::Out)?;
                self.walk.return_choice(subnet, Target::Peering(peering))?;
                self.home()?;
                self.sender_acl()
            }
            (Entry::Peering(_), Some(nat)) => {
                let hole = self.walk.network.nat_gateways[nat].source_port;
                self.walk
                    .network_acl_ports(subnet, Way::Out, &SOURCE_PORTS, hole)?;
                let component = Component::NatGateway(nat);
                self.walk
                    .pass(component, None, Clause::NatGatewayReturnToSender);
                self.back_through_nat(nat)
            }
            (Entry::Internet(gateway), _) => {
                self.walk.network_acl(subnet, Way::Out)?;
                self.walk
                    .return_choice(subnet, Target::InternetGateway(gateway))
            }
        }
    }

    fn internet_replies(&mut self, exit: Exit) -> ControlFlow<Ending> {
        let network = self.walk.network;
        match exit {
            Exit::InternetGateway(gateway) => {
                let component = Component::InternetGateway(gateway);
                self.walk.pass(component, None, Clause::GatewayStateful);
                self.untranslate();
                if let Some(hole) = network.internet_gateways[gateway].edge_route_table {
                    return self.edge_table(gateway, hole);
                }
            }
            Exit::EgressOnly(gateway) => {
                let component = Component::EgressOnly(gateway);
                self.walk.pass(component, None, Clause::GatewayStateful);
            }
        }
        match self.request.nat {
            Some(nat) => self.back_through_nat(nat),
            None => {
                self.home()?;
                self.sender_acl()
            }
        }
    }

    fn edge_table(
        &mut self,
        gateway: InternetGatewayIndex,
        hole: crate::index::HoleIndex,
    ) -> ControlFlow<Ending> {
        let clause = Clause::InternetGatewayEdgeTable;
        self.walk
            .end_open(Component::InternetGateway(gateway), None, clause, hole)
    }

    /// The gateway undoes its own translation: the reply is again for the address that the
    /// request came from to it.
    fn untranslate(&mut self) {
        let network = self.walk.network;
        let nat = self
            .request
            .nat
            .map(|nat| network.nat_gateways[nat].interface);
        let of_nat = nat.and_then(|interface| network.interfaces[interface].first_v4());
        self.walk
            .set_destination(of_nat.unwrap_or(self.request.sent.source()));
    }

    fn service_replies(&mut self, endpoint: EndpointIndex) -> ControlFlow<Ending> {
        let component = Component::Endpoint(endpoint);
        self.walk.pass(component, None, Clause::GatewayStateful);
        self.home()?;
        self.sender_acl()
    }

    /// *Back through the NAT gateway*.
    fn back_through_nat(&mut self, index: NatGatewayIndex) -> ControlFlow<Ending> {
        let sender = self.sender()?;
        let network = self.walk.network;
        let nat = &network.nat_gateways[index];
        let subnet = network.interfaces[sender].subnet;
        self.walk
            .network_acl_ports(nat.subnet, Way::In, &SOURCE_PORTS, nat.source_port)?;
        let component = Component::NatGateway(index);
        self.walk.pass(component, None, Clause::GatewayStateful);
        let client = reply_to(self.request.sent);
        let source = self.walk.packet.source();
        self.walk
            .set(source, client.destination(), client.transport());
        if subnet != nat.subnet {
            self.walk.network_acl(nat.subnet, Way::Out)?;
        }
        self.walk.return_choice(nat.subnet, Target::Local)?;
        self.home()?;
        if subnet != nat.subnet {
            self.walk.network_acl(subnet, Way::In)?;
        }
        ControlFlow::Continue(())
    }
}
