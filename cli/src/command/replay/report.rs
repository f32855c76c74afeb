//! What is told of records that were replayed.

use std::fmt::Write;

use serde::Serialize;

use crate::command::output::Format;
use crate::render::style::Style;
use crate::replay::{Cause, Group, Says, Tally};

#[derive(Serialize)]
struct Document<'a> {
    agree: u64,
    differ: u64,
    unknown: u64,
    not_judged: u64,
    no_data: u64,
    unreadable: u64,
    groups: Vec<GroupJson<'a>>,
}

#[derive(Serialize)]
struct GroupJson<'a> {
    outcome: &'static str,
    records: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    action: Option<&'static str>,
    because: String,
    example: Example<'a>,
}

#[derive(Serialize)]
struct Example<'a> {
    file: String,
    line: u64,
    text: &'a str,
}

pub(super) fn render(tally: &Tally, format: Format, style: Style) -> String {
    match format {
        Format::Text => text(tally, style),
        Format::Json => json(tally),
    }
}

fn text(tally: &Tally, style: Style) -> String {
    let mut text = String::new();
    for (cause, group) in &tally.groups {
        let outcome = outcome(cause);
        let word = format!("{:<10}", outcome.to_uppercase().replace('-', " "));
        let word = match cause {
            Cause::Differs { .. } | Cause::Unreadable(_) => style.bad(&word),
            Cause::Open(_) => style.doubtful(&word),
            Cause::NotJudged(_) => style.faint(&word),
        };
        let action = action(cause).map_or(String::new(), |action| format!(" {action}"));
        let (n, things) = (group.n, things(cause, group.n));
        // `write!` into a string does not fail.
        let _ = writeln!(text, "{word} {n}{action} {things}: {}", because(cause));
        let Group {
            file,
            line,
            text: example,
            ..
        } = group;
        let _ = writeln!(text, "  first      {}:{line}  {example}", file.display());
    }
    let Document {
        agree,
        differ,
        unknown,
        not_judged,
        no_data,
        unreadable,
        ..
    } = document(tally);
    let _ = writeln!(
        text,
        "\n{agree} agree, {differ} differ, {unknown} unknown, {not_judged} not judged; \
         {no_data} without data, {unreadable} unreadable"
    );
    text
}

fn json(tally: &Tally) -> String {
    let text = serde_json::to_string_pretty(&document(tally));
    text.map(|text| text + "\n").unwrap_or_default()
}

fn document(tally: &Tally) -> Document<'_> {
    let groups = tally.groups.iter().map(|(cause, group)| GroupJson {
        outcome: outcome(cause),
        records: group.n,
        action: action(cause),
        because: because(cause),
        example: Example {
            file: group.file.display().to_string(),
            line: group.line,
            text: &group.text,
        },
    });
    Document {
        agree: tally.n_agree,
        differ: tally.count(|cause| matches!(cause, Cause::Differs { .. })),
        unknown: tally.count(|cause| matches!(cause, Cause::Open(_))),
        not_judged: tally.count(|cause| matches!(cause, Cause::NotJudged(_))),
        no_data: tally.n_no_data,
        unreadable: tally.count(|cause| matches!(cause, Cause::Unreadable(_))),
        groups: groups.collect(),
    }
}

const fn outcome(cause: &Cause) -> &'static str {
    match cause {
        Cause::Differs { .. } => "differs",
        Cause::Open(_) => "unknown",
        Cause::NotJudged(_) => "not-judged",
        Cause::Unreadable(_) => "unreadable",
    }
}

const fn action(cause: &Cause) -> Option<&'static str> {
    match cause {
        Cause::Differs {
            is_accepted: true, ..
        } => Some("ACCEPT"),
        Cause::Differs {
            is_accepted: false, ..
        } => Some("REJECT"),
        Cause::Open(_) | Cause::NotJudged(_) | Cause::Unreadable(_) => None,
    }
}

const fn things(cause: &Cause, n: u64) -> &'static str {
    match (cause, n) {
        (Cause::Unreadable(_), 1) => "line",
        (Cause::Unreadable(_), _) => "lines",
        (_, 1) => "record",
        (_, _) => "records",
    }
}

fn because(cause: &Cause) -> String {
    match cause {
        Cause::Differs { says, .. } => match says {
            Says::Accepts(interface) => format!("the filters of {interface} let it pass"),
            Says::Rejects(component, clause) => {
                format!("{component} rejects it  [{}]", clause.name())
            }
            Says::Before(component, clause) => {
                format!(
                    "{component} drops it before it comes there  [{}]",
                    clause.name()
                )
            }
        },
        Cause::Open(hole) => format!("it depends on {hole}"),
        Cause::NotJudged(why) => (*why).to_owned(),
        Cause::Unreadable(why) => why.told().to_owned(),
    }
}
