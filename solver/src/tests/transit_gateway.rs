//! Transit gateways: the choice of an attachment, zones, and the reply.

use std::time::Instant;

use model::{
    AttachmentKind, Claim, ComponentId, Engine, GroupRule, NetworkDraft, Place, RulePeer,
    RuleTraffic, Target, Value, Verdict,
};

use super::build::*;
use crate::Solver;
use crate::walk::{Picks, Sender, Subject};
use crate::workspace;

const FINE: &str = "delivered interface-accepts; reply delivered reply-returns";
const FLOW: &str = "a 10.0.1.10 -> 10.1.1.10 tcp/443";

/// VPC v with `a` and `b`, VPC w with `c`, joined by a transit gateway with one table that both propagate to.
pub(super) fn joined() -> NetworkDraft {
    let mut draft = two_subnets();
    vpc(&mut draft, "w", &["10.1.0.0/16"]);
    subnet(&mut draft, "e", "w", &["10.1.1.0/24"]);
    interface(&mut draft, "c", "e", &["10.1.1.10"], &["w-open"]);
    let hub = transit_gateway(&mut draft, "hub");
    for (number, id) in ["s", "d", "e"].into_iter().enumerate() {
        zone(&mut draft, id, ["az1", "az2", "az1"][number]);
    }
    add_route(&mut draft, "v-main", to("10.0.0.0/8", hub.clone()));
    add_route(&mut draft, "w-main", to("10.0.0.0/8", hub));
    attach(&mut draft, "tv", "hub", "table", of_vpc("v", &["s", "d"]));
    attach(&mut draft, "tw", "hub", "table", of_vpc("w", &["e"]));
    transit_table(&mut draft, "table", "hub", &[], &["tv", "tw"]);
    draft
}

fn decides(draft: NetworkDraft, answer: &str) {
    assert_decides(draft, &format!("{FLOW} => {answer}"));
}

fn set_table(draft: &mut NetworkDraft, routes: &[(&str, &str)], propagations: &[&str]) {
    draft.transit_gateway_route_tables.clear();
    transit_table(draft, "table", "hub", routes, propagations);
}

#[test]
fn from_vpc_to_vpc_and_back() {
    assert_decides(
        joined(),
        &format!(
            "{FLOW} => {FINE}
             c 10.1.1.10 -> 10.0.1.10 tcp/443 => {FINE}
             c 10.1.1.10 -> 10.0.2.10 tcp/443 => {FINE}
             a 10.0.1.10 -> 10.1.1.11 tcp/443 => dropped address-owner
             a 10.0.1.10 -> 10.9.1.11 tcp/443 => dropped transit-gateway-route"
        ),
    );
}

#[test]
fn transit_gateway_attached() {
    for position in [0, 1] {
        let mut draft = joined();
        draft.transit_gateway_attachments[position].available = false;
        set_table(
            &mut draft,
            &[("10.0.0.0/16", "tv"), ("10.1.0.0/16", "tw")],
            &[],
        );
        decides(draft, "dropped transit-gateway-attached");
    }
}

#[test]
fn transit_gateway_zone() {
    let only = |subnet: &str| {
        let mut draft = joined();
        draft.transit_gateway_attachments[0].kind = of_vpc("v", &[subnet]);
        draft
    };
    // Without a subnet in the sender's zone nothing goes in; coming out, the only subnet does.
    decides(only("d"), "dropped transit-gateway-zone");
    decides(only("s"), FINE);
    let mut unknown = only("d");
    unknown.subnets[0].zone_id = None;
    decides(
        unknown,
        "undetermined transit-gateway-zone; reply undetermined transit-gateway-zone",
    );
    // Out of several subnets only the one in the zone of entry is certain, unless they are alike.
    let mut draft = joined();
    zone(&mut draft, "e", "az3");
    decides(draft.clone(), FINE);
    route_by(&mut draft, "d", &[]);
    decides(
        draft.clone(),
        "delivered interface-accepts; reply undetermined transit-gateway-zone",
    );
    assert_decides(
        draft.clone(),
        "c 10.1.1.10 -> 10.0.1.10 tcp/443 => undetermined transit-gateway-zone; reply undetermined transit-gateway-zone",
    );
    // In appliance mode the reply comes out where the request went in.
    set_appliance_mode(&mut draft);
    decides(draft, FINE);
}

