use model::{
    Clause, Family, Hole, LoadBalancerKind, Middlebox, RulePeer, RuleTraffic, Target, Value,
};

use super::lab::{Lab, address, allow, from_cidr, read_flow, rule, tcp};

/// `c` in `a`, a load balancer `l` in `a` and `b`, and `x` and `y` in `b` and `d` behind it.
fn lab(kind: LoadBalancerKind) -> Lab {
    Lab::default()
        .vpc("v", &["10.0.0.0/16", "2600:1f00::/56"])
        .subnet("a", "v", &["10.0.1.0/24", "2600:1f00::/64"])
        .subnet("b", "v", &["10.0.2.0/24", "2600:1f00:0:1::/64"])
        .subnet("d", "v", &["10.0.3.0/24", "2600:1f00:0:2::/64"])
        .zone("a", "one")
        .zone("b", "two")
        .zone("d", "two")
        .interface("c", "a", "v", &["10.0.1.10", "2600:1f00::a"])
        .interface("x", "b", "v", &["10.0.2.10", "2600:1f00:0:1::a"])
        .interface("y", "d", "v", &["10.0.3.10"])
        .load_balancer(
            "l",
            kind,
            &[("a", "v", "10.0.1.100"), ("b", "v", "10.0.2.100")],
        )
        .target_group("t", Family::V4, &["x:8080", "y:8081"])
        .listener("l", 443, &["t"])
}

pub fn application() -> Lab {
    lab(LoadBalancerKind::Application)
}

fn network() -> Lab {
    lab(LoadBalancerKind::Network)
}

/// The same, with clients' addresses kept.
pub fn preserving() -> Lab {
    network().with(|lab| lab.target_group_mut("t").preserve_client_address = true)
}

const FLOW: &str = "c 10.0.1.10 -> 10.0.1.100 tcp/443";
const DELIVERED: &str = "delivered interface-accepts; reply delivered reply-returns";

#[test]
fn a_relay_without_a_pick_keeps_the_request() {
    application().expect(&format!("{FLOW} => {DELIVERED}"));
    let trace = application().load().trace(&read_flow(FLOW));
    assert!(
        trace
            .forward
            .iter()
            .all(|hop| hop.packet.destination() == trace.flow.packet.destination())
    );
}

#[test]
fn load_balancer_listener() {
    application().expect(&format!("{FLOW} pick 1 => {DELIVERED}"));
    let dropped = "dropped load-balancer-listener";
    for traffic in ["tcp/80", "udp/443", "protocol/47"] {
        application().expect(&format!("c 10.0.1.10 -> 10.0.1.100 {traffic} => {dropped}"));
    }
    // A ping an Application Load Balancer answers, whatever is picked.
    let ping = "c 10.0.1.10 -> 10.0.1.100 icmp/8/0";
    application().expect(&format!("{ping} pick 9 => {DELIVERED}"));
    network().expect(&format!("{ping} => {dropped}"));
    network().expect(&format!(
        "c 10.0.1.10 -> 10.0.1.100 udp/443 pick 1 => {DELIVERED}"
    ));
    let unknown = application().with(|lab| {
        lab.load_balancer_mut("l").listeners = Value::Any(Hole::new("listeners of l"));
    });
    unknown.expect(&format!(
        "{FLOW} => undetermined load-balancer-listener; reply delivered reply-returns"
    ));
    unknown.expect(&format!(
        "{FLOW} pick 1 => undetermined load-balancer-listener; reply undetermined load-balancer-targets-unknown"
    ));
    unknown.expect(&format!("c 10.0.1.10 -> 10.0.1.100 udp/443 => {dropped}"));
    unknown.expect(&format!("{ping} pick 1 => {DELIVERED}"));
}

#[test]
fn load_balancer_unfiltered() {
    let closed =
        |lab: Lab| lab.with(|lab| lab.interface_mut("l-a").groups = Value::Known([].into()));
    closed(network()).expect(&format!("{FLOW} pick 1 => {DELIVERED}"));
    closed(network()).passes(&format!("{FLOW} pick 1"), Clause::LoadBalancerUnfiltered);
    closed(network()).expect(&format!(
        "l-a 10.0.1.100 -> 10.0.2.10 tcp/80 => {DELIVERED}"
    ));
    closed(application()).expect(&format!("{FLOW} => dropped security-group-ingress"));
    let open = network().with(|lab| {
        let sets = vec![[].into(), ["v".into()].into()];
        lab.interface_mut("l-a").groups = Value::OneOf(sets, Hole::new("groups"));
    });
    open.expect(&format!("{FLOW} pick 1 => {DELIVERED}"));
}

