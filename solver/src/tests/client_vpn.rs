//! Client VPN endpoints: what flows and claims say of what their clients send.

use model::{AddressValue, Claim, Clause, NetworkDraft, Place, Source, Value, Verdict};

use super::build::*;
use super::verdict::{PROVED, check, depends_on, exists, not, violated};

const IN: &str = "delivered interface-accepts; reply delivered reply-returns";
const OPEN_RULE: &str = "client-vpn-authorization at Client VPN endpoint cvpn";
const OPEN_ROUTE: &str = "client-vpn-route at Client VPN endpoint cvpn";

/// `a` and `b`, and an endpoint with `x` beside `a` and `y` beside `b`.
fn dialled(rules: &[&str], routes: &[&str]) -> NetworkDraft {
    let mut draft = two_subnets();
    interface(&mut draft, "x", "s", &["10.0.1.200"], &["v-open"]);
    interface(&mut draft, "y", "d", &["10.0.2.200"], &["v-open"]);
    client_vpn_endpoint(&mut draft, "cvpn", &["x", "y"], rules, routes);
    draft
}

const BOTH: [&str; 2] = ["10.0.0.0/16 s", "10.0.0.0/16 d"];

/// What is said of all, and of none, of the TCP flows from these to this place.
fn all_and_none(draft: &NetworkDraft, from: &[&str], place: &Place) -> (Verdict, Verdict) {
    let all = check(draft.clone(), &every(from, place.clone(), Claim::Delivered));
    let none = every(from, place.clone(), not(Claim::Delivered));
    (all, check(draft.clone(), &none))
}

fn assert_all(draft: &NetworkDraft, from: &[&str], place: &Place) {
    let (all, none) = all_and_none(draft, from, place);
    assert_eq!(all, PROVED);
    violated(none);
}

fn assert_none(draft: &NetworkDraft, from: &[&str], place: &Place) {
    let (all, none) = all_and_none(draft, from, place);
    violated(all);
    assert_eq!(none, PROVED);
}

fn assert_open(draft: &NetworkDraft, from: &[&str], place: &Place, hole: &str) {
    let (all, none) = all_and_none(draft, from, place);
    assert_eq!(depends_on(&all), [hole]);
    assert_eq!(depends_on(&none), [hole]);
}

fn blocks(texts: &[&str]) -> Place {
    Place::Cidrs(texts.iter().map(|text| block(text)).collect())
}

#[test]
fn claims_about_what_rules_let_pass() {
    let to_b = to_interfaces(&["b"]);
    let by = |rules: &[&str]| dialled(rules, &BOTH);
    assert_all(&by(&["10.0.0.0/16"]), &["x", "y"], &to_b);
    assert_all(&by(&["10.0.0.0/16 admins", "10.0.2.0/24"]), &["x"], &to_b);
    assert_all(&by(&["10.0.2.0/24", "10.0.2.0/24 admins"]), &["x"], &to_b);
    assert_none(&by(&[]), &["x", "y"], &to_b);
    assert_none(&by(&["10.0.2.0/29", "10.0.2.11/32", "::/0"]), &["x"], &to_b);
    for rules in [
        ["10.0.0.0/16 admins", "10.0.3.0/24"],
        ["10.0.0.0/16", "10.0.2.0/24 admins"],
        ["10.0.2.0/24 admins", "10.0.2.0/24 others"],
    ] {
        assert_open(&by(&rules), &["x", "y"], &to_b, OPEN_RULE);
    }
    // Of several destinations each has its own rules.
    let some = by(&["10.0.0.0/16", "10.0.2.0/24 admins"]);
    let (all, none) = all_and_none(&some, &["x"], &to_interfaces(&["a", "b"]));
    assert_eq!(depends_on(&all), [OPEN_RULE]);
    assert_eq!(
        violated(none).flow.packet.destination(),
        address("10.0.1.10")
    );
}

