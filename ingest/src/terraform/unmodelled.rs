//! What touches the network and has no model yet: it is named, so that nothing is dropped in silence.

use crate::doubt::Touches;
use crate::provenance::Kind;

use super::iam::MAKES_ALL;
use super::plan::Resource;
use super::reader::Reader;

/// Types of the AWS provider that are a part of the network, by the beginning of their names, and which
/// claims one may change that is not read. What packets come to by routes only is open by those.
const NETWORK: [(&str, &str, &[Touches]); 23] = [
    (
        "aws_apigatewayv2_vpc_link",
        "a link of API Gateway into a VPC",
        &[Touches::Interfaces],
    ),
    ("aws_dx_", "Direct Connect", &[]),
    (
        "aws_ec2_carrier_gateway",
        "a carrier gateway",
        &[Touches::OnPremises],
    ),
    ("aws_ec2_client_vpn", "a client VPN", EVERYTHING),
    (
        "aws_ec2_instance_connect_endpoint",
        "an EC2 Instance Connect endpoint",
        // It may keep the addresses of its clients.
        &[Touches::Interfaces, Touches::Internet],
    ),
    (
        "aws_ec2_local_gateway",
        "a local gateway",
        &[Touches::OnPremises],
    ),
    ("aws_ec2_transit_gateway", "a transit gateway", EVERYTHING),
    ("aws_ec2_traffic_mirror", "traffic mirroring", &[]),
    ("aws_elb", "a Classic Load Balancer", EVERYTHING),
    (
        "aws_globalaccelerator",
        "Global Accelerator",
        // It brings what hosts on the internet send to private addresses.
        &[Touches::Internet],
    ),
    (
        "aws_nat_gateway_eip_association",
        "a further address of a NAT gateway",
        EVERYTHING,
    ),
    ("aws_networkfirewall", "Network Firewall", &[]),
    ("aws_networkmanager", "Cloud WAN", EVERYTHING),
    (
        "aws_route53_records_exclusive",
        "what takes away the other records of a zone",
        &[Touches::Names],
    ),
    (
        "aws_route53_resolver",
        "Route 53 Resolver",
        &[Touches::Names],
    ),
    (
        "aws_route53profiles",
        "a Route 53 profile",
        &[Touches::Names],
    ),
    (
        "aws_vpc_encryption_control",
        "encryption controls of a VPC",
        EVERYTHING,
    ),
    ("aws_vpc_route_server", "a route server", EVERYTHING),
    (
        "aws_vpc_security_group_rules_exclusive",
        "what takes away the other rules of a group",
        EVERYTHING,
    ),
    (
        "aws_vpc_security_group_vpc_association",
        "a group in a second VPC",
        EVERYTHING,
    ),
    ("aws_vpclattice", "VPC Lattice", EVERYTHING),
    ("aws_vpn_", "a VPN", EVERYTHING),
    ("aws_verifiedaccess", "Verified Access", EVERYTHING),
];

const EVERYTHING: &[Touches] = &[Touches::Everything];

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
const PLACING: [&str; 22] = [
    "broker_node_group_info",
    "cache_subnet_group_name",
    "cluster_subnet_group_name",
    "compute_resources",
    "db_subnet_group_name",
    "ec2_attributes",
    "launch_template_config",
    "neptune_subnet_group_name",
    "network_configuration",
    "physical_connection_requirements",
    "security_group_ids",
    "security_groups",
    "subnet_group_name",
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

/// Types that launch instances, with tags that need not be theirs.
const LAUNCHING: [&str; 8] = [
    "aws_autoscaling_group",
    "aws_batch_compute_environment",
    "aws_ec2_fleet",
    "aws_eks_node_group",
    "aws_elastic_beanstalk_environment",
    "aws_emr_cluster",
    "aws_spot_fleet_request",
    "aws_spot_instance_request",
];

/// Attributes by which what is in a VPC is reached from outside.
const EXPOSING: [&str; 2] = ["access_config", "publicly_accessible"];

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
        .any(|(prefix, ..)| resource.of.starts_with(prefix));
    READ.contains(&resource.of) || of_network || is_placed(resource) || is_by_others(resource)
}

