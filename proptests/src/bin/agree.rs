//! The long run: random networks, both engines, one screen of statistics.
//!
//! ```text
//! cargo run --release -p vpcproof-proptests --bin agree -- --networks 10000 --level pointwise --seed 1
//! ```
//!
//! Exit code 0: they agree; 1: they do not, and the reduced networks are in `corpus/unjudged`; 2: the
//! arguments are wrong.

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "This program is a report for a person."
)]

use std::fs;
use std::path::Path;
use std::process::ExitCode;
use std::time::Instant;

use evaluator::Evaluator;
use model::Disposition;
use proptests::plan::Profile;
use proptests::relation::{Case, Checked, a_verdict_holds_in_every_completion};
use proptests::run::{self, Tally};
use proptests::{authorization, forms, policy};
use rayon::prelude::*;
use solver::Solver;

/// What is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Level {
    /// Single flows, names and requests.
    Pointwise,
    /// Invariants.
    Verdict,
    /// Single requests at policies and among accounts, without a network.
    Requests,
    /// Sets of requests at and among such.
    RequestSets,
    /// Invariants of networks with holes, and of their completions.
    Completions,
    /// The forms of the evaluator.
    Evaluator,
    /// The forms of the solver.
    Solver,
}

struct Arguments {
    n_networks: u64,
    level: Level,
    seed: u64,
    n_flows: usize,
}

const USAGE: &str = "\
Compares the two engines on random networks.

  --networks N   how many networks (1000)
  --level L      pointwise: flows, names and requests; verdict: invariants;
                 requests, request-sets: policies of endpoints and of accounts, without
                 a network; completions: whether the verdict of each engine on a network
                 with holes stands in completions of it; evaluator, solver: the fast forms of one
                 engine and its plain one (pointwise)
  --seed S       the first seed; network n has seed S + n (0)
  --flows F      but for completions: flows of one network, invariants of one, or requests of one policy
                 or world of accounts (16, 2, 16)";

fn main() -> ExitCode {
    let arguments = match arguments() {
        Ok(arguments) => arguments,
        Err(wrong) => {
            eprintln!("{wrong}\n\n{USAGE}");
            return ExitCode::from(2);
        }
    };
    let start = Instant::now();
    let Arguments {
        n_networks,
        level,
        seed,
        n_flows,
    } = arguments;
    let tally = match level {
        Level::Pointwise => run::cases(seed, n_networks, |seed| {
            run::pointwise::<Evaluator, Solver>(seed, n_flows)
        }),
        Level::Verdict => run::cases(seed, n_networks, |seed| run::verdicts(seed, n_flows)),
        Level::Requests => {
            let one = |seed| {
                let of_policy = policy::run::pointwise(seed, n_flows);
                of_policy.and(authorization::run::pointwise(seed, n_flows))
            };
            return policies(&policy::run::cases(seed, n_networks, one), start);
        }
        Level::RequestSets => {
            let one = |seed| {
                let of_policy = policy::run::verdicts(seed);
                of_policy.and(authorization::run::verdicts(seed))
            };
            return policies(&policy::run::cases(seed, n_networks, one), start);
        }
        Level::Completions => {
            let law = |seed| {
                let case = Case::of_seed(seed);
                let of_evaluator = a_verdict_holds_in_every_completion::<Evaluator>(&case);
                of_evaluator.and(a_verdict_holds_in_every_completion::<Solver>(&case))
            };
            return checked((seed, n_networks), law, start);
        }
        Level::Evaluator => {
            let law = |seed| forms::evaluator(seed, n_flows);
            return checked((seed, n_networks), law, start);
        }
        Level::Solver => {
            let law = |seed| forms::solver(seed, n_flows);
            return checked((seed, n_networks), law, start);
        }
    };
    print(level, &tally);
    println!("{:>24} {:.1?}", "time", start.elapsed());
    if tally.n_found == 0 {
        return ExitCode::SUCCESS;
    }
    for found in &tally.found {
        println!("\n=== seed {} ===\n{}", found.seed, found.text);
        if let Some(text) = &found.file {
            keep(found.seed, text);
        }
    }
    for (answers, n) in &tally.answers {
        println!("{n:>8} {answers}");
    }
    println!("{} disagreements", tally.n_found);
    ExitCode::from(1)
}

/// Whether a law of single networks is kept.
fn checked(
    (first, n_networks): (u64, u64),
    law: impl Fn(u64) -> Checked + Sync,
    start: Instant,
) -> ExitCode {
    let seeds = (first..first.saturating_add(n_networks)).into_par_iter();
    let checked = seeds.map(&law).reduce(Checked::default, Checked::and);
    println!("{:>24} {n_networks}", "networks");
    println!("{:>24} {}", "verdicts compared", checked.n_exercised);
    println!("{:>24} {:.1?}", "time", start.elapsed());
    match checked.broken {
        None => ExitCode::SUCCESS,
        Some(broken) => {
            println!("\n{broken}");
            ExitCode::from(1)
        }
    }
}

