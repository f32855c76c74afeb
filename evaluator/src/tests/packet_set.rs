//! Laws of sets of packets, and what they hold beside what boxes hold, packet by packet.

use std::collections::BTreeSet;

use model::{Address, Family, Packet, Transport};

use super::lab::cidr;
use super::properties::{Numbers, random_transport};
use crate::packet_set::{Field, Interval, PacketBox, PacketCount, PacketSet, PacketSets};

/// Few values in each field, so that boxes meet: 4 addresses of either family at either end, both protocols
/// with ports, both with messages, and others.
fn points() -> Vec<Packet> {
    let v4 = ["10.0.0.0", "10.0.0.1", "10.0.0.2", "10.0.0.3"];
    let v6 = ["fd00::", "fd00::1", "fd00::2", "fd00::3"];
    let mut transports = Vec::new();
    for (one, other) in [
        (0, 0),
        (0, 65_535),
        (80, 1_023),
        (80, 1_024),
        (81, 80),
        (65_535, 0),
    ] {
        transports.push(Transport::Tcp {
            source_port: other,
            destination_port: one,
        });
        transports.push(Transport::Udp {
            source_port: one,
            destination_port: other,
        });
    }
    for (icmp_type, code) in [(0, 0), (8, 0), (8, 1), (9, 0), (128, 0), (255, 255)] {
        transports.push(Transport::Icmp { icmp_type, code });
        transports.push(Transport::Icmpv6 { icmp_type, code });
    }
    transports.extend([0, 2, 5, 7, 47, 59, 255].map(|one| Transport::other(one).expect("another")));
    let mut points = Vec::new();
    for family in [v4, v6] {
        for source in family {
            for destination in family {
                let ends = [source, destination].map(super::lab::address);
                let packets = transports.iter();
                points.extend(packets.filter_map(|one| Packet::new(ends[0], ends[1], *one)));
            }
        }
    }
    points
}

fn random_box(numbers: &mut Numbers) -> PacketBox {
    let mut one = PacketBox::ALL;
    let v4 = [
        "10.0.0.0/30",
        "10.0.0.0/31",
        "10.0.0.1/32",
        "0.0.0.0/0",
        "10.0.0.2/31",
    ];
    let v6 = [
        "fd00::/126",
        "fd00::/127",
        "fd00::1/128",
        "::/0",
        "fd00::2/127",
    ];
    let blocks = match numbers.one_in(2) {
        true => v4,
        false => v6,
    };
    if numbers.one_in(2) {
        one = one.from(cidr(numbers.one(&blocks)));
    }
    if numbers.one_in(2) {
        one = one.to(cidr(numbers.one(&blocks)));
    }
    let span = |numbers: &mut Numbers, values: [u16; 6]| {
        let ends = [0, 1].map(|_| values[numbers.below(6)]);
        (!numbers.one_in(3)).then(|| (ends[0].min(ends[1]), ends[0].max(ends[1])))
    };
    match numbers.below(6) {
        0 => one,
        protocol @ (1 | 2) => {
            let ports = [0, 80, 81, 1_023, 1_024, 65_535];
            let spans = (span(numbers, ports), span(numbers, ports));
            one.transport([6, 17][protocol - 1], spans.0, spans.1)
        }
        protocol @ (3 | 4) => {
            let values = [0, 1, 8, 9, 128, 255];
            let spans = (span(numbers, values), span(numbers, values));
            one.transport([1, 58][protocol - 3], spans.0, spans.1)
        }
        _ => one.transport([0, 2, 47, 59, 255][numbers.below(5)], None, None),
    }
}

