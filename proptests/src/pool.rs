//! Pools: the addresses, blocks and ports that networks and flows are made of.
//!
//! Few and related, so that things overlap; with their ends and neighbours, so that off-by-one
//! errors are seen. The arithmetic here is the harness's own: neither engine uses it.

use model::{Address, Cidr, Family, Port};
use proptest::sample::Index;

/// Ports at which something changes, and their neighbours' neighbours.
pub const PORTS: [Port; 14] = [
    443, 80, 22, 0, 1, 53, 1023, 1024, 5432, 32768, 40000, 49151, 65534, 65535,
];

/// ICMP types: echo and its reply of both families, and others.
pub const ICMP_TYPES: [u8; 7] = [8, 0, 128, 129, 3, 11, 255];

/// ICMP codes.
pub const ICMP_CODES: [u8; 4] = [0, 1, 4, 255];

/// Protocols that are none of the four.
pub const PROTOCOLS: [u8; 5] = [47, 50, 0, 2, 255];

/// Public blocks outside of every VPC; services and partners live there.
pub const PUBLIC_V4: [&str; 6] = [
    "203.0.113.0/24",
    "203.0.113.128/25",
    "203.0.112.0/23",
    "203.0.113.0/25",
    "203.0.113.7/32",
    "198.18.0.0/16",
];

/// The same of IPv6.
pub const PUBLIC_V6: [&str; 4] = [
    "2001:db8:ffff::/48",
    "2001:db8:ffff:8000::/49",
    "2001:db8:ffff::/49",
    "2001:db8:ffff::7/128",
];

/// Blocks that some clause treats apart: private, reserved, not on the internet, translated.
pub const SPECIAL: [&str; 16] = [
    "0.0.0.0/0",
    "::/0",
    "10.0.0.0/8",
    "172.16.0.0/12",
    "192.168.0.0/16",
    "100.64.0.0/10",
    "169.254.0.0/16",
    "169.254.168.0/22",
    "127.0.0.0/8",
    "192.0.0.0/24",
    "224.0.0.0/3",
    "0.0.0.0/8",
    "2000::/3",
    "fc00::/7",
    "fd00:ec2::/32",
    "64:ff9b::/96",
];

/// Blocks on premises: private ones, one that covers most VPCs, and public ones, some of them just
/// too short, or just long enough, to be taken for a network of one's own.
pub const ON_PREMISES_V4: [&str; 10] = [
    "192.168.0.0/16",
    "172.16.0.0/12",
    "192.168.64.0/18",
    "10.0.0.0/8",
    "203.0.0.0/8",
    "202.0.0.0/7",
    "203.0.113.0/24",
    "203.0.0.0/9",
    "198.18.0.0/16",
    "0.0.0.0/0",
];

/// The same of IPv6.
pub const ON_PREMISES_V6: [&str; 6] = [
    "fd00:1::/32",
    "2001::/16",
    "2000::/15",
    "2001:db8:ffff::/48",
    "2001::/17",
    "::/0",
];

/// Where Amazon's own services are, and next to them.
pub const AMAZON: [&str; 11] = [
    "169.254.169.253",
    "169.254.169.254",
    "169.254.169.123",
    "169.254.170.2",
    "169.254.169.250",
    "169.254.169.251",
    "169.254.169.252",
    "fd00:ec2::253",
    "fd00:ec2::254",
    "fd00:ec2::123",
    "fd00:ec2::252",
];

/// The name of a destination behind NAT64, and of its zone.
pub const NAT64_NAME: &str = "behind-nat64.example";

/// The block of a text that is one; texts of the pools are.
pub fn cidr(text: &str) -> Cidr {
    text.parse().unwrap_or(Cidr::host(Address::V4(0)))
}

/// The address of a text that is one.
pub fn address(text: &str) -> Address {
    text.parse::<std::net::IpAddr>()
        .map_or(Address::V4(0), Address::from)
}

/// The block of that length around an address.
pub fn around(address: Address, prefix_len: u8) -> Cidr {
    let width = address.family().width();
    let prefix_len = prefix_len.min(width);
    let bits = address.bits() & !host_mask(width - prefix_len);
    Cidr::new(Address::from_bits(address.family(), bits), prefix_len).unwrap_or(Cidr::host(address))
}

fn host_mask(n_bits: u8) -> u128 {
    1_u128
        .checked_shl(u32::from(n_bits))
        .map_or(u128::MAX, |bit| bit.wrapping_sub(1))
}

/// The last address of a block.
pub fn last(cidr: Cidr) -> Address {
    let n_bits = cidr.family().width() - cidr.prefix_len();
    Address::from_bits(cidr.family(), cidr.bits() | host_mask(n_bits))
}

/// The address `n` above the first, or below the one behind the last; it stays in the block.
pub fn offset(cidr: Cidr, n: i64) -> Address {
    let mask = host_mask(cidr.family().width() - cidr.prefix_len());
    let shift = u128::from(n.unsigned_abs());
    let host = if n < 0 {
        0_u128.wrapping_sub(shift)
    } else {
        shift
    };
    Address::from_bits(cidr.family(), cidr.bits() | (host & mask))
}

