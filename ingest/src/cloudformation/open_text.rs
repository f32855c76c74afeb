//! Policy documents with texts of which a part is not known: the ARNs and ids of resources, the
//! account and the Region.
//!
//! Source: <https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html>

use crate::json::{Map, Value as Json};
use model::{Hole, OpenText, TextPiece};

use crate::policy;

use super::term::{Attribute, Term};
use super::world::{World, partition};

/// What an attribute of a resource, or what `Ref` gives, will be.
#[derive(Clone, Copy)]
enum Form {
    /// A name or an id.
    Part,
    /// An ARN.
    Arn {
        service: &'static str,
        /// Whether it has a Region and an account, or only the latter, or neither.
        of: Of,
        /// What stands before the name.
        before: &'static str,
        /// The property that is the name when it is set.
        name: &'static str,
    },
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Of {
    Region,
    Account,
    Nothing,
}

const fn arn(service: &'static str, of: Of, before: &'static str, name: &'static str) -> Form {
    Form::Arn {
        service,
        of,
        before,
        name,
    }
}

use Form::Part;

/// The forms by type and attribute, which is empty of what `Ref` gives.
const FORMS: [(&str, &[&str], Form); 26] = [
    ("AWS::CloudFront::Distribution", &["", "Id"], Part),
    ("AWS::DynamoDB::Table", &[""], Part),
    (
        "AWS::DynamoDB::Table",
        &["Arn"],
        arn("dynamodb", Of::Region, "table/", "TableName"),
    ),
    ("AWS::EC2::Subnet", &["", "SubnetId"], Part),
    ("AWS::EC2::VPC", &["", "VpcId"], Part),
    ("AWS::EC2::VPCEndpoint", &["", "Id"], Part),
    ("AWS::ECR::Repository", &[""], Part),
    (
        "AWS::ECR::Repository",
        &["Arn"],
        arn("ecr", Of::Region, "repository/", "RepositoryName"),
    ),
    (
        "AWS::IAM::ManagedPolicy",
        &["", "PolicyArn"],
        arn("iam", Of::Account, "policy/", ""),
    ),
    ("AWS::IAM::Role", &["", "RoleId"], Part),
    (
        "AWS::IAM::Role",
        &["Arn"],
        arn("iam", Of::Account, "role/", "RoleName"),
    ),
    ("AWS::IAM::User", &[""], Part),
    (
        "AWS::IAM::User",
        &["Arn"],
        arn("iam", Of::Account, "user/", "UserName"),
    ),
    (
        "AWS::Kinesis::Stream",
        &["Arn"],
        arn("kinesis", Of::Region, "stream/", "Name"),
    ),
    ("AWS::KMS::Key", &["", "KeyId"], Part),
    (
        "AWS::KMS::Key",
        &["Arn"],
        arn("kms", Of::Region, "key/", ""),
    ),
    ("AWS::Lambda::Function", &[""], Part),
    (
        "AWS::Lambda::Function",
        &["Arn"],
        arn("lambda", Of::Region, "function:", "FunctionName"),
    ),
    ("AWS::S3::Bucket", &[""], Part),
    (
        "AWS::S3::Bucket",
        &["Arn"],
        arn("s3", Of::Nothing, "", "BucketName"),
    ),
    (
        "AWS::SecretsManager::Secret",
        &["", "Id"],
        arn("secretsmanager", Of::Region, "secret:", ""),
    ),
    (
        "AWS::SNS::Topic",
        &["", "TopicArn"],
        arn("sns", Of::Region, "", "TopicName"),
    ),
    ("AWS::SNS::Topic", &["TopicName"], Part),
    ("AWS::SQS::Queue", &["QueueName"], Part),
    (
        "AWS::SQS::Queue",
        &["Arn"],
        arn("sqs", Of::Region, "", "QueueName"),
    ),
    ("AWS::SSM::Parameter", &[""], Part),
];

/// The pseudo parameters that are a part of an ARN.
const PSEUDO: [&str; 3] = ["AWS::AccountId", "AWS::Partition", "AWS::Region"];

/// A document in which some texts have openings, as [`crate::policy::read_planned`] reads it.
pub(super) fn document(world: &World<'_>, term: &Term) -> Option<Json> {
    if let Some(known) = term.json() {
        return Some(known);
    }
    match term {
        Term::List(items) => {
            let items = items.iter().filter(|item| item.term != Term::Absent);
            let items = items.map(|item| document(world, &item.term));
            items.collect::<Option<Vec<_>>>().map(Json::Array)
        }
        Term::Map(fields) => {
            let fields = fields.iter();
            let fields = fields.filter(|(_, field)| field.term != Term::Absent);
            let fields =
                fields.map(|(key, field)| Some((key.clone(), document(world, &field.term)?)));
            fields.collect::<Option<Map>>().map(Json::Object)
        }
        Term::Joined(pieces, _) => opened(world, pieces),
        Term::Of(_) | Term::Open(_) => opened(world, std::slice::from_ref(term)),
        Term::Absent | Term::Scalar(_) | Term::OneOf(_) => None,
    }
}

/// Texts one behind the other, of which the form is known.
fn opened(world: &World<'_>, terms: &[Term]) -> Option<Json> {
    let mut pieces = Vec::new();
    for term in terms {
        match term {
            Term::Of(attribute) => pieces.extend(formed(world, attribute)?),
            Term::Open(why) if PSEUDO.contains(&why.as_str()) => {
                pieces.push(TextPiece::Part(Hole::new(why)));
            }
            Term::Scalar(_) => pieces.push(TextPiece::Known(term.as_text()?)),
            Term::Absent
            | Term::List(_)
            | Term::Map(_)
            | Term::OneOf(_)
            | Term::Joined(..)
            | Term::Open(_) => return None,
        }
    }
    OpenText::new(pieces).map(|text| policy::open_text(&text))
}

/// The pieces of the text that an attribute will be; `None` when it may be any.
fn formed(world: &World<'_>, attribute: &Attribute) -> Option<Vec<TextPiece>> {
    let template = world.template(attribute.stack)?;
    let written = template.resource(&attribute.resource)?;
    let name = attribute.name.as_deref().unwrap_or_default();
    let is_it =
        |(of, names, _): &&(&str, &[&str], Form)| *of == written.of && names.contains(&name);
    let (.., form) = FORMS.iter().find(is_it)?;
    let hole = || TextPiece::Part(Hole::new(attribute.to_string()));
    let known = |text: &str| TextPiece::Known(text.to_owned());
    let Form::Arn {
        service,
        of,
        before,
        name,
    } = form
    else {
        return Some(vec![hole()]);
    };
    let region = world.region_of(attribute.stack);
    let is_plain = |region: &&str| !region.contains("-iso") && !region.starts_with("eusc-");
    let partition = region.filter(is_plain).map(|region| partition(region).0);
    let properties = written.body.get("Properties");
    let property = |name: &str| properties?.get(name)?.as_str();
    // A path stands before the name.
    let has_path = properties.is_some_and(|of| of.get("Path").is_some());
    let own = property(name).filter(|_| !has_path);
    // Some names may be given as ARNs, or are read from elsewhere, and are no part of one then.
    if own.is_some_and(|own| own.contains([':', '*', '?'])) {
        return None;
    }
    let mut pieces = vec![known("arn:")];
    pieces.push(partition.map_or_else(hole, known));
    pieces.push(known(&format!(":{service}:")));
    if *of == Of::Region {
        pieces.push(region.map_or_else(hole, known));
    }
    pieces.push(known(":"));
    if *of != Of::Nothing {
        pieces.push(hole());
    }
    pieces.push(known(&format!(":{before}")));
    pieces.push(own.map_or_else(hole, known));
    Some(pieces)
}
