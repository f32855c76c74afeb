//! Sets of packets are walked as the lists of their cells are: the same ones, in the same order, with the same
//! ones alike.

use model::{Origin, Packet, Place, RuleTraffic, Target, Traffic};

use super::checks::{all_traffic, interfaces, never, scope, to, told as verdict};
use super::devices::with_devices;
use super::filter_sets::many_entries;
use super::lab::{Lab, allow, cidr, deny, from_cidr, tcp};
use super::premises::with_premises;
use super::properties::{Numbers, random, told};
use super::{nat64_properties, relayed_properties};
use crate::cells::{Cells, Strip};
use crate::compiled::Compiled;
use crate::exchange::Exchange;
use crate::forward;
use crate::reply;
use crate::scope::Scope;
use crate::together::{Left, Unwalked};
use crate::together_sets::LeftSet;

/// What was walked: which cell, and which others with it.
type Walked = Vec<(model::Transport, Vec<usize>)>;

fn by_list(network: &Compiled, strip: &Strip) -> Walked {
    let each = strip.transports.each();
    let mut left = Left::new(each.iter().copied());
    let mut walked = Vec::new();
    while let Some((position, transport, together)) = left.take() {
        let packet = Packet::new(strip.source, strip.destination, transport).expect("one family");
        let (request, together) = forward::walk(network, together, strip.sender, packet, &[]);
        let (_, together) = reply::walk(network, together, &request);
        let mut with = left.walked(&together);
        with.insert(0, position);
        walked.push((transport, with));
    }
    walked
}

fn by_set(network: &Compiled, strip: &Strip) -> Walked {
    let transports = &strip.transports;
    let told = (&transports.cuts, &transports.traffic);
    let mut left = LeftSet::new(network, Box::default(), told);
    let mut walked: Walked = Vec::new();
    while let Some((transport, together)) = Unwalked::take(&mut left) {
        let packet = Packet::new(strip.source, strip.destination, transport).expect("one family");
        let (request, together) = forward::walk(network, together, strip.sender, packet, &[]);
        let (_, together) = reply::walk(network, together, &request);
        let all = transports.each().iter().enumerate();
        let with = all.filter(|(_, one)| together.holds(**one));
        walked.push((transport, with.map(|(position, _)| position).collect()));
        left.walked(together);
    }
    walked
}

/// A network whose ACLs and groups have many lines.
fn with_many(seed: u64) -> Lab {
    let numbers = &mut Numbers(seed + 15_000_000);
    let mut lab = match numbers.below(3) {
        0 => random(seed),
        1 => with_devices(seed),
        _ => with_premises(seed),
    };
    for acl in &mut lab.draft.network_acls {
        let n = [12, 40][numbers.below(2)];
        acl.ingress = many_entries(numbers, n);
        acl.egress = many_entries(numbers, n);
    }
    lab
}

fn every_scope() -> model::Scope {
    let everything = ["0.0.0.0/0", "::/0"].map(cidr);
    let senders = interfaces(&["x", "y", "z"]);
    let mut asked = scope(senders, Place::Cidrs(everything.into()), all_traffic());
    asked.from.push(Origin::Internet(None));
    asked.to.push(to(&["x", "y"]));
    asked.to.push(Place::Internet);
    asked
}

#[test]
fn the_same_ones_are_walked_in_the_same_order_with_the_same_ones() {
    let (mut n_walks, mut n_with, mut most) = (0, 0, 0);
    for seed in 0..600 {
        let lab = match seed % 6 {
            0 => random(seed),
            1 => relayed_properties::random(seed),
            2 => nat64_properties::random(seed),
            3 => with_premises(seed),
            4 => with_devices(seed),
            _ => with_many(seed),
        };
        if lab.draft.clone().validate().is_err() {
            continue;
        }
        let evaluator = lab.load();
        let (network, resolver) = (&evaluator.compiled, &evaluator.resolver);
        let asked = every_scope();
        let looked_up = Scope::new(&asked, &evaluator.network, network, resolver);
        let cells = Cells::new(network, &looked_up, &asked, true, told());
        let numbers = &mut Numbers(seed + 16_000_000);
        let seeds = cells.seeds();
        for _ in 0..4 {
            let strips = cells.strips(&seeds[numbers.below(seeds.len())]);
            let chosen = (0..3).filter_map(|_| strips.get(numbers.below(strips.len().max(1))));
            for strip in chosen {
                let (list, set) = (by_list(network, strip), by_set(network, strip));
                let ends = (strip.source, strip.destination);
                assert_eq!(
                    list, set,
                    "{ends:?} from {:?} with seed {seed}",
                    strip.sender
                );
                n_walks += list.len();
                n_with += strip.transports.each().len();
                most = most.max(strip.transports.each().len());
            }
        }
    }
    assert!(
        n_walks > 6_000 && n_with > 200_000 && most > 400,
        "{n_walks}, {n_with}, {most}"
    );
}

