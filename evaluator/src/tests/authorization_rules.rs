//! What AWS knows more than the policies of accounts, asked about single requests.

use model::{Hole, Organization, Value};

use super::authorization::{
    CROSS, KEY, LOGS, OTHER, OWN, SAME, allow, deny, expect, role, to, two_accounts,
};
use super::authorize::{known, when, with_policy};
use super::lab::{Lab, allow_everything};

const ROLE: &str = "arn:aws:iam::111122223333:role/app";
const FOREIGN_KEY: &str = "arn:aws:kms:eu-west-1:222233334444:key/b";

/// A role of each account that may do everything as far as its own policy says, and one that has
/// no policy.
pub fn roles() -> Lab {
    let everything = || vec![known(vec![allow("*", "*")])];
    two_accounts()
        .principal(&role(OWN, "app"), everything())
        .principal(&role(OWN, "silent"), vec![])
        .principal(&role(OTHER, "app"), everything())
}

pub fn open(hole: &str) -> String {
    format!("authorization-open on {hole}")
}

#[test]
fn what_an_entry_covers_depends_on_its_service() {
    let app = role(OWN, "app");
    let barred = || Some(known(vec![deny("*", "*")]));
    let arn = |rest: &str| format!("arn:aws:{rest}");
    let denied = "denied authorization-explicit-deny";
    let covers = |entry: &str, resource: &str| {
        let (entry, resource) = (arn(entry), arn(resource));
        let lab = roles().resource(&entry, barred());
        expect(&lab, &["x:Do", &resource, &app], denied);
    };
    let leaves = |entry: &str, resource: &str| {
        let (entry, resource) = (arn(entry), arn(resource));
        let lab = roles().resource(&entry, barred());
        let hole = open(&format!("policy of {resource}"));
        expect(&lab, &["x:Do", &resource, &app], &hole);
    };
    covers("s3:::b", "s3:::b/a/b");
    covers("s3:::b", "s3:::b/");
    covers(
        "execute-api:r:111122223333:api",
        "execute-api:r:111122223333:api/prod/GET/x",
    );
    covers(
        "dynamodb:r:111122223333:table/t",
        "dynamodb:r:111122223333:table/t/index/i",
    );
    leaves(
        "dynamodb:r:111122223333:table/t",
        "dynamodb:r:111122223333:table/t/stream/s",
    );
    leaves(
        "dynamodb:r:111122223333:table/t",
        "dynamodb:r:111122223333:table/t/index",
    );
    leaves("iam::111122223333:user/ann", "iam::111122223333:user/ann/b");
    leaves(
        "ecr:r:111122223333:repository/a",
        "ecr:r:111122223333:repository/a/b",
    );
}

#[test]
fn what_resource_control_policies_are_about() {
    let app = role(OWN, "app");
    let controlled = with_policy(Value::Known(allow_everything()))
        .account(
            OWN,
            Organization::Member {
                service_control_policies: vec![],
                resource_control_policies: vec![known(vec![deny("*", "*")])],
            },
        )
        .principal(&app, vec![known(vec![allow("*", "*")])])
        .resource(KEY, Some(known(vec![to(allow("kms:*", "*"), &app)])));
    let denied = "denied authorization-explicit-deny";
    let kms = open("resource control policies on kms");
    expect(&controlled, &["kms:Decrypt", KEY, &app], &kms);
    expect(&controlled, &["sts:TagSession", KEY, &app], denied);
    expect(&controlled, &["kms:RetireGrant", KEY, &app], SAME[0]);
    let alias = "arn:aws:kms:eu-west-1:111122223333:alias/a";
    expect(&controlled, &["KMS:Decrypt", alias, &app], &kms);
    let unknown = with_policy(Value::Known(allow_everything()))
        .account(OWN, Organization::Unknown(Hole::new("organization")))
        .resource(KEY, Some(known(vec![allow("kms:*", "*")])));
    let told = open("organization");
    expect(&unknown, &["kms:Sign", KEY, "anonymous"], &told);
    let told = open("kms without a signature");
    expect(&unknown, &["kms:RetireGrant", KEY, "anonymous"], &told);
}

