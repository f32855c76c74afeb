//! What leaves for an address of the network itself and comes back in from the internet.

use model::{
    AclAction, BlockPublicAccess, EgressOnlyInternetGateway, InternetGateway, ListenerProtocol,
    NetworkDraft, RuleTraffic, Target, Value,
};

use super::build::*;

const FINE: &str = "delivered interface-accepts; reply delivered reply-returns";

/// `a` in `s` and `c` in `o` have public addresses and a way out; `c` takes what the block 52.0.0.0/30 sends to 443,
/// the group of `a` to 444 and the private block to 445.
fn public() -> NetworkDraft {
    let mut draft = two_subnets();
    internet_gateway(&mut draft, "v");
    subnet(&mut draft, "o", "v", &["10.0.3.0/24"]);
    let out = || Target::InternetGateway("igw".into());
    route_by(&mut draft, "s", &[("0.0.0.0/0", out())]);
    route_by(&mut draft, "o", &[("0.0.0.0/0", out())]);
    set_public(&mut draft, "a", "52.0.0.1");
    let mut by_group = rule(tcp(444, 444), "0.0.0.0/0");
    by_group.peer = model::RulePeer::Group("v-open".into());
    let ingress = vec![
        rule(tcp(443, 443), "52.0.0.0/30"),
        by_group,
        rule(tcp(445, 445), "10.0.0.0/8"),
    ];
    let egress = vec![rule(RuleTraffic::All, "0.0.0.0/0")];
    group(&mut draft, "picky", "v", ingress, egress);
    interface(&mut draft, "c", "o", &["10.0.3.10=52.0.0.2"], &["picky"]);
    draft
}

#[test]
fn the_public_address_is_the_source() {
    assert_decides(
        public(),
        &format!(
            "a 10.0.1.10 -> 52.0.0.2 tcp/443 => {FINE}
             a 10.0.1.10 -> 52.0.0.2 tcp/444 => dropped security-group-ingress
             a 10.0.1.10 -> 52.0.0.2 tcp/445 => dropped security-group-ingress
             a 10.0.1.10 -> 10.0.3.10 tcp/444 => {FINE}
             a 10.0.1.10 -> 10.0.3.10 tcp/443 => dropped security-group-ingress
             a 10.0.1.10 -> 52.0.0.1 tcp/443 => {FINE}
             c 10.0.3.10 -> 52.0.0.1 tcp/443 => {FINE}
             b 10.0.2.10 -> 52.0.0.1 tcp/443 => dropped longest-prefix-match
             a 10.0.1.10 -> 52.0.0.3 tcp/443 => delivered internet-gateway-delivers; reply delivered reply-returns"
        ),
    );
}

#[test]
fn the_reply_goes_back_leg_by_leg() {
    let mut draft = public();
    let only = |port| vec![entry(1, AclAction::Allow, tcp(port, port), "52.0.0.1/32")];
    let mut entries = only(443);
    entries.extend([entry(2, AclAction::Allow, tcp(1000, 1000), "52.0.0.1/32")]);
    acl(&mut draft, "narrow", "v", entries);
    draft.subnets[2].network_acl = Value::Known("narrow".into());
    let both = vec![
        entry(1, AclAction::Allow, tcp(443, 443), "52.0.0.0/30"),
        entry(2, AclAction::Allow, tcp(1000, 1100), "52.0.0.2/32"),
    ];
    acl(&mut draft, "wide", "v", both);
    draft.subnets[0].network_acl = Value::Known("wide".into());
    assert_decides(
        draft,
        &format!(
            "a 10.0.1.10 -> 52.0.0.2 tcp/1000>443 => {FINE}
             a 10.0.1.10 -> 52.0.0.2 tcp/1050>443 => delivered interface-accepts; reply dropped network-acl-egress
             a 10.0.1.10 -> 52.0.0.2 tcp/443>443 => {FINE}
             a 10.0.1.10 -> 52.0.0.1 tcp/1000>443 => delivered interface-accepts; reply dropped network-acl-egress"
        ),
    );
}

