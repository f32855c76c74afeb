//! Comparisons of policies, and what they say of single requests.

use std::collections::{BTreeMap, BTreeSet};

use model::{
    Claim, ContextKey, Engine, Excess, PermissionEffect, PolicyComparison, PolicyDifference,
    PolicyEffect, Principal, PrincipalElement, PrincipalPattern, PrincipalSet, Request,
    RequestContext, RequestSet, RequestWay, Statement, UnknownReason, Verdict,
};

use super::build::*;
use super::condition::{all, on, values, with};
use super::policy::*;
use crate::Solver;

fn compare(own: Vec<Statement>, reference: Vec<Statement>, set: RequestSet) -> PolicyDifference {
    Solver::load(&valid(s3(known(own)))).compare(&PolicyComparison {
        endpoint: "vpce".into(),
        reference: document(reference),
        set,
    })
}

#[test]
fn two_policies_are_compared_in_both_directions() {
    let org = || on(all(), "StringEquals", "aws:PrincipalOrgID", &["o-1"]);
    let wider = || on(all(), "StringLike", "aws:PrincipalOrgID", &["o-*"]);
    let every = RequestSet::every;
    let none = PolicyDifference {
        added: Excess::None,
        removed: Excess::None,
    };
    assert_eq!(compare(vec![org()], vec![org(), org()], every()), none);
    let difference = compare(vec![wider()], vec![org()], every());
    assert_eq!(difference.removed, Excess::None);
    let Excess::Some(added) = difference.added else {
        panic!("{difference:?}");
    };
    let id = values(&added, "aws:PrincipalOrgID")[0];
    assert!(id.starts_with("o-") && id != "o-1", "{added}");
    let difference = compare(vec![org()], vec![wider()], every());
    assert_eq!(difference.added, Excess::None);
    assert!(
        matches!(difference.removed, Excess::Some(_)),
        "{difference:?}"
    );

    let unlike = || on(all(), "StringResembles", "aws:PrincipalOrgID", &["o-1"]);
    let reason = UnknownReason::DependsOn(hole("StringResembles aws:PrincipalOrgID"));
    let unknown = Excess::Unknown([reason].into());
    let difference = compare(vec![unlike()], vec![], every());
    assert_eq!(
        (difference.added, difference.removed),
        (unknown, Excess::None)
    );
}

#[test]
fn an_endpoint_that_is_not_there_is_unknown() {
    let solver = Solver::load(&valid(s3(known(vec![]))));
    let difference = solver.compare(&PolicyComparison {
        endpoint: "none".into(),
        reference: document(vec![]),
        set: RequestSet::every(),
    });
    let reason = UnknownReason::DependsOn(hole("policy of none"));
    assert_eq!(difference.added, Excess::Unknown([reason].into()));
}

/// Choices that look random and are the same in every run.
pub(super) struct Dice(pub(super) u64);

impl Dice {
    pub(super) fn below(&mut self, limit: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        (self.0 >> 33) as usize % limit
    }

