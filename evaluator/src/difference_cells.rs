//! Joint cells: flows cut wherever one of two networks can tell them apart, so that one packet of
//! each tells what a change does to all of its cell.
//!
//! Unlike the cells of a question (`cells.rs`) these keep everything that is in them: what is told
//! of a class holds for exactly its flows.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use model::{
    Address, Flow, Hole, NetworkInterfaceId, OnPremisesGateway, Packet, Source, TrafficClass,
    Transport,
};
use rayon::prelude::*;

use crate::address::FAMILIES;
use crate::atoms::{AddressCuts, SERVER_PORTS, TransportCuts};
use crate::cells::{Alike, Cells};
use crate::check::CHUNK;
use crate::compiled::Compiled;
use crate::difference::{Change, HandedOn};
use crate::difference_behind::{Relays, is_carried};
use crate::difference_classes::Classes;
use crate::difference_course::{Compared, compare};
use crate::difference_mark::Mark;
use crate::difference_reach::{Reach, Units};
use crate::extents::{AddressCell, Range, TransportCell};
use crate::forward::Sender;
use crate::index::InterfaceIndex;
use crate::leads::Leads;
use crate::scope::Scope;
use crate::sight::Sight;
use crate::together::Left;

/// One of the two networks.
pub(crate) struct Side<'a> {
    pub(crate) network: &'a Compiled,
    /// The cells of all of its flows.
    pub(crate) cells: Cells<'a>,
    /// The scope of all of them.
    pub(crate) scope: &'a Scope<'a>,
}

/// Both networks, before and after.
pub(crate) struct Joint<'a> {
    pub(crate) sides: [Side<'a>; 2],
    /// What is cut at in destinations and sources outside, whoever sends.
    pub(crate) destinations: AddressCuts,
    pub(crate) sources: AddressCuts,
    pub(crate) transports: TransportCuts,
    /// The flows that are asked about.
    pub(crate) narrow: &'a Mark<'a>,
    pub(crate) marks: &'a [Mark<'a>],
    pub(crate) reach: &'a Reach<'a>,
    /// Where it is asked what relays hand on.
    pub(crate) relays: Option<Relays>,
}

/// An interface that sends from one of its addresses.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Unit {
    pub(crate) id: NetworkInterfaceId,
    pub(crate) source: Address,
}

/// What is found for flows from the same senders to the same destinations.
pub(crate) struct Row {
    pub(crate) to: Vec<Range>,
    /// The sources, of senders outside.
    pub(crate) from: Vec<Range>,
    pub(crate) found: BTreeMap<Key, Found>,
}

/// What is one for all flows of a class.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Key {
    pub(crate) change: Change,
    pub(crate) handed_on: HandedOn,
    /// The marks that hold them.
    pub(crate) marks: BTreeSet<usize>,
}

/// The traffic for which there is a change, and the most readable flow of it.
pub(crate) struct Found {
    pub(crate) traffic: Vec<TrafficClass>,
    pub(crate) flow: Flow,
}

/// What asking some senders gave.
#[derive(Default)]
pub(crate) struct Told {
    pub(crate) rows: Vec<Row>,
    pub(crate) open_in_both: BTreeSet<Hole>,
    pub(crate) n_walks: u64,
    /// Whether relays may pick more than is tried.
    pub(crate) is_over: bool,
}

/// Who is asked at a time.
enum Seed<'u> {
    Units(&'u Units),
    Internet(AddressCell),
    OnPremises(OnPremisesGateway),
}

/// An interface as one network sees it.
struct Looking<'s> {
    cells: &'s Cells<'s>,
    interface: InterfaceIndex,
    sight: &'s Sight,
    sender_cuts: TransportCuts,
}

