//! Cells of equal content put together, so that what is told stays short.

use std::collections::BTreeMap;

use super::Told;

/// Cells between some rows and some columns, all of one content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Part<C> {
    pub(crate) rows: Vec<usize>,
    pub(crate) columns: Vec<usize>,
    pub(crate) content: C,
}

/// Puts rows together that say the same wherever both say something, and in each of these the columns
/// of equal content. Parts of the same rows stand together, in the order of their first columns.
pub(crate) fn parts<C: Ord + Clone>(
    n_rows: usize,
    n_columns: usize,
    content: impl Fn(usize, usize) -> Option<C>,
) -> Vec<Part<C>> {
    let mut merged: Vec<(Vec<usize>, Vec<Option<C>>)> = Vec::new();
    for row in 0..n_rows {
        let cells: Vec<Option<C>> = (0..n_columns).map(|column| content(row, column)).collect();
        let fits = |said: &[Option<C>]| {
            let mut both = said.iter().zip(&cells);
            both.all(|(one, other)| one.is_none() || other.is_none() || one == other)
        };
        match merged.iter_mut().find(|(_, said)| fits(said)) {
            Some((rows, said)) => {
                rows.push(row);
                for (one, other) in said.iter_mut().zip(cells) {
                    if one.is_none() {
                        *one = other;
                    }
                }
            }
            None => merged.push((vec![row], cells)),
        }
    }
    let mut parts = Vec::new();
    for (rows, cells) in merged {
        let mut by_content: BTreeMap<C, Vec<usize>> = BTreeMap::new();
        for (column, content) in cells.into_iter().enumerate() {
            if let Some(content) = content {
                by_content.entry(content).or_default().push(column);
            }
        }
        let mut own: Vec<_> = by_content.into_iter().collect();
        own.sort_by_key(|(_, columns)| columns.first().copied());
        parts.extend(own.into_iter().map(|(content, columns)| Part {
            rows: rows.clone(),
            columns,
            content,
        }));
    }
    parts
}

impl<C> Part<C> {
    /// Its cells.
    pub(crate) fn cells(&self) -> impl Iterator<Item = (usize, usize)> {
        let rows = self.rows.iter();
        rows.flat_map(|row| self.columns.iter().map(|column| (*row, *column)))
    }
}

impl Told {
    /// The parts of the matrix by what is told.
    pub(crate) fn parts(&self) -> Vec<Part<usize>> {
        let (rows, columns) = (self.ends.rows.len(), self.ends.columns.len());
        parts(rows, columns, |row, column| self.traffic(row, column))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_put_together_that_say_the_same_wherever_both_say_something() {
        let cells = [
            [None, Some(1), Some(2)],
            [Some(1), None, Some(2)],
            [Some(1), Some(1), Some(3)],
        ];
        let parts = parts(3, 3, |row, column| cells[row][column]);
        let shown: Vec<_> = parts
            .iter()
            .map(|part| (part.rows.clone(), part.columns.clone(), part.content))
            .collect();
        let expected = [
            (vec![0, 1], vec![0, 1], 1),
            (vec![0, 1], vec![2], 2),
            (vec![2], vec![0, 1], 1),
            (vec![2], vec![2], 3),
        ];
        assert_eq!(shown, expected);
    }
}
