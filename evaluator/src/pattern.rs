//! Patterns with `*` and `?`, and strings that show every way in which several of them can match.

use std::collections::{BTreeMap, BTreeSet, HashSet, VecDeque};
use std::str::Chars;

/// How many states the automaton of several patterns may have.
pub(crate) const STATE_BUDGET: usize = 20_000;

/// How many positions are kept in one word.
const WORD: usize = 128;

/// A pattern.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Pattern {
    tokens: Vec<Token>,
    /// What follows from the tokens: how every text begins that matches.
    head: Head,
    /// Whether the wildcards stand for the same characters, but for a last run of any, so that the
    /// first place where what is between two of them fits is as good as every other.
    alike: bool,
}

/// The characters at the beginning of a pattern, all with regard to case or all without.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Head {
    text: String,
    any_case: bool,
    n_tokens: usize,
}

impl Head {
    fn of(tokens: &[Token]) -> Self {
        let any_case = matches!(tokens.first(), Some(Token::Folded(_)));
        let chars = tokens.iter().map_while(|token| match token {
            Token::Char(char) => (!any_case).then_some(*char),
            Token::Folded(char) => any_case.then_some(*char),
            Token::Digit | Token::One(_) | Token::Run(_) | Token::Never => None,
        });
        let text: String = chars.collect();
        Self {
            n_tokens: text.chars().count(),
            text,
            any_case,
        }
    }

    /// What is behind it in a text that begins so.
    fn strip<'a>(&self, text: &'a str) -> Option<&'a str> {
        if self.any_case {
            let (begin, rest) = text.split_at_checked(self.text.len())?;
            begin.eq_ignore_ascii_case(&self.text).then_some(rest)
        } else {
            text.strip_prefix(&self.text)
        }
    }
}

/// A step of a pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Token {
    Char(char),
    /// A letter in any case; held as it is folded.
    Folded(char),
    Digit,
    /// Any one character.
    One(But),
    /// Any run of characters.
    Run(But),
    /// No character at all: nothing matches.
    Never,
}

/// What a wildcard does not stand for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct But {
    pub(crate) colon: bool,
    pub(crate) slash: bool,
    /// `*`, `?` and `$`.
    pub(crate) sign: bool,
}

impl But {
    pub(crate) const NOTHING: But = But {
        colon: false,
        slash: false,
        sign: false,
    };
    pub(crate) const COLON: But = But {
        colon: true,
        slash: false,
        sign: false,
    };

    pub(crate) const SIGN: But = But {
        colon: false,
        slash: false,
        sign: true,
    };

    const fn allows(self, char: char) -> bool {
        let is_sign = matches!(char, '*' | '?' | '$');
        !(self.colon && char == ':' || self.slash && char == '/' || self.sign && is_sign)
    }
}

/// A character of a pattern as it is written, in which `*` and `?` are wildcards, or one that a
/// variable stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Symbol {
    Written(char),
    Literal(char),
}

impl Symbol {
    pub(crate) fn written(text: &str) -> Vec<Symbol> {
        text.chars().map(Symbol::Written).collect()
    }

    pub(crate) const fn char(self) -> char {
        match self {
            Symbol::Written(char) | Symbol::Literal(char) => char,
        }
    }
}

impl Token {
    fn takes(self, char: char) -> bool {
        match self {
            Token::Char(own) => own == char,
            Token::Folded(own) => own == char || own == fold(char),
            Token::Digit => char.is_ascii_digit(),
            Token::One(but) | Token::Run(but) => but.allows(char),
            Token::Never => false,
        }
    }

    const fn is_run(self) -> bool {
        matches!(self, Token::Run(_))
    }

    /// The same, where a wildcard stands for less.
    fn without(self, more: But) -> Self {
        let both = |but: But| But {
            colon: but.colon || more.colon,
            slash: but.slash || more.slash,
            sign: but.sign || more.sign,
        };
        match self {
            Token::One(but) => Token::One(both(but)),
            Token::Run(but) => Token::Run(both(but)),
            Token::Char(_) | Token::Folded(_) | Token::Digit | Token::Never => self,
        }
    }
}

/// Upper and lower case become one.
const fn fold(char: char) -> char {
    char.to_ascii_lowercase()
}

const fn upper(char: char) -> char {
    char.to_ascii_uppercase()
}

