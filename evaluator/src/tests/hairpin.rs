//! What leaves for a public address of the network itself (`internet-gateway-hairpin`).

use std::collections::BTreeSet;

use model::{
    Claim, Clause, ComponentId, EgressOnlyInternetGateway, Family, LoadBalancerKind, Place,
    Quantifier, RulePeer, RuleTraffic, Scope, Target, Value,
};

use super::checks::{any_tcp, expect, interfaces, invariant, never, scope, sometimes};
use super::lab::{Lab, allow, from_cidr, read_flow, rule, tcp};
use super::relayed::relayed;

fn igw(id: &str) -> Target {
    Target::InternetGateway(id.into())
}

/// `x` in `v`, and in `w`, which nothing joins to it, `y`, which admits `rules`. Behind the NAT
/// gateway `n` stands `p`.
fn two(rules: Vec<model::GroupRule>) -> Lab {
    Lab::default()
        .vpc("v", &["10.0.0.0/16", "2600:1f00::/56"])
        .subnet("a", "v", &["10.0.1.0/24", "2600:1f00:0:1::/64"])
        .subnet("b", "v", &["10.0.2.0/24"])
        .internet_gateway("i", Some("v"))
        .route("v", "0.0.0.0/0", igw("i"))
        .route("v", "::/0", igw("i"))
        .table("private", "v", &["b"])
        .route("private", "0.0.0.0/0", Target::NatGateway("n".into()))
        .nat_gateway("n", "a", "v", &["10.0.1.99=203.0.113.99"])
        .interface(
            "x",
            "a",
            "v",
            &["10.0.1.10=203.0.113.10", "2600:1f00:0:1::a"],
        )
        .interface("p", "b", "v", &["10.0.2.10"])
        .vpc("w", &["10.1.0.0/16", "2600:1f01::/56"])
        .subnet("c", "w", &["10.1.1.0/24", "2600:1f01:0:1::/64"])
        .internet_gateway("j", Some("w"))
        .route("w", "0.0.0.0/0", igw("j"))
        .route("w", "::/0", igw("j"))
        .group("g", "w", rules, vec![])
        .interface(
            "y",
            "c",
            "g",
            &["10.1.1.10=203.0.113.20", "2600:1f01:0:1::a"],
        )
}

fn from(block: &str) -> Vec<model::GroupRule> {
    vec![from_cidr(RuleTraffic::All, block)]
}

const X_TO_Y: &str = "x 10.0.1.10 -> 203.0.113.20 tcp/443";

#[test]
fn it_comes_back_in_with_the_public_source() {
    let lab = two(from("203.0.113.10/32"));
    let both = "delivered interface-accepts; reply delivered reply-returns";
    lab.expect(&format!("{X_TO_Y} => {both}"));
    for clause in [
        Clause::InternetGatewayHairpin,
        Clause::InternetGatewayInbound,
        Clause::InternetGatewayUnrouted,
    ] {
        lab.passes(X_TO_Y, clause);
    }
    let trace = lab.load().trace(&read_flow(X_TO_Y));
    let clauses: Vec<_> = trace.forward.iter().map(|hop| hop.clause).collect();
    let at = clauses
        .iter()
        .position(|clause| *clause == Clause::InternetGatewayHairpin)
        .expect("a step");
    assert_eq!(clauses[at + 1], Clause::InternetGatewayInbound);
    assert_eq!(
        trace.forward[at].component,
        ComponentId::InternetGateway("i".into())
    );
    assert!(!clauses.contains(&Clause::InternetGatewayDelivers));
    let replies = trace.reply.iter();
    let stateful = replies.filter(|hop| hop.clause == Clause::GatewayStateful);
    assert_eq!(stateful.count(), 1);
    // Its own public address, within one VPC.
    let own = "x 10.0.1.10 -> 203.0.113.10 tcp/443";
    lab.expect(&format!("{own} => {both}"));
}

