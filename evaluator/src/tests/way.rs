//! Middleboxes, edge tables and Gateway Load Balancer endpoints.

use std::collections::BTreeSet;

use model::{
    Claim, Clause, ComponentId, EgressOnlyInternetGateway, Engine, Family, Middlebox, Origin,
    Place, Quantifier, RulePeer, RuleTraffic, Target, Verdict,
};

use super::checks::{any_tcp, expect, interfaces, invariant, scope, sometimes, to};
use super::lab::{Lab, allow, rule, tcp};

fn igw() -> Target {
    Target::InternetGateway("i".into())
}

fn firewall() -> Target {
    Target::NetworkInterface("f".into())
}

fn endpoint() -> Target {
    Target::GatewayLoadBalancerEndpoint("l".into())
}

/// `x` in `a`, `y` in `b`, the subnet `m` with a route to the internet, whatever stands there.
fn bare() -> Lab {
    Lab::default()
        .vpc("v", &["10.0.0.0/16", "2600:1f00::/56"])
        .subnet("a", "v", &["10.0.1.0/24", "2600:1f00:0:1::/64"])
        .subnet("b", "v", &["10.0.2.0/24"])
        .subnet("m", "v", &["10.0.3.0/24", "2600:1f00:0:3::/64"])
        .internet_gateway("i", Some("v"))
        .interface(
            "x",
            "a",
            "v",
            &["10.0.1.10=203.0.113.10", "2600:1f00:0:1::a"],
        )
        .interface("y", "b", "v", &["10.0.2.10"])
        .table("app", "v", &["a"])
        .table("data", "v", &["b"])
        .table("middle", "v", &["m"])
        .route("middle", "0.0.0.0/0", igw())
}

/// What `x` sends to the internet, to `y`, and what comes in, goes through the firewall `f`.
fn through_firewall(middlebox: Middlebox) -> Lab {
    bare()
        .appliance("f", "m", "v", &["10.0.3.10=203.0.113.30"], middlebox)
        .route("app", "0.0.0.0/0", firewall())
        .route("app", "10.0.2.0/24", firewall())
        .route("data", "10.0.1.0/24", firewall())
        .edge_table("i", "edge", "v")
        .route("edge", "10.0.1.0/24", firewall())
}

const OUT: &str = "x 10.0.1.10 -> 8.8.8.8 tcp/443";
const ACROSS: &str = "x 10.0.1.10 -> 10.0.2.10 tcp/443";
const IN: &str = "internet 8.8.8.8 -> 203.0.113.10 tcp/443";

#[test]
fn a_firewall_stands_on_every_way() {
    let lab = through_firewall(Middlebox::Forwards);
    lab.expect(&format!(
        "{OUT} => delivered internet-gateway-delivers; reply delivered reply-returns"
    ));
    for flow in [ACROSS, IN] {
        lab.expect(&format!(
            "{flow} => delivered interface-accepts; reply delivered reply-returns"
        ));
        lab.passes(flow, Clause::MiddleboxForwards);
    }
}

#[test]
fn middlebox_check() {
    let lab = through_firewall(Middlebox::Forwards)
        .with(|lab| lab.interface_mut("f").source_destination_check = true);
    for flow in [OUT, ACROSS, IN] {
        lab.expect(&format!("{flow} => dropped middlebox-check"));
    }
}

#[test]
fn what_is_for_the_appliance_itself_is_delivered_to_it() {
    let lab = through_firewall(Middlebox::Unknown)
        .route("app", "10.0.3.0/24", firewall())
        .route("edge", "10.0.3.0/24", firewall());
    lab.expect("x 10.0.1.10 -> 10.0.3.10 tcp/443 => delivered interface-accepts; reply delivered reply-returns");
    lab.expect("internet 8.8.8.8 -> 203.0.113.30 tcp/443 => delivered interface-accepts; reply delivered reply-returns");
    lab.expect("f 10.0.3.10 -> 8.8.8.8 tcp/443 => delivered internet-gateway-delivers; reply delivered reply-returns");
}

#[test]
fn middlebox_forwards() {
    through_firewall(Middlebox::Inspects).expect(&format!(
        "{OUT} => undetermined middlebox-forwards; reply delivered reply-returns"
    ));
    through_firewall(Middlebox::Unknown).expect(&format!(
        "{OUT} => undetermined middlebox-forwards; reply undetermined middlebox-forwards"
    ));
    // What certainly drops behind a firewall that inspects decides.
    let unrouted = through_firewall(Middlebox::Inspects).table("none", "v", &["m"]);
    unrouted.expect(&format!("{OUT} => dropped longest-prefix-match"));
}

