//! A match without what the exclusions take out of it.
//!
//! A match is a product of senders, destinations and packets. Each exclusion is asked of each class of
//! senders with each class of destinations, where it takes out everything, nothing, or a product that
//! a waiver says.

use ingest::{Diagnostic, Place};
use model::Cidr;

use super::end::{GATEWAY_ENDPOINTS, not_exact, other_senders};
use super::traffic::Packets;
use super::{Class, Exclude, Match};

/// The selectors that mean disjoint things when they differ: each interface has one of these.
const EXCLUSIVE: [&str; 4] = [
    "interface id:",
    "instance id:",
    "interface subnet:",
    "interface vpc:",
];

/// A part of a match, and what it claims.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Piece {
    pub(super) from: Vec<String>,
    pub(super) to: Vec<String>,
    pub(super) packets: Packets,
    pub(super) left: Left,
}

/// What exclusions leave of a part.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Left {
    /// The exclusions that leave nothing of it.
    pub(super) emptied_by: Vec<String>,
    /// The blocks of the internet that are left out, and by which exclusions.
    without: Vec<Cidr>,
    pub(super) without_by: Vec<String>,
    /// What paths may pass, and by which exclusions.
    pub(super) via: Vec<String>,
    pub(super) via_by: Vec<String>,
    pub(super) waivers: Vec<Waiver>,
}

/// A product that is left out; what is empty narrows nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Waiver {
    pub(super) by: String,
    pub(super) from: Vec<String>,
    pub(super) to: Vec<String>,
    pub(super) packets: Option<Packets>,
}

impl Piece {
    /// Whether what is excluded leaves nothing of it.
    pub(super) fn is_emptied(&self) -> bool {
        !self.left.emptied_by.is_empty()
    }

    /// Whether an exclusion has to do with it.
    pub(super) fn names(&self, exclude: &str) -> bool {
        let left = &self.left;
        let by = [&left.emptied_by, &left.without_by, &left.via_by];
        let by = by.into_iter().flatten();
        by.chain(left.waivers.iter().map(|waiver| &waiver.by))
            .any(|by| by == exclude)
    }
}

/// How much of something an exclusion takes.
#[derive(Clone, Debug)]
enum Takes {
    Nothing,
    All,
    /// What these selectors mean.
    Some(Vec<String>),
    /// What the internet sends from these blocks.
    Blocks(Vec<Cidr>),
    /// What cannot be said.
    Unsaid(Box<Diagnostic>),
}

/// What exclusions leave of the flows from a class of senders, by class of destinations.
type Row = Vec<(Class, Left)>;

/// The parts of a match in which the exclusions leave the same.
pub(super) fn pieces(
    one: &Match,
    excludes: &[Exclude],
    problems: &mut Vec<Diagnostic>,
) -> Vec<Piece> {
    let mut rows: Vec<(Vec<Class>, Row)> = Vec::new();
    for from in one.from.0.keys() {
        let row: Row = one
            .to
            .0
            .keys()
            .map(|to| (*to, left(one, (*from, *to), excludes, problems)))
            .collect();
        match rows.iter_mut().find(|(_, other)| *other == row) {
            Some((classes, _)) => classes.push(*from),
            None => rows.push((vec![*from], row)),
        }
    }
    rows.iter()
        .flat_map(|(from, row)| joined(one, from, row))
        .collect()
}

fn joined(one: &Match, from: &[Class], row: &[(Class, Left)]) -> Vec<Piece> {
    let mut groups: Vec<(Vec<Class>, &Left)> = Vec::new();
    for (to, left) in row {
        match groups.iter_mut().find(|(_, other)| *other == left) {
            Some((classes, _)) => classes.push(*to),
            None => groups.push((vec![*to], left)),
        }
    }
    let piece = |(to, left): (Vec<Class>, &Left)| {
        let selectors = |ends: &super::Ends, classes: &[Class]| -> Vec<String> {
            let each = classes.iter().flat_map(|class| ends.of_class(*class));
            each.cloned().collect()
        };
        let mut senders = selectors(&one.from, from);
        if senders == ["interface", "internet", "onprem"] {
            senders = vec!["any".to_owned()];
        }
        for block in &left.without {
            for sender in &mut senders {
                sender.push_str(&format!(" not ip:{block}"));
            }
        }
        Piece {
            from: senders,
            to: selectors(&one.to, &to),
            packets: one.packets.clone(),
            left: left.clone(),
        }
    };
    groups.into_iter().map(piece).collect()
}

