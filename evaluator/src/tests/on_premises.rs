use model::{
    Arrival, Clause, ComponentId, Effect, Middlebox, OnPremisesGateway, RulePeer, RuleTraffic,
    Target, Value,
};

use super::lab::{Lab, allow, cidr, read_flow, rule};
use super::on_premises_transit::transit;

fn gateway() -> Target {
    Target::VirtualPrivateGateway("g".into())
}

/// `x` in `v`, whose gateway `g` leads on premises.
pub fn virtual_private() -> Lab {
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

pub const OUT: &str = "x 10.0.1.10 -> 192.168.1.1 tcp/443";
pub const IN: &str = "beyond:g 192.168.1.1 -> 10.0.1.10 tcp/443";
pub const ACCEPTED: &str = "delivered interface-accepts; reply delivered reply-returns";
pub const DELIVERED: &str = "delivered on-premises-delivers; reply delivered reply-returns";

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
    for to in ["10.2.1.10", "8.8.8.8", "172.16.0.1"] {
        lab.expect(&format!(
            "beyond:g 192.168.1.1 -> {to} tcp/443 => dropped virtual-private-gateway-inbound"
        ));
    }
    // What the gateway knows may be another site.
    let open = "undetermined virtual-private-gateway-inbound; reply undetermined virtual-private-gateway-inbound";
    for to in ["10.1.1.10", "192.168.1.1", "192.168.9.9"] {
        lab.expect(&format!("beyond:g 10.1.9.9 -> {to} tcp/443 => {open}"));
    }
    // It is asked before the source, and of a detached gateway too.
    lab.expect("beyond:g 10.0.9.9 -> 8.8.8.8 tcp/443 => dropped virtual-private-gateway-inbound");
    let detached = lab
        .clone()
        .with(|lab| lab.virtual_private_mut("g").vpc = None);
    detached.expect(&format!("{IN} => dropped virtual-private-gateway-inbound"));
    detached.expect(&format!(
        "beyond:g 10.1.9.9 -> 192.168.9.9 tcp/443 => {open}"
    ));
    let unknown = virtual_private().with(|lab| {
        let hole = model::Hole::new("blocks beyond g");
        lab.virtual_private_mut("g").prefixes = Value::Any(hole);
    });
    unknown.expect(&format!(
        "beyond:g 192.168.1.1 -> 8.8.8.8 tcp/443 => {open}"
    ));
    lab.expect("beyond:g 192.168.1.1 -> 10.0.1.11 tcp/443 => dropped address-owner");
}

#[test]
fn by_what_does_not_lead_on_premises_nobody_sends() {
    virtual_private()
        .expect("beyond:gone 192.168.1.1 -> 10.0.1.10 tcp/443 => dropped source-check");
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
