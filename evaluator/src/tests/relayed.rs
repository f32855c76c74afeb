//! Verdicts of scopes that count relayed flows.

use std::collections::BTreeSet;

use model::{
    Claim, ComponentId, Engine, Family, Hole, Invariant, LoadBalancerKind, Origin, Place,
    Quantifier, RulePeer, RuleTraffic, Scope, Target, TrafficClass, Value, Verdict,
};

use super::checks::{
    all_traffic, always, any_tcp, expect, interfaces, invariant, never, scope, sometimes, to, told,
};
use super::lab::{Lab, allow, cidr, from_cidr, rule, tcp};

pub fn relayed(scope: Scope) -> Scope {
    Scope {
        relayed: true,
        ..scope
    }
}

fn port(port: u16) -> Vec<TrafficClass> {
    vec![TrafficClass::Tcp {
        source_ports: 0..=u16::MAX,
        destination_ports: port..=port,
    }]
}

/// An internet-facing load balancer `l` in `a`, and `x` at port 8080 behind it in `b`.
fn facing(kind: LoadBalancerKind) -> Lab {
    Lab::default()
        .vpc("v", &["10.0.0.0/16"])
        .subnet("a", "v", &["10.0.1.0/24"])
        .subnet("b", "v", &["10.0.2.0/24"])
        .internet_gateway("i", Some("v"))
        .table("public", "v", &["a"])
        .route("public", "0.0.0.0/0", Target::InternetGateway("i".into()))
        .interface("x", "b", "v", &["10.0.2.10"])
        .interface("y", "b", "v", &["10.0.2.11"])
        .load_balancer("l", kind, &[("a", "v", "10.0.1.100=203.0.113.10")])
        .target_group("t", Family::V4, &["x:8080"])
        .listener("l", 443, &["t"])
}

fn from_internet(target: &str, classes: Vec<TrafficClass>) -> Scope {
    relayed(scope(Origin::Internet(None), to(&[target]), classes))
}

#[test]
fn the_internet_reaches_a_target_by_a_load_balancer() {
    for kind in [LoadBalancerKind::Application, LoadBalancerKind::Network] {
        expect(
            &facing(kind),
            &never(from_internet("x", port(8080))),
            "violated internet: 8.8.8.8 -> 203.0.113.10 tcp/443 from port 40000 pick 1",
        );
        expect(
            &facing(kind),
            &sometimes(from_internet("x", port(8080))),
            "holds internet: 8.8.8.8 -> 203.0.113.10 tcp/443 from port 40000 pick 1",
        );
        // Traffic is asked as the target receives it, and `y` is no target.
        expect(
            &facing(kind),
            &never(from_internet("x", port(443))),
            "vacuous",
        );
        expect(
            &facing(kind),
            &never(from_internet("y", all_traffic())),
            "vacuous",
        );
        // Nothing is sent to the target itself from there.
        let direct = scope(Origin::Internet(None), to(&["x"]), port(8080));
        expect(&facing(kind), &never(direct), "vacuous");
    }
}

#[test]
fn the_witness_is_delivered_when_decided() {
    let lab = facing(LoadBalancerKind::Network)
        .with(|lab| lab.target_group_mut("t").preserve_client_address = true);
    let verdict = lab.load().check(&never(from_internet("x", all_traffic())));
    let Verdict::Violated {
        counterexample: Some(witness),
    } = verdict
    else {
        panic!("not violated: {}", told(&verdict));
    };
    let arrival = lab.load().decide(&witness.flow).forward.arrival;
    assert_eq!(arrival, Some(model::Arrival::Interface("x".into())));
}

#[test]
fn relayed_flows_count_only_when_they_are_delivered() {
    let closed = facing(LoadBalancerKind::Application)
        .group("g", "v", vec![], vec![])
        .with(|lab| lab.interface_mut("x").groups = Value::Known(["g".into()].into()));
    let scope = |class| from_internet("x", class);
    expect(&closed, &never(scope(port(8080))), "vacuous");
    expect(&closed, &sometimes(scope(port(8080))), "vacuous");
    // From inside direct flows are in scope besides; `always` says nothing of dropped picks.
    let inside = relayed(super::checks::scope(
        interfaces(&["y"]),
        to(&["x"]),
        port(8080),
    ));
    expect(
        &facing(LoadBalancerKind::Application),
        &always(inside.clone()),
        "holds",
    );
    expect(&closed, &never(inside), "holds");
}

