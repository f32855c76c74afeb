//! What AWS grants, denies and leaves open beside what the table of grants says.

use model::{Claim, Engine, NetworkDraft, PermissionEffect, PrincipalSet, RequestWay, Value};

use super::account::*;
use super::authorization::*;
use super::authorization_set::{ask, asked, never, one_role, these, two_ways, unknown, violated};
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

fn add(draft: &mut NetworkDraft, arn: &str, grants: &[(&str, &str)]) {
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
    let anonymous = "permitted authorization-anonymous";
    let stream = format!("{table}/stream/s");
    let longer = format!("{topic}/x");
    let not_there = |arn: &str| open(&format!("policy of {arn}"));
    assert_says(
        draft,
        &[
            ("execute-api:Invoke", api, "anonymous", anonymous),
            (
                "execute-api:Invoke",
                &format!("{api}/prod/GET/"),
                "anonymous",
                anonymous,
            ),
            ("dynamodb:Query", table, "anonymous", anonymous),
            (
                "dynamodb:Query",
                &format!("{table}/index/i"),
                "anonymous",
                anonymous,
            ),
            ("dynamodb:Query", &stream, "anonymous", &not_there(&stream)),
            ("sns:Publish", topic, "anonymous", anonymous),
            ("sns:Publish", &longer, "anonymous", &not_there(&longer)),
        ],
    );
}

