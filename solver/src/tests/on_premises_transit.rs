//! Attachments of transit gateways that lead on premises, and the subnets by which their packets come out.

use model::{
    AclAction, Arrival, AttachmentKind, Claim, ComponentId, Engine, Exclusion, Family,
    NetworkDraft, OnPremisesGateway, OnPremisesService, Origin, Place, Route, RouteState,
    RulePorts, RuleTraffic, Target, Value, Verdict,
};

use super::build::*;
use super::verdict::{PROVED, check, depends_on, not};
use crate::Solver;
use crate::network_acl::Bound;
use crate::walk::{Picks, Sender, Subject};
use crate::workspace;

const OUT: &str = "delivered on-premises-delivers; reply delivered reply-returns";
const IN: &str = "delivered interface-accepts; reply delivered reply-returns";
const TO_A: &str = "attachment:vpn 192.168.0.9 -> 10.0.1.10 tcp/443";
const ZONE: &str = "undetermined transit-gateway-zone; reply undetermined transit-gateway-zone";

/// VPC v with `a` and `b`, attached by subnets of their own in two zones; a VPN behind the same transit gateway.
fn joined() -> NetworkDraft {
    let mut draft = two_subnets();
    for (id, blocks, az) in [("t1", "10.0.8.0/28", "az1"), ("t2", "10.0.9.0/28", "az2")] {
        subnet(&mut draft, id, "v", &[blocks]);
        zone(&mut draft, id, az);
    }
    zone(&mut draft, "s", "az1");
    zone(&mut draft, "d", "az2");
    let hub = transit_gateway(&mut draft, "hub");
    add_route(&mut draft, "v-main", to("0.0.0.0/0", hub));
    attach(&mut draft, "tv", "hub", "table", of_vpc("v", &["t1", "t2"]));
    let vpn = on_premises(OnPremisesService::Vpn, &["192.168.0.0/16"]);
    attach(&mut draft, "vpn", "hub", "table", vpn);
    transit_table(&mut draft, "table", "hub", &[], &["tv", "vpn"]);
    draft
}

fn set_table(draft: &mut NetworkDraft, routes: &[(&str, &str)], propagations: &[&str]) {
    draft.transit_gateway_route_tables.clear();
    transit_table(draft, "table", "hub", routes, propagations);
}

fn decides(draft: NetworkDraft, flow: &str, answer: &str) {
    assert_decides(draft, &format!("{flow} => {answer}"));
}

#[test]
fn over_a_transit_gateway_and_back() {
    let open = "undetermined on-premises-source; reply undetermined on-premises-source";
    assert_decides(
        joined(),
        &format!(
            "a 10.0.1.10 -> 192.168.0.9 tcp/443 => {OUT}
             b 10.0.2.10 -> 192.168.0.9 tcp/443 => {OUT}
             {TO_A} => {IN}
             attachment:vpn 192.168.0.9 -> 10.0.2.10 tcp/443 => {IN}
             attachment:vpn 192.168.0.9 -> 192.168.0.10 tcp/443 => {OUT}
             attachment:vpn 192.168.0.9 -> 10.9.0.1 tcp/443 => dropped transit-gateway-route
             attachment:vpn 10.0.2.10 -> 10.9.0.1 tcp/443 => {open}
             attachment:tv 192.168.0.9 -> 10.0.1.10 tcp/443 => dropped source-check"
        ),
    );
    let mut lost = joined();
    lost.transit_gateway_attachments[1].available = false;
    set_table(&mut lost, &[("192.168.0.0/16", "vpn")], &["tv"]);
    let to_premises = "a 10.0.1.10 -> 192.168.0.9 tcp/443";
    decides(
        lost.clone(),
        to_premises,
        "dropped transit-gateway-attached",
    );
    decides(lost, TO_A, "dropped transit-gateway-attached");
    // A static route leads on premises what is not known there.
    let mut draft = joined();
    set_table(&mut draft, &[("0.0.0.0/0", "vpn")], &["tv"]);
    assert_decides(
        draft,
        &format!(
            "a 10.0.1.10 -> 172.16.0.9 tcp/443 => {OUT}
             a 10.0.1.10 -> 8.8.8.8 tcp/443 => undetermined on-premises-transit; reply undetermined on-premises-transit"
        ),
    );
}

