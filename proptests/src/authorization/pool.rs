//! The names of worlds: accounts, principals, resources and actions that lie close together. `@`
//! stands for an account's id.

use model::Principal;

/// Accounts that a world may have.
pub const ACCOUNTS: [&str; 3] = ["111122223333", "444455556666", "222233334444"];

/// An account that no world has, though its principals call and its resources are called.
pub const FOREIGN: &str = "777788889999";

/// An account that nothing belongs to.
pub const EMPTY: &str = "121212121212";

/// Principals that a world may list; those whose roles have the same name do not meet.
pub const LISTED: [&str; 9] = [
    "arn:aws:iam::@:user/ann",
    "arn:aws:iam::@:user/x/ann",
    "arn:aws:iam::@:role/app",
    "arn:aws:iam::@:role/app",
    "arn:aws:iam::@:role/x/app",
    "arn:aws:iam::@:role/aws-service-role/s/AWSServiceRoleForS",
    "arn:aws:sts::@:assumed-role/app/one",
    "arn:aws:sts::@:assumed-role/app/two",
    "arn:aws:sts::@:assumed-role/AWSServiceRoleForS/one",
];

/// Principals that call besides, and are listed by no world; the last one is of another form.
pub const UNLISTED: [&str; 4] = [
    "arn:aws:iam::@:user/nobody",
    "arn:aws:iam::@:role/x/nobody",
    "arn:aws:sts::@:assumed-role/nobody/one",
    "arn:aws:sts::@:federated-user/bob",
];

/// Resources that a world may have policies of.
pub const RESOURCES: [&str; 18] = [
    "arn:aws:s3:::home",
    "arn:aws:s3:::home",
    "arn:aws:s3:::home/ann",
    "arn:aws:s3:::logs",
    "arn:aws:sqs:eu-west-1:@:q",
    "arn:aws:kms:eu-west-1:@:key/k",
    "arn:aws:kms:eu-west-1:@:key/k",
    "arn:aws:iam::@:role/app",
    "arn:aws:execute-api:eu-west-1:@:api",
    "arn:aws:execute-api:eu-west-1:@:api/prod",
    "arn:aws:dynamodb:eu-west-1:@:table/t",
    "arn:aws:sns:eu-west-1:@:t",
    "arn:aws:events:eu-west-1:@:event-bus/b",
    "arn:aws:secretsmanager:eu-west-1:@:secret:s",
    "arn:aws:s3:eu-west-1:@:accesspoint/p",
    "arn:aws:s3express:eu-west-1:@:accesspoint/p",
    "arn:aws:kms:eu-west-1:@:alias/k",
    "arn:aws:ecr:eu-west-1:@:repository/r",
];

/// What may continue a resource.
pub const CONTINUED: [&str; 8] = [
    "/ann",
    "/ann/x",
    "/a:b/x",
    "/",
    "/index/i",
    "/stream/s",
    "x",
    ":home/x",
];

/// Resources without an owner in their names, and such as are no resources.
pub const ODD: [&str; 7] = [
    "*",
    "*",
    "*",
    "*",
    "arn:aws:s3:::elsewhere/x",
    "arn:aws:sqs:eu-west-1::q",
    "arn:aws:s3",
];

/// Services of which an account may list every resource that has a policy.
pub const SERVICES: [&str; 9] = [
    "s3",
    "sqs",
    "kms",
    "iam",
    "execute-api",
    "dynamodb",
    "sns",
    "events",
    "secretsmanager",
];

/// Actions by what begins the ARNs that they are asked on.
const ACTIONS: [(&str, &[&str]); 11] = [
    (
        "arn:aws:s3:",
        &[
            "s3:GetObject",
            "S3:getobject",
            "s3:PutObject",
            "s3:ListBucket",
            "s3:GetBucketPolicy",
            "s3:PutBucketPolicy",
            "S3:deletebucketpolicy",
            "s3:DeleteBucketPolicy",
            "s3:PutBucketLogging",
            "s3:GetBucketLocation",
            "S3:putbucketlogging",
        ],
    ),
    (
        "arn:aws:sqs:",
        &[
            "sqs:SendMessage",
            "sqs:DeleteQueue",
            "SQS:addpermission",
            "sqs:SetQueueAttributes",
        ],
    ),
    (
        "arn:aws:kms:",
        &[
            "kms:Decrypt",
            "KMS:decrypt",
            "kms:GenerateDataKeyPair",
            "kms:Sign",
            "kms:ListKeys",
            "kms:RetireGrant",
        ],
    ),
    (
        "arn:aws:iam:",
        &[
            "sts:AssumeRole",
            "STS:assumerole",
            "sts:TagSession",
            "iam:GetRole",
        ],
    ),
    ("arn:aws:execute-api:", &["execute-api:Invoke"]),
    (
        "arn:aws:dynamodb:",
        &[
            "dynamodb:GetItem",
            "DynamoDB:query",
            "dynamodb:CreateBackup",
        ],
    ),
    ("arn:aws:sns:", &["sns:Publish", "sns:Unsubscribe"]),
    ("arn:aws:s3express:", &["s3express:CreateSession"]),
    ("arn:aws:events:", &["events:PutEvents"]),
    (
        "arn:aws:secretsmanager:",
        &["secretsmanager:GetSecretValue"],
    ),
    (
        "",
        &[
            "sts:GetSessionToken",
            "STS:assumeroot",
            "sts:GetFederationToken",
            "sts:GetCallerIdentity",
            "STS:getcalleridentity",
            "sqs:ListQueues",
            "kms:ListKeys",
            "kms:Decrypt",
            "s3:ListAllMyBuckets",
            "events:ListEventBuses",
            "ec2:ModifyAddressAttribute",
            "cognito-idp:SignUp",
            "vpc-lattice-svcs:Invoke",
        ],
    ),
];

/// Patterns of actions.
pub const ACTION_PATTERNS: [&str; 24] = [
    "*",
    "*",
    "*:*",
    "s3:*",
    "s3:Get*",
    "S3:*Object",
    "s3:*BucketPolicy",
    "s3:PutObject",
    "sqs:*",
    "sqs:SendMessage",
    "kms:*",
    "kms:Decrypt",
    "kms:?i*",
    "sts:*",
    "sts:AssumeRole",
    "iam:*",
    "execute-api:Invoke",
    "dynamodb:*",
    "sns:Publish",
    "events:*",
    "events:PutEvents",
    "secretsmanager:*",
    "ec2:Modify*",
    "cognito-idp:*",
];

/// A pattern of the pool with an account in it.
pub fn of(account: &str, pattern: &str) -> String {
    pattern.replace('@', account)
}

/// The actions that are asked on a resource.
pub fn actions(resource: &str) -> &'static [&'static str] {
    let mut own = ACTIONS.iter();
    let own = own.find(|(begin, _)| resource.starts_with(begin));
    own.map_or(&[], |(_, actions)| actions)
}

/// Every action, for requests that fit no resource.
pub fn any_actions() -> Vec<&'static str> {
    let all = ACTIONS.iter().flat_map(|(_, actions)| *actions);
    all.copied().collect()
}

/// A principal by its ARN.
pub fn principal(arn: &str) -> Principal {
    Principal::Arn {
        account: account(arn).to_owned(),
        arn: arn.to_owned(),
    }
}

/// The fifth part of an ARN.
pub fn account(arn: &str) -> &str {
    arn.split(':').nth(4).unwrap_or_default()
}
