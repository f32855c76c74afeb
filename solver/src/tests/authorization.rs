//! Authorization of single requests: each row of the grant, each part that denies, and each source of holes.

use model::{
    Engine, NetworkDraft, Organization, PermissionEffect, PolicyEffect, Request, RequestContext,
    RequestWay, Value,
};

use super::account::*;
use super::build::*;
use super::condition::on;
use super::policy::*;
use crate::Solver;

pub(super) const LOGS: &str = "arn:aws:s3:::logs";
pub(super) const OBJECT: &str = "arn:aws:s3:::logs/a";
pub(super) const KEY: &str = "arn:aws:kms:eu-west-1:111122223333:key/own";

pub(super) fn everything() -> model::Statement {
    allow_on("*", "*")
}

/// S3 by an endpoint that permits everything; two accounts, a bucket and a key of one of them.
pub(super) fn estate() -> NetworkDraft {
    let mut draft = s3(known(vec![everything()]));
    account(&mut draft, OWN);
    account(&mut draft, PARTNER);
    let to = |action: &str, name: &str| by(allow_on(action, "*"), name);
    let policy = vec![
        to("s3:GetObjectTagging", "*"),
        to("s3:PutObject", &own("user/ann")),
        to("s3:PutObject", &own("role/silent")),
        to("s3:PutObject", &own("role/bounded")),
        to("s3:PutObject", &of(PARTNER, "role/app")),
        to("s3:PutObject", &of(FOREIGN, "role/app")),
        to("s3:DeleteObject", &own("assumed-role/bounded/one")),
        to("s3:RestoreObject", OWN),
        to("s3:ListBucketVersions", "federated"),
        to("s3:AbortMultipartUpload", &format!("!{PARTNER}")),
        by(deny_on("s3:*BucketPolicy", "*"), "*"),
    ];
    resource(&mut draft, LOGS, OWN, Some(known(policy)));
    let policy = vec![
        to("kms:Decrypt", OWN),
        to("kms:Sign", &own("role/silent")),
        to("kms:Verify", &own("user/ann")),
    ];
    resource(&mut draft, KEY, OWN, Some(known(policy)));
    principal(&mut draft, &own("user/ann"), vec![]);
    principal(&mut draft, &own("role/silent"), vec![]);
    principal(&mut draft, &own("role/admin"), vec![everything()]);
    principal(&mut draft, &own("role/bounded"), vec![everything()]);
    let boundary = known(vec![allow_on("sqs:*", "*")]);
    last_principal(&mut draft).permissions_boundary = Some(boundary);
    let lists = allow_on("s3:ListBucket", "*");
    principal(&mut draft, &own("assumed-role/admin/short"), vec![lists]);
    principal(&mut draft, &of(PARTNER, "role/app"), vec![everything()]);
    principal(&mut draft, &of(PARTNER, "role/silent"), vec![]);
    draft
}

/// The effect, or the hole, and the clause.
pub(super) fn says(
    solver: &Solver,
    way: &RequestWay,
    action: &str,
    resource: &str,
    caller: &str,
) -> String {
    let request = Request {
        action: action.to_owned(),
        resource: resource.to_owned(),
        principal: who(caller),
        context: RequestContext::new(),
    };
    let permission = solver.permits(way, &request);
    let effect = match permission.effect {
        PermissionEffect::Permitted => "permitted".to_owned(),
        PermissionEffect::Denied => "denied".to_owned(),
        PermissionEffect::Undetermined(hole) => format!("{hole}:"),
    };
    format!("{effect} {}", permission.clause)
}

pub(super) fn assert_says(draft: NetworkDraft, lines: &[(&str, &str, &str, &str)]) {
    let solver = Solver::load(&valid(draft));
    let way = RequestWay::Endpoint("vpce".into(), None);
    for (action, resource, caller, expected) in lines {
        let found = says(&solver, &way, action, resource, caller);
        assert_eq!(found, *expected, "{action} {resource} {caller}");
    }
}

pub(super) const SAME: &str = "permitted authorization-same-account";
pub(super) const NOT_SAME: &str = "denied authorization-same-account";
pub(super) const ANONYMOUS: &str = "permitted authorization-anonymous";
pub(super) const NOT_ANONYMOUS: &str = "denied authorization-anonymous";
pub(super) const ACROSS: &str = "permitted authorization-cross-account";
pub(super) const NOT_ACROSS: &str = "denied authorization-cross-account";
const GRANTS: &str = "grants of arn:aws:kms:eu-west-1:111122223333:key/own: authorization-open";

