use model::{
    ActionElement, Condition, ConditionOperator, Engine, Hole, PermissionEffect, Policy,
    PolicyEffect, Principal, PrincipalElement, PrincipalPattern, Request, RequestContext,
    RequestWay, ResourceElement, Statement, Value,
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

pub fn policy(statements: Vec<Statement>) -> Policy {
    Policy {
        statements,
        variables: true,
    }
}

pub fn known(statements: Vec<Statement>) -> Value<Policy> {
    Value::Known(policy(statements))
}

/// A statement under one more condition.
pub fn when(mut statement: Statement, operator: &str, key: &str, values: &[&str]) -> Statement {
    statement.conditions.push(Condition {
        operator: ConditionOperator::new(operator),
        key: key.into(),
        values: values.iter().map(|value| (*value).into()).collect(),
    });
    statement
}

/// A statement under a condition that is open.
fn conditional(statement: Statement) -> Statement {
    when(statement, "IpAddress", "aws:VpcSourceIp", &["10.0.0.0/8"])
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
        context: RequestContext::new(),
    }
}

#[track_caller]
pub fn expect_at(endpoint: &str, policy: Value<Policy>, request: &Request, expected: &str) {
    let permission = with_policy(policy)
        .load()
        .permits(&RequestWay::Endpoint(endpoint.into(), None), request);
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
fn policy_open() {
    let open = "undetermined on IpAddress aws:VpcSourceIp policy-open";
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
    let policy = |statement| policy(vec![statement]);
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
}

#[test]
fn a_deny_for_all_but_some_leaves_their_permissions_boundaries_open() {
    let role = |name: &str| format!("arn:aws:iam::{ACCOUNT}:role/{name}");
    let not = |listed: Vec<PrincipalPattern>| {
        let mut deny = deny();
        deny.principal = PrincipalElement::NotPrincipal(listed);
        known(vec![allow(), deny])
    };
    let get = request("s3:GetObject", "arn:aws:s3:::b/k");
    let open = format!(
        "undetermined on permissions boundary of {} policy-open",
        role("app")
    );
    for listed in [
        PrincipalPattern::Account(ACCOUNT.into()),
        PrincipalPattern::Arn(role("app")),
        PrincipalPattern::Arn(format!("arn:aws:sts::{ACCOUNT}:assumed-role/app/one")),
    ] {
        expect_at("s", not(vec![listed]), &get, &open);
    }
    let other = vec![PrincipalPattern::Arn(role("other"))];
    expect_at("s", not(other), &get, "denied policy-explicit-deny");
    let everyone = vec![PrincipalPattern::Everyone];
    expect_at("s", not(everyone), &get, "permitted policy-allow");
}

#[test]
fn a_roles_arn_means_its_sessions_too() {
    let of = |arn: String| {
        let mut statement = allow();
        statement.principal = PrincipalElement::Principal(vec![PrincipalPattern::Arn(arn)]);
        known(vec![statement])
    };
    let session = |role: &str| format!("arn:aws:sts::{ACCOUNT}:assumed-role/{role}/one");
    let role = request("s3:GetObject", "arn:aws:s3:::b/k");
    let in_session = Request {
        principal: Principal::Arn {
            account: ACCOUNT.into(),
            arn: session("app"),
        },
        ..role.clone()
    };
    let with_path = format!("arn:aws:iam::{ACCOUNT}:role/x/app");
    expect_at("s", of(with_path), &in_session, "permitted policy-allow");
    let other = of(session("other"));
    expect_at("s", other, &in_session, "denied policy-default-deny");
    let open = format!("undetermined on session of arn:aws:iam::{ACCOUNT}:role/app policy-open");
    expect_at("s", of(session("app")), &role, &open);
}