/// A set of the lines of which the first decides, and which of the points are in it.
fn random_set(
    numbers: &mut Numbers,
    sets: &mut PacketSets,
    points: &[Packet],
) -> (PacketSet, Vec<bool>) {
    let n_lines = 1 + numbers.below(6);
    let lines: Vec<_> = (0..n_lines)
        .map(|_| (random_box(numbers), !numbers.one_in(3)))
        .collect();
    let set = sets.first_match(&lines);
    let alone: Vec<_> = lines
        .iter()
        .map(|(one, takes)| (sets.of_box(one), *takes))
        .collect();
    let is_in = points.iter().map(|point| {
        let mut holding = alone.iter().filter(|(one, _)| sets.contains(*one, *point));
        holding.next().is_some_and(|(_, takes)| *takes)
    });
    let is_in = is_in.collect();
    (set, is_in)
}

#[test]
fn sets_hold_what_their_lines_take_and_so_do_their_combinations() {
    let points = points();
    let mut n_decided = 0;
    for seed in 0..600 {
        let numbers = &mut Numbers(seed);
        let sets = &mut PacketSets::new();
        let (one, in_one) = random_set(numbers, sets, &points);
        let (other, in_other) = random_set(numbers, sets, &points);
        let (union, both) = (sets.union(one, other), sets.intersection(one, other));
        let (less, not) = (sets.difference(one, other), sets.complement(one));
        for (position, point) in points.iter().enumerate() {
            let (a, b) = (in_one[position], in_other[position]);
            for (set, expected) in [
                (one, a),
                (other, b),
                (union, a || b),
                (both, a && b),
                (less, a && !b),
                (not, !a),
            ] {
                assert_eq!(
                    sets.contains(set, *point),
                    expected,
                    "{point} with seed {seed}"
                );
                n_decided += 1;
            }
        }
    }
    assert!(n_decided > 1_000_000, "{n_decided}");
}

/// What a box holds is asked of its own edges and not of a diagram.
#[test]
fn a_box_holds_the_packets_between_its_edges_and_no_others() {
    let sets = &mut PacketSets::new();
    let one = PacketBox::ALL
        .from(cidr("10.0.0.0/31"))
        .to(cidr("10.0.0.2/32"));
    let set = sets.of_box(&one.transport(6, Some((80, 81)), Some((1_024, 65_535))));
    let packet = |from: &str, to: &str, destination_port, source_port| {
        let transport = Transport::Tcp {
            source_port,
            destination_port,
        };
        Packet::new(
            super::lab::address(from),
            super::lab::address(to),
            transport,
        )
        .expect("one family")
    };
    for (from, to, port, client, is_in) in [
        ("10.0.0.0", "10.0.0.2", 80, 1_024, true),
        ("10.0.0.1", "10.0.0.2", 81, 65_535, true),
        ("10.0.0.2", "10.0.0.2", 80, 1_024, false),
        ("9.255.255.255", "10.0.0.2", 80, 1_024, false),
        ("10.0.0.0", "10.0.0.1", 80, 1_024, false),
        ("10.0.0.0", "10.0.0.3", 80, 1_024, false),
        ("10.0.0.0", "10.0.0.2", 79, 1_024, false),
        ("10.0.0.0", "10.0.0.2", 82, 1_024, false),
        ("10.0.0.0", "10.0.0.2", 80, 1_023, false),
    ] {
        let packet = packet(from, to, port, client);
        assert_eq!(sets.contains(set, packet), is_in, "{packet}");
    }
    // Two sources, one destination, two ports, and 64,512 ports of clients.
    assert_eq!(sets.count(set).to_u128(), Some(2 * 2 * 64_512));
}