impl Pattern {
    pub(crate) fn new(tokens: Vec<Token>) -> Self {
        Self {
            head: Head::of(&tokens),
            alike: are_alike(&tokens),
            tokens,
        }
    }

    /// What no text matches.
    pub(crate) fn nothing() -> Self {
        Self::new(vec![Token::Never])
    }

    /// `*` is any run of characters, `?` any one; with regard to case.
    pub(crate) fn like(symbols: &[Symbol]) -> Self {
        let tokens = symbols.iter().map(|symbol| match symbol {
            Symbol::Written('*') => Token::Run(But::NOTHING),
            Symbol::Written('?') => Token::One(But::NOTHING),
            Symbol::Written(char) | Symbol::Literal(char) => Token::Char(*char),
        });
        Self::new(tokens.collect())
    }

    /// The same as it is written.
    pub(crate) fn plain(text: &str) -> Self {
        Self::like(&Symbol::written(text))
    }

    /// The same without regard to case.
    pub(crate) fn action(text: &str) -> Self {
        Self::plain(text).folded()
    }

    /// The same without regard to case.
    pub(crate) fn folded(self) -> Self {
        let folded = self.tokens.into_iter().map(|token| match token {
            Token::Char(char) => Token::Folded(fold(char)),
            Token::Folded(_) | Token::Digit | Token::One(_) | Token::Run(_) | Token::Never => token,
        });
        Self::new(folded.collect())
    }

    /// Exactly these characters.
    pub(crate) fn equal(symbols: &[Symbol]) -> Self {
        let chars = symbols.iter().map(|symbol| Token::Char(symbol.char()));
        Self::new(chars.collect())
    }

    /// Exactly this text.
    pub(crate) fn text(text: &str) -> Self {
        Self::new(text.chars().map(Token::Char).collect())
    }

    /// Every text that begins with this one.
    pub(crate) fn beginning(text: &str) -> Self {
        let mut beginning = Self::text(text);
        beginning.tokens.push(Token::Run(But::NOTHING));
        beginning
    }

    /// The ARNs of an account, and of a service where one is named, by its fifth and third part.
    pub(crate) fn arns_of(account: &str, service: Option<&str>) -> Self {
        let part = |part: Option<&str>| match part {
            Some(text) => Self::text(text).tokens,
            None => vec![Token::Run(But::COLON)],
        };
        let parts = [None, None, service, None, Some(account)].map(part);
        let parts = parts.into_iter().map(|mut tokens| {
            tokens.push(Token::Char(':'));
            tokens
        });
        let tokens = parts.flatten().chain([Token::Run(But::NOTHING)]);
        Self::new(tokens.collect())
    }

    /// These characters without regard to case.
    pub(crate) fn any_case(symbols: &[Symbol]) -> Self {
        let chars = symbols.iter().map(|symbol| fold(symbol.char()));
        Self::new(chars.map(Token::Folded).collect())
    }

    /// A resource of a policy: only a `*` that ends a segment runs over colons, and `?` is no
    /// colon.
    pub(crate) fn resource(symbols: &[Symbol]) -> Self {
        Self::resource_with_key(symbols, symbols.len())
    }

    /// The same, but that wildcards stand for colons in the key of an object, which begins at a
    /// position.
    pub(crate) fn resource_with_key(symbols: &[Symbol], key: usize) -> Self {
        let mut rest = symbols.iter().enumerate().peekable();
        let mut tokens = Vec::new();
        while let Some((position, symbol)) = rest.next() {
            let but = if position < key {
                But::COLON
            } else {
                But::NOTHING
            };
            tokens.push(match symbol {
                Symbol::Written('*') => match rest.peek() {
                    None | Some((_, Symbol::Written(':'))) => Token::Run(But::NOTHING),
                    Some((_, Symbol::Written(_) | Symbol::Literal(_))) => Token::Run(but),
                },
                Symbol::Written('?') => Token::One(but),
                Symbol::Written(char) | Symbol::Literal(char) => Token::Char(*char),
            });
        }
        Self::new(tokens)
    }

