//! What AWS decides beside the policies of accounts, or limits in part, asked about sets of
//! requests.

use model::{Claim, Invariant, Organization, Patterns, PrincipalSet, RequestSet};

use super::authorization::{KEY, LOGS, OTHER, OWN, allow, caller, deny, role, to};
use super::authorization_sets::{by_endpoint, expect, none, over_internet, set, two_subnets};
use super::authorize::{known, when};
use super::canonical_user::of;
use super::lab::Lab;
use super::unique_id::unique_id;

/// A role of each account that may do everything as far as its own policy says, and one that has
/// no policy.
fn roles() -> Lab {
    let everything = || vec![known(vec![allow("*", "*")])];
    two_subnets()
        .principal(&role(OWN, "app"), everything())
        .principal(&role(OWN, "silent"), vec![])
        .principal(&role(OTHER, "app"), everything())
}

fn all(action: &str, resource: &str, callers: &[&str]) -> Invariant {
    by_endpoint(Claim::PermittedAll, set(&[action], &[resource], callers))
}

fn nothing(action: &str, resource: &str, callers: &[&str]) -> Invariant {
    by_endpoint(none(), set(&[action], &[resource], callers))
}

#[test]
fn who_asks_who_it_is() {
    let lab = roles();
    let silent = role(OWN, "silent");
    // Of one character there is `*`, and what nobody is known to own.
    let asks = |claim: Claim, who: &str| {
        by_endpoint(claim, set(&["sts:GetCallerIdentity"], &["?"], &[who]))
    };
    expect(&lab, &asks(none(), &silent), "violated");
    expect(&lab, &asks(Claim::PermittedAll, "anonymous"), "violated");
    let mut internet = set(&["sts:GetCallerIdentity"], &["?"], &[&silent]);
    expect(&lab, &over_internet(none(), internet.clone()), "violated");
    internet.resources.include = vec!["arn:aws:s3:::logs".into()];
    let lab = lab.resource(LOGS, None);
    expect(&lab, &over_internet(none(), internet), "holds");
}

#[test]
fn of_some_actions_of_a_set_policies_say_nothing() {
    let lab = roles()
        .principal(&role(OWN, "barred"), vec![known(vec![deny("*", "*")])])
        .resource(LOGS, None);
    let barred = role(OWN, "barred");
    let told = "unknown on permission for sns:unsubscribe";
    expect(&lab, &nothing("sns:Publish*", LOGS, &[&barred]), "holds");
    expect(&lab, &nothing("sns:Unsubscribe", LOGS, &[&barred]), told);
    expect(&lab, &all("sns:*", LOGS, &[&barred]), "violated");
}

#[test]
fn root_users_of_a_set_are_limited_in_part() {
    let mut lab = roles().resource(LOGS, None);
    lab.draft.accounts[0].organization = Organization::Member {
        service_control_policies: vec![vec![known(vec![deny("*", "*")])]],
        resource_control_policies: vec![],
    };
    let app = role(OWN, "app");
    expect(&lab, &nothing("support:*", LOGS, &[&app]), "holds");
    let part = "unknown on service control policies on support:createcase";
    expect(&lab, &nothing("support:CreateCase", LOGS, &[OWN]), part);
    let both = [app.as_str(), OWN];
    expect(&lab, &nothing("support:CreateCase", LOGS, &both), part);
    expect(&lab, &nothing("ec2:Modify?", LOGS, &both), "holds");
    let part = "unknown on service control policies on ec2:modifyaddressattribute";
    expect(&lab, &nothing("ec2:Modify*", LOGS, &both), part);
}

#[test]
fn queues_of_a_set() {
    let queue = "arn:aws:sqs:eu-west-1:111122223333:q";
    let lab = roles().resource(queue, Some(known(vec![deny("*", "*")])));
    let app = role(OWN, "app");
    expect(&lab, &nothing("sqs:*", queue, &[&app]), "holds");
    let root = format!("unknown on root user of {queue}");
    expect(&lab, &nothing("sq*", queue, &[&app, OWN]), &root);
    expect(&lab, &nothing("sns:Publish", queue, &[OWN]), "holds");
}