#[test]
fn load_balancer_target() {
    let to = |pick: &str| format!("{FLOW} pick {pick}");
    let received = |flow: &str| {
        let trace = application().load().trace(&read_flow(flow));
        trace.forward.last().expect("a step").packet.to_string()
    };
    assert_eq!(
        received(&to("1")),
        "10.0.1.100 -> 10.0.2.10 tcp/8080 from port 40000"
    );
    assert_eq!(
        received(&to("2")),
        "10.0.1.100 -> 10.0.3.10 tcp/8081 from port 40000"
    );
    for pick in ["0", "3"] {
        application().expect(&format!("{} => dropped load-balancer-target", to(pick)));
    }
    // Picks that nothing takes have no meaning.
    application().expect(&format!("{} => {DELIVERED}", to("1.7")));
}

#[test]
fn a_group_that_is_not_cross_zone_keeps_to_the_zone_of_the_node() {
    let zonal = || application().with(|lab| lab.target_group_mut("t").cross_zone = false);
    let at = |node: &str, pick: u16| format!("c 10.0.1.10 -> {node} tcp/443 pick {pick}");
    zonal().expect(&format!(
        "{} => dropped load-balancer-target",
        at("10.0.1.100", 1)
    ));
    zonal().expect(&format!("{} => {DELIVERED}", at("10.0.2.100", 2)));
    let unknown = zonal().with(|lab| lab.draft.subnets[2].zone = None);
    // `x` is in another zone than the node in `a`, and `y` may be in it.
    unknown.expect(&format!(
        "{} => undetermined load-balancer-target; reply delivered reply-returns",
        at("10.0.1.100", 1)
    ));
    // An address of no subnet of the VPC is in every zone.
    let beyond = zonal()
        .target_group("u", Family::V4, &["10.0.9.9:1", "10.0.3.9:2"])
        .with(|lab| lab.target_group_mut("u").cross_zone = false)
        .listener("l", 80, &["u"]);
    beyond.expect("c 10.0.1.10 -> 10.0.1.100 tcp/80 pick 1 => dropped address-owner");
    beyond.expect("c 10.0.1.10 -> 10.0.1.100 tcp/80 pick 2 => dropped load-balancer-target");
}

#[test]
fn load_balancer_targets_unknown() {
    let unknown = application()
        .target_group("u", Family::V4, &[])
        .with(|lab| {
            lab.target_group_mut("u").targets = Value::Any(Hole::new("targets of u"));
        })
        .listener("l", 80, &["t", "u"]);
    unknown.expect("c 10.0.1.10 -> 10.0.1.100 tcp/80 pick 1 => undetermined load-balancer-targets-unknown; reply undetermined load-balancer-targets-unknown");
    unknown.expect(&format!("c 10.0.1.10 -> 10.0.1.100 tcp/80 => {DELIVERED}"));
    unknown.expect(&format!("{FLOW} pick 1 => {DELIVERED}"));
}

#[test]
fn load_balancer_translates() {
    let flow = format!("{FLOW} pick 1");
    for clause in [Clause::LoadBalancerTranslates, Clause::LoadBalancerReturns] {
        application().passes(&flow, clause);
    }
    // The target's groups see the node, by its address and by its groups.
    let target = |rules| {
        let groups = application()
            .group("g", "v", rules, vec![])
            .with(|lab| lab.interface_mut("x").groups = Value::Known(["g".into()].into()));
        groups
            .group(
                "n",
                "v",
                vec![from_cidr(RuleTraffic::All, "0.0.0.0/0")],
                vec![from_cidr(RuleTraffic::All, "10.0.2.0/24")],
            )
            .with(|lab| lab.interface_mut("l-a").groups = Value::Known(["n".into()].into()))
    };
    let by_group = || rule(tcp(8080, 8080), RulePeer::Group("n".into()));
    target(vec![by_group()]).expect(&format!("{flow} => {DELIVERED}"));
    target(vec![from_cidr(tcp(8080, 8080), "10.0.1.100/32")])
        .expect(&format!("{flow} => {DELIVERED}"));
    target(vec![from_cidr(tcp(8080, 8080), "10.0.1.10/32")])
        .expect(&format!("{flow} => dropped security-group-ingress"));
    // Its own groups are asked about what it sends.
    target(vec![by_group()]).expect(&format!("{FLOW} pick 2 => dropped security-group-egress"));
}