impl<'a> Joint<'a> {
    pub(crate) fn new(
        sides: [Side<'a>; 2],
        narrow: &'a Mark<'a>,
        marks: &'a [Mark<'a>],
        reach: &'a Reach<'a>,
    ) -> Self {
        let (mut destinations, mut sources) = (AddressCuts::default(), AddressCuts::default());
        let mut transports = TransportCuts::new();
        for mark in marks.iter().chain([narrow]) {
            for scope in &mark.scopes {
                scope.cut_destinations(&mut destinations);
                scope.cut_sources(&mut sources);
            }
            mark.classes().for_each(|class| transports.class(class));
        }
        for side in &sides {
            destinations.extend(&side.cells.everywhere);
            side.scope.cut_sources(&mut sources);
            // Only hosts outside send from public addresses that are not the network's.
            let publics = side.network.public_addresses.iter();
            publics.for_each(|(address, _)| sources.host(address));
        }
        Self {
            sides,
            destinations,
            sources,
            transports,
            narrow,
            marks,
            reach,
            relays: None,
        }
    }

    /// Asks everything; whether the budget was enough.
    pub(crate) fn ask(&self, budget: &mut u64, classes: &mut Classes) -> bool {
        let mut is_whole = true;
        let marks = |unit: &Unit| (self.marks_of(unit), self.told_by_relays(unit));
        let units = self.reach.units(self.units(), marks);
        let mut seeds: Vec<_> = units.iter().map(Seed::Units).collect();
        let mut scopes = self.narrow.scopes.iter();
        if scopes.any(|scope| !scope.internet.is_empty()) {
            let cells = FAMILIES.map(|family| self.destinations.extents(family));
            seeds.extend(cells.into_iter().flatten().map(Seed::Internet));
        }
        let mut scopes = self.narrow.scopes.iter();
        if scopes.any(|scope| !scope.on_premises.is_empty()) {
            let gateways = self.sides.iter().flat_map(|side| {
                let gateways = side.cells.gateways.keys();
                gateways.map(|gateway| side.network.names.gateway_id(*gateway))
            });
            let gateways: BTreeSet<_> = gateways.collect();
            seeds.extend(gateways.into_iter().map(Seed::OnPremises));
        }
        for chunk in seeds.chunks(CHUNK) {
            let told: Vec<_> = chunk
                .par_iter()
                .map(|seed| (seed, self.seed(seed)))
                .collect();
            for (seed, told) in told {
                classes.open_in_both.extend(told.open_in_both);
                is_whole &= !told.is_over;
                let Some(left) = budget.checked_sub(told.n_walks) else {
                    return false;
                };
                *budget = left;
                match seed {
                    Seed::Units(units) => classes.inside(&units.all, told.rows),
                    Seed::Internet(_) => classes.outside(None, told.rows),
                    Seed::OnPremises(gateway) => classes.outside(Some(gateway), told.rows),
                }
            }
        }
        is_whole
    }

    fn seed(&self, seed: &Seed<'_>) -> Told {
        let mut told = Told::default();
        match seed {
            Seed::Units(units) => {
                let mut asked = units.asked.iter();
                if let Some(first) = asked.next() {
                    self.unit(first, None, &mut told);
                    // What is sent to the first one itself only another one can tell.
                    if let Some(second) = asked.next() {
                        self.unit(second, Some(&self.own(&first.id)), &mut told);
                    }
                }
            }
            Seed::Internet(to) => self.internet(to, &mut told),
            Seed::OnPremises(gateway) => self.on_premises(gateway, &mut told),
        }
        told
    }

    pub(crate) fn networks(&self) -> [&'a Compiled; 2] {
        self.sides.each_ref().map(|side| side.network)
    }

    /// The interfaces that send in either network, with each of their addresses.
    fn units(&self) -> BTreeSet<Unit> {
        let mut units = BTreeSet::new();
        for (side, scope) in self.sides.iter().zip(&self.narrow.scopes) {
            for index in &scope.interfaces {
                let id = side.network.names.interfaces.id(*index);
                let own = self.own_private(id).into_iter();
                units.extend(own.map(|source| Unit {
                    id: id.clone(),
                    source,
                }));
            }
        }
        units
    }

    /// What is asked about a sender, and which marks hold it.
    fn marks_of(&self, unit: &Unit) -> Vec<[bool; 2]> {
        let senders = self
            .sides
            .each_ref()
            .map(|side| self.interface(side, &unit.id));
        let marks = self.marks.iter().chain([self.narrow]);
        marks.map(|mark| mark.has_sender(senders)).collect()
    }

