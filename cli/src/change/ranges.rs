//! Ranges of addresses as blocks.

use std::collections::BTreeSet;

use model::{Address, Cidr};

/// More blocks than this say nothing to anybody.
const MOST_BLOCKS: usize = 4096;

/// The fewest blocks that hold exactly the addresses of some ranges; `None` of too many.
pub(crate) fn cidrs(ranges: &[(Address, Address)]) -> Option<BTreeSet<Cidr>> {
    let mut blocks = BTreeSet::new();
    for (first, end) in ranges {
        let family = first.family();
        let width = u32::from(family.width());
        let (mut from, to) = (first.bits(), end.bits());
        loop {
            // As long as it begins at a multiple of its size and does not end behind the range.
            let aligned = if from == 0 {
                width
            } else {
                from.trailing_zeros().min(width)
            };
            let left = (to - from).checked_add(1);
            let fits = left.map_or(width, |left| left.ilog2().min(width));
            let free = aligned.min(fits);
            let prefix_len = u8::try_from(width - free).unwrap_or_default();
            let block = Cidr::new(Address::from_bits(family, from), prefix_len).ok()?;
            blocks.insert(block);
            if blocks.len() > MOST_BLOCKS {
                return None;
            }
            let next = 1_u128
                .checked_shl(free)
                .and_then(|size| from.checked_add(size));
            match next {
                Some(next) if next <= to => from = next,
                Some(_) | None => break,
            }
        }
    }
    Some(blocks)
}

#[cfg(test)]
mod tests {
    use super::cidrs;

    fn blocks(ranges: &[(&str, &str)]) -> Vec<String> {
        let cidr = |text: &str| text.parse::<model::Cidr>().unwrap().base();
        let ranges: Vec<_> = ranges
            .iter()
            .map(|(one, other)| (cidr(one), cidr(other)))
            .collect();
        cidrs(&ranges)
            .unwrap()
            .iter()
            .map(ToString::to_string)
            .collect()
    }

    #[test]
    fn the_fewest_blocks_hold_a_range() {
        assert_eq!(
            blocks(&[("0.0.0.0/32", "255.255.255.255/32")]),
            ["0.0.0.0/0"]
        );
        assert_eq!(
            blocks(&[("10.0.0.1/32", "10.0.0.4/32")]),
            ["10.0.0.1/32", "10.0.0.2/31", "10.0.0.4/32"]
        );
        assert_eq!(
            blocks(&[("::/128", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff/128")]),
            ["::/0"]
        );
    }
}
