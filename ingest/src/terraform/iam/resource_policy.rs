//! The policies of buckets, queues, topics, keys, secrets and REST APIs.

use model::{AccountId, Hole, Policy, ResourceId, ResourcePolicy, Value};

use crate::policy::{self, Of};

use super::super::identity::Thing;
use super::super::plan::{Plan, Resource};
use super::super::reader::{Reader, shelve};
use super::super::region;
use super::bucket::{self, BUCKET};
use super::owner::{self, Owner, Owners};
use super::{Found, Named, document};

/// A kind of resource that may have a policy.
struct Kind {
    of: &'static str,
    /// The resource that is its policy alone, and the attribute of that which names it.
    part: &'static str,
    key: &'static str,
    thing: Thing,
    /// What identifies it besides references.
    keys: &'static [&'static str],
    service: &'static str,
}

const QUEUE: &str = "aws_sqs_queue";
const TOPIC: &str = "aws_sns_topic";
const KEY: &str = "aws_kms_key";
const SECRET: &str = "aws_secretsmanager_secret";
pub(super) const REST_API: &str = "aws_api_gateway_rest_api";

const KINDS: [Kind; 6] = [
    Kind {
        of: BUCKET,
        part: "aws_s3_bucket_policy",
        key: "bucket",
        thing: Thing::Bucket,
        keys: &["bucket", "id"],
        service: "s3",
    },
    Kind {
        of: QUEUE,
        part: "aws_sqs_queue_policy",
        key: "queue_url",
        thing: Thing::Queue,
        keys: &["url", "id"],
        service: "sqs",
    },
    Kind {
        of: TOPIC,
        part: "aws_sns_topic_policy",
        key: "arn",
        thing: Thing::Topic,
        keys: &["arn", "id"],
        service: "sns",
    },
    Kind {
        of: KEY,
        part: "aws_kms_key_policy",
        key: "key_id",
        thing: Thing::Key,
        keys: &["key_id", "id", "arn"],
        service: "kms",
    },
    Kind {
        of: SECRET,
        part: "aws_secretsmanager_secret_policy",
        key: "secret_arn",
        thing: Thing::Secret,
        keys: &["arn", "id"],
        service: "secretsmanager",
    },
    Kind {
        of: REST_API,
        part: "aws_api_gateway_rest_api_policy",
        key: "rest_api_id",
        thing: Thing::RestApi,
        keys: &["id"],
        service: "execute-api",
    },
];

/// Reads the resources.
pub(super) fn read(reader: &mut Reader<'_, '_>, owners: &Owners<'_>, found: &mut Found) {
    let plan = reader.plan;
    for kind in &KINDS {
        for resource in plan.managed(&[kind.of]) {
            let attached = attached(reader, owners, resource, kind);
            let identity = arn(reader, owners, resource, kind);
            let Some((arn, account)) = identity else {
                // It may be any of an earlier input.
                let hole = Hole::new(resource.address);
                let is_earlier = open_service(reader, found, kind, &hole);
                if attached.is_some() {
                    found.unowned.insert(resource.attribute("policy").hole());
                }
                if attached.is_some() || is_earlier {
                    let what = "the policy of a resource whose account or ARN is not known";
                    reader.leave_out(resource, what);
                    found.is_partial = true;
                }
                continue;
            };
            let policy = attached.or_else(|| default(reader, resource, kind, &account));
            push(reader, found, resource, &arn, &account, policy);
        }
        for part in plan.managed(&[kind.part]) {
            outside(reader, owners, part, kind, found);
        }
        taken(reader, owners, kind, found);
    }
}

