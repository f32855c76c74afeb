//! Holes as terms: open addresses are free numbers with what `scope.md` says of them.

use std::collections::{BTreeMap, BTreeSet};

use model::{
    Address, AddressSlot, AddressValue, Cidr, Clause, Family, Hole, Network, NetworkInterfaceId,
    TargetDestination, VpcId,
};

use crate::encoder::Slots;
use crate::hashed::HashMap;
use crate::index::Index;
use crate::network_interface::{AMAZON_SERVICES_V4, AMAZON_SERVICES_V6};
use crate::ranges::{Ranges, block_holds, covers, ends, not_public};
use crate::symbolic::{Formula, Number};

/// Up to so many pairs of open addresses are said to differ, pair by pair.
const MOST_PAIRS: usize = 1_000;

/// How many addresses of a block are tried when an open address is given a value.
const MOST_VALUES: usize = 100_000;

/// An address that is open.
#[derive(Clone, Debug)]
pub(crate) struct OpenAddress {
    pub(crate) slot: AddressSlot,
    pub(crate) block: Cidr,
    pub(crate) hole: Hole,
    pub(crate) number: Number,
    /// The VPC in which nothing else has it; for a public address that is everywhere.
    vpc: Option<VpcId>,
    /// What it cannot be of its block.
    taken: Ranges,
}

/// The open addresses of a family.
#[derive(Clone, Debug, Default)]
pub(crate) struct OpenAddresses {
    pub(crate) all: Vec<OpenAddress>,
    /// Their positions.
    by_number: HashMap<Number, usize>,
    /// Those of the packet, with which open addresses are compared.
    ends: Vec<Number>,
    /// The positions of those that a device or relay puts into a packet.
    put_in: BTreeSet<usize>,
}

/// The private and the public addresses of every interface, and the open ones among them.
/// `ends` are those of the packet.
pub(crate) fn addresses(
    network: &Network,
    index: &Index,
    family: Family,
    ends: &[&Number],
) -> (Slots, Slots, OpenAddresses) {
    let mut private = Slots::new();
    let mut public = Slots::new();
    let mut open = OpenAddresses {
        ends: ends.iter().map(|end| (*end).clone()).collect(),
        ..OpenAddresses::default()
    };
    for (id, interface) in network.network_interfaces() {
        for (position, address) in interface.addresses.iter().enumerate() {
            let mut add = |slots: &mut Slots, value: &AddressValue, is_public| {
                let slot = AddressSlot {
                    interface: id.clone(),
                    position,
                    public: is_public,
                };
                if let Some(number) = number(&mut open, slot, value, family) {
                    slots
                        .entry(id.clone())
                        .or_default()
                        .push((position, number));
                }
            };
            add(&mut private, &address.private, false);
            if let Some(value) = &address.public {
                add(&mut public, value, true);
            }
        }
    }
    let mut taken = Taken::new(network, index, family, (&private, &public));
    for address in &mut open.all {
        taken.by_others(network, index, address);
    }
    let put_in: BTreeSet<_> = put_in(network, index).collect();
    let all = open.all.iter().enumerate();
    let is_put_in = |one: &OpenAddress| !one.slot.public && put_in.contains(&one.slot.interface);
    let put_in = all.filter(|(_, one)| is_put_in(one));
    open.put_in = put_in.map(|(position, _)| position).collect();
    (private, public, open)
}

fn number(
    open: &mut OpenAddresses,
    slot: AddressSlot,
    value: &AddressValue,
    family: Family,
) -> Option<Number> {
    let width = u32::from(family.width());
    match value {
        AddressValue::Known(address) => {
            (address.family() == family).then(|| Number::Known(address.bits(), width))
        }
        AddressValue::Within(block, hole) => (block.family() == family).then(|| {
            let kind = if slot.public { "public" } else { "private" };
            let name = format!("{kind} address {} of {}", slot.position, slot.interface);
            let number = Number::free(&name, width);
            open.by_number.insert(number.clone(), open.all.len());
            open.all.push(OpenAddress {
                slot,
                block: *block,
                hole: hole.clone(),
                number: number.clone(),
                vpc: None,
                taken: Ranges::new(family, []),
            });
            number
        }),
    }
}

/// The addresses that are known, by where they are taken.
struct Taken {
    family: Family,
    private: BTreeMap<VpcId, BTreeSet<u128>>,
    public: BTreeSet<u128>,
    /// Where no public address is: in VPCs, in AWS's own prefix lists, and where none is public.
    not_mapped: Vec<(u128, u128)>,
}

