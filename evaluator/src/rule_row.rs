//! A row of rules: those of some groups that match one address.
//!
//! Which of them takes a packet first is asked on every walk. Of many rules it is known for every port
//! before: the ports are cut where rules begin and end, which takes memory in proportion to the rules.

use std::collections::BTreeSet;

use model::{Clause, RuleTraffic, Transport};

use crate::index::HoleIndex;
use crate::traffic_extent::Extent;

/// From how many rules on ports are looked up.
const MANY: usize = 4;

/// Up to how many cuts all are compared, since that takes no branch.
const FEW_CUTS: usize = 64;

/// A rule in a row.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct RowRule {
    pub(crate) order: u32,
    pub(crate) traffic: RuleTraffic,
    pub(crate) clause: Clause,
    /// Present when it is open whether the rule matches.
    pub(crate) hole: Option<HoleIndex>,
}

/// Rules by their order.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    rules: Vec<RowRule>,
    /// Whether it is open of some rule whether it matches.
    is_open: bool,
    /// Where there are many, by the destination port of TCP and of UDP.
    by_port: Option<[Ports; 2]>,
}

/// By port, the first rule that certainly matches.
#[derive(Clone, Debug)]
struct Ports {
    // INVARIANT: the first start is zero, and there are as many positions as starts.
    starts: Vec<u16>,
    /// Of rules; behind the last one where none matches.
    positions: Vec<u32>,
}

impl Row {
    /// Of rules in their order.
    pub(crate) fn new(rules: Vec<RowRule>) -> Self {
        let by_port = (rules.len() >= MANY).then(|| [6, 17].map(|of| Ports::new(&rules, of)));
        Self {
            is_open: rules.iter().any(|rule| rule.hole.is_some()),
            rules,
            by_port,
        }
    }

    pub(crate) fn rules(&self) -> &[RowRule] {
        &self.rules
    }

    /// The first rule that certainly matches.
    #[inline]
    pub(crate) fn first(&self, transport: Transport) -> Option<&RowRule> {
        if let Some([tcp, udp]) = &self.by_port {
            let by_port = match transport {
                Transport::Tcp {
                    destination_port, ..
                } => Some(tcp.position(destination_port)),
                Transport::Udp {
                    destination_port, ..
                } => Some(udp.position(destination_port)),
                Transport::Icmp { .. } | Transport::Icmpv6 { .. } | Transport::Other(_) => None,
            };
            if let Some(position) = by_port {
                return self.rules.get(position);
            }
        }
        self.first_of_all(transport)
    }

    /// The same, rule by rule.
    pub(crate) fn first_of_all(&self, transport: Transport) -> Option<&RowRule> {
        let mut rules = self.rules.iter();
        rules.find(|rule| rule.hole.is_none() && rule.matches(transport))
    }

    /// The hole of the first matching rule of a clause, when it is open whether it matches.
    #[inline]
    pub(crate) fn open(&self, transport: Transport, clause: Clause) -> Option<HoleIndex> {
        if !self.is_open {
            return None;
        }
        let mut rules = self.rules.iter();
        let rule = rules.find(|rule| rule.clause == clause && rule.matches(transport));
        rule.and_then(|rule| rule.hole)
    }
}

impl RowRule {
    pub(crate) fn matches(&self, transport: Transport) -> bool {
        Extent::of(&self.traffic).holds(transport)
    }

    /// The ports of a protocol that the rule takes.
    pub(crate) fn ports(&self, protocol: u8) -> Option<(u16, u16)> {
        let extent = Extent::of(&self.traffic);
        let [destination, _] = extent.behind;
        let is_of_it = extent.protocol.is_none_or(|own| own == protocol);
        is_of_it.then_some(destination.unwrap_or((0, u16::MAX)))
    }
}

impl Ports {
    /// Goes through the ports of a protocol, with the rules that take each of them.
    fn new(rules: &[RowRule], protocol: u8) -> Self {
        let mut edges = vec![(0, false, u32::MAX)];
        for (position, rule) in (0..).zip(rules).filter(|(_, rule)| rule.hole.is_none()) {
            if let Some((from, to)) = rule.ports(protocol) {
                edges.push((from, true, position));
                edges.extend(to.checked_add(1).map(|next| (next, false, position)));
            }
        }
        edges.sort_unstable();
        let none = u32::try_from(rules.len()).unwrap_or(u32::MAX);
        let mut taking = BTreeSet::new();
        let (mut starts, mut positions) = (Vec::new(), Vec::new());
        for at in edges.chunk_by(|(one, ..), (other, ..)| one == other) {
            for (_, begins, position) in at {
                match begins {
                    true => taking.insert(*position),
                    false => taking.remove(position),
                };
            }
            let first = taking.first().copied().unwrap_or(none);
            if positions.last() != Some(&first) {
                starts.extend(at.first().map(|(start, ..)| *start));
                positions.push(first);
            }
        }
        Self { starts, positions }
    }

    /// The position of the rule for a port.
    #[inline]
    fn position(&self, port: u16) -> usize {
        let n_before = match self.starts.len() {
            ..=FEW_CUTS => self.starts.iter().filter(|start| **start <= port).count(),
            _ => self.starts.partition_point(|start| *start <= port),
        };
        let position = n_before
            .checked_sub(1)
            .and_then(|at| self.positions.get(at));
        position.map_or(usize::MAX, |position| *position as usize)
    }
}
