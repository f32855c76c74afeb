//! The nearest known name to a misspelt one.

/// The candidate with the fewest edits from `name`, if few enough to be meant.
pub(crate) fn nearest<'a>(
    name: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    let allowed = 1 + name.chars().count() / 4;
    candidates
        .into_iter()
        .map(|candidate| (edits(name, candidate), candidate))
        .filter(|(edits, _)| *edits <= allowed)
        .min()
        .map(|(_, candidate)| candidate)
}

/// `did you mean …`, or what there is, or nothing when there is nothing.
pub(crate) fn suggest<'a>(
    name: &str,
    candidates: impl IntoIterator<Item = &'a str>,
    what: &str,
) -> Option<String> {
    const MOST: usize = 16;
    let candidates: Vec<&str> = candidates.into_iter().collect();
    if let Some(found) = nearest(name, candidates.iter().copied()) {
        return Some(format!("did you mean `{found}`?"));
    }
    match candidates.len() {
        0 => Some(format!("there are no {what}")),
        1..=MOST => {
            let list: Vec<String> = candidates.iter().map(|one| format!("`{one}`")).collect();
            Some(format!("the {what} are {}", list.join(", ")))
        }
        _ => None,
    }
}

/// How many letters to put in, take out, replace or swap with their neighbour.
fn edits(one: &str, other: &str) -> usize {
    let one: Vec<char> = one.chars().collect();
    let other: Vec<char> = other.chars().collect();
    let mut rows: Vec<Vec<usize>> = vec![(0..=other.len()).collect()];
    let at = |rows: &[Vec<usize>], row: usize, column: usize| -> usize {
        let found = rows.get(row).and_then(|row| row.get(column));
        found.copied().unwrap_or(usize::MAX)
    };
    for (row, left) in one.iter().enumerate() {
        let mut next = vec![row + 1];
        for (column, right) in other.iter().enumerate() {
            let replaced = at(&rows, row, column) + usize::from(left != right);
            let taken_out = at(&rows, row, column + 1) + 1;
            let put_in = next.last().map_or(usize::MAX, |before| before + 1);
            let mut least = replaced.min(taken_out).min(put_in);
            let before = |letters: &[char], index: usize| {
                index
                    .checked_sub(1)
                    .and_then(|index| letters.get(index))
                    .copied()
            };
            let swapped =
                before(&one, row) == Some(*right) && before(&other, column) == Some(*left);
            if swapped && row > 0 && column > 0 {
                least = least.min(at(&rows, row - 1, column - 1) + 1);
            }
            next.push(least);
        }
        rows.push(next);
    }
    at(&rows, one.len(), other.len())
}

#[cfg(test)]
mod tests {
    use super::{edits, nearest};

    #[test]
    fn the_nearest_name_is_within_few_edits() {
        assert_eq!(edits("tier", "teir"), 1);
        assert_eq!(edits("kitten", "sitting"), 3);
        assert_eq!(nearest("vai", ["name", "via"]), Some("via"));
        assert_eq!(nearest("teir", ["class", "tier"]), Some("tier"));
        assert_eq!(nearest("banana", ["class", "tier"]), None);
    }
}
