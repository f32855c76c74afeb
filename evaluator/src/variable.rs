//! Variables in policies (`policy-variable`): texts of which parts follow from the request.

use model::ContextKey;

use crate::context::{Key, is_several};
use crate::pattern::Symbol;

/// A text of a policy, with the variables in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Template {
    pieces: Vec<Piece>,
    /// Whether it is open whatever the request: a variable is not written as variables are, its
    /// key may have several values, or it stands where none may.
    broken: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece {
    Symbol(Symbol),
    Variable {
        key: Key,
        /// What it stands for when the key is absent.
        default: Option<String>,
    },
}

/// What the request says of a variable's key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Taken {
    Text(String),
    Absent,
    Open,
}

/// What a template stands for in a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Filled {
    Symbols(Vec<Symbol>),
    /// A key is absent: it matches nothing.
    Nothing,
    Open,
}

impl Template {
    /// Reads a text; without variables everything in it is text.
    pub(crate) fn new(text: &str, variables: bool) -> Self {
        Self::read(text, variables, 0)
    }

    /// Reads a resource, in which variables stand behind the fifth colon.
    pub(crate) fn of_resource(text: &str, variables: bool) -> Self {
        Self::read(text, variables, 5)
    }

    fn read(text: &str, variables: bool, behind: usize) -> Self {
        let mut template = Self {
            pieces: Vec::new(),
            broken: false,
        };
        let mut colons = 0;
        let mut rest = text;
        while let Some(char) = rest.chars().next() {
            let inside = rest.strip_prefix("${").filter(|_| variables);
            if let Some(inside) = inside {
                let Some((piece, behind_it)) = piece(inside) else {
                    template.broken = true;
                    break;
                };
                template.broken |= colons < behind;
                template.pieces.push(piece);
                rest = behind_it;
                continue;
            }
            colons += usize::from(char == ':');
            let symbol = Symbol::Written(char);
            template.pieces.push(Piece::Symbol(symbol));
            rest = rest.get(char.len_utf8()..).unwrap_or_default();
        }
        template
    }

    /// The keys of its variables.
    pub(crate) fn keys(&self) -> impl Iterator<Item = &Key> {
        self.pieces.iter().filter_map(|piece| match piece {
            Piece::Variable { key, .. } => Some(key),
            Piece::Symbol(_) => None,
        })
    }

    /// Its characters when they do not depend on the request.
    pub(crate) fn fixed(&self) -> Option<Vec<Symbol>> {
        match self.fill(|_| Taken::Open) {
            Filled::Symbols(symbols) => Some(symbols),
            Filled::Nothing | Filled::Open => None,
        }
    }

    /// Whether a variable without a default has an absent key.
    pub(crate) fn lacks(&self, mut take: impl FnMut(&Key) -> Taken) -> bool {
        self.pieces.iter().any(|piece| match piece {
            Piece::Variable { key, default: None } => take(key) == Taken::Absent,
            Piece::Variable { .. } | Piece::Symbol(_) => false,
        })
    }

    /// Puts what the request says in the place of each variable.
    pub(crate) fn fill(&self, mut take: impl FnMut(&Key) -> Taken) -> Filled {
        let mut symbols = Vec::with_capacity(self.pieces.len());
        let (mut nothing, mut open) = (false, self.broken);
        for piece in &self.pieces {
            match piece {
                Piece::Symbol(symbol) => symbols.push(*symbol),
                Piece::Variable { key, default } => {
                    let text = match (take(key), default) {
                        (Taken::Text(text), _) => Some(text),
                        (Taken::Absent, Some(default)) => Some(default.clone()),
                        (Taken::Absent, None) => {
                            nothing = true;
                            None
                        }
                        (Taken::Open, _) => {
                            open = true;
                            None
                        }
                    };
                    let text = text.unwrap_or_default();
                    open |= text.contains(['*', '?', '$']);
                    symbols.extend(text.chars().map(Symbol::Literal));
                }
            }
        }
        match (open, nothing) {
            (true, _) => Filled::Open,
            (false, true) => Filled::Nothing,
            (false, false) => Filled::Symbols(symbols),
        }
    }
}

/// Reads what stands behind `${`, and what is behind its `}`. `None` when it is not closed, is
/// empty or written in another way, or when its key may have several values.
fn piece(inside: &str) -> Option<(Piece, &str)> {
    for char in ['*', '?', '$'] {
        let behind = inside
            .strip_prefix(char)
            .and_then(|rest| rest.strip_prefix('}'));
        if let Some(behind) = behind {
            return Some((Piece::Symbol(Symbol::Literal(char)), behind));
        }
    }
    let end = inside.find([',', '}'])?;
    let (name, behind) = (inside.get(..end)?, inside.get(end..)?);
    let (default, behind) = match behind.strip_prefix('}') {
        Some(behind) => (None, behind),
        None => {
            let (default, behind) = behind.strip_prefix(", '")?.split_once('\'')?;
            (Some(default.to_owned()), behind.strip_prefix('}')?)
        }
    };
    let key = ContextKey::new(name);
    let is_name = !default.as_ref().is_some_and(|text| text.contains('}'))
        && !name.is_empty()
        && name.trim() == name
        && !name.contains(['*', '?', '$', '{', '\''])
        && !is_several(&key);
    let variable = Piece::Variable {
        key: Key::new(&key),
        default,
    };
    is_name.then_some((variable, behind))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pattern::Pattern;

    fn fill(text: &str, taken: &Taken) -> Filled {
        Template::new(text, true).fill(|_| taken.clone())
    }

    #[test]
    fn what_a_variable_stands_for_is_no_wildcard() {
        let filled = fill("a*${k}", &Taken::Text("b".into()));
        let Filled::Symbols(symbols) = filled else {
            panic!("{filled:?}")
        };
        assert!(Pattern::like(&symbols).matches("axxb"));
        assert_eq!(fill("${k}", &Taken::Text("b*".into())), Filled::Open);
        let Some(symbols) = Template::new("${*}${?}${$}", true).fixed() else {
            panic!("fixed")
        };
        assert!(Pattern::like(&symbols).matches("*?$"));
        assert!(!Pattern::like(&symbols).matches("ab$"));
    }

    #[test]
    fn an_absent_key_has_its_default_or_matches_nothing() {
        assert_eq!(fill("a${k}", &Taken::Absent), Filled::Nothing);
        let filled = fill("${k, 'b'}", &Taken::Absent);
        assert_eq!(filled, Filled::Symbols(vec![Symbol::Literal('b')]));
    }

    #[test]
    fn a_broken_variable_is_open() {
        for text in [
            "${k",
            "${}",
            "${k, 'a}",
            "${, 'a'}",
            "${k, a}",
            "${ k}",
            "${k,'a'}",
            "${k,  'a'}",
            "${k, 'a' }",
            "${a${k}}",
            "${aws:TagKeys}",
        ] {
            assert_eq!(fill(text, &Taken::Absent), Filled::Open, "{text}");
            let older = Template::new(text, false);
            assert_eq!(older.fixed(), Some(Symbol::written(text)), "{text}");
        }
        let early = Template::of_resource("arn:aws:s3::${k}:b", true);
        assert_eq!(early.fill(|_| Taken::Text("b".into())), Filled::Open);
    }
}
