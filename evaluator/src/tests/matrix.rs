//! Matrices: every cell against the decisions on single flows, and against claims about its scope.

use std::collections::BTreeSet;

use model::{
    Address, AddressValue, Arrival, Claim, Disposition, Engine, Family, Flow, Invariant, Network,
    NetworkInterfaceId, Origin, Packet, Place, Quantifier, Scope, Source, Traffic, TrafficClass,
    Transport, Verdict,
};

use super::checks::{interfaces, invariant, scope, to};
use super::devices::with_devices;
use super::lab::{Lab, address};
use super::premises::with_premises;
use super::properties::{Numbers, random, random_transport};
use crate::region::is_in;
use crate::{Evaluator, FamilyTraffic, Matrix, MatrixCell};

/// With twins of its ordinary interfaces, of which the network may tell some apart.
fn with_twins(mut lab: Lab, numbers: &mut Numbers) -> Lab {
    let twins = [
        (
            "x",
            "twin-x2",
            "10.0.1.12",
            Some("203.0.113.12"),
            Some("2600:1f00::c"),
        ),
        (
            "x",
            "twin-x3",
            "10.0.1.20",
            Some("203.0.113.13"),
            Some("2600:1f00::14"),
        ),
        (
            "x",
            "twin-x4",
            "10.0.1.21",
            Some("203.0.113.14"),
            Some("2600:1f00::15"),
        ),
        ("y", "twin-y2", "10.0.2.30", None, None),
        ("y", "twin-y3", "10.0.2.31", None, None),
        (
            "z",
            "twin-z2",
            "10.1.1.11",
            Some("203.0.113.21"),
            Some("2600:1f01::b"),
        ),
        ("u", "twin-u2", "10.0.1.30", None, Some("2600:1f00::1e")),
        ("u", "twin-u3", "10.0.1.31", None, Some("2600:1f00::1f")),
    ];
    for (of, id, private, public, v6) in twins {
        if numbers.one_in(4) {
            continue;
        }
        let mut twin = lab.interface_mut(of).clone();
        twin.id = id.into();
        if let Some(first) = twin.addresses.first_mut() {
            first.private = AddressValue::Known(address(private));
            first.public = public.map(|public| AddressValue::Known(address(public)));
        }
        if let (Some(second), Some(v6)) = (twin.addresses.get_mut(1), v6) {
            second.private = AddressValue::Known(address(v6));
        }
        lab.draft.network_interfaces.push(twin);
    }
    lab
}

fn network(seed: u64) -> Network {
    let lab = match seed % 3 {
        0 => random(seed),
        1 => with_devices(seed),
        _ => with_premises(seed),
    };
    with_twins(lab, &mut Numbers(seed)).network()
}

fn own(network: &Network, id: &NetworkInterfaceId) -> Vec<Address> {
    let interface = &network.network_interfaces()[id];
    let private = interface.addresses.iter().map(|one| &one.private);
    let known = private.map(|value| match value {
        AddressValue::Known(address) => *address,
        AddressValue::Within(..) => panic!("nothing is open"),
    });
    known.collect()
}

fn is_among(classes: &[TrafficClass], transport: Transport) -> bool {
    classes.iter().any(|class| is_in(class, transport))
}

/// The transports at which cells of traffic begin and end, and some others.
fn transports(matrix: &Matrix, numbers: &mut Numbers) -> Vec<Transport> {
    let mut all: Vec<_> = (0..10).map(|_| random_transport(numbers)).collect();
    for traffic in &matrix.traffics {
        for of in traffic.families.values() {
            let classes = of.some.iter().chain(&of.every).chain(&of.unanswered);
            for class in classes.chain(of.undetermined.values().flatten()) {
                all.extend(edges(class));
            }
        }
    }
    all.sort();
    all.dedup();
    while all.len() > 40 {
        all.swap_remove(numbers.below(all.len()));
    }
    all
}