#[test]
fn resource_control_policies_deny_on_listed_keys_and_never_a_retirement() {
    let mut draft = estate();
    let all = deny_on("kms:*", "*");
    account_mut(&mut draft, OWN).organization = member(vec![everything()], vec![all]);
    let admin = own("role/admin");
    let other = "arn:aws:kms:eu-west-1:111122223333:key/other";
    let of_other = open(&format!("policy of {other}"));
    let denied = "denied authorization-explicit-deny";
    assert_says(
        draft,
        &[
            ("kms:Decrypt", KEY, &admin, denied),
            (
                "kms:RetireGrant",
                KEY,
                &admin,
                &open(&format!("grants of {KEY}")),
            ),
            (
                "kms:Decrypt",
                other,
                &admin,
                &open("resource control policies on kms"),
            ),
            ("kms:RetireGrant", other, &admin, &of_other),
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
    let lines = |draft| {
        let bucket = |arn: &str| open(&format!("bucket of {arn}"));
        assert_says(
            draft,
            &[
                ("s3:GetObject", point, &admin, &bucket(point)),
                ("s3:GetObject", &object, &admin, &bucket(&object)),
            ],
        );
    };
    lines(estate());
    lines(with(point, &[("s3:*", &admin)]));
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
fn what_is_granted_by_other_rules_and_what_to_no_other_account() {
    let queue = "arn:aws:sqs:eu-west-1:111122223333:q";
    let mut draft = with(queue, &[("sqs:*", PARTNER)]);
    add(&mut draft, "arn:aws:s3:::given", &[("s3:*", PARTNER)]);
    let (ann, app) = (own("user/ann"), of(PARTNER, "role/app"));
    let token = "permission for sts:getsessiontoken";
    assert_says(
        draft,
        &[
            ("sts:GetSessionToken", "*", &ann, &open(token)),
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
                SAME,
            ),
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
        ask(RequestWay::Endpoint("vpce".into())),
        "permitted policy-allow"
    );
    assert_eq!(
        ask(RequestWay::Internet),
        "permitted authorization-not-asked"
    );
}

#[test]
fn a_claim_sees_what_is_never_asked_and_never_granted() {
    let mut draft = one_role();
    let barred = own("role/barred");
    principal(&mut draft, &barred, vec![deny_on("*", "*")]);
    let set =
        |action: &str, resource: &str, who: &str| asked(&[action], &[resource], these(&[who]));
    let identity = set("sts:GetCaller*", "*", &barred);
    let permitted = violated(ask(&draft, "c", identity, never()));
    assert_eq!(permitted.action.to_lowercase(), "sts:getcalleridentity");

    let queue = "arn:aws:sqs:eu-west-1:111122223333:q";
    add(&mut draft, queue, &[("sqs:*", PARTNER)]);
    let partner = of(PARTNER, "role/app");
    principal(&mut draft, &partner, vec![everything()]);
    let deletes = set("sqs:DeleteQueue", queue, &partner);
    assert_eq!(ask(&draft, "c", deletes, never()), PROVED);
    let permitted = violated(ask(&draft, "c", set("sqs:*", queue, &partner), never()));
    let solver = Solver::load(&valid(draft));
    let way = RequestWay::Endpoint("vpce".into());
    let permission = solver.permits(&way, &permitted);
    assert_eq!(permission.effect, PermissionEffect::Permitted);
}

#[test]
fn a_claim_tells_accounts_apart_that_are_not_there() {
    let draft = one_role();
    let foreign = PrincipalSet::OfAccounts([FOREIGN.to_owned()].into());
    let deletes = |queue: &str, who| asked(&["sqs:DeleteQueue"], &[queue], who);
    let other = deletes("arn:aws:sqs:eu-west-1:555566667777:q", foreign.clone());
    assert_eq!(ask(&draft, "c", other, never()), PROVED);
    let own = deletes("arn:aws:sqs:eu-west-1:444455556666:q", foreign.clone());
    let reasons = unknown(ask(&draft, "c", own, never()));
    assert_eq!(reasons, [format!("policies of account {FOREIGN}")].into());
    // Of the queues of any account some are of the caller's own, and others are not.
    let any = || deletes("arn:aws:sqs:eu-west-1:*:q", foreign.clone());
    unknown(ask(&draft, "c", any(), never()));
    violated(ask(&draft, "c", any(), Claim::PermittedAll));
    let any = || deletes("arn:aws:sqs:eu-west-1:*:q", PrincipalSet::Every);
    unknown(ask(&draft, "c", any(), never()));
    violated(ask(&draft, "c", any(), Claim::PermittedAll));
}

#[test]
fn a_claim_names_what_is_open_beside_the_policies() {
    let mut draft = two_ways();
    principal(&mut draft, &own("role/app"), vec![]);
    principal(&mut draft, &of(PARTNER, "role/app"), vec![everything()]);
    add(&mut draft, "arn:aws:s3:::listed", &[]);
    last_resource(&mut draft).access_control_lists = true;
    add(&mut draft, "arn:aws:s3:::blocked", &[("s3:Get*", "*")]);
    last_resource(&mut draft).public_access = false;
    let bus = "arn:aws:events:eu-west-1:111122223333:event-bus/b";
    let topic = "arn:aws:sns:eu-west-1:111122223333:t";
    add(&mut draft, bus, &[("events:PutEvents", &own("role/app"))]);
    add(&mut draft, topic, &[("sns:*", PARTNER)]);
    add(&mut draft, KEY, &[]);
    let (app, partner) = (own("role/app"), of(PARTNER, "role/app"));
    for (action, arn, who, hole) in [
        (
            "s3:Get*",
            "arn:aws:s3:::listed/a",
            &app,
            "access control lists of arn:aws:s3:::listed",
        ),
        (
            "s3:Get*",
            "arn:aws:s3:::blocked/a",
            &partner,
            "Block Public Access of arn:aws:s3:::blocked",
        ),
        ("events:PutEvents", bus, &app, "events within an account"),
        ("sns:Publish", topic, &partner, "sns across accounts"),
        (
            "kms:Decrypt",
            KEY,
            &app,
            "grants of arn:aws:kms:eu-west-1:111122223333:key/own",
        ),
        (
            "sts:GetSession*",
            "*",
            &app,
            "permission for sts:getsessiontoken",
        ),
    ] {
        let set = asked(&[action], &[arn], these(&[who]));
        assert_eq!(
            unknown(ask(&draft, "c", set, never())),
            [hole.to_owned()].into(),
            "{action}"
        );
    }
}
