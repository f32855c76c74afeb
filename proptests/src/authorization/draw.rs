//! Worlds: accounts, principals and resources with policies.

use std::collections::BTreeSet;

use model::{
    Account, ActionElement, Hole, IamPrincipal, Organization, Policy, PolicyEffect,
    PrincipalElement, PrincipalPattern, ResourceElement, ResourcePolicy, Statement, Tags, Value,
};

use super::{Document, World, pool};
use crate::dice::Dice;
use crate::policy::draw::{self, Key};

/// What policies are drawn from.
struct Drawer<'a> {
    keys: &'a [Key],
    /// How many statements in a hundred have conditions.
    conditional: usize,
    /// The ARNs of the world's resources, for patterns.
    resources: Vec<String>,
    /// What principal elements list.
    principals: Vec<PrincipalPattern>,
}

/// Whose policy it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Of {
    /// A user's, role's or session's, or a level's of an organization.
    Identity,
    /// A resource's.
    Resource,
    /// An organization's, about resources.
    Control,
}

/// A world of up to three accounts.
pub fn world(keys: &[Key], dice: &mut Dice) -> World {
    let n = dice.choose(&[(4, 0), (26, 1), (45, 2), (25, 3)]);
    let accounts = some(&pool::ACCOUNTS, n.unwrap_or(1), dice);
    let (principals, resources) = (listed(&accounts, dice), owned(&accounts, dice));
    let drawer = Drawer {
        keys,
        conditional: dice.choose(&[(45, 0), (40, 20), (15, 60)]).unwrap_or(0),
        resources: resources.iter().map(|(arn, _)| arn.clone()).collect(),
        principals: patterns(&accounts, &principals),
    };
    let resource_policies = resources.into_iter();
    let resource_policies = resource_policies.map(|(arn, owner)| {
        let policy = dice
            .percent(85)
            .then(|| drawer.document(Of::Resource, dice));
        ResourcePolicy {
            id: arn.as_str().into(),
            account: owner.into(),
            policy,
            access_control_lists: dice.percent(20),
            public_access: dice.percent(80),
        }
    });
    let resource_policies = resource_policies.collect();
    let principals = principals.iter().map(|arn| drawer.principal(arn, dice));
    let principals = principals.collect();
    let owner = match dice.below(100) {
        0..15 => None,
        15..30 => dice.pick(&pool::ACCOUNTS),
        _ => dice.pick(&accounts),
    };
    let owner = owner.map(|id| (*id).to_owned());
    let accounts = accounts.iter().map(|id| drawer.account(id, dice));
    let accounts = accounts.collect();
    World {
        endpoint: if dice.percent(60) { "g" } else { "i" },
        owner,
        accounts,
        principals,
        resource_policies,
        policy: if dice.percent(60) {
            Value::Known(full())
        } else if dice.percent(80) {
            drawer.document(Of::Resource, dice)
        } else {
            Value::Known(draw::policy(keys, dice))
        },
    }
}

/// A policy for a hole, without conditions: which keys have several values depends on those of all
/// documents.
pub fn completion(world: &World, dice: &mut Dice) -> Policy {
    let accounts: Vec<&str> = world.accounts.iter().map(|one| one.id.as_str()).collect();
    let principals = world.principals.iter().map(|one| one.id.to_string());
    let principals: Vec<String> = principals.collect();
    let drawer = Drawer::unconditional(patterns(&accounts, &principals));
    let of = dice.choose(&[(1, Of::Identity), (2, Of::Resource), (1, Of::Control)]);
    drawer.policy(of.unwrap_or(Of::Identity), dice)
}

/// An organization for an account of which it is not known.
pub fn organization(dice: &mut Dice) -> Organization {
    Drawer::unconditional(Vec::new()).organization(dice)
}

/// A user or role that was not listed.
pub fn principal(arn: &str, dice: &mut Dice) -> IamPrincipal {
    Drawer::unconditional(Vec::new()).principal(arn, dice)
}

/// A statement without conditions, about everyone.
pub fn unconditional(dice: &mut Dice) -> Statement {
    Drawer::unconditional(Vec::new()).statement(Of::Identity, dice)
}

/// A policy that permits everything.
pub fn full() -> Policy {
    Policy {
        statements: vec![everything()],
        variables: true,
    }
}

/// A statement that permits everything to everyone.
pub fn everything() -> Statement {
    Statement {
        sid: None,
        effect: PolicyEffect::Allow,
        principal: everyone(),
        action: ActionElement::Action(vec!["*".to_owned()]),
        resource: ResourceElement::Resource(vec!["*".into()]),
        conditions: Vec::new(),
    }
}

fn everyone() -> PrincipalElement {
    PrincipalElement::Principal(vec![PrincipalPattern::Everyone])
}

/// So many of a pool, none of them twice.
fn some<T: Clone>(pool: &[T], n: usize, dice: &mut Dice) -> Vec<T> {
    let mut left = pool.to_vec();
    let mut drawn = Vec::new();
    while drawn.len() < n && !left.is_empty() {
        drawn.push(left.swap_remove(dice.below(left.len())));
    }
    drawn
}

