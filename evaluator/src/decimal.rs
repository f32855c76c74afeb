//! Decimal numbers of any length, compared exactly (`condition-numeric`).

use std::cmp::Ordering;
use std::fmt;

/// A number as the digits before and behind its point, without zeros that say nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Decimal {
    negative: bool,
    whole: String,
    fraction: String,
}

impl Decimal {
    /// Reads `-`, digits, and digits behind a point.
    pub(crate) fn read(text: &str) -> Option<Self> {
        let (negative, digits) = match text.strip_prefix('-') {
            Some(digits) => (true, digits),
            None => (false, text),
        };
        let (whole, fraction) = match digits.split_once('.') {
            Some((whole, fraction)) => (whole, Some(fraction)),
            None => (digits, None),
        };
        let is_number = is_digits(whole) && fraction.is_none_or(is_digits);
        is_number.then(|| Self::new(negative, whole, fraction.unwrap_or_default()))
    }

    fn new(negative: bool, whole: &str, fraction: &str) -> Self {
        let whole = whole.trim_start_matches('0').to_owned();
        let fraction = fraction.trim_end_matches('0').to_owned();
        let is_zero = whole.is_empty() && fraction.is_empty();
        Self {
            negative: negative && !is_zero,
            whole,
            fraction,
        }
    }

    /// A whole number, and digits behind it that lead away from zero when it is not negative, and
    /// back to it when it is: seconds with their fraction.
    pub(crate) fn seconds(whole: i64, fraction: &str) -> Self {
        let fraction = fraction.trim_end_matches('0');
        if whole >= 0 || fraction.is_empty() {
            return Self::new(whole < 0, &whole.unsigned_abs().to_string(), fraction);
        }
        // What is missing to the next second.
        let fraction = complement(fraction);
        let whole = whole.unsigned_abs() - 1;
        Self::new(true, &whole.to_string(), &fraction)
    }

    /// The whole number when it is one.
    pub(crate) fn whole(&self) -> Option<i64> {
        let is_whole = self.fraction.is_empty();
        is_whole.then(|| self.to_string().parse().ok()).flatten()
    }

    fn negated(&self) -> Self {
        Self::new(!self.negative, &self.whole, &self.fraction)
    }

    /// A number that is larger by one or less, and readable.
    pub(crate) fn above(&self) -> Self {
        if self.negative {
            return Self::new(false, "", "");
        }
        Self::new(false, &increment(&self.whole), "")
    }

    pub(crate) fn below(&self) -> Self {
        self.negated().above().negated()
    }

    /// A number between this one and a larger one.
    pub(crate) fn between(&self, larger: &Decimal) -> Self {
        if self.negative {
            let zero = Self::new(false, "", "");
            return match larger.cmp(&zero) {
                Ordering::Greater => zero,
                Ordering::Less | Ordering::Equal => {
                    larger.negated().between(&self.negated()).negated()
                }
            };
        }
        let next = self.above();
        if next < *larger {
            return next;
        }
        let mut zeros = String::new();
        loop {
            let fraction = format!("{}{zeros}1", self.fraction);
            let between = Self::new(false, &self.whole, &fraction);
            // The difference has a first digit that is not zero, which the zeros reach.
            if between < *larger || zeros.len() > larger.fraction.len() {
                return between;
            }
            zeros.push('0');
        }
    }
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// What is missing from a fraction to one; the last digit is not zero.
pub(crate) fn complement(fraction: &str) -> String {
    let last = fraction.len().saturating_sub(1);
    let digits = fraction.chars().enumerate().map(|(position, digit)| {
        let whole = if position == last { 10 } else { 9 };
        let digit = digit.to_digit(10).unwrap_or_default();
        char::from_digit(whole - digit, 10).unwrap_or('0')
    });
    digits.collect()
}

/// The next whole number.
fn increment(digits: &str) -> String {
    let nines = digits.len() - digits.trim_end_matches('9').len();
    let (kept, _) = digits.split_at(digits.len() - nines);
    let zeros = "0".repeat(nines);
    let mut kept = kept.to_owned();
    let last = kept.pop().and_then(|digit| digit.to_digit(10));
    let next = last.unwrap_or_default() + 1;
    format!("{kept}{next}{zeros}")
}

impl Ord for Decimal {
    fn cmp(&self, other: &Self) -> Ordering {
        let size = |one: &Self, other: &Self| {
            let length = one.whole.len().cmp(&other.whole.len());
            let whole = length.then_with(|| one.whole.cmp(&other.whole));
            // Zeros behind the last digit are left out, so that a shorter fraction that begins a
            // longer one is the smaller.
            whole.then_with(|| one.fraction.cmp(&other.fraction))
        };
        match (self.negative, other.negative) {
            (false, false) => size(self, other),
            (true, true) => size(other, self),
            (false, true) => Ordering::Greater,
            (true, false) => Ordering::Less,
        }
    }
}

impl PartialOrd for Decimal {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.negative { "-" } else { "" };
        let whole = if self.whole.is_empty() {
            "0"
        } else {
            &self.whole
        };
        write!(formatter, "{sign}{whole}")?;
        if self.fraction.is_empty() {
            return Ok(());
        }
        write!(formatter, ".{}", self.fraction)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Decimal {
        Decimal::read(text).expect("a number")
    }

    #[test]
    fn numbers_are_compared_by_their_values() {
        let ordered = [
            "-11",
            "-10.5",
            "-10",
            "-0.1",
            "0",
            "0.09",
            "0.1",
            "2.5",
            "9.999",
            "10",
            "10.00000000000000000001",
            "100",
        ];
        for (position, one) in ordered.iter().enumerate() {
            for (than, other) in ordered.iter().enumerate() {
                assert_eq!(
                    read(one).cmp(&read(other)),
                    position.cmp(&than),
                    "{one} {other}"
                );
            }
        }
        for (one, other) in [("010", "10.00"), ("-0", "0.0"), ("2.50", "2.5")] {
            assert_eq!(read(one), read(other));
        }
        for text in ["", "ten", "-", "1.", ".5", "+1", "1e3", "1 "] {
            assert_eq!(Decimal::read(text), None, "{text}");
        }
    }

    #[test]
    fn a_number_is_found_between_any_two() {
        let numbers = [
            "-100", "-1", "-0.1", "-0.09", "0", "0.01", "0.011", "0.1", "9.99", "10", "11", "99",
            "1000",
        ];
        for pair in numbers.windows(2) {
            let (low, high) = (read(pair[0]), read(pair[1]));
            let between = low.between(&high);
            assert!(low < between && between < high, "{low} {between} {high}");
            assert!(low.below() < low && low < low.above(), "{low}");
        }
    }
}
