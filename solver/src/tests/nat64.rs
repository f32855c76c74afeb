//! NAT gateways that make IPv4 of IPv6, and those with several addresses.

use model::{NetworkDraft, Target};

use super::build::*;

const OUT: &str = "delivered internet-gateway-delivers; reply delivered reply-returns";
const FINE: &str = "delivered interface-accepts; reply delivered reply-returns";

fn nat() -> Target {
    Target::NatGateway("nat".into())
}

fn igw() -> Target {
    Target::InternetGateway("igw".into())
}

/// `b` reaches the internet over a NAT gateway beside `a`, by IPv4 and by NAT64.
pub(super) fn with_nat64() -> NetworkDraft {
    let mut draft = two_subnets();
    add_ipv6(&mut draft);
    open_to_ipv6(&mut draft);
    internet_gateway(&mut draft, "v");
    nat_gateway(&mut draft);
    route_by(&mut draft, "s", &[("0.0.0.0/0", igw())]);
    route_by(&mut draft, "d", &[("0.0.0.0/0", nat()), ("::/0", nat())]);
    draft
}

#[test]
fn what_is_carried() {
    assert_decides(
        with_nat64(),
        &format!(
            "b 2600:2::10 -> 64:ff9b::808:808 tcp/443 => {OUT}
             b 2600:2::10 -> 64:ff9b::808:808 udp/53 => {OUT}
             b 2600:2::10 -> 64:ff9b::808:808 icmpv6/128/0 => {OUT}
             b 2600:2::10 -> 64:ff9b::808:808 icmpv6/129/0 => dropped nat-gateway-protocol
             b 2600:2::10 -> 64:ff9b::808:808 icmp/8/0 => dropped nat-gateway-protocol
             b 2600:2::10 -> 64:ff9b::808:808 protocol/47 => dropped nat-gateway-protocol
             b 2600:2::10 -> 64:ff9b::1:0:0 tcp/443 => dropped nat-gateway-protocol
             b 2600:2::10 -> 2a00::1 tcp/443 => dropped nat-gateway-protocol
             b 2600:2::10 -> 64:ff9b::a00:909 tcp/443 => dropped address-owner
             b 2600:2::10 -> 64:ff9b::c0a8:1 tcp/443 => dropped internet-gateway-private-destination
             b 2600:2::10 -> 64:ff9b::a00:1c8 tcp/443 => dropped nat-gateway-outbound-only
             b 2600:2::10 -> 64:ff9b::a00:10a tcp/443 => {FINE}"
        ),
    );
    let mut draft = with_nat64();
    draft.nat_gateways[0].available = false;
    assert_decides(
        draft,
        "b 2600:2::10 -> 64:ff9b::808:808 protocol/47 => dropped nat-gateway-available",
    );
}

/// The ICMP of the family is what filters see, on each side of the NAT gateway, there and back.
#[test]
fn filters_on_both_sides() {
    let mut draft = with_nat64();
    let only = |number, traffic, cidr| entry(number, model::AclAction::Allow, traffic, cidr);
    let echo = model::RuleTraffic::Icmp(model::IcmpFilter {
        icmp_type: Some(8),
        code: Some(7),
    });
    group(
        &mut draft,
        "echo",
        "v",
        vec![rule(echo, "10.0.1.200/32")],
        vec![],
    );
    set_groups(&mut draft, "a", &["echo"]);
    let entries = vec![
        only(1, model::RuleTraffic::All, "2600::/16"),
        only(2, model::RuleTraffic::All, "64:ff9b::/96"),
    ];
    acl(&mut draft, "six", "v", entries);
    draft.subnets[1].network_acl = model::Value::Known("six".into());
    assert_decides(
        draft,
        &format!(
            "b 2600:2::10 -> 64:ff9b::a00:10a icmpv6/128/7 => {FINE}
             b 2600:2::10 -> 64:ff9b::a00:10a icmpv6/128/8 => dropped security-group-ingress
             b 2600:2::10 -> 64:ff9b::a00:10a tcp/443 => dropped security-group-ingress
             b 2600:2::10 -> 64:ff9b::808:808 icmpv6/128/0 => {OUT}
             b 10.0.2.10 -> 8.8.8.8 tcp/443 => dropped network-acl-egress"
        ),
    );
    let mut draft = with_nat64();
    acl(&mut draft, "four", "v", vec![allow(1, "0.0.0.0/0")]);
    draft.subnets[0].network_acl = model::Value::Known("four".into());
    assert_decides(
        draft,
        "b 2600:2::10 -> 64:ff9b::808:808 tcp/443 => dropped network-acl-ingress",
    );
}

