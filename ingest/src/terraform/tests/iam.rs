//! Users, roles, and resources with policies.

mod existing;
mod layers_differ;
mod order;

use std::collections::BTreeSet;

use model::{
    Account, ActionElement, Hole, IamPrincipal, Organization, Policy, ResourcePolicy, Value,
};

use super::*;
use crate::diagnostic::Place;
use crate::doubt::Touches;
use crate::native;
use crate::policy;

const READS: &str =
    r#"{"Statement": {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}}"#;
const DENIES: &str = r#"{"Statement": {"Effect": "Deny", "Action": "*", "Resource": "*"}}"#;
const TRUST: &str = r#"{"Statement": {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}}"#;
const PUBLIC: &str =
    r#"{"Statement": {"Effect": "Allow", "Principal": "*", "Action": "s3:*", "Resource": "*"}}"#;
const APP: &str = "arn:aws:iam::111122223333:role/team/app";

/// A plan that knows its account, and the role `team/app`.
fn with_role() -> Plan {
    with_account().create(
        "aws_iam_role.app",
        json!({"name": "app", "path": "/team/", "assume_role_policy": TRUST}),
        &[("inline_policy", &[]), ("managed_policy_arns", &[])],
    )
}

fn with_account() -> Plan {
    let identity =
        json!({"account_id": "111122223333", "arn": "arn:aws:iam::111122223333:user/ci"});
    let mut plan = Plan::default().data("data.aws_caller_identity.current", identity);
    plan.declarations.push(json!({
        "address": "data.aws_caller_identity.current",
        "provider_config_key": "aws",
        "expressions": {},
    }));
    plan
}

const OF_APP: (&str, &[&str]) = ("role", &["aws_iam_role.app.id", "aws_iam_role.app"]);

fn known(text: &str) -> Value<Policy> {
    let read = policy::read_text(text, policy::Of::Identity, &Place::file("x"));
    Value::Known(read.unwrap())
}

fn open(attribute: &str) -> Value<Policy> {
    Value::Any(Hole::new(attribute))
}

fn policies(outcome: &Outcome, arn: &str) -> Vec<Value<Policy>> {
    outcome.get::<IamPrincipal>(arn).identity_policies
}

#[test]
fn a_role_has_what_is_attached_to_it() {
    let plan = with_role()
        .create(
            "aws_iam_role_policy.in",
            json!({"name": "in", "policy": READS}),
            &[OF_APP],
        )
        .create(
            "aws_iam_policy.own",
            json!({"name": "own", "policy": DENIES}),
            &[("arn", &[])],
        )
        .create(
            "aws_iam_role_policy_attachment.own",
            json!({"role": "app"}),
            &[(
                "policy_arn",
                &["aws_iam_policy.own.arn", "aws_iam_policy.own"],
            )],
        )
        .create(
            "aws_iam_role_policy_attachment.aws",
            json!({"policy_arn": "arn:aws:iam::aws:policy/ReadOnlyAccess"}),
            &[OF_APP],
        );
    let outcome = plan.read();
    outcome.network();
    let mut found = policies(&outcome, APP);
    found.sort_by_key(|policy| format!("{policy:?}"));
    let mut expected = vec![
        known(READS),
        known(DENIES),
        open("policy arn:aws:iam::aws:policy/ReadOnlyAccess"),
    ];
    expected.sort_by_key(|policy| format!("{policy:?}"));
    assert_eq!(found, expected);
    let account = outcome.get::<Account>("111122223333");
    assert!(!account.principals_complete && account.resources_complete.is_empty());
    assert_eq!(
        account.organization,
        Organization::Unknown(Hole::new("organization of account 111122223333"))
    );
    let trust = outcome.get::<ResourcePolicy>(APP).policy.unwrap();
    assert!(matches!(trust, Value::Known(_)));
}

