//! Scopes: which flows an invariant speaks of, and where they may arrive.

use std::collections::BTreeSet;

use model::{Address, Cidr, Family, Hole, Network, Origin};

use crate::address::{held, is_public};
use crate::atoms::AddressCuts;
use crate::compiled::Compiled;
use crate::forward::{Arrived, Sender};
use crate::index::{EndpointIndex, InterfaceIndex, VpcIndex};
use crate::places::{Builder, Meaning, Owners, PlaceOf};
use crate::resolve::Resolver;

/// A scope with its ids looked up.
pub(crate) struct Scope<'a> {
    network: &'a Compiled,
    /// The interfaces that send, in order.
    pub(crate) interfaces: BTreeSet<InterfaceIndex>,
    /// The blocks from which the internet sends; `None` inside is every public address.
    pub(crate) internet: Vec<Option<Vec<Cidr>>>,
    places: Vec<PlaceOf>,
    /// The blocks of every VPC, which are no part of the internet.
    of_vpcs: Vec<Cidr>,
}

/// Where a flow may arrive.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Allowed<'a> {
    Interfaces(&'a [InterfaceIndex]),
    Internet,
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
                (Allowed::Internet, Arrived::Internet(_)) => true,
                (Allowed::GatewayEndpoint(of), Arrived::GatewayEndpoint(index)) => *of == index,
                (
                    Allowed::Interfaces(_) | Allowed::Internet | Allowed::GatewayEndpoint(_),
                    Arrived::AmazonService
                    | Arrived::Interface(..)
                    | Arrived::Internet(_)
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
        };
        let mut interfaces = BTreeSet::new();
        let mut internet = Vec::new();
        for origin in &scope.from {
            match origin {
                Origin::Interfaces(ids) => interfaces.extend(builder.senders(ids)),
                Origin::Internet(blocks) => {
                    let blocks = blocks.as_ref();
                    internet.push(blocks.map(|blocks| blocks.iter().copied().collect()));
                }
            }
        }
        let vpcs = source.vpcs().values();
        Self {
            network,
            interfaces,
            internet,
            places: scope.to.iter().map(|place| builder.place(place)).collect(),
            of_vpcs: vpcs.flat_map(|vpc| vpc.cidrs.clone()).collect(),
        }
    }

    /// Whether an address is on the internet: public, and not of the network.
    pub(crate) fn is_internet(&self, address: Address) -> bool {
        is_public(address) && !self.network.belongs(address) && !held(&self.of_vpcs, address)
    }

    /// Whether the internet sends from the address.
    pub(crate) fn sends_from(&self, address: Address) -> bool {
        let blocks = |blocks: &Option<Vec<Cidr>>| match blocks {
            Some(blocks) => held(blocks, address),
            None => true,
        };
        self.is_internet(address) && self.internet.iter().any(blocks)
    }

    /// The places that hold a destination of a sender; `None` when there is none.
    pub(crate) fn held(&self, sender: Sender, destination: Address) -> Option<Held<'_>> {
        let vpc = self.vpc_of(sender, destination)?;
        let mut places = Vec::new();
        self.visit(vpc, destination, |allowed, hole| {
            places.push((allowed, hole))
        });
        (!places.is_empty()).then_some(Held { places })
    }

    /// Whether there is such a place.
    pub(crate) fn holds(&self, sender: Sender, destination: Address) -> bool {
        let vpc = self.vpc_of(sender, destination);
        vpc.is_some_and(|vpc| self.holds_from(vpc, destination))
    }

    /// Whether some place holds a destination of the senders in a VPC, or on the internet.
    pub(crate) fn holds_from(&self, vpc: Option<VpcIndex>, destination: Address) -> bool {
        let mut holds = false;
        self.visit(vpc, destination, |_, _| holds = true);
        holds
    }

    /// The sender's VPC, `None` inside of the internet; nothing when the destination is the
    /// sender's own.
    fn vpc_of(&self, sender: Sender, destination: Address) -> Option<Option<VpcIndex>> {
        let interface = match sender {
            Sender::Interface(index) => &self.network.interfaces[index],
            Sender::Internet | Sender::Nobody => return Some(None),
        };
        let mut addresses = interface.addresses.iter();
        let own = Some(destination);
        let is_own = addresses.any(|(private, public)| *private == own || *public == own);
        (!is_own).then_some(Some(interface.vpc))
    }

    /// Visits the places that hold a destination of a sender in a VPC, or on the internet
    /// (`None`): which arrivals each allows, and the hole when it is open whether it holds it.
    fn visit<'s>(
        &'s self,
        vpc: Option<VpcIndex>,
        destination: Address,
        mut visit: impl FnMut(Allowed<'s>, Option<&'s Hole>),
    ) {
        for place in &self.places {
            match place {
                PlaceOf::Interfaces {
                    private,
                    public,
                    public_from_inside,
                } => {
                    let inside = vpc.is_some();
                    let asked = inside || destination.family() == Family::V6;
                    if let Some(of) = private.at(destination).filter(|_| asked) {
                        visit(Allowed::Interfaces(of), None);
                    }
                    let asked = !inside || *public_from_inside;
                    if let Some(of) = public.at(destination).filter(|_| asked) {
                        visit(Allowed::Interfaces(of), None);
                    }
                }
                PlaceOf::Internet => {
                    if self.is_internet(destination) {
                        visit(Allowed::Internet, None);
                    }
                }
                PlaceOf::Cidrs(cidrs) => {
                    if held(cidrs, destination) {
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
                    let meaning = vpc.and_then(|vpc| meanings.get(&vpc));
                    visit_meaning(meaning, destination, &mut visit);
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
                    cut_owners(private, cuts);
                    cut_owners(public, cuts);
                }
                PlaceOf::Internet => {}
                PlaceOf::Cidrs(cidrs) => cidrs.iter().for_each(|cidr| cuts.block(*cidr)),
                PlaceOf::Service { public, endpoints } => {
                    public.known.iter().for_each(|cidr| cuts.block(*cidr));
                    cut_owners(endpoints, cuts);
                }
                PlaceOf::GatewayEndpoints(endpoints) => {
                    let cidrs = endpoints.iter().flat_map(|(_, addresses)| &addresses.known);
                    cidrs.for_each(|cidr| cuts.block(*cidr));
                }
                PlaceOf::Name(meanings) => meanings.values().for_each(|meaning| match meaning {
                    Meaning::Interfaces(owners) => cut_owners(owners, cuts),
                    Meaning::Addresses(addresses) => {
                        addresses.iter().for_each(|address| cuts.host(*address));
                    }
                    Meaning::Service(addresses) => {
                        addresses.known.iter().for_each(|cidr| cuts.block(*cidr));
                    }
                    Meaning::Nothing | Meaning::Open(_) => {}
                }),
            }
        }
        self.of_vpcs.iter().for_each(|cidr| cuts.block(*cidr));
    }
}

