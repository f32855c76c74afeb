//! Scopes: which flows an invariant speaks of, and where they may arrive.

use std::collections::BTreeSet;

use model::{Address, Cidr, Family, Hole, Network, Origin, Packet};

use crate::address::{held, is_public};
use crate::atoms::AddressCuts;
use crate::compiled::Compiled;
use crate::forward::{Arrived, Sender};
use crate::index::{EndpointIndex, InterfaceIndex, SubnetIndex};
use crate::meaning::{Askers, Hosts, Meaning};
use crate::places::{Builder, PlaceOf};
use crate::resolve::Resolver;

/// A scope with its ids looked up.
pub(crate) struct Scope<'a> {
    network: &'a Compiled,
    /// The interfaces that send, in order.
    pub(crate) interfaces: BTreeSet<InterfaceIndex>,
    /// The blocks from which the internet sends; `None` inside is every public address.
    pub(crate) internet: Vec<Option<Vec<Cidr>>>,
    /// The hosts on premises that send.
    pub(crate) on_premises: Vec<Hosts>,
    places: Vec<PlaceOf>,
    /// The blocks of every VPC, which are no part of the internet.
    of_vpcs: Vec<Cidr>,
}

/// Where a sender is, as far as places ask.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Whence {
    Subnet(SubnetIndex),
    Internet,
    /// The address that a host sends from; `None` is any.
    OnPremises(Option<Address>),
}

/// Where a flow may arrive.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Allowed<'a> {
    Interfaces(&'a [InterfaceIndex]),
    Internet,
    OnPremises,
    GatewayEndpoint(EndpointIndex),
    Anywhere,
    AnywhereButInterfaces,
    /// Which arrivals are allowed is itself open.
    Open,
}

/// Whether a destination is in scope, and which arrivals its places allow.
#[derive(Clone, Debug)]
pub(crate) struct Held<'a> {
    /// For each place that holds the destination: the hole when that is open.
    places: Vec<(Allowed<'a>, Option<&'a Hole>)>,
}

/// True, false or open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Truth {
    False,
    Open,
    True,
}

impl Held<'_> {
    /// Held by a place that allows every arrival.
    pub(crate) fn anywhere() -> Self {
        let places = vec![(Allowed::Anywhere, None)];
        Self { places }
    }

    /// Held by a place of which it is open what it allows.
    pub(crate) fn open() -> Self {
        let places = vec![(Allowed::Open, None)];
        Self { places }
    }

    /// The hole that decides whether the flow is in scope; `None` when it certainly is.
    pub(crate) fn hole(&self) -> Option<&Hole> {
        let open = self.places.iter().map(|(_, hole)| *hole);
        // In scope certainly when some place holds it certainly.
        open.min().flatten()
    }

    /// Whether a place of the scope which holds the destination allows the arrival.
    pub(crate) fn allows(&self, arrived: Arrived) -> Truth {
        let one = |(allowed, hole): &(Allowed<'_>, Option<&Hole>)| {
            let matches = match (allowed, arrived) {
                (Allowed::Open, _) => return Truth::Open,
                (Allowed::Anywhere, _) => true,
                (Allowed::AnywhereButInterfaces, arrived) => {
                    !matches!(arrived, Arrived::Interface(..))
                }
                (Allowed::Interfaces(of), Arrived::Interface(index, _)) => of.contains(&index),
                (Allowed::Internet, Arrived::Internet(_))
                | (Allowed::OnPremises, Arrived::OnPremises(_)) => true,
                (Allowed::GatewayEndpoint(of), Arrived::GatewayEndpoint(index)) => *of == index,
                (
                    Allowed::Interfaces(_)
                    | Allowed::Internet
                    | Allowed::OnPremises
                    | Allowed::GatewayEndpoint(_),
                    Arrived::AmazonService
                    | Arrived::Interface(..)
                    | Arrived::Internet(_)
                    | Arrived::OnPremises(_)
                    | Arrived::GatewayEndpoint(_),
                ) => false,
            };
            match (matches, hole) {
                (false, _) => Truth::False,
                (true, None) => Truth::True,
                (true, Some(_)) => Truth::Open,
            }
        };
        let truths = self.places.iter().map(one);
        truths.max().unwrap_or(Truth::False)
    }
}

