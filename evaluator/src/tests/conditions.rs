//! Conditions, in sets of requests.

use std::collections::{BTreeMap, BTreeSet};

use model::{
    Engine, Invariant, KeySet, Patterns, PermissionEffect, PolicyEffect, PrincipalSet, Request,
    RequestSet, RequestWay, Statement, Verdict,
};

use super::authorize::when;
use super::checks::{expect, told};
use super::lab::statement;
use super::requests::{never, one};

const ACCOUNT: &str = "111122223333";

fn allow() -> Statement {
    statement(PolicyEffect::Allow, "*", "*")
}

fn deny() -> Statement {
    statement(PolicyEffect::Deny, "*", "*")
}

/// Requests whose key has one of some values, or is absent.
fn with(key: &str, values: Option<&[&str]>, absent: bool) -> RequestSet {
    let values = values.map(|values| Patterns {
        include: values.iter().map(|value| String::from(*value)).collect(),
        exclude: vec![],
    });
    RequestSet {
        context: BTreeMap::from([(key.into(), KeySet { values, absent })]),
        ..RequestSet::every()
    }
}

/// Asserts that some request is permitted, and that the engine permits the one that it shows.
#[track_caller]
fn permitted(statements: Vec<Statement>, set: Option<RequestSet>) -> Request {
    let lab = one(statements);
    match lab.load().check(&never(set)) {
        Verdict::Violated {
            counterexample: Some(witness),
        } => {
            let request = witness.request.expect("a request");
            let permission = lab
                .load()
                .permits(&RequestWay::Endpoint("s".into(), None), &request);
            assert_eq!(permission.effect, PermissionEffect::Permitted, "{request}");
            request
        }
        other @ (Verdict::Violated { .. }
        | Verdict::Holds { .. }
        | Verdict::Vacuous
        | Verdict::Unknown { .. }) => panic!("{}", told(&other)),
    }
}

#[track_caller]
fn nothing_permitted(statements: Vec<Statement>, set: Option<RequestSet>) {
    expect(&one(statements), &never(set), "holds");
}

fn all_permitted(set: RequestSet) -> Invariant {
    let mut invariant = never(Some(set));
    invariant.claim = model::Claim::PermittedAll;
    invariant
}

#[test]
fn a_positive_test_needs_a_value_of_the_policy() {
    let of_us = || when(allow(), "StringEquals", "aws:ResourceOrgID", &["o-1"]);
    let request = permitted(vec![of_us()], None);
    assert_eq!(
        request.context[&"aws:ResourceOrgID".into()],
        BTreeSet::from(["o-1".into()])
    );
    nothing_permitted(
        vec![of_us()],
        Some(with("aws:ResourceOrgID", Some(&["o-2"]), true)),
    );
    let foreign = with("aws:resourceorgid", Some(&["o-*"]), false);
    permitted(vec![of_us()], Some(foreign));
}

#[test]
fn a_negated_test_matches_an_absent_key() {
    let not_us = || when(deny(), "StringNotEquals", "aws:PrincipalOrgID", &["o-1"]);
    let statements = || vec![allow(), not_us()];
    // A caller who is not signed has no organisation.
    let request = permitted(statements(), None);
    assert_eq!(request.context.len(), 1, "{request}");
    nothing_permitted(statements(), Some(with("aws:PrincipalOrgID", None, true)));
    let if_exists = when(
        allow(),
        "StringEqualsIfExists",
        "aws:PrincipalOrgID",
        &["o-1"],
    );
    permitted(
        vec![if_exists],
        Some(with("aws:PrincipalOrgID", None, true)),
    );
}

#[test]
fn keys_that_follow_from_the_way_are_not_free() {
    let vpce = |of: &str| when(allow(), "StringEquals", "aws:SourceVpce", &[of]);
    permitted(vec![vpce("s")], None);
    nothing_permitted(vec![vpce("other")], None);
    let from = when(allow(), "NotIpAddress", "aws:SourceIp", &["0.0.0.0/0"]);
    let request = permitted(vec![from], None);
    assert!(request.context.is_empty(), "{request}");
}

