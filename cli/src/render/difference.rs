//! What a change changes, for people.

use std::fmt::Write;

use evaluator::{ChangeKind, Course, Returned};
use ingest::Validated;
use model::{ComponentId, Hop, Network};

use super::class::{self, Labels};
use super::path::{self, View};
use super::style::Style;
use super::{edit, names, resolution, text};
use crate::change::cause::Cause;
use crate::change::confirm::Confirmed;
use crate::change::{Change, Class, Witness};
use crate::report::VerdictWord;
use crate::session::not_modelled;

/// How many rules of one cause are shown.
const MOST_RULES: usize = 8;

/// What a renderer of a change is given.
#[derive(Clone, Copy)]
pub(crate) struct DifferenceRendering<'a> {
    pub(crate) change: &'a Change,
    pub(crate) validated: [&'a Validated; 2],
    pub(crate) labels: &'a Labels<'a>,
}

impl<'a> DifferenceRendering<'a> {
    pub(crate) fn networks(self) -> [&'a Network; 2] {
        self.validated.map(|one| &one.network)
    }
}

/// The word of a kind of change.
pub(crate) const fn word(kind: ChangeKind) -> &'static str {
    match kind {
        ChangeKind::Opened => "opened",
        ChangeKind::Closed => "closed",
        ChangeKind::Moved => "moved",
        ChangeKind::ReplyOpened => "reply-opened",
        ChangeKind::ReplyClosed => "reply-closed",
        ChangeKind::Undetermined => "undetermined",
    }
}

/// The whole report.
pub(crate) fn report(rendering: DifferenceRendering<'_>, style: Style) -> String {
    let mut text = String::new();
    let mut push = |line: &str| {
        let written = writeln!(text, "{line}");
        debug_assert!(written.is_ok(), "writing to a string does not fail");
    };
    let change = rendering.change;
    for class in &change.classes {
        for line in self::class(class, rendering, style) {
            push(&line);
        }
        push("");
    }
    for line in names_and_policies(rendering, style) {
        push(&line);
    }
    for line in stated(rendering, style) {
        push(&line);
    }
    for hole in &change.open_in_both {
        push(&style.faint(&format!("undetermined before and after alike: {hole}")));
    }
    for reason in &change.doubts {
        push(&style.doubtful(&format!("there may be more: {reason}")));
    }
    for line in preface(rendering) {
        push(&style.faint(&line));
    }
    push(&style.strong(&summary(change)));
    text
}

fn class(class: &Class, rendering: DifferenceRendering<'_>, style: Style) -> Vec<String> {
    let labels = rendering.labels;
    let kind = class.kind();
    let word = format!("{:<9}", word(kind).to_uppercase());
    let word = match kind {
        ChangeKind::Opened | ChangeKind::ReplyOpened => style.bad(&word),
        ChangeKind::Closed | ChangeKind::ReplyClosed | ChangeKind::Moved => style.strong(&word),
        ChangeKind::Undetermined => style.doubtful(&word),
    };
    let from = labels.senders(&class.of.from);
    let to = labels.destinations(&class.of.to);
    let mut lines = vec![
        format!("{word} {}", class::traffic(&class.of.traffic)),
        format!("  from       {from}"),
        format!("  to         {to}"),
    ];
    if let Some(places) = labels.handed_on(&class.of.handed_on) {
        lines.push(format!("  handed on  to {places}"));
    }
    if let Some([one, other]) = &class.of.change.ways {
        let [before, after] = rendering.networks();
        lines.push(format!("  by         {}", way(one, before)));
        lines.push(format!("  now by     {}", way(other, after)));
    }
    lines.push(format!("  before     {}", course(&class.of.change.before)));
    lines.push(format!("  after      {}", course(&class.of.change.after)));
    lines.push(match &class.confirmed {
        Confirmed::Whole => "  proved     by both engines, before and after".to_owned(),
        Confirmed::Flows(1) => "  confirmed  by both engines for one flow".to_owned(),
        Confirmed::Flows(n) => format!("  confirmed  by both engines for {n} flows"),
        Confirmed::Open(reasons) => {
            let reasons: Vec<String> = reasons.iter().map(ToString::to_string).collect();
            style.doubtful(&format!("  open       {}", reasons.join("; ")))
        }
    });
    for one in &class.requests {
        let told = match one.is_opened {
            true => "denied before, permitted after",
            false => "permitted before, denied after",
        };
        lines.push(format!("  request    {}: {told}", one.request));
    }
    lines.extend(cause(&class.cause, rendering, style));
    if let Some(shown) = &class.witness {
        lines.extend(witness(shown, rendering, style));
    }
    lines
}

