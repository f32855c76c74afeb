//! Traces: what happens to a flow, step by step, each step named by its clause.

use std::fmt;

use crate::address::Address;
use crate::clause::Clause;
use crate::flow::Flow;
use crate::hole::Hole;
use crate::id::{
    EgressOnlyInternetGatewayId, EndpointServiceId, InternetGatewayId, LoadBalancerId,
    NatGatewayId, NetworkAclId, NetworkInterfaceId, PeeringId, RouteTableId, SecurityGroupId,
    SubnetId, TargetGroupId, TransitGatewayAttachmentId, TransitGatewayId,
    TransitGatewayRouteTableId, VirtualPrivateGatewayId, VpcEndpointId, VpcId,
};
use crate::on_premises::OnPremisesGateway;
use crate::packet::Packet;

/// How one direction of a flow ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Disposition {
    /// It arrives.
    Delivered,
    /// A rule drops it.
    Dropped,
    /// A hole, or something that is not modelled or not documented, decides.
    Undetermined,
}

impl fmt::Display for Disposition {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Disposition::Delivered => "delivered",
            Disposition::Dropped => "dropped",
            Disposition::Undetermined => "undetermined",
        })
    }
}

/// Where a delivered packet is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Arrival {
    /// At an interface of the network.
    Interface(NetworkInterfaceId),
    /// On the internet, the public addresses of AWS services included.
    Internet,
    /// At a service, through a gateway endpoint.
    GatewayEndpoint(VpcEndpointId),
    /// On premises, handed over by this gateway.
    OnPremises(OnPremisesGateway),
    /// At a service that Amazon provides on link-local or reserved addresses of each VPC.
    AmazonService,
}

/// A part of the network that takes a decision.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ComponentId {
    /// A network interface.
    NetworkInterface(NetworkInterfaceId),
    /// A security group.
    SecurityGroup(SecurityGroupId),
    /// A network ACL.
    NetworkAcl(NetworkAclId),
    /// A subnet.
    Subnet(SubnetId),
    /// A VPC.
    Vpc(VpcId),
    /// A route table.
    RouteTable(RouteTableId),
    /// An internet gateway.
    InternetGateway(InternetGatewayId),
    /// An egress-only internet gateway.
    EgressOnlyInternetGateway(EgressOnlyInternetGatewayId),
    /// A NAT gateway.
    NatGateway(NatGatewayId),
    /// A peering connection.
    Peering(PeeringId),
    /// A VPC endpoint.
    VpcEndpoint(VpcEndpointId),
    /// An endpoint service.
    EndpointService(EndpointServiceId),
    /// A load balancer.
    LoadBalancer(LoadBalancerId),
    /// A target group.
    TargetGroup(TargetGroupId),
    /// A transit gateway.
    TransitGateway(TransitGatewayId),
    /// An attachment to a transit gateway.
    TransitGatewayAttachment(TransitGatewayAttachmentId),
    /// A route table of a transit gateway.
    TransitGatewayRouteTable(TransitGatewayRouteTableId),
    /// A virtual private gateway.
    VirtualPrivateGateway(VirtualPrivateGatewayId),
    /// The internet.
    Internet,
    /// A network on premises.
    OnPremises,
    /// Something that is not modelled, by its id.
    Unmodelled(String),
}

impl fmt::Display for ComponentId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ComponentId::NetworkInterface(id) => id.fmt(formatter),
            ComponentId::SecurityGroup(id) => id.fmt(formatter),
            ComponentId::NetworkAcl(id) => id.fmt(formatter),
            ComponentId::Subnet(id) => id.fmt(formatter),
            ComponentId::Vpc(id) => id.fmt(formatter),
            ComponentId::RouteTable(id) => id.fmt(formatter),
            ComponentId::InternetGateway(id) => id.fmt(formatter),
            ComponentId::EgressOnlyInternetGateway(id) => id.fmt(formatter),
            ComponentId::NatGateway(id) => id.fmt(formatter),
            ComponentId::Peering(id) => id.fmt(formatter),
            ComponentId::VpcEndpoint(id) => id.fmt(formatter),
            ComponentId::EndpointService(id) => id.fmt(formatter),
            ComponentId::LoadBalancer(id) => id.fmt(formatter),
            ComponentId::TargetGroup(id) => id.fmt(formatter),
            ComponentId::TransitGateway(id) => id.fmt(formatter),
            ComponentId::TransitGatewayAttachment(id) => id.fmt(formatter),
            ComponentId::TransitGatewayRouteTable(id) => id.fmt(formatter),
            ComponentId::VirtualPrivateGateway(id) => id.fmt(formatter),
            ComponentId::Internet => formatter.write_str("internet"),
            ComponentId::OnPremises => formatter.write_str("on premises"),
            ComponentId::Unmodelled(id) => formatter.write_str(id),
        }
    }
}

/// Which rule of a component decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RuleIndex {
    /// A route, by its position in [`crate::RouteTable::routes`] or
    /// [`crate::TransitGatewayRouteTable::routes`].
    Route(usize),
    /// An inbound rule of a group, by its position in [`crate::SecurityGroup::ingress`].
    IngressRule(usize),
    /// An outbound rule of a group, by its position in [`crate::SecurityGroup::egress`].
    EgressRule(usize),
    /// An inbound entry of an ACL, by its number.
    IngressEntry(u16),
    /// An outbound entry of an ACL, by its number.
    EgressEntry(u16),
}

/// What a step does to the packet.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Effect {
    /// It lets it on.
    Passed,
    /// It delivers it; the walk ends.
    Delivered,
    /// It drops it; the walk ends.
    Dropped,
    /// It may do either; what would settle it.
    Undetermined(Hole),
}

/// The direction of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Direction {
    /// The request, from the flow's source.
    Forward,
    /// The answer to it.
    Reply,
}

/// One step: a component applies a clause.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Hop {
    /// The packet as it comes to the step.
    pub packet: Packet,
    /// Who decides.
    pub component: ComponentId,
    /// Which of its rules, when a rule matched.
    pub rule: Option<RuleIndex>,
    /// The clause that it decides by.
    pub clause: Clause,
    /// What it does.
    pub effect: Effect,
}

/// How one direction ends and what decided it: what both engines must agree on.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Outcome {
    /// How it ends.
    pub disposition: Disposition,
    /// The clause that decided: of the last step, or, when undetermined, of the first step that
    /// was.
    pub clause: Clause,
    /// Where the packet is, when delivered.
    pub arrival: Option<Arrival>,
    /// The source address with which a request arrives there; `None` of a reply, and where it may
    /// be one of several (clause `nat-gateway-address`).
    pub source: Option<Address>,
}

/// The answer to one concrete flow.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Decision {
    /// The request.
    pub forward: Outcome,
    /// The reply; `None` when the request is certainly dropped.
    pub reply: Option<Outcome>,
}

/// The answer to one concrete flow with every step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trace {
    /// The flow.
    pub flow: Flow,
    /// The steps of the request.
    pub forward: Vec<Hop>,
    /// The steps of the reply.
    pub reply: Vec<Hop>,
    /// The answer.
    pub decision: Decision,
}