impl Taken {
    fn new(network: &Network, index: &Index, family: Family, slots: (&Slots, &Slots)) -> Self {
        let known = |(_, number): &(usize, Number)| match number {
            Number::Known(value, _) => Some(*value),
            Number::Term(..) => None,
        };
        let mut private: BTreeMap<VpcId, BTreeSet<u128>> = BTreeMap::new();
        for (id, addresses) in slots.0 {
            if let Some(vpc) = index.vpc_of.get(id) {
                let of_vpc = private.entry(vpc.clone()).or_default();
                of_vpc.extend(addresses.iter().filter_map(known));
            }
        }
        for (id, vpc) in network.vpcs() {
            private
                .entry(id.clone())
                .or_default()
                .extend(services(vpc.cidrs.iter(), family));
        }
        let left_out = &index.left_out;
        let of_family = |address: &&Address| address.family() == family;
        for (vpc, address) in &left_out.private {
            let of_vpc = private.entry(vpc.clone()).or_default();
            of_vpc.extend(Some(address).filter(of_family).map(|one| one.bits()));
        }
        let public = left_out.public.iter().filter(of_family);
        let public = public.map(|one| one.bits());
        let public = slots.1.values().flatten().filter_map(known).chain(public);
        let public = public.collect();
        let blocks = network.vpcs().values().flat_map(|vpc| &vpc.cidrs);
        let lists = network.prefix_lists().values();
        let of_aws = lists.filter(|list| list.aws_managed);
        let of_aws = of_aws.filter_map(|list| list.entries.known()).flatten();
        let blocks = Ranges::of_blocks(family, blocks.chain(of_aws));
        let not_public = not_public(family);
        let not_mapped = blocks.iter().chain(not_public.iter()).collect();
        Self {
            family,
            private,
            public,
            not_mapped,
        }
    }

    /// Says of an open address what it cannot be (page scope, *completions*).
    fn by_others(&mut self, network: &Network, index: &Index, address: &mut OpenAddress) {
        let (first, last) = ends(address.block);
        let inside = |known: &BTreeSet<u128>| -> Vec<(u128, u128)> {
            let known = known.range(first..=last);
            known.map(|value| (*value, *value)).collect()
        };
        let taken = if address.slot.public {
            let elsewhere = self.not_mapped.iter().copied();
            let elsewhere = elsewhere.filter(|range| range.0 <= last && first <= range.1);
            elsewhere.chain(inside(&self.public)).collect()
        } else {
            let interface = network.network_interfaces().get(&address.slot.interface);
            let subnet = interface.and_then(|interface| network.subnets().get(&interface.subnet));
            let blocks = subnet.into_iter().flat_map(|subnet| &subnet.cidrs);
            let of_family = blocks.filter(|block| block.family() == self.family);
            address.vpc = index.vpc_of.get(&address.slot.interface).cloned();
            let known = address.vpc.as_ref().and_then(|vpc| self.private.get(vpc));
            let mut taken = known.map(inside).unwrap_or_default();
            taken.extend(of_family.flat_map(|block| kept(*block)));
            taken
        };
        address.taken = Ranges::new(self.family, taken);
    }
}

/// Amazon's services that are the same in every subnet of a VPC (`amazon-service-unfiltered`).
fn services<'a>(blocks: impl Iterator<Item = &'a Cidr>, family: Family) -> Vec<u128> {
    match family {
        Family::V6 => AMAZON_SERVICES_V6.to_vec(),
        Family::V4 => {
            let mut of_ipv4 = blocks.filter(|block| block.family() == Family::V4);
            let resolver = of_ipv4
                .next()
                .map(|primary| primary.bits().saturating_add(2));
            let fixed = AMAZON_SERVICES_V4.map(u128::from);
            fixed.into_iter().chain(resolver).collect()
        }
    }
}

/// What AWS keeps of a subnet's block for itself.
fn kept(block: Cidr) -> [(u128, u128); 2] {
    let (first, last) = ends(block);
    [(first, first.saturating_add(3)), (last, last)]
}

/// The interfaces whose private addresses NAT gateways and relays put into packets.
pub(crate) fn put_in<'a>(
    network: &'a Network,
    index: &'a Index,
) -> impl Iterator<Item = &'a NetworkInterfaceId> {
    let of_nat = network.nat_gateways().values().map(|nat| &nat.interface);
    let targets = network.target_groups().values();
    let targets = targets.filter_map(|group| group.targets.known()).flatten();
    let targets = targets.filter_map(|target| match &target.destination {
        TargetDestination::Interface(id) => Some(id),
        TargetDestination::Address(_) | TargetDestination::LoadBalancer(_) => None,
    });
    let by_relays: BTreeSet<_> = index.relays().chain(targets).collect();
    of_nat.chain(by_relays)
}

fn at_most_one(formulas: &[Formula], axioms: &mut Vec<Formula>) {
    if formulas.len() < 2 {
        return;
    }
    let (left, right) = formulas.split_at(formulas.len() / 2);
    let some = |formulas: &[Formula]| Formula::any(formulas.iter().cloned());
    axioms.push(!(some(left) & some(right)));
    at_most_one(left, axioms);
    at_most_one(right, axioms);
}

