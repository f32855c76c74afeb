use std::collections::BTreeSet;

use model::{
    Claim, Clause, ComponentId, Engine, Family, Hole, Invariant, Origin, Place, Quantifier,
    RulePeer, RuleTraffic, Scope, Source, Target, Traffic, TrafficClass, UnknownReason, Value,
    Verdict,
};

use super::lab::{Lab, allow, cidr, from_cidr, rule, tcp};

pub fn interfaces(ids: &[&str]) -> Origin {
    Origin::Interfaces(ids.iter().map(|id| (*id).into()).collect())
}

pub fn to(ids: &[&str]) -> Place {
    Place::Interfaces {
        interfaces: ids.iter().map(|id| (*id).into()).collect(),
        public_from_inside: false,
    }
}

pub fn any_tcp() -> TrafficClass {
    TrafficClass::Tcp {
        source_ports: 1024..=65535,
        destination_ports: 0..=65535,
    }
}

pub fn all_traffic() -> Vec<TrafficClass> {
    Traffic::every().classes
}

pub fn scope(from: Origin, to: Place, classes: Vec<TrafficClass>) -> Scope {
    Scope {
        from: vec![from],
        to: vec![to],
        traffic: Traffic { classes },
        families: BTreeSet::from([Family::V4, Family::V6]),
        relayed: false,
        request: None,
    }
}

pub fn invariant(quantifier: Quantifier, scope: Scope, claim: Claim) -> Invariant {
    Invariant {
        name: "law".into(),
        quantifier,
        scope,
        premise: None,
        claim,
    }
}

pub fn never(scope: Scope) -> Invariant {
    invariant(
        Quantifier::Every,
        scope,
        Claim::Not(Box::new(Claim::Delivered)),
    )
}

pub fn always(scope: Scope) -> Invariant {
    invariant(Quantifier::Every, scope, Claim::Delivered)
}

pub fn sometimes(scope: Scope) -> Invariant {
    invariant(Quantifier::Exists, scope, Claim::Delivered)
}

/// `holds`, `violated`, `vacuous`, or `unknown` with its reasons, and the witness.
pub fn told(verdict: &Verdict) -> String {
    let flow = |witness: &Option<model::Witness>| {
        witness
            .as_ref()
            .map(|witness| format!(" {}", witness.flow))
            .unwrap_or_default()
    };
    match verdict {
        Verdict::Holds { witness } => format!("holds{}", flow(witness)),
        Verdict::Violated { counterexample } => format!("violated{}", flow(counterexample)),
        Verdict::Vacuous => "vacuous".to_owned(),
        Verdict::Unknown { reasons } => {
            let reasons = reasons.iter().map(|reason| match reason {
                UnknownReason::DependsOn(hole) => format!(" on {hole}"),
                UnknownReason::OutOfBudget(limit) => format!(" out of {limit}"),
            });
            format!("unknown{}", reasons.collect::<String>())
        }
    }
}

#[track_caller]
pub fn expect(lab: &Lab, invariant: &Invariant, expected: &str) {
    assert_eq!(told(&lab.load().check(invariant)), expected);
}

/// `x` may send to `y` what `rules` admit.
fn two(rules: Vec<model::GroupRule>) -> Lab {
    Lab::default()
        .vpc("v", &["10.0.0.0/16"])
        .subnet("a", "v", &["10.0.1.0/24"])
        .subnet("b", "v", &["10.0.2.0/24"])
        .group("g", "v", rules, vec![])
        .interface("x", "a", "v", &["10.0.1.10"])
        .interface("y", "b", "g", &["10.0.2.10"])
}

#[test]
fn one_port_in_65536_is_found() {
    let lab = two(vec![from_cidr(tcp(5432, 5432), "10.0.1.10/32")]);
    let scope = || scope(interfaces(&["x"]), to(&["y"]), all_traffic());
    expect(
        &lab,
        &never(scope()),
        "violated x: 10.0.1.10 -> 10.0.2.10 tcp/5432 from port 40000",
    );
    expect(
        &lab,
        &sometimes(scope()),
        "holds x: 10.0.1.10 -> 10.0.2.10 tcp/5432 from port 40000",
    );
    expect(&two(vec![]), &never(scope()), "holds");
    expect(&two(vec![]), &sometimes(scope()), "violated");
}

