//! Wildcard patterns: which of many patterns one string can match at once.
//!
//! A string is read character by character through all patterns together; what can still be matched is a set of
//! positions. Looking at every set that some string reaches finds each combination of matches that any string has,
//! with the shortest string that has it.

use std::collections::{BTreeMap, BTreeSet};

use crate::hashed::{HashMap, HashSet};

/// A part of a pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Token {
    /// This character.
    Exactly(char),
    /// This character, which is in lower case, in either case.
    AnyCase(char),
    /// A digit.
    Digit,
    /// Any character but this one.
    One { not: Option<char> },
    /// Any run of those.
    Run { not: Option<char> },
}

impl Token {
    /// Any character, or any run.
    pub(crate) const ANY: Token = Token::Run { not: None };
    /// A run within one part of an ARN.
    pub(crate) const PART: Token = Token::Run { not: Some(':') };

    /// Whether a character may be this, or the next of this.
    fn takes(self, character: char) -> bool {
        match self {
            Token::Exactly(expected) => expected == character,
            Token::AnyCase(expected) => {
                expected == character || character.to_ascii_lowercase() == expected
            }
            Token::Digit => character.is_ascii_digit(),
            Token::One { not } | Token::Run { not } => not != Some(character),
        }
    }

    /// Whether some character may be both.
    fn meets(self, other: Token) -> bool {
        let takes = |character: char| self.takes(character) && other.takes(character);
        let few = |token: Token| match token {
            Token::Exactly(one) | Token::AnyCase(one) => Some(one..=one),
            Token::Digit => Some('0'..='9'),
            Token::One { .. } | Token::Run { .. } => None,
        };
        let upper = |token: Token| match token {
            Token::AnyCase(one) => Some(one.to_ascii_uppercase()),
            Token::Exactly(_) | Token::Digit | Token::One { .. } | Token::Run { .. } => None,
        };
        match few(self).or_else(|| few(other)) {
            Some(mut few) => few.any(takes) || upper(self).or(upper(other)).is_some_and(takes),
            None => true,
        }
    }

    const fn is_run(self) -> bool {
        match self {
            Token::Run { .. } => true,
            Token::Exactly(_) | Token::AnyCase(_) | Token::Digit | Token::One { .. } => false,
        }
    }
}

/// A pattern with `*` and `?`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Pattern(Vec<Token>);

impl Pattern {
    pub(crate) const fn new(tokens: Vec<Token>) -> Self {
        Pattern(tokens)
    }

    pub(crate) fn tokens(&self) -> &[Token] {
        &self.0
    }

    /// `*` is any run of characters and `?` any one.
    pub(crate) fn plain(text: &str) -> Self {
        let token = |character| match character {
            '*' => Token::ANY,
            '?' => Token::One { not: None },
            other => Token::Exactly(other),
        };
        Pattern(text.chars().map(token).collect())
    }

    /// The string itself.
    pub(crate) fn exactly(text: &str) -> Self {
        Pattern(text.chars().map(Token::Exactly).collect())
    }

    /// The same without regard to case; the strings compared with it are in lower case.
    pub(crate) fn any_case(text: &str) -> Self {
        Self::plain(&text.to_ascii_lowercase())
    }

    /// A pattern of a policy's resource element: only a `*` at the end of a segment passes colons.
    pub(crate) fn resource(text: &str) -> Self {
        let mut tokens = Vec::new();
        let mut characters = text.chars().peekable();
        while let Some(character) = characters.next() {
            let ends_segment = characters.peek().is_none_or(|next| *next == ':');
            tokens.push(resource_token(character, ends_segment));
        }
        Pattern(tokens)
    }

