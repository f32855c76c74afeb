//! The policies of buckets, queues, topics, keys, secrets and REST APIs.

use model::{AccountId, Hole, Policy, ResourceId, ResourcePolicy, Value};

use crate::policy::{self, Of};

use super::super::identity::Thing;
use super::super::plan::Resource;
use super::super::reader::{Reader, shelve};
use super::super::region;
use super::bucket::{self, BUCKET};
use super::owner::{Owner, Owners};
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
const REST_API: &str = "aws_api_gateway_rest_api";

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
            let attached = attached(reader, resource, kind);
            let identity = arn(reader, owners, resource, kind);
            let Some((arn, account)) = identity else {
                // It may be any of an earlier input.
                let hole = Hole::new(resource.address);
                let is_earlier = open_service(reader, found, kind, &hole);
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
    resource: &Resource<'_>,
    kind: &Kind,
) -> Option<Value<Policy>> {
    let plan = reader.plan;
    let mut only = None;
    for part in plan.managed(&[kind.part]) {
        let key = part.attribute(kind.key);
        match Named::of(plan, &key, kind.of, kind.thing, kind.keys).is(resource) {
            // Of two, the one that is applied last stays.
            Some(true) if only.is_some() => return Some(Value::Any(key.hole())),
            Some(true) => {
                only = Some(document(reader, &part.attribute("policy"), Of::Resource));
            }
            Some(false) => {}
            None => return Some(Value::Any(key.hole())),
        }
    }
    if only.is_some() {
        return only;
    }
    // Its own attribute still shows what the change takes away.
    let is_gone = plan.former.iter().any(|former| {
        let name = former.attribute(kind.key);
        let is_it = |key: &&str| resource.attribute(key).text() == name.text();
        former.of == kind.part && name.text().is_some() && kind.keys.iter().any(is_it)
    });
    let own = resource.attribute("policy");
    let is_set = own.is_open() || (own.text().is_some() && !is_gone);
    is_set.then(|| document(reader, &own, Of::Resource))
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
    let name = match Named::of(plan, &key, kind.of, kind.thing, kind.keys) {
        Named::One(_) | Named::Several(_) => return,
        Named::Outside(name) => name,
        Named::Open => {
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
        open_service(reader, found, kind, &key.hole());
        found.is_partial = true;
        return;
    };
    let policy = document(reader, &part.attribute("policy"), Of::Resource);
    push(reader, found, part, &arn, &account, Some(policy));
}

/// What the change takes from a resource that the plan does not have itself, and an earlier input has.
fn taken(reader: &mut Reader<'_, '_>, owners: &Owners<'_>, kind: &Kind, found: &Found) {
    let plan = reader.plan;
    for former in plan.former.iter().filter(|one| one.of == kind.part) {
        let key = former.attribute(kind.key);
        if let Named::Outside(name) = Named::of(plan, &key, kind.of, kind.thing, kind.keys) {
            let hole = former.attribute("policy").hole();
            let end = format!(":{name}");
            // The name alone tells a bucket; of others it is a part of the ARN, or an address.
            let part = format!(":{}:", kind.service);
            let is_it = |arn: &str| match kind.of {
                BUCKET => arn == name || arn.ends_with(&end),
                _ => arn.contains(&part),
            };
            let known = named(reader, owners, former, kind, &name);
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
