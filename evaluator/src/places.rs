//! Places of a scope, with ids looked up and names resolved.

use std::collections::{BTreeMap, BTreeSet};

use model::{
    Address, Answer, Asker, Cidr, EndpointKind, Family, Hole, Network, NetworkInterfaceId, Place,
    VpcEndpointId,
};

use crate::address::{held, is_public};
use crate::address_map::{AddressMap, ExactMap};
use crate::atoms::AddressCuts;
use crate::compiled::Compiled;
use crate::index::{EndpointIndex, InterfaceIndex};
use crate::meaning::{Askers, Meaning, Meanings};
use crate::network_interface::Role;
use crate::resolve::Resolver;

/// A place with its ids looked up.
pub(crate) enum PlaceOf {
    Interfaces {
        interfaces: BTreeSet<InterfaceIndex>,
        private: Owners,
        public: Owners,
        public_from_inside: bool,
    },
    Internet,
    /// `None` is every address.
    OnPremises(Option<Vec<Cidr>>),
    Cidrs {
        cidrs: Vec<Cidr>,
        /// Whether one of them holds an address.
        held: AddressMap<bool>,
    },
    Service {
        public: Addresses,
        endpoints: Owners,
    },
    GatewayEndpoints(Vec<(EndpointIndex, Addresses)>),
    Name(Meanings),
}

/// Which interfaces of a set have an address.
pub(crate) struct Owners {
    /// The position of the interfaces that have it.
    positions: ExactMap<u32>,
    interfaces: Vec<Vec<InterfaceIndex>>,
}

impl Owners {
    fn new(owners: BTreeMap<Address, Vec<InterfaceIndex>>) -> Self {
        let addresses = owners.keys().copied().zip(0..);
        Self {
            positions: ExactMap::build(addresses),
            interfaces: owners.into_values().collect(),
        }
    }

    /// The interfaces that have the address.
    pub(crate) fn at(&self, address: Address) -> Option<&[InterfaceIndex]> {
        let position = self.positions.at(address)?;
        self.interfaces.get(position as usize).map(Vec::as_slice)
    }

    /// Their addresses.
    pub(crate) fn addresses(&self) -> impl Iterator<Item = Address> {
        self.positions.iter().map(|(address, _)| address)
    }

    /// Takes each of them out of its cell.
    pub(crate) fn cut(&self, cuts: &mut AddressCuts) {
        self.addresses().for_each(|address| cuts.host(address));
    }
}

/// The addresses of some prefix lists.
#[derive(Default)]
pub(crate) struct Addresses {
    pub(crate) known: Vec<Cidr>,
    /// Holes by which more addresses may be among them: of one family or of both, and only public
    /// ones or any.
    pub(crate) open: Vec<(Option<Family>, bool, Hole)>,
}

impl Addresses {
    /// Whether an address is among them, and the hole when that is open.
    pub(crate) fn hold(&self, address: Address) -> Option<Option<&Hole>> {
        if held(&self.known, address) {
            return Some(None);
        }
        let possible = |(family, public, _): &&(Option<Family>, bool, Hole)| {
            family.is_none_or(|family| family == address.family())
                && (!public || is_public(address))
        };
        self.open
            .iter()
            .find(possible)
            .map(|(_, _, hole)| Some(hole))
    }

    fn add(&mut self, list: &model::PrefixList) {
        match (list.entries.known(), list.entries.hole()) {
            (Some(entries), _) => self.known.extend(entries),
            (None, Some(hole)) => {
                let open = (Some(list.family), list.aws_managed, hole.clone());
                self.open.push(open);
            }
            (None, None) => {}
        }
    }
}

pub(crate) struct Builder<'a> {
    pub(crate) source: &'a Network,
    pub(crate) network: &'a Compiled,
    pub(crate) resolver: &'a Resolver,
    pub(crate) askers: Askers,
}

