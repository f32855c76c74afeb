use std::collections::BTreeSet;

use model::{
    Arrival, Claim, Clause, ComponentId, Effect, Family, Middlebox, OnPremisesGateway,
    OnPremisesService, Origin, Place, Quantifier, RulePeer, RuleTraffic, Target, Value,
};

use super::checks::{always, any_tcp, expect, interfaces, invariant, never, scope, sometimes, to};
use super::lab::{Lab, allow, cidr, from_cidr, read_flow, rule};

fn gateway() -> Target {
    Target::VirtualPrivateGateway("g".into())
}

/// `x` in `v`, whose gateway `g` leads on premises.
fn virtual_private() -> Lab {
    Lab::default()
        .vpc("v", &["10.0.0.0/16", "2600:1f00::/56"])
        .vpc("w", &["10.1.0.0/16"])
        .subnet("a", "v", &["10.0.1.0/24", "2600:1f00:0:1::/64"])
        .interface("x", "a", "v", &["10.0.1.10", "2600:1f00:0:1::a"])
        .virtual_private_gateway(
            "g",
            Some("v"),
            &["192.168.0.0/16", "10.1.0.0/16", "fd77::/48"],
        )
        .route("v", "192.168.0.0/16", gateway())
        .route("v", "fd77::/48", gateway())
}

const OUT: &str = "x 10.0.1.10 -> 192.168.1.1 tcp/443";
const IN: &str = "beyond:g 192.168.1.1 -> 10.0.1.10 tcp/443";
const ACCEPTED: &str = "delivered interface-accepts; reply delivered reply-returns";
const DELIVERED: &str = "delivered on-premises-delivers; reply delivered reply-returns";

#[test]
fn out_and_in_by_a_virtual_private_gateway() {
    virtual_private().expect(&format!("{OUT} => {DELIVERED}"));
    virtual_private().expect(&format!("{IN} => {ACCEPTED}"));
    let v6 = "x 2600:1f00:0:1::a -> fd77::1 tcp/443";
    virtual_private().expect(&format!("{v6} => {DELIVERED}"));
}

#[test]
fn virtual_private_gateway_attached() {
    for vpc in [None, Some("w")] {
        let lab = virtual_private().with(|lab| {
            lab.virtual_private_mut("g").vpc = vpc.map(Into::into);
        });
        lab.expect(&format!(
            "{OUT} => dropped virtual-private-gateway-attached"
        ));
    }
    let detached = virtual_private().with(|lab| lab.virtual_private_mut("g").vpc = None);
    detached.expect(&format!("{IN} => dropped virtual-private-gateway-attached"));
    // It is asked before anything else.
    detached
        .expect("beyond:g 10.0.1.9 -> 8.8.8.8 tcp/443 => dropped virtual-private-gateway-attached");
}

#[test]
fn virtual_private_gateway_source() {
    let lab = virtual_private().with(|lab| {
        lab.interface_mut("x").source_destination_check = false;
    });
    lab.expect("x 10.2.0.9 -> 192.168.1.1 tcp/443 => dropped virtual-private-gateway-source");
    // An address of the VPC is enough.
    lab.expect("x 10.0.77.9 -> 192.168.1.1 tcp/443 => delivered on-premises-delivers; reply dropped reply-returns");
}

#[test]
fn virtual_private_gateway_route() {
    let lab = virtual_private().route("v", "172.16.0.0/12", gateway());
    lab.expect("x 10.0.1.10 -> 172.16.0.9 tcp/443 => dropped virtual-private-gateway-route");
    let open = virtual_private()
        .with(|lab| {
            let hole = model::Hole::new("blocks beyond g");
            lab.virtual_private_mut("g").prefixes = Value::Any(hole);
        })
        .route("v", "0.0.0.0/0", gateway());
    open.expect(&format!("{OUT} => undetermined virtual-private-gateway-route; reply undetermined virtual-private-gateway-route"));
    open.expect(&format!(
        "{IN} => delivered interface-accepts; reply undetermined virtual-private-gateway-route"
    ));
    // The same is asked of replies.
    lab.expect("beyond:g 172.16.0.9 -> 10.0.1.10 tcp/443 => delivered interface-accepts; reply dropped virtual-private-gateway-route");
    let flow = read_flow(OUT);
    let trace = open.load().trace(&flow);
    let hole = trace.forward.last().map(|hop| hop.effect.clone());
    let expected = Effect::Undetermined(model::Hole::new("blocks beyond g"));
    assert_eq!(hole, Some(expected));
}

