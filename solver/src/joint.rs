//! What the policies of accounts say of a set of requests. Callers that have the same policies are asked together, and
//! so are resources.

use std::collections::BTreeMap;

use model::Principal;

use crate::account::{Accounts, OfCaller, OfResource, Owner, Part};
use crate::case::{Case, Parts};
use crate::choice::Choice;
use crate::decision::Outcome;
use crate::grant::{Ask, Name, Said};
use crate::principal::{Caller, CallerKind};
use crate::space::{Space, Within};
use crate::symbolic::Formula;
use crate::vocabulary::Vocabulary;

/// The classes of a space, with the policies that follow from each.
struct Joint<'s> {
    space: &'s Space<'s>,
    vocabulary: &'s Vocabulary<'s>,
    callers: Vec<(&'s Choice<Principal>, OfCaller<'s>)>,
    resources: Vec<(&'s Choice<String>, OfResource<'s>)>,
}

/// What all parts say of the requests of a space.
pub(crate) fn said<'s>(
    space: &'s Space<'s>,
    vocabulary: &'s Vocabulary<'s>,
    accounts: &'s Accounts,
) -> Said {
    let callers = space.principals.iter();
    let resources = space.resources.iter();
    let joint = Joint {
        space,
        vocabulary,
        callers: callers
            .map(|one| (one, accounts.of_caller(&Caller::new(&one.value))))
            .collect(),
        resources: resources
            .map(|one| (one, accounts.of_resource(&one.value)))
            .collect(),
    };
    let case = joint.case();
    Said::new(&case, &|name, ask| joint.part(&case, name, ask))
}

impl<'s> Joint<'s> {
    fn part(&self, case: &Case, name: Name, ask: Ask) -> Outcome {
        let all = self.space.all();
        let callers = groups(&self.callers, |of| of.part(name));
        let by_caller = callers.into_iter().map(|(part, principals)| {
            let when = any_of(&principals);
            let within = Within {
                principals,
                resources: all.resources.clone(),
            };
            let says = |statement: &_, naming| self.space.statement(statement, naming, &within);
            (case.part(name, ask, part, &says), vec![when])
        });
        let resources = groups(&self.resources, |of| of.part(name));
        let by_resource = resources.into_iter().map(|(part, resources)| {
            let when = any_of(&resources);
            let within = Within {
                principals: all.principals.clone(),
                resources,
            };
            let says = |statement: &_, naming| self.space.statement(statement, naming, &within);
            (case.part(name, ask, part, &says), vec![when])
        });
        Outcome::of_rows(by_caller.chain(by_resource))
    }

    fn case(&self) -> Case {
        let callers = self.callers.iter();
        let actions = self.space.actions.iter();
        let resources = self.resources.iter();
        Case::new(&Parts {
            callers: callers.map(|(one, of)| (of, one.when.clone())).collect(),
            actions: actions.map(|one| (&*one.value, one.when.clone())).collect(),
            resources: resources.map(|(one, of)| (of, one.when.clone())).collect(),
            is_same: self.is_same(),
        })
    }

    /// One account calls for what it owns. Where neither account is told apart, both may be the same or not.
    fn is_same(&self) -> Formula {
        let mut callers: BTreeMap<&str, Vec<Formula>> = BTreeMap::new();
        for (one, _) in &self.callers {
            let caller = Caller::new(&one.value);
            if caller.kind != CallerKind::Anonymous {
                let whens = callers.entry(caller.account).or_default();
                whens.push(one.when.clone());
            }
        }
        let mut of_caller = Vec::new();
        let mut owners: BTreeMap<&str, Vec<Formula>> = BTreeMap::new();
        for (one, of) in &self.resources {
            match of.owner {
                Owner::Caller => of_caller.push(one.when.clone()),
                Owner::Account(account) => {
                    owners.entry(account).or_default().push(one.when.clone());
                }
                Owner::Unknown(_) => {}
            }
        }
        let all = Formula::any(callers.values().flatten().cloned());
        let same = all & Formula::any(of_caller);
        let known = owners.iter().filter_map(|(account, owners)| {
            let callers = self.known(callers.get_key_value(account)?)?;
            Some(callers & Formula::any(owners.iter().cloned()))
        });
        let known = Formula::any(known);
        let other = |all: &BTreeMap<&str, Vec<Formula>>| {
            let others = all.iter().filter(|one| self.known(*one).is_none());
            Formula::any(others.flat_map(|(_, whens)| whens.iter().cloned()))
        };
        let others = other(&callers) & other(&owners);
        same | known | (others & Formula::free("request.same-account"))
    }

    /// When it is this account, if its classes are of no other.
    fn known(&self, (account, whens): (&&str, &Vec<Formula>)) -> Option<Formula> {
        let is_known = self.vocabulary.accounts.contains(*account);
        is_known.then(|| Formula::any(whens.iter().cloned()))
    }
}

/// The classes that have the same part.
fn groups<'g, 's, T, Of>(
    classes: &'g [(&'s Choice<T>, Of)],
    part: impl Fn(&'g Of) -> Option<&'g Part<'s>>,
) -> Vec<(&'g Part<'s>, Vec<&'s Choice<T>>)> {
    let mut groups: Vec<(&Part<'_>, Vec<&Choice<T>>)> = Vec::new();
    for (class, of) in classes {
        if let Some(part) = part(of) {
            match groups.iter_mut().find(|(known, _)| known.is(part)) {
                Some((_, classes)) => classes.push(class),
                None => groups.push((part, vec![class])),
            }
        }
    }
    groups
}

fn any<'a, T: 'a>(choices: impl Iterator<Item = &'a Choice<T>>) -> Formula {
    Formula::any(choices.map(|choice| choice.when.clone()))
}

fn any_of<T>(choices: &[&Choice<T>]) -> Formula {
    any(choices.iter().copied())
}
