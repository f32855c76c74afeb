//! Dice: a small deterministic generator for questions, which are drawn from a network that exists.
//!
//! Plans shrink and so come from `proptest`; a flow is one value, and is kept or not.

/// A generator with a seed (SplitMix64).
#[derive(Clone, Debug)]
pub struct Dice(u64);

impl Dice {
    /// The same seed throws the same numbers.
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `n`; 0 when `n` is.
    pub fn below(&mut self, n: usize) -> usize {
        let n = u64::try_from(n).unwrap_or(u64::MAX);
        let thrown = self.next().checked_rem(n).unwrap_or(0);
        usize::try_from(thrown).unwrap_or(0)
    }

    /// True `percent` times in a hundred.
    pub fn percent(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    /// An element; `None` when there is none.
    pub fn pick<'a, T>(&mut self, pool: &'a [T]) -> Option<&'a T> {
        pool.get(self.below(pool.len()))
    }

    /// An element of a table of weights.
    pub fn choose<T: Copy>(&mut self, table: &[(usize, T)]) -> Option<T> {
        let total = table.iter().map(|(weight, _)| weight).sum();
        let mut rest = self.below(total);
        for (weight, value) in table {
            match rest.checked_sub(*weight) {
                Some(less) => rest = less,
                None => return Some(*value),
            }
        }
        None
    }

    /// Another generator, whose numbers have nothing to do with the next ones of this.
    #[must_use]
    pub fn split(&mut self) -> Dice {
        Dice(self.next())
    }
}
