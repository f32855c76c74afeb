//! What selectors mean by subnets, security groups and addresses.

use std::collections::BTreeSet;

use ingest::provenance::Kind;
use ingest::{OpenAttributes, OpenComponent};
use model::{Cidr, Network, NetworkInterfaceId, Origin, Place};

use super::parse::{Context, Names, parse};
use super::{Resolver, Selector};
use crate::problem::SourceText;

const NETWORK: &str = r#"
[vpc.main]
cidrs = ["10.0.0.0/16"]
[subnet.app]
cidrs = ["10.0.1.0/24"]
tags = { Name = "application" }
[subnet.db]
cidrs = ["10.0.2.0/24"]
[security-group.web]
[security-group.db]
[interface.a]
subnet = "app"
addresses = ["10.0.1.10"]
groups = ["web", "db"]
tags = { Name = "node" }
[interface.b]
subnet = "db"
addresses = ["10.0.2.10"]
groups = { one-of = [["web"], ["web", "db"]], hole = "b.groups" }
[interface.c]
subnet = "db"
addresses = ["10.0.2.11 public 198.51.100.7"]
groups = { any = "c.groups" }
[interface.e]
subnet = "app"
addresses = ["10.0.1.20"]
[endpoint.kms]
service = "com.amazonaws.eu-west-1.kms"
kind = "interface"
interfaces = ["e"]
"#;

fn network() -> Network {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("network.toml");
    std::fs::write(&path, NETWORK).unwrap();
    let ingested = ingest::read(&[path]).unwrap();
    ingested.validate().unwrap().network
}

fn selectors(text: &str) -> Vec<Selector> {
    let source = SourceText::new("vpcproof.toml", text);
    let names = Names::default();
    let mut problems = Vec::new();
    let context = Context {
        source: &source,
        names: &names,
    };
    let selectors = parse(text, &(0..text.len()), context, &mut problems);
    assert!(problems.is_empty(), "{problems:#?}");
    selectors
}

/// The interfaces that a selector means for certain, or may mean, and by which holes.
fn interfaces(text: &str, is_wide: bool) -> (String, String) {
    let (network, open) = (network(), OpenAttributes::default());
    let source = SourceText::new("vpcproof.toml", text);
    let mut resolver = Resolver::new(&network, &open, &source);
    if is_wide {
        resolver.widen();
    }
    let places = resolver.places(&selectors(text), &[], false).places;
    let found: BTreeSet<NetworkInterfaceId> = match places.as_slice() {
        [Place::Interfaces { interfaces, .. }] => interfaces.clone(),
        [] => BTreeSet::new(),
        other => panic!("{other:?}"),
    };
    let found: Vec<&str> = found.iter().map(NetworkInterfaceId::as_str).collect();
    let holes: Vec<String> = resolver
        .take_chosen_by()
        .iter()
        .map(ToString::to_string)
        .collect();
    (found.join(" "), holes.join(" "))
}

#[test]
fn a_subnet_is_chosen_by_id_and_by_name_with_its_endpoints() {
    let certain = |text| interfaces(text, false).0;
    assert_eq!(certain("interface subnet:app"), "a e");
    assert_eq!(certain("interface subnet:application"), "a e");
    assert_eq!(certain("interface not subnet:app"), "b c");
    // The kind `subnet` leaves out what begins no connection.
    assert_eq!(certain("subnet id:app"), "a");
}

#[test]
fn a_security_group_is_certain_only_where_every_candidate_has_it() {
    let certain = |text| interfaces(text, false);
    let pair = |one: &str, other: &str| (one.to_owned(), other.to_owned());
    assert_eq!(certain("interface sg:web"), pair("a b", "c.groups"));
    assert_eq!(certain("interface sg:db"), pair("a", "b.groups c.groups"));
    assert_eq!(interfaces("interface sg:db", true).0, "a b c");
    assert_eq!(certain("interface not sg:web"), pair("e", "c.groups"));
    assert_eq!(interfaces("interface not sg:web", true).0, "c e");
}

