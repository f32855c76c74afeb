//! What the parts do not say for certain, and which rules come before the table.

use model::{Hole, NetworkDraft, Organization};

use super::account::*;
use super::authorization::*;
use super::authorization_beside::add;
use super::condition::on;
use super::policy::*;

fn open(hole: &str) -> String {
    format!("{hole}: authorization-open")
}

const DENIED: &str = "denied authorization-explicit-deny";
const LIMITED: &str = "denied authorization-service-control-policy";

#[test]
fn root_users_are_limited_in_part() {
    let mut draft = estate();
    let service = vec![allow_on("ec2:*", "*"), deny_on("support:*", "*")];
    account_mut(&mut draft, OWN).organization = member(service, vec![]);
    account_mut(&mut draft, PARTNER).organization = Organization::Unknown(Hole::new("unsaid"));
    let (root, admin) = (format!("root:{OWN}"), own("role/admin"));
    let limits = |action: &str| open(&format!("service control policies on {action}"));
    assert_says(
        draft,
        &[
            (
                "Support:DescribeCases",
                "*",
                &root,
                &limits("support:describecases"),
            ),
            ("support:DescribeCases", "*", &admin, DENIED),
            ("cloudfront:List", "*", &root, &limits("cloudfront:list")),
            ("cloudfront:List", "*", &admin, LIMITED),
            ("route53:List", "*", &root, LIMITED),
            ("ec2:ResetAddressAttribute", "*", &root, SAME),
            (
                "support:List",
                "*",
                &format!("root:{PARTNER}"),
                &open("unsaid"),
            ),
        ],
    );
}

#[test]
fn what_a_document_leaves_open_is_of_the_limit() {
    let mut draft = estate();
    let maybe = on(deny_on("*", "*"), "StringEquals", "aws:VpceAccount", &["1"]);
    account_mut(&mut draft, OWN).organization = member(vec![everything(), maybe], vec![]);
    let root = format!("root:{OWN}");
    let hole = open("service control policies on support:list");
    let own_hole = open("StringEquals aws:VpceAccount");
    assert_says(
        draft,
        &[
            ("support:List", "*", &root, &hole),
            ("route53:List", "*", &root, &own_hole),
        ],
    );
}

const QUEUE: &str = "arn:aws:sqs:eu-west-1:111122223333:q";

#[test]
fn what_the_policy_of_a_queue_denies_its_root_user_is_open() {
    let mut draft = estate();
    let deny = by(deny_on("*", "*"), "*");
    resource(&mut draft, QUEUE, OWN, Some(known(vec![deny])));
    let root = format!("root:{OWN}");
    let spared = open(&format!("root user of {QUEUE}"));
    assert_says(
        draft,
        &[
            ("sqs:SendMessage", QUEUE, &root, &spared),
            ("sns:Publish", QUEUE, &root, DENIED),
            ("sqs:SendMessage", QUEUE, &own("role/admin"), DENIED),
            ("sqs:SendMessage", QUEUE, &format!("root:{PARTNER}"), DENIED),
        ],
    );
}

#[test]
fn policies_of_other_services_may_stand_elsewhere() {
    let mut draft = estate();
    let services = ["sqs", "events"].map(str::to_owned);
    account_mut(&mut draft, OWN)
        .resources_complete
        .extend(services);
    let admin = own("role/admin");
    let bus = "arn:aws:events:eu-west-1:111122223333:event-bus/b";
    let point = "arn:aws:s3-outposts:eu-west-1:111122223333:outpost/o/accesspoint/p";
    add(&mut draft, point, &[("*", "*")]);
    assert_says(
        draft,
        &[
            ("sqs:SendMessage", QUEUE, &admin, SAME),
            (
                "events:PutEvents",
                bus,
                &admin,
                &open(&format!("policy of {bus}")),
            ),
            (
                "s3:GetObject",
                point,
                &admin,
                &open(&format!("bucket of {point}")),
            ),
            // An object that is called so is of a bucket.
            (
                "s3:GetObject",
                "arn:aws:s3:::logs/accesspoint/p",
                &admin,
                SAME,
            ),
        ],
    );
}

