//! Filling: the open addresses put into every combination of their classes, one completion each.

use std::collections::btree_map::{self, Entry};
use std::collections::{BTreeMap, BTreeSet, btree_set};

use model::{Address, Completion, UnknownReason, VpcId};

use crate::address::before;
use crate::completion::{COMPLETION_BUDGET, Chooser, Class, LIMIT, Ranges, Slot, size};

/// How many combinations of classes are looked at on the way to them.
const COMBINATION_BUDGET: usize = 100_000;

/// Public addresses that are kept for examples, and so surprise nobody in a witness.
const EXAMPLES: (Address, Address) = (Address::V4(0xcb00_7101), Address::V4(0xcb00_71fe));

/// The slots filled so far. Of many slots in one block each asks what the others took.
#[derive(Clone, Debug, Default)]
pub(crate) struct Taken<'a> {
    pub(crate) completion: Completion,
    /// How many slots took an address.
    used: BTreeMap<Address, usize>,
    /// How many of one VPC did, or of public ones (`None`).
    used_in: BTreeMap<(Option<&'a VpcId>, Address), usize>,
}

impl<'a> Taken<'a> {
    pub(crate) fn insert(&mut self, slot: &Slot<'a>, address: Address) {
        self.completion.addresses.insert(slot.slot.clone(), address);
        *self.used.entry(address).or_default() += 1;
        *self.used_in.entry((slot.vpc, address)).or_default() += 1;
    }

    fn remove(&mut self, slot: &Slot<'a>) {
        if let Some(address) = self.completion.addresses.remove(&slot.slot) {
            one_less(&mut self.used, address);
            one_less(&mut self.used_in, (slot.vpc, address));
        }
    }

    /// Whether a slot that may not have the same address has it.
    fn is_used_in(&self, vpc: Option<&'a VpcId>, address: Address) -> bool {
        self.used_in.contains_key(&(vpc, address))
    }
}

fn one_less<Key: Ord>(used: &mut BTreeMap<Key, usize>, key: Key) {
    if let Entry::Occupied(mut n_slots) = used.entry(key) {
        *n_slots.get_mut() -= 1;
        if *n_slots.get() == 0 {
            n_slots.remove();
        }
    }
}

/// The slots filled so far, and what came of it.
#[derive(Default)]
struct Filling<'c, 'a> {
    used: BTreeMap<&'c Class<'a>, usize>,
    taken: Taken<'a>,
    completions: Vec<Completion>,
    n_combinations: usize,
}

/// A slot that is being filled, and what it is still to be tried with.
struct Level<'c, 'a> {
    slot: &'c Slot<'a>,
    classes: btree_map::Iter<'c, Class<'a>, Ranges>,
    /// The class of the tries.
    class: Option<&'c Class<'a>>,
    tries: btree_set::IntoIter<Address>,
}

impl<'a> Chooser<'a> {
    /// The highest address of a class that is still free, if possible in every VPC.
    pub(crate) fn free(
        &self,
        slot: &Slot<'a>,
        ranges: &Ranges,
        taken: &Taken<'a>,
    ) -> Option<Address> {
        let elsewhere = |address| taken.used.contains_key(&address);
        let here = |address| taken.is_used_in(slot.vpc, address);
        let (from, to) = EXAMPLES;
        let example = |(first, end): &(Address, Address)| {
            let meets = slot.slot.public && *first <= to && from <= *end;
            meets.then(|| (from.max(*first), to.min(*end)))
        };
        let examples: Ranges = ranges.iter().filter_map(example).collect();
        let ranges = || ranges.iter().chain(&examples).rev();
        let highest = |taken: &dyn Fn(Address) -> bool| {
            ranges().find_map(|(first, end)| {
                let mut address = *end;
                while taken(address) {
                    address = before(address).filter(|address| address >= first)?;
                }
                Some(address)
            })
        };
        highest(&elsewhere).or_else(|| highest(&here))
    }

    /// The addresses to try a slot with in one class: a free one, and, where that matters, those
    /// that interfaces of other VPCs have.
    fn tries(
        &self,
        slot: &Slot<'a>,
        ranges: &Ranges,
        taken: &Taken<'a>,
    ) -> Result<BTreeSet<Address>, UnknownReason> {
        // Slots of overlapping blocks contend for the class; which of them could have it
        // otherwise is not sought.
        let free = self.free(slot, ranges, taken).ok_or_else(over_budget)?;
        let mut tries = BTreeSet::from([free]);
        if self.coincidences {
            let inside = |address: &Address| {
                let mut ranges = ranges.iter();
                ranges.any(|(first, end)| (first..=end).contains(&address))
            };
            let others = taken.used_in.keys();
            let others = others.filter(|(vpc, _)| vpc.is_some() && *vpc != slot.vpc);
            tries.extend(others.map(|(_, address)| *address).filter(inside));
        }
        Ok(tries)
    }

    /// Puts the slots into every combination of their classes. There may be more slots than a stack
    /// has room for calls.
    pub(crate) fn fill<'c>(
        &'c self,
        classes: &'c [BTreeMap<Class<'a>, Ranges>],
    ) -> Result<Vec<Completion>, UnknownReason> {
        let mut filling = Filling::default();
        let mut levels: Vec<Level<'c, 'a>> = Vec::new();
        loop {
            filling.n_combinations += 1;
            let over = filling.n_combinations > COMBINATION_BUDGET;
            if over || filling.completions.len() >= COMPLETION_BUDGET {
                return Err(over_budget());
            }
            match (self.slots.get(levels.len()), classes.get(levels.len())) {
                (Some(slot), Some(classes)) => levels.push(Level {
                    slot,
                    classes: classes.iter(),
                    class: None,
                    tries: btree_set::IntoIter::default(),
                }),
                (None, _) | (_, None) => {
                    let completion = filling.taken.completion.clone();
                    filling.completions.push(completion);
                }
            }
            loop {
                let Some(level) = levels.last_mut() else {
                    return Ok(filling.completions);
                };
                if self.next(level, &mut filling)? {
                    break;
                }
                levels.pop();
            }
        }
    }

    /// Gives a slot the next address that it is to be tried with, in place of the last one; whether
    /// there is one.
    fn next<'c>(
        &'c self,
        level: &mut Level<'c, 'a>,
        filling: &mut Filling<'c, 'a>,
    ) -> Result<bool, UnknownReason> {
        filling.taken.remove(level.slot);
        loop {
            if let Some(address) = level.tries.next() {
                filling.taken.insert(level.slot, address);
                return Ok(true);
            }
            if let Some(class) = level.class.take() {
                one_less(&mut filling.used, class);
            }
            let Some((class, ranges)) = level.classes.next() else {
                return Ok(false);
            };
            let n_used = filling.used.get(class).copied().unwrap_or_default();
            if n_used as u128 >= size(ranges) {
                continue;
            }
            *filling.used.entry(class).or_default() += 1;
            level.class = Some(class);
            level.tries = self.tries(level.slot, ranges, &filling.taken)?.into_iter();
        }
    }
}

fn over_budget() -> UnknownReason {
    UnknownReason::OutOfBudget(String::from(LIMIT))
}
