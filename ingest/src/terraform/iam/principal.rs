//! `aws_iam_role`, `aws_iam_user` and `aws_iam_group`, with what is attached to them.

use model::{
    AccountId, Hole, IamPrincipal, Policy, PrincipalId, ResourceId, ResourcePolicy, Value,
};

use crate::policy::Of;

use super::super::attribute::Attribute;
use super::super::identity::Thing;
use super::super::plan::{Plan, Resource};
use super::super::reader::{Reader, shelve};
use super::owner::Owners;
use super::parts::{Parts, Taken};
use super::{Found, Named, document, is_new, open_earlier, unread};

/// A kind of identity, and the resources that add to one.
struct Kind {
    of: &'static str,
    thing: Thing,
    /// What names it in the resources that add to it, and stands before its path in its ARN.
    key: &'static str,
    inline: &'static str,
    attachment: &'static str,
    /// Its list in `aws_iam_policy_attachment`.
    list: &'static str,
    /// What names it in `aws_iam_role_policies_exclusive` and the like.
    exclusive: &'static str,
}

const ROLE: Kind = Kind {
    of: "aws_iam_role",
    thing: Thing::IamRole,
    key: "role",
    inline: "aws_iam_role_policy",
    attachment: "aws_iam_role_policy_attachment",
    list: "roles",
    exclusive: "role_name",
};
const USER: Kind = Kind {
    of: "aws_iam_user",
    thing: Thing::IamUser,
    key: "user",
    inline: "aws_iam_user_policy",
    attachment: "aws_iam_user_policy_attachment",
    list: "users",
    exclusive: "user_name",
};
const GROUP: Kind = Kind {
    of: "aws_iam_group",
    thing: Thing::IamGroup,
    key: "group",
    inline: "aws_iam_group_policy",
    attachment: "aws_iam_group_policy_attachment",
    list: "groups",
    exclusive: "group_name",
};

/// It attaches a policy to those in its lists, and takes it from all others.
const EXCLUSIVE: &str = "aws_iam_policy_attachment";

/// What identifies an identity besides references.
const KEYS: [&str; 3] = ["name", "id", "arn"];

/// Reads the roles and users.
pub(super) fn read(reader: &mut Reader<'_, '_>, owners: &Owners<'_>, found: &mut Found) {
    let plan = reader.plan;
    for kind in [&ROLE, &USER] {
        for resource in plan.managed(&[kind.of]) {
            let Some((arn, account)) = arn(owners, resource, kind) else {
                let what = format!(
                    "the policies of a {} whose account or name is not known",
                    kind.key
                );
                reader.leave_out(resource, &what);
                found.is_partial = true;
                // It may be any of an earlier input.
                open_earlier(reader, &Hole::new(resource.address));
                continue;
            };
            add(reader, owners, found, resource, kind, &arn, &account);
        }
        outside(reader, owners, kind, found);
        exclusive_outside(reader, owners, kind, found);
    }
    shared(reader, found);
}

fn arn(owners: &Owners<'_>, resource: &Resource<'_>, kind: &Kind) -> Option<(String, String)> {
    let owner = owners.of(resource)?;
    let attribute = resource.attribute("arn");
    let arn = match attribute.text() {
        Some(arn) => arn.to_owned(),
        None => {
            let path = resource.attribute("path");
            let path = if path.is_open() {
                None
            } else {
                Some(path.text().unwrap_or("/"))
            };
            let name = resource.attribute("name");
            let (partition, account) = (owner.partition, &owner.account);
            let key = kind.key;
            format!(
                "arn:{partition}:iam::{account}:{key}{}{}",
                path?,
                name.text()?
            )
        }
    };
    Some((arn, owner.account))
}

