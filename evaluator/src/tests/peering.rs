use model::{Clause, RulePeer, RuleTraffic, Target};

use super::lab::{Lab, allow, rule, tcp};

fn to_peering() -> Target {
    Target::Peering("q".into())
}

/// `x` in `v`, `y` in `w`, joined by `q` with routes on both sides.
fn two() -> Lab {
    Lab::default()
        .vpc("v", &["10.0.0.0/16"])
        .vpc("w", &["10.1.0.0/16"])
        .subnet("a", "v", &["10.0.1.0/24"])
        .subnet("b", "w", &["10.1.1.0/24"])
        .interface("x", "a", "v", &["10.0.1.10"])
        .interface("y", "b", "w", &["10.1.1.10"])
        .peering("q", "v", "w")
        .route("v", "10.1.0.0/16", to_peering())
}

fn both_ways() -> Lab {
    two().route("w", "10.0.0.0/16", to_peering())
}

const FLOW: &str = "x 10.0.1.10 -> 10.1.1.10 tcp/443";

#[test]
fn peering_active() {
    both_ways().expect(&format!(
        "{FLOW} => delivered interface-accepts; reply delivered reply-returns"
    ));
    let lab = both_ways().with(|lab| lab.draft.peerings[0].active = false);
    lab.expect(&format!("{FLOW} => dropped peering-active"));
}

#[test]
fn the_reply_needs_a_route_of_its_own() {
    two().expect(&format!(
        "{FLOW} => delivered interface-accepts; reply dropped longest-prefix-match"
    ));
    let elsewhere = two().internet_gateway("i", Some("w")).route(
        "w",
        "0.0.0.0/0",
        Target::InternetGateway("i".into()),
    );
    elsewhere.expect(&format!(
        "{FLOW} => delivered interface-accepts; reply dropped reply-returns"
    ));
}

#[test]
fn peering_addresses() {
    let lab = both_ways().route("v", "0.0.0.0/0", to_peering());
    lab.expect("x 10.0.1.10 -> 10.2.1.10 tcp/443 => dropped peering-addresses");
    let lab = lab.with(|lab| lab.interface_mut("x").source_destination_check = false);
    lab.expect("x 10.9.1.10 -> 10.1.1.10 tcp/443 => dropped peering-addresses");
}

#[test]
fn peering_outside() {
    let lab = Lab::default()
        .vpc("v", &["10.0.0.0/16"])
        .subnet("a", "v", &["10.0.1.0/24"])
        .interface("x", "a", "v", &["10.0.1.10"])
        .peering("q", "v", "elsewhere")
        .route("v", "10.1.0.0/16", to_peering());
    lab.expect(&format!(
        "{FLOW} => undetermined peering-outside; reply undetermined peering-outside"
    ));
}

#[test]
fn a_reference_crosses_a_peering_of_one_region() {
    let by_group = || vec![rule(RuleTraffic::All, RulePeer::Group("v".into()))];
    let lab =
        both_ways()
            .group("g", "w", by_group(), vec![])
            .interface("z", "b", "g", &["10.1.1.20"]);
    let flow = "x 10.0.1.10 -> 10.1.1.20 tcp/443";
    lab.expect(&format!(
        "{flow} => delivered interface-accepts; reply delivered reply-returns"
    ));
    lab.passes(flow, Clause::SecurityGroupReference);
    let far = lab.with(|lab| lab.draft.vpcs[1].region = "eu-west-1".into());
    far.expect(&format!("{flow} => dropped security-group-ingress"));
}

#[test]
fn nat_gateway_return_to_sender() {
    let lab = Lab::default()
        .vpc("v", &["10.0.0.0/16"])
        .vpc("w", &["10.1.0.0/16"])
        .subnet("a", "v", &["10.0.1.0/24"])
        .subnet("n", "v", &["10.0.2.0/24"])
        .subnet("b", "w", &["10.1.1.0/24"])
        .interface("x", "a", "v", &["10.0.1.10"])
        .interface("y", "b", "w", &["10.1.1.10"])
        .nat_gateway("n", "n", "v", &["10.0.2.99"])
        .peering("q", "v", "w")
        .route("v", "10.1.0.0/16", to_peering())
        .table("private", "v", &["a"])
        .route("private", "10.1.0.0/16", Target::NatGateway("n".into()));
    // No route of `w` leads back.
    lab.expect(&format!(
        "{FLOW} => delivered interface-accepts; reply delivered reply-returns"
    ));
    lab.passes(FLOW, Clause::NatGatewayReturnToSender);
    let all = || allow(1, RuleTraffic::All, "0.0.0.0/0");
    let acl = lab.acl(
        "m",
        "w",
        &["b"],
        vec![all()],
        vec![allow(1, tcp(1024, 2000), "10.0.2.99/32")],
    );
    acl.expect(&format!(
        "{FLOW} => delivered interface-accepts; reply undetermined nat-gateway-source-port"
    ));
}
