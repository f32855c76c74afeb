//! Fast forms of each engine say what its plain one says.

use proptests::relation::Checked;
use proptests::{forms, run};
use rayon::prelude::*;

/// How many invariants are asked of one network.
const INVARIANTS: usize = 8;

fn all(n_networks: u64, of: impl Fn(u64, usize) -> Checked + Sync) -> Checked {
    let first = run::first_seed();
    let seeds = (first..first + n_networks * run::scale()).into_par_iter();
    let checked = seeds.map(|seed| of(seed, INVARIANTS));
    checked.reduce(Checked::default, Checked::and)
}

#[test]
fn the_evaluator_says_the_same_by_interfaces_by_classes_and_by_sets() {
    let checked = all(1_500, forms::evaluator);
    assert!(
        checked.broken.is_none(),
        "{}",
        checked.broken.unwrap_or_default()
    );
    assert!(checked.n_exercised > 20_000, "{}", checked.n_exercised);
}

#[test]
fn in_the_solver_two_stand_for_all_of_a_class() {
    let checked = all(3_000, forms::solver);
    assert!(
        checked.broken.is_none(),
        "{}",
        checked.broken.unwrap_or_default()
    );
    assert!(checked.n_exercised > 500, "{}", checked.n_exercised);
}