#[test]
fn claims_where_rules_or_routes_are_not_known() {
    let to_b = to_interfaces(&["b"]);
    let mut draft = dialled(&[], &BOTH);
    let closed = || authorization_rules(&[]);
    for rules in [
        Value::Any(hole("rules")),
        Value::OneOf(vec![closed(), closed()], hole("rules")),
    ] {
        draft.client_vpn_endpoints[0].authorization_rules = rules;
        assert_open(&draft, &["x", "y"], &to_b, "rules");
    }
    // What another filter drops does not depend on them.
    set_groups(&mut draft, "x", &[]);
    assert_none(&draft, &["x"], &to_b);

    let mut draft = dialled(&["10.0.0.0/16"], &[]);
    let other = || client_vpn_routes(&["10.9.0.0/16 s"]);
    for routes in [
        Value::Any(hole("routes")),
        Value::OneOf(vec![other(), other()], hole("routes")),
    ] {
        draft.client_vpn_endpoints[0].routes = routes;
        assert_open(&draft, &["x", "y"], &to_b, "routes");
    }
    assert_none(&draft, &["x"], &blocks(&["10.1.0.0/16"]));
}

#[test]
fn claims_about_where_routes_lead() {
    let to_b = to_interfaces(&["b"]);
    let by = |routes: &[&str]| dialled(&["0.0.0.0/0"], routes);
    let one = by(&["10.0.0.0/16 s"]);
    assert_all(&one, &["x"], &to_b);
    assert_none(&one, &["y"], &to_interfaces(&["a"]));
    // The same route by two subnets; a longer one by this subnet.
    assert_all(&by(&BOTH), &["x"], &to_b);
    assert_all(&by(&["10.0.0.0/16 d", "10.0.2.0/24 s"]), &["x"], &to_b);
    // To other clients, also beside a route by another subnet, and none.
    assert_all(&by(&["10.0.2.0/24 s", "10.0.2.0/24"]), &["x"], &to_b);
    assert_none(&by(&["10.0.0.0/16 s", "10.0.2.0/24"]), &["x"], &to_b);
    let beside = by(&["10.0.0.0/16 s", "10.0.2.0/24", "10.0.2.0/24 d"]);
    assert_none(&beside, &["x"], &to_b);
    assert_none(&by(&["10.0.3.0/24 s"]), &["x"], &to_b);
    let longer = by(&["10.0.0.0/16 s", "10.0.2.0/24 d"]);
    assert_open(&longer, &["x"], &to_b, OPEN_ROUTE);
    assert_all(&longer, &["x"], &to_interfaces(&["a"]));

    // A claim about both interfaces: what is sent by one that has no route is dropped by this clause.
    let both = every(&["x", "y"], to_interfaces(&["a"]), Claim::Delivered);
    let lost = violated(check(one.clone(), &both));
    assert_eq!(lost.flow.source, Source::Interface("y".into()));
    let decided = Claim::Any(vec![
        Claim::Delivered,
        Claim::DecidedBy(Clause::ClientVpnRoute),
    ]);
    let both = every(&["x", "y"], to_interfaces(&["a"]), decided);
    assert_eq!(check(one, &both), PROVED);
}

#[test]
fn claims_about_amazon_s_own_services() {
    let draft = dialled(&["0.0.0.0/0"], &["169.254.0.0/16 s", "10.0.0.0/16 s"]);
    let metadata = blocks(&["169.254.169.254/32"]);
    assert_open(&draft, &["x"], &metadata, OPEN_ROUTE);
    assert_all(&draft, &["a"], &metadata);
    let resolver = blocks(&["10.0.0.2/32"]);
    assert_all(&draft, &["x"], &resolver);
    assert_none(&draft, &["y"], &metadata);
    assert_decides(
        draft,
        "x 10.0.1.200 -> 169.254.169.254 tcp/80 => undetermined client-vpn-route; reply delivered reply-returns
         x 10.0.1.200 -> 169.254.0.0 tcp/80 => dropped longest-prefix-match
         y 10.0.2.200 -> 169.254.169.254 tcp/80 => dropped client-vpn-route",
    );
}

#[test]
fn what_clients_send_by_ipv6() {
    let rules = ["2600:2::/64", "fd00:ec2::/32"];
    let mut draft = dialled(&rules, &["::/0 s"]);
    add_ipv6(&mut draft);
    open_to_ipv6(&mut draft);
    let x = interface_mut(&mut draft, "x");
    let mut other = x.addresses[0].clone();
    other.private = AddressValue::Known(address("2600:1::200"));
    x.addresses.push(other);
    assert_all(&draft, &["x"], &blocks(&["2600:2::10/128"]));
    assert_none(&draft, &["x"], &to_interfaces(&["a"]));
    assert_decides(
        draft,
        &format!(
            "x 2600:1::200 -> 2600:2::10 tcp/443 => {IN}
             x 2600:1::200 -> 2600:1::10 tcp/443 => dropped client-vpn-authorization
             x 2600:1::200 -> fd00:ec2::254 tcp/80 => undetermined client-vpn-route; reply delivered reply-returns
             x 10.0.1.200 -> 10.0.2.10 tcp/443 => dropped client-vpn-authorization"
        ),
    );
}

