//! What leaves for an address of the network itself and comes back in from the internet.

use std::collections::BTreeSet;

use model::{
    AclAction, AddressValue, BlockPublicAccess, Claim, ComponentId, EgressOnlyInternetGateway,
    InternetGateway, Invariant, ListenerProtocol, NetworkDraft, Place, RuleTraffic, Target, Value,
    Verdict,
};

use super::build::*;
use super::verdict::{PROVED, check, depends_on, exists, not, on_port, violated};

const FINE: &str = "delivered interface-accepts; reply delivered reply-returns";

/// `a` in `s` and `c` in `o` have public addresses and a way out; `c` takes what the block 52.0.0.0/30 sends to 443,
/// the group of `a` to 444 and the private block to 445.
pub(super) fn public() -> NetworkDraft {
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

/// The public addresses of these interfaces too.
fn public_of(names: &[&str]) -> Place {
    Place::Interfaces {
        interfaces: ids(names),
        public_from_inside: true,
    }
}

fn in_order(ids: &[ComponentId]) -> Claim {
    Claim::Traverses(ids.iter().map(|id| BTreeSet::from([id.clone()])).collect())
}

#[test]
fn verdicts_about_public_addresses_from_inside() {
    let never = |place, port| on_port(every(&["a"], place, not(Claim::Answered)), port);
    let witness = violated(check(public(), &never(public_of(&["c"]), 443)));
    assert_eq!(witness.flow.packet.destination(), address("52.0.0.2"));
    assert_eq!(check(public(), &never(to_interfaces(&["c"]), 443)), PROVED);
    assert_eq!(check(public(), &never(public_of(&["c"]), 22)), PROVED);
    let block_of = |text| Place::Cidrs(BTreeSet::from([block(text)]));
    violated(check(public(), &never(block_of("52.0.0.2/32"), 443)));
    assert_eq!(
        check(public(), &never(block_of("52.0.0.2/32"), 444)),
        PROVED
    );
    // Its own is no destination, and the internet is elsewhere.
    let own = never(block_of("52.0.0.1/32"), 443);
    assert_eq!(check(public(), &own), Verdict::Vacuous);
    let at_c = in_order(&[ComponentId::NetworkInterface("c".into())]);
    let some = exists(every(&["a"], Place::Internet, at_c));
    assert!(matches!(check(public(), &some), Verdict::Violated { .. }));
}

#[test]
fn both_gateways_are_traversed() {
    let mut draft = ipv6();
    draft.internet_gateways.push(InternetGateway {
        id: "igw-w".into(),
        vpc: Some("w".into()),
        edge_route_table: None,
        tags: Default::default(),
    });
    let out = Target::InternetGateway("igw-w".into());
    route_by(&mut draft, "e", &[("::/0", out)]);
    let eigw = ComponentId::EgressOnlyInternetGateway("eigw".into());
    let igw = ComponentId::InternetGateway("igw-w".into());
    let at = ComponentId::NetworkInterface("e".into());
    let through = |ids: &[ComponentId]| {
        let mut claim = every(&["b"], to_interfaces(&["e"]), in_order(ids));
        claim.premise = Some(Claim::Answered);
        claim
    };
    let all = [eigw.clone(), igw.clone(), at];
    assert_eq!(check(draft.clone(), &through(&all)), PROVED);
    violated(check(draft, &through(&[igw, eigw])));
}

fn relayed(mut invariant: Invariant) -> Invariant {
    invariant.scope.relayed = true;
    invariant
}

#[test]
fn verdicts_about_relayed_flows_to_public_addresses() {
    let mut draft = to_load_balancer();
    // Node and target take nothing of what comes directly from inside.
    let ingress = vec![
        rule(RuleTraffic::All, "52.0.0.200/32"),
        rule(tcp(445, 445), "10.0.3.20/32"),
    ];
    let egress = vec![rule(RuleTraffic::All, "0.0.0.0/0")];
    group(&mut draft, "of-nat", "v", ingress, egress);
    set_groups(&mut draft, "n-1", &["of-nat"]);
    set_groups(&mut draft, "c", &["of-nat"]);
    let relayed_to = |place, claim| relayed(on_port(every(&["b"], place, claim), 445));
    let never = relayed_to(to_interfaces(&["c"]), not(Claim::Answered));
    let witness = violated(check(draft.clone(), &never));
    assert_eq!(witness.flow.picks, [1]);
    assert_eq!(witness.flow.packet.destination(), address("52.0.0.20"));
    let igw = || ComponentId::InternetGateway("igw".into());
    let way = in_order(&[
        ComponentId::NatGateway("nat".into()),
        igw(),
        igw(),
        ComponentId::LoadBalancer("n".into()),
        ComponentId::NetworkInterface("n-1".into()),
        ComponentId::NetworkInterface("c".into()),
    ]);
    let block = Place::Cidrs(BTreeSet::from([block("10.0.3.10/32")]));
    for place in [to_interfaces(&["c"]), block] {
        let mut only = relayed_to(place, way.clone());
        only.premise = Some(Claim::Delivered);
        assert_eq!(check(draft.clone(), &only), PROVED);
    }
}

/// A target that has a public address, as which the node sends to it.
#[test]
fn a_target_is_received_at_its_private_address() {
    let mut draft = public();
    target_group(&mut draft, "tg", &["address:52.0.0.2>443"]);
    nlb(&mut draft, "n");
    node(&mut draft, "n-1", "s", &["10.0.1.50=52.0.0.3"]);
    listens(&mut draft, ListenerProtocol::Tcp, 80, &["tg"]);
    let line = format!("b 10.0.2.10 -> 10.0.1.50 tcp/80 pick 1 => {FINE}");
    assert_decides(draft.clone(), &line);
    let to = |text| {
        let place = Place::Cidrs(BTreeSet::from([block(text)]));
        let mut claim = relayed(every(&["b"], place, not(Claim::Answered)));
        claim.premise = Some(in_order(&[ComponentId::LoadBalancer("n".into())]));
        claim
    };
    violated(check(draft.clone(), &to("10.0.3.10/32")));
    assert_eq!(check(draft, &to("52.0.0.2/32")), Verdict::Vacuous);
}

#[test]
fn open_public_addresses() {
    let mut draft = public();
    for id in ["a", "c"] {
        let open = AddressValue::Within(block("52.0.0.0/24"), hole(&format!("{id}.public_ip")));
        interface_mut(&mut draft, id).addresses[0].public = Some(open);
    }
    let never =
        |from: &str, to| on_port(every(&[from], public_of(&[to]), not(Claim::Answered)), 443);
    let witness = violated(check(draft.clone(), &never("c", "a")));
    assert_eq!(witness.completion.addresses.len(), 2);
    assert_eq!(
        depends_on(&check(draft.clone(), &never("a", "c"))),
        ["a.public_ip", "c.public_ip"]
    );
    // Whatever it is, the group takes it.
    let groups = &mut draft.security_groups;
    let picky = groups.iter_mut().find(|one| one.id.as_str() == "picky");
    picky.expect("a group").ingress[0] = rule(tcp(443, 443), "52.0.0.0/24");
    let witness = violated(check(draft, &never("a", "c")));
    let addresses: BTreeSet<_> = witness.completion.addresses.values().collect();
    assert_eq!(addresses.len(), 2);
}

/// So many that not all are said to differ, pair by pair.
#[test]
fn many_open_public_addresses() {
    let mut draft = public();
    for number in 20..80 {
        let id = format!("x{number}");
        let addresses = format!("10.0.1.{number}=52.0.2.{number}");
        interface(&mut draft, &id, "s", &[&addresses], &["v-open"]);
    }
    for interface in &mut draft.network_interfaces {
        if interface.addresses[0].public.is_some() {
            let open = hole(&format!("{}.public_ip", interface.id));
            let open = AddressValue::Within(block("0.0.0.0/0"), open);
            interface.addresses[0].public = Some(open);
        }
    }
    let never = |to| on_port(every(&["a"], public_of(&[to]), not(Claim::Answered)), 443);
    let witness = violated(check(draft.clone(), &never("x20")));
    let addresses: BTreeSet<_> = witness.completion.addresses.values().collect();
    assert_eq!(addresses.len(), 62);
    assert_eq!(
        depends_on(&check(draft, &never("c"))),
        ["a.public_ip", "c.public_ip"]
    );
}
