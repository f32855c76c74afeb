//! Texts of a policy with wildcards and variables (`policy-variable`).

use model::{ContextKey, PolicyText};

use crate::context::{Brought, Held, Key};
use crate::opening;
use crate::pattern::{Pattern, Token, resource_token};
use crate::truth::Truth;

/// How a text of a policy is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Manner {
    /// As it is.
    Equals,
    /// As it is, without regard to case.
    IgnoringCase,
    /// With wildcards.
    Like,
    /// With wildcards within the six parts of an ARN.
    Arn,
    /// As a resource element.
    Resource,
    /// In the same way, but with wildcards that pass the colons of an object's key.
    LooseResource,
}

/// The colons between the parts of an ARN.
pub(crate) const N_COLONS: usize = 5;

/// Where a character of a text stands.
#[derive(Clone, Copy, Debug, Default)]
struct Place {
    /// Behind so many colons.
    n_colons: usize,
    /// Behind a slash in the last part of an ARN.
    is_behind_slash: bool,
    /// Before a colon, or the last.
    ends_segment: bool,
}

impl Place {
    /// Goes on behind a character.
    fn pass(&mut self, character: char) {
        self.n_colons += usize::from(character == ':');
        self.is_behind_slash |= character == '/' && self.n_colons >= N_COLONS;
    }
}

impl Manner {
    /// A character at a place.
    fn token(self, character: char, place: Place) -> Token {
        let wild = |not: Option<char>| match character {
            '*' => Token::Run { not },
            '?' => Token::One { not },
            other => Token::Exactly(other),
        };
        match self {
            Manner::Equals => Token::Exactly(character),
            Manner::IgnoringCase => folded(character),
            Manner::Like => wild(None),
            // No wildcard passes the colons between the parts.
            Manner::Arn => wild((place.n_colons < N_COLONS).then_some(':')),
            Manner::LooseResource if place.is_behind_slash => wild(None),
            Manner::Resource | Manner::LooseResource => {
                resource_token(character, place.ends_segment)
            }
        }
    }

    const fn is_of_resource(self) -> bool {
        match self {
            Manner::Resource | Manner::LooseResource => true,
            Manner::Equals | Manner::IgnoringCase | Manner::Like | Manner::Arn => false,
        }
    }

    /// A character that is no wildcard.
    fn literal(self, character: char) -> Token {
        match self {
            Manner::IgnoringCase => folded(character),
            Manner::Equals
            | Manner::Like
            | Manner::Arn
            | Manner::Resource
            | Manner::LooseResource => Token::Exactly(character),
        }
    }
}

/// A letter from A to Z in either case; any other character is compared as it is.
pub(crate) const fn folded(character: char) -> Token {
    Token::AnyCase(character.to_ascii_lowercase())
}

/// A part of a text with variables.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece {
    Token(Token),
    Variable(Variable),
}

/// `${key}`, or `${key, 'text'}`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Variable {
    pub(crate) key: Key,
    pub(crate) default: Option<String>,
}

/// A text with variables.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Template {
    manner: Manner,
    pieces: Vec<Piece>,
}

/// A text of a policy, ready to be compared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Text {
    Fixed(Pattern),
    Template(Template),
    /// A part of it is open: it matches no more than this, and perhaps less.
    Perhaps(Pattern),
    /// A variable that is not well formed, or in the wrong place; or no ARN where one has to be; or
    /// what may be anything.
    Open,
}

impl Text {
    /// Reads a text, of which all is known or a part.
    pub(crate) fn new(text: &PolicyText, manner: Manner, variables: bool) -> Self {
        match text {
            PolicyText::Known(text) => Text::known(text, manner, variables),
            PolicyText::Open(text) => {
                opening::reach(text, manner).map_or(Text::Open, Text::Perhaps)
            }
        }
    }

    /// Reads a text, with variables in it or without.
    fn known(text: &str, manner: Manner, variables: bool) -> Self {
        let Some(pieces) = pieces(text, manner, variables) else {
            return Text::Open;
        };
        let tokens = pieces.iter().map(|piece| match piece {
            Piece::Token(token) => Some(*token),
            Piece::Variable(_) => None,
        });
        match tokens.collect::<Option<Vec<_>>>() {
            Some(tokens) => Text::Fixed(Pattern::new(tokens)),
            None => Text::Template(Template { manner, pieces }),
        }
    }

    /// Whether a string matches, with the variables of a request.
    pub(crate) fn matches(&self, text: &str, brought: &Brought<'_>) -> Truth {
        match self {
            Text::Fixed(pattern) => pattern.matches(text).into(),
            Text::Template(template) => template.matches(text, brought),
            Text::Perhaps(pattern) if !pattern.matches(text) => Truth::No,
            Text::Perhaps(_) | Text::Open => Truth::Open,
        }
    }

    /// Whether a variable in it has neither a value nor a default.
    pub(crate) fn is_without_value(&self, brought: &Brought<'_>) -> bool {
        self.variables().any(|variable| {
            variable.default.is_none() && matches!(brought.taken(&variable.key), Held::Absent)
        })
    }

