//! Writing claims as an invariant file.

use std::fmt::Write as _;

use super::Claims;
use super::part::{Piece, Waiver};

/// The text of an invariant file; `prefix` begins the names of its claims, and `file` is what it says it
/// was made from.
pub(crate) fn write(claims: &Claims, prefix: &str, file: &str) -> String {
    let file: String = file
        .chars()
        .map(|letter| if letter.is_control() { '?' } else { letter })
        .collect();
    let mut text = String::new();
    let mut line = |line: &str| {
        let written = writeln!(text, "{line}");
        debug_assert!(written.is_ok(), "writing to a string does not fail");
    };
    line(
        "# A Network Access Scope of AWS as claims, made by `vpcproof import-scope`: what it finds is not to be.",
    );
    line(&format!("# From {file}"));
    for name in &claims.idle {
        line(&format!("# {name} takes nothing more out."));
    }
    line("");
    let mut groups = Vec::new();
    let mut tables = Vec::new();
    for (number, (name, pieces)) in claims.of_matches.iter().enumerate() {
        let is_one = pieces.len() == 1;
        for (position, piece) in pieces.iter().enumerate() {
            let claim = if is_one {
                format!("{prefix}-match-{number}")
            } else {
                format!("{prefix}-match-{number}-{}", position + 1)
            };
            tables.push(table(&claim, name, piece, &file, &mut groups));
        }
    }
    if !groups.is_empty() {
        line("[group]");
        for (name, selectors) in &groups {
            line(&format!("{name} = {}", list(selectors)));
        }
        line("");
    }
    line(tables.join("\n").trim_end());
    text
}

/// The table of a part, with those of its waivers.
fn table(
    claim: &str,
    name: &str,
    piece: &Piece,
    file: &str,
    groups: &mut Vec<(String, Vec<String>)>,
) -> String {
    let left = &piece.left;
    let mut comment = format!("# {name}");
    for (words, by) in [
        (", without the addresses of ", &left.without_by),
        (", but by what ", &left.via_by),
    ] {
        if !by.is_empty() {
            comment.push_str(&format!("{words}{}", by.join(", ")));
        }
    }
    if !left.via_by.is_empty() {
        comment.push_str(" names");
    }
    if !left.emptied_by.is_empty() {
        let (from, to) = (piece.from.join(", "), piece.to.join(", "));
        let by = left.emptied_by.join(", ");
        return format!("{comment} from {from} to {to}: {by} leaves nothing of it.\n");
    }
    let is_only = !left.via.is_empty();
    let mut text = format!(
        "{comment}\n[[{}]]\n",
        if is_only { "only" } else { "never" }
    );
    let mut field = |field: &str, value: &str| text.push_str(&format!("{field} = {value}\n"));
    field("name", &quoted(claim));
    field("from", &list(&piece.from));
    field("to", &list(&piece.to));
    field("traffic", &list(&piece.packets.texts()));
    field("family", "\"ipv4\"");
    match left.via.as_slice() {
        [] => {}
        [one] => field("via", &quoted(one)),
        several => {
            let group = format!("{claim}-via");
            field("via", &quoted(&group));
            groups.push((group, several.to_vec()));
        }
    }
    for waiver in &left.waivers {
        text.push_str(&waived(claim, waiver, file));
    }
    text
}

fn waived(claim: &str, waiver: &Waiver, file: &str) -> String {
    let mut text = format!("\n[[waive]]\ninvariant = {}\n", quoted(claim));
    let traffic = waiver.packets.as_ref().map(super::Packets::texts);
    let fields = [
        ("from", &waiver.from),
        ("to", &waiver.to),
        ("traffic", &traffic.unwrap_or_default()),
    ];
    for (name, selectors) in fields {
        if !selectors.is_empty() {
            text.push_str(&format!("{name} = {}\n", list(selectors)));
        }
    }
    let reason = format!("excluded by {} of {file}", waiver.by);
    text.push_str(&format!("reason = {}\n", quoted(&reason)));
    text
}

/// One string, or a list of them.
fn list(texts: &[String]) -> String {
    match texts {
        [one] => quoted(one),
        _ => {
            let texts: Vec<String> = texts.iter().map(|text| quoted(text)).collect();
            format!("[{}]", texts.join(", "))
        }
    }
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}