#[test]
fn the_reply_is_ipv6_again_at_the_nat_gateway() {
    // Replies to IPv4 ports come in, and nothing of IPv6 leaves for the client's subnet.
    let mut draft = with_nat64();
    acl(&mut draft, "mute", "v", vec![allow(1, "0.0.0.0/0")]);
    let mute = draft.network_acls.last_mut().expect("an ACL");
    mute.ingress.push(allow(2, "::/0"));
    draft.subnets[0].network_acl = model::Value::Known("mute".into());
    let lost = "delivered internet-gateway-delivers; reply dropped network-acl-egress";
    assert_decides(
        draft.clone(),
        &format!(
            "b 2600:2::10 -> 64:ff9b::808:808 tcp/443 => {lost}
             b 10.0.2.10 -> 8.8.8.8 tcp/443 => {OUT}"
        ),
    );
    let mute = draft.network_acls.last_mut().expect("an ACL");
    let back = model::RuleTraffic::Icmpv6(model::IcmpFilter {
        icmp_type: Some(129),
        code: Some(0),
    });
    let back = entry(2, model::AclAction::Allow, back, "2600:2::10/128");
    mute.egress.push(back);
    let (from, till) = (32_768, 65_535);
    mute.ingress[0].traffic = tcp(from, till);
    mute.ingress.push(entry(
        3,
        model::AclAction::Allow,
        model::RuleTraffic::Icmp(model::IcmpFilter {
            icmp_type: Some(0),
            code: Some(0),
        }),
        "8.8.8.8/32",
    ));
    assert_decides(
        draft,
        &format!(
            "b 2600:2::10 -> 64:ff9b::808:808 icmpv6/128/0 => {OUT}
             b 2600:2::10 -> 64:ff9b::808:808 icmpv6/128/1 => delivered internet-gateway-delivers; reply dropped network-acl-ingress
             b 2600:2::10 -> 64:ff9b::808:808 tcp/443 => {lost}"
        ),
    );
    let mut draft = with_nat64();
    acl(&mut draft, "high", "v", vec![allow(1, "::/0")]);
    let high = draft.network_acls.last_mut().expect("an ACL");
    high.egress.push(allow(2, "0.0.0.0/0"));
    high.ingress.push(entry(
        2,
        model::AclAction::Allow,
        tcp(32_768, 65_535),
        "0.0.0.0/0",
    ));
    draft.subnets[0].network_acl = model::Value::Known("high".into());
    assert_decides(
        draft,
        "b 2600:2::10 -> 64:ff9b::808:808 tcp/443 => delivered internet-gateway-delivers; reply undetermined nat-gateway-source-port
         b 2600:2::10 -> 64:ff9b::808:808 icmpv6/128/0 => delivered internet-gateway-delivers; reply dropped network-acl-ingress",
    );
}

#[test]
fn a_second_nat_gateway_and_a_gateway_endpoint() {
    let mut draft = with_nat64();
    route_by(&mut draft, "s", &[("9.0.0.0/8", nat())]);
    assert_decides(
        draft,
        "b 2600:2::10 -> 64:ff9b::909:909 tcp/443 => dropped nat-gateway-chain",
    );
}

#[test]
fn a_source_of_another_vpc() {
    let mut draft = with_nat64();
    interface_mut(&mut draft, "b").source_destination_check = false;
    assert_decides(
        draft,
        "b 2600:9::1 -> 64:ff9b::808:808 tcp/443 => delivered internet-gateway-delivers; reply dropped reply-returns
         b 2a00::1 -> 64:ff9b::808:808 tcp/443 => dropped nat-gateway-source",
    );
}

