//! Virtual private gateways, and what claims say of networks on premises.

use model::{
    Claim, Clause, ComponentId, Engine, Family, Invariant, Middlebox, NetworkDraft,
    OnPremisesGateway, Origin, Place, Source, Target, Value, Verdict, VirtualPrivateGateway,
};

use super::build::*;
use super::verdict::{PROVED, check, depends_on, exists, not, violated};
use crate::Solver;
use crate::ranges::Ranges;

const OUT: &str = "delivered on-premises-delivers; reply delivered reply-returns";
const IN: &str = "delivered interface-accepts; reply delivered reply-returns";

/// `a` and `b`, and everything else on premises by `g`, which knows private, public and a VPC's addresses.
fn reached() -> NetworkDraft {
    let mut draft = two_subnets();
    vpc(&mut draft, "w", &["10.1.0.0/16"]);
    let known = [
        "192.168.0.0/16",
        "10.1.0.0/24",
        "44.0.0.0/8",
        "50.0.0.0/7",
        "51.0.2.0/24",
        "2600:ffff::/32",
        "fd00:1::/32",
    ];
    let gateway = virtual_private_gateway(&mut draft, "g", "v", &known);
    add_route(&mut draft, "v-main", to("0.0.0.0/0", gateway));
    draft
}

fn gateway(draft: &mut NetworkDraft) -> &mut VirtualPrivateGateway {
    &mut draft.virtual_private_gateways[0]
}

#[test]
fn by_a_route_to_a_virtual_private_gateway() {
    let open = "undetermined on-premises-transit; reply undetermined on-premises-transit";
    assert_decides(
        reached(),
        &format!(
            "a 10.0.1.10 -> 192.168.0.9 tcp/443 => {OUT}
             a 10.0.1.10 -> 192.169.0.9 tcp/443 => dropped virtual-private-gateway-route
             a 10.0.1.10 -> 10.1.0.9 tcp/443 => {open}
             a 10.0.1.10 -> 10.1.1.9 tcp/443 => dropped virtual-private-gateway-route
             a 10.0.1.10 -> 44.0.0.9 tcp/443 => {OUT}
             a 10.0.1.10 -> 50.0.0.9 tcp/443 => {open}
             a 10.0.1.10 -> 51.0.2.9 tcp/443 => {OUT}
             a 10.0.1.10 -> 51.0.3.9 tcp/443 => {open}"
        ),
    );
    let mut draft = reached();
    add_ipv6(&mut draft);
    open_to_ipv6(&mut draft);
    let target = Target::VirtualPrivateGateway("g".into());
    add_route(&mut draft, "v-main", to("::/0", target));
    gateway(&mut draft).prefixes = Value::Known(
        ["2a00::/16", "2c00::/15", "2600:ffff::/32", "fd00:1::/32"]
            .map(block)
            .into(),
    );
    assert_decides(
        draft,
        &format!(
            "a 2600:1::10 -> fd00:1::9 tcp/443 => {OUT}
             a 2600:1::10 -> 2a00::9 tcp/443 => {OUT}
             a 2600:1::10 -> 2c01::9 tcp/443 => {open}"
        ),
    );
}

#[test]
fn only_the_own_vpc_s_addresses_leave() {
    let mut draft = reached();
    interface_mut(&mut draft, "a").source_destination_check = false;
    assert_decides(
        draft.clone(),
        &format!(
            "a 10.0.1.10 -> 192.168.0.9 tcp/443 => {OUT}
             a 10.0.9.9 -> 192.168.0.9 tcp/443 => delivered on-premises-delivers; reply dropped reply-returns
             a 10.1.0.9 -> 192.169.0.9 tcp/443 => dropped virtual-private-gateway-source"
        ),
    );
    for vpc in [None, Some("w".into())] {
        gateway(&mut draft).vpc = vpc;
        assert_decides(
            draft.clone(),
            "a 10.1.0.9 -> 192.168.0.9 tcp/443 => dropped virtual-private-gateway-attached",
        );
    }
}