/// What the exclusions leave of the flows from one class to another.
fn left(
    one: &Match,
    (from, to): (Class, Class),
    excludes: &[Exclude],
    problems: &mut Vec<Diagnostic>,
) -> Left {
    let mut left = Left::default();
    for exclude in excludes {
        match taken(one, (from, to), exclude) {
            Ok(Taken::Nothing) => {}
            Ok(Taken::All) => left.emptied_by.push(exclude.name.clone()),
            Ok(Taken::Passing) => {
                let new = exclude.through.iter().filter(|one| !left.via.contains(one));
                let new: Vec<String> = new.cloned().collect();
                left.via.extend(new);
                left.via_by.push(exclude.name.clone());
            }
            Ok(Taken::Blocks(blocks)) => {
                left.without.extend(blocks);
                left.without_by.push(exclude.name.clone());
            }
            Ok(Taken::Product(waiver)) => left.waivers.push(waiver),
            Err(problem) => {
                if !problems.contains(&problem) {
                    problems.push(*problem);
                }
            }
        }
    }
    if !left.emptied_by.is_empty() {
        // Nothing that the others say of it matters.
        return Left {
            emptied_by: left.emptied_by,
            ..Left::default()
        };
    }
    left
}

/// What one exclusion takes out.
enum Taken {
    Nothing,
    All,
    /// What passes a component.
    Passing,
    Blocks(Vec<Cidr>),
    Product(Waiver),
}

fn taken(
    one: &Match,
    (from, to): (Class, Class),
    exclude: &Exclude,
) -> Result<Taken, Box<Diagnostic>> {
    let senders = senders(one, from, exclude);
    let places = places(one, to, exclude);
    let is_nothing = |takes: &Takes| matches!(takes, Takes::Nothing);
    if is_nothing(&senders) || is_nothing(&places) || !exclude.packets.meet(&one.packets) {
        return Ok(Taken::Nothing);
    }
    let is_any_packet = exclude.packets.cover(&one.packets);
    let (senders, places) = match (senders, places) {
        (Takes::Unsaid(problem), _) | (_, Takes::Unsaid(problem)) => return Err(problem),
        (Takes::All, Takes::All) if is_any_packet && exclude.through.is_empty() => {
            return Ok(Taken::All);
        }
        (Takes::All, Takes::All) if is_any_packet => return Ok(Taken::Passing),
        (_, _) if !exclude.through.is_empty() => return Err(narrow(exclude, one)),
        (Takes::Blocks(blocks), Takes::All) if is_any_packet => return Ok(Taken::Blocks(blocks)),
        (Takes::Blocks(_), _) | (_, Takes::Blocks(_)) => return Err(blocks_of(exclude)),
        (senders, places) => (some(senders), some(places)),
    };
    Ok(Taken::Product(Waiver {
        by: exclude.name.clone(),
        from: senders,
        to: places,
        packets: (!is_any_packet).then(|| exclude.packets.clone()),
    }))
}

fn some(takes: Takes) -> Vec<String> {
    match takes {
        Takes::Some(selectors) => selectors,
        Takes::Nothing | Takes::All | Takes::Blocks(_) | Takes::Unsaid(_) => Vec::new(),
    }
}

