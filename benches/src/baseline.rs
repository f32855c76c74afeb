//! Named references, measured in the same run: what a plain program would do.

use model::Cidr;

/// Longest prefix match by looking at every route.
#[derive(Clone, Debug)]
pub struct LinearScan {
    routes: Vec<(u32, u32, u8, u32)>,
}

impl LinearScan {
    /// A table of IPv4 routes with a number for each target.
    pub fn new(routes: &[(Cidr, u32)]) -> Self {
        let routes = routes
            .iter()
            .map(|(cidr, target)| {
                let length = cidr.prefix_len();
                let mask = u32::MAX.checked_shl(32 - u32::from(length)).unwrap_or(0);
                (cidr.bits() as u32, mask, length, *target)
            })
            .collect();
        Self { routes }
    }

    /// The target of the longest prefix that holds the address.
    pub fn find(&self, address: u32) -> Option<u32> {
        self.routes
            .iter()
            .filter(|(base, mask, ..)| address & mask == *base)
            .max_by_key(|(_, _, length, _)| *length)
            .map(|(.., target)| *target)
    }
}

/// An arithmetic loop that uses nothing but registers: how two threads scale at best.
pub fn arithmetic(rounds: u64) -> u64 {
    let mut state = 1_u64;
    for _ in 0..rounds {
        state = state.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(1);
    }
    state
}
