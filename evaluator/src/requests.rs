//! Requests of a scope: every class of them that an endpoint's policy can tell apart.

use std::collections::{BTreeMap, BTreeSet};

use model::{
    ActionElement, Hole, Patterns, PermissionEffect, Principal, PrincipalElement, PrincipalPattern,
    PrincipalSet, Request, RequestSet, ResourceElement, Statement,
};

use crate::authorize::{EndpointPolicy, Policies, account_of, principal_matches};
use crate::index::{EndpointIndex, Names};
use crate::pattern::{Pattern, classes};
use crate::scope::Truth;

/// How many classes of requests one policy may have.
pub(crate) const REQUEST_BUDGET: usize = 1_000_000;

/// Strings that make a witness look like a request that somebody makes; in lower case as far as
/// they are actions, which are compared so.
const ACTIONS: [&str; 12] = [
    "s3:GetObject",
    "s3:PutObject",
    "s3:ListBucket",
    "s3:DeleteObject",
    "dynamodb:GetItem",
    "dynamodb:PutItem",
    "sqs:SendMessage",
    "sts:AssumeRole",
    "kms:Decrypt",
    "secretsmanager:GetSecretValue",
    "ssm:GetParameter",
    "ec2:DescribeInstances",
];
const RESOURCES: [&str; 6] = [
    "arn:aws:s3:::bucket-of-somebody-else/key",
    "arn:aws:s3:::bucket-of-somebody-else",
    "arn:aws:dynamodb:ap-northeast-1:999999999999:table/table-of-somebody-else",
    "arn:aws:sqs:ap-northeast-1:999999999999:queue-of-somebody-else",
    "arn:aws:iam::999999999999:role/role-of-somebody-else",
    "arn:aws:kms:ap-northeast-1:999999999999:key/key-of-somebody-else",
];

/// What one endpoint, or no endpoint, says of the requests of a scope.
#[derive(Clone, Debug, Default)]
pub(crate) struct Requests {
    /// A request that certainly passes.
    pub(crate) permitted: Option<Request>,
    /// A request that is certainly denied.
    pub(crate) denied: Option<Request>,
    /// The holes of those that are open.
    pub(crate) holes: BTreeSet<Hole>,
}

impl Requests {
    /// Whether every request passes.
    pub(crate) fn all(&self) -> Truth {
        match (&self.denied, self.holes.is_empty()) {
            (Some(_), _) => Truth::False,
            (None, false) => Truth::Open,
            (None, true) => Truth::True,
        }
    }

    /// Whether some request passes.
    pub(crate) fn some(&self) -> Truth {
        match (&self.permitted, self.holes.is_empty()) {
            (Some(_), _) => Truth::True,
            (None, false) => Truth::Open,
            (None, true) => Truth::False,
        }
    }
}

/// What every endpoint says of the requests of a scope.
#[derive(Clone, Debug, Default)]
pub(crate) struct Permissions {
    /// Of a flow that passes no endpoint, which carries every request.
    unguarded: Requests,
    endpoints: BTreeMap<EndpointIndex, Requests>,
}

impl Permissions {
    pub(crate) fn at(&self, endpoint: Option<EndpointIndex>) -> &Requests {
        let guarded = endpoint.and_then(|endpoint| self.endpoints.get(&endpoint));
        guarded.unwrap_or(&self.unguarded)
    }

    /// Whether the set has no request at all.
    pub(crate) const fn is_empty(&self) -> bool {
        self.unguarded.permitted.is_none()
    }

    /// Judges every class of requests at every endpoint; `Err` names the limit that was reached.
    pub(crate) fn new(
        set: &RequestSet,
        policies: &Policies,
        names: &Names,
    ) -> Result<Self, &'static str> {
        let mut unguarded = Requests::default();
        let classes = Classes::new(set, &[])?;
        unguarded.permitted = classes.requests().next().map(|(request, _)| request);
        let mut endpoints = BTreeMap::new();
        for (id, policy) in &policies.endpoints {
            if let Some(index) = names.endpoints.find(id) {
                endpoints.insert(index, judge(set, policy)?);
            }
        }
        Ok(Self {
            unguarded,
            endpoints,
        })
    }
}

