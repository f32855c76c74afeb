//! Sets of packets as interval decision diagrams.
//!
//! A packet is a point: its family, both addresses, its protocol, and what the protocol is told by (ports, or
//! type and code). A set of packets is a diagram that asks for these fields in that order. A node cuts the
//! values of its field into intervals, each with the diagram of what is asked next; a field that makes no
//! difference is left out, neighbours with the same diagram are one interval, and equal nodes are kept once.
//! So each set has one diagram, and two sets are equal exactly when their numbers are (Strehl and Thiele,
//! *Interval diagrams for efficient symbolic verification of process networks*, 2000; Bryant,
//! *Graph-based algorithms for Boolean function manipulation*, 1986, whose tables of nodes and of results
//! these are). For firewalls they are known as firewall decision diagrams (Gouda and Liu, 2007).
//!
//! With n and m for the intervals in two diagrams, union, intersection and difference take O(n m) at the
//! worst and O(n + m) where one field is cut; emptiness and equality take O(1); to hold a packet takes one
//! bisection for each field; counting takes O(n).

use std::collections::HashMap;
use std::sync::Arc;

use foldhash::fast::RandomState;
use model::{Family, Packet, Transport};

mod boxes;
mod count;
mod first_match;
mod lines;
mod questions;

pub use boxes::PacketBox;
pub use count::PacketCount;
pub use lines::PacketLine;

/// A set of packets, by its number in the [`PacketSets`] that made it; it means nothing in others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PacketSet(u32);

impl PacketSet {
    /// No packet.
    pub const EMPTY: PacketSet = PacketSet(0);
    /// Every packet.
    pub const ALL: PacketSet = PacketSet(1);
}

/// What a node asks for, in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Field {
    Family,
    Source,
    Destination,
    Protocol,
    /// The destination port; the type of ICMP and ICMPv6; zero of other protocols.
    First,
    /// The source port; the code of ICMP and ICMPv6; zero of other protocols.
    Second,
    /// Nothing is asked any more.
    End,
}

impl Field {
    const ALL: [Field; 6] = [
        Field::Family,
        Field::Source,
        Field::Destination,
        Field::Protocol,
        Field::First,
        Field::Second,
    ];

    const fn next(self) -> Field {
        match self {
            Field::Family => Field::Source,
            Field::Source => Field::Destination,
            Field::Destination => Field::Protocol,
            Field::Protocol => Field::First,
            Field::First => Field::Second,
            Field::Second | Field::End => Field::End,
        }
    }
}

/// Where an interval of values begins, and what is asked of it next. It ends before the next one, and the
/// last one at the last value that there is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Interval {
    pub(crate) start: u128,
    pub(crate) next: PacketSet,
}

// INVARIANT: the first interval begins at zero, starts ascend, neighbours differ in what is next, there
// are two of them at least, and what is next asks for a later field.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Node {
    field: Field,
    intervals: Arc<[Interval]>,
}

/// How two sets are put together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Operation {
    Union,
    Intersection,
    Difference,
}

/// The tables in which sets of packets are made, each once.
#[derive(Clone, Debug)]
pub struct PacketSets {
    /// By number from 2 on.
    nodes: Vec<Node>,
    numbers: HashMap<Node, PacketSet, RandomState>,
    results: HashMap<(Operation, PacketSet, PacketSet), PacketSet, RandomState>,
}

impl Default for PacketSets {
    fn default() -> Self {
        Self::new()
    }
}

impl PacketSets {
    /// Tables without any set but [`PacketSet::EMPTY`] and [`PacketSet::ALL`].
    pub fn new() -> Self {
        Self {
            nodes: Vec::new(),
            numbers: HashMap::default(),
            results: HashMap::default(),
        }
    }

    /// The packets that are in one of two sets, or in both.
    pub fn union(&mut self, one: PacketSet, other: PacketSet) -> PacketSet {
        self.combine(Operation::Union, one, other)
    }

    /// The packets that are in both.
    pub fn intersection(&mut self, one: PacketSet, other: PacketSet) -> PacketSet {
        self.combine(Operation::Intersection, one, other)
    }

    /// The packets of the first that are not in the second.
    pub fn difference(&mut self, one: PacketSet, other: PacketSet) -> PacketSet {
        self.combine(Operation::Difference, one, other)
    }

    /// The packets that are not in it.
    pub fn complement(&mut self, set: PacketSet) -> PacketSet {
        self.difference(PacketSet::ALL, set)
    }

