//! The cells of senders outside: on the internet, and on premises.

use std::collections::BTreeSet;
use std::sync::Arc;

use model::{Address, Family};

use crate::address::{behind_nat64, held, nat64, public_edges, reserved};
use crate::atoms::{AddressCuts, TransportCuts, free};
use crate::cells::{Cells, Seed, Strip, cut_rules};
use crate::forward::Sender;
use crate::index::InterfaceIndex;
use crate::network_acl::Side;
use crate::on_premises::Gateway;
use crate::scope::Whence;
use crate::sight::Sight;
use crate::transports::Transports;

/// What packets from on premises by a gateway can meet, and what that asks of them whatever their
/// destination is.
#[derive(Clone, Debug)]
pub(crate) struct FromGateway {
    pub(crate) sight: Sight,
    pub(crate) destinations: AddressCuts,
    sources: AddressCuts,
    transports: TransportCuts,
}

impl Cells<'_> {
    pub(crate) fn internet_strips(&self, destination: Address) -> Vec<Strip> {
        let network = self.network;
        let (sources, cuts) = self.internet_cuts(destination);
        let transports = Arc::new(Transports::new(cuts, self.traffic));
        // Within a cell only the network's own addresses do not send from the internet.
        let own = |address| network.public_addresses.at(address).is_some();
        let cells = sources.cells(destination.family()).into_iter();
        let sources = cells.filter_map(|(first, end)| free(first, end, own));
        let sources = sources.filter(|source| self.scope.sends_from(Sender::Internet, *source));
        sources
            .map(|source| Strip {
                sender: Sender::Internet,
                source,
                destination,
                transports: Arc::clone(&transports),
            })
            .collect()
    }

    /// Where packets from the internet to a destination can tell sources, protocols and ports
    /// apart.
    pub(crate) fn internet_cuts(&self, destination: Address) -> (AddressCuts, TransportCuts) {
        let network = self.network;
        let mut cuts = TransportCuts::new();
        let mut sources = AddressCuts::default();
        public_edges().for_each(|cidr| sources.block(cidr));
        self.scope.cut_sources(&mut sources);
        sources.starts(self.told.iter().copied());
        if let Some((owner, position)) = network.public_addresses.at(destination) {
            let sight = self.sight_from_internet(owner);
            let private = network.interfaces[owner].private(position);
            let others = private.into_iter().flat_map(|to| self.owners(&sight, to));
            let receivers: BTreeSet<_> = others.chain([owner]).collect();
            for receiver in receivers {
                self.receiver_cuts(receiver, &mut cuts);
                self.cut_at_receiver(receiver, destination.family(), &mut sources);
                self.cuts_behind(receiver, &mut cuts);
                self.cut_behind(receiver, destination.family(), &mut sources);
            }
            self.cut_on_the_way(&sight, destination.family(), &mut sources);
            self.cut_at_middleboxes(&sight, destination.family(), &mut sources);
            self.way_cuts(&sight, &mut cuts);
        }
        (sources, cuts)
    }

    /// What packets from the internet can meet on their way to an interface.
    fn sight_from_internet(&self, owner: InterfaceIndex) -> Sight {
        let network = self.network;
        let vpc = network.interfaces[owner].vpc;
        let gateway = network.vpcs[vpc].internet_gateway;
        let edge = gateway.and_then(|gateway| network.internet_gateways[gateway].edge_route_table);
        let sight = edge.map(|edge| Sight::from_edge(network, vpc, edge.table));
        sight.unwrap_or_default()
    }

    /// The interface that has a destination for which packets may leave by a gateway, to come
    /// back in from the internet (`internet-gateway-hairpin`).
    pub(crate) fn back_inside(
        &self,
        sight: &Sight,
        destination: Address,
    ) -> Option<InterfaceIndex> {
        let vpcs = &self.network.vpcs;
        let mut exits = sight.exits.iter();
        // No route to a gateway takes what is of its own VPC (`route-inside-vpc`).
        let leaves = exits.any(|vpc| !held(&vpcs[*vpc].cidrs, destination));
        let owner = self.network.public_addresses.at(destination);
        owner.filter(|_| leaves).map(|(owner, _)| owner)
    }

    /// What is asked of protocols and ports between the internet and an interface, to which
    /// packets may come back.
    pub(crate) fn cuts_on_the_way_back(
        &self,
        owner: Option<InterfaceIndex>,
        cuts: &mut TransportCuts,
    ) {
        if let Some(owner) = owner {
            self.way_cuts(&self.sight_from_internet(owner), cuts);
        }
    }

    /// Looks from every gateway by which hosts on premises send.
    pub(crate) fn look_from_gateways(&mut self) {
        if self.scope.on_premises.is_empty() {
            return;
        }
        let gateways = self.network.gateways();
        let looked: Vec<_> = gateways
            .map(|gateway| (gateway, self.look_from(gateway)))
            .collect();
        self.gateways.extend(looked);
    }

    fn look_from(&self, gateway: Gateway) -> FromGateway {
        let network = self.network;
        let sight = Sight::from_gateway(network, gateway);
        let mut sources = AddressCuts::default();
        self.scope.cut_sources(&mut sources);
        sources.starts(self.told.iter().copied());
        // Who sends with the address of an interface may be taken for it far from its VPC.
        let sends = |own: &Address| self.scope.sends_from(Sender::OnPremises(gateway), *own);
        for vpc in &sight.vpcs {
            let owners = network.vpcs[*vpc].owners.iter().map(|(own, _)| own);
            owners.filter(sends).for_each(|own| sources.host(own));
        }
        // Replies go to the sources.
        self.cut_places(&sight, &mut sources);
        for family in &self.families {
            if let Some(beyond) = network.beyond(gateway) {
                sources.starts(beyond.starts(*family));
            }
            self.cut_on_the_way(&sight, *family, &mut sources);
            self.cut_at_middleboxes(&sight, *family, &mut sources);
        }
        let mut transports = TransportCuts::new();
        self.way_cuts(&sight, &mut transports);
        FromGateway {
            destinations: self.destinations_from(gateway, &sight),
            sight,
            sources,
            transports,
        }
    }

    /// The hosts on premises by each gateway, to each destination.
    pub(crate) fn on_premises_seeds(&self) -> impl Iterator<Item = Seed> {
        let gateways = self.gateways.iter();
        gateways.flat_map(move |(gateway, from)| {
            let families = self.families.iter();
            let all = families.flat_map(|family| from.destinations.representatives(*family));
            let sender = Sender::OnPremises(*gateway);
            let asked = all.filter(move |to| self.is_asked(sender, *to));
            asked.map(|to| Seed::OnPremises(*gateway, to))
        })
    }

    /// What packets from on premises can tell apart in their destinations.
    fn destinations_from(&self, gateway: Gateway, sight: &Sight) -> AddressCuts {
        if let Some(hosts) = &self.hosts {
            let mut cuts = AddressCuts::default();
            hosts.iter().for_each(|host| cuts.host(*host));
            return cuts;
        }
        let mut cuts = self.everywhere.clone();
        reserved().chain(nat64()).for_each(|cidr| cuts.block(cidr));
        for family in &self.families {
            if let Some(beyond) = self.network.beyond(gateway) {
                cuts.starts(beyond.advertised.starts(*family));
            }
            self.cut_in_sight(Whence::OnPremises(None), sight, *family, &mut cuts);
            self.cut_at_nat64(Whence::OnPremises(None), sight, *family, &mut cuts);
        }
        cuts
    }

    /// Where packets from on premises by a gateway to a destination can tell sources, protocols and
    /// ports apart.
    pub(crate) fn on_premises_cuts(
        &self,
        from: &FromGateway,
        destination: Address,
    ) -> (AddressCuts, TransportCuts) {
        let family = destination.family();
        let (mut sources, mut cuts) = (from.sources.clone(), from.transports.clone());
        self.knock_cuts(&mut cuts);
        let translated = behind_nat64(destination).filter(|_| self.network.nat64);
        let back = self.back_inside(&from.sight, translated.unwrap_or(destination));
        self.cuts_on_the_way_back(back, &mut cuts);
        let owners = self.owners(&from.sight, destination);
        let receivers: BTreeSet<_> = owners.chain(back).collect();
        for receiver in receivers {
            self.receiver_cuts(receiver, &mut cuts);
            self.cut_at_receiver(receiver, family, &mut sources);
            self.cuts_behind(receiver, &mut cuts);
            self.cut_behind(receiver, family, &mut sources);
        }
        if behind_nat64(destination).is_some() {
            cuts.through_nat64();
        }
        (sources, cuts)
    }

    pub(crate) fn on_premises_strips(&self, gateway: Gateway, destination: Address) -> Vec<Strip> {
        let Some(from) = self.gateways.get(&gateway) else {
            // Only gateways that were looked from are seeds.
            return Vec::new();
        };
        let family = destination.family();
        let sender = Sender::OnPremises(gateway);
        let (mut sources, cuts) = self.on_premises_cuts(from, destination);
        let transports = Arc::new(Transports::new(cuts, self.traffic));
        // Nobody sends to himself. Who is alone in his cell sends to another of the destination's.
        let alone = sources.is_alone(destination).then_some(destination);
        // Relays are single addresses, and cells of their own.
        let alone = alone.filter(|_| self.leads.is_none());
        let spare = alone.and_then(|alone| from.destinations.spare(alone));
        sources.host(destination);
        let all = sources.representatives(family).into_iter();
        let others = all.filter(|source| *source != destination);
        let mut pairs: Vec<_> = others.map(|source| (source, destination)).collect();
        pairs.extend(spare.map(|spare| (destination, spare)));
        pairs.retain(|(source, _)| self.scope.sends_from(sender, *source));
        // A witness that the gateway knows surprises nobody.
        let beyond = self.network.beyond(gateway);
        pairs.sort_by_key(|(source, _)| !beyond.is_some_and(|beyond| beyond.holds(*source)));
        let strips = pairs.into_iter().map(|(source, destination)| Strip {
            sender,
            source,
            destination,
            transports: Arc::clone(&transports),
        });
        strips.collect()
    }

    /// What middleboxes on the way ask of sources outside.
    fn cut_at_middleboxes(&self, sight: &Sight, family: Family, cuts: &mut AddressCuts) {
        for middlebox in &sight.middleboxes {
            for set in self.sets(&self.network.interfaces[*middlebox]) {
                cut_rules(&set.ingress, family, cuts);
            }
        }
    }

    /// What a receiver's side asks of sources outside.
    pub(crate) fn cut_at_receiver(
        &self,
        index: InterfaceIndex,
        family: Family,
        cuts: &mut AddressCuts,
    ) {
        let interface = &self.network.interfaces[index];
        for set in self.sets(interface) {
            cut_rules(&set.ingress, family, cuts);
        }
        for side in [Side::In, Side::Out] {
            for entries in self.entries(interface.subnet, side) {
                entries.iter().for_each(|entry| cuts.block(entry.cidr));
            }
        }
        if let Ok(table) = self.network.subnets[interface.subnet].route_table {
            cuts.starts(self.network.route_tables[table].starts(family));
        }
    }
}
