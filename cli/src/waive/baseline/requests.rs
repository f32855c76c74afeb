//! From a request to the class of requests around it that are judged alike.
//!
//! Classes are made of what the documents of the input say, since nothing else tells requests apart.

use std::collections::{BTreeMap, BTreeSet};

use model::{
    ActionElement, ContextKey, KeySet, Network, Patterns, Policy, PolicyText, Principal,
    PrincipalElement, PrincipalPattern, PrincipalSet, Request, RequestSet, ResourceElement, Value,
};

use super::super::request_sets;
use crate::change::requests::documents;
use crate::invariant_file::request::{is_derived, is_session, principal};
use crate::selector::Glob;

/// The most classes that are tried around one request.
const MOST_TRIED: usize = 2_000;

/// What documents say of requests.
#[derive(Clone, Debug, Default)]
pub(super) struct Texts {
    actions: BTreeSet<String>,
    resources: BTreeSet<String>,
    keys: BTreeMap<ContextKey, BTreeSet<String>>,
    accounts: BTreeSet<String>,
    /// Users, roles and root users.
    principals: BTreeSet<Principal>,
}

impl Texts {
    /// Of all documents of a network.
    pub(super) fn of(network: &Network) -> Self {
        let mut texts = Self::default();
        let endpoints = network.vpc_endpoints().values();
        let endpoints = endpoints.map(|endpoint| &endpoint.policy);
        for policy in endpoints.filter_map(Value::known) {
            texts.add(policy);
        }
        for policy in documents(network) {
            texts.add(policy);
        }
        let accounts = network.accounts().keys().map(ToString::to_string);
        texts.accounts.extend(accounts);
        let principals = network.principals().keys().map(ToString::to_string);
        texts.principals.extend(principals.filter_map(named));
        texts
    }

    pub(super) fn add(&mut self, policy: &Policy) {
        for statement in &policy.statements {
            let (PrincipalElement::Principal(patterns) | PrincipalElement::NotPrincipal(patterns)) =
                &statement.principal;
            let arns = patterns.iter().filter_map(|pattern| match pattern {
                PrincipalPattern::Arn(arn) => named(arn.clone()),
                PrincipalPattern::Everyone
                | PrincipalPattern::Account(_)
                | PrincipalPattern::Open(_)
                | PrincipalPattern::Other { .. } => None,
            });
            self.principals.extend(arns);
            let (ActionElement::Action(actions) | ActionElement::NotAction(actions)) =
                &statement.action;
            self.actions.extend(actions.iter().cloned());
            let (ResourceElement::Resource(resources) | ResourceElement::NotResource(resources)) =
                &statement.resource;
            let known = resources.iter().filter_map(PolicyText::known);
            self.resources.extend(known.cloned());
            for condition in &statement.conditions {
                let values = condition.values.iter().filter_map(PolicyText::known);
                let told = self.keys.entry(condition.key.clone()).or_default();
                told.extend(values.cloned());
            }
        }
    }
}

/// The class of a request in a set of which all are judged as the request is; nothing when no class can say it.
pub(super) fn around(
    request: Option<&Request>,
    whole: &RequestSet,
    texts: &Texts,
    is_all: &dyn Fn(&RequestSet) -> bool,
) -> Option<RequestSet> {
    let tried = std::cell::Cell::new(0);
    let holds = |class: &RequestSet| {
        tried.set(tried.get() + 1);
        let split = request_sets::split(whole, class).ok();
        let own = split.and_then(|split| split.taken);
        tried.get() <= MOST_TRIED && own.is_some_and(|own| is_all(&own))
    };
    if holds(&RequestSet::every()) {
        return Some(RequestSet::every());
    }
    let request = request?;
    let principals = principals(request, whole, texts);
    let keys = texts.keys.keys().chain(request.context.keys());
    let keys: BTreeSet<&ContextKey> = keys.filter(|key| !is_derived(key)).collect();
    let keys = keys.into_iter().map(|key| {
        let told = texts.keys.get(key);
        (key, of_key(key, request, told))
    });
    let keys: Vec<_> = keys.collect();
    let narrowest = keys.iter().filter_map(|(key, classes)| {
        let last = classes.last()?.clone()?;
        Some(((*key).clone(), last))
    });
    let (narrowest_principals, without) = principals.last()?.clone();
    let mut class = RequestSet {
        actions: only(&request.action),
        resources: only(&request.resource),
        principals: narrowest_principals,
        without,
        context: narrowest.collect(),
    };
    if !holds(&class) {
        return None;
    }
    for (key, classes) in &keys {
        for wider in classes {
            let mut with = class.clone();
            match wider {
                None => with.context.remove(*key),
                Some(values) => with.context.insert((*key).clone(), values.clone()),
            };
            if with == class || holds(&with) {
                class = with;
                break;
            }
        }
    }
    let with = |(principals, without)| RequestSet {
        principals,
        without,
        ..class.clone()
    };
    let mut wider = principals.into_iter().map(with);
    if let Some(wider) = wider.find(|wider| holds(wider)) {
        class = wider;
    }
    for one in class.without.clone() {
        let mut fewer = class.clone();
        fewer.without.remove(&one);
        if holds(&fewer) {
            class = fewer;
        }
    }
    let with = |resources| RequestSet {
        resources,
        ..class.clone()
    };
    let resources = patterns(&request.resource, &texts.resources, str::to_owned, |one| {
        holds(&with(one))
    })?;
    class = with(resources);
    let with = |actions| RequestSet {
        actions,
        ..class.clone()
    };
    let actions = patterns(&request.action, &texts.actions, str::to_lowercase, |one| {
        holds(&with(one))
    })?;
    Some(with(actions))
}

