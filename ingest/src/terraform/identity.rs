//! Identity: which things the attributes of resources name.

use model::VpcId;

use crate::load_balancer::{is_of, short};

use super::plan::Resource;

/// What an id may be the id of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Thing {
    Vpc,
    Subnet,
    RouteTable,
    NetworkAcl,
    SecurityGroup,
    InternetGateway,
    EgressOnlyInternetGateway,
    NatGateway,
    ElasticIp,
    NetworkInterface,
    Instance,
    PrefixList,
    VpcEndpoint,
    Peering,
    TransitGateway,
    TransitGatewayAttachment,
    TransitGatewayRouteTable,
    VpnGateway,
    VpnConnection,
    ClientVpnEndpoint,
    CarrierGateway,
    LocalGateway,
    CoreNetwork,
    OdbNetwork,
    DhcpOptions,
    HostedZone,
    ResolverRule,
    ResolverEndpoint,
    LoadBalancer,
    Listener,
    TargetGroup,
    EndpointService,
    IamRole,
    IamUser,
    IamGroup,
    IamPolicy,
    Bucket,
    Queue,
    Topic,
    Key,
    Secret,
    RestApi,
}

/// The resource types that make or adopt a VPC.
pub(super) const VPCS: [&str; 2] = ["aws_vpc", "aws_default_vpc"];
/// The resource types that make or adopt a subnet.
pub(super) const SUBNETS: [&str; 2] = ["aws_subnet", "aws_default_subnet"];
/// The resource types that make or adopt a route table.
pub(super) const ROUTE_TABLES: [&str; 2] = ["aws_route_table", "aws_default_route_table"];
/// The resource types that make or adopt a network ACL.
pub(super) const NETWORK_ACLS: [&str; 2] = ["aws_network_acl", "aws_default_network_acl"];
/// The resource types that make a load balancer.
pub(super) const LOAD_BALANCERS: [&str; 2] = ["aws_lb", "aws_alb"];
/// The resource types that make a target group.
pub(super) const TARGET_GROUPS: [&str; 2] = ["aws_lb_target_group", "aws_alb_target_group"];
/// The resource types that make or adopt a security group.
pub(super) const SECURITY_GROUPS: [&str; 2] = ["aws_security_group", "aws_default_security_group"];