fn push(
    reader: &mut Reader<'_, '_>,
    found: &mut Found,
    resource: &Resource<'_>,
    arn: &str,
    account: &str,
    policy: Option<Value<Policy>>,
) {
    let is_bucket = arn.contains(":s3:::");
    if is_bucket && !reader.plan.is_plan() && !reader.plan.is_declared {
        let file = reader.plan.file();
        let text = format!(
            "`{file}` is a state, which does not say by which provider something is made: its \
             buckets are of {account}, the only account in it"
        );
        reader.sink.assume("state-of-one-account", text);
    }
    let component = ResourcePolicy {
        id: ResourceId::new(arn),
        account: AccountId::new(account),
        policy,
        access_control_lists: is_bucket && bucket::has_lists(reader.plan, resource),
        public_access: !is_bucket || bucket::is_unrestricted(reader.plan, resource, account),
    };
    let shelf = &mut found.resource_policies;
    shelve(shelf, component, resource.place(), reader.sink);
}

/// The policy that the plan gives a resource: of the resource that stands for it, else its own.
fn attached(
    reader: &mut Reader<'_, '_>,
    owners: &Owners<'_>,
    resource: &Resource<'_>,
    kind: &Kind,
) -> Option<Value<Policy>> {
    let plan = reader.plan;
    let is_it = |name: &str| {
        let mut keys = kind.keys.iter();
        keys.any(|key| resource.attribute(key).text() == Some(name))
    };
    let mut only = None;
    for part in plan.managed(&[kind.part]) {
        let hole = part.attribute(kind.key).hole();
        match subject(plan, part, kind).is(resource) {
            // Of two, the one that is applied last stays.
            Some(true) if only.is_some() => return Some(Value::Any(hole)),
            Some(true) => only = Some(given(reader, part, kind, is_it)),
            Some(false) => {}
            None => return Some(Value::Any(hole)),
        }
    }
    if only.is_some() {
        return only;
    }
    let own = resource.attribute("policy");
    // Its own attribute still shows what the change takes away.
    let gone =
        former(plan, kind).find(|former| former.attribute(kind.key).text().is_some_and(is_it));
    match gone {
        Some(former)
            if !own.expressions().is_empty() || may_be_other(owners, plan, former, resource) =>
        {
            Some(Value::Any(Hole::new(former.address)))
        }
        Some(_) => None,
        None => {
            let is_set = own.is_open() || own.text().is_some();
            is_set.then(|| document(reader, &own, Of::Resource))
        }
    }
}

/// What the change takes away of the resources that are the policy of a kind alone.
fn former<'p>(plan: &'p Plan<'p>, kind: &Kind) -> impl Iterator<Item = &'p Resource<'p>> {
    let part = kind.part;
    plan.former.iter().filter(move |former| former.of == part)
}

/// Whether what the change takes away may be the policy of another resource than the one of the plan
/// that has its name.
fn may_be_other(
    owners: &Owners<'_>,
    plan: &Plan<'_>,
    former: &Resource<'_>,
    resource: &Resource<'_>,
) -> bool {
    let is_shared = plan.providers().count() > 1 || is_elsewhere(plan, former, resource);
    is_of_several_regions(former) && is_shared || owners.may_differ(plan, former, resource)
}

/// The policy that a resource gives another one, whose names `is_it` knows. When the change also takes
/// one away from that, by another resource or after it made this one, the deletion may come last.
/// Source: hashicorp/terraform#10918
fn given(
    reader: &mut Reader<'_, '_>,
    part: &Resource<'_>,
    kind: &Kind,
    is_it: impl Fn(&str) -> bool,
) -> Value<Policy> {
    let mut former = former(reader.plan, kind);
    let undone = former.find(|former| {
        let is_other = former.address != part.address || former.is_deleted_last;
        is_other && former.attribute(kind.key).text().is_some_and(&is_it)
    });
    match undone {
        Some(former) => Value::Any(Hole::new(former.address)),
        None => document(reader, &part.attribute("policy"), Of::Resource),
    }
}

/// What a resource is the policy of.
fn subject<'r, 'a>(plan: &'r Plan<'a>, part: &Resource<'_>, kind: &Kind) -> Named<'r, 'a> {
    let key = part.attribute(kind.key);
    let named = Named::of(plan, &key, kind.of, kind.thing, kind.keys);
    let (Named::One(one), Some(text)) = (&named, key.text()) else {
        return named;
    };
    let is_one_provider = owner::provider(part) == owner::provider(one);
    if !is_of_several_regions(part) || is_one_provider && !is_elsewhere(plan, part, one) {
        return named;
    }
    match (region::of(plan, part), region::of(plan, one)) {
        (Some(own), Some(other)) if own != other => Named::Outside(text.to_owned()),
        (_, _) => Named::Open,
    }
}

