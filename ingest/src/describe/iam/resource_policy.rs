//! The policies of resources: of `s3api get-bucket-policy`, `kms get-key-policy`,
//! `sqs get-queue-attributes`, `sns get-topic-attributes`, `secretsmanager get-resource-policy`,
//! `apigateway get-rest-apis`, `dynamodb get-resource-policy`, `lambda get-policy` and
//! `ecr get-repository-policy`.

use std::collections::{BTreeMap, BTreeSet};

use crate::json::Value as Json;
use model::{
    AccountId, Hole, Policy, PolicyText, ResourceElement, ResourceId, ResourcePolicy, Value,
};

use super::super::snapshot::{Snapshot, Whole};
use super::folder::Folders;
use super::{Accounts, Known, account_in, add_once, behind, is_account};
use crate::diagnostic::{Code, Diagnostic, Place};
use crate::json::Cursor;
use crate::policy::{self, Of};
use crate::sink::Sink;

/// The top-level key of `get-rest-apis`.
pub(in super::super) const REST_APIS: &str = "items";

/// The calls whose output is a policy without its resource, which the file's name has to say, with the
/// service and what stands before the name in the ARN.
const NAMELESS: [(&str, &str, &str); 4] = [
    ("get-bucket-policy", "s3", ""),
    ("get-key-policy", "kms", "key/"),
    (OF_TABLE, "dynamodb", "table/"),
    ("get-policy", "lambda", "function:"),
];

/// The call of DynamoDB's that other services have too.
const OF_TABLE: &str = "get-resource-policy";

/// Reads the policies, and takes the accounts of those that are there for accounts of the network.
pub(super) fn read<'a>(
    snapshot: &Snapshot<'a>,
    folders: &Folders<'a>,
    accounts: &mut Accounts,
    sink: &mut Sink,
) {
    let mut found = Found {
        folders,
        list: BTreeMap::new(),
    };
    for document in &snapshot.documents {
        found.nameless(document, sink);
        found.attributes(document, sink);
        found.secret(document, sink);
        found.repository(document, sink);
        found.rest_apis(document, sink);
    }
    for document in &snapshot.documents {
        found.listed(document, sink);
    }
    for (component, place) in found.list.values() {
        let is_known = matches!(component.policy, Some(Value::Known(_)));
        let account = component.account.to_string();
        if is_known {
            accounts
                .entry(account)
                .or_insert_with(|| Known::at(place.clone()));
        }
    }
    let access = Access::read(snapshot);
    for (mut component, place) in found.list.into_values() {
        if accounts.contains_key(component.account.as_str()) {
            access.settle(&mut component);
            add_once(component, place, sink);
        }
    }
}

/// What else may grant or stop something on buckets: `get-bucket-ownership-controls`, and
/// `get-public-access-block` of buckets and of accounts.
#[derive(Default)]
struct Access<'a> {
    /// The buckets without access control lists.
    enforced: BTreeSet<&'a str>,
    /// The buckets and accounts that do not restrict public access.
    unrestricted: BTreeSet<&'a str>,
}

impl<'a> Access<'a> {
    fn read(snapshot: &Snapshot<'a>) -> Self {
        let mut access = Self::default();
        for document in &snapshot.documents {
            let value = document.cursor.value();
            let controls = behind(document.stem, "get-bucket-ownership-controls");
            let rules = value
                .get("OwnershipControls")
                .and_then(|of| of.get("Rules")?.as_array());
            let is_enforced = |rule: &Json| {
                let ownership = rule.get("ObjectOwnership").and_then(Json::as_str);
                ownership == Some("BucketOwnerEnforced")
            };
            if rules.is_some_and(|rules| rules.iter().any(is_enforced)) {
                access.enforced.extend(controls);
            }
            let block = behind(document.stem, "get-public-access-block");
            let configuration = value.get("PublicAccessBlockConfiguration");
            let restricts = configuration.and_then(|of| of.get("RestrictPublicBuckets")?.as_bool());
            if restricts == Some(false) {
                access.unrestricted.extend(block);
            }
        }
        access
    }