#[test]
fn the_policy_of_a_role_is_about_sts() {
    let (app, silent) = (role(OWN, "app"), role(OWN, "silent"));
    let trust = vec![
        to(allow("*", "*"), &silent),
        deny("iam:*", "*"),
        deny("sts:TagSession", "*"),
    ];
    let lab = roles().resource(ROLE, Some(known(trust)));
    let [granted, denied] = SAME;
    expect(&lab, &["sts:AssumeRole", ROLE, &silent], granted);
    expect(&lab, &["STS:SetSourceIdentity", ROLE, &silent], granted);
    // Its own policy is not enough.
    expect(&lab, &["sts:AssumeRole", ROLE, &app], denied);
    let explicit = "denied authorization-explicit-deny";
    expect(&lab, &["sts:TagSession", ROLE, &app], explicit);
    expect(&lab, &["iam:GetRole", ROLE, &silent], denied);
    expect(&lab, &["iam:GetRole", ROLE, &app], granted);
    let unlisted = role(OWN, "unlisted");
    expect(&lab, &["iam:GetRole", &unlisted, &app], granted);
    let hole = open(&format!("policy of {unlisted}"));
    expect(&lab, &["sts:AssumeRole", &unlisted, &app], &hole);
}

#[test]
fn the_bucket_behind_an_access_point_is_not_known() {
    let point = "arn:aws:s3:eu-west-1:111122223333:accesspoint/p";
    let bucket = open(&format!("bucket of {point}"));
    let app = role(OWN, "app");
    expect(&roles(), &["s3:GetObject", point, &app], &bucket);
    let lab = roles().resource(point, Some(known(vec![allow("s3:*", "*")])));
    expect(&lab, &["s3:GetObject", point, &app], &bucket);
    let silent = role(OTHER, "silent");
    let lab = lab.principal(&silent, vec![]);
    expect(&lab, &["s3:GetObject", point, &silent], CROSS[1]);
    // What else the input leaves out comes first.
    let unlisted = roles().with(|lab| lab.draft.accounts[0].resources_complete.clear());
    let policy = open(&format!("policy of {point}"));
    expect(&unlisted, &["s3:GetObject", point, &app], &policy);
    let of_other = "arn:aws:s3:eu-west-1:444455556666:accesspoint/p";
    let account = open("policies of account 444455556666");
    expect(&roles(), &["s3:GetObject", of_other, &app], &account);
}

#[test]
fn an_account_beside_a_condition_on_the_callers_arn() {
    let silent = role(OWN, "silent");
    let lab = |pattern: &str| {
        let statement = to(allow("s3:*", "*"), OWN);
        let statement = when(statement, "ArnLike", "AWS:principalarn", &[pattern]);
        roles().resource(LOGS, Some(known(vec![statement])))
    };
    let asked = ["s3:GetObject", LOGS, silent.as_str()];
    let beside = open("aws:PrincipalArn beside an account");
    expect(&lab("arn:aws:iam::*:role/silent"), &asked, &beside);
    expect(&lab("arn:aws:iam::*:role/other"), &asked, SAME[1]);
    let own = role(OWN, "app");
    let lab = lab("*");
    expect(&lab, &["s3:GetObject", LOGS, &own], SAME[0]);
    expect(&lab, &["s3:GetObject", LOGS, &role(OTHER, "app")], CROSS[1]);
}

#[test]
fn what_asks_for_more_than_policies() {
    let app = role(OWN, "app");
    for (action, name) in [
        ("sts:GetSessionToken", "sts:getsessiontoken"),
        ("sts:getFederationToken", "sts:getfederationtoken"),
        ("sts:AssumeRoot", "sts:assumeroot"),
        ("iam:ChangePassword", "iam:changepassword"),
        (
            "iam:GetAccountPasswordPolicy",
            "iam:getaccountpasswordpolicy",
        ),
        ("sns:ConfirmSubscription", "sns:confirmsubscription"),
        ("SNS:Unsubscribe", "sns:unsubscribe"),
        ("Cognito-Identity:GetId", "cognito-identity:getid"),
        ("cognito-idp:SignUp", "cognito-idp:signup"),
    ] {
        let more = open(&format!("permission for {name}"));
        expect(&roles(), &[action, "*", &app], &more);
        expect(&roles(), &[action, "*", OWN], &more);
    }
    let signs_up = ["cognito-idp:SignUp", "*", "anonymous"];
    let more = open("permission for cognito-idp:signup");
    expect(&roles(), &signs_up, &more);
    expect(&roles(), &["cognito-sync:SignUp", "*", &app], SAME[0]);
    expect(&roles(), &["iam:ChangePasswords", "*", &app], SAME[0]);
}