fn add(
    reader: &mut Reader<'_, '_>,
    owners: &Owners<'_>,
    found: &mut Found,
    resource: &Resource<'_>,
    kind: &Kind,
    arn: &str,
    account: &str,
) {
    let mut policies = own(reader, owners, resource, kind);
    if kind.thing == USER.thing {
        policies.extend(of_groups(reader, owners, resource));
        if !is_new(resource) {
            elsewhere(reader, arn, &mut policies);
        }
    }
    let boundary = resource.attribute("permissions_boundary");
    // AWS gives none by itself.
    let has_boundary = boundary.is_unknown() || boundary.text().is_some();
    let principal = IamPrincipal {
        id: PrincipalId::new(arn),
        identity_policies: policies,
        permissions_boundary: has_boundary.then(|| managed(reader, &boundary)),
        session_policies: Vec::new(),
    };
    shelve(
        &mut found.principals,
        principal,
        resource.place(),
        reader.sink,
    );
    if kind.thing == ROLE.thing {
        let trust = document(
            reader,
            &resource.attribute("assume_role_policy"),
            Of::Itself,
        );
        let role = ResourcePolicy {
            id: ResourceId::new(arn),
            account: AccountId::new(account),
            policy: Some(trust),
            access_control_lists: false,
            public_access: true,
        };
        shelve(
            &mut found.resource_policies,
            role,
            resource.place(),
            reader.sink,
        );
    }
}

/// The policies of a role, user or group, its own and what other resources add.
fn own(
    reader: &mut Reader<'_, '_>,
    owners: &Owners<'_>,
    resource: &Resource<'_>,
    kind: &Kind,
) -> Vec<Value<Policy>> {
    if let Some(hole) = exclusive(reader, resource, kind) {
        return vec![Value::Any(hole)];
    }
    let mut policies = inline(reader, owners, resource, kind);
    policies.extend(attached(reader, owners, resource, kind));
    policies
}

/// Adds what a user may have that exists already: its attributes do not show its policies and groups,
/// as those of a role do.
fn elsewhere(reader: &mut Reader<'_, '_>, arn: &str, policies: &mut Vec<Value<Policy>>) {
    let plan = reader.plan;
    let is_exclusive = |one: &Resource<'_>| one.of.ends_with("_exclusive");
    let is_untouched = changed(plan, &[&SHARED[..], &OF_USERS].concat()).is_none()
        && !plan.resources.iter().any(is_exclusive)
        && !unread::changes_principals(plan);
    if is_untouched && let Some(earlier) = reader.sink.get::<IamPrincipal>(arn) {
        for policy in &earlier.identity_policies {
            if !policies.contains(policy) {
                policies.push(policy.clone());
            }
        }
    }
    let hole = Value::Any(Hole::new(format!("policies of {arn}")));
    if !policies.contains(&hole) {
        policies.push(hole);
    }
}

/// What removes, as the change is applied, policies that the plan still shows.
fn exclusive(reader: &Reader<'_, '_>, resource: &Resource<'_>, kind: &Kind) -> Option<Hole> {
    let plan = reader.plan;
    let part = exclusives(plan, kind).find(|part| {
        let key = part.attribute(kind.exclusive);
        Named::of(plan, &key, kind.of, kind.thing, &KEYS).is(resource) != Some(false)
    })?;
    Some(Hole::new(part.address))
}

fn exclusives<'r, 'a>(
    plan: &'r Plan<'a>,
    kind: &Kind,
) -> impl Iterator<Item = &'r Resource<'a>> + use<'r, 'a> {
    let of = kind.of;
    let managed = plan.resources.iter().filter(|part| !part.is_data);
    managed.filter(move |part| part.of.starts_with(of) && part.of.ends_with("_exclusive"))
}

