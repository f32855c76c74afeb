//! The model: what an AWS network is, what may be asked of it, and the written semantics.
//!
//! It is typed data with validated construction. It has no semantic verb: nothing here says what a
//! block contains, what a rule admits or where a packet goes. That is said in `semantics/*.md`,
//! clause by clause, and twice in code: by the evaluator and by the solver, which share nothing
//! but these types.
//!
//! Begin with [`Network`] (the closed, valid world), [`Flow`] and [`Invariant`] (the questions),
//! [`Decision`], [`Trace`] and [`Verdict`] (the answers), and [`Engine`].

pub mod account;
pub mod address;
pub mod cidr;
pub mod clause;
pub mod client_vpn;
pub mod condition;
pub mod defect;
pub mod dns;
pub mod endpoint_service;
pub mod engine;
pub mod flow;
pub mod gateway;
pub mod hole;
pub mod id;
pub mod invariant;
pub mod load_balancer;
pub mod network;
pub mod network_acl;
pub mod network_interface;
pub mod on_premises;
pub mod packet;
pub mod peering;
pub mod policy;
pub mod policy_text;
pub mod prefix_list;
pub mod request;
pub mod route_table;
pub mod security_group;
pub mod trace;
pub mod transit_gateway;
mod validate;
pub mod verdict;
pub mod vpc;
pub mod vpc_endpoint;

pub use account::{Account, IamPrincipal, Organization, ResourcePolicy};
pub use address::{Address, Family};
pub use cidr::{Cidr, InvalidCidr};
pub use clause::Clause;
pub use client_vpn::{AuthorizationRule, ClientVpnEndpoint, ClientVpnRoute};
pub use condition::{
    Condition, ConditionOperator, ConditionTest, ContextKey, RequestContext, SetOperator,
};
pub use defect::Defect;
pub use dns::{
    DnsFirewallAction, DnsFirewallRule, DnsRecord, DnsTarget, HostedZone, ResolverAction,
    ResolverRule,
};
pub use endpoint_service::EndpointService;
pub use engine::{
    Answer, Asker, Engine, Excess, Permission, PermissionEffect, PolicyComparison,
    PolicyDifference, RequestWay, Resolution,
};
pub use flow::{Flow, MOST_PICKS, Source};
pub use gateway::{EgressOnlyInternetGateway, InternetGateway, NatGateway};
pub use hole::{AddressSlot, AddressValue, Completion, Hole, Value};
pub use id::{
    AccountId, ClientVpnEndpointId, DirectConnectAssociationId, EgressOnlyInternetGatewayId,
    EndpointServiceId, HostedZoneId, InternetGatewayId, InvariantName, LoadBalancerId,
    NatGatewayId, NetworkAclId, NetworkInterfaceId, PeeringId, PrefixListId, PrincipalId,
    ResolverRuleId, ResourceId, RouteTableId, SecurityGroupId, SubnetId, TargetGroupId,
    TransitGatewayAttachmentId, TransitGatewayId, TransitGatewayRouteTableId,
    VirtualPrivateGatewayId, VpcEndpointId, VpcId,
};
pub use invariant::{Claim, Invariant, Origin, Place, Quantifier, Scope, Traffic, TrafficClass};
pub use load_balancer::{
    Listener, ListenerProtocol, LoadBalancer, LoadBalancerKind, LoadBalancerName, RegisteredTarget,
    TargetDestination, TargetGroup,
};
pub use network::{Network, NetworkDraft};
pub use network_acl::{AclAction, AclEntry, NetworkAcl};
pub use network_interface::{Attachment, InterfaceAddress, Middlebox, NetworkInterface};
pub use on_premises::{
    DirectConnectAssociation, OnPremisesGateway, OnPremisesService, VirtualPrivateGateway,
};
pub use packet::{OtherProtocol, Packet, Port, PortRange, Transport};
pub use peering::{Peering, PeeringEnd};
pub use policy::{
    ActionElement, Policy, PolicyEffect, PrincipalElement, PrincipalPattern, ResourceElement,
    Statement,
};
pub use policy_text::{OpenText, PolicyText, TextPiece};
pub use prefix_list::PrefixList;
pub use request::{KeySet, Patterns, Principal, PrincipalSet, Request, RequestSet};
pub use route_table::{Route, RouteDestination, RouteOrigin, RouteState, RouteTable, Target};
pub use security_group::{GroupRule, IcmpFilter, RulePeer, RulePorts, RuleTraffic, SecurityGroup};
pub use trace::{
    Arrival, ComponentId, Decision, Direction, Disposition, Effect, Hop, Outcome, RuleIndex, Trace,
};
pub use transit_gateway::{
    AttachmentKind, TransitGateway, TransitGatewayAttachment, TransitGatewayRoute,
    TransitGatewayRouteTable,
};
pub use verdict::{UnknownReason, Verdict, Witness};
pub use vpc::{BlockPublicAccess, Exclusion, InboundResolver, Subnet, Tags, Vpc};
pub use vpc_endpoint::{EndpointKind, EndpointName, VpcEndpoint};
