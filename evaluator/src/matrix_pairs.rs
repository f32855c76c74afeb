//! Pairs of classes of interfaces: what becomes of traffic from a member of the one to the own addresses
//! of a member of the other.
//!
//! Classes in one place differ in their groups only. So pairs of places are walked past groups, and what
//! the groups of two classes let pass is cut out of that (`past_groups.rs`). Where groups are asked
//! anything else, or where something of them is open, the pair is walked as it is (`matrix_whole.rs`).

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use foldhash::fast::RandomState;
use model::{Address, Family, Hole};

use crate::cells::Cells;
use crate::compiled::Compiled;
use crate::extents::TransportCell;
use crate::index::{GroupSetIndex, InterfaceIndex, SubnetIndex};
use crate::interface_classes::Classes;
use crate::matrix_answers::{Answers, Outcome, Spread};
use crate::matrix_outcomes::{NOTHING, Outcomes, Rows};
use crate::matrix_whole::{Whole, is_far};
use crate::past_groups::{LetPass, PastBoth, past_both};
use crate::security_group::Came;
use crate::sight::Sight;

/// Asks pairs of classes.
pub(crate) struct Pairs<'a> {
    pub(crate) classes: &'a Classes,
    /// The cells of each completion.
    pub(crate) cells: &'a [Cells<'a>],
    /// What is chosen differently in the completions.
    pub(crate) chosen: &'a [Hole],
    /// The classes that receive.
    pub(crate) receivers: &'a [Place],
}

/// Asked classes of one place.
pub(crate) struct Place {
    /// Its number, unless its one class is alone.
    number: Option<u32>,
    /// Each with its position among all that are asked.
    pub(crate) classes: Vec<(usize, usize)>,
}

/// The asked classes by their places.
pub(crate) fn places(classes: &Classes, asked: &[usize]) -> Vec<Place> {
    let mut places: Vec<Place> = Vec::new();
    let mut known: BTreeMap<u32, usize> = BTreeMap::new();
    for (position, class) in asked.iter().enumerate() {
        let shared = classes.shared.get(*class).copied().flatten();
        let number = shared.map(|shared| shared.place);
        let place = number.map_or(places.len(), |number| {
            *known.entry(number).or_insert(places.len())
        });
        match places.get_mut(place) {
            Some(place) => place.classes.push((position, *class)),
            None => places.push(Place {
                number,
                classes: vec![(position, *class)],
            }),
        }
    }
    places
}

/// What becomes of traffic from one place to another, whatever the groups are.
#[derive(Clone)]
enum Between {
    /// Nothing arrives: the number of that outcome.
    Closed(u32),
    /// For each pair of addresses the number of what becomes of it, and whence it comes.
    Open(Arc<Vec<(u32, Came)>>),
}

/// A place that sends, past groups.
struct Sending<'a> {
    network: &'a Compiled,
    cells: &'a Cells<'a>,
    sight: &'a Sight,
    /// By the subnet of a receiver.
    transports: BTreeMap<SubnetIndex, Arc<Vec<TransportCell>>>,
    /// By the blocks of receivers in VPCs where nothing arrives.
    far: BTreeMap<u32, Option<Between>>,
    past: Vec<PastBoth>,
    numbers: BTreeMap<PastBoth, u32>,
    let_pass: LetPass<'a>,
    /// What was put together: an outcome, what becomes of another pair of addresses, and what the
    /// groups of both ends let pass of it.
    together: HashMap<[u32; 4], u32, RandomState>,
}

impl Pairs<'_> {
    /// What becomes of what the classes of a place send to each of the receiving ones; nothing where
    /// there is no pair of different interfaces.
    pub(crate) fn rows(&self, from: &Place) -> Rows {
        let n_receivers = self.receivers.iter().map(|place| place.classes.len()).sum();
        let mut rows = Rows::new(from.classes.len(), n_receivers);
        let mut sending = self.sending(from);
        let mut wholes: Vec<Option<Whole<'_>>> = from.classes.iter().map(|_| None).collect();
        for to in self.receivers {
            let between = sending
                .as_mut()
                .and_then(|sending| self.between(sending, from, to, &mut rows));
            for (place, (_, sender)) in from.classes.iter().enumerate() {
                for (position, class) in &to.classes {
                    let Some(ends) = self.ends(*sender, *class) else {
                        continue;
                    };
                    let number = match (&mut sending, &between) {
                        (_, Some(Between::Closed(number))) => Some(*number),
                        (Some(sending), Some(Between::Open(past))) => {
                            let groups = [*sender, *class].map(|class| self.groups(class));
                            sending.number(past, ends, groups, &mut rows.outcomes)
                        }
                        (None, _) | (Some(_), None) => None,
                    };
                    let number = number.unwrap_or_else(|| {
                        let whole = wholes.get_mut(place).map(|whole| {
                            whole.get_or_insert_with(|| Whole::new(self.cells, ends[0]))
                        });
                        let number =
                            whole.map(|whole| whole.number(self, *class, ends[1], &mut rows));
                        number.unwrap_or(NOTHING)
                    });
                    rows.set(place, *position, number);
                }
            }
        }
        rows
    }

    /// Different interfaces that stand for two classes.
    fn ends(&self, sender: usize, receiver: usize) -> Option<[InterfaceIndex; 2]> {
        let [first, _] = self.classes.asked(sender);
        let [one, another] = self.classes.asked(receiver);
        // Nobody sends to himself.
        let receiver = if receiver == sender { another } else { one };
        Some([first?, receiver?])
    }

    fn groups(&self, class: usize) -> Option<GroupSetIndex> {
        let shared = self.classes.shared.get(class).copied().flatten();
        shared.map(|shared| shared.groups)
    }

    fn sending(&self, from: &Place) -> Option<Sending<'_>> {
        let ([cells], Some(_)) = (self.cells, from.number) else {
            return None;
        };
        let (_, class) = from.classes.first()?;
        let [first, _] = self.classes.asked(*class);
        let network = cells.network;
        Some(Sending {
            network,
            cells,
            sight: cells.sight(network.interfaces[first?].subnet)?,
            transports: BTreeMap::new(),
            far: BTreeMap::new(),
            past: Vec::new(),
            numbers: BTreeMap::new(),
            let_pass: LetPass::new(network),
            together: HashMap::default(),
        })
    }

    /// What becomes of traffic between two places past groups, unless that has to be asked of each pair.
    fn between(
        &self,
        sending: &mut Sending<'_>,
        from: &Place,
        to: &Place,
        rows: &mut Rows,
    ) -> Option<Between> {
        to.number?;
        let mut pairs = from.classes.iter().flat_map(|(_, sender)| {
            let receivers = to.classes.iter();
            receivers.filter_map(|(_, receiver)| Some((self.ends(*sender, *receiver)?, *receiver)))
        });
        let (ends, receiver) = pairs.next()?;
        let shared = self.classes.shared.get(receiver).copied().flatten()?;
        let receiver = &sending.network.interfaces[ends[1]];
        if !is_far(sending.sight, receiver) {
            return sending.between(ends, rows);
        }
        if let Some(between) = sending.far.get(&shared.blocks) {
            return between.clone();
        }
        let between = sending.between(ends, rows);
        sending.far.insert(shared.blocks, between.clone());
        between
    }
}

