//! Mistakes in the syntax of TOML, for every file that is TOML.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, Error};

/// How deep tables and arrays may be nested; the parser counts and refuses.
pub const MAX_DEPTH: u32 = 80;
/// How many mistakes of syntax are reported; a file that is not TOML at all has thousands.
pub const MAX_SYNTAX_ERRORS: usize = 20;
/// The largest text of which more than the first mistake of syntax is looked for: 1 MiB. Each of
/// them costs memory.
const MAX_RECOVERED_BYTES: usize = 1024 * 1024;

/// What kind of mistake it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The text is not TOML.
    Syntax,
    /// It is nested deeper than [`MAX_DEPTH`].
    TooDeep,
}

/// One mistake.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    /// Its kind.
    pub kind: Kind,
    /// The bytes that it is about.
    pub span: Range<usize>,
    /// What is wrong: one line in lower case.
    pub message: String,
    /// What to do.
    pub help: Option<&'static str>,
}

/// Parses a text.
///
/// # Errors
///
/// The first mistakes, [`MAX_SYNTAX_ERRORS`] at most.
pub fn parse(text: &str) -> Result<Spanned<DeTable<'_>>, Vec<Mistake>> {
    let errors = if text.len() > MAX_RECOVERED_BYTES {
        match DeTable::parse(text) {
            Ok(table) => return Ok(table),
            Err(error) => vec![error],
        }
    } else {
        let (table, errors) = DeTable::parse_recoverable(text);
        if errors.is_empty() {
            return Ok(table);
        }
        errors
    };
    let mistakes = errors.iter().take(MAX_SYNTAX_ERRORS);
    let mut mistakes: Vec<_> = mistakes.map(|error| mistake(error, text)).collect();
    // The brackets that are not closed after that are no mistakes of the user.
    let too_deep = mistakes.iter().position(|one| one.kind == Kind::TooDeep);
    if let Some(too_deep) = too_deep {
        mistakes = vec![mistakes.swap_remove(too_deep)];
    }
    Err(mistakes)
}

fn mistake(error: &Error, text: &str) -> Mistake {
    let span = error.span().unwrap_or(0..0);
    let message = error.message().replace('\n', ", ");
    if message.contains("recursion") {
        return Mistake {
            kind: Kind::TooDeep,
            span,
            message: format!("nested deeper than {MAX_DEPTH} levels"),
            help: Some("nothing that is read here is nested like this"),
        };
    }
    let (message, help) = match (message.as_str(), text.get(span.clone())) {
        ("duplicate key", Some(key)) => {
            let help = "a table and a key stand once; give the second another name";
            (format!("`{}` is defined twice", key.trim()), Some(help))
        }
        (_, _) => (message, None),
    };
    Mistake {
        kind: Kind::Syntax,
        span,
        message: format!("not valid TOML: {message}"),
        help,
    }
}
