//! Identifiers: one newtype for each kind of thing, so that none is taken for another.
//!
//! An id is what the input calls the thing: AWS's own id in a snapshot (`vpc-0a1b…`), the resource
//! address in a plan (`aws_vpc.main`). Two things of one kind never share an id in a valid network.

use std::fmt;
use std::sync::Arc;

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Arc<str>);

        impl $name {
            /// Takes the id as the input writes it.
            pub fn new(id: impl AsRef<str>) -> Self {
                Self(Arc::from(id.as_ref()))
            }

            /// The id as the input writes it.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl From<&str> for $name {
            fn from(id: &str) -> Self {
                Self::new(id)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str(&self.0)
            }
        }
    )*};
}

ids! {
    /// A VPC.
    VpcId;
    /// A subnet.
    SubnetId;
    /// An elastic network interface.
    NetworkInterfaceId;
    /// A route table.
    RouteTableId;
    /// A managed prefix list, the customer's or AWS's.
    PrefixListId;
    /// A security group.
    SecurityGroupId;
    /// A network ACL.
    NetworkAclId;
    /// An internet gateway.
    InternetGatewayId;
    /// An egress-only internet gateway.
    EgressOnlyInternetGatewayId;
    /// A NAT gateway.
    NatGatewayId;
    /// A VPC peering connection.
    PeeringId;
    /// A VPC endpoint of any type.
    VpcEndpointId;
    /// A load balancer.
    LoadBalancerId;
    /// A target group of load balancers.
    TargetGroupId;
    /// An endpoint service.
    EndpointServiceId;
    /// A Client VPN endpoint.
    ClientVpnEndpointId;
    /// An association of a Direct Connect gateway.
    DirectConnectAssociationId;
    /// A private hosted zone.
    HostedZoneId;
    /// A resolver rule.
    ResolverRuleId;
    /// A transit gateway.
    TransitGatewayId;
    /// An attachment to a transit gateway.
    TransitGatewayAttachmentId;
    /// A route table of a transit gateway.
    TransitGatewayRouteTableId;
    /// A virtual private gateway.
    VirtualPrivateGatewayId;
    /// An AWS account, by its twelve digits.
    AccountId;
    /// A user, a role or a session of a role, by its ARN.
    PrincipalId;
    /// A resource with a policy of its own, by its ARN.
    ResourceId;
    /// The user's own name of an invariant.
    InvariantName;
}