#[test]
fn the_laws_of_sets_hold_as_equality_of_numbers() {
    let points: Vec<Packet> = Vec::new();
    for seed in 0..2_000 {
        let numbers = &mut Numbers(seed + 50_000);
        let sets = &mut PacketSets::new();
        let mut draw = |sets: &mut PacketSets| random_set(numbers, sets, &points).0;
        let (a, b, c) = (draw(sets), draw(sets), draw(sets));
        let union = sets.union(a, b);
        let both = sets.intersection(a, b);
        assert_eq!(union, sets.union(b, a), "{seed}");
        assert_eq!(both, sets.intersection(b, a), "{seed}");
        let left = sets.union(union, c);
        let right = sets.union(b, c);
        assert_eq!(left, sets.union(a, right), "{seed}");
        let left = sets.intersection(a, right);
        let parts = [sets.intersection(a, b), sets.intersection(a, c)];
        assert_eq!(left, sets.union(parts[0], parts[1]), "{seed}");
        let [not_a, not_b] = [a, b].map(|one| sets.complement(one));
        let not_union = sets.complement(union);
        assert_eq!(not_union, sets.intersection(not_a, not_b), "{seed}");
        assert_eq!(sets.complement(not_a), a, "{seed}");
        let less = sets.difference(a, b);
        assert_eq!(less, sets.intersection(a, not_b), "{seed}");
        assert_eq!(sets.union(less, both), a, "{seed}");
        assert_eq!(sets.intersection(less, b), PacketSet::EMPTY, "{seed}");
        assert_eq!(sets.union(a, not_a), PacketSet::ALL, "{seed}");
        assert_eq!(sets.union(a, both), a, "{seed}");
        // Of two sets apart the numbers of packets add up.
        let counts = [less, both, a].map(|one| sets.count(one));
        assert_eq!(counts[0].plus(counts[1]), counts[2], "{seed}");
    }
}

/// However boxes are cut, their union has the same number.
#[test]
fn a_set_is_written_in_one_way_however_it_was_cut() {
    let sets = &mut PacketSets::new();
    for (whole, halves) in [
        ("10.0.0.0/30", ["10.0.0.0/31", "10.0.0.2/31"]),
        ("0.0.0.0/0", ["0.0.0.0/1", "128.0.0.0/1"]),
        ("::/0", ["::/1", "8000::/1"]),
    ] {
        let narrow = |block: &str| {
            PacketBox::ALL
                .from(cidr(block))
                .transport(6, Some((5, 9)), None)
        };
        let whole = sets.of_box(&narrow(whole));
        let halves = halves.map(|half| sets.of_box(&narrow(half)));
        assert_eq!(sets.union(halves[0], halves[1]), whole);
    }
    let families = ["0.0.0.0/0", "::/0"].map(|block| sets.of_box(&PacketBox::ALL.to(cidr(block))));
    assert_eq!(sets.union(families[0], families[1]), PacketSet::ALL);
    let mut protocols = PacketSet::EMPTY;
    for number in 0..=u8::MAX {
        let one = sets.of_box(&PacketBox::ALL.transport(number, None, None));
        protocols = sets.union(protocols, one);
    }
    assert_eq!(protocols, PacketSet::ALL);
    let types = [(0, 7), (8, 255)].map(|span| {
        let one = PacketBox::ALL.transport(1, Some(span), Some((0, 255)));
        sets.of_box(&one)
    });
    let all = sets.of_box(&PacketBox::ALL.transport(1, None, None));
    assert_eq!(sets.union(types[0], types[1]), all);
}

