//! Service-linked roles, which service and resource control policies do not limit.

use model::{Hole, Organization, Policy, Value};

use super::authorization::{
    CROSS, LOGS, OTHER, OWN, SAME, allow, deny, expect, role, to, two_accounts,
};
use super::authorize::{known, with_policy};
use super::lab::{Lab, allow_everything};

const DENIED: &str = "denied authorization-explicit-deny";

fn session(account: &str, role: &str) -> String {
    format!("arn:aws:sts::{account}:assumed-role/{role}/s")
}

fn open(hole: &str) -> String {
    format!("authorization-open on {hole}")
}

/// A member of an organization, with a bucket, and a service-linked role that may do everything.
fn member(levels: Vec<Vec<Value<Policy>>>, controls: Vec<Value<Policy>>) -> Lab {
    let everything = || vec![known(vec![allow("*", "*")])];
    let organization = Organization::Member {
        service_control_policies: levels,
        resource_control_policies: controls,
    };
    with_policy(Value::Known(allow_everything()))
        .account(OWN, organization)
        .account(OTHER, Organization::None)
        .principal(
            &role(OWN, "aws-service-role/x/AWSServiceRoleForX"),
            everything(),
        )
        .principal(&role(OWN, "app"), everything())
        .principal(&role(OWN, "AWSServiceRoleForShow"), everything())
        .resource(LOGS, Some(known(vec![allow("s3:*", "*")])))
}

fn denied() -> Vec<Value<Policy>> {
    vec![known(vec![deny("*", "*")])]
}

#[test]
fn a_role_of_the_input_tells_what_its_sessions_are() {
    for lab in [
        member(vec![denied()], vec![]),
        member(vec![], denied()),
        member(vec![denied()], denied()),
    ] {
        let get = |caller: &str, told: &str| expect(&lab, &["s3:GetObject", LOGS, caller], told);
        get(&role(OWN, "aws-service-role/x/AWSServiceRoleForX"), SAME[0]);
        get(&session(OWN, "AWSServiceRoleForX"), SAME[0]);
        get(&role(OWN, "app"), DENIED);
        get(&session(OWN, "app"), DENIED);
        get(&session(OWN, "AWSServiceRoleForShow"), DENIED);
        get(&session(OWN, "unlisted"), DENIED);
    }
}

#[test]
fn a_session_of_a_role_that_is_not_listed_may_be_of_one() {
    let caller = session(OWN, "AWSServiceRoleForY");
    let get = ["s3:GetObject", LOGS, caller.as_str()];
    let perhaps = open(&format!("role of {caller}"));
    let everything = || vec![known(vec![allow("*", "*")])];
    expect(&member(vec![denied()], vec![]), &get, &perhaps);
    expect(&member(vec![vec![]], vec![]), &get, &perhaps);
    expect(&member(vec![everything()], vec![]), &get, &perhaps);
    expect(&member(vec![], denied()), &get, &perhaps);
    // Nothing limits the account itself.
    expect(&member(vec![], vec![]), &get, SAME[0]);
    let nobody = ["s3:GetObject", "*", caller.as_str()];
    expect(&member(vec![], denied()), &nobody, SAME[1]);
    let retire = ["kms:RetireGrant", LOGS, caller.as_str()];
    expect(&member(vec![], denied()), &retire, SAME[1]);
    // Its own policies still grant nothing.
    let put = ["sqs:SendMessage", LOGS, caller.as_str()];
    expect(&member(vec![denied()], vec![]), &put, SAME[1]);
}

#[test]
fn what_is_not_known_of_accounts_is_not_known_of_such_sessions() {
    let caller = session("444455556666", "AWSServiceRoleForY");
    let lab = two_accounts().resource(LOGS, Some(known(vec![allow("s3:*", "*")])));
    let perhaps = open(&format!("role of {caller}"));
    expect(&lab, &["s3:GetObject", LOGS, &caller], &perhaps);
    let linked = role("444455556666", "aws-service-role/x/y");
    let policies = open("policies of account 444455556666");
    expect(&lab, &["s3:GetObject", LOGS, &linked], &policies);
    let unknown = Organization::Unknown(Hole::new("organization"));
    let lab = with_policy(Value::Known(allow_everything()))
        .account(OWN, unknown)
        .resource(LOGS, Some(known(vec![allow("s3:*", "*")])));
    let told = open("organization");
    expect(&lab, &["s3:GetObject", LOGS, &session(OWN, "app")], &told);
    let own = session(OWN, "AWSServiceRoleForY");
    let perhaps = open(&format!("role of {own}"));
    expect(&lab, &["s3:GetObject", LOGS, &own], &perhaps);
    expect(
        &lab,
        &["s3:GetObject", LOGS, &role(OWN, "aws-service-role/y")],
        SAME[0],
    );
}

#[test]
fn the_owners_policies_do_not_limit_a_foreign_one_for_certain() {
    let caller = session(OTHER, "AWSServiceRoleForY");
    let lab =
        member(vec![], denied()).principal(&role(OTHER, "app"), vec![known(vec![allow("*", "*")])]);
    let perhaps = open(&format!("role of {caller}"));
    expect(&lab, &["s3:GetObject", LOGS, &caller], &perhaps);
    let other = session(OTHER, "app");
    expect(&lab, &["s3:GetObject", LOGS, &other], DENIED);
    let lab = member(vec![], vec![]).principal(&role(OTHER, "app"), vec![]);
    expect(&lab, &["s3:GetObject", LOGS, &other], CROSS[1]);
    let only = known(vec![to(allow("s3:*", "*"), &other)]);
    let lab = member(vec![], denied()).resource("arn:aws:s3:::b", Some(only));
    let b = "arn:aws:s3:::b/a";
    expect(&lab, &["s3:GetObject", b, &caller], CROSS[1]);
}
