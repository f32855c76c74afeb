//! Sets of requests that conditions tell apart.

use model::{
    Claim, ConditionOperator, ContextKey, KeySet, Patterns, PolicyEffect, Principal, PrincipalSet,
    Request, RequestContext, RequestSet, ResourceElement, Statement, UnknownReason, Verdict,
};

use super::build::*;
use super::policy::*;

pub(super) fn on(
    mut statement: Statement,
    operator: &str,
    key: &str,
    values: &[&str],
) -> Statement {
    statement.conditions.push(model::Condition {
        operator: ConditionOperator::new(operator),
        key: ContextKey::new(key),
        values: values.iter().map(|value| (*value).into()).collect(),
    });
    statement
}

pub(super) fn all() -> Statement {
    allow_on("*", "*")
}

/// Every request of one role.
fn of_role() -> RequestSet {
    set(&["s3:GetObject"], &["arn:aws:s3:::b/k"])
}

pub(super) fn with(
    mut set: RequestSet,
    key: &str,
    values: Option<&[&str]>,
    absent: bool,
) -> RequestSet {
    let values = values.map(|texts| Patterns {
        include: texts.iter().map(|text| (*text).to_owned()).collect(),
        exclude: vec![],
    });
    set.context.insert(key.into(), KeySet { values, absent });
    set
}

fn permitted(statement: Statement, set: RequestSet) -> Verdict {
    check(known(vec![statement]), &claim(set, Claim::PermittedAll))
}

fn refused(statement: Statement, set: RequestSet) -> Verdict {
    let never = Claim::Not(Box::new(Claim::PermittedSome));
    check(known(vec![statement]), &claim(set, never))
}

pub(super) fn values<'a>(request: &'a Request, key: &str) -> Vec<&'a str> {
    let values = request.context.get(&ContextKey::new(key));
    values.into_iter().flatten().map(String::as_str).collect()
}

#[test]
fn a_free_key_is_absent_or_has_any_value() {
    let org = "aws:ResourceOrgID";
    let equals = || on(all(), "StringEquals", org, &["o-1"]);
    let denied = witness(permitted(equals(), of_role()));
    assert_eq!(denied.context, RequestContext::new());
    let shown = witness(refused(equals(), of_role()));
    assert_eq!(values(&shown, org), ["o-1"]);
    assert_eq!(
        permitted(equals(), with(of_role(), org, Some(&["o-1"]), false)),
        PROVED
    );
    assert_eq!(
        refused(equals(), with(of_role(), org, Some(&["o-2"]), true)),
        PROVED
    );
    let denied = witness(permitted(
        equals(),
        with(of_role(), org, Some(&["o-*"]), false),
    ));
    assert!(values(&denied, org)[0].starts_with("o-"), "{denied}");
}

#[test]
fn what_is_absent_decides() {
    let org = "aws:ResourceOrgID";
    let absent = || with(of_role(), org, None, true);
    for (operator, values, holds) in [
        ("StringNotEquals", ["o-1"], true),
        ("StringEqualsIfExists", ["o-1"], true),
        ("StringLike", ["*"], false),
        ("Null", ["true"], true),
        ("Null", ["false"], false),
        ("ForAllValues:StringEquals", ["o-1"], true),
        ("ForAnyValue:StringNotEquals", ["o-1"], false),
    ] {
        let statement = on(all(), operator, org, &values);
        let verdict = if holds {
            permitted(statement, absent())
        } else {
            refused(statement, absent())
        };
        assert_eq!(verdict, PROVED, "{operator}");
    }
}