#[test]
fn who_is_granted_what_within_an_account() {
    let root = format!("root:{OWN}");
    let (ann, admin) = (own("user/ann"), own("role/admin"));
    let (silent, bounded) = (own("role/silent"), own("role/bounded"));
    let (one, other) = (
        own("assumed-role/bounded/one"),
        own("assumed-role/bounded/x"),
    );
    let short = own("assumed-role/admin/short");
    assert_says(
        estate(),
        &[
            ("s3:GetObject", OBJECT, &root, SAME),
            ("kms:Sign", KEY, &root, GRANTS),
            ("kms:Decrypt", KEY, &root, SAME),
            ("kms:ListKeys", "*", &root, SAME),
            ("s3:GetObject", OBJECT, &admin, SAME),
            ("s3:GetObject", OBJECT, &silent, NOT_SAME),
            ("s3:GetObject", OBJECT, &own("role/unlisted"), NOT_SAME),
            ("s3:PutObject", OBJECT, &ann, SAME),
            ("s3:PutObject", OBJECT, &silent, SAME),
            // The boundary limits what is granted to a role, and not what is granted to its session or to everyone.
            ("s3:PutObject", OBJECT, &bounded, NOT_SAME),
            ("s3:DeleteObject", OBJECT, &one, SAME),
            ("s3:DeleteObject", OBJECT, &other, NOT_SAME),
            ("s3:GetObjectTagging", OBJECT, &bounded, SAME),
            ("s3:RestoreObject", OBJECT, &silent, NOT_SAME),
            ("s3:ListBucket", LOGS, &short, SAME),
            ("s3:GetObject", OBJECT, &short, NOT_SAME),
            (
                "s3:GetObject",
                OBJECT,
                &own("assumed-role/admin/long"),
                SAME,
            ),
            ("kms:Decrypt", KEY, &admin, SAME),
            ("KMS:decrypt", KEY, &ann, GRANTS),
            ("kms:Verify", KEY, &ann, SAME),
            ("kms:Sign", KEY, &silent, SAME),
            ("kms:Sign", KEY, &admin, GRANTS),
            ("kms:ListKeys", "*", &admin, SAME),
        ],
    );
}

#[test]
fn who_is_granted_what_between_accounts_and_without_a_signature() {
    let root = format!("root:{PARTNER}");
    let (app, silent) = (of(PARTNER, "role/app"), of(PARTNER, "role/silent"));
    assert_says(
        estate(),
        &[
            ("s3:PutObject", OBJECT, &app, ACROSS),
            ("s3:GetObject", OBJECT, &app, NOT_ACROSS),
            ("s3:GetObjectTagging", OBJECT, &silent, NOT_ACROSS),
            ("s3:GetObjectTagging", OBJECT, &root, ACROSS),
            ("s3:RestoreObject", OBJECT, &root, NOT_ACROSS),
            ("kms:Decrypt", KEY, &app, GRANTS),
            ("s3:GetObjectTagging", OBJECT, "anonymous", ANONYMOUS),
            ("s3:PutObject", OBJECT, "anonymous", NOT_ANONYMOUS),
            ("s3:ListBuckets", "*", "anonymous", NOT_ANONYMOUS),
        ],
    );
}

#[test]
fn each_part_denies_but_not_the_root_user_of_the_bucket() {
    let denied = "denied authorization-explicit-deny";
    let mut draft = estate();
    let service = vec![everything(), deny_on("s3:GetObjectAcl", "*")];
    let resource = vec![deny_on("s3:PutObjectAcl", "*"), deny_on("events:*", "*")];
    account_mut(&mut draft, OWN).organization = member(service, resource);
    principal(
        &mut draft,
        &own("role/less"),
        vec![everything(), deny_on("s3:PutObject", "*")],
    );
    let (less, admin, root) = (own("role/less"), own("role/admin"), format!("root:{OWN}"));
    let events = "arn:aws:events:eu-west-1:111122223333:rule/r";
    let linked = own("role/aws-service-role/x/y");
    assert_says(
        draft,
        &[
            ("s3:GetObjectAcl", OBJECT, &admin, denied),
            ("s3:PutObjectAcl", OBJECT, &admin, denied),
            ("s3:PutObjectAcl", OBJECT, "anonymous", denied),
            ("s3:PutObjectAcl", OBJECT, &linked, NOT_SAME),
            ("s3:PutObject", OBJECT, &less, denied),
            ("s3:GetBucketPolicy", LOGS, &admin, denied),
            ("s3:GetBucketPolicy", LOGS, &root, SAME),
            ("s3:GetObject", OBJECT, &less, SAME),
            (
                "Events:PutRule",
                events,
                &root,
                "resource control policies on events: authorization-open",
            ),
        ],
    );
}