impl Builder<'_> {
    /// The interfaces of a set that send: not an endpoint's, a NAT gateway's or a load balancer's.
    pub(crate) fn senders(&self, ids: &BTreeSet<NetworkInterfaceId>) -> Vec<InterfaceIndex> {
        let names = &self.network.names;
        let found = ids.iter().filter_map(|id| names.interfaces.find(id));
        let sends = |index: &InterfaceIndex| match self.network.interfaces[*index].role {
            Role::Ordinary | Role::ClientVpn(_) => true,
            Role::Endpoint(_) | Role::NatGateway(_) | Role::LoadBalancer(_) => false,
        };
        found.filter(sends).collect()
    }

    pub(crate) fn place(&self, place: &Place) -> PlaceOf {
        match place {
            Place::Interfaces {
                interfaces,
                public_from_inside,
            } => PlaceOf::Interfaces {
                interfaces: interfaces
                    .iter()
                    .filter_map(|id| self.network.names.interfaces.find(id))
                    .collect(),
                private: self.owners(interfaces, |(private, _)| private),
                public: self.owners(interfaces, |(_, public)| public),
                public_from_inside: *public_from_inside,
            },
            Place::Internet => PlaceOf::Internet,
            Place::OnPremises(blocks) => {
                let blocks = blocks.as_ref();
                PlaceOf::OnPremises(blocks.map(|blocks| blocks.iter().copied().collect()))
            }
            Place::Cidrs(cidrs) => PlaceOf::Cidrs {
                cidrs: cidrs.iter().copied().collect(),
                held: AddressMap::of_blocks(cidrs.iter().copied()),
            },
            Place::Service(service) => PlaceOf::Service {
                public: self.service(service),
                endpoints: self.owners(&self.endpoint_interfaces(service), |(own, _)| own),
            },
            Place::GatewayEndpoints(ids) => {
                let endpoints = ids.iter().filter_map(|id| self.gateway_endpoint(id));
                PlaceOf::GatewayEndpoints(endpoints.collect())
            }
            Place::Name(name) => PlaceOf::Name(self.meanings(name)),
        }
    }

    fn meanings(&self, name: &str) -> Meanings {
        let meaning = |asker| self.meaning(self.resolver.resolve(&asker, name).answer);
        let subnets = self.askers.subnets.iter().map(|subnet| {
            let index = self.network.names.subnets.index(subnet);
            (index, meaning(Asker::Subnet(subnet.clone())))
        });
        let resolvers = self.askers.resolvers.iter();
        let resolvers = resolvers.map(|vpc| (vpc.clone(), meaning(Asker::Inbound(vpc.clone()))));
        Meanings {
            inside: subnets.collect(),
            outside: resolvers.collect(),
        }
    }

    fn meaning(&self, answer: Answer) -> Meaning {
        match answer {
            Answer::Interfaces(ids) => Meaning::Interfaces(self.owners(&ids, |(own, _)| own)),
            Answer::Addresses(addresses) => Meaning::Addresses(addresses),
            Answer::PublicService(service) => Meaning::Service(self.service(&service)),
            Answer::Dns64(of) => Meaning::Dns64(Box::new(self.meaning(*of))),
            Answer::NoAnswer => Meaning::Nothing,
            Answer::Undetermined(hole) => Meaning::Open(hole),
        }
    }

    fn owners(
        &self,
        ids: &BTreeSet<NetworkInterfaceId>,
        which: impl Fn((Option<Address>, Option<Address>)) -> Option<Address>,
    ) -> Owners {
        let mut owners: BTreeMap<Address, Vec<InterfaceIndex>> = BTreeMap::new();
        for index in ids
            .iter()
            .filter_map(|id| self.network.names.interfaces.find(id))
        {
            for addresses in &self.network.interfaces[index].addresses {
                if let Some(address) = which(*addresses) {
                    owners.entry(address).or_default().push(index);
                }
            }
        }
        Owners::new(owners)
    }

    /// The *public addresses of a service*.
    fn service(&self, service: &str) -> Addresses {
        let mut addresses = Addresses::default();
        let lists = self.source.prefix_lists().values();
        let mut lists = lists.filter(|list| list.name == service).peekable();
        if lists.peek().is_none() {
            let hole = Hole::new(format!("public addresses of {service}"));
            addresses.open.push((None, true, hole));
        }
        lists.for_each(|list| addresses.add(list));
        addresses
    }

    /// The interfaces of a service's interface endpoints.
    fn endpoint_interfaces(&self, service: &str) -> BTreeSet<NetworkInterfaceId> {
        let endpoints = self.source.vpc_endpoints().values();
        let of_service = endpoints.filter(|endpoint| endpoint.service == service);
        of_service
            .flat_map(|endpoint| match &endpoint.kind {
                EndpointKind::Interface { interfaces, .. } => interfaces.clone(),
                EndpointKind::Gateway { .. }
                | EndpointKind::GatewayLoadBalancer { .. }
                | EndpointKind::Unmodelled(_) => BTreeSet::new(),
            })
            .collect()
    }

    fn gateway_endpoint(&self, id: &VpcEndpointId) -> Option<(EndpointIndex, Addresses)> {
        let endpoint = self.source.vpc_endpoints().get(id)?;
        let mut addresses = Addresses::default();
        match &endpoint.kind {
            EndpointKind::Gateway { prefix_lists } => prefix_lists
                .iter()
                .filter_map(|list| self.source.prefix_lists().get(list))
                .for_each(|list| addresses.add(list)),
            EndpointKind::Interface { .. }
            | EndpointKind::GatewayLoadBalancer { .. }
            | EndpointKind::Unmodelled(_) => {}
        }
        Some((self.network.names.endpoints.index(id), addresses))
    }
}