/// Of the first attachment.
fn set_appliance_mode(draft: &mut NetworkDraft) {
    let kind = &mut draft.transit_gateway_attachments[0].kind;
    if let AttachmentKind::Vpc { appliance_mode, .. } = kind {
        *appliance_mode = true;
    }
}

#[test]
fn appliance_mode_beside_another_transit_gateway() {
    let asymmetric = "delivered interface-accepts; reply undetermined reply-asymmetric";
    let beside = |vpc: &str, subnets: &[&str]| {
        let mut draft = joined();
        set_appliance_mode(&mut draft);
        transit_gateway(&mut draft, "other");
        attach(&mut draft, "t2", "other", "none", of_vpc(vpc, subnets));
        draft.transit_gateway_attachments[2].association = None;
        draft
    };
    // Whatever subnets the other attachment has, and in one zone too.
    for subnets in [&["s"][..], &["d"], &["s", "d"]] {
        decides(beside("v", subnets), asymmetric);
    }
    // It is asked last: nothing is left open of a reply that is lost before.
    let mut lost = beside("v", &["s"]);
    set_table(&mut lost, &[], &["tw"]);
    decides(
        lost,
        "delivered interface-accepts; reply dropped transit-gateway-route",
    );
    // What the attachment is to the responder does not matter.
    assert_decides(
        beside("v", &["s"]),
        &format!("c 10.1.1.10 -> 10.0.1.10 tcp/443 => {FINE}"),
    );
    // Another VPC's does not count, nor one that is not available.
    decides(beside("w", &["e"]), FINE);
    let mut unavailable = beside("v", &["s"]);
    unavailable.transit_gateway_attachments[2].available = false;
    decides(unavailable, FINE);
    // Without appliance mode, or with one subnet, nothing is chosen by flows.
    let mut draft = beside("v", &["s"]);
    draft.transit_gateway_attachments[0].kind = of_vpc("v", &["s", "d"]);
    decides(draft.clone(), FINE);
    draft.transit_gateway_attachments[0].kind = of_vpc("v", &["s"]);
    set_appliance_mode(&mut draft);
    decides(draft, FINE);
    // Over a peering of gateways as well.
    let mut draft = peered();
    set_appliance_mode(&mut draft);
    decides(draft.clone(), FINE);
    attach(&mut draft, "t2", "far", "far-table", of_vpc("v", &["s"]));
    decides(draft, asymmetric);
}

#[test]
fn transit_gateway_association() {
    let mut draft = joined();
    draft.transit_gateway_attachments[1].association = None;
    decides(
        draft.clone(),
        "delivered interface-accepts; reply dropped transit-gateway-association",
    );
    draft.transit_gateway_attachments[0].association = None;
    decides(draft.clone(), "dropped transit-gateway-association");
    draft.transit_gateway_attachments[0].association = Some(Value::Any(hole("which table")));
    decides(
        draft,
        "undetermined transit-gateway-association; reply undetermined transit-gateway-association",
    );
}

#[test]
fn transit_gateway_route_and_blackhole() {
    let decides = |routes: &[(&str, &str)], propagations: &[&str], answer| {
        let mut draft = joined();
        set_table(&mut draft, routes, propagations);
        decides(draft, answer);
    };
    decides(&[], &["tv"], "dropped transit-gateway-route");
    decides(
        &[],
        &["tw"],
        "delivered interface-accepts; reply dropped transit-gateway-route",
    );
    // A static route wins over a propagated one of its length, and a longer one over both.
    decides(
        &[("10.1.0.0/16", "")],
        &["tv", "tw"],
        "dropped transit-gateway-blackhole",
    );
    decides(&[("10.0.0.0/8", "")], &["tv", "tw"], FINE);
    decides(&[("10.1.0.0/16", ""), ("10.1.1.0/24", "tw")], &["tv"], FINE);
    decides(
        &[("10.0.0.0/16", "")],
        &["tv", "tw"],
        "delivered interface-accepts; reply dropped transit-gateway-blackhole",
    );
    decides(
        &[("10.0.1.0/24", "tw")],
        &["tv", "tw"],
        "delivered interface-accepts; reply undetermined reply-asymmetric",
    );
}

