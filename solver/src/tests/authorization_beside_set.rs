//! Claims about what AWS grants, denies and leaves open beside what the table of grants says.

use model::{Claim, Engine, NetworkDraft, PermissionEffect, PrincipalSet, RequestSet, RequestWay};

use super::account::*;
use super::authorization::*;
use super::authorization_beside::add;
use super::authorization_set::{ask, asked, never, one_role, these, two_ways, unknown, violated};
use super::build::*;
use super::policy::*;
use crate::Solver;

#[test]
fn a_claim_tells_a_bucket_from_its_objects() {
    let draft = one_role();
    let of_root = |resource: &str| {
        let root = these(&[&format!("root:{OWN}")]);
        asked(&["s3:GetBucketPolicy"], &[resource], root)
    };
    let bucket = of_root("arn:aws:s3:::logs");
    assert_eq!(ask(&draft, "b", bucket, Claim::PermittedAll), PROVED);
    let all = of_root("arn:aws:s3:::logs*");
    let denied = violated(ask(&draft, "b", all, Claim::PermittedAll));
    assert!(
        denied.resource.starts_with("arn:aws:s3:::logs/"),
        "{denied}"
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
    let way = RequestWay::Endpoint("vpce".into(), None);
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
    let api = "arn:aws:execute-api:eu-west-1:111122223333:api";
    let secret = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:s";
    add(&mut draft, api, &[]);
    add(&mut draft, secret, &[("*", "*")]);
    let anonymous = "anonymous".to_owned();
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
            "execute-api:*",
            "arn:aws:execute-api:eu-west-1:111122223333:api/*",
            &app,
            "authorization of arn:aws:execute-api:eu-west-1:111122223333:api",
        ),
        (
            "secretsmanager:*",
            secret,
            &anonymous,
            "secretsmanager without a signature",
        ),
    ] {
        assert_names(&draft, asked(&[action], &[arn], these(&[who])), hole);
    }
}

fn assert_names(draft: &NetworkDraft, set: RequestSet, hole: &str) {
    let reasons = unknown(ask(draft, "c", set, never()));
    assert_eq!(reasons, [hole.to_owned()].into());
}

#[test]
fn a_claim_names_the_action_that_is_granted_by_other_rules() {
    let mut draft = two_ways();
    let (app, root) = (own("role/app"), format!("root:{OWN}"));
    principal(&mut draft, &app, vec![]);
    let role = own("role/other");
    add(&mut draft, &role, &[]);
    for (action, who, permission) in [
        ("sts:GetSession*", &app, "sts:getsessiontoken"),
        ("iam:ChangePassword", &app, "iam:changepassword"),
        ("cognito-idp:ListUsers", &app, "cognito-idp:listusers"),
        ("sts:AssumeRole", &root, "sts:assumerole"),
    ] {
        let set = asked(&[action], &[&role], these(&[who]));
        assert_names(&draft, set, &format!("permission for {permission}"));
    }
    let by_app = asked(&["sts:AssumeRole"], &[&role], these(&[&app]));
    assert_eq!(ask(&draft, "c", by_app, never()), PROVED);
}
