//! Internet gateways and egress-only internet gateways.

use std::ops::ControlFlow;

use model::{Address, Clause, Family, Network};

use crate::address::is_public;
use crate::address_map::AddressMap;
use crate::block_public_access::Crossing;
use crate::forward::{Arrived, CameIn, Entry, Exit, Forward, Sender};
use crate::index::{
    Arena, EgressOnlyIndex, HoleIndex, Holes, InternetGatewayIndex, Names, RouteTableIndex,
    SubnetIndex, VpcIndex,
};
use crate::leg::Begin;
use crate::network_interface::Role;
use crate::route_table::{Choice, Target};
use crate::walk::{Component, Ending, Recorder};

/// An internet gateway.
#[derive(Clone, Debug)]
pub(crate) struct InternetGateway {
    pub(crate) vpc: Option<VpcIndex>,
    pub(crate) edge_route_table: Option<EdgeTable>,
}

/// The route table of an internet gateway.
#[derive(Clone, Copy, Debug)]
pub(crate) struct EdgeTable {
    pub(crate) table: RouteTableIndex,
    /// What a target that AWS does not allow there does.
    target: HoleIndex,
}

pub(crate) fn compile(
    network: &Network,
    names: &Names,
    holes: &mut Holes,
) -> Arena<InternetGatewayIndex, InternetGateway> {
    let gateways = network.internet_gateways().values();
    gateways
        .map(|gateway| InternetGateway {
            vpc: gateway.vpc.as_ref().map(|vpc| names.vpcs.index(vpc)),
            edge_route_table: gateway.edge_route_table.as_ref().map(|table| EdgeTable {
                table: names.route_tables.index(table),
                target: holes.open(format!("targets of the edge route table of {}", gateway.id)),
            }),
        })
        .collect()
}

pub(crate) fn of_some_vpc(network: &Network) -> AddressMap<bool> {
    let cidrs = network.vpcs().values().flat_map(|vpc| &vpc.cidrs);
    AddressMap::of_blocks(cidrs.copied())
}