fn edges(class: &TrafficClass) -> Vec<Transport> {
    let ports = |range: &std::ops::RangeInclusive<u16>| {
        [
            *range.start(),
            *range.end(),
            range.start().wrapping_sub(1),
            range.end().wrapping_add(1),
        ]
    };
    let pairs = |from: &std::ops::RangeInclusive<u16>, to: &std::ops::RangeInclusive<u16>| {
        let (from, to) = (ports(from), ports(to));
        from.into_iter()
            .zip(to)
            .chain([(from[0], to[1]), (from[1], to[0])])
            .collect::<Vec<_>>()
    };
    match class {
        TrafficClass::Tcp {
            source_ports,
            destination_ports,
        } => pairs(source_ports, destination_ports)
            .into_iter()
            .map(|(source_port, destination_port)| Transport::Tcp {
                source_port,
                destination_port,
            })
            .collect(),
        TrafficClass::Udp {
            source_ports,
            destination_ports,
        } => pairs(source_ports, destination_ports)
            .into_iter()
            .map(|(source_port, destination_port)| Transport::Udp {
                source_port,
                destination_port,
            })
            .collect(),
        TrafficClass::Icmp { types, codes } => [
            (*types.start(), *codes.start()),
            (*types.end(), *codes.end()),
        ]
        .map(|(icmp_type, code)| Transport::Icmp { icmp_type, code })
        .into(),
        TrafficClass::Icmpv6 { types, codes } => [
            (*types.start(), *codes.start()),
            (*types.end(), *codes.end()),
        ]
        .map(|(icmp_type, code)| Transport::Icmpv6 { icmp_type, code })
        .into(),
        TrafficClass::Other { protocols } => [*protocols.start(), *protocols.end()]
            .into_iter()
            .filter_map(Transport::other)
            .collect(),
    }
}

/// The groups of interfaces by which cells are asked: each alone, and all together.
fn groups(network: &Network) -> Vec<BTreeSet<NetworkInterfaceId>> {
    let all: BTreeSet<_> = network.network_interfaces().keys().cloned().collect();
    let mut groups: Vec<_> = all.iter().map(|id| BTreeSet::from([id.clone()])).collect();
    let halves: (BTreeSet<_>, BTreeSet<_>) =
        all.iter().cloned().partition(|id| id.as_str() < "twin");
    groups.extend([halves.0, halves.1, all]);
    groups
}

fn place(of: &BTreeSet<NetworkInterfaceId>) -> Place {
    Place::Interfaces {
        interfaces: of.clone(),
        public_from_inside: false,
    }
}

fn family_of(matrix: &Matrix, cell: MatrixCell, family: Family) -> Option<&FamilyTraffic> {
    match cell {
        MatrixCell::Asked { traffic, .. } => matrix.traffics[traffic].families.get(&family),
        MatrixCell::NotAsked | MatrixCell::Nobody => None,
    }
}

/// What is decided of all pairs of addresses of two interfaces, by family.
fn decided(
    evaluator: &Evaluator,
    network: &Network,
    [from, to]: [&NetworkInterfaceId; 2],
    transport: Transport,
) -> Vec<(Family, &'static str)> {
    let mut told = Vec::new();
    for source in own(network, from) {
        for destination in own(network, to) {
            let Some(packet) = Packet::new(source, destination, transport) else {
                continue;
            };
            let decision = evaluator.decide(&Flow::new(Source::Interface(from.clone()), packet));
            let word = match decision.forward.disposition {
                Disposition::Dropped => "closed",
                Disposition::Undetermined => "open",
                Disposition::Delivered
                    if decision.forward.arrival != Some(Arrival::Interface(to.clone())) =>
                {
                    "closed"
                }
                Disposition::Delivered => match decision.reply.map(|reply| reply.disposition) {
                    Some(Disposition::Delivered) => "answered",
                    Some(Disposition::Dropped) | None => "unanswered",
                    Some(Disposition::Undetermined) => "open",
                },
            };
            told.push((source.family(), word));
        }
    }
    told
}

