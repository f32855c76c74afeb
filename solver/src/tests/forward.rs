//! The walk inside a VPC, clause by clause.

use model::{AclAction, IcmpFilter, RulePorts, RuleTraffic, Value};

use super::build::*;

const FINE: &str = "delivered interface-accepts; reply delivered reply-returns";

#[test]
fn a_packet_goes_by_the_local_route() {
    assert_decides(
        two_subnets(),
        &format!(
            "a 10.0.1.10 -> 10.0.2.10 tcp/443 => {FINE}
             a 10.0.1.10 -> 10.0.2.10 protocol/47 => {FINE}
             a 10.0.1.10 -> 10.1.2.10 tcp/443 => dropped longest-prefix-match"
        ),
    );
}

#[test]
fn source_check() {
    let mut draft = two_subnets();
    interface(&mut draft, "f", "s", &["10.0.1.11"], &["v-open"]);
    last_interface(&mut draft).source_destination_check = false;
    assert_decides(
        draft,
        "a 10.0.1.11 -> 10.0.2.10 tcp/443 => dropped source-check
         f 10.0.1.10 -> 10.0.2.10 tcp/443 => delivered interface-accepts; reply dropped reply-returns
         f 10.9.9.9 -> 10.0.2.10 tcp/443 => delivered interface-accepts; reply dropped longest-prefix-match",
    );
}

#[test]
fn address_owner() {
    assert_decides(
        two_subnets(),
        "a 10.0.1.10 -> 10.0.2.11 tcp/443 => dropped address-owner
         a 10.0.1.10 -> 10.0.1.11 tcp/443 => dropped address-owner
         a 10.0.1.10 -> 10.0.9.1 tcp/443 => dropped address-owner",
    );
}

#[test]
fn amazon_service_unfiltered() {
    let mut draft = two_subnets();
    draft.vpcs[0].cidrs.push(block("10.7.0.0/16"));
    draft.route_tables[0]
        .routes
        .push(local(block("10.7.0.0/16")));
    interface(&mut draft, "n", "s", &["10.0.1.12"], &[]);
    let fine = "delivered amazon-service-unfiltered; reply delivered reply-returns";
    assert_decides(
        draft,
        &format!(
            "n 10.0.1.12 -> 169.254.169.253 udp/53 => {fine}
             n 10.0.1.12 -> 169.254.169.254 tcp/80 => {fine}
             n 10.0.1.12 -> 169.254.169.123 udp/123 => {fine}
             n 10.0.1.12 -> 169.254.170.2 tcp/80 => {fine}
             n 10.0.1.12 -> 169.254.169.250 tcp/1688 => {fine}
             n 10.0.1.12 -> 169.254.169.251 tcp/1688 => {fine}
             n 10.0.1.12 -> 10.0.0.2 udp/53 => {fine}
             n 10.0.1.12 -> 10.7.0.2 udp/53 => dropped security-group-egress
             a 10.0.1.10 -> 10.7.0.2 udp/53 => dropped address-owner
             n 10.0.1.12 -> 10.0.1.1 icmp/8/0 => {fine}
             n 10.0.1.12 -> 10.0.2.1 icmp/8/0 => dropped security-group-egress"
        ),
    );
}

#[test]
fn amazon_services_of_ipv6() {
    let mut draft = two_subnets();
    add_ipv6(&mut draft);
    let fine = "delivered amazon-service-unfiltered; reply delivered reply-returns";
    assert_decides(
        draft,
        &format!(
            "a 2600:1::10 -> fd00:ec2::253 udp/53 => {fine}
             a 2600:1::10 -> fd00:ec2::254 tcp/80 => {fine}
             a 2600:1::10 -> fd00:ec2::123 udp/123 => {fine}
             a 2600:1::10 -> fd00:ec2::1 udp/53 => dropped security-group-egress"
        ),
    );
}

#[test]
fn security_group_egress() {
    let mut draft = two_subnets();
    let rules = vec![rule(tcp(443, 444), "10.0.2.0/24")];
    group(&mut draft, "narrow", "v", vec![], rules);
    set_groups(&mut draft, "a", &["narrow"]);
    interface(&mut draft, "n", "s", &["10.0.1.12"], &[]);
    assert_decides(
        draft,
        &format!(
            "a 10.0.1.10 -> 10.0.2.10 tcp/443 => {FINE}
             a 10.0.1.10 -> 10.0.2.10 tcp/444 => {FINE}
             a 10.0.1.10 -> 10.0.2.10 tcp/442 => dropped security-group-egress
             a 10.0.1.10 -> 10.0.2.10 tcp/445 => dropped security-group-egress
             a 10.0.1.10 -> 10.0.2.10 udp/443 => dropped security-group-egress
             a 10.0.1.10 -> 10.0.3.10 tcp/443 => dropped security-group-egress
             n 10.0.1.12 -> 10.0.2.10 tcp/443 => dropped security-group-egress"
        ),
    );
}

