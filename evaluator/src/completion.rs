//! Completions: addresses for the slots that the input leaves open (clause `address-hole`).
//!
//! Addresses that lie in the same blocks of the network and the question are alike, so an open
//! address is tried once in every *class* of them.

use std::collections::{BTreeMap, BTreeSet};

use model::{
    Address, AddressSlot, AddressValue, Attachment, Cidr, Completion, Family, Hole, Network,
    NetworkInterface, Origin, Place, UnknownReason, VpcId,
};

use crate::address::{AMAZON_SERVICES, above, is_public, last};
use crate::address_map::AddressMap;
use crate::alike::{asked, boundaries, coincidences, relays, resolver, translated};
use crate::atoms::AddressCuts;
use crate::context::Key;
use crate::filling::Taken;
use crate::source_classes::SourceClasses;

/// How many completions one question is tried in.
pub(crate) const COMPLETION_BUDGET: usize = 64;

/// Both by their name.
pub(crate) const LIMIT: &str = "completions of open addresses";

/// An open address.
pub(crate) struct Slot<'a> {
    pub(crate) slot: AddressSlot,
    block: Cidr,
    hole: &'a Hole,
    /// The VPC in which a private address must be nobody else's; `None` of a public one.
    pub(crate) vpc: Option<&'a VpcId>,
    /// The blocks of the subnet, whose edges AWS keeps; none of a public one.
    edges: &'a [Cidr],
}

/// Alike addresses, as ranges in ascending order.
pub(crate) type Ranges = Vec<(Address, Address)>;

/// Which blocks hold an address, by position; the VPC, or `None` for public addresses; and what it
/// is to policies as a source of requests.
pub(crate) type Class<'a> = (Option<&'a VpcId>, Vec<usize>, Vec<usize>);

/// The completion that flows are decided in.
pub(crate) fn choose(network: &Network) -> Completion {
    let chooser = Chooser::new(network, None, Asked::default());
    let mut taken = Taken::default();
    for slot in &chooser.slots {
        let classes = chooser.classes(slot);
        // The largest class has the fewest surprises.
        let largest = classes.values().max_by_key(|ranges| size(ranges));
        if let Some(address) = largest.and_then(|ranges| chooser.free(slot, ranges, &taken)) {
            taken.insert(slot, address);
        }
    }
    taken.completion
}

/// What a question asks of addresses besides what its scope says.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Asked<'a> {
    /// The claim tells apart ways by which nothing arrives where the scope means.
    pub(crate) exact: bool,
    /// Filters may see public addresses of senders (`internet-gateway-hairpin`).
    pub(crate) public: bool,
    /// How policies tell addresses apart that requests come from.
    pub(crate) sources: &'a [&'a SourceClasses],
}

/// Completions that stand for all of them, as far as a question can tell.
pub(crate) fn cover(
    network: &Network,
    scope: &model::Scope,
    asked: Asked<'_>,
) -> Result<Vec<Completion>, UnknownReason> {
    if slots(network).is_empty() {
        return Ok(vec![Completion::default()]);
    }
    let chooser = Chooser::new(network, Some(scope), asked);
    let classes: Vec<_> = chooser
        .slots
        .iter()
        .map(|slot| chooser.classes(slot))
        .collect();
    let completions = chooser.fill(&classes)?;
    // Without any completion some slot has no address left; best one that had none at all.
    let mut full = chooser.slots.iter().zip(&classes);
    let none_at_all = full
        .find(|(_, classes)| classes.is_empty())
        .map(|(slot, _)| slot);
    match (
        completions.is_empty(),
        none_at_all.or(chooser.slots.first()),
    ) {
        (true, Some(slot)) => Err(UnknownReason::DependsOn(slot.hole.clone())),
        (false, _) | (true, None) => Ok(completions),
    }
}

