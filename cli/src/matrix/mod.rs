//! Who reaches whom, on what: interfaces in groups that the user names, and the outside.

pub(crate) mod ends;
pub(crate) mod parts;

use evaluator::{Matrix, MatrixCell, MatrixTraffic};

use ends::Ends;

/// The matrix of a network.
pub(crate) struct Told {
    pub(crate) ends: Ends,
    pub(crate) matrix: Matrix,
}

impl Told {
    /// What is told between a row and a column; nothing where there is nobody, or nothing was asked.
    pub(crate) fn traffic(&self, row: usize, column: usize) -> Option<usize> {
        match self.cell(row, column) {
            Some(MatrixCell::Asked { traffic, .. }) => Some(traffic),
            Some(MatrixCell::NotAsked | MatrixCell::Nobody) | None => None,
        }
    }

    pub(crate) fn cell(&self, row: usize, column: usize) -> Option<MatrixCell> {
        self.matrix.rows.get(row)?.get(column).copied()
    }

    /// How many pairs there are, and how many of them are connected.
    pub(crate) fn counts(&self, cells: impl IntoIterator<Item = (usize, usize)>) -> (u64, u64) {
        let mut counts = (0, 0);
        for (row, column) in cells {
            if let Some(MatrixCell::Asked {
                pairs, connected, ..
            }) = self.cell(row, column)
            {
                counts.0 += pairs;
                counts.1 += connected;
            }
        }
        counts
    }

    /// Every cell.
    pub(crate) fn cells(&self) -> impl Iterator<Item = (usize, usize)> {
        let columns = 0..self.ends.columns.len();
        let rows = 0..self.ends.rows.len();
        rows.flat_map(move |row| columns.clone().map(move |column| (row, column)))
    }

    /// Whether anything is undetermined.
    pub(crate) fn is_open(&self) -> bool {
        self.matrix.traffics.iter().any(is_open)
    }
}

/// Whether something of it depends on what is not known.
pub(crate) fn is_open(traffic: &MatrixTraffic) -> bool {
    let mut families = traffic.families.values();
    families.any(|of| !of.undetermined.is_empty())
}

/// Whether nothing arrives for certain.
pub(crate) fn is_closed(traffic: &MatrixTraffic) -> bool {
    let mut families = traffic.families.values();
    families.all(|of| of.some.is_empty() && of.unanswered.is_empty() && of.undetermined.is_empty())
}
