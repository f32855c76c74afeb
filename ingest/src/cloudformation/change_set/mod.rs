//! Change sets: the output of `describe-change-set --include-property-values`.
//!
//! A change set lists what an update of a stack changes, with the properties of each resource before
//! and after. What it takes away is taken out of the network before it, and what it makes is read as a
//! template is. What stays is in that network, and so is what a reference to it means: CloudFormation
//! writes the physical ids. What it does not know yet is open.
//!
//! Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_ResourceChange.html>

mod document;
mod modified;
mod part;

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::diagnostic::{Code, Diagnostic, Place};
use crate::doubt::Touches;
use crate::json::{Map, Value as Json};
use crate::sink::Sink;

use super::family;
use super::other;
use super::policy;
use super::template::{Template, Written};
use super::vetted;

pub(crate) use document::is_change_set;
use document::{Action, Change, Replacement};
pub(super) use part::{family, vetted as vetted_part};

/// A change set.
#[derive(Debug)]
pub(crate) struct ChangeSet {
    pub(super) file: Arc<str>,
    /// Its id.
    id: Option<String>,
    account: Option<String>,
    region: Option<String>,
    changes: Vec<Change>,
}

/// A resource of a change set, as a template writes it.
struct Side {
    logical: String,
    body: Json,
    /// Where it stands in the file.
    pointer: String,
    physical: Option<String>,
}

/// What a change set makes and takes away.
#[derive(Default)]
struct Sides {
    before: Vec<Side>,
    after: Vec<Side>,
}

/// The templates of a change set: what it takes away, and what it makes.
pub(super) struct Both {
    pub(super) before: Template,
    /// What the resources of the first are called by AWS.
    pub(super) ids: BTreeMap<String, String>,
    pub(super) after: Template,
}

/// Makes templates of change sets, which are read over the network before them.
pub(super) fn templates(change_sets: &[ChangeSet], sink: &mut Sink) -> Vec<Both> {
    let has_network = !sink.draft.vpcs.is_empty();
    if let (Some(first), false) = (change_sets.first(), has_network) {
        let message =
            "a change set does not say what stays of the stack, and there is no network before it";
        let place = Place::file(first.file.clone());
        let error = Diagnostic::error(place, Code::NotDefined, message);
        sink.push(error.help("give a snapshot of the account before it"));
        return Vec::new();
    }
    nested(change_sets, sink);
    for change_set in change_sets {
        let text = format!(
            "the network before the change set `{}` is as it was when that was created",
            change_set.file
        );
        sink.assume("change-set-network", text);
    }
    let made = change_sets.iter().map(|one| one.templates(sink));
    made.collect()
}

/// Each nested change set has to be there, since it changes the network as well.
fn nested(change_sets: &[ChangeSet], sink: &mut Sink) {
    let ids: Vec<_> = change_sets
        .iter()
        .filter_map(|one| one.id.as_deref())
        .collect();
    for change_set in change_sets {
        for change in &change_set.changes {
            let Some(id) = change.nested.as_deref().filter(|id| !ids.contains(id)) else {
                continue;
            };
            let message = format!(
                "`{}` is a nested stack, and its change set is not in the input",
                change.logical
            );
            let error = Diagnostic::error(change_set.place(change), Code::NotDefined, message);
            sink.push(error.help(format!(
                "add the output of `aws cloudformation describe-change-set \
                 --include-property-values --change-set-name {id}`"
            )));
        }
    }
}

impl ChangeSet {
    fn place(&self, change: &Change) -> Place {
        Place {
            pointer: Some(change.pointer.clone()),
            ..Place::file(self.file.clone())
        }
    }

    fn templates(&self, sink: &mut Sink) -> Both {
        let mut sides = Sides::default();
        for change in &self.changes {
            self.change(change, &mut sides, sink);
        }
        let ids = sides.before.iter();
        let ids = ids.filter_map(|side| Some((side.logical.clone(), side.physical.clone()?)));
        Both {
            ids: ids.collect(),
            before: self.template(sides.before),
            after: self.template(sides.after),
        }
    }

    fn template(&self, sides: Vec<Side>) -> Template {
        let (mut resources, mut places) = (Map::new(), BTreeMap::new());
        for side in sides {
            places.insert(format!("/Resources/{}", side.logical), side.pointer);
            resources.insert(side.logical, side.body);
        }
        let mut whole = Map::new();
        whole.insert("Resources", Json::Object(resources));
        let mut template = Template::json(self.file.clone(), Json::Object(whole));
        template.places = places;
        for (parameter, value) in [
            ("AWS::AccountId", &self.account),
            ("AWS::Region", &self.region),
        ] {
            if let Some(value) = value {
                template.give(parameter, value.clone());
            }
        }
        template
    }

    fn change(&self, change: &Change, sides: &mut Sides, sink: &mut Sink) {
        match change.action {
            // What is imported is in the network already, and stays as it is.
            Action::Nothing => {}
            Action::Add => self.make(change, sides),
            Action::Remove { is_kept: true } => {}
            Action::Remove { is_kept: false } => self.take_away(change, sides, sink),
            Action::Modify(Replacement::Yes { is_kept }) => {
                if !is_kept {
                    self.take_away(change, sides, sink);
                }
                self.make(change, sides);
            }
            Action::Modify(Replacement::No) => self.modify(change, sides, sink),
            Action::Modify(Replacement::Maybe) => {
                if modified::is_part(&change.of) || modified::only_regroups(change) {
                    self.modify(change, sides, sink);
                } else {
                    self.doubt(change, "may be replaced, or only changed", sink);
                }
            }
        }
    }

    fn make(&self, change: &Change, sides: &mut Sides) {
        sides.after.push(Side {
            logical: change.logical.clone(),
            body: change.body(change.after.as_ref()),
            pointer: format!("{}/AfterContext", change.pointer),
            physical: None,
        });
    }

    /// Takes a resource away, when it is one that the readers know how to; else nothing is certain.
    fn take_away(&self, change: &Change, sides: &mut Sides, sink: &mut Sink) {
        let is_read = family::of(&change.of).is_some() || other::is_read(&change.of);
        if !is_read || policy::is_read(&change.of) {
            self.doubt(change, "is taken away", sink);
            return;
        }
        sides.before.push(Side {
            logical: change.logical.clone(),
            body: change.body(change.before.as_ref()),
            pointer: format!("{}/BeforeContext", change.pointer),
            physical: change.physical.clone(),
        });
    }

    /// Says that nothing is certain for a change that is not read, unless the type has no effect.
    fn doubt(&self, change: &Change, what: &str, sink: &mut Sink) {
        let body = change.body(change.before.as_ref().or(change.after.as_ref()));
        let written = Written {
            id: &change.logical,
            of: &change.of,
            body: &body,
        };
        if vetted::is_harmless(written) {
            return;
        }
        let touches = vetted::of(&change.of).map_or(Touches::Everything, |of| of.touches);
        let text = format!(
            "`{}` ({}, {}) {what}",
            change.logical,
            change.of,
            self.place(change)
        );
        sink.guess(touches, text);
    }
}
