//! Packets: the header fields that some AWS component looks at.

use std::fmt;
use std::ops::RangeInclusive;

use crate::address::{Address, Family};

/// A port of TCP or UDP.
pub type Port = u16;

/// A range of ports, both ends included.
pub type PortRange = RangeInclusive<Port>;

/// What follows the IP header.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Transport {
    /// TCP, protocol 6.
    Tcp {
        /// The sender's port.
        source_port: Port,
        /// The receiver's port.
        destination_port: Port,
    },
    /// UDP, protocol 17.
    Udp {
        /// The sender's port.
        source_port: Port,
        /// The receiver's port.
        destination_port: Port,
    },
    /// ICMP, protocol 1.
    Icmp {
        /// The type; 8 is an echo request, 0 its reply.
        icmp_type: u8,
        /// The code.
        code: u8,
    },
    /// ICMPv6, protocol 58.
    Icmpv6 {
        /// The type; 128 is an echo request, 129 its reply.
        icmp_type: u8,
        /// The code.
        code: u8,
    },
    /// Any other protocol by its number; never 1, 6, 17 or 58 (see [`Transport::other`]).
    Other(OtherProtocol),
}

/// The number of a protocol that has a header of no further interest to AWS's filters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OtherProtocol(u8);

impl OtherProtocol {
    /// The protocol number; `None` for 1, 6, 17 and 58, which have variants of their own.
    pub const fn new(number: u8) -> Option<Self> {
        match number {
            1 | 6 | 17 | 58 => None,
            _ => Some(Self(number)),
        }
    }

    /// The protocol number.
    pub const fn number(self) -> u8 {
        self.0
    }
}

impl Transport {
    /// A protocol by number; `None` for 1, 6, 17 and 58.
    pub const fn other(number: u8) -> Option<Self> {
        match OtherProtocol::new(number) {
            Some(protocol) => Some(Transport::Other(protocol)),
            None => None,
        }
    }

    /// The protocol number in the IP header.
    pub const fn protocol(self) -> u8 {
        match self {
            Transport::Tcp { .. } => 6,
            Transport::Udp { .. } => 17,
            Transport::Icmp { .. } => 1,
            Transport::Icmpv6 { .. } => 58,
            Transport::Other(protocol) => protocol.0,
        }
    }
}

impl fmt::Display for Transport {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Transport::Tcp {
                source_port,
                destination_port,
            } => write!(formatter, "tcp/{destination_port} from port {source_port}"),
            Transport::Udp {
                source_port,
                destination_port,
            } => write!(formatter, "udp/{destination_port} from port {source_port}"),
            Transport::Icmp { icmp_type, code } => write!(formatter, "icmp/{icmp_type}/{code}"),
            Transport::Icmpv6 { icmp_type, code } => write!(formatter, "icmpv6/{icmp_type}/{code}"),
            Transport::Other(protocol) => write!(formatter, "protocol/{}", protocol.0),
        }
    }
}

/// The header of one packet. Source and destination are of one family.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Packet {
    // The addresses by their bits: they share the family, so a packet takes half the memory.
    family: Family,
    source: u128,
    destination: u128,
    transport: Transport,
}

impl Packet {
    /// A packet; `None` when the addresses are of different families.
    pub fn new(source: Address, destination: Address, transport: Transport) -> Option<Self> {
        (source.family() == destination.family()).then_some(Self {
            family: source.family(),
            source: source.bits(),
            destination: destination.bits(),
            transport,
        })
    }

    /// The source address.
    #[inline]
    pub const fn source(self) -> Address {
        Address::from_bits(self.family, self.source)
    }

    /// The destination address.
    #[inline]
    pub const fn destination(self) -> Address {
        Address::from_bits(self.family, self.destination)
    }

    /// What follows the IP header.
    #[inline]
    pub const fn transport(self) -> Transport {
        self.transport
    }

    /// The family of both addresses.
    #[inline]
    pub const fn family(self) -> Family {
        self.family
    }
}

impl fmt::Debug for Packet {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Packet")
            .field("source", &self.source())
            .field("destination", &self.destination())
            .field("transport", &self.transport)
            .finish()
    }
}

impl fmt::Display for Packet {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "{} -> {} {}",
            self.source(),
            self.destination(),
            self.transport
        )
    }
}
