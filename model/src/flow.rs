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

/// The first packet of a flow, as its sender sends it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Flow {
    /// The sender.
    pub source: Source,
    /// The packet as it leaves the sender.
    pub packet: Packet,
}

impl fmt::Display for Flow {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: {}", self.source, self.packet)
    }
}
