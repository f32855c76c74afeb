//! Pairs of classes of interfaces, each walked as it is.

use std::collections::BTreeMap;
use std::sync::Arc;

use model::{Address, Hole};

use crate::atoms::TransportCuts;
use crate::cells::{Alike, Cells};
use crate::extents::TransportCell;
use crate::forward::{Arrived, Sender};
use crate::index::InterfaceIndex;
use crate::matrix_answers::{Answers, Outcome, Spread, fates};
use crate::matrix_outcomes::Rows;
use crate::matrix_pairs::{Pairs, address_pairs};
use crate::network_interface::{Interface, Role};
use crate::scope::Truth;
use crate::sight::Sight;

/// A sender.
pub(crate) struct Whole<'a> {
    /// As each completion sees it.
    looking: Vec<Looking<'a>>,
    /// By the blocks of receivers in VPCs where none of its packets arrives.
    told_far: BTreeMap<u32, u32>,
}

/// A sender as one completion sees it.
struct Looking<'a> {
    cells: &'a Cells<'a>,
    index: InterfaceIndex,
    sight: &'a Sight,
    sender_cuts: TransportCuts,
    known: BTreeMap<Alike, Arc<Vec<TransportCell>>>,
    /// Whether no filter on the way to other VPCs asks for the groups of a destination.
    asks_blocks: bool,
}

impl<'a> Whole<'a> {
    pub(crate) fn new(cells: &'a [Cells<'a>], sender: InterfaceIndex) -> Self {
        Self {
            looking: cells.iter().filter_map(|one| look(one, sender)).collect(),
            told_far: BTreeMap::new(),
        }
    }

    /// The number of what becomes of what it sends to a receiver of a class.
    pub(crate) fn number(
        &mut self,
        pairs: &Pairs<'_>,
        class: usize,
        receiver: InterfaceIndex,
        rows: &mut Rows,
    ) -> u32 {
        let far = self.far(pairs, class, receiver);
        if let Some(number) = far.and_then(|far| self.told_far.get(&far)) {
            return *number;
        }
        let outcome = self.outcome(receiver, pairs.chosen, &mut rows.n_walks);
        let number = rows.outcomes.number(outcome);
        self.told_far.extend(far.map(|far| (far, number)));
        number
    }

    /// The number of the blocks of a receiver of which nothing else is asked, since no packet of the
    /// sender arrives in its VPC.
    fn far(&self, pairs: &Pairs<'_>, class: usize, receiver: InterfaceIndex) -> Option<u32> {
        let [looking] = self.looking.as_slice() else {
            return None;
        };
        let receiver = &looking.cells.network.interfaces[receiver];
        let is_far = looking.asks_blocks && is_far(looking.sight, receiver);
        let shared = pairs.classes.shared.get(class).copied().flatten();
        shared.map(|shared| shared.blocks).filter(|_| is_far)
    }

    /// What becomes of traffic between two interfaces, over all pairs of their addresses.
    fn outcome(&mut self, receiver: InterfaceIndex, chosen: &[Hole], n_walks: &mut u64) -> Outcome {
        let told: Vec<Vec<(Address, Answers)>> = self
            .looking
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
}

/// Whether no packet that is sent to the private addresses of a receiver comes into its VPC, and so
/// asks for nothing but their blocks on its way.
pub(crate) fn is_far(sight: &Sight, receiver: &Interface) -> bool {
    let is_v4 = |address: Address| matches!(address, Address::V4(_));
    sight.middleboxes.is_empty()
        && !sight.vpcs.contains(&receiver.vpc)
        // A public one of IPv6 may be met behind the internet.
        && (sight.exits.is_empty() || receiver.private_addresses().all(is_v4))
}

fn look<'a>(cells: &'a Cells<'a>, index: InterfaceIndex) -> Option<Looking<'a>> {
    let interface = &cells.network.interfaces[index];
    let sight = cells.sight(interface.subnet)?;
    let mut sets = cells.sets(interface);
    let asks_blocks = matches!(interface.role, Role::Ordinary)
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

impl Looking<'_> {
    /// By pair of addresses of one family.
    fn answers(&mut self, receiver: InterfaceIndex, n_walks: &mut u64) -> Vec<(Address, Answers)> {
        let ends = [self.index, receiver];
        let pairs: Vec<_> = address_pairs(self.cells.network, ends).collect();
        let told = pairs.into_iter();
        told.map(|pair| (pair.0, self.pair(pair, receiver, n_walks)))
            .collect()
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
