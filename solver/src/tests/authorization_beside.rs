//! What AWS grants, denies and leaves open beside what the table of grants says.

use model::{Engine, NetworkDraft, RequestWay, Value};

use super::account::*;
use super::authorization::*;
use super::build::*;
use super::condition::on;
use super::policy::*;
use crate::Solver;

/// The estate with a resource of its own account, which grants some actions to some.
fn with(arn: &str, grants: &[(&str, &str)]) -> NetworkDraft {
    let mut draft = estate();
    add(&mut draft, arn, grants);
    draft
}

pub(super) fn add(draft: &mut NetworkDraft, arn: &str, grants: &[(&str, &str)]) {
    let grants = grants
        .iter()
        .map(|(action, who)| by(allow_on(action, "*"), who));
    resource(draft, arn, OWN, Some(known(grants.collect())));
}

fn open(hole: &str) -> String {
    format!("{hole}: authorization-open")
}

#[test]
fn which_other_resources_a_policy_is_for() {
    let mut draft = estate();
    let api = "arn:aws:execute-api:eu-west-1:111122223333:api";
    let table = "arn:aws:dynamodb:eu-west-1:111122223333:table/t";
    let topic = "arn:aws:sns:eu-west-1:111122223333:t";
    for (arn, action) in [
        (api, "execute-api:Invoke"),
        (table, "dynamodb:Query"),
        (topic, "sns:Publish"),
    ] {
        add(&mut draft, arn, &[(action, "*")]);
    }
    let by_api = open(&format!("authorization of {api}"));
    let of_table = open("dynamodb without a signature");
    let stream = format!("{table}/stream/s");
    let longer = format!("{topic}/x");
    let not_there = |arn: &str| open(&format!("policy of {arn}"));
    assert_says(
        draft,
        &[
            ("execute-api:Invoke", api, "anonymous", &by_api),
            (
                "execute-api:Invoke",
                &format!("{api}/prod/GET/"),
                "anonymous",
                &by_api,
            ),
            ("dynamodb:Query", table, "anonymous", &of_table),
            (
                "dynamodb:Query",
                &format!("{table}/index/i"),
                "anonymous",
                &of_table,
            ),
            ("dynamodb:Query", &stream, "anonymous", &not_there(&stream)),
            ("sns:Publish", topic, "anonymous", ANONYMOUS),
            ("sns:Publish", &longer, "anonymous", &not_there(&longer)),
        ],
    );
}

#[test]
fn resource_control_policies_on_keys_are_open_and_never_deny_a_retirement() {
    let mut draft = estate();
    let all = deny_on("kms:*", "*");
    account_mut(&mut draft, OWN).organization = member(vec![everything()], vec![all]);
    let admin = own("role/admin");
    let other = "arn:aws:kms:eu-west-1:111122223333:key/other";
    let of_other = open(&format!("policy of {other}"));
    let controlled = open("resource control policies on kms");
    assert_says(
        draft,
        &[
            ("kms:Decrypt", KEY, &admin, &controlled),
            (
                "kms:RetireGrant",
                KEY,
                &admin,
                &open(&format!("grants of {KEY}")),
            ),
            ("kms:Decrypt", other, &admin, &controlled),
            ("kms:RetireGrant", other, &admin, &of_other),
        ],
    );
}

#[test]
fn a_repository_is_asked_about_with_its_registry() {
    let repository = "arn:aws:ecr:eu-west-1:111122223333:repository/team/app";
    let admin = own("role/admin");
    let draft = with(repository, &[("ecr:*", &admin)]);
    let registry = open(&format!("registry policy of {repository}"));
    assert_says(
        draft,
        &[
            ("ecr:BatchGetImage", repository, &admin, &registry),
            (
                "ecr:BatchGetImage",
                repository,
                &own("role/silent"),
                &registry,
            ),
        ],
    );
}