/// What a packet passes.
fn way(way: &[ComponentId], network: &Network) -> String {
    if way.is_empty() {
        return "nothing in between".to_owned();
    }
    let names = way.iter().map(|one| names::component(network, one));
    names.collect::<Vec<_>>().join(", ")
}

fn course(course: &Course) -> String {
    match course {
        Course::Dropped => "not delivered".to_owned(),
        Course::Delivered(Returned::Yes) => "delivered, and answered".to_owned(),
        Course::Delivered(Returned::No) => "delivered, but no reply comes back".to_owned(),
        Course::Delivered(Returned::Undetermined(hole)) => {
            format!("delivered; whether a reply comes back depends on {hole}")
        }
        Course::Undetermined(hole) => format!("it depends on {hole}"),
    }
}

fn cause(cause: &Cause, rendering: DifferenceRendering<'_>, style: Style) -> Vec<String> {
    let edits = match cause {
        Cause::Edits(edits) => edits,
        Cause::Whole => {
            return vec!["  cause      the whole change; no part of it suffices".to_owned()];
        }
        Cause::OutOfBudget => {
            return vec!["  cause      not found among the parts that were tried".to_owned()];
        }
    };
    let mut lines = Vec::new();
    for one in edits {
        lines.push(format!(
            "  cause      {}",
            edit::text(one, rendering.networks())
        ));
        let rules = edit::lines(one, rendering.validated);
        let n_more = rules.len().saturating_sub(MOST_RULES);
        for line in rules.into_iter().take(MOST_RULES) {
            let sign = if line.is_added { "+" } else { "-" };
            lines.push(format!("             {sign} {}", line.text));
            if let Some(place) = line.place {
                lines.push(style.faint(&format!("               --> {place}")));
            }
        }
        if n_more > 0 {
            lines.push(format!("             and {n_more} more"));
        }
    }
    lines
}

/// One flow, from where its courses part.
fn witness(shown: &Witness, rendering: DifferenceRendering<'_>, style: Style) -> Vec<String> {
    let [before, after] = rendering.validated;
    let mut lines = vec![format!("  flow       {}", text::flow(after, &shown.flow))];
    let [earlier, later] = &shown.traces;
    let requests = parting([&earlier.forward, &later.forward], rendering);
    let (word, hops, first) = match requests {
        Some(first) => ("", [&earlier.forward, &later.forward], first),
        None => match parting([&earlier.reply, &later.reply], rendering) {
            Some(first) => (" (reply)", [&earlier.reply, &later.reply], first),
            None => return lines,
        },
    };
    let [one, other] = hops;
    for (title, hops, validated) in [("before", one, before), ("after", other, after)] {
        lines.push(format!("  {title}{word}"));
        let view = View {
            validated,
            difference: None,
            reply: true,
            style,
        };
        lines.extend(path::steps(hops, first, view));
    }
    lines
}

/// The first step at which two walks differ.
fn parting([one, other]: [&[Hop]; 2], rendering: DifferenceRendering<'_>) -> Option<usize> {
    let [before, after] = rendering.validated;
    let told = |hop: &Hop, validated: &Validated| {
        (path::told(hop, validated), hop.clause, hop.effect.clone())
    };
    let mut pairs = one.iter().zip(other);
    let differs = pairs.position(|(one, other)| told(one, before) != told(other, after));
    differs.or_else(|| (one.len() != other.len()).then(|| one.len().min(other.len())))
}

