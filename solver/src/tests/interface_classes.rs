//! Of interfaces that nothing tells apart two are asked about; whatever tells one apart keeps it.

use model::{
    Claim, ComponentId, DnsRecord, DnsTarget, Engine, HostedZone, Invariant, Middlebox,
    NetworkDraft, OnPremisesGateway, OnPremisesService, Origin, Place, Target, Value, Verdict,
};

use super::build::*;
use super::verdict::{PROVED, not, violated};
use crate::Solver;
use crate::interface_classes::standing;

const SENDERS: [&str; 5] = ["x1", "x2", "x3", "x4", "x5"];

/// Five interfaces in one subnet, with public addresses.
fn alike() -> NetworkDraft {
    let mut draft = two_subnets();
    internet_gateway(&mut draft, "v");
    draft
        .network_interfaces
        .retain(|one| one.id.as_str() == "b");
    for (number, id) in (1..).zip(SENDERS) {
        let addresses = format!("10.0.1.{}=52.0.0.{}", 19 + number, 3 + number);
        interface(&mut draft, id, "s", &[&addresses], &["v-open"]);
    }
    draft
}

fn claim() -> Invariant {
    every(&SENDERS, to_interfaces(&["b"]), not(Claim::Delivered))
}

/// The interfaces that are asked about.
fn asked(draft: NetworkDraft, invariant: &Invariant) -> Vec<String> {
    let solver = Solver::load(&valid(draft));
    let standing = standing(&solver.loaded, invariant);
    let loaded = standing.as_ref().unwrap_or(&solver.loaded);
    let interfaces = loaded.network.network_interfaces().keys();
    interfaces.map(|id| id.as_str().to_owned()).collect()
}

#[test]
fn two_of_those_that_are_alike() {
    assert_eq!(asked(alike(), &claim()), ["b", "x1", "x2"]);
}

/// What a network has that makes `x4` another one.
#[track_caller]
fn tells_apart(edit: impl FnOnce(&mut NetworkDraft)) {
    let mut draft = alike();
    edit(&mut draft);
    let asked = asked(draft, &claim());
    let has = |id: &str| asked.iter().any(|one| one == id);
    assert!(has("x4"), "{asked:?}");
    assert!(!has("x5") && !has("x3"), "the others are alike: {asked:?}");
}

#[test]
fn a_block_of_a_filter() {
    for peer in ["10.0.1.23/32", "52.0.0.7/32"] {
        tells_apart(|draft| {
            let rules = vec![rule(tcp(443, 443), peer)];
            group(draft, "g", "v", rules, vec![]);
        });
        tells_apart(|draft| acl(draft, "filter", "v", vec![allow(100, peer)]));
        tells_apart(|draft| {
            draft.prefix_lists.push(model::PrefixList {
                id: "pl-1".into(),
                name: "hosts".to_owned(),
                family: model::Family::V4,
                aws_managed: false,
                entries: Value::Known([block(peer)].into()),
            });
        });
    }
}

#[test]
fn a_block_on_the_way() {
    tells_apart(|draft| {
        table(draft, "t", "v");
        let gateway = Target::InternetGateway("igw".into());
        add_route(draft, "t", to("52.0.0.7/32", gateway));
    });
    tells_apart(|draft| {
        virtual_private_gateway(draft, "g", "v", &["52.0.0.7/32"]);
    });
    tells_apart(|draft| {
        virtual_private_gateway(draft, "g", "v", &[]);
        let gateway = OnPremisesGateway::VirtualPrivate("g".into());
        direct_connect(draft, "d", gateway, &["10.0.1.23/32"]);
    });
    tells_apart(|draft| {
        transit_gateway(draft, "hub");
        let site = on_premises(OnPremisesService::Vpn, &["52.0.0.7/32"]);
        attach(draft, "vpn", "hub", "table", site);
        let routes = [("10.0.1.23/32", "vpn")];
        transit_table(draft, "table", "hub", &routes, &[]);
    });
    tells_apart(|draft| {
        interface(draft, "vpn", "d", &["10.0.2.99"], &[]);
        client_vpn_endpoint(draft, "c", &["vpn"], &["10.0.1.23/32"], &[]);
    });
    tells_apart(|draft| {
        interface(draft, "vpn", "d", &["10.0.2.99"], &[]);
        client_vpn_endpoint(draft, "c", &["vpn"], &[], &["10.0.1.23/32"]);
    });
}

#[test]
fn a_name_or_a_component_that_means_it() {
    tells_apart(|draft| {
        draft.hosted_zones.push(HostedZone {
            id: "z".into(),
            name: "internal".to_owned(),
            vpcs: ["v".into()].into(),
            records: Value::Known(vec![DnsRecord {
                name: "x4.internal".to_owned(),
                target: DnsTarget::Addresses([address("10.0.1.23")].into()),
            }]),
            tags: Default::default(),
        });
    });
    tells_apart(|draft| target_group(draft, "t", &["interface:x4>443"]));
    tells_apart(|draft| target_group(draft, "t", &["address:10.0.1.23>443"]));
    tells_apart(|draft| {
        table(draft, "t", "v");
        let target = Target::NetworkInterface("x4".into());
        add_route(draft, "t", to("192.168.0.0/16", target));
    });
    tells_apart(|draft| client_vpn_endpoint(draft, "c", &["x4"], &[], &[]));
}

