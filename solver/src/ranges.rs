//! Sets of addresses of one family as merged ranges, and the terms that say that an address is in one.

use std::collections::BTreeMap;

use model::{Address, Cidr, Family};

use crate::symbolic::{Formula, Number, greatest};

/// Disjoint ranges in ascending order, none adjacent to the next. Equal sets are equal here, and so become the same
/// term.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Ranges {
    family: Family,
    ranges: Vec<(u128, u128)>,
}

impl Ranges {
    /// The union of these ranges.
    pub(crate) fn new(family: Family, ranges: impl IntoIterator<Item = (u128, u128)>) -> Self {
        let mut sorted: Vec<_> = ranges.into_iter().collect();
        sorted.sort_unstable();
        let mut merged: Vec<(u128, u128)> = Vec::with_capacity(sorted.len());
        for (first, last) in sorted {
            match merged.last_mut() {
                Some(before) if first <= before.1.saturating_add(1) => {
                    before.1 = before.1.max(last);
                }
                Some(_) | None => merged.push((first, last)),
            }
        }
        Self {
            family,
            ranges: merged,
        }
    }

    /// The union of those blocks that are of the family.
    pub(crate) fn of_blocks<'a>(
        family: Family,
        blocks: impl IntoIterator<Item = &'a Cidr>,
    ) -> Self {
        let of_family = blocks.into_iter().filter(|block| block.family() == family);
        Self::new(family, of_family.map(|block| ends(*block)))
    }

    /// Those addresses that are of the family.
    pub(crate) fn of_addresses<'a>(
        family: Family,
        addresses: impl IntoIterator<Item = &'a Address>,
    ) -> Self {
        let addresses = addresses.into_iter();
        let of_family = addresses.filter(|address| address.family() == family);
        Self::new(family, of_family.map(|one| (one.bits(), one.bits())))
    }

    /// The ranges in ascending order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (u128, u128)> {
        self.ranges.iter().copied()
    }

    /// Every address.
    pub(crate) fn all(family: Family) -> Self {
        Self::new(family, [(0, greatest(u32::from(family.width())))])
    }

    /// Whether it holds nothing.
    pub(crate) const fn is_empty(&self) -> bool {
        self.ranges.is_empty()
    }

    /// The address, when it holds one and no other.
    pub(crate) fn only(&self) -> Option<u128> {
        match self.ranges.as_slice() {
            [(first, last)] if first == last => Some(*first),
            [] | [_] | [_, _, ..] => None,
        }
    }

    /// What is in both.
    pub(crate) fn and(&self, other: &Ranges) -> Ranges {
        let common = self.ranges.iter().flat_map(|one| {
            let from = other.ranges.partition_point(|(_, last)| *last < one.0);
            let met = other.ranges.iter().skip(from);
            met.take_while(|range| range.0 <= one.1)
                .map(|range| (range.0.max(one.0), range.1.min(one.1)))
        });
        Self::new(self.family, common)
    }

    /// What is in this and not in the other.
    pub(crate) fn minus(&self, other: &Ranges) -> Ranges {
        let mut gaps = Vec::new();
        let mut from = Some(0);
        for (first, last) in other.iter() {
            if let Some(start) = from
                && start < first
            {
                gaps.push((start, first.saturating_sub(1)));
            }
            from = last.checked_add(1);
        }
        gaps.extend(from.map(|start| (start, u128::MAX)));
        self.and(&Self::new(self.family, gaps))
    }

    /// Whether the set holds a known address.
    pub(crate) fn contains(&self, address: u128) -> bool {
        let after = self.ranges.partition_point(|(first, _)| *first <= address);
        after
            .checked_sub(1)
            .and_then(|position| self.ranges.get(position))
            .is_some_and(|(_, last)| address <= *last)
    }

    /// That the set holds an address.
    ///
    /// Addresses of one network (/24, or /64) are said together: the network's prefix, and then what follows it. So
    /// all sets speak of the same few prefixes and the same few endings, which is what keeps proofs short.
    pub(crate) fn hold(&self, address: &Number) -> Formula {
        if let Number::Known(known, _) = address {
            return Formula::Constant(self.contains(*known));
        }
        let host_bits: u32 = match self.family {
            Family::V4 => 8,
            Family::V6 => 64,
        };
        let hosts = greatest(host_bits);
        let mut wide = Vec::new();
        let mut inside: BTreeMap<u128, Vec<(u128, u128)>> = BTreeMap::new();
        for (first, last) in &self.ranges {
            let network = first & !hosts;
            if first | hosts == last | hosts && last - first < hosts {
                let endings = inside.entry(network).or_default();
                endings.push((first & hosts, last & hosts));
            } else {
                wide.push(range_holds(*first, *last, address));
            }
        }
        let mut by_endings: BTreeMap<Vec<(u128, u128)>, Vec<u128>> = BTreeMap::new();
        for (network, endings) in inside {
            by_endings.entry(endings).or_default().push(network);
        }
        let ending = address.low(host_bits);
        let length = address.width().saturating_sub(host_bits);
        let inside = by_endings.into_iter().map(|(endings, networks)| {
            let networks = networks.iter();
            let networks = networks.map(|network| address.starts_with(*network, length));
            let endings = endings.iter();
            let endings = endings.map(|(first, last)| range_holds(*first, *last, &ending));
            Formula::any(networks) & Formula::any(endings)
        });
        Formula::any(inside.chain(wide))
    }
}

