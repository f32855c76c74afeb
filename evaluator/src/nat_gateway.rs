//! NAT gateways.

use std::ops::{ControlFlow, RangeInclusive};

use model::{Clause, Family, Network, Transport};

use crate::address::{held, is_nat64};
use crate::forward::Forward;
use crate::index::{Arena, HoleIndex, Holes, InterfaceIndex, Names, NatGatewayIndex, SubnetIndex};
use crate::network_acl::Side;
use crate::walk::{Component, Ending, Recorder};
use crate::way::Device;

/// The source ports that a NAT gateway chooses from (`nat-gateway-translates`).
pub(crate) const SOURCE_PORTS: RangeInclusive<u16> = 1024..=65535;

/// A NAT gateway.
#[derive(Clone, Debug)]
pub(crate) struct NatGateway {
    pub(crate) subnet: SubnetIndex,
    pub(crate) interface: InterfaceIndex,
    pub(crate) available: bool,
    /// The port that it chooses.
    pub(crate) source_port: HoleIndex,
    /// What it does behind another NAT gateway.
    chain: HoleIndex,
    /// What it does with a gateway endpoint's route.
    to_endpoint: HoleIndex,
    /// NAT64.
    nat64: HoleIndex,
}

pub(crate) fn compile(
    network: &Network,
    names: &Names,
    holes: &mut Holes,
) -> Arena<NatGatewayIndex, NatGateway> {
    let nat_gateways = network.nat_gateways().values();
    nat_gateways
        .map(|nat| NatGateway {
            subnet: names.subnets.index(&nat.subnet),
            interface: names.interfaces.index(&nat.interface),
            available: nat.available,
            source_port: holes.open(format!("the source port that {} chooses", nat.id)),
            chain: holes.open(format!("the way through {} to a NAT gateway", nat.id)),
            to_endpoint: holes.open(format!("the way through {} to an endpoint", nat.id)),
            nat64: holes.open(format!("NAT64 at {}", nat.id)),
        })
        .collect()
}

impl<R: Recorder> Forward<'_, R> {
    /// A NAT gateway as the target of a route from a subnet.
    pub(crate) fn nat_gateway(
        &mut self,
        from: SubnetIndex,
        index: NatGatewayIndex,
    ) -> ControlFlow<Ending> {
        let network = self.walk.network;
        let nat = &network.nat_gateways[index];
        let component = Component::NatGateway(index);
        let device = Device::NatGateway(index);
        self.comes_to(component, |passed| passed == device)?;
        if !nat.available {
            return self.walk.drop(component, None, Clause::NatGatewayAvailable);
        }
        self.walk.pass(component, None, Clause::NatGatewayAvailable);
        self.nat_protocol(component, nat.nat64)?;
        let vpc = network.subnets[from].vpc;
        let own = held(&network.vpcs[vpc].cidrs, self.walk.packet.source());
        if !own && !self.way.over_transit_gateway() {
            return self.walk.drop(component, None, Clause::NatGatewaySource);
        }
        self.walk.pass(component, None, Clause::NatGatewaySource);
        if from != nat.subnet {
            self.walk.network_acl(nat.subnet, Side::In)?;
        }
        self.walk
            .pass(component, None, Clause::NatGatewayTranslates);
        let address = network.interfaces[nat.interface].first_v4();
        // A NAT gateway whose address could not be chosen has none; it cannot send.
        let Some(address) = address else {
            return self
                .walk
                .drop(component, None, Clause::NatGatewayTranslates);
        };
        let destination = self.walk.packet.destination();
        let transport = translated(self.walk.packet.transport());
        self.walk.set(address, destination, transport);
        self.way.push(device);
        self.onward(nat.subnet)
    }

    /// A route to a NAT gateway, of a packet that has passed one.
    pub(crate) fn nat_gateway_chain(
        &mut self,
        passed: NatGatewayIndex,
        next: NatGatewayIndex,
    ) -> ControlFlow<Ending> {
        let component = Component::NatGateway(passed);
        let clause = Clause::NatGatewayChain;
        if next == passed {
            return self.walk.drop(component, None, clause);
        }
        let hole = self.walk.network.nat_gateways[passed].chain;
        self.walk.end_open(component, None, clause, hole)
    }

    /// A route to a gateway endpoint, of a packet that has passed a NAT gateway.
    pub(crate) fn nat_gateway_to_endpoint(
        &mut self,
        passed: NatGatewayIndex,
    ) -> ControlFlow<Ending> {
        let component = Component::NatGateway(passed);
        let hole = self.walk.network.nat_gateways[passed].to_endpoint;
        self.walk
            .end_open(component, None, Clause::NatGatewayToEndpoint, hole)
    }

    fn nat_protocol(&mut self, component: Component, nat64: HoleIndex) -> ControlFlow<Ending> {
        let packet = self.walk.packet;
        if packet.family() == Family::V6 && is_nat64(packet.destination()) {
            return self
                .walk
                .end_open(component, None, Clause::TargetUnmodelled, nat64);
        }
        let carried = match packet.transport() {
            Transport::Tcp { .. } | Transport::Udp { .. } | Transport::Icmp { .. } => true,
            Transport::Icmpv6 { .. } | Transport::Other(_) => false,
        };
        if packet.family() == Family::V6 || !carried {
            return self.walk.drop(component, None, Clause::NatGatewayProtocol);
        }
        self.walk.pass(component, None, Clause::NatGatewayProtocol);
        ControlFlow::Continue(())
    }
}

/// The packet behind the NAT gateway: some port of its range, here the client's when that is one.
/// Nothing on the way there looks at it.
fn translated(transport: Transport) -> Transport {
    let chosen = |port: u16| port.max(*SOURCE_PORTS.start());
    match transport {
        Transport::Tcp {
            source_port,
            destination_port,
        } => Transport::Tcp {
            source_port: chosen(source_port),
            destination_port,
        },
        Transport::Udp {
            source_port,
            destination_port,
        } => Transport::Udp {
            source_port: chosen(source_port),
            destination_port,
        },
        Transport::Icmp { .. } | Transport::Icmpv6 { .. } | Transport::Other(_) => transport,
    }
}