    /// An ARN of a condition: wildcards stay in their part, of which the sixth has colons. `None`
    /// when it has fewer parts.
    pub(crate) fn arn(symbols: &[Symbol]) -> Option<Self> {
        let mut colons = 0;
        let mut tokens = Vec::new();
        for symbol in symbols {
            let but = if colons < 5 { But::COLON } else { But::NOTHING };
            tokens.push(match symbol {
                Symbol::Written('*') => Token::Run(but),
                Symbol::Written('?') => Token::One(but),
                // No part of the request's but the sixth has a colon.
                Symbol::Literal(':') if colons < 5 => Token::Never,
                Symbol::Written(char) => {
                    colons += usize::from(*char == ':');
                    Token::Char(*char)
                }
                Symbol::Literal(char) => Token::Char(*char),
            });
        }
        (colons >= 5).then_some(Self::new(tokens))
    }

    /// Every text that is long enough to be an ARN.
    pub(crate) fn any_arn() -> Self {
        Self::plain("*:*:*:*:*:*")
    }

    /// The one text that matches, when there is only one.
    pub(crate) fn only(&self) -> Option<String> {
        let chars = self.tokens.iter().map(|token| match token {
            Token::Char(char) => Some(*char),
            Token::Folded(char) if upper(*char) == *char => Some(*char),
            Token::Folded(_) | Token::Digit | Token::One(_) | Token::Run(_) | Token::Never => None,
        });
        chars.collect()
    }

    /// The steps, for a pattern of a part of longer texts, which has none of some characters.
    /// `None` when it needs one of those.
    pub(crate) fn within(&self, but: But) -> Option<Vec<Token>> {
        let tokens = self.tokens.iter().map(|token| match token {
            Token::Char(char) | Token::Folded(char) => but.allows(*char).then_some(*token),
            Token::Digit | Token::One(_) | Token::Run(_) | Token::Never => Some(token.without(but)),
        });
        tokens.collect()
    }

    /// How every text begins that matches, with regard to case; empty when case does not matter.
    pub(crate) fn head(&self) -> &str {
        if self.head.any_case {
            ""
        } else {
            &self.head.text
        }
    }

    /// Whether the whole text matches.
    pub(crate) fn matches(&self, text: &str) -> bool {
        // Most patterns are told by how they begin.
        let Some(behind) = self.head.strip(text) else {
            return false;
        };
        let mut chars = behind.chars();
        let mut tokens = self.tokens.get(self.head.n_tokens..).unwrap_or_default();
        while let [
            first @ (Token::Char(_) | Token::Folded(_) | Token::Digit),
            rest @ ..,
        ] = tokens
        {
            match chars.next() {
                Some(char) if first.takes(char) => tokens = rest,
                Some(_) | None => return false,
            }
        }
        match tokens {
            [] => chars.next().is_none(),
            [Token::Run(But::NOTHING)] => true,
            [..] if self.alike => matches_in_turn(tokens, chars),
            [..] if tokens.len() < WORD => matches_word(tokens, chars),
            [..] => !Automaton::new(&[self]).accepts(text).is_empty(),
        }
    }
}

fn are_alike(tokens: &[Token]) -> bool {
    let tokens = match tokens {
        [before @ .., Token::Run(But::NOTHING)] => before,
        all => all,
    };
    let mut wildcards = tokens.iter().filter_map(|token| match token {
        Token::One(but) | Token::Run(but) => Some(*but),
        Token::Char(_) | Token::Folded(_) | Token::Digit | Token::Never => None,
    });
    let first = wildcards.next();
    wildcards.all(|other| Some(other) == first)
}