#[test]
fn transit_gateway_ambiguous() {
    let mut draft = joined();
    vpc(&mut draft, "x", &["10.1.128.0/17"]);
    subnet(&mut draft, "g", "x", &["10.1.128.0/24"]);
    attach(&mut draft, "tx", "hub", "table", of_vpc("x", &["g"]));
    set_table(&mut draft, &[], &["tv", "tw", "tx"]);
    let ambiguous =
        "undetermined transit-gateway-ambiguous; reply undetermined transit-gateway-ambiguous";
    decides(draft.clone(), ambiguous);
    set_table(&mut draft, &[("10.1.0.0/16", "tw")], &["tv", "tw", "tx"]);
    decides(draft, FINE);
}

#[test]
fn transit_gateway_unmodelled() {
    let mut draft = joined();
    let vpn = AttachmentKind::Unmodelled("vpn".to_owned());
    attach(&mut draft, "vpn", "hub", "table", vpn);
    set_table(&mut draft, &[("0.0.0.0/0", "vpn")], &["tv", "tw"]);
    let open =
        "undetermined transit-gateway-unmodelled; reply undetermined transit-gateway-unmodelled";
    assert_decides(
        draft.clone(),
        &format!(
            "{FLOW} => {FINE}
             a 10.0.1.10 -> 10.9.0.1 tcp/443 => {open}"
        ),
    );
    // What it propagates may be longer than anything but a route of full length.
    let full = [("10.1.1.10/32", "tw"), ("10.0.1.10/32", "tv")];
    set_table(&mut draft, &full, &["tv", "tw", "vpn"]);
    assert_decides(
        draft,
        &format!(
            "{FLOW} => {FINE}
             b 10.0.2.10 -> 10.1.1.10 tcp/443 => delivered interface-accepts; reply undetermined transit-gateway-unmodelled
             a 10.0.1.10 -> 10.1.1.11 tcp/443 => {open}"
        ),
    );
}

/// VPC w is attached to a second transit gateway, which is peered with the first.
fn peered() -> NetworkDraft {
    let mut draft = joined();
    let far = transit_gateway(&mut draft, "far");
    let main = &mut draft.route_tables;
    let main = main.iter_mut().find(|one| one.id.as_str() == "w-main");
    main.expect("a table").routes.pop();
    add_route(&mut draft, "w-main", to("10.0.0.0/8", far));
    draft.transit_gateway_attachments.pop();
    attach(&mut draft, "tw", "far", "far-table", of_vpc("w", &["e"]));
    for (id, gateway, table, other) in [
        ("near-end", "hub", "table", "far-end"),
        ("far-end", "far", "far-table", "near-end"),
    ] {
        let other = Some(other.into());
        attach(
            &mut draft,
            id,
            gateway,
            table,
            AttachmentKind::Peering { other },
        );
    }
    set_table(&mut draft, &[("10.1.0.0/16", "near-end")], &["tv"]);
    transit_table(
        &mut draft,
        "far-table",
        "far",
        &[("10.0.0.0/16", "far-end")],
        &["tw"],
    );
    draft
}

