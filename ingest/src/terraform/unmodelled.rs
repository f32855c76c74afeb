//! What touches the network and has no model yet: it is named, so that nothing is dropped in silence.

use super::plan::Resource;
use super::reader::Reader;

/// Types of the AWS provider that are a part of the network, by the beginning of their names.
const NETWORK: [(&str, &str); 23] = [
    (
        "aws_apigatewayv2_vpc_link",
        "a link of API Gateway into a VPC",
    ),
    ("aws_dx_", "Direct Connect"),
    ("aws_ec2_carrier_gateway", "a carrier gateway"),
    ("aws_ec2_client_vpn", "a client VPN"),
    (
        "aws_ec2_instance_connect_endpoint",
        "an EC2 Instance Connect endpoint",
    ),
    ("aws_ec2_local_gateway", "a local gateway"),
    ("aws_ec2_transit_gateway", "a transit gateway"),
    ("aws_ec2_traffic_mirror", "traffic mirroring"),
    ("aws_elb", "a Classic Load Balancer"),
    ("aws_globalaccelerator", "Global Accelerator"),
    (
        "aws_nat_gateway_eip_association",
        "a further address of a NAT gateway",
    ),
    ("aws_networkfirewall", "Network Firewall"),
    ("aws_networkmanager", "Cloud WAN"),
    (
        "aws_route53_records_exclusive",
        "what takes away the other records of a zone",
    ),
    ("aws_route53_resolver", "Route 53 Resolver"),
    ("aws_route53profiles", "a Route 53 profile"),
    ("aws_vpc_encryption_control", "encryption controls of a VPC"),
    ("aws_vpc_route_server", "a route server"),
    (
        "aws_vpc_security_group_rules_exclusive",
        "what takes away the other rules of a group",
    ),
    (
        "aws_vpc_security_group_vpc_association",
        "a group in a second VPC",
    ),
    ("aws_vpclattice", "VPC Lattice"),
    ("aws_vpn_", "a VPN"),
    ("aws_verifiedaccess", "Verified Access"),
];

/// Types that are read, or that change nothing about who reaches what.
const SILENT: [&str; 11] = [
    "aws_customer_gateway",
    "aws_db_subnet_group",
    "aws_default_vpc_dhcp_options",
    "aws_dx_gateway",
    "aws_elasticache_subnet_group",
    "aws_flow_log",
    "aws_network_interface_attachment",
    "aws_redshift_subnet_group",
    "aws_vpc_dhcp_options",
    "aws_vpc_ipam",
    "aws_vpc_peering_connection_options",
];

/// Types that this reader reads.
const READ: [&str; 116] = [
    "aws_alb",
    "aws_alb_listener",
    "aws_alb_listener_rule",
    "aws_alb_target_group",
    "aws_alb_target_group_attachment",
    "aws_api_gateway_rest_api",
    "aws_api_gateway_rest_api_policy",
    "aws_default_network_acl",
    "aws_default_route_table",
    "aws_default_security_group",
    "aws_default_subnet",
    "aws_default_vpc",
    "aws_dx_gateway_association",
    "aws_ec2_client_vpn_authorization_rule",
    "aws_ec2_client_vpn_endpoint",
    "aws_ec2_client_vpn_network_association",
    "aws_ec2_client_vpn_route",
    "aws_ec2_managed_prefix_list",
    "aws_ec2_managed_prefix_list_entry",
    "aws_ec2_tag",
    "aws_ec2_transit_gateway",
    "aws_ec2_transit_gateway_connect",
    "aws_ec2_transit_gateway_peering_attachment",
    "aws_ec2_transit_gateway_peering_attachment_accepter",
    "aws_ec2_transit_gateway_prefix_list_reference",
    "aws_ec2_transit_gateway_route",
    "aws_ec2_transit_gateway_route_table",
    "aws_ec2_transit_gateway_route_table_association",
    "aws_ec2_transit_gateway_route_table_propagation",
    "aws_ec2_transit_gateway_vpc_attachment",
    "aws_ec2_transit_gateway_vpc_attachment_accepter",
    "aws_egress_only_internet_gateway",
    "aws_eip",
    "aws_eip_association",
    "aws_iam_group",
    "aws_iam_group_membership",
    "aws_iam_group_policy",
    "aws_iam_group_policy_attachment",
    "aws_iam_policy",
    "aws_iam_policy_attachment",
    "aws_iam_role",
    "aws_iam_role_policy",
    "aws_iam_role_policy_attachment",
    "aws_iam_user",
    "aws_iam_user_group_membership",
    "aws_iam_user_policy",
    "aws_iam_user_policy_attachment",
    "aws_instance",
    "aws_internet_gateway",
    "aws_internet_gateway_attachment",
    "aws_kms_key",
    "aws_kms_key_policy",
    "aws_lb",
    "aws_lb_listener",
    "aws_lb_listener_rule",
    "aws_lb_target_group",
    "aws_lb_target_group_attachment",
    "aws_main_route_table_association",
    "aws_nat_gateway",
    "aws_network_acl",
    "aws_network_acl_association",
    "aws_network_acl_rule",
    "aws_network_interface",
    "aws_network_interface_sg_attachment",
    "aws_organizations_policy",
    "aws_organizations_policy_attachment",
    "aws_route",
    "aws_route53_record",
    "aws_route53_resolver_endpoint",
    "aws_route53_resolver_rule",
    "aws_route53_resolver_rule_association",
    "aws_route53_zone",
    "aws_route53_zone_association",
    "aws_route_table",
    "aws_route_table_association",
    "aws_s3_account_public_access_block",
    "aws_s3_bucket",
    "aws_s3_bucket_acl",
    "aws_s3_bucket_ownership_controls",
    "aws_s3_bucket_policy",
    "aws_s3_bucket_public_access_block",
    "aws_secretsmanager_secret",
    "aws_secretsmanager_secret_policy",
    "aws_security_group",
    "aws_security_group_rule",
    "aws_sns_topic",
    "aws_sns_topic_policy",
    "aws_sqs_queue",
    "aws_sqs_queue_policy",
    "aws_subnet",
    "aws_vpc",
    "aws_vpc_block_public_access_exclusion",
    "aws_vpc_block_public_access_options",
    "aws_vpc_dhcp_options",
    "aws_vpc_dhcp_options_association",
    "aws_vpc_endpoint",
    "aws_vpc_endpoint_connection_accepter",
    "aws_vpc_endpoint_policy",
    "aws_vpc_endpoint_private_dns",
    "aws_vpc_endpoint_route_table_association",
    "aws_vpc_endpoint_security_group_association",
    "aws_vpc_endpoint_service",
    "aws_vpc_endpoint_service_allowed_principal",
    "aws_vpc_endpoint_subnet_association",
    "aws_vpc_ipv4_cidr_block_association",
    "aws_vpc_ipv6_cidr_block_association",
    "aws_vpc_peering_connection",
    "aws_vpc_peering_connection_accepter",
    "aws_vpc_peering_connection_options",
    "aws_vpc_security_group_egress_rule",
    "aws_vpc_security_group_ingress_rule",
    "aws_vpn_connection",
    "aws_vpn_connection_route",
    "aws_vpn_gateway",
    "aws_vpn_gateway_attachment",
    "aws_vpn_gateway_route_propagation",
];

