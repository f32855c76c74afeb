//! Application and Network Load Balancers: what their nodes take, and where they hand it on.

use std::ops::ControlFlow;

use model::{
    Address, Attachment, Clause, Family, ListenerProtocol, LoadBalancerKind, Network,
    NetworkInterface, Port, RegisteredTarget, TargetDestination, Transport,
};

use crate::address::held;
use crate::atoms::TransportCuts;
use crate::compiled::Compiled;
use crate::forward::Forward;
use crate::index::{
    Arena, HoleIndex, Holes, InterfaceIndex, LoadBalancerIndex, Names, SubnetIndex,
    TargetGroupIndex, VpcIndex,
};
use crate::leg::Begin;
use crate::network_interface::{Interface, Role, Subnet};
use crate::route_table::Target;
use crate::walk::{About, Component, Ending, Filter, Recorder, Walk};

/// A load balancer.
#[derive(Clone, Debug)]
pub(crate) struct LoadBalancer {
    pub(crate) is_network: bool,
    /// Its listeners, or the hole.
    pub(crate) listeners: Result<Vec<Listener>, HoleIndex>,
    /// Whether its groups are asked about what comes by an endpoint service.
    pub(crate) private_link_ingress: bool,
    /// The port that a node chooses (`load-balancer-source-port`).
    pub(crate) source_port: HoleIndex,
    /// Which targets are in the zones of its nodes.
    zone: HoleIndex,
    /// What becomes of a client's address over a peering.
    peered: HoleIndex,
}

/// A port at which a load balancer takes requests.
#[derive(Clone, Debug)]
pub(crate) struct Listener {
    pub(crate) protocol: ListenerProtocol,
    pub(crate) port: Port,
    /// What it may hand on to, whichever node took the request; or the hole when that of one of
    /// its groups is not known.
    pub(crate) candidates: Result<Vec<Candidate>, HoleIndex>,
}

/// Where a listener may hand a request on to.
#[derive(Clone, Debug)]
pub(crate) struct Candidate {
    pub(crate) group: TargetGroupIndex,
    pub(crate) address: Address,
    pub(crate) port: Port,
    /// Whether its group wants clients' addresses kept.
    pub(crate) preserves: bool,
    /// The subnet whose zone it is in, where zones are asked; it is in every one otherwise.
    pub(crate) zone: Option<SubnetIndex>,
}

impl Listener {
    /// Whether it takes a packet.
    pub(crate) fn takes(&self, transport: Transport) -> bool {
        match transport {
            Transport::Tcp {
                destination_port, ..
            } => self.protocol != ListenerProtocol::Udp && destination_port == self.port,
            Transport::Udp {
                destination_port, ..
            } => self.protocol != ListenerProtocol::Tcp && destination_port == self.port,
            Transport::Icmp { .. } | Transport::Icmpv6 { .. } | Transport::Other(_) => false,
        }
    }
}

/// The Network Load Balancer that an interface is a node of.
pub(crate) fn of_node(
    network: &Network,
    names: &Names,
    interface: &NetworkInterface,
) -> Option<LoadBalancerIndex> {
    let id = match &interface.attachment {
        Attachment::LoadBalancer(id) => id,
        Attachment::Ordinary { .. }
        | Attachment::VpcEndpoint(_)
        | Attachment::NatGateway(_)
        | Attachment::Other(_) => return None,
    };
    let kind = network.load_balancers().get(id)?.kind;
    (kind == LoadBalancerKind::Network).then(|| names.load_balancers.index(id))
}

pub(crate) fn compile(
    network: &Network,
    names: &Names,
    holes: &mut Holes,
    subnets: &Arena<SubnetIndex, Subnet>,
    interfaces: &Arena<InterfaceIndex, Interface>,
) -> Arena<LoadBalancerIndex, LoadBalancer> {
    let mut compiler = Compiler {
        network,
        names,
        holes,
        subnets,
        interfaces,
    };
    let load_balancers = network.load_balancers().values();
    load_balancers
        .map(|load_balancer| compiler.load_balancer(load_balancer))
        .collect()
}

