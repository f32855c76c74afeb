//! Atoms: the header space, cut wherever something of the network or the question begins or ends.
//! Packets of one cell are decided alike, so one of them stands for all.

use std::collections::BTreeSet;
use std::ops::RangeInclusive;

use model::{Address, Cidr, Family, IcmpFilter, RuleTraffic, Traffic, TrafficClass, Transport};

use crate::address::{above, before, before_nat64, behind_nat64, last};

/// The addresses at which cells begin, and those that are a cell each.
#[derive(Clone, Debug, Default)]
pub(crate) struct AddressCuts {
    pub(crate) starts: Vec<Address>,
    pub(crate) hosts: Vec<Address>,
}

impl AddressCuts {
    /// Cuts at both edges of a block.
    pub(crate) fn block(&mut self, cidr: Cidr) {
        self.starts.push(cidr.base());
        self.starts.extend(above(last(cidr), 1));
    }

    /// Takes a single address out of its cell; what remains stays one cell.
    pub(crate) fn host(&mut self, address: Address) {
        self.hosts.push(address);
    }

    /// Cuts before these addresses.
    pub(crate) fn starts(&mut self, starts: impl IntoIterator<Item = Address>) {
        self.starts.extend(starts);
    }

    /// Cuts wherever the others do.
    pub(crate) fn extend(&mut self, others: &AddressCuts) {
        self.starts.extend(&others.starts);
        self.hosts.extend(&others.hosts);
    }

    /// What these cuts of IPv4 are before NAT64.
    pub(crate) fn before_nat64(&self) -> AddressCuts {
        self.mapped(before_nat64)
    }

    /// What those in the range of NAT64 are behind it.
    pub(crate) fn behind_nat64(&self) -> AddressCuts {
        self.mapped(behind_nat64)
    }

    fn mapped(&self, map: impl Fn(Address) -> Option<Address>) -> AddressCuts {
        let map = |all: &[Address]| all.iter().filter_map(|one| map(*one)).collect();
        AddressCuts {
            starts: map(&self.starts),
            hosts: map(&self.hosts),
        }
    }

    /// One address of every cell of the family, in ascending order.
    pub(crate) fn representatives(&self, family: Family) -> Vec<Address> {
        let of_family = |host: &Address| host.family() == family;
        let mut all: Vec<_> = self.hosts.iter().copied().filter(of_family).collect();
        all.sort();
        all.dedup();
        let cells = self.cells(family).into_iter();
        let taken = |one| all.binary_search(&one).is_ok();
        let free: Vec<_> = cells
            .filter_map(|(first, end)| free(first, end, taken))
            .collect();
        all.extend(free);
        all.sort();
        all
    }

    /// Whether the address is a cell of its own.
    pub(crate) fn is_alone(&self, address: Address) -> bool {
        let starts = |address| address_starts(&self.starts, address);
        let next = above(address, 1);
        self.hosts.contains(&address) || (starts(address) && next.is_none_or(starts))
    }

    /// Another address of the cell that holds the address, unless it is alone there.
    pub(crate) fn spare(&self, address: Address) -> Option<Address> {
        if self.hosts.contains(&address) {
            return None;
        }
        let mut cells = self.cells(address.family()).into_iter();
        let (first, end) = cells.find(|(first, end)| (first..=end).contains(&&address))?;
        let taken = |one| one == address || self.hosts.contains(&one);
        free(first, end, taken)
    }

    /// The first and the last address of every cell of the family, in ascending order, single
    /// addresses left in.
    pub(crate) fn cells(&self, family: Family) -> Vec<(Address, Address)> {
        let zero = Address::from_bits(family, 0);
        let of_family = |start: &Address| start.family() == family;
        let mut starts: Vec<_> = self.starts.iter().copied().filter(of_family).collect();
        starts.push(zero);
        starts.sort();
        starts.dedup();
        let ends = starts.iter().skip(1).filter_map(|next| before(*next));
        let ends: Vec<_> = ends
            .chain([Address::from_bits(family, u128::MAX)])
            .collect();
        starts.into_iter().zip(ends).collect()
    }
}

/// Whether a cell begins at the address.
fn address_starts(starts: &[Address], address: Address) -> bool {
    address.bits() == 0 || starts.contains(&address)
}

/// An address of a cell that is not taken out: a well-known one if there is one, otherwise the
/// first.
pub(crate) fn free(
    first: Address,
    end: Address,
    taken: impl Fn(Address) -> bool,
) -> Option<Address> {
    let in_cell = |known: &Address| (first..=end).contains(known) && !taken(*known);
    WELL_KNOWN.into_iter().find(in_cell).or_else(|| {
        let mut address = first;
        while taken(address) {
            address = above(address, 1).filter(|address| *address <= end)?;
        }
        Some(address)
    })
}

