//! Canonical users in principal elements: whose account one is, nobody says.

use model::{Claim, Engine, Principal, PrincipalElement, PrincipalSet, RequestWay};

use super::account::*;
use super::authorization::*;
use super::authorization_set::{ask, asked, never, these, two_ways, unknown};
use super::build::*;
use super::policy::*;
use crate::Solver;

fn of_account(clause: &str) -> String {
    format!("account of {CANONICAL}: {clause}")
}

#[test]
fn a_resources_policy_leaves_open_who_of_those_that_sign_is_meant() {
    let mut draft = estate();
    let mut beside = by(allow_on("s3:AbortMultipartUpload", "*"), "canonical");
    if let PrincipalElement::Principal(entries) = &mut beside.principal {
        let named = model::PrincipalPattern::Arn(own("role/silent"));
        entries.push(named);
    }
    let policy = vec![
        by(allow_on("s3:GetObject", "*"), "canonical"),
        by(deny_on("s3:DeleteObject", "*"), "canonical"),
        by(deny_on("s3:PutObject", "*"), "!canonical"),
        beside,
    ];
    let given = "arn:aws:s3:::given";
    resource(&mut draft, given, OWN, Some(known(policy)));
    let open = of_account("authorization-open");
    let (admin, silent) = (own("role/admin"), own("role/silent"));
    let boundary = format!("permissions boundary of {admin}: authorization-open");
    let root = format!("root:{OWN}");
    let denied = "denied authorization-explicit-deny";
    assert_says(
        draft,
        &[
            ("s3:GetObject", given, &silent, &open),
            ("s3:GetObject", given, &own("user/ann"), &open),
            ("s3:GetObject", given, &admin, SAME),
            ("s3:GetObject", given, &root, SAME),
            ("s3:GetObject", given, &of(PARTNER, "role/app"), &open),
            (
                "s3:GetObject",
                given,
                &of(PARTNER, "role/silent"),
                NOT_ACROSS,
            ),
            ("s3:GetObject", given, &format!("root:{PARTNER}"), &open),
            ("s3:GetObject", given, "anonymous", NOT_ANONYMOUS),
            ("s3:DeleteObject", given, &admin, &open),
            ("s3:DeleteObject", given, "anonymous", NOT_ANONYMOUS),
            ("s3:PutObject", given, &admin, &boundary),
            ("s3:PutObject", given, &root, denied),
            ("s3:PutObject", given, "anonymous", denied),
            ("s3:AbortMultipartUpload", given, &silent, SAME),
        ],
    );
}

#[test]
fn so_does_an_endpoints_policy() {
    let open = of_account("policy-open");
    let boundary = "permissions boundary of arn:aws:iam::111122223333:role/app: policy-open";
    let app = own("role/app");
    let root = format!("root:{OWN}");
    let all = || allow_on("*", "*");
    for (statements, who, expected) in [
        (vec![by(all(), "canonical")], &*app, &*open),
        (vec![by(all(), "canonical")], &root, &open),
        (
            vec![by(all(), "canonical")],
            "anonymous",
            "denied policy-default-deny",
        ),
        (vec![all(), by(deny_on("*", "*"), "canonical")], &app, &open),
        (
            vec![all(), by(deny_on("*", "*"), "!canonical")],
            &app,
            boundary,
        ),
        (
            vec![all(), by(deny_on("*", "*"), "!canonical")],
            &root,
            "denied policy-explicit-deny",
        ),
    ] {
        let solver = Solver::load(&valid(s3(known(statements))));
        let way = RequestWay::Endpoint("vpce".into(), None);
        let found = says(&solver, &way, "s3:GetObject", OBJECT, who);
        assert_eq!(found, expected, "{who}");
    }
}

#[test]
fn a_claim_names_the_canonical_user() {
    let hole = [format!("account of {CANONICAL}")].into();
    let policy = || known(vec![by(allow_on("*", "*"), "canonical")]);
    let gets = |principals| asked(&["s3:GetObject"], &["arn:aws:s3:::given/*"], principals);
    let of_endpoint =
        |principals, permitted: Claim| check(policy(), &claim(gets(principals), permitted));
    let everyone = || PrincipalSet::OfAccounts([OWN.to_owned()].into());
    assert_eq!(unknown(of_endpoint(everyone(), Claim::PermittedAll)), hole);
    assert_eq!(unknown(of_endpoint(everyone(), never())), hole);
    let anonymous = || PrincipalSet::These(vec![Principal::Anonymous]);
    assert_eq!(of_endpoint(anonymous(), never()), PROVED);

    let mut draft = two_ways();
    let app = own("role/app");
    principal(&mut draft, &app, vec![]);
    resource(&mut draft, "arn:aws:s3:::given", OWN, Some(policy()));
    for from in ["b", "c"] {
        assert_eq!(
            unknown(ask(&draft, from, gets(these(&[&app])), never())),
            hole
        );
        assert_eq!(ask(&draft, from, gets(anonymous()), never()), PROVED);
    }
}
