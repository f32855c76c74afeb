//! Reading selectors.

use std::collections::BTreeMap;
use std::ops::Range;

use model::{Cidr, InvalidCidr};

use super::{Base, Filter, Glob, Selector, Site, SitePlace, Test};
use crate::nearest::suggest;
use crate::problem::{Problem, ProblemCode, SourceText};

/// The words before the colon that begin a selector.
const PREFIXES: [&str; 6] = ["onprem", "service", "name", "ip", "prefix-list", "recipe"];
/// The words before the colon of a filter.
const FILTERS: [&str; 11] = [
    "tag", "name", "id", "kind", "vpc", "subnet", "sg", "ip", "az", "service", "account",
];

/// What a file names for its selectors.
#[derive(Clone, Debug, Default)]
pub(crate) struct Names {
    /// Groups; each is a union of selectors.
    pub(crate) groups: BTreeMap<String, Vec<Selector>>,
    /// The sites of the networks on premises, and their blocks.
    pub(crate) sites: BTreeMap<String, SitePlace>,
}

/// What a text stands in, for the places of problems.
#[derive(Clone, Copy)]
pub(crate) struct Context<'a> {
    pub(crate) source: &'a SourceText,
    pub(crate) names: &'a Names,
}

/// Reads one string of selectors; a group's name stands for all selectors of the group. `span` is
/// the whole value in the source, quotes included.
pub(crate) fn parse(
    text: &str,
    span: &Range<usize>,
    context: Context<'_>,
    problems: &mut Vec<Problem>,
) -> Vec<Selector> {
    let before = problems.len();
    let words = match words(text, span) {
        Ok(words) => words,
        Err(message) => {
            problems.push(invalid(context, span, message));
            return Vec::new();
        }
    };
    let Some(((first, first_span), rest)) = words.split_first() else {
        problems.push(invalid(context, span, "the selector is empty"));
        return Vec::new();
    };
    let bases = bases(first, first_span, context, problems);
    let mut filters = Vec::new();
    let mut negated = false;
    for (word, word_span) in rest {
        if word == "not" && !negated {
            negated = true;
            continue;
        }
        match test(word) {
            Ok((name, test)) => {
                if let Some((base, _)) = bases.iter().find(|(base, _)| !base.takes(name)) {
                    let message = format!("`{base}` is not narrowed by `{name}:`");
                    problems.push(invalid(context, word_span, message));
                }
                filters.push(Filter {
                    negated,
                    test,
                    span: word_span.clone(),
                });
            }
            Err((message, help)) => {
                problems.push(invalid(context, word_span, message).help(help));
            }
        }
        negated = false;
    }
    if negated {
        problems.push(invalid(context, span, "`not` has no filter behind it"));
    }
    if problems.len() > before {
        return Vec::new();
    }
    let selector = |(base, mut own): (Base, Vec<Filter>)| {
        own.extend(filters.iter().cloned());
        Selector {
            base,
            filters: own,
            span: span.clone(),
        }
    };
    bases.into_iter().map(selector).collect()
}

fn invalid(context: Context<'_>, span: &Range<usize>, message: impl Into<String>) -> Problem {
    let code = ProblemCode::InvalidSelector;
    context.source.problem(code, span, message)
}

/// Splits at white space outside of quotes. When the text stands in the source exactly as it is,
/// each word has a place of its own; otherwise (escapes) all have the whole one.
fn words(text: &str, span: &Range<usize>) -> Result<Vec<(String, Range<usize>)>, String> {
    let mut words = Vec::new();
    let mut word: Option<(String, usize)> = None;
    let mut quote = None;
    let plain = span.len() == text.len() + 2 || span.len() == text.len();
    let offset = span.start + usize::from(span.len() == text.len() + 2);
    let mut close = |word: Option<(String, usize)>, end: usize| {
        if let Some((word, start)) = word {
            let place = if plain {
                offset + start..offset + end
            } else {
                span.clone()
            };
            words.push((word, place));
        }
    };
    for (position, letter) in text.char_indices() {
        match (quote, letter) {
            (Some(open), letter) if open == letter => quote = None,
            (None, '\'' | '"') => {
                quote = Some(letter);
                word.get_or_insert_with(|| (String::new(), position));
            }
            (None, letter) if letter.is_whitespace() => close(word.take(), position),
            (_, letter) => {
                let (text, _) = word.get_or_insert_with(|| (String::new(), position));
                text.push(letter);
            }
        }
    }
    if quote.is_some() {
        return Err("a quotation mark is not closed".to_owned());
    }
    close(word, text.len());
    Ok(words)
}

