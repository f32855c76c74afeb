//! Actions: their services, and what AWS does with some of them whatever policies say
//! (`authorization`).

use crate::pattern::Pattern;

/// What authorization looks at in an action.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Action {
    /// What stands in front of the first colon, in lower case.
    pub(crate) service: String,
    pub(crate) rule: Rule,
}

/// What sets an action apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rule {
    /// Nothing does.
    Common,
    /// No policy of an account stops it.
    NotAsked,
    /// It asks for more than policies; by its name in lower case.
    AsksMore(&'static str),
    /// Only the owner's account may do it, and its root user whatever a bucket's policy denies.
    BucketPolicy,
    /// Only the owner's account may do it.
    OwnerOnly,
    /// No resource control policy stops it.
    Uncontrolled,
    /// A key of another account may be used so.
    SharedKey,
}

const RULES: [(&str, Rule); 20] = [
    ("sts:GetCallerIdentity", Rule::NotAsked),
    ("sts:GetSessionToken", Rule::AsksMore("sts:getsessiontoken")),
    (
        "sts:GetFederationToken",
        Rule::AsksMore("sts:getfederationtoken"),
    ),
    ("sts:AssumeRoot", Rule::AsksMore("sts:assumeroot")),
    ("s3:GetBucketPolicy", Rule::BucketPolicy),
    ("s3:PutBucketPolicy", Rule::BucketPolicy),
    ("s3:DeleteBucketPolicy", Rule::BucketPolicy),
    ("sqs:AddPermission", Rule::OwnerOnly),
    ("sqs:CancelMessageMoveTask", Rule::OwnerOnly),
    ("sqs:CreateQueue", Rule::OwnerOnly),
    ("sqs:DeleteQueue", Rule::OwnerOnly),
    ("sqs:ListMessageMoveTasks", Rule::OwnerOnly),
    ("sqs:ListQueues", Rule::OwnerOnly),
    ("sqs:ListQueueTags", Rule::OwnerOnly),
    ("sqs:RemovePermission", Rule::OwnerOnly),
    ("sqs:SetQueueAttributes", Rule::OwnerOnly),
    ("sqs:StartMessageMoveTask", Rule::OwnerOnly),
    ("sqs:TagQueue", Rule::OwnerOnly),
    ("sqs:UntagQueue", Rule::OwnerOnly),
    ("kms:RetireGrant", Rule::Uncontrolled),
];

/// How actions begin by which keys of other accounts may be used.
const SHARED_KEY: [&str; 5] = [
    "kms:Encrypt",
    "kms:Decrypt",
    "kms:ReEncrypt",
    "kms:GenerateDataKey",
    "kms:DescribeKey",
];

/// Services of which resource control policies are for certain.
const CONTROLLED: [&str; 5] = ["s3", "sts", "kms", "sqs", "secretsmanager"];

/// Services of which resources' policies let callers of other accounts in.
const ACROSS_ACCOUNTS: [&str; 4] = ["s3", "sqs", "sts", "execute-api"];

/// Services of which one Allow is enough within an account.
const WITHIN_AN_ACCOUNT: [&str; 5] = ["s3", "sqs", "sns", "secretsmanager", "dynamodb"];

/// What an action names before its first colon, in lower case.
pub(crate) fn service(action: &str) -> String {
    let (service, _) = action.split_once(':').unwrap_or((action, ""));
    service.to_ascii_lowercase()
}

fn begins(action: &str, begin: &str) -> bool {
    let own = action.get(..begin.len());
    own.is_some_and(|own| own.eq_ignore_ascii_case(begin))
}

impl Action {
    pub(crate) fn new(action: &str) -> Self {
        let mut rules = RULES.iter();
        let rule = rules.find(|(name, _)| name.eq_ignore_ascii_case(action));
        let shares = SHARED_KEY.iter().any(|begin| begins(action, begin));
        let of_key = if shares {
            Rule::SharedKey
        } else {
            Rule::Common
        };
        Self {
            service: service(action),
            rule: rule.map_or(of_key, |(_, rule)| *rule),
        }
    }

    /// Whether resource control policies are about its service for certain.
    pub(crate) fn is_controlled(service: &str) -> bool {
        CONTROLLED.contains(&service)
    }

    /// Whether a resource's policy is known to let callers of other accounts do it.
    pub(crate) fn crosses_accounts(&self) -> bool {
        ACROSS_ACCOUNTS.contains(&self.service.as_str()) || self.rule == Rule::SharedKey
    }

    /// Whether it is known that one Allow is enough within an account.
    pub(crate) fn asks_one(&self) -> bool {
        WITHIN_AN_ACCOUNT.contains(&self.service.as_str())
    }
}

/// Patterns that tell actions apart as all of this does.
pub(crate) fn patterns() -> impl Iterator<Item = Pattern> {
    let services = CONTROLLED.iter().chain(&ACROSS_ACCOUNTS);
    let services = services.chain(&WITHIN_AN_ACCOUNT).flat_map(|service| {
        [String::from(*service), format!("{service}:*")].map(|text| Pattern::action(&text))
    });
    let names = RULES.iter().map(|(name, _)| Pattern::action(name));
    let shared = SHARED_KEY.iter();
    let shared = shared.map(|begin| Pattern::action(&format!("{begin}*")));
    services.chain(names).chain(shared)
}
