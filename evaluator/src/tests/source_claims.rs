//! Claims about requests, where policies ask for the address that they come from.

use std::collections::BTreeSet;

use model::{
    Arrival, Claim, Engine, Invariant, Origin, PermissionEffect, Place, Quantifier, RequestSet,
    RequestWay, RouteDestination, Statement, Target, Value, Verdict,
};

use super::authorization::{LOGS, OWN, allow, deny, role, two_accounts};
use super::authorization_sets::{none, set};
use super::authorize::{known, when, with_policy};
use super::checks::{any_tcp, expect, interfaces, invariant, scope, to, told};
use super::lab::{Lab, cidr};
use super::on_premises::virtual_private;

/// `x` and `z` in `a` and `y` in `b` come to s3 by the gateway endpoint; `p`, by the NAT gateway
/// `n` of these addresses, and `i`, by an internet gateway, come over the internet. The bucket's
/// policy has these statements.
fn clients(of_nat: &[&str], statements: Vec<Statement>) -> Lab {
    two_accounts()
        .subnet("b", "v", &["10.0.2.0/24"])
        .subnet("private", "v", &["10.0.3.0/24"])
        .subnet("public", "v", &["10.0.4.0/24"])
        .interface("x", "a", "v", &["10.0.1.10"])
        .interface("z", "a", "v", &["10.0.1.200"])
        .interface("y", "b", "v", &["10.0.2.10"])
        .interface("p", "private", "v", &["10.0.3.10"])
        .interface("i", "public", "v", &["10.0.4.10=203.0.113.20"])
        .internet_gateway("g", Some("v"))
        .nat_gateway("n", "public", "v", of_nat)
        .route_of(
            "v",
            Value::Known(RouteDestination::PrefixList("s3".into())),
            Value::Known(Target::GatewayEndpoint("s".into())),
        )
        .table("private", "v", &["private"])
        .route("private", "0.0.0.0/0", Target::NatGateway("n".into()))
        .table("public", "v", &["public"])
        .route("public", "0.0.0.0/0", Target::InternetGateway("g".into()))
        .principal(&role(OWN, "app"), vec![known(vec![allow("s3:*", "*")])])
        .resource(LOGS, Some(known(statements)))
}

const NAT: &[&str] = &["10.0.4.99=203.0.113.10"];

fn private(statements: Vec<Statement>) -> Lab {
    clients(NAT, statements)
}

/// Everything is denied from elsewhere.
fn only_from(key: &str, blocks: &[&str]) -> Vec<Statement> {
    vec![when(deny("s3:*", "*"), "NotIpAddress", key, blocks)]
}

fn requests(actions: &[&str]) -> RequestSet {
    set(actions, &["arn:aws:s3:::logs/a"], &[&role(OWN, "app")])
}

fn by_endpoint(senders: &[&str], claim: Claim) -> Invariant {
    let place = Place::GatewayEndpoints(BTreeSet::from(["s".into()]));
    let mut scope = scope(interfaces(senders), place, vec![any_tcp()]);
    scope.request = Some(requests(&["s3:GetObject"]));
    invariant(Quantifier::Every, scope, claim)
}

fn over_internet(senders: &[&str], claim: Claim) -> Invariant {
    let mut scope = scope(interfaces(senders), Place::Internet, vec![any_tcp()]);
    scope.request = Some(requests(&["s3:GetObject"]));
    invariant(Quantifier::Every, scope, claim)
}

/// From where the counterexample comes, and what is done with its request there.
#[track_caller]
fn violated(lab: &Lab, invariant: &Invariant) -> String {
    let evaluator = lab.load();
    let verdict = evaluator.check(invariant);
    let Verdict::Violated {
        counterexample: Some(witness),
    } = &verdict
    else {
        panic!("{}", told(&verdict))
    };
    let forward = evaluator.decide(&witness.flow).forward;
    let way = match forward.arrival {
        Some(Arrival::GatewayEndpoint(id)) => RequestWay::Endpoint(id, forward.source),
        Some(Arrival::Interface(_)) => RequestWay::Endpoint("e".into(), forward.source),
        Some(Arrival::Internet) => RequestWay::Internet(forward.source),
        other @ (Some(Arrival::OnPremises(_) | Arrival::AmazonService) | None) => {
            panic!("{other:?}")
        }
    };
    let request = witness.request.as_ref().expect("a request");
    let effect = match evaluator.permits(&way, request).effect {
        PermissionEffect::Permitted => "permitted",
        PermissionEffect::Denied => "denied",
        PermissionEffect::Undetermined(_) => "undetermined",
    };
    format!("{} {effect}", witness.flow.packet.source())
}

