//! What does the choice of a route cost as the table grows, beside general crates for prefixes?
//!
//! All look the same addresses up, each by itself, and are warm. The evaluator tells the route
//! that takes a destination, the clause by which it wins, and where it is dropped or open.

#![allow(
    clippy::expect_used,
    reason = "a bench runs by hand, where stopping is the right answer"
)]

use std::hint::black_box;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::time::Duration;

use benches::notes::Notes;
use benches::prefixes::{addresses, destinations, longest, network};
use criterion::measurement::WallTime;
use criterion::{BenchmarkGroup, BenchmarkId, Criterion, Throughput};
use evaluator::{Evaluator, RouteChoice};
use iptrie::{Ipv4Prefix, Ipv4RTrieMap, Ipv6Prefix, Ipv6RTrieMap};
use model::{Address, Cidr, Engine, Family, RouteDestination, RouteTableId};
use poptrie::Poptrie;
use prefix_trie::PrefixMap;

const SEED: u64 = 1;
const N_LOOKUPS: usize = 8_192;
/// Of so many addresses all structures are compared with a look at each route.
const N_CHECKED: usize = 2_048;

/// Times the lookups of all addresses after all of them were compared with the right answers.
fn timed<Bits: Copy>(
    group: &mut BenchmarkGroup<'_, WallTime>,
    (name, n_routes): (&str, usize),
    addresses: &[Bits],
    right: &[usize],
    find: impl Fn(Bits) -> usize,
) {
    for (address, right) in addresses.iter().zip(right) {
        assert_eq!(find(*address), *right, "{name}");
    }
    group.bench_function(BenchmarkId::new(name, n_routes), |bencher| {
        bencher.iter(|| {
            let found = black_box(addresses).iter().map(|address| find(*address));
            found.fold(0, usize::wrapping_add)
        });
    });
}

/// Times the crates on one family.
macro_rules! crates {
    ($group:expr, $cidrs:expr, $addresses:expr, $right:expr, $bits:ty, $map:ty, $prefix:ty, $address:ty) => {{
        let n_routes = $cidrs.len();
        let blocks = || {
            let numbered = $cidrs.iter().enumerate();
            numbered.map(|(n, cidr)| (cidr.bits() as $bits, cidr.prefix_len(), n))
        };
        let addresses: Vec<_> = $addresses.iter().map(|one| one.bits() as $bits).collect();

        let trie: PrefixMap<($bits, u8), usize> = blocks()
            .map(|(bits, length, n)| ((bits, length), n))
            .collect();
        let length = <$bits>::BITS as u8;
        timed(
            $group,
            ("prefix-trie", n_routes),
            &addresses,
            $right,
            |address| {
                trie.get_lpm(&(address, length))
                    .map_or(usize::MAX, |(_, n)| *n)
            },
        );

        let mut trie = Poptrie::new();
        for (bits, length, n) in blocks() {
            trie.insert((bits, length), n);
        }
        timed(
            $group,
            ("poptrie", n_routes),
            &addresses,
            $right,
            |address| trie.lookup(address).copied().unwrap_or(usize::MAX),
        );

        let mut trie = <$map>::with_root(usize::MAX);
        for (bits, length, n) in blocks() {
            let prefix = <$prefix>::new(<$address>::from_bits(bits), length);
            trie.insert(prefix.expect("a prefix"), n);
        }
        let trie = trie.compress();
        let addresses: Vec<_> = addresses.into_iter().map(<$address>::from_bits).collect();
        timed(
            $group,
            ("iptrie", n_routes),
            &addresses,
            $right,
            |address| *trie.lookup(&address).1,
        );
    }};
}

/// The evaluator's routes by position, as positions of the drawn destinations.
fn positions(network: &model::Network, table: &RouteTableId, cidrs: &[Cidr]) -> Vec<usize> {
    let table = network.route_tables().get(table).expect("it is drawn");
    let position = |route: &model::Route| match route.destination.known() {
        Some(RouteDestination::Cidr(cidr)) => cidrs.iter().position(|one| one == cidr),
        Some(RouteDestination::PrefixList(_)) | None => None,
    };
    let routes = table.routes.iter();
    routes
        .map(|route| position(route).unwrap_or(usize::MAX))
        .collect()
}

fn prefix_lookup(criterion: &mut Criterion, notes: &mut Notes, family: Family, name: &str) {
    let mut group = criterion.benchmark_group(name);
    group.throughput(Throughput::Elements(N_LOOKUPS as u64));
    for n_routes in [5, 50, 1_000, 20_000] {
        let cidrs = destinations(family, n_routes, SEED);
        let addresses = addresses(&cidrs, N_LOOKUPS, SEED + 1);
        let checked = addresses.iter().take(N_CHECKED);
        let right = checked.map(|address| longest(&cidrs, *address).expect("the default route"));
        let right: Vec<_> = right.collect();

        let network = network(&cidrs);
        let table = RouteTableId::new("many");
        let evaluator = Evaluator::load(&network);
        let routes = evaluator.routes(&table).expect("it is in the network");
        let taking = |address: Address| match routes.choose(address) {
            RouteChoice::Taken { route, .. } => route,
            RouteChoice::Dropped { .. } | RouteChoice::Open { .. } => usize::MAX,
        };
        let positions = positions(&network, &table, &cidrs);
        for (address, right) in addresses.iter().zip(&right) {
            assert_eq!(positions.get(taking(*address)), Some(right), "{address}");
        }
        // Compared by its own positions from here on.
        let own: Vec<_> = addresses.iter().map(|address| taking(*address)).collect();
        timed(
            &mut group,
            ("evaluator", n_routes),
            &addresses,
            &own,
            taking,
        );
        match family {
            Family::V4 => crates!(
                &mut group,
                cidrs,
                addresses,
                &right,
                u32,
                Ipv4RTrieMap<usize>,
                Ipv4Prefix,
                Ipv4Addr
            ),
            Family::V6 => crates!(
                &mut group,
                cidrs,
                addresses,
                &right,
                u128,
                Ipv6RTrieMap<usize>,
                Ipv6Prefix,
                Ipv6Addr
            ),
        }
        let said = format!("{N_CHECKED} addresses, all find what a look at each route finds");
        notes.say(format!("{name}/{n_routes}"), said);
    }
    group.finish();
}

fn main() {
    let mut criterion = Criterion::default()
        .sample_size(50)
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_secs(1))
        .configure_from_args();
    let mut notes = Notes::new("prefix_lookup");
    prefix_lookup(&mut criterion, &mut notes, Family::V4, "prefix-lookup");
    prefix_lookup(&mut criterion, &mut notes, Family::V6, "prefix-lookup-ipv6");
    notes.write();
    criterion.final_summary();
}