#[test]
fn over_a_peering_of_transit_gateways() {
    // On the way back the zone is lost, so that the attachment of v has to have alike subnets or one.
    decides(peered(), FINE);
    let mut draft = peered();
    route_by(&mut draft, "d", &[]);
    decides(
        draft.clone(),
        "delivered interface-accepts; reply undetermined transit-gateway-zone",
    );
    draft.transit_gateway_attachments[0].kind = of_vpc("v", &["s"]);
    decides(draft.clone(), FINE);
    let traverses = |names: &[&str]| {
        let sets = names
            .iter()
            .map(|name| [ComponentId::TransitGateway((*name).into())].into());
        let claim = Claim::Traverses(sets.collect());
        let claim = every(&["a"], to_interfaces(&["c"]), claim);
        Solver::load(&valid(draft.clone())).check(&claim)
    };
    assert_eq!(traverses(&["hub", "far"]), Verdict::Holds { witness: None });
    assert!(matches!(
        traverses(&["far", "hub"]),
        Verdict::Violated { .. }
    ));

    let mut unavailable = draft.clone();
    let ends = &mut unavailable.transit_gateway_attachments;
    let end = ends.iter_mut().find(|one| one.id.as_str() == "far-end");
    end.expect("an end").available = false;
    decides(unavailable, "dropped transit-gateway-attached");

    // Each gateway sends to the other.
    let mut round = draft;
    let tables = &mut round.transit_gateway_route_tables;
    tables[1].routes[0].destination = model::RouteDestination::Cidr(block("10.0.0.0/8"));
    tables[1].propagations.clear();
    decides(round, "dropped way-loop");
}

#[test]
fn a_reference_over_a_transit_gateway_needs_it_switched_on() {
    let mut draft = joined();
    let from_v = GroupRule {
        traffic: RuleTraffic::All,
        peer: RulePeer::Group("v-open".into()),
    };
    group(&mut draft, "near", "w", vec![from_v], vec![]);
    set_groups(&mut draft, "c", &["near"]);
    decides(draft.clone(), "dropped security-group-ingress");
    draft.transit_gateways[0].security_group_referencing = true;
    decides(draft.clone(), "dropped security-group-ingress");
    for attachment in &mut draft.transit_gateway_attachments {
        if let AttachmentKind::Vpc {
            security_group_referencing,
            ..
        } = &mut attachment.kind
        {
            *security_group_referencing = true;
        }
    }
    decides(draft, FINE);
}

/// Spokes whose traffic goes through a firewall in an inspection VPC, in three zones, and out by NAT gateways.
fn hub(spokes: usize) -> NetworkDraft {
    let mut draft = NetworkDraft::default();
    let hub = transit_gateway(&mut draft, "hub");
    vpc(&mut draft, "v", &["10.255.0.0/16"]);
    internet_gateway(&mut draft, "v");
    let zones = ["az1", "az2", "az3"];
    for (number, az) in zones.into_iter().enumerate() {
        let id = |kind: &str| format!("{kind}{number}");
        for (position, kind) in ["transit", "inspect", "public"].into_iter().enumerate() {
            let third = number * 10 + position;
            subnet(
                &mut draft,
                &id(kind),
                "v",
                &[&format!("10.255.{third}.0/24")],
            );
            zone(&mut draft, &id(kind), az);
        }
        let inspects = inspection_endpoint(&mut draft, &id("gwlbe"), &id("inspect"));
        let igw = Target::InternetGateway("igw".into());
        draft.nat_gateways.push(model::NatGateway {
            id: id("nat").as_str().into(),
            subnet: id("public").as_str().into(),
            interface: id("nat-if").as_str().into(),
            available: true,
            tags: Default::default(),
        });
        let address = format!("10.255.{}.200=52.0.0.{number}", number * 10 + 2);
        interface(&mut draft, &id("nat-if"), &id("public"), &[&address], &[]);
        last_interface(&mut draft).attachment =
            model::Attachment::NatGateway(id("nat").as_str().into());
        let nat = Target::NatGateway(id("nat").as_str().into());
        route_by(
            &mut draft,
            &id("transit"),
            &[("0.0.0.0/0", inspects.clone())],
        );
        let inspected = [("0.0.0.0/0", nat), ("10.0.0.0/8", hub.clone())];
        route_by(&mut draft, &id("inspect"), &inspected);
        let public = [("0.0.0.0/0", igw), ("10.0.0.0/8", inspects)];
        route_by(&mut draft, &id("public"), &public);
    }
    let transit = ["transit0", "transit1", "transit2"];
    attach(&mut draft, "tv", "hub", "inspected", of_vpc("v", &transit));
    set_appliance_mode(&mut draft);
    let mut attached = Vec::new();
    for spoke in 0..spokes {
        let id = format!("spoke{spoke}");
        vpc(&mut draft, &id, &[&format!("10.{spoke}.0.0/16")]);
        add_route(
            &mut draft,
            &format!("{id}-main"),
            to("0.0.0.0/0", hub.clone()),
        );
        let mut subnets = Vec::new();
        for (number, az) in zones.into_iter().enumerate() {
            let name = format!("{id}-{number}");
            subnet(
                &mut draft,
                &name,
                &id,
                &[&format!("10.{spoke}.{number}.0/24")],
            );
            zone(&mut draft, &name, az);
            let address = format!("10.{spoke}.{number}.10");
            interface(
                &mut draft,
                &format!("{name}-if"),
                &name,
                &[&address],
                &[&format!("{id}-open")],
            );
            subnets.push(name);
        }
        let subnets: Vec<&str> = subnets.iter().map(String::as_str).collect();
        attached.push(format!("t{spoke}"));
        attach(
            &mut draft,
            &format!("t{spoke}"),
            "hub",
            "spokes",
            of_vpc(&id, &subnets),
        );
    }
    let attached: Vec<&str> = attached.iter().map(String::as_str).collect();
    transit_table(&mut draft, "spokes", "hub", &[("0.0.0.0/0", "tv")], &[]);
    transit_table(&mut draft, "inspected", "hub", &[], &attached);
    draft
}

