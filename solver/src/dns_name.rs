//! Names as sequences of labels, so that a parent is a beginning (page dns).

use std::fmt;

/// A name: its labels in lower case, the topmost first; the root has none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct DnsName(Vec<String>);

impl DnsName {
    /// Reads a name with or without the final dot.
    pub(crate) fn new(text: &str) -> Self {
        let text = text.strip_suffix('.').unwrap_or(text).to_lowercase();
        match text.as_str() {
            "" => Self(Vec::new()),
            labels => Self(labels.rsplit('.').map(str::to_owned).collect()),
        }
    }

    /// How many labels it has.
    pub(crate) const fn length(&self) -> usize {
        self.0.len()
    }

    /// Whether the other name is it or a parent of it.
    pub(crate) fn is_within(&self, other: &Self) -> bool {
        self.0.starts_with(&other.0)
    }

    /// Whether the other name is a parent of it.
    pub(crate) fn is_below(&self, other: &Self) -> bool {
        self.is_within(other) && self != other
    }

    /// The parent of it, or it, that has so many labels.
    pub(crate) fn topmost(&self, labels: usize) -> Self {
        Self(self.0.iter().take(labels).cloned().collect())
    }
}

impl fmt::Display for DnsName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let labels: Vec<&str> = self.0.iter().rev().map(String::as_str).collect();
        formatter.write_str(&labels.join("."))
    }
}

/// A listed name, which stands for itself or, with `*.` in front, for every name below.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Listed {
    Exactly(DnsName),
    Below(DnsName),
}

impl Listed {
    /// Reads a listed name.
    pub(crate) fn new(text: &str) -> Self {
        match text.strip_prefix("*.") {
            Some(parent) => Self::Below(DnsName::new(parent)),
            None => Self::Exactly(DnsName::new(text)),
        }
    }

    /// Whether it stands for a name.
    pub(crate) fn stands_for(&self, name: &DnsName) -> bool {
        match self {
            Listed::Exactly(own) => own == name,
            Listed::Below(parent) => name.is_below(parent),
        }
    }

    /// Its labels, without the `*`.
    pub(crate) const fn length(&self) -> usize {
        match self {
            Listed::Exactly(name) | Listed::Below(name) => name.length(),
        }
    }
}
