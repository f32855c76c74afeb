//! Principals that a policy lists by the canonical user of an account.

use model::{PrincipalElement, PrincipalPattern, Statement};

use super::authorization::{
    CROSS, KEY, LOGS, OTHER, OWN, SAME, allow, asked, deny, expect, role, two_accounts,
};
use super::authorize::{expect_at, known, when};

pub fn canonical(value: &str) -> PrincipalPattern {
    PrincipalPattern::Other {
        kind: "CanonicalUser".into(),
        value: value.into(),
    }
}

pub fn of(mut statement: Statement, patterns: &[PrincipalPattern]) -> Statement {
    statement.principal = PrincipalElement::Principal(patterns.to_vec());
    statement
}

fn but_of(mut statement: Statement, patterns: &[PrincipalPattern]) -> Statement {
    statement.principal = PrincipalElement::NotPrincipal(patterns.to_vec());
    statement
}

fn open(hole: &str) -> String {
    format!("authorization-open on {hole}")
}

fn callers() -> [String; 4] {
    [
        OWN.into(),
        role(OTHER, "app"),
        "arn:aws:iam::111122223333:user/ann".into(),
        "arn:aws:sts::111122223333:assumed-role/app/s".into(),
    ]
}

#[test]
fn an_endpoints_policy_may_mean_every_account() {
    let listed = [canonical("79a5"), canonical("80b6")];
    for endpoint in ["s", "e"] {
        let judge = |statements: &[Statement], caller: &str, told: &str| {
            let request = asked("s3:GetObject", LOGS, caller);
            expect_at(endpoint, known(statements.to_vec()), &request, told);
        };
        let allows = [of(allow("s3:*", "*"), &listed)];
        let denies = [allow("*", "*"), of(deny("s3:*", "*"), &listed)];
        for caller in callers() {
            let told = "undetermined on account of 79a5 policy-open";
            judge(&allows, &caller, told);
            judge(&denies, &caller, told);
            let others = [of(allow("s3:Put*", "*"), &listed)];
            judge(&others, &caller, "denied policy-default-deny");
        }
        judge(&allows, "anonymous", "denied policy-default-deny");
        judge(&denies, "anonymous", "permitted policy-allow");
    }
}

#[test]
fn whom_else_a_statement_means_comes_first() {
    let judge = |endpoint: &str, pattern: PrincipalPattern, caller: &str, told: &str| {
        let patterns = [canonical("79a5"), pattern];
        let policy = known(vec![of(allow("s3:*", "*"), &patterns)]);
        expect_at(endpoint, policy, &asked("s3:GetObject", LOGS, caller), told);
    };
    let account = || PrincipalPattern::Account(OWN.into());
    let app = role(OWN, "app");
    let perhaps = "undetermined on account of 79a5 policy-open";
    judge("e", account(), &app, "permitted policy-allow");
    // Where an account is its root user only.
    judge("s", account(), &app, perhaps);
    judge("s", account(), OWN, "permitted policy-allow");
    judge(
        "e",
        PrincipalPattern::Arn(app.clone()),
        &app,
        "permitted policy-allow",
    );
    let session = PrincipalPattern::Arn("arn:aws:sts::111122223333:assumed-role/app/s".into());
    let told = format!("undetermined on session of {app} policy-open");
    judge("e", session, &app, &told);
    let federated = PrincipalPattern::Other {
        kind: "Federated".into(),
        value: "x".into(),
    };
    let told = "undetermined on federated caller policy-open";
    judge("e", federated, "anonymous", told);
}

#[test]
fn all_but_a_canonical_user() {
    let judge = |caller: &str, told: &str| {
        let denies = but_of(deny("s3:*", "*"), &[canonical("79a5")]);
        let policy = known(vec![allow("*", "*"), denies]);
        expect_at("e", policy, &asked("s3:GetObject", LOGS, caller), told);
    };
    let app = role(OWN, "app");
    let told = format!("undetermined on permissions boundary of {app} policy-open");
    judge(&app, &told);
    judge("anonymous", "denied policy-explicit-deny");
    judge(OWN, "denied policy-explicit-deny");
}

#[test]
fn a_resources_policy_may_mean_every_account() {
    let everything = || vec![known(vec![allow("*", "*")])];
    let silent = role(OWN, "silent");
    let app = role(OTHER, "app");
    let listed = canonical("79a5");
    let lab = |patterns: &[PrincipalPattern]| {
        two_accounts()
            .principal(&silent, vec![])
            .principal(&app, everything())
            .resource(LOGS, Some(known(vec![of(allow("s3:*", "*"), patterns)])))
            .resource(KEY, Some(known(vec![of(allow("kms:*", "*"), patterns)])))
    };
    let perhaps = open("account of 79a5");
    let alone = lab(std::slice::from_ref(&listed));
    expect(&alone, &["s3:GetObject", LOGS, &silent], &perhaps);
    expect(&alone, &["s3:GetObject", LOGS, &app], &perhaps);
    expect(&alone, &["s3:GetObject", LOGS, OTHER], &perhaps);
    expect(&alone, &["s3:GetObject", LOGS, OWN], SAME[0]);
    let anonymous = "denied authorization-anonymous";
    expect(&alone, &["s3:GetObject", LOGS, "anonymous"], anonymous);
    let grants = open(&format!("grants of {KEY}"));
    expect(&alone, &["kms:Sign", KEY, &silent], &grants);
    // Who is meant by its account may be meant directly.
    let account = PrincipalPattern::Account(OWN.into());
    let with_account = lab(&[account, listed.clone()]);
    expect(&with_account, &["s3:GetObject", LOGS, &silent], &perhaps);
    expect(&with_account, &["s3:GetObject", LOGS, &app], &perhaps);
    let with_role = lab(&[PrincipalPattern::Arn(app.clone()), listed]);
    let object = "arn:aws:s3:::logs/a";
    expect(&with_role, &["s3:GetObject", object, &app], CROSS[0]);
    expect(&with_role, &["s3:GetObject", LOGS, &silent], &perhaps);
}

#[test]
fn a_resources_policy_may_deny_every_account() {
    let app = role(OWN, "app");
    let listed = [canonical("79a5")];
    let denies = of(deny("s3:GetObject", "*"), &listed);
    let allows = when(
        of(allow("s3:PutObject", "*"), &listed),
        "Null",
        "aws:SourceVpce",
        &["true"],
    );
    let lab = two_accounts()
        .principal(&app, vec![known(vec![allow("s3:Get*", "*")])])
        .resource(LOGS, Some(known(vec![denies, allows])));
    let perhaps = open("account of 79a5");
    expect(&lab, &["s3:GetObject", LOGS, &app], &perhaps);
    expect(&lab, &["s3:GetObject", LOGS, OWN], &perhaps);
    expect(&lab, &["s3:GetObjectTagging", LOGS, &app], SAME[0]);
    // Its condition fails.
    expect(&lab, &["s3:PutObject", LOGS, &app], SAME[1]);
}
