use model::{Clause, Hole, Route, RouteDestination, RouteOrigin, RouteState, Target, Value};

use super::lab::{Lab, cidr};

fn tgw(id: &str) -> Target {
    Target::Unmodelled {
        kind: "transit-gateway".into(),
        id: id.into(),
    }
}

fn igw() -> Target {
    Target::InternetGateway("i".into())
}

fn list(id: &str) -> Value<RouteDestination> {
    Value::Known(RouteDestination::PrefixList(id.into()))
}

/// `x` behind an internet gateway that only awaits a route.
fn one() -> Lab {
    Lab::default()
        .vpc("v", &["10.0.0.0/16"])
        .subnet("a", "v", &["10.0.1.0/24"])
        .interface("x", "a", "v", &["10.0.1.10=203.0.113.10"])
        .internet_gateway("i", Some("v"))
        .internet_gateway("detached", None)
}

fn propagated(destination: &str, target: Target) -> Route {
    Route {
        destination: Value::Known(RouteDestination::Cidr(cidr(destination))),
        target: Value::Known(target),
        origin: RouteOrigin::Propagated,
        state: RouteState::Active,
    }
}

const OUT: &str = "x 10.0.1.10 -> 8.8.8.8 tcp/443";

#[test]
fn longest_prefix_match() {
    let detached = || Target::InternetGateway("detached".into());
    one().expect(&format!("{OUT} => dropped longest-prefix-match"));
    let lab = one()
        .route("v", "0.0.0.0/0", detached())
        .route("v", "8.0.0.0/8", igw());
    lab.expect(&format!(
        "{OUT} => delivered internet-gateway-delivers; reply delivered reply-returns"
    ));
    lab.expect("x 10.0.1.10 -> 9.8.8.8 tcp/443 => dropped internet-gateway-attached");
    lab.passes(OUT, Clause::LongestPrefixMatch);
    // Each entry of a list competes at its own length.
    let lab = one()
        .list("l", false, Some(&["8.8.0.0/16", "9.0.0.0/8"]))
        .route("v", "8.0.0.0/8", detached())
        .route("v", "9.9.0.0/16", detached())
        .route_of("v", list("l"), Value::Known(igw()));
    lab.expect(&format!("{OUT} => delivered internet-gateway-delivers"));
    lab.expect("x 10.0.1.10 -> 9.9.8.8 tcp/443 => dropped internet-gateway-attached");
    lab.expect("x 10.0.1.10 -> 9.8.8.8 tcp/443 => delivered internet-gateway-delivers");
}

#[test]
fn route_reserved_range() {
    one()
        .route("v", "0.0.0.0/0", igw())
        .expect("x 10.0.1.10 -> 169.254.171.255 tcp/443 => dropped route-reserved-range");
}

#[test]
fn route_tie_break() {
    let lab = one()
        .list("l", false, Some(&["8.0.0.0/8"]))
        .route_of("v", list("l"), Value::Known(tgw("t")))
        .route("v", "8.0.0.0/8", igw())
        .with(|lab| {
            lab.table_mut("v")
                .routes
                .push(propagated("8.0.0.0/8", tgw("u")))
        });
    lab.expect(&format!("{OUT} => delivered internet-gateway-delivers"));
    lab.passes(OUT, Clause::RouteTieBreak);
    let lab = one()
        .list("l", false, Some(&["8.0.0.0/8"]))
        .route_of("v", list("l"), Value::Known(igw()))
        .with(|lab| {
            lab.table_mut("v")
                .routes
                .push(propagated("8.0.0.0/8", tgw("u")))
        });
    lab.expect(&format!("{OUT} => delivered internet-gateway-delivers"));
}

#[test]
fn propagated_inside_vpc() {
    let lab = one()
        .subnet("b", "v", &["10.0.2.0/24"])
        .interface("y", "b", "v", &["10.0.2.10"])
        .with(|lab| {
            lab.table_mut("v")
                .routes
                .push(propagated("10.0.2.0/24", tgw("t")))
        });
    lab.expect("x 10.0.1.10 -> 10.0.2.10 tcp/443 => delivered interface-accepts; reply delivered reply-returns");
    lab.passes(
        "x 10.0.1.10 -> 10.0.2.10 tcp/443",
        Clause::PropagatedInsideVpc,
    );
}

