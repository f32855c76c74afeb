//! What authorization asks of an action beside the statements (page authorization). Actions are in lower case here.

use model::Hole;

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

/// What is granted by other rules than the table's.
const GRANTED_OTHERWISE: [&str; 5] = [
    "sts:getsessiontoken",
    "sts:getfederationtoken",
    "sts:assumeroot",
    "iam:changepassword",
    "iam:getaccountpasswordpolicy",
];

/// The services of which all actions are.
const SERVICES_GRANTED_OTHERWISE: [&str; 2] = ["cognito-identity", "cognito-idp"];

/// What is granted to a root user by other rules.
const ASSUME_ROLE: &str = "sts:assumerole";

/// The services whose resources' policies are known to grant what is not signed.
const UNSIGNED: [&str; 3] = ["s3", "sqs", "sns"];

/// The services whose resources' policies are known to grant to other accounts.
const ACROSS: [&str; 4] = ["s3", "sqs", "sts", "execute-api"];

/// How the actions on keys begin of which the same is known.
const ACROSS_OF_KEYS: [&str; 5] = [
    "kms:encrypt",
    "kms:decrypt",
    "kms:reencrypt",
    "kms:generatedatakey",
    "kms:describekey",
];

/// The services of which it is known that one Allow is enough within an account.
const WITHIN: [&str; 5] = ["s3", "sqs", "sns", "secretsmanager", "dynamodb"];

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

/// Whether the policies of accounts are asked at all (`authorization-not-asked`).
pub(crate) fn is_asked(action: &str) -> bool {
    action != CALLER_IDENTITY
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

/// What is open of an action that is granted by other rules than the table's, whoever calls.
pub(crate) fn permission_hole(action: &str) -> Option<Hole> {
    let is_other =
        GRANTED_OTHERWISE.contains(&action) || is_of_any(action, &SERVICES_GRANTED_OTHERWISE);
    is_other.then(|| permission_for(action))
}

/// What is open of an action that is granted so to root users.
pub(crate) fn root_permission_hole(action: &str) -> Option<Hole> {
    (action == ASSUME_ROLE).then(|| permission_for(action))
}

fn permission_for(action: &str) -> Hole {
    Hole::new(format!("permission for {action}"))
}

/// What is open of a grant to who does not sign.
pub(crate) fn unsigned_hole(action: &str) -> Option<Hole> {
    let is_known = is_of_any(action, &UNSIGNED);
    (!is_known).then(|| Hole::new(format!("{} without a signature", service_of(action))))
}

/// What is open of a grant to another account.
pub(crate) fn across_hole(action: &str) -> Option<Hole> {
    let is_known =
        is_of_any(action, &ACROSS) || ACROSS_OF_KEYS.iter().any(|front| action.starts_with(front));
    (!is_known).then(|| Hole::new(format!("{} across accounts", service_of(action))))
}

/// What is open of a grant by one Allow within an account.
pub(crate) fn within_hole(action: &str) -> Option<Hole> {
    let is_known = is_of_any(action, &WITHIN);
    (!is_known).then(|| Hole::new(format!("{} within an account", service_of(action))))
}

/// All of this as patterns; those of one group need not be told apart.
pub(crate) fn patterns() -> Vec<Vec<Pattern>> {
    let read = |text: &str| Pattern::any_case(text);
    let alone = CONTROLLED
        .iter()
        .chain(&ACROSS)
        .chain(&UNSIGNED)
        .chain(&WITHIN)
        .chain(&SERVICES_GRANTED_OTHERWISE)
        .map(|service| vec![read(&format!("{service}:*"))]);
    let exact = GRANTED_OTHERWISE
        .iter()
        .chain(&[ASSUME_ROLE, RETIRE_GRANT, CALLER_IDENTITY]);
    let exact = exact.map(|action| vec![read(action)]);
    let fronts = ACROSS_OF_KEYS.iter();
    let groups = [
        OF_BUCKET_POLICY.iter().map(|action| read(action)).collect(),
        OF_QUEUE_OWNER.iter().map(|action| read(action)).collect(),
        fronts.map(|front| read(&format!("{front}*"))).collect(),
    ];
    alone.chain(exact).chain(groups).collect()
}
