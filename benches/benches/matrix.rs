//! What does it cost to tell who reaches whom, for all pairs, all ports and both ways? The reference is
//! the plain walk of each pair, on pairs that are drawn, for as many as there are.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a measurement of something else than what is meant stops"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use benches::notes::{Notes, criterion_folder};
use benches::random::SplitMix64;
use criterion::{BenchmarkId, Criterion};
use evaluator::{Evaluator, Matrix, MatrixCell};
use model::{
    Address, AddressValue, Engine, Flow, Network, NetworkInterfaceId, Origin, Packet, Place,
    SecurityGroupId, Source, Transport,
};

/// How many interfaces a generated network has.
const SIZES: [usize; 3] = [1_000, 13_000, 100_000];
const TEMPLATES: usize = 20;

/// How many pairs the plain walk is timed on.
const SAMPLED: usize = 8_000;

/// The ports of which the plain walk asks: a few, where the matrix tells of all.
const PORTS: [u16; 4] = [22, 443, 5432, 8080];

/// The network that `vpcproof generate` writes.
fn network(n_interfaces: usize, folder: &Path) -> Network {
    let program = criterion_folder()
        .with_file_name(profile())
        .join("vpcproof");
    let status = Command::new(program)
        .args(["generate", "--interfaces", &n_interfaces.to_string()])
        .args(["--templates", &TEMPLATES.to_string(), "--seed", "1"])
        .arg(folder)
        .status();
    assert!(status.expect("vpcproof is built beforehand").success());
    let read = ingest::read(&[PathBuf::from(folder)]).expect("it can be read");
    read.validate().expect("it is valid").network
}

fn profile() -> &'static str {
    if cfg!(debug_assertions) {
        "debug"
    } else {
        "release"
    }
}

/// The interfaces by their security groups.
fn groups(network: &Network) -> Vec<BTreeSet<NetworkInterfaceId>> {
    let mut groups: BTreeMap<BTreeSet<SecurityGroupId>, BTreeSet<NetworkInterfaceId>> =
        BTreeMap::new();
    for (id, interface) in network.network_interfaces() {
        let of = interface.groups.known().cloned().unwrap_or_default();
        groups.entry(of).or_default().insert(id.clone());
    }
    groups.into_values().collect()
}

/// The interfaces that send, with an address each.
fn senders(network: &Network) -> Vec<(NetworkInterfaceId, Address)> {
    let interfaces = network.network_interfaces().values();
    let ordinary =
        interfaces.filter(|one| matches!(one.attachment, model::Attachment::Ordinary { .. }));
    let own = ordinary.filter_map(|one| match one.addresses.first()?.private {
        AddressValue::Known(address) => Some((one.id.clone(), address)),
        AddressValue::Within(..) => None,
    });
    own.collect()
}

fn connected(matrix: &Matrix) -> u64 {
    let cells = matrix.rows.iter().flatten();
    cells
        .map(|cell| match cell {
            MatrixCell::Asked { connected, .. } => *connected,
            MatrixCell::NotAsked | MatrixCell::Nobody => 0,
        })
        .sum()
}

/// How long the plain walk takes for a pair.
fn plain(evaluator: &Evaluator, network: &Network) -> Duration {
    let senders = senders(network);
    let mut random = SplitMix64::new(1);
    let mut draw = || senders[random.below(senders.len())].clone();
    let flows: Vec<Vec<Flow>> = (0..SAMPLED)
        .map(|_| {
            let ((from, source), (_, to)) = (draw(), draw());
            let flow = |port: &u16| {
                let transport = Transport::Tcp {
                    source_port: 40_000,
                    destination_port: *port,
                };
                let packet = Packet::new(source, to, transport).expect("one family");
                Flow::new(Source::Interface(from.clone()), packet)
            };
            PORTS.iter().map(flow).collect()
        })
        .collect();
    let started = Instant::now();
    for flow in flows.iter().flatten() {
        black_box(evaluator.decide(flow));
    }
    started.elapsed() / u32::try_from(SAMPLED).expect("a few")
}

fn main() {
    let mut criterion = Criterion::default()
        .sample_size(10)
        .measurement_time(Duration::from_secs(5))
        .configure_from_args();
    let mut notes = Notes::new("matrix");
    let folder = std::env::temp_dir().join(format!("vpcproof-matrix-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder");
    let mut group = criterion.benchmark_group("matrix");
    for n_interfaces in SIZES {
        let network = network(n_interfaces, &folder.join(n_interfaces.to_string()));
        let evaluator = Evaluator::load(&network);
        let groups = groups(&network);
        let rows: Vec<_> = groups.iter().cloned().map(Origin::Interfaces).collect();
        let columns: Vec<_> = groups
            .iter()
            .map(|of| Place::Interfaces {
                interfaces: of.clone(),
                public_from_inside: false,
            })
            .collect();
        let started = Instant::now();
        let matrix = evaluator
            .matrix(&rows, &columns)
            .expect("the budget is enough");
        let took = started.elapsed();
        let pair = plain(&evaluator, &network);
        let n_pairs = (n_interfaces * n_interfaces) as f64;
        let ratio = pair.as_secs_f64() * n_pairs / took.as_secs_f64();
        let key = format!("matrix/all-pairs/{n_interfaces}");
        notes.say(&key, format!(
            "{} connected pairs; the plain walk, {} ports of a pair in {pair:?}, would take {ratio:.0} times as long",
            connected(&matrix), PORTS.len(),
        ));
        group.bench_function(BenchmarkId::new("all-pairs", n_interfaces), |bencher| {
            bencher.iter(|| black_box(evaluator.matrix(&rows, &columns)));
        });
        let internet = [Origin::Internet(None)];
        group.bench_function(BenchmarkId::new("from-internet", n_interfaces), |bencher| {
            bencher.iter(|| black_box(evaluator.matrix(&internet, &columns)));
        });
        group.bench_function(BenchmarkId::new("to-internet", n_interfaces), |bencher| {
            bencher.iter(|| black_box(evaluator.matrix(&rows, &[Place::Internet])));
        });
        group.bench_function(BenchmarkId::new("classes", n_interfaces), |bencher| {
            bencher.iter(|| black_box(evaluator.interface_classes().len()));
        });
    }
    group.finish();
    std::fs::remove_dir_all(&folder).expect("the folder can be removed");
    notes.write();
    criterion.final_summary();
}