struct Compiler<'a> {
    network: &'a Network,
    names: &'a Names,
    holes: &'a mut Holes,
    subnets: &'a Arena<SubnetIndex, Subnet>,
    interfaces: &'a Arena<InterfaceIndex, Interface>,
}

impl Compiler<'_> {
    fn load_balancer(&mut self, source: &model::LoadBalancer) -> LoadBalancer {
        let id = &source.id;
        let node = source.interfaces.iter().next();
        let vpc = node.map(|node| self.interfaces[self.names.interfaces.index(node)].vpc);
        let listeners = match (source.listeners.known(), source.listeners.hole()) {
            (Some(listeners), _) => {
                let listeners = listeners.iter();
                Ok(listeners
                    .map(|listener| self.listener(listener, vpc))
                    .collect())
            }
            (None, Some(hole)) => Err(self.holes.keep(hole)),
            (None, None) => Ok(Vec::new()),
        };
        LoadBalancer {
            is_network: source.kind == LoadBalancerKind::Network,
            listeners,
            private_link_ingress: source.private_link_ingress,
            source_port: self
                .holes
                .open(format!("the source port that {id} chooses")),
            zone: self
                .holes
                .open(format!("which targets are in the zones of {id}")),
            peered: self
                .holes
                .open(format!("targets of {id} over a peering, clients kept")),
        }
    }

    fn listener(&mut self, source: &model::Listener, vpc: Option<VpcIndex>) -> Listener {
        let mut candidates = Ok(Vec::new());
        for id in &source.target_groups {
            let Some(group) = self.network.target_groups().get(id) else {
                continue;
            };
            let index = self.names.target_groups.index(id);
            match (group.targets.known(), group.targets.hole(), &mut candidates) {
                (Some(targets), _, Ok(candidates)) => {
                    let found = targets.iter().flat_map(|target| {
                        self.addresses(target, group.family, vpc)
                            .into_iter()
                            .map(|(address, zone)| Candidate {
                                group: index,
                                address,
                                port: target.port,
                                preserves: group.preserve_client_address,
                                zone: zone.filter(|_| !group.cross_zone),
                            })
                            .collect::<Vec<_>>()
                    });
                    candidates.extend(found);
                }
                (None, Some(hole), Ok(_)) => candidates = Err(self.holes.keep(hole)),
                _ => {}
            }
        }
        Listener {
            protocol: source.protocol,
            port: source.port,
            candidates,
        }
    }

    /// The addresses of a target, each with the subnet whose zone it is in.
    fn addresses(
        &self,
        target: &RegisteredTarget,
        family: Family,
        vpc: Option<VpcIndex>,
    ) -> Vec<(Address, Option<SubnetIndex>)> {
        let first = |id| {
            let interface = &self.interfaces[self.names.interfaces.index(id)];
            Some((interface.first(family)?, Some(interface.subnet)))
        };
        match &target.destination {
            TargetDestination::Interface(id) => first(id).into_iter().collect(),
            TargetDestination::LoadBalancer(id) => {
                let found = self.network.load_balancers().get(id);
                let nodes = found.into_iter().flat_map(|found| &found.interfaces);
                nodes.filter_map(first).collect()
            }
            TargetDestination::Address(address) => {
                let mut subnets = self.subnets.iter();
                let of_vpc = subnets
                    .find(|(_, subnet)| Some(subnet.vpc) == vpc && held(&subnet.cidrs, *address));
                vec![(*address, of_vpc.map(|(index, _)| index))]
            }
        }
    }
}