fn sends(network: &Network, id: &NetworkInterfaceId) -> bool {
    let interface = &network.network_interfaces()[id];
    matches!(
        interface.attachment,
        model::Attachment::Ordinary { .. } | model::Attachment::Other(_)
    )
}

#[test]
fn every_cell_between_interfaces_is_what_single_flows_are_decided() {
    let mut seen = [0_usize; 4];
    for seed in 0..250 {
        let network = network(seed);
        let evaluator = Evaluator::load(&network);
        let groups = groups(&network);
        let rows: Vec<_> = groups.iter().cloned().map(Origin::Interfaces).collect();
        let columns: Vec<_> = groups.iter().map(place).collect();
        let matrix = evaluator
            .matrix(&rows, &columns)
            .expect("the budget is enough");
        let transports = transports(&matrix, &mut Numbers(seed));
        for (from, row) in groups.iter().zip(&matrix.rows) {
            for (to, cell) in groups.iter().zip(row) {
                let pairs = from.iter().filter(|id| sends(&network, id));
                let pairs = pairs.flat_map(|one| to.iter().map(move |other| [one, other]));
                let pairs: Vec<_> = pairs.filter(|[one, other]| one != other).collect();
                let MatrixCell::Asked { pairs: n_pairs, .. } = cell else {
                    assert_eq!(*cell, MatrixCell::Nobody);
                    assert!(pairs.is_empty(), "seed {seed}");
                    continue;
                };
                assert_eq!(*n_pairs, pairs.len() as u64, "seed {seed}");
                if from.len() * to.len() > 60 && seed % 5 != 0 {
                    continue;
                }
                for transport in &transports {
                    let told: Vec<_> = pairs
                        .iter()
                        .flat_map(|pair| decided(&evaluator, &network, *pair, *transport))
                        .collect();
                    for family in [Family::V4, Family::V6] {
                        let told: Vec<_> = told
                            .iter()
                            .filter(|(of, _)| *of == family)
                            .map(|(_, word)| *word)
                            .collect();
                        let Some(traffic) = family_of(&matrix, *cell, family) else {
                            assert!(told.is_empty(), "seed {seed}");
                            continue;
                        };
                        let shown =
                            || format!("seed {seed}: {from:?} to {to:?} {transport} {told:?}");
                        let is = |word: &str| told.contains(&word);
                        let every = told.iter().all(|word| *word == "answered");
                        assert_eq!(is_among(&traffic.every, *transport), every, "{}", shown());
                        assert_eq!(
                            is_among(&traffic.some, *transport),
                            is("answered"),
                            "{}",
                            shown()
                        );
                        assert_eq!(
                            is_among(&traffic.unanswered, *transport),
                            is("unanswered"),
                            "{}",
                            shown()
                        );
                        let open = traffic
                            .undetermined
                            .values()
                            .any(|of| is_among(of, *transport));
                        // What is open may arrive elsewhere for certain.
                        assert!(!open || is("open"), "{}", shown());
                        seen[0] += usize::from(every);
                        seen[1] += usize::from(!every && is("answered"));
                        seen[2] += usize::from(is("unanswered"));
                        seen[3] += usize::from(open);
                    }
                }
            }
        }
    }
    assert!(seen.iter().all(|n| *n > 500), "{seen:?}");
}

