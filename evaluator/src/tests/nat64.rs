//! `nat-gateway-nat64`, and verdicts of scopes whose flows it translates.

use std::collections::BTreeSet;

use model::{
    Clause, Engine, Family, LoadBalancerKind, Origin, Place, RuleTraffic, Scope, Target,
    TrafficClass, Verdict,
};

use super::checks::{
    all_traffic, always, any_tcp, expect, interfaces, never, scope, sometimes, to, told,
};
use super::lab::{Lab, allow, cidr, deny, from_cidr, tcp};
use super::relayed::relayed;

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

/// The same without a way to the internet.
fn private() -> Lab {
    only_v6().with(|lab| lab.interface_mut("n").addresses[0].public = None)
}

fn from_p(place: Place, classes: Vec<TrafficClass>) -> Scope {
    scope(interfaces(&["p"]), place, classes)
}

/// `translating`, with `p` sending nothing but IPv6.
fn only_v6() -> Lab {
    let egress = vec![from_cidr(RuleTraffic::All, "::/0")];
    translating()
        .group("six", "v", vec![], egress)
        .with(|lab| lab.interface_mut("p").groups = model::Value::Known(["six".into()].into()))
}

#[test]
fn the_internet_is_reached_by_nat64() {
    let lab = only_v6();
    let place = || Place::Internet;
    // Without relayed flows nothing is.
    expect(&lab, &never(from_p(place(), all_traffic())), "holds");
    let counted = || relayed(from_p(place(), vec![any_tcp()]));
    let witness = "p: 2600:1f00:0:2::a -> 64:ff9b::808:808 tcp/443 from port 40000";
    expect(&lab, &never(counted()), &format!("violated {witness}"));
    expect(&lab, &sometimes(counted()), &format!("holds {witness}"));
    // The family is that of the packet as received.
    let of = |family| Scope {
        families: BTreeSet::from([family]),
        ..counted()
    };
    let of_v4 = never(of(Family::V4));
    expect(&lab, &of_v4, &format!("violated {witness}"));
    expect(&lab, &never(of(Family::V6)), "holds");
    // So are type and code.
    let ping = |class| never(relayed(from_p(place(), vec![class])));
    let echo = TrafficClass::Icmp {
        types: 8..=8,
        codes: 0..=0,
    };
    expect(
        &lab,
        &ping(echo),
        "violated p: 2600:1f00:0:2::a -> 64:ff9b::808:808 icmpv6/128/0",
    );
    let other = TrafficClass::Icmp {
        types: 9..=9,
        codes: 0..=255,
    };
    expect(&lab, &ping(other), "holds");
    let before = TrafficClass::Icmpv6 {
        types: 128..=128,
        codes: 0..=255,
    };
    expect(&lab, &ping(before), "holds");
}

#[test]
fn a_private_address_is_reached_by_nat64() {
    let lab = private();
    let to_y = || from_p(to(&["y"]), vec![any_tcp()]);
    expect(&lab, &never(to_y()), "holds");
    let witness = "violated p: 2600:1f00:0:2::a -> 64:ff9b::a00:30a tcp/443 from port 40000";
    expect(&lab, &never(relayed(to_y())), witness);
    // Its group sees the NAT gateway.
    let admits = |source: &str| {
        let ingress = vec![from_cidr(tcp(80, 80), source)];
        private()
            .group("y", "v", ingress, vec![])
            .with(|lab| lab.interface_mut("y").groups = model::Value::Known(["y".into()].into()))
    };
    let witness = "violated p: 2600:1f00:0:2::a -> 64:ff9b::a00:30a tcp/80 from port 40000";
    expect(&admits("10.0.1.99/32"), &never(relayed(to_y())), witness);
    expect(&admits("10.0.2.10/32"), &never(relayed(to_y())), "holds");
    let block = Place::Cidrs(BTreeSet::from([cidr("10.0.3.8/29")]));
    let in_block = relayed(from_p(block, vec![any_tcp()]));
    expect(&admits("10.0.1.99/32"), &never(in_block), witness);
    // One address is left out by the sender's own rule.
    let but_y = private().with(|lab| {
        let mut groups = lab.draft.security_groups.iter_mut();
        let six = groups
            .find(|group| group.id.as_str() == "six")
            .expect("six");
        six.egress = vec![from_cidr(RuleTraffic::All, "64:ff9b::a00:300/125")];
    });
    expect(&but_y, &never(relayed(to_y())), "holds");
}

#[test]
fn relays_behind_nat64_hand_on() {
    let lab = private()
        .load_balancer("l", LoadBalancerKind::Network, &[("c", "v", "10.0.3.100")])
        .target_group("t", Family::V4, &["y:8080"])
        .listener("l", 444, &["t"]);
    let to_y = relayed(from_p(
        to(&["y"]),
        vec![TrafficClass::Tcp {
            source_ports: 0..=u16::MAX,
            destination_ports: 8080..=8080,
        }],
    ));
    let ingress = vec![from_cidr(tcp(8080, 8080), "10.0.3.100/32")];
    let behind = lab
        .group("y", "v", ingress, vec![])
        .with(|lab| lab.interface_mut("y").groups = model::Value::Known(["y".into()].into()));
    expect(
        &behind,
        &never(to_y),
        "violated p: 2600:1f00:0:2::a -> 64:ff9b::a00:364 tcp/444 from port 40000 pick 1",
    );
}