    /// Whether a whole string matches.
    ///
    /// What stands before a run is matched as early as it can be, so after a mismatch only the last run is made
    /// longer; where that one may not be, the last run that may be anything is.
    pub(crate) fn matches(&self, text: &str) -> bool {
        let mut rest = text.chars();
        let mut position = 0_usize;
        // Where to go on when a run takes one more: the run, and what is left behind it.
        let mut last_part: Option<(usize, std::str::Chars<'_>)> = None;
        let mut last_any: Option<(usize, std::str::Chars<'_>)> = None;
        loop {
            match self.0.get(position) {
                Some(token) if token.is_run() => {
                    let here = Some((position, rest.clone()));
                    if *token == Token::ANY {
                        (last_any, last_part) = (here, None);
                    } else {
                        last_part = here;
                    }
                    position += 1;
                    continue;
                }
                Some(token) => {
                    let mut ahead = rest.clone();
                    if ahead.next().is_some_and(|character| token.takes(character)) {
                        rest = ahead;
                        position += 1;
                        continue;
                    }
                }
                None if rest.as_str().is_empty() => return true,
                None => {}
            }
            let Some((run, behind)) = self.longer(&mut last_part, &mut last_any) else {
                return false;
            };
            (position, rest) = (run + 1, behind);
        }
    }

    /// Makes one of the runs longer by a character.
    fn longer<'a>(
        &self,
        last_part: &mut Option<(usize, std::str::Chars<'a>)>,
        last_any: &mut Option<(usize, std::str::Chars<'a>)>,
    ) -> Option<(usize, std::str::Chars<'a>)> {
        for last in [last_part, last_any] {
            if let Some((run, behind)) = last {
                let token = self.0.get(*run)?;
                if behind
                    .next()
                    .is_some_and(|character| token.takes(character))
                {
                    return Some((*run, behind.clone()));
                }
                *last = None;
            }
        }
        None
    }

    /// Whether some string matches both.
    pub(crate) fn meets(&self, other: &Pattern) -> bool {
        let mut seen = HashSet::from_iter([(0_usize, 0_usize)]);
        let mut open = vec![(0_usize, 0_usize)];
        while let Some((here, there)) = open.pop() {
            let (one, two) = (self.0.get(here), other.0.get(there));
            if one.is_none() && two.is_none() {
                return true;
            }
            let past = |token: &Token| usize::from(!token.is_run());
            let is_run = |token: Option<&Token>| token.is_some_and(|token| token.is_run());
            let both = one.zip(two).filter(|(one, two)| one.meets(**two));
            let next = [
                is_run(one).then_some((here + 1, there)),
                is_run(two).then_some((here, there + 1)),
                both.map(|(one, two)| (here + past(one), there + past(two))),
            ];
            open.extend(next.into_iter().flatten().filter(|one| seen.insert(*one)));
        }
        false
    }

    /// The pattern as a string, when only that string matches.
    pub(crate) fn literal(&self) -> Option<String> {
        let literal = self.0.iter().map(|token| match token {
            Token::Exactly(character) => Some(*character),
            Token::AnyCase(_) | Token::Digit | Token::One { .. } | Token::Run { .. } => None,
        });
        literal.collect()
    }
}

/// A character of a resource pattern.
pub(crate) const fn resource_token(character: char, ends_segment: bool) -> Token {
    match character {
        '*' if ends_segment => Token::ANY,
        '*' => Token::PART,
        '?' => Token::One { not: Some(':') },
        other => Token::Exactly(other),
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
                    Some(
                        Token::Exactly(_) | Token::AnyCase(_) | Token::Digit | Token::One { .. },
                    )
                    | None => break,
                }
            }
        }
        State(closed.into_iter().collect())
    }

    fn after(&self, patterns: &[Pattern], character: char) -> Self {
        let next = self.0.iter().filter_map(|(pattern, position)| {
            let token = token(patterns, *pattern, *position)?;
            let step = usize::from(!token.is_run());
            token
                .takes(character)
                .then(|| (*pattern, position.saturating_add(step)))
        });
        Self::closed(patterns, next)
    }