/// Walks past groups tell what walks of each pair tell.
#[test]
fn past_groups_the_same_is_told() {
    let mut connected = 0;
    for seed in 0..400 {
        let network = network(seed);
        let evaluator = Evaluator::load(&network);
        let all = network.network_interfaces().keys();
        let alone: Vec<_> = all.map(|id| BTreeSet::from([id.clone()])).collect();
        let rows: Vec<_> = alone.iter().cloned().map(Origin::Interfaces).collect();
        let columns: Vec<_> = alone.iter().map(place).collect();
        let past = evaluator.matrix(&rows, &columns).expect("it is told");
        let whole = evaluator.matrix_of_wholes(&rows, &columns);
        let whole = whole.expect("it is told");
        for (from, (past_row, whole_row)) in alone.iter().zip(past.rows.iter().zip(&whole.rows)) {
            for (to, cells) in alone.iter().zip(past_row.iter().zip(whole_row)) {
                let told = [(&past, cells.0), (&whole, cells.1)].map(|(matrix, cell)| match cell {
                    MatrixCell::Asked {
                        pairs,
                        connected,
                        traffic,
                    } => Some((*pairs, *connected, &matrix.traffics[*traffic])),
                    MatrixCell::NotAsked | MatrixCell::Nobody => None,
                });
                assert_eq!(told[0], told[1], "seed {seed}: {from:?} to {to:?}");
                connected += told[0].map_or(0, |(_, connected, _)| connected);
            }
        }
    }
    assert!(connected > 2_000, "{connected}");
}

/// Counts of connected pairs are those of the cells of their single interfaces.
#[test]
fn counts_are_those_of_single_interfaces() {
    let mut seen = 0;
    for seed in 0..100 {
        let network = network(seed);
        let evaluator = Evaluator::load(&network);
        let groups = groups(&network);
        let rows: Vec<_> = groups.iter().cloned().map(Origin::Interfaces).collect();
        let columns: Vec<_> = groups.iter().map(place).collect();
        let matrix = evaluator
            .matrix(&rows, &columns)
            .expect("the budget is enough");
        let connected = |row: usize, column: usize| match matrix.rows[row][column] {
            MatrixCell::Asked { connected, .. } => connected,
            MatrixCell::NotAsked | MatrixCell::Nobody => 0,
        };
        for (row, from) in groups.iter().enumerate() {
            for (column, to) in groups.iter().enumerate() {
                let single = |id: &NetworkInterfaceId| {
                    groups
                        .iter()
                        .position(|of| of.len() == 1 && of.contains(id))
                        .expect("alone")
                };
                let sum: u64 = from
                    .iter()
                    .flat_map(|one| to.iter().map(move |other| (one, other)))
                    .map(|(one, other)| connected(single(one), single(other)))
                    .sum();
                assert_eq!(connected(row, column), sum, "seed {seed}");
                seen += sum;
            }
        }
    }
    assert!(seen > 1_000, "{seen}");
}

/// The class of one packet.
pub(super) fn class_of(transport: Transport) -> TrafficClass {
    match transport {
        Transport::Tcp {
            source_port,
            destination_port,
        } => TrafficClass::Tcp {
            source_ports: source_port..=source_port,
            destination_ports: destination_port..=destination_port,
        },
        Transport::Udp {
            source_port,
            destination_port,
        } => TrafficClass::Udp {
            source_ports: source_port..=source_port,
            destination_ports: destination_port..=destination_port,
        },
        Transport::Icmp { icmp_type, code } => TrafficClass::Icmp {
            types: icmp_type..=icmp_type,
            codes: code..=code,
        },
        Transport::Icmpv6 { icmp_type, code } => TrafficClass::Icmpv6 {
            types: icmp_type..=icmp_type,
            codes: code..=code,
        },
        Transport::Other(protocol) => TrafficClass::Other {
            protocols: protocol.number()..=protocol.number(),
        },
    }
}

fn asked(
    quantifier: Quantifier,
    from: &Origin,
    to: &Place,
    family: Family,
    transport: Transport,
) -> Invariant {
    let scope = Scope {
        families: BTreeSet::from([family]),
        traffic: Traffic {
            classes: vec![class_of(transport)],
        },
        ..scope(from.clone(), to.clone(), Vec::new())
    };
    invariant(quantifier, scope, Claim::Answered)
}