/// Addresses that a reader of a witness knows.
const WELL_KNOWN: [Address; 2] = [
    Address::V4(0x0808_0808),
    Address::V6(0x2001_4860_4860_0000_0000_0000_0000_8888),
];

/// The ports, types, codes and protocols at which cells begin.
#[derive(Clone, Debug)]
pub(crate) struct TransportCuts {
    pub(crate) tcp: PortCuts,
    pub(crate) udp: PortCuts,
    pub(crate) icmp: IcmpCuts,
    pub(crate) icmpv6: IcmpCuts,
    pub(crate) protocols: BTreeSet<u8>,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct PortCuts {
    pub(crate) source: BTreeSet<u16>,
    pub(crate) destination: BTreeSet<u16>,
}

#[derive(Clone, Debug)]
pub(crate) struct IcmpCuts {
    pub(crate) types: BTreeSet<u8>,
    pub(crate) codes: BTreeSet<u8>,
}

impl TransportCuts {
    pub(crate) fn new() -> Self {
        // Gateway endpoints carry echo requests (`gateway-endpoint-protocol`), whose replies are
        // of another type.
        let echo = |icmp_type: u8| IcmpCuts {
            types: BTreeSet::from([icmp_type, icmp_type + 1]),
            codes: BTreeSet::from([0, 1]),
        };
        Self {
            tcp: PortCuts::default(),
            udp: PortCuts::default(),
            icmp: echo(8),
            icmpv6: echo(128),
            protocols: BTreeSet::new(),
        }
    }

    /// Cuts where a rule on the way of the request begins and ends.
    pub(crate) fn request(&mut self, traffic: &RuleTraffic) {
        self.cut(traffic, |ports| &mut ports.destination);
    }

    /// Cuts where a rule on the way of the reply begins and ends: the reply goes to the source
    /// port.
    pub(crate) fn reply(&mut self, traffic: &RuleTraffic) {
        self.cut(traffic, |ports| &mut ports.source);
    }

    fn cut(&mut self, traffic: &RuleTraffic, side: impl Fn(&mut PortCuts) -> &mut BTreeSet<u16>) {
        match traffic {
            RuleTraffic::All => {}
            RuleTraffic::Tcp(ports) => cut(side(&mut self.tcp), ports.from, ports.to),
            RuleTraffic::Udp(ports) => cut(side(&mut self.udp), ports.from, ports.to),
            RuleTraffic::Icmp(filter) => self.icmp.cut(*filter),
            RuleTraffic::Icmpv6(filter) => self.icmpv6.cut(*filter),
            RuleTraffic::Protocol(number) => cut(&mut self.protocols, *number, *number),
        }
    }

    /// Cuts ICMPv6 where ICMP is cut, which NAT64 makes of it.
    pub(crate) fn through_nat64(&mut self) {
        self.icmpv6.codes.extend(&self.icmp.codes);
    }

    /// How many cells the classes have.
    pub(crate) fn n_cells(&self, traffic: &Traffic) -> usize {
        let n_pairs = |one: usize, other: usize| one.saturating_mul(other);
        let of_class = |class: &TrafficClass| match class {
            TrafficClass::Tcp {
                source_ports,
                destination_ports,
            } => n_pairs(
                n_cells(&self.tcp.source, source_ports),
                n_cells(&self.tcp.destination, destination_ports),
            ),
            TrafficClass::Udp {
                source_ports,
                destination_ports,
            } => n_pairs(
                n_cells(&self.udp.source, source_ports),
                n_cells(&self.udp.destination, destination_ports),
            ),
            TrafficClass::Icmp { types, codes } => n_pairs(
                n_cells(&self.icmp.types, types),
                n_cells(&self.icmp.codes, codes),
            ),
            TrafficClass::Icmpv6 { types, codes } => n_pairs(
                n_cells(&self.icmpv6.types, types),
                n_cells(&self.icmpv6.codes, codes),
            ),
            // With the four that have classes of their own there may be a few less.
            TrafficClass::Other { protocols } => n_cells(&self.protocols, protocols) + 8,
        };
        traffic.classes.iter().map(of_class).sum()
    }

    /// One transport of every cell of the classes.
    pub(crate) fn representatives(&self, traffic: &Traffic) -> Vec<Transport> {
        let classes = traffic.classes.iter();
        classes.flat_map(|class| self.of_class(class)).collect()
    }