#[test]
fn virtual_private_gateway_inbound() {
    let lab = virtual_private()
        .subnet("b", "w", &["10.1.1.0/24"])
        .interface("y", "b", "w", &["10.1.1.10"])
        .peering("q", "v", "w")
        .route("v", "10.1.0.0/16", Target::Peering("q".into()));
    for to in ["10.1.1.10", "8.8.8.8", "172.16.0.1"] {
        lab.expect(&format!(
            "beyond:g 192.168.1.1 -> {to} tcp/443 => dropped virtual-private-gateway-inbound"
        ));
    }
    lab.expect("beyond:g 192.168.1.1 -> 10.0.1.11 tcp/443 => dropped address-owner");
}

#[test]
fn virtual_private_gateway_edge_table() {
    let lab = virtual_private()
        .table("edge", "v", &[])
        .with(|lab| lab.virtual_private_mut("g").edge_route_table = Some("edge".into()));
    lab.expect(&format!("{IN} => undetermined virtual-private-gateway-edge-table; reply undetermined virtual-private-gateway-edge-table"));
    lab.expect(&format!(
        "{OUT} => delivered on-premises-delivers; reply undetermined virtual-private-gateway-edge-table"
    ));
    virtual_private().passes(IN, Clause::VirtualPrivateGatewayEdgeTable);
}

#[test]
fn on_premises_source() {
    virtual_private().expect("beyond:g 10.0.9.9 -> 10.0.1.10 tcp/443 => undetermined on-premises-source; reply undetermined on-premises-source");
    // Of another VPC it does not matter here.
    virtual_private()
        .route("v", "10.1.0.0/16", gateway())
        .expect(&format!(
            "beyond:g 10.1.9.9 -> 10.0.1.10 tcp/443 => {ACCEPTED}"
        ));
    let attached = transit().with(|lab| lab.attachment_mut("tw").available = false);
    for source in ["10.0.9.9", "10.1.9.9"] {
        attached.expect(&format!("over:b {source} -> 10.0.1.10 tcp/443 => undetermined on-premises-source; reply undetermined on-premises-source"));
    }
}

#[test]
fn on_premises_transit() {
    let lab = virtual_private()
        .vpc("z", &["11.1.0.0/16"])
        .with(|lab| {
            let blocks = [
                "0.0.0.0/0",
                "8.0.0.0/7",
                "9.0.0.0/8",
                "11.0.0.0/8",
                "2000::/3",
                "2001::/16",
                "2002::/15",
            ];
            let blocks = blocks.map(cidr);
            lab.virtual_private_mut("g").prefixes = Value::Known(blocks.into());
        })
        .route("v", "0.0.0.0/0", gateway())
        .route("v", "::/0", gateway());
    let open = "undetermined on-premises-transit; reply undetermined on-premises-transit";
    for to in ["10.1.0.9", "8.8.8.8", "203.0.113.1", "11.1.0.9"] {
        lab.expect(&format!("x 10.0.1.10 -> {to} tcp/443 => {open}"));
    }
    // A network of one's own may have public addresses.
    for to in ["9.9.9.9", "11.2.0.9", "172.16.0.9", "224.0.0.9"] {
        lab.expect(&format!("x 10.0.1.10 -> {to} tcp/443 => {DELIVERED}"));
    }
    for (to, outcome) in [
        ("2001:db8::1", DELIVERED),
        ("2003::1", open),
        ("3fff::1", open),
    ] {
        lab.expect(&format!("x 2600:1f00:0:1::a -> {to} tcp/443 => {outcome}"));
    }
}

#[test]
fn the_hops_of_both_directions() {
    let evaluator = virtual_private().load();
    let component = ComponentId::VirtualPrivateGateway("g".into());
    let trace = evaluator.trace(&read_flow(OUT));
    let last = trace.forward.last().expect("a hop");
    assert_eq!(
        (&last.component, last.clause),
        (&component, Clause::OnPremisesDelivers)
    );
    let arrival = Arrival::OnPremises(OnPremisesGateway::VirtualPrivate("g".into()));
    assert_eq!(trace.decision.forward.arrival.as_ref(), Some(&arrival));
    let first = trace.reply.first().expect("a hop");
    let returns = (&first.component, first.clause, &first.effect);
    assert_eq!(
        returns,
        (
            &ComponentId::OnPremises,
            Clause::OnPremisesReturns,
            &Effect::Passed
        )
    );
    let trace = evaluator.trace(&read_flow(IN));
    let reply = trace.decision.reply.expect("a reply");
    assert_eq!(reply.arrival, Some(arrival));
    assert_eq!(
        trace.reply.last().map(|hop| &hop.component),
        Some(&ComponentId::OnPremises)
    );
}

