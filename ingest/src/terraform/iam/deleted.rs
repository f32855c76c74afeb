//! The users, roles and resources that the change deletes: what an earlier input says of them is not
//! so afterwards.

use model::{Hole, IamPrincipal, ResourcePolicy, Value};

use super::super::plan::Resource;
use super::super::reader::Reader;
use super::resource_policy::REST_API;
use super::{Found, open_principal};

/// Opens the policies of what is deleted.
pub(super) fn read(reader: &mut Reader<'_, '_>, found: &mut Found) {
    let plan = reader.plan;
    for former in &plan.former {
        let key = if former.of == REST_API { "id" } else { "arn" };
        let id = former.attribute(key);
        let mut living = plan.managed(&[former.of]).into_iter();
        let living = living.find(|one| one.address == former.address);
        if living.is_some_and(|living| living.attribute(key).text() == id.text()) {
            continue;
        }
        let hole = Hole::new(former.address);
        for arn in arns(reader, found, former) {
            open_earlier(reader, found, &arn, &hole);
            if living.is_none() {
                open_made(found, &arn, &hole);
            }
        }
    }
}

/// The ARNs of what was there. The one that an API shows is of its management.
fn arns(reader: &Reader<'_, '_>, found: &Found, former: &Resource<'_>) -> Vec<String> {
    if former.of != REST_API {
        let arn = former.attribute("arn");
        return arn.text().map(str::to_owned).into_iter().collect();
    }
    let id = former.attribute("id");
    let earlier = reader.sink.draft.resource_policies.iter();
    let all = earlier.map(|resource| resource.id.as_str());
    let all = all.chain(found.resource_policies.keys().map(String::as_str));
    let apis = all.filter(|arn| arn.contains(":execute-api:"));
    apis.filter(|arn| arn.rsplit(':').next() == id.text())
        .map(str::to_owned)
        .collect()
}

fn open_earlier(reader: &mut Reader<'_, '_>, found: &Found, arn: &str, hole: &Hole) {
    if !found.principals.contains_key(arn)
        && let Some(principal) = reader.sink.get::<IamPrincipal>(arn)
    {
        open_principal(principal, hole);
    }
    if !found.resource_policies.contains_key(arn)
        && let Some(resource) = reader.sink.get::<ResourcePolicy>(arn)
    {
        resource.policy = Some(Value::Any(hole.clone()));
    }
}

/// Opens what the plan makes at another address than the one at which it deletes it: the deletion may
/// come last.
fn open_made(found: &mut Found, arn: &str, hole: &Hole) {
    if let Some(placed) = found.principals.get_mut(arn) {
        open_principal(&mut placed.component, hole);
    }
    if let Some(placed) = found.resource_policies.get_mut(arn) {
        placed.component.policy = Some(Value::Any(hole.clone()));
    }
}
