//! Resources of policies that name the keys of objects, in which there may be colons.

use model::{Patterns, PolicyEffect, PrincipalSet, RequestSet, ResourceElement};

use super::authorization::{asked, caller};
use super::authorize::{expect_at, known, when};
use super::checks::expect;
use super::lab::statement;
use super::requests::{never, one};

const ALLOWED: &str = "permitted policy-allow";
const DENIED: &str = "denied policy-default-deny";

#[track_caller]
fn judge(pattern: &str, resource: &str, told: &str) {
    let policy = known(vec![statement(PolicyEffect::Allow, "*", pattern)]);
    expect_at("s", policy, &asked("a:b", resource, "111122223333"), told);
}

fn open(pattern: &str) -> String {
    format!("undetermined on resource {pattern} policy-open")
}

#[test]
fn wildcards_in_a_key_may_stand_for_colons() {
    for pattern in [
        "arn:aws:s3:::b/*/x",
        "arn:aws:s3:::b/??/x",
        "arn:aws:s3:::b/*/?",
        "arn:aws:s*:::b/*/x",
        "arn:aws:?3:::b/*/x",
        "arn:aws:s3:::*/*/x",
    ] {
        judge(pattern, "arn:aws:s3:::b/ay/x", ALLOWED);
        judge(pattern, "arn:aws:s3:::b/a:/x", &open(pattern));
        judge(pattern, "arn:aws:s3:::b/ay/xx", DENIED);
    }
    let star = "arn:aws:s3:::b/*x:*";
    judge(star, "arn:aws:s3:::b/:x:y", &open(star));
    judge("arn:aws:s3:::b/*", "arn:aws:s3:::b/a:/x", ALLOWED);
}

#[test]
fn what_stands_before_the_key_has_no_colon() {
    judge("arn:aws:s3:::b*/x", "arn:aws:s3:::b:/x", DENIED);
    judge("arn:aws:s3:::b?x", "arn:aws:s3:::b:x", DENIED);
    judge("arn:aws:s3:a*/:b*:c/x", "arn:aws:s3:a:/:b:c/x", DENIED);
    // A pattern with fewer colons has no key.
    judge("arn:aws:s3:*/a*x", "arn:aws:s3:::b/a:x", DENIED);
}

#[test]
fn only_objects_have_keys() {
    let parameter = "arn:aws:ssm:r:1:parameter/*/x";
    judge(parameter, "arn:aws:ssm:r:1:parameter/a/x", ALLOWED);
    judge(parameter, "arn:aws:ssm:r:1:parameter/:/x", DENIED);
    let lambda = "arn:aws:s3-object-lambda:r:1:accesspoint/*/x";
    judge(
        lambda,
        "arn:aws:s3-object-lambda:r:1:accesspoint/:/x",
        DENIED,
    );
    // It may be of S3.
    let any = "arn:aws:*:r:1:parameter/*/x";
    judge(any, "arn:aws:ssm:r:1:parameter/:/x", &open(any));
}

#[test]
fn what_is_not_meant_may_be_in_the_same_way() {
    let mut but = statement(PolicyEffect::Allow, "*", "*");
    let pattern = "arn:aws:s3:::b/*/x";
    but.resource = ResourceElement::NotResource(vec![pattern.into()]);
    let judge = |resource: &str, told: &str| {
        let request = asked("a:b", resource, "111122223333");
        expect_at("s", known(vec![but.clone()]), &request, told);
    };
    judge("arn:aws:s3:::b/a/x", DENIED);
    judge("arn:aws:s3:::b/:/x", &open(pattern));
    judge("arn:aws:s3:::b/a/y", ALLOWED);
}

#[test]
fn what_a_variable_stands_for_is_read_so_too() {
    let pattern = "arn:aws:s3:::b/${aws:PrincipalAccount}/*/x";
    let resource = "arn:aws:s3:::b/111122223333/:/x";
    judge(pattern, resource, &open(pattern));
    judge(pattern, "arn:aws:s3:::b/111122223333/a/x", ALLOWED);
    judge(pattern, "arn:aws:s3:::b/1/:/x", DENIED);
}

/// Requests on some resources but others.
fn on(include: &str, exclude: &[&str]) -> Option<RequestSet> {
    Some(RequestSet {
        actions: Patterns::default(),
        resources: Patterns {
            include: vec![include.into()],
            exclude: exclude.iter().map(|text| String::from(*text)).collect(),
        },
        principals: PrincipalSet::These(vec![caller("111122223333")]),
        ..RequestSet::every()
    })
}

#[test]
fn a_set_has_keys_with_colons_and_without() {
    let pattern = "arn:aws:s3:::b/*/x";
    let lab = one(vec![statement(PolicyEffect::Allow, "*", pattern)]);
    let unknown = format!("unknown on resource {pattern}");
    expect(&lab, &never(on("arn:aws:s3:::b/?:?/x", &[])), &unknown);
    expect(&lab, &never(on("arn:aws:s3:::b/*/y", &[])), "holds");
    let within = never(on(pattern, &["*:*:*:*:*:*:*"]));
    let mut all = within.clone();
    all.claim = model::Claim::PermittedAll;
    expect(&lab, &all, "holds");
    let mut all = never(on(pattern, &[]));
    all.claim = model::Claim::PermittedAll;
    expect(&lab, &all, &unknown);
    // With a Deny beside it, what is open may be denied too.
    let free = when(
        statement(PolicyEffect::Deny, "*", "arn:aws:s3:::b/?/z"),
        "Null",
        "aws:SourceVpce",
        &["false"],
    );
    let lab = one(vec![statement(PolicyEffect::Allow, "*", "*"), free]);
    let told = "unknown on resource arn:aws:s3:::b/?/z";
    expect(&lab, &never(on("arn:aws:s3:::b/:/z", &[])), told);
}
