//! Random networks with networks on premises.

use std::collections::BTreeSet;

use model::{
    AttachmentKind, Clause, Engine, Family, Flow, OnPremisesGateway, OnPremisesService, Origin,
    Packet, Place, Source, Target, TrafficClass, Transport,
};

use super::checks::{interfaces, scope, to};
use super::client_vpn::clients;
use super::devices::with_devices;
use super::direct_connect::associations;
use super::lab::{Lab, cidr};
use super::properties::{Numbers, random_address, random_transport, signature, told};
use crate::Evaluator;
use crate::cells::Cells;
use crate::forward::{self, Sender};
use crate::reply;
use crate::scope::Scope;
use crate::walk::Silent;

const BLOCKS: [&str; 12] = [
    "192.168.0.0/16",
    "192.168.1.0/24",
    "10.9.0.0/16",
    "10.0.0.0/8",
    "10.2.0.0/16",
    "8.0.0.0/7",
    "8.8.8.0/24",
    "203.0.113.0/24",
    "0.0.0.0/0",
    "2000::/3",
    "2001:db8::/32",
    "2600::/12",
];

fn blocks(numbers: &mut Numbers) -> Vec<&'static str> {
    if numbers.one_in(8) {
        return Vec::new();
    }
    (0..=numbers.below(4))
        .map(|_| numbers.one(&BLOCKS))
        .collect()
}

/// A virtual private gateway, two attachments of the transit gateway that lead on premises, and
/// one of the gateway behind the peering.
pub fn with_premises(seed: u64) -> Lab {
    let numbers = &mut Numbers(seed + 9_000_000);
    let vpc = [Some("v"), Some("v"), Some("v"), Some("w"), None][numbers.below(5)];
    let service = |numbers: &mut Numbers| OnPremisesService::ALL[numbers.below(3)];
    let mut lab = with_devices(seed).virtual_private_gateway("g", vpc, &blocks(numbers));
    for (id, gateway) in [("b", "t"), ("b2", "t"), ("b3", "t2")] {
        lab = lab.attach_on_premises(id, gateway, service(numbers), &blocks(numbers));
        if numbers.one_in(3) {
            lab.transit_table_mut(gateway)
                .propagations
                .remove(&id.into());
        }
        if numbers.one_in(2) {
            let block = if id == "b2" {
                "8.0.0.0/6"
            } else {
                "192.168.0.0/16"
            };
            lab = lab.transit_route(gateway, block, Some(id));
        }
        lab.attachment_mut(id).available = !numbers.one_in(12);
    }
    for table in ["v", "private", "fire", "load", "w"] {
        for block in [
            "192.168.0.0/16",
            "10.9.0.0/16",
            "8.8.8.0/25",
            "2001:db8::/33",
        ] {
            let target = match numbers.below(5) {
                0 | 1 => Target::VirtualPrivateGateway("g".into()),
                2 | 3 => Target::TransitGateway("t".into()),
                _ => continue,
            };
            lab = lab.route(table, block, target);
        }
    }
    if numbers.one_in(8) {
        lab = lab
            .table("edge-in", vpc.unwrap_or("v"), &[])
            .with(|lab| lab.virtual_private_mut("g").edge_route_table = Some("edge-in".into()));
    }
    if numbers.one_in(2) {
        // Another subnet of `w`, alike or not.
        lab = lab
            .subnet("c2", "w", &["10.1.2.0/24"])
            .interface("y2", "c2", "w", &["10.1.2.10"]);
        if numbers.one_in(3) {
            lab = lab.table("other", "w", &["c2"]);
        }
        if numbers.one_in(2) {
            // They have one ACL.
            let mut subnets = lab.draft.subnets.iter();
            let acl = subnets.find(|subnet| subnet.id.as_str() == "c");
            let acl = acl.map(|subnet| subnet.network_acl.clone());
            let c2 = lab.draft.subnets.last_mut().expect("c2");
            c2.network_acl = acl.expect("c");
        }
        if let AttachmentKind::Vpc { subnets, .. } = &mut lab.attachment_mut("tw").kind {
            subnets.insert("c2".into());
        }
    }
    if numbers.one_in(2) {
        lab = clients(numbers, lab, &["x", "y"], &["a", "b"], &BLOCKS);
    }
    if numbers.one_in(2) {
        let gateway = OnPremisesGateway::VirtualPrivate("g".into());
        let vpc = [
            "10.0.0.0/16",
            "10.0.0.0/15",
            "2600:1f00::/56",
            "10.0.1.0/24",
        ];
        lab = associations(numbers, lab, gateway, &vpc);
    }
    if let AttachmentKind::OnPremises { service, .. } = &mut lab.attachment_mut("b").kind {
        *service = OnPremisesService::DirectConnectGateway;
        lab = associations(
            numbers,
            lab,
            OnPremisesGateway::Transit("b".into()),
            &BLOCKS,
        );
    }
    lab
}

/// A host on premises, or an interface, and an address that it has.
fn sender(evaluator: &Evaluator, numbers: &mut Numbers) -> (Sender, model::Address) {
    let network = &evaluator.compiled;
    if numbers.one_in(3) {
        let id = numbers.one(&["x", "y", "z", "s"]);
        let index = network.names.interfaces.find(&id.into()).expect(id);
        let own: Vec<_> = network.interfaces[index].private_addresses().collect();
        return (Sender::Interface(index), own[numbers.below(own.len())]);
    }
    let gateways: Vec<_> = network.gateways().collect();
    let gateway = gateways[numbers.below(gateways.len())];
    let family = [Family::V4, Family::V4, Family::V6][numbers.below(3)];
    (Sender::OnPremises(gateway), random_address(numbers, family))
}

