//! Families: which properties of a type of CloudFormation are which attributes of a resource.
//!
//! Both are the parameters of one call of AWS, so most of a type is a table. What is more than a
//! table stands in `adjust.rs`.
//!
//! Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-template-resource-type-ref.html>

use super::change_set;

/// What the values of a property become.
#[derive(Clone, Copy, Debug)]
pub(super) enum Shape {
    /// A text, or a list of them.
    Text,
    /// A text that decides what the resource is, so that it has to be known.
    Word,
    /// A text, in a list of its own.
    Listed,
    /// A boolean, which has to be known too.
    Flag,
    /// The text of a policy.
    Policy,
    /// Tags.
    Tags,
    /// A list of blocks.
    Blocks(&'static [Field]),
    /// One block, in a list.
    Block(&'static [Field]),
}

/// A property, the attribute that it is, and what its values become.
pub(super) type Field = (&'static str, &'static str, Shape);

/// A type.
#[derive(Clone, Copy, Debug)]
pub(super) struct Family {
    pub(super) of: &'static str,
    pub(super) makes: &'static str,
    pub(super) fields: &'static [Field],
    /// The attribute that `Ref` gives.
    pub(super) reference: &'static str,
    /// The attribute of CloudFormation that is its id too.
    pub(super) own: &'static str,
    /// The attributes that AWS fills when they are not written.
    pub(super) computed: &'static [&'static str],
}

use Shape::{Block, Blocks, Flag, Listed, Policy, Tags, Text, Word};

const TAGS: Field = ("Tags", "tags_all", Tags);

macro_rules! families {
    ($($of:literal => $makes:literal, $reference:literal, $own:literal, $computed:expr, [$($field:expr),* $(,)?];)*) => {
        /// The types that are read.
        pub(super) const FAMILIES: &[Family] = &[$(Family {
            of: $of,
            makes: $makes,
            reference: $reference,
            own: $own,
            computed: $computed,
            fields: &[$($field),*],
        }),*];
    };
}

const GROUP_RULE: [Field; 3] = [
    ("IpProtocol", "ip_protocol", Text),
    ("FromPort", "from_port", Text),
    ("ToPort", "to_port", Text),
];

families! {
    "AWS::EC2::VPC" => "aws_vpc", "id", "VpcId", &[], [
        ("CidrBlock", "cidr_block", Text),
        ("EnableDnsSupport", "enable_dns_support", Flag),
        ("EnableDnsHostnames", "enable_dns_hostnames", Flag),
        TAGS,
    ];
    "AWS::EC2::Subnet" => "aws_subnet", "id", "SubnetId", &[], [
        ("VpcId", "vpc_id", Text),
        ("CidrBlock", "cidr_block", Text),
        ("Ipv6CidrBlock", "ipv6_cidr_block", Text),
        ("AvailabilityZone", "availability_zone", Text),
        ("AvailabilityZoneId", "availability_zone_id", Text),
        ("MapPublicIpOnLaunch", "map_public_ip_on_launch", Flag),
        ("AssignIpv6AddressOnCreation", "assign_ipv6_address_on_creation", Flag),
        ("EnableDns64", "enable_dns64", Flag),
        TAGS,
    ];
    "AWS::EC2::InternetGateway" => "aws_internet_gateway", "id", "InternetGatewayId", &[], [TAGS];
    "AWS::EC2::EgressOnlyInternetGateway" => "aws_egress_only_internet_gateway", "id", "Id", &[], [
        ("VpcId", "vpc_id", Text),
        TAGS,
    ];
    "AWS::EC2::RouteTable" => "aws_route_table", "id", "RouteTableId", &[], [
        ("VpcId", "vpc_id", Text),
        TAGS,
    ];
    "AWS::EC2::Route" => "aws_route", "id", "", &[], [
        ("RouteTableId", "route_table_id", Text),
        ("DestinationCidrBlock", "destination_cidr_block", Text),
        ("DestinationIpv6CidrBlock", "destination_ipv6_cidr_block", Text),
        ("DestinationPrefixListId", "destination_prefix_list_id", Text),
        ("GatewayId", "gateway_id", Text),
        ("NatGatewayId", "nat_gateway_id", Text),
        ("EgressOnlyInternetGatewayId", "egress_only_gateway_id", Text),
        ("InstanceId", "instance_id", Text),
        ("NetworkInterfaceId", "network_interface_id", Text),
        ("VpcPeeringConnectionId", "vpc_peering_connection_id", Text),
        ("TransitGatewayId", "transit_gateway_id", Text),
        ("VpcEndpointId", "vpc_endpoint_id", Text),
        ("CarrierGatewayId", "carrier_gateway_id", Text),
        ("LocalGatewayId", "local_gateway_id", Text),
        ("CoreNetworkArn", "core_network_arn", Text),
        ("OdbNetworkArn", "odb_network_arn", Text),
    ];
    "AWS::EC2::SubnetRouteTableAssociation" => "aws_route_table_association", "id", "Id", &[], [
        ("SubnetId", "subnet_id", Text),
        ("RouteTableId", "route_table_id", Text),
    ];
    "AWS::EC2::GatewayRouteTableAssociation" => "aws_route_table_association", "id", "AssociationId", &[], [
        ("GatewayId", "gateway_id", Text),
        ("RouteTableId", "route_table_id", Text),
    ];
    "AWS::EC2::NetworkAcl" => "aws_network_acl", "id", "Id", &[], [
        ("VpcId", "vpc_id", Text),
        TAGS,
    ];
    "AWS::EC2::NetworkAclEntry" => "aws_network_acl_rule", "id", "Id", &[], [
        ("NetworkAclId", "network_acl_id", Text),
        ("RuleNumber", "rule_number", Text),
        ("Egress", "egress", Flag),
        ("Protocol", "protocol", Text),
        ("RuleAction", "rule_action", Text),
        ("CidrBlock", "cidr_block", Text),
        ("Ipv6CidrBlock", "ipv6_cidr_block", Text),
        ("PortRange.From", "from_port", Text),
        ("PortRange.To", "to_port", Text),
        ("Icmp.Type", "icmp_type", Text),
        ("Icmp.Code", "icmp_code", Text),
    ];
    "AWS::EC2::SubnetNetworkAclAssociation" => "aws_network_acl_association", "id", "AssociationId", &[], [
        ("SubnetId", "subnet_id", Text),
        ("NetworkAclId", "network_acl_id", Text),
    ];
    "AWS::EC2::SecurityGroup" => "aws_security_group", "id", "GroupId", &[], [
        ("GroupName", "name", Text),
        ("VpcId", "vpc_id", Text),
        ("SecurityGroupIngress", "ingress", Blocks(&INGRESS)),
        ("SecurityGroupEgress", "egress", Blocks(&EGRESS)),
        TAGS,
    ];
    "AWS::EC2::SecurityGroupIngress" => "aws_vpc_security_group_ingress_rule", "id", "Id", &[], [
        ("GroupId", "security_group_id", Text),
        GROUP_RULE[0],
        GROUP_RULE[1],
        GROUP_RULE[2],
        ("CidrIp", "cidr_ipv4", Text),
        ("CidrIpv6", "cidr_ipv6", Text),
        ("SourcePrefixListId", "prefix_list_id", Text),
        ("SourceSecurityGroupId", "referenced_security_group_id", Text),
    ];
    "AWS::EC2::SecurityGroupEgress" => "aws_vpc_security_group_egress_rule", "id", "Id", &[], [
        ("GroupId", "security_group_id", Text),
        GROUP_RULE[0],
        GROUP_RULE[1],
        GROUP_RULE[2],
        ("CidrIp", "cidr_ipv4", Text),
        ("CidrIpv6", "cidr_ipv6", Text),
        ("DestinationPrefixListId", "prefix_list_id", Text),
        ("DestinationSecurityGroupId", "referenced_security_group_id", Text),
    ];
    "AWS::EC2::NatGateway" => "aws_nat_gateway", "id", "NatGatewayId", &["public_ip", "private_ip"], [
        ("SubnetId", "subnet_id", Text),
        ("VpcId", "vpc_id", Text),
        ("AllocationId", "allocation_id", Text),
        ("ConnectivityType", "connectivity_type", Word),
        ("AvailabilityMode", "availability_mode", Word),
        ("PrivateIpAddress", "private_ip", Text),
        ("SecondaryAllocationIds", "secondary_allocation_ids", Text),
        ("SecondaryPrivateIpAddresses", "secondary_private_ip_addresses", Text),
        TAGS,
    ];
    "AWS::EC2::EIP" => "aws_eip", "public_ip", "AllocationId", &["public_ip"], [
        ("InstanceId", "instance", Text),
        TAGS,
    ];
    "AWS::EC2::EIPAssociation" => "aws_eip_association", "id", "Id", &["public_ip"], [
        ("AllocationId", "allocation_id", Text),
        ("InstanceId", "instance_id", Text),
        ("NetworkInterfaceId", "network_interface_id", Text),
        ("PrivateIpAddress", "private_ip_address", Text),
    ];
    "AWS::EC2::PrefixList" => "aws_ec2_managed_prefix_list", "id", "PrefixListId", &[], [
        ("PrefixListName", "name", Text),
        ("AddressFamily", "address_family", Word),
        ("Entries", "entry", Blocks(&[("Cidr", "cidr", Text)])),
        TAGS,
    ];
    "AWS::EC2::NetworkInterface" => "aws_network_interface", "id", "Id", &["private_ip"], [
        ("SubnetId", "subnet_id", Text),
        ("PrivateIpAddress", "private_ip", Text),
        ("SecondaryPrivateIpAddressCount", "private_ips_count", Word),
        ("GroupSet", "security_groups", Text),
        ("SourceDestCheck", "source_dest_check", Flag),
        ("InterfaceType", "interface_type", Word),
        ("Ipv6AddressCount", "ipv6_address_count", Word),
        TAGS,
    ];
    "AWS::EC2::NetworkInterfaceAttachment" => "aws_network_interface_attachment", "id", "AttachmentId", &[], [
        ("NetworkInterfaceId", "network_interface_id", Text),
        ("InstanceId", "instance_id", Text),
        ("DeviceIndex", "device_index", Word),
    ];
    "AWS::EC2::Instance" => "aws_instance", "id", "InstanceId", &["public_ip", "private_ip"], [
        ("SubnetId", "subnet_id", Text),
        ("PrivateIpAddress", "private_ip", Text),
        ("SecurityGroupIds", "vpc_security_group_ids", Text),
        ("SourceDestCheck", "source_dest_check", Flag),
        ("Ipv6AddressCount", "ipv6_address_count", Word),
        TAGS,
    ];
    "AWS::EC2::VPCEndpoint" => "aws_vpc_endpoint", "id", "Id", &["network_interface_ids", "dns_entry", "prefix_list_id"], [
        ("VpcId", "vpc_id", Text),
        ("ServiceName", "service_name", Text),
        ("VpcEndpointType", "vpc_endpoint_type", Word),
        ("RouteTableIds", "route_table_ids", Text),
        ("SubnetIds", "subnet_ids", Text),
        ("SecurityGroupIds", "security_group_ids", Text),
        ("PrivateDnsEnabled", "private_dns_enabled", Flag),
        ("IpAddressType", "ip_address_type", Word),
        ("DnsOptions", "dns_options", Block(&[
            ("PrivateDnsOnlyForInboundResolverEndpoint", "private_dns_only_for_inbound_resolver_endpoint", Flag),
        ])),
        ("PolicyDocument", "policy", Policy),
        TAGS,
    ];
    "AWS::EC2::VPCEndpointService" => "aws_vpc_endpoint_service", "id", "ServiceId", &["service_name"], [
        ("AcceptanceRequired", "acceptance_required", Flag),
        ("NetworkLoadBalancerArns", "network_load_balancer_arns", Text),
        ("GatewayLoadBalancerArns", "gateway_load_balancer_arns", Text),
        TAGS,
    ];
    "AWS::EC2::TransitGateway" => "aws_ec2_transit_gateway", "id", "Id", &[], [
        ("DefaultRouteTableAssociation", "default_route_table_association", Word),
        ("DefaultRouteTablePropagation", "default_route_table_propagation", Word),
        ("SecurityGroupReferencingSupport", "security_group_referencing_support", Word),
        TAGS,
    ];
    "AWS::EC2::TransitGatewayAttachment" => "aws_ec2_transit_gateway_vpc_attachment", "id", "Id", &[], [
        ("TransitGatewayId", "transit_gateway_id", Text),
        ("VpcId", "vpc_id", Text),
        ("SubnetIds", "subnet_ids", Text),
        ("Options.ApplianceModeSupport", "appliance_mode_support", Word),
        ("Options.Ipv6Support", "ipv6_support", Word),
        ("Options.SecurityGroupReferencingSupport", "security_group_referencing_support", Word),
        TAGS,
    ];
    "AWS::EC2::TransitGatewayVpcAttachment" => "aws_ec2_transit_gateway_vpc_attachment", "id", "Id", &[], [
        ("TransitGatewayId", "transit_gateway_id", Text),
        ("VpcId", "vpc_id", Text),
        ("SubnetIds", "subnet_ids", Text),
        ("Options.ApplianceModeSupport", "appliance_mode_support", Word),
        ("Options.Ipv6Support", "ipv6_support", Word),
        ("Options.SecurityGroupReferencingSupport", "security_group_referencing_support", Word),
        TAGS,
    ];
    "AWS::EC2::TransitGatewayRouteTable" => "aws_ec2_transit_gateway_route_table", "id", "TransitGatewayRouteTableId", &[], [
        ("TransitGatewayId", "transit_gateway_id", Text),
        TAGS,
    ];
    "AWS::EC2::TransitGatewayRouteTableAssociation" => "aws_ec2_transit_gateway_route_table_association", "id", "Id", &[], [
        ("TransitGatewayAttachmentId", "transit_gateway_attachment_id", Text),
        ("TransitGatewayRouteTableId", "transit_gateway_route_table_id", Text),
    ];
    "AWS::EC2::TransitGatewayRouteTablePropagation" => "aws_ec2_transit_gateway_route_table_propagation", "id", "Id", &[], [
        ("TransitGatewayAttachmentId", "transit_gateway_attachment_id", Text),
        ("TransitGatewayRouteTableId", "transit_gateway_route_table_id", Text),
    ];
    "AWS::EC2::TransitGatewayRoute" => "aws_ec2_transit_gateway_route", "id", "", &[], [
        ("TransitGatewayAttachmentId", "transit_gateway_attachment_id", Text),
        ("TransitGatewayRouteTableId", "transit_gateway_route_table_id", Text),
        ("DestinationCidrBlock", "destination_cidr_block", Text),
        ("Blackhole", "blackhole", Flag),
    ];
    "AWS::EC2::TransitGatewayPeeringAttachment" => "aws_ec2_transit_gateway_peering_attachment", "id", "TransitGatewayAttachmentId", &[], [
        ("TransitGatewayId", "transit_gateway_id", Text),
        ("PeerTransitGatewayId", "peer_transit_gateway_id", Text),
        TAGS,
    ];
    "AWS::EC2::VPCBlockPublicAccessOptions" => "aws_vpc_block_public_access_options", "id", "", &[], [
        ("InternetGatewayBlockMode", "internet_gateway_block_mode", Text),
    ];
    "AWS::EC2::VPCBlockPublicAccessExclusion" => "aws_vpc_block_public_access_exclusion", "id", "ExclusionId", &[], [
        ("InternetGatewayExclusionMode", "internet_gateway_exclusion_mode", Text),
        ("VpcId", "vpc_id", Text),
        ("SubnetId", "subnet_id", Text),
    ];
    "AWS::EC2::VPCPeeringConnection" => "aws_vpc_peering_connection", "id", "Id", &[], [
        ("VpcId", "vpc_id", Text),
        ("PeerVpcId", "peer_vpc_id", Text),
        TAGS,
    ];
    "AWS::EC2::VPNGateway" => "aws_vpn_gateway", "id", "VPNGatewayId", &[], [TAGS];
    "AWS::EC2::VPNConnection" => "aws_vpn_connection", "id", "VpnConnectionId", &["transit_gateway_attachment_id", "routes"], [
        ("VpnGatewayId", "vpn_gateway_id", Text),
        ("TransitGatewayId", "transit_gateway_id", Text),
        ("StaticRoutesOnly", "static_routes_only", Flag),
        TAGS,
    ];
    "AWS::EC2::VPNConnectionRoute" => "aws_vpn_connection_route", "id", "", &[], [
        ("VpnConnectionId", "vpn_connection_id", Text),
        ("DestinationCidrBlock", "destination_cidr_block", Text),
    ];
    "AWS::EC2::DHCPOptions" => "aws_vpc_dhcp_options", "id", "DhcpOptionsId", &[], [
        ("DomainNameServers", "domain_name_servers", Text),
        TAGS,
    ];
    "AWS::EC2::VPCDHCPOptionsAssociation" => "aws_vpc_dhcp_options_association", "id", "", &[], [
        ("VpcId", "vpc_id", Text),
        ("DhcpOptionsId", "dhcp_options_id", Text),
    ];
    "AWS::ElasticLoadBalancingV2::LoadBalancer" => "aws_lb", "arn", "LoadBalancerArn", &["dns_name", "arn"], [
        ("Type", "load_balancer_type", Word),
        ("Subnets", "subnets", Text),
        ("SubnetMappings", "subnet_mapping", Blocks(&[
            ("SubnetId", "subnet_id", Text),
            ("AllocationId", "allocation_id", Text),
            ("PrivateIPv4Address", "private_ipv4_address", Text),
            ("IPv6Address", "ipv6_address", Text),
        ])),
        ("SecurityGroups", "security_groups", Text),
        ("IpAddressType", "ip_address_type", Word),
        ("EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic", "enforce_security_group_inbound_rules_on_private_link_traffic", Word),
        TAGS,
    ];
    "AWS::ElasticLoadBalancingV2::Listener" => "aws_lb_listener", "arn", "ListenerArn", &["arn"], [
        ("LoadBalancerArn", "load_balancer_arn", Text),
        ("Port", "port", Text),
        ("Protocol", "protocol", Word),
        ("DefaultActions", "default_action", Blocks(ACTION)),
    ];
    "AWS::ElasticLoadBalancingV2::ListenerRule" => "aws_lb_listener_rule", "arn", "RuleArn", &["arn"], [
        ("ListenerArn", "listener_arn", Text),
        ("Actions", "action", Blocks(ACTION)),
    ];
    "AWS::ElasticLoadBalancingV2::TargetGroup" => "aws_lb_target_group", "arn", "TargetGroupArn", &["arn"], [
        ("Port", "port", Text),
        ("Protocol", "protocol", Word),
        ("TargetType", "target_type", Word),
        ("VpcId", "vpc_id", Text),
        ("IpAddressType", "ip_address_type", Word),
        TAGS,
    ];
    // Only what they register in target groups is read of these two.
    "AWS::AutoScaling::AutoScalingGroup" => "aws_autoscaling_group", "id", "", &[], [
        ("TargetGroupARNs", "target_group_arns", Text),
        ("TrafficSources", "traffic_source", Blocks(&[("Identifier", "identifier", Text)])),
    ];
    "AWS::ECS::Service" => "aws_ecs_service", "name", "", &[], [
        ("LoadBalancers", "load_balancer", Blocks(&[("TargetGroupArn", "target_group_arn", Text)])),
    ];
    "AWS::Route53::HostedZone" => "aws_route53_zone", "zone_id", "Id", &[], [
        ("Name", "name", Text),
        ("VPCs", "vpc", Blocks(&[("VPCId", "vpc_id", Text)])),
        ("HostedZoneTags", "tags_all", Tags),
    ];
    "AWS::Route53::RecordSet" => "aws_route53_record", "name", "", &[], [
        RECORD[0], RECORD[1], RECORD[2], RECORD[3], RECORD[4], RECORD[5],
    ];
    "AWS::IAM::Role" => "aws_iam_role", "name", "", &["arn", "name"], [
        ("RoleName", "name", Text),
        ("Path", "path", Text),
        ("AssumeRolePolicyDocument", "assume_role_policy", Policy),
        ("Policies", "inline_policy", Blocks(&INLINE)),
        ("ManagedPolicyArns", "managed_policy_arns", Text),
        ("PermissionsBoundary", "permissions_boundary", Text),
        TAGS,
    ];
    "AWS::IAM::User" => "aws_iam_user", "name", "", &["arn", "name"], [
        ("UserName", "name", Text),
        ("Path", "path", Text),
        ("Policies", "inline_policy", Blocks(&INLINE)),
        ("ManagedPolicyArns", "managed_policy_arns", Text),
        ("PermissionsBoundary", "permissions_boundary", Text),
        TAGS,
    ];
    "AWS::IAM::Group" => "aws_iam_group", "name", "", &["arn", "name"], [
        ("GroupName", "name", Text),
        ("Path", "path", Text),
        ("Policies", "inline_policy", Blocks(&INLINE)),
        ("ManagedPolicyArns", "managed_policy_arns", Text),
    ];
    "AWS::IAM::ManagedPolicy" => "aws_iam_policy", "arn", "PolicyArn", &["arn"], [
        ("ManagedPolicyName", "name", Text),
        ("Path", "path", Text),
        ("PolicyDocument", "policy", Policy),
    ];
    "AWS::IAM::RolePolicy" => "aws_iam_role_policy", "id", "", &[], [
        ("RoleName", "role", Text),
        INLINE[0],
        INLINE[1],
    ];
    "AWS::IAM::UserPolicy" => "aws_iam_user_policy", "id", "", &[], [
        ("UserName", "user", Text),
        INLINE[0],
        INLINE[1],
    ];
    "AWS::IAM::GroupPolicy" => "aws_iam_group_policy", "id", "", &[], [
        ("GroupName", "group", Text),
        INLINE[0],
        INLINE[1],
    ];
    "AWS::IAM::UserToGroupAddition" => "aws_iam_group_membership", "id", "", &[], [
        ("GroupName", "group", Text),
        ("Users", "users", Text),
    ];
    "AWS::S3::Bucket" => "aws_s3_bucket", "bucket", "", &["arn", "bucket"], [
        ("BucketName", "bucket", Text),
        TAGS,
    ];
    "AWS::S3::BucketPolicy" => "aws_s3_bucket_policy", "id", "", &[], [
        ("Bucket", "bucket", Text),
        ("PolicyDocument", "policy", Policy),
    ];
    "AWS::SQS::Queue" => "aws_sqs_queue", "url", "QueueUrl", &["arn", "name", "url"], [
        ("QueueName", "name", Text),
        TAGS,
    ];
    "AWS::SNS::Topic" => "aws_sns_topic", "arn", "TopicArn", &["arn", "name"], [
        ("TopicName", "name", Text),
        TAGS,
    ];
    "AWS::KMS::Key" => "aws_kms_key", "key_id", "KeyId", &["arn", "key_id"], [
        ("KeyPolicy", "policy", Policy),
        TAGS,
    ];
    "AWS::SecretsManager::Secret" => "aws_secretsmanager_secret", "arn", "Id", &["arn"], [
        ("Name", "name", Text),
        TAGS,
    ];
    "AWS::SecretsManager::ResourcePolicy" => "aws_secretsmanager_secret_policy", "id", "", &[], [
        ("SecretId", "secret_arn", Text),
        ("ResourcePolicy", "policy", Policy),
    ];
    "AWS::ApiGateway::RestApi" => "aws_api_gateway_rest_api", "id", "RestApiId", &["arn"], [
        ("Name", "name", Text),
        ("Policy", "policy", Policy),
        ("EndpointConfiguration", "endpoint_configuration", Block(&[("Types", "types", Text)])),
    ];
    "AWS::Route53Resolver::ResolverEndpoint" => "aws_route53_resolver_endpoint", "id", "ResolverEndpointId", &["ip_address"], [
        ("Direction", "direction", Word),
        ("IpAddresses", "ip_address", Blocks(&[
            ("SubnetId", "subnet_id", Text),
            ("Ip", "ip", Text),
        ])),
        TAGS,
    ];
    "AWS::Route53Resolver::ResolverRule" => "aws_route53_resolver_rule", "id", "ResolverRuleId", &[], [
        ("DomainName", "domain_name", Text),
        ("RuleType", "rule_type", Word),
        ("ResolverEndpointId", "resolver_endpoint_id", Text),
        ("TargetIps", "target_ip", Blocks(&[("Ip", "ip", Text)])),
        TAGS,
    ];
    "AWS::Route53Resolver::ResolverRuleAssociation" => "aws_route53_resolver_rule_association", "id", "ResolverRuleAssociationId", &[], [
        ("ResolverRuleId", "resolver_rule_id", Text),
        ("VPCId", "vpc_id", Text),
    ];
}

/// A policy that stands in a user, role or group.
const INLINE: [Field; 2] = [
    ("PolicyName", "name", Text),
    ("PolicyDocument", "policy", Policy),
];

const ACTION: &[Field] = &[
    ("Type", "type", Word),
    ("TargetGroupArn", "target_group_arn", Text),
    (
        "ForwardConfig",
        "forward",
        Block(&[(
            "TargetGroups",
            "target_group",
            Blocks(&[("TargetGroupArn", "arn", Text)]),
        )]),
    ),
];

/// The properties of a record, in a resource of its own and in a set of several.
pub(super) const RECORD: [Field; 6] = [
    ("HostedZoneId", "zone_id", Text),
    ("Name", "name", Text),
    ("Type", "type", Word),
    ("ResourceRecords", "records", Text),
    ("SetIdentifier", "set_identifier", Text),
    (
        "AliasTarget",
        "alias",
        Block(&[("DNSName", "name", Text), ("HostedZoneId", "zone_id", Text)]),
    ),
];

/// The properties of a rule that stands in a security group.
pub(super) const INGRESS: [Field; 7] = [
    ("IpProtocol", "protocol", Text),
    ("FromPort", "from_port", Text),
    ("ToPort", "to_port", Text),
    ("CidrIp", "cidr_blocks", Listed),
    ("CidrIpv6", "ipv6_cidr_blocks", Listed),
    ("SourcePrefixListId", "prefix_list_ids", Listed),
    ("SourceSecurityGroupId", "security_groups", Listed),
];

/// Its twin for what goes out.
pub(super) const EGRESS: [Field; 7] = [
    INGRESS[0],
    INGRESS[1],
    INGRESS[2],
    INGRESS[3],
    INGRESS[4],
    ("DestinationPrefixListId", "prefix_list_ids", Listed),
    ("DestinationSecurityGroupId", "security_groups", Listed),
];

/// The family of a type.
pub(super) fn of(name: &str) -> Option<&'static Family> {
    let listed = FAMILIES.iter().find(|family| family.of == name);
    listed.or_else(|| change_set::family(name))
}