/// `c` may send to the load balancer `l` only, and `x` admits nobody but `l`.
fn only_behind() -> Lab {
    Lab::default()
        .vpc("v", &["10.0.0.0/16"])
        .subnet("a", "v", &["10.0.1.0/24"])
        .subnet("b", "v", &["10.0.2.0/24"])
        .group(
            "target",
            "v",
            vec![rule(tcp(8080, 8080), RulePeer::Group("node".into()))],
            vec![],
        )
        .group(
            "node",
            "v",
            vec![from_cidr(tcp(443, 443), "0.0.0.0/0")],
            vec![from_cidr(RuleTraffic::All, "0.0.0.0/0")],
        )
        .interface("c", "a", "v", &["10.0.1.10"])
        .interface("x", "b", "target", &["10.0.2.10"])
        .load_balancer(
            "l",
            LoadBalancerKind::Application,
            &[("a", "node", "10.0.1.100")],
        )
        .target_group("t", Family::V4, &["x:8080"])
        .listener("l", 443, &["t"])
}

fn by(components: Vec<ComponentId>, scope: Scope) -> Invariant {
    let sets = components.into_iter().map(|one| BTreeSet::from([one]));
    let mut invariant = invariant(Quantifier::Every, scope, Claim::Traverses(sets.collect()));
    invariant.premise = Some(Claim::Delivered);
    invariant
}

#[test]
fn only_by_the_load_balancer_is_proved() {
    let scope = || relayed(scope(interfaces(&["c"]), to(&["x"]), all_traffic()));
    let load_balancer = || ComponentId::LoadBalancer("l".into());
    let interface = |id: &str| ComponentId::NetworkInterface(id.into());
    expect(&only_behind(), &by(vec![load_balancer()], scope()), "holds");
    let all = vec![load_balancer(), interface("l-a"), interface("x")];
    expect(&only_behind(), &by(all, scope()), "holds");
    let wrong = vec![interface("x"), load_balancer()];
    expect(
        &only_behind(),
        &by(wrong, scope()),
        "violated c: 10.0.1.10 -> 10.0.1.100 tcp/443 from port 40000 pick 1",
    );
    let open =
        only_behind().with(|lab| lab.interface_mut("x").groups = Value::Known(["v".into()].into()));
    expect(
        &open,
        &by(vec![load_balancer()], scope()),
        "violated c: 10.0.1.10 -> 10.0.2.10 tcp/443 from port 40000",
    );
}

#[test]
fn without_relayed_only_direct_flows_count() {
    let direct = || scope(interfaces(&["c"]), to(&["x"]), all_traffic());
    expect(&only_behind(), &never(direct()), "holds");
    expect(
        &only_behind(),
        &never(relayed(direct())),
        "violated c: 10.0.1.10 -> 10.0.1.100 tcp/443 from port 40000 pick 1",
    );
    // Where it goes without a pick is its node.
    let node = scope(interfaces(&["c"]), to(&["l-a"]), port(443));
    expect(&only_behind(), &always(node.clone()), "holds");
    expect(&only_behind(), &always(relayed(node)), "holds");
}

#[test]
fn to_a_node_only_what_it_listens_for_arrives() {
    let node = scope(interfaces(&["c"]), to(&["l-a"]), all_traffic());
    expect(
        &only_behind(),
        &sometimes(node.clone()),
        "holds c: 10.0.1.10 -> 10.0.1.100 tcp/443 from port 40000",
    );
    let open = only_behind()
        .with(|lab| lab.interface_mut("l-a").groups = Value::Known(["v".into()].into()));
    expect(
        &open,
        &always(node),
        "violated c: 10.0.1.10 -> 10.0.1.100 tcp/80 from port 40000",
    );
}

