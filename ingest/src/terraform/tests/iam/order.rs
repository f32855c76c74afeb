//! What the change deletes, in which order, and of whom.

use super::*;

const OWN: &str = "arn:aws:iam::111122223333:policy/own";

/// A plan with the role `team/app`, which exists and has the inline policy `in` and the managed
/// policy `own`.
fn with_existing() -> Plan {
    with_account().existing(
        "aws_iam_role.app",
        json!({"id": "app", "name": "app", "arn": APP, "assume_role_policy": TRUST,
            "inline_policy": [{"name": "in", "policy": DENIES}], "managed_policy_arns": [OWN]}),
    )
}

fn inline() -> Json {
    json!({"role": "app", "name": "in", "policy": DENIES})
}

fn attachment() -> Json {
    json!({"role": "app", "policy_arn": OWN})
}

fn list(roles: Json) -> Json {
    json!({"name": "x", "policy_arn": OWN, "roles": roles})
}

/// Makes the last deletion one of what the plan makes anew before.
fn made_before_deleted(mut plan: Plan) -> Plan {
    let deletion = plan.changes.last_mut().unwrap();
    deletion["change"]["actions"] = json!(["create", "delete"]);
    plan
}

fn of_app(plan: Plan) -> Vec<Value<Policy>> {
    policies(&plan.read(), APP)
}

#[test]
fn a_policy_that_moves_to_another_address_may_be_gone() {
    let own = open(&format!("policy {OWN}"));
    let (old, new) = ("aws_iam_role_policy.old", "aws_iam_role_policy.new");
    let moved = with_existing().create(new, inline(), &[]);
    assert_eq!(
        of_app(moved.deleted(old, inline())),
        [open(old), own.clone()]
    );
    // At the same address it is made after it was deleted, unless it is to be made before.
    let anew = || {
        let plan = with_existing().create(new, inline(), &[]);
        plan.deleted(new, inline())
    };
    assert_eq!(of_app(anew()), [known(DENIES), own.clone()]);
    assert_eq!(of_app(made_before_deleted(anew())), [open(new), own]);
    let (old, new) = (
        "aws_iam_role_policy_attachment.old",
        "aws_iam_role_policy_attachment.new",
    );
    let moved = with_existing().create(new, attachment(), &[]);
    assert_eq!(
        of_app(moved.deleted(old, attachment())),
        [known(DENIES), open(old)]
    );
}

#[test]
fn an_update_of_a_role_may_give_back_what_is_deleted() {
    let (policy, list) = ("aws_iam_role_policy.x", "aws_iam_policy_attachment.x");
    let deleted = || {
        let plan = with_existing().deleted(policy, inline());
        plan.deleted(list, self::list(json!(["app"])))
    };
    assert_eq!(of_app(deleted()), []);
    let updated = deleted().deleted("aws_iam_role.app", json!({"name": "app", "arn": APP}));
    assert_eq!(of_app(updated), [open(policy), open(list)]);
}

#[test]
fn of_two_inline_policies_of_a_name_either_may_stay() {
    let mut other = inline();
    other["policy"] = json!(READS);
    let plan = with_existing()
        .create("aws_iam_role_policy.one", inline(), &[])
        .create("aws_iam_role_policy.two", other, &[]);
    assert_eq!(of_app(plan)[0], open("aws_iam_role_policy.two"));
}

#[test]
fn a_list_that_is_deleted_attaches_no_more() {
    let address = "aws_iam_policy_attachment.x";
    let deleted = |roles| with_existing().deleted(address, list(roles));
    let own = open(&format!("policy {OWN}"));
    assert_eq!(of_app(deleted(json!(["app"]))), [known(DENIES)]);
    assert_eq!(of_app(deleted(json!(["other"]))), [known(DENIES), own]);
    let single = "aws_iam_role_policy_attachment.app";
    let moved = deleted(json!(["app"])).create(single, attachment(), &[]);
    assert_eq!(of_app(moved), [known(DENIES), open(address)]);
}