/// The statistics of policies without a network.
fn policies(tally: &policy::run::Tally, start: Instant) -> ExitCode {
    let line = |name: &str, value: String| println!("{name:>24} {value}");
    line("policies", tally.n_policies.to_string());
    line("worlds of accounts", tally.n_worlds.to_string());
    line("requests", tally.n_requests.to_string());
    for ((clause, effect), n) in &tally.effects {
        line(clause.name(), format!("{n} {effect}"));
    }
    for ((one, other), n) in &tally.verdicts {
        line("evaluator, solver", format!("{n} {one:?}, {other:?}"));
    }
    line("witnesses confirmed", tally.n_confirmed.to_string());
    line("disagreements", tally.n_found.to_string());
    line("time", format!("{:.1?}", start.elapsed()));
    for text in &tally.found {
        println!("\n{text}");
    }
    ExitCode::from(u8::from(tally.n_found > 0))
}

fn arguments() -> Result<Arguments, String> {
    let mut n_flows = None;
    let mut arguments = Arguments {
        n_networks: 1_000,
        level: Level::Pointwise,
        seed: 0,
        n_flows: 0,
    };
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        if word == "--help" {
            println!("{USAGE}");
            std::process::exit(0);
        }
        let value = words
            .next()
            .ok_or_else(|| format!("`{word}` has no value"))?;
        let number = || {
            value
                .parse::<u64>()
                .map_err(|_| format!("`{value}` is no number"))
        };
        match word.as_str() {
            "--networks" => arguments.n_networks = number()?,
            "--seed" => arguments.seed = number()?,
            "--flows" => n_flows = Some(usize::try_from(number()?).unwrap_or(usize::MAX)),
            "--level" => {
                arguments.level = match value.as_str() {
                    "pointwise" => Level::Pointwise,
                    "verdict" => Level::Verdict,
                    "requests" => Level::Requests,
                    "request-sets" => Level::RequestSets,
                    "completions" => Level::Completions,
                    "evaluator" => Level::Evaluator,
                    "solver" => Level::Solver,
                    other => return Err(format!("`{other}` is no level")),
                }
            }
            other => return Err(format!("unknown argument `{other}`")),
        }
    }
    arguments.n_flows = n_flows.unwrap_or(match arguments.level {
        Level::Pointwise | Level::Requests => 16,
        Level::Verdict
        | Level::RequestSets
        | Level::Completions
        | Level::Evaluator
        | Level::Solver => 2,
    });
    Ok(arguments)
}

fn print(level: Level, tally: &Tally) {
    let line = |name: &str, value: String| println!("{name:>24} {value}");
    line("networks", tally.n_networks.to_string());
    match level {
        Level::Pointwise => {
            println!("{}\n", tally.coverage.table());
            line("flows", tally.n_flows.to_string());
            line("names and requests", tally.n_names_and_requests.to_string());
            line("delivered", format!("{} %", tally.delivered_percent()));
            for profile in Profile::ALL {
                let of = |disposition| {
                    let n = tally.dispositions.get(&(profile, disposition));
                    n.copied().unwrap_or(0)
                };
                let text = format!(
                    "{} delivered, {} dropped, {} undetermined",
                    of(Disposition::Delivered),
                    of(Disposition::Dropped),
                    of(Disposition::Undetermined),
                );
                line(profile.name(), text);
            }
            for (distance, n) in &tally.distances {
                line(&format!("distance {distance:?}"), n.to_string());
            }
            for gap in tally.coverage.gaps(50) {
                line("gap", gap);
            }
        }
        // `policies` and `checked` print those.
        Level::Requests
        | Level::RequestSets
        | Level::Completions
        | Level::Evaluator
        | Level::Solver => {}
        Level::Verdict => {
            for ((quantifier, one, other), n) in &tally.verdicts {
                let verdicts = format!("{one:?}").to_lowercase();
                let others = format!("{other:?}").to_lowercase();
                line(&format!("{quantifier} {verdicts}/{others}"), n.to_string());
            }
            let (one_sided, all) = tally.one_sided();
            line("unknown on one side", format!("{one_sided} of {all}"));
            line("witnesses confirmed", tally.n_confirmed.to_string());
            line("left open", tally.n_unconfirmed.to_string());
        }
    }
    let (evaluator, solver) = tally.micros;
    line("evaluator", format!("{:.1} s", evaluator as f64 / 1e6));
    line("solver", format!("{:.1} s", solver as f64 / 1e6));
}

/// Keeps a reduced network for a person to judge, rename and move to `corpus/regressions`.
fn keep(seed: u64, text: &str) {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus/unjudged");
    let path = directory.join(format!("seed-{seed}.toml"));
    let written = fs::create_dir_all(&directory).and_then(|()| fs::write(&path, text));
    match written {
        Ok(()) => println!("kept in {}", path.display()),
        Err(error) => println!("not kept: {error}"),
    }
}