impl<'a> Scope<'a> {
    pub(crate) fn new(
        scope: &model::Scope,
        source: &Network,
        network: &'a Compiled,
        resolver: &Resolver,
    ) -> Self {
        let builder = Builder {
            source,
            network,
            resolver,
            askers: Askers::new(source, scope),
        };
        let mut interfaces = BTreeSet::new();
        let (mut internet, mut on_premises) = (Vec::new(), Vec::new());
        let copied = |blocks: &Option<BTreeSet<Cidr>>| {
            let blocks = blocks.as_ref();
            blocks.map(|blocks| blocks.iter().copied().collect())
        };
        for origin in &scope.from {
            match origin {
                Origin::Interfaces(ids) => interfaces.extend(builder.senders(ids)),
                Origin::Internet(blocks) => internet.push(copied(blocks)),
                Origin::OnPremises { blocks, resolver } => on_premises.push(Hosts {
                    blocks: copied(blocks),
                    resolver: resolver.clone(),
                }),
            }
        }
        let vpcs = source.vpcs().values();
        Self {
            network,
            interfaces,
            internet,
            on_premises,
            places: scope.to.iter().map(|place| builder.place(place)).collect(),
            of_vpcs: vpcs.flat_map(|vpc| vpc.cidrs.clone()).collect(),
        }
    }

    /// How many interfaces may be destinations, at the most.
    pub(crate) fn n_receivers(&self) -> usize {
        let places = self.places.iter();
        let n_each = places.map(|place| match place {
            PlaceOf::Interfaces { interfaces, .. } => interfaces.len(),
            PlaceOf::Internet => 0,
            PlaceOf::OnPremises(_)
            | PlaceOf::Cidrs { .. }
            | PlaceOf::Service { .. }
            | PlaceOf::GatewayEndpoints(_)
            | PlaceOf::Name(_) => self.network.interfaces.iter().count(),
        });
        n_each.sum()
    }

    /// Of each place that has interfaces whether it has this one.
    pub(crate) fn has_at(&self, index: InterfaceIndex) -> Vec<bool> {
        let places = self.places.iter();
        let has = places.filter_map(|place| match place {
            PlaceOf::Interfaces { interfaces, .. } => Some(interfaces.contains(&index)),
            PlaceOf::Internet
            | PlaceOf::OnPremises(_)
            | PlaceOf::Cidrs { .. }
            | PlaceOf::Service { .. }
            | PlaceOf::GatewayEndpoints(_)
            | PlaceOf::Name(_) => None,
        });
        has.collect()
    }

    /// Whether some name means addresses of NAT64.
    pub(crate) fn is_dns64(&self) -> bool {
        let mut places = self.places.iter();
        places.any(|place| match place {
            PlaceOf::Name(meanings) => {
                let mut all = meanings.all();
                all.any(|meaning| matches!(meaning, Meaning::Dns64(_)))
            }
            PlaceOf::Interfaces { .. }
            | PlaceOf::Internet
            | PlaceOf::OnPremises(_)
            | PlaceOf::Cidrs { .. }
            | PlaceOf::Service { .. }
            | PlaceOf::GatewayEndpoints(_) => false,
        })
    }

    /// Whether an address is on the internet: public, and not of the network.
    pub(crate) fn is_internet(&self, address: Address) -> bool {
        is_public(address) && !self.network.belongs(address) && !held(&self.of_vpcs, address)
    }

    /// Whether a sender that is no interface sends from the address.
    pub(crate) fn sends_from(&self, sender: Sender, address: Address) -> bool {
        let is_among = |blocks: &Option<Vec<Cidr>>| is_among(blocks.as_deref(), address);
        match sender {
            Sender::Internet => self.is_internet(address) && self.internet.iter().any(is_among),
            Sender::OnPremises(gateway) => {
                let mut origins = self.on_premises.iter();
                !self.network.is_source_open(gateway, address)
                    && origins.any(|hosts| is_among(&hosts.blocks))
            }
            Sender::Interface(_) | Sender::Nobody => false,
        }
    }

