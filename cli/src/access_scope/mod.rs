//! A Network Access Scope of AWS as claims.
//!
//! A finding of AWS's analyzer is a path that the scope matches and does not exclude; whoever writes a
//! scope for governance wants none. So each match is a `[[never]]`, and what is excluded narrows it:
//! a component that paths may pass makes it an `[[only]]`, and a product of interfaces and traffic
//! is a waiver, which takes out what it says and nothing else. What neither says exactly is refused.

mod component;
mod end;
mod part;
mod traffic;
mod write;

use ingest::Diagnostic;
use ingest::access_scope::{AccessScope, PathEntry};
use model::Cidr;

use component::Role;
use end::Ends;
use part::Piece;
use traffic::Packets;

pub(crate) use write::write;

/// What stands at one end of flows; those of one class are taken apart by selectors.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Class {
    Interfaces,
    Internet,
    OnPremises,
    Endpoints,
    /// What flows pass.
    Passed,
}

/// The paths of one entry.
#[derive(Clone, Debug)]
struct Match {
    /// The entry as `/MatchPaths/0`.
    name: String,
    from: Ends,
    to: Ends,
    packets: Packets,
}

/// What one entry takes out.
#[derive(Clone, Debug)]
struct Exclude {
    entry: PathEntry,
    name: String,
    /// `None` is any.
    from: Option<Ends>,
    /// The sender's addresses; `None` is any.
    blocks: Option<Vec<Cidr>>,
    to: Option<Ends>,
    packets: Packets,
    /// What paths pass, as selectors; empty when that is not asked.
    through: Vec<String>,
}

/// A scope as claims.
#[derive(Debug)]
pub(crate) struct Claims {
    /// Of each match, in order.
    of_matches: Vec<(String, Vec<Piece>)>,
    /// The entries that take out nothing.
    idle: Vec<String>,
}

/// The claims that say what a scope says.
///
/// # Errors
///
/// Everything that they cannot say, each with what to write instead.
pub(crate) fn claims(scope: &AccessScope) -> Result<Claims, Vec<Diagnostic>> {
    let mut problems = Vec::new();
    let matches: Vec<Match> = scope
        .matches
        .iter()
        .map(|entry| read_match(entry, &mut problems))
        .collect();
    let excludes: Vec<Exclude> = scope
        .excludes
        .iter()
        .map(|entry| read_exclude(entry, &mut problems))
        .collect();
    if !problems.is_empty() {
        return Err(problems);
    }
    let mut of_matches = Vec::new();
    for one in matches {
        let pieces = part::pieces(&one, &excludes, &mut problems);
        of_matches.push((one.name, pieces));
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    let mut all = of_matches.iter().flat_map(|(_, pieces)| pieces);
    let is_nothing = all.all(Piece::is_emptied);
    if let (true, Some(first)) = (is_nothing, scope.matches.first()) {
        problems.push(end::nothing_left(first));
        return Err(problems);
    }
    let pieces = || of_matches.iter().flat_map(|(_, pieces)| pieces);
    let is_idle = |exclude: &&Exclude| !pieces().any(|piece| piece.names(&exclude.name));
    let idle = excludes.iter().filter(is_idle);
    Ok(Claims {
        idle: idle.map(|exclude| exclude.name.clone()).collect(),
        of_matches,
    })
}

fn read_match(entry: &PathEntry, problems: &mut Vec<Diagnostic>) -> Match {
    let mut packets = Packets::all();
    let blocks = end::blocks(entry.source.as_ref(), &mut packets, problems);
    end::ports(entry.destination.as_ref(), &mut packets, problems);
    let mut from = end::ends(entry.source.as_ref(), Role::Source, problems);
    if let (Some(blocks), Some(source)) = (blocks, &entry.source) {
        from = end::narrowed(from, &blocks, source, problems);
    }
    let to = end::ends(entry.destination.as_ref(), Role::Destination, problems);
    for through in &entry.through {
        problems.push(end::passed_by_match(through));
    }
    if packets.is_empty() {
        problems.push(end::no_packet(entry));
    }
    Match {
        name: name(entry),
        from: from.unwrap_or_else(Ends::any_sender),
        to: to.unwrap_or_else(Ends::any_place),
        packets,
    }
}

fn read_exclude(entry: &PathEntry, problems: &mut Vec<Diagnostic>) -> Exclude {
    let mut packets = Packets::all();
    let blocks = end::blocks(entry.source.as_ref(), &mut packets, problems);
    end::ports(entry.destination.as_ref(), &mut packets, problems);
    let mut through = Vec::new();
    for resources in &entry.through {
        let ends = end::of_resources(resources, Role::Through, problems);
        through.extend(ends.selectors());
    }
    Exclude {
        name: name(entry),
        from: end::ends(entry.source.as_ref(), Role::Source, problems),
        blocks,
        to: end::ends(entry.destination.as_ref(), Role::Destination, problems),
        packets,
        through,
        entry: entry.clone(),
    }
}

fn name(entry: &PathEntry) -> String {
    entry.place.pointer.clone().unwrap_or_default()
}
