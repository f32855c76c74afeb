//! What AWS decides beside the policies of accounts, or limits in part, asked about single
//! requests.

use model::{Hole, Organization, Policy, RequestWay, Value};

use super::authorization::{
    CROSS, KEY, LOGS, OTHER, OWN, SAME, allow, deny, expect, expect_by, role, to,
};
use super::authorization_rules::{open, roles};
use super::authorize::known;
use super::lab::Lab;

const DENIED: &str = "denied authorization-explicit-deny";
const LEVEL: &str = "denied authorization-service-control-policy";
const QUEUE: &str = "arn:aws:sqs:eu-west-1:111122223333:q";
const TABLE: &str = "arn:aws:dynamodb:eu-west-1:111122223333:table/t";

/// The roles, where the first account is a member.
fn member(levels: Vec<Vec<Value<Policy>>>) -> Lab {
    roles().with(|lab| {
        lab.draft.accounts[0].organization = Organization::Member {
            service_control_policies: levels,
            resource_control_policies: vec![],
        };
    })
}

#[test]
fn who_is_not_asked_about() {
    let app = role(OWN, "app");
    let silent = role(OWN, "silent");
    let lab = roles().principal(&role(OWN, "barred"), vec![known(vec![deny("*", "*")])]);
    let identity = |caller: &str| ["STS:GetCallerIdentity", "*", caller].map(String::from);
    let internet = RequestWay::Internet(None);
    for caller in [&silent, OWN, &role(OWN, "barred"), "444455556666"] {
        let [action, resource, caller] = &identity(caller);
        let request = [action, resource, caller].map(String::as_str);
        expect(&lab, &request, "permitted policy-allow");
        let told = "permitted authorization-not-asked";
        expect_by(&lab, &internet, &request, told);
    }
    let anonymous = ["sts:GetCallerIdentity", "*", "anonymous"];
    expect(&lab, &anonymous, "denied authorization-anonymous");
    // There is no resource of it.
    let of_role = ["sts:GetCallerIdentity", app.as_str(), app.as_str()];
    let policy = open(&format!("policy of {app}"));
    expect(&lab, &of_role, &policy);
    let barred = role(OWN, "barred");
    expect(&lab, &["sts:GetCallerIdentity", LOGS, &barred], DENIED);
}

#[test]
fn of_some_actions_policies_say_nothing() {
    let lab = member(vec![vec![known(vec![deny("*", "*")])]]);
    let lab = lab.principal(&role(OWN, "barred"), vec![known(vec![deny("*", "*")])]);
    for action in [
        "sts:GetSessionToken",
        "sns:ConfirmSubscription",
        "sns:Unsubscribe",
        "cognito-idp:SignUp",
    ] {
        let more = open(&format!("permission for {}", action.to_ascii_lowercase()));
        for caller in [OWN, &role(OWN, "barred"), "anonymous"] {
            expect(&lab, &[action, "*", caller], &more);
        }
        let owner = open("owner of arn:aws:sns:::t");
        expect(&lab, &[action, "arn:aws:sns:::t", OWN], &owner);
    }
    expect(&lab, &["sts:GetFederationToken", "*", OWN], DENIED);
    let none = member(vec![vec![]]);
    expect(&none, &["sns:Publish", "*", OWN], LEVEL);
    let more = open("permission for sns:unsubscribe");
    expect(&none, &["sns:Unsubscribe", "*", OWN], &more);
}

#[test]
fn service_control_policies_limit_a_root_user_in_part() {
    let denies = member(vec![vec![known(vec![allow("*", "*"), deny("*", "*")])]]);
    let silent = member(vec![vec![]]);
    let hidden = member(vec![vec![Value::Any(Hole::new("hidden"))]]);
    let free = member(vec![vec![known(vec![allow("*", "*")])]]);
    let app = role(OWN, "app");
    for action in [
        "CloudFront:Create",
        "lightsail:X",
        "mechanicalturk:X",
        "support:X",
        "ec2:ModifyAddressAttribute",
        "EC2:resetAddressAttribute",
    ] {
        let part = action.to_ascii_lowercase();
        let part = open(&format!("service control policies on {part}"));
        for lab in [&denies, &silent, &hidden] {
            expect(lab, &[action, "*", OWN], &part);
        }
        expect(&free, &[action, "*", OWN], SAME[0]);
        expect(&denies, &[action, "*", &app], DENIED);
        expect(&silent, &[action, "*", &app], LEVEL);
    }
    expect(&denies, &["ec2:ModifyAddress", "*", OWN], DENIED);
    // What the input does not say comes first.
    let unknown = Organization::Unknown(Hole::new("organization"));
    let lab = roles().with(|lab| lab.draft.accounts[0].organization = unknown);
    expect(&lab, &["support:X", "*", OWN], &open("organization"));
    // It does not grant.
    expect(&denies, &["support:X", LOGS, OWN], &{
        let name = "service control policies on support:x";
        open(name)
    });
    let foreign = "arn:aws:kms:eu-west-1:222233334444:key/b";
    let lab = denies.resource(foreign, None).owned_by(OTHER);
    let told = open("service control policies on support:x");
    expect(&lab, &["support:X", foreign, OWN], &told);
    let table = "arn:aws:dynamodb:eu-west-1:222233334444:table/b";
    let lab = lab.resource(table, None).owned_by(OTHER);
    expect(&lab, &["support:X", table, OWN], CROSS[1]);
}