#[test]
fn from_on_premises_by_a_virtual_private_gateway() {
    let open = "undetermined on-premises-source; reply undetermined on-premises-source";
    assert_decides(
        reached(),
        &format!(
            "gateway:g 192.168.0.9 -> 10.0.1.10 tcp/443 => {IN}
             gateway:g 192.169.0.9 -> 10.0.1.10 tcp/443 => delivered interface-accepts; reply dropped virtual-private-gateway-route
             gateway:g 10.0.2.10 -> 10.0.1.10 tcp/443 => {open}
             gateway:g 10.1.0.9 -> 10.0.1.10 tcp/443 => {IN}
             gateway:g 192.168.0.9 -> 10.0.1.77 tcp/443 => dropped address-owner"
        ),
    );
}

#[test]
fn by_what_does_not_lead_on_premises_nobody_sends() {
    assert_decides(
        reached(),
        "gateway:gone 192.168.0.9 -> 10.0.1.10 tcp/443 => dropped source-check
         attachment:gone 192.168.0.9 -> 10.0.1.10 tcp/443 => dropped source-check",
    );
}

#[test]
fn from_one_site_to_another() {
    let lost = "dropped virtual-private-gateway-inbound";
    let open = "undetermined virtual-private-gateway-inbound";
    let open = format!("{open}; reply {open}");
    // Asked before the source. That a block holds an address of the VPC does not matter.
    let mut draft = reached();
    let known = ["10.0.0.0/16", "10.1.0.0/24", "44.0.0.0/8"];
    gateway(&mut draft).prefixes = Value::Known(known.map(block).into());
    assert_decides(
        draft.clone(),
        &format!(
            "gateway:g 44.0.0.9 -> 10.0.1.10 tcp/443 => {IN}
             gateway:g 44.0.0.9 -> 10.1.0.9 tcp/443 => {open}
             gateway:g 10.0.2.10 -> 10.1.0.9 tcp/443 => {open}
             gateway:g 44.0.0.9 -> 10.1.1.9 tcp/443 => {lost}
             gateway:g 10.0.2.10 -> 8.8.8.8 tcp/443 => {lost}"
        ),
    );
    let place = Place::OnPremises(Some([block("10.1.0.0/24")].into()));
    let claim = every_from_on_premises(place, not(Claim::Delivered));
    let at = "virtual-private-gateway-inbound at virtual private gateway g";
    assert_eq!(depends_on(&check(draft.clone(), &claim)), [at]);

    gateway(&mut draft).vpc = None;
    assert_decides(
        draft.clone(),
        &format!(
            "gateway:g 44.0.0.9 -> 10.0.1.10 tcp/443 => {open}
             gateway:g 44.0.0.9 -> 10.1.1.9 tcp/443 => {lost}"
        ),
    );
    assert_eq!(depends_on(&check(draft, &claim)), [at]);

    for prefixes in [
        Value::Any(hole("blocks of g")),
        Value::OneOf(
            vec![[block("44.0.0.0/8")].into(), [].into()],
            hole("blocks of g"),
        ),
    ] {
        let mut veiled = reached();
        gateway(&mut veiled).prefixes = prefixes;
        decides(
            &veiled,
            "gateway:g 44.0.0.9 -> 10.1.0.9 tcp/443",
            open.as_str(),
        );
        assert_eq!(depends_on(&check(veiled.clone(), &claim)), ["blocks of g"]);
        gateway(&mut veiled).vpc = None;
        decides(
            &veiled,
            "gateway:g 44.0.0.9 -> 10.0.1.10 tcp/443",
            open.as_str(),
        );
    }
}

fn decides(draft: &NetworkDraft, flow: &str, answer: &str) {
    assert_decides(draft.clone(), &format!("{flow} => {answer}"));
}

#[test]
fn a_table_of_the_gateway_and_blocks_that_are_not_known() {
    let mut edge = reached();
    table(&mut edge, "edge", "v");
    gateway(&mut edge).edge_route_table = Some("edge".into());
    let open = "undetermined virtual-private-gateway-edge-table";
    assert_decides(
        edge,
        &format!(
            "gateway:g 192.168.0.9 -> 10.0.1.77 tcp/443 => {open}; reply {open}
             a 10.0.1.10 -> 192.168.0.9 tcp/443 => delivered on-premises-delivers; reply {open}"
        ),
    );
    let mut veiled = reached();
    gateway(&mut veiled).prefixes = Value::Any(hole("blocks of g"));
    let open = "undetermined virtual-private-gateway-route";
    assert_decides(
        veiled.clone(),
        &format!(
            "gateway:g 192.168.0.9 -> 10.0.1.10 tcp/443 => delivered interface-accepts; reply {open}
             a 10.0.1.10 -> 10.1.0.9 tcp/443 => {open}; reply {open}"
        ),
    );
    let claim = every(&["a"], Place::OnPremises(None), not(Claim::Delivered));
    assert_eq!(depends_on(&check(veiled, &claim)), ["blocks of g"]);
}

