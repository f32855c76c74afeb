//! Relays, to which flows go, and what stands behind them.

use std::collections::BTreeSet;

use model::{
    Address, AddressValue, Attachment, Listener, ListenerProtocol, LoadBalancer, MOST_PICKS,
    Network, NetworkInterface, NetworkInterfaceId, Port, TargetDestination, Transport, VpcId,
};

use super::flow::{self, candidates};
use crate::dice::Dice;

/// A relay: where it is reached, and for what.
#[derive(Clone, Debug)]
pub(super) struct Relay {
    pub vpc: Option<VpcId>,
    /// Its private addresses.
    pub private: Vec<Address>,
    /// Its public ones.
    pub public: Vec<Address>,
    /// The listeners behind it.
    pub listeners: Vec<Listener>,
}

/// Whether flows of a network may be received otherwise than they are sent: by relays or by NAT64.
pub(crate) fn hands_on(network: &Network) -> bool {
    !network.load_balancers().is_empty() || !flow::translated(network).is_empty()
}

/// The relays of a network.
pub(super) fn relays(network: &Network) -> Vec<Relay> {
    let interfaces = network.network_interfaces().values();
    let relays = interfaces.filter_map(|interface| {
        let listeners = listeners(network, interface)?;
        let subnet = network.subnets().get(&interface.subnet);
        let known = |value: &AddressValue| match value {
            AddressValue::Known(address) => Some(*address),
            AddressValue::Within(..) => None,
        };
        let addresses = &interface.addresses;
        let public = addresses.iter().filter_map(|one| one.public.as_ref());
        Some(Relay {
            vpc: subnet.map(|subnet| subnet.vpc.clone()),
            private: addresses
                .iter()
                .filter_map(|one| known(&one.private))
                .collect(),
            public: public.filter_map(known).collect(),
            listeners,
        })
    });
    relays.collect()
}

/// The listeners behind an interface, if it is a relay.
fn listeners(network: &Network, interface: &NetworkInterface) -> Option<Vec<Listener>> {
    let of = |balancer: &LoadBalancer| {
        let known = candidates(&balancer.listeners).iter().flatten();
        known.cloned().collect::<Vec<_>>()
    };
    match &interface.attachment {
        Attachment::LoadBalancer(id) => network.load_balancers().get(id).map(of),
        Attachment::VpcEndpoint(id) => {
            let endpoint = network.vpc_endpoints().get(id)?;
            let mut services = network.endpoint_services().values();
            let service = services.find(|one| one.name == endpoint.service)?;
            let balancers = service.load_balancers.iter();
            let found = balancers.filter_map(|id| network.load_balancers().get(id));
            Some(found.flat_map(of).collect())
        }
        Attachment::Ordinary { .. } | Attachment::NatGateway(_) | Attachment::Other(_) => None,
    }
}

/// Every registered target of a network, with its port.
pub(super) fn targets(network: &Network) -> Vec<(TargetDestination, Port)> {
    let groups = network.target_groups().values();
    let targets = groups.flat_map(|group| candidates(&group.targets).iter().flatten());
    targets
        .map(|target| (target.destination.clone(), target.port))
        .collect()
}

/// The addresses that are registered as targets.
pub(super) fn addresses(network: &Network) -> BTreeSet<Address> {
    let targets = targets(network).into_iter();
    let addresses = targets.filter_map(|(target, _)| match target {
        TargetDestination::Address(address) => Some(address),
        TargetDestination::Interface(_) | TargetDestination::LoadBalancer(_) => None,
    });
    addresses.collect()
}

/// The interfaces that are registered as targets, by their addresses too.
pub(super) fn interfaces(network: &Network) -> Vec<NetworkInterfaceId> {
    let targets = targets(network);
    let registered = |interface: &NetworkInterface| {
        targets.iter().any(|(target, _)| match target {
            TargetDestination::Interface(id) => *id == interface.id,
            TargetDestination::Address(address) => {
                let mut own = interface.addresses.iter();
                own.any(|one| one.private == AddressValue::Known(*address))
            }
            TargetDestination::LoadBalancer(id) => {
                interface.attachment == Attachment::LoadBalancer(id.clone())
            }
        })
    };
    let all = network.network_interfaces().values();
    all.filter(|one| registered(one))
        .map(|one| one.id.clone())
        .collect()
}

/// The ports of listeners and of targets.
pub(super) fn ports(network: &Network) -> BTreeSet<Port> {
    let balancers = network.load_balancers().values();
    let listeners = balancers.flat_map(|one| candidates(&one.listeners).iter().flatten());
    let of_targets = targets(network).into_iter().map(|(_, port)| port);
    listeners.map(|one| one.port).chain(of_targets).collect()
}

/// Which candidates relays choose: mostly the first ones, so that they are hit and missed; one time in
/// ten any.
pub(super) fn picks(dice: &mut Dice) -> Vec<u16> {
    const NUMBERS: [(usize, u16); 7] = [
        (62, 1),
        (18, 2),
        (8, 3),
        (4, 4),
        (4, 5),
        (2, 6),
        (2, u16::MAX),
    ];
    let n = match dice.below(20) {
        0..=7 => 1,
        8..=14 => 2,
        15 | 16 => 3,
        _ => MOST_PICKS,
    };
    (0..n).filter_map(|_| dice.choose(&NUMBERS)).collect()
}

/// What a listener takes, or seldom what is next to it.
pub(super) fn transport(relay: &Relay, dice: &mut Dice) -> Option<Transport> {
    let listener = dice.pick(&relay.listeners)?;
    let (source_port, near) = (40_000, dice.percent(6));
    let destination_port = if near {
        listener.port.wrapping_add(1)
    } else {
        listener.port
    };
    let other = dice.percent(5);
    let udp = match listener.protocol {
        ListenerProtocol::Tcp => other,
        ListenerProtocol::Udp => !other,
        ListenerProtocol::TcpUdp => dice.percent(50),
    };
    Some(if udp {
        Transport::Udp {
            source_port,
            destination_port,
        }
    } else {
        Transport::Tcp {
            source_port,
            destination_port,
        }
    })
}
