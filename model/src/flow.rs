//! Flows: a packet and the place that sends it.

use std::fmt;

use crate::id::NetworkInterfaceId;
use crate::on_premises::OnPremisesGateway;
use crate::packet::Packet;

/// Who sends the first packet of a flow.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Source {
    /// An interface of the network.
    Interface(NetworkInterfaceId),
    /// A host on the internet, outside of every VPC. Its packets carry public destinations.
    Internet,
    /// A host on premises, whose packets come in by this gateway.
    OnPremises(OnPremisesGateway),
}

impl fmt::Display for Source {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Source::Interface(id) => id.fmt(formatter),
            Source::Internet => formatter.write_str("internet"),
            Source::OnPremises(gateway) => write!(formatter, "on premises by {gateway}"),
        }
    }
}

/// How many relays may hand a request on, one after another (clause `load-balancer-limit`).
pub const MOST_PICKS: usize = 4;

/// The first packet of a flow, as its sender sends it, and what becomes of it at relays.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Flow {
    /// The sender.
    pub source: Source,
    /// The packet as it leaves the sender.
    pub packet: Packet,
    /// Which of its candidates each relay that the request comes to hands it on to, in order and
    /// counted from 1 (`load_balancer.md`, *legs*); at most [`MOST_PICKS`]. A relay without a pick
    /// keeps it, and picks without a relay have no meaning.
    pub picks: Vec<u16>,
}

impl Flow {
    /// A flow that no relay hands on.
    pub const fn new(source: Source, packet: Packet) -> Self {
        Self {
            source,
            packet,
            picks: Vec::new(),
        }
    }
}

impl fmt::Display for Flow {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: {}", self.source, self.packet)?;
        for (position, pick) in self.picks.iter().enumerate() {
            let before = if position == 0 { " pick " } else { "." };
            write!(formatter, "{before}{pick}")?;
        }
        Ok(())
    }
}
