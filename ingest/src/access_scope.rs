//! A Network Access Scope of AWS's Network Access Analyzer: what `aws ec2
//! create-network-insights-access-scope --cli-input-json` takes and
//! `get-network-insights-access-scope-content` prints. It is no part of a network.
//!
//! Fields, and what AWS says of them: VPC Network Access Analyzer guide, "Resource statements",
//! "Packet header statements", "Match conditions", "Exclusion conditions" (read 2026-11).

use std::ops::RangeInclusive;
use std::path::Path;

use model::{Cidr, Family, PortRange};

use crate::ReadError;
use crate::diagnostic::{Code, Diagnostic, Place};
use crate::file::{File, Limits};
use crate::json::{self, Budget, Cursor};
use crate::nearest::nearest;
use crate::sink::Sink;

/// What may stand beside the paths: the id, and the other input of the call that makes a scope.
const BESIDE: [&str; 4] = [
    "NetworkInsightsAccessScopeId",
    "ClientToken",
    "TagSpecifications",
    "DryRun",
];
const CONTENT: &str = "NetworkInsightsAccessScopeContent";
/// What the call that makes a scope prints besides.
const SUMMARY: &str = "NetworkInsightsAccessScope";

/// A scope: the paths that match at least one entry, and no entry that excludes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccessScope {
    /// Its id, when the file has it.
    pub id: Option<String>,
    /// At least one.
    pub matches: Vec<PathEntry>,
    /// What is taken out.
    pub excludes: Vec<PathEntry>,
}

/// An entry: the paths that fit all of its parts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PathEntry {
    /// Where it stands.
    pub place: Place,
    /// Where they begin.
    pub source: Option<PathStatement>,
    /// Where they end.
    pub destination: Option<PathStatement>,
    /// What they contain; each is one of its list.
    pub through: Vec<Resources>,
}

/// One end of paths.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PathStatement {
    /// Where it stands.
    pub place: Place,
    /// The component there.
    pub resources: Option<Resources>,
    /// The packet there.
    pub header: Option<PacketHeader>,
}

/// A list of components, of which a path has one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resources {
    /// Where the list stands.
    pub place: Place,
    /// Whether they are types, and not ids and ARNs.
    pub are_types: bool,
    /// At least one.
    pub items: Vec<Item>,
}

/// A text of the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// Where it stands.
    pub place: Place,
    /// As it stands there.
    pub text: String,
}

/// What a packet is asked at one end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PacketHeader {
    /// TCP, UDP or both; AWS looks at no others.
    pub protocols: Vec<ScopeProtocol>,
    /// The addresses that it comes from; `None` is any.
    pub source: Option<Addresses>,
    /// The addresses that it goes to; `None` is any.
    pub destination: Option<Addresses>,
    /// The ports that it comes from; `None` is any.
    pub source_ports: Option<Ports>,
    /// The ports that it goes to; `None` is any.
    pub destination_ports: Option<Ports>,
}

/// A protocol of a scope.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ScopeProtocol {
    /// TCP.
    Tcp,
    /// UDP.
    Udp,
}

/// Addresses of a packet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Addresses {
    /// Where the list stands.
    pub place: Place,
    /// Blocks of IPv4; empty when it is a list of prefix lists.
    pub blocks: Vec<Cidr>,
}

/// Ports of a packet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ports {
    /// Where the list stands.
    pub place: Place,
    /// At least one.
    pub ranges: Vec<PortRange>,
}

/// Reads a file.
///
/// # Errors
///
/// Every error of it.
pub fn read(path: &Path) -> Result<AccessScope, ReadError> {
    let mut sink = Sink::default();
    let file = File::read(path, Limits::default());
    let parsed = file.and_then(|file| {
        let value = json::parse(file.text(), &file.name, &Budget::default())?;
        Ok((file, value))
    });
    let read = match parsed {
        Ok((file, value)) => document(&Cursor::new(&value, &file.name), &mut sink),
        Err(diagnostic) => {
            sink.push(*diagnostic);
            None
        }
    };
    match read {
        Some(read) if !sink.has_errors() => Ok(read),
        Some(_) | None => Err(sink.into_error()),
    }
}

fn document(root: &Cursor<'_>, sink: &mut Sink) -> Option<AccessScope> {
    let content = root.get(CONTENT);
    if content.is_some() {
        only_known(root, &[CONTENT, SUMMARY], sink);
    }
    let content = content.unwrap_or_else(|| root.clone());
    let known: Vec<&str> = ["MatchPaths", "ExcludePaths"]
        .into_iter()
        .chain(BESIDE)
        .collect();
    only_known(&content, &known, sink);
    let id = content.text("NetworkInsightsAccessScopeId", sink);
    let mut entries = |key: &str, may_pass: bool| {
        let list = content.list(key, sink);
        let entries = list.iter().map(|cursor| entry(cursor, may_pass, sink));
        entries.collect::<Vec<_>>()
    };
    let (matches, excludes) = (entries("MatchPaths", false), entries("ExcludePaths", true));
    if content.value().is_object() && matches.is_empty() {
        let message = "the scope has no `MatchPaths`, so that no path is in it";
        let diagnostic = Diagnostic::error(content.place(), Code::MissingField, message);
        sink.push(diagnostic.help(
            "expected what `aws ec2 get-network-insights-access-scope-content` prints, or its `MatchPaths` and `ExcludePaths`",
        ));
    }
    Some(AccessScope {
        id: id.map(str::to_owned),
        matches,
        excludes,
    })
}

