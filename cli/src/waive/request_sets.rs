//! Sets of requests, and what is left of one without another.

use std::collections::BTreeSet;

use model::{ContextKey, KeySet, Patterns, Principal, PrincipalSet, RequestSet};

use super::pattern_sets::{Letters, Of, of_patterns};

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
    let principals = of_principals(&whole.principals, &by.principals)?;
    rest.extend(principals.others.into_iter().map(|principals| RequestSet {
        principals,
        ..inside.clone()
    }));
    is_none |= principals.own.is_none();
    inside.principals = principals.own.unwrap_or(PrincipalSet::Every);
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

fn of_principals(whole: &PrincipalSet, by: &PrincipalSet) -> Result<Of<PrincipalSet>, String> {
    let accounts = |accounts: BTreeSet<String>| {
        let is_some = !accounts.is_empty();
        is_some.then_some(PrincipalSet::OfAccounts(accounts))
    };
    let all_but = |accounts: BTreeSet<String>| Some(PrincipalSet::NotOfAccounts(accounts));
    let these = |all: Vec<Principal>| (!all.is_empty()).then_some(PrincipalSet::These(all));
    let (own, others) = match (whole, by) {
        (_, PrincipalSet::Every) => (Some(whole.clone()), None),
        (PrincipalSet::These(all), _) => {
            let all = all.iter().cloned();
            let (own, others) = all.partition(|one| is_of(one, by));
            (these(own), these(others))
        }
        (_, PrincipalSet::These(_)) => {
            return Err("what is left of principals without some of them".to_owned());
        }
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
    };
    Ok(Of {
        own,
        others: others.into_iter().collect(),
    })
}

fn is_of(principal: &Principal, set: &PrincipalSet) -> bool {
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
        let mut sets = Vec::new();
        for resources in &lists {
            for (principals, context) in principals.iter().zip(&contexts) {
                let context = context.iter().map(|keys| (key.clone(), keys.clone()));
                sets.push(RequestSet {
                    resources: resources.clone(),
                    principals: principals.clone(),
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
