//! What authorization asks of an action beside the statements (page authorization). Actions are in lower case here.

use model::Hole;

use crate::pattern::Pattern;

/// The services whose actions resource control policies deny for certain.
const CONTROLLED: [&str; 5] = ["s3:", "sts:", "kms:", "sqs:", "secretsmanager:"];

/// How the actions begin for which the policy of the key or role itself must allow.
const KEYED: [&str; 2] = ["kms:", "sts:assumerole"];

/// What a Deny of a bucket's policy does not stop its account's root user in.
const OF_BUCKET_POLICY: [&str; 3] = [
    "s3:getbucketpolicy",
    "s3:putbucketpolicy",
    "s3:deletebucketpolicy",
];

/// What is open of a Deny of resource control policies that matches; nothing where they deny for certain.
pub(crate) fn control_hole(action: &str) -> Option<Hole> {
    if CONTROLLED.iter().any(|service| action.starts_with(service)) {
        return None;
    }
    let service = action.split(':').next().unwrap_or(action);
    Some(Hole::new(format!("resource control policies on {service}")))
}

pub(crate) fn is_keyed(action: &str) -> bool {
    KEYED.iter().any(|front| action.starts_with(front))
}

pub(crate) fn is_of_bucket_policy(action: &str) -> bool {
    OF_BUCKET_POLICY.contains(&action)
}

/// All of this as patterns.
pub(crate) fn patterns() -> Vec<Pattern> {
    let fronts = CONTROLLED.iter().chain(&KEYED);
    let fronts = fronts.map(|front| Pattern::any_case(&format!("{front}*")));
    let exact = OF_BUCKET_POLICY.iter().map(|one| Pattern::any_case(one));
    fronts.chain(exact).collect()
}
