//! The joint cells of senders outside: on the internet, and on premises.

use model::{Address, OnPremisesGateway, Source};

use crate::address::{FAMILIES, above};
use crate::difference_cells::{Joint, Told};
use crate::extents::{AddressCell, Range};
use crate::forward::Sender;
use crate::on_premises::Gateway;

impl Joint<'_> {
    pub(crate) fn internet(&self, to: &AddressCell, told: &mut Told) {
        let senders = [Sender::Internet; 2];
        let destination = to.one;
        let touched = self.reach.touched_from_outside();
        let touched = touched.filter(|_| !self.is_touched_behind_relays());
        if touched.is_some_and(|touched| !touched.contains(&destination)) {
            return;
        }
        let (mut sources, mut cuts) = (self.sources.clone(), self.transports.clone());
        for side in &self.sides {
            let (of_side, transports) = side.cells.internet_cuts(destination);
            sources.extend(&of_side);
            cuts.extend(&transports);
        }
        let transports = self.wanted(&cuts);
        for from in sources.extents(destination.family()) {
            // What belongs to one of the networks is not sent by hosts on the internet.
            let mut sides = self.sides.iter();
            let is_internet = sides.all(|side| side.scope.is_internet(from.one));
            if is_internet && self.is_asked(senders, from.one, destination) {
                let pair = (from.one, destination);
                let found = self.compare(&Source::Internet, senders, pair, &transports, told);
                told.push(to.all.clone(), from.all, found);
            }
        }
    }

    pub(crate) fn on_premises(&self, gateway: &OnPremisesGateway, told: &mut Told) {
        let gateways = self.sides.each_ref().map(|side| {
            let index: Gateway = side.network.gateway(gateway)?;
            Some((index, side.cells.gateways.get(&index)?))
        });
        let senders = gateways
            .map(|found| found.map_or(Sender::Nobody, |(index, _)| Sender::OnPremises(index)));
        let sights = gateways.map(|found| found.map(|(_, from)| &from.sight));
        let touched = self.reach.touched_from(sights);
        let touched = touched.filter(|_| !self.is_touched_behind_relays());
        let mut destinations = self.destinations.clone();
        for (_, from) in gateways.iter().flatten() {
            destinations.extend(&from.destinations);
        }
        let source = Source::OnPremises(gateway.clone());
        for family in FAMILIES {
            for to in destinations.extents(family) {
                if touched.is_some_and(|touched| !touched.contains(&to.one)) {
                    continue;
                }
                let (mut sources, mut cuts) = (self.sources.clone(), self.transports.clone());
                for (side, found) in self.sides.iter().zip(&gateways) {
                    if let Some((_, from)) = found {
                        let (of_side, transports) = side.cells.on_premises_cuts(from, to.one);
                        sources.extend(&of_side);
                        cuts.extend(&transports);
                    }
                }
                let transports = self.wanted(&cuts);
                for from in sources.extents(family) {
                    let Some(pair) = apart(&from, &to) else {
                        continue;
                    };
                    if self.is_asked(senders, pair.0, pair.1) {
                        let found = self.compare(&source, senders, pair, &transports, told);
                        told.push(to.all.clone(), from.all, found);
                    }
                }
            }
        }
    }
}

/// Two different addresses, one of each cell: nobody sends to himself.
fn apart(from: &AddressCell, to: &AddressCell) -> Option<(Address, Address)> {
    if from.one != to.one {
        return Some((from.one, to.one));
    }
    let other = |ranges: &[Range], than: Address| {
        let mut ranges = ranges.iter();
        ranges.find_map(|(first, end)| match *first == than {
            false => Some(*first),
            true => above(*first, 1).filter(|next| next <= end),
        })
    };
    let source = other(&from.all, to.one).map(|source| (source, to.one));
    source.or_else(|| other(&to.all, from.one).map(|destination| (from.one, destination)))
}
