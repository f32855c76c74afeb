//! Packets that are walked together end where each of them ends.

use std::collections::BTreeSet;

use model::{Address, Clause, Family, IcmpFilter, Packet, RuleTraffic, Transport};

use super::devices::with_devices;
use super::lab::{address, allow, deny};
use super::nat64::{translating, written};
use super::premises::with_premises;
use super::properties::{Numbers, random, random_address, random_transport};
use super::{nat64_properties, relayed_properties};
use crate::compiled::Compiled;
use crate::forward::{self, Arrived, Outcome, Sender};
use crate::reply;
use crate::together::Left;
use crate::walk::{Ending, Recorder, Silent};
use crate::way::Way;

/// All that is asked of a request and its reply.
type End = (
    Outcome,
    Ending,
    Option<Arrived>,
    Way,
    usize,
    Option<Outcome>,
);

fn end<R: Recorder>(network: &Compiled, recorder: R, sender: Sender, packet: Packet) -> (End, R) {
    let (request, recorder) = forward::walk(network, recorder, sender, packet, &[]);
    let (reply, recorder) = reply::walk(network, recorder, &request);
    let last = &request.last;
    let legs = request.earlier.len();
    let end = (
        request.outcome,
        request.ending,
        last.arrived,
        last.way,
        legs,
        reply,
    );
    (end, recorder)
}

/// Transports between two ends: clients and servers at a few ports, pings, and others.
fn transports(numbers: &mut Numbers) -> Vec<Transport> {
    let mut all: Vec<Transport> = (0..30).map(|_| random_transport(numbers)).collect();
    for code in 0..4 {
        all.push(Transport::Icmp { icmp_type: 8, code });
        let icmp_type = 128;
        all.push(Transport::Icmpv6 { icmp_type, code });
    }
    let ports = [22, 80, 443, 1023, 1024, 5432, 40_000, 65_535];
    let port = |numbers: &mut Numbers| ports[numbers.below(ports.len())];
    for _ in 0..30 {
        let (source_port, destination_port) = (port(numbers), port(numbers));
        all.push(match numbers.one_in(3) {
            true => Transport::Udp {
                source_port,
                destination_port,
            },
            false => Transport::Tcp {
                source_port,
                destination_port,
            },
        });
    }
    all
}

/// Walks transports together, and each alone; how many walks that were fewer.
fn compare(
    network: &Compiled,
    sender: Sender,
    (source, destination): (Address, Address),
    transports: &[Transport],
    met: &mut BTreeSet<Clause>,
) -> usize {
    let packet = |transport| Packet::new(source, destination, transport).expect("one family");
    let mut left = Left::new(transports.iter().copied());
    let mut seen = BTreeSet::new();
    let mut n_together = 0;
    while let Some((position, transport, together)) = left.take() {
        let (one, together) = end(network, together, sender, packet(transport));
        assert!(seen.insert(position));
        met.insert(one.1.clause);
        met.extend(one.5.map(|reply| reply.clause));
        for position in left.walked(&together) {
            assert!(seen.insert(position));
            let (alone, Silent) = end(network, Silent, sender, packet(transports[position]));
            let shown = (packet(transport), packet(transports[position]));
            assert_eq!(one, alone, "{} and {}", shown.0, shown.1);
            n_together += 1;
        }
    }
    assert_eq!(seen.len(), transports.len(), "each is told once");
    n_together
}

#[test]
fn they_end_where_each_ends() {
    let (mut n_together, mut n_asked) = (0, 0);
    let mut met = BTreeSet::new();
    for seed in 0..3_000 {
        let lab = match seed % 5 {
            0 => random(seed),
            1 => relayed_properties::random(seed),
            2 => nat64_properties::random(seed),
            3 => with_premises(seed),
            _ => with_devices(seed),
        };
        let Ok(network) = lab.draft.clone().validate() else {
            continue;
        };
        let network = Compiled::new(&network);
        let numbers = &mut Numbers(seed + 9_000_000);
        let interfaces: Vec<_> = network.interfaces.iter().collect();
        for _ in 0..40 {
            let (index, interface) = interfaces[numbers.below(interfaces.len())];
            let family = [Family::V4, Family::V4, Family::V6][numbers.below(3)];
            let (other, _) = interfaces[numbers.below(interfaces.len())];
            let known = network.interfaces[other].addresses.iter();
            let known: Vec<_> = known
                .flat_map(|(private, public)| [*private, *public])
                .flatten()
                .filter(|address| address.family() == family)
                .collect();
            let destination = match known.as_slice() {
                known if !known.is_empty() && !numbers.one_in(3) => {
                    known[numbers.below(known.len())]
                }
                _ => random_address(numbers, family),
            };
            let own = interface.private_addresses();
            let source = own.into_iter().find(|own| own.family() == family);
            let (sender, source) = match source {
                Some(source) if !numbers.one_in(4) => (Sender::Interface(index), source),
                _ => (Sender::Internet, random_address(numbers, family)),
            };
            let transports = transports(numbers);
            n_asked += transports.len();
            let ends = (source, destination);
            n_together += compare(&network, sender, ends, &transports, &mut met);
        }
    }
    assert!(n_together > 3_000_000, "{n_together} of {n_asked}");
    for clause in [
        Clause::NetworkAclIngress,
        Clause::NetworkAclEgress,
        Clause::SecurityGroupIngress,
        Clause::SecurityGroupEgress,
        Clause::LoadBalancerListener,
        Clause::GatewayEndpointProtocol,
        Clause::InterfaceEndpointProtocol,
        Clause::NatGatewayProtocol,
        Clause::NatGatewaySourcePort,
        Clause::ReplyReturns,
    ] {
        assert!(met.contains(&clause), "{clause} is never met: {met:?}");
    }
}

/// Behind NAT64 a ping is another one: of two that are alike before, only one passes there.
#[test]
fn what_a_device_makes_of_them_is_followed() {
    let everything = |block| allow(100, RuleTraffic::All, block);
    let of_code_1 = RuleTraffic::Icmp(IcmpFilter {
        icmp_type: Some(8),
        code: Some(1),
    });
    let out = vec![deny(10, of_code_1, "0.0.0.0/0"), everything("0.0.0.0/0")];
    let lab = translating().acl("out", "v", &["a"], vec![everything("::/0")], out);
    let network = Compiled::new(&lab.draft.validate().expect("it is valid"));
    let sender = network.names.interfaces.find(&"p".into()).expect("p");
    let pings: Vec<_> = (0..4)
        .map(|code| Transport::Icmpv6 {
            icmp_type: 128,
            code,
        })
        .collect();
    let ends = (address("2600:1f00:0:2::a"), address(&written("8.8.8.8")));
    let mut met = BTreeSet::new();
    let n_together = compare(&network, Sender::Interface(sender), ends, &pings, &mut met);
    assert_eq!(n_together, 2, "but for that code they are alike: {met:?}");
    assert!(met.contains(&Clause::NetworkAclEgress), "{met:?}");
}
