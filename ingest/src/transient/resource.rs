//! Resources: which one makes a component or a rule, and what the plans do with it.

use std::collections::BTreeSet;
use std::fmt::Display;

use model::{ComponentId, Hole, RuleIndex};

use crate::Validated;
use crate::provenance::Kind;
use crate::resources::ResourceChange;

/// How many resources the name of one hole lists.
const MOST_NAMES: usize = 3;

/// The networks of an apply, the one before first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    Before,
    After,
}

/// Names what changes, by the addresses of resources where the inputs have them.
pub(super) struct Names<'a> {
    sides: [&'a Validated; 2],
    made: BTreeSet<&'a str>,
    gone: BTreeSet<&'a str>,
}

impl<'a> Names<'a> {
    pub(super) fn new(before: &'a Validated, after: &'a Validated) -> Self {
        let changes = |does: fn(&ResourceChange) -> bool| {
            let changes = after.resources.changed();
            changes.filter(move |change| !change.is_deposed && does(change))
        };
        Self {
            sides: [before, after],
            made: changes(|change| change.is_made)
                .map(|change| change.address.as_str())
                .collect(),
            gone: changes(|change| change.is_gone)
                .map(|change| change.address.as_str())
                .collect(),
        }
    }

    /// What the plans do with the resources of some types, left-overs not counted.
    pub(super) fn changes(
        &self,
        of: impl Fn(&str) -> bool,
    ) -> impl Iterator<Item = &'a ResourceChange> {
        let [_, after] = self.sides;
        let changes = after.resources.changed();
        changes.filter(move |change| !change.is_deposed && of(&change.of))
    }

    /// The left-overs that the plans delete.
    pub(super) fn deposed(&self) -> impl Iterator<Item = &'a ResourceChange> {
        let [_, after] = self.sides;
        after.resources.changed().filter(|change| change.is_deposed)
    }

    const fn of(&self, side: Side) -> &'a Validated {
        let [before, after] = self.sides;
        match side {
            Side::Before => before,
            Side::After => after,
        }
    }

    /// The address of the resource that makes a component.
    pub(super) fn address(&self, side: Side, kind: Kind, id: &str) -> Option<&'a str> {
        let validated = self.of(side);
        let place = validated.provenance.of(kind, id)?;
        validated.resources.address(place)
    }

    /// The address of the resource that makes a rule.
    pub(super) fn rule(&self, side: Side, id: &ComponentId, rule: RuleIndex) -> Option<&'a str> {
        let validated = self.of(side);
        let place = validated.provenance.rule(id, rule)?;
        validated.resources.address(&place)
    }

    /// Whether the resource that makes a rule in one of the networks may be missing while the change is applied,
    /// though the rule itself is in both.
    pub(super) fn passes(&self, side: Side, address: Option<&str>) -> bool {
        let passing = match side {
            Side::Before => &self.gone,
            Side::After => &self.made,
        };
        address.is_some_and(|address| passing.contains(address))
    }

    /// Whether a rule is there as long as what has it is, by the resource that makes it, and its name. What does not
    /// stay keeps what its own resource makes.
    pub(super) fn steady(
        &self,
        side: Side,
        (kind, id, component): (Kind, &str, &ComponentId),
        rule: RuleIndex,
        stays: bool,
    ) -> (bool, String) {
        let own = self.address(side, kind, id);
        let address = self.rule(side, component, rule);
        let is_steady = if stays {
            !self.passes(side, address)
        } else {
            own.is_some() && address == own
        };
        let name = address.map_or_else(|| self.component(kind, id), str::to_owned);
        (is_steady, name)
    }

    /// Whether the plans delete the resource of that address, perhaps to make it anew.
    pub(super) fn is_gone(&self, address: &str) -> bool {
        self.gone.contains(address)
    }

    /// A component, by the address of its resource or else by its kind and id.
    pub(super) fn component(&self, kind: Kind, id: &str) -> String {
        let address = self.address(Side::After, kind, id);
        let address = address.or_else(|| self.address(Side::Before, kind, id));
        address.map_or_else(|| format!("{} {id}", kind.name()), str::to_owned)
    }

    /// The hole of a component that changes.
    pub(super) fn hole(&self, kind: Kind, id: &str) -> Hole {
        hole([self.component(kind, id)])
    }
}

/// The hole of what changes, by name.
pub(super) fn hole<Name: Display + Ord>(names: impl IntoIterator<Item = Name>) -> Hole {
    let names: BTreeSet<Name> = names.into_iter().collect();
    let n_more = names.len().saturating_sub(MOST_NAMES);
    let shown = names.iter().take(MOST_NAMES).map(ToString::to_string);
    let mut text = shown.collect::<Vec<_>>().join(", ");
    if n_more > 0 {
        text.push_str(&format!(" and {n_more} more"));
    }
    Hole::new(format!("{text} while the change is applied"))
}
