//! Outcomes, each kept once: between millions of pairs there are few different ones.

use std::collections::BTreeMap;

use crate::matrix_answers::Outcome;

/// Stands where there is no pair.
pub(crate) const NOTHING: u32 = u32::MAX;

/// Outcomes by number.
#[derive(Default)]
pub(crate) struct Outcomes {
    numbers: BTreeMap<Outcome, u32>,
    pub(crate) all: Vec<Outcome>,
}

impl Outcomes {
    pub(crate) fn number(&mut self, outcome: Outcome) -> u32 {
        if let Some(number) = self.numbers.get(&outcome) {
            return *number;
        }
        let number = u32::try_from(self.all.len()).unwrap_or(NOTHING);
        self.all.push(outcome.clone());
        self.numbers.insert(outcome, number);
        number
    }
}

/// What the traffic of some senders comes to at several ends.
pub(crate) struct Rows {
    pub(crate) outcomes: Outcomes,
    /// By sender and end, the number of the outcome.
    of: Vec<Vec<u32>>,
    pub(crate) n_walks: u64,
}

impl Rows {
    /// Of so many senders and ends, between which nothing is said yet.
    pub(crate) fn new(n_senders: usize, n_ends: usize) -> Self {
        Self {
            outcomes: Outcomes::default(),
            of: vec![vec![NOTHING; n_ends]; n_senders],
            n_walks: 0,
        }
    }

    pub(crate) fn set(&mut self, sender: usize, end: usize, number: u32) {
        let of = self.of.get_mut(sender).and_then(|row| row.get_mut(end));
        if let Some(of) = of {
            *of = number;
        }
    }

    /// The rows by the numbers of all outcomes.
    pub(crate) fn numbered(self, outcomes: &mut Outcomes) -> Vec<Vec<u32>> {
        let all = self.outcomes.all.into_iter();
        let numbers: Vec<u32> = all.map(|outcome| outcomes.number(outcome)).collect();
        let mut rows = self.of;
        for number in rows.iter_mut().flatten() {
            *number = numbers.get(*number as usize).copied().unwrap_or(NOTHING);
        }
        rows
    }
}
