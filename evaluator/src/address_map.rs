//! Maps from addresses, compiled once.

use model::{Address, Cidr, Family};

use crate::address::{above, last};
use crate::ranks::{Bits, Sorted};

/// A value for every address: disjoint intervals of each family, without a gap.
#[derive(Clone, Debug)]
pub(crate) struct AddressMap<T> {
    v4: Axis<u32, T>,
    /// Beside, since most networks have little of it and many things hold a map.
    v6: Box<Axis<u128, T>>,
}

/// The intervals of one family, by their first addresses.
#[derive(Clone, Debug)]
struct Axis<Key: Bits, T> {
    // INVARIANT: the first start is zero, and there are as many values as starts.
    starts: Key::Sorted,
    values: Vec<T>,
}

impl<Key: Bits, T> Axis<Key, T> {
    #[inline]
    #[expect(
        clippy::indexing_slicing,
        reason = "the first start is zero, so the rank of any address is at least one"
    )]
    fn at(&self, bits: Key) -> &T {
        &self.values[self.starts.rank(bits) - 1]
    }

    fn build(intervals: Vec<(Address, T)>, bits: impl Fn(Address) -> Key) -> Self
    where
        T: PartialEq,
    {
        let mut starts = Vec::new();
        let mut values = Vec::new();
        for (start, value) in intervals {
            if values.last() != Some(&value) {
                starts.push(bits(start));
                values.push(value);
            }
        }
        Self {
            starts: Key::Sorted::new(starts),
            values,
        }
    }
}

impl<T: PartialEq> AddressMap<T> {
    /// Cuts both families at the blocks' edges and values each interval, given its first address
    /// and the blocks that hold it, the shortest prefix first.
    pub(crate) fn build<Mark: Copy>(
        blocks: &[(Cidr, Mark)],
        mut value: impl FnMut(Address, &[(Cidr, Mark)]) -> T,
    ) -> Self {
        let v4 = sweep(Family::V4, blocks, &mut value);
        let v6 = sweep(Family::V6, blocks, &mut value);
        Self {
            v4: Axis::build(v4, |address| address.bits() as u32),
            v6: Box::new(Axis::build(v6, Address::bits)),
        }
    }

    /// The value of the interval that holds the address.
    #[inline]
    pub(crate) fn at(&self, address: Address) -> &T {
        match address {
            Address::V4(bits) => self.v4.at(bits),
            Address::V6(bits) => self.v6.at(bits),
        }
    }

    /// The values of all intervals.
    pub(crate) fn values(&self) -> impl Iterator<Item = &T> {
        self.v4.values.iter().chain(&self.v6.values)
    }

    /// The first address of every interval of the family.
    pub(crate) fn starts(&self, family: Family) -> impl Iterator<Item = Address> {
        let (v4, v6): (&[u32], &[u128]) = match family {
            Family::V4 => (self.v4.starts.keys(), &[]),
            Family::V6 => (&[], self.v6.starts.keys()),
        };
        let v4 = v4.iter().map(|bits| Address::V4(*bits));
        v4.chain(v6.iter().map(|bits| Address::V6(*bits)))
    }
}

impl<T> AddressMap<T> {
    /// The values of the intervals that NAT64's range meets.
    pub(crate) fn of_nat64(&self) -> &[T] {
        let first = 0x0064_ff9b << 96;
        let last = first | u128::from(u32::MAX);
        let rank = |bits: u128| self.v6.starts.rank(bits);
        let meeting = rank(first).saturating_sub(1)..rank(last);
        self.v6.values.get(meeting).unwrap_or_default()
    }
}

impl AddressMap<bool> {
    /// Whether one of the blocks holds an address.
    pub(crate) fn of_blocks(cidrs: impl IntoIterator<Item = Cidr>) -> Self {
        let blocks: Vec<_> = cidrs.into_iter().map(|cidr| (cidr, ())).collect();
        Self::build(&blocks, |_, holding| !holding.is_empty())
    }
}

/// CIDR blocks are nested or apart, so the blocks that hold an address are a stack.
fn sweep<Mark: Copy, T>(
    family: Family,
    blocks: &[(Cidr, Mark)],
    value: &mut impl FnMut(Address, &[(Cidr, Mark)]) -> T,
) -> Vec<(Address, T)> {
    let mut blocks: Vec<_> = blocks
        .iter()
        .filter(|(cidr, _)| cidr.family() == family)
        .copied()
        .collect();
    blocks.sort_by_key(|(cidr, _)| (cidr.base(), cidr.prefix_len()));
    let mut starts = vec![Address::from_bits(family, 0)];
    for (cidr, _) in &blocks {
        starts.push(cidr.base());
        starts.extend(above(last(*cidr), 1));
    }
    starts.sort();
    starts.dedup();
    let mut coming = blocks.into_iter().peekable();
    let mut stack: Vec<(Cidr, Mark)> = Vec::new();
    let mut valued = Vec::with_capacity(starts.len());
    for start in starts {
        while stack.pop_if(|(cidr, _)| last(*cidr) < start).is_some() {}
        while let Some(block) = coming.next_if(|(cidr, _)| cidr.base() == start) {
            stack.push(block);
        }
        valued.push((start, value(start, &stack)));
    }
    valued
}

/// A value for some single addresses.
#[derive(Clone, Debug)]
pub(crate) struct ExactMap<T> {
    v4: Points<u32, T>,
    v6: Box<Points<u128, T>>,
}

/// The addresses of one family, with as many values.
#[derive(Clone, Debug)]
struct Points<Key: Bits, T> {
    addresses: Key::Sorted,
    values: Vec<T>,
}

impl<Key: Bits, T: Copy> Points<Key, T> {
    fn build(mut points: Vec<(Key, T)>) -> Self {
        points.sort_by_key(|(bits, _)| *bits);
        points.dedup_by_key(|(bits, _)| *bits);
        let (addresses, values) = points.into_iter().unzip();
        Self {
            addresses: Key::Sorted::new(addresses),
            values,
        }
    }

    #[inline]
    fn at(&self, bits: Key) -> Option<T> {
        let position = self.addresses.rank(bits).checked_sub(1)?;
        let is_there = self.addresses.keys().get(position) == Some(&bits);
        self.values.get(position).copied().filter(|_| is_there)
    }

    fn iter(&self) -> impl Iterator<Item = (Key, T)> {
        let addresses = self.addresses.keys().iter().copied();
        addresses.zip(self.values.iter().copied())
    }
}

impl<T: Copy> ExactMap<T> {
    /// Of several values of one address the first is kept.
    pub(crate) fn build(values: impl IntoIterator<Item = (Address, T)>) -> Self {
        let (mut v4, mut v6) = (Vec::new(), Vec::new());
        for (address, value) in values {
            match address {
                Address::V4(bits) => v4.push((bits, value)),
                Address::V6(bits) => v6.push((bits, value)),
            }
        }
        Self {
            v4: Points::build(v4),
            v6: Box::new(Points::build(v6)),
        }
    }

    /// The value of the address.
    #[inline]
    pub(crate) fn at(&self, address: Address) -> Option<T> {
        match address {
            Address::V4(bits) => self.v4.at(bits),
            Address::V6(bits) => self.v6.at(bits),
        }
    }

    /// Every address with its value, in ascending order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (Address, T)> {
        let v4 = self.v4.iter();
        let v4 = v4.map(|(bits, value)| (Address::V4(bits), value));
        let v6 = self.v6.iter();
        v4.chain(v6.map(|(bits, value)| (Address::V6(bits), value)))
    }
}