/// An appliance before the NAT gateway, and one behind it.
#[test]
fn devices_before_and_behind() {
    let mut draft = with_nat64();
    subnet(&mut draft, "fw", "v", &["10.0.3.0/24", "2600:3::/64"]);
    let fw = appliance(&mut draft, "fw-if", "fw", "10.0.3.5");
    route_by(
        &mut draft,
        "fw",
        &[("64:ff9b::/96", nat()), ("2600:2::/64", fw.clone())],
    );
    route_by(&mut draft, "s", &[("2600:2::/64", fw.clone())]);
    route_by(&mut draft, "d", &[("64:ff9b::/97", fw.clone())]);
    // Of the first half of the addresses the request passes the appliance, of the other one the reply alone.
    let half = "delivered internet-gateway-delivers; reply undetermined reply-asymmetric";
    draft.route_tables.iter_mut().for_each(|table| {
        // The reply of the appliance goes straight to the client.
        if table.id.as_str() == "fw-table" {
            table
                .routes
                .retain(|route| route.target.known() != Some(&fw));
        }
    });
    assert_decides(
        draft,
        &format!(
            "b 2600:2::10 -> 64:ff9b::808:808 tcp/443 => {OUT}
             b 2600:2::10 -> 64:ff9b::c808:808 tcp/443 => {half}"
        ),
    );
    let mut draft = with_nat64();
    subnet(&mut draft, "fw", "v", &["10.0.3.0/24"]);
    let fw = appliance(&mut draft, "fw-if", "fw", "10.0.3.5");
    route_by(&mut draft, "s", &[("10.0.2.0/24", fw.clone())]);
    interface(&mut draft, "c", "d", &["10.0.2.20"], &["v-open"]);
    route_by(&mut draft, "d", &[("10.0.1.0/24", fw)]);
    assert_decides(
        draft,
        &format!("b 2600:2::10 -> 64:ff9b::a00:214 tcp/443 => {FINE}"),
    );
}

#[test]
fn over_a_transit_gateway_and_a_peering() {
    let mut draft = with_nat64();
    vpc(&mut draft, "w", &["10.9.0.0/16"]);
    subnet(&mut draft, "ws", "w", &["10.9.1.0/24"]);
    interface(&mut draft, "far", "ws", &["10.9.1.10"], &["w-open"]);
    peering(&mut draft, "pcx", "v", "w");
    let over = Target::Peering("pcx".into());
    route_by(&mut draft, "s", &[("10.9.0.0/16", over)]);
    assert_decides(
        draft,
        &format!("b 2600:2::10 -> 64:ff9b::a09:10a tcp/443 => {FINE}"),
    );
}

/// Further addresses of the NAT gateway; the first has a public one.
fn with_addresses(others: &[&str]) -> NetworkDraft {
    let mut draft = with_nat64();
    interface(&mut draft, "others", "s", others, &[]);
    let others = draft.network_interfaces.pop().expect("it").addresses;
    interface_mut(&mut draft, "nat-if").addresses.extend(others);
    draft
}

#[test]
fn several_addresses() {
    let all = with_addresses(&["10.0.1.201=52.0.0.201"]);
    let open = "undetermined nat-gateway-address; reply undetermined nat-gateway-address";
    assert_decides(
        all.clone(),
        &format!(
            "b 10.0.2.10 -> 8.8.8.8 tcp/443 => {OUT}
             b 2600:2::10 -> 64:ff9b::808:808 tcp/443 => {OUT}
             b 2600:2::10 -> 64:ff9b::a00:10a tcp/443 => {open}
             b 2600:2::10 -> 64:ff9b::a00:20a tcp/443 => {open}
             b 2600:2::10 -> 64:ff9b::a00:1c9 tcp/443 => {open}
             b 2600:2::10 -> 64:ff9b::c0a8:1 tcp/443 => dropped internet-gateway-private-destination"
        ),
    );
    let some = with_addresses(&["10.0.1.201"]);
    assert_decides(some, &format!("b 10.0.2.10 -> 8.8.8.8 tcp/443 => {open}"));
    let mut none = with_addresses(&["10.0.1.201"]);
    interface_mut(&mut none, "nat-if").addresses[0].public = None;
    assert_decides(
        none,
        "b 10.0.2.10 -> 8.8.8.8 tcp/443 => dropped internet-gateway-public-address",
    );
    let mut unrouted = with_addresses(&["10.0.1.201"]);
    unrouted.route_tables.iter_mut().for_each(|table| {
        table
            .routes
            .retain(|route| route.target.known() != Some(&igw()));
    });
    assert_decides(
        unrouted,
        "b 10.0.2.10 -> 8.8.8.8 tcp/443 => dropped longest-prefix-match",
    );
}