#[test]
fn counts_are_those_of_brute_force() {
    let (n_v4, n_v6) = (1_u128 << 32, "340282366920938463463374607431768211456");
    let sets = &mut PacketSets::new();
    // 2 * 2^32 TCP and UDP, 2 * 2^16 messages, 252 other protocols, between each pair of addresses.
    let transports = 2 * (1_u128 << 32) + 2 * (1 << 16) + 252;
    let host = |sets: &mut PacketSets, from: &str, to: &str| {
        sets.of_box(&PacketBox::ALL.from(cidr(from)).to(cidr(to)))
    };
    let one = host(sets, "10.0.0.0/32", "10.0.0.0/32");
    assert_eq!(sets.count(one).to_u128(), Some(transports));
    let one = host(sets, "10.0.0.0/32", "0.0.0.0/0");
    assert_eq!(sets.count(one).to_u128(), Some(n_v4 * transports));
    let ping = PacketBox::ALL.transport(58, Some((128, 128)), Some((0, 0)));
    let ping = sets.of_box(&ping.from(cidr("::/0")).to(cidr("fd00::/128")));
    assert_eq!(sets.count(ping).to_string(), n_v6);
    assert_eq!(sets.count(PacketSet::EMPTY).to_string(), "0");
    // (2^64 + 2^256) * (2^33 + 2^17 + 252), with Python's whole numbers.
    let all =
        "994661679099900285622812301329676961131723224422161665462518330261609996619923830341632";
    assert_eq!(sets.count(PacketSet::ALL).to_string(), all);
    assert_eq!(sets.count(PacketSet::ALL).to_u128(), None);

    // Small spaces, packet by packet: messages of one pair of addresses.
    for seed in 0..60 {
        let numbers = &mut Numbers(seed + 70_000);
        let small = PacketBox::ALL
            .from(cidr("10.0.0.1/32"))
            .to(cidr("10.0.0.2/32"));
        let lines: Vec<_> = (0..8)
            .map(|_| {
                let span = |numbers: &mut Numbers| {
                    let ends = [0, 1].map(|_| numbers.below(256) as u16);
                    Some((ends[0].min(ends[1]), ends[0].max(ends[1])))
                };
                let spans = (span(numbers), span(numbers));
                (small.transport(1, spans.0, spans.1), !numbers.one_in(3))
            })
            .collect();
        let set = sets.first_match(&lines);
        let ends = ["10.0.0.1", "10.0.0.2"].map(super::lab::address);
        let mut n_in = 0;
        for icmp_type in 0..=u8::MAX {
            for code in 0..=u8::MAX {
                let transport = Transport::Icmp { icmp_type, code };
                let packet = Packet::new(ends[0], ends[1], transport).expect("one family");
                n_in += u64::from(sets.contains(set, packet));
            }
        }
        assert_eq!(sets.count(set), PacketCount::from(n_in), "{seed}");
    }
}

#[test]
fn a_representative_is_a_member_and_lines_cover_exactly() {
    let points = points();
    let mut n_lines = 0;
    for seed in 0..600 {
        let numbers = &mut Numbers(seed + 90_000);
        let sets = &mut PacketSets::new();
        let (set, _) = random_set(numbers, sets, &points);
        match sets.representative(set) {
            Some(packet) => assert!(sets.contains(set, packet), "{packet} with seed {seed}"),
            None => assert_eq!(set, PacketSet::EMPTY, "{seed}"),
        }
        let mut again = PacketSet::EMPTY;
        for line in sets.lines(set) {
            let mut boxes = Vec::new();
            for source in &line.sources {
                for destination in &line.destinations {
                    let ends = PacketBox::ALL.from(*source).to(*destination);
                    boxes.extend(line.traffic.iter().flat_map(|class| ends.traffic(class)));
                }
            }
            let of_line = sets.of_boxes(&boxes);
            assert_eq!(
                sets.intersection(again, of_line),
                PacketSet::EMPTY,
                "{line} with seed {seed}"
            );
            again = sets.union(again, of_line);
            n_lines += 1;
        }
        assert_eq!(again, set, "{seed}");
    }
    assert!(n_lines > 1_000, "{n_lines}");
}

#[test]
fn what_is_printed_is_as_short_as_it_can_be() {
    let sets = &mut PacketSets::new();
    let web = |block: &str| {
        PacketBox::ALL
            .from(cidr(block))
            .to(cidr("10.0.0.0/8"))
            .transport(6, Some((80, 80)), None)
    };
    let boxes = ["10.0.0.0/25", "10.0.0.128/25", "10.0.1.0/24", "10.0.3.0/24"].map(web);
    let set = sets.of_boxes(&boxes);
    let lines: Vec<_> = sets.lines(set).iter().map(ToString::to_string).collect();
    assert_eq!(
        lines,
        ["tcp/80 from 10.0.0.0/23, 10.0.3.0/24 to 10.0.0.0/8"]
    );
    let all: Vec<_> = sets
        .lines(PacketSet::ALL)
        .iter()
        .map(ToString::to_string)
        .collect();
    let every = "protocol/0-255, icmp/0-255/0-255, tcp/0-65535, udp/0-65535, icmpv6/0-255/0-255";
    let sorted = |line: &str| -> BTreeSet<String> {
        line.split(" from ")
            .next()
            .expect("traffic")
            .split(", ")
            .map(String::from)
            .collect()
    };
    assert_eq!(all.len(), 2);
    assert_eq!(sorted(&all[0]), sorted(every));
    assert!(all[1].ends_with("from ::/0 to ::/0"), "{}", all[1]);
}