    /// The places that hold a destination of a sender; `None` when there is none.
    pub(crate) fn held(
        &self,
        sender: Sender,
        source: Address,
        destination: Address,
    ) -> Option<Held<'_>> {
        let whence = self.whence(sender, Some(source), destination)?;
        let mut places = Vec::new();
        self.visit(whence, destination, |allowed, hole| {
            places.push((allowed, hole))
        });
        (!places.is_empty()).then_some(Held { places })
    }

    /// Whether there is such a place, whatever address a host outside sends from.
    pub(crate) fn holds(&self, sender: Sender, destination: Address) -> bool {
        let whence = self.whence(sender, None, destination);
        whence.is_some_and(|whence| self.holds_from(whence, destination))
    }

    /// Whether some place holds a destination of such senders.
    pub(crate) fn holds_from(&self, whence: Whence, destination: Address) -> bool {
        let mut holds = false;
        self.visit(whence, destination, |_, _| holds = true);
        holds
    }

    /// Whether an address is an interface's own, private or public.
    pub(crate) fn is_own(&self, index: InterfaceIndex, address: Address) -> bool {
        let mut addresses = self.network.interfaces[index].addresses.iter();
        let own = Some(address);
        addresses.any(|(private, public)| *private == own || *public == own)
    }

    /// Whether a relayed flow is received at a place of the scope, as its receiver sees it,
    /// whoever the sender is.
    pub(crate) fn is_received(&self, destination: Address, arrived: Arrived) -> bool {
        let mut places = self.places.iter();
        places.any(|place| is_received_at(place, destination, arrived))
    }

    /// The same for a sender, whose own addresses are in no block.
    pub(crate) fn received_of(
        &self,
        (sender, source): (Sender, Address),
        received: Packet,
        arrived: Arrived,
    ) -> Option<Held<'_>> {
        let destination = received.destination();
        let is_own = match sender {
            Sender::Interface(index) => self.is_own(index, destination),
            Sender::OnPremises(_) => source == destination,
            Sender::Internet | Sender::Nobody => false,
        };
        let mut places = self.places.iter();
        let is_received = places.any(|place| {
            let by_interface = matches!(place, PlaceOf::Interfaces { .. });
            (by_interface || !is_own) && is_received_at(place, destination, arrived)
        });
        is_received.then(Held::anywhere)
    }

    /// The places besides at which a flow is received that NAT64 translated and no relay handed
    /// on.
    pub(crate) fn received_by_nat64(
        &self,
        destination: Address,
        arrived: Arrived,
    ) -> Option<Held<'_>> {
        let mut places = Vec::new();
        for place in &self.places {
            match place {
                PlaceOf::Internet => {
                    let leaves = matches!(arrived, Arrived::Internet(_));
                    if leaves && self.is_internet(destination) {
                        places.push((Allowed::Anywhere, None));
                    }
                }
                PlaceOf::Service { public, endpoints } => {
                    let open = public.hold(destination);
                    places.extend(open.map(|hole| (Allowed::Anywhere, hole)));
                    if endpoints.at(destination).is_some() {
                        places.push((Allowed::Anywhere, None));
                    }
                }
                PlaceOf::Interfaces { .. }
                | PlaceOf::OnPremises(_)
                | PlaceOf::Cidrs { .. }
                | PlaceOf::GatewayEndpoints(_)
                | PlaceOf::Name(_) => {}
            }
        }
        (!places.is_empty()).then_some(Held { places })
    }

    /// Where the sender is; nothing when the destination is its own.
    fn whence(
        &self,
        sender: Sender,
        source: Option<Address>,
        destination: Address,
    ) -> Option<Whence> {
        let (is_own, whence) = match sender {
            Sender::Interface(index) => (
                self.is_own(index, destination),
                Whence::Subnet(self.network.interfaces[index].subnet),
            ),
            Sender::Internet | Sender::Nobody => (false, Whence::Internet),
            Sender::OnPremises(_) => (source == Some(destination), Whence::OnPremises(source)),
        };
        (!is_own).then_some(whence)
    }

    /// Visits the places that hold a destination of a sender: which arrivals each allows, and the
    /// hole when it is open whether it holds it.
    fn visit<'s>(
        &'s self,
        whence: Whence,
        destination: Address,
        mut visit: impl FnMut(Allowed<'s>, Option<&'s Hole>),
    ) {
        for place in &self.places {
            match place {
                PlaceOf::Interfaces {
                    private,
                    public,
                    public_from_inside,
                    ..
                } => {
                    let (by_private, by_public) = match whence {
                        Whence::Subnet(_) => (true, *public_from_inside),
                        Whence::Internet => (destination.family() == Family::V6, true),
                        Whence::OnPremises(_) => (true, false),
                    };
                    if let Some(of) = private.at(destination).filter(|_| by_private) {
                        visit(Allowed::Interfaces(of), None);
                    }
                    if let Some(of) = public.at(destination).filter(|_| by_public) {
                        visit(Allowed::Interfaces(of), None);
                    }
                }
                PlaceOf::Internet => {
                    if self.is_internet(destination) {
                        visit(Allowed::Internet, None);
                    }
                }
                PlaceOf::OnPremises(blocks) => {
                    if is_among(blocks.as_deref(), destination) {
                        visit(Allowed::OnPremises, None);
                    }
                }
                PlaceOf::Cidrs { held, .. } => {
                    if *held.at(destination) {
                        visit(Allowed::Anywhere, None);
                    }
                }
                PlaceOf::Service { public, endpoints } => {
                    if let Some(hole) = public.hold(destination) {
                        visit(Allowed::Anywhere, hole);
                    }
                    if endpoints.at(destination).is_some() {
                        visit(Allowed::Anywhere, None);
                    }
                }
                PlaceOf::GatewayEndpoints(endpoints) => {
                    for (index, addresses) in endpoints {
                        if let Some(hole) = addresses.hold(destination) {
                            visit(Allowed::GatewayEndpoint(*index), hole);
                        }
                    }
                }
                PlaceOf::Name(meanings) => {
                    for meaning in meanings.to(whence, &self.on_premises) {
                        meaning.visit(destination, &mut visit);
                    }
                }
            }
        }
    }

    /// Cuts wherever a place begins or ends.
    pub(crate) fn cut_destinations(&self, cuts: &mut AddressCuts) {
        for place in &self.places {
            match place {
                PlaceOf::Interfaces {
                    private, public, ..
                } => {
                    private.cut(cuts);
                    public.cut(cuts);
                }
                PlaceOf::Internet => {}
                PlaceOf::OnPremises(blocks) => {
                    let blocks = blocks.iter().flatten();
                    blocks.for_each(|cidr| cuts.block(*cidr));
                }
                PlaceOf::Cidrs { cidrs, .. } => cidrs.iter().for_each(|cidr| cuts.block(*cidr)),
                PlaceOf::Service { public, endpoints } => {
                    public.known.iter().for_each(|cidr| cuts.block(*cidr));
                    endpoints.cut(cuts);
                }
                PlaceOf::GatewayEndpoints(endpoints) => {
                    let cidrs = endpoints.iter().flat_map(|(_, addresses)| &addresses.known);
                    cidrs.for_each(|cidr| cuts.block(*cidr));
                }
                PlaceOf::Name(meanings) => meanings.all().for_each(|meaning| meaning.cut(cuts)),
            }
        }
        self.of_vpcs.iter().for_each(|cidr| cuts.block(*cidr));
    }
}