impl Sending<'_> {
    fn between(&mut self, ends: [InterfaceIndex; 2], rows: &mut Rows) -> Option<Between> {
        let mut found = Vec::new();
        let mut closed = Outcome::default();
        for pair in address_pairs(self.network, ends) {
            let transports = self.transports(ends[1], pair.1);
            let n_walks = &mut rows.n_walks;
            let (past, came) = past_both(self.network, ends, pair, &transports, n_walks)?;
            closed.add(pair.0.family(), &Spread::from(Answers::default()));
            found.push((self.past_number(past), came));
        }
        Some(match found.iter().all(|(past, _)| self.is_closed(*past)) {
            true => Between::Closed(rows.outcomes.number(closed)),
            false => Between::Open(Arc::new(found)),
        })
    }

    fn is_closed(&self, past: u32) -> bool {
        self.past
            .get(past as usize)
            .is_some_and(PastBoth::is_closed)
    }

    fn past_number(&mut self, past: PastBoth) -> u32 {
        let next = u32::try_from(self.past.len()).unwrap_or(NOTHING);
        let number = *self.numbers.entry(past.clone()).or_insert(next);
        if number == next {
            self.past.push(past);
        }
        number
    }

    fn transports(&mut self, receiver: InterfaceIndex, to: Address) -> Arc<Vec<TransportCell>> {
        let cells = self.cells;
        let receivers = cells.receivers(self.sight, to);
        let cut = || {
            Arc::new(
                cells
                    .cuts_past_groups(self.sight, &receivers, receiver)
                    .extents(),
            )
        };
        if !receivers.is_only(receiver) {
            return cut();
        }
        let subnet = self.network.interfaces[receiver].subnet;
        Arc::clone(self.transports.entry(subnet).or_insert_with(cut))
    }

    /// The outcome between two interfaces with such groups, unless something of these is open.
    fn number(
        &mut self,
        past: &[(u32, Came)],
        ends: [InterfaceIndex; 2],
        groups: [Option<GroupSetIndex>; 2],
        outcomes: &mut Outcomes,
    ) -> Option<u32> {
        let [sender, receiver] = groups;
        let mut outcome = NOTHING;
        for (pair, (past, came)) in address_pairs(self.network, ends).zip(past) {
            let (source, to) = pair;
            let mut let_pass = [LetPass::NOTHING; 2];
            if !self.is_closed(*past) {
                let_pass = [
                    self.let_pass.number(sender?, to, None)?,
                    self.let_pass.number(receiver?, source, Some(*came))?,
                ];
            }
            let [egress, ingress] = let_pass;
            let key = [outcome, *past, egress, ingress];
            outcome = match self.together.get(&key) {
                Some(number) => *number,
                None => {
                    let number = self.put_together(key, source.family(), outcomes)?;
                    self.together.insert(key, number);
                    number
                }
            };
        }
        Some(outcome)
    }

    fn put_together(
        &self,
        [before, past, egress, ingress]: [u32; 4],
        family: Family,
        outcomes: &mut Outcomes,
    ) -> Option<u32> {
        let mut outcome = outcomes
            .all
            .get(before as usize)
            .cloned()
            .unwrap_or_default();
        let (egress, ingress) = (
            self.let_pass.region(egress)?,
            self.let_pass.region(ingress)?,
        );
        let answers = self.past.get(past as usize)?.within(egress, ingress);
        outcome.add(family, &Spread::from(answers));
        Some(outcomes.number(outcome))
    }
}

/// The pairs of own addresses of one family of two interfaces.
pub(crate) fn address_pairs(
    network: &Compiled,
    [sender, receiver]: [InterfaceIndex; 2],
) -> impl Iterator<Item = (Address, Address)> {
    let sources = network.interfaces[sender].private_addresses();
    sources.flat_map(move |source| {
        let own = network.interfaces[receiver].private_addresses();
        let of_family = own.filter(move |to| to.family() == source.family());
        of_family.map(move |to| (source, to))
    })
}
