//! Laws of what virtual private gateways know to lie on premises.

use model::{Engine, Family, Value};

use super::{Case, Checked, changed, compare, grows, same};
use crate::pool;

/// `D(n, f) ≤ D(n + a block that each virtual private gateway knows, f)`. Of the gateways whose blocks
/// are known: a hole stays one.
pub fn a_known_block_more_delivers_no_less<E: Engine>(case: &Case) -> Checked {
    let network = &case.world.network;
    let mut dice = case.dice.clone();
    let after = changed(network, |draft| {
        for gateway in &mut draft.virtual_private_gateways {
            let blocks = pool::ON_PREMISES_V4.iter().chain(&pool::ON_PREMISES_V6);
            let blocks: Vec<_> = blocks.collect();
            if let Value::Known(known) = &mut gateway.prefixes {
                known.extend(dice.pick(&blocks).map(|text| pool::cidr(text)));
            }
        }
    });
    compare::<E>(network, after, &case.flows, |_, one, other| {
        grows(one, other)
    })
}

/// `D(n, f) = D(n with a known block of a virtual private gateway as its two halves, f)`, unless the
/// halves are just long enough to be taken for networks of one's own, and the whole is not.
pub fn a_known_block_split_in_halves_changes_nothing<E: Engine>(case: &Case) -> Checked {
    let network = &case.world.network;
    let after = changed(network, |draft| {
        for gateway in &mut draft.virtual_private_gateways {
            if let Value::Known(known) = &mut gateway.prefixes {
                let parts = known.iter().flat_map(|block| {
                    let short = match block.family() {
                        Family::V4 => 7,
                        Family::V6 => 15,
                    };
                    let halves = pool::halves(*block).filter(|_| block.prefix_len() != short);
                    halves.map_or(vec![*block], |halves| halves.to_vec())
                });
                *known = parts.collect();
            }
        }
    });
    same::<E>(network, after, &case.flows)
}