fn names_and_policies(rendering: DifferenceRendering<'_>, style: Style) -> Vec<String> {
    let [before, after] = rendering.networks();
    let mut lines = Vec::new();
    for name in &rendering.change.names {
        let place = resolution::place(after, &name.asker);
        let head = format!("NAME      {} {place}", name.name);
        lines.push(if name.is_open() {
            style.doubtful(&head)
        } else {
            style.strong(&head)
        });
        let told = |network, resolution: &model::Resolution| {
            let answer = resolution::answer(network, &resolution.answer);
            format!("{answer}  [{}]", resolution.clause)
        };
        lines.push(format!("  before     {}", told(before, &name.before)));
        lines.push(format!("  after      {}", told(after, &name.after)));
        lines.push(String::new());
    }
    for policy in &rendering.change.policies {
        let head = format!("POLICY    {}", policy.of.told(after));
        lines.push(style.strong(&head));
        for note in &policy.notes {
            lines.push(format!("  now        {note}"));
        }
        for reason in &policy.reasons {
            lines.push(style.doubtful(&format!("  open       {reason}")));
        }
        lines.push(String::new());
    }
    lines
}

fn stated(rendering: DifferenceRendering<'_>, style: Style) -> Vec<String> {
    let Some(stated) = &rendering.change.stated else {
        return Vec::new();
    };
    let word = format!("{:<9}", stated.verdict.to_string());
    let word = match stated.verdict {
        VerdictWord::Proved => style.good(&word),
        VerdictWord::Violated => style.bad(&word),
        VerdictWord::Vacuous | VerdictWord::Unknown => style.doubtful(&word),
    };
    let mut lines = vec![format!("{word} [change]")];
    for entry in &stated.less {
        let line = format!(
            "  less       {} {}: it does not happen",
            entry.does.name(),
            entry.sentence
        );
        lines.push(line);
    }
    for (position, kinds) in &stated.more {
        if let Some(class) = rendering.change.classes.get(*position) {
            let from = rendering.labels.senders(&class.of.from);
            let to = rendering.labels.destinations(&class.of.to);
            let traffic = class::traffic(&class.of.traffic);
            let what: Vec<_> = kinds.iter().map(|kind| self::word(*kind)).collect();
            let what = what.join(" and ");
            let handed_on = rendering.labels.handed_on(&class.of.handed_on);
            let behind = handed_on.map(|places| format!(", handed on to {places}"));
            let behind = behind.unwrap_or_default();
            lines.push(format!(
                "  more       {what} {traffic} from {from} to {to}{behind}"
            ));
        }
    }
    lines.push(String::new());
    lines
}

/// Assumptions and what is not modelled, each once.
fn preface(rendering: DifferenceRendering<'_>) -> Vec<String> {
    let mut lines = Vec::new();
    for validated in rendering.validated {
        lines.extend(super::assumed(validated, true));
        for diagnostic in not_modelled(validated) {
            lines.push(diagnostic.to_string());
        }
    }
    let mut once = Vec::new();
    for line in lines {
        if !once.contains(&line) {
            once.push(line);
        }
    }
    once
}

/// How many classes there are of each kind.
pub(crate) fn count(change: &Change, kind: ChangeKind) -> usize {
    change
        .classes
        .iter()
        .filter(|class| class.kind() == kind)
        .count()
}

fn summary(change: &Change) -> String {
    let kinds = [
        ChangeKind::Opened,
        ChangeKind::Closed,
        ChangeKind::Moved,
        ChangeKind::ReplyOpened,
        ChangeKind::ReplyClosed,
        ChangeKind::Undetermined,
    ];
    let counts = kinds.map(|kind| format!("{} {}", count(change, kind), word(kind)));
    let plural = |n: usize, one: &str, more: &str| match n {
        1 => format!("1 {one}"),
        n => format!("{n} {more}"),
    };
    format!(
        "{}; {}, {}",
        counts.join(", "),
        plural(change.names.len(), "name", "names"),
        plural(change.policies.len(), "policy", "policies")
    )
}
