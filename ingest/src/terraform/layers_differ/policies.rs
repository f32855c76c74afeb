//! The policies of users, roles and resources.

use model::{Hole, IamPrincipal, Policy, ResourcePolicy, Value};

use crate::doubt::Touches;
use crate::policy::{self, Of};

use super::super::iam::managed;
use super::super::plan::{Plan, Resource};
use super::super::reader::Reader;
use super::{Changed, keep, leaves, note, unchanged};

/// A policy that says nothing, in the place of none.
const NONE: Policy = Policy {
    statements: Vec::new(),
    variables: true,
};

/// The attributes of a user or role that list its policies, and the one of its permissions boundary.
const LISTS: [&str; 2] = ["inline_policy", "managed_policy_arns"];
const BOUNDARY: &str = "permissions_boundary";

/// Opens what only one of the two has.
pub(super) fn read(reader: &mut Reader<'_, '_>, changed: &Changed<'_>) {
    if reader.sink.draft.accounts.is_empty() {
        return;
    }
    let touched = Touched::read(reader, changed);
    let principals: Vec<String> = reader.principals.keys().cloned().collect();
    for id in principals {
        let (Some(placed), Some(earlier)) = (
            reader.principals.get_mut(&id),
            reader.sink.get::<IamPrincipal>(&id),
        ) else {
            continue;
        };
        let place = &placed.place;
        let mut owners = reader.plan.managed(&["aws_iam_role", "aws_iam_user"]);
        owners.retain(|one| one.place() == *place);
        let Some(owner) = owners.first() else {
            continue;
        };
        let planned = &mut placed.component;
        let mut unlike = Vec::new();
        if !identity(reader.plan, owner, planned, earlier, &touched) {
            unlike.extend(LISTS);
        }
        if !boundary(reader.plan, owner, planned, earlier, &touched) {
            unlike.push(BOUNDARY);
        }
        for name in unlike {
            keep(reader, owner, name, Touches::Requests);
            note(reader.sink, &id);
        }
    }
    managed_elsewhere(reader);
    let resources: Vec<String> = reader.resource_policies.keys().cloned().collect();
    for id in resources {
        if !resource(reader, &id, &touched) {
            note(reader.sink, &id);
        }
    }
}

/// The policies that the change makes or attaches, and those that it takes away or writes anew.
struct Touched {
    made: Vec<Policy>,
    taken: Vec<Policy>,
    /// How many are taken away of which the plan does not say the document.
    n_open: usize,
}

impl Touched {
    fn read(reader: &mut Reader<'_, '_>, changed: &Changed<'_>) -> Touched {
        let mut touched = Touched {
            made: Vec::new(),
            taken: Vec::new(),
            n_open: 0,
        };
        for resource in &changed.resources {
            touched.made.extend(documents(resource));
            if let Some(Value::Known(policy)) = attached(reader, resource) {
                touched.made.push(policy);
            }
        }
        let plan = reader.plan;
        for former in &plan.former {
            touched.taken.extend(documents(former));
            match attached(reader, former) {
                Some(Value::Known(policy)) => touched.taken.push(policy),
                Some(Value::OneOf(..) | Value::Any(_)) => touched.n_open += 1,
                None => {}
            }
        }
        touched
    }
}

/// The documents of a resource, as whatever they may be read.
fn documents(resource: &Resource<'_>) -> Vec<Policy> {
    let of = [
        ("policy", Of::Identity),
        ("policy", Of::Resource),
        ("assume_role_policy", Of::Itself),
    ];
    let read = of.into_iter().filter_map(|(name, of)| {
        let attribute = resource.attribute(name);
        policy::read_text(attribute.text()?, of, &attribute.place()).ok()
    });
    read.collect()
}

/// The policy that a resource attaches to somebody.
fn attached(reader: &mut Reader<'_, '_>, resource: &Resource<'_>) -> Option<Value<Policy>> {
    let attribute = resource.attribute("policy_arn");
    let is_there = attribute.is_set() || attribute.is_open();
    is_there.then(|| managed(reader, &attribute))
}

