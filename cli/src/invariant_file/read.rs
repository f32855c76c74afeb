//! Reading the invariant file.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::path::Path;

use ingest::toml_error::{self, Mistake};
use model::Family;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::claim::{Asked, Selection, Severity, Statement, Word};
use super::fields::{Notes, Text};
use super::waive::Origin;
use super::{InvariantFile, change, policy, request, sites, traffic, waive};
use crate::change::stated::Does;
use crate::nearest::suggest;
use crate::problem::{Problem, ProblemCode, SourceText};
use crate::selector::parse::{self, Context, Names};

/// The parts of a file.
const PARTS: [&str; 9] = [
    "change",
    "group",
    "onprem",
    "never",
    "always",
    "sometimes",
    "only",
    "policy",
    "waive",
];
/// The most selectors that a list may stand for: groups name groups, and each may double them.
const MAX_SELECTORS: usize = 1000;
/// The most selectors that all lists of a file may stand for.
const MAX_ALL_SELECTORS: usize = 100_000;
/// The most groups that lead to one another.
const MAX_GROUP_DEPTH: usize = 32;
/// The fields of every claim.
const FIELDS: [&str; 9] = [
    "name",
    "from",
    "to",
    "traffic",
    "source-ports",
    "family",
    "request",
    "severity",
    "vacuous",
];

/// Reads a file's text.
pub(super) fn read(source: SourceText) -> Result<InvariantFile, Vec<Problem>> {
    let text = source.text.clone();
    let document = toml_error::parse(&text).map_err(|mistakes| {
        let problem = |mistake: Mistake| {
            let code = ProblemCode::InvalidInvariantFile;
            let problem = source.problem(code, &mistake.span, mistake.message);
            problem.help(mistake.help)
        };
        mistakes.into_iter().map(problem).collect::<Vec<_>>()
    })?;
    let mut notes = Notes {
        source: &source,
        problems: Vec::new(),
        n_selectors: 0,
    };
    let document = document.get_ref();
    parts(document, &mut notes);
    let names = names(document, &mut notes);
    let mut statements = Vec::new();
    for word in Word::ALL {
        let reader = Reader {
            word,
            names: &names,
        };
        each(document, word.name(), &mut notes, |table, span, notes| {
            statements.extend(reader.statement(table, span, notes));
        });
    }
    let directory = Path::new(&*source.name).parent().unwrap_or(Path::new(""));
    let select = |value: &Spanned<DeValue<'_>>, notes: &mut Notes<'_>| {
        let texts = notes.strings(value, "of");
        selection(&texts, &names, notes)
    };
    let mut policies = Vec::new();
    each(document, "policy", &mut notes, |table, span, notes| {
        policies.extend(policy::read(table, span, directory, select, notes));
    });
    let stated = document.iter().find(|(key, _)| key.get_ref() == "change");
    let stated = stated.map(|(_, value)| {
        change::read(value, &mut notes, |table, span, does, notes| {
            entry(table, span, does, &names, notes)
        })
    });
    statements.sort_by_key(|statement| statement.span.start);
    let mut waivers = Vec::new();
    each(document, "waive", &mut notes, |table, span, notes| {
        waivers.extend(waive::read(table, span, Origin::Stated, &names, notes));
    });
    waive::attach(
        waivers,
        &mut statements,
        &mut policies,
        stated.is_some(),
        &mut notes,
    );
    let named = statements.iter().map(|one| (&one.name, &one.span));
    let named = named.chain(policies.iter().map(|one| (&one.name, &one.span)));
    let mut named: Vec<_> = named.collect();
    named.sort_by_key(|(_, span)| span.start);
    unique(&named, &mut notes);
    if named.is_empty() && stated.is_none() && notes.problems.is_empty() {
        let help = "write one, as `[[never]]` with `name`, `from` and `to`; `vpcproof init NETWORK` \
                    writes a file to begin with";
        let (code, help) = (ProblemCode::InvalidInvariantFile, Some(help.to_owned()));
        notes.push(code, &(0..0), "the file has no claim", help);
    }
    let mut problems = notes.problems;
    if problems.is_empty() {
        return Ok(InvariantFile {
            known: Vec::new(),
            source,
            statements,
            policies,
            change: stated,
            names,
        });
    }
    problems.sort_by_key(|problem| (problem.line, problem.column));
    Err(problems)
}

