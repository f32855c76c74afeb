//! Classes of differences, as laws ask them.

use evaluator::{Difference, Evaluator, FlowClass, Senders};
use model::{
    Address, AddressValue, Engine, Flow, Network, NetworkInterfaceId, Scope, Source, TrafficClass,
    Transport,
};

use crate::dice::Dice;
use crate::generate::World;
use crate::run;

/// Two networks without open addresses: a choice of them is no part of the laws.
pub struct Pair {
    /// The seed of both.
    pub seed: u64,
    /// The network before, with what flows are drawn from.
    pub world: World,
    /// The evaluator of the network before.
    pub before: Evaluator,
    /// The evaluator of the network after.
    pub after: Evaluator,
    /// Both networks.
    pub networks: [Network; 2],
    /// What changes.
    pub difference: Difference,
}

impl Pair {
    /// The world of a seed and what an edit makes of it; `None` when AWS would refuse that.
    pub fn new(seed: u64, edit: impl Fn(&Network, &mut Dice) -> Option<Network>) -> Option<Self> {
        let mut world = run::world(seed);
        let evaluator = Evaluator::load(&world.network);
        world.network = world.network.completed(evaluator.completion());
        let after = edit(&world.network, &mut Dice::new(seed))?;
        let networks = [world.network.clone(), after];
        let [before, after] = networks.each_ref().map(Evaluator::load);
        let scopes = networks.each_ref().map(Scope::every);
        let difference = before.difference(&after, [&scopes[0], &scopes[1]], &[]);
        Some(Self {
            seed,
            world,
            before,
            after,
            networks,
            difference,
        })
    }

    /// Whether the difference speaks of a flow: one of an interface that sends from its own address, to
    /// somebody else. Whoever may send outside is tested beside the cells, in the evaluator.
    pub fn speaks_of(&self, flow: &Flow) -> bool {
        let Source::Interface(id) = &flow.source else {
            return false;
        };
        let sends = |network: &Network| {
            let interface = network.network_interfaces().get(id);
            let private = interface
                .into_iter()
                .flat_map(|interface| &interface.addresses);
            let mut private = private.map(|one| &one.private);
            let is_ordinary = interface.is_some_and(|interface| {
                matches!(interface.attachment, model::Attachment::Ordinary { .. })
            });
            is_ordinary && private.any(|value| *value == AddressValue::Known(flow.packet.source()))
        };
        let to = flow.packet.destination();
        let mut networks = self.networks.iter();
        flow.picks.is_empty()
            && networks.clone().any(sends)
            && networks.all(|network| !own(network, id).contains(&to))
    }
}

/// The addresses of an interface in a network, private and public.
pub fn own(network: &Network, id: &NetworkInterfaceId) -> Vec<Address> {
    let interface = network.network_interfaces().get(id);
    let addresses = interface
        .into_iter()
        .flat_map(|interface| &interface.addresses);
    let values = addresses.flat_map(|one| [Some(&one.private), one.public.as_ref()]);
    values
        .flatten()
        .filter_map(|value| match value {
            AddressValue::Known(address) => Some(*address),
            AddressValue::Within(..) => None,
        })
        .collect()
}

fn within(ranges: &[(Address, Address)], address: Address) -> bool {
    let mut ranges = ranges.iter();
    ranges.any(|(first, end)| {
        first.family() == address.family() && (first.bits()..=end.bits()).contains(&address.bits())
    })
}

/// Whether a class holds a flow by how it is sent, whatever relays make of it.
pub fn holds_sent(class: &FlowClass, flow: &Flow) -> bool {
    let packet = flow.packet;
    let sends = match (&class.from, &flow.source) {
        (Senders::Interfaces(of), Source::Interface(id)) => {
            of.get(id).is_some_and(|own| own.contains(&packet.source()))
        }
        (Senders::Internet(ranges), Source::Internet) => within(ranges, packet.source()),
        (Senders::OnPremises(by, ranges), Source::OnPremises(gateway)) => {
            by == gateway && within(ranges, packet.source())
        }
        _ => false,
    };
    let of_traffic = |class: &TrafficClass| match (class, packet.transport()) {
        (
            TrafficClass::Tcp {
                source_ports,
                destination_ports,
            },
            Transport::Tcp {
                source_port,
                destination_port,
            },
        )
        | (
            TrafficClass::Udp {
                source_ports,
                destination_ports,
            },
            Transport::Udp {
                source_port,
                destination_port,
            },
        ) => source_ports.contains(&source_port) && destination_ports.contains(&destination_port),
        (TrafficClass::Icmp { types, codes }, Transport::Icmp { icmp_type, code })
        | (TrafficClass::Icmpv6 { types, codes }, Transport::Icmpv6 { icmp_type, code }) => {
            types.contains(&icmp_type) && codes.contains(&code)
        }
        (TrafficClass::Other { protocols }, Transport::Other(of)) => {
            protocols.contains(&of.number())
        }
        _ => false,
    };
    sends && within(&class.to, packet.destination()) && class.traffic.iter().any(of_traffic)
}
