use std::collections::BTreeSet;

use model::{
    Claim, Engine, Hole, Invariant, Patterns, Place, PolicyEffect, Principal, PrincipalSet,
    Quantifier, RequestSet, RequestWay, RouteDestination, Target, Value, Verdict,
};

use super::authorize::{known, when, with_policy};
use super::checks::{any_tcp, expect, interfaces, invariant, scope, told};
use super::lab::{Lab, statement};

/// `x` whose packets to s3 take the gateway endpoint of that policy.
pub fn one(statements: Vec<model::Statement>) -> Lab {
    routed(with_policy(known(statements)))
}

pub fn routed(lab: Lab) -> Lab {
    lab.interface("x", "a", "v", &["10.0.1.10"]).route_of(
        "v",
        Value::Known(RouteDestination::PrefixList("s3".into())),
        Value::Known(Target::GatewayEndpoint("s".into())),
    )
}

pub fn ask(quantifier: Quantifier, claim: Claim, request: Option<RequestSet>) -> Invariant {
    let place = Place::GatewayEndpoints(BTreeSet::from(["s".into()]));
    let mut scope = scope(interfaces(&["x"]), place, vec![any_tcp()]);
    scope.request = request;
    invariant(quantifier, scope, claim)
}

pub fn never(request: Option<RequestSet>) -> Invariant {
    let not = Claim::Not(Box::new(Claim::PermittedSome));
    ask(Quantifier::Every, not, request)
}

/// Requests for any bucket but those of our own.
fn foreign() -> Option<RequestSet> {
    let exclude = ["arn:aws:s3:::ours", "arn:aws:s3:::ours/*"].map(String::from);
    Some(RequestSet {
        actions: Patterns {
            include: vec!["s3:*".into()],
            exclude: vec![],
        },
        resources: Patterns {
            include: vec!["arn:aws:s3:::*".into()],
            exclude: exclude.into(),
        },
        ..RequestSet::every()
    })
}

#[track_caller]
pub fn violated_by(lab: &Lab, invariant: &Invariant) -> String {
    match lab.load().check(invariant) {
        Verdict::Violated {
            counterexample: Some(witness),
        } => {
            let request = witness.request.expect("a request");
            let permission = lab
                .load()
                .permits(&RequestWay::Endpoint("s".into(), None), &request);
            format!("{request}: {}", permission.clause)
        }
        other @ (Verdict::Violated { .. }
        | Verdict::Holds { .. }
        | Verdict::Vacuous
        | Verdict::Unknown { .. }) => told(&other),
    }
}

#[test]
fn a_policy_for_our_buckets_permits_no_foreign_one() {
    let ours = || statement(PolicyEffect::Allow, "s3:*", "arn:aws:s3:::ours/*");
    expect(&one(vec![ours()]), &never(foreign()), "holds");
    // A star too early, and a bucket of somebody else is meant.
    let sloppy = statement(PolicyEffect::Allow, "s3:*", "arn:aws:s3:::ours*");
    let told = violated_by(&one(vec![sloppy]), &never(foreign()));
    assert_eq!(
        told,
        "s3:GetObject on arn:aws:s3:::oursx by an anonymous caller: policy-allow"
    );
}

#[test]
fn the_default_policy_permits_somebody_elses_bucket() {
    let lab = one(vec![statement(PolicyEffect::Allow, "*", "*")]);
    let told = violated_by(&lab, &never(foreign()));
    assert_eq!(
        told,
        "s3:GetObject on arn:aws:s3:::bucket-of-somebody-else/key by an anonymous caller: policy-allow"
    );
}

#[test]
fn an_action_has_a_service_and_a_name() {
    let asked = |exclude: &[&str]| RequestSet {
        actions: Patterns {
            include: vec!["sts*".into()],
            exclude: exclude.iter().map(|text| (*text).to_owned()).collect(),
        },
        ..RequestSet::every()
    };
    let lab = one(vec![statement(PolicyEffect::Deny, "sts:?*", "*")]);
    expect(&lab, &never(Some(asked(&[]))), "holds");
    expect(&lab, &never(Some(asked(&["sts*:?*"]))), "vacuous");
}

#[test]
fn permitted_all_needs_every_request() {
    let all = || ask(Quantifier::Every, Claim::PermittedAll, None);
    let allow = || statement(PolicyEffect::Allow, "*", "*");
    expect(&one(vec![allow()]), &all(), "holds");
    let lab = one(vec![
        allow(),
        statement(PolicyEffect::Deny, "s3:DeleteObject", "arn:aws:s3:::?"),
    ]);
    let told = violated_by(&lab, &all());
    assert!(
        told.starts_with("s3:DeleteObject on arn:aws:s3:::"),
        "{told}"
    );
    assert!(told.ends_with("policy-explicit-deny"), "{told}");
}

#[test]
fn a_star_inside_a_segment_stops_at_a_colon() {
    let set = |resource: &str| {
        Some(RequestSet {
            actions: Patterns::default(),
            resources: Patterns {
                include: vec![resource.into()],
                exclude: vec![],
            },
            ..RequestSet::every()
        })
    };
    let lab = one(vec![statement(
        PolicyEffect::Allow,
        "*",
        "arn:aws:s3:::a*z",
    )]);
    expect(&lab, &never(set("arn:aws:s3:::a*:*z")), "holds");
    assert!(violated_by(&lab, &never(set("arn:aws:s3:::a*z"))).ends_with("policy-allow"));
}

