//! Gateways of a VPC to the internet: internet gateways, egress-only ones, NAT gateways.

use crate::id::{
    EgressOnlyInternetGatewayId, InternetGatewayId, NatGatewayId, NetworkInterfaceId, RouteTableId,
    SubnetId, VpcId,
};
use crate::vpc::Tags;

/// An internet gateway.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InternetGateway {
    /// Its id.
    pub id: InternetGatewayId,
    /// The VPC that it is attached to; `None` when detached. A VPC has at most one.
    pub vpc: Option<VpcId>,
    /// The route table of its VPC that is associated with it (edge association).
    pub edge_route_table: Option<RouteTableId>,
    /// Its tags.
    pub tags: Tags,
}

/// An egress-only internet gateway, for IPv6.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EgressOnlyInternetGateway {
    /// Its id.
    pub id: EgressOnlyInternetGatewayId,
    /// The VPC that it is attached to.
    pub vpc: VpcId,
    /// Its tags.
    pub tags: Tags,
}

/// A NAT gateway. A regional one has several addresses, all public, in a subnet of its own (see
/// [`crate::Subnet`]).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NatGateway {
    /// Its id.
    pub id: NatGatewayId,
    /// The subnet in which it stands, and whose route table it uses.
    pub subnet: SubnetId,
    /// Its interface, in that subnet, with [`crate::Attachment::NatGateway`]. The interface's
    /// first IPv4 address is the one that it translates to; a public NAT gateway's has a public
    /// address.
    pub interface: NetworkInterfaceId,
    /// Whether it is in the state `available`.
    pub available: bool,
    /// Its tags.
    pub tags: Tags,
}
