//! What exists already and shows only a part of its policies, and what the plan changes besides.

use super::*;

const ANN: &str = "arn:aws:iam::111122223333:user/ann";
const READ_ONLY: &str = "arn:aws:iam::aws:policy/ReadOnlyAccess";

/// A plan with the user `ann`, who exists.
fn with_ann() -> Plan {
    with_account().existing(
        "aws_iam_user.ann",
        json!({"id": "ann", "name": "ann", "arn": ANN}),
    )
}

/// What a plan makes of an earlier network that has everything of its account.
pub(super) fn over(plan: Plan) -> NetworkDraft {
    let earlier = format!(
        r#"
[account.111122223333]
principals-complete = true
resources-complete = ["dynamodb", "ecr", "lambda", "s3", "sns"]
[principal."{ANN}"]
identity-policies = ['{READS}']
[principal."arn:aws:iam::111122223333:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_x"]
identity-policies = ['{READS}']
[resource-policy."arn:aws:s3:::old"]
account = "111122223333"
policy = '{PUBLIC}'
[resource-policy."arn:aws:s3:::other"]
account = "111122223333"
policy = '{PUBLIC}'
[resource-policy."arn:aws:dynamodb:eu-west-1:111122223333:table/t"]
account = "111122223333"
[resource-policy."arn:aws:ecr:eu-west-1:111122223333:repository/r"]
account = "111122223333"
[resource-policy."arn:aws:lambda:eu-west-1:111122223333:function:f"]
account = "111122223333"
[resource-policy."arn:aws:sns:eu-west-1:111122223333:n"]
account = "111122223333"
"#
    );
    let mut sink = Sink::default();
    native::read_into(&earlier, &Arc::from("network.toml"), &mut sink);
    read_into(&plan.json(), &mut sink);
    assert_eq!(sink.draft.accounts.len(), 1);
    sink.draft
}

fn of_ann(draft: &NetworkDraft) -> Vec<Value<Policy>> {
    let mut principals = draft.principals.iter();
    let found = principals.find(|one| one.id.as_str() == ANN);
    found.unwrap().identity_policies.clone()
}

/// The entry of a resource, by the end of its ARN.
fn entry<'d>(draft: &'d NetworkDraft, end: &str) -> &'d ResourcePolicy {
    let mut entries = draft.resource_policies.iter();
    entries.find(|one| one.id.as_str().ends_with(end)).unwrap()
}

#[test]
fn a_user_that_exists_may_have_other_policies() {
    let hole = open(&format!("policies of {ANN}"));
    assert_eq!(
        policies(&with_ann().read(), ANN),
        std::slice::from_ref(&hole)
    );
    let denies = json!({"user": "ann", "name": "in", "policy": DENIES});
    let with_policy = |id: &str| {
        let mut values = denies.clone();
        values["id"] = json!(id);
        with_ann().existing("aws_iam_user_policy.in", values)
    };
    assert_eq!(
        policies(&with_policy("x").read(), ANN),
        [known(DENIES), hole.clone()]
    );
    // Of what only the plan shows the earlier input may be the younger.
    let draft = over(with_policy("x"));
    assert!(matches!(of_ann(&draft)[0], Value::OneOf(..)));
    assert_eq!(of_ann(&draft)[1..], [known(READS), hole.clone()]);
    // What the change takes away may be what the earlier input has.
    let draft = over(with_ann().deleted("aws_iam_user_policy.in", denies));
    assert_eq!(of_ann(&draft), std::slice::from_ref(&hole));
    let only = json!({"user_name": "ann", "policy_names": []});
    let plan = with_ann().existing("aws_iam_user_policies_exclusive.x", only);
    let exclusive = open("aws_iam_user_policies_exclusive.x");
    assert_eq!(of_ann(&over(plan)), [exclusive.clone(), hole]);
    // So does one of a user that the plan does not have.
    let only = json!({"user_name": "ann", "policy_names": []});
    let plan = with_account().existing("aws_iam_user_policies_exclusive.x", only);
    assert_eq!(of_ann(&over(plan)), [exclusive]);
}

#[test]
fn a_group_that_exists_may_have_other_policies() {
    let arn = "arn:aws:iam::111122223333:group/staff";
    let plan = with_account()
        .create("aws_iam_user.ann", json!({"name": "ann"}), &[])
        .existing(
            "aws_iam_group.staff",
            json!({"id": "staff", "name": "staff", "arn": arn}),
        )
        .create(
            "aws_iam_user_group_membership.ann",
            json!({"user": "ann", "groups": ["staff"]}),
            &[],
        );
    let hole = open(&format!("policies of {arn}"));
    assert_eq!(policies(&plan.read(), ANN), [hole]);
}