#[test]
fn the_groups_and_the_acl_of_the_appliance_are_asked() {
    let only = |port| vec![super::lab::from_cidr(tcp(port, port), "0.0.0.0/0")];
    let lab = through_firewall(Middlebox::Forwards)
        .group("in", "v", only(80), only(443))
        .group("out", "v", only(443), only(80));
    let of = |group: &str| {
        let groups = model::Value::Known([group.into()].into());
        lab.clone()
            .with(|lab| lab.interface_mut("f").groups = groups)
    };
    of("in").expect(&format!("{OUT} => dropped security-group-ingress"));
    of("out").expect(&format!("{OUT} => dropped security-group-egress"));
    let all = || vec![allow(1, RuleTraffic::All, "0.0.0.0/0")];
    let acl = |ingress| through_firewall(Middlebox::Forwards).acl("m", "v", &["m"], ingress, all());
    acl(vec![]).expect(&format!("{OUT} => dropped network-acl-ingress"));
    // The reply passes it too.
    acl(vec![allow(1, RuleTraffic::All, "10.0.1.0/24")]).expect(&format!(
        "{OUT} => delivered internet-gateway-delivers; reply dropped network-acl-ingress"
    ));
}

#[test]
fn references_are_lost_behind_an_appliance_but_not_before_it() {
    let by_group = || vec![rule(RuleTraffic::All, RulePeer::Group("x".into()))];
    let all = || vec![super::lab::from_cidr(RuleTraffic::All, "0.0.0.0/0")];
    let known = |group: &str| model::Value::Known([group.into()].into());
    let lab = through_firewall(Middlebox::Forwards)
        .group("x", "v", all(), all())
        .group("g", "v", by_group(), all())
        .with(|lab| lab.interface_mut("x").groups = known("x"));
    let before = lab
        .clone()
        .with(|lab| lab.interface_mut("f").groups = known("g"));
    before.expect(&format!(
        "{ACROSS} => delivered interface-accepts; reply delivered reply-returns"
    ));
    let behind = lab.with(|lab| lab.interface_mut("y").groups = known("g"));
    behind.expect(&format!("{ACROSS} => dropped security-group-ingress"));
}

#[test]
fn replies_go_back_by_the_same_devices() {
    let lab = through_firewall(Middlebox::Forwards).table("straight", "v", &["b"]);
    lab.expect(&format!(
        "{ACROSS} => delivered interface-accepts; reply undetermined reply-asymmetric"
    ));
    let lab = through_firewall(Middlebox::Forwards)
        .table("open", "v", &["a"])
        .route("open", "0.0.0.0/0", igw());
    lab.expect(&format!(
        "{IN} => delivered interface-accepts; reply dropped reply-returns"
    ));
    // Out directly, but in by the edge table.
    lab.expect(&format!(
        "{OUT} => delivered internet-gateway-delivers; reply dropped internet-gateway-edge-table"
    ));
    let lab = through_firewall(Middlebox::Forwards)
        .with(|lab| lab.draft.internet_gateways[0].edge_route_table = None);
    lab.expect(&format!(
        "{OUT} => delivered internet-gateway-delivers; reply dropped internet-gateway-edge-table"
    ));
}

#[test]
fn way_loop() {
    let lab = through_firewall(Middlebox::Forwards)
        .table("round", "v", &["m"])
        .route("round", "0.0.0.0/0", firewall());
    lab.expect(&format!("{OUT} => dropped way-loop"));
}

#[test]
fn way_limit() {
    // Seven firewalls in a row, of which the last has the route out.
    let chain = |n: usize| {
        let mut lab = bare().route("app", "0.0.0.0/0", Target::NetworkInterface("f1".into()));
        for k in 1..=n {
            let (id, table) = (format!("f{k}"), format!("t{k}"));
            let (subnet, block) = (format!("s{k}"), format!("10.0.{}.0/24", 10 + k));
            let address = format!("10.0.{}.10", 10 + k);
            let next = match k == n {
                true => igw(),
                false => Target::NetworkInterface(format!("f{}", k + 1).as_str().into()),
            };
            lab = lab
                .subnet(&subnet, "v", &[&block])
                .appliance(&id, &subnet, "v", &[&address], Middlebox::Forwards)
                .table(&table, "v", &[&subnet])
                .route(&table, "0.0.0.0/0", next);
        }
        lab
    };
    chain(6).expect(&format!("{OUT} => delivered internet-gateway-delivers"));
    chain(7).expect(&format!(
        "{OUT} => undetermined way-limit; reply undetermined way-limit"
    ));
}

/// The same behind the Gateway Load Balancer endpoint `l`.
fn through_endpoint(middlebox: Middlebox) -> Lab {
    bare()
        .gateway_load_balancer_endpoint("l", "v", "m", middlebox)
        .route("app", "0.0.0.0/0", endpoint())
        .edge_table("i", "edge", "v")
        .route("edge", "10.0.1.0/24", endpoint())
}

#[test]
fn gateway_load_balancer_endpoint_available() {
    let lab = through_endpoint(Middlebox::Forwards);
    lab.expect(&format!(
        "{OUT} => delivered internet-gateway-delivers; reply delivered reply-returns"
    ));
    lab.expect(&format!(
        "{IN} => delivered interface-accepts; reply delivered reply-returns"
    ));
    let lab = lab.with(|lab| lab.endpoint_mut("l").available = false);
    lab.expect(&format!(
        "{OUT} => dropped gateway-load-balancer-endpoint-available"
    ));
}

