use model::{Clause, RouteDestination, Target, Value};

use super::lab::Lab;

fn gateway() -> Lab {
    Lab::default()
        .vpc("v", &["10.0.0.0/16"])
        .subnet("a", "v", &["10.0.1.0/24"])
        .interface("x", "a", "v", &["10.0.1.10"])
        .list("s3", true, Some(&["52.219.0.0/20"]))
        .gateway_endpoint("s", "v", "s3")
        .route_of(
            "v",
            Value::Known(RouteDestination::PrefixList("s3".into())),
            Value::Known(Target::GatewayEndpoint("s".into())),
        )
}

#[test]
fn gateway_endpoint_delivers() {
    let flow = "x 10.0.1.10 -> 52.219.1.1 tcp/443";
    gateway().expect(&format!(
        "{flow} => delivered gateway-endpoint-delivers; reply delivered reply-returns"
    ));
    gateway().passes(flow, Clause::GatewayStateful);
    gateway().expect("x 10.0.1.10 -> 52.220.1.1 tcp/443 => dropped longest-prefix-match");
}

#[test]
fn gateway_endpoint_available() {
    gateway()
        .with(|lab| lab.endpoint_mut("s").available = false)
        .expect("x 10.0.1.10 -> 52.219.1.1 tcp/443 => dropped gateway-endpoint-available");
}

#[test]
fn gateway_endpoint_own_vpc() {
    gateway()
        .with(|lab| lab.interface_mut("x").source_destination_check = false)
        .expect("x 10.9.1.10 -> 52.219.1.1 tcp/443 => dropped gateway-endpoint-own-vpc");
}

#[test]
fn gateway_endpoint_protocol() {
    gateway().expect("x 10.0.1.10 -> 52.219.1.1 icmp/8/0 => delivered gateway-endpoint-delivers; reply delivered reply-returns");
    gateway().expect("x 10.0.1.10 -> 52.219.1.1 icmp/8/1 => dropped gateway-endpoint-protocol");
    gateway().expect("x 10.0.1.10 -> 52.219.1.1 udp/443 => dropped gateway-endpoint-protocol");
}

fn interface() -> Lab {
    Lab::default()
        .vpc("v", &["10.0.0.0/16"])
        .subnet("a", "v", &["10.0.1.0/24"])
        .subnet("b", "v", &["10.0.2.0/24"])
        .interface("x", "a", "v", &["10.0.1.10"])
        .interface_endpoint("e", "v", "b", "10.0.2.20")
}

#[test]
fn interface_endpoint_consumer_initiated() {
    interface().expect("x 10.0.1.10 -> 10.0.2.20 tcp/443 => delivered interface-accepts; reply delivered reply-returns");
    interface().expect(
        "e 10.0.2.20 -> 10.0.1.10 tcp/443 => dropped interface-endpoint-consumer-initiated",
    );
}

#[test]
fn interface_endpoint_available() {
    interface()
        .with(|lab| lab.endpoint_mut("e").available = false)
        .expect("x 10.0.1.10 -> 10.0.2.20 tcp/443 => dropped interface-endpoint-available");
}

#[test]
fn interface_endpoint_protocol() {
    interface().expect("x 10.0.1.10 -> 10.0.2.20 udp/443 => delivered interface-accepts");
    interface().expect("x 10.0.1.10 -> 10.0.2.20 icmp/8/0 => dropped interface-endpoint-protocol");
}

#[test]
fn an_endpoints_ipv6_address_is_closed_to_the_internet() {
    let lab = Lab::default()
        .vpc("v", &["10.0.0.0/16", "2600:1f00::/56"])
        .subnet("a", "v", &["2600:1f00::/64"])
        .interface_endpoint("e", "v", "a", "2600:1f00::a")
        .internet_gateway("i", Some("v"))
        .route("v", "::/0", Target::InternetGateway("i".into()));
    lab.expect(
        "internet 2001:4860::8888 -> 2600:1f00::a tcp/443 => dropped internet-gateway-inbound",
    );
}
