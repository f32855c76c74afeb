//! Policies that a plan leaves as they are, and an earlier input says otherwise.

use super::*;

const BUCKET: &str = "arn:aws:s3:::ours";
const WRITES: &str =
    r#"{"Statement": {"Effect": "Allow", "Action": "s3:PutObject", "Resource": "*"}}"#;

/// What a plan makes of a network in which the role reads within a boundary.
fn over(plan: Plan) -> Outcome {
    let earlier = format!(
        r#"
[account.111122223333]
principals-complete = true
resources-complete = ["s3"]
[principal."{APP}"]
identity-policies = ['{READS}']
permissions-boundary = '{WRITES}'
[resource-policy."{APP}"]
account = "111122223333"
policy = '{TRUST}'
[resource-policy."{BUCKET}"]
account = "111122223333"
policy = '{PUBLIC}'
"#
    );
    read_over(&earlier, &plan.json())
}

fn role(inline: &[(&str, &str)], boundary: &str) -> Json {
    let block = |(name, policy): &(&str, &str)| json!({"name": name, "policy": policy});
    let blocks: Vec<Json> = inline.iter().map(block).collect();
    json!({"id": "app", "name": "app", "path": "/team/", "arn": APP, "assume_role_policy": TRUST,
        "inline_policy": blocks, "managed_policy_arns": [], "permissions_boundary": boundary})
}

const ROLE: &str = "aws_iam_role.app";
const BOUNDARY: &str = "arn:aws:iam::111122223333:policy/boundary";

/// A plan with the policy that is the boundary.
fn with_boundary(document: &str) -> Plan {
    with_account().existing(
        "aws_iam_policy.boundary",
        json!({"id": BOUNDARY, "arn": BOUNDARY, "name": "boundary", "policy": document}),
    )
}

fn noted(outcome: &Outcome) -> usize {
    outcome.assumes("layers-differ").len()
}

/// A policy, or none.
fn perhaps(text: &str) -> Value<Policy> {
    let none = Policy {
        statements: Vec::new(),
        variables: true,
    };
    let Value::Known(policy) = known(text) else {
        panic!("it is known");
    };
    Value::OneOf(vec![policy, none], Hole::new(format!("policies of {APP}")))
}

#[test]
fn policies_that_only_one_of_the_two_has_are_there_or_not() {
    let of = |inline: &[(&str, &str)]| {
        let plan = with_boundary(WRITES).existing(ROLE, role(inline, BOUNDARY));
        let outcome = over(plan);
        (policies(&outcome, APP), noted(&outcome))
    };
    assert_eq!(of(&[("r", READS)]), (vec![known(READS)], 0));
    assert_eq!(of(&[]), (vec![perhaps(READS)], 1));
    let both = vec![perhaps(DENIES), perhaps(READS)];
    assert_eq!(of(&[("d", DENIES)]), (both, 1));
    // A change of something else does not write them.
    let mut tagged = role(&[], BOUNDARY);
    tagged["tags"] = json!({"team": "red"});
    let plan = with_boundary(WRITES).updated(ROLE, role(&[], BOUNDARY), tagged, &[]);
    assert_eq!(policies(&over(plan), APP), [perhaps(READS)]);
}

#[test]
fn what_the_plan_makes_and_takes_away_is_as_it_says() {
    let with_role =
        |inline: &[(&str, &str)]| with_boundary(WRITES).existing(ROLE, role(inline, BOUNDARY));
    let denies = json!({"role": "app", "name": "d", "policy": DENIES});
    let plan = with_role(&[("r", READS)]);
    let outcome = over(plan.create("aws_iam_role_policy.d", denies, &[]));
    assert_eq!(policies(&outcome, APP), [known(DENIES), known(READS)]);
    assert_eq!(noted(&outcome), 0);
    let reads = json!({"id": "app:r", "role": "app", "name": "r", "policy": READS});
    let outcome = over(with_role(&[]).deleted("aws_iam_role_policy.r", reads));
    assert_eq!((policies(&outcome, APP), noted(&outcome)), (vec![], 0));
    // So it is of one whose document the plan does not know.
    let attachment = json!({"id": "x", "role": "app",
        "policy_arn": "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"});
    let plan = with_role(&[]).deleted("aws_iam_role_policy_attachment.r", attachment);
    let outcome = over(plan);
    assert_eq!((policies(&outcome, APP), noted(&outcome)), (vec![], 0));
    let plan = with_account().updated(
        ROLE,
        role(&[("r", READS)], BOUNDARY),
        role(&[], BOUNDARY),
        &[],
    );
    let outcome = over(plan);
    assert_eq!((policies(&outcome, APP), noted(&outcome)), (vec![], 0));
}

#[test]
fn a_boundary_and_a_policy_of_a_resource_may_be_those_of_either() {
    let boundary = |plan: Plan| {
        let outcome = over(plan);
        let role = outcome.get::<IamPrincipal>(APP);
        (role.permissions_boundary, noted(&outcome))
    };
    let kept = |boundary: &str| role(&[("r", READS)], boundary);
    let plan = with_boundary(WRITES).existing(ROLE, kept(BOUNDARY));
    assert_eq!(boundary(plan), (Some(known(WRITES)), 0));
    let open = open(&format!("permissions boundary of {APP}"));
    let plan = with_account().existing(ROLE, kept(""));
    assert_eq!(boundary(plan), (Some(open), 1));
    let plan = with_boundary(DENIES).existing(ROLE, kept(BOUNDARY));
    let (found, n) = boundary(plan);
    assert!(matches!(found, Some(Value::OneOf(ref values, _)) if values.len() == 2));
    assert_eq!(n, 1);
    let plan = with_boundary(WRITES).updated(ROLE, kept(BOUNDARY), kept(""), &[]);
    assert_eq!(boundary(plan), (None, 0));
    let trust = |document: &str| {
        let mut role = kept(BOUNDARY);
        role["assume_role_policy"] = json!(document);
        let outcome = over(with_boundary(WRITES).existing(ROLE, role));
        let policy = outcome.get::<ResourcePolicy>(APP).policy;
        (matches!(policy, Some(Value::OneOf(..))), noted(&outcome))
    };
    assert_eq!(trust(TRUST), (false, 0));
    let other = TRUST.replace("ec2", "ecs-tasks");
    assert_eq!(trust(&other), (true, 1));
}

