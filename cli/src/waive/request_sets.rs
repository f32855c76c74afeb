//! Sets of requests, and what is left of one without another.

use std::collections::BTreeSet;

use model::{ContextKey, KeySet, Patterns, Principal, PrincipalSet, RequestSet};

use super::pattern_sets::{Letters, Of, of_patterns};
use crate::invariant_file::request::is_session;

/// Keys of AWS that may have several values in one request (page policy, *sets of requests*); values
/// of the others tell requests apart.
const SEVERAL: [&str; 7] = [
    "aws:calledvia",
    "aws:principalorgpaths",
    "aws:principalservicenameslist",
    "aws:resourceorgpaths",
    "aws:sourceorgpaths",
    "aws:tagkeys",
    "aws:vpceorgpaths",
];

/// What two sets share, if anything, and what one of them has besides: sets that share no request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Split {
    pub(super) taken: Option<RequestSet>,
    pub(super) rest: Vec<RequestSet>,
}

/// Whether a key has one value in every request that has it. Of keys of services policies decide.
pub(super) fn has_one_value(key: &ContextKey) -> bool {
    key.folded().starts_with("aws:") && !SEVERAL.contains(&key.folded())
}

/// Cuts a set along another one.
///
/// # Errors
///
/// What of it no set can say.
pub(super) fn split(whole: &RequestSet, by: &RequestSet) -> Result<Split, String> {
    let mut inside = whole.clone();
    let mut rest = Vec::new();
    let actions = of_patterns(&whole.actions, &by.actions, Letters::OfAnyCase)?;
    rest.extend(actions.others.into_iter().map(|actions| RequestSet {
        actions,
        ..inside.clone()
    }));
    let mut is_none = actions.own.is_none();
    inside.actions = actions.own.unwrap_or_default();
    let resources = of_patterns(&whole.resources, &by.resources, Letters::AsTheyAre)?;
    rest.extend(resources.others.into_iter().map(|resources| RequestSet {
        resources,
        ..inside.clone()
    }));
    is_none |= resources.own.is_none();
    inside.resources = resources.own.unwrap_or_default();
    let principals = of_principals(Principals::of(&inside), Principals::of(by));
    rest.extend(principals.others.into_iter().map(|others| RequestSet {
        principals: others.set,
        without: others.without,
        ..inside.clone()
    }));
    is_none |= principals.own.is_none();
    if let Some(own) = principals.own {
        inside.principals = own.set;
        inside.without = own.without;
    }
    for (key, values) in &by.context {
        let free = KeySet {
            values: Some(Patterns::default()),
            absent: true,
        };
        let own = whole.context.get(key).unwrap_or(&free);
        let keys = of_key(key, own, values)?;
        rest.extend(keys.others.into_iter().map(|values| {
            let mut set = inside.clone();
            set.context.insert(key.clone(), values);
            set
        }));
        is_none |= keys.own.is_none();
        inside
            .context
            .extend(keys.own.map(|own| (key.clone(), own)));
    }
    Ok(if is_none {
        Split {
            taken: None,
            rest: vec![whole.clone()],
        }
    } else {
        Split {
            taken: Some(inside),
            rest,
        }
    })
}

/// What a set of requests says of principals.
#[derive(Clone, Debug)]
struct Principals {
    set: PrincipalSet,
    without: BTreeSet<Principal>,
}

impl Principals {
    fn of(set: &RequestSet) -> Self {
        Self {
            set: set.principals.clone(),
            without: set.without.clone(),
        }
    }

    fn these(all: Vec<Principal>) -> Option<Self> {
        let is_some = !all.is_empty();
        is_some.then_some(Self {
            set: PrincipalSet::These(all),
            without: BTreeSet::new(),
        })
    }

    /// `None` where the accounts have nobody.
    fn but(set: Option<PrincipalSet>, without: BTreeSet<Principal>) -> Option<Self> {
        let set = set?;
        Some(Self { set, without })
    }

    fn has(&self, principal: &Principal) -> bool {
        is_of(principal, &self.set) && !self.without.contains(principal)
    }
}

