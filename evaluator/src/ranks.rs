//! How many of some sorted keys do not lie above another one: what every map from addresses asks.
//!
//! A table by the leading bits tells where to look; where many keys have the same leading bits there
//! is another table by the bits behind them, and so on. Then a few keys are left, which are compared
//! all at once: keys behind them lie above anyway, so that nothing has to be known of how many there
//! are, and no branch depends on what the addresses are.

use std::fmt::Debug;

/// The bits of an address of one family.
pub(crate) trait Bits: Copy + Ord + Debug {
    /// Keys in ascending order, each once.
    type Sorted: Sorted<Self>;
}

impl Bits for u32 {
    type Sorted = Tree<u32>;
}

impl Bits for u128 {
    type Sorted = Halves;
}

/// Keys in ascending order, each once.
pub(crate) trait Sorted<Key>: Clone + Debug {
    /// The keys, which are sorted.
    fn new(keys: Vec<Key>) -> Self;

    /// All of them.
    fn keys(&self) -> &[Key];

    /// How many keys do not lie above.
    fn rank(&self, bits: Key) -> usize;
}

/// How many keys are compared at once.
const WINDOW: usize = 8;

/// How many entries a table has for each of its keys; the more, the fewer tables lie below it.
const ENTRIES_PER_KEY: usize = 4;

/// Says that an entry is a table, and not a position among the keys.
const TABLE: u32 = 1 << 31;

/// A key that fits into a register.
pub(crate) trait Word: Copy + Ord + Debug {
    /// The greatest key.
    const MAX: Self;

    /// How far it lies above another one, in steps of `2^shift`; not at all when it lies below.
    fn steps_above(self, first: Self, shift: u32) -> usize;

    /// How many bits tell it and all between from another one, which does not lie above it.
    fn width_above(self, first: Self) -> u32;

    /// So many steps above.
    fn plus(self, steps: usize, shift: u32) -> Self;

    /// How many of these keys do not lie above it.
    fn not_below(self, window: &[Self; WINDOW]) -> usize;
}

macro_rules! word {
    ($word:ty) => {
        impl Word for $word {
            const MAX: Self = <$word>::MAX;

            #[inline]
            fn steps_above(self, first: Self, shift: u32) -> usize {
                // INVARIANT: no shift is as wide as the word.
                (self.saturating_sub(first) >> shift) as usize
            }

            fn width_above(self, first: Self) -> u32 {
                <$word>::BITS - (self - first).leading_zeros()
            }

            fn plus(self, steps: usize, shift: u32) -> Self {
                self + ((steps as $word) << shift)
            }

            #[inline]
            fn not_below(self, window: &[Self; WINDOW]) -> usize {
                // Counted in the word's own width, which is what vectors of words can do.
                let mut n: $word = 0;
                for key in window {
                    n += <$word>::from(*key <= self);
                }
                n as usize
            }
        }
    };
}

word!(u32);
word!(u64);

/// Keys with tables by their bits.
#[derive(Clone, Debug)]
pub(crate) struct Tree<Key> {
    /// Behind the last one stand the greatest, so that there always is a window.
    keys: Vec<Key>,
    n_keys: usize,
    root: Table<Key>,
    tables: Vec<Table<Key>>,
    entries: Vec<u32>,
}

/// A table by the bits above `shift` of what lies above its first key.
#[derive(Clone, Copy, Debug)]
struct Table<Key> {
    first: Key,
    shift: u32,
    /// Where its entries begin, and how far behind is the last.
    start: u32,
    last: u32,
}

impl<Key: Word> Sorted<Key> for Tree<Key> {
    fn new(mut keys: Vec<Key>) -> Self {
        let n_keys = keys.len();
        let first = keys.first().copied().unwrap_or(Key::MAX);
        let width = keys.last().map_or(0, |last| last.width_above(first));
        keys.extend([Key::MAX; WINDOW]);
        let mut tree = Self {
            root: Table {
                first,
                shift: 0,
                start: 0,
                last: 0,
            },
            keys,
            n_keys,
            tables: Vec::new(),
            entries: Vec::new(),
        };
        tree.root = tree.table(first, width, 0, n_keys);
        tree
    }

    fn keys(&self) -> &[Key] {
        self.keys.get(..self.n_keys).unwrap_or_default()
    }

    #[inline]
    fn rank(&self, bits: Key) -> usize {
        let mut table = &self.root;
        loop {
            let steps = bits.steps_above(table.first, table.shift);
            let at = table.start as usize + steps.min(table.last as usize);
            // INVARIANT: there is an entry for each step, and a window and a table for each entry.
            let entry = self.entries.get(at).copied().unwrap_or(0);
            if entry & TABLE == 0 {
                let start = entry as usize;
                let window = self.keys.get(start..).and_then(<[Key]>::first_chunk);
                let rank = start + window.map_or(0, |window| bits.not_below(window));
                // The greatest key of all is not above what stands behind the last one.
                return rank.min(self.n_keys);
            }
            match self.tables.get((entry & !TABLE) as usize) {
                Some(below) => table = below,
                None => return self.n_keys,
            }
        }
    }
}

