//! Route tables of both families, of any size, and destinations that they take.

use std::collections::BTreeSet;
use std::fmt::Write;

use model::{Address, Cidr, Family, Network};

use crate::random::SplitMix64;
use crate::validated;

/// All that is drawn of a family lies in here: public, and nobody's in these networks.
const fn pool(family: Family) -> (u128, u8) {
    match family {
        Family::V4 => (0x1400_0000, 6),
        Family::V6 => (0x2a00 << 112, 12),
    }
}

/// How long the drawn prefixes are at most.
const fn longest_prefix(family: Family) -> u8 {
    match family {
        Family::V4 => 28,
        Family::V6 => 64,
    }
}

const fn width(family: Family) -> u8 {
    match family {
        Family::V4 => 32,
        Family::V6 => 128,
    }
}

/// The bits behind a prefix.
fn behind(family: Family, prefix_len: u8) -> u128 {
    let free = u32::from(width(family) - prefix_len);
    1_u128.checked_shl(free).map_or(u128::MAX, |bit| bit - 1)
}

fn bits(random: &mut SplitMix64) -> u128 {
    u128::from(random.next_u64()) << 64 | u128::from(random.next_u64())
}

/// `n` destinations of one family, the default route first: half of the others lie inside one that
/// was drawn before, as in the tables that people write.
///
/// # Panics
///
/// Never: the host bits of what is drawn are masked off.
pub fn destinations(family: Family, n: usize, seed: u64) -> Vec<Cidr> {
    let mut random = SplitMix64::new(seed);
    let everything = Cidr::new(Address::from_bits(family, 0), 0);
    let mut drawn = vec![everything.expect("there are no host bits")];
    let mut known: BTreeSet<Cidr> = drawn.iter().copied().collect();
    while drawn.len() < n {
        let outer = drawn.get(1 + random.below(2 * drawn.len()));
        let outer = outer.map(|cidr| (cidr.bits(), cidr.prefix_len()));
        let longest = longest_prefix(family);
        let (base, outer_len) = outer
            .filter(|(_, length)| *length < longest)
            .unwrap_or(pool(family));
        let shortest = (outer_len + 1).max(pool(family).1 + 4);
        let length = shortest + random.below(usize::from(longest - shortest) + 1) as u8;
        let inside = base | bits(&mut random) & behind(family, outer_len);
        let address = Address::from_bits(family, inside & !behind(family, length));
        let cidr = Cidr::new(address, length).expect("the host bits are masked off");
        if known.insert(cidr) {
            drawn.push(cidr);
        }
    }
    drawn
}

/// Addresses inside the destinations; the default route stands for the pool.
pub fn addresses(destinations: &[Cidr], n: usize, seed: u64) -> Vec<Address> {
    let mut random = SplitMix64::new(seed);
    let draw = |_| {
        let cidr = destinations[random.below(destinations.len())];
        let family = cidr.family();
        let (base, length) = match cidr.prefix_len() {
            0 => pool(family),
            length => (cidr.bits(), length),
        };
        Address::from_bits(family, base | bits(&mut random) & behind(family, length))
    };
    (0..n).map(draw).collect()
}

/// The position of the longest prefix that holds an address, by looking at each: what all
/// structures must agree with.
pub fn longest(destinations: &[Cidr], address: Address) -> Option<usize> {
    let holds = |cidr: &Cidr| {
        let apart = cidr.bits() ^ address.bits();
        apart & !behind(cidr.family(), cidr.prefix_len()) & behind(cidr.family(), 0) == 0
    };
    let holding = destinations
        .iter()
        .enumerate()
        .filter(|(_, cidr)| holds(cidr));
    let longest = holding.max_by_key(|(_, cidr)| cidr.prefix_len());
    longest.map(|(position, _)| position)
}

/// A network with one table that leads all these destinations to an internet gateway: `many`.
pub fn network(destinations: &[Cidr]) -> Network {
    let mut routes = String::new();
    for cidr in destinations {
        let _ = write!(routes, "\"{cidr} -> internet-gateway:igw\",");
    }
    validated(&format!(
        "[vpc.main]\ncidrs = [\"10.0.0.0/16\"]\n[internet-gateway.igw]\nvpc = \"main\"\n\
         [route-table.many]\nvpc = \"main\"\nroutes = [{routes}]\n"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    const FAMILIES: [Family; 2] = [Family::V4, Family::V6];

    #[test]
    fn a_table_has_the_routes_it_is_named_by_and_the_local_one() {
        for family in FAMILIES {
            let network = network(&destinations(family, 50, 1));
            let tables = network.route_tables().values();
            let many = tables.filter(|table| table.id.as_str() == "many");
            let n_routes: Vec<_> = many.map(|table| table.routes.len()).collect();
            assert_eq!(n_routes, [51]);
        }
    }

    #[test]
    fn destinations_are_taken_by_many_routes_and_often_by_inner_ones() {
        for family in FAMILIES {
            let drawn = destinations(family, 1_000, 1);
            let addresses = addresses(&drawn, 2_000, 2);
            let taking = addresses.iter().map(|address| longest(&drawn, *address));
            let taking: Vec<_> = taking.map(|one| one.expect("the default route")).collect();
            let different: BTreeSet<_> = taking.iter().collect();
            assert!(different.len() > 500, "{}", different.len());
            let inner = taking.iter().filter(|position| {
                let own = drawn[**position];
                let outer =
                    |other: &&Cidr| other.prefix_len() > 0 && other.prefix_len() < own.prefix_len();
                let base = Address::from_bits(family, own.bits());
                let outers: Vec<Cidr> = drawn.iter().filter(outer).copied().collect();
                longest(&outers, base).is_some()
            });
            assert!(inner.count() > 500);
        }
    }
}
