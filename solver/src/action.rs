//! What authorization asks of an action beside the statements (page authorization). Actions are in lower case here.

use std::collections::BTreeSet;

use model::Hole;

use crate::arn;
use crate::pattern::Pattern;

/// The services whose actions resource control policies deny for certain.
const CONTROLLED: [&str; 4] = ["s3", "sts", "sqs", "secretsmanager"];

const OF_ROLES: &str = "sts";

/// What no resource control policy denies.
const RETIRE_GRANT: &str = "kms:retiregrant";

/// What no policy of an account stops.
const CALLER_IDENTITY: &str = "sts:getcalleridentity";

/// What a Deny of a bucket's policy does not stop its account's root user in.
const OF_BUCKET_POLICY: [&str; 3] = [
    "s3:getbucketpolicy",
    "s3:putbucketpolicy",
    "s3:deletebucketpolicy",
];

/// What is granted to no other account of a queue, as [`OF_BUCKET_POLICY`] of a bucket.
const OF_QUEUE_OWNER: [&str; 12] = [
    "sqs:addpermission",
    "sqs:cancelmessagemovetask",
    "sqs:createqueue",
    "sqs:deletequeue",
    "sqs:listmessagemovetasks",
    "sqs:listqueues",
    "sqs:listqueuetags",
    "sqs:removepermission",
    "sqs:setqueueattributes",
    "sqs:startmessagemovetask",
    "sqs:tagqueue",
    "sqs:untagqueue",
];

/// What the policies of accounts say nothing of.
const UNSAID: [&str; 3] = [
    "sts:getsessiontoken",
    "sns:confirmsubscription",
    "sns:unsubscribe",
];

/// The services of whose actions they say nothing.
const SERVICES_UNSAID: [&str; 2] = ["cognito-identity", "cognito-idp"];

/// What else is granted by other rules than the table's.
const GRANTED_OTHERWISE: [&str; 4] = [
    "sts:getfederationtoken",
    "sts:assumeroot",
    "iam:changepassword",
    "iam:getaccountpasswordpolicy",
];

/// What is granted to a root user by other rules.
const ASSUME_ROLE: &str = "sts:assumerole";

/// What is asked of a role, and is granted by other rules where no role is called; so is what begins with
/// [`ASSUME_ROLE`].
const OF_SESSIONS: [&str; 2] = ["sts:tagsession", "sts:setsourceidentity"];

/// The services whose actions the service control policies limit in part for root users.
const SERVICES_LIMITED_IN_PART: [&str; 4] =
    ["cloudfront", "lightsail", "mechanicalturk", "support"];

/// The actions of others of which the same is so.
const LIMITED_IN_PART: [&str; 2] = ["ec2:modifyaddressattribute", "ec2:resetaddressattribute"];

/// The service in whose actions what a resource's policy denies the owner's root user is open.
const OF_QUEUES: &str = "sqs";

/// The services of APIs, of which more than policies decides.
const OF_APIS: [&str; 2] = [arn::API, "vpc-lattice-svcs"];

/// The services of which it is known what they grant to who does not sign.
const SIGNED: [&str; 8] = [
    "s3",
    "sqs",
    "sns",
    "kms",
    "iam",
    "sts",
    "secretsmanager",
    "dynamodb",
];

/// What another account is known to be granted of a bucket: this, and what begins with [`LIST_BUCKET`].
const BUCKET_LOCATION: &str = "s3:getbucketlocation";

const LIST_BUCKET: &str = "s3:listbucket";

const OF_OBJECTS: &str = "s3";

/// The actions on tables of which the same is known as of the services in [`WITHIN`].
const OF_TABLES: [&str; 12] = [
    "dynamodb:batchgetitem",
    "dynamodb:batchwriteitem",
    "dynamodb:conditioncheckitem",
    "dynamodb:deleteitem",
    "dynamodb:deletetable",
    "dynamodb:describetable",
    "dynamodb:getitem",
    "dynamodb:putitem",
    "dynamodb:query",
    "dynamodb:scan",
    "dynamodb:updateitem",
    "dynamodb:updatetable",
];

/// The services whose resources' policies are known to grant what is not signed.
const UNSIGNED: [&str; 3] = ["s3", "sqs", "sns"];

/// The services whose resources' policies are known to grant to other accounts.
const ACROSS: [&str; 4] = ["s3", "sqs", "sts", arn::API];

/// How the actions on keys begin of which the same is known.
const ACROSS_OF_KEYS: [&str; 5] = [
    "kms:encrypt",
    "kms:decrypt",
    "kms:reencrypt",
    "kms:generatedatakey",
    "kms:describekey",
];

/// The services of which it is known that one Allow is enough within an account.
const WITHIN: [&str; 4] = ["s3", "sqs", "sns", "secretsmanager"];

fn is_of(action: &str, service: &str) -> bool {
    let rest = action.strip_prefix(service);
    rest.is_some_and(|rest| rest.starts_with(':'))
}

fn is_of_any(action: &str, services: &[&str]) -> bool {
    services.iter().any(|service| is_of(action, service))
}

fn service_of(action: &str) -> &str {
    action.split(':').next().unwrap_or(action)
}

/// Whether it asks who calls (`authorization-not-asked`).
pub(crate) fn is_caller_identity(action: &str) -> bool {
    action == CALLER_IDENTITY
}

/// Whether the policies of accounts say nothing of it.
pub(crate) fn is_unsaid(action: &str) -> bool {
    UNSAID.contains(&action) || is_of_any(action, &SERVICES_UNSAID)
}

/// Whether resource control policies may deny it.
pub(crate) fn is_controlled(action: &str) -> bool {
    action != RETIRE_GRANT
}