/// That an object has no other fields.
fn only_known(cursor: &Cursor<'_>, known: &[&str], sink: &mut Sink) {
    if !cursor.value().is_object() {
        // That it is none is said here once.
        cursor.as_object(sink);
        return;
    }
    for (key, field) in cursor.as_object(sink) {
        if !known.contains(&key) {
            let message = format!("unknown field `{key}`");
            let diagnostic = Diagnostic::error(field.place(), Code::UnknownKey, message);
            let help = match nearest(key, known.iter().copied()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("expected one of `{}`", known.join("`, `")),
            };
            sink.push(diagnostic.help(help));
        }
    }
}

fn entry(cursor: &Cursor<'_>, may_pass: bool, sink: &mut Sink) -> PathEntry {
    only_known(cursor, &["Source", "Destination", "ThroughResources"], sink);
    let source = cursor.get("Source").map(|end| statement(&end, sink));
    let destination = cursor.get("Destination").map(|end| statement(&end, sink));
    let list = cursor.get("ThroughResources");
    let items = list
        .as_ref()
        .map_or_else(Vec::new, |list| list.as_list(sink));
    if let Some(list) = list.as_ref().filter(|_| items.len() > 1) {
        // Guide, "Exclusion conditions": a through entry contains exactly one element.
        let message = "`ThroughResources` has more than one element";
        let diagnostic = Diagnostic::error(list.place(), Code::InvalidValue, message);
        sink.push(diagnostic.help("AWS takes exactly one, with a list of resources or types"));
    }
    let mut through = Vec::new();
    for item in &items {
        only_known(item, &["ResourceStatement"], sink);
        if !item.value().is_object() {
            continue;
        }
        if let Some(found) = item.required("ResourceStatement", sink) {
            through.extend(resources(&found, sink));
        }
    }
    let is_empty = source.is_none() && destination.is_none() && (items.is_empty() || !may_pass);
    if cursor.value().is_object() && is_empty {
        let parts = if may_pass {
            "`Source`, `Destination` and `ThroughResources`"
        } else {
            "`Source` and `Destination`"
        };
        let message = format!("the entry has none of {parts}");
        cursor.error(sink, Code::MissingField, message);
    }
    PathEntry {
        place: cursor.place(),
        source,
        destination,
        through,
    }
}

fn statement(cursor: &Cursor<'_>, sink: &mut Sink) -> PathStatement {
    only_known(
        cursor,
        &["ResourceStatement", "PacketHeaderStatement"],
        sink,
    );
    let of_resources = cursor.get("ResourceStatement");
    let of_header = cursor.get("PacketHeaderStatement");
    if cursor.value().is_object() && of_resources.is_none() && of_header.is_none() {
        let message = "the statement has neither `ResourceStatement` nor `PacketHeaderStatement`";
        cursor.error(sink, Code::MissingField, message);
    }
    PathStatement {
        place: cursor.place(),
        resources: of_resources.and_then(|found| resources(&found, sink)),
        header: of_header.map(|found| header(&found, sink)),
    }
}

/// The texts of a list that is there and not empty; AWS prints empty ones for those that are not.
fn items<'a>(
    cursor: &Cursor<'a>,
    key: &str,
    sink: &mut Sink,
) -> Option<(Place, Vec<(Cursor<'a>, &'a str)>)> {
    let list = cursor.get(key)?;
    let mut texts = Vec::new();
    for item in list.as_list(sink) {
        texts.extend(item.as_text(sink).map(|text| (item.clone(), text)));
    }
    (!texts.is_empty()).then(|| (list.place(), texts))
}

/// That of two lists at most one is there.
fn one_of(cursor: &Cursor<'_>, keys: [&str; 2], sink: &mut Sink) {
    let filled = |key: &&str| {
        let list = cursor
            .value()
            .get(*key)
            .and_then(crate::json::Value::as_array);
        list.is_some_and(|list| !list.is_empty())
    };
    if keys.iter().all(filled) {
        let message = format!("`{}` and `{}` are both there", keys[0], keys[1]);
        let diagnostic = Diagnostic::error(cursor.place(), Code::InvalidValue, message);
        sink.push(diagnostic.help("AWS takes one of the two; write an entry for each"));
    }
}

