use std::collections::BTreeSet;

use model::{Family, LoadBalancerKind, LoadBalancerName, Place, Target};

use super::checks::{always, any_tcp, expect, interfaces, never, scope, sometimes};
use super::lab::Lab;
use super::resolve;

const NAME: &str = "l-1.elb.ap-northeast-1.amazonaws.com";

fn named(lab: Lab, id: &str, internet_facing: bool) -> Lab {
    lab.with(|lab| {
        lab.load_balancer_mut(id).name = Some(LoadBalancerName {
            name: NAME.into(),
            internet_facing,
        });
    })
}

/// `x` and a load balancer `l` with nodes in `a` and `b`.
fn lab(internet_facing: bool, nodes: [&str; 2]) -> Lab {
    let lab = Lab::default()
        .vpc("v", &["10.0.0.0/16", "2600:1f00::/56"])
        .subnet("a", "v", &["10.0.1.0/24", "2600:1f00::/64"])
        .subnet("b", "v", &["10.0.2.0/24", "2600:1f00:0:1::/64"])
        .internet_gateway("i", Some("v"))
        .route("v", "0.0.0.0/0", Target::InternetGateway("i".into()))
        .interface("x", "a", "v", &["10.0.1.10=203.0.113.10"])
        .target_group("t", Family::V4, &["x:8080"])
        .load_balancer(
            "l",
            LoadBalancerKind::Network,
            &[("a", "v", nodes[0]), ("b", "v", nodes[1])],
        )
        .listener("l", 443, &["t"]);
    named(lab, "l", internet_facing)
}

const PRIVATE: [&str; 2] = ["10.0.1.100", "10.0.2.100"];
const PUBLIC: [&str; 2] = ["10.0.1.100=203.0.113.100", "10.0.2.100=203.0.113.101"];

#[track_caller]
fn meant(lab: &Lab, name: &str, expected: &str) {
    resolve::expect(lab, "v", name, &format!("load-balancer-name {expected}"));
}

#[test]
fn load_balancer_name() {
    meant(&lab(false, PRIVATE), NAME, "l-a l-b");
    meant(&lab(false, PUBLIC), &format!("dualstack.{NAME}"), "l-a l-b");
    let public = "203.0.113.100 203.0.113.101";
    meant(&lab(true, PUBLIC), NAME, public);
    for zonal in ["ap-northeast-1a", "dualstack.dualstack", "x"] {
        let zonal = format!("{zonal}.{NAME}");
        meant(&lab(true, PUBLIC), &zonal, "undetermined");
    }
    let other = format!("x{NAME}");
    let other_name = "name-unmodelled undetermined";
    resolve::expect(&lab(true, PUBLIC), "v", &other, other_name);
}

#[test]
fn a_name_means_no_address_that_is_not_known() {
    let none = lab(true, ["10.0.1.100=203.0.113.100", "10.0.2.100"]);
    let open = lab(
        true,
        ["10.0.1.100=203.0.113.0/24", "10.0.2.100=203.0.113.101"],
    );
    let v6 = lab(true, ["2600:1f00::/64", "10.0.2.100=203.0.113.101"]);
    for unknown in [none, open, v6] {
        meant(&unknown, NAME, "undetermined");
    }
    let known = ["2600:1f00::100", "10.0.2.0/24=203.0.113.101"];
    meant(&lab(true, known), NAME, "203.0.113.101 2600:1f00::100");
    meant(&lab(false, ["10.0.1.0/24", "10.0.2.100"]), NAME, "l-a l-b");
}

#[test]
fn two_of_one_name_mean_neither() {
    let kind = LoadBalancerKind::Application;
    let two = lab(false, PRIVATE).load_balancer("m", kind, &[("a", "v", "10.0.1.200")]);
    meant(&named(two, "m", false), NAME, "undetermined");
}

#[test]
fn names_of_load_balancers_are_places() {
    let mut asked = scope(
        interfaces(&["x"]),
        Place::Name(NAME.into()),
        vec![any_tcp()],
    );
    asked.families = BTreeSet::from([Family::V4]);
    let mut at_443 = asked.clone();
    at_443.traffic.classes = vec![model::TrafficClass::Tcp {
        source_ports: 1024..=65535,
        destination_ports: 443..=443,
    }];
    let inner = lab(false, PRIVATE);
    expect(&inner, &always(at_443.clone()), "holds");
    expect(
        &inner,
        &sometimes(asked.clone()),
        "holds x: 10.0.1.10 -> 10.0.1.100 tcp/443 from port 40000",
    );
    // From inside its name leads out and back in.
    let outer = lab(true, PUBLIC);
    expect(
        &outer,
        &sometimes(asked.clone()),
        "holds x: 10.0.1.10 -> 203.0.113.100 tcp/443 from port 40000",
    );
    expect(&outer, &always(at_443), "holds");
    let half = lab(true, ["10.0.1.100=203.0.113.100", "10.0.2.100"]);
    for law in [always(asked.clone()), never(asked)] {
        expect(&half, &law, "unknown on public addresses of l");
    }
}