#[test]
fn groups_see_the_public_address_only() {
    let dropped = format!("{X_TO_Y} => dropped security-group-ingress");
    two(from("10.0.0.0/8")).expect(&dropped);
    two(vec![rule(RuleTraffic::All, RulePeer::Group("g".into()))]).expect(&dropped);
    // A sender in the same VPC, by a group of its own.
    let by_group = vec![rule(RuleTraffic::All, RulePeer::Group("v".into()))];
    let lab = two(vec![]).group("h", "v", by_group, vec![]).interface(
        "z",
        "a",
        "h",
        &["10.0.1.20=203.0.113.30"],
    );
    lab.expect("x 10.0.1.10 -> 203.0.113.30 tcp/443 => dropped security-group-ingress");
    lab.expect("x 10.0.1.10 -> 10.0.1.20 tcp/443 => delivered interface-accepts; reply delivered reply-returns");
}

#[test]
fn the_gateway_of_the_destination_has_to_let_it_in() {
    let lab = two(from("0.0.0.0/0"));
    let with = |change: fn(&mut Lab)| lab.clone().with(change);
    with(|lab| lab.draft.internet_gateways[1].vpc = None)
        .expect(&format!("{X_TO_Y} => dropped internet-gateway-inbound"));
    with(|lab| {
        lab.draft.vpcs[1].block_public_access = Value::Known(model::BlockPublicAccess::Ingress);
    })
    .expect(&format!("{X_TO_Y} => dropped vpc-block-public-access"));
    let bare = lab.clone().table("bare", "w", &["c"]);
    bare.expect(&format!(
        "{X_TO_Y} => undetermined internet-gateway-unrouted; reply dropped longest-prefix-match"
    ));
    lab.expect("x 10.0.1.10 -> 203.0.113.99 tcp/443 => dropped nat-gateway-outbound-only");
    lab.expect(
        "x 2600:1f00:0:1::a -> 2600:1f01:0:1::b tcp/443 => dropped internet-gateway-inbound",
    );
}

#[test]
fn the_reply_goes_back_leg_by_leg() {
    let all = || vec![allow(1, RuleTraffic::All, "0.0.0.0/0")];
    let lab = two(from("0.0.0.0/0"));
    let out = |block: &str| {
        let egress = vec![allow(1, RuleTraffic::All, block)];
        lab.clone().acl("far", "w", &["c"], all(), egress)
    };
    let dropped = "delivered interface-accepts; reply dropped";
    out("10.0.0.0/8").expect(&format!("{X_TO_Y} => {dropped} network-acl-egress"));
    out("203.0.113.10/32").expect(&format!(
        "{X_TO_Y} => delivered interface-accepts; reply delivered reply-returns"
    ));
    // At home it comes from the public address of `y`.
    let near = |block: &str| {
        let ingress = vec![allow(1, RuleTraffic::All, block)];
        lab.clone().acl("near", "v", &["a"], ingress, all())
    };
    near("10.0.0.0/8").expect(&format!("{X_TO_Y} => {dropped} network-acl-ingress"));
    near("203.0.113.20/32").expect(&format!(
        "{X_TO_Y} => delivered interface-accepts; reply delivered reply-returns"
    ));
    let edge = lab.edge_table("i", "edge", "v").route(
        "edge",
        "10.0.1.0/24",
        Target::NatGateway("n".into()),
    );
    edge.expect(&format!(
        "{X_TO_Y} => {dropped} internet-gateway-edge-table"
    ));
}

#[test]
fn ports_of_a_nat_gateway_are_asked_behind_it() {
    let flow = "p 10.0.2.10 -> 203.0.113.20 tcp/443";
    let lab = two(from("203.0.113.99/32"));
    lab.expect(&format!(
        "{flow} => delivered interface-accepts; reply delivered reply-returns"
    ));
    let out = |from: u16, to: u16| {
        let all = vec![allow(1, RuleTraffic::All, "0.0.0.0/0")];
        let egress = vec![allow(1, tcp(from, to), "0.0.0.0/0")];
        lab.clone().acl("far", "w", &["c"], all, egress)
    };
    let delivered = format!("{flow} => delivered interface-accepts; reply");
    out(1024, 65535).expect(&format!("{delivered} delivered reply-returns"));
    out(1024, 50000).expect(&format!("{delivered} undetermined nat-gateway-source-port"));
    out(0, 1023).expect(&format!("{delivered} dropped network-acl-egress"));
}