/// Compares a cell with what is decided of `sometimes` and `always`.
fn agree(
    evaluator: &Evaluator,
    traffic: &FamilyTraffic,
    [some, every]: [&Invariant; 2],
    transport: Transport,
    seen: &mut [usize; 4],
    shown: &dyn Fn() -> String,
) {
    let open = traffic
        .undetermined
        .values()
        .any(|of| is_among(of, transport));
    let answered = is_among(&traffic.some, transport);
    match evaluator.check(some) {
        Verdict::Holds { witness } => {
            let flow = witness.map(|witness| witness.flow.to_string());
            assert!(answered, "{} {flow:?}", shown());
            seen[0] += 1;
        }
        Verdict::Violated { .. } | Verdict::Vacuous => {
            assert!(!answered, "{}", shown());
            // Of what is never answered it may be open whether it is delivered.
            let delivered = Invariant {
                claim: Claim::Delivered,
                ..some.clone()
            };
            let is_closed = || matches!(evaluator.check(&delivered), Verdict::Violated { .. });
            assert!(!open || !is_closed(), "{}", shown());
            seen[1] += 1;
        }
        Verdict::Unknown { .. } => {
            assert!(!answered && open, "{}", shown());
            seen[2] += 1;
        }
    }
    let all = is_among(&traffic.every, transport);
    match evaluator.check(every) {
        Verdict::Holds { .. } => seen[3] += usize::from(all),
        Verdict::Violated { .. } | Verdict::Unknown { .. } | Verdict::Vacuous => {
            assert!(!all, "every {}", shown())
        }
    }
}

#[test]
fn every_cell_with_the_outside_is_what_claims_are_decided() {
    let mut seen = [0; 4];
    for seed in 0..120 {
        let network = network(seed);
        let evaluator = Evaluator::load(&network);
        let groups = groups(&network);
        let inside: Vec<_> = groups.iter().cloned().map(Origin::Interfaces).collect();
        let outside = [
            Origin::Internet(None),
            Origin::OnPremises {
                blocks: None,
                resolver: None,
            },
        ];
        let places = [
            Place::Internet,
            Place::OnPremises(None),
            Place::GatewayEndpoints(network.vpc_endpoints().keys().cloned().collect()),
            Place::Cidrs(
                [
                    "8.8.8.0/24",
                    "10.0.1.8/29",
                    "203.0.113.0/24",
                    "2600:1f00::/64",
                ]
                .map(super::lab::cidr)
                .into(),
            ),
        ];
        let rows: Vec<_> = inside.iter().chain(&outside).cloned().collect();
        let columns: Vec<_> = groups
            .iter()
            .map(place)
            .chain(places.iter().cloned())
            .collect();
        let matrix = evaluator
            .matrix(&rows, &columns)
            .expect("the budget is enough");
        let mut numbers = Numbers(seed);
        let transports = transports(&matrix, &mut numbers);
        for (row, from) in rows.iter().enumerate() {
            for (column, to) in columns.iter().enumerate() {
                let cell = matrix.rows[row][column];
                let is_outside = row >= inside.len() || column >= groups.len();
                if !is_outside || matches!(cell, MatrixCell::NotAsked) {
                    continue;
                }
                for family in [Family::V4, Family::V6] {
                    let Some(traffic) = family_of(&matrix, cell, family) else {
                        continue;
                    };
                    for _ in 0..2 {
                        let transport = transports[numbers.below(transports.len())];
                        let [some, every] = [Quantifier::Exists, Quantifier::Every]
                            .map(|quantifier| asked(quantifier, from, to, family, transport));
                        let shown =
                            || format!("seed {seed}: {from:?} to {to:?} {transport} {traffic:?}");
                        agree(
                            &evaluator,
                            traffic,
                            [&some, &every],
                            transport,
                            &mut seen,
                            &shown,
                        );
                    }
                }
            }
        }
    }
    assert!(seen.iter().all(|n| *n > 100), "{seen:?}");
}

