//! What else than its policy grants or stops something on a bucket: access control lists, and S3 Block
//! Public Access.

use super::super::identity::Thing;
use super::super::plan::{Plan, Resource};
use super::super::reader::Reader;
use super::owner::Owners;
use super::{Found, Named, is_new};

pub(super) const BUCKET: &str = "aws_s3_bucket";
const CONTROLS: &str = "aws_s3_bucket_ownership_controls";
const LISTS: &str = "aws_s3_bucket_acl";
const BLOCK: &str = "aws_s3_bucket_public_access_block";
const ACCOUNT_BLOCK: &str = "aws_s3_account_public_access_block";

fn named<'r, 'a>(plan: &'r Plan<'a>, part: &Resource<'_>) -> Named<'r, 'a> {
    let keys = ["bucket", "id"];
    Named::of(
        plan,
        &part.attribute("bucket"),
        BUCKET,
        Thing::Bucket,
        &keys,
    )
}

/// Whether a resource says something of the bucket of another one, or of the bucket that has the same
/// name: `None` when it may.
fn is_of(plan: &Plan<'_>, part: &Resource<'_>, resource: &Resource<'_>) -> Option<bool> {
    match named(plan, part) {
        Named::Outside(name) => Some(resource.attribute("bucket").text() == Some(&name)),
        named @ (Named::One(_) | Named::Several(_) | Named::Open) => named.is(resource),
    }
}

/// Whether ownership controls are known to leave no access control lists.
fn enforces(controls: &Resource<'_>) -> bool {
    let rules = controls.attribute("rule").items();
    let mut ownerships = rules.iter().map(|rule| rule.field("object_ownership"));
    ownerships.any(|ownership| ownership.text() == Some("BucketOwnerEnforced"))
}

/// Whether a bucket may have access control lists: one that the plan makes has none unless it says so.
pub(super) fn has_lists(plan: &Plan<'_>, resource: &Resource<'_>) -> bool {
    let mut is_enforced = resource.of == BUCKET && is_new(resource);
    for controls in plan.managed(&[CONTROLS]) {
        match is_of(plan, controls, resource) {
            Some(false) => {}
            Some(true) if enforces(controls) => is_enforced = true,
            None if enforces(controls) => {}
            Some(true) | None => return true,
        }
    }
    !is_enforced
}

/// Whether a block of public access is not known to restrict nothing.
fn restricts(block: &Resource<'_>) -> bool {
    block.attribute("restrict_public_buckets").flag() != Some(false)
}

/// Whether neither a bucket nor its account restricts public access, as far as the plan says.
pub(super) fn is_unrestricted(plan: &Plan<'_>, resource: &Resource<'_>, account: &str) -> bool {
    let mut of_bucket = Vec::new();
    for block in plan.managed(&[BLOCK]) {
        of_bucket.push((is_of(plan, block, resource), block));
    }
    let mut of_account = Vec::new();
    for block in plan.managed(&[ACCOUNT_BLOCK]) {
        let own = block.attribute("account_id");
        of_account.push((own.text().map(|own| own == account), block));
    }
    [of_bucket, of_account].iter().all(|blocks| {
        let mut may_be = blocks.iter().filter(|(is_own, _)| *is_own != Some(false));
        blocks.iter().any(|(is_own, _)| *is_own == Some(true))
            && !may_be.any(|(_, block)| restricts(block))
    })
}

/// What the plan says of the buckets of an earlier input that it does not have itself.
pub(super) fn earlier(reader: &mut Reader<'_, '_>, owners: &Owners<'_>, found: &Found) {
    let plan = reader.plan;
    for resource in &mut reader.sink.draft.resource_policies {
        let id = resource.id.as_str();
        let Some((_, name)) = id.split_once(":s3:::") else {
            continue;
        };
        if found.resource_policies.contains_key(id) {
            continue;
        }
        resource.access_control_lists |= may_get_lists(plan, name);
        let account = resource.account.as_str();
        resource.public_access &= !may_get_block(plan, owners, name, account);
    }
}

fn may_get_lists(plan: &Plan<'_>, name: &str) -> bool {
    let mut new = plan.managed(&[CONTROLS, LISTS]).into_iter();
    // A bucket that loses its controls may have lists, whatever the controls were.
    let mut former = plan.former.iter().filter(|one| one.of == CONTROLS);
    former.any(|part| may_be_of(plan, part, name))
        || new.any(|part| !enforces(part) && may_be_of(plan, part, name))
}

fn may_get_block(plan: &Plan<'_>, owners: &Owners<'_>, name: &str, account: &str) -> bool {
    let mut of_bucket = plan.managed(&[BLOCK]).into_iter();
    let mut of_account = plan.managed(&[ACCOUNT_BLOCK]).into_iter();
    let is_own = |block: &Resource<'_>| match block.attribute("account_id").text() {
        Some(own) => own == account,
        None => owners
            .of(block)
            .is_none_or(|owner| owner.account == account),
    };
    of_bucket.any(|block| restricts(block) && may_be_of(plan, block, name))
        || of_account.any(|block| restricts(block) && is_own(block))
}

/// Whether a resource may say something of the bucket of a name.
fn may_be_of(plan: &Plan<'_>, part: &Resource<'_>, name: &str) -> bool {
    let is_it = |bucket: &Resource<'_>| bucket.attribute("bucket").text() == Some(name);
    match named(plan, part) {
        Named::One(bucket) => is_it(bucket),
        Named::Several(buckets) => buckets.into_iter().any(is_it),
        Named::Outside(other) => other == name,
        Named::Open => true,
    }
}
