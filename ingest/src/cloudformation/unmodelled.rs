//! What touches the network and is not read: it is named, so that nothing is dropped in silence.

use crate::json::{Map, Value as Json};

use crate::sink::Sink;

use super::template::Written;
use super::vetted;
use super::world::{Spot, World};

/// Types that are a part of the network, by the beginning of their names.
const NETWORK: [(&str, &str); 26] = [
    (
        "AWS::ApiGateway::VpcLink",
        "a link of API Gateway into a VPC",
    ),
    (
        "AWS::ApiGatewayV2::VpcLink",
        "a link of API Gateway into a VPC",
    ),
    (
        "AWS::CloudFormation::CustomResource",
        "what a custom resource makes or changes",
    ),
    (
        "AWS::CloudFormation::Stack",
        "a nested stack, whose template can be given beside this one,",
    ),
    ("AWS::DirectConnect::", "Direct Connect"),
    ("AWS::EC2::CarrierGateway", "a carrier gateway"),
    ("AWS::EC2::ClientVpn", "a client VPN"),
    ("AWS::EC2::EnclaveCertificate", "an enclave's certificate"),
    (
        "AWS::EC2::InstanceConnectEndpoint",
        "an EC2 Instance Connect endpoint",
    ),
    ("AWS::EC2::LocalGateway", "a local gateway"),
    ("AWS::EC2::NetworkInsights", "Reachability Analyzer"),
    ("AWS::EC2::RouteServer", "a route server"),
    (
        "AWS::EC2::SecurityGroupVpcAssociation",
        "a group in a second VPC",
    ),
    ("AWS::EC2::TrafficMirror", "traffic mirroring"),
    ("AWS::EC2::TransitGateway", "a transit gateway"),
    (
        "AWS::EC2::VPCEncryptionControl",
        "encryption control of a VPC",
    ),
    ("AWS::EC2::VPN", "a VPN"),
    ("AWS::ElasticLoadBalancing::", "a Classic Load Balancer"),
    ("AWS::GlobalAccelerator::", "Global Accelerator"),
    ("AWS::NetworkFirewall::", "Network Firewall"),
    ("AWS::NetworkManager::", "Cloud WAN"),
    ("AWS::Route53Profiles::", "a Route 53 profile"),
    ("AWS::Route53Resolver::", "Route 53 Resolver"),
    ("AWS::EC2::VerifiedAccess", "Verified Access"),
    ("AWS::VpcLattice::", "VPC Lattice"),
    ("Custom::", "what a custom resource makes or changes"),
];

/// Properties by which a resource of any type puts something into a VPC.
const PLACING: [&str; 11] = [
    "NetworkConfiguration",
    "ResourcesVpcConfig",
    "SecurityGroupIds",
    "SecurityGroups",
    "SubnetId",
    "SubnetIds",
    "Subnets",
    "VPCZoneIdentifier",
    "VPCSecurityGroups",
    "VpcConfig",
    "VpcSecurityGroupIds",
];

/// Whether it would make a difference that a resource which is not read is there.
pub(super) fn matters(written: Written<'_>) -> bool {
    what(written).is_some()
}

/// Warns of a resource that is not read.
pub(super) fn name(
    world: &World<'_>,
    spot: &Spot,
    written: Written<'_>,
    address: &str,
    sink: &mut Sink,
) {
    let (Some(what), Some(template)) = (what(written), world.template(spot.stack)) else {
        return;
    };
    sink.left_out(template.place(&spot.pointer), address, &what);
    for key in tag_keys(written) {
        sink.open.add_outside(key, address);
    }
}

/// The keys of a resource's tags, as far as they are written.
fn tag_keys(written: Written<'_>) -> impl Iterator<Item = &str> {
    let properties = written.body.get("Properties").and_then(Json::as_object);
    let tags = properties.and_then(|properties| properties.get("Tags"));
    let tags = tags.and_then(Json::as_array).into_iter().flatten();
    tags.filter_map(|tag| tag.get("Key")?.as_str())
}

/// Whether all of a type is read that matters; of two, only what they register.
fn is_read(of: &str) -> bool {
    const REGISTERING: [&str; 2] = ["AWS::AutoScaling::AutoScalingGroup", "AWS::ECS::Service"];
    super::family::of(of).is_some() && !REGISTERING.contains(&of)
}

/// Whether some property puts a resource into a VPC.
pub(super) fn is_placed(properties: &Map) -> bool {
    PLACING.iter().any(|name| properties.contains_key(name))
}

fn what(written: Written<'_>) -> Option<String> {
    if is_read(written.of) {
        return None;
    }
    if vetted::is_without_effect(written.of) || vetted::is_tool_of_cdk(written) {
        return None;
    }
    let mut of_network = NETWORK.iter();
    if let Some((_, what)) = of_network.find(|(start, _)| written.of.starts_with(start)) {
        return Some((*what).to_owned());
    }
    let properties = written.body.get("Properties").and_then(Json::as_object)?;
    is_placed(properties).then(|| format!("what an {} has in a VPC", written.of))
}
