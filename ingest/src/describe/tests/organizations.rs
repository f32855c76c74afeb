//! AWS Organizations: what the levels above an account say.

use model::Organization;

use super::*;

const ROOTS: (&str, &str) = (
    "list-roots.json",
    r#"{"Roots": [{"Id": "r-ab12", "Arn": "arn:aws:organizations::999988887777:root/o-1/r-ab12", "Name": "Root",
    "PolicyTypes": [{"Type": "SERVICE_CONTROL_POLICY", "Status": "ENABLED"}, {"Type": "RESOURCE_CONTROL_POLICY", "Status": "ENABLED"}]}]}"#,
);
const OF_ACCOUNT: (&str, &str) = (
    "list-parents-111122223333.json",
    r#"{"Parents": [{"Id": "ou-ab12-11111111", "Type": "ORGANIZATIONAL_UNIT"}]}"#,
);
const OF_UNIT: (&str, &str) = (
    "list-parents-ou-ab12-11111111.json",
    r#"{"Parents": [{"Id": "r-ab12", "Type": "ROOT"}]}"#,
);
const FULL: &str = r#"{"Policies": [{"Id": "p-FullAWSAccess", "Type": "SERVICE_CONTROL_POLICY", "AwsManaged": true}]}"#;
const OWN: &str =
    r#"{"Policies": [{"Id": "p-own", "Type": "SERVICE_CONTROL_POLICY", "AwsManaged": false}]}"#;
const RCP: &str = r#"{"Policies": [{"Id": "p-RCPFullAWSAccess", "Type": "RESOURCE_CONTROL_POLICY", "AwsManaged": true}]}"#;
const RCP_MORE: &str = r#"{"Policies": [{"Id": "p-RCPFullAWSAccess", "Type": "RESOURCE_CONTROL_POLICY"}, {"Id": "p-rcp", "Type": "RESOURCE_CONTROL_POLICY"}]}"#;
const POLICY: (&str, &str) = (
    "describe-policy-p-own.json",
    r#"{"Policy": {"PolicySummary": {"Id": "p-own", "Arn": "arn:aws:organizations::999988887777:policy/o-1/service_control_policy/p-own", "Name": "own", "Type": "SERVICE_CONTROL_POLICY"},
    "Content": "{\"Statement\": {\"Effect\": \"Allow\", \"Action\": \"s3:*\", \"Resource\": \"*\"}}"}}"#,
);

fn all() -> Vec<(&'static str, &'static str)> {
    vec![
        EMPTY,
        ROOTS,
        OF_ACCOUNT,
        OF_UNIT,
        POLICY,
        ("list-policies-for-target-scp-r-ab12.json", FULL),
        ("list-policies-for-target-scp-ou-ab12-11111111.json", OWN),
        ("list-policies-for-target-scp-111122223333.json", FULL),
        ("list-policies-for-target-rcp-r-ab12.json", RCP),
        (
            "list-policies-for-target-rcp-ou-ab12-11111111.json",
            RCP_MORE,
        ),
        ("list-policies-for-target-rcp-111122223333.json", RCP),
    ]
}

fn organization(files: &[(&str, &str)]) -> Organization {
    let read = validated(files);
    let account = &read.network.accounts()[&"111122223333".into()];
    account.organization.clone()
}

#[test]
fn the_organization_is_known_where_there_is_one() {
    let id = |files: &[(&str, &str)]| {
        let read = validated(files);
        let account = &read.network.accounts()[&"111122223333".into()];
        account.organization_id.clone()
    };
    assert_eq!(id(&all()).as_deref(), Some("o-1"));
    let mut files = all();
    files.push((
        "describe-organization.json",
        r#"{"Organization": {"Id": "o-2", "MasterAccountId": "444455556666"}}"#,
    ));
    assert_eq!(id(&files), None);
}

