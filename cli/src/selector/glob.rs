//! Globs in values of filters: `*` is any run of characters, `?` any one.

use std::fmt;

/// A pattern for a whole value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Glob(String);

impl Glob {
    pub(crate) fn new(pattern: impl Into<String>) -> Self {
        Self(pattern.into())
    }

    /// The pattern, when it stands for one value only.
    pub(crate) fn literal(&self) -> Option<&str> {
        (!self.0.contains(['*', '?'])).then_some(&self.0)
    }

    pub(crate) fn matches(&self, value: &str) -> bool {
        let value: Vec<char> = value.chars().collect();
        // `reached[i]`: the pattern so far matches the first i characters.
        let mut reached = vec![false; value.len() + 1];
        if let Some(first) = reached.first_mut() {
            *first = true;
        }
        for wanted in self.0.chars() {
            let mut next = vec![false; value.len() + 1];
            let mut run = false;
            for (position, was) in reached.iter().enumerate() {
                run |= was;
                if wanted == '*' {
                    set(&mut next, position, run);
                } else {
                    let fits = value
                        .get(position)
                        .is_some_and(|found| wanted == '?' || wanted == *found);
                    if *was && fits {
                        set(&mut next, position + 1, true);
                    }
                }
            }
            reached = next;
        }
        reached.last().copied().unwrap_or(false)
    }
}

fn set(reached: &mut [bool], position: usize, value: bool) {
    if let Some(slot) = reached.get_mut(position) {
        *slot |= value;
    }
}

impl fmt::Display for Glob {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.contains(char::is_whitespace) {
            write!(formatter, "'{}'", self.0)
        } else {
            formatter.write_str(&self.0)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Glob;

    #[test]
    fn a_star_is_any_run_and_a_question_mark_any_one() {
        for (pattern, value, expected) in [
            ("app", "app", true),
            ("app", "apps", false),
            ("app*", "apps", true),
            ("*", "", true),
            ("?", "", false),
            ("a?p", "app", true),
            ("*-a", "private-a", true),
            ("*a*b*", "xaxbx", true),
            ("*a*b", "xaxbx", false),
        ] {
            assert_eq!(
                Glob::new(pattern).matches(value),
                expected,
                "{pattern} {value}"
            );
        }
    }
}
