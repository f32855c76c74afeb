//! Policies of resources.

use super::*;

const POLICY: &str = r#"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":\"*\",\"Action\":\"*\",\"Resource\":\"*\"}]}"#;
const KNOWN: &str = r#"policy = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}]}'"#;
const IDENTITY: (&str, &str) = (
    "get-caller-identity.json",
    r#"{"UserId": "AIDA1", "Account": "111122223333", "Arn": "arn:aws:iam::111122223333:user/auditor"}"#,
);

/// The output of a call that prints a policy alone.
fn alone() -> String {
    format!(r#"{{"Policy": "{POLICY}"}}"#)
}

fn native(files: &[(&str, &str)]) -> String {
    let read = validated(&[&[EMPTY], files].concat());
    let text = native::write(&read.network);
    text.find("[account.")
        .map_or(String::new(), |at| text[at..].to_owned())
}

fn entry(arn: &str) -> String {
    format!("[resource-policy.\"{arn}\"]\naccount = \"111122223333\"\n")
}

#[test]
fn policies_without_a_name_have_it_in_their_file() {
    let alone = alone();
    let of_table = alone.replace(r#"\"Action\":\"*\""#, r#"\"Action\":\"dynamodb:*\""#);
    let text = native(&[
        ("111122223333/eu-west-1/get-bucket-policy-logs.json", &alone),
        ("111122223333/us-east-1/get-bucket-policy-logs.json", &alone),
        (
            "111122223333/eu-west-1/get-key-policy-1234abcd.json",
            &alone,
        ),
        (
            "111122223333/eu-west-1/get-resource-policy-orders.json",
            &of_table,
        ),
        ("111122223333/eu-west-1/get-policy-worker.json", &alone),
    ]);
    for arn in [
        "arn:aws:s3:::logs",
        "arn:aws:kms:eu-west-1:111122223333:key/1234abcd",
        "arn:aws:lambda:eu-west-1:111122223333:function:worker",
    ] {
        assert_says(&text, &[&format!("{}{KNOWN}", entry(arn))]);
    }
    let table = entry("arn:aws:dynamodb:eu-west-1:111122223333:table/orders");
    let known = KNOWN.replace(r#""Action":"*""#, r#""Action":"dynamodb:*""#);
    assert_says(&text, &[&format!("{table}{known}")]);
    assert_says(
        &text,
        &["organization = { any = \"parent of 111122223333 (list-parents)\" }"],
    );
    assert!(!text.contains("complete"), "{text}");
}

#[test]
fn a_policy_that_may_be_another_service_s_is_not_a_table_s() {
    let alone = alone();
    let files = [
        EMPTY,
        ("111122223333/eu-west-1/get-resource-policy-x.json", &alone),
        ("111122223333/eu-west-1/get-bucket-policy-logs.json", &alone),
    ];
    let read = validated(&files);
    assert!(!native::write(&read.network).contains(":dynamodb:"));
    assert_says(
        &warnings(&read),
        &["`get-resource-policy-x`: the policy of"],
    );
}

/// What is read of a policy about something, and what is said of it.
fn of_file(name: &str, resource: &str) -> (String, String) {
    let alone = alone().replace(
        r#"\"Resource\":\"*\""#,
        &format!(r#"\"Resource\":\"{resource}\""#),
    );
    let alone = alone.replace(r#"\"Action\":\"*\""#, r#"\"Action\":\"dynamodb:*\""#);
    let name = format!("111122223333/eu-west-1/{name}.json");
    let read = validated(&[EMPTY, (&name, &alone)]);
    (native::write(&read.network), warnings(&read))
}

#[test]
fn a_policy_about_something_else_is_not_read() {
    let arn = |what: &str| format!("arn:aws:{what}").replace('@', "eu-west-1:111122223333");
    for (name, what) in [
        ("get-policy-worker", "lambda:@:function:worker:prod"),
        ("get-policy-worker", "lambda:@:function:worker:*"),
        (
            "acm-pca-get-policy-worker",
            "acm-pca:@:certificate-authority/x",
        ),
        (
            "get-resource-policy-orders",
            "dynamodb:@:table/orders/stream/2024-01-01",
        ),
        ("get-resource-policy-orders", "dynamodb:@:table/other"),
        ("get-bucket-policy-logs", "s3:::other/*"),
    ] {
        let (text, warnings) = of_file(name, &arn(what));
        assert!(!text.contains("[account."), "{what}: {text}");
        let said = format!("`{name}`: the policy of something else than its file's name says");
        assert_says(&warnings, &[&said]);
    }
    for (name, what) in [
        ("get-policy-worker", "lambda:@:function:worker"),
        ("get-policy-worker", "lambda:@:function:*"),
        ("get-resource-policy-orders", "dynamodb:@:table/orders"),
        (
            "get-resource-policy-orders",
            "dynamodb:@:table/orders/index/*",
        ),
        ("get-bucket-policy-logs", "s3:::logs"),
        ("get-bucket-policy-logs", "s3:::logs/a/*"),
        ("get-bucket-policy-logs", "s3:::${aws:PrincipalAccount}/*"),
    ] {
        let (text, _) = of_file(name, &arn(what));
        assert_says(&text, &[&arn(what)]);
    }
}

#[test]
fn a_policy_saved_as_a_text_is_named() {
    let text = r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}]}"#;
    let read = validated(&[EMPTY, IDENTITY, ("get-bucket-policy-logs.json", text)]);
    assert!(read.network.accounts().is_empty());
    let said = warnings(&read);
    assert_says(
        &said,
        &[
            "warning[unrecognised-input]: this is a policy without the output",
            "get-bucket-policy-logs.json",
            "`--output json`",
        ],
    );
    assert_eq!(said.matches("warning[").count(), 1, "{said}");
}

#[test]
fn a_repository_is_of_its_registry_and_may_leave_out_the_resource() {
    let policy = POLICY.replace(r#",\"Resource\":\"*\""#, "");
    let output = |registry: &str| {
        format!(
            r#"{{"registryId": "{registry}", "repositoryName": "app", "policyText": "{policy}"}}"#
        )
    };
    let (own, other) = (output("111122223333"), output("444455556666"));
    let name = "111122223333/eu-west-1/get-repository-policy-app.json";
    let arn = |account| format!("arn:aws:ecr:eu-west-1:{account}:repository/app");
    let text = native(&[(name, &own)]);
    assert_says(&text, &[&format!("{}{KNOWN}", entry(&arn("111122223333")))]);
    let text = native(&[(name, &other)]);
    let of_other = entry(&arn("444455556666")).replace("111122223333", "444455556666");
    assert_says(&text, &[&format!("{of_other}{KNOWN}")]);
    assert!(!text.contains("111122223333"), "{text}");
    let public = "111122223333/eu-west-1/ecr-public-get-repository-policy-app.json";
    let read = validated(&[EMPTY, (public, &own)]);
    assert!(read.network.accounts().is_empty());
    assert_says(&warnings(&read), &["the policy of a public repository"]);
}

#[test]
fn a_policy_described_twice_and_not_alike_is_open() {
    let alone = alone();
    let denies = alone.replace("Allow", "Deny");
    let files = [
        EMPTY,
        (
            "111122223333/eu-west-1/get-bucket-policy-logs.json",
            alone.as_str(),
        ),
        (
            "111122223333/us-east-1/get-bucket-policy-logs.json",
            &denies,
        ),
        (
            "111122223333/eu-west-1/get-bucket-policy-other.json",
            &alone,
        ),
    ];
    let read = validated(&files);
    let any = "policy = { any = \"policy of arn:aws:s3:::logs\" }";
    let text = native::write(&read.network);
    assert_says(&text, &[&format!("{}{any}", entry("arn:aws:s3:::logs"))]);
    assert_says(
        &assumptions(&read),
        &["described-twice: `arn:aws:s3:::logs`"],
    );
}

#[test]
fn a_folder_that_is_not_a_region_may_be_of_another_account() {
    let alone = alone();
    let of = |name: &str| {
        let read = validated(&[EMPTY, IDENTITY, (name, &alone)]);
        !read.network.accounts().is_empty()
    };
    assert!(of("get-bucket-policy-logs.json"));
    assert!(of("eu-west-1/get-bucket-policy-logs.json"));
    assert!(!of("prod/get-bucket-policy-logs.json"));
    assert!(!of("prod/eu-west-1/get-bucket-policy-logs.json"));
    assert!(of("111122223333/eu-west-1/get-bucket-policy-logs.json"));
}

#[test]
fn outputs_of_several_accounts_leave_the_account_open() {
    let alone = alone();
    let other = IDENTITY.1.replace("111122223333", "444455556666");
    let read = validated(&[
        EMPTY,
        ("111122223333/all/get-caller-identity-1.json", IDENTITY.1),
        ("111122223333/all/get-caller-identity-2.json", &other),
        ("111122223333/all/get-bucket-policy-logs.json", &alone),
    ]);
    assert!(read.network.resource_policies().is_empty());
    assert_says(&warnings(&read), &["whose account or Region"]);
}

#[test]
fn an_account_comes_from_the_caller_too() {
    let alone = alone();
    let bucket = ("get-bucket-policy-logs.json", alone.as_str());
    assert_says(&native(&[IDENTITY, bucket]), &[&entry("arn:aws:s3:::logs")]);
    let china = IDENTITY.1.replace("arn:aws:", "arn:aws-cn:");
    let text = native(&[("a.json", &china), bucket]);
    assert_says(&text, &[&entry("arn:aws-cn:s3:::logs")]);
    let read = validated(&[EMPTY, bucket]);
    assert!(read.network.accounts().is_empty());
    assert_says(
        &warnings(&read),
        &["`logs`: the policy of a resource whose account or Region the input does not say"],
    );
}

#[test]
fn queues_topics_and_secrets_name_themselves() {
    let queue = format!(
        r#"{{"Attributes": {{"QueueArn": "arn:aws:sqs:eu-west-1:111122223333:orders", "Policy": "{POLICY}"}}}}"#
    );
    let topic = format!(
        r#"{{"Attributes": {{"TopicArn": "arn:aws:sns:eu-west-1:111122223333:news", "Policy": "{POLICY}"}}}}"#
    );
    let secret = format!(
        r#"{{"ARN": "arn:aws:secretsmanager:eu-west-1:111122223333:secret:db-AbCdEf", "Name": "db", "ResourcePolicy": "{POLICY}"}}"#
    );
    let image = format!(
        r#"{{"registryId": "111122223333", "repositoryName": "team/app", "policyText": "{POLICY}"}}"#
    );
    let text = native(&[
        ("111122223333/eu-west-1/queue.json", &queue),
        ("111122223333/eu-west-1/topic.json", &topic),
        ("111122223333/eu-west-1/secret.json", &secret),
        ("111122223333/eu-west-1/image.json", &image),
    ]);
    for arn in [
        "arn:aws:sqs:eu-west-1:111122223333:orders",
        "arn:aws:sns:eu-west-1:111122223333:news",
        "arn:aws:secretsmanager:eu-west-1:111122223333:secret:db-AbCdEf",
        "arn:aws:ecr:eu-west-1:111122223333:repository/team/app",
    ] {
        assert_says(&text, &[&format!("{}{KNOWN}", entry(arn))]);
    }
}

#[test]
fn what_has_no_policy_says_so_only_when_it_was_asked() {
    let alone = alone();
    let bucket = ("get-bucket-policy-logs.json", alone.as_str());
    let asked = r#"{"Attributes": {"QueueArn": "arn:aws:sqs:eu-west-1:111122223333:a", "CreatedTimestamp": "1", "LastModifiedTimestamp": "1", "VisibilityTimeout": "30"}}"#;
    let partly = r#"{"Attributes": {"QueueArn": "arn:aws:sqs:eu-west-1:111122223333:b"}}"#;
    let secret = r#"{"ARN": "arn:aws:secretsmanager:eu-west-1:111122223333:secret:db-AbCdEf", "Name": "db"}"#;
    let buckets = r#"{"Buckets": [{"Name": "logs"}, {"Name": "other"}], "Owner": {"ID": "1"}}"#;
    let keys =
        r#"{"Keys": [{"KeyId": "1", "KeyArn": "arn:aws:kms:eu-west-1:111122223333:key/1"}]}"#;
    let files = [
        IDENTITY,
        ("asked.json", asked),
        ("partly.json", partly),
        ("get-resource-policy-db.json", secret),
        ("list-buckets.json", buckets),
        ("list-keys.json", keys),
    ];
    assert_eq!(native(&files), "");
    let text = native(&[&files[..], &[bucket]].concat());
    let open = |arn: &str| format!("{}policy = {{ any = \"policy of {arn}\" }}", entry(arn));
    assert_says(
        &text,
        &[
            &open("arn:aws:sqs:eu-west-1:111122223333:b"),
            &open("arn:aws:s3:::other"),
            &open("arn:aws:kms:eu-west-1:111122223333:key/1"),
            &entry("arn:aws:sqs:eu-west-1:111122223333:a"),
            &entry("arn:aws:secretsmanager:eu-west-1:111122223333:secret:db-AbCdEf"),
        ],
    );
    assert_eq!(text.matches("policy = ").count(), 4, "{text}");
}

#[test]
fn a_bucket_says_what_else_grants_and_stops() {
    let alone = alone();
    let bucket = ("get-bucket-policy-logs.json", alone.as_str());
    let controls = (
        "get-bucket-ownership-controls-logs.json",
        r#"{"OwnershipControls": {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}}"#,
    );
    let block = r#"{"PublicAccessBlockConfiguration": {"BlockPublicAcls": true, "IgnorePublicAcls": true, "BlockPublicPolicy": false, "RestrictPublicBuckets": false}}"#;
    let of_bucket = ("get-public-access-block-logs.json", block);
    let of_account = ("get-public-access-block-111122223333.json", block);
    let lists = "access-control-lists = true\n";
    let blocked = "public-access = false\n";
    assert_says(&native(&[IDENTITY, bucket]), &[lists, blocked]);
    assert!(!native(&[IDENTITY, bucket, controls]).contains(lists));
    assert_says(&native(&[IDENTITY, bucket, of_bucket]), &[blocked]);
    assert_says(&native(&[IDENTITY, bucket, of_account]), &[blocked]);
    assert!(!native(&[IDENTITY, bucket, of_bucket, of_account]).contains(blocked));
}

#[test]
fn an_api_without_a_policy_is_closed_only_when_it_is_private() {
    // API Gateway escapes its policy once more.
    let escaped = POLICY.replace('\\', "\\\\\\");
    let apis = format!(
        r#"{{"items": [
        {{"id": "open1", "name": "open", "policy": "{escaped}", "endpointConfiguration": {{"types": ["REGIONAL"]}}}},
        {{"id": "edge1", "name": "edge", "endpointConfiguration": {{"types": ["EDGE"]}}}},
        {{"id": "shut1", "name": "shut", "endpointConfiguration": {{"types": ["PRIVATE"]}}}},
        {{"id": "link1", "name": "link", "targetArns": []}}]}}"#
    );
    let file = ("111122223333/eu-west-1/get-rest-apis.json", apis.as_str());
    let text = native(&[file]);
    let arn = |id: &str| format!("arn:aws:execute-api:eu-west-1:111122223333:{id}");
    assert_says(
        &text,
        &[
            &format!("{}{KNOWN}", entry(&arn("open1"))),
            &entry(&arn("shut1")),
            &format!(
                "{}policy = {{ any = \"authorization of {}\" }}",
                entry(&arn("edge1")),
                arn("edge1")
            ),
        ],
    );
    let read = validated(&[EMPTY, file]);
    assert_eq!(warnings(&read).matches("of `items`").count(), 1);
    let one = r#"{"id": "shut1", "name": "shut", "endpointConfiguration": {"types": ["PRIVATE"]}}"#;
    assert_eq!(
        native(&[("111122223333/eu-west-1/get-rest-api.json", one)]),
        ""
    );
}

#[test]
fn mistakes_say_where_they_are() {
    let alone = alone();
    let said = errors(&[EMPTY, ("policy.json", &alone)]);
    assert_says(
        &said,
        &[
            "error[missing-field]",
            "policy.json at /Policy",
            "get-bucket-policy-<bucket>.json",
        ],
    );
    let said = errors(&[
        EMPTY,
        IDENTITY,
        ("get-bucket-policy-a.json", r#"{"Policy": "nothing"}"#),
    ]);
    assert_says(
        &said,
        &[
            "error[invalid-policy]: line 1 of the policy",
            "get-bucket-policy-a.json at /Policy",
        ],
    );
    let without = alone.replace(r#"\"Principal\":\"*\","#, "");
    let said = errors(&[EMPTY, IDENTITY, ("get-bucket-policy-a.json", &without)]);
    assert_says(
        &said,
        &["`Principal` or `NotPrincipal` is missing", "at /Policy"],
    );
}
