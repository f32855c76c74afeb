//! Sets of requests: what each endpoint says to all of a set at once.
//!
//! A request is three independent values, and a statement asks each of them on its own. So what a policy can say to
//! a set of requests is found from the combinations of matches that actions, resources and principals can have.

use std::collections::{BTreeMap, BTreeSet};

use model::{
    Hole, Network, Patterns, PermissionEffect, Policy, Principal, PrincipalPattern, PrincipalSet,
    Request, RequestSet, Statement, UnknownReason, Value, VpcEndpoint, VpcEndpointId,
};

use crate::authorize::{
    Kind, account_of, actions, permission, principal_matches, principals, resources,
};
use crate::budget::Limits;
use crate::pattern::{self, Combinations, Pattern, Strings, TooManyStates};

/// Beyond so many combinations of a set's requests at one endpoint, none is asked.
const MOST_COMBINATIONS: usize = 1_000_000;

/// What the requests of the scope's set mean at each endpoint, and at arrivals without one.
pub(crate) struct Requests {
    pub(crate) elsewhere: Judged,
    pub(crate) endpoints: BTreeMap<VpcEndpointId, Result<Judged, UnknownReason>>,
}

/// The name of the limit on request patterns.
const TOO_MANY_STATES: &str = "too many combinations of request patterns";

impl Requests {
    /// Asks every endpoint about the set; `None` is every request.
    pub(crate) fn new(
        network: &Network,
        set: Option<&RequestSet>,
        limits: &Limits,
    ) -> Result<Self, UnknownReason> {
        let out_of_budget = |_| UnknownReason::OutOfBudget(TOO_MANY_STATES.to_owned());
        let every = RequestSet {
            actions: Patterns::default(),
            resources: Patterns::default(),
            principals: PrincipalSet::Every,
        };
        let set = set.unwrap_or(&every);
        let elsewhere = judge(None, set, limits).map_err(out_of_budget)?;
        let at = |endpoint| judge(Some(endpoint), set, limits).map_err(out_of_budget);
        let endpoints = network.vpc_endpoints().iter();
        Ok(Requests {
            elsewhere,
            endpoints: endpoints
                .map(|(id, endpoint)| (id.clone(), at(endpoint)))
                .collect(),
        })
    }
}

/// What an endpoint says to all requests of a set.
#[derive(Clone, Debug, Default)]
pub(crate) struct Judged {
    /// A request that it certainly permits.
    pub(crate) permitted: Option<Request>,
    /// One that it certainly denies.
    pub(crate) denied: Option<Request>,
    /// One of which neither is certain, and why.
    pub(crate) open: Option<(Request, Hole)>,
}

impl Judged {
    fn add(&mut self, effect: PermissionEffect, request: impl FnOnce() -> Request) {
        match effect {
            PermissionEffect::Permitted => {
                self.permitted.get_or_insert_with(request);
            }
            PermissionEffect::Denied => {
                self.denied.get_or_insert_with(request);
            }
            PermissionEffect::Undetermined(hole) => {
                self.open.get_or_insert_with(|| (request(), hole));
            }
        }
    }

    /// A request of the set; none when it is empty.
    pub(crate) fn any(&self) -> Option<&Request> {
        let open = self.open.as_ref().map(|(request, _)| request);
        self.permitted.as_ref().or(self.denied.as_ref()).or(open)
    }

    /// Whether every request is permitted, when that is certain.
    pub(crate) const fn all(&self) -> Option<bool> {
        match (&self.denied, &self.open) {
            (Some(_), _) => Some(false),
            (None, None) => Some(true),
            (None, Some(_)) => None,
        }
    }

    /// Whether some request is permitted, when that is certain.
    pub(crate) const fn some(&self) -> Option<bool> {
        match (&self.permitted, &self.open) {
            (Some(_), _) => Some(true),
            (None, None) => Some(false),
            (None, Some(_)) => None,
        }
    }
}

/// What an endpoint says to all requests of a set; what any other place says when there is no endpoint.
///
/// # Errors
///
/// When the patterns have more joint states or combinations than the limits allow.
pub(crate) fn judge(
    endpoint: Option<&VpcEndpoint>,
    set: &RequestSet,
    limits: &Limits,
) -> Result<Judged, TooManyStates> {
    let everything = Value::Known(Policy {
        statements: Vec::new(),
    });
    let policy = endpoint.map_or(&everything, |endpoint| &endpoint.policy);
    let statements = statements(policy);
    let actions = action_combinations(&statements, set, limits)?;
    let resources = resource_combinations(&statements, set, limits)?;
    let principals = principals_of(&statements, set);
    let n_combinations = actions.len().saturating_mul(resources.len());
    if n_combinations.saturating_mul(principals.len()) > MOST_COMBINATIONS {
        return Err(TooManyStates);
    }

    let kind = endpoint.map_or(Kind::Other, Kind::of);
    let mut judged = Judged::default();
    for principal in &principals {
        for (by_action, action) in &actions {
            for (by_resource, resource) in &resources {
                let mut matches = |statement: &Statement| {
                    let same = |one: &&Statement| std::ptr::eq(*one, statement);
                    let position = statements.iter().position(same);
                    let at = |accepts: &[bool]| position.and_then(|at| accepts.get(at).copied());
                    at(by_action) == Some(true)
                        && at(by_resource) == Some(true)
                        && principal_matches(kind, &statement.principal, principal)
                };
                let effect = match endpoint {
                    Some(_) => permission(policy, &mut matches).effect,
                    // A flow that arrives elsewhere carries every request.
                    None => PermissionEffect::Permitted,
                };
                judged.add(effect, || Request {
                    action: pattern::spelled(action, &set.actions.include),
                    resource: resource.clone(),
                    principal: principal.clone(),
                });
            }
        }
    }
    Ok(judged)
}

