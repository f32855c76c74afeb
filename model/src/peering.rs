//! VPC peering connections.

use crate::id::{PeeringId, VpcId};
use crate::vpc::Tags;

/// A VPC peering connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Peering {
    /// Its id.
    pub id: PeeringId,
    /// The VPC that asked for it.
    pub requester: PeeringEnd,
    /// The VPC that accepted it.
    pub accepter: PeeringEnd,
    /// Whether it is in the state `active`.
    pub active: bool,
    /// Its tags.
    pub tags: Tags,
}

/// One end of a peering connection; at least one is in the network.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum PeeringEnd {
    /// A VPC of this network.
    Vpc(VpcId),
    /// A VPC that is not in the input; what happens there is open.
    Outside(String),
}
