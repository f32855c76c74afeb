//! `nat-gateway-nat64`, and verdicts of scopes whose flows it translates.

use model::{Clause, RuleTraffic, Target};

use super::lab::{Lab, allow, deny, tcp};

fn nat() -> Target {
    Target::NatGateway("n".into())
}

/// `p` in `b`, which leads 64:ff9b::/96 to the NAT gateway `n` of the public subnet `a`, where `x`
/// is too; `y` in `c`.
pub fn translating() -> Lab {
    Lab::default()
        .vpc("v", &["10.0.0.0/16", "2600:1f00::/56"])
        .subnet("a", "v", &["10.0.1.0/24"])
        .subnet("b", "v", &["10.0.2.0/24", "2600:1f00:0:2::/64"])
        .subnet("c", "v", &["10.0.3.0/24"])
        .internet_gateway("i", Some("v"))
        .nat_gateway("n", "a", "v", &["10.0.1.99=203.0.113.99"])
        .table("public", "v", &["a"])
        .route("public", "0.0.0.0/0", Target::InternetGateway("i".into()))
        .table("private", "v", &["b"])
        .route("private", "64:ff9b::/96", nat())
        .interface("p", "b", "v", &["10.0.2.10", "2600:1f00:0:2::a"])
        .interface("x", "a", "v", &["10.0.1.10"])
        .interface("y", "c", "v", &["10.0.3.10"])
}

/// A flow of `p` to an IPv4 address.
fn by_nat64(to: &str, rest: &str) -> String {
    format!("p 2600:1f00:0:2::a -> {} {rest}", written(to))
}

/// The address by which NAT64 leads to an IPv4 address.
pub fn written(to: &str) -> String {
    let to: std::net::Ipv4Addr = to.parse().expect(to);
    let [first, second, third, fourth] = to.octets();
    format!("64:ff9b::{first:02x}{second:02x}:{third:02x}{fourth:02x}")
}

const DELIVERED: &str = "delivered internet-gateway-delivers; reply delivered reply-returns";
const ACCEPTED: &str = "delivered interface-accepts; reply delivered reply-returns";

#[test]
fn nat_gateway_nat64_and_back() {
    let lab = translating();
    for transport in ["tcp/443", "udp/53", "icmpv6/128/0"] {
        lab.expect(&by_nat64("8.8.8.8", &format!("{transport} => {DELIVERED}")));
        // In the NAT gateway's own subnet the listener has the ACL of no subnet before it.
        lab.expect(&by_nat64(
            "10.0.1.10",
            &format!("{transport} => {ACCEPTED}"),
        ));
        lab.expect(&by_nat64(
            "10.0.3.10",
            &format!("{transport} => {ACCEPTED}"),
        ));
    }
    lab.passes(&by_nat64("8.8.8.8", "tcp/443"), Clause::NatGatewayNat64);
    for transport in ["icmpv6/129/0", "icmpv6/1/0", "protocol/47"] {
        let flow = by_nat64("8.8.8.8", transport);
        lab.expect(&format!("{flow} => dropped nat-gateway-protocol"));
    }
    // What it becomes is judged as IPv4.
    for (to, clause) in [
        ("192.168.0.1", "internet-gateway-private-destination"),
        ("169.254.169.254", "route-reserved-range"),
        ("10.0.9.9", "address-owner"),
        ("10.0.1.99", "nat-gateway-outbound-only"),
    ] {
        lab.expect(&by_nat64(to, &format!("tcp/443 => dropped {clause}")));
    }
}

#[test]
fn nat64_asks_the_steps_of_the_nat_gateway() {
    let down = translating().with(|lab| lab.draft.nat_gateways[0].available = false);
    down.expect(&by_nat64(
        "8.8.8.8",
        "tcp/443 => dropped nat-gateway-available",
    ));
    let check = translating().with(|lab| lab.interface_mut("p").source_destination_check = false);
    check.expect("p 2600:1f00:9::a -> 64:ff9b::808:808 tcp/443 => dropped nat-gateway-source");
    let looped = translating()
        .table("loop", "v", &["a"])
        .route("loop", "0.0.0.0/0", nat());
    looped.expect(&by_nat64("8.8.8.8", "tcp/443 => dropped nat-gateway-chain"));
}

#[test]
fn nat64_is_ipv6_before_the_nat_gateway_and_ipv4_behind_it() {
    let everything = || {
        vec![
            allow(91, RuleTraffic::All, "::/0"),
            allow(92, RuleTraffic::All, "0.0.0.0/0"),
        ]
    };
    let filtered = |ingress: model::AclEntry| {
        let mut all = everything();
        all.push(ingress);
        translating().acl("filter", "v", &["a"], all, everything())
    };
    // The request comes as IPv6, its reply as IPv4.
    let six = filtered(deny(1, RuleTraffic::All, "2600:1f00::/56"));
    six.expect(&by_nat64(
        "8.8.8.8",
        "tcp/443 => dropped network-acl-ingress",
    ));
    let four = filtered(deny(1, RuleTraffic::All, "8.8.8.8/32"));
    four.expect(&by_nat64(
        "8.8.8.8",
        "tcp/443 => delivered internet-gateway-delivers; reply dropped network-acl-ingress",
    ));
    let some = filtered(deny(1, tcp(1024, 2000), "8.8.8.8/32"));
    some.expect(&by_nat64(
        "8.8.8.8",
        "tcp/443 => delivered internet-gateway-delivers; reply undetermined nat-gateway-source-port",
    ));
    // At the client it is for the client's own port, from the address that it sent to.
    let client = |block: &str| {
        let ingress = vec![allow(1, tcp(40000, 40000), block)];
        translating().acl("own", "v", &["b"], ingress, everything())
    };
    client("64:ff9b::808:808/128").expect(&by_nat64("8.8.8.8", &format!("tcp/443 => {DELIVERED}")));
    client("0.0.0.0/0").expect(&by_nat64(
        "8.8.8.8",
        "tcp/443 => delivered internet-gateway-delivers; reply dropped network-acl-ingress",
    ));
}

#[test]
fn nat64_behind_and_before_other_devices() {
    let lab = translating()
        .vpc("w", &["10.1.0.0/16"])
        .subnet("far", "w", &["10.1.1.0/24"])
        .interface("z", "far", "w", &["10.1.1.10"])
        .peering("peer", "v", "w")
        .route("public", "10.1.0.0/16", Target::Peering("peer".into()));
    // `nat-gateway-return-to-sender`.
    lab.expect(&by_nat64("10.1.1.10", &format!("tcp/443 => {ACCEPTED}")));
    let firewall = translating()
        .subnet("f", "v", &["10.0.4.0/24", "2600:1f00:0:4::/64"])
        .appliance("fw", "f", "v", &["10.0.4.10"], model::Middlebox::Forwards)
        .table("firewall", "v", &["f"])
        .route("firewall", "64:ff9b::/96", nat())
        .table("led", "v", &["b"])
        .route("led", "64:ff9b::/96", Target::NetworkInterface("fw".into()))
        .route(
            "public",
            "2600:1f00:0:2::/64",
            Target::NetworkInterface("fw".into()),
        );
    firewall.expect(&by_nat64("8.8.8.8", &format!("tcp/443 => {DELIVERED}")));
}
