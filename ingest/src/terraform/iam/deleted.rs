//! The users, roles and resources that the change deletes: what an earlier input says of them is not
//! so afterwards.

use model::{Hole, Value};

use super::super::plan::Resource;
use super::super::reader::Reader;
use super::bucket::BUCKET;
use super::resource_policy::REST_API;
use super::{Found, open_principal};

/// Opens the policies of what is deleted.
pub(super) fn read(reader: &mut Reader<'_, '_>, found: &mut Found) {
    let plan = reader.plan;
    for former in &plan.former {
        let mut living = plan.managed(&[former.of]).into_iter();
        let living = living.find(|one| one.address == former.address);
        let is_same = |id: &str| living.is_some_and(|living| is_called(living, id));
        let hole = Hole::new(former.address);
        for principal in &mut reader.sink.draft.principals {
            let id = principal.id.as_str();
            if is_called(former, id) && !is_same(id) && !found.principals.contains_key(id) {
                open_principal(principal, &hole);
            }
        }
        for resource in &mut reader.sink.draft.resource_policies {
            let id = resource.id.as_str();
            if is_called(former, id) && !is_same(id) && !found.resource_policies.contains_key(id) {
                resource.policy = Some(Value::Any(hole.clone()));
            }
        }
        if living.is_none() {
            made_elsewhere(found, former, &hole);
        }
    }
}

/// Opens what the plan makes at another address than the one at which it deletes it: the deletion may
/// come last.
fn made_elsewhere(found: &mut Found, former: &Resource<'_>, hole: &Hole) {
    for (id, placed) in &mut found.principals {
        if is_called(former, id) {
            open_principal(&mut placed.component, hole);
        }
    }
    for (id, placed) in &mut found.resource_policies {
        if is_called(former, id) {
            placed.component.policy = Some(Value::Any(hole.clone()));
        }
    }
}

/// Whether a resource has an ARN.
fn is_called(resource: &Resource<'_>, id: &str) -> bool {
    let ends = |service: &str, key: &str| {
        let name = resource.attribute(key);
        let (before, behind) = id.split_once(service).unwrap_or_default();
        !before.is_empty() && name.text() == behind.rsplit(':').next()
    };
    match resource.of {
        BUCKET => ends(":s3:::", "bucket"),
        REST_API => ends(":execute-api:", "id"),
        _ => resource.attribute("arn").text() == Some(id),
    }
}