#[test]
fn blocks_are_asked_as_the_receiver_sees_them() {
    let place = |block: &str| Place::Cidrs(BTreeSet::from([cidr(block)]));
    let scope = |block| relayed(scope(interfaces(&["c"]), place(block), port(8080)));
    expect(
        &only_behind(),
        &never(scope("10.0.2.10/32")),
        "violated c: 10.0.1.10 -> 10.0.1.100 tcp/443 from port 40000 pick 1",
    );
    expect(&only_behind(), &never(scope("10.0.2.11/32")), "holds");
}

#[test]
fn an_endpoint_service_joins_overlapping_vpcs() {
    let lab = Lab::default()
        .vpc("v", &["10.0.0.0/16"])
        .subnet("a", "v", &["10.0.1.0/24"])
        .interface("c", "a", "v", &["10.0.1.10"])
        .interface_endpoint("e", "v", "a", "10.0.1.20")
        .with(|lab| lab.endpoint_mut("e").service = "s".into())
        .vpc("w", &["10.0.0.0/16"])
        .subnet("f", "w", &["10.0.1.0/24"])
        .interface("x", "f", "w", &["10.0.1.10"])
        .load_balancer("l", LoadBalancerKind::Network, &[("f", "", "10.0.1.100")])
        .target_group("t", Family::V4, &["x:8080"])
        .listener("l", 443, &["t"])
        .endpoint_service("s", &["l"])
        .zone("a", "one")
        .zone("f", "one");
    let scope = || scope(interfaces(&["c"]), to(&["x"]), all_traffic());
    // Its own address is that of `x` in the other VPC.
    expect(&lab, &sometimes(scope()), "vacuous");
    expect(
        &lab,
        &sometimes(relayed(scope())),
        "holds c: 10.0.1.10 -> 10.0.1.20 tcp/443 from port 40000 pick 1.1",
    );
    let through = [
        ComponentId::VpcEndpoint("e".into()),
        ComponentId::LoadBalancer("l".into()),
    ];
    expect(&lab, &by(through.into(), relayed(scope())), "holds");
    let answered = invariant(Quantifier::Every, relayed(scope()), Claim::Answered);
    expect(&lab, &answered, "holds");
    let zonal = lab.with(|lab| lab.draft.subnets[1].zone = Some("two".into()));
    expect(&zonal, &sometimes(relayed(scope())), "vacuous");
}

#[test]
fn a_group_that_is_not_cross_zone_needs_a_node_in_its_zone() {
    let zonal = |zone: &str| {
        only_behind()
            .with(|lab| lab.target_group_mut("t").cross_zone = false)
            .zone("a", "one")
            .zone("b", zone)
    };
    let scope = || relayed(scope(interfaces(&["c"]), to(&["x"]), port(8080)));
    expect(&zonal("two"), &never(scope()), "holds");
    expect(
        &zonal("one"),
        &never(scope()),
        "violated c: 10.0.1.10 -> 10.0.1.100 tcp/443 from port 40000 pick 1",
    );
    let unknown = zonal("one").with(|lab| lab.draft.subnets[1].zone = None);
    expect(
        &unknown,
        &never(scope()),
        "unknown on which targets are in the zones of l",
    );
}