#[test]
fn what_is_not_known_is_open_by_its_attribute() {
    let data: &[&str] = &[
        "data.aws_iam_policy_document.x.json",
        "data.aws_iam_policy_document.x",
    ];
    let plan = with_account()
        .create(
            "aws_iam_role.app",
            json!({"name": "app", "path": "/team/"}),
            &[
                ("assume_role_policy", data),
                ("permissions_boundary", &["var.boundary"]),
            ],
        )
        .create(
            "aws_iam_role_policy.in",
            json!({"name": "in"}),
            &[OF_APP, ("policy", data)],
        )
        .create(
            "aws_iam_role_policy.any",
            json!({"name": "any", "policy": READS}),
            &[("role", &["local.role"])],
        );
    let outcome = plan.read();
    outcome.network();
    let found = policies(&outcome, APP);
    assert_eq!(
        found,
        [
            open("aws_iam_role_policy.any.role"),
            open("aws_iam_role_policy.in.policy")
        ]
    );
    let boundary = outcome.get::<IamPrincipal>(APP).permissions_boundary;
    let hole = open("aws_iam_role.app.permissions_boundary");
    assert_eq!(boundary, Some(hole.clone()));
    let unset = &[("permissions_boundary", &[][..])];
    let role = json!({"name": "app", "path": "/team/", "assume_role_policy": TRUST});
    let unset = with_account().create("aws_iam_role.app", role, unset);
    let boundary = unset.read().get::<IamPrincipal>(APP).permissions_boundary;
    assert_eq!(boundary, Some(hole));
    let trust = outcome.get::<ResourcePolicy>(APP).policy;
    assert_eq!(trust, Some(open("aws_iam_role.app.assume_role_policy")));
}

#[test]
fn without_an_account_a_role_is_left_out() {
    let values = json!({"name": "app", "assume_role_policy": TRUST});
    let outcome = Plan::default()
        .create("aws_iam_role.app", values, &[])
        .read();
    assert_eq!(
        outcome.messages(),
        [
            "`aws_iam_role.app`: the policies of a role whose account or name is not known is not modelled"
        ]
    );
    assert!(outcome.draft.accounts.is_empty());
    let values = json!({"assume_role_policy": TRUST});
    let outcome = with_account()
        .create("aws_iam_role.app", values, &[("name", &[])])
        .read();
    assert_eq!(outcome.codes(), [Code::NotModelled]);
}

#[test]
fn a_change_takes_policies_away() {
    let inline = json!([{"name": "in", "policy": READS}, {"name": "other", "policy": DENIES}]);
    let arns = json!(["arn:aws:iam::aws:policy/A", "arn:aws:iam::aws:policy/B"]);
    let role = json!({"id": "app", "name": "app", "arn": APP, "assume_role_policy": TRUST,
        "inline_policy": inline, "managed_policy_arns": arns});
    let plan = Plan::default()
        .existing("aws_iam_role.app", role)
        .deleted(
            "aws_iam_role_policy.in",
            json!({"role": "app", "name": "in", "policy": READS}),
        )
        .deleted(
            "aws_iam_role_policy_attachment.a",
            json!({"role": "app", "policy_arn": "arn:aws:iam::aws:policy/A"}),
        );
    let outcome = plan.read();
    outcome.network();
    let found = policies(&outcome, APP);
    assert_eq!(
        found,
        [known(DENIES), open("policy arn:aws:iam::aws:policy/B")]
    );
}

#[test]
fn what_removes_policies_leaves_all_of_them_open() {
    let plan = with_role()
        .create(
            "aws_iam_role_policy.in",
            json!({"name": "in", "policy": READS}),
            &[OF_APP],
        )
        .create(
            "aws_iam_role_policies_exclusive.x",
            json!({"role_name": "app", "policy_names": []}),
            &[],
        );
    let outcome = plan.read();
    assert_eq!(
        policies(&outcome, APP),
        [open("aws_iam_role_policies_exclusive.x")]
    );
}

#[test]
fn a_user_has_the_policies_of_its_groups() {
    let plan = with_account()
        .create("aws_iam_user.ann", json!({"name": "ann"}), &[])
        .create("aws_iam_group.staff", json!({"name": "staff"}), &[])
        .create(
            "aws_iam_group_policy.in",
            json!({"group": "staff", "name": "in", "policy": READS}),
            &[],
        )
        .create(
            "aws_iam_user_policy.in",
            json!({"user": "ann", "name": "in", "policy": DENIES}),
            &[],
        )
        .create(
            "aws_iam_user_group_membership.ann",
            json!({"user": "ann", "groups": ["staff", "others"]}),
            &[],
        );
    let outcome = plan.read();
    outcome.network();
    let found = policies(&outcome, "arn:aws:iam::111122223333:user/ann");
    assert_eq!(
        found,
        [
            known(DENIES),
            known(READS),
            open("policies of group others")
        ]
    );
}

