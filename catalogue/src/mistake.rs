//! What is common to the files: their mistakes, and the day of a statement.

use std::fmt;
use std::ops::Range;
use std::str::FromStr;

use serde::de::{DeserializeOwned, Error as _};
use serde::{Deserialize, Deserializer, Serialize};
use toml::value::Datetime;

/// A mistake in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    /// The bytes that it is about.
    pub span: Range<usize>,
    /// What is wrong: one line in lower case.
    pub message: String,
}

/// The day on which something was known to be so.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Serialize)]
#[serde(transparent)]
pub struct Day(Datetime);

/// What is expected where no day stands.
const EXPECTED: &str = "expected a day, as 2026-11-26";

impl Day {
    fn of(date: Datetime) -> Result<Self, &'static str> {
        match (date.date, date.time) {
            (Some(_), None) => Ok(Day(date)),
            (_, _) => Err(EXPECTED),
        }
    }
}

impl<'de> Deserialize<'de> for Day {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Day::of(Datetime::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}

impl FromStr for Day {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, &'static str> {
        Day::of(text.parse().map_err(|_| EXPECTED)?)
    }
}

impl fmt::Display for Day {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

/// Parses a file.
///
/// # Errors
///
/// The first thing that is not as the type says.
pub(crate) fn parse<T: DeserializeOwned>(text: &str) -> Result<T, Vec<Mistake>> {
    toml::from_str(text).map_err(|error| {
        let message = error.message().trim().replace('\n', ", ");
        let message = message.replace("unknown variant", "unknown value");
        let span = error.span().unwrap_or(0..0);
        vec![Mistake { span, message }]
    })
}

/// What a file of the program itself says.
#[expect(
    clippy::expect_used,
    reason = "The files are compiled into the program, and a test reads each of them."
)]
pub(crate) fn bundled<T>(read: Result<T, Vec<Mistake>>) -> T {
    read.expect("a bundled file has no mistakes")
}

/// The mistakes of a list in which a key stands once.
pub(crate) fn twice<'a, T: 'a, K: Ord + fmt::Display>(
    items: impl IntoIterator<Item = &'a toml::Spanned<T>>,
    key: impl Fn(&T) -> K,
) -> Vec<Mistake> {
    let mut seen = std::collections::BTreeSet::new();
    let mut mistakes = Vec::new();
    for item in items {
        let key = key(item.get_ref());
        let message = format!("{key} stands twice");
        if !seen.insert(key) {
            let span = item.span();
            mistakes.push(Mistake { span, message });
        }
    }
    mistakes
}
