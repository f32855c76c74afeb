//! The source addresses with which requests arrive.

use model::{Engine, Target};

use super::gateway::three;
use super::lab::{Lab, read_flow};
use super::load_balancer::{application, preserving};
use super::nat_gateway_address::several;
use super::nat64::{translating, written};
use super::on_premises::{IN, OUT, virtual_private};
use super::requests::one;
use super::transit_gateway::two;

#[track_caller]
fn expect(lab: &Lab, flow: &str, source: &str) {
    let decision = lab.load().decide(&read_flow(flow));
    let told = decision.forward.source.map(|source| source.to_string());
    let forward = &decision.forward;
    assert_eq!(told.as_deref().unwrap_or("none"), source, "{forward:?}");
    assert_eq!(decision.reply.and_then(|reply| reply.source), None);
}

#[test]
fn gateways_to_the_internet_translate_it() {
    let lab = three().interface("q", "a", "v", &["10.0.1.12=203.0.113.12"]);
    expect(&lab, "x 10.0.1.10 -> 8.8.8.8 tcp/443", "203.0.113.10");
    expect(&lab, "q 10.0.1.12 -> 8.8.8.8 tcp/443", "203.0.113.12");
    expect(&lab, "p 10.0.2.10 -> 8.8.8.8 tcp/443", "203.0.113.99");
    let v6 = "2600:1f00:0:1::a";
    expect(&lab, &format!("x {v6} -> 2001:4860::8888 tcp/443"), v6);
    let dropped = "x 10.0.1.11 -> 8.8.8.8 tcp/443";
    expect(&lab, dropped, "none");
    expect(&lab, "internet 8.8.8.8 -> 203.0.113.10 tcp/443", "8.8.8.8");
    let back = "p 10.0.2.10 -> 203.0.113.12 tcp/443";
    expect(&lab, back, "203.0.113.99");
    expect(&lab, "x 10.0.1.10 -> 169.254.169.254 tcp/80", "10.0.1.10");
}

#[test]
fn nat_gateways_send_from_one_address_or_from_any_of_several() {
    let mapped = ["10.0.1.99=203.0.113.99", "10.0.1.98=203.0.113.98"];
    let to_internet = "p 10.0.2.10 -> 8.8.8.8 tcp/443";
    expect(&several(&mapped), to_internet, "none");
    expect(&several(&mapped[..1]), to_internet, "203.0.113.99");
    for to in ["10.1.1.10", "10.0.1.10"] {
        let flow = format!("p 10.0.2.10 -> {to} tcp/443");
        expect(&several(&mapped[..1]), &flow, "10.0.1.99");
    }
    let flow = |to: &str| format!("p 2600:1f00:0:2::a -> {} tcp/443", written(to));
    expect(&translating(), &flow("8.8.8.8"), "203.0.113.99");
    expect(&translating(), &flow("10.0.3.10"), "10.0.1.99");
}

#[test]
fn within_private_networks_it_stays() {
    let mapped = ["10.0.1.99=203.0.113.99"];
    let peered = several(&mapped).route("w", "10.0.0.0/16", Target::Peering("peer".into()));
    expect(&peered, "z 10.1.1.10 -> 10.0.1.10 tcp/443", "10.1.1.10");
    expect(&two(), "x 10.0.1.10 -> 10.1.1.10 tcp/443", "10.0.1.10");
    let by_gateway = "x 10.0.1.10 -> 52.219.0.1 tcp/443";
    expect(&one(vec![]), by_gateway, "10.0.1.10");
    let lab = virtual_private().interface_endpoint("e", "v", "a", "10.0.1.20");
    expect(&lab, OUT, "10.0.1.10");
    expect(&lab, IN, "192.168.1.1");
    let to_endpoint = "beyond:g 192.168.1.1 -> 10.0.1.20 tcp/443";
    expect(&lab, to_endpoint, "192.168.1.1");
}

#[test]
fn load_balancers_keep_it_or_send_from_their_own() {
    let flow = "c 10.0.1.10 -> 10.0.1.100 tcp/443";
    expect(&application(), flow, "10.0.1.10");
    expect(&application(), &format!("{flow} pick 1"), "10.0.1.100");
    expect(&preserving(), &format!("{flow} pick 1"), "10.0.1.10");
}