#[test]
fn levels_go_from_the_root_to_the_account() {
    let read = validated(&all());
    assert_eq!(warnings(&read).matches("Polic").count(), 0);
    let text = native::write(&read.network);
    let Organization::Member {
        service_control_policies,
        resource_control_policies,
    } = organization(&all())
    else {
        panic!("{text}");
    };
    let lens: Vec<_> = service_control_policies.iter().map(Vec::len).collect();
    assert_eq!(lens, [1, 1, 1]);
    assert_eq!(service_control_policies[0], service_control_policies[2]);
    assert_ne!(service_control_policies[0], service_control_policies[1]);
    assert_eq!(resource_control_policies.len(), 1);
    assert_says(
        &text,
        &["s3:*", r#"{ any = "policy p-rcp (describe-policy)" }"#],
    );
}

fn hole(without: &str) -> String {
    let mut files = all();
    files.retain(|(name, _)| !name.contains(without));
    let organization = organization(&files);
    let Organization::Unknown(hole) = organization else {
        panic!("{organization:?}");
    };
    hole.attribute().to_owned()
}

#[test]
fn what_is_missing_is_named() {
    let cases = [
        ("list-roots", "types of policies of r-ab12 (list-roots)"),
        (
            "list-parents-ou",
            "parent of ou-ab12-11111111 (list-parents)",
        ),
        ("list-parents-1", "parent of 111122223333 (list-parents)"),
        (
            "scp-r-",
            "service control policies of r-ab12 (list-policies-for-target)",
        ),
        (
            "rcp-111122223333",
            "resource control policies of 111122223333 (list-policies-for-target)",
        ),
    ];
    for (without, expected) in cases {
        assert_eq!(hole(without), expected);
    }
}

#[test]
fn a_type_that_is_not_in_use_has_no_policies() {
    let mut files = all();
    let (before, _) = ROOTS.1.split_once("[{\"Type\"").unwrap();
    let roots = format!("{before}[]}}]}}");
    files.retain(|(name, _)| *name != ROOTS.0 && !name.contains("-rcp-"));
    files.push((ROOTS.0, &roots));
    let Organization::Member {
        service_control_policies,
        resource_control_policies,
    } = organization(&files)
    else {
        panic!("a member");
    };
    assert!(service_control_policies.is_empty() && resource_control_policies.is_empty());
}

#[test]
fn a_type_that_is_being_enabled_or_disabled_may_be_in_use() {
    for status in ["PENDING_ENABLE", "PENDING_DISABLE"] {
        let mut files = all();
        let roots = ROOTS.1.replace("ENABLED", status);
        files.retain(|(name, _)| *name != ROOTS.0);
        files.push((ROOTS.0, &roots));
        let Organization::Unknown(hole) = organization(&files) else {
            panic!("not known");
        };
        let told = "types of policies of r-ab12 (list-roots)";
        assert_eq!(hole.attribute(), told);
    }
}

#[test]
fn outputs_that_contradict_each_other_leave_it_open() {
    let other = |text: &str, from: &str, to: &str| {
        assert!(text.contains(from));
        text.replace(from, to)
    };
    let moved = other(OF_ACCOUNT.1, "ou-ab12-11111111", "ou-ab12-22222222");
    let none = other(ROOTS.1, "SERVICE_CONTROL_POLICY", "TAG_POLICY");
    let contradictions = [
        (
            "old/list-parents-111122223333.json",
            moved.as_str(),
            "parent of 111122223333 (list-parents)",
        ),
        (
            "old/list-roots.json",
            none.as_str(),
            "types of policies of r-ab12 (list-roots)",
        ),
        (
            "old/list-policies-for-target-scp-r-ab12.json",
            OWN,
            "service control policies of r-ab12 (list-policies-for-target)",
        ),
    ];
    for (name, text, expected) in contradictions {
        let mut files = all();
        files.push((name, text));
        let hole = model::Hole::new(expected);
        assert_eq!(organization(&files), Organization::Unknown(hole));
        assert_says(&assumptions(&validated(&files)), &["described-twice"]);
    }
    let mut files = all();
    files.push(("old/describe-policy-p-own.json", POLICY.1));
    files.push(("old/list-roots.json", ROOTS.1));
    let text = native::write(&validated(&files).network);
    assert!(!text.contains("policy p-own"), "{text}");
    let denies = other(POLICY.1, "Allow", "Deny");
    files.push(("older/describe-policy-p-own.json", &denies));
    let read = validated(&files);
    let text = native::write(&read.network);
    assert_says(&text, &[r#"{ any = "policy p-own (describe-policy)" }"#]);
    assert_says(&assumptions(&read), &["described-twice: `p-own`"]);
}

#[test]
fn the_management_account_is_not_limited() {
    let organization = (
        "describe-organization.json",
        r#"{"Organization": {"Id": "o-1", "MasterAccountId": "111122223333"}}"#,
    );
    let mut files = all();
    files.push(organization);
    assert_eq!(self::organization(&files), Organization::Management);
    files.retain(|file| *file != organization);
    let roots = ROOTS.1.replace("999988887777", "111122223333");
    files.retain(|(name, _)| *name != ROOTS.0);
    files.push((ROOTS.0, &roots));
    assert_eq!(self::organization(&files), Organization::Management);
}

#[test]
fn units_that_go_round_in_a_circle_are_open() {
    let mut files = all();
    files.retain(|(name, _)| *name != OF_UNIT.0);
    let circle = OF_ACCOUNT.1;
    files.push((OF_UNIT.0, circle));
    assert_eq!(
        organization(&files),
        Organization::Unknown(model::Hole::new("parents of 111122223333 (list-parents)"))
    );
}

#[test]
fn a_file_has_to_say_what_it_is_of() {
    let said = errors(&[
        EMPTY,
        ("parents.json", OF_UNIT.1),
        ("list-policies-for-target.json", FULL),
    ]);
    assert_says(
        &said,
        &[
            "parents.json at /Parents",
            "name it `list-parents-<id of a root, a unit or an account>.json`",
            "list-policies-for-target.json",
            "name it `list-policies-for-target-<id",
        ],
    );
    let wrong = POLICY.1.replace("\\\"Effect\\\"", "\\\"Effekt\\\"");
    let said = errors(&[EMPTY, ("describe-policy.json", &wrong)]);
    assert_says(
        &said,
        &[
            "error[invalid-policy]",
            "describe-policy.json at /Policy/Content",
        ],
    );
}
