//! Decimal numbers of any length, exactly (`condition-numeric`).

use std::borrow::Cow;
use std::cmp::Ordering;
use std::fmt;

/// A number: its digits before the point without leading zeros, and behind it without trailing ones.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Decimal<'a> {
    negative: bool,
    whole: Cow<'a, str>,
    fraction: Cow<'a, str>,
}

impl<'a> Decimal<'a> {
    /// `-`, digits, and digits behind a point; `None` of anything else.
    pub(crate) fn parse(text: &'a str) -> Option<Self> {
        let (negative, digits) = match text.strip_prefix('-') {
            Some(digits) => (true, digits),
            None => (false, text),
        };
        let (whole, fraction) = match digits.split_once('.') {
            Some((whole, fraction)) => (whole, Some(fraction)),
            None => (digits, None),
        };
        if !is_digits(whole) || !fraction.is_none_or(is_digits) {
            return None;
        }
        let whole = whole.trim_start_matches('0');
        let fraction = fraction.unwrap_or_default().trim_end_matches('0');
        Some(Decimal {
            negative: negative && !(whole.is_empty() && fraction.is_empty()),
            whole: whole.into(),
            fraction: fraction.into(),
        })
    }

    pub(crate) fn into_owned(self) -> Decimal<'static> {
        Decimal {
            negative: self.negative,
            whole: self.whole.into_owned().into(),
            fraction: self.fraction.into_owned().into(),
        }
    }

    fn magnitude(&self, other: &Self) -> Ordering {
        let whole = (self.whole.len(), &self.whole).cmp(&(other.whole.len(), &other.whole));
        whole.then_with(|| self.fraction.cmp(&other.fraction))
    }

    /// A number below.
    pub(crate) fn below(&self) -> String {
        if !self.negative && (!self.whole.is_empty() || !self.fraction.is_empty()) {
            return "0".to_owned();
        }
        format!("-{}", successor(&self.whole))
    }

    /// A number above.
    pub(crate) fn above(&self) -> String {
        if self.negative {
            return "0".to_owned();
        }
        successor(&self.whole)
    }

    /// A number between this one and a greater one.
    pub(crate) fn until(&self, greater: &Decimal<'_>) -> String {
        let next = self.above();
        let between = |text: &str| {
            Decimal::parse(text).is_some_and(|number| *self < number && number < *greater)
        };
        if between(&next) {
            return next;
        }
        let n_digits = self.fraction.len().max(greater.fraction.len());
        let beyond = |number: &Decimal<'_>| {
            let whole = if number.whole.is_empty() {
                "0"
            } else {
                &*number.whole
            };
            format!("{whole}.{:0<n_digits$}1", number.fraction)
        };
        if self.negative {
            format!("-{}", beyond(greater))
        } else {
            beyond(self)
        }
    }
}

impl PartialOrd for Decimal<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Decimal<'_> {
    fn cmp(&self, other: &Self) -> Ordering {
        match (self.negative, other.negative) {
            (true, false) => Ordering::Less,
            (false, true) => Ordering::Greater,
            (false, false) => self.magnitude(other),
            (true, true) => other.magnitude(self),
        }
    }
}

impl fmt::Display for Decimal<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(if self.negative { "-" } else { "" })?;
        formatter.write_str(if self.whole.is_empty() {
            "0"
        } else {
            &self.whole
        })?;
        if !self.fraction.is_empty() {
            write!(formatter, ".{}", self.fraction)?;
        }
        Ok(())
    }
}

pub(crate) fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// The next integer.
fn successor(digits: &str) -> String {
    let kept = digits.trim_end_matches('9');
    let n_nines = digits.len() - kept.len();
    let mut next = kept.to_owned();
    let last = next.pop().and_then(|last| last.to_digit(10)).unwrap_or(0);
    next.push_str(&(last + 1).to_string());
    next.push_str(&"0".repeat(n_nines));
    next
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn between_and_beyond_numbers_there_are_others() {
        let ordered = [
            "-100.25",
            "-100",
            "-9",
            "-0.5",
            "-0.49",
            "0",
            "0.01",
            "1",
            "1.5",
            "9",
            "10",
            "99",
            "123456789012345678901234567890",
        ];
        let numbers = ordered.map(|text| Decimal::parse(text).expect("a number"));
        for pair in numbers.windows(2) {
            let [one, other] = pair else { continue };
            let between = one.until(other);
            let between = Decimal::parse(&between).expect("a number");
            assert!(
                *one < between && between < *other,
                "{one} {between} {other}"
            );
        }
        for number in &numbers {
            let (below, above) = (number.below(), number.above());
            assert!(
                Decimal::parse(&below).expect("a number") < *number,
                "{below} {number}"
            );
            assert!(
                Decimal::parse(&above).expect("a number") > *number,
                "{above} {number}"
            );
        }
    }

    #[test]
    fn what_is_no_number() {
        for text in [
            "", "-", "1.", ".5", "+1", "1e3", "1.2.3", "--1", "ten", " 1",
        ] {
            assert_eq!(Decimal::parse(text), None, "{text}");
        }
        assert_eq!(Decimal::parse("-0.00"), Decimal::parse("0"));
    }
}
