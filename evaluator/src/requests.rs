//! Requests of a scope: what endpoints' policies say of all of them.

use std::collections::BTreeSet;

use model::{Address, Hole, PermissionEffect, Request, RequestSet, UnknownReason, Value};

use crate::authorize::{CompiledPolicy, EndpointPolicy};
use crate::context::Path;
use crate::dimensions::{Apart, Dimensions};
use crate::request_search::{Judged, Next, Search};
use crate::scope::Truth;
use crate::tables::Tables;

/// What one endpoint, or no endpoint, says of the requests of a scope.
#[derive(Clone, Debug, Default)]
pub(crate) struct Requests {
    /// A request that certainly passes.
    pub(crate) permitted: Option<Request>,
    /// A request that is certainly denied.
    pub(crate) denied: Option<Request>,
    /// Why others are open.
    pub(crate) reasons: BTreeSet<UnknownReason>,
}

impl Requests {
    pub(crate) fn or_limit(judged: Result<Self, &'static str>) -> Self {
        judged.unwrap_or_else(|limit| Self {
            reasons: BTreeSet::from([out_of_budget(limit)]),
            ..Self::default()
        })
    }

    /// Whether a request that passes and one that is denied have been found: whatever else there
    /// is, it is known that some pass, and not all.
    pub(crate) fn have_both(&mut self) -> bool {
        let both = self.permitted.is_some() && self.denied.is_some();
        if both {
            self.reasons.clear();
        }
        both
    }

    /// Whether every request passes.
    pub(crate) fn all(&self) -> Truth {
        match (&self.denied, self.reasons.is_empty()) {
            (Some(_), _) => Truth::False,
            (None, false) => Truth::Open,
            (None, true) => Truth::True,
        }
    }

    /// Whether some request passes.
    pub(crate) fn some(&self) -> Truth {
        match (&self.permitted, self.reasons.is_empty()) {
            (Some(_), _) => Truth::True,
            (None, false) => Truth::Open,
            (None, true) => Truth::False,
        }
    }
}

pub(crate) fn out_of_budget(limit: &str) -> UnknownReason {
    UnknownReason::OutOfBudget(limit.to_owned())
}

/// What is known of an endpoint's policy, which may be one of several.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    Permitted,
    Denied,
    Open(UnknownReason),
    /// The policy at that position decides.
    Undecided(usize),
}

impl Standing {
    /// What is said of one request.
    pub(crate) fn of_effect(effect: PermissionEffect) -> Self {
        match effect {
            PermissionEffect::Permitted => Standing::Permitted,
            PermissionEffect::Denied => Standing::Denied,
            PermissionEffect::Undetermined(hole) => Standing::Open(UnknownReason::DependsOn(hole)),
        }
    }

    /// What one policy says.
    pub(crate) fn of(judged: Judged, position: usize, tables: &Tables) -> Self {
        match judged {
            Judged::Permitted => Standing::Permitted,
            Judged::Denied => Standing::Denied,
            Judged::Open(reason) => match tables.reasons.get(reason) {
                Some(reason) => Standing::Open(reason.clone()),
                None => Standing::Undecided(position),
            },
            Judged::Undecided => Standing::Undecided(position),
        }
    }
}

impl EndpointPolicy {
    /// What the endpoint says, given what each of its policies does.
    pub(crate) fn standing(&self, judged: &[Judged], tables: &Tables) -> Standing {
        let each = || judged.iter().zip(0..);
        match &self.policy {
            Value::Any(hole) => Standing::Open(UnknownReason::DependsOn(hole.clone())),
            Value::Known(_) => match judged.first() {
                Some(judged) => Standing::of(*judged, 0, tables),
                None => Standing::Denied,
            },
            Value::OneOf(_, hole) => {
                let has = |one: Judged| judged.contains(&one);
                let open = each().any(|(one, _)| matches!(one, Judged::Open(_)));
                let differ = has(Judged::Permitted) && has(Judged::Denied);
                let undecided = each().find(|(one, _)| **one == Judged::Undecided);
                match (open || differ || judged.is_empty(), undecided) {
                    (true, _) => Standing::Open(UnknownReason::DependsOn(hole.clone())),
                    (false, Some((_, position))) => Standing::Undecided(position),
                    (false, None) if has(Judged::Permitted) => Standing::Permitted,
                    (false, None) => Standing::Denied,
                }
            }
        }
    }

    /// Whether a request passes, as a reason when that is open.
    pub(crate) fn answer(&self, path: &Path, request: &Request) -> Standing {
        Standing::of_effect(self.permits(path, request).effect)
    }
}

/// What is left to say when a request of a class is judged otherwise than its class.
pub(crate) const REPLAY: &str = "replay of a request";

/// Judges every class of the requests of a set that come by an endpoint, whose policy alone is
/// asked, from an address.
pub(crate) fn judge(
    set: &RequestSet,
    policy: &EndpointPolicy,
    source: Option<Address>,
) -> Result<Requests, &'static str> {
    let path = policy.path.from(source);
    let candidates: Vec<&CompiledPolicy> = policy.candidates().iter().collect();
    let dimensions = Dimensions::new(set, &candidates, &path, &Apart::default())?;
    let tables = Tables::new(&dimensions, &candidates, &path)?;
    let mut requests = Requests::default();
    Search::run(&tables, |judged, choice| {
        let standing = policy.standing(judged, &tables);
        if let Standing::Undecided(position) = standing {
            return Next::Choose(position);
        }
        if let Some(request) = dimensions.request(choice) {
            requests.add(standing, policy.answer(&path, &request), request);
        }
        if requests.have_both() {
            return Next::Stop;
        }
        Next::Done
    })?;
    Ok(requests)
}

impl Requests {
    /// Notes a class and one request of it, by what is said of either.
    pub(crate) fn add(&mut self, class: Standing, of_request: Standing, request: Request) {
        let is_alike = class == of_request;
        match of_request {
            Standing::Permitted => {
                self.permitted.get_or_insert(request);
            }
            Standing::Denied => {
                self.denied.get_or_insert(request);
            }
            Standing::Open(_) | Standing::Undecided(_) => {}
        }
        match class {
            Standing::Open(reason) => {
                self.reasons.insert(reason);
            }
            Standing::Permitted | Standing::Denied if !is_alike => {
                self.reasons.insert(out_of_budget(REPLAY));
            }
            Standing::Permitted | Standing::Denied | Standing::Undecided(_) => {}
        }
    }

    /// The holes and limits that may have made a claim open.
    pub(crate) fn note(&self, holes: &mut BTreeSet<Hole>, limits: &mut BTreeSet<String>) {
        for reason in &self.reasons {
            match reason {
                UnknownReason::DependsOn(hole) => {
                    holes.insert(hole.clone());
                }
                UnknownReason::OutOfBudget(limit) => {
                    limits.insert(limit.clone());
                }
            }
        }
    }
}