#[test]
fn security_group_ingress() {
    let mut draft = two_subnets();
    let echo = IcmpFilter {
        icmp_type: Some(8),
        code: None,
    };
    let rules = vec![
        rule(RuleTraffic::Icmp(echo), "10.0.1.10/32"),
        rule(RuleTraffic::Protocol(47), "10.0.0.0/16"),
        rule(
            RuleTraffic::Udp(RulePorts { from: 53, to: 53 }),
            "10.0.1.0/24",
        ),
    ];
    group(&mut draft, "narrow", "v", rules, vec![]);
    set_groups(&mut draft, "b", &["narrow"]);
    assert_decides(
        draft,
        &format!(
            "a 10.0.1.10 -> 10.0.2.10 icmp/8/3 => {FINE}
             a 10.0.1.10 -> 10.0.2.10 icmp/0/0 => dropped security-group-ingress
             a 10.0.1.10 -> 10.0.2.10 icmpv6/8/0 => dropped security-group-ingress
             a 10.0.1.10 -> 10.0.2.10 protocol/47 => {FINE}
             a 10.0.1.10 -> 10.0.2.10 protocol/46 => dropped security-group-ingress
             a 10.0.1.10 -> 10.0.2.10 udp/53 => {FINE}
             a 10.0.1.10 -> 10.0.2.10 tcp/53 => dropped security-group-ingress"
        ),
    );
}

#[test]
fn same_subnet_asks_no_acl() {
    let mut draft = two_subnets();
    acl(&mut draft, "none", "v", vec![]);
    draft.subnets[0].network_acl = Value::Known("none".into());
    interface(&mut draft, "c", "s", &["10.0.1.12"], &["v-open"]);
    assert_decides(
        draft,
        &format!(
            "a 10.0.1.10 -> 10.0.1.12 tcp/443 => {FINE}
             a 10.0.1.10 -> 10.0.2.10 tcp/443 => dropped network-acl-egress
             b 10.0.2.10 -> 10.0.1.10 tcp/443 => dropped network-acl-ingress"
        ),
    );
}

#[test]
fn the_first_matching_entry_of_an_acl_decides() {
    let mut draft = two_subnets();
    // In the input's order the deny comes last; its number makes it first.
    acl(
        &mut draft,
        "ordered",
        "v",
        vec![
            entry(20, AclAction::Allow, tcp(0, 65535), "0.0.0.0/0"),
            entry(10, AclAction::Deny, tcp(80, 80), "10.0.1.0/24"),
            entry(30, AclAction::Deny, tcp(443, 443), "0.0.0.0/0"),
        ],
    );
    draft.subnets[1].network_acl = Value::Known("ordered".into());
    assert_decides(
        draft,
        &format!(
            "a 10.0.1.10 -> 10.0.2.10 tcp/80 => dropped network-acl-ingress
             a 10.0.1.10 -> 10.0.2.10 tcp/443 => {FINE}
             a 10.0.1.10 -> 10.0.2.10 udp/443 => dropped network-acl-ingress
             a 10.0.1.10 -> 10.0.2.10 tcp/80>443 => delivered interface-accepts; reply dropped network-acl-egress
             b 10.0.2.10 -> 10.0.1.10 tcp/80 => dropped network-acl-egress
             b 10.0.2.10 -> 10.0.1.10 tcp/80>81 => delivered interface-accepts; reply dropped network-acl-ingress"
        ),
    );
}

#[test]
fn an_icmpv6_entry_with_an_ipv4_block_matches_every_type() {
    let mut draft = two_subnets();
    let filter = IcmpFilter {
        icmp_type: Some(128),
        code: Some(0),
    };
    let entries = vec![entry(
        1,
        AclAction::Allow,
        RuleTraffic::Icmpv6(filter),
        "0.0.0.0/0",
    )];
    acl(&mut draft, "v6", "v", entries);
    draft.subnets[1].network_acl = Value::Known("v6".into());
    assert_decides(
        draft,
        &format!(
            "a 10.0.1.10 -> 10.0.2.10 icmpv6/1/2 => {FINE}
             a 10.0.1.10 -> 10.0.2.10 icmp/8/0 => dropped network-acl-ingress"
        ),
    );
}

