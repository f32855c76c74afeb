//! The difference of two networks against what the engines decide of single flows.

use evaluator::{Change, Course, Difference, Evaluator, FlowClass, Returned, Senders};
use model::{
    Address, AddressValue, ComponentId, Decision, Disposition, Engine, Flow, Hop, Network, Scope,
    Source, TrafficClass, Transport,
};
use proptests::dice::Dice;
use proptests::edit::edited;
use proptests::generate::World;
use proptests::line;
use proptests::question::flow;
use proptests::run;
use rayon::prelude::*;
use solver::Solver;

/// Two networks without open addresses: a choice of them is no part of the law.
struct Pair {
    seed: u64,
    world: World,
    before: Evaluator,
    after: Evaluator,
    networks: [Network; 2],
    difference: Difference,
}

fn pair(seed: u64) -> Option<Pair> {
    let mut world = run::world(seed);
    let evaluator = Evaluator::load(&world.network);
    world.network = world.network.completed(evaluator.completion());
    let after = edited(&world.network, &mut Dice::new(seed))?;
    let networks = [world.network.clone(), after];
    let [before, after] = networks.each_ref().map(Evaluator::load);
    let scopes = networks.each_ref().map(Scope::every);
    let difference = before.difference(&after, [&scopes[0], &scopes[1]], &[]);
    Some(Pair {
        seed,
        world,
        before,
        after,
        networks,
        difference,
    })
}

fn within(ranges: &[(Address, Address)], address: Address) -> bool {
    let mut ranges = ranges.iter();
    ranges.any(|(first, end)| {
        first.family() == address.family() && (first.bits()..=end.bits()).contains(&address.bits())
    })
}

fn holds(class: &FlowClass, flow: &Flow) -> bool {
    let packet = flow.packet;
    let sends = match (&class.from, &flow.source) {
        (Senders::Interfaces(of), Source::Interface(id)) => {
            of.get(id).is_some_and(|own| own.contains(&packet.source()))
        }
        (Senders::Internet(ranges), Source::Internet) => within(ranges, packet.source()),
        (Senders::OnPremises(by, ranges), Source::OnPremises(gateway)) => {
            by == gateway && within(ranges, packet.source())
        }
        _ => false,
    };
    let of_traffic = |class: &TrafficClass| match (class, packet.transport()) {
        (
            TrafficClass::Tcp {
                source_ports,
                destination_ports,
            },
            Transport::Tcp {
                source_port,
                destination_port,
            },
        )
        | (
            TrafficClass::Udp {
                source_ports,
                destination_ports,
            },
            Transport::Udp {
                source_port,
                destination_port,
            },
        ) => source_ports.contains(&source_port) && destination_ports.contains(&destination_port),
        (TrafficClass::Icmp { types, codes }, Transport::Icmp { icmp_type, code })
        | (TrafficClass::Icmpv6 { types, codes }, Transport::Icmpv6 { icmp_type, code }) => {
            types.contains(&icmp_type) && codes.contains(&code)
        }
        (TrafficClass::Other { protocols }, Transport::Other(of)) => {
            protocols.contains(&of.number())
        }
        _ => false,
    };
    sends && within(&class.to, packet.destination()) && class.traffic.iter().any(of_traffic)
}

/// The addresses of an interface in a network, private and public.
fn own(network: &Network, id: &model::NetworkInterfaceId) -> Vec<Address> {
    let interface = network.network_interfaces().get(id);
    let addresses = interface
        .into_iter()
        .flat_map(|interface| &interface.addresses);
    let values = addresses.flat_map(|one| [Some(&one.private), one.public.as_ref()]);
    values
        .flatten()
        .filter_map(|value| match value {
            AddressValue::Known(address) => Some(*address),
            AddressValue::Within(..) => None,
        })
        .collect()
}

/// Whether the difference speaks of a flow: one of an interface that sends from its own address, to
/// somebody else. Whoever may send outside is tested beside the cells, in the evaluator.
fn is_spoken_of(pair: &Pair, flow: &Flow) -> bool {
    let Source::Interface(id) = &flow.source else {
        return false;
    };
    let sends = |network: &Network| {
        let interface = network.network_interfaces().get(id);
        let private = interface
            .into_iter()
            .flat_map(|interface| &interface.addresses);
        let mut private = private.map(|one| &one.private);
        let is_ordinary = interface.is_some_and(|interface| {
            matches!(interface.attachment, model::Attachment::Ordinary { .. })
        });
        is_ordinary && private.any(|value| *value == AddressValue::Known(flow.packet.source()))
    };
    let to = flow.packet.destination();
    flow.picks.is_empty()
        && pair.networks.iter().any(sends)
        && pair
            .networks
            .iter()
            .all(|network| !own(network, id).contains(&to))
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
                if !is_spoken_of(&pair, &flow) {
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
            for class in &pair.difference.classes {
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
            for flow in sum.classes.iter().flat_map(|class| &class.flows) {
                let parts = pair.difference.classes.iter().chain(&second.classes);
                let is_told = parts.into_iter().any(|class| holds(class, flow));
                // A network in between may lack the sender, or have the address for its own.
                let is_there = is_spoken_of(&pair, flow)
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
            is_spoken_of(&pair, flow)
                && told(&one) != told(&other)
                && classes.filter(|class| holds(class, flow)).count() != 1
        })
    });
    assert!(caught, "a range that is too short was not seen");
}
