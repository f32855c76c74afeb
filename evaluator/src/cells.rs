//! The cells of a scope: for each sender, one flow for every way in which flows can differ.
//!
//! Only what a sender's packets can meet is cut at: its own groups, and what stands on their ways.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use model::{Address, Family, RuleTraffic, Traffic, Transport};

use crate::address::{AMAZON_SERVICES, nat64, public_edges, reserved};
use crate::atoms::{AddressCuts, TransportCuts, free};
use crate::check::families;
use crate::compiled::{Compiled, Open};
use crate::forward::Sender;
use crate::index::{GroupSetIndex, InterfaceIndex, SubnetIndex};
use crate::network_acl::{Entries, Side};
use crate::network_interface::Interface;
use crate::scope::Scope;
use crate::security_group::{GroupSet, Rules};
use crate::sight::Sight;

/// A sender that is yet to be cut into cells.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Seed {
    Interface(InterfaceIndex, Address),
    /// The internet, to one destination.
    Internet(Address),
}

/// The cells between one source and one destination.
#[derive(Clone, Debug)]
pub(crate) struct Strip {
    pub(crate) sender: Sender,
    pub(crate) source: Address,
    pub(crate) destination: Address,
    pub(crate) transports: Arc<Vec<Transport>>,
}

/// What decides at a receiver; two receivers alike in it need the same cuts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Receiver {
    Alike(SubnetIndex, GroupSetIndex),
    Own(InterfaceIndex),
}

/// Cuts a scope's flows into cells.
pub(crate) struct Cells<'a> {
    network: &'a Compiled,
    scope: &'a Scope<'a>,
    families: BTreeSet<Family>,
    traffic: &'a Traffic,
    /// Whether anything is asked of replies.
    replies: bool,
    /// What every destination is cut at.
    everywhere: AddressCuts,
    /// What packets from each subnet of a sender can meet.
    sights: BTreeMap<SubnetIndex, Sight>,
}

impl<'a> Cells<'a> {
    pub(crate) fn new(
        network: &'a Compiled,
        scope: &'a Scope<'a>,
        source: &'a model::Scope,
        replies: bool,
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
        Self {
            network,
            scope,
            families: families(source).collect(),
            traffic: &source.traffic,
            replies,
            everywhere,
            sights: subnets.into_iter().map(sight).collect(),
        }
    }

    /// The senders, in their order.
    pub(crate) fn seeds(&self) -> Vec<Seed> {
        let mut seeds = Vec::new();
        for index in &self.scope.interfaces {
            let own = self.network.interfaces[*index].private_addresses();
            let own = own.filter(|address| self.families.contains(&address.family()));
            seeds.extend(own.map(|address| Seed::Interface(*index, address)));
        }
        for family in self
            .families
            .iter()
            .filter(|_| !self.scope.internet.is_empty())
        {
            let destinations = self.everywhere.representatives(*family).into_iter();
            let in_scope = |to: &Address| self.scope.holds(Sender::Internet, *to);
            seeds.extend(destinations.filter(in_scope).map(Seed::Internet));
        }
        seeds
    }

