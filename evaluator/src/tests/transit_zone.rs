use std::collections::BTreeSet;

use model::{
    AclEntry, AttachmentKind, Claim, Clause, Family, Hole, Middlebox, Origin, Place, Quantifier,
    RouteDestination, RouteState, RuleTraffic, Target, Value,
};

use super::checks::{any_tcp, expect, interfaces, invariant, scope, sometimes, to};
use super::lab::{Lab, allow, cidr, deny, tcp};
use super::on_premises_transit::transit;

/// The workloads `x` and `x2` of `v` stand in the subnets of its attachment themselves, in two
/// zones; `m` is a third subnet. `b` leads on premises.
fn zones() -> Lab {
    transit()
        .subnet("a2", "v", &["10.0.2.0/24"])
        .subnet("m", "v", &["10.0.3.0/24"])
        .interface("x2", "a2", "v", &["10.0.2.10"])
        .zone("a", "one")
        .zone("a2", "two")
        .zone("m", "two")
        .with(|lab| {
            if let AttachmentKind::Vpc { subnets, .. } = &mut lab.attachment_mut("tv").kind {
                subnets.insert("a2".into());
            }
        })
}

fn all() -> Vec<AclEntry> {
    vec![allow(9, RuleTraffic::All, "0.0.0.0/0")]
}

fn acl(ingress: Vec<AclEntry>, egress: Vec<AclEntry>) -> Lab {
    zones().acl("n", "v", &["a", "a2"], ingress, egress)
}

const IN: &str = "over:b 192.168.1.1 -> 10.0.1.10";
const IN2: &str = "over:b 192.168.1.1 -> 10.0.2.10";
const OUT: &str = "x 10.0.1.10 -> 192.168.1.1 tcp/443";
const OUT2: &str = "x2 10.0.2.10 -> 192.168.1.1 tcp/443";
const ACCEPTED: &str = "delivered interface-accepts; reply delivered reply-returns";
const DELIVERED: &str = "delivered on-premises-delivers; reply delivered reply-returns";
const OPEN: &str = "undetermined transit-gateway-zone; reply undetermined transit-gateway-zone";
const OPEN_BACK: &str = "delivered on-premises-delivers; reply undetermined transit-gateway-zone";

/// What is for the workloads comes out of the transit gateway by a subnet that is not known.
#[track_caller]
fn expect_open(lab: &Lab) {
    for flow in [IN, IN2] {
        lab.expect(&format!("{flow} tcp/443 => {OPEN}"));
    }
    for flow in [OUT, OUT2] {
        lab.expect(&format!("{flow} => {OPEN_BACK}"));
    }
}

#[track_caller]
fn expect_alike(lab: &Lab) {
    for flow in [IN, IN2] {
        lab.expect(&format!("{flow} tcp/443 => {ACCEPTED}"));
    }
    for flow in [OUT, OUT2] {
        lab.expect(&format!("{flow} => {DELIVERED}"));
    }
}

#[test]
fn subnets_of_workloads_are_alike() {
    expect_alike(&zones());
    expect_alike(&acl(all(), all()));
    // Nobody's addresses too.
    zones().expect("over:b 192.168.1.1 -> 10.0.2.77 tcp/443 => dropped address-owner");
    zones().expect("over:b 192.168.1.1 -> 10.0.3.77 tcp/443 => dropped address-owner");
    // The smallest is taken, in which the destination is not.
    zones().passes(&format!("{IN2} tcp/443"), Clause::LocalRoute);
    zones().passes(&format!("{IN} tcp/443"), Clause::SameSubnet);
    let unknown = zones().with(|lab| {
        for subnet in &mut lab.draft.subnets {
            subnet.network_acl = Value::Any(Hole::new("an ACL"));
        }
    });
    unknown.expect(&format!("{IN} tcp/443 => {OPEN}"));
}