/// The interfaces whose addresses requests of a scope may come from.
fn senders<'a>(
    network: &'a Network,
    scope: Option<&'a model::Scope>,
) -> impl Iterator<Item = &'a model::NetworkInterfaceId> {
    let origins = scope.into_iter().flat_map(|scope| &scope.from);
    let own = origins.filter_map(|origin| match origin {
        Origin::Interfaces(interfaces) => Some(interfaces),
        Origin::Internet(_) | Origin::OnPremises { .. } => None,
    });
    let relayed = scope.is_some_and(|scope| scope.relayed);
    let translating = network.network_interfaces().values();
    let translating = translating.filter(move |interface| match interface.attachment {
        Attachment::NatGateway(_) => true,
        Attachment::LoadBalancer(_) => relayed,
        Attachment::Ordinary { .. } | Attachment::VpcEndpoint(_) | Attachment::Other(_) => false,
    });
    let translating = translating.map(|interface| &interface.id);
    own.flatten().chain(translating)
}

/// The holes of the open addresses.
pub(crate) fn holes(network: &Network) -> BTreeSet<Hole> {
    let slots = slots(network).into_iter();
    slots.map(|slot| slot.hole.clone()).collect()
}

/// The values that the open addresses have in a completed network.
pub(crate) fn values(network: &Network, completed: &Network) -> BTreeMap<Address, Hole> {
    let value = |slot: &Slot<'_>| {
        let interface = completed.network_interfaces().get(&slot.slot.interface)?;
        let address = interface.addresses.get(slot.slot.position)?;
        let value = match slot.slot.public {
            true => address.public.as_ref()?,
            false => &address.private,
        };
        match value {
            AddressValue::Known(address) => Some((*address, slot.hole.clone())),
            AddressValue::Within(..) => None,
        }
    };
    slots(network).iter().filter_map(value).collect()
}

fn slots(network: &Network) -> Vec<Slot<'_>> {
    let mut slots = Vec::new();
    for (id, interface) in network.network_interfaces() {
        let subnet = network.subnets().get(&interface.subnet);
        for (position, address) in interface.addresses.iter().enumerate() {
            let values = [
                (Some(&address.private), false),
                (address.public.as_ref(), true),
            ];
            for (value, public) in values {
                if let Some(AddressValue::Within(block, hole)) = value {
                    let subnet = subnet.filter(|_| !public);
                    slots.push(Slot {
                        slot: AddressSlot {
                            interface: id.clone(),
                            position,
                            public,
                        },
                        block: *block,
                        hole,
                        vpc: subnet.map(|subnet| &subnet.vpc),
                        edges: subnet.map_or(&[], |subnet| &subnet.cidrs),
                    });
                }
            }
        }
    }
    slots
}

pub(crate) struct Chooser<'a> {
    network: &'a Network,
    pub(crate) slots: Vec<Slot<'a>>,
    /// Which of the blocks that anything in the network or the scope asks about hold an address.
    holding: AddressMap<Vec<usize>>,
    /// Where one of these blocks begins, or the addresses behind it, in ascending order.
    starts: Vec<Address>,
    /// The blocks of the scope: where a public address lies matters only in them.
    asked: AddressMap<bool>,
    /// Where no open public address is: in the VPCs, and in what AWS's own prefix lists hold.
    not_mapped: AddressMap<bool>,
    /// Known addresses: of the interfaces of a VPC, and public ones (`None`).
    known: BTreeSet<(Option<&'a VpcId>, Address)>,
    /// Interfaces to whose public addresses the inside may send.
    sent_to: BTreeSet<&'a model::NetworkInterfaceId>,
    /// Whether filters may see the public addresses of any interface.
    public: bool,
    /// How policies tell apart what these interfaces send requests from.
    sources: &'a [&'a SourceClasses],
    senders: BTreeSet<&'a model::NetworkInterfaceId>,
    /// Whether it can matter that interfaces of different VPCs have one address.
    pub(crate) coincidences: bool,
}

