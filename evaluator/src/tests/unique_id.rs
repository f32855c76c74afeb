//! Principals that a policy lists by the unique id of a user, role or session.

use model::{PrincipalElement, PrincipalPattern, Statement};

use super::authorization::{LOGS, OTHER, OWN, SAME, allow, asked, deny, expect, role};
use super::authorization_rules::{open, roles};
use super::authorize::{expect_at, known};
use super::canonical_user::{canonical, of};

const SESSION: &str = "arn:aws:sts::111122223333:assumed-role/app/s";
const FEDERATED: &str = "arn:aws:sts::111122223333:federated-user/ann";

pub fn unique_id(value: &str) -> PrincipalPattern {
    PrincipalPattern::Other {
        kind: "AWS".into(),
        value: value.into(),
    }
}

#[track_caller]
fn judge(statements: Vec<Statement>, caller: &str, told: &str) {
    let request = asked("s3:GetObject", LOGS, caller);
    expect_at("e", known(statements), &request, told);
}

#[test]
fn it_may_be_any_users_roles_or_sessions() {
    let listed = [unique_id("AIDA1"), unique_id("AROA2")];
    let allows = || vec![of(allow("s3:*", "*"), &listed)];
    let denies = || vec![allow("*", "*"), of(deny("s3:*", "*"), &listed)];
    let app = role(OTHER, "app");
    let perhaps = "undetermined on principal AIDA1 policy-open";
    for caller in [app.as_str(), SESSION, FEDERATED] {
        judge(allows(), caller, perhaps);
        judge(denies(), caller, perhaps);
        let others = vec![of(allow("s3:Put*", "*"), &listed)];
        judge(others, caller, "denied policy-default-deny");
    }
    for caller in ["anonymous", OWN] {
        judge(allows(), caller, "denied policy-default-deny");
        judge(denies(), caller, "permitted policy-allow");
    }
}

#[test]
fn whom_else_the_element_means_or_may_mean() {
    let app = role(OWN, "app");
    let with = |others: &[PrincipalPattern]| {
        let listed = others.iter().cloned().chain([unique_id("AIDA1")]);
        vec![of(allow("s3:*", "*"), &listed.collect::<Vec<_>>())]
    };
    let account = [PrincipalPattern::Account(OWN.into())];
    judge(with(&account), &app, "permitted policy-allow");
    // The first in the element's order, but a session is before them.
    let user = [canonical("79a5")];
    let perhaps = "undetermined on account of 79a5 policy-open";
    judge(with(&user), &app, perhaps);
    judge(with(&user), OWN, perhaps);
    let last = vec![of(
        allow("s3:*", "*"),
        &[unique_id("AIDA1"), canonical("79a5")],
    )];
    judge(
        last.clone(),
        &app,
        "undetermined on principal AIDA1 policy-open",
    );
    judge(last, OWN, perhaps);
    let session = [canonical("79a5"), PrincipalPattern::Arn(SESSION.into())];
    let told = format!("undetermined on session of {app} policy-open");
    judge(with(&session), &app, &told);
}

#[test]
fn all_but_a_unique_id() {
    let but = || {
        let mut denies = deny("s3:*", "*");
        denies.principal = PrincipalElement::NotPrincipal(vec![unique_id("AIDA1")]);
        vec![allow("*", "*"), denies]
    };
    let app = role(OWN, "app");
    let told = format!("undetermined on permissions boundary of {app} policy-open");
    judge(but(), &app, &told);
    judge(but(), OWN, "denied policy-explicit-deny");
    judge(but(), "anonymous", "denied policy-explicit-deny");
}

#[test]
fn a_resources_policy_lets_it_in_directly() {
    let object = "arn:aws:s3:::logs/a";
    let listed = of(allow("s3:*", "*"), &[unique_id("AIDA1")]);
    let lab = roles().resource(LOGS, Some(known(vec![listed])));
    let perhaps = open("principal AIDA1");
    let get = |caller: &str, told: &str| expect(&lab, &["s3:GetObject", object, caller], told);
    get(&role(OWN, "silent"), &perhaps);
    get(&role(OTHER, "app"), &perhaps);
    get(&role(OWN, "app"), SAME[0]);
    get(OTHER, "denied authorization-cross-account");
    get("anonymous", "denied authorization-anonymous");
}
