use model::{
    ActionElement, Condition, ConditionOperator, ContextKey, Policy, PolicyEffect,
    PrincipalElement, PrincipalPattern, ResourceElement, Statement,
};

use super::{Of, full_access, read, read_native, read_of_endpoint, write};
use crate::diagnostic::Place;
use crate::sink::Sink;

fn field() -> Place {
    Place {
        pointer: Some("/VpcEndpoints/0/PolicyDocument".to_owned()),
        ..Place::file("describe-vpc-endpoints.json")
    }
}

fn errors(text: &str) -> String {
    let errors = read(text, &field()).expect_err("the policy is wrong");
    let errors: Vec<_> = errors.iter().map(ToString::to_string).collect();
    errors.join("\n")
}

#[test]
fn the_default_policy_of_an_endpoint_is_full_access() {
    let text = r#"{"Version": "2008-10-17", "Statement": [
        {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}]}"#;
    assert_eq!(read(text, &field()), Ok(full_access()));
}

#[test]
fn every_element_is_read_in_each_of_its_forms() {
    let text = r#"{"Version": "2012-10-17", "Id": "x", "Statement": {
        "Sid": "one", "Effect": "Deny",
        "NotPrincipal": {"AWS": ["111122223333", "arn:aws:iam::444455556666:root",
            "arn:aws:iam::111122223333:role/app", "AIDA123", "*"], "Service": "s3.amazonaws.com"},
        "NotAction": ["s3:Get*", "s3:List*"], "NotResource": "arn:aws:s3:::bucket/*",
        "Condition": {"Bool": {"aws:SecureTransport": false}, "StringEquals": {"aws:ResourceOrgID": ["o-1", "o-2"]}}
    }}"#;
    let other = |kind: &str, value: &str| PrincipalPattern::Other {
        kind: kind.to_owned(),
        value: value.to_owned(),
    };
    let condition = |operator: &str, key: &str, values: &[&str]| Condition {
        operator: ConditionOperator::new(operator),
        key: ContextKey::new(key),
        values: values.iter().map(|value| (*value).into()).collect(),
    };
    let policy = Policy {
        statements: vec![Statement {
            sid: Some("one".to_owned()),
            effect: PolicyEffect::Deny,
            principal: PrincipalElement::NotPrincipal(vec![
                PrincipalPattern::Account("111122223333".to_owned()),
                PrincipalPattern::Account("444455556666".to_owned()),
                PrincipalPattern::Arn("arn:aws:iam::111122223333:role/app".to_owned()),
                other("AWS", "AIDA123"),
                PrincipalPattern::Everyone,
                other("Service", "s3.amazonaws.com"),
            ]),
            action: ActionElement::NotAction(vec!["s3:Get*".to_owned(), "s3:List*".to_owned()]),
            resource: ResourceElement::NotResource(vec!["arn:aws:s3:::bucket/*".into()]),
            conditions: vec![
                condition("Bool", "aws:SecureTransport", &["false"]),
                condition("StringEquals", "aws:ResourceOrgID", &["o-1", "o-2"]),
            ],
        }],
        variables: true,
    };
    assert_eq!(read(text, &field()), Ok(policy.clone()));
    assert_eq!(read(&write(&policy), &field()), Ok(policy));
}

#[test]
fn what_one_object_cannot_hold_in_order_is_written_as_a_list() {
    let mut policy = full_access();
    let service = |value: &str| PrincipalPattern::Other {
        kind: "Service".to_owned(),
        value: value.to_owned(),
    };
    let condition = |operator: &str, key: &str| Condition {
        operator: ConditionOperator::new(operator),
        key: ContextKey::new(key),
        values: vec!["x".into()],
    };
    policy.statements[0].principal =
        PrincipalElement::Principal(vec![service("a"), PrincipalPattern::Everyone, service("b")]);
    policy.statements[0].conditions = vec![
        condition("Bool", "b"),
        condition("Bool", "a"),
        condition("Bool", "a"),
        condition("ArnLike", "c"),
    ];
    assert_eq!(
        read_native(&write(&policy), Of::Resource, &field()),
        Ok(policy)
    );
}