#[test]
fn a_queues_policy_may_not_deny_its_root_user() {
    let barred = |resource: &str| roles().resource(resource, Some(known(vec![deny("*", "*")])));
    let lab = barred(QUEUE);
    let root = open(&format!("root user of {QUEUE}"));
    expect(&lab, &["SQS:DeleteQueue", QUEUE, OWN], &root);
    expect(&lab, &["sns:Publish", QUEUE, OWN], DENIED);
    expect(&lab, &["sqs:DeleteQueue", QUEUE, OTHER], DENIED);
    expect(&lab, &["sqs:DeleteQueue", QUEUE, &role(OWN, "app")], DENIED);
    let told = open(&format!("root user of {LOGS}"));
    expect(&barred(LOGS), &["sqs:SendMessage", LOGS, OWN], &told);
    let hidden = roles().resource(QUEUE, Some(Value::Any(Hole::new("hidden"))));
    expect(&hidden, &["sqs:SendMessage", QUEUE, OWN], &open("hidden"));
}

#[test]
fn policies_of_other_services_may_stand_elsewhere() {
    let complete = |service: &str| {
        roles().with(|lab| {
            let listed = &mut lab.draft.accounts[0].resources_complete;
            listed.insert(service.into());
        })
    };
    let app = role(OWN, "app");
    for service in ["sqs", "sns", "secretsmanager", "dynamodb"] {
        let resource = format!("arn:aws:{service}:r:111122223333:x");
        let action = format!("{service}:Do");
        expect(&complete(service), &[&action, &resource, &app], SAME[0]);
    }
    for service in ["events", "lambda", "backup"] {
        let resource = format!("arn:aws:{service}:r:111122223333:x");
        let policy = open(&format!("policy of {resource}"));
        let action = format!("{service}:Do");
        expect(&complete(service), &[&action, &resource, &app], &policy);
        let lab = complete(service).resource(&resource, None);
        expect(&lab, &[&action, &resource, &app], SAME[0]);
    }
}

#[test]
fn access_points_of_other_services() {
    let app = role(OWN, "app");
    for point in [
        "arn:aws:s3express:r:111122223333:accesspoint/p",
        "arn:aws:s3-object-lambda:r:111122223333:accesspoint/p",
        "arn:aws:s3-outposts:r:111122223333:outpost/o/accesspoint/p",
        "arn:aws:s3:r:111122223333:accesspoint/p/object/a",
    ] {
        let bucket = open(&format!("bucket of {point}"));
        let lab = roles().resource(point, Some(known(vec![allow("*", "*")])));
        expect(&lab, &["s3:GetObject", point, &app], &bucket);
    }
    let other = "arn:aws:s3-else:r:111122223333:accesspoint/p";
    let lab = roles().resource(other, None);
    expect(&lab, &["s3:GetObject", other, &app], SAME[0]);
}

#[test]
fn roles_are_assumed_by_their_names() {
    let app = role(OWN, "app");
    for action in [
        "sts:AssumeRole",
        "sts:AssumeRoleWithSAML",
        "STS:assumerolewithwebidentity",
        "sts:TagSession",
        "sts:SetSourceIdentity",
    ] {
        let more = open(&format!("permission for {}", action.to_ascii_lowercase()));
        for caller in [&app, OWN, "anonymous"] {
            expect(&roles(), &[action, "*", caller], &more);
        }
        let silent = role(OWN, "silent");
        let lab = roles().resource(&app, Some(known(vec![to(allow("*", "*"), &silent)])));
        expect(&lab, &[action, &app, &silent], SAME[0]);
    }
    expect(&roles(), &["sts:DecodeMessage", "*", &app], SAME[0]);
}

#[test]
fn services_with_authorizers_of_their_own() {
    let app = role(OWN, "app");
    let lattice = "arn:aws:vpc-lattice:r:111122223333:service/s";
    for resource in [lattice, "*"] {
        let beside = open(&format!("authorization of {resource}"));
        for caller in [&app, OWN] {
            let lab = roles().resource(lattice, None);
            for action in ["Execute-API:Invoke", "vpc-lattice-svcs:Invoke"] {
                expect(&lab, &[action, resource, caller], &beside);
            }
        }
    }
    // The policy of an API that is not in the input may deny.
    let method = "arn:aws:execute-api:r:111122223333:other/prod/GET/x";
    let policy = open(&format!("policy of {method}"));
    expect(&roles(), &["execute-api:Invoke", method, OWN], &policy);
    expect(&roles(), &["vpc-lattice:Get", "*", &app], SAME[0]);
    // They come before access control lists.
    let lab = roles().resource(LOGS, None).with_lists();
    let beside = open(&format!("authorization of {LOGS}"));
    expect(&lab, &["execute-api:Invoke", LOGS, &app], &beside);
}