    pub(super) fn one<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())]
    }

    fn statement(&mut self) -> Statement {
        let actions = ["*", "s3:Get*", "s3:*Object", "s3:PutObject", "kms:?ign"];
        let resources = [
            "*",
            "arn:aws:s3:::a/*",
            "arn:aws:s3:::*/x",
            "arn:aws:s3:::a/${aws:username}",
        ];
        let effect = self.one(&[PolicyEffect::Allow, PolicyEffect::Allow, PolicyEffect::Deny]);
        let mut statement = statement(effect, self.one(&actions), self.one(&resources));
        if self.below(3) == 0 {
            let entries = [
                PrincipalPattern::Account("111122223333".to_owned()),
                PrincipalPattern::Arn("arn:aws:iam::111122223333:role/app".to_owned()),
                PrincipalPattern::Arn("arn:aws:sts::111122223333:assumed-role/app/s".to_owned()),
            ];
            let entry = entries[self.below(3)].clone();
            statement.principal = if self.below(3) == 0 {
                PrincipalElement::NotPrincipal(vec![entry])
            } else {
                PrincipalElement::Principal(vec![entry])
            };
        }
        for _ in 0..self.below(3) {
            let (key, tests, values) = self.one(CONDITIONS);
            let set = self.one(&["", "", "ForAllValues:", "ForAnyValue:"]);
            let if_exists = self.one(&["", "", "IfExists"]);
            let operator = format!("{set}{}{if_exists}", self.one(tests));
            let values = [self.one(values), self.one(values)];
            let count = self.below(2) + 1;
            statement = on(statement, &operator, key, &values[..count]);
        }
        statement
    }

    /// A set, and what makes a request one of it.
    fn set(&mut self) -> (RequestSet, fn(Request) -> Option<Request>) {
        let mut set = RequestSet::every();
        match self.below(3) {
            0 => (set, Some),
            1 => {
                let account = "111122223333".to_owned();
                set.principals = PrincipalSet::OfAccounts([account].into());
                (set, |request| match &request.principal {
                    Principal::Root { account } | Principal::Arn { account, .. } => {
                        (account == "111122223333").then_some(request)
                    }
                    Principal::Anonymous => None,
                })
            }
            _ => {
                let named = with(set, "aws:ResourceOrgID", Some(&["o-1"]), false);
                let named = with(named, "aws:TagKeys", Some(&["e*", "cost"]), true);
                (named, |mut request| {
                    let mut tags = values(&request, "aws:TagKeys").into_iter();
                    let is_named = tags.all(|tag| tag.starts_with('e') || tag == "cost");
                    let own = BTreeSet::from(["o-1".to_owned()]);
                    request.context.insert("aws:ResourceOrgID".into(), own);
                    is_named.then_some(request)
                })
            }
        }
    }

    fn request(&mut self) -> Request {
        let mut context = RequestContext::new();
        for (key, _, values) in CONDITIONS {
            let mut own = BTreeSet::new();
            let is_several = *key == "aws:TagKeys";
            for _ in 0..self.below(if is_several { 3 } else { 2 }) {
                let value = self.one(values);
                let others = ["envy", "x", "a", "cost-1"];
                let is_text = matches!(*key, "aws:TagKeys" | "aws:ResourceOrgID");
                let value = if is_text && self.below(3) == 0 {
                    self.one(&others)
                } else {
                    value
                };
                own.insert(value.to_owned());
            }
            if !own.is_empty() {
                context.insert(ContextKey::new(key), own);
            }
        }
        let arns = [
            "arn:aws:iam::111122223333:role/app",
            "arn:aws:iam::111122223333:role/x/app",
            "arn:aws:iam::111122223333:user/x",
            "arn:aws-cn:iam::411122223333:user/ann",
        ];
        let principals = arns.map(|arn| Principal::Arn {
            account: arn.split(':').nth(4).expect("an account").to_owned(),
            arn: arn.to_owned(),
        });
        let mut principals = principals.to_vec();
        principals.extend([root(), Principal::Anonymous]);
        Request {
            action: self
                .one(&["s3:GetObject", "s3:PutObject", "kms:Sign", "a:b"])
                .to_owned(),
            resource: self
                .one(&[
                    "arn:aws:s3:::a/x",
                    "arn:aws:s3:::b/x",
                    "arn:aws:s3:::a/ann",
                    "c",
                ])
                .to_owned(),
            principal: principals[self.below(principals.len())].clone(),
            context,
        }
    }
}

type Conditions = (
    &'static str,
    &'static [&'static str],
    &'static [&'static str],
);

const CONDITIONS: &[Conditions] = &[
    (
        "aws:TagKeys",
        &["StringEquals", "StringNotLike", "StringEqualsIgnoreCase"],
        &["env", "ENV", "cost*", "*t*"],
    ),
    (
        "aws:ResourceOrgID",
        &["StringEquals", "StringNotEquals", "StringLike"],
        &["o-1", "o-*", "${aws:PrincipalOrgID}"],
    ),
    (
        "aws:PrincipalOrgID",
        &["StringNotEquals", "Null"],
        &["o-1", "true"],
    ),
    (
        "s3:max-keys",
        &[
            "NumericLessThan",
            "NumericNotEquals",
            "NumericGreaterThanEquals",
        ],
        &["10", "-1", "10.50"],
    ),
    (
        "s3:address",
        &["IpAddress", "NotIpAddress"],
        &["10.0.0.0/8", "10.1.0.0/16", "::1"],
    ),
    ("aws:MultiFactorAuthPresent", &["Bool"], &["true", "false"]),
    (
        "aws:PrincipalArn",
        &["ArnLike", "StringNotLike"],
        &["arn:aws:iam::111122223333:*", "arn:aws*:iam::4*:user/a*"],
    ),
    (
        "aws:SourceVpce",
        &["StringEquals", "StringLike"],
        &["vpce", "v*"],
    ),
];

/// Whether a request's values are of the types that the conditions ask for.
fn is_typed(request: &Request) -> bool {
    let typed = |key: &str, parses: fn(&str) -> bool| values(request, key).into_iter().all(parses);
    typed("s3:address", |value| {
        value.parse::<std::net::IpAddr>().is_ok()
    })
}

