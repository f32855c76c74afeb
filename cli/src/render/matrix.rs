//! A matrix as text, CSV and Markdown.

use std::collections::BTreeSet;
use std::fmt::Write;

use evaluator::{FamilyTraffic, MatrixTraffic};
use ingest::Validated;
use model::Family;

use super::class::{traffic, traffic_texts};
use super::style::Style;
use crate::judge::Reason;
use crate::matrix::ends::{By, End};
use crate::matrix::parts::{Part, parts};
use crate::matrix::{Told, is_closed, is_open};

/// How many rows or columns of one part are listed by name in text.
const MOST_LISTED: usize = 12;

/// What a renderer is given.
#[derive(Clone, Copy)]
pub(crate) struct MatrixRendering<'a> {
    pub(crate) by: &'a By,
    /// The matrix, and that of another network to compare it with.
    pub(crate) told: &'a [Told],
    pub(crate) validated: &'a [Validated],
    /// Whether `--from` or `--to` asks what a name means.
    pub(crate) asks_names: bool,
    /// What may make anything otherwise.
    pub(crate) doubts: &'a BTreeSet<Reason>,
}

/// What is told in words, one item for each kind.
pub(crate) fn words(told: &MatrixTraffic) -> Vec<String> {
    let told_of: Vec<_> = told
        .families
        .iter()
        .map(|(family, of)| (family, of_family(of)))
        .collect();
    match told_of.as_slice() {
        [] => vec!["nothing".to_owned()],
        [(Family::V4, words)] => words.clone(),
        [(_, one), (_, other)] if one == other => one.clone(),
        several => {
            let of = |(family, words): &(&Family, Vec<String>)| {
                let family = family_word(**family);
                let words = words.iter().map(|word| format!("{family} {word}"));
                words.collect::<Vec<_>>()
            };
            several.iter().flat_map(of).collect()
        }
    }
}

pub(crate) const fn family_word(family: Family) -> &'static str {
    match family {
        Family::V4 => "IPv4",
        Family::V6 => "IPv6",
    }
}

fn of_family(of: &FamilyTraffic) -> Vec<String> {
    let mut words = Vec::new();
    if !of.every.is_empty() {
        words.push(traffic(&of.every));
    }
    if !of.only_some.is_empty() {
        words.push(format!("between some {}", traffic(&of.only_some)));
    }
    if !of.unanswered.is_empty() {
        words.push(format!("without a reply {}", traffic(&of.unanswered)));
    }
    for (hole, classes) in &of.undetermined {
        words.push(format!("undetermined {}, by {hole}", traffic(classes)));
    }
    if words.is_empty() {
        words.push("nothing".to_owned());
    }
    words
}

fn listed(labels: Vec<String>) -> String {
    let n_more = labels.len().saturating_sub(MOST_LISTED);
    let shown: Vec<String> = labels.into_iter().take(MOST_LISTED).collect();
    match n_more {
        0 => shown.join(", "),
        _ => format!("{} and {n_more} more", shown.join(", ")),
    }
}

fn counted<T>(end: &End<T>) -> String {
    match end.interfaces {
        None | Some(1) => end.label.clone(),
        Some(n) => format!("{} ({n})", end.label),
    }
}

fn labels<T>(
    ends: &[End<T>],
    positions: &[usize],
    label: impl Fn(&End<T>) -> String,
) -> Vec<String> {
    let ends = positions.iter().filter_map(|position| ends.get(*position));
    ends.map(label).collect()
}

/// For people.
pub(crate) fn text(rendering: MatrixRendering<'_>, style: Style) -> String {
    let mut text = String::new();
    let mut line = |line: &str| {
        let written = writeln!(text, "{line}");
        debug_assert!(written.is_ok(), "writing to a string does not fail");
    };
    match rendering.told {
        [before, after, ..] => {
            let changed = changed(before, after);
            let n_cells: usize = changed.parts.iter().map(|part| part.cells().count()).sum();
            line(&style.strong(&format!(
                "{n_cells} of {} cells differ, by {}",
                changed.rows.len() * changed.columns.len(),
                rendering.by.text()
            )));
            for part in &changed.parts {
                let from = positioned(&changed.rows, &part.rows);
                let to = positioned(&changed.columns, &part.columns);
                line(&format!("from {} to {}", listed(from), listed(to)));
                let (was, is) = &part.content;
                line(&format!("  was {}", was.join("; ")));
                line(&format!("  is  {}", is.join("; ")));
            }
        }
        [told] => {
            let (pairs, connected) = told.counts(told.cells());
            line(&style.strong(&format!(
                "who reaches whom, by {}: {connected} of {pairs} pairs are connected",
                rendering.by.text()
            )));
            let mut last: Option<&[usize]> = None;
            let mut parts = told.parts();
            // What is closed comes last of its rows.
            parts.sort_by_key(|part| {
                let traffic = told.matrix.traffics.get(part.content);
                (part.rows.first().copied(), traffic.is_some_and(is_closed))
            });
            for part in &parts {
                if last != Some(part.rows.as_slice()) {
                    last = Some(&part.rows);
                    let rows = labels(&told.ends.rows, &part.rows, counted);
                    line(&style.strong(&format!("from {}", listed(rows))));
                }
                line(&format!("  {}", part_text(told, part, style)));
            }
        }
        [] => {}
    }
    for told in preface(rendering) {
        line(&style.faint(&told));
    }
    if !rendering.doubts.is_empty() {
        line(&style.doubtful("not certain, any of it, because of"));
        for reason in rendering.doubts {
            line(&format!("  {reason}"));
        }
    }
    text
}