#[test]
fn a_hub_with_spokes_stays_small() {
    const SPOKES: usize = 20;
    let network = valid(hub(SPOKES));
    let start = Instant::now();
    let solver = Solver::load(&network);
    assert_eq!(
        said(&solver.decide(&flow("spoke0-0-if 10.0.0.10 -> 10.1.1.10 tcp/443"))),
        FINE
    );
    println!("load and first flow: {:?}", start.elapsed());
    assert_eq!(
        said(&solver.decide(&flow("spoke0-0-if 10.0.0.10 -> 8.8.8.8 tcp/443"))),
        "delivered internet-gateway-delivers; reply delivered reply-returns"
    );
    let start = Instant::now();
    let names: Vec<String> = (0..3).map(|number| format!("spoke0-{number}-if")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let subject = Subject {
        picks: Picks::None,
        sender: Sender::Vpc("spoke0".into()),
    };
    let (leaves, ways) = workspace::with_encoder(&solver.loaded, model::Family::V4, |encoder| {
        let walk = encoder.walk(&subject);
        let endings = &walk.endings;
        let ways = endings.dropped.len() + endings.ended.len();
        (endings.leaves.len(), ways)
    });
    println!(
        "leaves {leaves}, other endings {ways}: {:?}",
        start.elapsed()
    );
    // Three zones; in each, two ways into each spoke, into the inspection VPC, and out.
    assert!(leaves <= 3 * (2 * SPOKES + 10), "{leaves} leaves");

    let inspected = Claim::Traverses(vec![
        (0..3)
            .map(|number| ComponentId::VpcEndpoint(format!("gwlbe{number}").as_str().into()))
            .collect(),
    ]);
    let others: Vec<String> = (1..SPOKES)
        .map(|spoke| format!("spoke{spoke}-1-if"))
        .collect();
    let others: Vec<&str> = others.iter().map(String::as_str).collect();
    for (name, place, claim) in [
        ("inspected", to_interfaces(&others), inspected.clone()),
        ("answered", to_interfaces(&others), Claim::Answered),
        ("inspected out", Place::Internet, inspected),
        ("answered out", Place::Internet, Claim::Answered),
    ] {
        let start = Instant::now();
        let verdict = solver.check(&every(&names, place, claim));
        println!("{name}: {:?}", start.elapsed());
        assert_eq!(verdict, Verdict::Holds { witness: None }, "{name}");
    }
}