#[test]
fn what_it_is_itself() {
    tells_apart(|draft| interface_mut(draft, "x4").source_destination_check = false);
    tells_apart(|draft| interface_mut(draft, "x4").middlebox = Middlebox::Forwards);
    tells_apart(|draft| set_groups(draft, "x4", &[]));
    tells_apart(|draft| interface_mut(draft, "x4").groups = Value::Any(hole("x4.groups")));
    tells_apart(|draft| interface_mut(draft, "x4").addresses[0].public = None);
    tells_apart(|draft| {
        let other = model::Attachment::Other("lambda".to_owned());
        interface_mut(draft, "x4").attachment = other;
    });
    // Somebody else has the address in another VPC.
    tells_apart(|draft| {
        vpc(draft, "w", &["10.0.0.0/16"]);
        subnet(draft, "w-s", "w", &["10.0.1.0/24"]);
        interface(draft, "other", "w-s", &["10.0.1.23"], &["w-open"]);
    });
}

#[test]
fn what_is_asked_about_it() {
    let kept = |invariant: &Invariant| {
        let asked = asked(alike(), invariant);
        asked.iter().any(|one| one == "x4") && !asked.iter().any(|one| one == "x5")
    };
    assert!(!kept(&claim()));
    let from_all = |place| every(&SENDERS, place, not(Claim::Delivered));
    assert!(kept(&every(
        &["x1", "x4"],
        to_interfaces(&["b"]),
        Claim::Delivered
    )));
    assert!(kept(&from_all(to_interfaces(&["x4"]))));
    assert!(kept(&from_all(Place::Cidrs(
        [block("10.0.1.23/32")].into()
    ))));
    let on_premises = Place::OnPremises(Some([block("52.0.0.7/32")].into()));
    assert!(kept(&from_all(on_premises)));
    let mut from_premises = every_from_on_premises(to_interfaces(&["b"]), Claim::Delivered);
    if let Some(Origin::OnPremises { blocks, .. }) = from_premises.scope.from.first_mut() {
        *blocks = Some([block("10.0.1.23/32")].into());
    }
    assert!(kept(&from_premises));
    let mut passed = claim();
    let interface = ComponentId::NetworkInterface("x4".into());
    passed.claim = not(Claim::All(vec![Claim::Traverses(vec![[interface].into()])]));
    assert!(kept(&passed));
    passed.premise = Some(std::mem::replace(&mut passed.claim, Claim::Delivered));
    assert!(kept(&passed));
}

#[test]
fn requests_are_asked_of_all() {
    let mut invariant = claim();
    invariant.premise = Some(not(Claim::PermittedSome));
    assert_eq!(asked(alike(), &invariant).len(), 6);
}

#[test]
fn where_addresses_stand_for_others_all_are_asked() {
    let mut draft = alike();
    draft
        .subnets
        .iter_mut()
        .for_each(|subnet| subnet.dns64 = true);
    assert_eq!(asked(draft, &claim()).len(), 6);
}

#[test]
fn what_is_left_out_is_neither_nobody_nor_outside() {
    let check = |draft: NetworkDraft, invariant: &Invariant| {
        let solver = Solver::load(&valid(draft));
        let verdict = solver.check(invariant);
        assert_eq!(verdict, solver.check_each(invariant));
        assert!(solver.n_standing(invariant) < solver.loaded.network.network_interfaces().len());
        verdict
    };
    // All of these addresses are somebody's.
    let blocks = Place::Cidrs([block("10.0.1.20/30")].into());
    let to_blocks = every(&["b"], blocks, Claim::Delivered);
    assert_eq!(check(alike(), &to_blocks), PROVED);
    // None of the public ones sends from outside.
    let mut draft = alike();
    let rules = vec![rule(tcp(443, 443), "52.0.0.0/28")];
    group(&mut draft, "few", "v", rules, vec![]);
    set_public(&mut draft, "b", "52.0.0.100");
    set_groups(&mut draft, "b", &["few"]);
    add_route(
        &mut draft,
        "v-main",
        to("0.0.0.0/0", Target::InternetGateway("igw".into())),
    );
    let mut inbound = every_from_internet(to_interfaces(&["b"]), not(Claim::Delivered));
    inbound.scope.from = vec![Origin::Internet(Some([block("52.0.0.4/30")].into()))];
    assert!(matches!(check(draft.clone(), &inbound), Verdict::Vacuous));
    inbound.scope.from = vec![Origin::Internet(Some([block("52.0.0.0/28")].into()))];
    let witness = violated(check(draft, &inbound));
    let source = witness.flow.packet.source();
    let own = address("52.0.0.4").bits()..=address("52.0.0.8").bits();
    assert!(!own.contains(&source.bits()), "{source:?}");
}

#[test]
fn an_open_address_is_not_one_that_was_left_out() {
    let mut draft = alike();
    interface(&mut draft, "open", "s", &[], &["v-open"]);
    last_interface(&mut draft)
        .addresses
        .push(model::InterfaceAddress {
            private: model::AddressValue::Within(block("10.0.1.16/28"), hole("open.private")),
            public: None,
        });
    let solver = Solver::load(&valid(draft));
    let loaded = standing(&solver.loaded, &claim()).expect("some are left out");
    let encoder = crate::encoder::Encoder::new(&loaded.network, &loaded.index, model::Family::V4);
    let open = encoder.all_open().next().expect("it is open");
    for taken in SENDERS
        .iter()
        .zip(20..)
        .map(|(_, last)| format!("10.0.1.{last}"))
    {
        assert!(!open.values().contains(address(&taken).bits()), "{taken}");
    }
    assert!(open.values().contains(address("10.0.1.26").bits()));
}
