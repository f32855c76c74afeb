//! What does one warm flow cost, beside as many independent loads of memory as it needs at least?
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a measurement of something else than what is meant stops"
)]

use std::hint::black_box;
use std::time::Duration;

use benches::ESTATES;
use benches::generated::{Snapshots, network, senders};
use benches::notes::Notes;
use benches::random::SplitMix64;
use criterion::measurement::WallTime;
use criterion::{BenchmarkGroup, BenchmarkId, Criterion, Throughput};
use evaluator::{Evaluator, Sender};
use model::{
    Clause, ComponentId, Disposition, Engine, Flow, Network, NetworkInterfaceId, Packet,
    RuleTraffic, Source, Transport,
};

const SEED: u64 = 1;
const N_INTERFACES: usize = 10_000;
const TEMPLATES: usize = 20;
const N_FLOWS: usize = 4_096;
const N_DRAWN: usize = 400_000;

/// The loads of a flow inside a VPC: two records of interfaces, and for each direction the groups
/// and the ACLs of both ends; and a route.
const N_LOADS: usize = 9;
/// What they read: more than the innermost cache, and less than the next one.
const N_WORDS: usize = 1 << 17;

/// The ports that the groups of an interface admit to somebody.
fn ports(network: &Network, interface: &NetworkInterfaceId) -> Vec<u16> {
    let groups = network.network_interfaces()[interface].groups.known();
    let groups = groups.into_iter().flatten();
    let rules = groups.flat_map(|group| &network.security_groups()[group].ingress);
    let ports = rules.filter_map(|rule| match &rule.traffic {
        RuleTraffic::Tcp(ports) => Some(*ports.range().start()),
        RuleTraffic::All
        | RuleTraffic::Udp(_)
        | RuleTraffic::Icmp(_)
        | RuleTraffic::Icmpv6(_)
        | RuleTraffic::Protocol(_) => None,
    });
    ports.collect()
}

/// Drawn flows between interfaces of one VPC, to ports that the receiver's groups admit to somebody.
fn drawn(network: &Network) -> Vec<Flow> {
    let all = senders(network);
    let vpc = |id: &NetworkInterfaceId| {
        let subnet = &network.network_interfaces()[id].subnet;
        network.subnets()[subnet].vpc.clone()
    };
    let mut random = SplitMix64::new(SEED);
    let mut flows = Vec::new();
    while flows.len() < N_DRAWN {
        let (from, source) = &all[random.below(all.len())];
        let (to, destination) = &all[random.below(all.len())];
        if from == to || vpc(from) != vpc(to) {
            continue;
        }
        let of_rules = ports(network, to);
        let transport = Transport::Tcp {
            source_port: 40_000,
            destination_port: of_rules[random.below(of_rules.len())],
        };
        let packet = Packet::new(*source, *destination, transport).expect("one family");
        flows.push(Flow::new(Source::Interface(from.clone()), packet));
    }
    flows
}

fn time(
    group: &mut BenchmarkGroup<'_, WallTime>,
    id: BenchmarkId,
    evaluator: &Evaluator,
    flows: &[Flow],
) {
    let asked: Vec<(Sender, Packet)> = flows
        .iter()
        .map(|flow| (evaluator.sender(&flow.source), flow.packet))
        .collect();
    group.throughput(Throughput::Elements(flows.len() as u64));
    group.bench_function(id, |bencher| {
        bencher.iter(|| {
            for (sender, packet) in black_box(&asked) {
                black_box(evaluator.decide_from(*sender, *packet));
            }
        });
    });
}

fn answered(evaluator: &Evaluator, flow: &Flow) -> bool {
    let reply = evaluator.decide(flow).reply;
    reply.is_some_and(|reply| reply.disposition == Disposition::Delivered)
}

/// The same flows decided step by step.
fn checked(evaluator: &Evaluator, flows: &[Flow]) -> String {
    for flow in flows {
        assert_eq!(evaluator.trace(flow).decision, evaluator.decide(flow));
    }
    format!("{} flows, as `trace` decides them", flows.len())
}

