//! What do questions about whole filters cost as sets of packets, beside z3 and a BDD library?
//!
//! Each reference answers the same question about the same lines, and is compared before anything is
//! timed. z3 has the lines as prefixes and port ranges over bit-vectors, with the logic that is fastest for
//! it; the BDD has one variable for each bit of the address and the port, addresses first.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a bench runs by hand, where stopping is the right answer"
)]

mod lines;

use std::hint::black_box;
use std::time::Duration;

use benches::filters::{self, DrawnRule, clients, halved, network_of_acl, network_of_group, rules};
use benches::notes::Notes;
use criterion::{BenchmarkId, Criterion, SamplingMode};
use evaluator::{Direction, Evaluator, PacketBox, PacketSet, PacketSets};
use model::{
    Address, Cidr, Claim, Engine, Family, Invariant, InvariantName, Network, Origin, Packet, Place,
    Quantifier, Scope, Traffic, TrafficClass, Transport, Verdict,
};

use lines::{Diagram, Solved};

const SEED: u64 = 1;
const N_RULES: usize = 1_000;
const N_LONG: usize = 15_000;

fn tcp(ports: std::ops::RangeInclusive<u16>) -> TrafficClass {
    TrafficClass::Tcp {
        source_ports: 0..=u16::MAX,
        destination_ports: ports,
    }
}

/// The packets that a drawn line holds.
fn boxed(rule: &DrawnRule) -> PacketBox {
    PacketBox::ALL
        .from(rule.cidr)
        .traffic(&tcp(rule.ports.clone()))[0]
}

fn group_set(sets: &mut PacketSets, evaluator: &Evaluator) -> PacketSet {
    let set = evaluator.groups_set(sets, &"one".into(), Direction::Inbound);
    set.expect("nothing of the group is open")
}

fn acl_set(sets: &mut PacketSets, evaluator: &Evaluator) -> PacketSet {
    let set = evaluator.network_acl_set(sets, &"many".into(), Direction::Inbound);
    set.expect("the network has that ACL")
}

/// A packet that a client sends.
fn packet((address, port): (u32, u16)) -> Packet {
    let transport = Transport::Tcp {
        source_port: 40_000,
        destination_port: port,
    };
    let to = Address::V4(0x0a00_000a);
    Packet::new(Address::V4(address), to, transport).expect("both are IPv4")
}

/// Whether anything from a block of 256 addresses to a port passes a group.
fn box_questions(criterion: &mut Criterion, notes: &mut Notes) {
    let rules = rules(N_RULES, false, SEED);
    let evaluator = Evaluator::load(&network_of_group(&rules));
    let sets = &mut PacketSets::new();
    let set = group_set(sets, &evaluator);
    let asked: Vec<_> = clients(&rules, 256, SEED + 1)
        .into_iter()
        .map(|(address, port)| DrawnRule {
            cidr: Cidr::new(Address::V4(address & !255), 24).expect("the host bits are masked off"),
            ports: port..=port,
            allows: true,
        })
        .collect();
    let boxes: Vec<_> = asked.iter().map(boxed).collect();
    let mut solved = Solved::new(&rules);
    let mut n_met = 0;
    for (question, one) in asked.iter().zip(&boxes) {
        let meets = sets.meets(set, one);
        assert_eq!(meets, solved.is_some(question), "{question:?}");
        n_met += usize::from(meets);
    }
    let mut group = criterion.benchmark_group("sets-box-1000");
    notes.say(
        "box",
        format!("{n_met} of {} blocks are let in in part", boxes.len()),
    );
    let mut next = boxes.iter().cycle();
    group.bench_function("set", |bencher| {
        bencher.iter(|| sets.meets(set, black_box(next.next().expect("it cycles"))));
    });
    let mut next = asked.iter().cycle();
    group.bench_function("z3-incremental", |bencher| {
        bencher.iter(|| solved.is_some(next.next().expect("it cycles")));
    });
    group.finish();
}

/// Whether two groups of 1,000 rules let the same packets in; making both sets is in the time.
fn equality(criterion: &mut Criterion, notes: &mut Notes) {
    let rules = rules(N_RULES, false, SEED);
    let halves = halved(&rules);
    let evaluators = [&rules, &halves].map(|rules| Evaluator::load(&network_of_group(rules)));
    let are_equal = || {
        let mut sets = PacketSets::new();
        let [one, other] = evaluators.each_ref().map(|one| group_set(&mut sets, one));
        one == other
    };
    assert!(are_equal());
    assert!(Solved::are_equal(&rules, &halves));
    notes.say("equal", "equal, by both");
    let mut group = criterion.benchmark_group("sets-equal-1000");
    group.sampling_mode(SamplingMode::Flat);
    group.bench_function("set", |bencher| bencher.iter(are_equal));
    group.bench_function("z3", |bencher| {
        bencher.iter(|| Solved::are_equal(&rules, &halves));
    });
    group.finish();
}