/// By what `a` reaches 192.168.0.9 when these attachments propagate the same block as the VPN; or why not.
fn taken(services: &[(&str, OnPremisesService)]) -> String {
    let mut draft = joined();
    let mut propagations = vec!["tv", "vpn"];
    for (id, service) in services {
        let kind = on_premises(*service, &["192.168.0.0/16"]);
        attach(&mut draft, id, "hub", "table", kind);
        propagations.push(id);
    }
    set_table(&mut draft, &[], &propagations);
    let solver = Solver::load(&valid(draft));
    let decision = solver.decide(&flow("a 10.0.1.10 -> 192.168.0.9 tcp/443"));
    match decision.forward.arrival {
        Some(Arrival::OnPremises(gateway)) => gateway.to_string(),
        Some(_) | None => decision.forward.clause.to_string(),
    }
}

#[test]
fn of_two_services_that_propagate_a_block_one_wins() {
    use OnPremisesService::{Connect, DirectConnectGateway, Vpn};
    assert_eq!(taken(&[]), "vpn");
    assert_eq!(taken(&[("c", Connect)]), "c");
    assert_eq!(taken(&[("c", Connect), ("dx", DirectConnectGateway)]), "dx");
    assert_eq!(taken(&[("vpn2", Vpn)]), "transit-gateway-ambiguous");
    assert_eq!(taken(&[("vpn2", Vpn), ("dx", DirectConnectGateway)]), "dx");
}

#[test]
fn a_vpc_wins_over_networks_on_premises_and_is_not_contested_by_them() {
    let mut draft = joined();
    let covers = on_premises(OnPremisesService::DirectConnectGateway, &["10.0.0.0/16"]);
    attach(&mut draft, "dx", "hub", "table", covers);
    set_table(&mut draft, &[], &["tv", "vpn", "dx"]);
    decides(draft.clone(), TO_A, IN);
    // A longer block wins over the VPC's, and leads on premises to an address of a VPC.
    draft.transit_gateway_attachments[2].kind =
        on_premises(OnPremisesService::Vpn, &["10.0.1.0/24"]);
    let open = "undetermined on-premises-transit; reply undetermined on-premises-transit";
    decides(draft, TO_A, open);
}

#[test]
fn blocks_that_are_not_known_may_take_anything() {
    let mut draft = joined();
    let prefixes = Value::Any(hole("blocks of dx"));
    let service = OnPremisesService::DirectConnectGateway;
    let kind = AttachmentKind::OnPremises { service, prefixes };
    attach(&mut draft, "dx", "hub", "table", kind);
    let open = "undetermined transit-gateway-unmodelled";
    set_table(&mut draft, &[], &["tv", "vpn", "dx"]);
    decides(draft.clone(), TO_A, &format!("{open}; reply {open}"));
    let claim = every(&["a"], Place::OnPremises(None), not(Claim::Delivered));
    assert_eq!(depends_on(&check(draft.clone(), &claim)), ["blocks of dx"]);
    let full = [("10.0.1.10/32", "tv"), ("192.168.0.9/32", "dx")];
    set_table(&mut draft, &full, &["tv", "vpn", "dx"]);
    let asymmetric = "delivered interface-accepts; reply undetermined reply-asymmetric";
    decides(draft.clone(), TO_A, asymmetric);
    // What it knows is asked neither of a static route nor when it does not propagate.
    set_table(&mut draft, &[("192.168.0.0/16", "dx")], &["tv"]);
    decides(draft.clone(), "a 10.0.1.10 -> 192.168.0.9 tcp/443", OUT);
    draft.transit_gateway_attachments[2].available = false;
    set_table(&mut draft, &[], &["tv", "vpn", "dx"]);
    decides(draft, TO_A, IN);
}

#[test]
fn subnets_that_are_not_alike() {
    let differ = |change: &dyn Fn(&mut NetworkDraft)| {
        let mut draft = joined();
        change(&mut draft);
        decides(draft, TO_A, ZONE);
    };
    differ(&|draft| route_by(draft, "t2", &[]));
    differ(&|draft| {
        acl(draft, "own", "v", vec![allow(1, "0.0.0.0/0")]);
        draft.subnets[3].network_acl = Value::Known("own".into());
    });
    differ(&|draft| {
        for subnet in &mut draft.subnets {
            subnet.network_acl = Value::Any(hole("ACL"));
        }
    });
    differ(&|draft| draft.subnets[3].exclusion = Some(Exclusion::Egress));
    differ(&|draft| {
        draft.subnets[2].exclusion = Some(Exclusion::Bidirectional);
        draft.subnets[3].exclusion = Some(Exclusion::Egress);
    });
}

/// What stands in a subnet of the attachment matters only when a route of its table leads, or may lead, to it.
fn matters_by(stands: &dyn Fn(&mut NetworkDraft) -> Target, route: &dyn Fn(Target) -> Route) {
    let mut draft = joined();
    let target = stands(&mut draft);
    decides(draft.clone(), TO_A, IN);
    add_route(&mut draft, "v-main", route(target));
    decides(draft, TO_A, ZONE);
}