#[test]
fn where_no_route_leads_back_and_behind_a_nat_gateway() {
    let mut draft = public();
    set_public(&mut draft, "b", "52.0.0.3");
    nat_gateway(&mut draft);
    let nat = Target::NatGateway("nat".into());
    route_by(&mut draft, "d", &[("0.0.0.0/0", nat)]);
    let high = vec![
        entry(1, AclAction::Allow, tcp(443, 443), "0.0.0.0/0"),
        entry(2, AclAction::Allow, tcp(30000, 65535), "0.0.0.0/0"),
    ];
    acl(&mut draft, "high", "v", high);
    subnet(&mut draft, "h", "v", &["10.0.4.0/24"]);
    let last = draft.subnets.last_mut().expect("a subnet");
    last.network_acl = Value::Known("high".into());
    last.route_table = Some(Value::Known("o-table".into()));
    interface(&mut draft, "h", "h", &["10.0.4.10=52.0.0.4"], &["v-open"]);
    assert_decides(
        draft,
        &format!(
            "a 10.0.1.10 -> 52.0.0.3 tcp/443 => undetermined internet-gateway-unrouted; reply dropped reply-returns
             b 10.0.2.10 -> 52.0.0.1 tcp/443 => {FINE}
             b 10.0.2.10 -> 52.0.0.2 tcp/443 => dropped security-group-ingress
             b 10.0.2.10 -> 52.0.0.3 tcp/443 => undetermined internet-gateway-unrouted; reply dropped reply-returns
             a 10.0.1.10 -> 52.0.0.200 tcp/443 => dropped nat-gateway-outbound-only
             b 10.0.2.10 -> 52.0.0.200 tcp/443 => dropped nat-gateway-outbound-only
             a 10.0.1.10 -> 52.0.0.4 tcp/443 => {FINE}
             b 10.0.2.10 -> 52.0.0.4 tcp/443 => delivered interface-accepts; reply undetermined nat-gateway-source-port"
        ),
    );
}

#[test]
fn block_public_access_is_asked_both_times() {
    let mut draft = public();
    vpc(&mut draft, "w", &["10.1.0.0/16"]);
    draft.internet_gateways.push(InternetGateway {
        id: "igw-w".into(),
        vpc: Some("w".into()),
        edge_route_table: None,
        tags: Default::default(),
    });
    subnet(&mut draft, "e", "w", &["10.1.1.0/24"]);
    let out = Target::InternetGateway("igw-w".into());
    route_by(&mut draft, "e", &[("0.0.0.0/0", out)]);
    interface(&mut draft, "e", "e", &["10.1.1.10=52.0.1.1"], &["w-open"]);
    draft.vpcs[1].block_public_access = Value::Known(BlockPublicAccess::Ingress);
    let lines = "a 10.0.1.10 -> 52.0.1.1 tcp/443 => dropped vpc-block-public-access
                 e 10.1.1.10 -> 52.0.0.1 tcp/443 => dropped vpc-block-public-access";
    assert_decides(draft.clone(), lines);
    draft.vpcs[1].block_public_access = Value::Any(hole("mode"));
    let lines = "a 10.0.1.10 -> 52.0.1.1 tcp/443 => undetermined vpc-block-public-access; reply delivered reply-returns
                 e 10.1.1.10 -> 52.0.0.1 tcp/443 => undetermined vpc-block-public-access; reply delivered reply-returns
                 e 10.1.1.10 -> 52.0.0.2 tcp/443 => dropped security-group-ingress";
    assert_decides(draft, lines);
}

/// Two VPCs with IPv6; `a` goes out by the internet gateway and `b` by an egress-only one, `e` of `w` has a way back.
fn ipv6() -> NetworkDraft {
    let mut draft = public();
    add_ipv6(&mut draft);
    open_to_ipv6(&mut draft);
    draft
        .egress_only_internet_gateways
        .push(EgressOnlyInternetGateway {
            id: "eigw".into(),
            vpc: "v".into(),
            tags: Default::default(),
        });
    let out = Target::InternetGateway("igw".into());
    route_by(&mut draft, "s", &[("::/0", out)]);
    let out = Target::EgressOnlyInternetGateway("eigw".into());
    route_by(&mut draft, "d", &[("::/0", out)]);

    vpc(&mut draft, "w", &["10.1.0.0/16", "2700::/16"]);
    subnet(&mut draft, "e", "w", &["10.1.1.0/24", "2700:1::/64"]);
    let ingress = vec![
        rule(tcp(443, 443), "2600:1::/64"),
        rule(tcp(444, 444), "::/0"),
    ];
    let egress = vec![rule(RuleTraffic::All, "::/0")];
    group(&mut draft, "six", "w", ingress, egress);
    interface(&mut draft, "e", "e", &["2700:1::10"], &["six"]);
    draft
}