/// Attributes by which a resource of any type puts something into a VPC.
const PLACING: [&str; 16] = [
    "broker_node_group_info",
    "compute_resources",
    "ec2_attributes",
    "network_configuration",
    "physical_connection_requirements",
    "security_group_ids",
    "security_groups",
    "subnet_id",
    "subnet_ids",
    "subnets",
    "vpc_config",
    "vpc_id",
    "vpc_options",
    "vpc_security_group_ids",
    "vpc_settings",
    "vpc_zone_identifier",
];

/// Whether a resource makes a part of the network that this reader reads.
pub(super) fn is_read(resource: &Resource<'_>) -> bool {
    !resource.is_data && READ.contains(&resource.of)
}

/// Whether a resource of an earlier state puts anything into the network. What it has of requests has
/// readers of its own.
pub(super) fn matters(resource: &Resource<'_>) -> bool {
    const OF_REQUESTS: [&str; 8] = [
        "aws_api_gateway_rest_api",
        "aws_iam_",
        "aws_kms_",
        "aws_organizations_",
        "aws_s3_",
        "aws_secretsmanager_",
        "aws_sns_",
        "aws_sqs_",
    ];
    let begins = |list: &[&str]| list.iter().any(|begin| resource.of.starts_with(begin));
    if resource.is_data || SILENT.contains(&resource.of) || begins(&OF_REQUESTS) {
        return false;
    }
    let of_network = NETWORK
        .iter()
        .any(|(prefix, _)| resource.of.starts_with(prefix));
    READ.contains(&resource.of) || of_network || is_placed(resource)
}

/// Warns of each.
pub(super) fn read(reader: &mut Reader<'_, '_>) {
    let plan = reader.plan;
    for resource in &plan.resources {
        if resource.is_data
            || READ.contains(&resource.of)
            || SILENT.contains(&resource.of)
            || !resource.of.starts_with("aws_")
        {
            continue;
        }
        let of_network = NETWORK
            .iter()
            .find(|(prefix, _)| resource.of.starts_with(prefix));
        if let Some((_, what)) = of_network {
            reader.omit(resource, what);
        } else if is_placed(resource) {
            let what = format!("what an {} has in a VPC", resource.of);
            reader.omit(resource, &what);
            for key in tag_keys(reader, resource) {
                reader.sink.open.add_outside(&key, resource.address);
            }
        }
    }
}

/// The keys of a resource's tags; those of an Auto Scaling group are blocks.
fn tag_keys(reader: &Reader<'_, '_>, resource: &Resource<'_>) -> Vec<String> {
    let blocks = resource.attribute("tag").items();
    let of_blocks = blocks.iter().filter_map(|block| block.field("key").text());
    let own = reader.tags(resource).into_keys();
    own.chain(of_blocks.map(str::to_owned)).collect()
}

fn is_placed(resource: &Resource<'_>) -> bool {
    PLACING.iter().any(|name| {
        let attribute = resource.attribute(name);
        attribute.is_set() || attribute.is_open()
    })
}