/// Reads each table of a list of tables.
pub(super) fn each(
    document: &DeTable<'_>,
    part: &str,
    notes: &mut Notes<'_>,
    mut read: impl FnMut(&DeTable<'_>, Range<usize>, &mut Notes<'_>),
) {
    let Some((_, value)) = document.iter().find(|(key, _)| key.get_ref() == part) else {
        return;
    };
    let Some(items) = value.get_ref().as_array() else {
        let message = format!("`{part}` is a list of tables, written `[[{part}]]`");
        notes.push(ProblemCode::WrongFieldType, &value.span(), message, None);
        return;
    };
    for item in items.iter() {
        if notes.are_enough() {
            break;
        }
        if let Some(table) = notes.table(item, part) {
            read(table, item.span(), notes);
        }
    }
}

fn parts(document: &DeTable<'_>, notes: &mut Notes<'_>) {
    for key in document.keys() {
        let name = key.get_ref().as_ref();
        if !PARTS.contains(&name) {
            let message = format!("the file has no part `{name}`");
            let help = suggest(name, PARTS, "parts");
            notes.push(ProblemCode::UnknownField, &key.span(), message, help);
        }
    }
}

/// Reads the sites, and the groups; one may begin with another, so each is read after those that it
/// names.
fn names(document: &DeTable<'_>, notes: &mut Notes<'_>) -> Names {
    let mut names = Names {
        sites: sites::read(document, notes),
        ..Names::default()
    };
    let Some((_, value)) = document.iter().find(|(key, _)| key.get_ref() == "group") else {
        return names;
    };
    let Some(table) = notes.table(value, "group") else {
        return names;
    };
    let mut waiting: BTreeMap<String, Vec<Text>> = BTreeMap::new();
    for (key, value) in table.iter() {
        let name = key.get_ref().to_string();
        if parse::is_reserved(&name) {
            let message = format!("`{name}` is a kind, and cannot name a group");
            notes.push(ProblemCode::DuplicateName, &key.span(), message, None);
            continue;
        }
        let texts = notes.strings(value, &name);
        waiting.insert(name, texts);
    }
    let mut is_loop = false;
    // Each round reads the groups that only name groups of earlier rounds.
    for _ in 0..MAX_GROUP_DEPTH {
        let unread: BTreeSet<String> = waiting.keys().cloned().collect();
        let is_later = |texts: &[Text]| {
            let firsts = texts.iter();
            let mut firsts = firsts.filter_map(|(text, _)| text.split_whitespace().next());
            firsts.any(|first| unread.contains(first))
        };
        let (later, ready): (BTreeMap<_, _>, BTreeMap<_, _>) =
            waiting.into_iter().partition(|(_, texts)| is_later(texts));
        waiting = later;
        is_loop = ready.is_empty();
        if is_loop {
            break;
        }
        for (name, texts) in ready {
            let selection = selection(&texts, &names, notes);
            names.groups.insert(name, selection.selectors);
        }
    }
    for (name, texts) in waiting {
        let span = texts.first().map_or(0..0, |(_, span)| span.clone());
        let message = if is_loop {
            format!("the group `{name}` leads back to itself")
        } else {
            format!("the group `{name}` leads through more than {MAX_GROUP_DEPTH} groups")
        };
        notes.push(ProblemCode::InvalidSelector, &span, message, None);
        names.groups.insert(name, Vec::new());
    }
    names
}