/// Assumptions and what is not modelled, each once.
fn preface(rendering: MatrixRendering<'_>) -> BTreeSet<String> {
    let validated = rendering.validated.iter();
    let lines = validated.flat_map(|one| super::preface(one, rendering.asks_names));
    lines.collect()
}

fn part_text(told: &Told, part: &Part<usize>, style: Style) -> String {
    let columns = listed(labels(&told.ends.columns, &part.columns, counted));
    let Some(traffic) = told.matrix.traffics.get(part.content) else {
        return columns;
    };
    let words = words(traffic).join("; ");
    let line = format!("to {columns}: {words}");
    match (is_open(traffic), is_closed(traffic)) {
        (true, _) => style.doubtful(&line),
        (false, true) => style.faint(&line),
        (false, false) => line,
    }
}

/// What differs between two matrices.
pub(crate) struct Changed {
    pub(crate) rows: Vec<String>,
    pub(crate) columns: Vec<String>,
    /// What was, and what is.
    pub(crate) parts: Vec<Part<(Vec<String>, Vec<String>)>>,
}

pub(crate) fn changed(before: &Told, after: &Told) -> Changed {
    let both = [before, after];
    let rows: BTreeSet<_> = both
        .iter()
        .flat_map(|told| told.ends.rows.iter().map(|end| end.label.clone()))
        .collect();
    let columns: BTreeSet<_> = both
        .iter()
        .flat_map(|told| told.ends.columns.iter().map(|end| end.label.clone()))
        .collect();
    let (rows, columns): (Vec<String>, Vec<String>) =
        (rows.into_iter().collect(), columns.into_iter().collect());
    let place = |told: &Told, row: &str, column: &str| {
        let row = told.ends.rows.iter().position(|end| end.label == row)?;
        let column = told
            .ends
            .columns
            .iter()
            .position(|end| end.label == column)?;
        let traffic = told.traffic(row, column)?;
        told.matrix.traffics.get(traffic).cloned()
    };
    let found = parts(rows.len(), columns.len(), |row, column| {
        let (row, column) = (rows.get(row)?, columns.get(column)?);
        let [was, is] = both.map(|told| place(told, row, column));
        let said = |traffic: Option<&MatrixTraffic>| match traffic {
            Some(traffic) => full_words(traffic),
            None => vec!["nobody".to_owned()],
        };
        Some((was != is).then(|| (said(was.as_ref()), said(is.as_ref()))))
    });
    let parts = found.into_iter().filter_map(|part| {
        Some(Part {
            rows: part.rows,
            columns: part.columns,
            content: part.content?,
        })
    });
    Changed {
        parts: parts.collect(),
        rows,
        columns,
    }
}

/// The same as [`words`], with nothing left out.
fn full_words(told: &MatrixTraffic) -> Vec<String> {
    let mut all = Vec::new();
    for (family, of) in &told.families {
        for (kind, hole, classes) in kinds(of) {
            let classes = traffic_texts(classes).join(", ");
            let family = family_word(*family);
            let by = hole.map_or(String::new(), |hole| format!(", by {hole}"));
            all.push(format!("{family} {kind} {classes}{by}"));
        }
    }
    if all.is_empty() {
        all.push("nothing".to_owned());
    }
    all
}