#[test]
fn the_family_may_change() {
    let lab = application()
        .with(|lab| {
            let second = lab.interface_mut("c").addresses[1].clone();
            let private = model::AddressValue::Known(address("2600:1f00::64"));
            let node = lab.interface_mut("l-a");
            node.addresses
                .push(model::InterfaceAddress { private, ..second });
        })
        .target_group("s", Family::V6, &["x:80"])
        .listener("l", 80, &["s"]);
    lab.expect(&format!(
        "c 2600:1f00::a -> 2600:1f00::64 tcp/443 pick 1 => {DELIVERED}"
    ));
    lab.expect(&format!(
        "c 10.0.1.10 -> 10.0.1.100 tcp/80 pick 1 => {DELIVERED}"
    ));
    // The node in `b` has no address of that family.
    lab.expect("c 10.0.1.10 -> 10.0.2.100 tcp/80 pick 1 => dropped load-balancer-translates");
}

#[test]
fn load_balancer_source_port() {
    let acl = |range| {
        let all = || allow(1, RuleTraffic::All, "0.0.0.0/0");
        application().acl(
            "n",
            "v",
            &["d"],
            vec![all()],
            vec![allow(1, range, "0.0.0.0/0")],
        )
    };
    let flow = format!("{FLOW} pick 2");
    acl(tcp(1024, 65535)).expect(&format!("{flow} => {DELIVERED}"));
    // The client's own port stands for it in the packet, but is not it.
    acl(tcp(40000, 40000)).expect(&format!(
        "{flow} => delivered interface-accepts; reply undetermined load-balancer-source-port"
    ));
    acl(tcp(1, 1023)).expect(&format!(
        "{flow} => delivered interface-accepts; reply dropped network-acl-egress"
    ));
}

#[test]
fn the_reply_on_the_first_leg_is_for_the_clients_own_port() {
    let all = || allow(1, RuleTraffic::All, "0.0.0.0/0");
    let lab = application().acl(
        "n",
        "v",
        &["a"],
        vec![all()],
        vec![
            allow(1, tcp(8080, 8080), "0.0.0.0/0"),
            allow(2, tcp(40000, 40000), "0.0.0.0/0"),
        ],
    );
    lab.expect(&format!(
        "c 10.0.1.10 -> 10.0.1.100 tcp/443 pick 1 => {DELIVERED}"
    ));
    // From another subnet the node's ACL is asked about it.
    let flow = |port: u16| format!("x 10.0.2.10 -> 10.0.1.100 tcp/{port}>443 pick 2");
    let lab = lab.with(|lab| {
        lab.draft.network_acls[1]
            .egress
            .push(allow(3, tcp(8081, 8081), "0.0.0.0/0"));
    });
    lab.expect(&format!("{} => {DELIVERED}", flow(40000)));
    lab.expect(&format!(
        "{} => delivered interface-accepts; reply dropped network-acl-egress",
        flow(40001)
    ));
}

#[test]
fn load_balancer_preserves() {
    let flow = format!("{FLOW} pick 1");
    preserving().expect(&format!("{flow} => {DELIVERED}"));
    for clause in [Clause::LoadBalancerPreserves, Clause::LoadBalancerReturns] {
        preserving().passes(&flow, clause);
    }
    let trace = preserving().load().trace(&read_flow(&flow));
    let last = trace.forward.last().expect("a step").packet.to_string();
    assert_eq!(last, "10.0.1.10 -> 10.0.2.10 tcp/8080 from port 40000");
    // A target is not its own client.
    preserving()
        .expect("x 10.0.2.10 -> 10.0.1.100 tcp/443 pick 1 => dropped load-balancer-preserves");
    application().expect(&format!(
        "x 10.0.2.10 -> 10.0.1.100 tcp/443 pick 1 => {DELIVERED}"
    ));
}

