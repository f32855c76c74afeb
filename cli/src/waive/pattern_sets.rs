//! Sets of texts that patterns say, and what is left of one without another.

use std::collections::BTreeSet;

use model::Patterns;

use crate::selector::Glob;

/// What one part of a set shares with another one's, and what it has besides.
pub(super) struct Of<T> {
    pub(super) own: Option<T>,
    pub(super) others: Vec<T>,
}

#[derive(Clone, Copy)]
pub(super) enum Letters {
    AsTheyAre,
    OfAnyCase,
}

impl Letters {
    fn fold(self, text: &str) -> String {
        match self {
            Letters::AsTheyAre => text.to_owned(),
            Letters::OfAnyCase => text.to_lowercase(),
        }
    }

    /// Whether a pattern is certain to match all that another one does: each `*` of it takes a piece of the
    /// other, wildcards and all.
    fn is_within(self, inner: &str, outer: &str) -> bool {
        let (inner, outer) = (self.fold(inner), self.fold(outer));
        let is_text = !inner.contains(['*', '?']);
        inner == outer || ((is_text || !outer.contains('?')) && Glob::new(outer).matches(&inner))
    }

    /// Whether no pattern of a set is left by those that it excludes.
    fn is_empty(self, patterns: &Patterns) -> bool {
        let any = ["*".to_owned()];
        let include = if patterns.include.is_empty() {
            any.as_slice()
        } else {
            &patterns.include
        };
        let mut include = include.iter();
        include.all(|one| {
            let mut exclude = patterns.exclude.iter();
            exclude.any(|other| self.is_within(one, other))
        })
    }

    /// Patterns for what those of two lists match; an empty list is everything.
    fn shared(self, one: &[String], other: &[String]) -> Result<Option<Vec<String>>, String> {
        if one.is_empty() || other.is_empty() {
            return Ok(Some([one, other].concat()));
        }
        let mut both = BTreeSet::new();
        for (one, other) in one
            .iter()
            .flat_map(|one| other.iter().map(move |other| (one, other)))
        {
            if self.is_within(other, one) {
                both.insert(other.clone());
            } else if self.is_within(one, other) {
                both.insert(one.clone());
            } else if [one, other].iter().all(|text| text.contains(['*', '?'])) {
                return Err(format!(
                    "`{one}` and `{other}` may share some texts and no pattern says which"
                ));
            }
        }
        Ok((!both.is_empty()).then(|| both.into_iter().collect()))
    }
}

pub(super) fn of_patterns(
    whole: &Patterns,
    by: &Patterns,
    letters: Letters,
) -> Result<Of<Patterns>, String> {
    let some = |patterns: Patterns| (!letters.is_empty(&patterns)).then_some(patterns);
    let with = |include: Vec<String>, more: &[String]| {
        let mut exclude = whole.exclude.clone();
        exclude.extend(
            more.iter()
                .filter(|one| !whole.exclude.contains(one))
                .cloned(),
        );
        Patterns { include, exclude }
    };
    let own = letters.shared(&whole.include, &by.include)?;
    let own = own.and_then(|include| some(with(include, &by.exclude)));
    let mut others = Vec::new();
    if !by.include.is_empty() {
        others.extend(some(with(whole.include.clone(), &by.include)));
    }
    if !by.exclude.is_empty() {
        // What is excluded is beside the rest where it was included.
        let included = letters.shared(&by.include, &by.exclude)?;
        let left = included.map(|included| letters.shared(&whole.include, &included));
        let left = left.transpose()?.flatten();
        others.extend(left.and_then(|include| some(with(include, &[]))));
    }
    Ok(Of { own, others })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_is_within_another_only_where_that_is_certain() {
        let is_within = |inner, outer| Letters::AsTheyAre.is_within(inner, outer);
        assert!(is_within("a*b", "a*"));
        assert!(is_within("a?b", "a*"));
        assert!(is_within("ab", "a?"));
        assert!(is_within("a?", "a?"));
        assert!(!is_within("a*", "a?"));
        assert!(!is_within("a*", "ab*"));
        assert!(Letters::OfAnyCase.is_within("S3:getobject", "s3:Get*"));
    }
}
