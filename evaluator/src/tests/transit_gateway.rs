use model::{
    AttachmentKind, Hole, Middlebox, RouteDestination, RulePeer, RuleTraffic, Target, Value,
};

use super::lab::{Lab, allow, rule};

fn transit() -> Target {
    Target::TransitGateway("t".into())
}

/// `x` in `v` and `y` in `w`, joined by `t`, with attachments in subnets of their own.
pub fn two() -> Lab {
    Lab::default()
        .vpc("v", &["10.0.0.0/16", "2600:1f00::/56"])
        .vpc("w", &["10.1.0.0/16", "2600:1f01::/56"])
        .subnet("a", "v", &["10.0.1.0/24", "2600:1f00:0:1::/64"])
        .subnet("b", "w", &["10.1.1.0/24", "2600:1f01:0:1::/64"])
        .subnet("at", "v", &["10.0.9.0/28"])
        .subnet("bt", "w", &["10.1.9.0/28"])
        .interface("x", "a", "v", &["10.0.1.10", "2600:1f00:0:1::a"])
        .interface("y", "b", "w", &["10.1.1.10", "2600:1f01:0:1::a"])
        .transit_gateway("t")
        .attach("tv", "t", "v", &["at"])
        .attach("tw", "t", "w", &["bt"])
        .route("v", "10.0.0.0/8", transit())
        .route("w", "10.0.0.0/8", transit())
        .zone("a", "one")
        .zone("b", "one")
        .zone("at", "one")
        .zone("bt", "one")
}

const FLOW: &str = "x 10.0.1.10 -> 10.1.1.10 tcp/443";
const BOTH: &str = "delivered interface-accepts; reply delivered reply-returns";

#[test]
fn transit_gateway_attached() {
    two().expect(&format!("{FLOW} => {BOTH}"));
    for id in ["tv", "tw"] {
        let lab = two()
            .transit_route("t", "10.1.0.0/16", Some("tw"))
            .with(|lab| lab.attachment_mut(id).available = false);
        lab.expect(&format!("{FLOW} => dropped transit-gateway-attached"));
    }
}

#[test]
fn transit_gateway_zone_in() {
    two()
        .zone("a", "two")
        .expect(&format!("{FLOW} => dropped transit-gateway-zone"));
    let unknown = two().with(|lab| lab.draft.subnets[0].zone = None);
    unknown.expect(&format!(
        "{FLOW} => undetermined transit-gateway-zone; reply undetermined transit-gateway-zone"
    ));
    // The reply comes from another zone than the attachment has.
    two().zone("b", "two").expect(&format!(
        "{FLOW} => delivered interface-accepts; reply dropped transit-gateway-zone"
    ));
    // Ids go before names.
    let ids = two().zone("a", "two").with(|lab| {
        for subnet in [0, 2] {
            lab.draft.subnets[subnet].zone_id = Some("az1".into());
        }
    });
    ids.expect(&format!("{FLOW} => {BOTH}"));
}

#[test]
fn transit_gateway_zone_out() {
    // `w` has an attachment subnet in two zones, of which none, or the other, is that of `x`.
    let lab = |zone: &str| {
        two()
            .subnet("b2", "w", &["10.1.8.0/28"])
            .zone("b2", zone)
            .zone("bt", "two")
            .zone("b", "two")
            .with(|lab| {
                if let AttachmentKind::Vpc { subnets, .. } = &mut lab.attachment_mut("tw").kind {
                    subnets.insert("b2".into());
                }
            })
    };
    lab("one").expect(&format!("{FLOW} => {BOTH}"));
    // None is, but they are alike.
    lab("three").expect(&format!("{FLOW} => {BOTH}"));
    for unlike in unlike() {
        unlike(lab("one")).expect(&format!("{FLOW} => {BOTH}"));
        unlike(lab("three")).expect(&format!(
            "{FLOW} => undetermined transit-gateway-zone; reply undetermined transit-gateway-zone"
        ));
    }
    // To an address in one of them the ACL may let the packet across.
    let inside = lab("three").interface("y2", "b2", "w", &["10.1.8.10"]);
    let into = "x 10.0.1.10 -> 10.1.8.10 tcp/443";
    inside.expect(&format!("{into} => {BOTH}"));
    inside.expect(&format!("{FLOW} => {BOTH}"));
    let all = || vec![allow(1, RuleTraffic::All, "0.0.0.0/0")];
    let closed = inside.acl("closed", "w", &["b2", "bt"], vec![], all());
    closed.expect(&format!(
        "{into} => undetermined transit-gateway-zone; reply undetermined transit-gateway-zone"
    ));
}

