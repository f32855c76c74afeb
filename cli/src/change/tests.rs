//! The laws of comparing documents, on random accounts.

use std::collections::BTreeSet;

use model::{Engine, PermissionEffect};
use proptests::authorization::draw as authorization;
use proptests::authorization::{Case, candidates};
use proptests::dice::Dice;
use proptests::policy::draw;

use super::policies::{Of, changes};
use crate::judge::Judge;

const N_WORLDS: u64 = 120;
const N_REQUESTS: usize = 120;

/// ∀ world, edit of one of its documents: what is told mirrors what is told of the way back, nothing is told
/// of no edit, and no request is answered otherwise for certain when nothing is told.
#[test]
fn a_request_that_is_answered_otherwise_is_of_a_document_that_is_told() {
    let (mut n_otherwise, mut n_told, mut n_untold) = (0, 0, 0);
    for seed in 0..N_WORLDS {
        let case = Case::of_seed(seed, N_REQUESTS);
        let mut dice = Dice::new(seed);
        let keys = draw::of_accounts(&mut dice);
        let mut edited = case.world.clone();
        let n_documents = edited.documents_mut().len();
        if n_documents == 0 {
            continue;
        }
        let chosen = dice.below(n_documents);
        for policy in edited
            .documents_mut()
            .into_iter()
            .nth(chosen)
            .map(candidates)
            .into_iter()
            .flatten()
        {
            match dice.below(3) {
                0 => *policy = draw::edited(policy, &keys, &mut dice),
                1 => policy.statements.clear(),
                _ => *policy = authorization::full(),
            }
        }
        let networks = [case.world.network(), edited.network()];
        let [before, after] = networks.each_ref().map(Judge::new);
        assert!(changes([&before, &before]).unwrap().is_empty(), "{seed}");
        let told = changes([&before, &after]).unwrap();
        let back = changes([&after, &before]).unwrap();
        let names = |changes: &[super::policies::PolicyChange]| {
            let names = changes.iter().map(|change| match &change.of {
                Of::Endpoint(id) => id.to_string(),
                Of::Document(name) => name.clone(),
            });
            names.collect::<BTreeSet<_>>()
        };
        assert_eq!(names(&told), names(&back), "{seed}");
        assert!(told.len() <= 1, "{seed}: {told:?}");
        n_told += told.len();
        n_untold += usize::from(told.is_empty());
        for (way, request) in &case.asked {
            let [one, other] =
                [&before, &after].map(|judge| judge.evaluator.permits(way, request).effect);
            let is_known =
                |effect: &PermissionEffect| !matches!(effect, PermissionEffect::Undetermined(_));
            if is_known(&one) && is_known(&other) && one != other {
                n_otherwise += 1;
                assert!(!told.is_empty(), "{seed}: {request} {one:?} {other:?}");
            }
        }
    }
    println!("{n_told} told, {n_untold} alike, {n_otherwise} requests answered otherwise");
    assert!(
        n_told > 20 && n_untold > 0 && n_otherwise > 0,
        "{n_told} {n_untold} {n_otherwise}"
    );
}
