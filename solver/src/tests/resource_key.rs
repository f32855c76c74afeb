//! Colons in the keys of objects: whether they part segments is not written.

use model::{Claim, Engine, PermissionEffect, Principal, PrincipalSet, Request, RequestContext};

use super::account::*;
use super::authorization_set::{asked, never, unknown, violated};
use super::build::*;
use super::policy::*;
use crate::Solver;

fn says(pattern: &str, resource: &str) -> String {
    let solver = Solver::load(&valid(s3(known(vec![allow_on("*", pattern)]))));
    let request = Request {
        action: "s3:GetObject".to_owned(),
        resource: resource.to_owned(),
        principal: Principal::Root {
            account: OWN.to_owned(),
        },
        context: RequestContext::new(),
    };
    let way = model::RequestWay::Endpoint("vpce".into(), None);
    match solver.permits(&way, &request).effect {
        PermissionEffect::Permitted => "permitted".to_owned(),
        PermissionEffect::Denied => "denied".to_owned(),
        PermissionEffect::Undetermined(hole) => hole.to_string(),
    }
}

#[test]
fn a_wildcard_in_a_key_may_pass_colons() {
    for (pattern, resource, expected) in [
        ("arn:aws:s3:::b/x*y", "arn:aws:s3:::b/x-y", "permitted"),
        ("arn:aws:s3:::b/x*y", "arn:aws:s3:::b/x:y", "open"),
        ("arn:aws:s3:::b/x?y", "arn:aws:s3:::b/x:y", "open"),
        ("arn:aws:s3:::b/x*y", "arn:aws:s3:::b/x:z", "denied"),
        ("arn:aws:s3:::b/x*", "arn:aws:s3:::b/x:y", "permitted"),
        // In front of the slash, and behind it where it is no key.
        ("arn:aws:s3:::b*c/y", "arn:aws:s3:::b:c/y", "denied"),
        ("arn:aws:sqs:::b/x*y", "arn:aws:sqs:::b/x:y", "denied"),
        ("arn:aws:s*:::b/x*y", "arn:aws:s3:::b/x:y", "open"),
        // A slash in another part.
        ("arn:aws/:s3:::b*y", "arn:aws/:s3:::b:y", "denied"),
        (
            "arn:aws:s3:::b/${aws:userid}?y",
            "arn:aws:s3:::b/111122223333:y",
            "open",
        ),
    ] {
        let hole = format!("resource {pattern}");
        let expected = if expected == "open" { &hole } else { expected };
        assert_eq!(says(pattern, resource), expected, "{pattern} {resource}");
    }
}

#[test]
fn what_a_pattern_leaves_open_it_leaves_out_in_the_same_way() {
    let mut statement = allow_on("*", "arn:aws:s3:::b/x*y");
    let patterns = vec!["arn:aws:s3:::b/x*y".into()];
    statement.resource = model::ResourceElement::NotResource(patterns);
    let policy = || known(vec![statement.clone()]);
    let of = |resource: &str| {
        let set = asked(&["s3:GetObject"], &[resource], PrincipalSet::Every);
        check(policy(), &claim(set, Claim::PermittedAll))
    };
    assert_eq!(of("arn:aws:s3:::b/z*"), PROVED);
    violated(of("arn:aws:s3:::b/x-y"));
    let hole = ["resource arn:aws:s3:::b/x*y".to_owned()].into();
    assert_eq!(unknown(of("arn:aws:s3:::b/x:y")), hole);
}

#[test]
fn a_claim_tells_colons_in_keys_apart() {
    let ask = |resource: &str, permitted| {
        let policy = known(vec![
            allow_on("*", "arn:aws:s3:::b/x*y"),
            allow_on("*", "arn:aws:s3:::b/w*y"),
        ]);
        let set = asked(&["s3:GetObject"], &[resource], PrincipalSet::Every);
        check(policy, &claim(set, permitted))
    };
    let all = || Claim::PermittedAll;
    assert_eq!(ask("arn:aws:s3:::b/xy", all()), PROVED);
    let hole = |letter| format!("resource arn:aws:s3:::b/{letter}*y");
    assert_eq!(
        unknown(ask("arn:aws:s3:::b/x*y", all())),
        [hole('x')].into()
    );
    let both = [hole('w'), hole('x')].into();
    assert_eq!(unknown(ask("arn:aws:s3:::b/?:*y", never())), both);
}
