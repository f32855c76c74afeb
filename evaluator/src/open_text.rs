//! Texts with openings: what they may match (page policy, *open texts*).

use model::{OpenText, TextPiece};

use crate::pattern::{But, Pattern, Token};

/// Every text that an open text may match, however it is read.
pub(crate) fn reach(open: &OpenText) -> Pattern {
    let mut tokens = Vec::new();
    for piece in open.pieces() {
        match piece {
            TextPiece::Known(text) => tokens.extend(text.chars().map(|char| match char {
                '*' => Token::Run(But::NOTHING),
                '?' => Token::One(But::NOTHING),
                char => Token::Char(char),
            })),
            TextPiece::Any(_) => tokens.push(Token::Run(But::NOTHING)),
            TextPiece::Part(_) => tokens.push(Token::Run(But::COLON)),
        }
    }
    Pattern::new(tokens)
}

/// The same where the case of letters does not count.
pub(crate) fn reach_in_any_case(open: &OpenText) -> Pattern {
    reach(open).folded()
}

fn known(open: &OpenText) -> impl Iterator<Item = &str> {
    open.pieces().iter().filter_map(|piece| match piece {
        TextPiece::Known(text) => Some(text.as_str()),
        TextPiece::Any(_) | TextPiece::Part(_) => None,
    })
}

/// How many colons it has whatever its openings stand for.
pub(crate) fn known_colons(open: &OpenText) -> usize {
    known(open).map(|text| text.matches(':').count()).sum()
}

/// Whether it may be `*` and nothing else.
pub(crate) fn may_be_everyone(open: &OpenText) -> bool {
    let is_any = |piece: &TextPiece| matches!(piece, TextPiece::Any(_));
    open.pieces().iter().any(is_any) && reach(open).matches("*")
}

/// Stands for a `part` where only the shape counts: no policy has it.
const PART: char = '\0';

/// Whether it is certainly the ARN of a user or a role: `arn:`, one part, `:iam:` and a slash.
pub(crate) fn names_user_or_role(open: &OpenText) -> bool {
    if !known(open).any(|text| text.contains('/')) {
        return false;
    }
    let mut front = String::new();
    for piece in open.pieces() {
        match piece {
            TextPiece::Known(text) => front.push_str(text),
            TextPiece::Part(_) => front.push(PART),
            TextPiece::Any(_) => break,
        }
    }
    let mut parts = front.splitn(4, ':');
    let is_arn = parts.next() == Some("arn");
    let has_partition = parts.next().is_some_and(|partition| {
        let is_known = !partition.is_empty() && !partition.contains(PART);
        is_known || partition.chars().eq([PART])
    });
    is_arn && has_partition && parts.next() == Some("iam") && parts.next().is_some()
}