/// Whether one of two resources of one provider may be in another Region, by a `region` of its own.
fn is_elsewhere(plan: &Plan<'_>, part: &Resource<'_>, one: &Resource<'_>) -> bool {
    let has_own = |resource: &Resource<'_>| {
        let region = resource.attribute("region");
        region.is_set() || region.is_open()
    };
    let is_same = match (region::of(plan, part), region::of(plan, one)) {
        (Some(own), Some(other)) => own == other,
        (_, _) => false,
    };
    (has_own(part) || has_own(one)) && !is_same
}

/// Whether a resource is the policy of a key that has the same id in several Regions.
/// Source: KMS:multi-region-keys-overview
fn is_of_several_regions(part: &Resource<'_>) -> bool {
    let key = part.attribute("key_id");
    key.text().is_some_and(|id| id.starts_with("mrk-"))
}

/// What AWS gives a resource that nobody gave a policy.
fn default(
    reader: &mut Reader<'_, '_>,
    resource: &Resource<'_>,
    kind: &Kind,
    account: &str,
) -> Option<Value<Policy>> {
    let open = |what: &str| {
        Some(Value::Any(Hole::new(format!(
            "{what} of {}",
            resource.address
        ))))
    };
    match kind.of {
        KEY => {
            let text = format!(
                r#"{{"Statement": {{"Effect": "Allow", "Principal": {{"AWS": "{account}"}}, "Action": "kms:*", "Resource": "*"}}}}"#
            );
            let read = policy::read_text(&text, Of::Resource, &resource.place());
            read.map_err(|errors| reader.sink.extend(errors))
                .ok()
                .map(Value::Known)
        }
        // It lets whoever is of the account in by a key that only AWS sets.
        TOPIC => open("default policy"),
        // What an API permits that is not private is up to its methods.
        REST_API if !is_private(resource) => open("authorization"),
        _ => None,
    }
}

fn is_private(api: &Resource<'_>) -> bool {
    let blocks = api.attribute("endpoint_configuration").items();
    let mut types = blocks.iter().flat_map(|block| block.field("types").items());
    types.any(|of| of.text() == Some("PRIVATE"))
}

/// The ARN of a resource and its account, where the plan knows what they are made of.
fn arn(
    reader: &Reader<'_, '_>,
    owners: &Owners<'_>,
    resource: &Resource<'_>,
    kind: &Kind,
) -> Option<(String, String)> {
    let owner = owners.of(resource)?;
    let text = |key| resource.attribute(key).text().map(str::to_owned);
    let arn = match kind.of {
        BUCKET => Some(format!("arn:{}:s3:::{}", owner.partition, text("bucket")?)),
        QUEUE | TOPIC => {
            text("arn").or_else(|| owners.arn(reader.plan, resource, kind.service, &text("name")?))
        }
        REST_API => owners.arn(reader.plan, resource, kind.service, &text("id")?),
        _ => text("arn"),
    };
    Some((arn?, owner.account))
}

/// The policy of a resource that the plan does not have itself.
fn outside(
    reader: &mut Reader<'_, '_>,
    owners: &Owners<'_>,
    part: &Resource<'_>,
    kind: &Kind,
    found: &mut Found,
) {
    let plan = reader.plan;
    let key = part.attribute(kind.key);
    let name = match subject(plan, part, kind) {
        Named::One(_) | Named::Several(_) => return,
        Named::Outside(name) => name,
        Named::Open => {
            found.unowned.insert(part.attribute("policy").hole());
            open_service(reader, found, kind, &key.hole());
            found.is_partial = true;
            return;
        }
    };
    let Some((arn, account)) = named(reader, owners, part, kind, &name) else {
        reader.leave_out(
            part,
            "the policy of a resource whose account or ARN is not known",
        );
        found.unowned.insert(part.attribute("policy").hole());
        open_service(reader, found, kind, &key.hole());
        found.is_partial = true;
        return;
    };
    // Of two, the one that is applied last stays.
    if let Some(earlier) = found.resource_policies.get_mut(&arn) {
        earlier.component.policy = Some(Value::Any(key.hole()));
        return;
    }
    let policy = given(reader, part, kind, |other| other == name);
    push(reader, found, part, &arn, &account, Some(policy));
}

