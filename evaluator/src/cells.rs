//! The cells of a scope: for each sender, one flow for every way in which flows can differ.
//!
//! Only what a sender's packets can meet is cut at: its own groups, and what stands on their ways.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use model::{Address, Family, RuleTraffic, Traffic};

use crate::address::{AMAZON_SERVICES, behind_nat64, nat64, public_edges, reserved};
use crate::atoms::{AddressCuts, TransportCuts};
use crate::check::families;
use crate::compiled::{Compiled, Open};
use crate::forward::Sender;
use crate::index::{GroupSetIndex, InterfaceIndex, SubnetIndex, VpcIndex};
use crate::leads::Leads;
use crate::network_acl::{Entries, Side};
use crate::network_interface::{Interface, Role};
use crate::on_premises::Gateway;
use crate::outside_cells::FromGateway;
use crate::scope::{Scope, Whence};
use crate::security_group::{GroupSet, Rules};
use crate::sight::Sight;
use crate::transports::Transports;

/// A sender that is yet to be cut into cells.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Seed {
    Interface(InterfaceIndex, Address),
    /// The internet, to one destination.
    Internet(Address),
    /// The hosts on premises by a gateway, to one destination.
    OnPremises(Gateway, Address),
}

/// The cells between one source and one destination.
#[derive(Clone, Debug)]
pub(crate) struct Strip {
    pub(crate) sender: Sender,
    pub(crate) source: Address,
    pub(crate) destination: Address,
    pub(crate) transports: Arc<Transports>,
}

/// What decides at a receiver; two receivers alike in it need the same cuts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Receiver {
    Alike(SubnetIndex, GroupSetIndex),
    Own(InterfaceIndex),
}

/// What decides at the receivers of a destination.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Alike {
    is_nat64: bool,
    receivers: Vec<Receiver>,
    /// The VPC into which packets for it come back.
    by: Option<VpcIndex>,
}

/// The interfaces that may receive what is sent to a destination.
#[derive(Clone, Debug)]
pub(crate) struct Receivers {
    owners: Vec<InterfaceIndex>,
    /// That to which packets come back in from the internet.
    back: Option<InterfaceIndex>,
    /// Destinations alike in it need the same cuts of protocols and ports.
    pub(crate) alike: Alike,
}

impl Receivers {
    /// Whether it is this interface and nobody else.
    pub(crate) fn is_only(&self, receiver: InterfaceIndex) -> bool {
        self.owners == [receiver] && self.back.is_none() && !self.alike.is_nat64
    }
}

/// Cuts a scope's flows into cells.
pub(crate) struct Cells<'a> {
    pub(crate) network: &'a Compiled,
    pub(crate) scope: &'a Scope<'a>,
    pub(crate) families: BTreeSet<Family>,
    pub(crate) traffic: &'a Traffic,
    /// Whether anything is asked of replies.
    pub(crate) replies: bool,
    /// Of relayed flows, what relays lead to.
    pub(crate) leads: Option<&'a Leads>,
    /// Whether they are sent to the range of NAT64, and not to relays.
    pub(crate) by_nat64: bool,
    /// Where policies tell sources apart that requests come from.
    pub(crate) told: Vec<Address>,
    /// What every destination is cut at.
    pub(crate) everywhere: AddressCuts,
    /// Every destination, when the places have single addresses only.
    pub(crate) hosts: Option<BTreeSet<Address>>,
    /// The destinations for which others stand.
    passed_over: BTreeSet<Address>,
    /// What packets from each subnet of a sender can meet.
    sights: BTreeMap<SubnetIndex, Sight>,
    /// The gateways by which hosts on premises send.
    pub(crate) gateways: BTreeMap<Gateway, FromGateway>,
}

