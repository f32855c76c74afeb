//! The accounts of a native file, and what has policies in them.

use model::{Account, IamPrincipal, Organization, Policy, ResourcePolicy, Value};

use super::read::Defaults;
use super::table::{Item, Table};
use crate::policy::{self, Of};
use crate::sink::Sink;

pub(super) fn account(
    id: &str,
    table: &Table<'_>,
    _: &mut Defaults,
    sink: &mut Sink,
) -> Option<Account> {
    let organization = organization(table, sink);
    let resources_complete = table.parsed("resources-complete", sink, |name| Ok(name.to_owned()));
    let organization_id = table.text("organization-id", sink);
    Some(Account {
        id: id.into(),
        organization: organization?,
        organization_id: organization_id.map(str::to_owned),
        principals_complete: table.flag("principals-complete", false, sink),
        resources_complete,
        tags: table.tags(sink),
    })
}

/// A member says so by its policies, which may be none.
fn organization(table: &Table<'_>, sink: &mut Sink) -> Option<Organization> {
    let management = table.flag("management", false, sink);
    let unknown = table.get("organization");
    let of_services = table.get("service-control-policies");
    let of_resources = table.get("resource-control-policies");
    let said = [
        unknown.is_some(),
        of_services.is_some() || of_resources.is_some(),
        management,
    ];
    if said.iter().filter(|said| **said).count() > 1 {
        let message = "`management`, `organization` and control policies exclude each other";
        let item = unknown.or(of_services).or(of_resources)?;
        item.wrong(sink, message.to_owned());
        return None;
    }
    if let Some(item) = unknown {
        return match item.value(sink, |item, sink| {
            item.wrong(sink, "expected `{ any = \"hole\" }`".to_owned());
            None::<()>
        })? {
            Value::Any(hole) => Some(Organization::Unknown(hole)),
            Value::Known(()) | Value::OneOf(..) => None,
        };
    }
    if management {
        return Some(Organization::Management);
    }
    if of_services.is_none() && of_resources.is_none() {
        return Some(Organization::None);
    }
    let levels = of_services.map_or_else(Vec::new, |item| item.items(sink));
    let levels: Vec<_> = levels
        .iter()
        .map(|level| policies(level, Of::Identity, sink))
        .collect();
    let of_resources = of_resources.map_or_else(
        || Some(Vec::new()),
        |item| policies(&item, Of::Resource, sink),
    );
    Some(Organization::Member {
        service_control_policies: levels.into_iter().collect::<Option<_>>()?,
        resource_control_policies: of_resources?,
    })
}

pub(super) fn principal(
    id: &str,
    table: &Table<'_>,
    _: &mut Defaults,
    sink: &mut Sink,
) -> Option<IamPrincipal> {
    let mut of = |key| {
        let item = table.get(key);
        item.map_or_else(
            || Some(Vec::new()),
            |item| policies(&item, Of::Identity, sink),
        )
    };
    let identity_policies = of("identity-policies");
    let session_policies = of("session-policies");
    let boundary = optional(table, "permissions-boundary", Of::Identity, sink);
    Some(IamPrincipal {
        id: id.into(),
        identity_policies: identity_policies?,
        permissions_boundary: boundary?,
        session_policies: session_policies?,
    })
}

pub(super) fn resource_policy(
    id: &str,
    table: &Table<'_>,
    _: &mut Defaults,
    sink: &mut Sink,
) -> Option<ResourcePolicy> {
    let account = table.required("account", sink);
    let account = account.and_then(|item| item.text(sink));
    let of = policy::of_resource(id);
    let policy = optional(table, "policy", of, sink);
    Some(ResourcePolicy {
        id: id.into(),
        account: account?.into(),
        policy: policy?,
        access_control_lists: table.flag("access-control-lists", false, sink),
        public_access: table.flag("public-access", true, sink),
    })
}

fn optional(
    table: &Table<'_>,
    key: &'static str,
    of: Of,
    sink: &mut Sink,
) -> Option<Option<Value<Policy>>> {
    match table.get(key) {
        None => Some(None),
        Some(item) => policy(&item, of, sink).map(Some),
    }
}

fn policies(item: &Item<'_>, of: Of, sink: &mut Sink) -> Option<Vec<Value<Policy>>> {
    let items = item.items(sink);
    let read: Vec<_> = items.iter().map(|item| policy(item, of, sink)).collect();
    read.into_iter().collect()
}

/// One policy, which may be open.
pub(super) fn policy(item: &Item<'_>, of: Of, sink: &mut Sink) -> Option<Value<Policy>> {
    item.value(sink, |item, sink| {
        let read = policy::read_native(item.text(sink)?, of, &item.place());
        read.map_err(|errors| sink.extend(errors)).ok()
    })
}