/// Lets a managed policy that is not alike be that of either, where only the earlier input has those to whom
/// it is attached.
fn managed_elsewhere(reader: &mut Reader<'_, '_>) {
    for resource in unchanged(reader, &["aws_iam_policy"]) {
        let (arn, document) = (resource.attribute("arn"), resource.attribute("policy"));
        let (Some(arn), Some(text)) = (arn.text(), document.text()) else {
            continue;
        };
        let before = reader.sink.managed_policies.get(arn).cloned();
        let now = policy::read_text(text, Of::Identity, &document.place()).ok();
        let (Some(before), Some(now)) = (before, now) else {
            continue;
        };
        if now == before {
            continue;
        }
        let either = Value::OneOf(vec![now, before.clone()], document.hole());
        for principal in &mut reader.sink.draft.principals {
            let attached = principal.identity_policies.iter_mut();
            for policy in attached.chain(&mut principal.permissions_boundary) {
                if policy.known() == Some(&before) {
                    *policy = either.clone();
                }
            }
        }
        note(reader.sink, arn);
    }
}

/// Whether a user or role has the same policies in both, as far as both know them.
fn identity(
    plan: &Plan<'_>,
    owner: &Resource<'_>,
    planned: &mut IamPrincipal,
    earlier: &IamPrincipal,
    touched: &Touched,
) -> bool {
    if !LISTS.iter().all(|list| leaves(plan, owner, list)) {
        return true;
    }
    let hole = || Hole::new(format!("policies of {}", planned.id));
    let perhaps = |policy: &Policy| Value::OneOf(vec![policy.clone(), NONE], hole());
    let before = &earlier.identity_policies;
    let now = &planned.identity_policies;
    let mut more = Vec::new();
    if now.iter().all(|one| one.known().is_some()) {
        let known = before.iter().filter_map(Value::known);
        let known = known.filter(|policy| {
            !touched.taken.contains(policy) && !now.iter().any(|one| one.known() == Some(policy))
        });
        more.extend(known.map(perhaps));
    }
    // As many as the change takes away without saying what they are.
    if more.len() <= touched.n_open {
        more.clear();
    }
    let is_told = before.iter().all(|one| one.known().is_some());
    let is_gone = |policy: &Policy| {
        is_told
            && !touched.made.contains(policy)
            && !before.iter().any(|one| one.known() == Some(policy))
    };
    let mut is_alike = more.is_empty();
    let mut policies = Vec::new();
    for one in now {
        let gone = one.known().filter(|policy| is_gone(policy));
        is_alike &= gone.is_none();
        policies.push(gone.map_or_else(|| one.clone(), perhaps));
    }
    policies.extend(more);
    planned.identity_policies = policies;
    is_alike
}

/// Whether a user or role has the same permissions boundary in both, as far as both know it.
fn boundary(
    plan: &Plan<'_>,
    owner: &Resource<'_>,
    planned: &mut IamPrincipal,
    earlier: &IamPrincipal,
    touched: &Touched,
) -> bool {
    if !leaves(plan, owner, BOUNDARY) {
        return true;
    }
    let hole = Hole::new(format!("permissions boundary of {}", planned.id));
    let open = match (&planned.permissions_boundary, &earlier.permissions_boundary) {
        (Some(Value::Known(now)), Some(Value::Known(before)))
            if now != before && !touched.made.contains(now) =>
        {
            Value::OneOf(vec![now.clone(), before.clone()], hole)
        }
        (Some(Value::Known(_)), None) | (None, Some(_)) => Value::Any(hole),
        (Some(_) | None, Some(_) | None) => return true,
    };
    planned.permissions_boundary = Some(open);
    false
}

/// Whether a resource has the same policy in both, as far as both know it.
fn resource(reader: &mut Reader<'_, '_>, id: &str, touched: &Touched) -> bool {
    let (Some(placed), Some(earlier)) = (
        reader.resource_policies.get_mut(id),
        reader.sink.get::<ResourcePolicy>(id),
    ) else {
        return true;
    };
    let mut owners = reader.plan.resources.iter();
    let is_new = |one: &Resource<'_>| one.is_created && one.place() == placed.place;
    if owners.any(is_new) {
        return true;
    }
    let known = |policy: &Option<Value<Policy>>| match policy {
        None => Some(None),
        Some(Value::Known(policy)) => Some(Some(policy.clone())),
        Some(Value::OneOf(..) | Value::Any(_)) => None,
    };
    let (Some(now), Some(before)) = (known(&placed.component.policy), known(&earlier.policy))
    else {
        return true;
    };
    let is_made = now.as_ref().is_some_and(|now| touched.made.contains(now));
    let is_taken = |before: &Policy| touched.taken.contains(before);
    if now == before || is_made || before.as_ref().is_some_and(is_taken) {
        return true;
    }
    let hole = Hole::new(format!("policy of {id}"));
    let values = [now, before].map(|policy| policy.unwrap_or(NONE));
    placed.component.policy = Some(Value::OneOf(values.to_vec(), hole));
    false
}
