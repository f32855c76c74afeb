//! The laws of `relation`, each on each engine. A law that never says anything fails too.

use evaluator::Evaluator;
use model::{
    Asker, Decision, Engine, Flow, Invariant, Network, Permission, PolicyComparison,
    PolicyDifference, Request, RequestWay, Resolution, Verdict,
};
use proptests::relation::{self, Case, Checked, Law};
use proptests::run;
use rayon::prelude::*;

/// In how many cases a planted bug has to be seen.
const N_PLANTED: u64 = 400;

fn hold<E: Engine>(law: Law, n_cases: u64) {
    let first = run::first_seed();
    let seeds = (first..first + n_cases * run::scale()).into_par_iter();
    let checked = seeds
        .map(|seed| law(&Case::of_seed(seed)))
        .reduce(Checked::default, Checked::and);
    assert!(
        checked.broken.is_none(),
        "{}: {}",
        E::NAME,
        checked.broken.unwrap_or_default()
    );
    assert!(checked.n_exercised > 0, "the law says nothing of any case");
}

macro_rules! laws {
    ($($law:ident: $n_cases:literal,)*) => {
        mod of_the_evaluator {
            use super::{Evaluator, hold, relation};
            $(#[test] fn $law() { hold::<Evaluator>(relation::$law::<Evaluator>, 8 * $n_cases) })*
        }

        mod of_the_solver {
            use super::{hold, relation};
            use solver::Solver;
            $(#[test] fn $law() { hold::<Solver>(relation::$law::<Solver>, $n_cases) })*
        }
    };
}

// The solver is asked fewer cases: each costs it a thousand times as much.
laws! {
    order_carries_no_meaning: 60,
    renaming_changes_nothing: 60,
    unused_components_change_nothing: 60,
    a_disconnected_vpc_changes_nothing: 60,
    families_do_not_mix: 60,
    a_duplicated_rule_changes_nothing: 60,
    a_group_rule_more_delivers_no_less: 60,
    an_acl_allow_delivers_no_less: 60,
    an_acl_deny_delivers_no_more: 60,
    renumbered_entries_change_nothing: 60,
    a_shadowed_entry_changes_nothing: 60,
    a_rule_split_in_halves_changes_nothing: 60,
    ports_split_in_two_change_nothing: 60,
    with_open_acls_no_acl_drops: 60,
    a_route_split_in_halves_changes_nothing: 30,
    a_route_changes_only_flows_in_its_block: 60,
    a_known_block_more_delivers_no_less: 60,
    a_known_block_split_in_halves_changes_nothing: 60,
    a_determined_answer_holds_in_every_completion: 90,
    a_verdict_holds_in_every_completion: 30,
    every_is_not_exists_not: 20,
    a_scope_is_the_sum_of_its_parts: 20,
    a_narrower_scope_keeps_every: 40,
}

/// An engine that takes one completion of all but addresses for the network, and so knows too much.
/// (One that does so of addresses is seen too, in one of ten thousand cases: few claims tell two
/// addresses of a subnet apart.)
struct Hasty(Evaluator);

impl Engine for Hasty {
    const NAME: &'static str = "hasty";

    fn load(network: &Network) -> Self {
        Self(Evaluator::load(&relation::with_guessed_values(network)))
    }

    fn decide(&self, flow: &Flow) -> Decision {
        self.0.decide(flow)
    }

    fn resolve(&self, asker: &Asker, name: &str) -> Resolution {
        self.0.resolve(asker, name)
    }

    fn permits(&self, way: &RequestWay, request: &Request) -> Permission {
        self.0.permits(way, request)
    }

    fn compare(&self, comparison: &PolicyComparison) -> PolicyDifference {
        self.0.compare(comparison)
    }

    fn check(&self, invariant: &Invariant) -> Verdict {
        self.0.check(invariant)
    }
}

#[test]
fn an_engine_that_guesses_what_is_open_is_caught() {
    let law = relation::a_verdict_holds_in_every_completion::<Hasty>;
    let mut seeds = 0..N_PLANTED;
    let is_caught = seeds.any(|seed| law(&Case::of_seed(seed)).broken.is_some());
    assert!(is_caught, "the law sees no wrong verdict");
}