fn of_principals(whole: Principals, by: Principals) -> Of<Principals> {
    if let PrincipalSet::These(all) = &whole.set {
        let all = all.iter().filter(|one| !whole.without.contains(one));
        let (own, others) = all.cloned().partition(|one| by.has(one));
        return Of {
            own: Principals::these(own),
            others: Principals::these(others).into_iter().collect(),
        };
    }
    if let PrincipalSet::These(some) = &by.set {
        // Only a list has sessions.
        let is_own = |one: &&Principal| by.has(one) && whole.has(one) && !is_session(one);
        let some: Vec<Principal> = some.iter().filter(is_own).cloned().collect();
        let without = whole.without.iter().chain(&some).cloned().collect();
        return Of {
            own: Principals::these(some),
            others: Principals::but(Some(whole.set), without)
                .into_iter()
                .collect(),
        };
    }
    let (own, others) = of_accounts(&whole.set, &by.set);
    // Whom the other one leaves out of what both have.
    let left_out = by.without.iter().filter(|one| {
        let is_own = own.as_ref().is_some_and(|own| is_of(one, own));
        is_own && whole.has(one)
    });
    let left_out: Vec<Principal> = left_out.cloned().collect();
    let without = |set: &Option<PrincipalSet>, without: Vec<&Principal>| {
        let is_in = |one: &&&Principal| set.as_ref().is_some_and(|set| is_of(one, set));
        without
            .iter()
            .filter(is_in)
            .map(|one| (*one).clone())
            .collect()
    };
    let of_both = without(&own, whole.without.iter().chain(&by.without).collect());
    let of_others = without(&others, whole.without.iter().collect());
    Of {
        own: Principals::but(own, of_both),
        others: [
            Principals::but(others, of_others),
            Principals::these(left_out),
        ]
        .into_iter()
        .flatten()
        .collect(),
    }
}

/// What two sets share, and what the first has besides; neither is a list of principals.
fn of_accounts(
    whole: &PrincipalSet,
    by: &PrincipalSet,
) -> (Option<PrincipalSet>, Option<PrincipalSet>) {
    let accounts = |accounts: BTreeSet<String>| {
        let is_some = !accounts.is_empty();
        is_some.then_some(PrincipalSet::OfAccounts(accounts))
    };
    let all_but = |accounts: BTreeSet<String>| Some(PrincipalSet::NotOfAccounts(accounts));
    match (whole, by) {
        (PrincipalSet::Every, PrincipalSet::OfAccounts(some)) => {
            (accounts(some.clone()), all_but(some.clone()))
        }
        (PrincipalSet::Every, PrincipalSet::NotOfAccounts(others)) => {
            (all_but(others.clone()), accounts(others.clone()))
        }
        (PrincipalSet::OfAccounts(all), PrincipalSet::OfAccounts(some)) => {
            (accounts(all & some), accounts(all - some))
        }
        (PrincipalSet::OfAccounts(all), PrincipalSet::NotOfAccounts(others)) => {
            (accounts(all - others), accounts(all & others))
        }
        (PrincipalSet::NotOfAccounts(none), PrincipalSet::OfAccounts(some)) => {
            (accounts(some - none), all_but(none | some))
        }
        (PrincipalSet::NotOfAccounts(none), PrincipalSet::NotOfAccounts(others)) => {
            (all_but(none | others), accounts(others - none))
        }
        (_, PrincipalSet::Every) | (PrincipalSet::These(_), _) | (_, PrincipalSet::These(_)) => {
            (Some(whole.clone()), None)
        }
    }
}

/// Whether a principal is one of a set.
pub(super) fn is_of(principal: &Principal, set: &PrincipalSet) -> bool {
    let account = match principal {
        Principal::Anonymous => None,
        Principal::Root { account } | Principal::Arn { account, .. } => Some(account),
    };
    match set {
        PrincipalSet::Every => true,
        PrincipalSet::These(all) => all.contains(principal),
        PrincipalSet::OfAccounts(accounts) => account.is_some_and(|one| accounts.contains(one)),
        PrincipalSet::NotOfAccounts(accounts) => account.is_none_or(|one| !accounts.contains(one)),
    }
}