#[test]
fn a_trust_policy_is_for_actions_of_sts() {
    let role = own("role/silent");
    let mut draft = with(&role, &[("sts:AssumeRole", &own("user/ann"))]);
    let deny = by(deny_on("iam:DeleteRole", "*"), "*");
    let policy = last_resource(&mut draft).policy.as_mut();
    if let Some(Value::Known(policy)) = policy {
        policy.statements.push(deny);
    }
    let (ann, admin) = (own("user/ann"), own("role/admin"));
    let foreign = of(FOREIGN, "role/r");
    assert_says(
        draft,
        &[
            ("sts:AssumeRole", &role, &ann, SAME),
            ("sts:AssumeRole", &role, &admin, NOT_SAME),
            ("iam:DeleteRole", &role, &admin, SAME),
            ("iam:DeleteRole", &role, &ann, NOT_SAME),
            (
                "sts:AssumeRole",
                &foreign,
                &admin,
                &open(&format!("policies of account {FOREIGN}")),
            ),
        ],
    );
}

#[test]
fn an_access_point_has_a_bucket_that_is_not_known() {
    let point = "arn:aws:s3:eu-west-1:111122223333:accesspoint/p";
    let object = format!("{point}/object/a");
    let admin = own("role/admin");
    let lines = |draft, what: &str| {
        let hole = |arn: &str| open(&format!("{what} of {arn}"));
        assert_says(
            draft,
            &[
                ("s3:GetObject", point, &admin, &hole(point)),
                ("s3:GetObject", &object, &admin, &hole(&object)),
            ],
        );
    };
    lines(estate(), "bucket");
    // Where buckets' policies are not all listed, it is open first whether it has one itself.
    for (grants, what) in [(None, "policy"), (Some(&*admin), "bucket")] {
        let mut draft = estate();
        account_mut(&mut draft, OWN).resources_complete.clear();
        if let Some(who) = grants {
            add(&mut draft, point, &[("s3:*", who)]);
        }
        lines(draft, what);
    }
}

#[test]
fn a_condition_on_who_calls_beside_an_account() {
    let mut draft = estate();
    let arn = own("role/bounded");
    let only = |action: &str, who: &str| {
        let statement = by(allow_on(action, "*"), who);
        on(statement, "ArnEquals", "aws:PrincipalArn", &[&arn])
    };
    let statements = vec![only("s3:GetObject", OWN), only("s3:PutObject", "*")];
    let bucket = "arn:aws:s3:::asks";
    resource(&mut draft, bucket, OWN, Some(known(statements)));
    assert_says(
        draft,
        &[
            (
                "s3:GetObject",
                bucket,
                &arn,
                &open("aws:PrincipalArn beside an account"),
            ),
            ("s3:GetObject", bucket, &own("role/silent"), NOT_SAME),
            ("s3:PutObject", bucket, &arn, SAME),
        ],
    );
}

#[test]
fn what_is_granted_to_no_other_account() {
    let queue = "arn:aws:sqs:eu-west-1:111122223333:q";
    let mut draft = with(queue, &[("sqs:*", PARTNER)]);
    add(&mut draft, "arn:aws:s3:::given", &[("s3:*", PARTNER)]);
    let app = of(PARTNER, "role/app");
    assert_says(
        draft,
        &[
            ("sqs:SendMessage", queue, &app, ACROSS),
            ("SQS:deletequeue", queue, &app, NOT_ACROSS),
            ("sqs:DeleteQueue", queue, &own("role/admin"), SAME),
            ("s3:ListBucket", "arn:aws:s3:::given", &app, ACROSS),
            ("s3:PutBucketPolicy", "arn:aws:s3:::given", &app, NOT_ACROSS),
            // It is denied for certain where nothing else is known.
            (
                "sqs:DeleteQueue",
                "arn:aws:sqs:eu-west-1:444455556666:q",
                &app,
                NOT_ACROSS,
            ),
        ],
    );
}

