//! What inputs leave open of what selectors ask for: the tags of a component, its zone, its account,
//! its name, its id.
//!
//! A selector that asks for one of these may mean the component or not, and nobody knows which before
//! the apply. Open is here what the component does not show and may yet have.

use std::collections::BTreeMap;

use model::Hole;

use crate::provenance::Kind;

/// What is open, by component.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OpenAttributes {
    components: BTreeMap<(Kind, String), OpenComponent>,
}

/// What of a component is open.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OpenComponent {
    /// The keys of tags that it may have or not, with any value; what it shows of them is no more
    /// than a possibility.
    pub tags: BTreeMap<String, Hole>,
    /// What leaves open whether it has tags of any other key that it does not show.
    pub further_tags: Option<Hole>,
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

    /// Whether something of a kind may have another name: of its own, or by its tag `Name`.
    pub fn may_be_named(&self, kind: Kind) -> bool {
        let mut all = self.components.iter();
        all.any(|((of, _), one)| {
            let by_tag = one.further_tags.is_some() || one.tags.contains_key("Name");
            *of == kind && (one.name.is_some() || by_tag)
        })
    }

    /// Says what of a component is open, in place of what was said before.
    pub(crate) fn set(&mut self, kind: Kind, id: &str, open: OpenComponent) {
        let key = (kind, id.to_owned());
        if open == OpenComponent::default() {
            self.components.remove(&key);
        } else {
            self.components.insert(key, open);
        }
    }
}
