//! Texts of policies, of which the input may leave parts open.

use std::fmt;

use crate::hole::Hole;

/// A resource, a value of a condition or a principal as a policy has it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum PolicyText {
    /// The input says all of it.
    Known(String),
    /// The input leaves a part of it open, or all of it.
    Open(OpenText),
}

/// A text with openings (page policy, *open texts*).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct OpenText {
    pieces: Vec<TextPiece>,
    hole: Hole,
}

/// A piece of a text.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum TextPiece {
    /// As it stands in the policy.
    Known(String),
    /// Any text in which no variable begins, with wildcards or without, or none at all.
    Any(Hole),
    /// A text that is not empty and has neither wildcards nor `$` nor `:`, as an account or an id.
    Part(Hole),
}

impl TextPiece {
    /// The hole of an opening.
    pub const fn hole(&self) -> Option<&Hole> {
        match self {
            TextPiece::Known(_) => None,
            TextPiece::Any(hole) | TextPiece::Part(hole) => Some(hole),
        }
    }
}

impl OpenText {
    /// Known pieces that are empty are left out, and neighbours are one. `None` when nothing is
    /// open, and when a known piece has a `$`: what the variable is that it may begin could depend
    /// on what is open.
    ///
    /// ```
    /// use model::{Hole, OpenText, TextPiece};
    ///
    /// let bucket = TextPiece::Part(Hole::new("aws_s3_bucket.logs.id"));
    /// let known = |text: &str| TextPiece::Known(text.to_owned());
    /// let text = OpenText::new(vec![known("arn:aws:s3:::"), bucket.clone(), known("/*")]);
    /// assert_eq!(text.unwrap().to_string(), "arn:aws:s3:::{aws_s3_bucket.logs.id}/*");
    /// assert_eq!(OpenText::new(vec![known("arn:aws:s3:::logs")]), None);
    /// assert_eq!(OpenText::new(vec![bucket, known("/${aws:username}")]), None);
    /// ```
    pub fn new(pieces: Vec<TextPiece>) -> Option<Self> {
        let hole = pieces.iter().find_map(TextPiece::hole)?.clone();
        let mut merged: Vec<TextPiece> = Vec::with_capacity(pieces.len());
        for piece in pieces {
            match (merged.last_mut(), piece) {
                (_, TextPiece::Known(text)) if text.is_empty() => {}
                (Some(TextPiece::Known(before)), TextPiece::Known(text)) => before.push_str(&text),
                (_, piece) => merged.push(piece),
            }
        }
        let is_variable = |piece: &TextPiece| match piece {
            TextPiece::Known(text) => text.contains('$'),
            TextPiece::Any(_) | TextPiece::Part(_) => false,
        };
        let has_variable = merged.iter().any(is_variable);
        (!has_variable).then_some(Self {
            pieces: merged,
            hole,
        })
    }

    /// The pieces in their order, at least one of which is an opening; no two known ones are
    /// neighbours.
    pub fn pieces(&self) -> &[TextPiece] {
        &self.pieces
    }

    /// The hole of the first opening.
    pub const fn hole(&self) -> &Hole {
        &self.hole
    }
}

impl PolicyText {
    /// The text when all of it is known.
    pub const fn known(&self) -> Option<&String> {
        match self {
            PolicyText::Known(text) => Some(text),
            PolicyText::Open(_) => None,
        }
    }

    /// What is open about it.
    pub const fn open(&self) -> Option<&OpenText> {
        match self {
            PolicyText::Known(_) => None,
            PolicyText::Open(open) => Some(open),
        }
    }
}

impl From<String> for PolicyText {
    fn from(text: String) -> Self {
        PolicyText::Known(text)
    }
}

impl From<&str> for PolicyText {
    fn from(text: &str) -> Self {
        PolicyText::Known(text.to_owned())
    }
}

/// The text, with the hole of each opening in braces.
impl fmt::Display for OpenText {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.pieces.iter().try_for_each(|piece| match piece {
            TextPiece::Known(text) => formatter.write_str(text),
            TextPiece::Any(hole) | TextPiece::Part(hole) => write!(formatter, "{{{hole}}}"),
        })
    }
}

impl fmt::Display for PolicyText {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            PolicyText::Known(text) => formatter.write_str(text),
            PolicyText::Open(open) => open.fmt(formatter),
        }
    }
}