fn judge(set: &RequestSet, policy: &EndpointPolicy) -> Result<Requests, &'static str> {
    let statements: Vec<_> = policy.statements().collect();
    let classes = Classes::new(set, &statements)?;
    let mut requests = Requests::default();
    for (request, class) in classes.requests() {
        let permission = policy.permits(|statement, gateway| {
            let position = statements
                .iter()
                .position(|one| std::ptr::eq(*one, statement));
            principal_matches(&statement.principal, &request.principal, gateway)
                && position.is_some_and(|position| class.matches(position))
        });
        match permission.effect {
            PermissionEffect::Permitted => {
                requests.permitted.get_or_insert(request);
            }
            PermissionEffect::Denied => {
                requests.denied.get_or_insert(request);
            }
            PermissionEffect::Undetermined(hole) => {
                requests.holes.insert(hole);
            }
        }
    }
    Ok(requests)
}

/// A class of strings of the set: one of them, and which statements it matches, by position.
struct StringClass {
    text: String,
    statements: Vec<bool>,
}

/// The classes of a set's requests that some statements can tell apart.
struct Classes {
    actions: Vec<StringClass>,
    resources: Vec<StringClass>,
    principals: Vec<Principal>,
}

/// Which statements an action and a resource match.
struct RequestClass<'a> {
    action: &'a StringClass,
    resource: &'a StringClass,
}

impl RequestClass<'_> {
    fn matches(&self, statement: usize) -> bool {
        let matches = |class: &StringClass| class.statements.get(statement) == Some(&true);
        matches(self.action) && matches(self.resource)
    }
}

impl Classes {
    fn new(set: &RequestSet, statements: &[&Statement]) -> Result<Self, &'static str> {
        let actions: Vec<_> = statements
            .iter()
            .map(|statement| match &statement.action {
                ActionElement::Action(patterns) => (patterns, true),
                ActionElement::NotAction(patterns) => (patterns, false),
            })
            .collect();
        let resources: Vec<_> = statements
            .iter()
            .map(|statement| match &statement.resource {
                ResourceElement::Resource(patterns) => (patterns, true),
                ResourceElement::NotResource(patterns) => (patterns, false),
            })
            .collect();
        let lower: Vec<_> = ACTIONS.iter().map(|action| action.to_lowercase()).collect();
        let lower: Vec<_> = lower.iter().map(String::as_str).collect();
        let action = Pattern::action;
        let mut actions = string_classes(&set.actions, action, &actions, action, &lower)?;
        for class in &mut actions {
            // Compared in lower case, shown as AWS writes it.
            let mut written = ACTIONS
                .iter()
                .filter(|text| text.to_lowercase() == class.text);
            if let Some(written) = written.next() {
                class.text = String::from(*written);
            }
        }
        let classes = Self {
            actions,
            resources: string_classes(
                &set.resources,
                Pattern::plain,
                &resources,
                Pattern::resource,
                &RESOURCES,
            )?,
            principals: principals(&set.principals, statements),
        };
        let n_actions = classes.actions.len().max(1);
        let n_pairs = n_actions.saturating_mul(classes.resources.len());
        if n_pairs.saturating_mul(classes.principals.len()) > REQUEST_BUDGET {
            return Err("classes of requests");
        }
        Ok(classes)
    }

    /// One request of every class.
    fn requests(&self) -> impl Iterator<Item = (Request, RequestClass<'_>)> {
        let pairs = self.actions.iter().flat_map(|action| {
            let resources = self.resources.iter();
            resources.map(move |resource| RequestClass { action, resource })
        });
        pairs.flat_map(|class| {
            let RequestClass { action, resource } = class;
            self.principals.iter().map(move |principal| {
                let request = Request {
                    action: action.text.clone(),
                    resource: resource.text.clone(),
                    principal: principal.clone(),
                };
                (request, RequestClass { action, resource })
            })
        })
    }
}

