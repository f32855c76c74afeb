//! The difference of two networks behind relays against what the evaluator decides of single flows, one
//! pick after the other.

use std::collections::{BTreeMap, BTreeSet};

use evaluator::{Evaluator, FlowClass, HandedOn, Knock, Received};
use model::{Clause, ComponentId, Disposition, Engine, Flow, MOST_PICKS, Transport};
use proptests::dice::Dice;
use proptests::difference::{Pair, holds_sent};
use proptests::edit::edited_at_relays;
use proptests::line;
use proptests::question::flow;
use proptests::run;
use rayon::prelude::*;
use solver::Solver;

/// How many candidates are tried at one relay, and how many picks for one flow.
const MOST_CANDIDATES: u16 = 12;
const MOST_TRIED: usize = 400;

/// By place, the components on each way to it, and what becomes of the reply.
type Ends = BTreeMap<Received, BTreeSet<(Vec<ComponentId>, Option<Disposition>)>>;

/// Where a flow is received with each pick; `None` when something of it is undetermined, or too much.
fn ends(evaluator: &Evaluator, flow: &Flow) -> Option<Ends> {
    let mut ends = Ends::new();
    let mut n_tried = 0;
    let mut coming = vec![Vec::new()];
    while let Some(picks) = coming.pop() {
        n_tried += 1;
        let picked = Flow {
            picks: picks.clone(),
            ..flow.clone()
        };
        let trace = evaluator.trace(&picked);
        let forward = &trace.decision.forward;
        let reply = trace.decision.reply.as_ref().map(|reply| reply.disposition);
        let handed_on = trace.forward.iter().filter(|hop| {
            let hands_on = [Clause::LoadBalancerTarget, Clause::EndpointServiceHandsOn];
            hands_on.contains(&hop.clause)
        });
        let n_handed_on = handed_on.count();
        match forward.disposition {
            // A candidate that there is not.
            Disposition::Dropped => continue,
            Disposition::Undetermined => return None,
            Disposition::Delivered => {}
        }
        if n_tried > MOST_TRIED || reply == Some(Disposition::Undetermined) {
            return None;
        }
        // It was kept by something that is no relay.
        if n_handed_on < picks.len() {
            continue;
        }
        if !picks.is_empty() {
            let packet = trace.forward.last()?.packet;
            let port = match packet.transport() {
                Transport::Tcp {
                    destination_port, ..
                } => Knock::Tcp(destination_port),
                Transport::Udp {
                    destination_port, ..
                } => Knock::Udp(destination_port),
                Transport::Icmp { .. } | Transport::Icmpv6 { .. } | Transport::Other(_) => continue,
            };
            let place = Received {
                at: forward.arrival.clone()?,
                to: packet.destination(),
                port,
            };
            let way = trace.forward.iter().map(|hop| hop.component.clone());
            let end = (way.collect(), reply);
            ends.entry(place).or_default().insert(end);
        }
        if picks.len() < MOST_PICKS {
            coming.extend((1..=MOST_CANDIDATES).map(|pick| {
                let mut longer = picks.clone();
                longer.push(pick);
                longer
            }));
        }
    }
    Some(ends)
}

fn holds(class: &FlowClass, flow: &Flow, place: &Received) -> bool {
    match &class.handed_on {
        HandedOn::To(places) => places.contains(place) && holds_sent(class, flow),
        HandedOn::No | HandedOn::Anywhere => false,
    }
}

/// f ∈ exactly one class of a place ⇐ some pick delivers it there in one network only, or is answered in one
/// only; f ∈ no class of it ⇐ all picks take the same ways there and are answered alike.
#[test]
fn a_flow_is_in_a_class_of_a_place_exactly_when_some_pick_tells() {
    let first = run::first_seed();
    let seeds = (first..first + 1_500 * run::scale()).into_par_iter();
    let pairs = seeds.filter_map(|seed| Pair::new(seed, edited_at_relays));
    let (n_differing, n_same) = pairs
        .map(|pair| {
            let (mut n_differing, mut n_same) = (0_u64, 0_u64);
            let mut dice = Dice::new(pair.seed);
            let mut flows = flow::flows(&pair.world, 120, &mut dice);
            flows.retain(|flow| !flow.picks.is_empty());
            for mut flow in flows {
                flow.picks.clear();
                if !pair.speaks_of(&flow) {
                    continue;
                }
                let both = [&pair.before, &pair.after].map(|one| ends(one, &flow));
                let [Some(before), Some(after)] = &both else {
                    continue;
                };
                let places: BTreeSet<_> = before.keys().chain(after.keys()).collect();
                for place in places {
                    let (one, other) = (before.get(place), after.get(place));
                    let answered = |ends: Option<&BTreeSet<(_, Option<Disposition>)>>| {
                        let mut ends = ends.into_iter().flatten();
                        ends.any(|(_, reply)| *reply == Some(Disposition::Delivered))
                    };
                    let classes = pair.difference.classes.iter();
                    let n_classes = classes.filter(|class| holds(class, &flow, place)).count();
                    let shown = || {
                        let text = line::flow_text(&flow);
                        format!("seed {}: {text} {place:?} {one:?} {other:?}", pair.seed)
                    };
                    if one.is_some() != other.is_some() || answered(one) != answered(other) {
                        assert_eq!(n_classes, 1, "{}", shown());
                        n_differing += 1;
                    } else if one == other {
                        assert_eq!(n_classes, 0, "{}", shown());
                        n_same += 1;
                    }
                }
            }
            (n_differing, n_same)
        })
        .reduce(|| (0, 0), |one, other| (one.0 + other.0, one.1 + other.1));
    println!("{n_differing} differing, {n_same} alike");
    assert!(n_differing > 200 && n_same > 500, "{n_differing} {n_same}");
}

/// The solver delivers the flows of classes by the picks that lead to their places in the one network, and by
/// none in the other.
#[test]
fn the_solver_decides_what_is_handed_on_as_classes_say() {
    let first = run::first_seed();
    let seeds = (first..first + 200 * run::scale()).into_par_iter();
    let pairs = seeds.filter_map(|seed| Pair::new(seed, edited_at_relays));
    let n_decided: usize = pairs
        .map(|pair| {
            let solvers = pair.networks.each_ref().map(Solver::load);
            let mut n_decided = 0;
            let classes = pair.difference.classes.iter();
            let relayed = classes.filter(|class| class.handed_on != HandedOn::No);
            for flow in relayed.filter_map(|class| class.flows.first()).take(4) {
                for (solver, evaluator) in solvers.iter().zip([&pair.before, &pair.after]) {
                    for (picked, _) in evaluator.picked(flow).iter().take(12) {
                        let shown = line::flow_text(picked);
                        let decided = (solver.decide(picked), evaluator.decide(picked));
                        assert_eq!(decided.0, decided.1, "seed {}: {shown}", pair.seed);
                        n_decided += 1;
                    }
                }
            }
            n_decided
        })
        .sum();
    assert!(n_decided > 200, "{n_decided}");
}