impl<Key: Word> Tree<Key> {
    /// The table of the keys of these positions, which `width` bits tell from `first`.
    fn table(&mut self, first: Key, width: u32, from: usize, to: usize) -> Table<Key> {
        let wanted = (to - from).max(1) * ENTRIES_PER_KEY;
        let bits = wanted.next_power_of_two().ilog2().min(width);
        let (shift, start) = (width - bits, self.entries.len());
        self.entries.resize(start + (1 << bits), 0);
        let mut end = from;
        for step in 0..1 << bits {
            let begin = end;
            let rest = self.keys.get(begin..to).unwrap_or_default();
            end += rest.partition_point(|key| key.steps_above(first, shift) <= step);
            let entry = if end - begin <= WINDOW {
                position(begin)
            } else {
                let below = self.table(first.plus(step, shift), shift, begin, end);
                self.tables.push(below);
                TABLE | position(self.tables.len() - 1)
            };
            if let Some(own) = self.entries.get_mut(start + step) {
                *own = entry;
            }
        }
        Table {
            first,
            shift,
            start: position(start),
            last: position((1 << bits) - 1),
        }
    }
}

/// A position; a network with more keys than these bits can tell does not fit into memory.
fn position(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

/// Keys of two words: the upper ones tell most of them apart.
#[derive(Clone, Debug)]
pub(crate) struct Halves {
    keys: Vec<u128>,
    upper: Tree<u64>,
    /// Where the keys of each upper half begin, and where the last end; nothing when each has one
    /// key, whose lower half is zero, as the edges of blocks up to length 64 have.
    runs: Option<Vec<u32>>,
}

impl Sorted<u128> for Halves {
    fn new(keys: Vec<u128>) -> Self {
        let mut upper: Vec<u64> = Vec::with_capacity(keys.len());
        let mut runs = Vec::new();
        for (at, key) in keys.iter().enumerate() {
            let half = (key >> 64) as u64;
            if upper.last() != Some(&half) {
                upper.push(half);
                runs.push(position(at));
            }
        }
        runs.push(position(keys.len()));
        let is_flat = keys.iter().all(|key| *key as u64 == 0);
        Self {
            upper: Tree::new(upper),
            runs: (!is_flat).then_some(runs),
            keys,
        }
    }

    fn keys(&self) -> &[u128] {
        &self.keys
    }

    #[inline]
    fn rank(&self, bits: u128) -> usize {
        let half = (bits >> 64) as u64;
        let rank = self.upper.rank(half);
        match &self.runs {
            None => rank,
            Some(runs) => self.rank_in(runs, rank, bits),
        }
    }
}

impl Halves {
    /// The rank where upper halves alone do not tell it: all keys of the halves before the last
    /// one, and of that one those that do not lie above.
    fn rank_in(&self, runs: &[u32], rank: usize, bits: u128) -> usize {
        let last = rank.checked_sub(1).and_then(|before| runs.get(before..));
        let Some([start, end]) = last.and_then(<[u32]>::first_chunk) else {
            return 0;
        };
        let run = self.keys.get(*start as usize..*end as usize);
        let run = run.unwrap_or_default();
        *start as usize + run.partition_point(|key| *key <= bits)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Numbers that follow from a seed.
    fn next(state: &mut u64) -> u64 {
        *state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        *state ^ (*state >> 31)
    }

    /// Keys that lie in clusters, whose bits are shifted so far at most.
    fn clustered<Key>(state: &mut u64, n: usize, key: impl Fn(u64, u64) -> Key) -> Vec<Key>
    where
        Key: Ord,
    {
        let mut keys: Vec<Key> = (0..n)
            .map(|_| {
                let (near, far) = (next(state), next(state));
                key(near, far >> (far % 64))
            })
            .collect();
        keys.sort();
        keys.dedup();
        keys
    }

    fn check<Key: Bits>(keys: Vec<Key>, probes: impl Iterator<Item = Key>) -> usize {
        let sorted = Key::Sorted::new(keys.clone());
        assert_eq!(sorted.keys(), keys);
        let mut n = 0;
        for probe in probes {
            let plain = keys.partition_point(|key| *key <= probe);
            assert_eq!(
                sorted.rank(probe),
                plain,
                "{probe:?} among {} keys",
                keys.len()
            );
            n += 1;
        }
        n
    }

    #[test]
    fn ranks_are_those_of_bisection() {
        let (mut state, mut n_asked) = (1, 0);
        for n in [0, 1, 2, 7, 8, 9, 100, 3_000] {
            for round in 0_u32..40 {
                let narrow = round % 8 * 4;
                let keys = clustered(&mut state, n, |near, far| {
                    (near as u32 >> narrow) ^ (far as u32 & 0xf000_0000)
                });
                let edges = [0, u32::MAX].into_iter().chain(keys.clone());
                let edges = edges.flat_map(|key| [key.wrapping_sub(1), key, key.wrapping_add(1)]);
                let edges: Vec<u32> = edges.collect();
                n_asked += check(keys, edges.into_iter());

                let wide = |near: u64, far: u64| match round % 3 {
                    // Edges of short blocks, of hosts in few subnets, and of anything.
                    0 => u128::from(near >> narrow) << 64,
                    1 => u128::from(far % 4) << 64 | u128::from(near >> narrow),
                    _ => u128::from(far) << 64 | u128::from(near),
                };
                let keys = clustered(&mut state, n, wide);
                let edges = [0, u128::MAX].into_iter().chain(keys.clone());
                let edges = edges.flat_map(|key| [key.wrapping_sub(1), key, key.wrapping_add(1)]);
                let edges: Vec<u128> = edges.collect();
                n_asked += check(keys, edges.into_iter());
            }
        }
        assert!(n_asked > 200_000, "{n_asked}");
    }
}