fn inline(
    reader: &mut Reader<'_, '_>,
    owners: &Owners<'_>,
    resource: &Resource<'_>,
    kind: &Kind,
) -> Vec<Value<Policy>> {
    let plan = reader.plan;
    let mut policies = Vec::new();
    let blocks = resource.attribute("inline_policy");
    if blocks.is_open() || is_hidden(resource, kind, &blocks) {
        policies.push(Value::Any(blocks.hole()));
    } else if blocks.is_unknown() {
        // A dynamic block is not in the configuration's expressions, so that one with an unknown
        // number of policies looks as none.
        let text = "a role that a plan makes has no inline policies besides those that the plan \
                    shows: it has no `dynamic` block of which only the apply tells how many they are";
        reader.sink.assume("no-dynamic-policies", text);
    }
    let mut named = Parts::default();
    for block in blocks.items() {
        let name = block.field("name").text().unwrap_or_default().to_owned();
        let policy = block.field("policy");
        // An empty block says that there is none.
        // A dynamic block is not in the configuration's expressions.
        let is_there = policy.text().is_some() || policy.is_unknown();
        if is_there {
            named.show(name, document(reader, &policy, Of::Identity));
        }
    }
    for part in plan.managed(&[kind.inline]) {
        match Named::of(plan, &part.attribute(kind.key), kind.of, kind.thing, &KEYS).is(resource) {
            Some(true) => {
                let name = part.attribute("name").text().unwrap_or(part.address);
                let policy = document(reader, &part.attribute("policy"), Of::Identity);
                named.add(name.to_owned(), policy, part);
            }
            Some(false) => {}
            None => policies.push(Value::Any(part.attribute(kind.key).hole())),
        }
    }
    for former in former(plan, resource, kind.inline, kind.key) {
        if let Some(name) = former.attribute("name").text() {
            let is_certain = is_certain(plan, owners, former, resource);
            named.take(&Taken {
                former,
                what: name.to_owned(),
                is_certain,
            });
        }
    }
    policies.extend(named.into_policies());
    policies
}

/// Whether an attribute in which a role that exists already shows its policies is missing.
fn is_hidden(resource: &Resource<'_>, kind: &Kind, attribute: &Attribute<'_>) -> bool {
    kind.thing == ROLE.thing && !is_new(resource) && !attribute.is_present()
}

fn attached(
    reader: &mut Reader<'_, '_>,
    owners: &Owners<'_>,
    resource: &Resource<'_>,
    kind: &Kind,
) -> Vec<Value<Policy>> {
    let plan = reader.plan;
    let mut policies = Vec::new();
    let arns = resource.attribute("managed_policy_arns");
    if arns.is_open() || is_hidden(resource, kind, &arns) {
        policies.push(Value::Any(arns.hole()));
    }
    let mut known = Parts::default();
    for arn in arns.items() {
        let key = called(plan, &arn).unwrap_or_else(|| arn.name());
        known.show(key, managed(reader, &arn));
    }
    for part in plan.managed(&[kind.attachment]) {
        let owner = part.attribute(kind.key);
        let named = Named::of(plan, &owner, kind.of, kind.thing, &KEYS).is(resource);
        attach(reader, part, &owner, named, &mut known, &mut policies);
    }
    let others = listed(reader, resource, kind, &mut known, &mut policies);
    for former in detached(plan, resource, kind) {
        if let Some(what) = called(plan, &former.attribute("policy_arn")) {
            let is_certain = is_certain(plan, owners, former, resource);
            known.take(&Taken {
                former,
                what,
                is_certain,
            });
        }
    }
    for part in others {
        detach(plan, part, kind, &mut known);
    }
    policies.extend(known.into_policies());
    policies
}

/// Adds what exclusive attachments attach; the attachments that do not.
fn listed<'a>(
    reader: &mut Reader<'a, '_>,
    resource: &Resource<'_>,
    kind: &Kind,
    known: &mut Parts,
    policies: &mut Vec<Value<Policy>>,
) -> Vec<&'a Resource<'a>> {
    let plan = reader.plan;
    let mut others = Vec::new();
    for part in plan.managed(&[EXCLUSIVE]) {
        let list = part.attribute(kind.list);
        if list.is_open() {
            policies.push(Value::Any(list.hole()));
        }
        let mut is_listed = false;
        for owner in list.items() {
            let named = Named::of(plan, &owner, kind.of, kind.thing, &KEYS).is(resource);
            is_listed |= named == Some(true);
            attach(reader, part, &owner, named, known, policies);
        }
        if !is_listed {
            others.push(part);
        }
    }
    others
}