#[test]
fn a_bucket_policy_that_moves_to_another_address_may_be_gone() {
    let bucket = || {
        with_account().existing(
            "aws_s3_bucket.b",
            json!({"id": "logs", "bucket": "logs", "arn": "arn:aws:s3:::logs", "policy": PUBLIC}),
        )
    };
    let part = || json!({"bucket": "logs", "policy": PUBLIC});
    let (old, new) = ("aws_s3_bucket_policy.old", "aws_s3_bucket_policy.new");
    let of_logs = |plan: Plan| {
        let resources = plan.read().draft.resource_policies;
        resources.into_iter().next().and_then(|one| one.policy)
    };
    for plan in [bucket(), with_account()] {
        let moved = plan.create(new, part(), &[]).deleted(old, part());
        assert_eq!(of_logs(moved), Some(open(old)));
    }
    let anew = || bucket().create(new, part(), &[]).deleted(new, part());
    assert!(matches!(of_logs(anew()), Some(Value::Known(_))));
    assert_eq!(of_logs(made_before_deleted(anew())), Some(open(new)));
    assert_eq!(of_logs(bucket().deleted(old, part())), None);
    // What the bucket itself says in its place may be set before.
    let mut argument = bucket().deleted(old, part());
    let expression = json!({"policy": {"references": ["var.policy"]}});
    argument.declarations.last_mut().unwrap()["expressions"] = expression;
    assert_eq!(of_logs(argument), Some(open(old)));
}

/// A plan with a second configuration of the provider, which makes what is at an address.
fn far(plan: Plan, address: &str) -> Json {
    let mut document = plan.json();
    let configuration = &mut document["configuration"];
    let region = json!({"constant_value": "us-east-1"});
    configuration["provider_config"]["aws.far"] =
        json!({"name": "aws", "alias": "far", "expressions": {"region": region}});
    let declarations = configuration["root_module"]["resources"].as_array_mut();
    for declaration in declarations.unwrap() {
        if declaration["address"] == address {
            declaration["provider_config_key"] = json!("aws.far");
        }
    }
    document
}

#[test]
fn what_is_deleted_may_have_been_another_account_s() {
    let plan = || with_existing().deleted("aws_iam_role_policy.old", inline());
    let own = open(&format!("policy {OWN}"));
    assert_eq!(of_app(plan()), std::slice::from_ref(&own));
    let outcome = read(&far(plan(), ""));
    assert_eq!(
        policies(&outcome, APP),
        [open("aws_iam_role_policy.old"), own.clone()]
    );
    // Both are the same account's.
    let identity = json!({"account_id": "111122223333", "arn": APP});
    let mut known = plan().data("data.aws_caller_identity.far", identity);
    let data = json!({"address": "data.aws_caller_identity.far", "expressions": {}});
    known.declarations.push(data);
    let outcome = read(&far(known, "data.aws_caller_identity.far"));
    assert_eq!(policies(&outcome, APP), [own]);
}

/// OpenTofu's `for_each` of a provider makes several configurations with one key, and so of several
/// accounts.
#[test]
fn what_a_repeated_provider_makes_may_be_of_any_of_its_accounts() {
    let made = |document: &Json| {
        let principals = read(document).draft.principals;
        principals
            .iter()
            .any(|principal| principal.id.as_str() == APP)
    };
    let mut document = with_role().json();
    assert!(made(&document));
    let provider = &mut document["configuration"]["provider_config"]["aws"];
    provider["expressions"]["assume_role"] = json!([{"role_arn": {"references": ["each.value"]}}]);
    assert!(!made(&document));
}

