//! Mistakes about what grants a request.

use model::{
    Clause, ContextKey, Policy, PolicyEffect, Principal, PrincipalElement, PrincipalPattern, Value,
};

use super::super::{candidates, draw, pool};
use super::planted::{Planted, allow};
use super::{Bug, bug};

const SAME: Clause = Clause::AuthorizationSameAccount;
const ACROSS: Clause = Clause::AuthorizationCrossAccount;
const ANONYMOUS: Clause = Clause::AuthorizationAnonymous;

pub(super) const BUGS: &[Bug] = &[
    bug(
        "identity-based policies are needed beside a direct grant",
        SAME,
        |planted| {
            if planted.is_same_account() {
                let arn = planted.caller_arn();
                let is_direct = |one: &PrincipalPattern| match one {
                    PrincipalPattern::Everyone => true,
                    PrincipalPattern::Arn(of) => *of == arn && !arn.contains(":role/"),
                    PrincipalPattern::Account(_)
                    | PrincipalPattern::Open(_)
                    | PrincipalPattern::Other { .. } => false,
                };
                planted.each_granted(|patterns| patterns.retain(|one| !is_direct(one)));
            }
        },
    ),
    bug("a boundary limits a direct grant", SAME, |planted| {
        if let Some(role) = planted.role() {
            replace(planted, &PrincipalPattern::Everyone, &arn(&role));
        }
    }),
    bug(
        "a boundary does not limit a role's grant",
        SAME,
        |planted| {
            if let Some(role) = planted.role() {
                replace(planted, &arn(&role), &PrincipalPattern::Everyone);
            }
        },
    ),
    bug("a boundary is ignored", SAME, |planted| {
        if let Some(own) = planted.own() {
            own.permissions_boundary = None;
        }
    }),
    bug("a role's ARN is not its sessions'", SAME, |planted| {
        if let Some(role) = planted.role().filter(|_| is_session(planted)) {
            planted.each_granted(|patterns| patterns.retain(|one| *one != arn(&role)));
        }
    }),
    bug(
        "a session's ARN is not the role's for any",
        SAME,
        |planted| {
            if !is_session(planted) && planted.role().is_some() {
                planted.each_granted(|patterns| {
                    patterns.retain(|one| {
                    !matches!(one, PrincipalPattern::Arn(arn) if arn.contains(":assumed-role/"))
                });
                });
            }
        },
    ),
    bug("an account grants within itself", SAME, |planted| {
        if planted.is_same_account() && !planted.is_root() && !planted.is_keyed() {
            grant_to_everyone(planted);
        }
    }),
    bug("a key is a resource like others", SAME, |planted| {
        if planted.is_keyed() && planted.is_same_account() {
            let account = PrincipalPattern::Account(planted.caller_account());
            planted.add_to_entry(&[allow(vec![account])]);
        }
    }),
    bug(
        "an account in a key's policy grants by itself",
        SAME,
        |planted| {
            if planted.is_keyed() && planted.is_same_account() {
                grant_to_everyone(planted);
            }
        },
    ),
    bug("a key's policy is needed for `*`", SAME, |planted| {
        if planted.request.resource == "*" && planted.service() == "kms" {
            let account = planted.caller_account();
            let resource = pool::of(&account, "arn:aws:kms:eu-west-1:@:key/k");
            planted.request.resource = resource;
        }
    }),
    bug("a role is keyed for every action", SAME, |planted| {
        if planted.request.resource.contains(":role/") {
            planted.rename_action("iam:", "sts:");
        }
    }),
    bug("the root user needs policies of its own", SAME, |planted| {
        if planted.is_root() && planted.is_same_account() {
            let account = planted.caller_account();
            let nobody = pool::of(&account, "arn:aws:iam::@:user/nobody");
            planted.request.principal = pool::principal(&nobody);
        }
    }),
    bug(
        "the root user needs no policy of its key",
        SAME,
        |planted| {
            if planted.is_root() && planted.is_same_account() && planted.is_keyed() {
                let everyone = allow(vec![PrincipalPattern::Everyone]);
                planted.add_to_entry(&[everyone]);
            }
        },
    ),
    bug(
        "a root user needs no grant of another account",
        ACROSS,
        |planted| {
            if planted.is_root() && planted.is_across() {
                let everyone = allow(vec![PrincipalPattern::Everyone]);
                planted.add_to_entry(&[everyone]);
            }
        },
    ),
    bug(
        "an account is not granted across accounts",
        ACROSS,
        |planted| {
            if planted.is_across() {
                planted.each_granted(|patterns| {
                    patterns.retain(|one| !matches!(one, PrincipalPattern::Account(_)));
                });
            }
        },
    ),
    bug("an account's root ARN is no account", ACROSS, |planted| {
        planted.each_granted(|patterns| {
            patterns.retain(
                |one| !matches!(one, PrincipalPattern::Account(of) if of.starts_with("arn:")),
            );
        });
    }),
    bug(
        "identity-based policies alone grant across accounts",
        ACROSS,
        |planted| {
            if planted.is_across() && !planted.is_root() {
                let everyone = allow(vec![PrincipalPattern::Everyone]);
                planted.add_to_entry(&[everyone]);
            }
        },
    ),
    bug(
        "a resource's policy alone grants across accounts",
        ACROSS,
        |planted| {
            let is_across = planted.is_across();
            if let Some(own) = planted.own().filter(|_| is_across) {
                own.identity_policies.push(Value::Known(draw::full()));
            }
        },
    ),
    bug(
        "a boundary does not limit across accounts",
        ACROSS,
        |planted| {
            let is_across = planted.is_across();
            if let Some(own) = planted.own().filter(|_| is_across) {
                own.permissions_boundary = None;
            }
        },
    ),
    bug(
        "the owner is in the ARN, whatever the input says",
        ACROSS,
        |planted| {
            if let Some(entry) = planted.entry() {
                let of_arn = pool::account(entry.id.as_str());
                if !of_arn.is_empty() {
                    entry.account = of_arn.into();
                }
            }
        },
    ),
    bug(
        "an account grants the anonymous caller",
        ANONYMOUS,
        |planted| {
            if planted.request.principal == Principal::Anonymous {
                planted.each_granted(|patterns| {
                    for pattern in patterns {
                        if let PrincipalPattern::Account(_) = pattern {
                            *pattern = PrincipalPattern::Everyone;
                        }
                    }
                });
            }
        },
    ),
    bug("everyone is who signs", ANONYMOUS, |planted| {
        if planted.request.principal == Principal::Anonymous {
            planted.each_granted(|patterns| {
                patterns.retain(|one| *one != PrincipalPattern::Everyone);
            });
        }
    }),
    bug("a federated caller is signed", ANONYMOUS, |planted| {
        planted.each_granted(|patterns| {
            patterns.retain(|one| !matches!(one, PrincipalPattern::Other { .. }));
        });
    }),
    bug(
        "an Allow with NotPrincipal is one for nobody",
        Clause::AuthorizationOpen,
        |planted| {
            let document = planted.entry().and_then(|entry| entry.policy.as_mut());
            for policy in document.map(candidates).into_iter().flatten() {
                policy.statements.retain(|one| {
                    one.effect == PolicyEffect::Deny
                        || matches!(one.principal, PrincipalElement::Principal(_))
                });
            }
        },
    ),
    bug(
        "an account with a condition on aws:PrincipalArn is certain",
        Clause::AuthorizationOpen,
        |planted| {
            let arn = planted.caller_arn();
            if planted.is_user() {
                let own = ContextKey::new("own:PrincipalArn");
                planted.request.context.insert(own, [arn].into());
                planted.world.each_policy(of_own_key);
            }
        },
    ),
];

fn arn(text: &str) -> PrincipalPattern {
    PrincipalPattern::Arn(text.to_owned())
}

fn is_session(planted: &Planted) -> bool {
    planted.caller_arn().contains(":assumed-role/")
}

/// Lists one in the place of another.
fn replace(planted: &mut Planted, from: &PrincipalPattern, to: &PrincipalPattern) {
    planted.each_granted(|patterns| {
        for pattern in patterns {
            if pattern == from {
                pattern.clone_from(to);
            }
        }
    });
}

/// Lists everyone in the place of the caller's account.
fn grant_to_everyone(planted: &mut Planted) {
    let account = planted.caller_account();
    let root = format!("arn:aws:iam::{account}:root");
    for one in [account, root] {
        let account = PrincipalPattern::Account(one);
        replace(planted, &account, &PrincipalPattern::Everyone);
    }
}

/// Takes another key for `aws:PrincipalArn`.
fn of_own_key(policy: &mut Policy) {
    let statements = policy.statements.iter_mut();
    for condition in statements.flat_map(|one| &mut one.conditions) {
        if condition.key == ContextKey::new("aws:PrincipalArn") {
            condition.key = ContextKey::new("own:PrincipalArn");
        }
    }
}
