//! Who reaches whom, on what: all pairs of interfaces, the internet and premises, by classes of
//! interfaces that nothing tells apart.
//!
//! Each pair of classes is walked once for every cell of traffic that its walks can tell apart, whatever
//! the classes' sizes are.

use std::collections::BTreeMap;

use model::{
    Completion, Family, Hole, Network, NetworkInterfaceId, Origin, Place, Traffic, TrafficClass,
    UnknownReason,
};
use rayon::prelude::*;

use crate::Evaluator;
use crate::address::FAMILIES;
use crate::cells::Cells;
use crate::check::CHUNK;
use crate::comes_back::comes_back;
use crate::compiled::Compiled;
use crate::completion;
use crate::index::InterfaceIndex;
use crate::interface_classes::{Classes, Lens};
use crate::matrix_answers::Outcome;
use crate::matrix_fold::{Asked, Folding, Members, Receiving, Sending};
use crate::matrix_outcomes::{Outcomes, Rows};
use crate::matrix_outside::{
    Owners, Told, cut_by_classes, from_internet, from_premises, in_all, sent_out,
};
use crate::matrix_pairs::{Pairs, places};
use crate::network_interface::Role;
use crate::scope::Scope;

/// How many times the walks of a question a matrix may take.
const QUESTIONS: u64 = 100;

/// What becomes of traffic between some senders and some places, for each of the senders to each of
/// the places.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Matrix {
    /// The cells of each sender, in the order of the places.
    pub rows: Vec<Vec<MatrixCell>>,
    /// What is told by cells, each once.
    pub traffics: Vec<MatrixTraffic>,
}

/// What is between one row and one column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MatrixCell {
    /// Hosts outside to places outside: nothing is said.
    NotAsked,
    /// There is nobody who sends, or nobody else to send to.
    Nobody,
    /// Something was asked.
    Asked {
        /// How many pairs there are, of different interfaces or of an interface and the outside.
        pairs: u64,
        /// How many of them there are between which some traffic is certainly answered.
        connected: u64,
        /// The position of what is told, in [`Matrix::traffics`].
        traffic: usize,
    },
}

/// Traffic by what becomes of it, of each family of which there is a pair of addresses. What is
/// nowhere does not arrive.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MatrixTraffic {
    /// By family.
    pub families: BTreeMap<Family, FamilyTraffic>,
}

/// Traffic of one family.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FamilyTraffic {
    /// Delivered and answered, between every address of every sender and every address of every
    /// other place.
    pub every: Vec<TrafficClass>,
    /// Delivered and answered between some of these addresses; all of `every` is among it.
    pub some: Vec<TrafficClass>,
    /// What of `some` is not in `every`.
    pub only_some: Vec<TrafficClass>,
    /// Delivered between some, and never answered there.
    pub unanswered: Vec<TrafficClass>,
    /// Between some it depends on this whether it is delivered, or answered.
    pub undetermined: BTreeMap<Hole, Vec<TrafficClass>>,
}

impl Evaluator {
    /// What becomes of traffic from each of the origins to each of the places, for certain in every
    /// completion: what is not is undetermined. Of flows that a relay hands on nothing is told.
    ///
    /// # Errors
    ///
    /// The limit that was reached, or the open address that leaves everything open.
    pub fn matrix(&self, rows: &[Origin], columns: &[Place]) -> Result<Matrix, UnknownReason> {
        self.matrix_by(rows, columns, |classes| classes)
    }

    /// The same, where each pair of classes is walked as it is.
    #[cfg(test)]
    pub(crate) fn matrix_of_wholes(
        &self,
        rows: &[Origin],
        columns: &[Place],
    ) -> Result<Matrix, UnknownReason> {
        self.matrix_by(rows, columns, |mut classes| {
            classes.shared.fill(None);
            classes
        })
    }