/// Whether a place asks after what relays hand on, and this is received there.
fn is_received_at(place: &PlaceOf, destination: Address, arrived: Arrived) -> bool {
    match place {
        PlaceOf::Interfaces { interfaces, .. } => match arrived {
            Arrived::Interface(index, _) => interfaces.contains(&index),
            Arrived::AmazonService
            | Arrived::Internet(_)
            | Arrived::GatewayEndpoint(_)
            | Arrived::OnPremises(_) => false,
        },
        PlaceOf::OnPremises(blocks) => {
            matches!(arrived, Arrived::OnPremises(_)) && is_among(blocks.as_deref(), destination)
        }
        PlaceOf::Cidrs { held, .. } => *held.at(destination),
        PlaceOf::Internet
        | PlaceOf::Service { .. }
        | PlaceOf::GatewayEndpoints(_)
        | PlaceOf::Name(_) => false,
    }
}

/// Whether an address is in some blocks, of which `None` are all.
pub(crate) fn is_among(blocks: Option<&[Cidr]>, address: Address) -> bool {
    blocks.is_none_or(|blocks| held(blocks, address))
}

impl Scope<'_> {
    /// Every destination, when the places have single addresses only.
    pub(crate) fn hosts(&self) -> Option<BTreeSet<Address>> {
        let mut hosts = BTreeSet::new();
        for place in &self.places {
            match place {
                PlaceOf::Interfaces {
                    private, public, ..
                } => {
                    hosts.extend(private.addresses().chain(public.addresses()));
                }
                PlaceOf::Internet
                | PlaceOf::OnPremises(_)
                | PlaceOf::Cidrs { .. }
                | PlaceOf::Service { .. }
                | PlaceOf::GatewayEndpoints(_)
                | PlaceOf::Name(_) => return None,
            }
        }
        Some(hosts)
    }

    /// Cuts wherever the senders outside begin or end.
    pub(crate) fn cut_sources(&self, cuts: &mut AddressCuts) {
        let on_premises = self.on_premises.iter().map(|hosts| &hosts.blocks);
        let blocks = self.internet.iter().chain(on_premises).flatten().flatten();
        blocks
            .chain(&self.of_vpcs)
            .for_each(|cidr| cuts.block(*cidr));
    }
}