impl Thing {
    /// What a resource of a type is.
    pub(super) fn of(resource_type: &str) -> Option<Thing> {
        Some(match resource_type {
            "aws_vpc" | "aws_default_vpc" => Thing::Vpc,
            "aws_subnet" | "aws_default_subnet" => Thing::Subnet,
            "aws_route_table" | "aws_default_route_table" => Thing::RouteTable,
            "aws_network_acl" | "aws_default_network_acl" => Thing::NetworkAcl,
            "aws_security_group" | "aws_default_security_group" => Thing::SecurityGroup,
            "aws_internet_gateway" => Thing::InternetGateway,
            "aws_egress_only_internet_gateway" => Thing::EgressOnlyInternetGateway,
            "aws_nat_gateway" => Thing::NatGateway,
            "aws_eip" => Thing::ElasticIp,
            "aws_network_interface" => Thing::NetworkInterface,
            "aws_instance" => Thing::Instance,
            "aws_ec2_managed_prefix_list" | "aws_prefix_list" => Thing::PrefixList,
            "aws_vpc_endpoint" => Thing::VpcEndpoint,
            "aws_vpc_peering_connection"
            | "aws_vpc_peering_connection_accepter"
            | "aws_vpc_peering_connection_options" => Thing::Peering,
            "aws_ec2_transit_gateway" => Thing::TransitGateway,
            "aws_ec2_transit_gateway_vpc_attachment"
            | "aws_ec2_transit_gateway_vpc_attachment_accepter"
            | "aws_ec2_transit_gateway_peering_attachment"
            | "aws_ec2_transit_gateway_peering_attachment_accepter"
            | "aws_ec2_transit_gateway_connect" => Thing::TransitGatewayAttachment,
            "aws_ec2_transit_gateway_route_table" => Thing::TransitGatewayRouteTable,
            "aws_vpn_gateway" => Thing::VpnGateway,
            "aws_vpn_connection" => Thing::VpnConnection,
            "aws_ec2_client_vpn_endpoint" => Thing::ClientVpnEndpoint,
            "aws_ec2_carrier_gateway" => Thing::CarrierGateway,
            "aws_ec2_local_gateway" => Thing::LocalGateway,
            "aws_networkmanager_core_network" => Thing::CoreNetwork,
            "aws_odb_network" => Thing::OdbNetwork,
            "aws_vpc_dhcp_options" => Thing::DhcpOptions,
            "aws_route53_zone" => Thing::HostedZone,
            "aws_route53_resolver_rule" => Thing::ResolverRule,
            "aws_route53_resolver_endpoint" => Thing::ResolverEndpoint,
            "aws_lb" | "aws_alb" => Thing::LoadBalancer,
            "aws_lb_listener" | "aws_alb_listener" => Thing::Listener,
            "aws_lb_target_group" | "aws_alb_target_group" => Thing::TargetGroup,
            "aws_vpc_endpoint_service" => Thing::EndpointService,
            "aws_iam_role" => Thing::IamRole,
            "aws_iam_user" => Thing::IamUser,
            "aws_iam_group" => Thing::IamGroup,
            "aws_iam_policy" => Thing::IamPolicy,
            "aws_s3_bucket" => Thing::Bucket,
            "aws_sqs_queue" => Thing::Queue,
            "aws_sns_topic" => Thing::Topic,
            "aws_kms_key" => Thing::Key,
            "aws_secretsmanager_secret" => Thing::Secret,
            "aws_api_gateway_rest_api" => Thing::RestApi,
            _ => return None,
        })
    }

    /// What an id of AWS is the id of, by its prefix.
    pub(super) fn of_id(id: &str) -> Option<Thing> {
        let arns = [
            ("loadbalancer", Thing::LoadBalancer),
            ("listener", Thing::Listener),
            ("targetgroup", Thing::TargetGroup),
        ];
        let of_arn = arns.iter().find(|(resource, _)| is_of(id, resource));
        if let Some((_, thing)) = of_arn {
            return Some(*thing);
        }
        if id.starts_with("vpce-svc-") {
            return Some(Thing::EndpointService);
        }
        let (prefix, _) = id.split_once('-')?;
        if id.starts_with("tgw-attach-") {
            return Some(Thing::TransitGatewayAttachment);
        }
        if id.starts_with("tgw-rtb-") {
            return Some(Thing::TransitGatewayRouteTable);
        }
        Some(match prefix {
            "vpc" => Thing::Vpc,
            "subnet" => Thing::Subnet,
            "rtb" => Thing::RouteTable,
            "acl" => Thing::NetworkAcl,
            "sg" => Thing::SecurityGroup,
            "igw" => Thing::InternetGateway,
            "eigw" => Thing::EgressOnlyInternetGateway,
            "nat" => Thing::NatGateway,
            "eipalloc" => Thing::ElasticIp,
            "eni" => Thing::NetworkInterface,
            "i" => Thing::Instance,
            "pl" => Thing::PrefixList,
            "vpce" => Thing::VpcEndpoint,
            "pcx" => Thing::Peering,
            "tgw" => Thing::TransitGateway,
            "vgw" => Thing::VpnGateway,
            "vpn" => Thing::VpnConnection,
            "cvpn" => Thing::ClientVpnEndpoint,
            "cagw" => Thing::CarrierGateway,
            "lgw" => Thing::LocalGateway,
            "dopt" => Thing::DhcpOptions,
            _ => return None,
        })
    }
}

