//! Decisions while addresses are open, and names.

use model::{AddressValue, Answer, Arrival, Engine, NetworkDraft};

use super::build::*;
use crate::Solver;

fn open(block_text: &str) -> NetworkDraft {
    let mut draft = two_subnets();
    interface_mut(&mut draft, "b").addresses[0].private =
        AddressValue::Within(block(block_text), hole("b.private_ip"));
    draft
}

#[test]
fn an_open_address_decides_where_it_can() {
    assert_decides(
        open("10.0.2.0/24"),
        "a 10.0.1.10 -> 10.0.2.10 tcp/443 => undetermined address-owner; reply undetermined address-owner
         a 10.0.1.10 -> 10.0.2.3 tcp/443 => dropped address-owner
         a 10.0.1.10 -> 10.0.2.255 tcp/443 => dropped address-owner
         a 10.0.1.10 -> 10.9.2.10 tcp/443 => dropped longest-prefix-match",
    );
}

#[test]
fn an_open_address_with_one_possible_value_is_that_value() {
    let mut draft = open("10.0.2.0/29");
    interface(&mut draft, "x", "d", &["10.0.2.4"], &["v-open"]);
    interface(&mut draft, "y", "d", &["10.0.2.6", "10.0.2.7"], &["v-open"]);
    assert_decides(
        draft.clone(),
        "a 10.0.1.10 -> 10.0.2.5 tcp/443 => delivered interface-accepts; reply delivered reply-returns",
    );
    let decision = Solver::load(&valid(draft)).decide(&flow("a 10.0.1.10 -> 10.0.2.5 tcp/443"));
    assert_eq!(
        decision.forward.arrival,
        Some(Arrival::Interface("b".into()))
    );
}

#[test]
fn arrivals() {
    let mut draft = two_subnets();
    internet_gateway(&mut draft, "v");
    set_public(&mut draft, "a", "52.0.0.1");
    let igw = model::Target::InternetGateway("igw".into());
    add_route(&mut draft, "v-main", to("0.0.0.0/0", igw));
    let solver = Solver::load(&valid(draft));
    for (question, there, back) in [
        (
            "a 10.0.1.10 -> 10.0.2.10 tcp/443",
            Arrival::Interface("b".into()),
            Arrival::Interface("a".into()),
        ),
        (
            "a 10.0.1.10 -> 8.8.8.8 tcp/443",
            Arrival::Internet,
            Arrival::Interface("a".into()),
        ),
        (
            "internet 8.8.8.8 -> 52.0.0.1 tcp/443",
            Arrival::Interface("a".into()),
            Arrival::Internet,
        ),
        (
            "a 10.0.1.10 -> 169.254.169.254 tcp/80",
            Arrival::AmazonService,
            Arrival::Interface("a".into()),
        ),
    ] {
        let decision = solver.decide(&flow(question));
        assert_eq!(decision.forward.arrival, Some(there), "{question}");
        let reply = decision.reply.expect("a reply");
        assert_eq!(reply.arrival, Some(back), "{question}");
    }
}

#[test]
fn names() {
    let mut draft = two_subnets();
    interface_endpoint(
        &mut draft,
        "vpce",
        "com.amazonaws.eu-west-1.kms",
        "k",
        "10.0.2.50",
    );
    if let model::EndpointKind::Interface { private_names, .. } = &mut draft.vpc_endpoints[0].kind {
        private_names.extend([
            "kms.eu-west-1.amazonaws.com".to_owned(),
            "*.x.com".to_owned(),
        ]);
    }
    let solver = Solver::load(&valid(draft));
    let service = |name: &str| Answer::PublicService(format!("com.amazonaws.{name}"));
    let unmodelled = |name: &str| Answer::Undetermined(hole(name));
    for (name, answer) in [
        (
            "KMS.eu-west-1.amazonaws.com.",
            Answer::Interfaces(ids(&["k"])),
        ),
        ("a.x.com", Answer::Interfaces(ids(&["k"]))),
        ("x.com", unmodelled("x.com")),
        ("kms.us-east-1.amazonaws.com", service("us-east-1.kms")),
        ("b.s3.us-east-1.amazonaws.com", service("us-east-1.s3")),
        (
            "api.ecr.us-east-1.amazonaws.com",
            service("us-east-1.ecr.api"),
        ),
        ("s3.amazonaws.com", unmodelled("s3.amazonaws.com")),
        ("x.vpce.amazonaws.com", Answer::NoAnswer),
    ] {
        assert_eq!(
            solver.resolve(&model::Asker::Vpc("v".into()), name).answer,
            answer,
            "{name}"
        );
    }
}

#[test]
fn an_id_may_have_any_characters() {
    let mut draft = open("10.0.2.0/24");
    for (number, id) in ["zero\0byte", "back\\slash", "|bar|"]
        .into_iter()
        .enumerate()
    {
        interface(&mut draft, id, "d", &[], &["v-open"]);
        let name = hole(&format!("hole {number}"));
        let private = AddressValue::Within(block("10.0.2.0/24"), name);
        let addresses = &mut last_interface(&mut draft).addresses;
        addresses.push(model::InterfaceAddress {
            private,
            public: None,
        });
    }
    assert_decides(
        draft,
        "a 10.0.1.10 -> 10.0.2.3 tcp/443 => dropped address-owner",
    );
}