#[test]
fn a_reply_must_go_back_by_the_gateway() {
    let nowhere = virtual_private().table("none", "v", &["a"]);
    nowhere.expect(&format!(
        "{IN} => delivered interface-accepts; reply dropped longest-prefix-match"
    ));
    let internet = virtual_private().internet_gateway("i", Some("v")).route(
        "v",
        "192.168.1.0/24",
        Target::InternetGateway("i".into()),
    );
    internet.expect(&format!(
        "{IN} => delivered interface-accepts; reply dropped reply-returns"
    ));
    let firewall = virtual_private()
        .subnet("m", "v", &["10.0.2.0/24"])
        .appliance("f", "m", "v", &["10.0.2.10"], Middlebox::Forwards)
        .table("past", "v", &["a"])
        .route(
            "past",
            "192.168.0.0/16",
            Target::NetworkInterface("f".into()),
        );
    firewall.expect(&format!(
        "{IN} => delivered interface-accepts; reply undetermined reply-asymmetric"
    ));
    // Out past the firewall, and back without it.
    firewall.expect(&format!(
        "{OUT} => delivered on-premises-delivers; reply undetermined reply-asymmetric"
    ));
    let inbound = vec![allow(1, RuleTraffic::All, "10.0.0.0/8")];
    let all = vec![allow(1, RuleTraffic::All, "0.0.0.0/0")];
    let closed = virtual_private().acl("c", "v", &["a"], inbound, all);
    closed.expect(&format!(
        "{OUT} => delivered on-premises-delivers; reply dropped network-acl-ingress"
    ));
    closed.expect(&format!("{IN} => dropped network-acl-ingress"));
}

#[test]
fn a_nat_gateway_may_send_by_a_virtual_private_gateway() {
    let lab = virtual_private()
        .subnet("p", "v", &["10.0.3.0/24"])
        .nat_gateway("n", "p", "v", &["10.0.3.9"])
        .table("past", "v", &["a"])
        .route("past", "192.168.0.0/16", Target::NatGateway("n".into()));
    lab.expect(&format!("{OUT} => {DELIVERED}"));
}

#[test]
fn no_reference_to_a_group_admits_from_on_premises() {
    let by_group = vec![rule(RuleTraffic::All, RulePeer::Group("v".into()))];
    let lab = virtual_private()
        .group("h", "v", by_group, vec![])
        .with(|lab| {
            lab.interface_mut("x").groups = Value::Known(["h".into()].into());
        });
    // The address of a member in another VPC.
    let lab = lab
        .subnet("b", "w", &["10.1.1.0/24"])
        .interface("y", "b", "w", &["10.1.1.10"])
        .with(|lab| lab.interface_mut("y").groups = Value::Known(["v".into()].into()));
    lab.expect("beyond:g 10.1.1.10 -> 10.0.1.10 tcp/443 => dropped security-group-ingress");
}

/// `x` in `v` and `y` in `w`, joined by `t`, from which `b` leads on premises.
fn transit() -> Lab {
    let transit = || Target::TransitGateway("t".into());
    Lab::default()
        .vpc("v", &["10.0.0.0/16"])
        .vpc("w", &["10.1.0.0/16"])
        .subnet("a", "v", &["10.0.1.0/24"])
        .subnet("c", "w", &["10.1.1.0/24"])
        .interface("x", "a", "v", &["10.0.1.10"])
        .interface("y", "c", "w", &["10.1.1.10"])
        .transit_gateway("t")
        .attach("tv", "t", "v", &["a"])
        .attach("tw", "t", "w", &["c"])
        .attach_on_premises("b", "t", OnPremisesService::Vpn, &["192.168.0.0/16"])
        .route("v", "0.0.0.0/0", transit())
        .route("w", "0.0.0.0/0", transit())
}

const OVER: &str = "over:b 192.168.1.1 -> 10.0.1.10 tcp/443";