#[test]
fn what_is_granted_by_other_rules_than_the_tables() {
    let role = own("role/bounded");
    let draft = with(&role, &[("sts:*", "*")]);
    let ann = own("user/ann");
    let permission = |action: &str| open(&format!("permission for {action}"));
    assert_says(
        draft,
        &[
            (
                "sts:GetSessionToken",
                "*",
                &ann,
                &permission("sts:getsessiontoken"),
            ),
            (
                "IAM:ChangePassword",
                "*",
                &ann,
                &permission("iam:changepassword"),
            ),
            (
                "iam:GetAccountPasswordPolicy",
                "*",
                &own("role/admin"),
                &permission("iam:getaccountpasswordpolicy"),
            ),
            ("iam:ChangePasswords", "*", &ann, NOT_SAME),
            (
                "cognito-idp:ListUsers",
                "*",
                &ann,
                &permission("cognito-idp:listusers"),
            ),
            (
                "cognito-identity:GetId",
                "*",
                "anonymous",
                &permission("cognito-identity:getid"),
            ),
            (
                "sts:AssumeRole",
                &role,
                &format!("root:{OWN}"),
                &permission("sts:assumerole"),
            ),
            (
                "sts:AssumeRole",
                &role,
                &format!("root:{PARTNER}"),
                &permission("sts:assumerole"),
            ),
            ("sts:TagSession", &role, &format!("root:{OWN}"), SAME),
            ("sts:AssumeRole", &role, &ann, SAME),
        ],
    );
}

#[test]
fn an_api_with_a_policy_decides_by_more_than_it() {
    let api = "arn:aws:execute-api:eu-west-1:111122223333:api";
    let closed = "arn:aws:execute-api:eu-west-1:111122223333:closed";
    let mut draft = with(api, &[]);
    let deny = by(deny_on("execute-api:ManageConnections", "*"), "*");
    if let Some(Value::Known(policy)) = last_resource(&mut draft).policy.as_mut() {
        policy.statements.push(deny);
    }
    resource(&mut draft, closed, OWN, None);
    let (admin, silent) = (own("role/admin"), own("role/silent"));
    let by_api = open(&format!("authorization of {api}"));
    let method = format!("{api}/prod/GET/");
    assert_says(
        draft,
        &[
            ("execute-api:Invoke", &method, &admin, &by_api),
            ("execute-api:Invoke", &method, &silent, &by_api),
            (
                "execute-api:Invoke",
                &method,
                &of(PARTNER, "role/app"),
                &by_api,
            ),
            (
                "execute-api:ManageConnections",
                &method,
                &admin,
                "denied authorization-explicit-deny",
            ),
            ("execute-api:Invoke", closed, &admin, NOT_SAME),
            ("execute-api:Invoke", closed, &silent, NOT_SAME),
        ],
    );
}

#[test]
fn who_does_not_sign_is_granted_for_certain_by_few_services() {
    let queue = "arn:aws:sqs:eu-west-1:111122223333:q";
    let secret = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:s";
    let open_key = "arn:aws:kms:eu-west-1:111122223333:key/open";
    let bucket = "arn:aws:s3:::blocked";
    let mut draft = with(queue, &[("sqs:*", "*")]);
    add(&mut draft, secret, &[("secretsmanager:Get*", "*")]);
    add(&mut draft, open_key, &[("kms:Decrypt", "*")]);
    add(&mut draft, bucket, &[("*", "*")]);
    last_resource(&mut draft).public_access = false;
    assert_says(
        draft,
        &[
            ("sqs:SendMessage", queue, "anonymous", ANONYMOUS),
            (
                "secretsmanager:GetSecretValue",
                secret,
                "anonymous",
                &open("secretsmanager without a signature"),
            ),
            (
                "secretsmanager:PutSecretValue",
                secret,
                "anonymous",
                NOT_ANONYMOUS,
            ),
            (
                "kms:Decrypt",
                open_key,
                "anonymous",
                &open("kms without a signature"),
            ),
            // Grants of keys are to who signs.
            ("kms:Sign", open_key, "anonymous", NOT_ANONYMOUS),
            (
                "other:Get",
                bucket,
                "anonymous",
                &open("other without a signature"),
            ),
            (
                "s3:GetObject",
                bucket,
                "anonymous",
                &open(&format!("Block Public Access of {bucket}")),
            ),
        ],
    );
}

/// A bucket, an object of it and what is like a bucket in a Region, which deny everything to everyone.
const SHUT: [&str; 3] = [
    "arn:aws:s3:::shut",
    "arn:aws:s3:::shut/a",
    "arn:aws:s3:eu-west-1:111122223333:shut",
];