#[test]
fn numbers_dates_and_addresses_are_cut_at_the_policys_values() {
    let more = when(allow(), "NumericGreaterThan", "s3:max-keys", &["10"]);
    let less = when(more, "NumericLessThan", "s3:max-keys", &["10.1"]);
    permitted(vec![less.clone()], None);
    nothing_permitted(
        vec![when(less, "NumericEquals", "s3:max-keys", &["11", "-1"])],
        None,
    );
    let now = "aws:CurrentTime";
    let after = when(allow(), "DateGreaterThan", now, &["2026-01-01T00:00:00Z"]);
    let before = when(
        after.clone(),
        "DateLessThan",
        now,
        &["2026-01-01T00:00:01Z"],
    );
    permitted(vec![before], None);
    nothing_permitted(
        vec![when(after, "DateLessThanEquals", now, &["1767225600"])],
        None,
    );
    let within = when(allow(), "IpAddress", "s3:address", &["10.0.0.0/8"]);
    let but = when(within, "NotIpAddress", "s3:address", &["10.0.0.0/9"]);
    permitted(vec![but.clone()], None);
    nothing_permitted(
        vec![when(but, "NotIpAddress", "s3:address", &["10.128.0.0/9"])],
        None,
    );
    let secure = when(allow(), "Bool", "aws:SecureTransport", &["true"]);
    let not = when(secure, "StringNotEquals", "aws:SecureTransport", &["true"]);
    nothing_permitted(vec![not], None);
}

#[test]
fn a_key_may_have_several_values() {
    let key = "aws:TagKeys";
    let any = when(allow(), "ForAnyValue:StringEquals", key, &["env"]);
    let not_all = when(any.clone(), "ForAnyValue:StringNotEquals", key, &["env"]);
    let request = permitted(vec![not_all.clone()], None);
    assert_eq!(request.context[&key.into()].len(), 2, "{request}");
    nothing_permitted(
        vec![when(not_all, "ForAllValues:StringEquals", key, &["env"])],
        None,
    );
    // Where it has one value, that one has to be both.
    let one_value = |operator: &str| when(any.clone(), operator, "s3:key", &["a"]);
    let both = when(one_value("StringEquals"), "StringEquals", "s3:key", &["b"]);
    nothing_permitted(vec![both], None);
    let absent = when(allow(), "ForAllValues:StringEquals", key, &["env"]);
    let set = with(key, None, true);
    expect(&one(vec![absent]), &all_permitted(set), "holds");
}

#[test]
fn a_plain_test_of_several_values_is_open() {
    let plain = when(allow(), "StringNotLike", "aws:TagKeys", &["*"]);
    expect(
        &one(vec![plain]),
        &all_permitted(with("aws:TagKeys", None, true)),
        "holds",
    );
    let plain = when(allow(), "StringLike", "aws:TagKeys", &["a*"]);
    let all = when(plain, "ForAllValues:StringLike", "aws:TagKeys", &["a*"]);
    let set = with("aws:TagKeys", Some(&["a?"]), false);
    let expected = "unknown on StringLike aws:TagKeys";
    expect(&one(vec![all]), &all_permitted(set), expected);
}

#[test]
fn a_variable_has_the_value_that_its_key_has() {
    let own = |operator: &str| {
        let tag = "${aws:PrincipalTag/team}";
        when(allow(), operator, "aws:ResourceTag/team", &[tag])
    };
    let request = permitted(vec![own("StringEquals")], None);
    assert_eq!(
        request.context[&"aws:ResourceTag/team".into()],
        request.context[&"aws:PrincipalTag/team".into()]
    );
    let tags = |of: &str, other: &str| {
        let mut set = with("aws:ResourceTag/team", Some(&[of]), false);
        set.context
            .extend(with("aws:PrincipalTag/team", Some(&[other]), true).context);
        Some(set)
    };
    nothing_permitted(vec![own("StringEquals")], tags("red", "green"));
    permitted(vec![own("StringEquals")], tags("red", "red"));
    permitted(vec![own("StringNotEquals")], tags("red", "red"));
    let home = statement(
        PolicyEffect::Allow,
        "*",
        "arn:aws:s3:::home/${aws:username}/*",
    );
    let request = permitted(vec![home], None);
    assert!(request.to_string().contains("user/"), "{request}");
}