#[test]
fn a_key_of_several_regions_has_a_policy_in_each() {
    let arn = |region: &str| format!("arn:aws:kms:{region}:111122223333:key/mrk-1");
    let key =
        json!({"id": "mrk-1", "key_id": "mrk-1", "arn": arn("ap-northeast-1"), "policy": PUBLIC});
    let replica = json!({"key_id": "mrk-1", "policy": DENIES_ALL});
    let policy = "aws_kms_key_policy.x";
    let plan = || {
        let mut plan = with_account().existing("aws_kms_key.k", key.clone());
        let identity = json!({"account_id": "111122223333", "arn": APP});
        plan = plan.data("data.aws_caller_identity.far", identity);
        let data = json!({"address": "data.aws_caller_identity.far",
            "provider_config_key": "aws.far", "expressions": {}});
        plan.declarations.push(data);
        plan.create(policy, replica.clone(), &[])
    };
    let outcome = read(&far(plan(), policy));
    let of = |region: &str| {
        let found = outcome.get::<ResourcePolicy>(&arn(region)).policy;
        let Some(Value::Known(policy)) = found else {
            panic!("{found:?}");
        };
        policy.statements[0].effect
    };
    assert_eq!(of("ap-northeast-1"), model::PolicyEffect::Allow);
    assert_eq!(of("us-east-1"), model::PolicyEffect::Deny);
    // Of the same Region it is the policy of the key.
    let outcome = read(&plan().json());
    let found = outcome.get::<ResourcePolicy>(&arn("ap-northeast-1"));
    assert!(format!("{found:?}").contains("Deny"));
    // One that is deleted may have been of either.
    let deleted = with_account()
        .existing("aws_kms_key.k", key.clone())
        .deleted(policy, replica.clone());
    let outcome = read(&far(deleted, ""));
    let found = outcome.get::<ResourcePolicy>(&arn("ap-northeast-1"));
    assert_eq!(found.policy, Some(open(policy)));
}

/// From version 6 of the provider one configuration makes things in several regions.
#[test]
fn a_key_and_its_policy_say_their_regions_themselves() {
    let arn = |region: &str| format!("arn:aws:kms:{region}:111122223333:key/mrk-1");
    let key = json!({"id": "mrk-1", "key_id": "mrk-1", "arn": arn("ap-northeast-1"), "policy": PUBLIC,
        "region": "ap-northeast-1"});
    let policy = "aws_kms_key_policy.x";
    let part = |region: &str| json!({"key_id": "mrk-1", "policy": DENIES_ALL, "region": region});
    let plan = |region: &str| {
        let plan = with_account().existing("aws_kms_key.k", key.clone());
        plan.create(policy, part(region), &[]).read()
    };
    let effect = |outcome: &Outcome, region: &str| {
        let found = outcome.get::<ResourcePolicy>(&arn(region)).policy;
        let Some(Value::Known(policy)) = found else {
            panic!("{found:?}");
        };
        policy.statements[0].effect
    };
    let outcome = plan("us-east-1");
    let effects = ["ap-northeast-1", "us-east-1"].map(|region| effect(&outcome, region));
    assert_eq!(
        effects,
        [model::PolicyEffect::Allow, model::PolicyEffect::Deny]
    );
    let outcome = plan("ap-northeast-1");
    assert_eq!(
        effect(&outcome, "ap-northeast-1"),
        model::PolicyEffect::Deny
    );
    // One that is deleted was the policy of the other.
    let deleted = with_account()
        .existing("aws_kms_key.k", key.clone())
        .deleted(policy, part("us-east-1"));
    let found = deleted.read().get::<ResourcePolicy>(&arn("ap-northeast-1"));
    assert_eq!(found.policy, Some(open(policy)));
}

const DENIES_ALL: &str =
    r#"{"Statement": {"Effect": "Deny", "Principal": "*", "Action": "kms:*", "Resource": "*"}}"#;