#[test]
fn a_role_that_exists_and_does_not_show_its_policies_is_open() {
    let role = json!({"id": "app", "name": "app", "arn": APP, "assume_role_policy": TRUST});
    let plan = Plan::default().existing("aws_iam_role.app", role.clone());
    assert_eq!(
        policies(&plan.read(), APP),
        [
            open("aws_iam_role.app.inline_policy"),
            open("aws_iam_role.app.managed_policy_arns")
        ]
    );
    let mut shown = role;
    shown["inline_policy"] = json!([]);
    shown["managed_policy_arns"] = json!([]);
    let plan = Plan::default().existing("aws_iam_role.app", shown);
    assert_eq!(policies(&plan.read(), APP), []);
}

#[test]
fn an_exclusive_attachment_may_take_a_policy_from_others() {
    let attached = || {
        with_role().create(
            "aws_iam_role_policy_attachment.app",
            json!({"policy_arn": READ_ONLY}),
            &[OF_APP],
        )
    };
    let exclusive = |roles: Json| json!({"policy_arn": READ_ONLY, "roles": roles, "name": "x"});
    let read = |plan: Plan| policies(&plan.read(), APP);
    let all = "aws_iam_policy_attachment.x";
    let others = exclusive(json!(["other"]));
    assert_eq!(
        read(attached().create(all, others, &[])),
        [open("aws_iam_policy_attachment.x.roles")]
    );
    let own = exclusive(json!(["app"]));
    let policy = open(&format!("policy {READ_ONLY}"));
    assert_eq!(
        read(attached().create(all, own, &[])),
        std::slice::from_ref(&policy)
    );
    let unknown: &[(&str, &[&str])] = &[("roles", &["var.roles"])];
    let hole = open("aws_iam_policy_attachment.x.roles");
    let plan = attached().create(all, json!({"policy_arn": READ_ONLY}), unknown);
    assert_eq!(read(plan), [hole.clone(), hole.clone()]);
    let another = json!({"policy_arn": "arn:aws:iam::aws:policy/Other", "roles": ["other"]});
    assert_eq!(read(attached().create(all, another, &[])), [policy]);
    // One that is called by its address in both.
    let own: (&str, &[&str]) = (
        "policy_arn",
        &["aws_iam_policy.own.arn", "aws_iam_policy.own"],
    );
    let plan = with_role()
        .create(
            "aws_iam_policy.own",
            json!({"policy": READS}),
            &[("arn", &[])],
        )
        .create(
            "aws_iam_role_policy_attachment.app",
            json!({}),
            &[OF_APP, own],
        )
        .create(all, json!({"roles": ["other"]}), &[own]);
    assert_eq!(read(plan), [hole]);
}

#[test]
fn ownership_controls_of_an_unknown_bucket_are_of_any() {
    let bucket = || {
        with_account().create(
            "aws_s3_bucket.new",
            json!({"bucket": "new", "policy": PUBLIC}),
            &[],
        )
    };
    let controls = |ownership: &str| {
        let rule = json!([{"object_ownership": ownership}]);
        let plan = bucket().create(
            "aws_s3_bucket_ownership_controls.x",
            json!({"rule": rule}),
            &[("bucket", &["var.bucket"])],
        );
        let outcome = plan.read();
        let found = outcome.get::<ResourcePolicy>("arn:aws:s3:::new");
        found.access_control_lists
    };
    assert!(controls("ObjectWriter"));
    assert!(!controls("BucketOwnerEnforced"));
}

#[test]
fn a_bucket_of_an_earlier_input_may_get_lists_and_blocks() {
    let lists = |plan: Plan| {
        let draft = over(plan);
        let has = |end| entry(&draft, end).access_control_lists;
        (has(":old"), has(":other"))
    };
    let rule = |ownership: &str| json!([{"object_ownership": ownership}]);
    let controls = "aws_s3_bucket_ownership_controls.x";
    let of_old = |ownership: &str| json!({"bucket": "old", "rule": rule(ownership)});
    let plan = with_account().create(controls, of_old("ObjectWriter"), &[]);
    assert_eq!(lists(plan), (true, false));
    let enforced = of_old("BucketOwnerEnforced");
    let plan = with_account().create(controls, enforced.clone(), &[]);
    assert_eq!(lists(plan), (false, false));
    assert_eq!(
        lists(with_account().deleted(controls, enforced)),
        (true, false)
    );
    let unknown: &[(&str, &[&str])] = &[("bucket", &["var.bucket"])];
    let plan = with_account().create("aws_s3_bucket_acl.x", json!({"acl": "private"}), unknown);
    assert_eq!(lists(plan), (true, true));

    let public = |plan: Plan| {
        let draft = over(plan);
        let has = |end| entry(&draft, end).public_access;
        (has(":old"), has(":other"))
    };
    let block = |restricts: bool| json!({"bucket": "old", "restrict_public_buckets": restricts});
    let of = "aws_s3_bucket_public_access_block.x";
    let plan = |restricts| with_account().create(of, block(restricts), &[]);
    assert_eq!(public(plan(true)), (false, true));
    assert_eq!(public(plan(false)), (true, true));
    let all = |account: &str| {
        let values = json!({"account_id": account, "restrict_public_buckets": true});
        with_account().create("aws_s3_account_public_access_block.x", values, &[])
    };
    assert_eq!(public(all("111122223333")), (false, false));
    assert_eq!(public(all("444455556666")), (true, true));
}

