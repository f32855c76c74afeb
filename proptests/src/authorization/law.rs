//! Changes of worlds of which it is known what they do to answers.

use model::{Account, Organization, PolicyEffect, ResourcePolicy, Statement, Tags, Value};

use super::{World, candidates, draw, pool};
use crate::dice::Dice;

/// What a change may do to an answer. Denied is less than open, and open less than permitted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kept {
    /// It stays.
    Same,
    /// It becomes no less.
    NoLess,
    /// It becomes no more.
    NoMore,
    /// It stays when it was certain.
    WhenCertain,
}

/// A law.
#[derive(Clone, Copy, Debug)]
pub struct Law {
    /// What is changed.
    pub name: &'static str,
    /// What that does.
    pub kept: Kept,
    /// The change.
    pub change: fn(&mut World, &mut Dice),
}

impl Kept {
    /// Whether ranks, 0 to 2, of an answer before and after keep the law.
    pub const fn holds(self, before: u8, after: u8) -> bool {
        match self {
            Kept::Same => before == after,
            Kept::NoLess => before <= after,
            Kept::NoMore => before >= after,
            Kept::WhenCertain => before == 1 || before == after,
        }
    }
}

const fn law(name: &'static str, kept: Kept, change: fn(&mut World, &mut Dice)) -> Law {
    Law { name, kept, change }
}

/// Every law.
pub const LAWS: [Law; 12] = [
    law("statements in reverse", Kept::Same, |world, _| {
        world.each_policy(|policy| policy.statements.reverse());
    }),
    law("documents in reverse", Kept::Same, |world, _| {
        for principal in &mut world.principals {
            principal.identity_policies.reverse();
            principal.session_policies.reverse();
        }
        for_levels(world, |levels| {
            levels.reverse();
            levels.iter_mut().for_each(|level| level.reverse());
        });
    }),
    law(
        "an Allow more in an identity-based policy",
        Kept::NoLess,
        |world, dice| {
            let another = another(PolicyEffect::Allow, dice);
            for principal in &mut world.principals {
                for policy in principal.identity_policies.iter_mut().flat_map(candidates) {
                    policy.statements.push(another.clone());
                }
            }
        },
    ),
    law(
        "an identity-based policy more",
        Kept::NoLess,
        |world, dice| {
            let mut policy = draw::full();
            policy.statements = vec![another(PolicyEffect::Allow, dice)];
            for principal in &mut world.principals {
                if !principal.id.as_str().contains(":assumed-role/") {
                    let policy = Value::Known(policy.clone());
                    principal.identity_policies.push(policy);
                }
            }
        },
    ),
    law("a Deny more somewhere", Kept::NoMore, |world, dice| {
        let another = another(PolicyEffect::Deny, dice);
        let mut documents = world.documents_mut();
        let at = dice.below(documents.len());
        if let Some(document) = documents.get_mut(at) {
            for policy in candidates(document) {
                policy.statements.push(another.clone());
            }
        }
    }),
    law("no boundary", Kept::NoLess, |world, _| {
        for principal in &mut world.principals {
            principal.permissions_boundary = None;
        }
    }),
    law("no session policies", Kept::NoLess, |world, _| {
        for principal in &mut world.principals {
            principal.session_policies.clear();
        }
    }),
    law(
        "an account that nothing belongs to",
        Kept::Same,
        |world, dice| {
            // With the first account, policies of accounts begin to be asked.
            if !world.accounts.is_empty() {
                world.accounts.push(Account {
                    id: pool::EMPTY.into(),
                    organization: draw::organization(dice),
                    organization_id: None,
                    principals_complete: dice.percent(50),
                    resources_complete: pool::SERVICES.map(str::to_owned).into(),
                    tags: Tags::default(),
                });
            }
        },
    ),
    law(
        "documents that were not known",
        Kept::WhenCertain,
        |world, dice| {
            let policies: Vec<_> = (0..64).map(|_| draw::completion(world, dice)).collect();
            let all = world.documents_mut().into_iter();
            for (document, policy) in all.zip(policies) {
                match document {
                    Value::Known(_) => {}
                    Value::OneOf(those, _) => {
                        let one = dice.pick(those).cloned();
                        *document = Value::Known(one.unwrap_or(policy));
                    }
                    Value::Any(_) => *document = Value::Known(policy),
                }
            }
        },
    ),
    law(
        "organizations that were not known",
        Kept::WhenCertain,
        |world, dice| {
            for account in &mut world.accounts {
                if let Organization::Unknown(_) = account.organization {
                    account.organization = draw::organization(dice);
                }
            }
        },
    ),
    law(
        "principals that were not listed",
        Kept::WhenCertain,
        |world, dice| {
            let accounts = world.accounts.iter().filter(|one| !one.principals_complete);
            let accounts: Vec<String> = accounts.map(|one| one.id.to_string()).collect();
            for account in accounts {
                // Any other name may be listed already.
                for pattern in ["arn:aws:iam::@:user/nobody", "arn:aws:iam::@:role/x/nobody"] {
                    let arn = pool::of(&account, pattern);
                    world.principals.push(draw::principal(&arn, dice));
                }
            }
        },
    ),
    law(
        "resources that were not listed",
        Kept::WhenCertain,
        |world, dice| {
            for account in world.accounts.clone() {
                for (service, pattern) in UNCOVERED {
                    let arn = pool::of(account.id.as_str(), pattern);
                    let mut listed = world.resource_policies.iter();
                    let is_listed = listed.any(|one| one.id.as_str() == arn);
                    if !is_listed && !account.resources_complete.contains(service) {
                        let policy = draw::completion(world, dice);
                        world.resource_policies.push(ResourcePolicy {
                            id: arn.as_str().into(),
                            account: account.id.clone(),
                            policy: Some(Value::Known(policy)),
                            access_control_lists: false,
                            public_access: true,
                        });
                    }
                }
            }
        },
    ),
];

/// Resources that no entry covers but their own.
const UNCOVERED: [(&str, &str); 3] = [
    ("sqs", "arn:aws:sqs:eu-west-1:@:q"),
    ("kms", "arn:aws:kms:eu-west-1:@:key/k"),
    ("sns", "arn:aws:sns:eu-west-1:@:t"),
];

/// A statement without conditions.
fn another(effect: PolicyEffect, dice: &mut Dice) -> Statement {
    let mut statement = draw::unconditional(dice);
    statement.effect = effect;
    statement
}

fn for_levels(world: &mut World, change: impl Fn(&mut Vec<Vec<super::Document>>)) {
    for account in &mut world.accounts {
        if let Organization::Member {
            service_control_policies,
            ..
        } = &mut account.organization
        {
            change(service_control_policies);
        }
    }
}