    pub(crate) fn variables(&self) -> impl Iterator<Item = &Variable> {
        let pieces = match self {
            Text::Template(template) => template.pieces.as_slice(),
            Text::Fixed(_) | Text::Perhaps(_) | Text::Open => &[],
        };
        pieces.iter().filter_map(|piece| match piece {
            Piece::Variable(variable) => Some(variable),
            Piece::Token(_) => None,
        })
    }
}

impl Template {
    fn matches(&self, text: &str, brought: &Brought<'_>) -> Truth {
        let mut is_absent = false;
        let mut values = Vec::new();
        for piece in &self.pieces {
            let Piece::Variable(variable) = piece else {
                continue;
            };
            match (brought.taken(&variable.key), &variable.default) {
                (Held::One(value), _) if has_special(value) => return Truth::Open,
                (Held::One(value), _) => values.push(value),
                (Held::Several(_) | Held::Address(_) | Held::Open, _) => return Truth::Open,
                (Held::Absent, Some(default)) if has_special(default) => return Truth::Open,
                (Held::Absent, Some(default)) => values.push(default),
                (Held::Absent, None) => is_absent = true,
            }
        }
        if is_absent {
            return Truth::No;
        }
        let pattern = self.with(&values);
        pattern.is_some_and(|pattern| pattern.matches(text)).into()
    }

    /// The pattern with these values of the variables, in their order; `None` when nothing matches, for a part of an
    /// ARN has no colon unless it is the last.
    pub(crate) fn with(&self, values: &[&str]) -> Option<Pattern> {
        let mut values = values.iter();
        let mut tokens = Vec::new();
        let mut n_colons = 0;
        for piece in &self.pieces {
            match piece {
                Piece::Token(token) => {
                    n_colons += usize::from(*token == Token::Exactly(':'));
                    tokens.push(*token);
                }
                Piece::Variable(_) => {
                    let value = values.next().copied().unwrap_or_default();
                    if self.manner == Manner::Arn && n_colons < N_COLONS && value.contains(':') {
                        return None;
                    }
                    tokens.extend(
                        value
                            .chars()
                            .map(|character| self.manner.literal(character)),
                    );
                }
            }
        }
        Some(Pattern::new(tokens))
    }
}

/// Whether one of the texts of a condition matches a string.
///
/// A text whose variable has no value matches nothing; beside one that is matched it leaves the condition open
/// (`policy-variable`).
pub(crate) fn any_matches(texts: &[Text], value: &str, brought: &Brought<'_>) -> Truth {
    match Truth::any(texts.iter().map(|text| text.matches(value, brought))) {
        Truth::Yes if texts.iter().any(|text| text.is_without_value(brought)) => Truth::Open,
        truth @ (Truth::Yes | Truth::No | Truth::Open) => truth,
    }
}

/// The characters that mean something in a text.
pub(crate) const SPECIAL: [char; 3] = ['*', '?', '$'];

/// Whether a value has a character that means something in a text.
pub(crate) fn has_special(value: &str) -> bool {
    value.contains(SPECIAL)
}

/// The parts of a text; `None` when a variable is not well formed, or stands where none may, and of what is no ARN
/// and has to be one.
fn pieces(text: &str, manner: Manner, variables: bool) -> Option<Vec<Piece>> {
    let mut pieces = Vec::new();
    let mut place = Place::default();
    let mut rest = text;
    while let Some(character) = rest.chars().next() {
        if let Some(inner) = rest.strip_prefix("${").filter(|_| variables) {
            if manner.is_of_resource() && place.n_colons < N_COLONS {
                return None;
            }
            let (inside, behind) = inner.split_once('}')?;
            pieces.push(variable(inside, manner)?);
            rest = behind;
            continue;
        }
        rest = rest.get(character.len_utf8()..).unwrap_or_default();
        place.ends_segment = rest.is_empty() || rest.starts_with(':');
        pieces.push(Piece::Token(manner.token(character, place)));
        place.pass(character);
    }
    (manner != Manner::Arn || place.n_colons >= N_COLONS).then_some(pieces)
}

/// What the name of a key in a variable does not have.
const NOT_IN_NAMES: [char; 6] = ['*', '?', '$', '{', ',', '\''];

/// What stands between `${` and `}`.
fn variable(inside: &str, manner: Manner) -> Option<Piece> {
    if let "*" | "?" | "$" = inside {
        let character = inside.chars().next()?;
        return Some(Piece::Token(manner.literal(character)));
    }
    let (name, default) = match inside.split_once(", '") {
        None => (inside, None),
        Some((name, quoted)) => (name, Some(quoted.strip_suffix('\'')?)),
    };
    let has_quote = default.is_some_and(|text| text.contains('\''));
    let is_name = !name.is_empty() && name.trim() == name && !name.contains(NOT_IN_NAMES);
    (is_name && !has_quote).then(|| {
        Piece::Variable(Variable {
            key: Key::new(&ContextKey::new(name)),
            default: default.map(str::to_owned),
        })
    })
}