    /// A bucket of which nothing is said may have access control lists, and restrict public access.
    fn settle(&self, resource: &mut ResourcePolicy) {
        let Some((_, bucket)) = resource.id.as_str().split_once(":s3:::") else {
            return;
        };
        resource.access_control_lists = !self.enforced.contains(bucket);
        let account = resource.account.as_str();
        resource.public_access =
            self.unrestricted.contains(bucket) && self.unrestricted.contains(account);
    }
}

/// Whether an object is a REST API of API Gateway: VPC links and domain names are items too.
pub(in super::super) fn is_rest_api(value: &Json) -> bool {
    let has = |key: &str| value.get(key).is_some();
    has("id")
        && has("name")
        && (has("endpointConfiguration") || has("policy"))
        && !has("domainName")
}

/// The resources that were found, by their ARNs.
struct Found<'f, 'a> {
    folders: &'f Folders<'a>,
    list: BTreeMap<String, (ResourcePolicy, Place)>,
}

impl<'a> Found<'_, 'a> {
    /// A policy as the one text of an output.
    fn nameless(&mut self, document: &Whole<'a>, sink: &mut Sink) {
        let Some(field) = document
            .cursor
            .get("Policy")
            .filter(|it| it.value().is_string())
        else {
            return;
        };
        let call = NAMELESS.iter().find_map(|(call, service, before)| {
            Some((behind(document.stem, call)?, *call, service, before))
        });
        let Some((name, call, service, before)) = call.filter(|(name, ..)| !name.is_empty()) else {
            let message = "the file's name does not say what this is the policy of";
            let diagnostic = Diagnostic::error(field.place(), Code::MissingField, message);
            let help = "name it after the call and the resource, as `get-bucket-policy-<bucket>.json` \
                        or `get-key-policy-<key id>.json`";
            sink.push(diagnostic.help(help));
            return;
        };
        if call == OF_TABLE && !is_of_table(&field) {
            let why = "the policy of a resource that may be another service's than DynamoDB's";
            sink.left_out(field.place(), document.stem, why);
            return;
        }
        let what = format!("{before}{name}");
        let Some((arn, account)) = self.arn(document, service, &what) else {
            self.without_account(&document.cursor, &what, sink);
            return;
        };
        let Some(policy) = policy::read_inside(&field, Of::Resource, sink) else {
            return;
        };
        if !is_about(&policy, &arn) {
            let why = "the policy of something else than its file's name says";
            sink.left_out(field.place(), document.stem, why);
            return;
        }
        let policy = Some(Value::Known(policy));
        self.push(&arn, account, policy, &document.cursor, sink);
    }

    /// The ARN of a resource of the folder's account and Region, and the account.
    fn arn(&self, document: &Whole<'a>, service: &str, what: &str) -> Option<(String, &'a str)> {
        let account = self.folders.account(document.folder)?;
        let arn = self.arn_in(account, document, service, what)?;
        Some((arn, account))
    }

    /// The ARN of a resource of an account in the folder's Region.
    fn arn_in(
        &self,
        account: &str,
        document: &Whole<'a>,
        service: &str,
        what: &str,
    ) -> Option<String> {
        let folder = document.folder;
        let partition = self.folders.partition(folder);
        if service == "s3" {
            return Some(format!("arn:{partition}:s3:::{what}"));
        }
        let region = self.folders.region(folder)?;
        Some(format!(
            "arn:{partition}:{service}:{region}:{account}:{what}"
        ))
    }

    fn without_account(&self, cursor: &Cursor<'a>, what: &str, sink: &mut Sink) {
        let what = what.rsplit(['/', ':']).next().unwrap_or(what);
        let why = "the policy of a resource whose account or Region the input does not say";
        sink.left_out(cursor.place(), what, why);
    }

    /// Adds what is found; another folder may have it too, and say something else.
    fn push(
        &mut self,
        arn: &str,
        account: &str,
        policy: Option<Value<Policy>>,
        cursor: &Cursor<'a>,
        sink: &mut Sink,
    ) {
        let component = ResourcePolicy {
            id: ResourceId::new(arn),
            account: AccountId::new(account),
            policy,
            access_control_lists: false,
            public_access: true,
        };
        let Some((earlier, _)) = self.list.get_mut(arn) else {
            let found = (component, cursor.place());
            self.list.insert(arn.to_owned(), found);
            return;
        };
        if *earlier != component {
            earlier.policy = Some(Value::Any(Hole::new(format!("policy of {arn}"))));
            super::described_twice(arn, sink);
        }
    }

    /// A queue or a topic. That a queue has no policy shows when all attributes were asked for.
    fn attributes(&mut self, document: &Whole<'a>, sink: &mut Sink) {
        let Some(cursor) = document
            .cursor
            .get("Attributes")
            .filter(|it| it.value().is_object())
        else {
            return;
        };
        // Those of a subscription have its topic's ARN too.
        if cursor.get("SubscriptionArn").is_some() {
            return;
        }
        let queue = cursor.text("QueueArn", sink);
        let Some(arn) = queue.or_else(|| cursor.text("TopicArn", sink)) else {
            return;
        };
        let Some(account) = account_in(arn) else {
            return;
        };
        let field = cursor
            .get("Policy")
            .filter(|it| it.value().as_str() != Some(""));
        let is_whole = queue.is_none()
            || [
                "CreatedTimestamp",
                "LastModifiedTimestamp",
                "VisibilityTimeout",
            ]
            .iter()
            .all(|key| cursor.get(key).is_some());
        let policy = match field {
            Some(field) => policy::read_inside(&field, Of::Resource, sink).map(Value::Known),
            None if is_whole => None,
            None => Some(Value::Any(Hole::new(format!("policy of {arn}")))),
        };
        self.push(arn, account, policy, &cursor, sink);
    }

    fn secret(&mut self, document: &Whole<'a>, sink: &mut Sink) {
        let cursor = &document.cursor;
        let Some(arn) = cursor.text("ARN", sink) else {
            return;
        };
        // Other outputs about a secret do not say whether it has a policy.
        let is_asked = cursor.get("ResourcePolicy").is_some()
            || behind(document.stem, "get-resource-policy").is_some();
        let Some(account) = account_in(arn).filter(|_| is_asked) else {
            return;
        };
        let field = cursor.get("ResourcePolicy");
        let policy = field.and_then(|field| policy::read_inside(&field, Of::Resource, sink));
        self.push(arn, account, policy.map(Value::Known), cursor, sink);
    }

    fn repository(&mut self, document: &Whole<'a>, sink: &mut Sink) {
        let cursor = &document.cursor;
        let (Some(field), Some(name)) = (
            cursor.get("policyText"),
            cursor.text("repositoryName", sink),
        ) else {
            return;
        };
        // The same form, of a repository of another service.
        if document.stem.contains("ecr-public") {
            let why = "the policy of a public repository";
            sink.left_out(field.place(), document.stem, why);
            return;
        }
        let what = format!("repository/{name}");
        // A registry is an account, and may be another one than the caller's.
        let registry = cursor.text("registryId", sink).filter(|id| is_account(id));
        let account = registry.or_else(|| self.folders.account(document.folder));
        let found = account.and_then(|account| {
            let arn = self.arn_in(account, document, "ecr", &what)?;
            Some((arn, account))
        });
        let Some((arn, account)) = found else {
            self.without_account(cursor, &what, sink);
            return;
        };
        let policy = policy::read_inside(&field, policy::of_resource(&arn), sink);
        if policy.is_some() {
            self.push(&arn, account, policy.map(Value::Known), cursor, sink);
        }
    }

    fn rest_apis(&mut self, document: &Whole<'a>, sink: &mut Sink) {
        let cursor = &document.cursor;
        let mut apis = match cursor.get(REST_APIS) {
            Some(items) if items.value().is_array() => items.as_list(sink),
            Some(_) | None => vec![cursor.clone()],
        };
        apis.retain(|api| is_rest_api(api.value()));
        for api in apis {
            let Some(id) = api.required_text("id", sink) else {
                continue;
            };
            let field = api
                .get("policy")
                .filter(|it| it.value().as_str() != Some(""));
            let Some((arn, account)) = self.arn(document, "execute-api", id) else {
                if field.is_some() {
                    self.without_account(&api, id, sink);
                }
                continue;
            };
            let policy = match field {
                Some(field) => policy::read_inside(&field, Of::Resource, sink).map(Value::Known),
                None if is_private(&api) => None,
                // What such an API permits is up to its methods.
                None => Some(Value::Any(Hole::new(format!("authorization of {arn}")))),
            };
            self.push(&arn, account, policy, &api, sink);
        }
    }

    /// Buckets and keys of which no output has the policy: they may have one.
    fn listed(&mut self, document: &Whole<'a>, sink: &mut Sink) {
        for bucket in document.cursor.list("Buckets", sink) {
            let name = bucket.text("Name", sink);
            let found = name.and_then(|name| self.arn(document, "s3", name));
            if let Some((arn, account)) = found {
                self.open(&arn, account, &bucket, sink);
            }
        }
        for key in document.cursor.list("Keys", sink) {
            let arn = key.text("KeyArn", sink);
            if let Some((arn, account)) = arn.and_then(|arn| Some((arn, account_in(arn)?))) {
                self.open(arn, account, &key, sink);
            }
        }
    }

    fn open(&mut self, arn: &str, account: &str, cursor: &Cursor<'a>, sink: &mut Sink) {
        if !self.list.contains_key(arn) {
            let hole = Hole::new(format!("policy of {arn}"));
            self.push(arn, account, Some(Value::Any(hole)), cursor, sink);
        }
    }
}

