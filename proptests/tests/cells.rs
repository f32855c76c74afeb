//! Inside of a cell all packets are decided alike: what a decision procedure by representatives, and
//! every witness, rests on.

use evaluator::Evaluator;
use model::{Engine, Flow};
use proptests::agreement;
use proptests::dice::Dice;
use proptests::line;
use proptests::question::cell::Cells;
use proptests::question::flow;
use proptests::run;
use rayon::prelude::*;
use solver::Solver;

/// ∀ f, f' of one cell: D(n, f) = D(n, f'), but for the source that is part of a flow. The cuts need source and destination pooled, since
/// replies are judged too.
fn constant<E: Engine>(n_networks: u64) -> usize {
    let first = run::first_seed();
    let seeds = (first..first + n_networks * run::scale()).into_par_iter();
    seeds
        .map(|seed| {
            let world = run::world(seed);
            let engine = E::load(&world.network);
            let cells = Cells::new(&world.network);
            let mut dice = Dice::new(seed);
            let mut n_moved = 0;
            let decide = |flow: &Flow| {
                let mut decision = engine.decide(flow);
                decision.forward.source = None;
                decision
            };
            for flow in flow::flows(&world, 8, &mut dice) {
                let decision = decide(&flow);
                for _ in 0..3 {
                    let Some(other) = cells.another(&flow, &mut dice) else {
                        continue;
                    };
                    n_moved += usize::from(other != flow);
                    let moved = decide(&other);
                    assert!(
                        decision == moved,
                        "{}: seed {seed}\n{}: {}\n{}: {}\n{}",
                        E::NAME,
                        line::flow_text(&flow),
                        agreement::decision_text(&decision),
                        line::flow_text(&other),
                        agreement::decision_text(&moved),
                        ingest::native::write(&world.network),
                    );
                }
            }
            n_moved
        })
        .sum()
}

#[test]
fn of_the_evaluator() {
    assert!(constant::<Evaluator>(3_000) > 10_000);
}

#[test]
fn of_the_solver() {
    assert!(constant::<Solver>(120) > 1_000);
}