#[test]
fn always_needs_every_port() {
    let all_but_one = vec![
        from_cidr(tcp(0, 79), "10.0.0.0/8"),
        from_cidr(tcp(81, 65535), "10.0.0.0/8"),
    ];
    let scope = || scope(interfaces(&["x"]), to(&["y"]), vec![any_tcp()]);
    expect(
        &two(all_but_one),
        &always(scope()),
        "violated x: 10.0.1.10 -> 10.0.2.10 tcp/80 from port 40000",
    );
    let all = vec![
        from_cidr(tcp(0, 79), "10.0.0.0/8"),
        from_cidr(tcp(80, 65535), "10.0.0.0/8"),
    ];
    expect(&two(all), &always(scope()), "holds");
}

#[test]
fn a_scope_without_flows_is_vacuous() {
    let lab = two(vec![]);
    let none = scope(interfaces(&[]), to(&["y"]), vec![any_tcp()]);
    expect(&lab, &never(none), "vacuous");
    // Its own addresses are never an interface's destinations.
    let own = scope(interfaces(&["x"]), to(&["x"]), vec![any_tcp()]);
    expect(&lab, &always(own.clone()), "vacuous");
    expect(&lab, &sometimes(own), "vacuous");
    let mut premise = never(scope(interfaces(&["x"]), to(&["y"]), vec![any_tcp()]));
    premise.premise = Some(Claim::DecidedBy(Clause::SourceCheck));
    expect(&lab, &premise, "vacuous");
}

#[test]
fn answered_looks_at_source_ports() {
    let all = || allow(1, RuleTraffic::All, "0.0.0.0/0");
    let lab = two(vec![from_cidr(RuleTraffic::All, "10.0.0.0/8")]).acl(
        "n",
        "v",
        &["a"],
        vec![allow(1, tcp(1024, 65534), "0.0.0.0/0")],
        vec![all()],
    );
    let answered = invariant(
        Quantifier::Every,
        scope(interfaces(&["x"]), to(&["y"]), vec![any_tcp()]),
        Claim::Answered,
    );
    expect(
        &lab,
        &answered,
        "violated x: 10.0.1.10 -> 10.0.2.10 tcp/443 from port 65535",
    );
}

fn public() -> Lab {
    Lab::default()
        .vpc("v", &["10.0.0.0/16", "2600:1f00::/56"])
        .subnet("a", "v", &["10.0.1.0/24", "2600:1f00::/64"])
        .group(
            "g",
            "v",
            vec![from_cidr(tcp(443, 443), "198.51.100.0/24")],
            vec![],
        )
        .interface("x", "a", "v", &["10.0.1.10=203.0.113.10", "2600:1f00::a"])
        .interface("y", "a", "g", &["10.0.1.11=203.0.113.11"])
        .internet_gateway("i", Some("v"))
        .route("v", "0.0.0.0/0", Target::InternetGateway("i".into()))
}

#[test]
fn the_internet_is_cut_at_every_source_block() {
    let scope = |blocks: Option<&str>| {
        let blocks = blocks.map(|block| BTreeSet::from([cidr(block)]));
        scope(Origin::Internet(blocks), to(&["y"]), vec![any_tcp()])
    };
    expect(
        &public(),
        &never(scope(None)),
        "violated internet: 198.51.100.0 -> 203.0.113.11 tcp/443 from port 40000",
    );
    expect(&public(), &never(scope(Some("198.51.101.0/24"))), "holds");
    expect(&public(), &never(scope(Some("192.168.0.0/16"))), "vacuous");
    // The network's own addresses are not of the internet.
    expect(&public(), &never(scope(Some("203.0.113.10/32"))), "vacuous");
}

#[test]
fn to_the_internet_arrives_there() {
    let scope = |id| scope(interfaces(&[id]), Place::Internet, vec![any_tcp()]);
    expect(
        &public(),
        &sometimes(scope("x")),
        "holds x: 10.0.1.10 -> 8.8.8.8 tcp/443 from port 40000",
    );
    expect(&public(), &never(scope("y")), "holds");
}

