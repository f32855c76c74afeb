//! Actions: their services, and what AWS does with some of them whatever policies say
//! (`authorization`).

use crate::pattern::Pattern;

/// What authorization looks at in an action.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Action {
    /// What stands in front of the first colon, in lower case.
    pub(crate) service: String,
    pub(crate) rule: Rule,
    /// Its name in lower case, where it asks for more, or for less, than policies.
    pub(crate) permission: Option<String>,
}

/// What sets an action apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rule {
    /// Nothing does.
    Common,
    /// No policy of an account stops it.
    NotAsked,
    /// Only the owner's account may do it, and its root user whatever a bucket's policy denies.
    BucketPolicy,
    /// Only the owner's account may do it.
    OwnerOnly,
    /// No resource control policy stops it.
    Uncontrolled,
    /// A key of another account may be used so.
    SharedKey,
    /// Root users ask for more than policies.
    AssumeRole,
}

const RULES: [(&str, Rule); 18] = [
    ("sts:GetCallerIdentity", Rule::NotAsked),
    ("sts:AssumeRole", Rule::AssumeRole),
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

/// Actions that policies do not decide alone.
const PERMISSIONS: [&str; 5] = [
    "sts:GetSessionToken",
    "sts:GetFederationToken",
    "sts:AssumeRoot",
    "iam:ChangePassword",
    "iam:GetAccountPasswordPolicy",
];

/// Services of which policies decide no action alone: some of their users are none of IAM's.
const OTHER_USERS: [&str; 2] = ["cognito-identity", "cognito-idp"];

/// How actions begin by which keys of other accounts may be used.
const SHARED_KEY: [&str; 5] = [
    "kms:Encrypt",
    "kms:Decrypt",
    "kms:ReEncrypt",
    "kms:GenerateDataKey",
    "kms:DescribeKey",
];

/// Services of which resource control policies are for certain.
const CONTROLLED: [&str; 4] = ["s3", "sts", "sqs", "secretsmanager"];

/// Services of which resources' policies let callers of other accounts in.
const ACROSS_ACCOUNTS: [&str; 4] = ["s3", "sqs", "sts", "execute-api"];

/// Services of which one Allow is enough within an account.
const WITHIN_AN_ACCOUNT: [&str; 5] = ["s3", "sqs", "sns", "secretsmanager", "dynamodb"];

/// Services of which a resource's policy is known to let requests in that are not signed.
const WITHOUT_SIGNATURE: [&str; 3] = ["s3", "sqs", "sns"];

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
        let service = service(action);
        let mut permissions = PERMISSIONS.iter();
        let is_permission = permissions.any(|name| name.eq_ignore_ascii_case(action));
        let asks = is_permission || OTHER_USERS.contains(&service.as_str());
        Self {
            service,
            rule: rule.map_or(of_key, |(_, rule)| *rule),
            permission: asks.then(|| action.to_ascii_lowercase()),
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

    /// Whether a resource's policy is known to let anonymous callers do it.
    pub(crate) fn needs_no_signature(&self) -> bool {
        WITHOUT_SIGNATURE.contains(&self.service.as_str())
    }

    /// Whether it is known that one Allow is enough within an account.
    pub(crate) fn asks_one(&self) -> bool {
        WITHIN_AN_ACCOUNT.contains(&self.service.as_str())
    }
}

/// Patterns that tell actions apart as all of this does.
pub(crate) fn patterns() -> impl Iterator<Item = Pattern> {
    let services = CONTROLLED.iter().chain(&ACROSS_ACCOUNTS);
    let services = services.chain(&WITHIN_AN_ACCOUNT).chain(&OTHER_USERS);
    let services = services.chain(&WITHOUT_SIGNATURE).flat_map(|service| {
        [String::from(*service), format!("{service}:*")].map(|text| Pattern::action(&text))
    });
    let names = RULES.iter().map(|(name, _)| name).chain(&PERMISSIONS);
    let names = names.map(|name| Pattern::action(name));
    let shared = SHARED_KEY.iter();
    let shared = shared.map(|begin| Pattern::action(&format!("{begin}*")));
    services.chain(names).chain(shared)
}
