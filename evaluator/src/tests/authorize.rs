use model::{
    ActionElement, Engine, Hole, PermissionEffect, Policy, PolicyEffect, Principal,
    PrincipalElement, PrincipalPattern, Request, ResourceElement, Statement, UnmodelledCondition,
    Value,
};

use super::lab::{Lab, statement};

const ACCOUNT: &str = "111122223333";

/// A gateway endpoint `s` and an interface endpoint `e` with one policy.
pub fn with_policy(policy: Value<Policy>) -> Lab {
    Lab::default()
        .vpc("v", &["10.0.0.0/16"])
        .subnet("a", "v", &["10.0.1.0/24"])
        .list("s3", true, Some(&["52.219.0.0/20"]))
        .gateway_endpoint("s", "v", "s3")
        .interface_endpoint("e", "v", "a", "10.0.1.20")
        .with(|lab| {
            lab.endpoint_mut("s").policy = policy.clone();
            lab.endpoint_mut("e").policy = policy;
        })
}

pub fn known(statements: Vec<Statement>) -> Value<Policy> {
    Value::Known(Policy { statements })
}

fn conditional(mut statement: Statement) -> Statement {
    statement.conditions.push(UnmodelledCondition {
        operator: "StringEquals".into(),
        key: "aws:PrincipalOrgID".into(),
        values: vec!["o-1".into()],
    });
    statement
}

fn request(action: &str, resource: &str) -> Request {
    let arn = format!("arn:aws:iam::{ACCOUNT}:role/app");
    Request {
        action: action.into(),
        resource: resource.into(),
        principal: Principal::Arn {
            account: ACCOUNT.into(),
            arn,
        },
    }
}

#[track_caller]
fn expect_at(endpoint: &str, policy: Value<Policy>, request: &Request, expected: &str) {
    let permission = with_policy(policy)
        .load()
        .permits(&endpoint.into(), request);
    let effect = match &permission.effect {
        PermissionEffect::Permitted => "permitted".to_owned(),
        PermissionEffect::Denied => "denied".to_owned(),
        PermissionEffect::Undetermined(hole) => format!("undetermined on {hole}"),
    };
    assert_eq!(format!("{effect} {}", permission.clause), expected);
}

#[track_caller]
fn expect(statements: Vec<Statement>, expected: &str) {
    let get = request("s3:GetObject", "arn:aws:s3:::b/k");
    expect_at("s", known(statements), &get, expected);
}

fn allow() -> Statement {
    statement(PolicyEffect::Allow, "s3:*", "arn:aws:s3:::b/*")
}

fn deny() -> Statement {
    statement(PolicyEffect::Deny, "S3:GET*", "*")
}

#[test]
fn policy_default_deny() {
    expect(vec![], "denied policy-default-deny");
    expect(
        vec![statement(PolicyEffect::Allow, "s3:Put*", "*")],
        "denied policy-default-deny",
    );
    expect(
        vec![statement(PolicyEffect::Allow, "*", "arn:aws:s3:::b")],
        "denied policy-default-deny",
    );
    expect(
        vec![statement(PolicyEffect::Allow, "*", "arn:aws:s3:::B/*")],
        "denied policy-default-deny",
    );
}

#[test]
fn policy_allow() {
    expect(vec![allow()], "permitted policy-allow");
    let not = |action: &str| {
        let mut statement = allow();
        statement.action = ActionElement::NotAction(vec![action.into()]);
        statement.resource = ResourceElement::NotResource(vec!["arn:aws:s3:::c/*".into()]);
        statement
    };
    expect(vec![not("s3:Put*")], "permitted policy-allow");
    expect(vec![not("s3:Get*")], "denied policy-default-deny");
}

#[test]
fn policy_explicit_deny() {
    expect(vec![allow(), deny()], "denied policy-explicit-deny");
    expect(
        vec![conditional(allow()), deny()],
        "denied policy-explicit-deny",
    );
}

#[test]
fn policy_condition_unmodelled() {
    let open = "undetermined on StringEquals aws:PrincipalOrgID policy-condition-unmodelled";
    expect(vec![conditional(allow())], open);
    expect(
        vec![conditional(allow()), allow()],
        "permitted policy-allow",
    );
    expect(vec![allow(), conditional(deny())], open);
    expect(vec![conditional(allow()), conditional(deny())], open);
    // Whatever the condition says, nothing allows it.
    expect(vec![conditional(deny())], "denied policy-default-deny");
}

#[test]
fn policy_unknown() {
    let get = request("s3:GetObject", "arn:aws:s3:::b/k");
    let hole = || Hole::new("policy");
    let policy = |statement| Policy {
        statements: vec![statement],
    };
    let one_of = |policies| Value::OneOf(policies, hole());
    expect_at(
        "s",
        Value::Any(hole()),
        &get,
        "undetermined on policy policy-unknown",
    );
    expect_at(
        "s",
        one_of(vec![policy(allow()), policy(deny())]),
        &get,
        "undetermined on policy policy-unknown",
    );
    expect_at(
        "s",
        one_of(vec![policy(allow()), policy(allow())]),
        &get,
        "permitted policy-allow",
    );
    expect_at(
        "s",
        one_of(vec![policy(conditional(allow())); 2]),
        &get,
        "undetermined on policy policy-unknown",
    );
}

#[test]
fn an_account_in_a_gateway_endpoints_policy_is_its_root_user() {
    let of = |pattern: PrincipalPattern| {
        let mut statement = allow();
        statement.principal = PrincipalElement::Principal(vec![pattern]);
        known(vec![statement])
    };
    let account = || of(PrincipalPattern::Account(ACCOUNT.into()));
    let role = request("s3:GetObject", "arn:aws:s3:::b/k");
    let root = Request {
        principal: Principal::Root {
            account: ACCOUNT.into(),
        },
        ..role.clone()
    };
    let anonymous = Request {
        principal: Principal::Anonymous,
        ..role.clone()
    };
    expect_at("s", account(), &role, "denied policy-default-deny");
    expect_at("e", account(), &role, "permitted policy-allow");
    expect_at("s", account(), &root, "permitted policy-allow");
    expect_at("e", account(), &anonymous, "denied policy-default-deny");
    let arn = || {
        of(PrincipalPattern::Arn(format!(
            "arn:aws:iam::{ACCOUNT}:role/app"
        )))
    };
    expect_at("s", arn(), &role, "permitted policy-allow");
    expect_at("s", arn(), &root, "denied policy-default-deny");
    let other = of(PrincipalPattern::Other {
        kind: "Service".into(),
        value: "x.amazonaws.com".into(),
    });
    expect_at("s", other, &role, "denied policy-default-deny");
    let not = {
        let mut statement = allow();
        let named = PrincipalPattern::Account(format!("arn:aws:iam::{ACCOUNT}:root"));
        statement.principal = PrincipalElement::NotPrincipal(vec![named]);
        known(vec![statement])
    };
    expect_at("e", not, &role, "denied policy-default-deny");
}
