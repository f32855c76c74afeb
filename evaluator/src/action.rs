//! Actions: their services, and what AWS does with some of them whatever policies say
//! (`authorization`).

use model::{Hole, Principal};

use crate::pattern::Pattern;

/// What authorization looks at in an action.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Action {
    /// What stands in front of the first colon, in lower case.
    pub(crate) service: String,
    pub(crate) rule: Rule,
    /// It in lower case, where a hole may name it.
    name: String,
}

/// What sets an action apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rule {
    /// Nothing does.
    Common,
    /// Whoever signs may do it, whatever policies of accounts say.
    NotAsked,
    /// Policies of accounts do not say who may do it.
    Unsaid,
    /// Policies do not decide it alone.
    Permission,
    /// It is done to a role, without which policies do not decide it alone.
    OfRole,
    /// The same, and root users ask for more than policies.
    AssumeRole,
    /// Only the owner's account may do it, and its root user whatever a bucket's policy denies.
    BucketPolicy,
    /// Only the owner's account may do it.
    OwnerOnly,
    /// A bucket of another account may be asked so.
    SharedBucket,
    /// A key of another account may be used so.
    SharedKey,
    /// One Allow is enough for it within an account.
    OfTable,
    /// No resource control policy stops it.
    Uncontrolled,
    /// Service control policies limit a root user's in part.
    LimitedInPart,
}

/// What callers ask who they are by.
const NOT_ASKED: [&str; 1] = ["sts:GetCallerIdentity"];

/// What callers may do with what they have: their own credentials, or a subscription's token.
const UNSAID: [&str; 3] = [
    "sts:GetSessionToken",
    "sns:ConfirmSubscription",
    "sns:Unsubscribe",
];

/// Services some of whose users are none of IAM's.
const OTHER_USERS: [&str; 2] = ["cognito-identity", "cognito-idp"];

const PERMISSION: [&str; 4] = [
    "sts:GetFederationToken",
    "sts:AssumeRoot",
    "iam:ChangePassword",
    "iam:GetAccountPasswordPolicy",
];

const OF_ROLE: [&str; 2] = ["sts:TagSession", "sts:SetSourceIdentity"];

/// How actions begin by which others, too, get a role's credentials.
const ROLES_CREDENTIALS: [&str; 1] = ["sts:AssumeRole"];

const ASSUME_ROLE: [&str; 1] = ["sts:AssumeRole"];

const BUCKET_POLICY: [&str; 3] = [
    "s3:GetBucketPolicy",
    "s3:PutBucketPolicy",
    "s3:DeleteBucketPolicy",
];

const OWNER_ONLY: [&str; 12] = [
    "sqs:AddPermission",
    "sqs:CancelMessageMoveTask",
    "sqs:CreateQueue",
    "sqs:DeleteQueue",
    "sqs:ListMessageMoveTasks",
    "sqs:ListQueues",
    "sqs:ListQueueTags",
    "sqs:RemovePermission",
    "sqs:SetQueueAttributes",
    "sqs:StartMessageMoveTask",
    "sqs:TagQueue",
    "sqs:UntagQueue",
];

const SHARED_BUCKET: [&str; 1] = ["s3:GetBucketLocation"];

/// How actions begin by which others list a bucket of another account.
const LISTS_BUCKET: [&str; 1] = ["s3:ListBucket"];

/// How actions begin by which keys of other accounts may be used.
const SHARED_KEY: [&str; 5] = [
    "kms:Encrypt",
    "kms:Decrypt",
    "kms:ReEncrypt",
    "kms:GenerateDataKey",
    "kms:DescribeKey",
];

/// What a table's policy is known to be for.
const OF_TABLE: [&str; 12] = [
    "dynamodb:BatchGetItem",
    "dynamodb:BatchWriteItem",
    "dynamodb:ConditionCheckItem",
    "dynamodb:DeleteItem",
    "dynamodb:DeleteTable",
    "dynamodb:DescribeTable",
    "dynamodb:GetItem",
    "dynamodb:PutItem",
    "dynamodb:Query",
    "dynamodb:Scan",
    "dynamodb:UpdateItem",
    "dynamodb:UpdateTable",
];

const UNCONTROLLED: [&str; 1] = ["kms:RetireGrant"];

const LIMITED_IN_PART: [&str; 2] = ["ec2:ModifyAddressAttribute", "ec2:ResetAddressAttribute"];