    /// Whether the packet is in it.
    pub fn contains(&self, set: PacketSet, packet: Packet) -> bool {
        self.holds(set, &Point::of(packet).0)
    }

    /// How many nodes there are.
    pub(crate) fn n_nodes(&self) -> usize {
        self.nodes.len()
    }

    /// How many intervals the diagram of a set has, each node counted once.
    pub fn size(&self, set: PacketSet) -> usize {
        let mut seen = std::collections::BTreeSet::new();
        let mut left = vec![set];
        let mut size = 0;
        while let Some(one) = left.pop() {
            if let Some(node) = self.node(one).filter(|_| seen.insert(one)) {
                size += node.intervals.len();
                left.extend(node.intervals.iter().map(|interval| interval.next));
            }
        }
        size
    }

    /// Whether packets with such protocol and ports are in a set that asks for nothing else.
    pub(crate) fn holds_transport(&self, set: PacketSet, transport: Transport) -> bool {
        let [protocol, first, second] = numbers_of(transport).map(u128::from);
        self.holds(set, &[0, 0, 0, protocol, first, second])
    }

    /// What a set that asks for protocols and ports alone asks behind a protocol.
    pub(crate) fn behind(&self, set: PacketSet, protocol: u8) -> PacketSet {
        match self.node(set).filter(|node| node.field == Field::Protocol) {
            Some(node) => node.at(protocol.into()),
            None => set,
        }
    }

    fn holds(&self, set: PacketSet, point: &[u128; 6]) -> bool {
        let mut set = set;
        while let Some(node) = self.node(set) {
            let value = point.get(node.field as usize).copied().unwrap_or_default();
            set = node.at(value);
        }
        set == PacketSet::ALL
    }

    /// The node of a set; the two without any have none.
    fn node(&self, set: PacketSet) -> Option<&Node> {
        let position = set.0.checked_sub(2)?;
        self.nodes.get(position as usize)
    }

    pub(crate) fn field(&self, set: PacketSet) -> Field {
        self.node(set).map_or(Field::End, |node| node.field)
    }

    /// What is asked by the values of a field; of a set that does not ask for it, itself.
    pub(crate) fn intervals(&self, set: PacketSet, field: Field) -> Arc<[Interval]> {
        match self.node(set).filter(|node| node.field == field) {
            Some(node) => Arc::clone(&node.intervals),
            None => Arc::from([Interval {
                start: 0,
                next: set,
            }]),
        }
    }

    /// The set that asks so by the values of a field. The first interval begins at zero, and their starts
    /// ascend.
    pub(crate) fn by_field(
        &mut self,
        field: Field,
        intervals: impl IntoIterator<Item = Interval>,
    ) -> PacketSet {
        let mut kept: Vec<Interval> = Vec::new();
        for interval in intervals {
            if kept.last().is_none_or(|last| last.next != interval.next) {
                kept.push(interval);
            }
        }
        match kept.as_slice() {
            [] => PacketSet::EMPTY,
            [only] => only.next,
            _ => self.numbered(Node {
                field,
                intervals: kept.into(),
            }),
        }
    }

    fn numbered(&mut self, node: Node) -> PacketSet {
        if let Some(number) = self.numbers.get(&node) {
            return *number;
        }
        // More than 2^32 nodes do not fit into memory.
        let number = u32::try_from(self.nodes.len() + 2).unwrap_or(u32::MAX);
        self.nodes.push(node.clone());
        self.numbers.insert(node, PacketSet(number));
        PacketSet(number)
    }

    fn combine(&mut self, operation: Operation, one: PacketSet, other: PacketSet) -> PacketSet {
        if let Some(set) = operation.at_once(one, other) {
            return set;
        }
        let (one, other) = match operation {
            Operation::Union | Operation::Intersection => (one.min(other), one.max(other)),
            Operation::Difference => (one, other),
        };
        if let Some(set) = self.results.get(&(operation, one, other)) {
            return *set;
        }
        let field = self.field(one).min(self.field(other));
        let (ones, others) = (self.intervals(one, field), self.intervals(other, field));
        let mut intervals = Vec::with_capacity(ones.len() + others.len());
        let (mut ones, mut others) = (ones.iter().peekable(), others.iter().peekable());
        let (mut at_one, mut at_other) = (PacketSet::EMPTY, PacketSet::EMPTY);
        loop {
            let starts = ones.peek().into_iter().chain(others.peek());
            let Some(start) = starts.map(|interval| interval.start).min() else {
                break;
            };
            if let Some(interval) = ones.next_if(|interval| interval.start == start) {
                at_one = interval.next;
            }
            if let Some(interval) = others.next_if(|interval| interval.start == start) {
                at_other = interval.next;
            }
            let next = self.combine(operation, at_one, at_other);
            intervals.push(Interval { start, next });
        }
        let set = self.by_field(field, intervals);
        self.results.insert((operation, one, other), set);
        set
    }
}