/// Whether what the change takes away is a role's, user's or group's, and nothing of the change may
/// give it back: an update of whom it is of may come first or last.
fn is_certain(
    plan: &Plan<'_>,
    owners: &Owners<'_>,
    former: &Resource<'_>,
    resource: &Resource<'_>,
) -> bool {
    let mut changed = plan.former.iter();
    let is_changed = changed.any(|one| one.address == resource.address);
    !is_changed && !owners.may_differ(plan, former, resource)
}

/// What tells a managed policy from others: its ARN, or its address where the plan has it.
fn called(plan: &Plan<'_>, attribute: &Attribute<'_>) -> Option<String> {
    match policy_of(plan, attribute) {
        Named::One(policy) => Some(policy.address.to_owned()),
        Named::Outside(arn) => Some(arn),
        Named::Several(_) | Named::Open => None,
    }
}

/// Opens the policy that an exclusive attachment takes from whom its lists do not have: which of the
/// two comes last, it or what else attaches the policy, is not known.
fn detach(plan: &Plan<'_>, part: &Resource<'_>, kind: &Kind, known: &mut Parts) {
    let taken = called(plan, &part.attribute("policy_arn"));
    known.open(&part.attribute(kind.list).hole(), |key| {
        taken.as_ref().is_none_or(|taken| taken == key)
    });
}

fn attach(
    reader: &mut Reader<'_, '_>,
    part: &Resource<'_>,
    owner: &Attribute<'_>,
    is_own: Option<bool>,
    known: &mut Parts,
    policies: &mut Vec<Value<Policy>>,
) {
    let arn = part.attribute("policy_arn");
    match is_own {
        Some(true) => {
            let key = called(reader.plan, &arn).unwrap_or_else(|| arn.name());
            known.add(key, managed(reader, &arn), part);
        }
        Some(false) => {}
        None => policies.push(Value::Any(owner.hole())),
    }
}

/// What the change takes away from a role, user or group, which its own attributes may still show.
fn former<'p>(
    plan: &'p Plan<'p>,
    resource: &Resource<'_>,
    part: &str,
    key: &str,
) -> Vec<&'p Resource<'p>> {
    let of_part = plan.former.iter().filter(|former| former.of == part);
    of_part
        .filter(|former| is_named(resource, &former.attribute(key)))
        .collect()
}

/// What the change no longer attaches to a role, user or group.
fn detached<'p>(plan: &'p Plan<'p>, resource: &Resource<'_>, kind: &Kind) -> Vec<&'p Resource<'p>> {
    let mut detached = former(plan, resource, kind.attachment, kind.key);
    let lists = plan.former.iter().filter(|former| former.of == EXCLUSIVE);
    detached.extend(lists.filter(|former| {
        let owners = former.attribute(kind.list).items();
        owners.iter().any(|owner| is_named(resource, owner))
    }));
    detached
}

/// Whether the text of an attribute names a role, user or group.
fn is_named(resource: &Resource<'_>, attribute: &Attribute<'_>) -> bool {
    let is_it = |key: &&str| resource.attribute(key).text() == attribute.text();
    attribute.text().is_some() && KEYS.iter().any(is_it)
}

