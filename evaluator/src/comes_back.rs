//! Which questions lead to public addresses of the network itself, over which packets come back
//! in (`internet-gateway-hairpin`): there filters see public addresses of senders.

use model::{
    Address, AddressValue, Answer, Cidr, Family, Network, NetworkInterfaceId, Origin, Place,
    PrefixList, Scope, TargetDestination,
};

use crate::address::{held, public_edges};
use crate::alike::relays;
use crate::meaning::Askers;
use crate::resolve::Resolver;

/// Whether packets of a question may come back; without open public addresses nobody asks.
pub(crate) fn comes_back(network: &Network, scope: &Scope, resolver: &Resolver) -> bool {
    let mapped = Mapped::new(network);
    if mapped.open.is_empty() {
        return false;
    }
    let mut origins = scope.from.iter();
    let inside = origins.any(|origin| !matches!(origin, Origin::Internet(_)));
    let askers = Askers::new(network, scope);
    let mut places = scope.to.iter();
    mapped.is_relayed(network, scope)
        || (inside || scope.relayed) && mapped.is_of_vpc(network)
        || inside && places.any(|place| mapped.is_in(place, network, (resolver, &askers)))
}

/// The public addresses that are mapped to interfaces.
struct Mapped {
    known: Vec<Address>,
    /// The blocks of open ones.
    open: Vec<Cidr>,
}

impl Mapped {
    fn new(network: &Network) -> Self {
        let (mut known, mut open) = (Vec::new(), Vec::new());
        let interfaces = network.network_interfaces().values();
        let addresses = interfaces.flat_map(|interface| &interface.addresses);
        for public in addresses.filter_map(|address| address.public.as_ref()) {
            match public {
                AddressValue::Known(address) => known.push(*address),
                AddressValue::Within(block, _) => open.push(*block),
            }
        }
        Self { known, open }
    }

    /// Whether one of them may be in a block.
    fn meets(&self, block: Cidr) -> bool {
        let within = |one: Cidr, other: Cidr| {
            one.prefix_len() >= other.prefix_len() && held(&[other], one.base())
        };
        let mut private = public_edges().filter(|edge| edge.family() == Family::V4);
        let is_private = private.any(|edge| within(block, edge));
        let meets = |open: &Cidr| within(*open, block) || within(block, *open);
        self.known.iter().any(|known| held(&[block], *known))
            || !is_private && self.open.iter().any(meets)
    }

    fn meets_any<'b>(&self, blocks: impl IntoIterator<Item = &'b Cidr>) -> bool {
        let mut blocks = blocks.into_iter();
        blocks.any(|block| self.meets(*block))
    }

    /// Whether one may be an entry of some list.
    fn is_listed<'l>(&self, lists: impl Iterator<Item = &'l PrefixList>) -> bool {
        let mut lists = lists;
        lists.any(|list| {
            let entries = list.entries.known();
            entries.is_none_or(|entries| self.meets_any(entries))
        })
    }

    /// Whether one may be a public address of a service.
    fn is_of_service(&self, network: &Network, service: &str) -> bool {
        let lists = network.prefix_lists().values();
        let mut lists = lists.filter(|list| list.name == service).peekable();
        lists.peek().is_none() || self.is_listed(lists)
    }

    /// Whether one may be somebody's private address as well.
    fn is_of_vpc(&self, network: &Network) -> bool {
        let vpcs = network.vpcs().values();
        let blocks: Vec<_> = vpcs.flat_map(|vpc| vpc.cidrs.clone()).collect();
        self.known.iter().any(|known| held(&blocks, *known))
    }

    /// Whether a place may hold one.
    fn is_in(
        &self,
        place: &Place,
        network: &Network,
        (resolver, askers): (&Resolver, &Askers),
    ) -> bool {
        match place {
            Place::Interfaces {
                interfaces,
                public_from_inside,
            } => *public_from_inside && interfaces.iter().any(|id| is_mapped(network, id)),
            // What belongs to the network is no part of the internet.
            Place::Internet => false,
            Place::OnPremises(None) => true,
            Place::OnPremises(Some(blocks)) | Place::Cidrs(blocks) => self.meets_any(blocks),
            Place::Service(service) => self.is_of_service(network, service),
            Place::GatewayEndpoints(_) => self.is_listed(network.prefix_lists().values()),
            Place::Name(name) => {
                let mut answers = askers.all().map(|asker| resolver.resolve(&asker, name));
                answers.any(|resolution| self.is_meant(&resolution.answer, network))
            }
        }
    }

    /// Whether an answer may mean one.
    fn is_meant(&self, answer: &Answer, network: &Network) -> bool {
        match answer {
            Answer::Interfaces(_) | Answer::NoAnswer => false,
            Answer::Addresses(addresses) => {
                let mut blocks = addresses.iter().copied().map(Cidr::host);
                blocks.any(|block| self.meets(block))
            }
            Answer::PublicService(service) => self.is_of_service(network, service),
            Answer::Dns64(of) => self.is_meant(of, network),
            Answer::Undetermined(_) => true,
        }
    }

    /// Whether relayed flows may be sent to one, or handed on to it.
    fn is_relayed(&self, network: &Network, scope: &Scope) -> bool {
        let mut relays = relays(network, Some(scope)).peekable();
        let groups = network.target_groups().values();
        let targets = groups.filter_map(|group| group.targets.known()).flatten();
        let mut addresses = targets.filter_map(|target| match &target.destination {
            TargetDestination::Address(address) => Some(Cidr::host(*address)),
            TargetDestination::Interface(_) | TargetDestination::LoadBalancer(_) => None,
        });
        relays.peek().is_some()
            && (addresses.any(|address| self.meets(address))
                || relays.any(|id| is_mapped(network, id)))
    }
}

/// Whether a public address is mapped to an interface.
fn is_mapped(network: &Network, id: &NetworkInterfaceId) -> bool {
    let interface = network.network_interfaces().get(id);
    let addresses = interface.into_iter().flat_map(|found| &found.addresses);
    addresses
        .into_iter()
        .any(|address| address.public.is_some())
}