#[test]
fn traverses_speaks_of_the_way() {
    let through = |ids: &[&str]| {
        let sets = ids
            .iter()
            .map(|id| BTreeSet::from([ComponentId::InternetGateway((*id).into())]));
        let scope = scope(interfaces(&["x"]), Place::Internet, vec![any_tcp()]);
        let mut invariant = invariant(Quantifier::Every, scope, Claim::Traverses(sets.collect()));
        invariant.premise = Some(Claim::Delivered);
        invariant
    };
    expect(&public(), &through(&["i"]), "holds");
    expect(
        &public(),
        &through(&["i", "i"]),
        "violated x: 10.0.1.10 -> 8.8.8.8 tcp/443 from port 40000",
    );
    expect(&public(), &through(&[]), "holds");
}

#[test]
fn what_is_open_is_unknown_by_its_hole() {
    let lab = two(vec![from_cidr(RuleTraffic::All, "10.0.0.0/8")]).with(|lab| {
        lab.interface_mut("y").groups = Value::Any(Hole::new("groups of y"));
    });
    let scope = || scope(interfaces(&["x"]), to(&["y"]), vec![any_tcp()]);
    expect(&lab, &never(scope()), "unknown on groups of y");
    expect(&lab, &sometimes(scope()), "unknown on groups of y");
    // Nothing that the groups could be lets a packet arrive elsewhere.
    let elsewhere = invariant(
        Quantifier::Every,
        scope(),
        Claim::Traverses(vec![BTreeSet::from([ComponentId::InternetGateway(
            "i".into(),
        )])]),
    );
    let lab = lab.internet_gateway("i", Some("v"));
    expect(
        &lab,
        &elsewhere,
        "violated x: 10.0.1.10 -> 10.0.2.10 tcp/443 from port 40000",
    );
}

#[test]
fn a_reference_is_cut_at_every_member() {
    let by_group = vec![rule(RuleTraffic::All, RulePeer::Group("g".into()))];
    let lab = two(vec![from_cidr(RuleTraffic::All, "10.0.0.0/8")])
        .group("sender", "v", vec![], by_group)
        .interface("z", "a", "sender", &["10.0.1.20"]);
    let scope = scope(
        interfaces(&["z"]),
        Place::Cidrs(BTreeSet::from([cidr("10.0.2.0/24")])),
        vec![any_tcp()],
    );
    expect(
        &lab,
        &sometimes(scope),
        "holds z: 10.0.1.20 -> 10.0.2.10 tcp/443 from port 40000",
    );
}

#[test]
fn a_service_without_a_list_is_a_hole() {
    let service = Place::Service("com.amazonaws.ap-northeast-1.s3".into());
    let scope = |id| scope(interfaces(&[id]), service.clone(), vec![any_tcp()]);
    // Whatever its addresses are, `y` sends nothing.
    expect(&public(), &never(scope("y")), "holds");
    expect(
        &public(),
        &sometimes(scope("x")),
        "unknown on public addresses of com.amazonaws.ap-northeast-1.s3",
    );
    let listed = public().list("s3", true, Some(&["52.219.0.0/20"]));
    expect(
        &listed,
        &sometimes(scope("x")),
        "holds x: 10.0.1.10 -> 52.219.0.0 tcp/443 from port 40000",
    );
}

#[test]
fn gateway_endpoints_are_an_arrival() {
    let lab = public()
        .list("s3", true, Some(&["52.219.0.0/20"]))
        .gateway_endpoint("s", "v", "s3");
    let scope = || {
        scope(
            interfaces(&["x"]),
            Place::GatewayEndpoints(BTreeSet::from(["s".into()])),
            vec![any_tcp()],
        )
    };
    // Without its route the packets leave by the internet gateway.
    expect(&lab, &sometimes(scope()), "violated");
    let routed = lab.route("v", "52.219.0.0/20", Target::GatewayEndpoint("s".into()));
    expect(&routed, &always(scope()), "holds");
}

