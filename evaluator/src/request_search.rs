//! A search through all classes of requests, which chooses a class in one dimension after the
//! other, and no further than statements are undecided.

use std::collections::HashSet;

use model::PolicyEffect;

use crate::dimensions::Choice;
use crate::said::Said;
use crate::tables::{Entry, Row, Table, Tables};

/// How many statements one search may look at: a few seconds of work.
pub(crate) const STATEMENT_BUDGET: usize = 20_000_000;

/// What a policy says of the requests of a choice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Judged {
    Permitted,
    Denied,
    /// For the reason at that position.
    Open(usize),
    /// A further choice decides.
    Undecided,
}

/// What to do with a choice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Next {
    /// Nothing more is to be known of its requests.
    Done,
    /// Choose further for the policy at that position.
    Choose(usize),
    /// All has been found.
    Stop,
}

/// How far a policy is decided.
#[derive(Clone, Debug, Default)]
struct Progress {
    denied: bool,
    allowed: bool,
    open_deny: Option<usize>,
    open_allow: Option<usize>,
    /// Positions of statements.
    undecided: Vec<usize>,
}

/// The search.
pub(crate) struct Search<'a, V> {
    tables: &'a Tables,
    visit: V,
    /// Statements looked at.
    looked_at: usize,
}

impl<'a, V: FnMut(&[Judged], &[Option<usize>]) -> Next> Search<'a, V> {
    /// Shows every choice to `visit`, with what each policy says; `Err` names the limit that was
    /// reached.
    pub(crate) fn run(tables: &'a Tables, visit: V) -> Result<(), &'static str> {
        if tables.sizes.contains(&0) {
            return Ok(());
        }
        let mut search = Self {
            tables,
            visit,
            looked_at: 0,
        };
        let mut choice: Choice = vec![None; tables.sizes.len()];
        let all = tables.policies.iter().map(|rows| Progress {
            undecided: (0..rows.len()).collect(),
            ..Progress::default()
        });
        let all: Vec<Progress> = all.collect();
        search.choose(&mut choice, &all)?;
        Ok(())
    }

    /// Whether all has been found.
    fn choose(&mut self, choice: &mut Choice, before: &[Progress]) -> Result<bool, &'static str> {
        self.look(before)?;
        let policies = self.tables.policies.iter().zip(before);
        let progress = policies.map(|(rows, before)| self.proceed(rows, before, choice));
        let progress: Vec<Progress> = progress.collect();
        let policies = self.tables.policies.iter().zip(&progress);
        let judged: Vec<Judged> = policies.map(|(rows, one)| one.judged(rows)).collect();
        let policy = match (self.visit)(&judged, choice) {
            Next::Done => return Ok(false),
            Next::Stop => return Ok(true),
            Next::Choose(policy) => policy,
        };
        let Some(dimension) = self.dimension(policy, &progress, choice) else {
            return Ok(false);
        };
        let mut seen = HashSet::new();
        for class in 0..self.tables.sizes.get(dimension).copied().unwrap_or(0) {
            self.look(&progress)?;
            set(choice, dimension, Some(class));
            // Classes of which everything undecided says the same are alike.
            if seen.insert(self.sight(dimension, &progress, choice))
                && self.choose(choice, &progress)?
            {
                return Ok(true);
            }
        }
        set(choice, dimension, None);
        Ok(false)
    }

    /// Counts a look at every statement that is undecided.
    fn look(&mut self, progress: &[Progress]) -> Result<(), &'static str> {
        let undecided = progress.iter().map(|one| one.undecided.len());
        self.looked_at += undecided.sum::<usize>() + 1;
        if self.looked_at > STATEMENT_BUDGET {
            return Err("classes of requests");
        }
        Ok(())
    }

    fn proceed(&self, rows: &[Row], before: &Progress, choice: &[Option<usize>]) -> Progress {
        let mut progress = Progress {
            undecided: Vec::new(),
            ..before.clone()
        };
        for position in &before.undecided {
            let Some(row) = rows.get(*position) else {
                continue;
            };
            match (row.effect, row.said(&self.tables.sizes, choice)) {
                (_, Said::Fails) => {}
                (_, Said::Undecided) => progress.undecided.push(*position),
                (PolicyEffect::Deny, Said::Holds) => progress.denied = true,
                (PolicyEffect::Allow, Said::Holds) => progress.allowed = true,
                (PolicyEffect::Deny, Said::Open(reason)) => {
                    progress.open_deny.get_or_insert(reason);
                }
                (PolicyEffect::Allow, Said::Open(reason)) => {
                    progress.open_allow.get_or_insert(reason);
                }
            }
        }
        progress
    }

    /// The first dimension that the first undecided statement asks for.
    fn dimension(
        &self,
        policy: usize,
        progress: &[Progress],
        choice: &[Option<usize>],
    ) -> Option<usize> {
        let rows = self.tables.policies.get(policy)?;
        let progress = progress.get(policy)?;
        // Once something allows, only a Deny has a say; and no Deny has before.
        let effect = if progress.allowed {
            PolicyEffect::Deny
        } else {
            PolicyEffect::Allow
        };
        let undecided = progress.undecided.iter().filter_map(|one| rows.get(*one));
        let first = |effect| undecided.clone().find(|row| row.effect == effect);
        let row = first(effect).or_else(|| undecided.clone().next())?;
        row.asks_for(&self.tables.sizes, choice)
    }

    /// What everything undecided says of the class chosen in a dimension.
    fn sight(
        &self,
        dimension: usize,
        progress: &[Progress],
        choice: &[Option<usize>],
    ) -> Vec<Entry> {
        let mut sight = Vec::new();
        for (rows, progress) in self.tables.policies.iter().zip(progress) {
            let rows = progress.undecided.iter().filter_map(|one| rows.get(*one));
            for row in rows {
                let depends = |part: &&Table| part.dimensions.contains(&dimension);
                for part in row.parts.iter().filter(depends) {
                    sight.extend(part.left(&self.tables.sizes, choice));
                }
            }
        }
        sight
    }
}

pub(crate) fn set(choice: &mut Choice, dimension: usize, class: Option<usize>) {
    if let Some(chosen) = choice.get_mut(dimension) {
        *chosen = class;
    }
}

impl Progress {
    /// The steps of `policy.md`, as far as undecided statements cannot change them.
    fn judged(&self, rows: &[Row]) -> Judged {
        let undecided = |effect: PolicyEffect| {
            let mut undecided = self.undecided.iter().filter_map(|one| rows.get(*one));
            undecided.any(|row| row.effect == effect)
        };
        if self.denied {
            return Judged::Denied;
        }
        let allows = self.allowed || self.open_allow.is_some();
        let allow_undecided = undecided(PolicyEffect::Allow);
        if !allows && !allow_undecided {
            return Judged::Denied;
        }
        if undecided(PolicyEffect::Deny) || !allows {
            return Judged::Undecided;
        }
        match (self.open_deny, self.allowed, self.open_allow) {
            (Some(reason), _, _) => Judged::Open(reason),
            (None, true, _) => Judged::Permitted,
            (None, false, Some(_)) if allow_undecided => Judged::Undecided,
            (None, false, Some(reason)) => Judged::Open(reason),
            (None, false, None) => Judged::Undecided,
        }
    }
}