#[test]
fn an_acl_that_passes_some_ports_leaves_the_others_open() {
    let some = || {
        vec![
            allow(1, tcp(8000, 8099), "0.0.0.0/0"),
            allow(2, tcp(32768, 65535), "192.168.0.0/16"),
        ]
    };
    for (ingress, egress) in [(some(), all()), (all(), some())] {
        let lab = acl(ingress, egress);
        for flow in [IN, IN2] {
            lab.expect(&format!("{flow} tcp/8000 => delivered interface-accepts"));
            lab.expect(&format!("{flow} tcp/8100 => {OPEN}"));
            lab.expect(&format!("{flow} udp/8000 => {OPEN}"));
        }
    }
    // To what is in neither subnet nothing passes their ACL inbound.
    let beside = acl(some(), all()).interface("y3", "m", "v", &["10.0.3.10"]);
    beside.expect("over:b 192.168.1.1 -> 10.0.3.10 udp/53 => delivered interface-accepts");
    // Inbound the source is judged, outbound the destination.
    let from = |block: &str| acl(vec![allow(1, RuleTraffic::All, block)], all());
    from("192.168.1.0/24").expect(&format!("{IN2} tcp/443 => delivered interface-accepts"));
    from("192.168.2.0/24").expect(&format!("{IN} tcp/443 => {OPEN}"));
    let only_first = acl(all(), vec![allow(1, RuleTraffic::All, "10.0.1.0/24")]);
    only_first.expect(&format!("{IN} tcp/443 => delivered interface-accepts"));
    only_first.expect(&format!("{IN2} tcp/443 => {OPEN}"));
}

#[test]
fn replies_are_judged_as_they_come_out() {
    // To the clients' ports.
    let to_clients = |from, to| acl(vec![allow(1, tcp(from, to), "0.0.0.0/0")], all());
    let high = to_clients(32768, 65535);
    for flow in [OUT, OUT2] {
        // What goes in to the transit gateway passes the ACL only in its own subnet.
        high.expect(&format!("{flow} => dropped network-acl-ingress"));
    }
    let both = || {
        vec![
            allow(1, tcp(443, 443), "0.0.0.0/0"),
            allow(2, tcp(32768, 65535), "0.0.0.0/0"),
        ]
    };
    let lab = acl(both(), all());
    for flow in [OUT, OUT2] {
        lab.expect(&format!("{flow} => {DELIVERED}"));
    }
    let closed = acl(vec![allow(1, tcp(443, 443), "0.0.0.0/0")], all());
    for flow in [OUT, OUT2] {
        closed.expect(&format!("{flow} => {OPEN_BACK}"));
    }
}

#[test]
fn every_port_that_a_nat_gateway_may_choose_must_pass() {
    // `x3` sends by the NAT gateway `p` in `a2`.
    let lab = |from| {
        let some = vec![
            allow(1, tcp(443, 443), "0.0.0.0/0"),
            allow(2, tcp(from, 65535), "0.0.0.0/0"),
        ];
        acl(some, all())
            .interface("x3", "m", "v", &["10.0.3.10"])
            .nat_gateway("p", "a2", "v", &["10.0.2.20"])
            .table("by-nat", "v", &["m"])
            .route("by-nat", "0.0.0.0/0", Target::NatGateway("p".into()))
    };
    let flow = "x3 10.0.3.10 -> 192.168.1.1 tcp/443";
    lab(1024).expect(&format!("{flow} => {DELIVERED}"));
    lab(1025).expect(&format!("{flow} => {OPEN_BACK}"));
}