impl Node {
    /// What is asked next of a value.
    fn at(&self, value: u128) -> PacketSet {
        let behind = self.intervals.partition_point(|one| one.start <= value);
        let interval = behind.checked_sub(1).and_then(|at| self.intervals.get(at));
        interval.map_or(PacketSet::EMPTY, |interval| interval.next)
    }
}

impl Operation {
    /// The result where it needs no look into the diagrams.
    fn at_once(self, one: PacketSet, other: PacketSet) -> Option<PacketSet> {
        use PacketSet as Set;
        match (self, one, other) {
            (Operation::Union, Set::ALL, _) | (Operation::Union, _, Set::ALL) => Some(Set::ALL),
            (Operation::Union, Set::EMPTY, set) | (Operation::Union, set, Set::EMPTY) => Some(set),
            (Operation::Intersection, Set::EMPTY, _) | (Operation::Intersection, _, Set::EMPTY) => {
                Some(Set::EMPTY)
            }
            (Operation::Intersection, Set::ALL, set)
            | (Operation::Intersection, set, Set::ALL)
            | (Operation::Difference, set, Set::EMPTY) => Some(set),
            (Operation::Difference, Set::EMPTY, _) | (Operation::Difference, _, Set::ALL) => {
                Some(Set::EMPTY)
            }
            (Operation::Union | Operation::Intersection, ..) => (one == other).then_some(one),
            (Operation::Difference, ..) => (one == other).then_some(Set::EMPTY),
        }
    }
}

/// A packet by the values of its fields, in the order in which they are asked for.
#[derive(Clone, Copy, Debug)]
struct Point([u128; 6]);

impl Point {
    fn of(packet: Packet) -> Self {
        let [protocol, first, second] = numbers_of(packet.transport()).map(u128::from);
        Self([
            family_number(packet.family()),
            packet.source().bits(),
            packet.destination().bits(),
            protocol,
            first,
            second,
        ])
    }
}

pub(crate) const fn family_number(family: Family) -> u128 {
    match family {
        Family::V4 => 0,
        Family::V6 => 1,
    }
}

/// The protocol, and the values of the two fields behind it.
pub(crate) fn numbers_of(transport: Transport) -> [u16; 3] {
    let protocol = transport.protocol().into();
    match transport {
        Transport::Tcp {
            source_port,
            destination_port,
        }
        | Transport::Udp {
            source_port,
            destination_port,
        } => [protocol, destination_port, source_port],
        Transport::Icmp { icmp_type, code } | Transport::Icmpv6 { icmp_type, code } => {
            [protocol, icmp_type.into(), code.into()]
        }
        Transport::Other(_) => [protocol, 0, 0],
    }
}

/// The same backwards.
pub(crate) fn transport_of([protocol, first, second]: [u16; 3]) -> Transport {
    let byte = |value: u16| u8::try_from(value).unwrap_or(u8::MAX);
    let (icmp_type, code) = (byte(first), byte(second));
    match protocol {
        6 => Transport::Tcp {
            source_port: second,
            destination_port: first,
        },
        17 => Transport::Udp {
            source_port: second,
            destination_port: first,
        },
        58 => Transport::Icmpv6 { icmp_type, code },
        // Numbers 6, 17 and 58 are taken above, so only that of ICMP has none.
        other => Transport::other(byte(other)).unwrap_or(Transport::Icmp { icmp_type, code }),
    }
}

/// The last value of the two fields behind a protocol.
pub(crate) const fn last_behind(protocol: u8) -> u16 {
    match protocol {
        6 | 17 => u16::MAX,
        1 | 58 => u8::MAX as u16,
        _ => 0,
    }
}

/// The last bits of an address.
const fn last_bits(family: u128) -> u128 {
    match family {
        0 => u32::MAX as u128,
        _ => u128::MAX,
    }
}