#[test]
fn between_the_ipv6_addresses_of_two_vpcs() {
    let mut draft = ipv6();
    let lines = "a 2600:1::10 -> 2700:1::10 tcp/443 => dropped internet-gateway-inbound
                 b 2600:2::10 -> 2700:1::10 tcp/444 => dropped internet-gateway-inbound";
    assert_decides(draft.clone(), lines);
    draft.internet_gateways.push(InternetGateway {
        id: "igw-w".into(),
        vpc: Some("w".into()),
        edge_route_table: None,
        tags: Default::default(),
    });
    let out = Target::InternetGateway("igw-w".into());
    route_by(&mut draft, "e", &[("::/0", out)]);
    let lines = format!(
        "a 2600:1::10 -> 2700:1::10 tcp/443 => {FINE}
         a 2600:1::10 -> 2700:1::10 tcp/444 => {FINE}
         b 2600:2::10 -> 2700:1::10 tcp/443 => dropped security-group-ingress
         b 2600:2::10 -> 2700:1::10 tcp/444 => {FINE}
         b 2600:2::10 -> 2700:1::11 tcp/444 => dropped internet-gateway-inbound
         e 2700:1::10 -> 2600:1::10 tcp/444 => {FINE}
         e 2700:1::10 -> 2600:2::10 tcp/444 => undetermined internet-gateway-unrouted; reply dropped reply-returns
         b 2600:2::10 -> 2a00::1 tcp/444 => delivered egress-only-internet-gateway; reply delivered reply-returns"
    );
    assert_decides(draft, &lines);
}

/// `b` goes out by a NAT gateway to an internet-facing load balancer `n` in `o` whose targets are `c`, which sees the
/// node, and `a`, which sees the client.
fn to_load_balancer() -> NetworkDraft {
    let mut draft = public();
    nat_gateway(&mut draft);
    let nat = Target::NatGateway("nat".into());
    route_by(&mut draft, "d", &[("0.0.0.0/0", nat)]);
    target_group(&mut draft, "translates", &["interface:c>445"]);
    target_group(&mut draft, "preserves", &["interface:a>80"]);
    let last = draft.target_groups.last_mut().expect("a group");
    last.preserve_client_address = true;
    nlb(&mut draft, "n");
    node(&mut draft, "n-1", "o", &["10.0.3.20=52.0.0.20"]);
    listens(&mut draft, ListenerProtocol::Tcp, 443, &["translates"]);
    listens(&mut draft, ListenerProtocol::Tcp, 80, &["preserves"]);
    draft
}

#[test]
fn over_a_load_balancer_on_the_internet() {
    let mut draft = to_load_balancer();
    group(
        &mut draft,
        "of-nat",
        "v",
        vec![rule(tcp(80, 80), "52.0.0.200/32")],
        vec![rule(RuleTraffic::All, "0.0.0.0/0")],
    );
    set_groups(&mut draft, "a", &["of-nat"]);
    assert_decides(
        draft,
        &format!(
            "b 10.0.2.10 -> 52.0.0.20 tcp/443 => {FINE}
             b 10.0.2.10 -> 52.0.0.20 tcp/443 pick 1 => {FINE}
             b 10.0.2.10 -> 52.0.0.20 tcp/443 pick 2 => dropped load-balancer-target
             b 10.0.2.10 -> 52.0.0.20 tcp/22 pick 1 => dropped load-balancer-listener
             b 10.0.2.10 -> 52.0.0.20 tcp/80 pick 1 => {FINE}
             a 10.0.1.10 -> 52.0.0.20 tcp/80 pick 1 => dropped security-group-ingress
             a 10.0.1.10 -> 52.0.0.20 tcp/443 pick 1 => {FINE}"
        ),
    );
}
