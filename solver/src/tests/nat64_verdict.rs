//! Verdicts about flows that NAT64 translates.

use std::collections::BTreeSet;

use model::{
    AddressValue, AttachmentKind, Claim, ComponentId, Engine, Family, Invariant, ListenerProtocol,
    NetworkDraft, OnPremisesService, Place, PrefixList, RuleTraffic, Target, Traffic, TrafficClass,
    Value, Verdict,
};

use super::build::*;
use super::load_balancer::admit;
use super::nat64::with_nat64;
use super::verdict::{PROVED, check, depends_on, exists, not, on_port, violated};

/// `b` reaches the internet by NAT64 only; and `a`, which takes from the NAT gateway only, too.
pub(super) fn by_nat64() -> NetworkDraft {
    let mut draft = with_nat64();
    let direct = to("0.0.0.0/0", nat());
    for table in &mut draft.route_tables {
        table.routes.retain(|route| *route != direct);
    }
    admit(&mut draft, "a", "10.0.1.200/32");
    draft
}

/// The same without a way to the internet, where nothing turns back.
fn inside() -> NetworkDraft {
    let mut draft = by_nat64();
    let out = to("0.0.0.0/0", Target::InternetGateway("igw".into()));
    for table in &mut draft.route_tables {
        table.routes.retain(|route| *route != out);
    }
    draft
}

fn nat() -> Target {
    Target::NatGateway("nat".into())
}

fn relayed(mut invariant: Invariant) -> Invariant {
    invariant.scope.relayed = true;
    invariant
}

fn never(place: Place) -> Invariant {
    every(&["b"], place, not(Claim::Delivered))
}

fn blocks(text: &str) -> Place {
    Place::Cidrs(BTreeSet::from([block(text)]))
}

#[test]
fn the_internet_is_reached_by_nat64() {
    let never = || never(Place::Internet);
    assert_eq!(check(by_nat64(), &never()), PROVED);
    let witness = violated(check(by_nat64(), &relayed(never())));
    assert_eq!(
        witness.flow.to_string(),
        "b: 2600:2::10 -> 64:ff9b::cb00:710a tcp/443 from port 40000"
    );
    let answered = every(&["b"], Place::Internet, not(Claim::Answered));
    violated(check(by_nat64(), &relayed(answered)));
    // Its family is that of the packet as received.
    for (family, reached) in [(Family::V4, true), (Family::V6, false)] {
        let mut of_family = relayed(never());
        of_family.scope.families = BTreeSet::from([family]);
        let verdict = check(by_nat64(), &of_family);
        if reached {
            violated(verdict);
        } else {
            assert_eq!(verdict, PROVED);
        }
    }
    let mut echo = relayed(never());
    echo.scope.traffic = Traffic {
        classes: vec![TrafficClass::Icmp {
            types: 8..=8,
            codes: 3..=3,
        }],
    };
    let witness = violated(check(by_nat64(), &echo));
    assert_eq!(witness.flow.packet.transport(), transport("icmpv6/128/3"));
    let passes = Claim::Traverses(vec![
        [ComponentId::NatGateway("nat".into())].into(),
        [ComponentId::InternetGateway("igw".into())].into(),
    ]);
    let mut passes = relayed(every(&["b"], Place::Internet, passes));
    passes.premise = Some(Claim::Delivered);
    assert_eq!(check(by_nat64(), &passes), PROVED);
}

#[test]
fn an_interface_is_reached_by_its_private_address() {
    let to_a = || never(to_interfaces(&["a"]));
    assert_eq!(check(by_nat64(), &to_a()), PROVED);
    let witness = violated(check(by_nat64(), &relayed(to_a())));
    assert_eq!(
        witness.flow.packet.destination(),
        address("64:ff9b::a00:10a")
    );
    violated(check(by_nat64(), &relayed(never(blocks("10.0.1.10/32")))));
    let elsewhere = relayed(never(blocks("10.0.1.11/32")));
    assert_eq!(check(by_nat64(), &elsewhere), PROVED);
    // In a block an address of the sender is no destination; its interface may be a place.
    let own = relayed(never(blocks("10.0.2.10/32")));
    assert_eq!(check(by_nat64(), &own), Verdict::Vacuous);
    violated(check(by_nat64(), &relayed(never(to_interfaces(&["b"])))));
    // The address that stands for it is another flow's, of the family that it is sent by.
    let direct = never(blocks("64:ff9b::a00:10a/128"));
    violated(check(by_nat64(), &direct));
    violated(check(by_nat64(), &relayed(direct)));
}

