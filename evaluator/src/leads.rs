//! Which relays lead to the places of a scope: a bound on what relayed flows can come to, found
//! once for all senders.
//!
//! What a node sends from its own address does not depend on its clients, so those legs are
//! walked; of legs that keep the client's address only the receiver is asked. Whatever is open
//! leads everywhere.

use std::collections::{BTreeMap, BTreeSet};

use model::{Address, Family, MOST_PICKS, Packet, Port, Traffic, Transport};
use rayon::prelude::*;

use crate::compiled::Compiled;
use crate::forward::{self, Arrived};
use crate::index::{EndpointServiceIndex, InterfaceIndex, LoadBalancerIndex};
use crate::knock::Knock;
use crate::load_balancer::{Candidate, Listener};
use crate::network_interface::Role;
use crate::route_table::{Choice, Target};
use crate::scope::Scope;
use crate::walk::End;

/// A request at a relay.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct AtRelay {
    pub(crate) relay: InterfaceIndex,
    pub(crate) knock: Knock,
    /// Whether it came by an endpoint service.
    pub(crate) by_service: bool,
}

/// What a relay may make of a request with one pick.
#[derive(Debug, Default)]
struct Next {
    /// It may be received at a place of the scope, or anything may become of it.
    arrives: bool,
    relays: Vec<AtRelay>,
}

/// What relays lead to.
#[derive(Debug)]
pub(crate) struct Leads {
    /// The requests that may come to a place with so many picks left, but one.
    by_picks: Vec<BTreeSet<AtRelay>>,
    /// Whether a load balancer's listeners are not known, so that any request may come anywhere.
    any: bool,
    /// What leads to a place at some relay.
    pub(crate) knocks: BTreeSet<Knock>,
    /// The relays' private addresses.
    private: BTreeSet<Address>,
    /// The addresses by which the internet means relays.
    public: BTreeSet<Address>,
}

impl Leads {
    pub(crate) fn new(network: &Compiled, scope: &Scope<'_>, source: &model::Scope) -> Self {
        let relays = network.interfaces.iter().map(|(index, _)| index);
        let relays: Vec<_> = relays.filter(|index| network.is_relay(*index)).collect();
        let finder = Finder {
            network,
            scope,
            source,
        };
        let all: Vec<_> = relays
            .iter()
            .flat_map(|relay| finder.requests(*relay))
            .collect();
        let next = all.par_iter().map(|at| (*at, finder.next(*at)));
        let next: BTreeMap<_, _> = next.collect();
        let mut by_picks: Vec<BTreeSet<AtRelay>> = Vec::new();
        for _ in 0..MOST_PICKS {
            let before = by_picks.last();
            // What comes to a relay with no pick left may go anywhere (`load-balancer-limit`).
            let leads = |at: &AtRelay| before.is_none_or(|before| before.contains(at));
            let found = next
                .iter()
                .filter(|(_, next)| next.arrives || next.relays.iter().any(leads));
            by_picks.push(found.map(|(at, _)| *at).collect());
        }
        let knocks = by_picks.last().into_iter().flatten();
        let private = relays.iter();
        let private = private.flat_map(|relay| network.interfaces[*relay].private_addresses());
        let public = network.public_addresses.iter();
        let public = public.filter(|(_, (owner, _))| network.is_relay(*owner));
        let unknown = |relay: &InterfaceIndex| finder.is_unknown(*relay);
        Self {
            any: relays.iter().any(unknown),
            knocks: knocks.map(|at| at.knock).collect(),
            private: private.collect(),
            public: public.map(|(address, _)| address).collect(),
            by_picks,
        }
    }

    /// Whether no relay leads to a place.
    pub(crate) fn is_empty(&self) -> bool {
        !self.any && self.knocks.is_empty()
    }

    /// Whether a request that some relay may have got may come to a place.
    pub(crate) fn may_lead(&self, transport: Transport) -> bool {
        let knock = Knock::of(transport);
        self.any || knock.is_some_and(|knock| self.knocks.contains(&knock))
    }

    /// Whether a request at a relay may come to a place with so many picks left.
    pub(crate) fn may_lead_from(&self, at: AtRelay, n_picks: usize) -> bool {
        let known = n_picks.checked_sub(1);
        let known = known.and_then(|position| self.by_picks.get(position));
        self.any || known.is_some_and(|known| known.contains(&at))
    }