    fn interface(&self, side: &Side<'_>, id: &NetworkInterfaceId) -> Option<InterfaceIndex> {
        let found = side.network.names.interfaces.find(id);
        found.filter(|index| side.scope.interfaces.contains(index))
    }

    fn own_private(&self, id: &NetworkInterfaceId) -> BTreeSet<Address> {
        let mut own = BTreeSet::new();
        for side in &self.sides {
            if let Some(index) = self.interface(side, id) {
                own.extend(side.network.interfaces[index].private_addresses());
            }
        }
        own
    }

    /// An interface's addresses in either network, public ones too: nobody sends to himself.
    pub(crate) fn own(&self, id: &NetworkInterfaceId) -> BTreeSet<Address> {
        let mut own = self.own_private(id);
        for side in &self.sides {
            if let Some(index) = side.network.names.interfaces.find(id) {
                let addresses = side.network.interfaces[index].addresses.iter();
                own.extend(addresses.filter_map(|(_, public)| *public));
            }
        }
        own
    }

    fn unit(&self, unit: &Unit, only: Option<&BTreeSet<Address>>, told: &mut Told) {
        let family = unit.source.family();
        let looking = self.sides.each_ref().map(|side| {
            let index = self.interface(side, &unit.id)?;
            let interface = &side.network.interfaces[index];
            let sight = side.cells.sight(interface.subnet)?;
            Some(Looking {
                cells: &side.cells,
                interface: index,
                sight,
                sender_cuts: side.cells.sender_cuts(interface, sight),
            })
        });
        let senders = looking.each_ref().map(|looking| {
            let looking = looking.as_ref();
            looking.map_or(Sender::Nobody, |looking| {
                Sender::Interface(looking.interface)
            })
        });
        let mut cuts = self.destinations.clone();
        for looking in looking.iter().flatten() {
            let interface = &looking.cells.network.interfaces[looking.interface];
            cuts.extend(
                &looking
                    .cells
                    .destination_cuts(interface, looking.sight, family),
            );
        }
        let sights = looking
            .each_ref()
            .map(|looking| looking.as_ref().map(|one| one.sight));
        let touched = self.reach.touched(&unit.id, sights);
        let touched = touched.filter(|_| !self.is_touched_behind_relays());
        let own = self.own(&unit.id);
        let mut known: BTreeMap<[Option<Alike>; 2], Arc<Vec<TransportCell>>> = BTreeMap::new();
        for cell in cuts.extents(family) {
            let is_wanted = only.is_none_or(|only| only.contains(&cell.one))
                && touched.is_none_or(|touched| touched.contains(&cell.one))
                && !own.contains(&cell.one);
            if !is_wanted || !self.is_asked(senders, unit.source, cell.one) {
                continue;
            }
            let receivers = looking.each_ref().map(|looking| {
                let looking = looking.as_ref()?;
                Some(looking.cells.receivers(looking.sight, cell.one))
            });
            let alike = receivers.each_ref().map(|receivers| {
                let receivers = receivers.as_ref();
                receivers.map(|receivers| receivers.alike.clone())
            });
            let transports = known.entry(alike).or_insert_with(|| {
                let mut cuts = self.transports.clone();
                for (looking, receivers) in looking.iter().zip(&receivers) {
                    if let (Some(looking), Some(receivers)) = (looking, receivers) {
                        cuts.extend(&looking.cells.cuts_to(receivers, &looking.sender_cuts));
                    }
                }
                Arc::new(self.wanted(&cuts))
            });
            let transports = Arc::clone(transports);
            let source = Source::Interface(unit.id.clone());
            let pair = (unit.source, cell.one);
            let found = self.compare(&source, senders, pair, &transports, told);
            told.push(cell.all, Vec::new(), found);
        }
    }

    /// Whether flows between two addresses are asked about.
    pub(crate) fn is_asked(&self, senders: [Sender; 2], from: Address, to: Address) -> bool {
        match &self.relays {
            Some(relays) => relays.may_take(to) && self.narrow.has_source(senders, from),
            None => self.narrow.holds(senders, from, to),
        }
    }

    /// The cells of the traffic that is asked about; of what relays hand on it is asked as it is received.
    pub(crate) fn wanted(&self, cuts: &TransportCuts) -> Vec<TransportCell> {
        let mut cells = cuts.extents();
        cells.retain(|cell| match self.relays {
            Some(_) => is_carried(cell.one),
            None => self.narrow.is_of_traffic(cell.one),
        });
        cells
    }