#[test]
fn a_service_is_reached_at_its_addresses() {
    let to_service = || relayed(never(Place::Service("storage".to_owned())));
    assert_eq!(
        depends_on(&check(by_nat64(), &to_service())),
        ["public addresses of storage"]
    );
    let mut draft = by_nat64();
    draft.prefix_lists.push(PrefixList {
        id: "pl".into(),
        name: "storage".to_owned(),
        family: Family::V4,
        aws_managed: true,
        entries: Value::Known([block("52.9.0.0/24")].into()),
    });
    let witness = violated(check(draft, &to_service()));
    let destination = witness.flow.packet.destination().to_string();
    assert!(destination.starts_with("64:ff9b::3409:"), "{destination}");
}

#[test]
fn nothing_is_translated_without_a_route() {
    let mut draft = by_nat64();
    for table in &mut draft.route_tables {
        table
            .routes
            .retain(|route| route.target.known() != Some(&nat()));
    }
    let claim = never(Place::Internet);
    assert_eq!(check(draft.clone(), &relayed(claim.clone())), PROVED);
    let scripts = crate::Solver::load(&valid(draft)).smt2(&relayed(claim));
    assert_eq!(scripts.matches("(check-sat)").count(), 2);
    assert!(!scripts.contains("NAT64"));
}

#[test]
fn what_is_open_is_named() {
    let mut draft = by_nat64();
    interface(&mut draft, "others", "s", &["10.0.1.201"], &[]);
    let others = draft.network_interfaces.pop().expect("it").addresses;
    interface_mut(&mut draft, "nat-if").addresses.extend(others);
    let claim = relayed(never(Place::Internet));
    assert_eq!(
        depends_on(&check(draft, &claim)),
        ["nat-gateway-address at NAT gateway nat"]
    );
    // The address of the receiver, and the NAT gateway's.
    let mut draft = inside();
    let open = |block_text: &str, name: &str| AddressValue::Within(block(block_text), hole(name));
    interface_mut(&mut draft, "a").addresses[0].private = open("10.0.1.0/26", "a.private_ip");
    let claim = relayed(never(to_interfaces(&["a"])));
    assert_eq!(depends_on(&check(draft, &claim)), ["a.private_ip"]);
    let mut draft = inside();
    interface_mut(&mut draft, "nat-if").addresses[0].private =
        open("10.0.1.192/26", "nat.private_ip");
    assert_eq!(
        depends_on(&check(draft.clone(), &claim)),
        ["nat.private_ip"]
    );
    let groups = &mut draft.security_groups;
    let of_a = groups.iter_mut().find(|one| one.id.as_str() == "a-only");
    of_a.expect("its group").ingress = vec![rule(RuleTraffic::All, "10.0.1.192/26")];
    let witness = violated(check(draft, &claim));
    assert_eq!(
        witness.flow.packet.destination(),
        address("64:ff9b::a00:10a")
    );
    assert_eq!(witness.completion.addresses.len(), 1);
    // A step that ends the walk on the way there may deliver it.
    let mut draft = by_nat64();
    let away = Target::Unmodelled {
        kind: "thing".to_owned(),
        id: "x".to_owned(),
    };
    route_by(&mut draft, "d", &[("64:ff9b::/97", away)]);
    let claim = relayed(exists(every(
        &["b"],
        blocks("10.200.0.0/16"),
        Claim::Delivered,
    )));
    assert_eq!(
        depends_on(&check(draft, &claim)),
        ["target-unmodelled at thing x"]
    );
}