/// Warns of each.
pub(super) fn read(reader: &mut Reader<'_, '_>) {
    let plan = reader.plan;
    for resource in &plan.resources {
        if resource.is_data || READ.contains(&resource.of) || SILENT.contains(&resource.of) {
            continue;
        }
        if is_by_others(resource) {
            by_others(reader, resource);
            continue;
        }
        if !resource.of.starts_with("aws_") {
            continue;
        }
        let mut of_network = NETWORK.iter();
        let of_network = of_network.find(|(prefix, ..)| resource.of.starts_with(prefix));
        if resource.of == "aws_ec2_instance_state" {
            started(reader, resource);
        } else if let Some((_, what, touched)) = of_network {
            reader.unread(resource, what, touched);
        } else if is_placed(resource) {
            placed(reader, resource);
        }
    }
}

/// Whether a resource makes parts of a network in another way than by resources of the AWS provider.
fn is_by_others(resource: &Resource<'_>) -> bool {
    const OF_NETWORK: [&str; 4] = [
        "awscc_ec2_",
        "awscc_elasticloadbalancing",
        "awscc_networkfirewall_",
        "awscc_route53",
    ];
    let mut all = OF_NETWORK.iter().chain(&MAKES_ALL);
    let is_placed_there = resource.of.starts_with("awscc_") && is_placed(resource);
    is_placed_there || all.any(|begin| resource.of.starts_with(begin))
}

/// What is made so an earlier input has as it is before the change.
fn by_others(reader: &mut Reader<'_, '_>, resource: &Resource<'_>) {
    let what = format!("what an {} makes in a network", resource.of);
    let has_earlier = reader.sink.sees(Kind::NetworkInterface);
    if has_earlier && reader.plan.former_of(resource).is_some() {
        reader.guessed(resource, &what);
    } else if !has_earlier || resource.is_created {
        reader.unread(resource, &what, EVERYTHING);
    } else {
        reader.omit(resource, &what);
    }
}

/// An instance that is started gets a public address where its subnet gives one.
/// Source: <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/using-instance-addressing.html>
fn started(reader: &mut Reader<'_, '_>, resource: &Resource<'_>) {
    if resource.is_created || reader.plan.former_of(resource).is_some() {
        reader.guessed(
            resource,
            "the public address of an instance that is started",
        );
    }
}

/// What AWS makes for a resource in a VPC, as the interfaces of a database. An earlier input that lists
/// all interfaces has those that are there, as they are before the change; a plan or a state has not.
fn placed(reader: &mut Reader<'_, '_>, resource: &Resource<'_>) {
    let what = format!("what an {} has in a VPC", resource.of);
    for key in tag_keys(reader, resource) {
        reader.sink.open.add_outside(&key, resource.address);
    }
    let has_earlier = reader.sink.sees(Kind::NetworkInterface);
    let former = reader.plan.former_of(resource);
    if has_earlier && former.is_some_and(|former| is_moved(former, resource)) {
        reader.guessed(resource, &what);
    } else if !has_earlier || resource.is_created {
        let touched: &[Touches] = match LAUNCHING.contains(&resource.of) {
            true => &[Touches::Interfaces, Touches::Tags],
            false => &[Touches::Interfaces],
        };
        reader.unread(resource, &what, touched);
    } else {
        reader.omit(resource, &what);
    }
}

/// Whether a change puts what a resource has in a VPC somewhere else, or gives it other groups.
fn is_moved(former: &Resource<'_>, resource: &Resource<'_>) -> bool {
    let mut names = PLACING.iter().chain(&EXPOSING);
    let is_launching = LAUNCHING.contains(&resource.of) || resource.has_within(&PLACING);
    is_launching
        || names.any(|name| {
            let (before, _) = former.raw(name);
            let (after, _) = resource.raw(name);
            before != after || resource.attribute(name).is_open()
        })
}

/// The keys of a resource's tags; those of an Auto Scaling group are blocks.
fn tag_keys(reader: &Reader<'_, '_>, resource: &Resource<'_>) -> Vec<String> {
    let blocks = resource.attribute("tag").items();
    let of_blocks = blocks.iter().filter_map(|block| block.field("key").text());
    let own = reader.tags(resource).into_keys();
    own.chain(of_blocks.map(str::to_owned)).collect()
}

fn is_placed(resource: &Resource<'_>) -> bool {
    let is_named = |name: &&str| {
        let attribute = resource.attribute(name);
        attribute.is_set() || attribute.is_open()
    };
    LAUNCHING.contains(&resource.of)
        || PLACING.iter().any(is_named)
        || resource.has_within(&PLACING)
}
