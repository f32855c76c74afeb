//! Two interfaces of a class stand for all of it: the solver says the same when it asks about each.

use std::mem::discriminant;

use model::{
    Address, AddressValue, Attachment, Engine, Hole, Network, NetworkInterface, NetworkInterfaceId,
    Verdict,
};
use proptests::dice::Dice;
use proptests::question::invariant;
use proptests::run;
use rayon::prelude::*;
use solver::Solver;

/// How many neighbours an interface gets.
const NEIGHBOURS: u128 = 5;

/// An interface once more, so much above; open addresses are others of the same blocks.
fn neighbour(of: &NetworkInterface, number: u128, distance: u128) -> NetworkInterface {
    let mut interface = of.clone();
    interface.id = NetworkInterfaceId::new(format!("{}-{number}", of.id));
    for address in &mut interface.addresses {
        for value in std::iter::once(&mut address.private).chain(&mut address.public) {
            *value = match value {
                AddressValue::Known(known) => {
                    let above = known.bits().saturating_add(distance);
                    AddressValue::Known(Address::from_bits(known.family(), above))
                }
                AddressValue::Within(block, hole) => {
                    AddressValue::Within(*block, Hole::new(format!("{hole} of {number}")))
                }
            };
        }
    }
    interface
}

/// A network with neighbours of its ordinary interfaces, those for which there is room.
fn crowded(network: Network, dice: &mut Dice) -> Network {
    let interfaces: Vec<_> = network.network_interfaces().values().cloned().collect();
    let mut crowded = network;
    for interface in interfaces {
        if !matches!(interface.attachment, Attachment::Ordinary { .. }) {
            continue;
        }
        for number in 1..=NEIGHBOURS {
            let distance = 1 + dice.below(90) as u128;
            let mut draft = crowded.clone().into_draft();
            let neighbour = neighbour(&interface, number, distance);
            draft.network_interfaces.push(neighbour);
            if let Ok(valid) = draft.validate() {
                crowded = valid;
            }
        }
    }
    crowded
}

/// How often two stood for more, by the verdict: held, violated, vacuous, unknown.
fn compared(seed: u64) -> [usize; 4] {
    let mut seen = [0; 4];
    let dice = &mut Dice::new(seed);
    let network = crowded(run::verdict_network(seed), dice);
    let solver = Solver::load(&network);
    for _ in 0..8 {
        let invariant = invariant::invariant(&network, dice);
        if solver.n_standing(&invariant) == network.network_interfaces().len() {
            continue;
        }
        let (few, each) = (solver.check(&invariant), solver.check_each(&invariant));
        assert_eq!(
            discriminant(&few),
            discriminant(&each),
            "seed {seed}: {few:#?}, of each {each:#?}: {invariant:#?}\n{}",
            ingest::native::write(&network)
        );
        if let Some(witness) = run::witness(&few) {
            // The flow that it shows is such a one of the whole network.
            let narrowed = invariant::narrowed(&invariant, &witness.flow);
            let alone = solver.check_each(&narrowed);
            assert_eq!(
                discriminant(&few),
                discriminant(&alone),
                "seed {seed}: {few:#?}: {alone:#?}"
            );
        }
        let kinds = [
            matches!(few, Verdict::Holds { .. }),
            matches!(few, Verdict::Violated { .. }),
            matches!(few, Verdict::Vacuous),
            matches!(few, Verdict::Unknown { .. }),
        ];
        for (seen, is_so) in seen.iter_mut().zip(kinds) {
            *seen += usize::from(is_so);
        }
    }
    seen
}

#[test]
fn two_stand_for_all_of_a_class() {
    let first = run::first_seed();
    let seeds = (first..first + 3_000 * run::scale()).into_par_iter();
    let seen = seeds.map(compared).reduce(
        || [0; 4],
        |one, other| [0, 1, 2, 3].map(|place| one[place] + other[place]),
    );
    assert!(seen.iter().all(|n| *n > 50), "{seen:?}");
}