#[test]
fn route_ambiguous() {
    let two = |other: Target| {
        one()
            .list("l", false, Some(&["8.0.0.0/8"]))
            .list("m", false, Some(&["8.0.0.0/8"]))
            .route_of("v", list("l"), Value::Known(igw()))
            .route_of("v", list("m"), Value::Known(other))
    };
    two(tgw("t")).expect(&format!(
        "{OUT} => undetermined route-ambiguous; reply undetermined route-ambiguous"
    ));
    two(igw()).expect(&format!("{OUT} => delivered internet-gateway-delivers"));
}

#[test]
fn route_inside_vpc() {
    one()
        .route("v", "10.0.2.0/24", tgw("t"))
        .expect("x 10.0.1.10 -> 10.0.2.10 tcp/443 => undetermined route-inside-vpc");
}

#[test]
fn prefix_list_entries_unknown() {
    let lab = |managed| {
        one()
            .list("l", managed, None)
            .route_of("v", list("l"), Value::Known(tgw("t")))
            .route("v", "0.0.0.0/0", igw())
            .route("v", "9.9.9.9/32", igw())
    };
    lab(false).expect(&format!(
        "{OUT} => undetermined prefix-list-entries-unknown"
    ));
    lab(true).expect(&format!(
        "{OUT} => undetermined prefix-list-entries-unknown"
    ));
    // A static route of full length cannot be beaten.
    lab(false).expect("x 10.0.1.10 -> 9.9.9.9 tcp/443 => delivered internet-gateway-delivers");
    lab(false)
        .expect("x 10.0.1.10 -> 10.0.9.9 tcp/443 => undetermined prefix-list-entries-unknown");
    lab(true).expect("x 10.0.1.10 -> 10.0.9.9 tcp/443 => dropped address-owner");
    lab(true).expect(
        "x 10.0.1.10 -> 192.168.0.1 tcp/443 => dropped internet-gateway-private-destination",
    );
}

#[test]
fn route_unknown() {
    let hole = || Hole::new("route");
    let any = one().route("v", "0.0.0.0/0", igw()).route_of(
        "v",
        Value::Any(hole()),
        Value::Known(tgw("t")),
    );
    any.expect(&format!(
        "{OUT} => undetermined route-unknown; reply undetermined route-unknown"
    ));
    let one_of = |length| {
        let blocks = [format!("8.8.8.0/{length}"), "192.168.0.0/16".to_owned()];
        let blocks = blocks
            .iter()
            .map(|block| RouteDestination::Cidr(cidr(block)))
            .collect();
        one().route("v", "8.8.8.0/24", igw()).route_of(
            "v",
            Value::OneOf(blocks, hole()),
            Value::Known(tgw("t")),
        )
    };
    one_of(21).expect(&format!("{OUT} => delivered internet-gateway-delivers"));
    one_of(24).expect(&format!("{OUT} => undetermined route-unknown"));
    let target = one().route_of(
        "v",
        Value::Known(RouteDestination::Cidr(cidr("0.0.0.0/0"))),
        Value::Any(hole()),
    );
    target.expect(&format!("{OUT} => undetermined route-unknown"));
    let table = one().with(|lab| lab.draft.subnets[0].route_table = Some(Value::Any(hole())));
    table.expect(&format!("{OUT} => undetermined route-unknown"));
    table.expect("x 10.0.1.10 -> 169.254.171.255 tcp/443 => undetermined route-unknown");
}

#[test]
fn route_blackhole_does_not_fall_through() {
    let lab = one()
        .route("v", "0.0.0.0/0", igw())
        .route("v", "8.0.0.0/8", tgw("t"))
        .with(|lab| lab.table_mut("v").routes[2].state = RouteState::Blackhole);
    lab.expect(&format!("{OUT} => dropped route-blackhole"));
}

#[test]
fn target_unmodelled() {
    one().route("v", "0.0.0.0/0", tgw("t")).expect(&format!(
        "{OUT} => undetermined target-unmodelled; reply undetermined target-unmodelled"
    ));
}

#[test]
fn local_route() {
    let lab = one()
        .subnet("b", "v", &["10.0.2.0/24"])
        .interface("y", "b", "v", &["10.0.2.10"]);
    lab.passes("x 10.0.1.10 -> 10.0.2.10 tcp/443", Clause::LocalRoute);
}

#[test]
fn ipv6_routes_match_no_ipv4_packets() {
    one()
        .route("v", "::/0", igw())
        .expect(&format!("{OUT} => dropped longest-prefix-match"));
}
