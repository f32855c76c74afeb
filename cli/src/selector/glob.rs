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

    /// What stands before the first wildcard.
    fn start(&self) -> &str {
        self.0.split(['*', '?']).next().unwrap_or_default()
    }

    /// Whether it may match some text that begins so, whatever follows.
    pub(crate) fn may_begin_with(&self, prefix: &str) -> bool {
        let start = self.start();
        if self.literal().is_some() {
            start.starts_with(prefix)
        } else {
            start.starts_with(prefix) || prefix.starts_with(start)
        }
    }

    /// Whether only the id of a zone fits, as `apne1-az4`: no name of a zone has `-az` before a digit.
    pub(crate) fn is_zone_id(&self) -> bool {
        self.literal().is_some_and(|zone| zone.contains("-az"))
    }

    /// Whether the id of a zone may fit. Such an id begins with a short form of its Region, which ends
    /// in a digit before the first `-`, where the name of a zone goes on with letters; and it ends in a
    /// digit.
    pub(crate) fn may_be_zone_id(&self) -> bool {
        let is_digit = |letter: char| letter.is_ascii_digit();
        let start = self.start();
        let begins = match start.split_once('-') {
            Some((region, _)) => region.ends_with(is_digit),
            None => true,
        };
        begins
            && self
                .0
                .ends_with(|letter| is_digit(letter) || letter == '*' || letter == '?')
    }

    pub(crate) fn matches(&self, value: &str) -> bool {
        if let Some(literal) = self.literal() {
            return literal == value;
        }
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
    fn an_id_of_a_zone_is_told_from_a_name() {
        for (pattern, may_be, only) in [
            ("apne1-az4", true, true),
            ("ap-northeast-1a", false, false),
            ("ap-northeast-1*", false, false),
            ("apne1*", true, false),
            ("*", true, false),
            ("*a", false, false),
            ("usw2-lax1-az1", true, true),
            ("us-west-2-lax-1a", false, false),
        ] {
            let glob = Glob::new(pattern);
            assert_eq!(
                (glob.may_be_zone_id(), glob.is_zone_id()),
                (may_be, only),
                "{pattern}"
            );
        }
    }

    #[test]
    fn a_pattern_may_match_what_begins_as_it_does() {
        for (pattern, expected) in [
            ("subnet-*", true),
            ("sub*", true),
            ("*", true),
            ("subnet-0?", true),
            ("aws_subnet.*", false),
            ("vpc-*", false),
        ] {
            let found = Glob::new(pattern).may_begin_with("subnet-");
            assert_eq!(found, expected, "{pattern}");
        }
    }

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