    /// What relayed flows of a scope are sent to, by interfaces, the internet, or others.
    pub(crate) fn inside_relays(&self) -> impl Iterator<Item = Address> {
        self.private.union(&self.public).copied()
    }

    pub(crate) const fn internet_relays(&self) -> &BTreeSet<Address> {
        &self.public
    }

    pub(crate) const fn on_premises_relays(&self) -> &BTreeSet<Address> {
        &self.private
    }

    /// The scope with what relayed flows are at first: of any family, to every port that matters.
    pub(crate) fn first_legs(&self, scope: &model::Scope) -> model::Scope {
        let classes = match self.any {
            true => [Knock::Tcp(0), Knock::Udp(0)]
                .map(|knock| knock.class(0..=Port::MAX))
                .into(),
            false => {
                let port = |knock: &Knock| match knock {
                    Knock::Tcp(port) | Knock::Udp(port) => *port..=*port,
                };
                let knocks = self.knocks.iter();
                knocks.map(|knock| knock.class(port(knock))).collect()
            }
        };
        model::Scope {
            traffic: Traffic { classes },
            families: BTreeSet::from([Family::V4, Family::V6]),
            ..scope.clone()
        }
    }
}

struct Finder<'a> {
    network: &'a Compiled,
    scope: &'a Scope<'a>,
    source: &'a model::Scope,
}

impl Finder<'_> {
    /// What can be asked of a relay.
    fn requests(&self, relay: InterfaceIndex) -> Vec<AtRelay> {
        let network = self.network;
        let mut knocks = BTreeSet::new();
        let mut of = |index: LoadBalancerIndex| {
            let listeners = network.load_balancers[index].listeners.as_ref();
            let listeners = listeners.ok().into_iter().flatten();
            knocks.extend(listeners.flat_map(Knock::of_listener));
        };
        let by_service: &[bool] = match network.interfaces[relay].role {
            Role::LoadBalancer(index) => {
                of(index);
                &[false, true]
            }
            Role::Endpoint(_) | Role::Ordinary | Role::NatGateway(_) | Role::ClientVpn(_) => {
                let service = network.service_of(relay);
                let load_balancers = service.map(|service| network.offered(service));
                load_balancers.into_iter().flatten().for_each(of);
                &[false]
            }
        };
        let all = knocks.into_iter().flat_map(|knock| {
            by_service.iter().map(move |by_service| AtRelay {
                relay,
                knock,
                by_service: *by_service,
            })
        });
        all.collect()
    }

    /// Whether what the relay takes is not known.
    fn is_unknown(&self, relay: InterfaceIndex) -> bool {
        match self.network.interfaces[relay].role {
            Role::LoadBalancer(index) => self.network.load_balancers[index].listeners.is_err(),
            Role::Endpoint(_) | Role::Ordinary | Role::NatGateway(_) | Role::ClientVpn(_) => false,
        }
    }

    fn next(&self, at: AtRelay) -> Next {
        let mut next = Next::default();
        match self.network.interfaces[at.relay].role {
            Role::LoadBalancer(index) => self.node_next(index, at, &mut next),
            Role::Endpoint(_) | Role::Ordinary | Role::NatGateway(_) | Role::ClientVpn(_) => {
                if let Some(service) = self.network.service_of(at.relay) {
                    self.endpoint_next(service, at, &mut next);
                }
            }
        }
        next
    }

    fn node_next(&self, index: LoadBalancerIndex, at: AtRelay, next: &mut Next) {
        let network = self.network;
        let Ok(listeners) = &network.load_balancers[index].listeners else {
            next.arrives = true;
            return;
        };
        let takes = |listener: &&Listener| listener.takes(at.knock.transport());
        let candidates = listeners.iter().find(takes);
        let candidates = match candidates.map(|listener| &listener.candidates) {
            Some(Ok(candidates)) => candidates,
            Some(Err(_)) => {
                next.arrives = true;
                return;
            }
            None => return,
        };
        let place = network.interfaces[at.relay].subnet;
        for (candidate, _) in network.targets(place, candidates) {
            if candidate.preserves && !at.by_service {
                self.preserved(at, candidate, next);
            }
            let transport = at.knock.transport();
            let request = forward::from_node(network, index, at.relay, candidate, transport);
            let ended = request.map(|request| (request.ending.end, request.last));
            match ended.map(|(end, last)| (end, last.arrived, last.received)) {
                None | Some((End::Dropped, ..)) => {}
                Some((End::Delivered, Some(arrived), received)) => {
                    let knock = at.knock.to(candidate.port);
                    self.received(knock, received.destination(), arrived, next);
                }
                Some((End::Undetermined(_) | End::Delivered, ..)) => next.arrives = true,
            }
        }
    }

    /// Some client's address is kept to a candidate.
    fn preserved(&self, at: AtRelay, to: &Candidate, next: &mut Next) {
        let network = self.network;
        let node = &network.interfaces[at.relay];
        if let Some((owner, _)) = network.vpcs[node.vpc].owners.at(to.address) {
            let arrived = Arrived::Interface(owner, forward::Entry::Routed);
            self.received(at.knock.to(to.port), to.address, arrived, next);
            // What becomes of it there is open (`client-vpn-inbound`).
            next.arrives |= network.is_client_vpn(owner);
            return;
        }
        next.arrives |= match network.choose(node.subnet, to.address) {
            Choice::Open { .. }
            | Choice::Chosen {
                target: Target::Peering(_),
                ..
            } => true,
            Choice::Chosen { .. } | Choice::Dropped { .. } => false,
        };
    }

    fn endpoint_next(&self, service: EndpointServiceIndex, at: AtRelay, next: &mut Next) {
        for family in crate::address::FAMILIES {
            let nodes = self.network.service_nodes(service, at.relay, family);
            for (node, address, _) in nodes {
                let arrived = Arrived::Interface(node, forward::Entry::Routed);
                let from = next.relays.len();
                self.received(at.knock, address, arrived, next);
                let relays = next.relays.iter_mut().skip(from);
                relays.for_each(|relay| relay.by_service = true);
            }
        }
    }

    /// What is received with one pick more.
    fn received(&self, knock: Knock, destination: Address, arrived: Arrived, next: &mut Next) {
        let of_family = self.source.families.contains(&destination.family());
        let mut classes = self.source.traffic.classes.iter();
        let in_scope = of_family && classes.any(|class| knock.is_in(class));
        next.arrives |= in_scope && self.scope.is_received(destination, arrived);
        let Arrived::Interface(relay, _) = arrived else {
            return;
        };
        if !self.network.is_relay(relay) {
            return;
        }
        next.arrives |= self.is_unknown(relay);
        next.relays.push(AtRelay {
            relay,
            knock,
            by_service: false,
        });
    }
}