/// The ARNs of up to five principals of some accounts.
fn listed(accounts: &[&str], dice: &mut Dice) -> Vec<String> {
    let n = dice.below(6);
    let drawn = (0..n).filter_map(|_| {
        let account = dice.pick(accounts)?;
        Some(pool::of(account, dice.pick(&pool::LISTED)?))
    });
    let mut arns: BTreeSet<String> = drawn.collect();
    for account in accounts {
        // A role's name is unique in its account.
        if arns.contains(&pool::of(account, "arn:aws:iam::@:role/app")) {
            arns.remove(&pool::of(account, "arn:aws:iam::@:role/x/app"));
        }
    }
    arns.into_iter().collect()
}

/// The ARNs of up to four resources of some accounts, with the owner of each.
fn owned(accounts: &[&'static str], dice: &mut Dice) -> Vec<(String, &'static str)> {
    let n = dice.choose(&[(10, 0), (25, 1), (30, 2), (20, 3), (15, 4)]);
    let mut owned: Vec<(String, &str)> = Vec::new();
    for _ in 0..n.unwrap_or(0) {
        let (Some(account), Some(pattern)) = (dice.pick(accounts), dice.pick(&pool::RESOURCES))
        else {
            continue;
        };
        let arn = pool::of(account, pattern);
        // The input says whose it is, whatever the ARN does.
        let other = dice.pick(accounts).filter(|_| dice.percent(10));
        if owned.iter().all(|(one, _)| *one != arn) {
            owned.push((arn, other.unwrap_or(account)));
        }
    }
    owned
}

/// What principal elements list in a world.
fn patterns(accounts: &[&str], principals: &[String]) -> Vec<PrincipalPattern> {
    let everyone = [PrincipalPattern::Everyone, PrincipalPattern::Everyone];
    let known = accounts.iter().copied().chain([pool::FOREIGN]);
    let of_accounts = known.clone().flat_map(|account| {
        let root = format!("arn:aws:iam::{account}:root");
        [
            PrincipalPattern::Account(account.to_owned()),
            PrincipalPattern::Account(root),
        ]
    });
    let listed = principals.iter().cloned().map(PrincipalPattern::Arn);
    let others = accounts.iter().flat_map(|account| {
        let roles = ["arn:aws:iam::@:role/app", "arn:aws:iam::@:user/ann"];
        let sessions = ["arn:aws:sts::@:assumed-role/app/one"];
        let all = roles.into_iter().chain(sessions).chain(pool::UNLISTED);
        all.map(|pattern| PrincipalPattern::Arn(pool::of(account, pattern)))
    });
    let other = |kind: &str, value: &str| PrincipalPattern::Other {
        kind: kind.to_owned(),
        value: value.to_owned(),
    };
    let others = others.chain([
        other("Service", "ec2.amazonaws.com"),
        other("Federated", "cognito-identity.amazonaws.com"),
        other("AWS", "AROAEXAMPLE"),
    ]);
    // Those of the world count double.
    let all = everyone.into_iter().chain(of_accounts);
    all.chain(listed.clone())
        .chain(listed)
        .chain(others)
        .collect()
}

fn hole(dice: &mut Dice) -> Hole {
    Hole::new(format!("document {}", dice.below(1_000)))
}

impl Drawer<'_> {
    const fn unconditional(principals: Vec<PrincipalPattern>) -> Self {
        Self {
            keys: &[],
            conditional: 0,
            resources: Vec::new(),
            principals,
        }
    }

    fn account(&self, id: &str, dice: &mut Dice) -> Account {
        let services = some(&pool::SERVICES, dice.below(pool::SERVICES.len()), dice);
        Account {
            id: id.into(),
            organization: self.organization(dice),
            organization_id: dice.percent(70).then(|| "o-1".to_owned()),
            principals_complete: dice.percent(60),
            resources_complete: services.into_iter().map(str::to_owned).collect(),
            tags: Tags::default(),
        }
    }

    fn organization(&self, dice: &mut Dice) -> Organization {
        match dice.below(100) {
            0..10 => Organization::Unknown(hole(dice)),
            10..40 => Organization::None,
            40..55 => Organization::Management,
            _ => {
                let n_levels = dice.below(4);
                let levels = (0..n_levels).map(|_| self.level(dice));
                let service_control_policies = levels.collect();
                let n_controls = dice.choose(&[(45, 0), (40, 1), (15, 2)]).unwrap_or(0);
                let controls = (0..n_controls).map(|_| self.document(Of::Control, dice));
                Organization::Member {
                    service_control_policies,
                    resource_control_policies: controls.collect(),
                }
            }
        }
    }

    /// The service control policies of a level, which mostly allow everything.
    fn level(&self, dice: &mut Dice) -> Vec<Document> {
        let mut level = Vec::new();
        if dice.percent(60) {
            level.push(Value::Known(full()));
        }
        if dice.percent(50) || level.is_empty() && dice.percent(90) {
            level.push(self.document(Of::Identity, dice));
        }
        level
    }

    fn principal(&self, arn: &str, dice: &mut Dice) -> IamPrincipal {
        let is_session = arn.contains(":assumed-role/");
        let documents = |n: usize, dice: &mut Dice| {
            let documents = (0..n).map(|_| self.document(Of::Identity, dice));
            documents.collect::<Vec<_>>()
        };
        let n = dice.choose(&[(20, 0), (60, 1), (20, 2)]).unwrap_or(0);
        let policies = documents(n, dice);
        let boundary = (!is_session && dice.percent(30)).then(|| documents(1, dice));
        let (identity_policies, session_policies) = if is_session {
            (Vec::new(), policies)
        } else {
            (policies, Vec::new())
        };
        IamPrincipal {
            id: arn.into(),
            identity_policies,
            permissions_boundary: boundary.into_iter().flatten().next(),
            session_policies,
        }
    }

    fn document(&self, of: Of, dice: &mut Dice) -> Document {
        match dice.below(100) {
            0..7 => Value::Any(hole(dice)),
            7..16 => {
                let n = 2 + dice.below(2);
                let policies = (0..n).map(|_| self.policy(of, dice)).collect();
                Value::OneOf(policies, hole(dice))
            }
            _ => Value::Known(self.policy(of, dice)),
        }
    }

    fn policy(&self, of: Of, dice: &mut Dice) -> Policy {
        let n = dice.choose(&[(50, 1), (35, 2), (15, 3)]).unwrap_or(1);
        let mut statements: Vec<_> = (0..n).map(|_| self.statement(of, dice)).collect();
        // Across accounts several policies have to allow one request.
        if of != Of::Control && dice.percent(35) {
            statements.push(Statement {
                principal: self.principal_element(of, dice),
                ..everything()
            });
        }
        if of == Of::Resource && self.conditional > 0 && dice.percent(30) {
            statements.extend(self.for_some_of_an_account(dice));
        }
        Policy {
            statements,
            variables: dice.percent(85),
        }
    }

    /// What lists an account, and means some of its principals.
    fn for_some_of_an_account(&self, dice: &mut Dice) -> Option<Statement> {
        let is_account = |one: &&PrincipalPattern| matches!(one, PrincipalPattern::Account(_));
        let accounts: Vec<_> = self.principals.iter().filter(is_account).collect();
        let account = (*dice.pick(&accounts)?).clone();
        Some(Statement {
            principal: PrincipalElement::Principal(vec![account]),
            conditions: draw::conditions(&draw::of_caller(), dice),
            ..everything()
        })
    }

    fn statement(&self, of: Of, dice: &mut Dice) -> Statement {
        let allowing = match of {
            Of::Identity => 82,
            Of::Resource => 75,
            Of::Control => 25,
        };
        let action = self.actions(of, dice);
        let resource = self.resources(dice).into_iter().map(Into::into).collect();
        Statement {
            sid: None,
            effect: if dice.percent(allowing) {
                PolicyEffect::Allow
            } else {
                PolicyEffect::Deny
            },
            principal: self.principal_element(of, dice),
            action: if dice.percent(92) {
                ActionElement::Action(action)
            } else {
                ActionElement::NotAction(action)
            },
            resource: if dice.percent(92) {
                ResourceElement::Resource(resource)
            } else {
                ResourceElement::NotResource(resource)
            },
            conditions: if dice.percent(self.conditional) {
                draw::conditions(self.keys, dice)
            } else {
                Vec::new()
            },
        }
    }

    fn actions(&self, of: Of, dice: &mut Dice) -> Vec<String> {
        let n = match of {
            Of::Identity | Of::Resource => 1 + dice.below(3),
            Of::Control => 1,
        };
        let drawn = (0..n).filter_map(|_| dice.pick(&pool::ACTION_PATTERNS).copied());
        drawn.map(str::to_owned).collect()
    }

    fn resources(&self, dice: &mut Dice) -> Vec<String> {
        if dice.percent(65) {
            return vec!["*".to_owned()];
        }
        let own = dice.pick(&self.resources).cloned();
        let own = own.unwrap_or_else(|| "arn:aws:s3:::home".to_owned());
        match dice.below(5) {
            4 => vec![format!("{own}/*/x")],
            0 => vec![format!("{own}/*")],
            1 => vec![format!("{own}*")],
            2 => vec![own.clone(), format!("{own}/*")],
            _ => vec![own],
        }
    }

    fn principal_element(&self, of: Of, dice: &mut Dice) -> PrincipalElement {
        if of != Of::Resource {
            return everyone();
        }
        let n = 1 + dice.below(3);
        let drawn = (0..n).filter_map(|_| dice.pick(&self.principals).cloned());
        let drawn = drawn.collect();
        if dice.percent(92) {
            PrincipalElement::Principal(drawn)
        } else {
            PrincipalElement::NotPrincipal(drawn)
        }
    }
}