#[test]
fn services_that_may_know_unsigned_callers() {
    for service in ["ssm", "events", "execute", "lambda"] {
        let hole = open(&format!("{service} without a signature"));
        let action = format!("{}:Do", service.to_ascii_uppercase());
        expect(&roles(), &[&action, "*", "anonymous"], &hole);
    }
    let services = ["s3", "sqs", "sns", "kms", "iam", "sts", "secretsmanager"];
    for service in services.into_iter().chain(["dynamodb"]) {
        let action = format!("{service}:Do");
        let told = "denied authorization-anonymous";
        expect(&roles(), &[&action, "*", "anonymous"], told);
    }
}

#[test]
fn an_alias_is_of_a_key_that_is_not_named() {
    let alias = "arn:aws:kms:eu-west-1:111122223333:alias/a";
    let lab = roles().with(|lab| {
        let listed = &mut lab.draft.accounts[0].resources_complete;
        listed.insert("kms".into());
    });
    let key = open(&format!("key of {alias}"));
    for caller in [role(OWN, "app"), role(OWN, "silent"), OWN.into()] {
        expect(&lab, &["kms:Decrypt", alias, &caller], &key);
    }
    expect(&lab, &["kms:Decrypt", alias, "anonymous"], &key);
    let app = role(OWN, "app");
    let lab = lab.principal(&role(OWN, "barred"), vec![known(vec![deny("*", "*")])]);
    expect(&lab, &["kms:Decrypt", alias, &role(OWN, "barred")], DENIED);
    let grants = open(&format!("grants of {KEY}"));
    expect(&lab, &["kms:Decrypt", KEY, &app], &grants);
}

#[test]
fn the_policy_of_a_registry_is_asked_about_each_repository() {
    let repository = "arn:aws:ecr:eu-west-1:111122223333:repository/team/app";
    let (app, silent, other) = (role(OWN, "app"), role(OWN, "silent"), role(OTHER, "app"));
    let policy = known(vec![to(allow("ecr:*", "*"), &app)]);
    let lab = roles().resource(repository, Some(policy));
    let registry = open(&format!("registry policy of {repository}"));
    for caller in [&app, &silent, &other, OWN] {
        expect(&lab, &["ecr:BatchGetImage", repository, caller], &registry);
    }
    let lab = lab.principal(&role(OWN, "barred"), vec![known(vec![deny("*", "*")])]);
    let barred = role(OWN, "barred");
    expect(&lab, &["ecr:BatchGetImage", repository, &barred], DENIED);
    expect(&lab, &["ecr:GetAuthorizationToken", "*", &app], SAME[0]);
}

#[test]
fn buckets_across_accounts() {
    let app = role(OTHER, "app");
    let lab = roles().resource(LOGS, Some(known(vec![to(allow("*", "*"), &app)])));
    let across = open("s3 across accounts");
    let object = "arn:aws:s3:::logs/a";
    for action in [
        "s3:GetBucketLocation",
        "S3:listbucket",
        "s3:ListBucketVersions",
        "s3:ListBucketMultipartUploads",
    ] {
        expect(&lab, &[action, LOGS, &app], CROSS[0]);
    }
    for action in ["s3:PutBucketLogging", "s3:GetBucketAcl", "s3:PutObject"] {
        expect(&lab, &[action, LOGS, &app], &across);
        expect(&lab, &[action, object, &app], CROSS[0]);
        expect(&lab, &[action, LOGS, &role(OWN, "app")], SAME[0]);
    }
    expect(&lab, &["sqs:SendMessage", LOGS, &app], CROSS[0]);
}

#[test]
fn what_a_tables_policy_is_for() {
    let silent = role(OWN, "silent");
    let table = known(vec![to(allow("dynamodb:*", "*"), &silent)]);
    let lab = roles().resource(TABLE, Some(table));
    let within = open("dynamodb within an account");
    for action in ["dynamodb:GetItem", "DynamoDB:updatetable", "dynamodb:Scan"] {
        expect(&lab, &[action, TABLE, &silent], SAME[0]);
    }
    for action in ["dynamodb:TagResource", "dynamodb:GetItems"] {
        expect(&lab, &[action, TABLE, &silent], &within);
        expect(&lab, &[action, TABLE, OWN], SAME[0]);
    }
}
