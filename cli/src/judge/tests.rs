//! What the judge says when the engines contradict each other.

use std::collections::BTreeSet;

use model::{
    Claim, Completion, Engine, Flow, Invariant, Network, Packet, Source, Transport, UnknownReason,
    Verdict, Witness,
};

use super::{Judge, Ruling};
use crate::invariant_file::Word;
use crate::invariant_file::lower::lower;
use crate::invariant_file::words::Words;
use crate::selector::parse::Names;

fn small() -> Network {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/networks/small.toml");
    let ingested = ingest::read(&[path.into()]).unwrap();
    ingested.validate().unwrap().network
}

fn invariant(network: &Network) -> Invariant {
    let select = |tier: &str| vec![format!("interface tag:tier={tier}")];
    let words = Words::new(Word::Never, select("app"), select("db"));
    let (statement, source) = words.statement(&Names::default()).unwrap();
    lower(
        &statement,
        network,
        &ingest::OpenAttributes::default(),
        &source,
    )
    .unwrap()
    .invariant
}

/// A flow from the application to the database's port.
fn witness(port: u16) -> Witness {
    let address = |text: &str| text.parse::<std::net::IpAddr>().unwrap().into();
    let transport = Transport::Tcp {
        source_port: 40000,
        destination_port: port,
    };
    let packet = Packet::new(address("10.0.1.10"), address("10.0.2.10"), transport).unwrap();
    Witness {
        flow: Flow::new(Source::Interface("app".into()), packet),
        request: None,
        completion: Completion::default(),
    }
}

#[test]
fn two_certain_verdicts_that_differ_are_a_disagreement_that_prints_both() {
    let network = small();
    let judge = Judge::new(&network);
    let invariant = invariant(&network);
    let violated = Verdict::Violated {
        counterexample: Some(witness(5432)),
    };
    let proved = Verdict::Holds { witness: None };
    let disagreement = judge.compare(&invariant, &violated, &proved).unwrap_err();
    let expected = "engines disagree on `never from interface tag:tier=app to interface tag:tier=db`: the verdict\n  \
                    evaluator: violated, by the flow app: 10.0.1.10 -> 10.0.2.10 tcp/5432 from port 40000\n  \
                    solver:    proved\n  \
                    this is a fault of vpcproof, not of the network; please report it with the input";
    assert_eq!(disagreement.to_string(), expected);
}

#[test]
fn an_unknown_verdict_disagrees_with_nobody() {
    let network = small();
    let judge = Judge::new(&network);
    let reasons = BTreeSet::from([UnknownReason::OutOfBudget("walks".to_owned())]);
    let unknown = Verdict::Unknown { reasons };
    let proved = Verdict::Holds { witness: None };
    let invariant = invariant(&network);
    assert_eq!(judge.compare(&invariant, &unknown, &proved), Ok(None));
    assert_eq!(
        judge.compare(&invariant, &unknown, &unknown),
        Ok(Some(true))
    );
}

#[test]
fn a_witness_that_does_not_show_its_verdict_is_a_disagreement() {
    let network = small();
    let judge = Judge::new(&network);
    let invariant = invariant(&network);
    let violated = |port| Verdict::Violated {
        counterexample: Some(witness(port)),
    };
    assert_eq!(
        judge.confirm(&invariant, &violated(5432), &witness(5432)),
        Ok(())
    );
    // Nothing admits port 80, so a flow to it does not show that something is delivered.
    let disagreement = judge
        .confirm(&invariant, &violated(80), &witness(80))
        .unwrap_err();
    let traced = "the witness does not show it: dropped by security-group-ingress";
    assert_eq!(disagreement.evaluator, traced);
    assert_eq!(disagreement.solver, "the verdict is violated");
}

#[test]
fn both_engines_judge_and_agree() {
    let network = small();
    let judge = Judge::new(&network);
    let mut invariant = invariant(&network);
    let judgement = judge.judge(&invariant).unwrap();
    assert!(matches!(judgement.ruling, Ruling::Violated(Some(_))));
    assert_eq!(judgement.engines.agree, Some(true));
    invariant.claim = Claim::Not(Box::new(Claim::DecidedBy(model::Clause::RouteBlackhole)));
    assert_eq!(
        judge.judge(&invariant).unwrap().ruling,
        Ruling::Proved(None)
    );
    assert_eq!(
        judge.solver.decide(&witness(5432).flow),
        judge.evaluator.decide(&witness(5432).flow)
    );
}