impl OpenAddresses {
    /// What holds in every completion of the open addresses at these positions.
    ///
    /// That no two are equal matters only of those that the packet has, or a device or relay puts into it. Where there
    /// are many open addresses only that is said. A completion in which two others are equal, or an address of which
    /// nothing is said is anything, is like one in which they are not, as long as the blocks have room, and otherwise
    /// one too many, which can prove nothing wrong.
    pub(crate) fn axioms(&self, positions: &BTreeSet<usize>) -> Vec<Formula> {
        let spoken_of: Vec<_> = positions
            .iter()
            .filter_map(|position| Some((*position, self.all.get(*position)?)))
            .collect();
        let inside = |(_, one): &(usize, &OpenAddress)| {
            block_holds(one.block, &one.number) & !one.taken.hold(&one.number)
        };
        let mut axioms: Vec<Formula> = spoken_of.iter().map(inside).collect();
        let pairs = spoken_of.iter().enumerate().flat_map(|(rank, (_, one))| {
            let others = spoken_of.iter().skip(rank.saturating_add(1));
            let others = others.filter(|(_, other)| one.may_meet(other));
            others.map(move |(_, other)| !one.number.equals(&other.number))
        });
        let few: Vec<_> = pairs.take(MOST_PAIRS.saturating_add(1)).collect();
        if few.len() <= MOST_PAIRS {
            axioms.extend(few);
            return axioms;
        }
        axioms.extend(self.apart(&spoken_of));
        axioms
    }

    /// That no two of these are equal of which the packet has one, or a device or relay puts one into it.
    fn apart(&self, spoken_of: &[(usize, &OpenAddress)]) -> Vec<Formula> {
        let mut axioms = Vec::new();
        let mut worlds: BTreeMap<_, Vec<&OpenAddress>> = BTreeMap::new();
        for (_, one) in spoken_of {
            worlds.entry(one.world()).or_default().push(one);
        }
        for world in worlds.values() {
            for end in &self.ends {
                let equal = world.iter().map(|one| one.number.equals(end));
                at_most_one(&equal.collect::<Vec<_>>(), &mut axioms);
            }
        }
        for (position, own) in spoken_of {
            if self.put_in.contains(position) {
                let others = worlds.get(&own.world()).into_iter().flatten();
                let others = others.filter(|other| own.may_meet(other));
                axioms.extend(others.map(|other| !other.number.equals(&own.number)));
            }
        }
        axioms
    }

    /// The open address that this is.
    pub(crate) fn find(&self, address: &Number) -> Option<&OpenAddress> {
        self.all.get(*self.by_number.get(address)?)
    }

    /// The interface that has an open address among its private ones.
    pub(crate) fn owner(&self, address: &Number) -> Option<&NetworkInterfaceId> {
        let found = self.find(address).filter(|open| !open.slot.public)?;
        Some(&found.slot.interface)
    }
}

impl OpenAddress {
    /// What it can be.
    pub(crate) fn values(&self) -> Ranges {
        let family = self.block.family();
        Ranges::new(family, [ends(self.block)]).minus(&self.taken)
    }

    /// Whether it can be this.
    pub(crate) fn can_be(&self, value: u128) -> bool {
        let (first, last) = ends(self.block);
        first <= value && value <= last && !self.taken.contains(value)
    }

    /// Where no two addresses are equal.
    const fn world(&self) -> (bool, Option<&VpcId>) {
        (self.slot.public, self.vpc.as_ref())
    }

    /// Whether another open address could have the same value, were it not forbidden.
    fn may_meet(&self, other: &OpenAddress) -> bool {
        self.slot != other.slot
            && self.world() == other.world()
            && (covers(self.block, other.block) || covers(other.block, self.block))
    }
}

/// A value for every open address, given the values that a model has for them, of which `kept` stay as they are. An
/// address of which the model knows nothing may have there what it cannot be.
/// Nothing when a block has no room, or more than [`MOST_VALUES`] would have to be tried.
pub(crate) fn complete(
    family: Family,
    open: &[(&OpenAddress, u128)],
    kept: &[u128],
) -> Option<BTreeMap<AddressSlot, Address>> {
    let mut used = BTreeSet::new();
    let mut values = BTreeMap::new();
    let mut put = |one: &OpenAddress, value: u128| {
        let (public, vpc) = one.world();
        let fresh = used.insert((public, vpc.cloned(), value));
        if fresh {
            values.insert(one.slot.clone(), Address::from_bits(family, value));
        }
        fresh
    };
    let (fixed, mut others): (Vec<_>, Vec<_>) = open
        .iter()
        .partition(|(one, value)| kept.contains(value) && one.values().contains(*value));
    for (one, value) in fixed {
        if !put(one, value) {
            return None;
        }
    }
    // The narrowest block first: whoever comes later has the wider choice.
    others.sort_by_key(|(one, _)| std::cmp::Reverse(one.block.prefix_len()));
    for (one, value) in others {
        let free = one.values();
        let has_value = free.contains(value) && !kept.contains(&value) && put(one, value);
        let candidates = free.iter().flat_map(|(first, last)| first..=last);
        let candidates = candidates.take(MOST_VALUES);
        let mut candidates = candidates.filter(|value| !kept.contains(value));
        if !has_value && !candidates.any(|candidate| put(one, candidate)) {
            return None;
        }
    }
    Some(values)
}

/// The name of what is not documented or not modelled: the clause, and where it was met.
pub(crate) fn unsettled(clause: Clause, place: &str) -> Hole {
    Hole::new(format!("{clause} at {place}"))
}