/// Takes runs as short as they can be, and lengthens only the last one: when an earlier one were
/// longer, what follows it would come later, and the last one could begin nowhere that it does not
/// reach by itself. Where wildcards differ, it could: over a character that it does not stand for.
fn matches_in_turn(mut tokens: &[Token], mut chars: Chars<'_>) -> bool {
    let mut last: Option<(Token, &[Token], Chars<'_>)> = None;
    loop {
        match tokens {
            [Token::Run(But::NOTHING)] => return true,
            [run @ Token::Run(_), rest @ ..] => {
                last = Some((*run, rest, chars.clone()));
                tokens = rest;
                continue;
            }
            [one, rest @ ..] => {
                let mut behind = chars.clone();
                if behind.next().is_some_and(|char| one.takes(char)) {
                    (tokens, chars) = (rest, behind);
                    continue;
                }
            }
            [] if chars.as_str().is_empty() => return true,
            [] => {}
        }
        let Some((run, rest, from)) = &mut last else {
            return false;
        };
        if !from.next().is_some_and(|char| run.takes(char)) {
            return false;
        }
        (tokens, chars) = (rest, from.clone());
    }
}

/// Follows all positions at once, each a bit.
fn matches_word(tokens: &[Token], chars: Chars<'_>) -> bool {
    let mut state = reach(tokens, 1);
    for char in chars {
        let (mut rest, mut next) = (state, 0_u128);
        while rest != 0 {
            let position = rest.trailing_zeros();
            rest &= rest - 1;
            match tokens.get(position as usize) {
                Some(token) if token.takes(char) => {
                    next |= 1 << (position + u32::from(!token.is_run()));
                }
                Some(_) | None => {}
            }
        }
        state = reach(tokens, next);
        if state == 0 {
            return false;
        }
    }
    state & (1 << tokens.len()) != 0
}

/// Adds the positions behind runs, which may be empty.
fn reach(tokens: &[Token], mut state: u128) -> u128 {
    let mut rest = state;
    while rest != 0 {
        let position = rest.trailing_zeros();
        rest &= rest - 1;
        let token = tokens.get(position as usize);
        if token.is_some_and(|token| token.is_run()) {
            let behind = 1 << (position + 1);
            rest |= behind;
            state |= behind;
        }
    }
    state
}

/// Several patterns read at once. A state is the set of all positions reached in any of them.
struct Automaton {
    /// Each pattern's tokens, then `None` for its end.
    positions: Vec<(Option<Token>, usize)>,
    /// Where each pattern begins.
    begins: Vec<usize>,
}

/// Positions in their order.
type State = Vec<usize>;

impl Automaton {
    fn new(patterns: &[&Pattern]) -> Self {
        let mut automaton = Self {
            positions: Vec::new(),
            begins: Vec::new(),
        };
        for (number, pattern) in patterns.iter().enumerate() {
            automaton.begins.push(automaton.positions.len());
            let tokens = pattern.tokens.iter().copied().map(Some);
            let positions = tokens.chain([None]).map(|token| (token, number));
            automaton.positions.extend(positions);
        }
        automaton
    }

    fn token(&self, position: usize) -> Option<Token> {
        self.positions.get(position).and_then(|(token, _)| *token)
    }

    /// Adds a position, and those behind runs, which may be empty.
    fn reach(&self, state: &mut State, mut position: usize) {
        state.push(position);
        while self.token(position).is_some_and(Token::is_run) {
            position += 1;
            state.push(position);
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
        next.sort_unstable();
        next.dedup();
        next
    }

    /// The patterns whose end the state holds.
    fn accepted(&self, state: &State) -> BTreeSet<usize> {
        let positions = state.iter().filter_map(|at| self.positions.get(*at));
        let ends = positions.filter(|(token, _)| token.is_none());
        ends.map(|(_, pattern)| *pattern).collect()
    }

    /// The patterns that may still match.
    fn alive<'a>(&'a self, state: &'a State) -> impl Iterator<Item = usize> + 'a {
        let positions = state.iter().filter_map(|at| self.positions.get(*at));
        positions.map(|(_, pattern)| *pattern)
    }

    fn accepts(&self, text: &str) -> BTreeSet<usize> {
        let state = text
            .chars()
            .fold(self.begin(), |state, char| self.step(&state, char));
        self.accepted(&state)
    }

    /// One character for each way in which the patterns can tell characters apart.
    fn alphabet(&self) -> Vec<char> {
        let tokens: BTreeSet<Token> = self
            .positions
            .iter()
            .filter_map(|(token, _)| *token)
            .collect();
        let cased = tokens.iter().any(|token| matches!(token, Token::Char(_)));
        let mut chars = BTreeSet::from([':']);
        for token in &tokens {
            match token {
                Token::Char(char) => {
                    chars.insert(*char);
                }
                Token::Folded(char) => {
                    chars.insert(*char);
                    chars.extend(cased.then(|| upper(*char)));
                }
                Token::One(but) | Token::Run(but) => {
                    chars.extend(but.slash.then_some('/'));
                    chars.extend(but.sign.then_some('*'));
                }
                Token::Digit | Token::Never => {}
            }
        }
        // One that no pattern names, a letter when there is one left, and a digit where they count.
        let letters = ('x'..='z').chain('a'..='w').chain('\u{e000}'..='\u{f8ff}');
        let unnamed = |char: &char| !chars.contains(char) && !chars.contains(&fold(*char));
        let letter = letters.into_iter().find(unnamed);
        let digits = tokens.contains(&Token::Digit);
        let digit = digits.then(|| ('0'..='9').rev().find(unnamed)).flatten();
        let fresh = letter.into_iter().chain(digit);
        fresh.chain(chars.iter().copied()).collect()
    }
}

/// A set of texts: those that match a pattern of every group, and none of the excluded.
#[derive(Clone, Debug, Default)]
pub(crate) struct Language {
    pub(crate) groups: Vec<Vec<Pattern>>,
    pub(crate) excluded: Vec<Pattern>,
}

impl Language {
    /// Whether it has a text.
    pub(crate) fn has(&self, text: &str) -> bool {
        let any = |patterns: &[Pattern]| patterns.iter().any(|one| one.matches(text));
        self.groups.iter().all(|group| any(group)) && !any(&self.excluded)
    }

    /// A text for every way in which the language's texts can match the patterns. One of the
    /// plausible texts stands first where one shows it, and otherwise a shortest one. `None` when
    /// there are more states than the budget.
    pub(crate) fn texts(
        &self,
        asked: &BTreeSet<Pattern>,
        plausible: &[&str],
    ) -> Option<Vec<String>> {
        let groups = self.groups.iter().zip(1_usize..);
        let grouped = groups.flat_map(|(group, number)| group.iter().map(move |one| (one, number)));
        let excluded = self.excluded.iter().map(|one| (one, 0));
        let (own, group_of): (Vec<&Pattern>, Vec<usize>) = grouped.chain(excluded).unzip();
        let all: Vec<&Pattern> = own.iter().copied().chain(asked).collect();
        let automaton = Automaton::new(&all);
        let fills = |patterns: &mut dyn Iterator<Item = usize>| {
            let groups: BTreeSet<usize> = patterns
                .filter_map(|one| group_of.get(one).copied())
                .filter(|group| *group > 0)
                .collect();
            groups.len() == self.groups.len()
        };
        let class = |state: &State| {
            let accepted = automaton.accepted(state);
            let out = accepted.iter().any(|one| group_of.get(*one) == Some(&0));
            let is_in = !out && fills(&mut accepted.iter().copied());
            is_in.then(|| accepted.into_iter().filter(|one| *one >= own.len()))
        };
        let mut classes: BTreeMap<Vec<usize>, (usize, String)> = BTreeMap::new();
        let mut keep = |state: &State, rank: usize, text: &str| {
            if let Some(class) = class(state) {
                let class = classes.entry(class.collect());
                class.or_insert_with(|| (rank, text.to_owned()));
            }
        };
        for (rank, text) in plausible.iter().enumerate() {
            let end = text.chars();
            let end = end.fold(automaton.begin(), |state, char| {
                automaton.step(&state, char)
            });
            keep(&end, rank, text);
        }
        let alphabet = automaton.alphabet();
        let begin = automaton.begin();
        let mut seen = HashSet::from([begin.clone()]);
        let mut queue = VecDeque::from([(begin, String::new())]);
        while let Some((state, text)) = queue.pop_front() {
            keep(&state, usize::MAX, &text);
            for char in &alphabet {
                let next = automaton.step(&state, *char);
                if fills(&mut automaton.alive(&next)) && seen.insert(next.clone()) {
                    if seen.len() > STATE_BUDGET {
                        return None;
                    }
                    queue.push_back((next, format!("{text}{char}")));
                }
            }
        }
        let mut texts: Vec<_> = classes.into_values().collect();
        texts.sort_by(|(rank, text), (other, than)| {
            (rank, text.len(), text).cmp(&(other, than.len(), than))
        });
        Some(texts.into_iter().map(|(_, text)| text).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resource(text: &str) -> Pattern {
        Pattern::resource(&Symbol::written(text))
    }

    #[test]
    fn a_star_that_ends_a_segment_runs_over_colons() {
        let pattern = resource("arn:aws:s3:*:bucket");
        assert!(pattern.matches("arn:aws:s3:a:b:bucket"));
        let pattern = resource("arn:aws:s3:a*b:bucket");
        assert!(pattern.matches("arn:aws:s3:axb:bucket"));
        assert!(!pattern.matches("arn:aws:s3:ax:xb:bucket"));
        assert!(resource("*").matches("arn:aws:s3:::b/k"));
        assert!(!resource("arn?aws").matches("arn:aws"));
    }

    #[test]
    fn a_star_of_an_arn_stays_in_its_part() {
        let arn = |text| Pattern::arn(&Symbol::written(text));
        let pattern = arn("arn:aws:s*:*:1*:t*").expect("six parts");
        assert!(pattern.matches("arn:aws:sqs:eu:12:t:1"));
        assert!(!pattern.matches("arn:aws:sqs:eu:x:1:t1"));
        assert_eq!(arn("arn:aws:iam::*"), None);
    }

    /// Every pattern of up to five steps, on every text of up to five characters.
    #[test]
    fn runs_taken_in_turn_and_all_positions_at_once_say_the_same() {
        let steps = [
            Token::Char('a'),
            Token::Char(':'),
            Token::One(But::COLON),
            Token::Run(But::COLON),
            Token::Run(But::NOTHING),
        ];
        let longer = |all: &[Vec<Token>]| -> Vec<Vec<Token>> {
            let longer = all
                .iter()
                .flat_map(|one| steps.map(|step| [one.as_slice(), &[step]].concat()));
            longer.collect()
        };
        let texts = |length: u32| {
            let letters = ['a', 'b', ':'];
            (0..3_usize.pow(length)).map(move |number| -> String {
                let digit = |place: u32| letters[number / 3_usize.pow(place) % 3];
                (0..length).map(digit).collect()
            })
        };
        let texts: Vec<String> = (0..=5).flat_map(texts).collect();
        let (mut patterns, mut n_alike) = (vec![Vec::new()], 0);
        for _ in 0..5 {
            patterns = longer(&patterns);
            for tokens in patterns.iter().filter(|tokens| are_alike(tokens)) {
                n_alike += 1;
                for text in &texts {
                    let one = matches_in_turn(tokens, text.chars());
                    assert_eq!(one, matches_word(tokens, text.chars()), "{tokens:?} {text}");
                }
            }
        }
        assert!(n_alike > 1_000, "only {n_alike}");
    }

    #[test]
    fn a_long_pattern_is_read_as_a_short_one() {
        let long = "a".repeat(200);
        let pattern = Pattern::plain(&format!("{long}*b"));
        assert!(pattern.matches(&format!("{long}xxb")));
        assert!(!pattern.matches(&format!("{long}xx")));
        assert!(Pattern::action("S3:GET*").matches("s3:GetObject"));
    }

    #[test]
    fn texts_show_all_that_strings_can_be() {
        let patterns = BTreeSet::from(["s3:*", "s3:Get*", "*Object"].map(Pattern::action));
        let texts = Language::default().texts(&patterns, &[]);
        let texts = texts.expect("few states");
        let class =
            |text: &String| -> Vec<bool> { patterns.iter().map(|one| one.matches(text)).collect() };
        // None, each alone, and every pair that is possible: `s3:get*` implies `s3:*`.
        let classes: BTreeSet<_> = texts.iter().map(class).collect();
        assert_eq!((classes.len(), texts.len()), (6, 6));
    }

    #[test]
    fn texts_are_of_the_language() {
        let language = Language {
            groups: vec![vec![Pattern::plain("?*")], vec![Pattern::any_arn()]],
            excluded: vec![Pattern::plain("a*")],
        };
        let asked = BTreeSet::from(["a:b:c:d:e:f", "*f"].map(Pattern::plain));
        let texts = language
            .texts(&asked, &["a:b:c:d:e:f"])
            .expect("few states");
        assert_eq!(texts, [":::::", ":::::f"]);
    }

    #[test]
    fn a_class_is_shown_by_a_plausible_string_when_there_is_one() {
        let patterns = BTreeSet::from(["s3:Get*"].map(Pattern::action));
        let texts = Language::default().texts(&patterns, &["s3:GetObject"]);
        assert_eq!(
            texts.expect("few states").first().map(String::as_str),
            Some("s3:GetObject")
        );
    }
}
