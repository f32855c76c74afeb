//! A baseline as text.

use std::collections::{BTreeMap, BTreeSet};

use catalogue::Day;
use model::{Family, KeySet, Origin, Patterns, PortRange, PrincipalSet, RequestSet, TrafficClass};

use super::super::part::Part;
use super::super::senders::Blocks;
use super::cells::receivers;
use super::name::Namer;
use crate::invariant_file::traffic::{Class, Shown, is_named};
use crate::invariant_file::{Statement, request};

/// How a baseline begins, by which it is known.
pub(crate) const BEGINNING: &str = "# A baseline of vpcproof";

/// What stands there where there is no table.
const NOTHING: &str = "# Nothing violated them.\n";

const EVERY_PORT: PortRange = 0..=u16::MAX;

/// The whole file.
pub(super) fn file(tables: &[String], day: Day) -> String {
    let mut text = format!(
        "{BEGINNING}, made on {day}: what violated the claims of the invariant file then.\n\
         # `vpcproof check --baseline` waives it, and whatever else violates them fails. Delete what is mended.\n"
    );
    if tables.is_empty() {
        text.push_str(NOTHING);
    }
    with_tables(&text, tables)
}

/// A baseline with further tables.
pub(crate) fn with_tables(text: &str, tables: &[String]) -> String {
    let mut text = match tables {
        [] => text.to_owned(),
        [_, ..] => text.replace(NOTHING, ""),
    };
    for table in tables {
        text.push('\n');
        text.push_str(table);
    }
    text
}

/// The tables of a class: one for each set of ports of the sender.
pub(super) fn entries(
    statement: &Statement,
    class: &Part,
    whole: &Part,
    name: &Namer<'_>,
) -> Vec<String> {
    let from = senders(&class.from, name);
    let to = receivers(&class.to);
    let to = to.map(|wanted| name.told(&wanted, &name.receivers));
    let all = by_source_ports(&class.traffic.classes, &whole.traffic.classes);
    let entry = |(ports, traffic): (Option<PortRange>, Vec<String>)| {
        let mut text = format!("[[waive]]\ninvariant = {}\n", quoted(&statement.name));
        let mut field = |field: &str, value: &str| text.push_str(&format!("{field} = {value}\n"));
        field("from", &list(&from));
        if let Some(to) = &to {
            field("to", &list(to));
        }
        field("traffic", &list(&traffic));
        if let Some(ports) = ports {
            field("source-ports", &quoted(&Shown(&ports).to_string()));
        }
        if class.families != whole.families {
            let word = |family: &Family| match family {
                Family::V4 => "ipv4".to_owned(),
                Family::V6 => "ipv6".to_owned(),
            };
            let words: Vec<String> = class.families.iter().map(word).collect();
            field("family", &list(&words));
        }
        if let (Some(own), Some(all)) = (&class.request, &whole.request) {
            request_field(&besides(own, all), &mut text);
        }
        text
    };
    all.into_iter().map(entry).collect()
}

/// The entry of a claim about the policies of endpoints, or of those among them that are named.
pub(super) fn policy_entry(name: &str, of: &[String], set: &RequestSet) -> String {
    let mut text = format!("[[waive]]\ninvariant = {}\n", quoted(name));
    if !of.is_empty() {
        text.push_str(&format!("of = {}\n", list(of)));
    }
    let is_narrowing = request_field(set, &mut text);
    if of.is_empty() && !is_narrowing {
        text.push_str("request = {}\n");
    }
    text
}

/// Adds the requests of an entry, where they are not all.
fn request_field(set: &RequestSet, text: &mut String) -> bool {
    let is_narrowing = *set != RequestSet::every();
    if is_narrowing {
        text.push_str(&format!("request = {}\n", request::told(set)));
    }
    is_narrowing
}

/// What a set says beside what all do.
pub(super) fn besides(own: &RequestSet, all: &RequestSet) -> RequestSet {
    let free = KeySet {
        values: Some(Patterns::default()),
        absent: true,
    };
    let keys = own.context.iter().filter_map(|(key, values)| {
        let of_all = all.context.get(key).unwrap_or(&free);
        let told = match (&values.values, &of_all.values) {
            (Some(own), Some(all)) => Some(patterns_besides(own, all)),
            (own, _) => own.clone(),
        };
        let told = KeySet {
            values: told,
            absent: values.absent,
        };
        (values != of_all).then(|| (key.clone(), told))
    });
    RequestSet {
        actions: patterns_besides(&own.actions, &all.actions),
        resources: patterns_besides(&own.resources, &all.resources),
        principals: if own.principals == all.principals {
            PrincipalSet::Every
        } else {
            own.principals.clone()
        },
        without: &own.without - &all.without,
        context: keys.collect(),
    }
}