/// The policies of the groups that a user is in.
fn of_groups(
    reader: &mut Reader<'_, '_>,
    owners: &Owners<'_>,
    user: &Resource<'_>,
) -> Vec<Value<Policy>> {
    let plan = reader.plan;
    let mut policies = Vec::new();
    for membership in plan.managed(&["aws_iam_user_group_membership"]) {
        let member = membership.attribute("user");
        let groups = membership.attribute("groups");
        match Named::of(plan, &member, USER.of, USER.thing, &KEYS).is(user) {
            Some(true) if !groups.is_open() => {
                for group in groups.items() {
                    policies.extend(of_group(reader, owners, &group));
                }
            }
            Some(true) => policies.push(Value::Any(groups.hole())),
            Some(false) => {}
            None => policies.push(Value::Any(member.hole())),
        }
    }
    for membership in plan.managed(&["aws_iam_group_membership"]) {
        let users = membership.attribute("users");
        if users.is_open() {
            policies.push(Value::Any(users.hole()));
        }
        for member in users.items() {
            match Named::of(plan, &member, USER.of, USER.thing, &KEYS).is(user) {
                Some(true) => {
                    let group = membership.attribute("group");
                    policies.extend(of_group(reader, owners, &group));
                }
                Some(false) => {}
                None => policies.push(Value::Any(member.hole())),
            }
        }
    }
    policies
}

fn of_group(
    reader: &mut Reader<'_, '_>,
    owners: &Owners<'_>,
    attribute: &Attribute<'_>,
) -> Vec<Value<Policy>> {
    match Named::of(reader.plan, attribute, GROUP.of, GROUP.thing, &KEYS) {
        Named::One(group) => {
            let mut policies = own(reader, owners, group, &GROUP);
            if !is_new(group) {
                let arn = group.attribute("arn").text().unwrap_or(group.address);
                policies.push(Value::Any(Hole::new(format!("policies of {arn}"))));
            }
            policies
        }
        Named::Outside(name) => {
            let hole = Hole::new(format!("policies of group {name}"));
            vec![Value::Any(hole)]
        }
        Named::Several(_) | Named::Open => vec![Value::Any(attribute.hole())],
    }
}

fn policy_of<'r, 'a>(plan: &'r Plan<'a>, attribute: &Attribute<'_>) -> Named<'r, 'a> {
    let keys = ["arn", "id"];
    Named::of(plan, attribute, "aws_iam_policy", Thing::IamPolicy, &keys)
}

/// A managed policy, by the attribute that names it.
pub(in super::super) fn managed(
    reader: &mut Reader<'_, '_>,
    attribute: &Attribute<'_>,
) -> Value<Policy> {
    let plan = reader.plan;
    match policy_of(plan, attribute) {
        Named::One(policy) => document(reader, &policy.attribute("policy"), Of::Identity),
        Named::Outside(arn) => {
            let data = plan.data("aws_iam_policy").into_iter();
            let mut own = data.filter(|one| one.attribute("arn").text() == Some(&arn));
            match own.next() {
                Some(policy) => document(reader, &policy.attribute("policy"), Of::Identity),
                None => Value::Any(Hole::new(format!("policy {arn}"))),
            }
        }
        Named::Several(_) | Named::Open => Value::Any(attribute.hole()),
    }
}

/// What the plan adds to, changes of or takes from roles and users that it does not have itself: those
/// of an earlier input have open policies then, and another one is left out.
fn outside(reader: &mut Reader<'_, '_>, owners: &Owners<'_>, kind: &Kind, found: &mut Found) {
    let plan = reader.plan;
    let parts = [kind.inline, kind.attachment];
    for part in plan.managed(&parts) {
        let attribute = part.attribute(kind.key);
        let hole = part.attribute("policy").hole();
        match Named::of(plan, &attribute, kind.of, kind.thing, &KEYS) {
            Named::One(_) | Named::Several(_) => {}
            Named::Outside(name) => {
                let is_own = |arn: &str| is_called(arn, owners, part, kind, &name);
                if !open(reader, found, &hole, is_own) {
                    let key = kind.key;
                    let what =
                        format!("a policy of the {key} `{name}`, which is not in the input,");
                    reader.leave_out(part, &what);
                    found.is_partial = true;
                }
            }
            Named::Open => {
                open(reader, found, &hole, |_| true);
                found.is_partial = true;
            }
        }
    }
    for former in plan.former.iter().filter(|one| parts.contains(&one.of)) {
        let attribute = former.attribute(kind.key);
        let is_meant = match Named::of(plan, &attribute, kind.of, kind.thing, &KEYS) {
            Named::One(one) => owners.may_differ(plan, former, one),
            Named::Outside(_) => true,
            Named::Several(_) | Named::Open => false,
        };
        if let Some(name) = attribute.text().filter(|_| is_meant) {
            let hole = former.attribute("policy").hole();
            let is_own = |arn: &str| is_called(arn, owners, former, kind, name);
            open(reader, found, &hole, is_own);
        }
    }
}