/// A network in which the addresses of some interfaces are open.
fn with_open_addresses(seed: u64, numbers: &mut Numbers) -> Option<Network> {
    let mut lab = with_twins(random(seed), numbers);
    for (id, block) in [
        ("y", "10.0.2.0/24"),
        ("u", "10.0.1.0/28"),
        ("twin-x3", "10.0.1.0/24"),
    ] {
        let mut interfaces = lab.draft.network_interfaces.iter_mut();
        let found = interfaces.find(|one| one.id.as_str() == id);
        if let Some(interface) = found.filter(|_| !numbers.one_in(3)) {
            let hole = model::Hole::new(format!("the address of {id}"));
            interface.addresses[0].private = AddressValue::Within(super::lab::cidr(block), hole);
        }
    }
    lab.draft.validate().ok()
}

/// What a cell tells for certain is so of claims in every completion of open addresses.
#[test]
fn what_is_certain_is_so_whatever_addresses_are_chosen() {
    // Answered between some, between every pair, not at all, and open.
    let mut seen = [0; 4];
    for seed in 0..150 {
        let numbers = &mut Numbers(seed + 7_000_000);
        let Some(network) = with_open_addresses(seed, numbers) else {
            continue;
        };
        let evaluator = Evaluator::load(&network);
        let groups = groups(&network);
        let rows: Vec<_> = groups.iter().cloned().map(Origin::Interfaces).collect();
        let columns: Vec<_> = groups.iter().map(place).collect();
        let Ok(matrix) = evaluator.matrix(&rows, &columns) else {
            continue;
        };
        let transports = transports(&matrix, numbers);
        for _ in 0..40 {
            let (row, column) = (numbers.below(rows.len()), numbers.below(columns.len()));
            let transport = transports[numbers.below(transports.len())];
            let (from, to, cell) = (&rows[row], &columns[column], matrix.rows[row][column]);
            let Some(told) = family_of(&matrix, cell, Family::V4) else {
                continue;
            };
            let claim = |quantifier| asked(quantifier, from, to, Family::V4, transport);
            let some = evaluator.check(&claim(Quantifier::Exists));
            let every = evaluator.check(&claim(Quantifier::Every));
            let shown = format!("seed {seed}: {from:?} to {to:?} {transport} {some:?} {every:?}");
            let mut open = told.undetermined.values();
            let open = open.any(|of| is_among(of, transport));
            if is_among(&told.some, transport) {
                assert!(matches!(some, Verdict::Holds { .. }), "{shown}");
                seen[0] += 1;
            } else if open {
                seen[3] += 1;
            } else {
                assert!(matches!(some, Verdict::Violated { .. }), "{shown}");
                seen[2] += 1;
            }
            if is_among(&told.every, transport) {
                assert!(matches!(every, Verdict::Holds { .. }), "{shown}");
                seen[1] += 1;
            }
        }
    }
    assert!(seen.iter().all(|n| *n > 50), "{seen:?}");
}

#[test]
fn interfaces_that_nothing_tells_apart_are_one_class() {
    let lab = Lab::default()
        .vpc("v", &["10.0.0.0/16"])
        .subnet("a", "v", &["10.0.1.0/24"])
        .interface("x", "a", "v", &["10.0.1.10"])
        .interface("y", "a", "v", &["10.0.1.11"])
        .interface("z", "a", "v", &["10.0.1.12"]);
    let evaluator = lab.load();
    assert_eq!(evaluator.interface_classes().len(), 1);
    let matrix = evaluator
        .matrix(&[interfaces(&["x", "y", "z"])], &[to(&["x", "y"])])
        .expect("the budget is enough");
    assert!(matches!(
        matrix.rows[0][0],
        MatrixCell::Asked { pairs: 4, .. }
    ));
}