/// What makes the attachment subnets `b2` and `bt` of `w` unlike.
fn unlike() -> [fn(Lab) -> Lab; 6] {
    fn all() -> Vec<model::AclEntry> {
        vec![allow(1, RuleTraffic::All, "0.0.0.0/0")]
    }
    [
        |lab| {
            let lab = lab.table("other", "w", &["b2"]);
            lab.route("other", "10.0.0.0/8", transit())
        },
        |lab| lab.acl("other", "w", &["b2"], all(), all()),
        |lab| {
            let lab = lab.nat_gateway("n", "b2", "w", &["10.1.8.9"]);
            lab.route("w", "172.16.0.0/16", Target::NatGateway("n".into()))
        },
        |lab| {
            let lab = lab.appliance("f", "bt", "w", &["10.1.9.9"], Middlebox::Forwards);
            lab.route("w", "172.16.0.0/16", Target::NetworkInterface("f".into()))
        },
        |lab| {
            let lab = lab.gateway_load_balancer_endpoint("l", "w", "b2", Middlebox::Forwards);
            let target = Target::GatewayLoadBalancerEndpoint("l".into());
            lab.route("w", "172.16.0.0/16", target)
        },
        |lab| {
            let mut subnets = lab.draft.subnets.clone();
            let found = subnets.iter_mut().find(|found| found.id.as_str() == "b2");
            found.expect("b2").exclusion = Some(model::Exclusion::Egress);
            lab.with(|lab| lab.draft.subnets = subnets)
        },
    ]
}

/// `w` is the way out, by attachment subnets whose table leads to the internet gateway; none is in
/// the zone of `x`.
fn way_out() -> Lab {
    two()
        .subnet("b2", "w", &["10.1.8.0/28"])
        .zone("b2", "three")
        .zone("bt", "two")
        .with(|lab| {
            if let AttachmentKind::Vpc { subnets, .. } = &mut lab.attachment_mut("tw").kind {
                subnets.insert("b2".into());
            }
        })
        .internet_gateway("i", Some("w"))
        .route("v", "0.0.0.0/0", transit())
        .transit_route("t", "0.0.0.0/0", Some("tw"))
        .table("out", "w", &["bt", "b2"])
        .route("out", "0.0.0.0/0", Target::InternetGateway("i".into()))
}

#[test]
fn a_transit_gateway_behind_alike_subnets_matters_outside_of_the_vpc() {
    let flow = "x 10.0.1.10 -> 8.8.8.8 tcp/443";
    way_out().expect(&format!(
        "{flow} => dropped internet-gateway-public-address"
    ));
    let block = RouteDestination::Cidr(super::lab::cidr("172.16.0.0/16"));
    let block = || Value::Known(block.clone());
    let again = way_out().route_of("out", block(), Value::Known(transit()));
    let dead = again.clone().with(|lab| {
        let route = lab.table_mut("out").routes.last_mut();
        route.expect("a route").state = model::RouteState::Blackhole;
    });
    let hole = Hole::new("a target");
    let open = way_out().route_of("out", block(), Value::Any(hole.clone()));
    let several = vec![Target::Local, transit()];
    let several = way_out().route_of("out", block(), Value::OneOf(several, hole));
    for lab in [again, dead, open, several] {
        lab.expect(&format!(
            "{flow} => undetermined transit-gateway-zone; reply undetermined transit-gateway-zone"
        ));
        // An address of the VPC is never sent there.
        let inside = "x 10.0.1.10 -> 10.1.1.10 tcp/443 => delivered interface-accepts";
        lab.expect(inside);
    }
}

