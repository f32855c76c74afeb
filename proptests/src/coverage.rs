//! Coverage: how often each clause was met, by direction and by what it did. Steps are counted, not
//! lines of code, so the table says whether the *semantics* is exercised.

use std::collections::BTreeMap;

use model::{Clause, Direction, Effect, Hop, Trace};

use crate::plan::Profile;

/// What a step did, without the hole.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Did {
    /// It let the packet on.
    Passed,
    /// It delivered it.
    Delivered,
    /// It dropped it.
    Dropped,
    /// It may do either.
    Undetermined,
}

impl Did {
    /// The four.
    pub const ALL: [Did; 4] = [Did::Passed, Did::Delivered, Did::Dropped, Did::Undetermined];

    const fn of(effect: &Effect) -> Self {
        match effect {
            Effect::Passed => Did::Passed,
            Effect::Delivered => Did::Delivered,
            Effect::Dropped => Did::Dropped,
            Effect::Undetermined(_) => Did::Undetermined,
        }
    }

    const fn letter(self) -> char {
        match self {
            Did::Passed => 'p',
            Did::Delivered => 'd',
            Did::Dropped => 'x',
            Did::Undetermined => 'u',
        }
    }
}

/// A cell of the matrix.
pub type Cell = (Clause, Direction, Did);

/// The matrix: hits by cell and profile.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Coverage {
    cells: BTreeMap<(Cell, Profile), u64>,
}

impl Coverage {
    /// Counts every step of a trace.
    pub fn count(&mut self, profile: Profile, trace: &Trace) {
        let forward = trace.forward.iter().map(|hop| (hop, Direction::Forward));
        let reply = trace.reply.iter().map(|hop| (hop, Direction::Reply));
        for (hop, direction) in forward.chain(reply) {
            self.hit(profile, cell(hop, direction));
        }
    }

    /// Counts one hit.
    pub fn hit(&mut self, profile: Profile, cell: Cell) {
        *self.cells.entry((cell, profile)).or_default() += 1;
    }

    /// Adds another matrix.
    pub fn merge(&mut self, other: Coverage) {
        for (cell, hits) in other.cells {
            *self.cells.entry(cell).or_default() += hits;
        }
    }

    /// The hits of a cell in a profile.
    pub fn hits(&self, cell: Cell, profile: Profile) -> u64 {
        self.cells.get(&(cell, profile)).copied().unwrap_or(0)
    }

    /// The hits of a cell.
    pub fn total(&self, cell: Cell) -> u64 {
        Profile::ALL.iter().map(|profile| self.hits(cell, *profile)).sum()
    }

    /// What is wrong with a matrix: cells that must be met and were met less than `least` times,
    /// or never in some profile, and cells that cannot occur and did.
    pub fn gaps(&self, least: u64) -> Vec<String> {
        let mut gaps = Vec::new();
        for cell in all_cells() {
            let (total, expected) = (self.total(cell), expected(cell));
            let of_profiles = Profile::ALL.map(|profile| self.hits(cell, profile));
            let name = cell_text(cell);
            if expected && total < least {
                gaps.push(format!("{name}: {total} hits, fewer than {least}"));
            } else if expected && of_profiles.contains(&0) {
                gaps.push(format!("{name}: never in one profile {of_profiles:?}"));
            } else if !expected && total > 0 {
                gaps.push(format!("{name}: {total} hits of a cell that cannot occur"));
            }
        }
        gaps
    }

    /// The matrix as a table, one line for each clause that was met.
    pub fn table(&self) -> String {
        let mut table = format!("{:<38}", "clause");
        let columns = || {
            [Direction::Forward, Direction::Reply]
                .into_iter()
                .flat_map(|direction| Did::ALL.map(|did| (direction, did)))
        };
        for (direction, did) in columns() {
            let arrow = match direction {
                Direction::Forward => "->",
                Direction::Reply => "<-",
            };
            table += &format!("{:>8}", format!("{arrow}{}", did.letter()));
        }
        for clause in Clause::ALL {
            let cells: Vec<_> = columns()
                .map(|(direction, did)| (*clause, direction, did))
                .collect();
            if cells.iter().all(|cell| self.total(*cell) == 0 && !expected(*cell)) {
                continue;
            }
            table += &format!("\n{:<38}", clause.name());
            for cell in cells {
                let text = match (self.total(cell), expected(cell)) {
                    (0, false) => "·".to_owned(),
                    (0, true) => "EMPTY".to_owned(),
                    (hits, _) => hits.to_string(),
                };
                table += &format!("{text:>8}");
            }
        }
        table
    }
}

fn cell(hop: &Hop, direction: Direction) -> Cell {
    (hop.clause, direction, Did::of(&hop.effect))
}

fn cell_text((clause, direction, did): Cell) -> String {
    format!("{clause} {direction:?} {did:?}")
}

fn all_cells() -> impl Iterator<Item = Cell> {
    Clause::ALL.iter().flat_map(|clause| {
        [Direction::Forward, Direction::Reply]
            .into_iter()
            .flat_map(move |direction| Did::ALL.map(|did| (*clause, direction, did)))
    })
}

fn expected((clause, direction, did): Cell) -> bool {
    let (forward, reply) = reachable(clause);
    let letters = match direction {
        Direction::Forward => forward,
        Direction::Reply => reply,
    };
    letters.contains(did.letter())
}

/// What a clause can do to a request, and to a reply: `p`ass, `d`eliver, drop (`x`), `u`ndetermined.
const fn reachable(clause: Clause) -> (&'static str, &'static str) {
    let _ = clause;
    ("", "")
}