#[test]
fn ipv6_goes_between_vpcs() {
    let lab = two(from("2600:1f00:0:1::a/128"));
    let flow = "x 2600:1f00:0:1::a -> 2600:1f01:0:1::a tcp/443";
    let both = "delivered interface-accepts; reply delivered reply-returns";
    lab.expect(&format!("{flow} => {both}"));
    let only_out = lab.with(|lab| {
        lab.draft
            .egress_only_internet_gateways
            .push(EgressOnlyInternetGateway {
                id: "e".into(),
                vpc: "v".into(),
                tags: Default::default(),
            });
        let routes = &mut lab.table_mut("v").routes;
        let route = routes.last_mut().expect("::/0");
        route.target = Value::Known(Target::EgressOnlyInternetGateway("e".into()));
    });
    only_out.expect(&format!("{flow} => {both}"));
    let trace = only_out.load().trace(&read_flow(flow));
    let component = ComponentId::EgressOnlyInternetGateway("e".into());
    let mut forward = trace.forward.iter();
    assert!(
        forward
            .any(|hop| hop.component == component && hop.clause == Clause::InternetGatewayHairpin)
    );
    // It lets nothing in but replies.
    only_out.expect("internet 2001:4860::1 -> 2600:1f00:0:1::a tcp/443 => undetermined internet-gateway-unrouted; reply dropped reply-returns");
}

/// The load balancer `l` of `w` faces the internet, and `y` at port 8080 is behind it.
fn facing(kind: LoadBalancerKind, rules: Vec<model::GroupRule>) -> Lab {
    two(rules)
        .load_balancer("l", kind, &[("c", "w", "10.1.1.100=203.0.113.40")])
        .target_group("t", Family::V4, &["y:8080"])
        .listener("l", 443, &["t"])
}

#[test]
fn relays_hand_on_what_comes_back() {
    let flow = "p 10.0.2.10 -> 203.0.113.40 tcp/443";
    let both = "delivered interface-accepts; reply delivered reply-returns";
    for kind in [LoadBalancerKind::Application, LoadBalancerKind::Network] {
        let lab = facing(kind, from("10.1.1.100/32"));
        lab.expect(&format!("{flow} => {both}"));
        lab.expect(&format!("{flow} pick 1 => {both}"));
        lab.expect(&format!("{flow} pick 2 => dropped load-balancer-target"));
    }
    let kept = facing(LoadBalancerKind::Network, from("203.0.113.99/32"))
        .with(|lab| lab.target_group_mut("t").preserve_client_address = true);
    kept.expect(&format!("{flow} pick 1 => {both}"));
    kept.expect("x 10.0.1.10 -> 203.0.113.40 tcp/443 pick 1 => dropped security-group-ingress");
    // The port that the NAT gateway chose is asked at the target that sees it.
    let egress = vec![allow(1, tcp(1024, 50000), "0.0.0.0/0")];
    let all = vec![allow(1, RuleTraffic::All, "0.0.0.0/0")];
    let asked = kept
        .subnet("d", "w", &["10.1.2.0/24"])
        .with(|lab| {
            let y = lab.interface_mut("y");
            y.subnet = "d".into();
            y.addresses.truncate(1);
            y.addresses[0].private = model::AddressValue::Known(super::lab::address("10.1.2.10"));
        })
        .acl("far", "w", &["d"], all, egress);
    asked.expect(&format!(
        "{flow} pick 1 => delivered interface-accepts; reply undetermined nat-gateway-source-port"
    ));
}

