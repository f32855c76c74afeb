//! Making a policy small while it still shows something.

use model::Policy;

/// Drops statements, conditions and values one at a time as long as the rest still shows it.
pub fn reduced(policy: &Policy, shows: impl Fn(&Policy) -> bool) -> Policy {
    let mut kept = policy.clone();
    loop {
        let smaller = candidates(&kept).into_iter().find(|policy| shows(policy));
        match smaller {
            Some(policy) => kept = policy,
            None => return kept,
        }
    }
}

/// The policy with one part less.
fn candidates(policy: &Policy) -> Vec<Policy> {
    let mut found = Vec::new();
    for (at, statement) in policy.statements.iter().enumerate() {
        let mut without = policy.clone();
        without.statements.remove(at);
        found.push(without);
        for (which, condition) in statement.conditions.iter().enumerate() {
            let edit = |change: &dyn Fn(&mut Vec<model::Condition>)| {
                let mut edited = policy.clone();
                if let Some(statement) = edited.statements.get_mut(at) {
                    change(&mut statement.conditions);
                }
                edited
            };
            found.push(edit(&|conditions| {
                conditions.remove(which);
            }));
            for value in 0..condition.values.len() {
                if condition.values.len() > 1 {
                    found.push(edit(&|conditions| {
                        if let Some(condition) = conditions.get_mut(which) {
                            condition.values.remove(value);
                        }
                    }));
                }
            }
        }
    }
    found
}
