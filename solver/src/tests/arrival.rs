//! The source with which requests arrive.

use model::{
    AddressValue, EgressOnlyInternetGateway, Engine, InterfaceAddress, NetworkDraft, Target,
};

use super::build::*;
use super::endpoint_service::offered;
use super::hairpin;
use super::load_balancer::balanced;
use super::nat64::with_nat64;
use super::transit_gateway::joined;
use crate::Solver;

/// Asserts with which source each line `flow => address` arrives, or `none`.
fn arrives(draft: NetworkDraft, lines: &str) {
    let solver = Solver::load(&valid(draft));
    for line in lines.lines().map(str::trim) {
        let (question, answer) = line.split_once("=>").expect("flow => address");
        let decision = solver.decide(&flow(question));
        let source = decision.forward.source;
        let source = source.map_or_else(|| "none".to_owned(), |source| source.to_string());
        assert_eq!(source, answer.trim(), "{question}: {}", said(&decision));
        let reply = decision.reply.as_ref();
        assert_eq!(reply.and_then(|reply| reply.source), None, "{question}");
    }
}

#[test]
fn inside_a_vpc_and_of_what_is_not_delivered() {
    arrives(
        two_subnets(),
        "a 10.0.1.10 -> 10.0.2.10 tcp/443 => 10.0.1.10
         a 10.0.1.10 -> 10.0.2.11 tcp/443 => none
         a 10.0.1.10 -> 169.254.169.253 udp/53 => 10.0.1.10",
    );
}

#[test]
fn an_internet_gateway_puts_in_each_sender_s_own_address() {
    arrives(
        hairpin::public(),
        "a 10.0.1.10 -> 8.8.8.8 tcp/443 => 52.0.0.1
         c 10.0.3.10 -> 8.8.8.8 tcp/443 => 52.0.0.2
         a 10.0.1.10 -> 52.0.0.2 tcp/443 => 52.0.0.1
         c 10.0.3.10 -> 52.0.0.1 tcp/443 => 52.0.0.2
         internet 8.8.8.8 -> 52.0.0.1 tcp/443 => 8.8.8.8",
    );
}

#[test]
fn behind_nat_gateways() {
    let mut draft = with_nat64();
    arrives(
        draft.clone(),
        "b 10.0.2.10 -> 8.8.8.8 tcp/443 => 52.0.0.200
         b 2600:2::10 -> 64:ff9b::808:808 tcp/443 => 52.0.0.200
         b 2600:2::10 -> 64:ff9b::a00:10a tcp/443 => 10.0.1.200",
    );
    let second = InterfaceAddress {
        private: AddressValue::Known(address("10.0.1.201")),
        public: Some(AddressValue::Known(address("52.0.0.201"))),
    };
    let interface = interface_mut(&mut draft, "nat-if");
    interface.addresses.push(second);
    arrives(
        draft,
        "b 10.0.2.10 -> 8.8.8.8 tcp/443 => none
         b 2600:2::10 -> 64:ff9b::808:808 tcp/443 => none",
    );
}

#[test]
fn ipv6_keeps_its_source() {
    let mut draft = two_subnets();
    add_ipv6(&mut draft);
    open_to_ipv6(&mut draft);
    internet_gateway(&mut draft, "v");
    draft
        .egress_only_internet_gateways
        .push(EgressOnlyInternetGateway {
            id: "eigw".into(),
            vpc: "v".into(),
            tags: std::collections::BTreeMap::new(),
        });
    let out = Target::InternetGateway("igw".into());
    route_by(&mut draft, "s", &[("::/0", out)]);
    let only = Target::EgressOnlyInternetGateway("eigw".into());
    route_by(&mut draft, "d", &[("::/0", only)]);
    arrives(
        draft,
        "a 2600:1::10 -> 2a00::1 tcp/443 => 2600:1::10
         b 2600:2::10 -> 2a00::1 tcp/443 => 2600:2::10
         a 2600:1::10 -> 2600:2::10 tcp/443 => 2600:1::10",
    );
}

#[test]
fn over_peerings_transit_gateways_and_from_on_premises() {
    let mut draft = joined();
    arrives(
        draft.clone(),
        "a 10.0.1.10 -> 10.1.1.10 tcp/443 => 10.0.1.10",
    );
    peering(&mut draft, "p", "v", "w");
    route_by(
        &mut draft,
        "s",
        &[("10.1.0.0/16", Target::Peering("p".into()))],
    );
    arrives(draft, "a 10.0.1.10 -> 10.1.1.10 tcp/443 => 10.0.1.10");
    let mut draft = two_subnets();
    interface_endpoint(&mut draft, "vpce", super::policy::S3, "e", "10.0.2.60");
    let gateway = virtual_private_gateway(&mut draft, "g", "v", &["192.168.0.0/16"]);
    add_route(&mut draft, "v-main", to("192.168.0.0/16", gateway));
    arrives(
        draft,
        "gateway:g 192.168.0.9 -> 10.0.2.60 tcp/443 => 192.168.0.9
         a 10.0.1.10 -> 10.0.2.60 tcp/443 => 10.0.1.10
         a 10.0.1.10 -> 192.168.0.9 tcp/443 => 10.0.1.10",
    );
}

#[test]
fn behind_relays_it_is_the_node_or_the_client() {
    let mut draft = balanced();
    arrives(
        draft.clone(),
        "a 10.0.1.10 -> 10.0.1.50 tcp/80 => 10.0.1.10
         a 10.0.1.10 -> 10.0.1.50 tcp/80 pick 1 => 10.0.1.50",
    );
    draft.target_groups[0].preserve_client_address = true;
    arrives(draft, "a 10.0.1.10 -> 10.0.1.50 tcp/80 pick 1 => 10.0.1.10");
    arrives(
        offered(),
        "a 10.0.1.10 -> 10.0.2.60 tcp/443 => 10.0.1.10
         a 10.0.1.10 -> 10.0.2.60 tcp/443 pick 1.1 => 10.0.2.50",
    );
}

#[test]
fn an_open_address_is_none_unless_it_makes_no_difference() {
    let open = |text: &str, name: &str| AddressValue::Within(block(text), hole(name));
    let mut draft = with_nat64();
    interface_mut(&mut draft, "nat-if").addresses[0].public = Some(open("52.0.0.0/24", "public"));
    arrives(draft, "b 10.0.2.10 -> 8.8.8.8 tcp/443 => none");
    let mut draft = with_nat64();
    interface_mut(&mut draft, "nat-if").addresses[0].private = open("10.0.1.0/24", "private");
    arrives(
        draft,
        "b 10.0.2.10 -> 8.8.8.8 tcp/443 => 52.0.0.200
         b 10.0.2.10 -> 10.0.1.10 tcp/443 => 10.0.2.10
         b 2600:2::10 -> 64:ff9b::a00:10a tcp/443 => none",
    );
}