/// Only one text.
fn only(text: &str) -> Patterns {
    Patterns {
        include: vec![text.to_owned()],
        exclude: Vec::new(),
    }
}

/// The widest patterns around a text of which something holds: everything, or a pattern that is told,
/// each without the told ones that do not match the text where that is needed. A text that nothing tells of is one of
/// many like it, and none of them says the class.
fn patterns(
    text: &str,
    told: &BTreeSet<String>,
    fold: fn(&str) -> String,
    holds: impl Fn(Patterns) -> bool,
) -> Option<Patterns> {
    let matches = |one: &&String| Glob::new(fold(one)).matches(&fold(text));
    let (mut around, others): (Vec<&String>, Vec<&String>) = told.iter().partition(matches);
    around.sort_by_key(|one| one.len());
    let around = around.into_iter().map(|one| vec![one.clone()]);
    for include in [Vec::new()].into_iter().chain(around) {
        let is_in = |other: &&&String| {
            include
                .iter()
                .all(|one| Glob::new(fold(one)).matches(&fold(other)))
        };
        let exclude: Vec<String> = others
            .iter()
            .filter(is_in)
            .map(|one| (*one).clone())
            .collect();
        let with = |exclude: &[String]| Patterns {
            include: include.clone(),
            exclude: exclude.to_vec(),
        };
        if holds(with(&[])) {
            return Some(with(&[]));
        }
        if exclude.is_empty() || !holds(with(&exclude)) {
            continue;
        }
        let mut needed = exclude.clone();
        for one in exclude {
            let fewer: Vec<String> = needed
                .iter()
                .filter(|other| **other != one)
                .cloned()
                .collect();
            if holds(with(&fewer)) {
                needed = fewer;
            }
        }
        return Some(with(&needed));
    }
    None
}

/// The user, role or root user of an ARN.
fn named(arn: String) -> Option<Principal> {
    principal(&arn).filter(|one| !is_session(one))
}

/// Sets of principals around the one of a request, the widest first, with whom each leaves out.
fn principals(
    request: &Request,
    whole: &RequestSet,
    texts: &Texts,
) -> Vec<(PrincipalSet, BTreeSet<Principal>)> {
    let own = &request.principal;
    let account = match own {
        Principal::Anonymous => None,
        Principal::Root { account } | Principal::Arn { account, .. } => Some(account),
    };
    let mut accounts = vec![PrincipalSet::Every];
    let is_told = |account: &String| texts.accounts.contains(account);
    if !texts.accounts.is_empty() && !account.is_some_and(is_told) {
        accounts.push(PrincipalSet::NotOfAccounts(texts.accounts.clone()));
    }
    if let Some(account) = account {
        accounts.push(PrincipalSet::OfAccounts([account.clone()].into()));
    }
    let others = texts.principals.iter().chain(&ANONYMOUS);
    let others: BTreeSet<Principal> = others.filter(|one| *one != own).cloned().collect();
    let mut sets = Vec::new();
    for set in accounts {
        let is_in = |one: &&Principal| request_sets::is_of(one, &set);
        let without: BTreeSet<Principal> = others.iter().filter(is_in).cloned().collect();
        sets.push((set.clone(), BTreeSet::new()));
        if !without.is_empty() {
            sets.push((set, without));
        }
    }
    // Of a principal that nothing tells of there are many like it.
    let is_listed = matches!(whole.principals, PrincipalSet::These(_));
    if is_listed || *own == Principal::Anonymous || texts.principals.contains(own) {
        sets.push((PrincipalSet::These(vec![own.clone()]), BTreeSet::new()));
    }
    sets
}

const ANONYMOUS: [Principal; 1] = [Principal::Anonymous];

/// What a key may hold around what it holds in a request, the widest first; `None` is free.
fn of_key(
    key: &ContextKey,
    request: &Request,
    told: Option<&BTreeSet<String>>,
) -> Vec<Option<KeySet>> {
    let values = request.context.get(key);
    let there = Some(KeySet {
        values: Some(Patterns::default()),
        absent: false,
    });
    let mut classes = vec![None];
    if !request_sets::has_one_value(key) {
        classes.push(match values {
            None => ABSENT,
            Some(_) => there,
        });
        return classes;
    }
    let value = values.and_then(|values| values.iter().next());
    let is_around =
        |one: &&String| value.is_some_and(|value| Glob::new(one.as_str()).matches(value));
    let (around, others): (Vec<&String>, Vec<&String>) =
        told.into_iter().flatten().partition(is_around);
    let list = |texts: Vec<&String>| texts.into_iter().cloned().collect::<Vec<String>>();
    let exclude = |absent| {
        Some(KeySet {
            values: Some(Patterns {
                include: Vec::new(),
                exclude: list(others.clone()),
            }),
            absent,
        })
    };
    if !others.is_empty() {
        classes.push(exclude(true));
    }
    match value {
        None => classes.push(ABSENT),
        Some(value) => {
            classes.push(there);
            if !others.is_empty() {
                classes.push(exclude(false));
            }
            let around = around.into_iter().chain([value]);
            classes.extend(around.map(|one| {
                Some(KeySet {
                    values: Some(only(one)),
                    absent: false,
                })
            }));
        }
    }
    classes
}

const ABSENT: Option<KeySet> = Some(KeySet {
    values: None,
    absent: true,
});