/// The address before or behind.
pub fn neighbour(address: Address, n: i64) -> Address {
    let shift = u128::from(n.unsigned_abs());
    let bits = if n < 0 {
        address.bits().wrapping_sub(shift)
    } else {
        address.bits().wrapping_add(shift)
    };
    Address::from_bits(address.family(), bits)
}

/// Whether a block holds an address.
pub fn holds(cidr: Cidr, address: Address) -> bool {
    cidr.family() == address.family() && around(address, cidr.prefix_len()) == cidr
}

/// Whether two blocks share an address.
pub fn overlap(one: Cidr, other: Cidr) -> bool {
    holds(one, other.base()) || holds(other, one.base())
}

/// The addresses that mean IPv4 ones to a NAT gateway.
pub const NAT64: &str = "64:ff9b::/96";

/// The address that means an IPv4 one to a NAT gateway.
pub fn image(address: Address) -> Address {
    let v4 = address.bits() & host_mask(32);
    Address::from_bits(Family::V6, cidr(NAT64).bits() | v4)
}

/// The IPv4 address that one means to a NAT gateway.
pub fn pictured(address: Address) -> Option<Address> {
    let v4 = address.bits() & host_mask(32);
    holds(cidr(NAT64), address).then(|| Address::from_bits(Family::V4, v4))
}

/// The two halves.
pub fn halves(cidr: Cidr) -> Option<[Cidr; 2]> {
    let longer = cidr.prefix_len() + 1;
    (longer <= cidr.family().width())
        .then(|| [around(cidr.base(), longer), around(last(cidr), longer)])
}

/// The block with its relatives: parent, halves, the block behind, the first and the last address.
pub fn relatives(cidr: Cidr) -> Vec<Cidr> {
    let mut blocks = vec![cidr];
    if let Some(shorter) = cidr.prefix_len().checked_sub(1) {
        blocks.push(around(cidr.base(), shorter));
        blocks.push(around(neighbour(last(cidr), 1), cidr.prefix_len()));
    }
    blocks.extend(halves(cidr).into_iter().flatten());
    blocks.push(Cidr::host(cidr.base()));
    blocks.push(Cidr::host(last(cidr)));
    blocks
}

/// Whether an address is public in the sense of the semantics' README.
pub fn is_public(address: Address) -> bool {
    let none = [
        "10.0.0.0/8",
        "172.16.0.0/12",
        "192.168.0.0/16",
        "100.64.0.0/10",
        "0.0.0.0/8",
        "127.0.0.0/8",
        "169.254.0.0/16",
        "192.0.0.0/24",
        "224.0.0.0/3",
    ];
    match address.family() {
        Family::V4 => !none.iter().any(|block| holds(cidr(block), address)),
        Family::V6 => holds(cidr("2000::/3"), address),
    }
}

/// An element of a pool; `None` when the pool is empty.
pub fn pick<'a, T>(index: &Index, pool: &'a [T]) -> Option<&'a T> {
    if pool.is_empty() {
        return None;
    }
    pool.get(index.index(pool.len()))
}

/// An element of a table of weights.
#[expect(clippy::expect_used, reason = "No table of weights is empty.")]
pub fn choose<T: Copy, const N: usize>(index: &Index, table: &[(usize, T); N]) -> T {
    let total: usize = table.iter().map(|(weight, _)| weight).sum();
    let mut rest = index.index(total);
    let chosen = table
        .iter()
        .find(|(weight, _)| match rest.checked_sub(*weight) {
            Some(less) => {
                rest = less;
                false
            }
            None => true,
        });
    chosen
        .or(table.last())
        .map(|(_, value)| *value)
        .expect("no weights")
}

/// One in `n`.
pub fn once_in(index: &Index, n: usize) -> bool {
    index.index(n) == n - 1
}

/// A number below `n` that has nothing to do with what else is picked by the same index.
pub fn fine(index: &Index, n: usize) -> usize {
    // Picking looks at the first digits of an index; these are later ones.
    index.index(10_007).checked_rem(n).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_image_means_what_it_is_of() {
        let address = self::address("203.0.113.9");
        assert_eq!(image(address), self::address("64:ff9b::cb00:7109"));
        assert_eq!(pictured(image(address)), Some(address));
        assert_eq!(pictured(self::address("64:ff9b::1:0:0")), None);
    }

    #[test]
    fn halves_are_what_the_whole_holds() {
        let whole = cidr("10.0.0.0/31");
        let [lower, upper] = halves(whole).unwrap();
        assert_eq!((lower, upper), (cidr("10.0.0.0/32"), cidr("10.0.0.1/32")));
        assert_eq!(halves(lower), None);
        assert_eq!(last(cidr("0.0.0.0/0")), address("255.255.255.255"));
        assert_eq!(offset(cidr("10.0.1.0/24"), -2), address("10.0.1.254"));
        assert!(overlap(cidr("::/0"), cidr("2000::/3")));
        assert!(!overlap(cidr("0.0.0.0/0"), cidr("::/0")));
    }
}
