//! Which entries of an ACL hold an address, where there are too many to look at each.

use std::collections::BTreeMap;

use model::{Address, Cidr};

use crate::address_map::AddressMap;
use crate::network_acl::Entry;

/// Entries by their blocks. Blocks are nested or apart, so those that hold an address are one and those
/// around it: it takes one search to find the innermost, and memory in proportion to the entries.
#[derive(Clone, Debug)]
pub(crate) struct NestedEntries {
    /// The innermost block that holds an address, [`NestedEntries::NONE`] or a position above it.
    innermost: AddressMap<u32>,
    /// The first of them holds every address and no entry.
    blocks: Vec<Block>,
}

/// A block of some entries.
#[derive(Clone, Debug, Default)]
struct Block {
    /// The next block around it.
    around: u32,
    /// The positions of the entries, in their order.
    entries: Vec<u32>,
}

impl NestedEntries {
    const NONE: u32 = 0;

    /// Entries in the order in which they are asked.
    pub(crate) fn new(entries: &[Entry]) -> Self {
        let mut blocks = vec![Block::default()];
        let mut known: BTreeMap<Cidr, u32> = BTreeMap::new();
        for (position, entry) in (0..).zip(entries) {
            let next = u32::try_from(blocks.len()).unwrap_or(u32::MAX);
            let number = *known.entry(entry.cidr).or_insert(next);
            if number == next {
                blocks.push(Block::default());
            }
            if let Some(block) = blocks.get_mut(number as usize) {
                block.entries.push(position);
            }
        }
        let marked: Vec<_> = known.into_iter().collect();
        let innermost = AddressMap::build(&marked, |_, holding| {
            let mut around = Self::NONE;
            for (_, number) in holding {
                if let Some(block) = blocks.get_mut(*number as usize) {
                    block.around = around;
                }
                around = *number;
            }
            around
        });
        Self { innermost, blocks }
    }

    /// The entries of each block that holds an address, the innermost block first.
    #[inline]
    pub(crate) fn holding(&self, address: Address) -> impl Iterator<Item = &[u32]> {
        let first = self.place(address);
        let block = |number: u32| {
            self.blocks
                .get(number as usize)
                .filter(|_| number != Self::NONE)
        };
        let blocks = std::iter::successors(block(first), move |inner| block(inner.around));
        blocks.map(|block| block.entries.as_slice())
    }

    /// The number of the innermost block.
    #[inline]
    pub(crate) fn place(&self, address: Address) -> u32 {
        *self.innermost.at(address)
    }
}
