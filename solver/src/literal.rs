//! What variables may stand for where requests are taken together: values that are told apart from all others.
//!
//! A key that a variable takes is cut so that each of these values is a class of its own, and what a text with the
//! variable matches is known in that class. In any other class of more values than one the text is open.

use std::collections::{BTreeMap, BTreeSet};

use model::{ContextKey, Principal, RequestSet};

use crate::authorize::Statement;
use crate::condition::Condition;
use crate::context::{Brought, Held, Key, Source, Way};
use crate::pattern::{Pattern, TooManyStates};
use crate::principal::Caller;
use crate::request::values_of;
use crate::variable::{Text, Variable, has_special};

/// More texts than these are not made of one text by giving its variables values.
const MOST_TEXTS: usize = 1_000;

/// The values of each key that variables take.
#[derive(Debug, Default)]
pub(crate) struct Literals {
    of: BTreeMap<ContextKey, BTreeSet<String>>,
    /// Keys whose values are cut by what they mean, as numbers are: one class has many texts.
    by_meaning: BTreeSet<ContextKey>,
}

impl Literals {
    pub(crate) fn new(statements: &[&Statement], set: &RequestSet, way: Way<'_>) -> Self {
        let mut literals = Literals::default();
        for variable in variables(statements) {
            let values = literals.of.entry(variable.key.name.clone()).or_default();
            values.extend(samples(&variable.key, way));
            if let Some(allowed) = set.context.get(&variable.key.name) {
                values.extend(values_of(allowed).unwrap_or_default());
            }
            for principal in values_of_principals(set) {
                let brought = Brought {
                    caller: Caller::new(principal),
                    context: &BTreeMap::new(),
                    way,
                    literals: None,
                };
                if let Held::One(value) = brought.held(&variable.key) {
                    values.insert(value.to_owned());
                }
            }
        }
        for condition in statements.iter().flat_map(|one| &one.conditions) {
            if condition.compares_by_meaning() {
                literals.by_meaning.insert(condition.key.name.clone());
            }
            if let Some(values) = literals.of.get_mut(&condition.key.name) {
                values.extend(named_by(condition));
            }
            // What the key is compared with otherwise may be what a variable stands for.
            let allowed = set.context.get(&condition.key.name);
            let own = allowed.and_then(values_of).unwrap_or_default();
            for variable in condition.texts().iter().flat_map(Text::variables) {
                if let Some(values) = literals.of.get_mut(&variable.key.name) {
                    values.extend(own.iter().cloned().chain(named_by(condition)));
                }
            }
        }
        literals
    }

    /// The values of a key; none of one that no variable takes.
    pub(crate) fn of(&self, key: &ContextKey) -> impl Iterator<Item = &String> {
        self.of.get(key).into_iter().flatten()
    }

    /// Whether a class that has this value of a key has no other.
    pub(crate) fn is_one(&self, key: &Key, value: &str) -> bool {
        let values = self.of.get(&key.name);
        !self.by_meaning.contains(&key.name) && values.is_some_and(|values| values.contains(value))
    }

    /// The patterns that a text may be.
    pub(crate) fn patterns(&self, text: &Text) -> Result<Vec<Pattern>, TooManyStates> {
        match text {
            Text::Open => Ok(Vec::new()),
            Text::Fixed(pattern) | Text::Perhaps(pattern) => Ok(vec![pattern.clone()]),
            Text::Template(template) => {
                let mut all: Vec<Vec<&str>> = vec![Vec::new()];
                for variable in text.variables() {
                    let values = self.of(&variable.key.name).chain(&variable.default);
                    let values: Vec<&String> = values.collect();
                    let longer = all.iter().flat_map(|chosen| {
                        values.iter().map(|value| {
                            let chosen = chosen.iter().copied();
                            chosen.chain([value.as_str()]).collect()
                        })
                    });
                    all = longer.take(MOST_TEXTS + 1).collect();
                    if all.len() > MOST_TEXTS {
                        return Err(TooManyStates);
                    }
                }
                Ok(all
                    .iter()
                    .filter_map(|values| template.with(values))
                    .collect())
            }
        }
    }
}

/// Every variable of the statements.
fn variables<'a>(statements: &[&'a Statement]) -> impl Iterator<Item = &'a Variable> {
    statements.iter().flat_map(|statement| {
        let resources = statement.resources.strict();
        let conditions = statement.conditions.iter().flat_map(Condition::texts);
        resources.chain(conditions).flat_map(Text::variables)
    })
}

fn values_of_principals(set: &RequestSet) -> &[Principal] {
    match &set.principals {
        model::PrincipalSet::These(these) => these,
        model::PrincipalSet::Every
        | model::PrincipalSet::OfAccounts(_)
        | model::PrincipalSet::NotOfAccounts(_) => &[],
    }
}

/// Values that a key may have, all of them where there are few.
fn samples(key: &Key, way: Way<'_>) -> Vec<String> {
    let values: Vec<&str> = match key.source {
        Source::PrincipalType => vec!["Anonymous", "Account", "User", "AssumedRole"],
        Source::IsService | Source::ViaService => vec!["false"],
        Source::OfWay(key) => way.value(key).into_iter().collect(),
        Source::Username => vec!["ann"],
        Source::PrincipalAccount => vec!["anonymous", "123456789012"],
        Source::CallerAccount => vec!["123456789012"],
        Source::PrincipalArn => vec!["arn:aws:iam::123456789012:role/app"],
        Source::UserId => vec!["anonymous", "123456789012", "some-userid"],
        Source::Absent | Source::Unknown => vec![],
        Source::PrincipalTag | Source::OfSigned | Source::Context => {
            let name = key.name.folded();
            let last = name.rsplit(['/', ':']).next().unwrap_or(name);
            return vec![format!("some-{last}")];
        }
    };
    values.into_iter().map(str::to_owned).collect()
}

/// The values that a condition compares as they are.
fn named_by(condition: &Condition) -> impl Iterator<Item = String> {
    let literals = condition.texts().iter().filter_map(|text| match text {
        Text::Fixed(pattern) => pattern.literal().filter(|value| !has_special(value)),
        Text::Template(_) | Text::Perhaps(_) | Text::Open => None,
    });
    let bools = if condition.compares_bools() {
        ["true", "false"].as_slice()
    } else {
        &[]
    };
    literals.chain(bools.iter().map(|value| (*value).to_owned()))
}