impl<'a> Chooser<'a> {
    fn new(network: &'a Network, scope: Option<&'a model::Scope>, of: Asked<'a>) -> Self {
        let slots = slots(network);
        let vpcs = network.vpcs().values().flat_map(|vpc| &vpc.cidrs);
        let lists = network
            .prefix_lists()
            .values()
            .filter(|list| list.aws_managed);
        let entries = lists.filter_map(|list| list.entries.known()).flatten();
        let not_mapped = vpcs.chain(entries).copied();
        let asked = scope.map_or_else(Vec::new, |scope| asked(network, scope));
        let mut blocks = boundaries(network);
        blocks.extend(&asked);
        blocks.extend(slots.iter().map(|slot| slot.block));
        let mut known = BTreeSet::new();
        for interface in network.network_interfaces().values() {
            let vpc = network
                .subnets()
                .get(&interface.subnet)
                .map(|subnet| &subnet.vpc);
            known.extend(known_of(interface, vpc));
        }
        let coincidences = coincidences(network, scope, of.exact);
        if coincidences {
            let private = known.iter().filter(|(vpc, _)| vpc.is_some());
            blocks.extend(private.map(|(_, address)| Cidr::host(*address)));
        }
        let places = scope.into_iter().flat_map(|scope| &scope.to);
        let sent_to = places.filter_map(|place| match place {
            Place::Interfaces {
                interfaces,
                public_from_inside: true,
            } => Some(interfaces),
            Place::Interfaces { .. }
            | Place::Internet
            | Place::OnPremises(_)
            | Place::Cidrs(_)
            | Place::Service(_)
            | Place::GatewayEndpoints(_)
            | Place::Name(_) => None,
        });
        Self {
            network,
            slots,
            holding: holding(&blocks),
            starts: starts(&blocks),
            asked: AddressMap::of_blocks(asked),
            not_mapped: AddressMap::of_blocks(not_mapped),
            known,
            sent_to: sent_to
                .flatten()
                .chain(relays(network, scope))
                .chain(translated(network))
                .collect(),
            public: of.public,
            sources: of.sources,
            senders: senders(network, scope).collect(),
            coincidences,
        }
    }

