//! Pairs of classes of interfaces: what becomes of traffic from a member of the one to the own addresses
//! of a member of the other.

use std::collections::BTreeMap;
use std::sync::Arc;

use model::{Address, Hole};

use crate::atoms::TransportCuts;
use crate::cells::{Alike, Cells};
use crate::extents::TransportCell;
use crate::forward::{Arrived, Sender};
use crate::index::InterfaceIndex;
use crate::interface_classes::Classes;
use crate::matrix_answers::{Answers, Outcome, Spread, fates};
use crate::matrix_outcomes::Row;
use crate::network_interface::Role;
use crate::scope::Truth;
use crate::sight::Sight;

/// Asks pairs of classes.
pub(crate) struct Pairs<'a> {
    pub(crate) classes: &'a Classes,
    /// The cells of each completion.
    pub(crate) cells: &'a [Cells<'a>],
    /// What is chosen differently in the completions.
    pub(crate) chosen: &'a [Hole],
    /// The classes that receive.
    pub(crate) receivers: &'a [usize],
}

/// A sender as one completion sees it.
struct Looking<'s> {
    cells: &'s Cells<'s>,
    index: InterfaceIndex,
    sight: &'s Sight,
    sender_cuts: TransportCuts,
    known: BTreeMap<Alike, Arc<Vec<TransportCell>>>,
    /// Whether no filter on the way to other VPCs asks for the groups of a destination.
    asks_blocks: bool,
}

impl Pairs<'_> {
    /// What becomes of what a class sends to each of the receiving ones; nothing where there is no
    /// pair of different interfaces.
    pub(crate) fn row(&self, sender: usize) -> Row {
        let mut row = Row::default();
        let [first, _] = self.classes.asked(sender);
        let mut looking: Vec<_> = first
            .into_iter()
            .flat_map(|index| self.cells.iter().filter_map(move |one| look(one, index)))
            .collect();
        let mut told_far: BTreeMap<u32, u32> = BTreeMap::new();
        for class in self.receivers {
            let [receiver, another] = self.classes.asked(*class);
            // Nobody sends to himself.
            let receiver = if *class == sender { another } else { receiver };
            let Some(receiver) = receiver else {
                row.push_nothing();
                continue;
            };
            let far = self.far(&looking, *class, receiver);
            if let Some(number) = far.and_then(|far| told_far.get(&far)) {
                row.push_again(*number);
                continue;
            }
            let outcome = outcome(&mut looking, receiver, self.chosen, &mut row.n_walks);
            let number = row.push(outcome);
            told_far.extend(far.map(|far| (far, number)));
        }
        row
    }

    /// The number of the blocks of a receiver of which nothing else is asked, since no packet of the
    /// sender arrives in its VPC.
    fn far(&self, looking: &[Looking<'_>], class: usize, receiver: InterfaceIndex) -> Option<u32> {
        let [looking] = looking else {
            return None;
        };
        let receiver = &looking.cells.network.interfaces[receiver];
        let is_v4 = |address: Address| matches!(address, Address::V4(_));
        let is_far = looking.asks_blocks
            && !looking.sight.vpcs.contains(&receiver.vpc)
            // A public one of IPv6 may be met behind the internet.
            && (looking.sight.exits.is_empty() || receiver.private_addresses().all(is_v4));
        self.classes
            .blocks
            .get(class)
            .copied()
            .flatten()
            .filter(|_| is_far)
    }
}

fn look<'s>(cells: &'s Cells<'s>, index: InterfaceIndex) -> Option<Looking<'s>> {
    let interface = &cells.network.interfaces[index];
    let sight = cells.sight(interface.subnet)?;
    let mut sets = cells.sets(interface);
    let asks_blocks = matches!(interface.role, Role::Ordinary)
        && sight.middleboxes.is_empty()
        && sets.all(|set| set.egress.references.is_empty());
    Some(Looking {
        asks_blocks,
        cells,
        index,
        sight,
        sender_cuts: cells.sender_cuts(interface, sight),
        known: BTreeMap::new(),
    })
}

/// What becomes of traffic between two interfaces, over all pairs of their addresses.
fn outcome(
    looking: &mut [Looking<'_>],
    receiver: InterfaceIndex,
    chosen: &[Hole],
    n_walks: &mut u64,
) -> Outcome {
    let told: Vec<Vec<(Address, Answers)>> = looking
        .iter_mut()
        .map(|looking| looking.answers(receiver, n_walks))
        .collect();
    let mut outcome = Outcome::default();
    let n_pairs = told.iter().map(Vec::len).min().unwrap_or_default();
    for pair in 0..n_pairs {
        let of_pair = told.iter().filter_map(|told| told.get(pair));
        let completions: Vec<_> = of_pair
            .clone()
            .map(|(_, answers)| answers.clone())
            .collect();
        if let Some((source, _)) = of_pair.clone().next() {
            let answers = Answers::in_all(&completions, chosen);
            outcome.add(source.family(), &Spread::from(answers));
        }
    }
    outcome
}

impl Looking<'_> {
    /// By pair of addresses of one family.
    fn answers(&mut self, receiver: InterfaceIndex, n_walks: &mut u64) -> Vec<(Address, Answers)> {
        let network = self.cells.network;
        let sources: Vec<_> = network.interfaces[self.index].private_addresses().collect();
        let mut told = Vec::new();
        for source in sources {
            for to in network.interfaces[receiver].private_addresses() {
                if source.family() == to.family() {
                    let answers = self.pair((source, to), receiver, n_walks);
                    told.push((source, answers));
                }
            }
        }
        told
    }

    fn pair(
        &mut self,
        (source, to): (Address, Address),
        receiver: InterfaceIndex,
        n_walks: &mut u64,
    ) -> Answers {
        let cells = self.cells;
        let receivers = cells.receivers(self.sight, to);
        let transports = match self.known.get(&receivers.alike) {
            Some(known) => Arc::clone(known),
            None => {
                let cuts = cells.cuts_to(&receivers, &self.sender_cuts);
                let transports = Arc::new(cuts.extents());
                self.known
                    .insert(receivers.alike.clone(), Arc::clone(&transports));
                transports
            }
        };
        let sender = Sender::Interface(self.index);
        let arrives = |arrived| {
            let is_there = matches!(arrived, Arrived::Interface(index, _) if index == receiver);
            (if is_there { Truth::True } else { Truth::False }, None)
        };
        let (network, ends) = (cells.network, (source, to));
        let fates = fates(network, sender, ends, &transports, arrives, n_walks);
        let classes = transports.iter().map(|cell| &cell.all);
        Answers::new(classes.zip(fates))
    }
}
