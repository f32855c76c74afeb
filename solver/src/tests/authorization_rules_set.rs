//! Claims about what the parts do not say for certain, and about the rules before the table.

use model::{Claim, NetworkDraft, PrincipalSet};

use super::account::*;
use super::authorization::*;
use super::authorization_beside::add;
use super::authorization_set::{ask, asked, never, these, two_ways, unknown, violated};
use super::condition::on;
use super::policy::*;

const QUEUE: &str = "arn:aws:sqs:eu-west-1:111122223333:q";
const SERVICE: &str = "arn:aws:vpc-lattice:eu-west-1:111122223333:service/s";
const CLOSED: &str = "arn:aws:execute-api:eu-west-1:111122223333:closed";
const BUCKET: &str = "arn:aws:s3:::given";

/// A member of an organization with a queue, a private API and a bucket for everyone of the partner.
fn with_rules() -> NetworkDraft {
    let mut draft = two_ways();
    let service = vec![everything(), deny_on("support:*", "*")];
    let own_account = account_mut(&mut draft, OWN);
    own_account.organization = member(service, vec![]);
    own_account
        .resources_complete
        .extend(["kms", "events"].map(str::to_owned));
    principal(&mut draft, &own("role/app"), vec![everything()]);
    principal(&mut draft, &of(PARTNER, "role/app"), vec![everything()]);
    let deny = by(deny_on("*", "*"), "*");
    resource(&mut draft, QUEUE, OWN, Some(known(vec![deny])));
    resource(&mut draft, CLOSED, OWN, None);
    resource(&mut draft, SERVICE, OWN, None);
    add(&mut draft, BUCKET, &[("s3:*", PARTNER)]);
    draft
}

#[test]
fn a_claim_names_what_the_rules_leave_open() {
    let draft = with_rules();
    let (root, app) = (format!("root:{OWN}"), own("role/app"));
    let (partner, anonymous) = (of(PARTNER, "role/app"), "anonymous".to_owned());
    let bus = "arn:aws:events:eu-west-1:111122223333:event-bus/b";
    let alias = "arn:aws:kms:eu-west-1:111122223333:alias/a";
    let (policy, key) = (format!("policy of {bus}"), format!("key of {alias}"));
    let (queue, service) = (
        format!("root user of {QUEUE}"),
        format!("authorization of {SERVICE}"),
    );
    for (action, arn, who, hole) in [
        (
            "support:List",
            BUCKET,
            &root,
            "service control policies on support:list",
        ),
        ("sqs:SendMessage", QUEUE, &root, &*queue),
        ("events:PutEvents", bus, &app, &policy),
        (
            "sns:Unsubscribe",
            BUCKET,
            &app,
            "permission for sns:unsubscribe",
        ),
        ("vpc-lattice-svcs:Invoke", SERVICE, &app, &service),
        ("other:Get", BUCKET, &anonymous, "other without a signature"),
        ("kms:Decrypt", alias, &app, &key),
        (
            "s3:PutBucketLogging",
            BUCKET,
            &partner,
            "s3 across accounts",
        ),
    ] {
        let set = || asked(&[action], &[arn], these(&[who]));
        for claim in [never(), Claim::PermittedAll] {
            assert_eq!(
                unknown(ask(&draft, "c", set(), claim)),
                [hole.to_owned()].into()
            );
        }
    }
}

#[test]
fn a_claim_tells_apart_what_the_rules_do() {
    let draft = with_rules();
    let (app, partner) = (own("role/app"), of(PARTNER, "role/app"));
    let set =
        |action: &str, resource: &str, who: &str| asked(&[action], &[resource], these(&[who]));
    let all = |set| ask(&draft, "c", set, Claim::PermittedAll);
    // Objects, but not the bucket.
    assert_eq!(
        all(set("s3:PutBucketLogging", "arn:aws:s3:::given/*", &partner)),
        PROVED
    );
    unknown(all(set(
        "s3:PutBucketLogging",
        "arn:aws:s3:::given*",
        &partner,
    )));
    assert_eq!(all(set("s3:ListBucket*", BUCKET, &partner)), PROVED);
    unknown(all(set("s3:PutBucketL*", BUCKET, &partner)));
    let closed = set(
        "execute-api:*",
        "arn:aws:execute-api:eu-west-1:111122223333:closed/*",
        &app,
    );
    assert_eq!(ask(&draft, "c", closed, never()), PROVED);
    // Of `*` alone, and of who signs, nobody is asked.
    let identity = |who: &str| set("sts:GetCallerIdentity", "?", who);
    let permitted = violated(ask(&draft, "c", identity(&app), never()));
    assert_eq!(permitted.resource, "*");
    unknown(ask(&draft, "c", identity("anonymous"), never()));
    let sessions = unknown(all(set("sts:TagSession", "?", &app)));
    assert!(
        sessions.contains("permission for sts:tagsession"),
        "{sessions:?}"
    );
}

#[test]
fn a_claim_sees_whose_account_calls() {
    let mut draft = two_ways();
    let role = own("role/app");
    principal(&mut draft, &role, vec![]);
    let own_account = on(
        by(allow_on("s3:GetObject", "*"), "*"),
        "StringEquals",
        "kms:CallerAccount",
        &[OWN],
    );
    let of_points = on(
        by(deny_on("s3:PutObject", "*"), "*"),
        "Null",
        "s3:AccessPointNetworkOrigin",
        &["false"],
    );
    let puts = by(allow_on("s3:PutObject", "*"), "*");
    resource(
        &mut draft,
        BUCKET,
        OWN,
        Some(known(vec![own_account, of_points, puts])),
    );
    let of = |action: &str, principals| asked(&[action], &["arn:aws:s3:::given/*"], principals);
    let by_role = of("s3:GetObject", these(&[&role]));
    assert_eq!(ask(&draft, "c", by_role, Claim::PermittedAll), PROVED);
    let others = PrincipalSet::NotOfAccounts([OWN.to_owned()].into());
    assert_eq!(
        ask(&draft, "c", of("s3:GetObject", others), never()),
        PROVED
    );
    let puts = unknown(ask(
        &draft,
        "c",
        of("s3:PutObject", these(&[&role])),
        never(),
    ));
    assert_eq!(puts.len(), 1, "{puts:?}");
}