#[test]
fn resources_are_called_by_their_arns() {
    let with = |values: Json| {
        let mut values = values;
        values["policy"] = json!(PUBLIC);
        values
    };
    let plan = with_account()
        .create("aws_s3_bucket.logs", json!({"bucket": "logs"}), &[("policy", &[])])
        .create(
            "aws_s3_bucket_policy.logs",
            json!({"policy": PUBLIC}),
            &[("bucket", &["aws_s3_bucket.logs.id", "aws_s3_bucket.logs"])],
        )
        .create("aws_s3_bucket_policy.old", with(json!({"bucket": "old"})), &[])
        .create("aws_sqs_queue.jobs", with(json!({"name": "jobs"})), &[])
        .create("aws_sqs_queue.plain", json!({"name": "plain"}), &[("policy", &[])])
        .create(
            "aws_sqs_queue_policy.old",
            with(json!({"queue_url": "https://sqs.eu-west-1.amazonaws.com/111122223333/old"})),
            &[],
        )
        .create("aws_sns_topic.news", json!({"name": "news"}), &[("policy", &[])])
        .existing(
            "aws_secretsmanager_secret.db",
            with(json!({"id": "x", "arn": "arn:aws:secretsmanager:eu-west-1:111122223333:secret:db-1"})),
        )
        .existing("aws_kms_key.k", json!({"key_id": "1", "arn": "arn:aws:kms:eu-west-1:111122223333:key/1"}))
        .existing(
            "aws_api_gateway_rest_api.shut",
            json!({"id": "a1", "endpoint_configuration": [{"types": ["PRIVATE"]}]}),
        );
    let outcome = plan.read();
    let network = outcome.network();
    let text: Vec<_> = network
        .resource_policies()
        .iter()
        .map(|(id, resource)| match &resource.policy {
            None => format!("{id} none"),
            Some(Value::Known(policy)) => match &policy.statements[0].action {
                ActionElement::Action(names) => format!("{id} {}", names.join(" ")),
                ActionElement::NotAction(names) => format!("{id} not {}", names.join(" ")),
            },
            Some(Value::Any(hole)) => format!("{id} ? {}", hole.attribute()),
            Some(Value::OneOf(..)) => format!("{id} one of"),
        })
        .collect();
    assert_eq!(
        text,
        [
            "arn:aws:execute-api:ap-northeast-1:111122223333:a1 none",
            "arn:aws:kms:eu-west-1:111122223333:key/1 kms:*",
            "arn:aws:s3:::logs s3:*",
            "arn:aws:s3:::old s3:*",
            "arn:aws:secretsmanager:eu-west-1:111122223333:secret:db-1 s3:*",
            "arn:aws:sns:ap-northeast-1:111122223333:news ? default policy of aws_sns_topic.news",
            "arn:aws:sqs:ap-northeast-1:111122223333:jobs s3:*",
            "arn:aws:sqs:ap-northeast-1:111122223333:plain none",
            "arn:aws:sqs:eu-west-1:111122223333:old s3:*",
        ]
    );
}

#[test]
fn a_bucket_says_what_else_grants_and_stops() {
    let bucket = || {
        with_account()
            .create(
                "aws_s3_bucket.new",
                json!({"bucket": "new"}),
                &[("policy", &[])],
            )
            .existing(
                "aws_s3_bucket.old",
                json!({"id": "old", "bucket": "old", "policy": PUBLIC}),
            )
    };
    let said = |plan: Plan, name: &str| {
        let outcome = plan.read();
        let found = outcome.get::<ResourcePolicy>(&format!("arn:aws:s3:::{name}"));
        (found.access_control_lists, found.public_access)
    };
    assert_eq!(said(bucket(), "new"), (false, false));
    assert_eq!(said(bucket(), "old"), (true, false));
    let open = json!({"bucket": "old", "restrict_public_buckets": false});
    let account = json!({"account_id": "111122223333", "restrict_public_buckets": false});
    let rule = json!([{"object_ownership": "BucketOwnerEnforced"}]);
    let controls = json!({"bucket": "old", "rule": rule});
    let with_block = || bucket().create("aws_s3_bucket_public_access_block.old", open.clone(), &[]);
    assert_eq!(said(with_block(), "old"), (true, false));
    let plan = with_block()
        .existing("aws_s3_account_public_access_block.all", account)
        .create("aws_s3_bucket_ownership_controls.old", controls, &[]);
    assert_eq!(said(plan, "old"), (false, true));
}

#[test]
fn resources_without_policies_make_no_account() {
    let plan = with_account().create(
        "aws_s3_bucket.logs",
        json!({"bucket": "logs"}),
        &[("policy", &[])],
    );
    let outcome = plan.read();
    assert_eq!(outcome.network().accounts().len(), 0);
}

