//! Users and roles of `get-account-authorization-details`.

use super::*;

const IDENTITY: (&str, &str) = (
    "get-caller-identity.json",
    r#"{"UserId": "AIDA1", "Account": "111122223333", "Arn": "arn:aws:iam::111122223333:user/auditor"}"#,
);
const READS: &str =
    r#"{"Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}]}"#;

/// An output with one user, one group and one role.
fn details() -> String {
    let encoded = "%7B%22Version%22%3A%222012-10-17%22%2C%22Statement%22%3A%5B%7B%22Effect%22%3A%22Allow%22%2C%22Action%22%3A%22sqs%3A%2A%22%2C%22Resource%22%3A%22%2A%22%7D%5D%7D";
    format!(
        r#"{{"UserDetailList": [{{"Path": "/", "UserName": "ann", "UserId": "AIDA2", "Arn": "arn:aws:iam::111122223333:user/ann",
        "UserPolicyList": [{{"PolicyName": "queues", "PolicyDocument": "{encoded}"}}], "GroupList": ["staff"], "AttachedManagedPolicies": []}}],
    "GroupDetailList": [{{"GroupName": "staff", "Arn": "arn:aws:iam::111122223333:group/staff", "GroupPolicyList": [{{"PolicyName": "in", "PolicyDocument": {READS}}}],
        "AttachedManagedPolicies": [{{"PolicyName": "own", "PolicyArn": "arn:aws:iam::111122223333:policy/own"}}]}}],
    "RoleDetailList": [{{"RoleName": "app", "Arn": "arn:aws:iam::111122223333:role/team/app", "RolePolicyList": [{{"PolicyName": "in", "PolicyDocument": {READS}}}],
        "AttachedManagedPolicies": [{{"PolicyName": "ReadOnlyAccess", "PolicyArn": "arn:aws:iam::aws:policy/ReadOnlyAccess"}}],
        "PermissionsBoundary": {{"PermissionsBoundaryType": "PermissionsBoundaryPolicy", "PermissionsBoundaryArn": "arn:aws:iam::111122223333:policy/own"}},
        "AssumeRolePolicyDocument": {{"Version": "2012-10-17", "Statement": [{{"Effect": "Allow", "Principal": {{"Service": "ec2.amazonaws.com"}}, "Action": "sts:AssumeRole"}}]}}}}],
    "Policies": [{{"PolicyName": "own", "Arn": "arn:aws:iam::111122223333:policy/own", "DefaultVersionId": "v2", "PolicyVersionList": [
        {{"VersionId": "v1", "IsDefaultVersion": false, "Document": {{"Statement": []}}}},
        {{"VersionId": "v2", "IsDefaultVersion": true, "Document": {{"Statement": {{"Effect": "Deny", "Action": "*", "Resource": "*"}}}}}}]}}],
    "IsTruncated": false}}"#
    )
}

const ANN: &str = "arn:aws:iam::111122223333:user/ann";
const APP: &str = "arn:aws:iam::111122223333:role/team/app";

#[test]
fn users_and_roles_have_all_their_policies() {
    let read = validated(&[EMPTY, ("details.json", &details())]);
    let text = native::write(&read.network);
    assert_says(
        &text,
        &[
            "[account.111122223333]\n\
             organization = { any = \"parent of 111122223333 (list-parents)\" }\n\
             principals-complete = true\nresources-complete = [\"iam\"]\n",
            "{ any = \"policy arn:aws:iam::aws:policy/ReadOnlyAccess\" }",
            "\"Service\":\"ec2.amazonaws.com\"",
        ],
    );
    let principals = read.network.principals();
    let ann = &principals[&ANN.into()];
    assert_eq!(ann.identity_policies.len(), 3, "{text}");
    let app = &principals[&APP.into()];
    assert_eq!(app.identity_policies.len(), 2, "{text}");
    let own = ann.identity_policies.last();
    assert_eq!(app.permissions_boundary.as_ref(), own, "{text}");
    let trust = &read.network.resource_policies()[&APP.into()];
    assert_eq!(trust.account, "111122223333".into());
    assert_eq!(self::network(&text), read.network);
}

fn network(text: &str) -> Network {
    let (draft, ..) = native::read(text, "network.toml").expect("what was written");
    draft.validate().expect("a valid network")
}

#[test]
fn a_region_more_says_the_same() {
    let details = details();
    let read = validated(&[
        EMPTY,
        ("111122223333/eu-west-1/details.json", &details),
        ("111122223333/us-east-1/details.json", &details),
    ]);
    assert_eq!(read.network.principals().len(), 2);
    assert!(!assumptions(&read).contains("described-twice"));
    let other = details.replace("sqs", "sns");
    let read = validated(&[
        EMPTY,
        ("a/details.json", &details),
        ("b/details.json", &other),
    ]);
    assert_says(
        &assumptions(&read),
        &["described-twice: `arn:aws:iam::111122223333:user/ann`"],
    );
    let any = "{ any = \"policies of arn:aws:iam::111122223333:user/ann\" }";
    assert_says(&native::write(&read.network), &[any]);
    assert_eq!(app(&read), app(&validated(&[EMPTY, ("a.json", &details)])));
}

fn app(read: &Validated) -> &model::IamPrincipal {
    &read.network.principals()[&APP.into()]
}