    /// For each pattern, whether the string read so far matches it.
    fn accepts(&self, patterns: &[Pattern]) -> Vec<bool> {
        let at_end = |(number, pattern): (usize, &Pattern)| {
            self.0.binary_search(&(number, pattern.0.len())).is_ok()
        };
        patterns.iter().enumerate().map(at_end).collect()
    }

    /// One character of each kind that the patterns tell apart here: those that some pattern waits for, those that
    /// some run may not hold, another digit, and some others.
    fn kinds(&self, patterns: &[Pattern], others: &[char]) -> Vec<char> {
        let mut kinds = others.to_vec();
        for (pattern, position) in &self.0 {
            match token(patterns, *pattern, *position) {
                Some(Token::Exactly(character)) => kinds.push(character),
                Some(Token::AnyCase(character)) => {
                    kinds.push(character);
                    kinds.push(character.to_ascii_uppercase());
                }
                Some(Token::One { not } | Token::Run { not }) => kinds.extend(not),
                Some(Token::Digit) => {
                    let mut digits = ('0'..='9').rev();
                    kinds.extend(digits.find(|digit| !self.awaits(patterns, *digit)));
                }
                None => {}
            }
        }
        // Most patterns have parts, which a readable string has too.
        kinds.push(':');
        let mut seen = HashSet::default();
        kinds.retain(|kind| seen.insert(*kind));
        kinds
    }