impl Compiled {
    /// The *candidates* of a listener at a node in a subnet, and whether each is in the node's
    /// zone as far as that is known.
    pub(crate) fn targets<'a>(
        &'a self,
        place: SubnetIndex,
        candidates: &'a [Candidate],
    ) -> impl Iterator<Item = (&'a Candidate, Option<bool>)> {
        let in_zone = move |candidate: &Candidate| match candidate.zone {
            Some(zone) => self.is_one_zone(zone, place),
            None => Some(true),
        };
        let candidates = candidates.iter();
        candidates
            .map(move |candidate| (candidate, in_zone(candidate)))
            .filter(|(_, in_zone)| *in_zone != Some(false))
    }

    /// Whether a client's address is never kept on the way to an address of the VPC
    /// (`load-balancer-preserves`).
    fn refuses_clients(&self, vpc: VpcIndex, address: Address) -> bool {
        let owner = self.vpcs[vpc].owners.at(address);
        owner.is_some_and(|(owner, _)| match self.interfaces[owner].role {
            Role::Endpoint(_) => true,
            Role::LoadBalancer(index) => self.load_balancers[index].is_network,
            Role::Ordinary | Role::NatGateway(_) | Role::ClientVpn(_) => false,
        })
    }
}

/// The pick of a relay among its candidates, counted from 1.
pub(crate) fn picked<T>(mut candidates: impl Iterator<Item = T>, pick: u16) -> Option<T> {
    candidates.nth(usize::from(pick).checked_sub(1)?)
}

/// The same packet to another port.
fn to_port(transport: Transport, destination_port: Port) -> Transport {
    match transport {
        Transport::Tcp { source_port, .. } => Transport::Tcp {
            source_port,
            destination_port,
        },
        Transport::Udp { source_port, .. } => Transport::Udp {
            source_port,
            destination_port,
        },
        Transport::Icmp { .. } | Transport::Icmpv6 { .. } | Transport::Other(_) => transport,
    }
}

impl<R: Recorder> Walk<'_, R> {
    /// `load-balancer-listener`, of a packet that comes to a node.
    pub(crate) fn listener(&mut self, index: LoadBalancerIndex) -> ControlFlow<Ending> {
        let component = Component::LoadBalancer(index);
        let clause = Clause::LoadBalancerListener;
        let load_balancer = &self.network.load_balancers[index];
        let filter = load_balancer.listens(self.packet.transport());
        let cuts = |cuts: &mut TransportCuts| load_balancer.listener_cuts(cuts);
        let is_same = |other| load_balancer.listens(other) == filter;
        self.recorder.asked(About::Cuts(&cuts), is_same);
        match filter {
            Filter::Passes => self.pass(component, None, clause),
            Filter::Drops => return self.drop(component, None, clause),
            Filter::Open(_, hole) => self.filter_open(component, None, clause, hole),
        }
        ControlFlow::Continue(())
    }
}

impl LoadBalancer {
    fn listens(&self, transport: Transport) -> Filter {
        let may_listen = match transport {
            Transport::Tcp { .. } => true,
            Transport::Udp { .. } => self.is_network,
            // An Application Load Balancer answers by itself.
            Transport::Icmp { .. } | Transport::Icmpv6 { .. } if !self.is_network => {
                return Filter::Passes;
            }
            Transport::Icmp { .. } | Transport::Icmpv6 { .. } | Transport::Other(_) => false,
        };
        match &self.listeners {
            Err(hole) if may_listen => Filter::Open(Clause::LoadBalancerListener, *hole),
            Ok(listeners) => Filter::of(listeners.iter().any(|one| one.takes(transport))),
            Err(_) => Filter::Drops,
        }
    }
}