#[test]
fn the_acl_of_the_attachments_subnet_is_asked() {
    let all = || vec![allow(1, RuleTraffic::All, "0.0.0.0/0")];
    let lab = two().acl("m", "v", &["at"], vec![], all());
    lab.expect(&format!("{FLOW} => dropped network-acl-ingress"));
    let lab = two().acl("m", "w", &["bt"], all(), vec![]);
    lab.expect(&format!("{FLOW} => dropped network-acl-egress"));
    let replies = two().acl("m", "w", &["bt"], vec![], all());
    replies.expect(&format!(
        "{FLOW} => delivered interface-accepts; reply dropped network-acl-ingress"
    ));
}

#[test]
fn transit_gateway_association() {
    let lab = two().with(|lab| lab.attachment_mut("tv").association = None);
    lab.expect(&format!("{FLOW} => dropped transit-gateway-association"));
    let lab = two().with(|lab| lab.attachment_mut("tw").association = None);
    lab.expect(&format!(
        "{FLOW} => delivered interface-accepts; reply dropped transit-gateway-association"
    ));
    let open = Some(Value::Any(Hole::new("table of tv")));
    let lab = two().with(|lab| lab.attachment_mut("tv").association = open);
    lab.expect(&format!("{FLOW} => undetermined transit-gateway-association; reply undetermined transit-gateway-association"));
}

#[test]
fn transit_gateway_route() {
    let none = two().with(|lab| lab.transit_table_mut("t").propagations.clear());
    none.expect(&format!("{FLOW} => dropped transit-gateway-route"));
    let request = none.clone().transit_route("t", "10.1.0.0/16", Some("tw"));
    request.expect(&format!(
        "{FLOW} => delivered interface-accepts; reply dropped transit-gateway-route"
    ));
    // Of one length a block wins over a list, and that over what is propagated.
    let list = || RouteDestination::PrefixList("l".into());
    let lists = two().list("l", false, Some(&["10.1.0.0/16"]));
    let listed = lists.transit_route_of("t", list(), None);
    listed.expect(&format!("{FLOW} => dropped transit-gateway-blackhole"));
    let block = listed.transit_route("t", "10.1.0.0/16", Some("tw"));
    block.expect(&format!("{FLOW} => {BOTH}"));
}

#[test]
fn ipv6_blocks_are_propagated_on_request() {
    let lab = two()
        .route("v", "2600::/12", transit())
        .route("w", "2600::/12", transit());
    let flow = "x 2600:1f00:0:1::a -> 2600:1f01:0:1::a tcp/443";
    lab.expect(&format!("{flow} => dropped transit-gateway-route"));
    let lab = lab.with(|lab| {
        for id in ["tv", "tw"] {
            if let AttachmentKind::Vpc { ipv6_support, .. } = &mut lab.attachment_mut(id).kind {
                *ipv6_support = true;
            }
        }
    });
    lab.expect(&format!("{flow} => {BOTH}"));
}

#[test]
fn unknown_lists_and_propagations_may_take_anything() {
    let list = || RouteDestination::PrefixList("l".into());
    let lab = two()
        .list("l", false, None)
        .transit_route_of("t", list(), Some("tv"));
    let open = |clause| format!("{FLOW} => undetermined {clause}; reply undetermined {clause}");
    lab.expect(&open("prefix-list-entries-unknown"));
    let settled = lab.transit_route("t", "10.1.1.10/32", Some("tw"));
    settled.expect(&format!(
        "{FLOW} => delivered interface-accepts; reply undetermined prefix-list-entries-unknown"
    ));
    let managed = two()
        .list("l", true, None)
        .transit_route_of("t", list(), Some("tv"));
    managed.expect(&format!("{FLOW} => {BOTH}"));
    let vpn = two().attach_unmodelled("vpn", "t").propagate("vpn", "t");
    vpn.expect(&open("transit-gateway-unmodelled"));
    let lab = vpn.transit_route("t", "10.1.1.10/32", Some("tw"));
    lab.expect(&format!(
        "{FLOW} => delivered interface-accepts; reply undetermined transit-gateway-unmodelled"
    ));
}

