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

/// What one sender's traffic comes to at several ends, in order.
#[derive(Default)]
pub(crate) struct Row {
    outcomes: Outcomes,
    of: Vec<u32>,
    pub(crate) n_walks: u64,
}

impl Row {
    pub(crate) fn push(&mut self, outcome: Outcome) -> u32 {
        let number = self.outcomes.number(outcome);
        self.of.push(number);
        number
    }

    /// The outcome of an end before.
    pub(crate) fn push_again(&mut self, number: u32) {
        self.of.push(number);
    }

    pub(crate) fn push_nothing(&mut self) {
        self.of.push(NOTHING);
    }

    /// The same by the numbers of all rows.
    pub(crate) fn numbered(self, outcomes: &mut Outcomes) -> Vec<u32> {
        let all = self.outcomes.all.into_iter();
        let numbers: Vec<u32> = all.map(|outcome| outcomes.number(outcome)).collect();
        let number = |local: u32| numbers.get(local as usize).copied().unwrap_or(NOTHING);
        self.of.into_iter().map(number).collect()
    }
}