    fn matrix_by(
        &self,
        rows: &[Origin],
        columns: &[Place],
        classes: impl FnOnce(Classes) -> Classes,
    ) -> Result<Matrix, UnknownReason> {
        let completions = self.matrix_completions(rows, columns)?;
        let owned: Vec<(Network, Compiled)> = match completions.as_slice() {
            [] | [_] => Vec::new(),
            several => several
                .par_iter()
                .map(|completion| {
                    let network = self.source.completed(completion);
                    let compiled = Compiled::new(&network);
                    (network, compiled)
                })
                .collect(),
        };
        let mut lenses: Vec<_> = owned
            .iter()
            .map(|(network, compiled)| Lens { network, compiled })
            .collect();
        if lenses.is_empty() {
            lenses.push(Lens {
                network: &self.network,
                compiled: &self.compiled,
            });
        }
        let chosen: Vec<_> = completion::holes(&self.source).into_iter().collect();
        let asking = Asking {
            evaluator: self,
            classes: classes(Classes::new(&lenses, Some(&blocks(rows, columns)))),
            lenses,
            chosen,
        };
        asking.matrix(rows, columns)
    }

    /// The interfaces of the network in classes of those that no walk tells apart.
    pub fn interface_classes(&self) -> Vec<Vec<NetworkInterfaceId>> {
        let lens = Lens {
            network: &self.network,
            compiled: &self.compiled,
        };
        let classes = Classes::new(&[lens], None);
        let id = |index: InterfaceIndex| self.compiled.names.interfaces.id(index).clone();
        let members = classes.members.into_iter();
        members
            .map(|members| members.into_iter().map(id).collect())
            .collect()
    }

    /// Completions that stand for all of them.
    fn matrix_completions(
        &self,
        rows: &[Origin],
        columns: &[Place],
    ) -> Result<Vec<Completion>, UnknownReason> {
        if self.source.open_addresses().is_empty() {
            return Ok(Vec::new());
        }
        let scope = scope(rows.to_vec(), columns.to_vec());
        let asked = completion::Asked {
            exact: false,
            public: comes_back(&self.source, &scope, &self.resolver),
            sources: &[],
        };
        completion::cover(&self.source, &scope, asked)
    }
}

fn scope(from: Vec<Origin>, to: Vec<Place>) -> model::Scope {
    model::Scope {
        from,
        to,
        traffic: Traffic::every(),
        families: FAMILIES.into(),
        relayed: false,
        request: None,
    }
}

/// What of the ends is a matter of blocks: all but interfaces.
fn blocks(rows: &[Origin], columns: &[Place]) -> model::Scope {
    let outside = |row: &&Origin| !matches!(row, Origin::Interfaces(_));
    let elsewhere = |column: &&Place| !matches!(column, Place::Interfaces { .. });
    scope(
        rows.iter().filter(outside).cloned().collect(),
        columns.iter().filter(elsewhere).cloned().collect(),
    )
}

/// A place without any address.
fn nowhere() -> Place {
    Place::Interfaces {
        interfaces: Default::default(),
        public_from_inside: false,
    }
}

struct Asking<'a> {
    evaluator: &'a Evaluator,
    lenses: Vec<Lens<'a>>,
    classes: Classes,
    chosen: Vec<Hole>,
}

/// What was told so far.
struct Telling {
    outcomes: Outcomes,
    /// How many walks are left.
    budget: u64,
}

impl Telling {
    /// Pays for walks.
    fn pay(&mut self, n_walks: u64) -> Result<(), UnknownReason> {
        let left = self.budget.checked_sub(n_walks);
        let reason = || UnknownReason::OutOfBudget(String::from("walks"));
        self.budget = left.ok_or_else(reason)?;
        Ok(())
    }
}

