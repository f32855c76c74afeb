//! The actions and the resources of a set, in classes that no statement tells apart.

use std::collections::{BTreeMap, BTreeSet};

use model::Patterns;

use crate::budget::Limits;
use crate::literal::Literals;
use crate::pattern::{self, Pattern, Strings, TooManyStates};
use crate::variable::Text;
use crate::vocabulary::Vocabulary;

/// Actions such that each other one of a set is like one of these in all that is asked.
pub(crate) fn actions(
    vocabulary: &Vocabulary<'_>,
    set: &Patterns,
    limits: &Limits,
) -> Result<Vec<String>, TooManyStates> {
    let read = |texts: &[String]| -> Vec<Pattern> {
        texts.iter().map(|text| Pattern::any_case(text)).collect()
    };
    let strings = Strings {
        include: &read(&set.include),
        exclude: &read(&set.exclude),
        without: &[],
        readable: Pattern::resource("?*:?*"),
    };
    let groups = vocabulary.statements.iter().map(|one| one.actions.clone());
    let others = vocabulary.actions.iter().cloned();
    // What has no name behind a service is no action (page policy, *sets of requests*).
    let named = Pattern::any_case("?*:?*");
    let groups = groups.chain(others).chain([vec![named.clone()]]);
    let mut actions = by_group(&strings, &groups.collect::<Vec<_>>(), limits)?;
    actions.retain(|action| named.matches(action));
    Ok(actions)
}

/// Resources such that each other one of a set is like one of these in all that is asked.
pub(crate) fn resources(
    vocabulary: &Vocabulary<'_>,
    set: &Patterns,
    literals: &Literals,
    limits: &Limits,
) -> Result<Vec<String>, TooManyStates> {
    let read = |texts: &[String]| -> Vec<Pattern> {
        texts.iter().map(|text| Pattern::plain(text)).collect()
    };
    let strings = Strings {
        include: &read(&set.include),
        exclude: &read(&set.exclude),
        without: &[],
        readable: Pattern::resource("arn:aws:?*:*:*:?*"),
    };
    let others = vocabulary.resources.iter();
    let mut groups: Vec<Vec<Pattern>> = alone(others.cloned().collect()).collect();
    for statement in &vocabulary.statements {
        let mut fixed = Vec::new();
        for pattern in &statement.resources.patterns {
            match &pattern.strict {
                Text::Fixed(pattern) => fixed.push(pattern.clone()),
                // Which of these counts depends on the request, or tells why a statement is open.
                Text::Template(_) | Text::Perhaps(_) => {
                    groups.extend(alone(literals.patterns(&pattern.strict)?));
                }
                Text::Open => {}
            }
            // Which of these is the first tells why a statement is open.
            if let Some(loose) = &pattern.loose {
                groups.extend(alone(literals.patterns(loose)?));
            }
        }
        groups.push(fixed);
    }
    by_group(&strings, &groups, limits)
}

/// Each pattern as a group.
fn alone(patterns: Vec<Pattern>) -> impl Iterator<Item = Vec<Pattern>> {
    patterns.into_iter().map(|pattern| vec![pattern])
}

/// A string for each combination of groups of patterns of which one matches.
fn by_group(
    strings: &Strings<'_>,
    groups: &[Vec<Pattern>],
    limits: &Limits,
) -> Result<Vec<String>, TooManyStates> {
    let all: BTreeSet<Pattern> = groups.iter().flatten().cloned().collect();
    let all: Vec<Pattern> = all.into_iter().collect();
    let positions = |group: &Vec<Pattern>| -> Vec<usize> {
        let positions = all.iter().enumerate();
        let positions = positions.filter(|(_, pattern)| group.contains(pattern));
        positions.map(|(position, _)| position).collect()
    };
    let groups: Vec<Vec<usize>> = groups.iter().map(positions).collect();
    let mut found: BTreeMap<Vec<bool>, String> = BTreeMap::new();
    for (accepts, text) in pattern::combinations(strings, &all, limits.most_states)? {
        let one = |group: &Vec<usize>| {
            let mut positions = group.iter();
            positions.any(|position| accepts.get(*position) == Some(&true))
        };
        found
            .entry(groups.iter().map(one).collect())
            .or_insert(text);
    }
    Ok(found.into_values().collect())
}
