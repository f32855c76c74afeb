//! Policies that are attached to several at once, and what makes or changes policies and is not read.

use crate::json::Value as Json;

use crate::terraform::declared::Declared;

use super::adjust::items;
use super::family::Shape;
use super::make::{Making, at, label};
use super::template::Written;
use super::term::{Attribute, Part, Term};
use super::vetted;
use super::world::{Spot, World};

/// A type with a list of those that get its policy: the list, the resource that each makes, and the
/// attribute that names whose it is.
type Lists = &'static [(&'static str, &'static str, &'static str)];

const ATTACHED: [(&str, Lists); 4] = [
    (
        "AWS::IAM::Policy",
        &[
            ("Roles", "aws_iam_role_policy", "role"),
            ("Users", "aws_iam_user_policy", "user"),
            ("Groups", "aws_iam_group_policy", "group"),
        ],
    ),
    (
        "AWS::SQS::QueuePolicy",
        &[("Queues", "aws_sqs_queue_policy", "queue_url")],
    ),
    (
        "AWS::SNS::TopicPolicy",
        &[("Topics", "aws_sns_topic_policy", "arn")],
    ),
    (
        "Custom::VpcRestrictDefaultSG",
        &[(
            "DefaultSecurityGroupId",
            "aws_default_security_group",
            "vpc_id",
        )],
    ),
];

/// Whether a type is read here.
pub(super) fn is_read(of: &str) -> bool {
    ATTACHED.iter().any(|(one, _)| *one == of)
}

/// Whether it would make a difference to policies that a resource which is not read is there.
pub(super) fn matters(written: Written<'_>) -> bool {
    is_read(written.of) || changes(written)
}

/// Adds what a type of several attachments makes.
pub(super) fn read(
    world: &World<'_>,
    spot: &Spot,
    written: Written<'_>,
    address: &str,
    properties: &Part,
    made: &mut Vec<Declared>,
) {
    let of_type = ATTACHED.iter().find(|(one, _)| *one == written.of);
    let lists = of_type.map_or(&[][..], |(_, lists)| lists);
    for (list, of, owner) in lists {
        for (position, item) in items(&at(properties, list)).into_iter().enumerate() {
            let label = format!("{}_{of}_{position}", label(spot.stack, written.id));
            let address = format!("{address}[{position}]");
            let mut part = Making::new(world, of, spot, address, label);
            part.take(world, owner, &owned(item, of), Shape::Text);
            part.take(world, "name", &at(properties, "PolicyName"), Shape::Text);
            part.take(
                world,
                "policy",
                &at(properties, "PolicyDocument"),
                Shape::Policy,
            );
            made.push(part.made());
        }
    }
}

/// CDK's own resource takes the rules from a VPC's default group, as the provider does with a group
/// that it adopts: it names the group, and the provider the VPC.
fn owned(item: Part, of: &str) -> Part {
    if let (Term::Of(group), "aws_default_security_group") = (&item.term, of) {
        let vpc = Attribute {
            name: None,
            ..group.clone()
        };
        return Part {
            term: Term::Of(vpc),
            pointer: item.pointer,
        };
    }
    item
}

/// The managed policies' own lists of those that they are attached to.
pub(super) fn attachments(
    world: &World<'_>,
    spot: &Spot,
    written: Written<'_>,
    properties: &Part,
    making: &Making,
    made: &mut Vec<Declared>,
) {
    let lists = [
        ("Roles", "aws_iam_role_policy_attachment", "role"),
        ("Users", "aws_iam_user_policy_attachment", "user"),
        ("Groups", "aws_iam_group_policy_attachment", "group"),
    ];
    for (list, of, owner) in lists {
        for (position, item) in items(&at(properties, list)).iter().enumerate() {
            let label = format!("{}_{of}_{position}", label(spot.stack, written.id));
            let address = format!("{}[{position}]", making.address());
            let mut part = Making::new(world, of, spot, address, label);
            part.take(world, owner, item, Shape::Text);
            let own = Part::to_resource(spot.stack, written.id, &item.pointer);
            part.take(world, "policy_arn", &own, Shape::Text);
            made.push(part.made());
        }
    }
}

/// Adds a resource that is not read and may make or change policies, under the name that it has in
/// the provider which is made from CloudFormation's types: what that may reach is open.
pub(super) fn unread(
    world: &World<'_>,
    spot: &Spot,
    written: Written<'_>,
    address: &str,
    made: &mut Vec<Declared>,
) {
    if !changes(written) {
        return;
    }
    let of = written
        .of
        .strip_prefix("AWS::")
        .unwrap_or("CloudFormation::CustomResource");
    let of = format!("awscc_{}", of.to_ascii_lowercase().replace("::", "_"));
    let label = label(spot.stack, written.id);
    made.push(Making::new(world, &of, spot, address.to_owned(), label).made());
}

/// Types, by the beginnings of their names, that make more than they list.
const MAKERS: [&str; 8] = [
    "AWS::CloudFormation::",
    "AWS::ControlTower::",
    "AWS::IAM::",
    "AWS::Organizations::",
    "AWS::SSO::",
    "AWS::Serverless::",
    "AWS::ServiceCatalog::",
    "Custom::",
];

/// Types without an effect on policies though their names begin like one with.
const HARMLESS: [&str; 5] = [
    "AWS::CloudFormation::WaitCondition",
    "AWS::CloudFormation::WaitConditionHandle",
    "AWS::IAM::AccessKey",
    "AWS::IAM::InstanceProfile",
    "AWS::IAM::VirtualMFADevice",
];

fn changes(written: Written<'_>) -> bool {
    let of = written.of;
    if HARMLESS.contains(&of) || vetted::is_tool_of_cdk(written) {
        return false;
    }
    if MAKERS.iter().any(|start| of.starts_with(start)) {
        return true;
    }
    // Of these, policies are other things: of scaling, of routing, of negotiation.
    let is_of_network = [
        "AWS::AutoScaling::",
        "AWS::ApplicationAutoScaling::",
        "AWS::EC2::",
        "AWS::ElasticLoadBalancing",
    ]
    .iter()
    .any(|start| of.starts_with(start));
    let properties = written.body.get("Properties").and_then(Json::as_object);
    let has_policy = properties.is_some_and(|of| {
        of.keys()
            .any(|name| name.contains("Policy") || name.contains("Policies"))
    });
    !is_of_network && (has_policy || of.ends_with("Policy") || of.ends_with("Permission"))
}
