//! What the plan says was there before it, laid over the earlier input: of one of the same time it changes
//! nothing.
//!
//! Elsewhere in this folder what is not alike is opened as narrowly as it can be, where a plan leaves it.
//! Here is the rest: parts that a plan changes, kinds that it seldom leaves half known, and what only the
//! plan has.

use std::collections::BTreeSet;

use model::Hole;

use crate::doubt::Touches;
use crate::provenance::Kind;
use crate::sink::{Component, Sink};

use super::super::plan::Plan;
use super::super::reader::Reader;
use super::{REFRESH, is_unchanged, leaves, missing, note, unlike};

/// Something of a component that is not alike.
#[derive(Clone, Debug)]
pub(super) struct Unlike {
    kind: Kind,
    id: String,
    name: &'static str,
    touches: Touches,
}

impl Unlike {
    pub(super) fn of<C: Component>(id: &str, name: &'static str, touches: Touches) -> Unlike {
        Unlike {
            kind: C::KIND,
            id: id.to_owned(),
            name,
            touches,
        }
    }
}

/// An attribute of a resource that is not alike.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct UnlikeAttribute {
    pub(crate) resource: String,
    pub(crate) name: String,
    pub(crate) touches: Touches,
}

/// The attributes that are lists, of which a change takes and adds single items: what they have afterwards
/// goes by what was in them. Where a change leaves them, these are compared by themselves.
const COMPARED: [&str; 14] = [
    "egress",
    "entry",
    "ingress",
    "inline_policy",
    "managed_policy_arns",
    "private_ips",
    "route",
    "secondary_private_ips",
    "security_group_ids",
    "security_groups",
    "subnet_configuration",
    "subnet_mapping",
    "tags",
    "vpc_security_group_ids",
];

/// Others, which are compared where their resource is left.
const LISTS: [&str; 2] = ["route_table_ids", "subnet_ids"];

/// What is not alike in the earlier input and in what the plan says was there.
#[derive(Default)]
pub(in super::super) struct Before {
    components: Vec<Unlike>,
    /// Those that are opened where the plan leaves them.
    attributes: BTreeSet<UnlikeAttribute>,
}

impl Before {
    /// Compares them, before anything of the plan is read.
    pub(in super::super) fn read(plan: &Plan<'_>, sink: &mut Sink) -> Before {
        let earlier = &sink.draft;
        if plan.is_declared || (earlier.vpcs.is_empty() && earlier.accounts.is_empty()) {
            return Before::default();
        }
        let before = plan.before();
        let mut layered = sink.with_network();
        super::super::lay(Reader::new(&before, &mut layered), Before::default());
        let mut components = unlike::read(&mut layered, sink);
        components.extend(missing::read(&mut layered, sink));
        Before {
            components,
            attributes: layered.unlike,
        }
    }

    /// Says of what the plan changes, or other parts of it, that nothing is certain that was not alike.
    pub(in super::super) fn open_attributes(&self, reader: &mut Reader<'_, '_>) {
        let plan = reader.plan;
        for attribute in &self.attributes {
            let mut resources = plan.resources.iter().filter(|one| !one.is_data);
            let Some(resource) = resources.find(|one| one.address == attribute.resource) else {
                continue;
            };
            if resource.is_created || is_unchanged(plan, resource) {
                continue;
            }
            let name = attribute.name.as_str();
            // A value that the change sets is as it says.
            let is_open = match leaves(plan, resource, name) {
                true => !COMPARED.contains(&name),
                false => COMPARED.contains(&name) || LISTS.contains(&name),
            };
            if is_open {
                let hole = resource.attribute(name).hole();
                reader.sink.open_attribute(attribute.touches, &hole, true);
                let text = format!(
                    "`{hole}` was another one in the input before than the plan says it was: what it is \
                     after the change is open; {REFRESH}"
                );
                reader.sink.assume("layers-differ", text);
            }
        }
    }

    /// Says of the components that are there after the change that nothing is certain that was not alike.
    pub(in super::super) fn open_components(self, sink: &mut Sink) {
        for unlike in self.components {
            let Unlike {
                kind,
                id,
                name,
                touches,
            } = unlike;
            if sink.has(kind, &id) {
                let hole = Hole::new(format!("{name} of {id}"));
                sink.open_attribute(touches, &hole, true);
                note(sink, &id);
            }
        }
    }
}
