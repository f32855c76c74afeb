//! Cells with everything that is in them, where their packets are not only tried but told.

use std::collections::BTreeSet;
use std::ops::{Bound, RangeInclusive};

use model::{Address, Family, TrafficClass, Transport};

use crate::address::{above, before};
use crate::atoms::{
    AddressCuts, CLIENT_PORTS, IcmpCuts, Number, PortCuts, SERVER_PORTS, TransportCuts, cut, free,
};

/// The first and the last of some addresses without a gap.
pub(crate) type Range = (Address, Address);

/// A cell of addresses.
#[derive(Clone, Debug)]
pub(crate) struct AddressCell {
    /// The one that stands for all.
    pub(crate) one: Address,
    pub(crate) all: Vec<Range>,
}

/// A cell of protocols and ports.
#[derive(Clone, Debug)]
pub(crate) struct TransportCell {
    /// The one that stands for all.
    pub(crate) one: Transport,
    pub(crate) all: TrafficClass,
}

impl AddressCuts {
    /// Every cell of the family, in the order of the addresses that stand for them.
    pub(crate) fn extents(&self, family: Family) -> Vec<AddressCell> {
        let of_family = |host: &Address| host.family() == family;
        let mut hosts: Vec<_> = self.hosts.iter().copied().filter(of_family).collect();
        hosts.sort();
        hosts.dedup();
        let alone = hosts.iter().map(|host| AddressCell {
            one: *host,
            all: vec![(*host, *host)],
        });
        let mut cells: Vec<_> = alone.collect();
        for (first, end) in self.cells(family) {
            let taken = |one| hosts.binary_search(&one).is_ok();
            let inside = hosts.partition_point(|host| *host < first);
            let behind = hosts.partition_point(|host| *host <= end);
            let inside = hosts.get(inside..behind).unwrap_or_default();
            cells.extend(free(first, end, taken).map(|one| AddressCell {
                one,
                all: without((first, end), inside),
            }));
        }
        cells.sort_by_key(|cell| cell.one);
        cells
    }
}

/// A range without some of its addresses, which are in order.
fn without((first, end): Range, hosts: &[Address]) -> Vec<Range> {
    let mut ranges = Vec::new();
    let mut from = Some(first);
    for host in hosts {
        let last = before(*host);
        ranges.extend(from.zip(last).filter(|(from, last)| from <= last));
        from = above(*host, 1);
    }
    ranges.extend(from.filter(|from| *from <= end).map(|from| (from, end)));
    ranges
}

impl TransportCuts {
    /// Cuts wherever the others do.
    pub(crate) fn extend(&mut self, others: &TransportCuts) {
        for (own, other) in [(&mut self.tcp, &others.tcp), (&mut self.udp, &others.udp)] {
            own.source.extend(&other.source);
            own.destination.extend(&other.destination);
        }
        for (own, other) in [
            (&mut self.icmp, &others.icmp),
            (&mut self.icmpv6, &others.icmpv6),
        ] {
            own.types.extend(&other.types);
            own.codes.extend(&other.codes);
        }
        self.protocols.extend(&others.protocols);
    }

    /// Cuts where a class begins and ends.
    pub(crate) fn class(&mut self, class: &TrafficClass) {
        match class {
            TrafficClass::Tcp {
                source_ports,
                destination_ports,
            } => {
                at_ends(&mut self.tcp.source, source_ports);
                at_ends(&mut self.tcp.destination, destination_ports);
            }
            TrafficClass::Udp {
                source_ports,
                destination_ports,
            } => {
                at_ends(&mut self.udp.source, source_ports);
                at_ends(&mut self.udp.destination, destination_ports);
            }
            TrafficClass::Icmp { types, codes } => {
                at_ends(&mut self.icmp.types, types);
                at_ends(&mut self.icmp.codes, codes);
            }
            TrafficClass::Icmpv6 { types, codes } => {
                at_ends(&mut self.icmpv6.types, types);
                at_ends(&mut self.icmpv6.codes, codes);
            }
            TrafficClass::Other { protocols } => at_ends(&mut self.protocols, protocols),
        }
    }

    /// Every cell.
    pub(crate) fn extents(&self) -> Vec<TransportCell> {
        let mut cells = Vec::new();
        port_cells(&self.tcp, &mut cells, |(source_port, from), (port, to)| {
            TransportCell {
                one: Transport::Tcp {
                    source_port,
                    destination_port: port,
                },
                all: TrafficClass::Tcp {
                    source_ports: from,
                    destination_ports: to,
                },
            }
        });
        port_cells(&self.udp, &mut cells, |(source_port, from), (port, to)| {
            TransportCell {
                one: Transport::Udp {
                    source_port,
                    destination_port: port,
                },
                all: TrafficClass::Udp {
                    source_ports: from,
                    destination_ports: to,
                },
            }
        });
        icmp_cells(
            &self.icmp,
            8,
            &mut cells,
            |(icmp_type, types), (code, codes)| TransportCell {
                one: Transport::Icmp { icmp_type, code },
                all: TrafficClass::Icmp { types, codes },
            },
        );
        icmp_cells(
            &self.icmpv6,
            128,
            &mut cells,
            |(icmp_type, types), (code, codes)| TransportCell {
                one: Transport::Icmpv6 { icmp_type, code },
                all: TrafficClass::Icmpv6 { types, codes },
            },
        );
        let numbers = spans(&self.apart(), &(0..=u8::MAX), &[]).into_iter();
        cells.extend(numbers.filter_map(|(number, protocols)| {
            Some(TransportCell {
                one: Transport::other(number)?,
                all: TrafficClass::Other { protocols },
            })
        }));
        cells
    }
}