#[test]
fn gateway_load_balancer_endpoint_inspects() {
    for middlebox in [Middlebox::Inspects, Middlebox::Unknown] {
        through_endpoint(middlebox).expect(&format!(
            "{OUT} => undetermined gateway-load-balancer-endpoint-inspects; reply delivered reply-returns"
        ));
    }
}

#[test]
fn gateway_load_balancer_endpoint_egress_only() {
    let egress_only = || Target::EgressOnlyInternetGateway("e".into());
    let lab = through_endpoint(Middlebox::Forwards)
        .with(|lab| {
            let gateway = EgressOnlyInternetGateway {
                id: "e".into(),
                vpc: "v".into(),
                tags: Default::default(),
            };
            lab.draft.egress_only_internet_gateways.push(gateway);
        })
        .route("app", "::/0", egress_only());
    let flow = "x 2600:1f00:0:1::a -> 2001:4860::8888 tcp/443";
    lab.expect(&format!(
        "{flow} => delivered egress-only-internet-gateway; reply delivered reply-returns"
    ));
    let lab = through_endpoint(Middlebox::Forwards)
        .with(|inspected| inspected.draft = lab.draft.clone())
        .route("middle", "::/0", egress_only())
        .table("inspected", "v", &["a"])
        .route("inspected", "::/0", endpoint());
    lab.expect(&format!(
        "{flow} => dropped gateway-load-balancer-endpoint-egress-only"
    ));
}

#[test]
fn a_nat_gateway_behind_a_firewall() {
    let lab = through_firewall(Middlebox::Forwards)
        .subnet("n", "v", &["10.0.4.0/24"])
        .nat_gateway("n", "n", "v", &["10.0.4.99=203.0.113.99"])
        .table("nat", "v", &["n"])
        .route("nat", "0.0.0.0/0", igw())
        .route("nat", "10.0.1.0/24", firewall())
        .table("private", "v", &["m"])
        .route("private", "0.0.0.0/0", Target::NatGateway("n".into()));
    lab.expect(&format!(
        "{OUT} => delivered internet-gateway-delivers; reply delivered reply-returns"
    ));
    // The reply passes the firewall by by the local route of the NAT gateway's subnet.
    let local = lab
        .table("short", "v", &["n"])
        .route("short", "0.0.0.0/0", igw());
    local.expect(&format!(
        "{OUT} => delivered internet-gateway-delivers; reply undetermined reply-asymmetric"
    ));
}

#[test]
fn claims_name_the_devices_in_their_order() {
    let lab = through_firewall(Middlebox::Forwards);
    let gateway = || ComponentId::InternetGateway("i".into());
    let of = |id: &str| ComponentId::NetworkInterface(id.into());
    let verdict = |from, place, components: Vec<ComponentId>| {
        let sets = components.into_iter().map(|one| BTreeSet::from([one]));
        let claim = Claim::Traverses(sets.collect());
        let mut asked = invariant(
            Quantifier::Every,
            scope(from, place, vec![any_tcp()]),
            claim,
        );
        asked.premise = Some(Claim::Delivered);
        // Nothing leads IPv6 packets to the firewall.
        asked.scope.families = BTreeSet::from([Family::V4]);
        lab.load().check(&asked)
    };
    let out = |components| verdict(interfaces(&["x"]), Place::Internet, components);
    let holds = |verdict| matches!(verdict, Verdict::Holds { .. });
    assert!(holds(out(vec![of("f"), gateway()])));
    assert!(!holds(out(vec![gateway(), of("f")])));
    let inward = vec![gateway(), of("f"), of("x")];
    assert!(holds(verdict(Origin::Internet(None), to(&["x"]), inward)));
}

#[test]
fn a_check_looks_at_the_groups_and_entries_on_the_way() {
    // Only one port passes the firewall's group, and only another the entries of its subnet.
    let only = |port| vec![super::lab::from_cidr(tcp(port, port), "0.0.0.0/0")];
    let all = || vec![super::lab::from_cidr(RuleTraffic::All, "0.0.0.0/0")];
    let lab = through_firewall(Middlebox::Forwards)
        .group("one", "v", only(8443), all())
        .with(|lab| {
            let groups = model::Value::Known(BTreeSet::from(["one".into()]));
            lab.interface_mut("f").groups = groups;
        });
    let asked = || scope(interfaces(&["x"]), to(&["y"]), vec![any_tcp()]);
    expect(
        &lab,
        &sometimes(asked()),
        "holds x: 10.0.1.10 -> 10.0.2.10 tcp/8443 from port 40000",
    );
    let entries = vec![allow(1, tcp(9443, 9443), "0.0.0.0/0")];
    let closed = lab.acl(
        "m",
        "v",
        &["m"],
        entries,
        vec![allow(1, RuleTraffic::All, "0.0.0.0/0")],
    );
    expect(&closed, &sometimes(asked()), "violated");
}