/// The classes of the strings of a set; each statement has patterns, and whether matching one of
/// them or none of them is a match.
fn string_classes(
    set: &Patterns,
    of_set: fn(&str) -> Pattern,
    statements: &[(&Vec<String>, bool)],
    of_statement: fn(&str) -> Pattern,
    plausible: &[&str],
) -> Result<Vec<StringClass>, &'static str> {
    let mut patterns: Vec<Pattern> = Vec::new();
    let mut keep = |pattern: Pattern| {
        let position = patterns.iter().position(|kept| *kept == pattern);
        position.unwrap_or_else(|| {
            patterns.push(pattern);
            patterns.len() - 1
        })
    };
    let positions =
        |texts: &[String], read: fn(&str) -> Pattern, keep: &mut dyn FnMut(Pattern) -> usize| {
            let positions = texts.iter().map(|text| keep(read(text)));
            positions.collect::<Vec<_>>()
        };
    let include = positions(&set.include, of_set, &mut keep);
    let exclude = positions(&set.exclude, of_set, &mut keep);
    let statements: Vec<_> = statements
        .iter()
        .map(|(texts, plain)| (positions(texts, of_statement, &mut keep), *plain))
        .collect();
    let classes = classes(&patterns, plausible).ok_or("states of string patterns")?;
    let in_set = |class: &BTreeSet<usize>| {
        let any = |positions: &[usize]| positions.iter().any(|one| class.contains(one));
        (include.is_empty() || any(&include)) && !any(&exclude)
    };
    let mut kept = BTreeMap::new();
    for (class, text) in classes.into_iter().filter(|(class, _)| in_set(class)) {
        let matches = |(positions, plain): &(Vec<usize>, bool)| {
            positions.iter().any(|one| class.contains(one)) == *plain
        };
        let matched: Vec<_> = statements.iter().map(matches).collect();
        // Strings that the same statements match are alike; the most plausible one is kept.
        let rank = plausible
            .iter()
            .position(|one| *one == text)
            .unwrap_or(usize::MAX);
        let better = (rank, text.len(), text);
        match kept.entry(matched) {
            std::collections::btree_map::Entry::Vacant(entry) => {
                entry.insert(better);
            }
            std::collections::btree_map::Entry::Occupied(mut entry) => {
                if better < *entry.get() {
                    entry.insert(better);
                }
            }
        }
    }
    let kept = kept.into_iter();
    Ok(kept
        .map(|(statements, (_, _, text))| StringClass { text, statements })
        .collect())
}

/// One principal of every class that the statements can tell apart.
fn principals(set: &PrincipalSet, statements: &[&Statement]) -> Vec<Principal> {
    let patterns: Vec<_> = statements
        .iter()
        .flat_map(|statement| match &statement.principal {
            PrincipalElement::Principal(patterns) | PrincipalElement::NotPrincipal(patterns) => {
                patterns
            }
        })
        .collect();
    match set {
        PrincipalSet::These(principals) => principals.clone(),
        PrincipalSet::Every => {
            let mut accounts = BTreeSet::new();
            let mut arns = BTreeSet::new();
            for pattern in patterns {
                match pattern {
                    PrincipalPattern::Account(account) => {
                        accounts.insert(String::from(account_of(account)));
                    }
                    PrincipalPattern::Arn(arn) => {
                        let account = arn.split(':').nth(4).unwrap_or_default();
                        accounts.insert(String::from(account));
                        arns.insert((String::from(account), arn.clone()));
                    }
                    PrincipalPattern::Everyone | PrincipalPattern::Other { .. } => {}
                }
            }
            // Somebody of an account that no statement names.
            let mut others = (1..=9).rev().map(|digit: u32| digit.to_string().repeat(12));
            accounts.extend(others.find(|account| !accounts.contains(account)));
            let mut principals = vec![Principal::Anonymous];
            for account in accounts {
                let mut names = (0..).map(|n: u32| format!("somebody{n}"));
                let mut arn = names
                    .by_ref()
                    .map(|name| format!("arn:aws:iam::{account}:role/{name}"));
                let named = |arn: &String| arns.contains(&(account.clone(), arn.clone()));
                let other = arn.find(|arn| !named(arn));
                principals.extend(other.map(|arn| Principal::Arn {
                    account: account.clone(),
                    arn,
                }));
                principals.push(Principal::Root { account });
            }
            let named = arns.into_iter();
            principals.extend(named.map(|(account, arn)| Principal::Arn { account, arn }));
            principals
        }
    }
}