#[test]
fn every_level_of_service_control_policies_is_to_allow() {
    let denied = "denied authorization-service-control-policy";
    let mut draft = estate();
    account_mut(&mut draft, OWN).organization = Organization::Member {
        service_control_policies: vec![
            vec![known(vec![everything()])],
            vec![known(vec![]), known(vec![allow_on("s3:*", "*")])],
        ],
        resource_control_policies: vec![],
    };
    account_mut(&mut draft, PARTNER).organization = Organization::Management;
    let (admin, root) = (own("role/admin"), format!("root:{OWN}"));
    assert_says(
        draft,
        &[
            ("s3:GetObject", OBJECT, &admin, SAME),
            ("sqs:ListQueues", "*", &admin, denied),
            ("sqs:ListQueues", "*", &root, denied),
            ("sqs:ListQueues", "*", &of(PARTNER, "role/app"), SAME),
        ],
    );
}

#[test]
fn what_the_input_does_not_say_of_callers() {
    let foreign = of(FOREIGN, "role/app");
    let of_foreign = "policies of account 444455556666: authorization-open";
    let unlisted = own("role/unlisted");
    let of_unlisted = format!("policies of {unlisted}: authorization-open");
    let federated = "arn:aws:sts::111122223333:federated-user/bob";
    let of_federated = format!("policies of {federated}: authorization-open");
    let session = own("assumed-role/nobody/one");
    let of_session = format!("policies of {session}: authorization-open");
    let mut draft = estate();
    account_mut(&mut draft, OWN).principals_complete = false;
    account_mut(&mut draft, PARTNER).organization = Organization::Unknown(hole("organization"));
    assert_says(
        draft,
        &[
            ("s3:PutObject", OBJECT, &foreign, of_foreign),
            ("s3:GetObject", OBJECT, &foreign, NOT_ACROSS),
            (
                "s3:GetObjectTagging",
                OBJECT,
                "root:444455556666",
                of_foreign,
            ),
            ("s3:GetObject", OBJECT, &unlisted, &of_unlisted),
            ("s3:GetObject", OBJECT, federated, &of_federated),
            ("s3:GetObject", OBJECT, &session, &of_session),
            (
                "s3:PutObject",
                OBJECT,
                &of(PARTNER, "role/app"),
                "organization: authorization-open",
            ),
            (
                "s3:PutObject",
                OBJECT,
                &of(PARTNER, "role/silent"),
                NOT_ACROSS,
            ),
        ],
    );
}

#[test]
fn what_the_input_does_not_say_of_resources() {
    let admin = own("role/admin");
    let silent = own("role/silent");
    let queue = "arn:aws:sqs:eu-west-1:111122223333:q";
    let foreign = "arn:aws:sqs:eu-west-1:444455556666:q";
    let mut draft = estate();
    resource(
        &mut draft,
        "arn:aws:s3:::logs/hidden",
        OWN,
        Some(Value::Any(hole("it"))),
    );
    resource(&mut draft, "arn:aws:s3:::theirs", PARTNER, None);
    account_mut(&mut draft, PARTNER).organization = Organization::Unknown(hole("organization"));
    assert_says(
        draft,
        &[
            (
                "s3:GetObject",
                "arn:aws:s3:::other/a",
                &admin,
                "owner of arn:aws:s3:::other/a: authorization-open",
            ),
            (
                "s3:GetObject",
                "other",
                "anonymous",
                "owner of other: authorization-open",
            ),
            (
                "sqs:SendMessage",
                queue,
                &admin,
                "policy of arn:aws:sqs:eu-west-1:111122223333:q: authorization-open",
            ),
            (
                "sqs:SendMessage",
                foreign,
                &admin,
                "policies of account 444455556666: authorization-open",
            ),
            ("sqs:SendMessage", foreign, &silent, NOT_ACROSS),
            (
                "s3:GetObject",
                "arn:aws:s3:::logs/hidden/a",
                &admin,
                "it: authorization-open",
            ),
            ("s3:GetObject", "arn:aws:s3:::logs/hiddena", &admin, SAME),
            (
                "s3:GetObject",
                "arn:aws:s3:::theirs",
                &format!("root:{PARTNER}"),
                "organization: authorization-open",
            ),
            ("s3:GetObject", "arn:aws:s3:::theirs", &admin, NOT_ACROSS),
        ],
    );
}

#[test]
fn what_principal_elements_leave_open() {
    let bounded = own("role/bounded");
    let ann = own("user/ann");
    assert_says(
        estate(),
        &[
            (
                "s3:DeleteObject",
                OBJECT,
                &bounded,
                "session of arn:aws:iam::111122223333:role/bounded: authorization-open",
            ),
            (
                "s3:ListBucketVersions",
                LOGS,
                "anonymous",
                "federated caller: authorization-open",
            ),
            ("s3:ListBucketVersions", LOGS, &ann, NOT_SAME),
            (
                "s3:AbortMultipartUpload",
                OBJECT,
                &ann,
                "Allow with NotPrincipal: authorization-open",
            ),
            ("s3:AbortMultipartUpload", OBJECT, &own("role/admin"), SAME),
        ],
    );
}

