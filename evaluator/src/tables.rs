//! What every part of every statement says of each class of requests, written down once.

use model::{PolicyEffect, UnknownReason};

use crate::authorize::CompiledPolicy;
use crate::context::{Key, Path};
use crate::dimensions::{Choice, Dimensions};
use crate::said::Said;
use crate::statement::{Compiled, Match, Part, Voice, taken};
use crate::variable::Taken;

/// How many entries all tables may have.
const ENTRY_BUDGET: usize = 2_000_000;

/// What a part says: it fails, holds, or is open for a reason, by its position.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Entry {
    Fails,
    Holds,
    Open(usize),
}

/// Several policies, written down.
#[derive(Clone, Debug)]
pub(crate) struct Tables {
    pub(crate) policies: Vec<Vec<Row>>,
    pub(crate) sizes: Vec<usize>,
    pub(crate) reasons: Vec<UnknownReason>,
    /// How many more entries there may be.
    budget: usize,
}

/// A statement.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    pub(crate) effect: PolicyEffect,
    pub(crate) parts: Vec<Table>,
}

/// A part: an entry for every combination of classes of its dimensions, the last of which runs
/// fastest.
#[derive(Clone, Debug)]
pub(crate) struct Table {
    pub(crate) dimensions: Vec<usize>,
    entries: Vec<Entry>,
    /// What it says of every class, when that is the same.
    constant: Option<Entry>,
}

impl Tables {
    /// Asks every part once for each class; `Err` names the limit that was reached.
    pub(crate) fn new(
        dimensions: &Dimensions,
        policies: &[&CompiledPolicy],
        path: &Path,
    ) -> Result<Self, &'static str> {
        let mut tables = Self::empty(dimensions);
        for policy in policies {
            let statements = policy.statements.iter();
            let statements = statements.map(|statement| (statement, statement.voice()));
            tables.add(statements, dimensions, path)?;
        }
        Ok(tables)
    }

    /// Without any policy yet.
    pub(crate) fn empty(dimensions: &Dimensions) -> Self {
        Self {
            policies: Vec::new(),
            sizes: dimensions.sizes(),
            reasons: Vec::new(),
            budget: ENTRY_BUDGET,
        }
    }

    /// Adds the statements of a policy by what they are asked; its position.
    pub(crate) fn add<'a>(
        &mut self,
        statements: impl Iterator<Item = (&'a Compiled, Voice)>,
        dimensions: &Dimensions,
        path: &Path,
    ) -> Result<usize, &'static str> {
        let mut rows = Vec::new();
        for (statement, voice) in statements {
            let mut parts = Vec::new();
            for part in statement.parts(voice) {
                parts.push(self.table(part, dimensions, path)?);
            }
            let effect = statement.effect;
            rows.push(Row { effect, parts });
        }
        self.policies.push(rows);
        Ok(self.policies.len() - 1)
    }

    fn table(
        &mut self,
        part: Part<'_>,
        dimensions: &Dimensions,
        path: &Path,
    ) -> Result<Table, &'static str> {
        let own = dimensions.of(part);
        let sizes = own
            .iter()
            .map(|one| self.sizes.get(*one).copied().unwrap_or(0));
        let count = sizes.fold(1_usize, usize::saturating_mul);
        self.budget = self
            .budget
            .checked_sub(count)
            .ok_or("classes of requests")?;
        let mut choice: Choice = vec![None; self.sizes.len()];
        let mut entries = Vec::with_capacity(count);
        for number in 0..count {
            let mut rest = number;
            for dimension in own.iter().rev() {
                let size = self.sizes.get(*dimension).copied().unwrap_or(1);
                if let Some(chosen) = choice.get_mut(*dimension) {
                    *chosen = Some(rest % size);
                }
                rest /= size;
            }
            entries.push(self.entry(part, dimensions, path, &choice));
        }
        let first = entries.first().copied();
        let constant = first.filter(|first| entries.iter().all(|other| other == first));
        Ok(Table {
            dimensions: own,
            entries,
            constant,
        })
    }

    fn entry(
        &mut self,
        part: Part<'_>,
        dimensions: &Dimensions,
        path: &Path,
        choice: &[Option<usize>],
    ) -> Entry {
        // Without any request there is nothing to say.
        let Some(request) = dimensions.request(choice) else {
            return Entry::Fails;
        };
        // A variable is read where all requests of the classes have one text for it.
        let take = |key: &Key| match taken(key, &request, path) {
            Taken::Text(text)
                if !dimensions.known.has(key, &text) || !dimensions.is_told(key, choice) =>
            {
                Taken::Open
            }
            taken @ (Taken::Text(_) | Taken::Absent | Taken::Open) => taken,
        };
        let uncertain = match part {
            Part::Condition(condition) if !dimensions.is_certain(condition, choice) => {
                let limit = format!("operators of several types in {}", condition.hole());
                Some(UnknownReason::OutOfBudget(limit))
            }
            Part::Condition(_)
            | Part::Action(_)
            | Part::Principal(..)
            | Part::Grant(..)
            | Part::Resource(_)
            | Part::Control => None,
        };
        match (uncertain, part.matches(&request, path, &take)) {
            (Some(reason), _) => Entry::Open(self.reason(reason)),
            (None, Match::Fails) => Entry::Fails,
            (None, Match::Holds) => Entry::Holds,
            (None, Match::Open(hole)) => Entry::Open(self.reason(UnknownReason::DependsOn(hole))),
        }
    }

    fn reason(&mut self, reason: UnknownReason) -> usize {
        let known = self.reasons.iter().position(|one| *one == reason);
        known.unwrap_or_else(|| {
            self.reasons.push(reason);
            self.reasons.len() - 1
        })
    }
}