impl<'a> Cells<'a> {
    pub(crate) fn new(
        network: &'a Compiled,
        scope: &'a Scope<'a>,
        source: &'a model::Scope,
        replies: bool,
        told: Vec<Address>,
    ) -> Self {
        let mut everywhere = AddressCuts::default();
        scope.cut_destinations(&mut everywhere);
        public_edges().for_each(|cidr| everywhere.block(cidr));
        let publics = network.public_addresses.iter();
        publics.for_each(|(address, _)| everywhere.host(address));
        let senders = scope.interfaces.iter();
        let subnets: BTreeSet<_> = senders
            .map(|index| network.interfaces[*index].subnet)
            .collect();
        let sight = |subnet| (subnet, Sight::from_subnet(network, subnet));
        let mut cells = Self {
            network,
            scope,
            families: families(source).collect(),
            traffic: &source.traffic,
            replies,
            leads: None,
            by_nat64: false,
            told,
            everywhere,
            hosts: scope.hosts(),
            passed_over: BTreeSet::new(),
            sights: subnets.into_iter().map(sight).collect(),
            gateways: BTreeMap::new(),
        };
        cells.look_from_gateways();
        cells
    }

    /// Without the destinations for which others stand.
    pub(crate) fn passing_over(mut self, destinations: &BTreeSet<Address>) -> Self {
        if let Some(hosts) = &mut self.hosts {
            hosts.retain(|host| !destinations.contains(host));
        }
        self.passed_over.clone_from(destinations);
        self
    }

    /// Whether a destination is asked, and in the scope of a sender.
    pub(crate) fn is_asked(&self, sender: Sender, destination: Address) -> bool {
        !self.passed_over.contains(&destination) && self.scope.holds(sender, destination)
    }

    /// The senders, in their order.
    pub(crate) fn seeds(&self) -> Vec<Seed> {
        let mut seeds = Vec::new();
        for index in &self.scope.interfaces {
            let own = self.network.interfaces[*index].private_addresses();
            let own = own.filter(|address| self.families.contains(&address.family()));
            seeds.extend(own.map(|address| Seed::Interface(*index, address)));
        }
        if let Some(leads) = self.leads {
            seeds.extend(match self.by_nat64 {
                true => self.seeds_to_nat64(leads),
                false => self.seeds_to_relays(leads),
            });
            return seeds;
        }
        for family in self
            .families
            .iter()
            .filter(|_| !self.scope.internet.is_empty())
        {
            let destinations = self.everywhere.representatives(*family).into_iter();
            let is_asked = |to: &Address| self.is_asked(Sender::Internet, *to);
            seeds.extend(destinations.filter(is_asked).map(Seed::Internet));
        }
        seeds.extend(self.on_premises_seeds());
        seeds
    }

    /// The cells of a sender.
    pub(crate) fn strips(&self, seed: &Seed) -> Vec<Strip> {
        match seed {
            Seed::Interface(index, source) => self.interface_strips(*index, *source),
            Seed::Internet(destination) => self.internet_strips(*destination),
            Seed::OnPremises(gateway, to) => self.on_premises_strips(*gateway, *to),
        }
    }

    fn interface_strips(&self, index: InterfaceIndex, source: Address) -> Vec<Strip> {
        let network = self.network;
        let interface = &network.interfaces[index];
        let family = source.family();
        let sender = Sender::Interface(index);
        let Some(sight) = self.sights.get(&interface.subnet) else {
            // Only senders of the scope are seeds, and each of them has a sight.
            return Vec::new();
        };
        let destinations = match self.leads {
            Some(leads) if self.by_nat64 => self.to_nat64(leads, index, sight, family),
            Some(leads) => self.relays(leads, index, family),
            None => self.destinations(interface, sight, family),
        };
        let relayed = self.leads.is_some();
        let destinations = destinations.into_iter();
        let destinations = destinations.filter(|to| relayed || self.is_asked(sender, *to));
        let sender_cuts = self.sender_cuts(interface, sight);
        let mut known: BTreeMap<Alike, Arc<Transports>> = BTreeMap::new();
        destinations
            .map(|destination| {
                let receivers = self.receivers(sight, destination);
                let transports = known.entry(receivers.alike.clone()).or_insert_with(|| {
                    let cuts = self.cuts_to(&receivers, &sender_cuts);
                    Arc::new(Transports::new(cuts, self.traffic))
                });
                Strip {
                    sender,
                    source,
                    destination,
                    transports: Arc::clone(transports),
                }
            })
            .collect()
    }