#[test]
fn values_of_every_type_have_gaps_and_points() {
    for (operator, key, bounds, inside, outside) in [
        ("NumericLessThan", "s3:max-keys", "10", "9.9", "10"),
        (
            "NumericGreaterThanEquals",
            "s3:max-keys",
            "-2.5",
            "-2.50",
            "-3",
        ),
        (
            "DateLessThan",
            "aws:CurrentTime",
            "2026-01-01T00:00:00Z",
            "1767225599",
            "1767225600",
        ),
        (
            "IpAddress",
            "s3:address",
            "10.0.0.0/8",
            "10.255.255.255",
            "11.0.0.0",
        ),
        ("Bool", "aws:SecureTransport", "true", "true", "false"),
        (
            "ArnLike",
            "s3:arn",
            "arn:aws:s3:::a*",
            "arn:aws:s3:::a:b",
            "arn:aws:s3:::b",
        ),
        ("StringEqualsIgnoreCase", "s3:acl", "Own", "OWN", "owner"),
    ] {
        let statement = || on(all(), operator, key, &[bounds]);
        for (value, holds) in [(inside, true), (outside, false)] {
            let one = with(of_role(), key, Some(&[value]), false);
            let verdict = if holds {
                permitted(statement(), one)
            } else {
                refused(statement(), one)
            };
            assert_eq!(verdict, PROVED, "{operator} {value}");
        }
        let there = || with(of_role(), key, Some(&[]), false);
        let (denied, shown) = (
            witness(permitted(statement(), there())),
            witness(refused(statement(), there())),
        );
        assert!(!values(&denied, key).is_empty(), "{operator} {denied}");
        assert!(!values(&shown, key).is_empty(), "{operator} {shown}");
    }
}

#[test]
fn several_values_are_tested_by_set_operators() {
    let key = "aws:TagKeys";
    let some = on(all(), "ForAnyValue:StringEquals", key, &["env"]);
    let every = on(all(), "ForAllValues:StringEquals", key, &["env"]);
    let both = vec![
        some,
        Statement {
            effect: PolicyEffect::Deny,
            ..every
        },
    ];
    let never = Claim::Not(Box::new(Claim::PermittedSome));
    let shown = witness(check(known(both), &claim(of_role(), never)));
    let shown = values(&shown, key);
    assert!(shown.contains(&"env") && shown.len() == 2, "{shown:?}");

    let plain = on(all(), "StringLike", key, &["*"]);
    let there = with(of_role(), key, Some(&[]), false);
    let open = UnknownReason::DependsOn(hole("StringLike aws:TagKeys"));
    assert_eq!(
        permitted(plain, there),
        Verdict::Unknown {
            reasons: [open].into()
        }
    );
}

#[test]
fn two_values_of_one_class_are_several() {
    let plain = || on(all(), "StringLike", "aws:TagKeys", &["a?c"]);
    for (include, holds) in [("a?c", false), ("abc", true)] {
        let verdict = permitted(
            plain(),
            with(of_role(), "aws:TagKeys", Some(&[include]), false),
        );
        assert_eq!(verdict == PROVED, holds, "{include}: {verdict:?}");
    }
}

#[test]
fn a_variable_is_known_where_its_key_has_one_value() {
    let mut home = all();
    let pattern = "arn:aws:s3:::home/${aws:PrincipalTag/team}/*";
    home.resource = ResourceElement::Resource(vec![pattern.into()]);
    let mut requests = set(&["s3:GetObject"], &["arn:aws:s3:::home/blue/*"]);
    let team = "aws:PrincipalTag/team";
    let blue = with(requests.clone(), team, Some(&["blue"]), false);
    assert_eq!(permitted(home.clone(), blue), PROVED);
    let red = with(requests.clone(), team, Some(&["red"]), true);
    assert_eq!(refused(home.clone(), red), PROVED);

    requests.resources.include.clear();
    let shown = witness(refused(home.clone(), requests.clone()));
    let own = values(&shown, team)[0];
    assert!(
        shown
            .resource
            .starts_with(&format!("arn:aws:s3:::home/{own}/")),
        "{shown}"
    );

    requests.resources.include = vec!["arn:aws:s3:::home/blue/*".to_owned()];
    let any = with(requests, team, Some(&["b*"]), false);
    let open = UnknownReason::DependsOn(hole(&format!("resource {pattern}")));
    assert_eq!(
        permitted(home, any),
        Verdict::Unknown {
            reasons: [open].into()
        }
    );
}