/// Services in which service control policies limit root users in part.
const LIMITED_SERVICES: [&str; 4] = ["cloudfront", "lightsail", "mechanicalturk", "support"];

/// Actions by their names.
const NAMED: [(Rule, &[&str]); 11] = [
    (Rule::NotAsked, &NOT_ASKED),
    (Rule::Unsaid, &UNSAID),
    (Rule::Permission, &PERMISSION),
    (Rule::OfRole, &OF_ROLE),
    (Rule::AssumeRole, &ASSUME_ROLE),
    (Rule::BucketPolicy, &BUCKET_POLICY),
    (Rule::OwnerOnly, &OWNER_ONLY),
    (Rule::SharedBucket, &SHARED_BUCKET),
    (Rule::OfTable, &OF_TABLE),
    (Rule::Uncontrolled, &UNCONTROLLED),
    (Rule::LimitedInPart, &LIMITED_IN_PART),
];

/// Other actions by how they begin.
const BEGUN: [(Rule, &[&str]); 3] = [
    (Rule::OfRole, &ROLES_CREDENTIALS),
    (Rule::SharedBucket, &LISTS_BUCKET),
    (Rule::SharedKey, &SHARED_KEY),
];

/// Other actions by their services.
const SERVED: [(Rule, &[&str]); 2] = [
    (Rule::Unsaid, &OTHER_USERS),
    (Rule::LimitedInPart, &LIMITED_SERVICES),
];

/// Services of which resource control policies are for certain.
const CONTROLLED: [&str; 4] = ["s3", "sts", "sqs", "secretsmanager"];

/// Services of which resources' policies let callers of other accounts in.
const ACROSS_ACCOUNTS: [&str; 4] = ["s3", "sqs", "sts", "execute-api"];

/// Services of which one Allow is enough within an account.
const WITHIN_AN_ACCOUNT: [&str; 4] = ["s3", "sqs", "sns", "secretsmanager"];

/// Services of which a resource's policy is known to let requests in that are not signed.
const WITHOUT_SIGNATURE: [&str; 3] = ["s3", "sqs", "sns"];

/// Services that ask for an authorization of their own.
const AUTHORIZED: [&str; 2] = ["execute-api", "vpc-lattice-svcs"];

/// Services whose policies stand at the resource that is called, and at no other.
const KNOWN_POLICIES: [&str; 7] = [
    "s3",
    "sqs",
    "sns",
    "kms",
    "iam",
    "secretsmanager",
    "dynamodb",
];

/// Services that have none of their own, but whose actions are about resources of those.
const POLICIES_OF_OTHERS: [&str; 1] = ["sts"];

/// What an action names before its first colon, in lower case.
pub(crate) fn service(action: &str) -> String {
    let (service, _) = action.split_once(':').unwrap_or((action, ""));
    service.to_ascii_lowercase()
}

/// Whether it is known at which resource the policies of a service stand, by an ARN's third part.
pub(crate) fn has_known_policies(service: &str) -> bool {
    KNOWN_POLICIES.contains(&service)
}

fn begins(action: &str, begin: &str) -> bool {
    let own = action.get(..begin.len());
    own.is_some_and(|own| own.eq_ignore_ascii_case(begin))
}

impl Rule {
    fn of(action: &str, service: &str) -> Self {
        let is_named = |name: &&str| name.eq_ignore_ascii_case(action);
        let is_begun = |begin: &&str| begins(action, begin);
        let named = NAMED.iter().filter(|(_, of)| of.iter().any(is_named));
        let begun = BEGUN.iter().filter(|(_, of)| of.iter().any(is_begun));
        let served = SERVED.iter().filter(|(_, of)| of.contains(&service));
        let mut rules = named.chain(begun).chain(served);
        rules.next().map_or(Rule::Common, |(rule, _)| *rule)
    }

    /// Whether a hole may name the action.
    const fn names(self) -> bool {
        match self {
            Rule::Unsaid
            | Rule::Permission
            | Rule::OfRole
            | Rule::AssumeRole
            | Rule::LimitedInPart => true,
            Rule::Common
            | Rule::NotAsked
            | Rule::BucketPolicy
            | Rule::OwnerOnly
            | Rule::SharedBucket
            | Rule::SharedKey
            | Rule::OfTable
            | Rule::Uncontrolled => false,
        }
    }
}