#[test]
fn an_interface_has_the_tags_of_its_instance_beside_its_own() {
    let network = network();
    let mut open = OpenAttributes::default();
    let name = || ("Name".to_owned(), "database".to_owned());
    open.set(
        Kind::NetworkInterface,
        "a",
        OpenComponent {
            instance_tags: [name()].into(),
            ..OpenComponent::default()
        },
    );
    let found = |text: &str| {
        let source = SourceText::new("vpcproof.toml", text);
        let mut resolver = Resolver::new(&network, &open, &source);
        let places = resolver.places(&selectors(text), &[], false).places;
        let id = NetworkInterfaceId::new("a");
        places.iter().any(|place| {
            matches!(place, Place::Interfaces { interfaces, .. } if interfaces.contains(&id))
        })
    };
    for (text, expected) in [
        ("interface name:node", true),
        ("interface name:database", true),
        ("interface name:other", false),
        ("interface not name:database", false),
        ("interface not name:node", false),
        ("interface not name:other", true),
    ] {
        assert_eq!(found(text), expected, "{text}");
    }
}

#[test]
fn the_internet_is_narrowed_by_blocks() {
    let (network, open) = (network(), OpenAttributes::default());
    let blocks = |text: &str| {
        let source = SourceText::new("vpcproof.toml", text);
        let mut resolver = Resolver::new(&network, &open, &source);
        let origins = resolver.origins(&selectors(text)).origins;
        let [Origin::Internet(blocks)] = origins.as_slice() else {
            panic!("{origins:?}");
        };
        blocks.clone()
    };
    let set = |texts: &[&str]| {
        let texts = texts.iter();
        Some(
            texts
                .map(|text| text.parse().unwrap())
                .collect::<BTreeSet<Cidr>>(),
        )
    };
    assert_eq!(blocks("internet"), None);
    assert_eq!(
        blocks("internet ip:203.0.113.0/24"),
        set(&["203.0.113.0/24"])
    );
    assert_eq!(
        blocks("internet ip:203.0.113.0/24 not ip:203.0.113.0/25"),
        set(&["203.0.113.128/25"])
    );
    assert_eq!(
        blocks("internet not ip:128.0.0.0/1"),
        set(&["0.0.0.0/1", "::/0"])
    );
    assert_eq!(blocks("internet ip:10.0.0.1 ip:10.0.0.2"), set(&[]));
}

#[test]
fn the_internet_is_not_narrowed_where_it_receives() {
    let (network, open) = (network(), OpenAttributes::default());
    let source = SourceText::new("vpcproof.toml", "internet ip:203.0.113.0/24");
    let mut resolver = Resolver::new(&network, &open, &source);
    resolver.places(&selectors("internet ip:203.0.113.0/24"), &[], false);
    let problem = resolver.problems.first().map(ToString::to_string);
    let expected = "`internet` is narrowed by `ip:` where it sends only";
    assert!(problem.is_some_and(|problem| problem.contains(expected)));
}

/// What is sent from a block that holds a public address of the network itself, as of a NAT gateway, has
/// another sender than the block tells.
#[test]
fn a_block_with_a_public_address_of_the_network_leaves_open_who_sends() {
    let open = |text: &str| {
        let (network, open) = (network(), OpenAttributes::default());
        let source = SourceText::new("vpcproof.toml", text);
        let mut resolver = Resolver::new(&network, &open, &source);
        let origins = resolver.origins(&selectors(text));
        let names = origins.open.iter().map(|hole| hole.attribute().to_owned());
        names.collect::<Vec<_>>()
    };
    assert_eq!(
        open("ip:198.51.100.0/24"),
        ["what c sends from 198.51.100.7"]
    );
    assert_eq!(open("ip:203.0.113.0/24"), Vec::<String>::new());
    assert_eq!(open("ip:0.0.0.0/0"), Vec::<String>::new());
}
