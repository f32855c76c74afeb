//! Classes of interfaces: those that nothing in the network tells apart, as senders or as receivers,
//! so that one of them is asked for all.
//!
//! Two ordinary interfaces are alike when they are in one subnet, have the same groups, and their
//! addresses lie in the same blocks of all that the network has (see `alike.rs`). Whoever has an address
//! that somebody else has too, or does more than to send and to receive, is in a class of his own.

use std::collections::BTreeMap;

use model::{Address, Network};
use rayon::prelude::*;

use crate::address::FAMILIES;
use crate::alike::{asked, boundaries};
use crate::atoms::AddressCuts;
use crate::compiled::{Compiled, Open};
use crate::index::{GroupSetIndex, InterfaceIndex, Position, VpcIndex};
use crate::network_interface::{Interface, Role};

/// A network in one completion.
#[derive(Clone, Copy)]
pub(crate) struct Lens<'a> {
    pub(crate) network: &'a Network,
    pub(crate) compiled: &'a Compiled,
}

/// Interfaces in classes, in the order of their first members.
pub(crate) struct Classes {
    /// The members of each, in order.
    pub(crate) members: Vec<Vec<InterfaceIndex>>,
    /// By interface, the position of its class.
    of: Vec<u32>,
    /// By class, what its members share with others; nothing of one that is alone, and in several
    /// completions.
    pub(crate) shared: Vec<Option<Shared>>,
}

/// What the members of a class share with those of other classes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Shared {
    /// The number of the place: of what tells classes apart all but the groups.
    pub(crate) place: u32,
    /// The number of the blocks in which their private addresses lie.
    pub(crate) blocks: u32,
    pub(crate) groups: GroupSetIndex,
}

/// What tells a class from others: the place, the groups and the blocks of the first address; then
/// those of further addresses, and all of it in further completions.
type Key = (u128, Vec<u32>);

/// Where in a network something changes between two addresses.
pub(crate) struct Edges<'a> {
    pub(crate) lens: Lens<'a>,
    starts: Vec<Address>,
    /// The VPCs whose blocks meet another one's, so that an address may be in both.
    crowded: Vec<bool>,
}

