//! What the allowed prefixes of Direct Connect gateways let networks on premises send.

use model::{
    Claim, Clause, Invariant, NetworkDraft, OnPremisesGateway, OnPremisesService, Origin, Place,
    Source, Value, Verdict,
};

use super::build::*;
use super::verdict::{PROVED, check, depends_on, not, violated};

const IN: &str = "delivered interface-accepts; reply delivered reply-returns";
const OPEN: &str = "undetermined direct-connect-allowed-prefix; \
                    reply undetermined direct-connect-allowed-prefix";
const AT_G: &str = "direct-connect-allowed-prefix at virtual private gateway g";

fn by_g() -> OnPremisesGateway {
    OnPremisesGateway::VirtualPrivate("g".into())
}

/// `a` and `b` in a VPC behind a virtual private gateway; `c` in a second block of it.
fn behind_gateway() -> NetworkDraft {
    let mut draft = two_subnets();
    draft.vpcs[0].cidrs.push(block("10.8.0.0/16"));
    add_route(&mut draft, "v-main", local(block("10.8.0.0/16")));
    subnet(&mut draft, "e", "v", &["10.8.1.0/24"]);
    interface(&mut draft, "c", "e", &["10.8.1.10"], &["v-open"]);
    let gateway = virtual_private_gateway(&mut draft, "g", "v", &["192.168.0.0/16"]);
    add_route(&mut draft, "v-main", to("192.168.0.0/16", gateway));
    draft
}

/// `a` in `s` and `b` in `d`, behind a transit gateway to which a Direct Connect gateway and a VPN lead.
fn behind_attachment() -> NetworkDraft {
    let mut draft = two_subnets();
    zone(&mut draft, "s", "az1");
    zone(&mut draft, "d", "az1");
    let hub = transit_gateway(&mut draft, "hub");
    add_route(&mut draft, "v-main", to("0.0.0.0/0", hub));
    attach(&mut draft, "tv", "hub", "table", of_vpc("v", &["s"]));
    let dx = on_premises(OnPremisesService::DirectConnectGateway, &["192.168.0.0/16"]);
    attach(&mut draft, "dx", "hub", "table", dx);
    let vpn = on_premises(OnPremisesService::Vpn, &["192.169.0.0/16"]);
    attach(&mut draft, "vpn", "hub", "table", vpn);
    transit_table(&mut draft, "table", "hub", &[], &["tv", "dx", "vpn"]);
    draft
}

fn from_blocks(place: Place, claim: Claim, blocks: &[&str]) -> Invariant {
    let blocks = blocks.iter().map(|text| block(text)).collect();
    let mut invariant = every_from_on_premises(place, claim);
    invariant.scope.from = vec![Origin::OnPremises {
        blocks: Some(blocks),
        resolver: None,
    }];
    invariant
}

/// What is said of all, and of none, of the TCP flows from known sites to this interface.
fn all_and_none(draft: &NetworkDraft, to: &str) -> (Verdict, Verdict) {
    let claim = |claim| from_blocks(to_interfaces(&[to]), claim, &["192.168.0.0/16"]);
    let all = check(draft.clone(), &claim(Claim::Answered));
    let none = check(draft.clone(), &claim(not(Claim::Delivered)));
    (all, none)
}

fn assert_all(draft: &NetworkDraft, to: &str) {
    let (all, none) = all_and_none(draft, to);
    assert_eq!(all, PROVED);
    violated(none);
}

fn assert_none(draft: &NetworkDraft, to: &str) {
    let (all, none) = all_and_none(draft, to);
    violated(all);
    assert_eq!(none, PROVED);
}

fn assert_open(draft: &NetworkDraft, to: &str, hole: &str) {
    let (all, none) = all_and_none(draft, to);
    assert_eq!(depends_on(&all), [hole]);
    assert_eq!(depends_on(&none), [hole]);
}

#[test]
fn claims_behind_a_virtual_private_gateway() {
    let with = |allowed: &[&str]| {
        let mut draft = behind_gateway();
        direct_connect(&mut draft, "one", by_g(), allowed);
        draft
    };
    assert_all(&behind_gateway(), "a");
    // Whole blocks of the VPC, and those only.
    let whole = with(&["10.0.0.0/15"]);
    assert_all(&whole, "a");
    assert_none(&whole, "c");
    assert_all(&with(&["10.0.0.0/16"]), "b");
    let halves = with(&["10.0.0.0/17", "10.0.128.0/17", "10.0.1.0/24"]);
    assert_none(&halves, "a");
    assert_none(&with(&[]), "a");
    let decided = Claim::DecidedBy(Clause::DirectConnectAllowedPrefix);
    let claim = every_from_on_premises(to_interfaces(&["c"]), decided);
    assert_eq!(check(whole.clone(), &claim), PROVED);
    // What another association lets be advertised is, too.
    let mut two = whole.clone();
    direct_connect(&mut two, "two", by_g(), &["10.8.0.0/16"]);
    assert_all(&two, "a");
    assert_all(&two, "c");
    // What is sent to premises is not asked.
    let sites = Place::OnPremises(Some([block("192.168.0.0/16")].into()));
    let out = every(&["c"], sites, Claim::Answered);
    assert_eq!(check(whole, &out), PROVED);
}

