//! The joint cells of requests that relays hand on: those that are sent to relays, each followed behind
//! them.

use std::collections::{BTreeMap, BTreeSet};

use model::{Address, Flow, Packet, Source, Transport};

use crate::address::{before_nat64, behind_nat64};
use crate::atoms::AddressCuts;
use crate::compiled::Compiled;
use crate::difference::Change;
use crate::difference_cells::{Found, Joint, Key, Told, Unit, add};
use crate::difference_course::Compared;
use crate::difference_mark::Mark;
use crate::difference_relayed::{compare, hand_on, together};
use crate::extents::TransportCell;
use crate::forward::Sender;
use crate::knock::Knock;

/// Whether a packet may be handed on: only TCP and UDP are.
pub(crate) fn is_carried(transport: Transport) -> bool {
    Knock::of(transport).is_some()
}

/// The relays of two networks.
#[derive(Default)]
pub(crate) struct Relays {
    own: BTreeSet<Address>,
    /// The addresses that load balancers hand on to.
    pub(crate) candidates: BTreeSet<Address>,
    has_nat64: bool,
    /// Whether the change may be asked about behind them.
    pub(crate) are_touched: bool,
}

impl Relays {
    pub(crate) fn of_both(networks: [&Compiled; 2]) -> Self {
        let mut relays = Self::default();
        for network in networks {
            let interfaces = network.interfaces.iter();
            let own = interfaces.filter(|(index, _)| network.is_relay(*index));
            let own = own.flat_map(|(_, interface)| &interface.addresses);
            let own = own.flat_map(|(private, public)| [*private, *public]);
            relays.own.extend(own.flatten());
            let listeners = network.load_balancers.iter();
            let listeners = listeners.filter_map(|(_, one)| one.listeners.as_ref().ok());
            let known = listeners.flatten();
            let known = known.filter_map(|one| one.candidates.as_ref().ok());
            relays
                .candidates
                .extend(known.flatten().map(|one| one.address));
            relays.has_nat64 |= network.nat64;
        }
        relays
    }

    /// Each of them is a destination of its own.
    pub(crate) fn cut(&self, cuts: &mut AddressCuts) {
        for own in &self.own {
            cuts.host(*own);
            before_nat64(*own)
                .into_iter()
                .for_each(|own| cuts.host(own));
        }
    }

    /// Whether what is sent to an address may come to one.
    pub(crate) fn may_take(&self, address: Address) -> bool {
        let behind = behind_nat64(address).filter(|_| self.has_nat64);
        self.own.contains(&address) || behind.is_some_and(|behind| self.own.contains(&behind))
    }
}

impl Joint<'_> {
    /// Asks what relays hand on, in place of what is received first.
    pub(crate) fn relaying(mut self) -> Self {
        let mut relays = Relays::of_both(self.networks());
        relays.cut(&mut self.destinations);
        relays.are_touched = self.reach.touches_relays(self.networks(), &relays);
        self.relays = Some(relays);
        self
    }

    /// Whether a change may touch what becomes of flows behind relays, where that is asked.
    pub(crate) fn is_touched_behind_relays(&self) -> bool {
        self.relays
            .as_ref()
            .is_some_and(|relays| relays.are_touched)
    }

    /// The addresses of an interface that relays hand on to: nothing is handed on to its own client.
    pub(crate) fn told_by_relays(&self, unit: &Unit) -> BTreeSet<Address> {
        let Some(relays) = &self.relays else {
            return BTreeSet::new();
        };
        let mut own = self.own(&unit.id);
        own.retain(|own| relays.candidates.contains(own));
        own
    }

    /// The same behind relays, at each place where some pick leads a packet.
    pub(crate) fn compare_handed_on(
        &self,
        source: &Source,
        senders: [Sender; 2],
        (from, to): (Address, Address),
        transports: &[TransportCell],
        told: &mut Told,
    ) -> BTreeMap<Key, Found> {
        let mut found: BTreeMap<Key, Found> = BTreeMap::new();
        let ([before, after], [one, other]) = (self.networks(), senders);
        for cell in transports {
            let Some(packet) = Packet::new(from, to, cell.one) else {
                continue;
            };
            let handed = [(before, one), (after, other)]
                .map(|(network, sender)| hand_on(network, sender, packet));
            told.n_walks += handed.iter().map(|handed| handed.n_walks).sum::<u64>();
            told.is_over |= handed.iter().any(|handed| handed.is_over);
            let mut alike: BTreeMap<(Change, BTreeSet<usize>), BTreeSet<_>> = BTreeMap::new();
            for at in compare(&handed) {
                let is_held = |mark: &Mark<'_>| mark.holds_received(senders, from, at.as_received);
                // At an open place anything may be asked about.
                if at.place.is_some() && !is_held(self.narrow) {
                    continue;
                }
                match at.compared {
                    Compared::Same => {}
                    Compared::OpenInBoth(hole) => {
                        told.open_in_both.insert(hole);
                    }
                    Compared::Changed(change) => {
                        let marks = self.marks.iter().enumerate();
                        let marks = marks.filter(|(_, mark)| is_held(mark));
                        let marks = marks.map(|(position, _)| position).collect();
                        alike.entry((change, marks)).or_default().insert(at.place);
                    }
                }
            }
            for ((change, marks), places) in alike {
                for handed_on in together(places) {
                    let key = Key {
                        change: change.clone(),
                        handed_on,
                        marks: marks.clone(),
                    };
                    add(&mut found, key, cell, Flow::new(source.clone(), packet));
                }
            }
        }
        found
    }
}