#[test]
fn only_of_a_bucket_the_root_user_keeps_the_policy() {
    let mut draft = estate();
    let [bucket, object, of_region] = SHUT;
    for arn in [bucket, of_region] {
        let deny = by(deny_on("s3:*", "*"), "*");
        resource(&mut draft, arn, OWN, Some(known(vec![deny])));
    }
    let root = format!("root:{OWN}");
    let denied = "denied authorization-explicit-deny";
    assert_says(
        draft,
        &[
            ("s3:GetBucketPolicy", bucket, &root, SAME),
            ("s3:GetBucketPolicy", object, &root, denied),
            ("s3:GetBucketPolicy", of_region, &root, denied),
        ],
    );
}

#[test]
fn services_of_which_the_table_is_not_known_to_hold() {
    let bus = "arn:aws:events:eu-west-1:111122223333:event-bus/b";
    let topic = "arn:aws:sns:eu-west-1:111122223333:t";
    let (app, admin) = (of(PARTNER, "role/app"), own("role/admin"));
    let (ann, silent) = (own("user/ann"), own("role/silent"));
    let mut draft = with(bus, &[("events:PutEvents", &ann), ("events:Tag*", &admin)]);
    add(
        &mut draft,
        topic,
        &[("sns:Publish", &silent), ("sns:Publish", PARTNER)],
    );
    let within = open("events within an account");
    assert_says(
        draft,
        &[
            ("events:PutEvents", bus, &ann, &within),
            ("events:PutEvents", bus, &admin, &within),
            ("events:TagResource", bus, &admin, SAME),
            ("events:PutEvents", bus, &silent, NOT_SAME),
            ("events:PutEvents", bus, &format!("root:{OWN}"), SAME),
            ("sns:Publish", topic, &silent, SAME),
            ("sns:Publish", topic, &app, &open("sns across accounts")),
            ("sns:Subscribe", topic, &app, NOT_ACROSS),
        ],
    );
}

#[test]
fn what_else_grants_and_blocks_of_buckets() {
    let mut draft = with("arn:aws:s3:::listed", &[]);
    last_resource(&mut draft).access_control_lists = true;
    add(
        &mut draft,
        "arn:aws:s3:::blocked",
        &[("s3:Get*", "*"), ("s3:Put*", PARTNER)],
    );
    last_resource(&mut draft).public_access = false;
    add(&mut draft, "arn:aws:s3:::shared", &[("s3:Get*", PARTNER)]);
    last_resource(&mut draft).public_access = false;
    let (app, silent) = (of(PARTNER, "role/app"), own("role/silent"));
    let lists = open("access control lists of arn:aws:s3:::listed");
    let blocks = open("Block Public Access of arn:aws:s3:::blocked");
    assert_says(
        draft,
        &[
            ("s3:GetObject", "arn:aws:s3:::listed/a", &silent, &lists),
            ("s3:GetObject", "arn:aws:s3:::listed/a", "anonymous", &lists),
            (
                "s3:GetObject",
                "arn:aws:s3:::listed/a",
                &own("role/admin"),
                &lists,
            ),
            ("s3:GetBucketPolicy", "arn:aws:s3:::listed", &app, &lists),
            (
                "s3:GetObject",
                "arn:aws:s3:::blocked/a",
                "anonymous",
                &blocks,
            ),
            ("s3:PutObject", "arn:aws:s3:::blocked/a", &app, &blocks),
            ("s3:GetObject", "arn:aws:s3:::blocked/a", &silent, SAME),
            ("s3:GetObject", "arn:aws:s3:::shared/a", &app, ACROSS),
        ],
    );
}

#[test]
fn no_policy_stops_the_question_who_calls() {
    let mut draft = estate();
    let all = vec![deny_on("*", "*")];
    account_mut(&mut draft, OWN).organization = member(all.clone(), vec![]);
    principal(&mut draft, &own("role/barred"), all);
    let solver = Solver::load(&valid(draft));
    let barred = own("role/barred");
    let ask = |way| says(&solver, &way, "STS:GetCallerIdentity", "*", &barred);
    assert_eq!(
        ask(RequestWay::Endpoint("vpce".into(), None)),
        "permitted policy-allow"
    );
    assert_eq!(
        ask(RequestWay::Internet(None)),
        "permitted authorization-not-asked"
    );
}
