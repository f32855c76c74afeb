//! Ports of TCP and UDP, of which alone AWS's analyzer speaks.

use std::collections::BTreeSet;

use ingest::access_scope::{Ports, ScopeProtocol};
use model::PortRange;

/// Every port.
const ALL: PortRange = 0..=u16::MAX;

/// Packets by protocol and port of the destination.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Packets {
    protocols: BTreeSet<ScopeProtocol>,
    /// In order; no two touch.
    ports: Vec<PortRange>,
}

impl Packets {
    /// Every one.
    pub(super) fn all() -> Self {
        Self {
            protocols: BTreeSet::from([ScopeProtocol::Tcp, ScopeProtocol::Udp]),
            ports: vec![ALL],
        }
    }

    /// Those of them that are of these protocols.
    pub(super) fn of(mut self, protocols: &[ScopeProtocol]) -> Self {
        self.protocols.retain(|one| protocols.contains(one));
        self
    }

    /// The same protocols, to these ports.
    pub(super) fn to(self, ports: &Ports) -> Self {
        Self {
            ports: merged(&ports.ranges),
            ..self
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.protocols.is_empty() || self.ports.is_empty()
    }

    /// Whether a packet is of both.
    pub(super) fn meet(&self, other: &Self) -> bool {
        let meets = |one: &PortRange| {
            let mut others = other.ports.iter();
            others.any(|other| one.start() <= other.end() && other.start() <= one.end())
        };
        !self.protocols.is_disjoint(&other.protocols) && self.ports.iter().any(meets)
    }

    /// Whether each packet of the other is one of these.
    pub(super) fn cover(&self, other: &Self) -> bool {
        let holds = |inner: &PortRange| {
            let mut ports = self.ports.iter();
            ports.any(|outer| outer.start() <= inner.start() && inner.end() <= outer.end())
        };
        self.protocols.is_superset(&other.protocols) && other.ports.iter().all(holds)
    }

    /// As the field `traffic` has it.
    pub(super) fn texts(&self) -> Vec<String> {
        let mut texts = Vec::new();
        for protocol in &self.protocols {
            let word = match protocol {
                ScopeProtocol::Tcp => "tcp",
                ScopeProtocol::Udp => "udp",
            };
            texts.extend(
                self.ports
                    .iter()
                    .map(|range| match (range.start(), range.end()) {
                        _ if *range == ALL => word.to_owned(),
                        (first, last) if first == last => format!("{word}/{first}"),
                        (first, last) => format!("{word}/{first}-{last}"),
                    }),
            );
        }
        texts
    }
}

/// Whether the ports are all there are.
pub(super) fn are_all(ports: &Ports) -> bool {
    merged(&ports.ranges) == [ALL]
}

/// The ranges in order, joined where they overlap or touch.
fn merged(ranges: &[PortRange]) -> Vec<PortRange> {
    let mut sorted = ranges.to_vec();
    sorted.sort_by_key(|range| *range.start());
    let mut merged: Vec<PortRange> = Vec::new();
    for range in sorted {
        match merged.last_mut() {
            Some(last) if u32::from(*range.start()) <= u32::from(*last.end()) + 1 => {
                *last = *last.start()..=*last.end().max(range.end());
            }
            Some(_) | None => merged.push(range),
        }
    }
    merged
}

#[cfg(test)]
mod tests {
    use super::{ALL, merged};

    #[test]
    fn ranges_are_joined_where_they_touch() {
        assert_eq!(merged(&[80..=90, 0..=79, 95..=95]), [0..=90, 95..=95]);
        assert_eq!(merged(&[1024..=u16::MAX, 0..=1023]), [ALL]);
        assert_eq!(merged(&[5..=50, 10..=20]), [5..=50]);
    }
}
