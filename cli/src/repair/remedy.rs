//! What there is to edit, clause by clause: the table of remedies.

use model::Clause;

use super::edit::Side;

/// The kind of edit that helps where a clause drops a packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Remedy {
    GroupRule(Side),
    AclEntry(Side),
    /// Another route, or another table.
    Route,
    AttachInternetGateway,
    AcceptPeering,
    /// A subnet more of the attachment to a transit gateway.
    AttachSubnet,
    SourceDestinationCheck,
    ExcludeSubnet,
    /// The clause drops, and no edit is known for it; why.
    None(&'static str),
    /// The clause drops no packet.
    DropsNothing,
}

/// What helps against a clause.
pub(crate) const fn remedy(clause: Clause) -> Remedy {
    match clause {
        Clause::SecurityGroupEgress => Remedy::GroupRule(Side::Outbound),
        Clause::SecurityGroupIngress => Remedy::GroupRule(Side::Inbound),
        Clause::NetworkAclEgress => Remedy::AclEntry(Side::Outbound),
        Clause::NetworkAclIngress => Remedy::AclEntry(Side::Inbound),
        Clause::LongestPrefixMatch
        | Clause::RouteBlackhole
        | Clause::ReplyReturns
        | Clause::NatGatewayAvailable
        | Clause::NatGatewaySource
        | Clause::NatGatewayProtocol
        | Clause::GatewayEndpointAvailable
        | Clause::GatewayEndpointOwnVpc
        | Clause::GatewayEndpointProtocol
        | Clause::PeeringAddresses
        | Clause::EgressOnlyInternetGateway
        | Clause::InternetGatewayPublicAddress
        | Clause::InternetGatewayPrivateDestination
        | Clause::VirtualPrivateGatewayAttached
        | Clause::VirtualPrivateGatewaySource
        | Clause::VirtualPrivateGatewayRoute => Remedy::Route,
        Clause::InternetGatewayAttached => Remedy::AttachInternetGateway,
        Clause::PeeringActive => Remedy::AcceptPeering,
        Clause::TransitGatewayZone => Remedy::AttachSubnet,
        Clause::SourceCheck | Clause::MiddleboxCheck => Remedy::SourceDestinationCheck,
        Clause::VpcBlockPublicAccess => Remedy::ExcludeSubnet,
        Clause::AddressOwner => Remedy::None("no interface has the address"),
        Clause::RouteReservedRange => Remedy::None("AWS keeps the range for itself"),
        Clause::InternetGatewayInbound
        | Clause::InternetGatewayPrivateSource
        | Clause::InternetGatewayEdgeTable
        | Clause::InternetGatewayUnrouted
        | Clause::VirtualPrivateGatewayInbound
        | Clause::VirtualPrivateGatewayEdgeTable => {
            Remedy::None("addresses and tables of a gateway are not edited")
        }
        Clause::NatGatewayNat64
        | Clause::NatGatewayOutboundOnly
        | Clause::InterfaceEndpointConsumerInitiated => {
            Remedy::None("connections do not begin or end there")
        }
        Clause::InterfaceEndpointAvailable
        | Clause::GatewayLoadBalancerEndpointAvailable
        | Clause::InterfaceEndpointProtocol => {
            Remedy::None("the endpoint is not available, or does not carry this protocol")
        }
        Clause::EndpointServiceZone
        | Clause::LoadBalancerListener
        | Clause::LoadBalancerTarget
        | Clause::LoadBalancerTranslates
        | Clause::LoadBalancerPreserves => Remedy::None("load balancers are not edited"),
        Clause::GatewayLoadBalancerEndpointEgressOnly | Clause::WayLoop => {
            Remedy::None("ways through appliances are not edited")
        }
        Clause::TransitGatewayAttached
        | Clause::TransitGatewayAssociation
        | Clause::TransitGatewayRoute
        | Clause::TransitGatewayBlackhole => {
            Remedy::None("associations and routes of transit gateways are not edited")
        }
        Clause::ClientVpnAuthorization
        | Clause::ClientVpnRoute
        | Clause::ClientVpnInbound
        | Clause::OnPremisesSource
        | Clause::DirectConnectAllowedPrefix => {
            Remedy::None("ways from and to premises are not edited")
        }
        Clause::InterfaceAccepts
        | Clause::AmazonServiceUnfiltered
        | Clause::SecurityGroupCidr
        | Clause::SecurityGroupPrefixList
        | Clause::SecurityGroupReference
        | Clause::SecurityGroupOutsideReference
        | Clause::SecurityGroupsUnknown
        | Clause::SecurityGroupStateful
        | Clause::NetworkAclUnknown
        | Clause::SameSubnet
        | Clause::RouteTieBreak
        | Clause::PropagatedInsideVpc
        | Clause::RouteAmbiguous
        | Clause::RouteInsideVpc
        | Clause::PrefixListEntriesUnknown
        | Clause::RouteUnknown
        | Clause::TargetUnmodelled
        | Clause::LocalRoute
        | Clause::InternetGatewayHairpin
        | Clause::InternetGatewayDelivers
        | Clause::GatewayStateful
        | Clause::NatGatewayTranslates
        | Clause::NatGatewayAddress
        | Clause::NatGatewayChain
        | Clause::NatGatewayToEndpoint
        | Clause::NatGatewaySourcePort
        | Clause::NatGatewayReturnToSender
        | Clause::PeeringOutside
        | Clause::GatewayEndpointDelivers
        | Clause::EndpointServiceHandsOn
        | Clause::LoadBalancerUnfiltered
        | Clause::LoadBalancerTargetsUnknown
        | Clause::LoadBalancerSourcePort
        | Clause::LoadBalancerReturns
        | Clause::LoadBalancerLimit
        | Clause::MiddleboxForwards
        | Clause::GatewayLoadBalancerEndpointInspects
        | Clause::TransitGatewayAmbiguous
        | Clause::TransitGatewayUnmodelled
        | Clause::OnPremisesTransit
        | Clause::OnPremisesDelivers
        | Clause::OnPremisesReturns
        | Clause::WayLimit
        | Clause::ReplyAsymmetric
        | Clause::InboundResolver
        | Clause::DnsSupport
        | Clause::DnsCustomServers
        | Clause::DnsFirewall
        | Clause::DnsMostSpecific
        | Clause::HostedZone
        | Clause::ResolverRuleForward
        | Clause::ResolverRuleSystem
        | Clause::DnsLimit
        | Clause::EndpointSpecificName
        | Clause::LoadBalancerName
        | Clause::EndpointPrivateDns
        | Clause::ServicePublicName
        | Clause::Dns64
        | Clause::NameUnmodelled
        | Clause::PolicyExplicitDeny
        | Clause::PolicyAllow
        | Clause::PolicyDefaultDeny
        | Clause::PolicyOpen
        | Clause::PolicyUnknown
        | Clause::AuthorizationNotAsked
        | Clause::AuthorizationExplicitDeny
        | Clause::AuthorizationServiceControlPolicy
        | Clause::AuthorizationAnonymous
        | Clause::AuthorizationSameAccount
        | Clause::AuthorizationCrossAccount
        | Clause::AuthorizationOpen
        | Clause::PolicyVariable
        | Clause::ConditionAllHold
        | Clause::ConditionSeveralValues
        | Clause::ConditionAbsentKey
        | Clause::ConditionString
        | Clause::ConditionArn
        | Clause::ConditionNumeric
        | Clause::ConditionDate
        | Clause::ConditionBool
        | Clause::ConditionBinary
        | Clause::ConditionIpAddress
        | Clause::ConditionNull
        | Clause::ConditionSetOperator
        | Clause::ContextOfPrincipal
        | Clause::ContextOfPath => Remedy::DropsNothing,
    }
}