#[test]
fn out_and_in_over_a_transit_gateway() {
    transit().expect(&format!("{OUT} => {DELIVERED}"));
    transit().expect(&format!("{OVER} => {ACCEPTED}"));
    let arrival = Arrival::OnPremises(OnPremisesGateway::Transit("b".into()));
    let trace = transit().load().trace(&read_flow(OUT));
    assert_eq!(trace.decision.forward.arrival, Some(arrival));
    let component = ComponentId::TransitGatewayAttachment("b".into());
    assert_eq!(
        trace.forward.last().map(|hop| &hop.component),
        Some(&component)
    );
    // Neither is asked of another attachment, nor of one that there is not.
    for id in ["tv", "none"] {
        transit().expect(&format!(
            "over:{id} 192.168.1.1 -> 10.0.1.10 tcp/443 => dropped source-check"
        ));
    }
}

#[test]
fn an_attachment_on_premises_must_be_available_and_associated() {
    let down = transit()
        .transit_route("t", "192.168.0.0/16", Some("b"))
        .with(|lab| lab.attachment_mut("b").available = false);
    down.expect(&format!("{OUT} => dropped transit-gateway-attached"));
    down.expect(&format!("{OVER} => dropped transit-gateway-attached"));
    let alone = transit().with(|lab| lab.attachment_mut("b").association = None);
    alone.expect(&format!("{OVER} => dropped transit-gateway-association"));
    alone.expect(&format!(
        "{OUT} => delivered on-premises-delivers; reply dropped transit-gateway-association"
    ));
    // The gateway's own table sends the reply elsewhere.
    let elsewhere = transit()
        .transit_table("other", "t")
        .transit_route("other", "10.0.0.0/8", Some("tw"))
        .with(|lab| lab.attachment_mut("b").association = Some(Value::Known("other".into())));
    elsewhere.expect(&format!(
        "{OUT} => delivered on-premises-delivers; reply undetermined reply-asymmetric"
    ));
}

#[test]
fn what_an_attachment_hands_over_may_be_sent_on() {
    let lab = transit().transit_route("t", "0.0.0.0/0", Some("b"));
    lab.expect("x 10.0.1.10 -> 8.8.8.8 tcp/443 => undetermined on-premises-transit; reply undetermined on-premises-transit");
    lab.expect(&format!("x 10.0.1.10 -> 172.16.0.1 tcp/443 => {DELIVERED}"));
    // An attachment forwards where its routes lead, whatever it knows.
    let unknown = transit()
        .attach_on_premises("dx", "t", OnPremisesService::DirectConnectGateway, &[])
        .with(|lab| lab.transit_table_mut("t").propagations.clear())
        .transit_route("t", "192.168.0.0/16", Some("dx"))
        .transit_route("t", "8.8.8.0/24", Some("dx"))
        .transit_route("t", "10.0.0.0/16", Some("tv"));
    unknown.expect(&format!("{OUT} => {DELIVERED}"));
    unknown.expect("x 10.0.1.10 -> 8.8.8.8 tcp/443 => undetermined on-premises-transit; reply undetermined on-premises-transit");
}

#[test]
fn known_blocks_are_propagated_in_order() {
    let services = [
        ("dx", OnPremisesService::DirectConnectGateway),
        ("cn", OnPremisesService::Connect),
    ];
    let mut lab = transit();
    let arrival = |lab: &Lab| lab.load().trace(&read_flow(OUT)).decision.forward.arrival;
    let by = |id: &str| Some(Arrival::OnPremises(OnPremisesGateway::Transit(id.into())));
    assert_eq!(arrival(&lab), by("b"));
    for (id, service) in services.into_iter().rev() {
        lab = lab.attach_on_premises(id, "t", service, &["192.168.0.0/16"]);
        assert_eq!(arrival(&lab), by(id));
    }
    let longer = lab.clone().transit_route("t", "192.168.1.0/24", None);
    longer.expect(&format!("{OUT} => dropped transit-gateway-blackhole"));
    let down = lab.with(|lab| lab.attachment_mut("dx").available = false);
    assert_eq!(arrival(&down), by("cn"));
    // A VPC wins, and what lies on premises makes its blocks no less certain.
    let vpc = down
        .vpc("z", &["192.168.0.0/16"])
        .subnet("e", "z", &["192.168.1.0/24"]);
    let vpc = vpc.attach("tz", "t", "z", &["e"]);
    vpc.expect(&format!("{OUT} => dropped address-owner"));
}