#[test]
fn what_no_route_leads_to_makes_no_subnet_unlike() {
    let devices = || {
        zones()
            .appliance("f", "a2", "v", &["10.0.2.20"], Middlebox::Forwards)
            .nat_gateway("p", "a2", "v", &["10.0.2.30"])
            .gateway_load_balancer_endpoint("l", "v", "a2", Middlebox::Forwards)
    };
    expect_alike(&devices());
    let targets = [
        Target::NetworkInterface("f".into()),
        Target::NetworkInterface("x2".into()),
        Target::NatGateway("p".into()),
        Target::GatewayLoadBalancerEndpoint("l".into()),
    ];
    let block = || Value::Known(RouteDestination::Cidr(cidr("172.16.0.0/16")));
    for target in targets {
        let lab = devices().route("v", "172.16.0.0/16", target.clone());
        expect_open(&lab);
        let dead = lab.with(|lab| {
            let route = lab.table_mut("v").routes.last_mut();
            route.expect("a route").state = RouteState::Blackhole;
        });
        expect_open(&dead);
        let hole = Hole::new("a target");
        let several = Value::OneOf(vec![Target::Local, target], hole);
        expect_open(&devices().route_of("v", block(), several));
    }
    // Any target may be one that stands there.
    let any = |lab: Lab| lab.route_of("v", block(), Value::Any(Hole::new("a target")));
    expect_open(&any(devices()));
    // One elsewhere is no matter.
    let beside = zones()
        .appliance("f", "m", "v", &["10.0.3.20"], Middlebox::Forwards)
        .route("v", "172.16.0.0/16", Target::NetworkInterface("f".into()));
    expect_alike(&beside);
}

#[test]
fn the_route_to_the_subnets_must_be_the_local_one() {
    let lab = zones()
        .appliance("f", "m", "v", &["10.0.3.20"], Middlebox::Forwards)
        .table("from-f", "v", &["m"])
        .route("v", "10.0.2.0/24", Target::NetworkInterface("f".into()));
    lab.expect(&format!("{IN} tcp/443 => {ACCEPTED}"));
    lab.expect(&format!("{IN2} tcp/443 => {OPEN}"));
    lab.expect(&format!("{OUT2} => {OPEN_BACK}"));
    let hole = Hole::new("a destination");
    let blocks = ["10.0.2.0/24", "172.16.0.0/16"].map(|block| RouteDestination::Cidr(cidr(block)));
    let target = Value::Known(Target::NetworkInterface("f".into()));
    let open = zones()
        .appliance("f", "m", "v", &["10.0.3.20"], Middlebox::Forwards)
        .route_of("v", Value::OneOf(blocks.to_vec(), hole), target);
    open.expect(&format!("{IN} tcp/443 => {ACCEPTED}"));
    open.expect(&format!("{IN2} tcp/443 => {OPEN}"));
}

#[test]
fn a_check_finds_the_ports_and_sources_that_pass() {
    let from = || Origin::OnPremises {
        blocks: Some(BTreeSet::from([cidr("192.168.0.0/16")])),
        resolver: None,
    };
    let asked = || scope(from(), to(&["x2"]), vec![any_tcp()]);
    let one = || vec![allow(1, tcp(8443, 8443), "192.168.7.7/32")];
    expect(
        &acl(one(), all()),
        &sometimes(asked()),
        "holds on premises by b: 192.168.7.7 -> 10.0.2.10 tcp/8443 from port 40000",
    );
    let one = vec![allow(1, tcp(8443, 8443), "10.0.2.10/32")];
    expect(
        &acl(all(), one),
        &sometimes(asked()),
        "holds on premises by b: 192.168.0.0 -> 10.0.2.10 tcp/8443 from port 40000",
    );
    // A reply that is open is found by the client's port alone.
    let but_one = || {
        vec![
            deny(1, tcp(50000, 50000), "192.168.0.0/16"),
            allow(2, RuleTraffic::All, "0.0.0.0/0"),
        ]
    };
    let there = Place::OnPremises(Some(BTreeSet::from([cidr("192.168.0.0/16")])));
    let mut back = scope(interfaces(&["x2"]), there, vec![any_tcp()]);
    back.families = BTreeSet::from([Family::V4]);
    let answered = |scope| invariant(Quantifier::Every, scope, Claim::Answered);
    expect(&acl(all(), all()), &answered(back.clone()), "holds");
    let zone = "unknown on the zone in which packets pass tv";
    expect(&acl(but_one(), all()), &answered(back), zone);
}