    /// What packets from a subnet of a sender can meet.
    pub(crate) fn sight(&self, subnet: SubnetIndex) -> Option<&Sight> {
        self.sights.get(&subnet)
    }

    /// Who may receive what an interface sends to a destination.
    pub(crate) fn receivers(&self, sight: &Sight, destination: Address) -> Receivers {
        let network = self.network;
        let translated = behind_nat64(destination).filter(|_| network.nat64);
        let back = self.back_inside(sight, translated.unwrap_or(destination));
        let owners: Vec<_> = self.owners(sight, destination).chain(back).collect();
        let alike = Alike {
            is_nat64: behind_nat64(destination).is_some(),
            receivers: owners.iter().map(|owner| self.receiver(*owner)).collect(),
            by: back.map(|owner| network.interfaces[owner].vpc),
        };
        Receivers {
            owners,
            back,
            alike,
        }
    }

    /// What is asked of protocols and ports between a sender and such receivers.
    pub(crate) fn cuts_to(&self, to: &Receivers, sender_cuts: &TransportCuts) -> TransportCuts {
        let mut cuts = sender_cuts.clone();
        for owner in &to.owners {
            self.receiver_cuts(*owner, &mut cuts);
            self.cuts_behind(*owner, &mut cuts);
        }
        self.cuts_on_the_way_back(to.back, &mut cuts);
        if to.alike.is_nat64 {
            cuts.through_nat64();
        }
        cuts
    }

    /// The interfaces that have the address in a VPC where packets may arrive, or that of which
    /// NAT64 makes it.
    pub(crate) fn owners(
        &self,
        sight: &Sight,
        address: Address,
    ) -> impl Iterator<Item = InterfaceIndex> {
        let translated = behind_nat64(address).filter(|_| self.network.nat64);
        let vpcs = sight.vpcs.iter().copied();
        let owners = vpcs.flat_map(move |vpc| {
            let addresses = [Some(address), translated].into_iter().flatten();
            addresses.filter_map(move |address| self.network.vpcs[vpc].owners.at(address))
        });
        owners.map(|(owner, _)| owner)
    }

    /// One destination of every cell that a sender's packets can tell apart.
    fn destinations(&self, interface: &Interface, sight: &Sight, family: Family) -> Vec<Address> {
        if let Some(hosts) = &self.hosts {
            let hosts = hosts.iter().copied();
            return hosts.filter(|host| host.family() == family).collect();
        }
        let cuts = self.destination_cuts(interface, sight, family);
        cuts.representatives(family)
    }

    /// Where a sender's packets can tell destinations apart.
    pub(crate) fn destination_cuts(
        &self,
        interface: &Interface,
        sight: &Sight,
        family: Family,
    ) -> AddressCuts {
        let mut cuts = self.cuts_but_owners(interface, sight, family);
        self.cut_at_owners(Whence::Subnet(interface.subnet), sight, &mut cuts);
        cuts
    }

    /// The same but for the interfaces at which they may arrive.
    pub(crate) fn cuts_but_owners(
        &self,
        interface: &Interface,
        sight: &Sight,
        family: Family,
    ) -> AddressCuts {
        let network = self.network;
        let mut cuts = self.everywhere.clone();
        reserved().chain(nat64()).for_each(|cidr| cuts.block(cidr));
        AMAZON_SERVICES.into_iter().for_each(|host| cuts.host(host));
        let subnet = &network.subnets[interface.subnet];
        let hosts = [network.vpcs[interface.vpc].resolver, subnet.router];
        hosts.into_iter().flatten().for_each(|host| cuts.host(host));
        // What is in no place of the scope needs no cell; only places of single addresses tell
        // an owner from the cell around it.
        interface.private_addresses().for_each(|own| cuts.host(own));
        for set in self.sets(interface) {
            cut_rules(&set.egress, family, &mut cuts);
        }
        self.cut_at_client_vpn(interface, family, &mut cuts);
        let whence = Whence::Subnet(interface.subnet);
        self.cut_before_arrival(sight, family, &mut cuts);
        self.cut_at_nat64(whence, sight, family, &mut cuts);
        cuts
    }

