//! Gateway Load Balancer endpoints, and edge tables that lead to them.

use model::{EgressOnlyInternetGateway, EndpointKind, Middlebox, NetworkDraft, Target, Value};

use super::build::*;

const OUT: &str = "delivered internet-gateway-delivers; reply delivered reply-returns";
const IN: &str = "delivered interface-accepts; reply delivered reply-returns";

/// `a` has a public address, and everything between it and the internet goes through an endpoint in subnet `m`.
fn inspected() -> NetworkDraft {
    let mut draft = two_subnets();
    internet_gateway(&mut draft, "v");
    set_public(&mut draft, "a", "52.0.0.1");
    subnet(&mut draft, "m", "v", &["10.0.3.0/24"]);
    let inspects = inspection_endpoint(&mut draft, "gwlbe", "m");
    route_by(&mut draft, "s", &[("0.0.0.0/0", inspects.clone())]);
    let igw = Target::InternetGateway("igw".into());
    route_by(&mut draft, "m", &[("0.0.0.0/0", igw)]);
    table(&mut draft, "edge", "v");
    add_route(&mut draft, "edge", to("10.0.1.0/24", inspects));
    draft.internet_gateways[0].edge_route_table = Some("edge".into());
    draft
}

fn set_middlebox(draft: &mut NetworkDraft, stated: Middlebox) {
    if let EndpointKind::GatewayLoadBalancer { middlebox, .. } = &mut draft.vpc_endpoints[0].kind {
        *middlebox = stated;
    }
}

#[test]
fn both_directions_pass_the_endpoint() {
    assert_decides(
        inspected(),
        &format!(
            "a 10.0.1.10 -> 8.8.8.8 tcp/443 => {OUT}
             internet 8.8.8.8 -> 52.0.0.1 tcp/443 => {IN}
             a 10.0.1.10 -> 10.0.2.10 tcp/443 => {IN}"
        ),
    );
}

#[test]
fn gateway_load_balancer_endpoint_inspects() {
    for stated in [Middlebox::Inspects, Middlebox::Unknown] {
        let mut draft = inspected();
        set_middlebox(&mut draft, stated);
        assert_decides(
            draft,
            "a 10.0.1.10 -> 8.8.8.8 tcp/443 => undetermined gateway-load-balancer-endpoint-inspects; reply delivered reply-returns
             a 10.0.1.10 -> 172.16.0.1 tcp/443 => dropped internet-gateway-private-destination
             internet 8.8.8.8 -> 52.0.0.1 tcp/443 => undetermined gateway-load-balancer-endpoint-inspects; reply delivered reply-returns",
        );
    }
}

#[test]
fn gateway_load_balancer_endpoint_available() {
    let mut draft = inspected();
    draft.vpc_endpoints[0].available = false;
    assert_decides(
        draft,
        "a 10.0.1.10 -> 8.8.8.8 tcp/443 => dropped gateway-load-balancer-endpoint-available
         internet 8.8.8.8 -> 52.0.0.1 tcp/443 => dropped gateway-load-balancer-endpoint-available",
    );
}

#[test]
fn a_reply_that_would_pass_the_endpoint_by_is_dropped_at_the_gateway() {
    let mut draft = inspected();
    draft.internet_gateways[0].edge_route_table = None;
    assert_decides(
        draft,
        "a 10.0.1.10 -> 8.8.8.8 tcp/443 => delivered internet-gateway-delivers; reply dropped internet-gateway-edge-table
         internet 8.8.8.8 -> 52.0.0.1 tcp/443 => undetermined internet-gateway-unrouted; reply dropped reply-returns",
    );
    // And the other way round: in through the endpoint, out past it.
    let mut draft = inspected();
    let s = draft.subnets.iter_mut().find(|one| one.id.as_str() == "s");
    s.expect("a subnet").route_table = Some(Value::Known("m-table".into()));
    assert_decides(
        draft,
        "a 10.0.1.10 -> 8.8.8.8 tcp/443 => delivered internet-gateway-delivers; reply dropped internet-gateway-edge-table
         internet 8.8.8.8 -> 52.0.0.1 tcp/443 => delivered interface-accepts; reply dropped reply-returns",
    );
}

#[test]
fn gateway_load_balancer_endpoint_egress_only() {
    let mut draft = two_subnets();
    add_ipv6(&mut draft);
    open_to_ipv6(&mut draft);
    draft
        .egress_only_internet_gateways
        .push(EgressOnlyInternetGateway {
            id: "eigw".into(),
            vpc: "v".into(),
            tags: Default::default(),
        });
    let eigw = Target::EgressOnlyInternetGateway("eigw".into());
    subnet(&mut draft, "m", "v", &["10.0.3.0/24", "2600:3::/64"]);
    let inspects = inspection_endpoint(&mut draft, "gwlbe", "m");
    route_by(
        &mut draft,
        "m",
        &[("::/0", eigw.clone()), ("0.0.0.0/0", eigw.clone())],
    );
    route_by(
        &mut draft,
        "s",
        &[("::/0", inspects.clone()), ("0.0.0.0/0", inspects)],
    );
    route_by(&mut draft, "d", &[("::/0", eigw)]);
    assert_decides(
        draft,
        "a 2600:1::10 -> 2a00::1 tcp/443 => dropped gateway-load-balancer-endpoint-egress-only
         a 10.0.1.10 -> 8.8.8.8 tcp/443 => dropped egress-only-internet-gateway
         b 2600:2::10 -> 2a00::1 tcp/443 => delivered egress-only-internet-gateway; reply delivered reply-returns",
    );
}
