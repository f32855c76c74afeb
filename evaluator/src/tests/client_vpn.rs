use std::collections::BTreeSet;

use model::{Claim, Clause, ComponentId, Family, Hole, Place, Quantifier, Scope, Target, Value};

use super::checks::{always, any_tcp, expect, interfaces, invariant, never, scope, sometimes, to};
use super::lab::{Lab, cidr};
use super::properties::Numbers;

/// A Client VPN endpoint with some of these blocks in rules and routes, of an interface in the
/// first of these subnets at least.
pub fn clients(
    numbers: &mut Numbers,
    lab: Lab,
    interfaces: &[&str],
    subnets: &[&str],
    blocks: &[&str],
) -> Lab {
    let some = |numbers: &mut Numbers, of: &[&str]| {
        let n_some = 1 + numbers.below(5);
        let line = |_| format!("{} {}", numbers.one(blocks), numbers.one(of));
        (0..n_some).map(line).collect::<Vec<_>>()
    };
    let mut rules = some(numbers, &["all", "all", "admins"]);
    let mut routes = some(numbers, &[subnets[0], subnets[1], "local"]);
    for everywhere in ["0.0.0.0/0", "::/0"] {
        if !numbers.one_in(4) {
            rules.push(format!("{everywhere} all"));
            routes.push(format!("{everywhere} {}", subnets[0]));
        }
    }
    let rules: Vec<_> = rules.iter().map(String::as_str).collect();
    let routes: Vec<_> = routes.iter().map(String::as_str).collect();
    let mut lab = lab.client_vpn("vpn", interfaces, &rules, &routes);
    if numbers.one_in(10) {
        lab.client_vpn_mut("vpn").authorization_rules = Value::Any(Hole::new("rules"));
    }
    if numbers.one_in(10) {
        lab.client_vpn_mut("vpn").routes = Value::Any(Hole::new("routes"));
    }
    lab
}

/// Clients send by `c` in `a` and by `d` in `b`; `x` and `y` are in `s`.
fn lab(rules: &[&str], routes: &[&str]) -> Lab {
    Lab::default()
        .vpc("v", &["10.0.0.0/16"])
        .subnet("a", "v", &["10.0.1.0/24"])
        .subnet("b", "v", &["10.0.2.0/24"])
        .subnet("s", "v", &["10.0.3.0/24"])
        .interface("c", "a", "v", &["10.0.1.10"])
        .interface("d", "b", "v", &["10.0.2.10"])
        .interface("x", "s", "v", &["10.0.3.10"])
        .interface("y", "s", "v", &["10.0.3.11"])
        .client_vpn("vpn", &["c", "d"], rules, routes)
}

fn from_c(place: Place) -> Scope {
    let mut scope = scope(interfaces(&["c"]), place, vec![any_tcp()]);
    scope.families = BTreeSet::from([Family::V4]);
    scope
}

fn block(block: &str) -> Place {
    Place::Cidrs(BTreeSet::from([cidr(block)]))
}

fn decided_by(scope: Scope, clause: Clause) -> model::Invariant {
    invariant(Quantifier::Exists, scope, Claim::DecidedBy(clause))
}

const TO_X: &str = "c: 10.0.1.10 -> 10.0.3.10 tcp/443 from port 40000";
const TO_Y: &str = "c: 10.0.1.10 -> 10.0.3.11 tcp/443 from port 40000";
const ROUTES: [&str; 2] = ["10.0.0.0/16 a", "10.0.0.0/16 b"];

#[test]
fn clients_reach_what_a_rule_is_for() {
    let lab = lab(&["10.0.3.10/32 all"], &ROUTES);
    expect(&lab, &always(from_c(to(&["x"]))), "holds");
    expect(&lab, &never(from_c(to(&["y"]))), "holds");
    let both = from_c(block("10.0.3.0/24"));
    expect(&lab, &sometimes(both.clone()), &format!("holds {TO_X}"));
    expect(
        &lab,
        &decided_by(both, Clause::ClientVpnAuthorization),
        "holds c: 10.0.1.10 -> 10.0.3.0 tcp/443 from port 40000",
    );
    // Others ask no rules.
    let others = scope(interfaces(&["x"]), to(&["y"]), vec![any_tcp()]);
    expect(&lab, &always(others), "holds");
}

#[test]
fn a_rule_for_a_group_leaves_it_open_who_reaches() {
    let question = "on of which groups the users of vpn are";
    let group = lab(&["10.0.0.0/16 all", "10.0.3.10/32 admins"], &ROUTES);
    let to_x = from_c(to(&["x"]));
    for asked in [never(to_x.clone()), always(to_x.clone()), sometimes(to_x)] {
        expect(&group, &asked, &format!("unknown {question}"));
    }
    expect(&group, &always(from_c(to(&["y"]))), "holds");
    // A certain drop behind it decides.
    let closed = group.clone().with(|lab| {
        lab.interface_mut("x").groups = Value::Known(BTreeSet::new());
    });
    expect(&closed, &never(from_c(to(&["x"]))), "holds");
    // Beside a rule for all of the same length it says nothing.
    let rules = ["10.0.3.10/32 all", "10.0.3.10/32 admins"];
    expect(&lab(&rules, &ROUTES), &always(from_c(to(&["x"]))), "holds");
    let veiled = group.with(|lab| {
        lab.client_vpn_mut("vpn").authorization_rules = Value::Any(Hole::new("rules"));
    });
    expect(&veiled, &always(from_c(to(&["y"]))), "unknown on rules");
}

