//! The difference of two networks against what the engines decide of single flows.

use evaluator::{Change, Course, Evaluator, FlowClass, HandedOn, Returned};
use model::{Address, ComponentId, Decision, Disposition, Engine, Flow, Hop, Scope, Source};
use proptests::dice::Dice;
use proptests::difference::{Pair, holds_sent, own};
use proptests::edit::edited;
use proptests::line;
use proptests::question::flow;
use proptests::run;
use rayon::prelude::*;
use solver::Solver;

fn pair(seed: u64) -> Option<Pair> {
    Pair::new(seed, edited)
}

/// Whether a class of flows that no relay hands on holds one.
fn holds(class: &FlowClass, flow: &Flow) -> bool {
    class.handed_on == HandedOn::No && holds_sent(class, flow)
}

/// What is decided, but for the rules that decide.
fn told(decision: &Decision) -> (Disposition, Option<Disposition>) {
    let reply = decision.reply.as_ref().map(|reply| reply.disposition);
    (decision.forward.disposition, reply)
}

/// The components of a walk.
fn components(hops: &[Hop]) -> Vec<&ComponentId> {
    hops.iter().map(|hop| &hop.component).collect()
}

/// f ∈ exactly one class ⇐ what becomes of a request or of its reply differs, and one of the
/// requests is not undetermined; f ∈ no class ⇐ the walks pass the same components and end alike. Between the two are
/// flows on other ways, of which the components tell.
#[test]
fn a_flow_is_in_a_class_exactly_when_the_decisions_differ() {
    let first = run::first_seed();
    let seeds = (first..first + 1_500 * run::scale()).into_par_iter();
    let (n_differing, n_same) = seeds
        .filter_map(pair)
        .map(|pair| {
            let (mut n_differing, mut n_same) = (0_u64, 0_u64);
            let mut dice = Dice::new(pair.seed);
            for flow in flow::flows(&pair.world, 40, &mut dice) {
                if !pair.speaks_of(&flow) {
                    continue;
                }
                let (one, other) = (pair.before.trace(&flow), pair.after.trace(&flow));
                let classes = pair.difference.classes.iter();
                let n_classes = classes.filter(|class| holds(class, &flow)).count();
                let shown = || format!("seed {}: {}", pair.seed, line::flow_text(&flow));
                let ends = [told(&one.decision), told(&other.decision)];
                let open = |end: &(Disposition, Option<Disposition>)| {
                    end.0 == Disposition::Undetermined || end.1 == Some(Disposition::Undetermined)
                };
                let are_open = ends.iter().all(|end| end.0 == Disposition::Undetermined);
                if are_open {
                    // By the same hole or not: the decisions do not tell.
                } else if ends[0] != ends[1] {
                    assert_eq!(n_classes, 1, "{} {ends:?}", shown());
                    n_differing += 1;
                } else if !ends.iter().any(open)
                    && one.decision.forward.arrival == other.decision.forward.arrival
                    && components(&one.forward) == components(&other.forward)
                {
                    assert_eq!(n_classes, 0, "{}", shown());
                    n_same += 1;
                }
            }
            (n_differing, n_same)
        })
        .reduce(|| (0, 0), |one, other| (one.0 + other.0, one.1 + other.1));
    assert!(
        n_differing > 200 && n_same > 5_000,
        "{n_differing} {n_same}"
    );
}

/// No class says of a flow what the solver does not.
#[test]
fn the_solver_decides_the_flows_of_classes_as_they_say() {
    let first = run::first_seed();
    let seeds = (first..first + 60 * run::scale()).into_par_iter();
    let n_flows: usize = seeds
        .filter_map(pair)
        .map(|pair| {
            let solvers = pair.networks.each_ref().map(Solver::load);
            let mut n_flows = 0;
            let classes = pair.difference.classes.iter();
            let classes = classes.filter(|class| class.handed_on == HandedOn::No);
            for class in classes {
                for flow in class.flows.iter().take(3) {
                    let Change { before, after, .. } = &class.change;
                    for (solver, course) in solvers.iter().zip([before, after]) {
                        let decision = solver.decide(flow);
                        let expected = match course {
                            Course::Dropped => (Disposition::Dropped, None),
                            Course::Undetermined(_) => continue,
                            Course::Delivered(Returned::Yes) => {
                                (Disposition::Delivered, Some(Disposition::Delivered))
                            }
                            Course::Delivered(Returned::No) => {
                                (Disposition::Delivered, Some(Disposition::Dropped))
                            }
                            Course::Delivered(Returned::Undetermined(_)) => {
                                (Disposition::Delivered, Some(Disposition::Undetermined))
                            }
                        };
                        let shown = line::flow_text(flow);
                        assert_eq!(told(&decision), expected, "seed {}: {shown}", pair.seed);
                        n_flows += 1;
                    }
                }
            }
            n_flows
        })
        .sum();
    assert!(n_flows > 200, "{n_flows}");
}

/// Two changes, one after the other: whoever is told of their sum is told of one of them.
#[test]
fn two_changes_cover_their_sum() {
    let first = run::first_seed();
    let seeds = (first..first + 300 * run::scale()).into_par_iter();
    let n_flows: usize = seeds
        .filter_map(pair)
        .filter_map(|pair| {
            let third = edited(&pair.networks[1], &mut Dice::new(pair.seed ^ 0xffff))?;
            let (last, scopes) = (
                Evaluator::load(&third),
                [Scope::every(&pair.networks[0]), Scope::every(&third)],
            );
            let sum = pair.before.difference(&last, [&scopes[0], &scopes[1]], &[]);
            let middle = Scope::every(&pair.networks[1]);
            let second = pair.after.difference(&last, [&middle, &scopes[1]], &[]);
            let mut n_flows = 0;
            let direct = sum.classes.iter();
            let direct = direct.filter(|class| class.handed_on == HandedOn::No);
            for flow in direct.flat_map(|class| &class.flows) {
                let parts = pair.difference.classes.iter().chain(&second.classes);
                let is_told = parts.into_iter().any(|class| holds(class, flow));
                // A network in between may lack the sender, or have the address for its own.
                let is_there = pair.speaks_of(flow)
                    && match &flow.source {
                        Source::Interface(id) => {
                            pair.networks.iter().chain([&third]).all(|network| {
                                !own(network, id).contains(&flow.packet.destination())
                            })
                        }
                        Source::Internet | Source::OnPremises(_) => false,
                    };
                if is_there {
                    assert!(is_told, "seed {}: {}", pair.seed, line::flow_text(flow));
                    n_flows += 1;
                }
            }
            Some(n_flows)
        })
        .sum();
    assert!(n_flows > 200, "{n_flows}");
}

/// What the change takes from a class is seen: a class less, or a range cut short, is caught by the
/// law above.
#[test]
fn a_planted_bug_is_caught() {
    let first = run::first_seed();
    let caught = (first..first + 400).filter_map(pair).any(|mut pair| {
        for class in &mut pair.difference.classes {
            // Forgets the last destination.
            if let Some((_, end)) = class.to.last_mut() {
                *end = Address::from_bits(end.family(), end.bits().saturating_sub(1));
            }
        }
        let mut dice = Dice::new(pair.seed);
        flow::flows(&pair.world, 60, &mut dice).iter().any(|flow| {
            let (one, other) = (pair.before.decide(flow), pair.after.decide(flow));
            let classes = pair.difference.classes.iter();
            pair.speaks_of(flow)
                && told(&one) != told(&other)
                && classes.filter(|class| holds(class, flow)).count() != 1
        })
    });
    assert!(caught, "a range that is too short was not seen");
}
