//! The types of AWS Config: which are read, as items of which call, and what the others may change.

use crate::doubt::Touches;

/// A type that is read.
#[derive(Debug)]
pub(super) struct Kind {
    /// What AWS Config calls it.
    pub(super) of: &'static str,
    /// The list of the call that prints such resources; `None` where they have an output of their own.
    pub(super) list: Option<&'static str>,
    /// The field with the id in that list.
    pub(super) id: &'static str,
    /// Whether the configuration has the shape of CloudFormation's properties.
    pub(super) has_properties: bool,
}

const fn call(of: &'static str, list: &'static str, id: &'static str) -> Kind {
    Kind {
        of,
        list: Some(list),
        id,
        has_properties: false,
    }
}

const fn properties(of: &'static str, list: &'static str, id: &'static str) -> Kind {
    Kind {
        has_properties: true,
        ..call(of, list, id)
    }
}

pub(super) const OPTIONS: &str = "AWS::EC2::VPCBlockPublicAccessOptions";
pub(super) const EXCLUSION: &str = "AWS::EC2::VPCBlockPublicAccessExclusion";
pub(super) const DHCP_OPTIONS: &str = "AWS::EC2::DHCPOptions";
pub(super) const INSTANCE: &str = "AWS::EC2::Instance";

/// The types that are read.
const KINDS: &[Kind] = &[
    call("AWS::EC2::EIP", "Addresses", "AllocationId"),
    call(
        "AWS::EC2::EgressOnlyInternetGateway",
        "EgressOnlyInternetGateways",
        "EgressOnlyInternetGatewayId",
    ),
    call(INSTANCE, "Reservations", "ReservationId"),
    call(
        "AWS::EC2::InternetGateway",
        "InternetGateways",
        "InternetGatewayId",
    ),
    call("AWS::EC2::NatGateway", "NatGateways", "NatGatewayId"),
    call("AWS::EC2::NetworkAcl", "NetworkAcls", "NetworkAclId"),
    call(
        "AWS::EC2::NetworkInterface",
        "NetworkInterfaces",
        "NetworkInterfaceId",
    ),
    call("AWS::EC2::RouteTable", "RouteTables", "RouteTableId"),
    call("AWS::EC2::SecurityGroup", "SecurityGroups", "GroupId"),
    call("AWS::EC2::Subnet", "Subnets", "SubnetId"),
    call("AWS::EC2::VPC", "Vpcs", "VpcId"),
    call("AWS::EC2::VPCEndpoint", "VpcEndpoints", "VpcEndpointId"),
    call(
        "AWS::EC2::VPCPeeringConnection",
        "VpcPeeringConnections",
        "VpcPeeringConnectionId",
    ),
    call(
        "AWS::EC2::VPNConnection",
        "VpnConnections",
        "VpnConnectionId",
    ),
    call("AWS::EC2::VPNGateway", "VpnGateways", "VpnGatewayId"),
    call(
        "AWS::ElasticLoadBalancingV2::LoadBalancer",
        "LoadBalancers",
        "LoadBalancerArn",
    ),
    properties(
        "AWS::ElasticLoadBalancingV2::Listener",
        "Listeners",
        "ListenerArn",
    ),
    properties(DHCP_OPTIONS, "DhcpOptions", "DhcpOptionsId"),
    properties("AWS::EC2::PrefixList", "PrefixLists", "PrefixListId"),
    properties(EXCLUSION, "VpcBlockPublicAccessExclusions", "ExclusionId"),
    Kind {
        list: None,
        ..properties(OPTIONS, "", "")
    },
];

/// A type without which the network is not known: which call prints what it would be.
pub(super) struct Needed {
    pub(super) of: &'static str,
    pub(super) list: &'static str,
}

const fn needed(of: &'static str, list: &'static str) -> Needed {
    Needed { of, list }
}

/// The types that AWS Config has recorded nothing of where an account has nothing of them, or where it
/// is not told to record them. Without VPCs, subnets, route tables and groups there is no network.
pub(super) const NEEDED: &[Needed] = &[
    needed(
        "AWS::EC2::EgressOnlyInternetGateway",
        "EgressOnlyInternetGateways",
    ),
    needed(INSTANCE, "Reservations"),
    needed("AWS::EC2::InternetGateway", "InternetGateways"),
    needed("AWS::EC2::NatGateway", "NatGateways"),
    needed("AWS::EC2::NetworkAcl", "NetworkAcls"),
    needed("AWS::EC2::NetworkInterface", "NetworkInterfaces"),
    needed("AWS::EC2::VPC", "Vpcs"),
    needed("AWS::EC2::VPCEndpoint", "VpcEndpoints"),
    needed("AWS::EC2::VPCPeeringConnection", "VpcPeeringConnections"),
    needed("AWS::EC2::VPNGateway", "VpnGateways"),
];

/// Types that are not read and change what a proof rests on.
#[derive(Debug)]
pub(super) struct Unread {
    /// How their names begin.
    pub(super) begins: &'static str,
    /// Which claims they may change.
    pub(super) touches: Touches,
    /// The list of a call that says what they say.
    pub(super) list: Option<&'static str>,
    /// That call.
    pub(super) call: Option<&'static str>,
}

const fn unread_unless(
    begins: &'static str,
    touches: Touches,
    list: &'static str,
    call: &'static str,
) -> Unread {
    Unread {
        begins,
        touches,
        list: Some(list),
        call: Some(call),
    }
}

/// What leads into VPCs, or says what names mean, and is not read. What is behind a load balancer is
/// none: it is open.
const UNREAD: &[Unread] = &[
    unread_unless(
        "AWS::EC2::ClientVpn",
        Touches::Everything,
        "ClientVpnEndpoints",
        "describe-client-vpn-endpoints",
    ),
    unread_unless(
        "AWS::EC2::TransitGateway",
        Touches::Everything,
        "TransitGateways",
        "describe-transit-gateways",
    ),
    unread_unless(
        "AWS::EC2::VPCEndpointService",
        Touches::Everything,
        "ServiceConfigurations",
        "describe-vpc-endpoint-service-configurations",
    ),
    unread_unless(
        "AWS::EC2::SecurityGroupVpcAssociation",
        Touches::Everything,
        "SecurityGroupVpcAssociations",
        "describe-security-group-vpc-associations",
    ),
    Unread {
        begins: "AWS::NetworkManager::",
        touches: Touches::Everything,
        list: None,
        call: None,
    },
    Unread {
        begins: "AWS::Route53Profiles::",
        touches: Touches::Names,
        list: None,
        call: None,
    },
    unread_unless(
        "AWS::Route53::",
        Touches::Names,
        "HostedZones",
        "route53 list-hosted-zones",
    ),
    unread_unless(
        "AWS::Route53Resolver::",
        Touches::Names,
        "ResolverRules",
        "route53resolver list-resolver-rules",
    ),
];

/// How a type is read, when it is.
pub(super) fn read(of: &str) -> Option<&'static Kind> {
    KINDS.iter().find(|kind| kind.of == of)
}

/// What a type that is not read may change, when it may.
pub(super) fn unread(of: &str) -> Option<&'static Unread> {
    UNREAD.iter().find(|unread| of.starts_with(unread.begins))
}
