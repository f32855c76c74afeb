//! Accounts, principals and resources with policies.

use super::*;

const ACCOUNTS: &str = r#"
[account.111122223333]
principals-complete = true
resources-complete = ["iam", "s3"]
tags = { Name = "main" }
[account.222233334444]
management = true
organization-id = "o-own"
[account.333344445555]
organization = { any = "organization of 333344445555" }
[account.444455556666]
service-control-policies = [
    ['{"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}'],
    ['{"Statement": {"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}}', { any = "policy p-1" }],
    [],
]
resource-control-policies = ['{"Statement": {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*"}}', { any = "policy p-2" }]
[account.555566667777]
service-control-policies = []

[principal."arn:aws:iam::111122223333:user/team/ann"]
identity-policies = ['{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:*", "Resource": "arn:aws:s3:::${aws:username}/*"}}', { any = "policies of group staff" }]
permissions-boundary = { any = "boundary of ann" }
[principal."arn:aws:iam::111122223333:role/app"]
permissions-boundary = { one-of = ['{"Statement": []}', '{"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}'], hole = "boundary of app" }
[principal."arn:aws:sts::111122223333:assumed-role/app/ci"]
session-policies = ['{"Statement": {"Effect": "Allow", "Action": "s3:ListBucket", "Resource": "*"}}']

[resource-policy."arn:aws:s3:::logs"]
account = "111122223333"
policy = '{"Statement": {"Effect": "Allow", "NotPrincipal": {"AWS": ["111122223333", "arn:aws:iam::222233334444:role/app"]}, "Action": "s3:*", "Resource": "*"}}'
[resource-policy."arn:aws:s3:::plain"]
account = "222233334444"
access-control-lists = true
public-access = false
[resource-policy."arn:aws:iam::111122223333:role/app"]
account = "111122223333"
policy = '{"Statement": {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}}'
[resource-policy."arn:aws:iam::111122223333:role/hidden"]
account = "111122223333"
policy = { any = "trust policy of hidden" }
"#;

#[test]
fn accounts_are_written_as_they_are_read() {
    let network = network(ACCOUNTS);
    assert_eq!(network.accounts().len(), 5);
    assert_eq!(network.principals().len(), 3);
    assert_eq!(network.resource_policies().len(), 4);
    assert_round_trip(&network);
}

#[test]
fn what_excludes_each_other_is_said() {
    let said = errors("[account.111122223333]\nmanagement = true\nservice-control-policies = []\n");
    assert_says(&said, &["exclude each other", "network.toml:3"]);
    let said = errors("[account.111122223333]\norganization = \"o-1\"\n");
    assert_says(&said, &["expected `{ any = \"hole\" }`"]);
}

#[test]
fn a_policy_has_a_principal_where_it_is_of_a_resource() {
    let statement = r#"{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}"#;
    let said = errors(&format!(
        "[principal.\"arn:aws:iam::111122223333:role/a\"]\nidentity-policies = ['{{\"Statement\": {statement}}}']\n"
    ));
    assert_says(
        &said,
        &[
            "error[invalid-policy]",
            "`Principal` in the policy of an identity",
        ],
    );
    let statement = r#"{"Effect": "Allow", "Principal": "*", "Action": "*"}"#;
    let said = errors(&format!(
        "[resource-policy.\"arn:aws:s3:::a\"]\naccount = \"111122223333\"\npolicy = '{{\"Statement\": {statement}}}'\n"
    ));
    assert_says(&said, &["`Resource` or `NotResource` is missing"]);
}

/// The defects of a network.
fn defects(text: &str) -> String {
    let defects = draft(text).validate().expect_err("the network is wrong");
    let defects: Vec<_> = defects.iter().map(ToString::to_string).collect();
    defects.join("\n")
}

#[test]
fn defects_name_the_account_or_the_principal() {
    assert_says(
        &defects("[account.1111]\n"),
        &["account `1111` is not of twelve digits"],
    );
    let group = "arn:aws:iam::111122223333:group/staff";
    let account = "[account.111122223333]\n";
    assert_says(
        &defects(&format!("{account}[principal.\"{group}\"]\n")),
        &[&format!(
            "principal `{group}` is no ARN of a user, a role or a session"
        )],
    );
    let role = |path: &str| format!("[principal.\"arn:aws:iam::111122223333:role/{path}/app\"]\n");
    assert_says(
        &defects(&format!("{account}{}{}", role("a"), role("b"))),
        &[
            "roles `arn:aws:iam::111122223333:role/b/app` and `arn:aws:iam::111122223333:role/a/app` have one name",
        ],
    );
    assert_says(
        &defects("[resource-policy.\"arn:aws:s3:::a\"]\naccount = \"111122223333\"\n"),
        &["account `111122223333` is used by `arn:aws:s3:::a` but is not defined"],
    );
}
