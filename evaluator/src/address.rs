//! What an address is: in a block, public, reserved; and maps from addresses, compiled once and
//! searched by bisection.

use model::{Address, Cidr, Family};

/// Whether the block holds the address. Families never mix.
#[inline]
pub(crate) fn holds(cidr: Cidr, address: Address) -> bool {
    match (cidr.base(), address) {
        (Address::V4(base), Address::V4(bits)) => (base ^ bits)
            .checked_shr(u32::from(32 - cidr.prefix_len().min(32)))
            .is_none_or(|differing| differing == 0),
        (Address::V6(base), Address::V6(bits)) => (base ^ bits)
            .checked_shr(u32::from(128 - cidr.prefix_len().min(128)))
            .is_none_or(|differing| differing == 0),
        (Address::V4(_), Address::V6(_)) | (Address::V6(_), Address::V4(_)) => false,
    }
}

/// Whether one of the blocks holds the address.
#[inline]
pub(crate) fn held(cidrs: &[Cidr], address: Address) -> bool {
    cidrs.iter().any(|cidr| holds(*cidr, address))
}

/// The last address of the block.
pub(crate) fn last(cidr: Cidr) -> Address {
    let free = u32::from(cidr.family().width() - cidr.prefix_len());
    let ones = 1_u128.checked_shl(free).map_or(u128::MAX, |bit| bit - 1);
    Address::from_bits(cidr.family(), cidr.bits() | ones)
}

/// The address `distance` above; `None` behind the end of the family.
pub(crate) fn above(address: Address, distance: u32) -> Option<Address> {
    match address {
        Address::V4(bits) => bits.checked_add(distance).map(Address::V4),
        Address::V6(bits) => bits.checked_add(distance.into()).map(Address::V6),
    }
}

/// The address just below; `None` before the first of the family.
pub(crate) fn before(address: Address) -> Option<Address> {
    match address {
        Address::V4(bits) => bits.checked_sub(1).map(Address::V4),
        Address::V6(bits) => bits.checked_sub(1).map(Address::V6),
    }
}

/// A block written as its base's bits; for the constants below, which are canonical.
const fn v4(bits: u32, prefix_len: u8) -> (Address, u8) {
    (Address::V4(bits), prefix_len)
}

/// The IPv4 ranges that are not public (semantics, *Words*).
const NOT_PUBLIC: [(Address, u8); 9] = [
    v4(0x0000_0000, 8),
    v4(0x0a00_0000, 8),
    v4(0x6440_0000, 10),
    v4(0x7f00_0000, 8),
    v4(0xa9fe_0000, 16),
    v4(0xac10_0000, 12),
    v4(0xc000_0000, 24),
    v4(0xc0a8_0000, 16),
    v4(0xe000_0000, 3),
];

/// The ranges of link-local addresses and services (`client-vpn-route`).
const LINK_LOCAL: [(Address, u8); 2] = [v4(0xa9fe_0000, 16), (Address::V6(0xfd00_0ec2 << 96), 32)];

/// Global unicast IPv6, all of which counts as public.
const GLOBAL_V6: (Address, u8) = (Address::V6(0x2000 << 112), 3);

/// The ranges to which no route leads (`route-reserved-range`).
const RESERVED: [(Address, u8); 2] = [v4(0xa9fe_a800, 22), (Address::V6(0xfd00_0ec2 << 96), 32)];

/// The addresses that NAT64 translates (`nat-gateway-nat64`).
const NAT64: (Address, u8) = (Address::V6(0x0064_ff9b << 96), 96);

fn blocks(ranges: &[(Address, u8)]) -> impl Iterator<Item = Cidr> {
    ranges
        .iter()
        .filter_map(|(base, prefix_len)| Cidr::new(*base, *prefix_len).ok())
}

/// The blocks at whose edges an address becomes public or ceases to be.
pub(crate) fn public_edges() -> impl Iterator<Item = Cidr> {
    blocks(&NOT_PUBLIC).chain(blocks(&[GLOBAL_V6]).collect::<Vec<_>>())
}

/// The ranges of `route-reserved-range`.
pub(crate) fn reserved() -> impl Iterator<Item = Cidr> {
    blocks(&RESERVED)
}

/// The ranges of link-local services (`client-vpn-route`).
pub(crate) fn link_local() -> impl Iterator<Item = Cidr> {
    blocks(&LINK_LOCAL)
}

/// The range of NAT64.
pub(crate) fn nat64() -> impl Iterator<Item = Cidr> {
    blocks(&[NAT64]).collect::<Vec<_>>().into_iter()
}

/// Whether the address is public (semantics, *Words*).
#[inline]
pub(crate) fn is_public(address: Address) -> bool {
    match address {
        Address::V4(bits) => {
            let [first, second, third, _] = bits.to_be_bytes();
            match first {
                0 | 10 | 127 | 224.. => false,
                100 => !(64..128).contains(&second),
                169 => second != 254,
                172 => !(16..32).contains(&second),
                192 => second != 168 && (second, third) != (0, 0),
                _ => true,
            }
        }
        Address::V6(bits) => bits >> 125 == 1,
    }
}

