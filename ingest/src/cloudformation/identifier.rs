//! Identifiers: what of a resource's names and attributes the template itself says.

use super::term::Term;
use super::world::{Spot, World};

/// Attributes that are properties of the same name.
const PROPERTIES: [(&str, &[&str]); 6] = [
    ("AWS::EC2::VPC", &["CidrBlock"]),
    (
        "AWS::EC2::Subnet",
        &["AvailabilityZone", "CidrBlock", "VpcId"],
    ),
    ("AWS::EC2::SecurityGroup", &["VpcId"]),
    ("AWS::EC2::PrefixList", &["AddressFamily"]),
    ("AWS::EC2::VPCEndpoint", &["VpcId"]),
    ("AWS::EC2::RouteTable", &["VpcId"]),
];

/// Attributes that are properties of another name.
const RENAMED: [(&str, &str, &str); 2] = [
    ("AWS::EC2::Instance", "PrivateIp", "PrivateIpAddress"),
    (
        "AWS::EC2::NetworkInterface",
        "PrimaryPrivateIpAddress",
        "PrivateIpAddress",
    ),
];

/// What `Ref` gives is a name that a property may set.
const NAMES: [(&str, &str); 6] = [
    ("AWS::DynamoDB::Table", "TableName"),
    ("AWS::IAM::Group", "GroupName"),
    ("AWS::IAM::Role", "RoleName"),
    ("AWS::IAM::User", "UserName"),
    ("AWS::Lambda::Function", "FunctionName"),
    ("AWS::S3::Bucket", "BucketName"),
];

/// ARNs that a property sets: of buckets the whole, else service, what stands before the name, and
/// whether it is an ARN without a region.
const ARNS: [(&str, &str, &str, &str, bool); 7] = [
    (
        "AWS::DynamoDB::Table",
        "TableName",
        "dynamodb",
        "table/",
        false,
    ),
    ("AWS::IAM::Group", "GroupName", "iam", "group/", true),
    ("AWS::IAM::Role", "RoleName", "iam", "role/", true),
    ("AWS::IAM::User", "UserName", "iam", "user/", true),
    (
        "AWS::Lambda::Function",
        "FunctionName",
        "lambda",
        "function:",
        false,
    ),
    ("AWS::SNS::Topic", "TopicName", "sns", "", false),
    ("AWS::SQS::Queue", "QueueName", "sqs", "", false),
];

/// An attribute of a resource, or with no name what `Ref` gives, as far as the template says it.
pub(super) fn known(
    world: &mut World<'_>,
    of: &str,
    resource: &str,
    name: Option<&str>,
    spot: &Spot,
) -> Option<Term> {
    let Some(name) = name else {
        if of == "AWS::SNS::Topic" {
            return arn(world, of, resource, spot);
        }
        let (_, property) = NAMES.iter().find(|(one, _)| *one == of)?;
        return set(world.property(resource, property, spot));
    };
    let properties = PROPERTIES.iter().find(|(one, _)| *one == of);
    if properties.is_some_and(|(_, names)| names.contains(&name)) {
        return set(world.property(resource, name, spot));
    }
    let mut renamed = RENAMED.iter();
    if let Some((_, _, property)) = renamed.find(|(one, from, _)| *one == of && *from == name) {
        return set(world.property(resource, property, spot));
    }
    let is_arn = name == "Arn" || (of == "AWS::SNS::Topic" && name == "TopicArn");
    if is_arn {
        arn(world, of, resource, spot)
    } else {
        None
    }
}

fn set(term: Term) -> Option<Term> {
    (term != Term::Absent).then_some(term)
}

fn arn(world: &mut World<'_>, of: &str, resource: &str, spot: &Spot) -> Option<Term> {
    let partition = world.reference("AWS::Partition", spot).as_text();
    if of == "AWS::S3::Bucket" {
        let bucket = world.property(resource, "BucketName", spot).as_text()?;
        return Some(Term::text(format!("arn:{}:s3:::{bucket}", partition?)));
    }
    let (_, property, service, before, is_global) = ARNS.iter().find(|(one, ..)| *one == of)?;
    let path = world.property(resource, "Path", spot);
    let path = if path == Term::Absent {
        String::new()
    } else {
        path.as_text()?.trim_start_matches('/').to_owned()
    };
    let name = world.property(resource, property, spot).as_text()?;
    let region = if *is_global {
        String::new()
    } else {
        world.reference("AWS::Region", spot).as_text()?
    };
    let account = world.reference("AWS::AccountId", spot).as_text()?;
    let partition = partition?;
    Some(Term::text(format!(
        "arn:{partition}:{service}:{region}:{account}:{before}{path}{name}"
    )))
}
