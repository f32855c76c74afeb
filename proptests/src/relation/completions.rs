//! The law of verdicts on networks with holes.

use std::collections::BTreeSet;

use evaluator::Evaluator;
use model::{
    Address, AddressSlot, AddressValue, Cidr, Completion, Engine, Invariant, Network, NetworkDraft,
    Quantifier,
};

use super::{Case, Checked, changed, holes};
use crate::dice::Dice;
use crate::pool;
use crate::question::invariant;
use crate::run::{self, Kind};

/// How many completions one verdict is tried in.
const N_COMPLETIONS: usize = 3;
/// How many addresses are tried for one slot.
const MOST_TRIES: usize = 16;
/// What AWS keeps of every subnet: its first four addresses, besides the last.
const N_RESERVED: u128 = 4;

/// `V(n, i)` definite `⇒ V(c(n), i)` is the same or not known, for every completion c of n, and so is
/// that of i narrowed to the flow that shows `V(n, i)`, when c gives the open addresses that the flow
/// has: whatever the holes hold, a verdict stands, and by the same flow. (A completion may be one in which the
/// claim speaks of no flow, when nothing had to show that there is one.)
///
/// A claim that asks which clause decides is left out: a filter that a completion closes may decide
/// before the step that drops in all of them.
///
/// The evaluator is asked of completed networks, whoever gave the verdict.
pub fn a_verdict_holds_in_every_completion<E: Engine>(case: &Case) -> Checked {
    let network = &case.world.network;
    let mut dice = case.dice.clone();
    let whole = invariant::invariant(network, &mut dice);
    if invariant::asks_for_clause(&whole.claim) {
        return Checked::default();
    }
    let verdict = E::load(network).check(&whole);
    let stands = stands(whole.quantifier, Kind::of(&verdict));
    if stands.is_empty() {
        return Checked::default();
    }
    let mut checked = Checked::default();
    for _ in 0..N_COMPLETIONS {
        if let Some(after) = completed(network, &Completion::default(), &mut dice) {
            checked = checked.and(kept(network, &after, &whole, stands));
        }
        if let Some(witness) = run::witness(&verdict)
            && let Some(after) = completed(network, &witness.completion, &mut dice)
        {
            let narrow = invariant::narrowed(&whole, &witness.flow);
            checked = checked.and(kept(network, &after, &narrow, stands));
        }
    }
    checked
}

/// What may come of a verdict in a completion, besides that it is not known.
const fn stands(quantifier: Quantifier, kind: Kind) -> &'static [Kind] {
    match (kind, quantifier) {
        (Kind::Unknown, _) => &[],
        (Kind::Vacuous, _) => &[Kind::Vacuous],
        (Kind::Holds, Quantifier::Every) => &[Kind::Holds, Kind::Vacuous],
        (Kind::Holds, Quantifier::Exists) => &[Kind::Holds],
        (Kind::Violated, Quantifier::Every) => &[Kind::Violated],
        (Kind::Violated, Quantifier::Exists) => &[Kind::Violated, Kind::Vacuous],
    }
}

fn kept(before: &Network, after: &Network, invariant: &Invariant, stands: &[Kind]) -> Checked {
    let kind = Kind::of(&Evaluator::load(after).check(invariant));
    if kind == Kind::Unknown {
        return Checked::default();
    }
    let told = || {
        let (before, after) = (ingest::native::write(before), ingest::native::write(after));
        format!(
            "{kind:?}, and not one of {stands:?}\n{invariant:?}\n\nbefore\n{before}\nafter\n{after}"
        )
    };
    Checked {
        n_exercised: 1,
        broken: (!stands.contains(&kind)).then(told),
    }
}

/// A completion of a network, drawn, in which some open addresses are given; `None` when there is
/// nothing to complete, or when AWS would refuse what was drawn.
fn completed(network: &Network, given: &Completion, dice: &mut Dice) -> Option<Network> {
    let mut any = !network.open_addresses().is_empty();
    let after = changed(network, |draft| any |= holes::complete(draft, dice))?;
    if !any {
        return None;
    }
    chosen(after, given, dice)
}