#[test]
fn one_subnet_may_and_the_other_may_not() {
    let lab = private(only_from("aws:VpcSourceIp", &["10.0.1.0/24"]));
    expect(
        &lab,
        &by_endpoint(&["x", "z"], Claim::PermittedAll),
        "holds",
    );
    expect(&lab, &by_endpoint(&["y"], none()), "holds");
    let all = by_endpoint(&["x", "y"], Claim::PermittedAll);
    assert_eq!(violated(&lab, &all), "10.0.2.10 denied");
    let nothing = by_endpoint(&["y", "z"], none());
    assert_eq!(violated(&lab, &nothing), "10.0.1.200 permitted");
}

#[test]
fn a_class_may_begin_in_the_middle_of_a_subnet() {
    let lab = private(only_from("aws:VpcSourceIp", &["10.0.1.0/25", "10.0.2.10"]));
    let in_class = by_endpoint(&["x", "y"], Claim::PermittedAll);
    expect(&lab, &in_class, "holds");
    expect(&lab, &by_endpoint(&["z"], none()), "holds");
    let all = by_endpoint(&["x", "z"], Claim::PermittedAll);
    assert_eq!(violated(&lab, &all), "10.0.1.200 denied");
}

#[test]
fn public_addresses_tell_senders_apart() {
    let lab = private(only_from("aws:SourceIp", &["203.0.113.10/32"]));
    expect(&lab, &over_internet(&["p"], Claim::PermittedAll), "holds");
    expect(&lab, &over_internet(&["i"], none()), "holds");
    let all = over_internet(&["i", "p"], Claim::PermittedAll);
    assert_eq!(violated(&lab, &all), "10.0.4.10 denied");
    // By an endpoint there is no such key.
    expect(&lab, &by_endpoint(&["x"], none()), "holds");
    let several = &["10.0.4.99=203.0.113.10", "10.0.4.98=203.0.113.11"];
    let lab = clients(several, only_from("aws:SourceIp", &["203.0.113.0/24"]));
    let open = "unknown on NotIpAddress aws:SourceIp";
    expect(&lab, &over_internet(&["p"], Claim::PermittedAll), open);
    expect(&lab, &over_internet(&["i"], Claim::PermittedAll), "holds");
}

#[test]
fn that_there_is_an_address_is_known_of_flows() {
    let absent = when(deny("s3:*", "*"), "Null", "aws:VpcSourceIp", &["true"]);
    let lab = private(vec![absent]);
    expect(&lab, &by_endpoint(&["x"], Claim::PermittedAll), "holds");
    expect(&lab, &over_internet(&["p"], none()), "holds");
    let text = when(deny("s3:*", "*"), "StringEquals", "aws:VpcSourceIp", &["a"]);
    let open = "unknown on StringEquals aws:VpcSourceIp";
    let lab = private(vec![text]);
    expect(&lab, &by_endpoint(&["x"], Claim::PermittedAll), open);
}

#[test]
fn hosts_on_premises_are_cut_at_classes() {
    let statement = when(
        allow("*", "*"),
        "IpAddress",
        "aws:VpcSourceIp",
        &["192.168.0.0/17"],
    );
    let lab = virtual_private()
        .interface_endpoint("e", "v", "a", "10.0.1.20")
        .with(|lab| lab.endpoint_mut("e").policy = known(vec![statement]));
    let from = |block: &str, claim: Claim| {
        let origin = Origin::OnPremises {
            blocks: Some(BTreeSet::from([cidr(block)])),
            resolver: None,
        };
        let scope = scope(origin, to(&["e"]), vec![any_tcp()]);
        invariant(Quantifier::Every, scope, claim)
    };
    let delivered = |claim: Claim| {
        let not = Claim::Not(Box::new(Claim::Delivered));
        Claim::Any(vec![not, claim])
    };
    let lower = from("192.168.0.0/17", delivered(Claim::PermittedAll));
    expect(&lab, &lower, "holds");
    expect(&lab, &from("192.168.128.0/17", none()), "holds");
    let all = from("192.168.0.0/16", delivered(Claim::PermittedAll));
    assert_eq!(violated(&lab, &all), "192.168.128.0 denied");
    let some = from("192.168.0.0/16", none());
    assert_eq!(violated(&lab, &some), "192.168.0.0 permitted");
}