    fn awaits(&self, patterns: &[Pattern], character: char) -> bool {
        self.0.iter().any(
            |(pattern, position)| match token(patterns, *pattern, *position) {
                Some(token @ (Token::Exactly(_) | Token::AnyCase(_))) => token.takes(character),
                Some(Token::Digit | Token::One { .. } | Token::Run { .. }) | None => false,
            },
        )
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
    /// Characters that none of them has.
    pub(crate) without: &'a [char],
    /// What a string that is shown to a person should match when there is a choice.
    pub(crate) readable: Pattern,
}

/// A combination of matches that strings of the set have, with one of them.
pub(crate) type Combinations = BTreeMap<Vec<bool>, String>;

/// The same with another string, if there is one.
pub(crate) type Pairs = BTreeMap<Vec<bool>, (String, Option<String>)>;

/// The number of states is limited, and was not enough.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TooManyStates;

/// Every combination of matches with `asked` that a string of the set has.
pub(crate) fn combinations(
    strings: &Strings<'_>,
    asked: &[Pattern],
    most_states: usize,
) -> Result<Combinations, TooManyStates> {
    let found = search(strings, asked, most_states, 1)?.into_iter();
    let found = found.filter_map(|(accepts, texts)| Some((accepts, texts.into_iter().next()?)));
    Ok(found.collect())
}

/// Every combination, with two strings that have it where it has more than one.
pub(crate) fn pairs(
    strings: &Strings<'_>,
    asked: &[Pattern],
    most_states: usize,
) -> Result<Pairs, TooManyStates> {
    let found = search(strings, asked, most_states, 2)?.into_iter();
    let found = found.filter_map(|(accepts, texts)| {
        let mut texts = texts.into_iter();
        Some((accepts, (texts.next()?, texts.next())))
    });
    Ok(found.collect())
}

/// Comes to every state on as many ways as strings are wanted of each combination, the shortest first. Where a string
/// is shown to a person, a readable one comes first.
fn search(
    strings: &Strings<'_>,
    asked: &[Pattern],
    most_states: usize,
    n_wanted: usize,
) -> Result<BTreeMap<Vec<bool>, Vec<String>>, TooManyStates> {
    let readable = std::slice::from_ref(&strings.readable);
    let all = [strings.include, strings.exclude, readable, asked].concat();
    let included = 0..strings.include.len();
    let excluded = included.end..included.end.saturating_add(strings.exclude.len());
    let others: Vec<char> = other_characters(&all).take(n_wanted).collect();

    let mut found: BTreeMap<Vec<bool>, (bool, Vec<String>)> = BTreeMap::new();
    let start = State::start(&all);
    let mut seen = HashMap::from_iter([(start.clone(), 1)]);
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
                let (has_readable, texts) = known.or_default();
                if is_readable && !*has_readable {
                    *has_readable = true;
                    texts.insert(0, text.clone());
                    texts.truncate(n_wanted);
                } else if texts.len() < n_wanted {
                    texts.push(text.clone());
                }
            }
            let kinds = state.kinds(&all, &others).into_iter();
            for character in kinds.filter(|kind| !strings.without.contains(kind)) {
                let after = state.after(&all, character);
                let hopeless = !included.is_empty() && !after.alive(&included);
                let n_ways = seen.get(&after).copied().unwrap_or(0);
                if !hopeless && n_ways < n_wanted {
                    seen.insert(after.clone(), n_ways.saturating_add(1));
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
        .map(|(accepts, (_, texts))| (accepts, texts))
        .collect())
}

/// Characters that no pattern names.
fn other_characters(patterns: &[Pattern]) -> impl Iterator<Item = char> {
    let named: HashSet<char> = patterns
        .iter()
        .flat_map(|pattern| &pattern.0)
        .filter_map(|token| match token {
            Token::Exactly(character) | Token::AnyCase(character) => Some(*character),
            Token::Digit | Token::One { .. } | Token::Run { .. } => None,
        })
        .collect();
    let candidates = ('x'..='z').chain('a'..='w').chain('\u{e000}'..='\u{f8ff}');
    candidates.filter(move |character| !named.contains(character))
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
    fn patterns_meet_where_a_string_matches_both() {
        for (one, other, meet) in [
            ("arn:aws:s3:::logs/*", "arn:aws:s3:::logs", false),
            ("arn:aws:s3:::logs/*", "arn:aws:s3:::logs/own/*", true),
            ("arn:aws:s3:::l*s", "arn:aws:s3:::logs/*", true),
            ("*b", "a*", true),
            ("a?", "abc", false),
            ("", "*", true),
        ] {
            let (one, other) = (Pattern::plain(one), Pattern::plain(other));
            assert_eq!(one.meets(&other), meet, "{one:?} {other:?}");
            assert_eq!(other.meets(&one), meet, "{one:?} {other:?}");
        }
        let any_case = Pattern::new(vec![Token::AnyCase('g'), Token::Digit]);
        assert!(any_case.meets(&Pattern::exactly("G7")));
        assert!(!any_case.meets(&Pattern::exactly("GG")));
    }

    #[test]
    fn every_combination_is_found_and_no_other() {
        let asked = [Pattern::plain("s3:get*"), Pattern::plain("s3:*object")];
        let strings = Strings {
            include: &[Pattern::plain("s3:*")],
            exclude: &[],
            without: &[],
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
    fn a_second_string_is_found_where_there_is_one() {
        let anything = Pattern::plain("*");
        for (include, asked, has_second) in [
            ("a?c", "a?c", true),
            ("abc", "a*", false),
            ("*", "abc", false),
            ("*", "ab*", true),
        ] {
            let strings = Strings {
                include: &[Pattern::plain(include)],
                exclude: &[],
                without: &[],
                readable: anything.clone(),
            };
            let asked = [Pattern::plain(asked)];
            let found = pairs(&strings, &asked, 10_000).expect("few states");
            let (first, second) = &found[&vec![true]];
            assert_eq!(second.is_some(), has_second, "{include} {first} {second:?}");
            assert_ne!(Some(first), second.as_ref());
        }
    }

    #[test]
    fn the_limit_is_an_answer_of_its_own() {
        let asked = [Pattern::plain("*a*b*c*"), Pattern::plain("*b*a*d*")];
        let strings = Strings {
            include: &[],
            exclude: &[],
            without: &[],
            readable: Pattern::plain("*"),
        };
        assert_eq!(combinations(&strings, &asked, 3), Err(TooManyStates));
    }
}
