use model::{Arrival, ComponentId, OnPremisesGateway, OnPremisesService, Target, Value};

use super::lab::{Lab, read_flow};
use super::on_premises::{ACCEPTED, DELIVERED, OUT};

/// `x` in `v` and `y` in `w`, joined by `t`, from which `b` leads on premises.
pub fn transit() -> Lab {
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
    let into = "over:b 192.168.1.1 -> 10.1.1.10 tcp/443";
    zones.expect(&format!("{into} => {ACCEPTED}"));
    let unlike = zones.table("other", "w", &["c2"]).route(
        "other",
        "0.0.0.0/0",
        Target::TransitGateway("t".into()),
    );
    unlike.expect(&format!("{flow} => {open}"));
    unlike.expect(&format!("{into} => {open}"));
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
