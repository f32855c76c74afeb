//! Wildcard patterns: which of many patterns one string can match at once.
//!
//! A string is read character by character through all patterns together; what can still be matched is a set of
//! positions. Looking at every set that some string reaches finds each combination of matches that any string has,
//! with the shortest string that has it.

use std::collections::{BTreeMap, BTreeSet, HashSet};

/// A part of a pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Token {
    /// This character.
    Exactly(char),
    /// Any character, but a colon only when colons count as characters.
    One { colon: bool },
    /// Any run of those.
    Run { colon: bool },
}

/// A pattern with `*` and `?`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Pattern(Vec<Token>);

impl Pattern {
    /// `*` is any run of characters and `?` any one.
    pub(crate) fn plain(text: &str) -> Self {
        let token = |character| match character {
            '*' => Token::Run { colon: true },
            '?' => Token::One { colon: true },
            other => Token::Exactly(other),
        };
        Pattern(text.chars().map(token).collect())
    }

    /// The same without regard to case; the strings compared with it are in lower case.
    pub(crate) fn any_case(text: &str) -> Self {
        Self::plain(&text.to_lowercase())
    }

    /// A pattern of a policy's resource element: only a `*` at the end of a segment passes colons.
    pub(crate) fn resource(text: &str) -> Self {
        let mut tokens = Vec::new();
        let mut characters = text.chars().peekable();
        while let Some(character) = characters.next() {
            let ends_segment = characters.peek().is_none_or(|next| *next == ':');
            tokens.push(match character {
                '*' => Token::Run {
                    colon: ends_segment,
                },
                '?' => Token::One { colon: false },
                other => Token::Exactly(other),
            });
        }
        Pattern(tokens)
    }

    /// Whether a whole string matches.
    pub(crate) fn matches(&self, text: &str) -> bool {
        let patterns = std::slice::from_ref(self);
        let mut state = State::start(patterns);
        for character in text.chars() {
            state = state.after(patterns, character);
        }
        state.accepts(patterns).first() == Some(&true)
    }

    /// The pattern as a string, when it has no wildcard.
    fn literal(&self) -> Option<String> {
        let literal = self.0.iter().map(|token| match token {
            Token::Exactly(character) => Some(*character),
            Token::One { .. } | Token::Run { .. } => None,
        });
        literal.collect()
    }
}

/// The positions that a string has come to in each pattern, in ascending order.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct State(Vec<(usize, usize)>);

impl State {
    fn start(patterns: &[Pattern]) -> Self {
        let starts = (0..patterns.len()).map(|pattern| (pattern, 0));
        Self::closed(patterns, starts)
    }

    /// A run may also be empty.
    fn closed(patterns: &[Pattern], places: impl Iterator<Item = (usize, usize)>) -> Self {
        let mut closed = BTreeSet::new();
        for (pattern, position) in places {
            let mut position = position;
            while closed.insert((pattern, position)) {
                match token(patterns, pattern, position) {
                    Some(Token::Run { .. }) => position = position.saturating_add(1),
                    Some(Token::Exactly(_) | Token::One { .. }) | None => break,
                }
            }
        }
        State(closed.into_iter().collect())
    }

    fn after(&self, patterns: &[Pattern], character: char) -> Self {
        let next = self.0.iter().filter_map(|(pattern, position)| {
            let passes = |colon: bool| colon || character != ':';
            let position = match token(patterns, *pattern, *position)? {
                Token::Exactly(expected) => {
                    (expected == character).then(|| position.saturating_add(1))
                }
                Token::One { colon } => passes(colon).then(|| position.saturating_add(1)),
                Token::Run { colon } => passes(colon).then_some(*position),
            };
            Some((*pattern, position?))
        });
        Self::closed(patterns, next)
    }

    /// For each pattern, whether the string read so far matches it.
    fn accepts(&self, patterns: &[Pattern]) -> Vec<bool> {
        let at_end =
            |(number, pattern): (usize, &Pattern)| self.0.contains(&(number, pattern.0.len()));
        patterns.iter().enumerate().map(at_end).collect()
    }

    /// The characters that some pattern waits for; all others but the colon are alike.
    fn awaited(&self, patterns: &[Pattern]) -> BTreeSet<char> {
        let awaited = self.0.iter().filter_map(|(pattern, position)| {
            match token(patterns, *pattern, *position)? {
                Token::Exactly(character) => Some(character),
                Token::One { .. } | Token::Run { .. } => None,
            }
        });
        awaited.collect()
    }

    fn alive(&self, wanted: &std::ops::Range<usize>) -> bool {
        self.0.iter().any(|(pattern, _)| wanted.contains(pattern))
    }
}

fn token(patterns: &[Pattern], pattern: usize, position: usize) -> Option<Token> {
    patterns.get(pattern)?.0.get(position).copied()
}

/// A set of strings: those that match an include, or all without one, and no exclude.
pub(crate) struct Strings<'a> {
    pub(crate) include: &'a [Pattern],
    pub(crate) exclude: &'a [Pattern],
    /// What a string that is shown to a person should match when there is a choice.
    pub(crate) readable: Pattern,
}