/// The cell around each that stands for a cell is that cell, and so it is around what is at its edges.
#[test]
fn a_cell_is_told_by_any_of_it() {
    let numbers = &mut Numbers(17_000_000);
    for _ in 0..50 {
        let mut cuts = crate::atoms::TransportCuts::new();
        for entry in many_entries(numbers, 6) {
            cuts.request(&entry.traffic);
            cuts.reply(&entry.traffic);
        }
        for cell in cuts.extents() {
            assert_eq!(cuts.around(cell.one), cell.all);
            let narrow = Traffic {
                classes: vec![cell.all.clone()],
            };
            for edge in crate::atoms::TransportCuts::new().representatives(&narrow) {
                assert_eq!(cuts.around(edge), cell.all, "{edge}");
            }
        }
    }
}

/// What is exchanged and put back follows the walked one.
#[test]
fn the_walked_one_is_followed_through_exchanges() {
    let lab = random(1);
    let evaluator = lab.load();
    let transport = model::Transport::Tcp {
        source_port: 80,
        destination_port: 443,
    };
    let cuts = crate::atoms::TransportCuts::new();
    let traffic = every_scope().traffic;
    let mut left = LeftSet::new(&evaluator.compiled, Box::default(), (&cuts, &traffic));
    let (first, mut together) = Unwalked::take(&mut left).expect("one");
    use crate::walk::{About, Recorder};
    together.exchanged(Exchange::BehindNat);
    together.exchanged(Exchange::Reply);
    // The reply to some port from 1024 on: those that were sent from lower ones are with it.
    let to_1024 = |cuts: &mut crate::atoms::TransportCuts| cuts.request(&tcp(1_024, 1_024));
    let is_to_1024 = |one: model::Transport| {
        matches!(
            one,
            model::Transport::Tcp {
                destination_port: 1_024,
                ..
            }
        )
    };
    together.asked(About::Cuts(&to_1024), |one| !is_to_1024(one));
    assert!(!together.holds(transport), "{first}");
    together.restored(Exchange::Reply);
    let high = model::Transport::Tcp {
        source_port: 40_000,
        destination_port: 443,
    };
    assert!(together.holds(high), "{first}");
}

/// One interface to which the internet may send.
fn open_to_all() -> Lab {
    let all = || vec![from_cidr(RuleTraffic::All, "0.0.0.0/0")];
    Lab::default()
        .vpc("v", &["10.0.0.0/16"])
        .internet_gateway("i", Some("v"))
        .group("g", "v", all(), all())
        .subnet("a", "v", &["10.0.1.0/24"])
        .interface("x", "a", "g", &["10.0.1.10=203.0.113.10"])
        .table("t", "v", &["a"])
        .route("t", "0.0.0.0/0", Target::InternetGateway("i".into()))
}

/// An ACL with far more lines than could be tried port by port is decided, and by its last line.
#[test]
fn a_long_acl_is_decided() {
    let lines = |last: bool| {
        let line = |number: u16| {
            let block = format!("20.{}.{}.0/24", number >> 8, number & 255);
            let port = 1_000 + number;
            match number % 2 {
                0 => allow(number, tcp(port, port + 7), &block),
                _ => deny(number, tcp(port, port + 7), &block),
            }
        };
        let mut lines: Vec<_> = (1..=3_000).map(line).collect();
        lines.extend(last.then(|| allow(4_000, tcp(7, 7), "20.0.9.0/24")));
        lines
    };
    for (last, expected) in [(false, "holds"), (true, "violated")] {
        let inbound = lines(last);
        let everything = vec![allow(1, RuleTraffic::All, "0.0.0.0/0")];
        let lab = open_to_all().acl("long", "v", &["a"], inbound, everything);
        let mut asked = scope(Origin::Internet(None), to(&["x"]), all_traffic());
        asked.traffic.classes = vec![model::TrafficClass::Tcp {
            source_ports: 0..=u16::MAX,
            destination_ports: 0..=999,
        }];
        let evaluator = lab.load();
        let told = verdict(&model::Engine::check(&evaluator, &never(asked)));
        assert!(told.starts_with(expected), "{told}");
    }
}
