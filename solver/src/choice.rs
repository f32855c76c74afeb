//! What z3 chooses of a request: one class of each part, and any classes of values of a key that may have several.

use std::collections::BTreeSet;

use model::ContextKey;
use z3::Model;

use crate::decode::holds;
use crate::symbolic::{Formula, Number};
use crate::value_class::ValueClass;

/// A class, and when it is chosen.
pub(crate) struct Choice<T> {
    pub(crate) value: T,
    pub(crate) when: Formula,
}

/// What a request may have of a key.
pub(crate) struct KeyChoices {
    pub(crate) choices: Vec<Choice<Values>>,
    /// The classes of values, of a key that may have several of them.
    pub(crate) members: Vec<Member>,
}

/// The values of a class of requests: none, one, or any two.
#[derive(Clone)]
pub(crate) struct Values {
    pub(crate) values: BTreeSet<String>,
    pub(crate) limit: Option<String>,
}

/// A class of values among which may be some of a request's.
pub(crate) struct Member {
    pub(crate) class: ValueClass,
    pub(crate) has: Formula,
    /// It has another one of the same class.
    pub(crate) more: Formula,
}

impl KeyChoices {
    /// A key with at most one value.
    pub(crate) fn one(
        name: &ContextKey,
        classes: Vec<ValueClass>,
        absent: bool,
        constraints: &mut Vec<Formula>,
    ) -> Self {
        let none = absent.then(|| Values {
            values: BTreeSet::new(),
            limit: None,
        });
        let some = classes.into_iter().map(|class| Values {
            values: BTreeSet::from([class.value]),
            limit: class.limit,
        });
        let name = format!("request.{}", name.folded());
        KeyChoices {
            choices: choices(&name, none.into_iter().chain(some).collect(), constraints),
            members: Vec::new(),
        }
    }

    /// A key with any number of values.
    pub(crate) fn several(
        name: &ContextKey,
        classes: Vec<ValueClass>,
        absent: bool,
        constraints: &mut Vec<Formula>,
    ) -> Self {
        let mut members = Vec::new();
        for (number, class) in classes.into_iter().enumerate() {
            let has = Formula::free(&format!("request.{}.has.{number}", name.folded()));
            let more = match class.second {
                Some(_) => Formula::free(&format!("request.{}.more.{number}", name.folded())),
                None => Formula::FALSE,
            };
            constraints.push(&!&more | &has);
            members.push(Member { class, has, more });
        }
        let some = Formula::any(members.iter().map(|member| member.has.clone()));
        if !absent {
            constraints.push(some.clone());
        }
        let mut all = vec![Choice {
            value: Values {
                values: BTreeSet::new(),
                limit: None,
            },
            when: !&some,
        }];
        for (number, member) in members.iter().enumerate() {
            let others = members
                .iter()
                .enumerate()
                .filter(|(other, _)| *other != number);
            let others = Formula::any(others.map(|(_, other)| other.has.clone()));
            all.push(Choice {
                value: Values {
                    values: BTreeSet::from([member.class.value.clone()]),
                    limit: member.class.limit.clone(),
                },
                when: &member.has & &!(others | member.more.clone()),
            });
        }
        let fewer = Formula::any(all.iter().map(|choice| choice.when.clone()));
        all.push(Choice {
            // Only that they are several counts.
            value: Values {
                values: BTreeSet::from(["one".to_owned(), "other".to_owned()]),
                limit: None,
            },
            when: !fewer,
        });
        KeyChoices {
            choices: all,
            members,
        }
    }

    pub(crate) fn values(&self, model: &Model) -> Option<BTreeSet<String>> {
        if self.members.is_empty() {
            return chosen(&self.choices, model).map(|chosen| chosen.values.clone());
        }
        let mut values = BTreeSet::new();
        for member in &self.members {
            if holds(model, &member.has) {
                values.insert(member.class.value.clone());
            }
            if holds(model, &member.more) {
                values.extend(member.class.second.clone());
            }
        }
        Some(values)
    }
}

/// A number that chooses one of some classes.
pub(crate) fn choices<T>(
    name: &str,
    values: Vec<T>,
    constraints: &mut Vec<Formula>,
) -> Vec<Choice<T>> {
    let last = (values.len() as u128).saturating_sub(1);
    let number = match 128_u32.saturating_sub(last.leading_zeros()) {
        0 => Number::Known(0, 1),
        width => Number::free(name, width),
    };
    constraints.push(if values.is_empty() {
        Formula::FALSE
    } else {
        number.within(0, last)
    });
    let values = values.into_iter().zip(0_u128..);
    let choices = values.map(|(value, position)| Choice {
        value,
        when: number.is(position),
    });
    choices.collect()
}

pub(crate) fn chosen<'a, T>(choices: &'a [Choice<T>], model: &Model) -> Option<&'a T> {
    let mut choices = choices.iter();
    let chosen = choices.find(|choice| holds(model, &choice.when));
    chosen.map(|choice| &choice.value)
}