/// A combination of matches that strings of the set have, with one of them.
pub(crate) type Combinations = BTreeMap<Vec<bool>, String>;

/// The number of states is limited, and was not enough.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TooManyStates;

/// Every combination of matches with `asked` that a string of the set has.
pub(crate) fn combinations(
    strings: &Strings<'_>,
    asked: &[Pattern],
    most_states: usize,
) -> Result<Combinations, TooManyStates> {
    let readable = std::slice::from_ref(&strings.readable);
    let all = [strings.include, strings.exclude, readable, asked].concat();
    let included = 0..strings.include.len();
    let excluded = included.end..included.end.saturating_add(strings.exclude.len());
    let other = other_character(&all);

    let mut found: BTreeMap<Vec<bool>, (bool, String)> = BTreeMap::new();
    let start = State::start(&all);
    let mut seen = HashSet::from([start.clone()]);
    let mut level = vec![(start, String::new())];
    while !level.is_empty() {
        let mut next = Vec::new();
        for (state, text) in level {
            let accepts = state.accepts(&all);
            let of = |range: &std::ops::Range<usize>| {
                accepts
                    .get(range.clone())
                    .is_some_and(|accepts| accepts.contains(&true))
            };
            if (included.is_empty() || of(&included)) && !of(&excluded) {
                let is_readable = accepts.get(excluded.end) == Some(&true);
                let asked = accepts.get(excluded.end.saturating_add(1)..);
                let known = found.entry(asked.unwrap_or_default().to_vec());
                let known = known.or_insert_with(|| (is_readable, text.clone()));
                if is_readable && !known.0 {
                    *known = (true, text.clone());
                }
            }
            let characters = state.awaited(&all).into_iter().chain([':', other]);
            for character in characters.collect::<BTreeSet<_>>() {
                let after = state.after(&all, character);
                let hopeless = !included.is_empty() && !after.alive(&included);
                if !hopeless && seen.insert(after.clone()) {
                    let mut text = text.clone();
                    text.push(character);
                    next.push((after, text));
                }
            }
            if seen.len() > most_states {
                return Err(TooManyStates);
            }
        }
        level = next;
    }
    Ok(found
        .into_iter()
        .map(|(accepts, (_, text))| (accepts, text))
        .collect())
}

/// A character that no pattern names.
fn other_character(patterns: &[Pattern]) -> char {
    let named: HashSet<char> = patterns
        .iter()
        .flat_map(|pattern| &pattern.0)
        .filter_map(|token| match token {
            Token::Exactly(character) => Some(*character),
            Token::One { .. } | Token::Run { .. } => None,
        })
        .collect();
    let mut candidates = ('x'..='z').chain('a'..='w').chain('\u{e000}'..='\u{f8ff}');
    candidates
        .find(|character| !named.contains(character))
        .unwrap_or('\u{f0000}')
}

/// The spelling that some pattern has for a string in lower case.
pub(crate) fn spelled(text: &str, patterns: &[String]) -> String {
    let same = |pattern: &&String| Pattern::any_case(pattern).literal().as_deref() == Some(text);
    patterns
        .iter()
        .find(same)
        .map_or_else(|| text.to_owned(), Clone::clone)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_at_the_end_of_a_segment_passes_colons_and_no_other_does() {
        for (pattern, text, matches) in [
            ("arn:*", "arn:aws:s3:::b", true),
            ("arn:*:s3", "arn:aws:x:s3", true),
            ("arn:a*s:s3", "arn:a:s:s3", false),
            ("arn:a*s:s3", "arn:aws:s3", true),
            ("a?c", "a:c", false),
            ("a?c", "abc", true),
            ("*", "", true),
            ("*", "a:b", true),
        ] {
            assert_eq!(
                Pattern::resource(pattern).matches(text),
                matches,
                "{pattern} {text}"
            );
        }
    }

    #[test]
    fn every_combination_is_found_and_no_other() {
        let asked = [Pattern::plain("s3:get*"), Pattern::plain("s3:*object")];
        let strings = Strings {
            include: &[Pattern::plain("s3:*")],
            exclude: &[],
            readable: Pattern::plain("*"),
        };
        let found = combinations(&strings, &asked, 10_000).expect("few states");
        assert_eq!(found.len(), 4);
        for (accepts, text) in found {
            for (pattern, accepts) in asked.iter().zip(accepts) {
                assert_eq!(pattern.matches(&text), accepts, "{text}");
            }
        }
    }

    #[test]
    fn the_limit_is_an_answer_of_its_own() {
        let asked = [Pattern::plain("*a*b*c*"), Pattern::plain("*b*a*d*")];
        let strings = Strings {
            include: &[],
            exclude: &[],
            readable: Pattern::plain("*"),
        };
        assert_eq!(combinations(&strings, &asked, 3), Err(TooManyStates));
    }
}