/// How much of the senders of a class an exclusion takes.
fn senders(one: &Match, class: Class, exclude: &Exclude) -> Takes {
    let by_component = match &exclude.from {
        None => Takes::All,
        Some(ends) if class == Class::Interfaces => {
            interfaces(one.from.of_class(class), ends.of_class(class))
        }
        Some(ends) if ends.of_class(class).is_empty() => Takes::Nothing,
        Some(_) => Takes::All,
    };
    match (&exclude.blocks, by_component) {
        (None, takes) => takes,
        (Some(_), Takes::Nothing) => Takes::Nothing,
        (Some(blocks), _) if class == Class::Internet => Takes::Blocks(blocks.clone()),
        (Some(_), _) => {
            let source = exclude.entry.source.as_ref();
            let header = source.and_then(|source| source.header.as_ref());
            let addresses = header.and_then(|header| header.source.as_ref());
            let place = addresses.map_or(&exclude.entry.place, |addresses| &addresses.place);
            Takes::Unsaid(Box::new(other_senders(place)))
        }
    }
}

/// How much of the places of a class an exclusion takes.
fn places(one: &Match, class: Class, exclude: &Exclude) -> Takes {
    let Some(ends) = &exclude.to else {
        return Takes::All;
    };
    let of_class = |class| ends.of_class(class);
    let has_interfaces = !of_class(Class::Interfaces).is_empty();
    let has_endpoints = !of_class(Class::Endpoints).is_empty();
    let place = exclude.entry.destination.as_ref().map(|end| &end.place);
    let place = place.unwrap_or(&exclude.entry.place);
    let unsaid = |what: &str, help: &str| Takes::Unsaid(Box::new(not_exact(place, what, help)));
    match class {
        Class::Internet if of_class(Class::Internet).is_empty() => Takes::Nothing,
        Class::Internet => Takes::All,
        Class::Interfaces => match interfaces(one.to.of_class(class), of_class(class)) {
            Takes::All => Takes::All,
            Takes::Nothing | Takes::Some(_) | Takes::Blocks(_) | Takes::Unsaid(_)
                if has_endpoints =>
            {
                unsaid(
                    "the interfaces of endpoints are among those of the match",
                    "write the interfaces, subnets or VPCs that are meant",
                )
            }
            takes @ (Takes::Nothing | Takes::Some(_) | Takes::Blocks(_) | Takes::Unsaid(_)) => {
                takes
            }
        },
        Class::Endpoints => {
            let (all, taken) = (one.to.of_class(class), of_class(class));
            let is_all = taken.iter().any(|one| one == "endpoint");
            let are_interfaces = all.iter().any(|one| one != GATEWAY_ENDPOINTS);
            if is_all || !taken.is_empty() && all.iter().all(|one| taken.contains(one)) {
                Takes::All
            } else if has_interfaces && are_interfaces || has_endpoints {
                unsaid(
                    "some destinations are taken out of endpoints",
                    "name in the match the endpoints that are left",
                )
            } else {
                Takes::Nothing
            }
        }
        Class::OnPremises | Class::Passed => Takes::Nothing,
    }
}

/// How much of some interfaces others take.
fn interfaces(all: &[String], taken: &[String]) -> Takes {
    if taken.is_empty() {
        return Takes::Nothing;
    }
    let is_all = taken.iter().any(|one| one == "interface");
    if is_all || all.iter().all(|one| taken.contains(one)) {
        return Takes::All;
    }
    let is_of = |start: &str| all.iter().chain(taken).all(|one| one.starts_with(start));
    if EXCLUSIVE.into_iter().any(is_of) && !all.iter().any(|one| taken.contains(one)) {
        return Takes::Nothing;
    }
    Takes::Some(taken.to_vec())
}

/// That something may be passed by a part of the flows only.
fn narrow(exclude: &Exclude, one: &Match) -> Box<Diagnostic> {
    let place: &Place = &exclude.entry.place;
    let what = format!(
        "what may be passed is said of a part of {} only: an `[[only]]` asks it of all its flows",
        one.name
    );
    let help = "write two scopes: a match of that part with this exclusion, and one of the rest without it";
    Box::new(not_exact(place, &what, help))
}

/// That blocks are taken out together with something else.
fn blocks_of(exclude: &Exclude) -> Box<Diagnostic> {
    let what =
        "waivers take no addresses on the internet out of some destinations or some traffic only";
    let help = "write two scopes: a match of these destinations and this traffic with this exclusion, and one \
                of the rest without it";
    Box::new(not_exact(&exclude.entry.place, what, help))
}