impl Classes {
    /// In classes that the scope does not tell apart either.
    pub(crate) fn new(lenses: &[Lens<'_>], scope: Option<&model::Scope>) -> Self {
        let edges = lenses.iter().map(|lens| Edges::new(*lens, scope));
        let edges: Vec<_> = edges.collect();
        let indices = lenses.first().map(|lens| lens.compiled.interfaces.iter());
        let indices: Vec<_> = indices.into_iter().flatten().map(|(one, _)| one).collect();
        let mut keyed: Vec<(Key, InterfaceIndex)> = indices
            .par_iter()
            .map(|index| (key(&edges, *index), *index))
            .collect();
        keyed.par_sort_unstable();
        let mut members: Vec<Vec<InterfaceIndex>> = keyed
            .chunk_by(|(one, _), (other, _)| one == other)
            .map(|alike| alike.iter().map(|(_, index)| *index).collect())
            .collect();
        members.sort_unstable();
        let mut of = vec![0; indices.len()];
        for (class, members) in (0..).zip(&members) {
            for member in members {
                if let Some(of) = of.get_mut(member.position()) {
                    *of = class;
                }
            }
        }
        let shared = shared(&edges, &members);
        Self {
            members,
            of,
            shared,
        }
    }

    /// The position of an interface's class.
    pub(crate) fn of(&self, index: InterfaceIndex) -> usize {
        let class = self.of.get(index.position()).copied();
        class.unwrap_or_default() as usize
    }

    /// The member that stands for a class, and another one.
    pub(crate) fn asked(&self, class: usize) -> [Option<InterfaceIndex>; 2] {
        let members = self.members.get(class).map_or(&[][..], Vec::as_slice);
        [members.first().copied(), members.get(1).copied()]
    }
}

fn shared(edges: &[Edges<'_>], members: &[Vec<InterfaceIndex>]) -> Vec<Option<Shared>> {
    let [edges] = edges else {
        return vec![None; members.len()];
    };
    let (mut places, mut blocks) = (BTreeMap::new(), BTreeMap::new());
    let mut shared = |members: &Vec<InterfaceIndex>| {
        let first = *members.first()?;
        let interface = &edges.lens.compiled.interfaces[first];
        let (groups, ranks) = edges.plain(first, interface)?;
        let private: Vec<u32> = ranks.iter().step_by(2).copied().collect();
        let next = |numbers: usize| u32::try_from(numbers).ok();
        let next_block = next(blocks.len())?;
        let next_place = next(places.len())?;
        Some(Shared {
            place: *places
                .entry((interface.subnet, ranks))
                .or_insert(next_place),
            blocks: *blocks.entry(private).or_insert(next_block),
            groups,
        })
    };
    members.iter().map(&mut shared).collect()
}

fn key(edges: &[Edges<'_>], index: InterfaceIndex) -> Key {
    let alone = || (u128::MAX, vec![number(index)]);
    let mut key: Option<Key> = None;
    for edges in edges {
        let interface = &edges.lens.compiled.interfaces[index];
        let Some((groups, ranks)) = edges.plain(index, interface) else {
            return alone();
        };
        let own = [number(interface.subnet), number(groups)];
        let mut numbers = own.into_iter().chain(ranks);
        match &mut key {
            Some((_, rest)) => rest.extend(numbers),
            None => {
                let first = numbers.by_ref().take(4);
                let packed = first.fold(0, |packed, one| packed << 32 | u128::from(one));
                key = Some((packed, numbers.collect()));
            }
        }
    }
    key.unwrap_or_else(alone)
}

fn number(index: impl Position) -> u32 {
    u32::try_from(index.position()).unwrap_or(u32::MAX)
}

impl<'a> Edges<'a> {
    /// With what the scope asks about.
    pub(crate) fn new(lens: Lens<'a>, scope: Option<&model::Scope>) -> Self {
        let mut cuts = AddressCuts::default();
        let of_scope = scope.map(|scope| asked(lens.network, scope));
        let blocks = boundaries(lens.network).into_iter();
        let blocks = blocks.chain(of_scope.into_iter().flatten());
        blocks.for_each(|cidr| cuts.block(cidr));
        let starts = FAMILIES.iter().flat_map(|family| cuts.cells(*family));
        Self {
            lens,
            starts: starts.map(|(first, _)| first).collect(),
            crowded: crowded(lens.compiled),
        }
    }

    /// The groups of an interface that does nothing out of the ordinary, and the blocks of each of its
    /// addresses: the private one, and the public one, or nothing.
    pub(crate) fn plain(
        &self,
        index: InterfaceIndex,
        interface: &Interface,
    ) -> Option<(GroupSetIndex, Vec<u32>)> {
        let Open::Known(groups) = &interface.groups else {
            return None;
        };
        let is_plain = matches!(interface.role, Role::Ordinary)
            && interface.source_destination_check
            && interface.appliance.is_none()
            && !interface.addresses.is_empty();
        if !is_plain {
            return None;
        }
        let compiled = self.lens.compiled;
        let mut ranks = Vec::with_capacity(2 * interface.addresses.len());
        for (private, public) in &interface.addresses {
            let private = (*private)?;
            if self.is_crowded(interface.vpc) && !self.is_only(private) {
                return None;
            }
            let by_internet = match private {
                Address::V4(_) => *public,
                Address::V6(_) => None,
            };
            if let Some(public) = by_internet {
                let owner = compiled.public_addresses.at(public);
                let is_own = owner.is_some_and(|(owner, _)| owner == index);
                if !is_own || *compiled.of_some_vpc.at(public) {
                    return None;
                }
            }
            if matches!(private, Address::V4(_)) && self.is_somebodys(private) {
                return None;
            }
            let behind = |address| self.starts.partition_point(|start| *start <= address);
            let rank = |address| u32::try_from(behind(address)).unwrap_or(u32::MAX);
            ranks.push(rank(private));
            ranks.push(public.map_or(0, rank));
        }
        Some((*groups, ranks))
    }

    fn is_crowded(&self, vpc: VpcIndex) -> bool {
        let crowded = self.crowded.get(vpc.position()).copied();
        crowded.unwrap_or(true)
    }

    /// Whether a private address is in one VPC only.
    fn is_only(&self, private: Address) -> bool {
        let vpcs = self.lens.compiled.vpcs.iter();
        let owners = vpcs.filter(|(_, vpc)| vpc.owners.at(private).is_some());
        owners.count() == 1
    }

    /// Whether a private IPv4 address is somebody's public one.
    fn is_somebodys(&self, private: Address) -> bool {
        let compiled = self.lens.compiled;
        crate::address::is_public(private) && compiled.public_addresses.at(private).is_some()
    }
}

/// Of each VPC whether one of its blocks meets a block of another one.
fn crowded(network: &Compiled) -> Vec<bool> {
    let mut blocks: Vec<_> = network
        .vpcs
        .iter()
        .flat_map(|(index, vpc)| vpc.cidrs.iter().map(move |cidr| (*cidr, index)))
        .collect();
    blocks.sort_by_key(|(cidr, _)| (cidr.base(), cidr.prefix_len()));
    let mut crowded = vec![false; network.vpcs.iter().count()];
    let mut mark = |vpc: VpcIndex| {
        if let Some(crowded) = crowded.get_mut(vpc.position()) {
            *crowded = true;
        }
    };
    // Blocks are nested or apart, so those that hold the next one are a stack.
    let mut stack: Vec<(model::Cidr, VpcIndex)> = Vec::new();
    for (cidr, vpc) in blocks {
        while stack
            .pop_if(|(outer, _)| !crate::address::holds(*outer, cidr.base()))
            .is_some()
        {}
        for (_, outer) in &stack {
            if *outer != vpc {
                mark(*outer);
                mark(vpc);
            }
        }
        stack.push((cidr, vpc));
    }
    crowded
}
