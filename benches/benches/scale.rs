//! What takes too long for many samples: a hundred thousand interfaces, and with `--large` of the
//! report a million, and five hundred VPCs.
#![allow(
    clippy::expect_used,
    clippy::print_stderr,
    reason = "a measurement of something else than what is meant stops"
)]

use std::process::Command;
use std::time::Instant;

use benches::answer;
use benches::generated::{Snapshots, ends, network, program, senders};
use benches::notes::Notes;
use benches::once::{Once, is_large, run};
use benches::random::SplitMix64;
use evaluator::{Evaluator, MatrixCell};
use model::{
    Claim, Engine, Flow, Invariant, Network, Origin, Packet, Place, Quantifier, Scope, Source,
    Traffic, Transport,
};
use solver::Solver;

const N_INTERFACES: usize = 100_000;
const TEMPLATES: usize = 20;
/// So many that few interfaces of a VPC are of one kind.
const MANY_TEMPLATES: usize = 500;
const RUNS: usize = 3;

/// How many pairs the plain walk is timed on, and of which ports of each.
const SAMPLED: usize = 8_000;
const PORTS: [u16; 4] = [22, 443, 5432, 8080];

/// Whether some flow of the internet arrives at any of these interfaces.
fn from_internet(network: &Network) -> Invariant {
    let interfaces = network.network_interfaces().keys().cloned().collect();
    Invariant {
        name: "from the internet".into(),
        quantifier: Quantifier::Every,
        premise: None,
        scope: Scope {
            from: vec![Origin::Internet(None)],
            to: vec![Place::Interfaces {
                interfaces,
                public_from_inside: false,
            }],
            traffic: Traffic::every(),
            families: [model::Family::V4].into(),
            relayed: false,
            request: None,
        },
        claim: Claim::Not(Box::new(Claim::Delivered)),
    }
}

fn main() {
    let (mut once, mut notes) = (Once::new("scale"), Notes::new("scale"));
    let snapshots = Snapshots::new("scale");
    many_templates(&snapshots, &mut once);
    plain_walk(&snapshots, &mut once);
    by_solver(&snapshots, &mut once, &mut notes);
    if is_large() {
        large(&snapshots, &mut once);
    }
    once.write();
    notes.write();
}

/// Every open path from the internet where very many paths differ.
fn many_templates(snapshots: &Snapshots, once: &mut Once) {
    let network = network(&snapshots.of(N_INTERFACES, MANY_TEMPLATES));
    let evaluator = Evaluator::load(&network);
    let (_, columns) = ends(&network);
    for _ in 0..RUNS {
        let started = Instant::now();
        let matrix = evaluator.matrix(&[Origin::Internet(None)], &columns);
        once.add(
            &format!("scale/from-internet-{MANY_TEMPLATES}-templates/{N_INTERFACES}"),
            started.elapsed(),
        );
        let matrix = matrix.expect("the budget is enough");
        let is_open = |cell: &&MatrixCell| matches!(cell, MatrixCell::Asked { connected: 1.., .. });
        // The first template of each of the thirteen VPCs is open to the internet.
        assert_eq!(matrix.rows.iter().flatten().filter(is_open).count(), 13);
    }
}

/// The plain walk of drawn pairs, as the measure of all of them.
fn plain_walk(snapshots: &Snapshots, once: &mut Once) {
    let network = network(&snapshots.of(N_INTERFACES, TEMPLATES));
    let evaluator = Evaluator::load(&network);
    let senders = senders(&network);
    let mut random = SplitMix64::new(1);
    let mut draw = || {
        senders
            .get(random.below(senders.len()))
            .expect("it is below")
            .clone()
    };
    let mut flows = Vec::new();
    for _ in 0..SAMPLED {
        let ((from, source), (_, to)) = (draw(), draw());
        for destination_port in PORTS {
            let transport = Transport::Tcp {
                source_port: 40_000,
                destination_port,
            };
            let packet = Packet::new(source, to, transport).expect("one family");
            flows.push(Flow::new(Source::Interface(from.clone()), packet));
        }
    }
    let pairs = u32::try_from(SAMPLED).expect("a few");
    for _ in 0..RUNS {
        let started = Instant::now();
        for flow in &flows {
            std::hint::black_box(evaluator.decide(flow));
        }
        let took = started.elapsed() / pairs;
        once.add(&format!("scale/plain-walk-of-a-pair/{N_INTERFACES}"), took);
    }
}

/// Whether the internet reaches any interface, by z3: one that is, is found; the closed ones are
/// proved to be closed.
fn by_solver(snapshots: &Snapshots, once: &mut Once, notes: &mut Notes) {
    let network = network(
        &snapshots
            .folder()
            .join(format!("{N_INTERFACES}-{TEMPLATES}")),
    );
    let (_, columns) = ends(&network);
    let started = Instant::now();
    let solver = Solver::load(&network);
    let mut verdicts = Vec::new();
    for column in columns {
        let mut claim = from_internet(&network);
        claim.scope.to = vec![column];
        verdicts.push(solver.check(&claim));
    }
    once.add(
        &format!("scale/solver-from-internet/{N_INTERFACES}"),
        started.elapsed(),
    );
    notes.say(
        format!("solver-from-internet/{N_INTERFACES}"),
        format!("each security group asked: {}", answer::tally(&verdicts)),
    );
}

/// The largest networks, by the whole program.
fn large(snapshots: &Snapshots, once: &mut Once) {
    let million = snapshots.of(1_000_000, TEMPLATES);
    let estate = [
        "--interfaces",
        "100000",
        "--vpcs",
        "500",
        "--subnets",
        "20",
        "--templates",
        "100",
        "--rules",
        "30",
    ];
    let vpcs = snapshots.write("vpcs", &estate);
    for (name, snapshot) in [("matrix/1000000", million), ("matrix-500-vpcs", vpcs)] {
        let mut command = Command::new(program());
        command.arg("matrix").arg(snapshot);
        let ran = run(&mut command, &snapshots.folder().join("out.txt"));
        if ran.code != Some(0) {
            eprintln!(
                "{name} is not measured: the program ends with {:?}",
                ran.code
            );
            continue;
        }
        once.add(&format!("large/{name}"), ran.took);
        if let Some(bytes) = ran.most_memory {
            once.add_memory(&format!("large/{name}"), bytes);
        }
    }
}