#[test]
fn of_some_actions_the_parts_say_nothing() {
    let mut draft = estate();
    let all = vec![deny_on("*", "*")];
    account_mut(&mut draft, OWN).organization = member(all.clone(), vec![]);
    principal(&mut draft, &own("role/barred"), all);
    let barred = own("role/barred");
    let topic = "arn:aws:sns:eu-west-1:111122223333:t";
    let permission = |action: &str| open(&format!("permission for {action}"));
    assert_says(
        draft,
        &[
            (
                "sts:GetSessionToken",
                "*",
                &barred,
                &permission("sts:getsessiontoken"),
            ),
            (
                "sns:Unsubscribe",
                topic,
                &barred,
                &permission("sns:unsubscribe"),
            ),
            (
                "sns:ConfirmSubscription",
                topic,
                "anonymous",
                &permission("sns:confirmsubscription"),
            ),
            (
                "cognito-idp:SignUp",
                "*",
                &barred,
                &permission("cognito-idp:signup"),
            ),
            (
                "cognito-idp:SignUp",
                "nothing",
                &barred,
                &open("owner of nothing"),
            ),
            ("sts:GetFederationToken", "*", &barred, DENIED),
        ],
    );
}

#[test]
fn a_role_is_assumed_where_one_is_called() {
    let role = own("role/silent");
    let mut draft = estate();
    add(&mut draft, &role, &[("sts:*", "*")]);
    let admin = own("role/admin");
    let permission = |action: &str| open(&format!("permission for {action}"));
    assert_says(
        draft,
        &[
            (
                "sts:AssumeRoleWithSAML",
                "*",
                &admin,
                &permission("sts:assumerolewithsaml"),
            ),
            ("sts:TagSession", "*", &admin, &permission("sts:tagsession")),
            (
                "sts:SetSourceIdentity",
                "*",
                &admin,
                &permission("sts:setsourceidentity"),
            ),
            ("sts:AssumeRoleWithSAML", &role, &admin, SAME),
            ("sts:GetAccessKeyInfo", "*", &admin, SAME),
            // Only of `*`, and of who signs, nobody is asked.
            ("sts:GetCallerIdentity", "*", "anonymous", NOT_ANONYMOUS),
            (
                "sts:GetCallerIdentity",
                "*",
                &own("role/silent"),
                "permitted policy-allow",
            ),
            (
                "sts:GetCallerIdentity",
                "arn:aws:s3:::logs",
                &own("user/ann"),
                NOT_SAME,
            ),
        ],
    );
}

/// The estate with a private API, a service, and a bucket with access control lists.
fn with_apis() -> NetworkDraft {
    let mut draft = estate();
    resource(&mut draft, CLOSED, OWN, None);
    resource(&mut draft, SERVICE, OWN, None);
    add(&mut draft, "arn:aws:s3:::listed", &[]);
    last_resource(&mut draft).access_control_lists = true;
    draft
}

const SERVICE: &str = "arn:aws:vpc-lattice:eu-west-1:111122223333:service/s";
const CLOSED: &str = "arn:aws:execute-api:eu-west-1:111122223333:closed";

#[test]
fn apis_authorize_by_more_than_policies() {
    let admin = own("role/admin");
    let other = "arn:aws:execute-api:eu-west-1:111122223333:other/prod/GET/";
    let of = |arn: &str| open(&format!("authorization of {arn}"));
    assert_says(
        with_apis(),
        &[
            (
                "execute-api:Invoke",
                &format!("{CLOSED}/prod/GET/"),
                &admin,
                NOT_SAME,
            ),
            (
                "execute-api:Invoke",
                &format!("{CLOSED}/prod/GET/"),
                "anonymous",
                NOT_ANONYMOUS,
            ),
            (
                "execute-api:Invoke",
                other,
                &admin,
                &open(&format!("policy of {other}")),
            ),
            (
                "vpc-lattice-svcs:Invoke",
                SERVICE,
                "anonymous",
                &of(SERVICE),
            ),
            (
                "execute-api:Invoke",
                "arn:aws:s3:::listed",
                &admin,
                &of("arn:aws:s3:::listed"),
            ),
        ],
    );
}

