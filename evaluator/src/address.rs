//! What an address is: in a block, public, reserved.

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
