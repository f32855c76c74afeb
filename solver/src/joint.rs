//! What the policies of accounts say of a set of requests. Callers that have the same policies are asked together, and
//! so are resources.

use std::collections::BTreeMap;

use model::Principal;

use crate::account::{Accounts, OfCaller, OfResource, Owner, Part, is_of_service};
use crate::action::{control_hole, is_keyed, is_of_bucket_policy};
use crate::choice::Choice;
use crate::decision::Outcome;
use crate::grant::{Ask, Case, Name, Said};
use crate::principal::{Caller, CallerKind};
use crate::space::{Space, Within};
use crate::symbolic::Formula;

/// The classes of a space, with the policies that follow from each.
struct Joint<'s> {
    space: &'s Space<'s>,
    callers: Vec<(&'s Choice<Principal>, OfCaller<'s>)>,
    resources: Vec<(&'s Choice<String>, OfResource<'s>)>,
}

/// What all parts say of the requests of a space.
pub(crate) fn said<'s>(space: &'s Space<'s>, accounts: &'s Accounts) -> Said {
    let callers = space.principals.iter();
    let resources = space.resources.iter();
    let joint = Joint {
        space,
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
            (ask.of(part, &says), vec![when])
        });
        let resources = groups(&self.resources, |of| of.part(name));
        let by_resource = resources.into_iter().map(|(part, resources)| {
            let when = any_of(&resources);
            let within = Within {
                principals: all.principals.clone(),
                resources,
            };
            let says = |statement: &_, naming| {
                let outcome = self.space.statement(statement, naming, &within);
                case.controlled(name, outcome)
            };
            (ask.of(part, &says), vec![when])
        });
        Outcome::of_rows(by_caller.chain(by_resource))
    }

    fn case(&self) -> Case {
        let of_callers = |is: &dyn Fn(&Caller<'_>) -> bool| {
            let those = self.space.principals.iter();
            any(those.filter(|one| is(&Caller::new(&one.value))))
        };
        let of_actions = |is: fn(&str) -> bool| {
            any(self.space.actions.iter().filter(|action| is(&action.value)))
        };
        let of_resources = |is: &dyn Fn(&str, &Owner<'_>) -> bool| {
            let those = self.resources.iter();
            let those = those.filter(|(one, of)| is(&one.value, &of.owner));
            any(those.map(|(one, _)| *one))
        };
        let is_anonymous = of_callers(&|caller| caller.kind == CallerKind::Anonymous);
        let is_of_caller = of_resources(&|_, owner| *owner == Owner::Caller);
        let owners_open = self
            .resources
            .iter()
            .filter_map(|(one, of)| match &of.owner {
                Owner::Unknown(hole) => Some((hole.clone(), one.when.clone())),
                Owner::Caller | Owner::Account(_) => None,
            });
        let actions = self.space.actions.iter();
        Case {
            is_root: of_callers(&|caller| caller.kind == CallerKind::Root),
            is_service_linked: of_callers(&|caller| caller.is_service_linked()),
            is_same: (&is_of_caller & &!&is_anonymous) | self.is_of_one_account(),
            is_keyed: of_actions(is_keyed) & !is_of_caller,
            is_of_bucket: of_actions(is_of_bucket_policy)
                & of_resources(&|resource, _| is_of_service(resource, "s3")),
            is_owner_open: owners_open.collect(),
            controls: actions
                .map(|action| (control_hole(&action.value), action.when.clone()))
                .collect(),
            is_anonymous,
        }
    }

    /// An account of the input calls for what it owns. Of other accounts it makes no difference: everything is open.
    fn is_of_one_account(&self) -> Formula {
        let mut callers: BTreeMap<&str, Vec<Formula>> = BTreeMap::new();
        for (one, _) in &self.callers {
            let caller = Caller::new(&one.value);
            if caller.kind != CallerKind::Anonymous {
                let whens = callers.entry(caller.account).or_default();
                whens.push(one.when.clone());
            }
        }
        let mut owners: BTreeMap<&str, Vec<Formula>> = BTreeMap::new();
        for (one, of) in &self.resources {
            if let Owner::Account(account) = of.owner {
                owners.entry(account).or_default().push(one.when.clone());
            }
        }
        let both = callers.into_iter().filter_map(|(account, callers)| {
            let owners = owners.get(account)?;
            Some(Formula::any(callers) & Formula::any(owners.iter().cloned()))
        });
        Formula::any(both)
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