    /// Compares what becomes of one packet of every cell of transports.
    pub(crate) fn compare(
        &self,
        source: &Source,
        senders: [Sender; 2],
        (from, to): (Address, Address),
        transports: &[TransportCell],
        told: &mut Told,
    ) -> BTreeMap<Key, Found> {
        if self.relays.is_some() {
            return self.compare_handed_on(source, senders, (from, to), transports, told);
        }
        let mut found: BTreeMap<Key, Found> = BTreeMap::new();
        let networks = self.networks();
        let marks = self.marks.iter().enumerate();
        let marks = marks.filter(|(_, mark)| mark.holds(senders, from, to));
        let marks: Vec<_> = marks.collect();
        let mut left = Left::new(transports.iter().map(|cell| cell.one));
        while let Some((position, transport, together)) = left.take() {
            let Some(packet) = Packet::new(from, to, transport) else {
                continue;
            };
            told.n_walks += 2;
            let (compared, together) = compare(networks, senders, packet, together);
            let alike = left.walked(&together);
            let change = match compared {
                Compared::Same => continue,
                Compared::OpenInBoth(hole) => {
                    told.open_in_both.insert(hole);
                    continue;
                }
                Compared::Changed(change) => change,
            };
            let alike = std::iter::once(position).chain(alike);
            for cell in alike.filter_map(|position| transports.get(position)) {
                let Some(packet) = Packet::new(from, to, cell.one) else {
                    continue;
                };
                let marks = marks
                    .iter()
                    .filter(|(_, mark)| mark.is_of_traffic(cell.one));
                let key = Key {
                    change: change.clone(),
                    handed_on: HandedOn::No,
                    marks: marks.map(|(position, _)| *position).collect(),
                };
                add(&mut found, key, cell, Flow::new(source.clone(), packet));
            }
        }
        found
    }
}

impl<'a> Side<'a> {
    pub(crate) fn new(
        network: &'a Compiled,
        scope: &'a Scope<'a>,
        every: &'a model::Scope,
    ) -> Self {
        Self {
            network,
            cells: Cells::new(network, scope, every, true, Vec::new()),
            scope,
        }
    }

    /// With cells of the flows that relays hand on.
    pub(crate) fn relaying(self, leads: &'a Leads) -> Self {
        Self {
            cells: self.cells.relaying(leads),
            ..self
        }
    }
}

/// Adds a cell to what is found.
pub(crate) fn add(found: &mut BTreeMap<Key, Found>, key: Key, cell: &TransportCell, flow: Flow) {
    match found.entry(key) {
        Entry::Vacant(entry) => {
            entry.insert(Found {
                traffic: vec![cell.all.clone()],
                flow,
            });
        }
        Entry::Occupied(mut entry) => {
            let found = entry.get_mut();
            found.traffic.push(cell.all.clone());
            if readability(&flow) < readability(&found.flow) {
                found.flow = flow;
            }
        }
    }
}

impl Told {
    pub(crate) fn push(&mut self, to: Vec<Range>, from: Vec<Range>, found: BTreeMap<Key, Found>) {
        if !found.is_empty() {
            self.rows.push(Row { to, from, found });
        }
    }
}

/// How well a reader knows the transport of a flow; the least is best.
pub(crate) fn readability(flow: &Flow) -> usize {
    let known = SERVER_PORTS;
    let rank = |port: u16| {
        known
            .iter()
            .position(|one| *one == port)
            .unwrap_or(known.len())
    };
    match flow.packet.transport() {
        Transport::Tcp {
            source_port,
            destination_port,
        } => rank(destination_port) * 2 + usize::from(source_port < 1024),
        Transport::Udp {
            destination_port, ..
        } => 20 + rank(destination_port),
        Transport::Icmp { icmp_type: 8, .. } => 30,
        Transport::Icmpv6 { icmp_type: 128, .. } => 31,
        Transport::Icmp { .. } | Transport::Icmpv6 { .. } => 40,
        Transport::Other(_) => 50,
    }
}