fn nat_gateway_in_t1(draft: &mut NetworkDraft) -> Target {
    nat_gateway(draft);
    draft.nat_gateways[0].subnet = "t1".into();
    last_interface(draft).subnet = "t1".into();
    let addresses = &mut last_interface(draft).addresses;
    addresses[0].private = model::AddressValue::Known(address("10.0.8.5"));
    Target::NatGateway("nat".into())
}

#[test]
fn what_stands_in_the_subnets_matters_when_a_route_may_lead_to_it() {
    let known = |target| to("172.16.0.0/12", target);
    matters_by(
        &|draft| inspection_endpoint(draft, "inspects", "t2"),
        &known,
    );
    matters_by(&|draft| appliance(draft, "m", "t2", "10.0.9.5"), &known);
    matters_by(&nat_gateway_in_t1, &known);
    // It need not be one that forwards.
    let checked = |draft: &mut NetworkDraft| {
        interface(draft, "c", "t2", &["10.0.9.5"], &["v-open"]);
        Target::NetworkInterface("c".into())
    };
    matters_by(&checked, &known);
    matters_by(&checked, &|target| Route {
        target: Value::OneOf(vec![Target::Local, target], hole("target")),
        ..to("172.16.0.0/12", Target::Local)
    });
    let any = Route {
        target: Value::Any(hole("target")),
        ..to("172.16.0.0/12", Target::Local)
    };
    matters_by(&checked, &|_| any.clone());
    // With nothing there, no route leads to it; nor does one to what stands elsewhere.
    let mut draft = joined();
    add_route(&mut draft, "v-main", any);
    let target = appliance(&mut draft, "m", "d", "10.0.2.5");
    add_route(&mut draft, "v-main", to("172.16.0.0/16", target));
    decides(draft, TO_A, IN);
}

#[test]
fn subnets_with_one_exclusion_are_alike() {
    let mut draft = joined();
    draft.subnets[2].exclusion = Some(Exclusion::Egress);
    draft.subnets[3].exclusion = Some(Exclusion::Egress);
    decides(draft, TO_A, IN);
}

#[test]
fn what_may_go_on_to_a_transit_gateway_meets_no_alike_subnets() {
    const TO_ELSEWHERE: &str = "attachment:vpn 192.168.0.9 -> 10.7.0.9 tcp/443";
    // Everything else comes to the VPC; the subnets of the attachment have a table of their own, without a route.
    let mut bare = joined();
    table(&mut bare, "t", "v");
    for subnet in &mut bare.subnets[2..] {
        subnet.route_table = Some(Value::Known("t".into()));
    }
    set_table(&mut bare, &[("0.0.0.0/0", "tv")], &["tv", "vpn"]);
    decides(bare.clone(), TO_A, IN);
    decides(bare.clone(), TO_ELSEWHERE, "dropped longest-prefix-match");
    let differ = |change: &dyn Fn(&mut NetworkDraft) -> Route| {
        let mut draft = bare.clone();
        let route = change(&mut draft);
        add_route(&mut draft, "t", route);
        // The destination is of the VPC.
        decides(draft.clone(), TO_A, IN);
        decides(draft, TO_ELSEWHERE, ZONE);
    };
    let hub = || to("172.16.0.0/12", Target::TransitGateway("hub".into()));
    differ(&|_| hub());
    differ(&|_| Route {
        state: RouteState::Blackhole,
        ..hub()
    });
    differ(&|draft| to("172.16.0.0/12", transit_gateway(draft, "other")));
    differ(&|_| Route {
        target: Value::Any(hole("target")),
        ..hub()
    });
    let either = vec![Target::Local, Target::TransitGateway("hub".into())];
    differ(&|_| Route {
        target: Value::OneOf(either.clone(), hole("target")),
        ..hub()
    });
}

#[test]
fn a_destination_in_the_subnets_of_the_attachment() {
    let mut draft = joined();
    interface(&mut draft, "c", "t2", &["10.0.9.10"], &["v-open"]);
    assert_decides(
        draft,
        &format!(
            "attachment:vpn 192.168.0.9 -> 10.0.9.10 tcp/443 => {IN}
             {TO_A} => {IN}
             attachment:vpn 192.168.0.9 -> 10.0.8.10 tcp/443 => dropped address-owner
             c 10.0.9.10 -> 192.168.0.9 tcp/443 => {OUT}"
        ),
    );
}