/// A first-match ACL as a set, and as a BDD.
fn first_match(criterion: &mut Criterion, notes: &mut Notes) {
    let rules = rules(N_RULES, true, SEED);
    let evaluator = Evaluator::load(&network_of_acl(&rules));
    let sets = &mut PacketSets::new();
    let set = acl_set(sets, &evaluator);
    let diagram = Diagram::new(&rules);
    let mut n_in = 0;
    for client in clients(&rules, 4_096, SEED + 2) {
        let is_in = sets.contains(set, packet(client));
        assert_eq!(is_in, diagram.holds(client), "{client:?}");
        n_in += usize::from(is_in);
    }
    notes.say(
        "acl",
        format!("{} intervals, {n_in} of 4096 packets pass", sets.size(set)),
    );
    let mut group = criterion.benchmark_group("sets-acl-1000");
    group.sampling_mode(SamplingMode::Flat);
    group.bench_function("set", |bencher| {
        bencher.iter(|| acl_set(&mut PacketSets::new(), &evaluator));
    });
    group.bench_function("oxidd-bdd", |bencher| bencher.iter(|| Diagram::new(&rules)));
    group.finish();
}

/// A packet for the last line of a long ACL.
fn last_line(criterion: &mut Criterion, notes: &mut Notes) {
    let mut rules = rules(N_LONG, true, SEED);
    // So wide that many lines have packets in common with it.
    rules.push(DrawnRule {
        cidr: "20.0.0.0/8".parse().expect("a block"),
        ports: 0..=u16::MAX,
        allows: true,
    });
    let lines: Vec<_> = rules.iter().map(boxed).collect();
    let found = || {
        let mut sets = PacketSets::new();
        let reaching = sets.reaching(&lines, N_LONG);
        sets.representative(reaching)
    };
    let one = found().expect("some packet comes to the last line");
    let Transport::Tcp {
        destination_port, ..
    } = one.transport()
    else {
        unreachable!("lines are of TCP");
    };
    let client = (one.source().bits() as u32, destination_port);
    let is_of = |rule: &DrawnRule| Solved::holds(rule, client);
    assert_eq!(rules.iter().position(is_of), Some(N_LONG), "{one}");
    let by_solver = Solved::first_for_last(&rules).expect("z3 finds one too");
    let is_of = |rule: &DrawnRule| Solved::holds(rule, by_solver);
    assert_eq!(rules.iter().position(is_of), Some(N_LONG));
    notes.say("last", format!("{one}"));
    let mut group = criterion.benchmark_group("sets-last-15000");
    group.sampling_mode(SamplingMode::Flat);
    group.bench_function("set", |bencher| bencher.iter(found));
    group.bench_function("z3", |bencher| {
        bencher.iter(|| Solved::first_for_last(&rules));
    });
    group.finish();
}

/// The same network with a group that lets in nothing which the ACL does.
fn closed(rules: &[DrawnRule]) -> Network {
    let high = rules.iter().map(|rule| DrawnRule {
        ports: (*rule.ports.start()).max(1_000)..=(*rule.ports.end()).max(1_000),
        ..rule.clone()
    });
    let rules: Vec<_> = high.collect();
    filters::network_of_acl_and_group(&rules, "tcp/0-999 from 0.0.0.0/0")
}

/// A claim about the internet and an interface behind a long ACL, any traffic, replies asked for.
fn claim(criterion: &mut Criterion, notes: &mut Notes) {
    let mut group = criterion.benchmark_group("sets-claim");
    group.sampling_mode(SamplingMode::Flat);
    for n_rules in [N_RULES, N_LONG] {
        let evaluator = Evaluator::load(&closed(&rules(n_rules, true, SEED)));
        let invariant = Invariant {
            name: InvariantName::new("closed"),
            quantifier: Quantifier::Every,
            scope: Scope {
                from: vec![Origin::Internet(None)],
                to: vec![Place::Cidrs(
                    ["198.51.100.10/32".parse().expect("a block")].into(),
                )],
                families: [Family::V4].into(),
                traffic: Traffic::every(),
                request: None,
                relayed: false,
            },
            premise: None,
            claim: Claim::Not(Box::new(Claim::Answered)),
        };
        let verdict = evaluator.check(&invariant);
        assert!(matches!(verdict, Verdict::Holds { .. }), "{verdict:?}");
        notes.say(format!("claim/{n_rules}"), "proved");
        group.bench_function(BenchmarkId::new("evaluator", n_rules), |bencher| {
            bencher.iter(|| evaluator.check(&invariant));
        });
    }
    group.finish();
}

fn main() {
    let mut criterion = Criterion::default()
        .sample_size(10)
        .warm_up_time(Duration::from_millis(200))
        .measurement_time(Duration::from_secs(1))
        .configure_from_args();
    let mut notes = Notes::new("sets");
    box_questions(&mut criterion, &mut notes);
    equality(&mut criterion, &mut notes);
    first_match(&mut criterion, &mut notes);
    last_line(&mut criterion, &mut notes);
    claim(&mut criterion, &mut notes);
    notes.write();
    criterion.final_summary();
}
