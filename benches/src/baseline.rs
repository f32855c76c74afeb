//! Named references, measured in the same run: what a plain program would do.

use model::Cidr;

use crate::filters::DrawnRule;

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
                let (base, mask) = masked(*cidr);
                (base, mask, cidr.prefix_len(), *target)
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

/// The first rule that matches, by looking at one after the other. Of a security group, whose
/// rules all allow, any match is as good as the first.
#[derive(Clone, Debug)]
pub struct RuleScan {
    rules: Vec<(u32, u32, u16, u16, bool)>,
}

impl RuleScan {
    /// The rules in order.
    pub fn new(rules: &[DrawnRule]) -> Self {
        let rules = rules
            .iter()
            .map(|rule| {
                let (base, mask) = masked(rule.cidr);
                let (from, to) = (*rule.ports.start(), *rule.ports.end());
                (base, mask, from, to, rule.allows)
            })
            .collect();
        Self { rules }
    }

    /// Whether TCP from the address to the port may pass; what no rule matches may not.
    pub fn admits(&self, address: u32, port: u16) -> bool {
        self.rules
            .iter()
            .find(|(base, mask, from, to, _)| {
                address & mask == *base && (*from..=*to).contains(&port)
            })
            .is_some_and(|(.., allows)| *allows)
    }
}

fn masked(cidr: Cidr) -> (u32, u32) {
    let free = 32 - u32::from(cidr.prefix_len());
    (cidr.bits() as u32, u32::MAX.checked_shl(free).unwrap_or(0))
}

/// An arithmetic loop that uses nothing but registers: how two threads scale at best.
pub fn arithmetic(rounds: u64) -> u64 {
    let mut state = 1_u64;
    for _ in 0..rounds {
        // The shift keeps the compiler from doing several rounds at once.
        state = (state ^ (state >> 29)).wrapping_mul(0x5851_f42d_4c95_7f2d);
    }
    state
}