#[test]
fn what_is_open_on_the_way_to_nat64_may_go_anywhere() {
    let counted = |lab: &Lab, place| {
        let verdict = lab
            .load()
            .check(&never(relayed(from_p(place, vec![any_tcp()]))));
        told(&verdict)
    };
    let unknown = private().table("open", "v", &["b"]).route_of(
        "open",
        model::Value::Known(model::RouteDestination::Cidr(cidr("64:ff9b::/96"))),
        model::Value::Any(model::Hole::new("the target")),
    );
    for place in [Place::Internet, to(&["y"])] {
        assert!(counted(&unknown, place).starts_with("unknown"));
    }
    let several = only_v6().with(|lab| {
        let nat = lab.interface_mut("n");
        nat.addresses.push(model::InterfaceAddress {
            private: model::AddressValue::Known(super::lab::address("10.0.1.98")),
            public: None,
        });
    });
    assert!(counted(&several, Place::Internet).contains("the address that n sends from"));
    // What is sent to the public address of the NAT gateway itself comes back in, and ends there.
    let shut = only_v6()
        .group("shut", "v", vec![], vec![])
        .with(|lab| lab.interface_mut("y").groups = model::Value::Known(["shut".into()].into()));
    assert_eq!(counted(&shut, to(&["y"])), "holds");
    // Elsewhere nothing changes.
    let nowhere = private().table("none", "v", &["b"]);
    for place in [Place::Internet, to(&["y"])] {
        assert_eq!(counted(&nowhere, place), "holds");
    }
}

#[test]
fn an_open_address_is_reached_by_nat64_in_some_completion() {
    let lab = private().interface("o", "c", "v", &["10.0.3.128/25"]);
    let to_o = || relayed(from_p(to(&["o"]), vec![any_tcp()]));
    // Which value leads to it differs, so no one flow does in all.
    let verdict = lab.load().check(&never(to_o()));
    assert!(
        matches!(verdict, Verdict::Unknown { .. }),
        "{}",
        told(&verdict)
    );
    let closed = lab
        .group("shut", "v", vec![], vec![])
        .with(|lab| lab.interface_mut("o").groups = model::Value::Known(["shut".into()].into()));
    expect(&closed, &never(to_o()), "holds");
}

#[test]
fn direct_flows_to_the_range_are_cut_behind_it() {
    // As sent the destination is in the block, and only one of them arrives at `y`.
    let range = || Place::Cidrs(BTreeSet::from([cidr("64:ff9b::a00:300/120")]));
    let lab = private();
    let witness = "p: 2600:1f00:0:2::a -> 64:ff9b::a00:30a tcp/443 from port 40000";
    let direct = || from_p(range(), vec![any_tcp()]);
    expect(&lab, &never(direct()), &format!("violated {witness}"));
    let verdict = lab.load().check(&always(direct()));
    assert!(told(&verdict).starts_with("violated"));
}

#[test]
fn a_host_on_premises_is_translated_over_a_transit_gateway() {
    let lab = private()
        .transit_gateway("t")
        .attach_on_premises(
            "office",
            "t",
            model::OnPremisesService::Vpn,
            &["2600:1f77::/32"],
        )
        .attach("v-t", "t", "v", &["b"])
        .with(|lab| {
            let attachment = lab.attachment_mut("v-t");
            if let model::AttachmentKind::Vpc { ipv6_support, .. } = &mut attachment.kind {
                *ipv6_support = true;
            }
        })
        .transit_route("t", "64:ff9b::/96", Some("v-t"));
    let office = || Origin::OnPremises {
        blocks: Some(BTreeSet::from([cidr("2600:1f77::/32")])),
        resolver: None,
    };
    let to_y = |relays: bool| Scope {
        relayed: relays,
        ..scope(office(), to(&["y"]), vec![any_tcp()])
    };
    expect(
        &lab,
        &never(Scope {
            families: BTreeSet::from([Family::V4]),
            ..to_y(true)
        }),
        "violated on premises by office: 2600:1f77:: -> 64:ff9b::a00:30a tcp/443 from port 40000",
    );
    expect(&lab, &never(to_y(false)), "vacuous");
}

#[test]
fn codes_of_icmp_are_told_apart_before_nat64() {
    let icmp = RuleTraffic::Icmp(model::IcmpFilter {
        icmp_type: Some(8),
        code: Some(3),
    });
    let lab = private()
        .group("y", "v", vec![from_cidr(icmp, "0.0.0.0/0")], vec![])
        .with(|lab| lab.interface_mut("y").groups = model::Value::Known(["y".into()].into()));
    expect(
        &lab,
        &never(relayed(from_p(to(&["y"]), all_traffic()))),
        "violated p: 2600:1f00:0:2::a -> 64:ff9b::a00:30a icmpv6/128/3",
    );
}