#[test]
fn a_policy_of_a_type_that_is_not_read_opens_its_service() {
    for (of, service) in [
        ("aws_dynamodb_resource_policy", "dynamodb"),
        ("aws_ecr_repository_policy", "ecr"),
        ("aws_lambda_permission", "lambda"),
        ("awscc_sns_topic_inline_policy", "sns"),
    ] {
        let address = format!("{of}.x");
        let made = with_account().create(&address, json!({}), &[]);
        for plan in [made, with_account().deleted(&address, json!({}))] {
            let draft = over(plan);
            let complete = &draft.accounts[0].resources_complete;
            assert!(!complete.contains(service) && complete.len() == 4, "{of}");
            for resource in &draft.resource_policies {
                let is_its = resource.id.as_str().contains(&format!(":{service}:"));
                let is_open = resource.policy == Some(open(&address));
                assert_eq!(is_open, is_its, "{of} {}", resource.id);
            }
        }
        let stays = over(with_account().existing(&address, json!({})));
        assert!(stays.accounts[0].resources_complete.contains(service));
    }
}

#[test]
fn a_resource_with_a_policy_of_its_own_opens_no_other() {
    let point = "aws_s3_access_point.x";
    let draft = over(with_account().create(point, json!({"bucket": "old"}), &[]));
    assert!(!draft.accounts[0].resources_complete.contains("s3"));
    assert!(matches!(
        entry(&draft, ":old").policy,
        Some(Value::Known(_))
    ));
}

#[test]
fn what_makes_roles_leaves_the_account_open() {
    for of in [
        "aws_cloudformation_stack",
        "aws_cloudformation_stack_set",
        "aws_ssoadmin_account_assignment",
        "aws_iam_service_linked_role",
        "awscc_iam_role",
        "awscc_iam_role_policy",
        "awscc_iam_managed_policy",
    ] {
        let draft = over(with_account().create(&format!("{of}.x"), json!({}), &[]));
        assert!(!draft.accounts[0].principals_complete, "{of}");
        let is_stack = of.starts_with("aws_cloudformation");
        let complete = &draft.accounts[0].resources_complete;
        assert_eq!(complete.is_empty(), is_stack, "{of}");
        // What is new may be attached by name to a role that is there.
        let is_attached = is_stack || of.ends_with("_policy");
        let hole = open(&format!("{of}.x"));
        let policy = if is_attached {
            hole.clone()
        } else {
            known(READS)
        };
        assert_eq!(of_ann(&draft), [policy], "{of}");
        let is_open = entry(&draft, ":old").policy == Some(hole);
        assert_eq!(is_open, is_stack, "{of}");
    }
    let draft = over(with_account().create("aws_ssoadmin_account_assignment.x", json!({}), &[]));
    let assigned = draft.principals.iter().find(|one| one.id.as_str() != ANN);
    let hole = open("aws_ssoadmin_account_assignment.x");
    assert_eq!(assigned.unwrap().identity_policies, [hole]);
    let draft = over(with_account().deleted("aws_cloudformation_stack.x", json!({})));
    let hole = open("aws_cloudformation_stack.x");
    assert_eq!(of_ann(&draft), std::slice::from_ref(&hole));
    assert_eq!(entry(&draft, ":old").policy, Some(hole));
}

#[test]
fn an_account_comes_from_nothing_that_may_be_another_s() {
    let topic = "arn:aws:sns:eu-west-1:444455556666:news";
    for of in ["aws_sns_topic_subscription", "aws_cloudwatch_event_target"] {
        let outcome = Plan::default()
            .existing(&format!("{of}.x"), json!({"id": "x", "arn": topic}))
            .create(
                "aws_iam_role.app",
                json!({"name": "app", "assume_role_policy": TRUST}),
                &[],
            )
            .read();
        assert!(outcome.draft.principals.is_empty(), "{of}");
        assert_eq!(outcome.codes(), [Code::NotModelled], "{of}");
    }
}