#[test]
fn the_policy_of_a_bucket_may_be_that_of_either() {
    let bucket = json!({"id": "ours", "bucket": "ours", "arn": BUCKET});
    let narrow = PUBLIC.replace("s3:*", "s3:GetObject");
    let policy = |document: &str| json!({"id": "ours", "bucket": "ours", "policy": document});
    let of = |plan: Plan| {
        let outcome = over(plan.existing("aws_s3_bucket.ours", bucket.clone()));
        let policy = outcome.get::<ResourcePolicy>(BUCKET).policy;
        (matches!(policy, Some(Value::OneOf(..))), noted(&outcome))
    };
    let address = "aws_s3_bucket_policy.ours";
    let plan = || with_account();
    assert_eq!(of(plan().existing(address, policy(PUBLIC))), (false, 0));
    assert_eq!(of(plan().existing(address, policy(&narrow))), (true, 1));
    let changed = plan().updated(address, policy(PUBLIC), policy(&narrow), &[]);
    assert_eq!(of(changed), (false, 0));
    assert_eq!(of(plan().create(address, policy(&narrow), &[])), (false, 0));
    assert_eq!(of(plan().deleted(address, policy(PUBLIC))), (false, 0));
}

/// A role with policies that a snapshot of the whole account does not have may be gone.
#[test]
fn a_role_that_only_the_plan_has_may_not_be_there() {
    let other = |change: &dyn Fn(&mut Json)| {
        let mut role = role(&[("r", READS)], BOUNDARY);
        role["arn"] = json!("arn:aws:iam::111122223333:role/team/other");
        role["id"] = json!("other");
        role["name"] = json!("other");
        change(&mut role);
        let plan = with_boundary(WRITES).existing("aws_iam_role.other", role);
        let outcome = over(plan);
        let doubts = outcome.doubts().into_iter();
        doubts
            .filter(|(_, what, _)| what.starts_with("arn of"))
            .count()
    };
    assert_eq!(other(&|_| {}), 1);
    // One without a policy is not in the network.
    assert_eq!(other(&|role| role["inline_policy"] = json!([])), 0);
    let elsewhere = json!("arn:aws:iam::444455556666:role/team/other");
    assert_eq!(other(&|role| role["arn"] = elsewhere.clone()), 0);
}

/// A managed policy that a plan leaves as it is, attached to a role that only the snapshot has.
#[test]
fn a_managed_policy_may_be_that_of_either() {
    let arn = "arn:aws:iam::111122223333:policy/own";
    let attached = json!([{"PolicyName": "own", "PolicyArn": arn}]);
    let document: Json = serde_json::from_str(WRITES).unwrap();
    let inline = json!({"PolicyName": "in", "PolicyDocument": document});
    let version = json!({"VersionId": "v1", "IsDefaultVersion": true,
        "Document": serde_json::from_str::<Json>(READS).unwrap()});
    let details = json!({
        "UserDetailList": [], "GroupDetailList": [],
        "RoleDetailList": [{"RoleName": "app", "Arn": APP, "RolePolicyList": [inline],
            "AttachedManagedPolicies": attached,
            "AssumeRolePolicyDocument": serde_json::from_str::<Json>(TRUST).unwrap()}],
        "Policies": [{"PolicyName": "own", "Arn": arn, "DefaultVersionId": "v1",
            "PolicyVersionList": [version]}],
    });
    let directory = tempfile::tempdir().unwrap();
    let snapshot = directory.path().join("snapshot");
    std::fs::create_dir(&snapshot).unwrap();
    std::fs::write(snapshot.join("details.json"), details.to_string()).unwrap();
    let identity = json!({"UserId": "A", "Account": "111122223333", "Arn": APP});
    std::fs::write(snapshot.join("identity.json"), identity.to_string()).unwrap();
    let over = |document: &str| {
        let policy = json!({"id": arn, "arn": arn, "name": "own", "policy": document});
        let plan = with_account().existing("aws_iam_policy.own", policy).json();
        let file = directory.path().join("plan.json");
        std::fs::write(&file, plan.to_string()).unwrap();
        let read = crate::read(&[snapshot.clone(), file]).unwrap();
        let mut principals = read.draft.principals.into_iter();
        let role = principals.find(|one| one.id.as_str() == APP).unwrap();
        let differ = read
            .assumptions
            .iter()
            .filter(|one| one.code == "layers-differ");
        (role.identity_policies, differ.count())
    };
    assert_eq!(over(READS), (vec![known(WRITES), known(READS)], 0));
    let (Value::Known(reads), Value::Known(denies)) = (known(READS), known(DENIES)) else {
        panic!("they are known");
    };
    let either = Value::OneOf(vec![denies, reads], Hole::new("aws_iam_policy.own.policy"));
    assert_eq!(over(DENIES), (vec![known(WRITES), either], 1));
}