impl<R: Recorder> Forward<'_, R> {
    /// An internet gateway as the target of a route from a subnet.
    pub(crate) fn internet_gateway(
        &mut self,
        subnet: SubnetIndex,
        index: InternetGatewayIndex,
    ) -> ControlFlow<Ending> {
        let component = Component::InternetGateway(index);
        let vpc = self.walk.network.subnets[subnet].vpc;
        if self.walk.network.internet_gateways[index].vpc != Some(vpc) {
            return self
                .walk
                .drop(component, None, Clause::InternetGatewayAttached);
        }
        self.walk
            .pass(component, None, Clause::InternetGatewayAttached);
        let crossing = match self.way.nat_gateway() {
            Some(_) => Crossing::OutOfNat,
            None => Crossing::Out,
        };
        let inspected = self.way.is_inspected();
        self.block_public_access(component, subnet, crossing, inspected)?;
        let exit = Exit::InternetGateway(index);
        if self.leave(vpc, component)? {
            return self.comes_back(exit);
        }
        let clause = Clause::InternetGatewayDelivers;
        self.deliver(component, clause, Arrived::Internet(exit))
    }

    /// An egress-only internet gateway as the target of a route from a subnet.
    pub(crate) fn egress_only(
        &mut self,
        subnet: SubnetIndex,
        index: EgressOnlyIndex,
    ) -> ControlFlow<Ending> {
        let component = Component::EgressOnly(index);
        if self.walk.packet.family() == Family::V4 {
            return self
                .walk
                .drop(component, None, Clause::EgressOnlyInternetGateway);
        }
        let inspected = self.way.is_inspected();
        self.block_public_access(component, subnet, Crossing::EgressOnly, inspected)?;
        let exit = Exit::EgressOnly(index);
        if self.leave(self.walk.network.subnets[subnet].vpc, component)? {
            return self.comes_back(exit);
        }
        let clause = Clause::EgressOnlyInternetGateway;
        self.deliver(component, clause, Arrived::Internet(exit))
    }

    /// What both kinds ask of a packet that goes out, and the translation; whether it comes back.
    fn leave(&mut self, vpc: VpcIndex, component: Component) -> ControlFlow<Ending, bool> {
        let network = self.walk.network;
        let packet = self.walk.packet;
        if !is_public(packet.destination()) {
            let clause = Clause::InternetGatewayPrivateDestination;
            return self.walk.drop(component, None, clause);
        }
        self.walk
            .pass(component, None, Clause::InternetGatewayPrivateDestination);
        let owner = network.vpcs[vpc].owners.at(packet.source());
        let owner = owner.map(|(interface, position)| (&network.interfaces[interface], position));
        let public = match packet.source() {
            Address::V4(_) => owner.and_then(|(interface, position)| interface.public(position)),
            Address::V6(_) => {
                let source = Some(packet.source());
                source.filter(|source| is_public(*source) && owner.is_some())
            }
        };
        let Some(public) = public else {
            let clause = Clause::InternetGatewayPublicAddress;
            return self.walk.drop(component, None, clause);
        };
        self.walk
            .pass(component, None, Clause::InternetGatewayPublicAddress);
        self.walk.set_source(public);
        self.walk
            .pass(component, None, Clause::InternetGatewayHairpin);
        ControlFlow::Continue(network.belongs(packet.destination()))
    }

    /// `internet-gateway-hairpin`: a packet for the network itself begins a new leg from the
    /// internet. What comes in is for an address of its VPC, so only a relay can send it out again.
    #[cold]
    fn comes_back(&mut self, exit: Exit) -> ControlFlow<Ending> {
        self.arrived = Some(Arrived::Internet(exit));
        self.end_leg(Sender::Internet);
        let packet = self.walk.packet;
        let (source, destination) = (packet.source(), packet.destination());
        self.begin(Begin::Internet, source, destination, packet.transport());
        self.comes_in()
    }

    /// A packet that a host on the internet sends.
    pub(crate) fn internet_sends(&mut self) -> ControlFlow<Ending> {
        let network = self.walk.network;
        let packet = self.walk.packet;
        let internet = Component::Internet;
        if !is_public(packet.source()) {
            return self
                .walk
                .drop(internet, None, Clause::InternetGatewayPrivateSource);
        }
        let clause = Clause::InternetGatewayPrivateSource;
        if network.belongs(packet.source()) {
            let hole = network.own_source;
            return self.walk.end_open(internet, None, clause, hole);
        }
        self.walk.pass(internet, None, clause);
        self.comes_in()
    }

    /// A packet comes in from the internet.
    fn comes_in(&mut self) -> ControlFlow<Ending> {
        let network = self.walk.network;
        let packet = self.walk.packet;
        let internet = Component::Internet;
        let Some((index, position)) = network.public_addresses.at(packet.destination()) else {
            return self
                .walk
                .drop(internet, None, Clause::InternetGatewayInbound);
        };
        let interface = &network.interfaces[index];
        // INFERRED by the clause from `denyAllIgwTraffic`: an endpoint's IPv6 address is closed.
        let closed = match (packet.family(), interface.role) {
            (Family::V6, Role::Endpoint(_)) => true,
            (Family::V4, Role::Endpoint(_))
            | (
                _,
                Role::Ordinary | Role::NatGateway(_) | Role::LoadBalancer(_) | Role::ClientVpn(_),
            ) => false,
        };
        let gateway = network.vpcs[interface.vpc]
            .internet_gateway
            .filter(|_| !closed);
        let (Some(gateway), Some(private)) = (gateway, interface.private(position)) else {
            return self
                .walk
                .drop(internet, None, Clause::InternetGatewayInbound);
        };
        let component = Component::InternetGateway(gateway);
        self.walk
            .pass(component, None, Clause::InternetGatewayInbound);
        self.walk.set_destination(private);
        let edge = network.internet_gateways[gateway].edge_route_table;
        self.block_public_access(component, interface.subnet, Crossing::In, edge.is_some())?;
        if let Role::NatGateway(nat) = interface.role {
            let clause = Clause::NatGatewayOutboundOnly;
            return self.walk.drop(Component::NatGateway(nat), None, clause);
        }
        self.came_in = Some(CameIn::Internet(gateway));
        if let Some(edge) = edge {
            self.edge_table(component, edge)?;
        }
        self.unrouted(interface.subnet, gateway);
        self.arrive_at(index, Entry::Routed)
    }

    /// The route table of the gateway by which a packet came in; it goes on when the choice is
    /// the local route.
    fn edge_table(&mut self, gateway: Component, edge: EdgeTable) -> ControlFlow<Ending> {
        let clause = Clause::InternetGatewayEdgeTable;
        match self
            .walk
            .route_in(edge.table, self.walk.packet.destination())?
        {
            Target::Local => {
                self.walk.pass(gateway, None, clause);
                ControlFlow::Continue(())
            }
            Target::NetworkInterface(interface) => {
                self.walk.pass(gateway, None, clause);
                self.middlebox(None, interface)
            }
            Target::GatewayLoadBalancer(endpoint) => {
                self.walk.pass(gateway, None, clause);
                self.gateway_load_balancer(endpoint)
            }
            Target::NatGateway(_)
            | Target::InternetGateway(_)
            | Target::EgressOnly(_)
            | Target::Peering(_)
            | Target::GatewayEndpoint(_)
            | Target::TransitGateway(_)
            | Target::VirtualPrivate(_) => self.walk.end_open(gateway, None, clause, edge.target),
        }
    }

    /// `internet-gateway-unrouted`: whether the subnet has a route back is asked beforehand.
    fn unrouted(&mut self, subnet: SubnetIndex, gateway: InternetGatewayIndex) {
        let network = self.walk.network;
        let choice = network.choose(subnet, self.walk.packet.source());
        let routed = match choice {
            Choice::Chosen { target, .. } => target == Target::InternetGateway(gateway),
            Choice::Dropped { .. } | Choice::Open { .. } => false,
        };
        let component = Component::Subnet(subnet);
        let clause = Clause::InternetGatewayUnrouted;
        if routed {
            self.walk.pass(component, None, clause);
        } else {
            let hole = network.subnets[subnet].unrouted;
            self.walk.filter_open(component, None, clause, hole);
        }
    }
}