/// The address by which NAT64 leads to one of IPv4.
pub(crate) const fn before_nat64(address: Address) -> Option<Address> {
    match address {
        Address::V4(bits) => Some(Address::V6((0x0064_ff9b << 96) | bits as u128)),
        Address::V6(_) => None,
    }
}

/// The IPv4 address that NAT64 makes of one of its range (`nat-gateway-nat64`).
#[inline]
pub(crate) const fn behind_nat64(address: Address) -> Option<Address> {
    match address {
        Address::V6(bits) if bits >> 32 == 0x0064_ff9b << 64 => Some(Address::V4(bits as u32)),
        Address::V4(_) | Address::V6(_) => None,
    }
}

/// The services that Amazon provides on the same addresses of every VPC
/// (`amazon-service-unfiltered`).
pub(crate) const AMAZON_SERVICES: [Address; 9] = [
    Address::V4(0xa9fe_a9fd),
    Address::V4(0xa9fe_a9fe),
    Address::V4(0xa9fe_a97b),
    Address::V4(0xa9fe_aa02),
    Address::V4(0xa9fe_a9fa),
    Address::V4(0xa9fe_a9fb),
    Address::V6((0xfd00_0ec2 << 96) + 0x253),
    Address::V6((0xfd00_0ec2 << 96) + 0x254),
    Address::V6((0xfd00_0ec2 << 96) + 0x123),
];

/// Whether one of these services has the address.
#[inline]
pub(crate) fn is_common_service(address: Address) -> bool {
    // Almost every address is told by its leading bits.
    let possible = match address {
        Address::V4(bits) => bits >> 16 == 0xa9fe,
        Address::V6(bits) => bits >> 96 == 0xfd00_0ec2,
    };
    possible && AMAZON_SERVICES.contains(&address)
}

/// Both families.
pub(crate) const FAMILIES: [Family; 2] = [Family::V4, Family::V6];

/// A value for every address: disjoint intervals of each family, without a gap.
#[derive(Clone, Debug)]
pub(crate) struct AddressMap<T> {
    v4: Axis<u32, T>,
    v6: Axis<u128, T>,
}

/// The intervals of one family, by their first addresses in ascending order.
#[derive(Clone, Debug)]
struct Axis<Bits, T> {
    // INVARIANT: the first start is zero, and there are as many values as starts.
    starts: Vec<Bits>,
    values: Vec<T>,
}

impl<Bits: Copy + Ord, T> Axis<Bits, T> {
    #[inline]
    #[expect(
        clippy::indexing_slicing,
        reason = "the first start is zero, so the rank of any address is at least one"
    )]
    fn at(&self, bits: Bits) -> &T {
        let rank = self.starts.partition_point(|start| *start <= bits);
        &self.values[rank - 1]
    }

    fn build<Key: Copy>(starts: Vec<(Address, T)>, bits: impl Fn(Address) -> Key) -> Axis<Key, T>
    where
        T: PartialEq,
    {
        let mut axis = Axis {
            starts: Vec::new(),
            values: Vec::new(),
        };
        for (start, value) in starts {
            if axis.values.last() != Some(&value) {
                axis.starts.push(bits(start));
                axis.values.push(value);
            }
        }
        axis
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
            v4: Axis::<u32, T>::build(v4, |address| address.bits() as u32),
            v6: Axis::<u128, T>::build(v6, Address::bits),
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
            Family::V4 => (&self.v4.starts, &[]),
            Family::V6 => (&[], &self.v6.starts),
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
        let rank = |bits: u128| self.v6.starts.partition_point(|start| *start <= bits);
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
    v4: Vec<(u32, T)>,
    v6: Vec<(u128, T)>,
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
        v4.sort_by_key(|(bits, _)| *bits);
        v4.dedup_by_key(|(bits, _)| *bits);
        v6.sort_by_key(|(bits, _)| *bits);
        v6.dedup_by_key(|(bits, _)| *bits);
        Self { v4, v6 }
    }

    /// The value of the address.
    #[inline]
    pub(crate) fn at(&self, address: Address) -> Option<T> {
        match address {
            Address::V4(bits) => {
                let position = self.v4.binary_search_by_key(&bits, |(key, _)| *key).ok()?;
                self.v4.get(position).map(|(_, value)| *value)
            }
            Address::V6(bits) => {
                let position = self.v6.binary_search_by_key(&bits, |(key, _)| *key).ok()?;
                self.v6.get(position).map(|(_, value)| *value)
            }
        }
    }

    /// Every address with its value, in ascending order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (Address, T)> {
        let v4 = self
            .v4
            .iter()
            .map(|(bits, value)| (Address::V4(*bits), *value));
        v4.chain(
            self.v6
                .iter()
                .map(|(bits, value)| (Address::V6(*bits), *value)),
        )
    }
}
