//! `nat-gateway-address`.

use model::Target;

use super::lab::{Lab, allow};

/// `p` in `b` behind the NAT gateway `n` of the public subnet `a`, whose interface has these
/// addresses; `x` is in `a`, `y` in `b`, `z` in a peered VPC.
pub fn several(addresses: &[&str]) -> Lab {
    let nat = || Target::NatGateway("n".into());
    Lab::default()
        .vpc("v", &["10.0.0.0/16"])
        .subnet("a", "v", &["10.0.1.0/24"])
        .subnet("b", "v", &["10.0.2.0/24"])
        .vpc("w", &["10.1.0.0/16"])
        .subnet("far", "w", &["10.1.1.0/24"])
        .interface("z", "far", "w", &["10.1.1.10"])
        .peering("peer", "v", "w")
        .internet_gateway("i", Some("v"))
        .nat_gateway("n", "a", "v", addresses)
        .table("public", "v", &["a"])
        .route("public", "0.0.0.0/0", Target::InternetGateway("i".into()))
        .route("public", "10.1.0.0/16", Target::Peering("peer".into()))
        .table("private", "v", &["b"])
        .route("private", "0.0.0.0/0", nat())
        .route("private", "10.0.1.0/24", nat())
        .interface("p", "b", "v", &["10.0.2.10"])
        .interface("x", "a", "v", &["10.0.1.10"])
}

pub const TO_INTERNET: &str = "p 10.0.2.10 -> 8.8.8.8 tcp/443 =>";
const OPEN: &str = "undetermined nat-gateway-address; reply undetermined nat-gateway-address";

#[test]
fn addresses_that_are_alike_do_not_matter_to_an_internet_gateway() {
    let delivered = "delivered internet-gateway-delivers; reply delivered reply-returns";
    let mapped = ["10.0.1.99=203.0.113.99", "10.0.1.98=203.0.113.98"];
    several(&mapped).expect(&format!("{TO_INTERNET} {delivered}"));
    several(&mapped[..1]).expect(&format!("{TO_INTERNET} {delivered}"));
    let none = ["10.0.1.99", "10.0.1.98"];
    let dropped = "dropped internet-gateway-public-address";
    several(&none).expect(&format!("{TO_INTERNET} {dropped}"));
}

#[test]
fn which_of_several_addresses_it_sends_from_is_open() {
    let mixed = ["10.0.1.99=203.0.113.99", "10.0.1.98"];
    several(&mixed).expect(&format!("{TO_INTERNET} {OPEN}"));
    // By the first address the packet would be dropped.
    let first = ["10.0.1.98", "10.0.1.99=203.0.113.99"];
    several(&first).expect(&format!("{TO_INTERNET} {OPEN}"));
    let mapped = ["10.0.1.99=203.0.113.99", "10.0.1.98=203.0.113.98"];
    for to in ["10.1.1.10", "10.0.1.10"] {
        several(&mapped).expect(&format!("p 10.0.2.10 -> {to} tcp/443 => {OPEN}"));
    }
}

#[test]
fn a_certain_drop_decides_before_the_address_and_none_behind_it() {
    let mapped = ["10.0.1.99=203.0.113.99", "10.0.1.98=203.0.113.98"];
    let flow = "p 10.0.2.10 -> 10.1.1.10 tcp/443 => dropped";
    let lab = several(&mapped).acl(
        "closed",
        "v",
        &["a"],
        vec![allow(1, model::RuleTraffic::All, "0.0.0.0/0")],
        vec![],
    );
    lab.expect(&format!("{flow} network-acl-egress"));
    let closed = several(&mapped)
        .group("closed", "w", vec![], vec![])
        .with(|lab| lab.interface_mut("z").groups = model::Value::Known(["closed".into()].into()));
    closed.expect(&format!("p 10.0.2.10 -> 10.1.1.10 tcp/443 => {OPEN}"));
    let lost = format!("p 10.0.2.10 -> 10.1.1.11 tcp/443 => {OPEN}");
    several(&mapped).expect(&lost);
}