impl Compiled {
    /// The service that an endpoint's interface hands on to.
    pub(crate) fn service_of(&self, index: InterfaceIndex) -> Option<EndpointServiceIndex> {
        match self.interfaces[index].role {
            Role::Endpoint(endpoint) => self.endpoints[endpoint].service,
            Role::LoadBalancer(_) | Role::Ordinary | Role::NatGateway(_) | Role::ClientVpn(_) => {
                None
            }
        }
    }

    /// The load balancers of a service, once for every node.
    fn offered(&self, index: EndpointServiceIndex) -> impl Iterator<Item = LoadBalancerIndex> {
        let nodes = self.endpoint_services[index].nodes.iter();
        nodes.filter_map(|node| match self.interfaces[*node].role {
            Role::LoadBalancer(index) => Some(index),
            Role::Endpoint(_) | Role::Ordinary | Role::NatGateway(_) | Role::ClientVpn(_) => None,
        })
    }

    /// How many candidates a relay has for a packet that it has received; one stands for all
    /// when they are not known.
    pub(crate) fn n_candidates(&self, relay: InterfaceIndex, packet: Packet) -> usize {
        let interface = &self.interfaces[relay];
        if let Role::LoadBalancer(index) = interface.role {
            let Ok(listeners) = &self.load_balancers[index].listeners else {
                return 1;
            };
            let mut listeners = listeners.iter();
            let listener = listeners.find(|one| one.takes(packet.transport()));
            return match listener.map(|listener| &listener.candidates) {
                Some(Ok(candidates)) => self.targets(interface.subnet, candidates).count(),
                Some(Err(_)) => 1,
                None => 0,
            };
        }
        let service = self.service_of(relay);
        let nodes = service.map(|service| self.service_nodes(service, relay, packet.family()));
        nodes.into_iter().flatten().count()
    }
}