/// Whether the trust policies of roles are about it.
pub(crate) fn is_of_roles(action: &str) -> bool {
    is_of(action, OF_ROLES)
}

pub(crate) fn is_of_bucket_policy(action: &str) -> bool {
    OF_BUCKET_POLICY.contains(&action)
}

/// Whether it is granted to no other account.
pub(crate) fn is_never_across(action: &str) -> bool {
    is_of_bucket_policy(action) || OF_QUEUE_OWNER.contains(&action)
}

/// What is open of a Deny of resource control policies that matches.
pub(crate) fn control_hole(action: &str) -> Option<Hole> {
    let is_certain = is_of_any(action, &CONTROLLED);
    let service = service_of(action);
    (!is_certain).then(|| Hole::new(format!("resource control policies on {service}")))
}

/// What is open of an action that service control policies limit in part for root users.
pub(crate) fn limit_hole(action: &str) -> Option<Hole> {
    let is_limited =
        LIMITED_IN_PART.contains(&action) || is_of_any(action, &SERVICES_LIMITED_IN_PART);
    is_limited.then(|| Hole::new(format!("service control policies on {action}")))
}

/// What is open of an action that is granted by other rules than the table's, whoever calls.
pub(crate) fn permission_hole(action: &str) -> Option<Hole> {
    let is_other = is_unsaid(action) || GRANTED_OTHERWISE.contains(&action);
    is_other.then(|| permission_for(action))
}

/// What is open of an action that is granted so to root users.
pub(crate) fn root_permission_hole(action: &str) -> Option<Hole> {
    (action == ASSUME_ROLE).then(|| permission_for(action))
}

/// What is open of an action that is granted so where no role is called.
pub(crate) fn session_permission_hole(action: &str) -> Option<Hole> {
    let is_other = OF_SESSIONS.contains(&action) || action.starts_with(ASSUME_ROLE);
    is_other.then(|| permission_for(action))
}

fn permission_for(action: &str) -> Hole {
    Hole::new(format!("permission for {action}"))
}

/// Whether it is about queues.
pub(crate) fn is_of_queues(action: &str) -> bool {
    is_of(action, OF_QUEUES)
}

/// Whether it is about APIs, or about services of which the same is so.
pub(crate) fn is_of_apis(action: &str) -> bool {
    is_of_any(action, &OF_APIS)
}

/// What is open of what who does not sign asks of most services.
pub(crate) fn unknown_unsigned_hole(action: &str) -> Option<Hole> {
    (!is_of_any(action, &SIGNED)).then(|| without_signature(action))
}

/// What is open of a grant to who does not sign.
pub(crate) fn unsigned_hole(action: &str) -> Option<Hole> {
    (!is_of_any(action, &UNSIGNED)).then(|| without_signature(action))
}

fn without_signature(action: &str) -> Hole {
    Hole::new(format!("{} without a signature", service_of(action)))
}

/// What is open of a grant to another account, whatever is called.
pub(crate) fn across_hole(action: &str) -> Option<Hole> {
    let is_known =
        is_of_any(action, &ACROSS) || ACROSS_OF_KEYS.iter().any(|front| action.starts_with(front));
    (!is_known).then(|| across_accounts(action))
}

/// What is open of such a grant of a bucket.
pub(crate) fn bucket_across_hole(action: &str) -> Option<Hole> {
    let is_known = action == BUCKET_LOCATION || action.starts_with(LIST_BUCKET);
    (is_of(action, OF_OBJECTS) && !is_known).then(|| across_accounts(action))
}

fn across_accounts(action: &str) -> Hole {
    Hole::new(format!("{} across accounts", service_of(action)))
}

/// What is open of a grant by one Allow within an account.
pub(crate) fn within_hole(action: &str) -> Option<Hole> {
    let is_known = is_of_any(action, &WITHIN) || OF_TABLES.contains(&action);
    (!is_known).then(|| Hole::new(format!("{} within an account", service_of(action))))
}

/// All of this as patterns; those of one group need not be told apart.
pub(crate) fn patterns() -> Vec<Vec<Pattern>> {
    let read = |text: &str| Pattern::any_case(text);
    let of_service = |service: &&str| read(&format!("{service}:*"));
    let front = |front: &&str| read(&format!("{front}*"));
    let each = |texts: &[&str]| texts.iter().map(|text| read(text)).collect::<Vec<_>>();
    let lists = [&CONTROLLED[..], &ACROSS, &UNSIGNED, &WITHIN, &SIGNED];
    let services: BTreeSet<&str> = lists.into_iter().flatten().copied().collect();
    let services = services.iter().map(|service| vec![of_service(service)]);
    let limited = SERVICES_LIMITED_IN_PART.iter().map(of_service);
    let unsaid = SERVICES_UNSAID.iter().map(of_service);
    let alone = [&UNSAID[..], &GRANTED_OTHERWISE, &OF_SESSIONS];
    let exact = [ASSUME_ROLE, RETIRE_GRANT, CALLER_IDENTITY];
    let alone = alone.into_iter().flatten().chain(&exact);
    let groups = [
        each(&OF_BUCKET_POLICY),
        each(&OF_QUEUE_OWNER),
        each(&OF_TABLES),
        each(&LIMITED_IN_PART).into_iter().chain(limited).collect(),
        unsaid.collect(),
        OF_APIS.iter().map(of_service).collect(),
        ACROSS_OF_KEYS.iter().map(front).collect(),
        vec![read(BUCKET_LOCATION), front(&LIST_BUCKET)],
        vec![front(&ASSUME_ROLE)],
    ];
    let alone = alone.map(|action| vec![read(action)]);
    services.chain(alone).chain(groups).collect()
}