/// The same for what a name means.
fn visit_meaning<'s>(
    meaning: Option<&'s Meaning>,
    destination: Address,
    visit: &mut impl FnMut(Allowed<'s>, Option<&'s Hole>),
) {
    match meaning {
        Some(Meaning::Interfaces(owners)) => {
            if let Some(of) = owners.at(destination) {
                visit(Allowed::Interfaces(of), None);
            }
        }
        Some(Meaning::Addresses(addresses)) => {
            if addresses.contains(&destination) {
                visit(Allowed::Anywhere, None);
            }
        }
        Some(Meaning::Service(addresses)) => {
            if let Some(hole) = addresses.hold(destination) {
                visit(Allowed::AnywhereButInterfaces, hole);
            }
        }
        Some(Meaning::Open(hole)) => visit(Allowed::Open, Some(hole)),
        Some(Meaning::Nothing) | None => {}
    }
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
                | PlaceOf::Cidrs(_)
                | PlaceOf::Service { .. }
                | PlaceOf::GatewayEndpoints(_)
                | PlaceOf::Name(_) => return None,
            }
        }
        Some(hosts)
    }

    /// Cuts wherever the internet's senders begin or end.
    pub(crate) fn cut_sources(&self, cuts: &mut AddressCuts) {
        let blocks = self.internet.iter().flatten().flatten();
        blocks
            .chain(&self.of_vpcs)
            .for_each(|cidr| cuts.block(*cidr));
    }
}

fn cut_owners(owners: &Owners, cuts: &mut AddressCuts) {
    owners.addresses().for_each(|address| cuts.host(address));
}