/// Every statement of every candidate.
fn statements(policy: &Value<Policy>) -> Vec<&Statement> {
    let candidates = match policy {
        Value::Known(policy) => std::slice::from_ref(policy),
        Value::OneOf(policies, _) => policies,
        Value::Any(_) => &[],
    };
    candidates
        .iter()
        .flat_map(|policy| &policy.statements)
        .collect()
}

fn action_combinations(
    statements: &[&Statement],
    set: &RequestSet,
    limits: &Limits,
) -> Result<Combinations, TooManyStates> {
    let patterns = |texts: &[String]| -> Vec<Pattern> {
        texts.iter().map(|text| Pattern::any_case(text)).collect()
    };
    let strings = Strings {
        include: &patterns(&set.actions.include),
        exclude: &patterns(&set.actions.exclude),
        readable: Pattern::resource("?*:?*"),
    };
    let elements = statements
        .iter()
        .map(|statement| actions(&statement.action));
    by_element(&strings, &elements.collect::<Vec<_>>(), limits)
}

fn resource_combinations(
    statements: &[&Statement],
    set: &RequestSet,
    limits: &Limits,
) -> Result<Combinations, TooManyStates> {
    let patterns = |texts: &[String]| -> Vec<Pattern> {
        texts.iter().map(|text| Pattern::plain(text)).collect()
    };
    let strings = Strings {
        include: &patterns(&set.resources.include),
        exclude: &patterns(&set.resources.exclude),
        readable: Pattern::resource("arn:aws:?*:*:*:?*"),
    };
    let elements = statements
        .iter()
        .map(|statement| resources(&statement.resource));
    by_element(&strings, &elements.collect::<Vec<_>>(), limits)
}

/// The combinations of elements, not of patterns, that match.
fn by_element(
    strings: &Strings<'_>,
    elements: &[(Vec<Pattern>, bool)],
    limits: &Limits,
) -> Result<Combinations, TooManyStates> {
    let all: Vec<Pattern> = elements
        .iter()
        .flat_map(|(patterns, _)| patterns.clone())
        .collect();
    let mut found = Combinations::new();
    for (accepts, text) in pattern::combinations(strings, &all, limits.most_states)? {
        let mut rest = accepts.as_slice();
        let mut matches = Vec::with_capacity(elements.len());
        for (patterns, not) in elements {
            let (own, others) = rest.split_at_checked(patterns.len()).unwrap_or((rest, &[]));
            matches.push(own.contains(&true) != *not);
            rest = others;
        }
        found.entry(matches).or_insert(text);
    }
    Ok(found)
}

/// Principals of the set such that every other one of it is matched by the same statements as one of these.
fn principals_of(statements: &[&Statement], set: &RequestSet) -> Vec<Principal> {
    match &set.principals {
        PrincipalSet::These(these) => return these.clone(),
        PrincipalSet::Every => {}
    }
    let mut accounts = BTreeSet::new();
    let mut arns = BTreeSet::new();
    for statement in statements {
        for pattern in principals(&statement.principal).0 {
            match pattern {
                PrincipalPattern::Everyone | PrincipalPattern::Other { .. } => {}
                PrincipalPattern::Account(text) => {
                    accounts.insert(account_of(text).to_owned());
                }
                PrincipalPattern::Arn(text) => {
                    accounts.insert(account_of(text).to_owned());
                    arns.insert(text.clone());
                }
            }
        }
    }
    let unnamed = (0..).map(|number| format!("{:012}", 999_999_999_999_u64.saturating_sub(number)));
    accounts.extend(
        unnamed
            .into_iter()
            .find(|account| !accounts.contains(account)),
    );
    let role = |account: &String| Principal::Arn {
        account: account.clone(),
        arn: unnamed_role(account, &arns),
    };
    let named = arns.iter().map(|arn| Principal::Arn {
        account: account_of(arn).to_owned(),
        arn: arn.clone(),
    });
    let of_account = accounts.iter().flat_map(|account| {
        let root = Principal::Root {
            account: account.clone(),
        };
        [role(account), root]
    });
    named
        .chain(of_account)
        .chain([Principal::Anonymous])
        .collect()
}

/// A role of an account that no statement names.
fn unnamed_role(account: &str, named: &BTreeSet<String>) -> String {
    let mut arn = format!("arn:aws:iam::{account}:role/any");
    while named.contains(&arn) {
        arn.push('x');
    }
    arn
}