#[test]
fn aliases_and_apis_of_a_set() {
    let private = "arn:aws:execute-api:r:111122223333:private";
    let lab = roles().resource(private, None).with(|lab| {
        let listed = &mut lab.draft.accounts[0].resources_complete;
        listed.extend(["kms", "events"].map(String::from));
    });
    let app = role(OWN, "app");
    let alias = "arn:aws:kms:eu-west-1:111122223333:alias/a";
    let key = format!("unknown on key of {alias}");
    expect(&lab, &all("kms:*", alias, &[&app]), &key);
    expect(&lab, &nothing("kms:*", alias, &[&app]), &key);
    let key = "arn:aws:kms:eu-west-1:111122223333:a*";
    expect(&lab, &nothing("kms:Sign", key, &[&app]), "violated");
    expect(
        &lab,
        &nothing("execute-api:*", private, &[&app, OWN]),
        "holds",
    );
    let lattice = "arn:aws:vpc-lattice:r:111122223333:service/s";
    let lab = lab.resource(lattice, None);
    let beside = format!("unknown on authorization of {lattice}");
    let invoke = all("vpc-lattice-svcs:Invoke", lattice, &[&app, OWN]);
    expect(&lab, &invoke, &beside);
    expect(&lab, &all("vpc-lattice*", lattice, &[&app, OWN]), &beside);
    let bus = "arn:aws:events:eu-west-1:111122223333:event-bus/b";
    let policy = format!("unknown on policy of {bus}");
    expect(&lab, &all("events:PutEvents", bus, &[&app]), &policy);
}

#[test]
fn buckets_and_objects_of_a_set() {
    let app = role(OTHER, "app");
    let lab = roles().resource(LOGS, Some(known(vec![to(allow("*", "*"), &app)])));
    let object = "arn:aws:s3:::logs/*";
    expect(&lab, &all("s3:PutObject", object, &[&app]), "holds");
    let across = "unknown on s3 across accounts";
    let of = |action: &str| {
        let set = set(&[action], &[LOGS, object], &[&app]);
        by_endpoint(Claim::PermittedAll, set)
    };
    expect(&lab, &of("s3:GetObject"), across);
    expect(&lab, &of("s3:ListBucket*"), "holds");
    expect(&lab, &of("s3:GetBucketLocation"), "holds");
    expect(&lab, &of("s3:GetBucket*"), "violated");
}

#[test]
fn tables_of_a_set() {
    let table = "arn:aws:dynamodb:eu-west-1:111122223333:table/t";
    let silent = role(OWN, "silent");
    let own = known(vec![to(allow("*", "*"), &silent)]);
    let lab = roles().resource(table, Some(own));
    let within = "unknown on dynamodb within an account";
    expect(&lab, &all("dynamodb:GetItem", table, &[&silent]), "holds");
    expect(&lab, &all("dynamodb:Get*", table, &[&silent]), within);
    expect(&lab, &nothing("dynamodb:*", table, &[&silent]), "violated");
}

#[test]
fn anonymous_callers_of_a_set() {
    let lab = roles().resource(LOGS, Some(known(vec![])));
    let both = ["anonymous", &role(OWN, "silent")];
    let nobody = "unknown on events without a signature";
    expect(&lab, &nothing("events:PutEvents", LOGS, &both), nobody);
    for action in ["s3:Get*", "kms:*", "secretsmanager:*"] {
        expect(&lab, &nothing(action, LOGS, &both), "holds");
    }
}

#[test]
fn unique_ids_in_a_set() {
    let by_id = to_id(allow("s3:Put*", "*"));
    let lab = roles().resource(LOGS, Some(known(vec![by_id])));
    let object = "arn:aws:s3:::logs/*";
    let silent = role(OWN, "silent");
    let perhaps = "unknown on principal AIDA1";
    expect(&lab, &nothing("s3:PutObject", object, &[&silent]), perhaps);
    let others = ["anonymous", OTHER];
    expect(&lab, &nothing("s3:PutObject", object, &others), "holds");
    let mut alone = two_subnets();
    alone.draft.accounts.clear();
    alone.endpoint_mut("s").policy = known(vec![to_id(allow("*", "*"))]);
    let every = by_endpoint(none(), RequestSet::every());
    expect(&alone, &every, perhaps);
}

fn to_id(statement: model::Statement) -> model::Statement {
    of(statement, &[unique_id("AIDA1")])
}

#[test]
fn the_account_that_calls_a_key_in_a_set() {
    let own = known(vec![when(
        allow("kms:*", "*"),
        "StringEquals",
        "kms:CallerAccount",
        &[OWN],
    )]);
    let lab = roles().resource(KEY, Some(own));
    let of = |principals: PrincipalSet| RequestSet {
        actions: Patterns {
            include: vec!["kms:Decrypt".into()],
            exclude: vec![],
        },
        resources: Patterns {
            include: vec![KEY.into()],
            exclude: vec![],
        },
        principals,
        ..RequestSet::every()
    };
    let own = [OWN.into(), role(OWN, "silent")];
    let own: Vec<_> = own.iter().map(|one: &String| caller(one)).collect();
    let all = by_endpoint(Claim::PermittedAll, of(PrincipalSet::These(own)));
    expect(&lab, &all, "holds");
    let nobody = PrincipalSet::These(vec![caller("anonymous")]);
    expect(&lab, &by_endpoint(none(), of(nobody)), "holds");
    let others = PrincipalSet::These(vec![caller(&role(OTHER, "app"))]);
    let grants = format!("unknown on grants of {KEY}");
    expect(&lab, &by_endpoint(none(), of(others)), &grants);
}