#[test]
fn an_open_address_is_tried_in_every_class() {
    let open = |blocks: &[&str]| {
        private(only_from("aws:VpcSourceIp", blocks)).interface("o", "a", "v", &["10.0.1.0/24"])
    };
    let all = by_endpoint(&["o"], Claim::PermittedAll);
    expect(&open(&["10.0.0.0/16"]), &all, "holds");
    expect(&open(&["10.0.1.0/24"]), &all, "holds");
    expect(
        &open(&["10.0.2.0/24"]),
        &by_endpoint(&["o"], none()),
        "holds",
    );
    expect(&open(&["10.0.1.0/25"]), &all, "unknown on o in 10.0.1.0/24");
    let of_nat = &["10.0.4.99=0.0.0.0/0"];
    let all = over_internet(&["p"], Claim::PermittedAll);
    let lab = clients(of_nat, only_from("aws:SourceIp", &["0.0.0.0/0"]));
    expect(&lab, &all, "holds");
    let lab = clients(of_nat, only_from("aws:SourceIp", &["203.0.113.0/24"]));
    let told = told(&lab.load().check(&all));
    assert!(told.starts_with("unknown on n"), "{told}");
}

#[test]
fn a_violation_is_one_request_in_every_completion() {
    let halves = [
        ("s3:GetObject", "10.0.1.0/25"),
        ("s3:PutObject", "10.0.1.128/25"),
    ];
    let denied = halves
        .map(|(action, block)| when(deny(action, "*"), "IpAddress", "aws:VpcSourceIp", &[block]));
    let lab = private(denied.into()).interface("o", "a", "v", &["10.0.1.0/24"]);
    let mut all = by_endpoint(&["o"], Claim::PermittedAll);
    all.scope.request = Some(requests(&["s3:GetObject", "s3:PutObject"]));
    expect(&lab, &all, "unknown on o in 10.0.1.0/24");
    all.scope.request = Some(requests(&["s3:GetObject"]));
    expect(&lab, &all, "unknown on o in 10.0.1.0/24");
    let denied = deny("s3:GetObject", "*");
    let lab = private(vec![denied]).interface("o", "a", "v", &["10.0.1.0/24"]);
    assert!(violated(&lab, &all).ends_with(" denied"));
}

#[test]
fn limits_are_told_by_their_names() {
    let mut lab = private(only_from("aws:VpcSourceIp", &["10.0.1.0/25"]));
    let ids = ["o1", "o2", "o3", "o4", "o5", "o6", "o7"];
    for id in ids {
        lab = lab.interface(id, "a", "v", &["10.0.1.0/24"]);
    }
    let all = by_endpoint(&ids, Claim::PermittedAll);
    let open = "unknown on NotIpAddress aws:VpcSourceIp out of completions of open addresses";
    expect(&lab, &all, open);
    // Only senders are tried.
    expect(&lab, &by_endpoint(&["x"], Claim::PermittedAll), "holds");
    let many = (0..300).map(|number: u32| {
        let block = format!("10.0.{}.{}", number / 250, number % 250);
        when(allow("*", "*"), "IpAddress", "aws:VpcSourceIp", &[&block])
    });
    let routed = |statements| super::requests::routed(with_policy(known(statements)));
    let all = super::requests::ask(Quantifier::Every, none(), None);
    let open = "unknown on IpAddress aws:VpcSourceIp out of classes of source addresses";
    expect(&routed(many.clone().collect()), &all, open);
    let few = routed(many.take(100).collect());
    expect(&few, &all, "holds");
}