#[test]
fn the_reply_from_on_premises_enters_no_device() {
    let mut draft = reached();
    let middlebox = appliance(&mut draft, "m", "d", "10.0.2.200");
    last_interface(&mut draft).middlebox = Middlebox::Forwards;
    subnet(&mut draft, "guarded", "v", &["10.0.3.0/24"]);
    interface(&mut draft, "c", "guarded", &["10.0.3.10"], &["v-open"]);
    route_by(&mut draft, "guarded", &[("0.0.0.0/0", middlebox)]);
    nat_gateway(&mut draft);
    subnet(&mut draft, "translated", "v", &["10.0.4.0/24"]);
    interface(&mut draft, "e", "translated", &["10.0.4.10"], &["v-open"]);
    let nat = Target::NatGateway("nat".into());
    route_by(&mut draft, "translated", &[("0.0.0.0/0", nat)]);
    let asymmetric = "reply undetermined reply-asymmetric";
    assert_decides(
        draft,
        &format!(
            "c 10.0.3.10 -> 192.168.0.9 tcp/443 => delivered on-premises-delivers; {asymmetric}
             gateway:g 192.168.0.9 -> 10.0.3.10 tcp/443 => delivered interface-accepts; {asymmetric}
             e 10.0.4.10 -> 192.168.0.9 tcp/443 => {OUT}
             gateway:g 192.168.0.9 -> 10.0.4.10 tcp/443 => delivered interface-accepts; reply dropped reply-returns"
        ),
    );
}

#[test]
fn behind_a_nat_gateway_the_reply_from_on_premises_enters_devices() {
    let mut draft = reached();
    nat_gateway(&mut draft);
    let nat = || Target::NatGateway("nat".into());
    // By an appliance whose subnet leads to the NAT gateway.
    subnet(&mut draft, "inspection", "v", &["10.0.5.0/24"]);
    let middlebox = appliance(&mut draft, "m", "inspection", "10.0.5.200");
    route_by(&mut draft, "inspection", &[("0.0.0.0/0", nat())]);
    subnet(&mut draft, "guarded", "v", &["10.0.3.0/24"]);
    interface(&mut draft, "c", "guarded", &["10.0.3.10"], &["v-open"]);
    route_by(&mut draft, "guarded", &[("0.0.0.0/0", middlebox.clone())]);
    // By a transit gateway from another VPC.
    let hub = transit_gateway(&mut draft, "hub");
    subnet(&mut draft, "inner", "w", &["10.1.1.0/24"]);
    interface(&mut draft, "e", "inner", &["10.1.1.10"], &["w-open"]);
    route_by(&mut draft, "inner", &[("0.0.0.0/0", hub.clone())]);
    subnet(&mut draft, "t", "v", &["10.0.9.0/28"]);
    zone(&mut draft, "t", "az1");
    zone(&mut draft, "s", "az1");
    route_by(&mut draft, "t", &[("0.0.0.0/0", nat())]);
    attach(&mut draft, "tw", "hub", "table", of_vpc("w", &["inner"]));
    attach(&mut draft, "tv", "hub", "table", of_vpc("v", &["t"]));
    let out = [("0.0.0.0/0", "tv")];
    transit_table(&mut draft, "table", "hub", &out, &["tw"]);
    let from_c = "c 10.0.3.10 -> 192.168.0.9 tcp/443";
    let from_e = "e 10.1.1.10 -> 192.168.0.9 tcp/443";
    let asymmetric = "delivered on-premises-delivers; reply undetermined reply-asymmetric";
    decides(&draft, from_c, asymmetric);
    decides(&draft, from_e, asymmetric);

    // The subnet of the NAT gateway has to lead back to each.
    let back = [("10.0.3.0/24", middlebox), ("10.1.0.0/16", hub)];
    route_by(&mut draft, "s", &back);
    let gateway = Target::VirtualPrivateGateway("g".into());
    route_by(&mut draft, "s", &[("192.168.0.0/16", gateway)]);
    decides(&draft, from_c, OUT);
    decides(&draft, from_e, OUT);
}