#[test]
fn claims_about_what_is_sent_to_an_endpoint() {
    let mut draft = dialled(&[], &[]);
    let to_x = to_interfaces(&["x"]);
    let inbound = "client-vpn-inbound at Client VPN endpoint cvpn";
    assert_open(&draft, &["a"], &to_x, inbound);
    assert_open(&draft, &["b"], &to_x, inbound);
    assert_all(&draft, &["b"], &to_interfaces(&["a"]));
    let rules = vec![rule(tcp(443, 443), "0.0.0.0/0")];
    group(&mut draft, "https", "v", rules, vec![]);
    set_groups(&mut draft, "x", &["https"]);
    let open = "undetermined client-vpn-inbound";
    assert_decides(
        draft.clone(),
        &format!(
            "a 10.0.1.10 -> 10.0.1.200 tcp/443 => {open}; reply {open}
             b 10.0.2.10 -> 10.0.1.200 tcp/443 => {open}; reply {open}
             b 10.0.2.10 -> 10.0.1.200 tcp/22 => dropped security-group-ingress"
        ),
    );
    set_groups(&mut draft, "x", &[]);
    assert_none(&draft, &["b"], &to_x);
}

#[test]
fn an_endpoint_is_asked_before_the_source_and_no_other_than_its_own() {
    let mut draft = dialled(&["10.0.0.0/16"], &["10.0.0.0/16 s"]);
    interface(&mut draft, "z", "d", &["10.0.2.201"], &["v-open"]);
    client_vpn_endpoint(&mut draft, "other", &["z"], &["10.0.1.0/24"], &BOTH);
    client_vpn_endpoint(&mut draft, "empty", &[], &[], &[]);
    assert_decides(
        draft.clone(),
        &format!(
            "x 10.0.1.200 -> 10.0.2.10 tcp/443 => {IN}
             x 10.9.9.9 -> 10.0.2.10 tcp/443 => dropped source-check
             x 10.9.9.9 -> 10.1.2.10 tcp/443 => dropped client-vpn-authorization
             y 10.9.9.9 -> 10.0.1.10 tcp/443 => dropped client-vpn-route
             z 10.0.2.201 -> 10.0.1.10 tcp/443 => {IN}
             z 10.0.2.201 -> 10.0.2.10 tcp/443 => dropped client-vpn-authorization
             a 10.0.1.10 -> 10.0.2.10 tcp/443 => {IN}"
        ),
    );
    assert_all(&draft, &["z"], &to_interfaces(&["a"]));
    assert_all(&draft, &["a"], &to_interfaces(&["b"]));
}

#[test]
fn an_endpoint_with_an_open_address() {
    let mut draft = dialled(&["10.0.2.0/24 admins", "10.0.1.0/24"], &BOTH);
    let open = AddressValue::Within(block("10.0.1.0/24"), hole("address of x"));
    interface_mut(&mut draft, "x").addresses[0].private = open;
    assert_all(&draft, &["x"], &to_interfaces(&["a"]));
    let (all, none) = all_and_none(&draft, &["x"], &to_interfaces(&["b"]));
    assert!(depends_on(&all).contains(&OPEN_RULE), "{all:?}");
    assert!(depends_on(&none).contains(&OPEN_RULE), "{none:?}");
}

#[test]
fn what_clients_send_goes_on_premises_like_any_other_packet() {
    let mut draft = dialled(&["192.168.0.0/16"], &["192.168.0.0/24 s"]);
    let gateway = virtual_private_gateway(&mut draft, "g", "v", &["192.168.0.0/16"]);
    add_route(&mut draft, "v-main", to("192.168.0.0/16", gateway));
    let place = |text: &str| Place::OnPremises(Some([block(text)].into()));
    assert_all(&draft, &["x"], &place("192.168.0.0/24"));
    assert_none(&draft, &["x"], &place("192.168.1.0/24"));
    assert_none(&draft, &["x"], &place("10.8.0.0/16"));
    let shown = exists(every(&["x"], place("192.168.0.0/16"), Claim::Answered));
    assert!(matches!(
        check(draft, &shown),
        Verdict::Holds { witness: Some(_) }
    ));
}