#[test]
fn documents_that_are_open_come_in_their_order() {
    let mut draft = estate();
    let unlike = |action: &str, operator: &str| {
        on(
            allow_on(action, "*"),
            operator,
            "aws:PrincipalOrgID",
            &["o"],
        )
    };
    principal(&mut draft, &own("role/open"), vec![]);
    last_principal(&mut draft).identity_policies = vec![
        known(vec![
            unlike("s3:*", "StringResembles"),
            unlike("s3:*", "NumericResembles"),
        ]),
        Value::OneOf(
            vec![
                document(vec![allow_on("s3:Get*", "*")]),
                document(vec![allow_on("s3:GetObject", "*")]),
            ],
            hole("one of two"),
        ),
    ];
    principal(&mut draft, &own("role/unknown"), vec![]);
    last_principal(&mut draft).identity_policies = vec![Value::Any(hole("inline policy"))];
    let (open, unknown) = (own("role/open"), own("role/unknown"));
    let first = "StringResembles aws:PrincipalOrgID: authorization-open";
    assert_says(
        draft,
        &[
            ("s3:GetObject", OBJECT, &open, SAME),
            ("s3:GetObjectAcl", OBJECT, &open, first),
            ("s3:PutObject", OBJECT, &open, first),
            ("sqs:ListQueues", "*", &open, NOT_SAME),
            (
                "s3:GetObject",
                OBJECT,
                &unknown,
                "inline policy: authorization-open",
            ),
            ("s3:PutObject", OBJECT, &own("role/silent"), SAME),
        ],
    );
}

#[test]
fn the_endpoint_denies_first_and_is_open_before_the_accounts_are() {
    let org = |effect, action: &str| {
        on(
            statement(effect, action, "*"),
            "StringResembles",
            "aws:PrincipalOrgID",
            &["o"],
        )
    };
    let mut draft = estate();
    draft.vpc_endpoints[0].policy = known(vec![
        everything(),
        deny_on("s3:DeleteBucket", "*"),
        org(PolicyEffect::Deny, "s3:PutObject"),
    ]);
    let (silent, ann) = (own("role/silent"), own("role/admin"));
    let open = "StringResembles aws:PrincipalOrgID: policy-open";
    assert_says(
        draft.clone(),
        &[
            (
                "s3:DeleteBucket",
                LOGS,
                &silent,
                "denied policy-explicit-deny",
            ),
            ("s3:PutObject", OBJECT, &silent, open),
            (
                "s3:PutObject",
                OBJECT,
                &of(PARTNER, "role/silent"),
                NOT_ACROSS,
            ),
            ("s3:GetObject", OBJECT, &ann, SAME),
        ],
    );
    let solver = Solver::load(&valid(draft));
    let ask = |way| says(&solver, &way, "s3:GetObject", OBJECT, &silent);
    assert_eq!(
        ask(RequestWay::EndpointPolicy("vpce".into())),
        "permitted policy-allow"
    );
    assert_eq!(ask(RequestWay::Internet(None)), NOT_SAME);
}

#[test]
fn keys_of_the_path_over_the_internet() {
    let mut draft = estate();
    let null = |key: &str, action: &str| on(allow_on(action, "*"), "Null", key, &["true"]);
    let statements = vec![
        null("aws:SourceVpce", "s3:a"),
        null("aws:VpceAccount", "s3:b"),
        null("aws:SourceAccount", "s3:c"),
        null("aws:SourceIp", "s3:d"),
    ];
    principal(&mut draft, &own("role/keys"), statements);
    let solver = Solver::load(&valid(draft));
    let keys = own("role/keys");
    let by_endpoint = RequestWay::Endpoint("vpce".into(), None);
    for (action, over_internet, by_an_endpoint) in [
        ("s3:a", SAME, NOT_SAME),
        ("s3:b", SAME, "Null aws:VpceAccount: authorization-open"),
        ("s3:c", SAME, SAME),
        ("s3:d", "Null aws:SourceIp: authorization-open", SAME),
    ] {
        let ask = |way: &RequestWay| says(&solver, way, action, LOGS, &keys);
        assert_eq!(ask(&RequestWay::Internet(None)), over_internet, "{action}");
        assert_eq!(ask(&by_endpoint), by_an_endpoint, "{action}");
    }
}

#[test]
fn without_accounts_nothing_more_is_asked() {
    let solver = Solver::load(&valid(s3(known(vec![everything()]))));
    let ask = |way| says(&solver, &way, "s3:GetObject", OBJECT, "anonymous");
    assert_eq!(
        ask(RequestWay::Endpoint("vpce".into(), None)),
        "permitted policy-allow"
    );
    assert_eq!(
        ask(RequestWay::Internet(None)),
        "permitted authorization-not-asked"
    );
}