#[test]
fn transit_gateway_ambiguous() {
    let lab = two()
        .vpc("u", &["10.1.128.0/17"])
        .subnet("c", "u", &["10.1.128.0/24"])
        .attach("tu", "t", "u", &["c"]);
    // Even where only one of them has the address.
    lab.expect(&format!("{FLOW} => undetermined transit-gateway-ambiguous; reply undetermined transit-gateway-ambiguous"));
    let lab = lab.transit_route("t", "10.1.0.0/16", Some("tw"));
    lab.expect(&format!("{FLOW} => {BOTH}"));
}

#[test]
fn transit_gateway_blackhole() {
    let lab = two().transit_route("t", "10.1.1.0/24", None);
    lab.expect(&format!("{FLOW} => dropped transit-gateway-blackhole"));
    let lab = lab.transit_route("t", "10.1.1.10/32", Some("tw"));
    lab.expect(&format!("{FLOW} => {BOTH}"));
}

#[test]
fn transit_gateway_unmodelled() {
    let lab = two()
        .attach_unmodelled("vpn", "t")
        .transit_route("t", "10.2.0.0/16", Some("vpn"));
    lab.expect("x 10.0.1.10 -> 10.2.1.10 tcp/443 => undetermined transit-gateway-unmodelled; reply undetermined transit-gateway-unmodelled");
    lab.expect(&format!("{FLOW} => {BOTH}"));
}

/// `s` in `z`, behind another transit gateway that is peered with `t`.
fn peered() -> Lab {
    two()
        .vpc("z", &["10.2.0.0/16"])
        .subnet("c", "z", &["10.2.1.0/24"])
        .zone("c", "nine")
        .interface("s", "c", "z", &["10.2.1.10"])
        .transit_gateway("u")
        .attach("uz", "u", "z", &["c"])
        .peer_transit(("pt", "t"), ("pu", "u"))
        .transit_route("t", "10.2.0.0/16", Some("pt"))
        .transit_route("u", "10.0.0.0/15", Some("pu"))
        .route("z", "10.0.0.0/8", Target::TransitGateway("u".into()))
}

#[test]
fn peered_transit_gateways_are_passed_one_after_the_other() {
    let flow = "x 10.0.1.10 -> 10.2.1.10 tcp/443";
    peered().expect(&format!("{flow} => {BOTH}"));
    peered().expect(&format!("s 10.2.1.10 -> 10.0.1.10 tcp/443 => {BOTH}"));
    for id in ["pt", "pu"] {
        let lab = peered().with(|lab| lab.attachment_mut(id).available = false);
        lab.expect(&format!("{flow} => dropped transit-gateway-attached"));
    }
    let lab = peered().with(|lab| {
        lab.transit_table_mut("u").routes.clear();
    });
    lab.expect(&format!(
        "{flow} => delivered interface-accepts; reply dropped transit-gateway-route"
    ));
    let lab = peered().transit_route("u", "10.2.1.0/24", Some("pu"));
    lab.expect(&format!("{flow} => dropped way-loop"));
}

#[test]
fn references_cross_a_transit_gateway_inbound_when_everything_is_on() {
    let by_group = || vec![rule(RuleTraffic::All, RulePeer::Group("v".into()))];
    let lab = two().group("g", "w", by_group(), by_group()).with(|lab| {
        lab.interface_mut("y").groups = Value::Known(["g".into()].into());
        lab.draft.transit_gateways[0].security_group_referencing = true;
        for id in ["tv", "tw"] {
            if let AttachmentKind::Vpc {
                security_group_referencing,
                ..
            } = &mut lab.attachment_mut(id).kind
            {
                *security_group_referencing = true;
            }
        }
    });
    lab.expect(&format!("{FLOW} => {BOTH}"));
    lab.expect("y 10.1.1.10 -> 10.0.1.10 tcp/443 => dropped security-group-egress");
    let off = lab
        .clone()
        .with(|lab| lab.draft.transit_gateways[0].security_group_referencing = false);
    off.expect(&format!("{FLOW} => dropped security-group-ingress"));
    let far = lab.with(|lab| lab.draft.vpcs[1].region = "eu-west-1".into());
    far.expect(&format!("{FLOW} => dropped security-group-ingress"));
}