#[test]
fn what_is_deleted_stays_as_nothing_of_an_earlier_input() {
    let arn = "arn:aws:iam::111122223333:role/app";
    let role = || json!({"id": "app", "name": "app", "arn": arn, "assume_role_policy": TRUST});
    let draft = over_earlier(with_account().deleted("aws_iam_role.r", role()));
    assert_eq!(of(&draft, "app"), [open("aws_iam_role.r")]);
    assert!(matches!(of(&draft, "other").as_slice(), [Value::Known(_)]));
    // Or is made at another address.
    let moved = with_account()
        .create("aws_iam_role.new", role(), &[])
        .deleted("aws_iam_role.r", role());
    assert_eq!(of(&over_earlier(moved), "app"), [open("aws_iam_role.r")]);
    let anew = with_account()
        .create("aws_iam_role.r", role(), &[])
        .deleted("aws_iam_role.r", role());
    assert_eq!(of(&over_earlier(anew), "app"), []);
    let bucket = json!({"id": "old", "bucket": "old", "arn": "arn:aws:s3:::old"});
    let draft = over_earlier(with_account().deleted("aws_s3_bucket.b", bucket));
    assert_eq!(of_old(&draft), Some(open("aws_s3_bucket.b")));
}

#[test]
fn whatever_is_deleted_stays_as_nothing_of_an_earlier_input() {
    let of_function = |plan: Plan| {
        let draft = existing::over(plan);
        let mut resources = draft.resource_policies.iter();
        let function = resources.find(|one| one.id.as_str().contains(":lambda:"));
        function.unwrap().policy.clone()
    };
    let arn = "arn:aws:lambda:eu-west-1:111122223333:function:f";
    let function = || json!({"id": "f", "arn": arn});
    let address = "aws_lambda_function.f";
    let deleted = with_account().deleted(address, function());
    assert_eq!(of_function(deleted), Some(open(address)));
    let updated = with_account()
        .existing(address, function())
        .deleted(address, function());
    assert_eq!(of_function(updated), None);
    let api = "arn:aws:execute-api:eu-west-1:111122223333:abc";
    let earlier = format!(
        "[account.111122223333]\norganization = \"none\"\n\
         [resource-policy.\"{api}\"]\naccount = \"111122223333\"\n"
    );
    let mut sink = Sink::default();
    native::read_into(&earlier, &Arc::from("network.toml"), &mut sink);
    let management = json!({"id": "abc", "arn": "arn:aws:apigateway:eu-west-1::/restapis/abc"});
    let plan = with_account().deleted("aws_api_gateway_rest_api.a", management);
    read_into(&plan.json(), &mut sink);
    let policy = &sink.draft.resource_policies[0].policy;
    assert_eq!(*policy, Some(open("aws_api_gateway_rest_api.a")));
}

#[test]
fn a_new_role_has_no_policies_that_only_the_apply_counts() {
    let code = "no-dynamic-policies";
    assert_eq!(with_role().read().assumes(code).len(), 1);
    assert!(with_existing().read().assumes(code).is_empty());
}

#[test]
fn a_state_does_not_say_whose_a_bucket_is() {
    let read = |arn: &str| {
        let mut document = with_account()
            .existing(
                "aws_iam_user.ann",
                json!({"id": "a", "name": "a", "arn": arn}),
            )
            .existing(
                "aws_s3_bucket.b",
                json!({"id": "logs", "bucket": "logs", "policy": PUBLIC}),
            )
            .json();
        let parts = document.as_object_mut().unwrap();
        parts.remove("configuration");
        parts.remove("resource_changes");
        let values = parts.remove("planned_values").unwrap();
        parts.insert("values".to_owned(), values);
        super::read(&document)
    };
    let outcome = read("arn:aws:iam::111122223333:user/a");
    let code = "state-of-one-account";
    assert_eq!(outcome.assumes(code).len(), 1);
    assert!(outcome.assumes(code)[0].contains("111122223333"));
    let bucket = outcome.get::<ResourcePolicy>("arn:aws:s3:::logs");
    assert!(matches!(bucket.policy, Some(Value::Known(_))));
    // A state of two accounts leaves all of both open.
    let outcome = read("arn:aws:iam::444455556666:user/a");
    assert!(outcome.assumes(code).is_empty());
    let hole = open("names in a plan for several accounts");
    let found = policies(&outcome, "arn:aws:iam::444455556666:user/a");
    assert_eq!(found, [hole]);
}