#[test]
fn a_root_user_asks_for_more_to_assume_a_role() {
    let trust = vec![to(allow("sts:*", "*"), OWN), to(allow("sts:*", "*"), OTHER)];
    let lab = roles().resource(ROLE, Some(known(trust)));
    let more = open("permission for sts:assumerole");
    expect(&lab, &["sts:AssumeRole", ROLE, OWN], &more);
    expect(&lab, &["STS:assumerole", ROLE, OTHER], &more);
    expect(&lab, &["sts:TagSession", ROLE, OWN], SAME[0]);
    expect(&lab, &["sts:AssumeRole", ROLE, &role(OWN, "app")], SAME[0]);
}

#[test]
fn an_api_with_a_policy_may_have_an_authorizer() {
    let api = "arn:aws:execute-api:r:111122223333:api";
    let method = "arn:aws:execute-api:r:111122223333:api/prod/GET/x";
    let (app, silent) = (role(OWN, "app"), role(OTHER, "silent"));
    let lab = roles()
        .principal(&silent, vec![])
        .resource(api, Some(known(vec![allow("execute-api:Invoke", "*")])));
    let beside = open(&format!("authorization of {api}"));
    for caller in [&app, &silent, "anonymous", OWN] {
        expect(&lab, &["execute-api:Invoke", method, caller], &beside);
        expect(&lab, &["execute-api:Other", method, caller], &beside);
    }
    let barred = Some(known(vec![deny("*", "*")]));
    let lab = roles().resource(api, barred);
    let denied = "denied authorization-explicit-deny";
    expect(&lab, &["execute-api:Invoke", method, &app], denied);
    let hidden = Some(Value::Any(Hole::new("hidden")));
    let lab = roles().resource(api, hidden);
    let told = open("hidden");
    expect(&lab, &["execute-api:Invoke", method, &app], &told);
    // A private API lets nobody in without a policy.
    let lab = roles().resource(api, None);
    expect(&lab, &["execute-api:Invoke", method, &app], SAME[1]);
    expect(&lab, &["s3:GetObject", method, OWN], SAME[1]);
    let told = "denied authorization-anonymous";
    expect(&lab, &["execute-api:Invoke", method, "anonymous"], told);
}

#[test]
fn a_bucket_has_no_slash() {
    let denies = || Some(known(vec![deny("s3:*", "*")]));
    let part = "arn:aws:s3:::logs/own";
    let lab = roles().resource(LOGS, denies()).resource(part, denies());
    expect(&lab, &["s3:GetBucketPolicy", LOGS, OWN], SAME[0]);
    let denied = "denied authorization-explicit-deny";
    for object in ["arn:aws:s3:::logs/a", part] {
        expect(&lab, &["s3:GetBucketPolicy", object, OWN], denied);
    }
}

#[test]
fn what_only_the_owners_account_may_do() {
    let app = role(OTHER, "app");
    let queue = "arn:aws:sqs:eu-west-1:111122223333:q";
    let lab = roles()
        .resource(LOGS, Some(known(vec![allow("*", "*")])))
        .resource(queue, Some(known(vec![allow("*", "*")])));
    let [granted, denied] = CROSS;
    expect(&lab, &["s3:GetBucketLocation", LOGS, &app], granted);
    expect(&lab, &["S3:putbucketpolicy", LOGS, &app], denied);
    expect(&lab, &["sqs:SendMessage", queue, &app], granted);
    expect(&lab, &["sqs:UntagQueue", queue, &app], denied);
    expect(&lab, &["sqs:UntagQueue", queue, &role(OWN, "app")], SAME[0]);
    expect(&lab, &["s3:PutBucketPolicy", LOGS, OTHER], denied);
}

#[test]
fn what_grants_beside_policies() {
    let (app, silent) = (role(OWN, "app"), role(OWN, "silent"));
    let lab = roles().resource(LOGS, None).with_lists();
    let object = "arn:aws:s3:::logs/a";
    let lists = open(&format!("access control lists of {LOGS}"));
    for caller in [&app, &silent, OWN, OTHER, "anonymous"] {
        expect(&lab, &["s3:GetObject", object, caller], &lists);
        expect(&lab, &["s3:GetBucketPolicy", object, caller], &lists);
    }
    let hidden = Some(Value::Any(Hole::new("hidden")));
    let lab = roles().resource(LOGS, hidden).with_lists();
    expect(&lab, &["s3:GetObject", object, &silent], &open("hidden"));
    let own = known(vec![to(allow("kms:*", "*"), &app)]);
    let lab = roles().resource(FOREIGN_KEY, Some(own)).owned_by(OTHER);
    let grants = open(&format!("grants of {FOREIGN_KEY}"));
    expect(&lab, &["kms:Decrypt", FOREIGN_KEY, &app], CROSS[0]);
    expect(&lab, &["kms:Decrypt", FOREIGN_KEY, &silent], &grants);
    // Whoever has a grant signs.
    let told = "denied authorization-anonymous";
    expect(&lab, &["kms:Decrypt", FOREIGN_KEY, "anonymous"], told);
}

