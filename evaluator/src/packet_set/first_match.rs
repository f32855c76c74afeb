//! Sets made of lines of which the first that matches decides.

use std::collections::{BTreeSet, HashMap};

use foldhash::fast::RandomState;

use super::boxes::WHOLE;
use super::{Field, Interval, PacketBox, PacketSet, PacketSets};

/// Lines on their way into a diagram.
struct Build<'a> {
    sets: &'a mut PacketSets,
    lines: &'a [(PacketBox, bool)],
    /// What was built of the lines that are left at a field.
    known: HashMap<(Field, Vec<u32>), PacketSet, RandomState>,
}

impl PacketSets {
    /// The packets that lines take of which the first that holds a packet decides whether it is in the set;
    /// one that no line holds is not. When every line takes what it holds it is the union of the boxes.
    ///
    /// The field's values are swept once, with the lines that hold each of them; it takes O(n log n) for n
    /// lines that are nested a few deep, and as many times that as they are nested deeper.
    pub fn first_match(&mut self, lines: &[(PacketBox, bool)]) -> PacketSet {
        let all = (0..lines.len()).filter_map(|position| u32::try_from(position).ok());
        let all = all.collect();
        let mut build = Build {
            sets: self,
            lines,
            known: HashMap::default(),
        };
        build.at(Field::Family, all)
    }
}

impl Build<'_> {
    fn line(&self, number: u32) -> Option<&(PacketBox, bool)> {
        self.lines.get(number as usize)
    }

    fn span(&self, number: u32, field: Field) -> (u128, u128) {
        let line = self.line(number);
        let span = line.and_then(|(one, _)| one.spans.get(field as usize));
        span.copied().unwrap_or(WHOLE)
    }

    /// Whether a line holds whatever has come as far as to the field.
    fn is_whole(&self, number: u32, field: Field) -> bool {
        let spans = self.line(number).map(|(one, _)| one.spans);
        spans.is_none_or(|spans| {
            let mut from = spans.iter().skip(field as usize);
            from.all(|span| *span == WHOLE)
        })
    }

    fn takes(&self, number: u32) -> bool {
        self.line(number).is_some_and(|(_, takes)| *takes)
    }

    /// The diagram of the lines that are left, in their order.
    fn at(&mut self, field: Field, mut left: Vec<u32>) -> PacketSet {
        if let Some(last) = left.iter().position(|one| self.is_whole(*one, field)) {
            // Nothing comes to those behind it.
            left.truncate(last + 1);
        }
        // Those that take nothing at the end change nothing.
        while left.pop_if(|last| !self.takes(*last)).is_some() {}
        let Some(first) = left.first() else {
            return PacketSet::EMPTY;
        };
        if self.is_whole(*first, field) {
            // It is the last one, too, and so it takes what it holds.
            return PacketSet::ALL;
        }
        let field = self.first_asked(field, &left);
        let key = (field, left);
        if let Some(set) = self.known.get(&key) {
            return *set;
        }
        let intervals = self.sweep(field, &key.1);
        let set = self.sets.by_field(field, intervals);
        self.known.insert(key, set);
        set
    }

    /// The first field from here on for which some line asks.
    fn first_asked(&self, from: Field, left: &[u32]) -> Field {
        let asks = |field: &Field| left.iter().any(|one| self.span(*one, *field) != WHOLE);
        let mut fields = Field::ALL.into_iter().filter(|field| *field >= from);
        fields.find(asks).unwrap_or(Field::End)
    }

    /// Goes through the values of a field, with the lines that hold them.
    fn sweep(&mut self, field: Field, left: &[u32]) -> Vec<Interval> {
        let mut edges = Vec::with_capacity(2 * left.len() + 1);
        for one in left {
            let (first, last) = self.span(*one, field);
            edges.push((first, true, *one));
            edges.extend(last.checked_add(1).map(|next| (next, false, *one)));
        }
        edges.sort_unstable();
        let mut holding = BTreeSet::new();
        let mut intervals = Vec::new();
        let mut edges = edges.into_iter().peekable();
        let mut start = 0;
        loop {
            while let Some((_, begins, one)) = edges.next_if(|(at, ..)| *at == start) {
                match begins {
                    true => holding.insert(one),
                    false => holding.remove(&one),
                };
            }
            let next = self.at(field.next(), holding.iter().copied().collect());
            intervals.push(Interval { start, next });
            match edges.peek() {
                Some((at, ..)) => start = *at,
                None => break,
            }
        }
        intervals
    }
}