/// Equal diagrams that were made apart are one; the tables grow by new ones alone.
#[test]
fn an_equal_node_is_kept_once() {
    let sets = &mut PacketSets::new();
    let halves = |sets: &mut PacketSets| {
        let intervals = [
            (0, PacketSet::EMPTY),
            (80, PacketSet::ALL),
            (81, PacketSet::EMPTY),
        ];
        let intervals = intervals.map(|(start, next)| Interval { start, next });
        sets.by_field(Field::First, intervals)
    };
    assert_eq!(halves(sets), halves(sets));
    let same = [0, 5].map(|start| Interval {
        start,
        next: PacketSet::ALL,
    });
    assert_eq!(sets.by_field(Field::First, same), PacketSet::ALL);
    assert_eq!(sets.size(PacketSet::ALL), 0);
    let set = halves(sets);
    assert_eq!(sets.size(set), 3);
}

#[test]
fn random_packets_are_told_from_their_neighbours() {
    let numbers = &mut Numbers(7);
    for _ in 0..20_000 {
        let transport = random_transport(numbers);
        let [protocol, first, second] = crate::packet_set::numbers_of(transport);
        assert_eq!(
            crate::packet_set::transport_of([protocol, first, second]),
            transport
        );
        let sets = &mut PacketSets::new();
        let one = PacketBox::ALL.family(Family::V6);
        let protocol = u8::try_from(protocol).expect("a byte");
        let set =
            sets.of_box(&one.transport(protocol, Some((first, first)), Some((second, second))));
        let packet =
            |transport| Packet::new(Address::V6(1), Address::V6(2), transport).expect("one family");
        assert!(sets.contains(set, packet(transport)), "{transport}");
        let other = random_transport(numbers);
        assert_eq!(
            sets.contains(set, packet(other)),
            other == transport,
            "{other}"
        );
    }
}

#[test]
fn a_box_meets_a_set_when_they_have_a_packet_in_common() {
    let (mut n_met, mut n_apart) = (0, 0);
    for seed in 0..1_000 {
        let numbers = &mut Numbers(seed + 110_000);
        let sets = &mut PacketSets::new();
        let (set, _) = random_set(numbers, sets, &[]);
        for _ in 0..5 {
            let one = random_box(numbers);
            let of_box = sets.of_box(&one);
            let meets = sets.intersection(set, of_box) != PacketSet::EMPTY;
            assert_eq!(sets.meets(set, &one), meets, "{one:?} with seed {seed}");
            match meets {
                true => n_met += 1,
                false => n_apart += 1,
            }
        }
    }
    assert!(n_met > 500 && n_apart > 500, "{n_met} and {n_apart}");
}

#[test]
fn what_comes_to_a_line_is_what_no_line_before_it_holds() {
    let mut n_shadowed = 0;
    for seed in 0..1_000 {
        let numbers = &mut Numbers(seed + 120_000);
        let sets = &mut PacketSets::new();
        let n_lines = 1 + numbers.below(12);
        let lines: Vec<_> = (0..n_lines).map(|_| random_box(numbers)).collect();
        for (position, line) in lines.iter().enumerate() {
            let mut expected = sets.of_box(line);
            for before in &lines[..position] {
                let before = sets.of_box(before);
                expected = sets.difference(expected, before);
            }
            assert_eq!(
                sets.reaching(&lines, position),
                expected,
                "{position} with seed {seed}"
            );
            n_shadowed += usize::from(expected == PacketSet::EMPTY);
        }
        assert_eq!(sets.reaching(&lines, n_lines), PacketSet::EMPTY);
    }
    assert!(n_shadowed > 100, "{n_shadowed}");
}
