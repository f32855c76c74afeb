//! What does a security group, and a network ACL, cost as its rules grow, beside a scan of them?
//!
//! The evaluator's time is that of a whole walk from the internet, both ways, in a network where
//! nothing but the one filter grows; the scan answers only whether the filter admits the packet. Of
//! groups the decision is measured by itself as well.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a bench runs by hand, where stopping is the right answer"
)]

use std::hint::black_box;
use std::time::Duration;

use benches::baseline::RuleScan;
use benches::filters::{DrawnRule, clients, flow_from, network_of_acl, network_of_group, rules};
use benches::notes::Notes;
use criterion::{BenchmarkId, Criterion, Throughput};
use evaluator::{Admission, Evaluator};
use model::{Clause, Disposition, Engine, Network, NetworkInterfaceId};

const SEED: u64 = 1;
const N_CLIENTS: usize = 1_024;

/// One of the two filters.
struct Filter {
    name: &'static str,
    denies: bool,
    network: fn(&[DrawnRule]) -> Network,
    drops_by: Clause,
}

const FILTERS: [Filter; 2] = [
    Filter {
        name: "security-group",
        denies: false,
        network: network_of_group,
        drops_by: Clause::SecurityGroupIngress,
    },
    Filter {
        name: "network-acl",
        denies: true,
        network: network_of_acl,
        drops_by: Clause::NetworkAclIngress,
    },
];

fn filter(criterion: &mut Criterion, notes: &mut Notes, filter: &Filter) {
    let mut group = criterion.benchmark_group(filter.name);
    group.throughput(Throughput::Elements(N_CLIENTS as u64));
    for n_rules in [10, 100, 1_000] {
        let rules = rules(n_rules, filter.denies, SEED);
        let scan = RuleScan::new(&rules);
        let evaluator = Evaluator::load(&(filter.network)(&rules));

        let clients = clients(&rules, N_CLIENTS, SEED);
        let flows: Vec<_> = clients.iter().copied().map(flow_from).collect();
        let mut n_admitted = 0;
        for (flow, (address, port)) in flows.iter().zip(&clients) {
            let outcome = evaluator.decide(flow).forward;
            if scan.admits(*address, *port) {
                assert_eq!(outcome.disposition, Disposition::Delivered, "{flow}");
                n_admitted += 1;
            } else {
                assert_eq!(outcome.clause, filter.drops_by, "{flow}");
            }
        }
        notes.say(
            format!("{}/{n_rules}", filter.name),
            format!("{n_admitted} of {N_CLIENTS} admitted, the two agree"),
        );

        let sender = evaluator.sender(&flows[0].source);
        group.bench_function(BenchmarkId::new("evaluator-walk", n_rules), |bencher| {
            bencher.iter(|| {
                for flow in &flows {
                    black_box(evaluator.decide_from(sender, black_box(flow.packet)));
                }
            });
        });
        group.bench_function(BenchmarkId::new("linear-scan", n_rules), |bencher| {
            bencher.iter(|| {
                for (address, port) in &clients {
                    black_box(scan.admits(black_box(*address), black_box(*port)));
                }
            });
        });
    }
    group.finish();
}

/// The decision of a group by itself: of a packet, of one whose client's class is known, and by a scan.
fn group_decision(criterion: &mut Criterion, notes: &mut Notes) {
    let mut group = criterion.benchmark_group("group-decision");
    group.throughput(Throughput::Elements(N_CLIENTS as u64));
    for n_rules in [10, 100, 1_000] {
        let rules = rules(n_rules, false, SEED);
        let scan = RuleScan::new(&rules);
        let evaluator = Evaluator::load(&network_of_group(&rules));
        let groups = evaluator
            .groups(&NetworkInterfaceId::new("one"))
            .expect("its groups are known");
        let clients = clients(&rules, N_CLIENTS, SEED);
        let packets: Vec<_> = clients
            .iter()
            .map(|client| flow_from(*client).packet)
            .collect();
        let packets = packets
            .into_iter()
            .map(|packet| (packet.source(), packet.transport()));
        let packets: Vec<_> = packets.collect();
        let classified: Vec<_> = packets
            .iter()
            .map(|(client, transport)| (groups.class(*client), *transport))
            .collect();
        let admits = |admission| matches!(admission, Admission::Admitted { .. });
        let mut n_admitted = 0;
        for (n, (address, port)) in clients.iter().enumerate() {
            let is_admitted = scan.admits(*address, *port);
            let ((client, transport), (class, _)) = (packets[n], classified[n]);
            assert_eq!(admits(groups.admit(client, transport)), is_admitted);
            assert_eq!(admits(groups.admit_class(class, transport)), is_admitted);
            n_admitted += usize::from(is_admitted);
        }
        let said = format!("{n_admitted} of {N_CLIENTS} admitted, the three agree");
        notes.say(format!("group-decision/{n_rules}"), said);
        group.bench_function(BenchmarkId::new("evaluator", n_rules), |bencher| {
            bencher.iter(|| {
                for (client, transport) in black_box(&packets) {
                    black_box(groups.admit(*client, *transport));
                }
            });
        });
        group.bench_function(BenchmarkId::new("classified", n_rules), |bencher| {
            bencher.iter(|| {
                for (class, transport) in black_box(&classified) {
                    black_box(groups.admit_class(*class, *transport));
                }
            });
        });
        group.bench_function(BenchmarkId::new("linear-scan", n_rules), |bencher| {
            bencher.iter(|| {
                for (address, port) in black_box(&clients) {
                    black_box(scan.admits(*address, *port));
                }
            });
        });
    }
    group.finish();
}

fn main() {
    let mut criterion = Criterion::default()
        .sample_size(50)
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_secs(1))
        .configure_from_args();
    let mut notes = Notes::new("filters");
    for one in &FILTERS {
        filter(&mut criterion, &mut notes, one);
    }
    group_decision(&mut criterion, &mut notes);
    notes.write();
    criterion.final_summary();
}
