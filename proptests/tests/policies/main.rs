//! The third stage alone: random policies and requests, asked of both engines; planted bugs; laws.
//! `VPCPROOF_SCALE=20` runs twenty times as many cases, `VPCPROOF_SEED` others.

mod accounts;
mod completions;

use std::collections::BTreeSet;

use evaluator::Evaluator;
use model::{
    ActionElement, Claim, Clause, ContextKey, Engine, KeySet, Patterns, PermissionEffect, Policy,
    PolicyEffect, PrincipalSet, Quantifier, Request, RequestSet, Statement, Value,
};
use proptests::authorization::bug::rank;
use proptests::dice::Dice;
use proptests::policy::bug::BUGS;
use proptests::policy::run::{self, Tally};
use proptests::policy::{Case, network};
use proptests::run::{Kind, first_seed, scale};
use solver::Solver;

fn assert_agreement(tally: &Tally) {
    let texts = tally.found.join("\n");
    assert!(
        tally.n_found == 0,
        "{} disagreements\n{texts}",
        tally.n_found
    );
}

/// ∀ policy, request: evaluator = solver, by effect, clause and hole; and every clause that decides
/// does so.
#[test]
fn engines_agree_on_requests() {
    let tally = run::cases(first_seed(), 1_500 * scale(), |seed| {
        run::pointwise(seed, 24)
    });
    assert_agreement(&tally);
    let deciding: BTreeSet<Clause> = tally.effects.keys().map(|(clause, _)| *clause).collect();
    for clause in [
        Clause::PolicyExplicitDeny,
        Clause::PolicyOpen,
        Clause::PolicyAllow,
        Clause::PolicyDefaultDeny,
    ] {
        assert!(deciding.contains(&clause), "{clause} decided nothing");
    }
    let permitted = tally.effects.get(&(Clause::PolicyAllow, "permitted"));
    let permitted = permitted.copied().unwrap_or(0);
    assert!(
        10 * permitted >= tally.n_requests,
        "{permitted} of {} requests are permitted",
        tally.n_requests
    );
}