impl TransportCuts {
    /// Everything in the cell of one.
    pub(crate) fn around(&self, one: Transport) -> TrafficClass {
        let of_ports = |cuts: &PortCuts, source_port, destination_port| {
            let source_ports = around(&cuts.source, source_port, u16::MAX);
            (
                source_ports,
                around(&cuts.destination, destination_port, u16::MAX),
            )
        };
        let of_messages = |cuts: &IcmpCuts, icmp_type, code| {
            let types = around(&cuts.types, icmp_type, u8::MAX);
            (types, around(&cuts.codes, code, u8::MAX))
        };
        match one {
            Transport::Tcp {
                source_port,
                destination_port,
            } => {
                let (source_ports, destination_ports) =
                    of_ports(&self.tcp, source_port, destination_port);
                TrafficClass::Tcp {
                    source_ports,
                    destination_ports,
                }
            }
            Transport::Udp {
                source_port,
                destination_port,
            } => {
                let (source_ports, destination_ports) =
                    of_ports(&self.udp, source_port, destination_port);
                TrafficClass::Udp {
                    source_ports,
                    destination_ports,
                }
            }
            Transport::Icmp { icmp_type, code } => {
                let (types, codes) = of_messages(&self.icmp, icmp_type, code);
                TrafficClass::Icmp { types, codes }
            }
            Transport::Icmpv6 { icmp_type, code } => {
                let (types, codes) = of_messages(&self.icmpv6, icmp_type, code);
                TrafficClass::Icmpv6 { types, codes }
            }
            Transport::Other(protocol) => TrafficClass::Other {
                protocols: around(&self.apart(), protocol.number(), u8::MAX),
            },
        }
    }

    /// Where cells of other protocols begin: the four that have classes of their own are no part of any.
    fn apart(&self) -> BTreeSet<u8> {
        let mut protocols = self.protocols.clone();
        for number in [1, 6, 17, 58] {
            cut(&mut protocols, number, number);
        }
        protocols
    }
}

/// The cell of a number, of which there are those up to `end`.
fn around<N: Number + Default>(starts: &BTreeSet<N>, number: N, end: N) -> RangeInclusive<N> {
    let first = starts.range(..=number).next_back().copied();
    let behind = (Bound::Excluded(number), Bound::Unbounded);
    let next = starts.range(behind).next().copied();
    first.unwrap_or_default()..=next.and_then(N::previous).unwrap_or(end)
}

/// Numbers of a cell: the one that stands for them, and all.
type Of<N> = (N, RangeInclusive<N>);

fn port_cells(
    cuts: &PortCuts,
    cells: &mut Vec<TransportCell>,
    cell: impl Fn(Of<u16>, Of<u16>) -> TransportCell,
) {
    for from in spans(&cuts.source, &(0..=u16::MAX), &CLIENT_PORTS) {
        let to = spans(&cuts.destination, &(0..=u16::MAX), &SERVER_PORTS);
        cells.extend(to.into_iter().map(|to| cell(from.clone(), to)));
    }
}

fn icmp_cells(
    cuts: &IcmpCuts,
    echo: u8,
    cells: &mut Vec<TransportCell>,
    cell: impl Fn(Of<u8>, Of<u8>) -> TransportCell,
) {
    for types in spans(&cuts.types, &(0..=u8::MAX), &[echo]) {
        let codes = spans(&cuts.codes, &(0..=u8::MAX), &[]);
        cells.extend(codes.into_iter().map(|codes| cell(types.clone(), codes)));
    }
}

fn at_ends<N: Number>(starts: &mut BTreeSet<N>, range: &RangeInclusive<N>) {
    cut(starts, *range.start(), *range.end());
}

/// The numbers of every cell of a range, with one that stands for them.
fn spans<N: Number>(starts: &BTreeSet<N>, range: &RangeInclusive<N>, liked: &[N]) -> Vec<Of<N>> {
    let inside = starts.range(range.clone()).copied();
    let mut firsts: Vec<_> = [*range.start()].into_iter().chain(inside).collect();
    firsts.dedup();
    let ends = firsts.iter().skip(1).filter_map(|next| next.previous());
    let ends: Vec<_> = ends.chain([*range.end()]).collect();
    let cells = firsts.into_iter().zip(ends);
    cells
        .map(|(first, end)| {
            let cell = first..=end;
            let one = liked.iter().copied().find(|one| cell.contains(one));
            (one.unwrap_or(first), cell)
        })
        .collect()
}
