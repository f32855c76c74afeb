//! Interfaces in the user's names: groups, names, tags and subnets; security groups by their ids, and
//! ids of their own only where nothing else tells them apart.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use ingest::OpenAttributes;
use model::{Network, NetworkInterfaceId, Origin, Tags};

use super::super::part::Part;
use super::cells::receivers;
use crate::invariant_file::InvariantFile;
use crate::problem::SourceText;
use crate::selector::parse::{self, Context, Names};
use crate::selector::{Base, Resolver, Selector};

/// The most names that are tried.
const MOST_NAMES: usize = 20_000;

/// How well a name says what is meant, the best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    Group,
    Name,
    Tag,
    Subnet,
    SecurityGroup,
    Id,
}

pub(super) struct Namer<'a> {
    pub(super) names: &'a Names,
    /// What each name means.
    means: BTreeMap<(Rank, String), BTreeSet<NetworkInterfaceId>>,
    pub(super) senders: BTreeSet<NetworkInterfaceId>,
    pub(super) receivers: BTreeSet<NetworkInterfaceId>,
}

impl<'a> Namer<'a> {
    /// For the interfaces that a claim speaks of.
    pub(super) fn new(
        network: &Network,
        open: &OpenAttributes,
        file: &'a InvariantFile,
        whole: &Part,
    ) -> Self {
        let names = &file.names;
        let senders = whole.from.iter().filter_map(|origin| match origin {
            Origin::Interfaces(interfaces) => Some(interfaces),
            Origin::Internet(_) | Origin::OnPremises { .. } => None,
        });
        let senders: BTreeSet<_> = senders.flatten().cloned().collect();
        let receivers = receivers(&whole.to).unwrap_or_default();
        let mut means = BTreeMap::new();
        let all = candidates(network, names, &(&senders | &receivers));
        for (rank, text) in all.into_iter().take(MOST_NAMES) {
            if let Some(meant) = meant(&text, (network, open), names) {
                means.insert((rank, text), meant);
            }
        }
        Self {
            names,
            means,
            senders,
            receivers,
        }
    }

    /// The fewest names found for some interfaces among those that may be meant.
    pub(super) fn told(
        &self,
        wanted: &BTreeSet<NetworkInterfaceId>,
        among: &BTreeSet<NetworkInterfaceId>,
    ) -> Vec<String> {
        let fitting = self.means.iter().filter(|(_, meant)| {
            let mut here = meant.iter().filter(|id| among.contains(*id)).peekable();
            here.peek().is_some() && here.all(|id| wanted.contains(id))
        });
        let fitting: Vec<_> = fitting.collect();
        let mut left = wanted.clone();
        let mut told = Vec::new();
        while !left.is_empty() {
            let best = fitting.iter().max_by_key(|((rank, text), meant)| {
                // Of those that mean as many the one that means the fewest besides.
                let n_left = meant.intersection(&left).count();
                (n_left, Reverse(meant.len()), Reverse(*rank), Reverse(text))
            });
            let Some(((_, text), meant)) = best else {
                break;
            };
            let before = left.len();
            left.retain(|id| !meant.contains(id));
            if left.len() == before {
                break;
            }
            told.push(text.clone());
        }
        // An id with letters that a selector cannot have is nowhere in AWS.
        told.extend(left.iter().map(|id| format!("interface id:'{id}'")));
        told.sort();
        told
    }
}

/// The names that may mean some interfaces.
fn candidates(
    network: &Network,
    names: &Names,
    of: &BTreeSet<NetworkInterfaceId>,
) -> BTreeSet<(Rank, String)> {
    let is_of_interfaces = |selectors: &Vec<Selector>| {
        selectors.iter().all(|selector| {
            let is_filtered = !selector.filters.is_empty();
            let bases = [Base::Interface, Base::Instance, Base::Subnet, Base::Vpc];
            is_filtered && bases.contains(&selector.base)
        })
    };
    let groups = names.groups.iter();
    let groups = groups.filter(|(_, selectors)| is_of_interfaces(selectors));
    let groups = groups.map(|(name, _)| (Rank::Group, name.clone()));
    let mut all: BTreeSet<(Rank, String)> = groups.collect();
    for id in of {
        let Some(interface) = network.network_interfaces().get(id) else {
            continue;
        };
        all.extend(by_tags("interface", &interface.tags));
        let literal = quoted(id.as_str());
        all.extend(literal.map(|id| (Rank::Id, format!("interface id:{id}"))));
        let groups = interface.groups.known().into_iter().flatten();
        let groups = groups.filter_map(|group| quoted(group.as_str()));
        all.extend(groups.map(|group| (Rank::SecurityGroup, format!("interface sg:{group}"))));
        let subnet = network.subnets().get(&interface.subnet);
        let name = subnet.and_then(|subnet| subnet.tags.get("Name"));
        let name = name.and_then(|name| quoted(name));
        all.extend(name.map(|name| (Rank::Subnet, format!("interface subnet:{name}"))));
    }
    all
}

/// Selectors by each tag of a thing. AWS gives the tags that begin with its name to what it makes, and
/// makes it anew.
fn by_tags(base: &str, tags: &Tags) -> Vec<(Rank, String)> {
    let tags = tags.iter().filter(|(key, _)| !key.starts_with("aws:"));
    let told = tags.filter_map(|(key, value)| {
        if key == "Name" {
            return Some((Rank::Name, format!("{base} name:{}", quoted(value)?)));
        }
        Some((
            Rank::Tag,
            format!("{base} tag:{}", quoted(&format!("{key}={value}"))?),
        ))
    });
    told.collect()
}

/// A value as a selector has it; `None` of one that would be a pattern or cannot be quoted.
fn quoted(value: &str) -> Option<String> {
    let is_plain = |letter: char| letter.is_alphanumeric() || "-_./=+@".contains(letter);
    if value.is_empty() || value.contains(['*', '?']) {
        None
    } else if value.chars().all(is_plain) {
        Some(value.to_owned())
    } else if value.contains('\'') {
        (!value.contains('"')).then(|| format!("\"{value}\""))
    } else {
        Some(format!("'{value}'"))
    }
}

/// What a text means, where that is certain.
fn meant(
    text: &str,
    (network, open): (&Network, &OpenAttributes),
    names: &Names,
) -> Option<BTreeSet<NetworkInterfaceId>> {
    let source = SourceText::new("", text);
    let context = Context {
        source: &source,
        names,
    };
    let mut problems = Vec::new();
    let selectors = parse::parse(text, &(0..text.len()), context, &mut problems);
    let mut resolver = Resolver::new(network, open, &source);
    let origins = resolver.origins(&selectors).origins;
    problems.extend(std::mem::take(&mut resolver.problems));
    if !problems.is_empty() || !resolver.take_chosen_by().is_empty() {
        return None;
    }
    match origins.as_slice() {
        [Origin::Interfaces(interfaces)] => Some(interfaces.clone()),
        _ => None,
    }
}