#[test]
fn a_resource_without_a_known_arn_is_left_out() {
    let plan = with_account()
        .create("aws_kms_key.quiet", json!({}), &[("policy", &[])])
        .create("aws_kms_key.k", json!({"policy": PUBLIC}), &[])
        .create(
            "aws_s3_bucket_policy.x",
            json!({"policy": PUBLIC}),
            &[("bucket", &["var.bucket"])],
        )
        .create(
            "aws_s3_bucket.logs",
            json!({"bucket": "logs"}),
            &[("policy", &[])],
        );
    let outcome = plan.read();
    assert_eq!(
        outcome.messages(),
        [
            "`aws_kms_key.k`: the policy of a resource whose account or ARN is not known is not modelled"
        ]
    );
    let policy = outcome.get::<ResourcePolicy>("arn:aws:s3:::logs").policy;
    assert_eq!(policy, Some(open("aws_s3_bucket_policy.x.bucket")));
}

#[test]
fn a_policy_of_a_resource_in_no_account_leaves_open_what_is_permitted() {
    let buckets = |plan: Plan| {
        let of = [(
            "bucket",
            &["aws_s3_bucket.logs.id", "aws_s3_bucket.logs"][..],
        )];
        plan.create(
            "aws_s3_bucket.logs",
            json!({"bucket": "logs"}),
            &[("policy", &[])],
        )
        .create("aws_s3_bucket_policy.logs", json!({"policy": DENIES}), &of)
        .create(
            "aws_s3_bucket_policy.other",
            json!({"bucket": "other", "policy": DENIES}),
            &[],
        )
        .create(
            "aws_s3_bucket_policy.any",
            json!({"policy": DENIES}),
            &[("bucket", &["var.bucket"])],
        )
    };
    let expected = [
        "aws_s3_bucket.logs.policy",
        "aws_s3_bucket_policy.any.policy",
        "aws_s3_bucket_policy.other.policy",
    ]
    .map(|policy| (Touches::Permission, policy, false));
    let outcome = buckets(Plan::default()).read();
    let found: BTreeSet<_> = outcome.doubts().into_iter().collect();
    assert_eq!(found, expected.into());
    // With accounts they are open in these.
    assert_eq!(buckets(with_account()).read().doubts(), []);
}

#[test]
fn a_policy_that_cannot_be_read_is_an_error() {
    let plan = with_role().create(
        "aws_iam_role_policy.in",
        json!({"name": "in", "policy": "{"}),
        &[OF_APP],
    );
    let outcome = plan.read();
    assert_eq!(outcome.codes(), [Code::InvalidPolicy]);
    assert!(outcome.pointer().ends_with("/values/policy"));
}

const EARLIER: &str = r#"
[account.111122223333]
principals-complete = true
service-control-policies = [['{"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}']]
[principal."arn:aws:iam::111122223333:role/app"]
identity-policies = ['{"Statement": {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}}']
[principal."arn:aws:iam::111122223333:role/other"]
identity-policies = ['{"Statement": {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}}']
[resource-policy."arn:aws:s3:::old"]
account = "111122223333"
policy = '{"Statement": {"Effect": "Allow", "Principal": "*", "Action": "s3:*", "Resource": "*"}}'
"#;

/// What a plan makes of an earlier network.
fn over_earlier(plan: Plan) -> NetworkDraft {
    let mut sink = Sink::default();
    native::read_into(EARLIER, &Arc::from("network.toml"), &mut sink);
    read_into(&plan.json(), &mut sink);
    sink.draft
}

/// The policies of the role of a name.
fn of(draft: &NetworkDraft, name: &str) -> Vec<Value<Policy>> {
    let arn = format!("arn:aws:iam::111122223333:role/{name}");
    let found = draft.principals.iter().find(|one| one.id.as_str() == arn);
    found.unwrap().identity_policies.clone()
}

#[test]
fn a_plan_opens_what_it_changes_of_an_earlier_input() {
    let part = |of: &str| json!({"role": of, "name": "in", "policy": READS});
    let draft = over_earlier(with_account().create("aws_iam_role_policy.in", part("app"), &[]));
    assert_eq!(of(&draft, "app"), [open("aws_iam_role_policy.in.policy")]);
    assert!(matches!(of(&draft, "other").as_slice(), [Value::Known(_)]));
    assert!(draft.accounts[0].principals_complete);
    let draft = over_earlier(with_account().create("aws_iam_role_policy.in", part("unseen"), &[]));
    assert!(!draft.accounts[0].principals_complete);
    let draft = over_earlier(
        with_account().deleted("aws_iam_policy.p", json!({"arn": "a", "policy": READS})),
    );
    assert_eq!(of(&draft, "other"), [open("aws_iam_policy.p.policy")]);
    let bucket = json!({"bucket": "old", "policy": PUBLIC});
    let draft = over_earlier(with_account().deleted("aws_s3_bucket_policy.p", bucket));
    assert_eq!(
        draft.resource_policies[0].policy,
        Some(open("aws_s3_bucket_policy.p.policy"))
    );
    let policy = json!({"name": "scp", "content": DENIES});
    let draft = over_earlier(with_account().create("aws_organizations_policy.scp", policy, &[]));
    let unknown = Organization::Unknown(Hole::new("aws_organizations_policy.scp"));
    assert_eq!(draft.accounts[0].organization, unknown);
}