#[test]
fn a_target_that_sees_the_client_knows_the_node_by_its_groups() {
    let target = |rules| {
        preserving()
            .group("g", "v", rules, vec![])
            .group(
                "n",
                "v",
                vec![from_cidr(RuleTraffic::All, "0.0.0.0/0")],
                vec![from_cidr(RuleTraffic::All, "0.0.0.0/0")],
            )
            .with(|lab| {
                lab.interface_mut("x").groups = Value::Known(["g".into()].into());
                lab.interface_mut("l-a").groups = Value::Known(["n".into()].into());
            })
    };
    let flow = format!("{FLOW} pick 1");
    let group = |id: &str| vec![rule(tcp(8080, 8080), RulePeer::Group(id.into()))];
    target(group("n")).expect(&format!("{flow} => {DELIVERED}"));
    // Neither the client's groups help, nor the node's address, but the client's does.
    target(group("v")).expect(&format!("{flow} => dropped security-group-ingress"));
    let block = |block| vec![from_cidr(tcp(8080, 8080), block)];
    target(block("10.0.1.100/32")).expect(&format!("{flow} => dropped security-group-ingress"));
    target(block("10.0.1.10/32")).expect(&format!("{flow} => {DELIVERED}"));
    let outside = vec![rule(
        RuleTraffic::All,
        RulePeer::OutsideGroup("sg-0".into()),
    )];
    target(outside.clone()).expect(&format!("{flow} => dropped security-group-ingress"));
    let unknown = |rules| {
        target(rules).with(|lab| {
            lab.interface_mut("l-a").groups = Value::Any(Hole::new("groups of l-a"));
        })
    };
    let undetermined = "undetermined security-groups-unknown; reply delivered reply-returns";
    unknown(group("n")).expect(&format!("{flow} => {undetermined}"));
    unknown(outside).expect(&format!("{flow} => {undetermined}"));
}

#[test]
fn the_reply_of_a_target_that_sees_the_client_takes_no_route() {
    let all = || allow(1, RuleTraffic::All, "0.0.0.0/0");
    let acl = |subnet, ingress, egress| preserving().acl("n", "v", &[subnet], ingress, egress);
    let flow = format!("{FLOW} pick 2");
    acl(
        "d",
        vec![all()],
        vec![allow(1, tcp(40000, 40000), "10.0.1.10/32")],
    )
    .expect(&format!("{flow} => {DELIVERED}"));
    acl("d", vec![all()], vec![]).expect(&format!(
        "{flow} => delivered interface-accepts; reply dropped network-acl-egress"
    ));
    acl("a", vec![allow(1, tcp(443, 443), "0.0.0.0/0")], vec![all()]).expect(&format!(
        "{flow} => delivered interface-accepts; reply dropped network-acl-ingress"
    ));
    // Neither ACL when the target is in the node's subnet.
    acl("b", vec![allow(1, tcp(443, 443), "0.0.0.0/0")], vec![all()]).expect(&format!(
        "c 10.0.1.10 -> 10.0.2.100 tcp/443 pick 1 => {DELIVERED}"
    ));
}

#[test]
fn a_clients_address_goes_straight() {
    let peered = preserving()
        .vpc("w", &["10.1.0.0/16"])
        .subnet("e", "w", &["10.1.1.0/24"])
        .interface("z", "e", "w", &["10.1.1.10"])
        .peering("p", "v", "w")
        .route("v", "10.1.0.0/16", Target::Peering("p".into()))
        .route("w", "10.0.0.0/16", Target::Peering("p".into()))
        .target_group("u", Family::V4, &["10.1.1.10:80", "10.2.0.1:80"])
        .listener("l", 80, &["u"]);
    let flow = "c 10.0.1.10 -> 10.0.1.100 tcp/80 pick 1";
    peered.expect(&format!("{flow} => {DELIVERED}"));
    let keep = |lab: Lab| lab.with(|lab| lab.target_group_mut("u").preserve_client_address = true);
    keep(peered.clone()).expect(&format!(
        "{flow} => undetermined load-balancer-preserves; reply undetermined load-balancer-preserves"
    ));
    let internet = peered.internet_gateway("i", Some("v")).route(
        "v",
        "0.0.0.0/0",
        Target::InternetGateway("i".into()),
    );
    keep(internet)
        .expect("c 10.0.1.10 -> 10.0.1.100 tcp/80 pick 2 => dropped load-balancer-preserves");
    // A middlebox between subnets is no straight way.
    let boxed = preserving()
        .appliance("m", "a", "v", &["10.0.1.50"], Middlebox::Forwards)
        .route("v", "10.0.3.0/24", Target::NetworkInterface("m".into()));
    boxed.expect(&format!("{FLOW} pick 2 => dropped load-balancer-preserves"));
}

