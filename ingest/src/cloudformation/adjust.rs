//! What is more than a table: properties that mean another attribute, types that make more than one
//! resource, and what only all resources together say.

use crate::json::Value as Json;

use crate::sink::Sink;
use crate::terraform::declared::Declared;

use super::family::{Field, Shape};
use super::interface::{addresses, interfaces};
use super::load_balancer::{balancer, targets};
use super::make::{Making, at, label};
use super::record::record;
use super::template::Written;
use super::term::{Attribute, Part, Term};
use super::world::{Spot, World};
use super::{outside, policy, security_group, subnet};

/// Adds the resource of a type that is read, and what it makes besides.
pub(super) fn one(
    world: &World<'_>,
    spot: &Spot,
    written: Written<'_>,
    properties: &Part,
    mut making: Making,
    made: &mut Vec<Declared>,
) {
    match written.of {
        "AWS::EC2::VPC" | "AWS::EC2::Subnet" => pooled_block(world, properties, &mut making),
        "AWS::EC2::VPCPeeringConnection" => accept(properties, &mut making),
        "AWS::EC2::EIPAssociation" => by_address(world, properties, &mut making),
        "AWS::EC2::NetworkInterface" => addresses(world, properties, &mut making),
        "AWS::EC2::Instance" => interfaces(world, spot, written, properties, &mut making, made),
        "AWS::ElasticLoadBalancingV2::LoadBalancer" => balancer(world, properties, &mut making),
        "AWS::ElasticLoadBalancingV2::TargetGroup" => {
            targets(world, spot, written, properties, &mut making, made)
        }
        "AWS::Route53::RecordSet" => record(world, properties, &mut making),
        "AWS::S3::Bucket" => bucket(world, spot, written, properties, &making, made),
        "AWS::IAM::ManagedPolicy" => {
            policy::attachments(world, spot, written, properties, &making, made);
        }
        _ => {}
    }
    made.push(making.made());
}

/// The items of a list; one that is open is one item.
pub(super) fn items(list: &Part) -> Vec<Part> {
    match &list.term {
        Term::List(items) => items.clone(),
        Term::Absent => Vec::new(),
        Term::Scalar(_)
        | Term::Map(_)
        | Term::Of(_)
        | Term::OneOf(_)
        | Term::Joined(..)
        | Term::Open(_) => vec![list.clone()],
    }
}

/// A block that comes from a pool of addresses is chosen at deployment.
fn pooled_block(world: &World<'_>, properties: &Part, making: &mut Making) {
    if !making.has("cidr_block") && at(properties, "Ipv4IpamPoolId").term != Term::Absent {
        making.open(
            world,
            "cidr_block",
            "chosen from a pool",
            &properties.pointer,
        );
    }
    if !making.has("ipv6_cidr_block") && at(properties, "Ipv6IpamPoolId").term != Term::Absent {
        making.open(
            world,
            "ipv6_cidr_block",
            "chosen from a pool",
            &properties.pointer,
        );
    }
}

/// CloudFormation accepts a peering in one account, and in another by the role that is given.
///
/// Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/peer-with-vpc-in-another-account.html>
fn accept(properties: &Part, making: &mut Making) {
    let is_own = at(properties, "PeerOwnerId").term == Term::Absent;
    if is_own || at(properties, "PeerRoleArn").term != Term::Absent {
        making.set("auto_accept", Json::Bool(true));
    }
}

/// An Elastic IP may be named by its address, which is what `Ref` gives of it.
fn by_address(world: &World<'_>, properties: &Part, making: &mut Making) {
    let address = at(properties, "EIP");
    if making.has("allocation_id") {
        return;
    }
    if let Term::Of(elastic) = &address.term {
        let term = Term::Of(Attribute {
            name: Some("AllocationId".to_owned()),
            ..elastic.clone()
        });
        let part = Part { term, ..address };
        making.take(world, "allocation_id", &part, Shape::Text);
    } else {
        making.take(world, "public_ip", &address, Shape::Text);
    }
}

/// What a bucket says of its access control lists and of public access stands in the provider's
/// resources of their own.
fn bucket(
    world: &World<'_>,
    spot: &Spot,
    written: Written<'_>,
    properties: &Part,
    making: &Making,
    made: &mut Vec<Declared>,
) {
    let parts = [
        ("OwnershipControls", "aws_s3_bucket_ownership_controls"),
        (
            "PublicAccessBlockConfiguration",
            "aws_s3_bucket_public_access_block",
        ),
    ];
    for (property, of) in parts {
        let part = at(properties, property);
        if part.term == Term::Absent {
            continue;
        }
        let label = format!("{}_{of}", label(spot.stack, written.id));
        let address = format!("{}.{property}", making.address());
        let mut making = Making::new(world, of, spot, address, label);
        let own = Part::to_resource(spot.stack, written.id, &part.pointer);
        making.take(world, "bucket", &own, Shape::Text);
        let ownership: &[Field] = &[("ObjectOwnership", "object_ownership", Shape::Text)];
        making.take(world, "rule", &at(&part, "Rules"), Shape::Blocks(ownership));
        let restricts = at(&part, "RestrictPublicBuckets");
        if restricts.term == Term::Absent {
            making.set("restrict_public_buckets", Json::Bool(false));
        }
        making.take(world, "restrict_public_buckets", &restricts, Shape::Flag);
        made.push(making.made());
    }
}

/// What only all resources together say.
pub(super) fn together(world: &World<'_>, made: &mut Vec<Declared>, sink: &mut Sink) {
    security_group::egress(made);
    subnet::give_blocks(made, sink);
    outside::lists(world, made);
    outside::account(world, made);
}