/// ∀ policy, set: both answers definite ⇒ equal; witnesses are confirmed by both engines, and what
/// holds of every request holds of sampled ones.
#[test]
fn engines_agree_on_sets() {
    let tally = run::cases(first_seed(), 200 * scale(), run::verdicts);
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

/// Every planted bug is seen, and soon.
#[test]
fn every_planted_bug_is_seen() {
    const BUDGET: u64 = 4_000;
    let mut unseen: Vec<_> = BUGS.iter().collect();
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

/// What engines say of the requests of a case under another policy.
fn answers<E: Engine>(case: &Case, policy: &Policy) -> Vec<PermissionEffect> {
    let engine = E::load(&network(case.endpoint, Value::Known(policy.clone())));
    let of = |request: &Request| engine.permits(&case.way(request), request).effect;
    case.requests.iter().map(of).collect()
}

fn ranks<E: Engine>(case: &Case, policy: &Policy) -> Vec<u8> {
    answers::<E>(case, policy).iter().map(rank).collect()
}

/// A statement of some other policy.
fn another(seed: u64, effect: PolicyEffect) -> Statement {
    let mut statements = Case::of_seed(seed ^ 0x5555, 0).policy.statements;
    let mut statement = statements.swap_remove(0);
    statement.effect = effect;
    statement
}

fn laws<E: Engine>() {
    for seed in first_seed()..first_seed() + 300 * scale() {
        let case = Case::of_seed(seed, 12);
        let plain = ranks::<E>(&case, &case.policy);

        // The order of statements carries no meaning.
        let mut turned = case.policy.clone();
        turned.statements.reverse();
        assert_eq!(plain, ranks::<E>(&case, &turned), "reversed, seed {seed}");

        // A statement of two actions is two statements.
        let mut split = case.policy.clone();
        split.statements = split
            .statements
            .into_iter()
            .flat_map(one_action_each)
            .collect();
        assert_eq!(plain, ranks::<E>(&case, &split), "split, seed {seed}");

        // An Allow more permits no less, a Deny more permits no more.
        let mut more = case.policy.clone();
        more.statements.push(another(seed, PolicyEffect::Allow));
        let permitting = ranks::<E>(&case, &more);
        assert!(at_most(&plain, &permitting), "an Allow more, seed {seed}");
        let mut less = case.policy.clone();
        less.statements.push(another(seed, PolicyEffect::Deny));
        let denying = ranks::<E>(&case, &less);
        assert!(at_most(&denying, &plain), "a Deny more, seed {seed}");

        // What is said twice is said once.
        let mut twice = case.policy.clone();
        twice.statements.extend(case.policy.statements.clone());
        assert_eq!(plain, ranks::<E>(&case, &twice), "doubled, seed {seed}");

        // A condition that every request fulfils changes nothing that is decided by it alone.
        let mut dice = Dice::new(seed);
        let mut conditional = case.policy.clone();
        let at = dice.below(conditional.statements.len());
        if let Some(statement) = conditional.statements.get_mut(at) {
            let condition = always_there();
            statement.conditions.push(condition);
        }
        assert_eq!(
            plain,
            ranks::<E>(&case, &conditional),
            "fulfilled, seed {seed}"
        );
    }
}

/// `aws:SourceVpce` is there in every request that comes by an endpoint.
fn always_there() -> model::Condition {
    model::Condition {
        operator: model::ConditionOperator::new("Null"),
        key: model::ContextKey::new("aws:SourceVpce"),
        values: vec!["false".into()],
    }
}

fn one_action_each(statement: Statement) -> Vec<Statement> {
    match &statement.action {
        ActionElement::Action(actions) => {
            let one = |action: &String| Statement {
                action: ActionElement::Action(vec![action.clone()]),
                ..statement.clone()
            };
            actions.iter().map(one).collect()
        }
        ActionElement::NotAction(_) => vec![statement],
    }
}

fn at_most(less: &[u8], more: &[u8]) -> bool {
    less.iter().zip(more).all(|(less, more)| less <= more)
}

#[test]
fn laws_hold_for_the_evaluator() {
    laws::<Evaluator>();
}

#[test]
fn laws_hold_for_the_solver() {
    laws::<Solver>();
}

/// A set of signed requests with patterns of some keys, several of one split by `|`.
fn set_of(keys: &[(&str, &str)]) -> RequestSet {
    let context = keys.iter().map(|(key, pattern)| {
        let values = Patterns {
            include: pattern.split('|').map(str::to_owned).collect(),
            exclude: Vec::new(),
        };
        let keys = KeySet {
            values: Some(values),
            absent: false,
        };
        (ContextKey::new(key), keys)
    });
    RequestSet {
        principals: PrincipalSet::OfAccounts(["111122223333".to_owned()].into()),
        context: context.collect(),
        ..RequestSet::every()
    }
}

/// Each engine alone: a claim that no request passes is not proved of a wide set of which a part,
/// named below it, has one that does; one engine at least shows it there.
#[test]
fn what_classes_do_not_tell_apart_is_not_proved() {
    let allow = |condition: &str| {
        format!(
            r#"{{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*", "Condition": {condition}}}"#
        )
    };
    let deny = |condition: &str| allow(condition).replace("Allow", "Deny");
    let cases = [
        // A class of addresses, and of numbers, has other texts than the one that stands for it.
        (
            [
                allow(r#"{"IpAddress": {"s3:address": "10.0.0.0/8"}}"#),
                deny(r#"{"StringEquals": {"s3:prefix": "${s3:address}"}}"#),
            ],
            set_of(&[("s3:prefix", "10.0.0.0")]),
            Some(set_of(&[
                ("s3:prefix", "10.0.0.0"),
                ("s3:address", "10.0.0.1"),
            ])),
        ),
        (
            [
                allow(r#"{"NumericEquals": {"s3:max-keys": "10"}}"#),
                deny(r#"{"StringEquals": {"s3:prefix": "${s3:max-keys}"}}"#),
            ],
            set_of(&[("s3:prefix", "10")]),
            Some(set_of(&[("s3:prefix", "10"), ("s3:max-keys", "10.0")])),
        ),
        (
            [
                allow(r#"{"NumericEquals": {"s3:max-keys": "10"}}"#),
                deny(r#"{"StringEquals": {"s3:prefix": "b/${s3:max-keys}"}}"#),
            ],
            set_of(&[("s3:prefix", "b/10"), ("s3:max-keys", "10|*")]),
            Some(set_of(&[("s3:prefix", "b/10"), ("s3:max-keys", "10.0")])),
        ),
        // Operators of several types ask for one key.
        (
            [
                allow(r#"{"NumericLessThan": {"s3:max-keys": "100"}}"#),
                deny(r#"{"StringEquals": {"s3:max-keys": "abc"}}"#),
            ],
            set_of(&[("s3:max-keys", "7*")]),
            Some(set_of(&[("s3:max-keys", "7")])),
        ),
        (
            [
                allow(r#"{"IpAddress": {"s3:address": "10.0.0.0/8"}}"#),
                deny(r#"{"StringNotLike": {"s3:address": "10.1.*"}}"#),
            ],
            set_of(&[("s3:address", "10.1.*")]),
            Some(set_of(&[("s3:address", "10.1.2.3")])),
        ),
        // A value that is not of the operator's type: what it means is not written.
        (
            [
                allow("{}"),
                deny(r#"{"Bool": {"aws:SecureTransport": "false"}}"#),
            ],
            set_of(&[("aws:SecureTransport", "False")]),
            None,
        ),
    ];
    for (statements, wide, part) in cases {
        let text = format!(
            r#"{{"Version": "2012-10-17", "Statement": [{}]}}"#,
            statements.join(",")
        );
        let policy = ingest::policy::read(&text, &ingest::Place::file("policy.json"));
        let policy = policy.expect("a policy");
        let around = network("g", Value::Known(policy.clone()));
        let ask = |set: &RequestSet| {
            let case = Case {
                endpoint: "g",
                policy: policy.clone(),
                reference: policy.clone(),
                requests: Vec::new(),
                set: set.clone(),
            };
            let never = Claim::Not(Box::new(Claim::PermittedSome));
            let invariant = run::invariant(&case, Quantifier::Every, never);
            let verdicts = [
                Evaluator::load(&around).check(&invariant),
                Solver::load(&around).check(&invariant),
            ];
            verdicts.each_ref().map(Kind::of)
        };
        for kind in ask(&wide) {
            assert_ne!(kind, Kind::Holds, "{text}");
        }
        if let Some(part) = part {
            let kinds = ask(&part);
            assert!(kinds.contains(&Kind::Violated), "{kinds:?} {text}");
            assert!(!kinds.contains(&Kind::Holds), "{kinds:?} {text}");
        }
    }
}