/// The VPC is attached by the subnets of `a` and `b` themselves.
fn joined_by_workloads() -> NetworkDraft {
    let mut draft = joined();
    draft.transit_gateway_attachments[0].kind = of_vpc("v", &["s", "d"]);
    draft
}

/// The reply may come out by any of the subnets.
const LOST: &str = "delivered on-premises-delivers; reply undetermined transit-gateway-zone";

#[test]
fn workloads_in_the_subnets_of_the_attachment() {
    let to_b = "attachment:vpn 192.168.0.9 -> 10.0.2.10 tcp/443";
    let nobody = "attachment:vpn 192.168.0.9 -> 10.0.2.99 tcp/443";
    assert_decides(
        joined_by_workloads(),
        &format!(
            "{TO_A} => {IN}
             {to_b} => {IN}
             {nobody} => dropped address-owner
             a 10.0.1.10 -> 192.168.0.9 tcp/443 => {OUT}
             b 10.0.2.10 -> 192.168.0.9 tcp/443 => {OUT}"
        ),
    );
    let place = Place::Interfaces {
        interfaces: ids(&["a", "b"]),
        public_from_inside: false,
    };
    let mut claim = every_from_on_premises(place, Claim::Answered);
    let block = [block("192.168.0.0/16")].into();
    claim.scope.from = vec![Origin::OnPremises {
        blocks: Some(block),
        resolver: None,
    }];
    assert_eq!(check(joined_by_workloads(), &claim), PROVED);
    // A route that is not the local one takes only what it is for.
    let mut draft = joined_by_workloads();
    subnet(&mut draft, "m", "v", &["10.0.3.0/24"]);
    let target = appliance(&mut draft, "m", "m", "10.0.3.5");
    add_route(&mut draft, "v-main", to("10.0.1.0/24", target));
    decides(draft.clone(), TO_A, ZONE);
    decides(draft, to_b, IN);
    // The route has to be certain.
    let mut draft = joined_by_workloads();
    let open = Route {
        destination: Value::Any(hole("destination")),
        ..to("10.9.0.0/16", Target::Local)
    };
    add_route(&mut draft, "v-main", open);
    decides(draft.clone(), to_b, ZONE);
    let open = check(draft, &claim);
    assert_eq!(depends_on(&open), ["transit-gateway-zone at attachment tv"]);
}

/// Both subnets have an ACL that passes TCP to these ports in one direction, and everything in the other.
fn with_acl(mut draft: NetworkDraft, bound: Bound, ports: &[(u16, u16)]) -> NetworkDraft {
    let mut entries = Vec::new();
    for (number, (from, to)) in (1..).zip(ports.iter().copied()) {
        let traffic = RuleTraffic::Tcp(RulePorts { from, to });
        entries.push(entry(number, AclAction::Allow, traffic, "0.0.0.0/0"));
    }
    acl(&mut draft, "own", "v", vec![allow(1, "0.0.0.0/0")]);
    let own = draft.network_acls.last_mut().expect("the ACL");
    match bound {
        Bound::In => own.ingress = entries,
        Bound::Out => own.egress = entries,
    }
    for subnet in &mut draft.subnets {
        subnet.network_acl = Value::Known("own".into());
    }
    draft
}

#[test]
fn an_acl_that_passes_only_some_ports() {
    let on_port = |port: u16| format!("attachment:vpn 192.168.0.9 -> 10.0.1.10 tcp/{port}");
    let out = "a 10.0.1.10 -> 192.168.0.9 tcp/443";
    for bound in [Bound::In, Bound::Out] {
        let draft = with_acl(joined_by_workloads(), bound, &[(443, 443), (1024, 65535)]);
        decides(draft.clone(), &on_port(443), IN);
        decides(draft.clone(), &on_port(80), ZONE);
        decides(draft, out, OUT);
        let draft = with_acl(joined_by_workloads(), bound, &[(1, 1023)]);
        decides(draft, out, LOST);
    }
    // Which of them it is matters to nothing else.
    let draft = with_acl(joined(), Bound::In, &[(443, 443), (1024, 65535)]);
    decides(draft, &on_port(80), "dropped network-acl-ingress");
}

#[test]
fn a_reply_to_a_port_that_a_nat_gateway_chose() {
    let answer = |ports: &[(u16, u16)], answer: &str| {
        let mut draft = joined();
        let nat = nat_gateway_in_t1(&mut draft);
        table(&mut draft, "t", "v");
        add_route(
            &mut draft,
            "t",
            to("0.0.0.0/0", Target::TransitGateway("hub".into())),
        );
        for subnet in &mut draft.subnets[2..] {
            subnet.route_table = Some(Value::Known("t".into()));
        }
        add_route(&mut draft, "v-main", to("192.168.0.0/16", nat));
        let draft = with_acl(draft, Bound::In, ports);
        decides(draft, "a 10.0.1.10 -> 192.168.0.9 tcp/443", answer);
    };
    answer(&[(443, 443), (1024, 65535)], OUT);
    answer(&[(443, 443), (1024, 60000)], LOST);
}