#[test]
fn targets_that_see_their_client_are_cut_at_its_address() {
    let preserving = |ingress| {
        facing(LoadBalancerKind::Network)
            .with(|lab| lab.target_group_mut("t").preserve_client_address = true)
            .group("g", "v", ingress, vec![])
            .with(|lab| lab.interface_mut("x").groups = Value::Known(["g".into()].into()))
    };
    let scope = || from_internet("x", port(8080));
    expect(
        &preserving(vec![from_cidr(RuleTraffic::All, "198.51.100.77/32")]),
        &never(scope()),
        "violated internet: 198.51.100.77 -> 203.0.113.10 tcp/443 from port 40000 pick 1",
    );
    expect(
        &preserving(vec![from_cidr(RuleTraffic::All, "10.0.0.0/8")]),
        &never(scope()),
        "vacuous",
    );
    // Replies are for the client's port.
    let all = || allow(1, RuleTraffic::All, "0.0.0.0/0");
    let lab = preserving(vec![from_cidr(RuleTraffic::All, "0.0.0.0/0")]).acl(
        "n",
        "v",
        &["b"],
        vec![all()],
        vec![allow(1, tcp(0, 65534), "0.0.0.0/0")],
    );
    let answered = invariant(Quantifier::Every, scope(), Claim::Answered);
    expect(
        &lab,
        &answered,
        "violated internet: 8.8.8.8 -> 203.0.113.10 tcp/443 from port 65535 pick 1",
    );
    // A node chooses among the ports that its ACL lets back.
    let translated = lab.with(|lab| lab.target_group_mut("t").preserve_client_address = false);
    expect(
        &translated,
        &answered,
        "unknown on the source port that l chooses",
    );
}

#[test]
fn what_is_not_known_of_targets_is_unknown() {
    let hole = || Hole::new("targets of t");
    let unknown = only_behind().with(|lab| lab.target_group_mut("t").targets = Value::Any(hole()));
    let scope = || relayed(scope(interfaces(&["c"]), to(&["x"]), port(8080)));
    expect(&unknown, &never(scope()), "unknown on targets of t");
    expect(&unknown, &sometimes(scope()), "unknown on targets of t");
    let listeners = only_behind().with(|lab| {
        lab.load_balancer_mut("l").listeners = Value::Any(Hole::new("listeners of l"));
    });
    expect(&listeners, &never(scope()), "unknown on listeners of l");
    // Who does not reach the load balancer is not concerned.
    let closed = unknown
        .group("none", "v", vec![], vec![])
        .with(|lab| lab.interface_mut("c").groups = Value::Known(["none".into()].into()));
    expect(&closed, &never(scope()), "holds");
}

#[test]
fn a_chain_of_two_load_balancers_takes_two_picks() {
    let lab = only_behind()
        .load_balancer("n", LoadBalancerKind::Network, &[("b", "", "10.0.2.100")])
        .target_group("alb", Family::V4, &["lb l:443"])
        .listener("n", 80, &["alb"])
        // Only the chain is left.
        .group(
            "c",
            "v",
            vec![],
            vec![from_cidr(RuleTraffic::All, "10.0.2.100/32")],
        )
        .with(|lab| lab.interface_mut("c").groups = Value::Known(["c".into()].into()));
    let scope = |id: &str| relayed(scope(interfaces(&["c"]), to(&[id]), all_traffic()));
    expect(
        &lab,
        &never(scope("x")),
        "violated c: 10.0.1.10 -> 10.0.2.100 tcp/80 from port 40000 pick 1.1",
    );
    // The second relay keeps what has no pick for it.
    expect(
        &lab,
        &never(scope("l-a")),
        "violated c: 10.0.1.10 -> 10.0.2.100 tcp/80 from port 40000 pick 1",
    );
    let both = ["n", "l"].map(|id| ComponentId::LoadBalancer(id.into()));
    expect(&lab, &by(both.into(), scope("x")), "holds");
}

#[test]
fn relays_in_a_ring_are_a_limit() {
    let lab = only_behind()
        .target_group("ring", Family::V4, &["10.0.1.100:80"])
        .listener("l", 80, &["ring"])
        .with(|lab| lab.interface_mut("l-a").groups = Value::Known(["v".into()].into()));
    let scope = relayed(scope(interfaces(&["c"]), to(&["x"]), port(9)));
    expect(&lab, &never(scope), "unknown on the way behind four relays");
}