    fn of_class(&self, class: &TrafficClass) -> Vec<Transport> {
        match class {
            TrafficClass::Tcp {
                source_ports,
                destination_ports,
            } => pairs(
                ports(&self.tcp.source, source_ports, &CLIENT_PORTS),
                &ports(&self.tcp.destination, destination_ports, &SERVER_PORTS),
                |source_port, destination_port| Transport::Tcp {
                    source_port,
                    destination_port,
                },
            ),
            TrafficClass::Udp {
                source_ports,
                destination_ports,
            } => pairs(
                ports(&self.udp.source, source_ports, &CLIENT_PORTS),
                &ports(&self.udp.destination, destination_ports, &SERVER_PORTS),
                |source_port, destination_port| Transport::Udp {
                    source_port,
                    destination_port,
                },
            ),
            TrafficClass::Icmp { types, codes } => pairs(
                ports(&self.icmp.types, types, &[]),
                &ports(&self.icmp.codes, codes, &[]),
                |icmp_type, code| Transport::Icmp { icmp_type, code },
            ),
            TrafficClass::Icmpv6 { types, codes } => pairs(
                ports(&self.icmpv6.types, types, &[]),
                &ports(&self.icmpv6.codes, codes, &[]),
                |icmp_type, code| Transport::Icmpv6 { icmp_type, code },
            ),
            TrafficClass::Other { protocols } => {
                let mut cuts = self.protocols.clone();
                // The four that have classes of their own are no part of any cell.
                for number in [1, 6, 17, 58] {
                    cut(&mut cuts, number, number);
                }
                let numbers = ports(&cuts, protocols, &[]);
                numbers.into_iter().filter_map(Transport::other).collect()
            }
        }
    }
}

impl IcmpCuts {
    fn cut(&mut self, filter: IcmpFilter) {
        if let Some(icmp_type) = filter.icmp_type {
            cut(&mut self.types, icmp_type, icmp_type);
        }
        if let Some(code) = filter.code {
            cut(&mut self.codes, code, code);
        }
    }
}

/// A number that can be the last of its kind.
pub(crate) trait Number: Copy + Ord {
    fn next(self) -> Option<Self>;
    fn previous(self) -> Option<Self>;
}

impl Number for u8 {
    fn next(self) -> Option<Self> {
        self.checked_add(1)
    }

    fn previous(self) -> Option<Self> {
        self.checked_sub(1)
    }
}

impl Number for u16 {
    fn next(self) -> Option<Self> {
        self.checked_add(1)
    }

    fn previous(self) -> Option<Self> {
        self.checked_sub(1)
    }
}

pub(crate) fn cut<N: Number>(starts: &mut BTreeSet<N>, from: N, to: N) {
    starts.insert(from);
    starts.extend(to.next());
}

/// The ports that a reader of a witness expects, the best first.
pub(crate) const SERVER_PORTS: [u16; 4] = [443, 80, 22, 53];
pub(crate) const CLIENT_PORTS: [u16; 2] = [40000, 1024];

/// How many cells a range has.
fn n_cells<N: Number>(starts: &BTreeSet<N>, range: &RangeInclusive<N>) -> usize {
    match range.is_empty() {
        true => 0,
        false => {
            let inside = starts.range(range.clone()).count();
            inside + usize::from(!starts.contains(range.start()))
        }
    }
}

/// One number of every cell of the range.
fn ports<N: Number>(starts: &BTreeSet<N>, range: &RangeInclusive<N>, liked: &[N]) -> Vec<N> {
    if range.is_empty() {
        return Vec::new();
    }
    let inside = starts.range(range.clone()).copied();
    let mut firsts: Vec<_> = [*range.start()].into_iter().chain(inside).collect();
    firsts.dedup();
    let nexts: Vec<_> = firsts
        .iter()
        .skip(1)
        .copied()
        .map(Some)
        .chain([None])
        .collect();
    let cells = firsts.into_iter().zip(nexts);
    cells
        .map(|(first, next)| {
            let in_cell = |port: &&N| {
                let below = next.is_none_or(|next| **port < next);
                range.contains(*port) && **port >= first && below
            };
            liked.iter().find(in_cell).copied().unwrap_or(first)
        })
        .collect()
}

fn pairs<A: Copy, B: Copy, T>(ones: Vec<A>, others: &[B], pair: impl Fn(A, B) -> T) -> Vec<T> {
    let pair = &pair;
    ones.into_iter()
        .flat_map(|one| others.iter().map(move |other| pair(one, *other)))
        .collect()
}
