//! Patterns with `*` and `?`, and the classes into which several of them cut all strings.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// How many states the automaton of several patterns may have.
pub(crate) const STATE_BUDGET: usize = 20_000;

/// A pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Pattern {
    tokens: Vec<Token>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Token {
    Char(char),
    /// Any one character, or any but a colon.
    One {
        colon: bool,
    },
    /// Any run of characters, or of any but colons.
    Run {
        colon: bool,
    },
}

impl Token {
    fn takes(self, char: char) -> bool {
        match self {
            Token::Char(own) => own == char,
            Token::One { colon } | Token::Run { colon } => colon || char != ':',
        }
    }

    const fn is_run(self) -> bool {
        matches!(self, Token::Run { .. })
    }
}

impl Pattern {
    /// `*` is any run of characters, `?` any one; with regard to case.
    pub(crate) fn plain(text: &str) -> Self {
        let tokens = text.chars().map(|char| match char {
            '*' => Token::Run { colon: true },
            '?' => Token::One { colon: true },
            char => Token::Char(char),
        });
        Self {
            tokens: tokens.collect(),
        }
    }

    /// The same, without regard to case; the strings are given in lower case.
    pub(crate) fn action(text: &str) -> Self {
        Self::plain(&text.to_lowercase())
    }

    /// A resource of a policy: only a `*` that ends a segment runs over colons, and `?` is no
    /// colon.
    pub(crate) fn resource(text: &str) -> Self {
        let mut chars = text.chars().peekable();
        let mut tokens = Vec::new();
        while let Some(char) = chars.next() {
            tokens.push(match char {
                '*' => Token::Run {
                    colon: chars.peek().is_none_or(|next| *next == ':'),
                },
                '?' => Token::One { colon: false },
                char => Token::Char(char),
            });
        }
        Self { tokens }
    }

    /// Whether the whole text matches.
    pub(crate) fn matches(&self, text: &str) -> bool {
        let automaton = Automaton::new([self]);
        automaton.accepts(text).contains(&0)
    }
}

/// Several patterns read at once. A state is the set of all positions reached in any of them.
struct Automaton<'a> {
    /// Each pattern's tokens, then `None` for its end.
    positions: Vec<Option<&'a Token>>,
    /// Where each pattern begins.
    begins: Vec<usize>,
}

type State = BTreeSet<usize>;

impl<'a> Automaton<'a> {
    fn new(patterns: impl IntoIterator<Item = &'a Pattern>) -> Self {
        let mut automaton = Self {
            positions: Vec::new(),
            begins: Vec::new(),
        };
        for pattern in patterns {
            automaton.begins.push(automaton.positions.len());
            automaton.positions.extend(pattern.tokens.iter().map(Some));
            automaton.positions.push(None);
        }
        automaton
    }

    fn token(&self, position: usize) -> Option<Token> {
        self.positions.get(position).copied().flatten().copied()
    }

    /// Adds a position, and those behind runs, which may be empty.
    fn reach(&self, state: &mut State, mut position: usize) {
        while state.insert(position) && self.token(position).is_some_and(Token::is_run) {
            position += 1;
        }
    }

    fn begin(&self) -> State {
        let mut state = State::new();
        for begin in &self.begins {
            self.reach(&mut state, *begin);
        }
        state
    }

    fn step(&self, state: &State, char: char) -> State {
        let mut next = State::new();
        for position in state {
            match self.token(*position) {
                Some(token) if token.takes(char) => {
                    let stays = if token.is_run() { 0 } else { 1 };
                    self.reach(&mut next, position + stays);
                }
                Some(_) | None => {}
            }
        }
        next
    }

    /// The patterns whose end the state holds, by position.
    fn accepted(&self, state: &State) -> BTreeSet<usize> {
        let mut ends = BTreeSet::new();
        for (pattern, begin) in self.begins.iter().enumerate() {
            let next = self.begins.get(pattern + 1).copied();
            let end = next.unwrap_or(self.positions.len()).saturating_sub(1);
            if end >= *begin && state.contains(&end) {
                ends.insert(pattern);
            }
        }
        ends
    }

