//! Verdicts while addresses are open.

use std::collections::BTreeSet;

use model::{
    AddressValue, Claim, GroupRule, InterfaceAddress, NetworkDraft, Place, RulePeer, RuleTraffic,
};

use super::build::*;
use super::verdict::{PROVED, check, depends_on, not, on_port, violated, web};

/// `a` has some address of its subnet.
fn open_address() -> NetworkDraft {
    let mut draft = web();
    interface_mut(&mut draft, "a").addresses[0].private =
        AddressValue::Within(block("10.0.1.0/24"), hole("a.private_ip"));
    draft
}

#[test]
fn an_open_address_is_every_address_that_it_can_be() {
    let web = on_port(every(&["a"], to_interfaces(&["b"]), Claim::Delivered), 443);
    assert_eq!(depends_on(&check(open_address(), &web)), ["a.private_ip"]);
    let telnet = on_port(
        every(&["a"], to_interfaces(&["b"]), not(Claim::Delivered)),
        23,
    );
    assert_eq!(check(open_address(), &telnet), PROVED);
    let to_a = every(&["b", "far"], to_interfaces(&["a"]), not(Claim::Delivered));
    let witness = violated(check(open_address(), &to_a));
    let (slot, address) = witness.completion.addresses.iter().next().expect("one");
    assert_eq!((slot.interface.as_str(), slot.public), ("a", false));
    assert_eq!(witness.flow.packet.destination(), *address);
}

#[test]
fn an_open_address_is_neither_reserved_nor_taken() {
    // Of 10.0.1.0/29 only .4 to .7 can be assigned, and three of them are taken.
    let mut draft = two_subnets();
    interface(&mut draft, "x", "s", &["10.0.1.4"], &["v-open"]);
    interface(&mut draft, "y", "s", &["10.0.1.6", "10.0.1.7"], &["v-open"]);
    interface(&mut draft, "open", "s", &[], &["v-open"]);
    last_interface(&mut draft).addresses.push(InterfaceAddress {
        private: AddressValue::Within(block("10.0.1.0/29"), hole("open")),
        public: None,
    });
    let five = Place::Cidrs(BTreeSet::from([block("10.0.1.5/32")]));
    let claim = every(&["b"], five, Claim::Delivered);
    assert_eq!(check(draft, &claim), PROVED);
}

#[test]
fn aws_keeps_the_edges_of_the_subnet_and_not_of_the_block_that_holds_an_open_address() {
    // Of 10.0.1.248/29 the subnet 10.0.1.0/24 keeps .255 alone; six others are taken.
    let mut draft = two_subnets();
    for host in 249..=254 {
        interface(
            &mut draft,
            &format!("taken-{host}"),
            "s",
            &[&format!("10.0.1.{host}")],
            &[],
        );
    }
    interface(&mut draft, "open", "s", &[], &["v-open"]);
    last_interface(&mut draft).addresses.push(InterfaceAddress {
        private: AddressValue::Within(block("10.0.1.248/29"), hole("open")),
        public: None,
    });
    let left = Place::Cidrs(BTreeSet::from([block("10.0.1.248/32")]));
    let claim = every(&["b"], left, Claim::Delivered);
    assert_eq!(check(draft, &claim), PROVED);
}

#[test]
fn an_open_address_that_happens_to_be_the_destination_is_another_flow_s() {
    let place = || Place::Cidrs(BTreeSet::from([block("10.0.1.77/32")]));
    let claim = every(&["far"], place(), Claim::Delivered);
    let witness = violated(check(open_address(), &claim));
    let taken: Vec<_> = witness.completion.addresses.values().collect();
    assert_ne!(taken, [&address("10.0.1.77")]);
    // That it is nobody's in some completions does not prove that it is nobody's in all.
    let claim = every(&["far"], place(), not(Claim::Delivered));
    assert_eq!(depends_on(&check(open_address(), &claim)), ["a.private_ip"]);
}

/// So many open addresses that they are not said to differ pair by pair.
fn many_open() -> NetworkDraft {
    let mut draft = two_subnets();
    for number in 0..60 {
        interface(&mut draft, &format!("open-{number}"), "s", &[], &["v-open"]);
        last_interface(&mut draft).addresses.push(InterfaceAddress {
            private: AddressValue::Within(block("10.0.1.0/24"), hole(&format!("open-{number}"))),
            public: None,
        });
    }
    draft
}

#[test]
fn many_open_addresses_are_still_different_ones() {
    let mut draft = many_open();
    let rules = vec![GroupRule {
        traffic: RuleTraffic::All,
        peer: RulePeer::Group("front".into()),
    }];
    group(&mut draft, "front", "v", vec![], vec![]);
    group(&mut draft, "back", "v", rules, vec![]);
    set_groups(&mut draft, "open-1", &["front", "v-open"]);
    set_groups(&mut draft, "b", &["back"]);
    let claim = every(&["open-1"], to_interfaces(&["b"]), Claim::Delivered);
    assert_eq!(check(draft.clone(), &claim), PROVED);
    let claim = every(&["open-2"], to_interfaces(&["b"]), not(Claim::Delivered));
    assert_eq!(check(draft.clone(), &claim), PROVED);
    let claim = every(&["open-2"], to_interfaces(&["b"]), Claim::Delivered);
    let witness = violated(check(draft, &claim));
    let addresses: BTreeSet<_> = witness.completion.addresses.values().collect();
    assert_eq!(addresses.len(), 60, "no two are equal");
    assert!(addresses.contains(&witness.flow.packet.source()));
}