#[test]
fn clients_leave_by_the_subnets_of_routes() {
    let rules = ["0.0.0.0/0 all"];
    let by_b = lab(&rules, &["10.0.0.0/16 b"]);
    expect(&by_b, &never(from_c(to(&["x"]))), "holds");
    let by_d = scope(interfaces(&["d"]), to(&["x"]), vec![any_tcp()]);
    expect(&by_b, &always(by_d), "holds");
    let local = lab(&rules, &["10.0.0.0/16 a", "10.0.3.10/32 local"]);
    expect(&local, &never(from_c(to(&["x"]))), "holds");
    expect(&local, &always(from_c(to(&["y"]))), "holds");
    let both = lab(&rules, &["10.0.3.0/24 a", "10.0.3.0/24 local"]);
    expect(&both, &always(from_c(to(&["x"]))), "holds");
    let longer = lab(&rules, &["10.0.0.0/16 a", "10.0.3.10/32 b"]);
    expect(
        &longer,
        &always(from_c(block("10.0.3.10/31"))),
        "unknown on whether vpn sends by a subnet what a longer route takes to another",
    );
    expect(&longer, &always(from_c(to(&["y"]))), "holds");
    let cut = from_c(block("10.0.3.10/31"));
    expect(&longer, &sometimes(cut), &format!("holds {TO_Y}"));
    let veiled = by_b.with(|lab| {
        lab.client_vpn_mut("vpn").routes = Value::Any(Hole::new("routes"));
    });
    expect(&veiled, &never(from_c(to(&["x"]))), "unknown on routes");
}

#[test]
fn link_local_services_are_open_to_clients() {
    let service = || from_c(block("169.254.169.254/32"));
    let open = lab(&["0.0.0.0/0 all"], &["0.0.0.0/0 a"]);
    let question = "unknown on what vpn sends to link-local services";
    expect(&open, &always(service()), question);
    let closed = lab(&["0.0.0.0/0 all"], &["0.0.0.0/0 b"]);
    expect(&closed, &never(service()), "holds");
}

#[test]
fn what_is_sent_to_a_client_vpn_endpoint_is_open() {
    let lab = lab(&["0.0.0.0/0 all"], &ROUTES);
    let to_c = scope(interfaces(&["x"]), to(&["c"]), vec![any_tcp()]);
    let question = "unknown on what vpn does with requests to it";
    expect(&lab, &never(to_c.clone()), question);
    expect(&lab, &sometimes(to_c.clone()), question);
    let through = Claim::Traverses(vec![BTreeSet::from([ComponentId::NetworkInterface(
        "c".into(),
    )])]);
    let through = invariant(Quantifier::Every, to_c.clone(), through);
    expect(&lab, &through, question);
    // Its groups may drop it before.
    let closed = lab.with(|lab| {
        lab.interface_mut("c").groups = Value::Known(BTreeSet::new());
    });
    expect(&closed, &never(to_c), "holds");
}

#[test]
fn replies_to_clients_ask_no_rules() {
    let lab = lab(&["10.0.3.10/32 all"], &["10.0.3.10/32 a"]);
    let answered = invariant(Quantifier::Every, from_c(to(&["x"])), Claim::Answered);
    expect(&lab, &answered, "holds");
}

#[test]
fn an_open_address_is_tried_on_both_sides_of_a_rule() {
    let lab = lab(&["10.0.3.0/25 all"], &ROUTES).interface("z", "s", "v", &["10.0.3.0/24"]);
    let to_z = from_c(to(&["z"]));
    expect(
        &lab,
        &sometimes(to_z.clone()),
        "unknown on z in 10.0.3.0/24",
    );
    expect(&lab, &never(to_z), "unknown on z in 10.0.3.0/24");
}

#[test]
fn clients_are_asked_before_nat64() {
    let lab = |block: &str| {
        Lab::default()
            .vpc("v", &["10.0.0.0/16", "2600:1f00::/56"])
            .subnet("p", "v", &["10.0.1.0/24"])
            .subnet("a", "v", &["2600:1f00::/64"])
            .subnet("b", "v", &["10.0.2.0/24"])
            .interface("c", "a", "v", &["2600:1f00::a"])
            .internet_gateway("i", Some("v"))
            .nat_gateway("n", "p", "v", &["10.0.1.99=203.0.113.99"])
            .route("v", "0.0.0.0/0", Target::InternetGateway("i".into()))
            .table("private", "v", &["a"])
            .route("private", "64:ff9b::/96", Target::NatGateway("n".into()))
            .client_vpn("vpn", &["c"], &[block], &["::/0 a"])
    };
    let asked = |place| {
        let mut asked = scope(interfaces(&["c"]), place, vec![any_tcp()]);
        asked.relayed = true;
        asked
    };
    let host = asked(block("8.8.4.4/32"));
    expect(
        &lab("64:ff9b::808:404/128 all"),
        &sometimes(asked(block("8.8.0.0/16"))),
        "holds c: 2600:1f00::a -> 64:ff9b::808:404 tcp/443 from port 40000",
    );
    expect(
        &lab("64:ff9b::808:405/128 all"),
        &never(host.clone()),
        "vacuous",
    );
    expect(&lab("8.8.4.4/32 all"), &never(host), "vacuous");
}