    fn accepts(&self, text: &str) -> BTreeSet<usize> {
        let state = text
            .chars()
            .fold(self.begin(), |state, char| self.step(&state, char));
        self.accepted(&state)
    }

    /// One character for each way in which the patterns can tell characters apart.
    fn alphabet(&self) -> Vec<char> {
        let literal = |token: &Option<&Token>| match token {
            Some(Token::Char(char)) => Some(*char),
            Some(Token::One { .. } | Token::Run { .. }) | None => None,
        };
        let mut chars: BTreeSet<char> = self.positions.iter().filter_map(literal).collect();
        chars.insert(':');
        // One that no pattern names, a letter when there is one left.
        let letters = ('x'..='z').chain('a'..='w').chain('0'..='9');
        let mut fresh = letters.chain('\u{e000}'..='\u{f8ff}');
        let fresh = fresh.find(|char| !chars.contains(char));
        fresh.into_iter().chain(chars.iter().copied()).collect()
    }
}

/// Every class of strings that the patterns tell apart: which of them match, by position, with a
/// string that shows it. A class takes its string from `plausible` when one of those is in it,
/// and is otherwise shown by a shortest one. `None` when there are more states than the budget.
pub(crate) fn classes(
    patterns: &[Pattern],
    plausible: &[&str],
) -> Option<BTreeMap<BTreeSet<usize>, String>> {
    let automaton = Automaton::new(patterns);
    let alphabet = automaton.alphabet();
    let mut classes: BTreeMap<BTreeSet<usize>, String> = BTreeMap::new();
    for text in plausible {
        let class = automaton.accepts(text);
        classes.entry(class).or_insert_with(|| String::from(*text));
    }
    let begin = automaton.begin();
    let mut seen = BTreeSet::from([begin.clone()]);
    let mut queue = VecDeque::from([(begin, String::new())]);
    while let Some((state, text)) = queue.pop_front() {
        let class = automaton.accepted(&state);
        classes.entry(class).or_insert_with(|| text.clone());
        for char in &alphabet {
            let next = automaton.step(&state, *char);
            if seen.insert(next.clone()) {
                if seen.len() > STATE_BUDGET {
                    return None;
                }
                queue.push_back((next, format!("{text}{char}")));
            }
        }
    }
    Some(classes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_that_ends_a_segment_runs_over_colons() {
        let pattern = Pattern::resource("arn:aws:s3:*:bucket");
        assert!(pattern.matches("arn:aws:s3:a:b:bucket"));
        let pattern = Pattern::resource("arn:aws:s3:a*b:bucket");
        assert!(pattern.matches("arn:aws:s3:axb:bucket"));
        assert!(!pattern.matches("arn:aws:s3:ax:xb:bucket"));
        assert!(Pattern::resource("*").matches("arn:aws:s3:::b/k"));
        assert!(!Pattern::resource("arn?aws").matches("arn:aws"));
    }

    #[test]
    fn classes_are_all_that_strings_can_be() {
        let patterns = ["s3:*", "s3:Get*", "*Object"].map(Pattern::action);
        let classes = classes(&patterns, &[]).expect("few states");
        // None, each alone, and every pair that is possible: `s3:get*` implies `s3:*`.
        let expected: [&[usize]; 6] = [&[], &[0], &[0, 1], &[0, 1, 2], &[0, 2], &[2]];
        let expected: Vec<_> = expected
            .iter()
            .map(|class| class.iter().copied().collect())
            .collect();
        assert_eq!(
            classes.keys().cloned().collect::<Vec<BTreeSet<_>>>(),
            expected
        );
        for (class, text) in &classes {
            for (position, pattern) in patterns.iter().enumerate() {
                assert_eq!(pattern.matches(text), class.contains(&position), "{text}");
            }
        }
    }

    #[test]
    fn a_class_is_shown_by_a_plausible_string_when_there_is_one() {
        let patterns = ["s3:Get*"].map(Pattern::action);
        let classes = classes(&patterns, &["s3:getobject"]).expect("few states");
        assert_eq!(classes[&BTreeSet::from([0])], "s3:getobject");
    }
}