#[test]
fn a_reply_by_another_route_than_the_gateway_s() {
    let mut draft = reached();
    internet_gateway(&mut draft, "v");
    peering(&mut draft, "p", "v", "w");
    let hub = transit_gateway(&mut draft, "hub");
    let other = virtual_private_gateway(&mut draft, "other", "w", &[]);
    let returns = |target: Target| {
        let mut draft = draft.clone();
        route_by(&mut draft, "s", &[("192.168.0.0/16", target)]);
        let decision =
            Solver::load(&valid(draft)).decide(&flow("gateway:g 192.168.0.9 -> 10.0.1.10 tcp/443"));
        decision.reply.expect("a reply").clause
    };
    let igw = Target::InternetGateway("igw".into());
    assert_eq!(returns(igw), Clause::ReplyReturns);
    assert_eq!(returns(Target::Peering("p".into())), Clause::ReplyReturns);
    assert_eq!(returns(hub), Clause::ReplyAsymmetric);
    assert_eq!(returns(other), Clause::ReplyAsymmetric);
}

fn from_blocks(mut invariant: Invariant, blocks: &[&str]) -> Invariant {
    let blocks = blocks.iter().map(|text| block(text)).collect();
    invariant.scope.from = vec![Origin::OnPremises {
        blocks: Some(blocks),
        resolver: None,
    }];
    invariant
}

#[test]
fn claims_about_what_comes_from_on_premises() {
    let answered = every_from_on_premises(to_interfaces(&["a", "b"]), Claim::Answered);
    let witness = violated(check(reached(), &answered));
    let by_g = Source::OnPremises(OnPremisesGateway::VirtualPrivate("g".into()));
    assert_eq!(witness.flow.source, by_g);
    let known = from_blocks(answered, &["192.168.0.0/16", "10.0.0.0/16"]);
    assert_eq!(
        check(reached(), &known),
        PROVED,
        "forged sources are left out"
    );
    let forged = from_blocks(known, &["10.0.0.0/16"]);
    assert_eq!(check(reached(), &forged), Verdict::Vacuous);

    let passes = |component: ComponentId| Claim::Traverses(vec![[component].into()]);
    let by_gateway = passes(ComponentId::VirtualPrivateGateway("g".into()));
    let claim = every_from_on_premises(to_interfaces(&["a"]), by_gateway.clone());
    assert_eq!(check(reached(), &claim), PROVED);
    let claim = exists(every(&["a"], Place::OnPremises(None), by_gateway));
    assert!(matches!(
        check(reached(), &claim),
        Verdict::Holds { witness: Some(_) }
    ));

    // Of the sources that would do, a witness has one that the gateway knows.
    let claim = every_from_on_premises(to_interfaces(&["a"]), not(Claim::Delivered));
    let source = violated(check(reached(), &claim)).flow;
    let source = source.packet.source();
    let known = gateway(&mut reached()).prefixes.clone();
    let known = Ranges::of_blocks(Family::V4, known.known().expect("blocks"));
    assert!(known.contains(source.bits()), "{source:?}");
}

#[test]
fn claims_about_what_goes_on_premises() {
    let place = |text: &str| Place::OnPremises(Some([block(text)].into()));
    let claim = |text| every(&["a"], place(text), Claim::Answered);
    assert_eq!(check(reached(), &claim("192.168.0.0/16")), PROVED);
    violated(check(reached(), &claim("192.168.0.0/15")));
    let open = check(reached(), &claim("50.0.0.0/7"));
    let at = "on-premises-transit at virtual private gateway g";
    assert!(depends_on(&open).contains(&at), "{open:?}");
    // What arrives at an interface does not arrive on premises.
    let inside = every(&["a"], place("10.0.2.0/24"), not(Claim::Delivered));
    assert_eq!(check(reached(), &inside), PROVED);
    // The internet is another place than a network on premises.
    let mut draft = reached();
    internet_gateway(&mut draft, "v");
    set_public(&mut draft, "a", "52.0.0.1");
    let target = Target::InternetGateway("igw".into());
    add_route(&mut draft, "v-main", to("45.0.0.0/8", target));
    let claim = every(&["a"], place("45.0.0.0/8"), not(Claim::Delivered));
    assert_eq!(check(draft, &claim), PROVED);
}