/// Whether each statement of a policy may be about a resource, or what is a part of it. A version or
/// an alias of a function and the stream of a table have policies of their own.
fn is_about(policy: &Policy, arn: &str) -> bool {
    let may_be = |pattern: &String| {
        let literal = pattern.split(['*', '?', '$']).next().unwrap_or_default();
        let behind = pattern.strip_prefix(arn);
        let is_part = behind.is_some_and(|behind| {
            behind.is_empty() || (behind.starts_with('/') && !behind.starts_with("/stream/"))
        });
        is_part || (literal.len() < pattern.len() && arn.starts_with(literal))
    };
    let mut statements = policy.statements.iter();
    statements.all(|statement| match &statement.resource {
        ResourceElement::Resource(patterns) => {
            let mut known = patterns.iter().map(PolicyText::known);
            known.any(|pattern| pattern.is_none_or(may_be))
        }
        ResourceElement::NotResource(_) => true,
    })
}

/// Whether each statement of a policy is about DynamoDB, by its actions or its resources.
fn is_of_table(field: &Cursor<'_>) -> bool {
    let text = field.value().as_str().unwrap_or_default();
    let Ok(policy) = serde_json::from_str::<Json>(text) else {
        return false;
    };
    let statements = items(policy.get("Statement"));
    let has_all = |statement: &Json, key: &str, is_it: fn(&str) -> bool| {
        let items = items(statement.get(key));
        !items.is_empty() && items.iter().all(|item| item.as_str().is_some_and(is_it))
    };
    statements.iter().all(|statement| {
        has_all(statement, "Action", |action| {
            action.to_ascii_lowercase().starts_with("dynamodb:")
        }) || has_all(statement, "Resource", |resource| {
            resource.split(':').nth(2) == Some("dynamodb")
        })
    })
}

/// The items of a list, or the one that stands for it.
fn items(value: Option<&Json>) -> &[Json] {
    match value {
        Some(Json::Array(items)) => items,
        Some(one) => std::slice::from_ref(one),
        None => &[],
    }
}

/// Whether only endpoints lead to an API.
fn is_private(api: &Cursor<'_>) -> bool {
    let types = api.value().get("endpointConfiguration");
    let types = types.and_then(|of| of.get("types")?.as_array());
    types.is_some_and(|types| types.iter().any(|of| of.as_str() == Some("PRIVATE")))
}