#[test]
fn a_variable_of_unknown_value_leaves_the_answer_open() {
    let home = statement(
        PolicyEffect::Allow,
        "*",
        "arn:aws:s3:::home/${aws:username}/*",
    );
    let other = RequestSet {
        resources: Patterns {
            include: vec!["arn:aws:s3:::other/*".into()],
            exclude: vec![],
        },
        ..RequestSet::every()
    };
    let expected = "unknown on resource arn:aws:s3:::home/${aws:username}/*";
    expect(&one(vec![home]), &never(Some(other)), expected);
}

#[test]
fn a_principals_arn_account_and_name_hang_together() {
    let arn = |pattern: &str| when(allow(), "ArnLike", "aws:PrincipalArn", &[pattern]);
    let app = || arn(&format!("arn:aws:iam::{ACCOUNT}:role/app*"));
    let request = permitted(vec![app()], None);
    assert!(request.to_string().contains(":role/app"), "{request}");
    let of = |account: &str| RequestSet {
        principals: PrincipalSet::OfAccounts(BTreeSet::from([account.into()])),
        ..RequestSet::every()
    };
    permitted(vec![app()], Some(of(ACCOUNT)));
    nothing_permitted(vec![app()], Some(of("444455556666")));
    let not_of = RequestSet {
        principals: PrincipalSet::NotOfAccounts(BTreeSet::from([ACCOUNT.into()])),
        ..RequestSet::every()
    };
    nothing_permitted(vec![app()], Some(not_of));
    let other = when(app(), "StringNotEquals", "aws:PrincipalAccount", &[ACCOUNT]);
    nothing_permitted(vec![other], None);
    let user = when(app(), "StringEquals", "aws:PrincipalType", &["User"]);
    nothing_permitted(vec![user], None);
    let ann = when(allow(), "StringEquals", "aws:username", &["ann"]);
    permitted(vec![ann.clone()], None);
    let elsewhere = when(
        ann,
        "ArnNotLike",
        "aws:PrincipalArn",
        &["*:*:*:*:*:user/*ann"],
    );
    nothing_permitted(vec![elsewhere], None);
}

#[test]
fn operators_of_several_types_are_a_limit_where_it_matters() {
    let number = when(allow(), "NumericLessThan", "s3:mixed", &["5"]);
    let date = when(
        number,
        "DateGreaterThan",
        "s3:mixed",
        &["2026-01-01T00:00Z"],
    );
    let set = || with("s3:mixed", None, true);
    nothing_permitted(vec![date.clone()], Some(set()));
    let told = told(&one(vec![date]).load().check(&never(None)));
    let limit = "unknown out of operators of several types in ";
    assert!(told.starts_with(limit), "{told}");
}

#[test]
fn what_an_allow_is_restricted_to_is_permitted_no_more() {
    // Each statement with a condition permits part of what it permits without, and its negation
    // permits the rest.
    let tests = [
        (
            "StringEquals",
            "StringNotEquals",
            "aws:ResourceAccount",
            ACCOUNT,
        ),
        ("StringLike", "StringNotLike", "aws:PrincipalOrgID", "o-*"),
        (
            "ArnLike",
            "ArnNotLike",
            "aws:PrincipalArn",
            "arn:aws:iam::*:role/x*",
        ),
        ("NumericEquals", "NumericNotEquals", "s3:max-keys", "7"),
        (
            "DateEquals",
            "DateNotEquals",
            "aws:CurrentTime",
            "2026-01-01T00:00Z",
        ),
        ("IpAddress", "NotIpAddress", "s3:address", "10.0.0.0/8"),
    ];
    for (test, negation, key, value) in tests {
        let condition = |operator| when(allow(), operator, key, &[value]);
        let lab = one(vec![condition(test), condition(negation)]);
        expect(&lab, &all_permitted(RequestSet::every()), "holds");
        let both = when(condition(test), negation, key, &[value]);
        nothing_permitted(vec![both], None);
    }
}