fn patterns_besides(own: &Patterns, all: &Patterns) -> Patterns {
    let exclude = own.exclude.iter().filter(|one| !all.exclude.contains(one));
    Patterns {
        include: if own.include == all.include {
            Vec::new()
        } else {
            own.include.clone()
        },
        exclude: exclude.cloned().collect(),
    }
}

fn senders(from: &[Origin], name: &Namer<'_>) -> Vec<String> {
    let mut texts = Vec::new();
    for origin in from {
        match origin {
            Origin::Interfaces(wanted) => texts.extend(name.told(wanted, &name.senders)),
            Origin::Internet(None) => texts.push("internet".to_owned()),
            Origin::Internet(Some(blocks)) => {
                texts.extend(blocks.iter().map(|block| format!("internet ip:{block}")));
            }
            Origin::OnPremises { blocks, .. } => texts.push(site(blocks, name)),
        }
    }
    texts.sort();
    texts.dedup();
    texts
}

/// The site that some addresses are of, or all of them.
fn site(blocks: &Blocks, name: &Namer<'_>) -> String {
    let Some(blocks) = blocks else {
        return "onprem".to_owned();
    };
    let sites = name.names.sites.iter();
    let mut sites = sites.filter(|(_, site)| blocks.is_subset(&site.blocks));
    sites
        .next()
        .map_or_else(|| "onprem".to_owned(), |(site, _)| format!("onprem:{site}"))
}

/// Traffic in words, by the ports of its sender; `None` is every port, or a protocol without ports.
fn by_source_ports(
    classes: &[TrafficClass],
    whole: &[TrafficClass],
) -> Vec<(Option<PortRange>, Vec<String>)> {
    let every: BTreeSet<_> = whole.iter().filter_map(source_ports).collect();
    let mut all: BTreeMap<Option<(u16, u16)>, Vec<String>> = BTreeMap::new();
    for class in classes {
        // All that the claim asks about need not be said.
        let ports = source_ports(class).filter(|ports| every != BTreeSet::from([*ports]));
        all.entry(ports).or_default().extend(words(class));
    }
    let others = words(&TrafficClass::Other {
        protocols: 0..=u8::MAX,
    });
    let named = ["tcp", "udp", "icmp", "icmpv6"].map(str::to_owned);
    let any: Vec<String> = named.into_iter().chain(others).collect();
    let told = all.into_iter().filter(|(_, words)| !words.is_empty());
    let told = told.map(|(ports, words)| {
        let is_any = ports.is_none() && any.iter().all(|one| words.contains(one));
        let words = if is_any {
            vec!["any".to_owned()]
        } else {
            words
        };
        (ports.map(|(first, last)| first..=last), words)
    });
    told.collect()
}

/// The first and last port that the sender of a class may have; `None` of a protocol without ports.
fn source_ports(class: &TrafficClass) -> Option<(u16, u16)> {
    match class {
        TrafficClass::Tcp { source_ports, .. } | TrafficClass::Udp { source_ports, .. } => {
            Some((*source_ports.start(), *source_ports.end()))
        }
        TrafficClass::Icmp { .. } | TrafficClass::Icmpv6 { .. } | TrafficClass::Other { .. } => {
            None
        }
    }
}

/// A class as the file has it; of ranges of protocols those without the ones that have words of their own.
fn words(class: &TrafficClass) -> Vec<String> {
    match class {
        TrafficClass::Tcp {
            destination_ports, ..
        } if *destination_ports == EVERY_PORT => vec!["tcp".to_owned()],
        TrafficClass::Udp {
            destination_ports, ..
        } if *destination_ports == EVERY_PORT => vec!["udp".to_owned()],
        TrafficClass::Other { protocols } => {
            let others: Vec<u8> = protocols.clone().filter(|one| !is_named(*one)).collect();
            let runs = others.chunk_by(|one, next| one.checked_add(1) == Some(*next));
            let runs = runs.filter_map(|run| Some(*run.first()?..=*run.last()?));
            let class = |protocols| Class::of(&TrafficClass::Other { protocols }).to_string();
            runs.map(class).collect()
        }
        TrafficClass::Tcp { .. }
        | TrafficClass::Udp { .. }
        | TrafficClass::Icmp { .. }
        | TrafficClass::Icmpv6 { .. } => vec![Class::of(class).to_string()],
    }
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
    toml::Value::String(text.to_owned()).to_string()
}