impl Row {
    /// What the statement says of the requests of a choice; open for a reason by its position.
    pub(crate) fn said(&self, sizes: &[usize], choice: &[Option<usize>]) -> Said<usize> {
        let mut said = Said::Holds;
        for part in &self.parts {
            match (part.settled(sizes, choice), &said) {
                (Some(Entry::Fails), _) => return Said::Fails,
                (None, _) => said = Said::Undecided,
                (Some(Entry::Open(reason)), Said::Holds) => said = Said::Open(reason),
                (Some(Entry::Open(_) | Entry::Holds), _) => {}
            }
        }
        said
    }

    /// The first dimension that it still asks for.
    pub(crate) fn asks_for(&self, sizes: &[usize], choice: &[Option<usize>]) -> Option<usize> {
        let parts = self.parts.iter();
        let unsettled = parts.filter(|part| part.settled(sizes, choice).is_none());
        let dimensions = unsettled.flat_map(|part| part.dimensions.iter().copied());
        dimensions
            .filter(|one| choice.get(*one).copied().flatten().is_none())
            .min()
    }
}

impl Table {
    /// The entries that a choice leaves, in their order.
    pub(crate) fn left<'a>(
        &'a self,
        sizes: &'a [usize],
        choice: &'a [Option<usize>],
    ) -> impl Iterator<Item = Entry> + 'a {
        let mut starts = vec![0_usize];
        for dimension in &self.dimensions {
            let size = sizes.get(*dimension).copied().unwrap_or(1);
            let chosen = choice.get(*dimension).copied().flatten();
            let classes = chosen.map_or(0..size, |chosen| chosen..chosen + 1);
            let next = starts.iter();
            let next =
                next.flat_map(|start| classes.clone().map(move |class| start * size + class));
            starts = next.collect();
        }
        let entries = starts.into_iter();
        entries.filter_map(|position| self.entries.get(position).copied())
    }

    /// What it says, when a choice settles that.
    pub(crate) fn settled(&self, sizes: &[usize], choice: &[Option<usize>]) -> Option<Entry> {
        let chosen = |dimension: &usize| choice.get(*dimension).copied().flatten();
        if self.constant.is_some() || self.dimensions.iter().all(|one| chosen(one).is_none()) {
            return self.constant;
        }
        let mut left = self.left(sizes, choice);
        let first = left.next()?;
        left.all(|other| other == first).then_some(first)
    }
}