#[test]
fn network_acl_unknown() {
    let mut draft = two_subnets();
    acl(&mut draft, "none", "v", vec![]);
    acl(
        &mut draft,
        "web",
        "v",
        vec![entry(1, AclAction::Allow, tcp(443, 443), "0.0.0.0/0")],
    );
    acl(&mut draft, "all", "v", vec![allow(1, "0.0.0.0/0")]);
    draft.subnets[1].network_acl =
        Value::OneOf(vec!["all".into(), "web".into()], hole("which ACL"));
    subnet(&mut draft, "any", "v", &["10.0.3.0/24"]);
    draft.subnets[2].network_acl = Value::Any(hole("the ACL"));
    interface(&mut draft, "c", "any", &["10.0.3.10"], &["v-open"]);
    interface(&mut draft, "n", "d", &["10.0.2.11"], &[]);
    assert_decides(
        draft,
        "a 10.0.1.10 -> 10.0.2.10 tcp/443>443 => delivered interface-accepts; reply delivered reply-returns
         a 10.0.1.10 -> 10.0.2.10 tcp/443 => delivered interface-accepts; reply undetermined network-acl-unknown
         a 10.0.1.10 -> 10.0.2.10 tcp/80 => undetermined network-acl-unknown; reply undetermined network-acl-unknown
         a 10.0.1.10 -> 10.0.2.11 tcp/80 => dropped security-group-ingress
         a 10.0.1.10 -> 10.0.2.12 tcp/80 => dropped address-owner
         a 10.0.1.10 -> 10.0.3.10 tcp/80 => undetermined network-acl-unknown; reply undetermined network-acl-unknown
         c 10.0.3.10 -> 10.0.9.9 tcp/80 => dropped address-owner",
    );
}

#[test]
fn replies_pass_security_groups_and_no_others() {
    let mut draft = two_subnets();
    group(
        &mut draft,
        "out",
        "v",
        vec![],
        vec![rule(RuleTraffic::All, "0.0.0.0/0")],
    );
    group(
        &mut draft,
        "in",
        "v",
        vec![rule(RuleTraffic::All, "0.0.0.0/0")],
        vec![],
    );
    set_groups(&mut draft, "a", &["out"]);
    set_groups(&mut draft, "b", &["in"]);
    assert_decides(
        draft,
        &format!(
            "a 10.0.1.10 -> 10.0.2.10 tcp/443 => {FINE}
             b 10.0.2.10 -> 10.0.1.10 tcp/443 => dropped security-group-egress"
        ),
    );
}

#[test]
fn echo_is_answered_by_an_echo_reply_and_other_icmp_by_its_like() {
    let mut draft = two_subnets();
    let filter = |icmp_type| {
        RuleTraffic::Icmp(IcmpFilter {
            icmp_type: Some(icmp_type),
            code: None,
        })
    };
    let in_out = |draft: &mut model::NetworkDraft, id: &str, into: Vec<_>, out: Vec<_>| {
        acl(draft, id, "v", into);
        draft.network_acls.last_mut().expect("one").egress = out;
    };
    let allowed = |icmp_type| vec![entry(1, AclAction::Allow, filter(icmp_type), "0.0.0.0/0")];
    let both = [
        allowed(8),
        vec![entry(2, AclAction::Allow, filter(13), "0.0.0.0/0")],
    ]
    .concat();
    in_out(&mut draft, "ping", both, allowed(0));
    draft.subnets[1].network_acl = Value::Known("ping".into());
    assert_decides(
        draft,
        &format!(
            "a 10.0.1.10 -> 10.0.2.10 icmp/8/0 => {FINE}
             a 10.0.1.10 -> 10.0.2.10 icmp/13/0 => delivered interface-accepts; reply dropped network-acl-egress"
        ),
    );
}

#[test]
fn an_interface_has_all_its_addresses() {
    let mut draft = two_subnets();
    add_ipv6(&mut draft);
    interface(
        &mut draft,
        "m",
        "s",
        &["10.0.1.20", "10.0.1.21"],
        &["v-open"],
    );
    assert_decides(
        draft,
        &format!(
            "m 10.0.1.20 -> 10.0.2.10 tcp/443 => {FINE}
             m 10.0.1.21 -> 10.0.2.10 tcp/443 => {FINE}
             m 10.0.1.22 -> 10.0.2.10 tcp/443 => dropped source-check
             a 2600:1::10 -> 2600:2::10 tcp/443 => dropped security-group-egress"
        ),
    );
}

#[test]
fn a_sender_that_is_not_in_the_network_sends_nothing() {
    assert_decides(
        two_subnets(),
        "nobody 10.0.1.10 -> 10.0.2.10 tcp/443 => dropped source-check",
    );
}