/// A host on premises comes to the NAT gateway over a transit gateway, whose subnet is that of `b`.
#[test]
fn on_premises_reach_the_internet() {
    let mut draft = by_nat64();
    zone(&mut draft, "s", "az1");
    zone(&mut draft, "d", "az1");
    let hub = transit_gateway(&mut draft, "hub");
    let mut of_v = of_vpc("v", &["d"]);
    if let AttachmentKind::Vpc { ipv6_support, .. } = &mut of_v {
        *ipv6_support = true;
    }
    attach(&mut draft, "tv", "hub", "table", of_v);
    let site = on_premises(OnPremisesService::Vpn, &["fd00:1::/32"]);
    attach(&mut draft, "vpn", "hub", "table", site);
    let routes = [("64:ff9b::/96", "tv"), ("fd00:1::/32", "vpn")];
    transit_table(&mut draft, "table", "hub", &routes, &[]);
    route_by(&mut draft, "s", &[("fd00:1::/32", hub)]);
    assert_decides(
        draft.clone(),
        "attachment:vpn fd00:1::9 -> 64:ff9b::808:808 tcp/443 => delivered internet-gateway-delivers; reply delivered reply-returns",
    );
    let never = every_from_on_premises(Place::Internet, not(Claim::Answered));
    assert_eq!(check(draft.clone(), &never), PROVED);
    violated(check(draft, &relayed(never)));
}

/// A Network Load Balancer that `b` reaches by NAT64, in front of `t`.
fn balanced() -> NetworkDraft {
    let mut draft = inside();
    interface(&mut draft, "t", "s", &["10.0.1.77"], &["v-open"]);
    target_group(&mut draft, "tg", &["interface:t>8080"]);
    nlb(&mut draft, "nlb");
    node(&mut draft, "n", "s", &["10.0.1.50"]);
    listens(&mut draft, ListenerProtocol::Tcp, 80, &["tg"]);
    draft
}

#[test]
fn relays_behind_nat64() {
    assert_decides(
        balanced(),
        "b 2600:2::10 -> 64:ff9b::a00:132 tcp/80 => delivered interface-accepts; reply delivered reply-returns
         b 2600:2::10 -> 64:ff9b::a00:132 tcp/80 pick 1 => delivered interface-accepts; reply delivered reply-returns
         b 2600:2::10 -> 64:ff9b::a00:132 tcp/80 pick 2 => dropped load-balancer-target
         b 2600:2::10 -> 64:ff9b::808:808 tcp/80 pick 2 => dropped longest-prefix-match",
    );
    let mut draft = balanced();
    admit(&mut draft, "n", "10.0.1.200/32");
    admit(&mut draft, "t", "10.0.1.50/32");
    let out = rule(RuleTraffic::All, "0.0.0.0/0");
    let groups = &mut draft.security_groups;
    let of_node = groups.iter_mut().find(|one| one.id.as_str() == "n-only");
    of_node.expect("its group").egress.push(out);
    let never = |port| on_port(relayed(never(to_interfaces(&["t"]))), port);
    let witness = violated(check(draft.clone(), &never(8080)));
    assert_eq!(
        witness.flow.to_string(),
        "b: 2600:2::10 -> 64:ff9b::a00:132 tcp/80 from port 40000 pick 1"
    );
    assert_eq!(check(draft.clone(), &never(80)), PROVED);
    // The node itself is reached without a pick, and a relay makes no flow to the internet.
    let to_node = relayed(every(&["b"], to_interfaces(&["n"]), not(Claim::Delivered)));
    assert_eq!(
        violated(check(draft, &to_node)).flow.picks,
        Vec::<u16>::new()
    );
}

/// A target of IPv6 that stands for one of IPv4 is translated on the leg from the node.
#[test]
fn nat64_behind_a_relay() {
    let mut draft = with_nat64();
    target_group(&mut draft, "tg", &["address:64:ff9b::808:808>8080"]);
    draft.target_groups[0].family = Family::V6;
    nlb(&mut draft, "nlb");
    node(&mut draft, "n", "d", &["10.0.2.50", "2600:2::50"]);
    listens(&mut draft, ListenerProtocol::Tcp, 80, &["tg"]);
    assert_decides(
        draft,
        "a 10.0.1.10 -> 10.0.2.50 tcp/80 pick 1 => delivered internet-gateway-delivers; reply delivered reply-returns
         a 2600:1::10 -> 2600:2::50 tcp/80 pick 1 => delivered internet-gateway-delivers; reply delivered reply-returns",
    );
}