#[test]
fn every_mistake_of_a_policy_is_named_with_its_position() {
    let text = r#"{"Version": "2020-01-01", "Statment": [], "Statement": [
        {"Effect": "allow", "Action": "*", "Resource": "*", "Principal": "*"},
        {"Effect": "Allow", "Action": "*", "Resource": "*"},
        {"Effect": "Allow", "Action": "*", "NotAction": "s3:*", "Resource": "*", "Principal": {"Aws": "*"}},
        {"Effect": "Allow", "Action": 7, "Resource": "*", "Principal": "111122223333"}]}"#;
    let text = errors(text);
    for expected in [
        "error[invalid-policy]: the policy at `/Statment`: unknown element `Statment`",
        "help: did you mean `Statement`",
        "the policy: `Version` is `2020-01-01`",
        "the policy at `/Statement/0`: `Effect` is `allow`, expected `Allow` or `Deny`",
        "the policy at `/Statement/1`: `Principal` or `NotPrincipal` is missing",
        "the policy at `/Statement/2`: `Action` and `NotAction` exclude each other",
        "the policy at `/Statement/2/Principal/Aws`: unknown element `Aws`",
        "the policy at `/Statement/3/Action`: expected a string, found a number",
        "principal `111122223333` has no kind",
        "--> describe-vpc-endpoints.json at /VpcEndpoints/0/PolicyDocument",
    ] {
        assert!(text.contains(expected), "{expected}\n\nis not in\n\n{text}");
    }
}

#[test]
fn a_policy_that_is_not_json_says_the_line() {
    let text = errors("{\"Statement\":\n [}");
    assert!(
        text.contains("line 2 of the policy: not valid JSON"),
        "{text}"
    );
}

#[test]
fn variables_are_those_of_the_newer_version() {
    let text = r#"{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Principal": "*",
        "Action": "s3:*", "Resource": "arn:aws:s3:::home/${aws:username}/*"}}"#;
    let older = text.replace("2012-10-17", "2008-10-17");
    for (text, variables) in [(text, true), (&older, false)] {
        let policy = read(text, &field()).expect("a policy");
        assert_eq!(policy.variables, variables);
        assert_eq!(read(&write(&policy), &field()), Ok(policy));
    }
}

#[test]
fn what_aws_refuses_in_the_place_of_an_endpoint_policy_is_a_warning() {
    let text = r#"{"Statement": [
        {"Sid": "Role", "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:role/app"}, "Action": "*", "Resource": "*"},
        {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*", "Condition": {
            "StringLike": {"aws:SourceVpce": "vpce-*", "s3:prefix": ["home*", "home/ann*"]},
            "StringEquals": {"s3:prefix": "a*"},
            "ArnLike": {"aws:PrincipalArn": ["arn:aws:iam::1111*:role/a", "arn:aws:iam::*:role/a"]},
            "NumericEquals": {"aws:PrincipalAccount": "111122223333"}}}]}"#;
    let told = |text: &str, is_gateway| {
        let mut sink = Sink::default();
        assert!(read_of_endpoint(text, &field(), is_gateway, &mut sink).is_some());
        assert!(!sink.has_errors());
        let told = sink.diagnostics.iter().map(|one| one.message.clone());
        told.collect::<Vec<_>>()
    };
    let start = "AWS refuses this endpoint policy: statement";
    let expected = [
        format!(
            "{start} 1: `NumericEquals` with `aws:PrincipalAccount`, whose values AWS makes, is not accepted"
        ),
        format!(
            "{start} 1: a wildcard in `vpce-*` with `aws:SourceVpce`, whose values AWS makes, is not accepted"
        ),
        format!("{start} 1: `home*` needs 6 characters in a row before or behind each wildcard"),
        format!(
            "{start} 1: the account of `arn:aws:iam::1111*:role/a` is an id or a wildcard, not a mixture"
        ),
    ];
    let mut found = told(text, false);
    found.sort();
    let mut wanted = expected.to_vec();
    wanted.sort();
    assert_eq!(found, wanted);
    let of_gateway = told(text, true);
    assert!(of_gateway[0].starts_with(
        "AWS refuses this endpoint policy: statement `Role`: the policy of a gateway endpoint"
    ));
    let long = format!("{}{}", full_text(), " ".repeat(20_480));
    assert!(told(&long, true)[0].contains("characters, more than 20480"));
}