    /// The addresses that a slot may take, by what holds them.
    fn classes(&self, slot: &Slot<'a>) -> BTreeMap<Class<'a>, Ranges> {
        let excluded = self.excluded(slot);
        let mut cuts = AddressCuts::default();
        cuts.starts(self.starts_in(slot.block).iter().copied());
        for host in &excluded {
            cuts.block(Cidr::host(*host));
        }
        cuts.block(slot.block);
        for classes in self.sources_of(slot) {
            cuts.starts(classes.starts());
        }
        let mut classes: BTreeMap<_, Ranges> = BTreeMap::new();
        for (first, end) in cuts.cells(slot.block.family()) {
            let inside = slot.block.base() <= first && first <= last(slot.block);
            let free = self.may_take(slot, first) && !excluded.contains(&first);
            if inside && free {
                let sources = self.sources_of(slot).map(|classes| classes.of(first));
                let class = (slot.vpc, self.signature(slot, first), sources.collect());
                classes.entry(class).or_default().push((first, end));
            }
        }
        classes
    }

    /// Where cells may begin in a block.
    fn starts_in(&self, block: Cidr) -> &[Address] {
        let from = self.starts.partition_point(|start| *start < block.base());
        let to = self.starts.partition_point(|start| *start <= last(block));
        self.starts.get(from..to).unwrap_or_default()
    }

    /// Single addresses of its block that a slot cannot take.
    fn excluded(&self, slot: &Slot<'a>) -> BTreeSet<Address> {
        let inside = (slot.vpc, slot.block.base())..=(slot.vpc, last(slot.block));
        let known = self.known.range(inside);
        let mut excluded: BTreeSet<_> = known.map(|(_, address)| *address).collect();
        if slot.vpc.is_some() {
            for block in slot.edges {
                excluded.extend((0..4).filter_map(|distance| above(block.base(), distance)));
                excluded.insert(last(*block));
            }
            excluded.extend(AMAZON_SERVICES);
            let vpc = slot.vpc.and_then(|vpc| self.network.vpcs().get(vpc));
            excluded.extend(vpc.and_then(resolver));
        }
        excluded
    }

    fn may_take(&self, slot: &Slot<'a>, address: Address) -> bool {
        slot.vpc.is_some() || (is_public(address) && !self.not_mapped.at(address))
    }

    /// What holds an address, as far as anything asks. A mapped public address is translated
    /// before any filter sees it, so blocks matter only where the question itself leads to it, or
    /// back in from the internet.
    fn signature(&self, slot: &Slot<'a>, address: Address) -> Vec<usize> {
        let seen = slot.vpc.is_some()
            || self.public
            || *self.asked.at(address)
            || self.sent_to.contains(&slot.slot.interface);
        if !seen {
            return Vec::new();
        }
        self.holding.at(address).clone()
    }

    /// How policies tell a slot's address apart, where requests may come from it: by an endpoint
    /// from a private one, and from a public one only when it comes back in; over the internet
    /// from a public one or one of IPv6.
    fn sources_of(&self, slot: &Slot<'a>) -> impl Iterator<Item = &'a SourceClasses> {
        let is_sender = self.senders.contains(&slot.slot.interface);
        let is_v6 = slot.block.family() == Family::V6;
        let is_public = slot.vpc.is_none();
        let by_endpoint = !is_public || self.public;
        let over_internet = is_public || is_v6;
        let sources = self.sources.iter().copied();
        sources.filter(move |classes| {
            let comes = match classes.key == Key::SourceIp {
                true => over_internet,
                false => by_endpoint,
            };
            is_sender && comes
        })
    }
}

/// Which blocks hold an address, each block by its first position.
fn holding(blocks: &[Cidr]) -> AddressMap<Vec<usize>> {
    let mut seen = BTreeSet::new();
    let blocks = blocks.iter().enumerate();
    let blocks: Vec<_> = blocks
        .filter(|(_, cidr)| seen.insert(**cidr))
        .map(|(position, cidr)| (*cidr, position))
        .collect();
    AddressMap::build(&blocks, |_, holding| {
        let mut positions: Vec<_> = holding.iter().map(|(_, position)| *position).collect();
        positions.sort_unstable();
        // Of two classes the one that more blocks hold is tried first.
        positions.push(usize::MAX);
        positions
    })
}

/// Where one of the blocks begins, or the addresses behind it, in ascending order.
fn starts(blocks: &[Cidr]) -> Vec<Address> {
    let mut cuts = AddressCuts::default();
    blocks.iter().for_each(|cidr| cuts.block(*cidr));
    cuts.starts.sort_unstable();
    cuts.starts.dedup();
    cuts.starts
}

fn known_of<'a>(
    interface: &'a NetworkInterface,
    vpc: Option<&'a VpcId>,
) -> impl Iterator<Item = (Option<&'a VpcId>, Address)> {
    let known = |value: &AddressValue| match value {
        AddressValue::Known(address) => Some(*address),
        AddressValue::Within(..) => None,
    };
    interface.addresses.iter().flat_map(move |address| {
        let private = known(&address.private).map(|address| (vpc, address));
        let public = address.public.as_ref().and_then(known);
        private
            .into_iter()
            .chain(public.map(|address| (None, address)))
    })
}

/// How many addresses the ranges have, as far as a number can tell.
pub(crate) fn size(ranges: &Ranges) -> u128 {
    let sizes = ranges.iter();
    let sizes = sizes.map(|(first, end)| (end.bits() - first.bits()).saturating_add(1));
    sizes.fold(0, u128::saturating_add)
}