/// `w` is the way out: a NAT gateway in `b`, to which the attachment's subnet leads.
fn central_egress() -> Lab {
    two()
        .internet_gateway("i", Some("w"))
        .nat_gateway("n", "b", "w", &["10.1.1.99=203.0.113.99"])
        .route("v", "0.0.0.0/0", transit())
        .transit_route("t", "0.0.0.0/0", Some("tw"))
        .table("public", "w", &["b"])
        .route("public", "0.0.0.0/0", Target::InternetGateway("i".into()))
        .route("public", "10.0.0.0/8", transit())
        .table("after", "w", &["bt"])
        .route("after", "0.0.0.0/0", Target::NatGateway("n".into()))
}

#[test]
fn central_egress_by_a_nat_gateway_behind_a_transit_gateway() {
    let flow = "x 10.0.1.10 -> 8.8.8.8 tcp/443";
    central_egress().expect(&format!(
        "{flow} => delivered internet-gateway-delivers; reply delivered reply-returns"
    ));
    let unrouted = central_egress().table("out", "w", &["b"]).route(
        "out",
        "0.0.0.0/0",
        Target::InternetGateway("i".into()),
    );
    unrouted.expect(&format!(
        "{flow} => delivered internet-gateway-delivers; reply dropped reply-returns"
    ));
    // Without a NAT gateway nothing of `v` leaves by the gateway of `w`.
    let bare = central_egress().table("direct", "w", &["bt"]).route(
        "direct",
        "0.0.0.0/0",
        Target::InternetGateway("i".into()),
    );
    bare.expect(&format!(
        "{flow} => dropped internet-gateway-public-address"
    ));
}

/// East-west traffic is inspected in `z`: the firewall `f` in `m` behind attachments in two zones.
fn inspection(appliance_mode: bool) -> Lab {
    two()
        .zone("b", "two")
        .zone("bt", "two")
        .vpc("z", &["10.9.0.0/16"])
        .subnet("z1", "z", &["10.9.1.0/28"])
        .subnet("z2", "z", &["10.9.2.0/28"])
        .subnet("m1", "z", &["10.9.3.0/28"])
        .subnet("m2", "z", &["10.9.4.0/28"])
        .zone("z1", "one")
        .zone("z2", "two")
        .zone("m1", "one")
        .zone("m2", "two")
        .appliance("f1", "m1", "z", &["10.9.3.10"], Middlebox::Forwards)
        .appliance("f2", "m2", "z", &["10.9.4.10"], Middlebox::Forwards)
        .attach("tz", "t", "z", &["z1", "z2"])
        .table("from1", "z", &["z1"])
        .route("from1", "0.0.0.0/0", Target::NetworkInterface("f1".into()))
        .table("from2", "z", &["z2"])
        .route("from2", "0.0.0.0/0", Target::NetworkInterface("f2".into()))
        .route("z", "0.0.0.0/0", transit())
        .transit_table("spokes", "t")
        .transit_route("spokes", "0.0.0.0/0", Some("tz"))
        .with(|lab| {
            for id in ["tv", "tw"] {
                lab.attachment_mut(id).association = Some(Value::Known("spokes".into()));
            }
            if let AttachmentKind::Vpc {
                appliance_mode: mode,
                ..
            } = &mut lab.attachment_mut("tz").kind
            {
                *mode = appliance_mode;
            }
        })
}

#[test]
fn appliance_mode_keeps_both_directions_to_one_firewall() {
    inspection(true).expect(&format!("{FLOW} => {BOTH}"));
    // Another gateway keeps to a subnet of its own.
    let other = || {
        let lab = inspection(true).transit_gateway("u");
        lab.attach("uz", "u", "z", &["z1"])
    };
    other().expect(&format!(
        "{FLOW} => delivered interface-accepts; reply undetermined reply-asymmetric"
    ));
    let down = other().with(|lab| lab.attachment_mut("uz").available = false);
    down.expect(&format!("{FLOW} => {BOTH}"));
    // Otherwise the reply comes out in the zone of the responder, before the other firewall.
    inspection(false).expect(&format!(
        "{FLOW} => delivered interface-accepts; reply undetermined reply-asymmetric"
    ));
}
