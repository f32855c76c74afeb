//! Comparison of policies.

use std::collections::BTreeSet;

use model::{
    Engine, Excess, Hole, Patterns, PermissionEffect, Policy, PolicyComparison, PolicyEffect,
    RequestSet, RequestWay, Statement, UnknownReason, Value,
};

use super::authorize::{known, policy, when, with_policy};
use super::lab::statement;

fn allow(resource: &str) -> Statement {
    statement(PolicyEffect::Allow, "s3:*", resource)
}

fn of_org(org: &str) -> Statement {
    when(allow("*"), "StringEquals", "aws:PrincipalOrgID", &[org])
}

/// What the endpoint's policy permits more than the reference, and less.
fn compare(own: Value<Policy>, reference: Policy, set: RequestSet) -> [String; 2] {
    let lab = with_policy(own).load();
    let of_reference = with_policy(Value::Known(reference.clone())).load();
    let difference = lab.compare(&PolicyComparison {
        endpoint: "s".into(),
        reference,
        set,
    });
    let told = |excess: Excess, more: &crate::Evaluator, less: &crate::Evaluator| match excess {
        Excess::None => String::from("nothing"),
        Excess::Some(request) => {
            let effect = |engine: &crate::Evaluator| {
                engine
                    .permits(&RequestWay::Endpoint("s".into(), None), &request)
                    .effect
            };
            assert_eq!(effect(more), PermissionEffect::Permitted, "{request}");
            assert_eq!(effect(less), PermissionEffect::Denied, "{request}");
            String::from("more")
        }
        Excess::Unknown(reasons) => {
            let reasons = reasons.into_iter().map(|reason| match reason {
                UnknownReason::DependsOn(hole) => hole.to_string(),
                UnknownReason::OutOfBudget(limit) => limit,
            });
            reasons.collect::<Vec<_>>().join(", ")
        }
    };
    [
        told(difference.added, &lab, &of_reference),
        told(difference.removed, &of_reference, &lab),
    ]
}

#[track_caller]
fn expect(own: Vec<Statement>, reference: Vec<Statement>, expected: [&str; 2]) {
    let told = compare(known(own), policy(reference), RequestSet::every());
    assert_eq!(told, expected);
}

#[test]
fn a_policy_permits_no_more_than_itself() {
    let role = "arn:aws:iam::111122223333:role/app";
    let policies = [
        vec![],
        vec![allow("*")],
        vec![of_org("o-1"), statement(PolicyEffect::Deny, "s3:Put*", "*")],
        vec![when(allow("*"), "ArnLike", "aws:PrincipalArn", &[role])],
        vec![when(
            allow("*"),
            "ForAllValues:StringLike",
            "aws:TagKeys",
            &["a*", "b"],
        )],
    ];
    for statements in policies {
        expect(statements.clone(), statements, ["nothing", "nothing"]);
    }
}

#[test]
fn a_condition_taken_away_permits_more() {
    expect(vec![allow("*")], vec![of_org("o-1")], ["more", "nothing"]);
    expect(vec![of_org("o-1")], vec![allow("*")], ["nothing", "more"]);
    expect(vec![of_org("o-1")], vec![of_org("o-2")], ["more", "more"]);
    let like = when(allow("*"), "StringLike", "aws:PrincipalOrgID", &["o-?"]);
    expect(vec![of_org("o-1")], vec![like], ["nothing", "more"]);
}

#[test]
fn other_words_for_the_same_make_no_difference() {
    let denied = statement(PolicyEffect::Deny, "*", "arn:aws:s3:::b/*");
    let mut not = allow("arn:aws:s3:::b/*");
    not.resource = model::ResourceElement::NotResource(vec!["arn:aws:s3:::b/*".into()]);
    expect(vec![allow("*"), denied], vec![not], ["nothing", "nothing"]);
    let tests = ["NumericLessThan", "NumericGreaterThanEquals"];
    let below = when(allow("*"), tests[0], "s3:max-keys", &["10"]);
    let above = statement(PolicyEffect::Deny, "*", "*");
    let above = when(above, tests[1], "s3:max-keys", &["10.0"]);
    let is_there = when(allow("*"), "Null", "s3:max-keys", &["false"]);
    expect(vec![below], vec![is_there, above], ["nothing", "nothing"]);
}

#[test]
fn what_is_open_is_neither_permitted_nor_denied() {
    let open = || when(allow("*"), "IpAddress", "aws:VpcSourceIp", &["10.0.0.0/8"]);
    let hole = "IpAddress aws:VpcSourceIp";
    expect(vec![open()], vec![], [hole, "nothing"]);
    expect(vec![open()], vec![allow("*")], ["nothing", hole]);
    expect(vec![open()], vec![open()], [hole, hole]);
    let unknown = Value::Any(Hole::new("policy"));
    let told = compare(unknown, policy(vec![allow("*")]), RequestSet::every());
    assert_eq!(told, ["policy", "policy"]);
    let unknown = Value::Any(Hole::new("policy"));
    let everything = policy(vec![statement(PolicyEffect::Allow, "*", "*")]);
    let told = compare(unknown, everything, RequestSet::every());
    assert_eq!(told, ["nothing", "policy"]);
}

#[test]
fn only_requests_of_the_set_are_compared() {
    let set = RequestSet {
        resources: Patterns {
            include: vec!["arn:aws:s3:::b/*".into()],
            exclude: vec![],
        },
        ..RequestSet::every()
    };
    let reference = policy(vec![allow("arn:aws:s3:::b*")]);
    let told = compare(known(vec![allow("*")]), reference, set);
    assert_eq!(told, ["nothing", "nothing"]);
}

#[test]
fn an_endpoint_that_is_not_there_has_an_unknown_policy() {
    let lab = with_policy(known(vec![])).load();
    let difference = lab.compare(&PolicyComparison {
        endpoint: "nowhere".into(),
        reference: policy(vec![]),
        set: RequestSet::every(),
    });
    let reason = UnknownReason::DependsOn(Hole::new("policy of nowhere"));
    let unknown = Excess::Unknown(BTreeSet::from([reason]));
    assert_eq!(
        [difference.added, difference.removed],
        [unknown.clone(), unknown]
    );
}

#[test]
fn twenty_statements_are_compared_in_no_time() {
    let keys = [
        "aws:PrincipalOrgID",
        "aws:ResourceOrgID",
        "aws:ResourceAccount",
        "s3:prefix",
        "s3:x-amz-acl",
    ];
    let statements: Vec<_> = (0..20_usize)
        .map(|number| {
            let bucket = format!("arn:aws:s3:::bucket-{number}/*");
            let mut statement = allow(&bucket);
            for (position, key) in keys.iter().enumerate() {
                if number >> position & 1 == 1 {
                    statement = when(statement, "StringLike", key, &[&format!("{number}*"), "x"]);
                }
            }
            let arn = format!("arn:aws:iam::11112222{:04}:role/r{number}*", number % 4);
            when(statement, "ArnLike", "aws:PrincipalArn", &[&arn])
        })
        .collect();
    let mut fewer = statements.clone();
    fewer.remove(13);
    let began = std::time::Instant::now();
    expect(statements, fewer, ["more", "nothing"]);
    // Generous, since other tests run beside it.
    assert!(began.elapsed().as_secs() < 30, "{:?}", began.elapsed());
}
