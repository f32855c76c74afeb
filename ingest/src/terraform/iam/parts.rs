//! The policies that a role, user or group has by name or ARN, and what the change takes from them.
//!
//! Terraform applies in any order what does not depend on each other: a deletion at one address may
//! come after a creation of the same at another, and then nothing is left of it.
//! Source: hashicorp/terraform#10918

use std::collections::{BTreeMap, BTreeSet};

use model::{Hole, Policy, Value};

use super::super::plan::Resource;

/// The policies, by the names of inline ones, or by what tells managed ones from others.
#[derive(Default)]
pub(super) struct Parts(BTreeMap<String, Part>);

struct Part {
    policy: Value<Policy>,
    /// The addresses of what adds it; none when only an attribute of whom it is of shows it.
    by: BTreeSet<String>,
}

/// What the change takes away by deleting or changing a resource.
pub(super) struct Taken<'r> {
    /// The resource, as it was.
    pub(super) former: &'r Resource<'r>,
    pub(super) what: String,
    /// Whether it is of no other account, and comes back in no way.
    pub(super) is_certain: bool,
}

impl Parts {
    /// Adds a policy that an attribute shows.
    pub(super) fn show(&mut self, what: String, policy: Value<Policy>) {
        let by = BTreeSet::new();
        self.0.insert(what, Part { policy, by });
    }

    /// Adds the policy of a resource. Of two that are not alike the one that is applied last stays.
    pub(super) fn add(&mut self, what: String, policy: Value<Policy>, resource: &Resource<'_>) {
        let by = BTreeSet::from([resource.address.to_owned()]);
        match self.0.get_mut(&what) {
            Some(part) if !part.by.is_empty() => {
                if part.policy != policy {
                    part.policy = Value::Any(Hole::new(resource.address));
                }
                part.by.extend(by);
            }
            Some(_) | None => {
                self.0.insert(what, Part { policy, by });
            }
        }
    }

    /// Takes away what only an attribute still shows; what a resource adds is open then, unless it is
    /// the same resource, which adds it anew.
    pub(super) fn take(&mut self, taken: &Taken<'_>) {
        let Some(part) = self.0.get_mut(&taken.what) else {
            return;
        };
        let former = taken.former;
        let is_anew = part.by.contains(former.address) && !former.is_deleted_last;
        if part.by.is_empty() && taken.is_certain {
            self.0.remove(&taken.what);
        } else if !is_anew {
            part.policy = Value::Any(Hole::new(former.address));
        }
    }

    /// Opens those that are meant.
    pub(super) fn open(&mut self, hole: &Hole, is_meant: impl Fn(&str) -> bool) {
        for (what, part) in &mut self.0 {
            if is_meant(what) {
                part.policy = Value::Any(hole.clone());
            }
        }
    }

    pub(super) fn into_policies(self) -> impl Iterator<Item = Value<Policy>> {
        self.0.into_values().map(|part| part.policy)
    }
}