fn resources(cursor: &Cursor<'_>, sink: &mut Sink) -> Option<Resources> {
    only_known(cursor, &["Resources", "ResourceTypes"], sink);
    one_of(cursor, ["Resources", "ResourceTypes"], sink);
    let ids = items(cursor, "Resources", sink);
    let are_types = ids.is_none();
    let found = ids.or_else(|| items(cursor, "ResourceTypes", sink));
    if found.is_none() && cursor.value().is_object() {
        let message = "the statement has neither `Resources` nor `ResourceTypes`";
        cursor.error(sink, Code::MissingField, message);
    }
    let (place, texts) = found?;
    let item = |(cursor, text): (Cursor<'_>, &str)| Item {
        place: cursor.place(),
        text: text.to_owned(),
    };
    Some(Resources {
        place,
        are_types,
        items: texts.into_iter().map(item).collect(),
    })
}

fn header(cursor: &Cursor<'_>, sink: &mut Sink) -> PacketHeader {
    const FIELDS: [&str; 7] = [
        "SourceAddresses",
        "DestinationAddresses",
        "SourcePorts",
        "DestinationPorts",
        "SourcePrefixLists",
        "DestinationPrefixLists",
        "Protocols",
    ];
    only_known(cursor, &FIELDS, sink);
    let header = PacketHeader {
        protocols: protocols(cursor, sink),
        source: addresses(cursor, ["SourceAddresses", "SourcePrefixLists"], sink),
        destination: addresses(
            cursor,
            ["DestinationAddresses", "DestinationPrefixLists"],
            sink,
        ),
        source_ports: ports(cursor, "SourcePorts", sink),
        destination_ports: ports(cursor, "DestinationPorts", sink),
    };
    let is_filled = |field: &str| {
        let value = cursor
            .value()
            .get(field)
            .and_then(crate::json::Value::as_array);
        value.is_none_or(|list| !list.is_empty()) && cursor.get(field).is_some()
    };
    if cursor.value().is_object() && !FIELDS.into_iter().any(is_filled) {
        let message = "the packet header statement has none of its fields";
        cursor.error(sink, Code::MissingField, message);
    }
    header
}

fn protocols(cursor: &Cursor<'_>, sink: &mut Sink) -> Vec<ScopeProtocol> {
    let both = vec![ScopeProtocol::Tcp, ScopeProtocol::Udp];
    let Some((_, texts)) = items(cursor, "Protocols", sink) else {
        return both;
    };
    let mut protocols = Vec::new();
    for (item, text) in texts {
        match text {
            "tcp" => protocols.push(ScopeProtocol::Tcp),
            "udp" => protocols.push(ScopeProtocol::Udp),
            _ => {
                let message = format!("protocol `{text}` is not known");
                let diagnostic = Diagnostic::error(item.place(), Code::InvalidValue, message);
                sink.push(diagnostic.help("expected `tcp` or `udp`"));
            }
        }
    }
    protocols.sort_unstable();
    protocols.dedup();
    protocols
}

fn addresses(cursor: &Cursor<'_>, keys: [&str; 2], sink: &mut Sink) -> Option<Addresses> {
    one_of(cursor, keys, sink);
    let [by_block, by_list] = keys;
    if let Some((place, texts)) = items(cursor, by_block, sink) {
        let mut blocks = Vec::new();
        for (item, text) in texts {
            blocks.extend(block(&item, text, sink));
        }
        return Some(Addresses { place, blocks });
    }
    let (place, _) = items(cursor, by_list, sink)?;
    Some(Addresses {
        place,
        blocks: Vec::new(),
    })
}

/// An address or a block, of IPv4 alone.
fn block(item: &Cursor<'_>, text: &str, sink: &mut Sink) -> Option<Cidr> {
    let found = if text.contains('/') {
        item.as_cidr(sink)?
    } else {
        Cidr::host(item.as_address(sink)?)
    };
    if found.family() != Family::V4 {
        let message = format!("`{text}` is of IPv6, which the analyzer does not look at");
        item.error(sink, Code::InvalidValue, message);
        return None;
    }
    Some(found)
}

fn ports(cursor: &Cursor<'_>, key: &str, sink: &mut Sink) -> Option<Ports> {
    let (place, texts) = items(cursor, key, sink)?;
    let mut ranges = Vec::new();
    for (item, text) in texts {
        let range = range(text);
        if range.is_none() {
            let message = format!("`{text}` is neither a port nor a range of ports");
            let diagnostic = Diagnostic::error(item.place(), Code::InvalidValue, message);
            sink.push(diagnostic.help("expected `22` or `1024-65535`"));
        }
        ranges.extend(range);
    }
    Some(Ports { place, ranges })
}

fn range(text: &str) -> Option<RangeInclusive<u16>> {
    let port = |text: &str| {
        let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        is_number.then(|| text.parse::<u16>().ok()).flatten()
    };
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    let (first, last) = (port(first)?, port(last)?);
    (first <= last).then_some(first..=last)
}
