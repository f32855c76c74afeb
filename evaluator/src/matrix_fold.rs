//! The cells of a matrix: what is told of classes, put together for the members of rows and columns.

use std::collections::{BTreeMap, HashMap};

use foldhash::fast::RandomState;
use rayon::prelude::*;

use crate::check::CHUNK;
use crate::index::InterfaceIndex;
use crate::matrix::{FamilyTraffic, Matrix, MatrixCell, MatrixTraffic};
use crate::matrix_answers::{Outcome, Spread};
use crate::matrix_outcomes::NOTHING;

/// A row.
pub(crate) enum Sending {
    Interfaces(Members),
    /// What hosts outside send to each receiving class, by number.
    Outside(Vec<u32>),
}

/// A column.
pub(crate) enum Receiving {
    Interfaces(Members),
    /// What each sending class sends to it, by number.
    Place(Vec<u32>),
}

/// Interfaces by their classes.
pub(crate) struct Members {
    /// Each, with the place of its class among those that are asked.
    pub(crate) interfaces: Vec<(InterfaceIndex, usize)>,
    /// How many there are of each class, by its place.
    pub(crate) classes: Vec<(usize, u64)>,
}

/// The asked classes of one side.
#[derive(Default)]
pub(crate) struct Asked {
    pub(crate) classes: Vec<usize>,
    /// By class, its place.
    places: Vec<Option<usize>>,
}

impl Asked {
    /// The place of a class, if it is asked.
    fn find(&self, class: usize) -> Option<usize> {
        self.places.get(class).copied().flatten()
    }

    /// The place of a class among those that are asked.
    pub(crate) fn place(&mut self, class: usize) -> usize {
        if self.places.len() <= class {
            self.places.resize(class + 1, None);
        }
        let next = self.classes.len();
        let Some(place) = self.places.get_mut(class) else {
            return next;
        };
        *place.get_or_insert_with(|| {
            self.classes.push(class);
            next
        })
    }
}

/// Puts what is told of classes together to cells.
pub(crate) struct Folding<'a> {
    classes: [&'a Asked; 2],
    /// By sending and by receiving class.
    pairs: Vec<Vec<u32>>,
    outcomes: Vec<Outcome>,
    /// By number, whether something is answered.
    connected: Vec<bool>,
    /// What was folded, by the numbers of the outcomes.
    known: HashMap<Vec<u32>, usize, RandomState>,
    folded: BTreeMap<Outcome, usize>,
    traffics: Vec<MatrixTraffic>,
}

/// How many pairs of interfaces there are of each outcome, by its number, in the order of the numbers.
type Counted = Vec<(u32, u64)>;

/// Pairs as they are counted.
struct Counting {
    /// By number of an outcome.
    pairs: Vec<u64>,
    /// The numbers of which there are some.
    met: Vec<u32>,
}

impl Counting {
    fn new(n_outcomes: usize) -> Self {
        Self {
            pairs: vec![0; n_outcomes],
            met: Vec::new(),
        }
    }

    #[inline]
    fn add(&mut self, number: u32, n_pairs: u64) {
        if let Some(pairs) = self.pairs.get_mut(number as usize) {
            if *pairs == 0 {
                self.met.push(number);
            }
            *pairs += n_pairs;
        }
    }

    /// Takes away some that were added.
    fn less(&mut self, number: u32, n_pairs: u64) {
        if let Some(pairs) = self.pairs.get_mut(number as usize) {
            *pairs = pairs.saturating_sub(n_pairs);
        }
    }

    /// What was counted; the next count begins anew.
    fn take(&mut self) -> Counted {
        let mut met = std::mem::take(&mut self.met);
        met.sort_unstable();
        let counted = met.into_iter().filter_map(|number| {
            let pairs = self.pairs.get_mut(number as usize).map(std::mem::take);
            pairs
                .filter(|pairs| *pairs > 0)
                .map(|pairs| (number, pairs))
        });
        counted.collect()
    }
}