#[test]
fn what_is_said_of_all_requests_is_true_of_each() {
    let mut dice = Dice(7);
    let (mut n_none, mut n_some) = (0, 0);
    for _ in 0..100 {
        let draw = |dice: &mut Dice| {
            let count = dice.below(4) + 1;
            (0..count).map(|_| dice.statement()).collect::<Vec<_>>()
        };
        let (own, reference) = (draw(&mut dice), draw(&mut dice));
        let (asked, narrowed) = dice.set();
        let difference = compare(own.clone(), reference.clone(), asked);
        let ask = |policy: &Vec<Statement>| Solver::load(&valid(s3(known(policy.clone()))));
        let (own_engine, reference_engine) = (ask(&own), ask(&reference));
        let effect = |solver: &Solver, request: &Request| {
            solver
                .permits(&RequestWay::Endpoint("vpce".into(), None), request)
                .effect
        };
        let requests: Vec<Request> = (0..200)
            .map(|_| dice.request())
            .filter(is_typed)
            .filter_map(narrowed)
            .collect();
        for (excess, one, other) in [
            (&difference.added, &own_engine, &reference_engine),
            (&difference.removed, &reference_engine, &own_engine),
        ] {
            match excess {
                Excess::None => {
                    n_none += 1;
                    for request in &requests {
                        let is_more = effect(one, request) != PermissionEffect::Denied
                            && effect(other, request) != PermissionEffect::Permitted;
                        assert!(!is_more, "{request}\n{own:?}\n{reference:?}");
                    }
                }
                Excess::Some(request) => {
                    n_some += 1;
                    assert_eq!(
                        effect(one, request),
                        PermissionEffect::Permitted,
                        "{request}"
                    );
                    assert_eq!(
                        effect(other, request),
                        PermissionEffect::Denied,
                        "{request}"
                    );
                }
                Excess::Unknown(reasons) => {
                    for reason in reasons {
                        let UnknownReason::DependsOn(_) = reason else {
                            panic!("{reason:?}\n{own:?}\n{reference:?}");
                        };
                    }
                    // A variable with many values may hide a difference (page policy, *sets of requests*).
                    let has_variables = format!("{own:?}{reference:?}").contains("${");
                    for request in requests.iter().filter(|_| !has_variables) {
                        let differs = effect(one, request) == PermissionEffect::Permitted
                            && effect(other, request) == PermissionEffect::Denied;
                        assert!(!differs, "{request}\n{reasons:?}\n{own:?}\n{reference:?}");
                    }
                }
            }
        }
    }
    assert!(n_none > 5 && n_some > 20, "{n_none} {n_some}");
}

#[test]
fn a_policy_of_twenty_statements_takes_little_time() {
    let keys = [
        "aws:PrincipalOrgID",
        "aws:ResourceOrgID",
        "aws:PrincipalTag/team",
        "s3:prefix",
        "aws:RequestedRegion",
        "s3:x-amz-acl",
        "aws:ResourceAccount",
        "s3:delimiter",
    ];
    let statements = (0..20).map(|number| {
        let effect = if number % 4 == 3 {
            PolicyEffect::Deny
        } else {
            PolicyEffect::Allow
        };
        let action = format!("s3:{}*", ["Get", "Put", "List", "Delete"][number % 4]);
        let resource = format!("arn:aws:s3:::bucket-{number}/*");
        let one = statement(effect, &action, &resource);
        let value = format!("v-{number}*");
        let one = on(one, "StringLike", keys[number % 8], &[&value]);
        on(
            one,
            "ArnLike",
            "aws:PrincipalArn",
            &["arn:aws:iam::111122223333:role/app*"],
        )
    });
    let statements: Vec<Statement> = statements.collect();
    let start = std::time::Instant::now();
    let difference = compare(
        statements.clone(),
        statements[1..].to_vec(),
        RequestSet::every(),
    );
    println!("compare: {:?}", start.elapsed());
    assert!(
        matches!(difference.added, Excess::Some(_)),
        "{difference:?}"
    );
    assert_eq!(difference.removed, Excess::None);

    let solver = Solver::load(&valid(s3(known(statements))));
    let request = Request {
        action: "s3:GetObject".to_owned(),
        resource: "arn:aws:s3:::bucket-4/x".to_owned(),
        principal: role(),
        context: BTreeMap::from([("aws:ResourceAccount".into(), ["v-4".to_owned()].into())]),
    };
    let start = std::time::Instant::now();
    for _ in 0..1_000 {
        solver.permits(&RequestWay::Endpoint("vpce".into(), None), &request);
    }
    println!("1000 permits: {:?}", start.elapsed());
    let start = std::time::Instant::now();
    let verdict = solver.check(&claim(RequestSet::every(), Claim::PermittedSome));
    println!("check: {:?}", start.elapsed());
    assert!(!matches!(verdict, Verdict::Unknown { .. }), "{verdict:?}");
}