impl Asking<'_> {
    fn matrix(&self, rows: &[Origin], columns: &[Place]) -> Result<Matrix, UnknownReason> {
        let (mut from, mut to) = (Asked::default(), Asked::default());
        let senders: Vec<_> = rows
            .iter()
            .map(|row| self.senders(row, &mut from))
            .collect();
        let receivers = columns.iter().map(|column| self.receivers(column, &mut to));
        let receivers: Vec<_> = receivers.collect();
        let mut told = Telling {
            outcomes: Outcomes::default(),
            budget: self.evaluator.budget.saturating_mul(QUESTIONS),
        };
        let mut sending = Vec::new();
        for (row, members) in rows.iter().zip(senders) {
            sending.push(match members {
                Some(members) => Sending::Interfaces(members),
                None => Sending::Outside(self.sent_in(row, &to.classes, &mut told)?),
            });
        }
        let mut receiving = Vec::new();
        for (column, members) in columns.iter().zip(receivers) {
            receiving.push(match members {
                Some(members) => Receiving::Interfaces(members),
                None => Receiving::Place(self.to_place(column, &from.classes, &mut told)?),
            });
        }
        let pairs = self.pairs(&from.classes, &to.classes, &mut told)?;
        let folding = Folding::new([&from, &to], pairs, told.outcomes.all);
        Ok(folding.matrix(&sending, &receiving))
    }

    /// The interfaces that send, unless hosts outside do.
    fn senders(&self, row: &Origin, asked: &mut Asked) -> Option<Members> {
        match row {
            Origin::Interfaces(ids) => {
                let sends = |index: &InterfaceIndex| self.sends(*index);
                Some(self.members(ids.iter(), sends, asked))
            }
            Origin::Internet(_) | Origin::OnPremises { .. } => None,
        }
    }

    /// Whether an interface begins connections (clause `scope`).
    fn sends(&self, index: InterfaceIndex) -> bool {
        let network = &self.evaluator.compiled;
        match network.interfaces[index].role {
            Role::Ordinary | Role::ClientVpn(_) => true,
            Role::Endpoint(_) | Role::NatGateway(_) | Role::LoadBalancer(_) => false,
        }
    }

    /// The interfaces that receive, unless the place is another one.
    fn receivers(&self, column: &Place, asked: &mut Asked) -> Option<Members> {
        match column {
            Place::Interfaces { interfaces, .. } => {
                Some(self.members(interfaces.iter(), |_| true, asked))
            }
            Place::Internet
            | Place::OnPremises(_)
            | Place::Cidrs(_)
            | Place::Service(_)
            | Place::GatewayEndpoints(_)
            | Place::Name(_) => None,
        }
    }

    fn members<'i>(
        &self,
        ids: impl Iterator<Item = &'i NetworkInterfaceId>,
        wanted: impl Fn(&InterfaceIndex) -> bool,
        asked: &mut Asked,
    ) -> Members {
        let names = &self.evaluator.compiled.names.interfaces;
        let found = ids.filter_map(|id| names.find(id)).filter(wanted);
        let interfaces: Vec<_> = found
            .map(|index| (index, asked.place(self.classes.of(index))))
            .collect();
        let mut places: Vec<_> = interfaces.iter().map(|(_, place)| *place).collect();
        places.sort_unstable();
        let classes = places.chunk_by(|one, other| one == other);
        let classes = classes.filter_map(|same| Some((*same.first()?, same.len() as u64)));
        Members {
            classes: classes.collect(),
            interfaces,
        }
    }

    /// The cells of a scope in each completion, for senders of these classes.
    fn with_cells<T>(
        &self,
        scope: &model::Scope,
        senders: &[usize],
        ask: impl FnOnce(&[Cells<'_>]) -> T,
    ) -> T {
        let mut by_subnet = BTreeMap::new();
        for class in senders {
            if let [Some(index), _] = self.classes.asked(*class) {
                let subnet = self.evaluator.compiled.interfaces[index].subnet;
                by_subnet.entry(subnet).or_insert(index);
            }
        }
        let resolver = &self.evaluator.resolver;
        let lenses = self.lenses.iter();
        let scopes: Vec<_> = lenses
            .map(|lens| {
                let mut scope = Scope::new(scope, lens.network, lens.compiled, resolver);
                // One sender of a subnet sees what all of it see.
                scope.interfaces = by_subnet.values().copied().collect();
                scope
            })
            .collect();
        let lenses = self.lenses.iter().zip(&scopes);
        let cells: Vec<_> = lenses
            .map(|(lens, of)| {
                let mut cells = Cells::new(lens.compiled, of, scope, true, Vec::new());
                cut_by_classes(&mut cells);
                cells
            })
            .collect();
        ask(&cells)
    }

    /// What becomes of traffic between the classes, by number.
    fn pairs(
        &self,
        senders: &[usize],
        receivers: &[usize],
        telling: &mut Telling,
    ) -> Result<Vec<Vec<u32>>, UnknownReason> {
        let scope = scope(Vec::new(), vec![nowhere()]);
        let [from, to] = [senders, receivers].map(|asked| places(&self.classes, asked));
        self.with_cells(&scope, senders, |cells| {
            let pairs = Pairs {
                classes: &self.classes,
                cells,
                chosen: &self.chosen,
                receivers: &to,
            };
            let mut all = vec![Vec::new(); senders.len()];
            for chunk in from.chunks(CHUNK) {
                let told: Vec<Rows> = chunk.par_iter().map(|place| pairs.rows(place)).collect();
                telling.pay(told.iter().map(|rows| rows.n_walks).sum())?;
                for (place, rows) in chunk.iter().zip(told) {
                    let rows = rows.numbered(&mut telling.outcomes);
                    for ((position, _), row) in place.classes.iter().zip(rows) {
                        if let Some(own) = all.get_mut(*position) {
                            *own = row;
                        }
                    }
                }
            }
            Ok(all)
        })
    }

    /// What the classes send to a place that is no interface.
    fn to_place(
        &self,
        place: &Place,
        senders: &[usize],
        told: &mut Telling,
    ) -> Result<Vec<u32>, UnknownReason> {
        let scope = scope(Vec::new(), vec![place.clone()]);
        self.each(&scope, senders, told, |cells, owners, index, n_walks| {
            sent_out(cells, owners, index, n_walks)
        })
    }

    /// What hosts outside send to the classes.
    fn sent_in(
        &self,
        origin: &Origin,
        receivers: &[usize],
        told: &mut Telling,
    ) -> Result<Vec<u32>, UnknownReason> {
        let scope = scope(vec![origin.clone()], vec![nowhere()]);
        let is_internet = matches!(origin, Origin::Internet(_));
        self.each(
            &scope,
            receivers,
            told,
            |cells, _, index, n_walks| match is_internet {
                true => from_internet(cells, index, n_walks),
                false => from_premises(cells, index, n_walks),
            },
        )
    }

    /// What is told of the member that stands for each class.
    fn each(
        &self,
        scope: &model::Scope,
        classes: &[usize],
        telling: &mut Telling,
        ask: impl Fn(&Cells<'_>, &Owners, InterfaceIndex, &mut u64) -> Told + Sync,
    ) -> Result<Vec<u32>, UnknownReason> {
        let told: Vec<(Outcome, u64)> = self.with_cells(scope, classes, |cells| {
            let owners = cells.iter().map(|cells| Owners::new(cells, &self.classes));
            let owners: Vec<_> = owners.collect();
            let one = |class: &usize| {
                let mut n_walks = 0;
                let [index, _] = self.classes.asked(*class);
                let told: Vec<Told> = cells
                    .iter()
                    .zip(&owners)
                    .filter_map(|(cells, owners)| Some(ask(cells, owners, index?, &mut n_walks)))
                    .collect();
                (in_all(&told, &self.chosen), n_walks)
            };
            classes.par_iter().map(one).collect()
        });
        telling.pay(told.iter().map(|(_, n_walks)| n_walks).sum())?;
        let told = told.into_iter();
        let numbers = told.map(|(outcome, _)| telling.outcomes.number(outcome));
        Ok(numbers.collect())
    }
}