#[test]
fn what_is_shared_and_described_twice_is_open() {
    let details = details();
    let read = |from: &str, to: &str| {
        assert!(details.contains(from));
        let other = details.replace(from, to);
        let files = [("a/details.json", details.as_str()), ("b/d.json", &other)];
        native::write(&validated(&[&[EMPTY], &files[..]].concat()).network)
    };
    let policy = "{ any = \"policy arn:aws:iam::111122223333:policy/own\" }";
    let other_version = read("\"IsDefaultVersion\": true", "\"IsDefaultVersion\": null");
    assert_says(&other_version, &[policy]);
    let group = "{ any = \"policies of group staff of 111122223333\" }";
    assert_says(&read("\"GroupPolicyList\"", "\"Other\""), &[group]);
    // When a role was last used says nothing of its policies.
    let used = read("\"RoleName\"", "\"RoleLastUsed\": {}, \"RoleName\"");
    assert!(
        !used.contains(policy) && !used.contains("policies of"),
        "{used}"
    );
}

#[test]
fn two_snapshots_of_one_account_are_put_together() {
    let details = details();
    let directories = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    for directory in &directories {
        fs::write(directory.path().join("details.json"), &details).unwrap();
    }
    let paths = directories.each_ref().map(|one| one.path().to_owned());
    let read = crate::read(&paths).and_then(Ingested::validate).unwrap();
    assert_eq!(read.network.accounts().len(), 1);
    assert_eq!(read.network.principals().len(), 2);
}

#[test]
fn a_group_or_a_trust_policy_that_is_left_out_is_open() {
    let text = details();
    let text = text.replace("\"staff\", \"Arn\"", "\"other\", \"Arn\"");
    let text = text.replace("\"AssumeRolePolicyDocument\"", "\"Other\"");
    let read = validated(&[EMPTY, ("details.json", &text)]);
    assert_says(
        &native::write(&read.network),
        &[
            "{ any = \"policies of group staff of 111122223333\" }",
            "policy = { any = \"trust policy of arn:aws:iam::111122223333:role/team/app\" }",
        ],
    );
}

/// Whether all users and roles, and all roles as what is assumed, are there.
fn complete(files: &[(&str, &str)]) -> (bool, bool) {
    let read = validated(&[&[EMPTY], files].concat());
    let account = &read.network.accounts()[&"111122223333".into()];
    (
        account.principals_complete,
        account.resources_complete.contains("iam"),
    )
}

#[test]
fn a_page_is_not_complete() {
    let text = details().replace("\"IsTruncated\": false", "\"IsTruncated\": true");
    let last = details();
    assert_eq!(complete(&[("details.json", &text)]), (false, false));
    let both = [("a/details.json", text.as_str()), ("b/details.json", &last)];
    assert_eq!(complete(&both), (false, false));
    let read = validated(&[EMPTY, ("details.json", &text)]);
    assert_says(&warnings(&read), &["`IsTruncated` is true", "are open"]);
}

#[test]
fn an_empty_list_may_have_been_filtered() {
    let role = r#"{"Arn": "arn:aws:iam::111122223333:role/app", "AssumeRolePolicyDocument": {"Statement": []}}"#;
    let roles = format!(
        r#"{{"UserDetailList": [], "GroupDetailList": [], "RoleDetailList": [{role}], "Policies": []}}"#
    );
    let roles = ("roles.json", roles.as_str());
    assert_eq!(complete(&[roles]), (false, true));
    let none = (
        "summary.json",
        r#"{"SummaryMap": {"Users": 0, "Roles": 1}}"#,
    );
    assert_eq!(complete(&[roles, none]), (true, true));
    let some = (
        "summary.json",
        r#"{"SummaryMap": {"Users": 3, "Roles": 1}}"#,
    );
    assert_eq!(complete(&[roles, some]), (false, true));
    let read = validated(&[EMPTY, roles, some]);
    assert_says(&warnings(&read), &["`Users` is 3, and the details of 0"]);
    let more = ("more.json", r#"{"SummaryMap": {"Users": 0, "Roles": 40}}"#);
    assert_eq!(complete(&[roles, more]), (false, false));
    assert_eq!(complete(&[roles, none, more]), (false, false));
    let user = r#"{"Arn": "arn:aws:iam::111122223333:user/ann"}"#;
    let users = format!(
        r#"{{"UserDetailList": [{user}], "GroupDetailList": [], "RoleDetailList": [], "Policies": []}}"#
    );
    let users = ("users.json", users.as_str());
    assert_eq!(complete(&[users]), (false, false));
    assert_eq!(complete(&[users, roles]), (true, true));
    let nobody = (
        "none.json",
        r#"{"UserDetailList": [], "RoleDetailList": []}"#,
    );
    assert_eq!(complete(&[IDENTITY, nobody]), (false, false));
}

#[test]
fn without_policies_no_account_is_there() {
    let read = validated(&[EMPTY, IDENTITY]);
    assert!(read.network.accounts().is_empty());
}

#[test]
fn a_policy_of_the_wrong_form_is_an_error_at_its_place() {
    let said = errors(&[
        EMPTY,
        ("details.json", &details().replace("\"Deny\"", "\"Never\"")),
    ]);
    assert_says(
        &said,
        &[
            "error[invalid-policy]: `Effect` is `Never`",
            "details.json at /Policies/0/PolicyVersionList/1/Document/Statement",
        ],
    );
    let said = errors(&[
        EMPTY,
        ("details.json", &details().replace("%5D%7D\"", "\"")),
    ]);
    assert_says(
        &said,
        &[
            "error[invalid-policy]: line 1 of the policy",
            "details.json at /UserDetailList/0/UserPolicyList/0/PolicyDocument",
        ],
    );
    let said = errors(&[
        EMPTY,
        ("details.json", r#"{"RoleDetailList": [{"Arn": "app"}]}"#),
    ]);
    assert_says(
        &said,
        &[
            "error[invalid-value]: `app` has no account",
            "at /RoleDetailList/0/Arn",
        ],
    );
}
