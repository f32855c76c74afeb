//! Each engine against itself: its fast forms and its plain one say the same.
//!
//! The networks have interfaces that nothing tells apart, of which fast forms ask two.

use std::mem::discriminant;

use evaluator::Form;
use model::{
    Address, AddressValue, Attachment, Engine, Hole, Invariant, Network, NetworkInterface,
    NetworkInterfaceId, UnknownReason, Verdict,
};
use solver::Solver;

use crate::dice::Dice;
use crate::question::invariant;
use crate::relation::Checked;
use crate::run;

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
pub fn crowded(network: Network, dice: &mut Dice) -> Network {
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

/// The evaluator's forms on invariants of one network.
pub fn evaluator(seed: u64, n_invariants: usize) -> Checked {
    let dice = &mut Dice::new(seed);
    let network = crowded(run::verdict_network(seed), dice);
    let engine = run::evaluator(&network);
    let mut checked = Checked::default();
    for _ in 0..n_invariants {
        let invariant = invariant::invariant(&network, dice);
        let plain = engine.check_as(Form::Plain, &invariant);
        if is_out_of_budget(&plain) {
            continue;
        }
        for form in [Form::Fast, Form::Sets] {
            let fast = engine.check_as(form, &invariant);
            let same = discriminant(&fast) == discriminant(&plain);
            // A flow with a value for an open address is one of a completion, which is not asked alone.
            let is_of_all =
                run::witness(&fast).is_none_or(|one| one.completion.addresses.is_empty());
            let is_shown = !is_of_all
                || is_shown(&invariant, &fast, |narrowed| {
                    engine.check_as(Form::Plain, narrowed)
                });
            checked = checked.and(compared(
                seed,
                &network,
                &invariant,
                [&fast, &plain],
                same && is_shown,
            ));
        }
    }
    checked
}

/// The solver's forms on invariants of one network, where two interfaces stand for more.
pub fn solver(seed: u64, n_invariants: usize) -> Checked {
    let dice = &mut Dice::new(seed);
    let network = crowded(run::verdict_network(seed), dice);
    let engine = Solver::load(&network);
    let mut checked = Checked::default();
    for _ in 0..n_invariants {
        let invariant = invariant::invariant(&network, dice);
        if engine.n_standing(&invariant) == network.network_interfaces().len() {
            continue;
        }
        let (few, each) = (engine.check(&invariant), engine.check_each(&invariant));
        let same = discriminant(&few) == discriminant(&each);
        let is_shown = is_shown(&invariant, &few, |narrowed| engine.check_each(narrowed));
        checked = checked.and(compared(
            seed,
            &network,
            &invariant,
            [&few, &each],
            same && is_shown,
        ));
    }
    checked
}

/// Whether the plain form says of the flow that a verdict shows, and of no other, what the verdict says.
fn is_shown(
    invariant: &Invariant,
    verdict: &Verdict,
    plain: impl Fn(&Invariant) -> Verdict,
) -> bool {
    run::witness(verdict).is_none_or(|witness| {
        let narrowed = invariant::narrowed(invariant, &witness.flow);
        discriminant(&plain(&narrowed)) == discriminant(verdict)
    })
}

fn is_out_of_budget(verdict: &Verdict) -> bool {
    let Verdict::Unknown { reasons } = verdict else {
        return false;
    };
    let mut reasons = reasons.iter();
    reasons.any(|reason| matches!(reason, UnknownReason::OutOfBudget(_)))
}

fn compared(
    seed: u64,
    network: &Network,
    invariant: &Invariant,
    [fast, plain]: [&Verdict; 2],
    is_same: bool,
) -> Checked {
    let told = || {
        let network = ingest::native::write(network);
        format!("seed {seed}: {fast:#?}, plain {plain:#?}: {invariant:#?}\n{network}")
    };
    Checked {
        n_exercised: 1,
        broken: (!is_same).then(told),
    }
}