/// The parts of a VPC that AWS makes with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum DefaultPart {
    /// Its main route table, as AWS made it.
    RouteTable,
    /// Its default network ACL.
    NetworkAcl,
    /// Its default security group.
    SecurityGroup,
}

impl DefaultPart {
    /// The part that an attribute of a VPC names.
    pub(super) fn named(attribute: &str) -> Option<DefaultPart> {
        match attribute {
            "default_route_table_id" | "main_route_table_id" => Some(DefaultPart::RouteTable),
            "default_network_acl_id" => Some(DefaultPart::NetworkAcl),
            "default_security_group_id" => Some(DefaultPart::SecurityGroup),
            _ => None,
        }
    }

    /// What it is.
    pub(super) const fn thing(self) -> Thing {
        match self {
            DefaultPart::RouteTable => Thing::RouteTable,
            DefaultPart::NetworkAcl => Thing::NetworkAcl,
            DefaultPart::SecurityGroup => Thing::SecurityGroup,
        }
    }

    /// The attribute of a VPC that names it.
    pub(super) const fn attribute(self) -> &'static str {
        match self {
            DefaultPart::RouteTable => "default_route_table_id",
            DefaultPart::NetworkAcl => "default_network_acl_id",
            DefaultPart::SecurityGroup => "default_security_group_id",
        }
    }

    /// Its id: AWS's when the plan knows it, else one made of the VPC's.
    pub(super) fn id(self, vpc: &Resource<'_>) -> String {
        let known = vpc.attribute(self.attribute());
        known
            .text()
            .map_or_else(|| self.symbol(&VpcId::new(own_id(vpc))), str::to_owned)
    }

    fn symbol(self, vpc: &VpcId) -> String {
        let part = match self {
            DefaultPart::RouteTable => "main-route-table",
            DefaultPart::NetworkAcl => "default-network-acl",
            DefaultPart::SecurityGroup => "default-security-group",
        };
        format!("{vpc}#{part}")
    }
}

/// The id of a resource: what AWS calls it when the plan knows that, else its address. Of a load
/// balancer or a target group it is the end of the ARN, as in a snapshot.
pub(super) fn own_id(resource: &Resource<'_>) -> String {
    let id = resource.attribute("id");
    short(id.text().unwrap_or(resource.address)).to_owned()
}

/// The id of the interface that a resource has without declaring it, as `aws_instance.app#eni`.
pub(super) fn interface_of(resource: &Resource<'_>) -> String {
    let attribute = if resource.of == "aws_instance" {
        "primary_network_interface_id"
    } else {
        "network_interface_id"
    };
    let known = resource.attribute(attribute);
    known
        .text()
        .map_or_else(|| format!("{}#eni", resource.address), str::to_owned)
}

/// The id of a default route table of a transit gateway, by the attribute that names it. AWS makes one table
/// with the gateway, for both associations and propagations; another one may be chosen for either.
pub(super) fn default_table_of(gateway: &Resource<'_>, named_by: &str) -> String {
    let names = [
        named_by,
        "association_default_route_table_id",
        "propagation_default_route_table_id",
    ];
    let known = names.iter().find_map(|name| gateway.attribute(name).text());
    known.map_or_else(
        || format!("{}#default-route-table", own_id(gateway)),
        str::to_owned,
    )
}

/// The id of the route table that AWS makes with a regional NAT gateway.
pub(super) fn table_of_nat_gateway(gateway: &Resource<'_>) -> String {
    let known = gateway.attribute("route_table_id");
    known
        .text()
        .map_or_else(|| format!("{}#route-table", own_id(gateway)), str::to_owned)
}

/// The id of the transit gateway attachment that a resource makes besides itself, as a VPN
/// connection does.
pub(super) fn attachment_of(resource: &Resource<'_>) -> String {
    let known = resource.attribute("transit_gateway_attachment_id");
    known
        .text()
        .map_or_else(|| format!("{}#attachment", resource.address), str::to_owned)
}
