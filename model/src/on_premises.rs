//! Networks on premises: the gateways by which they are reached.

use std::collections::BTreeSet;
use std::fmt;

use crate::cidr::Cidr;
use crate::hole::Value;
use crate::id::{
    DirectConnectAssociationId, RouteTableId, TransitGatewayAttachmentId, VirtualPrivateGatewayId,
    VpcId,
};
use crate::vpc::Tags;

/// A virtual private gateway: VPN connections and Direct Connect lead from it to networks on premises.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VirtualPrivateGateway {
    /// Its id.
    pub id: VirtualPrivateGatewayId,
    /// The VPC that it is attached to; `None` when detached. A VPC has at most one.
    pub vpc: Option<VpcId>,
    /// The route table of its VPC that is associated with it (edge association).
    pub edge_route_table: Option<RouteTableId>,
    /// The blocks that it knows to lie on premises.
    pub prefixes: Value<BTreeSet<Cidr>>,
    /// Its tags.
    pub tags: Tags,
}

/// By what service an attachment of a transit gateway reaches a network on premises; of two that
/// propagate one block, the earlier wins (clause `transit-gateway-route`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum OnPremisesService {
    /// A Direct Connect gateway.
    DirectConnectGateway,
    /// A Connect attachment (GRE and BGP).
    Connect,
    /// A Site-to-Site VPN connection.
    Vpn,
}

impl OnPremisesService {
    /// Every service, in the order in which they win.
    pub const ALL: [OnPremisesService; 3] = [
        OnPremisesService::DirectConnectGateway,
        OnPremisesService::Connect,
        OnPremisesService::Vpn,
    ];

    /// AWS's word, as in `describe-transit-gateway-attachments`.
    pub const fn name(self) -> &'static str {
        match self {
            OnPremisesService::DirectConnectGateway => "direct-connect-gateway",
            OnPremisesService::Connect => "connect",
            OnPremisesService::Vpn => "vpn",
        }
    }

    /// The service of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|service| service.name() == name)
    }
}

/// By what a network on premises is reached.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum OnPremisesGateway {
    /// A virtual private gateway.
    VirtualPrivate(VirtualPrivateGatewayId),
    /// An attachment of a transit gateway, of the kind [`crate::AttachmentKind::OnPremises`].
    Transit(TransitGatewayAttachmentId),
}

impl fmt::Display for OnPremisesGateway {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            OnPremisesGateway::VirtualPrivate(id) => id.fmt(formatter),
            OnPremisesGateway::Transit(id) => id.fmt(formatter),
        }
    }
}

/// An association of a Direct Connect gateway, which says what is advertised to the networks on
/// premises behind it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DirectConnectAssociation {
    /// Its id.
    pub id: DirectConnectAssociationId,
    /// By what it reaches VPCs: a virtual private gateway, or the transit gateway's attachment of
    /// the service [`OnPremisesService::DirectConnectGateway`].
    pub gateway: OnPremisesGateway,
    /// The allowed prefixes.
    pub allowed_prefixes: Value<BTreeSet<Cidr>>,
    /// Whether something besides may advertise addresses by the same gateway: a VPN connection, a
    /// virtual interface of its own.
    pub other_ways: bool,
    /// Its tags.
    pub tags: Tags,
}