    /// What is asked of destinations of clients.
    pub(crate) fn cut_at_client_vpn(
        &self,
        interface: &Interface,
        family: Family,
        cuts: &mut AddressCuts,
    ) {
        match interface.role {
            Role::ClientVpn(index) => {
                self.network.client_vpn_interfaces[index].cut(family, cuts);
            }
            Role::Ordinary | Role::Endpoint(_) | Role::NatGateway(_) | Role::LoadBalancer(_) => {}
        }
    }

    /// What a sender's packets can meet cuts their destinations.
    pub(crate) fn cut_in_sight(
        &self,
        whence: Whence,
        sight: &Sight,
        family: Family,
        cuts: &mut AddressCuts,
    ) {
        self.cut_at_owners(whence, sight, cuts);
        self.cut_before_arrival(sight, family, cuts);
    }

    /// The interfaces of the scope at which packets may arrive.
    fn cut_at_owners(&self, whence: Whence, sight: &Sight, cuts: &mut AddressCuts) {
        let network = self.network;
        let in_scope = |address| self.scope.holds_from(whence, address);
        for vpc in &sight.vpcs {
            let owners = network.vpcs[*vpc].owners.iter().map(|(address, _)| address);
            owners
                .filter(|owner| in_scope(*owner))
                .for_each(|owner| cuts.host(owner));
        }
    }

    /// The same but for the interfaces at which they may arrive.
    pub(crate) fn cut_before_arrival(&self, sight: &Sight, family: Family, cuts: &mut AddressCuts) {
        let network = self.network;
        for middlebox in &sight.middleboxes {
            for set in self.sets(&network.interfaces[*middlebox]) {
                cut_rules(&set.egress, family, cuts);
            }
        }
        for gateway in &sight.gateways {
            let beyond = network.beyond(*gateway).into_iter();
            beyond.for_each(|beyond| cuts.starts(beyond.starts(family)));
        }
        self.cut_places(sight, cuts);
        self.cut_on_the_way(sight, family, cuts);
    }

    /// The blocks of the subnets at which packets may stand.
    pub(crate) fn cut_places(&self, sight: &Sight, cuts: &mut AddressCuts) {
        for place in &sight.places {
            let blocks = self.network.subnets[*place].cidrs.iter();
            blocks.for_each(|cidr| cuts.block(*cidr));
        }
    }

    /// What is asked on the way of addresses far from the sender.
    pub(crate) fn cut_on_the_way(&self, sight: &Sight, family: Family, cuts: &mut AddressCuts) {
        let network = self.network;
        for place in &sight.places {
            for side in [Side::In, Side::Out] {
                for entries in self.entries(*place, side) {
                    entries.iter().for_each(|entry| cuts.block(entry.cidr));
                }
            }
            if let Ok(table) = network.subnets[*place].route_table {
                cuts.starts(network.route_tables[table].starts(family));
            }
        }
        for table in &sight.transit_tables {
            cuts.starts(network.transit_tables[*table].starts(family));
        }
    }

    /// What is asked of protocols and ports between a sender and the receiver, but for what the groups
    /// of both ask.
    pub(crate) fn cuts_past_groups(
        &self,
        sight: &Sight,
        to: &Receivers,
        receiver: InterfaceIndex,
    ) -> TransportCuts {
        let mut cuts = TransportCuts::new();
        self.way_cuts(sight, &mut cuts);
        for owner in &to.owners {
            match *owner == receiver {
                true => self.cuts_before_groups(receiver, &mut cuts),
                false => self.receiver_cuts(*owner, &mut cuts),
            }
            self.cuts_behind(*owner, &mut cuts);
        }
        self.cuts_on_the_way_back(to.back, &mut cuts);
        if to.alike.is_nat64 {
            cuts.through_nat64();
        }
        cuts
    }