#[test]
fn a_first_leg_that_is_open_may_come_to_any_relay() {
    // A sender with a way to the internet, over which it is not said what comes back in.
    let lab = facing(LoadBalancerKind::Application)
        .interface("c", "a", "v", &["10.0.1.10=203.0.113.11"])
        .group("none", "v", vec![], vec![])
        .group(
            "out",
            "v",
            vec![],
            vec![from_cidr(RuleTraffic::All, "203.0.113.10/32")],
        )
        .with(|lab| lab.interface_mut("c").groups = Value::Known(["out".into()].into()));
    let scope = |id: &str| relayed(scope(interfaces(&["c"]), to(&[id]), port(8080)));
    expect(
        &lab,
        &never(scope("x")),
        "unknown on the way between two public addresses of the network",
    );
    // No relay leads to `y`.
    expect(&lab, &never(scope("y")), "holds");
}

#[test]
fn open_addresses_of_nodes_and_targets_are_followed() {
    let lab = |node: &str, target: &str, block: &str| {
        Lab::default()
            .vpc("v", &["10.0.0.0/16"])
            .subnet("a", "v", &["10.0.1.0/24"])
            .subnet("b", "v", &["10.0.2.0/24"])
            .group("g", "v", vec![from_cidr(tcp(8080, 8080), block)], vec![])
            .subnet("d", "v", &["10.0.3.0/24"])
            .interface("c", "d", "v", &["10.0.3.10"])
            .interface("x", "b", "g", &[target])
            .load_balancer("l", LoadBalancerKind::Application, &[("a", "v", node)])
            .target_group("t", Family::V4, &["x:8080"])
            .listener("l", 443, &["t"])
    };
    let scope = || relayed(scope(interfaces(&["c"]), to(&["x"]), port(8080)));
    let known = lab("10.0.1.100", "10.0.2.0/24", "10.0.1.100/32");
    expect(
        &known,
        &never(scope()),
        "violated c: 10.0.3.10 -> 10.0.1.100 tcp/443 from port 40000 pick 1",
    );
    // `x` admits the node at one address only, which it may have or not.
    let open = lab("10.0.1.0/24", "10.0.2.10", "10.0.1.77/32");
    expect(&open, &never(scope()), "unknown on l-a in 10.0.1.0/24");
    let any = lab("10.0.1.0/24", "10.0.2.0/24", "10.0.1.128/25");
    let halves = any.with(|lab| {
        let rules = &mut lab.draft.security_groups[1].ingress;
        rules.push(from_cidr(tcp(8080, 8080), "10.0.1.0/25"));
    });
    let verdict = halves.load().check(&never(scope()));
    assert!(
        told(&verdict).starts_with("violated c: 10.0.3.10 -> 10.0.1."),
        "{}",
        told(&verdict)
    );
}

#[test]
fn a_registered_address_may_be_that_of_an_open_one() {
    let lab = only_behind()
        .target_group("by-address", Family::V4, &["10.0.2.77:8080"])
        .listener("l", 80, &["by-address"])
        .interface("z", "b", "v", &["10.0.2.0/24"])
        .with(|lab| lab.interface_mut("l-a").groups = Value::Known(["v".into()].into()));
    let scope = |id: &str| relayed(scope(interfaces(&["c"]), to(&[id]), port(8080)));
    let not_direct = |scope: Scope| {
        let load_balancer = BTreeSet::from([ComponentId::LoadBalancer("l".into())]);
        let mut none = invariant(
            Quantifier::Every,
            scope,
            Claim::Not(Box::new(Claim::Traverses(vec![load_balancer]))),
        );
        none.premise = Some(Claim::Delivered);
        none
    };
    expect(&lab, &not_direct(scope("z")), "unknown on z in 10.0.2.0/24");
}

#[test]
fn the_budget_of_walks_counts_picks() {
    let lab = only_behind();
    let scope = || relayed(scope(interfaces(&["c"]), to(&["x"]), vec![any_tcp()]));
    let evaluator = lab.load();
    let told_with = |n| told(&evaluator.clone().with_budget(n).check(&never(scope())));
    assert_eq!(told_with(1), "unknown out of walks");
    let found = (2..100).find(|n| told_with(*n).starts_with("violated"));
    let n = found.expect("enough");
    assert!(
        (2..n).all(|n| told_with(n) == "unknown out of walks"),
        "{n}"
    );
}