/// The policy of the bucket `old` of the earlier network.
fn of_old(draft: &NetworkDraft) -> Option<Value<Policy>> {
    draft.resource_policies[0].policy.clone()
}

#[test]
fn what_a_plan_cannot_place_may_be_any_of_an_earlier_input() {
    // Without an account in the plan.
    let bucket = || json!({"bucket": "old"});
    let draft =
        over_earlier(Plan::default().create("aws_s3_bucket.b", bucket(), &[("policy", &[])]));
    assert_eq!(of_old(&draft), Some(open("aws_s3_bucket.b")));
    let policy = json!({"bucket": "old", "policy": READS});
    let draft = over_earlier(Plan::default().create("aws_s3_bucket_policy.p", policy, &[]));
    assert_eq!(of_old(&draft), Some(open("aws_s3_bucket_policy.p.bucket")));
    assert!(!draft.accounts[0].principals_complete);
    let role = json!({"name": "app", "assume_role_policy": TRUST});
    let draft = over_earlier(Plan::default().create("aws_iam_role.r", role, &[]));
    for name in ["app", "other"] {
        assert_eq!(of(&draft, name), [open("aws_iam_role.r")]);
    }
}

#[test]
fn what_changes_an_organization_opens_whom_it_limits() {
    for of in [
        "aws_organizations_account.x",
        "aws_controltower_control.x",
        "awscc_organizations_policy.x",
        "aws_cloudformation_stack.x",
    ] {
        let unknown = Organization::Unknown(Hole::new(of));
        let draft = over_earlier(with_account().create(of, json!({}), &[]));
        assert_eq!(draft.accounts[0].organization, unknown, "{of}");
        let draft = over_earlier(with_account().deleted(of, json!({})));
        assert_eq!(draft.accounts[0].organization, unknown, "{of} deleted");
    }
}

#[test]
fn names_in_a_plan_for_several_accounts_are_open() {
    let mut plan = with_account()
        .create(
            "aws_iam_role_policy.in",
            json!({"role": "app", "name": "in", "policy": READS}),
            &[],
        )
        .create(
            "aws_iam_role_policy.far",
            json!({"role": "app", "name": "far", "policy": READS}),
            &[],
        );
    for declaration in &mut plan.declarations {
        if declaration["address"] == "aws_iam_role_policy.far" {
            declaration["provider_config_key"] = json!("aws.far");
        }
    }
    let draft = over_earlier(plan);
    let hole = open("names in a plan for several accounts");
    assert_eq!(of(&draft, "app"), std::slice::from_ref(&hole));
    assert_eq!(of_old(&draft), Some(hole));
}

#[test]
fn of_two_policies_of_a_bucket_either_may_stay() {
    let part = |policy: &str| json!({"bucket": "logs", "policy": policy});
    let other = PUBLIC.replace("Allow", "Deny");
    let plan = with_account()
        .create(
            "aws_s3_bucket.b",
            json!({"bucket": "logs"}),
            &[("policy", &[])],
        )
        .create("aws_s3_bucket_policy.one", part(&other), &[])
        .create("aws_s3_bucket_policy.two", part(PUBLIC), &[]);
    let outside = with_account()
        .create("aws_s3_bucket_policy.one", part(PUBLIC), &[])
        .create("aws_s3_bucket_policy.two", part(PUBLIC), &[]);
    for plan in [plan, outside] {
        let outcome = plan.read();
        let policy = outcome.get::<ResourcePolicy>("arn:aws:s3:::logs").policy;
        assert_eq!(policy, Some(open("aws_s3_bucket_policy.two.bucket")));
        assert_eq!(outcome.messages(), Vec::<String>::new());
    }
}

#[test]
fn a_policy_in_a_dynamic_block_may_be_anything() {
    // The configuration has no expression of such a block.
    let plan = with_account().masked(
        "aws_iam_role.app",
        json!({"name": "app", "path": "/team/", "assume_role_policy": TRUST, "inline_policy": [{"name": "in"}]}),
        json!({"id": true, "managed_policy_arns": true, "inline_policy": [{"policy": true}]}),
        serde_json::Map::new(),
    );
    let found = policies(&plan.read(), APP);
    assert!(matches!(found.as_slice(), [Value::Any(_)]), "{found:?}");
}