pub(super) fn selection(texts: &[Text], names: &Names, notes: &mut Notes<'_>) -> Selection {
    let context = Context {
        source: notes.source,
        names,
    };
    let mut selectors = Vec::new();
    for (text, span) in texts {
        let found = parse::parse(text, span, context, &mut notes.problems);
        notes.n_selectors += found.len();
        selectors.extend(found);
        let most = match (selectors.len(), notes.n_selectors) {
            (MAX_SELECTORS.., _) => MAX_SELECTORS,
            (_, MAX_ALL_SELECTORS..) => MAX_ALL_SELECTORS,
            (_, _) => continue,
        };
        if !notes.are_enough() {
            let message = format!("this stands for more than {most} selectors");
            let help = Some("name each group and each selector once".to_owned());
            notes.push(ProblemCode::InvalidSelector, span, message, help);
        }
        selectors.clear();
        break;
    }
    let words: Vec<&str> = texts.iter().map(|(text, _)| text.as_str()).collect();
    Selection {
        selectors,
        text: words.join(", "),
    }
}

/// Tells the names that are there twice; they come in the file's order.
fn unique(named: &[(&String, &Range<usize>)], notes: &mut Notes<'_>) {
    let mut first: BTreeMap<&str, usize> = BTreeMap::new();
    for (name, span) in named {
        let (line, _) = notes.source.position(span.start);
        match first.get(name.as_str()) {
            None => {
                first.insert(name, line);
            }
            Some(line) => {
                let message = format!("the name `{name}` is used already");
                let help = Some(format!("it names the claim on line {line}"));
                notes.push(ProblemCode::DuplicateName, span, message, help);
            }
        }
    }
}

struct Reader<'a> {
    word: Word,
    names: &'a Names,
}

impl Reader<'_> {
    fn known_fields(&self) -> Vec<&'static str> {
        let mut known = FIELDS.to_vec();
        match self.word {
            Word::Never => known.push("claim"),
            Word::Always => known.extend(["via", "answered"]),
            Word::Sometimes => known.extend(["via", "claim"]),
            Word::Only => known.push("via"),
        }
        known
    }

    fn statement(
        &self,
        table: &DeTable<'_>,
        span: Range<usize>,
        notes: &mut Notes<'_>,
    ) -> Option<Statement> {
        let place = format!("`[[{}]]`", self.word);
        notes.only_known(table, &self.known_fields(), &place);
        let field = |name: &str| {
            let found = table.iter().find(|(key, _)| key.get_ref() == name);
            found.map(|(_, value)| value)
        };
        for name in self.needed() {
            if field(name).is_none() {
                let message = format!("{place} lacks the field `{name}`");
                let help = self.help(name);
                notes.push(ProblemCode::MissingClaimField, &span, message, help);
            }
        }
        let name = field("name").and_then(|value| notes.string(value, "name"));
        let from = field("from").map(|value| notes.strings(value, "from"));
        let to = field("to").map(|value| notes.strings(value, "to"));
        let severities = Severity::ALL.map(|severity| (severity.name(), severity));
        let vacuous = [("error", true), ("report", false)];
        let statement = Statement {
            word: self.word,
            name: name
                .as_ref()
                .map(|(name, _)| name.clone())
                .unwrap_or_default(),
            span,
            from: selection(&from.unwrap_or_default(), self.names, notes),
            to: selection(&to.unwrap_or_default(), self.names, notes),
            traffic: field("traffic").map(|value| classes(value, notes)),
            source_ports: field("source-ports").map(|value| source_ports(value, notes)),
            families: field("family").map_or_else(both, |value| families(value, notes)),
            via: field("via").map_or_else(Vec::new, |value| self.via(value, notes)),
            asked: self.asked(field("answered"), field("claim"), notes),
            request: field("request").and_then(|value| request::read(value, notes)),
            severity: field("severity")
                .and_then(|value| notes.word(value, "severity", &severities))
                .unwrap_or(Severity::High),
            vacuous_is_error: field("vacuous")
                .and_then(|value| notes.word(value, "vacuous", &vacuous))
                .unwrap_or(false),
            waivers: Vec::new(),
        };
        name.map(|_| statement)
    }

    fn needed(&self) -> &'static [&'static str] {
        match self.word {
            Word::Never | Word::Sometimes => &["name", "from", "to"],
            Word::Always => &["name", "from", "to", "traffic"],
            Word::Only => &["name", "from", "to", "via"],
        }
    }

    fn help(&self, field: &str) -> Option<String> {
        let help = match field {
            "traffic" => "which traffic always passes has to be said, as `traffic = \"tcp/443\"`",
            "via" => "what every delivered flow passes, as `via = [\"endpoint kind:gateway\"]`",
            _ => return None,
        };
        Some(help.to_owned())
    }

    fn via(&self, value: &Spanned<DeValue<'_>>, notes: &mut Notes<'_>) -> Vec<Selection> {
        let texts = notes.strings(value, "via");
        let step = |text| selection(&[text], self.names, notes);
        texts.into_iter().map(step).collect()
    }

    fn asked(
        &self,
        answered: Option<&Spanned<DeValue<'_>>>,
        claim: Option<&Spanned<DeValue<'_>>>,
        notes: &mut Notes<'_>,
    ) -> Asked {
        if self.word == Word::Always {
            let answered = answered.and_then(|value| notes.boolean(value, "answered"));
            return match answered {
                Some(false) => Asked::Delivered,
                Some(true) | None => Asked::Answered,
            };
        }
        let words = [
            ("delivered", Asked::Delivered),
            ("answered", Asked::Answered),
        ];
        claim
            .and_then(|value| notes.word(value, "claim", &words))
            .unwrap_or(Asked::Delivered)
    }
}

