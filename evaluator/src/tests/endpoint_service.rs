use std::collections::BTreeSet;

use model::{Clause, Family, LoadBalancerKind, RulePeer, RuleTraffic, Value};

use super::lab::{Lab, from_cidr, rule, tcp};

/// A consumer `c` with an endpoint `e` in VPC `v`, and a provider with the same block: a load
/// balancer `l` in two zones in front of `x`.
fn lab() -> Lab {
    Lab::default()
        .vpc("v", &["10.0.0.0/16"])
        .subnet("a", "v", &["10.0.1.0/24"])
        .subnet("b", "v", &["10.0.2.0/24"])
        .interface("c", "a", "v", &["10.0.1.10"])
        .interface_endpoint("e", "v", "b", "10.0.2.20")
        .with(|lab| lab.endpoint_mut("e").service = "s".into())
        .vpc("w", &["10.0.0.0/16"])
        .subnet("f", "w", &["10.0.1.0/24"])
        .subnet("g", "w", &["10.0.2.0/24"])
        .interface("x", "f", "w", &["10.0.1.10"])
        .load_balancer(
            "l",
            LoadBalancerKind::Network,
            &[("f", "w", "10.0.1.100"), ("g", "w", "10.0.2.100")],
        )
        .target_group("t", Family::V4, &["x:8080"])
        .listener("l", 443, &["t"])
        .endpoint_service("s", &["l"])
        .zone("b", "two")
        .zone("f", "one")
        .zone("g", "two")
}

const FLOW: &str = "c 10.0.1.10 -> 10.0.2.20 tcp/443";
const DELIVERED: &str = "delivered interface-accepts; reply delivered reply-returns";

#[test]
fn endpoint_service_hands_on() {
    for picks in ["", " pick 1", " pick 1.1"] {
        lab().expect(&format!("{FLOW}{picks} => {DELIVERED}"));
    }
    lab().passes(&format!("{FLOW} pick 1.1"), Clause::EndpointServiceHandsOn);
    lab().expect("c 10.0.1.10 -> 10.0.2.20 tcp/80 pick 1 => dropped load-balancer-listener");
    lab().expect("c 10.0.1.10 -> 10.0.2.20 tcp/80 => delivered interface-accepts");
    // Another service's endpoint is no relay, and keeps what it gets.
    let other = lab().with(|lab| lab.endpoint_mut("e").service = "other".into());
    other.expect(&format!("{FLOW} pick 7 => {DELIVERED}"));
}

#[test]
fn endpoint_service_zone() {
    // Of one zone there is one node.
    lab().expect(&format!("{FLOW} pick 2 => dropped endpoint-service-zone"));
    let unknown = lab().with(|lab| lab.draft.subnets[1].zone = None);
    for pick in ["1", "2"] {
        unknown.expect(&format!(
            "{FLOW} pick {pick} => undetermined endpoint-service-zone; reply delivered reply-returns"
        ));
    }
    let far = lab().with(|lab| lab.draft.vpcs[1].region = "us-east-1".into());
    for pick in ["1", "2"] {
        far.expect(&format!("{FLOW} pick {pick} => {DELIVERED}"));
    }
}

#[test]
fn the_groups_of_a_node_are_asked_on_the_clients_address() {
    let node = |rules| {
        lab()
            .group(
                "n",
                "w",
                rules,
                vec![from_cidr(RuleTraffic::All, "0.0.0.0/0")],
            )
            .with(|lab| lab.interface_mut("l-g").groups = Value::Known(["n".into()].into()))
    };
    let flow = format!("{FLOW} pick 1.1");
    let dropped = format!("{flow} => dropped security-group-ingress");
    node(vec![from_cidr(tcp(443, 443), "10.0.1.10/32")]).expect(&format!("{flow} => {DELIVERED}"));
    node(vec![from_cidr(tcp(443, 443), "10.0.2.20/32")]).expect(&dropped);
    // `x` has the client's address, and its groups; but it is not the client.
    node(vec![rule(RuleTraffic::All, RulePeer::Group("w".into()))]).expect(&dropped);
    node(vec![rule(
        RuleTraffic::All,
        RulePeer::OutsideGroup("sg-0".into()),
    )])
    .expect(&dropped);
    node(vec![])
        .with(|lab| lab.load_balancer_mut("l").private_link_ingress = false)
        .expect(&format!("{flow} => {DELIVERED}"));
    let none = lab().with(|lab| lab.interface_mut("l-g").groups = Value::Known(BTreeSet::new()));
    none.expect(&format!("{flow} => {DELIVERED}"));
    none.passes(&flow, Clause::LoadBalancerUnfiltered);
}

#[test]
fn a_client_by_an_endpoint_service_is_never_seen() {
    let keep = lab().with(|lab| lab.target_group_mut("t").preserve_client_address = true);
    keep.expect(&format!("{FLOW} pick 1.1 => {DELIVERED}"));
    keep.passes(&format!("{FLOW} pick 1.1"), Clause::LoadBalancerTranslates);
}

#[test]
fn neither_acl_nor_route_is_asked_between_the_vpcs() {
    let closed = lab().acl("none", "w", &["g"], vec![], vec![]);
    closed.expect(&format!("{FLOW} pick 1 => {DELIVERED}"));
    closed.expect(&format!("{FLOW} pick 1.1 => dropped network-acl-egress"));
}