/// What the change takes from a resource that the plan does not have itself, and an earlier input has.
fn taken(reader: &mut Reader<'_, '_>, owners: &Owners<'_>, kind: &Kind, found: &Found) {
    let plan = reader.plan;
    for former in former(plan, kind) {
        let key = former.attribute(kind.key);
        let is_meant = match Named::of(plan, &key, kind.of, kind.thing, kind.keys) {
            Named::One(one) => may_be_other(owners, plan, former, one),
            Named::Outside(_) => true,
            Named::Several(_) | Named::Open => false,
        };
        if let Some(name) = key.text().filter(|_| is_meant) {
            let hole = former.attribute("policy").hole();
            let end = format!(":{name}");
            // The name alone tells a bucket; of others it is a part of the ARN, or an address.
            let part = format!(":{}:", kind.service);
            let is_it = |arn: &str| match kind.of {
                BUCKET => arn == name || arn.ends_with(&end),
                _ => arn.contains(&part),
            };
            let known = named(reader, owners, former, kind, name);
            open(reader, found, &hole, |arn| {
                known
                    .as_ref()
                    .map_or_else(|| is_it(arn), |(known, _)| known == arn)
            });
        }
    }
}

/// Opens the policies of a kind of an earlier input; whether it has some.
fn open_service(reader: &mut Reader<'_, '_>, found: &Found, kind: &Kind, hole: &Hole) -> bool {
    let part = format!(":{}:", kind.service);
    open(reader, found, hole, |arn| arn.contains(&part));
    let mut earlier = reader.sink.draft.resource_policies.iter();
    earlier.any(|resource| resource.id.as_str().contains(&part))
}

/// Opens the policies of some resources of an earlier input that the plan does not have.
pub(super) fn open(
    reader: &mut Reader<'_, '_>,
    found: &Found,
    hole: &Hole,
    is_meant: impl Fn(&str) -> bool,
) {
    for resource in &mut reader.sink.draft.resource_policies {
        let id = resource.id.as_str();
        if !found.resource_policies.contains_key(id) && is_meant(id) {
            resource.policy = Some(Value::Any(hole.clone()));
        }
    }
}

/// The ARN and the account of a resource by its name.
fn named(
    reader: &Reader<'_, '_>,
    owners: &Owners<'_>,
    part: &Resource<'_>,
    kind: &Kind,
    name: &str,
) -> Option<(String, String)> {
    if name.starts_with("arn:") {
        return Some((name.to_owned(), Owner::of_arn(name)?.account));
    }
    // The policy of a topic has the topic's ARN, of which nothing is known here.
    let owner = owners.of(part)?;
    let Owner { partition, account } = &owner;
    let region = || region::of(reader.plan, part);
    let arn = match kind.of {
        BUCKET => format!("arn:{partition}:s3:::{name}"),
        // `https://sqs.<region>.amazonaws.com/<account>/<name>`
        QUEUE => {
            let mut parts = name.strip_prefix("https://sqs.")?.split('/');
            let region = parts.next()?.split('.').next()?;
            let (account, queue) = (parts.next()?, parts.next()?);
            format!("arn:{partition}:sqs:{region}:{account}:{queue}")
        }
        KEY => format!("arn:{partition}:kms:{}:{account}:key/{name}", region()?),
        REST_API => format!("arn:{partition}:execute-api:{}:{account}:{name}", region()?),
        _ => return None,
    };
    let account = Owner::of_arn(&arn).map_or(owner.account, |owner| owner.account);
    Some((arn, account))
}
