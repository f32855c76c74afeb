//! Arithmetic on blocks of addresses, for selectors and for the structural checks. The engines do
//! their own.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use model::{Address, Cidr, Family, Network};

/// First and last address of a block, as integers.
pub(crate) fn range(cidr: Cidr) -> RangeInclusive<u128> {
    let host_bits = u32::from(cidr.family().width() - cidr.prefix_len());
    let mask = 1_u128
        .checked_shl(host_bits)
        .map_or(u128::MAX, |bit| bit - 1);
    cidr.bits()..=cidr.bits() | mask
}

/// Whether a block holds an address.
pub(crate) fn holds(cidr: Cidr, address: Address) -> bool {
    cidr.family() == address.family() && range(cidr).contains(&address.bits())
}

/// Whether every address of `inner` is in `outer`.
pub(crate) fn covers(outer: Cidr, inner: Cidr) -> bool {
    outer.prefix_len() <= inner.prefix_len() && holds(outer, inner.base())
}

/// IPv4 blocks that are nowhere on the internet.
pub(crate) const NOT_PUBLIC_V4: [&str; 9] = [
    "0.0.0.0/8",
    "10.0.0.0/8",
    "100.64.0.0/10",
    "127.0.0.0/8",
    "169.254.0.0/16",
    "172.16.0.0/12",
    "192.0.0.0/24",
    "192.168.0.0/16",
    "224.0.0.0/3",
];
/// The IPv6 addresses of the internet.
pub(crate) const PUBLIC_V6: &str = "2000::/3";
/// The IPv6 addresses that networks give themselves.
const UNIQUE_LOCAL_V6: &str = "fc00::/7";

/// The parts of a block that are nowhere on the internet.
pub(crate) fn private_parts(cidr: Cidr) -> impl Iterator<Item = Cidr> {
    let texts = NOT_PUBLIC_V4.into_iter().chain([UNIQUE_LOCAL_V6]);
    let blocks = texts.filter_map(|text| text.parse::<Cidr>().ok());
    blocks
        .filter(move |block| overlap(*block, cidr))
        .map(move |block| if covers(block, cidr) { cidr } else { block })
}

/// Whether two blocks share an address.
pub(crate) fn overlap(one: Cidr, other: Cidr) -> bool {
    covers(one, other) || covers(other, one)
}

/// The addresses of `cidr` that none of `taken` holds, as the fewest blocks. `None` when there
/// would be more than `limit` of them.
pub(crate) fn without(cidr: Cidr, taken: &[Cidr], limit: usize) -> Option<Vec<Cidr>> {
    let inside: Vec<Cidr> = taken
        .iter()
        .copied()
        .filter(|one| overlap(cidr, *one))
        .collect();
    if inside.iter().any(|one| covers(*one, cidr)) {
        return Some(Vec::new());
    }
    if inside.is_empty() {
        return (limit > 0).then(|| vec![cidr]);
    }
    let mut left = Vec::new();
    for half in halves(cidr)? {
        left.extend(without(half, &inside, limit.checked_sub(left.len())?)?);
    }
    (left.len() <= limit).then_some(left)
}

/// The first block of `cidr` that shares no address with any of `taken`.
pub(crate) fn first_free(cidr: Cidr, taken: &[Cidr]) -> Option<Cidr> {
    let inside: Vec<Cidr> = taken
        .iter()
        .copied()
        .filter(|one| overlap(cidr, *one))
        .collect();
    if inside.is_empty() {
        return Some(cidr);
    }
    if inside.iter().any(|one| covers(*one, cidr)) {
        return None;
    }
    halves(cidr)?
        .into_iter()
        .find_map(|half| first_free(half, &inside))
}

fn halves(cidr: Cidr) -> Option<[Cidr; 2]> {
    let family = cidr.family();
    let length = cidr.prefix_len().checked_add(1)?;
    let bit = 1_u128.checked_shl(u32::from(family.width().checked_sub(length)?))?;
    let upper = Address::from_bits(family, cidr.bits() | bit);
    Some([
        Cidr::new(cidr.base(), length).ok()?,
        Cidr::new(upper, length).ok()?,
    ])
}

/// Every address of a family.
pub(crate) fn everything(family: Family) -> Cidr {
    match Cidr::new(Address::from_bits(family, 0), 0) {
        Ok(cidr) => cidr,
        Err(_) => Cidr::host(Address::from_bits(family, 0)),
    }
}

/// The addresses of the internet: public, and of no VPC of the network.
pub(crate) struct Internet {
    /// The others by the first and the last of each range, which share no address.
    others: BTreeMap<(Family, u128), u128>,
}

impl Internet {
    pub(crate) fn new(network: &Network) -> Self {
        let vpcs = network.vpcs().values().flat_map(|vpc| &vpc.cidrs).copied();
        let families = [Family::V4, Family::V6].into_iter();
        let private = families.flat_map(|family| private_parts(everything(family)));
        let mut blocks: Vec<Cidr> = vpcs.chain(private).collect();
        // Blocks are nested or apart, and the outermost come first.
        blocks.sort_by_key(|block| (block.base(), block.prefix_len()));
        blocks.dedup_by(|later, kept| covers(*kept, *later));
        let ranges = blocks.into_iter().map(|block| {
            let (first, last) = range(block).into_inner();
            ((block.family(), first), last)
        });
        Self {
            others: ranges.collect(),
        }
    }

    /// Whether an address is one of them.
    pub(crate) fn has(&self, address: Address) -> bool {
        let (family, bits) = (address.family(), address.bits());
        let mut below = self.others.range((family, 0)..=(family, bits));
        below.next_back().is_none_or(|(_, last)| *last < bits)
    }
}

#[cfg(test)]
mod tests {
    use super::without;
    use model::Cidr;

    fn cidr(text: &str) -> Cidr {
        text.parse().unwrap()
    }

    #[test]
    fn a_block_without_a_quarter_is_a_half_and_a_quarter() {
        let left = without(cidr("10.0.0.0/24"), &[cidr("10.0.0.0/26")], 8);
        assert_eq!(
            left,
            Some(vec![cidr("10.0.0.64/26"), cidr("10.0.0.128/25")])
        );
    }

    #[test]
    fn a_block_without_its_halves_is_nothing() {
        let halves = [cidr("10.0.0.0/25"), cidr("10.0.0.128/25")];
        assert_eq!(without(cidr("10.0.0.0/24"), &halves, 8), Some(Vec::new()));
    }

    #[test]
    fn more_blocks_than_the_limit_are_none() {
        assert_eq!(
            without(cidr("10.0.0.0/24"), &[cidr("10.0.0.1/32")], 3),
            None
        );
    }
}