/// A range of few blocks is said by their prefixes, any other by its ends.
fn range_holds(first: u128, last: u128, address: &Number) -> Formula {
    const FEW: usize = 4;
    let width = address.width();
    let mut blocks = Vec::new();
    let mut from = first;
    while blocks.len() <= FEW {
        let length = longest_block(from, last, width);
        blocks.push(address.starts_with(from, length));
        let end = from | greatest(width.saturating_sub(length));
        if end >= last {
            return Formula::any(blocks);
        }
        from = end.saturating_add(1);
    }
    address.within(first, last)
}

/// The prefix length of the largest block that starts at `from` and does not pass `last`.
fn longest_block(from: u128, last: u128, width: u32) -> u32 {
    let aligned = from.trailing_zeros().min(width);
    (0..=aligned)
        .rev()
        .find(|host_bits| from | greatest(*host_bits) <= last)
        .map_or(width, |host_bits| width.saturating_sub(host_bits))
}

/// The first and the last address of a block.
pub(crate) fn ends(block: Cidr) -> (u128, u128) {
    let host_bits = block.family().width().saturating_sub(block.prefix_len());
    (block.bits(), block.bits() | greatest(u32::from(host_bits)))
}

/// That a block holds an address; never one of the other family, whose width differs.
pub(crate) fn block_holds(block: Cidr, address: &Number) -> Formula {
    if u32::from(block.family().width()) == address.width() {
        address.starts_with(block.bits(), u32::from(block.prefix_len()))
    } else {
        Formula::FALSE
    }
}

/// Whether `outer` covers `inner`.
pub(crate) fn covers(outer: Cidr, inner: Cidr) -> bool {
    let (first, last) = ends(outer);
    outer.family() == inner.family()
        && outer.prefix_len() <= inner.prefix_len()
        && first <= inner.bits()
        && inner.bits() <= last
}

/// What is not a *public address* (page README): for IPv4 the listed blocks, for IPv6 all but 2000::/3.
pub(crate) fn not_public(family: Family) -> Ranges {
    const fn v4(a: u32, b: u32, c: u32, prefix_len: u32) -> (u128, u128) {
        let base = (a << 24 | b << 16 | c << 8) as u128;
        (base, base | greatest(32 - prefix_len))
    }
    match family {
        Family::V4 => Ranges::new(
            family,
            [
                v4(10, 0, 0, 8),
                v4(172, 16, 0, 12),
                v4(192, 168, 0, 16),
                v4(100, 64, 0, 10),
                v4(0, 0, 0, 8),
                v4(127, 0, 0, 8),
                v4(169, 254, 0, 16),
                v4(192, 0, 0, 24),
                v4(224, 0, 0, 3),
            ],
        ),
        Family::V6 => Ranges::new(family, [(0, (2 << 124) - 1), (4 << 124, u128::MAX)]),
    }
}

/// That an address is a *public address* (page README).
pub(crate) fn public(family: Family, address: &Number) -> Formula {
    !not_public(family).hold(address)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn block(text: &str) -> Cidr {
        text.parse().expect("a block")
    }

    #[test]
    fn adjacent_and_overlapping_blocks_become_one_range() {
        let set = Ranges::of_blocks(
            Family::V4,
            &[
                block("10.0.1.0/24"),
                block("10.0.0.0/24"),
                block("10.0.0.128/25"),
            ],
        );
        assert_eq!(set.ranges, vec![(0x0a00_0000, 0x0a00_01ff)]);
    }

    #[test]
    fn the_whole_space_of_a_family_is_one_block() {
        for (family, text) in [(Family::V4, "0.0.0.0/0"), (Family::V6, "::/0")] {
            let set = Ranges::of_blocks(family, &[block(text)]);
            let width = u32::from(family.width());
            assert_eq!(set.hold(&Number::free("x", width)), Formula::TRUE);
        }
    }

    #[test]
    fn what_two_sets_have_in_common_and_what_is_left() {
        let set = |ranges: &[(u128, u128)]| Ranges::new(Family::V4, ranges.iter().copied());
        let one = set(&[(0, 9), (20, 29), (40, 49)]);
        let other = set(&[(5, 24), (49, 60)]);
        assert_eq!(one.and(&other), set(&[(5, 9), (20, 24), (49, 49)]));
        assert_eq!(one.minus(&other), set(&[(0, 4), (25, 29), (40, 48)]));
        assert_eq!(one.minus(&Ranges::all(Family::V4)), set(&[]));
        assert_eq!(one.minus(&set(&[])), one);
        let top = Ranges::new(Family::V6, [(5, u128::MAX)]);
        assert!(top.minus(&top).is_empty());
    }

    #[test]
    fn known_addresses_fold() {
        let set = Ranges::of_blocks(Family::V4, &[block("10.0.0.0/30"), block("10.0.0.8/32")]);
        for (address, held) in [(3, true), (4, false), (7, false), (8, true), (9, false)] {
            let address = Number::Known(0x0a00_0000 + address, 32);
            assert_eq!(set.hold(&address), Formula::Constant(held));
        }
    }
}
