use model::{Hole, IcmpFilter, RuleTraffic, Value};

use super::lab::{Lab, allow, deny, tcp};

fn two() -> Lab {
    Lab::default()
        .vpc("v", &["10.0.0.0/16"])
        .subnet("a", "v", &["10.0.1.0/24"])
        .subnet("b", "v", &["10.0.2.0/24"])
        .interface("x", "a", "v", &["10.0.1.10"])
        .interface("y", "b", "v", &["10.0.2.10"])
}

#[test]
fn the_lowest_number_that_matches_decides() {
    let all = || allow(200, RuleTraffic::All, "0.0.0.0/0");
    let lab = two().acl(
        "n",
        "v",
        &["b"],
        vec![all(), deny(100, tcp(443, 443), "10.0.1.0/24")],
        vec![all()],
    );
    lab.expect("x 10.0.1.10 -> 10.0.2.10 tcp/443 => dropped network-acl-ingress");
    lab.expect("x 10.0.1.10 -> 10.0.2.10 tcp/444 => delivered interface-accepts; reply delivered reply-returns");
}

#[test]
fn replies_are_judged_like_requests() {
    let all = || allow(1, RuleTraffic::All, "0.0.0.0/0");
    let lab = two().acl(
        "n",
        "v",
        &["b"],
        vec![all()],
        vec![allow(1, tcp(1024, 39999), "10.0.1.10/32")],
    );
    lab.expect("x 10.0.1.10 -> 10.0.2.10 tcp/39999>443 => delivered interface-accepts; reply delivered reply-returns");
    lab.expect("x 10.0.1.10 -> 10.0.2.10 tcp/40000>443 => delivered interface-accepts; reply dropped network-acl-egress");
    let echo = |icmp_type| {
        RuleTraffic::Icmp(IcmpFilter {
            icmp_type: Some(icmp_type),
            code: None,
        })
    };
    let lab = two().acl(
        "n",
        "v",
        &["b"],
        vec![all()],
        vec![allow(1, echo(0), "0.0.0.0/0")],
    );
    lab.expect("x 10.0.1.10 -> 10.0.2.10 icmp/8/0 => delivered interface-accepts; reply delivered reply-returns");
    lab.expect("x 10.0.1.10 -> 10.0.2.10 icmp/13/0 => delivered interface-accepts; reply dropped network-acl-egress");
}

#[test]
fn the_senders_acl_judges_the_reply_too() {
    let all = || allow(1, RuleTraffic::All, "0.0.0.0/0");
    let lab = two().acl("n", "v", &["a"], vec![], vec![all()]);
    lab.expect("x 10.0.1.10 -> 10.0.2.10 tcp/443 => delivered interface-accepts; reply dropped network-acl-ingress");
}

#[test]
fn an_icmpv6_entry_with_an_ipv4_block_matches_any_type() {
    let filter = IcmpFilter {
        icmp_type: Some(1),
        code: Some(1),
    };
    let entry = || allow(1, RuleTraffic::Icmpv6(filter), "0.0.0.0/0");
    let lab = two().acl("n", "v", &["b"], vec![entry()], vec![entry()]);
    lab.expect("x 10.0.1.10 -> 10.0.2.10 icmpv6/128/0 => delivered interface-accepts; reply delivered reply-returns");
}

#[test]
fn network_acl_unknown() {
    let hole = || Hole::new("ACL of b");
    let lab = two().acl(
        "n",
        "v",
        &[],
        vec![
            deny(1, tcp(22, 22), "0.0.0.0/0"),
            allow(2, RuleTraffic::All, "0.0.0.0/0"),
        ],
        vec![],
    );
    let any = lab
        .clone()
        .with(|lab| lab.draft.subnets[1].network_acl = Value::Any(hole()));
    any.expect("x 10.0.1.10 -> 10.0.2.10 tcp/443 => undetermined network-acl-unknown; reply undetermined network-acl-unknown");
    let one_of = lab.with(|lab| {
        lab.draft.subnets[1].network_acl = Value::OneOf(vec!["v".into(), "n".into()], hole());
    });
    one_of.expect("x 10.0.1.10 -> 10.0.2.10 tcp/443 => delivered interface-accepts; reply undetermined network-acl-unknown");
    one_of.expect("x 10.0.1.10 -> 10.0.2.10 tcp/22 => undetermined network-acl-unknown");
}
