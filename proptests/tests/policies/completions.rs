//! What is said of a policy with open texts is said of each that it may become.

use evaluator::Evaluator;
use model::{Claim, Engine, PermissionEffect, Policy, PolicyComparison, Quantifier, Value};
use proptests::authorization::{self, World};
use proptests::dice::Dice;
use proptests::policy::{Case, network, open_text, run};
use proptests::run::{Kind, first_seed, scale};
use solver::Solver;

use super::answers;

/// How many completions of each policy are tried.
const COMPLETIONS: usize = 6;

/// Cases of consecutive seeds with something open in them.
fn cases(n: u64) -> impl Iterator<Item = (u64, Case)> {
    let seeds = first_seed()..first_seed() + n * scale();
    let cases = seeds.map(|seed| (seed, Case::of_seed(seed, 16)));
    cases.filter(|(_, case)| open_text::is_open(&case.policy))
}

fn completions(seed: u64, policy: &Policy) -> Vec<Policy> {
    let mut dice = Dice::new(seed ^ 0x0a0a);
    let each = (0..COMPLETIONS).map(|_| open_text::completed(policy, &mut dice));
    each.collect()
}

/// ∀ request: permitted, or denied, with open texts ⇒ the same in every completion.
fn requests<E: Engine>() {
    let mut n_settled = 0_u64;
    for (seed, case) in cases(1_500) {
        let open = answers::<E>(&case, &case.policy);
        for policy in completions(seed, &case.policy) {
            let complete = answers::<E>(&case, &policy);
            for ((open, complete), request) in open.iter().zip(&complete).zip(&case.requests) {
                if !matches!(open, PermissionEffect::Undetermined(_)) {
                    n_settled += 1;
                    let [open_text, text] = [&case.policy, &policy].map(ingest::policy::write);
                    assert_eq!(
                        open, complete,
                        "seed {seed}\n{open_text}\n{text}\n{request}"
                    );
                }
            }
        }
    }
    assert!(n_settled > 3_000, "{n_settled} answers were compared");
}

/// ∀ claim about a set, and comparison: a verdict with open texts ⇒ no other one in a completion.
fn sets<E: Engine>() {
    let mut n_settled = 0_u64;
    for (seed, case) in cases(200) {
        let of = |policy: &Policy| {
            let engine = E::load(&network(case.endpoint, Value::Known(policy.clone())));
            let asked = [
                (Quantifier::Every, Claim::PermittedAll),
                (
                    Quantifier::Every,
                    Claim::Not(Box::new(Claim::PermittedSome)),
                ),
            ];
            let claims = asked.map(|(quantifier, claim)| {
                let invariant = run::invariant(&case, quantifier, claim);
                Kind::of(&engine.check(&invariant))
            });
            let comparison = engine.compare(&PolicyComparison {
                endpoint: case.endpoint(),
                reference: case.reference.clone(),
                set: case.set.clone(),
            });
            let excesses = [&comparison.added, &comparison.removed].map(run::kind);
            [claims, excesses].concat()
        };
        let open = of(&case.policy);
        for policy in completions(seed, &case.policy).iter().take(2) {
            for (open, complete) in open.iter().zip(of(policy)) {
                if *open != Kind::Unknown && complete != Kind::Unknown {
                    n_settled += 1;
                    let [open_text, text] = [&case.policy, policy].map(ingest::policy::write);
                    assert_eq!(*open, complete, "seed {seed}\n{open_text}\n{text}");
                }
            }
        }
    }
    assert!(n_settled > 20, "{n_settled} verdicts were compared");
}

/// ∀ world, way, request: permitted, or denied, with open texts ⇒ the same in every completion of
/// the texts.
fn requests_among_accounts<E: Engine>() {
    let mut n_settled = 0_u64;
    for seed in first_seed()..first_seed() + 800 * scale() {
        let case = authorization::Case::of_seed(seed, 12);
        let mut is_open = false;
        let mut world = case.world.clone();
        world.each_policy(|policy| is_open |= open_text::is_open(policy));
        if !is_open {
            continue;
        }
        let of = |world: &World| {
            let engine = E::load(&world.network());
            let asked = case.asked.iter();
            let effects = asked.map(|(way, request)| engine.permits(way, request).effect);
            effects.collect::<Vec<_>>()
        };
        let open = of(&case.world);
        let mut dice = Dice::new(seed ^ 0x0a0a);
        for _ in 0..3 {
            let mut world = case.world.clone();
            world.each_policy(|policy| *policy = open_text::completed(policy, &mut dice));
            for ((open, complete), asked) in open.iter().zip(of(&world)).zip(&case.asked) {
                if !matches!(open, PermissionEffect::Undetermined(_)) {
                    n_settled += 1;
                    assert_eq!(*open, complete, "seed {seed}\n{asked:?}");
                }
            }
        }
    }
    assert!(n_settled > 1_000, "{n_settled} answers were compared");
}

#[test]
fn what_the_evaluator_says_among_accounts_with_open_texts_holds_in_completions() {
    requests_among_accounts::<Evaluator>();
}

#[test]
fn what_the_solver_says_among_accounts_with_open_texts_holds_in_completions() {
    requests_among_accounts::<Solver>();
}

#[test]
fn what_the_evaluator_says_with_open_texts_holds_in_completions() {
    requests::<Evaluator>();
}

#[test]
fn what_the_solver_says_with_open_texts_holds_in_completions() {
    requests::<Solver>();
}

#[test]
fn what_the_evaluator_proves_with_open_texts_holds_in_completions() {
    sets::<Evaluator>();
}

#[test]
fn what_the_solver_proves_with_open_texts_holds_in_completions() {
    sets::<Solver>();
}