#[test]
fn services_that_ask_for_a_signature() {
    let public = || Some(known(vec![allow("*", "*")]));
    let topic = "arn:aws:sns:eu-west-1:111122223333:t";
    let lab = roles().resource(LOGS, public()).resource(topic, public());
    let lab = lab.resource(KEY, public());
    let told = "permitted authorization-anonymous";
    expect(&lab, &["s3:GetObject", LOGS, "anonymous"], told);
    expect(&lab, &["sns:Publish", topic, "anonymous"], told);
    expect(&lab, &["SQS:SendMessage", topic, "anonymous"], told);
    for (action, service) in [("KMS:Decrypt", "kms"), ("events:Put", "events")] {
        let hole = open(&format!("{service} without a signature"));
        expect(&lab, &[action, KEY, "anonymous"], &hole);
    }
    // That no service reads them comes before what may be blocked.
    let lab = roles().resource(LOGS, public()).blocked();
    let hole = open("events without a signature");
    expect(&lab, &["events:Put", LOGS, "anonymous"], &hole);
    let hole = open(&format!("Block Public Access of {LOGS}"));
    expect(&lab, &["s3:GetObject", LOGS, "anonymous"], &hole);
}

#[test]
fn public_access_may_be_blocked() {
    let (app, silent) = (role(OTHER, "app"), role(OWN, "silent"));
    let public = vec![allow("s3:GetObject", "*"), to(allow("s3:Put*", "*"), &app)];
    let lab = roles().resource(LOGS, Some(known(public.clone())));
    let anonymous = ["s3:GetObject", LOGS, "anonymous"];
    expect(&lab, &anonymous, "permitted authorization-anonymous");
    let lab = lab.blocked();
    let blocked = open(&format!("Block Public Access of {LOGS}"));
    expect(&lab, &anonymous, &blocked);
    // Another statement makes the policy public.
    expect(&lab, &["s3:PutObject", LOGS, &app], &blocked);
    expect(&lab, &["s3:GetObject", LOGS, &silent], SAME[0]);
    expect(&lab, &["s3:List", LOGS, &app], CROSS[1]);
    let object = "arn:aws:s3:::logs/a";
    let own = public.into_iter().skip(1).collect();
    let lab = roles().resource(LOGS, Some(known(own))).blocked();
    expect(&lab, &["s3:PutObject", object, &app], CROSS[0]);
}

#[test]
fn services_of_which_one_allow_may_not_be_enough() {
    let (app, silent) = (role(OWN, "app"), role(OWN, "silent"));
    let other = role(OTHER, "app");
    let bus = "arn:aws:events:eu-west-1:111122223333:event-bus/b";
    let both = || {
        let statements = [&silent, &other].map(|one| to(allow("*", "*"), one));
        Some(known(statements.to_vec()))
    };
    let lab = roles().resource(bus, both()).resource(KEY, both());
    let within = open("events within an account");
    expect(&lab, &["Events:PutEvents", bus, &silent], &within);
    expect(&lab, &["events:PutEvents", bus, &app], &within);
    expect(&lab, &["sns:Publish", bus, &silent], SAME[0]);
    expect(&lab, &["events:PutEvents", bus, OWN], SAME[0]);
    expect(&lab, &["kms:Sign", KEY, &silent], SAME[0]);
    let across = open("events across accounts");
    expect(&lab, &["events:PutEvents", bus, &other], &across);
    expect(&lab, &["sqs:SendMessage", bus, &other], CROSS[0]);
    expect(&lab, &["kms:GenerateDataKeyPair", KEY, &other], CROSS[0]);
    let across = open("kms across accounts");
    expect(&lab, &["kms:Sign", KEY, &other], &across);
    let lab = roles().resource(bus, None);
    expect(&lab, &["events:PutEvents", bus, &app], SAME[0]);
}
