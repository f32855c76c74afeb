//! What is known of texts that AWS will choose: the ARNs and ids of resources.
//!
//! Nothing here tells which text it is, only what no text of its kind is: so a policy that names it
//! is known but for that. What is not listed may be any text.
//!
//! Source: <https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html>

use model::{Hole, TextPiece};

use super::super::plan::Plan;
use super::super::region;
use super::document::partition;
use super::symbol::Name;

/// A piece of such a text.
#[derive(Clone, Copy)]
enum Piece {
    Is(&'static str),
    /// The resource's partition.
    Partition,
    /// Its Region.
    Region,
    /// What has neither colons nor wildcards, as an account, an id or a name.
    Part,
    /// Another attribute of the resource, of the same kind when that is open too.
    Of(&'static str),
    /// Another attribute, which is empty or has slashes around it.
    Path(&'static str),
}

/// The data source that tells the own account.
const CALLER: &str = "aws_caller_identity";

use Piece::{Is, Of, Part, Partition, Path, Region};

/// The texts by the resource's type and the attribute.
const SHAPES: &[(&str, &[&str], &[Piece])] = &[
    (CALLER, &["account_id"], &[Part]),
    ("aws_cloudfront_distribution", &["id"], &[Part]),
    (
        "aws_cloudfront_distribution",
        &["arn"],
        &[
            Is("arn:"),
            Partition,
            Is(":cloudfront::"),
            Part,
            Is(":distribution/"),
            Part,
        ],
    ),
    (
        "aws_cloudwatch_log_group",
        &["arn"],
        &[
            Is("arn:"),
            Partition,
            Is(":logs:"),
            Region,
            Is(":"),
            Part,
            Is(":log-group:"),
            Of("name"),
        ],
    ),
    (
        "aws_dynamodb_table",
        &["arn"],
        &[
            Is("arn:"),
            Partition,
            Is(":dynamodb:"),
            Region,
            Is(":"),
            Part,
            Is(":table/"),
            Of("name"),
        ],
    ),
    (
        "aws_ecr_repository",
        &["arn"],
        &[
            Is("arn:"),
            Partition,
            Is(":ecr:"),
            Region,
            Is(":"),
            Part,
            Is(":repository/"),
            Of("name"),
        ],
    ),
    (
        "aws_iam_policy",
        &["arn", "id"],
        &[
            Is("arn:"),
            Partition,
            Is(":iam::"),
            Part,
            Is(":policy"),
            Path("path"),
            Of("name"),
        ],
    ),
    ("aws_iam_role", &["id", "name", "unique_id"], &[Part]),
    (
        "aws_iam_role",
        &["arn"],
        &[
            Is("arn:"),
            Partition,
            Is(":iam::"),
            Part,
            Is(":role"),
            Path("path"),
            Of("name"),
        ],
    ),
    ("aws_iam_user", &["id", "name", "unique_id"], &[Part]),
    (
        "aws_iam_user",
        &["arn"],
        &[
            Is("arn:"),
            Partition,
            Is(":iam::"),
            Part,
            Is(":user"),
            Path("path"),
            Of("name"),
        ],
    ),
    ("aws_instance", &["id"], &[Part]),
    (
        "aws_kinesis_stream",
        &["arn", "id"],
        &[
            Is("arn:"),
            Partition,
            Is(":kinesis:"),
            Region,
            Is(":"),
            Part,
            Is(":stream/"),
            Of("name"),
        ],
    ),
    ("aws_kms_key", &["id", "key_id"], &[Part]),
    (
        "aws_kms_key",
        &["arn"],
        &[
            Is("arn:"),
            Partition,
            Is(":kms:"),
            Region,
            Is(":"),
            Part,
            Is(":key/"),
            Part,
        ],
    ),
    (
        "aws_lambda_function",
        &["arn"],
        &[
            Is("arn:"),
            Partition,
            Is(":lambda:"),
            Region,
            Is(":"),
            Part,
            Is(":function:"),
            Of("function_name"),
        ],
    ),
    ("aws_organizations_organization", &["id"], &[Part]),
    ("aws_s3_bucket", &["bucket", "id"], &[Part]),
    (
        "aws_s3_bucket",
        &["arn"],
        &[Is("arn:"), Partition, Is(":s3:::"), Of("bucket")],
    ),
    (
        "aws_secretsmanager_secret",
        &["arn", "id"],
        &[
            Is("arn:"),
            Partition,
            Is(":secretsmanager:"),
            Region,
            Is(":"),
            Part,
            Is(":secret:"),
            Part,
        ],
    ),
    ("aws_security_group", &["id"], &[Part]),
    (
        "aws_sns_topic",
        &["arn", "id"],
        &[
            Is("arn:"),
            Partition,
            Is(":sns:"),
            Region,
            Is(":"),
            Part,
            Is(":"),
            Of("name"),
        ],
    ),
    (
        "aws_sqs_queue",
        &["arn"],
        &[
            Is("arn:"),
            Partition,
            Is(":sqs:"),
            Region,
            Is(":"),
            Part,
            Is(":"),
            Of("name"),
        ],
    ),
    (
        "aws_ssm_parameter",
        &["arn"],
        &[
            Is("arn:"),
            Partition,
            Is(":ssm:"),
            Region,
            Is(":"),
            Part,
            Is(":parameter"),
            Part,
        ],
    ),
    ("aws_subnet", &["id"], &[Part]),
    ("aws_vpc", &["id"], &[Part]),
    ("aws_vpc_endpoint", &["id"], &[Part]),
];

/// The pieces of the text that an attribute will be; `None` when it may be any.
pub(super) fn pieces(plan: &Plan<'_>, name: &Name) -> Option<Vec<TextPiece>> {
    let resource = plan.resources.get(name.resource)?;
    // A data source may be asked for another one's, or for a version of it.
    if resource.is_data && resource.of != CALLER {
        return None;
    }
    let attribute = name.attribute.as_str();
    let (.., shape) = SHAPES
        .iter()
        .find(|(of, attributes, _)| *of == resource.of && attributes.contains(&attribute))?;
    let hole = Hole::new(format!("{}.{attribute}", resource.address));
    let known = |text: Option<&str>| text.map(|text| TextPiece::Known(text.to_owned()));
    let part = || TextPiece::Part(hole.clone());
    let pieces = shape.iter().map(|piece| {
        Some(match piece {
            Is(text) => TextPiece::Known((*text).to_owned()),
            Partition => known(partition(plan, resource)).unwrap_or_else(part),
            Region => known(region::of(plan, resource).as_deref()).unwrap_or_else(part),
            Part => part(),
            Of(other) => match resource.attribute(other).text() {
                // Some names may be given as ARNs, and are no part of one then.
                Some(name) if name.contains([':', '*', '?']) => return None,
                name => known(name).unwrap_or_else(part),
            },
            Path(path) => {
                let path = known(resource.attribute(path).text());
                path.unwrap_or_else(|| TextPiece::Any(hole.clone()))
            }
        })
    });
    pieces.collect()
}