/// The network with an address in each slot: those that are given, and others that are drawn.
fn chosen(network: Network, given: &Completion, dice: &mut Dice) -> Option<Network> {
    let after = network.completed(given);
    let given = given.addresses.values().copied();
    let mut taken: BTreeSet<Address> = given.collect();
    let barred = barred(&after);
    let is_barred = |one: Address| barred.iter().any(|cidr| pool::holds(*cidr, one));
    // What AWS's services have, it maps to nobody else.
    if taken
        .iter()
        .any(|one| is_barred(*one) && is_mapped(&after, *one))
    {
        return None;
    }
    taken.extend(known(&after));
    let mut chosen = Completion::default();
    for slot in after.open_addresses() {
        let block = block(&after, &slot)?;
        let may = |one: &Address| !(taken.contains(one) || slot.public && is_barred(*one));
        let mut tries = (0..MOST_TRIES).map(|_| draw(block, slot.public, dice));
        let address = tries.find_map(|one| one.filter(may))?;
        taken.insert(address);
        chosen.addresses.insert(slot, address);
    }
    after.completed(&chosen).into_draft().validate().ok()
}

/// Blocks of which AWS maps no public address: of VPCs, and of its own services.
fn barred(network: &Network) -> Vec<Cidr> {
    let vpcs = network.vpcs().values().flat_map(|vpc| &vpc.cidrs);
    let lists = network.prefix_lists().values();
    let own = lists.filter(|list| list.aws_managed);
    let entries = own.filter_map(|list| list.entries.known()).flatten();
    vpcs.chain(entries).copied().collect()
}

fn values(network: &Network) -> impl Iterator<Item = (&AddressValue, bool)> {
    let interfaces = network.network_interfaces().values();
    let addresses = interfaces.flat_map(|interface| &interface.addresses);
    addresses.flat_map(|address| {
        let public = address.public.iter().map(|value| (value, true));
        public.chain([(&address.private, false)])
    })
}

/// The addresses that are taken.
fn known(network: &Network) -> impl Iterator<Item = Address> {
    values(network).filter_map(|(value, _)| match value {
        AddressValue::Known(address) => Some(*address),
        AddressValue::Within(..) => None,
    })
}

/// Whether an address is a public one of an interface.
fn is_mapped(network: &Network, address: Address) -> bool {
    let mut values = values(network);
    values.any(|(value, public)| public && *value == AddressValue::Known(address))
}

/// The block that an open address is in.
fn block(network: &Network, slot: &AddressSlot) -> Option<Cidr> {
    let interface = network.network_interfaces().get(&slot.interface)?;
    let address = interface.addresses.get(slot.position)?;
    let value = match slot.public {
        true => address.public.as_ref()?,
        false => &address.private,
    };
    match value {
        AddressValue::Within(block, _) => Some(*block),
        AddressValue::Known(_) => None,
    }
}

/// An address of a block, often at its edges; a public one from the blocks that networks speak of.
fn draw(block: Cidr, public: bool, dice: &mut Dice) -> Option<Address> {
    let block = match public {
        true => pool::cidr(dice.pick(&pool::PUBLIC_V4)?),
        false => block,
    };
    let (width, base) = match block.base() {
        Address::V4(base) => (32, u128::from(base)),
        Address::V6(base) => (128, base),
    };
    let n_host_bits = width - u32::from(block.prefix_len());
    let size = 1_u128.checked_shl(n_host_bits).unwrap_or(u128::MAX);
    let first = if public { 0 } else { N_RESERVED };
    let last = size.checked_sub(2)?.checked_sub(first)?;
    let near = u128::try_from(dice.below(8)).ok()?;
    let distance = match dice.below(3) {
        0 => first + near.min(last),
        1 => first + last - near.min(last),
        _ => first + last / 2 + near.min(last / 2),
    };
    Some(match block.base() {
        Address::V4(_) => Address::V4(u32::try_from(base + distance).ok()?),
        Address::V6(_) => Address::V6(base + distance),
    })
}

/// The network with everything that is open but addresses as in one completion; an engine that takes
/// it for the network is wrong.
pub fn with_guessed_values(network: &Network) -> Network {
    let guess = |draft: &mut NetworkDraft| {
        holes::complete(draft, &mut Dice::new(0));
    };
    changed(network, guess).unwrap_or_else(|| network.clone())
}