#[test]
fn what_is_not_signed_and_what_is_an_alias_is_open_before_the_table() {
    let alias = "arn:aws:kms:eu-west-1:111122223333:alias/a";
    let admin = own("role/admin");
    assert_says(
        estate(),
        &[
            (
                "other:Get",
                "*",
                "anonymous",
                &open("other without a signature"),
            ),
            ("dynamodb:ListTables", "*", "anonymous", NOT_ANONYMOUS),
            (
                "kms:Decrypt",
                alias,
                &admin,
                &open(&format!("policy of {alias}")),
            ),
        ],
    );
    let mut draft = estate();
    account_mut(&mut draft, OWN)
        .resources_complete
        .insert("kms".to_owned());
    let key = open(&format!("key of {alias}"));
    assert_says(
        draft,
        &[
            ("kms:Decrypt", alias, &admin, &key),
            ("kms:Decrypt", alias, &own("role/silent"), &key),
        ],
    );
}

#[test]
fn of_a_bucket_little_is_granted_across_accounts() {
    let mut draft = estate();
    add(&mut draft, "arn:aws:s3:::given", &[("*", PARTNER)]);
    let app = of(PARTNER, "role/app");
    let across = open("s3 across accounts");
    assert_says(
        draft,
        &[
            ("s3:GetBucketLocation", "arn:aws:s3:::given", &app, ACROSS),
            ("s3:ListBucketVersions", "arn:aws:s3:::given", &app, ACROSS),
            ("s3:PutBucketLogging", "arn:aws:s3:::given", &app, &across),
            ("s3:PutBucketLogging", "arn:aws:s3:::given/a", &app, ACROSS),
            (
                "s3:PutBucketLogging",
                "arn:aws:s3:::given",
                &own("role/admin"),
                SAME,
            ),
        ],
    );
}

#[test]
fn one_allow_is_enough_for_some_actions_on_tables() {
    let table = "arn:aws:dynamodb:eu-west-1:111122223333:table/t";
    let silent = own("role/silent");
    let mut draft = estate();
    add(&mut draft, table, &[("dynamodb:*", &silent)]);
    assert_says(
        draft,
        &[
            ("dynamodb:Query", table, &silent, SAME),
            (
                "dynamodb:TagResource",
                table,
                &silent,
                &open("dynamodb within an account"),
            ),
        ],
    );
}

#[test]
fn keys_that_are_always_open_and_the_account_of_the_caller() {
    let mut draft = estate();
    let is = |action: &str, key: &str, value: &str| {
        let statement = by(allow_on(action, "*"), "*");
        on(statement, "StringEquals", key, &[value])
    };
    let policy = vec![
        is("s3:GetObject", "kms:CallerAccount", OWN),
        is("s3:PutObject", "aws:SourceOwner", OWN),
        is("s3:DeleteObject", "s3:DataAccessPointArn", "x"),
    ];
    resource(&mut draft, "arn:aws:s3:::asks", OWN, Some(known(policy)));
    let (silent, object) = (own("role/silent"), "arn:aws:s3:::asks/a");
    let app = of(PARTNER, "role/app");
    let owner = open("StringEquals aws:SourceOwner");
    let point = open("StringEquals s3:DataAccessPointArn");
    assert_says(
        draft,
        &[
            ("s3:GetObject", object, &silent, SAME),
            ("s3:GetObject", object, &app, NOT_ACROSS),
            ("s3:GetObject", object, "anonymous", NOT_ANONYMOUS),
            ("s3:PutObject", object, &silent, &owner),
            ("s3:DeleteObject", object, &silent, &point),
        ],
    );
}