/// What is told of a family, by kind, with the hole where it is open.
pub(crate) fn kinds(
    of: &FamilyTraffic,
) -> impl Iterator<Item = (&'static str, Option<&model::Hole>, &[model::TrafficClass])> {
    let certain = [
        ("every", of.every.as_slice()),
        ("some", of.only_some.as_slice()),
        ("unanswered", of.unanswered.as_slice()),
    ];
    let certain = certain
        .into_iter()
        .filter(|(_, classes)| !classes.is_empty());
    let certain = certain.map(|(kind, classes)| (kind, None, classes));
    let open = of.undetermined.iter();
    certain.chain(open.map(|(hole, classes)| ("undetermined", Some(hole), classes.as_slice())))
}

pub(crate) fn positioned(labels: &[String], positions: &[usize]) -> Vec<String> {
    let labels = positions
        .iter()
        .filter_map(|position| labels.get(*position));
    labels.cloned().collect()
}

/// A field of CSV (RFC 4180).
fn field(text: &str) -> String {
    if text.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text.to_owned()
    }
}

fn csv_line(fields: &[String]) -> String {
    let fields: Vec<String> = fields.iter().map(|text| field(text)).collect();
    format!("{}\r\n", fields.join(","))
}

/// For spreadsheets: a line for each part, family and kind.
pub(crate) fn csv(rendering: MatrixRendering<'_>) -> String {
    let header = |names: &[&str]| {
        csv_line(
            &names
                .iter()
                .map(|name| (*name).to_owned())
                .collect::<Vec<_>>(),
        )
    };
    match rendering.told {
        [before, after, ..] => {
            let changed = changed(before, after);
            let mut text = header(&["from", "to", "was", "is"]);
            for part in &changed.parts {
                let (was, is) = &part.content;
                text.push_str(&csv_line(&[
                    positioned(&changed.rows, &part.rows).join("; "),
                    positioned(&changed.columns, &part.columns).join("; "),
                    was.join("; "),
                    is.join("; "),
                ]));
            }
            text
        }
        [told] => {
            let mut text = header(&[
                "from",
                "to",
                "family",
                "between",
                "traffic",
                "depends_on",
                "pairs",
                "connected",
            ]);
            for part in told.parts() {
                let Some(traffic) = told.matrix.traffics.get(part.content) else {
                    continue;
                };
                let label = |end: &End<_>| end.label.clone();
                let from = labels(&told.ends.rows, &part.rows, label).join("; ");
                let to =
                    labels(&told.ends.columns, &part.columns, |end| end.label.clone()).join("; ");
                let (pairs, connected) = told.counts(part.cells());
                for (family, of) in &traffic.families {
                    for (kind, hole, classes) in kinds(of) {
                        text.push_str(&csv_line(&[
                            from.clone(),
                            to.clone(),
                            family_word(*family).to_owned(),
                            kind.to_owned(),
                            traffic_texts(classes).join(" "),
                            hole.map(ToString::to_string).unwrap_or_default(),
                            pairs.to_string(),
                            connected.to_string(),
                        ]));
                    }
                }
            }
            text
        }
        [] => String::new(),
    }
}

/// A cell of a table in Markdown.
fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('\n', " ")
}

/// For pull requests.
pub(crate) fn markdown(rendering: MatrixRendering<'_>) -> String {
    let mut text = String::new();
    let mut line = |cells: &[String]| {
        let cells: Vec<String> = cells.iter().map(|one| cell(one)).collect();
        text.push_str(&format!("| {} |\n", cells.join(" | ")));
    };
    match rendering.told {
        [before, after, ..] => {
            let changed = changed(before, after);
            line(&["from", "to", "was", "is"].map(str::to_owned));
            line(&["---"; 4].map(str::to_owned));
            for part in &changed.parts {
                let (was, is) = &part.content;
                line(&[
                    positioned(&changed.rows, &part.rows).join(", "),
                    positioned(&changed.columns, &part.columns).join(", "),
                    was.join("; "),
                    is.join("; "),
                ]);
            }
        }
        [told] => {
            line(&["from", "to", "traffic"].map(str::to_owned));
            line(&["---"; 3].map(str::to_owned));
            for part in told.parts() {
                let traffic = told.matrix.traffics.get(part.content);
                let Some(traffic) = traffic.filter(|traffic| !is_closed(traffic)) else {
                    continue;
                };
                line(&[
                    listed(labels(&told.ends.rows, &part.rows, counted)),
                    listed(labels(&told.ends.columns, &part.columns, counted)),
                    words(traffic).join("; "),
                ]);
            }
        }
        [] => {}
    }
    if !rendering.doubts.is_empty() {
        text.push_str("\nNot certain, any of it, because of\n\n");
        for reason in rendering.doubts {
            text.push_str(&format!("- {reason}\n"));
        }
    }
    text
}
