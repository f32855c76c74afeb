//! What inputs leave open of what selectors ask for: the tags of a component, its zone, its account,
//! its name, its id.
//!
//! A selector that asks for one of these may mean the component or not, and nobody knows which before
//! the apply. Open is here what the component does not show and may yet have.

use std::collections::{BTreeMap, BTreeSet};

use model::{Hole, Tags};

use crate::provenance::Kind;

/// What is open, by component.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OpenAttributes {
    components: BTreeMap<(Kind, String), OpenComponent>,
    /// By keys of tags, the resources with them of which the network has nothing.
    outside: BTreeMap<String, BTreeSet<String>>,
}

/// What of a component is open.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OpenComponent {
    /// The keys of tags that it may have or not, with any value; what it shows of them is no more
    /// than a possibility.
    pub tags: BTreeMap<String, Hole>,
    /// What leaves open whether it has tags of any other key that it does not show.
    pub further_tags: Option<Hole>,
    /// Of an interface the tags of its instance, where it has others of these keys itself: it has both.
    pub instance_tags: Tags,
    /// What leaves the name of its zone open.
    pub zone: Option<Hole>,
    /// What leaves the id of its zone open.
    pub zone_id: Option<Hole>,
    /// What leaves its account open.
    pub account: Option<Hole>,
    /// What leaves open of which kind it is, and for which service.
    pub service: Option<Hole>,
    /// What leaves its own name open, where it has one beside its tags.
    pub name: Option<Hole>,
    /// What leaves its id open.
    pub id: Option<OpenId>,
}

/// An id that AWS will choose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenId {
    /// What it will begin with, as `subnet-`.
    pub prefix: &'static str,
    /// The attribute that will tell it.
    pub hole: Hole,
}

impl OpenAttributes {
    /// What of a component is open, if anything.
    pub fn of(&self, kind: Kind, id: &str) -> Option<&OpenComponent> {
        self.components.get(&(kind, id.to_owned()))
    }

    /// Whether anything may have a tag of this key that nothing shows.
    pub fn may_have_tag(&self, key: &str) -> bool {
        let mut all = self.components.values();
        all.any(|one| one.further_tags.is_some() || one.tags.contains_key(key))
    }

    /// The resources with a tag of this key of which the network has nothing, since what they have in a VPC is made
    /// by AWS and told by no plan or template: databases, groups of instances.
    pub fn outside_with_tag(&self, key: &str) -> impl Iterator<Item = &str> {
        let found = self.outside.get(key).into_iter().flatten();
        found.map(String::as_str)
    }

    /// Whether something of a kind may have another name: of its own, or by its tag `Name`.
    pub fn may_be_named(&self, kind: Kind) -> bool {
        let mut all = self.components.iter();
        all.any(|((of, _), one)| {
            let by_tag = one.further_tags.is_some() || one.tags.contains_key("Name");
            *of == kind && (one.name.is_some() || by_tag)
        })
    }

    /// What is open in one of two networks at least.
    pub(crate) fn or(mut self, other: &Self) -> Self {
        for (component, open) in &other.components {
            let both = self.components.entry(component.clone()).or_default();
            both.extend(open);
        }
        for (key, resources) in &other.outside {
            let both = self.outside.entry(key.clone()).or_default();
            both.extend(resources.iter().cloned());
        }
        self
    }

    /// Notes a tag of a resource of which the network has nothing.
    pub(crate) fn add_outside(&mut self, key: &str, resource: &str) {
        let resources = self.outside.entry(key.to_owned()).or_default();
        resources.insert(resource.to_owned());
    }

    /// Says what of a component is open, in place of what was said before.
    pub fn set(&mut self, kind: Kind, id: &str, open: OpenComponent) {
        let key = (kind, id.to_owned());
        if open == OpenComponent::default() {
            self.components.remove(&key);
        } else {
            self.components.insert(key, open);
        }
    }
}

impl OpenComponent {
    /// Leaves open what is open of another as well.
    fn extend(&mut self, other: &Self) {
        let OpenComponent {
            tags,
            further_tags,
            instance_tags,
            zone,
            zone_id,
            account,
            service,
            name,
            id,
        } = other;
        self.instance_tags.extend(instance_tags.clone());
        let tags = tags.iter().map(|(key, hole)| (key.clone(), hole.clone()));
        self.tags.extend(tags);
        for (this, other) in [
            (&mut self.further_tags, further_tags),
            (&mut self.zone, zone),
            (&mut self.zone_id, zone_id),
            (&mut self.account, account),
            (&mut self.service, service),
            (&mut self.name, name),
        ] {
            if this.is_none() {
                this.clone_from(other);
            }
        }
        if self.id.is_none() {
            self.id.clone_from(id);
        }
    }
}