impl<'a> Folding<'a> {
    /// Of what is told of pairs of the asked classes.
    pub(crate) fn new(
        classes: [&'a Asked; 2],
        pairs: Vec<Vec<u32>>,
        outcomes: Vec<Outcome>,
    ) -> Self {
        Self {
            classes,
            pairs,
            connected: outcomes.iter().map(Outcome::is_connected).collect(),
            outcomes,
            known: HashMap::default(),
            folded: BTreeMap::new(),
            traffics: Vec::new(),
        }
    }

    pub(crate) fn matrix(mut self, sending: &[Sending], receiving: &[Receiving]) -> Matrix {
        let in_both = in_both(sending, receiving);
        let numbered: Vec<(usize, &Sending)> = sending.iter().enumerate().collect();
        let mut rows = Vec::with_capacity(sending.len());
        for chunk in numbered.chunks(CHUNK) {
            let counted: Vec<Vec<Option<Counted>>> = chunk
                .par_iter()
                .map_init(
                    || Counting::new(self.outcomes.len()),
                    |counting, (row, from)| {
                        let cells = receiving.iter().enumerate().map(|(column, to)| {
                            let both = |class| {
                                let both = in_both.get(&(*row, column, class)).copied();
                                both.unwrap_or_default()
                            };
                            self.count(counting, from, to, both)
                        });
                        cells.collect()
                    },
                )
                .collect();
            for row in counted {
                let cells = row.into_iter().map(|counted| match counted {
                    None => MatrixCell::NotAsked,
                    Some(counted) => self.told(&counted),
                });
                rows.push(cells.collect());
            }
        }
        Matrix {
            rows,
            traffics: self.traffics,
        }
    }

    /// `in_both` is how many interfaces of a class, by its place among the senders, are in row and
    /// column: nobody sends to himself.
    fn count(
        &self,
        counting: &mut Counting,
        from: &Sending,
        to: &Receiving,
        in_both: impl Fn(usize) -> u64,
    ) -> Option<Counted> {
        match (from, to) {
            (Sending::Outside(_), Receiving::Place(_)) => return None,
            (Sending::Outside(told), Receiving::Interfaces(members))
            | (Sending::Interfaces(members), Receiving::Place(told)) => {
                for (class, n) in &members.classes {
                    counting.add(number(told, *class), *n);
                }
            }
            (Sending::Interfaces(from), Receiving::Interfaces(to)) => {
                let [senders, receivers] = self.classes;
                for (sender, n_from) in &from.classes {
                    let Some(told) = self.pairs.get(*sender) else {
                        continue;
                    };
                    for (receiver, n_to) in &to.classes {
                        counting.add(number(told, *receiver), n_from * n_to);
                    }
                    let class = senders.classes.get(*sender);
                    let own = class.and_then(|class| receivers.find(*class));
                    if let Some(own) = own {
                        counting.less(number(told, own), in_both(*sender));
                    }
                }
            }
        }
        Some(counting.take())
    }

    fn told(&mut self, counted: &[(u32, u64)]) -> MatrixCell {
        if counted.is_empty() {
            return MatrixCell::Nobody;
        }
        let is_connected = |number: u32| self.connected.get(number as usize) == Some(&true);
        let connected = counted.iter().filter(|(number, _)| is_connected(*number));
        let connected = connected.map(|(_, n)| n).sum();
        let numbers: Vec<u32> = counted.iter().map(|(number, _)| *number).collect();
        let traffic = match self.known.get(&numbers) {
            Some(traffic) => *traffic,
            None => {
                let mut outcome = Outcome::default();
                let outcomes = numbers.iter();
                let outcomes = outcomes.filter_map(|one| self.outcomes.get(*one as usize));
                outcomes.for_each(|one| outcome.extend(one));
                let told = traffic(&outcome);
                let traffic = *self.folded.entry(outcome).or_insert_with(|| {
                    self.traffics.push(told);
                    self.traffics.len() - 1
                });
                self.known.insert(numbers, traffic);
                traffic
            }
        };
        MatrixCell::Asked {
            pairs: counted.iter().map(|(_, n)| n).sum(),
            connected,
            traffic,
        }
    }
}

fn number(told: &[u32], place: usize) -> u32 {
    told.get(place).copied().unwrap_or(NOTHING)
}

fn traffic(outcome: &Outcome) -> MatrixTraffic {
    let of_family = |spread: &Spread| {
        let undetermined = spread.some.undetermined.iter();
        FamilyTraffic {
            every: spread.every.classes(),
            some: spread.some.answered.classes(),
            only_some: spread.some.answered.without(&spread.every).classes(),
            unanswered: spread.some.unanswered.classes(),
            undetermined: undetermined
                .map(|(hole, region)| (hole.clone(), region.classes()))
                .collect(),
        }
    };
    let families = outcome.iter();
    MatrixTraffic {
        families: families
            .map(|(family, spread)| (family, of_family(spread)))
            .collect(),
    }
}

/// How many interfaces of each sending class are in both a row and a column.
fn in_both(sending: &[Sending], receiving: &[Receiving]) -> BTreeMap<(usize, usize, usize), u64> {
    let mut from: Vec<(InterfaceIndex, usize, usize)> = Vec::new();
    for (row, sending) in sending.iter().enumerate() {
        if let Sending::Interfaces(members) = sending {
            let members = members.interfaces.iter();
            from.extend(members.map(|(index, place)| (*index, row, *place)));
        }
    }
    let mut to: Vec<(InterfaceIndex, usize)> = Vec::new();
    for (column, receiving) in receiving.iter().enumerate() {
        if let Receiving::Interfaces(members) = receiving {
            to.extend(members.interfaces.iter().map(|(index, _)| (*index, column)));
        }
    }
    from.sort_unstable();
    to.sort_unstable();
    let mut found: Vec<(usize, usize, usize)> = Vec::new();
    let mut to = to.chunk_by(|one, other| one.0 == other.0).peekable();
    for own in from.chunk_by(|one, other| one.0 == other.0) {
        let index = own.first().map(|(index, ..)| *index);
        let of = |columns: &[(InterfaceIndex, usize)]| columns.first().map(|(index, _)| *index);
        while to.next_if(|columns| of(columns) < index).is_some() {}
        let columns = to.peek().filter(|columns| of(columns) == index);
        for (_, column) in columns.into_iter().copied().flatten() {
            found.extend(own.iter().map(|(_, row, place)| (*row, *column, *place)));
        }
    }
    found.sort_unstable();
    let same = found.chunk_by(|one, other| one == other);
    same.filter_map(|same| Some((*same.first()?, same.len() as u64)))
        .collect()
}
