//! The maps against a plain scan of what they are built from.

use model::{Address, Cidr, Family};

use super::properties::Numbers;
use crate::address::{FAMILIES, above, before, holds, last};
use crate::address_map::{AddressMap, ExactMap};

/// How many sets of keys each map is built from.
const N_SETS: usize = 300;

/// An address: dense in a subnet, in a few subnets, anywhere, or at an edge of the family.
fn drawn(numbers: &mut Numbers, family: Family) -> Address {
    let width = usize::from(family.width());
    let near = numbers.below(200) as u128;
    let bits = match numbers.below(5) {
        0 => (10 << (width - 8)) | near,
        1 => (10 << (width - 8)) | (numbers.below(3) as u128) << (width / 2) | near,
        2 => (0..8).fold(0, |bits, _| (bits << 16) | numbers.below(1 << 16) as u128),
        3 => near % 3,
        _ => u128::MAX - near % 3,
    };
    Address::from_bits(family, bits & last(whole(family)).bits())
}

fn whole(family: Family) -> Cidr {
    Cidr::new(Address::from_bits(family, 0), 0).unwrap()
}

/// The addresses and their neighbours, and others.
fn asked(numbers: &mut Numbers, of: &[Address]) -> Vec<Address> {
    let around = of.iter().flat_map(|address| {
        let [below, beyond] = [before(*address), above(*address, 1)];
        [below, Some(*address), beyond].into_iter().flatten()
    });
    let mut asked: Vec<_> = around.collect();
    for family in FAMILIES {
        asked.extend((0..20).map(|_| drawn(numbers, family)));
    }
    asked
}

#[test]
fn an_exact_map_has_the_first_value_of_each_address_and_no_other() {
    let mut numbers = Numbers(1);
    let mut n_found = 0;
    for n_set in 0..N_SETS {
        let n_points = numbers.below(1 + n_set);
        let points: Vec<_> = (0..n_points)
            .map(|value| {
                let family = FAMILIES[numbers.below(2)];
                (drawn(&mut numbers, family), value)
            })
            .collect();
        let map = ExactMap::build(points.iter().copied());
        let addresses: Vec<_> = points.iter().map(|(address, _)| *address).collect();
        for address in asked(&mut numbers, &addresses) {
            let plain = points.iter().find(|(one, _)| *one == address);
            assert_eq!(map.at(address), plain.map(|(_, value)| *value), "{address}");
            n_found += usize::from(plain.is_some());
        }
        let mut in_order = addresses;
        in_order.sort();
        in_order.dedup();
        assert!(map.iter().map(|(address, _)| address).eq(in_order));
    }
    assert!(n_found > 10_000, "{n_found}");
}

#[test]
fn an_address_map_has_the_value_of_the_blocks_that_hold_an_address() {
    let mut numbers = Numbers(2);
    let mut n_held = 0;
    for n_set in 0..N_SETS {
        let blocks: Vec<_> = (0..numbers.below(1 + n_set / 4))
            .map(|mark| {
                let family = FAMILIES[numbers.below(2)];
                let length = numbers.below(usize::from(family.width()) + 1) as u8;
                let base = drawn(&mut numbers, family).bits();
                let mask = u128::MAX
                    .checked_shl(u32::from(family.width() - length))
                    .unwrap_or(0);
                let base = Address::from_bits(family, base & mask);
                (Cidr::new(base, length).unwrap(), mark)
            })
            .collect();
        let marks = |holding: &mut dyn Iterator<Item = &(Cidr, usize)>| {
            let mut marks: Vec<_> = holding.map(|(_, mark)| *mark).collect();
            marks.sort();
            marks
        };
        let map = AddressMap::build(&blocks, |_, holding| marks(&mut holding.iter()));
        let edges: Vec<_> = blocks
            .iter()
            .flat_map(|(cidr, _)| [cidr.base(), last(*cidr)])
            .collect();
        for address in asked(&mut numbers, &edges) {
            let mut holding = blocks.iter().filter(|(cidr, _)| holds(*cidr, address));
            let plain = marks(&mut holding);
            n_held += usize::from(!plain.is_empty());
            assert_eq!(*map.at(address), plain, "{address}");
        }
    }
    assert!(n_held > 10_000, "{n_held}");
}
