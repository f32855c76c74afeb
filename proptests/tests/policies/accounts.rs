//! The same among accounts.

use std::collections::BTreeSet;

use evaluator::Evaluator;
use model::{Clause, Engine};
use proptests::authorization::bug::{bugs, rank};
use proptests::authorization::law::{LAWS, Law};
use proptests::authorization::{Case, World, run};
use proptests::dice::Dice;
use proptests::policy::run::cases;
use proptests::run::{first_seed, scale};
use solver::Solver;

use super::assert_agreement;

const CLAUSES: [Clause; 7] = [
    Clause::AuthorizationNotAsked,
    Clause::AuthorizationExplicitDeny,
    Clause::AuthorizationServiceControlPolicy,
    Clause::AuthorizationAnonymous,
    Clause::AuthorizationSameAccount,
    Clause::AuthorizationCrossAccount,
    Clause::AuthorizationOpen,
];

/// ∀ world, request: evaluator = solver, by effect, clause and hole; every clause decides, and what
/// may grant does.
#[test]
fn engines_agree_on_requests_among_accounts() {
    let tally = cases(first_seed(), 1_500 * scale(), |seed| {
        run::pointwise(seed, 24)
    });
    assert_agreement(&tally);
    let n = |clause, effect| tally.effects.get(&(clause, effect)).copied().unwrap_or(0);
    for clause in CLAUSES {
        let all = ["permitted", "denied", "undetermined"].map(|effect| n(clause, effect));
        assert!(all.iter().sum::<u64>() > 0, "{clause} decided nothing");
    }
    for clause in [
        Clause::AuthorizationAnonymous,
        Clause::AuthorizationSameAccount,
        Clause::AuthorizationCrossAccount,
    ] {
        assert!(n(clause, "permitted") > 0, "{clause} permits nothing");
    }
}

/// ∀ world, set, way: both answers definite ⇒ equal; witnesses are confirmed by both engines, and
/// what holds of every request holds of sampled ones.
#[test]
fn engines_agree_on_sets_among_accounts() {
    let tally = cases(first_seed(), 40 * scale(), run::verdicts);
    assert_agreement(&tally);
    assert!(tally.n_confirmed > 0, "no witness was confirmed");
    let (one_sided, all) = tally.one_sided();
    assert!(
        100 * one_sided <= 10 * all,
        "{one_sided} of {all} unknown on one side"
    );
    let unknown = tally.both_unknown();
    assert!(
        100 * unknown <= 60 * all,
        "{unknown} of {all} unknown on both sides"
    );
}

/// Every planted bug is seen, and soon; every clause has one.
#[test]
fn every_bug_planted_among_accounts_is_seen() {
    const BUDGET: u64 = 4_000;
    for clause in CLAUSES {
        assert!(
            bugs().any(|bug| bug.clause == clause),
            "{clause} has no bug"
        );
    }
    let mut unseen: Vec<_> = bugs().collect();
    for seed in first_seed()..first_seed() + BUDGET {
        if unseen.is_empty() {
            break;
        }
        let case = Case::of_seed(seed, 16);
        unseen.retain(|bug| !bug.is_seen(&case));
    }
    let names: Vec<_> = unseen.iter().map(|bug| bug.name).collect();
    assert!(names.is_empty(), "not seen: {names:#?}");
}

/// What engines say of the requests of a case in another world.
fn ranks<E: Engine>(case: &Case, world: &World) -> Vec<u8> {
    let engine = E::load(&world.network());
    let asked = case.asked.iter();
    let ranks = asked.map(|(way, request)| rank(&engine.permits(way, request).effect));
    ranks.collect()
}

fn assert_laws<E: Engine>() {
    let mut said: BTreeSet<&str> = BTreeSet::new();
    for seed in first_seed()..first_seed() + 300 * scale() {
        let case = Case::of_seed(seed, 12);
        let plain = ranks::<E>(&case, &case.world);
        for Law { name, kept, change } in LAWS {
            let mut world = case.world.clone();
            change(&mut world, &mut Dice::new(seed));
            if world == case.world {
                continue;
            }
            said.insert(name);
            let changed = ranks::<E>(&case, &world);
            for ((before, after), asked) in plain.iter().zip(&changed).zip(&case.asked) {
                assert!(
                    kept.holds(*before, *after),
                    "{name}, seed {seed}: {before} {after} {asked:?}\n{}\nbefore:\n{}",
                    run::shown(seed, &world),
                    run::shown(seed, &case.world)
                );
            }
        }
    }
    assert_eq!(said.len(), LAWS.len(), "some law says nothing");
}

#[test]
fn laws_of_accounts_hold_for_the_evaluator() {
    assert_laws::<Evaluator>();
}

#[test]
fn laws_of_accounts_hold_for_the_solver() {
    assert_laws::<Solver>();
}