fn in_one_vpc(criterion: &mut Criterion, notes: &mut Notes) {
    let snapshots = Snapshots::new("flow");
    let network = network(&snapshots.of(N_INTERFACES, TEMPLATES));
    let evaluator = Evaluator::load(&network);
    let drawn = drawn(&network);
    let dropped =
        |flow: &&Flow| evaluator.decide(flow).forward.clause == Clause::SecurityGroupIngress;
    let requests: Vec<_> = drawn
        .iter()
        .filter(dropped)
        .take(N_FLOWS)
        .cloned()
        .collect();
    let whole = drawn.iter().filter(|flow| answered(&evaluator, flow));
    let whole: Vec<_> = whole.take(N_FLOWS).cloned().collect();
    let mut group = criterion.benchmark_group("flow");
    for (name, flows) in [("request", &requests), ("both-ways", &whole)] {
        assert!(flows.len() > N_FLOWS / 4, "{name}: {}", flows.len());
        notes.say(format!("{name}/{N_INTERFACES}"), checked(&evaluator, flows));
        let id = BenchmarkId::new(name, N_INTERFACES);
        time(&mut group, id, &evaluator, flows);
    }
    floor(&mut group);
    group.finish();
}

/// Loads from random places, none of which waits for another one.
fn floor(group: &mut BenchmarkGroup<'_, WallTime>) {
    let mut random = SplitMix64::new(SEED);
    let words: Vec<u64> = (0..N_WORDS).map(|_| random.next_u64()).collect();
    let places: Vec<[usize; N_LOADS]> = (0..N_FLOWS)
        .map(|_| std::array::from_fn(|_| random.below(N_WORDS)))
        .collect();
    group.throughput(Throughput::Elements(places.len() as u64));
    group.bench_function(BenchmarkId::new("nine-loads", N_INTERFACES), |bencher| {
        bencher.iter(|| {
            for of in black_box(&places) {
                let loaded = of.iter().map(|place| words[*place]);
                black_box(loaded.fold(0, u64::wrapping_add));
            }
        });
    });
}

/// Whether a component is of some kind.
type IsIt = fn(&ComponentId) -> bool;

/// Flows of the organization that pass a component.
fn by_component(criterion: &mut Criterion, notes: &mut Notes) {
    let estate = &ESTATES[1];
    let network = estate.network(1_000);
    let evaluator = Evaluator::load(&network);
    let drawn = (estate.flows)(&network, N_DRAWN / 2, SEED);
    let whole: Vec<_> = drawn
        .into_iter()
        .filter(|flow| answered(&evaluator, flow))
        .collect();
    let passes = |flow: &Flow, is_it: IsIt| {
        let hops = evaluator.trace(flow).forward;
        hops.iter().any(|hop| is_it(&hop.component))
    };
    let kinds: [(&str, IsIt); 3] = [
        ("by-transit-gateway", |id| {
            matches!(id, ComponentId::TransitGateway(_))
        }),
        ("by-nat-gateway", |id| {
            matches!(id, ComponentId::NatGateway(_))
        }),
        ("by-endpoint", |id| {
            matches!(id, ComponentId::VpcEndpoint(_))
        }),
    ];
    let mut group = criterion.benchmark_group("flow");
    for (name, is_it) in kinds {
        let flows = whole.iter().filter(|flow| passes(flow, is_it));
        let flows: Vec<_> = flows.take(N_FLOWS).cloned().collect();
        assert!(flows.len() > 100, "{name}: {}", flows.len());
        notes.say(format!("{name}/1000"), checked(&evaluator, &flows));
        time(
            &mut group,
            BenchmarkId::new(name, 1_000),
            &evaluator,
            &flows,
        );
    }
    group.finish();
}

fn main() {
    let mut criterion = Criterion::default()
        .sample_size(50)
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_secs(1))
        .configure_from_args();
    let mut notes = Notes::new("flow");
    in_one_vpc(&mut criterion, &mut notes);
    by_component(&mut criterion, &mut notes);
    notes.write();
    criterion.final_summary();
}