#[test]
fn two_networks_on_premises_with_one_block_are_ambiguous() {
    let lab = |block: &str, service| transit().attach_on_premises("b2", "t", service, &[block]);
    let vpn = OnPremisesService::Vpn;
    lab("192.168.0.0/16", vpn).expect(&format!("{OUT} => undetermined transit-gateway-ambiguous; reply undetermined transit-gateway-ambiguous"));
    // Overlap alone decides nothing.
    for block in ["192.168.0.0/17", "192.0.0.0/8"] {
        lab(block, vpn).expect(&format!("{OUT} => delivered on-premises-delivers"));
    }
    let fixed = lab("192.168.0.0/16", vpn).transit_route("t", "192.168.0.0/16", Some("b"));
    fixed.expect(&format!("{OUT} => {DELIVERED}"));
}

#[test]
fn unknown_blocks_may_take_anything() {
    let service = OnPremisesService::DirectConnectGateway;
    let lab = transit().attach_on_premises("dx", "t", service, &[]);
    let open =
        "undetermined transit-gateway-unmodelled; reply undetermined transit-gateway-unmodelled";
    lab.expect(&format!("{OUT} => {open}"));
    let settled = lab.clone().transit_route("t", "192.168.1.1/32", Some("b"));
    settled.expect(&format!(
        "{OUT} => delivered on-premises-delivers; reply undetermined transit-gateway-unmodelled"
    ));
    let down = lab.with(|lab| lab.attachment_mut("dx").available = false);
    down.expect(&format!("{OUT} => {DELIVERED}"));
}

#[test]
fn what_comes_from_on_premises_has_no_zone() {
    let zones = transit()
        .subnet("c2", "w", &["10.1.2.0/24"])
        .subnet("d", "w", &["10.1.3.0/24"])
        .interface("z", "d", "w", &["10.1.3.10"])
        .zone("c", "one")
        .zone("c2", "two")
        .zone("d", "two")
        .with(|lab| {
            if let model::AttachmentKind::Vpc { subnets, .. } = &mut lab.attachment_mut("tw").kind {
                subnets.insert("c2".into());
            }
        });
    let flow = "over:b 192.168.1.1 -> 10.1.3.10 tcp/443";
    zones.expect(&format!("{flow} => {ACCEPTED}"));
    let open = "undetermined transit-gateway-zone; reply undetermined transit-gateway-zone";
    zones.expect(&format!(
        "over:b 192.168.1.1 -> 10.1.1.10 tcp/443 => {open}"
    ));
    let unlike = zones.table("other", "w", &["c2"]).route(
        "other",
        "0.0.0.0/0",
        Target::TransitGateway("t".into()),
    );
    unlike.expect(&format!("{flow} => {open}"));
    // What `z` sends comes back so.
    unlike.expect("z 10.1.3.10 -> 192.168.1.1 tcp/443 => delivered on-premises-delivers; reply undetermined transit-gateway-zone");
}

#[test]
fn from_one_network_on_premises_to_another() {
    let service = OnPremisesService::DirectConnectGateway;
    let lab = transit().attach_on_premises("dx", "t", service, &["172.16.0.0/12"]);
    lab.expect(&format!(
        "over:b 192.168.1.1 -> 172.16.0.9 tcp/443 => {DELIVERED}"
    ));
    // Back where it came from, too.
    lab.expect(&format!(
        "over:b 192.168.1.1 -> 192.168.2.1 tcp/443 => {DELIVERED}"
    ));
}

#[test]
fn from_on_premises_to_the_internet_by_a_nat_gateway() {
    let lab = transit()
        .subnet("n", "w", &["10.1.9.0/24"])
        .internet_gateway("i", Some("w"))
        .nat_gateway("n", "n", "w", &["10.1.9.9=203.0.113.9"])
        .transit_route("t", "0.0.0.0/0", Some("tw"))
        .table("in", "w", &["c"])
        .route("in", "0.0.0.0/0", Target::NatGateway("n".into()))
        .table("out", "w", &["n"])
        .route("out", "0.0.0.0/0", Target::InternetGateway("i".into()))
        .route("out", "192.168.0.0/16", Target::TransitGateway("t".into()))
        .with(|lab| {
            for (subnet, zone) in [("c", "one"), ("n", "one")] {
                *lab = std::mem::take(lab).zone(subnet, zone);
            }
        });
    lab.expect("over:b 192.168.1.1 -> 8.8.8.8 tcp/443 => delivered internet-gateway-delivers; reply delivered reply-returns");
}

fn from_premises(blocks: Option<&str>) -> Origin {
    Origin::OnPremises(blocks.map(|block| BTreeSet::from([cidr(block)])))
}

