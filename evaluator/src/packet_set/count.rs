//! How many packets there are in a set, exactly.

use std::collections::HashMap;
use std::fmt;

use foldhash::fast::RandomState;

use super::{Field, PacketSet, PacketSets, last_behind, last_bits};

/// A number of packets; there are fewer than 2^290.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct PacketCount {
    /// The number in base 2^64, the lowest digit first.
    digits: [u64; 5],
}

impl PacketCount {
    /// One packet for each of some values; `None` is 2^128 of them.
    fn times(self, values: Option<u128>) -> Self {
        let Some(values) = values else {
            let [low, middle, high, ..] = self.digits;
            return Self {
                digits: [0, 0, low, middle, high],
            };
        };
        // INVARIANT: masked and shifted, both halves have 64 bits.
        let (low, high) = (values as u64, (values >> 64) as u64);
        let upper = self.times_digit(high).digits;
        let [first, second, third, fourth, _] = upper;
        let shifted = Self {
            digits: [0, first, second, third, fourth],
        };
        self.times_digit(low).plus(shifted)
    }

    fn times_digit(self, digit: u64) -> Self {
        let mut carry = 0;
        let digits = self.digits.map(|own| {
            let product = u128::from(own) * u128::from(digit) + carry;
            carry = product >> 64;
            product as u64
        });
        Self { digits }
    }

    pub(crate) fn plus(self, other: Self) -> Self {
        let mut sum = self;
        let mut carry = 0;
        for (own, more) in sum.digits.iter_mut().zip(other.digits) {
            let total = u128::from(*own) + u128::from(more) + carry;
            *own = total as u64;
            carry = total >> 64;
        }
        sum
    }

    /// The number, unless it is greater than any that the type holds.
    pub fn to_u128(self) -> Option<u128> {
        let [low, high, above @ ..] = self.digits;
        let fits = above.iter().all(|digit| *digit == 0);
        fits.then_some(u128::from(high) << 64 | u128::from(low))
    }
}

impl From<u64> for PacketCount {
    fn from(number: u64) -> Self {
        Self {
            digits: [number, 0, 0, 0, 0],
        }
    }
}

impl fmt::Display for PacketCount {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut digits = self.digits;
        let mut written = Vec::new();
        while digits.iter().any(|digit| *digit != 0) {
            let mut rest = 0;
            for digit in digits.iter_mut().rev() {
                let whole = u128::from(rest) << 64 | u128::from(*digit);
                *digit = (whole / 10) as u64;
                rest = (whole % 10) as u64;
            }
            written.push(char::from(b'0' + rest as u8));
        }
        let text: String = written.iter().rev().collect();
        formatter.write_str(if text.is_empty() { "0" } else { &text })
    }
}

/// What was counted below, by what is asked and by the family and the protocol that say how many values
/// there are.
type Known = HashMap<(PacketSet, Field, u128, u8), PacketCount, RandomState>;

impl PacketSets {
    /// How many packets are in the set.
    pub fn count(&self, set: PacketSet) -> PacketCount {
        self.count_from(set, Field::Family, (0, 0), &mut Known::default())
    }

    fn count_from(
        &self,
        set: PacketSet,
        field: Field,
        (family, protocol): (u128, u8),
        known: &mut Known,
    ) -> PacketCount {
        if set == PacketSet::EMPTY {
            return PacketCount::default();
        }
        if field == Field::End {
            return PacketCount::from(1);
        }
        let key = (set, field, family, protocol);
        if let Some(count) = known.get(&key) {
            return *count;
        }
        let end = match field {
            Field::Family => 1,
            Field::Source | Field::Destination => last_bits(family),
            Field::Protocol => u8::MAX.into(),
            Field::First | Field::Second | Field::End => last_behind(protocol).into(),
        };
        let intervals = self.intervals(set, field);
        let ends = intervals.iter().skip(1).map(|later| later.start - 1);
        let mut count = PacketCount::default();
        for (interval, last) in intervals.iter().zip(ends.chain([end])) {
            let last = last.min(end);
            let mut below = |context| self.count_from(interval.next, field.next(), context, known);
            let more = match field {
                Field::Family => (interval.start..=last)
                    .map(|one| below((one, protocol)))
                    .fold(PacketCount::default(), PacketCount::plus),
                Field::Protocol => (interval.start..=last)
                    .filter_map(|one| u8::try_from(one).ok())
                    .map(|one| below((family, one)))
                    .fold(PacketCount::default(), PacketCount::plus),
                Field::Source | Field::Destination | Field::First | Field::Second | Field::End => {
                    let values = (last - interval.start).checked_add(1);
                    below((family, protocol)).times(values)
                }
            };
            count = count.plus(more);
        }
        known.insert(key, count);
        count
    }
}