/// As of other senders: for every packet p in scope there is a representative r of its sender with
/// signature(p) = signature(r).
#[test]
fn every_packet_on_premises_has_a_representative() {
    let one = |icmp_type| TrafficClass::Icmp {
        types: icmp_type..=icmp_type,
        codes: 0..=0,
    };
    let tcp = TrafficClass::Tcp {
        source_ports: 40000..=40000,
        destination_ports: 443..=443,
    };
    let everything = || BTreeSet::from(["0.0.0.0/0", "::/0"].map(cidr));
    let (mut n_compared, mut seen) = (0, BTreeSet::new());
    for seed in 0..60 {
        let evaluator = with_premises(seed).load();
        let place = [Place::Cidrs(everything()), Place::OnPremises(None)];
        let place = place[(seed % 2) as usize].clone();
        let mut asked = scope(
            Origin::OnPremises {
                blocks: None,
                resolver: None,
            },
            place,
            vec![one(8), tcp.clone()],
        );
        asked.from.push(interfaces(&["x", "y", "z", "s"]));
        asked.to.push(to(&["x", "y", "s"]));
        let compiled = &evaluator.compiled;
        let looked_up = Scope::new(&asked, &evaluator.network, compiled, &evaluator.resolver);
        let cells = Cells::new(compiled, &looked_up, &asked, true, told());
        let key = |sender, source, told: String| {
            let own = matches!(sender, Sender::Interface(_)).then_some(source);
            (sender, own, told)
        };
        let mut signatures = BTreeSet::new();
        for strip in cells.seeds().iter().flat_map(|seed| cells.strips(seed)) {
            for transport in strip.transports.each() {
                let packet = Packet::new(strip.source, strip.destination, *transport);
                let packet = packet.expect("one family");
                let told = signature(&evaluator, &looked_up, strip.sender, packet);
                signatures.insert(key(strip.sender, strip.source, told));
            }
        }
        let numbers = &mut Numbers(seed + 2_000_000);
        for _ in 0..3000 {
            let (sender, source) = sender(&evaluator, numbers);
            let outside = matches!(sender, Sender::OnPremises(_));
            if outside && !looked_up.sends_from(sender, source) {
                continue;
            }
            let destination = random_address(numbers, source.family());
            if looked_up.held(sender, source, destination).is_none() {
                continue;
            }
            let transports = [
                Transport::Icmp {
                    icmp_type: 8,
                    code: 0,
                },
                Transport::Tcp {
                    source_port: 40000,
                    destination_port: 443,
                },
            ];
            let packet = Packet::new(source, destination, transports[numbers.below(2)]);
            let packet = packet.expect("one family");
            let told = signature(&evaluator, &looked_up, sender, packet);
            assert!(
                signatures.contains(&key(sender, source, told.clone())),
                "network {seed}: {sender:?} {packet}: {told}"
            );
            seen.insert(told);
            n_compared += 1;
        }
    }
    assert!(n_compared > 50_000, "{n_compared}");
    assert!(seen.len() > 100, "{}", seen.len());
}

/// decide(f) = trace(f).decision, and the networks show every clause of the page.
#[test]
fn networks_on_premises_are_met() {
    let mut met = BTreeSet::new();
    let mut n_answered = 0;
    for seed in 0..150 {
        let evaluator = with_premises(seed).load();
        let numbers = &mut Numbers(seed);
        for _ in 0..1000 {
            let (sender, source) = sender(&evaluator, numbers);
            let destination = random_address(numbers, source.family());
            let packet = Packet::new(source, destination, random_transport(numbers));
            let packet = packet.expect("one family");
            let network = &evaluator.compiled;
            let (request, Silent) = forward::walk(network, Silent, sender, packet, &[]);
            let (reply, Silent) = reply::walk(network, Silent, &request);
            met.insert(request.ending.clause);
            met.extend(reply.map(|reply| reply.clause));
            let delivered = reply.is_some_and(|reply| reply.end == crate::walk::End::Delivered);
            let Sender::OnPremises(gateway) = sender else {
                continue;
            };
            n_answered += usize::from(delivered);
            if numbers.one_in(10) {
                let source = Source::OnPremises(network.names.gateway_id(gateway));
                let flow = Flow::new(source, packet);
                assert_eq!(
                    evaluator.decide(&flow),
                    evaluator.trace(&flow).decision,
                    "{flow}"
                );
            }
        }
    }
    let wanted = [
        Clause::VirtualPrivateGatewayAttached,
        Clause::VirtualPrivateGatewaySource,
        Clause::VirtualPrivateGatewayRoute,
        Clause::VirtualPrivateGatewayInbound,
        Clause::VirtualPrivateGatewayEdgeTable,
        Clause::OnPremisesSource,
        Clause::DirectConnectAllowedPrefix,
        Clause::ClientVpnAuthorization,
        Clause::ClientVpnRoute,
        Clause::ClientVpnInbound,
        Clause::OnPremisesTransit,
        Clause::OnPremisesDelivers,
        Clause::TransitGatewayAmbiguous,
        Clause::TransitGatewayZone,
        Clause::ReplyAsymmetric,
    ];
    for clause in wanted {
        assert!(met.contains(&clause), "{clause}");
    }
    assert!(n_answered > 300, "{n_answered}");
}