#[test]
fn conditions_and_unknown_policies_are_holes() {
    let allow = statement(PolicyEffect::Allow, "*", "*");
    let conditional = when(allow, "StringLike", "aws:VpcSourceIp", &["10.*"]);
    expect(
        &one(vec![conditional]),
        &never(None),
        "unknown on StringLike aws:VpcSourceIp",
    );
    let unknown = routed(with_policy(Value::Any(Hole::new("policy of s"))));
    expect(&unknown, &never(None), "unknown on policy of s");
}

#[test]
fn an_empty_set_of_requests_is_vacuous() {
    let none = Some(RequestSet {
        actions: Patterns {
            include: vec!["s3:Get*".into()],
            exclude: vec!["S3:*".into()],
        },
        resources: Patterns::default(),
        ..RequestSet::every()
    });
    expect(&one(vec![]), &never(none), "vacuous");
}

#[test]
fn only_some_principals_may_be_asked_about() {
    let role = |name: &str| Principal::Arn {
        account: "111122223333".into(),
        arn: format!("arn:aws:iam::111122223333:role/{name}"),
    };
    let mut app = statement(PolicyEffect::Allow, "*", "*");
    let arn = "arn:aws:iam::111122223333:role/app".into();
    app.principal = model::PrincipalElement::Principal(vec![model::PrincipalPattern::Arn(arn)]);
    let these = |name| {
        Some(RequestSet {
            actions: Patterns::default(),
            resources: Patterns::default(),
            principals: PrincipalSet::These(vec![role(name)]),
            ..RequestSet::every()
        })
    };
    expect(&one(vec![app.clone()]), &never(these("other")), "holds");
    assert!(violated_by(&one(vec![app.clone()]), &never(these("app"))).ends_with("policy-allow"));
    assert!(violated_by(&one(vec![app]), &never(None)).contains("role/app"));
}

#[test]
fn a_flow_past_every_endpoint_carries_every_request() {
    let lab = with_policy(known(vec![]))
        .interface("x", "a", "v", &["10.0.1.10=203.0.113.10"])
        .internet_gateway("i", Some("v"))
        .route("v", "0.0.0.0/0", Target::InternetGateway("i".into()));
    let scope = scope(interfaces(&["x"]), Place::Internet, vec![any_tcp()]);
    expect(
        &lab,
        &invariant(Quantifier::Every, scope, Claim::PermittedAll),
        "holds",
    );
}

#[test]
fn some_principals_may_be_left_out() {
    const OWN: &str = "111122223333";
    let role = |name: &str| Principal::Arn {
        account: OWN.into(),
        arn: format!("arn:aws:iam::{OWN}:role/{name}"),
    };
    let root = Principal::Root {
        account: OWN.into(),
    };
    let without = |principals: PrincipalSet, without: &[&Principal]| {
        let without = without.iter().map(|one| (*one).clone()).collect();
        Some(RequestSet {
            principals,
            without,
            ..RequestSet::every()
        })
    };
    let own = || PrincipalSet::OfAccounts([OWN.into()].into());
    let grant = |arn: String| {
        let mut grant = statement(PolicyEffect::Allow, "*", "*");
        let pattern = model::PrincipalPattern::Arn(arn);
        grant.principal = model::PrincipalElement::Principal(vec![pattern]);
        one(vec![grant])
    };
    let of_app = grant(format!("arn:aws:iam::{OWN}:role/app"));
    for set in [PrincipalSet::Every, own()] {
        let others = without(set.clone(), &[&role("app"), &root]);
        expect(&of_app, &never(others), "holds");
        let shown = violated_by(&of_app, &never(without(set, &[&role("other"), &root])));
        assert!(shown.contains("role/app"), "{shown}");
    }
    let these = PrincipalSet::These(vec![role("app"), role("other")]);
    let left = without(these.clone(), &[&role("app")]);
    expect(&of_app, &never(left), "holds");
    assert!(violated_by(&of_app, &never(without(these, &[]))).contains("role/app"));

    // A condition that only the anonymous caller meets, and one that only the root user does.
    let everyone = || statement(PolicyEffect::Allow, "*", "*");
    let nobody = when(
        everyone(),
        "StringEquals",
        "aws:PrincipalAccount",
        &["anonymous"],
    );
    let nobody = one(vec![nobody]);
    let signed = without(PrincipalSet::Every, &[&Principal::Anonymous]);
    expect(&nobody, &never(signed), "holds");
    let shown = violated_by(&nobody, &never(without(PrincipalSet::Every, &[&root])));
    assert!(shown.contains("anonymous"), "{shown}");
    let of_root = when(
        everyone(),
        "StringEquals",
        "aws:PrincipalType",
        &["Account"],
    );
    let of_root = one(vec![of_root]);
    expect(&of_root, &never(without(own(), &[&root])), "holds");
    assert!(violated_by(&of_root, &never(without(own(), &[&role("app")]))).contains("root"));
}