#[test]
fn a_clients_address_is_not_kept_to_another_relay() {
    let lab = preserving()
        .load_balancer("n", LoadBalancerKind::Network, &[("d", "v", "10.0.3.100")])
        .interface_endpoint("e", "v", "d", "10.0.3.50")
        .target_group("u", Family::V4, &["10.0.3.100:443", "10.0.3.50:443"])
        .listener("n", 443, &["t"])
        .listener("l", 80, &["u"]);
    for pick in ["1.1", "2"] {
        let flow = format!("c 10.0.1.10 -> 10.0.1.100 tcp/80 pick {pick}");
        lab.clone().expect(&format!("{flow} => {DELIVERED}"));
        let keep = lab
            .clone()
            .with(|lab| lab.target_group_mut("u").preserve_client_address = true);
        keep.expect(&format!("{flow} => dropped load-balancer-preserves"));
    }
}

/// A Network Load Balancer in front of an Application Load Balancer.
fn two() -> Lab {
    application()
        .load_balancer("n", LoadBalancerKind::Network, &[("d", "", "10.0.3.100")])
        .target_group("alb", Family::V4, &["lb l:443"])
        .listener("n", 443, &["alb"])
}

#[test]
fn relays_hand_on_one_after_another() {
    let flow = "c 10.0.1.10 -> 10.0.3.100 tcp/443";
    for picks in ["1", "2", "1.1", "2.2"] {
        two().expect(&format!("{flow} pick {picks} => {DELIVERED}"));
    }
    for picks in ["3", "1.3"] {
        two().expect(&format!(
            "{flow} pick {picks} => dropped load-balancer-target"
        ));
    }
    let trace = two().load().trace(&read_flow(&format!("{flow} pick 2.1")));
    let nodes: Vec<_> = trace
        .forward
        .iter()
        .filter(|hop| hop.clause == Clause::InterfaceAccepts)
        .map(|hop| {
            (
                hop.component.to_string(),
                hop.effect == model::Effect::Delivered,
            )
        })
        .collect();
    let expected = [("n-d", false), ("l-b", false), ("x", true)];
    assert_eq!(nodes, expected.map(|(id, last)| (id.to_owned(), last)));
}

#[test]
fn load_balancer_limit() {
    // Its own node is its target.
    let lab = network()
        .target_group("self", Family::V4, &["10.0.1.100:80"])
        .listener("l", 80, &["self"]);
    let flow = "c 10.0.1.10 -> 10.0.1.100 tcp/80";
    lab.expect(&format!("{flow} pick 1.1.1 => {DELIVERED}"));
    lab.expect(&format!(
        "{flow} pick 1.1.1.1 => undetermined load-balancer-limit; reply undetermined load-balancer-limit"
    ));
}

#[test]
fn from_the_internet_to_a_private_target() {
    let lab = |lab: Lab| {
        lab.internet_gateway("i", Some("v"))
            .table("public", "v", &["a"])
            .route("public", "0.0.0.0/0", Target::InternetGateway("i".into()))
            .with(|lab| {
                lab.interface_mut("l-a").addresses[0].public =
                    Some(model::AddressValue::Known(address("203.0.113.10")));
            })
    };
    let flow = "internet 8.8.8.8 -> 203.0.113.10 tcp/443 pick 2";
    lab(application()).expect(&format!("{flow} => {DELIVERED}"));
    lab(preserving()).expect(&format!("{flow} => {DELIVERED}"));
    let admits = |kind: Lab, block: &str| {
        lab(kind)
            .group("g", "v", vec![from_cidr(RuleTraffic::All, block)], vec![])
            .with(|lab| lab.interface_mut("y").groups = Value::Known(["g".into()].into()))
    };
    admits(preserving(), "8.8.8.8/32").expect(&format!("{flow} => {DELIVERED}"));
    admits(application(), "8.8.8.8/32")
        .expect(&format!("{flow} => dropped security-group-ingress"));
    admits(application(), "10.0.1.100/32").expect(&format!("{flow} => {DELIVERED}"));
}
