//! Cells: the parts of the space of packets inside of which nothing in the network changes.
//!
//! Every field is cut where some block, address, port or type of the network begins or ends, and
//! where a clause names a number of its own. The engines that try one packet for each cell rest on
//! this: inside of a cell all packets are decided alike.

use std::collections::BTreeSet;

use model::{
    Address, AddressValue, Family, Flow, Network, OtherProtocol, Packet, RuleTraffic, Transport,
};

use super::{flow, relay};
use crate::dice::Dice;
use crate::pool;

/// The cuts of a network: each is the first value of a cell.
#[derive(Clone, Debug, Default)]
pub struct Cells {
    v4: BTreeSet<u128>,
    v6: BTreeSet<u128>,
    ports: BTreeSet<u128>,
    types: BTreeSet<u128>,
    codes: BTreeSet<u128>,
    protocols: BTreeSet<u8>,
}

impl Cells {
    /// Cuts the space of packets for a network.
    pub fn new(network: &Network) -> Self {
        let mut cells = Self::default();
        for cidr in flow::blocks(network)
            .into_iter()
            .chain(pool::SPECIAL.map(pool::cidr))
        {
            cells.cut(cidr.base());
            cells.cut(pool::neighbour(pool::last(cidr), 1));
        }
        let interfaces = network.network_interfaces().values();
        let own = interfaces
            .flat_map(|one| &one.addresses)
            .flat_map(|address| {
                let values = [Some(&address.private), address.public.as_ref()];
                values
                    .into_iter()
                    .flatten()
                    .filter_map(|value| match value {
                        AddressValue::Known(address) => Some(*address),
                        AddressValue::Within(..) => None,
                    })
            });
        let amazon = pool::AMAZON.map(pool::address);
        let registered = relay::addresses(network);
        let single = flow::routers(network).chain(own).chain(amazon);
        let single: Vec<_> = single.chain(registered).collect();
        for address in single {
            cells.cut(address);
            cells.cut(pool::neighbour(address, 1));
        }
        for traffic in flow::traffic(network) {
            cells.cut_traffic(&traffic);
        }
        for port in relay::ports(network) {
            let port = u128::from(port);
            cells.ports.extend([port, port + 1]);
        }
        // An echo and its reply are treated apart; a gateway endpoint looks at the code 0.
        for icmp_type in [0, 8, 128, 129] {
            cells.types.extend([icmp_type, icmp_type + 1]);
        }
        cells.codes.extend([0, 1]);
        cells
    }

    fn cut(&mut self, address: Address) {
        // What an IPv4 address is to NAT64 is cut like the address itself.
        if address.family() == Family::V4 {
            self.v6.insert(pool::image(address).bits());
        }
        let cuts = match address.family() {
            Family::V4 => &mut self.v4,
            Family::V6 => &mut self.v6,
        };
        cuts.insert(address.bits());
    }

    fn cut_traffic(&mut self, traffic: &RuleTraffic) {
        match traffic {
            RuleTraffic::All => {}
            RuleTraffic::Tcp(ports) | RuleTraffic::Udp(ports) => {
                self.ports
                    .extend([u128::from(ports.from), u128::from(ports.to) + 1]);
            }
            RuleTraffic::Icmp(filter) | RuleTraffic::Icmpv6(filter) => {
                let icmp_type = filter.icmp_type.map(u128::from);
                self.types
                    .extend(icmp_type.into_iter().flat_map(|one| [one, one + 1]));
                let code = filter.code.map(u128::from);
                self.codes
                    .extend(code.into_iter().flat_map(|one| [one, one + 1]));
            }
            RuleTraffic::Protocol(number) => {
                self.protocols.insert(*number);
            }
        }
    }

    /// Another flow of the same cell: every field is thrown anew between its two cuts.
    pub fn another(&self, flow: &Flow, dice: &mut Dice) -> Option<Flow> {
        let packet = flow.packet;
        let source = self.address(packet.source(), dice);
        let destination = self.address(packet.destination(), dice);
        let port = |port: u16, dice: &mut Dice| {
            let thrown = within(&self.ports, u128::from(port), u128::from(u16::MAX), dice);
            u16::try_from(thrown).unwrap_or(port)
        };
        let byte = |cuts: &BTreeSet<u128>, value: u8, dice: &mut Dice| {
            let thrown = within(cuts, u128::from(value), u128::from(u8::MAX), dice);
            u8::try_from(thrown).unwrap_or(value)
        };
        let transport = match packet.transport() {
            Transport::Tcp {
                source_port,
                destination_port,
            } => Transport::Tcp {
                source_port: port(source_port, dice),
                destination_port: port(destination_port, dice),
            },
            Transport::Udp {
                source_port,
                destination_port,
            } => Transport::Udp {
                source_port: port(source_port, dice),
                destination_port: port(destination_port, dice),
            },
            Transport::Icmp { icmp_type, code } => Transport::Icmp {
                icmp_type: byte(&self.types, icmp_type, dice),
                code: byte(&self.codes, code, dice),
            },
            Transport::Icmpv6 { icmp_type, code } => Transport::Icmpv6 {
                icmp_type: byte(&self.types, icmp_type, dice),
                code: byte(&self.codes, code, dice),
            },
            Transport::Other(protocol) => {
                let number = u8::try_from(dice.below(256)).unwrap_or(0);
                let other = OtherProtocol::new(number);
                let other = other.filter(|_| !self.protocols.contains(&number));
                let same = self.protocols.contains(&protocol.number());
                Transport::Other(other.filter(|_| !same).unwrap_or(protocol))
            }
        };
        Some(Flow {
            source: flow.source.clone(),
            packet: Packet::new(source, destination, transport)?,
            picks: flow.picks.clone(),
        })
    }

    fn address(&self, address: Address, dice: &mut Dice) -> Address {
        let (cuts, last) = match address.family() {
            Family::V4 => (&self.v4, u128::from(u32::MAX)),
            Family::V6 => (&self.v6, u128::MAX),
        };
        let bits = within(cuts, address.bits(), last, dice);
        Address::from_bits(address.family(), bits)
    }
}

/// A value of the cell of another one: its first, its last, or one between.
fn within(cuts: &BTreeSet<u128>, value: u128, last: u128, dice: &mut Dice) -> u128 {
    let first = cuts.range(..=value).next_back().copied().unwrap_or(0);
    let next = cuts.range(value.saturating_add(1)..).next();
    let last = next.map_or(last, |next| next - 1);
    let width = usize::try_from(last - first).unwrap_or(usize::MAX);
    match dice.below(3) {
        0 => first,
        1 => last,
        _ => first + dice.below(width.saturating_add(1)) as u128,
    }
}