fn full_text() -> String {
    write(&full_access())
}

/// One statement with open texts wherever they may stand.
const OPEN: &str = r#"{"Statement": {"Effect": "Allow",
    "Principal": {"AWS": [{"join": ["arn:aws:iam::", {"part": "account"}, ":role/app"]}, "111122223333"],
        "CanonicalUser": {"any": "user"}},
    "Action": "s3:*",
    "Resource": ["arn:aws:s3:::a", {"join": ["arn:", "aws:s3:::", {"part": "bucket"}, "", "/*"]}],
    "Condition": {"StringEquals": {"aws:SourceVpce": {"any": "endpoint"}}}}}"#;

#[test]
fn texts_with_openings_are_written_as_they_are_read() {
    let policy = read_native(OPEN, Of::Resource, &field()).expect("a policy");
    let statement = &policy.statements[0];
    let ResourceElement::Resource(resources) = &statement.resource else {
        panic!("{statement:?}")
    };
    assert_eq!(resources[1].to_string(), "arn:aws:s3:::{bucket}/*");
    let open = resources[1].open().expect("an open text");
    assert_eq!(open.pieces().len(), 3);
    assert_eq!(statement.conditions[0].values[0].to_string(), "{endpoint}");
    let PrincipalElement::Principal(principals) = &statement.principal else {
        panic!("{statement:?}")
    };
    let is_open = |one: &PrincipalPattern| matches!(one, PrincipalPattern::Open(_));
    assert_eq!(principals.iter().filter(|one| is_open(one)).count(), 1);
    let user = PrincipalPattern::Other {
        kind: "CanonicalUser".to_owned(),
        value: "{user}".to_owned(),
    };
    assert!(principals.contains(&user), "{principals:?}");
    assert_eq!(
        read_native(&write(&policy), Of::Resource, &field()),
        Ok(policy)
    );
}

#[test]
fn openings_are_in_native_files_only_and_beside_no_variable() {
    let text = errors(OPEN);
    assert!(
        text.contains("expected a string, found an object"),
        "{text}"
    );
    let said = |resource: &str| {
        let text = format!(
            r#"{{"Version": "2012-10-17", "Statement": {{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": {resource}}}}}"#
        );
        let errors = read_native(&text, Of::Resource, &field()).expect_err(resource);
        let errors: Vec<_> = errors.iter().map(ToString::to_string).collect();
        errors.join("\n")
    };
    for (resource, expected) in [
        (
            r#"{"join": [{"any": "x"}, "/${aws:username}"]}"#,
            "`/Statement/Resource`: a `$` stands beside what is open",
        ),
        (r#"{"join": ["a", "b"]}"#, "nothing in this text is open"),
        (
            r#"{"some": "x"}"#,
            "expected one of `any`, `part` and `join`",
        ),
        (r#"{"any": "x", "part": "y"}"#, "expected one of"),
        (
            r#"{"join": [{"any": 7}]}"#,
            "expected a string, found a number",
        ),
    ] {
        let said = said(resource);
        assert!(said.contains(expected), "{expected}\n\nis not in\n\n{said}");
    }
}

#[test]
fn a_planned_policy_that_is_open_elsewhere_is_not_read() {
    let read = |text: &str| {
        let value = serde_json::from_str(text).expect("JSON");
        super::read_planned(&value, Of::Resource, &field())
    };
    assert!(read(OPEN).is_some());
    assert!(read(&OPEN.replace(r#""s3:*""#, r#"{"any": "action"}"#)).is_none());
    assert!(read(&OPEN.replace(r#""Allow""#, r#"{"any": "effect"}"#)).is_none());
    assert!(read(&OPEN.replace(r#"["arn:aws:s3:::a","#, r#"["${a}","#)).is_some());
    assert!(read(&OPEN.replace(r#""/*""#, r#""/${a}""#)).is_none());
}
