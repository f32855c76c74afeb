//! Requests of a scope: what endpoints' policies say of all of them.

use std::collections::{BTreeMap, BTreeSet};

use model::{Hole, PermissionEffect, Request, RequestSet, UnknownReason, Value};
use rayon::prelude::*;

use crate::authorization_search;
use crate::authorize::{CompiledPolicy, EndpointPolicy, Policies};
use crate::context::{INTERNET, Path};
use crate::dimensions::{Apart, Dimensions};
use crate::index::{EndpointIndex, Names};
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
    fn or_limit(judged: Result<Self, &'static str>) -> Self {
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

/// What every endpoint says of the requests of a scope.
#[derive(Clone, Debug, Default)]
pub(crate) struct Permissions {
    /// Of a flow that passes no endpoint, which carries every request.
    unguarded: Requests,
    endpoints: BTreeMap<EndpointIndex, Requests>,
    /// Of a flow that arrives on the internet, when accounts are asked.
    internet: Option<Requests>,
}

impl Permissions {
    pub(crate) fn at(&self, endpoint: Option<EndpointIndex>) -> &Requests {
        let guarded = endpoint.and_then(|endpoint| self.endpoints.get(&endpoint));
        guarded.unwrap_or(&self.unguarded)
    }

    /// Over the internet.
    pub(crate) fn on_internet(&self) -> &Requests {
        self.internet.as_ref().unwrap_or(&self.unguarded)
    }

    /// Whether the set has no request at all.
    pub(crate) const fn is_empty(&self) -> bool {
        self.unguarded.permitted.is_none()
    }

    /// Judges every class of requests at every endpoint; `Err` names the limit that was reached
    /// before it was known whether there are any.
    pub(crate) fn new(
        set: &RequestSet,
        policies: &Policies,
        names: &Names,
    ) -> Result<Self, &'static str> {
        let unguarded = Requests {
            permitted: Dimensions::new(set, &[], &INTERNET, &Apart::default())?.request(&[]),
            ..Requests::default()
        };
        let accounts = policies.accounts.as_ref();
        let endpoints = policies.endpoints.par_iter().filter_map(|(id, policy)| {
            let judged = match accounts {
                Some(accounts) => authorization_search::judge(set, accounts, Some(policy)),
                None => judge(set, policy),
            };
            Some((names.endpoints.find(id)?, Requests::or_limit(judged)))
        });
        let internet = accounts.map(|accounts| authorization_search::judge(set, accounts, None));
        Ok(Self {
            unguarded,
            endpoints: endpoints.collect(),
            internet: internet.map(Requests::or_limit),
        })
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

fn judge(set: &RequestSet, policy: &EndpointPolicy) -> Result<Requests, &'static str> {
    let candidates: Vec<&CompiledPolicy> = policy.candidates().iter().collect();
    let dimensions = Dimensions::new(set, &candidates, &policy.path, &Apart::default())?;
    let tables = Tables::new(&dimensions, &candidates, &policy.path)?;
    let mut requests = Requests::default();
    Search::run(&tables, |judged, choice| {
        let standing = policy.standing(judged, &tables);
        if let Standing::Undecided(position) = standing {
            return Next::Choose(position);
        }
        if let Some(request) = dimensions.request(choice) {
            requests.add(standing, policy.answer(&policy.path, &request), request);
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