impl<R: Recorder> Forward<'_, R> {
    /// A node hands the packet on that it has received.
    pub(crate) fn node_hands_on(
        &mut self,
        index: LoadBalancerIndex,
        node: InterfaceIndex,
        pick: u16,
    ) -> ControlFlow<Ending> {
        let network = self.walk.network;
        let load_balancer = &network.load_balancers[index];
        let component = Component::LoadBalancer(index);
        let unknown = Clause::LoadBalancerTargetsUnknown;
        let listeners = match &load_balancer.listeners {
            Ok(listeners) => listeners,
            Err(hole) => return self.walk.end_open(component, None, unknown, *hole),
        };
        let transport = self.walk.packet.transport();
        let listener = listeners.iter().find(|one| one.takes(transport));
        let candidates = match listener.map(|listener| &listener.candidates) {
            Some(Ok(candidates)) => candidates.as_slice(),
            Some(Err(hole)) => return self.walk.end_open(component, None, unknown, *hole),
            // What no listener takes was dropped on arrival.
            None => &[],
        };
        let place = network.interfaces[node].subnet;
        let clause = Clause::LoadBalancerTarget;
        let Some((candidate, in_zone)) = picked(network.targets(place, candidates), pick) else {
            return self.walk.drop(component, None, clause);
        };
        let component = Component::TargetGroup(candidate.group);
        match in_zone {
            Some(_) => self.walk.pass(component, None, clause),
            None => self
                .walk
                .filter_open(component, None, clause, load_balancer.zone),
        }
        let of_family = self.walk.packet.family() == candidate.address.family();
        if candidate.preserves && of_family && !self.came_by_service() {
            self.preserve(index, node, candidate)?;
            self.walk.groups_outbound(node)?;
            return self.onward(place);
        }
        self.node_sends(index, node, candidate)
    }

    /// A node sends to a candidate from its own address.
    pub(crate) fn node_sends(
        &mut self,
        index: LoadBalancerIndex,
        node: InterfaceIndex,
        to: &Candidate,
    ) -> ControlFlow<Ending> {
        self.translate(index, node, to)?;
        self.walk.groups_outbound(node)?;
        self.onward(self.walk.network.interfaces[node].subnet)
    }

    /// `load-balancer-preserves`.
    fn preserve(
        &mut self,
        index: LoadBalancerIndex,
        node: InterfaceIndex,
        to: &Candidate,
    ) -> ControlFlow<Ending> {
        let network = self.walk.network;
        let component = Component::LoadBalancer(index);
        let clause = Clause::LoadBalancerPreserves;
        let source = self.walk.packet.source();
        let vpc = network.interfaces[node].vpc;
        if source == to.address || network.refuses_clients(vpc, to.address) {
            return self.walk.drop(component, None, clause);
        }
        self.walk.pass(component, None, clause);
        let transport = to_port(self.walk.packet.transport(), to.port);
        self.begin(Begin::Preserved(index), source, to.address, transport);
        ControlFlow::Continue(())
    }

    /// `load-balancer-translates`.
    fn translate(
        &mut self,
        index: LoadBalancerIndex,
        node: InterfaceIndex,
        to: &Candidate,
    ) -> ControlFlow<Ending> {
        let component = Component::LoadBalancer(index);
        let clause = Clause::LoadBalancerTranslates;
        let own = self.walk.network.interfaces[node].first(to.address.family());
        let Some(own) = own else {
            return self.walk.drop(component, None, clause);
        };
        self.walk.pass(component, None, clause);
        let transport = to_port(self.walk.packet.transport(), to.port);
        self.begin(Begin::Translated(index), own, to.address, transport);
        ControlFlow::Continue(())
    }

    /// The target of the route that a packet takes which keeps its client's address: it has to go
    /// straight.
    pub(crate) fn straight(
        &mut self,
        index: LoadBalancerIndex,
        target: Target,
    ) -> ControlFlow<Ending> {
        let component = Component::LoadBalancer(index);
        let clause = Clause::LoadBalancerPreserves;
        match target {
            Target::Local => ControlFlow::Continue(()),
            Target::Peering(_) => {
                let hole = self.walk.network.load_balancers[index].peered;
                self.walk.end_open(component, None, clause, hole)
            }
            Target::InternetGateway(_)
            | Target::EgressOnly(_)
            | Target::NatGateway(_)
            | Target::GatewayEndpoint(_)
            | Target::NetworkInterface(_)
            | Target::GatewayLoadBalancer(_)
            | Target::TransitGateway(_)
            | Target::VirtualPrivate(_) => self.walk.drop(component, None, clause),
        }
    }
}