impl Action {
    pub(crate) fn new(action: &str) -> Self {
        let service = service(action);
        let rule = Rule::of(action, &service);
        let name = rule.names().then(|| action.to_ascii_lowercase());
        Self {
            service,
            rule,
            name: name.unwrap_or_default(),
        }
    }

    /// Whether policies of accounts are not asked about a request.
    pub(crate) fn is_not_asked(&self, caller: &Principal, resource: &str) -> bool {
        let is_signed = *caller != Principal::Anonymous;
        self.rule == Rule::NotAsked && is_signed && resource == "*"
    }

    /// What policies do not decide alone, of a caller and what it calls.
    pub(crate) fn permission(&self, caller: &Principal, resource: &str) -> Option<Hole> {
        let is_root = matches!(caller, Principal::Root { .. });
        let asks = match self.rule {
            Rule::Unsaid | Rule::Permission => true,
            Rule::AssumeRole => is_root || resource == "*",
            Rule::OfRole => resource == "*",
            Rule::Common
            | Rule::NotAsked
            | Rule::BucketPolicy
            | Rule::OwnerOnly
            | Rule::SharedBucket
            | Rule::SharedKey
            | Rule::OfTable
            | Rule::Uncontrolled
            | Rule::LimitedInPart => false,
        };
        asks.then(|| Hole::new(format!("permission for {}", self.name)))
    }

    /// What leaves open how service control policies limit a caller, if they do in part.
    pub(crate) fn limited_in_part(&self, caller: &Principal) -> Option<Hole> {
        let is_root = matches!(caller, Principal::Root { .. });
        let is_limited = self.rule == Rule::LimitedInPart && is_root;
        is_limited.then(|| Hole::new(format!("service control policies on {}", self.name)))
    }

    /// Whether only the owner's account may do it.
    pub(crate) fn is_owners(&self) -> bool {
        matches!(self.rule, Rule::BucketPolicy | Rule::OwnerOnly)
    }

    /// Whether resource control policies are about its service for certain.
    pub(crate) fn is_controlled(service: &str) -> bool {
        CONTROLLED.contains(&service)
    }

    /// Whether a resource's policy is known to let callers of other accounts do it.
    pub(crate) fn crosses_accounts(&self, is_bucket: bool) -> bool {
        match self.service.as_str() {
            "s3" if is_bucket => self.rule == Rule::SharedBucket,
            service => ACROSS_ACCOUNTS.contains(&service) || self.rule == Rule::SharedKey,
        }
    }

    /// Whether a resource's policy is known to let anonymous callers do it.
    pub(crate) fn needs_no_signature(&self) -> bool {
        WITHOUT_SIGNATURE.contains(&self.service.as_str())
    }

    /// Whether it is known who grants it to anonymous callers.
    pub(crate) fn is_known_unsigned(&self) -> bool {
        let mut known = KNOWN_POLICIES.iter().chain(&POLICIES_OF_OTHERS);
        known.any(|service| *service == self.service)
    }

    /// Whether its service asks for an authorization of its own.
    pub(crate) fn asks_authorization(&self) -> bool {
        AUTHORIZED.contains(&self.service.as_str())
    }

    /// Whether it is known that one Allow is enough within an account.
    pub(crate) fn asks_one(&self) -> bool {
        WITHIN_AN_ACCOUNT.contains(&self.service.as_str()) || self.rule == Rule::OfTable
    }
}

/// Patterns that tell actions apart as all of this does.
pub(crate) fn patterns() -> impl Iterator<Item = Pattern> {
    let services = CONTROLLED.iter().chain(&ACROSS_ACCOUNTS);
    let services = services.chain(&WITHIN_AN_ACCOUNT).chain(&WITHOUT_SIGNATURE);
    let services = services.chain(&AUTHORIZED).chain(&KNOWN_POLICIES);
    let services = services.chain(&POLICIES_OF_OTHERS);
    let served = SERVED.iter().flat_map(|(_, services)| *services);
    let services = services.chain(served).flat_map(|service| {
        [String::from(*service), format!("{service}:*")].map(|text| Pattern::action(&text))
    });
    let names = NAMED.iter().flat_map(|(_, names)| *names);
    let names = names.map(|name| Pattern::action(name));
    let begun = BEGUN.iter().flat_map(|(_, begun)| *begun);
    let begun = begun.map(|begin| Pattern::action(&format!("{begin}*")));
    services.chain(names).chain(begun)
}
