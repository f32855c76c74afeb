//! The cells of matrices against what the solver proves of their scopes.

use std::collections::BTreeSet;

use evaluator::{Evaluator, FamilyTraffic, MatrixCell};
use model::{
    Claim, Engine, Family, Invariant, Network, NetworkInterfaceId, Origin, Place, Quantifier,
    Scope, Traffic, TrafficClass, Verdict,
};
use proptests::dice::Dice;
use proptests::run;
use rayon::prelude::*;
use solver::Solver;

/// What is claimed of a cell: that some flow is answered, or every one.
fn claim(
    quantifier: Quantifier,
    from: &Origin,
    to: &Place,
    family: Family,
    class: &TrafficClass,
) -> Invariant {
    Invariant {
        name: "cell".into(),
        quantifier,
        scope: Scope {
            from: vec![from.clone()],
            to: vec![to.clone()],
            traffic: Traffic {
                classes: vec![class.clone()],
            },
            families: BTreeSet::from([family]),
            relayed: false,
            request: None,
        },
        premise: None,
        claim: Claim::Answered,
    }
}

/// A network without open addresses: their completions are asked in the evaluator's own tests.
fn network(seed: u64) -> Network {
    let world = run::world(seed);
    let evaluator = Evaluator::load(&world.network);
    world.network.completed(evaluator.completion())
}

fn ends(network: &Network) -> (Vec<Origin>, Vec<Place>) {
    let ids: Vec<&NetworkInterfaceId> = network.network_interfaces().keys().collect();
    let alone = |id: &&NetworkInterfaceId| BTreeSet::from([(*id).clone()]);
    let rows = ids.iter().map(|id| Origin::Interfaces(alone(id)));
    let columns = ids.iter().map(|id| Place::Interfaces {
        interfaces: alone(id),
        public_from_inside: false,
    });
    (
        rows.chain([Origin::Internet(None)]).collect(),
        columns.chain([Place::Internet]).collect(),
    )
}

/// How many cells were confirmed: open for some, open for every, and closed for all.
fn confirmed(seed: u64) -> [usize; 3] {
    let mut seen = [0; 3];
    let network = network(seed);
    let (rows, columns) = ends(&network);
    let Ok(matrix) = Evaluator::load(&network).matrix(&rows, &columns) else {
        return seen;
    };
    let solver = Solver::load(&network);
    let mut dice = Dice::new(seed);
    for (from, cells) in rows.iter().zip(&matrix.rows) {
        for (to, cell) in columns.iter().zip(cells) {
            let MatrixCell::Asked { traffic, .. } = cell else {
                continue;
            };
            if !dice.percent(25) {
                continue;
            }
            let told = matrix.traffics.get(*traffic).into_iter();
            for (family, of) in told.flat_map(|told| &told.families) {
                confirm(&solver, (from, to, *family), of, &mut seen, seed);
            }
        }
    }
    seen
}

fn confirm(
    solver: &Solver,
    (from, to, family): (&Origin, &Place, Family),
    of: &FamilyTraffic,
    seen: &mut [usize; 3],
    seed: u64,
) {
    let check = |quantifier, class| solver.check(&claim(quantifier, from, to, family, class));
    let shown = || format!("seed {seed}: {from:?} to {to:?} over {family:?}: {of:?}");
    for class in of.some.iter().take(2) {
        let verdict = check(Quantifier::Exists, class);
        assert!(
            matches!(verdict, Verdict::Holds { .. }),
            "{verdict:?} {}",
            shown()
        );
        seen[0] += 1;
    }
    for class in of.every.iter().take(2) {
        let verdict = check(Quantifier::Every, class);
        assert!(
            matches!(verdict, Verdict::Holds { .. }),
            "{verdict:?} {}",
            shown()
        );
        seen[1] += 1;
    }
    if of.some.is_empty() && of.undetermined.is_empty() {
        for class in &Traffic::every().classes {
            let verdict = check(Quantifier::Exists, class);
            let is_closed = matches!(verdict, Verdict::Violated { .. } | Verdict::Vacuous);
            assert!(is_closed, "{verdict:?} {}", shown());
            seen[2] += 1;
        }
    }
}

#[test]
fn the_solver_proves_what_cells_say() {
    let first = run::first_seed();
    let seeds = (first..first + 40 * run::scale()).into_par_iter();
    let seen = seeds.map(confirmed).reduce(
        || [0; 3],
        |one, other| [0, 1, 2].map(|place| one[place] + other[place]),
    );
    assert!(seen.iter().all(|n| *n > 20), "{seen:?}");
}