#[test]
fn senders_on_premises_are_those_of_every_gateway() {
    let scope = |blocks| scope(from_premises(blocks), to(&["x"]), vec![any_tcp()]);
    let lab = virtual_private();
    expect(
        &lab,
        &sometimes(scope(None)),
        "holds on premises by g: 10.1.0.0 -> 10.0.1.10 tcp/443 from port 40000",
    );
    expect(&lab, &always(scope(Some("192.168.0.0/16"))), "holds");
    // Forged sources are nobody's.
    expect(&lab, &always(scope(Some("10.0.0.0/16"))), "vacuous");
    let none = Lab::default()
        .vpc("v", &["10.0.0.0/16"])
        .subnet("a", "v", &["10.0.1.0/24"])
        .interface("x", "a", "v", &["10.0.1.10"]);
    expect(&none, &never(scope(None)), "vacuous");
    // By `b` they come too.
    let both = transit().virtual_private_gateway("g", None, &["192.168.0.0/16"]);
    let there = scope(Some("192.168.0.0/16"));
    expect(
        &both,
        &sometimes(there.clone()),
        "holds on premises by b: 192.168.0.0 -> 10.0.1.10 tcp/443 from port 40000",
    );
    expect(
        &both,
        &always(there),
        "violated on premises by g: 192.168.0.0 -> 10.0.1.10 tcp/443 from port 40000",
    );
}

#[test]
fn one_source_in_a_million_is_found() {
    let rules = vec![from_cidr(RuleTraffic::All, "192.168.77.7/32")];
    let lab = virtual_private()
        .group("h", "v", rules, vec![])
        .with(|lab| {
            lab.interface_mut("x").groups = Value::Known(["h".into()].into());
        });
    let scope = scope(from_premises(None), to(&["x"]), vec![any_tcp()]);
    expect(
        &lab,
        &never(scope),
        "violated on premises by g: 192.168.77.7 -> 10.0.1.10 tcp/443 from port 40000",
    );
}

#[test]
fn on_premises_is_a_place() {
    let place =
        |blocks: Option<&str>| Place::OnPremises(blocks.map(|block| BTreeSet::from([cidr(block)])));
    let scope = |blocks| {
        let mut scope = scope(interfaces(&["x"]), place(blocks), vec![any_tcp()]);
        scope.families = BTreeSet::from([Family::V4]);
        scope
    };
    let lab = virtual_private();
    expect(
        &lab,
        &sometimes(scope(None)),
        "holds x: 10.0.1.10 -> 192.168.0.0 tcp/443 from port 40000",
    );
    expect(&lab, &always(scope(Some("192.168.0.0/16"))), "holds");
    expect(&lab, &never(scope(Some("10.0.0.0/8"))), "holds");
    // Its own address is none of its destinations.
    expect(&lab, &always(scope(Some("10.0.1.10/32"))), "vacuous");
    let through = |id: &str| {
        let id = ComponentId::VirtualPrivateGateway(id.into());
        let mut invariant = invariant(
            Quantifier::Every,
            scope(None),
            Claim::Traverses(vec![BTreeSet::from([id])]),
        );
        invariant.premise = Some(Claim::Delivered);
        invariant
    };
    expect(&lab, &through("g"), "holds");
    let other = lab.virtual_private_gateway("h", None, &["192.168.0.0/16"]);
    expect(
        &other,
        &through("h"),
        "violated x: 10.0.1.10 -> 192.168.0.0 tcp/443 from port 40000",
    );
}

#[test]
fn what_comes_in_passes_the_virtual_private_gateway_first() {
    let sets = [
        ComponentId::VirtualPrivateGateway("g".into()),
        ComponentId::NetworkInterface("x".into()),
    ];
    let sets = sets.map(|id| BTreeSet::from([id]));
    let scope = scope(
        from_premises(Some("192.168.0.0/16")),
        to(&["x"]),
        vec![any_tcp()],
    );
    let law = invariant(Quantifier::Every, scope, Claim::Traverses(sets.into()));
    expect(&virtual_private(), &law, "holds");
}

#[test]
fn a_public_address_means_no_interface_on_premises() {
    let place = Place::Interfaces {
        interfaces: BTreeSet::from(["o".into()]),
        public_from_inside: true,
    };
    let lab = virtual_private()
        .subnet("p", "v", &["10.0.4.0/24"])
        .interface("o", "p", "v", &["10.0.4.9=203.0.113.9"]);
    let asked = scope(
        from_premises(Some("192.168.0.0/16")),
        place,
        vec![any_tcp()],
    );
    expect(&lab, &always(asked), "holds");
}