#[test]
fn claims_where_something_else_may_be_advertised() {
    let mut draft = behind_gateway();
    direct_connect(&mut draft, "one", by_g(), &["10.0.0.0/16"]);
    direct_connect(&mut draft, "two", by_g(), &[]);
    draft.direct_connect_associations[1].other_ways = true;
    assert_all(&draft, "a");
    assert_open(&draft, "c", AT_G);
    let none = || [block("10.9.0.0/16")].into();
    let whole = || [block("10.8.0.0/16")].into();
    for prefixes in [
        Value::Any(hole("allowed prefixes")),
        Value::OneOf(vec![none(), none()], hole("allowed prefixes")),
        Value::OneOf(vec![whole(), whole()], hole("allowed prefixes")),
    ] {
        let two = &mut draft.direct_connect_associations[1];
        two.other_ways = false;
        two.allowed_prefixes = prefixes;
        assert_all(&draft, "a");
        assert_open(&draft, "c", "allowed prefixes");
        assert_decides(
            draft.clone(),
            &format!(
                "gateway:g 192.168.0.9 -> 10.0.1.10 tcp/443 => {IN}
                 gateway:g 192.168.0.9 -> 10.8.1.10 tcp/443 => {OPEN}
                 gateway:g 10.8.1.77 -> 10.8.1.10 tcp/443 => {OPEN}
                 gateway:g 192.168.0.9 -> 10.1.1.10 tcp/443 => dropped virtual-private-gateway-inbound"
            ),
        );
    }
}

#[test]
fn claims_behind_an_attachment() {
    let by_dx = || OnPremisesGateway::Transit("dx".into());
    let mut draft = behind_attachment();
    let delivered = |to: &str| {
        let to = to_interfaces(&[to]);
        from_blocks(to, Claim::Delivered, &["192.168.0.0/16"])
    };
    assert_eq!(check(draft.clone(), &delivered("b")), PROVED);
    // A part of a block is advertised as it is.
    let allowed = ["10.0.1.0/25", "10.9.0.0/16"];
    direct_connect(&mut draft, "dx", by_dx(), &allowed);
    assert_eq!(check(draft.clone(), &delivered("a")), PROVED);
    let lost = violated(check(draft.clone(), &delivered("b")));
    assert_eq!(lost.flow.source, Source::OnPremises(by_dx()));
    assert_decides(
        draft.clone(),
        &format!(
            "attachment:dx 192.168.0.9 -> 10.0.1.10 tcp/443 => {IN}
             attachment:dx 192.168.0.9 -> 10.0.1.128 tcp/443 => dropped direct-connect-allowed-prefix
             attachment:dx 192.168.0.9 -> 10.0.2.10 tcp/443 => dropped direct-connect-allowed-prefix
             attachment:dx 192.168.0.9 -> 10.9.0.9 tcp/443 => dropped transit-gateway-route
             attachment:dx 192.168.0.9 -> 192.169.0.9 tcp/443 => dropped direct-connect-allowed-prefix
             attachment:dx 10.0.2.10 -> 10.0.2.11 tcp/443 => dropped direct-connect-allowed-prefix
             attachment:vpn 192.169.0.9 -> 10.0.2.10 tcp/443 => {IN}"
        ),
    );
    let association = &mut draft.direct_connect_associations[0];
    association.other_ways = true;
    let at = "direct-connect-allowed-prefix at attachment dx";
    assert_eq!(depends_on(&check(draft, &delivered("b"))), [at]);
}

#[test]
fn an_association_of_another_gateway_says_nothing() {
    let mut draft = behind_gateway();
    vpc(&mut draft, "w", &["10.1.0.0/16"]);
    virtual_private_gateway(&mut draft, "other", "w", &[]);
    let other = OnPremisesGateway::VirtualPrivate("other".into());
    direct_connect(&mut draft, "one", other, &[]);
    assert_decides(
        draft,
        &format!("gateway:g 192.168.0.9 -> 10.0.1.10 tcp/443 => {IN}
                  gateway:other 192.168.0.9 -> 10.1.1.10 tcp/443 => dropped direct-connect-allowed-prefix"),
    );
}