#[test]
fn a_node_sends_to_a_public_address_of_the_network() {
    // `m` hands on to `y` over the internet, and then to `l`, which hands on to `y`.
    let lab = two(from("203.0.113.50/32"))
        .load_balancer(
            "m",
            LoadBalancerKind::Application,
            &[("a", "v", "10.0.1.50=203.0.113.50")],
        )
        .target_group("far", Family::V4, &["203.0.113.20:8080"])
        .listener("m", 443, &["far"]);
    lab.expect("x 10.0.1.10 -> 10.0.1.50 tcp/443 pick 1 => delivered interface-accepts; reply delivered reply-returns");
    let scope = relayed(scope(
        interfaces(&["x"]),
        super::checks::to(&["y"]),
        vec![any_tcp()],
    ));
    expect(
        &lab,
        &never(scope),
        "violated x: 10.0.1.10 -> 10.0.1.50 tcp/443 from port 40000 pick 1",
    );
    let twice = facing(LoadBalancerKind::Application, from("10.1.1.100/32"))
        .load_balancer(
            "m",
            LoadBalancerKind::Application,
            &[("a", "v", "10.0.1.50=203.0.113.50")],
        )
        .target_group("far", Family::V4, &["203.0.113.40:443"])
        .listener("m", 443, &["far"]);
    let flow = "x 10.0.1.10 -> 203.0.113.50 tcp/443";
    let both = "delivered interface-accepts; reply delivered reply-returns";
    twice.expect(&format!("{flow} pick 1 => {both}"));
    twice.expect(&format!("{flow} pick 1.1 => {both}"));
    twice.expect(&format!("{flow} pick 1.2 => dropped load-balancer-target"));
}

fn publicly(id: &str) -> Place {
    Place::Interfaces {
        interfaces: BTreeSet::from([id.into()]),
        public_from_inside: true,
    }
}

fn to_y() -> Scope {
    scope(interfaces(&["x"]), publicly("y"), vec![any_tcp()])
}

#[test]
fn verdicts_follow_it() {
    let lab = two(vec![from_cidr(tcp(8443, 8443), "203.0.113.10/32")]);
    let found = "x: 10.0.1.10 -> 203.0.113.20 tcp/8443 from port 40000";
    expect(&lab, &never(to_y()), &format!("violated {found}"));
    expect(&lab, &sometimes(to_y()), &format!("holds {found}"));
    expect(&two(from("10.0.0.0/8")), &never(to_y()), "holds");
    let blocks = Place::Cidrs(BTreeSet::from([super::lab::cidr("203.0.113.0/24")]));
    let scope = scope(interfaces(&["x"]), blocks, vec![any_tcp()]);
    let mut answered = invariant(Quantifier::Exists, scope, Claim::Answered);
    answered.premise = Some(Claim::Traverses(vec![
        BTreeSet::from([ComponentId::InternetGateway("i".into())]),
        BTreeSet::from([ComponentId::InternetGateway("j".into())]),
    ]));
    expect(&lab, &answered, &format!("holds {found}"));
}

#[test]
fn relayed_flows_follow_it() {
    let scope = |id: &str| {
        let class = model::TrafficClass::Tcp {
            source_ports: 0..=u16::MAX,
            destination_ports: 8080..=8080,
        };
        relayed(scope(
            interfaces(&["p"]),
            super::checks::to(&[id]),
            vec![class],
        ))
    };
    let lab = facing(LoadBalancerKind::Application, from("10.1.1.100/32"));
    expect(
        &lab,
        &never(scope("y")),
        "violated p: 10.0.2.10 -> 203.0.113.40 tcp/443 from port 40000 pick 1",
    );
    // A request that the relay keeps is none.
    expect(&lab, &never(scope("l-c")), "holds");
}

/// An open public address of the sender is one that filters see.
#[test]
fn open_public_addresses_of_senders_are_seen() {
    let open = |rules: Vec<model::GroupRule>| {
        two(rules).with(|lab| {
            let hole = model::Hole::new("public address of x");
            let anywhere = super::lab::cidr("0.0.0.0/0");
            let x = &mut lab.interface_mut("x").addresses[0];
            x.public = Some(model::AddressValue::Within(anywhere, hole));
        })
    };
    let some = open(from("198.51.100.0/24"));
    expect(&some, &never(to_y()), "unknown on public address of x");
    expect(&open(from("10.0.0.0/8")), &never(to_y()), "holds");
    expect(
        &open(from("0.0.0.0/0")),
        &never(to_y()),
        "violated x: 10.0.1.10 -> 203.0.113.20 tcp/443 from port 40000",
    );
    // Elsewhere it still is nobody's business.
    let inside = scope(
        interfaces(&["x"]),
        super::checks::to(&["p"]),
        vec![any_tcp()],
    );
    expect(
        &some,
        &never(inside),
        "violated x: 10.0.1.10 -> 10.0.2.10 tcp/443 from port 40000",
    );
}
