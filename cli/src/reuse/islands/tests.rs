//! Whatever joins two VPCs makes one island of them, with all of its parts; what joins nothing does not.

use std::collections::BTreeSet;
use std::fs;

use model::Network;

use super::{Islands, Part};
use crate::session;

/// Two private VPCs, each with a subnet and a host.
const APART: &str = r#"
[vpc.a]
cidrs = ["10.1.0.0/16"]
region = "eu-west-1"
[subnet.a]
vpc = "a"
cidrs = ["10.1.1.0/24"]
[interface.a]
subnet = "a"
addresses = ["10.1.1.10"]
[vpc.b]
cidrs = ["10.2.0.0/16"]
region = "eu-west-1"
[subnet.b]
vpc = "b"
cidrs = ["10.2.1.0/24"]
[interface.b]
subnet = "b"
addresses = ["10.2.1.10"]
"#;

/// In VPC b a load balancer in front of another one.
const BALANCERS: &str = r#"
[interface.nlb]
subnet = "b"
addresses = ["10.2.1.20"]
[load-balancer.nlb]
kind = "network"
interfaces = ["nlb"]
listeners = ["tcp/443 -> hosts", "tcp/80 -> front"]
[target-group.hosts]
targets = ["interface:b:443"]
[target-group.front]
targets = ["load-balancer:alb:80"]
[interface.alb]
subnet = "b"
addresses = ["10.2.1.21"]
[load-balancer.alb]
kind = "application"
interfaces = ["alb"]
listeners = ["tcp/80 -> behind"]
[target-group.behind]
targets = ["10.2.1.10:80"]
[target-group.idle]
targets = ["interface:b:22"]
"#;

const SERVICE: &str = r#"
[endpoint-service.shop]
name = "com.amazonaws.vpce.eu-west-1.vpce-svc-0a1"
load-balancers = ["nlb"]
[interface.shop]
subnet = "a"
addresses = ["10.1.1.20"]
[endpoint.shop]
vpc = "a"
kind = "interface"
service = "com.amazonaws.vpce.eu-west-1.vpce-svc-0a1"
interfaces = ["shop"]
"#;

const GATEWAY_OF_A: &str =
    "[virtual-private-gateway.a]\nvpc = \"a\"\nprefixes = [\"10.200.0.0/16\"]\n";
const GATEWAY_OF_B: &str =
    "[virtual-private-gateway.b]\nvpc = \"b\"\nprefixes = [\"10.200.0.0/16\"]\n";
const ASSOCIATION: &str = "[direct-connect-association.b]\ngateway = \"virtual-private-gateway:b\"\nallowed-prefixes = [\"10.2.0.0/16\"]\n";

/// VPC b and a line to premises at a transit gateway.
const TRANSIT: &str = r#"
[transit-gateway.hub]
[transit-gateway-route-table.hub]
routes = []
[transit-gateway-attachment.b]
vpc = "b"
subnets = ["b"]
association = "hub"
[transit-gateway-attachment.vpn]
on-premises = "vpn"
prefixes = ["10.200.0.0/16"]
association = "hub"
"#;

const CLIENT_VPN: &str = r#"
[interface.cvpn]
subnet = "b"
addresses = ["10.2.1.30"]
[client-vpn-endpoint.cvpn]
interfaces = ["cvpn"]
authorization-rules = ["10.2.0.0/16 for all"]
routes = ["10.2.0.0/16 -> subnet:b"]
"#;

fn network(texts: &[&str]) -> Network {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("network.toml");
    fs::write(&path, format!("{APART}{}", texts.concat())).unwrap();
    let read = session::open(&[path], &ingest::Options::default());
    read.unwrap_or_else(|wrong| panic!("{wrong}")).network
}

/// The islands that components other than some are on.
fn others(islands: &Islands, left_out: &[Part]) -> BTreeSet<Option<usize>> {
    let nodes = islands.numbers.keys();
    let nodes = nodes.filter(|(part, _)| !left_out.contains(part));
    nodes.map(|node| islands.number(node)).collect()
}

#[test]
fn what_joins_two_vpcs_makes_one_island_of_all() {
    for (joins, texts) in [
        ("an endpoint service", [BALANCERS, SERVICE].as_slice()),
        ("premises", &[GATEWAY_OF_A, GATEWAY_OF_B]),
        (
            "premises, by Direct Connect",
            &[GATEWAY_OF_A, GATEWAY_OF_B, ASSOCIATION],
        ),
        ("premises, by a transit gateway", &[GATEWAY_OF_A, TRANSIT]),
        (
            "a peering",
            &["[peering.p]\nrequester = \"a\"\naccepter = \"b\"\n"],
        ),
    ] {
        let network = network(texts);
        let islands = Islands::of(&network);
        assert!(islands.is_one(&network), "{joins}");
        assert_eq!(others(&islands, &[]).len(), 1, "{joins}: {islands:?}");
    }
}

#[test]
fn what_joins_nothing_leaves_two_islands_and_is_on_one_of_them() {
    for (what, texts) in [
        ("nothing", [].as_slice()),
        ("load balancers", &[BALANCERS]),
        (
            "a service that nobody uses",
            &[BALANCERS, SERVICE.split("[interface").next().unwrap()],
        ),
        ("one gateway to premises", &[GATEWAY_OF_B]),
        ("an association", &[GATEWAY_OF_B, ASSOCIATION]),
        ("a transit gateway", &[TRANSIT]),
        ("a VPN of clients", &[CLIENT_VPN]),
    ] {
        let network = network(texts);
        let islands = Islands::of(&network);
        assert!(!islands.is_one(&network), "{what}");
        let of_a = islands.number(&Part::Vpc.of("a"));
        let of_b = islands.number(&Part::Vpc.of("b"));
        assert_ne!(of_a, of_b, "{what}");
        for group in network.target_groups().keys() {
            let of_group = islands.number(&Part::TargetGroup.of(group));
            assert_eq!(of_group, of_b, "{group}");
        }
        // Every part is on an island of a VPC: a change of it is not taken for one of nothing.
        let all = others(&islands, &[]);
        assert_eq!(all, BTreeSet::from([of_a, of_b]), "{what}: {islands:?}");
    }
}