/// What the exclusive lists of policies may take from roles and users that the plan does not have
/// itself.
fn exclusive_outside(reader: &mut Reader<'_, '_>, owners: &Owners<'_>, kind: &Kind, found: &Found) {
    let plan = reader.plan;
    for part in exclusives(plan, kind) {
        let attribute = part.attribute(kind.exclusive);
        let hole = Hole::new(part.address);
        match Named::of(plan, &attribute, kind.of, kind.thing, &KEYS) {
            Named::One(_) | Named::Several(_) => {}
            Named::Outside(name) => {
                open(reader, found, &hole, |arn| {
                    is_called(arn, owners, part, kind, &name)
                });
            }
            Named::Open => {
                open(reader, found, &hole, |_| true);
            }
        }
    }
}

/// Resources by which a change reaches identities that it does not name.
const SHARED: [&str; 6] = [
    "aws_iam_policy",
    "aws_iam_policy_attachment",
    "aws_iam_group_policy",
    "aws_iam_group_policy_attachment",
    "aws_iam_group_membership",
    "aws_iam_user_group_membership",
];

/// Resources by which a change reaches a user.
const OF_USERS: [&str; 2] = [USER.inline, USER.attachment];

/// Opens what an earlier input has of roles and users that are not in the plan, when the plan changes
/// what they may share: of policies and groups only what they say is known, not their names.
fn shared(reader: &mut Reader<'_, '_>, found: &Found) {
    if let Some(changed) = changed(reader.plan, &SHARED) {
        open(reader, found, &changed.attribute("policy").hole(), |_| true);
    }
    if let Some(part) = exclusives(reader.plan, &GROUP).next() {
        open(reader, found, &Hole::new(part.address), |_| true);
    }
}

/// A resource of some types that the plan makes, changes or takes away.
fn changed<'r, 'a>(plan: &'r Plan<'a>, types: &[&str]) -> Option<&'r Resource<'a>> {
    let new = plan.managed(types).into_iter();
    // A new managed policy is nobody's until something attaches it.
    let mut new = new.filter(|one| one.of != "aws_iam_policy" && is_new(one));
    let mut former = plan.former.iter().filter(|one| types.contains(&one.of));
    former.next().or_else(|| new.next())
}

/// Whether an ARN is that of the role or user of a name, in the account of a resource where that is
/// known.
fn is_called(arn: &str, owners: &Owners<'_>, part: &Resource<'_>, kind: &Kind, name: &str) -> bool {
    let mut parts = arn.splitn(6, ':').skip(4);
    let (account, path) = (parts.next(), parts.next().unwrap_or_default());
    let owner = owners.of(part);
    let is_owned = owner.is_none_or(|owner| account == Some(&owner.account));
    is_owned && path.split('/').next() == Some(kind.key) && path.rsplit('/').next() == Some(name)
}

/// Opens the policies of some roles and users of an earlier input; whether there are any.
pub(super) fn open(
    reader: &mut Reader<'_, '_>,
    found: &Found,
    hole: &Hole,
    is_meant: impl Fn(&str) -> bool,
) -> bool {
    let mut is_there = false;
    for principal in &mut reader.sink.draft.principals {
        let id = principal.id.as_str();
        if found.principals.contains_key(id) || id.contains(":assumed-role/") || !is_meant(id) {
            continue;
        }
        principal.identity_policies = vec![Value::Any(hole.clone())];
        if let Some(boundary) = &mut principal.permissions_boundary {
            *boundary = Value::Any(hole.clone());
        }
        is_there = true;
    }
    is_there
}
