//! Endpoint policies of real life's shape and size.

use std::fmt::Write;

use ingest::Place;
use model::{
    ContextKey, Network, Policy, PolicyComparison, Principal, Request, RequestContext, RequestSet,
    Value,
};

use crate::drafted;

/// The endpoint whose policy is asked.
pub const ENDPOINT: &str = "s3";

const AROUND: &str = "[vpc.main]\ncidrs = [\"10.0.0.0/16\"]\n[endpoint.s3]\n\
                      service = \"com.amazonaws.eu-west-1.s3\"\nkind = \"gateway\"\n";

/// A network whose one endpoint has a policy.
///
/// # Panics
///
/// When it is none, which is a mistake of this crate.
pub fn network(policy: &Policy) -> Network {
    let mut draft = drafted(AROUND);
    for endpoint in &mut draft.vpc_endpoints {
        endpoint.policy = Value::Known(policy.clone());
    }
    draft
        .validate()
        .unwrap_or_else(|defects| panic!("{defects:#?}"))
}

/// Teams with a bucket, a role and a prefix each: for `n` of them as many statements, behind a
/// perimeter of two.
pub fn of_teams(n: usize) -> Policy {
    let mut text = String::from(
        r#"{"Version": "2012-10-17", "Statement": [
        {"Effect": "Deny", "Principal": "*", "Action": "*", "Resource": "*",
         "Condition": {"StringNotEquals": {"aws:PrincipalOrgID": "o-own"}, "BoolIfExists": {"aws:PrincipalIsAWSService": "false"}}},
        {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*",
         "Condition": {"Bool": {"aws:SecureTransport": "false"}}}"#,
    );
    for team in 2..n {
        write!(
            text,
            r#",
        {{"Effect": "Allow", "Principal": "*", "Action": ["s3:GetObject", "s3:PutObject*", "s3:ListBucket"],
         "Resource": ["arn:aws:s3:::own-team-{team}", "arn:aws:s3:::own-team-{team}/*"],
         "Condition": {{"StringEquals": {{"aws:ResourceOrgID": "o-own"}},
            "ArnLike": {{"aws:PrincipalArn": "arn:aws:iam::*:role/team-{team}/*"}}}}}}"#
        )
        .unwrap();
    }
    text.push_str("]}");
    read(&text)
}

/// A perimeter with a list of buckets that are the organization's, as long as AWS lets a policy be.
pub fn widest() -> Policy {
    const MOST: usize = 20_480;
    let head = r#"{"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": "*", "Action": "s3:*", "Resource": "*",
         "Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-own", "aws:ResourceOrgID": "o-own"}}},
        {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::prod-*-starport-layer-bucket/*"},
        {"Effect": "Allow", "Principal": "*", "Action": ["s3:GetObject", "s3:PutObject"],
         "Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-own"}}, "Resource": ["#;
    let mut text = head.to_owned();
    let mut bucket = 0;
    while text.len() + 100 < MOST {
        let comma = if bucket == 0 { "" } else { "," };
        write!(
            text,
            r#"{comma}"arn:aws:s3:::partner-{bucket:04}-exchange/in/*""#
        )
        .unwrap();
        bucket += 1;
    }
    text.push_str("]}]}");
    assert!(text.len() <= MOST, "{} characters", text.len());
    read(&text)
}

/// The same without its last statement but one.
pub fn narrower(policy: &Policy) -> Policy {
    let mut narrower = policy.clone();
    let last = narrower.statements.len().saturating_sub(2);
    narrower.statements.remove(last);
    narrower
}

fn read(text: &str) -> Policy {
    let read = ingest::policy::read(text, &Place::file("drawn.json"));
    read.unwrap_or_else(|errors| panic!("{errors:#?}"))
}

/// Every request, against a reference.
pub fn comparison(reference: &Policy) -> PolicyComparison {
    PolicyComparison {
        endpoint: ENDPOINT.into(),
        reference: reference.clone(),
        set: RequestSet::every(),
    }
}

/// A request of the last team, with all that its conditions ask for.
pub fn request(team: usize) -> Request {
    let context = [
        ("aws:PrincipalOrgID", "o-own"),
        ("aws:ResourceOrgID", "o-own"),
        ("aws:SecureTransport", "true"),
    ];
    let context: RequestContext = context
        .into_iter()
        .map(|(key, value)| (ContextKey::new(key), [value.to_owned()].into()))
        .collect();
    Request {
        action: "s3:GetObject".to_owned(),
        resource: format!("arn:aws:s3:::own-team-{team}/reports/2026/11/26.csv"),
        principal: Principal::Arn {
            account: "111122223333".to_owned(),
            arn: format!("arn:aws:iam::111122223333:role/team-{team}/app"),
        },
        context,
    }
}
