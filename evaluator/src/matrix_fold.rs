//! The cells of a matrix: what is told of classes, put together for the members of rows and columns.

use std::collections::BTreeMap;

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
    pub(crate) classes: [&'a Asked; 2],
    /// By sending and by receiving class.
    pub(crate) pairs: Vec<Vec<u32>>,
    pub(crate) outcomes: Vec<Outcome>,
    /// What was folded, by the numbers of the outcomes.
    pub(crate) known: BTreeMap<Vec<u32>, usize>,
    pub(crate) folded: BTreeMap<Outcome, usize>,
    pub(crate) traffics: Vec<MatrixTraffic>,
}

impl Folding<'_> {
    pub(crate) fn matrix(mut self, sending: &[Sending], receiving: &[Receiving]) -> Matrix {
        let in_both = in_both(sending, receiving);
        let mut rows = Vec::new();
        for (row, from) in sending.iter().enumerate() {
            let cells = receiving.iter().enumerate().map(|(column, to)| {
                let both = |class| {
                    let both = in_both.get(&(row, column, class)).copied();
                    both.unwrap_or_default()
                };
                self.cell(from, to, both)
            });
            rows.push(cells.collect());
        }
        Matrix {
            rows,
            traffics: self.traffics,
        }
    }

    /// `in_both` is how many interfaces of a class, by its place among the senders, are in row and
    /// column: nobody sends to himself.
    fn cell(
        &mut self,
        from: &Sending,
        to: &Receiving,
        in_both: impl Fn(usize) -> u64,
    ) -> MatrixCell {
        let mut found: Vec<(u32, u64)> = Vec::new();
        match (from, to) {
            (Sending::Outside(_), Receiving::Place(_)) => return MatrixCell::NotAsked,
            (Sending::Outside(told), Receiving::Interfaces(members)) => {
                let classes = members.classes.iter();
                found.extend(classes.map(|(class, n)| (number(told, *class), *n)));
            }
            (Sending::Interfaces(members), Receiving::Place(told)) => {
                let classes = members.classes.iter();
                found.extend(classes.map(|(class, n)| (number(told, *class), *n)));
            }
            (Sending::Interfaces(from), Receiving::Interfaces(to)) => {
                let [senders, receivers] = self.classes;
                for (sender, n_from) in &from.classes {
                    let Some(told) = self.pairs.get(*sender) else {
                        continue;
                    };
                    for (receiver, n_to) in &to.classes {
                        let same = senders.classes.get(*sender) == receivers.classes.get(*receiver);
                        let own = if same { in_both(*sender) } else { 0 };
                        let n_pairs = (n_from * n_to).saturating_sub(own);
                        if n_pairs > 0 {
                            found.push((number(told, *receiver), n_pairs));
                        }
                    }
                }
            }
        }
        self.told(found)
    }

    fn told(&mut self, found: Vec<(u32, u64)>) -> MatrixCell {
        let pairs = found.iter().map(|(_, n)| n).sum();
        if pairs == 0 {
            return MatrixCell::Nobody;
        }
        let is_connected = |number: u32| {
            let outcome = self.outcomes.get(number as usize);
            outcome.is_some_and(Outcome::is_connected)
        };
        let connected = found.iter().filter(|(number, _)| is_connected(*number));
        let connected = connected.map(|(_, n)| n).sum();
        let mut numbers: Vec<u32> = found.iter().map(|(number, _)| *number).collect();
        numbers.sort_unstable();
        numbers.dedup();
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
            pairs,
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
