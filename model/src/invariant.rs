//! Invariants: the one language of questions, with selectors already resolved to sets.

use std::collections::BTreeSet;
use std::ops::RangeInclusive;

use crate::address::{Address, Family};
use crate::cidr::Cidr;
use crate::clause::Clause;
use crate::id::{InvariantName, NetworkInterfaceId, VpcEndpointId, VpcId};
use crate::network::Network;
use crate::packet::PortRange;
use crate::request::RequestSet;
use crate::trace::ComponentId;

/// A claim about every flow, or some flow, of a scope.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invariant {
    /// The user's name for it.
    pub name: InvariantName,
    /// Every flow, or at least one.
    pub quantifier: Quantifier,
    /// Which flows are spoken of.
    pub scope: Scope,
    /// Flows of the scope that do not satisfy this are not spoken of either; when none does, the
    /// invariant is vacuous. `None` is every flow of the scope.
    pub premise: Option<Claim>,
    /// What is claimed of them.
    pub claim: Claim,
}

/// How many flows of the scope the claim is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quantifier {
    /// Every one.
    Every,
    /// At least one.
    Exists,
}

/// A set of flows: from a place, to a place, with some traffic (clause `scope`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scope {
    /// Who sends: one of these.
    pub from: Vec<Origin>,
    /// What it is sent to: one of these.
    pub to: Vec<Place>,
    /// With what protocol and ports.
    pub traffic: Traffic,
    /// Of which families.
    pub families: BTreeSet<Family>,
    /// Whether flows count too that are sent to a relay and handed on to one of `to` (clause
    /// `scope`, *relayed flows*).
    pub relayed: bool,
    /// The request that the flow carries, for claims that speak of [`Claim::Permitted`].
    pub request: Option<RequestSet>,
}

impl Scope {
    /// Every flow of a network: from its interfaces, the internet and premises, to any address, with
    /// any traffic of both families, without those that relays hand on.
    pub fn every(network: &Network) -> Self {
        let interfaces = network.network_interfaces().keys().cloned();
        let families = BTreeSet::from([Family::V4, Family::V6]);
        let blocks = families.iter();
        let blocks = blocks.filter_map(|family| Cidr::new(Address::from_bits(*family, 0), 0).ok());
        Self {
            from: vec![
                Origin::Interfaces(interfaces.collect()),
                Origin::Internet(None),
                Origin::OnPremises {
                    blocks: None,
                    resolver: None,
                },
            ],
            to: vec![Place::Cidrs(blocks.collect())],
            traffic: Traffic::every(),
            families,
            relayed: false,
            request: None,
        }
    }
}

/// Where flows come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// These interfaces, each sending from its own addresses.
    Interfaces(BTreeSet<NetworkInterfaceId>),
    /// Hosts on the internet whose addresses lie in these blocks; `None` is every public address.
    Internet(Option<BTreeSet<Cidr>>),
    /// Hosts on premises. Their packets come in by any gateway that the network has.
    OnPremises {
        /// Their addresses lie in these blocks; `None` is every address that may be one's.
        blocks: Option<BTreeSet<Cidr>>,
        /// The VPC whose inbound resolver endpoint they ask for names; `None` when nothing says
        /// how they ask, so that they send to no name.
        resolver: Option<VpcId>,
    },
}

/// Where flows go, by the destination address that the sender uses and the place of arrival.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// These interfaces, arriving there: by their private and IPv6 addresses when an interface or a
    /// host on premises sends, by their public IPv4 and IPv6 addresses when the internet does.
    Interfaces {
        /// The interfaces.
        interfaces: BTreeSet<NetworkInterfaceId>,
        /// Whether an interface may also send to their public IPv4 addresses.
        public_from_inside: bool,
    },
    /// Public addresses, arriving on the internet.
    Internet,
    /// Addresses of these blocks, or any when `None`, arriving on premises.
    OnPremises(Option<BTreeSet<Cidr>>),
    /// Any address of these blocks, arriving anywhere.
    Cidrs(BTreeSet<Cidr>),
    /// An AWS service by its full name: its public addresses, and its endpoints' interfaces.
    Service(String),
    /// These gateway endpoints: the addresses of their prefix lists, arriving through them.
    GatewayEndpoints(BTreeSet<VpcEndpointId>),
    /// A DNS name in lower case, resolved as the sender asks for it, arriving anywhere.
    Name(String),
}

/// A union of classes of packets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Traffic {
    /// A packet is in one of these.
    pub classes: Vec<TrafficClass>,
}

impl Traffic {
    /// Every packet.
    pub fn every() -> Self {
        const PORTS: PortRange = 0..=u16::MAX;
        const NUMBERS: RangeInclusive<u8> = 0..=u8::MAX;
        Self {
            classes: vec![
                TrafficClass::Tcp {
                    source_ports: PORTS,
                    destination_ports: PORTS,
                },
                TrafficClass::Udp {
                    source_ports: PORTS,
                    destination_ports: PORTS,
                },
                TrafficClass::Icmp {
                    types: NUMBERS,
                    codes: NUMBERS,
                },
                TrafficClass::Icmpv6 {
                    types: NUMBERS,
                    codes: NUMBERS,
                },
                TrafficClass::Other { protocols: NUMBERS },
            ],
        }
    }
}

/// A class of packets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TrafficClass {
    /// TCP between these ports.
    Tcp {
        /// The client's ports.
        source_ports: PortRange,
        /// The server's ports.
        destination_ports: PortRange,
    },
    /// UDP between these ports.
    Udp {
        /// The client's ports.
        source_ports: PortRange,
        /// The server's ports.
        destination_ports: PortRange,
    },
    /// ICMP of these types and codes.
    Icmp {
        /// The types.
        types: RangeInclusive<u8>,
        /// The codes.
        codes: RangeInclusive<u8>,
    },
    /// ICMPv6 of these types and codes.
    Icmpv6 {
        /// The types.
        types: RangeInclusive<u8>,
        /// The codes.
        codes: RangeInclusive<u8>,
    },
    /// Every protocol but the four above, of these numbers.
    Other {
        /// The protocol numbers; 1, 6, 17 and 58 in the range are not meant.
        protocols: RangeInclusive<u8>,
    },
}

/// What may be said of one flow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Claim {
    /// The request arrives at the place that the scope's `to` means.
    Delivered,
    /// The request arrives there, and its reply comes back.
    Answered,
    /// The request arrives there, and every request of the scope's set that it may carry is
    /// authorized (page authorization).
    PermittedAll,
    /// The request arrives there, and some request of the scope's set is authorized.
    PermittedSome,
    /// The request passes these, in this order; of each set, one.
    Traverses(Vec<BTreeSet<ComponentId>>),
    /// The request is decided by this clause, as far as is known: a drop behind an undetermined filter
    /// decides, though in some completion the filter drops it before. So this, and nothing else,
    /// may hold of a network with holes and not of each of its completions, or the other way round.
    DecidedBy(Clause),
    /// Not that.
    Not(Box<Claim>),
    /// All of these.
    All(Vec<Claim>),
    /// At least one of these.
    Any(Vec<Claim>),
}