    /// The cells of a sender.
    pub(crate) fn strips(&self, seed: &Seed) -> Vec<Strip> {
        match seed {
            Seed::Interface(index, source) => self.interface_strips(*index, *source),
            Seed::Internet(destination) => self.internet_strips(*destination),
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
        let destinations = self.destinations(interface, sight, family).into_iter();
        let destinations = destinations.filter(|to| self.scope.holds(sender, *to));
        let sender_cuts = self.sender_cuts(interface, sight);
        let mut known: BTreeMap<Vec<Receiver>, Arc<Vec<Transport>>> = BTreeMap::new();
        destinations
            .map(|destination| {
                let owners: Vec<_> = self.owners(sight, destination).collect();
                let alike: Vec<_> = owners.iter().map(|owner| self.receiver(*owner)).collect();
                let transports = known.entry(alike).or_insert_with(|| {
                    let mut cuts = sender_cuts.clone();
                    owners
                        .iter()
                        .for_each(|owner| self.receiver_cuts(*owner, &mut cuts));
                    Arc::new(cuts.representatives(self.traffic))
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

    fn internet_strips(&self, destination: Address) -> Vec<Strip> {
        let network = self.network;
        let mut cuts = TransportCuts::new();
        let mut sources = AddressCuts::default();
        public_edges().for_each(|cidr| sources.block(cidr));
        self.scope.cut_sources(&mut sources);
        if let Some((owner, position)) = network.public_addresses.at(destination) {
            let sight = self.sight_from_internet(owner);
            let private = network.interfaces[owner].private(position);
            let others = private.into_iter().flat_map(|to| self.owners(&sight, to));
            let receivers: BTreeSet<_> = others.chain([owner]).collect();
            for receiver in receivers {
                self.receiver_cuts(receiver, &mut cuts);
                self.cut_at_receiver(receiver, destination.family(), &mut sources);
            }
            self.cut_on_the_way(&sight, destination.family(), &mut sources);
            for middlebox in &sight.middleboxes {
                for set in self.sets(&network.interfaces[*middlebox]) {
                    cut_rules(&set.ingress, destination.family(), &mut sources);
                }
            }
            self.way_cuts(&sight, &mut cuts);
        }
        let transports = Arc::new(cuts.representatives(self.traffic));
        // Within a cell only the network's own addresses do not send from the internet.
        let own = |address| network.public_addresses.at(address).is_some();
        let cells = sources.cells(destination.family()).into_iter();
        let sources = cells.filter_map(|(first, end)| free(first, end, own));
        let sources = sources.filter(|source| self.scope.sends_from(*source));
        sources
            .map(|source| Strip {
                sender: Sender::Internet,
                source,
                destination,
                transports: Arc::clone(&transports),
            })
            .collect()
    }

    /// The interfaces that have the address in a VPC where packets may arrive.
    fn owners(&self, sight: &Sight, address: Address) -> impl Iterator<Item = InterfaceIndex> {
        let vpcs = sight.vpcs.iter().copied();
        let owners = vpcs.filter_map(move |vpc| self.network.vpcs[vpc].owners.at(address));
        owners.map(|(owner, _)| owner)
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

    /// One destination of every cell that a sender's packets can tell apart.
    fn destinations(&self, interface: &Interface, sight: &Sight, family: Family) -> Vec<Address> {
        let network = self.network;
        if let Some(hosts) = self.scope.hosts() {
            return hosts
                .into_iter()
                .filter(|host| host.family() == family)
                .collect();
        }
        let mut cuts = self.everywhere.clone();
        reserved().chain(nat64()).for_each(|cidr| cuts.block(cidr));
        AMAZON_SERVICES.into_iter().for_each(|host| cuts.host(host));
        let subnet = &network.subnets[interface.subnet];
        let hosts = [network.vpcs[interface.vpc].resolver, subnet.router];
        hosts.into_iter().flatten().for_each(|host| cuts.host(host));
        // What is in no place of the scope needs no cell; only places of single addresses tell
        // an owner from the cell around it.
        interface.private_addresses().for_each(|own| cuts.host(own));
        let in_scope = |address| self.scope.holds_from(Some(interface.vpc), address);
        for vpc in &sight.vpcs {
            let owners = network.vpcs[*vpc].owners.iter().map(|(address, _)| address);
            owners
                .filter(|owner| in_scope(*owner))
                .for_each(|owner| cuts.host(owner));
        }
        for set in self.sets(interface) {
            cut_rules(&set.egress, family, &mut cuts);
        }
        for middlebox in &sight.middleboxes {
            for set in self.sets(&network.interfaces[*middlebox]) {
                cut_rules(&set.egress, family, &mut cuts);
            }
        }
        for place in &sight.places {
            let blocks = network.subnets[*place].cidrs.iter();
            blocks.for_each(|cidr| cuts.block(*cidr));
        }
        self.cut_on_the_way(sight, family, &mut cuts);
        cuts.representatives(family)
    }

    /// What is asked on the way of addresses far from the sender.
    fn cut_on_the_way(&self, sight: &Sight, family: Family, cuts: &mut AddressCuts) {
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

    /// What the sender's side asks of protocols and ports.
    fn sender_cuts(&self, interface: &Interface, sight: &Sight) -> TransportCuts {
        let mut cuts = TransportCuts::new();
        for set in self.sets(interface) {
            let rules = set.egress.traffic();
            rules.for_each(|traffic| cuts.request(traffic));
        }
        self.way_cuts(sight, &mut cuts);
        cuts
    }

    /// What is asked of protocols and ports on the way.
    fn way_cuts(&self, sight: &Sight, cuts: &mut TransportCuts) {
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
        match interface.groups {
            Open::Known(set) => Receiver::Alike(interface.subnet, set),
            Open::OneOf(..) | Open::Any(_) => Receiver::Own(index),
        }
    }

    /// What a receiver's side asks of protocols and ports.
    fn receiver_cuts(&self, index: InterfaceIndex, cuts: &mut TransportCuts) {
        let interface = &self.network.interfaces[index];
        for set in self.sets(interface) {
            set.ingress
                .traffic()
                .for_each(|traffic| cuts.request(traffic));
        }
        let inbound = self.entries_traffic(interface.subnet, Side::In);
        inbound.for_each(|traffic| cuts.request(traffic));
        if self.replies {
            let outbound = self.entries_traffic(interface.subnet, Side::Out);
            outbound.for_each(|traffic| cuts.reply(traffic));
        }
    }

    /// What a receiver's side asks of sources on the internet.
    fn cut_at_receiver(&self, index: InterfaceIndex, family: Family, cuts: &mut AddressCuts) {
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

    fn sets(&self, interface: &Interface) -> impl Iterator<Item = &GroupSet> {
        let sets = interface.groups.candidates().to_vec();
        sets.into_iter().map(|set| &self.network.group_sets[set])
    }

    /// The entries of a subnet's ACL, or of each that it may have.
    fn entries(&self, subnet: SubnetIndex, side: Side) -> impl Iterator<Item = &Entries> {
        let network_acls = self.network.subnets[subnet].network_acl.candidates().iter();
        network_acls.map(move |index| self.network.network_acls[*index].entries(side))
    }

    fn entries_traffic(
        &self,
        subnet: SubnetIndex,
        side: Side,
    ) -> impl Iterator<Item = &RuleTraffic> {
        let entries = self.entries(subnet, side).flat_map(Entries::iter);
        entries.map(|entry| &entry.traffic)
    }
}

fn cut_rules(rules: &Rules, family: Family, cuts: &mut AddressCuts) {
    cuts.starts(rules.starts(family));
    rules.members().for_each(|member| cuts.host(member));
}
