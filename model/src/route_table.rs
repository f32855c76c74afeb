//! Route tables.

use crate::cidr::Cidr;
use crate::hole::Value;
use crate::id::{
    EgressOnlyInternetGatewayId, InternetGatewayId, NatGatewayId, NetworkInterfaceId, PeeringId,
    PrefixListId, RouteTableId, TransitGatewayId, VirtualPrivateGatewayId, VpcEndpointId, VpcId,
};
use crate::vpc::Tags;

/// A route table of a VPC.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RouteTable {
    /// Its id.
    pub id: RouteTableId,
    /// The VPC.
    pub vpc: VpcId,
    /// The routes, the local ones included, in the input's order, which carries no meaning.
    pub routes: Vec<Route>,
    /// Its tags.
    pub tags: Tags,
}

/// One route.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route {
    /// Which destinations it matches.
    pub destination: Value<RouteDestination>,
    /// Where it sends them.
    pub target: Value<Target>,
    /// How it came into the table.
    pub origin: RouteOrigin,
    /// Whether the target is there.
    pub state: RouteState,
}

/// The destination of a route.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum RouteDestination {
    /// One block.
    Cidr(Cidr),
    /// Every entry of a prefix list, each at its own length.
    PrefixList(PrefixListId),
}

/// How a route came into its table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum RouteOrigin {
    /// With the table, or by hand (`CreateRouteTable`, `CreateRoute`).
    Static,
    /// By a virtual private gateway or a route server (`EnableVgwRoutePropagation`,
    /// `Advertisement`).
    Propagated,
}

/// Whether a route's target is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum RouteState {
    /// The target is there.
    Active,
    /// The target is gone or not available; the route still takes part in the choice.
    Blackhole,
}

/// Where a route sends its packets.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Target {
    /// The VPC itself.
    Local,
    /// An internet gateway.
    InternetGateway(InternetGatewayId),
    /// An egress-only internet gateway.
    EgressOnlyInternetGateway(EgressOnlyInternetGatewayId),
    /// A NAT gateway.
    NatGateway(NatGatewayId),
    /// A VPC peering connection.
    Peering(PeeringId),
    /// A gateway endpoint.
    GatewayEndpoint(VpcEndpointId),
    /// A network interface: a middlebox.
    NetworkInterface(NetworkInterfaceId),
    /// A Gateway Load Balancer endpoint.
    GatewayLoadBalancerEndpoint(VpcEndpointId),
    /// A transit gateway.
    TransitGateway(TransitGatewayId),
    /// A virtual private gateway.
    VirtualPrivateGateway(VirtualPrivateGatewayId),
    /// A target whose behaviour is not modelled: AWS's word for its kind, and its id.
    Unmodelled {
        /// The kind, as `core-network`.
        kind: String,
        /// The id.
        id: String,
    },
}
