//! Questions about single boxes and lines, which need no set of their own.

use super::boxes::Span;
use super::{Field, PacketBox, PacketSet, PacketSets};

impl PacketSets {
    /// Whether some packet of a set is in a box: one bisection for each field, and a look at the intervals
    /// that the box meets. Nothing is made.
    pub fn meets(&self, set: PacketSet, one: &PacketBox) -> bool {
        let Some(node) = self.node(set) else {
            return set == PacketSet::ALL;
        };
        let (first, last) = one.span(node.field);
        let behind = node
            .intervals
            .partition_point(|interval| interval.start <= first);
        let from = behind.saturating_sub(1);
        let meeting = node.intervals.get(from..).unwrap_or_default();
        let mut meeting = meeting.iter().take_while(|interval| interval.start <= last);
        meeting.any(|interval| self.meets(interval.next, one))
    }

    /// The packets that come to one of some lines of which the first that holds a packet decides: those that
    /// it holds and none before it. Only lines that have a packet in common with it are looked into.
    pub fn reaching(&mut self, lines: &[PacketBox], position: usize) -> PacketSet {
        let Some((last, before)) = lines.get(..=position).and_then(<[PacketBox]>::split_last)
        else {
            return PacketSet::EMPTY;
        };
        let cut = before.iter().filter_map(|line| line.within(last));
        let mut lines: Vec<_> = cut.map(|line| (line, false)).collect();
        lines.push((*last, true));
        self.first_match(&lines)
    }
}

impl PacketBox {
    pub(super) fn span(&self, field: Field) -> Span {
        let span = self.spans.get(field as usize).copied();
        span.unwrap_or(super::boxes::WHOLE)
    }

    /// What is in both, if there is something.
    fn within(&self, other: &PacketBox) -> Option<PacketBox> {
        let mut both = *self;
        for (own, (first, last)) in both.spans.iter_mut().zip(other.spans) {
            *own = (own.0.max(first), own.1.min(last));
            if own.0 > own.1 {
                return None;
            }
        }
        Some(both)
    }
}