#[test]
fn names_mean_what_the_senders_vpc_resolves() {
    let lab = two(vec![]).interface_endpoint("e", "v", "b", "10.0.2.20");
    let scope = |name: &str| {
        scope(
            interfaces(&["x"]),
            Place::Name(name.into()),
            vec![any_tcp()],
        )
    };
    expect(
        &lab,
        &always(scope("sqs.ap-northeast-1.amazonaws.com")),
        "holds",
    );
    expect(&lab, &always(scope("vpce-1.vpce.amazonaws.com")), "vacuous");
    expect(
        &lab,
        &sometimes(scope("example.com")),
        "unknown on what example.com means",
    );
    // Its own groups let it send nothing, whatever the name means.
    let closed = lab
        .group("none", "v", vec![], vec![])
        .interface("z", "a", "none", &["10.0.1.20"]);
    let mut closed_scope = scope("example.com");
    closed_scope.from = vec![interfaces(&["z"])];
    expect(
        &closed,
        &never(closed_scope),
        "unknown on what example.com means",
    );
}

#[test]
fn the_addresses_of_a_record_may_be_arrived_at_anywhere() {
    let records = [
        "db.example -> 10.0.2.10",
        "gone.example -> 10.0.2.99",
        "lb.example -> other lb",
    ];
    let lab = two(vec![from_cidr(tcp(5432, 5432), "10.0.1.10/32")]);
    let lab = lab.hosted_zone("example", &["v"], &records);
    let scope = |name: &str, traffic| {
        let to = Place::Name(name.into());
        scope(interfaces(&["x"]), to, vec![traffic])
    };
    let port = |port| TrafficClass::Tcp {
        source_ports: 0..=u16::MAX,
        destination_ports: port..=port,
    };
    expect(&lab, &always(scope("db.example", port(5432))), "holds");
    expect(&lab, &never(scope("db.example", port(5433))), "holds");
    expect(&lab, &never(scope("gone.example", any_tcp())), "holds");
    expect(&lab, &always(scope("new.example", any_tcp())), "vacuous");
    expect(
        &lab,
        &sometimes(scope("lb.example", any_tcp())),
        "unknown on what lb.example means (lb in zone example)",
    );
}

#[test]
fn a_budget_that_is_reached_is_named() {
    let told_with = |walks, admitted| {
        let lab = two(vec![from_cidr(tcp(5432, 5432), admitted)]);
        let scope = scope(interfaces(&["x"]), to(&["y"]), vec![any_tcp()]);
        told(&lab.load().with_budget(walks).check(&never(scope)))
    };
    assert_eq!(told_with(0, "10.0.1.99/32"), "unknown out of walks");
    // Of all ports nothing is asked but whether they are admitted.
    assert_eq!(told_with(1, "10.0.1.99/32"), "holds");
    // What is found is found.
    assert_eq!(
        told_with(0, "10.0.1.10/32"),
        "violated x: 10.0.1.10 -> 10.0.2.10 tcp/5432 from port 40000"
    );
}

#[test]
fn public_from_inside_goes_to_public_addresses() {
    let place = |public_from_inside| Place::Interfaces {
        interfaces: BTreeSet::from(["y".into()]),
        public_from_inside,
    };
    let scope = |public| scope(interfaces(&["x"]), place(public), vec![any_tcp()]);
    // `y` admits nothing of `x`, neither within the subnet nor over the gateway.
    expect(&public(), &never(scope(false)), "holds");
    expect(&public(), &never(scope(true)), "holds");
}

#[test]
fn the_witness_is_delivered_when_decided() {
    let lab = public();
    let scope = scope(Origin::Internet(None), to(&["x", "y"]), all_traffic());
    let Verdict::Violated {
        counterexample: Some(witness),
    } = lab.load().check(&never(scope))
    else {
        panic!("not violated");
    };
    assert_eq!(witness.flow.source, Source::Internet);
    let decision = lab.load().decide(&witness.flow);
    assert_eq!(decision.forward.clause, Clause::InterfaceAccepts);
}
