//! Texts with openings, as native files have them in policies: `{"any": "<attribute>"}` and
//! `{"part": "<attribute>"}`, and `{"join": […]}` of these and of strings.

use crate::json::{Value as Json, json};
use model::{Hole, OpenText, TextPiece};

use crate::diagnostic::{Code, Diagnostic};
use crate::json::Cursor;
use crate::sink::Sink;

const ANY: &str = "any";
const PART: &str = "part";
const JOIN: &str = "join";

/// Reads one.
pub(super) fn read(cursor: &Cursor<'_>, sink: &mut Sink) -> Option<OpenText> {
    let pieces = match cursor.get(JOIN) {
        Some(list) if cursor.as_object(sink).len() == 1 => {
            let pieces = list.as_list(sink);
            let pieces: Vec<_> = pieces.iter().map(|one| piece(one, sink)).collect();
            pieces.into_iter().collect::<Option<Vec<_>>>()?
        }
        Some(_) | None => vec![piece(cursor, sink)?],
    };
    let is_open = pieces.iter().any(|piece| piece.hole().is_some());
    let text = OpenText::new(pieces);
    if text.is_none() {
        let (message, help) = if is_open {
            let help = "leave the whole policy open: `policy = { any = \"…\" }`";
            ("a `$` stands beside what is open in this text", help)
        } else {
            ("nothing in this text is open", "write it as a string")
        };
        let error = Diagnostic::error(cursor.place(), Code::InvalidPolicy, message);
        sink.push(error.help(help));
    }
    text
}

fn piece(cursor: &Cursor<'_>, sink: &mut Sink) -> Option<TextPiece> {
    if !cursor.value().is_object() {
        return Some(TextPiece::Known(cursor.as_text(sink)?.to_owned()));
    }
    match cursor.as_object(sink).as_slice() {
        [(ANY, hole)] => Some(TextPiece::Any(Hole::new(hole.as_text(sink)?))),
        [(PART, hole)] => Some(TextPiece::Part(Hole::new(hole.as_text(sink)?))),
        [..] => {
            let message = "this is no opening of a text";
            let error = Diagnostic::error(cursor.place(), Code::InvalidPolicy, message);
            let help = format!("expected one of `{ANY}`, `{PART}` and `{JOIN}`");
            sink.push(error.help(help));
            None
        }
    }
}

/// Writes one.
pub(super) fn write(open: &OpenText) -> Json {
    match open.pieces() {
        [piece] => written(piece),
        pieces => json!({ JOIN: pieces.iter().map(written).collect::<Vec<_>>() }),
    }
}

fn written(piece: &TextPiece) -> Json {
    match piece {
        TextPiece::Known(text) => Json::String(text.clone()),
        TextPiece::Any(hole) => json!({ ANY: hole.attribute() }),
        TextPiece::Part(hole) => json!({ PART: hole.attribute() }),
    }
}
