//! What does the choice of a route cost as the table grows, beside a trie and a scan?
//!
//! The evaluator offers no lookup by itself, so its time is that of a walk that ends with the
//! choice of a route: the destinations are those whose longest prefix is a blackhole.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a bench runs by hand, where stopping is the right answer"
)]

use std::hint::black_box;
use std::time::Duration;

use benches::baseline::LinearScan;
use benches::filters::{destinations, flow_to, network_of_routes, routes};
use benches::notes::Notes;
use criterion::{BenchmarkId, Criterion, Throughput};
use evaluator::Evaluator;
use model::{Cidr, Clause, Disposition, Engine};
use prefix_trie::{Prefix, PrefixMap};

const SEED: u64 = 1;
const N_LOOKUPS: usize = 1_024;

/// An IPv4 block as `prefix-trie` takes it.
#[derive(Clone, Copy, Debug)]
struct Block {
    bits: u32,
    prefix_len: u8,
}

impl Prefix for Block {
    type R = u32;

    fn repr(&self) -> u32 {
        self.bits
    }

    fn prefix_len(&self) -> u8 {
        self.prefix_len
    }

    fn from_repr_len(bits: u32, prefix_len: u8) -> Self {
        Self { bits, prefix_len }
    }
}

fn trie(routes: &[(Cidr, u32)]) -> PrefixMap<Block, u32> {
    let block = |cidr: &Cidr| Block {
        bits: cidr.bits() as u32,
        prefix_len: cidr.prefix_len(),
    };
    let routes = routes.iter();
    routes
        .map(|(cidr, target)| (block(cidr), *target))
        .collect()
}

fn find(trie: &PrefixMap<Block, u32>, address: u32) -> Option<u32> {
    let host = Block {
        bits: address,
        prefix_len: 32,
    };
    trie.get_lpm(&host).map(|(_, target)| *target)
}

fn prefix_lookup(criterion: &mut Criterion) {
    let mut notes = Notes::new("prefix_lookup");
    let mut group = criterion.benchmark_group("prefix-lookup");
    for n_routes in [5, 50, 1_000] {
        let routes = routes(n_routes, SEED);
        let (trie, scan) = (trie(&routes), LinearScan::new(&routes));
        let evaluator = Evaluator::load(&network_of_routes(&routes));

        let drawn = destinations(&routes, 8 * N_LOOKUPS, SEED);
        let (mut n_checked, mut blackholed) = (0, Vec::new());
        for address in drawn {
            let target = scan.find(address).expect("there is a default route");
            assert_eq!(find(&trie, address), Some(target));
            let outcome = evaluator.decide(&flow_to(address)).forward;
            if target % 2 == 1 {
                assert_eq!(outcome.clause, Clause::RouteBlackhole);
                blackholed.push(address);
            } else {
                assert_eq!(outcome.disposition, Disposition::Delivered);
            }
            n_checked += 1;
        }
        blackholed.truncate(N_LOOKUPS);
        notes.say(
            format!("checked/{n_routes}"),
            format!("{n_checked} lookups, the three agree"),
        );

        let flows: Vec<_> = blackholed.iter().copied().map(flow_to).collect();
        let sender = evaluator.sender(&flows[0].source);
        group.throughput(Throughput::Elements(blackholed.len() as u64));
        group.bench_function(BenchmarkId::new("evaluator-walk", n_routes), |bencher| {
            bencher.iter(|| {
                for flow in &flows {
                    black_box(evaluator.decide_from(sender, black_box(flow.packet)));
                }
            });
        });
        group.bench_function(BenchmarkId::new("prefix-trie", n_routes), |bencher| {
            bencher.iter(|| {
                for address in &blackholed {
                    black_box(find(&trie, black_box(*address)));
                }
            });
        });
        group.bench_function(BenchmarkId::new("linear-scan", n_routes), |bencher| {
            bencher.iter(|| {
                for address in &blackholed {
                    black_box(scan.find(black_box(*address)));
                }
            });
        });
    }
    group.finish();
    notes.write();
}

fn main() {
    let mut criterion = Criterion::default()
        .sample_size(50)
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_secs(1))
        .configure_from_args();
    prefix_lookup(&mut criterion);
    criterion.final_summary();
}