    /// What the sender's side asks of protocols and ports.
    pub(crate) fn sender_cuts(&self, interface: &Interface, sight: &Sight) -> TransportCuts {
        let mut cuts = TransportCuts::new();
        for set in self.sets(interface) {
            let rules = set.egress.traffic();
            rules.for_each(|traffic| cuts.request(traffic));
        }
        self.way_cuts(sight, &mut cuts);
        cuts
    }

    /// What is asked of protocols and ports on the way.
    pub(crate) fn way_cuts(&self, sight: &Sight, cuts: &mut TransportCuts) {
        self.knock_cuts(cuts);
        for middlebox in &sight.middleboxes {
            for set in self.sets(&self.network.interfaces[*middlebox]) {
                let rules = set.ingress.traffic().chain(set.egress.traffic());
                rules.for_each(|traffic| cuts.request(traffic));
            }
        }
        for place in &sight.places {
            for side in [Side::In, Side::Out] {
                for traffic in self.entries_traffic(*place, side) {
                    cuts.request(traffic);
                    if self.replies {
                        cuts.reply(traffic);
                    }
                }
            }
        }
    }

    fn receiver(&self, index: InterfaceIndex) -> Receiver {
        let interface = &self.network.interfaces[index];
        match (&interface.groups, interface.role) {
            (Open::Known(set), Role::Ordinary | Role::NatGateway(_) | Role::ClientVpn(_)) => {
                Receiver::Alike(interface.subnet, *set)
            }
            (Open::Known(_), Role::LoadBalancer(_) | Role::Endpoint(_))
            | (Open::OneOf(..) | Open::Any(_), _) => Receiver::Own(index),
        }
    }

    /// What a receiver's side asks of protocols and ports.
    pub(crate) fn receiver_cuts(&self, index: InterfaceIndex, cuts: &mut TransportCuts) {
        for set in self.sets(&self.network.interfaces[index]) {
            set.ingress
                .traffic()
                .for_each(|traffic| cuts.request(traffic));
        }
        self.cuts_before_groups(index, cuts);
    }

    /// The same but for what its groups ask.
    fn cuts_before_groups(&self, index: InterfaceIndex, cuts: &mut TransportCuts) {
        let interface = &self.network.interfaces[index];
        if let Role::LoadBalancer(load_balancer) = interface.role {
            self.listener_cuts(load_balancer, cuts);
        }
        let inbound = self.entries_traffic(interface.subnet, Side::In);
        inbound.for_each(|traffic| cuts.request(traffic));
        if self.replies {
            let outbound = self.entries_traffic(interface.subnet, Side::Out);
            outbound.for_each(|traffic| cuts.reply(traffic));
        }
    }

    pub(crate) fn sets(&self, interface: &Interface) -> impl Iterator<Item = &GroupSet> {
        let sets = interface.groups.candidates().to_vec();
        sets.into_iter().map(|set| &self.network.group_sets[set])
    }

    /// The entries of a subnet's ACL, or of each that it may have.
    pub(crate) fn entries(
        &self,
        subnet: SubnetIndex,
        side: Side,
    ) -> impl Iterator<Item = &Entries> {
        let network_acls = self.network.subnets[subnet].network_acl.candidates().iter();
        network_acls.map(move |index| self.network.network_acls[*index].entries(side))
    }

    pub(crate) fn entries_traffic(
        &self,
        subnet: SubnetIndex,
        side: Side,
    ) -> impl Iterator<Item = &RuleTraffic> {
        let entries = self.entries(subnet, side).flat_map(Entries::iter);
        entries.map(|entry| &entry.traffic)
    }
}

pub(crate) fn cut_rules(rules: &Rules, family: Family, cuts: &mut AddressCuts) {
    cuts.starts(rules.starts(family));
    rules.members().for_each(|member| cuts.host(member));
}