fn of_key(key: &ContextKey, whole: &KeySet, by: &KeySet) -> Result<Of<KeySet>, String> {
    let is_any = by.values.as_ref().is_none_or(|values| {
        let is_all = values.include.iter().any(|one| one == "*");
        values.exclude.is_empty() && (is_all || values.include.is_empty())
    });
    if !is_any && !has_one_value(key) {
        return Err(format!(
            "what is left of `{key}`, which may have several values"
        ));
    }
    let values = match (&whole.values, &by.values) {
        (None, _) => Of {
            own: None,
            others: Vec::new(),
        },
        (Some(own), None) => Of {
            own: None,
            others: vec![own.clone()],
        },
        (Some(own), Some(by)) => of_patterns(own, by, Letters::AsTheyAre)?,
    };
    let set = |values: Option<Patterns>, absent: bool| {
        let is_some = values.is_some() || absent;
        is_some.then_some(KeySet { values, absent })
    };
    let is_absent_left = whole.absent && !by.absent;
    let mut others: Vec<KeySet> = Vec::new();
    for values in values.others {
        let absent = is_absent_left && others.is_empty();
        others.extend(set(Some(values), absent));
    }
    if others.is_empty() {
        others.extend(set(None, is_absent_left));
    }
    Ok(Of {
        own: set(values.own, whole.absent && by.absent),
        others,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::selector::Glob;

    fn patterns(include: &[&str], exclude: &[&str]) -> Patterns {
        let list = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
        Patterns {
            include: list(include),
            exclude: list(exclude),
        }
    }

    fn has(patterns: &Patterns, text: &str) -> bool {
        let is = |one: &String| Glob::new(one.as_str()).matches(text);
        (patterns.include.is_empty() || patterns.include.iter().any(is))
            && !patterns.exclude.iter().any(is)
    }

    fn is_in(set: &RequestSet, texts: [Option<&str>; 2], principal: &Principal) -> bool {
        let [resource, value] = texts;
        let mut context = set.context.values();
        has(&set.resources, resource.unwrap())
            && is_of(principal, &set.principals)
            && !set.without.contains(principal)
            && context.all(|keys| match value {
                None => keys.absent,
                Some(value) => keys.values.as_ref().is_some_and(|all| has(all, value)),
            })
    }

    #[test]
    fn every_request_of_a_set_is_in_one_part_of_it() {
        let lists = [
            patterns(&[], &[]),
            patterns(&["*"], &[]),
            patterns(&["a*"], &[]),
            patterns(&["a*"], &["ab*"]),
            patterns(&[], &["a*"]),
            patterns(&["ab", "b*"], &["bc"]),
            patterns(&["abc"], &["ab*"]),
        ];
        let texts = ["", "a", "ab", "abc", "b", "bc", "c"];
        let account = |account: &str| Principal::Root {
            account: account.to_owned(),
        };
        let callers = [
            Principal::Anonymous,
            account("1"),
            account("2"),
            account("3"),
        ];
        let accounts = |all: &[&str]| all.iter().map(|one| (*one).to_owned()).collect();
        let principals = [
            PrincipalSet::Every,
            PrincipalSet::OfAccounts(accounts(&["1", "2"])),
            PrincipalSet::NotOfAccounts(accounts(&["2", "3"])),
            PrincipalSet::These(vec![account("1"), Principal::Anonymous]),
        ];
        let key = ContextKey::new("aws:PrincipalOrgID");
        let keys = |values: Option<Patterns>, absent| KeySet { values, absent };
        let contexts = [
            None,
            Some(keys(None, true)),
            Some(keys(Some(patterns(&["a*"], &[])), false)),
            Some(keys(Some(patterns(&[], &["ab"])), true)),
        ];
        let left_out = [
            Vec::new(),
            vec![account("1")],
            vec![account("3"), Principal::Anonymous],
        ];
        let mut left_out = left_out.iter().cycle();
        let mut sets = Vec::new();
        for resources in &lists {
            for (principals, context) in principals.iter().zip(&contexts) {
                let context = context.iter().map(|keys| (key.clone(), keys.clone()));
                sets.push(RequestSet {
                    resources: resources.clone(),
                    principals: principals.clone(),
                    without: left_out.next().unwrap().iter().cloned().collect(),
                    context: context.collect(),
                    ..RequestSet::every()
                });
            }
        }
        let (mut n_split, mut n_refused) = (0, 0);
        for whole in &sets {
            for by in &sets {
                let Ok(split) = split(whole, by) else {
                    n_refused += 1;
                    continue;
                };
                for resource in texts {
                    for value in [None, Some("a"), Some("ab"), Some("c")] {
                        for principal in &callers {
                            let is_in =
                                |set: &RequestSet| is_in(set, [Some(resource), value], principal);
                            let n_taken = split.taken.iter().filter(|set| is_in(set)).count();
                            let n_rest = split.rest.iter().filter(|set| is_in(set)).count();
                            let told = || {
                                format!(
                                    "{resource} {value:?} {principal:?}\n{whole:?}\n{by:?}\n{split:?}"
                                )
                            };
                            assert_eq!(n_taken == 1, is_in(whole) && is_in(by), "{}", told());
                            assert_eq!(n_taken + n_rest > 0, is_in(whole), "{}", told());
                            assert!(n_taken == 0 || n_rest == 0, "{}", told());
                            n_split += n_taken;
                        }
                    }
                }
            }
        }
        assert!(n_split > 2_000 && n_refused > 0, "{n_split} {n_refused}");
    }

    #[test]
    fn what_no_set_can_say_is_refused() {
        let mut several = RequestSet::every();
        let some = KeySet {
            values: Some(patterns(&["a"], &[])),
            absent: false,
        };
        several.context.insert(ContextKey::new("aws:TagKeys"), some);
        assert!(split(&RequestSet::every(), &several).is_err());
        let overlapping = |include: &str| RequestSet {
            resources: patterns(&[include], &[]),
            ..RequestSet::every()
        };
        assert!(split(&overlapping("a*"), &overlapping("*b")).is_err());
    }
}