/// The VPN is behind a second transit gateway, which is peered with the first.
fn peered() -> NetworkDraft {
    let mut draft = joined();
    transit_gateway(&mut draft, "far");
    draft.transit_gateway_attachments[1].gateway = "far".into();
    draft.transit_gateway_attachments[1].association = Some(Value::Known("far-table".into()));
    for (id, gateway, table, other) in [
        ("near-end", "hub", "table", "far-end"),
        ("far-end", "far", "far-table", "near-end"),
    ] {
        let other = Some(other.into());
        let kind = AttachmentKind::Peering { other };
        attach(&mut draft, id, gateway, table, kind);
    }
    set_table(&mut draft, &[("192.168.0.0/16", "near-end")], &["tv"]);
    let back = [("10.0.0.0/16", "far-end")];
    transit_table(&mut draft, "far-table", "far", &back, &["vpn"]);
    draft
}

#[test]
fn over_peered_transit_gateways() {
    decides(peered(), TO_A, IN);
    decides(peered(), "a 10.0.1.10 -> 192.168.0.9 tcp/443", OUT);
    // A VPC that is attached to the other gateway is none of this one's.
    decides(
        peered(),
        "attachment:vpn 10.0.2.10 -> 10.0.1.10 tcp/443",
        "delivered interface-accepts; reply undetermined reply-asymmetric",
    );
    let gateways = ["far", "hub"].map(|id| [ComponentId::TransitGateway(id.into())].into());
    let claim = Claim::Traverses(gateways.to_vec());
    let claim = every_from_on_premises(to_interfaces(&["a"]), claim);
    assert_eq!(check(peered(), &claim), PROVED);
}

#[test]
fn claims_about_attachments() {
    let mut draft = joined();
    let answered = |draft: &NetworkDraft, names: &[&str]| {
        let place = Place::Interfaces {
            interfaces: ids(names),
            public_from_inside: true,
        };
        let mut claim = every_from_on_premises(place, Claim::Answered);
        let block = [block("192.168.0.0/16")].into();
        claim.scope.from = vec![Origin::OnPremises {
            blocks: Some(block),
            resolver: None,
        }];
        check(draft.clone(), &claim)
    };
    assert_eq!(answered(&draft, &["a", "b"]), PROVED);
    // No host on premises is asked about public addresses.
    set_public(&mut draft, "a", "52.0.0.1");
    assert_eq!(answered(&draft, &["a", "b"]), PROVED);
    // A host on premises sends to another one, not to itself.
    let sends = |blocks: &str| {
        let place = Place::OnPremises(Some([block(blocks)].into()));
        let mut claim = every_from_on_premises(place, Claim::Answered);
        claim.scope.from = vec![Origin::OnPremises {
            blocks: Some([block("192.168.0.9/32")].into()),
            resolver: None,
        }];
        check(draft.clone(), &claim)
    };
    assert_eq!(sends("192.168.0.9/32"), Verdict::Vacuous);
    assert_eq!(sends("192.168.0.8/31"), PROVED);
    route_by(&mut draft, "t2", &[]);
    let open = answered(&draft, &["a", "b"]);
    assert_eq!(depends_on(&open), ["transit-gateway-zone at attachment tv"]);
}

#[test]
fn what_no_packet_can_reach_is_not_built() {
    let leaves = |draft: NetworkDraft, sender: Sender| {
        let solver = Solver::load(&valid(draft));
        workspace::with_encoder(&solver.loaded, Family::V4, |encoder| {
            let picks = Picks::None;
            let walk = encoder.walk(&Subject { picks, sender });
            walk.endings.leaves.len()
        })
    };
    let from_v = || Sender::Vpc("v".into());
    // Amazon's services, the same subnet, the local route, and the VPN out of each zone.
    assert_eq!(leaves(joined(), from_v()), 5);
    let from_vpn = Sender::OnPremises(OnPremisesGateway::Transit("vpn".into()));
    assert_eq!(leaves(joined(), from_vpn), 2);
    // Everything that is handed over may be sent on.
    let mut public = joined();
    public.transit_gateway_attachments[1].kind =
        on_premises(OnPremisesService::Vpn, &["8.0.0.0/7"]);
    assert_eq!(leaves(public, from_v()), 3);
}
