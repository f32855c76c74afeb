//! Transit gateways, their attachments and their route tables.

use std::collections::BTreeSet;

use crate::cidr::Cidr;
use crate::hole::Value;
use crate::id::{
    SubnetId, TransitGatewayAttachmentId, TransitGatewayId, TransitGatewayRouteTableId, VpcId,
};
use crate::on_premises::OnPremisesService;
use crate::route_table::RouteDestination;
use crate::vpc::Tags;

/// A transit gateway.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TransitGateway {
    /// Its id.
    pub id: TransitGatewayId,
    /// Whether security group referencing is on for the gateway.
    pub security_group_referencing: bool,
    /// Its tags.
    pub tags: Tags,
}

/// An attachment to a transit gateway.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TransitGatewayAttachment {
    /// Its id.
    pub id: TransitGatewayAttachmentId,
    /// The gateway.
    pub gateway: TransitGatewayId,
    /// Whether it is in the state `available`.
    pub available: bool,
    /// What is attached.
    pub kind: AttachmentKind,
    /// The one table that routes what comes in by it, a table of the gateway.
    pub association: Option<Value<TransitGatewayRouteTableId>>,
    /// Its tags.
    pub tags: Tags,
}

/// What a transit gateway attachment attaches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AttachmentKind {
    /// A VPC.
    Vpc {
        /// The VPC; it has at most one attachment to a gateway.
        vpc: VpcId,
        /// Its subnets, all of the VPC, at most one in each zone.
        subnets: BTreeSet<SubnetId>,
        /// Whether both directions of a flow keep to one zone.
        appliance_mode: bool,
        /// Whether the VPC's IPv6 blocks are propagated.
        ipv6_support: bool,
        /// Whether security group referencing is on for the attachment.
        security_group_referencing: bool,
    },
    /// A peering with another transit gateway, which has an attachment of its own for it.
    Peering {
        /// The other gateway's attachment; `None` when it is not in the input.
        other: Option<TransitGatewayAttachmentId>,
    },
    /// A network on premises.
    OnPremises {
        /// By what it is reached.
        service: OnPremisesService,
        /// The blocks that it propagates.
        prefixes: Value<BTreeSet<Cidr>>,
    },
    /// Anything that is not modelled, by AWS's name for its kind, such as `network-function`.
    Unmodelled(String),
}

/// A route table of a transit gateway.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TransitGatewayRouteTable {
    /// Its id.
    pub id: TransitGatewayRouteTableId,
    /// The gateway.
    pub gateway: TransitGatewayId,
    /// Its static routes, for blocks and prefix lists, in the input's order, which carries no meaning.
    pub routes: Vec<TransitGatewayRoute>,
    /// The attachments that propagate to it; what they propagate is not listed among the routes.
    pub propagations: BTreeSet<TransitGatewayAttachmentId>,
    /// Its tags.
    pub tags: Tags,
}

/// A static route of a transit gateway's table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TransitGatewayRoute {
    /// Which destinations it matches.
    pub destination: RouteDestination,
    /// The attachment that it sends them to; `None` is a blackhole.
    pub target: Option<TransitGatewayAttachmentId>,
}