/// What the first word stands for: a kind, or the selectors of a group with their own filters.
fn bases(
    word: &str,
    span: &Range<usize>,
    context: Context<'_>,
    problems: &mut Vec<Problem>,
) -> Vec<(Base, Vec<Filter>)> {
    if let Some(selectors) = context.names.groups.get(word) {
        let parts = selectors.iter();
        return parts
            .map(|selector| (selector.base.clone(), selector.filters.clone()))
            .collect();
    }
    match base(word, context.names) {
        Ok(base) => vec![(base, Vec::new())],
        Err(Unread::Invalid(message)) => {
            problems.push(invalid(context, span, message));
            Vec::new()
        }
        Err(Unread::UnknownSite(name)) => {
            let sites = context.names.sites.keys().map(String::as_str);
            let message = format!("`{name}` is no site of this file's `[onprem]`");
            let code = ProblemCode::UnknownGroup;
            let problem = context.source.problem(code, span, message);
            problems.push(problem.help(suggest(&name, sites, "sites")));
            Vec::new()
        }
        Err(Unread::Unknown) => {
            let kinds = Base::KINDS.iter().map(|(word, _)| *word);
            let known = kinds.chain(context.names.groups.keys().map(String::as_str));
            let message = format!("`{word}` is neither a kind nor a group of this file");
            let problem = context
                .source
                .problem(ProblemCode::UnknownGroup, span, message);
            problems.push(problem.help(suggest(word, known, "kinds and groups")));
            Vec::new()
        }
    }
}

enum Unread {
    Invalid(String),
    UnknownSite(String),
    Unknown,
}

fn base(word: &str, names: &Names) -> Result<Base, Unread> {
    if let Some((_, base)) = Base::KINDS.into_iter().find(|(kind, _)| *kind == word) {
        return Ok(base);
    }
    let Some((prefix, value)) = word.split_once(':') else {
        return Err(Unread::Unknown);
    };
    if value.is_empty() {
        return Err(Unread::Invalid(format!(
            "`{prefix}:` has nothing behind it"
        )));
    }
    match prefix {
        "onprem" => match names.sites.get(value) {
            Some(place) => Ok(Base::OnPremises(Some(Site {
                name: value.to_owned(),
                place: place.clone(),
            }))),
            None => Err(Unread::UnknownSite(value.to_owned())),
        },
        "service" => Ok(Base::Service(value.to_owned())),
        "name" => {
            let name = value.trim_end_matches('.').to_lowercase();
            Ok(Base::Name(name))
        }
        "prefix-list" => Ok(Base::PrefixList(value.to_owned())),
        "recipe" => Ok(Base::Recipe(value.to_owned())),
        "ip" => cidr(value).map(Base::Ip).map_err(Unread::Invalid),
        filter if FILTERS.contains(&filter) => Err(Unread::Invalid(format!(
            "a selector begins with a kind, as `interface {word}`"
        ))),
        _ => Err(Unread::Invalid(format!(
            "`{prefix}:` begins no selector; one of `{}:` does",
            PREFIXES.join(":`, `")
        ))),
    }
}

/// A block, or one address.
pub(crate) fn cidr(value: &str) -> Result<Cidr, String> {
    if let Ok(address) = value.parse::<std::net::IpAddr>() {
        return Ok(Cidr::host(address.into()));
    }
    value.parse().map_err(|error| match error {
        InvalidCidr::HostBits => {
            let expected = ingest::cidr::expected(value, error);
            format!("`{value}`: {error}, {expected}")
        }
        InvalidCidr::PrefixLength | InvalidCidr::Syntax => format!("`{value}`: {error}"),
    })
}

/// A filter and its word.
fn test(word: &str) -> Result<(&'static str, Test), (String, Option<String>)> {
    let Some((name, value)) = word.split_once(':') else {
        let message = format!("`{word}` is not a filter");
        let help = "filters look like `tag:tier=app`; a group stands at the beginning";
        return Err((message, Some(help.to_owned())));
    };
    let Some(name) = FILTERS.into_iter().find(|filter| *filter == name) else {
        let message = format!("`{name}:` is not a filter");
        return Err((message, suggest(name, FILTERS, "filters")));
    };
    if value.is_empty() {
        return Err((format!("`{name}:` has nothing behind it"), None));
    }
    let glob = Glob::new(value);
    let test = match name {
        "tag" => {
            let Some((key, value)) = value.split_once('=') else {
                let help = format!("write `tag:{value}=*` for any value");
                return Err((format!("`{word}` has no `=`"), Some(help)));
            };
            Test::Tag {
                key: key.to_owned(),
                value: Glob::new(value),
            }
        }
        "name" => Test::Name(glob),
        "id" => Test::Id(glob),
        "kind" => Test::Kind(value.to_owned()),
        "vpc" => Test::Vpc(glob),
        "subnet" => Test::Subnet(glob),
        "sg" => Test::SecurityGroup(glob),
        "ip" => Test::Ip(cidr(value).map_err(|message| (message, None))?),
        "az" => Test::Zone(glob),
        "service" => Test::Service(value.to_owned()),
        _ => Test::Account(glob),
    };
    Ok((name, test))
}

/// Whether a word begins a selector, so that no group can have it as its name.
pub(crate) fn is_reserved(word: &str) -> bool {
    let kinds = Base::KINDS.iter().map(|(kind, _)| *kind);
    let mut words = kinds.chain(["not"]);
    words.any(|kind| kind == word) || word.contains(':')
}
