//! NAT gateways.

use std::ops::{ControlFlow, RangeInclusive};

use model::{Address, Clause, Family, Network, Transport};

use crate::address::{behind_nat64, held};
use crate::compiled::Compiled;
use crate::exchange::Exchange;
use crate::forward::{Forward, Request};
use crate::index::{Arena, HoleIndex, Holes, InterfaceIndex, Names, NatGatewayIndex, SubnetIndex};
use crate::network_acl::Side;
use crate::route_table::Target;
use crate::walk::{About, Component, Ending, Recorder};
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
    /// The address that it sends from, of several.
    address: HoleIndex,
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
            address: holes.open(format!("the address that {} sends from", nat.id)),
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
        self.nat_protocol(component)?;
        let vpc = network.subnets[from].vpc;
        let own = held(&network.vpcs[vpc].cidrs, self.walk.packet.source());
        if !own && !self.way.over_transit_gateway() {
            return self.walk.drop(component, None, Clause::NatGatewaySource);
        }
        self.walk.pass(component, None, Clause::NatGatewaySource);
        if from != nat.subnet {
            self.walk.network_acl(nat.subnet, Side::In)?;
        }
        let clause = match self.walk.packet.family() {
            Family::V4 => Clause::NatGatewayTranslates,
            Family::V6 => Clause::NatGatewayNat64,
        };
        self.walk.pass(component, None, clause);
        let address = network.interfaces[nat.interface].first_v4();
        // A NAT gateway whose address could not be chosen has none; it cannot send.
        let Some(address) = address else {
            return self.walk.drop(component, None, clause);
        };
        let destination = self.walk.packet.destination();
        let destination = behind_nat64(destination).unwrap_or(destination);
        self.walk
            .exchange(address, destination, Exchange::BehindNat);
        self.way.push(device);
        self.onward_asking(nat.subnet, |forward, target| {
            forward.nat_address(index, target)
        })
    }

    /// `nat-gateway-address`, of a packet that goes onward from a NAT gateway to a target, or
    /// within its subnet.
    fn nat_address(
        &mut self,
        index: NatGatewayIndex,
        target: Option<Target>,
    ) -> ControlFlow<Ending> {
        let network = self.walk.network;
        let nat = &network.nat_gateways[index];
        let addresses = network.interfaces[nat.interface].addresses.iter();
        let of_v4 = addresses.filter(|(private, _)| matches!(private, Some(Address::V4(_))));
        let mut mapped = of_v4.map(|(_, public)| public.is_some());
        let Some(first) = mapped.next() else {
            return ControlFlow::Continue(());
        };
        let (mut is_one, mut are_alike) = (true, true);
        for other in mapped {
            is_one = false;
            are_alike &= other == first;
        }
        // What comes back in is judged by the public address that it went out with.
        let leaves = matches!(target, Some(Target::InternetGateway(_)))
            && !network.belongs(self.walk.packet.destination());
        if is_one || (are_alike && leaves) {
            return ControlFlow::Continue(());
        }
        let component = Component::NatGateway(index);
        let clause = Clause::NatGatewayAddress;
        self.walk.end_open(component, None, clause, nat.address)
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

    fn nat_protocol(&mut self, component: Component) -> ControlFlow<Ending> {
        let clause = Clause::NatGatewayProtocol;
        let destination = self.walk.packet.destination();
        if !self.walk.asks(About::Cuts(&|_| {}), |transport| {
            is_carried(destination, transport)
        }) {
            return self.walk.drop(component, None, clause);
        }
        self.walk.pass(component, None, clause);
        ControlFlow::Continue(())
    }
}

impl Compiled {
    /// The source address with which a request arrives where it does; `None` when a NAT gateway
    /// has sent it from one of several (`nat-gateway-address`).
    pub(crate) fn arriving_source(&self, request: &Request) -> Option<Address> {
        let last = &request.last;
        let is_one = |nat: NatGatewayIndex| {
            let addresses = &self.interfaces[self.nat_gateways[nat].interface].addresses;
            let is_v4 = |(private, _): &&(Option<Address>, Option<Address>)| {
                matches!(private, Some(Address::V4(_)))
            };
            addresses.iter().filter(is_v4).count() == 1
        };
        let is_known = last.way.nat_gateway().is_none_or(is_one);
        is_known.then(|| last.received.source())
    }
}

/// Whether NAT gateways carry such packets (`nat-gateway-protocol`).
fn is_carried(destination: Address, transport: Transport) -> bool {
    let by_nat64 = behind_nat64(destination).is_some();
    let is_v4 = destination.family() == Family::V4;
    match transport {
        Transport::Tcp { .. } | Transport::Udp { .. } => is_v4 || by_nat64,
        Transport::Icmp { .. } => is_v4,
        Transport::Icmpv6 { icmp_type, .. } => by_nat64 && icmp_type == 128,
        Transport::Other(_) => false,
    }
}

/// Protocol and ports behind the NAT gateway: some port of its range, here the client's when that is
/// one. Nothing on the way there looks at it.
pub(crate) fn translated(transport: Transport) -> Transport {
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
        // Only NAT64 carries ICMPv6, and of it only echo requests.
        Transport::Icmpv6 { code, .. } => Transport::Icmp { icmp_type: 8, code },
        same @ (Transport::Icmp { .. } | Transport::Other(_)) => same,
    }
}