#[test]
fn keys_of_the_principal_cut_the_principals() {
    let mut everyone = of_role();
    everyone.principals = PrincipalSet::Every;
    let arn = |operator| {
        on(
            all(),
            operator,
            "aws:PrincipalArn",
            &["arn:aws:iam::*:role/app*"],
        )
    };
    let shown = witness(refused(arn("ArnLike"), everyone.clone()));
    let Principal::Arn { arn: shown, .. } = &shown.principal else {
        panic!("{shown}");
    };
    assert!(shown.contains(":role/app"), "{shown}");
    let mut user = everyone.clone();
    user.principals = PrincipalSet::These(vec![root()]);
    assert_eq!(refused(arn("StringLike"), user.clone()), PROVED);
    assert_eq!(permitted(arn("ArnNotLike"), user), PROVED);

    let own = on(
        all(),
        "StringEquals",
        "aws:PrincipalAccount",
        &["111122223333"],
    );
    let mut of_account = everyone.clone();
    of_account.principals = PrincipalSet::OfAccounts(["111122223333".to_owned()].into());
    assert_eq!(permitted(own.clone(), of_account), PROVED);
    let mut others = everyone.clone();
    others.principals = PrincipalSet::NotOfAccounts(["111122223333".to_owned()].into());
    assert_eq!(refused(own, others), PROVED);

    let ann = on(all(), "StringEquals", "aws:username", &["ann"]);
    let ann = on(ann, "StringLike", "aws:PrincipalAccount", &["4*"]);
    let shown = witness(refused(ann, everyone.clone()));
    let Principal::Arn { account, arn } = &shown.principal else {
        panic!("{shown}");
    };
    assert!(account.starts_with('4') && arn.ends_with("/ann"), "{shown}");

    let org = on(all(), "StringEquals", "aws:PrincipalOrgID", &["o-1"]);
    let mut anonymous = with(everyone, "aws:PrincipalOrgID", Some(&["o-1"]), false);
    anonymous.principals = PrincipalSet::These(vec![Principal::Anonymous]);
    assert_eq!(refused(org, anonymous), PROVED);
}

#[test]
fn operators_of_several_types_are_a_limit_where_they_matter() {
    let number = on(all(), "NumericEquals", "s3:size", &["1"]);
    let both = on(number, "StringEquals", "s3:size", &["1"]);
    let Verdict::Unknown { reasons } =
        permitted(both.clone(), with(of_role(), "s3:size", Some(&[]), false))
    else {
        panic!("it is known");
    };
    let limit = "operators of several types ask for s3:size".to_owned();
    assert_eq!(reasons, [UnknownReason::OutOfBudget(limit)].into());
    let absent = with(of_role(), "s3:size", None, true);
    assert_eq!(refused(both.clone(), absent), PROVED);
    let one = with(of_role(), "s3:size", Some(&["1"]), false);
    assert_eq!(permitted(both.clone(), one), PROVED);
    let policy = known(vec![both, all()]);
    assert_eq!(
        check(policy, &claim(of_role(), Claim::PermittedAll)),
        PROVED
    );
}

/// What only a role, only a root user or only the anonymous caller may.
#[test]
fn principals_that_are_left_out_are_not_asked() {
    let account = || "111122223333".to_owned();
    let arn = format!("arn:aws:iam::{}:role/app", account());
    let role = Principal::Arn {
        account: account(),
        arn: arn.clone(),
    };
    let root = Principal::Root { account: account() };
    let all_of = |account| PrincipalSet::OfAccounts([account].into());
    let cases = [
        (&role, PrincipalSet::Every, ["aws:PrincipalArn", &arn]),
        (&root, all_of(account()), ["aws:PrincipalType", "Account"]),
        (
            &Principal::Anonymous,
            PrincipalSet::Every,
            ["aws:PrincipalAccount", "anonymous"],
        ),
    ];
    for (own, principals, [key, value]) in cases {
        let only = || on(all(), "StringEquals", key, &[value]);
        let mut set = RequestSet {
            principals,
            ..RequestSet::every()
        };
        let others = [&role, &root, &Principal::Anonymous].into_iter();
        set.without = others.filter(|one| *one != own).cloned().collect();
        assert_eq!(witness(refused(only(), set.clone())).principal, *own);
        set.without.insert(own.clone());
        assert_eq!(refused(only(), set.clone()), PROVED, "{own:?}");
        set.principals = PrincipalSet::These(vec![own.clone()]);
        assert_eq!(refused(only(), set.clone()), Verdict::Vacuous);
        set.without.remove(own);
        assert_eq!(witness(refused(only(), set)).principal, *own);
    }
}
