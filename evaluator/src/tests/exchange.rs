//! Exchanges of sets against those of each packet.

use model::Transport;

use super::properties::Numbers;
use crate::exchange::Exchange;
use crate::packet_set::{PacketBox, PacketSet, PacketSets};

/// Every message, every other protocol, and ports at the edges of what is told apart.
fn transports() -> Vec<Transport> {
    let mut all = Vec::new();
    for icmp_type in 0..=u8::MAX {
        for code in [0, 1, 2, 7, 254, 255] {
            all.push(Transport::Icmp { icmp_type, code });
            all.push(Transport::Icmpv6 { icmp_type, code });
        }
    }
    all.extend((0..=u8::MAX).filter_map(Transport::other));
    let ports = [
        0, 1, 80, 443, 1_022, 1_023, 1_024, 1_025, 5_432, 65_534, 65_535,
    ];
    for source_port in ports {
        for destination_port in ports {
            all.push(Transport::Tcp {
                source_port,
                destination_port,
            });
            all.push(Transport::Udp {
                source_port,
                destination_port,
            });
        }
    }
    all
}

fn random_set(numbers: &mut Numbers, sets: &mut PacketSets) -> PacketSet {
    let n_lines = 1 + numbers.below(5);
    let lines: Vec<_> = (0..n_lines)
        .map(|_| {
            let span = |numbers: &mut Numbers, values: &[u16]| {
                let ends = [0, 1].map(|_| values[numbers.below(values.len())]);
                (!numbers.one_in(3)).then(|| (ends[0].min(ends[1]), ends[0].max(ends[1])))
            };
            let ports = [0, 1, 80, 443, 1_023, 1_024, 1_025, 5_432, 65_535];
            let messages = [0, 1, 7, 8, 9, 127, 128, 129, 130, 255];
            let (protocol, values) = match numbers.below(6) {
                0 | 1 => (6, ports.as_slice()),
                2 => (17, ports.as_slice()),
                3 => (1, messages.as_slice()),
                4 => (58, messages.as_slice()),
                _ => return (PacketBox::ALL.transport(47, None, None), true),
            };
            let spans = (span(numbers, values), span(numbers, values));
            let one = PacketBox::ALL.transport(protocol, spans.0, spans.1);
            (one, !numbers.one_in(3))
        })
        .collect();
    let set = sets.first_match(&lines);
    match numbers.one_in(4) {
        true => sets.complement(set),
        false => set,
    }
}

#[test]
fn what_becomes_something_of_a_set_is_what_each_packet_becomes() {
    let transports = transports();
    let (mut n_in, mut n_out) = (0, 0);
    for seed in 0..300 {
        let numbers = &mut Numbers(seed + 11_000_000);
        let sets = &mut PacketSets::new();
        let set = random_set(numbers, sets);
        for exchange in [Exchange::Reply, Exchange::BehindNat] {
            let before = exchange.before(sets, set);
            for one in &transports {
                let becomes = sets.holds_transport(set, exchange.of(*one));
                let is_before = sets.holds_transport(before, *one);
                assert_eq!(is_before, becomes, "{exchange:?} of {one} with seed {seed}");
                match becomes {
                    true => n_in += 1,
                    false => n_out += 1,
                }
            }
        }
    }
    assert!(n_in > 200_000 && n_out > 200_000, "{n_in} and {n_out}");
}