/// Reads an entry of `[change]`: flows, of whatever ports.
fn entry(
    table: &DeTable<'_>,
    span: Range<usize>,
    does: Does,
    names: &Names,
    notes: &mut Notes<'_>,
) -> Option<Statement> {
    let place = format!("an entry of `{}`", does.name());
    notes.only_known(table, &change::FIELDS, &place);
    let field = |name: &str| {
        let found = table.iter().find(|(key, _)| key.get_ref() == name);
        found.map(|(_, value)| value)
    };
    for name in ["from", "to"] {
        if field(name).is_none() {
            let message = format!("{place} lacks the field `{name}`");
            notes.push(ProblemCode::MissingClaimField, &span, message, None);
        }
    }
    let from = notes.strings(field("from")?, "from");
    let to = notes.strings(field("to")?, "to");
    Some(Statement {
        word: Word::Sometimes,
        name: does.name().to_owned(),
        span,
        from: selection(&from, names, notes),
        to: selection(&to, names, notes),
        traffic: field("traffic").map(|value| classes(value, notes)),
        source_ports: None,
        families: field("family").map_or_else(both, |value| families(value, notes)),
        via: Vec::new(),
        asked: Asked::Delivered,
        request: None,
        severity: Severity::High,
        vacuous_is_error: false,
        waivers: Vec::new(),
    })
}

pub(super) fn classes(value: &Spanned<DeValue<'_>>, notes: &mut Notes<'_>) -> Vec<traffic::Class> {
    let mut classes = Vec::new();
    for (text, span) in notes.strings(value, "traffic") {
        match traffic::parse(&text) {
            Ok(class) => classes.push(class),
            Err(message) => notes.push(ProblemCode::InvalidTraffic, &span, message, None),
        }
    }
    classes
}

pub(super) fn source_ports(
    value: &Spanned<DeValue<'_>>,
    notes: &mut Notes<'_>,
) -> Vec<model::PortRange> {
    let mut ranges = Vec::new();
    for (text, span) in notes.strings(value, "source-ports") {
        match traffic::ports_of(&text) {
            Ok(range) => ranges.push(range),
            Err(message) => notes.push(ProblemCode::InvalidTraffic, &span, message, None),
        }
    }
    ranges
}

fn both() -> BTreeSet<Family> {
    BTreeSet::from([Family::V4, Family::V6])
}

pub(super) fn families(value: &Spanned<DeValue<'_>>, notes: &mut Notes<'_>) -> BTreeSet<Family> {
    let mut families = BTreeSet::new();
    for (text, span) in notes.strings(value, "family") {
        match text.as_str() {
            "ipv4" => families.insert(Family::V4),
            "ipv6" => families.insert(Family::V6),
            _ => {
                let message = format!("`family` cannot be `{text}`");
                let help = suggest(&text, ["ipv4", "ipv6"], "families");
                notes.push(ProblemCode::InvalidFieldValue, &span, message, help);
                false
            }
        };
    }
    families
}
