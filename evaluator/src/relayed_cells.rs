//! The cells of relayed flows: their first legs, cut besides at what the interfaces ask that see
//! a client's address or port behind a relay.

use std::collections::BTreeSet;

use model::{Address, Family};

use crate::atoms::{AddressCuts, TransportCuts};
use crate::cells::{Cells, Seed};
use crate::index::{InterfaceIndex, LoadBalancerIndex};
use crate::knock::Knock;
use crate::leads::Leads;
use crate::load_balancer::{Candidate, LoadBalancer};
use crate::network_acl::Side;
use crate::network_interface::Role;

impl<'a> Cells<'a> {
    /// Cells of the flows that are sent to relays.
    pub(crate) fn relaying(mut self, leads: &'a Leads) -> Self {
        self.leads = Some(leads);
        self
    }

    /// Cells of the flows that are sent to the range of NAT64.
    pub(crate) fn translating(mut self, leads: &'a Leads) -> Self {
        self.leads = Some(leads);
        self.by_nat64 = true;
        self
    }

    /// The senders of relayed flows that are outside.
    pub(crate) fn seeds_to_relays(&self, leads: &Leads) -> Vec<Seed> {
        let mut seeds = Vec::new();
        if !self.scope.internet.is_empty() {
            let relays = leads.internet_relays().iter();
            seeds.extend(relays.copied().map(Seed::Internet));
        }
        for gateway in self.gateways.keys() {
            let relays = leads.on_premises_relays().iter();
            seeds.extend(relays.map(|to| Seed::OnPremises(*gateway, *to)));
        }
        seeds
    }

    /// What an interface sends relayed flows to.
    pub(crate) fn relays(
        &self,
        leads: &Leads,
        sender: InterfaceIndex,
        family: Family,
    ) -> Vec<Address> {
        let relays = leads.inside_relays();
        let relays = relays.filter(|to| to.family() == family && !self.scope.is_own(sender, *to));
        relays.collect()
    }

    /// What relays tell apart in protocols and ports, whoever sends.
    pub(crate) fn knock_cuts(&self, cuts: &mut TransportCuts) {
        for knock in self.leads.into_iter().flat_map(|leads| &leads.knocks) {
            cuts.request(&match knock {
                Knock::Tcp(port) => tcp(*port),
                Knock::Udp(port) => udp(*port),
            });
        }
    }

    /// What a load balancer takes is told by protocol and port (`load-balancer-listener`).
    pub(crate) fn listener_cuts(&self, index: LoadBalancerIndex, cuts: &mut TransportCuts) {
        self.network.load_balancers[index].listener_cuts(cuts);
    }

    /// What is asked behind a relay of the port of its client.
    pub(crate) fn cuts_behind(&self, relay: InterfaceIndex, cuts: &mut TransportCuts) {
        if self.leads.is_none() || !self.network.is_relay(relay) {
            return;
        }
        for receiver in self.receivers_behind(relay) {
            self.receiver_cuts(receiver, cuts);
        }
        if self.replies {
            let place = self.network.interfaces[relay].subnet;
            let inbound = self.entries_traffic(place, Side::In);
            inbound.for_each(|traffic| cuts.reply(traffic));
        }
    }

    /// What is asked behind a relay of the address of its client.
    pub(crate) fn cut_behind(
        &self,
        relay: InterfaceIndex,
        family: Family,
        sources: &mut AddressCuts,
    ) {
        if self.leads.is_none() || !self.network.is_relay(relay) {
            return;
        }
        for receiver in self.receivers_behind(relay) {
            self.cut_at_receiver(receiver, family, sources);
            // A target is not its own client.
            let own = self.network.interfaces[receiver].private_addresses();
            own.for_each(|own| sources.host(own));
        }
    }

    /// The interfaces that may see a client's address behind a relay. Those see a node's that are
    /// behind another one.
    fn receivers_behind(&self, relay: InterfaceIndex) -> BTreeSet<InterfaceIndex> {
        let network = self.network;
        let interface = &network.interfaces[relay];
        if let Role::LoadBalancer(index) = interface.role {
            let listeners = network.load_balancers[index].listeners.as_ref();
            let listeners = listeners.ok().into_iter().flatten();
            let candidates = listeners.filter_map(|listener| listener.candidates.as_ref().ok());
            let preserved = candidates.flatten().filter(|candidate| candidate.preserves);
            let owners = &network.vpcs[interface.vpc].owners;
            let owner = |to: &Candidate| owners.at(to.address).map(|(owner, _)| owner);
            return preserved.filter_map(owner).collect();
        }
        let service = network.service_of(relay);
        let nodes = service.map(|service| &network.endpoint_services[service].nodes);
        nodes.into_iter().flatten().copied().collect()
    }
}

impl LoadBalancer {
    /// Where what it listens to is told apart.
    pub(crate) fn listener_cuts(&self, cuts: &mut TransportCuts) {
        for listener in self.listeners.as_ref().ok().into_iter().flatten() {
            cuts.request(&tcp(listener.port));
            cuts.request(&udp(listener.port));
        }
    }
}

const fn tcp(port: u16) -> model::RuleTraffic {
    model::RuleTraffic::Tcp(model::RulePorts {
        from: port,
        to: port,
    })
}

const fn udp(port: u16) -> model::RuleTraffic {
    model::RuleTraffic::Udp(model::RulePorts {
        from: port,
        to: port,
    })
}
